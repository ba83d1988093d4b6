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

/* ---- copies ---- */

typedef struct Sides {
    const SdxiSpace *src_space, *dst_space;
    uint64_t src, dst, len;     /* what is still to be copied */
} Sides;

/* What holds @addr and, as far as they follow, @len bytes; may be *@row. */
static SdxiSpan *side(const SdxiHost *host, const SdxiSpace *space,
                      uint64_t addr, uint64_t len, bool write, SdxiSpan *row,
                      bool *paged)
{
    const SdxiSpans *spans = host->spans;

    *paged = false;
    /* Most pieces are pages that are known. */
    if (spans->atc && qatomic_read(host->ops->epoch) == spans->epoch &&
        sdxi_atc_reach(spans->atc, space->target, sdxi_space_process(space),
                       addr, len, write, row)) {
        return row;
    }
    return sdxi_spans_try(host, space, addr, write, paged);
}

/* How many of @len bytes from @addr on are in @span. */
static uint64_t reach(const SdxiSpan *span, uint64_t addr, uint64_t len)
{
    return MIN(span->len - (addr - span->addr), len);
}

/* Piece by piece, bytes would be overwritten that are still to be copied. */
static bool must_be_whole(const Sides *c)
{
    return c->src < c->dst && c->dst - c->src < c->len;
}

/*
 * As far as spans go.  True: all of it; else *@paged says that an I/O MMU may
 * know what comes next.
 */
static bool copy_by_pointer(const SdxiHost *host, Sides *c, bool *paged)
{
    *paged = false;
    while (c->len) {
        bool other;
        SdxiSpan rows[2];
        SdxiSpan *from = side(host, c->src_space, c->src, c->len, false,
                              &rows[0], paged);
        SdxiSpan *to = side(host, c->dst_space, c->dst, c->len, true,
                            &rows[1], &other);
        uint64_t n;

        *paged = (*paged && (to || other)) || (from && other);
        if (!from || !to) {
            return false;
        }
        n = reach(to, c->dst, reach(from, c->src, c->len));
        if (n < c->len && must_be_whole(c)) {
            return false;
        }
        memmove(sdxi_span_at(to, c->dst), sdxi_span_at(from, c->src), n);
        sdxi_host_wrote(host, to, c->dst, n);
        c->src += n;
        c->dst += n;
        c->len -= n;
    }
    return true;
}

static void fetch_sides(const SdxiHost *host, const Sides *c)
{
    SdxiWants wants;

    wants.count = 0;
    sdxi_wants_add_copy(&wants, host->spans->atc, c->src_space, c->src,
                        c->dst_space, c->dst, c->len);
    sdxi_spans_fetch(host, &wants);
}

SdxiCopyEnd sdxi_host_copy(const SdxiHost *host, const SdxiSpace *src_space,
                           uint64_t src, const SdxiSpace *dst_space,
                           uint64_t dst, uint32_t len)
{
    Sides c = {
        .src_space = src_space, .dst_space = dst_space,
        .src = src, .dst = dst, .len = len,
    };
    uint64_t before = len + UINT64_C(1);
    SdxiCopyEnd end;
    bool paged;

    /* Asking again is of no use where it has brought nothing. */
    while (!copy_by_pointer(host, &c, &paged) && paged && c.len < before) {
        before = c.len;
        fetch_sides(host, &c);
    }
    if (!c.len) {
        return (SdxiCopyEnd) { .result = SDXI_MEM_OK, .done = len };
    }
    end = host->ops->copy(host->opaque, src_space, c.src, dst_space, c.dst,
                          c.len);
    sdxi_spans_drop(host->spans);
    end.done += len - c.len;
    return end;
}
