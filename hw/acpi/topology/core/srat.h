/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SRAT entries of the topology model.  Everything appends to a byte array.
 */
#ifndef HW_ACPI_TOPOLOGY_CORE_SRAT_H
#define HW_ACPI_TOPOLOGY_CORE_SRAT_H

#include "hw/acpi/topology/core/model.h"

/*
 * Generic initiator entries, then generic port entries, each in ascending
 * node order (ACPI 6.5 5.2.16.6 and 5.2.16.7).
 */
void acpi_topo_srat_generic(GArray *srat, const AcpiTopoModel *model);

/*
 * Hot-pluggable memory entries (ACPI 6.5 5.2.16.2): CXL windows that belong to
 * a node, by address, then empty ones for all other nodes, ascending.  Must
 * come behind every real memory entry: Linux lets the first range win.
 */
void acpi_topo_srat_memory(GArray *srat, const AcpiTopoModel *model);

/*
 * The last entry of @srat is QEMU's own for the memory hot-plug window: let it
 * name the node that keeps nodes in order.
 */
void acpi_topo_srat_hotplug(GArray *srat, const AcpiTopoModel *model);

#endif
