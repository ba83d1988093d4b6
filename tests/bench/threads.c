/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads of an emulator as benches see them; see threads.h.
 */
#include "qemu/osdep.h"
#include "tests/bench/threads.h"

unsigned bench_thread_times(SdxiVm *vm, const char *name, double *ns_of)
{
    g_autofree char *dir = g_strdup_printf("/proc/%d/task",
                                           (int)qtest_pid(vm->qts));
    GDir *tasks = g_dir_open(dir, 0, NULL);
    const char *task;
    unsigned n = 0;

    g_assert_nonnull(tasks);
    while ((task = g_dir_read_name(tasks))) {
        g_autofree char *comm = g_strdup_printf("%s/%s/comm", dir, task);
        g_autofree char *stat = g_strdup_printf("%s/%s/schedstat", dir, task);
        g_autofree char *text = NULL, *ns = NULL;

        if (g_file_get_contents(comm, &text, NULL, NULL) &&
            g_str_has_prefix(text, name) &&
            g_file_get_contents(stat, &ns, NULL, NULL) && n < BENCH_THREADS) {
            ns_of[n++] = g_ascii_strtod(ns, NULL);
        }
    }
    g_dir_close(tasks);
    return n;
}

double bench_threads_ns(SdxiVm *vm, const char *name)
{
    double ns[BENCH_THREADS], sum = 0;
    unsigned n = bench_thread_times(vm, name, ns);

    for (unsigned i = 0; i < n; i++) {
        sum += ns[i];
    }
    return sum;
}

void bench_pin_threads(SdxiVm *vm, const char *name, unsigned cpu,
                       unsigned step)
{
    g_autofree char *dir = g_strdup_printf("/proc/%d/task",
                                           (int)qtest_pid(vm->qts));
    GDir *tasks = g_dir_open(dir, 0, NULL);
    const char *task;
    unsigned n = 0;
    cpu_set_t set;

    while ((task = g_dir_read_name(tasks))) {
        g_autofree char *comm = g_strdup_printf("%s/%s/comm", dir, task);
        g_autofree char *text = NULL;

        if (g_file_get_contents(comm, &text, NULL, NULL) &&
            g_str_has_prefix(text, name)) {
            CPU_ZERO(&set);
            CPU_SET(cpu + n++ % (step + 1), &set);
            sched_setaffinity(atoi(task), sizeof(set), &set);
        }
    }
    g_dir_close(tasks);
}

void bench_pin_self(unsigned cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    sched_setaffinity(0, sizeof(set), &set);
}

/* ---- several of a kind ---- */

static int compare_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double bench_median(double *values, unsigned n)
{
    qsort(values, n, sizeof(*values), compare_double);
    return values[n / 2];
}
