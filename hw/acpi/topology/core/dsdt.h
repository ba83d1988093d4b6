/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AML of the topology model: properties of a function, and device nodes for
 * functions that the DSDT does not describe.
 */
#ifndef HW_ACPI_TOPOLOGY_CORE_DSDT_H
#define HW_ACPI_TOPOLOGY_CORE_DSDT_H

#include "hw/acpi/topology/core/model.h"

/*
 * Append _PXM and _DSD (ACPI 6.5 6.2.15, 6.2.5; _DSD guide, device properties
 * UUID) of @set to the body of its function's device node.
 */
void acpi_topo_aml_properties(GArray *aml, const AcpiTopoSet *set);

/*
 * Append the body of an SSDT: _PXM of host bridges, and a device node, nested
 * like the bridges above it, for each function with AcpiTopoFunction.described
 * below depth.  Appends nothing if nothing is missing.
 */
void acpi_topo_aml_missing(GArray *aml, const AcpiTopoModel *model);

#endif
