/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties: defaults, accepted ranges, and the capability bits they become.
 * Mistakes here are the user's, never the guest's.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/host-utils.h"
#include "hw/dma/sdxi/core/config.h"
#include "hw/dma/sdxi/core/op.h"
#include "hw/dma/sdxi/wire/mmio.h"

const SdxiConfig sdxi_config_defaults = {
    .contexts = 128,
    .vectors = 129,
    .max_ring = UINT64_C(1) << 20,
    .max_buffer = UINT64_C(4) << 30,
    .doorbell_stride = 4096,
    .akeys = 65536,
    .rkeys = 65536,
    .errlog = 32768,
    .groups = BIT(SDXI_TYPE_INTR),
};

const char *const sdxi_config_shape[] = {
    "contexts", "vectors", "max-ring", "max-buffer", "doorbell-stride",
    "akeys", "rkeys", "errlog", "sfunc", "group", "vfs", "x-atomics",
    "x-minimal-atomics", "cdat", "latency", "bandwidth", "pasid", "pasid-bits",
    "x-errlog-shift", "x-rkey-pages", "vendor-id", "device-id", "spdm_port",
    "uio", NULL
};

/* A number that is @unit << n, n from 0 to @top. */
typedef struct PowerRule {
    const char *property;
    uint64_t unit;
    unsigned top;
    const char *accepted;
} PowerRule;

static const PowerRule ring_rule = {
    "max-ring", SDXI_RING_MIN, 22, "a power of two, 1024..4294967296",
};
static const PowerRule buffer_rule = {
    "max-buffer", UINT64_C(1) << SDXI_BUFFER_SHIFT, 11,
    "a power of two, 2 MiB..4 GiB",
};
static const PowerRule stride_rule = {
    "doorbell-stride", SDXI_DB_STRIDE_MIN, 7,
    "a power of two, 4 KiB..512 KiB",
};
static const PowerRule akeys_rule = {
    "akeys", SDXI_KEYS_MIN, 8, "a power of two, 256..65536",
};
static const PowerRule rkeys_rule = {
    "rkeys", SDXI_KEYS_MIN, 8, "0, or a power of two, 256..65536",
};
static const PowerRule errlog_rule = {
    "errlog", SDXI_ERRLOG_MIN, 15, "a power of two, 64..2097152",
};

static bool refuse(SdxiConfigError *err, const char *property, uint64_t value,
                   const char *accepted)
{
    *err = (SdxiConfigError) {
        .property = property, .value = value, .accepted = accepted,
    };
    return false;
}

static bool check_power(const PowerRule *rule, uint64_t value,
                        SdxiConfigError *err)
{
    if (is_power_of_2(value) && value >= rule->unit &&
        value <= rule->unit << rule->top) {
        return true;
    }
    return refuse(err, rule->property, value, rule->accepted);
}

static unsigned encode(const PowerRule *rule, uint64_t value)
{
    return ctz64(value) - ctz64(rule->unit);
}

/* Optional groups that @profile can offer. */
static uint32_t offered(const SdxiProfile *profile)
{
    uint32_t bits = 0;

    for (unsigned i = 0; i < profile->num_groups; i++) {
        if (!profile->groups[i]->mandatory) {
            bits |= BIT(profile->groups[i]->type);
        }
    }
    return bits;
}

bool sdxi_config_check(const SdxiConfig *config, const SdxiProfile *profile,
                       SdxiConfigError *err)
{
    if (config->contexts < 1 || config->contexts > SDXI_CONTEXTS_MAX) {
        return refuse(err, "contexts", config->contexts, "1..65536");
    }
    if (config->vectors < 1 || config->vectors > SDXI_VECTORS_MAX) {
        return refuse(err, "vectors", config->vectors, "1..2048");
    }
    if (!config->sfunc) {
        return refuse(err, "sfunc", config->sfunc, "1..65535");
    }
    if (config->groups & ~offered(profile)) {
        return refuse(err, "groups", config->groups,
                      "bits of groups that this function implements");
    }
    return check_power(&ring_rule, config->max_ring, err) &&
           check_power(&buffer_rule, config->max_buffer, err) &&
           check_power(&stride_rule, config->doorbell_stride, err) &&
           check_power(&akeys_rule, config->akeys, err) &&
           (!config->rkeys || check_power(&rkeys_rule, config->rkeys, err)) &&
           check_power(&errlog_rule, config->errlog, err);
}

uint64_t sdxi_config_doorbell_bytes(const SdxiConfig *config)
{
    return pow2ceil((uint64_t)config->contexts * config->doorbell_stride);
}

uint64_t sdxi_config_cap0(const SdxiConfig *config)
{
    uint64_t cap = 0;

    cap = FIELD_DP64(cap, SDXI_CAP0, SFUNC, config->sfunc);
    cap = FIELD_DP64(cap, SDXI_CAP0, VF, config->vf);
    cap = FIELD_DP64(cap, SDXI_CAP0, DB_STRIDE,
                     encode(&stride_rule, config->doorbell_stride));
    cap = FIELD_DP64(cap, SDXI_CAP0, MAX_DS_RING_SZ,
                     encode(&ring_rule, config->max_ring));
    if (config->rkeys) {
        cap = FIELD_DP64(cap, SDXI_CAP0, MAX_RKEY_SZ,
                         encode(&rkeys_rule, config->rkeys));
    }
    return cap;
}

uint64_t sdxi_config_cap1(const SdxiConfig *config)
{
    uint64_t cap = 0;

    cap = FIELD_DP64(cap, SDXI_CAP1, MAX_BUFFER,
                     encode(&buffer_rule, config->max_buffer));
    cap = FIELD_DP64(cap, SDXI_CAP1, RKEY_CAP, config->rkeys != 0);
    cap = FIELD_DP64(cap, SDXI_CAP1, MMIO64, 1);
    cap = FIELD_DP64(cap, SDXI_CAP1, MAX_ERRLOG_SZ,
                     encode(&errlog_rule, config->errlog));
    cap = FIELD_DP64(cap, SDXI_CAP1, MAX_AKEY_SZ,
                     encode(&akeys_rule, config->akeys));
    cap = FIELD_DP64(cap, SDXI_CAP1, MAX_CXT, config->contexts - 1);
    cap = FIELD_DP64(cap, SDXI_CAP1, OPB_000, config->groups);
    return cap;
}
