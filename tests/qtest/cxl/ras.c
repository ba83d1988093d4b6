/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Link errors: injected by the monitor, recorded in the RAS registers with
 * their header log, signalled as AER internal errors up to the root port,
 * cleared one by one.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/pci/pci_regs.h"
#include "hw/cxl/wire/ras.h"
#include "qapi/error.h"
#include "qobject/qdict.h"
#include "qobject/qjson.h"
#include "qobject/qlist.h"
#include "tests/qtest/cxl/fixture.h"

#define AER             0x200

static void inject_correctable(CxlFixture *f, const char *type)
{
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-correctable-error', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'type': %s }}", type);
}

static void inject_two(CxlFixture *f)
{
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-uncorrectable-errors', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'errors': ["
        "  { 'type': 'cache-address-parity', 'header': [ 3, 4 ] },"
        "  { 'type': 'rsvd-encoding', 'header': [ 7, 8 ] } ] }}");
}

static QDict *query(CxlFixture *f)
{
    QDict *rsp = qtest_qmp(f->qts,
        "{'execute': 'query-cxl-errors', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0' }}");
    QDict *ret = qdict_get_qdict(rsp, "return");

    qobject_ref(ret);
    qobject_unref(rsp);
    return ret;
}

static void check_query(CxlFixture *f, unsigned uncorrectable,
                        unsigned correctable)
{
    QDict *ret = query(f);

    g_assert_cmpint(qlist_size(qdict_get_qlist(ret, "uncorrectable")), ==,
                    uncorrectable);
    g_assert_cmpint(qlist_size(qdict_get_qlist(ret, "correctable")), ==,
                    correctable);
    qobject_unref(ret);
}

static void test_correctable(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);
    uint32_t status;

    fix_unmask_errors(f);
    inject_correctable(f, "mem-data-ecc");
    inject_correctable(f, "physical");
    status = fix_read(f, f->ras + CXL_RAS_CE_STATUS, 4);
    g_assert_cmphex(status, ==, BIT(CXL_RAS_CE_MEM_DATA_ECC) |
                    BIT(CXL_RAS_CE_PHYSICAL));
    g_assert_cmphex(fix_config_read(f, AER + PCI_ERR_COR_STATUS, 4) &
                    PCI_ERR_COR_INTERNAL, !=, 0);
    g_assert_cmphex(qtest_readl(f->qts, fix_root_aer(f) +
                                PCI_ERR_ROOT_STATUS) &
                    PCI_ERR_ROOT_COR_RCV, !=, 0);
    check_query(f, 0, 2);
    fix_write(f, f->ras + CXL_RAS_CE_STATUS, 4,
              BIT(CXL_RAS_CE_MEM_DATA_ECC));
    g_assert_cmphex(fix_read(f, f->ras + CXL_RAS_CE_STATUS, 4), ==,
                    BIT(CXL_RAS_CE_PHYSICAL));
    check_query(f, 0, 1);
    fix_stop(f);
}

static void test_uncorrectable(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);
    uint32_t link = fix_read(f, f->ras + CXL_RAS_LEN, 4);

    fix_unmask_errors(f);
    inject_two(f);
    g_assert_cmphex(fix_read(f, f->ras + CXL_RAS_UE_STATUS, 4), ==,
                    BIT(CXL_RAS_UE_CACHE_ADDR_PARITY) |
                    BIT(CXL_RAS_UE_RSVD_ENCODING));
    g_assert_cmphex(fix_read(f, f->ras + CXL_RAS_CTRL, 4) &
                    CXL_RAS_CTRL_FIRST, ==, CXL_RAS_UE_CACHE_ADDR_PARITY);
    g_assert_cmphex(fix_read(f, f->ras + CXL_RAS_HEADER, 8), ==,
                    0x400000003ull);
    g_assert_cmphex(fix_config_read(f, AER + PCI_ERR_UNCOR_STATUS, 4) &
                    PCI_ERR_UNC_INTN, !=, 0);
    g_assert_cmphex(qtest_readl(f->qts, fix_root_aer(f) +
                                PCI_ERR_ROOT_STATUS) &
                    PCI_ERR_ROOT_UNCOR_RCV, !=, 0);
    check_query(f, 2, 0);

    /* Clearing the first brings up the second */
    fix_write(f, f->ras + CXL_RAS_UE_STATUS, 4,
              BIT(CXL_RAS_UE_CACHE_ADDR_PARITY));
    g_assert_cmphex(fix_read(f, f->ras + CXL_RAS_UE_STATUS, 4), ==,
                    BIT(CXL_RAS_UE_RSVD_ENCODING));
    g_assert_cmphex(fix_read(f, f->ras + CXL_RAS_CTRL, 4) &
                    CXL_RAS_CTRL_FIRST, ==, CXL_RAS_UE_RSVD_ENCODING);
    g_assert_cmphex(fix_read(f, f->ras + CXL_RAS_HEADER, 4), ==, 7);
    check_query(f, 1, 0);
    fix_write(f, f->ras + CXL_RAS_UE_STATUS, 4, ~0u);
    g_assert_cmphex(fix_read(f, f->ras + CXL_RAS_UE_STATUS, 4), ==, 0);
    check_query(f, 0, 0);
    /* The header log ends where the next capability begins */
    g_assert_cmphex(fix_read(f, f->ras + CXL_RAS_LEN, 4), ==, link);
    fix_stop(f);
}

static void test_masked(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);

    fix_unmask_errors(f);
    fix_write(f, f->ras + CXL_RAS_UE_MASK, 4, ~0u);
    fix_write(f, f->ras + CXL_RAS_CE_MASK, 4, ~0u);
    inject_two(f);
    inject_correctable(f, "physical");
    g_assert_cmphex(fix_config_read(f, AER + PCI_ERR_UNCOR_STATUS, 4) &
                    PCI_ERR_UNC_INTN, ==, 0);
    g_assert_cmphex(fix_config_read(f, AER + PCI_ERR_COR_STATUS, 4) &
                    PCI_ERR_COR_INTERNAL, ==, 0);
    fix_stop(f);
}

#define HEADER_32 "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,"  \
    " 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32"

static QDict *inject_header(CxlFixture *f, const char *header)
{
    QObject *list = qobject_from_json(header, &error_abort);

    return qtest_qmp(f->qts,
        "{'execute': 'cxl-inject-uncorrectable-errors', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'errors': ["
        "  { 'type': 'internal', 'header': %p } ] } }", list);
}

/* QEMU's own example has 32 dwords; what follows the log stays as it is. */
static void test_long_header(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);
    uint64_t after = fix_read(f, f->ras + CXL_RAS_HEADER + 64, 4);
    QDict *rsp;

    fix_unmask_errors(f);
    rsp = inject_header(f, "[" HEADER_32 ", 33]");
    g_assert_true(qdict_haskey(rsp, "error"));
    qobject_unref(rsp);
    rsp = inject_header(f, "[" HEADER_32 "]");
    g_assert_false(qdict_haskey(rsp, "error"));
    qobject_unref(rsp);
    g_assert_cmphex(fix_read(f, f->ras + CXL_RAS_HEADER, 4), ==, 1);
    g_assert_cmphex(fix_read(f, f->ras + CXL_RAS_HEADER + 60, 4), ==, 16);
    g_assert_cmphex(fix_read(f, f->ras + CXL_RAS_HEADER + 64, 4), ==,
                    after);
    fix_stop(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/ras/correctable", test_correctable);
    g_test_add_func("/cxl/ras/uncorrectable", test_uncorrectable);
    g_test_add_func("/cxl/ras/masked", test_masked);
    g_test_add_func("/cxl/ras/long-header", test_long_header);
    return g_test_run();
}
