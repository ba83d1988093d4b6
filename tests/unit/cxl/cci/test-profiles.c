/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All rows of all profiles: they are right by themselves and together, and
 * docs/cxl/commands.md is what they say.
 *
 * The page is written anew with MEMFAB_UPDATE_DOCS=1, run from the top of the
 * source tree.  What single commands do is tested set by set beside this file.
 */
#include "qemu/osdep.h"
#include "hw/cxl/cci/profiles.h"

#define PAGE "docs/cxl/commands.md"

typedef struct Word {
    uint32_t bit;
    const char *word;
} Word;

static const Word effect_words[] = {
    { CXL_FX_CONFIG_COLD, "configuration after cold reset" },
    { CXL_FX_CONFIG_CONV, "configuration after conventional reset" },
    { CXL_FX_CONFIG_CXL, "configuration after CXL reset" },
    { CXL_FX_CONFIG, "configuration" },
    { CXL_FX_DATA, "data" },
    { CXL_FX_POLICY, "policy" },
    { CXL_FX_LOG, "log" },
    { CXL_FX_SECURITY, "security" },
    { CXL_FX_BACKGROUND, "background" },
    { CXL_FX_ABORT, "can be aborted" },
    { 0 }
};

static const Word gate_words[] = {
    { CXL_GATE_MEDIA, "media disabled" },
    { CXL_GATE_LOCK, "locked" },
    { CXL_GATE_BUSY, "background busy" },
    { 0 }
};

static const Word need_words[] = {
    { CXL_NEED_PERSISTENT, "persistent capacity" },
    { CXL_NEED_LSA, "label storage" },
    { CXL_NEED_PARTITION, "movable boundary" },
    { CXL_NEED_SECURITY, "security" },
    { CXL_NEED_DC, "dynamic capacity" },
    { CXL_NEED_DIVISION, "memory that can be divided anew" },
    { CXL_NEED_MESSAGES, "messages to its manager" },
    { 0 }
};

static void put_words(GString *page, const Word *words, uint32_t bits)
{
    const char *comma = "";

    for (; words->bit; words++) {
        if (bits & words->bit) {
            g_string_append_printf(page, "%s%s", comma, words->word);
            comma = ", ";
        }
    }
    g_string_append(page, " | ");
}

static void put_length(GString *page, uint32_t length)
{
    if (length == CXL_LEN_PAYLOAD) {
        g_string_append(page, "payload");
    } else {
        g_string_append_printf(page, "%u", length);
    }
}

static void put_row(GString *page, const CxlCmdRow *row)
{
    g_string_append_printf(page, "| %04xh | %s | ", row->opcode, row->name);
    put_length(page, row->in_min);
    if (row->in_max != row->in_min) {
        g_string_append(page, " to ");
        put_length(page, row->in_max);
    }
    g_string_append(page, " | ");
    put_length(page, row->out_max);
    g_string_append(page, " | ");
    put_words(page, gate_words, row->gates);
    put_words(page, effect_words, row->effects);
    put_words(page, need_words, row->needs);
    g_string_append_printf(page, "%s |\n", row->section);
}

static GString *render(void)
{
    GString *page = g_string_new(
        "# Commands\n"
        "\n"
        "Written from the rows in `hw/cxl/cci` by "
        "`tests/unit/cxl/cci/test-profiles.c`;\nto change this page, change "
        "a row. Lengths are bytes, `payload` is the size of\nthe mailbox. A "
        "command is there only if the device has what it needs.\n");

    for (unsigned p = 0; cxl_profiles[p]; p++) {
        g_string_append_printf(page, "\n## Interface: %s\n",
                               cxl_profiles[p]->name);
        for (unsigned s = 0; cxl_profiles[p]->sets[s]; s++) {
            const CxlCmdSet *set = cxl_profiles[p]->sets[s];

            g_string_append_printf(
                page, "\n### %s\n\n| opcode | command | input | output up to "
                "| refused while | effects | needs | CXL r3.1 |\n| --- | --- "
                "| --- | --- | --- | --- | --- | --- |\n", set->name);
            for (unsigned i = 0; i < set->num_rows; i++) {
                put_row(page, &set->rows[i]);
            }
        }
    }
    return page;
}

static void test_page(void)
{
    g_autofree char *text = NULL;
    GString *page = render();

    if (g_getenv("MEMFAB_UPDATE_DOCS")) {
        g_assert_true(g_file_set_contents(PAGE, page->str, page->len, NULL));
    }
    if (!g_file_get_contents(PAGE, &text, NULL, NULL)) {
        g_test_skip("not run from the top of the source tree");
    } else {
        /* If this fails: MEMFAB_UPDATE_DOCS=1 and commit the page. */
        g_assert_cmpstr(text, ==, page->str);
    }
    g_string_free(page, true);
}

static void test_sets(void)
{
    for (unsigned p = 0; cxl_profiles[p]; p++) {
        for (unsigned s = 0; cxl_profiles[p]->sets[s]; s++) {
            const CxlCmdSet *set = cxl_profiles[p]->sets[s];

            g_assert_cmpstr(cxl_cmd_set_check(set), ==, NULL);
            g_assert_cmpuint(set->num_rows, >, 0);
        }
    }
}

static void test_opcodes_are_unique(void)
{
    for (unsigned p = 0; cxl_profiles[p]; p++) {
        g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);

        for (unsigned s = 0; cxl_profiles[p]->sets[s]; s++) {
            const CxlCmdSet *set = cxl_profiles[p]->sets[s];

            for (unsigned i = 0; i < set->num_rows; i++) {
                g_assert_true(g_hash_table_add(
                    seen, GUINT_TO_POINTER(set->rows[i].opcode)));
            }
        }
    }
}

static void test_names(void)
{
    for (unsigned p = 0; cxl_profiles[p]; p++) {
        for (unsigned s = 0; cxl_profiles[p]->sets[s]; s++) {
            const CxlCmdSet *set = cxl_profiles[p]->sets[s];

            for (unsigned i = 0; i < set->num_rows; i++) {
                g_assert_cmpstr(cxl_command_name(set->rows[i].opcode), !=,
                                "unknown command");
            }
        }
    }
    g_assert_cmpstr(cxl_command_name(CXL_OP_IDENTIFY), ==,
                    "Identify Memory Device");
    g_assert_cmpstr(cxl_command_name(0xffff), ==, "unknown command");
    g_assert_cmpstr(cxl_command_name(0x10000 | CXL_OP_IDENTIFY), ==,
                    "unknown command");
}

/* A word for every bit, or the page would hide something. */
static void test_words_cover_all_bits(void)
{
    const Word *const lists[] = { effect_words, gate_words, need_words };

    for (unsigned p = 0; cxl_profiles[p]; p++) {
        for (unsigned s = 0; cxl_profiles[p]->sets[s]; s++) {
            const CxlCmdSet *set = cxl_profiles[p]->sets[s];

            for (unsigned i = 0; i < set->num_rows; i++) {
                uint32_t bits[] = {
                    set->rows[i].effects & ~CXL_FX_RESETS_VALID,
                    set->rows[i].gates, set->rows[i].needs,
                };

                for (unsigned l = 0; l < G_N_ELEMENTS(lists); l++) {
                    for (const Word *w = lists[l]; w->bit; w++) {
                        bits[l] &= ~w->bit;
                    }
                    g_assert_cmphex(bits[l], ==, 0);
                }
            }
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/profiles/sets-are-right", test_sets);
    g_test_add_func("/cxl/profiles/opcodes-are-unique",
                    test_opcodes_are_unique);
    g_test_add_func("/cxl/profiles/names", test_names);
    g_test_add_func("/cxl/profiles/words-cover-all-bits",
                    test_words_cover_all_bits);
    g_test_add_func("/cxl/profiles/page-is-what-rows-say", test_page);
    return g_test_run();
}
