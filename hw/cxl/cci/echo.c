/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Echo, C000h to C003h: a command set of our own, whose answers are what the
 * caller wants them to be.  Who writes a transport (a mailbox driver, MCTP over
 * anything, a tunnel) sees with it that payloads of every length arrive whole
 * both ways, that each return code comes through, and that a background
 * operation is followed to its end.  Nothing of the component changes.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/wire/echo.h"

#define NS_PER_MS 1000000ll

enum { ARG_RC, ARG_VENDOR };

/*
 * What can be the end of a command: any code but "it goes on", as far as all
 * ways into a component let it through (see core/mailbox.c).
 */
static bool is_end(uint64_t rc)
{
    return rc <= CXL_RC_EXTENT_LIST && rc != CXL_RC_BACKGROUND;
}

static CxlRc identify(CxlCall *call)
{
    static const CxlUuid uuid = CXL_ECHO_UUID;
    CxlEchoIdentify *out = (CxlEchoIdentify *)call->out;

    out->uuid = uuid;
    stw_le_p(&out->version, CXL_ECHO_VERSION);
    stl_le_p(&out->in_max, call->cci->payload_max);
    stl_le_p(&out->out_max, call->out_max);
    call->out_len = sizeof(*out);
    return CXL_RC_SUCCESS;
}

static CxlRc send_back(CxlCall *call, uint32_t skip)
{
    uint32_t len = call->in_len - skip;

    if (len > call->out_max) {
        return CXL_RC_PAYLOAD_LENGTH;
    }
    if (len) {
        memcpy(call->out, call->in + skip, len);
    }
    call->out_len = len;
    return CXL_RC_SUCCESS;
}

static CxlRc echo(CxlCall *call)
{
    return send_back(call, 0);
}

static CxlRc status(CxlCall *call)
{
    const CxlEchoStatusIn *in = (const void *)call->in;
    uint16_t rc = lduw_le_p(&in->rc);

    if (!is_end(rc)) {
        return CXL_RC_INVALID_INPUT;
    }
    call->vendor = lduw_le_p(&in->vendor);
    return rc == CXL_RC_SUCCESS ? send_back(call, sizeof(*in)) : rc;
}

static CxlRc background(CxlCall *call)
{
    const CxlEchoBackgroundIn *in = (const void *)call->in;
    CxlBackground *bg = cxl_cci_bg(call->cci);
    uint32_t ms = ldl_le_p(&in->ms);
    uint16_t rc = lduw_le_p(&in->rc);

    if (!ms || ms > CXL_ECHO_MS_MAX || !is_end(rc)) {
        return CXL_RC_INVALID_INPUT;
    }
    bg->args[ARG_RC] = rc;
    bg->args[ARG_VENDOR] = lduw_le_p(&in->vendor);
    return cxl_cci_background(call, NULL, 0, ms * NS_PER_MS);
}

static CxlRc background_finish(void *owner G_GNUC_UNUSED, CxlBackground *bg,
                               CxlRc rc)
{
    if (rc != CXL_RC_SUCCESS) {
        return rc;
    }
    bg->vendor = bg->args[ARG_VENDOR];
    return bg->args[ARG_RC];
}

static bool background_fits(const void *owner G_GNUC_UNUSED,
                            const CxlBackground *bg)
{
    return !bg->num_ranges && is_end(bg->args[ARG_RC]) &&
           bg->args[ARG_VENDOR] <= UINT16_MAX;
}

static const CxlBgWork background_work = {
    .finish = background_finish, .fits = background_fits, .abortable = true,
};

/* The last one only where background operations can be. */
static const CxlCmdRow echo_rows[] = {
    { .opcode = CXL_OP_ECHO_IDENTIFY, .name = "Echo Identify",
      .out_max = sizeof(CxlEchoIdentify), .handler = identify,
      .section = "8.2.9" },
    { .opcode = CXL_OP_ECHO, .name = "Echo", .in_max = CXL_LEN_PAYLOAD,
      .out_max = CXL_LEN_PAYLOAD, .handler = echo, .section = "8.2.9" },
    { .opcode = CXL_OP_ECHO_STATUS, .name = "Echo Status",
      .in_min = sizeof(CxlEchoStatusIn), .in_max = CXL_LEN_PAYLOAD,
      .out_max = CXL_LEN_PAYLOAD, .handler = status, .section = "8.2.9" },
    { .opcode = CXL_OP_ECHO_BACKGROUND, .name = "Echo Background",
      .in_min = sizeof(CxlEchoBackgroundIn),
      .in_max = sizeof(CxlEchoBackgroundIn), .handler = background,
      .work = &background_work, .effects = CXL_FX_BACKGROUND | CXL_FX_ABORT,
      .section = "8.2.9" },
};

const CxlCmdSet cxl_set_echo = {
    "Echo", echo_rows, ARRAY_SIZE(echo_rows),
};

const CxlCmdSet cxl_set_echo_at_once = {
    "Echo (no background operations)", echo_rows, ARRAY_SIZE(echo_rows) - 1,
};
