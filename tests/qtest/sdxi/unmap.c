/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translations that a function keeps of smmuv3 and of virtio-iommu: bytes go
 * where software has mapped them, and once it has been told that pages are not
 * mapped any more, nobody reads or writes what they were, in the middle of a
 * copy or not.  And what becomes of any that are kept when an I/O MMU is
 * switched off and on.
 *
 * All of RAM is at its own address, and a window lies above it.  Pages of those
 * of x86 are in translate.c.
 */
#include "qemu/osdep.h"
#include "tests/qtest/sdxi/domain.h"
#include "tests/qtest/status.h"

#define PAGE        DOMAIN_PAGE
#define WINDOW      (4 * GiB)
#define SLOT        4           /* of the function */
#define BYTES       (64 * KiB)
#define COPIES      900u

typedef struct Rig {
    SdxiDomains d;
    SdxiVm *vm;
    SdxiFn *fn;
    SdxiCxt c;
    unsigned errors;
} Rig;

static void map(Rig *r, uint64_t addr, uint64_t to, uint64_t len)
{
    domain_map(&r->d, 1, addr, to, len);
}

static void unmap(Rig *r, uint64_t addr, uint64_t len)
{
    domain_unmap(&r->d, 1, addr, len);
}

static void put(Rig *r, uint64_t at, uint64_t value)
{
    qtest_writeq(r->vm->qts, at, value);
}

static uint64_t get(Rig *r, uint64_t at)
{
    return qtest_readq(r->vm->qts, at);
}

/* ---- a function behind it ---- */

static uint64_t translations(Rig *r)
{
    return sdxi_vm_statistic(r->vm, "translations");
}

static void set_up(Rig *r, const SdxiIommu *iommu, const char *props)
{
    g_autofree char *args = g_strdup_printf("-device sdxi,id=dev0,addr=%u%s",
                                            SLOT, props);

    *r = (Rig) { };
    domain_start(&r->d, iommu, args);
    r->vm = r->d.vm;
    domain_attach(&r->d, 1, QPCI_DEVFN(SLOT, 0));
    domain_map_ram(&r->d, 1);
    r->fn = sdxi_fn_open(r->vm, SLOT);
    sdxi_fn_up(r->fn);
    sdxi_fn_errlog(r->fn);
    sdxi_cxt_init(&r->c, r->fn, 1, 1024);
    sdxi_cxt_start(&r->c);
}

static void tear_down(Rig *r)
{
    sdxi_fn_close(r->fn);
    domain_stop(&r->d);
}

static uint64_t buffer(Rig *r, unsigned seed)
{
    uint64_t at = sdxi_vm_alloc(r->vm, BYTES, PAGE);

    sdxi_vm_fill(r->vm, at, BYTES, seed);
    return at;
}

static bool copy(Rig *r, uint64_t src, uint64_t dst)
{
    return sdxi_cxt_do(&r->c, sdxi_dsc_copy(src, dst, BYTES));
}

static void go_on(Rig *r)
{
    sdxi_cxt_data_err(&r->c, r->errors++, SDXI_NO_TRANSLATION);
    sdxi_cxt_start(&r->c);
}

/* Each time the bytes go where the window leads to at that time. */
static void test_remap(gconstpointer model)
{
    uint64_t src, place[2];
    Rig r;

    set_up(&r, model, "");
    src = buffer(&r, 1);
    place[0] = buffer(&r, 2);
    place[1] = buffer(&r, 3);
    for (unsigned i = 0; i < 20; i++) {
        uint64_t now = place[i % 2], then = place[!(i % 2)];

        map(&r, WINDOW, now, BYTES);
        put(&r, src + PAGE, i + 1);
        put(&r, then + PAGE, 7777);
        g_assert_false(copy(&r, src, WINDOW));
        g_assert_true(sdxi_vm_equal(r.vm, src, now, BYTES));
        g_assert_cmpuint(get(&r, then + PAGE), ==, 7777);
        put(&r, now, i + 5);
        g_assert_false(copy(&r, WINDOW, then));
        g_assert_cmpuint(get(&r, then), ==, i + 5);
        unmap(&r, WINDOW, BYTES);
        put(&r, now + PAGE, 8888);
        g_assert_true(copy(&r, src, WINDOW));
        go_on(&r);
        g_assert_cmpuint(get(&r, now + PAGE), ==, 8888);
    }
    tear_down(&r);
}

/* It is asked for pages that are new, and no more. */
static void test_kept(gconstpointer model)
{
    const SdxiIommu *m = model;
    g_autofree char *file = NULL, *trace = NULL;
    uint64_t src, dst;
    unsigned first;
    Rig r;

    close(g_file_open_tmp("sdxi-qtest-XXXXXX", &file, NULL));
    trace = g_strdup_printf(" -trace %s -D %s", m->trace, file);
    set_up(&r, m, trace);
    src = buffer(&r, 1);
    dst = buffer(&r, 2);
    map(&r, WINDOW, dst, BYTES);
    g_assert_false(copy(&r, src, WINDOW));
    first = sdxi_lines(file);
    g_assert_cmpuint(first, >=, BYTES / PAGE);
    for (unsigned i = 0; i < 100; i++) {
        g_assert_false(copy(&r, src, WINDOW));
    }
    /* Not even once for each copy: only completion blocks are new. */
    g_assert_cmpuint(sdxi_lines(file) - first, <, 100);
    g_assert_true(sdxi_vm_equal(r.vm, src, dst, BYTES));
    tear_down(&r);
    unlink(file);
}

/* The window is made of single pages, and has taken a copy. */
static void copy_by_pages(Rig *r, gconstpointer model, uint64_t *src,
                          uint64_t *dst)
{
    set_up(r, model, "");
    *src = buffer(r, 1);
    *dst = buffer(r, 2);
    for (uint64_t i = 0; i < BYTES; i += PAGE) {
        map(r, WINDOW + i, *dst + i, PAGE);
    }
    g_assert_false(copy(r, *src, WINDOW));
}

/* Other pages that are not mapped any more cost no translation. */
static void test_neighbours(gconstpointer model)
{
    uint64_t src, dst;
    Rig r;

    copy_by_pages(&r, model, &src, &dst);
    for (unsigned i = 0; i < 20; i++) {
        uint64_t before = translations(&r);

        map(&r, WINDOW + BYTES + PAGE, dst, PAGE);
        unmap(&r, WINDOW + BYTES + PAGE, PAGE);
        g_assert_false(copy(&r, src, WINDOW));
        /* that of a completion block, at most */
        g_assert_cmpuint(translations(&r), <=, before + 1);
        unmap(&r, WINDOW + 7 * PAGE, PAGE);
        map(&r, WINDOW + 7 * PAGE, dst + 7 * PAGE, PAGE);
        g_assert_false(copy(&r, src, WINDOW));
        g_assert_cmpuint(translations(&r), >, before);
        g_assert_cmpuint(translations(&r), <=, before + 3);
    }
    tear_down(&r);
}

/* One page in the middle is gone, and its neighbours stay. */
static void test_one_page(gconstpointer model)
{
    uint64_t src, dst;
    Rig r;

    copy_by_pages(&r, model, &src, &dst);
    g_assert_true(sdxi_vm_equal(r.vm, src, dst, BYTES));
    unmap(&r, WINDOW + 7 * PAGE, PAGE);
    sdxi_vm_fill(r.vm, src, BYTES, 3);
    put(&r, dst + 7 * PAGE, 9);
    g_assert_true(copy(&r, src, WINDOW));
    go_on(&r);
    g_assert_true(sdxi_vm_equal(r.vm, src, dst, 7 * PAGE));
    g_assert_cmpuint(get(&r, dst + 7 * PAGE), ==, 9);
    map(&r, WINDOW + 7 * PAGE, dst + 7 * PAGE, PAGE);
    g_assert_false(copy(&r, src, WINDOW));
    g_assert_true(sdxi_vm_equal(r.vm, src, dst, BYTES));
    tear_down(&r);
}

/* ---- in the middle of copies ---- */

static uint64_t fill_ring(Rig *r, uint64_t src)
{
    uint64_t csb = sdxi_csb_new(r->vm, COPIES);

    for (unsigned i = 0; i < COPIES; i++) {
        SdxiDsc d = sdxi_dsc_copy(src, WINDOW, BYTES);

        sdxi_dsc_set_csb(&d, csb);
        sdxi_cxt_push(&r->c, &d);
    }
    return csb;
}

/* How the window is taken away, and given back; nothing is in it then. */
typedef struct Way {
    void (*take)(Rig *r);
    void (*give)(Rig *r);
} Way;

static void unmap_window(Rig *r)
{
    unmap(r, WINDOW, BYTES);
}

static void nothing(Rig *r)
{
}

static void switch_off(Rig *r)
{
    r->d.iommu->on_or_off(&r->d, false);
}

static void switch_on(Rig *r)
{
    r->d.iommu->on_or_off(&r->d, true);
    if (r->d.iommu->reset_forgets) {
        domain_map_ram(&r->d, 1);
    } else {
        unmap_window(r);
    }
}

static const Way unmapped = { unmap_window, nothing };
static const Way off_and_on = { switch_off, switch_on };

/* False: it was over before anything was taken away. */
static bool take_away(Rig *r, const Way *way, uint64_t src, uint64_t now,
                      uint64_t then, uint64_t pattern)
{
    uint64_t csb, left;

    map(r, WINDOW, now, BYTES);
    csb = fill_ring(r, src);
    put(r, now + BYTES - 8, 0);
    sdxi_cxt_kick(&r->c);
    sdxi_wait_until(r->vm, 60, get(r, now + BYTES - 8));
    way->take(r);
    left = sdxi_csb_signal(r->vm, csb);
    /* From here on it belongs to somebody else. */
    sdxi_vm_fill(r->vm, now, BYTES, 5);
    sdxi_wait_until(r->vm, 60, !sdxi_csb_signal(r->vm, csb) ||
                    sdxi_cxt_state(&r->c) == SDXI_CXT_ERR);
    way->give(r);
    map(r, WINDOW, then, BYTES);
    /* It is set before the signal, if the next one found nothing there. */
    if (sdxi_csb_er(r->vm, csb)) {
        go_on(r);
        sdxi_csb_wait(r->vm, csb, 0);
    }
    unmap_window(r);
    g_assert_true(sdxi_vm_equal(r->vm, now, pattern, BYTES));
    if (left > 3) {
        g_assert_true(sdxi_vm_equal(r->vm, then, src, BYTES));
    }
    return left > 3;
}

static void move_under_copies(const SdxiIommu *m, const Way *way,
                              const char *props)
{
    uint64_t src, pattern, place[2];
    unsigned hits = 0;
    Rig r;

    set_up(&r, m, props);
    src = buffer(&r, 1);
    put(&r, src + BYTES - 8, 1);
    pattern = buffer(&r, 5);
    place[0] = buffer(&r, 2);
    place[1] = buffer(&r, 3);
    for (unsigned i = 0; i < 40 && hits < 5; i++) {
        hits += take_away(&r, way, src, place[i % 2], place[!(i % 2)],
                          pattern);
    }
    if (!hits) {
        g_test_skip("all copies were over each time before that");
    }
    tear_down(&r);
}

static void test_move(gconstpointer model)
{
    move_under_copies(model, &unmapped, "");
}

static void test_move_workers(gconstpointer model)
{
    move_under_copies(model, &unmapped, ",workers=3,poll-us=100");
}

static void test_off_under_copies(gconstpointer model)
{
    move_under_copies(model, &off_and_on, "");
}

/* ---- the end of addresses ---- */

/* The last pages are as good as others; behind them there is nothing. */
static void test_width(gconstpointer model)
{
    const uint64_t end = 1ull << DOMAIN_BITS;
    uint64_t src, dst;
    Rig r;

    if (model == &domain_amd && !status_release(10, 2)) {
        g_test_skip("amd-iommu of QEMU 10.0 ignores bits above its tables");
        return;
    }
    set_up(&r, model, "");
    src = buffer(&r, 1);
    dst = buffer(&r, 2);
    map(&r, end - BYTES, dst, BYTES);
    g_assert_false(copy(&r, src, end - BYTES));
    g_assert_true(sdxi_vm_equal(r.vm, src, dst, BYTES));
    sdxi_vm_fill(r.vm, src, BYTES, 3);
    g_assert_true(copy(&r, src, end - BYTES / 2));
    go_on(&r);
    g_assert_true(sdxi_vm_equal(r.vm, src, dst + BYTES / 2, BYTES / 2));
    for (unsigned bit = DOMAIN_BITS; bit < 64; bit += 6) {
        /* its lower bits are those of a page that is there */
        g_assert_true(copy(&r, (1ull << bit) | (end - BYTES), dst));
        go_on(&r);
    }
    g_assert_true(copy(&r, -(uint64_t)BYTES, dst));
    go_on(&r);
    g_assert_true(sdxi_vm_equal(r.vm, src, dst + BYTES / 2, BYTES / 2));
    tear_down(&r);
}

/* ---- switched off and on again ---- */

/* Addresses are those of memory meanwhile. */
static void test_off_and_on(gconstpointer model)
{
    uint64_t src, dst, other;
    Rig r;

    copy_by_pages(&r, model, &src, &dst);
    other = buffer(&r, 3);
    for (unsigned i = 1; i <= 5; i++) {
        put(&r, src, i);
        switch_off(&r);
        g_assert_true(copy(&r, src, WINDOW));
        go_on(&r);
        g_assert_cmpuint(get(&r, dst), !=, i);
        g_assert_false(copy(&r, src, other));
        g_assert_true(sdxi_vm_equal(r.vm, src, other, BYTES));
        switch_on(&r);
        g_assert_true(copy(&r, src, WINDOW));
        go_on(&r);
        map(&r, WINDOW, dst, BYTES);
        g_assert_false(copy(&r, src, WINDOW));
        g_assert_cmpuint(get(&r, dst), ==, i);
    }
    tear_down(&r);
}

typedef struct Test {
    const char *name;
    void (*test)(gconstpointer model);
} Test;

static void add(const SdxiIommu *m, const Test *tests, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_autofree char *path = g_strdup_printf("/sdxi/unmap/%s/%s", m->name,
                                                tests[i].name);

        qtest_add_data_func(path, m, tests[i].test);
    }
}

int main(int argc, char **argv)
{
    static const Test tests[] = {
        { "kept", test_kept }, { "remap", test_remap },
        { "neighbours", test_neighbours }, { "one-page", test_one_page },
        { "move", test_move }, { "move-workers", test_move_workers },
    };
    static const Test all[] = {
        { "width", test_width },
        { "off-and-on", test_off_and_on },
        { "off-under-copies", test_off_under_copies },
    };
    const SdxiIommu *const *iommu = domain_iommus();

    g_test_init(&argc, &argv, NULL);
    for (; *iommu; iommu++) {
        if (!(*iommu)->mmu) {
            add(*iommu, tests, ARRAY_SIZE(tests));
        }
        add(*iommu, all, ARRAY_SIZE(all));
    }
    return g_test_run();
}
