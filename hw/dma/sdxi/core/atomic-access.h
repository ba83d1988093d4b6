/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Atomic accesses of guest memory that a function makes: on RAM that is mapped
 * here, and, one read and one write, on what is no RAM.  How memory is reached
 * is hw/dma/sdxi/dma.h; single accesses are ram.h.
 */
#ifndef HW_DMA_SDXI_CORE_ATOMIC_ACCESS_H
#define HW_DMA_SDXI_CORE_ATOMIC_ACCESS_H

/* An atomic access of @size 4 or 8 bytes; values in host order */
typedef struct SdxiAtomic {
    enum { SDXI_ACCESS_SWAP, SDXI_ACCESS_DECREMENT } what;
    unsigned size;
    uint64_t expected, wanted;  /* of a swap */
    uint64_t found;             /* result of a swap */
} SdxiAtomic;

/*
 * On RAM at @host, aligned and little-endian.  False: nothing was done, for it
 * would have to be tried more than once.
 */
bool sdxi_atomic_ram(void *host, SdxiAtomic *x);
/* The same without atomicity: the value that replaces @found; false: none. */
bool sdxi_atomic_next(SdxiAtomic *x, uint64_t found, uint64_t *next);

#endif /* HW_DMA_SDXI_CORE_ATOMIC_ACCESS_H */
