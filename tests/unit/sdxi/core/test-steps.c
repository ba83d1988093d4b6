/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each step has a name of its own, and the mistakes of a guest, and nothing
 * else, have a sentence.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/steps.h"

static void test_names(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (unsigned i = 0; i < SDXI_TRACE_STEPS; i++) {
        const char *name = sdxi_step_name(i);

        g_assert_nonnull(name);
        g_assert_true(g_hash_table_add(seen, (void *)name));
    }
    g_assert_cmpstr(sdxi_step_name(SDXI_TRACE_CXT_START), ==,
                    "context-start");
    g_assert_cmpstr(sdxi_step_name(SDXI_TRACE_ERRLOG), ==, "errlog");
}

static void expect(SdxiTraceStep step, uint64_t a, uint64_t b, uint64_t c,
                   const char *wanted)
{
    g_autofree char *text = sdxi_step_mistake(step, a, b, c);

    g_assert_cmpstr(text, ==, wanted);
}

static void test_mistakes(void)
{
    expect(SDXI_TRACE_IGNORED, 0x10200, 0xf0, 0,
           "register 0x10200 keeps bits 0xf0");
    expect(SDXI_TRACE_DOORBELL_BAD, 0x3000, 7, 0,
           "doorbell at 0x3000 rings nothing");
    expect(SDXI_TRACE_FAULT, 3, UINT64_MAX, 4 << 8 | 9 << 4 | 2,
           "context 3, descriptor 18446744073709551615: error in step 4,"
           " sub-step 9");
}

static void test_no_mistakes(void)
{
    for (unsigned i = 0; i < SDXI_TRACE_STEPS; i++) {
        if (i != SDXI_TRACE_IGNORED && i != SDXI_TRACE_DOORBELL_BAD &&
            i != SDXI_TRACE_FAULT) {
            expect(i, 1, 2, 3, NULL);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/steps/names", test_names);
    g_test_add_func("/sdxi/steps/mistakes", test_mistakes);
    g_test_add_func("/sdxi/steps/no-mistakes", test_no_mistakes);
    return g_test_run();
}
