/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Feature rows and the transfer state machine; see features.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/features.h"
#include "hw/cxl/wire/commands.h"

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(CxlFeatures) != 152 && sizeof(void *) == 8);

#define SCRUB_HOURS_DEFAULT 12
#define SCRUB_HOURS_MIN     1
#define ECS_THRESHOLD_256   3
#define ECS_THRESHOLD_4096  5
#define GAP_NS              30000000000ll

#define EFFECTS (CXL_FX_CONFIG | CXL_FX_RESETS_VALID)
#define FLAGS (CXL_FEATURE_CHANGEABLE | CXL_FEATURE_DEFAULT |       \
               CXL_FEATURE_SAVED |                                  \
               CXL_FEATURE_PERSIST_HOT << CXL_FEATURE_PERSIST_SHIFT)

typedef struct FeatureRow {
    const char *name;
    CxlUuid uuid;
    uint16_t get_size, set_size;
    uint8_t get_version, set_version;
    uint8_t class, subclass;
    uint8_t defaults[CXL_FEATURE_SET_MAX];
    bool (*acceptable)(const uint8_t *set);
    void (*show)(unsigned index, const uint8_t *set, uint8_t *out);
} FeatureRow;

static const FeatureRow rows[CXL_FEATURES];

static bool scrub_ok(const uint8_t *set)
{
    const CxlScrubWrite *w = (const void *)set;

    return w->cycle >= SCRUB_HOURS_MIN && !(w->flags & ~1);
}

static void scrub_show(unsigned index G_GNUC_UNUSED, const uint8_t *set,
                       uint8_t *out)
{
    const CxlScrubWrite *w = (const void *)set;
    CxlScrubRead *r = (CxlScrubRead *)out;

    r->caps = 1;
    stw_le_p(&r->cycle, w->cycle | SCRUB_HOURS_MIN << 8);
    r->flags = w->flags;
}

static bool ecs_ok(const uint8_t *set)
{
    if (set[0] & ~1) {
        return false;
    }
    for (unsigned i = 0; i < CXL_ECS_FRUS; i++) {
        uint16_t config = lduw_le_p(set + 1 + 2 * i);
        unsigned threshold = config & CXL_ECS_THRESHOLD_MASK;

        if (config & ~CXL_ECS_CONFIG_MASK || threshold < ECS_THRESHOLD_256 ||
            threshold > ECS_THRESHOLD_4096) {
            return false;
        }
    }
    return true;
}

static void ecs_show(unsigned index G_GNUC_UNUSED, const uint8_t *set,
                     uint8_t *out)
{
    out[0] = set[0];
    for (unsigned i = 0; i < CXL_ECS_FRUS; i++) {
        CxlEcsReadFru *fru = (CxlEcsReadFru *)(out + 1 + i * sizeof(*fru));

        fru->caps = 1;
        /* Resetting the counter is an act, not a setting. */
        stw_le_p(&fru->config, lduw_le_p(set + 1 + 2 * i) &
                               ~CXL_ECS_RESET_COUNTER);
        fru->flags = 0;
    }
}

static void maint_show(unsigned index, const uint8_t *set, CxlMaintHeader *h)
{
    h->max_latency = 0x55; /* hundreds of ms at most, in the spec's encoding */
    stw_le_p(&h->op_caps, CXL_MAINT_DEVICE_INITIATED);
    memcpy(&h->op_mode, set, 2);
    h->class = rows[index].class;
    h->subclass = rows[index].subclass;
}

static bool ppr_ok(const uint8_t *set)
{
    return !(lduw_le_p(set) & ~CXL_MAINT_DEVICE_INITIATED) && !(set[2] & ~1);
}

/* Repair keeps data and may run on memory in use: no restriction. */
static void ppr_show(unsigned index, const uint8_t *set, uint8_t *out)
{
    CxlPprRead *r = (CxlPprRead *)out;

    maint_show(index, set, &r->hdr);
    r->flags = CXL_PPR_DPA | CXL_PPR_NIBBLE | CXL_PPR_SPARING_EVENT;
    r->op_mode = set[2];
}

static bool sparing_ok(const uint8_t *set)
{
    return !(lduw_le_p(set) & ~CXL_MAINT_DEVICE_INITIATED);
}

static void sparing_show(unsigned index, const uint8_t *set, uint8_t *out)
{
    CxlSparingRead *r = (CxlSparingRead *)out;

    maint_show(index, set, &r->hdr);
    stw_le_p(&r->restriction, CXL_SPARING_HARD_ABLE | CXL_SPARING_SOFT_ABLE);
}

static bool pace_ok(const uint8_t *set)
{
    return set[0] <= CXL_PACE_MAX;
}

static void pace_show(unsigned index G_GNUC_UNUSED, const uint8_t *set,
                      uint8_t *out)
{
    CxlPaceRead *r = (CxlPaceRead *)out;

    r->shift = set[0];
    r->max = CXL_PACE_MAX;
}

#define PPR                                                             \
    .get_size = sizeof(CxlPprRead), .set_size = sizeof(CxlPprWrite),    \
    .get_version = 3, .set_version = 3, .class = CXL_MAINT_PPR,         \
    .acceptable = ppr_ok, .show = ppr_show

#define SPARING                                                         \
    .get_size = sizeof(CxlSparingRead), .set_size = 2,                  \
    .get_version = 1, .set_version = 1, .class = CXL_MAINT_SPARING,     \
    .acceptable = sparing_ok, .show = sparing_show

static const FeatureRow rows[CXL_FEATURES] = {
    [CXL_FEATURE_SCRUB] = {
        .name = "patrol scrub",
        .uuid = CXL_UUID(0x96dad7d6, 0xfde8, 0x482b,
                         0xa7, 0x33, 0x75, 0x77, 0x4e, 0x06, 0xdb, 0x8a),
        .get_size = sizeof(CxlScrubRead), .set_size = sizeof(CxlScrubWrite),
        .get_version = 1, .set_version = 1,
        .defaults = { SCRUB_HOURS_DEFAULT, 0 },
        .acceptable = scrub_ok, .show = scrub_show,
    },
    [CXL_FEATURE_ECS] = {
        .name = "DDR5 error check scrub",
        .uuid = CXL_UUID(0xe5b13f22, 0x2328, 0x4a14,
                         0xb8, 0xba, 0xb9, 0x69, 0x1e, 0x89, 0x33, 0x86),
        .get_size = 1 + CXL_ECS_FRUS * sizeof(CxlEcsReadFru),
        .set_size = CXL_FEATURE_SET_MAX,
        .get_version = 1, .set_version = 1,
        .defaults = { 1, ECS_THRESHOLD_256, 0, ECS_THRESHOLD_256, 0,
                      ECS_THRESHOLD_256, 0 },
        .acceptable = ecs_ok, .show = ecs_show,
    },
    [CXL_FEATURE_SPPR] = {
        .name = "soft post package repair",
        .uuid = CXL_UUID(0x892ba475, 0xfad8, 0x474e,
                         0x9d, 0x3e, 0x69, 0x2c, 0x91, 0x75, 0x68, 0xbb),
        .subclass = 0, PPR,
    },
    [CXL_FEATURE_HPPR] = {
        .name = "hard post package repair",
        .uuid = CXL_UUID(0x80ea4521, 0x786f, 0x4127,
                         0xaf, 0xb1, 0xec, 0x74, 0x59, 0xfb, 0x0e, 0x24),
        .subclass = 1, PPR,
    },
    [CXL_FEATURE_CACHELINE] = {
        .name = "cacheline sparing",
        .uuid = CXL_UUID(0x96c33386, 0x91dd, 0x44c7,
                         0x9e, 0xcb, 0xfd, 0xaf, 0x65, 0x03, 0xba, 0xc4),
        .subclass = 0, SPARING,
    },
    [CXL_FEATURE_ROW] = {
        .name = "row sparing",
        .uuid = CXL_UUID(0x450ebf67, 0xb135, 0x4f97,
                         0xa4, 0x98, 0xc2, 0xd5, 0x7f, 0x27, 0x9b, 0xed),
        .subclass = 1, SPARING,
    },
    [CXL_FEATURE_BANK] = {
        .name = "bank sparing",
        .uuid = CXL_UUID(0x78b79636, 0x90ac, 0x4b64,
                         0xa4, 0xef, 0xfa, 0xac, 0x5d, 0x18, 0xa8, 0x63),
        .subclass = 2, SPARING,
    },
    [CXL_FEATURE_RANK] = {
        .name = "rank sparing",
        .uuid = CXL_UUID(0x34dbaff5, 0x0552, 0x4281,
                         0x8f, 0x76, 0xda, 0x0b, 0x5e, 0x7a, 0x76, 0xa7),
        .subclass = 3, SPARING,
    },
    [CXL_FEATURE_PACE] = {
        .name = "pace of background operations",
        .uuid = CXL_UUID(0x0c0d84d2, 0xfded, 0x460a,
                         0xb9, 0xef, 0x6f, 0x35, 0xd2, 0xf3, 0x86, 0x01),
        .get_size = sizeof(CxlPaceRead), .set_size = sizeof(CxlPaceWrite),
        .get_version = 1, .set_version = 1,
        .acceptable = pace_ok, .show = pace_show,
    },
};

void cxl_features_init(CxlFeatures *f)
{
    *f = (CxlFeatures) { };
    for (unsigned i = 0; i < CXL_FEATURES; i++) {
        memcpy(f->state[i].current, rows[i].defaults, CXL_FEATURE_SET_MAX);
        memcpy(f->state[i].saved, rows[i].defaults, CXL_FEATURE_SET_MAX);
    }
}

void cxl_features_interrupt(CxlFeatures *f)
{
    f->open = false;
    f->have = 0;
    memset(f->part, 0, sizeof(f->part));
}

void cxl_features_cold_reset(CxlFeatures *f)
{
    cxl_features_interrupt(f);
    for (unsigned i = 0; i < CXL_FEATURES; i++) {
        memcpy(f->state[i].current, f->state[i].saved, CXL_FEATURE_SET_MAX);
    }
}

int cxl_features_find(const CxlUuid *uuid)
{
    for (unsigned i = 0; i < CXL_FEATURES; i++) {
        if (cxl_uuid_equal(uuid, &rows[i].uuid)) {
            return i;
        }
    }
    return -1;
}

void cxl_features_entry(unsigned index, CxlFeatureEntry *out)
{
    const FeatureRow *row = &rows[index];

    out->uuid = row->uuid;
    stw_le_p(&out->index, index);
    stw_le_p(&out->get_size, row->get_size);
    stw_le_p(&out->set_size, row->set_size);
    stl_le_p(&out->flags, FLAGS);
    out->get_version = row->get_version;
    out->set_version = row->set_version;
    stw_le_p(&out->set_effects, EFFECTS);
}

const char *cxl_features_name(unsigned index)
{
    return rows[index].name;
}

unsigned cxl_features_read(const CxlFeatures *f, unsigned index,
                           unsigned selection, uint8_t *out)
{
    const uint8_t *set = f->state[index].current;

    if (selection == CXL_FEATURE_SEL_DEFAULT) {
        set = rows[index].defaults;
    } else if (selection == CXL_FEATURE_SEL_SAVED) {
        set = f->state[index].saved;
    }
    memset(out, 0, CXL_FEATURE_GET_MAX);
    rows[index].show(index, set, out);
    return rows[index].get_size;
}

static CxlRc check_order(const CxlFeatures *f, unsigned index, unsigned action,
                         uint16_t offset)
{
    if (f->open && f->index != index) {
        return CXL_RC_FEATURE_IN_PROGRESS;
    }
    switch (action) {
    case CXL_FEATURE_FULL:
    case CXL_FEATURE_INITIATE:
        if (f->open) {
            return CXL_RC_FEATURE_IN_PROGRESS;
        }
        return CXL_RC_SUCCESS;
    case CXL_FEATURE_CONTINUE:
    case CXL_FEATURE_FINISH:
        return f->open && offset == f->have ? CXL_RC_SUCCESS :
               CXL_RC_FEATURE_ORDER;
    case CXL_FEATURE_ABORT:
        return f->open ? CXL_RC_SUCCESS : CXL_RC_FEATURE_ORDER;
    default:
        return CXL_RC_INVALID_INPUT;
    }
}

static void expire(CxlFeatures *f, int64_t now_ns)
{
    if (f->open && now_ns - f->last_ns > GAP_NS) {
        cxl_features_interrupt(f);
    }
}

bool cxl_features_in_transfer(CxlFeatures *f, unsigned index, int64_t now_ns)
{
    expire(f, now_ns);
    return f->open && f->index == index;
}

/* The whole of the settings has arrived, or a full set at an offset. */
static CxlRc apply(CxlFeatures *f, unsigned index, const uint8_t *set,
                   bool save)
{
    CxlFeatureState *state = &f->state[index];

    if (!rows[index].acceptable(set)) {
        return CXL_RC_INVALID_INPUT;
    }
    memcpy(state->current, set, rows[index].set_size);
    if (save) {
        memcpy(state->saved, set, rows[index].set_size);
    }
    return CXL_RC_SUCCESS;
}

/* Bytes that are not sent keep their setting. */
static void take_part(CxlFeatures *f, unsigned index, uint16_t offset,
                      const uint8_t *data, uint32_t len)
{
    if (!f->open) {
        memcpy(f->part, f->state[index].current, sizeof(f->part));
        f->index = index;
    }
    memcpy(f->part + offset, data, len);
    f->have = offset + len;
}

CxlRc cxl_features_set(CxlFeatures *f, const CxlFeatureSetIn *in,
                       uint32_t data_len, int64_t now_ns, int *changed)
{
    int index = cxl_features_find(&in->uuid);
    uint32_t flags = ldl_le_p(&in->flags);
    unsigned action = flags & CXL_FEATURE_SET_ACTION_MASK;
    uint16_t offset = lduw_le_p(&in->offset);
    bool last = action == CXL_FEATURE_FULL || action == CXL_FEATURE_FINISH;
    CxlRc rc;

    *changed = -1;
    expire(f, now_ns);
    if (index < 0) {
        return CXL_RC_UNSUPPORTED;
    }
    if (in->version != rows[index].set_version) {
        return CXL_RC_FEATURE_VERSION;
    }
    rc = check_order(f, index, action, offset);
    if (rc != CXL_RC_SUCCESS) {
        return rc;
    }
    if (action == CXL_FEATURE_ABORT) {
        cxl_features_interrupt(f);
        return CXL_RC_SUCCESS;
    }
    if (offset + data_len > rows[index].set_size) {
        return CXL_RC_PAYLOAD_LENGTH;
    }
    if (!data_len || (action == CXL_FEATURE_INITIATE && offset)) {
        return CXL_RC_INVALID_INPUT;
    }
    take_part(f, index, offset, in->data, data_len);
    f->save = flags & CXL_FEATURE_SET_SAVE;
    f->last_ns = now_ns;
    f->open = !last;
    if (last) {
        rc = apply(f, index, f->part, f->save);
        *changed = rc == CXL_RC_SUCCESS ? index : -1;
        cxl_features_interrupt(f);
    }
    return rc;
}

void cxl_features_save(const CxlFeatures *f, SaveWriter *w)
{
    save_put_bytes(w, f->state, sizeof(f->state));
    save_put(w, f->open);
    save_put(w, f->index);
    save_put(w, f->save);
    save_put(w, f->have);
    save_put(w, f->last_ns);
    save_put_bytes(w, f->part, sizeof(f->part));
}

void cxl_features_load(CxlFeatures *f, SaveReader *r)
{
    /* Before version 2 there was no pace: it stays as it is after reset. */
    unsigned known = r->version < 2 ? CXL_FEATURE_PACE : CXL_FEATURES;

    save_get_bytes(r, f->state, known * sizeof(f->state[0]));
    SAVE_GET(r, f->open);
    SAVE_GET(r, f->index);
    SAVE_GET(r, f->save);
    SAVE_GET(r, f->have);
    f->last_ns = save_get_time(r, "time of the last part");
    save_get_bytes(r, f->part, sizeof(f->part));
}

void cxl_features_save_at_rest(const CxlFeatures *f, SaveWriter *w)
{
    CxlFeatures rest = *f;

    cxl_features_interrupt(&rest);
    rest.index = 0;
    rest.save = false;
    rest.last_ns = 0;
    cxl_features_save(&rest, w);
}

void cxl_features_load_at_rest(CxlFeatures *f, SaveReader *r)
{
    cxl_features_load(f, r);
    if (f->open || f->have) {
        save_refuse(r, "a feature that nobody transfers");
    }
}

const char *cxl_features_check(const CxlFeatures *f)
{
    for (unsigned i = 0; i < CXL_FEATURES; i++) {
        if (!rows[i].acceptable(f->state[i].current) ||
            !rows[i].acceptable(f->state[i].saved)) {
            return "feature settings";
        }
    }
    if (f->index >= CXL_FEATURES || f->have > CXL_FEATURE_SET_MAX) {
        return "feature transfer";
    }
    return NULL;
}
