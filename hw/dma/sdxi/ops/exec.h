/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What handlers of operations have in common: keys to spaces, charging for
 * work, and when to let others go first.
 */
#ifndef HW_DMA_SDXI_OPS_EXEC_H
#define HW_DMA_SDXI_OPS_EXEC_H

#include "hw/dma/sdxi/core/device.h"

/* Address space of operand @operand (0 or 1).  DONE, WAIT or FAULT. */
SdxiOutcome sdxi_exec_space(SdxiExec *x, unsigned operand, SdxiSpace *space);
/* Raise the interrupt that AKey @key stands for. */
SdxiOutcome sdxi_exec_interrupt(SdxiExec *x, uint16_t key);

/*
 * How an access to operand @operand ended, as the outcome of the operation.
 */
SdxiOutcome sdxi_exec_buffer(SdxiExec *x, unsigned operand,
                             SdxiMemResult result);
/* Refuse operand @operand if @bytes from its address on would wrap. */
SdxiOutcome sdxi_exec_fits(SdxiExec *x, unsigned operand, uint64_t bytes);

/* @bytes were moved; @src and @dst tell whether a peer took part. */
void sdxi_exec_moved(SdxiExec *x, uint64_t bytes, const SdxiSpace *src,
                     const SdxiSpace *dst);
/* The operation has used up its allowance, or somebody waits. */
bool sdxi_exec_enough(const SdxiExec *x);

#endif /* HW_DMA_SDXI_OPS_EXEC_H */
