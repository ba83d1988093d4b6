/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What our objects and those with QEMU's syntax have in common: a name for
 * messages, properties that are fixed at creation, and the count of those
 * that make a node an initiator.
 */
#include "qemu/osdep.h"
#include "hw/acpi/topology/glue.h"
#include "hw/core/boards.h"
#include "qapi/error.h"

char *acpi_topology_object_name(const void *obj)
{
    const char *id = object_get_canonical_path_component(obj);

    return g_strdup_printf("%s '%s'", object_get_typename(obj), id);
}

bool acpi_topology_may_change(const void *obj, bool complete,
                              const char *property, Error **errp)
{
    g_autofree char *name = NULL;

    if (!complete) {
        return true;
    }
    name = acpi_topology_object_name(obj);
    error_setg(errp, "%s: '%s' cannot be changed any more", name, property);
    return false;
}

void acpi_topology_claim_initiator(unsigned node, bool claim)
{
    static unsigned claims[ACPI_TOPO_MAX_NODES];

    assert(node < ACPI_TOPO_MAX_NODES);
    claims[node] += claim ? 1 : -1;
    if (current_machine && current_machine->numa_state) {
        current_machine->numa_state->nodes[node].has_gi = claims[node] > 0;
    }
}
