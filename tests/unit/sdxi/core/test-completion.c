/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Completion blocks: the value, the bytes around it, and the order.
 */
#include "qemu/osdep.h"
#include "tests/unit/sdxi/fake-guest.h"

static void test_by_one(void)
{
    static const uint64_t from[] = { 1, 0xff, 0, UINT64_C(1) << 32 };
    FakeHost *g = guest_active();

    for (unsigned i = 0; i < ARRAY_SIZE(from); i++) {
        guest_arm(g, 1, 0, from[i]);
        guest_do(g, 1, 1, dsc_nop(G_CSB(1, 0)));
        g_assert_cmphex(guest_signal(g, 1, 0), ==, from[i] - 1);
        g_assert_false(guest_er(g, 1, 0));
    }
    guest_free(g);
}

static void test_shared(void)
{
    FakeHost *g = guest_active();

    guest_arm(g, 1, 0, 100);
    for (unsigned i = 0; i < 40; i++) {
        Dsc d = i % 2 ? dsc_nop(G_CSB(1, 0))
                      : dsc_copy(G_DATA, G_DATA + 64, 64, 0, 0, G_CSB(1, 0));

        guest_push(g, 1, &d);
    }
    guest_ring(g, 1, 40);
    guest_run(g);
    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 60);
    guest_free(g);
}

/* The pointer of a descriptor that has none points at a trap. */
static void test_none(void)
{
    FakeHost *g = guest_active();
    Dsc d = dsc_nop(G_CSB(1, 0));

    guest_arm(g, 1, 0, 5);
    d.dw[14] |= 1;
    fake_host_trap(g, G_CSB(1, 0), 32, FAKE_READ | FAKE_WRITE,
                   SDXI_MEM_ACCESS, 0);
    guest_do(g, 1, 1, d);
    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 5);
    g_assert_cmpuint(guest_state(g, 1), ==, RUN);
    guest_free(g);
}

/* Address 0 is an address: np alone says that there is none. */
static void test_address_zero(void)
{
    FakeHost *g = guest_active();
    Dsc d = dsc_nop(0);

    d.dw[14] = 0;
    fake_st(g, 0, 9);
    guest_do(g, 1, 1, d);
    g_assert_cmpuint(fake_ld(g, 0), ==, 8);
    guest_free(g);
}

static void test_other_bytes(void)
{
    FakeHost *g = guest_active();

    memset(g->memory + G_CSB(1, 0), 0x5a, 32);
    fake_st(g, G_CSB(1, 0), 1);
    guest_do(g, 1, 1, dsc_nop(G_CSB(1, 0)));
    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
    for (unsigned i = 8; i < 32; i++) {
        g_assert_cmphex(g->memory[G_CSB(1, 0) + i], ==, 0x5a);
    }
    guest_free(g);
}

/* On failure one bit more. */
static void test_error_bytes(void)
{
    FakeHost *g = guest_active();

    memset(g->memory + G_CSB(1, 0), 0x5a, 32);
    fake_st(g, G_CSB(1, 0), 1);
    guest_do(g, 1, 1, dsc_copy(UINT64_C(0x5500000000), G_DATA, 8, 0, 0,
                               G_CSB(1, 0)));
    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
    for (unsigned i = 8; i < 32; i++) {
        g_assert_cmphex(g->memory[G_CSB(1, 0) + i], ==,
                        i == 11 ? 0xda : 0x5a);
    }
    guest_free(g);
}

/* When the signal is about to change, all else is in memory. */
static void order(FakeHost *g, void *opaque, FakeKind kind, uint64_t addr,
                  uint32_t len)
{
    unsigned *seen = opaque;

    if (kind == FAKE_WRITE && addr == G_CSB(1, 0) && len == 8) {
        g_assert_cmpmem(g->memory + G_DATA, 256, g->memory + G_DATA + 4096,
                        256);
        g_assert_cmpuint(guest_read_index(g, 1), ==, 1);
        g_assert_cmpuint(g->memory[G_RING(1)] & 1, ==, 0);
        ++*seen;
    }
}

static void test_visible(void)
{
    FakeHost *g = guest_active();
    unsigned seen = 0;

    guest_pattern(g, G_DATA, 256, 4);
    guest_arm(g, 1, 0, 1);
    g->meddle = order;
    g->meddle_opaque = &seen;
    guest_do(g, 1, 1, dsc_copy(G_DATA, G_DATA + 4096, 256, 0, 0,
                               G_CSB(1, 0)));
    g_assert_cmpuint(seen, ==, 1);
    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
    guest_free(g);
}

static void er_first(FakeHost *g, void *opaque, FakeKind kind, uint64_t addr,
                     uint32_t len)
{
    if (kind == FAKE_WRITE && addr == G_CSB(1, 0) && len == 8) {
        g_assert_true(guest_er(g, 1, 0));
    }
}

static void test_er_before_signal(void)
{
    FakeHost *g = guest_active();

    guest_arm(g, 1, 0, 1);
    g->meddle = er_first;
    guest_do(g, 1, 1, dsc_copy(UINT64_C(0x5500000000), G_DATA, 8, 0, 0,
                               G_CSB(1, 0)));
    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
    guest_free(g);
}

static void test_unreachable(void)
{
    FakeHost *g = guest_active();
    LogEntry e;

    guest_do(g, 1, 1, dsc_nop(UINT64_C(0x5500000000)));
    e = guest_log_entry(g, 0);
    g_assert_cmpuint(e.step, ==, 8);
    g_assert_cmpuint(e.sub, ==, 2);
    g_assert_cmpuint(e.re, ==, 1);
    g_assert_true(e.div && !e.bv);
    g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
    guest_free(g);
}

/* Two things go wrong: the first is told. */
static void test_unreachable_and_failed(void)
{
    FakeHost *g = guest_active();

    guest_do(g, 1, 1, dsc_copy(UINT64_C(0x5500000000), G_DATA, 8, 0, 0,
                               UINT64_C(0x5500000000)));
    g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, 1);
    g_assert_cmpuint(guest_log_entry(g, 0).step, ==, 10);
    guest_free(g);
}

static void test_again(void)
{
    FakeHost *g = guest_active();

    guest_arm(g, 1, 0, 1);
    fake_host_trap(g, G_CSB(1, 0), 8, FAKE_WRITE, SDXI_MEM_AGAIN, 2);
    guest_do(g, 1, 1, dsc_nop(G_CSB(1, 0)));
    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 1);
    guest_run(g);
    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 1);
    guest_run(g);
    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
    g_assert_cmpuint(guest_state(g, 1), ==, RUN);
    guest_free(g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/cmp-01/by-one", test_by_one);
    g_test_add_func("/sdxi/cmp-02/shared", test_shared);
    g_test_add_func("/sdxi/cmp-03/none", test_none);
    g_test_add_func("/sdxi/cmp-03/address-zero", test_address_zero);
    g_test_add_func("/sdxi/cmp-04/other-bytes", test_other_bytes);
    g_test_add_func("/sdxi/cmp-04/error-bytes", test_error_bytes);
    g_test_add_func("/sdxi/cmp-05/visible", test_visible);
    g_test_add_func("/sdxi/cmp-05/er-before-signal", test_er_before_signal);
    g_test_add_func("/sdxi/completion/unreachable", test_unreachable);
    g_test_add_func("/sdxi/completion/first-fault",
                    test_unreachable_and_failed);
    g_test_add_func("/sdxi/completion/again", test_again);
    return g_test_run();
}
