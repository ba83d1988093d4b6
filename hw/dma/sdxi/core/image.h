/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BAR0 as software sees it while the function belongs to somebody else: a copy
 * of all registers, to which writes that wait for an owner are applied in
 * order.  It has the table and the rules of regs.h; what a write does to the
 * function itself is in device.c.
 *
 * Of the state of the function an image shows what the table in function.c
 * says, before any work was done: INIT after a request for ACTIVE, STOPG_*
 * after one for a stop.
 */
#ifndef HW_DMA_SDXI_CORE_IMAGE_H
#define HW_DMA_SDXI_CORE_IMAGE_H

#include "hw/dma/sdxi/core/regs.h"
#include "hw/dma/sdxi/core/sdxi.h"

struct SdxiImage {
    SdxiRegs regs;
};

/*
 * Any thread: what the registers show at this moment.  The image is not to be
 * moved afterwards.
 */
void sdxi_image_take(SdxiImage *image, const SdxiRegs *regs);
/* Guest accesses, as those of regs.h; all sizes and places. */
uint64_t sdxi_image_read(SdxiImage *image, uint64_t addr, unsigned size);
void sdxi_image_write(SdxiImage *image, uint64_t addr, uint64_t value,
                      unsigned size);
/* As power-on and bus reset leave it. */
void sdxi_image_reset(SdxiImage *image);

/*
 * Would this write take something away from other functions, or ask for a
 * change of state?  Accesses of guest memory must then wait for it.
 */
bool sdxi_image_decides(uint64_t addr, unsigned size);

#endif /* HW_DMA_SDXI_CORE_IMAGE_H */
