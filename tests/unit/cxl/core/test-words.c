/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/words: words for what there is, and for what there is not.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/media.h"
#include "hw/cxl/core/poison.h"
#include "hw/cxl/core/reset.h"
#include "hw/cxl/core/words.h"
#include "hw/cxl/wire/commands.h"
#include "hw/cxl/wire/events.h"

typedef const char *WordFn(uint64_t n);

/* All of @known numbers have different words, others none. */
static void each(WordFn *fn, const uint64_t *known, unsigned count)
{
    g_autoptr(GHashTable) words = g_hash_table_new(g_str_hash, g_str_equal);

    for (unsigned i = 0; i < count; i++) {
        g_assert_cmpstr(fn(known[i]), !=, "unknown");
        g_assert_true(g_hash_table_add(words, (char *)fn(known[i])));
    }
    for (uint64_t n = 0; n < 256; n++) {
        bool named = false;

        for (unsigned i = 0; i < count; i++) {
            named |= known[i] == n;
        }
        g_assert_true(named == !!strcmp(fn(n), "unknown"));
    }
    g_assert_cmpstr(fn(UINT64_MAX), ==, "unknown");
}

static void test_tables(void)
{
    static const uint64_t logs[] = {
        CXL_EVLOG_INFO, CXL_EVLOG_WARNING, CXL_EVLOG_FAILURE, CXL_EVLOG_FATAL,
        CXL_EVLOG_DC,
    };
    static const uint64_t sources[] = {
        0, CXL_POISON_EXTERNAL, CXL_POISON_INTERNAL, CXL_POISON_INJECTED,
        CXL_POISON_VENDOR,
    };
    static const uint64_t media[] = {
        CXL_MEDIA_NOT_READY, CXL_MEDIA_READY, CXL_MEDIA_ERROR,
        CXL_MEDIA_DISABLED,
    };
    static const uint64_t resets[] = {
        CXL_RESET_COLD, CXL_RESET_HOT, CXL_RESET_CXL_CLEAR, CXL_RESET_CXL,
        CXL_RESET_FUNCTION,
    };

    each(cxl_word_event_log, logs, ARRAY_SIZE(logs));
    each(cxl_word_poison, sources, ARRAY_SIZE(sources));
    each(cxl_word_media_state, media, ARRAY_SIZE(media));
    each(cxl_word_reset, resets, ARRAY_SIZE(resets));
    g_assert_cmpstr(cxl_word_event_log(CXL_EVLOG_DC), ==, "dynamic capacity");
    g_assert_cmpstr(cxl_word_poison(CXL_POISON_INJECTED), ==, "injected");
    g_assert_cmpstr(cxl_word_media_state(CXL_MEDIA_READY), ==, "ready");
    g_assert_cmpstr(cxl_word_reset(CXL_RESET_CXL), ==, "CXL reset");
}

static void test_bits(void)
{
    g_assert_cmpstr(cxl_word_security(0), ==, "unlocked");
    g_assert_cmpstr(cxl_word_security(~(uint64_t)CXL_SECURITY_LOCKED), ==,
                    "unlocked");
    g_assert_cmpstr(cxl_word_security(UINT64_MAX), ==, "locked");
    g_assert_cmpstr(cxl_word_decoder(0), ==, "free");
    g_assert_cmpstr(cxl_word_decoder(1), ==, "committed");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/words/tables", test_tables);
    g_test_add_func("/cxl/words/bits", test_bits);
    return g_test_run();
}
