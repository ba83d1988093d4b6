/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sums of times: what is behind the end of the clock never comes, or comes at
 * the end.
 */
#include "qemu/osdep.h"
#include "hw/common/clock.h"

static void test_sums(void)
{
    static const struct {
        int64_t from, ns, after, due;
    } sums[] = {
        { 0, 0, 0, 0 },
        { 3, 4, 7, 7 },
        { CLOCK_END - 1, 1, CLOCK_END, CLOCK_END },
        { 0, CLOCK_END, CLOCK_END, CLOCK_END },
        { CLOCK_END, 0, CLOCK_END, CLOCK_END },
        { CLOCK_END, 1, INT64_MAX, CLOCK_END },
        { CLOCK_END, INT64_MAX, INT64_MAX, CLOCK_END },
        { INT64_MAX, 0, INT64_MAX, CLOCK_END },
        { INT64_MAX, INT64_MAX, INT64_MAX, CLOCK_END },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(sums); i++) {
        g_assert_cmpint(clock_after(sums[i].from, sums[i].ns), ==,
                        sums[i].after);
        g_assert_cmpint(clock_due(sums[i].from, sums[i].ns), ==, sums[i].due);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/common/clock/sums", test_sums);
    return g_test_run();
}
