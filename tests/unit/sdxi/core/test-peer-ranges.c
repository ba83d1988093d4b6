/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory below the same switch: bytes at the borders of ranges, the ends of
 * the address space, and when a snapshot is of no use any more.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/peer-ranges.h"

static void check(const SdxiPeerRanges *r)
{
    g_assert_cmpstr(sdxi_peer_ranges_check(r), ==, NULL);
}

static void test_bytes(void)
{
    SdxiPeerRanges r = { };

    g_assert_cmpuint(sdxi_peer_ranges_bytes(&r, 0, UINT64_MAX), ==, 0);
    sdxi_peer_ranges_begin(&r, 0, 0);
    sdxi_peer_ranges_add(&r, 0x1000, 0x1000);
    sdxi_peer_ranges_add(&r, 0x4000, 0x10);
    check(&r);
    for (uint64_t addr = 0xff0; addr < 0x4020; addr++) {
        for (uint64_t len = 1; len < 40; len += 13) {
            uint64_t wanted = 0;

            for (uint64_t at = addr; at < addr + len; at++) {
                wanted += (at >= 0x1000 && at < 0x2000) ||
                          (at >= 0x4000 && at < 0x4010);
            }
            g_assert_cmpuint(sdxi_peer_ranges_bytes(&r, addr, len), ==,
                             wanted);
        }
    }
    g_assert_cmpuint(sdxi_peer_ranges_bytes(&r, 0, 0x10000), ==, 0x1010);
    sdxi_peer_ranges_free(&r);
}

static void test_ends(void)
{
    SdxiPeerRanges r = { };

    sdxi_peer_ranges_begin(&r, 0, 0);
    sdxi_peer_ranges_add(&r, 0, 0);
    sdxi_peer_ranges_add(&r, UINT64_MAX - 7, 9);
    g_assert_cmpuint(r.range->len, ==, 0);
    sdxi_peer_ranges_add(&r, UINT64_MAX - 7, 8);
    sdxi_peer_ranges_add(&r, 0, 1);
    check(&r);
    g_assert_cmpuint(r.range->len, ==, 2);
    g_assert_cmpuint(sdxi_peer_ranges_bytes(&r, 0, 8), ==, 1);
    g_assert_cmpuint(sdxi_peer_ranges_bytes(&r, UINT64_MAX - 15, 16), ==, 8);
    g_assert_cmpuint(sdxi_peer_ranges_bytes(&r, UINT64_MAX, 1), ==, 1);
    sdxi_peer_ranges_free(&r);
}

static void test_stale(void)
{
    SdxiPeerRanges r = { };

    g_assert_true(sdxi_peer_ranges_stale(&r, 0, 0));
    sdxi_peer_ranges_begin(&r, 3, 4);
    sdxi_peer_ranges_add(&r, 1, 1);
    g_assert_false(sdxi_peer_ranges_stale(&r, 3, 4));
    g_assert_true(sdxi_peer_ranges_stale(&r, 4, 4));
    g_assert_true(sdxi_peer_ranges_stale(&r, 3, 3));
    sdxi_peer_ranges_begin(&r, 4, 4);
    g_assert_cmpuint(sdxi_peer_ranges_bytes(&r, 0, 9), ==, 0);
    sdxi_peer_ranges_free(&r);
    sdxi_peer_ranges_free(&r);
    g_assert_true(sdxi_peer_ranges_stale(&r, 4, 4));
}

static void test_check(void)
{
    SdxiPeerRanges r = { };

    sdxi_peer_ranges_begin(&r, 0, 0);
    sdxi_peer_ranges_add(&r, 8, 8);
    g_array_index(r.range, SdxiPeerRange, 0).size = 0;
    g_assert_nonnull(sdxi_peer_ranges_check(&r));
    g_array_index(r.range, SdxiPeerRange, 0).size = UINT64_MAX;
    g_assert_nonnull(sdxi_peer_ranges_check(&r));
    sdxi_peer_ranges_free(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/peer-ranges/bytes", test_bytes);
    g_test_add_func("/sdxi/peer-ranges/ends", test_ends);
    g_test_add_func("/sdxi/peer-ranges/stale", test_stale);
    g_test_add_func("/sdxi/peer-ranges/check", test_check);
    return g_test_run();
}
