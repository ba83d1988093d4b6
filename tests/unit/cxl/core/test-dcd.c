/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/dcd: configuration, tags and sharing, limits, records that
 * wait, reset, scale.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/core/dcd-fixture.h"

static void test_config(void)
{
    FakeHost *h = start();
    uint8_t in[2] = { 8, 0 }, out[256];

    g_assert_cmphex(fake_command(h, CXL_OP_DC_CONFIG, in, 2), ==, 0);
    g_assert_cmpuint(fake_reply(h, out, sizeof(out)), ==, 8 + 2 * 0x28 + 16);
    g_assert_cmpuint(out[0], ==, 2);
    g_assert_cmpuint(out[1], ==, 2);
    g_assert_cmphex(ldq_le_p(out + 8), ==, BASE0);
    g_assert_cmphex(ldq_le_p(out + 16), ==, 2);
    g_assert_cmphex(ldq_le_p(out + 24), ==, 512 * MiB);
    g_assert_cmphex(ldq_le_p(out + 32), ==, BLOCK);
    in[1] = 1;
    g_assert_cmphex(fake_command(h, CXL_OP_DC_CONFIG, in, 2), ==, 0);
    g_assert_cmpuint(fake_reply(h, out, sizeof(out)), ==, 8 + 0x28 + 16);
    g_assert_cmphex(ldq_le_p(out + 8), ==, BASE1);
    in[1] = 2;
    g_assert_cmphex(fake_command(h, CXL_OP_DC_CONFIG, in, 2), ==,
                    CXL_RC_INVALID_INPUT);
    fake_host_free(h);
}

static void test_sharing(void)
{
    FakeHost *h = start();
    CxlDcRequest req = {
        .policy = CXL_DC_ADD_SHARED, .region = 1, .tag = tag_a,
    };
    CxlBgRange x[] = { { BASE1, BLOCK }, { BASE1 + 2 * BLOCK, BLOCK } };

    g_assert_cmphex(add(h, req), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(cxl_dcd_unreference(&h->dev->dcd, &tag_a), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(cxl_dcd_reference(&h->dev->dcd, &tag_a), ==, 0);
    g_assert_cmphex(add(h, (CxlDcRequest) {
        .policy = CXL_DC_ADD_PRESCRIPTIVE, .region = 1, .tag = tag_a,
        .extents = x, .num_extents = 2 }), ==, 0);
    g_assert_cmphex(lduw_le_p(record(h, 1)->extent + 0x20), ==, 1);
    g_assert_cmphex(update(h, CXL_OP_DC_ADD_RESPONSE, x, 2, false), ==, 0);
    g_assert_cmphex(update(h, CXL_OP_DC_RELEASE, x, 2, false), ==, 0);
    /* The tag keeps it. */
    g_assert_cmpuint(h->dev->dcd.held.total, ==, 2 * BLOCK);
    g_assert_cmphex(add(h, req), ==, 0);
    g_assert_cmpuint(h->dev->dcd.held.total, ==, 0);
    g_assert_cmphex(respond(h, 0, 0), ==, 0);
    g_assert_cmpuint(h->dev->dcd.held.total, ==, 2 * BLOCK);
    g_assert_cmphex(cxl_dcd_unreference(&h->dev->dcd, &tag_a), ==, 0);
    fake_check(h);
    g_assert_cmpuint(h->dev->dcd.regions[1].free.total, ==, 256 * MiB);
    fake_host_free(h);
}

static void test_configure(void)
{
    FakeHost *h = start();
    CxlDcd *dcd = &h->dev->dcd;

    g_assert_cmphex(cxl_dcd_configure(dcd, 2, BLOCK, false), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(cxl_dcd_configure(dcd, 0, 3 * MiB, false), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(cxl_dcd_configure(dcd, 0, 1 * GiB, false), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(cxl_dcd_configure(dcd, 0, 64 * MiB, true), ==, 0);
    g_assert_cmpuint(record(h, 0)->type, ==, CXL_EVDC_REGION_UPDATED);
    g_assert_cmphex(add(h, (CxlDcRequest) { .length = 64 * MiB }), ==, 0);
    g_assert_cmphex(cxl_dcd_configure(dcd, 0, BLOCK, false), ==,
                    CXL_RC_UNSUPPORTED);
    fake_host_free(h);
}

static void test_limits(void)
{
    CxlMemdevConfig cfg = config();
    FakeHost *h;
    CxlBgRange x[3] = {
        { BASE0, BLOCK }, { BASE0 + 2 * BLOCK, BLOCK },
        { BASE0 + 4 * BLOCK, BLOCK },
    };
    CxlDcRequest req = {
        .policy = CXL_DC_ADD_PRESCRIPTIVE, .extents = x, .num_extents = 3,
        .tag = tag_a,
    };

    cfg.dc_max_extents = 2;
    cfg.dc_max_tags = 1;
    h = fake_host_new(&cfg);
    g_assert_cmphex(add(h, req), ==, CXL_RC_RESOURCES);
    req.num_extents = 1;
    x[0].len = 2 * BLOCK;
    g_assert_cmphex(add(h, req), ==, 0);
    req.extents = &x[2];
    req.tag = tag_b;
    g_assert_cmphex(add(h, req), ==, CXL_RC_RESOURCES); /* tags */
    g_assert_cmphex(respond(h, BASE0, 2 * BLOCK), ==, 0);
    req.tag = (CxlUuid) { };
    g_assert_cmphex(add(h, req), ==, 0);
    g_assert_cmphex(respond(h, x[2].start, BLOCK), ==, 0);
    g_assert_cmphex(cxl_dcd_extents_available(&h->dev->dcd), ==, 0);
    /* No room to cut, but whole extents can always go. */
    g_assert_cmphex(release(h, BASE0, BLOCK), ==, 0);
    fake_host_free(h);
}

/* More records than the log holds: they come as the host clears. */
static void test_log_backpressure(void)
{
    FakeHost *h = start();
    CxlBgRange x[100];
    unsigned seen = 0, more = 0;

    for (unsigned i = 0; i < 100; i++) {
        x[i] = (CxlBgRange) { BASE0 + 2 * i * BLOCK, BLOCK };
    }
    g_assert_cmphex(add(h, (CxlDcRequest) {
        .policy = CXL_DC_ADD_PRESCRIPTIVE, .extents = x,
        .num_extents = 100 }), ==, 0);
    while (record(h, 0)) {
        uint8_t in[8] = { CXL_EVLOG_DC, 0, 1 };

        more += record(h, 0)->flags & CXL_EVDC_MORE;
        memcpy(in + 6, &record(h, 0)->hdr.handle, 2);
        g_assert_cmphex(fake_command(h, CXL_OP_EVENTS_CLEAR, in, 8), ==, 0);
        seen++;
    }
    g_assert_cmpuint(seen, ==, 100);
    g_assert_cmpuint(more, ==, 99);
    g_assert_cmpuint(h->dev->events.log[CXL_EVLOG_DC].overflow_count, ==, 0);
    fake_check(h);
    fake_host_free(h);
}

static void test_reset_withdraws(void)
{
    FakeHost *h = start();
    CxlDcRequest req = { .policy = CXL_DC_ADD_FREE, .length = BLOCK };

    add(h, req);
    respond(h, BASE0, BLOCK);
    add(h, req);
    cxl_memdev_reset(h->dev, CXL_RESET_HOT);
    fake_check(h);
    g_assert_cmpuint(h->dev->dcd.accepted.total, ==, BLOCK);
    g_assert_cmpuint(h->dev->dcd.offered_extents, ==, 0);
    g_assert_null(record(h, 0));
    g_assert_cmpint(access_at(h, BASE0), ==, CXL_ACCESS_OK);
    fake_host_free(h);
}

static void test_hundred_thousand(void)
{
    CxlMemdevConfig cfg = config();
    FakeHost *h;

    cfg.dc_regions[0].block_size = 4096;
    h = fake_host_new(&cfg);
    for (unsigned i = 0; i < 50000; i++) {
        CxlBgRange x = { BASE0 + (uint64_t)i * 2 * 4096, 4096 };
        CxlDcRequest req = {
            .policy = CXL_DC_ADD_PRESCRIPTIVE, .extents = &x,
            .num_extents = 1,
        };
        const char *why;

        g_assert_cmphex(cxl_dcd_add(&h->dev->dcd, &req, &why), ==, 0);
        g_assert_cmphex(cxl_dcd_respond(&h->dev->dcd, &x, 1, false), ==, 0);
    }
    g_assert_cmpuint(h->dev->dcd.accepted.count, ==, 50000);
    fake_check(h);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/dcd/config", test_config);
    g_test_add_func("/cxl/dcd/sharing", test_sharing);
    g_test_add_func("/cxl/dcd/configure", test_configure);
    g_test_add_func("/cxl/dcd/limits", test_limits);
    g_test_add_func("/cxl/dcd/log-backpressure", test_log_backpressure);
    g_test_add_func("/cxl/dcd/reset-withdraws", test_reset_withdraws);
    g_test_add_func("/cxl/dcd/hundred-thousand", test_hundred_thousand);
    return g_test_run();
}
