/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ranges of memory below the same switch; see peer-ranges.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/peer-ranges.h"

QEMU_BUILD_BUG_ON(sizeof(SdxiPeerRanges) != sizeof(void *) + 8);

void sdxi_peer_ranges_begin(SdxiPeerRanges *ranges, uint32_t mapped,
                            uint32_t decoded)
{
    if (!ranges->range) {
        ranges->range = g_array_new(false, false, sizeof(SdxiPeerRange));
    }
    g_array_set_size(ranges->range, 0);
    ranges->mapped = mapped;
    ranges->decoded = decoded;
}

void sdxi_peer_ranges_add(SdxiPeerRanges *ranges, uint64_t base, uint64_t size)
{
    SdxiPeerRange range = { .base = base, .size = size };

    if (size && size - 1 <= UINT64_MAX - base) {
        g_array_append_val(ranges->range, range);
    }
}

bool sdxi_peer_ranges_stale(const SdxiPeerRanges *ranges, uint32_t mapped,
                            uint32_t decoded)
{
    return !ranges->range || ranges->mapped != mapped ||
           ranges->decoded != decoded;
}

uint64_t sdxi_peer_ranges_bytes(const SdxiPeerRanges *ranges, uint64_t addr,
                                uint64_t len)
{
    uint64_t sum = 0;

    for (unsigned i = 0; ranges->range && i < ranges->range->len; i++) {
        const SdxiPeerRange *r = &g_array_index(ranges->range, SdxiPeerRange,
                                                i);
        uint64_t first = MAX(addr, r->base);
        uint64_t last = MIN(addr + len - 1, r->base + r->size - 1);

        sum += first <= last ? last - first + 1 : 0;
    }
    return sum;
}

void sdxi_peer_ranges_free(SdxiPeerRanges *ranges)
{
    if (ranges->range) {
        g_array_free(ranges->range, true);
        ranges->range = NULL;
    }
}

const char *sdxi_peer_ranges_check(const SdxiPeerRanges *ranges)
{
    for (unsigned i = 0; ranges->range && i < ranges->range->len; i++) {
        const SdxiPeerRange *r = &g_array_index(ranges->range, SdxiPeerRange,
                                                i);

        if (!r->size || r->size - 1 > UINT64_MAX - r->base) {
            return "a range is empty, or wraps";
        }
    }
    return NULL;
}
