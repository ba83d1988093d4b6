/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the boards call while they build their tables: fill the model from the
 * objects and the machine as they are now, judge it once at launch, and hand
 * its bytes over.
 *
 * At launch a mistake ends QEMU, as with any other option.  From then on the
 * tables are rebuilt at each reset, and a device that has gone is left out.
 */
#include "qemu/osdep.h"
#include "hw/acpi/topology.h"
#include "hw/acpi/pci.h"
#include "hw/acpi/topology/core/dsdt.h"
#include "hw/acpi/topology/core/hmat.h"
#include "hw/acpi/topology/glue.h"
#include "hw/acpi/topology/core/srat.h"
#include "hw/core/boards.h"
#include "hw/pci/pci_bus.h"
#include "hw/core/qdev.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/module.h"
#include "system/system.h"
#include "trace.h"

/* The tables that are being built; QEMU builds one set at a time. */
static struct {
    bool active;                /* model is filled */
    bool judged;                /* launch has found nothing wrong */
    AcpiTopoModel model;
} build;

typedef struct Fill {
    AcpiTopoModel *model;
    Error *err;                 /* first mistake; only looked for at launch */
} Fill;

/*
 * @err is why an object's device was not found.  At launch that is a mistake,
 * later a fact of life that is told once.
 */
static void not_found(Fill *fill, Object *obj, bool *warned, Error *err)
{
    g_autofree char *name = acpi_topology_object_name(obj);

    if (!build.judged) {
        error_prepend(&err, "%s: ", name);
        if (fill->err) {
            error_free(err);
        } else {
            fill->err = err;
        }
        return;
    }
    trace_acpi_topology_absent(name, error_get_pretty(err));
    if (!*warned) {
        warn_report("%s is left out of the tables until its device returns: "
                    "%s", name, error_get_pretty(err));
        *warned = true;
    }
    error_free(err);
}

static void fill_set(Fill *fill, AcpiNodeSet *object)
{
    AcpiTopoSet set = object->set;
    Error *err = NULL;

    if (set.device) {
        set.present = acpi_topology_place_set(&set.fn, object, &err);
        if (set.present) {
            object->warned = false;
        } else {
            not_found(fill, OBJECT(object), &object->warned, err);
        }
    }
    g_array_append_val(fill->model->sets, set);
}

static void fill_generic(Fill *fill, AcpiGenericAffinity *object)
{
    const AcpiTopoMachine *machine = &fill->model->machine;
    g_autofree char *name = acpi_topology_object_name(object);
    AcpiTopoGeneric generic = { .node = object->node };
    const char *reason = acpi_topo_no_effect(machine);
    Error *err = NULL;

    if (reason) {
        if (!object->warned) {
            warn_report("%s has no effect: %s", name, reason);
            object->warned = true;
        }
        return;
    }
    if (object->node >= machine->num_nodes) {
        error_setg(&err, "'node' is %" PRIu32 ", which is not defined, add "
                   "'-numa node,nodeid=%" PRIu32 "'", object->node,
                   object->node);
        not_found(fill, OBJECT(object), &object->warned, err);
        return;
    }
    generic.present = acpi_topology_place_generic(&generic, object, &err);
    if (generic.present) {
        object->warned = false;
    } else {
        not_found(fill, OBJECT(object), &object->warned, err);
        return;
    }
    generic.id = g_strdup(
        object_get_canonical_path_component(OBJECT(object)));
    g_array_append_val(fill->model->generics, generic);
}

static int fill_object(Object *obj, void *opaque)
{
    if (object_dynamic_cast(obj, TYPE_ACPI_NODE_SET)) {
        fill_set(opaque, ACPI_NODE_SET(obj));
    } else if (object_dynamic_cast(obj, TYPE_ACPI_GENERIC_AFFINITY)) {
        fill_generic(opaque, ACPI_GENERIC_AFFINITY(obj));
    }
    return 0;
}

static void fill_model(AcpiTopoModel *model, Error **errp)
{
    Fill fill = { .model = model };

    acpi_topo_model_init(model);
    acpi_topology_machine(&model->machine);
    object_child_foreach(object_get_objects_root(), fill_object, &fill);
    acpi_topo_model_sort(model);
    acpi_topology_add_windows(model);
    error_propagate(errp, fill.err);
}

static void clear_model(AcpiTopoModel *model)
{
    unsigned i;

    for (i = 0; i < model->generics->len; i++) {
        g_free((char *)acpi_topo_model_generic(model, i)->id);
    }
    acpi_topo_model_clear(model);
}

/* Launch */

static bool can_be_unplugged(PCIDevice *dev)
{
    PCIDevice *port = pci_get_bus(dev)->parent_dev;

    if (!object_property_get_bool(OBJECT(dev), "hotpluggable", NULL)) {
        return false;
    }
    return !port || !object_property_find(OBJECT(port), "hotplug") ||
           object_property_get_bool(OBJECT(port), "hotplug", NULL);
}

static int warn_unplug(Object *obj, void *opaque)
{
    AcpiNodeSet *set;
    PCIDevice *dev;

    if (!object_dynamic_cast(obj, TYPE_ACPI_DEVICE_NODES)) {
        return 0;
    }
    set = ACPI_NODE_SET(obj);
    dev = set->pci_dev ? acpi_topology_set_device(set) : NULL;
    if (dev && can_be_unplugged(dev)) {
        g_autofree char *name = acpi_topology_object_name(set);

        warn_report("%s: device '%s' is hot-pluggable, but a running guest "
                    "keeps the tables it has read; name its slot with "
                    "'pci-bus' and 'addr', or plug it with 'hotplug=off'",
                    name, set->pci_dev);
    }
    return 0;
}

static void report_warnings(const AcpiTopoModel *model)
{
    GPtrArray *warnings = g_ptr_array_new_with_free_func(g_free);
    unsigned i;

    acpi_topo_model_warnings(model, warnings);
    for (i = 0; i < warnings->len; i++) {
        warn_report("%s", (char *)g_ptr_array_index(warnings, i));
    }
    g_ptr_array_free(warnings, true);
    object_child_foreach(object_get_objects_root(), warn_unplug, NULL);
}

/* Ends QEMU on a mistake: the guest has not run yet. */
static void judge(void)
{
    g_autofree char *message = NULL;
    AcpiTopoModel model;
    Error *err = NULL;

    if (build.judged) {
        return;
    }
    fill_model(&model, &err);
    message = acpi_topo_model_check(&model);
    if (message) {
        /* What is wrong with the machine explains a missing device. */
        error_free(err);
        error_report("%s", message);
        exit(EXIT_FAILURE);
    }
    if (err) {
        error_report_err(err);
        exit(EXIT_FAILURE);
    }
    build.judged = true;
    report_warnings(&model);
    if (model.machine.num_nodes) {
        acpi_topology_add_defaults(&model);
    }
    if (!acpi_topology_add_caches(&model, &err)) {
        error_report_err(err);
        exit(EXIT_FAILURE);
    }
    clear_model(&model);
}

static int is_ours(Object *obj, void *opaque)
{
    return object_dynamic_cast(obj, TYPE_ACPI_NODE_SET) ||
           object_dynamic_cast(obj, TYPE_ACPI_GENERIC_AFFINITY);
}

/*
 * The boards build their tables in notifiers of the same kind, before or
 * after this one, or, as with acpi=off, not at all.
 */
static void machine_done(Notifier *notifier, void *data)
{
    AcpiTopoModel model;

    if (object_child_foreach(object_get_objects_root(), is_ours, NULL)) {
        judge();
    }
    fill_model(&model, NULL);
    acpi_topology_watch_memory(&model);
    clear_model(&model);
}

static void judge_at_launch(void)
{
    static Notifier notifier = { .notify = machine_done };

    qemu_add_machine_init_done_notifier(&notifier);
}
type_init(judge_at_launch)

/* Hooks */

static AcpiTopoModel *model_now(void)
{
    if (!build.active) {
        judge();
        fill_model(&build.model, NULL);
        build.active = true;
    }
    return &build.model;
}

void acpi_topology_describe(Aml *dev, PCIBus *bus, int devfn)
{
    AcpiTopoModel *model = model_now();
    AcpiTopoFunction fn;
    unsigned i;

    if (model->sets->len == 0 || !acpi_topology_place(&fn, bus, devfn, NULL)) {
        return;
    }
    acpi_topo_model_describe(model, &fn);
    for (i = 0; i < model->sets->len; i++) {
        const AcpiTopoSet *set = acpi_topo_model_set(model, i);

        if (acpi_topo_set_is_at(set, &fn)) {
            acpi_topo_aml_properties(dev->buf, set);
        }
    }
}

void build_srat_generic_affinity_structures(GArray *table_data)
{
    acpi_topo_srat_generic(table_data, model_now());
}

void acpi_topology_build_memory(GArray *table_data)
{
    const AcpiTopoModel *model = model_now();

    if (model->machine.hotplug_window) {
        acpi_topo_srat_hotplug(table_data, model);
    }
    acpi_topo_srat_memory(table_data, model);
}

static void trace_model(const AcpiTopoModel *model)
{
    unsigned i;

    for (i = 0; i < model->sets->len; i++) {
        const AcpiTopoSet *set = acpi_topo_model_set(model, i);

        if (set->present) {
            trace_acpi_topology_function(set->id, set->fn.host, set->fn.bus,
                                         set->fn.devfn[set->fn.depth - 1],
                                         set->fn.described, set->fn.depth);
        }
    }
}

void acpi_topology_build_ssdt(GArray *table_offsets, GArray *table_data,
                              BIOSLinker *linker, const char *oem_id,
                              const char *oem_table_id)
{
    AcpiTable table = {
        .sig = "SSDT", .rev = 1, .oem_id = oem_id, .oem_table_id = oem_table_id,
    };
    AcpiTopoModel *model = model_now();
    GArray *body = g_array_new(false, false, 1);

    acpi_topo_hmat_near(table_data, table_offsets, model);
    acpi_topo_model_count_described(model);
    trace_model(model);
    acpi_topo_aml_missing(body, model);
    if (body->len) {
        acpi_add_table(table_offsets, table_data);
        acpi_table_begin(&table, table_data);
        g_array_append_vals(table_data, body->data, body->len);
        acpi_table_end(linker, &table);
    }
    g_array_free(body, true);
    clear_model(model);
    build.active = false;
}
