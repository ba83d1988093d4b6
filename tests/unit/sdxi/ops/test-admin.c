/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Administrative operations: start, stop, sync, update.
 */
#include "qemu/osdep.h"
#include "tests/unit/sdxi/fake-guest.h"

static void many(SdxiConfig *config)
{
    config->contexts = 65536;
}

static FakeHost *active(void)
{
    FakeHost *g = guest_new(many);

    guest_log(g);
    guest_activate(g);
    return g;
}

static void test_start(void)
{
    FakeHost *g = active();

    guest_context(g, 1, 1, STOP_SW);
    g_assert_false(guest_admin(g, dsc_admin(D_START_NM | D_FE, 1, 1, 0)));
    g_assert_cmpuint(guest_state(g, 1), ==, RUN);
    guest_free(g);
}

/* FE is mandatory for software; the function does not insist. */
static void test_start_no_fence(void)
{
    FakeHost *g = active();

    guest_context(g, 1, 1, STOP_SW);
    g_assert_false(guest_admin(g, dsc_admin(D_START_NM, 1, 1, 0)));
    g_assert_cmpuint(guest_state(g, 1), ==, RUN);
    guest_free(g);
}

static void test_start_bad_range(void)
{
    FakeHost *g = active();

    guest_context(g, 1, 1, STOP_SW);
    g_assert_true(guest_admin(g, dsc_admin(D_START_NM, 2, 1, 0)));
    g_assert_cmpuint(guest_state(g, 1), ==, STOP_SW);
    g_assert_cmpuint(guest_state(g, 0), ==, ERR_FN);
    guest_free(g);
}

static void test_start_running(void)
{
    FakeHost *g = active();
    SdxiInfo info;

    guest_context(g, 1, 1, RUN);    /* as RFC does */
    guest_start(g, 1);
    guest_do(g, 1, 1, dsc_nop(0));
    guest_start(g, 1);
    g_assert_cmpuint(guest_state(g, 1), ==, RUN);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 1);
    sdxi_device_query(g->dev, &info);
    g_assert_cmpuint(info.running, ==, 2);
    guest_free(g);
}

/* Context 1 is in the middle of a copy that signals block 1; 0 is armed. */
static FakeHost *copying(void)
{
    FakeHost *g = active();
    Dsc copy = dsc_copy(FAKE_SINK, FAKE_SINK, 16 << 20, 0, 0, G_CSB(1, 0));

    guest_context(g, 1, 1, STOP_SW);
    guest_start(g, 1);
    guest_arm(g, 0, 0, 1);
    guest_arm(g, 1, 0, 1);
    guest_push(g, 1, &copy);
    guest_ring(g, 1, 1);
    g_assert_true(guest_run_once(g, 1 << 20));
    return g;
}

static void test_stop_sync(void)
{
    FakeHost *g = copying();
    Dsc stop = dsc_admin(D_STOP | D_FE, 1, 1, 0);
    Dsc sync = dsc_sync(1, 1, 1, G_CSB(0, 0));

    guest_push(g, 0, &stop);
    guest_push(g, 0, &sync);
    guest_ring(g, 0, 3);
    while (guest_signal(g, 0, 0)) {
        g_assert_cmpuint(guest_state(g, 1), !=, STOP_SW);
        guest_run_once(g, 1 << 18);
    }
    g_assert_cmpuint(guest_state(g, 1), ==, STOP_SW);
    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
    guest_free(g);
}

/* A SYNC for others does not wait for this one. */
static void test_sync_others(void)
{
    FakeHost *g = active();
    Dsc copy = dsc_copy(FAKE_SINK, FAKE_SINK, 64 << 20, 0, 0, 0);
    Dsc stop = dsc_admin(D_STOP | D_FE, 1, 1, 0);
    Dsc sync = dsc_sync(1, 2, 9, G_CSB(0, 0));

    guest_context(g, 1, 1, STOP_SW);
    guest_start(g, 1);
    guest_arm(g, 0, 0, 1);
    guest_push(g, 1, &copy);
    guest_ring(g, 1, 1);
    g_assert_true(guest_run_once(g, 1 << 20));
    guest_push(g, 0, &stop);
    guest_push(g, 0, &sync);
    guest_ring(g, 0, 3);
    g_assert_true(guest_run_once(g, 1 << 20));
    g_assert_cmpuint(guest_signal(g, 0, 0), ==, 0);
    g_assert_cmpuint(guest_state(g, 1), ==, STOPG_SW);
    guest_free(g);
}

static void test_stopped_is_quiet(void)
{
    FakeHost *g = active();
    g_autofree uint8_t *before = NULL;
    Dsc nop = dsc_nop(G_CSB(1, 0));

    guest_context(g, 1, 1, STOP_SW);
    guest_start(g, 1);
    guest_admin(g, dsc_admin(D_STOP, 1, 1, 0));
    guest_admin(g, dsc_sync(1, 1, 1, 0));
    guest_push(g, 1, &nop);
    before = g_memdup2(g->memory, FAKE_MEMORY);
    guest_ring(g, 1, 1);
    guest_run(g);
    g_assert_cmpint(memcmp(before, g->memory, FAKE_MEMORY), ==, 0);
    /* after v3's clean-up, the doorbell only leaves a note in the log */
    memset(g->memory + G_L1(0) + 32, 0, 32);
    memset(g->memory + G_CXT(1), 0xee, 0x40000);
    guest_ring(g, 1, 1);
    guest_run(g);
    for (unsigned i = 0; i < 0x40000; i++) {
        g_assert_cmphex(g->memory[G_CXT(1) + i], ==, 0xee);
    }
    g_assert_cmpuint(guest_log_entry(g, 0).re, ==, 0);
    guest_free(g);
}

static void test_stop_self(void)
{
    FakeHost *g = active();

    guest_arm(g, 0, 0, 1);
    guest_do(g, 0, 0, dsc_admin(D_STOP | D_FE, 0, 0, G_CSB(0, 0)));
    g_assert_cmpuint(guest_signal(g, 0, 0), ==, 0);
    g_assert_false(guest_er(g, 0, 0));
    g_assert_cmpuint(guest_state(g, 0), ==, STOP_SW);
    g_assert_cmpuint(guest_read_index(g, 0), ==, 1);
    fake_st(g, G_STS(0), RUN);
    guest_do(g, 0, 0, dsc_nop(0));
    g_assert_cmpuint(guest_read_index(g, 0), ==, 2);
    guest_free(g);
}

static void test_start_range(void)
{
    FakeHost *g = active();
    static const unsigned numbers[] = { 1, 5, 127, 128, 200, 700 };

    for (unsigned i = 0; i < ARRAY_SIZE(numbers); i++) {
        guest_context(g, numbers[i], i + 1, STOP_SW);
    }
    fake_st(g, G_CTL(3), 0);    /* 127 cannot be started */
    g_assert_true(guest_admin(g, dsc_admin(D_START_NM, 1, 0xffff, 0)));
    for (unsigned i = 0; i < ARRAY_SIZE(numbers); i++) {
        g_assert_cmpuint(guest_state(g, i + 1), ==,
                         numbers[i] == 127 ? STOP_SW : RUN);
    }
    g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, 1);
    g_assert_cmpuint(guest_log_entry(g, 0).cxt, ==, 127);
    g_assert_cmpuint(guest_state(g, 0), ==, RUN);
    g_assert_false(guest_admin(g, dsc_admin(D_STOP, 1, 0xffff, 0)));
    g_assert_false(guest_admin(g, dsc_sync(1, 1, 0xffff, 0)));
    for (unsigned i = 0; i < ARRAY_SIZE(numbers); i++) {
        g_assert_cmpuint(guest_state(g, i + 1), ==, STOP_SW);
    }
    guest_free(g);
}

static void test_start_doorbell(void)
{
    FakeHost *g = active();
    Dsc d = dsc_admin(D_START_NM, 1, 1, 0);
    Dsc nop = dsc_nop(0);

    guest_context(g, 1, 1, STOP_SW);
    guest_push(g, 1, &nop);
    guest_push(g, 1, &nop);
    d.dw[1] |= 1 << 14;
    d.dw[4] = 2;
    g_assert_false(guest_admin(g, d));
    g_assert_cmpuint(guest_read_index(g, 1), ==, 2);
    guest_free(g);
}

static void test_restore(void)
{
    static const unsigned states[] = { STOP_SW, STOPG_SW, STOP_FN, STOPG_FN,
                                       ERR_FN, RUN };
    FakeHost *g = active();

    for (unsigned i = 0; i < ARRAY_SIZE(states); i++) {
        guest_context(g, i + 1, i + 1, states[i]);
    }
    g_assert_false(guest_admin(g, dsc_admin(D_START_RS, 1, 6, 0)));
    for (unsigned i = 0; i < ARRAY_SIZE(states); i++) {
        g_assert_cmpuint(guest_state(g, i + 1), ==,
                         states[i] == STOP_FN ? RUN : states[i]);
    }
    guest_do(g, 3, 3, dsc_nop(0));
    g_assert_cmpuint(guest_read_index(g, 3), ==, 1);
    guest_free(g);
}

static void test_continue(void)
{
    FakeHost *g = active();

    guest_context(g, 1, 1, STOP_SW);
    guest_start(g, 1);
    for (unsigned i = 0; i < 3; i++) {
        guest_do(g, 1, 1, dsc_nop(0));
    }
    guest_admin(g, dsc_admin(D_STOP, 1, 1, 0));
    for (unsigned i = 0; i < 2; i++) {
        Dsc nop = dsc_nop(0);

        guest_push(g, 1, &nop);
    }
    guest_ring(g, 1, 5);
    guest_run(g);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 3);
    guest_start(g, 1);
    guest_ring(g, 1, 5);
    guest_run(g);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 5);
    guest_free(g);
}

/* Stop and start in one go: the start waits for the stop. */
static void test_stop_start(void)
{
    FakeHost *g = active();
    Dsc copy = dsc_copy(FAKE_SINK, FAKE_SINK, 8 << 20, 0, 0, G_CSB(1, 0));
    Dsc stop = dsc_admin(D_STOP, 1, 1, 0);

    guest_context(g, 1, 1, STOP_SW);
    guest_start(g, 1);
    guest_arm(g, 1, 0, 2);
    guest_push(g, 1, &copy);
    guest_push(g, 1, &copy);
    guest_ring(g, 1, 2);
    g_assert_true(guest_run_once(g, 1 << 20));
    guest_push(g, 0, &stop);
    g_assert_false(guest_admin(g, dsc_admin(D_START_NM, 1, 1, 0)));
    g_assert_cmpuint(guest_state(g, 1), ==, RUN);
    guest_ring(g, 1, 2);
    guest_run(g);
    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
    guest_free(g);
}

static void test_sync(void)
{
    FakeHost *g = active();

    guest_context(g, 1, 1, STOP_SW);
    guest_start(g, 1);
    for (unsigned filter = 0; filter <= 4; filter++) {
        g_assert_false(guest_admin(g, dsc_sync(filter, 0, 0xffff, 0)));
        g_assert_cmpuint(guest_state(g, 0), ==, RUN);
    }
    g_assert_true(guest_admin(g, dsc_sync(5, 0, 0xffff, 0)));
    g_assert_cmpuint(guest_state(g, 0), ==, ERR_FN);
    guest_free(g);
}

static void test_updates(void)
{
    static const uint32_t ops[] = { D_FN_UPD, D_CXT_UPD, D_AKEY_UPD,
                                    D_RKEY_UPD };
    FakeHost *g = active();

    guest_context(g, 1, 1, STOP_SW);
    guest_start(g, 1);
    for (unsigned i = 0; i < ARRAY_SIZE(ops); i++) {
        g_assert_false(guest_admin(g, dsc_admin(ops[i], 0, 0xffff, 0)));
        guest_do(g, 1, 1, dsc_nop(0));
        g_assert_cmpuint(guest_read_index(g, 1), ==, i + 1);
    }
    /* a virtual function that does not exist */
    g_assert_true(guest_admin(g, (Dsc) { { D_FN_UPD, 1 << 15 } }));
    guest_free(g);
}

/* What is of the function has no range of contexts: the bits are reserved. */
static void test_no_range(void)
{
    static const struct {
        uint32_t op;
        bool range;
    } ops[] = {
        { D_FN_UPD, false }, { D_RKEY_UPD, false },
        { D_CXT_UPD, true }, { D_AKEY_UPD, true }, { D_STOP, true },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(ops); i++) {
        FakeHost *g = active();

        g_assert_cmpint(guest_admin(g, dsc_admin(ops[i].op, 2, 1, 0)), ==,
                        ops[i].range);
        guest_free(g);
    }
}

/* Tables of a function are those of each context, whatever SYNC names. */
static void test_sync_function(void)
{
    FakeHost *g = copying();
    Dsc update = dsc_admin(D_FN_UPD, 0, 0, 0);
    Dsc sync = dsc_sync(4, 0, 0, G_CSB(0, 0));

    guest_push(g, 0, &update);
    guest_push(g, 0, &sync);
    guest_ring(g, 0, 3);
    while (guest_signal(g, 0, 0)) {
        guest_run_once(g, 1 << 18);
    }
    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
    guest_free(g);
}

/* New tables for a running context take effect with the update. */
static void test_update_context(void)
{
    FakeHost *g = active();

    guest_context(g, 1, 1, STOP_SW);
    guest_start(g, 1);
    guest_do(g, 1, 1, dsc_nop(0));
    memcpy(g->memory + G_CXT(2), g->memory + G_CXT(1), 0x40000);
    fake_st(g, G_CTL(1), (fake_ld(g, G_CTL(1)) & 0x3f) | G_RING(2));
    g_assert_false(guest_admin(g, dsc_admin(D_CXT_UPD, 1, 1, 0)));
    g_assert_false(guest_admin(g, dsc_sync(0, 1, 1, 0)));
    guest_do(g, 1, 1, dsc_nop(0));
    g_assert_cmpuint(g->memory[G_RING(2) + 64] & 1, ==, 0);
    g_assert_cmpuint(g->memory[G_RING(2) + 65], ==, 1);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 2);
    /* and taking them away ends it, without touching its memory */
    memset(g->memory + G_L1(0) + 32, 0, 32);
    g_assert_false(guest_admin(g, dsc_admin(D_CXT_UPD, 1, 1, 0)));
    memset(g->memory + G_CXT(1), 0xee, 0x40000);
    guest_ring(g, 1, 3);
    guest_run(g);
    for (unsigned i = 0; i < 0x40000; i++) {
        g_assert_cmphex(g->memory[G_CXT(1) + i], ==, 0xee);
    }
    g_assert_cmpuint(guest_log_entry(g, 0).step, ==, 3);
    g_assert_cmpuint(guest_log_entry(g, 0).re, ==, 1);
    guest_free(g);
}

static void test_akey_update(void)
{
    FakeHost *g = active();
    uint8_t *two = fake_host_memory(g, true, 2);

    guest_context(g, 1, 1, STOP_SW);
    guest_start(g, 1);
    memset(two + G_DATA, 0x22, 64);
    guest_do(g, 1, 1, dsc_copy(G_DATA, G_DATA + 64, 64, 0, 0, 0));
    g_assert_cmphex(g->memory[G_DATA + 64], ==, 0);
    guest_akey(g, 1, 0, 5 | UINT64_C(2) << 32, 0);
    g_assert_false(guest_admin(g, dsc_admin(D_AKEY_UPD, 1, 1, 0)));
    g_assert_false(guest_admin(g, dsc_sync(2, 1, 1, 0)));
    guest_do(g, 1, 1, dsc_copy(G_DATA, G_DATA + 64, 64, 0, 0, 0));
    g_assert_cmphex(two[G_DATA + 64], ==, 0x22);
    g_assert_cmphex(g->memory[G_DATA + 64], ==, 0);
    guest_free(g);
}

static void test_admin_interrupt(void)
{
    FakeHost *g = active();
    Dsc d = dsc_intr(4, 0);

    d.dw[0] = D_ADM_INTR;
    guest_akey(g, 0, 4, 3 | 6 << 4, 0);
    g_assert_false(guest_admin(g, d));
    g_assert_cmpuint(g->interrupts[6], ==, 1);
    guest_akey(g, 0, 4, 1 | 6 << 4, 0);
    g_assert_true(guest_admin(g, d));
    g_assert_cmpuint(g->interrupts[6], ==, 1);
    guest_free(g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/cxt-01/start", test_start);
    g_test_add_func("/sdxi/cxt-01/no-fence", test_start_no_fence);
    g_test_add_func("/sdxi/cxt-01/bad-range", test_start_bad_range);
    g_test_add_func("/sdxi/cxt-02/running", test_start_running);
    g_test_add_func("/sdxi/cxt-03/stop-sync", test_stop_sync);
    g_test_add_func("/sdxi/cxt-03/sync-others", test_sync_others);
    g_test_add_func("/sdxi/cxt-04/quiet", test_stopped_is_quiet);
    g_test_add_func("/sdxi/cxt-05/stop-self", test_stop_self);
    g_test_add_func("/sdxi/cxt-06/range", test_start_range);
    g_test_add_func("/sdxi/cxt-07/doorbell", test_start_doorbell);
    g_test_add_func("/sdxi/cxt-08/restore", test_restore);
    g_test_add_func("/sdxi/cxt-09/continue", test_continue);
    g_test_add_func("/sdxi/cxt-09/stop-start", test_stop_start);
    g_test_add_func("/sdxi/adm-01/sync", test_sync);
    g_test_add_func("/sdxi/adm-02/updates", test_updates);
    g_test_add_func("/sdxi/adm-02/no-range", test_no_range);
    g_test_add_func("/sdxi/adm-02/sync-function", test_sync_function);
    g_test_add_func("/sdxi/adm-02/context", test_update_context);
    g_test_add_func("/sdxi/adm-03/akey", test_akey_update);
    g_test_add_func("/sdxi/admin/interrupt", test_admin_interrupt);
    return g_test_run();
}
