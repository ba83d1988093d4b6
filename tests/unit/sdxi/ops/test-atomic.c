/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Atomics: results against plain C, widths, return data, refusals.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/descriptor.h"
#include "tests/unit/sdxi/fake-guest.h"

static void on(SdxiConfig *config)
{
    config->groups |= 8;
}

static void on_minimal(SdxiConfig *config)
{
    config->groups |= 0x20;
}

static FakeHost *active(void (*change)(SdxiConfig *config))
{
    FakeHost *g = guest_new(change);

    guest_log(g);
    guest_activate(g);
    guest_context(g, 1, 1, STOP_SW);
    guest_start(g, 1);
    return g;
}

static Dsc dsc_atomic(unsigned sub, bool wide, bool ret, uint64_t addr,
                      uint64_t ret_addr, uint64_t a, uint64_t b)
{
    Dsc d = { { 0x00030001 | sub << 8, wide | ret << 1, 0, 0, addr,
                addr >> 32, ret_addr, ret_addr >> 32, a, a >> 32, b,
                b >> 32, [14] = 1 } };

    return d;
}

/* In plain C, for operands of either width */
#define WANT(bits)                                                          \
static uint##bits##_t want##bits(unsigned sub, uint##bits##_t old,          \
                                 uint##bits##_t a, uint##bits##_t b)        \
{                                                                           \
    int##bits##_t sold = old, sa = a;                                       \
                                                                            \
    switch (sub) {                                                          \
    case 0x1:                                                               \
        return a;                                                           \
    case 0x2:                                                               \
        return old + a;                                                     \
    case 0x3:                                                               \
        return old - a;                                                     \
    case 0x5:                                                               \
        return old & a;                                                     \
    case 0x6:                                                               \
        return old | a;                                                     \
    case 0x7:                                                               \
        return old ^ a;                                                     \
    case 0x8:                                                               \
        return sold < sa ? old : a;                                         \
    case 0x9:                                                               \
        return sold > sa ? old : a;                                         \
    case 0xa:                                                               \
        return old < a ? old : a;                                           \
    case 0xb:                                                               \
        return old > a ? old : a;                                           \
    case 0xc:                                                               \
        return old >= a ? a : old + 1;                                      \
    case 0xd:                                                               \
        return old <= a ? a : old - 1;                                      \
    default:                                                                \
        return old == b ? a : old;                                          \
    }                                                                       \
}

WANT(32)
WANT(64)

static const uint64_t values[] = {
    0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
    0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff,
    0x123456789abcdef0,
};

static void try(FakeHost *g, unsigned sub, uint64_t old, uint64_t a,
                uint64_t b)
{
    fake_st(g, G_DATA, old);
    fake_st(g, G_DATA + 64, 0x5555555555555555);
    guest_do(g, 1, 1, dsc_atomic(sub, true, true, G_DATA, G_DATA + 64, a,
                                 b));
    g_assert_cmphex(fake_ld(g, G_DATA), ==, want64(sub, old, a, b));
    g_assert_cmphex(fake_ld(g, G_DATA + 64), ==, old);
    fake_st(g, G_DATA, old);
    fake_st(g, G_DATA + 64, 0x5555555555555555);
    guest_do(g, 1, 1, dsc_atomic(sub, false, true, G_DATA, G_DATA + 64, a,
                                 b));
    g_assert_cmphex(fake_ld(g, G_DATA), ==,
                    (old & 0xffffffff00000000) |
                    want32(sub, old, a, b));
    g_assert_cmphex(fake_ld(g, G_DATA + 64), ==,
                    0x5555555500000000 | (uint32_t)old);
}

static void test_results(void)
{
    FakeHost *g = active(on);

    for (unsigned sub = 1; sub <= 0xe; sub++) {
        for (unsigned i = 0; i < ARRAY_SIZE(values) && sub != 4; i++) {
            for (unsigned n = 0; n < ARRAY_SIZE(values); n++) {
                try(g, sub, values[i], values[n], values[(i + n) % 10]);
                try(g, sub, values[i], values[n], values[i]);
            }
        }
    }
    g_assert_cmpuint(guest_state(g, 1), ==, RUN);
    guest_free(g);
}

static void test_return(void)
{
    FakeHost *g = active(on);

    fake_st(g, G_DATA, 5);
    fake_st(g, G_DATA + 64, 99);
    guest_do(g, 1, 1, dsc_atomic(2, true, false, G_DATA, G_DATA + 64, 1,
                                 0));
    g_assert_cmpuint(fake_ld(g, G_DATA), ==, 6);
    g_assert_cmpuint(fake_ld(g, G_DATA + 64), ==, 99);
    /* not now: stored later, and the addition is not repeated */
    fake_host_trap(g, G_DATA + 64, 8, FAKE_WRITE, SDXI_MEM_AGAIN, 1);
    guest_do(g, 1, 1, dsc_atomic(2, true, true, G_DATA, G_DATA + 64, 1, 0));
    g_assert_cmpuint(fake_ld(g, G_DATA), ==, 7);
    g_assert_cmpuint(fake_ld(g, G_DATA + 64), ==, 99);
    guest_run(g);
    g_assert_cmpuint(fake_ld(g, G_DATA), ==, 7);
    g_assert_cmpuint(fake_ld(g, G_DATA + 64), ==, 6);
    guest_free(g);
}

static void test_unreachable(void)
{
    FakeHost *g = active(on);

    guest_do(g, 1, 1, dsc_atomic(2, true, true, G_DATA,
                                 UINT64_C(0x5500000000), 1, 0));
    g_assert_cmpuint(guest_log_entry(g, 0).step, ==, 9);
    g_assert_cmpuint(guest_log_entry(g, 0).sub, ==, 2);
    guest_start(g, 1);
    guest_do(g, 1, 1, dsc_atomic(2, true, true, UINT64_C(0x5500000000),
                                 G_DATA, 1, 0));
    g_assert_cmpuint(guest_log_entry(g, 1).step, ==, 10);
    guest_start(g, 1);
    guest_do(g, 1, 1, dsc_atomic(2, true, true, G_DATA + 4, G_DATA, 1, 0));
    g_assert_cmpuint(guest_log_entry(g, 2).step, ==, 7);
    g_assert_cmpuint(guest_log_entry(g, 2).sub, ==, 3);
    guest_free(g);
}

/* Somebody else writes between our look and our swap, for a while. */
static void interfere(FakeHost *g, void *opaque, FakeKind kind,
                      uint64_t addr, uint32_t len)
{
    unsigned *times = opaque;

    if (addr == G_DATA && *times) {
        --*times;
        fake_st(g, G_DATA, fake_ld(g, G_DATA) + 100);
    }
}

static void test_contended(void)
{
    FakeHost *g = active(on);
    unsigned times = 150;

    fake_st(g, G_DATA, 7);
    g->meddle = interfere;
    g->meddle_opaque = &times;
    guest_do(g, 1, 1, dsc_atomic(2, true, false, G_DATA, 0, 1, 0));
    g_assert_cmpuint(times, ==, 0);
    g_assert_cmpuint(fake_ld(g, G_DATA), ==, 7 + 150 * 100 + 1);
    guest_free(g);
}

/* What never holds still is no memory that can be changed so. */
static void test_never_still(void)
{
    FakeHost *g = active(on);
    unsigned times = UINT_MAX;
    Dsc d = dsc_atomic(5, true, true, G_DATA, G_DATA + 64, 1, 0);

    d.dw[14] = G_CSB(1, 0);
    guest_arm(g, 1, 0, 1);
    g->meddle = interfere;
    g->meddle_opaque = &times;
    guest_do(g, 1, 1, d);
    g_assert_cmpuint(UINT_MAX - times, ==, 16 * 64);
    g_assert_cmpuint(guest_log_entry(g, 0).step, ==, 10);
    g_assert_cmpuint(guest_log_entry(g, 0).sub, ==, 2);
    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
    g_assert_true(guest_er(g, 1, 0));
    g_assert_cmpuint(fake_ld(g, G_DATA + 64), ==, 0);
    guest_free(g);
}

/*
 * A soft stop ends an atomic whose return data cannot be stored: the memory has
 * been changed, so it is not given back to the ring to be done again.
 */
static void test_once(void)
{
    for (unsigned by_function = 0; by_function < 2; by_function++) {
        FakeHost *g = active(on);
        Dsc d = dsc_atomic(2, true, true, G_DATA, G_DATA + 4096, 1, 0);
        Dsc stop = dsc_admin(D_STOP | D_FE, 1, 1, 0);
        LogEntry e;

        d.dw[14] = G_CSB(1, 0);
        guest_arm(g, 1, 0, 1);
        fake_st(g, G_DATA, 100);
        fake_host_trap(g, G_DATA + 4096, 8, FAKE_WRITE, SDXI_MEM_AGAIN, 0);
        guest_do(g, 1, 1, d);
        g_assert_cmpuint(fake_ld(g, G_DATA), ==, 101);
        if (by_function) {
            guest_request(g, GSR_STOP_SF);
        } else {
            guest_ring(g, 0, guest_push(g, 0, &stop) + 1);
        }
        guest_run_once(g, 1 << 20);
        g_assert_cmpuint(guest_signal(g, 1, 0), ==, 1);
        g->now_ns += 401 * 1000 * 1000;
        guest_run(g);
        g_assert_cmpuint(guest_gsv(g), ==, by_function ? GSV_STOP
                                                       : GSV_ACTIVE);
        e = guest_log_entry(g, 0);
        g_assert_cmpuint(e.step, ==, 9);
        g_assert_cmpuint(e.sub, ==, 1);
        g_assert_cmpuint(e.index, ==, 0);
        g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
        g_assert_cmpuint(guest_read_index(g, 1), ==, 1);
        g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
        g_assert_true(guest_er(g, 1, 0));
        g_assert_cmpuint(g->memory[G_RING(1)] & 1, ==, 0);
        fake_host_no_traps(g);
        if (by_function) {
            guest_request(g, GSR_ACTIVE);
            guest_run(g);
            fake_st(g, G_STS(0), RUN);
        }
        guest_start(g, 1);
        guest_run(g);
        g_assert_cmpuint(fake_ld(g, G_DATA), ==, 101);
        guest_free(g);
    }
}

/* Before the memory was changed it is given back like any other. */
static void test_not_begun(void)
{
    FakeHost *g = active(on);

    fake_st(g, G_DATA, 100);
    fake_host_trap(g, G_DATA, 8, FAKE_WRITE, SDXI_MEM_AGAIN, 0);
    guest_do(g, 1, 1, dsc_atomic(2, true, true, G_DATA, G_DATA + 64, 1, 0));
    guest_request(g, GSR_STOP_SF);
    guest_run_once(g, 1 << 20);
    g->now_ns += 401 * 1000 * 1000;
    guest_run(g);
    g_assert_cmpuint(guest_state(g, 1), ==, STOP_FN);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 0);
    g_assert_cmpuint(g->memory[G_RING(1)] & 1, ==, 1);
    g_assert_cmpuint(fake_ld(g, G_DATA), ==, 100);
    guest_free(g);
}

/* A target that is not aligned: refused, and not touched. */
static void test_misaligned(void)
{
    FakeHost *g = active(on);
    unsigned n = 0;

    fake_st(g, G_DATA, 5);
    fake_st(g, G_DATA + 8, 6);
    for (unsigned at = 1; at < 8; at++) {
        for (int wide = 0; wide < 2; wide++) {
            if (!wide && at == 4) {
                continue;
            }
            guest_do(g, 1, 1, dsc_atomic(2, wide, false, G_DATA + at, 0,
                                         1, 0));
            g_assert_cmpuint(guest_log_entry(g, n).step, ==, 7);
            g_assert_cmpuint(guest_log_entry(g, n++).sub, ==, 3);
            g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
            guest_start(g, 1);
        }
    }
    g_assert_cmpuint(fake_ld(g, G_DATA), ==, 5);
    g_assert_cmpuint(fake_ld(g, G_DATA + 8), ==, 6);
    guest_free(g);
}

/* The minimal group has what PCI Express has, and no more. */
static void test_minimal(void)
{
    FakeHost *g = active(on_minimal);
    unsigned n = 0;

    g_assert_cmphex(guest_rd(g, R_CAP1) >> 32, ==, 0x30);
    for (unsigned sub = 0; sub <= 0xf; sub++) {
        bool has = sub == 1 || sub == 2 || sub == 0xe;
        Dsc d = dsc_atomic(sub, true, true, G_DATA, G_DATA + 64, 9, 5);

        d.dw[0] ^= 0x00030000 ^ 0x00050000;
        fake_st(g, G_DATA, 5);
        fake_st(g, G_DATA + 64, 0);
        guest_do(g, 1, 1, d);
        g_assert_cmphex(fake_ld(g, G_DATA), ==,
                        has ? want64(sub, 5, 9, 5) : 5);
        g_assert_cmphex(fake_ld(g, G_DATA + 64), ==, has ? 5 : 0);
        if (!has) {
            g_assert_cmpuint(guest_log_entry(g, n++).step, ==, 7);
            guest_start(g, 1);
        }
    }
    /* the full group is another one */
    guest_do(g, 1, 1, dsc_atomic(2, true, true, G_DATA, G_DATA + 64, 9, 5));
    g_assert_cmpuint(guest_log_entry(g, n).step, ==, 7);
    g_assert_cmpuint(g->last_trace[SDXI_TRACE_REFUSED][2], ==,
                     SDXI_REFUSE_DISABLED);
    guest_free(g);
}

static void test_not_offered(void)
{
    FakeHost *g = active(NULL);

    fake_st(g, G_DATA, 5);
    guest_do(g, 1, 1, dsc_atomic(2, true, false, G_DATA, 0, 1, 0));
    g_assert_cmpuint(fake_ld(g, G_DATA), ==, 5);
    g_assert_cmpuint(guest_log_entry(g, 0).step, ==, 7);
    g_assert_cmpuint(guest_log_entry(g, 0).sub, ==, 3);
    g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
    g_assert_cmphex(guest_rd(g, R_CAP1) >> 32, ==, 0x10);
    guest_free(g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/atm-01/results", test_results);
    g_test_add_func("/sdxi/atm-01/misaligned", test_misaligned);
    g_test_add_func("/sdxi/atm-02/return", test_return);
    g_test_add_func("/sdxi/atm-02/unreachable", test_unreachable);
    g_test_add_func("/sdxi/atm-03/not-offered", test_not_offered);
    g_test_add_func("/sdxi/atm-04/minimal", test_minimal);
    g_test_add_func("/sdxi/atomic/never-still", test_never_still);
    g_test_add_func("/sdxi/atomic/once", test_once);
    g_test_add_func("/sdxi/atomic/not-begun", test_not_begun);
    g_test_add_func("/sdxi/atomic/contended", test_contended);
    return g_test_run();
}
