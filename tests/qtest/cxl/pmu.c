/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The performance and the hotness monitoring unit as a driver finds them: by
 * the register locator, with a message that arrives, and counters that move
 * with what the guest does to memory and mailbox.
 */
#include "qemu/osdep.h"
#include "hw/cxl/wire/chmu.h"
#include "hw/cxl/wire/cpmu.h"
#include "hw/cxl/wire/dvsec.h"
#include "tests/qtest/cxl/fixture.h"

#define CAP_DVSEC       0x23
#define VECTOR          1
#define FIXED           7
#define TRAPPING        FIX_VOLATILE ",direct=off"

/* Absolute address of the block, 0 if the locator has none */
static uint64_t find_block(CxlFixture *f, unsigned id)
{
    uint32_t pos = fix_find_ext_cap(f, CAP_DVSEC, CXL_DVSEC_ID_LOCATOR);
    uint32_t len = fix_config_read(f, pos + CXL_DVSEC_HDR1, 4) >> 20;
    unsigned i;

    for (i = 0; CXL_DVSEC_LOCATOR_LEN(i + 1) <= len; i++) {
        uint32_t lo = fix_config_read(f, pos + CXL_DVSEC_LOCATOR_LO(i), 4);

        if (extract32(lo, 8, 8) == id) {
            return f->bar[lo & 7] + (lo & 0xffff0000);
        }
    }
    return 0;
}

static void enable(CxlFixture *f, uint64_t pmu, unsigned n, uint64_t extra)
{
    uint64_t config = fix_read(f, pmu + CXL_CPMU_CONFIG(n), 8);

    fix_write(f, pmu + CXL_CPMU_CONFIG(n), 8,
              config | CXL_CPMU_CONFIG_ENABLE | extra);
}

static uint64_t counter(CxlFixture *f, uint64_t pmu, unsigned n)
{
    return fix_read(f, pmu + CXL_CPMU_COUNTER(n), 8);
}

static void test_counts(void)
{
    CxlFixture *f = fix_start(TRAPPING);
    uint64_t pmu = find_block(f, CXL_LOCATOR_CPMU), hpa;

    g_assert_cmphex(pmu, !=, 0);
    g_assert_cmpint(extract64(fix_read(f, pmu, 8), 44, 4), ==, VECTOR);
    hpa = fix_map(f, 0, 0, FIX_UNIT);
    enable(f, pmu, 1, 0);                           /* partial writes */
    enable(f, pmu, 3, 0);                           /* data */
    enable(f, pmu, 5, 0);                           /* commands */
    enable(f, pmu, FIXED, CXL_CPMU_CONFIG_EVENTS(2)); /* reads */
    enable(f, pmu, FIXED + 1, CXL_CPMU_CONFIG_EVENTS(2));
    fix_write(f, pmu + CXL_CPMU_FILTER(FIXED + 1), 4, 1 << 1);
    fix_write(f, hpa, 8, 1);
    fix_write(f, hpa + 0x40, 1, 1);
    fix_read(f, hpa, 4);
    g_assert_cmphex(fix_command_rc(f, 0x4000, NULL, 0), ==, 0);
    g_assert_cmpint(counter(f, pmu, 1), ==, 2);
    g_assert_cmpint(counter(f, pmu, 3), ==, 1);
    g_assert_cmpint(counter(f, pmu, 5), ==, 1);
    g_assert_cmpint(counter(f, pmu, FIXED), ==, 1);
    /* Nothing came through decoder 1. */
    g_assert_cmpint(counter(f, pmu, FIXED + 1), ==, 0);
    fix_stop(f);
}

/* The clock overflows while nobody looks. */
static void test_overflow(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);
    uint64_t pmu = find_block(f, CXL_LOCATOR_CPMU);

    fix_write(f, pmu + CXL_CPMU_FREEZE, 8, UINT64_MAX);
    fix_write(f, pmu + CXL_CPMU_COUNTER(0), 8, (1ull << 48) - 1000);
    enable(f, pmu, 0, CXL_CPMU_CONFIG_INTERRUPT | CXL_CPMU_CONFIG_FREEZE);
    fix_write(f, pmu + CXL_CPMU_FREEZE, 8, 0);
    qtest_clock_step(f->qts, 999);
    g_assert_false(fix_irq_taken(f, VECTOR));
    qtest_clock_step(f->qts, 1);
    g_assert_true(fix_irq_taken(f, VECTOR));
    g_assert_cmphex(fix_read(f, pmu + CXL_CPMU_OVERFLOW, 8), ==, 1);
    g_assert_cmphex(fix_read(f, pmu + CXL_CPMU_FREEZE, 8), !=, 0);
    qtest_clock_step(f->qts, 1000);
    g_assert_cmphex(counter(f, pmu, 0), ==, 0);
    fix_stop(f);
}

static void test_off(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE ",cpmu=off");

    g_assert_cmphex(find_block(f, CXL_LOCATOR_CPMU), ==, 0);
    fix_stop(f);
}

/* --- hotness ------------------------------------------------------------- */

#define HOT_VECTOR      9
#define HOT(reg)        (CXL_CHMU_INSTANCE + (reg))

/* Units of 4 KiB that are used twice in 10 ms */
static void watch(CxlFixture *f, uint64_t chmu)
{
    fix_write(f, chmu + HOT(CXL_CHMU_CONFIG2), 8, 12 |
              CXL_CHMU_CONFIG2_EPOCH(CXL_CHMU_EPOCH(CXL_CHMU_SCALE_1MS, 10)));
    fix_write(f, chmu + HOT(CXL_CHMU_CONFIG3), 8, 1);
    fix_write(f, chmu + HOT(CXL_CHMU_BITMAP), 8, 1);
    fix_write(f, chmu + HOT(CXL_CHMU_CONFIG), 8, CXL_CHMU_ALL |
              CXL_CHMU_CONFIG_FILL | CXL_CHMU_CONFIG_ENABLE |
              CXL_CHMU_CONFIG_THRESHOLD(2));
    g_assert_cmphex(fix_read(f, chmu + HOT(CXL_CHMU_STATUS), 8) & 1, ==, 1);
}

static void test_hot(void)
{
    CxlFixture *f = fix_start(TRAPPING ",chmu=on");
    uint64_t chmu = find_block(f, CXL_LOCATOR_CHMU), hpa;

    g_assert_cmphex(chmu, !=, 0);
    g_assert_cmphex(find_block(f, CXL_LOCATOR_CPMU), !=, 0);
    g_assert_cmphex(fix_read(f, chmu, 8), ==, 0x101);
    g_assert_cmphex(fix_read(f, chmu + HOT(CXL_CHMU_ABLE), 8) & 15, ==,
                    HOT_VECTOR);
    hpa = fix_map(f, 0, 0, FIX_UNIT);
    watch(f, chmu);
    fix_write(f, hpa + 0x3000, 8, 1);
    fix_read(f, hpa + 0x3ff8, 4);
    fix_write(f, hpa + 0x5000, 8, 1);
    g_assert_false(fix_irq_taken(f, HOT_VECTOR));
    qtest_clock_step(f->qts, 10 * 1000 * 1000);
    g_assert_true(fix_irq_taken(f, HOT_VECTOR));
    g_assert_cmphex(fix_read(f, chmu + HOT(CXL_CHMU_TAIL), 2), ==, 1);
    g_assert_cmphex(fix_read(f, chmu + HOT(CXL_CHMU_BITMAP +
                                           8 * 256), 8), ==, 0x30002);
    fix_stop(f);
}

static void test_not_hot(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);

    g_assert_cmphex(find_block(f, CXL_LOCATOR_CHMU), ==, 0);
    fix_stop(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/pmu/counts", test_counts);
    g_test_add_func("/cxl/pmu/overflow", test_overflow);
    g_test_add_func("/cxl/pmu/off", test_off);
    g_test_add_func("/cxl/pmu/hot", test_hot);
    g_test_add_func("/cxl/pmu/not-hot", test_not_hot);
    return g_test_run();
}
