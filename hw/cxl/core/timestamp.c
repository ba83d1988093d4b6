/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's value plus the virtual time since it was set.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/timestamp.h"

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(CxlTimestamp) != 24 && sizeof(void *) == 8);

void cxl_timestamp_set(CxlTimestamp *ts, uint64_t value, int64_t now_ns)
{
    *ts = (CxlTimestamp) { .base = value, .set_at = now_ns, .valid = true };
}

uint64_t cxl_timestamp_get(const CxlTimestamp *ts, int64_t now_ns)
{
    return ts->valid ? ts->base + (uint64_t)(now_ns - ts->set_at) : 0;
}

void cxl_timestamp_save(const CxlTimestamp *ts, SaveWriter *w)
{
    save_put(w, ts->base);
    save_put(w, ts->set_at);
    save_put(w, ts->valid);
}

void cxl_timestamp_load(CxlTimestamp *ts, SaveReader *r)
{
    SAVE_GET(r, ts->base);
    ts->set_at = save_get_time(r, "time of setting");
    SAVE_GET(r, ts->valid);
}
