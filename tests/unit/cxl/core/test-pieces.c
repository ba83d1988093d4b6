/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pieces and maps: what is regular, what is not, slices, holes, alignment and
 * the budget.
 */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "qemu/units.h"
#include "hw/cxl/core/pieces.h"

#define U CXL_HDM_ALIGN
#define BASE (16 * GiB)
#define PAGE (4 * KiB)

static int dev[16];

/* What must trap: one range per device, by device address */
static struct {
    uint64_t from, to;
} hole[16];
static bool refuse;

static CxlPieceTrap trap(void *opaque, const CxlPiece *piece)
{
    return refuse ? CXL_PIECE_OFF : CXL_PIECE_DIRECT;
}

static uint64_t access_run(void *opaque, void *device, uint64_t dpa,
                           uint64_t len, bool *direct)
{
    unsigned n = (int *)device - dev;

    if (dpa >= hole[n].to || dpa + len <= hole[n].from) {
        *direct = true;
        return len;
    }
    *direct = dpa < hole[n].from;
    return *direct ? hole[n].from - dpa : MIN(len, hole[n].to - dpa);
}

static const CxlPieceOps ops = { trap, access_run };

static void reset(void)
{
    memset(hole, 0, sizeof(hole));
    refuse = false;
}

static CxlRouteNode *device(CxlRouteTree *t, unsigned n, uint64_t base,
                            uint64_t size, unsigned ig, unsigned iw)
{
    CxlRouteNode *node = cxl_route_add_device(t, &dev[n]);

    cxl_route_add_decoder(node, &(CxlRouteDecoder) {
        .base = base, .size = size, .dpa = n * U, .ig = ig, .iw = iw,
    });
    return node;
}

/* A window over @ways host bridges with a device each */
static CxlRouteTree *flat(unsigned ways, unsigned window_ig, unsigned ig,
                          uint64_t size)
{
    CxlRouteTree *t = cxl_route_tree_new();
    CxlRouteWindow w = {
        .base = BASE, .size = size, .ig = window_ig,
        .iw = cxl_interleave_iw(ways),
    };

    for (unsigned h = 0; h < ways; h++) {
        w.target[h] = cxl_route_add_bridge(t, true, NULL);
        cxl_route_add_port(w.target[h], 0,
                           device(t, h, BASE, size, ig, w.iw));
    }
    cxl_route_add_window(t, &w);
    return t;
}

static GArray *maps_of(CxlRouteTree *t, unsigned budget, unsigned *dropped)
{
    g_autoptr(GArray) pieces = cxl_pieces_find(t);

    return cxl_pieces_maps(pieces, &ops, NULL, PAGE, budget, dropped);
}

static void is_map(GArray *maps, unsigned i, uint64_t hpa, uint64_t size,
                   unsigned n, uint64_t dpa)
{
    const CxlPieceMap *m = &g_array_index(maps, CxlPieceMap, i);

    g_assert_cmphex(m->hpa, ==, hpa);
    g_assert_cmphex(m->size, ==, size);
    g_assert_true(m->device == &dev[n]);
    g_assert_cmphex(m->dpa, ==, dpa);
}

static void test_one_way(void)
{
    g_autoptr(CxlRouteTree) t = flat(1, 0, 0, 4 * U);
    g_autoptr(GArray) pieces = cxl_pieces_find(t);
    g_autoptr(GArray) maps = NULL;
    unsigned dropped;

    reset();
    g_assert_cmpuint(pieces->len, ==, 1);
    g_assert_false(g_array_index(pieces, CxlPiece, 0).irregular);
    maps = maps_of(t, 10, &dropped);
    g_assert_cmpuint(maps->len, ==, 1);
    is_map(maps, 0, BASE, 4 * U, 0, 0);
    g_assert_cmpuint(dropped, ==, 0);
}

static void test_slices(void)
{
    for (unsigned ig = 0; ig <= 6; ig++) {
        g_autoptr(CxlRouteTree) t = flat(3, ig, ig, 6 * U);
        g_autoptr(GArray) maps = NULL;
        unsigned dropped;

        reset();
        maps = maps_of(t, 10, &dropped);
        g_assert_cmpuint(maps->len, ==, 3);
        for (unsigned p = 0; p < 3; p++) {
            is_map(maps, p, BASE + p * 2 * U, 2 * U, p, p * U);
        }
    }
}

static void is_irregular(CxlRouteTree *t, CxlPieceTrap why)
{
    g_autoptr(GArray) pieces = cxl_pieces_find(t);
    g_autoptr(GArray) maps = NULL;
    unsigned dropped;

    g_assert_cmpuint(pieces->len, >, 0);
    for (unsigned i = 0; i < pieces->len; i++) {
        g_assert_cmpint(g_array_index(pieces, CxlPiece, i).irregular, ==, why);
    }
    g_assert_nonnull(cxl_piece_trap_name(why));
    maps = maps_of(t, 10, &dropped);
    g_assert_cmpuint(maps->len, ==, 0);
}

/* The window switches more coarsely, or finer, than the devices think. */
static void test_wrong_granularity(void)
{
    g_autoptr(CxlRouteTree) coarse = flat(2, 2, 0, 2 * U);
    g_autoptr(CxlRouteTree) fine = flat(2, 0, 2, 2 * U);

    is_irregular(coarse, CXL_PIECE_RHYTHM);
    is_irregular(fine, CXL_PIECE_RHYTHM);
}

/* Devices that think they are alone below an interleaved window */
static void test_wrong_ways(void)
{
    g_autoptr(CxlRouteTree) t = cxl_route_tree_new();
    CxlRouteWindow w = { .base = BASE, .size = 2 * U, .iw = 1 };

    for (unsigned h = 0; h < 2; h++) {
        w.target[h] = cxl_route_add_bridge(t, true, NULL);
        cxl_route_add_port(w.target[h], 0, device(t, h, BASE, 2 * U, 0, 0));
    }
    cxl_route_add_window(t, &w);
    is_irregular(t, CXL_PIECE_RHYTHM);
}

/* Twice the same device, or a member missing */
static void test_wrong_members(void)
{
    for (unsigned twice = 0; twice < 2; twice++) {
        g_autoptr(CxlRouteTree) t = cxl_route_tree_new();
        CxlRouteWindow w = { .base = BASE, .size = 4 * U, .iw = 1 };

        w.target[0] = cxl_route_add_bridge(t, true, NULL);
        cxl_route_add_port(w.target[0], 0, device(t, 0, BASE, 4 * U, 0, 1));
        w.target[1] = twice ? w.target[0] :
                      cxl_route_add_bridge(t, true, NULL);
        cxl_route_add_window(t, &w);
        is_irregular(t, twice ? CXL_PIECE_TWICE : CXL_PIECE_MEMBERS);
    }
}

/* A window over two bridges with a device of its own size each */
static CxlRouteTree *uneven(uint64_t window, uint64_t a, uint64_t b)
{
    CxlRouteTree *t = cxl_route_tree_new();
    CxlRouteWindow w = { .base = BASE, .size = window, .iw = 1 };

    for (unsigned h = 0; h < 2; h++) {
        w.target[h] = cxl_route_add_bridge(t, true, NULL);
        cxl_route_add_port(w.target[h], 0,
                           device(t, h, BASE, h ? b : a, 0, 1));
    }
    cxl_route_add_window(t, &w);
    return t;
}

/* As far as the smaller one goes they are a set; beyond, half is missing. */
static void test_uneven_members(void)
{
    g_autoptr(CxlRouteTree) t = uneven(8 * U, 6 * U, 2 * U);
    g_autoptr(GArray) pieces = cxl_pieces_find(t);
    g_autoptr(GArray) maps = NULL;
    const CxlPiece *piece = (const CxlPiece *)pieces->data;
    unsigned dropped;

    reset();
    g_assert_cmpuint(pieces->len, ==, 2);
    g_assert_cmpint(piece[0].irregular, ==, CXL_PIECE_DIRECT);
    g_assert_cmpint(piece[1].irregular, ==, CXL_PIECE_MEMBERS);
    maps = maps_of(t, 10, &dropped);
    g_assert_cmpuint(maps->len, ==, 2);
    is_map(maps, 0, BASE, U, 0, 0);
    is_map(maps, 1, BASE + U, U, 1, U);
    g_assert_cmphex(cxl_piece_mapped(&piece[0], maps), ==, 2 * U);
    g_assert_cmphex(cxl_piece_mapped(&piece[1], maps), ==, 0);
}

/* A window that ends in the middle of an interleaved region */
static void test_cut_by_window(void)
{
    g_autoptr(CxlRouteTree) whole = uneven(2 * U, 4 * U, 4 * U);
    g_autoptr(CxlRouteTree) half = uneven(3 * U, 4 * U, 4 * U);
    g_autoptr(GArray) maps = NULL;
    unsigned dropped;

    reset();
    maps = maps_of(whole, 10, &dropped);
    g_assert_cmpuint(maps->len, ==, 2);
    is_map(maps, 1, BASE + U, U, 1, U);
    is_irregular(half, CXL_PIECE_CUT);
}

/* The second half of a set, uncovered by a decoder that wins in the first */
static void test_cut_by_decoder(void)
{
    g_autoptr(CxlRouteTree) t = cxl_route_tree_new();
    CxlRouteWindow w = { .base = BASE, .size = 8 * U, .iw = 1 };
    g_autoptr(GArray) maps = NULL;
    unsigned dropped;

    for (unsigned h = 0; h < 2; h++) {
        CxlRouteNode *node = device(t, h, BASE, 2 * U, 1, 1);

        cxl_route_add_decoder(node, &(CxlRouteDecoder) {
            .base = BASE, .size = 4 * U, .dpa = (4 + h) * U, .iw = 1,
        });
        w.target[h] = cxl_route_add_bridge(t, true, NULL);
        cxl_route_add_port(w.target[h], 0, node);
    }
    cxl_route_add_window(t, &w);
    reset();
    maps = maps_of(t, 10, &dropped);
    g_assert_cmpuint(maps->len, ==, 2);
    is_map(maps, 0, BASE + 2 * U, U, 0, 5 * U);
    is_map(maps, 1, BASE + 3 * U, U, 1, 6 * U);
}

static void test_holes(void)
{
    g_autoptr(CxlRouteTree) t = flat(1, 0, 0, U);
    g_autoptr(GArray) maps = NULL;
    g_autoptr(GArray) none = NULL;
    unsigned dropped;

    reset();
    /* One line, and its page goes. */
    hole[0].from = 0x5040;
    hole[0].to = 0x5080;
    maps = maps_of(t, 10, &dropped);
    g_assert_cmpuint(maps->len, ==, 2);
    is_map(maps, 0, BASE, 0x5000, 0, 0);
    is_map(maps, 1, BASE + 0x6000, U - 0x6000, 0, 0x6000);
    /* Nothing left */
    hole[0].from = 0;
    hole[0].to = U;
    none = maps_of(t, 10, &dropped);
    g_assert_cmpuint(none->len, ==, 0);
}

static void test_holes_interleaved(void)
{
    g_autoptr(CxlRouteTree) t = flat(4, 0, 0, 4 * U);
    g_autoptr(GArray) maps = NULL;
    unsigned dropped;

    reset();
    /* Chunk 20 of member 2, host chunk 82: page 0x5000 of the region */
    hole[2].from = 2 * U + 20 * 256 + 64;
    hole[2].to = hole[2].from + 64;
    /* The last line of member 3 ends the region. */
    hole[3].from = 3 * U + U - 64;
    hole[3].to = 4 * U;
    maps = maps_of(t, 10, &dropped);
    g_assert_cmpuint(maps->len, ==, 5);
    is_map(maps, 0, BASE, 0x5000, 0, 0);
    is_map(maps, 1, BASE + 0x6000, U - 0x6000, 0, 0x6000);
    is_map(maps, 2, BASE + U, U, 1, U);
    is_map(maps, 3, BASE + 2 * U, U, 2, 2 * U);
    is_map(maps, 4, BASE + 3 * U, U - PAGE, 3, 3 * U);
}

static void test_budget(void)
{
    g_autoptr(CxlRouteTree) t = flat(1, 0, 0, U);
    g_autoptr(GArray) maps = NULL;
    g_autoptr(GArray) none = NULL;
    unsigned dropped;

    reset();
    hole[0].from = 0x5000;
    hole[0].to = 0x6000;
    maps = maps_of(t, 1, &dropped);
    g_assert_cmpuint(dropped, ==, 1);
    g_assert_cmpuint(maps->len, ==, 1);
    is_map(maps, 0, BASE + 0x6000, U - 0x6000, 0, 0x6000);
    none = maps_of(t, 0, &dropped);
    g_assert_cmpuint(none->len, ==, 0);
    g_assert_cmpuint(dropped, ==, 2);
}

/* Equal sizes: the first ones stay, in order. */
static void test_budget_equal(void)
{
    g_autoptr(CxlRouteTree) t = flat(4, 0, 0, 4 * U);
    g_autoptr(GArray) maps = NULL;
    unsigned dropped;

    reset();
    maps = maps_of(t, 3, &dropped);
    g_assert_cmpuint(dropped, ==, 1);
    g_assert_cmpuint(maps->len, ==, 3);
    for (unsigned p = 0; p < 3; p++) {
        is_map(maps, p, BASE + p * U, U, p, p * U);
    }
}

static void test_refused(void)
{
    g_autoptr(CxlRouteTree) t = flat(2, 0, 0, 2 * U);
    g_autoptr(GArray) maps = NULL;
    unsigned dropped;

    reset();
    refuse = true;
    maps = maps_of(t, 3, &dropped);
    g_assert_cmpuint(maps->len, ==, 0);
}

/*
 * Every byte of every map is where decode says it is, once slices are taken
 * into account.
 */
static void test_agrees_with_route(void)
{
    static const unsigned ways[] = { 1, 2, 3, 4, 6, 8 };

    reset();
    for (unsigned i = 0; i < G_N_ELEMENTS(ways); i++) {
        uint64_t size = ways[i] * U;
        g_autoptr(CxlRouteTree) t = flat(ways[i], 1, 1, size);
        g_autoptr(GArray) pieces = cxl_pieces_find(t);
        const CxlPiece *p = &g_array_index(pieces, CxlPiece, 0);

        g_assert_cmpuint(pieces->len, ==, 1);
        g_assert_false(p->irregular);
        for (unsigned k = 0; k < 1000; k++) {
            uint64_t off = (uint32_t)g_test_rand_int() % size;
            unsigned pos = cxl_interleave_position(off, p->ig, p->iw);
            CxlRouteHit hit;

            g_assert_cmpint(cxl_route_find(t, BASE + off, &hit), ==,
                            CXL_ROUTE_FOUND);
            g_assert_true(hit.device == p->member[pos].device);
            g_assert_cmphex(hit.dpa, ==, p->member[pos].dpa +
                            cxl_interleave_to_dpa(off, p->ig, p->iw));
        }
    }
}

/* A window over bridges with decoders over devices of a set at @ig */
static CxlRouteTree *two_levels(unsigned window_ways, unsigned window_ig,
                                unsigned bridge_ways, unsigned bridge_ig,
                                unsigned ig)
{
    CxlRouteTree *t = cxl_route_tree_new();
    unsigned ways = window_ways * bridge_ways;
    CxlRouteWindow w = {
        .base = BASE, .size = ways * U, .ig = window_ig,
        .iw = cxl_interleave_iw(window_ways),
    };

    for (unsigned h = 0; h < window_ways; h++) {
        CxlRouteDecoder d = {
            .base = BASE, .size = ways * U, .ig = bridge_ig,
            .iw = cxl_interleave_iw(bridge_ways),
        };

        w.target[h] = cxl_route_add_bridge(t, false, NULL);
        for (unsigned p = 0; p < bridge_ways; p++) {
            d.target[p] = p;
            cxl_route_add_port(w.target[h], p,
                               device(t, h * bridge_ways + p, BASE, ways * U,
                                      ig, cxl_interleave_iw(ways)));
        }
        cxl_route_add_decoder(w.target[h], &d);
    }
    cxl_route_add_window(t, &w);
    return t;
}

/* Every way to split 4 to 16 ways among two levels, at any granularity */
static void test_two_levels(void)
{
    static const uint8_t split[][2] = {
        { 2, 2 }, { 2, 4 }, { 4, 2 }, { 2, 8 }, { 4, 4 }, { 8, 2 },
        { 3, 2 }, { 3, 4 },
    };

    reset();
    for (unsigned i = 0; i < G_N_ELEMENTS(split) * 7; i++) {
        unsigned upper = split[i / 7][0], lower = split[i / 7][1], ig = i % 7;
        bool three = upper == 3;
        unsigned wide = ig + ctz32(three ? lower : upper);
        g_autoptr(CxlRouteTree) t = NULL;
        g_autoptr(GArray) maps = NULL;
        unsigned dropped;

        if (wide > CXL_INTERLEAVE_IG_MAX) {
            continue;
        }
        /* The lower bits select at the level with the finer granularity. */
        t = three ? two_levels(upper, wide, lower, ig, ig)
                  : two_levels(upper, ig, lower, wide, ig);
        maps = maps_of(t, 32, &dropped);
        g_assert_cmpuint(maps->len, ==, upper * lower);
    }
}

/* Both levels at one granularity: half of the devices are never reached. */
static void test_two_levels_equal(void)
{
    g_autoptr(CxlRouteTree) t = two_levels(2, 0, 2, 0, 0);

    is_irregular(t, CXL_PIECE_TWICE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/pieces/one-way", test_one_way);
    g_test_add_func("/cxl/pieces/slices", test_slices);
    g_test_add_func("/cxl/pieces/wrong-granularity", test_wrong_granularity);
    g_test_add_func("/cxl/pieces/wrong-ways", test_wrong_ways);
    g_test_add_func("/cxl/pieces/wrong-members", test_wrong_members);
    g_test_add_func("/cxl/pieces/uneven-members", test_uneven_members);
    g_test_add_func("/cxl/pieces/cut-by-window", test_cut_by_window);
    g_test_add_func("/cxl/pieces/cut-by-decoder", test_cut_by_decoder);
    g_test_add_func("/cxl/pieces/two-levels", test_two_levels);
    g_test_add_func("/cxl/pieces/two-levels-equal", test_two_levels_equal);
    g_test_add_func("/cxl/pieces/holes", test_holes);
    g_test_add_func("/cxl/pieces/holes-interleaved", test_holes_interleaved);
    g_test_add_func("/cxl/pieces/budget", test_budget);
    g_test_add_func("/cxl/pieces/budget-equal", test_budget_equal);
    g_test_add_func("/cxl/pieces/refused", test_refused);
    g_test_add_func("/cxl/pieces/agrees-with-route", test_agrees_with_route);
    return g_test_run();
}
