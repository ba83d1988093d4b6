/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/borrower-hear: what a pool may say and when, connections that
 * end, and what becomes of the capacity then.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/core/borrower-pool.h"

static void test_lend(void)
{
    Pool *p = pool_attached();

    g_assert_cmpuint(cxl_borrower_size(p->host), ==, 768 * MiB);
    g_assert_cmpint(say_list(p, CXL_FABRIC_OFFER, 0, POOL0 + BLOCK, 2 * BLOCK,
                             tag_a), ==, CXL_BORROWER_GOOD);
    g_assert_cmphex(ldq_le_p(record(p->h, 0)->extent), ==, BASE0 + BLOCK);
    g_assert_cmpint(hear(p), ==, 0);
    respond(p->h, BASE0 + BLOCK, BLOCK);
    g_assert_cmpint(hear(p), ==, CXL_FABRIC_ANSWER);
    g_assert_cmpuint(p->heard.list.number, ==, 0);
    g_assert_cmpuint(p->heard.list.count, ==, 1);
    g_assert_cmphex(p->heard.list.extents[0].dpa, ==, POOL0 + BLOCK);
    g_assert_cmphex(p->heard.list.extents[0].len, ==, BLOCK);
    g_assert_cmpint(access_at(p->h, BASE0 + BLOCK), ==, CXL_ACCESS_NONE);
    g_assert_cmpint(result(p, CXL_RC_SUCCESS), ==, CXL_BORROWER_GOOD);
    g_assert_cmpint(access_at(p->h, BASE0 + BLOCK), ==, CXL_ACCESS_OK);
    g_assert_cmpint(cxl_borrower_due(p->host), ==, INT64_MAX);
    pool_free(p);
}

/* Asked back, the host keeps it; taken back, it is done with it. */
static void test_take_back(void)
{
    Pool *p = pool_attached();

    pool_lend(p, 0, 0);
    pool_lend(p, 1, 1);
    g_assert_cmpint(say_list(p, CXL_FABRIC_ASK, 0, POOL0, BLOCK,
                             (CxlUuid) { }), ==, CXL_BORROWER_GOOD);
    g_assert_cmpint(hear(p), ==, 0);
    g_assert_cmpint(access_at(p->h, BASE0), ==, CXL_ACCESS_OK);
    p->settled = false;
    g_assert_cmpint(say_list(p, CXL_FABRIC_TAKE_BACK, 77, POOL0, 3 * BLOCK,
                             (CxlUuid) { }), ==, CXL_BORROWER_GOOD);
    g_assert_cmpint(access_at(p->h, BASE0), ==, CXL_ACCESS_NONE);
    g_assert_cmpint(access_at(p->h, BASE0 + BLOCK), ==, CXL_ACCESS_NONE);
    /* A store may be under way. */
    g_assert_cmpint(hear(p), ==, 0);
    g_assert_cmpint(cxl_borrower_due(p->host), ==, p->now + 1);
    p->now++;
    p->settled = true;
    p->kicks = 0;
    g_assert_cmpint(cxl_borrower_tick(p->host, &p->why), ==,
                    CXL_BORROWER_GOOD);
    g_assert_cmpuint(p->kicks, ==, 1);
    g_assert_cmpint(hear(p), ==, CXL_FABRIC_DONE);
    g_assert_cmpuint(p->heard.list.number, ==, 77);
    g_assert_cmpint(hear(p), ==, 0);
    pool_free(p);
}

/* What the host was about to release is offered again: it is the pool's. */
static void test_taken_is_not_released(void)
{
    Pool *p = pool_attached();

    for (unsigned i = 0; i < 3; i++) {
        pool_lend(p, i, i);
    }
    g_assert_cmphex(release(p->h, BASE0, BLOCK), ==, 0);
    g_assert_cmpint(hear(p), ==, CXL_FABRIC_RELEASE);
    g_assert_cmpint(result(p, CXL_RC_INVALID_DPA), ==, CXL_BORROWER_GOOD);
    /* The next one waits for a while. */
    g_assert_cmphex(release(p->h, BASE0 + BLOCK, 2 * BLOCK), ==, 0);
    g_assert_cmpint(hear(p), ==, 0);
    g_assert_cmpint(say_list(p, CXL_FABRIC_TAKE_BACK, 1, POOL0 + BLOCK, BLOCK,
                             (CxlUuid) { }), ==, CXL_BORROWER_GOOD);
    g_assert_cmpint(hear(p), ==, CXL_FABRIC_DONE);
    pool_lend(p, 3, 1);
    p->now += CXL_BORROWER_RETRY_MS;
    g_assert_cmpint(hear(p), ==, CXL_FABRIC_RELEASE);
    g_assert_cmpuint(p->heard.list.count, ==, 1);
    g_assert_cmphex(p->heard.list.extents[0].dpa, ==, POOL0 + 2 * BLOCK);
    g_assert_cmphex(p->heard.list.extents[0].len, ==, BLOCK);
    pool_free(p);
}

/* What the host has it names again, and all else is the pool's. */
static void test_reattach(void)
{
    CxlFabricWelcome w = pool_welcome();
    Pool *p = pool_attached();

    pool_lend(p, 0, 4);
    pool_lend(p, 1, 8);
    say_list(p, CXL_FABRIC_OFFER, 2, POOL0, BLOCK, tag_a);
    say_list(p, CXL_FABRIC_OFFER, 3, POOL0 + BLOCK, BLOCK, tag_b);
    respond(p->h, BASE0, BLOCK);
    cxl_borrower_lost(p->host);
    pool_check(p);
    g_assert_false(cxl_borrower_attached(p->host));
    /* The command has ended: come again. */
    g_assert_cmphex(respond(p->h, 0, 0), ==, 0);
    g_assert_cmphex(respond(p->h, BASE0 + BLOCK, BLOCK), ==,
                    CXL_RC_INVALID_DPA);
    g_assert_cmpint(access_at(p->h, BASE0 + 4 * BLOCK), ==, CXL_ACCESS_OK);
    g_assert_cmphex(release(p->h, BASE0 + 8 * BLOCK, BLOCK), ==, 0);
    g_assert_cmpint(hear(p), ==, 0);

    g_assert_false(cxl_borrower_wants_connection(p->host));
    p->now = cxl_borrower_due(p->host);
    p->settled = false;
    g_assert_false(cxl_borrower_wants_connection(p->host));
    p->settled = true;
    g_assert_true(cxl_borrower_wants_connection(p->host));
    pool_connect(p);
    g_assert_cmpuint(p->heard.hello.holds, ==, 1);
    g_assert_cmpuint(p->heard.hello.head, ==, 3);
    g_assert_cmpint(hear(p), ==, CXL_FABRIC_HOLDS);
    g_assert_cmphex(p->heard.list.extents[0].dpa, ==, POOL0 + 4 * BLOCK);
    g_assert_cmpint(hear(p), ==, 0);
    g_assert_cmpint(welcome(p, &w), ==, CXL_BORROWER_WELCOME);
    pool_lend(p, 0, 0);
    g_assert_cmpint(hear(p), ==, 0);
    pool_free(p);
}

/* Attempts become rarer, and a welcome makes them prompt again. */
static void test_retries(void)
{
    CxlFabricWelcome w = pool_welcome();
    Pool *p = pool_attached();
    int64_t wait = 0;

    for (unsigned i = 0; i < 12; i++) {
        cxl_borrower_lost(p->host);
        g_assert_cmpint(cxl_borrower_due(p->host) - p->now, >=, wait);
        wait = cxl_borrower_due(p->host) - p->now;
    }
    g_assert_cmpint(wait, ==, CXL_BORROWER_RETRY_MAX_MS);
    p->now += wait;
    pool_connect(p);
    welcome(p, &w);
    cxl_borrower_lost(p->host);
    g_assert_cmpint(cxl_borrower_due(p->host) - p->now, ==,
                    CXL_BORROWER_RETRY_MS);
    pool_free(p);
}

/* The guest does not wait for ever, neither for a word nor for a welcome. */
static void test_no_answer(void)
{
    Pool *p = pool_attached();

    say_list(p, CXL_FABRIC_OFFER, 0, POOL0, BLOCK, tag_a);
    respond(p->h, BASE0, BLOCK);
    p->now += CXL_BORROWER_WAIT_MS - 1;
    g_assert_cmpint(cxl_borrower_tick(p->host, &p->why), ==,
                    CXL_BORROWER_GOOD);
    p->now++;
    g_assert_cmpint(cxl_borrower_tick(p->host, &p->why), ==,
                    CXL_BORROWER_BAD);
    cxl_borrower_lost(p->host);
    g_assert_cmphex(cxl_memdev_regs_read(p->h->dev, CXL_DEVREG_MAILBOX +
                                         CXL_MBREG_STATUS, 8) >>
                    CXL_MBREG_STATUS_RC_SHIFT, ==, CXL_RC_RETRY);
    p->now = cxl_borrower_due(p->host);
    pool_connect(p);
    p->now += CXL_BORROWER_WAIT_MS;
    g_assert_cmpint(cxl_borrower_tick(p->host, &p->why), ==,
                    CXL_BORROWER_BAD);
    pool_free(p);
}

#define BAD_IF(what) \
    do { \
        CxlFabricWelcome w = pool_welcome(); \
        Pool *p = pool_new(); \
        what; \
        g_assert_cmpint(welcome(p, &w), ==, CXL_BORROWER_BAD); \
        g_assert_null(cxl_borrower_welcome(p->host)); \
        pool_free(p); \
    } while (0)

static void test_welcome_judged(void)
{
    BAD_IF(w.regions = 0);
    BAD_IF(w.size = 768 * MiB - 1);
    BAD_IF(w.max_extents = 0);
    BAD_IF(w.max_extents = CXL_BORROWER_EXTENTS + 1);
    BAD_IF(w.max_tags = CXL_BORROWER_EXTENTS + 1);
    BAD_IF(w.region[1].base += BLOCK);
    BAD_IF(w.region[1].offset = 0);
    BAD_IF(w.region[0].offset = 256 * MiB);
    BAD_IF(w.region[1].len = 255 * MiB);
    BAD_IF(w.region[1].block_size = 512 * MiB);
    BAD_IF(w.region[1].block_size = w.region[1].len = 128 * MiB);
}

#define OTHER_IF(what) \
    do { \
        CxlFabricWelcome w = pool_welcome(); \
        Pool *p = pool_attached(); \
        pool_lend(p, 0, 0); \
        cxl_borrower_lost(p->host); \
        p->now = cxl_borrower_due(p->host); \
        pool_connect(p); \
        g_assert_cmpint(hear(p), ==, CXL_FABRIC_HOLDS); \
        what; \
        g_assert_cmpint(welcome(p, &w), ==, CXL_BORROWER_BAD); \
        g_assert_cmpint(access_at(p->h, BASE0), ==, CXL_ACCESS_OK); \
        pool_free(p); \
    } while (0)

static void test_other_pool(void)
{
    OTHER_IF(w.head = 4);
    OTHER_IF(w.size += BLOCK);
    OTHER_IF(w.max_extents--);
    OTHER_IF(w.region[1].flags = 0);
    OTHER_IF(w.region[0].len = 256 * MiB; w.regions = 1);
    /* Set up anew while nobody had anything of it; not while this host has. */
    OTHER_IF(w.region[0].block_size = 2 * BLOCK);
}

#define WRONG(what) \
    do { \
        Pool *p = pool_attached(); \
        pool_lend(p, 0, 0); \
        g_assert_cmpint(what, ==, CXL_BORROWER_BAD); \
        cxl_borrower_lost(p->host); \
        pool_check(p); \
        g_assert_cmpint(access_at(p->h, BASE0), ==, CXL_ACCESS_OK); \
        pool_free(p); \
    } while (0)

#define LIST(type, number, dpa, len) \
    say_list(p, CXL_FABRIC_##type, number, dpa, len, tag_a)
#define PLAIN(...) say(p, (CxlFabricMessage) { __VA_ARGS__ })

static void test_lies(void)
{
    CxlFabricWelcome w = pool_welcome();
    CxlFabricRegion r = w.region[0];

    WRONG(LIST(OFFER, 2, POOL0 + BLOCK, BLOCK));        /* out of order */
    WRONG(LIST(OFFER, 1, POOL0, BLOCK));                /* the host's */
    WRONG(LIST(OFFER, 1, POOL0 + 64, BLOCK));
    WRONG(LIST(OFFER, 1, POOL0 - BLOCK, BLOCK));        /* not dynamic */
    WRONG(LIST(OFFER, 1, 0, BLOCK));
    WRONG(LIST(OFFER, 1, POOL1, 512 * MiB));            /* beyond the end */
    WRONG(LIST(TAKE_BACK, 1, POOL0 - BLOCK, BLOCK));
    WRONG(LIST(ASK, 0, POOL0 + 64, BLOCK));
    WRONG(PLAIN(.type = CXL_FABRIC_OFFER, .list = { .number = 2 }));
    WRONG(PLAIN(.type = CXL_FABRIC_PONG));
    WRONG(PLAIN(.type = CXL_FABRIC_RESULT, .seq = 0));
    WRONG(welcome(p, &w));
    r.block_size *= 2;
    WRONG(PLAIN(.type = CXL_FABRIC_REGION, .update = { 0, r }));
    WRONG(PLAIN(.type = CXL_FABRIC_REGION, .update = { 7, r }));
    r.flags = CXL_DC_REGION_SHARABLE;
    WRONG(PLAIN(.type = CXL_FABRIC_REGION, .update = { 0, r }));
    WRONG(PLAIN(.type = CXL_FABRIC_REFUSED,
                .refusal = { CXL_FABRIC_NOT_NOW, "not now" }));
}

static void test_refusal_is_told(void)
{
    Pool *p = pool_new();

    g_assert_cmpint(PLAIN(.type = CXL_FABRIC_REFUSED,
                          .refusal = { CXL_FABRIC_NO_HEAD, "no head" }), ==,
                    CXL_BORROWER_BAD);
    g_assert_cmpstr(p->why, ==, "no head");
    pool_free(p);
    p = pool_new();
    g_assert_cmpint(LIST(OFFER, 0, POOL0, BLOCK), ==, CXL_BORROWER_BAD);
    pool_free(p);
}

/* The pool grants what it has taken back meanwhile. */
static void test_contradiction(void)
{
    Pool *p = pool_attached();

    LIST(OFFER, 0, POOL0, BLOCK);
    respond(p->h, BASE0, BLOCK);
    g_assert_cmpint(LIST(TAKE_BACK, 5, POOL0, BLOCK), ==,
                    CXL_BORROWER_GOOD);
    g_assert_cmpint(hear(p), ==, CXL_FABRIC_ANSWER);
    g_assert_cmpint(result(p, CXL_RC_SUCCESS), ==, CXL_BORROWER_BAD);
    g_assert_cmpint(access_at(p->h, BASE0), ==, CXL_ACCESS_NONE);
    pool_free(p);
}

/* Offers and take-backs of a pool that never listens are bounded. */
static void test_floods(void)
{
    CxlFabricWelcome w = pool_welcome();
    Pool *p = pool_attached();
    CxlBorrowerStep step = CXL_BORROWER_GOOD;
    unsigned n;

    for (n = 0; step == CXL_BORROWER_GOOD && n < 100; n++) {
        step = LIST(OFFER, n, POOL0 + n * BLOCK, BLOCK);
        LIST(TAKE_BACK, n, POOL0 + n * BLOCK, BLOCK);
    }
    g_assert_cmpuint(n, ==, POOL_EXTENTS + 1);
    cxl_borrower_lost(p->host);
    p->now = cxl_borrower_due(p->host);
    pool_connect(p);
    welcome(p, &w);
    step = CXL_BORROWER_GOOD;
    for (n = 0; step == CXL_BORROWER_GOOD && n < 10000; n++) {
        step = LIST(TAKE_BACK, n, POOL0, BLOCK);
    }
    g_assert_cmpuint(n, ==, CXL_BORROWER_DONE + 1);
    pool_free(p);
}

/* A part says that more comes, for ever. */
static void test_endless_offer(void)
{
    Pool *p = pool_attached();
    CxlBorrowerStep step = CXL_BORROWER_GOOD;
    unsigned n;

    for (n = 0; step == CXL_BORROWER_GOOD && n < 100; n++) {
        p->extents[0] = (CxlFabricExtent) { POOL0 + n * BLOCK, BLOCK };
        step = PLAIN(.type = CXL_FABRIC_OFFER,
                     .list = { 0, CXL_FABRIC_MORE, 1, p->extents });
    }
    g_assert_cmpuint(n, ==, POOL_EXTENTS + 1);
    pool_free(p);
}

/* Regions that a person sets are not the pool's. */
static void test_params(void)
{
    g_autofree char *problem = NULL;
    Pool *p = pool_attached();
    CxlParams params = { };

    g_assert_null(cxl_borrower_params(p->host, &params));
    g_assert_cmpuint(params.num_dc_regions, ==, 2);
    g_assert_cmpuint(params.dc_region[1].size, ==, 256 * MiB);
    g_assert_cmpuint(params.dc_region[1].block_size, ==, BLOCK);
    g_assert_true(params.dc_region[1].sharable);
    g_assert_false(params.dc_region[0].sharable);
    problem = cxl_borrower_params(p->host, &params);
    g_assert_nonnull(strstr(problem, "'num-dc-regions'"));
    params = (CxlParams) { .dc_region[5] = { .sanitize = true } };
    g_free(problem);
    problem = cxl_borrower_params(p->host, &params);
    g_assert_nonnull(strstr(problem, "dc-region5"));
    pool_free(p);
}

/* The device goes and the pool gets all of it; another one can come. */
static void test_detach(void)
{
    Pool *p = pool_attached();

    pool_lend(p, 0, 0);
    LIST(OFFER, 1, POOL0 + BLOCK, BLOCK);
    LIST(OFFER, 2, POOL0 + 2 * BLOCK, BLOCK);
    respond(p->h, BASE0 + BLOCK, BLOCK);
    cxl_borrower_detach(p->host);
    fake_host_free(g_steal_pointer(&p->h));
    g_assert_cmpint(hear(p), ==, CXL_FABRIC_ANSWER);
    g_assert_cmpint(result(p, CXL_RC_SUCCESS), ==, CXL_BORROWER_GOOD);
    for (unsigned i = 0; i < 2; i++) {
        if (hear(p) == CXL_FABRIC_ANSWER) {
            g_assert_cmpuint(p->heard.list.number, ==, 2);
            g_assert_cmpuint(p->heard.list.count, ==, 0);
        } else {
            g_assert_cmpint(p->heard.type, ==, CXL_FABRIC_RELEASE);
        }
        g_assert_cmpint(result(p, CXL_RC_SUCCESS), ==, CXL_BORROWER_GOOD);
    }
    /* What was granted to the device that has gone */
    g_assert_cmpint(hear(p), ==, CXL_FABRIC_RELEASE);
    g_assert_cmphex(p->heard.list.extents[0].dpa, ==, POOL0 + BLOCK);
    g_assert_cmpint(result(p, CXL_RC_SUCCESS), ==, CXL_BORROWER_GOOD);
    g_assert_cmpint(hear(p), ==, 0);
    LIST(OFFER, 3, POOL0, BLOCK);
    g_assert_cmpint(hear(p), ==, CXL_FABRIC_ANSWER);
    g_assert_cmpuint(p->heard.list.count, ==, 0);
    result(p, CXL_RC_SUCCESS);
    pool_attach(p);
    pool_lend(p, 4, 0);
    pool_free(p);
}

/* A device whose dynamic capacity is at other addresses than the last one's */
static void attach_another(Pool *p)
{
    CxlMemdevConfig cfg = config();

    cxl_borrower_config(p->host, &cfg);
    cfg.volatile_only += 256 * MiB;
    for (unsigned i = 0; i < cfg.num_dc_regions; i++) {
        cfg.dc_regions[i].base += 256 * MiB;
    }
    p->h = fake_host_new(&cfg);
    cxl_borrower_attach(p->host, p->h->dev);
}

/* It goes between its answer and the pool's word on that. */
static void test_detach_asked(void)
{
    Pool *p = pool_attached();

    pool_lend(p, 0, 4);
    LIST(OFFER, 1, POOL0 + BLOCK, BLOCK);
    respond(p->h, BASE0 + BLOCK, BLOCK);
    g_assert_cmpint(hear(p), ==, CXL_FABRIC_ANSWER);
    cxl_borrower_detach(p->host);
    fake_host_free(g_steal_pointer(&p->h));
    attach_another(p);
    g_assert_cmpint(result(p, CXL_RC_SUCCESS), ==, CXL_BORROWER_GOOD);
    g_assert_cmpint(hear(p), ==, CXL_FABRIC_RELEASE);
    g_assert_cmpuint(p->heard.list.count, ==, 2);
    g_assert_cmphex(p->heard.list.extents[0].dpa, ==, POOL0 + BLOCK);
    g_assert_cmphex(p->heard.list.extents[1].dpa, ==, POOL0 + 4 * BLOCK);
    g_assert_cmpint(result(p, CXL_RC_SUCCESS), ==, CXL_BORROWER_GOOD);
    g_assert_cmpint(cxl_borrower_due(p->host), ==, INT64_MAX);
    /* What the pool refuses is answered again, or no other offer ever is. */
    LIST(OFFER, 2, POOL0, BLOCK);
    respond(p->h, BASE0 + 256 * MiB, BLOCK);
    g_assert_cmpint(hear(p), ==, CXL_FABRIC_ANSWER);
    cxl_borrower_detach(p->host);
    fake_host_free(g_steal_pointer(&p->h));
    g_assert_cmpint(result(p, CXL_RC_INVALID_DPA), ==, CXL_BORROWER_GOOD);
    g_assert_cmpint(hear(p), ==, CXL_FABRIC_ANSWER);
    g_assert_cmpuint(p->heard.list.number, ==, 2);
    g_assert_cmpuint(p->heard.list.count, ==, 0);
    pool_free(p);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/borrower-hear/lend", test_lend);
    g_test_add_func("/cxl/borrower-hear/take-back", test_take_back);
    g_test_add_func("/cxl/borrower-hear/taken-is-not-released",
                    test_taken_is_not_released);
    g_test_add_func("/cxl/borrower-hear/reattach", test_reattach);
    g_test_add_func("/cxl/borrower-hear/retries", test_retries);
    g_test_add_func("/cxl/borrower-hear/no-answer", test_no_answer);
    g_test_add_func("/cxl/borrower-hear/welcome-judged", test_welcome_judged);
    g_test_add_func("/cxl/borrower-hear/other-pool", test_other_pool);
    g_test_add_func("/cxl/borrower-hear/lies", test_lies);
    g_test_add_func("/cxl/borrower-hear/refusal-is-told", test_refusal_is_told);
    g_test_add_func("/cxl/borrower-hear/contradiction", test_contradiction);
    g_test_add_func("/cxl/borrower-hear/floods", test_floods);
    g_test_add_func("/cxl/borrower-hear/endless-offer", test_endless_offer);
    g_test_add_func("/cxl/borrower-hear/params", test_params);
    g_test_add_func("/cxl/borrower-hear/detach", test_detach);
    g_test_add_func("/cxl/borrower-hear/detach-asked", test_detach_asked);
    return g_test_run();
}
