/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of an access, for each state of the function that makes it and
 * of the one whose memory it is: what will never come back is refused, for all
 * else the access waits.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/gate.h"

static SdxiGate gate_of(unsigned bits)
{
    return (SdxiGate) {
        .gone = bits & 1, .asleep = bits & 2, .stopped = bits & 4,
        .deciding = bits & 8,
    };
}

static void test_own(void)
{
    for (unsigned bits = 0; bits < 16; bits++) {
        SdxiGate g = gate_of(bits);
        SdxiMemResult wanted = bits & 1 ? SDXI_MEM_ACCESS :
                               bits ? SDXI_MEM_AGAIN : SDXI_MEM_OK;

        g_assert_cmpint(sdxi_gate_result(&g, &g), ==, wanted);
        g_assert_cmpint(sdxi_gate_gone(&g), ==, bits & 1);
    }
}

/* Another function that sleeps answers nobody; one's own sleep ends. */
static void test_other(void)
{
    for (unsigned bits = 0; bits < 256; bits++) {
        SdxiGate runner = gate_of(bits & 15), target = gate_of(bits >> 4);
        bool refused = runner.gone || target.gone || target.asleep;
        SdxiMemResult wanted = refused ? SDXI_MEM_ACCESS :
                               bits ? SDXI_MEM_AGAIN : SDXI_MEM_OK;

        g_assert_cmpint(sdxi_gate_result(&runner, &target), ==, wanted);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/gate/own", test_own);
    g_test_add_func("/sdxi/gate/other", test_other);
    return g_test_run();
}
