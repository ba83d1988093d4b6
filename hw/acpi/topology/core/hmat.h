/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Distances and performance rows for the nodes of a set whose device knows its
 * own numbers, in place of -numa dist and -numa hmat-lb that nobody typed; and
 * memory-side caches that QEMU's table cannot describe.
 */
#ifndef HW_ACPI_TOPOLOGY_CORE_HMAT_H
#define HW_ACPI_TOPOLOGY_CORE_HMAT_H

#include "hw/acpi/topology/core/cdat.h"
#include "hw/acpi/topology/core/model.h"

/*
 * What a CPU pays on top of the device's own latency, in nanoseconds, and what
 * local memory costs: the two numbers that no CDAT can know.
 */
#define ACPI_TOPO_LINK_NS   100
#define ACPI_TOPO_DRAM_NS   100

/* Distance between two nodes of one device, and between unrelated nodes. */
#define ACPI_TOPO_DISTANCE_SELF     10
#define ACPI_TOPO_DISTANCE_SIBLING  11
#define ACPI_TOPO_DISTANCE_REMOTE   20
#define ACPI_TOPO_DISTANCE_MAX      254

/* Data types as in HMAT, ACPI 6.5 table 5.146 */
typedef enum AcpiTopoRowType {
    ACPI_TOPO_ACCESS_LATENCY,
    ACPI_TOPO_READ_LATENCY,
    ACPI_TOPO_WRITE_LATENCY,
    ACPI_TOPO_ACCESS_BANDWIDTH,
    ACPI_TOPO_READ_BANDWIDTH,
    ACPI_TOPO_WRITE_BANDWIDTH,
    ACPI_TOPO_ROW_TYPES
} AcpiTopoRowType;

/* What -numa hmat-lb has typed for memory */
typedef struct AcpiTopoGiven {
    AcpiTopoNodes targets;      /* these have a row */
    bool type[ACPI_TOPO_ROW_TYPES];     /* there is a row of this type */
} AcpiTopoGiven;

typedef struct AcpiTopoRow {
    uint8_t initiator;
    uint8_t target;
    AcpiTopoRowType type;
    uint32_t value;             /* nanoseconds or MiB/s */
} AcpiTopoRow;

/*
 * Append AcpiTopoRow for every node of @set that is no target in @given: from
 * each node with CPUs, and from each initiator node of the set.
 *
 * Linux keeps one table for reading and one for writing, and a later structure
 * replaces an earlier one as a whole, access before read before write.  So the
 * rows are of the types that were typed; of both directions if none was.
 */
void acpi_topo_hmat_rows(GArray *rows, const AcpiTopoModel *model,
                         const AcpiTopoSet *set, const AcpiTopoPerf *perf,
                         const AcpiTopoGiven *given);

/*
 * Distance between two nodes.  perf[i] belongs to the i-th set of the model;
 * NULL: its device has no numbers.
 */
uint8_t acpi_topo_slit_distance(const AcpiTopoModel *model,
                                const AcpiTopoPerf *const *perf,
                                unsigned from, unsigned to);

/*
 * Extended linear caches, ACPI 6.5 5.2.28.5: of the HMAT among the @count
 * tables that begin at @offsets (32 bits each, native) of @tables, the
 * memory-side cache of each window that has near memory is in the same range
 * of addresses as what it caches.
 */
void acpi_topo_hmat_near(GArray *tables, const GArray *offsets,
                         const AcpiTopoModel *model);

#endif
