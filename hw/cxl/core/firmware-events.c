/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events on their way from devices through firmware; see firmware-events.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/firmware-events.h"

void cxl_firmware_events_ask(CxlEvents *ev)
{
    for (unsigned log = CXL_EVLOG_INFO; log <= CXL_EVLOG_FATAL; log++) {
        cxl_events_set_policy(ev, log, CXL_EVPOLICY_FW);
    }
}

/* What has no section is read by firmware, and nobody hears of it. */
static void take(CxlEvents *ev, unsigned log, const CxlCperFunction *fn,
                 CxlApei *a, CxlFirmwareTookFn *took, void *opaque)
{
    uint8_t record[CXL_CPER_MAX];
    const uint8_t *event;

    /* It reads the log as a whole; clearing ends the report of lost ones. */
    cxl_events_see_overflow(ev, log);
    while (cxl_apei_room(a) && (event = cxl_events_peek(ev, log, 0))) {
        const CxlEvHeader *hdr = (const void *)event;
        uint8_t handle[sizeof(hdr->handle)];
        size_t len = cxl_cper_event(record, fn, event);

        memcpy(handle, &hdr->handle, sizeof(handle));
        took(opaque, log, len);
        cxl_events_clear(ev, log, handle, 1);
        if (len) {
            cxl_apei_record(a, record, len);
        }
    }
}

void cxl_firmware_events_take(CxlEvents *ev, const CxlCperFunction *fn,
                              CxlApei *a, CxlFirmwareTookFn *took,
                              void *opaque)
{
    for (unsigned log = 0; log < CXL_EVLOGS; log++) {
        if (cxl_events_log_exists(ev, log) &&
            cxl_events_get_policy(ev, log) == CXL_EVPOLICY_FW) {
            take(ev, log, fn, a, took, opaque);
        }
    }
}
