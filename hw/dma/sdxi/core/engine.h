/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of a context: how it starts, is told to stop, ends, and fails; and
 * what that means for the function.  All of it is the owner's business.
 *
 * What a context does with its descriptors is in turn.c.
 */
#ifndef HW_DMA_SDXI_CORE_ENGINE_H
#define HW_DMA_SDXI_CORE_ENGINE_H

#include "hw/dma/sdxi/core/device.h"
#include "hw/dma/sdxi/core/errlog.h"

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

/* Why @cxt has to end, if it has to. */
bool sdxi_engine_ending(const SdxiDevice *dev, const SdxiContext *cxt,
                        SdxiCxtEvent *event);
/* A soft stop lets go on what is in flight, for some time: it is over. */
bool sdxi_engine_out_of_patience(const SdxiDevice *dev,
                                 const SdxiContext *cxt);
/*
 * End what is in flight without completing it: a hard stop drops it, a soft one
 * gives it back to the ring.  If that cannot be done, what is missing at its
 * end; nothing has changed then.
 */
SdxiErrStep sdxi_engine_abandon(SdxiDevice *dev, SdxiContext *cxt);
/* Nothing is in flight: the context ends.  GONE, or PARKED to try later. */
SdxiTurn sdxi_engine_finish(SdxiDevice *dev, SdxiContext *cxt,
                            SdxiCxtEvent event);
/*
 * @fault of the descriptor @index is to end the context: log it.  False: memory
 * says "again", and nothing was done.
 */
bool sdxi_engine_log(SdxiDevice *dev, SdxiContext *cxt, const SdxiFault *fault,
                     uint64_t index, bool *interrupt);
/* After that: the context is gone; vector 0 is raised if @interrupt. */
void sdxi_engine_fail(SdxiDevice *dev, SdxiContext *cxt,
                      const SdxiFault *fault, bool interrupt);
/* The tables of @cxt cannot be found again.  GONE, or PARKED to try later. */
SdxiTurn sdxi_engine_detach(SdxiDevice *dev, SdxiContext *cxt,
                            SdxiFault *fault);

/*
 * Log a fault, raise vector 0 if that is wanted, and take the whole function
 * to ERROR if the fault demands it.  False: memory says "again", and nothing
 * was done.  @cxt, or NULL: what ends with it, which may not wait for ever.
 */
bool sdxi_engine_report(SdxiDevice *dev, const SdxiFault *fault,
                        const SdxiErrContext *where, const SdxiContext *cxt);
/*
 * All contexts have to end: give each of them a turn.  What is in flight may
 * go on for @patience_ns.
 */
void sdxi_engine_wind_down(SdxiDevice *dev, uint64_t patience_ns);

#endif /* HW_DMA_SDXI_CORE_ENGINE_H */
