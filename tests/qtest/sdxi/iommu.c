/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A function behind an I/O MMU whose tables change while it copies: what was
 * unmapped is not touched once the invalidation has been answered, the copy
 * ends in an error, and the neighbours go on.
 *
 * The I/O MMU is that of Intel with tables of three levels and pages of 2 MiB:
 * all of RAM at its own address, and a window above it.
 */
#include "qemu/osdep.h"
#include "tests/qtest/sdxi/util.h"

/* VT-d 10.4 */
#define DMAR            0xfed90000ull
#define DMAR_GCMD       0x18
#define DMAR_GSTS       0x1c
#define DMAR_RTADDR     0x20
#define DMAR_CCMD       0x28
#define DMAR_IOTLB      0xf8
#define GCMD_TE         (1u << 31)
#define GCMD_SRTP       (1u << 30)
#define CCMD_GLOBAL     (1ull << 63 | 1ull << 61)
#define IOTLB_GLOBAL    (1ull << 63 | 1ull << 60)

#define PAGE            (2 * MiB)
#define PAGES           512
#define SL_RW           3ull
#define SL_LARGE        (1ull << 7)

#define WINDOW          (1 * GiB)
#define BYTES           (64 * MiB)
#define FROM            (128 * MiB)
#define TO              (256 * MiB)
#define LAST            (BYTES / PAGE - 1)

typedef struct Rig {
    SdxiVm *vm;
    SdxiFn *fn;
    SdxiCxt c, neighbour;
    uint64_t window;            /* table of the second GiB */
    unsigned errors;
} Rig;

static void put(Rig *r, uint64_t at, uint64_t value)
{
    qtest_writeq(r->vm->qts, at, value);
}

static void map(Rig *r, unsigned page, bool there)
{
    put(r, r->window + 8 * page,
        there ? (TO + page * PAGE) | SL_LARGE | SL_RW : 0);
}

/* As software does; when it returns, nobody uses what was before. */
static void invalidate(Rig *r)
{
    put(r, DMAR + DMAR_IOTLB, IOTLB_GLOBAL);
    sdxi_wait_until(r->vm, 20, !(qtest_readq(r->vm->qts, DMAR + DMAR_IOTLB) >>
                                 63));
}

static void translate(Rig *r)
{
    uint64_t root = sdxi_vm_alloc(r->vm, 4096, 4096);
    uint64_t devices = sdxi_vm_alloc(r->vm, 4096, 4096);
    uint64_t top = sdxi_vm_alloc(r->vm, 4096, 4096);
    uint64_t same = sdxi_vm_alloc(r->vm, 4096, 4096);

    r->window = sdxi_vm_alloc(r->vm, 4096, 4096);
    for (unsigned i = 0; i < PAGES; i++) {
        put(r, same + 8 * i, i * PAGE | SL_LARGE | SL_RW);
    }
    for (unsigned i = 0; i <= LAST; i++) {
        map(r, i, true);
    }
    put(r, top, same | SL_RW);
    put(r, top + 8, r->window | SL_RW);
    for (unsigned i = 0; i < 256; i++) {
        /* domain 1, 39 bits */
        put(r, devices + 16 * i + 8, 1 << 8 | 1);
        put(r, devices + 16 * i, top | 1);
    }
    put(r, root, devices | 1);
    put(r, DMAR + DMAR_RTADDR, root);
    qtest_writel(r->vm->qts, DMAR + DMAR_GCMD, GCMD_SRTP);
    put(r, DMAR + DMAR_CCMD, CCMD_GLOBAL);
    invalidate(r);
    qtest_writel(r->vm->qts, DMAR + DMAR_GCMD, GCMD_TE);
    sdxi_wait_until(r->vm, 20, qtest_readl(r->vm->qts, DMAR + DMAR_GSTS) &
                    GCMD_TE);
}

static void set_up(Rig *r, const char *props)
{
    memset(r, 0, sizeof(*r));
    r->vm = sdxi_vm_start("-device intel-iommu,aw-bits=39 "
                          "-device sdxi,id=dev0,addr=4%s", props);
    translate(r);
    r->fn = sdxi_fn_open(r->vm, 4);
    sdxi_fn_up(r->fn);
    sdxi_fn_errlog(r->fn);
    sdxi_cxt_init(&r->c, r->fn, 1, 1024);
    sdxi_cxt_start(&r->c);
    sdxi_cxt_init(&r->neighbour, r->fn, 2, 1024);
    sdxi_cxt_start(&r->neighbour);
}

static void tear_down(Rig *r)
{
    sdxi_fn_close(r->fn);
    sdxi_vm_stop(r->vm);
}

static void neighbour_goes_on(Rig *r)
{
    uint64_t buf = sdxi_vm_alloc(r->vm, 8192, 4096);

    sdxi_vm_fill(r->vm, buf, 4096, 7);
    g_assert_false(sdxi_cxt_do(&r->neighbour,
                               sdxi_dsc_copy(buf, buf + 4096, 4096)));
    g_assert_true(sdxi_vm_equal(r->vm, buf, buf + 4096, 4096));
    g_assert_cmpuint(sdxi_fn_state(r->fn), ==, SDXI_ST_ACTIVE);
}

static void expect_data_error(Rig *r)
{
    SdxiErr e = sdxi_cxt_data_err(&r->c, r->errors++, SDXI_NO_TRANSLATION);

    g_assert_cmpuint(e.cxt, ==, 1);
    g_assert_cmpuint(e.buf, ==, 1);
}

/* Each page has its number in its first quadword. */
static void mark_pages(Rig *r, unsigned round)
{
    for (unsigned i = 0; i <= LAST; i++) {
        put(r, FROM + i * PAGE, round * 1000 + i + 1);
        put(r, TO + i * PAGE, 0);
    }
}

static uint64_t page_mark(Rig *r, unsigned page)
{
    return qtest_readq(r->vm->qts, TO + page * PAGE);
}

/* The last page is unmapped while the first ones arrive.  False: too late. */
static bool unmap_in_mid_copy(Rig *r, unsigned round)
{
    SdxiDsc d = sdxi_dsc_copy(FROM, WINDOW, BYTES);
    uint64_t csb = sdxi_csb_new(r->vm, 1), last;
    bool er;

    mark_pages(r, round);
    sdxi_dsc_set_csb(&d, csb);
    sdxi_cxt_push(&r->c, &d);
    sdxi_cxt_kick(&r->c);
    sdxi_wait_until(r->vm, 60, page_mark(r, 0));
    map(r, LAST, false);
    invalidate(r);
    last = page_mark(r, LAST);
    sdxi_csb_wait(r->vm, csb, 0);
    er = sdxi_csb_er(r->vm, csb);
    g_assert_cmpuint(page_mark(r, LAST), ==, last);
    for (unsigned i = 0; i < LAST; i++) {
        g_assert_cmpuint(page_mark(r, i), ==, round * 1000 + i + 1);
    }
    neighbour_goes_on(r);
    if (er) {
        expect_data_error(r);
        map(r, LAST, true);
        sdxi_cxt_start(&r->c);
        return !last;
    }
    map(r, LAST, true);
    return false;
}

static void unmap_copies(const char *props)
{
    unsigned hits = 0;
    Rig r;

    set_up(&r, props);
    for (unsigned round = 1; round <= 30 && hits < 3; round++) {
        hits += unmap_in_mid_copy(&r, round);
    }
    g_assert_cmpuint(hits, >, 0);
    /* Mapped again, it works again. */
    mark_pages(&r, 99);
    g_assert_false(sdxi_cxt_do(&r.c, sdxi_dsc_copy(FROM, WINDOW, BYTES)));
    g_assert_cmpuint(page_mark(&r, LAST), ==, 99 * 1000 + LAST + 1);
    tear_down(&r);
}

static void test_unmap(void)
{
    unmap_copies("");
}

static void test_unmap_workers(void)
{
    unmap_copies(",workers=3");
}

/* Ring, status and completion block in the window, which goes away. */
static void test_unmap_structures(void)
{
    Rig r;

    set_up(&r, "");
    for (unsigned what = 0; what < 3; what++) {
        SdxiCxt c;

        sdxi_cxt_init(&c, r.fn, 10 + what, 1024);
        if (what == 0) {
            put(&r, c.ctl, WINDOW | 0x31);
        } else if (what == 1) {
            put(&r, c.ctl + 16, WINDOW + 1 * MiB);
            put(&r, TO + 1 * MiB, 0);
        }
        g_assert_false(sdxi_cxt_do(&r.fn->admin,
                                   sdxi_dsc_cxt(SDXI_DSC_CXT_START, c.num,
                                                c.num)));
        map(&r, 0, false);
        invalidate(&r);
        if (what == 2) {
            SdxiDsc d = sdxi_dsc_nop();

            sdxi_dsc_set_csb(&d, WINDOW);
            sdxi_cxt_push(&c, &d);
        } else {
            /* a write index is enough */
            put(&r, c.wi, 1);
            put(&r, TO, 1 << 16 | 1 << 8 | 1);
            put(&r, c.ring, 1 << 16 | 1 << 8 | 1);
            put(&r, c.ring + 56, 1);
        }
        sdxi_cxt_kick(&c);
        g_assert_cmpuint(sdxi_fn_last_err(r.fn, r.errors++).cxt, ==, c.num);
        neighbour_goes_on(&r);
        map(&r, 0, true);
        invalidate(&r);
    }
    tear_down(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/sdxi/iommu/unmap", test_unmap);
    qtest_add_func("/sdxi/iommu/unmap-workers", test_unmap_workers);
    qtest_add_func("/sdxi/iommu/unmap-structures", test_unmap_structures);
    return g_test_run();
}
