/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A function keeps translations: bytes go where the tables say, whatever
 * mixture of pages these are, and from an invalidation on where they say now.
 *
 * The first 2 MiB of the window are pages of 4 KiB, all others of 2 MiB.
 */
#include "qemu/osdep.h"
#include "hw/memfab/compat.h"
#include "tests/qtest/sdxi/config.h"
#include "tests/qtest/sdxi/mmu.h"
#include "tests/qtest/status.h"

#define SMALL       4096u
#define LARGE       (2 * MiB)
#define WINDOW      MMU_WINDOW
#define BUFFER      (32 * MiB)          /* to copy from and to */
#define PLACE(n)    (MMU_TARGET + (n) * LARGE)

typedef struct Rig {
    const MmuModel *model;
    SdxiVm *vm;
    SdxiFn *fn;
    SdxiCxt c;
    uint64_t middle, low;       /* tables of the window */
    unsigned errors;
} Rig;

static void put(Rig *r, uint64_t at, uint64_t value)
{
    qtest_writeq(r->vm->qts, at, value);
}

static uint64_t get(Rig *r, uint64_t at)
{
    return qtest_readq(r->vm->qts, at);
}

static uint64_t leaf(Rig *r, unsigned shift, uint64_t base, bool writable)
{
    MmuLeaf l = { .shift = shift, .size = 1ull << shift, .base = base };
    uint64_t entry = r->model->leaf(&l);

    return writable ? entry : entry & ~r->model->write;
}

static void map_small(Rig *r, unsigned page, uint64_t base)
{
    put(r, r->low + 8 * page, base ? leaf(r, 12, base, true) : 0);
}

static void map_large(Rig *r, unsigned page, uint64_t base)
{
    put(r, r->middle + 8 * page, base ? leaf(r, 21, base, true) : 0);
}

static void bring_up(Rig *r)
{
    r->fn = sdxi_fn_open(r->vm, MMU_SLOT);
    sdxi_fn_up(r->fn);
    sdxi_fn_errlog(r->fn);
    sdxi_cxt_init(&r->c, r->fn, 1, 1024);
    if (r->model->process) {
        sdxi_cxt_akey(&r->c, 0, SDXI_AKEY_VL | SDXI_AKEY_PV |
                      (uint64_t)MMU_PROCESS << 32, 0);
    }
    sdxi_cxt_start(&r->c);
}

static uint64_t translations(Rig *r)
{
    return sdxi_vm_statistic(r->vm, "translations");
}

static void set_up(Rig *r, const MmuModel *m, const char *props)
{
    uint64_t top;

    *r = (Rig) { .model = m, .vm = mmu_start(m, props) };
    top = sdxi_vm_alloc(r->vm, 4096, 4096);
    mmu_map_ram(r->vm, m, top);
    r->middle = sdxi_vm_alloc(r->vm, 4096, 4096);
    r->low = sdxi_vm_alloc(r->vm, 4096, 4096);
    put(r, top + 8, m->table(r->middle, 2));
    put(r, r->middle, m->table(r->low, 1));
    for (unsigned i = 0; i < 512; i++) {
        /* neighbours lie far from each other */
        map_small(r, i, PLACE(0) + i * 37 % 512 * SMALL);
    }
    for (unsigned i = 1; i < 16; i++) {
        map_large(r, i, PLACE(i * 7 % 16));
    }
    m->enable(r->vm, top);
    bring_up(r);
}

static void tear_down(Rig *r)
{
    sdxi_fn_close(r->fn);
    sdxi_vm_stop(r->vm);
}

/* Where a byte of the window is. */
static uint64_t at(uint64_t addr)
{
    uint64_t offset = addr - WINDOW;

    return offset < LARGE
        ? PLACE(0) + offset / SMALL * 37 % 512 * SMALL + offset % SMALL
        : PLACE(offset / LARGE * 7 % 16) + offset % LARGE;
}

static bool copy(Rig *r, uint64_t src, uint64_t dst, uint64_t len)
{
    return sdxi_cxt_do(&r->c, sdxi_dsc_copy(src, dst, len));
}

static void expect_error_of(Rig *r, unsigned buf, unsigned sub_step)
{
    SdxiErr e = sdxi_cxt_data_err(&r->c, r->errors++, sub_step);

    g_assert_cmpuint(e.buf, ==, buf);
    sdxi_cxt_start(&r->c);
}

/* There is no translation. */
static void expect_error(Rig *r, unsigned buf)
{
    expect_error_of(r, buf, 1);
}

/* ---- pages of both sizes ---- */

static void check_pieces(Rig *r, uint64_t window, uint64_t buffer,
                         uint64_t len)
{
    while (len) {
        uint64_t n = MIN(len, SMALL - window % SMALL);

        g_assert_true(sdxi_vm_equal(r->vm, at(window), buffer, n));
        window += n;
        buffer += n;
        len -= n;
    }
}

static void test_mixture(gconstpointer model)
{
    static const struct { uint64_t offset, len; } cases[] = {
        { 0, 1 }, { 4095, 2 }, { 4096, 4096 }, { 12345, 70000 },
        { LARGE - 300001, 700003 }, { LARGE + 5, 64 * KiB },
        { 3 * LARGE - 777, 1 * MiB }, { 100, 2 * LARGE },
    };
    Rig r;

    set_up(&r, model, "");
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        uint64_t window = WINDOW + cases[i].offset, len = cases[i].len;

        sdxi_vm_fill(r.vm, BUFFER, len, i + 1);
        for (unsigned again = 0; again < 2; again++) {
            g_assert_false(copy(&r, BUFFER, window, len));
            check_pieces(&r, window, BUFFER, len);
            g_assert_false(copy(&r, window, BUFFER + 8 * MiB + 3, len));
            g_assert_true(sdxi_vm_equal(r.vm, BUFFER, BUFFER + 8 * MiB + 3,
                                        len));
        }
    }
    tear_down(&r);
}

/* ---- errors ---- */

/* What is there is done, and the error is about the other half. */
static void test_second_half(gconstpointer model)
{
    Rig r;

    set_up(&r, model, "");
    sdxi_vm_fill(r.vm, BUFFER, 8192, 5);
    map_small(&r, 9, 0);
    r.model->invalidate(r.vm);
    for (unsigned round = 0; round < 3; round++) {
        uint64_t first = at(WINDOW + 8 * SMALL);

        put(&r, first + 8, 0);
        g_assert_true(copy(&r, BUFFER, WINDOW + 8 * SMALL, 8192));
        expect_error(&r, 1);
        g_assert_true(sdxi_vm_equal(r.vm, BUFFER, first, SMALL));
        g_assert_true(copy(&r, WINDOW + 8 * SMALL, BUFFER + 8 * MiB, 8192));
        expect_error(&r, 0);
    }
    /* It works again as soon as the page is there. */
    map_small(&r, 9, at(WINDOW + 9 * SMALL));
    r.model->invalidate(r.vm);
    g_assert_false(copy(&r, BUFFER, WINDOW + 8 * SMALL, 8192));
    check_pieces(&r, WINDOW + 8 * SMALL, BUFFER, 8192);
    tear_down(&r);
}

static void try_read_only(Rig *r, uint64_t window)
{
    uint64_t before = get(r, at(window));

    /* known for reading */
    g_assert_false(copy(r, window, BUFFER, 64));
    g_assert_cmphex(get(r, BUFFER), ==, before);
    put(r, BUFFER, before + 1);
    g_assert_true(copy(r, BUFFER, window, 64));
    expect_error(r, 1);
    g_assert_cmphex(get(r, at(window)), ==, before);
    g_assert_false(copy(r, window, BUFFER, 64));
}

static void test_read_only(gconstpointer model)
{
    Rig r;

    set_up(&r, model, "");
    put(&r, r.low + 8 * 3, leaf(&r, 12, at(WINDOW + 3 * SMALL), false));
    put(&r, r.middle + 8 * 2, leaf(&r, 21, at(WINDOW + 2 * LARGE), false));
    r.model->invalidate(r.vm);
    try_read_only(&r, WINDOW + 3 * SMALL);
    try_read_only(&r, WINDOW + 2 * LARGE);
    /* More is allowed, which needs no invalidation of those who were refused */
    put(&r, r.low + 8 * 3, leaf(&r, 12, at(WINDOW + 3 * SMALL), true));
    r.model->invalidate(r.vm);
    g_assert_false(copy(&r, BUFFER, WINDOW + 3 * SMALL, 64));
    tear_down(&r);
}

static void test_too_wide(gconstpointer model)
{
    Rig r;

    if (model == &mmu_amd && !status_release(10, 2)) {
        g_test_skip("amd-iommu of QEMU 10.0 ignores bits above its tables");
        return;
    }
    set_up(&r, model, "");
    for (unsigned bit = 39; bit < 64; bit += 6) {
        g_assert_true(copy(&r, 1ull << bit, BUFFER, 64));
        expect_error(&r, 0);
    }
    g_assert_true(copy(&r, WINDOW + 16 * LARGE, BUFFER, 64));
    expect_error(&r, 0);
    tear_down(&r);
}

/* ---- what is no RAM ---- */

#define HPET    0xfed00000ull
#define ROM     0xfffff000ull

static void test_no_ram(gconstpointer model)
{
    Rig r;

    set_up(&r, model, "");
    map_small(&r, 20, HPET);
    map_small(&r, 21, ROM);
    r.model->invalidate(r.vm);
    for (unsigned round = 0; round < 3; round++) {
        uint64_t before = get(&r, ROM);

        /* capabilities and period */
        g_assert_false(copy(&r, WINDOW + 20 * SMALL, BUFFER, 8));
        g_assert_cmphex(get(&r, BUFFER), ==, get(&r, HPET));
        g_assert_false(copy(&r, WINDOW + 21 * SMALL, BUFFER, SMALL));
        g_assert_true(sdxi_vm_equal(r.vm, ROM, BUFFER, SMALL));
        put(&r, BUFFER, before + 1);
        g_assert_true(copy(&r, BUFFER, WINDOW + 21 * SMALL, 64));
        /* access */
        expect_error_of(&r, 1, 2);
        g_assert_cmphex(get(&r, ROM), ==, before);
    }
    tear_down(&r);
}

/* ---- what changes ---- */

/* From the answer on, all goes where the tables say now. */
static void test_remap(gconstpointer model)
{
    uint64_t place[2] = { PLACE(20), PLACE(21) };
    Rig r;

    set_up(&r, model, "");
    for (unsigned i = 1; i <= 40; i++) {
        bool large = i / 2 % 2;
        uint64_t window = large ? WINDOW + 5 * LARGE : WINDOW;
        uint64_t now = place[i % 2], then = place[!(i % 2)];

        if (large) {
            map_large(&r, 5, now);
        } else {
            map_small(&r, 0, now);
        }
        if (i & 4) {
            r.model->invalidate(r.vm);
        } else {
            r.model->invalidate_pages(r.vm, window, large ? 21 : 12);
        }
        put(&r, BUFFER, i);
        put(&r, then, 7777);
        g_assert_false(copy(&r, BUFFER, window, 64));
        g_assert_cmpuint(get(&r, now), ==, i);
        g_assert_cmpuint(get(&r, then), ==, 7777);
        put(&r, now, 1000 + i);
        g_assert_false(copy(&r, window, BUFFER, 64));
        g_assert_cmpuint(get(&r, BUFFER), ==, 1000 + i);
    }
    tear_down(&r);
}

/*
 * An invalidation of other pages costs no translation, one of a page that of
 * this page, and one of all those of all.
 */
static void test_neighbours(gconstpointer model)
{
    uint64_t before;
    Rig r;

    set_up(&r, model, "");
    for (unsigned i = 0; i < 20; i++) {
        /* not in a row in both of these */
        g_assert_false(copy(&r, WINDOW, BUFFER, 16 * SMALL));
        g_assert_false(copy(&r, WINDOW + LARGE, BUFFER, 16 * SMALL));
        before = translations(&r);
        r.model->invalidate_pages(r.vm, WINDOW + (100 + i) * SMALL, 12);
        r.model->invalidate_pages(r.vm, WINDOW + 9 * LARGE, 21);
        g_assert_false(copy(&r, WINDOW, BUFFER, 16 * SMALL));
        g_assert_false(copy(&r, WINDOW + LARGE, BUFFER, 16 * SMALL));
        /* those of completion blocks, at most */
        g_assert_cmpuint(translations(&r), <=, before + 2);
        put(&r, at(WINDOW + 7 * SMALL), i);
        r.model->invalidate_pages(r.vm, WINDOW + 7 * SMALL, 12);
        g_assert_false(copy(&r, WINDOW, BUFFER, 16 * SMALL));
        g_assert_cmpuint(get(&r, BUFFER + 7 * SMALL), ==, i);
        g_assert_cmpuint(translations(&r), >, before);
        g_assert_cmpuint(translations(&r), <=, before + 4);
    }
    before = translations(&r);
    r.model->invalidate(r.vm);
    g_assert_false(copy(&r, WINDOW, BUFFER, 16 * SMALL));
    g_assert_cmpuint(translations(&r), >=, before + 2 * 16);
    tear_down(&r);
}

#define COPIES  1000u

/* Many copies of 64 KiB to the first pages of the window; the block of all. */
static uint64_t fill_ring(Rig *r)
{
    uint64_t csb = sdxi_csb_new(r->vm, COPIES);

    for (unsigned i = 0; i < COPIES; i++) {
        SdxiDsc d = sdxi_dsc_copy(BUFFER, WINDOW, 64 * KiB);

        sdxi_dsc_set_csb(&d, csb);
        sdxi_cxt_push(&r->c, &d);
    }
    return csb;
}

/* False: it was over before the tables were changed. */
static bool move_away(Rig *r, uint64_t from, uint64_t to)
{
    uint64_t csb = fill_ring(r), left;

    for (unsigned i = 0; i < 16; i++) {
        put(r, from + i * SMALL, 0);
        put(r, to + i * SMALL, 0);
    }
    sdxi_cxt_kick(&r->c);
    sdxi_wait_until(r->vm, 60, get(r, from + 15 * SMALL));
    for (unsigned i = 0; i < 16; i++) {
        map_small(r, i, to + i * SMALL);
    }
    r->model->invalidate_pages(r->vm, WINDOW, 16);
    left = sdxi_csb_signal(r->vm, csb);
    /* Nobody writes here any more. */
    sdxi_vm_fill(r->vm, from, 64 * KiB, 3);
    sdxi_vm_fill(r->vm, PLACE(30), 64 * KiB, 3);
    sdxi_csb_wait(r->vm, csb, 0);
    g_assert_false(sdxi_csb_er(r->vm, csb));
    g_assert_true(sdxi_vm_equal(r->vm, from, PLACE(30), 64 * KiB));
    if (left > 1) {
        g_assert_true(sdxi_vm_equal(r->vm, to, BUFFER, 64 * KiB));
    }
    return left > 1;
}

static void move_under_copies(const MmuModel *m, const char *props)
{
    uint64_t place[2] = { PLACE(24), PLACE(25) };
    unsigned hits = 0;
    Rig r;

    set_up(&r, m, props);
    sdxi_vm_fill(r.vm, BUFFER, 64 * KiB, 9);
    for (unsigned i = 0; i < 16; i++) {
        /* not zero where a mark is looked for */
        put(&r, BUFFER + i * SMALL, 1);
        map_small(&r, i, place[0] + i * SMALL);
    }
    r.model->invalidate(r.vm);
    for (unsigned round = 0; round < 60 && hits < 5; round++) {
        hits += move_away(&r, place[round % 2], place[!(round % 2)]);
    }
    if (!hits) {
        g_test_skip("all copies were over each time before the tables changed");
    }
    tear_down(&r);
}

static void test_move(gconstpointer model)
{
    move_under_copies(model, "");
}

static void test_move_workers(void)
{
    move_under_copies(&mmu_intel, ",workers=3");
}

#ifdef MEMFAB_HAVE_PASID
/* The I/O MMU is asked for pages of a process when they are new only. */
static void test_process_kept(void)
{
    g_autofree char *file = NULL, *trace = NULL;
    unsigned first;
    Rig r;

    close(g_file_open_tmp("sdxi-qtest-XXXXXX", &file, NULL));
    trace = g_strdup_printf(" -trace sdxi_process_page -D %s", file);
    set_up(&r, &mmu_intel_process, trace);
    g_assert_false(copy(&r, WINDOW, BUFFER, 64 * KiB));
    first = sdxi_lines(file);
    /* each of these pages, and nobody asks twice */
    g_assert_cmpuint(first, >=, 2 * 64 * KiB / SMALL);
    for (unsigned i = 0; i < 100; i++) {
        g_assert_false(copy(&r, WINDOW, BUFFER, 64 * KiB));
        /* nothing follows of these for a translation */
        mmu_process_command(r.vm, i & 1);
    }
    /* Not even once for each copy, of 32 pages */
    g_assert_cmpuint(sdxi_lines(file) - first, <, 100);
    r.model->invalidate(r.vm);
    g_assert_false(copy(&r, WINDOW, BUFFER, 64 * KiB));
    g_assert_cmpuint(sdxi_lines(file) - first, >=, 2 * 64 * KiB / SMALL);
    tear_down(&r);
    unlink(file);
}

/* A function that is told to take no part in processes has kept nothing. */
static void test_process_off(void)
{
    int devfn = DEVFN(MMU_SLOT, 0);
    Rig r;

    set_up(&r, &mmu_intel_process, "");
    for (unsigned i = 1; i <= 3; i++) {
        put(&r, BUFFER, i);
        g_assert_false(copy(&r, BUFFER, WINDOW, 64));
        g_assert_cmpuint(get(&r, at(WINDOW)), ==, i);
        mmu_process_control(r.vm, devfn, false);
        put(&r, BUFFER, 100);
        g_assert_true(copy(&r, BUFFER, WINDOW, 64));
        expect_error(&r, 0);
        g_assert_cmpuint(get(&r, at(WINDOW)), ==, i);
        mmu_process_control(r.vm, devfn, true);
    }
    tear_down(&r);
}
#endif

/* ---- migration ---- */

#define SIGNAL  (1u << 20)

typedef struct Feed {
    Rig rig;
    uint64_t csb;
    unsigned copies;
} Feed;

static void push_copy(Feed *f, uint64_t src, uint64_t dst)
{
    SdxiDsc d = sdxi_dsc_copy(src, dst, SMALL);

    sdxi_dsc_set_csb(&d, f->csb);
    sdxi_cxt_push(&f->rig.c, &d);
    f->copies++;
}

/* Waits for nothing: the machine may stop at any moment. */
static void copy_some(void *opaque)
{
    Feed *f = opaque;
    Rig *r = &f->rig;

    if (r->c.count - sdxi_cxt_read_index(&r->c) > 500) {
        return;
    }
    for (unsigned i = 0; i < 64; i++) {
        uint64_t offset = i * SMALL;

        put(r, BUFFER + offset, f->copies + 1);
        push_copy(f, BUFFER + offset, WINDOW + offset);
        push_copy(f, BUFFER + offset, WINDOW + 4 * LARGE + offset);
    }
    sdxi_cxt_kick(&r->c);
}

static void check_some(Feed *f)
{
    sdxi_csb_wait(f->rig.vm, f->csb, SIGNAL - f->copies);
    check_pieces(&f->rig, WINDOW, BUFFER, 64 * SMALL);
    check_pieces(&f->rig, WINDOW + 4 * LARGE, BUFFER, 64 * SMALL);
}

/* What is written by way of kept translations arrives at the other side. */
static void test_migrate(void)
{
    Feed f = { };

    set_up(&f.rig, &mmu_intel, "");
    f.csb = sdxi_csb_new(f.rig.vm, SIGNAL);
    copy_some(&f);
    check_some(&f);
    sdxi_vm_migrate_live(f.rig.vm, copy_some, &f);
    check_some(&f);
    copy_some(&f);
    check_some(&f);
    tear_down(&f.rig);
}

static void add(const char *name, void (*test)(gconstpointer model))
{
    g_autofree char *intel = g_strdup_printf("/sdxi/translate/intel/%s", name);
#ifdef MEMFAB_HAVE_PASID
    g_autofree char *process = g_strdup_printf("/sdxi/translate/process/%s",
                                               name);
#endif
    g_autofree char *amd = g_strdup_printf("/sdxi/translate/amd/%s", name);

    qtest_add_data_func(intel, &mmu_intel, test);
    qtest_add_data_func(amd, &mmu_amd, test);
#ifdef MEMFAB_HAVE_PASID
    qtest_add_data_func(process, &mmu_intel_process, test);
#endif
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("mixture", test_mixture);
    add("second-half", test_second_half);
    add("read-only", test_read_only);
    add("too-wide", test_too_wide);
    add("no-ram", test_no_ram);
    add("remap", test_remap);
    add("neighbours", test_neighbours);
    add("move", test_move);
    qtest_add_func("/sdxi/translate/move-workers", test_move_workers);
    qtest_add_func("/sdxi/translate/migrate", test_migrate);
#ifdef MEMFAB_HAVE_PASID
    qtest_add_func("/sdxi/translate/process/off", test_process_off);
    qtest_add_func("/sdxi/translate/process/kept", test_process_kept);
#endif
    return g_test_run();
}
