/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Turn the topology model into SRAT entries.  The table's header and all
 * entries for CPUs and real memory are QEMU's own.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/acpi/topology/core/srat.h"

/* ACPI 6.5 table 5.58, memory affinity */
#define SRAT_MEMORY_TYPE    1
#define SRAT_MEMORY_LENGTH  40
#define SRAT_MEMORY_ENABLED         (1 << 0)
#define SRAT_MEMORY_HOT_PLUGGABLE   (1 << 1)

/* ACPI 6.5 tables 5.65 to 5.68, generic initiator and port affinity */
#define SRAT_INITIATOR_TYPE 5
#define SRAT_PORT_TYPE      6
#define SRAT_GENERIC_LENGTH 32
#define SRAT_HANDLE_ACPI    0
#define SRAT_HANDLE_PCI     1
#define SRAT_GENERIC_ENABLED        (1 << 0)
#define SRAT_GENERIC_ARCH           (1 << 1)

/* The host bridge that a generic port handle names: its _HID */
#define SRAT_PORT_HID       "ACPI0016"

typedef struct Initiator {
    unsigned node;
    uint8_t bus, devfn;
    bool arch;
} Initiator;

static gint initiator_compare(gconstpointer a, gconstpointer b)
{
    const Initiator *x = a, *y = b;

    if (x->node != y->node) {
        return x->node < y->node ? -1 : 1;
    }
    if (x->bus != y->bus) {
        return x->bus - y->bus;
    }
    return x->devfn - y->devfn;
}

static void add_set(GArray *list, const AcpiTopoSet *set)
{
    Initiator entry = {
        .bus = set->fn.bus,
        .devfn = set->fn.devfn[set->fn.depth - 1],
        .arch = set->arch_transactions,
    };

    for (entry.node = acpi_topo_nodes_next(&set->nodes, 0);
         entry.node < ACPI_TOPO_MAX_NODES;
         entry.node = acpi_topo_nodes_next(&set->nodes, entry.node + 1)) {
        g_array_append_val(list, entry);
    }
}

/* Initiators of both kinds of objects, in the order of the table. */
static GArray *collect_initiators(const AcpiTopoModel *model)
{
    GArray *list = g_array_new(false, false, sizeof(Initiator));
    unsigned i;

    for (i = 0; i < model->sets->len; i++) {
        const AcpiTopoSet *set = acpi_topo_model_set(model, i);

        if (set->device && set->initiator && set->present) {
            add_set(list, set);
        }
    }
    for (i = 0; i < model->generics->len; i++) {
        const AcpiTopoGeneric *generic = acpi_topo_model_generic(model, i);

        if (generic->type == ACPI_TOPO_INITIATOR && generic->present) {
            Initiator entry = {
                .node = generic->node,
                .bus = generic->bus,
                .devfn = generic->devfn,
            };

            g_array_append_val(list, entry);
        }
    }
    g_array_sort(list, initiator_compare);
    return list;
}

static void append_initiator(GArray *srat, const Initiator *initiator)
{
    uint8_t entry[SRAT_GENERIC_LENGTH] = { };

    entry[0] = SRAT_INITIATOR_TYPE;
    entry[1] = sizeof(entry);
    entry[3] = SRAT_HANDLE_PCI;
    stl_le_p(entry + 4, initiator->node);
    stw_le_p(entry + 8, 0);                 /* QEMU has one PCI segment */
    entry[10] = initiator->bus;
    entry[11] = initiator->devfn;
    stl_le_p(entry + 24, SRAT_GENERIC_ENABLED |
                         (initiator->arch ? SRAT_GENERIC_ARCH : 0));
    g_array_append_vals(srat, entry, sizeof(entry));
}

static void append_port(GArray *srat, const AcpiTopoGeneric *port)
{
    uint8_t entry[SRAT_GENERIC_LENGTH] = { };

    entry[0] = SRAT_PORT_TYPE;
    entry[1] = sizeof(entry);
    entry[3] = SRAT_HANDLE_ACPI;
    stl_le_p(entry + 4, port->node);
    memcpy(entry + 8, SRAT_PORT_HID, 8);
    stl_le_p(entry + 16, port->uid);
    stl_le_p(entry + 24, SRAT_GENERIC_ENABLED);
    g_array_append_vals(srat, entry, sizeof(entry));
}

void acpi_topo_srat_generic(GArray *srat, const AcpiTopoModel *model)
{
    GArray *initiators = collect_initiators(model);
    unsigned i;

    for (i = 0; i < initiators->len; i++) {
        append_initiator(srat, &g_array_index(initiators, Initiator, i));
    }
    g_array_free(initiators, true);

    for (i = 0; i < model->generics->len; i++) {
        const AcpiTopoGeneric *generic = acpi_topo_model_generic(model, i);

        if (generic->type == ACPI_TOPO_PORT && generic->present) {
            append_port(srat, generic);
        }
    }
}

static void append_memory(GArray *srat, unsigned node, uint64_t base,
                          uint64_t size)
{
    uint8_t entry[SRAT_MEMORY_LENGTH] = { };

    entry[0] = SRAT_MEMORY_TYPE;
    entry[1] = sizeof(entry);
    stl_le_p(entry + 2, node);
    stq_le_p(entry + 8, base);
    stq_le_p(entry + 16, size);
    stl_le_p(entry + 28, SRAT_MEMORY_ENABLED | SRAT_MEMORY_HOT_PLUGGABLE);
    g_array_append_vals(srat, entry, sizeof(entry));
}

void acpi_topo_srat_memory(GArray *srat, const AcpiTopoModel *model)
{
    AcpiTopoNodes nodes, filled = { };
    unsigned i, node;

    for (i = 0; i < model->windows->len; i++) {
        const AcpiTopoWindow *window = &g_array_index(model->windows,
                                                      AcpiTopoWindow, i);

        append_memory(srat, window->node, window->base, window->size);
        acpi_topo_nodes_add(&filled, window->node);
    }
    acpi_topo_model_memory(model, &nodes);
    for (node = acpi_topo_nodes_next(&nodes, 0);
         node < ACPI_TOPO_MAX_NODES;
         node = acpi_topo_nodes_next(&nodes, node + 1)) {
        /* Base and length stay 0: other bases make Linux complain. */
        if (!acpi_topo_nodes_test(&filled, node)) {
            append_memory(srat, node, 0, 0);
        }
    }
}

void acpi_topo_srat_hotplug(GArray *srat, const AcpiTopoModel *model)
{
    uint8_t *entry;

    assert(srat->len >= SRAT_MEMORY_LENGTH);
    entry = (uint8_t *)srat->data + srat->len - SRAT_MEMORY_LENGTH;
    assert(entry[0] == SRAT_MEMORY_TYPE && entry[1] == SRAT_MEMORY_LENGTH);
    stl_le_p(entry + 2, acpi_topo_model_hotplug_node(model));
}
