/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors and the error log from the outside: ids ERR-*.
 */
#include "qemu/osdep.h"
#include "tests/qtest/sdxi/util.h"

#define NOTHING_HAPPENS_US 30000

static void fail_once(SdxiRig *r)
{
    g_assert_true(sdxi_cxt_do(&r->c, sdxi_dsc(1, 0x40)));
    sdxi_cxt_wait_state(&r->c, SDXI_CXT_ERR);
    sdxi_cxt_start(&r->c);
}

static void test_entry(SdxiRig *r)
{
    SdxiErr e;

    g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_nop()));
    fail_once(r);
    e = sdxi_fn_last_err(r->fn, 0);
    g_assert_true(e.vl && e.cv && e.div);
    g_assert_cmphex(e.type, ==, 0x7f7);
    g_assert_cmpuint(e.step, ==, SDXI_STEP_DSC);
    g_assert_cmpuint(e.sub_step, ==, 3);
    g_assert_cmpuint(e.cxt, ==, 1);
    g_assert_cmpuint(e.index, ==, 1);
    g_assert_cmpuint(e.re, ==, 1);
}

static void test_signal(SdxiRig *r)
{
    uint64_t cell = sdxi_msix_arm(r->fn, 0);

    fail_once(r);
    sdxi_msix_wait(r->fn, cell);
    g_assert_cmpuint(sdxi_fn_rd(r->fn, SDXI_ERR_WRT), ==, 1);
    g_assert_cmpuint(sdxi_fn_rd(r->fn, SDXI_ERR_STS), ==, 1);
}

static void test_one_interrupt(SdxiRig *r)
{
    uint64_t cell = sdxi_msix_arm(r->fn, 0);

    fail_once(r);
    sdxi_msix_wait(r->fn, cell);
    fail_once(r);
    sdxi_fn_wait_errors(r->fn, 2);
    g_usleep(NOTHING_HAPPENS_US);
    g_assert_false(sdxi_msix_take(r->fn, cell));
    sdxi_fn_wr(r->fn, SDXI_ERR_STS, 0xb);
    fail_once(r);
    sdxi_msix_wait(r->fn, cell);
}

static void test_overflow(SdxiRig *r)
{
    uint64_t first, after;

    for (int i = 0; i < 64; i++) {
        fail_once(r);
        sdxi_fn_wait_errors(r->fn, i + 1);
    }
    g_assert_cmpuint(sdxi_fn_rd(r->fn, SDXI_ERR_STS), ==, 1);
    first = qtest_readq(r->vm->qts, r->fn->errlog + 8);
    fail_once(r);
    sdxi_wait_until(r->vm, 20, sdxi_fn_rd(r->fn, SDXI_ERR_STS) == 3);
    g_assert_cmpuint(sdxi_fn_rd(r->fn, SDXI_ERR_WRT), ==, 64);
    after = qtest_readq(r->vm->qts, r->fn->errlog + 8);
    g_assert_cmpuint(first, ==, after);
    /* Room again after software has read one. */
    sdxi_fn_wr(r->fn, SDXI_ERR_STS, 0xb);
    sdxi_fn_wr(r->fn, SDXI_ERR_RD, 1);
    fail_once(r);
    sdxi_fn_wait_errors(r->fn, 65);
    g_assert_cmpuint(sdxi_fn_err(r->fn, 0).index, ==, 65);
}

static void test_log_nowhere(SdxiRig *r)
{
    sdxi_fn_wr(r->fn, SDXI_ERR_CFG, SDXI_NOWHERE | 1 << 1 | 1);
    fail_once(r);
    sdxi_wait_until(r->vm, 20, sdxi_fn_rd(r->fn, SDXI_ERR_STS) == 9);
    g_assert_cmpuint(sdxi_fn_rd(r->fn, SDXI_ERR_WRT), ==, 0);
}

static void test_log_off(SdxiRig *r)
{
    uint64_t cell = sdxi_msix_arm(r->fn, 0);

    sdxi_fn_wr(r->fn, SDXI_ERR_CFG, r->fn->errlog | 1 << 1);
    fail_once(r);
    g_usleep(NOTHING_HAPPENS_US);
    g_assert_cmpuint(sdxi_fn_rd(r->fn, SDXI_ERR_WRT), ==, 0);
    g_assert_cmpuint(sdxi_fn_rd(r->fn, SDXI_ERR_STS), ==, 0);
    g_assert_false(sdxi_msix_take(r->fn, cell));
}

static void test_others_go_on(SdxiRig *r)
{
    SdxiCxt other;

    sdxi_cxt_init(&other, r->fn, 2, 1024);
    sdxi_cxt_start(&other);
    g_assert_true(sdxi_cxt_do(&r->c, sdxi_dsc(1, 0x40)));
    sdxi_cxt_wait_state(&r->c, SDXI_CXT_ERR);
    g_assert_false(sdxi_cxt_do(&other, sdxi_dsc_nop()));
    sdxi_cxt_start(&r->c);
    g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_nop()));
}

static void test_csb(SdxiRig *r)
{
    uint64_t csb = sdxi_csb_new(r->vm, 0xff);
    SdxiDsc d = sdxi_dsc(1, 0x40);

    sdxi_dsc_set_csb(&d, csb);
    sdxi_cxt_push(&r->c, &d);
    sdxi_cxt_kick(&r->c);
    sdxi_csb_wait(r->vm, csb, 0xfe);
    g_assert_true(sdxi_csb_er(r->vm, csb));
}

static void fail_function(SdxiRig *r)
{
    sdxi_fn_prepare(r->fn);
    sdxi_fn_errlog(r->fn);
    sdxi_fn_wr(r->fn, SDXI_CXT_L2, SDXI_NOWHERE);
    sdxi_fn_wr(r->fn, SDXI_CTL0, 1 << 4 | SDXI_GO);
    sdxi_wait_until(r->vm, 20, sdxi_fn_state(r->fn) == SDXI_ST_ACTIVE ||
                               sdxi_fn_state(r->fn) == SDXI_ST_ERROR);
    sdxi_fn_doorbell(r->fn, 0, 0);
    sdxi_fn_wait(r->fn, SDXI_ST_ERROR);
}

static void test_function_error(SdxiRig *r)
{
    uint64_t cell;

    sdxi_msix_on(r->fn);
    cell = sdxi_msix_arm(r->fn, 0);
    fail_function(r);
    sdxi_msix_wait(r->fn, cell);
}

static void test_l2_nowhere(SdxiRig *r)
{
    fail_function(r);
    sdxi_fn_wait_errors(r->fn, 1);
    g_assert_cmpuint(sdxi_fn_err(r->fn, 0).step, ==, SDXI_STEP_L2);
    g_assert_cmpuint(sdxi_fn_err(r->fn, 0).re, ==, 2);
}

/* Each operand somewhere where nothing is. */
static void test_data_nowhere(SdxiRig *r)
{
    uint64_t buf = sdxi_vm_alloc(r->vm, 4096, 4096);
    SdxiDsc d[] = {
        sdxi_dsc_copy(SDXI_NOWHERE, buf, 4096),
        sdxi_dsc_copy(buf, SDXI_NOWHERE, 4096),
        sdxi_dsc_copy(UINT64_MAX - 10, buf, 4096),
        sdxi_dsc_copy(buf, UINT64_MAX - 10, 4096),
    };

    for (int i = 0; i < ARRAY_SIZE(d); i++) {
        SdxiErr e;

        g_assert_true(sdxi_cxt_do(&r->c, d[i]));
        e = sdxi_fn_last_err(r->fn, i);
        g_assert_cmpuint(e.step, ==, SDXI_STEP_DATA);
        g_assert_cmpuint(e.sub_step, ==, 2);
        g_assert_true(e.bv);
        g_assert_cmpuint(e.buf, ==, i & 1);
        sdxi_cxt_wait_state(&r->c, SDXI_CXT_ERR);
        sdxi_cxt_start(&r->c);
    }
}

static void test_csb_nowhere(SdxiRig *r)
{
    SdxiDsc d = sdxi_dsc_nop();

    sdxi_dsc_set_csb(&d, SDXI_NOWHERE);
    sdxi_cxt_push(&r->c, &d);
    sdxi_cxt_kick(&r->c);
    g_assert_cmpuint(sdxi_fn_last_err(r->fn, 0).step, ==, SDXI_STEP_CSB);
    sdxi_cxt_wait_state(&r->c, SDXI_CXT_ERR);
}

/* An error of context @cxt is in the log at @from or later. */
static bool has_error(SdxiFn *fn, uint64_t from, unsigned cxt)
{
    uint64_t end = sdxi_fn_rd(fn, SDXI_ERR_WRT);

    while (from < end && sdxi_fn_err(fn, from).cxt != cxt) {
        from++;
    }
    return from < end;
}

/* A context whose ring, status or index is nowhere; the rest lives on. */
static void test_context_nowhere(SdxiRig *r)
{
    static const unsigned words[] = { 0, 16, 24 };

    for (int i = 0; i < ARRAY_SIZE(words); i++) {
        uint64_t n = sdxi_fn_rd(r->fn, SDXI_ERR_WRT);
        SdxiCxt c;

        sdxi_cxt_init(&c, r->fn, 10 + i, 1024);
        qtest_writeq(r->vm->qts, c.ctl + words[i],
                     SDXI_NOWHERE | (words[i] ? 0 : 1));
        qtest_writeq(r->vm->qts, c.wi, 1);
        sdxi_cxt_do(&r->fn->admin,
                    sdxi_dsc_cxt(SDXI_DSC_CXT_START, c.num, c.num));
        sdxi_fn_doorbell(r->fn, c.num, 1);
        /* The start may fail, or the doorbell, or both, one of them late. */
        sdxi_wait_until(r->vm, 20, has_error(r->fn, n, c.num));
    }
    g_assert_cmpuint(sdxi_fn_state(r->fn), ==, SDXI_ST_ACTIVE);
    g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_nop()));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    sdxi_add_running("/sdxi/err-01/entry", NULL, test_entry);
    sdxi_add_running("/sdxi/err-01/data", NULL, test_data_nowhere);
    sdxi_add_running("/sdxi/err-01/completion", NULL, test_csb_nowhere);
    sdxi_add_running("/sdxi/err-01/context", NULL, test_context_nowhere);
    sdxi_add_running("/sdxi/err-02/signal", NULL, test_signal);
    sdxi_add_running("/sdxi/err-03/one-interrupt", NULL, test_one_interrupt);
    sdxi_add_running("/sdxi/err-04/again", NULL, test_one_interrupt);
    sdxi_add_running("/sdxi/err-05/overflow", NULL, test_overflow);
    sdxi_add_running("/sdxi/err-06/log-nowhere", NULL, test_log_nowhere);
    sdxi_add_running("/sdxi/err-07/log-off", NULL, test_log_off);
    sdxi_add_running("/sdxi/err-08/others", NULL, test_others_go_on);
    sdxi_add_running("/sdxi/err-09/completion", NULL, test_csb);
    sdxi_add_test("/sdxi/err-10/function", NULL, test_function_error);
    sdxi_add_test("/sdxi/err-11/l2-nowhere", NULL, test_l2_nowhere);
    return g_test_run();
}
