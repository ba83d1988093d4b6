/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/dcd-fm: selection and removal policies, and what they refuse.
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
    g_assert_cmpuint(h->event_irqs[6], ==, 1);
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
    g_assert_cmpuint(h->dev->dcd.generation, ==, 2);
    g_assert_cmpuint(h->fm_records->len, ==, 2 * CXL_EVREC_SIZE);
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
    g_assert_cmpuint(h->dev->dcd.regions[0].free.total, ==, 512 * MiB);
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
    g_assert_cmpuint(h->dev->dcd.regions[0].free.total, ==, 4 * BLOCK);
    fake_host_free(h);
}

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
    h->dev->ops->dpa_write(h, BASE0, secret, sizeof(secret));
    g_assert_cmphex(take_away(h, req), ==, 0);
    g_assert_cmpuint(record(h, 1)->type, ==, CXL_EVDC_RELEASE);
    g_assert_cmpint(access_at(h, BASE0), ==, CXL_ACCESS_OK);
    g_assert_cmphex(release(h, BASE0, 2 * BLOCK), ==, 0);
    h->dev->ops->dpa_read(h, BASE0, seen, sizeof(seen));
    g_assert_cmpuint(seen[0], ==, 0);
    g_assert_cmpuint(cxl_dcd_tags_available(&h->dev->dcd), ==, 4096);
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
    g_assert_cmpuint(h->dev->dcd.regions[0].free.total, ==, 512 * MiB);
    /* The host answers the offer it saw: too late. */
    g_assert_cmphex(respond(h, BASE0 + 2 * BLOCK, 2 * BLOCK), ==,
                    CXL_RC_INVALID_DPA);
    g_assert_cmphex(respond(h, 0, 0), ==, 0);
    g_assert_cmphex(take_away(h, req), ==, CXL_RC_INVALID_DPA);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/dcd-fm/prescriptive", test_prescriptive);
    g_test_add_func("/cxl/dcd-fm/refused-requests", test_refused_requests);
    g_test_add_func("/cxl/dcd-fm/free-and-contiguous",
                    test_free_and_contiguous);
    g_test_add_func("/cxl/dcd-fm/ask-back", test_ask_back);
    g_test_add_func("/cxl/dcd-fm/forced", test_forced);
    return g_test_run();
}
