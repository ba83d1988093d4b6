/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a doorbell to the completion: how long it takes, from one worker to
 * another without a protocol in between, and what the store costs who rings.
 */
#include "qemu/osdep.h"
#include "qemu/timer.h"
#include "hw/pci/pci_regs.h"
#include "tests/bench/rows.h"
#include "tests/bench/table.h"
#include "tests/bench/threads.h"
#include "tests/qtest/sdxi/config.h"

#define CONTEXTS_MANY   65536u
#define CONTEXTS_RUN    1000u
#define HAND_OVER_NS    3000.0

/* To the completion of one NOP; and how long the store alone takes. */
void bench_latency(SdxiVm *vm, SdxiCxt *c, const char *how)
{
    double with[501], store[501];
    BenchJob j;

    bench_job_init(vm, &j, 0, 1);
    for (unsigned i = 0; i < ARRAY_SIZE(with); i++) {
        uint64_t end;
        int64_t t;

        g_usleep(200);
        end = bench_fill(c, &j);
        t = get_clock();
        sdxi_cxt_kick(c);
        bench_wait(c, &j, end, 0);
        with[i] = get_clock() - t;
        t = get_clock();
        /* the same way, to a place that rings nothing */
        qpci_io_writeq(c->fn->pci, c->fn->doorbells,
                       c->num * c->fn->stride + 64, 0);
        store[i] = get_clock() - t;
    }
    printf("doorbell to completion of a NOP, %s, median: %.1f us; of these "
           "%.1f us are the way of the store to the emulator\n", how,
           bench_median(with, ARRAY_SIZE(with)) / 1000,
           bench_median(store, ARRAY_SIZE(store)) / 1000);
}

#define POLLING ",poll-us=1000"

static void latency_polling(void)
{
    SdxiVm *vm = bench_start("", "contexts=128" POLLING);
    SdxiCxt c;
    SdxiFn *fn = bench_bring_up(vm, &c, 0);

    bench_latency(vm, &c, "polling");
    bench_stop(vm, fn);
}

/* The virtual function is there; it need not run. */
static void enable_vf(SdxiVm *vm)
{
    int devfn = DEVFN(4, 0);
    unsigned cap = sdxi_config_extended(vm, devfn, PCI_EXT_CAP_ID_SRIOV);

    qtest_writew(vm->qts, sdxi_config_at(vm, devfn, cap + PCI_SRIOV_NUM_VF), 1);
    qtest_writew(vm->qts, sdxi_config_at(vm, devfn, cap + PCI_SRIOV_CTRL),
                 PCI_SRIOV_CTRL_VFE);
}

/*
 * What no protocol is in: an operation on a virtual function goes from one
 * worker to another and back.  Each of the two ways is a kick, what it wakes,
 * and what that does.
 */
static double hand_over_ns(SdxiCxt *admin)
{
    unsigned count = 1000;
    uint64_t csb = sdxi_csb_new(admin->fn->vm, count);
    int64_t t;

    for (unsigned i = 0; i < count; i++) {
        SdxiDsc d = sdxi_dsc_cxt(SDXI_DSC_CXT_START, 1, 1);

        d.q[0] |= 1ull << 47;
        sdxi_dsc_set_csb(&d, csb);
        sdxi_cxt_push(admin, &d);
    }
    t = get_clock();
    sdxi_cxt_kick(admin);
    /* Nobody else is on the cores of the two. */
    while (qatomic_read(bench_quad(csb))) {
        g_assert_cmpint(get_clock() - t, <, BENCH_PATIENCE_NS);
        g_usleep(100);
    }
    return (double)(get_clock() - t) / count / 2;
}

static void hand_over(const char *what, const char *props, double goal)
{
    SdxiVm *vm = bench_start("", props);
    SdxiFn *fn = sdxi_fn_open(vm, 4);
    double ns[15], median;

    sdxi_fn_up(fn);
    enable_vf(vm);
    bench_pin_threads(vm, "sdxi", 0, 1);
    for (unsigned i = 0; i < ARRAY_SIZE(ns); i++) {
        ns[i] = hand_over_ns(&fn->admin);
    }
    median = bench_median(ns, ARRAY_SIZE(ns));
    bench_table_row(what, median, "3 us", HAND_OVER_NS, HAND_OVER_NS / median,
                    goal);
    bench_stop(vm, fn);
}

/* Workers that wait busily, beside those that sleep */
void bench_polling_rows(const cpu_set_t *all)
{
    sched_setaffinity(0, sizeof(*all), all);
    latency_polling();
    sched_setaffinity(0, sizeof(*all), all);
    hand_over("worker to worker, asleep", "vfs=1", 0);
    hand_over("worker to worker, poll-us", "vfs=1" POLLING, 1);
}

static double doorbell_cost(SdxiVm *vm, SdxiCxt *c, unsigned contexts)
{
    double cost[15];

    for (unsigned r = 0; r < ARRAY_SIZE(cost); r++) {
        double before = bench_threads_ns(vm, "qemu");

        for (unsigned i = 0; i < 1000; i++) {
            sdxi_cxt_kick(&c[i % contexts]);
        }
        cost[r] = (bench_threads_ns(vm, "qemu") - before) / 1000;
    }
    return bench_median(cost, ARRAY_SIZE(cost));
}

void bench_doorbell_rows(void)
{
    SdxiVm *vm = bench_start("", "contexts=65536,max-ring=1M,"
                             "doorbell-stride=4K");
    SdxiFn *fn = sdxi_fn_open(vm, 4);
    SdxiCxt *c = g_new0(SdxiCxt, CONTEXTS_RUN), big;
    double one, deep, many;
    BenchJob j;

    sdxi_fn_up(fn);
    sdxi_cxt_init(&c[0], fn, 1, 1024);
    sdxi_cxt_start(&c[0]);
    one = doorbell_cost(vm, c, 1);
    sdxi_cxt_init(&big, fn, 2, 1 * MiB);
    sdxi_cxt_start(&big);
    bench_job_init(vm, &j, 0, 1 * MiB);
    bench_fill(&big, &j);
    bench_ram[big.ring] &= ~1;  /* a full ring that never moves */
    deep = doorbell_cost(vm, &big, 1);
    for (unsigned i = 1; i < CONTEXTS_RUN; i++) {
        sdxi_cxt_init(&c[i], fn, 2 + i * (CONTEXTS_MANY / CONTEXTS_RUN), 1024);
        sdxi_cxt_start(&c[i]);
    }
    many = doorbell_cost(vm, c, CONTEXTS_RUN);
    printf("processor time of the storing thread per doorbell: ring of 1024 "
           "%.2f us; ring of 1M, full %.2f us (%.2f); 65,536 contexts, 1,000 "
           "running %.2f us (%.2f, goal 1.20)\n", one / 1000, deep / 1000,
           deep / one, many / 1000, many / one);
    g_free(c);
    bench_stop(vm, fn);
}
