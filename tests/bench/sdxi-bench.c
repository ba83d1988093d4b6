/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine of `sdxi` against memcpy and against a bare loop, in one run, as
 * a table.  How it is measured is in work.h, the rows of each subject in the
 * file of its name.
 *
 * Usage: memfab-bench-sdxi [--quick] [--busy] [--only TEXT] [--json FILE];
 * QTEST_QEMU_BINARY names the emulator.  TEXT is a part of the rows' names that
 * are wanted, FILE gets the ratios as tests/bench/results.py says.
 * --busy counts processor time of the threads concerned instead of time that
 * passes, for a machine that has other things to do; waking up is not in it
 * then.
 */
#include "qemu/osdep.h"
#include "tests/bench/rows.h"
#include "tests/bench/table.h"

void bench_row(SdxiVm *vm, SdxiCxt *c, const char *what, unsigned bytes,
               unsigned count, const char *against, BenchOther *other,
               double goal)
{
    BenchJob j;
    BenchResult r;

    if (!bench_wanted(what)) {
        return;
    }
    bench_job_init(vm, &j, bytes, count);
    r = bench_measure(c, &j, other);
    bench_table_row(what, r.device, against, r.other, r.other / r.device,
                    goal);
}

/* The file for the figures, or NULL. */
static const char *options(int argc, char **argv)
{
    const char *json = NULL;

    for (int i = 1; i < argc; i++) {
        if (g_str_equal(argv[i], "--quick")) {
            bench_rounds = 5;
        } else if (g_str_equal(argv[i], "--busy")) {
            bench_busy = true;
        } else if (g_str_equal(argv[i], "--only") && i + 1 < argc) {
            bench_only = argv[++i];
        } else if (g_str_equal(argv[i], "--json") && i + 1 < argc) {
            json = argv[++i];
        } else {
            g_error("usage: memfab-bench-sdxi [--quick] [--busy] "
                    "[--only TEXT] [--json FILE]");
        }
    }
    return json;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *what;
        unsigned bytes, count;
        const char *against;
        BenchOther *other;
        double goal;
    } rows[] = {
        { "COPY 1 MiB", 1 * MiB, 128, "memcpy", bench_memcpy, 0.9 },
        { "COPY 64 KiB", 64 * KiB, 4096, "memcpy", bench_memcpy, 0.9 },
        { "COPY 4 KiB", 4 * KiB, BENCH_RING / 4, "memcpy", bench_memcpy },
        { "COPY 4 KiB", 4 * KiB, BENCH_RING / 4, "bare loop", bench_bare,
          0.9 },
        { "COPY 64 B", 64, BENCH_RING, "bare loop", bench_bare, 0.75 },
        { "NOP", 0, BENCH_RING, "bare loop", bench_bare, 0.75 },
    };
    const char *json;
    cpu_set_t all;
    SdxiVm *vm;
    SdxiFn *fn;
    SdxiCxt c;

    g_test_init(&argc, &argv, NULL);
    sched_getaffinity(0, sizeof(all), &all);
    setlinebuf(stdout);
    json = options(argc, argv);
    vm = bench_start("", "contexts=128");
    fn = bench_bring_up(vm, &c, 0);
    bench_table_begin();
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        bench_row(vm, &c, rows[i].what, rows[i].bytes, rows[i].count,
                  rows[i].against, rows[i].other, rows[i].goal);
    }
    if (!bench_only) {
        bench_latency(vm, &c, "asleep");
    }
    bench_stop(vm, fn);
    if (!bench_only) {
        bench_polling_rows(&all);
    }
    /* An emulator that is started has the processors of who starts it. */
    sched_setaffinity(0, sizeof(all), &all);
    bench_side_by_side_rows();
    bench_translated_rows(&all);
    if (!bench_only) {
        bench_doorbell_rows();
    }
    bench_table_end(json);
    return 0;
}
