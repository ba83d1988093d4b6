/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UIO through a switch; see uio-route.h.
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
        .ways = cxl_interleave_ways(d.iw),
        .shared = CXL_HDM_CTRL_UIW_GET(ctrl),
    };
    memcpy(out->target, d.target, sizeof(out->target));
    return out->ways <= ARRAY_SIZE(out->target);
}

bool cxl_uio_device_takes(const CxlHdm *hdm, const CxlUioDecoder *want,
                          unsigned position)
{
    for (unsigned n = 0; n < hdm->config.decoders; n++) {
        CxlHdmDecoder d;

        cxl_hdm_decoder(hdm, n, &d);
        if (d.committed && d.uio && d.isp == position &&
            cxl_interleave_ways(d.iw) == want->ways &&
            want->base >= d.base && want->base - d.base < d.size &&
            want->size <= d.size - (want->base - d.base)) {
            return true;
        }
    }
    return false;
}

CxlUioFate cxl_uio_fate(const CxlUioDecoder *d, bool channel, bool gate,
                        const CxlUioTarget *target)
{
    if (!channel) {
        return CXL_UIO_NO_CHANNEL;
    }
    if (!gate) {
        return CXL_UIO_GATE;
    }
    if (d->shared) {
        return CXL_UIO_BY_HOST;
    }
    for (unsigned i = 0; i < d->ways; i++) {
        if (!target[i].completer) {
            return CXL_UIO_NO_COMPLETER;
        }
        if (!target[i].channel) {
            return CXL_UIO_NO_CHANNEL;
        }
        if (!target[i].decoder) {
            return CXL_UIO_NO_DECODER;
        }
    }
    return CXL_UIO_DIRECT;
}

const char *cxl_uio_fate_text(CxlUioFate fate)
{
    static const char *const texts[] = {
        [CXL_UIO_DIRECT] = "goes to the device",
        [CXL_UIO_BY_HOST] = "goes by the host",
        [CXL_UIO_GATE] = "UIO to HDM is not enabled",
        [CXL_UIO_NO_CHANNEL] = "a link has no channel for it",
        [CXL_UIO_NO_COMPLETER] = "the device takes none",
        [CXL_UIO_NO_DECODER] = "no decoder of the device takes it",
    };

    QEMU_BUILD_BUG_ON(G_N_ELEMENTS(texts) != CXL_UIO_FATES);
    return texts[fate];
}
