/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsdxi-user: addresses that are given out do not overlap, are given out
 * again, and come to an end.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "tools/libsdxi-user/iova.h"

static uint64_t take(SdxiIova *s, uint64_t len)
{
    uint64_t at = 0;

    g_assert_true(sdxi_iova_take(s, len, &at));
    g_assert_cmphex(at, >=, SDXI_IOVA_FIRST);
    g_assert_cmphex(at + len, <=, SDXI_IOVA_END);
    return at;
}

static void test_again(void)
{
    SdxiIova s = { };
    uint64_t a = take(&s, 2 * MiB), b = take(&s, 4 * MiB),
             c = take(&s, 2 * MiB);

    g_assert_cmphex(b, ==, a + 2 * MiB);
    g_assert_cmphex(c, ==, b + 4 * MiB);
    sdxi_iova_give(&s, b);
    /* too large for the gap, then what fits, from its beginning */
    g_assert_cmphex(take(&s, 6 * MiB), ==, c + 2 * MiB);
    g_assert_cmphex(take(&s, 2 * MiB), ==, b);
    g_assert_cmphex(take(&s, 2 * MiB), ==, b + 2 * MiB);
    sdxi_iova_give(&s, a);
    g_assert_cmphex(take(&s, 2 * MiB), ==, a);
    sdxi_iova_clear(&s);
    g_assert_cmphex(take(&s, 2 * MiB), ==, SDXI_IOVA_FIRST);
    sdxi_iova_give(&s, SDXI_IOVA_FIRST + MiB);      /* begins nothing */
    g_assert_cmphex(take(&s, 2 * MiB), ==, SDXI_IOVA_FIRST + 2 * MiB);
    sdxi_iova_clear(&s);
}

/* A program that makes and frees memory for ever has addresses for ever. */
static void test_for_ever(void)
{
    SdxiIova s = { };

    for (unsigned i = 0; i < 10000; i++) {
        sdxi_iova_give(&s, take(&s, 1 * GiB));
    }
    g_assert_null(s.used);
}

static void test_end(void)
{
    const uint64_t all = SDXI_IOVA_END - SDXI_IOVA_FIRST;
    SdxiIova s = { };
    uint64_t at = 7;

    g_assert_false(sdxi_iova_take(&s, 0, &at));
    g_assert_false(sdxi_iova_take(&s, all + 1, &at));
    g_assert_false(sdxi_iova_take(&s, UINT64_MAX, &at));
    g_assert_cmphex(take(&s, all - 4096), ==, SDXI_IOVA_FIRST);
    g_assert_false(sdxi_iova_take(&s, 8192, &at));
    g_assert_cmphex(at, ==, 7);
    g_assert_cmphex(take(&s, 4096), ==, SDXI_IOVA_END - 4096);
    g_assert_false(sdxi_iova_take(&s, 1, &at));
    sdxi_iova_clear(&s);
}

/* Whatever the order, nothing is given out twice. */
static void test_random(void)
{
    struct { uint64_t at, len; } held[64] = { };
    SdxiIova s = { };

    for (unsigned i = 0; i < 20000; i++) {
        unsigned n = g_test_rand_int_range(0, ARRAY_SIZE(held));

        if (held[n].len) {
            sdxi_iova_give(&s, held[n].at);
            held[n].len = 0;
            continue;
        }
        held[n].len = (uint64_t)g_test_rand_int_range(1, 100) * 4096;
        held[n].at = take(&s, held[n].len);
        for (unsigned k = 0; k < ARRAY_SIZE(held); k++) {
            g_assert_true(k == n || !held[k].len ||
                          held[k].at + held[k].len <= held[n].at ||
                          held[n].at + held[n].len <= held[k].at);
        }
    }
    sdxi_iova_clear(&s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tools/sdxi-iova/again", test_again);
    g_test_add_func("/tools/sdxi-iova/for-ever", test_for_ever);
    g_test_add_func("/tools/sdxi-iova/end", test_end);
    g_test_add_func("/tools/sdxi-iova/random", test_random);
    return g_test_run();
}
