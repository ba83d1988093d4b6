/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/scrub: a round covers everything once, in order; hidden poison
 * is found within one round and logged.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/mediaops.h"
#include "tests/unit/cxl/fake-host.h"

#define HOUR 3600000000000ll

static void test_round(void)
{
    const uint64_t size = 1000 * 64 + 7;
    CxlScrub s = { };
    uint64_t from, to, next = 0;
    unsigned n = 0;

    g_assert_cmpint(cxl_scrub_deadline(&s), ==, INT64_MAX);
    cxl_scrub_configure(&s, true, 2, 100);
    g_assert_false(cxl_scrub_due(&s, 100, size, &from, &to));
    while (cxl_scrub_due(&s, 100 + 2 * HOUR, size, &from, &to)) {
        g_assert_cmpuint(from, ==, next);
        next = to;
        n++;
        g_assert_null(cxl_scrub_check(&s));
    }
    g_assert_cmpuint(n, ==, CXL_SCRUB_SLICES);
    g_assert_cmpuint(next, ==, size);
    cxl_scrub_configure(&s, false, 2, 100);
    g_assert_false(cxl_scrub_due(&s, INT64_MAX - 1, size, &from, &to));
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
    g_test_add_func("/cxl/scrub/round", test_round);
    g_test_add_func("/cxl/scrub/finds", test_finds);
    return g_test_run();
}
