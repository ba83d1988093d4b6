/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Models for the ACPI unit tests: node 0 has the CPUs and the memory, all
 * others are empty; q35 with a device at 04.0 of the root bus.
 */
#ifndef TESTS_UNIT_ACPI_CORE_FIXTURE_H
#define TESTS_UNIT_ACPI_CORE_FIXTURE_H

#include "hw/acpi/topology/core/model.h"

static inline void fixture_model(AcpiTopoModel *model, unsigned num_nodes)
{
    acpi_topo_model_init(model);
    model->machine.name = "pc-q35";
    model->machine.supported = true;
    model->machine.acpi = true;
    model->machine.num_nodes = num_nodes;
    model->machine.node[0].has_cpu = true;
    model->machine.node[0].has_memory = true;
}

static inline AcpiTopoNodes fixture_nodes(unsigned first, unsigned last)
{
    AcpiTopoNodes nodes = { };

    while (first <= last) {
        acpi_topo_nodes_add(&nodes, first++);
    }
    return nodes;
}

static inline AcpiTopoSet fixture_device(const char *id, unsigned first,
                                         unsigned last)
{
    AcpiTopoSet set = {
        .id = id,
        .nodes = fixture_nodes(first, last),
        .device = true,
        .initiator = true,
        .memory = true,
        .pxm = ACPI_TOPO_PXM_FIRST,
        .start_key = ACPI_TOPO_START_KEY,
        .count_key = ACPI_TOPO_COUNT_KEY,
        .present = true,
        .fn = {
            .host = "PCI0",
            .host_pxm = -1,
            .depth = 1,
            .described = 1,
            .devfn = { 0x20 },
        },
    };

    return set;
}

static inline AcpiTopoSet fixture_memory(const char *id, unsigned first,
                                         unsigned last)
{
    AcpiTopoSet set = {
        .id = id,
        .nodes = fixture_nodes(first, last),
        .memory = true,
        .pxm = ACPI_TOPO_PXM_NONE,
    };

    return set;
}

static inline AcpiTopoGeneric fixture_generic(const char *id,
                                              AcpiTopoGenericType type,
                                              unsigned node)
{
    AcpiTopoGeneric generic = {
        .id = id,
        .type = type,
        .node = node,
        .present = true,
    };

    return generic;
}

#endif
