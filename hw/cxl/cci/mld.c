/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MLD components, 54xxh, on the FM-owned logical device: what there is, who
 * gets how much of it, and quality of service.  CXL r3.1 7.6.7.4.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/mld.h"

static CxlRc info(CxlCall *call)
{
    CxlMldInfo *out = (CxlMldInfo *)call->out;
    const CxlMld *mld = call->owner;

    stq_le_p(&out->memory_size, mld->capacity ?: cxl_mld_allocated(mld));
    stw_le_p(&out->lds, mld->lds);
    out->qos = CXL_MLD_QOS_CONGESTION | CXL_MLD_QOS_THROUGHPUT;
    call->out_len = sizeof(*out);
    return CXL_RC_SUCCESS;
}

static CxlRc allocations(CxlCall *call)
{
    CxlMldAllocationsOut *out = (CxlMldAllocationsOut *)call->out;
    const CxlMld *mld = call->owner;
    uint8_t start = call->in[0], limit = call->in[1];
    uint32_t room = (call->out_max - sizeof(*out)) / sizeof(out->ld[0]);

    if (!limit || start >= mld->lds) {
        return CXL_RC_INVALID_INPUT;
    }
    out->lds = mld->lds;
    out->start = start;
    out->count = MIN(room, MIN(limit, mld->lds - start));
    for (unsigned i = 0; i < out->count; i++) {
        for (unsigned r = 0; r < 2; r++) {
            stq_le_p(&out->ld[i].range[r],
                     mld->ld[start + i].range[r] / CXL_MLD_UNIT);
        }
    }
    call->out_len = sizeof(*out) + out->count * sizeof(out->ld[0]);
    return CXL_RC_SUCCESS;
}

/* What they are together with the others is no more than there is. */
static bool is_within(const CxlMld *mld, unsigned start, unsigned count,
                      const uint64_t (*range)[2])
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < mld->lds; i++) {
        const uint64_t *r = i >= start && i - start < count ?
                            range[i - start] : mld->ld[i].range;

        if (r[0] > mld->capacity - sum || r[1] > mld->capacity - sum - r[0]) {
            return false;
        }
        sum += r[0] + r[1];
    }
    return true;
}

static CxlRc allocate(CxlCall *call)
{
    const CxlMldAllocate *in = (const CxlMldAllocate *)call->in;
    const CxlMld *mld = call->owner;
    uint64_t range[CXL_MLD_LDS][2] = { 0 };
    CxlRc rc;

    if (call->in_len != sizeof(*in) + in->count * sizeof(in->ld[0])) {
        return CXL_RC_PAYLOAD_LENGTH;
    }
    if (!in->count || in->start + in->count > mld->lds) {
        return CXL_RC_INVALID_INPUT;
    }
    for (unsigned i = 0; i < 2u * in->count; i++) {
        uint64_t units = ldq_le_p(&in->ld[i / 2].range[i % 2]);

        if (units > mld->capacity / CXL_MLD_UNIT) {
            return CXL_RC_RESOURCES;
        }
        range[i / 2][i % 2] = units * CXL_MLD_UNIT;
    }
    if (!is_within(mld, in->start, in->count, range)) {
        return CXL_RC_RESOURCES;
    }
    rc = mld->mld_ops->allocate(call->cci->ops_opaque, in->start, in->count,
                                range);
    if (rc == CXL_RC_SUCCESS) {
        memcpy(call->out, call->in, call->in_len);
        call->out_len = call->in_len;
    }
    return rc;
}

static CxlRc get_qos(CxlCall *call)
{
    const CxlMld *mld = call->owner;

    memcpy(call->out, &mld->qos, sizeof(mld->qos));
    call->out_len = sizeof(mld->qos);
    return CXL_RC_SUCCESS;
}

static CxlRc set_qos(CxlCall *call)
{
    const CxlMldQos *in = (const CxlMldQos *)call->in;
    CxlMld *mld = call->owner;

    if (!cxl_mld_qos_fits(in)) {
        return CXL_RC_INVALID_INPUT;
    }
    mld->qos = *in;
    return get_qos(call);
}

/* The average backpressure of a port that is never congested, in percent */
static CxlRc qos_status(CxlCall *call)
{
    call->out[0] = 0;
    call->out_len = 1;
    return CXL_RC_SUCCESS;
}

#define FRACTIONS_HEADER 2

static bool names_lds(const CxlCall *call)
{
    const CxlMld *mld = call->owner;
    unsigned n = call->in[0], start = call->in[1];

    return n && start + n <= mld->lds;
}

static CxlRc get_fractions(CxlCall *call, const uint8_t *fractions)
{
    if (!names_lds(call)) {
        return CXL_RC_INVALID_INPUT;
    }
    memcpy(call->out, call->in, FRACTIONS_HEADER);
    memcpy(call->out + FRACTIONS_HEADER, fractions + call->in[1], call->in[0]);
    call->out_len = FRACTIONS_HEADER + call->in[0];
    return CXL_RC_SUCCESS;
}

static CxlRc set_fractions(CxlCall *call, uint8_t *fractions)
{
    if (call->in_len != FRACTIONS_HEADER + (uint32_t)call->in[0]) {
        return CXL_RC_PAYLOAD_LENGTH;
    }
    if (!names_lds(call)) {
        return CXL_RC_INVALID_INPUT;
    }
    memcpy(fractions + call->in[1], call->in + FRACTIONS_HEADER, call->in[0]);
    return get_fractions(call, fractions);
}

static CxlRc get_bandwidth(CxlCall *call)
{
    return get_fractions(call, ((CxlMld *)call->owner)->allocated);
}

static CxlRc set_bandwidth(CxlCall *call)
{
    return set_fractions(call, ((CxlMld *)call->owner)->allocated);
}

static CxlRc get_limit(CxlCall *call)
{
    return get_fractions(call, ((CxlMld *)call->owner)->limit);
}

static CxlRc set_limit(CxlCall *call)
{
    return set_fractions(call, ((CxlMld *)call->owner)->limit);
}

#define AT_ONCE (CXL_FX_CONFIG | CXL_FX_DATA | CXL_FX_CONFIG_COLD | \
                 CXL_FX_CONFIG_CONV | CXL_FX_CONFIG_CXL |           \
                 CXL_FX_RESETS_VALID)
#define FRACTIONS_MAX (FRACTIONS_HEADER + CXL_MLD_LDS)
#define ALLOCATE_MAX  (sizeof(CxlMldAllocate) + \
                       CXL_MLD_LDS * sizeof(CxlMldAllocation))

static const CxlCmdRow mld_rows[] = {
    { .opcode = CXL_OP_MLD_INFO, .name = "Get LD Info",
      .out_max = sizeof(CxlMldInfo), .handler = info,
      .section = "7.6.7.4.1" },
    { .opcode = CXL_OP_MLD_ALLOCATIONS, .name = "Get LD Allocations",
      .in_min = 2, .in_max = 2, .out_max = CXL_LEN_PAYLOAD,
      .handler = allocations, .section = "7.6.7.4.2" },
    { .opcode = CXL_OP_MLD_ALLOCATE, .name = "Set LD Allocations",
      .in_min = sizeof(CxlMldAllocate), .in_max = CXL_LEN_PAYLOAD,
      .out_max = ALLOCATE_MAX, .handler = allocate, .effects = AT_ONCE,
      .needs = CXL_NEED_DIVISION, .section = "7.6.7.4.3" },
    { .opcode = CXL_OP_MLD_QOS_GET, .name = "Get QoS Control",
      .out_max = sizeof(CxlMldQos), .handler = get_qos,
      .section = "7.6.7.4.4" },
    { .opcode = CXL_OP_MLD_QOS_SET, .name = "Set QoS Control",
      .in_min = sizeof(CxlMldQos), .in_max = sizeof(CxlMldQos),
      .out_max = sizeof(CxlMldQos), .handler = set_qos,
      .effects = CXL_FX_POLICY, .section = "7.6.7.4.5" },
    { .opcode = CXL_OP_MLD_QOS_STATUS, .name = "Get QoS Status",
      .out_max = 1, .handler = qos_status, .section = "7.6.7.4.6" },
    { .opcode = CXL_OP_MLD_BW_GET, .name = "Get QoS Allocated BW",
      .in_min = FRACTIONS_HEADER, .in_max = FRACTIONS_HEADER,
      .out_max = FRACTIONS_MAX, .handler = get_bandwidth,
      .section = "7.6.7.4.7" },
    { .opcode = CXL_OP_MLD_BW_SET, .name = "Set QoS Allocated BW",
      .in_min = FRACTIONS_HEADER, .in_max = FRACTIONS_HEADER + UINT8_MAX,
      .out_max = FRACTIONS_MAX, .handler = set_bandwidth,
      .effects = AT_ONCE, .section = "7.6.7.4.8" },
    { .opcode = CXL_OP_MLD_LIMIT_GET, .name = "Get QoS BW Limit",
      .in_min = FRACTIONS_HEADER, .in_max = FRACTIONS_HEADER,
      .out_max = FRACTIONS_MAX, .handler = get_limit,
      .section = "7.6.7.4.9" },
    { .opcode = CXL_OP_MLD_LIMIT_SET, .name = "Set QoS BW Limit",
      .in_min = FRACTIONS_HEADER, .in_max = FRACTIONS_HEADER + UINT8_MAX,
      .out_max = FRACTIONS_MAX, .handler = set_limit,
      .effects = AT_ONCE, .section = "7.6.7.4.10" },
};

const CxlCmdSet cxl_set_mld = {
    "MLD component", mld_rows, ARRAY_SIZE(mld_rows),
};
