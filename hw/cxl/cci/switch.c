/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Physical switch, 51xxh.  What is known about ports comes from CxlSwitchOps.
 */
#include "qemu/osdep.h"
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

static const CxlCmdRow switch_rows[] = {
    { .opcode = CXL_OP_SWITCH_IDENTIFY, .name = "Identify Switch Device",
      .out_max = sizeof(CxlSwitchIdentity), .handler = identify,
      .section = "7.6.7.1.1" },
    { .opcode = CXL_OP_SWITCH_PORTS, .name = "Get Physical Port State",
      .in_min = 1, .in_max = 1 + UINT8_MAX, .out_max = CXL_LEN_PAYLOAD,
      .handler = port_state, .section = "7.6.7.1.2" },
};

const CxlCmdSet cxl_set_switch = {
    "Physical switch", switch_rows, ARRAY_SIZE(switch_rows),
};
