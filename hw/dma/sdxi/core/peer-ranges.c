/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ranges of memory below the same switch; see peer-ranges.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/peer-ranges.h"

QEMU_BUILD_BUG_ON(sizeof(SdxiPeerRanges) > 3 * sizeof(uint64_t));

static SdxiPeerRange *at(const SdxiPeerRanges *ranges, unsigned i)
{
    return &g_array_index(ranges->range, SdxiPeerRange, i);
}

static void clear(SdxiPeerRanges *ranges)
{
    for (unsigned i = 0; i < ranges->range->len; i++) {
        const Watch *w = &at(ranges, i)->watch;

        if (w->ops) {
            w->ops->unref(w->owner);
        }
    }
    g_array_set_size(ranges->range, 0);
}

void sdxi_peer_ranges_begin(SdxiPeerRanges *ranges, uint64_t mapped,
                            uint32_t decoded)
{
    if (!ranges->range) {
        ranges->range = g_array_new(false, false, sizeof(SdxiPeerRange));
    }
    clear(ranges);
    ranges->mapped = mapped;
    ranges->decoded = decoded;
}

void sdxi_peer_ranges_add(SdxiPeerRanges *ranges, uint64_t base, uint64_t size)
{
    sdxi_peer_ranges_watch(ranges, base, size, &(const Watch) { .ops = NULL });
}

void sdxi_peer_ranges_watch(SdxiPeerRanges *ranges, uint64_t base,
                            uint64_t size, const Watch *watch)
{
    SdxiPeerRange range = { .base = base, .size = size, .watch = *watch };

    if (size && size - 1 <= UINT64_MAX - base) {
        if (watch->ops) {
            watch->ops->ref(watch->owner);
        }
        g_array_append_val(ranges->range, range);
    }
}

bool sdxi_peer_ranges_stale(const SdxiPeerRanges *ranges, uint64_t mapped,
                            uint32_t decoded)
{
    return !ranges->range || ranges->mapped != mapped ||
           ranges->decoded != decoded;
}

/* The bytes of an access that are in a range, from *@first; 0: none */
static uint64_t meet(const SdxiPeerRange *r, uint64_t addr, uint64_t len,
                     uint64_t *first)
{
    uint64_t last = MIN(addr + len - 1, r->base + r->size - 1);

    *first = MAX(addr, r->base);
    return *first <= last ? last - *first + 1 : 0;
}

uint64_t sdxi_peer_ranges_bytes(const SdxiPeerRanges *ranges, uint64_t addr,
                                uint64_t len)
{
    uint64_t sum = 0, first;

    for (unsigned i = 0; ranges->range && i < ranges->range->len; i++) {
        sum += meet(at(ranges, i), addr, len, &first);
    }
    return sum;
}

void sdxi_peer_ranges_accessed(const SdxiPeerRanges *ranges, uint64_t addr,
                               uint64_t len, bool is_write)
{
    for (unsigned i = 0; ranges->range && i < ranges->range->len; i++) {
        const SdxiPeerRange *r = at(ranges, i);
        uint64_t first, met = meet(r, addr, len, &first);

        if (met && r->watch.ops) {
            r->watch.ops->accessed(r->watch.owner,
                                   first - r->base + r->watch.offset, met,
                                   is_write);
        }
    }
}

void sdxi_peer_ranges_free(SdxiPeerRanges *ranges)
{
    if (ranges->range) {
        clear(ranges);
        g_array_free(ranges->range, true);
        ranges->range = NULL;
    }
}

const char *sdxi_peer_ranges_check(const SdxiPeerRanges *ranges)
{
    for (unsigned i = 0; ranges->range && i < ranges->range->len; i++) {
        const SdxiPeerRange *r = at(ranges, i);

        if (!r->size || r->size - 1 > UINT64_MAX - r->base) {
            return "a range is empty, or wraps";
        }
    }
    return NULL;
}
