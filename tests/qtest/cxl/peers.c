/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SDXI below a switch: what it moves from and to devices below the same switch
 * is counted apart; what goes up to the root complex is not.
 */
#include "qemu/osdep.h"
#include "hw/pci/pci_regs.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "tests/qtest/cxl/rig.h"
#include "tests/qtest/sdxi/util.h"

#define ECAM        0xb0000000ull
#define MMIO        0xe0000000ull
#define SLOT        (4 * MiB)   /* of MMIO, one per function */
#define HDM_BYTES   (256 * MiB)
#define LEN         70000

/* Slots of MMIO; the first is the switch's own. */
enum { AT_SWITCH, AT_MEM0, AT_MOVER, AT_BAR, AT_MEM1 };

typedef struct Peers {
    SdxiVm *vm;
    Rig cxl;
    SdxiFn *fn;
    SdxiCxt c;
    uint64_t ram, bar;
    uint64_t near, far;         /* host addresses of CXL memory */
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

static void open_all(Peers *p)
{
    QTestState *qts = p->vm->qts;

    qtest_outl(qts, 0xcf8, 0x80000064);
    qtest_outl(qts, 0xcfc, 0);
    qtest_outl(qts, 0xcf8, 0x80000060);
    qtest_outl(qts, 0xcfc, ECAM | 1);
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
                   uint64_t target)
{
    g_assert_cmphex(rig_commit(&p->cxl, registers, n, base, HDM_BYTES, 0,
                               target) & 0xc00, ==, 0x400);
}

/* One device below the switch, the other below another root port */
static void map(Peers *p)
{
    Dev near = { .ecam = ecam_at(35, 0) }, far = { .ecam = ecam_at(38, 0) };
    uint64_t bridge = rig_region(&p->cxl, "cxl_host_reg");

    p->near = rig_region(&p->cxl, "cxl-fixed-memory-region");
    p->far = p->near + HDM_BYTES;
    rig_enable_mem(&p->cxl, &near);
    rig_enable_mem(&p->cxl, &far);
    commit(p, bridge, 0, p->near, 0);
    commit(p, bridge, 1, p->far, 1);
    commit(p, MMIO + AT_SWITCH * SLOT, 0, p->near, 0);
    commit(p, MMIO + AT_MEM0 * SLOT, 0, p->near, 0);
    commit(p, MMIO + AT_MEM1 * SLOT, 0, p->far, 0);
}

static void start(Peers *p, const char *cxl, const char *sdxi)
{
    p->vm = sdxi_vm_start(
        "-machine q35,cxl=on "
        "-device pxb-cxl,id=hb0,bus=pcie.0,bus_nr=32 "
        "-device cxl-rp,id=rp0,bus=hb0,chassis=0,slot=0,port=0,addr=0 "
        "-device cxl-rp,id=rp1,bus=hb0,chassis=0,slot=1,port=1,addr=1 "
        "-device cxl-upstream,bus=rp0,id=usp "
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
        "-device sdxi,bus=dsp1%s", cxl, cxl, sdxi);
    p->cxl = (Rig) { .qts = p->vm->qts };
    open_all(p);
    sdxi_fn_up(p->fn);
    sdxi_cxt_init(&p->c, p->fn, 1, 1024);
    sdxi_cxt_start(&p->c);
    p->ram = sdxi_vm_alloc(p->vm, 2 * MiB, 4096);
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

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/cxl/peers/counted", test_direct);
    qtest_add_func("/cxl/peers/trapping", test_trapping);
    qtest_add_func("/cxl/peers/workers", test_workers);
    qtest_add_func("/cxl/peers/off", test_off);
    qtest_add_func("/cxl/peers/no-switch", test_no_switch);
    return g_test_run();
}
