/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/borrower-send: order of answers, releases that the pool does
 * not take, and lists in parts.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/core/borrower-pool.h"

static const CxlUuid none;

/* One at a time, oldest first, whatever became of the offer. */
static void test_order(void)
{
    Pool *p = pool_attached();

    for (unsigned i = 0; i < 3; i++) {
        say_list(p, CXL_FABRIC_OFFER, i, POOL0 + i * BLOCK, BLOCK, none);
    }
    /* The second is taken back, and the machine is reset: nobody answers. */
    say_list(p, CXL_FABRIC_TAKE_BACK, 9, POOL0 + BLOCK, BLOCK, none);
    cxl_endpoint_reset(p->h->ep, CXL_RESET_HOT);
    g_assert_cmpint(hear(p), ==, CXL_FABRIC_DONE);
    g_assert_cmpint(hear(p), ==, 0);
    respond(p->h, BASE0, BLOCK);
    g_assert_cmpint(hear(p), ==, CXL_FABRIC_ANSWER);
    g_assert_cmpuint(p->heard.list.number, ==, 0);
    g_assert_cmpint(hear(p), ==, 0);
    result(p, CXL_RC_SUCCESS);
    g_assert_cmpint(hear(p), ==, CXL_FABRIC_ANSWER);
    g_assert_cmpuint(p->heard.list.number, ==, 1);
    g_assert_cmpuint(p->heard.list.count, ==, 0);
    g_assert_cmpint(result(p, CXL_RC_SUCCESS), ==, CXL_BORROWER_GOOD);
    g_assert_cmpint(hear(p), ==, 0);
    g_assert_cmphex(respond(p->h, 0, 0), ==, 0);
    g_assert_cmpint(hear(p), ==, CXL_FABRIC_ANSWER);
    g_assert_cmpuint(p->heard.list.number, ==, 2);
    /* A pool that does not take a refusal has lost its count. */
    g_assert_cmpint(result(p, CXL_RC_INVALID_INPUT), ==, CXL_BORROWER_BAD);
    pool_free(p);
}

/* Not granted: the offer stands, and the guest knows why. */
static void test_not_granted(void)
{
    Pool *p = pool_attached();

    say_list(p, CXL_FABRIC_OFFER, 0, POOL0, BLOCK, none);
    respond(p->h, BASE0, BLOCK);
    g_assert_cmpint(hear(p), ==, CXL_FABRIC_ANSWER);
    g_assert_cmpint(result(p, CXL_RC_RESOURCES), ==, CXL_BORROWER_GOOD);
    g_assert_cmphex(cxl_memdev_regs_read(p->h->dev, CXL_DEVREG_MAILBOX +
                                         CXL_MBREG_STATUS, 8) >>
                    CXL_MBREG_STATUS_RC_SHIFT, ==, CXL_RC_RESOURCES);
    respond(p->h, BASE0, BLOCK);
    g_assert_cmpint(hear(p), ==, CXL_FABRIC_ANSWER);
    g_assert_cmpuint(p->heard.list.number, ==, 0);
    result(p, CXL_RC_SUCCESS);
    g_assert_cmpint(access_at(p->h, BASE0), ==, CXL_ACCESS_OK);
    pool_free(p);
}

static void test_release(void)
{
    Pool *p = pool_attached();

    pool_lend(p, 0, 0);
    p->settled = false;
    g_assert_cmphex(release(p->h, BASE0, BLOCK), ==, 0);
    g_assert_cmpint(hear(p), ==, 0);
    /* It is not the pool's yet, so it cannot be offered. */
    p->settled = true;
    g_assert_cmpint(hear(p), ==, CXL_FABRIC_RELEASE);
    g_assert_cmphex(p->heard.list.extents[0].dpa, ==, POOL0);
    g_assert_cmpint(hear(p), ==, 0);
    /* The journal is full: told again, a while later. */
    g_assert_cmpint(result(p, CXL_RC_RETRY), ==, CXL_BORROWER_GOOD);
    g_assert_cmpint(hear(p), ==, 0);
    g_assert_cmpint(cxl_borrower_due(p->host), <=, CXL_BORROWER_RETRY_MS);
    p->now = CXL_BORROWER_RETRY_MS;
    cxl_borrower_tick(p->host, &p->why);
    g_assert_cmpint(hear(p), ==, CXL_FABRIC_RELEASE);
    g_assert_cmpint(result(p, CXL_RC_INVALID_DPA), ==, CXL_BORROWER_GOOD);
    p->now += 100000;
    g_assert_cmpint(hear(p), ==, 0);
    pool_free(p);
}

/* What touches at the border of two regions is two extents. */
static void test_border(void)
{
    Pool *p = pool_attached();

    for (unsigned i = 0; i < 2; i++) {
        uint64_t at = 512 * MiB - (i ? 0 : BLOCK);

        say_list(p, CXL_FABRIC_OFFER, i, POOL0 + at, BLOCK, tag_a);
        respond(p->h, BASE0 + at, BLOCK);
        g_assert_cmpint(hear(p), ==, CXL_FABRIC_ANSWER);
        result(p, CXL_RC_SUCCESS);
    }
    g_assert_cmpint(say_list(p, CXL_FABRIC_ASK, 0, POOL1 - BLOCK, 2 * BLOCK,
                             none), ==, CXL_BORROWER_GOOD);
    g_assert_cmpuint(record(p->h, 3)->type, ==, CXL_EVDC_RELEASE);
    g_assert_cmphex(release(p->h, BASE1 - BLOCK, BLOCK), ==, 0);
    g_assert_cmphex(release(p->h, BASE1, BLOCK), ==, 0);
    g_assert_cmpint(hear(p), ==, CXL_FABRIC_RELEASE);
    g_assert_cmpuint(p->heard.list.count, ==, 2);
    g_assert_cmphex(p->heard.list.extents[1].dpa, ==, POOL1);
    result(p, CXL_RC_SUCCESS);
    /* Nothing is left of an offer, and it is answered. */
    say(p, (CxlFabricMessage) { .type = CXL_FABRIC_OFFER,
                                .list = { .number = 2 } });
    g_assert_cmpint(hear(p), ==, CXL_FABRIC_ANSWER);
    g_assert_cmpuint(p->heard.list.number, ==, 2);
    g_assert_cmpuint(p->heard.list.count, ==, 0);
    pool_free(p);
}

static void test_gone_is_not_offered(void)
{
    Pool *p = pool_attached();

    pool_lend(p, 0, 0);
    g_assert_cmphex(release(p->h, BASE0, BLOCK), ==, 0);
    g_assert_cmpint(say_list(p, CXL_FABRIC_OFFER, 1, POOL0, BLOCK, none), ==,
                    CXL_BORROWER_BAD);
    pool_free(p);
}

#define MANY 2500

/* More than a message holds, in both directions */
static void test_parts(void)
{
    CxlFabricWelcome w = pool_welcome();
    CxlFabricExtent *list = g_new0(CxlFabricExtent, MANY);
    CxlMemdevConfig cfg = config();
    Pool *p = pool_new();
    unsigned got = 0;

    w.max_extents = MANY;
    w.region[0].block_size = cfg.dc_regions[0].block_size = 64;
    welcome(p, &w);
    cxl_borrower_config(p->host, &cfg);
    p->h = fake_host_new(&cfg);
    cxl_borrower_attach(p->host, p->h->dev);
    for (unsigned i = 0; i < MANY; i++) {
        list[i] = (CxlFabricExtent) { POOL0 + 128 * i, 64 };
    }
    for (unsigned i = 0, n; i < MANY; i += n) {
        n = MIN(MANY - i, CXL_FABRIC_EXTENTS);
        g_assert_cmpint(say(p, (CxlFabricMessage) {
            .type = CXL_FABRIC_OFFER,
            .list = { 0, i + n < MANY ? CXL_FABRIC_MORE : 0, n, list + i }
        }), ==, CXL_BORROWER_GOOD);
    }
    for (unsigned i = 0; i < MANY; i += 50) {
        CxlBgRange x[50];

        for (unsigned j = 0; j < 50; j++) {
            x[j] = (CxlBgRange) { BASE0 + 128 * (i + j), 64 };
        }
        update(p->h, CXL_OP_DC_ADD_RESPONSE, x, 50, i + 50 < MANY);
    }
    do {
        g_assert_cmpint(hear(p), ==, CXL_FABRIC_ANSWER);
        got += p->heard.list.count;
    } while (p->heard.list.flags & CXL_FABRIC_MORE);
    g_assert_cmpuint(got, ==, MANY);
    g_assert_cmpint(result(p, CXL_RC_SUCCESS), ==, CXL_BORROWER_GOOD);
    g_assert_cmpuint(p->h->dev->dc_view.accepted.count, ==, MANY);
    cxl_borrower_detach(p->host);
    for (got = 0; got < MANY; got += p->heard.list.count) {
        g_assert_cmpint(hear(p), ==, CXL_FABRIC_RELEASE);
        g_assert_cmpint(result(p, CXL_RC_SUCCESS), ==, CXL_BORROWER_GOOD);
    }
    g_free(list);
    pool_free(p);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/borrower-send/order", test_order);
    g_test_add_func("/cxl/borrower-send/not-granted", test_not_granted);
    g_test_add_func("/cxl/borrower-send/release", test_release);
    g_test_add_func("/cxl/borrower-send/border", test_border);
    g_test_add_func("/cxl/borrower-send/gone-is-not-offered",
                    test_gone_is_not_offered);
    g_test_add_func("/cxl/borrower-send/parts", test_parts);
    return g_test_run();
}
