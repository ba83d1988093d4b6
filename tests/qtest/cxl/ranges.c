/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two ranges of the device DVSEC: they decode as long as HDM decoders are
 * off and CXL.mem is on, where software has put them, and nowhere else.
 */
#include "qemu/osdep.h"
#include "hw/cxl/wire/dvsec.h"
#include "hw/cxl/wire/hdm.h"
#include "tests/qtest/cxl/fixture.h"

#define CAP_DVSEC   0x23
#define NOTHING     UINT64_MAX
#define FIRST       0x1111222233334444ull
#define SECOND      0x5555666677778888ull

static uint32_t dvsec(CxlFixture *f)
{
    return fix_find_ext_cap(f, CAP_DVSEC, CXL_DVSEC_ID_DEVICE);
}

static void place(CxlFixture *f, unsigned range, uint64_t hpa)
{
    fix_config_write(f, dvsec(f) + CXL_DVSEC_DEV_RANGE_BASE_HI(range), 4,
                     hpa >> 32);
    fix_config_write(f, dvsec(f) + CXL_DVSEC_DEV_RANGE_BASE_LO(range), 4,
                     hpa);
}

static void enable(CxlFixture *f, bool on)
{
    fix_config_write(f, dvsec(f) + CXL_DVSEC_DEV_CTRL, 2,
                     on ? CXL_DVSEC_DEV_CTRL_MEM : 0);
}

/* 256 MiB volatile, then 512 MiB persistent, in the opposite order. */
static CxlFixture *start(uint64_t *first, uint64_t *second)
{
    CxlFixture *f = fix_start(FIX_BOTH);

    *second = fix_window(f);
    *first = *second + 2 * FIX_UNIT;
    place(f, 0, *first);
    place(f, 1, *second);
    enable(f, true);
    fix_write(f, *first, 8, FIRST);
    fix_write(f, *second + 2 * FIX_UNIT - 8, 8, SECOND);
    g_assert_cmphex(fix_read(f, *first, 8), ==, FIRST);
    g_assert_cmphex(fix_read(f, *second + 2 * FIX_UNIT - 8, 8), ==, SECOND);
    g_assert_cmphex(fix_read(f, *first + FIX_UNIT, 8), ==, NOTHING);
    return f;
}

/* The same bytes are where decoders find them, and ranges are over then. */
static void test_decoders_take_over(void)
{
    uint64_t first, second, hpa;
    CxlFixture *f = start(&first, &second);

    hpa = fix_map(f, 0, 4 * FIX_UNIT, FIX_UNIT);
    g_assert_cmphex(fix_read(f, hpa, 8), ==, FIRST);
    hpa = fix_map(f, 1, 5 * FIX_UNIT, 2 * FIX_UNIT);
    g_assert_cmphex(fix_read(f, hpa + 2 * FIX_UNIT - 8, 8), ==, SECOND);
    g_assert_cmphex(fix_read(f, first, 8), ==, NOTHING);
    g_assert_cmphex(fix_read(f, second + 2 * FIX_UNIT - 8, 8), ==, NOTHING);
    fix_write(f, f->hdm + CXL_HDM_GLOBAL, 4, 0);
    g_assert_cmphex(fix_read(f, hpa, 8), ==, NOTHING);
    g_assert_cmphex(fix_read(f, first, 8), ==, FIRST);
    fix_stop(f);
}

static void test_mem_enable(void)
{
    uint64_t first, second;
    CxlFixture *f = start(&first, &second);

    enable(f, false);
    g_assert_cmphex(fix_read(f, first, 8), ==, NOTHING);
    enable(f, true);
    g_assert_cmphex(fix_read(f, first, 8), ==, FIRST);
    fix_stop(f);
}

static void test_moves(void)
{
    uint64_t first, second;
    CxlFixture *f = start(&first, &second);

    place(f, 0, first + FIX_UNIT);
    g_assert_cmphex(fix_read(f, first, 8), ==, NOTHING);
    g_assert_cmphex(fix_read(f, first + FIX_UNIT, 8), ==, FIRST);
    /* Over the second: the first one wins, as everywhere. */
    place(f, 0, second + FIX_UNIT);
    g_assert_cmphex(fix_read(f, second + FIX_UNIT, 8), ==, FIRST);
    /* As far up as a register reaches, and round the top */
    place(f, 0, 0xfffffffff0000000ull);
    place(f, 1, 0xfffffffff0000000ull);
    g_assert_cmphex(fix_read(f, second + FIX_UNIT, 8), ==, NOTHING);
    place(f, 0, 0);
    place(f, 1, second);
    g_assert_cmphex(fix_read(f, second + 2 * FIX_UNIT - 8, 8), ==, SECOND);
    fix_stop(f);
}

static void test_locked(void)
{
    uint64_t first, second;
    CxlFixture *f = start(&first, &second);

    fix_config_write(f, dvsec(f) + CXL_DVSEC_DEV_LOCK, 2, 1);
    place(f, 0, first + FIX_UNIT);
    enable(f, false);
    g_assert_cmphex(fix_read(f, first, 8), ==, FIRST);
    qtest_system_reset(f->qts);
    fix_enumerate(f);
    g_assert_cmphex(fix_read(f, first, 8), ==, NOTHING);
    fix_stop(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/ranges/decoders-take-over",
                    test_decoders_take_over);
    g_test_add_func("/cxl/ranges/mem-enable", test_mem_enable);
    g_test_add_func("/cxl/ranges/moves", test_moves);
    g_test_add_func("/cxl/ranges/locked", test_locked);
    return g_test_run();
}
