/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media changes and their consequences; see mediaops.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/dcd-lent.h"
#include "hw/cxl/core/event-records.h"
#include "hw/cxl/core/mediaops.h"

/* Records about a range are about its first line. */
void cxl_mediaops_event(CxlMemdev *dev, unsigned log, uint64_t dpa,
                        uint8_t descriptor, uint8_t transaction)
{
    CxlEvGeneralMedia rec;

    if (!cxl_media_is_persistent(&dev->media, dpa)) {
        dpa |= CXL_EVDPA_VOLATILE;
    }
    cxl_evrec_general_media(&rec, 0, dpa, descriptor, 0, transaction);
    cxl_events_insert(&dev->events, log, &rec);
}

static void list_overflowed(CxlMemdev *dev, uint64_t dpa, uint8_t transaction)
{
    cxl_mediaops_event(dev, CXL_EVLOG_FAILURE, dpa, CXL_EVDESC_LIST_OVERFLOW,
                       transaction);
}

uint64_t cxl_mediaops_poison(CxlMemdev *dev, uint64_t dpa, uint64_t len,
                             CxlPoisonSource source)
{
    bool found = source != CXL_POISON_INTERNAL;
    bool overflowed;
    uint64_t added;

    added = cxl_poison_add(&dev->poison, dpa, len, source, found,
                           cxl_memdev_stamp(dev), &overflowed);
    if (!added) {
        return 0;
    }
    cxl_memdev_trace(dev, CXL_TRACE_POISON, dpa, len, source);
    dev->store->access_changed(dev->store_opaque, dpa, len);
    if (found) {
        cxl_mediaops_event(dev, CXL_EVLOG_INFO, dpa, 0, CXL_EVTXN_INJECT);
    }
    if (overflowed) {
        list_overflowed(dev, dpa, CXL_EVTXN_INJECT);
    }
    return added;
}

uint64_t cxl_mediaops_discover(CxlMemdev *dev, uint64_t dpa, uint64_t len,
                               uint8_t transaction, bool log_event)
{
    uint64_t from = QEMU_ALIGN_DOWN(dpa, CXL_POISON_LINE);
    uint64_t to = QEMU_ALIGN_UP(dpa + len, CXL_POISON_LINE);
    bool overflowed;
    uint64_t hidden;

    hidden = cxl_poison_find(&dev->poison, from, to - from,
                             cxl_memdev_stamp(dev), &overflowed);
    if (hidden && log_event) {
        cxl_mediaops_event(dev, CXL_EVLOG_FAILURE, from,
                           CXL_EVDESC_UNCORRECTABLE, transaction);
    }
    if (overflowed) {
        list_overflowed(dev, from, transaction);
    }
    return hidden;
}

/* Of a range without poison; returns where what is lost now begins and ends. */
static Extent lose(CxlMemdev *dev, uint64_t dpa, uint64_t len,
                   bool *overflowed)
{
    CxlPoisonMap *p = &dev->poison;
    uint64_t stamp = cxl_memdev_stamp(dev);
    Extent range = { dpa, len };

    if (p->lines.count < CXL_POISON_CUT_MAX) {
        cxl_poison_add(p, dpa, len, CXL_POISON_INTERNAL, true, stamp,
                       overflowed);
    } else {
        cxl_poison_join(p, dpa, len, stamp, &range, overflowed);
    }
    return range;
}

void cxl_mediaops_lost(CxlMemdev *dev, uint64_t dpa, uint64_t len)
{
    uint64_t at = QEMU_ALIGN_DOWN(dpa, CXL_POISON_LINE), first = at;
    uint64_t end = MIN(QEMU_ALIGN_UP(dpa + len, CXL_POISON_LINE),
                       cxl_memdev_dpa_end(dev));
    bool any = false;

    while (at < end) {
        bool overflowed;
        Extent e, now;

        if (!extentset_next(&dev->poison.lines, at, &e) || e.start > end) {
            e = (Extent) { end, 0 };
        }
        if (e.start > at) {
            now = lose(dev, at, e.start - at, &overflowed);
            cxl_memdev_trace(dev, CXL_TRACE_POISON, now.start, now.len,
                             CXL_POISON_INTERNAL);
            dev->store->access_changed(dev->store_opaque, now.start, now.len);
            if (overflowed) {
                list_overflowed(dev, at, CXL_EVTXN_UNKNOWN);
            }
            any = true;
        }
        at = e.start + e.len;
    }
    if (any) {
        cxl_mediaops_event(dev, CXL_EVLOG_FAILURE, first,
                           CXL_EVDESC_UNCORRECTABLE, CXL_EVTXN_UNKNOWN);
    }
}

static char *inject_problem(CxlMemdev *dev, uint64_t start, uint64_t length)
{
    if (start % CXL_POISON_LINE || length % CXL_POISON_LINE || !length) {
        return g_strdup_printf("arguments 'start' and 'length': 0x%" PRIx64
                               " and 0x%" PRIx64 " are not multiples of 64"
                               " bytes, or empty", start, length);
    }
    if (!cxl_memdev_contains(dev, start, length)) {
        return g_strdup_printf("arguments 'start' and 'length': 0x%" PRIx64
                               " to 0x%" PRIx64 " is not within the capacity"
                               " of 0x%" PRIx64 " bytes", start,
                               start + length - 1, cxl_memdev_dpa_end(dev));
    }
    if (extentset_overlaps(&dev->poison.lines, start, length)) {
        return g_strdup("arguments 'start' and 'length': overlap with"
                        " existing poisoned region not supported");
    }
    if (cxl_poison_full(&dev->poison)) {
        return g_strdup_printf("argument 'start': the device has %d pieces of"
                               " poisoned memory, and more are not kept",
                               CXL_POISON_PIECES_MAX);
    }
    return NULL;
}

char *cxl_mediaops_inject(CxlMemdev *dev, uint64_t start, uint64_t length)
{
    char *problem = inject_problem(dev, start, length);

    if (!problem) {
        /* Not the host's doing, so internal */
        cxl_mediaops_poison(dev, start, length, CXL_POISON_INTERNAL);
        cxl_mediaops_discover(dev, start, length, CXL_EVTXN_UNKNOWN, false);
    }
    return problem;
}

bool cxl_mediaops_clear_poison(CxlMemdev *dev, uint64_t dpa, uint64_t len)
{
    bool overflowed;

    if (!cxl_poison_removable(&dev->poison, dpa, len)) {
        return false;
    }
    if (!cxl_poison_remove(&dev->poison, dpa, len, cxl_memdev_stamp(dev),
                           &overflowed)) {
        return true;
    }
    cxl_memdev_trace(dev, CXL_TRACE_POISON, dpa, len, 0);
    dev->store->access_changed(dev->store_opaque, dpa, len);
    if (overflowed) {
        list_overflowed(dev, dpa, CXL_EVTXN_MANAGEMENT);
    }
    return true;
}

/* What others may have of lent capacity stays as it is. */
static bool fill(CxlMemdev *dev, uint64_t dpa, uint64_t len, uint8_t pattern)
{
    for (uint64_t end = dpa + len, run; dpa < end; dpa += run) {
        if (cxl_dcd_may_change(&dev->dc_view, dpa, end - dpa, &run) &&
            !dev->store->dpa_fill(dev->store_opaque, dpa, run, pattern)) {
            return false;
        }
    }
    return true;
}

bool cxl_mediaops_wipe(CxlMemdev *dev, uint64_t dpa, uint64_t len,
                       uint8_t pattern)
{
    if (!len) {
        return true;
    }
    if (!fill(dev, dpa, len, pattern)) {
        return false;
    }
    return cxl_mediaops_clear_poison(dev, dpa, len);
}

bool cxl_mediaops_wipe_labels(CxlMemdev *dev)
{
    return !dev->cfg.lsa_size || dev->store->lsa_clear(dev->store_opaque);
}

/*
 * What changes its nature must not show old contents: a secret that was
 * volatile must not become persistent, nor the reverse.
 */
bool cxl_mediaops_move_boundary(CxlMemdev *dev)
{
    CxlMedia *m = &dev->media;
    uint64_t from = cxl_media_volatile(m), to = m->volatile_only + m->next;
    uint64_t low = MIN(from, to), len = MAX(from, to) - low;

    if (!cxl_mediaops_wipe(dev, low, len, 0)) {
        return false;
    }
    cxl_media_apply_next(m);
    cxl_memdev_tell_memory(dev);
    dev->store->access_changed(dev->store_opaque, low, len);
    return true;
}

bool cxl_mediaops_erase_persistent(CxlMemdev *dev)
{
    return cxl_mediaops_wipe(dev, cxl_media_volatile(&dev->media),
                             cxl_media_persistent(&dev->media),
                             CXL_SANITIZE_PATTERN) &&
           cxl_mediaops_wipe_labels(dev);
}
