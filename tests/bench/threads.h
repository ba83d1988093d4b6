/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads of an emulator: on which cores they run, and the processor time that
 * they have had; and what several such figures come to.
 *
 * What is measured is in sdxi-bench.c.
 */
#ifndef TESTS_BENCH_THREADS_H
#define TESTS_BENCH_THREADS_H

#include "tests/qtest/sdxi/util.h"

#define BENCH_THREADS 16

/* Processor time so far of each thread named @name, ns; their number. */
unsigned bench_thread_times(SdxiVm *vm, const char *name, double *ns_of);
/* Of all of them together */
double bench_threads_ns(SdxiVm *vm, const char *name);
/* Threads named @name to @cpu and the @step next ones in turn. */
void bench_pin_threads(SdxiVm *vm, const char *name, unsigned cpu,
                       unsigned step);
/* The calling thread */
void bench_pin_self(unsigned cpu);

/* Sorts them. */
double bench_median(double *values, unsigned n);

#endif
