/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/cper: records byte by byte as the tables of ACPI and UEFI draw
 * them, and events for which there is no section.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/cper.h"
#include "hw/cxl/core/event-records.h"

static const CxlCperFunction fn = {
    .agent = CXL_CPER_ROOT_PORT, .segment = 0x12, .bus = 0x34,
    .devfn = 5 << 3 | 6, .vendor = 0x8086, .device = 0x7075,
    .subsystem_vendor = 0x1af4, .subsystem = 0x1100, .class = 0x0604,
    .slot = 3, .serial = 0x1122334455667788,
};

static uint8_t out[CXL_CPER_MAX];

static void check_head(size_t len, uint32_t severity, bool uncorrectable)
{
    g_assert_cmphex(ldl_le_p(out), ==, 0x10 | (uncorrectable ? 1 : 2));
    g_assert_cmpuint(ldl_le_p(out + 12), ==, len - 20);
    g_assert_cmpuint(ldl_le_p(out + 16), ==, severity);
    g_assert_cmpuint(ldl_le_p(out + 36), ==, severity);
    g_assert_cmphex(lduw_le_p(out + 40), ==, 0x300);
    g_assert_cmpuint(ldl_le_p(out + 44), ==, len - 92);
}

/* UEFI 2.10 table N.41 */
static void test_event(void)
{
    static const uint8_t dram[16] = {
        0xb3, 0xcb, 0x1d, 0x60, 0x06, 0x9c, 0xab, 0x4e,
        0xb8, 0xaf, 0x4e, 0x9b, 0xfb, 0x5c, 0x96, 0x24,
    };
    const uint8_t *p = out + 92;
    CxlEvDram rec;
    size_t len;

    cxl_evrec_dram(&rec, 0, 0x1000, 1, 2, 3);
    rec.hdr.flags[0] |= CXL_EVLOG_FAILURE;
    memset(out, 0xa5, sizeof(out));
    len = cxl_cper_event(out, &fn, (const uint8_t *)&rec);
    g_assert_cmpuint(len, ==, 92 + 32 + 0x70);
    check_head(len, 0, true);
    g_assert_cmpmem(out + 20, 16, dram, 16);
    g_assert_cmpuint(ldl_le_p(p), ==, 32 + 0x70);
    g_assert_cmphex(ldq_le_p(p + 4), ==, 7);
    g_assert_cmphex(lduw_le_p(p + 12), ==, 0x8086);
    g_assert_cmphex(lduw_le_p(p + 14), ==, 0x7075);
    g_assert_cmpuint(p[16], ==, 6);
    g_assert_cmpuint(p[17], ==, 5);
    g_assert_cmphex(p[18], ==, 0x34);
    g_assert_cmphex(lduw_le_p(p + 19), ==, 0x12);
    g_assert_cmphex(lduw_le_p(p + 21), ==, 3 << 3);
    g_assert_cmphex(ldq_le_p(p + 24), ==, fn.serial);
    g_assert_cmpmem(p + 32, 0x70, (uint8_t *)&rec + 16, 0x70);
    g_assert_cmphex(out[len], ==, 0xa5);
}

/* The machine survives what is fatal for a device. */
static void test_severity(void)
{
    static const uint8_t want[4] = { 3, 2, 0, 0 };
    CxlHealthInfo health = { };
    CxlEvModule rec;

    for (unsigned log = 0; log < 4; log++) {
        size_t len;

        cxl_evrec_module(&rec, 0, 0, &health);
        rec.hdr.flags[0] |= log;
        len = cxl_cper_event(out, &fn, (const uint8_t *)&rec);
        check_head(len, want[log], log >= CXL_EVLOG_FAILURE);
    }
}

static void test_no_section(void)
{
    uint8_t rec[CXL_EVREC_SIZE] = { };

    g_assert_cmpuint(cxl_cper_event(out, &fn, rec), ==, 0);
    cxl_evrec_sparing((CxlEvSparing *)rec, 0, 0, 0, 0);
    g_assert_cmpuint(cxl_cper_event(out, &fn, rec), ==, 0);
    cxl_evrec_dc((CxlEvDc *)rec, 0, 0, 0, false, NULL, 0, 0);
    g_assert_cmpuint(cxl_cper_event(out, &fn, rec), ==, 0);
}

/* UEFI 2.10 table N.37 */
static void test_protocol(void)
{
    static const uint8_t protocol[16] = {
        0xb4, 0xef, 0xb9, 0x80, 0xb5, 0x52, 0xe3, 0x4d,
        0xa7, 0x77, 0x68, 0x78, 0x4b, 0x77, 0x10, 0x48,
    };
    CxlCperFunction anonymous = fn;
    const uint8_t *p = out + 92;
    uint8_t ras[CXL_RAS_LEN];
    size_t len;

    for (unsigned i = 0; i < sizeof(ras); i++) {
        ras[i] = i + 1;
    }
    len = cxl_cper_protocol(out, &fn, CXL_ERROR_FATAL, ras);
    g_assert_cmpuint(len, ==, 92 + 116 + 88);
    check_head(len, 1, true);
    g_assert_cmpmem(out + 20, 16, protocol, 16);
    g_assert_cmphex(ldq_le_p(p), ==, 0x4f);
    g_assert_cmpuint(p[8], ==, 5);
    g_assert_cmpuint(p[16], ==, 6);
    g_assert_cmpuint(p[17], ==, 5);
    g_assert_cmphex(p[18], ==, 0x34);
    g_assert_cmphex(lduw_le_p(p + 19), ==, 0x12);
    g_assert_cmphex(lduw_le_p(p + 24), ==, 0x8086);
    g_assert_cmphex(lduw_le_p(p + 28), ==, 0x1af4);
    g_assert_cmphex(lduw_le_p(p + 32), ==, 0x0604);
    g_assert_cmphex(ldq_le_p(p + 40), ==, fn.serial);
    g_assert_cmpuint(lduw_le_p(p + 108), ==, 0);
    g_assert_cmpuint(lduw_le_p(p + 110), ==, 88);
    g_assert_cmpmem(p + 116, 88, ras, 88);
    anonymous.serial = 0;
    len = cxl_cper_protocol(out, &anonymous, CXL_ERROR_CORRECTED, ras);
    check_head(len, 2, false);
    g_assert_cmphex(ldq_le_p(p), ==, 0x47);
}

/* UEFI 2.10 table N.37, by the type of port that PCI Express has for it */
static void test_function(void)
{
    static const uint8_t agent[8] = { 2, 0, 0, 0, 5, 7, 6, 0 };
    uint8_t config[0x80] = {
        0x86, 0x80, 0x75, 0x70, [0x0a] = 0x04, 0x06,
        [0x2c] = 0xf4, 0x1a, 0x00, 0x11,
    };

    for (unsigned type = 0; type < 8; type++) {
        CxlCperFunction got;

        config[0x62] = type << 4 | 2;
        got = cxl_cper_function(config, 0x60);
        g_assert_cmpuint(got.agent, ==, agent[type]);
        g_assert_cmphex(got.vendor, ==, fn.vendor);
        g_assert_cmphex(got.device, ==, fn.device);
        g_assert_cmphex(got.subsystem_vendor, ==, fn.subsystem_vendor);
        g_assert_cmphex(got.subsystem, ==, fn.subsystem);
        g_assert_cmphex(got.class, ==, fn.class);
        g_assert_cmpuint(got.serial, ==, 0);
    }
}

static void test_signal(void)
{
    g_assert_cmpuint(cxl_cper_severity(CXL_RAS_SIGNAL_CORRECTABLE), ==,
                     CXL_ERROR_CORRECTED);
    g_assert_cmpuint(cxl_cper_severity(CXL_RAS_SIGNAL_NONFATAL), ==,
                     CXL_ERROR_RECOVERABLE);
    g_assert_cmpuint(cxl_cper_severity(CXL_RAS_SIGNAL_FATAL), ==,
                     CXL_ERROR_FATAL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/cper/event", test_event);
    g_test_add_func("/cxl/cper/severity", test_severity);
    g_test_add_func("/cxl/cper/no-section", test_no_section);
    g_test_add_func("/cxl/cper/protocol", test_protocol);
    g_test_add_func("/cxl/cper/function", test_function);
    g_test_add_func("/cxl/cper/signal", test_signal);
    return g_test_run();
}
