/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts and changes that span rooms of a memory device: where capacity lies,
 * media and security state with the mappings that hang on them.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/memdev.h"

unsigned cxl_memdev_ranges(const CxlMemdev *dev,
                           CxlBgRange ranges[1 + CXL_MEMDEV_DC_REGIONS])
{
    unsigned n = 0;

    if (cxl_media_total(&dev->media)) {
        ranges[n++] = (CxlBgRange) { 0, cxl_media_total(&dev->media) };
    }
    for (unsigned i = 0; i < dev->cfg.num_dc_regions; i++) {
        ranges[n++] = (CxlBgRange) {
            dev->cfg.dc_regions[i].base, dev->cfg.dc_regions[i].len,
        };
    }
    return n;
}

uint64_t cxl_memdev_dpa_end(const CxlMemdev *dev)
{
    CxlBgRange ranges[1 + CXL_MEMDEV_DC_REGIONS];
    unsigned n = cxl_memdev_ranges(dev, ranges);

    assert(n);
    return ranges[n - 1].start + ranges[n - 1].len;
}

void cxl_memdev_tell_memory(CxlMemdev *dev)
{
    uint64_t boundary = cxl_media_volatile(&dev->media);
    CxlMemoryRange range[CXL_HDM_AREAS_MAX] = {
        { .kind = CXL_MEMORY_VOLATILE, .size = boundary },
        { .kind = CXL_MEMORY_PERSISTENT, .base = boundary,
          .size = cxl_media_persistent(&dev->media), .handle = 1 },
    };
    unsigned n = 2;

    for (unsigned i = 0; i < dev->cfg.num_dc_regions; i++) {
        const CxlDcRegionConfig *r = &dev->cfg.dc_regions[i];

        range[n++] = (CxlMemoryRange) {
            .kind = CXL_MEMORY_DYNAMIC, .base = r->base, .size = r->len,
            .handle = r->dsmad_handle, .dsmas = r->flags & CXL_DC_REGION_DSMAS,
        };
    }
    if (dev->decode) {
        cxl_decode_set_memory(dev->decode, range, n);
    }
}

bool cxl_memdev_contains(const CxlMemdev *dev, uint64_t dpa, uint64_t len)
{
    CxlBgRange ranges[1 + CXL_MEMDEV_DC_REGIONS];
    unsigned n = cxl_memdev_ranges(dev, ranges);

    for (unsigned i = 0; i < n && len; i++) {
        uint64_t rel = dpa - ranges[i].start;
        uint64_t part;

        if (dpa < ranges[i].start || rel >= ranges[i].len) {
            continue;
        }
        part = MIN(len, ranges[i].len - rel);
        dpa += part;
        len -= part;
        if (!len) {
            return true;
        }
    }
    return false;
}

bool cxl_memdev_ranges_fit(const CxlMemdev *dev, const CxlBackground *bg)
{
    for (uint32_t i = 0; i < bg->num_ranges; i++) {
        const CxlBgRange *r = &bg->ranges[i];

        if (!cxl_memdev_contains(dev, r->start, r->len) ||
            !QEMU_IS_ALIGNED(r->start | r->len, CXL_POISON_LINE)) {
            return false;
        }
    }
    return bg->num_ranges;
}

void cxl_memdev_set_media_state(CxlMemdev *dev, CxlMediaState state)
{
    CxlMediaState old = dev->media.state;

    if (old == state) {
        return;
    }
    dev->media.state = state;
    cxl_memdev_trace(dev, CXL_TRACE_MEDIA_STATE, old, state, 0);
    dev->store->access_changed(dev->store_opaque, 0, cxl_memdev_dpa_end(dev));
}

void cxl_memdev_scrub_changed(CxlMemdev *dev)
{
    const CxlScrubWrite *set =
        (const void *)dev->features.state[CXL_FEATURE_SCRUB].current;

    cxl_scrub_configure(&dev->scrub, set->flags & 1, set->cycle,
                        cxl_memdev_now(dev));
}

void cxl_memdev_security_changed(CxlMemdev *dev, uint32_t old_state)
{
    uint32_t state = cxl_security_state(&dev->security);

    if (state == old_state) {
        return;
    }
    cxl_memdev_trace(dev, CXL_TRACE_SECURITY, old_state, state, 0);
    if ((state ^ old_state) & CXL_SECURITY_LOCKED) {
        dev->store->access_changed(dev->store_opaque,
                                   cxl_media_volatile(&dev->media),
                                   cxl_media_persistent(&dev->media));
    }
}
