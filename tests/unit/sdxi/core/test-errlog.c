/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors as software sees them: log, flags, interrupt, what stops.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/errlog.h"
#include "tests/unit/sdxi/fake-guest.h"

static FakeHost *active(void)
{
    FakeHost *g = guest_new(NULL);

    guest_log(g);
    guest_activate(g);
    return g;
}

/* A start of context 1, then a descriptor of a group that does not exist. */
static void mistake(FakeHost *g)
{
    Dsc bad = { .dw = { 0x07000001 } };

    bad.dw[14] = G_CSB(1, 0);
    guest_context(g, 1, 1, STOP_SW);
    guest_start(g, 1);
    guest_do(g, 1, 1, dsc_nop(0));
    guest_arm(g, 1, 0, 1);
    guest_do(g, 1, 1, bad);
}

static void test_entry(void)
{
    FakeHost *g = active();
    LogEntry e;

    mistake(g);
    e = guest_log_entry(g, 0);
    g_assert_true(e.vl);
    g_assert_cmphex(e.type, ==, 0x7f7);
    g_assert_true(e.cv);
    g_assert_cmpuint(e.cxt, ==, 1);
    g_assert_true(e.div);
    g_assert_cmpuint(e.index, ==, 1);
    g_assert_false(e.bv);
    g_assert_cmpuint(e.step, ==, 7);
    g_assert_cmpuint(e.sub, ==, 3);
    g_assert_cmpuint(e.re, ==, 1);
    for (unsigned i = 16; i < 64; i += 8) {
        g_assert_cmphex(fake_ld(g, G_LOG + i), ==, 0);
    }
    g_assert_false(guest_log_entry(g, 1).vl);
    guest_free(g);
}

static void test_interrupt(void)
{
    FakeHost *g = active();

    mistake(g);
    g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, 1);
    g_assert_cmphex(guest_rd(g, R_ERR_STS), ==, 1);
    g_assert_cmpuint(g->interrupts[0], ==, 1);
    guest_free(g);
}

static void test_interrupt_off(void)
{
    FakeHost *g = active();

    guest_wr(g, R_ERR_CTL, 0);
    mistake(g);
    g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, 1);
    g_assert_cmphex(guest_rd(g, R_ERR_STS), ==, 1);
    g_assert_cmpuint(g->interrupts[0], ==, 0);
    guest_free(g);
}

static void test_once(void)
{
    FakeHost *g = active();

    mistake(g);
    mistake(g);
    mistake(g);
    g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, 3);
    g_assert_cmpuint(g->interrupts[0], ==, 1);
    guest_free(g);
}

static void test_again(void)
{
    FakeHost *g = active();

    mistake(g);
    guest_wr(g, R_ERR_STS, 0xb);
    g_assert_cmpuint(g->interrupts[0], ==, 1);
    mistake(g);
    g_assert_cmpuint(g->interrupts[0], ==, 2);
    guest_free(g);
}

static void test_overflow(void)
{
    FakeHost *g = active();
    g_autofree uint8_t *before = NULL;

    for (unsigned i = 0; i < 64; i++) {
        mistake(g);
    }
    g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, 64);
    g_assert_cmphex(guest_rd(g, R_ERR_STS), ==, 1);
    before = g_memdup2(g->memory + G_LOG, 4096 + 64);
    guest_wr(g, R_ERR_STS, 0xb);
    mistake(g);
    g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, 64);
    g_assert_cmphex(guest_rd(g, R_ERR_STS), ==, 3);
    g_assert_cmpmem(g->memory + G_LOG, 4096 + 64, before, 4096 + 64);
    /* one is read: there is room for one */
    guest_wr(g, R_ERR_RD, 1);
    mistake(g);
    g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, 65);
    guest_free(g);
}

static void test_unreachable(void)
{
    FakeHost *g = active();

    guest_wr(g, R_ERR_CFG, UINT64_C(0x5500000000) | 3);
    mistake(g);
    g_assert_cmphex(guest_rd(g, R_ERR_STS), ==, 9);
    g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, 0);
    g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
    /* the very last page does not wrap around to address 0 */
    guest_wr(g, R_ERR_STS, 0xb);
    guest_wr(g, R_ERR_CFG, ~UINT64_C(0xfff) | 5);
    guest_wr(g, R_ERR_WRT, 64);
    guest_wr(g, R_ERR_RD, 64);
    mistake(g);
    g_assert_cmphex(guest_rd(g, R_ERR_STS), ==, 9);
    guest_free(g);
}

/* While memory says "again" nothing has happened, and then all of it does. */
static void test_later(void)
{
    FakeHost *g = active();

    fake_host_trap(g, G_LOG, 4096, FAKE_WRITE, SDXI_MEM_AGAIN, 0);
    mistake(g);
    guest_ring(g, 60, 1);
    guest_run(g);
    g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, 0);
    g_assert_cmphex(guest_rd(g, R_ERR_STS), ==, 0);
    g_assert_cmpuint(guest_state(g, 1), ==, RUN);
    fake_host_no_traps(g);
    guest_run(g);
    g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, 2);
    g_assert_cmphex(guest_rd(g, R_ERR_STS), ==, 1);
    g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
    g_assert_cmpuint(g->interrupts[0], ==, 1);
    guest_free(g);
}

/* A hard stop does not wait for the log. */
static void test_never(void)
{
    FakeHost *g = active();

    fake_host_trap(g, G_LOG, 4096, FAKE_WRITE, SDXI_MEM_AGAIN, 0);
    mistake(g);
    guest_request(g, GSR_STOP_HD);
    guest_run(g);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
    guest_free(g);
}

static void test_disabled(void)
{
    FakeHost *g = active();

    guest_wr(g, R_ERR_CFG, G_LOG | 2);
    mistake(g);
    g_assert_false(guest_log_entry(g, 0).vl);
    g_assert_cmphex(guest_rd(g, R_ERR_STS), ==, 0);
    g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, 0);
    g_assert_cmpuint(g->interrupts[0], ==, 0);
    g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
    guest_free(g);
}

static void test_recovery(void)
{
    FakeHost *g = active();

    guest_context(g, 2, 2, STOP_SW);
    guest_start(g, 2);
    mistake(g);
    g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
    guest_do(g, 2, 2, dsc_nop(0));
    g_assert_cmpuint(guest_read_index(g, 2), ==, 1);
    guest_do(g, 1, 1, dsc_nop(0));
    g_assert_cmpuint(guest_read_index(g, 1), ==, 2);
    guest_start(g, 1);
    g_assert_cmpuint(guest_state(g, 1), ==, RUN);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 3);
    guest_free(g);
}

/* Context 0 too, by jump start. */
static void test_recovery_admin(void)
{
    FakeHost *g = active();
    Dsc bad = { .dw = { 0x07000001 } };

    bad.dw[14] = 1;
    guest_do(g, 0, 0, bad);
    g_assert_cmpuint(guest_state(g, 0), ==, ERR_FN);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_ACTIVE);
    fake_st(g, G_STS(0), RUN);
    guest_do(g, 0, 0, dsc_nop(0));
    g_assert_cmpuint(guest_read_index(g, 0), ==, 2);
    guest_free(g);
}

static void test_completion(void)
{
    FakeHost *g = active();

    mistake(g);
    g_assert_true(guest_er(g, 1, 0));
    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
    guest_free(g);
}

static void l2_breaks(FakeHost *g)
{
    fake_host_trap(g, G_L2, 4096, FAKE_READ, SDXI_MEM_ACCESS, 0);
    guest_ring(g, 1, 0);
    guest_run(g);
}

static void test_error_interrupt(void)
{
    FakeHost *g = active();

    guest_wr(g, R_ERR_CFG, 0);
    guest_wr(g, R_CTL0, guest_rd(g, R_CTL0) | 0x10);
    l2_breaks(g);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_ERROR);
    g_assert_cmpuint(g->interrupts[0], ==, 1);
    guest_free(g);
}

static void test_error_interrupt_off(void)
{
    FakeHost *g = active();

    guest_wr(g, R_ERR_CFG, 0);
    l2_breaks(g);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_ERROR);
    g_assert_cmpuint(g->interrupts[0], ==, 0);
    guest_free(g);
}

static void test_l2(void)
{
    FakeHost *g = active();
    LogEntry e;

    guest_context(g, 2, 2, STOP_SW);
    guest_start(g, 2);
    l2_breaks(g);
    e = guest_log_entry(g, 0);
    g_assert_cmpuint(e.step, ==, 2);
    g_assert_cmpuint(e.sub, ==, 2);
    g_assert_cmpuint(e.re, ==, 2);
    g_assert_true(e.cv);
    g_assert_cmpuint(e.cxt, ==, 1);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_ERROR);
    g_assert_cmpuint(guest_state(g, 0), ==, ERR_FN);
    g_assert_cmpuint(guest_state(g, 2), ==, ERR_FN);
    guest_ring(g, 0, 1);
    guest_run(g);
    fake_host_no_traps(g);
    guest_request(g, GSR_RESET);
    guest_activate(g);
    guest_free(g);
}

/* From the admin ring: the descriptor still completes, with er. */
static void test_l2_start(void)
{
    FakeHost *g = active();
    Dsc d = dsc_admin(D_START_NM, 1, 300, G_CSB(0, 0));

    guest_arm(g, 0, 0, 1);
    fake_host_trap(g, G_L2, 4096, FAKE_READ, SDXI_MEM_TRANSLATION, 0);
    guest_do(g, 0, 0, d);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_ERROR);
    g_assert_cmpuint(guest_log_entry(g, 0).sub, ==, 1);
    g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, 1);
    g_assert_cmpuint(guest_signal(g, 0, 0), ==, 0);
    g_assert_true(guest_er(g, 0, 0));
    guest_free(g);
}

static void test_sizes(void)
{
    g_assert_cmpuint(sdxi_errlog_entries(0 << 1, false), ==, 64);
    g_assert_cmpuint(sdxi_errlog_entries(1 << 1, false), ==, 64);
    g_assert_cmpuint(sdxi_errlog_entries(2 << 1, false), ==, 128);
    g_assert_cmpuint(sdxi_errlog_entries(31 << 1, false), ==, 64 * 31);
    g_assert_cmpuint(sdxi_errlog_entries(0 << 1, true), ==, 64);
    g_assert_cmpuint(sdxi_errlog_entries(5 << 1, true), ==, 2048);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/err-01/entry", test_entry);
    g_test_add_func("/sdxi/err-02/interrupt", test_interrupt);
    g_test_add_func("/sdxi/err-02/not-enabled", test_interrupt_off);
    g_test_add_func("/sdxi/err-03/once", test_once);
    g_test_add_func("/sdxi/err-04/again", test_again);
    g_test_add_func("/sdxi/err-05/overflow", test_overflow);
    g_test_add_func("/sdxi/err-06/unreachable", test_unreachable);
    g_test_add_func("/sdxi/err-06/later", test_later);
    g_test_add_func("/sdxi/err-06/never", test_never);
    g_test_add_func("/sdxi/err-07/disabled", test_disabled);
    g_test_add_func("/sdxi/err-08/recovery", test_recovery);
    g_test_add_func("/sdxi/err-08/context-0", test_recovery_admin);
    g_test_add_func("/sdxi/err-09/completion", test_completion);
    g_test_add_func("/sdxi/err-10/function-error", test_error_interrupt);
    g_test_add_func("/sdxi/err-10/not-enabled", test_error_interrupt_off);
    g_test_add_func("/sdxi/err-11/l2", test_l2);
    g_test_add_func("/sdxi/err-11/start", test_l2_start);
    g_test_add_func("/sdxi/errlog/sizes", test_sizes);
    return g_test_run();
}
