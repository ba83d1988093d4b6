/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptor rings, SDXI 1.0 3.2 and 6.1: index arithmetic, the valid bit,
 * and the one copy of each descriptor.
 *
 * Slots are read in batches: first the valid bits of several slots, then, in
 * a second read, the bodies of the leading valid ones.  Whoever sees a valid
 * bit in the first read sees the body its producer wrote before it in the
 * second.  All that follows works on the second copy alone; the first is used
 * for nothing but the valid bits.
 *
 * What a descriptor means is in descriptor.c.
 */
#ifndef HW_DMA_SDXI_CORE_RING_H
#define HW_DMA_SDXI_CORE_RING_H

#include "hw/dma/sdxi/core/cxtwalk.h"
#include "hw/dma/sdxi/wire/descriptor.h"

#define SDXI_RING_BATCH 16

/* Valid descriptors read ahead, of one context at a time. */
typedef struct SdxiRing {
    uint64_t index;         /* of dsc[first] */
    unsigned first;
    unsigned count;
    SdxiDsc dsc[SDXI_RING_BATCH];
} SdxiRing;

typedef enum SdxiRingState {
    SDXI_RING_EMPTY,
    SDXI_RING_FILLED,
    SDXI_RING_BROKEN,       /* indexes contradict each other */
} SdxiRingState;

SdxiRingState sdxi_ring_state(uint64_t read_index, uint64_t write_index,
                              uint32_t entries);
/* Guest address of the slot of @index. */
uint64_t sdxi_ring_slot(const SdxiGeometry *geo, uint64_t index);

/* Forget what was read ahead: another context, or an interruption. */
static inline void sdxi_ring_drop(SdxiRing *ring)
{
    ring->count = 0;
}

/*
 * The descriptor at @read_index into *@dsc.  DONE with *@got, which is false
 * if there is none yet, WAIT or FAULT.  The slot still belongs to the ring
 * until sdxi_ring_take().
 */
SdxiOutcome sdxi_ring_fetch(SdxiRing *ring, const SdxiHost *host,
                            const SdxiGeometry *geo, uint64_t read_index,
                            SdxiDsc *dsc, bool *got, SdxiFault *fault);
/* Clear the valid bit of the slot that was fetched last: it is ours now. */
SdxiOutcome sdxi_ring_take(SdxiRing *ring, const SdxiHost *host,
                           const SdxiGeometry *geo, uint64_t read_index,
                           const SdxiDsc *dsc, SdxiFault *fault);
/* Give a taken descriptor back as if it had never been taken. */
SdxiMemResult sdxi_ring_untake(const SdxiHost *host, const SdxiGeometry *geo,
                               uint64_t read_index, const SdxiDsc *dsc);

#endif /* HW_DMA_SDXI_CORE_RING_H */
