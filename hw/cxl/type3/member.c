/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the fixed memory windows ask of a memory device: where its bytes are,
 * and what an access to them meets.  Poison that is only listed is nothing
 * that an access could meet.
 *
 * The windows themselves are hw/cxl/window, the answers come from the core and
 * the backends.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "hw/cxl/core/mediaops.h"
#include "hw/cxl/window/host-lost.h"
#include "hw/cxl/window/layout-file.h"
#include "hw/cxl/type3/memdev.h"

static CxlMemdevPci *owner(CxlWindowMember *m)
{
    return container_of(m, CxlMemdevPci, window);
}

static MemoryRegion *storage(CxlWindowMember *m, uint64_t dpa, uint64_t len,
                             uint64_t *offset, uint64_t *run)
{
    CxlBackend *be = cxl_backend_find(owner(m)->backend, dpa, len, offset,
                                      run);

    return be ? be->mr : NULL;
}

/*
 * Others can open the bytes by a name, or they outlive us.  Persistent memory
 * of a machine that runs is its own.
 */
static CxlKeep keep_of(CxlMemdevPci *s, CxlBackend *be)
{
    if (be == &s->backend[CXL_BACKEND_PERSISTENT]) {
        return CXL_KEEP_RECORDED;
    }
    return qemu_ram_is_shared(be->mr->ram_block) &&
           qemu_ram_is_named_file(be->mr->ram_block) ? CXL_KEEP_SHARED
                                                     : CXL_KEEP_ANY;
}

static CxlKeep keep(CxlWindowMember *m, uint64_t dpa, uint64_t len)
{
    CxlMemdevPci *s = owner(m);
    CxlKeep strictest = CXL_KEEP_ANY;

    while (len) {
        uint64_t offset, run;
        CxlBackend *be = cxl_backend_find(s->backend, dpa, len, &offset, &run);

        if (!be) {
            return CXL_KEEP_SHARED;
        }
        strictest = MAX(strictest, keep_of(s, be));
        dpa += run;
        len -= run;
    }
    return strictest;
}

static bool list_only(const CxlMemdevPci *s)
{
    return s->props.poison_mode == CXL_POISON_MODE_LIST_ONLY;
}

static uint64_t access_run(CxlWindowMember *m, uint64_t dpa, uint64_t len,
                           CxlAccess *access)
{
    uint64_t run = cxl_memdev_access_run(owner(m)->core, dpa, len, access);

    if (*access == CXL_ACCESS_POISON && list_only(owner(m))) {
        *access = CXL_ACCESS_OK;
    }
    return run;
}

static void count(CxlWindowMember *m, bool is_write, uint64_t dpa,
                  uint64_t len)
{
    CxlMemdev *core = owner(m)->core;

    if (cxl_memdev_host_counted(core)) {
        cxl_memdev_host_counts(core, is_write, dpa, len,
                               cxl_endpoint_decoder_of(m->ep, dpa));
    }
}

static void reads(CxlWindowMember *m, uint64_t dpa, uint64_t len)
{
    count(m, false, dpa, len);
}

static void wrote(CxlWindowMember *m, uint64_t dpa, uint64_t len)
{
    count(m, true, dpa, len);
    /* Most stores are never seen then; those that are make no difference. */
    if (!list_only(owner(m))) {
        cxl_memdev_host_wrote(owner(m)->core, dpa, len);
    }
}

static void read_poison(CxlWindowMember *m, uint64_t dpa)
{
    cxl_memdev_host_read_poison(owner(m)->core, dpa);
}

static void lost(CxlWindowMember *m, uint64_t dpa, uint64_t len)
{
    cxl_mediaops_lost(owner(m)->core, dpa, len);
}

/* Labels are no media: they are zeroes then, which is none. */
static void backend_lost(void *opaque, MemoryRegion *mr, uint64_t offset,
                         uint64_t len)
{
    CxlBackend *be = opaque;
    CxlMemdevPci *s = CXL_MEMDEV_PCI(be->owner);
    bool labels = be == &s->backend[CXL_BACKEND_LSA];

    warn_report("memory backend '%s': the host has lost 0x%" PRIx64 " bytes at"
                " 0x%" PRIx64 ", they are %s from now on and are kept in no "
                "file; has it become shorter, or is its disk full?",
                object_get_canonical_path_component(OBJECT(be->host)), len,
                offset, labels ? "zeroes" : "poison");
    if (!labels) {
        cxl_window_storage_lost(&s->window, be->dpa + offset, len);
    }
}

static void watch_backends(CxlMemdevPci *s)
{
    for (unsigned i = 0; i < CXL_BACKEND_COUNT; i++) {
        if (s->backend[i].mr) {
            cxl_host_lost_watch(s->backend[i].mr, backend_lost,
                                &s->backend[i]);
        }
    }
}

/*
 * Beside the memory that it is about: devices whose files lie together share
 * it, and find it again whatever the machine is called then.
 */
static char *layout_path(CxlMemdevPci *s, Error **errp)
{
    static const CxlBackendKind kinds[] = {
        CXL_BACKEND_PERSISTENT, CXL_BACKEND_VOLATILE, CXL_BACKEND_DYNAMIC,
    };
    HostMemoryBackend *host = NULL;
    g_autofree char *path = NULL, *folder = NULL;
    struct stat st;

    if (strcmp(s->props.layout_file, "auto")) {
        return g_strdup(s->props.layout_file);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds) && !host; i++) {
        host = s->backend[kinds[i]].host;
    }
    if (object_dynamic_cast(OBJECT(host), "memory-backend-file")) {
        path = object_property_get_str(OBJECT(host), "mem-path", NULL);
    }
    if (!path || !host->share || stat(path, &st) || !S_ISREG(st.st_mode)) {
        error_setg(errp, "property 'layout-file': 'auto' is beside the file "
                   "of a memory-backend-file with share=on, which '%s' is "
                   "not; give a path",
                   object_get_canonical_path_component(OBJECT(host)));
        return NULL;
    }
    folder = g_path_get_dirname(path);
    return g_build_filename(folder, "cxl-layout", NULL);
}

/* Its file stays as it was, in device order, whatever is recorded of it. */
static bool is_private_file(const HostMemoryBackend *host)
{
    return host && !host->share &&
           object_dynamic_cast(OBJECT(host), "memory-backend-file");
}

static bool open_layout(CxlMemdevPci *s, Error **errp)
{
    HostMemoryBackend *persistent = s->backend[CXL_BACKEND_PERSISTENT].host;
    g_autofree char *path = NULL;

    s->window.layout = NULL;
    if (!s->props.layout_file) {
        return true;
    }
    if (is_private_file(persistent)) {
        error_setg(errp, "property 'layout-file': persistent memory '%s' is a "
                   "file with share=off, which never gets the order that is "
                   "recorded; give it share=on",
                   object_get_canonical_path_component(OBJECT(persistent)));
        return false;
    }
    path = layout_path(s, errp);
    s->window.layout = path ? cxl_layout_file_open(path, errp) : NULL;
    return s->window.layout;
}

bool cxl_memdev_join_windows(CxlMemdevPci *s, Error **errp)
{
    static const CxlWindowOps ops = {
        .storage = storage,
        .keep = keep,
        .access = access_run,
        .reads = reads,
        .wrote = wrote,
        .read_poison = read_poison,
        .lost = lost,
    };

    s->window.pdev = PCI_DEVICE(s);
    s->window.ep = s->ep;
    s->window.ops = &ops;
    s->window.direct = s->props.direct;
    s->window.always = s->props.poison_mode == CXL_POISON_MODE_TRAP;
    s->window.sn = s->props.core.sn;
    if (!open_layout(s, errp)) {
        return false;
    }
    if (!cxl_window_register(&s->window, errp)) {
        cxl_layout_file_close(s->window.layout);
        return false;
    }
    watch_backends(s);
    return true;
}

void cxl_memdev_leave_windows(CxlMemdevPci *s)
{
    cxl_window_unregister(&s->window);
    cxl_layout_file_close(s->window.layout);
}
