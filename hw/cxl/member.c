/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the fixed memory windows ask of a memory device: whether it takes
 * part, where its bytes are, and what an access to them meets.
 *
 * The windows themselves are window.c, the answers come from the core,
 * the configuration space and the backends.
 */
#include "qemu/osdep.h"
#include "hw/cxl/memdev.h"

static CxlMemdevPci *owner(CxlWindowMember *m)
{
    return container_of(m, CxlMemdevPci, window);
}

static bool enabled(CxlWindowMember *m)
{
    CxlMemdevPci *s = owner(m);

    return cxl_config_mem_enabled(&s->config, PCI_DEVICE(s));
}

static MemoryRegion *storage(CxlWindowMember *m, uint64_t dpa, uint64_t len,
                             uint64_t *offset, uint64_t *run)
{
    CxlBackend *be = cxl_backend_find(owner(m)->backend, dpa, len, offset,
                                      run);

    return be ? be->mr : NULL;
}

/*
 * Bytes of a file that others can open by its name have to lie in device
 * order, and so do those that outlive us; the rest is nobody's but ours.
 */
static bool reorder(CxlWindowMember *m, uint64_t dpa)
{
    CxlMemdevPci *s = owner(m);
    uint64_t offset, run;
    CxlBackend *be = cxl_backend_find(s->backend, dpa, 1, &offset, &run);

    return be && be != &s->backend[CXL_BACKEND_PERSISTENT] &&
           !(qemu_ram_is_shared(be->mr->ram_block) &&
             qemu_ram_is_named_file(be->mr->ram_block));
}

static uint64_t access_run(CxlWindowMember *m, uint64_t dpa, uint64_t len,
                           CxlAccess *access)
{
    return cxl_memdev_access_run(owner(m)->core, dpa, len, access);
}

static void wrote(CxlWindowMember *m, uint64_t dpa, uint64_t len)
{
    cxl_memdev_host_wrote(owner(m)->core, dpa, len);
}

static void read_poison(CxlWindowMember *m, uint64_t dpa)
{
    cxl_memdev_host_read_poison(owner(m)->core, dpa);
}

void cxl_memdev_join_windows(CxlMemdevPci *s)
{
    static const CxlWindowOps ops = {
        .enabled = enabled,
        .storage = storage,
        .reorder = reorder,
        .access = access_run,
        .wrote = wrote,
        .read_poison = read_poison,
    };

    s->window.pdev = PCI_DEVICE(s);
    s->window.hdm = &s->component.hdm;
    s->window.ops = &ops;
    s->window.direct = s->props.direct;
    cxl_window_register(&s->window);
}
