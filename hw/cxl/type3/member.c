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

/* Others can open the bytes by a name, or they outlive us. */
static bool lasting(CxlMemdevPci *s, CxlBackend *be)
{
    return be == &s->backend[CXL_BACKEND_PERSISTENT] ||
           (qemu_ram_is_shared(be->mr->ram_block) &&
            qemu_ram_is_named_file(be->mr->ram_block));
}

static CxlKeep keep(CxlWindowMember *m, uint64_t dpa, uint64_t len)
{
    CxlMemdevPci *s = owner(m);

    while (len) {
        uint64_t offset, run;
        CxlBackend *be = cxl_backend_find(s->backend, dpa, len, &offset, &run);

        if (!be || lasting(s, be)) {
            return CXL_KEEP_RECORDED;
        }
        dpa += run;
        len -= run;
    }
    return CXL_KEEP_ANY;
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

bool cxl_memdev_join_windows(CxlMemdevPci *s, Error **errp)
{
    static const CxlWindowOps ops = {
        .storage = storage,
        .keep = keep,
        .access = access_run,
        .reads = reads,
        .wrote = wrote,
        .read_poison = read_poison,
    };

    s->window.pdev = PCI_DEVICE(s);
    s->window.ep = s->ep;
    s->window.ops = &ops;
    s->window.direct = s->props.direct;
    s->window.always = s->props.poison_mode == CXL_POISON_MODE_TRAP;
    s->window.sn = s->props.core.sn;
    s->window.layout = NULL;
    if (s->props.layout_file) {
        s->window.layout = cxl_layout_file_open(s->props.layout_file, errp);
        if (!s->window.layout) {
            return false;
        }
    }
    if (!cxl_window_register(&s->window, errp)) {
        cxl_layout_file_close(s->window.layout);
        return false;
    }
    return true;
}

void cxl_memdev_leave_windows(CxlMemdevPci *s)
{
    cxl_window_unregister(&s->window);
    cxl_layout_file_close(s->window.layout);
}
