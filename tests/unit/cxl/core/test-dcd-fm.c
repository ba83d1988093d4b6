/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/dcd-fm: selection policies and what they refuse, regions set up.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/core/dcd-fixture.h"

static void test_prescriptive(void)
{
    FakeHost *h = start();
    CxlBgRange x[] = { { BASE0, BLOCK }, { BASE0 + 4 * BLOCK, 2 * BLOCK } };
    CxlDcRequest req = {
        .policy = CXL_DC_ADD_PRESCRIPTIVE, .tag = tag_a, .extents = x,
        .num_extents = 2,
    };

    cxl_events_set_policy(&h->dev->events, CXL_EVLOG_DC, CXL_EVPOLICY_MSI);
    g_assert_cmphex(add(h, req), ==, 0);
    g_assert_cmpuint(h->irqs[6], ==, 1);
    g_assert_cmphex(cxl_memdev_regs_read(h->dev, CXL_DEVREG_STATUS, 1), ==,
                    1 << 4);
    g_assert_cmpuint(record(h, 0)->flags, ==, CXL_EVDC_MORE);
    g_assert_cmpuint(record(h, 1)->flags, ==, 0);
    g_assert_cmphex(ldq_le_p(record(h, 1)->extent), ==, x[1].start);
    /* Offered is not accepted. */
    g_assert_cmpint(access_at(h, BASE0), ==, CXL_ACCESS_NONE);
    g_assert_cmphex(add(h, req), ==, CXL_RC_INVALID_INPUT); /* tag in use */
    req.tag = tag_b;
    g_assert_cmphex(add(h, req), ==, CXL_RC_EXTENT_LIST); /* not free */

    g_assert_cmphex(update(h, CXL_OP_DC_ADD_RESPONSE, x, 2, false), ==, 0);
    g_assert_cmpint(access_at(h, BASE0), ==, CXL_ACCESS_OK);
    g_assert_cmpint(access_at(h, BASE0 + BLOCK), ==, CXL_ACCESS_NONE);
    g_assert_cmpint(cxl_memdev_access(h->dev, BASE0, 2 * BLOCK), ==,
                    CXL_ACCESS_NONE);
    g_assert_cmpuint(h->dev->dc_view.generation, ==, 2);
    g_assert_cmpuint(h->dev->fm_events.log[CXL_EVLOG_DC].count, ==, 2);
    fake_host_free(h);
}

static void test_refused_requests(void)
{
    FakeHost *h = start();
    CxlBgRange x[2] = { { BASE0, BLOCK }, { BASE0, BLOCK } };
    CxlDcRequest req = {
        .policy = CXL_DC_ADD_PRESCRIPTIVE, .extents = x, .num_extents = 2,
    };

    g_assert_cmphex(add(h, req), ==, CXL_RC_EXTENT_LIST); /* twice */
    x[1].start = BASE0 + BLOCK / 2;
    g_assert_cmphex(add(h, req), ==, CXL_RC_EXTENT_LIST); /* off blocks */
    x[1].start = BASE1;
    g_assert_cmphex(add(h, req), ==, CXL_RC_INVALID_DPA); /* other region */
    x[1] = (CxlBgRange) { BASE1 - BLOCK, 2 * BLOCK };
    g_assert_cmphex(add(h, req), ==, CXL_RC_INVALID_DPA); /* two regions */
    x[1] = (CxlBgRange) { BASE0 + BLOCK, UINT64_MAX - BLOCK + 1 };
    g_assert_cmphex(add(h, req), ==, CXL_RC_INVALID_DPA); /* wraps */
    req.num_extents = 0;
    g_assert_cmphex(add(h, req), ==, CXL_RC_EXTENT_LIST);
    req = (CxlDcRequest) { .policy = 9 };
    g_assert_cmphex(add(h, req), ==, CXL_RC_INVALID_INPUT);
    req = (CxlDcRequest) { .region = 2, .length = BLOCK };
    g_assert_cmphex(add(h, req), ==, CXL_RC_INVALID_INPUT);
    req = (CxlDcRequest) { .region = 1, .length = BLOCK };
    g_assert_cmphex(add(h, req), ==, CXL_RC_INVALID_INPUT); /* no tag */
    req = (CxlDcRequest) { .length = BLOCK + 1 };
    g_assert_cmphex(add(h, req), ==, CXL_RC_INVALID_INPUT);
    req = (CxlDcRequest) { .length = 514 * MiB };
    g_assert_cmphex(add(h, req), ==, CXL_RC_RESOURCES);
    g_assert_cmpuint(h->dev->dc_pool.regions[0].free.total, ==, 512 * MiB);
    fake_host_free(h);
}

static void test_free_and_contiguous(void)
{
    FakeHost *h = start();
    CxlBgRange x = { BASE0 + 100 * BLOCK, BLOCK };
    CxlDcRequest hole = {
        .policy = CXL_DC_ADD_PRESCRIPTIVE, .extents = &x, .num_extents = 1,
    };

    g_assert_cmphex(add(h, hole), ==, 0);
    /* 100 blocks below the hole, 155 above: 150 run above it only. */
    g_assert_cmphex(add(h, (CxlDcRequest) {
        .policy = CXL_DC_ADD_CONTIGUOUS, .length = 150 * BLOCK }), ==, 0);
    g_assert_cmphex(ldq_le_p(record(h, 1)->extent), ==,
                    BASE0 + 101 * BLOCK);
    g_assert_cmphex(add(h, (CxlDcRequest) {
        .policy = CXL_DC_ADD_CONTIGUOUS, .length = 101 * BLOCK }), ==,
        CXL_RC_RESOURCES);
    g_assert_cmphex(add(h, (CxlDcRequest) {
        .policy = CXL_DC_ADD_FREE, .length = 101 * BLOCK }), ==, 0);
    g_assert_cmpuint(record(h, 2)->flags, ==, CXL_EVDC_MORE);
    g_assert_cmpuint(record(h, 3)->flags, ==, 0);
    g_assert_cmpuint(h->dev->dc_pool.regions[0].free.total, ==, 4 * BLOCK);
    fake_host_free(h);
}

/* However often a region is set up, one record of it waits. */
static void test_one_update_waits(void)
{
    FakeHost *h = start();
    CxlDcView *view = &h->dev->dc_view;

    for (unsigned i = 0; i < 1000; i++) {
        g_assert_cmphex(cxl_dcd_configure(view->pool, i % 2,
                                          (2 + i % 3) / 2 * BLOCK, i & 1), ==,
                        0);
        fake_check(h);
    }
    g_assert_cmpuint(view->records.length, ==, 2);
    fake_drain_events(h, CXL_EVLOG_DC);
    g_assert_cmpuint(view->records.length, ==, 0);
    g_assert_cmphex(cxl_dcd_configure(view->pool, 1, BLOCK, false), ==, 0);
    g_assert_cmpuint(record(h, 0)->type, ==, CXL_EVDC_REGION_UPDATED);
    g_assert_cmpuint(record(h, 0)->region, ==, 1);
    g_assert_null(record(h, 1));
    fake_host_free(h);
}

/* Offers that are taken back again leave nothing that adds up. */
static void test_groups_are_bounded(void)
{
    for (unsigned drained = 0; drained < 2; drained++) {
        FakeHost *h = start_few();
        CxlDcView *view = &h->dev->dc_view;
        CxlRc rc = CXL_RC_SUCCESS;
        unsigned n;

        for (n = 0; n < 1000 && rc == CXL_RC_SUCCESS; n++) {
            rc = add(h, (CxlDcRequest) { .length = 64 });
            if (rc == CXL_RC_SUCCESS) {
                g_assert_cmphex(take_away(h, (CxlDcRequest) {
                    .policy = CXL_DC_REMOVE_PRESCRIPTIVE, .forced = true,
                    .extents = &(CxlBgRange) { BASE0, 64 },
                    .num_extents = 1 }), ==, 0);
            }
            if (drained) {
                fake_drain_events(h, CXL_EVLOG_DC);
            }
        }
        g_assert_cmphex(rc, ==, CXL_RC_RESOURCES);
        g_assert_cmpuint(view->groups.length, ==, FEW);
        /* The host answers: there is room again. */
        g_assert_cmphex(respond(h, 0, 0), ==, 0);
        g_assert_cmphex(add(h, (CxlDcRequest) { .length = 64 }), ==, 0);
        fake_host_free(h);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/dcd-fm/prescriptive", test_prescriptive);
    g_test_add_func("/cxl/dcd-fm/refused-requests", test_refused_requests);
    g_test_add_func("/cxl/dcd-fm/free-and-contiguous",
                    test_free_and_contiguous);
    g_test_add_func("/cxl/dcd-fm/one-update-waits", test_one_update_waits);
    g_test_add_func("/cxl/dcd-fm/groups-are-bounded",
                    test_groups_are_bounded);
    return g_test_run();
}
