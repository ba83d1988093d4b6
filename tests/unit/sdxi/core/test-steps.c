/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each step has a sentence of its own, with the words of its numbers, and the
 * mistakes of a guest, and nothing else, are said as such.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/descriptor.h"
#include "hw/dma/sdxi/core/steps.h"
#include "hw/dma/sdxi/wire/mmio.h"
#include "hw/dma/sdxi/wire/tables.h"

/* One operation, which is no operation of anybody's */
static const SdxiOpRow rows[] = {
    { .subtype = 3, .name = "COPY" },
};
static const SdxiOpGroup group = {
    .type = 1, .name = "DmaBaseGrp", .rows = rows, .num_rows = 1,
};
static const SdxiOpGroup *const groups[] = { &group };
static const SdxiProfile profile = { .groups = groups, .num_groups = 1 };

static void say(SdxiTraceStep step, uint64_t a, uint64_t b, uint64_t c,
                const char *wanted)
{
    g_autofree char *text = sdxi_step_text(step, a, b, c, &profile);

    g_assert_cmpstr(text, ==, wanted);
}

static void test_sentences(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal,
                                                       g_free, NULL);

    for (unsigned i = 0; i < SDXI_TRACE_STEPS; i++) {
        g_assert_true(g_hash_table_add(seen, sdxi_step_text(i, 1, 2, 3,
                                                            &profile)));
    }
    say(SDXI_TRACE_DOORBELL, 3, 17, 0, "context 3: doorbell, write index 17");
    say(SDXI_TRACE_CXT_START, 1, 4, 1024,
        "context 1: started at index 4 of a ring of 1024 descriptors");
    say(SDXI_TRACE_COPY, 0x1000, UINT64_MAX, 4096,
        "4096 bytes copied from 0x1000 to 0xffffffffffffffff");
    say(SDXI_TRACE_COMPLETE, 1, 2, 0, "context 1: descriptor 2 completed");
    say(SDXI_TRACE_COMPLETE, 1, 2, 1,
        "context 1: descriptor 2 completed with an error");
    say(SDXI_TRACE_INTERRUPT, 0, 7, 0, "interrupt, vector 7");
    say(SDXI_TRACE_INTERRUPT, 0x12, 7, 0,
        "interrupt, vector 7 of function 0x0012");
    say(SDXI_TRACE_ERRLOG, 9, 1, 0,
        "error log, write index 9, entry dropped");
}

static void test_states(void)
{
    say(SDXI_TRACE_REQUEST, SDXI_GSV_STOP, SDXI_GSR_ACTIVE, SDXI_GSV_INIT,
        "activation requested in state stop, goes to init");
    say(SDXI_TRACE_STATE, SDXI_GSV_ACTIVE, SDXI_GSV_STOPG_SF, 0,
        "state stopg-sf, was active");
    say(SDXI_TRACE_CXT_STATE, 2, SDXI_CXT_ERR_FN, 5,
        "context 2: state err-fn, read index 5");
    /* numbers without a word */
    say(SDXI_TRACE_CXT_STATE, 2, 3, 5,
        "context 2: state unknown, read index 5");
    say(SDXI_TRACE_CXT_STATE, 2, UINT64_MAX, 5,
        "context 2: state unknown, read index 5");
    say(SDXI_TRACE_STATE, SDXI_GSV_STATES, UINT64_MAX, 0,
        "state unknown, was unknown");
}

static void test_operations(void)
{
    say(SDXI_TRACE_FETCH, 1, 0, 0x10301, "context 1: descriptor 0 fetched:"
        " COPY");
    say(SDXI_TRACE_FETCH, 1, 0, 0x10401, "context 1: descriptor 0 fetched:"
        " unknown operation");
    say(SDXI_TRACE_FETCH, 1, 0, 0x20301, "context 1: descriptor 0 fetched:"
        " unknown operation");
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
    expect(SDXI_TRACE_REFUSED, 1, 7, SDXI_REFUSE_READ_BARRIER,
           "context 1, descriptor 7: refused, read barrier, which version 1.1"
           " brought");
}

static void test_no_mistakes(void)
{
    for (unsigned i = 0; i < SDXI_TRACE_STEPS; i++) {
        if (i != SDXI_TRACE_IGNORED && i != SDXI_TRACE_DOORBELL_BAD &&
            i != SDXI_TRACE_REFUSED && i != SDXI_TRACE_FAULT) {
            expect(i, 1, 2, 3, NULL);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/steps/sentences", test_sentences);
    g_test_add_func("/sdxi/steps/states", test_states);
    g_test_add_func("/sdxi/steps/operations", test_operations);
    g_test_add_func("/sdxi/steps/mistakes", test_mistakes);
    g_test_add_func("/sdxi/steps/no-mistakes", test_no_mistakes);
    return g_test_run();
}
