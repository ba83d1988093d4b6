/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UIO through switches and host bridges; see uio-route.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/bridge-decoders.h"
#include "hw/cxl/core/uio-route.h"

void cxl_uio_bridge_init(uint8_t *regs, uint32_t *ctrl_mask)
{
    unsigned count = cxl_bridge_decoders_count(regs);

    stl_le_p(regs + CXL_HDM_CAP,
             (ldl_le_p(regs + CXL_HDM_CAP) & ~CXL_HDM_CAP_UIO_COUNT(15)) |
             CXL_HDM_CAP_UIO | CXL_HDM_CAP_UIO_COUNT(count));
    for (unsigned n = 0; n < count; n++) {
        ctrl_mask[n * CXL_HDM_STRIDE / sizeof(*ctrl_mask)] |=
            CXL_HDM_CTRL_UIO_MASK;
    }
}

bool cxl_uio_bridge_decoder(const uint8_t *regs, unsigned n,
                            CxlUioDecoder *out)
{
    const uint32_t both = CXL_HDM_CTRL_COMMITTED | CXL_HDM_CTRL_UIO;
    CxlRouteDecoder d;
    uint32_t ctrl;

    if (n >= cxl_bridge_decoders_count(regs)) {
        return false;
    }
    ctrl = cxl_bridge_decoder(regs, n, &d);
    if ((ctrl & both) != both || !d.size ||
        !cxl_interleave_valid(d.ig, d.iw)) {
        return false;
    }
    *out = (CxlUioDecoder) {
        .base = d.base,
        .size = d.size,
        .ig = d.ig,
        .iw = d.iw,
        .ways = cxl_interleave_ways(d.iw),
        .shared = CXL_HDM_CTRL_UIW_GET(ctrl),
    };
    memcpy(out->target, d.target, sizeof(out->target));
    return out->ways <= ARRAY_SIZE(out->target);
}

/* Are all addresses of @want among these @size bytes? */
static bool covers(uint64_t base, uint64_t size, const CxlUioDecoder *want)
{
    return want->base >= base && want->base - base < size &&
           want->size <= size - (want->base - base);
}

bool cxl_uio_device_takes(const CxlHdm *hdm, const CxlUioDecoder *want,
                          unsigned position)
{
    for (unsigned n = 0; n < hdm->config.decoders; n++) {
        CxlHdmDecoder d;

        cxl_hdm_decoder(hdm, n, &d);
        if (d.committed && d.uio && d.isp == position &&
            cxl_interleave_ways(d.iw) == want->ways &&
            covers(d.base, d.size, want)) {
            return true;
        }
    }
    return false;
}

/* --- down ----------------------------------------------------------------- */

/* Whose turn it is at one bridge, and at those above it on the way down */
typedef struct Turn {
    const struct Turn *above;
    const CxlUioDecoder *d;
    unsigned target;
} Turn;

static bool has_turn(const Turn *turn, uint64_t hpa)
{
    for (; turn; turn = turn->above) {
        if (cxl_interleave_position(hpa - turn->d->base, turn->d->ig,
                                    turn->d->iw) != turn->target) {
            return false;
        }
    }
    return true;
}

/* The ways of the whole set, and the code of their granularity */
static unsigned whole_set(const Turn *turn, unsigned *ig)
{
    unsigned ways = 1;

    *ig = CXL_INTERLEAVE_IG_MAX;
    for (; turn; turn = turn->above) {
        ways *= turn->d->ways;
        *ig = turn->d->ways > 1 ? MIN(*ig, turn->d->ig) : *ig;
        if (ways > CXL_INTERLEAVE_WAYS_MAX) {
            return 0;
        }
    }
    return ways;
}

static CxlUioFate at_device(const CxlUioPlace *place, const Turn *turn,
                            const CxlUioDecoder *want)
{
    CxlUioDecoder set = *want;
    unsigned ig, position = 0;

    if (!place->completer) {
        return CXL_UIO_NO_COMPLETER;
    }
    if (!place->channel) {
        return CXL_UIO_NO_CHANNEL;
    }
    set.ways = whole_set(turn, &ig);
    while (position < set.ways &&
           !has_turn(turn, want->base + position * cxl_interleave_bytes(ig))) {
        position++;
    }
    return position < set.ways &&
           cxl_uio_device_takes(place->hdm, &set, position) ?
           CXL_UIO_DIRECT : CXL_UIO_NO_DECODER;
}

static CxlUioFate down(const CxlUioOps *ops, void *bridge,
                       const CxlUioDecoder *d, const Turn *above,
                       const CxlUioDecoder *want);

static CxlUioFate at_switch(const CxlUioOps *ops, const CxlUioPlace *place,
                            const Turn *turn, const CxlUioDecoder *want)
{
    CxlUioDecoder d;

    if (!place->channel) {
        return CXL_UIO_NO_CHANNEL;
    }
    for (unsigned n = 0; n < CXL_HDM_DEVICE_MAX; n++) {
        if (cxl_uio_bridge_decoder(place->regs, n, &d) &&
            covers(d.base, d.size, want)) {
            return down(ops, place->bridge, &d, turn, want);
        }
    }
    return CXL_UIO_NO_DECODER;
}

/* As deep as there are switches below each other */
static CxlUioFate down(const CxlUioOps *ops, void *bridge,
                       const CxlUioDecoder *d, const Turn *above,
                       const CxlUioDecoder *want)
{
    CxlUioFate fate = CXL_UIO_DIRECT;

    for (unsigned i = 0; i < d->ways && fate == CXL_UIO_DIRECT; i++) {
        Turn turn = { above, d, i };
        CxlUioPlace place = { };

        ops->look(ops->opaque, bridge, d->target[i], &place);
        fate = place.regs ? at_switch(ops, &place, &turn, want)
                          : at_device(&place, &turn, want);
    }
    return fate;
}

CxlUioFate cxl_uio_fate(const CxlUioOps *ops, const CxlUioDecoder *d,
                        void *bridge, bool channel, bool gate)
{
    if (!channel) {
        return CXL_UIO_NO_CHANNEL;
    }
    if (!gate) {
        return CXL_UIO_GATE;
    }
    return d->shared ? CXL_UIO_BY_HOST : down(ops, bridge, d, NULL, d);
}

const char *cxl_uio_fate_text(CxlUioFate fate)
{
    static const char *const texts[] = {
        [CXL_UIO_DIRECT] = "goes to the device",
        [CXL_UIO_BY_HOST] = "goes by the host",
        [CXL_UIO_GATE] = "UIO to HDM is not enabled",
        [CXL_UIO_NO_CHANNEL] = "a link has no channel for it",
        [CXL_UIO_NO_COMPLETER] = "the device takes none",
        [CXL_UIO_NO_DECODER] = "a switch or device has no decoder for it",
    };

    QEMU_BUILD_BUG_ON(G_N_ELEMENTS(texts) != CXL_UIO_FATES);
    return texts[fate];
}

/* --- up ------------------------------------------------------------------- */

typedef struct Range {
    uint64_t base, size;
} Range;

/* The first range that was told of and has some of @r */
static const Range *told_of(const CxlUioWay *way, const Range *r)
{
    const Range *first = NULL;

    for (unsigned i = 0; way->told && i < way->told->len; i++) {
        const Range *t = &g_array_index(way->told, Range, i);

        if (t->base <= r->base + (r->size - 1) &&
            r->base <= t->base + (t->size - 1) &&
            (!first || t->base < first->base)) {
            first = t;
        }
    }
    return first;
}

/* Of what of @r has not been told yet: by pieces */
static void tell(CxlUioWay *way, Range r, CxlUioFate fate)
{
    while (r.size) {
        const Range *t = told_of(way, &r);
        uint64_t before = !t ? r.size : t->base > r.base ? t->base - r.base : 0;
        uint64_t last = t ? MIN(t->base + (t->size - 1) - r.base, r.size - 1)
                          : r.size - 1;

        if (before) {
            way->ops->tell(way->ops->opaque, r.base, before, fate);
        }
        r.base += last + 1;
        r.size -= last + 1;
    }
}

void cxl_uio_way_bridge(CxlUioWay *way, const uint8_t *regs, void *bridge,
                        bool channel, bool gate)
{
    for (unsigned n = 0; n < CXL_HDM_DEVICE_MAX; n++) {
        CxlUioDecoder d;
        CxlUioFate fate;
        Range r;

        if (!cxl_uio_bridge_decoder(regs, n, &d) ||
            d.size - 1 > UINT64_MAX - d.base) {
            continue;
        }
        fate = cxl_uio_fate(way->ops, &d, bridge, channel, gate);
        r = (Range) { d.base, d.size };
        tell(way, r, fate);
        if (fate != CXL_UIO_BY_HOST) {
            way->told = way->told ?: g_array_new(false, false, sizeof(Range));
            g_array_append_val(way->told, r);
        }
    }
}

void cxl_uio_way_end(CxlUioWay *way)
{
    g_clear_pointer(&way->told, g_array_unref);
}
