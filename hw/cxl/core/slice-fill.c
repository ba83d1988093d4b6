/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Filling slice storage; see slice-fill.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/slice-fill.h"

/* Bytes that are compared at a time */
#define FILL_BUF (64 * 1024)

/*
 * Has nobody touched the storage that holds these bytes of a set, and those of
 * other members between them?  Looking at bytes would store them in a file.
 */
static bool untouched(const CxlSlices *s, const CxlSliceSet *set,
                      const void *device, uint64_t dpa, uint64_t len)
{
    unsigned ways = cxl_interleave_ways(set->iw);
    int p = cxl_slice_set_lender(set, device, dpa, 1);
    uint64_t at = (dpa - set->member[p].dpa) * ways, end = at + len * ways;

    while (at < end) {
        const CxlSliceMember *lends = &set->member[at / set->len];
        uint64_t off = at % set->len, run = MIN(end - at, set->len - off);
        uint64_t start, used;

        if (s->host.ops->touched(s->host.opaque, lends->device,
                                 lends->dpa + off, run, &start, &used)) {
            return false;
        }
        at += run;
    }
    return true;
}

/* Zeroes in a set that is all in host order */
static bool is_zero(const CxlSlices *s, const void *device, uint64_t dpa,
                    uint64_t len)
{
    const CxlSliceSet *set = cxl_slices_at(s, device, dpa);

    return set && len == FILL_BUF && !set->left &&
           untouched(s, set, device, dpa, len);
}

bool cxl_slices_fill(CxlSlices *s, void *device, uint64_t dpa, uint64_t len,
                     uint8_t value)
{
    g_autofree uint8_t *now = g_malloc(FILL_BUF);
    g_autofree uint8_t *fill = g_malloc(FILL_BUF);

    memset(fill, value, FILL_BUF);
    while (len) {
        uint64_t run = MIN(len, FILL_BUF - dpa % FILL_BUF);

        if (value || !is_zero(s, device, dpa, run)) {
            if (!cxl_slices_rw(s, device, dpa, now, run, false) ||
                (memcmp(now, fill, run) &&
                 !cxl_slices_rw(s, device, dpa, fill, run, true))) {
                return false;
            }
        }
        dpa += run;
        len -= run;
    }
    return true;
}

uint64_t cxl_slices_fill_run(const CxlSlices *s, const void *device,
                             uint64_t dpa, uint64_t len)
{
    const CxlSliceSet *set = cxl_slices_at(s, device, dpa);

    for (unsigned p = 0; set && p < cxl_interleave_ways(set->iw); p++) {
        if (set->member[p].device == device && set->member[p].dpa == dpa &&
            set->len <= len) {
            return set->len;
        }
    }
    return MIN(len, CXL_SLICE_FILL - dpa % CXL_SLICE_FILL);
}
