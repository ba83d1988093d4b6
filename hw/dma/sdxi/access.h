/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest memory under the big lock, for what a worker cannot reach by itself:
 * registers of devices, and whatever an I/O MMU translates.
 *
 * Called by workers; the access itself is made where the big lock is, in
 * sections of bounded time, and may be given up half-way if somebody waits for
 * the function (SDXI_MEM_AGAIN).  Short ones are made as a whole.  Any of them
 * may reset or remove any function, this one included.
 */
#ifndef HW_DMA_SDXI_ACCESS_H
#define HW_DMA_SDXI_ACCESS_H

#include "hw/dma/sdxi/core/atc.h"
#include "hw/dma/sdxi/requester.h"
#include "hw/dma/sdxi/ram.h"

/* As sdxi_dma_read() and sdxi_dma_write(). */
SdxiMemResult sdxi_access_rw(const SdxiDma *d, hwaddr addr, void *buf,
                             uint64_t len, bool write);
/*
 * As sdxi_dma_copy(), from where it got so far.  SDXI_MEM_OK: done, or what
 * comes next does not need the big lock.
 */
SdxiMemResult sdxi_access_copy(SdxiDmaCopy *c);
/* An atomic access at @addr, a multiple of its size. */
SdxiMemResult sdxi_access_atomic(const SdxiDma *d, hwaddr addr, SdxiAtomic *x);
/*
 * In a section of access: ask for the page of @want, and keep the answer in
 * @atc.  False: nothing came of it, or the time is over.
 */
bool sdxi_access_fetch(const SdxiDma *d, SdxiAtc *atc, const SdxiWant *want,
                       int64_t until);
/*
 * By the worker itself: what @want is about is never kept, which @atc knows
 * then.
 */
bool sdxi_access_never_kept(const SdxiDma *d, SdxiAtc *atc,
                            const SdxiWant *want);
/* Have @fn called where the big lock is, and wait. */
void sdxi_access_post(const SdxiDma *d, SdxiAccessFn *fn, void *opaque,
                      bool brief);
/* Does an I/O MMU translate @addr?  False if that cannot be said any more. */
bool sdxi_access_translates(const SdxiDma *d, hwaddr addr, bool write);

#endif
