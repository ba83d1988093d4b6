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

/*
 * What has to happen before something can go on.  What waits for contexts is
 * woken by the core: where a context ends, and where it ends a descriptor that
 * kept old tables in use.  For the others the host kicks.
 */
typedef enum SdxiWaitFor {
    SDXI_FOR_MEMORY,        /* an access is possible again */
    SDXI_FOR_CONTEXTS,
    SDXI_FOR_FUNCTION,      /* another function has answered */
    SDXI_WAITS
} SdxiWaitFor;

typedef enum SdxiOutcome {
    SDXI_DONE,
    SDXI_MORE,      /* suspended: allowance used up, or somebody waits */
    SDXI_FAULT,     /* the SdxiFault says why */
    SDXI_WAIT,      /* this and what follows: cannot go on now; the reason */
    SDXI_WAIT_MEMORY = SDXI_WAIT + SDXI_FOR_MEMORY,
    SDXI_WAIT_CONTEXTS = SDXI_WAIT + SDXI_FOR_CONTEXTS,
    SDXI_WAIT_FUNCTION = SDXI_WAIT + SDXI_FOR_FUNCTION,
} SdxiOutcome;

static inline bool sdxi_outcome_waits(SdxiOutcome outcome)
{
    return outcome >= SDXI_WAIT;
}

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

/* A fault that is set is that of an operand of a descriptor. */
static inline SdxiOutcome sdxi_fault_of(SdxiFault *fault, unsigned operand)
{
    fault->has_buffer = true;
    fault->buffer = operand;
    return SDXI_FAULT;
}

static inline SdxiOutcome sdxi_fault_operand(SdxiFault *fault,
                                             SdxiErrStep step, SdxiErrSub sub,
                                             unsigned operand)
{
    sdxi_fault_set(fault, step, sub);
    return sdxi_fault_of(fault, operand);
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
        return SDXI_WAIT_MEMORY;
    default:
        return sdxi_fault_set(fault, step, sdxi_fault_sub(result));
    }
}

#endif /* HW_DMA_SDXI_CORE_FAULT_H */
