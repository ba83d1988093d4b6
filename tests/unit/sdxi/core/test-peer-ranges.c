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

typedef struct Owner {
    unsigned refs, told;
    uint64_t offset, len;
    bool is_write;
} Owner;

static void owner_ref(void *owner)
{
    ((Owner *)owner)->refs++;
}

static void owner_unref(void *owner)
{
    ((Owner *)owner)->refs--;
}

static void owner_accessed(void *owner, uint64_t offset, uint64_t len,
                           bool is_write)
{
    Owner *o = owner;

    o->told++;
    o->offset = offset;
    o->len = len;
    o->is_write = is_write;
}

/* Owners learn what was theirs, in their own counting, and are kept. */
static void test_watched(void)
{
    static const WatchOps ops = { owner_ref, owner_unref, owner_accessed };
    Owner o = { };
    Watch w = { &ops, &o, 0x500 };
    SdxiPeerRanges r = { };

    sdxi_peer_ranges_accessed(&r, 0, 1, true);
    sdxi_peer_ranges_begin(&r, 0, 0);
    sdxi_peer_ranges_add(&r, 0, 0x10000);
    sdxi_peer_ranges_watch(&r, 0x1000, 0, &w);
    g_assert_cmpuint(o.refs, ==, 0);
    sdxi_peer_ranges_watch(&r, 0x1000, 0x1000, &w);
    check(&r);
    sdxi_peer_ranges_accessed(&r, 0xfff, 1, true);
    sdxi_peer_ranges_accessed(&r, 0x2000, UINT64_MAX - 0x2000, true);
    g_assert_cmpuint(o.told, ==, 0);
    sdxi_peer_ranges_accessed(&r, 0xfff, 2, false);
    g_assert_cmphex(o.offset, ==, 0x500);
    g_assert_cmpuint(o.len, ==, 1);
    g_assert_false(o.is_write);
    sdxi_peer_ranges_accessed(&r, 0x1ff0, 0x1000, true);
    g_assert_cmphex(o.offset, ==, 0x14f0);
    g_assert_cmpuint(o.len, ==, 0x10);
    g_assert_true(o.is_write);
    g_assert_cmpuint(o.told, ==, 2);
    g_assert_cmpuint(o.refs, ==, 1);
    sdxi_peer_ranges_begin(&r, 1, 0);
    g_assert_cmpuint(o.refs, ==, 0);
    sdxi_peer_ranges_watch(&r, 0x1000, 0x1000, &w);
    sdxi_peer_ranges_free(&r);
    g_assert_cmpuint(o.refs, ==, 0);
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
    g_test_add_func("/sdxi/peer-ranges/watched", test_watched);
    g_test_add_func("/sdxi/peer-ranges/stale", test_stale);
    g_test_add_func("/sdxi/peer-ranges/check", test_check);
    return g_test_run();
}
