/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Component state dump: what each room would say about itself.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/dump.h"

static void dump_media(const CxlMemdev *dev, GString *out)
{
    const CxlMedia *m = &dev->media;

    g_string_append_printf(out, "media: state %u, volatile 0x%" PRIx64
                           ", persistent 0x%" PRIx64 "\n", m->state,
                           cxl_media_volatile(m), cxl_media_persistent(m));
    if (m->next_valid) {
        g_string_append_printf(out, "media: next volatile 0x%" PRIx64 "\n",
                               m->volatile_only + m->next);
    }
}

static void dump_background(const CxlMemdev *dev, GString *out)
{
    const CxlBackground *bg = &dev->cci.bg;

    g_string_append_printf(out, "background: opcode 0x%04x, %s, %u%%, "
                           "return code 0x%x\n", bg->opcode,
                           bg->running ? "running" : "idle",
                           cxl_background_percent(bg, cxl_memdev_now(dev)),
                           bg->rc);
}

static void dump_events(const CxlMemdev *dev, GString *out)
{
    for (unsigned i = 0; i < CXL_EVLOGS; i++) {
        const CxlEventRing *ring = &dev->events.log[i];

        if (cxl_events_log_exists(&dev->events, i)) {
            g_string_append_printf(out, "event log %u: %u of %u records, %u "
                                   "dropped, policy %u\n", i, ring->count,
                                   ring->size, ring->overflow_count,
                                   ring->policy);
        }
    }
}

#define DUMP_POISON_MAX 64

static void dump_poison(const CxlMemdev *dev, GString *out)
{
    const CxlPoisonMap *p = &dev->poison;
    Extent e;

    g_string_append_printf(out, "poison: 0x%" PRIx64 " bytes, %" PRIu64
                           " records listed%s\n", p->lines.total,
                           p->listed.count, p->overflow ? ", overflow" : "");
    for (unsigned i = 0; i < DUMP_POISON_MAX &&
         extentset_at(&p->lines, i, &e); i++) {
        g_string_append_printf(out, "poison: 0x%" PRIx64 "+0x%" PRIx64
                               " source %u\n", e.start, e.len,
                               (unsigned)e.value & 7);
    }
}

static void dump_dynamic(const CxlMemdev *dev, GString *out)
{
    const CxlDcView *view = &dev->dc_view;
    const CxlDcPool *pool = view->pool;

    for (unsigned i = 0; i < pool->num_regions; i++) {
        const CxlDcRegionConfig *r = &pool->regions[i].cfg;

        g_string_append_printf(out, "region %u: 0x%" PRIx64 "+0x%" PRIx64
                               ", block 0x%" PRIx64 ", free 0x%" PRIx64 "\n",
                               i, r->base, r->len, r->block_size,
                               pool->regions[i].free.total);
    }
    if (pool->num_regions) {
        g_string_append_printf(out, "extents: %" PRIu64 " accepted, %" PRIu64
                               " offered, generation %u\n",
                               view->accepted.count, view->offers.count,
                               view->generation);
    }
}

GString *cxl_dump_text(const CxlMemdev *dev)
{
    GString *out = g_string_new(NULL);

    dump_media(dev, out);
    dump_background(dev, out);
    dump_events(dev, out);
    dump_poison(dev, out);
    dump_dynamic(dev, out);
    g_string_append_printf(out, "security: state 0x%x\n",
                           cxl_security_state(&dev->security));
    if (dev->decode) {
        cxl_decode_describe(dev->decode, out);
    }
    return out;
}
