/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/timestamp: zero until set, then the host's value plus the
 * virtual time since.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/timestamp.h"

static void test_zero_until_set(void)
{
    CxlTimestamp ts = { };

    g_assert_cmpuint(cxl_timestamp_get(&ts, 0), ==, 0);
    g_assert_cmpuint(cxl_timestamp_get(&ts, INT64_MAX), ==, 0);
}

static void test_advances(void)
{
    CxlTimestamp ts = { };

    cxl_timestamp_set(&ts, 1000, 50);
    g_assert_cmpuint(cxl_timestamp_get(&ts, 50), ==, 1000);
    g_assert_cmpuint(cxl_timestamp_get(&ts, 51), ==, 1001);
    g_assert_cmpuint(cxl_timestamp_get(&ts, 1000050), ==, 1001000);
}

static void test_set_again(void)
{
    CxlTimestamp ts = { };

    cxl_timestamp_set(&ts, 1000, 50);
    cxl_timestamp_set(&ts, 7, 60);
    g_assert_cmpuint(cxl_timestamp_get(&ts, 70), ==, 17);
    /* The host may set zero; time goes on from there. */
    cxl_timestamp_set(&ts, 0, 100);
    g_assert_cmpuint(cxl_timestamp_get(&ts, 103), ==, 3);
}

/* A guest can set any 64 bits; the clock wraps and does no harm. */
static void test_wraps(void)
{
    CxlTimestamp ts = { };

    cxl_timestamp_set(&ts, UINT64_MAX, 0);
    g_assert_cmpuint(cxl_timestamp_get(&ts, 0), ==, UINT64_MAX);
    g_assert_cmpuint(cxl_timestamp_get(&ts, 2), ==, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/timestamp/zero-until-set", test_zero_until_set);
    g_test_add_func("/cxl/timestamp/advances", test_advances);
    g_test_add_func("/cxl/timestamp/set-again", test_set_again);
    g_test_add_func("/cxl/timestamp/wraps", test_wraps);
    return g_test_run();
}
