/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slice storage against plain byte arrays: the view, adoption, release, what
 * is moved and what is not, and failure of memory.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/slice.h"

#define MEMBERS 4
#define BYTES 0x8000u
#define PAGE 0x400u

/* Fake storage; a page is touched once it is written. */
typedef struct Store {
    uint8_t bytes[BYTES];
    bool touched[BYTES / PAGE];
} Store;

static Store store[MEMBERS];
static uint8_t model[MEMBERS][BYTES];
static bool broken;

static bool rw(void *opaque, void *device, uint64_t dpa, void *buf,
               uint64_t len, bool is_write)
{
    Store *s = device;

    if (broken || dpa > BYTES || len > BYTES - dpa) {
        return false;
    }
    if (is_write) {
        memcpy(s->bytes + dpa, buf, len);
        for (uint64_t i = dpa / PAGE; i * PAGE < dpa + len; i++) {
            s->touched[i] = true;
        }
    } else {
        memcpy(buf, s->bytes + dpa, len);
    }
    return true;
}

static bool touched(void *opaque, void *device, uint64_t dpa, uint64_t len,
                    uint64_t *start, uint64_t *run)
{
    Store *s = device;
    uint64_t end = dpa + len;

    g_assert_cmpuint(end, <=, BYTES);
    while (dpa < end && !s->touched[dpa / PAGE]) {
        dpa = ROUND_DOWN(dpa, PAGE) + PAGE;
    }
    *start = dpa;
    while (dpa < end && s->touched[dpa / PAGE]) {
        dpa = ROUND_DOWN(dpa, PAGE) + PAGE;
    }
    dpa = MIN(dpa, end);
    *run = dpa - MIN(*start, dpa);
    return *run;
}

static void discard(void *opaque, void *device, uint64_t dpa, uint64_t len)
{
    Store *s = device;

    memset(s->bytes + dpa, 0, len);
    for (uint64_t i = DIV_ROUND_UP(dpa, PAGE); (i + 1) * PAGE <= dpa + len;
         i++) {
        s->touched[i] = false;
    }
}

static const CxlSliceOps ops = { rw, touched, discard };

static void setup(CxlSlices *s)
{
    memset(store, 0, sizeof(store));
    memset(model, 0, sizeof(model));
    broken = false;
    cxl_slices_init(s, &ops, NULL);
}

static void put(CxlSlices *s, unsigned m, uint64_t dpa, const void *buf,
                uint64_t len)
{
    g_assert_true(cxl_slices_rw(s, &store[m], dpa, (void *)buf, len, true));
    memcpy(model[m] + dpa, buf, len);
}

static void same(CxlSlices *s)
{
    g_autofree uint8_t *buf = g_malloc(BYTES);

    g_assert_null(cxl_slices_check(s));
    for (unsigned m = 0; m < MEMBERS; m++) {
        g_assert_true(cxl_slices_rw(s, &store[m], 0, buf, BYTES, false));
        g_assert_cmpmem(buf, BYTES, model[m], BYTES);
    }
}

static void scribble(CxlSlices *s)
{
    uint8_t buf[0x1000];

    for (unsigned i = 0; i < 20; i++) {
        unsigned len = g_test_rand_int_range(1, sizeof(buf));

        for (unsigned k = 0; k < len; k++) {
            buf[k] = g_test_rand_int();
        }
        put(s, g_test_rand_int_range(0, MEMBERS),
            g_test_rand_int_range(0, BYTES - len), buf, len);
    }
}

static CxlSliceSet set_of(unsigned ways, unsigned ig, uint64_t len)
{
    CxlSliceSet set = {
        .len = len, .ig = ig, .iw = cxl_interleave_iw(ways),
    };

    for (unsigned p = 0; p < ways; p++) {
        set.member[p] = (CxlSliceMember) { &store[p], 0x1000 * p };
    }
    return set;
}

/* Bytes of the region in host order lie in slices. */
static void test_layout(void)
{
    CxlSlices s;
    CxlSliceSet set = set_of(2, 0, 0x4000);
    uint64_t moved = 0;
    uint8_t byte = 0x5a;

    setup(&s);
    put(&s, 1, 0x1000 + 0x2100, &byte, 1);
    g_assert_true(cxl_slices_adopt(&s, &set, &moved));
    g_assert_cmpuint(moved, ==, PAGE);
    /* Chunk 33 of position 1 is host offset 0x4300: slice 1, 0x300. */
    g_assert_cmphex(store[1].bytes[0x1000 + 0x300], ==, 0x5a);
    same(&s);
    cxl_slices_destroy(&s);
}

static void test_views(void)
{
    for (unsigned ways = 2; ways <= MEMBERS; ways++) {
        for (unsigned ig = 0; ig < 3; ig++) {
            CxlSliceSet set = set_of(ways, ig, 0x4000);
            uint64_t moved = 0;
            CxlSlices s;

            setup(&s);
            scribble(&s);
            g_assert_true(cxl_slices_adopt(&s, &set, &moved));
            g_assert_cmpuint(moved, >, 0);
            g_assert_true(cxl_slices_has(&s, &set));
            same(&s);
            scribble(&s);
            same(&s);
            g_assert_true(cxl_slices_release(&s, &store[0], 0, 1, &moved));
            g_assert_false(cxl_slices_has(&s, &set));
            for (unsigned m = 0; m < MEMBERS; m++) {
                g_assert_cmpmem(store[m].bytes, BYTES, model[m], BYTES);
            }
            cxl_slices_destroy(&s);
        }
    }
}

static void test_untouched_stays(void)
{
    CxlSlices s;
    CxlSliceSet set = set_of(4, 0, 0x4000);
    uint64_t moved = 0;

    setup(&s);
    g_assert_true(cxl_slices_adopt(&s, &set, &moved));
    g_assert_true(cxl_slices_release(&s, &store[3], 0x3000, 1, &moved));
    g_assert_cmpuint(moved, ==, 0);
    for (unsigned m = 0; m < MEMBERS; m++) {
        for (unsigned i = 0; i < BYTES / PAGE; i++) {
            g_assert_false(store[m].touched[i]);
        }
    }
    cxl_slices_destroy(&s);
}

/* A new set takes the place of those in its way, and only those. */
static void test_make_room(void)
{
    CxlSlices s;
    CxlSliceSet two = set_of(2, 0, 0x2000);
    CxlSliceSet other = two, three = set_of(3, 1, 0x4000);
    uint64_t moved = 0;

    other.member[0] = (CxlSliceMember) { &store[2], 0x7000 };
    other.member[1] = (CxlSliceMember) { &store[3], 0x0 };
    other.len = 0x1000;
    setup(&s);
    scribble(&s);
    g_assert_true(cxl_slices_adopt(&s, &two, &moved));
    g_assert_true(cxl_slices_adopt(&s, &other, &moved));
    same(&s);
    g_assert_true(cxl_slices_make_room(&s, &three, &moved));
    g_assert_false(cxl_slices_has(&s, &two));
    g_assert_true(cxl_slices_has(&s, &other));
    g_assert_true(cxl_slices_adopt(&s, &three, &moved));
    same(&s);
    g_assert_true(cxl_slices_uses(&s, &store[1], 0, 0x1001));
    g_assert_false(cxl_slices_uses(&s, &store[1], 0, 0x1000));
    g_assert_null(cxl_slices_at(&s, &store[1], 0x5000));
    g_assert_nonnull(cxl_slices_at(&s, &store[1], 0x4fff));
    cxl_slices_abandon(&s, &store[0]);
    g_assert_false(cxl_slices_has(&s, &three));
    g_assert_true(cxl_slices_has(&s, &other));
    cxl_slices_destroy(&s);
}

/* When storage cannot be read, nothing changes. */
static void test_failure(void)
{
    CxlSlices s;
    CxlSliceSet set = set_of(2, 0, 0x4000);
    uint64_t moved = 0;
    uint8_t byte;

    setup(&s);
    scribble(&s);
    broken = true;
    g_assert_false(cxl_slices_adopt(&s, &set, &moved));
    g_assert_false(cxl_slices_rw(&s, &store[0], 0, &byte, 1, false));
    broken = false;
    g_assert_false(cxl_slices_has(&s, &set));
    same(&s);
    g_assert_true(cxl_slices_adopt(&s, &set, &moved));
    broken = true;
    g_assert_false(cxl_slices_release(&s, &store[0], 0, BYTES, &moved));
    broken = false;
    g_assert_true(cxl_slices_has(&s, &set));
    same(&s);
    /* Beyond the storage */
    g_assert_false(cxl_slices_rw(&s, &store[0], BYTES, &byte, 1, false));
    cxl_slices_destroy(&s);
}

/* As after migration: the bytes are in place, the sets are not. */
static void test_restore(void)
{
    CxlSlices s;
    CxlSliceSet set = set_of(3, 0, 0x4000);
    CxlSliceSet bad;
    uint64_t moved = 0;

    setup(&s);
    scribble(&s);
    g_assert_true(cxl_slices_adopt(&s, &set, &moved));
    cxl_slices_clear(&s);
    g_assert_false(cxl_slices_has(&s, &set));
    bad = set;
    bad.iw = 7;
    g_assert_false(cxl_slices_restore(&s, &bad));
    bad = set;
    bad.len += 1;
    g_assert_false(cxl_slices_restore(&s, &bad));
    bad = set;
    bad.member[2] = bad.member[0];
    g_assert_false(cxl_slices_restore(&s, &bad));
    g_assert_true(cxl_slices_restore(&s, &set));
    g_assert_false(cxl_slices_restore(&s, &set));
    same(&s);
    cxl_slices_destroy(&s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/slice/layout", test_layout);
    g_test_add_func("/cxl/slice/views", test_views);
    g_test_add_func("/cxl/slice/untouched-stays", test_untouched_stays);
    g_test_add_func("/cxl/slice/make-room", test_make_room);
    g_test_add_func("/cxl/slice/failure", test_failure);
    g_test_add_func("/cxl/slice/restore", test_restore);
    return g_test_run();
}
