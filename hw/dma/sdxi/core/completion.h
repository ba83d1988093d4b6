/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Completion blocks, SDXI 1.0 Table 6-4: the error flag, then the signal, in
 * this order and both visible after all the descriptor has done.
 */
#ifndef HW_DMA_SDXI_CORE_COMPLETION_H
#define HW_DMA_SDXI_CORE_COMPLETION_H

#include "hw/dma/sdxi/core/fault.h"
#include "hw/dma/sdxi/core/host.h"

/* @csb is a multiple of 32.  DONE, WAIT (nothing signalled yet) or FAULT. */
SdxiOutcome sdxi_completion_signal(const SdxiHost *host,
                                   const SdxiSpace *space, uint64_t csb,
                                   bool er, SdxiFault *fault);

#endif /* HW_DMA_SDXI_CORE_COMPLETION_H */
