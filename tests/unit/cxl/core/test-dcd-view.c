/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/dcd-view: tags and sharing, limits, records that
 * wait, reset, scale.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/core/dcd-fixture.h"

/* Bytes of shared capacity that no host has. */
static uint64_t unshared(FakeHost *h)
{
    ExtentSet set;
    uint64_t total;

    extentset_init(&set, false);
    cxl_dcd_pool_unshared(&h->dev->dc_pool, &set);
    total = set.total;
    extentset_clear(&set);
    return total;
}

static void test_sharing(void)
{
    FakeHost *h = start();
    CxlDcRequest req = {
        .policy = CXL_DC_ADD_SHARED, .region = 1, .tag = tag_a,
    };
    CxlBgRange x[] = { { BASE1, BLOCK }, { BASE1 + 2 * BLOCK, BLOCK } };

    g_assert_cmphex(add(h, req), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(cxl_dcd_unreference(&h->dev->dc_pool, &tag_a), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(cxl_dcd_reference(&h->dev->dc_pool, &tag_a), ==, 0);
    g_assert_cmphex(add(h, (CxlDcRequest) {
        .policy = CXL_DC_ADD_PRESCRIPTIVE, .region = 1, .tag = tag_a,
        .extents = x, .num_extents = 2 }), ==, 0);
    g_assert_cmphex(lduw_le_p(record(h, 1)->extent + 0x20), ==, 1);
    g_assert_cmphex(update(h, CXL_OP_DC_ADD_RESPONSE, x, 2, false), ==, 0);
    g_assert_cmphex(update(h, CXL_OP_DC_RELEASE, x, 2, false), ==, 0);
    /* The tag keeps it. */
    g_assert_cmpuint(unshared(h), ==, 2 * BLOCK);
    g_assert_cmphex(add(h, req), ==, 0);
    g_assert_cmpuint(unshared(h), ==, 0);
    g_assert_cmphex(respond(h, 0, 0), ==, 0);
    g_assert_cmpuint(unshared(h), ==, 2 * BLOCK);
    g_assert_cmphex(cxl_dcd_unreference(&h->dev->dc_pool, &tag_a), ==, 0);
    fake_check(h);
    g_assert_cmpuint(h->dev->dc_pool.regions[1].free.total, ==, 256 * MiB);
    fake_host_free(h);
}

static void test_configure(void)
{
    FakeHost *h = start();
    CxlDcPool *pool = &h->dev->dc_pool;

    g_assert_cmphex(cxl_dcd_configure(pool, 2, BLOCK, false), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(cxl_dcd_configure(pool, 0, 3 * MiB, false), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(cxl_dcd_configure(pool, 0, 1 * GiB, false), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(cxl_dcd_configure(pool, 0, 64 * MiB, true), ==, 0);
    g_assert_cmpuint(record(h, 0)->type, ==, CXL_EVDC_REGION_UPDATED);
    g_assert_cmphex(add(h, (CxlDcRequest) { .length = 64 * MiB }), ==, 0);
    g_assert_cmphex(cxl_dcd_configure(pool, 0, BLOCK, false), ==,
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
    g_assert_cmphex(cxl_dcd_extents_available(&h->dev->dc_view), ==, 0);
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

/* However long a list is, mappings change once. */
static void test_lists_change_mappings_once(void)
{
    FakeHost *h = start();
    CxlBgRange x[20];

    for (unsigned i = 0; i < 20; i++) {
        x[i] = (CxlBgRange) { BASE0 + 3 * i * BLOCK, BLOCK };
    }
    g_assert_cmphex(add(h, (CxlDcRequest) {
        .policy = CXL_DC_ADD_PRESCRIPTIVE, .extents = x,
        .num_extents = 20 }), ==, 0);
    h->access_changes = 0;
    g_assert_cmphex(update(h, CXL_OP_DC_ADD_RESPONSE, x, 20, false), ==, 0);
    g_assert_cmpuint(h->access_changes, ==, 1);
    g_assert_cmphex(h->last_change_dpa, ==, BASE0);
    g_assert_cmphex(h->last_change_len, ==, (3 * 19 + 1) * BLOCK);
    g_assert_cmphex(update(h, CXL_OP_DC_RELEASE, x, 10, false), ==, 0);
    g_assert_cmpuint(h->access_changes, ==, 2);
    g_assert_cmphex(take_away(h, (CxlDcRequest) {
        .policy = CXL_DC_REMOVE_PRESCRIPTIVE, .forced = true,
        .extents = x + 10, .num_extents = 10 }), ==, 0);
    g_assert_cmpuint(h->access_changes, ==, 3);
    g_assert_cmphex(h->last_change_dpa, ==, x[10].start);
    g_assert_cmpuint(h->dev->dc_view.accepted.count, ==, 0);
    fake_host_free(h);
}

/* A record is about the tag of its time, also if that is another's now. */
static void test_records_keep_their_tag(void)
{
    FakeHost *h = start();
    CxlDcRequest req = { .length = BLOCK, .tag = tag_a };
    unsigned last = 0;

    /* The log holds 8: what follows waits. */
    for (unsigned i = 0; i < 8; i++) {
        add(h, (CxlDcRequest) { .length = BLOCK });
    }
    g_assert_cmphex(add(h, req), ==, 0);
    g_assert_cmphex(take_away(h, (CxlDcRequest) {
        .policy = CXL_DC_REMOVE_TAG, .forced = true, .tag = tag_a }), ==, 0);
    req.tag = tag_b;
    g_assert_cmphex(add(h, req), ==, 0);
    for (unsigned i = 0; i < 10; i++) {
        uint8_t in[8] = { CXL_EVLOG_DC, 0, 1 };

        last = record(h, 0)->extent[0x10];
        if (i == 8) {
            g_assert_cmphex(last, ==, tag_a.b[0]);
        }
        memcpy(in + 6, &record(h, 0)->hdr.handle, 2);
        g_assert_cmphex(fake_command(h, CXL_OP_EVENTS_CLEAR, in, 8), ==, 0);
    }
    g_assert_cmphex(last, ==, tag_b.b[0]);
    fake_host_free(h);
}

/* The records are lost with the host's memory of them, the offers are not. */
static void test_reset_offers_again(void)
{
    FakeHost *h = start();
    CxlDcRequest one = { .policy = CXL_DC_ADD_FREE, .length = BLOCK };
    CxlBgRange x[] = {
        { BASE1 + 4 * BLOCK, BLOCK }, { BASE1, BLOCK },
        { BASE1 + 2 * BLOCK, BLOCK },
    };
    static const CxlResetKind kinds[] = {
        CXL_RESET_HOT, CXL_RESET_CXL, CXL_RESET_CXL_CLEAR, CXL_RESET_COLD,
    };

    add(h, one);
    respond(h, BASE0, BLOCK);
    add(h, one);
    g_assert_cmphex(add(h, (CxlDcRequest) {
        .policy = CXL_DC_ADD_PRESCRIPTIVE, .region = 1, .tag = tag_a,
        .extents = x, .num_extents = 3 }), ==, 0);
    /* An answer that a reset interrupts is no answer. */
    g_assert_cmphex(update(h, CXL_OP_DC_ADD_RESPONSE, x, 1, true), ==, 0);
    for (unsigned k = 0; k < G_N_ELEMENTS(kinds); k++) {
        cxl_memdev_reset(h->dev, kinds[k]);
        fake_check(h);
        g_assert_cmpuint(h->dev->dc_view.accepted.total, ==, BLOCK);
        g_assert_cmpuint(h->dev->dc_view.groups.length, ==, 2);
        g_assert_cmphex(ldq_le_p(record(h, 0)->extent), ==, BASE0 + BLOCK);
        g_assert_cmpuint(record(h, 0)->flags & CXL_EVDC_MORE, ==, 0);
        for (unsigned i = 0; i < 3; i++) {
            const CxlEvDc *rec = record(h, 1 + i);

            g_assert_cmpuint(rec->type, ==, CXL_EVDC_ADD);
            g_assert_cmphex(ldq_le_p(rec->extent), ==, x[i].start);
            g_assert_cmphex(lduw_le_p(rec->extent + 0x20), ==, i);
            g_assert_cmphex(rec->extent[0x10], ==, tag_a.b[0]);
            g_assert_cmpuint(rec->flags & CXL_EVDC_MORE, ==, i < 2);
        }
        g_assert_null(record(h, 4));
    }
    g_assert_cmpint(access_at(h, BASE0), ==, CXL_ACCESS_OK);
    g_assert_cmphex(respond(h, BASE0 + BLOCK, BLOCK), ==, 0);
    g_assert_cmphex(update(h, CXL_OP_DC_ADD_RESPONSE, x, 3, false), ==, 0);
    g_assert_cmpuint(h->dev->dc_view.accepted.count, ==, 5);
    fake_host_free(h);
}

/* So are requests to release, and whether to sanitize. */
static void test_reset_asks_again(void)
{
    FakeHost *h = start();
    CxlBgRange x = { BASE0, 2 * BLOCK };
    uint8_t byte = 0x5a;

    for (unsigned i = 0; i < 2; i++) {
        add(h, (CxlDcRequest) { .length = BLOCK });
        respond(h, BASE0 + i * BLOCK, BLOCK);
    }
    h->dev->store->dpa_write(h, BASE0 + BLOCK, &byte, 1);
    g_assert_cmphex(take_away(h, (CxlDcRequest) {
        .policy = CXL_DC_REMOVE_PRESCRIPTIVE, .sanitize = true,
        .extents = &x, .num_extents = 1 }), ==, 0);
    cxl_memdev_reset(h->dev, CXL_RESET_HOT);
    fake_check(h);
    for (unsigned i = 0; i < 2; i++) {
        g_assert_cmpuint(record(h, i)->type, ==, CXL_EVDC_RELEASE);
        g_assert_cmphex(ldq_le_p(record(h, i)->extent), ==,
                        BASE0 + i * BLOCK);
        g_assert_cmphex(ldq_le_p(record(h, i)->extent + 8), ==, BLOCK);
    }
    g_assert_null(record(h, 2));
    g_assert_cmphex(release(h, BASE0, 2 * BLOCK), ==, 0);
    fake_host_run(h, 0);
    h->dev->store->dpa_read(h, BASE0 + BLOCK, &byte, 1);
    g_assert_cmphex(byte, ==, 0);
    /* Nothing is asked twice. */
    cxl_memdev_reset(h->dev, CXL_RESET_HOT);
    g_assert_null(record(h, 0));
    fake_host_free(h);
}

/* What was taken back before the host knew of it does not come again. */
static void test_reset_forgets_cancelled(void)
{
    FakeHost *h = start();
    CxlBgRange x = { BASE0, BLOCK };

    add(h, (CxlDcRequest) { .length = BLOCK });
    add(h, (CxlDcRequest) { .length = BLOCK });
    g_assert_cmphex(take_away(h, (CxlDcRequest) {
        .policy = CXL_DC_REMOVE_PRESCRIPTIVE, .forced = true,
        .extents = &x, .num_extents = 1 }), ==, 0);
    g_assert_cmpuint(h->dev->dc_view.groups.length, ==, 2);
    cxl_memdev_reset(h->dev, CXL_RESET_COLD);
    fake_check(h);
    g_assert_cmpuint(h->dev->dc_view.groups.length, ==, 1);
    g_assert_cmphex(respond(h, BASE0 + BLOCK, BLOCK), ==, 0);
    fake_host_free(h);
}

#define MANY 100000
#define SMALL 2048

/* Every second block: what is taken and what is free are in as many pieces. */
static CxlBgRange small_block(unsigned i)
{
    return (CxlBgRange) { BASE0 + 2 * (uint64_t)i * SMALL, SMALL };
}

static FakeHost *start_small(void)
{
    CxlMemdevConfig cfg = config();

    cfg.dc_regions[0].block_size = SMALL;
    cfg.event_log_size[CXL_EVLOG_DC] = 1000;
    return fake_host_new(&cfg);
}

/* Each block by a request of its own: as many groups as extents. */
static void offer_many(FakeHost *h)
{
    for (unsigned i = 0; i < MANY; i++) {
        CxlBgRange x = small_block(i);
        CxlDcRequest req = {
            .policy = CXL_DC_ADD_PRESCRIPTIVE, .extents = &x,
            .num_extents = 1,
        };
        const char *why;

        g_assert_cmphex(cxl_dcd_add(&h->dev->dc_pool, &req, &why), ==, 0);
    }
    g_assert_cmpuint(h->dev->dc_view.groups.length, ==, MANY);
}

static CxlRc force_back(FakeHost *h, uint64_t dpa, uint64_t len)
{
    CxlBgRange x = { dpa, len };
    CxlDcRequest req = {
        .policy = CXL_DC_REMOVE_PRESCRIPTIVE, .forced = true,
        .extents = &x, .num_extents = 1,
    };
    const char *why;

    return cxl_dcd_remove(&h->dev->dc_pool, &req, &why);
}

static void list_many(FakeHost *h)
{
    uint32_t seen = 0;
    uint8_t out[2048];

    while (seen < MANY) {
        uint8_t in[8] = { 0xff, 0xff };
        uint32_t n;

        stl_le_p(in + 4, seen);
        g_assert_cmphex(fake_command(h, CXL_OP_DC_EXTENTS, in, 8), ==, 0);
        fake_reply(h, out, sizeof(out));
        n = ldl_le_p(out);
        g_assert_cmpuint(n, >, 0);
        g_assert_cmpuint(ldl_le_p(out + 4), ==, MANY);
        g_assert_cmphex(ldq_le_p(out + 16), ==, small_block(seen).start);
        seen += n;
    }
}

/*
 * Nothing here may look through all that there is for each extent: that
 * would take minutes, and the test's time limit is the judge.
 */
static void test_hundred_thousand(void)
{
    FakeHost *h = start_small();
    CxlDcView *view = &h->dev->dc_view;

    offer_many(h);
    cxl_memdev_reset(h->dev, CXL_RESET_HOT);
    for (unsigned i = 0; i < MANY; i++) {
        CxlBgRange x = small_block(i);

        g_assert_cmphex(cxl_dcd_respond(view, &x, 1, false), ==, 0);
    }
    g_assert_cmpuint(view->accepted.count, ==, MANY);
    fake_check(h);
    list_many(h);
    fake_drain_events(h, CXL_EVLOG_DC);
    for (unsigned i = 0; i < MANY; i += 2) {
        CxlBgRange x = small_block(i);

        g_assert_cmphex(cxl_dcd_release(view, &x, 1, false), ==, 0);
    }
    for (unsigned i = 1; i < MANY; i += 2) {
        CxlBgRange x = small_block(i);

        g_assert_cmphex(force_back(h, x.start, x.len), ==, 0);
    }
    g_assert_cmpuint(view->accepted.count, ==, 0);
    g_assert_cmpuint(view->pool->regions[0].free.total, ==, 512 * MiB);
    fake_check(h);
    fake_host_free(h);
}

/* Offers are taken back, one by one and in one go, among many others. */
static void test_hundred_thousand_cancelled(void)
{
    FakeHost *h = start_small();
    CxlDcView *view = &h->dev->dc_view;
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    char *problem;

    offer_many(h);
    for (unsigned i = 0; i < MANY; i += 2) {
        g_assert_cmphex(force_back(h, small_block(i).start, SMALL), ==, 0);
    }
    g_assert_cmpuint(view->offers.count, ==, MANY / 2);
    cxl_memdev_save(h->dev, bytes);
    g_assert_true(cxl_memdev_load(h->dev, bytes->data, bytes->len,
                                  &problem));
    fake_check(h);
    g_assert_cmpuint(view->offers.count, ==, MANY / 2);
    g_assert_cmphex(force_back(h, BASE0, (uint64_t)MANY * SMALL), ==,
                    CXL_RC_INVALID_DPA);
    for (unsigned i = 1; i < MANY; i += 2) {
        g_assert_cmphex(force_back(h, small_block(i).start, SMALL), ==, 0);
    }
    g_assert_cmpuint(view->pool->regions[0].free.total, ==, 512 * MiB);
    fake_check(h);
    fake_host_free(h);
}

/* Each is a fault of ours, which the checker has to see. */

typedef void Spoil(CxlDcView *view);

static void forgotten_tag(CxlDcView *view)
{
    extentset_assign(&view->accepted, BASE0, BLOCK, CXL_DC_VALUE(9, 0));
}

static void foreign_tag(CxlDcView *view)
{
    extentset_assign(&view->accepted, BASE0, BLOCK, CXL_DC_VALUE(1, 5));
}

static void not_had(CxlDcView *view)
{
    extentset_insert(&view->accepted, BASE0 + 8 * BLOCK, BLOCK, 0);
}

static void offer_elsewhere(CxlDcView *view)
{
    extentset_assign(&view->offers, BASE0 + 2 * BLOCK, BLOCK, 0);
}

static void offered_and_accepted(CxlDcView *view)
{
    extentset_insert(&view->accepted, BASE0 + 3 * BLOCK, BLOCK, 0);
    /* so that it is not the pool that does not have it */
    extentset_assign(&view->pool->taken, BASE0 + 3 * BLOCK, BLOCK,
                     cxl_dcd_state_value(CXL_DC_OWNED, view->host));
    extentset_insert(&view->untagged, BASE0 + 3 * BLOCK, BLOCK, 0);
}

static void offer_of_no_group(CxlDcView *view)
{
    extentset_insert(&view->offers, BASE0 + 8 * BLOCK, BLOCK, 0);
}

static void one_untagged_more(CxlDcView *view)
{
    extentset_insert(&view->untagged, BASE0 + 8 * BLOCK, BLOCK, 0);
}

static void bytes_of_tag(CxlDcView *view)
{
    g_array_index(view->use, CxlDcTagUse, 1).accepted++;
}

static void waits_for_nothing(CxlDcView *view)
{
    view->waits = true;
}

static void parts_of_nothing(CxlDcView *view)
{
    g_array_set_size(view->chain, 1);
}

static void too_many_extents(CxlDcView *view)
{
    view->pool->max_extents = 1;
}

static void too_many_groups(CxlDcView *view)
{
    view->pool->max_extents = 0;
    extentset_clear(&view->accepted);
    extentset_clear(&view->untagged);
    g_array_set_size(view->use, 0);
}

static void test_spoiled(void)
{
    static const struct {
        Spoil *spoil;
        const char *what;
    } rows[] = {
        { forgotten_tag, "forgotten tag" },
        { foreign_tag, "its tag does not have" },
        { not_had, "as this host's" },
        { offer_elsewhere, "group of an offered piece" },
        { offered_and_accepted, "offer of what is accepted" },
        { offer_of_no_group, "count of offered extents" },
        { one_untagged_more, "count of pieces without a tag" },
        { bytes_of_tag, "bytes of a tag" },
        { waits_for_nothing, "wants nothing" },
        { parts_of_nothing, "nobody continues" },
        { too_many_extents, "more extents" },
        { too_many_groups, "more groups" },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        FakeHost *h = start();
        CxlDcView *view = &h->dev->dc_view;

        add(h, (CxlDcRequest) { .length = BLOCK, .tag = tag_a });
        respond(h, BASE0, BLOCK);
        add(h, (CxlDcRequest) { .length = BLOCK });
        add(h, (CxlDcRequest) { .length = BLOCK });
        respond(h, BASE0 + BLOCK, BLOCK);
        add(h, (CxlDcRequest) { .length = BLOCK });
        rows[i].spoil(view);
        g_assert_nonnull(strstr(cxl_dcd_view_check(view), rows[i].what));
        fake_host_free(h);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/dcd-view/sharing", test_sharing);
    g_test_add_func("/cxl/dcd-view/configure", test_configure);
    g_test_add_func("/cxl/dcd-view/limits", test_limits);
    g_test_add_func("/cxl/dcd-view/log-backpressure", test_log_backpressure);
    g_test_add_func("/cxl/dcd-view/lists-change-mappings-once",
                    test_lists_change_mappings_once);
    g_test_add_func("/cxl/dcd-view/records-keep-their-tag",
                    test_records_keep_their_tag);
    g_test_add_func("/cxl/dcd-view/reset-offers-again",
                    test_reset_offers_again);
    g_test_add_func("/cxl/dcd-view/reset-asks-again", test_reset_asks_again);
    g_test_add_func("/cxl/dcd-view/reset-forgets-cancelled",
                    test_reset_forgets_cancelled);
    g_test_add_func("/cxl/dcd-view/hundred-thousand", test_hundred_thousand);
    g_test_add_func("/cxl/dcd-view/hundred-thousand-cancelled",
                    test_hundred_thousand_cancelled);
    g_test_add_func("/cxl/dcd-view/spoiled", test_spoiled);
    return g_test_run();
}
