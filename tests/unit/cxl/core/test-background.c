/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/background: work advances with time, in order and completely;
 * failure, abort and the point of no return.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/background.h"

#define SECOND 1000000000ll

typedef struct Log {
    uint64_t next;      /* offset that must come next */
    unsigned steps, finishes;
    CxlRc last;
    uint64_t fail_at;   /* offset at which a step fails */
} Log;

static CxlRc step(void *owner, CxlBackground *bg, uint64_t offset,
                  uint64_t len)
{
    Log *log = owner;

    g_assert_cmpuint(offset, ==, log->next);
    log->next = offset + len;
    log->steps++;
    return log->next > log->fail_at ? CXL_RC_MEDIA_FAILURE : CXL_RC_SUCCESS;
}

static CxlRc finish(void *owner, CxlBackground *bg, CxlRc rc)
{
    Log *log = owner;

    log->finishes++;
    log->last = rc;
    return rc;
}

static const CxlBgWork work = { step, finish, .abortable = true };
static const CxlBgWork stubborn = { step, finish };

static void begin(CxlBackground *bg, Log *log, const CxlBgWork *w)
{
    CxlBgRange ranges[] = { { 0x1000, 1000 * 64 }, { 0x100000, 64 } };

    *log = (Log) { .fail_at = UINT64_MAX };
    cxl_background_init(bg, log);
    cxl_background_prepare(bg, ranges, 2, SECOND);
    cxl_background_start(bg, w, 0x1234, 5);
}

/* A message of a step's may ring the doorbell of an abort. */
static CxlRc step_is_aborted(void *owner, CxlBackground *bg, uint64_t offset,
                             uint64_t len)
{
    Log *log = owner;
    bool ended;

    if (++log->steps == log->fail_at) {
        g_assert_true(cxl_background_abort(bg, 5, &ended));
        g_assert_true(ended);
    }
    return CXL_RC_SUCCESS;
}

static void test_abort_within(void)
{
    static const CxlBgWork within = {
        step_is_aborted, finish, .abortable = true,
    };
    CxlBgRange all = { 0, 2ull << 30 };

    for (unsigned at = 1; at <= 128; at++) {
        Log log = { .fail_at = at };
        CxlBackground bg;

        cxl_background_init(&bg, &log);
        cxl_background_prepare(&bg, &all, 1, SECOND);
        cxl_background_start(&bg, &within, 0x1234, 5);
        g_assert_false(cxl_background_run(&bg, 5 + 2 * SECOND));
        while (bg.running) {
            g_assert_false(cxl_background_run(&bg, 5 + 2 * SECOND));
        }
        g_assert_cmpuint(log.steps, ==, at);
        g_assert_cmpuint(log.finishes, ==, 1);
        g_assert_cmpuint(bg.rc, ==, CXL_RC_ABORTED);
        cxl_background_destroy(&bg);
    }
}

static void test_runs_in_order(void)
{
    CxlBackground bg;
    Log log;

    begin(&bg, &log, &work);
    g_assert_false(cxl_background_run(&bg, 5));
    g_assert_cmpuint(cxl_background_percent(&bg, 5 + SECOND / 2), ==, 50);
    g_assert_false(cxl_background_run(&bg, 5 + SECOND / 2));
    g_assert_cmpuint(log.next, >=, 499 * 64);
    g_assert_cmpuint(log.next, <=, 501 * 64);
    g_assert_cmpuint(cxl_background_percent(&bg, 5 + 2 * SECOND), ==, 99);
    g_assert_true(cxl_background_run(&bg, 5 + SECOND));
    g_assert_cmpuint(log.next, ==, 1001 * 64);
    g_assert_cmpuint(log.finishes, ==, 1);
    g_assert_cmpuint(bg.percent, ==, 100);
    g_assert_cmpuint(bg.rc, ==, CXL_RC_SUCCESS);
    g_assert_cmpint(cxl_background_deadline(&bg), ==, INT64_MAX);
    g_assert_null(cxl_background_check(&bg));
    g_assert_false(cxl_background_run(&bg, INT64_MAX));
    cxl_background_destroy(&bg);
}

/* A timer that is late by everything does everything. */
static void test_late(void)
{
    CxlBackground bg;
    Log log;

    begin(&bg, &log, &work);
    g_assert_true(cxl_background_run(&bg, 100 * SECOND));
    g_assert_cmpuint(log.next, ==, 1001 * 64);
    cxl_background_destroy(&bg);
}

/*
 * A large operation is cut so that nobody waits long for one call, even if
 * the timer comes late: then it takes more calls, each of them due at once.
 */
static void test_large(void)
{
    CxlBgRange all = { 0, 64ull << 30 };
    Log log = { .fail_at = UINT64_MAX };
    unsigned calls = 0;
    CxlBackground bg;
    uint64_t before;

    cxl_background_init(&bg, &log);
    cxl_background_prepare(&bg, &all, 1, SECOND);
    cxl_background_start(&bg, &work, 0x1234, 0);
    g_assert_cmpuint(cxl_background_slices(&bg), ==, 4096);
    g_assert_cmpint(cxl_background_deadline(&bg), <, SECOND / 4000);
    do {
        before = log.next;
        g_assert_cmpint(cxl_background_deadline(&bg), <=, SECOND);
        calls++;
        if (cxl_background_run(&bg, SECOND)) {
            break;
        }
        g_assert_cmpuint(log.next - before, <=,
                         CXL_BG_RUN_BYTES + CXL_BG_SLICE_BYTES);
        g_assert_cmpuint(cxl_background_percent(&bg, SECOND), ==, 99);
        g_assert_null(cxl_background_check(&bg));
    } while (calls < 2000);
    g_assert_cmpuint(calls, >=, 1000);
    g_assert_cmpuint(calls, <=, 1025);
    g_assert_cmpuint(log.next, ==, all.len);
    g_assert_cmpuint(bg.percent, ==, 100);
    cxl_background_destroy(&bg);
}

/* Beyond a size, slices grow instead of getting more. */
static void test_huge(void)
{
    CxlBgRange all = { 0, 1ull << 50 };
    Log log = { .fail_at = UINT64_MAX };
    CxlBackground bg;

    cxl_background_init(&bg, &log);
    cxl_background_prepare(&bg, &all, 1, INT64_MAX / 2);
    cxl_background_start(&bg, &work, 0x1234, 0);
    g_assert_cmpuint(cxl_background_slices(&bg), ==, CXL_BG_SLICES_MAX);
    while (!cxl_background_run(&bg, INT64_MAX - 1)) {
        g_assert_null(cxl_background_check(&bg));
    }
    g_assert_cmpuint(log.next, ==, all.len);
    cxl_background_destroy(&bg);
}

static void test_failure_ends(void)
{
    CxlBackground bg;
    Log log;

    begin(&bg, &log, &work);
    log.fail_at = 300 * 64;
    g_assert_true(cxl_background_run(&bg, 5 + SECOND));
    g_assert_cmpuint(bg.rc, ==, CXL_RC_MEDIA_FAILURE);
    g_assert_cmpuint(log.finishes, ==, 1);
    g_assert_cmpuint(log.next, <, 400 * 64);
    g_assert_false(bg.running);
    g_assert_null(cxl_background_check(&bg));
    cxl_background_destroy(&bg);
}

static void test_abort(void)
{
    CxlBackground bg;
    Log log;
    bool ended;

    begin(&bg, &log, &work);
    cxl_background_run(&bg, 5 + SECOND / 4);
    g_assert_true(cxl_background_abort(&bg, 5 + SECOND / 4, &ended));
    g_assert_true(ended);
    g_assert_cmpuint(bg.rc, ==, CXL_RC_ABORTED);
    g_assert_cmpuint(bg.percent, ==, 25);
    g_assert_cmpuint(log.last, ==, CXL_RC_ABORTED);
    /* Nothing runs: nothing to do, and that is fine. */
    g_assert_true(cxl_background_abort(&bg, 6, &ended));
    g_assert_false(ended);
    cxl_background_destroy(&bg);
}

static void test_too_late_to_abort(void)
{
    CxlBackground bg;
    Log log;
    bool ended;

    begin(&bg, &log, &work);
    g_assert_true(cxl_background_abort(&bg, 5 + SECOND / 10 * 9, &ended));
    g_assert_false(ended);
    g_assert_true(bg.running);
    cxl_background_destroy(&bg);
}

static void test_not_abortable(void)
{
    CxlBackground bg;
    Log log;
    bool ended;

    begin(&bg, &log, &stubborn);
    g_assert_false(cxl_background_abort(&bg, 6, &ended));
    g_assert_true(bg.running);
    cxl_background_reset(&bg);
    g_assert_false(bg.running);
    g_assert_cmpuint(log.finishes, ==, 0);
    g_assert_cmpuint(bg.opcode, ==, 0);
    cxl_background_destroy(&bg);
}

typedef struct Pieces {
    CxlBgRange seen[4];
    unsigned n;
} Pieces;

static CxlRc piece(void *opaque, uint64_t start, uint64_t len)
{
    Pieces *p = opaque;

    p->seen[p->n++] = (CxlBgRange) { start, len };
    return CXL_RC_SUCCESS;
}

static void test_pieces(void)
{
    CxlBackground bg;
    Pieces p = { };
    Log log;

    begin(&bg, &log, &work);
    cxl_background_pieces(&bg, 999 * 64, 2 * 64, piece, &p);
    g_assert_cmpuint(p.n, ==, 2);
    g_assert_cmphex(p.seen[0].start, ==, 0x1000 + 999 * 64);
    g_assert_cmpuint(p.seen[0].len, ==, 64);
    g_assert_cmphex(p.seen[1].start, ==, 0x100000);
    cxl_background_destroy(&bg);
}

/* Ranges of a stream may be longer together than numbers go. */
static void test_load_ranges(void)
{
    GByteArray *bytes = g_byte_array_new();
    CxlBgRange ranges[] = { { 0, UINT64_MAX }, { 0, 1 } };
    CxlBackground from = { .ranges = ranges, .num_ranges = 2 }, to = { 0 };
    SaveReader r = { .section = "background" };
    SaveWriter w = { bytes };

    cxl_background_save(&from, &w);
    r.at = bytes->data;
    r.left = bytes->len;
    cxl_background_load(&to, &r);
    g_assert_false(save_good(&r));
    g_assert_nonnull(strstr(r.problem, "sum of the ranges"));
    g_free(r.problem);
    g_free(to.ranges);
    g_byte_array_free(bytes, true);
}

static void test_checker(void)
{
    CxlBackground bg;
    Log log;

    begin(&bg, &log, &work);
    bg.total++;
    g_assert_cmpstr(cxl_background_check(&bg), ==, "background total");
    bg.total--;
    bg.work = NULL;
    g_assert_cmpstr(cxl_background_check(&bg), ==, "background without work");
    bg.work = &work;
    bg.percent = 101;
    g_assert_cmpstr(cxl_background_check(&bg), ==, "background leftovers");
    bg.percent = 0;
    bg.running = false;
    bg.work = NULL;
    g_assert_cmpstr(cxl_background_check(&bg), ==, "background leftovers");
    cxl_background_reset(&bg);
    g_assert_null(cxl_background_check(&bg));
}

/* What begins there ends there; and nothing lasts longer than a clock. */
static void test_end_of_time(void)
{
    CxlBackground bg;
    Log log = { .fail_at = UINT64_MAX };

    cxl_background_init(&bg, &log);
    cxl_background_prepare(&bg, NULL, 0, UINT64_MAX);
    g_assert_cmpint(bg.duration_ns, >=, INT64_MAX / 4);
    cxl_background_start(&bg, &work, 0x1234, INT64_MAX - SECOND);
    g_assert_cmpint(cxl_background_deadline(&bg), ==, INT64_MAX);
    g_assert_false(cxl_background_run(&bg, INT64_MAX - 1));
    g_assert_true(cxl_background_run(&bg, INT64_MAX));
    g_assert_cmphex(bg.rc, ==, CXL_RC_SUCCESS);
    cxl_background_destroy(&bg);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/background/runs-in-order", test_runs_in_order);
    g_test_add_func("/cxl/background/abort-within", test_abort_within);
    g_test_add_func("/cxl/background/late", test_late);
    g_test_add_func("/cxl/background/large", test_large);
    g_test_add_func("/cxl/background/huge", test_huge);
    g_test_add_func("/cxl/background/failure-ends", test_failure_ends);
    g_test_add_func("/cxl/background/abort", test_abort);
    g_test_add_func("/cxl/background/too-late-to-abort",
                    test_too_late_to_abort);
    g_test_add_func("/cxl/background/not-abortable", test_not_abortable);
    g_test_add_func("/cxl/background/pieces", test_pieces);
    g_test_add_func("/cxl/background/load-ranges", test_load_ranges);
    g_test_add_func("/cxl/background/checker", test_checker);
    g_test_add_func("/cxl/background/end-of-time", test_end_of_time);
    return g_test_run();
}
