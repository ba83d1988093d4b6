/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page requests of a function below intel-iommu, with software that answers
 * them here: granted, refused, granted for nothing, answered too late, never
 * answered; and functions that are reset or lose their process meanwhile.
 */
#include "qemu/osdep.h"
#include "qemu/timer.h"
#include "hw/memfab/compat.h"
#include "hw/pci/pci_regs.h"
#include "tests/qtest/sdxi/config.h"
#include "tests/qtest/sdxi/mmu.h"

#ifdef MEMFAB_HAVE_PASID

#define PAGE        4096u
#define WINDOW      MMU_WINDOW
#define BUFFER      (32 * MiB)          /* mapped, of the process */
#define PLACE       MMU_TARGET          /* where pages of the window will be */
#define FUNCTION    DEVFN(MMU_SLOT, 0)

/* VT-d 11.4.11 */
#define PQH         0xfed900c0ull
#define PQT         0xfed900c8ull
#define PQA         0xfed900d0ull
#define PRS         0xfed900dcull
#define PRS_OVERFLOW 2
#define ENTRY       32
#define ENTRIES     128

enum { GRANTED = 0, REFUSED = 1, FAILED = 15 };

typedef struct Rig {
    SdxiVm *vm;
    SdxiFn *fn;
    SdxiCxt c;                  /* for the process */
    SdxiCxt neighbour;          /* without one */
    uint64_t queue, low;        /* of requests; table of the window */
    uint64_t csb;               /* of the copy that waits */
    unsigned errors;
} Rig;

/* As VT-d 7.4.1.1 has it */
typedef struct Request {
    uint64_t addr;
    unsigned index;
    bool read, write;
} Request;

static void put(Rig *r, uint64_t at, uint64_t value)
{
    qtest_writeq(r->vm->qts, at, value);
}

static uint64_t get(Rig *r, uint64_t at)
{
    return qtest_readq(r->vm->qts, at);
}

static void map(Rig *r, unsigned page, bool there)
{
    MmuLeaf l = { .shift = 12, .size = PAGE, .base = PLACE + page * PAGE };

    put(r, r->low + 8 * page, there ? mmu_intel_process.leaf(&l) : 0);
    mmu_intel_process.invalidate_pages(r->vm, WINDOW + page * PAGE, 12);
}

static void bring_up(Rig *r)
{
    r->fn = sdxi_fn_open(r->vm, MMU_SLOT);
    sdxi_fn_up(r->fn);
    sdxi_fn_errlog(r->fn);
    sdxi_cxt_init(&r->c, r->fn, 1, 1024);
    sdxi_cxt_akey(&r->c, 0, SDXI_AKEY_VL | SDXI_AKEY_PV |
                  (uint64_t)MMU_PROCESS << 32, 0);
    sdxi_cxt_start(&r->c);
    sdxi_cxt_init(&r->neighbour, r->fn, 2, 1024);
    sdxi_cxt_start(&r->neighbour);
}

static void set_up(Rig *r)
{
    const MmuModel *m = &mmu_intel_process;
    const char *svm = sdxi_vm_has_property("intel-iommu", "svm")
                      ? "svm" : "x-svm";
    uint64_t top, middle;

    *r = (Rig) { };
    r->vm = sdxi_vm_start("%s,%s=on,device-iotlb=on "
                          "-device sdxi,id=dev0,addr=%u,pasid=on",
                          sdxi_vm_pasid_iommu(), svm, MMU_SLOT);
    top = sdxi_vm_alloc(r->vm, PAGE, PAGE);
    middle = sdxi_vm_alloc(r->vm, PAGE, PAGE);
    mmu_map_ram(r->vm, m, top);
    r->low = sdxi_vm_alloc(r->vm, PAGE, PAGE);
    put(r, top + 8, m->table(middle, 2));
    put(r, middle, m->table(r->low, 1));
    m->enable(r->vm, top);
    r->queue = sdxi_vm_alloc(r->vm, ENTRIES * ENTRY, PAGE);
    put(r, PQA, r->queue);
    sdxi_vm_fill(r->vm, BUFFER, 4 * PAGE, 1);
    bring_up(r);
}

static void tear_down(Rig *r)
{
    sdxi_fn_close(r->fn);
    sdxi_vm_stop(r->vm);
}

/* ---- the two ends ---- */

static void begin_copy(Rig *r, uint64_t src, uint64_t dst, uint64_t len)
{
    SdxiDsc d = sdxi_dsc_copy(src, dst, len);

    r->csb = sdxi_csb_new(r->vm, 1);
    sdxi_dsc_set_csb(&d, r->csb);
    sdxi_cxt_push(&r->c, &d);
    sdxi_cxt_kick(&r->c);
}

/* The next request, which is taken from the queue. */
static Request wait_request(Rig *r)
{
    uint64_t head = get(r, PQH), lo, hi;

    sdxi_wait_until(r->vm, 20, get(r, PQT) != head);
    lo = get(r, r->queue + head);
    hi = get(r, r->queue + head + 8);
    put(r, PQH, (head + ENTRY) % (ENTRIES * ENTRY));
    /* a page request with a process; who asks; which */
    g_assert_cmphex(lo & 0x1ff, ==, 0x101);
    g_assert_cmphex(lo >> 16 & 0xffff, ==, FUNCTION);
    g_assert_cmphex(lo >> 32 & 0xfffff, ==, MMU_PROCESS);
    return (Request) {
        .addr = hi & ~0xfffull, .index = hi >> 3 & 0x1ff,
        .read = hi & 1, .write = hi & 2,
    };
}

static void answer(Rig *r, const Request *q, unsigned code)
{
    mmu_page_answer(r->vm, FUNCTION, q->index, code);
}

static void expect_done(Rig *r)
{
    sdxi_csb_wait(r->vm, r->csb, 0);
    g_assert_false(sdxi_csb_er(r->vm, r->csb));
}

static void expect_error(Rig *r, unsigned buf)
{
    SdxiErr e;

    sdxi_csb_wait(r->vm, r->csb, 0);
    g_assert_true(sdxi_csb_er(r->vm, r->csb));
    e = sdxi_cxt_data_err(&r->c, r->errors++, SDXI_NO_TRANSLATION);
    g_assert_cmpuint(e.buf, ==, buf);
    sdxi_cxt_start(&r->c);
}

static void neighbour_goes_on(Rig *r)
{
    uint64_t buf = sdxi_vm_alloc(r->vm, 2 * PAGE, PAGE);

    sdxi_vm_fill(r->vm, buf, PAGE, 7);
    g_assert_false(sdxi_cxt_do(&r->neighbour,
                               sdxi_dsc_copy(buf, buf + PAGE, PAGE)));
    g_assert_true(sdxi_vm_equal(r->vm, buf, buf + PAGE, PAGE));
}

/* ---- answers ---- */

/* Each page of a copy, for what it is needed; others go on meanwhile. */
static void test_granted(void)
{
    Request q;
    Rig r;

    set_up(&r);
    begin_copy(&r, BUFFER, WINDOW + 8, 2 * PAGE - 8);
    for (unsigned page = 0; page < 2; page++) {
        q = wait_request(&r);
        g_assert_cmphex(q.addr, ==, WINDOW + page * PAGE);
        g_assert_true(q.write);
        neighbour_goes_on(&r);
        g_assert_cmpuint(sdxi_csb_signal(r.vm, r.csb), ==, 1);
        map(&r, page, true);
        answer(&r, &q, GRANTED);
    }
    expect_done(&r);
    g_assert_true(sdxi_vm_equal(r.vm, BUFFER, PLACE + 8, 2 * PAGE - 8));
    /* and to read from */
    begin_copy(&r, WINDOW + 5 * PAGE, BUFFER, 64);
    q = wait_request(&r);
    g_assert_cmphex(q.addr, ==, WINDOW + 5 * PAGE);
    g_assert_true(q.read && !q.write);
    map(&r, 5, true);
    put(&r, PLACE + 5 * PAGE, 55);
    answer(&r, &q, GRANTED);
    expect_done(&r);
    g_assert_cmpuint(get(&r, BUFFER), ==, 55);
    tear_down(&r);
}

/* The second half of a copy: what was there has been done. */
static void test_refused(void)
{
    Request q;
    Rig r;

    set_up(&r);
    map(&r, 0, true);
    for (unsigned i = 0; i < 3; i++) {
        put(&r, PLACE, 0);
        begin_copy(&r, BUFFER, WINDOW, 2 * PAGE);
        q = wait_request(&r);
        g_assert_cmphex(q.addr, ==, WINDOW + PAGE);
        answer(&r, &q, i & 1 ? FAILED : REFUSED);
        expect_error(&r, 1);
        g_assert_true(sdxi_vm_equal(r.vm, BUFFER, PLACE, PAGE));
        neighbour_goes_on(&r);
    }
    /* The next one is as good as the first. */
    begin_copy(&r, BUFFER, WINDOW, 2 * PAGE);
    q = wait_request(&r);
    map(&r, 1, true);
    answer(&r, &q, GRANTED);
    expect_done(&r);
    g_assert_true(sdxi_vm_equal(r.vm, BUFFER, PLACE, 2 * PAGE));
    tear_down(&r);
}

/* A page that is granted and never there is asked for a few times. */
static void test_for_nothing(void)
{
    unsigned last = 0, count = 0;
    Rig r;

    set_up(&r);
    begin_copy(&r, WINDOW, BUFFER, 64);
    while (sdxi_csb_signal(r.vm, r.csb)) {
        if (get(&r, PQT) != get(&r, PQH)) {
            Request q = wait_request(&r);

            g_assert_cmpuint(q.index, !=, last);
            last = q.index;
            answer(&r, &q, GRANTED);
            g_assert_cmpuint(++count, <=, 100);
        }
        g_usleep(200);
    }
    g_assert_cmpuint(count, >, 1);
    expect_error(&r, 0);
    neighbour_goes_on(&r);
    tear_down(&r);
}

/* Answers to other requests are not taken for the one that is waited for. */
static void test_other_answer(void)
{
    Request q, other;
    Rig r;

    set_up(&r);
    begin_copy(&r, WINDOW, BUFFER, 64);
    other = q = wait_request(&r);
    for (unsigned i = 0; i < 9; i++) {
        other.index = q.index ^ 1 << i;
        answer(&r, &other, i & 1 ? REFUSED : GRANTED);
    }
    neighbour_goes_on(&r);
    g_assert_cmpuint(sdxi_csb_signal(r.vm, r.csb), ==, 1);
    map(&r, 0, true);
    put(&r, PLACE, 77);
    answer(&r, &q, GRANTED);
    expect_done(&r);
    g_assert_cmpuint(get(&r, BUFFER), ==, 77);
    /* ... nor is one that nobody waits for. */
    answer(&r, &q, REFUSED);
    begin_copy(&r, WINDOW, BUFFER, 64);
    expect_done(&r);
    tear_down(&r);
}

/* There is no room for a request: the page is not to be had. */
static void test_no_room(void)
{
    Rig r;

    set_up(&r);
    put(&r, PQH, (get(&r, PQT) + ENTRY) % (ENTRIES * ENTRY));
    begin_copy(&r, WINDOW, BUFFER, 64);
    expect_error(&r, 0);
    g_assert_true(qtest_readl(r.vm->qts, PRS) & PRS_OVERFLOW);
    neighbour_goes_on(&r);
    put(&r, PQH, get(&r, PQT));
    qtest_writel(r.vm->qts, PRS, PRS_OVERFLOW);
    map(&r, 0, true);
    begin_copy(&r, WINDOW, BUFFER, 64);
    expect_done(&r);
    tear_down(&r);
}

/* ---- no answer ---- */

typedef struct Ending {
    const char *name;
    void (*end)(Rig *r);
} Ending;

static void end_by_context(Rig *r)
{
    SdxiDsc stop = sdxi_dsc_cxt(SDXI_DSC_CXT_STOP, 1, 1);

    g_assert_false(sdxi_cxt_do(&r->fn->admin, stop));
    /* It may still be answered, for so long. */
    qtest_clock_step(r->vm->qts, 2 * NANOSECONDS_PER_SECOND);
    sdxi_wait_until(r->vm, 20, sdxi_cxt_state(&r->c) != SDXI_CXT_RUN &&
                    sdxi_cxt_state(&r->c) != SDXI_CXT_STOPG_SW);
    neighbour_goes_on(r);
}

static void stop_function(Rig *r, unsigned how)
{
    sdxi_fn_request(r->fn, how);
    /* From when on it is patient its worker says, some time later. */
    sdxi_wait_until(r->vm, 20,
                    (qtest_clock_step(r->vm->qts, NANOSECONDS_PER_SECOND),
                     sdxi_fn_state(r->fn) == SDXI_ST_STOP));
}

static void end_by_soft_stop(Rig *r)
{
    stop_function(r, SDXI_STOP_SF);
}

static void end_by_hard_stop(Rig *r)
{
    stop_function(r, SDXI_STOP_HD);
}

static void end_by_reset(Rig *r)
{
    sdxi_fn_request(r->fn, SDXI_RESET);
    sdxi_fn_wait(r->fn, SDXI_ST_STOP);
}

static void end_by_flr(Rig *r)
{
    unsigned at = qpci_find_capability(r->fn->pci, PCI_CAP_ID_EXP, 0) +
                  PCI_EXP_DEVCTL;

    qpci_config_writew(r->fn->pci, at, qpci_config_readw(r->fn->pci, at) |
                       PCI_EXP_DEVCTL_BCR_FLR);
    sdxi_fn_close(r->fn);
    r->fn = sdxi_fn_open(r->vm, MMU_SLOT);
    sdxi_fn_wait(r->fn, SDXI_ST_STOP);
    mmu_process_control(r->vm, FUNCTION, true);
}

/* The process is gone, and what waited for it fails. */
static void end_by_process(Rig *r)
{
    mmu_process_control(r->vm, FUNCTION, false);
    sdxi_cxt_kick(&r->c);
}

/*
 * It ends without an answer; one that comes later does no harm.  A function
 * that was reset does not wait for it before it asks again.
 */
static void test_no_answer(gconstpointer data)
{
    const Ending *e = data;
    bool asks_first = e->end == end_by_flr;
    Request q, next;
    Rig r;

    set_up(&r);
    begin_copy(&r, BUFFER, WINDOW, PAGE);
    q = wait_request(&r);
    neighbour_goes_on(&r);
    e->end(&r);
    map(&r, 0, true);
    put(&r, PLACE, 4711);
    if (!asks_first) {
        answer(&r, &q, GRANTED);
        answer(&r, &q, REFUSED);
    }
    if (e->end == end_by_process) {
        /* the other side is not to be had either */
        expect_error(&r, 0);
        mmu_process_control(r.vm, FUNCTION, true);
    } else if (e->end == end_by_context) {
        sdxi_cxt_set_state(&r.c, SDXI_CXT_STOP_SW);
        r.c.count = sdxi_cxt_read_index(&r.c);
        put(&r, r.c.wi, r.c.count);
        sdxi_cxt_start(&r.c);
    } else {
        g_assert_cmpuint(get(&r, PLACE), ==, 4711);
        sdxi_fn_close(r.fn);
        r.errors = 0;
        bring_up(&r);
    }
    /* All is as at first. */
    map(&r, 1, false);
    begin_copy(&r, BUFFER, WINDOW + PAGE, PAGE);
    next = wait_request(&r);
    g_assert_cmphex(next.addr, ==, WINDOW + PAGE);
    g_assert_cmpuint(next.index, !=, q.index);
    if (asks_first) {
        answer(&r, &q, REFUSED);
    }
    map(&r, 1, true);
    answer(&r, &next, GRANTED);
    expect_done(&r);
    g_assert_true(sdxi_vm_equal(r.vm, BUFFER, PLACE + PAGE, PAGE));
    tear_down(&r);
}

/*
 * The machine moves while one is on its way: it is asked for once more, and the
 * answer to the first is not taken for one to the second.
 */
static void test_migrate(void)
{
    Request before, after;
    Rig r;

    set_up(&r);
    begin_copy(&r, BUFFER, WINDOW, PAGE);
    before = wait_request(&r);
    sdxi_vm_migrate(r.vm);
    after = wait_request(&r);
    g_assert_cmphex(after.addr, ==, before.addr);
    g_assert_cmpuint(after.index, !=, before.index);
    answer(&r, &before, REFUSED);
    neighbour_goes_on(&r);
    g_assert_cmpuint(sdxi_csb_signal(r.vm, r.csb), ==, 1);
    map(&r, 0, true);
    answer(&r, &after, GRANTED);
    expect_done(&r);
    g_assert_true(sdxi_vm_equal(r.vm, BUFFER, PLACE, PAGE));
    tear_down(&r);
}

static void add_all(void)
{
    static const Ending endings[] = {
        { "context", end_by_context }, { "soft-stop", end_by_soft_stop },
        { "hard-stop", end_by_hard_stop }, { "reset", end_by_reset },
        { "flr", end_by_flr }, { "process", end_by_process },
    };

    qtest_add_func("/sdxi/pages/granted", test_granted);
    qtest_add_func("/sdxi/pages/refused", test_refused);
    qtest_add_func("/sdxi/pages/for-nothing", test_for_nothing);
    qtest_add_func("/sdxi/pages/other-answer", test_other_answer);
    qtest_add_func("/sdxi/pages/no-room", test_no_room);
    for (unsigned i = 0; i < ARRAY_SIZE(endings); i++) {
        g_autofree char *path = g_strdup_printf("/sdxi/pages/no-answer/%s",
                                                endings[i].name);

        qtest_add_data_func(path, &endings[i], test_no_answer);
    }
    qtest_add_func("/sdxi/pages/migrate", test_migrate);
}

#else

static void test_none(void)
{
    g_test_skip("this release of QEMU has no processes");
}

static void add_all(void)
{
    qtest_add_func("/sdxi/pages/none", test_none);
}

#endif

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_all();
    return g_test_run();
}
