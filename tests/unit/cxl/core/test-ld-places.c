/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/ld-places: every way to divide a small memory anew leaves places
 * that do not overlap, and moves nobody who keeps his size.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/ld-places.h"

#define UNIT  CXL_MLD_UNIT
#define BASE  (3 * UNIT)
#define UNITS 6
#define COUNT 3

static const uint64_t first[COUNT] = { UNIT, 2 * UNIT, UNIT };

static void test_begins(void)
{
    CxlLdPlaces p;

    cxl_ld_places_init(&p, BASE, UNITS * UNIT, COUNT, first);
    g_assert_cmphex(p.ld[0].offset, ==, BASE);
    g_assert_cmphex(p.ld[1].offset, ==, BASE + UNIT);
    g_assert_cmphex(p.ld[2].offset, ==, BASE + 3 * UNIT);
    for (unsigned i = 0; i < COUNT; i++) {
        g_assert_false(p.ld[i].stale);
    }
}

static void compare(const CxlLdPlaces *was, const CxlLdPlaces *is,
                    const uint64_t *len)
{
    g_assert_cmpstr(cxl_ld_places_check(is), ==, NULL);
    for (unsigned i = 0; i < COUNT; i++) {
        g_assert_cmphex(is->ld[i].len, ==, len[i]);
        if (was->ld[i].len == len[i]) {
            g_assert_cmpmem(&was->ld[i], sizeof(was->ld[i]), &is->ld[i],
                            sizeof(is->ld[i]));
        } else {
            g_assert_true(is->ld[i].stale == !!len[i]);
        }
    }
}

/* From each way to each other, all at once */
static void test_every_change(void)
{
    unsigned done = 0, refused = 0;
    CxlLdPlaces p;

    cxl_ld_places_init(&p, BASE, UNITS * UNIT, COUNT, first);
    for (unsigned n = 0; n < 4 * 343; n++) {
        unsigned code = n * 89 % 343;
        const uint64_t len[COUNT] = {
            code % 7 * UNIT, code / 7 % 7 * UNIT, code / 49 * UNIT,
        };
        CxlLdPlaces was = p;

        if (cxl_ld_places_change(&p, 0, COUNT, len)) {
            compare(&was, &p, len);
            done++;
        } else {
            g_assert_cmpmem(&was, sizeof(was), &p, sizeof(p));
            refused++;
        }
    }
    g_assert_cmpuint(done, >, 100);
    g_assert_cmpuint(refused, >, 100);
}

/* The gap in front is used, one in pieces is not. */
static void test_gaps(void)
{
    const uint64_t none = 0, one = UNIT, two = 2 * UNIT, three = 3 * UNIT;
    const uint64_t swapped[] = { 2 * UNIT, UNIT };
    CxlLdPlaces p;

    cxl_ld_places_init(&p, BASE, UNITS * UNIT, COUNT, first);
    g_assert_true(cxl_ld_places_change(&p, 0, 1, &none));
    g_assert_false(p.ld[0].stale);
    g_assert_false(cxl_ld_places_change(&p, 0, 1, &three));
    g_assert_true(cxl_ld_places_change(&p, 0, 1, &two));
    g_assert_cmphex(p.ld[0].offset, ==, BASE + 4 * UNIT);
    g_assert_true(cxl_ld_places_change(&p, 0, 1, &one));
    g_assert_cmphex(p.ld[0].offset, ==, BASE);
    /* Their old places count as free. */
    g_assert_true(cxl_ld_places_change(&p, 0, 2, swapped));
    g_assert_cmphex(p.ld[0].offset, ==, BASE);
    g_assert_cmphex(p.ld[1].offset, ==, BASE + 2 * UNIT);
    g_assert_cmphex(p.ld[2].offset, ==, BASE + 3 * UNIT);
    g_assert_cmpstr(cxl_ld_places_check(&p), ==, NULL);
}

static void test_wrong(void)
{
    CxlLdPlaces good, bad;

    cxl_ld_places_init(&good, BASE, UNITS * UNIT, COUNT, first);
    bad = good;
    bad.count = CXL_MLD_LDS + 1;
    g_assert_nonnull(cxl_ld_places_check(&bad));
    bad = good;
    bad.ld[0].len = UNIT / 2;
    g_assert_nonnull(cxl_ld_places_check(&bad));
    bad = good;
    bad.ld[0].len = 0;
    bad.ld[0].stale = true;
    g_assert_nonnull(cxl_ld_places_check(&bad));
    bad = good;
    bad.ld[0].len = 2 * UNIT;
    g_assert_nonnull(cxl_ld_places_check(&bad));
    bad = good;
    bad.ld[2].len = 4 * UNIT;
    g_assert_nonnull(cxl_ld_places_check(&bad));
    bad = good;
    bad.ld[0].offset = BASE - UNIT;
    g_assert_nonnull(cxl_ld_places_check(&bad));
    bad = good;
    bad.ld[0].offset = UINT64_MAX - UNIT + 1;
    g_assert_nonnull(cxl_ld_places_check(&bad));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/ld-places/begins", test_begins);
    g_test_add_func("/cxl/ld-places/every-change", test_every_change);
    g_test_add_func("/cxl/ld-places/gaps", test_gaps);
    g_test_add_func("/cxl/ld-places/wrong", test_wrong);
    return g_test_run();
}
