/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes of what the media holds, with everything that follows from them:
 * poison comes and goes (list, events, mappings), ranges are wiped.
 * The list itself: core/poison.c.  The commands: cci/media.c, cci/sanitize.c.
 */
#ifndef HW_CXL_CORE_MEDIAOPS_H
#define HW_CXL_CORE_MEDIAOPS_H

#include "hw/cxl/core/memdev.h"

/*
 * What sanitised media reads as.  Any constant would do; zeroes can be had from
 * the host without touching every page.
 */
#define CXL_SANITIZE_PATTERN 0x00

/*
 * Poison appears.  Injected and external poison is found at once and logs an
 * informational record; internal poison stays hidden.  @dpa and @len are in
 * whole lines and inside the device.  Returns the bytes newly poisoned.
 */
uint64_t cxl_mediaops_poison(CxlMemdev *dev, uint64_t dpa, uint64_t len,
                             CxlPoisonSource source);
/*
 * As a person injects it: listed at once, and quietly.  NULL, or an allocated
 * sentence about the arguments 'start' and 'length'; nothing has changed then.
 */
char *cxl_mediaops_inject(CxlMemdev *dev, uint64_t start, uint64_t length);
/*
 * The host has lost what the range held, whole lines or not: poison that is
 * found at once, and logged as an error that nobody's access has caused.
 */
void cxl_mediaops_lost(CxlMemdev *dev, uint64_t dpa, uint64_t len);
/* Hidden poison is found by @transaction (CXL_EVTXN_*), and logged. */
uint64_t cxl_mediaops_discover(CxlMemdev *dev, uint64_t dpa, uint64_t len,
                               uint8_t transaction, bool log_event);
/*
 * Poison disappears; contents are not touched.  False, and it stays, if there
 * are too many pieces of it to cut one in two.
 */
bool cxl_mediaops_clear_poison(CxlMemdev *dev, uint64_t dpa, uint64_t len);
/*
 * Contents become @pattern and poison is gone; false if either failed.  Of
 * capacity that is lent (core/dcd-lent.h), what this host has alone.
 */
bool cxl_mediaops_wipe(CxlMemdev *dev, uint64_t dpa, uint64_t len,
                       uint8_t pattern);
/* Persistent capacity and labels are erased at once. */
bool cxl_mediaops_erase_persistent(CxlMemdev *dev);
/* Labels become zero. */
bool cxl_mediaops_wipe_labels(CxlMemdev *dev);
/* The partition boundary moves to where Set Partition Info wants it. */
bool cxl_mediaops_move_boundary(CxlMemdev *dev);
/* One general media record about @dpa in @log. */
void cxl_mediaops_event(CxlMemdev *dev, unsigned log, uint64_t dpa,
                        uint8_t descriptor, uint8_t transaction);

#endif /* HW_CXL_CORE_MEDIAOPS_H */
