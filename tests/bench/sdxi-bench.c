/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine of `sdxi` against memcpy and against a bare loop, in one run, as
 * a table.
 *
 * The emulator runs without a processor; its RAM is a file that is mapped here
 * as well.  So rings are filled and looked at from here at the speed of RAM,
 * and what is measured is the device: from the doorbell to the last completion,
 * the way of the doorbell included.
 *
 * The bare loop does, for each descriptor, the memory operations that the
 * specification asks for and nothing else: see bare().  It runs here, over a
 * ring of the same content which the device does not know (a device may look
 * for descriptors at any time, doorbell or not), in a thread of its own:
 * whoever fills the ring is on another core, as a guest's processor would be.
 * Rounds of it and of the device take turns; the best round of each counts, so
 * that a busy machine is not taken for a slow one.
 *
 * Usage: memfab-bench-sdxi [--quick] [--busy] [--json FILE]; QTEST_QEMU_BINARY
 * names the emulator.  FILE gets the ratios as tests/bench/results.py says.
 * --busy counts processor time of the threads concerned instead of time that
 * passes, for a machine that has other things to do; waking up is not in it
 * then.
 */
#include "qemu/osdep.h"
#include <sys/mman.h>
#include "qemu/atomic.h"
#include "qemu/processor.h"
#include "qemu/timer.h"
#include "qobject/qdict.h"
#include "qobject/qjson.h"
#include "qobject/qlist.h"
#include "qobject/qnum.h"
#include "hw/pci/pci_regs.h"
#include "tests/bench/threads.h"
#include "tests/qtest/sdxi/config.h"
#include "tests/qtest/sdxi/mmu.h"

#define RAM             (1024 * MiB)
#define RING            65536u
#define BIG_RING        524288u
#define PLACES          16u
#define CONTEXTS_MANY   65536u
#define CONTEXTS_RUN    1000u
/* Without any progress; a busy machine may keep the device waiting. */
#define PATIENCE_NS     (60 * NANOSECONDS_PER_SECOND)

static uint8_t *ram;
static unsigned rounds = 50;
static bool busy;

typedef struct Job {
    unsigned bytes;             /* 0: NOP */
    unsigned count;             /* descriptors */
    uint64_t src, dst, csb;
} Job;

/* ---- figures for programs ---- */

static QList *ratios;

static void keep(const char *what, const char *against, double ratio,
                 double goal)
{
    g_autofree char *name = g_strdup_printf("%s / %s", what, against);
    QDict *row = qdict_new();
    QList *values = qlist_new();

    qlist_append(values, qnum_from_double(ratio));
    qdict_put_str(row, "name", name);
    qdict_put(row, "values", values);
    if (goal) {
        qdict_put(row, "goal", qnum_from_double(goal));
    }
    qlist_append(ratios, row);
}

static void save(const char *path)
{
    QDict *table = qdict_new();
    QList *columns = qlist_new();
    g_autoptr(GString) text = NULL;
    g_autoptr(GError) error = NULL;

    qlist_append_str(columns, "ratio");
    qdict_put_str(table, "title", "sdxi beside the processor's own loops");
    qdict_put_str(table, "unit", "ratio of speeds");
    qdict_put(table, "columns", columns);
    qdict_put(table, "rows", ratios);
    text = qobject_to_json_pretty(QOBJECT(table), true);
    if (!g_file_set_contents(path, text->str, text->len, &error)) {
        g_error("%s", error->message);
    }
    qobject_unref(table);
}

/* ---- a machine whose RAM is here, too ---- */

static SdxiVm *start(const char *iommu, const char *props)
{
    /* Not a file on a disk: that would write back what we measure. */
    char file[] = "/dev/shm/memfab-bench-XXXXXX";
    SdxiVm *vm;
    int fd = mkstemp(file);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(ftruncate(fd, RAM), ==, 0);
    ram = mmap(NULL, RAM, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    g_assert_true(ram != MAP_FAILED);
    close(fd);
    vm = sdxi_vm_start("-name bench,debug-threads=on "
                       "-m 1G -machine memory-backend=ram "
                       "-object memory-backend-file,id=ram,size=1G,share=on,"
                       "mem-path=%s %s -device sdxi,id=dev0,addr=4,%s",
                       file, iommu, props);
    unlink(file);
    return vm;
}

static void stop(SdxiVm *vm, SdxiFn *fn)
{
    sdxi_fn_close(fn);
    sdxi_vm_stop(vm);
    munmap(ram, RAM);
}

/* A context runs; its worker is on one core, and who asks here on another. */
static SdxiFn *bring_up(SdxiVm *vm, SdxiCxt *c)
{
    SdxiFn *fn = sdxi_fn_open(vm, 4);

    sdxi_fn_up(fn);
    sdxi_cxt_init(c, fn, 1, RING);
    sdxi_cxt_start(c);
    bench_pin_self(0);
    bench_pin_threads(vm, "sdxi", 1, 0);
    return fn;
}

static uint64_t *quad(uint64_t addr)
{
    return (uint64_t *)(ram + addr);
}

/* ---- jobs ---- */

static void job_init(SdxiVm *vm, Job *j, unsigned bytes, unsigned count)
{
    *j = (Job) { .bytes = bytes, .count = count };
    j->csb = sdxi_vm_alloc(vm, PLACES * 64, 64);
    if (bytes) {
        j->src = sdxi_vm_alloc(vm, (uint64_t)PLACES * bytes, 4096);
        j->dst = sdxi_vm_alloc(vm, (uint64_t)PLACES * bytes, 4096);
        memset(ram + j->src, 1, (uint64_t)PLACES * bytes);
        memset(ram + j->dst, 2, (uint64_t)PLACES * bytes);
    }
}

/* The same work for somebody else: with signals of its own. */
static Job job_twin(SdxiVm *vm, const Job *j)
{
    Job twin = *j;

    twin.csb = sdxi_vm_alloc(vm, PLACES * 64, 64);
    return twin;
}

/* Memory like that of @c, of which the device knows nothing. */
static SdxiCxt cxt_twin(SdxiVm *vm, const SdxiCxt *c)
{
    SdxiCxt twin = *c;

    twin.ring = sdxi_vm_alloc(vm, 64ull * c->entries, 4096);
    twin.akeys = sdxi_vm_alloc(vm, 4096, 4096);
    twin.sts = sdxi_vm_alloc(vm, 64, 64);
    twin.wi = sdxi_vm_alloc(vm, 64, 64);
    *quad(twin.akeys) = SDXI_AKEY_VL;
    return twin;
}

static uint64_t *signal_of(const Job *j, unsigned i)
{
    return quad(j->csb + i % PLACES * 64);
}

static uint64_t place(uint64_t base, const Job *j, unsigned i)
{
    return base + (uint64_t)(i % PLACES) * j->bytes;
}

/* All descriptors into the ring; where its index then stands. */
static uint64_t fill(SdxiCxt *c, const Job *j)
{
    uint64_t index = *quad(c->sts + 8);

    for (unsigned i = 0; i < j->count; i++) {
        SdxiDsc d = j->bytes
            ? sdxi_dsc_copy(place(j->src, j, i), place(j->dst, j, i), j->bytes)
            : sdxi_dsc_nop();

        d.q[0] |= 1;           /* valid */
        sdxi_dsc_set_csb(&d, j->csb + i % PLACES * 64);
        memcpy(ram + c->ring + (index + i) % c->entries * 64, &d, 64);
    }
    for (unsigned i = 0; i < PLACES; i++) {
        *signal_of(j, i) = (j->count + PLACES - 1 - i) / PLACES;
    }
    /* the slots, then the index */
    smp_wmb();
    qatomic_set(quad(c->wi), index + j->count);
    return index + j->count;
}

/* The memory operations of a descriptor, and no more. */
static void bare(SdxiCxt *c, const Job *j)
{
    uint64_t index = *quad(c->sts + 8), limit = *quad(c->wi);

    while (index < limit) {
        uint64_t *slot = quad(c->ring + index % c->entries * 64);
        SdxiDsc d;

        if (!(qatomic_read(slot) & 1)) {
            break;
        }
        /* the valid bit, then the body, once */
        smp_rmb();
        memcpy(&d, slot, 64);
        barrier();
        /* the slot is ours */
        qatomic_set((uint8_t *)slot, (uint8_t)d.q[0] & ~1);
        if (j->bytes) {
            uint64_t akey[2];

            memcpy(akey, ram + c->akeys + 16 * (uint16_t)(d.q[1] >> 32), 16);
            if (akey[0] & 1) {
                memcpy(ram + d.q[3], ram + d.q[2], (d.q[0] >> 32) + 1);
            }
        }
        /* read_index, then the signal */
        smp_wmb();
        qatomic_set(quad(c->sts + 8), ++index);
        qatomic_dec(quad(d.q[7] & ~31ull));
    }
}

static void plain_memcpy(SdxiCxt *c, const Job *j)
{
    for (unsigned i = 0; i < j->count; i++) {
        memcpy(ram + place(j->dst, j, i), ram + place(j->src, j, i), j->bytes);
        barrier();
    }
}

/* ---- the end of it ---- */

static void spin(int64_t ns)
{
    int64_t end = get_clock() + ns;

    do {
        cpu_relax();
    } while (get_clock() < end);
}

/* Each was done, and once. */
static void check_done(const SdxiCxt *c, const Job *j, uint64_t index)
{
    for (unsigned i = 0; i < PLACES; i++) {
        g_assert_cmpuint(qatomic_read(signal_of(j, i)), ==, 0);
    }
    g_assert_cmpuint(qatomic_read(quad(c->sts + 8)), ==, index);
}

/*
 * Until the last descriptor, the one before @index, has signalled.  Looks every
 * @ns only: who looks all the time takes the line away from who writes it.
 */
static void wait_for(SdxiCxt *c, const Job *j, uint64_t index, int64_t ns)
{
    int64_t moved = get_clock();
    uint64_t seen = 0;

    while (qatomic_read(signal_of(j, j->count - 1))) {
        uint64_t at = qatomic_read(quad(c->sts + 8));
        int state = qatomic_read(quad(c->sts)) & 15;

        if (at != seen) {
            seen = at;
            moved = get_clock();
        }
        if (state != SDXI_CXT_RUN || get_clock() - moved > PATIENCE_NS) {
            g_error("context %u %s: state %d, descriptor %" PRIu64 " of %"
                    PRIu64, c->num,
                    state == SDXI_CXT_RUN ? "hangs" : "has stopped", state,
                    at, index);
        }
        if (ns >= 10 * SCALE_US) {
            g_usleep(ns / SCALE_US);
        } else {
            spin(ns);
            sched_yield();
        }
    }
    check_done(c, j, index);
}

/* ---- clocks ---- */

static double device_clock(SdxiVm *vm)
{
    if (!busy) {
        return get_clock();
    }
    /* The worker goes to sleep, and only then is its time right. */
    g_usleep(1000);
    return bench_threads_ns(vm, "sdxi");
}

static double own_clock(void)
{
    struct timespec t;

    clock_gettime(busy ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

typedef struct Result {
    double device, other;       /* ns per descriptor */
} Result;

typedef struct Other {
    SdxiCxt *c;
    const Job *j;
    void (*run)(SdxiCxt *c, const Job *j);
    double ns;
} Other;

static void *other_thread(void *opaque)
{
    Other *o = opaque;
    double t;

    bench_pin_self(1);
    t = own_clock();
    o->run(o->c, o->j);
    o->ns = own_clock() - t;
    return NULL;
}

static double other_ns(SdxiCxt *c, const Job *j,
                       void (*run)(SdxiCxt *c, const Job *j))
{
    Other o = { .c = c, .j = j, .run = run };

    g_thread_join(g_thread_new("other", other_thread, &o));
    return o.ns;
}

static Result measure(SdxiCxt *c, const Job *j,
                      void (*other)(SdxiCxt *c, const Job *j))
{
    Result best = { 1e18, 1e18 };
    SdxiCxt twin = cxt_twin(c->fn->vm, c);
    Job same = job_twin(c->fn->vm, j);

    for (unsigned r = 0; r < rounds; r++) {
        uint64_t end = fill(c, j);
        double t = device_clock(c->fn->vm);

        sdxi_cxt_kick(c);
        wait_for(c, j, end, busy ? 500 * SCALE_US : 1 * SCALE_US);
        best.device = MIN(best.device,
                          (device_clock(c->fn->vm) - t) / j->count);
        fill(&twin, &same);
        best.other = MIN(best.other,
                         other_ns(&twin, &same, other) / j->count);
    }
    return best;
}

static void row(SdxiVm *vm, SdxiCxt *c, const char *what, unsigned bytes,
                unsigned count, const char *against,
                void (*other)(SdxiCxt *c, const Job *j), double goal)
{
    Job j;
    Result r;

    job_init(vm, &j, bytes, count);
    r = measure(c, &j, other);
    printf("%-28s %11.1f  %-10s %11.1f  %6.2f %5.2f%s\n", what, r.device,
           against, r.other, r.other / r.device, goal,
           r.other / r.device < goal ? "  !" : "");
    keep(what, against, r.other / r.device, goal);
}

/* ---- side by side ---- */

/*
 * How long it takes: time that passes, or on a busy machine the processor time
 * of the worker that had most to do, as if each had a core to itself.
 */
static double elapsed(SdxiVm *vm, double since, const double *before)
{
    double now[BENCH_THREADS], most = 0;
    unsigned n;

    if (!busy) {
        return get_clock() - since;
    }
    g_usleep(1000);
    n = bench_thread_times(vm, "sdxi", now);
    for (unsigned i = 0; i < n; i++) {
        most = MAX(most, now[i] - before[i]);
    }
    return most;
}

static double run_contexts(SdxiCxt *c, Job *j, unsigned n)
{
    double best = 1e18, before[BENCH_THREADS];

    for (unsigned r = 0; r < MIN(rounds, 15); r++) {
        uint64_t end[2];
        double t;

        for (unsigned i = 0; i < n; i++) {
            end[i] = fill(&c[i], &j[i]);
        }
        bench_thread_times(c->fn->vm, "sdxi", before);
        t = get_clock();
        for (unsigned i = 0; i < n; i++) {
            sdxi_cxt_kick(&c[i]);
        }
        for (unsigned i = 0; i < n; i++) {
            wait_for(&c[i], &j[i], end[i], 50 * SCALE_US);
        }
        best = MIN(best, elapsed(c->fn->vm, t, before));
    }
    return best;
}

/* ---- what the machine itself can do ---- */

typedef struct Copier {
    const Job *j;
    unsigned cpu;
    unsigned *ready;            /* atomic: how many have yet to be */
    double from, to;
} Copier;

static void *copier_thread(void *opaque)
{
    Copier *p = opaque;

    bench_pin_self(p->cpu);
    qatomic_dec(p->ready);
    while (qatomic_read(p->ready)) {
        sched_yield();
    }
    p->from = own_clock();
    plain_memcpy(NULL, p->j);
    p->to = own_clock();
    return NULL;
}

static double copy_side_by_side(const Job *j, unsigned n)
{
    double best = 1e18;

    for (unsigned r = 0; r < MIN(rounds, 15); r++) {
        unsigned ready = n;
        double from = 1e18, to = 0, most = 0;
        GThread *thread[2];
        Copier p[2];

        for (unsigned i = 0; i < n; i++) {
            p[i] = (Copier) { .j = &j[i], .cpu = i, .ready = &ready };
            thread[i] = g_thread_new("copier", copier_thread, &p[i]);
        }
        for (unsigned i = 0; i < n; i++) {
            g_thread_join(thread[i]);
            from = MIN(from, p[i].from);
            to = MAX(to, p[i].to);
            most = MAX(most, p[i].to - p[i].from);
        }
        /* clocks of processor time have nothing to do with each other */
        best = MIN(best, busy ? most : to - from);
    }
    return best;
}

static void side_by_side_row(const char *what, const char *against,
                             unsigned count, double one, double two,
                             double goal)
{
    double ratio = 2 * one / two;

    printf("%-28s %11.1f  %-10s %11.1f  %6.2f", what, two / count / 2, against,
           one / count, ratio);
    if (goal) {
        printf(" %5.2f%s", goal, ratio < goal ? "  !" : "");
    }
    printf("\n");
    keep(what, against, ratio, goal);
}

static void two_contexts(SdxiVm *vm, SdxiFn *fn, unsigned bytes,
                         unsigned count, const char *size)
{
    g_autofree char *what = g_strdup_printf("2 contexts, COPY %s", size);
    g_autofree char *alone = g_strdup_printf("2 threads, memcpy %s", size);
    static unsigned next = 10;
    SdxiCxt c[2];
    Job j[2];
    double one;

    for (unsigned i = 0; i < 2; i++) {
        sdxi_cxt_init(&c[i], fn, next++, BIG_RING);
        sdxi_cxt_start(&c[i]);
        job_init(vm, &j[i], bytes, count);
    }
    one = run_contexts(c, j, 1);
    side_by_side_row(what, "one", count, one, run_contexts(c, j, 2), 1.7);
    if (bytes >= 4 * KiB) {
        one = copy_side_by_side(j, 1);
        side_by_side_row(alone, "one", count, one, copy_side_by_side(j, 2),
                         0);
    }
}

static void two_workers(void)
{
    SdxiVm *vm = start("", "contexts=128,workers=2");
    SdxiFn *fn = sdxi_fn_open(vm, 4);

    sdxi_fn_up(fn);
    bench_pin_threads(vm, "sdxi", 0, 1);
    two_contexts(vm, fn, 1 * MiB, 128, "1 MiB");
    two_contexts(vm, fn, 64 * KiB, 4096, "64 KiB");
    two_contexts(vm, fn, 64, BIG_RING, "64 B");
    stop(vm, fn);
}

/* ---- behind an I/O MMU ---- */

/* @shift of the pages; 0: it does not translate. */
static void behind_iommu(const char *name, unsigned shift)
{
    static const struct {
        const char *what;
        unsigned bytes, count;
        double goal;
    } rows[] = {
        { "1 MiB", 1 * MiB, 128, 0.9 }, { "64 KiB", 64 * KiB, 4096, 0.9 },
        { "4 KiB", 4 * KiB, RING / 4, 0.7 }, { "64 B", 64, RING, 0.45 },
    };
    SdxiVm *vm = start("-device intel-iommu,aw-bits=39", "contexts=9");
    SdxiFn *fn;
    SdxiCxt c;

    if (shift) {
        uint64_t top = sdxi_vm_alloc(vm, 4096, 4096);

        mmu_map_same(vm, &mmu_intel, top, RAM, shift);
        mmu_intel.enable(vm, top);
    }
    fn = bring_up(vm, &c);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autofree char *what = g_strdup_printf("%s, COPY %s", name,
                                                rows[i].what);
        bool small = rows[i].bytes < 4 * KiB;

        row(vm, &c, what, rows[i].bytes, rows[i].count,
            small ? "bare loop" : "memcpy", small ? bare : plain_memcpy,
            rows[i].goal);
    }
    stop(vm, fn);
}

static void iommu_rows(const cpu_set_t *all)
{
    static const char *const names[] = { "MMU off", "2 MiB", "4 KiB" };

    for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
        sched_setaffinity(0, sizeof(*all), all);
        behind_iommu(names[i], i ? 30 - 9 * i : 0);
    }
}

/* ---- doorbells ---- */

/* To the completion of one NOP; and how long the store alone takes. */
static void latency(SdxiVm *vm, SdxiCxt *c, const char *how)
{
    double with[501], store[501];
    Job j;

    job_init(vm, &j, 0, 1);
    for (unsigned i = 0; i < ARRAY_SIZE(with); i++) {
        uint64_t end;
        int64_t t;

        g_usleep(200);
        end = fill(c, &j);
        t = get_clock();
        sdxi_cxt_kick(c);
        wait_for(c, &j, end, 0);
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
    SdxiVm *vm = start("", "contexts=128" POLLING);
    SdxiCxt c;
    SdxiFn *fn = bring_up(vm, &c);

    latency(vm, &c, "polling");
    stop(vm, fn);
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
    while (qatomic_read(quad(csb))) {
        g_assert_cmpint(get_clock() - t, <, PATIENCE_NS);
        g_usleep(100);
    }
    return (double)(get_clock() - t) / count / 2;
}

static void hand_over(const char *how, const char *props, const char *goal)
{
    SdxiVm *vm = start("", props);
    SdxiFn *fn = sdxi_fn_open(vm, 4);
    double ns[15];

    sdxi_fn_up(fn);
    enable_vf(vm);
    bench_pin_threads(vm, "sdxi", 0, 1);
    for (unsigned i = 0; i < ARRAY_SIZE(ns); i++) {
        ns[i] = hand_over_ns(&fn->admin);
    }
    printf("from one worker to another, %s, median: %.2f us%s\n", how,
           bench_median(ns, ARRAY_SIZE(ns)) / 1000, goal);
    stop(vm, fn);
}

/* Workers that wait busily, beside those that sleep */
static void polling_rows(const cpu_set_t *all)
{
    sched_setaffinity(0, sizeof(*all), all);
    latency_polling();
    sched_setaffinity(0, sizeof(*all), all);
    hand_over("asleep", "vfs=1", "");
    hand_over("polling", "vfs=1" POLLING, ", goal 3 us");
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

static void doorbell_rows(void)
{
    SdxiVm *vm = start("", "contexts=65536,max-ring=1M,doorbell-stride=4K");
    SdxiFn *fn = sdxi_fn_open(vm, 4);
    SdxiCxt *c = g_new0(SdxiCxt, CONTEXTS_RUN), big;
    double one, deep, many;
    Job j;

    sdxi_fn_up(fn);
    sdxi_cxt_init(&c[0], fn, 1, 1024);
    sdxi_cxt_start(&c[0]);
    one = doorbell_cost(vm, c, 1);
    sdxi_cxt_init(&big, fn, 2, 1 * MiB);
    sdxi_cxt_start(&big);
    job_init(vm, &j, 0, 1 * MiB);
    fill(&big, &j);
    ram[big.ring] &= ~1;        /* a full ring that never moves */
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
    stop(vm, fn);
}

/* The file for the figures, or NULL. */
static const char *options(int argc, char **argv)
{
    const char *json = NULL;

    for (int i = 1; i < argc; i++) {
        if (g_str_equal(argv[i], "--quick")) {
            rounds = 5;
        } else if (g_str_equal(argv[i], "--busy")) {
            busy = true;
        } else if (g_str_equal(argv[i], "--json") && i + 1 < argc) {
            json = argv[++i];
        } else {
            g_error("usage: memfab-bench-sdxi [--quick] [--busy] "
                    "[--json FILE]");
        }
    }
    return json;
}

int main(int argc, char **argv)
{
    const char *json;
    cpu_set_t all;
    SdxiVm *vm;
    SdxiFn *fn;
    SdxiCxt c;

    g_test_init(&argc, &argv, NULL);
    sched_getaffinity(0, sizeof(all), &all);
    setlinebuf(stdout);
    json = options(argc, argv);
    ratios = qlist_new();
    vm = start("", "contexts=128");
    fn = bring_up(vm, &c);
    printf("%-28s %11s  %-10s %11s  %6s %5s\n", "sdxi", "ns/dsc", "against",
           "ns/dsc", "ratio", "goal");
    row(vm, &c, "COPY 1 MiB", 1 * MiB, 128, "memcpy", plain_memcpy, 0.9);
    row(vm, &c, "COPY 64 KiB", 64 * KiB, 4096, "memcpy", plain_memcpy, 0.9);
    row(vm, &c, "COPY 4 KiB", 4 * KiB, RING / 4, "memcpy", plain_memcpy, 0.6);
    row(vm, &c, "COPY 64 B", 64, RING, "bare loop", bare, 0.5);
    row(vm, &c, "NOP", 0, RING, "bare loop", bare, 0.5);
    latency(vm, &c, "asleep");
    stop(vm, fn);
    polling_rows(&all);
    /* An emulator that is started has the processors of who starts it. */
    sched_setaffinity(0, sizeof(all), &all);
    two_workers();
    iommu_rows(&all);
    doorbell_rows();
    if (json) {
        save(json);
    }
    return 0;
}
