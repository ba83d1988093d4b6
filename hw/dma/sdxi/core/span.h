/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest RAM by pointer: HostOps with its opaque, the few spans that are in use
 * and the pages of I/O MMUs, and how one that holds some bytes is found.  When
 * they are void is said in hostops.h; accesses, by pointer or not, are in
 * host.h.
 */
#ifndef HW_DMA_SDXI_CORE_SPAN_H
#define HW_DMA_SDXI_CORE_SPAN_H

#include "hw/dma/sdxi/core/atc.h"

/* Pointers that are good for now.  One user at a time. */
typedef struct SdxiSpans {
    uint64_t epoch;         /* when they were made */
    unsigned next;          /* slot to use next */
    SdxiSpan span[SDXI_SPANS];
    SdxiAtc *atc;           /* NULL: nothing was ever translated */
} SdxiSpans;

typedef struct SdxiHost {
    const SdxiHostOps *ops;
    void *opaque;
    SdxiSpans *spans;
} SdxiHost;

/* Forget all pointers, but for pages. */
void sdxi_spans_drop(SdxiSpans *spans);
void sdxi_spans_free(SdxiSpans *spans);
/*
 * Ask the host for a span; NULL if there is none that holds all @len bytes.
 * This voids the spans of before, unless one is returned that is no page.
 */
SdxiSpan *sdxi_spans_make(const SdxiHost *host, const SdxiSpace *space,
                          uint64_t addr, uint64_t len, bool write);
/*
 * The span that @addr is in, if that can be had without asking an I/O MMU; the
 * one got before this stays.  NULL: sets *@paged if it makes sense to ask.
 */
SdxiSpan *sdxi_spans_try(const SdxiHost *host, const SdxiSpace *space,
                         uint64_t addr, bool write, bool *paged);
/* Ask for @wants, if there are any; voids all spans. */
void sdxi_spans_fetch(const SdxiHost *host, const SdxiWants *wants);

/* @addr and all @len bytes from it on are in @span. */
static inline bool sdxi_span_holds(const SdxiSpan *span, uint64_t addr,
                                   uint64_t len)
{
    uint64_t offset = addr - span->addr;

    return offset < span->len && len <= span->len - offset;
}

/* A page that was asked for to be written may be one that cannot be read. */
static inline bool sdxi_span_readable(const SdxiSpan *span)
{
    return span->slot != SDXI_SPANS || span->rights & SDXI_ATC_READ;
}

/* A span with all @len bytes from @addr on, or NULL. */
static inline SdxiSpan *sdxi_host_span(const SdxiHost *host,
                                       const SdxiSpace *space, uint64_t addr,
                                       uint64_t len, bool write)
{
    SdxiSpans *spans = host->spans;

    if (!space->pasid_valid &&
        qatomic_read(host->ops->epoch) == spans->epoch) {
        for (unsigned i = 0; i < SDXI_SPANS; i++) {
            SdxiSpan *span = &spans->span[i];

            if (sdxi_span_holds(span, addr, len) &&
                span->target == space->target &&
                (span->writable || !write)) {
                return span;
            }
        }
    }
    return sdxi_spans_make(host, space, addr, len, write);
}

static inline void *sdxi_span_at(const SdxiSpan *span, uint64_t addr)
{
    return span->host + (addr - span->addr);
}

/* A write to a span that is watched. */
static inline void sdxi_host_tell(const SdxiHost *host, const SdxiSpan *span,
                                  uint64_t addr, uint64_t len)
{
    host->ops->wrote(host->opaque, span, addr - span->addr, len);
}

static inline void sdxi_host_wrote(const SdxiHost *host, const SdxiSpan *span,
                                   uint64_t addr, uint64_t len)
{
    /* Watched when the span was made, or perhaps since then */
    if (span->watched ||
        unlikely(qatomic_read(host->ops->epoch) != host->spans->epoch)) {
        sdxi_host_tell(host, span, addr, len);
    }
}

#endif /* HW_DMA_SDXI_CORE_SPAN_H */
