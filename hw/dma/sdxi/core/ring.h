/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptor rings, SDXI 1.0 3.2 and 6.1: index arithmetic, the valid bit,
 * and the one copy of each descriptor.
 *
 * A valid bit is read first, the body after it, so that it is the body that
 * its producer wrote before.  All that follows works on the one copy of the
 * body.  A ring that is reached by pointer is read slot by slot, any other in
 * batches: the valid bits of several slots, then the bodies of the leading
 * valid ones.  Write_Index is read again when it has been reached.
 *
 * What a descriptor means is in descriptor.c.
 */
#ifndef HW_DMA_SDXI_CORE_RING_H
#define HW_DMA_SDXI_CORE_RING_H

#include "hw/dma/sdxi/core/cxtwalk.h"
#include "hw/dma/sdxi/wire/descriptor.h"

#define SDXI_RING_BATCH 16

/* What was read of the ring of one context. */
typedef struct SdxiRing {
    uint64_t limit;         /* Write_Index as last read, 0: not read */
    uint64_t index;         /* of dsc[first] */
    unsigned first;
    unsigned count;         /* valid descriptors from there on */
    SdxiDsc dsc[SDXI_RING_BATCH];
} SdxiRing;

typedef enum SdxiRingState {
    SDXI_RING_EMPTY,
    SDXI_RING_FILLED,
    SDXI_RING_BROKEN,       /* indexes contradict each other */
} SdxiRingState;

SdxiRingState sdxi_ring_state(uint64_t read_index, uint64_t write_index,
                              uint32_t entries);
/* Most rings are powers of two, and a division is slower than a mask. */
static inline uint32_t sdxi_ring_number(const SdxiGeometry *geo,
                                        uint64_t index)
{
    uint32_t mask = geo->ring_entries - 1;

    return geo->ring_entries & mask ? index % geo->ring_entries
                                    : index & mask;
}

/* Of the slot of @index, from the start of the ring. */
static inline uint64_t sdxi_ring_offset(const SdxiGeometry *geo,
                                        uint64_t index)
{
    return (uint64_t)sdxi_ring_number(geo, index) * SDXI_DSC_BYTES;
}

/* Guest address of the slot of @index. */
static inline uint64_t sdxi_ring_slot(const SdxiGeometry *geo, uint64_t index)
{
    return geo->ring + sdxi_ring_offset(geo, index);
}

/* Forget what was read ahead: another context, or an interruption. */
static inline void sdxi_ring_drop(SdxiRing *ring)
{
    ring->count = 0;
    ring->limit = 0;
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
