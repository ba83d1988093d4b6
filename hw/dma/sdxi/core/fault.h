/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a step of the engine ended, and what an error log entry says of it.
 *
 * Plain data that every room fills in and only the engine acts upon.
 */
#ifndef HW_DMA_SDXI_CORE_FAULT_H
#define HW_DMA_SDXI_CORE_FAULT_H

#include "hw/dma/sdxi/core/hostops.h"
#include "hw/dma/sdxi/wire/errlog.h"

typedef enum SdxiOutcome {
    SDXI_DONE,
    SDXI_MORE,      /* suspended: allowance used up, or somebody waits */
    SDXI_WAIT,      /* cannot go on now; try again in a later run */
    SDXI_FAULT,     /* the SdxiFault says why */
} SdxiOutcome;

typedef struct SdxiFault {
    uint8_t step;       /* SdxiErrStep */
    uint8_t sub;        /* SdxiErrSub */
    uint8_t reaction;   /* SdxiErrReaction */
    uint8_t buffer;     /* operand number, if has_buffer */
    bool has_buffer;
    bool absent;        /* of a table entry: vl is 0 */
} SdxiFault;

static inline SdxiOutcome sdxi_fault_set(SdxiFault *fault, SdxiErrStep step,
                                         SdxiErrSub sub)
{
    *fault = (SdxiFault) {
        .step = step, .sub = sub, .reaction = SDXI_RE_CONTEXT,
    };
    return SDXI_FAULT;
}

/* The same for an operand of a descriptor. */
static inline SdxiOutcome sdxi_fault_operand(SdxiFault *fault,
                                             SdxiErrStep step, SdxiErrSub sub,
                                             unsigned operand)
{
    sdxi_fault_set(fault, step, sub);
    fault->has_buffer = true;
    fault->buffer = operand;
    return SDXI_FAULT;
}

static inline SdxiErrSub sdxi_fault_sub(SdxiMemResult result)
{
    return result == SDXI_MEM_TRANSLATION ? SDXI_SUB_TRANSLATION
                                          : SDXI_SUB_ACCESS;
}

/* What the end of a memory access means for the step that needed it. */
static inline SdxiOutcome sdxi_fault_memory(SdxiFault *fault,
                                            SdxiErrStep step,
                                            SdxiMemResult result)
{
    switch (result) {
    case SDXI_MEM_OK:
        return SDXI_DONE;
    case SDXI_MEM_AGAIN:
        return SDXI_WAIT;
    default:
        return sdxi_fault_set(fault, step, sdxi_fault_sub(result));
    }
}

#endif /* HW_DMA_SDXI_CORE_FAULT_H */
