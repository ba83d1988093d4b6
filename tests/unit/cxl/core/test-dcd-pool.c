/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/dcd-pool: the table of states, several hosts over one pool,
 * sharing by tag with counted references, and what is wiped for whom.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/core/dcd-fabric.h"

static CxlRc take(Fabric *f, unsigned host, uint64_t dpa, uint64_t len)
{
    CxlBgRange r = { dpa, len };
    CxlRc rc = cxl_dcd_respond(f->view[host], &r, len != 0, false);

    fake_check(f->h);
    return rc;
}

static CxlRc give_up(Fabric *f, unsigned host, uint64_t dpa, uint64_t len)
{
    CxlBgRange r = { dpa, len };
    CxlRc rc = cxl_dcd_release(f->view[host], &r, 1, false);

    fake_check(f->h);
    return rc;
}

/* What was given up is wiped. */
static void timer(Fabric *f)
{
    fake_host_run(f->h, 0);
    fake_check(f->h);
}

static CxlDcState state(Fabric *f, uint64_t dpa)
{
    uint32_t who;

    return cxl_dcd_state(f->pool, dpa, &who);
}

static uint32_t who(Fabric *f, uint64_t dpa)
{
    uint32_t host;

    cxl_dcd_state(f->pool, dpa, &host);
    return host;
}

static void test_transitions(void)
{
    static const char *const rows[CXL_DC_STATES] = {
        /* free offered owned returning shared sanitizing leaving */
        [CXL_DC_FREE]       = "0100111",
        [CXL_DC_OFFERED]    = "1010011",
        [CXL_DC_OWNED]      = "1001011",
        [CXL_DC_RETURNING]  = "1001011",
        [CXL_DC_SHARED]     = "1000111",
        [CXL_DC_SANITIZING] = "1000001",
        [CXL_DC_LEAVING]    = "0000010",
    };

    for (unsigned from = 0; from < CXL_DC_STATES; from++) {
        for (unsigned to = 0; to < CXL_DC_STATES; to++) {
            g_assert_true(cxl_dcd_may_become(from, to) ==
                          (rows[from][to] == '1'));
        }
    }
}

/* Every state that a block of one host goes through. */
static void test_one_owner(void)
{
    Fabric *f = fabric_new(3);
    CxlDcRequest back = { .host = 1, .policy = CXL_DC_REMOVE_TAG,
                          .tag = tag_a };
    CxlDcRequest req = { .host = 1, .length = BLOCK, .tag = tag_a };

    g_assert_cmphex(add(f->h, req), ==, 0);
    g_assert_cmpint(state(f, BASE0), ==, CXL_DC_OFFERED);
    g_assert_cmpuint(who(f, BASE0), ==, 1);
    /* Others cannot have it, take it, or give it away. */
    req.host = 2;
    g_assert_cmphex(add(f->h, req), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(take(f, 2, BASE0, BLOCK), ==, CXL_RC_INVALID_DPA);
    g_assert_cmphex(take(f, 1, BASE0, BLOCK), ==, 0);
    g_assert_cmpint(state(f, BASE0), ==, CXL_DC_OWNED);
    g_assert_cmphex(give_up(f, 2, BASE0, BLOCK), ==, CXL_RC_INVALID_DPA);
    g_assert_cmphex(add(f->h, (CxlDcRequest) {
        .host = 0, .policy = CXL_DC_ADD_PRESCRIPTIVE,
        .extents = &(CxlBgRange) { BASE0, BLOCK }, .num_extents = 1 }), ==,
        CXL_RC_EXTENT_LIST);
    back.host = 2;
    g_assert_cmphex(take_away(f->h, back), ==, CXL_RC_INVALID_INPUT);
    back.host = 1;
    g_assert_cmphex(take_away(f->h, back), ==, 0);
    g_assert_cmpint(state(f, BASE0), ==, CXL_DC_RETURNING);
    g_assert_cmphex(give_up(f, 1, BASE0, BLOCK), ==, 0);
    timer(f);
    g_assert_cmpint(state(f, BASE0), ==, CXL_DC_FREE);
    /* Nobody else saw any of it. */
    g_assert_cmpuint(f->view[0]->generation + f->view[2]->generation, ==, 0);
    g_assert_null(record(f->h, 0));
    fabric_free(f);
}

static void test_unknown_host(void)
{
    Fabric *f = fabric_new(2);
    CxlDcRequest req = { .host = 2, .length = BLOCK };

    g_assert_cmphex(add(f->h, req), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(take_away(f->h, req), ==, CXL_RC_INVALID_INPUT);
    g_assert_null(cxl_dcd_view_of(f->pool, 2));
    g_assert_null(cxl_dcd_view_of(f->pool, UINT16_MAX));
    fabric_free(f);
}

/* One tag, many hosts: the same extents in the same order, counted. */
static void test_share_by_tag(void)
{
    Fabric *f = fabric_new(HOSTS);
    CxlBgRange x[] = { { BASE1 + 2 * BLOCK, BLOCK }, { BASE1, BLOCK } };
    CxlDcRequest share = {
        .policy = CXL_DC_ADD_SHARED, .region = 1, .tag = tag_a,
    };

    g_assert_cmphex(add(f->h, (CxlDcRequest) {
        .policy = CXL_DC_ADD_PRESCRIPTIVE, .region = 1, .tag = tag_a,
        .extents = x, .num_extents = 2 }), ==, 0);
    g_assert_cmphex(add(f->h, share), ==, CXL_RC_INVALID_INPUT); /* has it */
    for (share.host = 1; share.host < HOSTS; share.host++) {
        CxlEvents *ev = &f->events[share.host];
        const CxlEvDc *rec;

        g_assert_cmphex(add(f->h, share), ==, 0);
        for (unsigned i = 0; i < 2; i++) {
            rec = (const void *)cxl_events_peek(ev, CXL_EVLOG_DC, i);
            g_assert_cmphex(ldq_le_p(rec->extent), ==, x[i].start);
            g_assert_cmpuint(lduw_le_p(rec->extent + 0x20), ==, i);
            g_assert_cmpuint(rec->flags, ==, i ? 0 : CXL_EVDC_MORE);
        }
        g_assert_cmpuint(who(f, BASE1), ==, share.host + 1);
    }
    g_assert_cmpuint(f->pool->shared_pieces, ==, 2);
    for (unsigned i = 0; i < HOSTS; i++) {
        g_assert_cmphex(cxl_dcd_respond(f->view[i], x, 2, false), ==, 0);
        fake_check(f->h);
    }
    /* It is free when the last one has returned it, block by block. */
    for (unsigned i = HOSTS; i-- > 0;) {
        g_assert_cmphex(give_up(f, i, BASE1, BLOCK), ==, 0);
        timer(f);
        g_assert_cmpint(state(f, BASE1), ==, i ? CXL_DC_SHARED : CXL_DC_FREE);
        g_assert_cmpint(state(f, BASE1 + 2 * BLOCK), ==, CXL_DC_SHARED);
    }
    g_assert_cmpuint(cxl_dcd_tags_used(f->pool), ==, 1);
    for (unsigned i = 0; i < HOSTS; i++) {
        g_assert_cmphex(give_up(f, i, x[0].start, BLOCK), ==, 0);
    }
    timer(f);
    g_assert_cmpuint(cxl_dcd_tags_used(f->pool), ==, 0);
    g_assert_cmpuint(f->pool->regions[1].free.total, ==, 256 * MiB);
    fabric_free(f);
}

/* The manager's reference keeps what no host has; a part can be completed. */
static void test_reference_keeps(void)
{
    Fabric *f = fabric_new(2);
    CxlDcRequest share = {
        .host = 1, .policy = CXL_DC_ADD_SHARED, .region = 1, .tag = tag_a,
    };

    g_assert_cmphex(cxl_dcd_reference(f->pool, &tag_a), ==, 0);
    g_assert_cmphex(add(f->h, share), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(add(f->h, (CxlDcRequest) {
        .region = 1, .length = 4 * BLOCK, .tag = tag_a }), ==, 0);
    g_assert_cmphex(take(f, 0, BASE1, 4 * BLOCK), ==, 0);
    g_assert_cmphex(add(f->h, share), ==, 0);
    g_assert_cmphex(take(f, 1, BASE1 + BLOCK, BLOCK), ==, 0);
    g_assert_cmpuint(who(f, BASE1), ==, 1);
    g_assert_cmpuint(who(f, BASE1 + BLOCK), ==, 2);
    g_assert_cmphex(give_up(f, 0, BASE1, 4 * BLOCK), ==, 0);
    g_assert_cmpuint(who(f, BASE1), ==, 0);
    g_assert_cmpint(state(f, BASE1), ==, CXL_DC_SHARED);
    g_assert_cmphex(add(f->h, share), ==, 0);
    g_assert_cmpuint(f->view[1]->offers.total, ==, 3 * BLOCK);
    g_assert_cmphex(take(f, 1, 0, 0), ==, 0);
    g_assert_cmphex(cxl_dcd_unreference(f->pool, &tag_a), ==, 0);
    fake_check(f->h);
    timer(f);
    /* What host 1 has stays, the rest is free. */
    g_assert_cmpint(state(f, BASE1), ==, CXL_DC_FREE);
    g_assert_cmpint(state(f, BASE1 + BLOCK), ==, CXL_DC_SHARED);
    g_assert_cmpint(state(f, BASE1 + 2 * BLOCK), ==, CXL_DC_FREE);
    g_assert_cmphex(give_up(f, 1, BASE1 + BLOCK, BLOCK), ==, 0);
    timer(f);
    g_assert_cmpuint(f->pool->regions[1].free.total, ==, 256 * MiB);
    g_assert_cmphex(cxl_dcd_unreference(f->pool, &tag_a), ==,
                    CXL_RC_INVALID_INPUT);
    fabric_free(f);
}

/* What one host wrote, no other one reads; with one host, flags decide. */
static void test_wiped_between_hosts(void)
{
    for (unsigned hosts = 1; hosts <= 2; hosts++) {
        Fabric *f = fabric_new(hosts);
        CxlDcRequest req = { .length = BLOCK };
        uint8_t byte = 0x5a;

        add(f->h, req);
        take(f, 0, BASE0, BLOCK);
        f->h->dev->store->dpa_write(f->h, BASE0 + 100, &byte, 1);
        g_assert_cmphex(give_up(f, 0, BASE0, BLOCK), ==, 0);
        /* A store of the last owner may be under way: not before the timer. */
        g_assert_cmpint(state(f, BASE0), ==,
                        hosts == 1 ? CXL_DC_FREE : CXL_DC_SANITIZING);
        f->h->dev->store->dpa_read(f->h, BASE0 + 100, &byte, 1);
        g_assert_cmphex(byte, ==, 0x5a);
        timer(f);
        g_assert_cmpint(state(f, BASE0), ==, CXL_DC_FREE);
        req.host = hosts - 1;
        add(f->h, req);
        take(f, hosts - 1, BASE0, BLOCK);
        f->h->dev->store->dpa_read(f->h, BASE0 + 100, &byte, 1);
        g_assert_cmphex(byte, ==, hosts == 1 ? 0x5a : 0);
        fabric_free(f);
    }
}

static void dirty(Fabric *f, uint64_t len)
{
    CxlDcRequest req = { .host = 1, .length = len };
    uint8_t byte = 0x5a;

    g_assert_cmphex(add(f->h, req), ==, 0);
    take(f, 1, BASE0, len);
    for (uint64_t at = 0; at < len; at += BLOCK / 2) {
        f->h->dev->store->dpa_write(f->h, BASE0 + at, &byte, 1);
    }
    g_assert_cmphex(give_up(f, 1, BASE0, len), ==, 0);
    timer(f);
    g_assert_cmpint(state(f, BASE0), ==, CXL_DC_FREE);
    for (uint64_t at = 0; at < len; at += BLOCK / 2) {
        f->h->dev->store->dpa_read(f->h, BASE0 + at, &byte, 1);
        g_assert_cmphex(byte, ==, 0);
    }
}

/* The first wiping ended where a block of later has its middle. */
static void test_wiped_from_the_start(void)
{
    Fabric *f = fabric_new(2);
    CxlDcPool *pool = &f->h->dev->dc_pool;

    dirty(f, BLOCK);
    g_assert_cmphex(cxl_dcd_pool_configure(pool, 0, 2 * BLOCK, true), ==, 0);
    dirty(f, 2 * BLOCK);
    fabric_free(f);
}

/* Memory that somebody else has used is free when it is wiped. */
static void test_distrust(void)
{
    Fabric *f = fabric_new(2);
    CxlDcPool *pool = &f->h->dev->dc_pool;
    CxlDcRequest req = { .host = 1, .length = BLOCK };
    uint8_t byte = 0x5a;

    g_assert_cmphex(add(f->h, req), ==, 0);
    take(f, 1, BASE0, BLOCK);
    f->h->dev->store->dpa_write(f->h, BASE0, &byte, 1);
    f->h->dev->store->dpa_write(f->h, BASE0 + BLOCK, &byte, 1);
    cxl_dcd_pool_distrust(pool);
    fake_check(f->h);
    g_assert_cmpint(state(f, BASE0), ==, CXL_DC_OWNED);
    g_assert_cmpint(state(f, BASE0 + BLOCK), ==, CXL_DC_SANITIZING);
    while (state(f, BASE0 + BLOCK) != CXL_DC_FREE) {
        g_assert_cmpint(f->h->timer_at, !=, INT64_MAX);
        timer(f);
    }
    f->h->dev->store->dpa_read(f->h, BASE0 + BLOCK, &byte, 1);
    g_assert_cmphex(byte, ==, 0);
    f->h->dev->store->dpa_read(f->h, BASE0, &byte, 1);
    g_assert_cmphex(byte, ==, 0x5a);
    fabric_free(f);
}

/* The media does not wipe: nobody gets it, until it does. */
static void test_sanitize_fails(void)
{
    Fabric *f = fabric_new(2);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    CxlDcRequest req = { .host = 1, .length = BLOCK };
    FakeHost *other;
    CxlMemdevConfig cfg = config();
    uint8_t byte = 0x5a;
    char *problem;

    add(f->h, req);
    take(f, 1, BASE0, BLOCK);
    f->h->dev->store->dpa_write(f->h, BASE0, &byte, 1);
    f->h->media_broken = true;
    g_assert_cmphex(give_up(f, 1, BASE0, BLOCK), ==, 0);
    timer(f);
    g_assert_cmpint(state(f, BASE0), ==, CXL_DC_SANITIZING);
    g_assert_cmpint(f->h->timer_at, ==, INT64_MAX);
    req.host = 0;
    g_assert_cmphex(add(f->h, req), ==, 0);
    timer(f);
    g_assert_cmpint(state(f, BASE0), ==, CXL_DC_SANITIZING);
    g_assert_cmpint(state(f, BASE0 + BLOCK), ==, CXL_DC_OFFERED);
    /* It is not forgotten in the saved state either. */
    cxl_memdev_save(f->h->dev, bytes);
    other = fake_host_new(&cfg);
    g_assert_true(cxl_memdev_load(other->dev, bytes->data, bytes->len,
                                  &problem));
    fake_check(other);
    {
        uint32_t nobody;

        g_assert_cmpint(cxl_dcd_state(&other->dev->dc_pool, BASE0, &nobody),
                        ==, CXL_DC_SANITIZING);
    }
    fake_host_free(other);
    f->h->media_broken = false;
    g_assert_cmphex(add(f->h, req), ==, 0);
    timer(f);
    g_assert_cmphex(add(f->h, req), ==, 0);
    fake_check(f->h);
    g_assert_cmpint(state(f, BASE0), ==, CXL_DC_OFFERED);
    f->h->dev->store->dpa_read(f->h, BASE0, &byte, 1);
    g_assert_cmphex(byte, ==, 0);
    fabric_free(f);
}

/* In steps of 16 MiB, however much it is and however large its blocks are. */
static void test_wiped_in_steps(void)
{
    for (uint64_t block = BLOCK; block <= 128 * MiB; block *= 64) {
        CxlMemdevConfig cfg = config();
        uint64_t free;
        unsigned n = 0;
        Fabric *f;

        cfg.dc_regions[0].block_size = block;
        f = fabric_new_of(&cfg, 2);
        add(f->h, (CxlDcRequest) { .host = 1, .length = 256 * MiB });
        take(f, 1, BASE0, 256 * MiB);
        g_assert_cmphex(give_up(f, 1, BASE0, 256 * MiB), ==, 0);
        f->h->filled = 0;
        free = f->pool->regions[0].free.total;
        for (; f->h->timer_at <= f->h->now; n++) {
            uint64_t before = f->h->filled;

            cxl_memdev_timer(f->h->dev);
            fake_check(f->h);
            g_assert_cmpuint(f->h->filled - before, <=, 16 * MiB);
            g_assert_cmpuint(f->pool->regions[0].free.total - free, ==,
                             QEMU_ALIGN_DOWN(f->h->filled, block));
        }
        g_assert_cmpuint(f->h->filled, ==, 256 * MiB);
        g_assert_cmpuint(f->pool->unwiped.total, ==, 0);
        g_assert_cmpuint(n, ==, 16);
        fabric_free(f);
    }
}

/* However much else is taken: what waits is found without a search. */
static void test_wiped_among_many(void)
{
    Fabric *f = fabric_new(3);

    for (unsigned i = 0; i < 256; i++) {
        add(f->h, (CxlDcRequest) { .host = i & 1, .length = BLOCK });
        take(f, i & 1, BASE0 + i * BLOCK, BLOCK);
    }
    for (unsigned i = 0; i < 128; i++) {
        CxlDcRequest req = {
            .region = 1, .length = BLOCK, .tag = { { 1 + i, 1 } },
        };

        add(f->h, req);
        take(f, 0, BASE1 + i * BLOCK, BLOCK);
        if (i & 1) {
            req.host = 1;
            req.policy = CXL_DC_ADD_SHARED;
            add(f->h, req);
        }
    }
    g_assert_cmpuint(f->pool->taken.count, ==, 384);
    g_assert_cmphex(give_up(f, 0, BASE0, BLOCK), ==, 0);
    g_assert_cmphex(give_up(f, 0, BASE1 + 126 * BLOCK, BLOCK), ==, 0);
    cxl_memdev_timer(f->h->dev);
    fake_check(f->h);
    g_assert_cmpint(state(f, BASE0), ==, CXL_DC_FREE);
    g_assert_cmpint(state(f, BASE1 + 126 * BLOCK), ==, CXL_DC_FREE);
    g_assert_cmpuint(f->pool->unwiped.total, ==, 0);
    fabric_free(f);
}

/* References do not let shared pieces add up. */
static void test_shared_pieces_are_bounded(void)
{
    CxlMemdevConfig cfg = config();
    CxlRc rc = CXL_RC_SUCCESS;
    Fabric *f;
    unsigned n;

    cfg.dc_regions[1].block_size = 64;
    cfg.dc_max_extents = 16;
    f = fabric_new_of(&cfg, 1);
    for (n = 0; n < 100 && rc == CXL_RC_SUCCESS; n++) {
        CxlUuid tag = { { 1, n } };
        uint64_t dpa = BASE1 + n * 64;

        g_assert_cmphex(cxl_dcd_reference(f->pool, &tag), ==, 0);
        rc = add(f->h, (CxlDcRequest) { .region = 1, .length = 64,
                                        .tag = tag });
        if (rc == CXL_RC_SUCCESS) {
            g_assert_cmphex(take(f, 0, dpa, 64), ==, 0);
            g_assert_cmphex(give_up(f, 0, dpa, 64), ==, 0);
        }
    }
    g_assert_cmphex(rc, ==, CXL_RC_RESOURCES);
    g_assert_cmpuint(n, ==, 17);
    fabric_free(f);
}

/* What is for reading only is readable; a write is dropped where it happens. */
static void test_read_only(void)
{
    CxlMemdevConfig cfg = config();
    CxlAccess access;
    FakeHost *h;

    cfg.dc_regions[0].flags = CXL_DC_REGION_READ_ONLY;
    h = fake_host_new(&cfg);
    add(h, (CxlDcRequest) { .length = 2 * BLOCK });
    respond(h, BASE0, 2 * BLOCK);
    g_assert_cmpuint(cxl_memdev_access_run(h->dev, BASE0, 4 * BLOCK, &access),
                     ==, 2 * BLOCK);
    g_assert_cmpint(access, ==, CXL_ACCESS_READ_ONLY);
    g_assert_cmpint(cxl_memdev_access(h->dev, BASE0, 2 * BLOCK), ==,
                    CXL_ACCESS_READ_ONLY);
    g_assert_cmpint(cxl_memdev_access(h->dev, BASE0, 3 * BLOCK), ==,
                    CXL_ACCESS_NONE);
    fake_host_free(h);
}

static void test_tags(void)
{
    Fabric *f = fabric_new(1);
    uint32_t index;

    for (unsigned i = 0; i < 4096; i++) {
        CxlUuid tag = { { i, i >> 8, 1 } };

        g_assert_cmphex(cxl_dcd_reference(f->pool, &tag), ==, 0);
        g_assert_cmpint(cxl_dcd_find_tag(f->pool, &tag), ==, i + 1);
    }
    g_assert_cmphex(cxl_dcd_reference(f->pool, &tag_a), ==, CXL_RC_RESOURCES);
    g_assert_cmpint(cxl_dcd_find_tag(f->pool, &tag_a), ==, -1);
    g_assert_cmphex(cxl_dcd_unreference(f->pool,
                                        &(CxlUuid) { { 7, 0, 1 } }), ==, 0);
    fake_check(f->h);
    /* The place of one that is gone is the next one's. */
    g_assert_cmphex(cxl_dcd_take_tag(f->pool, &tag_a, &index), ==, 0);
    g_assert_cmpuint(index, ==, 8);
    g_assert_cmpint(cxl_dcd_find_tag(f->pool, &(CxlUuid) { }), ==, 0);
    g_assert_cmphex(cxl_dcd_reference(f->pool, &tag_a), ==, 0);
    fabric_free(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/dcd-pool/transitions", test_transitions);
    g_test_add_func("/cxl/dcd-pool/one-owner", test_one_owner);
    g_test_add_func("/cxl/dcd-pool/unknown-host", test_unknown_host);
    g_test_add_func("/cxl/dcd-pool/share-by-tag", test_share_by_tag);
    g_test_add_func("/cxl/dcd-pool/reference-keeps", test_reference_keeps);
    g_test_add_func("/cxl/dcd-pool/wiped-between-hosts",
                    test_wiped_between_hosts);
    g_test_add_func("/cxl/dcd-pool/sanitize-fails", test_sanitize_fails);
    g_test_add_func("/cxl/dcd-pool/wiped-from-the-start",
                    test_wiped_from_the_start);
    g_test_add_func("/cxl/dcd-pool/distrust", test_distrust);
    g_test_add_func("/cxl/dcd-pool/wiped-in-steps", test_wiped_in_steps);
    g_test_add_func("/cxl/dcd-pool/wiped-among-many", test_wiped_among_many);
    g_test_add_func("/cxl/dcd-pool/shared-pieces-are-bounded",
                    test_shared_pieces_are_bounded);
    g_test_add_func("/cxl/dcd-pool/read-only", test_read_only);
    g_test_add_func("/cxl/dcd-pool/tags", test_tags);
    return g_test_run();
}
