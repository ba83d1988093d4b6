/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The objects acpi-device-nodes and acpi-memory-nodes: properties, and what
 * can be refused when they are created.  What needs the whole machine is
 * judged by build.c.
 */
#include "qemu/osdep.h"
#include "hw/acpi/topology/glue.h"
#include "hw/memfab/compat.h"
#include "hw/memfab/problem.h"
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
    return acpi_topo_pxm_text(ACPI_NODE_SET(obj)->set.pxm);
}

static bool take_addr(AcpiNodeSet *s, const char *value, Error **errp)
{
    if (acpi_topo_parse_addr(value, &s->devfn)) {
        return true;
    }
    error_setg(errp, "%s: 'addr' is '%s', it takes a hexadecimal device "
               "from 0 to 1f and a function from 0 to 7, like '04.0'",
               object_get_typename(OBJECT(s)), value);
    return false;
}

/* A property that is a member of the object */
typedef struct Member {
    const char *name;
    size_t offset;
    const char *description;
    bool (*take)(AcpiNodeSet *s, const char *value, Error **errp);
} Member;

#define MEMBER(key, field, text, ...) \
    { .name = key, .offset = offsetof(AcpiNodeSet, field), \
      .description = text, __VA_ARGS__ }

static const Member strings[] = {
    MEMBER("pci-dev", pci_dev, "id of the PCI device"),
    MEMBER("pci-bus", pci_bus, "PCI bus of the slot"),
    MEMBER("addr", addr, "device and function in the slot, like 04.0",
           .take = take_addr),
    MEMBER("dsd-start-key", start_key, "_DSD key of the first node"),
    MEMBER("dsd-count-key", count_key, "_DSD key of the number of nodes"),
};

static const Member switches[] = {
    MEMBER("initiator", set.initiator, "describe generic initiators"),
    MEMBER("memory", set.memory,
           "describe hot-pluggable memory of size zero"),
    MEMBER("arch-transactions", set.arch_transactions,
           "the device can do all that a CPU can"),
    MEMBER("dsd", set.dsd,
           "give the function a _DSD with first node and count"),
    MEMBER("bridge-pxm", set.bridge_pxm,
           "give the same _PXM to the host bridge"),
};

static void *member_of(Object *obj, const Member *m)
{
    return (char *)ACPI_NODE_SET(obj) + m->offset;
}

static void get_string(Object *obj, Visitor *v, const char *name,
                       void *opaque, Error **errp)
{
    visit_type_str(v, name, member_of(obj, opaque), errp);
}

static void set_string(Object *obj, Visitor *v, const char *name,
                       void *opaque, Error **errp)
{
    AcpiNodeSet *s = ACPI_NODE_SET(obj);
    const Member *m = opaque;
    char **member = member_of(obj, m);
    g_autofree char *value = NULL;

    if (visit_type_str(v, name, &value, errp) && may_change(s, name, errp) &&
        (!m->take || m->take(s, value, errp))) {
        g_free(*member);
        *member = g_steal_pointer(&value);
    }
}

static void get_switch(Object *obj, Visitor *v, const char *name,
                       void *opaque, Error **errp)
{
    visit_type_bool(v, name, member_of(obj, opaque), errp);
}

static void set_switch(Object *obj, Visitor *v, const char *name,
                       void *opaque, Error **errp)
{
    bool value;

    if (visit_type_bool(v, name, &value, errp) &&
        may_change(ACPI_NODE_SET(obj), name, errp)) {
        *(bool *)member_of(obj, opaque) = value;
    }
}

/* Life */

static void node_set_complete(UserCreatable *uc, Error **errp)
{
    AcpiNodeSet *s = ACPI_NODE_SET(uc);
    g_autofree char *name = acpi_topology_object_name(s);
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
    if (memfab_refused(acpi_topo_machine_check(&machine, &s->set) ?:
                       acpi_topo_selectors_check(&s->set, s->pci_dev,
                                                 s->pci_bus, s->addr) ?:
                       acpi_topo_set_check(&s->set), errp)) {
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
    { .type = TYPE_ACPI_DEVICE_NODES, .properties = acpi_topo_device_shape,
      .value = shape_value },
    { .type = TYPE_ACPI_MEMORY_NODES, .properties = acpi_topo_memory_shape },
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

static void add_members(ObjectClass *oc, const char *type,
                        const Member *members, unsigned count,
                        ObjectPropertyAccessor *get,
                        ObjectPropertyAccessor *set)
{
    for (unsigned i = 0; i < count; i++) {
        object_class_property_add(oc, members[i].name, type, get, set, NULL,
                                  (void *)&members[i]);
        object_class_property_set_description(oc, members[i].name,
                                              members[i].description);
    }
}

static void device_nodes_class_init(ObjectClass *oc, MemfabClassData data)
{
    add_members(oc, "string", strings, ARRAY_SIZE(strings), get_string,
                set_string);
    add_members(oc, "bool", switches, ARRAY_SIZE(switches), get_switch,
                set_switch);
    object_class_property_add_str(oc, "pxm", get_pxm, set_pxm);
    object_class_property_set_description(oc, "pxm",
        "node in _PXM: first, none or a number");
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
