/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SDXI below a switch: what it moves from and to devices below the same switch
 * is counted apart; what goes up to the root complex is not.  With unordered
 * I/O it goes there directly, or nowhere.
 */
#include "qemu/osdep.h"
#include "hw/pci/pci_regs.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "tests/qtest/cap.h"
#include "tests/qtest/cxl/rig.h"
#include "tests/qtest/sdxi/util.h"

#define ECAM        0xb0000000ull
#define MMIO        0xe0000000ull
#define SLOT        (4 * MiB)   /* of MMIO, one per function */
#define HDM_BYTES   (256 * MiB)
#define LEN         70000

/* Slots of MMIO; the first is the switch's own. */
enum { AT_SWITCH, AT_MEM0, AT_MOVER, AT_BAR, AT_MEM1 };

/* Where a way leads over a link: one of its ends */
typedef struct Hop {
    unsigned bus, slot;
} Hop;

typedef struct Peers {
    SdxiVm *vm;
    Rig cxl;
    SdxiFn *fn;
    SdxiCxt c;
    uint64_t ram, bar;
    uint64_t near, far;         /* host addresses of CXL memory */
    unsigned errors;            /* in the log */
    const Hop *hop;             /* from the mover to the memory */
    unsigned hops;
    Hop gate;                   /* the port that lets UIO through */
} Peers;

static uint64_t ecam_at(unsigned bus, unsigned slot)
{
    return ECAM + ((uint64_t)bus << 20) + ((uint64_t)slot << 15);
}

static void open_bridge(Peers *p, unsigned bus, unsigned slot,
                        unsigned secondary, unsigned subordinate,
                        unsigned first, unsigned last)
{
    QTestState *qts = p->vm->qts;
    uint64_t cfg = ecam_at(bus, slot);

    qtest_writel(qts, cfg + PCI_PRIMARY_BUS,
                 bus | secondary << 8 | subordinate << 16);
    qtest_writew(qts, cfg + PCI_MEMORY_BASE, (MMIO + first * SLOT) >> 16);
    qtest_writew(qts, cfg + PCI_MEMORY_LIMIT,
                 (MMIO + (last + 1) * SLOT - 1) >> 16);
    qtest_writew(qts, cfg + PCI_COMMAND,
                 PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

/* A device with one BAR that matters, alone on its bus */
static uint64_t open_device(Peers *p, unsigned bus, unsigned bar,
                            unsigned slot)
{
    QTestState *qts = p->vm->qts;
    uint64_t at = MMIO + slot * SLOT;

    qtest_writel(qts, ecam_at(bus, 0) + PCI_BASE_ADDRESS_0 + 4 * bar, at);
    qtest_writew(qts, ecam_at(bus, 0) + PCI_COMMAND,
                 PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    return at;
}

static void open_ecam(Peers *p)
{
    QTestState *qts = p->vm->qts;

    qtest_outl(qts, 0xcf8, 0x80000064);
    qtest_outl(qts, 0xcfc, 0);
    qtest_outl(qts, 0xcf8, 0x80000060);
    qtest_outl(qts, 0xcfc, ECAM | 1);
}

static void open_all(Peers *p)
{
    open_ecam(p);
    open_bridge(p, 32, 0, 33, 37, AT_SWITCH, AT_BAR);
    open_bridge(p, 32, 1, 38, 38, AT_MEM1, AT_MEM1);
    open_device(p, 33, 0, AT_SWITCH);
    open_bridge(p, 33, 0, 34, 37, AT_MEM0, AT_BAR);
    open_bridge(p, 34, 0, 35, 35, AT_MEM0, AT_MEM0);
    open_bridge(p, 34, 1, 36, 36, AT_MOVER, AT_MOVER);
    open_bridge(p, 34, 2, 37, 37, AT_BAR, AT_BAR);
    open_device(p, 35, 0, AT_MEM0);
    open_device(p, 38, 0, AT_MEM1);
    p->bar = open_device(p, 37, 2, AT_BAR);
    p->vm->bus->mmio_alloc_ptr = MMIO + AT_MOVER * SLOT;
    p->fn = sdxi_fn_open(p->vm, 36 * 32);
}

static void commit(Peers *p, uint64_t registers, unsigned n, uint64_t base,
                   uint32_t ctrl, uint64_t target)
{
    g_assert_cmphex(rig_commit(&p->cxl, registers, n, base, HDM_BYTES, ctrl,
                               target) & 0xc00, ==, 0x400);
}

/*
 * One device below the switch, the other below another root port; further bits
 * of the switch's decoder and of the device's.
 */
static void map_uio(Peers *p, uint32_t at_switch, uint32_t at_device)
{
    Dev near = { .ecam = ecam_at(35, 0) }, far = { .ecam = ecam_at(38, 0) };
    uint64_t bridge = rig_region(&p->cxl, "cxl_host_reg");

    p->near = rig_region(&p->cxl, "cxl-fixed-memory-region");
    p->far = p->near + HDM_BYTES;
    rig_enable_mem(&p->cxl, &near);
    rig_enable_mem(&p->cxl, &far);
    commit(p, bridge, 0, p->near, 0, 0);
    commit(p, bridge, 1, p->far, 0, 1);
    commit(p, MMIO + AT_SWITCH * SLOT, 0, p->near, at_switch, 0);
    commit(p, MMIO + AT_MEM0 * SLOT, 0, p->near, at_device, 0);
    commit(p, MMIO + AT_MEM1 * SLOT, 0, p->far, 0, 0);
}

static void map(Peers *p)
{
    map_uio(p, 0, 0);
}

static void start_mover(Peers *p)
{
    sdxi_fn_up(p->fn);
    sdxi_cxt_init(&p->c, p->fn, 1, 1024);
    sdxi_cxt_start(&p->c);
    p->ram = sdxi_vm_alloc(p->vm, 2 * MiB, 4096);
}

static void start_below(Peers *p, const char *usp, const char *cxl,
                        const char *sdxi)
{
    static const Hop hops[] = { { 36, 0 }, { 34, 1 }, { 34, 0 }, { 35, 0 } };

    *p = (Peers) {
        .hop = hops, .hops = ARRAY_SIZE(hops), .gate = { 34, 1 },
    };
    p->vm = sdxi_vm_start(
        "-machine q35,cxl=on "
        "-device pxb-cxl,id=hb0,bus=pcie.0,bus_nr=32 "
        "-device cxl-rp,id=rp0,bus=hb0,chassis=0,slot=0,port=0,addr=0 "
        "-device cxl-rp,id=rp1,bus=hb0,chassis=0,slot=1,port=1,addr=1 "
        "-device cxl-upstream,bus=rp0,id=usp%s "
        "-device cxl-downstream,bus=usp,id=dsp0,port=0,chassis=0,slot=4 "
        "-device cxl-downstream,bus=usp,id=dsp1,port=1,chassis=0,slot=5 "
        "-device cxl-downstream,bus=usp,id=dsp2,port=2,chassis=0,slot=6 "
        "-M cxl-fmw.0.targets.0=hb0,cxl-fmw.0.size=4G "
        "-object memory-backend-ram,id=m0,size=256M "
        "-object memory-backend-ram,id=m1,size=256M "
        "-object memory-backend-memfd,id=shm,size=1M,share=on "
        "-device cxl-type3,bus=dsp0,id=cxl0,volatile-memdev=m0%s "
        "-device cxl-type3,bus=rp1,id=cxl1,volatile-memdev=m1%s "
        "-device ivshmem-plain,bus=dsp2,memdev=shm "
        "-device sdxi,bus=dsp1%s", usp, cxl, cxl, sdxi);
    p->cxl = (Rig) { .qts = p->vm->qts };
    open_all(p);
    start_mover(p);
}

static void start(Peers *p, const char *cxl, const char *sdxi)
{
    start_below(p, "", cxl, sdxi);
}

static void stop(Peers *p)
{
    sdxi_fn_close(p->fn);
    sdxi_vm_stop(p->vm);
}

static uint64_t counter(Peers *p, const char *name)
{
    QDict *rsp = qtest_qmp(p->vm->qts, "{'execute': 'query-sdxi'}");
    QDict *f = qobject_to(QDict, qlist_peek(qdict_get_qlist(rsp, "return")));
    uint64_t n = qdict_get_int(qdict_get_qdict(f, "statistics"), name);

    qobject_unref(rsp);
    return n;
}

/* How much of what @d moves was between devices below the switch? */
static uint64_t peers_in(Peers *p, SdxiDsc d)
{
    uint64_t before = counter(p, "peer-bytes");

    g_assert_false(sdxi_cxt_do(&p->c, d));
    return counter(p, "peer-bytes") - before;
}

static uint64_t copied(Peers *p, uint64_t from, uint64_t to)
{
    uint64_t n;

    sdxi_vm_fill(p->vm, from, LEN, from >> 12);
    n = peers_in(p, sdxi_dsc_copy(from, to, LEN));
    g_assert_true(sdxi_vm_equal(p->vm, from, to, LEN));
    return n;
}

static void test_counted(const char *cxl, const char *sdxi)
{
    static const uint8_t word[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    Peers p;

    start(&p, cxl, sdxi);
    g_assert_cmpuint(copied(&p, p.ram, p.ram + MiB), ==, 0);
    map(&p);
    g_assert_cmpuint(copied(&p, p.ram, p.near + 4096), ==, LEN);
    g_assert_cmpuint(copied(&p, p.near + 0x40003, p.ram + 5), ==, LEN);
    g_assert_cmpuint(copied(&p, p.near, p.near + MiB), ==, LEN);
    g_assert_cmpuint(copied(&p, p.near, p.bar), ==, LEN);
    g_assert_cmpuint(copied(&p, p.bar, p.ram), ==, LEN);
    g_assert_cmpuint(copied(&p, p.near, p.far), ==, LEN);
    g_assert_cmpuint(peers_in(&p, sdxi_dsc_repcopy(p.ram, p.near, 64 * KiB)),
                     ==, 64 * KiB);
    g_assert_cmpuint(peers_in(&p, sdxi_dsc_imm(p.bar, word, 8)), ==, 8);

    g_assert_cmpuint(copied(&p, p.ram, p.ram + MiB), ==, 0);
    g_assert_cmpuint(copied(&p, p.ram, p.far + 4096), ==, 0);
    g_assert_cmpuint(copied(&p, p.far, p.ram), ==, 0);
    g_assert_cmpuint(peers_in(&p, sdxi_dsc_repcopy(p.ram, p.far, 64 * KiB)),
                     ==, 0);
    /* half of it beyond the end of the memory that is near */
    g_assert_cmpuint(peers_in(&p, sdxi_dsc_copy(p.ram, p.far - 4096, 8192)),
                     ==, 4096);
    stop(&p);
}

/*
 * The host bridge has the other device serve every second 256 bytes, of which
 * the decoders of both know nothing: not all of it is near.
 */
static void test_spread(void)
{
    Dev near = { .ecam = ecam_at(35, 0) }, far = { .ecam = ecam_at(38, 0) };
    Peers p;

    start(&p, "", "");
    p.near = rig_region(&p.cxl, "cxl-fixed-memory-region");
    rig_enable_mem(&p.cxl, &near);
    rig_enable_mem(&p.cxl, &far);
    commit(&p, rig_region(&p.cxl, "cxl_host_reg"), 0, p.near, 0x10, 0x0100);
    commit(&p, MMIO + AT_SWITCH * SLOT, 0, p.near, 0, 0);
    commit(&p, MMIO + AT_MEM0 * SLOT, 0, p.near, 0, 0);
    commit(&p, MMIO + AT_MEM1 * SLOT, 0, p.near, 0, 0);
    g_assert_cmpuint(copied(&p, p.ram, p.near + 4096), ==, 0);
    stop(&p);
}

static void test_direct(void)
{
    test_counted("", "");
}

/* Every access is one of the big lock, and commits change no map. */
static void test_trapping(void)
{
    test_counted(",direct=off", "");
}

static void test_workers(void)
{
    test_counted("", ",workers=2");
}

/* A BAR that is switched off is nobody's memory any more. */
static void test_off(void)
{
    Peers p;
    uint64_t command;

    start(&p, "", "");
    command = ecam_at(37, 0) + PCI_COMMAND;
    g_assert_cmpuint(copied(&p, p.bar, p.ram), ==, LEN);
    qtest_writew(p.vm->qts, command, 0);
    g_assert_true(sdxi_cxt_do(&p.c, sdxi_dsc_copy(p.bar, p.ram, 4096)));
    g_assert_cmpuint(counter(&p, "peer-bytes"), ==, LEN);
    stop(&p);
}

/* The same device, but the function is below a root port. */
static void test_no_switch(void)
{
    SdxiVm *vm = sdxi_vm_start(
        "-object memory-backend-memfd,id=shm,size=1M,share=on "
        "-device ivshmem-plain,memdev=shm,addr=5 -device sdxi,addr=4");
    Peers p = { .vm = vm };
    QPCIDevice *shm = qpci_device_find(vm->bus, QPCI_DEVFN(5, 0));

    p.fn = sdxi_fn_open(vm, 4);
    p.bar = qpci_iomap(shm, 2, NULL).addr;
    qpci_device_enable(shm);
    sdxi_fn_up(p.fn);
    sdxi_cxt_init(&p.c, p.fn, 1, 1024);
    sdxi_cxt_start(&p.c);
    p.ram = sdxi_vm_alloc(vm, 2 * MiB, 4096);
    g_assert_cmpuint(copied(&p, p.ram, p.bar), ==, 0);
    g_assert_cmpuint(counter(&p, "bytes"), ==, LEN);
    g_free(shm);
    stop(&p);
}

/* --- unordered I/O, numbers of PCIe r6.1 7.7.9, 7.9.29 and CXL r3.1 ------- */

#define UIO             (1u << 14)  /* of a decoder */
#define CHANNEL         0x80000208u /* enabled, UIO, class 3 */
#define REQUESTER       0x80u
#define GATE            0x10u

static uint64_t ext_cap(Peers *p, uint64_t cfg, uint16_t id, int dvsec)
{
    uint32_t pos = 0x100, head;

    for (; pos; pos = head >> 20) {
        head = qtest_readl(p->vm->qts, cfg + pos);
        if ((head & 0xffff) == id &&
            (dvsec < 0 ||
             qtest_readw(p->vm->qts, cfg + pos + 8) == dvsec)) {
            return cfg + pos;
        }
    }
    return 0;
}

static uint64_t svc_of(Peers *p, unsigned hop)
{
    return ext_cap(p, ecam_at(p->hop[hop].bus, p->hop[hop].slot), 0x35, -1);
}

static void set_channel(Peers *p, unsigned hop, uint32_t ctrl)
{
    uint64_t svc = svc_of(p, hop);

    g_assert_cmphex(svc, !=, 0);
    qtest_writel(p->vm->qts, svc + 0x24, ctrl);
    qtest_writel(p->vm->qts, svc + 0x0c, 1);
}

static uint64_t gate_of(Peers *p)
{
    return ext_cap(p, ecam_at(p->gate.bus, p->gate.slot), 0x23, 3) + 0x0c;
}

static void set_gate(Peers *p, bool on)
{
    qtest_writew(p->vm->qts, gate_of(p), on ? GATE : 0);
}

static uint64_t requester_of(Peers *p)
{
    return ext_cap(p, ecam_at(p->hop[0].bus, 0), 0x2f, -1) + 8;
}

static void set_requester(Peers *p, bool on)
{
    qtest_writel(p->vm->qts, requester_of(p), on ? REQUESTER : 0);
}

static void start_uio(Peers *p, const char *cxl, const char *sdxi)
{
    start(p, cxl, sdxi);
    sdxi_fn_errlog(p->fn);
}

static void open_ways(Peers *p)
{
    for (unsigned hop = 0; hop < p->hops; hop++) {
        set_channel(p, hop, CHANNEL);
    }
    set_gate(p, true);
    set_requester(p, true);
}

static void start_open(Peers *p, const char *sdxi)
{
    start_uio(p, ",uio=on", sdxi);
    open_ways(p);
}

/* By UIO, to where it has to be */
static void expect_direct(Peers *p)
{
    uint64_t bytes = counter(p, "uio-bytes");
    uint64_t refused = counter(p, "uio-refused");

    copied(p, p->ram, p->near + 4096);
    copied(p, p->near + 4096, p->ram + MiB);
    g_assert_cmpuint(counter(p, "uio-bytes") - bytes, ==, 2 * LEN);
    g_assert_cmpuint(counter(p, "uio-refused"), ==, refused);
}

static void expect_ordinary(Peers *p)
{
    uint64_t bytes = counter(p, "uio-bytes");

    copied(p, p->ram, p->near + 4096);
    g_assert_cmpuint(counter(p, "uio-bytes"), ==, bytes);
}

/* With an error of that buffer in the log */
static void fails(Peers *p, SdxiDsc d, unsigned buffer)
{
    uint64_t refused = counter(p, "uio-refused");
    SdxiErr e;

    g_assert_true(sdxi_cxt_do(&p->c, d));
    g_assert_cmpuint(counter(p, "uio-refused"), >, refused);
    sdxi_fn_wait_errors(p->fn, p->errors + 1);
    e = sdxi_fn_err(p->fn, p->errors++);
    g_assert_cmpuint(e.step, ==, SDXI_STEP_DATA);
    g_assert_true(e.bv);
    g_assert_cmpuint(e.buf, ==, buffer);
    sdxi_cxt_wait_state(&p->c, SDXI_CXT_ERR);
    sdxi_cxt_start(&p->c);
}

/* Neither way, and not a byte of it; what is elsewhere is as ever. */
static void expect_refused(Peers *p)
{
    static const uint8_t word[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    QTestState *qts = p->vm->qts;

    qtest_writeq(qts, p->near + 8192, 0x1122334455667788);
    fails(p, sdxi_dsc_copy(p->ram, p->near + 8192, LEN), 1);
    fails(p, sdxi_dsc_copy(p->near + 8192, p->ram, LEN), 0);
    fails(p, sdxi_dsc_repcopy(p->ram, p->near + 8192, 64 * KiB), 1);
    fails(p, sdxi_dsc_imm(p->near + 8192, word, 8), 0);
    g_assert_cmphex(qtest_readq(qts, p->near + 8192), ==, 0x1122334455667788);
    copied(p, p->ram, p->far + 4096);
    copied(p, p->ram, p->ram + MiB);
}

/* The way is open: it goes by UIO, and each thing that is missing is seen. */
static void check_way(Peers *p)
{
    expect_direct(p);
    /* One that may not ask so asks as ever, as does everybody else. */
    set_requester(p, false);
    expect_ordinary(p);
    set_gate(p, false);
    expect_ordinary(p);
    set_requester(p, true);
    expect_refused(p);
    set_gate(p, true);
    expect_direct(p);
    for (unsigned hop = 0; hop < p->hops; hop++) {
        set_channel(p, hop, CHANNEL & ~8u);
        expect_refused(p);
        set_channel(p, hop, CHANNEL);
        expect_direct(p);
    }
}

static void test_uio_ways(const char *sdxi)
{
    Peers p;

    start_open(&p, sdxi);
    map_uio(&p, UIO, UIO);
    g_assert_cmpuint(copied(&p, p.ram, p.far + 4096), ==, 0);
    check_way(&p);
    stop(&p);
}

static void test_uio(void)
{
    test_uio_ways(",uio=on");
}

static void test_uio_workers(void)
{
    test_uio_ways(",uio=on,workers=2");
}

/* What is below another port of the host bridge, whose decoders know it */
static void test_uio_host_bridge(void)
{
    static const Hop hops[] = {
        { 36, 0 }, { 34, 1 }, { 33, 0 }, { 32, 0 }, { 32, 1 }, { 38, 0 },
    };
    uint64_t bridge, memory = MMIO + AT_MEM1 * SLOT, far;
    Peers p;

    start_uio(&p, ",uio=on", ",uio=on");
    p.hop = hops;
    p.hops = ARRAY_SIZE(hops);
    p.gate = (Hop) { 32, 0 };
    bridge = rig_region(&p.cxl, "cxl_host_reg");
    g_assert_cmphex(qtest_readl(p.vm->qts, bridge + RIG_HDM) & 0xf2000, ==,
                    0x42000);
    open_ways(&p);
    map(&p);
    far = p.far;
    p.far = p.near;
    p.near = far;
    expect_ordinary(&p);
    rig_release(&p.cxl, bridge, 1);
    commit(&p, bridge, 1, far, UIO, 1);
    expect_refused(&p);
    rig_release(&p.cxl, memory, 0);
    commit(&p, memory, 0, far, UIO, 0);
    check_way(&p);
    /* Another host bridge is in the set. */
    rig_release(&p.cxl, bridge, 1);
    commit(&p, bridge, 1, far, UIO | 0x00100000, 1);
    expect_ordinary(&p);
    qtest_system_reset(p.vm->qts);
    g_assert_cmphex(qtest_readl(p.vm->qts, bridge + RIG_HDM) & 0xf2000, ==,
                    0x42000);
    g_assert_cmphex(qtest_readl(p.vm->qts, bridge + RIG_HDM + 0x40), ==, 0);
    qtest_writel(p.vm->qts, bridge + RIG_HDM + 0x40, UIO);
    g_assert_cmphex(qtest_readl(p.vm->qts, bridge + RIG_HDM + 0x40), ==, UIO);
    sdxi_vm_stop(p.vm);
}

/* No switch at all, but two ports of a host bridge */
static void test_uio_ports(void)
{
    static const Hop hops[] = { { 33, 0 }, { 32, 0 }, { 32, 1 }, { 34, 0 } };
    Dev memory = { .ecam = ecam_at(34, 0) };
    uint64_t bridge;
    Peers p = {
        .hop = hops, .hops = ARRAY_SIZE(hops), .gate = { 32, 0 },
    };

    p.vm = sdxi_vm_start(
        "-machine q35,cxl=on -device pxb-cxl,id=hb0,bus=pcie.0,bus_nr=32 "
        "-device cxl-rp,id=rp0,bus=hb0,chassis=0,slot=0,port=0,addr=0 "
        "-device cxl-rp,id=rp1,bus=hb0,chassis=0,slot=1,port=1,addr=1 "
        "-M cxl-fmw.0.targets.0=hb0,cxl-fmw.0.size=4G "
        "-object memory-backend-ram,id=m0,size=256M "
        "-device cxl-type3,bus=rp1,id=cxl0,volatile-memdev=m0,uio=on "
        "-device sdxi,bus=rp0,uio=on");
    p.cxl = (Rig) { .qts = p.vm->qts };
    open_ecam(&p);
    open_bridge(&p, 32, 0, 33, 33, 0, 0);
    open_bridge(&p, 32, 1, 34, 34, 1, 1);
    open_device(&p, 34, 0, 1);
    p.vm->bus->mmio_alloc_ptr = MMIO;
    p.fn = sdxi_fn_open(p.vm, 33 * 32);
    start_mover(&p);
    sdxi_fn_errlog(p.fn);
    open_ways(&p);
    bridge = rig_region(&p.cxl, "cxl_host_reg");
    p.near = rig_region(&p.cxl, "cxl-fixed-memory-region");
    p.far = p.ram + MiB + 512 * KiB;
    rig_enable_mem(&p.cxl, &memory);
    commit(&p, bridge, 0, p.near, UIO, 1);
    commit(&p, MMIO + SLOT, 0, p.near, UIO, 0);
    check_way(&p);
    g_assert_cmpuint(counter(&p, "peer-bytes"), ==, 0);
    stop(&p);
}

/* Slots of MMIO with two switches; @AT_DEEP of the one below */
enum { AT_UPPER, AT_DEEP, AT_BELOW, AT_BESIDE };

/*
 * Below the upper switch are another one, with a device, and beside it another
 * device: the mover and the memory, or the other way round.
 */
static void start_deep(Peers *p, bool mover_below)
{
    static const Hop to[] = {
        { 38, 0 }, { 34, 1 }, { 34, 0 }, { 35, 0 }, { 36, 0 }, { 37, 0 },
    };
    static const Hop from[] = {
        { 37, 0 }, { 36, 0 }, { 35, 0 }, { 34, 0 }, { 34, 1 }, { 38, 0 },
    };

    *p = (Peers) {
        .hop = mover_below ? from : to, .hops = ARRAY_SIZE(to),
        .gate = { 34, !mover_below },
    };
    p->vm = sdxi_vm_start(
        "-machine q35,cxl=on -device pxb-cxl,id=hb0,bus=pcie.0,bus_nr=32 "
        "-device cxl-rp,id=rp0,bus=hb0,chassis=0,slot=0,port=0,addr=0 "
        "-device cxl-upstream,bus=rp0,id=usp "
        "-device cxl-downstream,bus=usp,id=dsp0,port=0,chassis=0,slot=4 "
        "-device cxl-downstream,bus=usp,id=dsp1,port=1,chassis=0,slot=5 "
        "-device cxl-upstream,bus=dsp0,id=deep "
        "-device cxl-downstream,bus=deep,id=dsp2,port=0,chassis=0,slot=6 "
        "-M cxl-fmw.0.targets.0=hb0,cxl-fmw.0.size=4G "
        "-object memory-backend-ram,id=m0,size=256M "
        "-device cxl-type3,bus=%s,id=cxl0,volatile-memdev=m0,uio=on "
        "-device sdxi,bus=%s,uio=on", mover_below ? "dsp1" : "dsp2",
        mover_below ? "dsp2" : "dsp1");
    p->cxl = (Rig) { .qts = p->vm->qts };
    open_ecam(p);
    open_bridge(p, 32, 0, 33, 38, AT_UPPER, AT_BESIDE);
    open_device(p, 33, 0, AT_UPPER);
    open_bridge(p, 33, 0, 34, 38, AT_DEEP, AT_BESIDE);
    open_bridge(p, 34, 0, 35, 37, AT_DEEP, AT_BELOW);
    open_bridge(p, 34, 1, 38, 38, AT_BESIDE, AT_BESIDE);
    open_device(p, 35, 0, AT_DEEP);
    open_bridge(p, 35, 0, 36, 37, AT_BELOW, AT_BELOW);
    open_bridge(p, 36, 0, 37, 37, AT_BELOW, AT_BELOW);
    open_device(p, mover_below ? 38 : 37, 0,
                mover_below ? AT_BESIDE : AT_BELOW);
    p->vm->bus->mmio_alloc_ptr = MMIO +
        (mover_below ? AT_BELOW : AT_BESIDE) * SLOT;
    p->fn = sdxi_fn_open(p->vm, (mover_below ? 37 : 38) * 32);
    start_mover(p);
    sdxi_fn_errlog(p->fn);
    open_ways(p);
    p->near = rig_region(&p->cxl, "cxl-fixed-memory-region");
    p->far = p->ram + MiB + 512 * KiB;
}

static void test_uio_deep(void)
{
    Dev memory = { .ecam = ecam_at(37, 0) };
    Peers p;

    start_deep(&p, false);
    rig_enable_mem(&p.cxl, &memory);
    commit(&p, MMIO + AT_UPPER * SLOT, 0, p.near, UIO, 0);
    commit(&p, MMIO + AT_DEEP * SLOT, 0, p.near, 0, 0);
    commit(&p, MMIO + AT_BELOW * SLOT, 0, p.near, UIO, 0);
    /* Each switch on the way has to know it as UIO. */
    expect_refused(&p);
    rig_release(&p.cxl, MMIO + AT_DEEP * SLOT, 0);
    commit(&p, MMIO + AT_DEEP * SLOT, 0, p.near, UIO, 0);
    check_way(&p);
    stop(&p);
}

/* The switch of the mover passes it on to the one above. */
static void test_uio_upwards(void)
{
    Dev memory = { .ecam = ecam_at(38, 0) };
    Peers p;

    start_deep(&p, true);
    rig_enable_mem(&p.cxl, &memory);
    commit(&p, MMIO + AT_UPPER * SLOT, 0, p.near, UIO, 1);
    commit(&p, MMIO + AT_BESIDE * SLOT, 0, p.near, UIO, 0);
    check_way(&p);
    stop(&p);
}

/* The switch's mailbox follows what the guest writes to its ports, too. */
static void test_uio_mailbox(void)
{
    Peers p;

    start_below(&p, ",addr=0.0,multifunction=on "
                "-device cxl-switch-mailbox-cci,bus=rp0,addr=0.1,target=usp",
                ",uio=on", ",uio=on");
    sdxi_fn_errlog(p.fn);
    open_ways(&p);
    map_uio(&p, UIO, UIO);
    expect_direct(&p);
    set_gate(&p, false);
    expect_refused(&p);
    set_gate(&p, true);
    expect_direct(&p);
    stop(&p);
}

/* Of all that is not the switch's or the device's business nothing changes. */
static void test_uio_decoders(void)
{
    Peers p;

    start_open(&p, ",uio=on");
    map_uio(&p, 0, UIO);
    expect_ordinary(&p);
    rig_release(&p.cxl, MMIO + AT_SWITCH * SLOT, 0);
    commit(&p, MMIO + AT_SWITCH * SLOT, 0, p.near, UIO, 0);
    expect_direct(&p);
    rig_release(&p.cxl, MMIO + AT_MEM0 * SLOT, 0);
    commit(&p, MMIO + AT_MEM0 * SLOT, 0, p.near, 0, 0);
    expect_refused(&p);
    /* Of a set that goes on elsewhere it goes by the host. */
    rig_release(&p.cxl, MMIO + AT_SWITCH * SLOT, 0);
    commit(&p, MMIO + AT_SWITCH * SLOT, 0, p.near, UIO | 0x00100000, 0);
    expect_ordinary(&p);
    stop(&p);
}

/* The device takes none: its neighbour's property is not its own. */
static void test_uio_one_side(void)
{
    Peers p;

    start_uio(&p, "", ",uio=on");
    set_channel(&p, 0, CHANNEL);
    set_channel(&p, 1, CHANNEL);
    set_gate(&p, true);
    set_requester(&p, true);
    map_uio(&p, UIO, 0);
    expect_refused(&p);
    stop(&p);
}

static void test_uio_absent(void)
{
    Peers p;

    start(&p, "", "");
    for (unsigned hop = 0; hop < p.hops; hop++) {
        uint64_t cfg = ecam_at(p.hop[hop].bus, p.hop[hop].slot);

        g_assert_cmphex(svc_of(&p, hop), ==, 0);
        g_assert_cmphex(ext_cap(&p, cfg, 0x2f, -1), ==, 0);
    }
    set_gate(&p, true);
    g_assert_cmphex(qtest_readw(p.vm->qts, gate_of(&p)) & GATE, ==, 0);
    g_assert_cmphex(qtest_readl(p.vm->qts, RIG_HDM + rig_region(
                    &p.cxl, "cxl_host_reg")) & 0xf2000, ==, 0);
    for (unsigned at = AT_SWITCH; at <= AT_MEM0; at++) {
        uint64_t hdm = MMIO + at * SLOT + RIG_HDM;

        g_assert_cmphex(qtest_readl(p.vm->qts, hdm) & 0xf2000, ==, 0);
        qtest_writel(p.vm->qts, hdm + 0x20, UIO);
        g_assert_cmphex(qtest_readl(p.vm->qts, hdm + 0x20) & UIO, ==, 0);
    }
    stop(&p);
}

/* What a reset of that function, of its bus, and of the machine leaves */
static void test_uio_resets(void)
{
    uint64_t control, switch_hdm = MMIO + AT_SWITCH * SLOT + RIG_HDM;
    uint8_t exp;
    QTestState *qts;
    Peers p;

    start_open(&p, ",uio=on");
    qts = p.vm->qts;
    exp = find_cap(qts, ecam_at(36, 0), PCI_CAP_ID_EXP);
    qtest_writew(qts, ecam_at(36, 0) + exp + PCI_EXP_DEVCTL,
                 PCI_EXP_DEVCTL_BCR_FLR);
    g_assert_cmphex(qtest_readl(qts, requester_of(&p)), ==, 0);
    g_assert_cmphex(qtest_readl(qts, svc_of(&p, 0) + 0x24), ==, CHANNEL);

    control = ecam_at(34, 1) + PCI_BRIDGE_CONTROL;
    qtest_writew(qts, control, PCI_BRIDGE_CTL_BUS_RESET);
    qtest_writew(qts, control, 0);
    g_assert_cmphex(qtest_readl(qts, svc_of(&p, 0) + 0x24), ==, 0);
    g_assert_cmphex(qtest_readl(qts, svc_of(&p, 1) + 0x24), ==, CHANNEL);

    g_assert_cmphex(qtest_readl(qts, switch_hdm) & 0xf2000, ==, 0x42000);
    qtest_system_reset(qts);
    open_all(&p);
    for (unsigned hop = 0; hop < p.hops; hop++) {
        g_assert_cmphex(qtest_readl(qts, svc_of(&p, hop) + 0x24), ==, 0);
    }
    g_assert_cmphex(qtest_readl(qts, switch_hdm) & 0xf2000, ==, 0x42000);
    qtest_writel(qts, switch_hdm + 0x20, UIO);
    g_assert_cmphex(qtest_readl(qts, switch_hdm + 0x20) & UIO, ==, UIO);
    sdxi_vm_stop(p.vm);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/cxl/peers/counted", test_direct);
    qtest_add_func("/cxl/peers/spread", test_spread);
    qtest_add_func("/cxl/peers/trapping", test_trapping);
    qtest_add_func("/cxl/peers/workers", test_workers);
    qtest_add_func("/cxl/peers/off", test_off);
    qtest_add_func("/cxl/peers/no-switch", test_no_switch);
    qtest_add_func("/cxl/peers/uio", test_uio);
    qtest_add_func("/cxl/peers/uio/workers", test_uio_workers);
    qtest_add_func("/cxl/peers/uio/host-bridge", test_uio_host_bridge);
    qtest_add_func("/cxl/peers/uio/ports", test_uio_ports);
    qtest_add_func("/cxl/peers/uio/deep", test_uio_deep);
    qtest_add_func("/cxl/peers/uio/upwards", test_uio_upwards);
    qtest_add_func("/cxl/peers/uio/mailbox", test_uio_mailbox);
    qtest_add_func("/cxl/peers/uio/decoders", test_uio_decoders);
    qtest_add_func("/cxl/peers/uio/one-side", test_uio_one_side);
    qtest_add_func("/cxl/peers/uio/absent", test_uio_absent);
    qtest_add_func("/cxl/peers/uio/resets", test_uio_resets);
    return g_test_run();
}
