/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of figures, for people and for programs.
 */
#ifndef TESTS_BENCH_TABLE_H
#define TESTS_BENCH_TABLE_H

void bench_table_begin(void);
/*
 * @what takes @ns where @against takes @against_ns; the @ratio of speeds should
 * be @goal at least (0: nobody has said so).
 */
void bench_table_row(const char *what, double ns, const char *against,
                     double against_ns, double ratio, double goal);
/* @path: of a file for the ratios as tests/bench/results.py says, or NULL */
void bench_table_end(const char *path);

#endif
