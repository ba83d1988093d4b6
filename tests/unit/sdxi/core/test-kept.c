/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes that wait for an owner: whatever is kept does to the function what
 * the same writes do at once, reads show it before, and the room never ends.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/kept.h"
#include "tests/unit/sdxi/fake-guest.h"

static void check(const SdxiKept *kept)
{
    g_assert_cmpstr(sdxi_kept_check(kept), ==, NULL);
}

static unsigned apply(SdxiKept *kept, FakeHost *g)
{
    SdxiKeptStep step;
    unsigned n = 0;

    for (; sdxi_kept_take(kept, &step); n++) {
        check(kept);
        sdxi_kept_do(&step, g->dev);
        sdxi_kept_done(kept, &step);
        check(kept);
    }
    g_assert_false(sdxi_kept_any(kept));
    return n;
}

static void expect_same(FakeHost *a, FakeHost *b)
{
    for (unsigned i = 0; i < GUEST_PLACES; i++) {
        g_assert_cmphex(sdxi_device_read(a->dev, guest_places[i], 8), ==,
                        sdxi_device_read(b->dev, guest_places[i], 8));
    }
}

static void expect_shown(const SdxiKept *kept, FakeHost *g, FakeHost *wanted)
{
    SdxiImage image;

    sdxi_device_image(g->dev, &image);
    sdxi_kept_show(kept, &image);
    for (unsigned i = 0; i < GUEST_PLACES; i++) {
        g_assert_cmphex(sdxi_image_read(&image, guest_places[i], 8), ==,
                        sdxi_device_read(wanted->dev, guest_places[i], 8));
    }
}

/* One function is written to at once, the other finds out later. */
static void test_same(void)
{
    for (unsigned round = 0; round < 200; round++) {
        FakeHost *now = guest_new(NULL), *later = guest_new(NULL);
        SdxiKept kept;

        sdxi_kept_init(&kept);
        if (round % 2) {
            guest_activate(now);
            guest_activate(later);
        }
        for (unsigned n = 0; n < 30; n++) {
            uint64_t at = guest_places[g_test_rand_int_range(
                0, GUEST_PLACES)] + g_test_rand_int_range(-7, 8);
            unsigned size = g_test_rand_int_range(1, 9);
            uint64_t value = guest_any();

            if (g_test_rand_int_range(0, 12) == 0) {
                sdxi_kept_reset(&kept);
                sdxi_device_reset(now->dev);
            }
            g_assert_true(sdxi_kept_write(&kept, at, value, size));
            sdxi_device_write(now->dev, at, value, size);
            check(&kept);
            expect_shown(&kept, later, now);
        }
        apply(&kept, later);
        expect_same(now, later);
        guest_free(now);
        guest_free(later);
    }
}

/* A register that is written again takes no room. */
static void test_replaced(void)
{
    FakeHost *g = guest_new(NULL);
    SdxiKept kept;

    sdxi_kept_init(&kept);
    for (unsigned n = 0; n < 10000; n++) {
        for (unsigned i = 1; i < GUEST_PLACES; i++) {
            g_assert_true(sdxi_kept_write(&kept, guest_places[i], n * 0x1000,
                                          8));
        }
    }
    g_assert_cmpuint(kept.count, <, SDXI_REGS);
    apply(&kept, g);
    g_assert_cmphex(guest_rd(g, R_ERR_WRT), ==, 9999 * 0x1000);
    g_assert_cmphex(guest_rd(g, R_CXT_L2), ==, 9999 * 0x1000);
    guest_free(g);
}

/* Ones that clear count, whichever write brought them. */
static void test_cleared(void)
{
    SdxiKept kept;
    SdxiKeptStep step;

    sdxi_kept_init(&kept);
    g_assert_true(sdxi_kept_write(&kept, R_ERR_STS, 1, 8));
    g_assert_true(sdxi_kept_write(&kept, R_ERR_STS, 2, 1));
    g_assert_true(sdxi_kept_write(&kept, R_ERR_CTL, 1, 8));
    g_assert_true(sdxi_kept_write(&kept, R_ERR_CTL, 0, 8));
    g_assert_true(sdxi_kept_take(&kept, &step));
    g_assert_cmphex(step.write.value, ==, 3);
    sdxi_kept_done(&kept, &step);
    g_assert_true(sdxi_kept_take(&kept, &step));
    g_assert_cmphex(step.write.offset, ==, R_ERR_CTL);
    g_assert_cmphex(step.write.value, ==, 0);
}

/* A request latches what was written before it, and not what comes after. */
static void test_latched(void)
{
    FakeHost *g = guest_new(NULL);
    SdxiKept kept;
    unsigned steps;

    sdxi_kept_init(&kept);
    sdxi_kept_write(&kept, R_CXT_L2, 0x111000, 8);
    sdxi_kept_write(&kept, R_CTL0, GSR_ACTIVE, 1);
    sdxi_kept_write(&kept, R_CXT_L2, 0x222000, 8);
    sdxi_kept_write(&kept, R_CXT_L2, 0x333000, 8);
    steps = apply(&kept, g);
    g_assert_cmpuint(steps, ==, 3);
    g_assert_cmphex(guest_rd(g, R_CXT_L2), ==, 0x333000);
    g_assert_cmphex(guest_rd(g, R_STS0), ==, GSV_INIT);
    guest_free(g);
}

/* More requests than there is room for: the last value of each counts. */
static void test_full(void)
{
    FakeHost *g = guest_new(NULL);
    SdxiKept kept;
    bool all = true;

    sdxi_kept_init(&kept);
    for (unsigned n = 0; n < 100000; n++) {
        bool seen = sdxi_kept_write(&kept, R_CTL0,
                                    n % 2 ? GSR_ACTIVE : GSR_RESET, 8);

        g_assert_true(seen || n >= SDXI_KEPT_MAX);
        all &= seen;
    }
    g_assert_false(all);
    for (unsigned i = 0; i < GUEST_PLACES; i++) {
        sdxi_kept_write(&kept, guest_places[i], 0x5000 | GSR_RESET, 8);
        check(&kept);
    }
    g_assert_cmpuint(kept.count, <=, SDXI_KEPT_ROOM);
    g_assert_cmpuint(kept.count, >, SDXI_KEPT_MAX);
    apply(&kept, g);
    g_assert_cmphex(guest_rd(g, R_STS0), ==, GSV_STOP);
    g_assert_cmphex(guest_rd(g, R_ERR_WRT), ==, 0x5000);
    g_assert_cmphex(guest_rd(g, R_CXT_L2), ==, 0x5000);
    g_assert_cmpstr(sdxi_device_check(g->dev), ==, NULL);
    guest_free(g);
}

/* What comes while the first is being done is not lost in it. */
static void test_meanwhile(void)
{
    FakeHost *g = guest_new(NULL);
    SdxiKept kept;
    SdxiKeptStep step;

    sdxi_kept_init(&kept);
    sdxi_kept_write(&kept, R_ERR_WRT, 1, 8);
    g_assert_true(sdxi_kept_take(&kept, &step));
    sdxi_kept_write(&kept, R_ERR_WRT, 2, 8);
    sdxi_kept_do(&step, g->dev);
    sdxi_kept_done(&kept, &step);
    g_assert_cmphex(guest_rd(g, R_ERR_WRT), ==, 1);
    g_assert_cmpuint(apply(&kept, g), ==, 1);
    g_assert_cmphex(guest_rd(g, R_ERR_WRT), ==, 2);

    /* A reset in the middle of a step, and another in the middle of that */
    sdxi_kept_write(&kept, R_ERR_WRT, 3, 8);
    g_assert_true(sdxi_kept_take(&kept, &step));
    sdxi_kept_reset(&kept);
    g_assert_true(sdxi_kept_has_reset(&kept));
    sdxi_kept_write(&kept, R_ERR_RD, 4, 8);
    sdxi_kept_do(&step, g->dev);
    sdxi_kept_done(&kept, &step);
    g_assert_true(sdxi_kept_take(&kept, &step));
    g_assert_cmpuint(step.resets, ==, 1);
    sdxi_kept_reset(&kept);
    sdxi_kept_do(&step, g->dev);
    sdxi_kept_done(&kept, &step);
    g_assert_cmpuint(apply(&kept, g), ==, 1);
    g_assert_cmphex(guest_rd(g, R_ERR_WRT), ==, 0);
    g_assert_cmphex(guest_rd(g, R_ERR_RD), ==, 0);
    guest_free(g);
}

static void test_checks(void)
{
    SdxiKept kept;

    sdxi_kept_init(&kept);
    kept.taken = true;
    g_assert_nonnull(sdxi_kept_check(&kept));
    kept.taken = false;
    kept.count = SDXI_KEPT_ROOM + 1;
    g_assert_nonnull(sdxi_kept_check(&kept));
    kept.count = 1;
    g_assert_nonnull(sdxi_kept_check(&kept));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/kept/same", test_same);
    g_test_add_func("/sdxi/kept/replaced", test_replaced);
    g_test_add_func("/sdxi/kept/cleared", test_cleared);
    g_test_add_func("/sdxi/kept/latched", test_latched);
    g_test_add_func("/sdxi/kept/full", test_full);
    g_test_add_func("/sdxi/kept/meanwhile", test_meanwhile);
    g_test_add_func("/sdxi/kept/checks", test_checks);
    return g_test_run();
}
