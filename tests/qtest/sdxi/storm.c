/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest at its worst while others work: doorbells of all 65,536 contexts,
 * rings that change while they are read, stops in the middle of copies of
 * 4 GiB.  Whatever becomes of the one who does it, the neighbour goes on.
 */
#include "qemu/osdep.h"
#include "qemu/timer.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "tests/qtest/sdxi/util.h"

#define ALL     65536u

/* ---- a neighbour with honest work ---- */

#define HONEST_BYTES    20000

typedef struct Honest {
    SdxiCxt c;
    uint64_t from, to;
    unsigned seed;
} Honest;

static void honest_start(SdxiRig *r, Honest *h, unsigned number)
{
    *h = (Honest) {
        .from = sdxi_vm_alloc(r->vm, HONEST_BYTES, 4096),
        .to = sdxi_vm_alloc(r->vm, HONEST_BYTES, 4096),
    };
    sdxi_cxt_init(&h->c, r->fn, number, 1024);
    sdxi_cxt_start(&h->c);
}

static void honest_work(SdxiRig *r, Honest *h)
{
    sdxi_vm_fill(r->vm, h->from, HONEST_BYTES, ++h->seed);
    g_assert_false(sdxi_cxt_do(&h->c, sdxi_dsc_copy(h->from, h->to,
                                                    HONEST_BYTES)));
    g_assert_true(sdxi_vm_equal(r->vm, h->from, h->to, HONEST_BYTES));
    g_assert_cmpuint(sdxi_fn_state(r->fn), ==, SDXI_ST_ACTIVE);
}

static void write_all(SdxiVm *vm, uint64_t at, const void *data, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += 32 * KiB) {
        qtest_memwrite(vm->qts, at + i, data + i, MIN(bytes - i, 32 * KiB));
    }
}

/* ---- doorbells ---- */

/* The doorbells take 256 MiB: they come first, then the rest finds room. */
static void all_open(SdxiRig *r, const char *props)
{
    SdxiFn *fn = g_new0(SdxiFn, 1);

    r->vm = sdxi_vm_start("-device sdxi,id=dev0,addr=4,contexts=65536%s",
                          props);
    r->fn = fn;
    fn->vm = r->vm;
    fn->pci = qpci_device_find(r->vm->bus, QPCI_DEVFN(4, 0));
    g_assert_nonnull(fn->pci);
    fn->doorbells = qpci_iomap(fn->pci, 2, &fn->doorbells_size);
    fn->regs = qpci_iomap(fn->pci, 0, &fn->regs_size);
    qpci_device_enable(fn->pci);
    fn->stride = 4096;
    sdxi_fn_up(fn);
    sdxi_fn_errlog(fn);
}

static void all_close(SdxiRig *r)
{
    sdxi_fn_close(r->fn);
    sdxi_vm_stop(r->vm);
}

static unsigned running(SdxiRig *r)
{
    QDict *rsp = qtest_qmp(r->vm->qts, "{'execute': 'query-sdxi'}");
    QList *functions = qdict_get_qlist(rsp, "return");
    unsigned n = 0;
    QListEntry *entry;

    QLIST_FOREACH_ENTRY(functions, entry) {
        n += qdict_get_int(qobject_to(QDict, qlist_entry_obj(entry)),
                           "running");
    }
    qobject_unref(rsp);
    return n;
}

/*
 * Tables of all contexts from 128 on, each in the state RUN: a doorbell starts
 * it.  They share an empty ring, but not where they tell how far they are.
 */
static uint64_t all_contexts(SdxiRig *r)
{
    uint64_t l1 = sdxi_vm_alloc(r->vm, ALL * 32, 4096);
    uint64_t ctl = sdxi_vm_alloc(r->vm, ALL * 64, 4096);
    uint64_t sts = sdxi_vm_alloc(r->vm, ALL * 16, 4096);
    g_autofree uint64_t *l2_data = g_new0(uint64_t, ALL / 128);
    g_autofree uint64_t *l1_data = g_new0(uint64_t, ALL * 4);
    g_autofree uint64_t *ctl_data = g_new0(uint64_t, ALL * 8);
    g_autofree uint64_t *sts_data = g_new0(uint64_t, ALL * 2);
    uint64_t groups = sdxi_fn_rd(r->fn, SDXI_CAP1) & 0xffffffff00000000ull;
    SdxiCxt model;

    sdxi_cxt_init(&model, r->fn, 2, 1024);
    for (unsigned n = 0; n < ALL; n++) {
        l2_data[n / 128] = cpu_to_le64(l1 + n / 128 * 4096 + 1);
        l1_data[n * 4] = cpu_to_le64((ctl + n * 64) | 3);
        l1_data[n * 4 + 1] = cpu_to_le64(model.akeys);
        l1_data[n * 4 + 2] = cpu_to_le64(groups | 11 << 20);
        ctl_data[n * 8] = cpu_to_le64(model.ring | 0x31);
        ctl_data[n * 8 + 1] = cpu_to_le64(model.entries);
        ctl_data[n * 8 + 2] = cpu_to_le64(sts + n * 16);
        ctl_data[n * 8 + 3] = cpu_to_le64(model.wi);
        sts_data[n * 2] = cpu_to_le64(SDXI_CXT_RUN);
    }
    write_all(r->vm, l1, l1_data, ALL * 32);
    write_all(r->vm, ctl, ctl_data, ALL * 64);
    write_all(r->vm, sts, sts_data, ALL * 16);
    /* The first 128 stay as they are. */
    write_all(r->vm, r->fn->l2 + 8, l2_data + 1, ALL / 128 * 8 - 8);
    return sts;
}

static void storm(SdxiRig *r, Honest *h, unsigned doorbells, unsigned stride)
{
    for (unsigned i = 0, n = 128; i < doorbells; i++) {
        sdxi_fn_doorbell(r->fn, n, i);
        n = 128 + (n - 128 + stride) % (ALL - 128);
        if (i % 8192 == 0) {
            honest_work(r, h);
        }
    }
}

/* Each one of them starts, and rings again; then all stop. */
static void all_doorbells(const char *props)
{
    SdxiRig rig = { }, *r = &rig;
    uint64_t sts;
    Honest h;

    all_open(r, props);
    sts = all_contexts(r);
    honest_start(r, &h, 3);
    storm(r, &h, ALL - 128, 1);
    sdxi_wait_until(r->vm, 60, running(r) == ALL - 128 + 2);
    storm(r, &h, 20000, 8191);
    g_assert_cmpuint(running(r), ==, ALL - 128 + 2);
    g_assert_false(sdxi_cxt_do(&r->fn->admin,
                               sdxi_dsc_cxt(SDXI_DSC_CXT_STOP, 128,
                                            ALL - 1)));
    g_assert_false(sdxi_cxt_do(&r->fn->admin,
                               sdxi_dsc_sync(1, 128, ALL - 1)));
    g_assert_cmpuint(running(r), ==, 2);
    for (unsigned n = 128; n < ALL; n += 997) {
        g_assert_cmpuint(qtest_readq(r->vm->qts, sts + n * 16) & 15, ==,
                         SDXI_CXT_STOP_SW);
    }
    honest_work(r, &h);
    all_close(r);
}

static void test_doorbells(void)
{
    all_doorbells("");
}

static void test_doorbells_workers(void)
{
    all_doorbells(",workers=2");
}

/* Behind none of them is a table: each ends in the log, or finds it full. */
static void test_doorbells_to_nowhere(void)
{
    SdxiRig rig = { }, *r = &rig;
    Honest h;

    all_open(r, "");
    honest_start(r, &h, 3);
    storm(r, &h, 20000, 8191);
    honest_work(r, &h);
    g_assert_cmpuint(running(r), ==, 2);
    g_assert_cmpuint(sdxi_fn_rd(r->fn, SDXI_ERR_WRT), ==, 64);
    /* overflow */
    g_assert_cmphex(sdxi_fn_rd(r->fn, SDXI_ERR_STS) & 2, ==, 2);
    all_close(r);
}

/* ---- rings that change ---- */

/*
 * All that a torn or garbled descriptor may reach, whatever bytes of whichever
 * two it is made of: addresses differ in their lower three bytes only, and
 * sizes have three.
 */
#define ARENA           (32 * MiB)
#define POOL            64
#define VICTIM_RING     1024

static SdxiDsc garbage(uint64_t arena, unsigned kind)
{
    SdxiDsc d = { };

    for (unsigned i = 1; i < 8; i++) {
        d.q[i] = arena + g_test_rand_int_range(0, 16 * MiB);
    }
    /* keys 0 and 1 are valid, most others are not */
    d.q[1] = (uint64_t)g_test_rand_int_range(0, 3) << 32;
    d.q[7] &= ~31ull;
    d.q[0] = (uint64_t)g_test_rand_int_range(0, 1 * MiB) << 32 | 1;
    switch (kind % 8) {
    case 0:
        d.q[0] |= g_test_rand_int_range(0, 0x7fffff) << 1;
        break;
    case 1:
        d.q[0] &= ~1ull;
        break;
    case 2:
        d.q[0] = deposit64(d.q[0], 32, 32, 0) | 3 << 16 | 2 << 8;
        break;
    default:
        d.q[0] |= 1 << 16 | (kind % 4 + 1) << 8;
        break;
    }
    return d;
}

static void victim_start(SdxiRig *r, SdxiCxt *victim)
{
    sdxi_cxt_set_state(victim, SDXI_CXT_STOP_SW);
    qtest_writeq(r->vm->qts, victim->wi,
                 sdxi_cxt_read_index(victim) + VICTIM_RING);
    sdxi_cxt_do(&r->fn->admin, sdxi_dsc_cxt(SDXI_DSC_CXT_START, victim->num,
                                            victim->num));
    sdxi_cxt_kick(victim);
}

/* Pieces of the pool, of any length, over the ring at any place. */
static void push_garbler(SdxiCxt *garbler, uint64_t pool, SdxiCxt *victim)
{
    for (unsigned i = 0; i < 64; i++) {
        unsigned bytes = g_test_rand_int_range(1, 2000);
        uint64_t to = g_test_rand_int_range(0, VICTIM_RING * 64 - bytes);
        /* in step, so that a field stays that field */
        uint64_t from = pool + to % 64 +
            64 * g_test_rand_int_range(0, POOL - 33);
        SdxiDsc d = sdxi_dsc_copy(from, victim->ring + to, bytes);

        sdxi_cxt_push(garbler, &d);
    }
    sdxi_cxt_kick(garbler);
}

static void check_restart(SdxiRig *r, SdxiCxt *victim)
{
    sdxi_cxt_stop(victim);
    sdxi_cxt_init(victim, r->fn, victim->num, 1024);
    sdxi_cxt_start(victim);
    g_assert_false(sdxi_cxt_do(victim, sdxi_dsc_nop()));
}

static void test_changing_ring(SdxiRig *r)
{
    uint64_t pool = sdxi_vm_alloc(r->vm, POOL * 64, 4096);
    uint64_t arena = sdxi_vm_alloc(r->vm, ARENA, ARENA);
    SdxiDsc dsc[POOL];
    SdxiCxt victim, garbler;
    Honest h;

    honest_start(r, &h, 3);
    sdxi_cxt_init(&garbler, r->fn, 4, 1024);
    sdxi_cxt_start(&garbler);
    sdxi_cxt_init(&victim, r->fn, 5, VICTIM_RING);
    sdxi_cxt_akey(&victim, 1, SDXI_AKEY_VL, 0);
    for (unsigned i = 0; i < POOL; i++) {
        dsc[i] = garbage(arena, i);
    }
    write_all(r->vm, pool, dsc, sizeof(dsc));
    for (unsigned round = 0; round < 40; round++) {
        if (sdxi_cxt_state(&victim) != SDXI_CXT_RUN) {
            victim_start(r, &victim);
        } else {
            sdxi_cxt_kick(&victim);
        }
        push_garbler(&garbler, pool, &victim);
        honest_work(r, &h);
        sdxi_cxt_wait_index(&garbler, garbler.count);
    }
    g_assert_cmpuint(sdxi_cxt_state(&garbler), ==, SDXI_CXT_RUN);
    check_restart(r, &victim);
    honest_work(r, &h);
}

/* ---- stops in the middle of 4 GiB ---- */

#define FOUR_GIB        (4 * GiB)
#define FROM            (4 * GiB)
#define TO              (8 * GiB)
#define MARKS           16

/* How far the copy has come, in sixteenths. */
static unsigned marks(SdxiVm *vm)
{
    unsigned n = 0;

    while (n < MARKS &&
           qtest_readq(vm->qts, TO + n * (FOUR_GIB / MARKS))) {
        n++;
    }
    return n;
}

/* A copy that has begun, and is far from its end. */
static SdxiRig *four_gib_start(uint64_t *csb, Honest *h)
{
    SdxiRig *r = g_new0(SdxiRig, 1);
    SdxiDsc d = sdxi_dsc_copy(FROM, TO, FOUR_GIB);

    r->vm = sdxi_vm_start("-m 10G -machine memory-backend=ram -object "
                          "memory-backend-ram,id=ram,size=10G "
                          "-device sdxi,id=dev0,addr=4");
    for (unsigned i = 0; i < MARKS; i++) {
        qtest_writeq(r->vm->qts, FROM + i * (FOUR_GIB / MARKS), i + 1);
    }
    r->fn = sdxi_fn_open(r->vm, 4);
    sdxi_fn_up(r->fn);
    sdxi_cxt_init(&r->c, r->fn, 1, 1024);
    sdxi_cxt_start(&r->c);
    honest_start(r, h, 2);
    *csb = sdxi_csb_new(r->vm, 1);
    sdxi_dsc_set_csb(&d, *csb);
    sdxi_cxt_push(&r->c, &d);
    sdxi_cxt_kick(&r->c);
    sdxi_wait_until(r->vm, 60, marks(r->vm));
    return r;
}

static void four_gib_end(SdxiRig *r)
{
    unsigned reached = marks(r->vm);

    /* Not a byte after the stop, and the end was not waited for. */
    g_assert_cmpuint(reached, <, MARKS);
    g_usleep(100 * 1000);
    g_assert_cmpuint(marks(r->vm), ==, reached);
    sdxi_fn_close(r->fn);
    sdxi_vm_stop(r->vm);
    g_free(r);
}

static void test_four_gib_hard(void)
{
    uint64_t csb;
    Honest h;
    SdxiRig *r = four_gib_start(&csb, &h);

    sdxi_fn_request(r->fn, SDXI_STOP_HD);
    sdxi_fn_wait(r->fn, SDXI_ST_STOP);
    g_assert_cmpuint(sdxi_cxt_state(&r->c), ==, SDXI_CXT_STOP_FN);
    g_assert_cmpuint(sdxi_csb_signal(r->vm, csb), ==, 1);
    four_gib_end(r);
}

static bool out_of_patience(SdxiRig *r)
{
    qtest_clock_step(r->vm->qts, 2 * NANOSECONDS_PER_SECOND);
    return sdxi_fn_state(r->fn) == SDXI_ST_STOP;
}

/* Its time is the guest's, which stands still here until it is told to go. */
static void test_four_gib_soft(void)
{
    uint64_t csb;
    Honest h;
    SdxiRig *r = four_gib_start(&csb, &h);

    sdxi_fn_request(r->fn, SDXI_STOP_SF);
    g_assert_cmpuint(sdxi_fn_state(r->fn), ==, SDXI_ST_STOPG_SF);
    /* Again and again: patience begins when the worker has heard of it. */
    sdxi_wait_until(r->vm, 60, out_of_patience(r));
    g_assert_cmpuint(sdxi_cxt_state(&r->c), ==, SDXI_CXT_STOP_FN);
    g_assert_cmpuint(sdxi_csb_signal(r->vm, csb), ==, 1);
    /* to be done when the function runs again */
    g_assert_cmpuint(sdxi_cxt_read_index(&r->c), ==, 0);
    g_assert_cmphex(qtest_readq(r->vm->qts, r->c.ring) & 1, ==, 1);
    four_gib_end(r);
}

static void test_four_gib_reset(void)
{
    uint64_t csb;
    Honest h;
    SdxiRig *r = four_gib_start(&csb, &h);

    sdxi_fn_request(r->fn, SDXI_RESET);
    sdxi_fn_wait(r->fn, SDXI_ST_STOP);
    g_assert_cmpuint(sdxi_csb_signal(r->vm, csb), ==, 1);
    four_gib_end(r);
}

/* The context alone; another one goes on. */
static void test_four_gib_context(void)
{
    uint64_t csb;
    Honest h;
    SdxiRig *r = four_gib_start(&csb, &h);
    SdxiDsc stop = sdxi_dsc_cxt(SDXI_DSC_CXT_STOP, 1, 1);

    /* hard */
    stop.q[0] |= 1ull << 45;
    g_assert_false(sdxi_cxt_do(&r->fn->admin, stop));
    sdxi_cxt_wait_state(&r->c, SDXI_CXT_STOP_SW);
    g_assert_cmpuint(sdxi_csb_signal(r->vm, csb), ==, 1);
    honest_work(r, &h);
    four_gib_end(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/sdxi/storm/doorbells", test_doorbells);
    qtest_add_func("/sdxi/storm/doorbells-workers", test_doorbells_workers);
    qtest_add_func("/sdxi/storm/doorbells-to-nowhere",
                   test_doorbells_to_nowhere);
    sdxi_add_running("/sdxi/storm/changing-ring", "x-atomics=on",
                     test_changing_ring);
    sdxi_add_running("/sdxi/storm/changing-ring-workers",
                     "x-atomics=on,workers=3", test_changing_ring);
    /* RAM above 4 GiB lies there on q35. */
    if (g_str_equal(qtest_get_arch(), "x86_64")) {
        qtest_add_func("/sdxi/storm/4g/hard", test_four_gib_hard);
        qtest_add_func("/sdxi/storm/4g/soft", test_four_gib_soft);
        qtest_add_func("/sdxi/storm/4g/reset", test_four_gib_reset);
        qtest_add_func("/sdxi/storm/4g/context", test_four_gib_context);
    }
    return g_test_run();
}
