/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Function states and doorbells from the outside: ids FSM-* and DBL-*.
 */
#include "qemu/osdep.h"
#include "tests/qtest/sdxi/util.h"

/* Long enough for the engine to have done what it must not do. */
#define NOTHING_HAPPENS_US 30000

static void test_start(SdxiRig *r)
{
    gint64 t;

    sdxi_fn_prepare(r->fn);
    t = g_get_monotonic_time();
    sdxi_fn_request(r->fn, SDXI_GO);
    sdxi_fn_wait(r->fn, SDXI_ST_ACTIVE);
    g_test_message("active after %" PRId64 " us", g_get_monotonic_time() - t);
}

static void check_stop(SdxiRig *r, unsigned request)
{
    SdxiCxt *admin = &r->fn->admin;

    sdxi_fn_request(r->fn, request);
    sdxi_fn_wait(r->fn, SDXI_ST_STOP);
    g_assert_cmpuint(sdxi_cxt_state(admin), ==, SDXI_CXT_STOP_FN);
    g_assert_cmpuint(sdxi_cxt_state(&r->c), ==, SDXI_CXT_STOP_FN);
}

static void test_soft_stop(SdxiRig *r)
{
    check_stop(r, SDXI_STOP_SF);
}

static void test_hard_stop(SdxiRig *r)
{
    check_stop(r, SDXI_STOP_HD);
}

/* A stop in the middle of a full ring: no descriptor is half done. */
static void test_stop_busy(SdxiRig *r)
{
    const unsigned n = 400;
    uint64_t src = sdxi_vm_alloc(r->vm, 1 * MiB, 4096);
    uint64_t dst = sdxi_vm_alloc(r->vm, 1 * MiB, 4096);
    SdxiDsc d = sdxi_dsc_copy(src, dst, 1 * MiB);
    uint64_t done;

    for (unsigned i = 0; i < n; i++) {
        sdxi_cxt_push(&r->c, &d);
    }
    sdxi_cxt_kick(&r->c);
    sdxi_fn_request(r->fn, SDXI_STOP_SF);
    sdxi_fn_wait(r->fn, SDXI_ST_STOP);
    done = sdxi_cxt_read_index(&r->c);
    g_assert_cmpuint(done, <=, n);
    for (unsigned i = 0; i < n; i++) {
        uint64_t slot = sdxi_cxt_slot(&r->c, i);

        g_assert_cmpuint(qtest_readb(r->vm->qts, slot) & 1, ==, i >= done);
    }
    g_usleep(NOTHING_HAPPENS_US);
    g_assert_cmpuint(sdxi_cxt_read_index(&r->c), ==, done);
}

static void test_reset(SdxiRig *r)
{
    sdxi_fn_wr(r->fn, SDXI_CTL0, 0);
    sdxi_fn_wait(r->fn, SDXI_ST_STOP);
}

static void test_reset_stopped(SdxiRig *r)
{
    sdxi_fn_wr(r->fn, SDXI_CTL0, 0);
    g_assert_cmpuint(sdxi_fn_state(r->fn), ==, SDXI_ST_STOP);
}

static void test_error_state(SdxiRig *r)
{
    sdxi_fn_prepare(r->fn);
    sdxi_fn_wr(r->fn, SDXI_CXT_L2, SDXI_NOWHERE);
    sdxi_fn_request(r->fn, SDXI_GO);
    sdxi_wait_until(r->vm, 20, sdxi_fn_state(r->fn) == SDXI_ST_ACTIVE ||
                               sdxi_fn_state(r->fn) == SDXI_ST_ERROR);
    sdxi_fn_doorbell(r->fn, 0, 0);
    sdxi_fn_wait(r->fn, SDXI_ST_ERROR);
    sdxi_fn_request(r->fn, SDXI_STOP_SF);
    sdxi_fn_request(r->fn, SDXI_GO);
    g_usleep(NOTHING_HAPPENS_US);
    g_assert_cmpuint(sdxi_fn_state(r->fn), ==, SDXI_ST_ERROR);
    sdxi_fn_request(r->fn, SDXI_RESET);
    sdxi_fn_wait(r->fn, SDXI_ST_STOP);
}

static void test_rewrite(SdxiRig *r)
{
    uint64_t ctl0 = sdxi_fn_rd(r->fn, SDXI_CTL0);

    sdxi_fn_wr(r->fn, SDXI_CTL0, ctl0 | (1ull << 40));
    g_assert_cmpuint(sdxi_fn_state(r->fn), ==, SDXI_ST_ACTIVE);
    g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_nop()));
}

static void test_no_dma_after_stop(SdxiRig *r)
{
    uint64_t csb = sdxi_csb_new(r->vm, 1);
    SdxiDsc d = sdxi_dsc_nop();

    sdxi_fn_request(r->fn, SDXI_STOP_SF);
    sdxi_fn_wait(r->fn, SDXI_ST_STOP);
    sdxi_cxt_set_state(&r->c, SDXI_CXT_RUN);
    sdxi_dsc_set_csb(&d, csb);
    sdxi_cxt_push(&r->c, &d);
    sdxi_cxt_kick(&r->c);
    sdxi_fn_doorbell(r->fn, 0, 0);
    g_usleep(NOTHING_HAPPENS_US);
    g_assert_cmpuint(sdxi_cxt_state(&r->c), ==, SDXI_CXT_RUN);
    g_assert_cmpuint(sdxi_csb_signal(r->vm, csb), ==, 1);
    g_assert_cmpuint(sdxi_cxt_read_index(&r->c), ==, 0);
}

static void test_reset_keeps(SdxiRig *r)
{
    uint64_t ctl2 = sdxi_fn_rd(r->fn, SDXI_CTL2);

    sdxi_fn_wr(r->fn, SDXI_CTL0, 0x1234567800000000ull | SDXI_RESET);
    sdxi_fn_wait(r->fn, SDXI_ST_STOP);
    g_assert_cmphex(sdxi_fn_rd(r->fn, SDXI_CTL0), ==, 0x1234567800000000ull);
    g_assert_cmphex(sdxi_fn_rd(r->fn, SDXI_CTL2), ==, ctl2);
    g_assert_cmphex(sdxi_fn_rd(r->fn, SDXI_CXT_L2), ==, r->fn->l2);
}

static void test_again(SdxiRig *r)
{
    for (int i = 0; i < 3; i++) {
        SdxiCxt c;

        sdxi_fn_request(r->fn, i & 1 ? SDXI_STOP_HD : SDXI_STOP_SF);
        sdxi_fn_wait(r->fn, SDXI_ST_STOP);
        sdxi_fn_up(r->fn);
        sdxi_cxt_init(&c, r->fn, 1 + i, 1024);
        sdxi_cxt_start(&c);
        g_assert_false(sdxi_cxt_do(&c, sdxi_dsc_nop()));
    }
}

static void test_db_admin(SdxiRig *r)
{
    sdxi_fn_up(r->fn);
    sdxi_fn_errlog(r->fn);
    g_assert_false(sdxi_cxt_do(&r->fn->admin, sdxi_dsc_nop()));
    g_assert_cmpuint(sdxi_fn_rd(r->fn, SDXI_ERR_WRT), ==, 0);
    g_assert_cmpuint(sdxi_fn_rd(r->fn, SDXI_ERR_STS), ==, 0);
}

static void test_db_stride(SdxiRig *r)
{
    SdxiCxt c;

    sdxi_fn_up(r->fn);
    g_assert_cmphex(r->fn->stride, ==, 16 * KiB);
    sdxi_cxt_init(&c, r->fn, 3, 1024);
    sdxi_cxt_start(&c);
    g_assert_false(sdxi_cxt_do(&c, sdxi_dsc_nop()));
}

static void check_untouched(SdxiRig *r, SdxiCxt *c)
{
    uint64_t csb = sdxi_csb_new(r->vm, 1);
    SdxiDsc d = sdxi_dsc_nop();

    sdxi_dsc_set_csb(&d, csb);
    sdxi_cxt_push(c, &d);
    sdxi_cxt_kick(c);
    g_usleep(NOTHING_HAPPENS_US);
    g_assert_cmpuint(sdxi_csb_signal(r->vm, csb), ==, 1);
    g_assert_cmpuint(sdxi_cxt_state(c), ==, SDXI_CXT_STOP_SW);
    g_assert_cmpuint(sdxi_cxt_read_index(c), ==, 0);
    g_assert_cmpuint(sdxi_fn_state(r->fn), ==, SDXI_ST_ACTIVE);
}

static void test_db_not_running(SdxiRig *r)
{
    SdxiCxt c;

    sdxi_cxt_init(&c, r->fn, 2, 1024);
    check_untouched(r, &c);
}

static void test_db_lower(SdxiRig *r)
{
    SdxiDsc d = sdxi_dsc_nop();

    sdxi_cxt_push(&r->c, &d);
    sdxi_cxt_push(&r->c, &d);
    sdxi_fn_doorbell(r->fn, 1, 2);
    sdxi_cxt_push(&r->c, &d);
    sdxi_fn_doorbell(r->fn, 1, 1);
    sdxi_cxt_wait_index(&r->c, 3);
}

static void test_db_too_high(SdxiRig *r)
{
    SdxiDsc d = sdxi_dsc_nop();

    sdxi_cxt_push(&r->c, &d);
    /* A valid descriptor in the slot that Write_Index does not cover. */
    qtest_writeq(r->vm->qts, sdxi_cxt_slot(&r->c, 1), d.q[0] | 1);
    qtest_writeq(r->vm->qts, sdxi_cxt_slot(&r->c, 1) + 56, 1);
    sdxi_fn_doorbell(r->fn, 1, 1000);
    sdxi_cxt_wait_index(&r->c, 1);
    g_usleep(NOTHING_HAPPENS_US);
    g_assert_cmpuint(sdxi_cxt_read_index(&r->c), ==, 1);
    g_assert_cmpuint(sdxi_cxt_state(&r->c), ==, SDXI_CXT_RUN);
}

static void test_db_stopped(SdxiRig *r)
{
    sdxi_fn_prepare(r->fn);
    sdxi_fn_doorbell(r->fn, 0, 0);
    sdxi_fn_request(r->fn, SDXI_GO);
    sdxi_fn_wait(r->fn, SDXI_ST_ACTIVE);
    g_assert_cmpuint(sdxi_cxt_read_index(&r->fn->admin), ==, 0);
    g_assert_cmpuint(sdxi_cxt_state(&r->fn->admin), ==, SDXI_CXT_RUN);
}

static void test_db_above_max(SdxiRig *r)
{
    uint64_t ctl2 = sdxi_fn_rd(r->fn, SDXI_CTL2);
    SdxiCxt c;

    sdxi_fn_prepare(r->fn);
    sdxi_fn_errlog(r->fn);
    sdxi_fn_wr(r->fn, SDXI_CTL2, deposit64(ctl2, 16, 16, 4));
    sdxi_fn_request(r->fn, SDXI_GO);
    sdxi_fn_wait(r->fn, SDXI_ST_ACTIVE);
    sdxi_cxt_init(&c, r->fn, 5, 1024);
    check_untouched(r, &c);
    g_assert_cmpuint(sdxi_fn_rd(r->fn, SDXI_ERR_WRT), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    sdxi_add_test("/sdxi/fsm-01/start", NULL, test_start);
    sdxi_add_running("/sdxi/fsm-02/soft-stop", NULL, test_soft_stop);
    sdxi_add_running("/sdxi/fsm-03/soft-stop-busy", NULL, test_stop_busy);
    sdxi_add_running("/sdxi/fsm-04/hard-stop", NULL, test_hard_stop);
    sdxi_add_running("/sdxi/fsm-05/reset-active", NULL, test_reset);
    sdxi_add_test("/sdxi/fsm-06/reset-stopped", NULL, test_reset_stopped);
    sdxi_add_test("/sdxi/fsm-07/error", NULL, test_error_state);
    sdxi_add_running("/sdxi/fsm-08/rewrite", NULL, test_rewrite);
    sdxi_add_running("/sdxi/fsm-09/silent-when-stopped", NULL,
                     test_no_dma_after_stop);
    sdxi_add_running("/sdxi/fsm-10/reset-keeps", NULL, test_reset_keeps);
    sdxi_add_running("/sdxi/fsm-11/again", NULL, test_again);
    sdxi_add_running("/sdxi/fsm-12/stop-fn", NULL, test_soft_stop);
    sdxi_add_test("/sdxi/dbl-01/stride", "doorbell-stride=16K",
                  test_db_stride);
    sdxi_add_test("/sdxi/dbl-02/admin", NULL, test_db_admin);
    sdxi_add_running("/sdxi/dbl-03/not-running", NULL, test_db_not_running);
    sdxi_add_running("/sdxi/dbl-04/lower", NULL, test_db_lower);
    sdxi_add_running("/sdxi/dbl-05/too-high", NULL, test_db_too_high);
    sdxi_add_test("/sdxi/dbl-06/stopped", NULL, test_db_stopped);
    sdxi_add_test("/sdxi/dbl-07/above-max", NULL, test_db_above_max);
    return g_test_run();
}
