/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Put distances and performance of devices that know their own into QEMU's
 * NUMA state, where -numa dist and -numa hmat-lb would have put them.  What
 * the numbers are is decided in hmat.c; a typed value always wins.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hw/acpi/topology/glue.h"
#include "hw/acpi/topology/core/hmat.h"
#include "hw/core/boards.h"
#include "hw/pci/cdat.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "system/numa.h"
#include "trace.h"

QEMU_BUILD_BUG_ON((int)ACPI_TOPO_ROW_TYPES != (int)HMAT_LB_TYPES);

static void find_given(const NumaState *state, AcpiTopoGiven *given)
{
    int i;

    memset(given, 0, sizeof(*given));
    for (i = 0; i < state->num_nodes; i++) {
        if (state->nodes[i].lb_info_provided) {
            acpi_topo_nodes_add(&given->targets, i);
        }
    }
    for (i = 0; i < HMAT_LB_TYPES; i++) {
        given->type[i] = state->hmat_lb[HMAT_LB_MEM_MEMORY][i];
    }
}

static bool add_row(NumaState *state, const AcpiTopoRow *row, Error **errp)
{
    ERRP_GUARD();
    bool latency = row->type < ACPI_TOPO_ACCESS_BANDWIDTH;
    NumaHmatLBOptions options = {
        .initiator = row->initiator,
        .target = row->target,
        .hierarchy = HMAT_LB_MEMORY_HIERARCHY_MEMORY,
        .data_type = (HmatLBDataType)row->type,
        .has_latency = latency,
        .latency = row->value,
        .has_bandwidth = !latency,
        .bandwidth = row->value * MiB,
    };

    parse_numa_hmat_lb(state, &options, errp);
    return !*errp;
}

static void add_rows(const AcpiTopoModel *model, const AcpiTopoSet *set,
                     const AcpiTopoPerf *perf, const AcpiTopoGiven *given)
{
    GArray *rows = g_array_new(false, false, sizeof(AcpiTopoRow));
    Error *err = NULL;
    unsigned i;

    acpi_topo_hmat_rows(rows, model, set, perf, given);
    for (i = 0; i < rows->len && !err; i++) {
        add_row(current_machine->numa_state,
                &g_array_index(rows, AcpiTopoRow, i), &err);
    }
    if (err) {
        error_prepend(&err, "acpi-device-nodes '%s': CDAT and '-numa hmat-lb' "
                      "do not fit into one table: ", set->id);
        warn_report_err(err);
    }
    g_array_free(rows, true);
}

static void add_distances(const AcpiTopoModel *model,
                          const AcpiTopoPerf *const *perf)
{
    NumaState *state = current_machine->numa_state;
    int from, to;

    for (from = 0; from < state->num_nodes; from++) {
        for (to = 0; to < state->num_nodes; to++) {
            state->nodes[from].distance[to] =
                acpi_topo_slit_distance(model, perf, from, to);
        }
    }
    state->have_numa_distance = true;
}

static PCIDevice *device_of(const AcpiTopoSet *set)
{
    Object *obj = object_resolve_path_component(object_get_objects_root(),
                                                set->id);

    return acpi_topology_set_device(ACPI_NODE_SET(obj));
}

static bool read_cdat(PCIDevice *dev, AcpiTopoPerf *perf)
{
    g_autoptr(GByteArray) table = pci_cdat_fetch(dev);

    return table && acpi_topo_cdat_parse(table->data, table->len, perf);
}

void acpi_topology_add_defaults(const AcpiTopoModel *model)
{
    NumaState *state = current_machine->numa_state;
    g_autofree AcpiTopoPerf *perf = g_new0(AcpiTopoPerf, model->sets->len + 1);
    g_autofree const AcpiTopoPerf **known =
        g_new0(const AcpiTopoPerf *, model->sets->len + 1);
    AcpiTopoGiven given;
    bool any = false;
    unsigned i;

    find_given(state, &given);
    for (i = 0; i < model->sets->len; i++) {
        const AcpiTopoSet *set = acpi_topo_model_set(model, i);
        PCIDevice *dev = set->device ? device_of(set) : NULL;

        if (!dev || !read_cdat(dev, &perf[i])) {
            continue;
        }
        trace_acpi_topology_cdat(set->id, perf[i].read_latency,
                                 perf[i].read_bandwidth);
        known[i] = &perf[i];
        any = true;
        if (state->hmat_enabled) {
            add_rows(model, set, &perf[i], &given);
        }
    }
    if (any && !state->have_numa_distance) {
        add_distances(model, known);
    }
}
