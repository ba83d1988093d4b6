/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Patrol scrub: when which part of the media is looked at, 8.2.9.9.11.1.
 * What is found there is core/mediaops.c; the settings are core/features.c.
 */
#ifndef HW_CXL_CORE_SCRUB_H
#define HW_CXL_CORE_SCRUB_H

#include "hw/common/save.h"

#define CXL_SCRUB_SLICES 64

typedef struct CxlScrub {
    bool enabled;
    int64_t slice_ns;   /* virtual time per slice of the device */
    int64_t next_ns;    /* when the next slice is due */
    uint32_t slice;     /* which one, 0..CXL_SCRUB_SLICES - 1 */
} CxlScrub;

/* New settings; the patrol goes on where it was. */
void cxl_scrub_configure(CxlScrub *s, bool enabled, unsigned hours,
                         int64_t now_ns);
int64_t cxl_scrub_deadline(const CxlScrub *s);
/* True if a slice is due; it becomes the caller's: *@from to *@to of @size. */
bool cxl_scrub_due(CxlScrub *s, int64_t now_ns, uint64_t size, uint64_t *from,
                   uint64_t *to);

/* Saved state, see hw/common/save.h. */
void cxl_scrub_save(const CxlScrub *s, SaveWriter *w);
void cxl_scrub_load(CxlScrub *s, SaveReader *r);
const char *cxl_scrub_check(const CxlScrub *s);

#endif /* HW_CXL_CORE_SCRUB_H */
