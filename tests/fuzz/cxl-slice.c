/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slice storage against plain arrays: sets come and go, hosts write in host
 * order, devices in device order, and both always see the same bytes.  All
 * sets are recorded in a layout file, and the process dies at any write of a
 * move and starts again: then everything is in device order.
 *
 * Step: op[1] a[1] b[1] c[1] d[1].
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/layout.h"
#include "hw/cxl/core/slice.h"
#include "tests/fuzz/fuzz-target.h"

#define MEMBERS 4
#define BYTES 0x6000u
#define PAGE 0x200u
#define STEP 5

typedef struct Store {
    uint8_t bytes[BYTES];
    bool touched[BYTES / PAGE];
} Store;

static Store store[MEMBERS];
static uint8_t model[MEMBERS][BYTES]; /* device order */
static bool broken;

/* The layout file, and how many writes this process has left to live */
static uint8_t file[CXL_LAYOUT_JOURNAL + 0x30000];
static uint64_t file_size;
static CxlLayout layout;
static int life = INT_MAX;

static bool dies(void)
{
    if (life > 0) {
        life--;
    }
    return !life;
}

static bool file_read(void *opaque, uint64_t at, void *buf, uint64_t len)
{
    if (at > file_size || len > file_size - at) {
        return false;
    }
    memcpy(buf, file + at, len);
    return true;
}

static bool file_write(void *opaque, uint64_t at, const void *buf,
                       uint64_t len)
{
    g_assert_cmpuint(at + len, <=, sizeof(file));
    if (!dies()) {
        memcpy(file + at, buf, len);
        file_size = MAX(file_size, at + len);
    }
    return true;
}

static bool file_truncate(void *opaque, uint64_t size)
{
    file_size = dies() ? file_size : MIN(file_size, size);
    return true;
}

static const CxlLayoutOps file_ops = {
    PAGE, file_read, file_write, file_truncate,
};

static void *find(void *opaque, uint64_t sn, uint64_t dpa, uint64_t len)
{
    g_assert_cmpuint(sn, <, MEMBERS);
    return &store[sn];
}

static uint64_t number(const void *device)
{
    return (const Store *)device - store;
}

static bool moving(void *opaque, const CxlSliceSet *set, bool adopt,
                   const GArray *saved)
{
    CxlLayoutSet out = cxl_layout_describe(set, number);

    return cxl_layout_begin(&layout, &out, adopt, saved);
}

static bool moved_some(void *opaque, const CxlSliceSet *set)
{
    CxlLayoutSet out = cxl_layout_describe(set, number);

    g_assert_true(cxl_layout_end(&layout, &out));
    return true;
}

static bool rw(void *opaque, void *device, uint64_t dpa, void *buf,
               uint64_t len, bool is_write)
{
    Store *s = device;

    if (broken) {
        return false;
    }
    g_assert_true(dpa <= BYTES && len <= BYTES - dpa);
    if (!is_write) {
        memcpy(buf, s->bytes + dpa, len);
        return true;
    }
    if (dies()) {
        return true;
    }
    memcpy(s->bytes + dpa, buf, len);
    for (uint64_t i = dpa / PAGE; i * PAGE < dpa + len; i++) {
        s->touched[i] = true;
    }
    return true;
}

static bool touched(void *opaque, void *device, uint64_t dpa, uint64_t len,
                    uint64_t *start, uint64_t *run)
{
    Store *s = device;
    uint64_t i = dpa / PAGE, end = (dpa + len) / PAGE;

    g_assert_cmpuint(dpa + len, <=, BYTES);
    while (i < end && !s->touched[i]) {
        i++;
    }
    *start = i * PAGE;
    for (*run = 0; i < end && s->touched[i]; i++) {
        *run += PAGE;
    }
    return *run;
}

static void discard(void *opaque, void *device, uint64_t dpa, uint64_t len)
{
    Store *s = device;

    if (dies()) {
        return;
    }
    memset(s->bytes + dpa, 0, len);
    memset(s->touched + dpa / PAGE, 0, len / PAGE);
}

static const CxlSliceOps ops = {
    .unit = PAGE, .rw = rw, .touched = touched, .discard = discard,
    .moving = moving, .moved = moved_some,
};

/* Distinct members in any order; lengths and places whole pages. */
static void adopt(CxlSlices *s, const uint8_t *p)
{
    static const uint8_t iws[] = { 1, 2, 8 };
    CxlSliceSet set = { .ig = p[1] % 2, .iw = iws[p[1] / 2 % 3] };
    unsigned ways = cxl_interleave_ways(set.iw);
    uint64_t moved = 0, budget = p[1] & 0x80 ? CXL_SLICE_ALL : p[2] * 512;
    CxlSliceResult result;

    set.len = (1 + p[2] % 16) * PAGE;
    for (unsigned i = 0; i < ways; i++) {
        set.member[i] = (CxlSliceMember) {
            &store[(p[3] + i) % MEMBERS],
            (p[4] * (i + 1)) % 32 * PAGE,
        };
    }
    result = cxl_slices_make_room(s, &set, budget, &moved);
    if (result == CXL_SLICE_DONE) {
        result = cxl_slices_adopt(s, &set, budget, &moved);
    }
    g_assert_true(result != CXL_SLICE_FAILED || broken);
    g_assert_true(result != CXL_SLICE_DONE || cxl_slices_has(s, &set));
}

/* As in a reset: one or more members, and all of them at last */
static void wipe(CxlSlices *s, const uint8_t *p)
{
    const CxlSliceSet *set = cxl_slices_at(s, &store[p[1] % MEMBERS],
                                           p[2] % 48 * PAGE);

    for (unsigned i = 0; set && i < cxl_interleave_ways(set->iw); i++) {
        const CxlSliceMember *m = &set->member[i];

        if (p[3] & (1 << i) &&
            cxl_slices_zero(s, m->device, m->dpa, set->len)) {
            memset(model[(Store *)m->device - store] + m->dpa, 0, set->len);
        }
    }
}

static void device_write(CxlSlices *s, const uint8_t *p)
{
    unsigned m = p[1] % MEMBERS;
    uint64_t dpa = p[2] * 96 % BYTES;
    unsigned len = MIN(1 + p[3] * 8u, BYTES - dpa);
    uint8_t buf[2048];

    for (unsigned i = 0; i < len; i++) {
        buf[i] = p[4] + i * 7;
    }
    if (cxl_slices_rw(s, &store[m], dpa, buf, len, true)) {
        memcpy(model[m] + dpa, buf, len);
    }
}

/* As a guest would through an alias: straight into a slice. */
static void host_write(CxlSlices *s, const uint8_t *p)
{
    const CxlSliceSet *set = cxl_slices_at(s, &store[p[1] % MEMBERS],
                                           p[2] % 48 * PAGE);
    uint64_t off, slice;
    unsigned pos;

    if (!set || set->left || set->zero) {
        return;
    }
    off = (p[3] | p[4] << 8) % (set->len * cxl_interleave_ways(set->iw));
    slice = off / set->len;
    rw(NULL, set->member[slice].device,
       set->member[slice].dpa + off % set->len, (void *)&p[4], 1, true);
    pos = cxl_interleave_position(off, set->ig, set->iw);
    if (!broken) {
        model[(Store *)set->member[pos].device - store]
             [set->member[pos].dpa +
              cxl_interleave_to_dpa(off, set->ig, set->iw)] = p[4];
    }
}

/* A move during which the process dies, perhaps, and a new process */
static void die_and_repair(CxlSlices *s, const uint8_t *p)
{
    uint64_t moved = 0;

    /* What a dead process leaves need not be zero yet. */
    g_assert_true(cxl_slices_settle(s));
    life = 1 + p[4];
    if (p[3] & 1) {
        adopt(s, p);
    } else {
        cxl_slices_release(s, &store[p[1] % MEMBERS], 0, BYTES,
                           p[2] & 1 ? CXL_SLICE_ALL : p[2] * 512, &moved);
    }
    life = INT_MAX;
    cxl_slices_destroy(s);
    cxl_layout_close(&layout);
    cxl_slices_init(s, &ops, NULL);
    g_assert_null(cxl_layout_open(&layout, &file_ops, NULL));
    g_assert_true(cxl_layout_repair(&layout, s, find, NULL, &moved));
    for (unsigned m = 0; m < MEMBERS; m++) {
        g_assert_cmpmem(store[m].bytes, BYTES, model[m], BYTES);
    }
}

static void step(CxlSlices *s, const uint8_t *p)
{
    uint64_t moved = 0;

    broken = p[0] >= 0xf8;
    switch (p[0] % 8) {
    case 0:
        adopt(s, p);
        break;
    case 1:
        cxl_slices_release(s, &store[p[1] % MEMBERS], p[2] % 48 * PAGE,
                           1 + p[3] * PAGE,
                           p[4] & 1 ? CXL_SLICE_ALL : p[4] * 512, &moved);
        break;
    case 2:
    case 3:
    case 4:
        host_write(s, p);
        break;
    case 5:
        if (!broken) {
            die_and_repair(s, p);
        }
        break;
    case 6:
        if (!broken) {
            device_write(s, p);
        }
        break;
    default:
        if (!broken) {
            wipe(s, p);
        }
        break;
    }
    broken = false;
}

static void compare(CxlSlices *s)
{
    static uint8_t buf[BYTES];

    g_assert_null(cxl_slices_check(s));
    for (unsigned m = 0; m < MEMBERS; m++) {
        g_assert_true(cxl_slices_rw(s, &store[m], 0, buf, BYTES, false));
        g_assert_cmpmem(buf, BYTES, model[m], BYTES);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t moved = 0;
    CxlSlices s;

    memset(store, 0, sizeof(store));
    memset(model, 0, sizeof(model));
    file_size = 0;
    cxl_slices_init(&s, &ops, NULL);
    g_assert_null(cxl_layout_open(&layout, &file_ops, NULL));
    for (size_t at = 0; at + STEP <= size && at < 100 * STEP; at += STEP) {
        step(&s, data + at);
        compare(&s);
    }
    for (unsigned m = 0; m < MEMBERS; m++) {
        g_assert_cmpint(cxl_slices_release(&s, &store[m], 0, BYTES,
                                           CXL_SLICE_ALL, &moved), ==,
                        CXL_SLICE_DONE);
        g_assert_cmpmem(store[m].bytes, BYTES, model[m], BYTES);
    }
    cxl_slices_destroy(&s);
    cxl_layout_close(&layout);
    return 0;
}
