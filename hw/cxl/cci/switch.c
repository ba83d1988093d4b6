/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Physical switch, 51xxh: ports (core/ports.h) and the secret by which a host
 * proves which virtual switch is its own.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/switch.h"

static CxlRc identify(CxlCall *call)
{
    CxlSwitchIdentity *out = (CxlSwitchIdentity *)call->out;
    CxlSwitch *sw = call->owner;
    unsigned vppbs = 0;

    cxl_switch_refresh(sw);
    for (unsigned i = 0; i < sw->vcs.count; i++) {
        out->active_vcs[i / 8] |= sw->vcs.vcs[i].enabled << i % 8;
        vppbs += sw->vcs.vcs[i].vppbs;
    }
    out->ingress_port = sw->vcs.vcs[0].usp;
    out->ports = cxl_ports_count(&sw->ports);
    out->vcs = sw->vcs.count;
    cxl_ports_bitmap(&sw->ports, out->active_ports);
    out->vppbs = cpu_to_le16(vppbs);
    out->active_vppbs = cpu_to_le16(vppbs);
    out->decoders = sw->decoders;
    call->out_len = sizeof(*out);
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
    cxl_switch_refresh(sw);
    for (unsigned i = 0; i < n; i++) {
        if (!sw->ports.port[call->in[1 + i]].there) {
            return CXL_RC_INVALID_INPUT;
        }
        cxl_switch_port_info(sw, call->in[1 + i], &out[i]);
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

    cxl_switch_refresh(sw);
    if (in->action >= CXL_PORT_ACTIONS ||
        !cxl_ports_is_downstream(&sw->ports, in->port)) {
        return CXL_RC_INVALID_INPUT;
    }
    sw->switch_ops->port_reset(sw->ops_opaque, in->port);
    if (in->action != CXL_PORT_RESET) {
        cxl_ports_hold(&sw->ports, in->port,
                       in->action == CXL_PORT_ASSERT_PERST);
    }
    return CXL_RC_SUCCESS;
}

/*
 * A register that acts on a write, such as the control register of a slot, has
 * to see all of its bytes at once.
 */
static void write_enabled(const CxlSwitch *sw, uint8_t port, uint16_t address,
                          uint8_t enables, uint32_t data)
{
    unsigned at = 0, size;

    for (; (size = cxl_enabled_next(enables, &at)); at += size) {
        uint32_t part = extract32(data, 8 * at, 8 * size);

        sw->switch_ops->port_config(sw->ops_opaque, port, address + at, size,
                                    true, &part);
    }
}

static CxlRc port_config(CxlCall *call)
{
    const CxlPortConfigIn *in = (const CxlPortConfigIn *)call->in;
    CxlSwitch *sw = call->owner;
    uint16_t address = cxl_config_address(in->reg, in->ext);
    uint32_t data = 0;

    cxl_switch_refresh(sw);
    if (!sw->ports.port[in->port].there) {
        return CXL_RC_INVALID_INPUT;
    }
    if (in->type & CXL_PORT_CONFIG_WRITE) {
        write_enabled(sw, in->port, address, in->ext >> 4,
                      ldl_le_p(&in->data));
    } else {
        sw->switch_ops->port_config(sw->ops_opaque, in->port, address, 4,
                                    false, &data);
    }
    stl_le_p(call->out, data);
    call->out_len = sizeof(data);
    return CXL_RC_SUCCESS;
}

static CxlRc secret_state(CxlCall *call, uint8_t vcs)
{
    CxlSwitch *sw = call->owner;

    cxl_switch_refresh(sw);
    if (!cxl_vcs_find(&sw->vcs, vcs, 0)) {
        return CXL_RC_INVALID_INPUT;
    }
    call->out[0] = sw->vcs.vcs[vcs].have_secret;
    call->out_len = 1;
    return CXL_RC_SUCCESS;
}

/* The host that reaches the mailbox is that of the first virtual switch. */
static CxlRc host_secret_state(CxlCall *call)
{
    return secret_state(call, 0);
}

static CxlRc vcs_secret_state(CxlCall *call)
{
    return secret_state(call, call->in[0]);
}

static CxlRc set_secret(CxlCall *call)
{
    CxlSwitch *sw = call->owner;
    CxlVcs *v = &sw->vcs.vcs[0];

    cxl_switch_refresh(sw);
    if (!v->enabled || v->have_secret) {
        return CXL_RC_INVALID_INPUT;
    }
    memcpy(&v->secret, call->in, sizeof(v->secret));
    v->have_secret = true;
    return CXL_RC_SUCCESS;
}

static CxlRc get_secret(CxlCall *call)
{
    CxlSwitch *sw = call->owner;
    const CxlVcs *v = &sw->vcs.vcs[call->in[0] % CXL_VCS_MAX];

    cxl_switch_refresh(sw);
    if (!cxl_vcs_find(&sw->vcs, call->in[0], 0)) {
        return CXL_RC_INVALID_INPUT;
    }
    if (!v->have_secret) {
        return CXL_RC_RETRY;
    }
    memcpy(call->out, &v->secret, sizeof(v->secret));
    call->out_len = sizeof(v->secret);
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
    { .opcode = CXL_OP_SWITCH_VCS_SECRET_STATE,
      .name = "Get VCS Domain Validation SV State", .in_min = 1, .in_max = 1,
      .out_max = 1, .handler = vcs_secret_state, .section = "7.6.7.1.7" },
    { .opcode = CXL_OP_SWITCH_VCS_SECRET, .name = "Get Domain Validation SV",
      .in_min = 1, .in_max = 1, .out_max = sizeof(CxlUuid),
      .handler = get_secret, .section = "7.6.7.1.8" },
};

const CxlCmdSet cxl_set_switch = {
    "Physical switch", switch_rows, ARRAY_SIZE(switch_rows),
};

/* For the host itself, not for managers that come from outside */
static const CxlCmdRow host_rows[] = {
    { .opcode = CXL_OP_SWITCH_SECRET_STATE,
      .name = "Get Domain Validation SV State", .out_max = 1,
      .handler = host_secret_state, .section = "7.6.7.1.5" },
    { .opcode = CXL_OP_SWITCH_SET_SECRET, .name = "Set Domain Validation SV",
      .in_min = sizeof(CxlUuid), .in_max = sizeof(CxlUuid),
      .handler = set_secret, .section = "7.6.7.1.6" },
};

const CxlCmdSet cxl_set_switch_host = {
    "Physical switch (in band)", host_rows, ARRAY_SIZE(host_rows),
};
