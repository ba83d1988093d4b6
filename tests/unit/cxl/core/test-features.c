/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/features with cci/features: the list, reading in parts, setting
 * at once and in parts, each refusal in each branch, saved settings.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "tests/unit/cxl/fake-host.h"

#define MINUTE 60000000000ll

static CxlUuid uuid_of(unsigned index)
{
    CxlFeatureEntry e = { };

    cxl_features_entry(index, &e);
    return e.uuid;
}

static uint16_t get(FakeHost *h, unsigned index, uint16_t offset,
                    uint16_t count, uint8_t selection)
{
    CxlFeatureGetIn in = {
        .uuid = uuid_of(index), .offset = cpu_to_le16(offset),
        .count = cpu_to_le16(count), .selection = selection,
    };

    return fake_command(h, CXL_OP_FEATURES_GET, &in, sizeof(in));
}

static uint16_t set(FakeHost *h, unsigned index, uint32_t flags,
                    uint16_t offset, const void *data, unsigned len)
{
    uint8_t in[64] = { 0 };
    CxlFeatureSetIn *head = (CxlFeatureSetIn *)in;
    CxlFeatureEntry entry = { };
    uint16_t rc;

    cxl_features_entry(index, &entry);
    head->uuid = entry.uuid;
    head->flags = cpu_to_le32(flags);
    head->offset = cpu_to_le16(offset);
    head->version = entry.set_version;
    memcpy(in + sizeof(*head), data, len);
    rc = fake_command(h, CXL_OP_FEATURES_SET, in, sizeof(*head) + len);
    fake_check(h);
    return rc;
}

static void test_list(void)
{
    FakeHost *h = fake_host_default();
    CxlFeaturesIn in = { .count = cpu_to_le32(8 + 3 * 0x30 + 5) };
    uint8_t out[2048];

    g_assert_cmphex(fake_command(h, CXL_OP_FEATURES_SUPPORTED, &in, 8), ==, 0);
    g_assert_cmpuint(fake_reply(h, out, sizeof(out)), ==, 8 + 3 * 0x30);
    g_assert_cmpuint(lduw_le_p(out), ==, 3);
    g_assert_cmpuint(lduw_le_p(out + 2), ==, CXL_FEATURES);
    in.count = cpu_to_le32(UINT32_MAX);
    in.start = cpu_to_le16(6);
    g_assert_cmphex(fake_command(h, CXL_OP_FEATURES_SUPPORTED, &in, 8), ==, 0);
    g_assert_cmpuint(fake_reply(h, out, sizeof(out)), ==,
                     8 + (CXL_FEATURES - 6) * 0x30);
    in.start = cpu_to_le16(CXL_FEATURES);
    g_assert_cmphex(fake_command(h, CXL_OP_FEATURES_SUPPORTED, &in, 8), ==,
                    CXL_RC_INVALID_INPUT);
    fake_host_free(h);
}

/* What the client demands before it shows a control. */
static void test_entries(void)
{
    for (unsigned i = 0; i < CXL_FEATURES; i++) {
        CxlFeatureEntry e = { };
        uint16_t fx;

        cxl_features_entry(i, &e);
        fx = le16_to_cpu(e.set_effects);
        g_assert_true(le32_to_cpu(e.flags) & CXL_FEATURE_CHANGEABLE);
        g_assert_cmphex(fx & 0xf000, ==, 0);
        g_assert_cmphex(fx & CXL_FX_BACKGROUND, ==, 0);
        g_assert_cmphex(fx & 0x1e, !=, 0);
        g_assert_cmpuint(le16_to_cpu(e.get_size), <=, CXL_FEATURE_GET_MAX);
        g_assert_cmpuint(le16_to_cpu(e.set_size), <=, CXL_FEATURE_SET_MAX);
        g_assert_cmpint(cxl_features_find(&e.uuid), ==, i);
    }
}

static void test_get(void)
{
    FakeHost *h = fake_host_default();
    uint8_t out[64];

    g_assert_cmphex(get(h, CXL_FEATURE_SCRUB, 0, 4, 0), ==, 0);
    g_assert_cmpuint(fake_reply(h, out, sizeof(out)), ==, 4);
    g_assert_cmphex(ldl_le_p(out), ==, 0x00010c01);
    g_assert_cmphex(get(h, CXL_FEATURE_SCRUB, 3, 100, 1), ==, 0);
    g_assert_cmpuint(fake_reply(h, out, sizeof(out)), ==, 1);
    g_assert_cmphex(get(h, CXL_FEATURE_SCRUB, 4, 1, 0), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(get(h, CXL_FEATURE_SCRUB, 0, 4, 3), ==,
                    CXL_RC_FEATURE_SELECTION);
    g_assert_cmphex(get(h, CXL_FEATURE_SPPR, 0, 20, 0), ==, 0);
    fake_reply(h, out, sizeof(out));
    g_assert_cmpuint(out[5], ==, CXL_MAINT_PPR);
    g_assert_cmphex(lduw_le_p(out + 17), ==, 0); /* no restriction */
    g_assert_cmphex(get(h, CXL_FEATURE_BANK, 0, 20, 0), ==, 0);
    g_assert_cmpuint(fake_reply(h, out, sizeof(out)), ==, 19);
    g_assert_cmpuint(out[6], ==, 2);
    memset(out, 0, sizeof(out));
    g_assert_cmphex(fake_command(h, CXL_OP_FEATURES_GET, out, 0x15), ==,
                    CXL_RC_UNSUPPORTED);
    fake_host_free(h);
}

static void test_set_full(void)
{
    FakeHost *h = fake_host_default();
    uint8_t data[] = { 24, 1 }, out[8];

    g_assert_cmphex(set(h, CXL_FEATURE_SCRUB, CXL_FEATURE_SET_SAVE, 0, data,
                        2), ==, 0);
    get(h, CXL_FEATURE_SCRUB, 0, 4, CXL_FEATURE_SEL_SAVED);
    fake_reply(h, out, sizeof(out));
    g_assert_cmphex(ldl_le_p(out), ==, 0x01011801);
    /* The patrol goes now. */
    g_assert_cmpint(h->timer_at, <, INT64_MAX);
    data[0] = 0;
    g_assert_cmphex(set(h, CXL_FEATURE_SCRUB, 0, 0, data, 2), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(set(h, CXL_FEATURE_SCRUB, 0, 1, data, 2), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    g_assert_cmphex(set(h, CXL_FEATURE_SCRUB, 0, 0, data, 0), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(set(h, CXL_FEATURE_SCRUB, 5, 0, data, 2), ==,
                    CXL_RC_INVALID_INPUT);
    data[0] = 48;
    g_assert_cmphex(set(h, CXL_FEATURE_SCRUB, 0, 0, data, 1), ==, 0);
    cxl_memdev_reset(h->dev, CXL_RESET_HOT);
    get(h, CXL_FEATURE_SCRUB, 1, 1, CXL_FEATURE_SEL_CURRENT);
    fake_reply(h, out, 1);
    g_assert_cmpuint(out[0], ==, 48);
    cxl_memdev_reset(h->dev, CXL_RESET_COLD);
    get(h, CXL_FEATURE_SCRUB, 1, 1, CXL_FEATURE_SEL_CURRENT);
    fake_reply(h, out, 1);
    g_assert_cmpuint(out[0], ==, 24);
    fake_host_free(h);
}

static void test_set_wrong_version(void)
{
    FakeHost *h = fake_host_default();
    uint8_t in[0x22] = { 0 };
    CxlFeatureSetIn *head = (CxlFeatureSetIn *)in;

    head->uuid = uuid_of(CXL_FEATURE_SCRUB);
    head->version = 9;
    g_assert_cmphex(fake_command(h, CXL_OP_FEATURES_SET, in, sizeof(in)), ==,
                    CXL_RC_FEATURE_VERSION);
    head->uuid.b[0] ^= 1;
    g_assert_cmphex(fake_command(h, CXL_OP_FEATURES_SET, in, sizeof(in)), ==,
                    CXL_RC_UNSUPPORTED);
    fake_host_free(h);
}

static void test_set_in_parts(void)
{
    FakeHost *h = fake_host_default();
    uint8_t ecs[7] = { 0, 4, 0, 4, 0, 5, 0 }, out[16];
    const unsigned f = CXL_FEATURE_ECS;

    g_assert_cmphex(set(h, f, CXL_FEATURE_CONTINUE, 0, ecs, 2), ==,
                    CXL_RC_FEATURE_ORDER);
    g_assert_cmphex(set(h, f, CXL_FEATURE_FINISH, 0, ecs, 2), ==,
                    CXL_RC_FEATURE_ORDER);
    g_assert_cmphex(set(h, f, CXL_FEATURE_ABORT, 0, ecs, 0), ==,
                    CXL_RC_FEATURE_ORDER);
    g_assert_cmphex(set(h, f, CXL_FEATURE_INITIATE, 0, ecs, 3), ==, 0);
    g_assert_cmphex(set(h, f, CXL_FEATURE_INITIATE, 0, ecs, 3), ==,
                    CXL_RC_FEATURE_IN_PROGRESS);
    g_assert_cmphex(set(h, f, CXL_FEATURE_FULL, 0, ecs, 7), ==,
                    CXL_RC_FEATURE_IN_PROGRESS);
    g_assert_cmphex(set(h, CXL_FEATURE_RANK, CXL_FEATURE_FULL, 0, ecs, 2), ==,
                    CXL_RC_FEATURE_IN_PROGRESS);
    g_assert_cmphex(set(h, f, CXL_FEATURE_CONTINUE, 2, ecs, 2), ==,
                    CXL_RC_FEATURE_ORDER);
    g_assert_cmphex(set(h, f, CXL_FEATURE_CONTINUE, 3, ecs, 5), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    g_assert_cmphex(set(h, f, CXL_FEATURE_CONTINUE, 3, ecs + 3, 2), ==, 0);
    /* Nothing has changed so far, but who asks has to wait. */
    g_assert_cmphex(get(h, f, 0, 1, 0), ==, CXL_RC_FEATURE_IN_PROGRESS);
    g_assert_cmpuint(h->dev->features.state[f].current[0], ==, 1);
    g_assert_cmphex(set(h, f, CXL_FEATURE_FINISH, 5, ecs + 5, 2), ==, 0);
    get(h, f, 0, 13, 0);
    fake_reply(h, out, sizeof(out));
    g_assert_cmpuint(out[0], ==, 0);
    g_assert_cmphex(lduw_le_p(out + 10), ==, 5);
    fake_host_free(h);
}

static void test_abort_and_gap(void)
{
    FakeHost *h = fake_host_default();
    uint8_t ecs[7] = { 0, 4, 0, 4, 0, 4, 0 };
    const unsigned f = CXL_FEATURE_ECS;

    g_assert_cmphex(set(h, f, CXL_FEATURE_INITIATE, 0, ecs, 3), ==, 0);
    g_assert_cmphex(set(h, f, CXL_FEATURE_ABORT, 0, ecs, 0), ==, 0);
    g_assert_cmphex(set(h, f, CXL_FEATURE_CONTINUE, 3, ecs, 2), ==,
                    CXL_RC_FEATURE_ORDER);
    g_assert_cmphex(set(h, f, CXL_FEATURE_INITIATE, 0, ecs, 3), ==, 0);
    fake_host_run(h, MINUTE);
    g_assert_cmphex(set(h, f, CXL_FEATURE_CONTINUE, 3, ecs + 3, 2), ==,
                    CXL_RC_FEATURE_ORDER);
    g_assert_cmphex(set(h, f, CXL_FEATURE_INITIATE, 0, ecs, 3), ==, 0);
    fake_host_free(h);
}

static void test_ecs_rules(void)
{
    FakeHost *h = fake_host_default();
    uint8_t ecs[7] = { 1, 3, 0, 4, 0, 5, 0 };

    ecs[1] = 3 | 0x10; /* resetting the counter does not stick */
    g_assert_cmphex(set(h, CXL_FEATURE_ECS, 0, 0, ecs, 7), ==, 0);
    ecs[1] = 2;
    g_assert_cmphex(set(h, CXL_FEATURE_ECS, 0, 0, ecs, 7), ==,
                    CXL_RC_INVALID_INPUT);
    ecs[1] = 6;
    g_assert_cmphex(set(h, CXL_FEATURE_ECS, 0, 0, ecs, 7), ==,
                    CXL_RC_INVALID_INPUT);
    ecs[1] = 3;
    ecs[2] = 1;
    g_assert_cmphex(set(h, CXL_FEATURE_ECS, 0, 0, ecs, 7), ==,
                    CXL_RC_INVALID_INPUT);
    fake_host_free(h);
}

static int64_t sanitize_lasts(FakeHost *h)
{
    int64_t ns;

    g_assert_cmphex(fake_command(h, CXL_OP_SANITIZE, NULL, 0), ==,
                    CXL_RC_BACKGROUND);
    ns = h->dev->cci.bg.duration_ns;
    fake_host_run(h, ns - 1);
    g_assert_true(h->dev->cci.bg.running);
    fake_host_run(h, 1);
    g_assert_false(h->dev->cci.bg.running);
    return ns;
}

static void test_pace(void)
{
    FakeHost *h = fake_host_default();
    uint8_t shift = 3, out[8];
    int64_t ns = sanitize_lasts(h);

    g_assert_cmphex(set(h, CXL_FEATURE_PACE, 0, 0, &shift, 1), ==, 0);
    g_assert_cmpint(sanitize_lasts(h), ==, 8 * ns);
    g_assert_cmphex(get(h, CXL_FEATURE_PACE, 0, 2, 0), ==, 0);
    g_assert_cmpuint(fake_reply(h, out, sizeof(out)), ==, 2);
    g_assert_cmphex(lduw_le_p(out), ==, 3 | CXL_PACE_MAX << 8);
    shift = CXL_PACE_MAX + 1;
    g_assert_cmphex(set(h, CXL_FEATURE_PACE, 0, 0, &shift, 1), ==,
                    CXL_RC_INVALID_INPUT);
    /* It was not saved: power-on forgets it. */
    cxl_features_cold_reset(&h->dev->features);
    g_assert_cmpint(sanitize_lasts(h), ==, ns);
    fake_host_free(h);
}

/* What goes to another machine has no transfer under way. */
static void test_at_rest(void)
{
    FakeHost *h = fake_host_default();
    uint8_t ecs[7] = { 0, 4, 0, 4, 0, 4, 0 };

    set(h, CXL_FEATURE_ECS, CXL_FEATURE_INITIATE, 0, ecs, 3);
    for (unsigned rest = 0; rest < 2; rest++) {
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        CxlFeatures *f = &h->dev->features;
        SaveReader r = { .section = "features", .version = 2 };
        SaveWriter w = { bytes };

        (rest ? cxl_features_save_at_rest : cxl_features_save)(f, &w);
        r.at = bytes->data;
        r.left = bytes->len;
        cxl_features_load_at_rest(f, &r);
        g_assert_cmpint(!r.problem, ==, rest);
        g_assert_true(rest || strstr(r.problem, "nobody transfers"));
        g_free(r.problem);
    }
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/features/list", test_list);
    g_test_add_func("/cxl/features/entries", test_entries);
    g_test_add_func("/cxl/features/get", test_get);
    g_test_add_func("/cxl/features/set-full", test_set_full);
    g_test_add_func("/cxl/features/set-wrong-version",
                    test_set_wrong_version);
    g_test_add_func("/cxl/features/set-in-parts", test_set_in_parts);
    g_test_add_func("/cxl/features/abort-and-gap", test_abort_and_gap);
    g_test_add_func("/cxl/features/ecs-rules", test_ecs_rules);
    g_test_add_func("/cxl/features/pace", test_pace);
    g_test_add_func("/cxl/features/at-rest", test_at_rest);
    return g_test_run();
}
