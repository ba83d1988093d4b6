/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saved state of the windows on its way: who asks for it, and how the devices
 * and bridges are called that it speaks of.  What it is made of, and how it is
 * judged, is core/window-save.c; QEMU does not save decoders of bridges.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "hw/cxl/core/window-save.h"
#include "hw/cxl/wire/component.h"
#include "hw/cxl/window/internal.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pci_host.h"
#include "migration/misc.h"
#include "migration/vmstate.h"

static char *path_of(void *opaque, void *device)
{
    CxlWindowMember *m = device;

    return object_get_canonical_path(OBJECT(m->pdev));
}

static void *member_at(void *opaque, const char *path)
{
    CxlWindows *ws = opaque;
    CxlWindowMember *m;

    QTAILQ_FOREACH(m, &ws->members, next) {
        g_autofree char *own = path_of(ws, m);

        if (!strcmp(own, path)) {
            return m;
        }
    }
    return NULL;
}

static bool backed(void *opaque, void *device, uint64_t dpa, uint64_t len)
{
    return cxl_window_storage_there(device, dpa, len);
}

/* Memory with a layout file is in its order before anything is loaded. */
static unsigned way(void *opaque, void *device, uint64_t dpa, uint64_t len)
{
    CxlWindowMember *m = device;
    unsigned flags = 0;

    while (len) {
        uint64_t offset, run;
        MemoryRegion *mr = m->ops->storage(m, dpa, len, &offset, &run);

        flags |= m->layout && migrate_ram_is_ignored(mr->ram_block) ?
                 CXL_BYTES_STAY : CXL_BYTES_TRAVEL;
        dpa += run;
        len -= run;
    }
    return flags;
}

/*
 * Where the upstream port is, or the PCI device that has made the host bridge;
 * the path of the latter is another one in each release of QEMU.
 */
static char *name_of(Object *bridge)
{
    PCIHostState *hb = (PCIHostState *)
        object_dynamic_cast(bridge, TYPE_PCI_HOST_BRIDGE);

    return qdev_get_dev_path(hb ? DEVICE(hb->bus->parent_dev)
                                : DEVICE(bridge));
}

typedef struct Look {
    const char *name;           /* or path, of a stream of before */
    CXLComponentState *found;
} Look;

static void look_at(void *opaque, Object *bridge, CXLComponentState *c)
{
    Look *look = opaque;
    g_autofree char *name = *look->name == '/' ?
                            object_get_canonical_path(bridge) :
                            name_of(bridge);

    look->found = strcmp(name, look->name) ? look->found : c;
}

static uint8_t *decoders_at(void *opaque, const char *name)
{
    CxlWindows *ws = opaque;
    Look look = { .name = name };
    CxlWindowMember *m;

    QTAILQ_FOREACH(m, &ws->members, next) {
        cxl_window_tree_bridges(m->pdev, look_at, &look);
    }
    return look.found ?
           (uint8_t *)look.found->crb.cache_mem_registers + CXL_COMP_HDM : NULL;
}

static const CxlWindowSaveOps ops = {
    .path = path_of, .device = member_at, .backed = backed, .way = way,
    .decoders = decoders_at,
};

static void note_bridge(void *opaque, Object *bridge, CXLComponentState *c)
{
    g_autofree char *name = name_of(bridge);

    if (!g_ptr_array_find_with_equal_func(opaque, name, g_str_equal, NULL)) {
        g_ptr_array_add(opaque, g_steal_pointer(&name));
    }
}

static int pre_save(void *opaque)
{
    CxlWindows *ws = opaque;
    g_autoptr(GPtrArray) bridges = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GByteArray) out = g_byte_array_new();
    CxlWindowMember *m;

    QTAILQ_FOREACH(m, &ws->members, next) {
        cxl_window_tree_bridges(m->pdev, note_bridge, bridges);
    }
    if (!cxl_window_save(&ws->slices, bridges, &ops, ws, out)) {
        error_report("capability 'x-ignore-shared': CXL memory is interleaved "
                     "of which only a part is in shared files");
        return -EINVAL;
    }
    pci_saved_put(&ws->saved, out);
    /* Bytes that travel have left already, and the stream says what is zero. */
    if (!cxl_slices_settle(&ws->slices)) {
        error_report("CXL memory that was reset cannot be written");
        return -EIO;
    }
    return 0;
}

static int post_load(void *opaque, int version)
{
    CxlWindows *ws = opaque;
    g_autofree uint8_t *bytes = pci_saved_take(&ws->saved);
    g_autofree char *problem = NULL;

    if (!cxl_window_load(&ws->slices, &ops, ws, bytes, ws->saved.len,
                         &problem)) {
        error_report("saved state of the CXL windows: %s", problem);
        return -EINVAL;
    }
    cxl_window_layout_record(ws);
    ws->changed(ws);
    return 0;
}

static bool needed(void *opaque)
{
    CxlWindows *ws = opaque;

    return !QTAILQ_EMPTY(&ws->members);
}

static const VMStateDescription vmstate_windows = {
    .name = "memfab-cxl-windows",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = needed,
    .pre_save = pre_save,
    .post_load = post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT(saved, CxlWindows, 1, vmstate_pci_saved, PciSaved),
        VMSTATE_END_OF_LIST()
    }
};

void cxl_window_vmstate_init(CxlWindows *ws)
{
    ws->saved.max = CXL_WINDOW_SAVED_MAX;
    vmstate_register(NULL, 0, &vmstate_windows, ws);
}
