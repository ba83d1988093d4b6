/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long is looked for work: from nothing to the most and back, never beyond
 * it, and never at all where that is not wanted.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/poll.h"

static void test_grows(void)
{
    SdxiPoll p = { .max_ns = 50000 };
    static const uint64_t then[] = { 4000, 8000, 16000, 32000, 50000, 50000 };

    for (unsigned i = 0; i < G_N_ELEMENTS(then); i++) {
        sdxi_poll_waited(&p, 50000);
        g_assert_cmpuint(p.ns, ==, then[i]);
    }
}

/* What is found by looking is found next time by looking as long. */
static void test_stays(void)
{
    SdxiPoll p = { .max_ns = 50000, .ns = 16000 };

    sdxi_poll_waited(&p, 0);
    sdxi_poll_waited(&p, 16000);
    g_assert_cmpuint(p.ns, ==, 16000);
    sdxi_poll_waited(&p, 16001);
    g_assert_cmpuint(p.ns, ==, 32000);
}

static void test_shrinks(void)
{
    SdxiPoll p = { .max_ns = 50000, .ns = 50000 };
    static const uint64_t then[] = { 25000, 12500, 6250, 0, 0 };

    for (unsigned i = 0; i < G_N_ELEMENTS(then); i++) {
        sdxi_poll_waited(&p, i % 2 ? 50001 : UINT64_MAX);
        g_assert_cmpuint(p.ns, ==, then[i]);
    }
    /* and begins anew */
    sdxi_poll_waited(&p, 50000);
    g_assert_cmpuint(p.ns, ==, 4000);
}

static void test_off(void)
{
    SdxiPoll p = { };

    for (uint64_t ns = 0; ns < 100000; ns += 1000) {
        sdxi_poll_waited(&p, ns);
        g_assert_cmpuint(p.ns, ==, 0);
    }
}

/* The most is less than what it begins with. */
static void test_little(void)
{
    SdxiPoll p = { .max_ns = 1000 };

    sdxi_poll_waited(&p, 1001);
    g_assert_cmpuint(p.ns, ==, 0);
    sdxi_poll_waited(&p, 1000);
    g_assert_cmpuint(p.ns, ==, 1000);
    sdxi_poll_waited(&p, 1001);
    g_assert_cmpuint(p.ns, ==, 0);
}

/* Whatever happens, it stays within bounds. */
static void test_bounds(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);

    for (uint64_t max = 1; max <= 1000 * 1000 * 1000; max *= 10) {
        SdxiPoll p = { .max_ns = max };

        for (unsigned i = 0; i < 10000; i++) {
            sdxi_poll_waited(&p, (uint64_t)g_rand_int(rand) >>
                             g_rand_int_range(rand, 0, 32));
            g_assert_cmpuint(p.ns, <=, max);
            g_assert_cmpuint(p.max_ns, ==, max);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/poll/grows", test_grows);
    g_test_add_func("/sdxi/poll/stays", test_stays);
    g_test_add_func("/sdxi/poll/shrinks", test_shrinks);
    g_test_add_func("/sdxi/poll/off", test_off);
    g_test_add_func("/sdxi/poll/little", test_little);
    g_test_add_func("/sdxi/poll/bounds", test_bounds);
    return g_test_run();
}
