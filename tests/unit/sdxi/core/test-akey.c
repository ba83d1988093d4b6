/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AKeys: local copies in whatever space, and every refusal.
 */
#include "qemu/osdep.h"
#include "tests/unit/sdxi/fake-guest.h"

static FakeHost *active(void)
{
    FakeHost *g = guest_active();

    guest_pattern(g, G_DATA, 4096, 6);
    return g;
}

static void copies(FakeHost *g, unsigned akey0, unsigned akey1)
{
    memset(g->memory + G_DATA + 8192, 0, 100);
    guest_do(g, 1, 1, dsc_copy(G_DATA, G_DATA + 8192, 100, akey0, akey1, 0));
    g_assert_cmpmem(g->memory + G_DATA, 100, g->memory + G_DATA + 8192, 100);
    g_assert_cmpuint(guest_state(g, 1), ==, RUN);
}

/* The copy fails at AKey step @step, operand @operand; restart. */
static void fails(FakeHost *g, unsigned akey0, unsigned akey1, unsigned sub,
                  unsigned operand)
{
    uint64_t n = guest_rd(g, R_ERR_WRT);
    LogEntry e;

    memset(g->memory + G_DATA + 8192, 0, 100);
    guest_do(g, 1, 1, dsc_copy(G_DATA, G_DATA + 8192, 100, akey0, akey1, 0));
    g_assert_cmpuint(g->memory[G_DATA + 8192 + 1], ==, 0);
    e = guest_log_entry(g, n);
    g_assert_true(e.vl && e.bv && e.div);
    g_assert_cmpuint(e.step, ==, 11);
    g_assert_cmpuint(e.sub, ==, sub);
    g_assert_cmpuint(e.buf, ==, operand);
    g_assert_cmpuint(e.re, ==, 1);
    g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
    guest_start(g, 1);
}

static void test_valid_only(void)
{
    FakeHost *g = active();

    copies(g, 0, 0);
    guest_free(g);
}

static void test_interrupt_key(void)
{
    FakeHost *g = active();

    guest_akey(g, 1, 3, 0x53, 0);
    copies(g, 3, 0);
    copies(g, 0, 3);
    copies(g, 3, 3);
    guest_free(g);
}

static void test_refused(void)
{
    FakeHost *g = active();

    fails(g, 1, 0, 3, 0);
    fails(g, 0, 1, 3, 1);
    fails(g, 256, 0, 3, 0);
    fails(g, 0, 65535, 3, 1);
    fake_host_trap(g, G_AKEYS(1) + 32, 16, FAKE_READ, SDXI_MEM_ACCESS, 0);
    fails(g, 2, 0, 2, 0);
    fake_host_no_traps(g);
    fake_host_trap(g, G_AKEYS(1) + 32, 16, FAKE_READ, SDXI_MEM_TRANSLATION,
                   0);
    fails(g, 0, 2, 1, 1);
    fake_host_no_traps(g);
    copies(g, 0, 0);
    guest_free(g);
}

/* The table ends where L1 says, and where CTL2 says. */
static void test_table_size(void)
{
    FakeHost *g = active();

    guest_akey(g, 1, 256, 1, 0);
    fails(g, 256, 0, 3, 0);
    guest_admin(g, dsc_admin(D_STOP, 1, 1, 0));
    fake_st(g, G_L1(0) + 32 + 8, G_AKEYS(1) | 1);
    guest_start(g, 1);
    copies(g, 256, 0);
    guest_request(g, GSR_STOP_SF);
    guest_run(g);
    guest_wr(g, R_CTL2, guest_rd(g, R_CTL2) & ~UINT64_C(0xf000));
    guest_request(g, GSR_ACTIVE);
    guest_run(g);
    fake_st(g, G_STS(0), RUN);
    guest_ring(g, 0, 0);
    guest_start(g, 1);
    fails(g, 256, 0, 3, 0);
    guest_free(g);
}

/* The table is in the last page: what follows is not the first one. */
static void test_table_wraps(void)
{
    FakeHost *g = active();

    guest_admin(g, dsc_admin(D_STOP, 1, 1, 0));
    fake_st(g, G_L1(0) + 32 + 8, (UINT64_MAX & ~UINT64_C(0xfff)) | 1);
    guest_start(g, 1);
    fails(g, 256, 0, 2, 0);
    guest_free(g);
}

static void test_own_handle(void)
{
    FakeHost *g = active();

    guest_akey(g, 1, 1, 1 | 1 << 16, 0);
    copies(g, 1, 1);
    guest_akey(g, 1, 1, 1 | 2 << 16, 0);
    guest_do(g, 1, 1, dsc_copy(G_DATA, G_DATA + 8192, 100, 1, 0, 0));
    g_assert_cmpuint(guest_log_entry(g, 0).step, ==, 12);
    guest_free(g);
}

/* Which PASID applies: the key's, else the context's, else none. */
static void test_pasid(void)
{
    FakeHost *g = active();
    uint8_t *two = fake_host_memory(g, true, 2);
    uint8_t *three = fake_host_memory(g, true, 3);

    guest_akey(g, 1, 1, 5 | UINT64_C(2) << 32, 0);
    memset(two + 0x1000, 0x22, 64);
    memset(three + 0x1000, 0x33, 64);
    guest_do(g, 1, 1, dsc_copy(0x1000, G_DATA, 64, 1, 0, 0));
    g_assert_cmphex(g->memory[G_DATA + 63], ==, 0x22);
    guest_do(g, 1, 1, dsc_copy(G_DATA + 64, 0x2000, 64, 0, 1, 0));
    g_assert_cmpmem(two + 0x2000, 64, g->memory + G_DATA + 64, 64);
    guest_admin(g, dsc_admin(D_STOP, 1, 1, 0));
    guest_run(g);
    /* now the context itself lives in PASID 3 */
    fake_st(g, G_L1(0) + 32, G_CTL(1) | 5);
    fake_st(g, G_L1(0) + 32 + 16, fake_ld(g, G_L1(0) + 32 + 16) | 3);
    memcpy(three + G_CXT(1), g->memory + G_CXT(1), 0x40000);
    guest_start(g, 1);
    g_assert_cmpuint(three[G_STS(1)], ==, RUN);
    g_assert_cmpuint(guest_state(g, 1), ==, STOP_SW);
    {
        Dsc d = dsc_copy(0x1000, 0x1800, 64, 1, 0, G_CSB(1, 0));

        memcpy(three + G_RING(1) + 2 * 64, &d, 64);
        stq_le_p(three + G_WIDX(1), 3);
    }
    guest_ring(g, 1, 3);
    guest_run(g);
    g_assert_cmphex(three[0x1800], ==, 0x22);
    g_assert_cmphex(ldq_le_p(three + G_CSB(1, 0)), ==, UINT64_MAX);
    guest_free(g);
}

/* The function's own structures in a PASID. */
static void test_function_pasid(void)
{
    FakeHost *g = guest_new(NULL);
    uint8_t *one = fake_host_memory(g, true, 1);

    guest_context(g, 0, 0, RUN);
    guest_push(g, 0, &(Dsc) { { D_NOP, [14] = 1 } });
    memcpy(one, g->memory, FAKE_MEMORY / 8);
    memset(g->memory, 0, FAKE_MEMORY / 8);
    guest_wr(g, R_CTL0, 1 << 2 | 1 << 8);
    guest_wr(g, R_CXT_L2, G_L2);
    guest_request(g, GSR_ACTIVE);
    guest_run(g);
    guest_ring(g, 0, 1);
    guest_run(g);
    g_assert_cmpuint(ldq_le_p(one + G_STS(0) + 8), ==, 1);
    guest_free(g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/key-01/valid-only", test_valid_only);
    g_test_add_func("/sdxi/key-02/interrupt-key", test_interrupt_key);
    g_test_add_func("/sdxi/key-03/refused", test_refused);
    g_test_add_func("/sdxi/key-03/table-size", test_table_size);
    g_test_add_func("/sdxi/key-03/table-wraps", test_table_wraps);
    g_test_add_func("/sdxi/key-04/own-handle", test_own_handle);
    g_test_add_func("/sdxi/akey/pasid", test_pasid);
    g_test_add_func("/sdxi/akey/function-pasid", test_function_pasid);
    return g_test_run();
}
