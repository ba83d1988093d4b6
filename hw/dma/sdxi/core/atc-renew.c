/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drop translations that became void; see atc-renew.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/atc-renew.h"

static void drop_all(SdxiAtc *atc)
{
    if (!atc->small && !atc->large) {
        return;
    }
    atc->small = atc->block = atc->large = 0;
    atc->processes = false;
    atc->parts = 0;
    if (!++atc->generation) {
        /* Numbers of very old ones come again. */
        memset(atc->row, 0, sizeof(atc->row));
        memset(atc->small_set, 0, sizeof(atc->small_set));
        memset(atc->block_set, 0, sizeof(atc->block_set));
        memset(atc->large_set, 0, sizeof(atc->large_set));
    }
}

static void drop(SdxiAtcEntry *e, const SdxiInval *v)
{
    uint32_t process = e->tag;
    uint64_t mask;

    if (!e->span.len) {
        return;
    }
    mask = MAKE_64BIT_MASK(0, e->span.leaf);
    if ((e->span.addr & ~mask) <= v->last &&
        ((e->span.addr + (e->span.len - 1)) | mask) >= v->first &&
        (process == SDXI_NO_PROCESS || process == v->process)) {
        e->span.len = 0;
    }
}

static void drop_in_set(SdxiAtcSet *set, const SdxiInval *v)
{
    for (unsigned i = 0; i < SDXI_ATC_WAYS; i++) {
        drop(&set->way[i], v);
    }
}

/*
 * Of the pages of @len bytes, which are in 1 << @bits sets.  By number; or all
 * sets, if these are fewer or have parts of larger pages.  Returns how many it
 * has looked at.
 */
static unsigned drop_pages(const SdxiAtc *atc, SdxiAtcSet *sets, unsigned bits,
                           uint64_t len, const SdxiInval *v)
{
    uint64_t first = v->first / len, more = v->last / len - first;

    if (more >= BIT(bits) || (atc->parts & len)) {
        for (unsigned i = 0; i < BIT(bits); i++) {
            drop_in_set(&sets[i], v);
        }
        return BIT(bits);
    }
    for (unsigned i = 0; i <= more; i++) {
        drop_in_set(&sets[sdxi_atc_set(first + i, SDXI_NO_PROCESS, bits)], v);
        if (v->process != SDXI_NO_PROCESS) {
            drop_in_set(&sets[sdxi_atc_set(first + i, v->process, bits)], v);
        }
    }
    return more + 1;
}

/* False: that would take too long, or is everything. */
static bool drop_range(SdxiAtc *atc, SdxiInval v, unsigned *sets)
{
    if ((v.process == SDXI_NO_PROCESS && atc->processes) ||
        v.first > v.last || (!v.first && v.last == UINT64_MAX)) {
        return false;
    }
    for (unsigned i = 0; i < SDXI_ATC_ROWS; i++) {
        drop(&atc->row[i], &v);
    }
    if (atc->small) {
        *sets += drop_pages(atc, atc->small_set, SDXI_ATC_SMALL_BITS,
                            SDXI_ATC_SMALL, &v);
    }
    if (atc->block) {
        *sets += drop_pages(atc, atc->block_set, SDXI_ATC_BLOCK_BITS,
                            SDXI_ATC_BLOCK, &v);
    }
    if (atc->large) {
        *sets += drop_pages(atc, atc->large_set, SDXI_ATC_LARGE_BITS,
                            SDXI_ATC_LARGE, &v);
    }
    return *sets <= SDXI_ATC_RENEW_SETS;
}

static bool drop_some(SdxiAtc *atc, uint64_t epoch, const SdxiInvalLog *log)
{
    unsigned sets = 0;

    if (!log || epoch - atc->epoch >= SDXI_INVALS) {
        return false;
    }
    for (uint64_t n = atc->epoch; n != epoch; n++) {
        if (!drop_range(atc, sdxi_inval_log_get(log, n + 1), &sets)) {
            return false;
        }
    }
    return !sdxi_inval_log_lapped(log, atc->epoch);
}

void sdxi_atc_renew(SdxiAtc *atc, uint64_t epoch, const SdxiInvalLog *log)
{
    if (atc->epoch == epoch) {
        return;
    }
    if ((atc->small || atc->large) && !drop_some(atc, epoch, log)) {
        drop_all(atc);
    }
    atc->epoch = epoch;
}
