/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/copies: how often a chunk is read before it is worth a copy,
 * which place it gets, and that it finds its place again.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/copies.h"
#include "tests/unit/scarce.h"

#define BASE (UINT64_C(4) << 30)
#define CHUNK CXL_COPY_CHUNK

static void start(CxlCopies *c, unsigned chunks)
{
    cxl_copies_init(c);
    cxl_copies_allow(c, BASE, chunks * CHUNK);
}

/* The place that the load which makes it worth a copy gets */
static int read_often(CxlCopies *c, unsigned chunk)
{
    uint64_t at = UINT64_MAX;
    int place;

    for (unsigned i = 1; i < CXL_COPY_OFTEN; i++) {
        g_assert_cmpint(cxl_copies_read(c, BASE + chunk * CHUNK + i, true,
                                        &at), ==, -1);
    }
    place = cxl_copies_read(c, BASE + chunk * CHUNK + 5, true, &at);
    if (place >= 0) {
        g_assert_cmphex(at, ==, BASE + chunk * CHUNK);
        cxl_copies_map(c, place, at);
    }
    g_assert_cmpstr(cxl_copies_check(c), ==, NULL);
    return place;
}

static void test_often(void)
{
    CxlCopies c;
    uint64_t at;

    start(&c, 2);
    g_assert_cmpint(cxl_copies_find(&c, BASE), ==, -1);
    g_assert_cmpint(read_often(&c, 1), ==, 0);
    g_assert_cmpint(cxl_copies_find(&c, BASE + CHUNK - 1), ==, -1);
    g_assert_cmpint(cxl_copies_find(&c, BASE + CHUNK), ==, 0);
    g_assert_cmpint(cxl_copies_find(&c, BASE + 2 * CHUNK - 1), ==, 0);
    g_assert_cmpint(cxl_copies_find(&c, BASE + 2 * CHUNK), ==, -1);
    g_assert_cmphex(cxl_copies_hpa(&c, 7), ==, BASE + CHUNK + 7);
    /* Once: whoever could not copy it then need not try at every load. */
    g_assert_cmpint(cxl_copies_read(&c, BASE + CHUNK, true, &at), ==, -1);
    cxl_copies_destroy(&c);
}

/* No memory for the account of a piece: it is never copied. */
static void test_scarce(void)
{
    CxlCopies c;
    uint64_t at;

    scarce_after = 0;
    start(&c, 2);
    for (unsigned i = 0; i < 2 * CXL_COPY_OFTEN; i++) {
        g_assert_cmpint(cxl_copies_read(&c, BASE, true, &at), ==, -1);
    }
    cxl_copies_allow(&c, BASE, CHUNK);
    g_assert_cmpint(read_often(&c, 0), ==, 0);
    cxl_copies_destroy(&c);
}

static void test_not_now(void)
{
    CxlCopies c;
    uint64_t at;

    start(&c, 1);
    for (unsigned i = 0; i < 2 * CXL_COPY_OFTEN; i++) {
        g_assert_cmpint(cxl_copies_read(&c, BASE, false, &at), ==, -1);
    }
    g_assert_cmpint(cxl_copies_read(&c, BASE, true, &at), ==, 0);
    g_assert_cmphex(at, ==, BASE);
    cxl_copies_destroy(&c);
}

/* What is no whole chunk, and what is nobody's */
static void test_outside(void)
{
    CxlCopies c;
    uint64_t at;

    cxl_copies_init(&c);
    cxl_copies_allow(&c, BASE, CHUNK + CHUNK / 2);
    for (unsigned i = 0; i < 2 * CXL_COPY_OFTEN; i++) {
        g_assert_cmpint(cxl_copies_read(&c, BASE + CHUNK, true, &at), ==, -1);
        g_assert_cmpint(cxl_copies_read(&c, BASE - 1, true, &at), ==, -1);
        g_assert_cmpint(cxl_copies_read(&c, BASE + 2 * CHUNK, true, &at), ==,
                        -1);
    }
    g_assert_cmpint(read_often(&c, 0), ==, 0);
    cxl_copies_destroy(&c);
}

/* After a change a chunk has its place again, in whatever order they come. */
static void test_same_place(void)
{
    CxlCopies c;

    start(&c, 3);
    g_assert_cmpint(read_often(&c, 0), ==, 0);
    g_assert_cmpint(read_often(&c, 1), ==, 1);
    cxl_copies_forget(&c);
    g_assert_cmpint(cxl_copies_find(&c, BASE), ==, -1);
    g_assert_cmpint(read_often(&c, 2), ==, -1);
    cxl_copies_allow(&c, BASE, 3 * CHUNK);
    g_assert_cmpint(read_often(&c, 2), ==, 2);
    g_assert_cmpint(read_often(&c, 1), ==, 1);
    g_assert_cmpint(read_often(&c, 0), ==, 0);
    cxl_copies_destroy(&c);
}

/* What may not be copied any more gives its place to others. */
static void test_full(void)
{
    CxlCopies c;

    start(&c, CXL_COPIES + 2);
    for (int i = 0; i < CXL_COPIES; i++) {
        g_assert_cmpint(read_often(&c, i), ==, i);
    }
    g_assert_cmpint(read_often(&c, CXL_COPIES), ==, -1);
    cxl_copies_forget(&c);
    cxl_copies_allow(&c, BASE, CHUNK);
    cxl_copies_allow(&c, BASE + 2 * CHUNK, CXL_COPIES * CHUNK);
    g_assert_cmpint(read_often(&c, CXL_COPIES), ==, 1);
    g_assert_cmpint(read_often(&c, CXL_COPIES + 1), ==, -1);
    cxl_copies_destroy(&c);
}

static void test_checker(void)
{
    CxlCopies c;

    start(&c, 4);
    g_assert_cmpint(read_often(&c, 0), ==, 0);
    g_assert_cmpint(read_often(&c, 1), ==, 1);
    c.copy[0].hpa += CHUNK;
    g_assert_cmpstr(cxl_copies_check(&c), ==, "a chunk has two places");
    c.copy[0].hpa = BASE - CHUNK;
    g_assert_cmpstr(cxl_copies_check(&c), ==,
                    "a copy is mapped of what may not be copied");
    c.copy[0].hpa = BASE;
    c.used = 1;
    g_assert_cmpstr(cxl_copies_check(&c), ==,
                    "a place was never used and has a chunk");
    cxl_copies_destroy(&c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/copies/often", test_often);
    g_test_add_func("/cxl/copies/scarce", test_scarce);
    g_test_add_func("/cxl/copies/not-now", test_not_now);
    g_test_add_func("/cxl/copies/outside", test_outside);
    g_test_add_func("/cxl/copies/same-place", test_same_place);
    g_test_add_func("/cxl/copies/full", test_full);
    g_test_add_func("/cxl/copies/checker", test_checker);
    return g_test_run();
}
