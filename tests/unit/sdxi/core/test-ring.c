/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rings: indexes, valid bits, and that each descriptor is read for good once.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/ring.h"
#include "tests/unit/sdxi/fake-guest.h"

static void test_arithmetic(void)
{
    SdxiGeometry geo = { .ring = 0x1000, .ring_entries = 1500 };

    g_assert_cmpint(sdxi_ring_state(5, 5, 1024), ==, SDXI_RING_EMPTY);
    g_assert_cmpint(sdxi_ring_state(5, 6, 1024), ==, SDXI_RING_FILLED);
    g_assert_cmpint(sdxi_ring_state(5, 1029, 1024), ==, SDXI_RING_FILLED);
    g_assert_cmpint(sdxi_ring_state(5, 1030, 1024), ==, SDXI_RING_BROKEN);
    g_assert_cmpint(sdxi_ring_state(6, 5, 1024), ==, SDXI_RING_BROKEN);
    g_assert_cmpint(sdxi_ring_state(UINT64_MAX, 0, 1024), ==,
                    SDXI_RING_BROKEN);
    g_assert_cmphex(sdxi_ring_slot(&geo, 0), ==, 0x1000);
    g_assert_cmphex(sdxi_ring_slot(&geo, 1499), ==, 0x1000 + 1499 * 64);
    g_assert_cmphex(sdxi_ring_slot(&geo, 1500), ==, 0x1000);
    g_assert_cmphex(sdxi_ring_slot(&geo, UINT64_C(1500) << 40), ==, 0x1000);
}

static void test_valid_cleared(void)
{
    FakeHost *g = guest_active();
    uint8_t before[64];
    Dsc d = dsc_copy(G_DATA, G_DATA + 0x100, 32, 0, 0, G_CSB(1, 0));

    d.dw[0] |= 0x1e;        /* every flag there is */
    d.dw[13] = 0xdeadbeef;  /* reserved bits are software's business */
    guest_push(g, 1, &d);
    memcpy(before, g->memory + guest_slot(g, 1, 0), 64);
    guest_ring(g, 1, 1);
    guest_run(g);
    g_assert_cmphex(g->memory[guest_slot(g, 1, 0)], ==, before[0] & ~1);
    g_assert_cmpmem(g->memory + guest_slot(g, 1, 0) + 1, 63, before + 1, 63);
    guest_free(g);
}

static void test_read_index(void)
{
    FakeHost *g = guest_active();

    guest_admin(g, dsc_admin(D_STOP, 1, 1, 0));
    fake_st(g, G_STS(1) + 8, UINT64_C(0x100000000fff));
    fake_st(g, G_WIDX(1), UINT64_C(0x100000000fff));
    guest_start(g, 1);
    for (unsigned i = 1; i < 5; i++) {
        guest_do(g, 1, 1, dsc_nop(0));
        g_assert_cmphex(guest_read_index(g, 1), ==,
                        UINT64_C(0x100000000fff) + i);
    }
    guest_free(g);
}

/* Three slots, the middle one not valid. */
static FakeHost *blocked(void)
{
    FakeHost *g = guest_active();

    for (unsigned i = 0; i < 3; i++) {
        Dsc nop = dsc_nop(G_CSB(1, i));

        nop.dw[0] -= i == 1;
        guest_arm(g, 1, i, 1);
        guest_push(g, 1, &nop);
    }
    guest_ring(g, 1, 3);
    guest_run(g);
    return g;
}

static void test_zero_blocks(void)
{
    FakeHost *g = blocked();

    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
    g_assert_cmpuint(guest_signal(g, 1, 1), ==, 1);
    g_assert_cmpuint(guest_signal(g, 1, 2), ==, 1);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 1);
    g_assert_cmpuint(guest_state(g, 1), ==, RUN);
    guest_free(g);
}

static void test_resume(void)
{
    FakeHost *g = blocked();

    guest_ring(g, 1, 3);
    guest_run(g);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 1);
    g->memory[guest_slot(g, 1, 1)] |= 1;
    guest_run(g);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 1);
    guest_ring(g, 1, 2);
    guest_run(g);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 3);
    g_assert_cmpuint(guest_signal(g, 1, 1), ==, 0);
    g_assert_cmpuint(guest_signal(g, 1, 2), ==, 0);
    guest_free(g);
}

static void test_reserved_slots(void)
{
    FakeHost *g = guest_active();

    fake_st(g, G_WIDX(1), 1024);
    guest_ring(g, 1, 1024);
    guest_run(g);
    g_assert_cmpuint(guest_state(g, 1), ==, RUN);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 0);
    g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, 0);
    guest_free(g);
}

/* Each descriptor adds its number to a cell, in any order of doorbells. */
static void test_ten_laps(void)
{
    FakeHost *g = guest_active();
    uint64_t done = 0;

    while (done < 10 * 1024) {
        unsigned batch = 1 + done % 97;

        for (unsigned i = 0; i < batch; i++) {
            uint32_t number = done + i;
            Dsc d = dsc_imm(G_DATA + (done + i) * 4, &number, 4,
                            G_CSB(1, 0));

            guest_push(g, 1, &d);
        }
        guest_ring(g, 1, done + batch);
        guest_run(g);
        done += batch;
        g_assert_cmpuint(guest_read_index(g, 1), ==, done);
    }
    g_assert_cmphex(guest_signal(g, 1, 0), ==, -done);
    for (unsigned i = 0; i < done; i++) {
        g_assert_cmpuint(ldl_le_p(g->memory + G_DATA + i * 4), ==, i);
    }
    guest_free(g);
}

static void broken(FakeHost *g, unsigned step, unsigned sub, bool index)
{
    LogEntry e;

    guest_ring(g, 1, 0);
    guest_run(g);
    g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
    e = guest_log_entry(g, 0);
    g_assert_cmpuint(e.step, ==, step);
    g_assert_cmpuint(e.sub, ==, sub);
    g_assert_cmpuint(e.re, ==, 1);
    g_assert_cmpuint(e.div, ==, index);
    g_assert_cmpuint(e.cxt, ==, 1);
    g_assert_cmpuint(guest_state(g, 0), ==, RUN);
    guest_free(g);
}

static void test_behind(void)
{
    FakeHost *g = guest_active();

    for (unsigned i = 0; i < 3; i++) {
        guest_do(g, 1, 1, dsc_nop(0));
    }
    fake_st(g, G_WIDX(1), 2);
    broken(g, 6, 3, false);
}

static void test_too_far(void)
{
    FakeHost *g = guest_active();

    fake_st(g, G_WIDX(1), 1025);
    broken(g, 6, 3, false);
}

static void test_no_write_index(void)
{
    FakeHost *g = guest_active();

    fake_host_trap(g, G_WIDX(1), 8, FAKE_READ, SDXI_MEM_TRANSLATION, 0);
    broken(g, 6, 1, false);
}

static void test_unreadable_slot(void)
{
    FakeHost *g = guest_active();
    Dsc nop = dsc_nop(0);

    guest_push(g, 1, &nop);
    fake_host_trap(g, G_RING(1), 64, FAKE_READ, SDXI_MEM_ACCESS, 0);
    broken(g, 7, 2, true);
}

static void test_read_only_slot(void)
{
    FakeHost *g = guest_active();
    Dsc nop = dsc_nop(G_CSB(1, 0));

    guest_arm(g, 1, 0, 1);
    guest_push(g, 1, &nop);
    fake_host_trap(g, G_RING(1), 64, FAKE_WRITE, SDXI_MEM_ACCESS, 0);
    guest_ring(g, 1, 1);
    guest_run(g);
    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 1);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 0);
    broken(g, 7, 2, true);
}

/* Slots that were only looked at ahead of time fail nobody. */
static void test_unreadable_later(void)
{
    FakeHost *g = guest_active();
    Dsc nop = dsc_nop(0);

    guest_push(g, 1, &nop);
    fake_st(g, G_WIDX(1), 8);
    fake_host_trap(g, G_RING(1) + 64, 64, FAKE_READ, SDXI_MEM_ACCESS, 0);
    guest_ring(g, 1, 1);
    guest_run(g);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 1);
    g_assert_cmpuint(guest_log_entry(g, 0).index, ==, 1);
    guest_free(g);
}

/* Another CPU: body first, then valid bit, between two of our reads. */
static void produce(FakeHost *g, void *opaque, FakeKind kind, uint64_t addr,
                    uint32_t len)
{
    unsigned *step = opaque;

    if (kind == FAKE_READ && addr == G_RING(1)) {
        Dsc d = dsc_copy(G_DATA, G_DATA + 64, 64, 0, 0, 0);

        if (++*step == 2) {
            memcpy(g->memory + addr, &d, 64);
        }
    }
}

/* The first read sees an old valid bit, the second all that is new. */
static void test_second_read_counts(void)
{
    FakeHost *g = guest_active();
    Dsc nop = dsc_nop(0);
    unsigned step = 0;

    guest_pattern(g, G_DATA, 64, 1);
    guest_push(g, 1, &nop);
    g->meddle = produce;
    g->meddle_opaque = &step;
    guest_ring(g, 1, 1);
    guest_run(g);
    g_assert_cmpmem(g->memory + G_DATA, 64, g->memory + G_DATA + 64, 64);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 1);
    guest_free(g);
}

/* Once taken, a slot may be rewritten: the copy is what is executed. */
static void rewrite(FakeHost *g, void *opaque, FakeKind kind, uint64_t addr,
                    uint32_t len)
{
    if (kind == FAKE_WRITE && addr == G_RING(1)) {
        memset(g->memory + addr, 0xff, 64);
        g->meddle = NULL;
    }
}

static void test_rewritten(void)
{
    FakeHost *g = guest_active();
    Dsc d = dsc_copy(G_DATA, G_DATA + 64, 64, 0, 0, G_CSB(1, 0));

    guest_pattern(g, G_DATA, 64, 1);
    guest_arm(g, 1, 0, 1);
    guest_push(g, 1, &d);
    g->meddle = rewrite;
    guest_ring(g, 1, 1);
    guest_run(g);
    g_assert_cmpmem(g->memory + G_DATA, 64, g->memory + G_DATA + 64, 64);
    g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
    g_assert_false(guest_er(g, 1, 0));
    guest_free(g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/ring/arithmetic", test_arithmetic);
    g_test_add_func("/sdxi/rng-01/valid-cleared", test_valid_cleared);
    g_test_add_func("/sdxi/rng-02/read-index", test_read_index);
    g_test_add_func("/sdxi/rng-03/vl-zero-blocks", test_zero_blocks);
    g_test_add_func("/sdxi/rng-04/resume", test_resume);
    g_test_add_func("/sdxi/rng-05/reserved-slots", test_reserved_slots);
    g_test_add_func("/sdxi/rng-06/ten-laps", test_ten_laps);
    g_test_add_func("/sdxi/rng-07/behind", test_behind);
    g_test_add_func("/sdxi/rng-07/no-write-index", test_no_write_index);
    g_test_add_func("/sdxi/rng-08/too-far", test_too_far);
    g_test_add_func("/sdxi/ring/unreadable-slot", test_unreadable_slot);
    g_test_add_func("/sdxi/ring/read-only-slot", test_read_only_slot);
    g_test_add_func("/sdxi/ring/unreadable-later", test_unreadable_later);
    g_test_add_func("/sdxi/ring/second-read-counts",
                    test_second_read_counts);
    g_test_add_func("/sdxi/ring/rewritten", test_rewritten);
    return g_test_run();
}
