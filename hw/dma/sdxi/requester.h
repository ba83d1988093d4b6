/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who reaches guest memory, whose memory that is, and the RAM in it by pointer,
 * for as long as an opening lasts.  How bytes are read, written and copied is
 * in dma.c.
 */
#ifndef HW_DMA_SDXI_REQUESTER_H
#define HW_DMA_SDXI_REQUESTER_H

#include "hw/memfab/compat.h"
#include "hw/dma/sdxi/core/hostops.h"
#include "hw/dma/sdxi/epoch.h"
#include "hw/dma/sdxi/core/gate.h"
#include "hw/dma/sdxi/worker.h"

/*
 * RAM by pointer.  All that is handed out is good until the next call for the
 * same slot, until any other call of this header with these spans, or until
 * the epoch changes.
 */
typedef struct SdxiDmaSpans {
    SdxiOpening opening;
    unsigned used;              /* bits: slots with something in them */
    MemoryRegionCache cache[SDXI_SPANS];
} SdxiDmaSpans;

struct SdxiPasid;

/* One address space, for the length of one call. */
typedef struct SdxiDma {
    AddressSpace *as;
    const SdxiGate *runner, *target; /* as is the target's */
    SdxiWorker *worker;         /* of the function that runs the operation */
    SdxiDmaSpans *spans;        /* of the thread that runs it */
    /*
     * An I/O MMU may translate.  Its faults raise interrupts, under the big
     * lock, so whatever is not in a cache (core/atc.h) is reached in sections
     * of it.
     */
    bool translated;
    struct SdxiPasid *process;  /* of the target: translates; or NULL */
    SdxiSpace space;
} SdxiDma;

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

/* Around all use of memory, in the thread that uses it. */
void sdxi_requester_begin(SdxiDmaSpans *spans);
void sdxi_requester_end(SdxiDmaSpans *spans);
/*
 * If something has changed, forget it all and begin again: who changed it waits
 * for those who have not seen it yet.
 */
void sdxi_requester_renew(SdxiDmaSpans *spans);
/* The RAM at @addr, as HostOps has it; no I/O MMU is asked. */
SdxiReach sdxi_requester_span(const SdxiDma *d, hwaddr addr, bool write,
                              unsigned slot, SdxiSpan *span);
/* Bytes of @span, which may be a page, were written. */
void sdxi_requester_wrote(SdxiDmaSpans *spans, const SdxiSpan *span,
                          uint64_t offset, uint64_t len);

/* Not for workers by themselves. */
static inline bool sdxi_requester_needs_lock(const SdxiDma *d)
{
    return d->translated || d->process;
}

static inline SdxiMemResult sdxi_requester_gate(const SdxiDma *d)
{
    SdxiMemResult res = sdxi_gate_result(d->runner, d->target);

    if (res == SDXI_MEM_OK && sdxi_space_is_void(&d->space)) {
        sdxi_worker_kick(d->worker);
        res = SDXI_MEM_AGAIN;
    }
    return res;
}

#endif
