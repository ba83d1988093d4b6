/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Timestamp, 03xxh: the commands on core/timestamp.c.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/profiles.h"

static CxlRc get(CxlCall *call)
{
    stq_le_p(call->out, cxl_timestamp_get(call->cci->clock,
                                          cxl_cci_now(call->cci)));
    call->out_len = 8;
    return CXL_RC_SUCCESS;
}

static CxlRc set(CxlCall *call)
{
    cxl_timestamp_set(call->cci->clock, ldq_le_p(call->in),
                      cxl_cci_now(call->cci));
    return CXL_RC_SUCCESS;
}

static const CxlCmdRow timestamp_rows[] = {
    { .opcode = CXL_OP_TIMESTAMP_GET, .name = "Get Timestamp", .out_max = 8,
      .handler = get, .section = "8.2.9.4.1" },
    { .opcode = CXL_OP_TIMESTAMP_SET, .name = "Set Timestamp", .in_min = 8,
      .in_max = 8, .handler = set, .effects = CXL_FX_POLICY,
      .section = "8.2.9.4.2" },
};

const CxlCmdSet cxl_set_timestamp = {
    "Timestamp", timestamp_rows, ARRAY_SIZE(timestamp_rows),
};
