/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * May a function reach memory now?  Set by one thread at a time, read by
 * any: what a worker looks at before each access of its own, and of functions
 * whose memory it reaches.
 *
 * Who closes a gate waits for those who have not seen it: accesses that began
 * before end, and those that begin later find the gate closed.
 */
#ifndef HW_DMA_SDXI_CORE_GATE_H
#define HW_DMA_SDXI_CORE_GATE_H

#include "qemu/bitops.h"
#include "hw/dma/sdxi/core/hostops.h"

typedef struct SdxiGate {
    bool gone;          /* removed: nothing of it is to be touched */
    bool asleep;        /* in a power state in which it does nothing */
    bool stopped;       /* the machine is */
    bool deciding;      /* a reset, or a write that decides, has to be done */
} SdxiGate;

static inline bool sdxi_gate_gone(const SdxiGate *gate)
{
    return qatomic_read(&gate->gone);
}

/* What becomes of an access of @runner by way of @target, often the same. */
static inline SdxiMemResult sdxi_gate_result(const SdxiGate *runner,
                                             const SdxiGate *target)
{
    if (sdxi_gate_gone(runner) || sdxi_gate_gone(target) ||
        (target != runner && qatomic_read(&target->asleep))) {
        return SDXI_MEM_ACCESS;
    }
    if (qatomic_read(&runner->asleep) || qatomic_read(&runner->stopped) ||
        qatomic_read(&runner->deciding) || qatomic_read(&target->stopped) ||
        qatomic_read(&target->deciding)) {
        return SDXI_MEM_AGAIN;
    }
    return SDXI_MEM_OK;
}

#endif
