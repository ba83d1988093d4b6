/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One set, of every number of ways: after each step to host order and back the
 * view is that of before, at the end bytes are where host order has them;
 * whose bytes are lost with some storage; what is refused; and a step that is
 * undone from what it had saved.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/slice-set.h"

#define UNIT 0x400u
#define UNITS_MAX 5

static uint8_t store[CXL_INTERLEAVE_WAYS_MAX][UNITS_MAX * UNIT];
static unsigned steps_announced;
static GArray *announced;   /* CxlSliceSaved of the last step */

static bool rw(void *opaque, void *device, uint64_t dpa, void *buf,
               uint64_t len, bool is_write)
{
    uint8_t *bytes = (uint8_t *)device + dpa;

    g_assert_cmpuint(dpa + len, <=, sizeof(store[0]));
    memcpy(is_write ? bytes : buf, is_write ? buf : bytes, len);
    return true;
}

static bool touched(void *opaque, void *device, uint64_t dpa, uint64_t len,
                    uint64_t *start, uint64_t *run)
{
    uint8_t *bytes = device;

    while (len && !bytes[dpa]) {
        dpa++;
        len--;
    }
    *start = dpa;
    *run = 0;
    while (*run < len && bytes[dpa + *run]) {
        ++*run;
    }
    return *run;
}

static void discard(void *opaque, void *device, uint64_t dpa, uint64_t len)
{
    memset((uint8_t *)device + dpa, 0, len);
}

static bool moving(void *opaque, const CxlSliceSet *set, bool adopt,
                   const GArray *saved)
{
    steps_announced++;
    g_array_set_size(announced, 0);
    for (unsigned i = 0; i < saved->len; i++) {
        CxlSliceSaved one = g_array_index(saved, CxlSliceSaved, i);

        one.bytes = g_memdup2(one.bytes, one.len);
        g_array_append_val(announced, one);
    }
    return true;
}

static bool moved(void *opaque, const CxlSliceSet *set)
{
    return true;
}

static void free_bytes(void *opaque)
{
    g_free(((CxlSliceSaved *)opaque)->bytes);
}

static const CxlSliceOps ops = {
    .unit = UNIT, .rw = rw, .touched = touched, .discard = discard,
    .moving = moving, .moved = moved,
};
static const CxlSliceHost host = { &ops, NULL };

static CxlSliceSet set_of(unsigned iw, unsigned ig, unsigned units)
{
    CxlSliceSet set = { .len = units * UNIT, .ig = ig, .iw = iw };

    for (unsigned p = 0; p < cxl_interleave_ways(iw); p++) {
        set.member[p].device = store[p];
    }
    set.left = cxl_slice_set_steps(&set, UNIT);
    return set;
}

/* What the byte at @off of position @p is; now and then a page of zeroes */
static uint8_t value(unsigned p, uint64_t off)
{
    return (off / 256 + p) % 7 ? (p * 37 + off * 11 + off / 256) | 1 : 0;
}

static void fill(unsigned ways, uint64_t len)
{
    memset(store, 0, sizeof(store));
    for (unsigned p = 0; p < ways; p++) {
        for (uint64_t off = 0; off < len; off++) {
            store[p][off] = value(p, off);
        }
    }
}

static void view_is_right(CxlSliceSet *set)
{
    uint8_t now[UNITS_MAX * UNIT];

    for (unsigned p = 0; p < cxl_interleave_ways(set->iw); p++) {
        g_assert_true(cxl_slice_set_rw(&host, set, p, 0, now, set->len,
                                       false));
        for (uint64_t off = 0; off < set->len; off++) {
            g_assert_cmphex(now[off], ==, value(p, off));
        }
    }
}

static void host_order_is_right(const CxlSliceSet *set)
{
    uint64_t all = set->len * cxl_interleave_ways(set->iw);

    for (uint64_t region = 0; region < all; region++) {
        unsigned p = cxl_interleave_position(region, set->ig, set->iw);

        g_assert_cmphex(store[region / set->len][region % set->len], ==,
                        value(p, cxl_interleave_to_dpa(region, set->ig,
                                                       set->iw)));
    }
}

static bool told[CXL_INTERLEAVE_WAYS_MAX][UNITS_MAX * UNIT];

static void tell(void *opaque, void *device, uint64_t dpa, uint64_t len)
{
    const CxlSliceSet *set = opaque;
    int p = cxl_slice_set_lender(set, device, dpa, 1);

    g_assert_cmpint(p, >=, 0);
    g_assert_cmpuint(len, >, 0);
    g_assert_cmpuint(dpa + len, <=, set->len);
    for (uint64_t i = dpa; i < dpa + len; i++) {
        g_assert_false(told[p][i]);
        told[p][i] = true;
    }
}

/* Exactly the bytes that change in the view when storage does */
static void kept_is_right(CxlSliceSet *set)
{
    unsigned ways = cxl_interleave_ways(set->iw);
    unsigned lender = g_test_rand_int_range(0, ways);
    uint64_t from = g_test_rand_int_range(0, set->len);
    uint64_t to = g_test_rand_int_range(from + 1, set->len + 1);
    uint8_t now[UNITS_MAX * UNIT];

    memset(told, 0, sizeof(told));
    cxl_slice_set_kept(set, UNIT, lender, from, to - from, tell, set);
    for (uint64_t off = from; off < to; off++) {
        store[lender][off] ^= 0x80;
    }
    for (unsigned p = 0; p < ways; p++) {
        g_assert_true(cxl_slice_set_rw(&host, set, p, 0, now, set->len,
                                       false));
        for (uint64_t off = 0; off < set->len; off++) {
            g_assert_cmpint(now[off] != value(p, off), ==, told[p][off]);
        }
    }
    for (uint64_t off = from; off < to; off++) {
        store[lender][off] ^= 0x80;
    }
}

static void there_and_back(unsigned iw, unsigned ig, unsigned units)
{
    CxlSliceSet set = set_of(iw, ig, units);
    uint64_t steps = set.left, bytes;

    fill(cxl_interleave_ways(iw), set.len);
    g_assert_null(cxl_slice_set_problem(&set, UNIT));
    g_assert_true(cxl_slice_set_begin(&set, UNIT));
    for (uint64_t i = 0; i < steps; i++) {
        g_assert_true(cxl_slice_set_step(&host, &set, true, &bytes));
        g_assert_cmpuint(set.left, ==, steps - i - 1);
        g_assert_cmpuint(bytes, <=, cxl_interleave_ways(iw) * UNIT);
        view_is_right(&set);
        kept_is_right(&set);
    }
    host_order_is_right(&set);
    for (uint64_t i = 0; i < steps; i++) {
        g_assert_true(cxl_slice_set_step(&host, &set, false, &bytes));
        view_is_right(&set);
    }
    for (unsigned p = 0; p < cxl_interleave_ways(iw); p++) {
        for (uint64_t off = 0; off < set.len; off++) {
            g_assert_cmphex(store[p][off], ==, value(p, off));
        }
    }
    cxl_slice_set_end(&set);
}

static void test_steps(void)
{
    for (unsigned iw = 1; iw <= 10; iw++) {
        for (unsigned units = 1; cxl_interleave_ways(iw) &&
                                 units <= UNITS_MAX; units++) {
            there_and_back(iw, units % 3, units);
        }
    }
}

/* The process died in the middle of a step: half of it is garbage. */
static void undo(unsigned iw, bool adopt, uint64_t until)
{
    CxlSliceSet set = set_of(iw, 1, 3), before;
    uint64_t steps = set.left, bytes;

    fill(cxl_interleave_ways(iw), set.len);
    g_assert_true(cxl_slice_set_begin(&set, UNIT));
    while (steps - set.left < until) {
        g_assert_true(cxl_slice_set_step(&host, &set, true, &bytes));
    }
    cxl_slice_set_end(&set);
    before = set;
    g_assert_true(cxl_slice_set_begin(&set, UNIT));
    steps_announced = 0;
    g_assert_true(cxl_slice_set_step(&host, &set, adopt, &bytes));
    cxl_slice_set_end(&set);
    g_assert_true(cxl_slice_set_begin(&before, UNIT));
    if (steps_announced) {
        const CxlSliceSaved *one = &g_array_index(announced, CxlSliceSaved, 0);
        uint64_t was = one->off;

        /* From elsewhere: nothing is done. */
        ((CxlSliceSaved *)one)->off = set.len - 1;
        g_assert_false(one->len > 1 && cxl_slice_set_undo(&host, &before,
                                                          adopt, announced));
        ((CxlSliceSaved *)one)->off = was;
        g_assert_true(cxl_slice_set_undo(&host, &before, adopt, announced));
    }
    view_is_right(&before);
    cxl_slice_set_end(&before);
}

static void test_undo(void)
{
    for (unsigned iw = 1; iw <= 8; iw += 7) {
        CxlSliceSet set = set_of(iw, 1, 3);

        for (uint64_t i = 0; i < set.left; i++) {
            undo(iw, true, i);
            undo(iw, false, i + 1);
        }
    }
}

static void wrong(CxlSliceSet set)
{
    g_assert_nonnull(cxl_slice_set_problem(&set, UNIT));
}

#define WRONG(member_, value_) do {                                     \
        CxlSliceSet set_ = good;                                        \
        set_.member_ = (value_);                                        \
        wrong(set_);                                                    \
    } while (0)

static void test_problems(void)
{
    CxlSliceSet good = set_of(8, 0, 2);

    g_assert_null(cxl_slice_set_problem(&good, UNIT));
    WRONG(iw, 0);
    WRONG(iw, 7);
    WRONG(iw, 255);
    WRONG(ig, 3);
    WRONG(ig, 7);
    WRONG(ig, 255);
    WRONG(len, 0);
    WRONG(len, UNIT + 1);
    WRONG(len, -(uint64_t)UNIT);
    WRONG(left, good.left + 1);
    WRONG(left, UINT64_MAX);
    WRONG(zero, 16);
    WRONG(member[0].dpa, 256);
    WRONG(member[2].dpa, -(uint64_t)UNIT);
    WRONG(member[2].device, good.member[0].device);
    good.left = 0;
    WRONG(len, 256);
    WRONG(zero, 8);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    announced = g_array_new(false, false, sizeof(CxlSliceSaved));
    g_array_set_clear_func(announced, free_bytes);
    g_test_add_func("/cxl/slice-set/steps", test_steps);
    g_test_add_func("/cxl/slice-set/undo", test_undo);
    g_test_add_func("/cxl/slice-set/problems", test_problems);
    return g_test_run();
}
