/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shape of the machine in saved state: its parts are objects in QEMU's
 * tree, and go out in a section of their own before RAM does.  How shapes are
 * compared is hw/common/shape.c.
 */
#include "qemu/osdep.h"
#include "hw/pci/pci.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pci_device.h"
#include "hw/pci/saved.h"
#include "hw/pci/shape.h"
#include "migration/vmstate.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "system/hostmem.h"
#include "system/system.h"

typedef struct Transit {
    PciSaved saved;
} Transit;

static GPtrArray *sources;
static GHashTable *types;       /* PciShapeType by name */

void pci_shape_type(const PciShapeType *type)
{
    types = types ?: g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_insert(types, (char *)type->type, (void *)type);
}

void pci_shape_source(void (*fill)(Shapes *s))
{
    sources = sources ?: g_ptr_array_new();
    g_ptr_array_add(sources, fill);
}

static char *place_of(Object *obj)
{
    if (object_dynamic_cast(obj, TYPE_PCI_BUS)) {
        obj = OBJECT(PCI_BUS(obj)->parent_dev);
    }
    return obj && object_dynamic_cast(obj, TYPE_DEVICE) ?
           qdev_get_dev_path(DEVICE(obj)) : NULL;
}

/* To QOM the empty path is any object of the type. */
Object *pci_shape_device(const char *id)
{
    return *id ? object_resolve_path_type(id, TYPE_PCI_DEVICE, NULL) : NULL;
}

char *pci_shape_place(const char *id)
{
    Object *obj = pci_shape_device(id) ?: object_resolve_path(id, NULL);
    char *place = obj ? place_of(obj) : NULL;

    return place ?: g_strdup(id);
}

/* What is linked has a size or a place, whatever its name is. */
static char *link_value(Object *obj, const char *property)
{
    Object *target = object_property_get_link(obj, property, NULL);

    if (target && object_dynamic_cast(target, TYPE_MEMORY_BACKEND)) {
        return g_strdup_printf("%" PRIu64,
            object_property_get_uint(target, "size", NULL));
    }
    return target ? place_of(target) : NULL;
}

static char *value_of(const PciShapeType *t, Object *obj, const char *property)
{
    char *value = t->value ? t->value(obj, property) : NULL;
    const char *kind = object_property_get_type(obj, property, NULL);

    if (value || !kind) {
        return value;
    }
    return g_str_has_prefix(kind, "link<") ? link_value(obj, property) :
           object_property_print(obj, property, false, NULL);
}

/* NULL: it is no part. */
static const PciShapeType *type_of(Object *obj)
{
    DeviceState *dev = (DeviceState *)object_dynamic_cast(obj, TYPE_DEVICE);

    return dev && !dev->realized ? NULL :
           g_hash_table_lookup(types, object_get_typename(obj));
}

static int add_part(Object *obj, void *opaque)
{
    const PciShapeType *t = type_of(obj);
    DeviceState *dev = (DeviceState *)object_dynamic_cast(obj, TYPE_DEVICE);
    g_autofree char *place = NULL;

    if (!t) {
        return 0;
    }
    place = place_of(obj);
    shapes_add(opaque, t->type, place,
               dev ? dev->id : object_get_canonical_path_component(obj));
    for (unsigned i = 0; t->properties[i]; i++) {
        g_autofree char *value = value_of(t, obj, t->properties[i]);

        shapes_put(opaque, t->properties[i], value);
    }
    return 0;
}

static Shapes *machine_shape(void)
{
    Shapes *s = shapes_new();

    if (types) {
        object_child_foreach_recursive(object_get_root(), add_part, s);
    }
    for (unsigned i = 0; sources && i < sources->len; i++) {
        void (*fill)(Shapes *) = g_ptr_array_index(sources, i);

        fill(s);
    }
    return s;
}

static bool needed(void *opaque)
{
    g_autoptr(Shapes) s = machine_shape();

    return shapes_count(s);
}

static int pre_save(void *opaque)
{
    Transit *t = opaque;
    g_autoptr(Shapes) s = machine_shape();
    g_autoptr(GByteArray) out = g_byte_array_new();

    shapes_save(s, out);
    pci_saved_put(&t->saved, out);
    return 0;
}

static int rename_part(Object *obj, void *saved)
{
    const PciShapeType *t = type_of(obj);
    g_autofree char *place = t && t->rename ? place_of(obj) : NULL;

    return place && !t->rename(obj, saved, place);
}

static int post_load(void *opaque, int version)
{
    Transit *t = opaque;
    g_autofree uint8_t *bytes = pci_saved_take(&t->saved);
    g_autoptr(Shapes) s = machine_shape();
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(Shapes) saved = shapes_load(bytes, t->saved.len, problems);

    if (saved && shapes_same(s, saved, problems)) {
        if (!types || !object_child_foreach_recursive(object_get_root(),
                                                      rename_part, saved)) {
            return 0;
        }
        g_ptr_array_add(problems, g_strdup("names of memory are not of it"));
    }
    for (unsigned i = 0; i < problems->len; i++) {
        error_report("saved state is of another machine: %s",
                     (char *)g_ptr_array_index(problems, i));
    }
    return -EINVAL;
}

/* RAM, which goes out at the same time, has the lowest of priorities. */
static const VMStateDescription vmstate_shape = {
    .name = "memfab-shape",
    .version_id = 1,
    .minimum_version_id = 1,
    .early_setup = true,
    .priority = MIG_PRI_IOMMU,
    .needed = needed,
    .pre_save = pre_save,
    .post_load = post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT(saved, Transit, 1, vmstate_pci_saved, PciSaved),
        VMSTATE_END_OF_LIST()
    }
};

static void machine_done(Notifier *notifier, void *data)
{
    static Transit transit = { .saved.max = SHAPES_SAVED_MAX };

    vmstate_register(NULL, 0, &vmstate_shape, &transit);
}

static void shape_init(void)
{
    static Notifier notifier = { .notify = machine_done };

    qemu_add_machine_init_done_notifier(&notifier);
}

type_init(shape_init)
