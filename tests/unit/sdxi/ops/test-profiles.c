/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of all operations are consistent, and capability bits follow them.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/ops/profiles.h"

static void test_standard(void)
{
    SdxiParams params = { };
    unsigned rows = 0;

    g_assert_cmpstr(sdxi_profile_check(&sdxi_profile_standard), ==, NULL);
    for (unsigned i = 0; i < sdxi_profile_standard.num_groups; i++) {
        rows += sdxi_profile_standard.groups[i]->num_rows;
    }
    g_assert_cmpuint(rows, ==, 4 + 9 + 13 + 1 + 3);
    g_assert_cmphex(sdxi_profile_groups(&sdxi_profile_standard, &params), ==,
                    0x10);
    params.x_minimal_atomics = true;
    g_assert_cmphex(sdxi_profile_groups(&sdxi_profile_standard, &params), ==,
                    0x30);
    params.x_atomics = true;
    g_assert_cmphex(sdxi_profile_groups(&sdxi_profile_standard, &params), ==,
                    0x38);
}

static SdxiOutcome nothing(SdxiExec *x)
{
    return SDXI_DONE;
}

static const char *check(const SdxiOpRow *rows, unsigned num_rows,
                         unsigned type, bool twice)
{
    SdxiOpGroup group = {
        .type = type, .name = "group", .rows = rows, .num_rows = num_rows,
    };
    const SdxiOpGroup *groups[] = { &group, &group };
    SdxiProfile profile = { groups, twice ? 2 : 1 };

    return sdxi_profile_check(&profile);
}

static void test_bad_rows(void)
{
    const SdxiOpRow good[] = {
        { .subtype = 1, .name = "one", .run = nothing, .section = "1",
          .repeatable = true },
        { .subtype = 2, .name = "two", .run = nothing, .section = "1",
          .missing = SDXI_STEP_DATA_BUF },
    };
    const SdxiOpRow same[] = {
        { .subtype = 1, .name = "one", .run = nothing, .section = "1",
          .repeatable = true },
        { .subtype = 1, .name = "two", .run = nothing, .section = "1",
          .repeatable = true },
    };
    const SdxiOpRow bare[] = { { .subtype = 1, .name = "one" } };
    const SdxiOpRow neither[] = {
        { .subtype = 1, .name = "one", .run = nothing, .section = "1" },
    };
    const SdxiOpRow both[] = {
        { .subtype = 1, .name = "one", .run = nothing, .section = "1",
          .repeatable = true, .missing = SDXI_STEP_DATA_BUF },
    };

    g_assert_cmpstr(check(good, 2, 31, false), ==, NULL);
    g_assert_cmpstr(check(good, 2, 31, true), ==, "group");
    g_assert_cmpstr(check(good, 2, 32, false), ==, "group");
    g_assert_cmpstr(check(same, 2, 31, false), ==, "two");
    g_assert_cmpstr(check(bare, 1, 31, false), ==, "group");
    g_assert_cmpstr(check(neither, 1, 31, false), ==, "group");
    g_assert_cmpstr(check(both, 1, 31, false), ==, "group");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/profiles/standard", test_standard);
    g_test_add_func("/sdxi/profiles/bad-rows", test_bad_rows);
    return g_test_run();
}
