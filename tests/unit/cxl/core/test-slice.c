/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slice storage against plain byte arrays: the view, adoption, release, what
 * is moved and what is not, and failure of memory.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/slice.h"
#include "tests/unit/scarce.h"

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
/* Fails that write and those after it, as many as there are in @failures */
static int fail_at, failures;
static unsigned writes, reads;
static uint64_t lost_bytes;

static bool rw(void *opaque, void *device, uint64_t dpa, void *buf,
               uint64_t len, bool is_write)
{
    Store *s = device;

    if (broken || dpa > BYTES || len > BYTES - dpa) {
        return false;
    }
    reads += !is_write;
    if (is_write && writes++ - fail_at < failures) {
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

static void lost(void *opaque, const CxlSliceSet *set, unsigned position,
                 uint64_t off, uint64_t len)
{
    lost_bytes += len;
}

static const CxlSliceOps ops = {
    .lost = lost, .unit = PAGE, .rw = rw, .touched = touched,
    .discard = discard,
};

static bool adopt(CxlSlices *s, const CxlSliceSet *set, uint64_t *moved)
{
    return cxl_slices_adopt(s, set, CXL_SLICE_ALL, moved) == CXL_SLICE_DONE;
}

static bool release(CxlSlices *s, void *device, uint64_t dpa, uint64_t len,
                    uint64_t *moved)
{
    return cxl_slices_release(s, device, dpa, len, CXL_SLICE_ALL, moved) ==
           CXL_SLICE_DONE;
}

static void setup(CxlSlices *s)
{
    memset(store, 0, sizeof(store));
    memset(model, 0, sizeof(model));
    broken = false;
    failures = 0;
    writes = reads = 0;
    lost_bytes = 0;
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
    g_assert_true(adopt(&s, &set, &moved));
    g_assert_cmpuint(moved, >=, PAGE);
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
            g_assert_true(adopt(&s, &set, &moved));
            g_assert_cmpuint(moved, >, 0);
            g_assert_true(cxl_slices_has(&s, &set));
            same(&s);
            scribble(&s);
            same(&s);
            g_assert_true(release(&s, &store[0], 0, 1, &moved));
            g_assert_false(cxl_slices_has(&s, &set));
            for (unsigned m = 0; m < MEMBERS; m++) {
                g_assert_cmpmem(store[m].bytes, BYTES, model[m], BYTES);
            }
            cxl_slices_destroy(&s);
        }
    }
}

static bool told[MEMBERS][BYTES];

static void tell(void *opaque, void *device, uint64_t dpa, uint64_t len)
{
    for (uint64_t i = dpa; i < dpa + len; i++) {
        g_assert_false(told[(Store *)device - store][i]);
        told[(Store *)device - store][i] = true;
    }
}

/* Whose bytes are kept in a range of storage, within sets and beside them */
static void test_kept(void)
{
    g_autofree uint8_t *now = g_malloc(BYTES);
    CxlSliceSet set = set_of(2, 0, 0x2000);
    const uint64_t from = 0x1234, to = 0x6543;
    uint64_t moved = 0;
    CxlSlices s;

    setup(&s);
    scribble(&s);
    set.member[0].dpa = 0x3000;
    g_assert_true(adopt(&s, &set, &moved));
    memset(told, 0, sizeof(told));
    cxl_slices_kept(&s, &store[0], from, to - from, tell, NULL);
    for (uint64_t i = from; i < to; i++) {
        store[0].bytes[i] ^= 0x80;
    }
    for (unsigned m = 0; m < MEMBERS; m++) {
        g_assert_true(cxl_slices_rw(&s, &store[m], 0, now, BYTES, false));
        for (uint64_t i = 0; i < BYTES; i++) {
            g_assert_cmpint(now[i] != model[m][i], ==, told[m][i]);
        }
    }
    cxl_slices_destroy(&s);
}

static void test_untouched_stays(void)
{
    CxlSlices s;
    CxlSliceSet set = set_of(4, 0, 0x4000);
    uint64_t moved = 0;

    setup(&s);
    /* It is not gone through step by step either, however large it is. */
    g_assert_cmpint(cxl_slices_adopt(&s, &set, 1, &moved), ==,
                    CXL_SLICE_DONE);
    g_assert_true(release(&s, &store[3], 0x3000, 1, &moved));
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
    g_assert_true(adopt(&s, &two, &moved));
    g_assert_true(adopt(&s, &other, &moved));
    same(&s);
    g_assert_cmpint(cxl_slices_make_room(&s, &three, CXL_SLICE_ALL, &moved), ==,
                    CXL_SLICE_DONE);
    g_assert_false(cxl_slices_has(&s, &two));
    g_assert_true(cxl_slices_has(&s, &other));
    g_assert_true(adopt(&s, &three, &moved));
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
    g_assert_false(adopt(&s, &set, &moved));
    g_assert_false(cxl_slices_rw(&s, &store[0], 0, &byte, 1, false));
    broken = false;
    g_assert_false(cxl_slices_has(&s, &set));
    same(&s);
    g_assert_true(adopt(&s, &set, &moved));
    broken = true;
    g_assert_false(release(&s, &store[0], 0, BYTES, &moved));
    broken = false;
    g_assert_true(cxl_slices_at(&s, &store[0], 0) != NULL);
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
    g_assert_true(adopt(&s, &set, &moved));
    cxl_slices_clear(&s);
    g_assert_false(cxl_slices_has(&s, &set));
    bad = set;
    bad.iw = 7;
    g_assert_false(cxl_slices_restore(&s, &bad));
    bad = set;
    bad.len += 1;
    g_assert_false(cxl_slices_restore(&s, &bad));
    bad = set;
    bad.len = 256;
    g_assert_false(cxl_slices_restore(&s, &bad));
    g_assert_false(adopt(&s, &bad, &moved));
    bad = set;
    bad.len = 0;
    g_assert_false(cxl_slices_restore(&s, &bad));
    bad = set;
    bad.ig = 3; /* 2 KiB in a unit of 1 KiB */
    g_assert_false(cxl_slices_restore(&s, &bad));
    bad = set;
    bad.member[1].dpa += 256;
    g_assert_false(cxl_slices_restore(&s, &bad));
    bad = set;
    bad.member[1].dpa = -(uint64_t)PAGE;
    g_assert_false(cxl_slices_restore(&s, &bad));
    bad = set;
    bad.left = cxl_slice_set_steps(&set, PAGE);
    g_assert_false(cxl_slices_restore(&s, &bad));
    bad = set;
    bad.zero = 8;
    g_assert_false(cxl_slices_restore(&s, &bad));
    bad = set;
    bad.member[2] = bad.member[0];
    g_assert_false(cxl_slices_restore(&s, &bad));
    g_assert_true(cxl_slices_restore(&s, &set));
    g_assert_false(cxl_slices_restore(&s, &set));
    same(&s);
    cxl_slices_destroy(&s);
}

/* Between any two steps both see the same, and each direction goes on. */
static void test_steps(void)
{
    CxlSlices s;

    setup(&s);
    for (unsigned ways = 2; ways <= MEMBERS; ways++) {
        CxlSliceSet set = set_of(ways, ways % 3, 0x4000);
        uint64_t moved = 0;
        unsigned steps = 0;

        scribble(&s);
        while (cxl_slices_adopt(&s, &set, 1, &moved) == CXL_SLICE_MORE) {
            g_assert_false(cxl_slices_has(&s, &set));
            steps++;
            same(&s);
            if (steps % 7 == 0) {
                scribble(&s);
                same(&s);
            }
            if (steps % 5 == 0) {
                /* It turns back and comes again. */
                cxl_slices_release(&s, set.member[1].device, 0x1000, 1,
                                   1 + steps % 3 * 16384, &moved);
                same(&s);
            }
        }
        g_assert_cmpuint(steps, >, 16);
        g_assert_true(cxl_slices_has(&s, &set));
        same(&s);
        while (cxl_slices_release(&s, &store[0], 0, BYTES, 1, &moved) ==
               CXL_SLICE_MORE) {
            same(&s);
        }
        g_assert_cmpuint(s.sets->len, ==, 0);
        for (unsigned m = 0; m < MEMBERS; m++) {
            g_assert_cmpmem(store[m].bytes, BYTES, model[m], BYTES);
        }
    }
    cxl_slices_destroy(&s);
}

/* As after migration in the middle of a move */
static void test_restore_halfway(void)
{
    CxlSliceSet set = set_of(3, 0, 0x4000);
    uint64_t steps = cxl_slice_set_steps(&set, PAGE), moved = 0;

    for (uint64_t left = 1; left < steps; left += 5) {
        CxlSlices s;

        setup(&s);
        scribble(&s);
        do {
            cxl_slices_adopt(&s, &set, 1, &moved);
        } while (cxl_slices_at(&s, &store[0], 0)->left > left);
        cxl_slices_clear(&s);
        set.left = left;
        g_assert_true(cxl_slices_restore(&s, &set));
        same(&s);
        g_assert_true(left % 2 ? adopt(&s, &set, &moved) :
                      release(&s, &store[0], 0, 1, &moved));
        same(&s);
        cxl_slices_destroy(&s);
    }
}

/* Its memory is known by another name, wherever the set is on its way. */
static void test_replace(void)
{
    for (unsigned on_the_way = 0; on_the_way < 2; on_the_way++) {
        CxlSliceSet set = set_of(2, 0, 0x4000);
        uint64_t moved = 0;
        CxlSlices s;

        setup(&s);
        scribble(&s);
        if (on_the_way) {
            g_assert_cmpint(cxl_slices_adopt(&s, &set, 1, &moved), ==,
                            CXL_SLICE_MORE);
        } else {
            g_assert_true(adopt(&s, &set, &moved));
        }
        store[3] = store[1];
        memcpy(model[3], model[1], BYTES);
        cxl_slices_replace(&s, &store[1], &store[3]);
        g_assert_false(cxl_slices_uses(&s, &store[1], 0, BYTES));
        g_assert_true(cxl_slices_uses(&s, &store[3], 0, BYTES));
        memset(store[1].bytes, 0x5a, BYTES);
        memset(model[1], 0x5a, BYTES);
        same(&s);
        while (cxl_slices_release(&s, &store[3], 0, UINT64_MAX, 1, &moved) ==
               CXL_SLICE_MORE) {
            same(&s);
        }
        g_assert_cmpuint(s.sets->len, ==, 0);
        same(&s);
        cxl_slices_destroy(&s);
    }
}

/*
 * A host that fails each write in turn, in both directions: nothing is lost,
 * and trying again helps.  One that fails even what is put back says so.
 */
static void fail_each(bool back, int count)
{
    bool done = false;

    for (unsigned n = 0; !done; n++) {
        CxlSliceSet set = set_of(3, 0, 0x2000);
        uint64_t moved = 0;
        CxlSlices s;

        setup(&s);
        scribble(&s);
        if (back) {
            g_assert_true(adopt(&s, &set, &moved));
        }
        writes = 0;
        fail_at = n;
        failures = count;
        done = back ? release(&s, &store[0], 0, 1, &moved)
                    : adopt(&s, &set, &moved);
        failures = 0;
        if (count == 1) {
            same(&s);
            g_assert_cmpuint(lost_bytes, ==, 0);
            g_assert_true(back ? release(&s, &store[0], 0, 1, &moved)
                               : adopt(&s, &set, &moved));
            same(&s);
        } else if (!done) {
            g_assert_cmpuint(lost_bytes, >, 0);
        }
        cxl_slices_destroy(&s);
        g_assert_cmpuint(n, <, 10000);
    }
}

/* Each allocation that may fail does, once: nothing is lost, and it works. */
static void test_scarce(void)
{
    for (unsigned after = 0; after < 200; after++) {
        CxlSliceSet set = set_of(3, 0, 0x3000);
        uint64_t moved = 0;
        CxlSlices s;
        bool good;

        setup(&s);
        scribble(&s);
        scarce_after = after;
        good = adopt(&s, &set, &moved);
        same(&s);
        good &= release(&s, &store[0], 0, BYTES, &moved);
        same(&s);
        g_assert_cmpint(good, ==, scarce_after >= 0);
        scarce_after = -1;
        g_assert_true(adopt(&s, &set, &moved));
        same(&s);
        cxl_slices_destroy(&s);
    }
}

/* A record that refuses, on a host that has written to what lay still */
static bool moved_on_bad_host(void *opaque, const CxlSliceSet *set)
{
    for (unsigned m = 0; m < MEMBERS; m++) {
        memset(store[m].touched, true, sizeof(store[m].touched));
    }
    broken = true;
    return false;
}

/*
 * Steps that changed no byte are taken back if they cannot be recorded; where
 * not even that can be done the set stays where it is.
 */
static void test_failed_record(void)
{
    CxlSliceOps bad = ops;
    CxlSliceSet set = set_of(3, 0, 0x3000);
    uint64_t moved = 0, last;
    CxlSlices s;

    setup(&s);
    bad.moved = moved_on_bad_host;
    s.host.ops = &bad;
    last = set.member[2].dpa + set.len - PAGE;
    put(&s, 2, last, "far", 3);
    g_assert_cmpint(cxl_slices_adopt(&s, &set, 1, &moved), ==,
                    CXL_SLICE_FAILED);
    broken = false;
    same(&s);
    s.host.ops = &ops;
    g_assert_true(adopt(&s, &set, &moved));
    same(&s);
    cxl_slices_destroy(&s);
}

static void test_failed_writes(void)
{
    fail_each(false, 1);
    fail_each(true, 1);
    fail_each(false, 100000);
    fail_each(true, 100000);
}

/* What one call does depends on its budget, not on how much memory there is. */
static void test_bounded(void)
{
    unsigned most[2];

    for (unsigned big = 0; big < 2; big++) {
        CxlSliceSet set = set_of(4, 0, big ? 0x4c00 : 0x1400);
        uint64_t moved = 0;
        CxlSlices s;

        setup(&s);
        for (unsigned i = 0; i < 10; i++) {
            scribble(&s);
        }
        most[big] = 0;
        do {
            writes = reads = 0;
        } while (cxl_slices_adopt(&s, &set, 1, &moved) == CXL_SLICE_MORE &&
                 (most[big] = MAX(most[big], reads + writes)));
        g_assert_true(cxl_slices_has(&s, &set));
        cxl_slices_destroy(&s);
    }
    g_assert_cmpuint(most[1], <=, 4 * PAGE / 256 + 4 * 2);
    g_assert_cmpuint(most[0], >, 0);
}

/* Members that are wiped one after the other give all of their storage back. */
static void test_zero(void)
{
    CxlSliceSet set = set_of(3, 0, 0x4000);
    uint64_t moved = 0;
    uint8_t byte = 1;
    CxlSlices s;

    setup(&s);
    scribble(&s);
    g_assert_true(adopt(&s, &set, &moved));
    g_assert_false(cxl_slices_zero(&s, &store[0], 0, 0x3c00));
    g_assert_false(cxl_slices_zero(&s, &store[0], 0x400, 0x3c00));
    g_assert_false(cxl_slices_zero(&s, &store[3], 0, 0x4000));
    writes = reads = 0;
    for (unsigned p = 0; p < 3; p++) {
        g_assert_true(cxl_slices_zero(&s, &store[p], 0x1000 * p, 0x4000));
        memset(model[p] + 0x1000 * p, 0, 0x4000);
        g_assert_cmpuint(writes + reads, ==, 0);
        g_assert_cmpint(cxl_slices_has(&s, &set), ==, p == 2);
    }
    for (unsigned p = 0; p < 3; p++) {
        for (unsigned i = 0; i < 0x4000 / PAGE; i++) {
            g_assert_false(store[p].touched[0x1000 * p / PAGE + i]);
        }
    }
    same(&s);
    /* One of them alone, and then written to, or moved, or asked to */
    for (unsigned how = 0; how < 3; how++) {
        scribble(&s);
        g_assert_true(cxl_slices_zero(&s, &store[how], 0x1000 * how, 0x4000));
        memset(model[how] + 0x1000 * how, 0, 0x4000);
        same(&s);
        if (how == 0) {
            put(&s, 0, 0x123, &byte, 1);
        } else if (how == 1) {
            g_assert_true(cxl_slices_settle(&s));
        } else {
            g_assert_true(release(&s, &store[0], 0, 1, &moved));
            g_assert_cmpuint(s.sets->len, ==, 0);
        }
        same(&s);
    }
    cxl_slices_destroy(&s);
}

static void zero(CxlSlices *s, const CxlSliceSet *set, unsigned p)
{
    g_assert_true(cxl_slices_zero(s, &store[p], set->member[p].dpa,
                                  set->len));
    memset(model[p] + set->member[p].dpa, 0, set->len);
    same(s);
}

/*
 * A machine that is reset while a set is on its way: whoever is wiped reads
 * zero, alone or with all others, and the others read what they had.
 */
static void test_zero_on_the_way(void)
{
    CxlSliceSet set = set_of(3, 0, 0x4000);
    uint64_t steps = cxl_slice_set_steps(&set, PAGE), moved = 0;
    uint8_t byte = 1;

    for (uint64_t n = 1; n < steps; n++) {
        CxlSlices s;

        setup(&s);
        scribble(&s);
        for (uint64_t i = 0; i < n; i++) {
            cxl_slices_adopt(&s, &set, 1, &moved);
        }
        zero(&s, &set, n % 3);
        switch (n % 4) {
        case 0:
            put(&s, n % 3, 0x3123, &byte, 1);
            break;
        case 1:
            writes = reads = 0;
            zero(&s, &set, (n + 1) % 3);
            g_assert_cmpuint(writes, ==, 0);
            zero(&s, &set, (n + 2) % 3);
            g_assert_cmpuint(writes, ==, 0);
            g_assert_true(cxl_slice_set_untouched(&s.host,
                              cxl_slices_at(&s, &store[0], 0)));
            break;
        case 2:
            g_assert_true(release(&s, &store[0], 0, 1, &moved));
            break;
        }
        same(&s);
        g_assert_true(adopt(&s, &set, &moved));
        same(&s);
        cxl_slices_destroy(&s);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/slice/layout", test_layout);
    g_test_add_func("/cxl/slice/views", test_views);
    g_test_add_func("/cxl/slice/kept", test_kept);
    g_test_add_func("/cxl/slice/untouched-stays", test_untouched_stays);
    g_test_add_func("/cxl/slice/make-room", test_make_room);
    g_test_add_func("/cxl/slice/failure", test_failure);
    g_test_add_func("/cxl/slice/restore", test_restore);
    g_test_add_func("/cxl/slice/steps", test_steps);
    g_test_add_func("/cxl/slice/restore-halfway", test_restore_halfway);
    g_test_add_func("/cxl/slice/replace", test_replace);
    g_test_add_func("/cxl/slice/failed-writes", test_failed_writes);
    g_test_add_func("/cxl/slice/failed-record", test_failed_record);
    g_test_add_func("/cxl/slice/scarce", test_scarce);
    g_test_add_func("/cxl/slice/bounded", test_bounded);
    g_test_add_func("/cxl/slice/zero", test_zero);
    g_test_add_func("/cxl/slice/zero-on-the-way", test_zero_on_the_way);
    return g_test_run();
}
