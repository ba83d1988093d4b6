/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Members that have left while a set still keeps bytes in their memory: a
 * stand-in lends the same memory until all bytes are back in device order,
 * which a timer does in short steps with the big lock given back in between.
 * Nothing that is saved could name that memory: the machine cannot be saved
 * meanwhile, and when that has begun already the rest is done as soon as the
 * machine stops for it, before memory is looked at for the last time.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/timer.h"
#include "qemu/units.h"
#include "migration/blocker.h"
#include "system/runstate.h"
#include "hw/memfab/compat.h"
#include "hw/cxl/window/host-lost.h"
#include "hw/cxl/window/internal.h"
#include "hw/cxl/window/layout-file.h"
#include "system/hostmem.h"
#include "hw/cxl/trace.h"

/* At once, before the one who took the member away goes on */
#define AT_ONCE (16 * MiB)
/* For others who want the big lock */
#define PAUSE_MS 1

/* What the member lent, in one piece of host memory */
typedef struct Part {
    uint64_t dpa;
    uint64_t size;
    uint64_t offset;    /* in @mr */
    MemoryRegion *mr;   /* referenced */
    CxlKeep keep;
} Part;

typedef struct Leaving {
    CxlWindowMember member;     /* in the sets, instead of the one that left */
    GArray *parts;              /* Part */
    char *name;
    Error *blocker;             /* NULL: the machine is being saved */
} Leaving;

static Leaving *leaving_of(CxlWindowMember *m)
{
    return container_of(m, Leaving, member);
}

static Part *part_at(Leaving *l, unsigned n)
{
    return &g_array_index(l->parts, Part, n);
}

static MemoryRegion *storage(CxlWindowMember *m, uint64_t dpa, uint64_t len,
                             uint64_t *offset, uint64_t *run)
{
    Leaving *l = leaving_of(m);

    for (unsigned i = 0; i < l->parts->len; i++) {
        const Part *p = part_at(l, i);

        if (dpa >= p->dpa && dpa - p->dpa < p->size) {
            *offset = p->offset + (dpa - p->dpa);
            *run = MIN(len, p->size - (dpa - p->dpa));
            return p->mr;
        }
    }
    return NULL;
}

static CxlKeep keep(CxlWindowMember *m, uint64_t dpa, uint64_t len)
{
    Leaving *l = leaving_of(m);
    CxlKeep strictest = CXL_KEEP_ANY;

    for (unsigned i = 0; i < l->parts->len; i++) {
        const Part *p = part_at(l, i);

        if (p->dpa < dpa + len && dpa < p->dpa + p->size) {
            strictest = MAX(strictest, p->keep);
        }
    }
    return strictest;
}

/* It is in no decoder any more: nothing else is ever asked of it. */
static const CxlWindowOps ops = { .storage = storage, .keep = keep };

static void part_lost(void *opaque, MemoryRegion *mr, uint64_t offset,
                      uint64_t len)
{
    Leaving *l = opaque;

    for (unsigned i = 0; i < l->parts->len; i++) {
        Part p = *part_at(l, i);
        uint64_t from = MAX(offset, p.offset);
        uint64_t to = MIN(offset + len, p.offset + p.size);

        if (p.mr == mr && from < to) {
            cxl_window_storage_lost(&l->member, p.dpa + (from - p.offset),
                                    to - from);
        }
    }
}

static void add_parts(Leaving *l, CxlWindowMember *m, uint64_t dpa,
                      uint64_t len)
{
    while (len) {
        Part p = { .dpa = dpa };

        p.mr = m->ops->storage(m, dpa, len, &p.offset, &p.size);
        if (!p.mr) {
            return;
        }
        p.keep = m->ops->keep(m, dpa, p.size);
        memory_region_ref(p.mr);
        cxl_host_lost_watch(p.mr, part_lost, l);
        g_array_append_val(l->parts, p);
        dpa += p.size;
        len -= p.size;
    }
}

static Leaving *stand_in(CxlWindows *ws, CxlWindowMember *m)
{
    Leaving *l = g_new0(Leaving, 1);

    l->name = g_strdup(m->name);
    l->parts = g_array_new(false, false, sizeof(Part));
    l->member = (CxlWindowMember) {
        .ops = &ops, .sn = m->sn, .name = l->name, .ws = ws,
        .layout = cxl_layout_file_share(m->layout),
    };
    for (unsigned i = 0; i < ws->slices.sets->len; i++) {
        const CxlSliceSet *set = &g_array_index(ws->slices.sets, CxlSliceSet,
                                                i);

        for (unsigned p = 0; p < cxl_interleave_ways(set->iw); p++) {
            if (set->member[p].device == m) {
                add_parts(l, m, set->member[p].dpa, set->len);
            }
        }
    }
    cxl_slices_replace(&ws->slices, m, &l->member);
    return l;
}

/* Bytes are in order, or lost: the memory belongs to its owner again. */
static void let_go(CxlWindows *ws, Leaving *l)
{
    QTAILQ_REMOVE(&ws->leaving, &l->member, next);
    for (unsigned i = 0; i < l->parts->len; i++) {
        Part *p = part_at(l, i);
        Object *owner = memory_region_owner(p->mr);

        if (object_dynamic_cast(owner, TYPE_MEMORY_BACKEND)) {
            host_memory_backend_set_mapped(MEMORY_BACKEND(owner), false);
        }
        cxl_host_lost_unwatch(p->mr);
        memory_region_unref(p->mr);
    }
    migrate_del_blocker(&l->blocker);
    cxl_layout_file_close(l->member.layout);
    g_array_unref(l->parts);
    g_free(l->name);
    g_free(l);
}

static void step(CxlWindows *ws, Leaving *l, uint64_t budget)
{
    CxlSliceResult result;
    uint64_t bytes = 0;

    /* What the host has lost goes back without its bytes. */
    do {
        result = cxl_slices_release(&ws->slices, &l->member, 0, UINT64_MAX,
                                    budget, &bytes);
    } while (result == CXL_SLICE_FAILED && cxl_host_lost_tell());
    trace_memfab_cxl_window_release(l->name, bytes,
                                    result == CXL_SLICE_MORE);
    if (result == CXL_SLICE_FAILED) {
        error_report("no memory to give interleaved CXL memory back to its "
                     "devices; its contents are lost");
        cxl_slices_abandon(&ws->slices, &l->member);
        /* Or a later repair would move bytes that are in order by then. */
        cxl_window_layout_record(ws);
    }
    if (result != CXL_SLICE_MORE) {
        let_go(ws, l);
    }
}

/* Nobody may reach the bytes but through a trap. */
static bool settled(const CxlWindows *ws)
{
    return !qatomic_read(&ws->settling);
}

static void go_on(void *opaque)
{
    CxlWindows *ws = opaque;

    if (!QTAILQ_EMPTY(&ws->leaving) && settled(ws)) {
        step(ws, leaving_of(QTAILQ_FIRST(&ws->leaving)), CXL_WINDOW_STEP);
    }
    if (!QTAILQ_EMPTY(&ws->leaving)) {
        timer_mod(ws->leaving_timer, qemu_clock_get_ms(QEMU_CLOCK_REALTIME) +
                  PAUSE_MS);
    }
}

void cxl_window_leave(CxlWindows *ws, CxlWindowMember *m)
{
    uint64_t budget = settled(ws) ? AT_ONCE : 0;
    Leaving *l;

    if (!cxl_slices_uses(&ws->slices, m, 0, UINT64_MAX)) {
        return;
    }
    l = stand_in(ws, m);
    QTAILQ_INSERT_TAIL(&ws->leaving, &l->member, next);
    error_setg(&l->blocker, "memory of '%s', which was removed, is being put "
               "in order; try again", l->name);
    if (migrate_add_blocker_internal(&l->blocker, NULL) < 0 &&
        !runstate_is_running()) {
        budget = CXL_SLICE_ALL; /* it will not stop again */
    }
    if (budget) {
        step(ws, l, budget);
    }
    go_on(ws);
}

/* No processor is in guest code: what was mapped is not used any more. */
void cxl_window_leaving_stopped(CxlWindows *ws)
{
    CxlWindowMember *m, *next;

    QTAILQ_FOREACH_SAFE(m, &ws->leaving, next, next) {
        if (!leaving_of(m)->blocker) {
            step(ws, leaving_of(m), CXL_SLICE_ALL);
        }
    }
}

static Leaving *holder(CxlWindows *ws, const MemoryRegion *mr)
{
    CxlWindowMember *m;

    QTAILQ_FOREACH(m, &ws->leaving, next) {
        for (unsigned i = 0; i < leaving_of(m)->parts->len; i++) {
            if (part_at(leaving_of(m), i)->mr == mr) {
                return leaving_of(m);
            }
        }
    }
    return NULL;
}

bool cxl_window_leaving_holds(CxlWindows *ws, const MemoryRegion *mr)
{
    return holder(ws, mr);
}

bool cxl_window_leaving_hurry(CxlWindows *ws, const MemoryRegion *mr)
{
    Leaving *l = holder(ws, mr);

    if (l && settled(ws)) {
        step(ws, l, AT_ONCE);
    }
    return !holder(ws, mr);
}

void cxl_window_leaving_init(CxlWindows *ws)
{
    ws->leaving_timer = timer_new_ms(QEMU_CLOCK_REALTIME, go_on, ws);
}
