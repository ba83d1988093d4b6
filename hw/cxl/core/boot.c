/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registers written as firmware writes them.  The contract is in boot.h; when
 * that is, and for which devices, is window/boot.c.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/boot.h"
#include "hw/cxl/core/hdm.h"
#include "hw/cxl/core/memdev.h"
#include "hw/cxl/wire/component.h"
#include "hw/cxl/wire/dvsec.h"

uint64_t cxl_boot_offset(const CxlBootRegion *const *regions, unsigned count)
{
    const CxlBootRegion *last = regions[count - 1];
    uint64_t end = 0;

    for (unsigned i = 0; i < count - 1; i++) {
        const CxlBootRegion *r = regions[i];

        if (r->window == last->window) {
            end = MAX(end, (r->offset == CXL_BOOT_BEHIND_OTHERS ? end
                                                                : r->offset) +
                           r->size);
        }
    }
    return last->offset == CXL_BOOT_BEHIND_OTHERS ? end : last->offset;
}

uint64_t cxl_boot_reached(const CxlBootRegion *region, uint64_t offset,
                          const CxlBootWindow *window)
{
    return MIN(region->size, window->size - offset);
}

/* --- what can be said before a register is written ----------------------- */

/* Decoders that are longer than their window, CXL r3.2 9.18.1.3 */
static char *check_hole(const CxlBootRegion *r, uint64_t offset,
                        const CxlBootWindow *w)
{
    if (w->next && r->size > w->next - w->base - offset) {
        return g_strdup_printf("property 'hole': 0x%" PRIx64 " bytes at offset"
                               " 0x%" PRIx64 " end in another window, which "
                               "begins 0x%" PRIx64 " bytes behind this one",
                               r->size, offset, w->next - w->base);
    }
    return NULL;
}

static char *check_place(const CxlBootRegion *r, uint64_t offset,
                         const CxlBootWindow *w, unsigned ways)
{
    if (r->window >= w->windows) {
        return g_strdup_printf("property 'window': there is no window %u, the"
                               " machine has %u", r->window, w->windows);
    }
    if (!r->size || r->size % (CXL_HDM_ALIGN * ways)) {
        return g_strdup_printf("property 'size': 0x%" PRIx64 " is not a "
                               "multiple of 256 MiB for each of %u devices",
                               r->size, ways);
    }
    if (offset % CXL_HDM_ALIGN) {
        return g_strdup_printf("property 'offset': 0x%" PRIx64 " is not a "
                               "multiple of 256 MiB", offset);
    }
    if (offset < w->near) {
        return g_strdup_printf("property 'offset': 0x%" PRIx64 " lies in the "
                               "first 0x%" PRIx64 " bytes of the window, which"
                               " are its near memory", offset, w->near);
    }
    if (r->hole && offset < w->size) {
        return check_hole(r, offset, w);
    }
    if (offset > w->size || r->size > w->size - offset) {
        return g_strdup_printf("property 'size': 0x%" PRIx64 " bytes at "
                               "offset 0x%" PRIx64 " do not fit in the window"
                               " of 0x%" PRIx64 " bytes", r->size, offset,
                               w->size);
    }
    return NULL;
}

static char *check_device(const CxlBootDevice *device, unsigned n)
{
    const CxlBootDevice *d = &device[n];

    if (!d->ep) {
        return g_strdup_printf("property 'devices': '%s' is not a CXL memory "
                               "device of this machine", d->name);
    }
    if (!d->path.hops) {
        return g_strdup_printf("property 'devices': '%s' is not below a root "
                               "port of a CXL host bridge, with at most %d "
                               "bridges between", d->name,
                               CXL_PLAN_HOPS_MAX - 1);
    }
    if (!cxl_endpoint_bias(d->ep) != !cxl_endpoint_bias(device->ep)) {
        return g_strdup_printf("property 'devices': one of '%s' and '%s' is "
                               "an accelerator, and they cannot take turns",
                               device->name, d->name);
    }
    for (unsigned i = 0; i < n; i++) {
        if (device[i].ep == d->ep) {
            return g_strdup_printf("property 'devices': '%s' is there twice",
                                   d->name);
        }
    }
    return NULL;
}

static char *check_all(const CxlBootRegion *r, uint64_t offset,
                       const CxlBootWindow *w, const CxlBootDevice *device,
                       unsigned ways)
{
    char *problem = NULL;

    if (!ways) {
        return g_strdup("property 'devices' names no device");
    }
    for (unsigned n = 0; n < ways && !problem; n++) {
        problem = check_device(device, n);
    }
    return problem ? problem : check_place(r, offset, w, ways);
}

static char *make_plan(const CxlBootRegion *r, const CxlBootWindow *w,
                       const CxlBootDevice *device, unsigned ways,
                       CxlPlan *plan)
{
    g_autofree CxlPlanPath *path = g_new(CxlPlanPath, ways);
    g_autofree char *problem = NULL;

    for (unsigned n = 0; n < ways; n++) {
        path[n] = device[n].path;
    }
    problem = cxl_plan_make(plan, &w->plan, path, ways, r->granularity);
    return problem ? g_strdup_printf("properties 'devices' and 'granularity':"
                                     " %s", problem) : NULL;
}

/* --- registers of a capability of HDM decoders --------------------------- */

typedef struct Registers {
    uint32_t (*get)(void *opaque, unsigned offset);
    void (*put)(void *opaque, unsigned offset, uint32_t value);
    void *opaque;
} Registers;

static uint32_t get(const Registers *r, unsigned offset)
{
    return r->get(r->opaque, offset);
}

static void put(const Registers *r, unsigned offset, uint32_t value)
{
    r->put(r->opaque, offset, value);
}

static void put_pair(const Registers *r, unsigned offset, uint64_t value)
{
    put(r, offset, value);
    put(r, offset + 4, value >> 32);
}

/* Behind the last one that is committed; -1: there is none. */
static int free_decoder(const Registers *r)
{
    int count = cxl_hdm_count(get(r, CXL_HDM_CAP)), n = count;

    while (n && !(get(r, CXL_HDM_CTRL(n - 1)) & CXL_HDM_CTRL_COMMITTED)) {
        n--;
    }
    return n < count ? n : -1;
}

/* What all decoders of a region have in common */
typedef struct Common {
    uint64_t base, size;
    bool lock;
    bool accelerator;           /* memory is device coherent */
} Common;

/* @last: skip of a device, target list of a bridge */
static bool commit(const Common *c, const Registers *r, int n, unsigned ig,
                   unsigned iw, uint64_t last)
{
    uint32_t ctrl = ig | CXL_HDM_CTRL_IW(iw) | CXL_HDM_CTRL_COMMIT |
                    (c->lock ? CXL_HDM_CTRL_LOCK : 0) |
                    (c->accelerator ? 0 : CXL_HDM_CTRL_HOST_ONLY);

    put_pair(r, CXL_HDM_BASE_LO(n), c->base);
    put_pair(r, CXL_HDM_SIZE_LO(n), c->size);
    put_pair(r, CXL_HDM_TARGET_LO(n), last);
    put(r, CXL_HDM_CTRL(n), ctrl);
    put(r, CXL_HDM_GLOBAL, CXL_HDM_GLOBAL_ENABLE);
    return get(r, CXL_HDM_CTRL(n)) & CXL_HDM_CTRL_COMMITTED;
}

static bool passes(const CxlPlanPath *path, const void *bridge)
{
    for (unsigned i = 0; i < path->hops; i++) {
        if (path->hop[i].bridge == bridge) {
            return true;
        }
    }
    return false;
}

static char *commit_bridge(const Common *c, const CxlPlanDecoder *d,
                           const CxlBootDevice *device, const CxlBootOps *ops)
{
    const Registers regs = { ops->get, ops->put, d->bridge };
    int n;

    if (!ops->decodes(d->bridge)) {
        return NULL;
    }
    n = free_decoder(&regs);
    if (n >= 0 && commit(c, &regs, n, d->ig, d->iw, ldq_le_p(d->target))) {
        return NULL;
    }
    while (!passes(&device->path, d->bridge)) {
        device++;
    }
    return g_strdup_printf("property 'devices': a bridge above '%s' has no "
                           "decoder left", device->name);
}

/* --- devices ------------------------------------------------------------- */

static uint32_t device_get(void *ep, unsigned offset)
{
    return cxl_endpoint_component_read(ep, CXL_COMP_CACHEMEM + CXL_COMP_HDM +
                                       offset, 4);
}

static void device_put(void *ep, unsigned offset, uint32_t value)
{
    cxl_endpoint_component_write(ep, CXL_COMP_CACHEMEM + CXL_COMP_HDM +
                                 offset, value, 4);
}

/* Where decoders before @n end in device address space */
static uint64_t device_used(const CxlEndpoint *ep, int n)
{
    CxlHdmDecoder d;

    if (!n) {
        return 0;
    }
    cxl_endpoint_decoder(ep, n - 1, &d);
    return d.dpa + d.size / cxl_interleave_ways(d.iw);
}

/* Capacity of one kind is taken in its order; volatile comes first. */
static bool device_skip(bool persistent, CxlEndpoint *ep, int n,
                        uint64_t *skip)
{
    CxlMemdev *ld = cxl_endpoint_ld(ep);
    uint64_t boundary = ld ? cxl_media_volatile(&ld->media) : 0;
    uint64_t total = ld ? cxl_media_total(&ld->media) : 0;
    uint64_t used = device_used(ep, n);

    *skip = persistent && used < boundary ? boundary - used : 0;
    return used + *skip < (persistent ? total : boundary);
}

static char *commit_device(const Common *c, const CxlBootDevice *device,
                           bool persistent, const CxlPlan *plan)
{
    const Registers regs = { device_get, device_put, device->ep };
    const char *kind = persistent ? "persistent" : "volatile";
    int n = free_decoder(&regs);
    CxlHdmDecoder ignored;
    uint64_t skip;

    if (n < 0) {
        return g_strdup_printf("property 'devices': '%s' has no decoder left",
                               device->name);
    }
    if (!device_skip(persistent, device->ep, n, &skip)) {
        return g_strdup_printf("property 'devices': '%s' has no %s capacity "
                               "left", device->name, kind);
    }
    if (commit(c, &regs, n, plan->ig, plan->iw, skip)) {
        return NULL;
    }
    return g_strdup_printf("property 'size': '%s' refuses 0x%" PRIx64 " bytes"
        " of %s capacity: %s", device->name,
        c->size / cxl_interleave_ways(plan->iw), kind,
        cxl_hdm_error_name(cxl_endpoint_decoder(device->ep, n, &ignored)));
}

/* In the control register of the device DVSEC */
static void switch_mem_on(CxlEndpoint *ep)
{
    unsigned i = 0, at;

    do {
        at = cxl_endpoint_cap(ep, i++).offset;
    } while (cxl_endpoint_config_read(ep, at + 4, 0, 2) != CXL_DVSEC_VENDOR ||
             cxl_endpoint_config_read(ep, at + 8, 0, 2) !=
             CXL_DVSEC_ID_DEVICE);
    at += CXL_DVSEC_DEV_CTRL;
    cxl_endpoint_config_write(ep, at, CXL_DVSEC_DEV_CTRL_MEM |
                              cxl_endpoint_config_read(ep, at, 0, 2), 2);
}

char *cxl_boot_commit(const CxlBootRegion *region, uint64_t offset,
                      const CxlBootWindow *window,
                      const CxlBootDevice *device, unsigned ways,
                      const CxlBootOps *ops)
{
    char *problem = check_all(region, offset, window, device, ways);
    const Common c = {
        window->base + offset, region->size, region->lock,
        !problem && cxl_endpoint_bias(device->ep),
    };
    CxlPlan plan;

    problem = problem ? problem : make_plan(region, window, device, ways,
                                            &plan);
    if (problem) {
        return problem;
    }
    for (unsigned i = 0; i < plan.decoders->len && !problem; i++) {
        problem = commit_bridge(&c, &g_array_index(plan.decoders,
                                                   CxlPlanDecoder, i),
                                device, ops);
    }
    for (unsigned n = 0; n < ways && !problem; n++) {
        problem = commit_device(&c, &device[n], region->persistent, &plan);
        if (!problem) {
            switch_mem_on(device[n].ep);
        }
    }
    g_array_unref(plan.decoders);
    return problem;
}
