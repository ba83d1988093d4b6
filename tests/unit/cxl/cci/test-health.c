/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/cci/health: health, alerts, shutdown state and quality of service.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/cci/profiles.h"
#include "tests/unit/cxl/fake-host.h"

static void test_info(void)
{
    FakeHost *h = fake_host_default();
    CxlHealthFacts facts = {
        .temperature = -5, .life_used = 7, .corrected_volatile = 11,
        .corrected_persistent = 13,
    };
    CxlHealthInfo out;

    cxl_health_update(&h->dev->health, &facts);
    g_assert_cmpuint(fake_query(h, CXL_OP_HEALTH, &out, sizeof(out)), ==,
                     sizeof(out));
    g_assert_cmpint((int16_t)lduw_le_p(&out.temperature), ==, -5);
    g_assert_cmpuint(out.life_used, ==, 7);
    g_assert_cmpuint(ldl_le_p(&out.corrected_volatile), ==, 11);
    g_assert_cmpuint(ldl_le_p(&out.corrected_persistent), ==, 13);
    g_assert_cmpuint(ldl_le_p(&out.dirty_shutdowns), ==, 0);
    fake_host_free(h);
}

static void test_alerts(void)
{
    FakeHost *h = fake_host_default();
    CxlAlertIn in = {
        .valid = CXL_ALERT_LIFE, .enable = CXL_ALERT_LIFE, .life_warning = 50,
    };
    CxlAlertOut out;

    g_assert_cmphex(fake_command(h, CXL_OP_ALERT_SET, &in, sizeof(in)), ==,
                    0);
    g_assert_cmpuint(fake_query(h, CXL_OP_ALERT_GET, &out, sizeof(out)), ==,
                     sizeof(out));
    g_assert_cmpuint(out.life_warning, ==, 50);
    g_assert_cmphex(out.valid & CXL_ALERT_LIFE, !=, 0);
    /* Bits that mean nothing */
    in.valid = 1u << 5;
    g_assert_cmphex(fake_command(h, CXL_OP_ALERT_SET, &in, sizeof(in)), ==,
                    CXL_RC_INVALID_INPUT);
    /* More than all of a life */
    in = (CxlAlertIn) {
        .valid = CXL_ALERT_LIFE, .enable = CXL_ALERT_LIFE, .life_warning = 101,
    };
    g_assert_cmphex(fake_command(h, CXL_OP_ALERT_SET, &in, sizeof(in)), ==,
                    CXL_RC_INVALID_INPUT);
    fake_query(h, CXL_OP_ALERT_GET, &out, sizeof(out));
    g_assert_cmpuint(out.life_warning, ==, 50);
    fake_check(h);
    fake_host_free(h);
}

/* What was dirty when power went is counted. */
static void test_shutdown(void)
{
    FakeHost *h = fake_host_default();
    CxlHealthInfo info;
    uint8_t state;

    for (unsigned value = 2; value < 256; value++) {
        uint8_t in = value;

        g_assert_cmphex(fake_command(h, CXL_OP_SHUTDOWN_SET, &in, 1), ==,
                        CXL_RC_INVALID_INPUT);
    }
    fake_query(h, CXL_OP_SHUTDOWN_GET, &state, 1);
    g_assert_cmpuint(state, ==, 0);
    g_assert_cmphex(fake_command(h, CXL_OP_SHUTDOWN_SET, "\1", 1), ==, 0);
    fake_query(h, CXL_OP_SHUTDOWN_GET, &state, 1);
    g_assert_cmpuint(state, ==, 1);
    cxl_endpoint_reset(h->ep, CXL_RESET_COLD);
    fake_query(h, CXL_OP_HEALTH, &info, sizeof(info));
    g_assert_cmpuint(ldl_le_p(&info.dirty_shutdowns), ==, 1);
    fake_host_free(h);
}

static void test_not_without_persistent_memory(void)
{
    CxlMemdevConfig cfg = { .volatile_only = 256 * MiB };
    FakeHost *h = fake_host_new(&cfg);

    g_assert_cmphex(fake_command(h, CXL_OP_SHUTDOWN_GET, NULL, 0), ==,
                    CXL_RC_UNSUPPORTED);
    g_assert_cmphex(fake_command(h, CXL_OP_SHUTDOWN_SET, "\1", 1), ==,
                    CXL_RC_UNSUPPORTED);
    fake_host_free(h);
}

static void test_qos(void)
{
    FakeHost *h = fake_host_default();
    uint8_t before[4], after[4], status = 1, in[4];

    g_assert_cmpuint(fake_query(h, CXL_OP_QOS_GET, before, 4), ==, 4);
    g_assert_cmphex(fake_command(h, CXL_OP_QOS_SET, before, 4), ==, 0);
    memset(in, 0xff, sizeof(in));
    g_assert_cmphex(fake_command(h, CXL_OP_QOS_SET, in, 4), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(fake_command(h, CXL_OP_QOS_SET, in, 3), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    fake_query(h, CXL_OP_QOS_GET, after, 4);
    g_assert_cmpmem(before, 4, after, 4);
    g_assert_cmpuint(fake_query(h, CXL_OP_QOS_STATUS, &status, 1), ==, 1);
    g_assert_cmpuint(status, ==, 0);
    fake_check(h);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/cci/health/info", test_info);
    g_test_add_func("/cxl/cci/health/alerts", test_alerts);
    g_test_add_func("/cxl/cci/health/shutdown", test_shutdown);
    g_test_add_func("/cxl/cci/health/not-without-persistent-memory",
                    test_not_without_persistent_memory);
    g_test_add_func("/cxl/cci/health/qos", test_qos);
    return g_test_run();
}
