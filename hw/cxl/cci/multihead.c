/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Multi-headed devices, 55xxh: which logical device is behind which head, and
 * the link of each.  Here every head has one of its own, with the same number.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/fabric.h"
#include "hw/cxl/wire/fm.h"

/* A link of 16 lanes at 64 GT/s, in words of Get Physical Port State */
#define WIDTH   16
#define SPEEDS  0x3f
#define SPEED   6
#define L0      4

static CxlRc info(CxlCall *call)
{
    const CxlFabric *fabric = call->owner;
    CxlMultiHeadInfo *out = (CxlMultiHeadInfo *)call->out;
    uint8_t start = call->in[0], limit = call->in[1];
    unsigned heads = fabric->cfg.hosts;

    if (!limit || start >= heads) {
        return CXL_RC_INVALID_INPUT;
    }
    out->lds = out->heads = heads;
    out->start = start;
    out->count = MIN(limit, heads - start);
    for (unsigned i = 0; i < out->count; i++) {
        out->head[i] = start + i;
    }
    call->out_len = sizeof(*out) + out->count;
    return CXL_RC_SUCCESS;
}

static CxlRc heads(CxlCall *call)
{
    const CxlFabric *fabric = call->owner;
    CxlHeadInfoOut *out = (CxlHeadInfoOut *)call->out;
    uint8_t start = call->in[0], count = call->in[1];

    if (!count || start + count > fabric->cfg.hosts ||
        sizeof(*out) + count * sizeof(out->head[0]) > call->out_max) {
        return CXL_RC_INVALID_INPUT;
    }
    out->count = count;
    for (unsigned i = 0; i < count; i++) {
        bool up = fabric->host[start + i].seat.link;

        out->head[i] = (CxlHeadInfo) {
            .port = start + i, .max_width = WIDTH, .width = up ? WIDTH : 0,
            .speeds = SPEEDS, .max_speed = SPEED, .speed = up ? SPEED : 0,
            .ltssm = up ? L0 : 0,
        };
    }
    call->out_len = sizeof(*out) + count * sizeof(CxlHeadInfo);
    return CXL_RC_SUCCESS;
}

static const CxlCmdRow multihead_rows[] = {
    { .opcode = CXL_OP_MULTIHEAD_INFO, .name = "Get Multi-Headed Info",
      .in_min = 2, .in_max = 2, .out_max = CXL_LEN_PAYLOAD, .handler = info,
      .section = "7.6.7.5.1" },
    { .opcode = CXL_OP_HEAD_INFO, .name = "Get Head Info",
      .in_min = 2, .in_max = 2, .out_max = CXL_LEN_PAYLOAD, .handler = heads,
      .section = "7.6.7.5.2" },
};

const CxlCmdSet cxl_set_multihead = {
    "Multi-headed devices", multihead_rows, ARRAY_SIZE(multihead_rows),
};
