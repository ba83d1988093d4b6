/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual switches, 52xxh: what is judged before a binding changes.  The
 * tables are core/vcs.c, the change itself core/binding.c.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/binding.h"

#define INFO_HEADER 4

/* How many virtual bridges the answer about one has */
static unsigned listed(const CxlSwitch *sw, const CxlVcsInfoIn *in, uint8_t id)
{
    unsigned vppbs = id < sw->vcs.count ? sw->vcs.vcs[id].vppbs : 0;

    return in->start < vppbs ? MIN(in->limit, vppbs - in->start) : 0;
}

static void put_vcs(const CxlSwitch *sw, const CxlVcsInfoIn *in, uint8_t id,
                    CxlVcsInfo *out)
{
    const CxlVcs *v = &sw->vcs.vcs[id % CXL_VCS_MAX];

    *out = (CxlVcsInfo) { .vcs = id, .state = CXL_VCS_INVALID };
    if (id >= sw->vcs.count) {
        return;
    }
    out->state = v->enabled ? CXL_VCS_ENABLED : CXL_VCS_DISABLED;
    out->usp = v->usp;
    out->vppbs = v->vppbs;
    for (unsigned i = 0; i < listed(sw, in, id); i++) {
        cxl_vcs_info(&v->vppb[in->start + i], &out->vppb[i]);
    }
}

static CxlRc info(CxlCall *call)
{
    const CxlVcsInfoIn *in = (const CxlVcsInfoIn *)call->in;
    CxlSwitch *sw = call->owner;
    uint32_t at = INFO_HEADER;

    if (call->in_len != sizeof(*in) + in->count) {
        return CXL_RC_PAYLOAD_LENGTH;
    }
    if (!in->limit || !in->count) {
        return CXL_RC_INVALID_INPUT;
    }
    cxl_switch_refresh(sw);
    for (unsigned i = 0; i < in->count; i++) {
        uint32_t len = sizeof(CxlVcsInfo) +
                       listed(sw, in, in->vcs[i]) * sizeof(CxlVppbInfo);

        if (call->out_max - at < len) {
            return CXL_RC_INVALID_INPUT;
        }
        put_vcs(sw, in, in->vcs[i], (CxlVcsInfo *)(call->out + at));
        at += len;
    }
    call->out[0] = in->count;
    call->out_len = at;
    return CXL_RC_SUCCESS;
}

/* A logical device is named exactly where there are any. */
static bool names_device(const CxlSwitch *sw, uint8_t port, uint16_t ld)
{
    return cxl_ports_is_mld(&sw->ports, port) ?
           ld < sw->ports.port[port].info.lds : ld == CXL_WHOLE_PORT;
}

static CxlRc bind_vppb(CxlCall *call)
{
    const CxlBindIn *in = (const CxlBindIn *)call->in;
    CxlSwitch *sw = call->owner;
    uint16_t ld = lduw_le_p(&in->ld);

    cxl_switch_refresh(sw);
    if (!cxl_vcs_find(&sw->vcs, in->vcs, in->vppb) ||
        !cxl_ports_is_downstream(&sw->ports, in->port) ||
        !names_device(sw, in->port, ld) ||
        !sw->switch_ops->may_bind(sw->ops_opaque, in->vcs, in->vppb, in->port,
                                  ld)) {
        return CXL_RC_INVALID_INPUT;
    }
    return cxl_binding_bind(call, in);
}

static CxlRc unbind_vppb(CxlCall *call)
{
    const CxlUnbindIn *in = (const CxlUnbindIn *)call->in;

    cxl_switch_refresh(call->owner);
    if (in->option >= CXL_UNBIND_OPTIONS) {
        return CXL_RC_INVALID_INPUT;
    }
    return cxl_binding_unbind(call, in);
}

static CxlRc aer(CxlCall *call)
{
    const CxlAerIn *in = (const CxlAerIn *)call->in;
    uint32_t error = ldl_le_p(&in->error);
    CxlSwitch *sw = call->owner;
    CxlAerError e = {
        .vcs = in->vcs, .vppb = in->vppb,
        .uncorrectable = error & CXL_AER_UNCORRECTABLE,
        .bit = error & CXL_AER_BIT_MASK,
    };

    for (unsigned i = 0; i < ARRAY_SIZE(e.header); i++) {
        e.header[i] = ldl_be_p(in->header + 4 * i);
    }
    cxl_switch_refresh(sw);
    if (!cxl_vcs_find(&sw->vcs, in->vcs, in->vppb) ||
        error & ~(CXL_AER_BIT_MASK | CXL_AER_UNCORRECTABLE) ||
        !cxl_switch_raise_error(sw, &e)) {
        return CXL_RC_INVALID_INPUT;
    }
    return CXL_RC_SUCCESS;
}

#define CHANGE (CXL_FX_BACKGROUND | CXL_FX_ABORT | CXL_FX_CONFIG | CXL_FX_LOG)

static const CxlCmdRow vcs_rows[] = {
    { .opcode = CXL_OP_VCS_INFO, .name = "Get Virtual CXL Switch Info",
      .in_min = sizeof(CxlVcsInfoIn),
      .in_max = sizeof(CxlVcsInfoIn) + UINT8_MAX, .out_max = CXL_LEN_PAYLOAD,
      .handler = info, .section = "7.6.7.2.1" },
    { .opcode = CXL_OP_VCS_BIND, .name = "Bind vPPB",
      .in_min = sizeof(CxlBindIn), .in_max = sizeof(CxlBindIn),
      .handler = bind_vppb, .effects = CHANGE, .work = &cxl_binding_work,
      .section = "7.6.7.2.2" },
    { .opcode = CXL_OP_VCS_UNBIND, .name = "Unbind vPPB",
      .in_min = sizeof(CxlUnbindIn), .in_max = sizeof(CxlUnbindIn),
      .handler = unbind_vppb, .effects = CHANGE, .work = &cxl_binding_work,
      .section = "7.6.7.2.3" },
    { .opcode = CXL_OP_VCS_AER, .name = "Generate AER Event",
      .in_min = sizeof(CxlAerIn), .in_max = sizeof(CxlAerIn), .handler = aer,
      .section = "7.6.7.2.4" },
};

const CxlCmdSet cxl_set_vcs = {
    "Virtual switches", vcs_rows, ARRAY_SIZE(vcs_rows),
};
