/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/piece-order: which set a piece is, and that its storage gets the
 * order that it needs, whatever was there before.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hw/cxl/core/piece-order.h"

#define MEMBERS 4
#define BYTES (64 * KiB)
#define PAGE (4 * KiB)

static uint8_t store[MEMBERS][BYTES];

static bool rw(void *opaque, void *device, uint64_t dpa, void *buf,
               uint64_t len, bool is_write)
{
    uint8_t *bytes = (uint8_t *)device + dpa;

    g_assert_cmpuint(dpa + len, <=, BYTES);
    memcpy(is_write ? bytes : buf, is_write ? buf : bytes, len);
    return true;
}

static bool touched(void *opaque, void *device, uint64_t dpa, uint64_t len,
                    uint64_t *start, uint64_t *run)
{
    *start = dpa;
    *run = len;
    return len;
}

static void discard(void *opaque, void *device, uint64_t dpa, uint64_t len)
{
    memset((uint8_t *)device + dpa, 0, len);
}

static const CxlSliceOps ops = {
    .unit = PAGE, .rw = rw, .touched = touched, .discard = discard,
};

static CxlPiece piece_of(unsigned ways, uint64_t size)
{
    CxlPiece piece = { .size = size, .iw = cxl_interleave_iw(ways) };

    for (unsigned p = 0; p < ways; p++) {
        piece.member[p] = (CxlPieceMember) { store[p], PAGE * p };
    }
    return piece;
}

static void prepare(CxlSlices *s, const CxlPiece *piece)
{
    CxlSliceResult result;
    uint64_t moved = 0;

    g_assert_false(cxl_piece_ready(s, piece));
    do {
        result = cxl_piece_prepare(s, piece, PAGE, &moved);
        g_assert_cmpint(result, !=, CXL_SLICE_FAILED);
        g_assert_cmpstr(cxl_slices_check(s), ==, NULL);
    } while (result == CXL_SLICE_MORE);
    g_assert_true(cxl_piece_ready(s, piece));
    g_assert_cmpuint(moved, >, 0);
}

static void test_set(void)
{
    CxlPiece piece = piece_of(3, 3 * 8 * PAGE);
    CxlSliceSet set;

    piece.ig = 2;
    set = cxl_piece_set(&piece);
    g_assert_cmphex(set.len, ==, 8 * PAGE);
    g_assert_cmpuint(set.ig, ==, 2);
    g_assert_cmpuint(cxl_interleave_ways(set.iw), ==, 3);
    for (unsigned p = 0; p < 3; p++) {
        g_assert_true(set.member[p].device == store[p]);
        g_assert_cmphex(set.member[p].dpa, ==, PAGE * p);
    }
    g_assert_cmpstr(cxl_slice_set_problem(&set, PAGE), ==, NULL);
}

/* Each takes the place of the one before, and every byte stays what it was. */
static void test_order(void)
{
    CxlPiece pieces[] = {
        piece_of(2, 16 * PAGE), piece_of(4, 16 * PAGE), piece_of(1, 8 * PAGE),
        piece_of(3, 12 * PAGE),
    };
    CxlSlices s;

    cxl_slices_init(&s, &ops, NULL);
    for (unsigned m = 0; m < MEMBERS; m++) {
        for (unsigned i = 0; i < BYTES; i++) {
            store[m][i] = i + i / 256 + 7 * m;
        }
    }
    /* Where nothing has been moved, device order is there already. */
    g_assert_true(cxl_piece_ready(&s, &pieces[2]));
    for (unsigned i = 0; i < G_N_ELEMENTS(pieces); i++) {
        prepare(&s, &pieces[i]);
    }
    for (unsigned m = 0; m < MEMBERS; m++) {
        for (unsigned i = 0; i < BYTES; i += 251) {
            uint8_t byte;

            g_assert_true(cxl_slices_rw(&s, store[m], i, &byte, 1, false));
            g_assert_cmphex(byte, ==, (uint8_t)(i + i / 256 + 7 * m));
        }
    }
    cxl_slices_destroy(&s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/piece-order/set", test_set);
    g_test_add_func("/cxl/piece-order/order", test_order);
    return g_test_run();
}
