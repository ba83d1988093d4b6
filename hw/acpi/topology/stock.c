/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The objects acpi-generic-initiator and acpi-generic-port with the syntax
 * QEMU gave them.  Other than QEMU's own, they never end a running machine:
 * a mistake is an error at creation or, before devices exist, at launch.
 */
#include "qemu/osdep.h"
#include "hw/acpi/topology/glue.h"
#include "hw/core/boards.h"
#include "hw/memfab/compat.h"
#include "hw/pci/shape.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qom/object_interfaces.h"

static bool is_initiator(AcpiGenericAffinity *s)
{
    return object_dynamic_cast(OBJECT(s), TYPE_ACPI_GENERIC_INITIATOR);
}

static bool may_change(AcpiGenericAffinity *s, const char *property,
                       Error **errp)
{
    return acpi_topology_may_change(s, s->complete, property, errp);
}

static void set_node(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    AcpiGenericAffinity *s = ACPI_GENERIC_AFFINITY(obj);
    uint32_t value;

    if (!may_change(s, name, errp) ||
        !visit_type_uint32(v, name, &value, errp)) {
        return;
    }
    if (value >= ACPI_TOPO_MAX_NODES) {
        error_setg(errp, "%s: 'node' is %" PRIu32 ", nodes are 0 to %d",
                   object_get_typename(obj), value, ACPI_TOPO_MAX_NODES - 1);
        return;
    }
    s->node = value;
}

static void set_target(AcpiGenericAffinity *s, const char *property,
                       const char *value, Error **errp)
{
    if (may_change(s, property, errp)) {
        g_free(s->target);
        s->target = g_strdup(value);
    }
}

static void set_pci_dev(Object *obj, const char *value, Error **errp)
{
    set_target(ACPI_GENERIC_AFFINITY(obj), "pci-dev", value, errp);
}

static void set_pci_bus(Object *obj, const char *value, Error **errp)
{
    set_target(ACPI_GENERIC_AFFINITY(obj), "pci-bus", value, errp);
}

/*
 * What a running machine knows at once; before, devices are yet to come.  At
 * launch an object without effect gets a warning only, because command lines
 * with it have always worked; a monitor is told.
 */
static bool check_running(AcpiGenericAffinity *s, Error **errp)
{
    ERRP_GUARD();
    g_autofree char *name = acpi_topology_object_name(s);
    AcpiTopoMachine machine;
    AcpiTopoGeneric generic;
    const char *reason;

    if (!acpi_topology_launched()) {
        return true;
    }
    acpi_topology_machine(&machine);
    reason = acpi_topo_no_effect(&machine);
    if (reason) {
        error_setg(errp, "%s has no effect: %s", name, reason);
        return false;
    }
    if (s->node >= machine.num_nodes) {
        error_setg(errp, "%s: 'node' is %" PRIu32 ", the machine has nodes 0 "
                   "to %u", name, s->node, machine.num_nodes - 1);
        return false;
    }
    if (!acpi_topology_place_generic(&generic, s, errp)) {
        error_prepend(errp, "%s: ", name);
        return false;
    }
    return true;
}

static void generic_complete(UserCreatable *uc, Error **errp)
{
    AcpiGenericAffinity *s = ACPI_GENERIC_AFFINITY(uc);
    g_autofree char *name = acpi_topology_object_name(s);

    if (!current_machine || !current_machine->numa_state) {
        error_setg(errp, "%s: the machine knows no NUMA nodes", name);
        return;
    }
    if (s->node == ACPI_TOPO_MAX_NODES || !s->target) {
        error_setg(errp, "%s: '%s' and 'node' must both be given", name,
                   is_initiator(s) ? "pci-dev" : "pci-bus");
        return;
    }
    if (!check_running(s, errp)) {
        return;
    }
    s->complete = true;
    if (is_initiator(s)) {
        acpi_topology_claim_initiator(s->node, true);
    }
}

static void generic_init(Object *obj)
{
    ACPI_GENERIC_AFFINITY(obj)->node = ACPI_TOPO_MAX_NODES;
}

static void generic_finalize(Object *obj)
{
    AcpiGenericAffinity *s = ACPI_GENERIC_AFFINITY(obj);

    if (s->complete && is_initiator(s)) {
        acpi_topology_claim_initiator(s->node, false);
    }
    g_free(s->target);
}

/* There is no asking for their properties. */
static char *shape_value(Object *obj, const char *property)
{
    AcpiGenericAffinity *s = ACPI_GENERIC_AFFINITY(obj);

    return strcmp(property, "node") ? pci_shape_place(s->target ?: "")
                                    : g_strdup_printf("%u", s->node);
}

static const PciShapeType shapes[] = {
    { .type = TYPE_ACPI_GENERIC_INITIATOR,
      .properties = acpi_topo_initiator_shape, .value = shape_value },
    { .type = TYPE_ACPI_GENERIC_PORT, .properties = acpi_topo_port_shape,
      .value = shape_value },
};

static void generic_class_init(ObjectClass *oc, MemfabClassData data)
{
    USER_CREATABLE_CLASS(oc)->complete = generic_complete;
    object_class_property_add(oc, "node", "int", NULL, set_node, NULL, NULL);
    object_class_property_set_description(oc, "node",
        "NUMA node of the device or host bridge");
    for (unsigned i = 0; i < ARRAY_SIZE(shapes); i++) {
        pci_shape_type(&shapes[i]);
    }
}

static void initiator_class_init(ObjectClass *oc, MemfabClassData data)
{
    object_class_property_add_str(oc, "pci-dev", NULL, set_pci_dev);
    object_class_property_set_description(oc, "pci-dev",
        "id of the PCI device");
}

static void port_class_init(ObjectClass *oc, MemfabClassData data)
{
    object_class_property_add_str(oc, "pci-bus", NULL, set_pci_bus);
    object_class_property_set_description(oc, "pci-bus",
        "bus of the CXL host bridge");
}

static const TypeInfo generic_types[] = {
    {
        .name = TYPE_ACPI_GENERIC_AFFINITY,
        .parent = TYPE_OBJECT,
        .abstract = true,
        .instance_size = sizeof(AcpiGenericAffinity),
        .instance_init = generic_init,
        .instance_finalize = generic_finalize,
        .class_init = generic_class_init,
        .interfaces = MEMFAB_INTERFACES({ TYPE_USER_CREATABLE }),
    },
    {
        .name = TYPE_ACPI_GENERIC_INITIATOR,
        .parent = TYPE_ACPI_GENERIC_AFFINITY,
        .class_init = initiator_class_init,
    },
    {
        .name = TYPE_ACPI_GENERIC_PORT,
        .parent = TYPE_ACPI_GENERIC_AFFINITY,
        .class_init = port_class_init,
    },
};

DEFINE_TYPES(generic_types)
