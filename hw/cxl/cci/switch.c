/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Physical switch, 51xxh.  What is known about ports comes from CxlSwitchOps.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/switch.h"

static CxlRc identify(CxlCall *call)
{
    CxlSwitch *sw = call->owner;

    sw->switch_ops->identify(sw->ops_opaque, (CxlSwitchIdentity *)call->out);
    call->out_len = sizeof(CxlSwitchIdentity);
    return CXL_RC_SUCCESS;
}

#define PORTS_HEADER 4

static CxlRc port_state(CxlCall *call)
{
    CxlSwitch *sw = call->owner;
    unsigned n = call->in[0];
    CxlPortInfo *out = (CxlPortInfo *)(call->out + PORTS_HEADER);

    if (call->in_len != 1 + n) {
        return CXL_RC_PAYLOAD_LENGTH;
    }
    if (n > (call->out_max - PORTS_HEADER) / sizeof(*out)) {
        return CXL_RC_INVALID_INPUT;
    }
    for (unsigned i = 0; i < n; i++) {
        out[i].port = call->in[1 + i];
        if (!sw->switch_ops->port_info(sw->ops_opaque, out[i].port,
                                       &out[i])) {
            return CXL_RC_INVALID_INPUT;
        }
    }
    call->out[0] = n;
    call->out_len = PORTS_HEADER + n * sizeof(*out);
    return CXL_RC_SUCCESS;
}

/* What is below a port stays in reset until PERST is taken away. */
static CxlRc port_control(CxlCall *call)
{
    const CxlPortControlIn *in = (const CxlPortControlIn *)call->in;
    CxlSwitch *sw = call->owner;
    uint8_t bit = 1u << in->port % 8;

    if (in->action >= CXL_PORT_ACTIONS ||
        !sw->switch_ops->port_reset(sw->ops_opaque, in->port)) {
        return CXL_RC_INVALID_INPUT;
    }
    if (in->action == CXL_PORT_ASSERT_PERST) {
        sw->perst[in->port / 8] |= bit;
    } else if (in->action == CXL_PORT_DEASSERT_PERST) {
        sw->perst[in->port / 8] &= ~bit;
    }
    return CXL_RC_SUCCESS;
}

/* The widest natural access whose first byte is @i and that is enabled. */
static unsigned enabled_size(uint8_t enables, unsigned i)
{
    if (!i && enables == 0xf) {
        return 4;
    }
    if (!(i % 2) && (enables >> i & 3) == 3) {
        return 2;
    }
    return enables >> i & 1;
}

/*
 * A register that acts on a write, such as the control register of a slot, has
 * to see all of its bytes at once.
 */
static bool write_enabled(const CxlSwitch *sw, uint8_t port, uint16_t address,
                          uint8_t enables, uint32_t data)
{
    unsigned size;

    for (unsigned i = 0; i < 4; i += MAX(size, 1)) {
        size = enabled_size(enables, i);
        if (size) {
            uint32_t part = extract32(data, 8 * i, 8 * size);

            if (!sw->switch_ops->port_config(sw->ops_opaque, port, address + i,
                                             size, true, &part)) {
                return false;
            }
        }
    }
    return true;
}

static CxlRc port_config(CxlCall *call)
{
    const CxlPortConfigIn *in = (const CxlPortConfigIn *)call->in;
    CxlSwitch *sw = call->owner;
    uint16_t address = (in->ext & 0xf) << 8 | (in->reg & 0xfc);
    uint32_t data = 0;

    if (in->type & CXL_PORT_CONFIG_WRITE && in->ext >> 4) {
        if (!write_enabled(sw, in->port, address, in->ext >> 4,
                           ldl_le_p(&in->data))) {
            return CXL_RC_INVALID_INPUT;
        }
    } else if (!sw->switch_ops->port_config(sw->ops_opaque, in->port, address,
                                            4, false, &data)) {
        return CXL_RC_INVALID_INPUT;
    }
    stl_le_p(call->out, in->type & CXL_PORT_CONFIG_WRITE ? 0 : data);
    call->out_len = sizeof(data);
    return CXL_RC_SUCCESS;
}

static const CxlCmdRow switch_rows[] = {
    { .opcode = CXL_OP_SWITCH_IDENTIFY, .name = "Identify Switch Device",
      .out_max = sizeof(CxlSwitchIdentity), .handler = identify,
      .section = "7.6.7.1.1" },
    { .opcode = CXL_OP_SWITCH_PORTS, .name = "Get Physical Port State",
      .in_min = 1, .in_max = 1 + UINT8_MAX, .out_max = CXL_LEN_PAYLOAD,
      .handler = port_state, .section = "7.6.7.1.2" },
    { .opcode = CXL_OP_SWITCH_PORT_CONTROL, .name = "Physical Port Control",
      .in_min = sizeof(CxlPortControlIn), .in_max = sizeof(CxlPortControlIn),
      .handler = port_control, .effects = CXL_FX_CONFIG | CXL_FX_DATA,
      .section = "7.6.7.1.3" },
    { .opcode = CXL_OP_SWITCH_PORT_CONFIG,
      .name = "Send PPB CXL.io Configuration Request",
      .in_min = sizeof(CxlPortConfigIn), .in_max = sizeof(CxlPortConfigIn),
      .out_max = sizeof(uint32_t), .handler = port_config,
      .effects = CXL_FX_CONFIG, .section = "7.6.7.1.4" },
};

const CxlCmdSet cxl_set_switch = {
    "Physical switch", switch_rows, ARRAY_SIZE(switch_rows),
};
