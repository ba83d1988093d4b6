/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest memory as one requester sees it: RAM directly, from any thread and
 * without the big lock; everything else under the big lock through the worker.
 *
 * Who may touch what, and in which order, is the core's business.
 */
#ifndef HW_DMA_SDXI_DMA_H
#define HW_DMA_SDXI_DMA_H

#include "hw/memfab/compat.h"
#include "hw/dma/sdxi/core/hostops.h"
#include "hw/dma/sdxi/worker.h"

/*
 * RAM by pointer.  All that is handed out is good until the next call for the
 * same slot, sdxi_dma_spans_end(), or a change of sdxi_dma_epoch.
 */
typedef struct SdxiDmaSpans {
    bool open;                  /* within an RCU critical section */
    unsigned used;              /* bits: slots with something in them */
    MemoryRegionCache cache[SDXI_SPANS];
} SdxiDmaSpans;

/* One address space, for the length of one call. */
typedef struct SdxiDma {
    AddressSpace *as;
    MemTxAttrs attrs;
    SdxiWorker *worker;         /* of the function that runs the operation */
    SdxiDmaSpans *spans;        /* of the thread that runs it; may be NULL */
    /* Atomic: runner or target was removed; @as is not to be used then. */
    const bool *gone[2];
    /*
     * An IOMMU translates.  Its faults raise interrupts, and invalidations
     * must not overtake accesses: both happen under the big lock, so each
     * call here is one section of it.
     */
    bool translated;
} SdxiDma;

/* Counts changes of what is mapped where; atomic. */
extern uint32_t sdxi_dma_epoch;
/* Big lock held.  From here on the epoch counts; harmless to repeat. */
void sdxi_dma_watch(void);

/* Around all use of spans, in the thread that uses them. */
void sdxi_dma_spans_begin(SdxiDmaSpans *spans);
void sdxi_dma_spans_end(SdxiDmaSpans *spans);
/* The RAM at @addr; false: none, or it is not for everybody to touch. */
bool sdxi_dma_span(SdxiDmaSpans *spans, const SdxiDma *d, hwaddr addr,
                   bool write, unsigned slot, SdxiSpan *span);
/* Bytes of slot @slot were written. */
void sdxi_dma_wrote(SdxiDmaSpans *spans, unsigned slot, uint64_t offset,
                    uint64_t len);

static inline bool sdxi_dma_gone(const SdxiDma *d)
{
    return (d->gone[0] && qatomic_read(d->gone[0])) ||
           (d->gone[1] && qatomic_read(d->gone[1]));
}

/* Under the big lock: here if we hold it, else through the worker. */
void sdxi_dma_locked(const SdxiDma *d, SdxiAccessFn *fn, void *opaque);

/* Aligned accesses of 1, 2, 4 and 8 bytes to RAM are single accesses. */
MemTxResult sdxi_dma_read(const SdxiDma *d, hwaddr addr, void *buf,
                          uint64_t len);
MemTxResult sdxi_dma_write(const SdxiDma *d, hwaddr addr, const void *buf,
                           uint64_t len);

/*
 * Copies @len bytes; the two may differ in address space and may overlap (the
 * result is then unspecified).  @done tells how far it got; on an error
 * @write_failed tells which side refused.
 */
typedef struct SdxiDmaCopy {
    const SdxiDma *src, *dst;
    hwaddr from, to;
    uint64_t len;
    uint64_t done;              /* result */
    bool write_failed;          /* result */
} SdxiDmaCopy;
MemTxResult sdxi_dma_copy(SdxiDmaCopy *c);

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

#endif
