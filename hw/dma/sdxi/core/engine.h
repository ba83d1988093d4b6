/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens to a context in its turn: take a descriptor, execute it,
 * publish, signal, retire; start, stop and fail.
 *
 * One descriptor of a context is in flight at a time.  It goes through the
 * phases of context.h and can be left alone between any two of them, and
 * within execution wherever its operation says MORE.  The valid bit is cleared
 * when it is taken; read_index moves after it was executed and before it is
 * signalled.  So until then it can be given back to the ring.
 *
 * Who has a turn is in sched.c.
 */
#ifndef HW_DMA_SDXI_CORE_ENGINE_H
#define HW_DMA_SDXI_CORE_ENGINE_H

#include "hw/dma/sdxi/core/device.h"
#include "hw/dma/sdxi/core/errlog.h"

SdxiTurn sdxi_engine_turn(SdxiDevice *dev, SdxiContext *cxt,
                          uint64_t allowance, uint64_t *used);
/* False: memory says "again"; look at this doorbell in a later run. */
bool sdxi_engine_doorbell(SdxiDevice *dev, uint16_t number);

/*
 * Start @number because of @event.  DONE (also if its state does not allow
 * it, or it runs already), WAIT, or FAULT; nothing is reported yet.
 */
SdxiOutcome sdxi_engine_start(SdxiDevice *dev, uint16_t number,
                              SdxiCxtEvent event, SdxiFault *fault);
/* Command a running context to stop; it happens in its next turn. */
void sdxi_engine_stop(SdxiDevice *dev, SdxiContext *cxt, bool hard);

/*
 * Log a fault, raise vector 0 if that is wanted, and take the whole function
 * to ERROR if the fault demands it.
 */
void sdxi_engine_report(SdxiDevice *dev, const SdxiFault *fault,
                        const SdxiErrContext *where);
/*
 * All contexts have to end: give each of them a turn.  What is in flight may
 * go on for @patience_ns.
 */
void sdxi_engine_wind_down(SdxiDevice *dev, uint64_t patience_ns);

#endif /* HW_DMA_SDXI_CORE_ENGINE_H */
