/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/slice-fill: what is filled, what is left alone because it reads
 * so already or was never touched, and how much goes at once.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hw/cxl/core/slice-fill.h"

#define MEMBERS 2
#define BYTES (512 * KiB)
#define PAGE (4 * KiB)
/* Of each member, from its first byte on */
#define SET (256 * KiB)

typedef struct Store {
    uint8_t bytes[BYTES];
    bool touched[BYTES / PAGE];
} Store;

static Store store[MEMBERS];
static unsigned reads, writes;
static bool broken;

static bool rw(void *opaque, void *device, uint64_t dpa, void *buf,
               uint64_t len, bool is_write)
{
    Store *s = device;

    g_assert_cmpuint(dpa + len, <=, BYTES);
    if (broken) {
        return false;
    }
    if (is_write) {
        writes++;
        memcpy(s->bytes + dpa, buf, len);
        for (uint64_t i = dpa / PAGE; i * PAGE < dpa + len; i++) {
            s->touched[i] = true;
        }
    } else {
        reads++;
        memcpy(buf, s->bytes + dpa, len);
    }
    return true;
}

static bool touched(void *opaque, void *device, uint64_t dpa, uint64_t len,
                    uint64_t *start, uint64_t *run)
{
    Store *s = device;

    for (uint64_t at = dpa; at < dpa + len; at = ROUND_DOWN(at, PAGE) + PAGE) {
        if (s->touched[at / PAGE]) {
            *start = at;
            *run = MIN(ROUND_DOWN(at, PAGE) + PAGE, dpa + len) - at;
            return true;
        }
    }
    return false;
}

static void discard(void *opaque, void *device, uint64_t dpa, uint64_t len)
{
    Store *s = device;

    memset(s->bytes + dpa, 0, len);
    memset(s->touched + dpa / PAGE, 0, len / PAGE);
}

static const CxlSliceOps ops = {
    .unit = PAGE, .rw = rw, .touched = touched, .discard = discard,
};

static CxlSliceSet set_of(void)
{
    CxlSliceSet set = { .len = SET, .iw = cxl_interleave_iw(MEMBERS) };

    for (unsigned p = 0; p < MEMBERS; p++) {
        set.member[p].device = &store[p];
    }
    return set;
}

static void start(CxlSlices *s)
{
    CxlSliceSet set = set_of();
    uint64_t moved = 0;

    memset(store, 0, sizeof(store));
    broken = false;
    cxl_slices_init(s, &ops, NULL);
    g_assert_cmpint(cxl_slices_adopt(s, &set, CXL_SLICE_ALL, &moved), ==,
                    CXL_SLICE_DONE);
    reads = writes = 0;
}

static void fill(CxlSlices *s, uint64_t dpa, uint64_t len, uint8_t value)
{
    g_assert_true(cxl_slices_fill(s, &store[1], dpa, len, value));
    g_assert_cmpstr(cxl_slices_check(s), ==, NULL);
}

/* All @len bytes at @dpa of member 1 */
static void reads_as(CxlSlices *s, uint64_t dpa, uint64_t len, uint8_t value)
{
    g_autofree uint8_t *is = g_malloc(len);
    g_autofree uint8_t *wanted = g_malloc(len);

    memset(wanted, value, len);
    g_assert_true(cxl_slices_rw(s, &store[1], dpa, is, len, false));
    g_assert_cmpmem(is, len, wanted, len);
}

static void test_fill(void)
{
    CxlSlices s;

    start(&s);
    fill(&s, 100, SET - 200, 0x55);
    reads_as(&s, 0, 100, 0);
    reads_as(&s, 100, SET - 200, 0x55);
    reads_as(&s, SET - 100, 100, 0);
    fill(&s, 64 * KiB, 64 * KiB, 0);
    reads_as(&s, 100, 64 * KiB - 100, 0x55);
    reads_as(&s, 64 * KiB, 64 * KiB, 0);
    reads_as(&s, 128 * KiB, 1, 0x55);
    /* Nothing of the other member's */
    for (unsigned at = 0; at < SET; at += KiB) {
        uint8_t byte = 1;

        g_assert_true(cxl_slices_rw(&s, &store[0], at, &byte, 1, false));
        g_assert_cmpuint(byte, ==, 0);
    }
    cxl_slices_destroy(&s);
}

static void test_left_alone(void)
{
    CxlSlices s;

    start(&s);
    /* Never touched: not even looked at */
    fill(&s, 0, SET, 0);
    g_assert_cmpuint(reads, ==, 0);
    g_assert_cmpuint(writes, ==, 0);
    /* A part of a buffer is looked at, and not written. */
    fill(&s, 0, KiB, 0);
    g_assert_cmpuint(reads, >, 0);
    g_assert_cmpuint(writes, ==, 0);
    fill(&s, 0, SET, 7);
    g_assert_cmpuint(writes, >, 0);
    writes = 0;
    fill(&s, 0, SET, 7);
    g_assert_cmpuint(writes, ==, 0);
    fill(&s, 0, SET, 0);
    reads_as(&s, 0, SET, 0);
    cxl_slices_destroy(&s);
}

/* Between two orders storage that is not touched says nothing. */
static void test_half_moved(void)
{
    CxlSliceSet set = set_of();
    uint64_t moved = 0;
    CxlSlices s;

    start(&s);
    fill(&s, 0, SET, 9);
    g_assert_cmpint(cxl_slices_release(&s, &store[0], 0, SET, PAGE, &moved), ==,
                    CXL_SLICE_MORE);
    g_assert_false(cxl_slices_has(&s, &set));
    fill(&s, 0, SET, 0);
    reads_as(&s, 0, SET, 0);
    cxl_slices_destroy(&s);
}

static void test_failure(void)
{
    CxlSlices s;

    start(&s);
    broken = true;
    g_assert_false(cxl_slices_fill(&s, &store[1], 0, SET, 1));
    cxl_slices_destroy(&s);
}

/* A member's part of a set at once, else up to a multiple. */
static void test_run(void)
{
    CxlSlices s;

    start(&s);
    g_assert_cmphex(cxl_slices_fill_run(&s, &store[1], 0, GiB), ==, SET);
    g_assert_cmphex(cxl_slices_fill_run(&s, &store[1], 0, SET - 1), ==,
                    SET - 1);
    g_assert_cmphex(cxl_slices_fill_run(&s, &store[1], PAGE, GiB), ==,
                    CXL_SLICE_FILL - PAGE);
    g_assert_cmphex(cxl_slices_fill_run(&s, &store[1], 3 * GiB, GiB), ==,
                    CXL_SLICE_FILL);
    cxl_slices_destroy(&s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/slice-fill/fill", test_fill);
    g_test_add_func("/cxl/slice-fill/left-alone", test_left_alone);
    g_test_add_func("/cxl/slice-fill/half-moved", test_half_moved);
    g_test_add_func("/cxl/slice-fill/failure", test_failure);
    g_test_add_func("/cxl/slice-fill/run", test_run);
    return g_test_run();
}
