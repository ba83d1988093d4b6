/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/apei-tables: lengths and places as ACPI draws them, and every
 * register that an entry names is one that there is.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/apei-tables.h"
#include "hw/cxl/wire/apei.h"

static void check_gas(const uint8_t *gas, unsigned offset, unsigned bytes)
{
    g_assert_cmpuint(gas[0], ==, 0);
    g_assert_cmpuint(gas[1], ==, bytes * 8);
    g_assert_cmpuint(gas[2], ==, 0);
    g_assert_cmpuint(gas[3], ==, bytes == 8 ? 4 : 3);
    g_assert_cmphex(ldq_le_p(gas + 4), ==, CXL_APEI_BASE + offset);
}

/* ACPI 6.5 table 18.13 */
static void test_hest(void)
{
    g_autoptr(GArray) table = g_array_new(false, false, 1);
    const uint8_t *p;

    cxl_apei_hest(table);
    p = (const uint8_t *)table->data;
    g_assert_cmpuint(table->len, ==, 4 + 92);
    g_assert_cmpuint(ldl_le_p(p), ==, 1);
    p += 4;
    g_assert_cmpuint(lduw_le_p(p), ==, 10);
    g_assert_cmphex(lduw_le_p(p + 4), ==, 0xffff);
    g_assert_cmpuint(p[7], ==, 1);
    check_gas(p + 20, CXL_APEI_BLOCK_AT, 8);
    g_assert_cmpuint(p[32], ==, 3);
    g_assert_cmpuint(p[33], ==, 28);
    g_assert_cmpuint(ldl_le_p(p + 60), ==, CXL_APEI_BLOCK_SIZE);
    check_gas(p + 64, CXL_APEI_READ_ACK, 8);
    g_assert_cmphex(ldq_le_p(p + 76), ==, ~1ull);
    g_assert_cmphex(ldq_le_p(p + 84), ==, 1);
}

/* ACPI 6.5 tables 18.22 to 18.25: each action once, with what it needs */
static void test_einj(void)
{
    static const struct {
        uint8_t instruction, bytes;
        unsigned offset, value;
    } want[9] = {
        { 3, 4, CXL_APEI_COMMAND, 1 }, { 0, 8, CXL_APEI_TRIGGER_AT, 0 },
        { 2, 4, CXL_APEI_ERROR_TYPE, 0 }, { 0, 4, CXL_APEI_TYPES, 0 },
        { 3, 4, CXL_APEI_COMMAND, 3 }, { 3, 4, CXL_APEI_COMMAND, 2 },
        { 1, 4, CXL_APEI_BUSY, 1 }, { 0, 4, CXL_APEI_STATUS, 0 },
        { 2, 4, CXL_APEI_ERROR, 0 },
    };
    g_autoptr(GArray) table = g_array_new(false, false, 1);
    const uint8_t *p;

    cxl_apei_einj(table);
    p = (const uint8_t *)table->data;
    g_assert_cmpuint(table->len, ==, 12 + 9 * 32);
    g_assert_cmpuint(ldl_le_p(p), ==, 12);
    g_assert_cmpuint(ldl_le_p(p + 8), ==, 9);
    p += 12;
    for (unsigned i = 0; i < 9; i++, p += 32) {
        g_assert_cmpuint(p[0], ==, i);
        g_assert_cmpuint(p[1], ==, want[i].instruction);
        check_gas(p + 4, want[i].offset, want[i].bytes);
        g_assert_cmphex(ldq_le_p(p + 16), ==, want[i].value);
        g_assert_cmphex(ldq_le_p(p + 24), ==,
                        want[i].bytes == 8 ? UINT64_MAX : UINT32_MAX);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/apei-tables/hest", test_hest);
    g_test_add_func("/cxl/apei-tables/einj", test_einj);
    return g_test_run();
}
