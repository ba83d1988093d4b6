/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of an MLD that no host sees; see mld.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/mld.h"

/* Not saved: who owns one refuses to migrate. */
QEMU_BUILD_BUG_ON(sizeof(CxlMld) != 696 && sizeof(void *) == 8);

#define PAYLOAD_SHIFT 11

/* The FM-owned logical device leads to the others. */
static CxlCci *tunnel(void *owner, CxlCci *via G_GNUC_UNUSED, uint8_t type,
                      uint8_t id)
{
    CxlMld *mld = owner;

    return type == CXL_TUNNEL_PORT_OR_LD && id < mld->lds ? mld->ld[id].cci :
           NULL;
}

/* No command of it runs in the background. */
static void rearm(void *owner G_GNUC_UNUSED)
{
}

static bool relay(void *owner, uint8_t type, uint8_t id, const uint8_t *in,
                  uint32_t in_len, uint8_t *out, uint32_t out_max,
                  uint32_t *out_len)
{
    CxlMld *mld = owner;

    return type == CXL_TUNNEL_PORT_OR_LD && id < mld->lds && mld->relay &&
           mld->relay(mld->relay_opaque, id, in, in_len, out, out_max,
                      out_len);
}

static const CxlCciOwner cci_owner = {
    .rearm = rearm, .tunnel = tunnel, .relay = relay,
};

CxlMld *cxl_mld_create(const CxlMldConfig *config, const CxlProfile *profile,
                       const CxlHostOps *ops, void *opaque)
{
    CxlMld *mld = g_new0(CxlMld, 1);
    CxlIsIdentify *id = &mld->cci.identity;

    assert(config->lds && config->lds <= CXL_MLD_LDS);
    mld->lds = config->lds;
    mld->capacity = config->capacity;
    mld->mld_ops = config->ops;
    cxl_cci_init(&mld->cci, profile, config->ops ? CXL_NEED_DIVISION : 0,
                 1u << (config->payload_shift ?: PAYLOAD_SHIFT), &mld->clock,
                 &cci_owner, mld, ops, opaque);
    stw_le_p(&id->vendor, config->vendor_id);
    stw_le_p(&id->device, config->device_id);
    stq_le_p(&id->serial, config->serial);
    id->component_type = CXL_COMPONENT_TYPE3;
    /* Defaults of table 7-50 */
    mld->qos = (CxlMldQos) {
        .moderate = 10, .severe = 25, .sample = 8, .collection = 64,
    };
    return mld;
}

void cxl_mld_free(CxlMld *mld)
{
    cxl_cci_destroy(&mld->cci);
    g_free(mld);
}

void cxl_mld_set(CxlMld *mld, unsigned ld, CxlCci *cci, uint64_t volatile_len,
                 uint64_t persistent_len)
{
    assert(ld < mld->lds);
    mld->ld[ld] = (CxlMldLd) { };
    if (cci || volatile_len || persistent_len) {
        mld->ld[ld] = (CxlMldLd) { { volatile_len, persistent_len }, cci };
    }
}

uint64_t cxl_mld_allocated(const CxlMld *mld)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < mld->lds; i++) {
        sum += mld->ld[i].range[0] + mld->ld[i].range[1];
    }
    return sum;
}

bool cxl_mld_qos_fits(const CxlMldQos *q)
{
    return !(q->control &
             ~(CXL_MLD_QOS_CONGESTION | CXL_MLD_QOS_THROUGHPUT)) &&
           q->moderate && q->moderate <= 100 && q->severe &&
           q->severe <= 100 && q->sample <= 15;
}

const char *cxl_mld_check(const CxlMld *mld)
{
    if (!mld->lds || mld->lds > CXL_MLD_LDS) {
        return "number of logical devices";
    }
    if (!cxl_mld_qos_fits(&mld->qos)) {
        return "quality of service";
    }
    for (unsigned i = 0; i < CXL_MLD_LDS; i++) {
        const CxlMldLd *ld = &mld->ld[i];

        if ((ld->range[0] | ld->range[1]) % CXL_MLD_UNIT) {
            return "capacity of a logical device";
        }
        if (i >= mld->lds && (ld->cci || ld->range[0] || ld->range[1])) {
            return "logical device that is not there";
        }
    }
    if (mld->capacity && cxl_mld_allocated(mld) > mld->capacity) {
        return "capacity of all logical devices";
    }
    return NULL;
}
