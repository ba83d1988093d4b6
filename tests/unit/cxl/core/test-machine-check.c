/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Machine checks for every kind of processor: who gets one, who else enters,
 * and the bits that the guest's handler decides by.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/machine-check.h"

static const CxlCheckCpu intel = {
    .checks = true, .ser = true, .broadcasts = true,
};
static const CxlCheckCpu amd = { .amd = true, .checks = true, .succor = true };

/* All that there can be: no combination is forgotten. */
static CxlCheckCpu numbered(unsigned n)
{
    return (CxlCheckCpu) {
        .amd = n & 1, .checks = n & 2, .ser = n & 4, .succor = n & 8,
        .local = n & 16, .broadcasts = n & 32,
    };
}

static void test_declined(void)
{
    for (unsigned n = 0; n < 64; n++) {
        CxlCheckCpu cpu = numbered(n);
        bool survives = cpu.checks && (cpu.amd ? cpu.succor : cpu.ser);

        g_assert_cmpint(cxl_check_declined(&cpu, false), ==, !survives);
        g_assert_cmpint(cxl_check_declined(&cpu, true), ==, !cpu.checks);
    }
}

static void test_all_enter(void)
{
    for (unsigned n = 0; n < 64; n++) {
        CxlCheckCpu cpu = numbered(n);

        g_assert_cmpint(cxl_check_all_enter(&cpu), ==,
                        cpu.broadcasts && !cpu.local && !cpu.amd);
        g_assert_cmpint(cxl_check_choose(&cpu, false).broadcast, ==,
                        cxl_check_all_enter(&cpu));
    }
}

/* SDM table 16-6: UC, S and AR set, PCC clear */
static void test_intel(void)
{
    CxlCheckCpu cpu = intel;
    CxlCheck check = cxl_check_choose(&cpu, false);

    g_assert_cmphex(check.status, ==, 0xbd80000000000134);
    g_assert_cmphex(check.mcg_status, ==, 7);
    g_assert_true(check.broadcast);
    cpu.local = true;
    check = cxl_check_choose(&cpu, true);
    g_assert_cmphex(check.status, ==, 0xbd80000000000150);
    g_assert_cmphex(check.mcg_status, ==, 0xf);
    g_assert_false(check.broadcast);
    cpu.ser = false;
    g_assert_cmphex(cxl_check_choose(&cpu, false).status, ==,
                    0xbc80000000000134);
}

/* Poison and no action: the form is told by the vendor. */
static void test_amd(void)
{
    CxlCheckCpu cpu = amd;
    CxlCheck check = cxl_check_choose(&cpu, false);

    g_assert_cmphex(check.status, ==, 0xbc00080000000134);
    g_assert_cmphex(check.mcg_status, ==, 7);
    g_assert_false(check.broadcast);
    cpu.ser = cpu.local = cpu.broadcasts = true;
    check = cxl_check_choose(&cpu, true);
    g_assert_cmphex(check.status, ==, 0xbd00080000000150);
    g_assert_cmphex(check.mcg_status, ==, 7);
    g_assert_false(check.broadcast);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/machine-check/declined", test_declined);
    g_test_add_func("/cxl/machine-check/all-enter", test_all_enter);
    g_test_add_func("/cxl/machine-check/intel", test_intel);
    g_test_add_func("/cxl/machine-check/amd", test_amd);
    return g_test_run();
}
