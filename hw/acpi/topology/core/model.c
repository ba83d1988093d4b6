/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Node sets, and the model as a container: fill, sort, look up.
 *
 * What is right and what is wrong in a model is in check.c.
 */
#include "qemu/osdep.h"
#include "hw/acpi/topology/core/model.h"

/* The first is what orders objects of a type. */
const char *const acpi_topo_device_shape[] = {
    "nodeset", "pci-dev", "pci-bus", "addr", "initiator", "memory",
    "arch-transactions", "dsd", "dsd-start-key", "dsd-count-key", "pxm",
    "bridge-pxm", NULL
};

const char *const acpi_topo_memory_shape[] = { "nodeset", NULL };
const char *const acpi_topo_initiator_shape[] = { "node", "pci-dev", NULL };
const char *const acpi_topo_port_shape[] = { "node", "pci-bus", NULL };

void acpi_topo_nodes_add(AcpiTopoNodes *nodes, unsigned node)
{
    assert(node < ACPI_TOPO_MAX_NODES);
    nodes->bits[node / 64] |= UINT64_C(1) << (node % 64);
}

bool acpi_topo_nodes_test(const AcpiTopoNodes *nodes, unsigned node)
{
    assert(node < ACPI_TOPO_MAX_NODES);
    return nodes->bits[node / 64] >> (node % 64) & 1;
}

unsigned acpi_topo_nodes_count(const AcpiTopoNodes *nodes)
{
    unsigned n, count = 0;

    for (n = 0; n < ACPI_TOPO_MAX_NODES; n++) {
        count += acpi_topo_nodes_test(nodes, n);
    }
    return count;
}

unsigned acpi_topo_nodes_next(const AcpiTopoNodes *nodes, unsigned from)
{
    unsigned n;

    for (n = from; n < ACPI_TOPO_MAX_NODES; n++) {
        if (acpi_topo_nodes_test(nodes, n)) {
            return n;
        }
    }
    return ACPI_TOPO_MAX_NODES;
}

unsigned acpi_topo_nodes_hole(const AcpiTopoNodes *nodes)
{
    unsigned n = acpi_topo_nodes_next(nodes, 0);

    while (n < ACPI_TOPO_MAX_NODES && acpi_topo_nodes_test(nodes, n)) {
        n++;
    }
    if (acpi_topo_nodes_next(nodes, n) == ACPI_TOPO_MAX_NODES) {
        return ACPI_TOPO_MAX_NODES;
    }
    return n;
}

void acpi_topo_model_init(AcpiTopoModel *model)
{
    memset(model, 0, sizeof(*model));
    model->sets = g_array_new(false, true, sizeof(AcpiTopoSet));
    model->generics = g_array_new(false, true, sizeof(AcpiTopoGeneric));
    model->windows = g_array_new(false, true, sizeof(AcpiTopoWindow));
    model->described = g_array_new(false, true, sizeof(AcpiTopoFunction));
}

void acpi_topo_model_clear(AcpiTopoModel *model)
{
    g_array_free(model->sets, true);
    g_array_free(model->generics, true);
    g_array_free(model->windows, true);
    g_array_free(model->described, true);
    memset(model, 0, sizeof(*model));
}

const AcpiTopoSet *acpi_topo_model_set(const AcpiTopoModel *model, unsigned i)
{
    assert(i < model->sets->len);
    return &g_array_index(model->sets, AcpiTopoSet, i);
}

const AcpiTopoGeneric *acpi_topo_model_generic(const AcpiTopoModel *model,
                                               unsigned i)
{
    assert(i < model->generics->len);
    return &g_array_index(model->generics, AcpiTopoGeneric, i);
}

static gint acpi_topo_set_compare(gconstpointer a, gconstpointer b)
{
    const AcpiTopoSet *x = a, *y = b;
    unsigned first_x = acpi_topo_nodes_next(&x->nodes, 0);
    unsigned first_y = acpi_topo_nodes_next(&y->nodes, 0);

    if (first_x != first_y) {
        return first_x < first_y ? -1 : 1;
    }
    return strcmp(x->id, y->id);
}

static gint acpi_topo_generic_compare(gconstpointer a, gconstpointer b)
{
    const AcpiTopoGeneric *x = a, *y = b;

    if (x->node != y->node) {
        return x->node < y->node ? -1 : 1;
    }
    return strcmp(x->id, y->id);
}

void acpi_topo_model_sort(AcpiTopoModel *model)
{
    g_array_sort(model->sets, acpi_topo_set_compare);
    g_array_sort(model->generics, acpi_topo_generic_compare);
}

bool acpi_topo_function_equal(const AcpiTopoFunction *a,
                              const AcpiTopoFunction *b)
{
    return !strcmp(a->host, b->host) && a->depth == b->depth &&
           !memcmp(a->devfn, b->devfn, a->depth);
}

bool acpi_topo_set_is_at(const AcpiTopoSet *set, const AcpiTopoFunction *fn)
{
    return set->device && set->present &&
           acpi_topo_function_equal(&set->fn, fn);
}

static gint window_compare(gconstpointer a, gconstpointer b)
{
    const AcpiTopoWindow *x = a, *y = b;

    return x->base < y->base ? -1 : x->base > y->base;
}

bool acpi_topo_model_window(AcpiTopoModel *model, const char *host,
                            AcpiTopoWindow window)
{
    unsigned i;

    for (i = 0; i < model->sets->len; i++) {
        const AcpiTopoSet *set = acpi_topo_model_set(model, i);

        if (set->device && set->memory && set->present &&
            !strcmp(set->fn.host, host)) {
            window.node = acpi_topo_nodes_next(&set->nodes, 0);
            g_array_append_val(model->windows, window);
            g_array_sort(model->windows, window_compare);
            return true;
        }
    }
    return false;
}

void acpi_topo_model_describe(AcpiTopoModel *model, const AcpiTopoFunction *fn)
{
    g_array_append_vals(model->described, fn, 1);
}

static bool is_described(const AcpiTopoModel *model,
                         const AcpiTopoFunction *fn)
{
    unsigned i;

    for (i = 0; i < model->described->len; i++) {
        if (acpi_topo_function_equal(&g_array_index(model->described,
                                                    AcpiTopoFunction, i),
                                     fn)) {
            return true;
        }
    }
    return false;
}

void acpi_topo_model_count_described(AcpiTopoModel *model)
{
    unsigned i;

    for (i = 0; i < model->sets->len; i++) {
        AcpiTopoSet *set = &g_array_index(model->sets, AcpiTopoSet, i);
        AcpiTopoFunction step = set->fn;

        set->fn.described = 0;
        for (step.depth = 1; set->present && step.depth <= set->fn.depth;
             step.depth++) {
            if (!is_described(model, &step)) {
                break;
            }
            set->fn.described = step.depth;
        }
    }
}

int acpi_topo_set_pxm(const AcpiTopoSet *set)
{
    if (!set->device || set->pxm == ACPI_TOPO_PXM_NONE) {
        return -1;
    }
    if (set->pxm == ACPI_TOPO_PXM_FIRST) {
        return acpi_topo_nodes_next(&set->nodes, 0);
    }
    return set->pxm;
}

/* Digits only: no sign, no blanks, which strtoul() would let pass. */
static bool acpi_topo_parse_number(const char *text, size_t len, int base,
                                   unsigned max, unsigned *value)
{
    unsigned v = 0;
    size_t i;

    if (len == 0 || len > 3) {
        return false;
    }
    for (i = 0; i < len; i++) {
        int digit = g_ascii_xdigit_value(text[i]);

        if (digit < 0 || digit >= base) {
            return false;
        }
        v = v * base + digit;
    }
    *value = v;
    return v <= max;
}

bool acpi_topo_parse_pxm(const char *text, int *pxm)
{
    unsigned node;

    if (!strcmp(text, "first")) {
        *pxm = ACPI_TOPO_PXM_FIRST;
        return true;
    }
    if (!strcmp(text, "none")) {
        *pxm = ACPI_TOPO_PXM_NONE;
        return true;
    }
    if (!acpi_topo_parse_number(text, strlen(text), 10,
                                ACPI_TOPO_MAX_NODES - 1, &node)) {
        return false;
    }
    *pxm = node;
    return true;
}

char *acpi_topo_pxm_text(int pxm)
{
    return pxm == ACPI_TOPO_PXM_FIRST ? g_strdup("first") :
           pxm == ACPI_TOPO_PXM_NONE ? g_strdup("none") :
           g_strdup_printf("%d", pxm);
}

bool acpi_topo_parse_addr(const char *text, uint8_t *devfn)
{
    const char *dot = strchr(text, '.');
    size_t len = dot ? (size_t)(dot - text) : strlen(text);
    unsigned device, function = 0;

    if (!acpi_topo_parse_number(text, len, 16, 31, &device)) {
        return false;
    }
    if (dot && !acpi_topo_parse_number(dot + 1, strlen(dot + 1), 8, 7,
                                       &function)) {
        return false;
    }
    *devfn = device << 3 | function;
    return true;
}

void acpi_topo_model_memory(const AcpiTopoModel *model, AcpiTopoNodes *nodes)
{
    unsigned i, w;

    memset(nodes, 0, sizeof(*nodes));
    for (i = 0; i < model->sets->len; i++) {
        const AcpiTopoSet *set = acpi_topo_model_set(model, i);

        for (w = 0; set->memory && w < G_N_ELEMENTS(nodes->bits); w++) {
            nodes->bits[w] |= set->nodes.bits[w];
        }
    }
}

/* Nodes that have a number before Linux comes to the hot-plug window. */
static void numbered_nodes(const AcpiTopoModel *model, AcpiTopoNodes *nodes)
{
    unsigned i, w;

    memset(nodes, 0, sizeof(*nodes));
    for (i = 0; i < model->machine.num_nodes; i++) {
        if (model->machine.node[i].has_cpu ||
            model->machine.node[i].has_memory) {
            acpi_topo_nodes_add(nodes, i);
        }
    }
    for (i = 0; i < model->sets->len; i++) {
        const AcpiTopoSet *set = acpi_topo_model_set(model, i);

        for (w = 0; set->device && set->initiator && set->present &&
                    w < G_N_ELEMENTS(nodes->bits); w++) {
            nodes->bits[w] |= set->nodes.bits[w];
        }
    }
    for (i = 0; i < model->generics->len; i++) {
        const AcpiTopoGeneric *generic = acpi_topo_model_generic(model, i);

        if (generic->type == ACPI_TOPO_INITIATOR && generic->present) {
            acpi_topo_nodes_add(nodes, generic->node);
        }
    }
}

unsigned acpi_topo_model_hotplug_node(const AcpiTopoModel *model)
{
    unsigned highest = model->machine.num_nodes - 1, node;
    AcpiTopoNodes memory, numbered;

    assert(model->machine.num_nodes > 0);
    acpi_topo_model_memory(model, &memory);
    numbered_nodes(model, &numbered);
    if (!acpi_topo_nodes_test(&memory, highest)) {
        return highest;
    }
    for (node = acpi_topo_nodes_next(&memory, 0); node < highest;
         node = acpi_topo_nodes_next(&memory, node + 1)) {
        if (!acpi_topo_nodes_test(&numbered, node)) {
            break;
        }
    }
    return acpi_topo_nodes_test(&numbered, highest) ? highest : node;
}

void acpi_topo_model_known(const AcpiTopoModel *model, AcpiTopoNodes *nodes)
{
    AcpiTopoNodes memory;
    unsigned w;

    numbered_nodes(model, nodes);
    acpi_topo_model_memory(model, &memory);
    for (w = 0; w < G_N_ELEMENTS(nodes->bits); w++) {
        nodes->bits[w] |= memory.bits[w];
    }
    if (model->machine.hotplug_window && model->machine.num_nodes) {
        acpi_topo_nodes_add(nodes, acpi_topo_model_hotplug_node(model));
    }
}
