/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/aer-queue: the order of errors, how many there can be, and that
 * they are saved; what a stream may not say.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/aer-queue.h"

static CxlAerError error_of(unsigned n)
{
    return (CxlAerError) {
        .vcs = n % 2, .vppb = n + 1, .uncorrectable = n % 3 == 0,
        .bit = 31 - n, .header = { n, 2 * n, 3 * n, UINT32_MAX - n },
    };
}

static void put(CxlAerQueue *q, unsigned n)
{
    CxlAerError e = error_of(n);

    cxl_aer_queue_put(q, &e);
    g_assert_cmpstr(cxl_aer_queue_check(q), ==, NULL);
}

static void takes(CxlAerQueue *q, unsigned n)
{
    CxlAerError e, want = error_of(n);

    g_assert_true(cxl_aer_queue_take(q, &e));
    g_assert_cmpuint(e.vcs, ==, want.vcs);
    g_assert_cmpuint(e.vppb, ==, want.vppb);
    g_assert_cmpint(e.uncorrectable, ==, want.uncorrectable);
    g_assert_cmpuint(e.bit, ==, want.bit);
    g_assert_cmpmem(e.header, sizeof(e.header), want.header,
                    sizeof(want.header));
}

static void test_order(void)
{
    CxlAerQueue q = { };
    CxlAerError e;

    g_assert_false(cxl_aer_queue_take(&q, &e));
    put(&q, 0);
    put(&q, 1);
    takes(&q, 0);
    put(&q, 2);
    takes(&q, 1);
    takes(&q, 2);
    g_assert_false(cxl_aer_queue_take(&q, &e));
}

static void test_full(void)
{
    CxlAerQueue q = { };
    CxlAerError e;

    for (unsigned i = 0; i < CXL_AER_QUEUE_MAX; i++) {
        g_assert_false(cxl_aer_queue_full(&q));
        put(&q, i);
    }
    g_assert_true(cxl_aer_queue_full(&q));
    for (unsigned i = 0; i < CXL_AER_QUEUE_MAX; i++) {
        takes(&q, i);
    }
    put(&q, 1);
    cxl_aer_queue_reset(&q);
    g_assert_false(cxl_aer_queue_take(&q, &e));
}

static void save_queue(const void *q, SaveWriter *w)
{
    cxl_aer_queue_save(q, w);
}

static void load_queue(void *q, SaveReader *r)
{
    cxl_aer_queue_load(q, r);
}

static const SaveRoom room = {
    .name = "errors", .version = 1, .save = save_queue, .load = load_queue,
};

static bool load(CxlAerQueue *q, const GByteArray *bytes, size_t len)
{
    g_autofree char *problem = NULL;

    return save_load_rooms("test", &room, 1, q, bytes->data, len, &problem) &&
           !cxl_aer_queue_check(q);
}

static void test_saved(void)
{
    CxlAerQueue q = { }, copy = { };
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    put(&q, 5);
    put(&q, 3);
    save_rooms("test", &room, 1, &q, bytes);
    g_assert_true(load(&copy, bytes, bytes->len));
    takes(&copy, 5);
    takes(&copy, 3);
    g_assert_cmpuint(copy.count, ==, 0);
    for (size_t len = 0; len < bytes->len; len++) {
        g_assert_false(load(&copy, bytes, len));
    }
}

/* In a stream of two errors: how many, a flag, and a bit */
static void test_impossible(void)
{
    static const struct {
        unsigned number;
        uint8_t value;
    } cases[] = { { 0, 3 }, { 0, CXL_AER_QUEUE_MAX + 1 }, { 3, 2 }, { 4, 32 } };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        CxlAerQueue q = { };
        g_autoptr(GByteArray) bytes = g_byte_array_new();

        put(&q, 0);
        put(&q, 1);
        save_rooms("test", &room, 1, &q, bytes);
        bytes->data[2 * SAVE_HEADER + 8 * cases[i].number] = cases[i].value;
        g_assert_false(load(&q, bytes, bytes->len));
    }
}

static void test_checker(void)
{
    CxlAerQueue q = { .count = CXL_AER_QUEUE_MAX };

    g_assert_null(cxl_aer_queue_check(&q));
    q.count++;
    g_assert_cmpstr(cxl_aer_queue_check(&q), ==,
                    "more errors wait than there is room for");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/aer-queue/order", test_order);
    g_test_add_func("/cxl/aer-queue/full", test_full);
    g_test_add_func("/cxl/aer-queue/saved", test_saved);
    g_test_add_func("/cxl/aer-queue/impossible", test_impossible);
    g_test_add_func("/cxl/aer-queue/checker", test_checker);
    return g_test_run();
}
