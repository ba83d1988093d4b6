/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Administrative operations of a physical function on a virtual one: the
 * physical function hands the descriptor over, the virtual function carries it
 * out in a run of its own, so that each function goes on having one owner.
 *
 * A request that was lost (state was loaded, the function made anew) is asked
 * again; all administrative operations bear that.
 */
#ifndef HW_DMA_SDXI_CORE_DELEGATE_H
#define HW_DMA_SDXI_CORE_DELEGATE_H

#include "hw/dma/sdxi/core/device.h"

/*
 * Have the virtual function @x->op->vf_num do it.  Progress in @x->cxt: 1 once
 * it was asked.
 */
SdxiOutcome sdxi_delegate_ask(SdxiExec *x);

/* Any thread. */
bool sdxi_delegate_asked(const SdxiDevice *dev);
/*
 * Owner only, and nobody else has a context: it may concern all of them.  Do
 * what @dev was asked, if it was, for at most @allowance units.  True: there is
 * more of it to do now.
 */
bool sdxi_delegate_serve(SdxiDevice *dev, uint64_t allowance);

#endif /* HW_DMA_SDXI_CORE_DELEGATE_H */
