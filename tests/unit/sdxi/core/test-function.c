/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state machine of the function: its table in full, and what each
 * transition does to contexts.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/function.h"
#include "tests/unit/sdxi/fake-guest.h"

/* The table of SDXI 1.0 4.1 once more, as its author would write it down. */
static void test_table(void)
{
    static const uint8_t want[SDXI_GSV_STATES][4] = {
        /* STOP */ { GSV_STOP, GSV_STOP, GSV_STOP, GSV_INIT },
        /* INIT */ { GSV_STOP, GSV_STOPG_SF, GSV_STOPG_HD, GSV_INIT },
        /* ACTIVE */ { GSV_STOP, GSV_STOPG_SF, GSV_STOPG_HD, GSV_ACTIVE },
        /* STOPG_SF */ { GSV_STOP, GSV_STOPG_SF, GSV_STOPG_HD,
                         GSV_STOPG_SF },
        /* STOPG_HD */ { GSV_STOP, GSV_STOPG_HD, GSV_STOPG_HD,
                         GSV_STOPG_HD },
        /* ERROR */ { GSV_STOP, GSV_ERROR, GSV_ERROR, GSV_ERROR },
    };

    for (unsigned s = 0; s < SDXI_GSV_STATES; s++) {
        for (unsigned r = 0; r < 4; r++) {
            SdxiTransition t = sdxi_function_next(s, r);

            g_assert_cmpuint(t.next, ==, want[s][r]);
            g_assert(t.drop == (r == GSR_RESET));
        }
    }
}

static FakeHost *active(void)
{
    FakeHost *g = guest_new(NULL);

    guest_activate(g);
    return g;
}

static void test_activate(void)
{
    FakeHost *g = guest_new(NULL);

    guest_wr(g, R_CXT_L2, G_L2);
    guest_request(g, GSR_ACTIVE);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_INIT);
    g_assert_cmpuint(g->kicks, ==, 1);
    g_assert_cmpuint(g->accesses, ==, 0);
    guest_run(g);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_ACTIVE);
    guest_free(g);
}

static void test_activate_nowhere(void)
{
    FakeHost *g = guest_new(NULL);

    guest_wr(g, R_CXT_L2, UINT64_C(0x7f00000000));
    guest_request(g, GSR_ACTIVE);
    guest_run(g);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_ERROR);
    guest_free(g);
}

static void test_stop_idle(void)
{
    FakeHost *g = active();

    guest_request(g, GSR_STOP_SF);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOPG_SF);
    guest_run(g);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
    guest_free(g);
}

/* A long copy is under way, and two more descriptors wait. */
static void start_long_copy(FakeHost *g, uint64_t bytes)
{
    Dsc copy = dsc_copy(FAKE_SINK, FAKE_SINK + (UINT64_C(64) << 30), bytes,
                        0, 0, G_CSB(0, 1));
    Dsc nop = dsc_nop(G_CSB(0, 2));

    guest_arm(g, 0, 1, 1);
    guest_arm(g, 0, 2, 1);
    guest_push(g, 0, &copy);
    guest_push(g, 0, &nop);
    guest_ring(g, 0, 2);
    g_assert_true(guest_run_once(g, 1 << 20));
}

static void test_stop_soft(void)
{
    FakeHost *g = active();

    start_long_copy(g, 16 << 20);
    guest_request(g, GSR_STOP_SF);
    g_assert_true(guest_run_once(g, 1 << 20));
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOPG_SF);
    g_assert_cmpuint(guest_state(g, 0), ==, STOPG_FN);
    guest_run(g);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
    g_assert_cmpuint(guest_state(g, 0), ==, STOP_FN);
    g_assert_cmpuint(guest_signal(g, 0, 1), ==, 0);
    g_assert_cmpuint(guest_signal(g, 0, 2), ==, 1);
    g_assert_cmpuint(guest_read_index(g, 0), ==, 1);
    g_assert_cmpuint(g->memory[guest_slot(g, 0, 0)] & 1, ==, 0);
    g_assert_cmpuint(g->memory[guest_slot(g, 0, 1)] & 1, ==, 1);
    guest_free(g);
}

/* So slow that patience ends: the copy goes back to the ring whole. */
static void test_stop_soft_bounded(void)
{
    FakeHost *g = active();

    g->ns_per_mib = 1000 * 1000;
    start_long_copy(g, UINT64_C(4) << 30);
    guest_request(g, GSR_STOP_SF);
    guest_run(g);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
    g_assert_cmpint(g->now_ns, <, 500 * 1000 * 1000);
    g_assert_cmpuint(guest_state(g, 0), ==, STOP_FN);
    g_assert_cmpuint(guest_read_index(g, 0), ==, 0);
    g_assert_cmpuint(g->memory[guest_slot(g, 0, 0)] & 1, ==, 1);
    g_assert_cmpuint(guest_signal(g, 0, 1), ==, 1);
    /* and is done after all once the function runs again */
    g->ns_per_mib = 0;
    fake_st(g, G_STS(0), RUN);
    guest_request(g, GSR_ACTIVE);
    guest_run(g);
    guest_ring(g, 0, 2);
    guest_run(g);
    g_assert_cmpuint(guest_signal(g, 0, 1), ==, 0);
    g_assert_cmpuint(guest_signal(g, 0, 2), ==, 0);
    guest_free(g);
}

static void test_stop_hard(void)
{
    FakeHost *g = active();
    uint64_t bytes;
    SdxiInfo info;

    start_long_copy(g, UINT64_C(4) << 30);
    sdxi_device_query(g->dev, &info);
    bytes = info.counters.bytes;
    guest_request(g, GSR_STOP_HD);
    guest_run(g);
    sdxi_device_query(g->dev, &info);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
    g_assert_cmpuint(info.counters.bytes, ==, bytes);
    g_assert_cmpuint(guest_state(g, 0), ==, STOP_FN);
    g_assert_cmpuint(guest_signal(g, 0, 1), ==, 1);
    g_assert_cmpuint(guest_signal(g, 0, 2), ==, 1);
    g_assert_cmpuint(guest_read_index(g, 0), ==, 1);
    guest_free(g);
}

/* Soft, then hard because it takes too long for the driver. */
static void test_stop_soft_hard(void)
{
    FakeHost *g = active();

    start_long_copy(g, UINT64_C(4) << 30);
    guest_request(g, GSR_STOP_SF);
    g_assert_true(guest_run_once(g, 1 << 20));
    guest_request(g, GSR_STOP_HD);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOPG_HD);
    guest_request(g, GSR_STOP_SF);
    guest_request(g, GSR_ACTIVE);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOPG_HD);
    g_assert_false(guest_run_once(g, 1 << 20));
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
    guest_free(g);
}

/* At once, and without a single access: memory may be somebody else's. */
static void test_reset_active(void)
{
    FakeHost *g = active();
    uint64_t accesses;

    start_long_copy(g, UINT64_C(4) << 30);
    accesses = g->accesses;
    guest_wr(g, R_CTL0, 0);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
    guest_run(g);
    g_assert_cmpuint(g->accesses, ==, accesses);
    g_assert_cmpuint(guest_signal(g, 0, 1), ==, 1);
    guest_free(g);
}

static void test_reset_stop(void)
{
    FakeHost *g = guest_new(NULL);

    guest_request(g, GSR_RESET);
    guest_run(g);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
    guest_request(g, GSR_STOP_SF);
    guest_request(g, GSR_STOP_HD);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
    guest_free(g);
}

static void test_error_reset(void)
{
    FakeHost *g = guest_new(NULL);

    guest_wr(g, R_CXT_L2, UINT64_C(0x7f00000000));
    guest_request(g, GSR_ACTIVE);
    guest_run(g);
    for (unsigned r = GSR_STOP_SF; r <= GSR_ACTIVE; r++) {
        guest_request(g, r);
        guest_run(g);
        g_assert_cmpuint(guest_gsv(g), ==, GSV_ERROR);
    }
    guest_request(g, GSR_RESET);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
    guest_activate(g);
    guest_free(g);
}

static void test_same_request(void)
{
    FakeHost *g = active();

    for (unsigned i = 0; i < 3; i++) {
        guest_wr(g, R_CTL0, guest_rd(g, R_CTL0) | UINT64_C(5) << 32);
        guest_run(g);
        g_assert_cmpuint(guest_gsv(g), ==, GSV_ACTIVE);
    }
    /* the upper half alone asks for nothing at all */
    sdxi_device_write(g->dev, R_CTL0 + 4, 9, 4);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_ACTIVE);
    guest_request(g, GSR_STOP_SF);
    guest_run(g);
    guest_request(g, GSR_STOP_SF);
    guest_run(g);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
    guest_free(g);
}

static void test_no_dma(void)
{
    FakeHost *g = active();
    g_autofree uint8_t *before = g_malloc(FAKE_MEMORY);
    Dsc nop = dsc_nop(G_CSB(0, 1));
    uint64_t accesses;

    guest_request(g, GSR_STOP_SF);
    guest_run(g);
    accesses = g->accesses;
    guest_push(g, 0, &nop);
    fake_st(g, G_STS(0), RUN);
    memcpy(before, g->memory, FAKE_MEMORY);
    guest_ring(g, 0, 1);
    guest_run(g);
    g_assert_cmpuint(g->accesses, ==, accesses);
    g_assert_cmpint(memcmp(before, g->memory, FAKE_MEMORY), ==, 0);
    guest_free(g);
}

static void test_reset_keeps(void)
{
    FakeHost *g = active();
    uint64_t ctl2 = guest_rd(g, R_CTL2);

    guest_wr(g, R_CTL0, guest_rd(g, R_CTL0) | UINT64_C(0xabcd) << 32);
    guest_request(g, GSR_RESET);
    g_assert_cmphex(guest_rd(g, R_CTL0) >> 32, ==, 0xabcd);
    g_assert_cmphex(guest_rd(g, R_CTL2), ==, ctl2);
    g_assert_cmphex(guest_rd(g, R_CXT_L2), ==, G_L2);
    guest_free(g);
}

/* The pointer of the running function is the one it was activated with. */
static void test_reprogram(void)
{
    FakeHost *g = active();

    guest_wr(g, R_CXT_L2, 0x20000);
    guest_do(g, 0, 0, dsc_nop(0));
    g_assert_cmpuint(guest_read_index(g, 0), ==, 1);
    guest_request(g, GSR_STOP_SF);
    guest_run(g);
    /* nothing but zeroes at the new place: no context */
    guest_request(g, GSR_ACTIVE);
    guest_run(g);
    fake_st(g, G_STS(0), RUN);
    guest_do(g, 0, 0, dsc_nop(0));
    g_assert_cmpuint(guest_read_index(g, 0), ==, 1);
    guest_request(g, GSR_STOP_SF);
    guest_run(g);
    guest_activate(g);
    guest_do(g, 0, 0, dsc_nop(0));
    g_assert_cmpuint(guest_read_index(g, 0), ==, 1);
    guest_free(g);
}

static void test_contexts_stop(void)
{
    FakeHost *g = active();

    for (unsigned n = 1; n <= 3; n++) {
        guest_context(g, n, n, STOP_SW);
        guest_start(g, n);
    }
    guest_admin(g, dsc_admin(D_STOP, 2, 2, 0));
    guest_run(g);
    guest_request(g, GSR_STOP_SF);
    guest_run(g);
    g_assert_cmpuint(guest_state(g, 0), ==, STOP_FN);
    g_assert_cmpuint(guest_state(g, 1), ==, STOP_FN);
    g_assert_cmpuint(guest_state(g, 2), ==, STOP_SW);
    g_assert_cmpuint(guest_state(g, 3), ==, STOP_FN);
    guest_free(g);
}

/* STOP must not show before the last status was written. */
static void sts_is_last(FakeHost *g, void *opaque, FakeKind kind,
                        uint64_t addr, uint32_t len)
{
    g_assert_cmpuint(guest_gsv(g), !=, GSV_STOP);
}

static void test_stop_is_last(void)
{
    FakeHost *g = active();

    guest_context(g, 1, 1, STOP_SW);
    guest_start(g, 1);
    guest_request(g, GSR_STOP_SF);
    g->meddle = sts_is_last;
    guest_run(g);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
    guest_free(g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/function/table", test_table);
    g_test_add_func("/sdxi/fsm-01/activate", test_activate);
    g_test_add_func("/sdxi/fsm-01/no-table", test_activate_nowhere);
    g_test_add_func("/sdxi/fsm-02/stop-idle", test_stop_idle);
    g_test_add_func("/sdxi/fsm-03/stop-soft", test_stop_soft);
    g_test_add_func("/sdxi/fsm-03/bounded", test_stop_soft_bounded);
    g_test_add_func("/sdxi/fsm-04/stop-hard", test_stop_hard);
    g_test_add_func("/sdxi/fsm-04/soft-then-hard", test_stop_soft_hard);
    g_test_add_func("/sdxi/fsm-05/reset-active", test_reset_active);
    g_test_add_func("/sdxi/fsm-06/reset-stop", test_reset_stop);
    g_test_add_func("/sdxi/fsm-07/error", test_error_reset);
    g_test_add_func("/sdxi/fsm-08/same-request", test_same_request);
    g_test_add_func("/sdxi/fsm-09/no-dma", test_no_dma);
    g_test_add_func("/sdxi/fsm-09/stop-is-last", test_stop_is_last);
    g_test_add_func("/sdxi/fsm-10/reset-keeps", test_reset_keeps);
    g_test_add_func("/sdxi/fsm-11/reprogram", test_reprogram);
    g_test_add_func("/sdxi/fsm-12/contexts-stop", test_contexts_stop);
    return g_test_run();
}
