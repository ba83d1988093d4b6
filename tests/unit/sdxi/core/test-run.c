/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The worker's entry: budgets and yields are kept, stops are bounded.
 */
#include "qemu/osdep.h"
#include "tests/unit/sdxi/fake-guest.h"

static FakeHost *active(void)
{
    FakeHost *g = guest_new(NULL);

    guest_log(g);
    guest_activate(g);
    guest_context(g, 1, 1, STOP_SW);
    guest_start(g, 1);
    return g;
}

/* A run that is told to yield ends after one chunk. */
static void test_yield_in_copy(void)
{
    FakeHost *g = active();
    Dsc copy = dsc_copy(FAKE_SINK, FAKE_SINK, UINT64_C(4) << 30, 0, 0,
                        G_CSB(1, 0));
    SdxiInfo info;

    guest_push(g, 1, &copy);
    guest_ring(g, 1, 1);
    g->yield = true;
    g_assert_true(sdxi_device_run(g->dev, UINT64_MAX));
    sdxi_device_query(g->dev, &info);
    g_assert_cmpuint(info.counters.bytes, <=, SDXI_HOST_CHUNK);
    g_assert_true(sdxi_device_run(g->dev, UINT64_MAX));
    sdxi_device_query(g->dev, &info);
    g_assert_cmpuint(info.counters.bytes, <=, 2 * SDXI_HOST_CHUNK);
    guest_request(g, GSR_RESET);
    guest_free(g);
}

/* The budget holds, too. */
static void test_budget(void)
{
    FakeHost *g = active();
    Dsc copy = dsc_copy(FAKE_SINK, FAKE_SINK, UINT64_C(4) << 30, 0, 0, 0);
    SdxiInfo info;

    guest_push(g, 1, &copy);
    guest_ring(g, 1, 1);
    for (unsigned i = 1; i < 10; i++) {
        g_assert_true(guest_run_once(g, 1 << 20));
        sdxi_device_query(g->dev, &info);
        g_assert_cmpuint(info.counters.bytes, <=,
                         i * ((1 << 20) + SDXI_HOST_CHUNK));
    }
    guest_request(g, GSR_RESET);
    guest_free(g);
}

/* A stop of the function does not wait for memory that never comes. */
static void test_again_for_ever(void)
{
    FakeHost *g = active();
    unsigned rounds = 0;

    fake_host_trap(g, G_DATA, 64, FAKE_READ, SDXI_MEM_AGAIN, 0);
    guest_do(g, 1, 1, dsc_copy(G_DATA, G_DATA + 4096, 64, 0, 0, 0));
    guest_request(g, GSR_STOP_SF);
    while (guest_gsv(g) != GSV_STOP) {
        g->now_ns += 10 * 1000 * 1000;
        guest_run_once(g, 1 << 20);
        g_assert_cmpuint(rounds++, <, 50);
    }
    g_assert_cmpuint(guest_state(g, 1), ==, STOP_FN);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 0);
    guest_free(g);
}

/* Nothing to do means nothing is touched. */
static void test_idle(void)
{
    FakeHost *g = active();
    uint64_t accesses = g->accesses;

    g_assert_false(guest_run_once(g, 1 << 20));
    g_assert_false(guest_run_once(g, 1));
    g_assert_false(guest_run_once(g, UINT64_MAX));
    g_assert_cmpuint(g->accesses, ==, accesses);
    guest_free(g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/run/yield-in-copy", test_yield_in_copy);
    g_test_add_func("/sdxi/run/budget", test_budget);
    g_test_add_func("/sdxi/run/again-for-ever", test_again_for_ever);
    g_test_add_func("/sdxi/run/idle", test_idle);
    return g_test_run();
}
