/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record of host order: a process that dies at any of its writes, torn
 * ones too, leaves files that the next one puts in device order without losing
 * a byte, even if it dies as well.  And files that are refused.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/layout.h"

#define MEMBERS 3
#define BYTES 0x4000u
#define PAGE 0x200u
#define FILE_MAX (CXL_LAYOUT_JOURNAL + 0x20000)
#define FOREVER INT_MAX

/* Two disks of memory, the file, and how many more writes until death */
static uint8_t store[MEMBERS][BYTES];
static uint8_t model[MEMBERS][BYTES]; /* device order, always */
static uint8_t file[FILE_MAX];
static uint64_t file_size;
static int life;
static bool file_full;
static int refused_in;      /* operations until one is refused; 0: none is */

/* Is this write made?  The last one is made in part. */
static uint64_t lives(uint64_t len)
{
    if (life <= 0) {
        return 0;
    }
    return --life ? len : len / 2;
}

/* Is this operation refused, by the disks or by the file? */
static bool refuses(void)
{
    return refused_in && !--refused_in;
}

static uint8_t *bytes_of(void *device)
{
    return store[(uintptr_t)device - 1];
}

static bool store_rw(void *opaque, void *device, uint64_t dpa, void *buf,
                     uint64_t len, bool is_write)
{
    g_assert_true(dpa <= BYTES && len <= BYTES - dpa);
    if (refuses()) {
        return false;
    }
    if (is_write) {
        memcpy(bytes_of(device) + dpa, buf, lives(len));
    } else {
        memcpy(buf, bytes_of(device) + dpa, len);
    }
    return true;
}

static bool page_used(const uint8_t *page)
{
    return page[0] || memcmp(page, page + 1, PAGE - 1);
}

static bool store_touched(void *opaque, void *device, uint64_t dpa,
                          uint64_t len, uint64_t *start, uint64_t *run)
{
    uint64_t at = dpa, end = dpa + len;

    while (at < end && !page_used(bytes_of(device) + at)) {
        at += PAGE;
    }
    *start = at;
    for (*run = 0; at < end && page_used(bytes_of(device) + at); at += PAGE) {
        *run += PAGE;
    }
    return *run;
}

static void store_discard(void *opaque, void *device, uint64_t dpa,
                          uint64_t len)
{
    memset(bytes_of(device) + dpa, 0, lives(len));
}

static CxlLayout layout;
static CxlSlices slices;

static uint64_t number(const void *device)
{
    return (uintptr_t)device;
}

static bool moving(void *opaque, const CxlSliceSet *set, bool adopt,
                   const GArray *saved)
{
    CxlLayoutSet out = cxl_layout_describe(set, number);

    return cxl_layout_begin(&layout, &out, adopt, saved);
}

static bool moved_hook(void *opaque, const CxlSliceSet *set)
{
    CxlLayoutSet out = cxl_layout_describe(set, number);

    return cxl_layout_end(&layout, &out);
}

static const CxlSliceOps slice_ops = {
    .unit = PAGE, .rw = store_rw, .touched = store_touched,
    .discard = store_discard, .moving = moving, .moved = moved_hook,
};

/* In pieces, so that there is something between steps to be recorded */
static bool adopt(const CxlSliceSet *set, uint64_t *moved)
{
    CxlSliceResult result;

    do {
        result = cxl_slices_adopt(&slices, set, 20000, moved);
    } while (result == CXL_SLICE_MORE && life > 0);
    return result == CXL_SLICE_DONE;
}

static bool release(const CxlSliceSet *set, uint64_t *moved)
{
    CxlSliceResult result;

    do {
        result = cxl_slices_release(&slices, set->member[0].device,
                                    set->member[0].dpa, 1, 20000, moved);
    } while (result == CXL_SLICE_MORE && life > 0);
    return result == CXL_SLICE_DONE;
}

static bool file_read(void *opaque, uint64_t at, void *buf, uint64_t len)
{
    if (refuses() || at > file_size || len > file_size - at) {
        return false;
    }
    memcpy(buf, file + at, len);
    return true;
}

static bool file_write(void *opaque, uint64_t at, const void *buf,
                       uint64_t len)
{
    uint64_t n = lives(len);

    if (refuses() || file_full) {
        return false;
    }
    g_assert_cmpuint(at + len, <=, FILE_MAX);
    memcpy(file + at, buf, n);
    file_size = n ? MAX(file_size, at + n) : file_size;
    return true;
}

static bool file_truncate(void *opaque, uint64_t size)
{
    if (refuses()) {
        return false;
    }
    file_size = lives(1) ? MIN(file_size, size) : file_size;
    return true;
}

static const CxlLayoutOps file_ops = {
    PAGE, file_read, file_write, file_truncate,
};

static void *find(void *opaque, uint64_t sn, uint64_t dpa, uint64_t len)
{
    return sn >= 1 && sn <= MEMBERS && dpa + len <= BYTES ?
           (void *)(uintptr_t)sn : NULL;
}

static void *find_without_two(void *opaque, uint64_t sn, uint64_t dpa,
                              uint64_t len)
{
    return sn == 2 ? NULL : find(opaque, sn, dpa, len);
}

static CxlSliceSet make_set(unsigned ig, unsigned iw, uint64_t len)
{
    CxlSliceSet set = { .len = len, .ig = ig, .iw = iw };

    for (unsigned p = 0; p < cxl_interleave_ways(iw); p++) {
        set.member[p] = (CxlSliceMember) {
            (void *)(uintptr_t)(MEMBERS - p), PAGE * p,
        };
    }
    return set;
}

static const char *start(void)
{
    life = FOREVER;
    file_full = false;
    cxl_slices_init(&slices, &slice_ops, NULL);
    return cxl_layout_open(&layout, &file_ops, NULL);
}

static void stop(void)
{
    cxl_slices_destroy(&slices);
    cxl_layout_close(&layout);
}

/* Some pages with data, some without */
static void fill(unsigned seed)
{
    memset(store, 0, sizeof(store));
    for (unsigned m = 0; m < MEMBERS; m++) {
        for (unsigned i = 0; i < BYTES; i++) {
            if ((i / PAGE + m + seed) % 3) {
                store[m][i] = (i * 31 + m * 7 + seed) >> 3;
            }
        }
    }
    memcpy(model, store, sizeof(model));
    file_size = 0;
}

/* A store of a guest into a slice: made or not made, never half */
static void guest_store(const CxlSliceSet *set, uint64_t off, uint8_t value)
{
    const CxlSliceMember *m = &set->member[off / set->len];
    unsigned p = cxl_interleave_position(off, set->ig, set->iw);

    if (life > 0) {
        bytes_of(m->device)[m->dpa + off % set->len] = value;
        model[(uintptr_t)set->member[p].device - 1]
             [set->member[p].dpa + cxl_interleave_to_dpa(off, set->ig,
                                                         set->iw)] = value;
    }
}

/* What one process does in its life */
static void live(void)
{
    CxlSliceSet two = make_set(0, 1, 0x1800);
    CxlSliceSet three = make_set(1, 8, 0x1000);
    uint64_t moved = 0;

    adopt(&two, &moved);
    for (unsigned i = 0; i < 50; i++) {
        guest_store(&two, i * 241 % 0x3000, i + 1);
    }
    if (!release(&two, &moved)) {
        return;
    }
    adopt(&three, &moved);
    for (unsigned i = 0; i < 50; i++) {
        guest_store(&three, i * 239 % 0x3000, i + 101);
    }
}

static void in_order(void)
{
    g_assert_cmpmem(store, sizeof(store), model, sizeof(model));
    g_assert_false(cxl_layout_used(&layout));
}

static void repair(void)
{
    uint64_t moved = 0;

    g_assert_true(cxl_layout_repair(&layout, &slices, find, NULL, &moved));
    g_assert_null(cxl_slices_check(&slices));
}

static void test_killed_anywhere(void)
{
    int writes;

    fill(0);
    g_assert_null(start());
    live();
    writes = FOREVER - life;
    stop();
    g_assert_cmpint(writes, >, 100);
    /* The beginning whole, then every few from a different start each time */
    for (int n = 0; n <= writes;
         n += n < 40 ? 1 : g_test_rand_int_range(1, 20)) {
        fill(n);
        g_assert_null(start());
        life = n;
        live();
        stop();
        g_assert_null(start());
        repair();
        in_order();
        stop();
    }
}

/* The second process dies in its repair, too, and the third one does it. */
static void test_killed_twice(void)
{
    for (unsigned n = 0; n < 40; n++) {
        fill(n);
        g_assert_null(start());
        life = g_test_rand_int_range(0, 800);
        live();
        stop();
        g_assert_null(start());
        life = g_test_rand_int_range(1, 200);
        repair();
        stop();
        g_assert_null(start());
        repair();
        in_order();
        stop();
    }
}

/* A process to which something is refused: what did not work is not done. */
static void live_on(void)
{
    CxlSliceSet two = make_set(0, 1, 0x1800);
    CxlSliceSet three = make_set(1, 8, 0x1000);
    uint64_t moved = 0;

    if (adopt(&two, &moved)) {
        guest_store(&two, 0x234, 0x77);
    }
    release(&two, &moved);
    if (!slices.sets->len && adopt(&three, &moved)) {
        guest_store(&three, 0x1234, 0x78);
    }
    g_assert_null(cxl_slices_check(&slices));
}

/* Any one operation is refused: by the next process nothing is lost. */
static void test_refused_anywhere(void)
{
    bool any = true;

    for (int n = 1; any; n += n < 60 ? 1 : 7) {
        fill(n);
        g_assert_null(start());
        refused_in = n;
        live_on();
        any = !refused_in;
        refused_in = 0;
        stop();
        g_assert_null(start());
        repair();
        in_order();
        stop();
    }
}

/* In a repair, too: it fails, and the next one does it. */
static void test_refused_repair(void)
{
    for (unsigned died = 5; died < 400; died += 31) {
        bool any = true;

        for (int n = 1; any; n += n < 30 ? 1 : 11) {
            uint64_t moved = 0;
            bool good;

            fill(died);
            g_assert_null(start());
            life = died;
            live();
            stop();
            g_assert_null(start());
            refused_in = n;
            good = cxl_layout_repair(&layout, &slices, find, NULL, &moved);
            any = !refused_in;
            refused_in = 0;
            stop();
            g_assert_null(start());
            g_assert_true(!good || any || !cxl_layout_used(&layout));
            repair();
            in_order();
            stop();
        }
    }
}

/* A file that cannot be made is said, and made by the next process. */
static void test_refused_beginning(void)
{
    for (int n = 1; n <= 16; n++) {
        const char *problem;

        fill(n);
        refused_in = n;
        problem = start();
        cxl_slices_destroy(&slices);
        if (!problem) {
            cxl_layout_close(&layout);
        }
        refused_in = 0;
        g_assert_null(start());
        in_order();
        stop();
    }
}

/* Killed while the file is made */
static void test_torn_beginning(void)
{
    for (int n = 1; n <= 2; n++) {
        fill(n);
        life = n;
        cxl_layout_open(&layout, &file_ops, NULL);
        cxl_layout_close(&layout);
        g_assert_null(start());
        in_order();
        stop();
    }
}

static void test_no_room(void)
{
    CxlSliceSet set = make_set(0, 1, 0x1800);
    uint64_t moved = 0;

    fill(1);
    g_assert_null(start());
    file_full = true;
    g_assert_false(adopt(&set, &moved));
    in_order();
    file_full = false;
    g_assert_true(adopt(&set, &moved));
    g_assert_true(cxl_layout_used(&layout));
    /* Cannot go back, but nothing is lost */
    file_full = true;
    g_assert_false(release(&set, &moved));
    g_assert_true(cxl_slices_has(&slices, &set));
    stop();
    g_assert_null(start());
    repair();
    in_order();
    stop();
}

/* A device more is no reason to touch what is in use. */
static void test_repair_in_use(void)
{
    CxlSliceSet set = make_set(0, 1, 0x1800);
    uint64_t moved = 0;

    fill(1);
    g_assert_null(start());
    g_assert_true(adopt(&set, &moved));
    repair();
    g_assert_true(cxl_slices_has(&slices, &set));
    g_assert_true(cxl_layout_used(&layout));
    stop();
    g_assert_null(start());
    repair();
    in_order();
    stop();
}

/* The end of a move does not reach the file: no move before it has. */
static void test_late_end(void)
{
    CxlSliceSet set = make_set(0, 1, 0x1800);
    CxlLayoutSet out = cxl_layout_describe(&set, number), before = out;
    g_autoptr(GArray) none = g_array_new(false, false, sizeof(CxlSliceSaved));

    fill(1);
    before.left = cxl_slice_set_steps(&set, PAGE);
    g_assert_null(start());
    g_assert_true(cxl_layout_begin(&layout, &before, true, none));
    g_assert_false(cxl_layout_begin(&layout, &before, true, none));
    file_full = true;
    g_assert_false(cxl_layout_end(&layout, &out));
    g_assert_false(cxl_layout_begin(&layout, &out, false, none));
    file_full = false;
    g_assert_true(cxl_layout_begin(&layout, &out, false, none));
    g_assert_true(cxl_layout_end(&layout, &before));
    g_assert_false(cxl_layout_used(&layout));
    stop();
}

static void test_member_missing(void)
{
    uint64_t sn = 0, moved = 0;

    fill(1);
    g_assert_null(start());
    live();
    stop();
    g_assert_null(start());
    g_assert_false(cxl_layout_complete(&layout, find_without_two, NULL, &sn));
    g_assert_cmpuint(sn, ==, 2);
    g_assert_false(cxl_layout_repair(&layout, &slices, find_without_two, NULL,
                                     &moved));
    g_assert_cmpuint(moved, ==, 0);
    g_assert_true(cxl_layout_complete(&layout, find, NULL, &sn));
    repair();
    in_order();
    stop();
}

static void test_replace(void)
{
    CxlSliceSet set = make_set(1, 1, 0x1000);
    CxlLayoutSet out = cxl_layout_describe(&set, number);
    g_autoptr(GArray) sets = g_array_new(false, false, sizeof(out));

    fill(1);
    g_assert_null(start());
    g_array_append_val(sets, out);
    g_assert_true(cxl_layout_replace(&layout, sets));
    stop();
    g_assert_null(start());
    g_assert_cmpuint(layout.sets->len, ==, 1);
    g_array_set_size(sets, CXL_LAYOUT_SETS + 1);
    g_assert_false(cxl_layout_replace(&layout, sets));
    stop();
}

/* What the compiler leaves between members, and members beyond the ways */
static void test_same_set(void)
{
    CxlSliceSet set = make_set(1, 1, 0x1000);
    CxlLayoutSet out = cxl_layout_describe(&set, number), again;

    memset(&again, 0xa5, sizeof(again));
    again.len = out.len;
    again.ig = out.ig;
    again.iw = out.iw;
    again.left = out.left;
    memcpy(again.member, out.member, 2 * sizeof(out.member[0]));
    fill(1);
    g_assert_null(start());
    g_assert_true(cxl_layout_end(&layout, &out));
    g_assert_true(cxl_layout_end(&layout, &again));
    g_assert_cmpuint(layout.sets->len, ==, 1);
    again.member[1].dpa += PAGE;
    g_assert_true(cxl_layout_end(&layout, &again));
    g_assert_cmpuint(layout.sets->len, ==, 2);
    stop();
}

static void refused(const char *what)
{
    const char *problem = start();

    g_assert_nonnull(problem);
    g_assert_nonnull(strstr(problem, what));
    cxl_slices_destroy(&slices);
}

/* Somebody's file, and ours after somebody wrote into it */
static void test_refused(void)
{
    fill(1);
    file_size = 5000;
    memset(file, 'x', file_size);
    refused("not a layout file");
    file_size = 3;
    refused("not a layout file");
    file_size = 0;
    g_assert_null(start());
    live();
    stop();
    for (unsigned i = 0; i < 2; i++) {
        file[i * CXL_LAYOUT_HEADER + 100] ^= 1;
    }
    refused("not a layout file");
}

static void impossible(const CxlLayoutSet *set, unsigned count)
{
    g_autoptr(GArray) sets = g_array_new(false, false, sizeof(*set));

    fill(1);
    g_assert_null(start());
    g_array_append_vals(sets, set, count);
    g_assert_true(cxl_layout_replace(&layout, sets));
    stop();
    refused("damaged");
}

/* A header that is intact but says what cannot be */
static void test_impossible(void)
{
    CxlSliceSet set = make_set(0, 1, 0x1800);
    CxlLayoutSet good = cxl_layout_describe(&set, number), bad[2];

    bad[0] = good;
    bad[0].iw = 7;
    impossible(bad, 1);
    bad[0] = good;
    bad[0].len = 256;
    impossible(bad, 1);
    bad[0] = good;
    bad[0].member[1].dpa += 256;
    impossible(bad, 1);
    bad[0] = good;
    bad[0].member[1] = bad[0].member[0];
    impossible(bad, 1);
    bad[0] = good;
    bad[0].left = cxl_slice_set_steps(&set, PAGE);
    impossible(bad, 1);
    bad[0] = bad[1] = good;
    bad[1].member[0].dpa += 0x1800;
    impossible(bad, 2);
}

/* FNV-1a without the checksum, as files have it for ever */
static void patch_header(unsigned n, uint32_t move)
{
    uint8_t *header = file + n * CXL_LAYOUT_HEADER;
    uint64_t sum = 0xcbf29ce484222325ull;

    memcpy(header, "memfab layout 1\n", 16);
    stl_le_p(header + 36, move);
    for (unsigned i = 0; i < CXL_LAYOUT_HEADER; i++) {
        sum = (sum ^ (i >= 24 && i < 32 ? 0 : header[i])) * 0x100000001b3ull;
    }
    stq_le_p(header + 24, sum);
}

/* All that a set holds, as programs of before there were steps saved it */
static GArray *save_all(const CxlSliceSet *set)
{
    GArray *saved = g_array_new(false, false, sizeof(CxlSliceSaved));

    for (unsigned p = 0; p < cxl_interleave_ways(set->iw); p++) {
        CxlSliceSaved one = {
            p, 0, set->len,
            bytes_of(set->member[p].device) + set->member[p].dpa,
        };

        g_array_append_val(saved, one);
    }
    return saved;
}

/* A file of such a program that died in a move */
static void test_before_steps(void)
{
    for (unsigned adopts = 0; adopts < 2; adopts++) {
        CxlSliceSet set = make_set(0, 1, 0x1800);
        CxlLayoutSet out = cxl_layout_describe(&set, number);
        g_autoptr(GArray) saved = NULL;
        uint64_t moved = 0;

        fill(1);
        g_assert_null(start());
        if (!adopts) {
            g_assert_true(adopt(&set, &moved));
        }
        saved = save_all(&set);
        g_assert_true(cxl_layout_begin(&layout, &out, false, saved));
        patch_header(layout.generation % 2, adopts ? CXL_LAYOUT_ADOPT
                                                   : CXL_LAYOUT_RELEASE);
        for (unsigned p = 0; p < 2; p++) {
            memset(bytes_of(set.member[p].device) + set.member[p].dpa, 0x5a,
                   set.len / 2);
        }
        stop();
        g_assert_null(start());
        g_assert_cmpint(layout.move, ==, adopts ? CXL_LAYOUT_ADOPT
                                                : CXL_LAYOUT_RELEASE);
        repair();
        in_order();
        stop();
    }
}

/* Leave the files of a process that died soon after it began to move. */
static void die_moving(const CxlSliceSet *set)
{
    for (int n = 1; ; n++) {
        uint64_t moved = 0;

        fill(1);
        g_assert_null(start());
        life = n;
        adopt(set, &moved);
        g_assert_cmpint(life, ==, 0);
        stop();
        g_assert_null(start());
        if (layout.move == CXL_LAYOUT_STEP_ADOPT) {
            return;
        }
        stop();
    }
}

/* A journal that was cut: nothing is overwritten for it. */
static void test_journal_cut(void)
{
    CxlSliceSet set = make_set(0, 1, 0x1800);
    uint64_t moved = 0;

    die_moving(&set);
    file_size--;
    memcpy(model, store, sizeof(model));
    g_assert_false(cxl_layout_repair(&layout, &slices, find, NULL, &moved));
    g_assert_cmpmem(store, sizeof(store), model, sizeof(model));
    stop();
}

/* An entry that leaves its set */
static void test_journal_wrong(void)
{
    CxlSliceSet set = make_set(0, 1, 0x1800);
    uint64_t moved = 0;

    for (unsigned at = 0; at < 24; at += 8) {
        die_moving(&set);
        stq_le_p(file + CXL_LAYOUT_JOURNAL + at, UINT64_MAX - 7);
        memcpy(model, store, sizeof(model));
        g_assert_false(cxl_layout_repair(&layout, &slices, find, NULL,
                                         &moved));
        g_assert_cmpmem(store, sizeof(store), model, sizeof(model));
        stop();
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/layout/killed-anywhere", test_killed_anywhere);
    g_test_add_func("/cxl/layout/killed-twice", test_killed_twice);
    g_test_add_func("/cxl/layout/refused-anywhere", test_refused_anywhere);
    g_test_add_func("/cxl/layout/refused-repair", test_refused_repair);
    g_test_add_func("/cxl/layout/refused-beginning", test_refused_beginning);
    g_test_add_func("/cxl/layout/torn-beginning", test_torn_beginning);
    g_test_add_func("/cxl/layout/no-room", test_no_room);
    g_test_add_func("/cxl/layout/repair-in-use", test_repair_in_use);
    g_test_add_func("/cxl/layout/late-end", test_late_end);
    g_test_add_func("/cxl/layout/member-missing", test_member_missing);
    g_test_add_func("/cxl/layout/replace", test_replace);
    g_test_add_func("/cxl/layout/same-set", test_same_set);
    g_test_add_func("/cxl/layout/refused", test_refused);
    g_test_add_func("/cxl/layout/impossible", test_impossible);
    g_test_add_func("/cxl/layout/before-steps", test_before_steps);
    g_test_add_func("/cxl/layout/journal-cut", test_journal_cut);
    g_test_add_func("/cxl/layout/journal-wrong", test_journal_wrong);
    return g_test_run();
}
