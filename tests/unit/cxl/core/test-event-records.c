/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/event-records: identities as text, places of fields, validity
 * bits of the optional ones.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/event-records.h"

static void assert_uuid(const void *rec, const char *text)
{
    const uint8_t *p = rec;
    g_autofree char *hex = g_strdup_printf(
        "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
        p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8], p[9], p[10],
        p[11], p[12], p[13], p[14], p[15]);

    g_assert_cmpstr(hex, ==, text);
    g_assert_cmpuint(p[0x10], ==, CXL_EVREC_SIZE);
}

static void test_general_media(void)
{
    CxlEvGeneralMedia rec;
    const uint8_t *p = (const uint8_t *)&rec;

    memset(&rec, 0xff, sizeof(rec));
    cxl_evrec_general_media(&rec, CXL_EVFLAG_PERMANENT, 0x12340 | 1, 2, 3, 4);
    assert_uuid(&rec, "fbcd0a77-c260-417f-85a9-088b1621eba6");
    g_assert_cmphex(p[0x11], ==, CXL_EVFLAG_PERMANENT);
    g_assert_cmphex(ldq_le_p(p + 0x30), ==, 0x12341);
    g_assert_cmphex(p[0x38], ==, 2);
    g_assert_cmphex(p[0x39], ==, 3);
    g_assert_cmphex(p[0x3a], ==, 4);
    g_assert_cmphex(lduw_le_p(p + 0x3b), ==, 0);
    cxl_evrec_general_media_channel(&rec, 5);
    cxl_evrec_general_media_rank(&rec, 6);
    cxl_evrec_general_media_device(&rec, 0x070809);
    cxl_evrec_general_media_component(&rec, "abc", 3);
    g_assert_cmphex(lduw_le_p(p + 0x3b), ==, 0xf);
    g_assert_cmphex(p[0x3d], ==, 5);
    g_assert_cmphex(p[0x3e], ==, 6);
    g_assert_cmphex(p[0x3f], ==, 9);
    g_assert_cmphex(p[0x41], ==, 7);
    g_assert_cmpmem(p + 0x42, 4, "abc\0", 4);
    cxl_evrec_general_media_pldm(&rec);
    cxl_evrec_general_media_corrected(&rec, 1, 0x0a0b0c);
    g_assert_cmphex(lduw_le_p(p + 0x3b), ==, 0x1f);
    g_assert_cmphex(ldl_le_p(p + 0x52), ==, 0x0a0b0c01);
}

/* CXL r3.2 8.2.10.2.1 */
static void test_header(void)
{
    CxlEvGeneralMedia rec;
    const uint8_t *p = (const uint8_t *)&rec;

    cxl_evrec_general_media(&rec, CXL_EVFLAG_PERMANENT, 0, 0, 0, 0);
    cxl_evrec_maintenance_class(&rec.hdr, 2);
    g_assert_cmphex(lduw_le_p(p + 0x11), ==, 4);
    cxl_evrec_maintenance_subclass(&rec.hdr, 3);
    g_assert_cmphex(lduw_le_p(p + 0x11), ==, 0x44);
    cxl_evrec_ld(&rec.hdr, 0x0405);
    g_assert_cmphex(lduw_le_p(p + 0x11), ==, 0xc4);
    cxl_evrec_head(&rec.hdr, 6);
    g_assert_cmphex(lduw_le_p(p + 0x11), ==, 0x1c4);
    g_assert_cmpmem(p + 0x20, 5, "\2\3\5\4\6", 5);
}

static void test_dram(void)
{
    const uint64_t masks[] = { 1, 2 };
    CxlEvDram rec;
    const uint8_t *p = (const uint8_t *)&rec;

    cxl_evrec_dram(&rec, 0x123456, 64, 1, 0, 1);
    assert_uuid(&rec, "601dcbb3-9c06-4eab-b8af-4e9bfb5c9624");
    g_assert_cmphex(p[0x13], ==, 0x12);
    cxl_evrec_dram_channel(&rec, 1);
    cxl_evrec_dram_rank(&rec, 2);
    cxl_evrec_dram_nibble_mask(&rec, 0x030303);
    cxl_evrec_dram_bank_group(&rec, 4);
    cxl_evrec_dram_bank(&rec, 5);
    cxl_evrec_dram_row(&rec, 0x060606);
    cxl_evrec_dram_column(&rec, 0x0707);
    cxl_evrec_dram_correction(&rec, masks, 2);
    cxl_evrec_dram_component(&rec, "0123456789abcdefXYZ", 19);
    cxl_evrec_dram_sub_channel(&rec, 8);
    g_assert_cmphex(lduw_le_p(p + 0x3b), ==, 0x5ff);
    g_assert_cmphex(p[0x42], ==, 4);
    g_assert_cmphex(p[0x43], ==, 5);
    g_assert_cmphex(p[0x44], ==, 6);
    g_assert_cmphex(lduw_le_p(p + 0x47), ==, 0x0707);
    g_assert_cmphex(ldq_le_p(p + 0x49 + 8), ==, 2);
    g_assert_cmphex(ldq_le_p(p + 0x49 + 16), ==, 0);
    g_assert_cmpmem(p + 0x69, 16, "0123456789abcdef", 16);
    g_assert_cmphex(p[0x79], ==, 8);
    cxl_evrec_dram_pldm(&rec);
    cxl_evrec_dram_corrected(&rec, 2, 0x0a0b0c);
    g_assert_cmphex(lduw_le_p(p + 0x3b), ==, 0x7ff);
    g_assert_cmphex(ldl_le_p(p + 0x7a), ==, 0x0a0b0c02);
}

static void test_module(void)
{
    CxlHealthInfo health = { .health_status = 1, .life_used = 42 };
    CxlEvModule rec;
    const uint8_t *p = (const uint8_t *)&rec;

    cxl_evrec_module(&rec, 0, CXL_EVMODULE_LIFE, &health);
    assert_uuid(&rec, "fe927475-dd59-4339-a586-79bab113b774");
    g_assert_cmphex(p[0x30], ==, CXL_EVMODULE_LIFE);
    g_assert_cmphex(p[0x31], ==, 1);
    g_assert_cmphex(p[0x34], ==, 42);
    cxl_evrec_module_component(&rec, "abc", 3);
    g_assert_cmphex(lduw_le_p(p + 0x43), ==, 1);
    cxl_evrec_module_pldm(&rec);
    g_assert_cmphex(lduw_le_p(p + 0x43), ==, 3);
    g_assert_cmpmem(p + 0x45, 4, "abc\0", 4);
}

static void test_sparing(void)
{
    CxlEvSparing rec;
    const uint8_t *p = (const uint8_t *)&rec;

    cxl_evrec_sparing(&rec, 0, CXL_EVSPARING_HARD, 3, 0x1234);
    assert_uuid(&rec, "e71f3a40-2d29-4092-8a39-4d1c966c7c65");
    g_assert_cmphex(p[0x32], ==, CXL_EVSPARING_HARD);
    g_assert_cmphex(p[0x33], ==, 3);
    g_assert_cmphex(lduw_le_p(p + 0x3c), ==, 0x1234);
}

static void test_dc(void)
{
    CxlDcExtentWire extent = { .dpa = cpu_to_le64(0x40000000) };
    CxlEvDc rec;
    const uint8_t *p = (const uint8_t *)&rec;

    cxl_evrec_dc(&rec, CXL_EVDC_RELEASE, 7, 2, true, &extent, 100, 200);
    assert_uuid(&rec, "ca95afa7-f183-4018-8c2f-95268e101a2a");
    g_assert_cmphex(p[0x30], ==, CXL_EVDC_RELEASE);
    g_assert_cmphex(p[0x31], ==, 3);
    g_assert_cmphex(lduw_le_p(p + 0x32), ==, 7);
    g_assert_cmphex(p[0x34], ==, 2);
    g_assert_cmphex(p[0x35], ==, CXL_EVDC_MORE);
    g_assert_cmphex(ldq_le_p(p + 0x38), ==, 0x40000000);
    g_assert_cmphex(ldl_le_p(p + 0x78), ==, 100);
    g_assert_cmphex(ldl_le_p(p + 0x7c), ==, 200);
    cxl_evrec_dc(&rec, CXL_EVDC_ADD, 0, 0, false, NULL, 0, 0);
    g_assert_cmphex(p[0x35], ==, 0);
    g_assert_cmphex(ldq_le_p(p + 0x38), ==, 0);
}

/* Records of other origins are judged by what stands in them. */
static void test_kind(void)
{
    uint8_t bytes[CXL_EVREC_SIZE] = { };
    CxlEvHeader *hdr = (CxlEvHeader *)bytes;
    CxlHealthInfo health = { };
    uint64_t dpa = 1;

    g_assert_cmpint(cxl_evrec_kind(hdr), ==, CXL_EVKIND_UNKNOWN);
    g_assert_false(cxl_evrec_dpa(hdr, &dpa));
    cxl_evrec_module((CxlEvModule *)bytes, 0, 0, &health);
    g_assert_cmpint(cxl_evrec_kind(hdr), ==, CXL_EVKIND_MODULE);
    cxl_evrec_sparing((CxlEvSparing *)bytes, 0, 0, 0, 0);
    g_assert_cmpint(cxl_evrec_kind(hdr), ==, CXL_EVKIND_SPARING);
    cxl_evrec_dc((CxlEvDc *)bytes, 0, 0, 0, false, NULL, 0, 0);
    g_assert_cmpint(cxl_evrec_kind(hdr), ==, CXL_EVKIND_DC);
    g_assert_false(cxl_evrec_dpa(hdr, &dpa));
    g_assert_cmpint(dpa, ==, 1);
    cxl_evrec_general_media((CxlEvGeneralMedia *)bytes, 0, 0x1040 |
                            CXL_EVDPA_VOLATILE, 0, 0, 0);
    g_assert_cmpint(cxl_evrec_kind(hdr), ==, CXL_EVKIND_GENERAL_MEDIA);
    g_assert_true(cxl_evrec_dpa(hdr, &dpa));
    g_assert_cmphex(dpa, ==, 0x1040);
    cxl_evrec_dram((CxlEvDram *)bytes, 0, 0x2000, 0, 0, 0);
    g_assert_cmpint(cxl_evrec_kind(hdr), ==, CXL_EVKIND_DRAM);
    g_assert_true(cxl_evrec_dpa(hdr, &dpa));
    g_assert_cmphex(dpa, ==, 0x2000);
    bytes[15] ^= 1;
    g_assert_cmpint(cxl_evrec_kind(hdr), ==, CXL_EVKIND_UNKNOWN);
}

static void test_layout(void)
{
    for (CxlEvKind kind = 0; kind < CXL_EVKIND_UNKNOWN; kind++) {
        CxlEvHeader hdr = { };
        const CxlUuid *uuid;

        g_assert_nonnull(cxl_evrec_layout(kind, &uuid));
        hdr.uuid = *uuid;
        g_assert_cmpint(cxl_evrec_kind(&hdr), ==, kind);
    }
}

static void expect_problem(uint32_t flags, uint32_t count, const char *wanted)
{
    g_autofree char *problem = cxl_evrec_problem(flags, "cme-count", count);

    g_assert_cmpstr(problem, ==, wanted);
}

static void test_narrow(void)
{
    expect_problem(0xffffff, 0xffffff, NULL);
    expect_problem(0x1000000, 0,
                   "argument 'flags': 0x1000000 is not within 0 to 0xffffff");
    expect_problem(0, 0x1000000, "argument 'cme-count': 16777216 is not within"
                   " 0 to 16777215");
    g_assert_null(cxl_evrec_problem(0, NULL, 0));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/event-records/general-media", test_general_media);
    g_test_add_func("/cxl/event-records/header", test_header);
    g_test_add_func("/cxl/event-records/dram", test_dram);
    g_test_add_func("/cxl/event-records/module", test_module);
    g_test_add_func("/cxl/event-records/sparing", test_sparing);
    g_test_add_func("/cxl/event-records/dc", test_dc);
    g_test_add_func("/cxl/event-records/kind", test_kind);
    g_test_add_func("/cxl/event-records/layout", test_layout);
    g_test_add_func("/cxl/event-records/narrow", test_narrow);
    return g_test_run();
}
