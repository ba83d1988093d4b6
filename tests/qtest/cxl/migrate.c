/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A memory device is saved by one QEMU and loaded by another: idle, and
 * with events, poison, decoders, extents, labels, a half read DOE object
 * and a background operation on its way.  Memory comes along, and the
 * guest goes on without setting up anything again.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"
#include "hw/pci/pci_regs.h"
#include "hw/cxl/wire/cpmu.h"
#include "hw/common/wire/cdat.h"
#include "hw/common/wire/doe.h"
#include "hw/cxl/wire/dvsec.h"
#include "hw/cxl/wire/fm.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "tests/qtest/cxl/fixture.h"
#include "tests/qtest/status.h"

#define PATTERN         0x1122334455667788ull
#define MS              1000000ll
#define EXP_CAP         0x80
#define REGION0         FIX_UNIT
#define MIB2            (2 * FIX_MIB)

static unsigned events(CxlFixture *f)
{
    uint8_t log = 0;
    CxlReply r;

    fix_command_ok(f, 0x0100, &log, 1, &r);
    return lduw_le_p(r.data + 0x14);
}

/* What is read of a port takes over the link of what is below it. */
static void read_root_port(CxlFixture *f, uint32_t *words, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        words[i] = qtest_readl(f->qts, fix_root_port(f) + 4 * i);
    }
}

static void test_idle(void)
{
    uint32_t before[64], after[ARRAY_SIZE(before)];
    CxlFixture *f = fix_start(FIX_BOTH);

    read_root_port(f, before, ARRAY_SIZE(before));
    f = fix_move(f, FIX_BOTH);
    read_root_port(f, after, ARRAY_SIZE(after));
    g_assert_cmpmem(before, sizeof(before), after, sizeof(after));
    g_assert_cmphex(fix_command_rc(f, 0x4000, NULL, 0), ==, 0);
    g_assert_cmpint(events(f), ==, 0);
    fix_stop(f);
}

static void test_in_use(void)
{
    CxlFixture *f = fix_start(FIX_BOTH);
    uint64_t hpa = fix_map(f, 0, 0, FIX_UNIT);
    uint8_t in[8 + 16] = { };
    CxlReply r;

    fix_map(f, 1, FIX_UNIT, FIX_UNIT);
    fix_write(f, hpa + 0x4000, 8, PATTERN);
    fix_write(f, hpa + FIX_UNIT, 8, ~PATTERN);
    stq_le_p(in, 0x1000);
    g_assert_cmphex(fix_command_rc(f, 0x4301, in, 8), ==, 0);
    stq_le_p(in, 0x100);
    memset(in + 8, 0x5a, 16);
    g_assert_cmphex(fix_command_rc(f, 0x4103, in, sizeof(in)), ==, 0);

    f = fix_move(f, FIX_BOTH);
    g_assert_cmpint(events(f), ==, 1);
    g_assert_cmphex(fix_decoder(f, 0) & 0x400, !=, 0);
    g_assert_cmphex(fix_decoder(f, 1) & 0x400, !=, 0);
    g_assert_cmphex(fix_read(f, hpa + 0x4000, 8), ==, PATTERN);
    g_assert_cmphex(fix_read(f, hpa + FIX_UNIT, 8), ==, ~PATTERN);

    stq_le_p(in, 0x1000);
    stq_le_p(in + 8, 1);
    fix_command_ok(f, 0x4300, in, 16, &r);
    g_assert_cmpint(lduw_le_p(r.data + 0x0a), ==, 1);
    stl_le_p(in, 0x100);
    stl_le_p(in + 4, 16);
    fix_command_ok(f, 0x4102, in, 8, &r);
    g_assert_cmphex(ldq_le_p(r.data), ==, 0x5a5a5a5a5a5a5a5aull);
    fix_stop(f);
}

static void test_background(void)
{
    const char *devices = FIX_BOTH ",sanitize-ms=1000";
    CxlFixture *f = fix_start(devices);
    uint64_t percent;

    g_assert_cmphex(fix_command_rc(f, 0x4400, NULL, 0), ==, 1);
    qtest_clock_step(f->qts, 300 * MS);
    f = fix_move(f, devices);
    g_assert_cmphex(fix_read(f, f->mailbox + 0x10, 4) & 1, ==, 1);
    percent = extract64(fix_read(f, f->mailbox + 0x18, 8), 16, 7);
    g_assert_cmpint(percent, >=, 20);
    g_assert_cmpint(percent, <, 100);
    qtest_clock_step(f->qts, 800 * MS);
    g_assert_cmphex(fix_read(f, f->mailbox + 0x10, 4) & 1, ==, 0);
    g_assert_cmpint(extract64(fix_read(f, f->mailbox + 0x18, 8), 16, 7), ==,
                    100);
    fix_stop(f);
}

static void test_extents(void)
{
    CxlFixture *f = fix_start(FIX_DCD);
    uint8_t in[8 + 24] = { };
    uint64_t hpa;
    CxlReply r;

    fix_map(f, 0, 0, FIX_UNIT);
    hpa = fix_map(f, 1, FIX_UNIT, 2 * FIX_UNIT);
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-add-dynamic-capacity', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'host-id': 0,"
        " 'selection-policy': 'prescriptive', 'region': 0, 'extents': ["
        "  { 'offset': 0, 'len': 2097152 } ] }}");
    stl_le_p(in, 1);
    stq_le_p(in + 8, REGION0);
    stq_le_p(in + 16, MIB2);
    g_assert_cmphex(fix_command_rc(f, 0x4802, in, sizeof(in)), ==, 0);
    fix_write(f, hpa, 8, PATTERN);
    /* One more, not answered yet */
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-add-dynamic-capacity', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'host-id': 0,"
        " 'selection-policy': 'prescriptive', 'region': 0, 'extents': ["
        "  { 'offset': 4194304, 'len': 2097152 } ] }}");

    f = fix_move(f, FIX_DCD);
    g_assert_cmphex(fix_read(f, hpa, 8), ==, PATTERN);
    fix_write(f, hpa + 2 * MIB2, 8, PATTERN);
    g_assert_cmphex(fix_read(f, hpa + 2 * MIB2, 8), !=, PATTERN);
    stq_le_p(in + 8, REGION0 + 2 * MIB2);
    g_assert_cmphex(fix_command_rc(f, 0x4802, in, sizeof(in)), ==, 0);
    memset(in, 0, sizeof(in));
    stl_le_p(in, 16);
    fix_command_ok(f, 0x4801, in, 8, &r);
    g_assert_cmpint(ldl_le_p(r.data + 4), ==, 2);
    fix_stop(f);
}

/* The host has read half an answer, and locked its configuration. */
static void test_config(void)
{
    CxlFixture *f = fix_start(FIX_BOTH);
    uint32_t dev = fix_find_ext_cap(f, 0x23, CXL_DVSEC_ID_DEVICE);
    uint32_t doe = 0x190, third;
    unsigned i;
    static const uint32_t req[] = {
        DOE_OBJ(DOE_VENDOR_CXL, CDAT_DOE_TYPE), 3, 0
    };

    fix_config_write(f, dev + CXL_DVSEC_DEV_LOCK, 2, 1);
    for (i = 0; i < 3; i++) {
        fix_config_write(f, doe + DOE_REG_WRITE, 4, req[i]);
    }
    fix_config_write(f, doe + DOE_REG_CTRL, 4, DOE_CTRL_GO);
    fix_config_write(f, doe + DOE_REG_READ, 4, 0);
    fix_config_write(f, doe + DOE_REG_READ, 4, 0);
    third = fix_config_read(f, doe + DOE_REG_READ, 4);
    g_assert_cmphex(third, !=, 0);

    f = fix_move(f, FIX_BOTH);
    g_assert_cmphex(fix_config_read(f, doe + DOE_REG_STATUS, 4) &
                    DOE_STATUS_READY, !=, 0);
    g_assert_cmphex(fix_config_read(f, doe + DOE_REG_READ, 4), ==,
                    third);
    fix_config_write(f, dev + CXL_DVSEC_DEV_CTRL, 2, 4);
    g_assert_cmphex(fix_config_read(f, dev + CXL_DVSEC_DEV_CTRL, 2), ==, 2);
    fix_stop(f);
}

/* The monitoring unit goes on counting where it was. */
static void test_pmu(void)
{
    const char *devices = FIX_VOLATILE ",direct=off";
    CxlFixture *f = fix_start(devices);
    uint64_t hpa = fix_map(f, 0, 0, FIX_UNIT);
    uint64_t pmu = f->bar[2] + 0x10000, config = pmu + CXL_CPMU_CONFIG(3);

    fix_write(f, config, 8, fix_read(f, config, 8) | CXL_CPMU_CONFIG_ENABLE);
    fix_read(f, hpa, 8);
    f = fix_move(f, devices);
    g_assert_cmpint(fix_read(f, pmu + CXL_CPMU_COUNTER(3), 8), ==, 1);
    fix_read(f, hpa, 8);
    g_assert_cmpint(fix_read(f, pmu + CXL_CPMU_COUNTER(3), 8), ==, 2);
    fix_stop(f);
}

#define SWITCH                                                              \
    "-device cxl-upstream,bus=rp0,addr=0.0,multifunction=on,id=us0 "        \
    "-device cxl-switch-mailbox-cci,bus=rp0,addr=0.1,target=us0 "           \
    "-device cxl-downstream,port=0,bus=us0,id=ds0,chassis=0,slot=4 "

/*
 * A switch and its mailbox, with nothing below that QEMU or a memory device
 * would make it save.
 */
static void test_switch(void)
{
    CxlFixture *f = fix_start_function(SWITCH, 1);
    uint8_t hold[2] = { 0, CXL_PORT_ASSERT_PERST }, ports[2] = { 1, 0 };
    /* The secondary bus number of the downstream port */
    uint8_t config[8] = { 0, PCI_SECONDARY_BUS & ~3, 0x20, 0x80, 0, 7 };
    QDict *errors;
    CxlReply r;

    g_assert_cmphex(fix_command_rc(f, 0x0301, "12345678", 8), ==, 0);
    g_assert_cmphex(fix_command_rc(f, 0x5102, hold, sizeof(hold)), ==, 0);
    g_assert_cmphex(fix_command_rc(f, 0x5103, config, sizeof(config)), ==, 0);
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-correctable-error', 'arguments': {"
        " 'path': '/machine/peripheral/ds0', 'type': 'physical' }}");
    f = fix_move(f, SWITCH);
    errors = qtest_qmp_assert_success_ref(f->qts,
        "{'execute': 'query-cxl-errors', 'arguments': {"
        " 'path': '/machine/peripheral/ds0' }}");
    g_assert_false(qlist_empty(qdict_get_qlist(errors, "correctable")));
    qobject_unref(errors);
    /* The last reply is still there, then the rest. */
    g_assert_cmpint(extract64(fix_read(f, f->mailbox + 8, 8), 0, 16), ==,
                    0x5103);
    fix_command_ok(f, 0x5101, ports, sizeof(ports), &r);
    g_assert_cmpint(((CxlPortInfo *)(r.data + 4))->ltssm, ==,
                    CXL_PORT_LTSSM_HOT_RESET);
    config[2] = config[3] = 0;
    fix_command_ok(f, 0x5103, config, sizeof(config), &r);
    g_assert_cmphex(ldl_le_p(r.data), ==, 0x0700);
    fix_command_ok(f, 0x0300, NULL, 0, &r);
    g_assert_cmphex(ldq_le_p(r.data) >> 40, ==, 0x383736);
    fix_stop(f);
}

#define UNBOUND \
    "-device cxl-upstream,bus=rp0,addr=0.0,multifunction=on,id=us0 " \
    "-device cxl-switch-mailbox-cci,bus=rp0,addr=0.1,target=us0 " \
    "-device cxl-downstream,port=3,bus=us0,id=ds0,chassis=0,slot=4 " \
    "-object memory-backend-ram,id=vmem,size=256M " \
    "-device cxl-type3,bus=ds0,id=cxl0,volatile-memdev=vmem,bound=off"

/* Status of the binding below the switch: 0 none, 1 changes, 2 bound */
static uint8_t binding(CxlFixture *f)
{
    CxlReply r;

    fix_command_ok(f, 0x5200, "\1\1\1\0", 4, &r);
    return r.data[8];
}

static void wait_binding(CxlFixture *f, uint8_t status)
{
    for (unsigned i = 0; i < 120000 && binding(f) != status; i++) {
        g_usleep(1000);
    }
    g_assert_cmpuint(binding(f), ==, status);
}

/* Where it goes the device is bound, or being unbound, as where it was. */
static void test_binding(void)
{
    CxlFixture *f = fix_start_function(UNBOUND, 1);

    g_assert_cmphex(fix_command_rc(f, 0x5201, "\0\1\3\0\377\377", 6), ==, 1);
    wait_binding(f, 2);
    f = fix_move(f, UNBOUND);
    g_assert_cmpuint(binding(f), ==, 2);
    /* Wait for link down: nobody asks the host. */
    g_assert_cmphex(fix_command_rc(f, 0x5202, "\0\1\0", 3), ==, 1);
    g_assert_cmpuint(binding(f), ==, 1);
    f = fix_move(f, UNBOUND);
    g_assert_cmpuint(binding(f), ==, 1);
    g_assert_cmphex(fix_command_rc(f, 0x0005, NULL, 0), ==, 0);
    g_assert_cmpuint(binding(f), ==, 2);
    g_assert_cmphex(fix_command_rc(f, 0x5202, "\0\1\2", 3), ==, 1);
    wait_binding(f, 0);
    f = fix_move(f, UNBOUND);
    g_assert_cmpuint(binding(f), ==, 0);
    fix_stop(f);
}

/* A channel and decoders for unordered I/O, of a port that is QEMU's */
static void test_uio(void)
{
    const char *devices =
        "-object memory-backend-ram,id=vmem,size=256M "
        "-device cxl-upstream,bus=rp0,addr=0.0,multifunction=on,id=us0 "
        "-device cxl-switch-mailbox-cci,bus=rp0,addr=0.1,target=us0 "
        "-device cxl-downstream,bus=us0,id=ds0,chassis=0,slot=4 "
        "-device cxl-type3,bus=ds0,id=cxl0,volatile-memdev=vmem,uio=on";
    CxlFixture *f = fix_start_function(devices, 1);
    uint64_t bar = (f->bar[0] & ~0x1ffffffull) + 0x1000000, hdm = bar + 0x1128;
    uint32_t svc;

    f->ecam -= 1 << 12;
    fix_config_write(f, PCI_BASE_ADDRESS_0, 4, bar);
    fix_config_write(f, PCI_COMMAND, 2,
                     PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    svc = fix_find_ext_cap(f, 0x35, -1);
    g_assert_cmphex(svc, !=, 0);
    fix_config_write(f, svc + 0x24, 4, 0x80000208);
    fix_write(f, hdm + 0x20, 4, 1 << 14);
    f = fix_move(f, devices);
    g_assert_cmphex(fix_config_read(f, svc + 0x24, 4), ==, 0x80000208);
    g_assert_cmphex(fix_read(f, hdm, 4) & 0xf2000, ==, 0x42000);
    g_assert_cmphex(fix_read(f, hdm + 0x20, 4), ==, 1 << 14);
    fix_write(f, hdm + 0x20, 4, 0x100000 | 1 << 14);
    g_assert_cmphex(fix_read(f, hdm + 0x20, 4), ==, 0x100000 | 1 << 14);
    fix_stop(f);
}

static void inject_poisoned(CxlFixture *f, const char *id)
{
    g_autofree char *line = g_strdup_printf("pcie_aer_inject_error %s"
                                            " POISON_TLP 1 2 3 4 5 6 7 8", id);
    g_autofree char *said = qtest_hmp(f->qts, "%s", line);

    g_assert_nonnull(strstr(said, "OK"));
}

/* What is recorded of the first error goes along; the other side has none. */
static void test_errors(void)
{
    CxlFixture *f = fix_start(FIX_BOTH);
    uint64_t port = fix_root_port(f), root = fix_root_aer(f);
    uint32_t aer = fix_find_ext_cap(f, PCI_EXT_CAP_ID_ERR, -1);
    uint32_t source;

    fix_config_write(f, EXP_CAP + PCI_EXP_DEVCTL, 2,
                     PCI_EXP_DEVCTL_FERE | PCI_EXP_DEVCTL_NFERE);
    qtest_writew(f->qts, port + PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_SERR);
    qtest_writew(f->qts, fix_root_exp(f) + PCI_EXP_DEVCTL,
                 PCI_EXP_DEVCTL_FERE | PCI_EXP_DEVCTL_NFERE);
    inject_poisoned(f, "cxl0");
    inject_poisoned(f, "rp0");
    source = qtest_readl(f->qts, root + PCI_ERR_ROOT_ERR_SRC);
    g_assert_cmphex(source, !=, 0);
    f = fix_move(f, FIX_BOTH);
    g_assert_cmphex(qtest_readl(f->qts, root + PCI_ERR_ROOT_ERR_SRC), ==,
                    source);
    g_assert_cmphex(qtest_readl(f->qts, root + PCI_ERR_CAP) & 0x1f, ==,
                    ctz32(PCI_ERR_UNC_POISON_TLP));
    g_assert_cmphex(fix_config_read(f, aer + PCI_ERR_CAP, 4) & 0x1f, ==,
                    ctz32(PCI_ERR_UNC_POISON_TLP));
    g_assert_cmphex(fix_config_read(f, aer + PCI_ERR_HEADER_LOG + 4, 4), ==,
                    bswap32(2));
    fix_stop(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/migrate/idle", test_idle);
    g_test_add_func("/cxl/migrate/in-use", test_in_use);
    g_test_add_func("/cxl/migrate/background", test_background);
    g_test_add_func("/cxl/migrate/extents", test_extents);
    g_test_add_func("/cxl/migrate/config", test_config);
    g_test_add_func("/cxl/migrate/errors", test_errors);
    g_test_add_func("/cxl/migrate/pmu", test_pmu);
    g_test_add_func("/cxl/migrate/binding", test_binding);
    g_test_add_func("/cxl/migrate/switch", test_switch);
    g_test_add_func("/cxl/migrate/uio", test_uio);
    return g_test_run();
}
