/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extensions of a port; see port-dvsec.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/port-dvsec.h"
#include "hw/cxl/wire/dvsec.h"

/* What software writes, all of two bytes, and what a reset makes of it */
static const struct {
    uint8_t offset;
    uint16_t reset;
} written[] = {
    { CXL_DVSEC_PORT_CTRL, 0 },
};

void cxl_port_dvsec_reset(uint8_t *config, uint16_t at)
{
    for (unsigned i = 0; at && i < ARRAY_SIZE(written); i++) {
        stw_le_p(config + at + written[i].offset, written[i].reset);
    }
}

static bool has(const uint8_t *config, uint16_t at, uint16_t bit)
{
    return lduw_le_p(config + at + CXL_DVSEC_PORT_CTRL) & bit;
}

bool cxl_port_dvsec_masks_reset(const uint8_t *config, uint16_t at)
{
    return at && !has(config, at, CXL_DVSEC_PORT_CTRL_UNMASK_SBR);
}

bool cxl_port_dvsec_lets_uio(const uint8_t *config, uint16_t at)
{
    return at && has(config, at, CXL_DVSEC_PORT_CTRL_UIO);
}

uint32_t cxl_port_dvsec_show(uint16_t at, uint32_t addr, uint32_t val,
                             unsigned len)
{
    uint32_t first = at + CXL_DVSEC_PORT_STATUS - addr;

    return at && first < len ?
           val | CXL_DVSEC_PORT_STATUS_PM_READY << 8 * first : val;
}
