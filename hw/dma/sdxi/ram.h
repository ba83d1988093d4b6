/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One contiguous piece of guest RAM: found, used, given back.  Within RCU, or
 * under the big lock.
 */
#ifndef HW_DMA_SDXI_RAM_H
#define HW_DMA_SDXI_RAM_H

#include "hw/memfab/compat.h"

typedef struct SdxiRam {
    uint8_t *host;
    uint64_t len;
} SdxiRam;

/* At most @len bytes at @addr; false if the next byte is no RAM. */
bool sdxi_ram_find(AddressSpace *as, hwaddr addr, uint64_t len, bool write,
                   SdxiRam *ram);
/* Those at @xlat of @mr, which is RAM. */
void sdxi_ram_take(MemoryRegion *mr, hwaddr xlat, uint64_t len, SdxiRam *ram);
/* Also marks the bytes dirty and drops translated code. */
void sdxi_ram_put(AddressSpace *as, SdxiRam *ram, bool write, uint64_t used);
/* One access where @len and alignment make that possible. */
void sdxi_ram_move(void *to, const void *from, uint64_t len);
/* At most @len bytes; 0 if the next byte is no RAM on either side. */
uint64_t sdxi_ram_copy(AddressSpace *src, hwaddr from, AddressSpace *dst,
                       hwaddr to, uint64_t len);

/* An atomic access of @size 4 or 8 bytes */
typedef struct SdxiAtomic {
    enum { SDXI_ATOMIC_SWAP, SDXI_ATOMIC_DECREMENT } what;
    unsigned size;
    uint64_t expected, wanted;  /* of a swap */
    uint64_t found;             /* result of a swap */
} SdxiAtomic;
/*
 * False: not aligned RAM.  *@done is false if nothing was done, for it would
 * have to be tried more than once.
 */
bool sdxi_ram_atomic(AddressSpace *as, hwaddr addr, SdxiAtomic *x,
                     bool *done);
/* The same without atomicity: the value that replaces @found; false: none. */
bool sdxi_atomic_next(SdxiAtomic *x, uint64_t found, uint64_t *next);

#endif
