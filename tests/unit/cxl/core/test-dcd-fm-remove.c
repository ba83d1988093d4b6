/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/dcd-fm-remove: requests to return, forced removal, and how much
 * of both can wait.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/core/dcd-fixture.h"

static void test_ask_back(void)
{
    FakeHost *h = start();
    uint8_t secret[64] = "secret", seen[64];
    CxlDcRequest req = { .policy = CXL_DC_REMOVE_TAG, .tag = tag_a,
                         .sanitize = true };

    g_assert_cmphex(take_away(h, req), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(add(h, (CxlDcRequest) {
        .policy = CXL_DC_ADD_CONTIGUOUS, .length = 2 * BLOCK,
        .tag = tag_a }), ==, 0);
    g_assert_cmphex(respond(h, BASE0, 2 * BLOCK), ==, 0);
    h->dev->store->dpa_write(h, BASE0, secret, sizeof(secret));
    g_assert_cmphex(take_away(h, req), ==, 0);
    g_assert_cmpuint(record(h, 1)->type, ==, CXL_EVDC_RELEASE);
    g_assert_cmpint(access_at(h, BASE0), ==, CXL_ACCESS_OK);
    g_assert_cmphex(release(h, BASE0, 2 * BLOCK), ==, 0);
    fake_host_run(h, 0);
    h->dev->store->dpa_read(h, BASE0, seen, sizeof(seen));
    g_assert_cmpuint(seen[0], ==, 0);
    g_assert_cmpuint(cxl_dcd_tags_available(&h->dev->dc_pool), ==, 4096);
    fake_host_free(h);
}

static void test_forced(void)
{
    FakeHost *h = start();
    CxlBgRange x = { BASE0, 4 * BLOCK };
    CxlDcRequest req = {
        .policy = CXL_DC_REMOVE_PRESCRIPTIVE, .extents = &x, .num_extents = 1,
    };

    g_assert_cmphex(add(h, (CxlDcRequest) {
        .policy = CXL_DC_ADD_CONTIGUOUS, .length = 2 * BLOCK }), ==, 0);
    g_assert_cmphex(add(h, (CxlDcRequest) {
        .policy = CXL_DC_ADD_CONTIGUOUS, .length = 2 * BLOCK }), ==, 0);
    g_assert_cmphex(respond(h, BASE0, 2 * BLOCK), ==, 0);
    /* Half of it is on offer: not without force. */
    g_assert_cmphex(take_away(h, req), ==, CXL_RC_INVALID_DPA);
    req.forced = true;
    g_assert_cmphex(take_away(h, req), ==, 0);
    g_assert_cmpint(access_at(h, BASE0), ==, CXL_ACCESS_NONE);
    g_assert_cmpuint(record(h, 2)->type, ==, CXL_EVDC_FORCED_RELEASE);
    g_assert_cmpuint(h->dev->dc_pool.regions[0].free.total, ==, 512 * MiB);
    /* The host answers the offer it saw: too late. */
    g_assert_cmphex(respond(h, BASE0 + 2 * BLOCK, 2 * BLOCK), ==,
                    CXL_RC_INVALID_DPA);
    g_assert_cmphex(respond(h, 0, 0), ==, 0);
    g_assert_cmphex(take_away(h, req), ==, CXL_RC_INVALID_DPA);
    fake_host_free(h);
}

/* What is asked back of one extent must not become more than all extents. */
static void test_asked_back_is_bounded(void)
{
    FakeHost *h = start_few();
    CxlDcView *view = &h->dev->dc_view;
    CxlRc rc = CXL_RC_SUCCESS;
    unsigned n;

    add(h, (CxlDcRequest) { .length = 1 * MiB });
    respond(h, BASE0, 1 * MiB);
    for (n = 0; n < 1000 && rc == CXL_RC_SUCCESS; n++) {
        CxlBgRange x = { BASE0 + 64 + n * 128, 64 };

        rc = take_away(h, (CxlDcRequest) {
            .policy = CXL_DC_REMOVE_PRESCRIPTIVE, .extents = &x,
            .num_extents = 1 });
        fake_drain_events(h, CXL_EVLOG_DC);
    }
    g_assert_cmphex(rc, ==, CXL_RC_RESOURCES);
    g_assert_cmpuint(n, ==, FEW + 1);
    g_assert_cmpuint(view->asked.count, ==, FEW);
    /* Another sanitize choice cuts nothing where it covers all of a piece. */
    g_assert_cmphex(take_away(h, (CxlDcRequest) {
        .policy = CXL_DC_REMOVE_PRESCRIPTIVE, .sanitize = true,
        .extents = &(CxlBgRange) { BASE0 + 64, 64 }, .num_extents = 1 }), ==,
        0);
    /* All of it is one request again. */
    g_assert_cmphex(take_away(h, (CxlDcRequest) {
        .policy = CXL_DC_REMOVE_PRESCRIPTIVE,
        .extents = &(CxlBgRange) { BASE0, 1 * MiB }, .num_extents = 1 }), ==,
        0);
    g_assert_cmpuint(view->asked.count, ==, 1);
    cxl_memdev_reset(h->dev, CXL_RESET_HOT);
    fake_check(h);
    g_assert_nonnull(record(h, 0));
    g_assert_null(record(h, 1));
    fake_host_free(h);
}

/* A piece that is cut becomes two: as many as there can be. */
static void test_forced_is_bounded(void)
{
    FakeHost *h = start_few();
    CxlBgRange holes[FEW];
    CxlDcRequest req = {
        .policy = CXL_DC_REMOVE_PRESCRIPTIVE, .extents = holes,
        .num_extents = FEW, .forced = true,
    };

    for (unsigned i = 0; i < FEW; i++) {
        holes[i] = (CxlBgRange) { BASE0 + 64 + i * 128, 64 };
    }
    add(h, (CxlDcRequest) { .length = 1 * MiB });
    respond(h, BASE0, 1 * MiB);
    g_assert_cmphex(take_away(h, req), ==, CXL_RC_RESOURCES);
    g_assert_cmpuint(h->dev->dc_view.accepted.total, ==, 1 * MiB);
    req.num_extents--;
    g_assert_cmphex(take_away(h, req), ==, 0);
    g_assert_cmpuint(h->dev->dc_view.accepted.count, ==, FEW);
    fake_host_free(h);
}

/* Records that the host does not read wait up to their maximum. */
static void test_records_are_bounded(void)
{
    FakeHost *h = start_few();
    CxlDcView *view = &h->dev->dc_view;
    CxlRc rc = CXL_RC_SUCCESS;

    add(h, (CxlDcRequest) { .length = 64 });
    respond(h, BASE0, 64);
    for (unsigned i = 0; i < 1000 && rc == CXL_RC_SUCCESS; i++) {
        rc = take_away(h, (CxlDcRequest) {
            .policy = CXL_DC_REMOVE_PRESCRIPTIVE,
            .extents = &(CxlBgRange) { BASE0, 64 }, .num_extents = 1 });
    }
    g_assert_cmphex(rc, ==, CXL_RC_RESOURCES);
    g_assert_cmpuint(view->records.length, ==, CXL_DC_RECORDS_MAX(FEW));
    g_assert_cmphex(add(h, (CxlDcRequest) { .length = 64 }), ==,
                    CXL_RC_RESOURCES);
    g_assert_cmphex(cxl_dcd_configure(view->pool, 1, BLOCK, false), ==,
                    CXL_RC_RESOURCES);
    fake_drain_events(h, CXL_EVLOG_DC);
    g_assert_cmphex(add(h, (CxlDcRequest) { .length = 64 }), ==, 0);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/dcd-fm-remove/ask-back", test_ask_back);
    g_test_add_func("/cxl/dcd-fm-remove/forced", test_forced);
    g_test_add_func("/cxl/dcd-fm-remove/asked-back-is-bounded",
                    test_asked_back_is_bounded);
    g_test_add_func("/cxl/dcd-fm-remove/forced-is-bounded",
                    test_forced_is_bounded);
    g_test_add_func("/cxl/dcd-fm-remove/records-are-bounded",
                    test_records_are_bounded);
    return g_test_run();
}
