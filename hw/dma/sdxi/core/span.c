/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest RAM by pointer: keep the few spans that are in use, ask for others,
 * and forget them in time.  When they are void is said in hostops.h; accesses
 * that are small are in host.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/host.h"

void sdxi_spans_drop(SdxiSpans *spans)
{
    for (unsigned i = 0; i < SDXI_SPANS; i++) {
        spans->span[i].len = 0;
    }
    spans->next = 0;
}

SdxiSpan *sdxi_spans_make(const SdxiHost *host, const SdxiSpace *space,
                          uint64_t addr, uint64_t len, bool write)
{
    SdxiSpans *spans = host->spans;
    uint32_t epoch = qatomic_load_acquire(host->ops->epoch);
    unsigned slot;
    SdxiSpan *span;

    if (epoch != spans->epoch) {
        sdxi_spans_drop(spans);
        spans->epoch = epoch;
    }
    /* The one made before this stays: a copy needs two. */
    slot = spans->next;
    span = &spans->span[slot];
    span->len = 0;
    if (!host->ops->span(host->opaque, space, addr, write, slot, span)) {
        span->len = 0;
        return NULL;
    }
    span->target = space->target;
    spans->next = (slot + 1) % SDXI_SPANS;
    return sdxi_span_holds(span, addr, len) && (span->writable || !write)
           ? span : NULL;
}

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
        *seen = size == 8
            ? le64_to_cpu(qatomic_cmpxchg((uint64_t *)at,
                                          cpu_to_le64(expected),
                                          cpu_to_le64(desired)))
            : le32_to_cpu(qatomic_cmpxchg((uint32_t *)at,
                                          cpu_to_le32(expected),
                                          cpu_to_le32(desired)));
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
