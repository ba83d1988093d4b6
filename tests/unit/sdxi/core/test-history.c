/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors that are remembered: the last ones, and one for each context that was
 * stopped, which errors that stop nobody do not push out.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/history.h"
#include "hw/dma/sdxi/wire/errlog.h"

typedef struct Seen {
    unsigned count;
    SdxiErrorInfo error[128];
} Seen;

static void see(void *opaque, const SdxiErrorInfo *info)
{
    Seen *seen = opaque;

    g_assert_cmpuint(seen->count, <, ARRAY_SIZE(seen->error));
    seen->error[seen->count++] = *info;
}

static void add(SdxiHistory *h, uint16_t context, uint64_t index,
                uint8_t reaction)
{
    SdxiErrorInfo error = {
        .has_context = true, .context = context,
        .has_index = true, .index = index, .reaction = reaction,
    };

    sdxi_history_add(h, &error);
}

static Seen stops(const SdxiHistory *h)
{
    Seen seen = { };

    sdxi_history_each_stop(h, see, &seen);
    return seen;
}

static void test_recent(void)
{
    SdxiHistory h = { };

    for (unsigned i = 0; i < 40; i++) {
        Seen seen = { };

        add(&h, 1, i, SDXI_RE_INFORMATIVE);
        sdxi_history_each(&h, see, &seen);
        g_assert_cmpuint(seen.count, ==, MIN(i + 1, SDXI_ERRORS_KEPT));
        for (unsigned n = 0; n < seen.count; n++) {
            g_assert_cmpuint(seen.error[n].index, ==,
                             i + 1 - seen.count + n);
        }
    }
    g_assert_cmpuint(stops(&h).count, ==, 0);
}

static void test_not_pushed_out(void)
{
    SdxiHistory h = { };
    Seen seen;

    add(&h, 7, 99, SDXI_RE_CONTEXT);
    for (unsigned i = 0; i < 1000; i++) {
        add(&h, 100 + i, i, SDXI_RE_INFORMATIVE);
    }
    seen = stops(&h);
    g_assert_cmpuint(seen.count, ==, 1);
    g_assert_cmpuint(seen.error[0].context, ==, 7);
    g_assert_cmpuint(seen.error[0].index, ==, 99);
}

/* The last of each, in order; the oldest context makes room. */
static void test_one_per_context(void)
{
    SdxiHistory h = { };
    Seen seen;

    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < SDXI_STOPS_KEPT; i++) {
            add(&h, i, round, i % 2 ? SDXI_RE_CONTEXT : SDXI_RE_FUNCTION);
        }
    }
    seen = stops(&h);
    g_assert_cmpuint(seen.count, ==, SDXI_STOPS_KEPT);
    for (unsigned i = 0; i < SDXI_STOPS_KEPT; i++) {
        g_assert_cmpuint(seen.error[i].context, ==, i);
        g_assert_cmpuint(seen.error[i].index, ==, 2);
    }
    add(&h, 3, 5, SDXI_RE_CONTEXT);
    add(&h, 5000, 6, SDXI_RE_CONTEXT);
    seen = stops(&h);
    g_assert_cmpuint(seen.count, ==, SDXI_STOPS_KEPT);
    g_assert_cmpuint(seen.error[0].context, ==, 1);
    g_assert_cmpuint(seen.error[SDXI_STOPS_KEPT - 2].context, ==, 3);
    g_assert_cmpuint(seen.error[SDXI_STOPS_KEPT - 1].context, ==, 5000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/history/recent", test_recent);
    g_test_add_func("/sdxi/history/not-pushed-out", test_not_pushed_out);
    g_test_add_func("/sdxi/history/one-per-context", test_one_per_context);
    return g_test_run();
}
