/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/common/extentset: refusals, cuts, merges, and a long random walk
 * against one byte per number.
 */
#include "qemu/osdep.h"
#include "hw/common/extentset.h"

static void assert_sound(const ExtentSet *set)
{
    g_assert_cmpstr(extentset_check(set), ==, NULL);
}

static void test_refusals(void)
{
    ExtentSet set;
    Extent e;

    extentset_init(&set, true);
    g_assert_false(extentset_insert(&set, 5, 0, 0));
    g_assert_false(extentset_insert(&set, UINT64_MAX, 2, 0));
    g_assert_false(extentset_next(&set, 0, &e));
    g_assert_false(extentset_at(&set, 0, &e));
    g_assert_true(extentset_insert(&set, 10, 10, 1));
    g_assert_false(extentset_insert(&set, 19, 1, 1));
    g_assert_false(extentset_insert(&set, 5, 6, 1));
    g_assert_false(extentset_insert(&set, 0, 100, 1));
    g_assert_cmpuint(set.total, ==, 10);
    assert_sound(&set);
    extentset_clear(&set);
    g_assert_null(set.chunks);
}

static void test_erase_cuts(void)
{
    ExtentSet set;
    Extent e;

    extentset_init(&set, false);
    extentset_insert(&set, 100, 100, 7);
    extentset_erase(&set, 140, 0);
    g_assert_cmpuint(set.count, ==, 1);
    extentset_erase(&set, 140, 20);
    g_assert_cmpuint(set.count, ==, 2);
    g_assert_true(extentset_find(&set, 139, &e));
    g_assert_cmpuint(e.len, ==, 40);
    g_assert_false(extentset_find(&set, 140, &e));
    g_assert_true(extentset_next(&set, 140, &e));
    g_assert_cmpuint(e.start, ==, 160);
    g_assert_cmpuint(e.value, ==, 7);
    extentset_erase(&set, 0, UINT64_MAX);
    g_assert_cmpuint(set.count, ==, 0);
    assert_sound(&set);
    extentset_clear(&set);
}

static void test_merge(void)
{
    ExtentSet set;

    extentset_init(&set, true);
    extentset_insert(&set, 0, 10, 1);
    extentset_insert(&set, 20, 10, 1);
    extentset_insert(&set, 10, 10, 2);
    g_assert_cmpuint(set.count, ==, 3);
    extentset_assign(&set, 10, 10, 1);
    g_assert_cmpuint(set.count, ==, 1);
    assert_sound(&set);
    extentset_clear(&set);

    extentset_init(&set, false);
    extentset_insert(&set, 0, 10, 1);
    extentset_insert(&set, 10, 10, 1);
    g_assert_cmpuint(set.count, ==, 2);
    g_assert_true(extentset_covers(&set, 0, 20));
    g_assert_false(extentset_covers(&set, 0, 21));
    extentset_clear(&set);
}

static void test_first_fit(void)
{
    ExtentSet set;
    Extent e;

    extentset_init(&set, true);
    for (unsigned i = 0; i < 1000; i++) {
        extentset_insert(&set, i * 100, 10 + i % 50, i);
    }
    g_assert_true(extentset_first_fit(&set, 0, 59, &e));
    g_assert_cmpuint(e.start, ==, 4900);
    g_assert_true(extentset_first_fit(&set, 4901, 59, &e));
    g_assert_cmpuint(e.start, ==, 9900);
    g_assert_false(extentset_first_fit(&set, 0, 60, &e));
    assert_sound(&set);
    extentset_clear(&set);
}

/* Truth: byte n is 0 if n is not in the set, else value + 1. */
#define MODEL 2048

static void compare(const ExtentSet *set, const uint8_t *model)
{
    Extent e;
    uint64_t n = 0;

    for (unsigned i = 0; i < MODEL; i++) {
        bool in = extentset_find(set, i, &e);

        g_assert_cmpint(in, ==, model[i] != 0);
        if (in) {
            g_assert_cmpuint(e.value + 1, ==, model[i]);
            n++;
        }
    }
    g_assert_cmpuint(set->total, ==, n);
}

static void random_walk(bool merge)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(42 + merge);
    uint8_t model[MODEL] = { 0 };
    ExtentSet set;

    extentset_init(&set, merge);
    for (unsigned round = 0; round < 20000; round++) {
        unsigned start = g_rand_int_range(rand, 0, MODEL - 8);
        unsigned len = g_rand_int_range(rand, 1, 8);
        unsigned value = g_rand_int_range(rand, 0, 3);
        bool free_range = true;

        for (unsigned i = 0; i < len; i++) {
            free_range &= !model[start + i];
        }
        g_assert_cmpint(extentset_overlaps(&set, start, len), ==, !free_range);
        if (g_rand_int_range(rand, 0, 5)) {
            g_assert_cmpint(extentset_insert(&set, start, len, value), ==,
                            free_range);
            if (free_range) {
                memset(model + start, value + 1, len);
            }
        } else {
            extentset_erase(&set, start, len);
            memset(model + start, 0, len);
        }
        if (round % 500 == 0) {
            assert_sound(&set);
            compare(&set, model);
        }
    }
    extentset_clear(&set);
}

static void test_random_merge(void)
{
    random_walk(true);
}

static void test_random_plain(void)
{
    random_walk(false);
}

/* Scattered order: multiply by an odd number modulo a power of two. */
static void test_hundred_thousand(void)
{
    const uint64_t n = 131072;
    ExtentSet set;
    Extent e;

    extentset_init(&set, false);
    for (uint64_t i = 0; i < n; i++) {
        uint64_t k = i * 48271 % n;

        g_assert_true(extentset_insert(&set, k * 64, 32, k));
    }
    assert_sound(&set);
    g_assert_true(extentset_at(&set, 77777, &e));
    for (uint64_t from = 0; from < set.count + 3; from += from / 2 + 1) {
        ExtentCursor c = extentset_from(&set, from);
        uint64_t at = from, pos = 0;
        Extent walked;

        for (; extentset_walk(&set, &c, &walked); at++) {
            if (at == from) {
                g_assert_true(extentset_at(&set, from, &e));
            } else {
                g_assert_true(extentset_next(&set, pos, &e));
            }
            g_assert_cmpmem(&walked, sizeof(walked), &e, sizeof(e));
            pos = e.start + e.len;
        }
        g_assert_cmpuint(at, ==, MAX(from, set.count));
        g_assert_false(extentset_walk(&set, &c, &walked));
    }
    g_assert_true(extentset_at(&set, 77777, &e));
    g_assert_cmpuint(e.value, ==, 77777);
    for (uint64_t i = 0; i < n; i++) {
        extentset_erase(&set, i * 69621 % n * 64, 32);
    }
    g_assert_cmpuint(set.count, ==, 0);
    assert_sound(&set);
    extentset_clear(&set);
}

/* Of what is not the set's own secret */
static void test_checker(void)
{
    ExtentSet set;

    extentset_init(&set, false);
    extentset_insert(&set, 0, 10, 1);
    extentset_insert(&set, 10, 10, 1);
    assert_sound(&set);
    set.merge = true;
    g_assert_cmpstr(extentset_check(&set), ==, "unmerged neighbours");
    set.merge = false;
    set.count++;
    g_assert_cmpstr(extentset_check(&set), ==, "count or total");
    set.count--;
    set.total++;
    g_assert_cmpstr(extentset_check(&set), ==, "count or total");
    set.total--;
    extentset_clear(&set);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/common/extentset/refusals", test_refusals);
    g_test_add_func("/common/extentset/erase-cuts", test_erase_cuts);
    g_test_add_func("/common/extentset/merge", test_merge);
    g_test_add_func("/common/extentset/first-fit", test_first_fit);
    g_test_add_func("/common/extentset/random-merge", test_random_merge);
    g_test_add_func("/common/extentset/random-plain", test_random_plain);
    g_test_add_func("/common/extentset/hundred-thousand",
                    test_hundred_thousand);
    g_test_add_func("/common/extentset/checker", test_checker);
    return g_test_run();
}
