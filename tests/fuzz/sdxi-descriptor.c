/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 64 bytes of anything through the parser: what it accepts keeps the rules,
 * what it refuses has a name, and a second reading of the layout agrees on
 * which it is.
 *
 * Input: gates[6] descriptor[64], repeated.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/dma/sdxi/core/descriptor.h"
#include "hw/dma/sdxi/ops/profiles.h"
#include "tests/fuzz/fuzz-target.h"

#define STEP 70

/* Subtypes of types 1 to 4, as bit masks. */
static const uint32_t known[5] = { 0, 0x1e, 0x1ff, 0x7fee, 0x1 };

static bool body_is_fine(const uint8_t *d, unsigned type, unsigned subtype,
                         unsigned max_buffer)
{
    uint64_t bytes = (uint64_t)(uint32_t)ldl_le_p(d + 4) + 1;

    switch (type << 8 | subtype) {
    case 0x102:
        return bytes <= 32;
    case 0x104:
        if (bytes & 0xfff) {
            return false;
        }
        /* fall through */
    case 0x103:
        return bytes <= UINT64_C(1) << (21 + max_buffer);
    default:
        break;
    }
    if (type == 3) {
        return !(ldq_le_p(d + 16) & (d[4] & 1 ? 7 : 3));
    }
    if (type == 2 && subtype != 0 && subtype != 5 && subtype != 7) {
        /* all but FN_UPD, ADM_INTR and RKEY_UPD have a range of contexts */
        return lduw_le_p(d + 8) <= lduw_le_p(d + 10);
    }
    return true;
}

static bool should_be_accepted(const uint8_t *d, const SdxiGates *gates)
{
    uint32_t dw0 = ldl_le_p(d);
    unsigned type = dw0 >> 16 & 0x7ff, subtype = dw0 >> 8 & 0xff;

    if (dw0 & 0xf80000e0 || type == 0 || type > 4 || subtype > 31 ||
        !(known[type] >> subtype & 1)) {
        return false;
    }
    if ((type == 3 || type == 4) && !(gates->groups >> type & 1)) {
        return false;
    }
    if (type == 2 && !gates->admin) {
        return false;
    }
    return body_is_fine(d, type, subtype, gates->max_buffer);
}

static void one(const uint8_t *in)
{
    SdxiGates gates = {
        .groups = ldl_le_p(in), .max_buffer = in[4] % 12, .admin = in[5] & 1,
    };
    SdxiRefusal refusal;
    SdxiDsc dsc;
    SdxiOp op;

    for (unsigned i = 0; i < 8; i++) {
        dsc.q[i] = ldq_le_p(in + 6 + 8 * i);
    }
    refusal = sdxi_descriptor_parse(&sdxi_profile_standard, &gates, &dsc,
                                    &op);
    g_assert_nonnull(sdxi_descriptor_refusal_name(refusal));
    g_assert((refusal == SDXI_ACCEPTED) ==
             should_be_accepted(in + 6, &gates));
    g_assert_cmphex(op.csb & 31, ==, 0);
    if (refusal == SDXI_ACCEPTED) {
        g_assert(op.row && op.row->run);
        g_assert_cmpuint(op.bytes, <=, UINT64_C(1) << 32);
        g_assert_cmpuint(op.cxt_start, <=, op.cxt_end);
    }
}

/* Random types are nearly all unknown: make most of them plausible. */
static void nudge(uint8_t *in)
{
    if (in[5] & 0x80) {
        in[6] &= 0x1f;
        in[7] &= 0x0f;
        in[8] = 1 + in[8] % 4;
        in[9] &= in[5] & 0x40 ? 0xff : 0;
    }
    if (in[5] & 0x20) {
        in[11] &= 0x7f;
        memset(in + 12, 0, 2);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (; size >= STEP; data += STEP, size -= STEP) {
        uint8_t in[STEP];

        memcpy(in, data, STEP);
        nudge(in);
        one(in);
    }
    return 0;
}
