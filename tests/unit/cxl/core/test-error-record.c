/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record of lost memory, byte by byte as the tables of ACPI and UEFI draw
 * it: lengths, severities, the section's id, and which memory it is.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/error-record.h"

static uint8_t bytes[sizeof(CxlErrorRecord)];

static void make(uint64_t address, unsigned granule)
{
    CxlErrorRecord rec;

    memset(&rec, 0xa5, sizeof(rec));
    cxl_error_record(&rec, address, granule);
    memcpy(bytes, &rec, sizeof(rec));
}

static uint32_t at32(unsigned offset)
{
    return ldl_le_p(bytes + offset);
}

static uint64_t at64(unsigned offset)
{
    return ldq_le_p(bytes + offset);
}

/* ACPI 6.5 table 18.11: one uncorrectable entry, no raw data */
static void test_block(void)
{
    make(0x123456789abc, 6);
    g_assert_cmphex(at32(0), ==, 0x11);
    g_assert_cmphex(at64(4), ==, 0);
    g_assert_cmpuint(at32(12), ==, 72 + 80);
    g_assert_cmpuint(at32(16), ==, 0);
}

/* ACPI 6.5 table 18.12: a memory error section of revision 3.0 */
static void test_entry(void)
{
    static const uint8_t memory[16] = {
        0x14, 0x11, 0xbc, 0xa5, 0x64, 0x6f, 0xde, 0x4e,
        0xb8, 0x63, 0x3e, 0x83, 0xed, 0x7c, 0x83, 0xb1,
    };

    make(0, 6);
    g_assert_cmpmem(bytes + 20, 16, memory, 16);
    g_assert_cmpuint(at32(36), ==, 0);
    g_assert_cmphex(lduw_le_p(bytes + 40), ==, 0x300);
    g_assert_cmpuint(at32(44), ==, 80);
    for (unsigned i = 48; i < 92; i++) {
        g_assert_cmpuint(bytes[i], ==, 0);
    }
}

/* UEFI 2.10 table N.31: address and mask are valid, and nothing else */
static void test_section(void)
{
    make(0x123456789abc, 6);
    g_assert_cmphex(at64(92), ==, 6);
    g_assert_cmphex(at64(100), ==, 0);
    g_assert_cmphex(at64(108), ==, 0x123456789a80);
    g_assert_cmphex(at64(116), ==, 0xffffffffffffffc0);
    for (unsigned i = 124; i < sizeof(bytes); i++) {
        g_assert_cmpuint(bytes[i], ==, 0);
    }
    make(UINT64_MAX, 12);
    g_assert_cmphex(at64(108), ==, 0xfffffffffffff000);
    g_assert_cmphex(at64(116), ==, 0xfffffffffffff000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/error-record/block", test_block);
    g_test_add_func("/cxl/error-record/entry", test_entry);
    g_test_add_func("/cxl/error-record/section", test_section);
    return g_test_run();
}
