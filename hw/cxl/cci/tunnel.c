/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tunnel Management Command, 5300h: a command for somebody behind this
 * interface.  Who that is only the interface's owner knows.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/message.h"

#define FRAME offsetof(CxlTunnelIn, message)

/* False: nobody is there, or answers. */
static bool execute(CxlCall *call, const CxlTunnelIn *in, uint32_t size,
                    uint32_t *reply)
{
    const CxlCciOwner *ops = call->cci->owner_ops;
    CxlCci *target = ops->tunnel(call->owner, call->cci, in->target, in->id);
    uint32_t room = MIN(call->out_max - FRAME, UINT16_MAX);

    if (!target) {
        return ops->relay && ops->relay(call->owner, in->target, in->id,
                                        call->in + FRAME, size,
                                        call->out + FRAME, room, reply);
    }
    return cxl_message_execute(target, call->in + FRAME, size,
                               call->out + FRAME, room, reply);
}

static CxlRc tunnel(CxlCall *call)
{
    const CxlTunnelIn *in = (const void *)call->in;
    CxlTunnelOut *out = (CxlTunnelOut *)call->out;
    uint32_t size = lduw_le_p(&in->size), reply;

    if (call->in_len != FRAME + size) {
        return CXL_RC_PAYLOAD_LENGTH;
    }
    if (!execute(call, in, size, &reply)) {
        return CXL_RC_INVALID_INPUT;
    }
    stw_le_p(&out->size, reply);
    call->out_len = FRAME + reply;
    return CXL_RC_SUCCESS;
}

static const CxlCmdRow tunnel_rows[] = {
    { .opcode = CXL_OP_TUNNEL, .name = "Tunnel Management Command",
      .in_min = sizeof(CxlTunnelIn), .in_max = CXL_LEN_PAYLOAD,
      .out_max = CXL_LEN_PAYLOAD, .handler = tunnel,
      .section = "7.6.7.3.1" },
};

const CxlCmdSet cxl_set_tunnel = {
    "MLD port", tunnel_rows, ARRAY_SIZE(tunnel_rows),
};
