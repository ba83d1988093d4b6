/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interleave arithmetic: golden vectors worked out by hand, comparison with
 * dealing chunks out one by one, and random round trips.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/cxl/core/interleave.h"

static const unsigned all_iw[] = { 0, 1, 2, 3, 4, 8, 9, 10 };
static const unsigned all_ways[] = { 1, 2, 4, 8, 16, 3, 6, 12 };

static uint64_t rand64(void)
{
    return ((uint64_t)(uint32_t)g_test_rand_int() << 32) |
           (uint32_t)g_test_rand_int();
}

static void test_codes(void)
{
    unsigned valid = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(all_iw); i++) {
        g_assert_cmpuint(cxl_interleave_ways(all_iw[i]), ==, all_ways[i]);
        g_assert_cmpint(cxl_interleave_iw(all_ways[i]), ==, all_iw[i]);
    }
    for (unsigned iw = 0; iw < 32; iw++) {
        valid += cxl_interleave_ways(iw) != 0;
    }
    g_assert_cmpuint(valid, ==, G_N_ELEMENTS(all_iw));
    g_assert_cmpint(cxl_interleave_iw(0), ==, -1);
    g_assert_cmpint(cxl_interleave_iw(5), ==, -1);
    g_assert_cmpint(cxl_interleave_iw(24), ==, -1);

    for (unsigned ig = 0; ig <= 6; ig++) {
        g_assert_cmpuint(cxl_interleave_bytes(ig), ==, 256u << ig);
        g_assert_cmpint(cxl_interleave_ig(256u << ig), ==, ig);
    }
    g_assert_cmpuint(cxl_interleave_bytes(7), ==, 0);
    g_assert_cmpint(cxl_interleave_ig(0), ==, -1);
    g_assert_cmpint(cxl_interleave_ig(32768), ==, -1);
    g_assert_cmpint(cxl_interleave_ig(768), ==, -1);
    g_assert_false(cxl_interleave_valid(7, 0));
    g_assert_false(cxl_interleave_valid(0, 5));
    g_assert_false(cxl_interleave_valid(0, 11));
    g_assert_true(cxl_interleave_valid(6, 10));
}

static void test_golden(void)
{
    static const struct {
        uint8_t ig, iw;
        uint64_t off, dpa;
        unsigned position;
    } v[] = {
        /* one way: nothing moves */
        { 0, 0, 0x123456789, 0x123456789, 0 },
        /* two ways, 256 B: bit 8 selects and is squeezed out */
        { 0, 1, 0x0ff, 0x0ff, 0 },
        { 0, 1, 0x100, 0x000, 1 },
        { 0, 1, 0x2ab, 0x1ab, 0 },
        { 0, 1, 0x7fff, 0x3fff, 1 },
        /* four ways, 4 KiB: bits 13:12 */
        { 4, 2, 0x5123, 0x1123, 1 },
        { 4, 2, 0xfffff, 0x3ffff, 3 },
        /* sixteen ways, 16 KiB: bits 17:14 */
        { 6, 4, 0x3c000, 0x0, 15 },
        { 6, 4, 0x40001, 0x4001, 0 },
        /* eight ways, 1 KiB */
        { 2, 3, 0x1c3ff, 0x3bff, 0 },
        { 2, 3, 0x1dfff, 0x3bff, 7 },
        /* three ways, 256 B: chunk 7 is way 1, third round */
        { 0, 8, 0x712, 0x212, 1 },
        { 0, 8, 0x300, 0x100, 0 },
        { 0, 8, 0x2ff, 0x0ff, 2 },
        /* six ways, 512 B: chunk 17 is way 5, round 2 */
        { 1, 9, 0x2200 + 0x1ff, 0x5ff, 5 },
        /* twelve ways, 8 KiB: chunk 25 is way 1, round 2 */
        { 5, 10, 25 * 0x2000 + 7, 2 * 0x2000 + 7, 1 },
        /* large: 1 TiB into a three-way set */
        { 0, 8, 3ull << 40, 1ull << 40, 0 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(v); i++) {
        g_assert_cmphex(cxl_interleave_to_dpa(v[i].off, v[i].ig, v[i].iw), ==,
                        v[i].dpa);
        g_assert_cmpuint(cxl_interleave_position(v[i].off, v[i].ig, v[i].iw),
                         ==, v[i].position);
        g_assert_cmphex(cxl_interleave_to_hpa(v[i].dpa, v[i].position,
                                              v[i].ig, v[i].iw), ==,
                        v[i].off);
    }
}

/* Deal chunks out like cards and compare. */
static void test_dealt(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(all_iw); i++) {
        for (unsigned ig = 0; ig <= 6; ig++) {
            uint64_t next[CXL_INTERLEAVE_WAYS_MAX] = { 0 };
            uint64_t g = 256ull << ig;
            unsigned way = 0;

            for (uint64_t off = 0; off < 50 * g; off += g) {
                g_assert_cmpuint(cxl_interleave_position(off, ig, all_iw[i]),
                                 ==, way);
                g_assert_cmphex(cxl_interleave_to_dpa(off, ig, all_iw[i]), ==,
                                next[way]);
                g_assert_cmphex(
                    cxl_interleave_to_dpa(off + g - 1, ig, all_iw[i]), ==,
                    next[way] + g - 1);
                next[way] += g;
                way = (way + 1) % all_ways[i];
            }
        }
    }
}

static void test_round_trips(void)
{
    for (unsigned i = 0; i < 100000; i++) {
        unsigned ig = g_test_rand_int_range(0, 7);
        unsigned iw = all_iw[g_test_rand_int_range(0, 8)];
        uint64_t off = rand64() >> g_test_rand_int_range(12, 50);
        uint64_t dpa = cxl_interleave_to_dpa(off, ig, iw);
        unsigned pos = cxl_interleave_position(off, ig, iw);

        g_assert_cmphex(cxl_interleave_to_hpa(dpa, pos, ig, iw), ==, off);
    }
    for (unsigned i = 0; i < 100000; i++) {
        unsigned ig = g_test_rand_int_range(0, 7);
        unsigned n = g_test_rand_int_range(0, 8);
        unsigned pos = g_test_rand_int_range(0, all_ways[n]);
        uint64_t dpa = rand64() >> g_test_rand_int_range(16, 50);
        uint64_t off = cxl_interleave_to_hpa(dpa, pos, ig, all_iw[n]);

        g_assert_cmphex(cxl_interleave_to_dpa(off, ig, all_iw[n]), ==, dpa);
        g_assert_cmpuint(cxl_interleave_position(off, ig, all_iw[n]), ==, pos);
    }
}

static void test_xor_golden(void)
{
    /* Two ways: bits 8, 14 and 20 of the address decide. */
    const uint64_t two[] = { 0x104100 };
    /* Twelve ways: two bits by XOR, a factor of three by modulo. */
    const uint64_t twelve[] = { 0x4100, 0x8200 };

    g_assert_cmpuint(cxl_interleave_xor_position(0x000000, 0, 0, 1, two), ==,
                     0);
    g_assert_cmpuint(cxl_interleave_xor_position(0x000100, 0, 0, 1, two), ==,
                     1);
    g_assert_cmpuint(cxl_interleave_xor_position(0x004100, 0, 0, 1, two), ==,
                     0);
    g_assert_cmpuint(cxl_interleave_xor_position(0x104100, 0, 0, 1, two), ==,
                     1);
    g_assert_cmpuint(cxl_interleave_xor_position(0x8700, 0x8700, 0, 10,
                                                 twelve), ==,
                     1 | 0 << 1 | ((0x8700 >> 10) % 3) << 2);
    g_assert_cmpuint(cxl_interleave_xor_maps(0), ==, 0);
    g_assert_cmpuint(cxl_interleave_xor_maps(4), ==, 4);
    g_assert_cmpuint(cxl_interleave_xor_maps(8), ==, 0);
    g_assert_cmpuint(cxl_interleave_xor_maps(10), ==, 2);
}

/*
 * With maps whose lowest bits are the position bits, the address that a
 * member's byte restores to selects that member, and no two collide.
 */
static void test_xor_round_trips(void)
{
    static const uint64_t maps[] = {
        0x2020100, 0x4041200, 0x1010400, 0x800800,
    };

    for (unsigned i = 0; i < 100000; i++) {
        unsigned iw = g_test_rand_int_range(0, 5);
        unsigned ways = cxl_interleave_ways(iw);
        unsigned pos = g_test_rand_int_range(0, ways);
        uint64_t dpa = rand64() >> 20;
        uint64_t plain = cxl_interleave_to_hpa(dpa, pos, 0, iw);
        uint64_t hpa = cxl_interleave_xor_restore(plain, iw, maps);

        g_assert_cmpuint(cxl_interleave_xor_position(hpa, hpa, 0, iw, maps),
                         ==, pos);
        g_assert_cmphex(cxl_interleave_to_dpa(hpa, 0, iw), ==, dpa);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/interleave/codes", test_codes);
    g_test_add_func("/cxl/interleave/golden", test_golden);
    g_test_add_func("/cxl/interleave/dealt", test_dealt);
    g_test_add_func("/cxl/interleave/round-trips", test_round_trips);
    g_test_add_func("/cxl/interleave/xor-golden", test_xor_golden);
    g_test_add_func("/cxl/interleave/xor-round-trips", test_xor_round_trips);
    return g_test_run();
}
