/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the boards' ACPI builders call, once in each table build, in this
 * order: describe (per device node), generic affinity, memory, SSDT.
 *
 * Without topology objects on the command line none of them adds a byte.
 * build_srat_generic_affinity_structures() of hw/acpi/pci.h is ours too.
 */
#ifndef HW_ACPI_TOPOLOGY_H
#define HW_ACPI_TOPOLOGY_H

#include "hw/acpi/aml-build.h"
#include "hw/pci/pci.h"

/* The DSDT gets a device node @dev for @devfn of @bus: add its properties. */
void acpi_topology_describe(Aml *dev, PCIBus *bus, int devfn);

/* Add empty memory entries to the end of the SRAT. */
void acpi_topology_build_memory(GArray *table_data);

/* Add an SSDT for functions that got no node in the DSDT, if there are any. */
void acpi_topology_build_ssdt(GArray *table_offsets, GArray *table_data,
                              BIOSLinker *linker, const char *oem_id,
                              const char *oem_table_id);

#endif
