/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Zeroing host memory.  Private to the glue floor.
 */
#ifndef HW_CXL_WINDOW_HOST_ZERO_H
#define HW_CXL_WINDOW_HOST_ZERO_H

#include "hw/memfab/compat.h"

/*
 * @len bytes of RAM at @offset become zero, and are marked dirty.  Memory goes
 * back to the host if nobody else pins it or was promised room in it.
 */
void cxl_host_zero(MemoryRegion *mr, uint64_t offset, uint64_t len);

#endif
