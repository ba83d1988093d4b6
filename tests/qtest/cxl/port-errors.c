/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors of root ports and switch ports: injected by the monitor, recorded in
 * the RAS registers of the port, signalled as AER internal errors to the root
 * port, cleared as software clears them.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/cxl/wire/ras.h"
#include "hw/pci/pci_regs.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "tests/qtest/cxl/ports.h"
#include "tests/qtest/refused.h"

#define RAS_ID  2

static const struct {
    PortsFunction function;
    const char *path;
} port[] = {
    { PORTS_ROOT, "/machine/peripheral/rp0" },
    { PORTS_UPSTREAM, "/machine/peripheral/us0" },
    { PORTS_DOWN0, "/machine/peripheral/ds0" },
};

#define PORTS_COUNT ARRAY_SIZE(port)

static uint64_t ras(Ports *p, unsigned i)
{
    uint64_t block = p->bar[port[i].function];
    unsigned at = ports_component(p, block, RAS_ID);

    g_assert_cmpuint(at, !=, 0);
    return block + at;
}

static uint32_t reg(Ports *p, unsigned i, unsigned offset)
{
    return qtest_readl(p->qts, ras(p, i) + offset);
}

static uint32_t aer(Ports *p, unsigned i, unsigned offset)
{
    PortsFunction f = port[i].function;

    return ports_read(p, f, ports_ext_cap(p, f, PCI_EXT_CAP_ID_ERR) + offset);
}

static void aer_write(Ports *p, unsigned i, unsigned offset, uint32_t value)
{
    PortsFunction f = port[i].function;

    ports_write(p, f, ports_ext_cap(p, f, PCI_EXT_CAP_ID_ERR) + offset, value);
}

/* All that can keep an error from the root is out of its way. */
static void unmask(Ports *p)
{
    for (unsigned i = 0; i < PORTS_COUNT; i++) {
        PortsFunction f = port[i].function;
        uint64_t cfg = p->ecam[f];

        qtest_writew(p->qts, cfg + ports_cap(p, f, PCI_CAP_ID_EXP) +
                     PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_CERE |
                     PCI_EXP_DEVCTL_NFERE | PCI_EXP_DEVCTL_FERE);
        qtest_writew(p->qts, cfg + PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_SERR);
        qtest_writew(p->qts, cfg + PCI_COMMAND, PCI_COMMAND_MEMORY |
                     PCI_COMMAND_MASTER | PCI_COMMAND_SERR);
        aer_write(p, i, PCI_ERR_UNCOR_MASK, 0);
        aer_write(p, i, PCI_ERR_COR_MASK, 0);
        qtest_writel(p->qts, ras(p, i) + CXL_RAS_UE_MASK, 0);
        qtest_writel(p->qts, ras(p, i) + CXL_RAS_CE_MASK, 0);
    }
    aer_write(p, 0, PCI_ERR_ROOT_COMMAND, PCI_ERR_ROOT_CMD_COR_EN |
              PCI_ERR_ROOT_CMD_NONFATAL_EN | PCI_ERR_ROOT_CMD_FATAL_EN);
}

static void inject_correctable(Ports *p, unsigned i)
{
    qtest_qmp_assert_success(p->qts,
        "{'execute': 'cxl-inject-correctable-error', 'arguments': {"
        " 'path': %s, 'type': 'retry-threshold' }}", port[i].path);
}

static void inject_two(Ports *p, unsigned i)
{
    qtest_qmp_assert_success(p->qts,
        "{'execute': 'cxl-inject-uncorrectable-errors', 'arguments': {"
        " 'path': %s, 'errors': ["
        "  { 'type': 'mem-data-ecc', 'header': [ 3, 4 ] },"
        "  { 'type': 'receiver-overflow', 'header': [ 7, 8 ] } ] }}",
        port[i].path);
}

static void check_query(Ports *p, unsigned i, unsigned uncorrectable,
                        unsigned correctable)
{
    QDict *rsp = qtest_qmp_assert_success_ref(p->qts,
        "{'execute': 'query-cxl-errors', 'arguments': { 'path': %s }}",
        port[i].path);

    g_assert_cmpint(qlist_size(qdict_get_qlist(rsp, "uncorrectable")), ==,
                    uncorrectable);
    g_assert_cmpint(qlist_size(qdict_get_qlist(rsp, "correctable")), ==,
                    correctable);
    qobject_unref(rsp);
}

/* The number by which the port is known to the root */
static uint16_t requester(Ports *p, unsigned i)
{
    return p->ecam[port[i].function] >> 12 & 0xffff;
}

static void expect_root(Ports *p, uint32_t received, unsigned shift,
                        unsigned source)
{
    uint32_t status = aer(p, 0, PCI_ERR_ROOT_STATUS);

    g_assert_cmphex(status & received, ==, received);
    g_assert_cmphex(aer(p, 0, PCI_ERR_ROOT_ERR_SRC) >> shift & 0xffff, ==,
                    requester(p, source));
    aer_write(p, 0, PCI_ERR_ROOT_STATUS, status);
    g_assert_cmphex(aer(p, 0, PCI_ERR_ROOT_STATUS) & received, ==, 0);
}

static void test_correctable(void)
{
    Ports *p = ports_start();

    unmask(p);
    for (unsigned i = 0; i < PORTS_COUNT; i++) {
        inject_correctable(p, i);
        g_assert_cmphex(reg(p, i, CXL_RAS_CE_STATUS), ==,
                        BIT(CXL_RAS_CE_RETRY_THRESHOLD));
        g_assert_cmphex(aer(p, i, PCI_ERR_COR_STATUS) & PCI_ERR_COR_INTERNAL,
                        !=, 0);
        expect_root(p, PCI_ERR_ROOT_COR_RCV, 0, i);
        check_query(p, i, 0, 1);
        qtest_writel(p->qts, ras(p, i) + CXL_RAS_CE_STATUS,
                     reg(p, i, CXL_RAS_CE_STATUS));
        g_assert_cmphex(reg(p, i, CXL_RAS_CE_STATUS), ==, 0);
        check_query(p, i, 0, 0);
    }
    ports_stop(p);
}

static void clear_one_by_one(Ports *p, unsigned i)
{
    g_assert_cmphex(reg(p, i, CXL_RAS_UE_STATUS), ==,
                    BIT(CXL_RAS_UE_MEM_DATA_ECC) |
                    BIT(CXL_RAS_UE_RECEIVER_OVERFLOW));
    g_assert_cmphex(reg(p, i, CXL_RAS_CTRL) & CXL_RAS_CTRL_FIRST, ==,
                    CXL_RAS_UE_MEM_DATA_ECC);
    g_assert_cmphex(qtest_readq(p->qts, ras(p, i) + CXL_RAS_HEADER), ==,
                    0x400000003ull);
    qtest_writel(p->qts, ras(p, i) + CXL_RAS_UE_STATUS,
                 BIT(CXL_RAS_UE_MEM_DATA_ECC));
    g_assert_cmphex(reg(p, i, CXL_RAS_CTRL) & CXL_RAS_CTRL_FIRST, ==,
                    CXL_RAS_UE_RECEIVER_OVERFLOW);
    g_assert_cmphex(reg(p, i, CXL_RAS_HEADER), ==, 7);
    check_query(p, i, 1, 0);
    qtest_writel(p->qts, ras(p, i) + CXL_RAS_UE_STATUS, UINT32_MAX);
    g_assert_cmphex(reg(p, i, CXL_RAS_UE_STATUS), ==, 0);
    check_query(p, i, 0, 0);
}

static void test_uncorrectable(void)
{
    Ports *p = ports_start();

    unmask(p);
    for (unsigned i = 0; i < PORTS_COUNT; i++) {
        uint32_t link = reg(p, i, CXL_RAS_LEN);

        inject_two(p, i);
        g_assert_cmphex(aer(p, i, PCI_ERR_UNCOR_STATUS) & PCI_ERR_UNC_INTN,
                        !=, 0);
        expect_root(p, PCI_ERR_ROOT_UNCOR_RCV, 16, i);
        clear_one_by_one(p, i);
        /* The log ends where the next capability begins */
        g_assert_cmphex(reg(p, i, CXL_RAS_LEN), ==, link);
    }
    ports_stop(p);
}

/* Recorded as far as the specification says, and the root is not told. */
static void test_masked(void)
{
    Ports *p = ports_start();

    unmask(p);
    for (unsigned i = 0; i < PORTS_COUNT; i++) {
        qtest_writel(p->qts, ras(p, i) + CXL_RAS_UE_MASK, UINT32_MAX);
        qtest_writel(p->qts, ras(p, i) + CXL_RAS_CE_MASK, UINT32_MAX);
        g_assert_cmphex(reg(p, i, CXL_RAS_UE_MASK), ==, CXL_RAS_UE_VALID);
        inject_two(p, i);
        inject_correctable(p, i);
        g_assert_cmphex(aer(p, i, PCI_ERR_UNCOR_STATUS), ==, 0);
        g_assert_cmphex(aer(p, i, PCI_ERR_COR_STATUS), ==, 0);
        g_assert_cmphex(reg(p, i, CXL_RAS_CTRL) & CXL_RAS_CTRL_FIRST, ==, 0);
        check_query(p, i, 2, 1);
    }
    ports_stop(p);
}

/* That of the bus below the root port, in the DVSEC of CXL ports */
static void unmask_reset(Ports *p)
{
    uint64_t cfg = p->ecam[PORTS_ROOT];
    uint32_t pos = 0x100;

    while (pos && (qtest_readw(p->qts, cfg + pos) != 0x23 ||
                   qtest_readw(p->qts, cfg + pos + 8) != 3)) {
        pos = qtest_readl(p->qts, cfg + pos) >> 20;
    }
    g_assert_cmphex(pos, !=, 0);
    qtest_writew(p->qts, cfg + pos + 0x0c, 1);
}

/* Registers of a port are lost with the power, and by nothing else. */
static void test_resets(void)
{
    Ports *p = ports_start();
    uint64_t control = p->ecam[PORTS_ROOT] + PCI_BRIDGE_CONTROL;

    unmask(p);
    unmask_reset(p);
    inject_two(p, 1);
    qtest_writew(p->qts, control, PCI_BRIDGE_CTL_BUS_RESET);
    qtest_writew(p->qts, control, 0);
    ports_enumerate(p);
    clear_one_by_one(p, 1);
    inject_two(p, 1);
    qtest_system_reset(p->qts);
    ports_enumerate(p);
    g_assert_cmphex(reg(p, 1, CXL_RAS_UE_STATUS), ==, 0);
    g_assert_cmphex(reg(p, 1, CXL_RAS_UE_MASK), ==, CXL_RAS_UE_VALID);
    check_query(p, 1, 0, 0);
    ports_stop(p);
}

/* What is no port or device is refused; one that has left, too. */
static void test_refused(void)
{
    Ports *p = ports_start();
    static const char *const path[] = {
        "/machine/peripheral/cxl.0", "/machine", "/machine/nothing",
    };

    for (unsigned i = 0; i < ARRAY_SIZE(path); i++) {
        QDict *rsp = qtest_qmp(p->qts,
            "{'execute': 'cxl-inject-correctable-error', 'arguments': {"
            " 'path': %s, 'type': 'physical' }}", path[i]);

        expect_refused(rsp, "argument 'path'");
    }
    ports_check_alive(p);
    ports_stop(p);
}

/*
 * What is below is no CXL, nor PCI Express, and has no configuration space
 * where its extensions would be: the port resets it as any bridge does.
 */
static void test_conventional(void)
{
    Ports *p = ports_start_old();
    uint64_t port = p->ecam[PORTS_DOWN1], below = port + (2 << 20) - (8 << 12);

    for (unsigned reg = 0x100; reg < 0x200; reg += 4) {
        qtest_readl(p->qts, port + reg);
    }
    qtest_writew(p->qts, below + PCI_COMMAND, PCI_COMMAND_MEMORY);
    g_assert_cmphex(qtest_readw(p->qts, below + PCI_COMMAND), ==,
                    PCI_COMMAND_MEMORY);
    qtest_writew(p->qts, port + PCI_BRIDGE_CONTROL,
                 PCI_BRIDGE_CTL_BUS_RESET);
    qtest_writew(p->qts, port + PCI_BRIDGE_CONTROL, 0);
    g_assert_cmphex(qtest_readw(p->qts, below + PCI_COMMAND), ==, 0);
    ports_stop(p);
}

/*
 * A switch that is plugged in has them too; the machine's reset may be what
 * ends it, in the middle of the resets of everybody.
 */
static void test_plugged_in(void)
{
    Ports p = {
        .qts = qtest_init("-machine q35,cxl=on -display none -nodefaults "
                          "-device pcie-root-port,id=rp0,bus=pcie.0"),
    };

    for (unsigned i = 0; i < 2; i++) {
        qtest_qmp_assert_success(p.qts, "{'execute': 'device_add',"
            " 'arguments': {'driver': 'cxl-upstream', 'id': 'us0',"
            " 'bus': 'rp0' }}");
        check_query(&p, 1, 0, 0);
        inject_correctable(&p, 1);
        check_query(&p, 1, 0, 1);
        qtest_qmp_assert_success(p.qts, "{'execute': 'device_del',"
                                 " 'arguments': {'id': 'us0'}}");
        /* QEMU 10.0 says no word of a port that has left. */
        qtest_system_reset(p.qts);
        expect_refused(qtest_qmp(p.qts, "{'execute': 'query-cxl-errors',"
                                 " 'arguments': { 'path': %s }}",
                                 port[1].path), port[1].path);
    }
    qtest_quit(p.qts);
}

/* Who begins to listen is told of one that was taken out, and has no place. */
static void test_taken_out(void)
{
    QTestState *qts = qtest_init(
        "-machine q35,cxl=on -display none -nodefaults "
        "-device pcie-root-port,id=rp0,bus=pcie.0,chassis=0 "
        "-device pcie-root-port,id=rp1,bus=pcie.0,chassis=1 "
        "-device cxl-upstream,id=us0,bus=rp0");

    qtest_qmp_assert_success(qts, "{'execute': 'qom-set',"
        " 'arguments': { 'path': '/machine/peripheral/us0',"
        " 'property': 'realized', 'value': false }}");
    qtest_qmp_assert_success(qts, "{'execute': 'qom-set',"
        " 'arguments': { 'path': '/machine/peripheral/us0',"
        " 'property': 'addr', 'value': -1 }}");
    qtest_qmp_assert_success(qts, "{'execute': 'device_add', 'arguments': {"
        " 'driver': 'virtio-net-pci', 'id': 'net0', 'bus': 'rp1',"
        " 'failover': true }}");
    qtest_quit(qts);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/port-errors/correctable", test_correctable);
    g_test_add_func("/cxl/port-errors/uncorrectable", test_uncorrectable);
    g_test_add_func("/cxl/port-errors/masked", test_masked);
    g_test_add_func("/cxl/port-errors/resets", test_resets);
    g_test_add_func("/cxl/port-errors/plugged-in", test_plugged_in);
    g_test_add_func("/cxl/port-errors/taken-out", test_taken_out);
    g_test_add_func("/cxl/port-errors/refused", test_refused);
    g_test_add_func("/cxl/port-errors/conventional", test_conventional);
    return g_test_run();
}
