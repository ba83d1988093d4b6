/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What firmware that is told of errors first does with memory devices: it asks
 * for their events, CXL r3.1 8.2.9.2.4, reads their logs, and hands on what it
 * has a section for.  How records reach the operating system is core/apei.h,
 * what is in them core/cper.h.
 */
#ifndef HW_CXL_CORE_FIRMWARE_EVENTS_H
#define HW_CXL_CORE_FIRMWARE_EVENTS_H

#include "hw/cxl/core/apei.h"
#include "hw/cxl/core/cper.h"
#include "hw/cxl/core/events.h"

/* Ask for what is in the logs that an operating system would be told of. */
void cxl_firmware_events_ask(CxlEvents *ev);

/* An event was taken out of @log; its record has @len bytes, 0: none. */
typedef void CxlFirmwareTookFn(void *opaque, unsigned log, size_t len);

/*
 * Take events of the device @fn out of the logs that tell firmware, the oldest
 * first, as long as @a has room for them.  @took is not NULL.
 */
void cxl_firmware_events_take(CxlEvents *ev, const CxlCperFunction *fn,
                              CxlApei *a, CxlFirmwareTookFn *took,
                              void *opaque);

#endif /* HW_CXL_CORE_FIRMWARE_EVENTS_H */
