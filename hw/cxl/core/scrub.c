/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The patrol's timetable; see scrub.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/scrub.h"

#define HOUR_NS 3600000000000ll

void cxl_scrub_configure(CxlScrub *s, bool enabled, unsigned hours,
                         int64_t now_ns)
{
    s->enabled = enabled;
    s->slice_ns = hours * HOUR_NS / CXL_SCRUB_SLICES;
    s->next_ns = enabled ? now_ns + s->slice_ns : 0;
}

int64_t cxl_scrub_deadline(const CxlScrub *s)
{
    return s->enabled ? s->next_ns : INT64_MAX;
}

bool cxl_scrub_due(CxlScrub *s, int64_t now_ns, uint64_t size, uint64_t *from,
                   uint64_t *to)
{
    uint64_t step = size / CXL_SCRUB_SLICES;

    if (now_ns < cxl_scrub_deadline(s)) {
        return false;
    }
    *from = s->slice * step;
    *to = s->slice + 1 == CXL_SCRUB_SLICES ? size : *from + step;
    s->slice = (s->slice + 1) % CXL_SCRUB_SLICES;
    s->next_ns += s->slice_ns;
    return true;
}

const char *cxl_scrub_check(const CxlScrub *s)
{
    /* A shorter slice than any setting gives would keep the host busy. */
    if (s->slice >= CXL_SCRUB_SLICES ||
        (s->enabled && s->slice_ns < HOUR_NS / CXL_SCRUB_SLICES)) {
        return "scrub timetable";
    }
    return NULL;
}
