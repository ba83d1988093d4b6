/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Derive SLIT and HMAT values from what a device says about itself.  The
 * tables themselves are built by QEMU from its NUMA state.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/acpi/topology/core/hmat.h"

static void add_row(GArray *rows, unsigned initiator, unsigned target,
                    AcpiTopoRowType type, uint32_t value)
{
    AcpiTopoRow row = {
        .initiator = initiator,
        .target = target,
        .type = type,
        .value = value,
    };

    if (value) {
        g_array_append_val(rows, row);
    }
}

static uint32_t add_link(uint32_t latency, uint32_t link)
{
    return latency ? MIN((uint64_t)latency + link, UINT32_MAX) : 0;
}

static uint32_t lower(uint32_t a, uint32_t b)
{
    return a && b ? MIN(a, b) : MAX(a, b);
}

static void add_pair(GArray *rows, unsigned initiator, unsigned target,
                     const AcpiTopoPerf *perf, const AcpiTopoGiven *given,
                     uint32_t link)
{
    const uint32_t value[ACPI_TOPO_ROW_TYPES] = {
        [ACPI_TOPO_ACCESS_LATENCY] =
            add_link(MAX(perf->read_latency, perf->write_latency), link),
        [ACPI_TOPO_READ_LATENCY] = add_link(perf->read_latency, link),
        [ACPI_TOPO_WRITE_LATENCY] = add_link(perf->write_latency, link),
        [ACPI_TOPO_ACCESS_BANDWIDTH] =
            lower(perf->read_bandwidth, perf->write_bandwidth),
        [ACPI_TOPO_READ_BANDWIDTH] = perf->read_bandwidth,
        [ACPI_TOPO_WRITE_BANDWIDTH] = perf->write_bandwidth,
    };
    unsigned type;

    for (type = 0; type < ACPI_TOPO_ROW_TYPES; type++) {
        unsigned access = type < ACPI_TOPO_ACCESS_BANDWIDTH ?
                          ACPI_TOPO_ACCESS_LATENCY : ACPI_TOPO_ACCESS_BANDWIDTH;

        if (given->type[type] || (type != access && !given->type[access])) {
            add_row(rows, initiator, target, type, value[type]);
        }
    }
}

void acpi_topo_hmat_rows(GArray *rows, const AcpiTopoModel *model,
                         const AcpiTopoSet *set, const AcpiTopoPerf *perf,
                         const AcpiTopoGiven *given)
{
    unsigned from, to;

    for (to = 0; to < model->machine.num_nodes; to++) {
        if (!acpi_topo_nodes_test(&set->nodes, to) ||
            acpi_topo_nodes_test(&given->targets, to)) {
            continue;
        }
        for (from = 0; from < model->machine.num_nodes; from++) {
            if (model->machine.node[from].has_cpu) {
                add_pair(rows, from, to, perf, given, ACPI_TOPO_LINK_NS);
            } else if (set->initiator &&
                       acpi_topo_nodes_test(&set->nodes, from)) {
                add_pair(rows, from, to, perf, given, 0);
            }
        }
    }
}

static uint8_t distance_to_device(const AcpiTopoPerf *perf)
{
    uint64_t ns = (uint64_t)MAX(perf->read_latency, perf->write_latency) +
                  ACPI_TOPO_LINK_NS;
    uint64_t distance = ns * ACPI_TOPO_DISTANCE_SELF / ACPI_TOPO_DRAM_NS;

    return MIN(MAX(distance, ACPI_TOPO_DISTANCE_REMOTE),
               ACPI_TOPO_DISTANCE_MAX);
}

uint8_t acpi_topo_slit_distance(const AcpiTopoModel *model,
                                const AcpiTopoPerf *const *perf,
                                unsigned from, unsigned to)
{
    uint8_t distance = ACPI_TOPO_DISTANCE_REMOTE;
    unsigned i;

    if (from == to) {
        return ACPI_TOPO_DISTANCE_SELF;
    }
    for (i = 0; i < model->sets->len; i++) {
        const AcpiTopoSet *set = acpi_topo_model_set(model, i);
        bool has_from = acpi_topo_nodes_test(&set->nodes, from);
        bool has_to = acpi_topo_nodes_test(&set->nodes, to);

        if (!perf[i]) {
            continue;
        }
        if (has_from && has_to) {
            return ACPI_TOPO_DISTANCE_SIBLING;
        }
        if (has_from || has_to) {
            distance = MAX(distance, distance_to_device(perf[i]));
        }
    }
    return distance;
}

/* Table header and reserved bytes; then structures: type, length of 32 bits */
#define HMAT_STRUCTURES     40
#define HMAT_CACHE          2
#define HMAT_CACHE_LEN      32
#define HMAT_CACHE_NODE     8
#define HMAT_CACHE_MODE     28
#define HMAT_EXTENDED_LINEAR 1

static bool node_is_near(const AcpiTopoModel *model, uint32_t node)
{
    for (unsigned i = 0; i < model->windows->len; i++) {
        const AcpiTopoWindow *window = &g_array_index(model->windows,
                                                      AcpiTopoWindow, i);

        if (window->near && window->node == node) {
            return true;
        }
    }
    return false;
}

static void extend_caches(uint8_t *hmat, size_t len,
                          const AcpiTopoModel *model)
{
    size_t step;

    for (size_t at = HMAT_STRUCTURES; at + 8 <= len; at += step) {
        uint8_t *s = hmat + at;

        step = (uint32_t)ldl_le_p(s + 4);
        if (step < 8 || step > len - at) {
            return;
        }
        if (lduw_le_p(s) == HMAT_CACHE && step >= HMAT_CACHE_LEN &&
            node_is_near(model, ldl_le_p(s + HMAT_CACHE_NODE))) {
            stw_le_p(s + HMAT_CACHE_MODE, HMAT_EXTENDED_LINEAR);
        }
    }
}

void acpi_topo_hmat_near(GArray *tables, const GArray *offsets,
                         const AcpiTopoModel *model)
{
    for (unsigned i = 0; i < offsets->len; i++) {
        uint32_t at = g_array_index(offsets, uint32_t, i);
        uint8_t *table = (uint8_t *)tables->data + at;

        if (at + 8 <= tables->len && !memcmp(table, "HMAT", 4)) {
            extend_caches(table, MIN((uint32_t)ldl_le_p(table + 4),
                                     tables->len - at), model);
        }
    }
}
