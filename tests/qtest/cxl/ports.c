/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine with every kind of CXL function, enumerated.  The contract is in
 * ports.h.
 */
#include "qemu/osdep.h"
#include "hw/pci/pci_regs.h"
#include "qobject/qdict.h"
#include "tests/qtest/cap.h"
#include "tests/qtest/cxl/ports.h"

#define BUS         52
#define ECAM        0xb0000000ull
#define MMIO        0xe0000000ull
#define SLOT        0x400000ull     /* of MMIO, one per function */

#define HOST(upstream) \
    "-machine q35,cxl=on -nodefaults " \
    "-device pxb-cxl,id=cxl.0,bus=pcie.0,bus_nr=52,hdm_for_passthrough=on " \
    "-device cxl-rp,id=rp0,bus=cxl.0,chassis=0,slot=0,port=0 " \
    "-device cxl-upstream,bus=rp0,addr=0.0,multifunction=on,id=us0" \
    upstream " -device cxl-switch-mailbox-cci,bus=rp0,addr=0.1,target=us0 " \
    "-M cxl-fmw.0.targets.0=cxl.0,cxl-fmw.0.size=4G "

#define BELOW(memory) \
    "-device cxl-downstream,port=0,bus=us0,id=ds0,chassis=0,slot=4 " \
    "-device cxl-downstream,port=1,bus=us0,id=ds1,chassis=0,slot=5 " \
    "-object memory-backend-ram,id=vmem,size=256M " \
    "-device cxl-type3,bus=ds0,id=cxl0,volatile-memdev=vmem" memory

/* Where each function is, and the buses behind it if it is a bridge */
static const struct {
    unsigned bus, devfn, secondary, subordinate;
} place[PORTS_FUNCTIONS] = {
    [PORTS_ROOT]        = { BUS, 0, BUS + 1, BUS + 4 },
    [PORTS_UPSTREAM]    = { BUS + 1, 0, BUS + 2, BUS + 4 },
    [PORTS_CCI]         = { BUS + 1, 1 },
    [PORTS_DOWN0]       = { BUS + 2, 0, BUS + 3, BUS + 3 },
    [PORTS_DOWN1]       = { BUS + 2, 8, BUS + 4, BUS + 4 },
    [PORTS_MEMORY]      = { BUS + 3, 0 },
};

static void open_bridge(Ports *p, PortsFunction f)
{
    uint64_t cfg = p->ecam[f];

    qtest_writeb(p->qts, cfg + PCI_PRIMARY_BUS, place[f].bus);
    qtest_writeb(p->qts, cfg + PCI_SECONDARY_BUS, place[f].secondary);
    qtest_writeb(p->qts, cfg + PCI_SUBORDINATE_BUS, place[f].subordinate);
    /* a window too small for what is behind is no matter here */
    qtest_writew(p->qts, cfg + PCI_MEMORY_BASE, MMIO >> 16);
    qtest_writew(p->qts, cfg + PCI_MEMORY_LIMIT,
                 (MMIO + PORTS_FUNCTIONS * SLOT - 1) >> 16);
}

void ports_enumerate(Ports *p)
{
    g_autofree char *tree = NULL;
    char *line;

    qtest_outl(p->qts, 0xcf8, 0x80000064);
    qtest_outl(p->qts, 0xcfc, 0);
    qtest_outl(p->qts, 0xcf8, 0x80000060);
    qtest_outl(p->qts, 0xcfc, ECAM | 1);
    for (PortsFunction f = 0; f < PORTS_FUNCTIONS; f++) {
        uint64_t cfg = ECAM + ((uint64_t)place[f].bus << 20) +
                       ((uint64_t)place[f].devfn << 12);

        p->ecam[f] = cfg;
        if (qtest_readl(p->qts, cfg) == UINT32_MAX) {
            continue;
        }
        if (place[f].secondary) {
            open_bridge(p, f);
        }
        p->bar[f] = MMIO + f * SLOT;
        qtest_writel(p->qts, cfg + PCI_BASE_ADDRESS_0, p->bar[f]);
        qtest_writel(p->qts, cfg + PCI_BASE_ADDRESS_1, 0);
        qtest_writew(p->qts, cfg + PCI_COMMAND,
                     PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    }
    tree = qtest_hmp(p->qts, "info mtree");
    line = strstr(tree, "cxl_host_reg");
    while (line && line > tree && line[-1] != '\n') {
        line--;
    }
    p->bridge = line ? g_ascii_strtoull(line, NULL, 16) : 0;
    g_assert_cmphex(p->bridge, !=, 0);
}

static Ports *start(const char *command)
{
    Ports *p = g_new0(Ports, 1);

    p->qts = qtest_init(command);
    ports_enumerate(p);
    return p;
}

Ports *ports_start(void)
{
    return start(HOST("") BELOW(""));
}

Ports *ports_start_flit(void)
{
    return start(HOST(",x-256b-flit=on")
                 BELOW(",x-256b-flit=on,hdm-db=on"));
}

Ports *ports_start_small_flit(const char *ports)
{
    g_autofree char *command = g_strdup_printf(
        "%s %s", HOST("") BELOW(",x-256b-flit=on,hdm-db=on"), ports);

    return start(command);
}

Ports *ports_start_old(void)
{
    return start(HOST("") BELOW(" -device pci-testdev,bus=ds1"));
}

Ports *ports_start_empty(void)
{
    return start(HOST(""));
}

void ports_stop(Ports *p)
{
    qtest_quit(p->qts);
    g_free(p);
}

uint32_t ports_read(Ports *p, PortsFunction f, unsigned reg)
{
    return qtest_readl(p->qts, p->ecam[f] + reg);
}

void ports_write(Ports *p, PortsFunction f, unsigned reg, uint32_t value)
{
    qtest_writel(p->qts, p->ecam[f] + reg, value);
}

unsigned ports_cap(Ports *p, PortsFunction f, uint8_t id)
{
    unsigned at = find_cap(p->qts, p->ecam[f], id);

    g_assert_cmpuint(at, !=, 0);
    return at;
}

unsigned ports_ext_cap(Ports *p, PortsFunction f, uint16_t id)
{
    unsigned at = find_ext_cap(p->qts, p->ecam[f], id);

    g_assert_cmpuint(at, !=, 0);
    return at;
}

unsigned ports_component(Ports *p, uint64_t block, uint16_t id)
{
    uint64_t base = block + 0x1000;
    unsigned count = qtest_readl(p->qts, base) >> 24;

    for (unsigned i = 1; i <= count; i++) {
        uint32_t entry = qtest_readl(p->qts, base + 4 * i);

        if ((entry & 0xffff) == id) {
            return 0x1000 + (entry >> 20);
        }
    }
    return 0;
}

void ports_check_alive(Ports *p)
{
    QDict *rsp = qtest_qmp_assert_success_ref(p->qts,
                                              "{'execute': 'query-status'}");

    g_assert_true(qdict_get_bool(rsp, "running"));
    qobject_unref(rsp);
}
