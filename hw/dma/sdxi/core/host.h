/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accesses of guest memory, and what all callers share: an access that would
 * wrap at 2^64 fails like one to nowhere, what is RAM is reached by pointer
 * (span.h), all else through HostOps.
 */
#ifndef HW_DMA_SDXI_CORE_HOST_H
#define HW_DMA_SDXI_CORE_HOST_H

#include "hw/dma/sdxi/core/ram.h"
#include "hw/dma/sdxi/core/span.h"

/* @len > 0 */
static inline bool sdxi_host_wraps(uint64_t addr, uint64_t len)
{
    return len - 1 > UINT64_MAX - addr;
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
        sdxi_ram_move(buf, sdxi_span_at(span, addr), len);
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
        sdxi_ram_move(sdxi_span_at(span, addr), buf, len);
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
