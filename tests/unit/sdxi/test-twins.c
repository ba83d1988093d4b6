/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Negative twins of statements whose good side is tested where it belongs:
 * what they forbid, and that nothing beside happens.  Which twin is whose says
 * docs/sdxi/conformance.md.
 */
#include "qemu/osdep.h"
#include "tests/unit/sdxi/fake-guest.h"

/* A function with a log, and context 1 running with a completion block */
static FakeHost *active(void)
{
    FakeHost *g = guest_active();

    guest_arm(g, 1, 0, 1);
    return g;
}

/* The newest entry is about context @cxt, which is stopped by it. */
static void stopped_by(FakeHost *g, unsigned cxt, unsigned step, unsigned sub)
{
    LogEntry e = guest_log_entry(g, guest_rd(g, R_ERR_WRT) - 1);

    g_assert_true(e.vl && e.cv);
    g_assert_cmpuint(e.cxt, ==, cxt);
    g_assert_cmpuint(e.step, ==, step);
    g_assert_cmpuint(e.sub, ==, sub);
    g_assert_cmpuint(e.re, ==, 1);
    g_assert_cmpuint(guest_state(g, cxt), ==, ERR_FN);
}

static void all_are(FakeHost *g, uint64_t addr, unsigned bytes, uint8_t want)
{
    for (unsigned i = 0; i < bytes; i++) {
        g_assert_cmphex(g->memory[addr + i], ==, want);
    }
}

static Dsc unknown(uint64_t csb)
{
    return (Dsc) { { 0x00011f01, [14] = csb ? csb : 1 } };
}

/* --- registers and doorbells -------------------------------------------- */

/* ERR_RD beyond ERR_WRT: more entries to read than there can be is full. */
static void test_read_ahead(void)
{
    FakeHost *g = active();

    guest_wr(g, R_ERR_RD, 1);
    guest_do(g, 1, 1, unknown(0));
    g_assert_cmphex(guest_rd(g, R_ERR_STS), ==, 3);
    g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, 0);
    all_are(g, G_LOG, 4096, 0);
    g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
    /* and at the end of all numbers it works as anywhere */
    guest_wr(g, R_ERR_STS, 0xb);
    guest_wr(g, R_ERR_WRT, UINT64_MAX);
    guest_wr(g, R_ERR_RD, UINT64_MAX);
    guest_start(g, 1);
    guest_do(g, 1, 1, unknown(0));
    g_assert_cmphex(guest_rd(g, R_ERR_STS), ==, 1);
    g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, 0);
    g_assert_true(guest_log_entry(g, 63).vl);
    guest_free(g);
}

/* Doorbell 0 of a context 0 that software has not set to RUN */
static void test_not_set_to_run(void)
{
    static const unsigned states[] = { STOP_SW, STOPG_SW, STOP_FN, STOPG_FN,
                                       ERR_FN };

    for (unsigned i = 0; i < ARRAY_SIZE(states); i++) {
        FakeHost *g = guest_new(NULL);
        Dsc nop = dsc_nop(0);

        guest_log(g);
        guest_wr(g, R_CXT_L2, G_L2);
        guest_context(g, 0, 0, states[i]);
        guest_push(g, 0, &nop);
        guest_request(g, GSR_ACTIVE);
        guest_run(g);
        guest_ring(g, 0, 0);
        guest_run(g);
        g_assert_cmpuint(guest_gsv(g), ==, GSV_ACTIVE);
        g_assert_cmpuint(guest_state(g, 0), ==, states[i]);
        g_assert_cmpuint(guest_read_index(g, 0), ==, 0);
        g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, 0);
        guest_free(g);
    }
}

/* --- contexts and rings ------------------------------------------------- */

/* What lies behind the stop in the ring of context 0 stays there. */
static void test_behind_the_stop(void)
{
    FakeHost *g = active();
    Dsc stop = dsc_admin(D_STOP | D_FE, 0, 0, 0);
    Dsc start = dsc_admin(D_START_NM, 2, 2, 0);
    uint64_t index;

    guest_context(g, 2, 2, STOP_SW);
    guest_push(g, 0, &stop);
    index = guest_push(g, 0, &start);
    guest_ring(g, 0, index + 1);
    guest_run(g);
    guest_ring(g, 0, index + 1);
    guest_run(g);
    g_assert_cmpuint(guest_state(g, 0), ==, STOP_SW);
    g_assert_cmpuint(guest_read_index(g, 0), ==, index);
    g_assert_cmpuint(g->memory[guest_slot(g, 0, index)] & 1, ==, 1);
    g_assert_cmpuint(guest_state(g, 2), ==, STOP_SW);
    guest_free(g);
}

/* A value of the start's own doorbell beyond Write_Index */
static void test_start_beyond(void)
{
    FakeHost *g = active();
    Dsc d = dsc_admin(D_START_NM, 2, 2, 0);
    Dsc nop = dsc_nop(0);

    guest_context(g, 2, 2, STOP_SW);
    for (unsigned i = 0; i < 4; i++) {
        guest_push(g, 2, &nop);
    }
    fake_st(g, G_WIDX(2), 2);
    d.dw[1] |= 1 << 14;
    d.dw[4] = 1000;
    g_assert_false(guest_admin(g, d));
    g_assert_cmpuint(guest_read_index(g, 2), ==, 2);
    g_assert_cmpuint(guest_state(g, 2), ==, RUN);
    g_assert_cmpuint(g->memory[guest_slot(g, 2, 2)] & 1, ==, 1);
    guest_free(g);
}

/* Software put read_index beyond Write_Index while the context stood. */
static void test_restart_ahead(void)
{
    FakeHost *g = active();

    guest_do(g, 1, 1, dsc_nop(0));
    guest_admin(g, dsc_admin(D_STOP, 1, 1, 0));
    fake_st(g, G_STS(1) + 8, 2);
    guest_start(g, 1);
    guest_run(g);
    stopped_by(g, 1, 6, 3);
    guest_free(g);
}

/* Counts that would wrap are not seen as small ones. */
static void test_end_of_numbers(void)
{
    FakeHost *g = active();
    Dsc nop = dsc_nop(0);

    guest_admin(g, dsc_admin(D_STOP, 1, 1, 0));
    fake_st(g, G_STS(1) + 8, UINT64_MAX - 1);
    fake_st(g, G_WIDX(1), UINT64_MAX - 1);
    guest_push(g, 1, &nop);
    guest_start(g, 1);
    guest_run(g);
    g_assert_cmpuint(guest_read_index(g, 1), ==, UINT64_MAX);
    fake_st(g, G_WIDX(1), 1);
    guest_ring(g, 1, 1);
    guest_run(g);
    stopped_by(g, 1, 6, 3);
    g_assert_cmpuint(guest_read_index(g, 1), ==, UINT64_MAX);
    guest_free(g);
}

/* --- completion --------------------------------------------------------- */

/* Three descriptors share a block, and the second one fails. */
static void test_shared_fails(void)
{
    FakeHost *g = active();
    Dsc good = dsc_nop(G_CSB(1, 0)), bad = unknown(G_CSB(1, 0));

    guest_arm(g, 1, 0, 3);
    guest_push(g, 1, &good);
    guest_push(g, 1, &bad);
    guest_push(g, 1, &good);
    guest_ring(g, 1, 3);
    guest_run(g);
    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 1);
    g_assert_true(guest_er(g, 1, 0));
    /* a success that comes later does not take the error back */
    guest_start(g, 1);
    guest_run(g);
    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
    g_assert_true(guest_er(g, 1, 0));
    guest_free(g);
}

/* --- operations --------------------------------------------------------- */

static void test_immediate_refused(void)
{
    static const unsigned sizes[] = { 33, 64, 4096 };
    FakeHost *g = active();
    uint8_t data[32] = { 1 };

    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        Dsc d = dsc_imm(G_DATA, data, 32, G_CSB(1, 0));

        d.dw[1] = sizes[i] - 1;
        guest_arm(g, 1, 0, 1);
        guest_do(g, 1, 1, d);
        g_assert_true(guest_er(g, 1, 0));
        stopped_by(g, 1, 7, 3);
        guest_start(g, 1);
    }
    guest_do(g, 1, 1, dsc_imm(FAKE_MEMORY - 8, data, 16, 0));
    stopped_by(g, 1, 10, 2);
    all_are(g, G_DATA, 4096, 0);
    guest_free(g);
}

static void test_repeat_unreachable(void)
{
    FakeHost *g = active();

    memset(g->memory + G_DATA, 0x77, 4096);
    guest_do(g, 1, 1, dsc_repcopy(FAKE_MEMORY - 2048, G_DATA, 8192, 0));
    stopped_by(g, 1, 10, 2);
    g_assert_cmpuint(guest_log_entry(g, 0).buf, ==, 0);
    all_are(g, G_DATA, 4096, 0x77);
    guest_start(g, 1);
    guest_do(g, 1, 1, dsc_repcopy(G_DATA, UINT64_MAX - 4095, 8192, 0));
    stopped_by(g, 1, 10, 2);
    g_assert_cmpuint(guest_log_entry(g, 1).buf, ==, 1);
    guest_free(g);
}

/* A fence does not let anything pass that the failure before it stopped. */
static void test_fence_after_failure(void)
{
    FakeHost *g = active();
    Dsc bad = dsc_copy(FAKE_MEMORY, G_DATA, 64, 0, 0, 0);
    Dsc fenced = dsc_copy(G_DATA, G_DATA + 64, 64, 0, 0, G_CSB(1, 0));

    fenced.dw[0] |= D_FE;
    memset(g->memory + G_DATA, 0x33, 64);
    guest_push(g, 1, &bad);
    guest_push(g, 1, &fenced);
    guest_ring(g, 1, 2);
    guest_run(g);
    guest_ring(g, 1, 2);
    guest_run(g);
    stopped_by(g, 1, 10, 2);
    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 1);
    all_are(g, G_DATA + 64, 64, 0);
    guest_free(g);
}

/* --- administration ----------------------------------------------------- */

static void test_unknown_filter(void)
{
    for (unsigned filter = 5; filter < 8; filter++) {
        FakeHost *g = active();

        g_assert_true(guest_admin(g, dsc_sync(filter, 0, 0xffff, 0)));
        stopped_by(g, 0, 7, 3);
        guest_do(g, 1, 1, dsc_nop(0));
        g_assert_cmpuint(guest_read_index(g, 1), ==, 1);
        guest_free(g);
    }
}

/* Ranges that end before they begin, and functions that are not there */
static void test_updates_refused(void)
{
    static const uint32_t ranged[] = { D_CXT_UPD, D_AKEY_UPD, D_STOP,
                                       D_START_RS, D_SYNC };
    static const uint32_t ops[] = { D_FN_UPD, D_CXT_UPD, D_AKEY_UPD,
                                    D_RKEY_UPD };

    for (unsigned i = 0; i < ARRAY_SIZE(ranged); i++) {
        FakeHost *g = active();

        g_assert_true(guest_admin(g, dsc_admin(ranged[i], 2, 1, 0)));
        stopped_by(g, 0, 7, 3);
        g_assert_cmpuint(guest_state(g, 1), ==, RUN);
        guest_free(g);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(ops); i++) {
        FakeHost *g = active();
        Dsc d = dsc_admin(ops[i], 0, 0xffff, 0);

        d.dw[1] |= 1 << 15;
        g_assert_true(guest_admin(g, d));
        stopped_by(g, 0, 7, 3);
        g_assert_cmpuint(guest_state(g, 1), ==, RUN);
        guest_free(g);
    }
}

/* A key that was taken back and announced does not open anything. */
static void test_key_taken_back(void)
{
    FakeHost *g = active();

    guest_do(g, 1, 1, dsc_copy(G_DATA, G_DATA + 64, 64, 0, 0, 0));
    g_assert_cmpuint(guest_state(g, 1), ==, RUN);
    memset(g->memory + G_DATA, 0x44, 64);
    guest_akey(g, 1, 0, 0, 0);
    g_assert_false(guest_admin(g, dsc_admin(D_AKEY_UPD, 1, 1, 0)));
    g_assert_false(guest_admin(g, dsc_sync(2, 1, 1, 0)));
    guest_do(g, 1, 1, dsc_copy(G_DATA, G_DATA + 64, 64, 0, 0, 0));
    stopped_by(g, 1, 11, 3);
    all_are(g, G_DATA + 64, 64, 0);
    guest_free(g);
}

/* --- a driver ----------------------------------------------------------- */

/* The interrupt behind a copy that failed is not raised. */
static void test_no_interrupt(void)
{
    FakeHost *g = active();
    Dsc copy = dsc_copy(G_DATA, FAKE_MEMORY, 64, 1, 1, G_CSB(1, 0));
    Dsc intr = dsc_intr(1, 0);

    guest_wr(g, R_ERR_CTL, 0);
    guest_akey(g, 1, 1, 3 | 7 << 4, 0);
    copy.dw[0] |= D_FE;
    intr.dw[0] |= D_FE;
    guest_push(g, 1, &copy);
    guest_push(g, 1, &intr);
    guest_ring(g, 1, 2);
    guest_run(g);
    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
    g_assert_true(guest_er(g, 1, 0));
    g_assert_cmpuint(g->interrupts[7], ==, 0);
    g_assert_cmpuint(g->memory[guest_slot(g, 1, 1)] & 1, ==, 1);
    guest_free(g);
}

/*
 * A copy fails; the driver then stops the context, takes its entry away, and
 * gives its memory to others.
 */
static void test_failed_copy(void)
{
    FakeHost *g = active();
    Dsc stop = dsc_admin(D_STOP | D_FE, 1, 1, 0);

    guest_do(g, 1, 1, dsc_copy(G_DATA, FAKE_MEMORY, 64, 0, 0, G_CSB(1, 0)));
    g_assert_true(guest_er(g, 1, 0));
    guest_push(g, 0, &stop);
    g_assert_false(guest_admin(g, dsc_sync(1, 1, 1, 0)));
    g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
    memset(g->memory + G_L1(0) + 32, 0, 32);
    memset(g->memory + G_CXT(1), 0xee, 0x40000);
    guest_ring(g, 1, 1);
    guest_run(g);
    all_are(g, G_CXT(1), 0x40000, 0xee);
    /* a new one with that number works */
    guest_context(g, 1, 2, STOP_SW);
    guest_start(g, 1);
    guest_do(g, 1, 2, dsc_nop(0));
    g_assert_cmpuint(guest_read_index(g, 2), ==, 1);
    guest_free(g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/reg-10/read-ahead", test_read_ahead);
    g_test_add_func("/sdxi/dbl-02/not-set-to-run", test_not_set_to_run);
    g_test_add_func("/sdxi/cxt-05/behind-the-stop", test_behind_the_stop);
    g_test_add_func("/sdxi/cxt-07/beyond", test_start_beyond);
    g_test_add_func("/sdxi/cxt-09/ahead", test_restart_ahead);
    g_test_add_func("/sdxi/rng-02/end-of-numbers", test_end_of_numbers);
    g_test_add_func("/sdxi/cmp-02/one-fails", test_shared_fails);
    g_test_add_func("/sdxi/dma-05/refused", test_immediate_refused);
    g_test_add_func("/sdxi/dma-06/unreachable", test_repeat_unreachable);
    g_test_add_func("/sdxi/dma-10/after-failure", test_fence_after_failure);
    g_test_add_func("/sdxi/adm-01/unknown-filter", test_unknown_filter);
    g_test_add_func("/sdxi/adm-02/refused", test_updates_refused);
    g_test_add_func("/sdxi/adm-03/taken-back", test_key_taken_back);
    g_test_add_func("/sdxi/int-03/failed-copy", test_no_interrupt);
    g_test_add_func("/sdxi/drv-02/failed-copy", test_failed_copy);
    return g_test_run();
}
