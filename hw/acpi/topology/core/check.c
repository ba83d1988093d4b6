/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything a person can get wrong with the topology objects, one function
 * and one message for each.  The order of the tables below is the order in
 * which mistakes are reported.
 *
 * How values are parsed and stored is in model.c.
 */
#include "qemu/osdep.h"
#include "hw/acpi/topology/core/model.h"

typedef char *SetCheck(const AcpiTopoSet *set);
typedef char *ModelCheck(const AcpiTopoModel *model, const AcpiTopoSet *set);

static char * G_GNUC_PRINTF(2, 3)
acpi_topo_message(const AcpiTopoSet *set, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, format);
    text = g_strdup_vprintf(format, ap);
    va_end(ap);
    return g_strdup_printf("%s '%s': %s",
                           set->device ? "acpi-device-nodes"
                                       : "acpi-memory-nodes", set->id, text);
}

/* What a set says by itself. */

static char *check_not_empty(const AcpiTopoSet *set)
{
    if (acpi_topo_nodes_count(&set->nodes) == 0) {
        return acpi_topo_message(set, "'nodeset' is empty, it takes nodes "
                                 "from 0 to %d", ACPI_TOPO_MAX_NODES - 1);
    }
    return NULL;
}

static char *check_purpose(const AcpiTopoSet *set)
{
    if (set->device && !set->initiator && !set->memory && !set->dsd &&
        set->pxm == ACPI_TOPO_PXM_NONE) {
        return acpi_topo_message(set, "nothing to describe, at least one of "
                                 "'initiator', 'memory', 'dsd' and 'pxm' must "
                                 "be on");
    }
    return NULL;
}

static char *check_arch_transactions(const AcpiTopoSet *set)
{
    if (set->arch_transactions && !set->initiator) {
        return acpi_topo_message(set, "'arch-transactions=on' is a flag of "
                                 "the initiator entries, it needs "
                                 "'initiator=on'");
    }
    return NULL;
}

static char *check_bridge_pxm(const AcpiTopoSet *set)
{
    if (set->bridge_pxm && set->pxm == ACPI_TOPO_PXM_NONE) {
        return acpi_topo_message(set, "'bridge-pxm=on' needs a node, "
                                 "but 'pxm' is 'none'");
    }
    return NULL;
}

static char *check_dsd_hole(const AcpiTopoSet *set)
{
    unsigned hole = acpi_topo_nodes_hole(&set->nodes);

    if (set->dsd && hole < ACPI_TOPO_MAX_NODES) {
        return acpi_topo_message(set, "'dsd=on' gives a first node and a "
                                 "count, but 'nodeset' has a hole at node %u",
                                 hole);
    }
    return NULL;
}

static bool key_is_good(const char *key)
{
    size_t i;

    for (i = 0; key[i]; i++) {
        if (!g_ascii_isgraph(key[i])) {
            return false;
        }
    }
    return i >= 1 && i <= 63;
}

static char *check_dsd_keys(const AcpiTopoSet *set)
{
    const char *key[] = { set->start_key, set->count_key };
    const char *name[] = { "dsd-start-key", "dsd-count-key" };
    unsigned i;

    if (!set->dsd) {
        return NULL;
    }
    for (i = 0; i < G_N_ELEMENTS(key); i++) {
        if (!key_is_good(key[i])) {
            return acpi_topo_message(set, "'%s' is '%s', it takes 1 to 63 "
                                     "visible ASCII characters",
                                     name[i], key[i]);
        }
    }
    if (!strcmp(key[0], key[1])) {
        return acpi_topo_message(set, "'dsd-start-key' and 'dsd-count-key' "
                                 "are both '%s', they must differ", key[0]);
    }
    return NULL;
}

static SetCheck * const set_checks[] = {
    check_not_empty,
    check_purpose,
    check_arch_transactions,
    check_bridge_pxm,
    check_dsd_hole,
    check_dsd_keys,
};

char *acpi_topo_set_check(const AcpiTopoSet *set)
{
    unsigned i;

    for (i = 0; i < G_N_ELEMENTS(set_checks); i++) {
        char *message = set_checks[i](set);

        if (message) {
            return message;
        }
    }
    return NULL;
}

char *acpi_topo_selectors_check(const AcpiTopoSet *set, const char *pci_dev,
                                const char *pci_bus, const char *addr)
{
    if (!set->device || (pci_dev ? !pci_bus && !addr : pci_bus && addr)) {
        return NULL;
    }
    if (pci_dev) {
        return acpi_topo_message(set, "'pci-dev' and '%s' exclude each other",
                                 pci_bus ? "pci-bus" : "addr");
    }
    if (!pci_bus && !addr) {
        return acpi_topo_message(set, "no device, give 'pci-dev', or "
                                 "'pci-bus' and 'addr'");
    }
    return acpi_topo_message(set, "'%s' needs '%s' beside it",
                             pci_bus ? "pci-bus" : "addr",
                             pci_bus ? "addr" : "pci-bus");
}

const char *acpi_topo_no_effect(const AcpiTopoMachine *machine)
{
    return !machine->supported ? "this machine builds no SRAT" :
           !machine->acpi ? "the machine has 'acpi=off'" :
           machine->num_nodes == 0 ? "the machine has no NUMA nodes, add "
                                     "'-numa node' for each one" : NULL;
}

/* A set against the machine and the other sets. */

char *acpi_topo_machine_check(const AcpiTopoMachine *machine,
                              const AcpiTopoSet *set)
{
    if (!machine->supported) {
        return acpi_topo_message(set, "machine '%s' has no SRAT to extend, "
                                 "use pc, q35 or (arm) virt", machine->name);
    }
    return NULL;
}

static char *check_machine(const AcpiTopoModel *model, const AcpiTopoSet *set)
{
    return acpi_topo_machine_check(&model->machine, set);
}

static char *check_acpi(const AcpiTopoModel *model, const AcpiTopoSet *set)
{
    if (!model->machine.acpi) {
        return acpi_topo_message(set, "the machine has 'acpi=off', nothing "
                                 "can be described");
    }
    return NULL;
}

static char *check_numa(const AcpiTopoModel *model, const AcpiTopoSet *set)
{
    if (model->machine.num_nodes == 0) {
        return acpi_topo_message(set, "the machine has no NUMA nodes, add "
                                 "'-numa node' for each one");
    }
    return NULL;
}

static char *check_node_limit(const AcpiTopoModel *model,
                              const AcpiTopoSet *set)
{
    unsigned limit = model->machine.node_limit;

    if (limit && model->machine.num_nodes > limit) {
        return acpi_topo_message(set, "the machine has %u NUMA nodes, but an "
                                 "arm64 guest counts to %u and drops the "
                                 "whole SRAT beyond that",
                                 model->machine.num_nodes, limit);
    }
    return NULL;
}

static char *check_nodes_defined(const AcpiTopoModel *model,
                                 const AcpiTopoSet *set)
{
    unsigned node = acpi_topo_nodes_next(&set->nodes,
                                         model->machine.num_nodes);

    if (node < ACPI_TOPO_MAX_NODES) {
        return acpi_topo_message(set, "node %u of 'nodeset' is not defined, "
                                 "add '-numa node,nodeid=%u'", node, node);
    }
    return NULL;
}

static char *check_nodes_free(const AcpiTopoModel *model,
                              const AcpiTopoSet *set)
{
    unsigned node;

    for (node = acpi_topo_nodes_next(&set->nodes, 0);
         node < ACPI_TOPO_MAX_NODES;
         node = acpi_topo_nodes_next(&set->nodes, node + 1)) {
        if (model->machine.node[node].has_cpu) {
            return acpi_topo_message(set, "node %u of 'nodeset' has CPUs, "
                                     "give every CPU to another node with "
                                     "'-numa cpu' or 'cpus='", node);
        }
        if (model->machine.node[node].has_memory) {
            return acpi_topo_message(set, "node %u of 'nodeset' has memory at "
                                     "boot, only nodes without 'mem=' and "
                                     "'memdev=' can belong to a set", node);
        }
    }
    return NULL;
}

static char *check_ports(const AcpiTopoModel *model, const AcpiTopoSet *set)
{
    unsigned i;

    for (i = 0; i < model->generics->len; i++) {
        const AcpiTopoGeneric *generic = acpi_topo_model_generic(model, i);

        if (generic->type == ACPI_TOPO_PORT &&
            acpi_topo_nodes_test(&set->nodes, generic->node)) {
            return acpi_topo_message(set, "node %u of 'nodeset' is the node "
                                     "of acpi-generic-port '%s', which must "
                                     "not become a real node",
                                     generic->node, generic->id);
        }
    }
    return NULL;
}

static char *check_memory_once(const AcpiTopoModel *model,
                               const AcpiTopoSet *set)
{
    unsigned i, node;

    for (i = 0; set->memory && i < model->sets->len; i++) {
        const AcpiTopoSet *other = acpi_topo_model_set(model, i);

        if (other == set || !other->memory) {
            continue;
        }
        for (node = 0; node < ACPI_TOPO_MAX_NODES; node++) {
            if (acpi_topo_nodes_test(&set->nodes, node) &&
                acpi_topo_nodes_test(&other->nodes, node)) {
                return acpi_topo_message(set, "node %u of 'nodeset' is a "
                                         "memory node of '%s' already",
                                         node, other->id);
            }
        }
    }
    return NULL;
}

static char *check_pxm_defined(const AcpiTopoModel *model,
                               const AcpiTopoSet *set)
{
    if (set->device && set->pxm >= (int)model->machine.num_nodes) {
        return acpi_topo_message(set, "node %d of 'pxm' is not defined, add "
                                 "'-numa node,nodeid=%d'", set->pxm, set->pxm);
    }
    return NULL;
}

static bool set_has_aml(const AcpiTopoSet *set)
{
    return set->present && (set->dsd || acpi_topo_set_pxm(set) >= 0);
}

static char *check_function_once(const AcpiTopoModel *model,
                                 const AcpiTopoSet *set)
{
    unsigned i;

    for (i = 0; set_has_aml(set) && i < model->sets->len; i++) {
        const AcpiTopoSet *other = acpi_topo_model_set(model, i);

        if (other != set && set_has_aml(other) &&
            acpi_topo_function_equal(&set->fn, &other->fn)) {
            return acpi_topo_message(set, "its function has _PXM or _DSD from "
                                     "'%s' already, one of them needs "
                                     "'pxm=none,dsd=off'", other->id);
        }
    }
    return NULL;
}

static char *check_host_pxm(const AcpiTopoModel *model, const AcpiTopoSet *set)
{
    int pxm = acpi_topo_set_pxm(set);
    unsigned i;

    if (!set->bridge_pxm || !set->present) {
        return NULL;
    }
    if (set->fn.host_pxm >= 0 && set->fn.host_pxm != pxm) {
        return acpi_topo_message(set, "'bridge-pxm=on' asks for node %d, but "
                                 "host bridge %s has 'numa_node=%d'",
                                 pxm, set->fn.host, set->fn.host_pxm);
    }
    for (i = 0; i < model->sets->len; i++) {
        const AcpiTopoSet *other = acpi_topo_model_set(model, i);

        if (other->bridge_pxm && other->present &&
            !strcmp(other->fn.host, set->fn.host) &&
            acpi_topo_set_pxm(other) != pxm) {
            return acpi_topo_message(set, "'bridge-pxm=on' asks for node %d, "
                                     "but '%s' puts host bridge %s in node %d",
                                     pxm, other->id, set->fn.host,
                                     acpi_topo_set_pxm(other));
        }
    }
    return NULL;
}

static ModelCheck * const model_checks[] = {
    check_machine,
    check_acpi,
    check_numa,
    check_nodes_defined,
    check_nodes_free,
    check_ports,
    check_memory_once,
    check_pxm_defined,
    check_function_once,
    check_host_pxm,
    check_node_limit,
};

char *acpi_topo_model_check(const AcpiTopoModel *model)
{
    unsigned c, i;

    for (c = 0; c < G_N_ELEMENTS(model_checks); c++) {
        for (i = 0; i < model->sets->len; i++) {
            char *message = model_checks[c](model,
                                            acpi_topo_model_set(model, i));

            if (message) {
                return message;
            }
        }
    }
    return NULL;
}

/* What works, but not as people expect. */

/* Does a node with a higher number than @node exist for the guest? */
static bool node_is_topped(const AcpiTopoModel *model, unsigned node)
{
    const AcpiTopoMachine *machine = &model->machine;
    unsigned i, n;

    for (n = node + 1; n < machine->num_nodes; n++) {
        if (machine->node[n].has_cpu || machine->node[n].has_memory) {
            return true;
        }
        for (i = 0; i < model->sets->len; i++) {
            const AcpiTopoSet *set = acpi_topo_model_set(model, i);

            if ((set->initiator || set->memory) &&
                acpi_topo_nodes_test(&set->nodes, n)) {
                return true;
            }
        }
        for (i = 0; i < model->generics->len; i++) {
            const AcpiTopoGeneric *g = acpi_topo_model_generic(model, i);

            if (g->type == ACPI_TOPO_INITIATOR && g->present && g->node == n) {
                return true;
            }
        }
    }
    return false;
}

static void warn_port(const AcpiTopoModel *model, const AcpiTopoGeneric *port,
                      GPtrArray *warnings)
{
    const AcpiTopoMachine *machine = &model->machine;

    if (port->node + 1 == machine->num_nodes) {
        g_ptr_array_add(warnings, g_strdup_printf(
            "acpi-generic-port '%s': node %u is the last one%s; give it a "
            "number below a node with CPUs or memory", port->id, port->node,
            machine->hotplug_window ?
            " and holds the memory hot-plug window, so the guest makes a "
            "memory node of it" :
            ", which would hold the memory hot-plug window if 'maxmem' were "
            "given"));
    }
    if (machine->cxl_window && !node_is_topped(model, port->node)) {
        g_ptr_array_add(warnings, g_strdup_printf(
            "acpi-generic-port '%s': no node above %u exists for the guest, "
            "so Linux gives that number to the CXL fixed memory window and "
            "takes the port's latency and bandwidth for it",
            port->id, port->node));
    }
}

void acpi_topo_model_warnings(const AcpiTopoModel *model, GPtrArray *warnings)
{
    unsigned i;

    for (i = 0; i < model->generics->len; i++) {
        const AcpiTopoGeneric *generic = acpi_topo_model_generic(model, i);

        if (generic->type == ACPI_TOPO_PORT && generic->present) {
            warn_port(model, generic, warnings);
        }
    }
}
