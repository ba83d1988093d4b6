/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Windows in the CEDT: found by the order of their addresses whatever the
 * order of the structures, changed only where somebody chose something, maps
 * for the granularities that need them; and what the maps do to addresses.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/core/cedt.h"

#define CHBS_LEN 32

static void add_bridge(GArray *cedt)
{
    uint8_t s[CHBS_LEN] = { 0 };

    stw_le_p(s + 2, CHBS_LEN);
    g_array_append_vals(cedt, s, sizeof(s));
}

/* As QEMU describes a window; returns where */
static size_t add_window(GArray *cedt, uint64_t base, unsigned ig,
                         unsigned ways)
{
    uint8_t s[36 + 4 * CXL_INTERLEAVE_WAYS_MAX] = { 1 };
    size_t at = cedt->len;

    stw_le_p(s + 2, 36 + 4 * ways);
    stq_le_p(s + 8, base);
    stq_le_p(s + 16, 4 * GiB);
    s[24] = cxl_interleave_iw(ways);
    stl_le_p(s + 28, ig);
    stw_le_p(s + 32, 0x0f);
    g_array_append_vals(cedt, s, 36 + 4 * ways);
    return at;
}

static GArray *table(void)
{
    return g_array_new(false, false, 1);
}

static unsigned word(GArray *cedt, size_t at)
{
    return lduw_le_p(cedt->data + at);
}

static void test_order(void)
{
    g_autoptr(GArray) cedt = table();
    CxlCedtWindow w = { .restrictions = 0x15 };
    size_t high, low;

    add_bridge(cedt);
    high = add_window(cedt, 12 * GiB, 0, 1);
    low = add_window(cedt, 8 * GiB, 0, 1);
    g_assert_true(cxl_cedt_set_window(cedt, 1, &w));
    g_assert_cmphex(word(cedt, high + 32), ==, 0x15);
    g_assert_cmphex(word(cedt, high + 34), ==, 0);
    g_assert_cmphex(word(cedt, low + 32), ==, 0x0f);
    w = (CxlCedtWindow) { .qtg = 0x1234, .xor = true };
    g_assert_true(cxl_cedt_set_window(cedt, 0, &w));
    g_assert_cmphex(word(cedt, low + 32), ==, 0x0f);
    g_assert_cmphex(word(cedt, low + 34), ==, 0x1234);
    g_assert_cmphex(word(cedt, low + 25), ==, 1);
    g_assert_cmphex(word(cedt, high + 25), ==, 0);
    g_assert_false(cxl_cedt_set_window(cedt, 2, &w));
}

/* One structure for each granularity that has a position bit to select */
static void test_maps(void)
{
    static const struct { unsigned ig, ways; bool xor; } window[] = {
        { 0, 2, true }, { 0, 4, true }, { 1, 3, true }, { 2, 8, false },
        { 4, 12, true }, { 6, 1, true },
    };
    static const uint64_t expected[] = { 0x404100, 0x808200 };
    g_autoptr(GArray) cedt = table();
    size_t at;

    for (unsigned i = 0; i < G_N_ELEMENTS(window); i++) {
        CxlCedtWindow w = { .xor = window[i].xor };

        add_window(cedt, (i + 1) * 8 * GiB, window[i].ig, window[i].ways);
        g_assert_true(cxl_cedt_set_window(cedt, i, &w));
    }
    at = cedt->len;
    cxl_cedt_add_maps(cedt);
    g_assert_cmpuint(cedt->len - at, ==, 2 * (8 + 2 * 8));
    for (unsigned i = 0; i < 2; i++, at += 24) {
        g_assert_cmphex(word(cedt, at), ==, 2);
        g_assert_cmphex(word(cedt, at + 2), ==, 24);
        g_assert_cmphex(word(cedt, at + 6), ==, 2 << 8 | i * 4);
        for (unsigned k = 0; k < 2; k++) {
            g_assert_cmphex(ldq_le_p(cedt->data + at + 8 + 8 * k), ==,
                            expected[k] << i * 4);
        }
    }
}

/* A table of somebody else's making is not read beyond its end. */
static void test_damaged(void)
{
    CxlCedtWindow w = { .qtg = 7, .xor = true };
    static const unsigned lengths[] = { 0, 3, 35, 40, 0xffff };

    for (unsigned i = 0; i < G_N_ELEMENTS(lengths); i++) {
        g_autoptr(GArray) cedt = table();

        add_window(cedt, 8 * GiB, 0, 2);
        stw_le_p(cedt->data + 2, lengths[i]);
        g_array_set_size(cedt, 39);
        g_assert_false(cxl_cedt_set_window(cedt, 0, &w));
        cxl_cedt_add_maps(cedt);
        g_assert_cmpuint(cedt->len, ==, 39);
    }
}

/* Every position has its share, and the host finds each byte again. */
static void test_arithmetic(void)
{
    for (unsigned ig = 0; ig <= CXL_INTERLEAVE_IG_MAX; ig++) {
        uint64_t maps[CXL_CEDT_XOR_MAPS], g = cxl_interleave_bytes(ig);

        cxl_cedt_xor_maps(ig, maps);
        for (unsigned iw = 1; iw <= 4; iw++) {
            unsigned ways = cxl_interleave_ways(iw);
            unsigned count[CXL_INTERLEAVE_WAYS_MAX] = { 0 }, other = 0;

            for (unsigned n = 0; n < 4096; n++) {
                uint64_t hpa = 8 * GiB + n * g;
                unsigned plain = cxl_interleave_position(hpa, ig, iw);
                unsigned at = cxl_interleave_xor_position(hpa, hpa, ig, iw,
                                                          maps);

                count[at]++;
                other += at != plain;
                g_assert_cmphex(cxl_interleave_xor_restore(
                    (hpa & ~(g * ways - 1)) + at * g, iw, maps), ==, hpa);
            }
            g_assert_cmpuint(other, >, 1024);
            for (unsigned p = 0; p < ways; p++) {
                g_assert_cmpuint(count[p], ==, 4096 / ways);
            }
        }
    }
}

/* Each group once, in the order of the windows; the greatest is told. */
static void test_recommend(void)
{
    static const CxlCedtWindow five = { .qtg = 5 }, two = { .qtg = 2 };
    const CxlCedtWindow *windows[CXL_CEDT_WINDOWS] = {
        &five, NULL, &two, &five, NULL, &two,
    };
    uint16_t ids[CXL_CEDT_WINDOWS], most;

    g_assert_cmpuint(cxl_cedt_recommend(windows, 6, ids, &most), ==, 3);
    g_assert_cmpuint(ids[0], ==, 5);
    g_assert_cmpuint(ids[1], ==, 0);
    g_assert_cmpuint(ids[2], ==, 2);
    g_assert_cmpuint(most, ==, 5);
    g_assert_cmpuint(cxl_cedt_recommend(windows, CXL_CEDT_WINDOWS, ids,
                                        &most), ==, 3);
    g_assert_cmpuint(cxl_cedt_recommend(windows, 0, ids, &most), ==, 0);
    g_assert_cmpuint(most, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/cedt/order", test_order);
    g_test_add_func("/cxl/cedt/recommend", test_recommend);
    g_test_add_func("/cxl/cedt/maps", test_maps);
    g_test_add_func("/cxl/cedt/damaged", test_damaged);
    g_test_add_func("/cxl/cedt/arithmetic", test_arithmetic);
    return g_test_run();
}
