/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Firmware that is told of CXL errors first: events and errors of the protocol
 * come as records of the error source, EINJ makes them, the tables say so.
 * What is in a record, and the rules of the page, have unit tests.
 */
#include "qemu/osdep.h"
#include <sys/wait.h>
#include "qemu/bswap.h"
#include "hw/cxl/wire/apei.h"
#include "hw/cxl/wire/ras.h"
#include "hw/pci/pci_regs.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "tests/qtest/acpi/tables.h"
#include "tests/qtest/cxl/fixture.h"

#define FIRMWARE "-object cxl-firmware-first,id=ff0 "
#define AT(offset) (CXL_APEI_BASE + (offset))
#define SECTION (CXL_APEI_BLOCK + 92)
#define SBDF(bus, devfn) ((bus) << 16 | (devfn) << 8)
#define BUS_NR 52
/* Behind the window of the root port */
#define PORT_BAR 0xe4000000
/* A device that no host sees yet */
#define SWITCH \
    "-device cxl-upstream,bus=rp0,addr=0.0,multifunction=on,id=us0 " \
    "-device cxl-switch-mailbox-cci,bus=rp0,addr=0.1,target=us0 " \
    "-device cxl-downstream,port=3,bus=us0,id=ds0,chassis=0,slot=4 " \
    "-object memory-backend-ram,id=vmem,size=256M " \
    "-device cxl-type3,bus=ds0,id=cxl0,volatile-memdev=vmem,bound=off"
/* More than firmware keeps */
#define MANY 40

static uint32_t rd(CxlFixture *f, unsigned offset)
{
    return qtest_readl(f->qts, AT(offset));
}

static void ack(CxlFixture *f)
{
    qtest_writel(f->qts, AT(CXL_APEI_BLOCK), 0);
    qtest_writeq(f->qts, AT(CXL_APEI_READ_ACK), 1);
}

static void inject_event(CxlFixture *f, unsigned dpa)
{
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-general-media-event', 'arguments': {"
        " 'path': 'cxl0', 'log': 'failure', 'flags': 0, 'dpa': %u,"
        " 'descriptor': 0, 'type': 0, 'transaction-type': 0,"
        " 'sub-type': 0 }}", dpa);
}

/* Firmware looks when the main loop comes to it. */
static void wait_for_record(CxlFixture *f)
{
    while (!rd(f, CXL_APEI_BLOCK)) {
        qtest_clock_step(f->qts, 1);
        g_usleep(1000);
    }
}

static unsigned num_events(CxlFixture *f)
{
    QDict *rsp = qtest_qmp(f->qts, "{'execute': 'query-cxl-events',"
                           " 'arguments': { 'path': 'cxl0' }}");
    unsigned n = 0;
    const QListEntry *e;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(rsp, "return"), e) {
        n += qlist_size(qdict_get_qlist(qobject_to(QDict, qlist_entry_obj(e)),
                                        "records"));
    }
    qobject_unref(rsp);
    return n;
}

static void expect_event(CxlFixture *f, unsigned dpa)
{
    wait_for_record(f);
    /* One uncorrectable entry, general media, with that address */
    g_assert_cmphex(rd(f, CXL_APEI_BLOCK), ==, 0x11);
    g_assert_cmphex(rd(f, CXL_APEI_BLOCK + 20), ==, 0xfbcd0a77);
    g_assert_cmphex(rd(f, SECTION + 32 + 0x20), ==, dpa);
    ack(f);
}

static void test_events(void)
{
    CxlFixture *f = fix_start(FIRMWARE FIX_VOLATILE);
    CxlReply reply;

    fix_command_ok(f, 0x0102, NULL, 0, &reply);
    g_assert_cmphex(ldl_le_p(reply.data), ==, 0x02020202);
    inject_event(f, 0x1000);
    inject_event(f, 0x2000);
    expect_event(f, 0x1000);
    expect_event(f, 0x2000);
    g_assert_cmpuint(num_events(f), ==, 0);
    g_assert_cmphex(rd(f, CXL_APEI_BLOCK), ==, 0);
    /* More than firmware keeps waits in the device, and none is lost. */
    for (unsigned i = 1; i <= MANY; i++) {
        inject_event(f, i << 12);
    }
    for (unsigned i = 1; i <= MANY; i++) {
        expect_event(f, i << 12);
    }
    g_assert_cmpuint(num_events(f), ==, 0);
    /* An operating system that takes the events over gets them. */
    fix_command_ok(f, 0x0103, (uint8_t[4]) { 1, 1, 1, 1 }, 4, &reply);
    inject_event(f, 0x5000);
    g_assert_cmpuint(num_events(f), ==, 1);
    g_assert_cmphex(rd(f, CXL_APEI_BLOCK), ==, 0);
    fix_stop(f);
}

/* As the actions of the table do it */
static unsigned einj(CxlFixture *f, uint32_t type, uint32_t sbdf)
{
    qtest_writel(f->qts, AT(CXL_APEI_COMMAND), CXL_EINJ_BEGIN);
    qtest_writel(f->qts, AT(CXL_APEI_ERROR_TYPE), type);
    qtest_writel(f->qts, AT(CXL_APEI_ERROR_FLAGS), CXL_EINJ_SBDF);
    qtest_writel(f->qts, AT(CXL_APEI_ERROR_SBDF), sbdf);
    qtest_writel(f->qts, AT(CXL_APEI_COMMAND), CXL_EINJ_EXECUTE);
    return rd(f, CXL_APEI_STATUS);
}

static void expect_protocol(CxlFixture *f, unsigned agent, unsigned severity,
                            unsigned ue, unsigned ce)
{
    wait_for_record(f);
    g_assert_cmpuint(rd(f, CXL_APEI_BLOCK + 16), ==, severity);
    g_assert_cmphex(rd(f, CXL_APEI_BLOCK + 20), ==, 0x80b9efb4);
    g_assert_cmpuint(rd(f, SECTION + 8) & 0xff, ==, agent);
    g_assert_cmphex(rd(f, SECTION + 116 + CXL_RAS_UE_STATUS), ==, ue);
    g_assert_cmphex(rd(f, SECTION + 116 + CXL_RAS_CE_STATUS), ==, ce);
    ack(f);
}

static void test_einj(void)
{
    CxlFixture *f = fix_start(FIRMWARE FIX_VOLATILE);
    QDict *rsp;

    g_assert_cmpuint(einj(f, CXL_EINJ_MEM_CORRECTABLE, SBDF(BUS_NR, 0)), ==,
                     CXL_EINJ_SUCCESS);
    expect_protocol(f, 5, 2, 0, BIT(CXL_RAS_CE_MEM_DATA_ECC));
    g_assert_cmpuint(einj(f, CXL_EINJ_CACHE_NONFATAL, SBDF(BUS_NR, 0)), ==,
                     CXL_EINJ_SUCCESS);
    expect_protocol(f, 5, 0, BIT(CXL_RAS_UE_CACHE_DATA_ECC),
                    BIT(CXL_RAS_CE_MEM_DATA_ECC));
    /* The device below it, whose bus the fixture has numbered */
    g_assert_cmpuint(einj(f, CXL_EINJ_MEM_FATAL, SBDF(BUS_NR + 1, 0)), ==,
                     CXL_EINJ_SUCCESS);
    expect_protocol(f, 2, 1, BIT(CXL_RAS_UE_MEM_DATA_ECC), 0);
    rsp = qtest_qmp(f->qts, "{'execute': 'query-cxl-errors', 'arguments':"
                    " { 'path': '/machine/peripheral/rp0' }}");
    g_assert_cmpint(qlist_size(qdict_get_qlist(qdict_get_qdict(rsp, "return"),
                                               "uncorrectable")), ==, 1);
    qobject_unref(rsp);
    /* No function, one that is not CXL's, another segment, a type of others */
    g_assert_cmpuint(einj(f, CXL_EINJ_MEM_FATAL, SBDF(BUS_NR, 0xff)), ==,
                     CXL_EINJ_INVALID);
    g_assert_cmpuint(einj(f, CXL_EINJ_MEM_FATAL, 0), ==, CXL_EINJ_INVALID);
    g_assert_cmpuint(einj(f, CXL_EINJ_MEM_FATAL, 1 << 24 | SBDF(BUS_NR, 0)),
                     ==, CXL_EINJ_INVALID);
    g_assert_cmpuint(einj(f, 8, SBDF(BUS_NR, 0)), ==, CXL_EINJ_INVALID);
    g_assert_cmphex(rd(f, CXL_APEI_BLOCK), ==, 0);
    fix_stop(f);
}

/* A person's injection takes the same way. */
static void test_monitor(void)
{
    CxlFixture *f = fix_start(FIRMWARE FIX_VOLATILE);

    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-correctable-error', 'arguments': {"
        " 'path': '/machine/peripheral/rp0', 'type': 'physical' }}");
    expect_protocol(f, 5, 2, 0, BIT(CXL_RAS_CE_PHYSICAL));
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-correctable-error', 'arguments': {"
        " 'path': 'cxl0', 'type': 'crc-threshold' }}");
    expect_protocol(f, 2, 2, 0, BIT(CXL_RAS_CE_CRC_THRESHOLD));
    fix_stop(f);
}

static void test_move(void)
{
    CxlFixture *f = fix_start(FIRMWARE FIX_VOLATILE);

    for (unsigned i = 1; i <= MANY; i++) {
        inject_event(f, i << 12);
    }
    wait_for_record(f);
    f = fix_move(f, FIRMWARE FIX_VOLATILE);
    for (unsigned i = 1; i <= MANY; i++) {
        expect_event(f, i << 12);
    }
    fix_stop(f);
}

static uint64_t ras_of_port(CxlFixture *f)
{
    uint64_t block = qtest_readl(f->qts, fix_root_port(f) +
                                 PCI_BASE_ADDRESS_0) & ~0xfu;
    uint32_t cap = qtest_readl(f->qts, block + 0x1000);

    for (unsigned i = cap >> 24; i; i--) {
        uint32_t entry = qtest_readl(f->qts, block + 0x1000 + 4 * i);

        if ((entry & 0xffff) == 2) {
            return block + 0x1000 + (entry >> 20);
        }
    }
    g_assert_not_reached();
}

/* What a guest masks of a port stays masked, registers as after reset too. */
static void test_move_masked(void)
{
    CxlFixture *f = fix_start(FIRMWARE FIX_VOLATILE);
    uint64_t ras;

    qtest_writel(f->qts, fix_root_port(f) + PCI_BASE_ADDRESS_0, PORT_BAR);
    ras = ras_of_port(f);
    g_assert_cmphex(qtest_readl(f->qts, ras + CXL_RAS_UE_MASK), ==, 0);
    g_assert_cmphex(qtest_readl(f->qts, ras + CXL_RAS_CE_MASK), ==, 0);
    qtest_writel(f->qts, ras + CXL_RAS_UE_MASK, CXL_RAS_UE_VALID);
    qtest_writel(f->qts, ras + CXL_RAS_CE_MASK, CXL_RAS_CE_VALID);
    f = fix_move(f, FIRMWARE FIX_VOLATILE);
    g_assert_cmphex(ras_of_port(f), ==, ras);
    g_assert_cmphex(qtest_readl(f->qts, ras + CXL_RAS_UE_MASK), ==,
                    CXL_RAS_UE_VALID);
    g_assert_cmphex(qtest_readl(f->qts, ras + CXL_RAS_CE_MASK), ==,
                    CXL_RAS_CE_VALID);
    fix_stop(f);
}

/* Bus 55 is behind the downstream port of a switch. */
static void number_buses(CxlFixture *f)
{
    static const struct {
        unsigned bus, primary, secondary;
    } bridges[] = { { 52, 52, 53 }, { 53, 53, 54 }, { 54, 54, 55 } };

    for (unsigned i = 0; i < ARRAY_SIZE(bridges); i++) {
        uint64_t at = fix_root_port(f) +
                      ((uint64_t)(bridges[i].bus - BUS_NR) << 20);

        qtest_writeb(f->qts, at + PCI_PRIMARY_BUS, bridges[i].primary);
        qtest_writeb(f->qts, at + PCI_SECONDARY_BUS, bridges[i].secondary);
        qtest_writeb(f->qts, at + PCI_SUBORDINATE_BUS, 55);
    }
}

static void bind_it(CxlFixture *f)
{
    static const uint8_t in[] = { 0, 1, 3, 0, 0xff, 0xff };
    CxlReply reply;

    g_assert_cmphex(fix_command_rc(f, 0x5201, in, sizeof(in)), ==, 1);
    do {
        g_usleep(1000);
        fix_command_ok(f, 0x0002, NULL, 0, &reply);
    } while (reply.data[0] & 1);
    g_assert_cmphex(lduw_le_p(reply.data + 4), ==, 0);
}

/* What no host sees firmware does not see either, until it is bound. */
static void test_hidden(void)
{
    CxlFixture *f = fix_start_function(FIRMWARE SWITCH, 1);

    number_buses(f);
    g_assert_cmpuint(einj(f, CXL_EINJ_MEM_CORRECTABLE, SBDF(54, 0)), ==,
                     CXL_EINJ_SUCCESS);
    expect_protocol(f, 6, 2, 0, BIT(CXL_RAS_CE_MEM_DATA_ECC));
    g_assert_cmpuint(einj(f, CXL_EINJ_MEM_CORRECTABLE, SBDF(55, 0)), ==,
                     CXL_EINJ_INVALID);
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-correctable-error', 'arguments': {"
        " 'path': 'cxl0', 'type': 'physical' }}");
    inject_event(f, 0x1000);
    g_assert_cmpuint(num_events(f), ==, 1);
    g_assert_cmpuint(num_events(f), ==, 1);
    g_assert_cmphex(rd(f, CXL_APEI_BLOCK), ==, 0);
    bind_it(f);
    /* It is set up when it comes, and what waited is told. */
    expect_event(f, 0x1000);
    inject_event(f, 0x3000);
    expect_event(f, 0x3000);
    qtest_system_reset(f->qts);
    fix_enumerate(f);
    number_buses(f);
    g_assert_cmpuint(einj(f, CXL_EINJ_MEM_CORRECTABLE, SBDF(55, 0)), ==,
                     CXL_EINJ_SUCCESS);
    expect_protocol(f, 2, 2, 0, BIT(CXL_RAS_CE_MEM_DATA_ECC));
    inject_event(f, 0x2000);
    expect_event(f, 0x2000);
    fix_stop(f);
}

/* The first to have anything beside its model, and it never came. */
static void fail_to_plug(CxlFixture *f)
{
    QDict *rsp = qtest_qmp(f->qts, "{'execute': 'device_add', 'arguments':"
        " {'driver': 'cxl-type3', 'bus': 'rp0', 'id': 'cxl0', 'uio': true,"
        "  'persistent-memdev': 'pmem', 'lsa': 'lsa',"
        "  'layout-file': '/dev/null/none'}}");

    g_assert_nonnull(strstr(qdict_get_str(qdict_get_qdict(rsp, "error"),
                                          "desc"), "layout-file"));
    qobject_unref(rsp);
    /* All that firmware knows of is looked at. */
    g_assert_cmpuint(einj(f, CXL_EINJ_MEM_CORRECTABLE, SBDF(53, 0)), ==,
                     CXL_EINJ_INVALID);
}

/* Without a reset too */
static void test_plugged(void)
{
    CxlFixture *f = fix_start(FIRMWARE FIX_PERSISTENT);
    uint64_t slot = fix_root_exp(f) + PCI_EXP_SLTCTL;
    CxlReply reply;

    qtest_qmp_assert_success(f->qts, "{'execute': 'device_del',"
                             " 'arguments': {'id': 'cxl0'}}");
    qtest_writew(f->qts, slot,
                 PCI_EXP_SLTCTL_PWR_IND_OFF | PCI_EXP_SLTCTL_PWR_OFF);
    qtest_qmp_eventwait(f->qts, "DEVICE_DELETED");
    g_assert_cmpuint(einj(f, CXL_EINJ_MEM_CORRECTABLE, SBDF(53, 0)), ==,
                     CXL_EINJ_INVALID);
    fail_to_plug(f);
    qtest_qmp_assert_success(f->qts, "{'execute': 'device_add', 'arguments':"
        " {'driver': 'cxl-type3', 'bus': 'rp0', 'id': 'cxl0',"
        "  'persistent-memdev': 'pmem', 'lsa': 'lsa'}}");
    qtest_writew(f->qts, slot, PCI_EXP_SLTCTL_PWR_IND_ON);
    fix_enumerate(f);
    do {
        fix_command_ok(f, 0x0102, NULL, 0, &reply);
    } while (ldl_le_p(reply.data) != 0x02020202);
    inject_event(f, 0x1000);
    expect_event(f, 0x1000);
    g_assert_cmpuint(einj(f, CXL_EINJ_MEM_CORRECTABLE, SBDF(53, 0)), ==,
                     CXL_EINJ_SUCCESS);
    expect_protocol(f, 2, 2, 0, BIT(CXL_RAS_CE_MEM_DATA_ECC));
    fix_stop(f);
}

/* What waits is gone after a reset, and devices are set up again. */
static void test_reset(void)
{
    CxlFixture *f = fix_start(FIRMWARE FIX_VOLATILE);

    inject_event(f, 0x1000);
    inject_event(f, 0x2000);
    wait_for_record(f);
    qtest_system_reset(f->qts);
    g_assert_cmphex(rd(f, CXL_APEI_BLOCK), ==, 0);
    g_assert_cmphex(rd(f, CXL_APEI_READ_ACK), ==, 1);
    inject_event(f, 0x3000);
    expect_event(f, 0x3000);
    fix_stop(f);
}

static void test_tables(void)
{
    static const char id[] = "MFED";
    CxlFixture *f = fix_start(FIRMWARE FIX_VOLATILE);
    const uint8_t *table;
    bool found = false;
    AcpiBlob blob;
    size_t len;

    acpi_blob_read(f->qts, &blob);
    table = acpi_table(&blob, "HEST", 0, &len);
    g_assert_nonnull(table);
    g_assert_cmpuint(len, ==, 36 + 4 + 92);
    table = acpi_table(&blob, "EINJ", 0, &len);
    g_assert_nonnull(table);
    g_assert_cmpuint(len, ==, 36 + 12 + 9 * 32);
    for (unsigned i = 0; (table = acpi_table(&blob, "SSDT", i, &len)); i++) {
        found |= acpi_find(table, len, id, 4) >= 0;
    }
    g_assert_true(found);
    acpi_blob_free(&blob);
    fix_stop(f);
}

/* Without the object not a byte is there. */
static void test_absent(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);
    CxlReply reply;
    AcpiBlob blob;
    size_t len;

    acpi_blob_read(f->qts, &blob);
    g_assert_null(acpi_table(&blob, "HEST", 0, &len));
    g_assert_null(acpi_table(&blob, "EINJ", 0, &len));
    acpi_blob_free(&blob);
    fix_command_ok(f, 0x0102, NULL, 0, &reply);
    g_assert_cmphex(ldl_le_p(reply.data), ==, 0);
    qobject_unref(qtest_qmp_assert_failure_ref(f->qts,
        "{'execute': 'object-add', 'arguments': {"
        " 'qom-type': 'cxl-firmware-first', 'id': 'ff0' }}"));
    fix_stop(f);
}

static void refused(const char *options, const char *says)
{
    g_autofree char *command = g_strdup_printf("exec %s -accel qtest "
        "-display none -nodefaults %s", getenv("QTEST_QEMU_BINARY"), options);
    const char *argv[] = { "/bin/sh", "-c", command, NULL };
    g_autofree char *errors = NULL;
    int status;

    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, 0, NULL, NULL, NULL,
                               &errors, &status, NULL));
    g_assert_nonnull(strstr(errors, says));
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 1);
}

static void test_refused(void)
{
    refused("-machine none " FIRMWARE, "only machines q35 and pc");
    refused("-machine q35 " FIRMWARE "-object cxl-firmware-first,id=ff1",
            "there is one already");
}

static void expect_stays(QTestState *qts)
{
    qobject_unref(qtest_qmp_assert_failure_ref(qts,
        "{'execute': 'object-del', 'arguments': { 'id': 'ff0' }}"));
}

/* Before the machine is ready, and when the guest knows it */
static void test_stays(void)
{
    QTestState *qts = qtest_init("-machine q35,cxl=on -nodefaults --preconfig "
                                 FIRMWARE);

    expect_stays(qts);
    qtest_qmp_assert_success(qts, "{'execute': 'x-exit-preconfig'}");
    expect_stays(qts);
    qtest_quit(qts);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/firmware/events", test_events);
    g_test_add_func("/cxl/firmware/einj", test_einj);
    g_test_add_func("/cxl/firmware/monitor", test_monitor);
    g_test_add_func("/cxl/firmware/move", test_move);
    g_test_add_func("/cxl/firmware/move/masked", test_move_masked);
    g_test_add_func("/cxl/firmware/hidden", test_hidden);
    g_test_add_func("/cxl/firmware/plugged", test_plugged);
    g_test_add_func("/cxl/firmware/reset", test_reset);
    g_test_add_func("/cxl/firmware/tables", test_tables);
    g_test_add_func("/cxl/firmware/absent", test_absent);
    g_test_add_func("/cxl/firmware/refused", test_refused);
    g_test_add_func("/cxl/firmware/stays", test_stays);
    return g_test_run();
}
