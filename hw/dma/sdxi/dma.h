/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest memory as one requester sees it, for workers: RAM directly and without
 * the big lock; everything else by way of access.c, which has the lock.
 *
 * Who may touch what, and in which order, is the core's business.
 */
#ifndef HW_DMA_SDXI_DMA_H
#define HW_DMA_SDXI_DMA_H

#include "hw/dma/sdxi/requester.h"

/*
 * Aligned accesses of 1, 2, 4 and 8 bytes to RAM are single accesses.
 * SDXI_MEM_AGAIN: somebody waits, and the same access is to be made again; of
 * a long one a part may be done.
 */
SdxiMemResult sdxi_dma_read(const SdxiDma *d, hwaddr addr, void *buf,
                            uint64_t len);
SdxiMemResult sdxi_dma_write(const SdxiDma *d, hwaddr addr, const void *buf,
                             uint64_t len);
SdxiMemResult sdxi_dma_copy(SdxiDmaCopy *c);

/*
 * *@addr becomes @wanted if it is *@expected; *@expected becomes what was
 * found.  Little-endian values of @size 4 or 8 bytes in host order; @addr is a
 * multiple of @size.  One atomic access where the memory is RAM; elsewhere one
 * read, and at most one write.
 */
SdxiMemResult sdxi_dma_cmpxchg(const SdxiDma *d, hwaddr addr, unsigned size,
                               uint64_t *expected, uint64_t wanted);
/* Subtracts one from the quadword at @addr, a multiple of 8; likewise. */
SdxiMemResult sdxi_dma_decrement(const SdxiDma *d, hwaddr addr);

/* After a refusal: it was a translation that was missing. */
bool sdxi_dma_untranslated(const SdxiDma *d, hwaddr addr, bool write);

#endif
