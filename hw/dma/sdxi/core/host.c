/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accesses that are more than a read or a write; see host.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/host.h"

static void *aligned_at(const SdxiSpan *span, uint64_t addr, unsigned size)
{
    uint8_t *at = span ? sdxi_span_at(span, addr) : NULL;

    return at && QEMU_PTR_IS_ALIGNED(at, size) ? at : NULL;
}

SdxiMemResult sdxi_host_decrement(const SdxiHost *host,
                                  const SdxiSpace *space, uint64_t addr)
{
    SdxiSpan *span = sdxi_host_span(host, space, addr, 8, true);
    uint64_t *at = aligned_at(span, addr, 8);
    SdxiMemResult result;

    if (at && !HOST_BIG_ENDIAN) {
        qatomic_dec(at);
        sdxi_host_wrote(host, span, addr, 8);
        return SDXI_MEM_OK;
    }
    result = host->ops->decrement(host->opaque, space, addr);
    sdxi_spans_drop(host->spans);
    return result;
}

SdxiMemResult sdxi_host_cmpxchg(const SdxiHost *host, const SdxiSpace *space,
                                uint64_t addr, unsigned size,
                                uint64_t expected, uint64_t desired,
                                uint64_t *seen)
{
    SdxiSpan *span = sdxi_host_span(host, space, addr, size, true);
    void *at = aligned_at(span, addr, size);
    SdxiMemResult result;

    if (at) {
        *seen = sdxi_ram_cmpxchg(at, size, expected, desired);
        sdxi_host_wrote(host, span, addr, size);
        return SDXI_MEM_OK;
    }
    result = host->ops->cmpxchg(host->opaque, space, addr, size, expected,
                                desired, seen);
    sdxi_spans_drop(host->spans);
    return result;
}

SdxiCopyEnd sdxi_host_copy(const SdxiHost *host, const SdxiSpace *src_space,
                           uint64_t src, const SdxiSpace *dst_space,
                           uint64_t dst, uint32_t len)
{
    SdxiSpan *from = sdxi_host_span(host, src_space, src, len, false);
    const void *at = from ? sdxi_span_at(from, src) : NULL;
    SdxiSpan *to = at ? sdxi_host_span(host, dst_space, dst, len, true) : NULL;
    SdxiCopyEnd end;

    if (to) {
        memmove(sdxi_span_at(to, dst), at, len);
        sdxi_host_wrote(host, to, dst, len);
        return (SdxiCopyEnd) { .result = SDXI_MEM_OK, .done = len };
    }
    end = host->ops->copy(host->opaque, src_space, src, dst_space, dst, len);
    sdxi_spans_drop(host->spans);
    return end;
}
