/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HDM decoders: what Linux does, every rule of commit refused on its own,
 * locks, release, narrow writes, resets.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/core/hdm.h"

#define U CXL_HDM_ALIGN
#define WINDOW (64 * U)

typedef struct Fixture {
    CxlHdm hdm;
    unsigned changes;
    int last_decoder;
    bool last_committed;
} Fixture;

static void changed(void *opaque, int decoder, bool committed)
{
    Fixture *f = opaque;

    f->changes++;
    f->last_decoder = decoder;
    f->last_committed = committed;
}

static const CxlHdmOps ops = { .changed = changed };

/* 4 U volatile, 4 U persistent, then a dynamic region of 16 U at 16 U. */
static const CxlHdmArea areas[] = {
    { 0, 4 * U }, { 4 * U, 4 * U }, { 16 * U, 16 * U },
};

static void setup(Fixture *f, unsigned decoders)
{
    CxlHdmConfig config = { .decoders = decoders };

    memset(f, 0, sizeof(*f));
    cxl_hdm_init(&f->hdm, &config, &ops, f);
    cxl_hdm_set_areas(&f->hdm, areas, G_N_ELEMENTS(areas));
}

static uint32_t rd(Fixture *f, uint64_t offset)
{
    return cxl_hdm_read(&f->hdm, offset, 4);
}

static void wr(Fixture *f, uint64_t offset, uint32_t value)
{
    cxl_hdm_write(&f->hdm, offset, value, 4);
    g_assert_null(cxl_hdm_check(&f->hdm));
}

/* The order of Linux: ranges, then one control write. */
static uint32_t commit_ctrl(Fixture *f, unsigned n, uint64_t base,
                            uint64_t size, uint64_t skip, uint32_t ctrl)
{
    wr(f, CXL_HDM_BASE_HI(n), base >> 32);
    wr(f, CXL_HDM_BASE_LO(n), base);
    wr(f, CXL_HDM_SIZE_HI(n), size >> 32);
    wr(f, CXL_HDM_SIZE_LO(n), size);
    wr(f, CXL_HDM_SKIP_HI(n), skip >> 32);
    wr(f, CXL_HDM_SKIP_LO(n), skip);
    wr(f, CXL_HDM_CTRL(n), ctrl | CXL_HDM_CTRL_COMMIT);
    return rd(f, CXL_HDM_CTRL(n));
}

static bool commit(Fixture *f, unsigned n, uint64_t base, uint64_t size,
                   uint64_t skip)
{
    uint32_t ctrl = commit_ctrl(f, n, base, size, skip,
                                CXL_HDM_CTRL_HOST_ONLY);
    bool ok = ctrl & CXL_HDM_CTRL_COMMITTED;

    g_assert_true(ok == !(ctrl & CXL_HDM_CTRL_ERROR));
    g_assert_true(ok == (cxl_hdm_last_error(&f->hdm, n) == CXL_HDM_OK));
    return ok;
}

static void refused(Fixture *f, unsigned n, CxlHdmError why)
{
    g_assert_cmpuint(cxl_hdm_last_error(&f->hdm, n), ==, why);
    wr(f, CXL_HDM_CTRL(n), 0);
    g_assert_cmphex(rd(f, CXL_HDM_CTRL(n)), ==, 0);
}

static void test_capability(void)
{
    static const unsigned counts[] = { 1, 2, 4, 6, 8, 10 };

    for (unsigned n = 0; n <= 33; n++) {
        bool valid = false;

        for (unsigned i = 0; i < G_N_ELEMENTS(counts); i++) {
            valid |= counts[i] == n;
        }
        g_assert_true(cxl_hdm_count_valid(n) == valid);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(counts); i++) {
        Fixture f;

        setup(&f, counts[i]);
        g_assert_cmphex(rd(&f, CXL_HDM_CAP), ==, 0x1b00 | i);
        wr(&f, CXL_HDM_CAP, UINT32_MAX);
        g_assert_cmphex(rd(&f, CXL_HDM_CAP), ==, 0x1b00 | i);
        /* Decoders that do not exist are holes. */
        for (unsigned n = 0; n < 10; n++) {
            wr(&f, CXL_HDM_BASE_HI(n), 7);
            wr(&f, CXL_HDM_CTRL(n), 3);
            g_assert_cmphex(rd(&f, CXL_HDM_BASE_HI(n)), ==,
                            n < counts[i] ? 7 : 0);
            g_assert_cmphex(rd(&f, CXL_HDM_CTRL(n)), ==,
                            n < counts[i] ? 3 : 0);
        }
    }
}

static void test_linux_sequence(void)
{
    uint64_t dpa;
    unsigned n;
    Fixture f;

    setup(&f, 4);
    /* Probe: the type bit while nothing is committed, then the enable. */
    for (n = 0; n < 4; n++) {
        wr(&f, CXL_HDM_CTRL(n), CXL_HDM_CTRL_HOST_ONLY);
        g_assert_cmphex(rd(&f, CXL_HDM_CTRL(n)), ==, CXL_HDM_CTRL_HOST_ONLY);
    }
    g_assert_cmpuint(f.changes, ==, 0);
    wr(&f, CXL_HDM_GLOBAL, CXL_HDM_GLOBAL_ENABLE);
    g_assert_cmpint(f.last_decoder, ==, -1);
    g_assert_true(cxl_hdm_enabled(&f.hdm));

    g_assert_true(commit(&f, 0, WINDOW, 2 * U, 0));
    g_assert_cmpint(f.last_decoder, ==, 0);
    g_assert_true(f.last_committed);
    /* Skip the rest of the volatile partition. */
    g_assert_true(commit(&f, 1, WINDOW + 2 * U, 4 * U, 2 * U));
    g_assert_true(cxl_hdm_to_dpa(&f.hdm, WINDOW + 2 * U + 5, &dpa, &n));
    g_assert_cmphex(dpa, ==, 4 * U + 5);
    g_assert_cmpuint(n, ==, 1);
    g_assert_cmpint(cxl_hdm_by_dpa(&f.hdm, 8 * U - 1), ==, 1);
    g_assert_cmpint(cxl_hdm_by_dpa(&f.hdm, 3 * U), ==, -1);
    g_assert_false(cxl_hdm_to_dpa(&f.hdm, WINDOW + 6 * U, &dpa, &n));
    g_assert_false(cxl_hdm_to_dpa(&f.hdm, WINDOW - 1, &dpa, &n));

    /* Tear down from the top. */
    wr(&f, CXL_HDM_CTRL(1), CXL_HDM_CTRL_HOST_ONLY);
    g_assert_cmphex(rd(&f, CXL_HDM_CTRL(1)), ==, CXL_HDM_CTRL_HOST_ONLY);
    g_assert_false(f.last_committed);
    g_assert_cmpint(f.last_decoder, ==, 1);
    wr(&f, CXL_HDM_SIZE_LO(1), 0);
    wr(&f, CXL_HDM_CTRL(0), CXL_HDM_CTRL_HOST_ONLY);
    g_assert_false(cxl_hdm_any_committed(&f.hdm));
    g_assert_cmpuint(f.changes, ==, 5);
}

static void test_interleaved(void)
{
    uint64_t dpa;
    unsigned n;
    Fixture f;

    setup(&f, 4);
    g_assert_true(commit_ctrl(&f, 0, WINDOW, 12 * U, 0,
                              2 | CXL_HDM_CTRL_IW(8)) &
                  CXL_HDM_CTRL_COMMITTED);
    g_assert_true(cxl_hdm_to_dpa(&f.hdm, WINDOW + 0x400 * 7 + 9, &dpa, &n));
    g_assert_cmphex(dpa, ==, 2 * 0x400 + 9);
    g_assert_cmpint(cxl_hdm_by_dpa(&f.hdm, 4 * U - 1), ==, 0);
    g_assert_cmpint(cxl_hdm_by_dpa(&f.hdm, 4 * U), ==, -1);
}

static void test_refuse_interleave(void)
{
    Fixture f;

    for (unsigned ig = 0; ig < 16; ig++) {
        for (unsigned iw = 0; iw < 16; iw++) {
            bool valid = ig <= 6 && (iw <= 4 || (iw >= 8 && iw <= 10));
            uint32_t ctrl;

            setup(&f, 1);
            /* 48 U divide by 1, 2, 3, 4, 6, 8, 12 and 16. */
            cxl_hdm_set_areas(&f.hdm, &(CxlHdmArea) { 0, 48 * U }, 1);
            ctrl = commit_ctrl(&f, 0, WINDOW, 48 * U, 0,
                               ig | CXL_HDM_CTRL_IW(iw));
            g_assert_true(!!(ctrl & CXL_HDM_CTRL_COMMITTED) == valid);
            g_assert_true(!!(ctrl & CXL_HDM_CTRL_ERROR) == !valid);
            g_assert_cmpuint(f.changes, ==, valid);
        }
    }
}

static void test_refuse_range(void)
{
    Fixture f;

    setup(&f, 4);
    commit_ctrl(&f, 0, WINDOW, 4 * U, 0, CXL_HDM_CTRL_IW(8));
    refused(&f, 0, CXL_HDM_BAD_SIZE);
    g_assert_false(commit(&f, 0, -2 * U, 3 * U, 0));
    refused(&f, 0, CXL_HDM_BAD_BASE);
    /* Across the partition boundary, beyond the end, in a gap */
    g_assert_false(commit(&f, 0, WINDOW, 5 * U, 0));
    refused(&f, 0, CXL_HDM_BAD_DPA);
    g_assert_false(commit(&f, 0, WINDOW, 2 * U, 31 * U));
    refused(&f, 0, CXL_HDM_BAD_DPA);
    g_assert_false(commit(&f, 0, WINDOW, 2 * U, 8 * U));
    refused(&f, 0, CXL_HDM_BAD_DPA);
    g_assert_cmpuint(f.changes, ==, 0);
    /* The last bytes of the last area are fine. */
    g_assert_true(commit(&f, 0, WINDOW, 2 * U, 30 * U));
}

static void test_refuse_order(void)
{
    Fixture f;

    setup(&f, 4);
    g_assert_false(commit(&f, 1, WINDOW, U, 0));
    refused(&f, 1, CXL_HDM_BAD_ORDER);
    g_assert_true(commit(&f, 0, WINDOW + U, U, 0));
    g_assert_false(commit(&f, 1, WINDOW + U, U, 0));
    refused(&f, 1, CXL_HDM_OVERLAP);
    g_assert_false(commit(&f, 1, WINDOW, U, 0));
    refused(&f, 1, CXL_HDM_OVERLAP);
    g_assert_false(commit(&f, 1, WINDOW + 2 * U, U, -U));
    refused(&f, 1, CXL_HDM_BAD_DPA);
    g_assert_true(commit(&f, 1, WINDOW + 2 * U, U, 0));
    g_assert_true(commit(&f, 2, WINDOW + 4 * U, U, U));
    g_assert_true(commit(&f, 3, WINDOW + 5 * U, U, 0));
}

/* It can be committed, and takes no part in decode. */
static void test_size_zero(void)
{
    uint64_t dpa;
    unsigned n;
    Fixture f;

    setup(&f, 4);
    g_assert_true(commit(&f, 0, WINDOW, 0, 31 * U));
    g_assert_false(cxl_hdm_to_dpa(&f.hdm, WINDOW, &dpa, &n));
    g_assert_cmpint(cxl_hdm_by_dpa(&f.hdm, 0), ==, -1);
    g_assert_true(commit(&f, 1, WINDOW, 2 * U, 0));
    g_assert_true(cxl_hdm_to_dpa(&f.hdm, WINDOW, &dpa, &n));
    g_assert_cmpuint(n, ==, 1);
    g_assert_cmphex(dpa, ==, 0);
    g_assert_true(commit(&f, 2, 0, 0, 0));
    g_assert_false(commit(&f, 3, WINDOW + U, U, 0));
    refused(&f, 3, CXL_HDM_OVERLAP);
    g_assert_true(commit(&f, 3, WINDOW + 2 * U, U, 0));
    g_assert_cmpint(cxl_hdm_by_dpa(&f.hdm, 2 * U), ==, 3);
    /* Released and committed again, with what is above in its place */
    wr(&f, CXL_HDM_CTRL(2), 0);
    g_assert_false(commit(&f, 2, WINDOW + 2 * U, U, 0));
    refused(&f, 2, CXL_HDM_OVERLAP);
    g_assert_true(commit(&f, 2, WINDOW, 0, 0));
}

/* Released from below, decoders above keep their place. */
static void test_holes_below(void)
{
    Fixture f;

    setup(&f, 4);
    g_assert_true(commit(&f, 0, WINDOW, U, 0));
    g_assert_true(commit(&f, 1, WINDOW + U, U, 0));
    g_assert_true(commit(&f, 2, WINDOW + 2 * U, U, 0));
    wr(&f, CXL_HDM_CTRL(0), 0);
    wr(&f, CXL_HDM_CTRL(1), 0);
    g_assert_false(commit(&f, 1, WINDOW + U, U, 0));
    refused(&f, 1, CXL_HDM_BAD_ORDER);
    g_assert_false(commit(&f, 0, WINDOW, 3 * U, 0));
    refused(&f, 0, CXL_HDM_OVERLAP);
    g_assert_false(commit(&f, 0, WINDOW - U, 3 * U, 0));
    refused(&f, 0, CXL_HDM_BAD_DPA);
    g_assert_true(commit(&f, 0, WINDOW, U, 0));
    g_assert_false(commit(&f, 1, WINDOW + U, U, U));
    refused(&f, 1, CXL_HDM_BAD_DPA);
    g_assert_true(commit(&f, 1, WINDOW + U, U, 0));
}

static void test_committed_ignores_writes(void)
{
    Fixture f;
    CxlHdmDecoder before, after;

    setup(&f, 4);
    g_assert_true(commit(&f, 0, WINDOW, 2 * U, U));
    cxl_hdm_decoder(&f.hdm, 0, &before);
    for (uint32_t off = CXL_HDM_BASE_LO(0); off <= CXL_HDM_SKIP_HI(0);
         off += 4) {
        wr(&f, off, UINT32_MAX);
    }
    cxl_hdm_write(&f.hdm, CXL_HDM_BASE_LO(0), UINT64_MAX, 8);
    cxl_hdm_decoder(&f.hdm, 0, &after);
    g_assert_cmpmem(&before, sizeof(before), &after, sizeof(after));
    g_assert_cmpuint(f.changes, ==, 1);
}

static void test_lock(void)
{
    Fixture f;
    CxlHdmDecoder d;

    setup(&f, 4);
    commit_ctrl(&f, 0, WINDOW, U, 0, CXL_HDM_CTRL_LOCK);
    cxl_hdm_decoder(&f.hdm, 0, &d);
    g_assert_true(d.committed && d.locked);
    wr(&f, CXL_HDM_CTRL(0), 0);
    wr(&f, CXL_HDM_BASE_LO(0), 0);
    cxl_hdm_decoder(&f.hdm, 0, &d);
    g_assert_true(d.committed && d.locked && d.base == WINDOW);
    /* A refused commit does not lock. */
    commit_ctrl(&f, 1, WINDOW, U, 0, CXL_HDM_CTRL_LOCK);
    cxl_hdm_decoder(&f.hdm, 1, &d);
    g_assert_false(d.locked);
    g_assert_true(commit(&f, 1, WINDOW + U, U, 0));

    cxl_hdm_reset(&f.hdm);
    cxl_hdm_decoder(&f.hdm, 0, &d);
    g_assert_false(d.committed || d.locked || d.base);
    g_assert_true(commit(&f, 0, WINDOW, U, 0));
}

static void test_reset_reports(void)
{
    Fixture f;

    setup(&f, 4);
    wr(&f, CXL_HDM_GLOBAL, CXL_HDM_GLOBAL_ENABLE);
    g_assert_true(commit(&f, 0, WINDOW, U, 0));
    g_assert_true(commit(&f, 1, WINDOW + U, U, 0));
    g_assert_cmpuint(f.changes, ==, 3);
    cxl_hdm_reset(&f.hdm);
    g_assert_cmpuint(f.changes, ==, 6);
    g_assert_false(f.last_committed);
    g_assert_false(cxl_hdm_enabled(&f.hdm));
    cxl_hdm_reset(&f.hdm);
    g_assert_cmpuint(f.changes, ==, 6);
}

/* Byte by byte, commit happens with the byte that holds the bit. */
static void test_narrow_writes(void)
{
    Fixture f;

    setup(&f, 4);
    cxl_hdm_write(&f.hdm, CXL_HDM_BASE_LO(0) + 3, 0x40, 1);
    g_assert_cmphex(rd(&f, CXL_HDM_BASE_LO(0)), ==, 0x40000000);
    cxl_hdm_write(&f.hdm, CXL_HDM_SIZE_LO(0) + 3, 0x20, 1);
    cxl_hdm_write(&f.hdm, CXL_HDM_CTRL(0), 0x11, 1);
    g_assert_cmpuint(f.changes, ==, 0);
    cxl_hdm_write(&f.hdm, CXL_HDM_CTRL(0) + 1, 0x12, 1);
    g_assert_cmphex(rd(&f, CXL_HDM_CTRL(0)), ==, 0x1611);
    g_assert_cmpuint(f.changes, ==, 1);
    /* Another byte of the same register does not release it. */
    cxl_hdm_write(&f.hdm, CXL_HDM_CTRL(0), 0, 1);
    g_assert_cmphex(rd(&f, CXL_HDM_CTRL(0)), ==, 0x1611);
    cxl_hdm_write(&f.hdm, CXL_HDM_CTRL(0) + 1, 0, 1);
    g_assert_cmphex(rd(&f, CXL_HDM_CTRL(0)), ==, 0x11);

    /* A failed commit stays failed until it is tried again. */
    wr(&f, CXL_HDM_SIZE_LO(0), 9 * U);
    wr(&f, CXL_HDM_CTRL(0), CXL_HDM_CTRL_COMMIT);
    g_assert_cmphex(rd(&f, CXL_HDM_CTRL(0)), ==, 0xa00);
    cxl_hdm_write(&f.hdm, CXL_HDM_CTRL(0), 0x01, 1);
    g_assert_cmphex(rd(&f, CXL_HDM_CTRL(0)), ==, 0xa01);
    wr(&f, CXL_HDM_SIZE_LO(0), U);
    wr(&f, CXL_HDM_CTRL(0), CXL_HDM_CTRL_COMMIT);
    g_assert_cmphex(rd(&f, CXL_HDM_CTRL(0)), ==, 0x600);
}

/* Base low and high in one 8-byte store */
static void test_wide_writes(void)
{
    Fixture f;
    CxlHdmDecoder d;

    setup(&f, 4);
    cxl_hdm_write(&f.hdm, CXL_HDM_BASE_LO(0), 0x1234567890000000, 8);
    cxl_hdm_decoder(&f.hdm, 0, &d);
    g_assert_cmphex(d.base, ==, 0x1234567890000000);
    g_assert_cmphex(cxl_hdm_read(&f.hdm, CXL_HDM_BASE_LO(0), 8), ==, d.base);
    cxl_hdm_write(&f.hdm, CXL_HDM_SIZE_LO(0), UINT64_MAX, 8);
    cxl_hdm_decoder(&f.hdm, 0, &d);
    g_assert_cmphex(d.size, ==, 0xfffffffff0000000);
}

static void test_bi_and_uio(void)
{
    CxlHdmConfig config = {
        .decoders = 4, .uio_decoders = 1, .bi = true,
        .coherency = CXL_HDM_COHERENCY_BOTH,
    };
    Fixture f;

    setup(&f, 4);
    /* Without the capabilities the bits do not exist. */
    wr(&f, CXL_HDM_CTRL(0), CXL_HDM_CTRL_BI | CXL_HDM_CTRL_UIO_MASK);
    g_assert_cmphex(rd(&f, CXL_HDM_CTRL(0)), ==, 0);

    cxl_hdm_init(&f.hdm, &config, &ops, &f);
    cxl_hdm_set_areas(&f.hdm, areas, G_N_ELEMENTS(areas));
    g_assert_cmphex(rd(&f, CXL_HDM_CAP), ==, 0x00613b02);
    commit_ctrl(&f, 0, WINDOW, U, 0, CXL_HDM_CTRL_BI);
    refused(&f, 0, CXL_HDM_BAD_BI);
    f.hdm.bi_enabled = true;
    /* Position 2 of two ways */
    commit_ctrl(&f, 0, WINDOW, U, 0, CXL_HDM_CTRL_UIO | 0x02100000);
    refused(&f, 0, CXL_HDM_BAD_UIO);
    commit_ctrl(&f, 0, WINDOW, U, 0, CXL_HDM_CTRL_UIO | 0x00070000);
    refused(&f, 0, CXL_HDM_BAD_UIO);
    g_assert_true(commit_ctrl(&f, 0, WINDOW, U, 0,
                              CXL_HDM_CTRL_BI | CXL_HDM_CTRL_UIO |
                              0x01100000) & CXL_HDM_CTRL_COMMITTED);
    /* Decoder 1 cannot do UIO: the bit does not stick. */
    g_assert_true(commit_ctrl(&f, 1, WINDOW + U, U, 0, CXL_HDM_CTRL_UIO) &
                  CXL_HDM_CTRL_COMMITTED);
    g_assert_false(rd(&f, CXL_HDM_CTRL(1)) & CXL_HDM_CTRL_UIO);
}

/* What has been committed elsewhere, with other bits in a register of it */
static const char *adopted(Fixture *f, uint32_t offset, uint32_t value)
{
    uint8_t bytes[sizeof(f->hdm.bytes)];
    CxlHdm other;

    memcpy(bytes, f->hdm.bytes, sizeof(bytes));
    stl_le_p(bytes + offset, ldl_le_p(bytes + offset) | value);
    cxl_hdm_init(&other, &f->hdm.config, &ops, f);
    cxl_hdm_set_areas(&other, areas, G_N_ELEMENTS(areas));
    cxl_hdm_adopt(&other, 0, bytes, f->hdm.dpa, f->hdm.error);
    return cxl_hdm_check(&other);
}

/* No COMMIT could have led to that. */
static void test_adopt_refused(void)
{
    CxlHdmConfig config = { .decoders = 4, .uio_decoders = 1 };
    Fixture f;

    setup(&f, 4);
    cxl_hdm_init(&f.hdm, &config, &ops, &f);
    cxl_hdm_set_areas(&f.hdm, areas, G_N_ELEMENTS(areas));
    g_assert_true(commit_ctrl(&f, 0, 0xf0000000, 2 * U, 0, 0) &
                  CXL_HDM_CTRL_COMMITTED);
    g_assert_null(adopted(&f, CXL_HDM_CTRL(0), CXL_HDM_CTRL_UIO));
    /* The range wraps around. */
    g_assert_nonnull(adopted(&f, CXL_HDM_BASE_HI(0), UINT32_MAX));
    /* Position 2 of two ways, and a granularity that there is not */
    g_assert_nonnull(adopted(&f, CXL_HDM_CTRL(0),
                             CXL_HDM_CTRL_UIO | 0x02100000));
    g_assert_nonnull(adopted(&f, CXL_HDM_CTRL(0),
                             CXL_HDM_CTRL_UIO | 0x00070000));
    g_assert_nonnull(adopted(&f, CXL_HDM_CTRL(0), 7));
}

static void test_poison_control(void)
{
    CxlHdmConfig config = { .decoders = 1, .poison_on_error = true };
    Fixture f;

    setup(&f, 1);
    wr(&f, CXL_HDM_GLOBAL, UINT32_MAX);
    g_assert_cmphex(rd(&f, CXL_HDM_GLOBAL), ==, CXL_HDM_GLOBAL_ENABLE);
    cxl_hdm_init(&f.hdm, &config, &ops, &f);
    wr(&f, CXL_HDM_GLOBAL, UINT32_MAX);
    g_assert_cmphex(rd(&f, CXL_HDM_GLOBAL), ==, 3);
    g_assert_true(cxl_hdm_poison_on_error(&f.hdm));
}

static void test_error_names(void)
{
    g_assert_cmpstr(cxl_hdm_error_name(CXL_HDM_OK), ==, "none");
    for (unsigned e = 0; e <= CXL_HDM_BAD_UIO; e++) {
        g_assert_nonnull(cxl_hdm_error_name(e));
    }
    g_assert_cmpstr(cxl_hdm_error_name(99), ==, "unknown");
}

/* Each is a fault of ours, which the checker has to see. */
static void test_spoiled(void)
{
    uint32_t ctrl;
    Fixture f;

    setup(&f, 2);
    g_assert_true(commit(&f, 0, WINDOW, U, 0));
    g_assert_true(commit(&f, 1, WINDOW + U, U, 0));
    ctrl = rd(&f, CXL_HDM_CTRL(0));
    regbank_set(&f.hdm.bank, CXL_HDM_CTRL(0), ctrl | CXL_HDM_CTRL_ERROR);
    g_assert_cmpstr(cxl_hdm_check(&f.hdm), ==, "committed and error at once");
    regbank_set(&f.hdm.bank, CXL_HDM_CTRL(0), ctrl | 7 << 4);
    g_assert_cmpstr(cxl_hdm_check(&f.hdm), ==,
                    "committed with bad codes, size or base");
    regbank_set(&f.hdm.bank, CXL_HDM_CTRL(0), ctrl);
    regbank_set(&f.hdm.bank, CXL_HDM_BASE_LO(1), WINDOW);
    g_assert_cmpstr(cxl_hdm_check(&f.hdm), ==,
                    "committed ranges do not ascend");
    regbank_set(&f.hdm.bank, CXL_HDM_BASE_LO(1), (uint32_t)(WINDOW + U));
    g_assert_null(cxl_hdm_check(&f.hdm));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/hdm/capability", test_capability);
    g_test_add_func("/cxl/hdm/linux-sequence", test_linux_sequence);
    g_test_add_func("/cxl/hdm/interleaved", test_interleaved);
    g_test_add_func("/cxl/hdm/refuse-interleave", test_refuse_interleave);
    g_test_add_func("/cxl/hdm/refuse-range", test_refuse_range);
    g_test_add_func("/cxl/hdm/refuse-order", test_refuse_order);
    g_test_add_func("/cxl/hdm/size-zero", test_size_zero);
    g_test_add_func("/cxl/hdm/holes-below", test_holes_below);
    g_test_add_func("/cxl/hdm/committed-ignores-writes",
                    test_committed_ignores_writes);
    g_test_add_func("/cxl/hdm/lock-on-commit", test_lock);
    g_test_add_func("/cxl/hdm/reset-reports", test_reset_reports);
    g_test_add_func("/cxl/hdm/narrow-writes", test_narrow_writes);
    g_test_add_func("/cxl/hdm/wide-writes", test_wide_writes);
    g_test_add_func("/cxl/hdm/bi-and-uio", test_bi_and_uio);
    g_test_add_func("/cxl/hdm/adopt-refused", test_adopt_refused);
    g_test_add_func("/cxl/hdm/poison-control", test_poison_control);
    g_test_add_func("/cxl/hdm/error-names", test_error_names);
    g_test_add_func("/cxl/hdm/spoiled", test_spoiled);
    return g_test_run();
}
