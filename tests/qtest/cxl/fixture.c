/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Brings a machine with one memory device to the point where a driver
 * takes over.  What the registers then do is in the tests that use it.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "hw/cxl/wire/ras.h"
#include "hw/pci/pci_regs.h"
#include "hw/cxl/wire/dvsec.h"
#include "tests/qtest/cap.h"
#include "tests/qtest/cxl/fixture.h"
#include "tests/qtest/status.h"

#define BUS_NR              52
#define ECAM_AT(bus, devfn) \
    (ecam + ((uint64_t)(bus) << 20) + ((uint64_t)(devfn) << 12))
#define MMIO_SIZE           0x02000000ull
#define IRQ_MAGIC(v)        (0xc0de0000u | (v))

#define CAP_DVSEC           0x23
#define CXL_VENDOR          0x1e98

#define BRIDGE \
    "-nodefaults -device pxb-cxl,id=cxl.0,bus=pcie.0,bus_nr=52 " \
    "-device cxl-rp,id=rp0,bus=cxl.0,chassis=0,slot=0,port=0 " \
    "-M cxl-fmw.0.targets.0=cxl.0,cxl-fmw.0.size=4G "

const char *fix_machine = "-machine q35,cxl=on " BRIDGE;

/* Where the machine has configuration space, MMIO below 4 GiB, and RAM */
static uint64_t ecam = 0xb0000000, mmio_base = 0xe0000000, irq_base = 0x200000;
static bool is_pc = true;

/* The emulator that a test is run with says which machine it is. */
static void __attribute__((constructor)) choose_machine(void)
{
    if (getenv("QTEST_QEMU_BINARY") && !strcmp(qtest_get_arch(), "aarch64")) {
        fix_machine = "-machine virt,cxl=on -cpu cortex-a57 " BRIDGE;
        ecam = 0x4010000000;
        mmio_base = 0x20000000;
        irq_base = 0x40200000;
        is_pc = false;
    }
}

uint64_t fix_read(CxlFixture *f, uint64_t addr, unsigned size)
{
    switch (size) {
    case 1:
        return qtest_readb(f->qts, addr);
    case 2:
        return qtest_readw(f->qts, addr);
    case 4:
        return qtest_readl(f->qts, addr);
    default:
        return qtest_readq(f->qts, addr);
    }
}

void fix_write(CxlFixture *f, uint64_t addr, unsigned size, uint64_t value)
{
    switch (size) {
    case 1:
        qtest_writeb(f->qts, addr, value);
        break;
    case 2:
        qtest_writew(f->qts, addr, value);
        break;
    case 4:
        qtest_writel(f->qts, addr, value);
        break;
    default:
        qtest_writeq(f->qts, addr, value);
        break;
    }
}

uint64_t fix_root_port(CxlFixture *f)
{
    return ECAM_AT(BUS_NR, 0);
}

uint64_t fix_root_exp(CxlFixture *f)
{
    uint64_t rp = fix_root_port(f);
    uint8_t cap = find_cap(f->qts, rp, PCI_CAP_ID_EXP);

    g_assert_cmpint(cap, !=, 0);
    return rp + cap;
}

uint64_t fix_root_aer(CxlFixture *f)
{
    uint64_t rp = fix_root_port(f);
    uint16_t at = find_ext_cap(f->qts, rp, PCI_EXT_CAP_ID_ERR);

    g_assert_cmpint(at, !=, 0);
    return rp + at;
}

uint32_t fix_config_read(CxlFixture *f, uint32_t reg, unsigned size)
{
    return fix_read(f, f->ecam + reg, size);
}

void fix_config_write(CxlFixture *f, uint32_t reg, unsigned size,
                      uint32_t value)
{
    fix_write(f, f->ecam + reg, size, value);
}

void fix_unmask_errors(CxlFixture *f)
{
    uint64_t rp = fix_root_port(f);
    uint8_t exp = find_cap(f->qts, f->ecam, PCI_CAP_ID_EXP);
    uint16_t aer = find_ext_cap(f->qts, f->ecam, PCI_EXT_CAP_ID_ERR);
    uint16_t report = PCI_EXP_DEVCTL_CERE | PCI_EXP_DEVCTL_NFERE |
                      PCI_EXP_DEVCTL_FERE;

    fix_config_write(f, exp + PCI_EXP_DEVCTL, 2, report);
    qtest_writew(f->qts, fix_root_exp(f) + PCI_EXP_DEVCTL, report);
    fix_config_write(f, aer + PCI_ERR_UNCOR_MASK, 4, 0);
    fix_config_write(f, aer + PCI_ERR_COR_MASK, 4, 0);
    qtest_writew(f->qts, rp + PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_SERR);
    qtest_writew(f->qts, rp + PCI_COMMAND,
                 PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_SERR);
    qtest_writel(f->qts, fix_root_aer(f) + PCI_ERR_ROOT_COMMAND,
                 PCI_ERR_ROOT_CMD_COR_EN | PCI_ERR_ROOT_CMD_NONFATAL_EN |
                 PCI_ERR_ROOT_CMD_FATAL_EN);
    fix_write(f, f->ras + CXL_RAS_UE_MASK, 4, 0);
    fix_write(f, f->ras + CXL_RAS_CE_MASK, 4, 0);
}

uint32_t fix_find_ext_cap(CxlFixture *f, uint16_t id, int dvsec)
{
    uint32_t pos = 0x100;

    while (pos) {
        uint32_t hdr = fix_config_read(f, pos, 4);

        if ((hdr & 0xffff) == id &&
            (id != CAP_DVSEC || dvsec < 0 ||
             ((fix_config_read(f, pos + 4, 4) & 0xffff) == CXL_VENDOR &&
              fix_config_read(f, pos + 8, 2) == dvsec))) {
            return pos;
        }
        pos = hdr >> 20;
    }
    return 0;
}

static void open_ecam(QTestState *qts)
{
    if (!is_pc) {
        return;
    }
    /* MCH 00:00.0, PCIEXBAR at 60h: 256 MiB, enabled */
    qtest_outl(qts, 0xcf8, 0x80000064);
    qtest_outl(qts, 0xcfc, 0);
    qtest_outl(qts, 0xcf8, 0x80000060);
    qtest_outl(qts, 0xcfc, ecam | 1);
}

/* The first function on @bus leads to the next bus, and up to @last. */
static void open_bridge(QTestState *qts, unsigned bus, unsigned last,
                        uint64_t mmio)
{
    uint64_t port = ECAM_AT(bus, 0);

    qtest_writeb(qts, port + PCI_PRIMARY_BUS, bus);
    qtest_writeb(qts, port + PCI_SECONDARY_BUS, bus + 1);
    qtest_writeb(qts, port + PCI_SUBORDINATE_BUS, last);
    qtest_writew(qts, port + PCI_MEMORY_BASE, mmio >> 16);
    qtest_writew(qts, port + PCI_MEMORY_LIMIT,
                 (mmio_base + MMIO_SIZE - 1) >> 16);
    qtest_writew(qts, port + PCI_COMMAND,
                 PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

static uint64_t bar_size(CxlFixture *f, unsigned bar)
{
    uint32_t reg = PCI_BASE_ADDRESS_0 + 4 * bar;

    fix_config_write(f, reg, 4, 0xffffffff);
    return ~(uint64_t)(fix_config_read(f, reg, 4) & ~0xfu) + 1;
}

static void place_bars(CxlFixture *f, uint64_t next)
{
    unsigned bar;

    for (bar = 0; bar < 6; bar++) {
        uint32_t reg = PCI_BASE_ADDRESS_0 + 4 * bar;
        uint64_t size;

        if (!(uint32_t)(bar_size(f, bar))) {
            continue;
        }
        size = (uint32_t)bar_size(f, bar);
        next = ROUND_UP(next, size);
        f->bar[bar] = next;
        fix_config_write(f, reg, 4, next);
        next += size;
        if (fix_config_read(f, reg, 4) & PCI_BASE_ADDRESS_MEM_TYPE_64) {
            fix_config_write(f, reg + 4, 4, 0);
            bar++;
        }
    }
    fix_config_write(f, PCI_COMMAND, 2,
                     PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

void fix_aim_vectors(CxlFixture *f, uint64_t address, unsigned step,
                     uint32_t data)
{
    uint8_t cap = find_cap(f->qts, f->ecam, PCI_CAP_ID_MSIX);
    uint16_t ctrl;
    uint32_t table;
    unsigned i, count;
    uint64_t at;

    g_assert_cmpint(cap, !=, 0);
    ctrl = fix_config_read(f, cap + PCI_MSIX_FLAGS, 2);
    table = fix_config_read(f, cap + PCI_MSIX_TABLE, 4);
    at = f->bar[table & 7] + (table & ~7u);
    count = (ctrl & PCI_MSIX_FLAGS_QSIZE) + 1;
    g_assert_cmpint(count, <=, FIX_VECTORS);
    for (i = 0; i < count; i++) {
        fix_write(f, at + 16 * i, 4, address + step * i);
        fix_write(f, at + 16 * i + 4, 4, (address + step * i) >> 32);
        fix_write(f, at + 16 * i + 8, 4, data | (step ? i : 0));
        fix_write(f, at + 16 * i + 12, 4, 0);
    }
    fix_config_write(f, cap + PCI_MSIX_FLAGS, 2,
                     ctrl | PCI_MSIX_FLAGS_ENABLE);
}

static void find_device_blocks(CxlFixture *f)
{
    uint64_t base = f->bar[2] ? f->bar[2] : f->bar[0];
    unsigned count = fix_read(f, base + 4, 2);
    unsigned i;

    for (i = 1; i <= count; i++) {
        uint64_t block = base + fix_read(f, base + 0x10 * i + 4, 4);

        switch (fix_read(f, base + 0x10 * i, 2)) {
        case 1:
            f->status = block;
            break;
        case 2:
            f->mailbox = block;
            f->payload_max = 1u << (fix_read(f, block, 4) & 0x1f);
            break;
        case 0x4000:
            f->memdev = block;
            break;
        }
    }
}

static void find_component_blocks(CxlFixture *f)
{
    uint64_t base = f->bar[0] + 0x1000;
    uint32_t hdr = fix_read(f, base, 4);
    unsigned i;

    for (i = 1; i <= hdr >> 24; i++) {
        uint32_t entry = fix_read(f, base + 4 * i, 4);

        switch (entry & 0xffff) {
        case 2:
            f->ras = base + (entry >> 20);
            break;
        case 5:
            f->hdm = base + (entry >> 20);
            break;
        }
    }
}

static void set_up(CxlFixture *f, uint64_t mmio)
{
    g_assert_cmphex(fix_config_read(f, PCI_VENDOR_ID, 2), !=, 0xffff);
    place_bars(f, mmio);
    for (unsigned i = 0; i < FIX_VECTORS; i++) {
        fix_write(f, irq_base + 4 * i, 4, 0);
    }
    fix_aim_vectors(f, irq_base, 4, IRQ_MAGIC(0));
    find_device_blocks(f);
    if (f->bar[2] || fix_find_ext_cap(f, CAP_DVSEC, 0)) {
        find_component_blocks(f);
    }
}

void fix_enumerate(CxlFixture *f)
{
    open_ecam(f->qts);
    open_bridge(f->qts, BUS_NR, BUS_NR + 1, mmio_base);
    f->ecam = ECAM_AT(BUS_NR + 1, f->devfn);
    set_up(f, mmio_base);
}

CxlFixture *fix_below_switch(CxlFixture *f)
{
    uint64_t mmio = mmio_base + MMIO_SIZE / 2;
    CxlFixture *g = g_new0(CxlFixture, 1);

    g->qts = f->qts;
    open_bridge(f->qts, BUS_NR, BUS_NR + 3, mmio_base);
    open_bridge(f->qts, BUS_NR + 1, BUS_NR + 3, mmio);
    open_bridge(f->qts, BUS_NR + 2, BUS_NR + 3, mmio);
    g->ecam = ECAM_AT(BUS_NR + 3, 0);
    set_up(g, mmio);
    return g;
}

CxlFixture *fix_start_function(const char *devices, uint8_t devfn)
{
    CxlFixture *f = g_new0(CxlFixture, 1);

    f->qts = qtest_initf("%s %s", fix_machine, devices);
    f->devfn = devfn;
    fix_enumerate(f);
    return f;
}

CxlFixture *fix_attach(QTestState *qts)
{
    CxlFixture *f = g_new0(CxlFixture, 1);

    f->qts = qts;
    fix_enumerate(f);
    return f;
}

CxlFixture *fix_start(const char *devices)
{
    return fix_attach(qtest_initf("%s %s", fix_machine, devices));
}

void fix_stop(CxlFixture *f)
{
    qtest_quit(f->qts);
    g_free(f);
}

CxlFixture *fix_move(CxlFixture *f, const char *devices)
{
    g_autofree char *dir = g_dir_make_tmp("cxl-migrate-XXXXXX", NULL);
    g_autofree char *file = g_strdup_printf("%s/state", dir);
    g_autofree char *uri = g_strdup_printf("file:%s", file);
    CxlFixture *g = g_memdup2(f, sizeof(*f));
    int64_t now = qtest_clock_step(f->qts, 1);

    qtest_qmp_assert_success(f->qts, "{'execute': 'migrate',"
                             " 'arguments': {'uri': %s}}", uri);
    status_wait(f->qts, "query-migrate", "completed");
    fix_stop(f);

    g->qts = qtest_initf("%s %s -incoming defer", fix_machine, devices);
    /* The test's clock does not migrate, a machine's does */
    qtest_clock_set(g->qts, now);
    qtest_qmp_assert_success(g->qts, "{'execute': 'migrate-incoming',"
                             " 'arguments': {'uri': %s}}", uri);
    status_wait(g->qts, "query-migrate", "completed");
    unlink(file);
    rmdir(dir);
    return g;
}

void fix_command(CxlFixture *f, uint16_t opcode, const void *in,
                 uint32_t len, CxlReply *reply)
{
    uint64_t status;
    int tries = 120000;

    if (len) {
        qtest_memwrite(f->qts, f->mailbox + 0x20, in, MIN(len, f->payload_max));
    }
    fix_write(f, f->mailbox + 8, 8, opcode | (uint64_t)len << 16);
    fix_write(f, f->mailbox + 4, 4, fix_read(f, f->mailbox + 4, 4) | 1);
    while ((fix_read(f, f->mailbox + 4, 4) & 1) && --tries) {
        g_usleep(1000);
    }
    g_assert_cmpint(tries, >, 0);
    status = fix_read(f, f->mailbox + 0x10, 8);
    reply->rc = status >> 32;
    reply->len = extract64(fix_read(f, f->mailbox + 8, 8), 16, 21);
    g_assert_cmpint(reply->len, <=, sizeof(reply->data));
    qtest_memread(f->qts, f->mailbox + 0x20, reply->data, reply->len);
}

void fix_command_ok(CxlFixture *f, uint16_t opcode, const void *in,
                    uint32_t len, CxlReply *reply)
{
    fix_command(f, opcode, in, len, reply);
    g_assert_cmphex(reply->rc, ==, 0);
}

uint16_t fix_command_rc(CxlFixture *f, uint16_t opcode, const void *in,
                        uint32_t len)
{
    g_autofree CxlReply *reply = g_new(CxlReply, 1);

    fix_command(f, opcode, in, len, reply);
    return reply->rc;
}

unsigned fix_take_records(CxlFixture *f, uint8_t log, CxlReply *reply)
{
    uint8_t in[6 + 2 * UINT8_MAX] = { log };
    unsigned n;
    CxlReply none;

    fix_command_ok(f, 0x0100, &log, 1, reply);
    n = lduw_le_p(reply->data + 0x14);
    for (unsigned i = 0; i < n; i++) {
        memcpy(in + 6 + 2 * i, reply->data + 0x20 + 0x80 * i + 0x14, 2);
    }
    in[2] = n;
    if (n) {
        fix_command_ok(f, 0x0101, in, 6 + 2 * n, &none);
    }
    return n;
}

/* The first window follows the memory above 4 GiB, at 256 MiB steps. */
uint64_t fix_window(CxlFixture *f)
{
    g_autofree char *tree = qtest_hmp(f->qts, "info mtree");
    char *line = strstr(tree, "cxl-fixed-memory-region");

    g_assert_nonnull(line);
    while (line > tree && line[-1] != '\n') {
        line--;
    }
    return g_ascii_strtoull(line, NULL, 16);
}

uint64_t fix_map(CxlFixture *f, unsigned n, uint64_t offset, uint64_t size)
{
    uint64_t hpa = fix_window(f) + offset;
    uint64_t at = f->hdm + 0x10 + 0x20 * n;
    uint32_t dvsec = fix_find_ext_cap(f, CAP_DVSEC, 0);

    fix_config_write(f, dvsec + 0x0c, 2,
                     fix_config_read(f, dvsec + 0x0c, 2) | 4);
    fix_write(f, f->hdm + 4, 4, 2);
    fix_write(f, at, 4, hpa);
    fix_write(f, at + 4, 4, hpa >> 32);
    fix_write(f, at + 8, 4, size);
    fix_write(f, at + 0xc, 4, size >> 32);
    /* Commit; host only, but of a device whose memory is device coherent */
    fix_write(f, at + 0x10, 4,
              (fix_read(f, f->hdm, 4) >> 21 & 3) == 1 ? 0x200 : 0x1200);
    g_assert_cmphex(fix_decoder(f, n) & 0xc00, ==, 0x400);
    return hpa;
}

uint32_t fix_decoder(CxlFixture *f, unsigned n)
{
    return fix_read(f, f->hdm + 0x20 + 0x20 * n, 4);
}

bool fix_irq_taken(CxlFixture *f, unsigned vector)
{
    uint64_t at = irq_base + 4 * vector;
    bool taken = fix_read(f, at, 4) == IRQ_MAGIC(vector);

    fix_write(f, at, 4, 0);
    return taken;
}

void fix_bus_reset(CxlFixture *f)
{
    uint64_t ctl = fix_root_port(f) + PCI_BRIDGE_CONTROL;
    CxlFixture port = { .qts = f->qts, .ecam = fix_root_port(f) };
    uint32_t at = fix_find_ext_cap(&port, CAP_DVSEC, CXL_DVSEC_ID_PORT);

    fix_config_write(&port, at + CXL_DVSEC_PORT_CTRL, 2,
                     CXL_DVSEC_PORT_CTRL_UNMASK_SBR);
    qtest_writew(f->qts, ctl, PCI_BRIDGE_CTL_BUS_RESET);
    qtest_writew(f->qts, ctl, 0);
    fix_config_write(&port, at + CXL_DVSEC_PORT_CTRL, 2, 0);
}

CxlFixture *fix_after_bus_reset(CxlFixture *f)
{
    fix_bus_reset(f);
    fix_enumerate(f);
    return f;
}

CxlFixture *fix_after_machine_reset(CxlFixture *f)
{
    qtest_system_reset(f->qts);
    fix_enumerate(f);
    return f;
}

CxlFixture *fix_after_stop(CxlFixture *f)
{
    qtest_qmp_assert_success(f->qts, "{'execute': 'stop'}");
    qtest_qmp_assert_success(f->qts, "{'execute': 'query-cxl'}");
    qtest_qmp_assert_success(f->qts, "{'execute': 'cont'}");
    return f;
}
