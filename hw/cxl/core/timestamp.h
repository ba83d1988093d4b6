/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device's clock as the host set it, CXL r3.1 8.2.9.4.
 */
#ifndef HW_CXL_CORE_TIMESTAMP_H
#define HW_CXL_CORE_TIMESTAMP_H

#include "hw/common/save.h"

typedef struct CxlTimestamp {
    uint64_t base;      /* ns since the host's epoch when it was set */
    int64_t set_at;     /* virtual time of that moment */
    bool valid;
} CxlTimestamp;

void cxl_timestamp_set(CxlTimestamp *ts, uint64_t value, int64_t now_ns);
/* Zero until set; ns since the host's epoch then. */
uint64_t cxl_timestamp_get(const CxlTimestamp *ts, int64_t now_ns);

/* Saved state, see hw/common/save.h. */
void cxl_timestamp_save(const CxlTimestamp *ts, SaveWriter *w);
void cxl_timestamp_load(CxlTimestamp *ts, SaveReader *r);

#endif /* HW_CXL_CORE_TIMESTAMP_H */
