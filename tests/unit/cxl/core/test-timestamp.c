/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/timestamp with cci/timestamp: zero until set, then it runs with
 * the virtual clock, across resets but not across power.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "tests/unit/cxl/fake-host.h"

static uint64_t get(FakeHost *h)
{
    uint8_t out[8];

    g_assert_cmpuint(fake_query(h, CXL_OP_TIMESTAMP_GET, out, 8), ==, 8);
    return ldq_le_p(out);
}

static void test_runs(void)
{
    FakeHost *h = fake_host_default();
    uint64_t value = cpu_to_le64(1700000000000000000ull);

    fake_host_run(h, 1000);
    g_assert_cmpuint(get(h), ==, 0);
    g_assert_cmphex(fake_command(h, CXL_OP_TIMESTAMP_SET, &value, 8), ==, 0);
    g_assert_cmpuint(get(h), ==, 1700000000000000000ull);
    fake_host_run(h, 12345);
    g_assert_cmpuint(get(h), ==, 1700000000000012345ull);
    cxl_memdev_reset(h->dev, CXL_RESET_HOT);
    g_assert_cmpuint(get(h), ==, 1700000000000012345ull);
    cxl_memdev_reset(h->dev, CXL_RESET_COLD);
    g_assert_cmpuint(get(h), ==, 0);
    fake_host_free(h);
}

/* Set to zero is set. */
static void test_zero(void)
{
    CxlTimestamp ts = { };

    cxl_timestamp_set(&ts, 0, 100);
    g_assert_cmpuint(cxl_timestamp_get(&ts, 107), ==, 7);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/timestamp/runs", test_runs);
    g_test_add_func("/cxl/timestamp/zero", test_zero);
    return g_test_run();
}
