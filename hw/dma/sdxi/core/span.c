/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keep the few spans that are in use, ask for others and for pages, and forget
 * them in time; see span.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/atc-renew.h"
#include "hw/dma/sdxi/core/span.h"

void sdxi_spans_drop(SdxiSpans *spans)
{
    for (unsigned i = 0; i < SDXI_SPANS; i++) {
        spans->span[i].len = 0;
    }
    spans->next = 0;
}

void sdxi_spans_free(SdxiSpans *spans)
{
    g_clear_pointer(&spans->atc, g_free);
}

static void renew(const SdxiHost *host)
{
    SdxiSpans *spans = host->spans;
    uint64_t epoch = qatomic_load_acquire(host->ops->epoch);

    if (epoch != spans->epoch) {
        sdxi_spans_drop(spans);
        spans->epoch = epoch;
    }
    if (spans->atc) {
        sdxi_atc_renew(spans->atc, epoch, host->ops->invals);
    }
}

/* Without a process, and not known yet. */
static SdxiSpan *ask(const SdxiHost *host, const SdxiSpace *space,
                     uint64_t addr, bool write, bool *paged)
{
    SdxiSpans *spans = host->spans;
    /* The one made before this stays: a copy needs two. */
    unsigned slot = spans->next;
    SdxiSpan *span = &spans->span[slot];
    SdxiReach reach;

    span->len = 0;
    reach = host->ops->span(host->opaque, space, addr, write, slot, span);
    *paged = reach == SDXI_REACH_PAGES;
    if (reach != SDXI_REACH_SPAN) {
        span->len = 0;
        return NULL;
    }
    span->target = space->target;
    span->slot = slot;
    spans->next = (slot + 1) % SDXI_SPANS;
    return sdxi_span_holds(span, addr, 1) && (span->writable || !write)
           ? span : NULL;
}

static SdxiSpan *find(const SdxiHost *host, const SdxiSpace *space,
                      uint64_t addr, bool write)
{
    SdxiSpans *spans = host->spans;

    for (unsigned i = 0; i < SDXI_SPANS && !space->pasid_valid; i++) {
        SdxiSpan *span = &spans->span[i];

        if (sdxi_span_holds(span, addr, 1) && span->target == space->target &&
            (span->writable || !write)) {
            return span;
        }
    }
    return sdxi_atc_find(spans->atc, space->target, sdxi_space_process(space),
                         addr, 1, write);
}

SdxiSpan *sdxi_spans_try(const SdxiHost *host, const SdxiSpace *space,
                         uint64_t addr, bool write, bool *paged)
{
    SdxiSpan *span;

    *paged = false;
    renew(host);
    span = find(host, space, addr, write);
    if (!span && !sdxi_atc_knows(host->spans->atc, space, addr, write)) {
        if (space->pasid_valid) {
            *paged = true;
        } else {
            span = ask(host, space, addr, write, paged);
        }
    }
    return span;
}

void sdxi_spans_fetch(const SdxiHost *host, const SdxiWants *wants)
{
    SdxiSpans *spans = host->spans;

    if (!wants->count) {
        return;
    }
    if (!spans->atc) {
        spans->atc = g_new0(SdxiAtc, 1);
    }
    host->ops->fetch(host->opaque, spans->atc, wants);
    sdxi_spans_drop(spans);
    renew(host);
}

static SdxiSpan *fetch(const SdxiHost *host, const SdxiSpace *space,
                       uint64_t addr, uint64_t len, bool write)
{
    SdxiWants wants;

    wants.count = 0;
    sdxi_wants_add_range(&wants, host->spans->atc, space, addr, len, write);
    sdxi_spans_fetch(host, &wants);
    return sdxi_atc_find(host->spans->atc, space->target,
                         sdxi_space_process(space), addr, len, write);
}

SdxiSpan *sdxi_spans_make(const SdxiHost *host, const SdxiSpace *space,
                          uint64_t addr, uint64_t len, bool write)
{
    bool paged;
    SdxiSpan *span = sdxi_spans_try(host, space, addr, write, &paged);

    if (!span && paged) {
        span = fetch(host, space, addr, len, write);
    }
    return span && sdxi_span_holds(span, addr, len) ? span : NULL;
}
