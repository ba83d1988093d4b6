/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of a function as the last tree before sections saved it, and what
 * that tree would not have believed either.  tests/data/streams/README.md says
 * where the bytes come from.
 *
 * When they were saved context 0 was idle, 1, 2 and 4 were 2 MiB into a copy
 * of 64 MiB in front of a NOP, 2 had been told to stop, the tables of 4 were
 * to be walked again, 3 had added 1 to 100 and waited for the page of the old
 * value, and the doorbell of 5 had rung.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/dma/sdxi/core/first-format.h"
#include "hw/dma/sdxi/wire/mmio.h"
#include "tests/unit/sdxi/fake-guest.h"

#define STREAM "tests/data/streams/sdxi-1/running"

static void atomics(SdxiConfig *config)
{
    config->groups |= 8;
}

/* Where numbers are in it: of the function, and of the first context */
enum {
    VERSION = 16, DEADLINE = 120, GSV = 128, CONTEXTS = 132, DOORBELLS = 136,
    CONTEXT = SDXI_FIRST_HEAD, RING = CONTEXT, RING_ENTRIES = CONTEXT + 64,
    NUMBER = CONTEXT + 80, QOS = CONTEXT + 84, STATE = CONTEXT + 85,
    PHASE = CONTEXT + 86, FLAGS = CONTEXT + 87,
};

typedef struct Stream {
    uint8_t *bytes;
    uint32_t rest;
} Stream;

static Stream read_stream(void)
{
    g_autofree char *bytes = NULL;
    Stream s;
    size_t len;

    g_assert_true(g_file_get_contents(STREAM, &bytes, &len, NULL));
    s.bytes = (uint8_t *)g_steal_pointer(&bytes);
    g_assert_true(sdxi_first_rest(s.bytes, &s.rest));
    g_assert_cmpuint(len, ==, SDXI_FIRST_HEAD + s.rest);
    return s;
}

/* Memory as it was then, with what had been taken from the rings taken. */
static FakeHost *as_it_was(void)
{
    FakeHost *g = guest_new(atomics);
    Dsc copy = dsc_copy(FAKE_SINK, FAKE_SINK, UINT64_C(64) << 20, 0, 0, 0);

    for (unsigned n = 0; n <= 5; n++) {
        guest_context(g, n, n, RUN);
        guest_arm(g, n, 0, 10);
    }
    for (unsigned n = 1; n <= 4; n++) {
        Dsc nop = dsc_nop(G_CSB(n, 0));

        guest_push(g, n, &copy);
        g->memory[guest_slot(g, n, 0)] &= ~1;
        if (n != 3) {
            guest_push(g, n, &nop);
        }
    }
    fake_st(g, G_STS(0) + 8, 6);
    fake_st(g, G_WIDX(0), 6);
    fake_st(g, G_DATA, 101);
    g->now_ns = 1000 * 1000;
    return g;
}

static bool try_load(FakeHost *g, const uint8_t *bytes, char **problem)
{
    bool ok = sdxi_first_load(g->dev, bytes, bytes + SDXI_FIRST_HEAD, problem);

    g_assert_cmpstr(sdxi_device_check(g->dev), ==, NULL);
    return ok;
}

static void load(FakeHost *g)
{
    Stream s = read_stream();
    g_autofree char *problem = NULL;
    bool ok = try_load(g, s.bytes, &problem);

    g_assert_cmpstr(problem, ==, NULL);
    g_assert_true(ok);
    g_free(s.bytes);
}

static void test_shows(void)
{
    FakeHost *g = as_it_was();
    SdxiInfo info;

    load(g);
    g_assert_cmphex(guest_rd(g, R_CTL0), ==, 0x4d00000013);
    g_assert_cmphex(guest_rd(g, R_CXT_L2), ==, G_L2);
    g_assert_cmphex(guest_rd(g, R_ERR_STS), ==, 1);
    g_assert_cmphex(guest_rd(g, R_ERR_CTL), ==, 1);
    g_assert_cmphex(guest_rd(g, R_ERR_CFG), ==, G_LOG | 3);
    g_assert_cmphex(guest_rd(g, R_ERR_WRT), ==, 1);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_ACTIVE);
    sdxi_device_query(g->dev, &info);
    g_assert_cmpuint(info.running, ==, 5);
    g_assert_cmpuint(info.ready, ==, 4);
    guest_free(g);
}

/* Today's format keeps it, and all goes on as if nothing had happened. */
static void test_goes_on(void)
{
    FakeHost *g = as_it_was();
    SdxiInfo info;

    load(g);
    guest_load(g, guest_save(g));
    guest_run(g);
    sdxi_device_query(g->dev, &info);
    g_assert_cmpuint(info.counters.bytes, ==, UINT64_C(3) * (62 << 20));
    g_assert_cmpuint(info.counters.failed, ==, 0);
    g_assert_cmpuint(guest_state(g, 2), ==, STOP_SW);
    for (unsigned n = 1; n <= 4; n++) {
        bool nop = n == 1 || n == 4;

        g_assert_cmpuint(guest_read_index(g, n), ==, 1 + nop);
        g_assert_cmpuint(guest_signal(g, n, 0), ==, 10 - 1 - nop);
    }
    g_assert_cmpuint(fake_ld(g, G_DATA), ==, 101);
    g_assert_cmpuint(fake_ld(g, G_DATA + 0x1000), ==, 100);
    g_assert_cmpuint(g->traces[SDXI_TRACE_CXT_START], ==, 1);
    guest_free(g);
}

/* With another number of @size bytes at @at */
static void refused(FakeHost *g, unsigned at, unsigned size, uint64_t number,
                    const char *what)
{
    Stream s = read_stream();
    g_autofree char *problem = NULL;

    while (size--) {
        s.bytes[at + size] = number;
        number >>= 8;
    }
    g_assert_false(try_load(g, s.bytes, &problem));
    g_assert_nonnull(strstr(problem, what));
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
    g_free(s.bytes);
}

static void test_impossible(void)
{
    FakeHost *g = as_it_was();
    unsigned second = SDXI_FIRST_CONTEXT;
    Stream s = read_stream();

    refused(g, VERSION, 8, 0x10001, "MMIO_VERSION");
    refused(g, GSV, 4, 6, "state");
    refused(g, GSV, 4, GSV_STOP, "contexts");
    refused(g, NUMBER, 2, 128, "context");
    refused(g, NUMBER + second, 2, 0, "context");
    refused(g, RING_ENTRIES, 4, 0, "no table");
    refused(g, PHASE, 1, 200, "phase");
    refused(g, STATE, 1, STOP_SW, "no possible state");
    refused(g, FLAGS, 1, 32, "no possible state");
    refused(g, FLAGS, 1, 1, "stops and does not");
    refused(g, QOS, 1, 64, "no table");
    refused(g, RING, 8, 1, "no table");
    refused(g, DEADLINE, 8, UINT64_MAX, "time left");
    refused(g, SDXI_FIRST_HEAD + s.rest - 2, 2, 128, "doorbell");
    load(g);
    g_free(s.bytes);
    guest_free(g);
}

/* Nobody takes memory for more than a function can have. */
static void test_counts(void)
{
    static const struct {
        uint32_t contexts, doorbells;
        bool sane;
    } cases[] = {
        { 0, 0, true },
        { 2, 1, true },
        { SDXI_CONTEXTS_MAX, SDXI_CONTEXTS_MAX, true },
        { SDXI_CONTEXTS_MAX + 1, 0, false },
        { 0, SDXI_CONTEXTS_MAX + 1, false },
        { UINT32_MAX, UINT32_MAX, false },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint8_t head[SDXI_FIRST_HEAD] = { };
        uint32_t len = 1, all;

        stl_be_p(head + CONTEXTS, cases[i].contexts);
        stl_be_p(head + DOORBELLS, cases[i].doorbells);
        g_assert_cmpint(sdxi_first_rest(head, &len), ==, cases[i].sane);
        all = cases[i].contexts * SDXI_FIRST_CONTEXT +
              cases[i].doorbells * SDXI_FIRST_DOORBELL;
        g_assert_cmpuint(len, ==, all * cases[i].sane);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/first-format/shows", test_shows);
    g_test_add_func("/sdxi/first-format/goes-on", test_goes_on);
    g_test_add_func("/sdxi/first-format/impossible", test_impossible);
    g_test_add_func("/sdxi/first-format/counts", test_counts);
    return g_test_run();
}
