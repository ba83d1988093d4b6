/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UIO through a switch; see uio-route.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/uio-route.h"

static uint32_t reg(const uint8_t *regs, unsigned offset)
{
    return ldl_le_p(regs + offset);
}

static uint64_t reg_pair(const uint8_t *regs, unsigned lo)
{
    return (reg(regs, lo) & CXL_HDM_LO_MASK) |
           (uint64_t)reg(regs, lo + 4) << 32;
}

/* Those of a bridge that has more are not among the registers. */
static unsigned decoders(const uint8_t *regs)
{
    unsigned count = cxl_hdm_count(reg(regs, CXL_HDM_CAP));

    return count <= CXL_HDM_DEVICE_MAX ? count : 0;
}

void cxl_uio_bridge_init(uint8_t *regs, uint32_t *ctrl_mask)
{
    stl_le_p(regs + CXL_HDM_CAP,
             (reg(regs, CXL_HDM_CAP) & ~CXL_HDM_CAP_UIO_COUNT(15)) |
             CXL_HDM_CAP_UIO | CXL_HDM_CAP_UIO_COUNT(decoders(regs)));
    for (unsigned n = 0; n < decoders(regs); n++) {
        ctrl_mask[n * CXL_HDM_STRIDE / sizeof(*ctrl_mask)] |=
            CXL_HDM_CTRL_UIO_MASK;
    }
}

bool cxl_uio_bridge_decoder(const uint8_t *regs, unsigned n,
                            CxlUioDecoder *out)
{
    const uint32_t both = CXL_HDM_CTRL_COMMITTED | CXL_HDM_CTRL_UIO;
    uint32_t ctrl;

    if (n >= decoders(regs)) {
        return false;
    }
    ctrl = reg(regs, CXL_HDM_CTRL(n));
    *out = (CxlUioDecoder) {
        .base = reg_pair(regs, CXL_HDM_BASE_LO(n)),
        .size = reg_pair(regs, CXL_HDM_SIZE_LO(n)),
        .shared = CXL_HDM_CTRL_UIW_GET(ctrl),
    };
    stl_le_p(out->target, reg(regs, CXL_HDM_TARGET_LO(n)));
    stl_le_p(out->target + 4, reg(regs, CXL_HDM_TARGET_HI(n)));
    if ((ctrl & both) != both || !out->size ||
        !cxl_interleave_valid(CXL_HDM_CTRL_IG_GET(ctrl),
                              CXL_HDM_CTRL_IW_GET(ctrl))) {
        return false;
    }
    out->ways = cxl_interleave_ways(CXL_HDM_CTRL_IW_GET(ctrl));
    return out->ways <= CXL_UIO_TARGETS_MAX;
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
