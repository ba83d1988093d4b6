/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extended capabilities are found, those of one id one after the other; there
 * is room for one more, or none where others are or may be; and no list of
 * anybody's makes the search leave configuration space or go on for ever.
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

static uint16_t find(uint16_t after, uint16_t id)
{
    return extcap_find(config, sizeof(config), after, id);
}

static uint16_t find_dvsec(uint16_t vendor, uint16_t id)
{
    return extcap_find_dvsec(config, sizeof(config), vendor, id);
}

static void test_find(void)
{
    memset(config, 0, sizeof(config));
    g_assert_cmphex(find(0, 0x2e), ==, 0);
    cap(0x100, 0x01, 0x200);
    cap(0x200, 0x2e, 0xff8);
    cap(0xff8, 0x2e, 0x180);
    cap(0x180, 0x0e, 0);
    g_assert_cmphex(find(0, 0x01), ==, 0x100);
    g_assert_cmphex(find(0, 0x2e), ==, 0x200);
    g_assert_cmphex(find(0x200, 0x2e), ==, 0xff8);
    g_assert_cmphex(find(0xff8, 0x2e), ==, 0);
    g_assert_cmphex(find(0, 0x0e), ==, 0x180);
    g_assert_cmphex(find(0, 0x0f), ==, 0);
}

static void test_dvsec(void)
{
    memset(config, 0, sizeof(config));
    dvsec(0x100, VENDOR, 0, 0x140);
    dvsec(0x140, 0x8086, 7, 0x180);
    cap(0x180, 0x01, 0x1c0);
    dvsec(0x1c0, VENDOR, 7, 0);
    g_assert_cmphex(find_dvsec(VENDOR, 0), ==, 0x100);
    g_assert_cmphex(find_dvsec(VENDOR, 7), ==, 0x1c0);
    g_assert_cmphex(find_dvsec(0x8086, 7), ==, 0x140);
    g_assert_cmphex(find_dvsec(VENDOR, 8), ==, 0);
}

/* By the list, or by its own next pointer */
static void test_circles(void)
{
    memset(config, 0, sizeof(config));
    cap(0x100, 0x01, 0x200);
    cap(0x200, EXTCAP_ID_DVSEC, 0x100);
    g_assert_cmphex(find(0, 0x2e), ==, 0);
    g_assert_cmphex(find(0x200, EXTCAP_ID_DVSEC), ==, 0x200);
    g_assert_cmphex(find_dvsec(VENDOR, 7), ==, 0);
    cap(0x200, EXTCAP_ID_DVSEC, 0x200);
    g_assert_cmphex(find_dvsec(VENDOR, 7), ==, 0);
}

/* Into the common header, and to the last dword, which is no whole DVSEC */
static void test_ends(void)
{
    memset(config, 0xff, sizeof(config));
    cap(0x100, 0x01, 0x0fc);
    g_assert_cmphex(find(0, 0xffff), ==, 0);
    cap(0x100, 0x01, 0xffc);
    cap(0xffc, EXTCAP_ID_DVSEC, 0);
    g_assert_cmphex(find(0, EXTCAP_ID_DVSEC), ==, 0xffc);
    g_assert_cmphex(find_dvsec(0xffff, 0xffff), ==, 0);
    /* What answers with all ones has none. */
    memset(config, 0xff, sizeof(config));
    g_assert_cmphex(find(0, 0x2e), ==, 0);
}

/* Conventional PCI ends where the list would begin. */
static void test_none(void)
{
    g_autofree uint8_t *few = g_malloc0(EXTCAP_FIRST);

    g_assert_cmphex(extcap_find(few, EXTCAP_FIRST, 0, 0), ==, 0);
    g_assert_cmphex(extcap_find_dvsec(few, EXTCAP_FIRST, VENDOR, 7), ==, 0);
}

/* --- room ----------------------------------------------------------------- */

static uint8_t taken[EXTCAP_END];

static void nothing(void)
{
    memset(config, 0, sizeof(config));
    memset(taken, 0, sizeof(taken));
}

/* Only the beginning of an empty list will do, and it may be taken. */
static void test_room_empty(void)
{
    nothing();
    g_assert_cmphex(extcap_last(config), ==, 0);
    g_assert_cmphex(extcap_room(config, taken, 24), ==, 0x100);
    taken[0x117] = 1;
    g_assert_cmphex(extcap_room(config, taken, 24), ==, 0);
    g_assert_cmphex(extcap_room(config, taken, 20), ==, 0x100);
}

static void test_room_top(void)
{
    nothing();
    cap(0x100, 0x03, 0x200);
    cap(0x200, 0x01, 0);
    g_assert_cmphex(extcap_last(config), ==, 0x200);
    g_assert_cmphex(extcap_room(config, taken, 24), ==, 0xfe8);
    taken[0xfff] = 1;
    g_assert_cmphex(extcap_room(config, taken, 24), ==, 0xfe4);
    memset(taken + 0x110, 1, sizeof(taken) - 0x110);
    g_assert_cmphex(extcap_room(config, taken, 8), ==, 0);
    g_assert_cmphex(extcap_room(config, taken, 4), ==, 0x10c);
}

/* One whose id does not say how long it is reaches as far as it can. */
static void test_room_unknown(void)
{
    nothing();
    cap(0x100, 0x03, 0x200);
    cap(0x200, 0x02, 0);
    g_assert_cmphex(extcap_room(config, taken, 24), ==, 0x1e8);
    g_assert_cmphex(extcap_room(config, taken, 0xf4), ==, 0x10c);
    g_assert_cmphex(extcap_room(config, taken, 0xf8), ==, 0);
    /* The order of the list is not that of addresses. */
    cap(0x200, 0x02, 0x180);
    cap(0x180, 0xff, 0);
    g_assert_cmphex(extcap_room(config, taken, 24), ==, 0x168);
    cap(0x180, 0xff, 0x300);
    cap(0x300, 0x0e, 0);
    g_assert_cmphex(extcap_room(config, taken, 24), ==, 0xfe8);
    g_assert_cmphex(extcap_last(config), ==, 0x300);
    memset(taken + 0x308, 1, sizeof(taken) - 0x308);
    g_assert_cmphex(extcap_room(config, taken, 24), ==, 0x168);
}

/* A DVSEC says how long it is, and may say nonsense. */
static void test_room_dvsec(void)
{
    nothing();
    dvsec(0x100, VENDOR, 0, 0);
    stl_le_p(config + 0x104, VENDOR | 0xee8u << 20);
    g_assert_cmphex(extcap_room(config, taken, 24), ==, 0xfe8);
    stl_le_p(config + 0x104, VENDOR | 0xeecu << 20);
    g_assert_cmphex(extcap_room(config, taken, 24), ==, 0);
    stl_le_p(config + 0x104, VENDOR | 0xfffu << 20);
    g_assert_cmphex(extcap_room(config, taken, 24), ==, 0);
    g_assert_cmphex(extcap_room(config, taken, 4), ==, 0);
    stl_le_p(config + 0x104, VENDOR);
    g_assert_cmphex(extcap_room(config, taken, 24), ==, 0);
}

static void test_room_no_list(void)
{
    nothing();
    cap(0x100, 0x03, 0x200);
    cap(0x200, 0x03, 0x100);
    g_assert_cmphex(extcap_room(config, taken, 24), ==, 0);
    g_assert_cmphex(extcap_last(config), ==, 0);
    cap(0x200, 0x03, 0xfc);
    g_assert_cmphex(extcap_room(config, taken, 24), ==, 0);
    cap(0x200, 0x03, 0xffc);
    g_assert_cmphex(extcap_room(config, taken, 24), ==, 0);
    memset(config, 0xff, sizeof(config));
    g_assert_cmphex(extcap_room(config, taken, 24), ==, 0);
}

/* --- what is added -------------------------------------------------------- */

/* Every access around it shows its bytes and the link's, and nobody else's. */
static void test_show(void)
{
    ExtcapAdded added;
    uint8_t want[0x300] = { 0 };

    nothing();
    cap(0x100, 0x03, 0x140);
    cap(0x140, 0x01, 0);
    extcap_add(&added, config, 0x200, 24, 0x2e);
    stl_le_p(want + 0x140, 0x20010001);
    stl_le_p(want + 0x200, 0x0001002e);
    for (uint32_t addr = 0x100; addr < 0x240; addr++) {
        for (unsigned size = 1; size <= 4; size *= 2) {
            uint32_t val = extcap_show(&added, addr, UINT32_MAX, size);

            for (unsigned i = 0; i < 4; i++) {
                uint32_t at = addr + i;
                bool ours = (at >= 0x200 && at < 0x218) ||
                            (at >= 0x140 && at < 0x144);

                g_assert_cmphex(val >> 8 * i & 0xff, ==,
                                ours && i < size ? want[at] : 0xff);
            }
        }
    }
    /* The model's list is as before. */
    g_assert_cmphex(extcap_last(config), ==, 0x140);
    /* Nothing leads to the first. */
    nothing();
    extcap_add(&added, config, 0x100, 24, 0x2e);
    g_assert_cmphex(extcap_show(&added, 0, 0x1234, 4), ==, 0x1234);
    g_assert_cmphex(extcap_show(&added, 0x100, 0, 4), ==, 0x0001002e);
}

static void test_asks_reset(void)
{
    nothing();
    g_assert_false(extcap_asks_reset(config, 0x80, 0x88, 0x8000, 2));
    stl_le_p(config + 0x84, 1u << 28);
    g_assert_true(extcap_asks_reset(config, 0x80, 0x88, 0x8000, 2));
    g_assert_true(extcap_asks_reset(config, 0x80, 0x88, 0x8000, 4));
    g_assert_true(extcap_asks_reset(config, 0x80, 0x89, 0x80, 1));
    g_assert_true(extcap_asks_reset(config, 0x80, 0x86, 0x80000000, 4));
    g_assert_false(extcap_asks_reset(config, 0x80, 0x88, 0x7fff, 4));
    g_assert_false(extcap_asks_reset(config, 0x80, 0x88, 0x80, 1));
    g_assert_false(extcap_asks_reset(config, 0x80, 0x8a, 0xffff, 2));
    g_assert_false(extcap_asks_reset(config, 0x80, 0x84, UINT32_MAX, 4));
}

static void test_asks_bus_reset(void)
{
    g_assert_true(extcap_asks_bus_reset(0x3e, 0x40, 2));
    g_assert_true(extcap_asks_bus_reset(0x3e, 0x43, 1));
    g_assert_true(extcap_asks_bus_reset(0x3c, 0x00400000, 4));
    g_assert_false(extcap_asks_bus_reset(0x3e, 0xbf, 2));
    g_assert_false(extcap_asks_bus_reset(0x3c, 0x40, 2));
    g_assert_false(extcap_asks_bus_reset(0x3f, 0x40, 1));
    g_assert_false(extcap_asks_bus_reset(0x38, UINT32_MAX, 4));
}

/* What is compared of the capability, and what is around it, still is. */
static void test_aer_may_differ(void)
{
    memset(config, 0xff, sizeof(config));
    extcap_aer_may_differ(config, 0x200);
    g_assert_cmphex((uint32_t)ldl_le_p(config + 0x214), ==, UINT32_MAX);
    g_assert_cmphex((uint32_t)ldl_le_p(config + 0x218), ==, 0xfffff7e0);
    g_assert_cmphex((uint32_t)ldl_le_p(config + 0x21c), ==, 0);
    g_assert_cmphex((uint32_t)ldl_le_p(config + 0x228), ==, 0);
    g_assert_cmphex((uint32_t)ldl_le_p(config + 0x22c), ==, UINT32_MAX);
    g_assert_cmphex((uint32_t)ldl_le_p(config + 0x230), ==, UINT32_MAX);
    g_assert_cmphex((uint32_t)ldl_le_p(config + 0x234), ==, 0);
    g_assert_cmphex((uint32_t)ldl_le_p(config + 0x244), ==, 0);
    g_assert_cmphex((uint32_t)ldl_le_p(config + 0x248), ==, UINT32_MAX);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/common/extcap/find", test_find);
    g_test_add_func("/common/extcap/dvsec", test_dvsec);
    g_test_add_func("/common/extcap/circles", test_circles);
    g_test_add_func("/common/extcap/ends", test_ends);
    g_test_add_func("/common/extcap/none", test_none);
    g_test_add_func("/common/extcap/room/empty", test_room_empty);
    g_test_add_func("/common/extcap/room/top", test_room_top);
    g_test_add_func("/common/extcap/room/unknown", test_room_unknown);
    g_test_add_func("/common/extcap/room/dvsec", test_room_dvsec);
    g_test_add_func("/common/extcap/room/no-list", test_room_no_list);
    g_test_add_func("/common/extcap/show", test_show);
    g_test_add_func("/common/extcap/aer-may-differ", test_aer_may_differ);
    g_test_add_func("/common/extcap/asks-reset", test_asks_reset);
    g_test_add_func("/common/extcap/asks-bus-reset", test_asks_bus_reset);
    return g_test_run();
}
