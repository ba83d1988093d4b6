/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Component registers: the capability list as a driver walks it, accesses of
 * all widths over the whole range, and the BI decoder.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/cxl/core/component.h"

static unsigned changes;
static unsigned ignored_reports;

static void changed(void *opaque, int decoder, bool committed)
{
    changes++;
}

static void ignored(void *opaque, const RegbankWrite *w, uint64_t bits)
{
    g_assert_true(opaque == &changes);
    ignored_reports++;
}

static const CxlHdmOps ops = { .changed = changed, .ignored = ignored };
static const CxlHdmArea area = { 0, 64 * CXL_HDM_ALIGN };

static void setup_config(CxlComponent *comp, const CxlHdmConfig *config)
{
    changes = 0;
    ignored_reports = 0;
    cxl_component_init(comp, config, &ops, &changes);
    cxl_hdm_set_areas(&comp->hdm, &area, 1);
}

static void setup(CxlComponent *comp, bool bi)
{
    const CxlHdmConfig config = { .decoders = 10, .bi = bi, .bi_link = bi };

    setup_config(comp, &config);
}

static uint32_t rd(CxlComponent *comp, uint64_t offset)
{
    return cxl_component_read(comp, offset, 4);
}

/* Offset of capability @id, 0 if the list does not have it */
static unsigned find(CxlComponent *comp, unsigned id)
{
    uint32_t header = rd(comp, 0);

    g_assert_cmphex(header & 0xffffff, ==, 0x110001);
    for (unsigned n = 0; n < CXL_COMP_HEADER_ENTRIES(header); n++) {
        uint32_t entry = rd(comp, CXL_COMP_ENTRY(n));

        if (extract32(entry, 0, 16) == id) {
            return extract32(entry, 20, 12);
        }
    }
    return 0;
}

static void test_list(void)
{
    CxlComponent comp;

    setup(&comp, false);
    g_assert_cmphex(find(&comp, CXL_COMP_ID_RAS), ==, 0x80);
    g_assert_cmphex(find(&comp, CXL_COMP_ID_LINK), ==, 0xd8);
    g_assert_cmphex(find(&comp, CXL_COMP_ID_HDM), ==, 0x128);
    g_assert_cmphex(find(&comp, CXL_COMP_ID_BI), ==, 0);
    g_assert_cmphex(rd(&comp, 0x128), ==, 0x1b05);
    g_assert_cmphex(rd(&comp, CXL_COMP_BI), ==, 0);
    setup(&comp, true);
    g_assert_cmphex(find(&comp, CXL_COMP_ID_BI), ==, CXL_COMP_BI);
    g_assert_cmphex(rd(&comp, CXL_COMP_BI), ==, CXL_BI_CAP_HDM_D);
}

/* Whatever is written where, a wide read equals its bytes. */
static void test_widths(void)
{
    CxlComponent comp;

    setup(&comp, true);
    for (unsigned i = 0; i < 5000; i++) {
        uint64_t offset = g_test_rand_int_range(0, 0x600);
        unsigned size = g_test_rand_int_range(1, 9);

        cxl_component_write(&comp, offset, (uint64_t)g_test_rand_int() << 32 |
                            (uint32_t)g_test_rand_int(), size);
        g_assert_null(cxl_hdm_check(&comp.hdm));
        g_assert_null(cxl_ras_check(&comp.ras));
    }
    for (uint64_t offset = 0; offset < CXL_COMP_CACHEMEM_LEN; offset++) {
        uint64_t wide = cxl_component_read(&comp, offset, 8);

        for (unsigned b = 0; b < 8; b++) {
            g_assert_cmphex(extract64(wide, 8 * b, 8), ==,
                            cxl_component_read(&comp, offset + b, 1));
        }
    }
    g_assert_cmpuint(ignored_reports, >, 0);
}

/* The link is up with a partner of its own version, whatever is written. */
static void test_link(void)
{
    CxlComponent comp;

    setup(&comp, false);
    for (unsigned i = 0; i < CXL_LINK_LEN; i++) {
        cxl_component_write(&comp, CXL_COMP_LINK + i, UINT64_MAX,
                            MIN(8, CXL_LINK_LEN - i));
    }
    g_assert_cmphex(cxl_component_read(&comp, CXL_COMP_LINK, 8), ==,
                    0x404022);
    g_assert_cmphex(cxl_component_read(&comp, CXL_COMP_LINK + 8, 8), ==,
                    0x18);
    for (unsigned i = 0x10; i < CXL_LINK_LEN; i++) {
        g_assert_cmphex(cxl_component_read(&comp, CXL_COMP_LINK + i, 1), ==,
                        0);
    }
}

static void test_straddle(void)
{
    CxlComponent comp;

    setup(&comp, false);
    /* Last register before the decoders and their capability register */
    g_assert_cmphex(cxl_component_read(&comp, 0x124, 8), ==,
                    0x1b05ull << 32);
    cxl_component_write(&comp, 0x12a, 0x0002ull << 16, 8);
    g_assert_true(cxl_hdm_enabled(&comp.hdm));
    g_assert_cmpuint(changes, ==, 1);
}

static void test_beyond(void)
{
    CxlComponent comp;

    setup(&comp, false);
    cxl_component_write(&comp, UINT64_MAX, UINT64_MAX, 8);
    cxl_component_write(&comp, CXL_COMP_CACHEMEM_LEN, UINT64_MAX, 8);
    g_assert_cmphex(cxl_component_read(&comp, UINT64_MAX - 1, 8), ==, 0);
    g_assert_cmphex(cxl_component_read(&comp, 0xffc, 8), ==, 0);
    g_assert_cmpuint(changes, ==, 0);
}

static void commit_bi(CxlComponent *comp)
{
    cxl_component_write(comp, CXL_COMP_HDM + CXL_HDM_SIZE_LO(0),
                        CXL_HDM_ALIGN, 4);
    cxl_component_write(comp, CXL_COMP_HDM + CXL_HDM_CTRL(0),
                        CXL_HDM_CTRL_BI | CXL_HDM_CTRL_COMMIT, 4);
}

static void test_bi(void)
{
    CxlComponent comp;
    const unsigned ctrl = CXL_COMP_BI + CXL_BI_CTRL;

    setup(&comp, true);
    commit_bi(&comp);
    g_assert_cmpuint(cxl_hdm_last_error(&comp.hdm, 0), ==, CXL_HDM_BAD_BI);
    cxl_component_write(&comp, ctrl, CXL_BI_CTRL_ENABLE, 4);
    commit_bi(&comp);
    g_assert_true(cxl_hdm_any_committed(&comp.hdm));
    /* In use: cannot be taken away. */
    cxl_component_write(&comp, ctrl, 0, 4);
    g_assert_cmphex(rd(&comp, ctrl), ==, CXL_BI_CTRL_ENABLE);
    cxl_component_reset(&comp, false);
    g_assert_cmphex(rd(&comp, ctrl), ==, 0);
    g_assert_false(comp.hdm.bi_enabled);
    g_assert_false(cxl_hdm_any_committed(&comp.hdm));
}

/* A link without the flits for it: the capability is there, and stays off. */
static void test_bi_without_link(void)
{
    const CxlHdmConfig config = { .decoders = 10, .bi = true };
    const unsigned ctrl = CXL_COMP_BI + CXL_BI_CTRL;
    CxlComponent comp;

    setup_config(&comp, &config);
    g_assert_cmphex(rd(&comp, CXL_COMP_BI), ==, CXL_BI_CAP_HDM_D);
    cxl_component_write(&comp, ctrl, 0, 4);
    g_assert_cmpuint(ignored_reports, ==, 0);
    cxl_component_write(&comp, ctrl, CXL_BI_CTRL_ENABLE, 4);
    g_assert_cmphex(rd(&comp, ctrl), ==, 0);
    g_assert_cmpuint(ignored_reports, ==, 1);
    g_assert_false(comp.hdm.bi_enabled);
    commit_bi(&comp);
    g_assert_cmpuint(cxl_hdm_last_error(&comp.hdm, 0), ==, CXL_HDM_BAD_BI);
}

static void test_checker(void)
{
    CxlComponent comp;

    setup(&comp, true);
    g_assert_null(cxl_component_check(&comp));
    comp.hdm.bi_enabled = !comp.hdm.bi_enabled;
    g_assert_cmpstr(cxl_component_check(&comp), ==,
                    "two opinions of back-invalidate");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/component/list", test_list);
    g_test_add_func("/cxl/component/widths", test_widths);
    g_test_add_func("/cxl/component/link", test_link);
    g_test_add_func("/cxl/component/straddle", test_straddle);
    g_test_add_func("/cxl/component/beyond", test_beyond);
    g_test_add_func("/cxl/component/back-invalidate", test_bi);
    g_test_add_func("/cxl/component/back-invalidate-without-link",
                    test_bi_without_link);
    g_test_add_func("/cxl/component/checker", test_checker);
    return g_test_run();
}
