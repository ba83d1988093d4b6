/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RAM by pointer; see the header.
 *
 * Nothing here needs the big lock or waits for it; scripts/check-workers knows
 * which of QEMU's functions that leaves.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "system/xen.h"
#include "hw/dma/sdxi/core/atc.h"
#include "hw/dma/sdxi/ram.h"
#include "hw/dma/sdxi/requester.h"

void sdxi_requester_begin(SdxiDmaSpans *spans)
{
    sdxi_epoch_open(&spans->opening);
}

static void sdxi_requester_close(SdxiDmaSpans *spans, unsigned slot)
{
    if (spans->used & BIT(slot)) {
        spans->used &= ~BIT(slot);
        address_space_cache_destroy(&spans->cache[slot]);
    }
}

/*
 * Within the critical section, so that this never drops the last reference:
 * what goes away then wants the big lock.
 */
void sdxi_requester_end(SdxiDmaSpans *spans)
{
    for (unsigned slot = 0; spans->used; slot++) {
        sdxi_requester_close(spans, slot);
    }
    sdxi_epoch_close(&spans->opening);
}

void sdxi_requester_renew(SdxiDmaSpans *spans)
{
    if (sdxi_epoch_is_stale(&spans->opening)) {
        sdxi_requester_end(spans);
        sdxi_requester_begin(spans);
    }
}

static SdxiReach sdxi_requester_open(SdxiDmaSpans *spans, unsigned slot,
                                     AddressSpace *as, hwaddr addr, hwaddr len,
                                     bool write)
{
    MemoryRegionCache *cache = &spans->cache[slot];
    IOMMUMemoryRegion *iommu;
    bool paged;

    sdxi_requester_close(spans, slot);
    address_space_cache_init(cache, as, addr, len, write);
    spans->used |= BIT(slot);
    if (cache->ptr) {
        return SDXI_REACH_SPAN;
    }
    iommu = memory_region_get_iommu(cache->mrs.mr);
    paged = iommu && sdxi_atc_hears_of(object_get_typename(OBJECT(iommu)));
    sdxi_requester_close(spans, slot);
    return paged ? SDXI_REACH_PAGES : SDXI_REACH_MEMBERS;
}

/* Pointers of before are still in use, so nothing is renewed here. */
SdxiReach sdxi_requester_span(const SdxiDma *d, hwaddr addr, bool write,
                              unsigned slot, SdxiSpan *span)
{
    SdxiDmaSpans *spans = d->spans;
    MemoryRegionCache *cache = &spans->cache[slot];
    SdxiReach reach;
    hwaddr start;
    Int128 size;

    if (sdxi_epoch_is_stale(&spans->opening) ||
        sdxi_requester_gate(d) != SDXI_MEM_OK) {
        return SDXI_REACH_MEMBERS;
    }
    /* Most RAM can be written, and then a span serves both. */
    reach = sdxi_requester_open(spans, slot, d->as, addr, 1, true);
    if (reach == SDXI_REACH_MEMBERS && !write) {
        reach = sdxi_requester_open(spans, slot, d->as, addr, 1, false);
    }
    if (reach != SDXI_REACH_SPAN) {
        return reach;
    }
    /* All of the section that @addr is in. */
    start = cache->mrs.offset_within_address_space;
    size = int128_min(cache->mrs.size, int128_make64(INT64_MAX));
    reach = sdxi_requester_open(spans, slot, d->as, start, int128_get64(size),
                                cache->is_write);
    if (reach != SDXI_REACH_SPAN) {
        return reach;
    }
    *span = (SdxiSpan) {
        .addr = start,
        .len = cache->len,
        .host = cache->ptr,
        .writable = cache->is_write,
        .watched = xen_enabled() ||
                   memory_region_get_dirty_log_mask(cache->mrs.mr),
    };
    return SDXI_REACH_SPAN;
}

void sdxi_requester_wrote(SdxiDmaSpans *spans, const SdxiSpan *span,
                          uint64_t offset, uint64_t len)
{
    if (span->slot == SDXI_SPANS) {
        sdxi_ram_wrote(span->host + offset, len);
    } else {
        address_space_cache_invalidate(&spans->cache[span->slot], offset, len);
    }
}
