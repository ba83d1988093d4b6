/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NOP, COPY, REPCOPY, WRT_IMM: every byte, and none beside.
 */
#include "qemu/osdep.h"
#include "tests/unit/sdxi/fake-guest.h"

static FakeHost *active(void)
{
    FakeHost *g = guest_active();

    guest_arm(g, 1, 0, 1);
    return g;
}

static void completed(FakeHost *g)
{
    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
    g_assert_false(guest_er(g, 1, 0));
    g_assert_cmpuint(guest_state(g, 1), ==, RUN);
    guest_arm(g, 1, 0, 1);
}

static void failed(FakeHost *g, unsigned step, unsigned sub)
{
    uint64_t n = guest_rd(g, R_ERR_WRT);

    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
    g_assert_true(guest_er(g, 1, 0));
    g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
    g_assert_cmpuint(guest_log_entry(g, n - 1).step, ==, step);
    g_assert_cmpuint(guest_log_entry(g, n - 1).sub, ==, sub);
    guest_arm(g, 1, 0, 1);
    guest_start(g, 1);
}

static void test_nop(void)
{
    FakeHost *g = active();

    guest_do(g, 1, 1, dsc_nop(G_CSB(1, 0)));
    completed(g);
    guest_free(g);
}

static void copy_exact(FakeHost *g, unsigned bytes, unsigned src_off,
                       unsigned dst_off)
{
    uint64_t src = G_DATA + src_off, dst = G_DATA + 0x100000 + dst_off;
    g_autofree uint8_t *want = NULL;

    guest_pattern(g, G_DATA, 0x200000, bytes);
    want = g_memdup2(g->memory + G_DATA, 0x200000);
    memcpy(want + 0x100000 + dst_off, want + src_off, bytes);
    guest_do(g, 1, 1, dsc_copy(src, dst, bytes, 0, 0, G_CSB(1, 0)));
    completed(g);
    g_assert_cmpmem(want, 0x200000, g->memory + G_DATA, 0x200000);
}

static void test_copy(void)
{
    FakeHost *g = active();

    copy_exact(g, 1, 3, 5);
    copy_exact(g, 4096, 1, 7);
    copy_exact(g, 4096, 0, 0);
    copy_exact(g, 65537, 4095, 1);
    copy_exact(g, 0x80001, 13, 0x1001);
    guest_free(g);
}

static void test_copy_unreachable(void)
{
    FakeHost *g = active();
    uint64_t nowhere = UINT64_C(0x5500000000);

    guest_do(g, 1, 1, dsc_copy(nowhere, G_DATA, 64, 0, 0, G_CSB(1, 0)));
    failed(g, 10, 2);
    guest_do(g, 1, 1, dsc_copy(G_DATA, nowhere, 64, 0, 0, G_CSB(1, 0)));
    failed(g, 10, 2);
    guest_do(g, 1, 1, dsc_copy(UINT64_MAX, G_DATA, 64, 0, 0, G_CSB(1, 0)));
    failed(g, 10, 2);
    guest_do(g, 1, 1, dsc_copy(G_DATA, UINT64_MAX - 62, 64, 0, 0,
                               G_CSB(1, 0)));
    failed(g, 10, 2);
    fake_host_trap(g, G_DATA, 1, FAKE_READ, SDXI_MEM_TRANSLATION, 0);
    guest_do(g, 1, 1, dsc_copy(G_DATA, G_DATA + 64, 64, 0, 0, G_CSB(1, 0)));
    failed(g, 10, 1);
    guest_free(g);
}

static void test_size_zero(void)
{
    FakeHost *g = active();
    Dsc d = dsc_copy(G_DATA, G_DATA + 64, 1, 0, 0, G_CSB(1, 0));

    g_assert_cmpuint(d.dw[1], ==, 0);
    guest_pattern(g, G_DATA, 64, 3);
    memset(g->memory + G_DATA + 63, 0, 3);
    g->memory[G_DATA] = 0x77;
    guest_do(g, 1, 1, d);
    completed(g);
    g_assert_cmphex(g->memory[G_DATA + 63], ==, 0);
    g_assert_cmphex(g->memory[G_DATA + 64], ==, 0x77);
    g_assert_cmphex(g->memory[G_DATA + 65], ==, 0);
    guest_free(g);
}

/* The lowest of three limits counts. */
static void test_too_long(void)
{
    FakeHost *g = active();
    Dsc ok = dsc_copy(FAKE_SINK, FAKE_SINK, 2 << 20, 0, 0, G_CSB(1, 0));
    Dsc bad = dsc_copy(FAKE_SINK, FAKE_SINK, (2 << 20) + 1, 0, 0,
                       G_CSB(1, 0));

    guest_do(g, 1, 1, bad);
    completed(g);
    guest_admin(g, dsc_admin(D_STOP, 1, 1, 0));
    fake_st(g, G_L1(0) + 32 + 16, UINT64_C(0xffffffff) << 32);
    guest_start(g, 1);
    guest_do(g, 1, 1, ok);
    completed(g);
    guest_do(g, 1, 1, bad);
    failed(g, 7, 3);
    /* now L1 allows it and CTL2 does not */
    fake_st(g, G_L1(0) + 32 + 16,
            UINT64_C(11) << 20 | UINT64_C(0xffffffff) << 32);
    guest_request(g, GSR_STOP_SF);
    guest_run(g);
    guest_wr(g, R_CTL2, guest_rd(g, R_CTL2) & ~UINT64_C(15));
    fake_st(g, G_STS(0), RUN);
    guest_request(g, GSR_ACTIVE);
    guest_run(g);
    guest_ring(g, 0, 0);
    guest_run(g);
    guest_start(g, 1);
    guest_do(g, 1, 1, ok);
    completed(g);
    guest_do(g, 1, 1, bad);
    failed(g, 7, 3);
    guest_free(g);
}

static void test_immediate(void)
{
    FakeHost *g = active();
    uint8_t data[32];

    for (unsigned i = 0; i < 32; i++) {
        data[i] = 0xa0 + i;
    }
    for (unsigned bytes = 1; bytes <= 32; bytes++) {
        memset(g->memory + G_DATA, 0x11, 64);
        guest_do(g, 1, 1, dsc_imm(G_DATA + 7, data, bytes, G_CSB(1, 0)));
        completed(g);
        g_assert_cmpmem(g->memory + G_DATA + 7, bytes, data, bytes);
        g_assert_cmphex(g->memory[G_DATA + 6], ==, 0x11);
        g_assert_cmphex(g->memory[G_DATA + 7 + bytes], ==, 0x11);
    }
    guest_do(g, 1, 1, dsc_imm(G_DATA, data, 33, G_CSB(1, 0)));
    failed(g, 7, 3);
    guest_do(g, 1, 1, dsc_imm(UINT64_MAX - 3, data, 8, G_CSB(1, 0)));
    failed(g, 10, 2);
    guest_free(g);
}

static void one_write(FakeHost *g, void *opaque, FakeKind kind,
                      uint64_t addr, uint32_t len)
{
    unsigned *seen = opaque;

    if (kind == FAKE_WRITE && addr == G_DATA) {
        *seen = len;
    }
}

/* Aligned powers of two reach memory as one access. */
static void test_immediate_atomic(void)
{
    FakeHost *g = active();
    uint8_t data[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    unsigned seen = 0;

    g->meddle = one_write;
    g->meddle_opaque = &seen;
    for (unsigned bytes = 1; bytes <= 8; bytes *= 2) {
        guest_do(g, 1, 1, dsc_imm(G_DATA, data, bytes, 0));
        g_assert_cmpuint(seen, ==, bytes);
    }
    guest_free(g);
}

static void test_repeat(void)
{
    static const unsigned sizes[] = { 4096, 8192, 0x40000, 0x41000,
                                      0x90000 };
    FakeHost *g = active();

    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        uint64_t dst = G_DATA + 0x10003;

        memset(g->memory + dst - 1, 0x66, sizes[i] + 2);
        guest_pattern(g, G_DATA + 1, 4096, i);
        guest_do(g, 1, 1, dsc_repcopy(G_DATA + 1, dst, sizes[i],
                                      G_CSB(1, 0)));
        completed(g);
        for (unsigned at = 0; at < sizes[i]; at += 4096) {
            g_assert_cmpmem(g->memory + dst + at, 4096,
                            g->memory + G_DATA + 1, 4096);
        }
        g_assert_cmphex(g->memory[dst - 1], ==, 0x66);
        g_assert_cmphex(g->memory[dst + sizes[i]], ==, 0x66);
    }
    guest_free(g);
}

static void test_repeat_refused(void)
{
    FakeHost *g = active();

    guest_do(g, 1, 1, dsc_repcopy(G_DATA, G_DATA + 8192, 4095, G_CSB(1, 0)));
    failed(g, 7, 3);
    guest_do(g, 1, 1, dsc_repcopy(G_DATA, G_DATA + 8192, 1, G_CSB(1, 0)));
    failed(g, 7, 3);
    guest_do(g, 1, 1, dsc_repcopy(G_DATA, G_DATA + 8192, 6000,
                                  G_CSB(1, 0)));
    failed(g, 7, 3);
    guest_do(g, 1, 1, dsc_repcopy(FAKE_MEMORY, G_DATA, 4096, G_CSB(1, 0)));
    failed(g, 10, 2);
    guest_do(g, 1, 1, dsc_repcopy(G_DATA, FAKE_MEMORY - 4096, 8192,
                                  G_CSB(1, 0)));
    failed(g, 10, 2);
    guest_free(g);
}

/* A chain of copies, each reading what the one before wrote. */
static void test_fence(void)
{
    FakeHost *g = active();

    guest_pattern(g, G_DATA, 4096, 5);
    for (unsigned i = 0; i < 50; i++) {
        Dsc d = dsc_copy(G_DATA + i * 4096, G_DATA + (i + 1) * 4096, 4096, 0,
                         0, 0);

        d.dw[0] |= D_FE;
        guest_push(g, 1, &d);
    }
    guest_ring(g, 1, 50);
    guest_run(g);
    g_assert_cmpmem(g->memory + G_DATA, 4096,
                    g->memory + G_DATA + 50 * 4096, 4096);
    guest_free(g);
}

/* Overlap is not promised anything but that nothing else is touched. */
static void test_overlap(void)
{
    FakeHost *g = active();

    memset(g->memory + G_DATA, 0x11, 0x4000);
    guest_do(g, 1, 1, dsc_copy(G_DATA + 0x1000, G_DATA + 0x1800, 0x1000, 0,
                               0, G_CSB(1, 0)));
    completed(g);
    for (unsigned i = 0; i < 0x4000; i++) {
        g_assert_cmphex(g->memory[G_DATA + i], ==, 0x11);
    }
    /* onto its own ring and its own completion block */
    guest_do(g, 1, 1, dsc_copy(G_DATA, G_RING(1), 4096, 0, 0, G_CSB(1, 0)));
    guest_run(g);
    guest_free(g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/dma-01/nop", test_nop);
    g_test_add_func("/sdxi/dma-02/copy", test_copy);
    g_test_add_func("/sdxi/dma-02/unreachable", test_copy_unreachable);
    g_test_add_func("/sdxi/dma-03/size-zero", test_size_zero);
    g_test_add_func("/sdxi/dma-04/too-long", test_too_long);
    g_test_add_func("/sdxi/dma-05/immediate", test_immediate);
    g_test_add_func("/sdxi/dma-05/one-access", test_immediate_atomic);
    g_test_add_func("/sdxi/dma-06/repeat", test_repeat);
    g_test_add_func("/sdxi/dma-07/refused", test_repeat_refused);
    g_test_add_func("/sdxi/dma-10/fence", test_fence);
    g_test_add_func("/sdxi/base/overlap", test_overlap);
    return g_test_run();
}
