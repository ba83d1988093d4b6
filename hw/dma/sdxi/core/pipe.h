/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pipe: what executes the turn of a context needs of its own, so that several
 * can execute turns of different contexts side by side.
 *
 * Who gets which context is in run.c and sched.c; how pipes may be used is said
 * in sdxi.h.
 */
#ifndef HW_DMA_SDXI_CORE_PIPE_H
#define HW_DMA_SDXI_CORE_PIPE_H

#include "hw/dma/sdxi/core/context.h"
#include "hw/dma/sdxi/core/ring.h"
#include "hw/dma/sdxi/core/sched.h"
#include "hw/dma/sdxi/core/sdxi.h"

struct SdxiPipe {
    SdxiDevice *dev;
    SdxiHost host;              /* with the spans below */
    SdxiSpans spans;
    SdxiRing ring;              /* of the context that has its turn */
    SdxiCounters counters;      /* not yet added to the function's */
    uint8_t *scratch;           /* SDXI_HOST_CHUNK bytes for operations */
    bool shared;                /* others have turns at the same time */
    bool traced;                /* as HostOps said last */
    SdxiContext *cxt;           /* whose turn it has, or NULL */
    uint64_t allowance;         /* what that may cost */
    SdxiTurn turn;              /* how that ended, and what it cost */
    uint64_t used;
};

#endif /* HW_DMA_SDXI_CORE_PIPE_H */
