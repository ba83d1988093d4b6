/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log of invalidations: what was added is there for as long as it can be,
 * and who comes later is told.  From several threads it is tried in
 * test-threads.c.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/inval-log.h"

static SdxiInval numbered(uint64_t n)
{
    return (SdxiInval) { .first = n, .last = n + 5, .process = n * 3 };
}

static void check(const SdxiInvalLog *log, uint64_t epoch, uint64_t n)
{
    SdxiInval v = sdxi_inval_log_get(log, epoch);

    g_assert_cmpuint(v.first, ==, n);
    g_assert_cmpuint(v.last, ==, n + 5);
    g_assert_cmpuint(v.process, ==, (uint32_t)(n * 3));
}

/* From @start on; numbers of epochs do not come again after 2^32. */
static void check_from(uint64_t start)
{
    g_autofree SdxiInvalLog *log = g_new0(SdxiInvalLog, 1);

    log->epoch = start;
    for (uint32_t n = 1; n < 3 * SDXI_INVALS; n++) {
        SdxiInval v = numbered(n);
        uint32_t oldest = n < SDXI_INVALS ? 1 : n - SDXI_INVALS + 2;

        sdxi_inval_log_add(log, &v);
        g_assert_cmpuint(log->epoch, ==, start + n);
        check(log, start + n, n);
        check(log, start + oldest, oldest);
        g_assert_false(sdxi_inval_log_lapped(log, start + n));
        g_assert_false(sdxi_inval_log_lapped(log, start + oldest - 1));
        if (n >= SDXI_INVALS) {
            g_assert_true(sdxi_inval_log_lapped(log, start + oldest - 2));
            g_assert_true(sdxi_inval_log_lapped(log, start));
            g_assert_true(sdxi_inval_log_lapped(log, start + n -
                                                (UINT64_C(1) << 32)));
        }
    }
}

static void test_ring(void)
{
    check_from(0);
    check_from(UINT32_MAX - 2 * SDXI_INVALS);
    check_from(UINT32_MAX);
}

static void test_all(void)
{
    SdxiInval all = SDXI_INVAL_ALL;

    g_assert_cmpuint(all.first, ==, 0);
    g_assert_cmpuint(all.last, ==, UINT64_MAX);
    g_assert_cmpuint(all.process, ==, SDXI_NO_PROCESS);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/inval-log/ring", test_ring);
    g_test_add_func("/sdxi/inval-log/all", test_all);
    return g_test_run();
}
