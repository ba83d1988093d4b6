/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What Linux does, step by step: the sequences of its driver in the two
 * generations that matter, from probe to remove.
 */
#include "qemu/osdep.h"
#include "tests/unit/sdxi/fake-guest.h"

/* Stop as v3 does: what it writes depends on what it reads. */
static void v3_stop(FakeHost *g)
{
    static const int write[] = {
        [GSV_STOP] = GSR_RESET, [GSV_INIT] = GSR_STOP_SF,
        [GSV_ACTIVE] = GSR_STOP_SF, [GSV_STOPG_SF] = GSR_STOP_HD,
        [GSV_STOPG_HD] = -1, [GSV_ERROR] = -1,
    };
    unsigned gsv = guest_gsv(g);

    if (write[gsv] >= 0) {
        guest_request(g, write[gsv]);
    }
    guest_run(g);
    if (guest_gsv(g) == GSV_ERROR) {
        guest_request(g, GSR_RESET);
        guest_run(g);
    }
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
}

/* 16 interrupt vectors, 128 contexts: 14.1, steps 2 to 15 */
static void v3_probe(FakeHost *g)
{
    uint64_t cap1 = guest_rd(g, R_CAP1);
    uint64_t max_cxt = cap1 >> 16 & 0xffff;

    v3_stop(g);
    guest_wr(g, R_CTL0, guest_rd(g, R_CTL0) & ~UINT64_C(0x0fffff14));
    g_assert_cmphex(guest_rd(g, R_VERSION), ==, 0x10000);
    g_assert_cmpuint(guest_rd(g, R_CAP0) >> 20 & 7, ==, 0);
    g_assert_cmphex(cap1 >> 32 & 0x10, ==, 0x10);
    guest_wr(g, R_CTL2, (cap1 & 0xffffffff0000f00full) |
                        MIN(127, max_cxt) << 16);
    memset(g->memory + G_L2, 0, 4096);
    guest_wr(g, R_CXT_L2, G_L2);
    memset(g->memory + G_L1(0), 0, 4096);
    fake_st(g, G_L2, G_L1(0) | 1);
    guest_context(g, 0, 0, RUN);
    guest_akey(g, 0, 0, 0, 0);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
    guest_request(g, GSR_ACTIVE);
    guest_run(g);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_ACTIVE);
    guest_ring(g, 0, 0);
    guest_run(g);
}

/* 14.2: context 1 in slot 1, AKey 0 with interrupt vector 1 */
static void v3_channel(FakeHost *g)
{
    Dsc start = dsc_admin(D_START_NM | D_FE, 1, 1, G_CSB(0, 0));

    guest_context(g, 1, 1, STOP_SW);
    guest_akey(g, 1, 0, 0x13, 0);       /* vl, iv, vector 1 */
    guest_arm(g, 0, 0, 1);
    guest_do(g, 0, 0, start);
    g_assert_cmpuint(guest_signal(g, 0, 0), ==, 0);
    g_assert_false(guest_er(g, 0, 0));
    g_assert_cmpuint(guest_state(g, 1), ==, RUN);
}

/* 14.3 steps 1 to 3: reserve two slots, write them with VL clear */
static uint64_t v3_prep(FakeHost *g, uint64_t src, uint64_t dst,
                        uint64_t bytes, unsigned csb)
{
    Dsc copy = dsc_copy(src, dst, bytes, 0, 0, G_CSB(1, csb));
    Dsc intr = dsc_intr(0, 0);
    uint64_t index;

    guest_arm(g, 1, csb, 1);
    copy.dw[0] = (copy.dw[0] | D_FE) & ~1u;
    intr.dw[0] = (intr.dw[0] | D_FE) & ~1u;
    index = guest_push(g, 1, &copy);
    guest_push(g, 1, &intr);
    return index;
}

/* Step 4: hand both slots over */
static void v3_issue(FakeHost *g, uint64_t index)
{
    for (unsigned i = 0; i < 2; i++) {
        g->memory[guest_slot(g, 1, index + i)] |= 1;
    }
}

/* 14.5 */
static void v3_release(FakeHost *g)
{
    Dsc stop = dsc_admin(D_STOP | D_FE, 1, 1, 0);
    Dsc sync = dsc_sync(1, 1, 1, G_CSB(0, 0));

    guest_arm(g, 0, 0, 1);
    guest_push(g, 0, &stop);
    guest_do(g, 0, 0, sync);
    g_assert_cmpuint(guest_signal(g, 0, 0), ==, 0);
    g_assert_false(guest_er(g, 0, 0));
    g_assert_cmpuint(guest_state(g, 1), ==, STOP_SW);
    memset(g->memory + G_L1(0) + 32, 0, 32);
    memset(g->memory + G_CXT(1), 0, 0x40000);
}

/* 14.6 */
static void v3_remove(FakeHost *g)
{
    guest_request(g, GSR_STOP_SF);
    guest_run(g);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
    g_assert_cmpuint(guest_state(g, 0), ==, STOP_FN);
}

static void memory_is_left_alone(FakeHost *g)
{
    uint64_t accesses = g->accesses;

    guest_ring(g, 0, 5);
    guest_ring(g, 1, 5);
    guest_run(g);
    g_assert_cmpuint(g->accesses, ==, accesses);
}

static void test_probe(void)
{
    FakeHost *g = guest_new(NULL);

    v3_probe(g);
    g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, 0);
    g_assert_cmpuint(g->traces[SDXI_TRACE_FAULT], ==, 0);
    v3_remove(g);
    memory_is_left_alone(g);
    guest_free(g);
}

/* The twin: without an L2 table there is nothing to activate. */
static void test_probe_no_table(void)
{
    FakeHost *g = guest_new(NULL);

    guest_wr(g, R_CXT_L2, UINT64_C(0x7ff000000000));
    guest_request(g, GSR_ACTIVE);
    guest_run(g);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_ERROR);
    v3_stop(g);
    v3_probe(g);
    guest_free(g);
}

static void test_ten_thousand(void)
{
    FakeHost *g = guest_new(NULL);
    unsigned copies = 0;

    v3_probe(g);
    for (unsigned i = 0; i < 100; i++) {
        v3_channel(g);
        for (unsigned n = 0; n < 100; n++) {
            unsigned bytes = 1 + (i * 100 + n) * 7919 % 16384;
            uint64_t src = G_DATA + n % 13, dst = G_DATA + 0x10000 + n % 7;
            uint64_t index;

            guest_pattern(g, src, bytes, copies);
            g->memory[dst + bytes] = 0x5a;
            index = v3_prep(g, src, dst, bytes, 0);
            v3_issue(g, index);
            guest_ring(g, 1, index + 2);
            guest_run(g);
            g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
            g_assert_cmpmem(g->memory + src, bytes, g->memory + dst, bytes);
            g_assert_cmphex(g->memory[dst + bytes], ==, 0x5a);
            g_assert_cmpuint(g->interrupts[1], ==, ++copies);
        }
        v3_release(g);
    }
    v3_remove(g);
    memory_is_left_alone(g);
    guest_free(g);
}

/* Two requests, the second issued and rung first. */
static void test_reverse_order(void)
{
    FakeHost *g = guest_new(NULL);
    uint64_t first, second;

    v3_probe(g);
    v3_channel(g);
    guest_pattern(g, G_DATA, 8192, 3);
    first = v3_prep(g, G_DATA, G_DATA + 0x10000, 4096, 0);
    second = v3_prep(g, G_DATA + 4096, G_DATA + 0x20000, 4096, 1);
    v3_issue(g, second);
    guest_ring(g, 1, second + 2);
    guest_run(g);
    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 1);
    g_assert_cmpuint(guest_signal(g, 1, 1), ==, 1);
    g_assert_cmpuint(g->interrupts[1], ==, 0);
    v3_issue(g, first);
    guest_ring(g, 1, first + 2);
    guest_run(g);
    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
    g_assert_cmpuint(guest_signal(g, 1, 1), ==, 0);
    g_assert_cmpuint(g->interrupts[1], ==, 2);
    g_assert_cmpmem(g->memory + G_DATA + 4096, 4096,
                    g->memory + G_DATA + 0x20000, 4096);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 4);
    guest_free(g);
}

/* 14.4: what was not issued becomes NOPs, then a NOP with a block */
static void test_terminate(void)
{
    FakeHost *g = guest_new(NULL);
    Dsc barrier = dsc_nop(G_CSB(1, 1));
    uint64_t index;

    v3_probe(g);
    v3_channel(g);
    index = v3_prep(g, G_DATA, G_DATA + 0x10000, 64, 0);
    guest_pattern(g, G_DATA, 64, 1);
    for (unsigned i = 0; i < 2; i++) {
        Dsc nop = dsc_nop(0);

        memcpy(g->memory + guest_slot(g, 1, index + i), &nop, 64);
    }
    guest_ring(g, 1, index + 2);
    barrier.dw[0] |= D_FE;
    guest_arm(g, 1, 1, 1);
    guest_do(g, 1, 1, barrier);
    g_assert_cmpuint(guest_signal(g, 1, 1), ==, 0);
    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 1);
    g_assert_cmpuint(g->memory[G_DATA + 0x10000], ==, 0);
    g_assert_cmpuint(g->interrupts[1], ==, 0);
    v3_release(g);
    guest_free(g);
}

static void test_remove_and_probe(void)
{
    FakeHost *g = guest_new(NULL);

    for (unsigned i = 0; i < 5; i++) {
        v3_probe(g);
        v3_channel(g);
        v3_release(g);
        v3_remove(g);
    }
    guest_free(g);
}

/* Stop as RFC does: CTL0 := 0 first, then whatever leads to STOP. */
static void rfc_stop(FakeHost *g)
{
    guest_wr(g, R_CTL0, 0);
    for (unsigned i = 0; guest_gsv(g) != GSV_STOP; i++) {
        g_assert_cmpuint(i, <, 100);
        if (guest_gsv(g) == GSV_ACTIVE) {
            guest_request(g, GSR_STOP_SF);
        } else if (guest_gsv(g) == GSV_ERROR) {
            guest_request(g, GSR_RESET);
        }
        guest_run_once(g, 1 << 20);
    }
}

static void rfc_probe(FakeHost *g)
{
    rfc_stop(g);
    guest_wr(g, R_CTL2, guest_rd(g, R_CAP1) & 0xfffffffffffff00full);
    memset(g->memory + G_L2, 0, 4096);
    memset(g->memory + G_L1(0), 0, 4096);
    guest_context(g, 0, 0, RUN);
    guest_wr(g, R_CXT_L2, G_L2);
    guest_log(g);
    guest_wr(g, R_CTL0, guest_rd(g, R_CTL0) | 0x10);
    guest_request(g, GSR_ACTIVE);
    guest_run(g);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_ACTIVE);
    guest_ring(g, 0, 0);
}

/* The enqueue routine of the specification: refuse when full or broken. */
static bool rfc_enqueue(FakeHost *g, unsigned cxt, Dsc d)
{
    uint64_t rd = guest_read_index(g, cxt);
    uint64_t wr = fake_ld(g, G_WIDX(cxt));

    g_assert_cmpuint(rd, <=, wr);
    if (wr + 1 - rd > 1024) {
        return false;
    }
    guest_push(g, cxt, &d);
    guest_ring(g, cxt, wr + 1);
    return true;
}

/* CXT_STOP through the admin ring, then poll CXT_STS. */
static void rfc_stop_context(FakeHost *g, unsigned cxt)
{
    unsigned state;

    rfc_enqueue(g, 0, dsc_admin(D_STOP | D_FE, cxt, cxt, 0));
    for (unsigned i = 0;; i++) {
        g_assert_cmpuint(i, <, 1000);
        guest_run_once(g, 1 << 20);
        state = guest_state(g, cxt);
        if (state == STOP_SW || state == STOP_FN || state == ERR_FN) {
            break;
        }
        g_assert(state == RUN || state == STOPG_SW || state == STOPG_FN);
    }
    g_assert_cmpuint(state, ==, STOP_SW);
}

static void test_rfc(void)
{
    FakeHost *g = guest_new(NULL);

    rfc_probe(g);
    guest_context(g, 1, 1, RUN);
    rfc_enqueue(g, 0, dsc_admin(D_START_NM | D_FE, 1, 1, 0));
    guest_pattern(g, G_DATA, 5000, 9);
    guest_arm(g, 1, 0, 0xff);
    g_assert(rfc_enqueue(g, 1, dsc_copy(G_DATA, G_DATA + 0x8001, 5000, 0, 0,
                                        G_CSB(1, 0))));
    guest_run(g);
    g_assert_cmphex(guest_signal(g, 1, 0), ==, 0xfe);
    g_assert_cmpmem(g->memory + G_DATA, 5000, g->memory + G_DATA + 0x8001,
                    5000);
    g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, 0);
    g_assert_cmpuint(g->interrupts[0], ==, 0);
    rfc_stop_context(g, 1);
    rfc_stop_context(g, 0);
    guest_request(g, GSR_STOP_SF);
    guest_run(g);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
    guest_wr(g, R_ERR_CFG, 0);
    guest_free(g);
}

/* A full ring is drained, and the spinning producer can go on. */
static void test_rfc_full_ring(void)
{
    FakeHost *g = guest_new(NULL);

    rfc_probe(g);
    guest_context(g, 1, 1, RUN);
    for (unsigned i = 0; i < 1024; i++) {
        Dsc nop = dsc_nop(0);

        guest_push(g, 1, &nop);
    }
    g_assert_false(rfc_enqueue(g, 1, dsc_nop(0)));
    guest_ring(g, 1, 1024);
    guest_run(g);
    g_assert_true(rfc_enqueue(g, 1, dsc_nop(0)));
    guest_run(g);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 1025);
    guest_free(g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/drv-01/probe", test_probe);
    g_test_add_func("/sdxi/drv-01/no-table", test_probe_no_table);
    g_test_add_func("/sdxi/drv-02/ten-thousand", test_ten_thousand);
    g_test_add_func("/sdxi/drv-03/reverse-order", test_reverse_order);
    g_test_add_func("/sdxi/drv-03/terminate", test_terminate);
    g_test_add_func("/sdxi/drv-04/rfc", test_rfc);
    g_test_add_func("/sdxi/drv-04/full-ring", test_rfc_full_ring);
    g_test_add_func("/sdxi/drv-05/again", test_remove_and_probe);
    return g_test_run();
}
