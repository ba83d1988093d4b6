/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The object cxl-boot-region: decoders that are committed before the guest
 * runs, as firmware does it.  What is written is core/boot.h.
 *
 * A mistake ends QEMU at launch.  Later a device may be gone: then the region
 * is left out and the person is told.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/module.h"
#include "hw/memfab/compat.h"
#include "hw/core/qdev.h"
#include "hw/core/resettable.h"
#include "hw/cxl/cxl_host.h"
#include "hw/cxl/core/boot.h"
#include "hw/cxl/core/memory-map.h"
#include "hw/cxl/tables.h"
#include "hw/cxl/wire/component.h"
#include "hw/cxl/window/internal.h"
#include "hw/nvram/fw_cfg.h"
#include "hw/pci/given.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pci_host.h"
#include "hw/pci/pcie_port.h"
#include "hw/pci/shape.h"
#include "qom/object_interfaces.h"
#include "system/reset.h"
#include "hw/cxl/trace.h"

#define TYPE_CXL_BOOT_REGION "cxl-boot-region"
OBJECT_DECLARE_SIMPLE_TYPE(CxlBootObject, CXL_BOOT_REGION)

/* One more is refused by the sentence about ways. */
#define DEVICES_MAX (CXL_INTERLEAVE_WAYS_MAX + 1)

struct CxlBootObject {
    Object parent_obj;

    CxlBootRegion region;
    uint64_t place;             /* from the start of the window */
    strList *devices;
    bool soft_reserved;         /* the memory map has an entry */

    bool complete;
    bool there;                 /* committed at the last reset */
    uint64_t base, len;         /* host physical address, what is reached */
    bool applied;               /* once, at launch */
    bool warned;
    ResettableState reset_state;
};

/* CxlBootRegion of the objects, in the order in which they were made */
static GPtrArray *regions;

/* --- the machine as it is now ------------------------------------------ */

/* Bridges above @pdev, the host bridge first; none: it is no way of CXL. */
static void walk_up(PCIDevice *pdev, CxlPlanPath *path)
{
    PCIBus *bus = pci_get_bus(pdev);

    while (!pci_bus_is_root(bus)) {
        PCIDevice *port = bus->parent_dev;
        PCIBus *up = pci_get_bus(port);
        bool root = pci_bus_is_root(up);

        if (!object_dynamic_cast(OBJECT(port), TYPE_PCIE_PORT) ||
            (!root && !cxl_window_tree_registers(OBJECT(up->parent_dev))) ||
            path->hops == CXL_PLAN_HOPS_MAX) {
            path->hops = 0;
            return;
        }
        memmove(path->hop + 1, path->hop, path->hops++ * sizeof(CxlPlanHop));
        path->hop[0] = (CxlPlanHop) {
            .bridge = root ? OBJECT(BUS(up)->parent) : OBJECT(up->parent_dev),
            .port = PCIE_PORT(port)->port,
        };
        bus = root ? up : pci_get_bus(up->parent_dev);
    }
    path->hops = pci_bus_is_cxl(bus) ? path->hops : 0;
}

static CxlBootDevice find_device(CxlWindows *ws, const char *name)
{
    Object *obj = pci_shape_device(name);
    CxlBootDevice found = { .name = name };
    CxlWindowMember *m;

    QTAILQ_FOREACH(m, &ws->members, next) {
        if (obj == OBJECT(m->pdev)) {
            found.ep = m->ep;
            walk_up(m->pdev, &found.path);
        }
    }
    return found;
}

static CxlBootWindow find_window(CxlWindows *ws, unsigned n)
{
    CxlBootWindow w = { .windows = ws->fixed ? ws->fixed->len : 0 };
    CXLFixedWindow *fw = n < w.windows ? g_ptr_array_index(ws->fixed, n)
                                       : NULL;

    if (fw) {
        w.base = fw->base;
        w.size = memory_region_size(&fw->mr);
        w.near = cxl_window_near(fw->base);
        w.next = n + 1 == w.windows ? 0 :
            ((CXLFixedWindow *)g_ptr_array_index(ws->fixed, n + 1))->base;
        w.plan.ig = fw->enc_int_gran;
        w.plan.iw = fw->enc_int_ways;
        for (unsigned i = 0; i < fw->num_targets; i++) {
            w.plan.target[i] = fw->target_hbs[i] ?
                OBJECT(fw->target_hbs[i]->cxl_host_bridge) : NULL;
        }
    }
    return w;
}

static bool decodes(void *bridge)
{
    return !object_dynamic_cast(bridge, TYPE_PXB_CXL_HOST) ||
           !cxl_get_hb_passthrough(PCI_HOST_BRIDGE(bridge));
}

static MemoryRegion *registers(void *bridge)
{
    return &cxl_window_tree_registers(bridge)->crb.cache_mem;
}

static uint32_t bridge_get(void *bridge, unsigned offset)
{
    MemoryRegion *mr = registers(bridge);

    return mr->ops->read(mr->opaque, CXL_COMP_HDM + offset, 4);
}

static void bridge_put(void *bridge, unsigned offset, uint32_t value)
{
    MemoryRegion *mr = registers(bridge);

    mr->ops->write(mr->opaque, CXL_COMP_HDM + offset, value, 4);
}

static const CxlBootOps ops = { decodes, bridge_get, bridge_put };

static char *apply(CxlBootObject *s)
{
    CxlWindows *ws = cxl_window_all();
    CxlBootWindow window = find_window(ws, s->region.window);
    CxlBootDevice device[DEVICES_MAX];
    unsigned ways = 0;

    for (strList *d = s->devices; d && ways < DEVICES_MAX; d = d->next) {
        device[ways++] = find_device(ws, d->value);
    }
    s->base = window.base + s->place;
    s->len = cxl_boot_reached(&s->region, s->place, &window);
    trace_memfab_cxl_boot_region(s->base, s->region.size, ways);
    return cxl_boot_commit(&s->region, s->place, &window, device, ways, &ops);
}

/* --- the memory map ------------------------------------------------------ */

/* SeaBIOS runs what is there; its name is nobody else's business. */
#define ROM_FILE "genroms/cxl-memory-map.bin"

static char *check_map(const CxlBootObject *s)
{
    unsigned count = 0;

    if (!s->soft_reserved) {
        return NULL;
    }
    if (!object_dynamic_cast(qdev_get_machine(), "generic-pc-machine")) {
        return g_strdup("property 'soft-reserved': this machine has no BIOS "
                        "that hands over a memory map; accepted here: off");
    }
    for (unsigned i = 0; i < regions->len; i++) {
        count += container_of(regions->pdata[i], CxlBootObject,
                              region)->soft_reserved;
    }
    return count <= CXL_MEMORY_MAP_ENTRIES ? NULL :
        g_strdup_printf("property 'soft-reserved': %u regions; the memory map "
                        "takes %u", count, CXL_MEMORY_MAP_ENTRIES);
}

/*
 * Firmware, which runs next, learns of the regions that are there.  One may be
 * on its way out, when the tree of objects must not be searched any more.
 */
static void tell_firmware(void)
{
    static FWCfgState *firmware;
    CxlMemoryMapEntry entries[CXL_MEMORY_MAP_ENTRIES];
    uint8_t *rom = g_malloc(CXL_MEMORY_MAP_ROM);
    unsigned count = 0;

    for (unsigned i = 0; i < regions->len; i++) {
        CxlBootObject *s = container_of(regions->pdata[i], CxlBootObject,
                                        region);

        if (s->soft_reserved && s->there) {
            entries[count++] = (CxlMemoryMapEntry) { s->base, s->len };
        }
    }
    cxl_memory_map_rom(entries, count, rom);
    firmware = firmware ?: fw_cfg_find();
    g_free(fw_cfg_modify_file(firmware, ROM_FILE, rom, CXL_MEMORY_MAP_ROM));
}

/* --- when -------------------------------------------------------------- */

/*
 * After all that the reset clears has been cleared.  The first reset is part
 * of the launch: registers of bridges are nothing before it.
 */
static void boot_reset_exit(Object *obj, ResetType type)
{
    CxlBootObject *s = CXL_BOOT_REGION(obj);
    const char *id = object_get_canonical_path_component(obj);
    g_autofree char *problem = NULL;

    if (!phase_check(PHASE_MACHINE_READY)) {
        return;
    }
    problem = check_map(s) ?: apply(s);
    if (problem && !s->applied) {
        error_report("%s '%s': %s", TYPE_CXL_BOOT_REGION, id, problem);
        exit(EXIT_FAILURE);
    }
    if (problem && !s->warned) {
        warn_report("%s '%s' is left out: %s", TYPE_CXL_BOOT_REGION, id,
                    problem);
    }
    s->applied = true;
    s->warned = problem;
    s->there = !problem;
    if (s->soft_reserved) {
        tell_firmware();
    }
}

static void boot_complete(UserCreatable *uc, Error **errp)
{
    CxlBootObject *s = CXL_BOOT_REGION(uc);

    if (phase_check(PHASE_MACHINE_READY)) {
        error_setg(errp, "%s: decoders are set when the machine starts, give "
                   "it with -object on the command line",
                   TYPE_CXL_BOOT_REGION);
        return;
    }
    regions = regions ?: g_ptr_array_new();
    g_ptr_array_add(regions, &s->region);
    s->place = cxl_boot_offset((void *)regions->pdata, regions->len);
    s->complete = true;
    qemu_register_resettable(OBJECT(s));
}

static ResettableState *boot_reset_state(Object *obj)
{
    return &CXL_BOOT_REGION(obj)->reset_state;
}

/* --- properties -------------------------------------------------------- */

#define PROPERTY(field, name, type, visit, description) \
    GIVEN(CxlBootObject, field, name, type, visit, description)

static const GivenProperty properties[] = {
    PROPERTY(region.window, "window", "uint32",
             given_visit_uint32,
             "number of the fixed memory window, in the order of addresses"),
    PROPERTY(region.offset, "offset", "size",
             given_visit_size,
             "bytes from the start of the window to that of the region"),
    PROPERTY(region.size, "size", "size",
             given_visit_size,
             "bytes of host address space, all ways together"),
    PROPERTY(region.granularity, "granularity", "size",
             given_visit_size,
             "bytes that each device serves in a row; 0: as the window"),
    PROPERTY(devices, "devices", "strList",
             given_visit_strings,
             "memory devices in the order in which they take turns"),
    PROPERTY(region.persistent, "persistent", "bool",
             given_visit_bool,
             "take persistent capacity instead of volatile"),
    PROPERTY(region.lock, "lock", "bool",
             given_visit_bool,
             "decoders stay until the next reset of the machine"),
    PROPERTY(region.hole, "hole", "bool",
             given_visit_bool,
             "decoders may be longer than the window, which ends below a hole"),
    PROPERTY(soft_reserved, "soft-reserved", "bool",
             given_visit_bool,
             "SeaBIOS hands the region over as memory for a purpose"),
};

/* Where devices are, whatever their names are */
static char *shape_value(Object *obj, const char *property)
{
    CxlBootObject *s = CXL_BOOT_REGION(obj);
    g_autoptr(GString) places = g_string_new(NULL);

    if (!strcmp(property, "offset") &&
        s->region.offset == CXL_BOOT_BEHIND_OTHERS) {
        return g_strdup("behind others");
    }
    if (strcmp(property, "devices")) {
        return NULL;
    }
    for (strList *d = s->devices; d; d = d->next) {
        g_autofree char *place = pci_shape_place(d->value);

        g_string_append_printf(places, "%s%s", places->len ? ", " : "", place);
    }
    return g_strdup(places->str);
}

static const char *const shape_properties[] = {
    "window", "offset", "size", "granularity", "devices", "persistent",
    "lock", "hole", "soft-reserved", NULL
};

static const PciShapeType shape = {
    .type = TYPE_CXL_BOOT_REGION, .properties = shape_properties,
    .value = shape_value,
};

static void boot_init(Object *obj)
{
    CXL_BOOT_REGION(obj)->region.offset = CXL_BOOT_BEHIND_OTHERS;
}

static void boot_finalize(Object *obj)
{
    CxlBootObject *s = CXL_BOOT_REGION(obj);

    if (s->complete) {
        qemu_unregister_resettable(obj);
        g_ptr_array_remove(regions, &s->region);
    }
    if (s->there && s->soft_reserved) {
        tell_firmware();
    }
    given_forget(obj, properties, ARRAY_SIZE(properties));
}

static void boot_class_init(ObjectClass *oc, MemfabClassData data)
{
    ResettableClass *rc = RESETTABLE_CLASS(oc);

    USER_CREATABLE_CLASS(oc)->complete = boot_complete;
    rc->get_state = boot_reset_state;
    rc->phases.exit = boot_reset_exit;
    given_class_add(oc, properties, ARRAY_SIZE(properties));
    pci_shape_type(&shape);
}

static const TypeInfo boot_region_types[] = {
    {
        .name = TYPE_CXL_BOOT_REGION,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(CxlBootObject),
        .instance_init = boot_init,
        .instance_finalize = boot_finalize,
        .class_init = boot_class_init,
        .interfaces = MEMFAB_INTERFACES({ TYPE_USER_CREATABLE },
                                        { TYPE_RESETTABLE_INTERFACE }),
    },
};

DEFINE_TYPES(boot_region_types)
