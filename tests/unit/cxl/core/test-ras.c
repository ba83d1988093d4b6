/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RAS capability: masks, severity, the record queue behind the header log,
 * and what the two ways of clearing do.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/cxl/core/ras.h"

static uint32_t rd(CxlRas *ras, uint64_t offset)
{
    return cxl_ras_read(ras, offset, 4);
}

static void wr(CxlRas *ras, uint64_t offset, uint32_t value)
{
    cxl_ras_write(ras, offset, value, 4);
    g_assert_null(cxl_ras_check(ras));
}

static CxlRasSignal raise_ue(CxlRas *ras, unsigned bit, uint32_t tag)
{
    const uint32_t header[2] = { tag, ~tag };
    CxlRasSignal signal;

    g_assert_true(cxl_ras_uncorrectable(ras, bit, header, 2, &signal));
    g_assert_null(cxl_ras_check(ras));
    return signal;
}

static void shows(CxlRas *ras, unsigned bit, uint32_t tag)
{
    g_assert_cmphex(rd(ras, CXL_RAS_CTRL), ==, 0x200 | bit);
    g_assert_cmphex(rd(ras, CXL_RAS_HEADER), ==, tag);
    g_assert_cmphex(rd(ras, CXL_RAS_HEADER + 4), ==, tag ? ~tag : 0);
    g_assert_cmphex(rd(ras, CXL_RAS_HEADER + 8), ==, 0);
}

static void unmasked(CxlRas *ras)
{
    cxl_ras_init(ras, NULL, NULL);
    wr(ras, CXL_RAS_UE_MASK, 0);
    wr(ras, CXL_RAS_CE_MASK, 0);
}

static void test_reset_values(void)
{
    CxlRas ras;

    cxl_ras_init(&ras, NULL, NULL);
    g_assert_cmphex(rd(&ras, CXL_RAS_UE_STATUS), ==, 0);
    g_assert_cmphex(rd(&ras, CXL_RAS_UE_MASK), ==, 0x1cfff);
    g_assert_cmphex(rd(&ras, CXL_RAS_UE_SEVERITY), ==, 0x1cfff);
    g_assert_cmphex(rd(&ras, CXL_RAS_CE_MASK), ==, 0x7f);
    g_assert_cmphex(rd(&ras, CXL_RAS_CTRL), ==, 0x200);
    wr(&ras, CXL_RAS_CTRL, UINT32_MAX);
    wr(&ras, CXL_RAS_HEADER, UINT32_MAX);
    wr(&ras, CXL_RAS_UE_STATUS, UINT32_MAX);
    shows(&ras, 0, 0);
    wr(&ras, CXL_RAS_UE_MASK, UINT32_MAX);
    g_assert_cmphex(rd(&ras, CXL_RAS_UE_MASK), ==, 0x1cfff);
}

static void test_signal(void)
{
    CxlRasSignal signal;
    CxlRas ras;

    cxl_ras_init(&ras, NULL, NULL);
    g_assert_cmpint(raise_ue(&ras, CXL_RAS_UE_MEM_DATA_ECC, 1), ==,
                    CXL_RAS_SIGNAL_NONE);
    g_assert_cmphex(rd(&ras, CXL_RAS_UE_STATUS), ==, 0x80);
    shows(&ras, 0, 0);
    g_assert_true(cxl_ras_correctable(&ras, CXL_RAS_CE_PHYSICAL, &signal));
    g_assert_cmpint(signal, ==, CXL_RAS_SIGNAL_NONE);

    unmasked(&ras);
    g_assert_cmpint(raise_ue(&ras, CXL_RAS_UE_INTERNAL, 2), ==,
                    CXL_RAS_SIGNAL_FATAL);
    wr(&ras, CXL_RAS_UE_SEVERITY, 0);
    g_assert_cmpint(raise_ue(&ras, CXL_RAS_UE_INTERNAL, 3), ==,
                    CXL_RAS_SIGNAL_NONFATAL);
    g_assert_true(cxl_ras_correctable(&ras, CXL_RAS_CE_PHYSICAL, &signal));
    g_assert_cmpint(signal, ==, CXL_RAS_SIGNAL_CORRECTABLE);
    g_assert_cmphex(rd(&ras, CXL_RAS_CE_STATUS), ==, 0x40);
    wr(&ras, CXL_RAS_CE_STATUS, 0x7f);
    g_assert_cmphex(rd(&ras, CXL_RAS_CE_STATUS), ==, 0);
}

static void test_refuse(void)
{
    const uint32_t header[17] = { 0 };
    CxlRasSignal signal;
    CxlRas ras;

    unmasked(&ras);
    for (unsigned bit = 0; bit < 70; bit++) {
        bool ue = bit < 17 && bit != 12 && bit != 13;

        g_assert_true(cxl_ras_uncorrectable(&ras, bit, header, 16, &signal)
                      == ue);
        g_assert_true(cxl_ras_correctable(&ras, bit, &signal) == (bit < 7));
    }
    cxl_ras_reset(&ras, true);
    g_assert_false(cxl_ras_uncorrectable(&ras, 0, header, 17, &signal));
    g_assert_cmphex(rd(&ras, CXL_RAS_UE_STATUS), ==, 0);
    g_assert_null(cxl_ras_check(&ras));
}

static void test_queue(void)
{
    CxlRas ras;

    unmasked(&ras);
    raise_ue(&ras, 5, 0x11);
    raise_ue(&ras, 10, 0x22);
    raise_ue(&ras, 5, 0x33);
    raise_ue(&ras, 0, 0x44);
    shows(&ras, 5, 0x11);
    /* The first bit alone: one record at a time, the bit stays. */
    wr(&ras, CXL_RAS_UE_STATUS, BIT(5));
    shows(&ras, 10, 0x22);
    g_assert_cmphex(rd(&ras, CXL_RAS_UE_STATUS), ==, 0x421);
    /* Not the first bit: its records go, the view stays. */
    wr(&ras, CXL_RAS_UE_STATUS, BIT(5));
    shows(&ras, 10, 0x22);
    g_assert_cmphex(rd(&ras, CXL_RAS_UE_STATUS), ==, 0x401);
    wr(&ras, CXL_RAS_UE_STATUS, BIT(10));
    shows(&ras, 0, 0x44);
    wr(&ras, CXL_RAS_UE_STATUS, BIT(0));
    shows(&ras, 0, 0);
    g_assert_cmphex(rd(&ras, CXL_RAS_UE_STATUS), ==, 0);
}

static void test_clear_all(void)
{
    CxlRas ras;

    unmasked(&ras);
    for (unsigned i = 0; i < 3; i++) {
        raise_ue(&ras, 5, i);
        raise_ue(&ras, 6, i);
    }
    /* Linux writes back all it saw. */
    wr(&ras, CXL_RAS_UE_STATUS, rd(&ras, CXL_RAS_UE_STATUS));
    g_assert_cmphex(rd(&ras, CXL_RAS_UE_STATUS), ==, 0);
    shows(&ras, 0, 0);
}

static void test_overflow(void)
{
    CxlRas ras;

    unmasked(&ras);
    for (unsigned i = 0; i < CXL_RAS_QUEUE_MAX; i++) {
        raise_ue(&ras, 4, i + 1);
    }
    g_assert_cmpint(raise_ue(&ras, 7, 99), ==, CXL_RAS_SIGNAL_FATAL);
    g_assert_cmphex(rd(&ras, CXL_RAS_UE_STATUS), ==, 0x90);
    for (unsigned i = 0; i < CXL_RAS_QUEUE_MAX; i++) {
        shows(&ras, 4, i + 1);
        wr(&ras, CXL_RAS_UE_STATUS, BIT(4));
    }
    g_assert_cmphex(rd(&ras, CXL_RAS_UE_STATUS), ==, 0x80);
    shows(&ras, 0, 0);
    wr(&ras, CXL_RAS_UE_STATUS, BIT(7));
    g_assert_cmphex(rd(&ras, CXL_RAS_UE_STATUS), ==, 0);
}

static void test_resets(void)
{
    CxlRas ras;

    unmasked(&ras);
    raise_ue(&ras, 5, 0x11);
    cxl_ras_reset(&ras, false);
    shows(&ras, 5, 0x11);
    g_assert_cmphex(rd(&ras, CXL_RAS_UE_MASK), ==, 0);
    g_assert_null(cxl_ras_check(&ras));
    cxl_ras_reset(&ras, true);
    shows(&ras, 0, 0);
    g_assert_cmphex(rd(&ras, CXL_RAS_UE_STATUS), ==, 0);
    g_assert_cmphex(rd(&ras, CXL_RAS_UE_MASK), ==, 0x1cfff);
    g_assert_null(cxl_ras_check(&ras));
}

/* A byte write clears only what lies in that byte. */
static void test_narrow(void)
{
    CxlRas ras;

    unmasked(&ras);
    raise_ue(&ras, 5, 1);
    raise_ue(&ras, 10, 2);
    cxl_ras_write(&ras, CXL_RAS_UE_STATUS + 1, 0xff, 1);
    g_assert_cmphex(rd(&ras, CXL_RAS_UE_STATUS), ==, 0x20);
    shows(&ras, 5, 1);
    cxl_ras_write(&ras, CXL_RAS_UE_STATUS, UINT64_MAX, 8);
    shows(&ras, 0, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/ras/reset-values", test_reset_values);
    g_test_add_func("/cxl/ras/signal", test_signal);
    g_test_add_func("/cxl/ras/refuse", test_refuse);
    g_test_add_func("/cxl/ras/queue", test_queue);
    g_test_add_func("/cxl/ras/clear-all", test_clear_all);
    g_test_add_func("/cxl/ras/overflow", test_overflow);
    g_test_add_func("/cxl/ras/resets", test_resets);
    g_test_add_func("/cxl/ras/narrow-writes", test_narrow);
    return g_test_run();
}
