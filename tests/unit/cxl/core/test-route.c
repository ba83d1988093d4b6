/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address decode: passthrough, host bridges, switches one and two deep, XOR
 * windows, three-way sets, everything that leads nowhere, and round trips.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hw/cxl/core/route.h"

#define U CXL_HDM_ALIGN
#define BASE (16 * GiB)

static int dev[16];

static CxlRouteNode *add_device(CxlRouteTree *t, unsigned n, unsigned ig,
                                unsigned iw, uint64_t size)
{
    CxlRouteNode *node = cxl_route_add_device(t, &dev[n]);

    cxl_route_add_decoder(node, &(CxlRouteDecoder) {
        .base = BASE, .size = size, .dpa = n * U, .ig = ig, .iw = iw,
    });
    return node;
}

/* A bridge whose target list is ports 10, 11, ... in order */
static CxlRouteNode *add_bridge(CxlRouteTree *t, unsigned ig, unsigned iw,
                                uint64_t size)
{
    CxlRouteNode *node = cxl_route_add_bridge(t, false, NULL);
    CxlRouteDecoder d = { .base = BASE, .size = size, .ig = ig, .iw = iw };

    for (unsigned i = 0; i < CXL_HDM_TARGET_MAX; i++) {
        d.target[i] = 10 + i;
    }
    cxl_route_add_decoder(node, &d);
    return node;
}

static void finds(CxlRouteTree *t, uint64_t hpa, unsigned n, uint64_t dpa)
{
    CxlRouteHit hit;
    uint64_t back;

    g_assert_cmpint(cxl_route_find(t, hpa, &hit), ==, CXL_ROUTE_FOUND);
    g_assert_true(hit.device == &dev[n]);
    g_assert_cmphex(hit.dpa, ==, dpa);
    g_assert_true(cxl_route_to_hpa(t, &dev[n], dpa, &back));
    g_assert_cmphex(back, ==, hpa);
}

static void loses(CxlRouteTree *t, uint64_t hpa, CxlRouteResult why)
{
    CxlRouteHit hit;

    g_assert_cmpint(cxl_route_find(t, hpa, &hit), ==, why);
    g_assert_nonnull(cxl_route_result_name(why));
}

static void test_passthrough(void)
{
    g_autoptr(CxlRouteTree) t = cxl_route_tree_new();
    CxlRouteNode *hb = cxl_route_add_bridge(t, true, NULL);
    uint64_t hpa;

    cxl_route_add_port(hb, 0, add_device(t, 3, 0, 0, 4 * U));
    cxl_route_add_window(t, &(CxlRouteWindow) {
        .base = BASE, .size = 8 * U, .target = { hb },
    });
    finds(t, BASE, 3, 3 * U);
    finds(t, BASE + 4 * U - 1, 3, 7 * U - 1);
    loses(t, BASE + 4 * U, CXL_ROUTE_NO_DEVICE_DECODER);
    loses(t, BASE - 1, CXL_ROUTE_NO_WINDOW);
    loses(t, BASE + 8 * U, CXL_ROUTE_NO_WINDOW);
    g_assert_false(cxl_route_to_hpa(t, &dev[3], 7 * U, &hpa));
    g_assert_false(cxl_route_to_hpa(t, &dev[3], 0, &hpa));
    g_assert_false(cxl_route_to_hpa(t, &dev[4], 3 * U, &hpa));
}

/* Two host bridges at 256 B, two ports each at 512 B: a four-way set. */
static CxlRouteTree *two_by_two(void)
{
    CxlRouteTree *t = cxl_route_tree_new();
    CxlRouteWindow w = { .base = BASE, .size = 16 * U, .iw = 1 };

    for (unsigned h = 0; h < 2; h++) {
        w.target[h] = add_bridge(t, 1, 1, 8 * U);
        for (unsigned p = 0; p < 2; p++) {
            cxl_route_add_port(w.target[h], 10 + p,
                               add_device(t, h + 2 * p, 0, 2, 8 * U));
        }
    }
    cxl_route_add_window(t, &w);
    return t;
}

static void test_two_levels(void)
{
    g_autoptr(CxlRouteTree) t = two_by_two();
    CxlRouteHit hit;

    for (unsigned c = 0; c < 64; c++) {
        finds(t, BASE + c * 256 + 7, c % 4, (c % 4) * U + c / 4 * 256 + 7);
    }
    loses(t, BASE + 8 * U, CXL_ROUTE_NO_DECODER);
    cxl_route_find(t, BASE, &hit);
    g_assert_cmpuint(hit.period, ==, 1024);
    g_assert_cmpuint(hit.finest, ==, 256);
}

/* One host bridge, a switch below each port, another below that */
static void test_deep_switches(void)
{
    g_autoptr(CxlRouteTree) t = cxl_route_tree_new();
    CxlRouteNode *hb = add_bridge(t, 2, 1, 8 * U);

    for (unsigned a = 0; a < 2; a++) {
        CxlRouteNode *upper = add_bridge(t, 1, 1, 8 * U);

        cxl_route_add_port(hb, 10 + a, upper);
        for (unsigned b = 0; b < 2; b++) {
            CxlRouteNode *lower = add_bridge(t, 0, 1, 8 * U);

            cxl_route_add_port(upper, 10 + b, lower);
            for (unsigned c = 0; c < 2; c++) {
                cxl_route_add_port(lower, 10 + c,
                    add_device(t, 4 * a + 2 * b + c, 0, 3, 8 * U));
            }
        }
    }
    cxl_route_add_window(t, &(CxlRouteWindow) {
        .base = BASE, .size = 8 * U, .target = { hb },
    });
    for (unsigned c = 0; c < 64; c++) {
        finds(t, BASE + c * 256 + 3, c % 8, (c % 8) * U + c / 8 * 256 + 3);
    }
}

/* Three host bridges at 512 B, two ports at 256 B each: six ways. */
static void test_six_ways(void)
{
    g_autoptr(CxlRouteTree) t = cxl_route_tree_new();
    CxlRouteWindow w = { .base = BASE, .size = 12 * U, .ig = 1, .iw = 8 };
    CxlRouteHit hit;

    for (unsigned h = 0; h < 3; h++) {
        w.target[h] = add_bridge(t, 0, 1, 12 * U);
        for (unsigned p = 0; p < 2; p++) {
            cxl_route_add_port(w.target[h], 10 + p,
                               add_device(t, 2 * h + p, 0, 9, 12 * U));
        }
    }
    cxl_route_add_window(t, &w);
    for (unsigned c = 0; c < 60; c++) {
        finds(t, BASE + c * 256, c % 6, (c % 6) * U + c / 6 * 256);
    }
    cxl_route_find(t, BASE, &hit);
    g_assert_cmpuint(hit.period, ==, 1536);
}

static void test_xor_window(void)
{
    g_autoptr(CxlRouteTree) t = cxl_route_tree_new();
    CxlRouteWindow w = {
        .base = BASE, .size = 8 * U, .iw = 1, .xor = true,
        .maps = { 0x4100 },
    };
    CxlRouteHit hit;

    for (unsigned h = 0; h < 2; h++) {
        w.target[h] = cxl_route_add_bridge(t, true, NULL);
        cxl_route_add_port(w.target[h], 0, add_device(t, h, 0, 1, 8 * U));
    }
    cxl_route_add_window(t, &w);
    finds(t, BASE, 0, 0);
    finds(t, BASE + 0x100, 1, U);
    finds(t, BASE + 0x4000, 1, U + 0x2000);
    finds(t, BASE + 0x4100, 0, 0x2000);
    cxl_route_find(t, BASE, &hit);
    g_assert_cmpuint(hit.period, ==, 0);
}

static void test_nowhere(void)
{
    g_autoptr(CxlRouteTree) t = cxl_route_tree_new();
    CxlRouteNode *hb = add_bridge(t, 0, 1, 4 * U);
    CxlRouteNode *empty = cxl_route_add_bridge(t, true, NULL);

    cxl_route_add_port(hb, 10, NULL);
    cxl_route_add_window(t, &(CxlRouteWindow) {
        .base = BASE, .size = 4 * U, .target = { hb },
    });
    cxl_route_add_window(t, &(CxlRouteWindow) {
        .base = BASE + 4 * U, .size = 4 * U, .target = { empty },
    });
    cxl_route_add_window(t, &(CxlRouteWindow) {
        .base = BASE + 8 * U, .size = 4 * U, .iw = 1, .target = { NULL },
    });
    loses(t, BASE, CXL_ROUTE_NO_PORT);
    loses(t, BASE + 256, CXL_ROUTE_NO_PORT);
    loses(t, BASE + 4 * U, CXL_ROUTE_NO_PORT);
    loses(t, BASE + 8 * U + 256, CXL_ROUTE_NO_PORT);
}

static void test_loop(void)
{
    g_autoptr(CxlRouteTree) t = cxl_route_tree_new();
    CxlRouteNode *a = cxl_route_add_bridge(t, true, NULL);
    CxlRouteNode *b = cxl_route_add_bridge(t, true, NULL);

    cxl_route_add_port(a, 0, b);
    cxl_route_add_port(b, 0, a);
    cxl_route_add_window(t, &(CxlRouteWindow) {
        .base = BASE, .size = U, .target = { a },
    });
    loses(t, BASE, CXL_ROUTE_LOOP);
}

/* Guests write what they like: bad codes route nothing, overlap is defined. */
static void test_odd_decoders(void)
{
    g_autoptr(CxlRouteTree) t = cxl_route_tree_new();
    CxlRouteNode *hb = cxl_route_add_bridge(t, false, NULL);
    CxlRouteDecoder d = { .base = BASE, .size = 4 * U, .iw = 4 };

    cxl_route_add_port(hb, 10, add_device(t, 1, 0, 0, 4 * U));
    cxl_route_add_port(hb, 11, add_device(t, 2, 0, 0, 4 * U));
    cxl_route_add_window(t, &(CxlRouteWindow) {
        .base = BASE, .size = 4 * U, .target = { hb },
    });
    cxl_route_add_decoder(hb, &d);  /* more ways than targets */
    d.iw = 7;
    cxl_route_add_decoder(hb, &d);
    d.iw = 0;
    d.ig = 9;
    cxl_route_add_decoder(hb, &d);
    loses(t, BASE, CXL_ROUTE_NO_DECODER);
    d.ig = 0;
    d.target[0] = 11;
    cxl_route_add_decoder(hb, &d);
    d.target[0] = 10;
    cxl_route_add_decoder(hb, &d);
    finds(t, BASE + 5, 2, 2 * U + 5);
}

/* What people are shown */
static void test_nodes(void)
{
    g_autoptr(CxlRouteTree) t = cxl_route_tree_new();
    CxlRouteNode *leaf = add_device(t, 1, 2, 1, 4 * U);
    char name[] = "hb0";
    CxlRouteNode *hb = cxl_route_add_bridge(t, true, name);
    const CxlRouteNode *child;
    uint8_t number;

    cxl_route_add_port(hb, 7, leaf);
    /* Whoever had the name may be gone. */
    memset(name, 0, sizeof(name));
    g_assert_cmpstr(cxl_route_name(hb), ==, "hb0");
    g_assert_null(cxl_route_name(leaf));
    g_assert_true(cxl_route_device(leaf) == &dev[1]);
    g_assert_null(cxl_route_device(hb));
    g_assert_true(cxl_route_passthrough(hb));
    g_assert_false(cxl_route_passthrough(leaf));
    g_assert_true(cxl_route_port(hb, 0, &number, &child));
    g_assert_true(number == 7 && child == leaf);
    g_assert_false(cxl_route_port(hb, 1, &number, &child));
    g_assert_cmpuint(cxl_route_decoder(leaf, 0)->ig, ==, 2);
    g_assert_null(cxl_route_decoder(leaf, 1));
}

static void note(void *opaque, uint64_t hpa)
{
    ++*(unsigned *)opaque;
}

static void test_edges(void)
{
    g_autoptr(CxlRouteTree) t = two_by_two();
    unsigned edges = 0;

    cxl_route_edges(t, note, &edges);
    g_assert_cmpuint(edges, ==, 2 * (1 + 2 + 4));
}

static void test_random(void)
{
    g_autoptr(CxlRouteTree) t = two_by_two();

    for (unsigned i = 0; i < 100000; i++) {
        uint64_t off = (((uint64_t)(uint32_t)g_test_rand_int() << 32) |
                        (uint32_t)g_test_rand_int()) % (8 * U);
        unsigned c = off / 256 % 4;

        finds(t, BASE + off, c, c * U + off / 1024 * 256 + off % 256);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/route/passthrough", test_passthrough);
    g_test_add_func("/cxl/route/two-levels", test_two_levels);
    g_test_add_func("/cxl/route/deep-switches", test_deep_switches);
    g_test_add_func("/cxl/route/six-ways", test_six_ways);
    g_test_add_func("/cxl/route/xor-window", test_xor_window);
    g_test_add_func("/cxl/route/nowhere", test_nowhere);
    g_test_add_func("/cxl/route/loop", test_loop);
    g_test_add_func("/cxl/route/odd-decoders", test_odd_decoders);
    g_test_add_func("/cxl/route/nodes", test_nodes);
    g_test_add_func("/cxl/route/edges", test_edges);
    g_test_add_func("/cxl/route/random-round-trips", test_random);
    return g_test_run();
}
