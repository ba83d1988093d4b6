/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Windows over several devices: interleave by window, by host bridge and by
 * switch, trapping and direct; what one device calls its bytes and what the
 * host sees stay the same thing through commits and releases.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "hw/pci/pci_regs.h"
#include "qobject/qdict.h"
#include "tests/qtest/libqtest.h"
#include <glib/gstdio.h>

#define MIB         (1ull << 20)
#define UNIT        (256 * MIB)
#define ECAM        0xb0000000ull
#define MMIO        0xe0000000ull
#define SLOT        (4 * MIB)       /* of MMIO, one per function */
#define HDM         0x1128          /* in a component register block */
#define MAX_DEVS    4

typedef struct Dev {
    uint64_t ecam;
    uint64_t bar0, bar2;
} Dev;

typedef struct Rig {
    QTestState *qts;
    Dev dev[MAX_DEVS];
    unsigned devs;
    uint64_t window;    /* host address of the first fixed window */
    uint64_t bridge;    /* component registers that have decoders, or 0 */
} Rig;

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
    d->bar2 = d->bar0 + 2 * MIB;
    qtest_writel(r->qts, d->ecam + PCI_BASE_ADDRESS_0, d->bar0);
    qtest_writel(r->qts, d->ecam + PCI_BASE_ADDRESS_2, d->bar2);
    qtest_writew(r->qts, d->ecam + PCI_COMMAND,
                 PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

/* Where a line of "info mtree" that has @name begins, or 0 */
static uint64_t region_base(Rig *r, const char *name)
{
    g_autofree char *tree = qtest_hmp(r->qts, "info mtree");
    char *line = strstr(tree, name);

    while (line && line > tree && line[-1] != '\n') {
        line--;
    }
    return line ? g_ascii_strtoull(line, NULL, 16) : 0;
}

/* Regions are listed again where other regions alias them. */
static unsigned count_aliases(Rig *r)
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

/* Storage is put in order while no CPU runs, so a little later. */
static void expect_aliases(Rig *r, unsigned want)
{
    unsigned n = 0;

    for (unsigned i = 0; i < 2000; i++) {
        n = count_aliases(r);
        if (n == want) {
            return;
        }
        g_usleep(5000);
    }
    g_assert_cmpuint(n, ==, want);
}

/* The memory of the devices to come; tests may change it. */
static const char *backend = "memory-backend-ram";

static Rig *start(const char *topology, const char *fmw, unsigned devs,
                  const char *const *bus, bool direct)
{
    Rig *r = g_new0(Rig, 1);
    g_autoptr(GString) cmd = g_string_new("-machine q35,cxl=on -nodefaults ");

    g_string_append_printf(cmd, "%s -M %s ", topology, fmw);
    for (unsigned i = 0; i < devs; i++) {
        g_string_append_printf(cmd, "-object %s,id=m%u,size=512M "
                               "-device cxl-type3,bus=%s,id=cxl%u,"
                               "volatile-memdev=m%u,direct=%s ",
                               backend, i, bus[i], i, i,
                               direct ? "on" : "off");
    }
    r->qts = qtest_init(cmd->str);
    open_ecam(r->qts);
    r->window = region_base(r, "cxl-fixed-memory-region");
    g_assert_cmphex(r->window, !=, 0);
    return r;
}

static void stop(Rig *r)
{
    qtest_quit(r->qts);
    g_free(r);
}

/* @ways host bridges with a device each, interleaved by the window */
static Rig *by_window(unsigned ways, bool direct)
{
    static const char *const bus[] = { "rp0", "rp1", "rp2", "rp3" };
    g_autoptr(GString) topo = g_string_new("");
    g_autoptr(GString) fmw = g_string_new("cxl-fmw.0.size=8G");
    Rig *r;

    for (unsigned i = 0; i < ways; i++) {
        g_string_append_printf(topo, "-device pxb-cxl,id=hb%u,bus=pcie.0,"
                               "bus_nr=%u -device cxl-rp,id=rp%u,bus=hb%u,"
                               "chassis=0,slot=%u,port=0 ",
                               i, 32 + 16 * i, i, i, i);
        g_string_append_printf(fmw, ",cxl-fmw.0.targets.%u=hb%u", i, i);
    }
    r = start(topo->str, fmw->str, ways, bus, direct);
    for (unsigned i = 0; i < ways; i++) {
        unsigned b = 32 + 16 * i;

        open_bridge(r, ecam_at(b, 0), b, b + 1, b + 1, i, i);
        open_device(r, b + 1, i);
    }
    return r;
}

/* What firmware does to that machine */
static void enumerate_host_bridge(Rig *r)
{
    open_ecam(r->qts);
    r->devs = 0;
    for (unsigned i = 0; i < 2; i++) {
        open_bridge(r, ecam_at(32, i), 32, 33 + i, 33 + i, i, i);
        open_device(r, 33 + i, i);
    }
    /* The host bridge is the first in the region of their registers. */
    r->bridge = region_base(r, "cxl_host_reg");
}

/* One host bridge with two root ports: its decoders interleave. */
static Rig *host_bridge_machine(bool direct, const char *extra)
{
    static const char *const bus[] = { "rp0", "rp1" };
    g_autofree char *topo = g_strconcat(
        "-device pxb-cxl,id=hb0,bus=pcie.0,bus_nr=32 "
        "-device cxl-rp,id=rp0,bus=hb0,chassis=0,slot=0,port=0 "
        "-device cxl-rp,id=rp1,bus=hb0,chassis=0,slot=1,port=1 ", extra,
        NULL);

    return start(topo, "cxl-fmw.0.targets.0=hb0,cxl-fmw.0.size=8G", 2, bus,
                 direct);
}

static Rig *by_host_bridge(bool direct)
{
    Rig *r = host_bridge_machine(direct, "");

    enumerate_host_bridge(r);
    return r;
}

/* Passthrough host bridge, a switch, two devices below it */
static Rig *by_switch(bool direct)
{
    static const char *const bus[] = { "dsp0", "dsp1" };
    Rig *r = start("-device pxb-cxl,id=hb0,bus=pcie.0,bus_nr=32 "
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

static uint32_t commit(Rig *r, uint64_t component, unsigned n, uint64_t base,
                       uint64_t size, uint32_t ctrl, uint64_t list)
{
    uint64_t at = component + HDM + 0x10 + 0x20 * n;

    qtest_writel(r->qts, component + HDM + 4, 2);
    qtest_writel(r->qts, at, base);
    qtest_writel(r->qts, at + 4, base >> 32);
    qtest_writel(r->qts, at + 8, size);
    qtest_writel(r->qts, at + 0xc, size >> 32);
    qtest_writel(r->qts, at + 0x14, list);
    qtest_writel(r->qts, at + 0x18, list >> 32);
    qtest_writel(r->qts, at + 0x10, 0x1200 | ctrl);
    return qtest_readl(r->qts, at + 0x10);
}

static void release(Rig *r, uint64_t component, unsigned n)
{
    qtest_writel(r->qts, component + HDM + 0x20 + 0x20 * n, 0x1000);
}

static void enable_mem(Rig *r, const Dev *d)
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

/* All devices in one set over the first bytes of the window */
static void commit_set(Rig *r, unsigned ig, unsigned iw)
{
    uint64_t size = 512 * MIB * r->devs;

    if (r->bridge) {
        g_assert_cmphex(commit(r, r->bridge, 0, r->window, size,
                               ig | iw << 4, 0x0100) & 0x400, ==, 0x400);
    }
    for (unsigned i = 0; i < r->devs; i++) {
        enable_mem(r, &r->dev[i]);
        g_assert_cmphex(commit(r, r->dev[i].bar0, 0, r->window, size,
                               ig | iw << 4, 0) & 0xc00, ==, 0x400);
    }
}

static void release_set(Rig *r)
{
    for (unsigned i = 0; i < r->devs; i++) {
        release(r, r->dev[i].bar0, 0);
    }
    if (r->bridge) {
        release(r, r->bridge, 0);
    }
}

/* Each device alone, one after the other; only below a decoder of ours */
static void commit_alone(Rig *r)
{
    for (unsigned i = 0; i < r->devs; i++) {
        uint64_t base = r->window + i * 512 * MIB;

        commit(r, r->bridge, i, base, 512 * MIB, 0, i);
        g_assert_cmphex(commit(r, r->dev[i].bar0, 0, base, 512 * MIB, 0, 0) &
                        0xc00, ==, 0x400);
    }
}

static uint64_t offset_of(const Rig *r, unsigned ig, unsigned dev,
                          uint64_t dpa)
{
    uint64_t g = 256ull << ig;

    return (dpa / g * r->devs + dev) * g + dpa % g;
}

/* A different word for every place of every device */
static uint64_t word(unsigned dev, uint64_t dpa)
{
    return 0x0123456789abcdefull * (dpa + 1) + dev;
}

static const uint64_t places[] = {
    0, 0xf8, 0x100, 0x1000, 0x12340, 0xffff8, 0x100000, 0x8000000,
    0xffffff8, 0x10000000, 0x1ffffff8,
};

static void write_all(Rig *r, unsigned ig, unsigned seed)
{
    for (unsigned d = 0; d < r->devs; d++) {
        for (unsigned i = 0; i < G_N_ELEMENTS(places); i++) {
            qtest_writeq(r->qts,
                         r->window + offset_of(r, ig, d, places[i]),
                         word(d + seed, places[i]));
        }
    }
}

static void read_all(Rig *r, unsigned ig, unsigned seed)
{
    for (unsigned d = 0; d < r->devs; d++) {
        for (unsigned i = 0; i < G_N_ELEMENTS(places); i++) {
            g_assert_cmphex(qtest_readq(r->qts, r->window +
                                        offset_of(r, ig, d, places[i])), ==,
                            word(d + seed, places[i]));
        }
    }
}

static void read_alone(Rig *r, unsigned seed)
{
    for (unsigned d = 0; d < r->devs; d++) {
        for (unsigned i = 0; i < G_N_ELEMENTS(places); i++) {
            g_assert_cmphex(qtest_readq(r->qts, r->window + d * 512 * MIB +
                                        places[i]), ==,
                            word(d + seed, places[i]));
        }
    }
}

/* Clear Poison writes 64 bytes on the device's side. */
static void device_write(Rig *r, unsigned dev, uint64_t dpa, uint8_t fill)
{
    uint64_t base = r->dev[dev].bar2, mailbox = 0;
    unsigned count = qtest_readw(r->qts, base + 4);
    uint8_t in[72];

    for (unsigned i = 1; i <= count; i++) {
        if (qtest_readw(r->qts, base + 0x10 * i) == 2) {
            mailbox = base + qtest_readl(r->qts, base + 0x10 * i + 4);
        }
    }
    memset(in, fill, sizeof(in));
    stq_le_p(in, dpa);
    qtest_memwrite(r->qts, mailbox + 0x20, in, sizeof(in));
    qtest_writeq(r->qts, mailbox + 8, 0x4302 | sizeof(in) << 16);
    qtest_writel(r->qts, mailbox + 4, 1);
    g_assert_cmphex(qtest_readq(r->qts, mailbox + 0x10) >> 32, ==, 0);
}

static void check_device_side(Rig *r, unsigned ig)
{
    for (unsigned d = 0; d < r->devs; d++) {
        uint64_t dpa = 0x345640 + 64 * d;

        device_write(r, d, dpa, 0x80 + d);
        g_assert_cmphex(qtest_readq(r->qts, r->window +
                                    offset_of(r, ig, d, dpa)), ==,
                        0x0101010101010101ull * (0x80 + d));
    }
}

static void check_by_window(unsigned ways, unsigned ig, unsigned iw,
                            bool direct)
{
    Rig *r = by_window(ways, direct);

    g_assert_cmpuint(count_aliases(r), ==, 0);
    commit_set(r, ig, iw);
    /* Right from the start, whoever carries it out */
    write_all(r, ig, 1);
    read_all(r, ig, 1);
    expect_aliases(r, direct ? ways : 0);
    read_all(r, ig, 1);
    write_all(r, ig, 5);
    read_all(r, ig, 5);
    check_device_side(r, ig);
    release_set(r);
    expect_aliases(r, 0);
    g_assert_cmphex(qtest_readq(r->qts, r->window), ==, UINT64_MAX);
    commit_set(r, ig, iw);
    expect_aliases(r, direct ? ways : 0);
    read_all(r, ig, 5);
    stop(r);
}

static void test_window_two(void)
{
    check_by_window(2, 0, 1, true);
}

static void test_window_three(void)
{
    check_by_window(3, 0, 8, true);
}

static void test_window_four(void)
{
    check_by_window(4, 0, 2, true);
}

static void test_window_trapping(void)
{
    check_by_window(2, 0, 1, false);
}

/* In sets of one shape, then of another, then each device alone */
static void check_bridge(Rig *r, bool direct)
{
    commit_set(r, 0, 1);
    write_all(r, 0, 3);
    expect_aliases(r, direct ? 2 : 0);
    read_all(r, 0, 3);
    check_device_side(r, 0);
    release_set(r);
    expect_aliases(r, 0);

    commit_set(r, 4, 1);
    expect_aliases(r, direct ? 2 : 0);
    read_all(r, 4, 3);
    release_set(r);

    commit_alone(r);
    expect_aliases(r, direct ? 2 : 0);
    read_alone(r, 3);
    qtest_writeq(r->qts, r->window + 512 * MIB, word(4, 0));
    release(r, r->bridge, 1);
    expect_aliases(r, direct ? 1 : 0);
    g_assert_cmphex(qtest_readq(r->qts, r->window + 512 * MIB), ==,
                    UINT64_MAX);
    stop(r);
}

static void test_host_bridge(void)
{
    check_bridge(by_host_bridge(true), true);
}

static void test_host_bridge_trapping(void)
{
    check_bridge(by_host_bridge(false), false);
}

static void test_switch(void)
{
    check_bridge(by_switch(true), true);
}

static void test_switch_trapping(void)
{
    check_bridge(by_switch(false), false);
}

/* Memory in files of ours is put in order like any other, */
static void test_memfd(void)
{
    backend = "memory-backend-memfd,share=on";
    check_bridge(by_switch(true), true);
    backend = "memory-backend-memfd,share=off";
    check_bridge(by_switch(true), true);
    backend = "memory-backend-ram";
}

/* but a file that others can open stays as the device sees it. */
static void test_named_file(void)
{
    g_autofree char *dir = g_dir_make_tmp("cxl-window-XXXXXX", NULL);
    Rig *r;

    backend = g_strdup_printf("memory-backend-file,share=on,mem-path=%s",
                              dir);
    r = by_switch(true);
    commit_set(r, 0, 1);
    write_all(r, 0, 3);
    read_all(r, 0, 3);
    g_assert_cmpuint(count_aliases(r), ==, 0);
    release_set(r);
    commit_alone(r);
    expect_aliases(r, 2);
    read_alone(r, 3);
    stop(r);
    g_free((char *)backend);
    backend = "memory-backend-ram";
    g_rmdir(dir);
}

/* A reset takes decoders and aliases away. */
static void test_reset(void)
{
    Rig *r = by_host_bridge(true);

    commit_set(r, 0, 1);
    expect_aliases(r, 2);
    qtest_system_reset(r->qts);
    expect_aliases(r, 0);
    g_assert_cmphex(qtest_readq(r->qts, r->window), ==, UINT64_MAX);
    stop(r);
}

static void wait_for(QTestState *qts, const char *query, const char *status)
{
    for (unsigned i = 0; i < 2000; i++) {
        QDict *rsp = qtest_qmp(qts, "{'execute': %s}", query);
        const char *now = qdict_get_try_str(qdict_get_qdict(rsp, "return"),
                                            "status");
        bool done = now && !strcmp(now, status);

        g_assert_cmpstr(now, !=, "failed");
        qobject_unref(rsp);
        if (done) {
            return;
        }
        g_usleep(5000);
    }
    g_assert_not_reached();
}

/*
 * The memory travels in host order, so the order has to travel, too; the
 * decoders of the host bridge are nobody else's.
 */
static void test_migrate(void)
{
    g_autofree char *dir = g_dir_make_tmp("cxl-window-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "state", NULL);
    g_autofree char *uri = g_strconcat("file:", path, NULL);
    g_autofree char *incoming = g_strconcat("-incoming ", uri, " ", NULL);
    Rig *r = by_host_bridge(true);
    uint64_t ctrl;

    commit_set(r, 0, 1);
    expect_aliases(r, 2);
    write_all(r, 0, 7);
    qtest_qmp_assert_success(r->qts, "{'execute': 'migrate', 'arguments': {"
                             "'uri': %s}}", uri);
    wait_for(r->qts, "query-migrate", "completed");
    stop(r);

    r = host_bridge_machine(true, incoming);
    wait_for(r->qts, "query-status", "running");
    enumerate_host_bridge(r);
    ctrl = qtest_readl(r->qts, r->bridge + HDM + 0x20);
    g_assert_cmphex(ctrl & 0x400, ==, 0x400);
    commit_set(r, 0, 1);
    read_all(r, 0, 7);
    expect_aliases(r, 2);
    read_all(r, 0, 7);
    release_set(r);
    commit_alone(r);
    read_alone(r, 7);
    expect_aliases(r, 2);
    read_alone(r, 7);
    stop(r);
    g_unlink(path);
    g_rmdir(dir);
}

static void inject(Rig *r, uint64_t dpa)
{
    qtest_qmp_assert_success(r->qts, "{'execute': 'cxl-inject-poison',"
                             " 'arguments': { 'path': '/machine/peripheral/"
                             "cxl0', 'start': %" PRIu64 ", 'length': 64 }}",
                             dpa);
}

/*
 * More holes than QEMU has sections: aliases stay within the budget, the
 * rest traps, and what is read is the same.
 */
static void test_many_holes(void)
{
    const unsigned lines = 5000, stride = 0x10000;
    Rig *r = by_window(1, true);

    commit_set(r, 0, 0);
    expect_aliases(r, 1);
    write_all(r, 0, 2);
    for (unsigned i = 0; i < lines; i++) {
        inject(r, (i + 1) * stride + 0x8000);
    }
    g_assert_cmpuint(count_aliases(r), ==, 1024);
    read_all(r, 0, 2);
    for (unsigned i = 0; i < lines; i += 97) {
        uint64_t at = r->window + (i + 1) * stride + 0x8000;

        g_assert_cmphex(qtest_readq(r->qts, at), ==, UINT64_MAX);
        g_assert_cmphex(qtest_readq(r->qts, at - 8), ==, 0);
        g_assert_cmphex(qtest_readq(r->qts, at + 64), ==, 0);
    }
    release_set(r);
    expect_aliases(r, 0);
    stop(r);
}

/* One line of one member takes one page out of the set. */
static void test_hole_in_set(void)
{
    Rig *r = by_window(2, true);
    uint64_t at = r->window + offset_of(r, 0, 0, 0x12340);

    commit_set(r, 0, 1);
    write_all(r, 0, 2);
    expect_aliases(r, 2);
    inject(r, 0x12340);
    expect_aliases(r, 3);
    g_assert_cmphex(qtest_readq(r->qts, at), ==, UINT64_MAX);
    g_assert_cmphex(qtest_readq(r->qts, at + 256), ==, word(3, 0x12340));
    device_write(r, 0, 0x12340, 0x5a);
    expect_aliases(r, 2);
    g_assert_cmphex(qtest_readq(r->qts, at), ==, 0x5a5a5a5a5a5a5a5aull);
    stop(r);
}

/* Accesses of any size across chunks, and across the end of the region */
static void test_straddle(void)
{
    Rig *r = by_window(2, false);
    uint8_t out[64], in[64];

    commit_set(r, 0, 1);
    for (unsigned i = 0; i < sizeof(out); i++) {
        out[i] = i;
    }
    for (unsigned at = 0xc1; at < 0x101; at++) {
        qtest_memwrite(r->qts, r->window + at, out, sizeof(out));
        qtest_memread(r->qts, r->window + at, in, sizeof(in));
        g_assert_cmpmem(in, sizeof(in), out, sizeof(out));
    }
    qtest_writeq(r->qts, r->window + 0xfd, 0x1122334455667788ull);
    g_assert_cmphex(qtest_readl(r->qts, r->window + 0x100), ==, 0x22334455);
    qtest_writeq(r->qts, r->window + 4 * UNIT - 4, 0x99aabbccddeeff00ull);
    g_assert_cmphex(qtest_readl(r->qts, r->window + 4 * UNIT - 4), ==,
                    0xddeeff00);
    stop(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/window/interleave/two", test_window_two);
    g_test_add_func("/cxl/window/interleave/three", test_window_three);
    g_test_add_func("/cxl/window/interleave/four", test_window_four);
    g_test_add_func("/cxl/window/interleave/trapping", test_window_trapping);
    g_test_add_func("/cxl/window/host-bridge/direct", test_host_bridge);
    g_test_add_func("/cxl/window/host-bridge/trapping",
                   test_host_bridge_trapping);
    g_test_add_func("/cxl/window/switch/direct", test_switch);
    g_test_add_func("/cxl/window/switch/trapping", test_switch_trapping);
    g_test_add_func("/cxl/window/backend/memfd", test_memfd);
    g_test_add_func("/cxl/window/backend/named-file", test_named_file);
    g_test_add_func("/cxl/window/reset", test_reset);
    g_test_add_func("/cxl/window/straddle", test_straddle);
    g_test_add_func("/cxl/window/migrate", test_migrate);
    g_test_add_func("/cxl/window/holes/set", test_hole_in_set);
    g_test_add_func("/cxl/window/holes/many", test_many_holes);
    return g_test_run();
}
