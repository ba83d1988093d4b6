/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two contexts on two workers, beside what two threads of the machine gain.
 */
#include "qemu/osdep.h"
#include "tests/bench/rows.h"
#include "tests/bench/table.h"
#include "tests/bench/threads.h"

#define RING            524288u
#define GAIN            1.8     /* asked for, if the machine has it */

/* ---- contexts ---- */

/* How far each is, and when */
typedef struct Moment {
    double ns;
    uint64_t index[2], sum;
} Moment;

static Moment look(const SdxiCxt *c, unsigned n)
{
    Moment m = { .ns = get_clock() };

    for (unsigned i = 0; i < n; i++) {
        m.index[i] = qatomic_read(bench_quad(c[i].sts + 8));
        m.sum += m.index[i];
    }
    return m;
}

static bool any_at(const Moment *m, const uint64_t *index, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (m->index[i] == index[i]) {
            return true;
        }
    }
    return false;
}

/*
 * Time per descriptor between two moments at which all of them run: all have
 * left @from, and none has come to @to.  Looked at rarely, for whoever looks
 * needs a core that a worker has.
 */
static double watch(const SdxiCxt *c, const uint64_t *from, const uint64_t *to,
                    unsigned n)
{
    Moment first = { }, last = { }, m = look(c, n);
    double end = m.ns + BENCH_PATIENCE_NS;

    for (; !any_at(&m, to, n) && m.ns < end; m = look(c, n)) {
        if (!any_at(&m, from, n)) {
            first = first.sum ? first : m;
            last = m;
        }
        g_usleep(first.sum ? 300 : 50);
    }
    return last.sum > first.sum
           ? (last.ns - first.ns) / (last.sum - first.sum) : 1e18;
}

/*
 * By time that passes.  Doorbells come one after the other, each with as long a
 * way as thousands of descriptors take, and threads wake up when they can: what
 * that costs has rows of its own, and is not in this one.
 */
static double per_descriptor(SdxiCxt *c, BenchJob *j, unsigned n)
{
    uint64_t from[2], to[2];
    double ns;

    for (unsigned i = 0; i < n; i++) {
        from[i] = look(&c[i], 1).sum;
        to[i] = bench_fill(&c[i], &j[i]);
    }
    for (unsigned i = 0; i < n; i++) {
        sdxi_cxt_kick(&c[i]);
    }
    ns = watch(c, from, to, n);
    for (unsigned i = 0; i < n; i++) {
        bench_wait(&c[i], &j[i], to[i], 50 * SCALE_US);
    }
    return ns;
}

/* By processor time, as if each worker had a core to itself */
static double busy_per_descriptor(SdxiCxt *c, BenchJob *j, unsigned n)
{
    double before[BENCH_THREADS], now[BENCH_THREADS], most = 0;
    uint64_t end[2];
    unsigned threads;

    for (unsigned i = 0; i < n; i++) {
        end[i] = bench_fill(&c[i], &j[i]);
    }
    bench_thread_times(c->fn->vm, "sdxi", before);
    for (unsigned i = 0; i < n; i++) {
        sdxi_cxt_kick(&c[i]);
    }
    for (unsigned i = 0; i < n; i++) {
        bench_wait(&c[i], &j[i], end[i], 50 * SCALE_US);
    }
    /* They go to sleep, and only then are their times right. */
    g_usleep(1000);
    threads = bench_thread_times(c->fn->vm, "sdxi", now);
    for (unsigned i = 0; i < threads; i++) {
        most = MAX(most, now[i] - before[i]);
    }
    return most / j->count / n;
}

static double run_contexts(SdxiCxt *c, BenchJob *j, unsigned n)
{
    double best = 1e18;

    for (unsigned r = 0; r < MIN(bench_rounds, 15); r++) {
        best = MIN(best, bench_busy ? busy_per_descriptor(c, j, n)
                                    : per_descriptor(c, j, n));
    }
    return best;
}

/* ---- what the machine itself can do ---- */

typedef struct Other {
    SdxiCxt *c;
    const BenchJob *j;
    BenchOther *run;
    unsigned cpu;
    unsigned *ready;            /* atomic: how many have yet to be */
    double from, to;
} Other;

static void *other_thread(void *opaque)
{
    Other *o = opaque;

    bench_pin_self(o->cpu);
    qatomic_dec(o->ready);
    while (qatomic_read(o->ready)) {
        sched_yield();
    }
    o->from = bench_own_clock();
    o->run(o->c, o->j);
    o->to = bench_own_clock();
    return NULL;
}

static double others_once(SdxiCxt *c, BenchJob *j, BenchOther *run, unsigned n)
{
    double from = 1e18, to = 0, most = 0;
    unsigned ready = n;
    GThread *thread[2];
    Other o[2];

    for (unsigned i = 0; i < n; i++) {
        bench_fill(&c[i], &j[i]);
    }
    for (unsigned i = 0; i < n; i++) {
        o[i] = (Other) {
            .c = &c[i], .j = &j[i], .run = run, .cpu = i, .ready = &ready,
        };
        thread[i] = g_thread_new("other", other_thread, &o[i]);
    }
    for (unsigned i = 0; i < n; i++) {
        g_thread_join(thread[i]);
        from = MIN(from, o[i].from);
        to = MAX(to, o[i].to);
        most = MAX(most, o[i].to - o[i].from);
    }
    /* clocks of processor time have nothing to do with each other */
    return (bench_busy ? most : to - from) / j->count / n;
}

static double run_others(SdxiCxt *c, BenchJob *j, BenchOther *run, unsigned n)
{
    double best = 1e18;

    for (unsigned r = 0; r < MIN(bench_rounds, 15); r++) {
        best = MIN(best, others_once(c, j, run, n));
    }
    return best;
}

/* ---- rows ---- */

typedef struct Size {
    const char *name;
    unsigned bytes, count, ring;
    BenchOther *other;
    const char *other_name;
} Size;

static double gain_row(const char *what, double one, double two, double goal)
{
    bench_table_row(what, two, "one", one, one / two, goal);
    return one / two;
}

/*
 * As much is asked of contexts as the machine itself gains by a second core
 * when it does the same.
 */
static void two_contexts(SdxiVm *vm, SdxiFn *fn, const Size *s)
{
    g_autofree char *what = g_strdup_printf("2 contexts, COPY %s", s->name);
    g_autofree char *alone = g_strdup_printf("2 threads, %s %s",
                                             s->other_name, s->name);
    static unsigned next = 10;
    SdxiCxt c[2], twin[2];
    BenchJob j[2], same[2];
    double one, gain;

    if (!bench_wanted(what) && !bench_wanted(alone)) {
        return;
    }
    for (unsigned i = 0; i < 2; i++) {
        sdxi_cxt_init(&c[i], fn, next++, s->ring);
        sdxi_cxt_start(&c[i]);
        bench_job_init(vm, &j[i], s->bytes, s->count);
        twin[i] = bench_cxt_twin(vm, &c[i]);
        same[i] = bench_job_twin(vm, &j[i]);
    }
    one = run_others(twin, same, s->other, 1);
    gain = gain_row(alone, one, run_others(twin, same, s->other, 2), 0);
    one = run_contexts(c, j, 1);
    gain_row(what, one, run_contexts(c, j, 2), gain >= GAIN ? GAIN : 0);
}

void bench_side_by_side_rows(void)
{
    static const Size sizes[] = {
        { "1 MiB", 1 * MiB, 128, BENCH_RING, bench_memcpy, "memcpy" },
        { "64 KiB", 64 * KiB, 4096, BENCH_RING, bench_memcpy, "memcpy" },
        { "64 B", 64, RING, RING, bench_bare, "bare loop" },
    };
    SdxiVm *vm = bench_start("", "contexts=128,workers=2");
    SdxiFn *fn = sdxi_fn_open(vm, 4);

    sdxi_fn_up(fn);
    bench_pin_threads(vm, "sdxi", 0, 1);
    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        two_contexts(vm, fn, &sizes[i]);
    }
    bench_stop(vm, fn);
}
