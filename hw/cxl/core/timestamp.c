/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's value plus the virtual time since it was set.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/timestamp.h"

void cxl_timestamp_set(CxlTimestamp *ts, uint64_t value, int64_t now_ns)
{
    *ts = (CxlTimestamp) { .base = value, .set_at = now_ns, .valid = true };
}

uint64_t cxl_timestamp_get(const CxlTimestamp *ts, int64_t now_ns)
{
    return ts->valid ? ts->base + (uint64_t)(now_ns - ts->set_at) : 0;
}
