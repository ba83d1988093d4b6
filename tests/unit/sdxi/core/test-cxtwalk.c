/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From number to context: every pointer, every refusal.
 */
#include "qemu/osdep.h"
#include "tests/unit/sdxi/fake-guest.h"

static void many(SdxiConfig *config)
{
    config->contexts = 1024;
}

static FakeHost *active(void)
{
    FakeHost *g = guest_new(many);

    guest_log(g);
    guest_activate(g);
    return g;
}

/* Start @cxt; the one log entry that results says @step, @sub, @re. */
static void refused(FakeHost *g, unsigned cxt, unsigned step, unsigned sub,
                    unsigned re)
{
    uint64_t n = guest_rd(g, R_ERR_WRT);
    LogEntry e;

    g_assert_true(guest_admin(g, dsc_admin(D_START_NM, cxt, cxt, 0)));
    g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, n + 1);
    e = guest_log_entry(g, n);
    g_assert(e.vl && e.cv && !e.div && !e.bv);
    g_assert_cmpuint(e.cxt, ==, cxt);
    g_assert_cmpuint(e.step, ==, step);
    g_assert_cmpuint(e.sub, ==, sub);
    g_assert_cmpuint(e.re, ==, re);
    guest_wr(g, R_ERR_RD, n + 1);
}

static void test_second_table(void)
{
    FakeHost *g = active();

    guest_context(g, 130, 1, STOP_SW);
    guest_start(g, 130);
    g_assert_cmpuint(guest_state(g, 1), ==, RUN);
    guest_do(g, 130, 1, dsc_nop(0));
    g_assert_cmpuint(guest_read_index(g, 1), ==, 1);
    guest_free(g);
}

/* The twin: the same entry in the first table is context 2, not 130. */
static void test_first_table(void)
{
    FakeHost *g = active();

    guest_context(g, 2, 1, STOP_SW);
    g_assert_false(guest_admin(g, dsc_admin(D_START_NM, 130, 130, 0)));
    g_assert_cmpuint(guest_state(g, 1), ==, STOP_SW);
    guest_free(g);
}

static void test_l2_absent(void)
{
    FakeHost *g = active();

    guest_context(g, 130, 1, RUN);
    fake_st(g, G_L2 + 8, G_L1(1));
    guest_ring(g, 130, 0);
    guest_run(g);
    g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, 1);
    g_assert_cmpuint(guest_log_entry(g, 0).step, ==, 2);
    g_assert_cmpuint(guest_log_entry(g, 0).re, ==, 0);
    guest_do(g, 0, 0, dsc_nop(0));
    g_assert_cmpuint(guest_read_index(g, 0), ==, 1);
    g_assert_cmpuint(guest_state(g, 0), ==, RUN);
    /* reserved bits are no better */
    fake_st(g, G_L2 + 8, G_L1(1) | 3);
    guest_ring(g, 130, 0);
    guest_run(g);
    g_assert_cmpuint(guest_log_entry(g, 1).step, ==, 2);
    guest_free(g);
}

static void test_l1_absent(void)
{
    FakeHost *g = active();

    guest_context(g, 1, 1, STOP_SW);
    fake_st(g, G_L1(0) + 32, G_CTL(1) | 2);
    g_assert_false(guest_admin(g, dsc_admin(D_START_NM, 1, 1, 0)));
    g_assert_cmpuint(guest_state(g, 1), ==, STOP_SW);
    g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, 0);
    guest_ring(g, 1, 0);
    guest_run(g);
    g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, 1);
    g_assert_cmpuint(guest_log_entry(g, 0).step, ==, 3);
    g_assert_cmpuint(guest_log_entry(g, 0).re, ==, 0);
    guest_free(g);
}

static void test_ctl_invalid(void)
{
    FakeHost *g = active();

    guest_context(g, 1, 1, STOP_SW);
    fake_st(g, G_CTL(1), fake_ld(g, G_CTL(1)) & ~UINT64_C(1));
    refused(g, 1, 4, 3, 1);
    g_assert_cmpuint(guest_state(g, 1), ==, STOP_SW);
    g_assert_cmpuint(guest_state(g, 0), ==, RUN);
    guest_free(g);
}

static void test_unreadable(void)
{
    FakeHost *g = active();

    guest_context(g, 1, 1, STOP_SW);
    fake_host_trap(g, G_L1(0) + 32, 32, FAKE_READ, SDXI_MEM_ACCESS, 0);
    refused(g, 1, 3, 2, 1);
    fake_host_no_traps(g);
    fake_host_trap(g, G_CTL(1), 64, FAKE_READ, SDXI_MEM_TRANSLATION, 0);
    refused(g, 1, 4, 1, 1);
    fake_host_no_traps(g);
    fake_host_trap(g, G_STS(1), 16, FAKE_READ, SDXI_MEM_ACCESS, 0);
    refused(g, 1, 5, 2, 1);
    fake_host_no_traps(g);
    fake_host_trap(g, G_STS(1), 16, FAKE_WRITE, SDXI_MEM_ACCESS, 0);
    refused(g, 1, 5, 2, 1);
    fake_host_no_traps(g);
    fake_st(g, G_STS(1), 3);
    refused(g, 1, 5, 3, 1);
    fake_st(g, G_STS(1), STOP_SW);
    guest_start(g, 1);
    guest_free(g);
}

/* Pointers to nowhere in each structure. */
static void test_nowhere(void)
{
    FakeHost *g = active();
    uint64_t nowhere = UINT64_C(0x5500000000);

    guest_context(g, 1, 1, STOP_SW);
    fake_st(g, G_L1(0) + 32, nowhere | 1);
    refused(g, 1, 4, 2, 1);
    guest_context(g, 1, 1, STOP_SW);
    fake_st(g, G_CTL(1) + 16, nowhere);
    refused(g, 1, 5, 2, 1);
    guest_context(g, 1, 1, STOP_SW);
    guest_set_ring(g, 1, UINT64_MAX & ~UINT64_C(0xfff), 1024);
    refused(g, 1, 4, 3, 1);
    guest_context(g, 1, 1, STOP_SW);
    fake_st(g, G_L2, nowhere | 1);
    refused(g, 1, 3, 2, 1);
    guest_free(g);
}

static void test_odd_ring(void)
{
    FakeHost *g = active();

    guest_context(g, 1, 1, STOP_SW);
    guest_set_ring(g, 1, G_RING(1), 1500);
    guest_start(g, 1);
    for (unsigned i = 0; i < 4000; i++) {
        guest_arm(g, 1, 0, 1);
        guest_do(g, 1, 1, dsc_nop(G_CSB(1, 0)));
        g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
    }
    g_assert_cmpuint(guest_read_index(g, 1), ==, 4000);
    g_assert_cmpuint(g->memory[G_RING(1) + 1500 * 64], ==, 0);
    guest_free(g);
}

static void test_small_ring(void)
{
    static const uint32_t sizes[] = { 0, 1, 512, 1023, 1 << 21, UINT32_MAX };
    FakeHost *g = active();

    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        guest_context(g, 1, 1, STOP_SW);
        guest_set_ring(g, 1, G_RING(1), sizes[i]);
        refused(g, 1, 4, 3, 1);
        g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
    }
    guest_set_ring(g, 1, G_RING(1), 1024);
    guest_start(g, 1);
    guest_free(g);
}

/* A bad context that software did not put into RUN is not marked either. */
static void test_small_ring_doorbell(void)
{
    FakeHost *g = active();

    guest_context(g, 1, 1, STOP_SW);
    guest_set_ring(g, 1, G_RING(1), 512);
    guest_ring(g, 1, 0);
    guest_run(g);
    g_assert_cmpuint(guest_state(g, 1), ==, STOP_SW);
    fake_st(g, G_STS(1), RUN);
    guest_ring(g, 1, 0);
    guest_run(g);
    g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
    guest_free(g);
}

static void also(FakeHost *g, uint64_t addr, uint64_t bits)
{
    fake_st(g, addr, fake_ld(g, addr) | bits);
}

/* Hints and reserved bits of a context and of its key, all of them. */
static void test_ignored(void)
{
    FakeHost *g = active();
    uint64_t l1 = G_L1(0) + 32;

    guest_context(g, 1, 1, STOP_SW);
    also(g, l1, 0x3a);                          /* ka */
    also(g, l1 + 8, 0xff0);
    also(g, l1 + 16, 0xff000000);
    also(g, l1 + 24, UINT64_MAX);
    also(g, G_CTL(1), 0x32);                    /* se, csa */
    also(g, G_CTL(1) + 8, UINT64_C(0xffffffff) << 32);
    also(g, G_CTL(1) + 16, 0xf);
    also(g, G_CTL(1) + 24, 7);
    memset(g->memory + G_CTL(1) + 32, 0xff, 32);
    /* ste, ph, stag */
    guest_akey(g, 1, 0, 9 | 1 << 15 | UINT64_C(0xfff) << 52,
               ~(UINT64_C(0xffff) << 32));
    guest_start(g, 1);
    guest_pattern(g, G_DATA, 64, 3);
    guest_do(g, 1, 1, dsc_copy(G_DATA, G_DATA + 64, 64, 0, 0, 0));
    g_assert_cmpmem(g->memory + G_DATA, 64, g->memory + G_DATA + 64, 64);
    g_assert_cmpuint(guest_state(g, 1), ==, RUN);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 1);
    guest_free(g);
}

static void test_reuse(void)
{
    FakeHost *g = active();

    guest_context(g, 1, 1, STOP_SW);
    guest_start(g, 1);
    guest_do(g, 1, 1, dsc_nop(0));
    guest_admin(g, dsc_admin(D_STOP, 1, 1, 0));
    guest_context(g, 1, 2, STOP_SW);
    memset(g->memory + G_CXT(1), 0xee, 0x40000);
    guest_start(g, 1);
    guest_do(g, 1, 2, dsc_nop(0));
    g_assert_cmpuint(guest_read_index(g, 2), ==, 1);
    for (unsigned i = 0; i < 0x40000; i++) {
        g_assert_cmphex(g->memory[G_CXT(1) + i], ==, 0xee);
    }
    guest_free(g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/tbl-01/second-table", test_second_table);
    g_test_add_func("/sdxi/tbl-01/first-table", test_first_table);
    g_test_add_func("/sdxi/tbl-02/l2-absent", test_l2_absent);
    g_test_add_func("/sdxi/tbl-03/l1-absent", test_l1_absent);
    g_test_add_func("/sdxi/tbl-04/ctl-invalid", test_ctl_invalid);
    g_test_add_func("/sdxi/tbl-05/odd-ring", test_odd_ring);
    g_test_add_func("/sdxi/tbl-06/small-ring", test_small_ring);
    g_test_add_func("/sdxi/tbl-06/doorbell", test_small_ring_doorbell);
    g_test_add_func("/sdxi/tbl-07/reuse", test_reuse);
    g_test_add_func("/sdxi/cxtwalk/ignored", test_ignored);
    g_test_add_func("/sdxi/cxtwalk/unreadable", test_unreadable);
    g_test_add_func("/sdxi/cxtwalk/nowhere", test_nowhere);
    return g_test_run();
}
