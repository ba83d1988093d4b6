/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Host memory that the host cannot provide any more: its file was made
 * shorter, the disk below it is full or fails, or the memory itself has an
 * error.  An access to such a page would end the process; it gets a page of
 * zeroes instead, and whoever owns the bytes is told.
 *
 * All is called with the big lock.  Private to the glue floor.
 */
#ifndef HW_CXL_WINDOW_HOST_LOST_H
#define HW_CXL_WINDOW_HOST_LOST_H

#include "hw/memfab/compat.h"

/*
 * @len bytes at @offset of the memory are lost, and read zero until somebody
 * writes them; what is written there does not reach the file.
 */
typedef void CxlHostLostFn(void *opaque, MemoryRegion *mr, uint64_t offset,
                           uint64_t len);

/*
 * From now on until the memory is freed no access to it ends the process, as
 * far as there is host memory to put in place of what is lost; @lost is called
 * in the main loop.  A second call has another one told.
 */
void cxl_host_lost_watch(MemoryRegion *mr, CxlHostLostFn *lost, void *opaque);
/* Nobody is told any more: what is lost from now on the next one is told. */
void cxl_host_lost_unwatch(MemoryRegion *mr);
/* Tell now of all that is lost; false if there was nothing. */
bool cxl_host_lost_tell(void);
/* Is there something to tell? */
bool cxl_host_lost_news(void);

/* Is any of the range lost, and its owner does not know? */
bool cxl_host_lost_untold(MemoryRegion *mr, uint64_t offset, uint64_t len);
/* Was anything of it ever lost?  Then its file does not say what is in it. */
bool cxl_host_lost_any(MemoryRegion *mr);
/* What of the range is not in the file any more becomes zero. */
void cxl_host_lost_zero(MemoryRegion *mr, uint64_t offset, uint64_t len);

#endif
