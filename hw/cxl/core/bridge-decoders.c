/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decoders of bridges as registers; see bridge-decoders.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/bridge-decoders.h"
#include "hw/cxl/core/hdm.h"

static uint32_t reg(const uint8_t *regs, unsigned offset)
{
    return ldl_le_p(regs + offset);
}

static uint64_t reg_pair(const uint8_t *regs, unsigned lo)
{
    return (reg(regs, lo) & CXL_HDM_LO_MASK) |
           (uint64_t)reg(regs, lo + 4) << 32;
}

unsigned cxl_bridge_decoders_count(const uint8_t *regs)
{
    unsigned count = cxl_hdm_count(reg(regs, CXL_HDM_CAP));

    return count <= CXL_HDM_DEVICE_MAX ? count : 0;
}

uint32_t cxl_bridge_decoder(const uint8_t *regs, unsigned n,
                            CxlRouteDecoder *d)
{
    uint32_t ctrl = reg(regs, CXL_HDM_CTRL(n));

    *d = (CxlRouteDecoder) {
        .base = reg_pair(regs, CXL_HDM_BASE_LO(n)),
        .size = reg_pair(regs, CXL_HDM_SIZE_LO(n)),
        .ig = CXL_HDM_CTRL_IG_GET(ctrl),
        .iw = CXL_HDM_CTRL_IW_GET(ctrl),
    };
    stl_le_p(d->target, reg(regs, CXL_HDM_TARGET_LO(n)));
    stl_le_p(d->target + 4, reg(regs, CXL_HDM_TARGET_HI(n)));
    return ctrl;
}

void cxl_bridge_decoders_route(const uint8_t *regs, CxlRouteNode *bridge)
{
    for (unsigned n = 0; n < cxl_bridge_decoders_count(regs); n++) {
        CxlRouteDecoder d;

        if (cxl_bridge_decoder(regs, n, &d) & CXL_HDM_CTRL_COMMITTED) {
            cxl_route_add_decoder(bridge, &d);
        }
    }
}

static uint32_t ctrl_value(uint32_t value)
{
    value &= ~(CXL_HDM_CTRL_ERROR | CXL_HDM_CTRL_COMMITTED);
    if (value & CXL_HDM_CTRL_COMMIT) {
        value |= CXL_HDM_CTRL_COMMITTED;
    }
    return value;
}

/* Until the next reset a locked decoder is what it is, CXL r3.1 8.2.4.20.7. */
static bool is_locked(const uint8_t *regs, uint64_t offset)
{
    const uint32_t both = CXL_HDM_CTRL_LOCK | CXL_HDM_CTRL_COMMITTED;
    unsigned n = (offset - CXL_HDM_BASE_LO(0)) / CXL_HDM_STRIDE;

    return (reg(regs, CXL_HDM_CTRL(n)) & both) == both;
}

CxlBridgeWrite cxl_bridge_decoders_write(uint8_t *regs, uint64_t offset,
                                         uint32_t value)
{
    if (offset >= CXL_HDM_LEN(CXL_HDM_DEVICE_MAX)) {
        return CXL_BRIDGE_OTHER;
    }
    if (offset >= CXL_HDM_BASE_LO(0)) {
        if (is_locked(regs, offset)) {
            return CXL_BRIDGE_LOCKED;
        }
        if (offset % CXL_HDM_STRIDE == CXL_HDM_CTRL(0) % CXL_HDM_STRIDE) {
            value = ctrl_value(value);
        }
    }
    stl_le_p(regs + offset, value);
    return CXL_BRIDGE_WRITTEN;
}
