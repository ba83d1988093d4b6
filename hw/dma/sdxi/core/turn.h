/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens to a context in its turn: take a descriptor, execute it,
 * publish, signal, retire.
 *
 * One descriptor of a context is in flight at a time.  It goes through the
 * phases of context.h and can be left alone between any two of them, and
 * within execution wherever its operation says MORE.  The valid bit is cleared
 * when it is taken; read_index moves after it was executed and before it is
 * signalled.  So until then it can be given back to the ring.
 *
 * A pipe that shares the function with others touches nothing but itself and
 * its context.  What goes beyond that, failure above all, it leaves to the
 * owner: the turn ends with OWNER, and the context is as any owner may find it.
 *
 * How contexts start, stop and fail is in engine.c, who has a turn in sched.c.
 */
#ifndef HW_DMA_SDXI_CORE_TURN_H
#define HW_DMA_SDXI_CORE_TURN_H

#include "hw/dma/sdxi/core/engine.h"

SdxiTurn sdxi_turn(SdxiPipe *pipe, SdxiContext *cxt, uint64_t allowance,
                   uint64_t *used);
/* For SdxiSchedCalls: the same with the pipe of the owner of @opaque. */
SdxiTurn sdxi_turn_of_owner(void *opaque, SdxiContext *cxt,
                            uint64_t allowance, uint64_t *used);

#endif /* HW_DMA_SDXI_CORE_TURN_H */
