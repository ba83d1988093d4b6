/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A burst: descriptors that need nothing but RAM, one after the other at the
 * speed of RAM.
 *
 * It takes NOP, and COPY between local buffers, while everything that they
 * touch can be reached by pointer.  A descriptor for which that is not so, or
 * that is wrong in any way, it leaves in its slot as it found it: turn.c is
 * there for that one.  So nothing is refused or reported here, and all that is
 * done here could be done there.
 */
#ifndef HW_DMA_SDXI_CORE_BURST_H
#define HW_DMA_SDXI_CORE_BURST_H

#include "hw/dma/sdxi/core/device.h"

/*
 * Nothing of @cxt is in flight, and it may take descriptors.  Takes what it has
 * done off *@left.
 */
void sdxi_burst(SdxiPipe *pipe, SdxiContext *cxt, uint64_t *left);

#endif /* HW_DMA_SDXI_CORE_BURST_H */
