/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of the table of sdxi, by subject.  Those that start machines of their
 * own are told of the processors that these may have: @all.
 */
#ifndef TESTS_BENCH_ROWS_H
#define TESTS_BENCH_ROWS_H

#include "tests/bench/work.h"

/* @count descriptors of @bytes each, beside @other */
void bench_row(SdxiVm *vm, SdxiCxt *c, const char *what, unsigned bytes,
               unsigned count, const char *against, BenchOther *other,
               double goal);

/* behind an I/O MMU */
void bench_translated_rows(const cpu_set_t *all);
/* contexts beside each other */
void bench_side_by_side_rows(void);
/* from a doorbell to the completion */
void bench_latency(SdxiVm *vm, SdxiCxt *c, const char *how);
void bench_polling_rows(const cpu_set_t *all);
void bench_doorbell_rows(void);

#endif
