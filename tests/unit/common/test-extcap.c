/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extended capabilities are found, those of one id one after the other, and no
 * list of anybody's makes the search leave configuration space or go on for
 * ever.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/common/extcap.h"

#define VENDOR 0x1e98

static uint8_t config[EXTCAP_END];

static void cap(uint16_t at, uint16_t id, uint16_t next)
{
    stl_le_p(config + at, id | 1u << 16 | (uint32_t)next << 20);
}

static void dvsec(uint16_t at, uint16_t vendor, uint16_t id, uint16_t next)
{
    cap(at, EXTCAP_ID_DVSEC, next);
    stw_le_p(config + at + 4, vendor);
    stw_le_p(config + at + 8, id);
}

static void test_find(void)
{
    memset(config, 0, sizeof(config));
    g_assert_cmphex(extcap_find(config, 0, 0x2e), ==, 0);
    cap(0x100, 0x01, 0x200);
    cap(0x200, 0x2e, 0xff8);
    cap(0xff8, 0x2e, 0x180);
    cap(0x180, 0x0e, 0);
    g_assert_cmphex(extcap_find(config, 0, 0x01), ==, 0x100);
    g_assert_cmphex(extcap_find(config, 0, 0x2e), ==, 0x200);
    g_assert_cmphex(extcap_find(config, 0x200, 0x2e), ==, 0xff8);
    g_assert_cmphex(extcap_find(config, 0xff8, 0x2e), ==, 0);
    g_assert_cmphex(extcap_find(config, 0, 0x0e), ==, 0x180);
    g_assert_cmphex(extcap_find(config, 0, 0x0f), ==, 0);
}

static void test_dvsec(void)
{
    memset(config, 0, sizeof(config));
    dvsec(0x100, VENDOR, 0, 0x140);
    dvsec(0x140, 0x8086, 7, 0x180);
    cap(0x180, 0x01, 0x1c0);
    dvsec(0x1c0, VENDOR, 7, 0);
    g_assert_cmphex(extcap_find_dvsec(config, VENDOR, 0), ==, 0x100);
    g_assert_cmphex(extcap_find_dvsec(config, VENDOR, 7), ==, 0x1c0);
    g_assert_cmphex(extcap_find_dvsec(config, 0x8086, 7), ==, 0x140);
    g_assert_cmphex(extcap_find_dvsec(config, VENDOR, 8), ==, 0);
}

/* By the list, or by its own next pointer */
static void test_circles(void)
{
    memset(config, 0, sizeof(config));
    cap(0x100, 0x01, 0x200);
    cap(0x200, EXTCAP_ID_DVSEC, 0x100);
    g_assert_cmphex(extcap_find(config, 0, 0x2e), ==, 0);
    g_assert_cmphex(extcap_find(config, 0x200, EXTCAP_ID_DVSEC), ==, 0x200);
    g_assert_cmphex(extcap_find_dvsec(config, VENDOR, 7), ==, 0);
    cap(0x200, EXTCAP_ID_DVSEC, 0x200);
    g_assert_cmphex(extcap_find_dvsec(config, VENDOR, 7), ==, 0);
}

/* Into the common header, and to the last dword, which is no whole DVSEC */
static void test_ends(void)
{
    memset(config, 0xff, sizeof(config));
    cap(0x100, 0x01, 0x0fc);
    g_assert_cmphex(extcap_find(config, 0, 0xffff), ==, 0);
    cap(0x100, 0x01, 0xffc);
    cap(0xffc, EXTCAP_ID_DVSEC, 0);
    g_assert_cmphex(extcap_find(config, 0, EXTCAP_ID_DVSEC), ==, 0xffc);
    g_assert_cmphex(extcap_find_dvsec(config, 0xffff, 0xffff), ==, 0);
    /* What answers with all ones has none. */
    memset(config, 0xff, sizeof(config));
    g_assert_cmphex(extcap_find(config, 0, 0x2e), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/common/extcap/find", test_find);
    g_test_add_func("/common/extcap/dvsec", test_dvsec);
    g_test_add_func("/common/extcap/circles", test_circles);
    g_test_add_func("/common/extcap/ends", test_ends);
    return g_test_run();
}
