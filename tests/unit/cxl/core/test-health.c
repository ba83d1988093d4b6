/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/health with cci/health: facts, thresholds and the events of
 * their crossing, alert rules, shutdown state, QoS.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/event-records.h"
#include "tests/unit/cxl/fake-host.h"

static unsigned records(FakeHost *h, unsigned log)
{
    return h->dev->events.log[log].count;
}

static CxlHealthInfo info(FakeHost *h)
{
    CxlHealthInfo out;

    g_assert_cmpuint(fake_query(h, CXL_OP_HEALTH, &out, sizeof(out)), ==,
                     0x12);
    fake_check(h);
    return out;
}

static int temperature(FakeHost *h)
{
    CxlHealthInfo now = info(h);

    return (int16_t)lduw_le_p(&now.temperature);
}

static unsigned dirty_shutdowns(FakeHost *h)
{
    CxlHealthInfo now = info(h);

    return ldl_le_p(&now.dirty_shutdowns);
}

static uint16_t set_alerts(FakeHost *h, CxlAlertIn in)
{
    return fake_command(h, CXL_OP_ALERT_SET, &in, sizeof(in));
}

static void test_facts(void)
{
    FakeHost *h = fake_host_default();
    CxlHealthFacts facts = {
        .status = CXL_HEALTH_MAINTENANCE, .life_used = 50,
        .temperature = -5, .corrected_volatile = 7,
    };

    g_assert_cmpint(temperature(h), ==, 25);
    cxl_health_update(&h->dev->health, &facts);
    g_assert_cmpuint(info(h).life_used, ==, 50);
    g_assert_cmpint(temperature(h), ==, -5);
    g_assert_cmpuint(h->dev->health.facts.corrected_volatile, ==, 7);
    g_assert_cmpuint(records(h, CXL_EVLOG_WARNING), ==, 1);
    facts.media_status = 3;
    cxl_health_update(&h->dev->health, &facts);
    g_assert_cmpuint(records(h, CXL_EVLOG_FATAL), ==, 1);
    facts.status |= CXL_HEALTH_REPLACE;
    cxl_health_update(&h->dev->health, &facts);
    g_assert_cmpuint(records(h, CXL_EVLOG_FAILURE), ==, 1);
    g_assert_cmpuint(records(h, CXL_EVLOG_WARNING), ==, 1);
    fake_host_free(h);
}

static void test_warning_once(void)
{
    FakeHost *h = fake_host_default();
    CxlHealthFacts facts = { .temperature = 80 };

    /* Not enabled: no warning. */
    cxl_health_update(&h->dev->health, &facts);
    g_assert_cmpuint(records(h, CXL_EVLOG_WARNING), ==, 0);
    g_assert_cmphex(set_alerts(h, (CxlAlertIn) {
        .valid = CXL_ALERT_OVER, .enable = CXL_ALERT_OVER,
        .over_warning = cpu_to_le16(70) }), ==, 0);
    g_assert_cmpuint(records(h, CXL_EVLOG_WARNING), ==, 1);
    g_assert_cmphex(info(h).additional_status, ==, 1 << 2);
    facts.temperature = 81;
    cxl_health_update(&h->dev->health, &facts);
    g_assert_cmpuint(records(h, CXL_EVLOG_WARNING), ==, 1);
    facts.temperature = 90;
    cxl_health_update(&h->dev->health, &facts);
    g_assert_cmpuint(records(h, CXL_EVLOG_FAILURE), ==, 1);
    g_assert_cmphex(info(h).additional_status, ==, 2 << 2);
    g_assert_cmpuint(records(h, CXL_EVLOG_INFO), ==, 0);
    facts.temperature = 20;
    cxl_health_update(&h->dev->health, &facts);
    g_assert_cmphex(info(h).additional_status, ==, 0);
    g_assert_cmpuint(records(h, CXL_EVLOG_INFO), ==, 1); /* normal again */
    facts.temperature = 80;
    cxl_health_update(&h->dev->health, &facts);
    g_assert_cmpuint(records(h, CXL_EVLOG_WARNING), ==, 2);
    /* A threshold that is new, and crossed already; and one that is not. */
    g_assert_cmphex(set_alerts(h, (CxlAlertIn) {
        .valid = CXL_ALERT_OVER, .enable = CXL_ALERT_OVER,
        .over_warning = cpu_to_le16(75) }), ==, 0);
    g_assert_cmpuint(records(h, CXL_EVLOG_WARNING), ==, 3);
    g_assert_cmphex(set_alerts(h, (CxlAlertIn) {
        .valid = CXL_ALERT_OVER, .enable = CXL_ALERT_OVER,
        .over_warning = cpu_to_le16(82) }), ==, 0);
    g_assert_cmpuint(records(h, CXL_EVLOG_WARNING), ==, 3);
    g_assert_cmpuint(records(h, CXL_EVLOG_INFO), ==, 2);
    fake_host_free(h);
}

static void test_corrected_errors(void)
{
    FakeHost *h = fake_host_default();

    set_alerts(h, (CxlAlertIn) {
        .valid = CXL_ALERT_CORRECTED_PERSISTENT,
        .enable = CXL_ALERT_CORRECTED_PERSISTENT,
        .corrected_persistent = cpu_to_le16(3) });
    for (unsigned i = 0; i < 3; i++) {
        cxl_health_corrected(&h->dev->health, false);
        cxl_health_corrected(&h->dev->health, true);
    }
    g_assert_cmpuint(records(h, CXL_EVLOG_WARNING), ==, 1);
    g_assert_cmphex(info(h).additional_status, ==, 1 << 5);
    fake_host_free(h);
}

static void test_alert_rules(void)
{
    FakeHost *h = fake_host_default();
    CxlAlertOut out;

    g_assert_cmphex(set_alerts(h, (CxlAlertIn) {
        .valid = CXL_ALERT_LIFE, .life_warning = 95 }), ==,
        CXL_RC_INVALID_INPUT);
    g_assert_cmphex(set_alerts(h, (CxlAlertIn) {
        .valid = CXL_ALERT_OVER, .over_warning = cpu_to_le16(85) }), ==,
        CXL_RC_INVALID_INPUT);
    g_assert_cmphex(set_alerts(h, (CxlAlertIn) {
        .valid = CXL_ALERT_UNDER, .under_warning = cpu_to_le16(-10) }), ==,
        CXL_RC_INVALID_INPUT);
    g_assert_cmphex(set_alerts(h, (CxlAlertIn) { .valid = 0x20 }), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(set_alerts(h, (CxlAlertIn) {
        .valid = CXL_ALERT_LIFE, .enable = CXL_ALERT_LIFE,
        .life_warning = 60, .over_warning = cpu_to_le16(1) }), ==, 0);
    g_assert_cmpuint(fake_query(h, CXL_OP_ALERT_GET, &out, sizeof(out)), ==,
                     0x10);
    g_assert_cmpuint(out.life_warning, ==, 60);
    g_assert_cmpuint(lduw_le_p(&out.over_warning), ==, 75); /* not valid */
    fake_host_free(h);
}

static void test_shutdown(void)
{
    FakeHost *h = fake_host_default();
    uint8_t state = 1;

    g_assert_cmphex(fake_command(h, CXL_OP_SHUTDOWN_SET, &state, 1), ==, 0);
    fake_query(h, CXL_OP_SHUTDOWN_GET, &state, 1);
    g_assert_cmpuint(state, ==, 1);
    cxl_memdev_reset(h->dev, CXL_RESET_COLD);
    g_assert_cmpuint(dirty_shutdowns(h), ==, 1);
    fake_query(h, CXL_OP_SHUTDOWN_GET, &state, 1);
    g_assert_cmpuint(state, ==, 0);
    cxl_memdev_reset(h->dev, CXL_RESET_COLD);
    cxl_memdev_surprise_power_loss(h->dev);
    g_assert_cmpuint(dirty_shutdowns(h), ==, 1);
    state = 2;
    g_assert_cmphex(fake_command(h, CXL_OP_SHUTDOWN_SET, &state, 1), ==,
                    CXL_RC_INVALID_INPUT);
    fake_host_free(h);
}

static void test_qos(void)
{
    FakeHost *h = fake_host_default();
    uint8_t initially[4] = { 0, 10, 25, 8 };
    uint8_t set[4] = { 1, 20, 40, 3 }, out[4];

    g_assert_cmpuint(fake_query(h, CXL_OP_QOS_GET, out, 4), ==, 4);
    g_assert_cmpmem(out, 4, initially, 4);
    g_assert_cmphex(fake_command(h, CXL_OP_QOS_SET, set, 4), ==, 0);
    g_assert_cmpuint(fake_query(h, CXL_OP_QOS_GET, out, 4), ==, 4);
    g_assert_cmpmem(out, 4, set, 4);
    for (unsigned i = 1; i < 3; i++) {
        static const uint8_t percent[] = { 0, 1, 100, 101 };

        for (unsigned k = 0; k < G_N_ELEMENTS(percent); k++) {
            set[i] = percent[k];
            g_assert_cmphex(fake_command(h, CXL_OP_QOS_SET, set, 4), ==,
                            k == 1 || k == 2 ? 0 : CXL_RC_INVALID_INPUT);
        }
        set[i] = 40;
    }
    g_assert_cmpuint(fake_query(h, CXL_OP_QOS_STATUS, out, 4), ==, 1);
    fake_host_free(h);
}

static void test_checker(void)
{
    FakeHost *h = fake_host_default();
    CxlHealth *health = &h->dev->health;

    health->facts.life_used = 101;
    g_assert_cmpstr(cxl_health_check(health), ==, "health facts");
    health->facts.life_used = 100;
    health->facts.media_status = CXL_MEDIA_STATUS_TOP + 1;
    g_assert_cmpstr(cxl_health_check(health), ==, "health facts");
    health->facts.media_status = 0;
    health->alerts.enabled = CXL_ALERT_ALL + 1;
    g_assert_cmpstr(cxl_health_check(health), ==, "alert thresholds");
    health->alerts.enabled = 0;
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/health/facts", test_facts);
    g_test_add_func("/cxl/health/warning-once", test_warning_once);
    g_test_add_func("/cxl/health/corrected-errors", test_corrected_errors);
    g_test_add_func("/cxl/health/alert-rules", test_alert_rules);
    g_test_add_func("/cxl/health/shutdown", test_shutdown);
    g_test_add_func("/cxl/health/qos", test_qos);
    g_test_add_func("/cxl/health/checker", test_checker);
    return g_test_run();
}
