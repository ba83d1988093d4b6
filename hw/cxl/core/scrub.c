/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The patrol's timetable; see scrub.h.
 */
#include "qemu/osdep.h"
#include "hw/common/clock.h"
#include "hw/cxl/core/scrub.h"

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(CxlScrub) != 32 && sizeof(void *) == 8);

#define HOUR_NS 3600000000000ll
#define HOURS_MAX UINT8_MAX     /* of the feature's setting */

void cxl_scrub_configure(CxlScrub *s, bool enabled, unsigned hours,
                         int64_t now_ns)
{
    s->enabled = enabled;
    s->slice_ns = hours * HOUR_NS / CXL_SCRUB_SLICES;
    s->next_ns = enabled ? clock_after(now_ns, s->slice_ns) : 0;
}

int64_t cxl_scrub_deadline(const CxlScrub *s)
{
    return s->enabled ? s->next_ns : INT64_MAX;
}

bool cxl_scrub_due(CxlScrub *s, int64_t now_ns, uint64_t size, uint64_t *from,
                   uint64_t *to)
{
    uint64_t step = size / CXL_SCRUB_SLICES;

    /* At the end of all time it is not due over and over again. */
    if (now_ns < cxl_scrub_deadline(s) || s->next_ns == INT64_MAX) {
        return false;
    }
    /* Whole rounds that were missed are not made up for. */
    if ((now_ns - s->next_ns) / s->slice_ns >= CXL_SCRUB_SLICES) {
        s->next_ns = now_ns - (CXL_SCRUB_SLICES - 1) * s->slice_ns;
    }
    *from = s->slice * step;
    *to = s->slice + 1 == CXL_SCRUB_SLICES ? size : *from + step;
    s->slice = (s->slice + 1) % CXL_SCRUB_SLICES;
    s->next_ns = clock_after(s->next_ns, s->slice_ns);
    return true;
}

void cxl_scrub_save(const CxlScrub *s, SaveWriter *w)
{
    save_put(w, s->enabled);
    save_put(w, s->slice_ns);
    save_put(w, s->next_ns);
    save_put(w, s->slice);
}

void cxl_scrub_load(CxlScrub *s, SaveReader *r)
{
    SAVE_GET(r, s->enabled);
    s->slice_ns = save_get_time(r, "time of a slice");
    s->next_ns = save_get_time(r, "time of the next slice");
    SAVE_GET(r, s->slice);
}

const char *cxl_scrub_check(const CxlScrub *s)
{
    /* A shorter slice than any setting gives would keep the host busy. */
    if (s->slice >= CXL_SCRUB_SLICES ||
        (s->enabled && (s->next_ns < 0 ||
                        s->slice_ns < HOUR_NS / CXL_SCRUB_SLICES ||
                        s->slice_ns > HOURS_MAX * HOUR_NS /
                                      CXL_SCRUB_SLICES))) {
        return "scrub timetable";
    }
    return NULL;
}
