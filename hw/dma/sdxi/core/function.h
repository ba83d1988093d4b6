/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state machine of a function, SDXI 1.0 4.1, as a table.
 *
 * Pure: what a state means for contexts is in engine.c, the register that
 * shows it in regs.c.
 */
#ifndef HW_DMA_SDXI_CORE_FUNCTION_H
#define HW_DMA_SDXI_CORE_FUNCTION_H

#include "hw/dma/sdxi/wire/mmio.h"

typedef struct SdxiTransition {
    uint8_t next;       /* SdxiGsv; equal to the old state: no transition */
    bool drop;          /* forget contexts and caches, touching no memory */
} SdxiTransition;

SdxiTransition sdxi_function_next(SdxiGsv state, SdxiRequest request);

/* True in states in which contexts may take new descriptors. */
static inline bool sdxi_function_issues(SdxiGsv state)
{
    return state == SDXI_GSV_ACTIVE;
}

/* True in states that contexts are leaving. */
static inline bool sdxi_function_winds_down(SdxiGsv state)
{
    return state == SDXI_GSV_STOPG_SF || state == SDXI_GSV_STOPG_HD ||
           state == SDXI_GSV_ERROR;
}

#endif /* HW_DMA_SDXI_CORE_FUNCTION_H */
