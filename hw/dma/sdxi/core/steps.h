/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The steps of a function in words: a sentence for each, for traces, and what
 * of them a guest has done wrong, for logs.  The steps are SdxiTraceStep of
 * hostops.h.
 */
#ifndef HW_DMA_SDXI_CORE_STEPS_H
#define HW_DMA_SDXI_CORE_STEPS_H

#include "hw/dma/sdxi/core/hostops.h"

struct SdxiProfile;

/*
 * An allocated sentence; the numbers are those of the step.  @profile names
 * operations.
 */
char *sdxi_step_text(SdxiTraceStep step, uint64_t a, uint64_t b, uint64_t c,
                     const struct SdxiProfile *profile);

/*
 * NULL, or an allocated sentence about a mistake of the guest; the numbers are
 * those of the step.
 */
char *sdxi_step_mistake(SdxiTraceStep step, uint64_t a, uint64_t b,
                        uint64_t c);

#endif /* HW_DMA_SDXI_CORE_STEPS_H */
