/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Host memory behind a memory device: who owns a backend, and plain copies in
 * and out of it.
 *
 * Not here: which sizes are accepted (core/params.c), the order in which bytes
 * lie in it when regions interleave (hw/cxl/window), and what device addresses
 * mean (core/media.c).
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/cutils.h"
#include "qemu/units.h"
#include "migration/vmstate.h"
#include "hw/memfab/compat.h"
#include "hw/memfab/problem.h"
#include "hw/cxl/core/params.h"
#include "hw/cxl/type3/backend.h"
#include "hw/cxl/window/host-lost.h"
#include "hw/cxl/window/host-zero.h"
#include "hw/cxl/window/window.h"

bool cxl_backend_claim(CxlBackend *be, CxlBackendKind kind,
                       DeviceState *owner, Error **errp)
{
    const char *path;
    MemoryRegion *mr;

    if (!be->host) {
        return true;
    }
    path = object_get_canonical_path_component(OBJECT(be->host));
    mr = host_memory_backend_get_memory(be->host);
    if (!mr) {
        error_setg(errp, "property '%s': memory backend '%s' has no memory",
                   be->prop, path);
        return false;
    }
    if (!cxl_window_lets_go(mr)) {
        error_setg(errp, "property '%s': memory backend '%s' still keeps bytes"
                   " of devices that it was interleaved with; try again when "
                   "they have moved", be->prop, path);
        return false;
    }
    if (host_memory_backend_is_mapped(be->host)) {
        error_setg(errp, "property '%s': memory backend '%s' is already used"
                   " and can't be used multiple times", be->prop, path);
        return false;
    }
    if (memory_region_is_rom(mr)) {
        error_setg(errp, "property '%s': memory backend '%s' is read-only",
                   be->prop, path);
        return false;
    }
    if (memfab_refused(cxl_params_backend_problem(be->prop,
                                                  kind == CXL_BACKEND_LSA,
                                                  memory_region_size(mr)),
                       errp)) {
        return false;
    }
    memory_region_set_nonvolatile(mr, kind == CXL_BACKEND_PERSISTENT);
    memory_region_set_enabled(mr, true);
    host_memory_backend_set_mapped(be->host, true);
    vmstate_register_ram(mr, owner);
    be->mr = mr;
    be->bytes = memory_region_get_ram_ptr(mr);
    be->size = memory_region_size(mr);
    be->owner = owner;
    return true;
}

void cxl_backend_release(CxlBackend *be, DeviceState *owner)
{
    if (!be->mr) {
        return;
    }
    vmstate_unregister_ram(be->mr, owner);
    if (!cxl_window_holds(be->mr)) {
        cxl_host_lost_unwatch(be->mr);
        host_memory_backend_set_mapped(be->host, false);
    }
    be->mr = NULL;
    be->bytes = NULL;
    be->size = 0;
}

const char *cxl_backend_name(const CxlBackend *be)
{
    return be->mr ? qemu_ram_get_idstr(be->mr->ram_block) : "";
}

/* False: one of them is taken by other memory. */
static bool set_names(CxlBackend *set, const char *const *names)
{
    for (unsigned i = 0; i < CXL_BACKEND_COUNT; i++) {
        if (set[i].mr) {
            qemu_ram_unset_idstr(set[i].mr->ram_block);
        }
    }
    for (unsigned i = 0; i < CXL_BACKEND_COUNT; i++) {
        if (set[i].mr && qemu_ram_block_by_name(names[i])) {
            return false;
        }
        if (set[i].mr) {
            qemu_ram_set_idstr(set[i].mr->ram_block, names[i], NULL);
        }
    }
    return true;
}

bool cxl_backend_rename(CxlBackend *set, const char *const *names,
                        const char *place)
{
    char own[CXL_BACKEND_COUNT][sizeof(((RAMBlock *)0)->idstr)];
    const char *before[CXL_BACKEND_COUNT], *after[CXL_BACKEND_COUNT];
    size_t len = strlen(place);

    for (unsigned i = 0; i < CXL_BACKEND_COUNT; i++) {
        pstrcpy(own[i], sizeof(own[i]), cxl_backend_name(&set[i]));
        before[i] = own[i];
        after[i] = names[i] ?: own[i];
        if (set[i].mr && (strncmp(after[i], place, len) ||
                          after[i][len] != '/' ||
                          strlen(after[i]) >= sizeof(own[i]))) {
            return false;
        }
    }
    if (set_names(set, after)) {
        return true;
    }
    set_names(set, before);
    return false;
}

void cxl_backend_read(const CxlBackend *be, uint64_t offset, void *buf,
                      uint64_t len)
{
    assert(offset <= be->size && len <= be->size - offset);
    memcpy(buf, be->bytes + offset, len);
}

void cxl_backend_write(CxlBackend *be, uint64_t offset, const void *buf,
                       uint64_t len)
{
    assert(offset <= be->size && len <= be->size - offset);
    memcpy(be->bytes + offset, buf, len);
    memory_region_set_dirty(be->mr, offset, len);
}

void cxl_backend_zero(CxlBackend *be)
{
    cxl_host_zero(be->mr, 0, be->size);
}

CxlBackend *cxl_backend_find(CxlBackend *set, uint64_t dpa, uint64_t len,
                             uint64_t *offset, uint64_t *run)
{
    unsigned kind;

    for (kind = 0; kind < CXL_BACKEND_LSA; kind++) {
        CxlBackend *be = &set[kind];

        if (be->mr && dpa >= be->dpa && dpa - be->dpa < be->size) {
            *offset = dpa - be->dpa;
            *run = MIN(len, be->size - *offset);
            return be;
        }
    }
    return NULL;
}
