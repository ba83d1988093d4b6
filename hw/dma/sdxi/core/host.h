/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HostOps with its opaque, and what all callers share: an access that would
 * wrap at 2^64 fails like one to nowhere, and what is RAM is reached by
 * pointer (span.c), all else through HostOps.
 */
#ifndef HW_DMA_SDXI_CORE_HOST_H
#define HW_DMA_SDXI_CORE_HOST_H

#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "hw/dma/sdxi/core/hostops.h"

/* Pointers that are good for now.  One user at a time. */
typedef struct SdxiSpans {
    uint32_t epoch;         /* when they were made */
    unsigned next;          /* slot to use next */
    SdxiSpan span[SDXI_SPANS];
} SdxiSpans;

typedef struct SdxiHost {
    const SdxiHostOps *ops;
    void *opaque;
    SdxiSpans *spans;
} SdxiHost;

/* Forget all pointers. */
void sdxi_spans_drop(SdxiSpans *spans);
/* Ask the host for a span; NULL if there is none that holds all @len bytes. */
SdxiSpan *sdxi_spans_make(const SdxiHost *host, const SdxiSpace *space,
                          uint64_t addr, uint64_t len, bool write);

/* @len > 0 */
static inline bool sdxi_host_wraps(uint64_t addr, uint64_t len)
{
    return len - 1 > UINT64_MAX - addr;
}

/* @addr and all @len bytes from it on are in @span. */
static inline bool sdxi_span_holds(const SdxiSpan *span, uint64_t addr,
                                   uint64_t len)
{
    uint64_t offset = addr - span->addr;

    return offset < span->len && len <= span->len - offset;
}

/* A span with all @len bytes from @addr on, or NULL. */
static inline SdxiSpan *sdxi_host_span(const SdxiHost *host,
                                       const SdxiSpace *space, uint64_t addr,
                                       uint64_t len, bool write)
{
    SdxiSpans *spans = host->spans;

    if (space->pasid_valid) {
        return NULL;
    }
    if (qatomic_read(host->ops->epoch) == spans->epoch) {
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
    host->ops->wrote(host->opaque, span - host->spans->span,
                     addr - span->addr, len);
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

/* One access where @len and alignment make that possible. */
static inline void sdxi_host_move(void *to, const void *from, uint32_t len)
{
    uintptr_t both = (uintptr_t)to | (uintptr_t)from;

    if (len == 8 && !(both & 7)) {
        qatomic_set((uint64_t *)to, qatomic_read((const uint64_t *)from));
    } else if (len == 4 && !(both & 3)) {
        qatomic_set((uint32_t *)to, qatomic_read((const uint32_t *)from));
    } else if (len == 2 && !(both & 1)) {
        qatomic_set((uint16_t *)to, qatomic_read((const uint16_t *)from));
    } else {
        memmove(to, from, len);
    }
}

static inline SdxiMemResult sdxi_host_read(const SdxiHost *host,
                                           const SdxiSpace *space,
                                           uint64_t addr, void *buf,
                                           uint32_t len)
{
    SdxiMemResult result;
    SdxiSpan *span;

    if (sdxi_host_wraps(addr, len)) {
        return SDXI_MEM_ACCESS;
    }
    span = sdxi_host_span(host, space, addr, len, false);
    if (span) {
        sdxi_host_move(buf, sdxi_span_at(span, addr), len);
        return SDXI_MEM_OK;
    }
    result = host->ops->read(host->opaque, space, addr, buf, len);
    sdxi_spans_drop(host->spans);
    return result;
}

/* Earlier writes are visible before one of 8 aligned bytes or less. */
static inline SdxiMemResult sdxi_host_write(const SdxiHost *host,
                                            const SdxiSpace *space,
                                            uint64_t addr, const void *buf,
                                            uint32_t len)
{
    SdxiMemResult result;
    SdxiSpan *span;

    if (sdxi_host_wraps(addr, len)) {
        return SDXI_MEM_ACCESS;
    }
    span = sdxi_host_span(host, space, addr, len, true);
    if (span) {
        /* As promised above. */
        smp_wmb();
        sdxi_host_move(sdxi_span_at(span, addr), buf, len);
        sdxi_host_wrote(host, span, addr, len);
        return SDXI_MEM_OK;
    }
    result = host->ops->write(host->opaque, space, addr, buf, len);
    sdxi_spans_drop(host->spans);
    return result;
}

/* The members of HostOps of the same names, by pointer where possible. */
SdxiMemResult sdxi_host_decrement(const SdxiHost *host,
                                  const SdxiSpace *space, uint64_t addr);
SdxiMemResult sdxi_host_cmpxchg(const SdxiHost *host, const SdxiSpace *space,
                                uint64_t addr, unsigned size,
                                uint64_t expected, uint64_t desired,
                                uint64_t *seen);
SdxiCopyEnd sdxi_host_copy(const SdxiHost *host, const SdxiSpace *src_space,
                           uint64_t src, const SdxiSpace *dst_space,
                           uint64_t dst, uint32_t len);

/* @count little-endian quadwords to host order */
static inline SdxiMemResult sdxi_host_read_quads(const SdxiHost *host,
                                                 const SdxiSpace *space,
                                                 uint64_t addr, uint64_t *q,
                                                 unsigned count)
{
    SdxiMemResult result = sdxi_host_read(host, space, addr, q, count * 8);

    for (unsigned i = 0; i < count && result == SDXI_MEM_OK; i++) {
        q[i] = le64_to_cpu(q[i]);
    }
    return result;
}

static inline void sdxi_host_trace(const SdxiHost *host, SdxiTraceStep step,
                                   uint64_t a, uint64_t b, uint64_t c)
{
    host->ops->trace(host->opaque, step, a, b, c);
}

#endif /* HW_DMA_SDXI_CORE_HOST_H */
