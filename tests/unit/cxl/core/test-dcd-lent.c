/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/dcd-lent: who may add and remove, answers that wait for the
 * lender, what he takes back, and what the device itself leaves alone.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/dcd-lent.h"
#include "tests/unit/cxl/core/dcd-fixture.h"

/* A lender that only counts */
static struct {
    const ExtentSet *group;
    CxlBgRange first;
    uint32_t wanted, declined, returned;
    uint64_t bytes;
    bool away;
} heard;

static bool on_wanted(void *opaque, const ExtentSet *group,
                      const CxlBgRange *ranges, uint32_t count)
{
    heard.group = group;
    heard.first = ranges[0];
    heard.wanted += count;
    return !heard.away;
}

static void on_declined(void *opaque, const ExtentSet *group)
{
    heard.group = group;
    heard.declined++;
}

static void on_returned(void *opaque, const Extent *e)
{
    heard.returned++;
    heard.bytes += e->len;
}

static const CxlDcLender lender = { on_wanted, on_declined, on_returned };

static FakeHost *lent(void)
{
    FakeHost *h = start();

    memset(&heard, 0, sizeof(heard));
    cxl_dcd_lend(&h->dev->dc_view, &lender, NULL);
    return h;
}

static const ExtentSet *offer(FakeHost *h, uint64_t dpa, uint64_t len,
                              const CxlUuid *tag, uint64_t seq)
{
    g_autoptr(GArray) pieces = g_array_new(FALSE, FALSE, sizeof(Extent));
    Extent e = { dpa, len, seq };
    const ExtentSet *group;
    const char *why;

    g_array_append_val(pieces, e);
    group = cxl_dcd_lent_offer(&h->dev->dc_view, tag, pieces, &why);
    g_assert_cmpint(group != NULL, ==, why == NULL);
    fake_check(h);
    return group;
}

static bool take(FakeHost *h, uint64_t dpa, uint64_t len, bool forced)
{
    CxlBgRange x = { dpa, len };
    const char *why = NULL;
    bool good = cxl_dcd_lent_take(&h->dev->dc_view, &x, 1, forced, &why);

    g_assert_cmpint(good, ==, why == NULL);
    fake_check(h);
    return good;
}

static bool doorbell(FakeHost *h)
{
    return cxl_memdev_regs_read(h->dev, CXL_DEVREG_MAILBOX +
                                CXL_MBREG_CONTROL, 4) &
           CXL_MBREG_CONTROL_DOORBELL;
}

static uint16_t mailbox_rc(FakeHost *h)
{
    return cxl_memdev_regs_read(h->dev, CXL_DEVREG_MAILBOX +
                                CXL_MBREG_STATUS, 8) >>
           CXL_MBREG_STATUS_RC_SHIFT;
}

static bool grant(FakeHost *h, CxlRc rc)
{
    bool good = cxl_dcd_wanted_end(&h->dev->dc_view, rc);

    cxl_mailbox_let_go(&h->dev->mailbox, rc);
    fake_check(h);
    return good;
}

/* By another way than the mailbox, which is busy */
static void test_busy(void)
{
    FakeHost *h = lent();
    CxlDcView *view = &h->dev->dc_view;
    CxlBgRange x = { BASE0, BLOCK };

    offer(h, BASE0, BLOCK, &tag_a, 0);
    respond(h, BASE0, BLOCK);
    g_assert_true(view->waits);
    g_assert_cmphex(cxl_dcd_respond(view, &x, 1, false), ==, CXL_RC_BUSY);
    g_assert_cmphex(cxl_dcd_release(view, &x, 1, true), ==, CXL_RC_BUSY);
    fake_check(h);
    g_assert_true(grant(h, CXL_RC_SUCCESS));
    g_assert_cmpuint(view->accepted.total, ==, BLOCK);
    fake_host_free(h);
}

static void test_no_tag_left(void)
{
    CxlMemdevConfig cfg = config();
    FakeHost *h;

    cfg.dc_max_tags = 1;
    h = fake_host_new(&cfg);
    memset(&heard, 0, sizeof(heard));
    cxl_dcd_lend(&h->dev->dc_view, &lender, NULL);
    g_assert_nonnull(offer(h, BASE0, BLOCK, &tag_a, 0));
    g_assert_null(offer(h, BASE0 + BLOCK, BLOCK, &tag_b, 0));
    /* More of the same needs no other. */
    g_assert_nonnull(offer(h, BASE0 + BLOCK, BLOCK, &tag_a, 0));
    fake_host_free(h);
}

/* Taken from the offer and granted at once */
static void have(FakeHost *h, uint64_t dpa, uint64_t len)
{
    g_assert_nonnull(offer(h, dpa, len, &tag_a, 0));
    respond(h, dpa, len);
    g_assert_true(grant(h, CXL_RC_SUCCESS));
    g_assert_cmpint(access_at(h, dpa), ==, CXL_ACCESS_OK);
}

/* The command is not over, and nothing is the host's, before the word. */
static void test_waits(void)
{
    FakeHost *h = lent();
    const ExtentSet *group = offer(h, BASE0, 2 * BLOCK, &tag_a, 0);

    g_assert_cmpuint(record(h, 0)->type, ==, CXL_EVDC_ADD);
    respond(h, BASE0, BLOCK);
    g_assert_true(doorbell(h));
    g_assert_true(heard.group == group);
    g_assert_cmphex(heard.first.start, ==, BASE0);
    g_assert_cmpint(access_at(h, BASE0), ==, CXL_ACCESS_NONE);
    /* A second one is not begun: the doorbell is not the host's to ring. */
    respond(h, BASE0, BLOCK);
    g_assert_cmpuint(heard.wanted, ==, 1);
    g_assert_true(grant(h, CXL_RC_SUCCESS));
    g_assert_false(doorbell(h));
    g_assert_cmphex(mailbox_rc(h), ==, 0);
    g_assert_cmpint(access_at(h, BASE0), ==, CXL_ACCESS_OK);
    g_assert_cmpint(access_at(h, BASE0 + BLOCK), ==, CXL_ACCESS_NONE);
    g_assert_cmpuint(h->dev->dc_view.groups.length, ==, 0);
    fake_host_free(h);
}

static void test_refused_answer(void)
{
    FakeHost *h = lent();

    offer(h, BASE0, BLOCK, &tag_a, 0);
    respond(h, BASE0, BLOCK);
    g_assert_true(grant(h, CXL_RC_INTERNAL));
    g_assert_cmphex(mailbox_rc(h), ==, CXL_RC_INTERNAL);
    g_assert_cmpint(access_at(h, BASE0), ==, CXL_ACCESS_NONE);
    /* The offer stands. */
    respond(h, BASE0, BLOCK);
    g_assert_true(grant(h, CXL_RC_SUCCESS));
    heard.away = true;
    offer(h, BASE0 + BLOCK, BLOCK, &tag_b, 0);
    g_assert_cmphex(respond(h, BASE0 + BLOCK, BLOCK), ==, CXL_RC_RETRY);
    g_assert_cmphex(respond(h, 0, 0), ==, 0);
    g_assert_cmpuint(heard.declined, ==, 1);
    fake_host_free(h);
}

/* What was taken back while the answer was under way is not granted. */
static void test_taken_meanwhile(void)
{
    FakeHost *h = lent();

    offer(h, BASE0, BLOCK, &tag_a, 0);
    respond(h, BASE0, BLOCK);
    g_assert_true(take(h, BASE0, BLOCK, true));
    g_assert_false(cxl_dcd_wanted_end(&h->dev->dc_view, CXL_RC_SUCCESS));
    cxl_mailbox_let_go(&h->dev->mailbox, CXL_RC_RETRY);
    g_assert_cmpint(access_at(h, BASE0), ==, CXL_ACCESS_NONE);
    /* A host that skips the answer can have the next offer. */
    offer(h, BASE0 + BLOCK, BLOCK, &tag_b, 0);
    respond(h, BASE0 + BLOCK, BLOCK);
    g_assert_cmpuint(heard.declined, ==, 1);
    g_assert_true(grant(h, CXL_RC_SUCCESS));
    g_assert_cmpint(access_at(h, BASE0 + BLOCK), ==, CXL_ACCESS_OK);
    fake_host_free(h);
}

static void test_take_back(void)
{
    FakeHost *h = lent();
    uint64_t filled = h->filled;

    have(h, BASE0, 4 * BLOCK);
    g_assert_true(take(h, BASE0, 8 * BLOCK, false));
    g_assert_cmpuint(record(h, 1)->type, ==, CXL_EVDC_RELEASE);
    g_assert_cmpuint(heard.returned, ==, 0);
    g_assert_cmphex(release(h, BASE0, BLOCK), ==, 0);
    g_assert_cmpuint(heard.bytes, ==, BLOCK);
    g_assert_cmpint(access_at(h, BASE0), ==, CXL_ACCESS_NONE);
    g_assert_true(take(h, BASE0, 4 * BLOCK, true));
    g_assert_cmpuint(heard.bytes, ==, 4 * BLOCK);
    g_assert_cmpint(access_at(h, BASE0 + BLOCK), ==, CXL_ACCESS_NONE);
    /* Of what it has not, nothing is taken; of what there is not, no word. */
    g_assert_true(take(h, BASE0, 4 * BLOCK, true));
    g_assert_false(take(h, BASE0 + 64, BLOCK, true));
    g_assert_false(take(h, 0, BLOCK, true));
    g_assert_cmpuint(heard.bytes, ==, 4 * BLOCK);
    /* Others may have it by now: nothing was wiped. */
    fake_host_run(h, 1000000);
    g_assert_cmpuint(h->filled, ==, filled);
    g_assert_cmpuint(h->dev->dc_pool.unwiped.total, ==, 0);
    fake_host_free(h);
}

static void test_offers_judged(void)
{
    FakeHost *h = lent();

    g_assert_null(offer(h, BASE0 + 64, BLOCK, &tag_a, 0));
    g_assert_null(offer(h, 0, BLOCK, &tag_a, 0));
    g_assert_null(offer(h, BASE0, 0, &tag_a, 0));
    g_assert_null(offer(h, BASE1 - BLOCK, 2 * BLOCK, &tag_a, 0));
    g_assert_null(offer(h, UINT64_MAX - BLOCK + 1, BLOCK, &tag_a, 0));
    g_assert_null(offer(h, BASE1, BLOCK, &(CxlUuid) { }, 0));
    g_assert_null(offer(h, BASE1, BLOCK, &tag_a, UINT16_MAX + 1));
    g_assert_nonnull(offer(h, BASE1, BLOCK, &tag_a, 7));
    g_assert_null(offer(h, BASE1, BLOCK, &tag_a, 7));
    /* More of a shared tag comes when others have it. */
    g_assert_nonnull(offer(h, BASE1 + BLOCK, BLOCK, &tag_a, 8));
    g_assert_cmpuint(lduw_le_p(&((const CxlDcExtentWire *)
                                 record(h, 1)->extent)->sequence), ==, 8);
    cxl_dcd_lent_withdraw(&h->dev->dc_view, CXL_RC_RETRY);
    fake_check(h);
    g_assert_cmpuint(h->dev->dc_view.offers.count, ==, 0);
    g_assert_nonnull(offer(h, BASE1, BLOCK, &tag_a, 7));
    fake_host_free(h);
}

/* Nobody else decides. */
static void test_lender_decides(void)
{
    FakeHost *h = lent();
    CxlDcPool *pool = &h->dev->dc_pool;
    CxlDcRequest req = { .length = BLOCK };
    const char *why = NULL;

    g_assert_cmphex(add(h, req), ==, CXL_RC_UNSUPPORTED);
    have(h, BASE0, BLOCK);
    req = (CxlDcRequest) { .policy = CXL_DC_REMOVE_TAG, .tag = tag_a };
    g_assert_cmphex(cxl_dcd_remove(pool, &req, &why), ==, CXL_RC_UNSUPPORTED);
    g_assert_cmpstr(why, ==, CXL_DC_LENDER_DECIDES);
    g_assert_cmphex(cxl_dcd_configure(pool, 1, 2 * BLOCK, false), ==,
                    CXL_RC_UNSUPPORTED);
    g_assert_cmphex(cxl_dcd_reference(pool, &tag_b), ==, CXL_RC_UNSUPPORTED);
    fake_host_free(h);
}

static void write_word(FakeHost *h, uint64_t dpa, uint64_t word)
{
    fake_media_ops.dpa_write(h, dpa, &word, sizeof(word));
}

static uint64_t read_word(FakeHost *h, uint64_t dpa)
{
    uint64_t word;

    fake_media_ops.dpa_read(h, dpa, &word, sizeof(word));
    return word;
}

/* Power loss, sanitize, clear: only what this host has alone is its own. */
static void test_others_keep_theirs(void)
{
    uint8_t clear[72] = { 0 };
    FakeHost *h = lent();

    have(h, BASE0, BLOCK);
    g_assert_nonnull(offer(h, BASE1, BLOCK, &tag_b, 0));
    respond(h, BASE1, BLOCK);
    g_assert_true(grant(h, CXL_RC_SUCCESS));
    write_word(h, 0, 1);
    write_word(h, BASE0, 2);
    write_word(h, BASE0 + BLOCK, 3);    /* another host's */
    write_word(h, BASE1, 4);            /* of several */
    cxl_endpoint_reset(h->ep, CXL_RESET_COLD);
    g_assert_cmphex(read_word(h, 0), ==, 0);
    g_assert_cmphex(read_word(h, BASE0), ==, 2);
    g_assert_cmphex(read_word(h, BASE0 + BLOCK), ==, 3);
    stq_le_p(clear, BASE0 + BLOCK);
    g_assert_cmphex(fake_command(h, CXL_OP_POISON_CLEAR, clear,
                                 sizeof(clear)), ==, CXL_RC_INVALID_DPA);
    cxl_endpoint_reset(h->ep, CXL_RESET_CXL_CLEAR);
    g_assert_cmphex(read_word(h, BASE0), ==, 0);
    g_assert_cmphex(read_word(h, BASE0 + BLOCK), ==, 3);
    g_assert_cmphex(read_word(h, BASE1), ==, 4);
    write_word(h, BASE0, 2);
    g_assert_cmphex(fake_command(h, CXL_OP_SANITIZE, NULL, 0), ==,
                    CXL_RC_BACKGROUND);
    fake_host_run(h, 2000000000);
    g_assert_cmphex(read_word(h, BASE0), ==, 0);
    g_assert_cmphex(read_word(h, BASE0 + BLOCK), ==, 3);
    g_assert_cmphex(read_word(h, BASE1), ==, 4);
    fake_host_free(h);
}

/* What the host has survives every reset; so does an answer under way. */
static void test_reset(void)
{
    FakeHost *h = lent();

    have(h, BASE0, BLOCK);
    offer(h, BASE0 + BLOCK, BLOCK, &tag_b, 0);
    offer(h, BASE0 + 2 * BLOCK, BLOCK, &(CxlUuid) { }, 0);
    respond(h, BASE0 + BLOCK, BLOCK);
    cxl_endpoint_reset(h->ep, CXL_RESET_HOT);
    fake_check(h);
    g_assert_false(doorbell(h));
    g_assert_cmphex(ldq_le_p(record(h, 0)->extent), ==, BASE0 + 2 * BLOCK);
    g_assert_null(record(h, 1));
    g_assert_true(grant(h, CXL_RC_SUCCESS));
    g_assert_cmpint(access_at(h, BASE0 + BLOCK), ==, CXL_ACCESS_OK);
    respond(h, BASE0 + 2 * BLOCK, BLOCK);
    g_assert_true(take(h, BASE0 + 2 * BLOCK, BLOCK, true));
    g_assert_true(grant(h, CXL_RC_RETRY));
    cxl_endpoint_reset(h->ep, CXL_RESET_COLD);
    fake_check(h);
    g_assert_cmpuint(heard.declined, ==, 1);
    cxl_dcd_lent_take_all(&h->dev->dc_view);
    fake_check(h);
    g_assert_cmpuint(heard.bytes, ==, 2 * BLOCK);
    cxl_dcd_lend(&h->dev->dc_view, NULL, NULL);
    fake_host_free(h);
}

static void test_state_is_refused(void)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *problem = NULL;
    FakeHost *h = start();

    cxl_endpoint_save(h->ep, bytes);
    fake_host_free(h);
    h = lent();
    have(h, BASE0, BLOCK);
    g_assert_false(cxl_endpoint_load(h->ep, bytes->data, bytes->len,
                                     &problem));
    g_assert_nonnull(strstr(problem, "lent"));
    g_assert_cmpint(access_at(h, BASE0), ==, CXL_ACCESS_OK);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/dcd-lent/waits", test_waits);
    g_test_add_func("/cxl/dcd-lent/refused-answer", test_refused_answer);
    g_test_add_func("/cxl/dcd-lent/taken-meanwhile", test_taken_meanwhile);
    g_test_add_func("/cxl/dcd-lent/busy", test_busy);
    g_test_add_func("/cxl/dcd-lent/no-tag-left", test_no_tag_left);
    g_test_add_func("/cxl/dcd-lent/take-back", test_take_back);
    g_test_add_func("/cxl/dcd-lent/offers-judged", test_offers_judged);
    g_test_add_func("/cxl/dcd-lent/lender-decides", test_lender_decides);
    g_test_add_func("/cxl/dcd-lent/others-keep-theirs",
                    test_others_keep_theirs);
    g_test_add_func("/cxl/dcd-lent/reset", test_reset);
    g_test_add_func("/cxl/dcd-lent/state-is-refused", test_state_is_refused);
    return g_test_run();
}
