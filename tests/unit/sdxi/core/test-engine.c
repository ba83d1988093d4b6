/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors that are interrupted: between any two accesses, by "again", by
 * a stop, by a guest that takes memory away.
 */
#include "qemu/osdep.h"
#include "tests/unit/sdxi/fake-guest.h"

/* Whatever access says "again", the result is the same. */
static void test_again_anywhere(void)
{
    static const struct {
        uint64_t addr, len;
        unsigned kinds;
    } places[] = {
        { G_WIDX(1), 8, FAKE_READ }, { G_RING(1), 64, FAKE_READ },
        { G_RING(1), 64, FAKE_WRITE }, { G_AKEYS(1), 16, FAKE_READ },
        { G_DATA, 64, FAKE_READ }, { G_DATA + 0x100000, 64, FAKE_WRITE },
        { G_DATA + 0x40000, 64, FAKE_READ },
        { G_STS(1) + 8, 8, FAKE_WRITE }, { G_CSB(1, 0), 32, FAKE_WRITE },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(places); i++) {
        FakeHost *g = guest_active();
        Dsc copy = dsc_copy(G_DATA, G_DATA + 0x100000, 0x80000, 0, 0,
                            G_CSB(1, 0));
        SdxiInfo info;

        guest_pattern(g, G_DATA, 0x80000, i);
        guest_arm(g, 1, 0, 1);
        guest_push(g, 1, &copy);
        fake_host_trap(g, places[i].addr, places[i].len, places[i].kinds,
                       SDXI_MEM_AGAIN, 3);
        guest_ring(g, 1, 1);
        for (unsigned n = 0; n < 3; n++) {
            guest_run(g);
            g_assert_cmpuint(guest_signal(g, 1, 0), ==, 1);
            sdxi_device_query(g->dev, &info);
            g_assert_cmpuint(info.ready, ==, 1);
        }
        guest_run(g);
        g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
        g_assert_false(guest_er(g, 1, 0));
        g_assert_cmpuint(guest_read_index(g, 1), ==, 1);
        g_assert_cmpmem(g->memory + G_DATA, 0x80000,
                        g->memory + G_DATA + 0x100000, 0x80000);
        g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, 0);
        guest_free(g);
    }
}

/* The same for the walk of a jump start, and for activation. */
static void test_again_in_walk(void)
{
    static const uint64_t places[] = { G_L2, G_L1(0) + 64, G_CTL(2),
                                       G_STS(2) };
    FakeHost *g = guest_active();

    for (unsigned i = 0; i < ARRAY_SIZE(places); i++) {
        guest_context(g, 2, 2, RUN);
        fake_host_trap(g, places[i], 8, FAKE_READ, SDXI_MEM_AGAIN, 2);
        guest_ring(g, 2, 0);
        guest_run(g);
        guest_run(g);
        g_assert_cmpuint(g->traces[SDXI_TRACE_CXT_START], ==, 2 + i);
        guest_run(g);
        g_assert_cmpuint(g->traces[SDXI_TRACE_CXT_START], ==, 3 + i);
        guest_admin(g, dsc_admin(D_STOP, 2, 2, 0));
    }
    guest_request(g, GSR_RESET);
    fake_host_trap(g, G_L2, 8, FAKE_READ, SDXI_MEM_AGAIN, 1);
    guest_request(g, GSR_ACTIVE);
    guest_run(g);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_INIT);
    guest_run(g);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_ACTIVE);
    guest_free(g);
}

/* By command: hard at once, soft after a while. */
static void test_command_stop(void)
{
    for (unsigned hard = 0; hard < 2; hard++) {
        FakeHost *g = guest_active();
        Dsc copy = dsc_copy(FAKE_SINK, FAKE_SINK, UINT64_C(4) << 30, 0, 0,
                            G_CSB(1, 0));
        Dsc stop = dsc_admin(D_STOP | D_FE, 1, 1, 0);
        Dsc sync = dsc_sync(1, 1, 1, G_CSB(0, 0));

        g->ns_per_mib = 1000 * 1000;
        guest_arm(g, 0, 0, 1);
        guest_arm(g, 1, 0, 1);
        guest_push(g, 1, &copy);
        guest_ring(g, 1, 1);
        guest_run_once(g, 1 << 20);
        stop.dw[1] |= hard << 13;
        guest_push(g, 0, &stop);
        guest_push(g, 0, &sync);
        guest_ring(g, 0, 3);
        guest_run_once(g, 1 << 20);
        if (!hard) {
            g_assert_cmpuint(guest_state(g, 1), ==, STOPG_SW);
            g_assert_cmpuint(guest_signal(g, 0, 0), ==, 1);
        }
        guest_run(g);
        g_assert_cmpuint(guest_signal(g, 0, 0), ==, 0);
        g_assert_cmpuint(guest_state(g, 1), ==, STOP_SW);
        g_assert_cmpuint(guest_signal(g, 1, 0), ==, 1);
        g_assert_cmpuint(guest_read_index(g, 1), ==, hard);
        g_assert_cmpuint(g->memory[G_RING(1)] & 1, ==, !hard);
        g_assert_cmpint(g->now_ns, <, 600 * 1000 * 1000);
        guest_free(g);
    }
}

/*
 * What a soft stop can neither complete nor give back ends with an error: its
 * status, its completion block or its slot cannot be written.
 */
static void test_soft_stop_gives_up(void)
{
    static const struct {
        uint64_t addr, len;
        unsigned step;
    } places[] = {
        { G_STS(1) + 8, 8, 5 }, { G_CSB(1, 0), 8, 8 }, { G_RING(1), 64, 7 },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(places); i++) {
        FakeHost *g = guest_active();
        Dsc stop = dsc_admin(D_STOP | D_FE, 1, 1, 0);
        Dsc copy = dsc_copy(G_DATA, G_DATA + 4096, 64, 0, 0, G_CSB(1, 0));
        LogEntry e;

        guest_arm(g, 1, 0, 1);
        if (places[i].addr == G_RING(1)) {
            fake_host_trap(g, G_DATA, 64, FAKE_READ, SDXI_MEM_AGAIN, 0);
            guest_do(g, 1, 1, copy);
            fake_host_trap(g, G_RING(1), 64, FAKE_WRITE, SDXI_MEM_ACCESS, 0);
        } else {
            fake_host_trap(g, places[i].addr, places[i].len, FAKE_WRITE,
                           SDXI_MEM_AGAIN, 0);
            guest_do(g, 1, 1, copy);
        }
        guest_ring(g, 0, guest_push(g, 0, &stop) + 1);
        guest_run_once(g, 1 << 20);
        g->now_ns += 401 * 1000 * 1000;
        guest_run(g);
        e = guest_log_entry(g, 0);
        g_assert_cmpuint(e.step, ==, places[i].step);
        g_assert_cmpuint(e.index, ==, 0);
        g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
        g_assert_cmpuint(guest_signal(g, 1, 0), ==,
                         places[i].addr == G_CSB(1, 0));
        g_assert_true(guest_er(g, 1, 0));
        guest_free(g);
    }
}

/* Where the clock ends patience lasts as long as that, and is not over. */
static void test_soft_stop_at_the_end(void)
{
    FakeHost *g = guest_active();
    Dsc stop = dsc_admin(D_STOP | D_FE, 1, 1, 0);
    Dsc copy = dsc_copy(G_DATA, G_DATA + 4096, 64, 0, 0, G_CSB(1, 0));

    guest_arm(g, 1, 0, 1);
    fake_host_trap(g, G_CSB(1, 0), 8, FAKE_WRITE, SDXI_MEM_AGAIN, 0);
    guest_do(g, 1, 1, copy);
    g->now_ns = INT64_MAX - 10;
    guest_ring(g, 0, guest_push(g, 0, &stop) + 1);
    guest_run_once(g, 1 << 20);
    guest_run_once(g, 1 << 20);
    g_assert_cmpuint(guest_state(g, 1), !=, ERR_FN);
    g->now_ns = INT64_MAX;
    guest_run(g);
    g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
    guest_free(g);
}

/* Nor does a log that cannot be written hold it up: the entry is lost. */
static void test_log_never_there(void)
{
    FakeHost *g = guest_active();
    Dsc stop = dsc_admin(D_STOP | D_FE, 1, 1, 0);
    SdxiInfo info;

    guest_arm(g, 1, 0, 1);
    fake_host_trap(g, G_STS(1) + 8, 8, FAKE_WRITE, SDXI_MEM_AGAIN, 0);
    fake_host_trap(g, G_LOG, 64, FAKE_WRITE, SDXI_MEM_AGAIN, 0);
    guest_do(g, 1, 1, dsc_copy(G_DATA, G_DATA + 4096, 64, 0, 0,
                               G_CSB(1, 0)));
    guest_ring(g, 0, guest_push(g, 0, &stop) + 1);
    guest_run_once(g, 1 << 20);
    sdxi_device_query(g->dev, &info);
    g_assert_cmpuint(info.counters.lost, ==, 0);
    g->now_ns += 401 * 1000 * 1000;
    guest_run(g);
    sdxi_device_query(g->dev, &info);
    g_assert_cmpuint(info.counters.lost, ==, 1);
    g_assert_cmpuint(info.counters.logged, ==, 0);
    g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, 0);
    g_assert_true(guest_rd(g, R_ERR_STS));
    g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
    g_assert_null(sdxi_device_check(g->dev));
    guest_free(g);
}

/* Memory goes away in the middle of a copy. */
static void test_hole(void)
{
    for (unsigned dst = 0; dst < 2; dst++) {
        FakeHost *g = guest_active();
        uint64_t hole = FAKE_MEMORY - 0x100000;
        LogEntry e;

        guest_arm(g, 1, 0, 1);
        guest_do(g, 1, 1, dsc_copy(dst ? FAKE_SINK : hole,
                                   dst ? hole : FAKE_SINK, 4 << 20, 0, 0,
                                   G_CSB(1, 0)));
        e = guest_log_entry(g, 0);
        g_assert_cmpuint(e.step, ==, 10);
        g_assert_cmpuint(e.sub, ==, 2);
        g_assert_true(e.bv);
        g_assert_cmpuint(e.buf, ==, dst);
        g_assert_true(guest_er(g, 1, 0));
        g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
        g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
        guest_free(g);
    }
}

/* The key is withdrawn while its copy is suspended. */
static void test_key_withdrawn(void)
{
    FakeHost *g = guest_active();
    Dsc copy = dsc_copy(FAKE_SINK, FAKE_SINK, 64 << 20, 0, 0, G_CSB(1, 0));

    guest_push(g, 1, &copy);
    guest_ring(g, 1, 1);
    g_assert_true(guest_run_once(g, 1 << 20));
    guest_akey(g, 1, 0, 0, 0);
    guest_run(g);
    g_assert_cmpuint(guest_log_entry(g, 0).step, ==, 11);
    g_assert_cmpuint(guest_state(g, 1), ==, ERR_FN);
    guest_free(g);
}

/* The status block turns read-only: told, and the context is out. */
static void test_status_read_only(void)
{
    FakeHost *g = guest_active();

    fake_host_trap(g, G_STS(1), 16, FAKE_WRITE, SDXI_MEM_ACCESS, 0);
    guest_arm(g, 1, 0, 1);
    guest_do(g, 1, 1, dsc_nop(G_CSB(1, 0)));
    g_assert_cmpuint(guest_log_entry(g, 0).step, ==, 5);
    g_assert_true(guest_er(g, 1, 0));
    g_assert_cmpuint(guest_state(g, 1), ==, RUN);   /* stale, in memory */
    fake_host_no_traps(g);
    guest_admin(g, dsc_admin(D_STOP, 1, 1, 0));
    guest_free(g);
}

/* So does the end of a stop: the state cannot be written, or not yet. */
static void test_stop_without_status(void)
{
    for (unsigned again = 0; again < 2; again++) {
        FakeHost *g = guest_active();
        SdxiInfo info;

        guest_arm(g, 1, 0, 1);
        guest_do(g, 1, 1, dsc_nop(G_CSB(1, 0)));
        fake_host_trap(g, G_STS(1), 1, FAKE_WRITE,
                       again ? SDXI_MEM_AGAIN : SDXI_MEM_ACCESS,
                       again ? 1 : 0);
        guest_admin(g, dsc_admin(D_STOP, 1, 1, 0));
        guest_run(g);
        g_assert_cmpuint(guest_rd(g, R_ERR_WRT), ==, !again);
        if (again) {
            g_assert_cmpuint(guest_state(g, 1), ==, STOP_SW);
        } else {
            g_assert_cmpuint(guest_log_entry(g, 0).step, ==, 5);
        }
        /* Either way it is out. */
        sdxi_device_query(g->dev, &info);
        g_assert_cmpuint(info.running, ==, 1);
        g_assert_null(sdxi_device_check(g->dev));
        guest_free(g);
    }
}

static void storm(FakeHost *g, void *opaque, FakeKind kind, uint64_t addr,
                  uint32_t len)
{
    unsigned *n = opaque;

    guest_ring(g, *n % 128, *n);
    if (++*n % 97 == 0) {
        guest_wr(g, R_ERR_STS, 0xb);
    }
}

/* Doorbells from all sides during every access. */
static void test_doorbell_storm(void)
{
    FakeHost *g = guest_active();
    unsigned n = 0, rounds = 0;

    g->meddle = storm;
    g->meddle_opaque = &n;
    for (unsigned i = 0; i < 500; i++) {
        Dsc nop = dsc_nop(0);

        guest_push(g, 1, &nop);
    }
    guest_ring(g, 1, 500);
    while (guest_read_index(g, 1) < 500) {
        guest_run_once(g, 1 << 20);
        g_assert_cmpuint(rounds++, <, 1000);
    }
    g->meddle = NULL;
    guest_run(g);
    guest_free(g);
}

/* Reset and start again, over and over, at odd moments. */
static void test_reset_storm(void)
{
    FakeHost *g = guest_active();

    for (unsigned i = 0; i < 300; i++) {
        Dsc copy = dsc_copy(FAKE_SINK, FAKE_SINK, 8 << 20, 0, 0, 0);

        guest_context(g, 1, 1, RUN);
        guest_push(g, 1, &copy);
        guest_ring(g, 1, 1);
        for (unsigned n = 0; n < i % 5; n++) {
            guest_run_once(g, 1 << 20);
        }
        if (i % 3 == 2) {
            sdxi_device_reset(g->dev);
            guest_log(g);
        } else {
            guest_request(g, i % 3 ? GSR_RESET : GSR_STOP_HD);
            guest_run(g);
        }
        g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
        guest_activate(g);
    }
    guest_free(g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/engine/again-anywhere", test_again_anywhere);
    g_test_add_func("/sdxi/engine/again-in-walk", test_again_in_walk);
    g_test_add_func("/sdxi/engine/command-stop", test_command_stop);
    g_test_add_func("/sdxi/engine/log-never-there", test_log_never_there);
    g_test_add_func("/sdxi/engine/hole", test_hole);
    g_test_add_func("/sdxi/engine/key-withdrawn", test_key_withdrawn);
    g_test_add_func("/sdxi/engine/status-read-only", test_status_read_only);
    g_test_add_func("/sdxi/engine/stop-without-status",
                    test_stop_without_status);
    g_test_add_func("/sdxi/engine/doorbell-storm", test_doorbell_storm);
    g_test_add_func("/sdxi/engine/reset-storm", test_reset_storm);
    g_test_add_func("/sdxi/engine/soft-stop-gives-up",
                    test_soft_stop_gives_up);
    g_test_add_func("/sdxi/engine/soft-stop-at-the-end",
                    test_soft_stop_at_the_end);
    return g_test_run();
}
