/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A type 2 device as a driver and a person find it: what it says of itself,
 * memory through a window, who holds it, poison, resets, saved state, unplug.
 * A data mover in its slot is in accel-engine.c.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/pci/pci_regs.h"
#include "hw/common/wire/cdat.h"
#include "hw/common/wire/doe.h"
#include "hw/cxl/wire/dvsec.h"
#include "hw/cxl/wire/hdm.h"
#include "hw/cxl/wire/ras.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "tests/qtest/cxl/bias.h"

#define CAP_DVSEC   0x23
#define PATTERN     0x1122334455667788ull
#define PAGE        8192ull     /* of 512 MiB */

#define ACCEL_MEMORY "-object memory-backend-ram,id=amem,size=512M "
#define ACCEL_WITH(options) \
    ACCEL_MEMORY "-device cxl-accel,bus=rp0,id=acc0,memdev=amem" options
#define ACCEL ACCEL_WITH("")

static uint32_t dvsec(CxlFixture *f, int id)
{
    uint32_t at = fix_find_ext_cap(f, CAP_DVSEC, id);

    g_assert_cmphex(at, !=, 0);
    return at;
}

static void test_identity(void)
{
    CxlFixture *f = fix_start(ACCEL);
    uint32_t dev = dvsec(f, CXL_DVSEC_ID_DEVICE);
    uint32_t locator = dvsec(f, CXL_DVSEC_ID_LOCATOR);
    uint32_t flex = dvsec(f, CXL_DVSEC_ID_FLEX_BUS);
    const uint32_t all = CXL_DVSEC_DEV_CAP_CACHE | CXL_DVSEC_DEV_CAP_IO |
                         CXL_DVSEC_DEV_CAP_MEM | CXL_DVSEC_DEV_CAP_CACHE_FLUSH;

    g_assert_cmphex(fix_config_read(f, PCI_VENDOR_ID, 4), ==, 0x00d61b36);
    g_assert_cmphex(fix_config_read(f, PCI_CLASS_REVISION, 4), ==, 0x12000001);
    g_assert_cmphex(fix_config_read(f, PCI_INTERRUPT_PIN, 1), ==, 0);
    g_assert_cmphex(fix_config_read(f, dev + CXL_DVSEC_DEV_CAP, 2) & all, ==,
                    all);
    /* 1 MiB of cache */
    g_assert_cmphex(fix_config_read(f, dev + CXL_DVSEC_DEV_CAP2, 2), ==,
                    0x0102);
    g_assert_cmphex(fix_config_read(f, flex + CXL_DVSEC_FLEX_CAP, 2) & 7, ==,
                    7);
    g_assert_cmphex(fix_config_read(f, dev + CXL_DVSEC_DEV_RANGE_SIZE_LO(0),
                                    4) & ~0xfffu, ==, 512 * FIX_MIB);
    /* Component registers, and no mailbox */
    g_assert_cmphex(fix_config_read(f, locator + CXL_DVSEC_LOCATOR_LO(0), 4),
                    ==, 0x100);
    g_assert_cmphex(fix_config_read(f, locator + CXL_DVSEC_LOCATOR_LO(1), 4),
                    ==, 0);
    g_assert_cmphex(f->bar[2], ==, 0);
    g_assert_cmphex(fix_read(f, f->hdm, 4) >> 21 & 3, ==,
                    CXL_HDM_COHERENCY_DEVICE);
    fix_stop(f);
}

/* Controls of CXL.cache, in the order in which Linux resets a type 2 device */
static void test_cache(void)
{
    CxlFixture *f = fix_start(ACCEL);
    uint32_t dev = dvsec(f, CXL_DVSEC_ID_DEVICE);

    fix_config_write(f, dev + CXL_DVSEC_DEV_CTRL, 2,
                     CXL_DVSEC_DEV_CTRL_CACHE);
    g_assert_cmphex(fix_config_read(f, dev + CXL_DVSEC_DEV_CTRL, 2), ==,
                    CXL_DVSEC_DEV_CTRL_CACHE | CXL_DVSEC_DEV_CTRL_IO);
    fix_config_write(f, dev + CXL_DVSEC_DEV_CTRL2, 2,
                     CXL_DVSEC_DEV_CTRL2_CACHE_OFF |
                     CXL_DVSEC_DEV_CTRL2_CACHE_FLUSH);
    g_assert_cmphex(fix_config_read(f, dev + CXL_DVSEC_DEV_STATUS2, 2), ==,
                    CXL_DVSEC_DEV_STATUS2_CACHE_EMPTY);
    fix_config_write(f, dev + CXL_DVSEC_DEV_CTRL2, 2,
                     CXL_DVSEC_DEV_CTRL2_CACHE_OFF |
                     CXL_DVSEC_DEV_CTRL2_RESET);
    qtest_clock_step(f->qts, 100 * 1000 * 1000);
    g_assert_cmphex(fix_config_read(f, dev + CXL_DVSEC_DEV_STATUS2, 2) &
                    CXL_DVSEC_DEV_STATUS2_RESET_DONE, !=, 0);
    fix_config_write(f, dev + CXL_DVSEC_DEV_CTRL2, 2, 0);
    g_assert_cmphex(fix_config_read(f, dev + CXL_DVSEC_DEV_STATUS2, 2) &
                    CXL_DVSEC_DEV_STATUS2_CACHE_EMPTY, ==, 0);
    fix_stop(f);
}

static uint32_t doe_take(CxlFixture *f, uint32_t doe)
{
    uint32_t dword = fix_config_read(f, doe + DOE_REG_READ, 4);

    fix_config_write(f, doe + DOE_REG_READ, 4, 0);
    return dword;
}

/* Entry @n of the attribute table; returns the number of the next one. */
static unsigned table_entry(CxlFixture *f, uint32_t doe, unsigned n,
                            uint8_t bytes[64])
{
    const uint32_t request[] = {
        DOE_OBJ(DOE_VENDOR_CXL, CDAT_DOE_TYPE), 3, n << 16,
    };
    unsigned next, dwords;

    for (unsigned i = 0; i < ARRAY_SIZE(request); i++) {
        fix_config_write(f, doe + DOE_REG_WRITE, 4, request[i]);
    }
    fix_config_write(f, doe + DOE_REG_CTRL, 4, DOE_CTRL_GO);
    g_assert_cmphex(doe_take(f, doe), ==, request[0]);
    dwords = doe_take(f, doe) - 3;
    next = doe_take(f, doe) >> 16;
    g_assert_cmpuint(dwords, <=, 16);
    for (unsigned i = 0; i < dwords; i++) {
        stl_le_p(bytes + 4 * i, doe_take(f, doe));
    }
    return next;
}

/* The memory, its figures, and that its owner uses it */
static void test_attributes(void)
{
    CxlFixture *f = fix_start(ACCEL_WITH(",read-latency=77"));
    uint32_t doe = fix_find_ext_cap(f, DOE_EXT_CAP_ID, -1);
    unsigned seen = 0, handle = 0;
    uint8_t e[64];

    g_assert_cmphex(doe, !=, 0);
    for (unsigned n = table_entry(f, doe, 0, e); n != 0xffff;) {
        n = table_entry(f, doe, n, e);
        seen |= 1u << e[0];
        if (e[0] == CDAT_DSMAS) {
            g_assert_cmphex(ldq_le_p(e + 16), ==, 512 * FIX_MIB);
            handle = e[4];
        } else if (e[0] == CDAT_DSIS) {
            g_assert_cmphex(e[4], ==, CDAT_DSIS_MEM_ATTACHED);
            g_assert_cmpuint(e[5], ==, handle);
        } else if (e[0] == CDAT_DSLBIS && e[6] == CDAT_READ_LATENCY) {
            g_assert_cmpuint(ldq_le_p(e + 8) * lduw_le_p(e + 16), ==, 77000);
        }
    }
    g_assert_cmphex(seen, ==, 1u << CDAT_DSMAS | 1u << CDAT_DSLBIS |
                    1u << CDAT_DSIS | 1u << CDAT_DSEMTS);
    fix_stop(f);
}

/* The node of the device in the answer of query-cxl, which is *@answer. */
static QDict *node(CxlFixture *f, QDict **answer)
{
    QDict *bridge, *port;

    *answer = qtest_qmp(f->qts, "{'execute': 'query-cxl'}");
    bridge = qobject_to(QDict, qlist_peek(qdict_get_qlist(
        qdict_get_qdict(*answer, "return"), "bridges")));
    port = qobject_to(QDict, qlist_peek(qdict_get_qlist(bridge, "ports")));
    return qdict_get_qdict(port, "below");
}

static void expect_node(CxlFixture *f, unsigned held, unsigned taken)
{
    QDict *answer, *n = node(f, &answer);
    QDict *b = qdict_get_qdict(n, "bias");

    g_assert_cmpstr(qdict_get_str(n, "type"), ==, "accelerator");
    g_assert_cmpuint(qdict_get_int(b, "page-size"), ==, PAGE);
    g_assert_cmpuint(qdict_get_int(b, "held"), ==, held);
    g_assert_cmpuint(qdict_get_int(b, "taken"), ==, taken);
    qobject_unref(answer);
}

static bool is_direct(CxlFixture *f)
{
    g_autofree char *info = qtest_hmp(f->qts, "info cxl");

    g_assert_nonnull(strstr(info, "accelerator acc0"));
    return strstr(info, ": direct");
}

/* As fast as RAM, and as its driver says it is held */
static void test_memory(void)
{
    CxlFixture *f = fix_start(ACCEL);
    uint64_t hpa = fix_map(f, 0, 0, 512 * FIX_MIB);

    fix_write(f, hpa, 8, PATTERN);
    fix_write(f, hpa + 512 * FIX_MIB - 8, 8, ~PATTERN);
    g_assert_cmphex(fix_read(f, hpa, 8), ==, PATTERN);
    g_assert_cmphex(fix_read(f, hpa + 512 * FIX_MIB - 8, 8), ==, ~PATTERN);
    g_assert_true(is_direct(f));
    g_assert_cmphex(bias(f, CXL_BIAS_CAP), ==,
                    CXL_BIAS_CAP_VALUE(13, 65536));
    expect_node(f, 0, 0);
    g_assert_cmpuint(bias_command(f, CXL_BIAS_TO_DEVICE, PAGE, 3 * PAGE), ==,
                     3);
    expect_node(f, 3, 3);
    g_assert_cmpuint(bias_command(f, CXL_BIAS_COUNT, 0, 3 * PAGE), ==, 2);
    g_assert_cmpuint(bias_command(f, CXL_BIAS_TO_HOST, PAGE, 1), ==, 1);
    expect_node(f, 2, 3);
    /* What is mapped directly is not seen. */
    g_assert_cmphex(fix_read(f, hpa + 2 * PAGE, 8), ==, 0);
    expect_node(f, 2, 3);
    fix_stop(f);
}

/* Every access of the host is, where all of them trap. */
static void test_trapping(void)
{
    CxlFixture *f = fix_start(ACCEL_WITH(",direct=off"));
    uint64_t hpa = fix_map(f, 0, 0, 512 * FIX_MIB);

    bias_command(f, CXL_BIAS_TO_DEVICE, 0, 4 * PAGE);
    fix_read(f, hpa + PAGE + 8, 8);
    expect_node(f, 3, 4);
    fix_write(f, hpa + 3 * PAGE - 4, 8, PATTERN);
    expect_node(f, 1, 4);
    g_assert_cmphex(fix_read(f, hpa + 3 * PAGE - 4, 8), ==, PATTERN);
    g_assert_cmpuint(bias(f, CXL_BIAS_GIVEN), ==, 3);
    fix_stop(f);
}

static void inject(CxlFixture *f, uint64_t dpa)
{
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-poison', 'arguments': {"
        " 'path': '/machine/peripheral/acc0', 'start': %" PRIu64 ","
        " 'length': 64 }}", dpa);
}

static void test_poison(void)
{
    CxlFixture *f = fix_start(ACCEL);
    uint64_t hpa = fix_map(f, 0, 0, 512 * FIX_MIB);

    fix_write(f, hpa + 0x3000, 8, PATTERN);
    inject(f, 0x3000);
    g_assert_cmphex(fix_read(f, hpa + 0x3000, 8), !=, PATTERN);
    g_assert_cmphex(fix_read(f, hpa + 0x3040, 8), ==, 0);
    for (unsigned i = 0; i < 64; i += 8) {
        fix_write(f, hpa + 0x3000 + i, 8, PATTERN + i);
    }
    g_assert_cmphex(fix_read(f, hpa + 0x3038, 8), ==, PATTERN + 0x38);
    fix_stop(f);
}

static void test_errors(void)
{
    CxlFixture *f = fix_start(ACCEL);
    uint32_t status;

    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-correctable-error', 'arguments': {"
        " 'path': '/machine/peripheral/acc0', 'type': 'physical' }}");
    status = fix_read(f, f->ras + CXL_RAS_CE_STATUS, 4);
    g_assert_cmphex(status, !=, 0);
    fix_write(f, f->ras + CXL_RAS_CE_STATUS, 4, status);
    g_assert_cmphex(fix_read(f, f->ras + CXL_RAS_CE_STATUS, 4), ==, 0);
    fix_stop(f);
}

/* --- resets --------------------------------------------------------------- */

static CxlFixture *start_used(void)
{
    CxlFixture *f = fix_start(ACCEL);
    uint64_t hpa = fix_map(f, 0, 0, 512 * FIX_MIB);

    fix_write(f, hpa, 8, PATTERN);
    bias_command(f, CXL_BIAS_TO_DEVICE, 0, PAGE);
    return f;
}

/* What is left of it, through a decoder that may be a new one */
static void expect_left(CxlFixture *f, bool decoder, unsigned held,
                        unsigned taken, uint64_t word)
{
    fix_enumerate(f);
    g_assert_cmpint(!!(fix_decoder(f, 0) & CXL_HDM_CTRL_COMMITTED), ==,
                    decoder);
    expect_node(f, held, taken);
    if (!decoder) {
        fix_map(f, 0, 0, 512 * FIX_MIB);
    }
    g_assert_cmphex(fix_read(f, fix_window(f), 8), ==, word);
    fix_stop(f);
}

static void test_power_cycle(void)
{
    CxlFixture *f = start_used();

    qtest_system_reset(f->qts);
    expect_left(f, false, 0, 0, 0);
}

static void test_bus_reset(void)
{
    CxlFixture *f = start_used();

    fix_bus_reset(f);
    expect_left(f, false, 0, 0, PATTERN);
}

static void test_function_reset(void)
{
    CxlFixture *f = start_used();

    fix_config_write(f, 0x80 + PCI_EXP_DEVCTL, 2, PCI_EXP_DEVCTL_BCR_FLR);
    expect_left(f, true, 1, 1, PATTERN);
}

static void test_cxl_reset(gconstpointer clear)
{
    CxlFixture *f = start_used();
    uint32_t dev = dvsec(f, CXL_DVSEC_ID_DEVICE);
    uint16_t with = clear ? CXL_DVSEC_DEV_CTRL2_MEM_CLEAR : 0;

    fix_config_write(f, dev + CXL_DVSEC_DEV_CTRL2, 2, with);
    fix_config_write(f, dev + CXL_DVSEC_DEV_CTRL2, 2,
                     with | CXL_DVSEC_DEV_CTRL2_RESET);
    expect_left(f, false, 0, 1, clear ? 0 : PATTERN);
}

/* --- life ----------------------------------------------------------------- */

static void test_saved(void)
{
    CxlFixture *f = start_used();
    uint32_t dev = dvsec(f, CXL_DVSEC_ID_DEVICE);

    inject(f, 0x3000);
    fix_config_write(f, dev + CXL_DVSEC_DEV_CTRL, 2,
                     CXL_DVSEC_DEV_CTRL_CACHE | CXL_DVSEC_DEV_CTRL_MEM);
    f = fix_move(f, ACCEL);
    g_assert_cmphex(fix_config_read(f, dev + CXL_DVSEC_DEV_CTRL, 2) &
                    CXL_DVSEC_DEV_CTRL_CACHE, !=, 0);
    g_assert_cmphex(fix_decoder(f, 0) & CXL_HDM_CTRL_COMMITTED, !=, 0);
    g_assert_cmphex(fix_read(f, fix_window(f), 8), ==, PATTERN);
    g_assert_cmphex(fix_read(f, fix_window(f) + 0x3000, 8), !=, 0);
    g_assert_cmpuint(bias_command(f, CXL_BIAS_COUNT, 0, 2 * PAGE), ==, 1);
    expect_node(f, 1, 1);
    fix_stop(f);
}

static void slot_power(CxlFixture *f, bool on)
{
    qtest_writew(f->qts, fix_root_exp(f) + PCI_EXP_SLTCTL,
                 on ? PCI_EXP_SLTCTL_PWR_IND_ON | PCI_EXP_SLTCTL_PWR_ON
                    : PCI_EXP_SLTCTL_PWR_IND_OFF | PCI_EXP_SLTCTL_PWR_OFF);
}

/* It goes with all that is mapped, and its memory serves the next one. */
static void test_unplug(void)
{
    CxlFixture *f = start_used();
    uint64_t hpa = fix_window(f);

    qtest_qmp_assert_success(f->qts, "{'execute': 'device_del',"
                             " 'arguments': {'id': 'acc0'}}");
    slot_power(f, false);
    qtest_qmp_eventwait(f->qts, "DEVICE_DELETED");
    g_assert_cmphex(fix_read(f, hpa, 8), ==, UINT64_MAX);
    qtest_qmp_assert_success(f->qts, "{'execute': 'device_add', 'arguments':"
        " {'driver': 'cxl-accel', 'bus': 'rp0', 'id': 'acc0',"
        "  'memdev': 'amem'}}");
    slot_power(f, true);
    fix_enumerate(f);
    fix_map(f, 0, 0, 512 * FIX_MIB);
    g_assert_cmphex(fix_read(f, hpa, 8), ==, PATTERN);
    expect_node(f, 0, 0);
    fix_stop(f);
}

/* Firmware has committed the decoders, as device coherent memory. */
static void test_boot_region(void)
{
    CxlFixture *f = fix_start(ACCEL " -object cxl-boot-region,id=b0,"
                              "size=512M,devices=acc0");

    fix_write(f, fix_window(f), 8, PATTERN);
    g_assert_cmphex(fix_read(f, fix_window(f), 8), ==, PATTERN);
    g_assert_cmphex(fix_decoder(f, 0) & (CXL_HDM_CTRL_COMMITTED |
                                         CXL_HDM_CTRL_HOST_ONLY), ==,
                    CXL_HDM_CTRL_COMMITTED);
    fix_stop(f);
}

/* Asked for, the mailbox is that of a memory device. */
static void test_mailbox(void)
{
    CxlFixture *f = fix_start(ACCEL_WITH(",mailbox=on"));
    uint32_t locator = dvsec(f, CXL_DVSEC_ID_LOCATOR);
    g_autofree CxlReply *reply = g_new(CxlReply, 1);

    g_assert_cmphex(fix_config_read(f, locator + CXL_DVSEC_LOCATOR_LO(1), 4),
                    ==, 0x302);
    fix_command_ok(f, 0x4000, NULL, 0, reply);
    g_assert_cmpuint(ldq_le_p(reply->data + 0x18), ==, 2);
    fix_stop(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/cxl/accel/identity", test_identity);
    qtest_add_func("/cxl/accel/cache", test_cache);
    qtest_add_func("/cxl/accel/attributes", test_attributes);
    qtest_add_func("/cxl/accel/memory", test_memory);
    qtest_add_func("/cxl/accel/trapping", test_trapping);
    qtest_add_func("/cxl/accel/poison", test_poison);
    qtest_add_func("/cxl/accel/errors", test_errors);
    qtest_add_func("/cxl/accel/power-cycle", test_power_cycle);
    qtest_add_func("/cxl/accel/bus-reset", test_bus_reset);
    qtest_add_func("/cxl/accel/function-reset", test_function_reset);
    qtest_add_data_func("/cxl/accel/cxl-reset", NULL, test_cxl_reset);
    qtest_add_data_func("/cxl/accel/cxl-reset-clear", "", test_cxl_reset);
    qtest_add_func("/cxl/accel/saved", test_saved);
    qtest_add_func("/cxl/accel/unplug", test_unplug);
    qtest_add_func("/cxl/accel/boot-region", test_boot_region);
    qtest_add_func("/cxl/accel/mailbox", test_mailbox);
    return g_test_run();
}
