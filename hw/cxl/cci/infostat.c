/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Information and status, 00xxh.  A primary mailbox shows background status
 * in registers and has no use for the rest: it offers the abort only.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/profiles.h"

#define LIMIT_MIN 8 /* log2 bytes */

static CxlRc identify(CxlCall *call)
{
    memcpy(call->out, &call->cci->identity, sizeof(CxlIsIdentify));
    call->out_len = sizeof(CxlIsIdentify);
    return CXL_RC_SUCCESS;
}

static CxlRc bg_status(CxlCall *call)
{
    const CxlBackground *bg = cxl_cci_bg(call->cci);
    CxlIsBgStatus *out = (CxlIsBgStatus *)call->out;

    out->status = bg->running |
                  cxl_background_percent(bg, cxl_cci_now(call->cci)) << 1;
    stw_le_p(&out->opcode, bg->opcode);
    stw_le_p(&out->rc, bg->rc);
    stw_le_p(&out->vendor, bg->vendor);
    call->out_len = sizeof(*out);
    return CXL_RC_SUCCESS;
}

static CxlRc get_limit(CxlCall *call)
{
    call->out[0] = call->cci->response_limit;
    call->out_len = 1;
    return CXL_RC_SUCCESS;
}

static CxlRc set_limit(CxlCall *call)
{
    uint8_t limit = call->in[0];

    if (limit < LIMIT_MIN || limit > call->cci->identity.max_message) {
        return CXL_RC_INVALID_INPUT;
    }
    call->cci->response_limit = limit;
    return get_limit(call);
}

static CxlRc request_abort(CxlCall *call)
{
    return cxl_cci_abort(call->cci);
}

static const CxlCmdRow infostat_rows[] = {
    { .opcode = CXL_OP_IS_IDENTIFY, .name = "Identify",
      .out_max = sizeof(CxlIsIdentify), .handler = identify,
      .section = "8.2.9.1.1" },
    { .opcode = CXL_OP_IS_BG_STATUS, .name = "Background Operation Status",
      .out_max = sizeof(CxlIsBgStatus), .handler = bg_status,
      .section = "8.2.9.1.2" },
    { .opcode = CXL_OP_IS_GET_LIMIT, .name = "Get Response Message Limit",
      .out_max = 1, .handler = get_limit, .section = "8.2.9.1.3" },
    { .opcode = CXL_OP_IS_SET_LIMIT, .name = "Set Response Message Limit",
      .in_min = 1, .in_max = 1, .out_max = 1, .handler = set_limit,
      .effects = CXL_FX_POLICY, .section = "8.2.9.1.4" },
    { .opcode = CXL_OP_IS_ABORT, .name = "Request Abort Background Operation",
      .handler = request_abort, .section = "8.2.9.1.5" },
};

const CxlCmdSet cxl_set_infostat = {
    "Information and status", infostat_rows, ARRAY_SIZE(infostat_rows),
};

const CxlCmdSet cxl_set_abort = {
    "Information and status (mailbox)",
    &infostat_rows[ARRAY_SIZE(infostat_rows) - 1], 1,
};
