/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BAR0 and BAR2, for vCPUs that wait for nobody.
 *
 * A register is read from the core's image of all registers, which any thread
 * may take.  A write goes to the core if nobody owns it; else it is kept for
 * whoever owns the core next, and reads see it from then on.  A reset is kept
 * the same way, in front of all writes that come after it.
 */
#ifndef HW_DMA_SDXI_BARS_H
#define HW_DMA_SDXI_BARS_H

struct SdxiPci;

/* The memory regions; @doorbell_bytes is the size of BAR2. */
void sdxi_bars_init(struct SdxiPci *s, uint64_t doorbell_bytes);
/* What is kept; the function begins and ends with nothing. */
void sdxi_bars_keep(struct SdxiPci *s);
void sdxi_bars_forget(struct SdxiPci *s);
/* Big lock held, the core not entered: a reset of the function. */
void sdxi_bars_reset_function(struct SdxiPci *s);
/* As owner: do what was kept. */
void sdxi_bars_apply(struct SdxiPci *s);
/* Any thread: is there something to apply? */
bool sdxi_bars_pending(struct SdxiPci *s);

#endif
