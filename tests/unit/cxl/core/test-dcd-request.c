/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A person's words about dynamic capacity: what a tag becomes, which hosts,
 * regions and extents are refused, and that what is taken is what the manager
 * then does.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/dcd-request.h"
#include "tests/unit/cxl/core/dcd-fixture.h"

static void expect_tag(const char *text, const uint8_t wanted[16])
{
    CxlUuid tag = cxl_dcd_request_tag(text);

    g_assert_cmpmem(tag.b, 16, wanted, 16);
}

static void test_tags(void)
{
    static const uint8_t none[16] = { 0 };
    static const uint8_t uuid[16] = {
        0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0,
        0x0f, 0xed, 0xcb, 0xa9, 0x87, 0x65, 0x43, 0x21,
    };
    /* SHA-256 of seventeen times "a" */
    static const uint8_t digest[16] = {
        0xb8, 0x60, 0x66, 0x6e, 0xe2, 0x96, 0x6d, 0xd8,
        0xf9, 0x03, 0xbe, 0x44, 0xee, 0x60, 0x5c, 0x6e,
    };

    expect_tag(NULL, none);
    expect_tag("", none);
    expect_tag("block", (const uint8_t *)"block\0\0\0\0\0\0\0\0\0\0");
    expect_tag("sixteen letters.", (const uint8_t *)"sixteen letters.");
    expect_tag("12345678-9abc-def0-0fed-cba987654321", uuid);
    expect_tag("12345678-9ABC-DEF0-0FED-CBA987654321", uuid);
    expect_tag("aaaaaaaaaaaaaaaaa", digest);
}

/* Nearly a UUID is a name like any other. */
static void test_no_uuid(void)
{
    CxlUuid uuid = cxl_dcd_request_tag("12345678-9abc-def0-0fed-cba987654321");
    CxlUuid near[] = {
        cxl_dcd_request_tag("12345678-9abc-def0-0fed-cba98765432"),
        cxl_dcd_request_tag("12345678-9abc-def0-0fed-cba987654321 "),
        cxl_dcd_request_tag("12345678-9abc-def0-0fedcba9-87654321"),
        cxl_dcd_request_tag("g2345678-9abc-def0-0fed-cba987654321"),
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(near); i++) {
        g_assert_cmpint(memcmp(&near[i], &uuid, sizeof(uuid)), !=, 0);
    }
}

static void expect_problem(FakeHost *h, uint16_t host, uint8_t region,
                           const char *wanted)
{
    CxlDcRequest req = { .host = host, .region = region };
    g_autofree char *problem = cxl_dcd_request_problem(&h->dev->dc_pool, &req,
                                                       "mem0");

    g_assert_cmpstr(problem, ==, wanted);
}

static void test_places(void)
{
    FakeHost *h = start();

    expect_problem(h, 0, 0, NULL);
    expect_problem(h, 0, 1, NULL);
    expect_problem(h, 0, 2, "argument 'region': 2, but device 'mem0' has 2"
                   " dynamic capacity regions");
    expect_problem(h, 1, 0, "argument 'host-id': 1, but the hosts of device"
                   " 'mem0' are 0 to 0");
    expect_problem(h, 65535, 255, "argument 'host-id': 65535, but the hosts of"
                   " device 'mem0' are 0 to 0");
    fake_host_free(h);
}

typedef struct Case {
    FakeHost *h;
    CxlDcRequest req;
    GArray *ranges;
} Case;

static void one_more(Case *c, uint64_t offset, uint64_t len,
                     const char *wanted)
{
    unsigned before = c->ranges->len;
    uint64_t length = c->req.length;
    g_autofree char *problem = cxl_dcd_request_add(&c->h->dev->dc_pool,
                                                   &c->req, c->ranges, offset,
                                                   len);

    if (wanted) {
        g_assert_nonnull(problem);
        g_assert_nonnull(strstr(problem, wanted));
        g_assert_cmpuint(c->ranges->len, ==, before);
        g_assert_cmphex(c->req.length, ==, length);
    } else {
        g_assert_cmpstr(problem, ==, NULL);
        g_assert_cmpuint(c->ranges->len, ==, before + 1);
        g_assert_cmphex(c->req.length, ==, length + len);
    }
}

static void test_extents(void)
{
    Case c = {
        .h = start(), .req.region = 1, .req.tag = tag_a,
        .req.policy = CXL_DC_ADD_PRESCRIPTIVE,
        .ranges = g_array_new(false, false, sizeof(CxlBgRange)),
    };
    const CxlBgRange *range;

    one_more(&c, 0, 0, "0 length");
    one_more(&c, 1, BLOCK, "not aligned to the block size 0x200000");
    one_more(&c, 0, BLOCK - 1, "not aligned");
    one_more(&c, 256 * MiB, BLOCK, "is beyond the region end 0x10000000");
    one_more(&c, 254 * MiB, 2 * BLOCK, "is beyond");
    one_more(&c, BLOCK, UINT64_MAX - BLOCK + 1, "is beyond");
    one_more(&c, -BLOCK, BLOCK, "is beyond");
    one_more(&c, 0, BLOCK, NULL);
    one_more(&c, 254 * MiB, BLOCK, NULL);
    range = (const CxlBgRange *)c.ranges->data;
    g_assert_cmphex(range[0].start, ==, BASE1);
    g_assert_cmphex(range[1].start, ==, BASE1 + 254 * MiB);
    g_assert_cmphex(range[1].len, ==, BLOCK);
    /* The manager takes it as it is. */
    c.req.extents = range;
    c.req.num_extents = c.ranges->len;
    g_assert_cmphex(add(c.h, c.req), ==, CXL_RC_SUCCESS);
    g_array_free(c.ranges, true);
    fake_host_free(c.h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/dcd-request/tags", test_tags);
    g_test_add_func("/cxl/dcd-request/no-uuid", test_no_uuid);
    g_test_add_func("/cxl/dcd-request/places", test_places);
    g_test_add_func("/cxl/dcd-request/extents", test_extents);
    return g_test_run();
}
