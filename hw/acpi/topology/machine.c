/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the model needs to know of QEMU's machine: type, switches, nodes, and
 * whether it has started.
 */
#include "qemu/osdep.h"
#include "hw/acpi/topology/glue.h"
#include "hw/core/boards.h"
#include "hw/core/qdev.h"
#include "qobject/qlist.h"
#include "qom/qom-qobject.h"
#include "system/numa.h"

/* A stock arm64 kernel has NODES_SHIFT 4. */
#define ARM64_NODES 16

static bool is_arm_virt(MachineState *ms)
{
    return object_dynamic_cast(OBJECT(ms), MACHINE_TYPE_NAME("virt"));
}

static bool is_pc(MachineState *ms)
{
    return object_dynamic_cast(OBJECT(ms), "generic-pc-machine") &&
           !object_dynamic_cast(OBJECT(ms), MACHINE_TYPE_NAME("isapc"));
}

/* "acpi" is a visited OnOffAuto on all boards that have it. */
static bool has_acpi(MachineState *ms)
{
    g_autofree char *value = NULL;

    if (object_property_find(OBJECT(ms), "acpi")) {
        value = object_property_get_str(OBJECT(ms), "acpi", NULL);
    }
    return !value || strcmp(value, "off");
}

static bool has_cxl_window(MachineState *ms)
{
    QObject *windows;
    bool found;

    if (!object_property_find(OBJECT(ms), "cxl-fmw")) {
        return false;
    }
    windows = object_property_get_qobject(OBJECT(ms), "cxl-fmw", NULL);
    found = qobject_to(QList, windows) &&
            !qlist_empty(qobject_to(QList, windows));
    qobject_unref(windows);
    return found;
}

/* NodeInfo.has_cpu is of no use here: it is only kept with hmat=on. */
static void find_cpus(MachineState *ms, AcpiTopoMachine *machine)
{
    MachineClass *mc = MACHINE_GET_CLASS(ms);
    const CPUArchIdList *cpus;
    int i;

    if (!mc->possible_cpu_arch_ids || machine->num_nodes == 0) {
        return;
    }
    cpus = mc->possible_cpu_arch_ids(ms);
    for (i = 0; i < cpus->len; i++) {
        const CpuInstanceProperties *props = &cpus->cpus[i].props;

        if (props->has_node_id && props->node_id < machine->num_nodes) {
            machine->node[props->node_id].has_cpu = true;
        }
    }
}

bool acpi_topology_launched(void)
{
    return phase_check(PHASE_MACHINE_READY);
}

void acpi_topology_machine(AcpiTopoMachine *machine)
{
    MachineState *ms = current_machine;
    unsigned i;

    memset(machine, 0, sizeof(*machine));
    machine->name = MACHINE_GET_CLASS(ms)->name;
    machine->supported = ms->numa_state && (is_pc(ms) || is_arm_virt(ms));
    machine->acpi = has_acpi(ms);
    machine->cxl_window = has_cxl_window(ms);
    machine->hotplug_window = ms->device_memory;
    machine->node_limit = is_arm_virt(ms) ? ARM64_NODES : 0;
    if (!ms->numa_state) {
        return;
    }
    machine->num_nodes = ms->numa_state->num_nodes;
    for (i = 0; i < machine->num_nodes; i++) {
        machine->node[i].has_memory = ms->numa_state->nodes[i].node_mem;
    }
    find_cpus(ms, machine);
}
