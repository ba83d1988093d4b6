/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registers as they will be: whatever is written to an image reads as it
 * does when the function itself is written to, and nothing of it is done.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/image.h"
#include "tests/unit/sdxi/fake-guest.h"

static void expect_equal(FakeHost *g, SdxiImage *image)
{
    for (unsigned i = 0; i < GUEST_PLACES; i++) {
        for (unsigned skip = 0; skip < 12; skip++) {
            for (unsigned size = 1; size <= 8; size++) {
                uint64_t at = guest_places[i] + skip - 4;

                g_assert_cmphex(sdxi_image_read(image, at, size), ==,
                                sdxi_device_read(g->dev, at, size));
            }
        }
    }
}

static void expect_registers(FakeHost *g, SdxiImage *image)
{
    for (unsigned i = 0; i < GUEST_PLACES; i++) {
        g_assert_cmphex(sdxi_image_read(image, guest_places[i], 8), ==,
                        sdxi_device_read(g->dev, guest_places[i], 8));
    }
}

static void write_both(FakeHost *g, SdxiImage *image, uint64_t at,
                       uint64_t value, unsigned size)
{
    sdxi_image_write(image, at, value, size);
    sdxi_device_write(g->dev, at, value, size);
}

/* Any place, any size, any value; the function does not run in between. */
static void test_writes(void)
{
    for (unsigned round = 0; round < 10; round++) {
        FakeHost *g = guest_new(NULL);
        SdxiImage image;

        if (round % 2) {
            guest_activate(g);
        }
        sdxi_device_image(g->dev, &image);
        expect_equal(g, &image);
        for (unsigned n = 0; n < 50; n++) {
            uint64_t at = guest_places[g_test_rand_int_range(
                0, GUEST_PLACES)] + g_test_rand_int_range(-7, 8);

            write_both(g, &image, at, guest_any(), g_test_rand_int_range(1, 9));
        }
        expect_equal(g, &image);
        guest_free(g);
    }
}

/* Every request in every state that can be had without running. */
static void test_requests(void)
{
    for (unsigned path = 0; path < 64; path++) {
        FakeHost *g = guest_new(NULL);
        SdxiImage image;

        guest_activate(g);
        sdxi_device_image(g->dev, &image);
        for (unsigned shift = 0; shift < 6; shift += 2) {
            write_both(g, &image, R_CTL0, path >> shift & 3, 1);
            write_both(g, &image, R_CTL2, guest_any(), 8);
            expect_registers(g, &image);
        }
        guest_free(g);
    }
}

static void test_reset(void)
{
    FakeHost *g = guest_new(NULL);
    SdxiImage image;

    guest_activate(g);
    guest_wr(g, R_ERR_WRT, 7);
    guest_wr(g, R_RKEY, 0x1001);
    sdxi_device_image(g->dev, &image);
    sdxi_image_reset(&image);
    sdxi_device_reset(g->dev);
    expect_equal(g, &image);
    guest_free(g);
}

/* An image is a copy: the function knows nothing of what is written to it. */
static void test_copy(void)
{
    FakeHost *g = guest_new(NULL);
    SdxiImage image, now;

    sdxi_device_image(g->dev, &image);
    sdxi_image_write(&image, R_CTL0, GSR_ACTIVE, 1);
    g_assert_cmphex(sdxi_image_read(&image, R_STS0, 8), ==, GSV_INIT);
    sdxi_device_image(g->dev, &now);
    g_assert_cmphex(sdxi_image_read(&now, R_STS0, 8), ==, GSV_STOP);
    guest_free(g);
}

/* Wherever a write can begin that reaches CTL0 or RKEY. */
static void test_decides(void)
{
    for (unsigned n = 0; n < GUEST_PLACES * 8 * 24; n++) {
        unsigned size = 1 + n % 8;
        uint64_t at = MAX(guest_places[n / (8 * 24)] + n / 8 % 24, 8) - 8;
        bool wanted = at < R_CTL0 + 8 ||
                      (at + size > R_RKEY && at < R_RKEY + 8);

        g_assert_cmpint(sdxi_image_decides(at, size), ==, wanted);
    }
    g_assert_false(sdxi_image_decides(UINT64_MAX, 8));
}

/* Nobody else uses what a function no longer gives when software can see it. */
static void test_settled(void)
{
    FakeHost *g = guest_new(NULL);
    unsigned before;

    guest_activate(g);
    before = g->settled;
    guest_wr(g, R_RKEY, 0);
    g_assert_cmpuint(g->settled, >, before);
    before = g->settled;
    guest_wr(g, R_CTL0, GSR_STOP_HD);
    g_assert_cmpuint(g->settled, >, before);
    guest_free(g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/image/writes", test_writes);
    g_test_add_func("/sdxi/image/requests", test_requests);
    g_test_add_func("/sdxi/image/reset", test_reset);
    g_test_add_func("/sdxi/image/copy", test_copy);
    g_test_add_func("/sdxi/image/decides", test_decides);
    g_test_add_func("/sdxi/image/settled", test_settled);
    return g_test_run();
}
