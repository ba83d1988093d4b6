/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two contexts on two workers, beside what two threads of the machine gain.
 */
#include "qemu/osdep.h"
#include "tests/bench/rows.h"
#include "tests/bench/table.h"
#include "tests/bench/threads.h"

#define BIG_RING        524288u
#define GAIN            1.8     /* asked for, if the machine has it */

/*
 * How long it takes: time that passes, or on a busy machine the processor time
 * of the worker that had most to do, as if each had a core to itself.
 */
static double elapsed(SdxiVm *vm, double since, const double *before)
{
    double now[BENCH_THREADS], most = 0;
    unsigned n;

    if (!bench_busy) {
        return get_clock() - since;
    }
    g_usleep(1000);
    n = bench_thread_times(vm, "sdxi", now);
    for (unsigned i = 0; i < n; i++) {
        most = MAX(most, now[i] - before[i]);
    }
    return most;
}

static double run_contexts(SdxiCxt *c, BenchJob *j, unsigned n)
{
    double best = 1e18, before[BENCH_THREADS];

    for (unsigned r = 0; r < MIN(bench_rounds, 15); r++) {
        uint64_t end[2];
        double t;

        for (unsigned i = 0; i < n; i++) {
            end[i] = bench_fill(&c[i], &j[i]);
        }
        bench_thread_times(c->fn->vm, "sdxi", before);
        t = get_clock();
        for (unsigned i = 0; i < n; i++) {
            sdxi_cxt_kick(&c[i]);
        }
        for (unsigned i = 0; i < n; i++) {
            bench_wait(&c[i], &j[i], end[i], 50 * SCALE_US);
        }
        best = MIN(best, elapsed(c->fn->vm, t, before));
    }
    return best;
}

/* ---- what the machine itself can do ---- */

typedef struct Copier {
    const BenchJob *j;
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
    p->from = bench_own_clock();
    bench_memcpy(NULL, p->j);
    p->to = bench_own_clock();
    return NULL;
}

static double copy_side_by_side(const BenchJob *j, unsigned n)
{
    double best = 1e18;

    for (unsigned r = 0; r < MIN(bench_rounds, 15); r++) {
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
        best = MIN(best, bench_busy ? most : to - from);
    }
    return best;
}

static double gain_row(const char *what, unsigned count, double one,
                       double two, double goal)
{
    bench_table_row(what, two / count / 2, "one", one / count, 2 * one / two,
                    goal);
    return 2 * one / two;
}

/*
 * As much is asked of contexts as the machine itself gains by a second core.
 * *@gain is what copies of this size do, or of the size before where there is
 * no telling.
 */
static void two_contexts(SdxiVm *vm, SdxiFn *fn, unsigned bytes,
                         unsigned count, const char *size, double *gain)
{
    g_autofree char *what = g_strdup_printf("2 contexts, COPY %s", size);
    g_autofree char *alone = g_strdup_printf("2 threads, memcpy %s", size);
    static unsigned next = 10;
    SdxiCxt c[2];
    BenchJob j[2];
    double one;

    if (!bench_wanted(what) && !bench_wanted(alone)) {
        return;
    }
    for (unsigned i = 0; i < 2; i++) {
        sdxi_cxt_init(&c[i], fn, next++, BIG_RING);
        sdxi_cxt_start(&c[i]);
        bench_job_init(vm, &j[i], bytes, count);
    }
    if (bytes >= 4 * KiB) {
        one = copy_side_by_side(j, 1);
        *gain = gain_row(alone, count, one, copy_side_by_side(j, 2), 0);
    }
    one = run_contexts(c, j, 1);
    gain_row(what, count, one, run_contexts(c, j, 2),
             *gain >= GAIN ? GAIN : 0);
}

void bench_side_by_side_rows(void)
{
    SdxiVm *vm = bench_start("", "contexts=128,workers=2");
    SdxiFn *fn = sdxi_fn_open(vm, 4);
    double gain;

    sdxi_fn_up(fn);
    bench_pin_threads(vm, "sdxi", 0, 1);
    two_contexts(vm, fn, 1 * MiB, 128, "1 MiB", &gain);
    two_contexts(vm, fn, 64 * KiB, 4096, "64 KiB", &gain);
    two_contexts(vm, fn, 64, BIG_RING, "64 B", &gain);
    bench_stop(vm, fn);
}
