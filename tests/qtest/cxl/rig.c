/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Machines with several CXL memory devices, brought up as far as their
 * decoders.  The contract is in cxl-rig.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "hw/pci/pci_regs.h"
#include "tests/qtest/cap.h"
#include "tests/qtest/cxl/rig.h"

#define ECAM        0xb0000000ull
#define MMIO        0xe0000000ull
#define SLOT        (4 * RIG_MIB)   /* of MMIO, one per function */

static uint64_t ecam_at(unsigned bus, unsigned slot)
{
    return ECAM + ((uint64_t)bus << 20) + ((uint64_t)slot << 15);
}

static void open_ecam(QTestState *qts)
{
    qtest_outl(qts, 0xcf8, 0x80000064);
    qtest_outl(qts, 0xcfc, 0);
    qtest_outl(qts, 0xcf8, 0x80000060);
    qtest_outl(qts, 0xcfc, ECAM | 1);
}

/* A bridge with MMIO slots @first..@last behind it */
static void open_bridge(Rig *r, uint64_t cfg, unsigned primary,
                        unsigned secondary, unsigned subordinate,
                        unsigned first, unsigned last)
{
    qtest_writeb(r->qts, cfg + PCI_PRIMARY_BUS, primary);
    qtest_writeb(r->qts, cfg + PCI_SECONDARY_BUS, secondary);
    qtest_writeb(r->qts, cfg + PCI_SUBORDINATE_BUS, subordinate);
    qtest_writew(r->qts, cfg + PCI_MEMORY_BASE, (MMIO + first * SLOT) >> 16);
    qtest_writew(r->qts, cfg + PCI_MEMORY_LIMIT,
                 (MMIO + (last + 1) * SLOT - 1) >> 16);
    qtest_writew(r->qts, cfg + PCI_COMMAND,
                 PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

static void open_device(Rig *r, unsigned bus, unsigned slot)
{
    Dev *d = &r->dev[r->devs++];

    d->ecam = ecam_at(bus, 0);
    d->bar0 = MMIO + slot * SLOT;
    d->bar2 = d->bar0 + 2 * RIG_MIB;
    qtest_writel(r->qts, d->ecam + PCI_BASE_ADDRESS_0, d->bar0);
    qtest_writel(r->qts, d->ecam + PCI_BASE_ADDRESS_2, d->bar2);
    qtest_writew(r->qts, d->ecam + PCI_COMMAND,
                 PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

/* Where a line of "info mtree" that has @name begins, or 0 */
uint64_t rig_region(Rig *r, const char *name)
{
    g_autofree char *tree = qtest_hmp(r->qts, "info mtree");
    char *line = strstr(tree, name);

    while (line && line > tree && line[-1] != '\n') {
        line--;
    }
    return line ? g_ascii_strtoull(line, NULL, 16) : 0;
}

/* Regions are listed again where other regions alias them. */
unsigned rig_count_aliases(Rig *r)
{
    g_autofree char *tree = qtest_hmp(r->qts, "info mtree");
    char *memory = strstr(tree, "address-space: memory");
    char *end = strstr(memory, "\r\n\r\n");
    unsigned n = 0;

    if (end) {
        *end = 0;
    }
    for (char *p = memory; (p = strstr(p, "memfab-cxl-direct")); p++) {
        n++;
    }
    return n;
}

void rig_expect_aliases(Rig *r, unsigned want)
{
    unsigned n = 0;

    for (unsigned i = 0; i < 24000; i++) {
        n = rig_count_aliases(r);
        if (n == want) {
            return;
        }
        g_usleep(5000);
    }
    g_assert_cmpuint(n, ==, want);
}

void rig_check_steps(const char *log, uint64_t total, uint64_t most)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    unsigned steps = 0;

    g_assert_true(g_file_get_contents(log, &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    for (unsigned i = 0; lines[i]; i++) {
        const char *moved = strstr(lines[i], "moved ");

        if (moved) {
            g_assert_cmpuint(g_ascii_strtoull(moved + 6, NULL, 10), <=, most);
            steps++;
        }
    }
    g_assert_cmpuint(steps, >, total / most);
}

const char *rig_backend = "memory-backend-ram";

static char *volatile_memory(GString *cmd, unsigned i)
{
    g_string_append_printf(cmd, "-object %s,id=m%u,size=512M ", rig_backend,
                           i);
    return g_strdup_printf("volatile-memdev=m%u", i);
}

char *(*rig_memory)(GString *cmd, unsigned i) = volatile_memory;

Rig *rig_start(const char *topology, const char *fmw, unsigned devs,
                  const char *const *bus, bool direct)
{
    Rig *r = g_new0(Rig, 1);
    g_autoptr(GString) cmd = g_string_new("-machine q35,cxl=on -nodefaults ");

    g_string_append_printf(cmd, "%s -M %s ", topology, fmw);
    for (unsigned i = 0; i < devs; i++) {
        g_autofree char *props = rig_memory(cmd, i);

        g_string_append_printf(cmd, "-device cxl-type3,bus=%s,id=cxl%u,"
                               "direct=%s,%s ", bus[i], i,
                               direct ? "on" : "off", props);
    }
    r->qts = qtest_init(cmd->str);
    open_ecam(r->qts);
    r->window = rig_region(r, "cxl-fixed-memory-region");
    g_assert_cmphex(r->window, !=, 0);
    return r;
}

void rig_stop(Rig *r)
{
    qtest_quit(r->qts);
    g_free(r);
}

/* Host bridges with a root port each; some are the targets of a window. */
static void window_bridges(unsigned count, unsigned ways, GString *topo,
                           GString *fmw)
{
    for (unsigned i = 0; i < count; i++) {
        g_string_append_printf(topo, "-device pxb-cxl,id=hb%u,bus=pcie.0,"
                               "bus_nr=%u -device cxl-rp,id=rp%u,bus=hb%u,"
                               "chassis=0,slot=%u,port=0 ",
                               i, 32 + 16 * i, i, i, i);
        if (i < ways) {
            g_string_append_printf(fmw, ",cxl-fmw.0.targets.%u=hb%u", i, i);
        }
    }
}

char *rig_window_options(unsigned ways, unsigned more)
{
    g_autoptr(GString) topo = g_string_new("-machine q35,cxl=on ");
    g_autoptr(GString) fmw = g_string_new("-M cxl-fmw.0.size=8G");

    window_bridges(ways + more, ways, topo, fmw);
    return g_strconcat(topo->str, fmw->str, " ", NULL);
}

void rig_enumerate_window(Rig *r, unsigned devs)
{
    open_ecam(r->qts);
    r->window = rig_region(r, "cxl-fixed-memory-region");
    for (unsigned i = 0; i < devs; i++) {
        unsigned b = 32 + 16 * i;

        open_bridge(r, ecam_at(b, 0), b, b + 1, b + 1, i, i);
        open_device(r, b + 1, i);
    }
}

Rig *rig_by_window_with(unsigned ways, bool direct, const char *options,
                        const char *size)
{
    static const char *const bus[] = {
        "rp0", "rp1", "rp2", "rp3", "rp4", "rp5", "rp6", "rp7",
    };
    g_autoptr(GString) topo = g_string_new(options);
    g_autoptr(GString) fmw = g_string_new("cxl-fmw.0.size=");
    Rig *r;

    g_string_append(fmw, size);
    window_bridges(ways, ways, topo, fmw);
    r = rig_start(topo->str, fmw->str, ways, bus, direct);
    rig_enumerate_window(r, ways);
    return r;
}

Rig *rig_by_window(unsigned ways, bool direct)
{
    return rig_by_window_with(ways, direct, "", "8G");
}

/* What firmware does to that machine */
void rig_enumerate_host_bridge(Rig *r)
{
    open_ecam(r->qts);
    r->devs = 0;
    for (unsigned i = 0; i < 2; i++) {
        open_bridge(r, ecam_at(32, i), 32, 33 + i, 33 + i, i, i);
        open_device(r, 33 + i, i);
    }
    /* The host bridge is the first in the region of their registers. */
    r->bridge = rig_region(r, "cxl_host_reg");
}

Rig *rig_host_bridge_machine(bool direct, const char *extra)
{
    static const char *const bus[] = { "rp0", "rp1" };
    g_autofree char *topo = g_strconcat(
        "-device pxb-cxl,id=hb0,bus=pcie.0,bus_nr=32 "
        "-device cxl-rp,id=rp0,bus=hb0,chassis=0,slot=0,port=0 "
        "-device cxl-rp,id=rp1,bus=hb0,chassis=0,slot=1,port=1 ", extra,
        NULL);

    return rig_start(topo, "cxl-fmw.0.targets.0=hb0,cxl-fmw.0.size=8G", 2, bus,
                 direct);
}

Rig *rig_by_host_bridge(bool direct)
{
    Rig *r = rig_host_bridge_machine(direct, "");

    rig_enumerate_host_bridge(r);
    return r;
}

Rig *rig_by_switch(bool direct)
{
    static const char *const bus[] = { "dsp0", "dsp1" };
    Rig *r = rig_start("-device pxb-cxl,id=hb0,bus=pcie.0,bus_nr=32 "
                   "-device cxl-rp,id=rp0,bus=hb0,chassis=0,slot=0,port=0 "
                   "-device cxl-upstream,bus=rp0,id=usp "
                   "-device cxl-downstream,bus=usp,id=dsp0,port=0,chassis=0,"
                   "slot=4 "
                   "-device cxl-downstream,bus=usp,id=dsp1,port=1,chassis=0,"
                   "slot=5 ",
                   "cxl-fmw.0.targets.0=hb0,cxl-fmw.0.size=8G", 2, bus,
                   direct);

    open_bridge(r, ecam_at(32, 0), 32, 33, 36, 0, 2);
    open_bridge(r, ecam_at(33, 0), 33, 34, 36, 1, 2);
    r->bridge = MMIO;
    qtest_writel(r->qts, ecam_at(33, 0) + PCI_BASE_ADDRESS_0, r->bridge);
    for (unsigned i = 0; i < 2; i++) {
        open_bridge(r, ecam_at(34, i), 34, 35 + i, 35 + i, 1 + i, 1 + i);
        open_device(r, 35 + i, 1 + i);
    }
    return r;
}

uint32_t rig_commit(Rig *r, uint64_t component, unsigned n, uint64_t base,
                    uint64_t size, uint32_t ctrl, uint64_t list)
{
    uint64_t at = component + RIG_HDM + 0x10 + 0x20 * n;

    qtest_writel(r->qts, component + RIG_HDM + 4, 2);
    qtest_writel(r->qts, at, base);
    qtest_writel(r->qts, at + 4, base >> 32);
    qtest_writel(r->qts, at + 8, size);
    qtest_writel(r->qts, at + 0xc, size >> 32);
    qtest_writel(r->qts, at + 0x14, list);
    qtest_writel(r->qts, at + 0x18, list >> 32);
    qtest_writel(r->qts, at + 0x10, 0x1200 | ctrl);
    return qtest_readl(r->qts, at + 0x10);
}

void rig_release(Rig *r, uint64_t component, unsigned n)
{
    qtest_writel(r->qts, component + RIG_HDM + 0x20 + 0x20 * n, 0x1000);
}

void rig_enable_mem(Rig *r, const Dev *d)
{
    for (uint32_t pos = 0x100; pos;) {
        uint32_t hdr = qtest_readl(r->qts, d->ecam + pos);

        if ((hdr & 0xffff) == 0x23 &&
            qtest_readw(r->qts, d->ecam + pos + 8) == 0) {
            qtest_writew(r->qts, d->ecam + pos + 0xc, 6);
            return;
        }
        pos = hdr >> 20;
    }
    g_assert_not_reached();
}

void rig_commit_set(Rig *r, unsigned ig, unsigned iw)
{
    uint64_t size = RIG_SIZE * r->devs;

    if (r->bridge) {
        g_assert_cmphex(rig_commit(r, r->bridge, 0, r->window, size,
                               ig | iw << 4, 0x0100) & 0x400, ==, 0x400);
    }
    for (unsigned i = 0; i < r->devs; i++) {
        rig_enable_mem(r, &r->dev[i]);
        g_assert_cmphex(rig_commit(r, r->dev[i].bar0, 0, r->window, size,
                               ig | iw << 4, 0) & 0xc00, ==, 0x400);
    }
}

void rig_release_set(Rig *r)
{
    for (unsigned i = 0; i < r->devs; i++) {
        rig_release(r, r->dev[i].bar0, 0);
    }
    if (r->bridge) {
        rig_release(r, r->bridge, 0);
    }
}

void rig_commit_alone(Rig *r)
{
    for (unsigned i = 0; i < r->devs; i++) {
        uint64_t base = r->window + i * RIG_SIZE;

        rig_commit(r, r->bridge, i, base, RIG_SIZE, 0, i);
        g_assert_cmphex(rig_commit(r, r->dev[i].bar0, 0, base, RIG_SIZE, 0,
                                   0) & 0xc00, ==, 0x400);
    }
}

uint64_t rig_offset(const Rig *r, unsigned ig, unsigned dev,
                          uint64_t dpa)
{
    uint64_t g = 256ull << ig;

    return (dpa / g * r->devs + dev) * g + dpa % g;
}

uint64_t rig_word(unsigned dev, uint64_t dpa)
{
    return 0x0123456789abcdefull * (dpa + 1) + dev;
}

const uint64_t rig_places[RIG_PLACES] = {
    0, 0xf8, 0x100, 0x1000, 0x12340, 0xffff8, 0x100000, 0x8000000,
    0xffffff8, 0x10000000, 0x1ffffff8,
};

void rig_write_all(Rig *r, unsigned ig, unsigned seed)
{
    for (unsigned d = 0; d < r->devs; d++) {
        for (unsigned i = 0; i < RIG_PLACES; i++) {
            qtest_writeq(r->qts,
                         r->window + rig_offset(r, ig, d, rig_places[i]),
                         rig_word(d + seed, rig_places[i]));
        }
    }
}

void rig_read_all(Rig *r, unsigned ig, unsigned seed)
{
    for (unsigned d = 0; d < r->devs; d++) {
        for (unsigned i = 0; i < RIG_PLACES; i++) {
            uint64_t at = r->window + rig_offset(r, ig, d, rig_places[i]);

            g_assert_cmphex(qtest_readq(r->qts, at), ==,
                            rig_word(d + seed, rig_places[i]));
        }
    }
}

void rig_read_alone(Rig *r, unsigned seed)
{
    for (unsigned d = 0; d < r->devs; d++) {
        for (unsigned i = 0; i < RIG_PLACES; i++) {
            g_assert_cmphex(qtest_readq(r->qts, r->window + d * RIG_SIZE +
                                        rig_places[i]), ==,
                            rig_word(d + seed, rig_places[i]));
        }
    }
}

uint16_t rig_command(Rig *r, unsigned dev, uint16_t opcode, const void *in,
                     uint32_t len)
{
    uint64_t base = r->dev[dev].bar2, mailbox = 0;
    unsigned count = qtest_readw(r->qts, base + 4);

    for (unsigned i = 1; i <= count; i++) {
        if (qtest_readw(r->qts, base + 0x10 * i) == 2) {
            mailbox = base + qtest_readl(r->qts, base + 0x10 * i + 4);
        }
    }
    if (len) {
        qtest_memwrite(r->qts, mailbox + 0x20, in, len);
    }
    qtest_writeq(r->qts, mailbox + 8, opcode | len << 16);
    qtest_writel(r->qts, mailbox + 4, 1);
    return qtest_readq(r->qts, mailbox + 0x10) >> 32;
}

void rig_device_write(Rig *r, unsigned dev, uint64_t dpa, uint8_t fill)
{
    uint8_t in[72];

    memset(in, fill, sizeof(in));
    stq_le_p(in, dpa);
    g_assert_cmphex(rig_command(r, dev, 0x4302, in, sizeof(in)), ==, 0);
}

void rig_inject(Rig *r, uint64_t dpa)
{
    qtest_qmp_assert_success(r->qts, "{'execute': 'cxl-inject-poison',"
                             " 'arguments': { 'path': '/machine/peripheral/"
                             "cxl0', 'start': %" PRIu64 ", 'length': 64 }}",
                             dpa);
}

void rig_refused(const char *options, const char *says)
{
    g_autofree char *command = g_strdup_printf("exec %s -accel qtest "
        "-display none -nodefaults -machine q35,cxl=on %s",
        getenv("QTEST_QEMU_BINARY"), options);
    const char *argv[] = { "/bin/sh", "-c", command, NULL };
    g_autofree char *errors = NULL;
    int status;

    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, 0, NULL, NULL, NULL,
                               &errors, &status, NULL));
    if (!strstr(errors, says)) {
        g_error("expected '%s' in: %s", says, errors);
    }
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 1);
}

uint64_t rig_slot_control(Rig *r, uint64_t port)
{
    uint8_t cap = find_cap(r->qts, port, PCI_CAP_ID_EXP);

    g_assert_cmphex(cap, !=, 0);
    return port + cap + PCI_EXP_SLTCTL;
}

void rig_tear_out(Rig *r, unsigned n, uint64_t port)
{
    g_autofree char *id = g_strdup_printf("cxl%u", n);

    qtest_qmp_assert_success(r->qts, "{'execute': 'device_del',"
                             " 'arguments': {'id': %s}}", id);
    qtest_writew(r->qts, rig_slot_control(r, port),
                 PCI_EXP_SLTCTL_PWR_IND_OFF | PCI_EXP_SLTCTL_PWR_OFF);
    qtest_qmp_eventwait(r->qts, "DEVICE_DELETED");
}
