/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One contiguous piece of guest RAM: found, used, given back.  Within RCU, or
 * under the big lock.
 */
#ifndef HW_DMA_SDXI_RAM_H
#define HW_DMA_SDXI_RAM_H

#include "hw/memfab/compat.h"
#include "hw/dma/sdxi/core/atomic-access.h"
#include "hw/dma/sdxi/core/ram.h"

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
/* Marks @len bytes at @host, which is RAM, as above. */
void sdxi_ram_wrote(uint8_t *host, uint64_t len);
/*
 * The host's address of @len bytes at @addr, for as long as the map of memory
 * stays as it is; NULL: they are not all RAM in one piece.
 */
uint8_t *sdxi_ram_lasting(AddressSpace *as, hwaddr addr, uint64_t len,
                          bool write, bool *watched);
/* At most @len bytes; 0 if the next byte is no RAM on either side. */
uint64_t sdxi_ram_copy(AddressSpace *src, hwaddr from, AddressSpace *dst,
                       hwaddr to, uint64_t len);

/*
 * False: not aligned RAM.  *@done is false if nothing was done, for it would
 * have to be tried more than once.
 */
bool sdxi_ram_atomic(AddressSpace *as, hwaddr addr, SdxiAtomic *x,
                     bool *done);

#endif
