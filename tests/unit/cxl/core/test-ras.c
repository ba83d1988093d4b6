/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RAS capability: masks, severity, the record queue behind the header log,
 * and what the two ways of clearing do.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
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

/* What firmware sets up: nothing is masked, and one error is less severe. */
static void test_firmware(void)
{
    CxlRasSignal signal;
    CxlRas ras;

    cxl_ras_init(&ras, NULL, NULL);
    cxl_ras_unmask(&ras);
    g_assert_cmpint(raise_ue(&ras, CXL_RAS_UE_MEM_DATA_ECC, 1), ==,
                    CXL_RAS_SIGNAL_FATAL);
    cxl_ras_set_fatal(&ras, CXL_RAS_UE_MEM_DATA_ECC, false);
    g_assert_cmphex(rd(&ras, CXL_RAS_UE_SEVERITY), ==, 0x1cf7f);
    g_assert_cmpint(raise_ue(&ras, CXL_RAS_UE_MEM_DATA_ECC, 2), ==,
                    CXL_RAS_SIGNAL_NONFATAL);
    cxl_ras_set_fatal(&ras, CXL_RAS_UE_MEM_DATA_ECC, true);
    g_assert_cmphex(rd(&ras, CXL_RAS_UE_SEVERITY), ==, 0x1cfff);
    g_assert_true(cxl_ras_correctable(&ras, CXL_RAS_CE_PHYSICAL, &signal));
    g_assert_cmpint(signal, ==, CXL_RAS_SIGNAL_CORRECTABLE);
    g_assert_null(cxl_ras_check(&ras));
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

/* Of a stream with one 64 bit number changed: what is wrong, or NULL */
static char *load_changed(CxlRas *ras, const GByteArray *bytes, size_t at,
                          uint64_t value)
{
    g_autofree uint8_t *copy = g_memdup2(bytes->data, bytes->len);
    char *problem = NULL;

    stq_le_p(copy + at, value);
    g_assert_cmpint(cxl_ras_load_alone(ras, copy, bytes->len, &problem), ==,
                    !problem);
    return problem;
}

static void test_save(void)
{
    enum { FIRST = 2 * SAVE_HEADER, COUNT = FIRST + CXL_RAS_LEN,
           BIT0 = COUNT + 8 };
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    CxlRas ras, copy;
    const struct { size_t at; uint64_t value; } bad[] = {
        { FIRST, 0 },               /* records without their bits */
        { FIRST + CXL_RAS_HEADER, 7 }, /* a log that shows another record */
        { COUNT, CXL_RAS_QUEUE_MAX + 1 },
        { COUNT, 3 },               /* more than follow */
        { BIT0, 32 }, { BIT0, 300 },
        { BIT0 + 8, 1ull << 32 },   /* a dword of the header */
    };

    cxl_ras_init(&ras, NULL, NULL);
    g_assert_true(cxl_ras_pristine(&ras));
    unmasked(&ras);
    g_assert_false(cxl_ras_pristine(&ras));
    raise_ue(&ras, 5, 0x11);
    raise_ue(&ras, 6, 0x22);
    cxl_ras_save_alone(&ras, bytes);
    cxl_ras_init(&copy, NULL, NULL);
    g_assert_null(load_changed(&copy, bytes, COUNT, 2));
    g_assert_cmpmem(copy.bytes, CXL_RAS_LEN, ras.bytes, CXL_RAS_LEN);
    shows(&copy, 5, 0x11);
    wr(&copy, CXL_RAS_UE_STATUS, BIT(5));
    shows(&copy, 6, 0x22);
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *problem = load_changed(&copy, bytes, bad[i].at,
                                                bad[i].value);

        g_assert_nonnull(problem);
        shows(&copy, 6, 0x22);
    }
}

/* The worst signal of several, and all that can be asked about them */
static void test_several(void)
{
    static const CxlRasRecord errors[] = {
        { 7, { 3, 4 } }, { 5, { 1 } }, { 40, { 9 } }, { 11, { 7 } },
    };
    CxlRas ras;
    CxlRasErrors seen;

    cxl_ras_init(&ras, NULL, NULL);
    unmasked(&ras);
    wr(&ras, CXL_RAS_UE_SEVERITY, BIT(5));
    wr(&ras, CXL_RAS_UE_MASK, BIT(11));
    g_assert_cmpint(cxl_ras_uncorrectables(&ras, errors, 1), ==,
                    CXL_RAS_SIGNAL_NONFATAL);
    g_assert_cmpint(cxl_ras_uncorrectables(&ras, errors, 4), ==,
                    CXL_RAS_SIGNAL_FATAL);
    g_assert_cmpint(cxl_ras_uncorrectables(&ras, errors + 2, 2), ==,
                    CXL_RAS_SIGNAL_NONE);
    g_assert_cmpint(cxl_ras_uncorrectables(&ras, NULL, 0), ==,
                    CXL_RAS_SIGNAL_NONE);
    cxl_ras_errors(&ras, &seen);
    g_assert_cmphex(seen.uncorrectable, ==, BIT(5) | BIT(7) | BIT(11));
    g_assert_cmphex(seen.correctable, ==, 0);
    g_assert_cmpuint(seen.recorded, ==, 3);
    g_assert_cmpuint(seen.count, ==, 4);
    g_assert_cmpuint(seen.record[2].bit, ==, 5);
    g_assert_cmpuint(seen.record[3].bit, ==, 11);
    g_assert_cmpuint(seen.record[3].header[0], ==, 0);
    g_assert_cmpuint(seen.record[0].header[1], ==, 4);
}

/* Every error that there is has a name, and nothing else has. */
static void test_names(void)
{
    static const char *const ue[] = {
        "cache-data-parity", "cache-address-parity", "cache-be-parity",
        "cache-data-ecc", "mem-data-parity", "mem-address-parity",
        "mem-be-parity", "mem-data-ecc", "reinit-threshold", "rsvd-encoding",
        "poison-received", "receiver-overflow", "internal", "cxl-ide-tx",
        "cxl-ide-rx",
    };
    static const char *const ce[] = {
        "cache-data-ecc", "mem-data-ecc", "crc-threshold", "retry-threshold",
        "cache-poison-received", "mem-poison-received", "physical",
    };
    uint32_t bits = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(ue); i++) {
        bits |= 1u << cxl_ras_uncorrectable_named(ue[i]);
    }
    g_assert_cmphex(bits, ==, CXL_RAS_UE_VALID);
    for (unsigned i = 0; i < G_N_ELEMENTS(ce); i++) {
        g_assert_cmpuint(cxl_ras_correctable_named(ce[i]), ==, i);
    }
    g_assert_cmpuint(cxl_ras_uncorrectable_named("mem-data-parity"), ==, 4);
    g_assert_cmpuint(cxl_ras_uncorrectable_named("internal"), ==, 14);
    g_assert_cmpuint(cxl_ras_uncorrectable_named("physical"), ==, 32);
    g_assert_cmpuint(cxl_ras_correctable_named("internal"), ==, 32);
    g_assert_cmpuint(cxl_ras_correctable_named(""), ==, 32);
}

static void test_checker(void)
{
    CxlRas ras;

    unmasked(&ras);
    ras.queued = CXL_RAS_QUEUE_MAX + 1;
    g_assert_cmpstr(cxl_ras_check(&ras), ==,
                    "more records than the queue holds");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/ras/reset-values", test_reset_values);
    g_test_add_func("/cxl/ras/names", test_names);
    g_test_add_func("/cxl/ras/signal", test_signal);
    g_test_add_func("/cxl/ras/firmware", test_firmware);
    g_test_add_func("/cxl/ras/refuse", test_refuse);
    g_test_add_func("/cxl/ras/queue", test_queue);
    g_test_add_func("/cxl/ras/clear-all", test_clear_all);
    g_test_add_func("/cxl/ras/overflow", test_overflow);
    g_test_add_func("/cxl/ras/resets", test_resets);
    g_test_add_func("/cxl/ras/narrow-writes", test_narrow);
    g_test_add_func("/cxl/ras/several", test_several);
    g_test_add_func("/cxl/ras/save", test_save);
    g_test_add_func("/cxl/ras/checker", test_checker);
    return g_test_run();
}
