/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The objects acpi-device-nodes and acpi-memory-nodes: properties, and what
 * can be refused when they are created.  What needs the whole machine is
 * judged by build.c.
 */
#include "qemu/osdep.h"
#include "hw/acpi/topology/glue.h"
#include "hw/memfab/compat.h"
#include "hw/core/qdev.h"
#include "hw/pci/shape.h"
#include "qapi/error.h"
#include "qapi/qapi-builtin-visit.h"
#include "qapi/visitor.h"
#include "qom/object_interfaces.h"

static void claim_set(AcpiNodeSet *s, bool claim)
{
    unsigned node;

    for (node = acpi_topo_nodes_next(&s->set.nodes, 0);
         s->set.initiator && node < ACPI_TOPO_MAX_NODES;
         node = acpi_topo_nodes_next(&s->set.nodes, node + 1)) {
        acpi_topology_claim_initiator(node, claim);
    }
}

/* Properties */

static bool may_change(AcpiNodeSet *s, const char *property, Error **errp)
{
    return acpi_topology_may_change(s, s->complete, property, errp);
}

static void set_nodeset(Object *obj, Visitor *v, const char *name,
                        void *opaque, Error **errp)
{
    AcpiNodeSet *s = ACPI_NODE_SET(obj);
    g_autoptr(intList) list = NULL;
    AcpiTopoNodes nodes = { };
    intList *item;

    if (!may_change(s, name, errp) ||
        !visit_type_intList(v, name, &list, errp)) {
        return;
    }
    for (item = list; item; item = item->next) {
        if (item->value < 0 || item->value >= ACPI_TOPO_MAX_NODES) {
            error_setg(errp, "%s: 'nodeset' has node %" PRId64 ", nodes are "
                       "0 to %d", object_get_typename(obj), item->value,
                       ACPI_TOPO_MAX_NODES - 1);
            return;
        }
        acpi_topo_nodes_add(&nodes, item->value);
    }
    s->set.nodes = nodes;
}

static void get_nodeset(Object *obj, Visitor *v, const char *name,
                        void *opaque, Error **errp)
{
    AcpiNodeSet *s = ACPI_NODE_SET(obj);
    g_autoptr(intList) list = NULL;
    intList **tail = &list;
    unsigned node;

    for (node = acpi_topo_nodes_next(&s->set.nodes, 0);
         node < ACPI_TOPO_MAX_NODES;
         node = acpi_topo_nodes_next(&s->set.nodes, node + 1)) {
        QAPI_LIST_APPEND(tail, node);
    }
    visit_type_intList(v, name, &list, errp);
}

static void set_pxm(Object *obj, const char *value, Error **errp)
{
    AcpiNodeSet *s = ACPI_NODE_SET(obj);

    if (may_change(s, "pxm", errp) && !acpi_topo_parse_pxm(value,
                                                           &s->set.pxm)) {
        error_setg(errp, "%s: 'pxm' is '%s', it takes 'first', 'none' or a "
                   "node from 0 to %d", object_get_typename(obj), value,
                   ACPI_TOPO_MAX_NODES - 1);
    }
}

static char *get_pxm(Object *obj, Error **errp)
{
    AcpiNodeSet *s = ACPI_NODE_SET(obj);

    if (s->set.pxm == ACPI_TOPO_PXM_FIRST) {
        return g_strdup("first");
    }
    if (s->set.pxm == ACPI_TOPO_PXM_NONE) {
        return g_strdup("none");
    }
    return g_strdup_printf("%d", s->set.pxm);
}

static void set_addr(Object *obj, const char *value, Error **errp)
{
    AcpiNodeSet *s = ACPI_NODE_SET(obj);

    if (!may_change(s, "addr", errp)) {
        return;
    }
    if (!acpi_topo_parse_addr(value, &s->devfn)) {
        error_setg(errp, "%s: 'addr' is '%s', it takes a hexadecimal device "
                   "from 0 to 1f and a function from 0 to 7, like '04.0'",
                   object_get_typename(obj), value);
        return;
    }
    g_free(s->addr);
    s->addr = g_strdup(value);
}

static char *get_addr(Object *obj, Error **errp)
{
    return g_strdup(ACPI_NODE_SET(obj)->addr);
}

#define STRING_PROPERTY(field, name)                                        \
    static void set_##field(Object *obj, const char *value, Error **errp)   \
    {                                                                       \
        AcpiNodeSet *s = ACPI_NODE_SET(obj);                                \
                                                                            \
        if (may_change(s, name, errp)) {                                    \
            g_free(s->field);                                               \
            s->field = g_strdup(value);                                     \
        }                                                                   \
    }                                                                       \
    static char *get_##field(Object *obj, Error **errp)                     \
    {                                                                       \
        return g_strdup(ACPI_NODE_SET(obj)->field);                         \
    }

STRING_PROPERTY(pci_dev, "pci-dev")
STRING_PROPERTY(pci_bus, "pci-bus")
STRING_PROPERTY(start_key, "dsd-start-key")
STRING_PROPERTY(count_key, "dsd-count-key")

#define BOOL_PROPERTY(field, name)                                          \
    static void set_##field(Object *obj, bool value, Error **errp)          \
    {                                                                       \
        AcpiNodeSet *s = ACPI_NODE_SET(obj);                                \
                                                                            \
        if (may_change(s, name, errp)) {                                    \
            s->set.field = value;                                           \
        }                                                                   \
    }                                                                       \
    static bool get_##field(Object *obj, Error **errp)                      \
    {                                                                       \
        return ACPI_NODE_SET(obj)->set.field;                               \
    }

BOOL_PROPERTY(initiator, "initiator")
BOOL_PROPERTY(memory, "memory")
BOOL_PROPERTY(arch_transactions, "arch-transactions")
BOOL_PROPERTY(dsd, "dsd")
BOOL_PROPERTY(bridge_pxm, "bridge-pxm")

/* Life */

static bool check_selectors(AcpiNodeSet *s, Error **errp)
{
    g_autofree char *name = acpi_topology_object_name(s);

    if (!s->set.device) {
        return true;
    }
    if (s->pci_dev && (s->pci_bus || s->addr)) {
        error_setg(errp, "%s: 'pci-dev' and '%s' exclude each other", name,
                   s->pci_bus ? "pci-bus" : "addr");
        return false;
    }
    if (!s->pci_dev && !s->pci_bus && !s->addr) {
        error_setg(errp, "%s: no device, give 'pci-dev', or 'pci-bus' and "
                   "'addr'", name);
        return false;
    }
    if (!s->pci_dev && !(s->pci_bus && s->addr)) {
        error_setg(errp, "%s: '%s' needs '%s' beside it", name,
                   s->pci_bus ? "pci-bus" : "addr",
                   s->pci_bus ? "addr" : "pci-bus");
        return false;
    }
    return true;
}

static void node_set_complete(UserCreatable *uc, Error **errp)
{
    AcpiNodeSet *s = ACPI_NODE_SET(uc);
    g_autofree char *name = acpi_topology_object_name(s);
    g_autofree char *message = NULL;
    AcpiTopoMachine machine;

    if (acpi_topology_launched()) {
        error_setg(errp, "%s: the guest's tables are made when the machine "
                   "starts, give it with -object on the command line", name);
        return;
    }
    s->set.id = g_strdup(object_get_canonical_path_component(OBJECT(s)));
    s->set.start_key = s->start_key;
    s->set.count_key = s->count_key;

    acpi_topology_machine(&machine);
    message = acpi_topo_machine_check(&machine, &s->set);
    if (!message && !check_selectors(s, errp)) {
        return;
    }
    if (!message) {
        message = acpi_topo_set_check(&s->set);
    }
    if (message) {
        error_setg(errp, "%s", message);
        return;
    }
    s->complete = true;
    claim_set(s, true);
}

/* The tables that the guest has read stay as they are. */
static bool node_set_prepare_delete(UserCreatable *uc, Error **errp)
{
    if (!acpi_topology_launched()) {
        return true;
    }
    error_setg(errp, "object '%s' is in use, can not be deleted",
               object_get_canonical_path_component(OBJECT(uc)));
    return false;
}
MEMFAB_DEFINE_PREPARE_DELETE(node_set_prepare_delete)

static void node_set_init(Object *obj)
{
    AcpiNodeSet *s = ACPI_NODE_SET(obj);

    s->set.memory = true;
    s->set.pxm = ACPI_TOPO_PXM_NONE;
}

static void node_set_finalize(Object *obj)
{
    AcpiNodeSet *s = ACPI_NODE_SET(obj);

    if (s->complete) {
        claim_set(s, false);
    }
    g_free((char *)s->set.id);
    g_free(s->pci_dev);
    g_free(s->pci_bus);
    g_free(s->addr);
    g_free(s->start_key);
    g_free(s->count_key);
}

/* Where devices and buses are, whatever their names are */
static char *shape_value(Object *obj, const char *property)
{
    AcpiNodeSet *s = ACPI_NODE_SET(obj);
    const char *id = !strcmp(property, "pci-dev") ? s->pci_dev :
                     !strcmp(property, "pci-bus") ? s->pci_bus : NULL;

    return id ? pci_shape_place(id) : NULL;
}

static const PciShapeType shapes[] = {
    { TYPE_ACPI_DEVICE_NODES, acpi_topo_device_shape, shape_value },
    { TYPE_ACPI_MEMORY_NODES, acpi_topo_memory_shape },
};

static void node_set_class_init(ObjectClass *oc, MemfabClassData data)
{
    UserCreatableClass *ucc = USER_CREATABLE_CLASS(oc);

    ucc->complete = node_set_complete;
    MEMFAB_SET_PREPARE_DELETE(ucc, node_set_prepare_delete);
    object_class_property_add(oc, "nodeset", "list of int", get_nodeset,
                              set_nodeset, NULL, NULL);
    object_class_property_set_description(oc, "nodeset",
        "NUMA nodes, from 0 to 127");
    for (unsigned i = 0; i < ARRAY_SIZE(shapes); i++) {
        pci_shape_type(&shapes[i]);
    }
}

static void device_nodes_init(Object *obj)
{
    AcpiNodeSet *s = ACPI_NODE_SET(obj);

    s->set.device = true;
    s->set.initiator = true;
    s->set.pxm = ACPI_TOPO_PXM_FIRST;
    s->start_key = g_strdup(ACPI_TOPO_START_KEY);
    s->count_key = g_strdup(ACPI_TOPO_COUNT_KEY);
}

static void add_string(ObjectClass *oc, const char *name,
                       char *(*get)(Object *, Error **),
                       void (*set)(Object *, const char *, Error **),
                       const char *description)
{
    object_class_property_add_str(oc, name, get, set);
    object_class_property_set_description(oc, name, description);
}

static void add_bool(ObjectClass *oc, const char *name,
                     bool (*get)(Object *, Error **),
                     void (*set)(Object *, bool, Error **),
                     const char *description)
{
    object_class_property_add_bool(oc, name, get, set);
    object_class_property_set_description(oc, name, description);
}

static void device_nodes_class_init(ObjectClass *oc, MemfabClassData data)
{
    add_string(oc, "pci-dev", get_pci_dev, set_pci_dev,
               "id of the PCI device");
    add_string(oc, "pci-bus", get_pci_bus, set_pci_bus,
               "PCI bus of the slot");
    add_string(oc, "addr", get_addr, set_addr,
               "device and function in the slot, like 04.0");
    add_string(oc, "dsd-start-key", get_start_key, set_start_key,
               "_DSD key of the first node");
    add_string(oc, "dsd-count-key", get_count_key, set_count_key,
               "_DSD key of the number of nodes");
    add_string(oc, "pxm", get_pxm, set_pxm,
               "node in _PXM: first, none or a number");
    add_bool(oc, "initiator", get_initiator, set_initiator,
             "describe generic initiators");
    add_bool(oc, "memory", get_memory, set_memory,
             "describe hot-pluggable memory of size zero");
    add_bool(oc, "arch-transactions", get_arch_transactions,
             set_arch_transactions, "the device can do all that a CPU can");
    add_bool(oc, "dsd", get_dsd, set_dsd,
             "give the function a _DSD with first node and count");
    add_bool(oc, "bridge-pxm", get_bridge_pxm, set_bridge_pxm,
             "give the same _PXM to the host bridge");
}

static const TypeInfo node_set_types[] = {
    {
        .name = TYPE_ACPI_NODE_SET,
        .parent = TYPE_OBJECT,
        .abstract = true,
        .instance_size = sizeof(AcpiNodeSet),
        .instance_init = node_set_init,
        .instance_finalize = node_set_finalize,
        .class_init = node_set_class_init,
        .interfaces = MEMFAB_INTERFACES({ TYPE_USER_CREATABLE }),
    },
    {
        .name = TYPE_ACPI_DEVICE_NODES,
        .parent = TYPE_ACPI_NODE_SET,
        .instance_init = device_nodes_init,
        .class_init = device_nodes_class_init,
    },
    {
        .name = TYPE_ACPI_MEMORY_NODES,
        .parent = TYPE_ACPI_NODE_SET,
    },
};

DEFINE_TYPES(node_set_types)
