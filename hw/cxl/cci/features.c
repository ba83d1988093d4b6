/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Features, 05xxh: the commands on core/features.c.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/memdev.h"

static CxlRc supported(CxlCall *call)
{
    const CxlFeaturesIn *in = (const void *)call->in;
    CxlFeaturesOut *out = (CxlFeaturesOut *)call->out;
    uint32_t wanted = ldl_le_p(&in->count);
    uint32_t room = MIN(wanted, call->out_max);
    uint16_t start = lduw_le_p(&in->start);
    uint32_t n = 0;

    if (start >= CXL_FEATURES || room < sizeof(*out)) {
        return CXL_RC_INVALID_INPUT;
    }
    n = MIN((room - sizeof(*out)) / sizeof(CxlFeatureEntry),
            CXL_FEATURES - start);
    stw_le_p(&out->count, n);
    stw_le_p(&out->total, CXL_FEATURES);
    for (uint32_t i = 0; i < n; i++) {
        cxl_features_entry(start + i, &out->entries[i]);
    }
    call->out_len = sizeof(*out) + n * sizeof(CxlFeatureEntry);
    return CXL_RC_SUCCESS;
}

static CxlRc get(CxlCall *call)
{
    CxlMemdev *dev = call->owner;
    const CxlFeatureGetIn *in = (const void *)call->in;
    int index = cxl_features_find(&in->uuid);
    uint16_t offset = lduw_le_p(&in->offset), count = lduw_le_p(&in->count);
    uint8_t value[CXL_FEATURE_GET_MAX];
    unsigned size;

    if (index < 0) {
        return CXL_RC_UNSUPPORTED;
    }
    if (cxl_features_in_transfer(&dev->features, index, cxl_memdev_now(dev))) {
        return CXL_RC_FEATURE_IN_PROGRESS;
    }
    if (in->selection > CXL_FEATURE_SEL_SAVED) {
        return CXL_RC_FEATURE_SELECTION;
    }
    size = cxl_features_read(&dev->features, index, in->selection, value);
    if (offset >= size) {
        return CXL_RC_INVALID_INPUT;
    }
    call->out_len = MIN(count, size - offset);
    memcpy(call->out, value + offset, call->out_len);
    return CXL_RC_SUCCESS;
}

static CxlRc set(CxlCall *call)
{
    CxlMemdev *dev = call->owner;
    int changed;
    CxlRc rc = cxl_features_set(&dev->features, (const void *)call->in,
                                call->in_len - sizeof(CxlFeatureSetIn),
                                cxl_memdev_now(dev), &changed);

    if (changed == CXL_FEATURE_SCRUB) {
        cxl_memdev_scrub_changed(dev);
        call->cci->owner_ops->rearm(dev);
    }
    return rc;
}

static const CxlCmdRow features_rows[] = {
    { .opcode = CXL_OP_FEATURES_SUPPORTED, .name = "Get Supported Features",
      .in_min = sizeof(CxlFeaturesIn), .in_max = sizeof(CxlFeaturesIn),
      .out_max = CXL_LEN_PAYLOAD, .handler = supported,
      .section = "8.2.9.6.1" },
    { .opcode = CXL_OP_FEATURES_GET, .name = "Get Feature",
      .in_min = sizeof(CxlFeatureGetIn), .in_max = sizeof(CxlFeatureGetIn),
      .out_max = CXL_FEATURE_GET_MAX, .handler = get,
      .section = "8.2.9.6.2" },
    { .opcode = CXL_OP_FEATURES_SET, .name = "Set Feature",
      .in_min = sizeof(CxlFeatureSetIn), .in_max = CXL_LEN_PAYLOAD,
      .handler = set,
      .effects = CXL_FX_CONFIG | CXL_FX_DATA | CXL_FX_POLICY | CXL_FX_LOG |
                 CXL_FX_SECURITY, .section = "8.2.9.6.3" },
};

const CxlCmdSet cxl_set_features = {
    "Features", features_rows, ARRAY_SIZE(features_rows),
};
