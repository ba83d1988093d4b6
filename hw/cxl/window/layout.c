/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that others can see, or that outlives us, in host order: who may have
 * it so, the record of it, and back to device order before anybody reads it.
 *
 * The record is core/layout.h, its file layout-file.c.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "hw/memfab/compat.h"
#include "hw/cxl/window/internal.h"
#include "hw/cxl/window/layout-file.h"
#include "hw/core/qdev.h"
#include "system/runstate.h"
#include "system/system.h"
#include "hw/cxl/trace.h"

/* Bytes of each member that a set takes, and which memory it is */
static bool recorded(CxlWindowMember *m, uint64_t dpa, uint64_t len)
{
    return m->ops->keep(m, dpa, len) != CXL_KEEP_ANY;
}

/*
 * All members of a set that needs a record name the same file, so that one
 * write of a header speaks for all.
 */
bool cxl_window_layout_allows(const CxlSliceSet *set)
{
    CxlLayoutFile *f = ((CxlWindowMember *)set->member[0].device)->layout;
    bool record = false, same = true;

    for (unsigned p = 0; p < cxl_interleave_ways(set->iw); p++) {
        CxlWindowMember *m = set->member[p].device;

        record |= recorded(m, set->member[p].dpa, set->len);
        same &= m->layout == f;
    }
    return !record || (f && same);
}

static CxlLayoutFile *file_of(const CxlSliceSet *set)
{
    for (unsigned p = 0; p < cxl_interleave_ways(set->iw); p++) {
        CxlWindowMember *m = set->member[p].device;

        if (m->layout && recorded(m, set->member[p].dpa, set->len)) {
            return m->layout;
        }
    }
    return NULL;
}

static uint64_t number(const void *device)
{
    return ((const CxlWindowMember *)device)->sn;
}

static bool moving(void *opaque, const CxlSliceSet *set, bool adopt,
                   const GArray *saved)
{
    CxlLayoutFile *f = file_of(set);
    CxlLayoutSet out;

    if (!f) {
        return true;
    }
    out = cxl_layout_describe(set, number);
    trace_memfab_cxl_layout_move(f->path, adopt ? "host" : "device",
                                 set->len, cxl_interleave_ways(set->iw));
    if (!cxl_layout_begin(&f->core, &out, adopt, saved)) {
        warn_report_once("layout file '%s' cannot be written; interleaved "
                         "memory stays in the order that it is in", f->path);
        return false;
    }
    return true;
}

static bool moved(void *opaque, const CxlSliceSet *set)
{
    CxlLayoutFile *f = file_of(set);
    CxlLayoutSet out;

    if (!f) {
        return true;
    }
    out = cxl_layout_describe(set, number);
    if (cxl_layout_end(&f->core, &out)) {
        return true;
    }
    warn_report_once("layout file '%s' cannot be written; if this process is "
                     "killed, memory goes back to what it is now", f->path);
    return false;
}

static void lost(void *opaque, const CxlSliceSet *set, unsigned position,
                 uint64_t off, uint64_t len)
{
    CxlWindowMember *m = set->member[position].device;

    error_report("CXL memory %s: 0x%" PRIx64 " bytes at 0x%" PRIx64 " of its "
                 "backend could neither be moved nor put back, and are lost",
                 m->name, len, set->member[position].dpa + off);
}

void cxl_window_layout_record(CxlWindows *ws)
{
    CxlLayoutFile *f = NULL;

    while ((f = cxl_layout_file_next(f))) {
        g_autoptr(GArray) sets = g_array_new(false, false,
                                             sizeof(CxlLayoutSet));

        for (unsigned i = 0; i < ws->slices.sets->len; i++) {
            const CxlSliceSet *set = &g_array_index(ws->slices.sets,
                                                    CxlSliceSet, i);

            if (file_of(set) == f) {
                CxlLayoutSet out = cxl_layout_describe(set, number);

                g_array_append_val(sets, out);
            }
        }
        if (!cxl_layout_replace(&f->core, sets)) {
            warn_report("layout file '%s' cannot be written; do not use its "
                        "memory after this process", f->path);
        }
    }
}

typedef struct Finder {
    CxlWindows *ws;
    CxlLayoutFile *file;
} Finder;

/* Whoever is known by that number, or its memory is, or NULL */
static CxlWindowMember *known(CxlWindows *ws, const CxlLayoutFile *file,
                              uint64_t sn, const CxlWindowMember *but)
{
    CxlWindowMember *m;

    QTAILQ_FOREACH(m, &ws->members, next) {
        if (m != but && m->layout == file && m->sn == sn) {
            return m;
        }
    }
    QTAILQ_FOREACH(m, &ws->leaving, next) {
        if (m->layout == file && m->sn == sn) {
            return m;
        }
    }
    return NULL;
}

static void *find(void *opaque, uint64_t sn, uint64_t dpa, uint64_t len)
{
    Finder *f = opaque;
    CxlWindowMember *m = known(f->ws, f->file, sn, NULL);

    return m && cxl_window_storage_there(m, dpa, len) ? m : NULL;
}

static bool complete(CxlWindows *ws, CxlLayoutFile *f, Error **errp)
{
    uint64_t sn;

    if (cxl_layout_complete(&f->core, find, &(Finder) { ws, f }, &sn)) {
        return true;
    }
    error_setg(errp, "property 'layout-file': '%s' says that memory is still "
               "interleaved with a device of sn=0x%" PRIx64 ", which is not "
               "there or too small; start once with all devices as they were",
               f->path, sn);
    return false;
}

static bool repair(CxlWindows *ws, CxlLayoutFile *f, Error **errp)
{
    uint64_t bytes = 0;

    if (!cxl_layout_repair(&f->core, &ws->slices, find, &(Finder) { ws, f },
                           &bytes)) {
        error_setg(errp, "property 'layout-file': memory cannot be put in "
                   "device order with '%s': its journal is damaged, or the "
                   "disk is full", f->path);
        return false;
    }
    trace_memfab_cxl_layout_repair(f->path, bytes);
    return true;
}

/*
 * The last device of a set brings it in order.  Before the machine is complete
 * there may be more to come, see machine_done().
 */
bool cxl_window_layout_join(CxlWindows *ws, CxlWindowMember *m, Error **errp)
{
    if (!m->layout) {
        return true;
    }
    if (known(ws, m->layout, m->sn, m)) {
        error_setg(errp, "property 'layout-file': '%s' has a device of sn="
                   "0x%" PRIx64 " already; numbers have to differ",
                   m->layout->path, m->sn);
        return false;
    }
    if (!cxl_layout_used(&m->layout->core)) {
        return true;
    }
    if (!complete(ws, m->layout,
                  phase_check(PHASE_MACHINE_READY) ? errp : NULL)) {
        return !phase_check(PHASE_MACHINE_READY);
    }
    return repair(ws, m->layout, errp);
}

static void machine_done(Notifier *notifier, void *data)
{
    CxlWindows *ws = container_of(notifier, CxlWindows, machine_done);
    CxlLayoutFile *f = NULL;

    while ((f = cxl_layout_file_next(f))) {
        Error *err = NULL;

        if (cxl_layout_used(&f->core) && !complete(ws, f, &err)) {
            error_report_err(err);
            exit(1);
        }
    }
}

static void put_back(CxlWindows *ws, CxlWindowMember *m, CxlLayoutFile *f,
                     uint64_t *bytes)
{
    if (m->layout == f && cxl_layout_used(&f->core) &&
        cxl_slices_release(&ws->slices, m, 0, UINT64_MAX, CXL_SLICE_ALL,
                           bytes) != CXL_SLICE_DONE) {
        warn_report("memory of '%s' cannot be put in device order now; the "
                    "next start will", f->path);
    }
}

/*
 * Somebody else may want to read the files when we are gone.  Nobody wants the
 * big lock any more.
 */
static void process_ends(Notifier *notifier, void *data)
{
    CxlWindows *ws = container_of(notifier, CxlWindows, process_ends);
    CxlLayoutFile *f = NULL;

    if (runstate_is_running()) {
        return; /* so do the processors; the next start does it */
    }
    while ((f = cxl_layout_file_next(f))) {
        CxlWindowMember *m;
        uint64_t bytes = 0;

        QTAILQ_FOREACH(m, &ws->members, next) {
            put_back(ws, m, f, &bytes);
        }
        QTAILQ_FOREACH(m, &ws->leaving, next) {
            put_back(ws, m, f, &bytes);
        }
        trace_memfab_cxl_layout_repair(f->path, bytes);
    }
}

void cxl_window_layout_init(CxlWindows *ws)
{
    ws->slice_ops.moving = moving;
    ws->slice_ops.moved = moved;
    ws->slice_ops.lost = lost;
    ws->machine_done.notify = machine_done;
    ws->process_ends.notify = process_ends;
    /* Later it would be called at once, before the first device is in. */
    if (!phase_check(PHASE_MACHINE_READY)) {
        qemu_add_machine_init_done_notifier(&ws->machine_done);
    }
    qemu_add_exit_notifier(&ws->process_ends);
}
