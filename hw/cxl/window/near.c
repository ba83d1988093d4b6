/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Near memory: RAM of the platform in the lower half of a fixed memory window,
 * whose upper half is CXL memory.  Such a platform keeps in the RAM what is
 * used of both ("extended linear cache", ACPI 6.5 5.2.28.5), so that software
 * has the sum of both.  Which half has a line is no business of software, and
 * not modelled: each address has its own place.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/module.h"
#include "hw/cxl/cxl_host.h"
#include "hw/cxl/tables.h"
#include "hw/cxl/window/attributes.h"
#include "hw/memfab/compat.h"
#include "system/hostmem.h"
#include "system/system.h"

static HostMemoryBackend *backend_of(unsigned n)
{
    const char *id = cxl_window_near_id(n);
    /* To QOM the empty path is any object of the type. */
    Object *obj = id && *id ? object_resolve_path_type(id, TYPE_MEMORY_BACKEND,
                                                       NULL) : NULL;

    return obj ? MEMORY_BACKEND(obj) : NULL;
}

static bool fits(const HostMemoryBackend *backend, CXLFixedWindow *fw)
{
    return backend->size == memory_region_size(&fw->mr) / 2;
}

/* Tables may be built before what does not fit has been refused. */
uint64_t cxl_window_near(uint64_t base)
{
    g_autoptr(GPtrArray) fixed = cxl_window_fixed();

    for (unsigned n = 0; n < fixed->len; n++) {
        CXLFixedWindow *fw = g_ptr_array_index(fixed, n);
        const HostMemoryBackend *backend = backend_of(n);

        if (fw->base == base) {
            return backend && fits(backend, fw) ? backend->size : 0;
        }
    }
    return 0;
}

/* Give @fw, which is window @n and has a name for it, its lower half. */
static bool map_near(CXLFixedWindow *fw, unsigned n, Error **errp)
{
    g_autofree char *name = g_strdup_printf("cxl-fmw.%u/near", n);
    HostMemoryBackend *backend = backend_of(n);
    MemoryRegion *mr;

    if (!backend) {
        error_setg(errp, "cxl-window: property 'near-memdev': there is no "
                   "memory backend '%s'", cxl_window_near_id(n));
        return false;
    }
    if (host_memory_backend_is_mapped(backend)) {
        error_setg(errp, "cxl-window: property 'near-memdev': '%s' is used "
                   "already", cxl_window_near_id(n));
        return false;
    }
    if (!fits(backend, fw)) {
        error_setg(errp, "cxl-window: property 'near-memdev': '%s' has %"
                   PRIu64 " bytes, which are not half of the window's %" PRIu64,
                   cxl_window_near_id(n), backend->size,
                   memory_region_size(&fw->mr));
        return false;
    }
    mr = host_memory_backend_get_memory(backend);
    if (memory_region_is_rom(mr)) {
        error_setg(errp, "cxl-window: property 'near-memdev': '%s' is "
                   "read-only", cxl_window_near_id(n));
        return false;
    }
    host_memory_backend_set_mapped(backend, true);
    /* saved state is of a window, whatever its backend is called */
    qemu_ram_set_idstr(mr->ram_block, name, NULL);
    qemu_ram_set_migratable(mr->ram_block);
    /* above our own region, which is above QEMU's */
    memory_region_add_subregion_overlap(&fw->mr, 0, mr, 2);
    return true;
}

static void machine_done(Notifier *notifier, void *data)
{
    g_autoptr(GPtrArray) fixed = cxl_window_fixed();

    for (unsigned n = 0; n < fixed->len; n++) {
        Error *err = NULL;

        if (cxl_window_near_id(n) &&
            !map_near(g_ptr_array_index(fixed, n), n, &err)) {
            error_report_err(err);
            exit(EXIT_FAILURE);
        }
    }
}

static void near_init(void)
{
    static Notifier notifier = { .notify = machine_done };

    qemu_add_machine_init_done_notifier(&notifier);
}

type_init(near_init)
