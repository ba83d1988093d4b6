/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/cci/features: the list in pieces, reading by parts, setting whole and
 * in parts; refusals included.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/profiles.h"
#include "tests/unit/cxl/fake-host.h"

static CxlUuid uuid_of(unsigned feature)
{
    CxlFeatureEntry entry;

    cxl_features_entry(feature, &entry);
    return entry.uuid;
}

static uint16_t list(FakeHost *h, uint32_t count, uint16_t start)
{
    CxlFeaturesIn in = { 0 };

    stl_le_p(&in.count, count);
    stw_le_p(&in.start, start);
    return fake_command(h, CXL_OP_FEATURES_SUPPORTED, &in, sizeof(in));
}

static void test_list(void)
{
    FakeHost *h = fake_host_default();
    const uint32_t one = sizeof(CxlFeaturesOut) + sizeof(CxlFeatureEntry);
    uint8_t out[2048];
    const CxlFeaturesOut *head = (const void *)out;

    g_assert_cmphex(list(h, sizeof(out), 0), ==, 0);
    g_assert_cmpuint(fake_reply(h, out, sizeof(out)), ==,
                     sizeof(CxlFeaturesOut) +
                     CXL_FEATURES * sizeof(CxlFeatureEntry));
    g_assert_cmpuint(lduw_le_p(&head->total), ==, CXL_FEATURES);
    /* One at a time, and room for none of it */
    for (unsigned i = 0; i < CXL_FEATURES; i++) {
        CxlUuid uuid = uuid_of(i);

        g_assert_cmphex(list(h, one, i), ==, 0);
        g_assert_cmpuint(fake_reply(h, out, sizeof(out)), ==, one);
        g_assert_cmpmem(&head->entries[0].uuid, 16, &uuid, 16);
    }
    g_assert_cmphex(list(h, one - 1, 0), ==, 0);
    g_assert_cmpuint(fake_reply(h, out, sizeof(out)), ==, sizeof(*head));
    g_assert_cmphex(list(h, sizeof(*head) - 1, 0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(list(h, one, CXL_FEATURES), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(list(h, UINT32_MAX, UINT16_MAX), ==, CXL_RC_INVALID_INPUT);
    fake_host_free(h);
}

static uint16_t get(FakeHost *h, unsigned feature, uint16_t offset,
                    uint16_t count, uint8_t selection)
{
    CxlFeatureGetIn in = { .uuid = uuid_of(feature), .selection = selection };

    stw_le_p(&in.offset, offset);
    stw_le_p(&in.count, count);
    return fake_command(h, CXL_OP_FEATURES_GET, &in, sizeof(in));
}

static void test_get(void)
{
    FakeHost *h = fake_host_default();
    CxlFeatureGetIn unknown = { .uuid = uuid_of(0) };
    uint8_t whole[CXL_FEATURE_GET_MAX], byte;

    for (unsigned i = 0; i < CXL_FEATURES; i++) {
        uint32_t len;

        g_assert_cmphex(get(h, i, 0, UINT16_MAX, 0), ==, 0);
        len = fake_reply(h, whole, sizeof(whole));
        for (unsigned at = 0; at < len; at++) {
            g_assert_cmphex(get(h, i, at, 1, 0), ==, 0);
            g_assert_cmpuint(fake_reply(h, &byte, 1), ==, 1);
            g_assert_cmphex(byte, ==, whole[at]);
        }
        g_assert_cmphex(get(h, i, len, 1, 0), ==, CXL_RC_INVALID_INPUT);
        g_assert_cmphex(get(h, i, UINT16_MAX, 1, 0), ==, CXL_RC_INVALID_INPUT);
        g_assert_cmphex(get(h, i, 0, 1, CXL_FEATURE_SEL_SAVED), ==, 0);
        g_assert_cmphex(get(h, i, 0, 1, CXL_FEATURE_SEL_SAVED + 1), ==,
                        CXL_RC_FEATURE_SELECTION);
    }
    unknown.uuid.b[3] ^= 1;
    g_assert_cmphex(fake_command(h, CXL_OP_FEATURES_GET, &unknown,
                                 sizeof(unknown)), ==, CXL_RC_UNSUPPORTED);
    fake_host_free(h);
}

/* The scrub: hours, then the enable */
static uint16_t set(FakeHost *h, uint32_t flags, uint16_t offset,
                    uint8_t version, const uint8_t *data, uint32_t len)
{
    uint8_t in[sizeof(CxlFeatureSetIn) + 16] = { 0 };
    CxlFeatureSetIn *head = (CxlFeatureSetIn *)in;

    head->uuid = uuid_of(CXL_FEATURE_SCRUB);
    head->version = version;
    stl_le_p(&head->flags, flags);
    stw_le_p(&head->offset, offset);
    memcpy(head->data, data, len);
    return fake_command(h, CXL_OP_FEATURES_SET, in,
                        sizeof(CxlFeatureSetIn) + len);
}

static const uint8_t two_hours[] = { 2, 1 };

static uint8_t set_version(void)
{
    CxlFeatureEntry entry;

    cxl_features_entry(CXL_FEATURE_SCRUB, &entry);
    return entry.set_version;
}

static void test_set(void)
{
    FakeHost *h = fake_host_default();
    uint8_t version = set_version();

    g_assert_cmphex(set(h, CXL_FEATURE_FULL, 0, version + 1, two_hours, 2),
                    ==, CXL_RC_FEATURE_VERSION);
    /* More than there is, and nothing */
    g_assert_cmphex(set(h, CXL_FEATURE_FULL, 1, version, two_hours, 2), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    g_assert_cmphex(set(h, CXL_FEATURE_FULL, 0, version, two_hours, 0), !=,
                    0);
    g_assert_cmphex(set(h, CXL_FEATURE_CONTINUE, 1, version, two_hours, 1),
                    ==, CXL_RC_FEATURE_ORDER);
    g_assert_cmpint(h->timer_at, ==, INT64_MAX);
    g_assert_cmphex(set(h, CXL_FEATURE_FULL, 0, version, two_hours, 2), ==,
                    0);
    /* The patrol has begun. */
    g_assert_cmpint(h->timer_at, <, INT64_MAX);
    g_assert_cmphex(set(h, CXL_FEATURE_INITIATE, 0, version, two_hours, 1),
                    ==, 0);
    g_assert_cmphex(set(h, CXL_FEATURE_FULL, 0, version, two_hours, 2), ==,
                    CXL_RC_FEATURE_IN_PROGRESS);
    g_assert_cmphex(set(h, CXL_FEATURE_FINISH, 1, version, two_hours + 1, 1),
                    ==, 0);
    fake_check(h);
    fake_host_free(h);
}

/* What is being set in parts cannot be read before all of it is there. */
static void test_get_while_set(void)
{
    FakeHost *h = fake_host_default();
    uint8_t version = set_version();

    for (unsigned forgotten = 0; forgotten < 2; forgotten++) {
        g_assert_cmphex(set(h, CXL_FEATURE_INITIATE, 0, version, two_hours, 1),
                        ==, 0);
        g_assert_cmphex(get(h, CXL_FEATURE_SCRUB, 0, 4, 0), ==,
                        CXL_RC_FEATURE_IN_PROGRESS);
        g_assert_cmphex(get(h, CXL_FEATURE_ECS, 0, 4, 0), ==, 0);
        if (forgotten) {
            fake_host_run(h, 31000000000);
        } else {
            g_assert_cmphex(set(h, CXL_FEATURE_FINISH, 1, version,
                                two_hours + 1, 1), ==, 0);
        }
        g_assert_cmphex(get(h, CXL_FEATURE_SCRUB, 0, 4, 0), ==, 0);
        fake_check(h);
    }
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/cci/features/list", test_list);
    g_test_add_func("/cxl/cci/features/get", test_get);
    g_test_add_func("/cxl/cci/features/set", test_set);
    g_test_add_func("/cxl/cci/features/get-while-set", test_get_while_set);
    return g_test_run();
}
