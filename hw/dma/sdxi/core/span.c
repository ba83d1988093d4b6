/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keep the few spans that are in use, ask for others, and forget them in time;
 * see span.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/span.h"

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
