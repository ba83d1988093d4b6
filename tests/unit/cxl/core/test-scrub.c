/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/scrub: the patrol covers every byte once per round, in time,
 * can be stopped and sped up, and finds hidden poison.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/mediaops.h"
#include "tests/unit/cxl/fake-host.h"

#define HOUR INT64_C(3600000000000)
#define SIZE (1000ull * 4096 + 7)   /* not a multiple of the slices */

static void test_off(void)
{
    CxlScrub s = { };
    uint64_t from, to;

    g_assert_cmpint(cxl_scrub_deadline(&s), ==, INT64_MAX);
    g_assert_false(cxl_scrub_due(&s, INT64_MAX - 1, SIZE, &from, &to));
    cxl_scrub_configure(&s, true, 12, 0);
    cxl_scrub_configure(&s, false, 12, 0);
    g_assert_cmpint(cxl_scrub_deadline(&s), ==, INT64_MAX);
    g_assert_cmpstr(cxl_scrub_check(&s), ==, NULL);
}

static void test_one_round(void)
{
    CxlScrub s = { };
    uint64_t covered = 0, from, to;
    unsigned slices = 0;

    cxl_scrub_configure(&s, true, 12, 1000);
    while (covered < SIZE) {
        int64_t at = cxl_scrub_deadline(&s);

        g_assert_false(cxl_scrub_due(&s, at - 1, SIZE, &from, &to));
        g_assert_true(cxl_scrub_due(&s, at, SIZE, &from, &to));
        g_assert_cmpuint(from, ==, covered);
        g_assert_cmpuint(to, >, from);
        covered = to;
        slices++;
        g_assert_cmpstr(cxl_scrub_check(&s), ==, NULL);
    }
    g_assert_cmpuint(covered, ==, SIZE);
    g_assert_cmpuint(slices, ==, CXL_SCRUB_SLICES);
    /* The next one starts again. */
    g_assert_true(cxl_scrub_due(&s, INT64_MAX - 1, SIZE, &from, &to));
    g_assert_cmpuint(from, ==, 0);
}

static void test_takes_its_hours(void)
{
    for (unsigned hours = 1; hours <= 255; hours++) {
        CxlScrub s = { };
        uint64_t from, to;

        cxl_scrub_configure(&s, true, hours, 0);
        for (unsigned i = 1; i < CXL_SCRUB_SLICES; i++) {
            g_assert_true(cxl_scrub_due(&s, cxl_scrub_deadline(&s), SIZE,
                                        &from, &to));
        }
        /* Rounding may lose a nanosecond per slice. */
        g_assert_cmpint(cxl_scrub_deadline(&s), <=, hours * HOUR);
        g_assert_cmpint(cxl_scrub_deadline(&s), >=,
                        hours * HOUR - CXL_SCRUB_SLICES);
    }
}

/* However late the timer is, it is one round that it makes up for. */
static void test_missed_rounds(void)
{
    CxlScrub s = { };
    uint64_t from, to;
    int64_t now = INT64_MAX / 2;
    unsigned slices = 0;

    cxl_scrub_configure(&s, true, 1, 0);
    while (cxl_scrub_due(&s, now, SIZE, &from, &to)) {
        slices++;
        g_assert_cmpuint(slices, <=, CXL_SCRUB_SLICES);
    }
    g_assert_cmpuint(slices, ==, CXL_SCRUB_SLICES);
    g_assert_cmpint(cxl_scrub_deadline(&s), ==, now + s.slice_ns);
    g_assert_cmpstr(cxl_scrub_check(&s), ==, NULL);
}

/* Nor does it run for ever when the clock comes to its end. */
static void test_end_of_time(void)
{
    CxlScrub s = { };
    uint64_t from, to;
    unsigned slices = 0;

    cxl_scrub_configure(&s, true, 1, 0);
    while (cxl_scrub_due(&s, INT64_MAX - 1, SIZE, &from, &to) ||
           cxl_scrub_due(&s, INT64_MAX, SIZE, &from, &to)) {
        g_assert_cmpuint(++slices, <=, 2 * CXL_SCRUB_SLICES);
    }
    g_assert_cmpuint(slices, >=, CXL_SCRUB_SLICES);
    g_assert_cmpint(cxl_scrub_deadline(&s), ==, INT64_MAX);
    g_assert_cmpstr(cxl_scrub_check(&s), ==, NULL);
}

static void test_new_speed_goes_on_in_place(void)
{
    CxlScrub s = { };
    uint64_t from, to, before;

    cxl_scrub_configure(&s, true, 24, 0);
    g_assert_true(cxl_scrub_due(&s, cxl_scrub_deadline(&s), SIZE, &from,
                                &before));
    cxl_scrub_configure(&s, true, 1, 5 * HOUR);
    g_assert_cmpint(cxl_scrub_deadline(&s), ==,
                    5 * HOUR + HOUR / CXL_SCRUB_SLICES);
    g_assert_true(cxl_scrub_due(&s, cxl_scrub_deadline(&s), SIZE, &from,
                                &to));
    g_assert_cmpuint(from, ==, before);
}

/* A device smaller than the number of slices is seen in the last one. */
static void test_tiny_device(void)
{
    CxlScrub s = { };
    uint64_t total = 0, from, to;

    cxl_scrub_configure(&s, true, 1, 0);
    for (unsigned i = 0; i < CXL_SCRUB_SLICES; i++) {
        g_assert_true(cxl_scrub_due(&s, cxl_scrub_deadline(&s), 3, &from,
                                    &to));
        total += to - from;
    }
    g_assert_cmpuint(total, ==, 3);
}

static void test_checker(void)
{
    CxlScrub s = { .slice = CXL_SCRUB_SLICES };

    g_assert_nonnull(cxl_scrub_check(&s));
    s = (CxlScrub) { .enabled = true };
    g_assert_nonnull(cxl_scrub_check(&s));
    /* Slices so short that catching up would never end. */
    s.slice_ns = 1;
    g_assert_nonnull(cxl_scrub_check(&s));
}

static void test_finds(void)
{
    FakeHost *h = fake_host_default();
    CxlScrubWrite set = { .cycle = 1, .flags = 1 };
    const CxlEvGeneralMedia *rec;

    cxl_mediaops_poison(h->dev, 0x4000, 64, CXL_POISON_INTERNAL);
    memcpy(h->dev->features.state[CXL_FEATURE_SCRUB].current, &set,
           sizeof(set));
    cxl_memdev_scrub_changed(h->dev);
    cxl_memdev_rearm(h->dev);
    fake_host_run(h, HOUR + 1);
    g_assert_cmpuint(h->dev->poison.listed.total, ==, 64);
    rec = (const void *)cxl_events_peek(&h->dev->events, CXL_EVLOG_FAILURE,
                                        0);
    g_assert_cmpuint(rec->transaction, ==, CXL_EVTXN_SCRUB);
    fake_check(h);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/scrub/off", test_off);
    g_test_add_func("/cxl/scrub/one-round", test_one_round);
    g_test_add_func("/cxl/scrub/takes-its-hours", test_takes_its_hours);
    g_test_add_func("/cxl/scrub/missed-rounds", test_missed_rounds);
    g_test_add_func("/cxl/scrub/end-of-time", test_end_of_time);
    g_test_add_func("/cxl/scrub/new-speed-goes-on-in-place",
                    test_new_speed_goes_on_in_place);
    g_test_add_func("/cxl/scrub/tiny-device", test_tiny_device);
    g_test_add_func("/cxl/scrub/checker", test_checker);
    g_test_add_func("/cxl/scrub/finds", test_finds);
    return g_test_run();
}
