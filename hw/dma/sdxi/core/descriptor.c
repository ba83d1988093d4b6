/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parse and refuse; see descriptor.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/descriptor.h"
#include "hw/dma/sdxi/wire/mmio.h"

static const char *const names[SDXI_REFUSALS] = {
    [SDXI_ACCEPTED] = "accepted",
    [SDXI_REFUSE_RESERVED] = "reserved bit set",
    [SDXI_REFUSE_READ_BARRIER] = "read barrier, which version 1.1 brought",
    [SDXI_REFUSE_GROUP] = "unknown group",
    [SDXI_REFUSE_OPERATION] = "unknown operation",
    [SDXI_REFUSE_DISABLED] = "group not enabled",
    [SDXI_REFUSE_ADMIN] = "administrative operation outside context 0",
    [SDXI_REFUSE_SIZE] = "buffer too large",
    [SDXI_REFUSE_GRANULE] = "size not a multiple of the block",
    [SDXI_REFUSE_IMMEDIATE] = "too much immediate data",
    [SDXI_REFUSE_ALIGNMENT] = "target not aligned",
    [SDXI_REFUSE_RANGE] = "first context after last",
};

const char *sdxi_descriptor_refusal_name(SdxiRefusal refusal)
{
    assert(refusal < SDXI_REFUSALS);
    return names[refusal];
}

bool sdxi_descriptor_csb(const SdxiDsc *dsc, uint64_t *csb)
{
    *csb = dsc->q[7] & R_SDXI_DSC_Q7_CSB_PTR_MASK;
    return !FIELD_EX64(dsc->q[7], SDXI_DSC_Q7, NP);
}

static const SdxiOpGroup *find_group(const SdxiProfile *profile,
                                     unsigned type)
{
    for (unsigned i = 0; i < profile->num_groups; i++) {
        if (profile->groups[i]->type == type) {
            return profile->groups[i];
        }
    }
    return NULL;
}

static const SdxiOpRow *find_row(const SdxiOpGroup *group, unsigned subtype)
{
    for (unsigned i = 0; i < group->num_rows; i++) {
        if (group->rows[i].subtype == subtype) {
            return &group->rows[i];
        }
    }
    return NULL;
}

const SdxiOpRow *sdxi_descriptor_row(const SdxiProfile *profile,
                                     const SdxiDsc *dsc)
{
    const SdxiOpGroup *group = find_group(
        profile, FIELD_EX64(dsc->q[0], SDXI_DSC_Q0, TYPE));

    return group ? find_row(group, FIELD_EX64(dsc->q[0], SDXI_DSC_Q0, SUBTYPE))
                 : NULL;
}

static SdxiRefusal parse_header(const SdxiProfile *profile,
                                const SdxiGates *gates, const SdxiDsc *dsc,
                                SdxiOp *op)
{
    uint64_t q0 = dsc->q[0];

    if (FIELD_EX64(q0, SDXI_DSC_Q0, RSVD_LO) ||
        FIELD_EX64(q0, SDXI_DSC_Q0, RSVD_HI)) {
        return FIELD_EX64(q0, SDXI_DSC_Q0, READ_BARRIER)
               ? SDXI_REFUSE_READ_BARRIER : SDXI_REFUSE_RESERVED;
    }
    op->group = find_group(profile, FIELD_EX64(q0, SDXI_DSC_Q0, TYPE));
    if (!op->group) {
        return SDXI_REFUSE_GROUP;
    }
    if (!op->group->mandatory &&
        !extract32(gates->groups, op->group->type, 1)) {
        return SDXI_REFUSE_DISABLED;
    }
    if (op->group->admin && !gates->admin) {
        return SDXI_REFUSE_ADMIN;
    }
    op->row = find_row(op->group, FIELD_EX64(q0, SDXI_DSC_Q0, SUBTYPE));
    return op->row ? SDXI_ACCEPTED : SDXI_REFUSE_OPERATION;
}

static void parse_buffers(const SdxiDsc *dsc, SdxiOp *op)
{
    op->bytes = (uint64_t)FIELD_EX64(dsc->q[0], SDXI_COPY_Q0, SIZE) + 1;
    op->akey[0] = FIELD_EX64(dsc->q[1], SDXI_COPY_Q1, AKEY0);
    op->akey[1] = FIELD_EX64(dsc->q[1], SDXI_COPY_Q1, AKEY1);
    op->addr[0] = dsc->q[SDXI_COPY_ADDR0];
    op->addr[1] = dsc->q[SDXI_COPY_ADDR1];
}

static SdxiRefusal parse_copy(const SdxiGates *gates, const SdxiDsc *dsc,
                              SdxiOp *op)
{
    parse_buffers(dsc, op);
    if (op->bytes > UINT64_C(1) << (gates->max_buffer + SDXI_BUFFER_SHIFT)) {
        return SDXI_REFUSE_SIZE;
    }
    if (op->row->shape == SDXI_SHAPE_REPCOPY &&
        op->bytes % SDXI_REP_BLOCK) {
        return SDXI_REFUSE_GRANULE;
    }
    return SDXI_ACCEPTED;
}

static SdxiRefusal parse_imm(const SdxiDsc *dsc, SdxiOp *op)
{
    parse_buffers(dsc, op);
    return op->bytes > SDXI_IMM_BYTES ? SDXI_REFUSE_IMMEDIATE : SDXI_ACCEPTED;
}

static SdxiRefusal parse_atomic(const SdxiDsc *dsc, SdxiOp *op)
{
    parse_buffers(dsc, op);
    op->wide = FIELD_EX64(dsc->q[0], SDXI_ATOMIC_Q0, WIDE);
    op->returns = FIELD_EX64(dsc->q[0], SDXI_ATOMIC_Q0, RETURN);
    op->bytes = op->wide ? 8 : 4;
    op->operand[0] = dsc->q[SDXI_ATOMIC_OPERAND_A];
    op->operand[1] = dsc->q[SDXI_ATOMIC_OPERAND_B];
    return op->addr[0] % op->bytes ? SDXI_REFUSE_ALIGNMENT : SDXI_ACCEPTED;
}

static void parse_function(const SdxiDsc *dsc, SdxiOp *op)
{
    op->for_vf = FIELD_EX64(dsc->q[0], SDXI_ADMIN_Q0, VF);
    op->vf_num = FIELD_EX64(dsc->q[0], SDXI_ADMIN_Q0, VF_NUM);
}

static SdxiRefusal parse_admin(const SdxiDsc *dsc, SdxiOp *op)
{
    parse_function(dsc, op);
    op->cxt_start = FIELD_EX64(dsc->q[1], SDXI_ADMIN_Q1, CXT_START);
    op->cxt_end = FIELD_EX64(dsc->q[1], SDXI_ADMIN_Q1, CXT_END);
    return op->cxt_start > op->cxt_end ? SDXI_REFUSE_RANGE : SDXI_ACCEPTED;
}

static SdxiRefusal parse_body(const SdxiGates *gates, const SdxiDsc *dsc,
                              SdxiOp *op)
{
    switch (op->row->shape) {
    case SDXI_SHAPE_COPY:
    case SDXI_SHAPE_REPCOPY:
        return parse_copy(gates, dsc, op);
    case SDXI_SHAPE_IMM:
        return parse_imm(dsc, op);
    case SDXI_SHAPE_ATOMIC:
        return parse_atomic(dsc, op);
    case SDXI_SHAPE_INTR:
        op->akey[0] = FIELD_EX64(dsc->q[1], SDXI_INTR_Q1, AKEY);
        return SDXI_ACCEPTED;
    case SDXI_SHAPE_ADMIN:
        return parse_admin(dsc, op);
    case SDXI_SHAPE_FUNCTION:
        parse_function(dsc, op);
        return SDXI_ACCEPTED;
    default:
        return SDXI_ACCEPTED;
    }
}

SdxiRefusal sdxi_descriptor_parse(const SdxiProfile *profile,
                                  const SdxiGates *gates, const SdxiDsc *dsc,
                                  SdxiOp *op)
{
    SdxiRefusal refusal;

    memset(op, 0, sizeof(*op));
    op->dsc = dsc;
    op->has_csb = sdxi_descriptor_csb(dsc, &op->csb);
    refusal = parse_header(profile, gates, dsc, op);
    return refusal == SDXI_ACCEPTED ? parse_body(gates, dsc, op) : refusal;
}
