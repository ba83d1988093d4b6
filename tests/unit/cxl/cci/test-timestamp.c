/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/cci/timestamp: what the host sets goes on from there; before that,
 * and after a loss of power, it is zero.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/profiles.h"
#include "tests/unit/cxl/fake-host.h"

static uint64_t get(FakeHost *h)
{
    uint8_t out[8];

    g_assert_cmpuint(fake_query(h, CXL_OP_TIMESTAMP_GET, out, 8), ==, 8);
    return ldq_le_p(out);
}

static void test_goes_on(void)
{
    FakeHost *h = fake_host_default();
    uint8_t in[8];

    fake_host_run(h, 1000);
    g_assert_cmpuint(get(h), ==, 0);
    stq_le_p(in, 1700000000000000000);
    g_assert_cmphex(fake_command(h, CXL_OP_TIMESTAMP_SET, in, 8), ==, 0);
    fake_host_run(h, 12345);
    g_assert_cmpuint(get(h), ==, 1700000000000012345);
    /* It can be set back, too. */
    stq_le_p(in, 5);
    g_assert_cmphex(fake_command(h, CXL_OP_TIMESTAMP_SET, in, 8), ==, 0);
    g_assert_cmpuint(get(h), ==, 5);
    cxl_endpoint_reset(h->ep, CXL_RESET_HOT);
    g_assert_cmpuint(get(h), ==, 5);
    cxl_endpoint_reset(h->ep, CXL_RESET_COLD);
    g_assert_cmpuint(get(h), ==, 0);
    fake_check(h);
    fake_host_free(h);
}

static void test_lengths(void)
{
    FakeHost *h = fake_host_default();
    uint8_t in[9] = { 0 };

    for (unsigned len = 0; len <= 9; len++) {
        g_assert_cmphex(fake_command(h, CXL_OP_TIMESTAMP_SET, in, len), ==,
                        len == 8 ? 0 : CXL_RC_PAYLOAD_LENGTH);
        g_assert_cmphex(fake_command(h, CXL_OP_TIMESTAMP_GET, in, len), ==,
                        len ? CXL_RC_PAYLOAD_LENGTH : 0);
    }
    fake_host_free(h);
}

/* Time is asked for whatever the media are doing. */
static void test_media_disabled(void)
{
    FakeHost *h = fake_host_default();

    g_assert_cmphex(fake_command(h, CXL_OP_SANITIZE, NULL, 0), ==,
                    CXL_RC_BACKGROUND);
    g_assert_cmpuint(get(h), ==, 0);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/cci/timestamp/goes-on", test_goes_on);
    g_test_add_func("/cxl/cci/timestamp/lengths", test_lengths);
    g_test_add_func("/cxl/cci/timestamp/media-disabled", test_media_disabled);
    return g_test_run();
}
