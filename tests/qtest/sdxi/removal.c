/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functions that go away while they, or others, are in the middle of an access
 * that makes them go: copies that power off a slot.
 */
#include "qemu/osdep.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "standard-headers/linux/pci_regs.h"
#include "tests/qtest/sdxi/util.h"

#define PORT            QPCI_DEVFN(5, 0)
#define SLOT_OF_BUS_1   32      /* so that slot << 3 is devfn 0 of bus 1 */
#define ECAM            0xb0000000u
#define WINDOW          0xe8000000u
#define WINDOW_BYTES    0x04000000u

/* Power off, and the power indicator as well: the port lets go. */
#define POWER_OFF       (PCI_EXP_SLTCTL_PCC | PCI_EXP_SLTCTL_PWR_IND_OFF)

/* A function behind a port, and one beside it, in one group. */
typedef struct Rig {
    SdxiVm *vm;
    QPCIDevice *port;
    SdxiFn *behind, *beside;
    SdxiCxt c;                  /* of either */
    uint64_t slot_control;      /* address in memory */
} Rig;

static void open_port(Rig *r)
{
    QPCIDevice *host = qpci_device_find(r->vm->bus, 0);
    uint8_t cap;

    /* the chipset's window to all configuration spaces */
    qpci_config_writel(host, 0x64, 0);
    qpci_config_writel(host, 0x60, ECAM | 1);
    g_free(host);
    r->port = qpci_device_find(r->vm->bus, PORT);
    g_assert_nonnull(r->port);
    qpci_config_writel(r->port, PCI_PRIMARY_BUS, 0x010100);
    qpci_config_writew(r->port, PCI_PREF_MEMORY_BASE, WINDOW >> 16);
    qpci_config_writew(r->port, PCI_PREF_MEMORY_LIMIT,
                       (WINDOW + WINDOW_BYTES - 1) >> 16);
    qpci_config_writel(r->port, PCI_PREF_BASE_UPPER32, 0);
    qpci_config_writel(r->port, PCI_PREF_LIMIT_UPPER32, 0);
    qpci_device_enable(r->port);
    cap = qpci_find_capability(r->port, PCI_CAP_ID_EXP, 0);
    r->slot_control = ECAM + (PORT << 12) + cap + PCI_EXP_SLTCTL;
}

static void set_up_beside(Rig *r, const char *props, const char *others)
{
    memset(r, 0, sizeof(*r));
    /* The port itself, and not ACPI, is in charge of its slot. */
    r->vm = sdxi_vm_start("-global ICH9-LPC.acpi-pci-hotplug-with-bridge-"
                          "support=off "
                          "-device sdxi,id=beside,addr=4,group=g,sfunc=16%s "
                          "-device ioh3420,id=rp,addr=5,chassis=1 "
                          "-device sdxi,id=behind,bus=rp,group=g,sfunc=17%s"
                          "%s", props, props, others);
    r->beside = sdxi_fn_open(r->vm, 4);
    open_port(r);
    r->vm->bus->mmio_alloc_ptr = WINDOW;
    r->behind = sdxi_fn_open(r->vm, SLOT_OF_BUS_1);
    sdxi_fn_up(r->beside);
    sdxi_fn_up(r->behind);
}

static void set_up(Rig *r, const char *props)
{
    set_up_beside(r, props, "");
}

static void run_context(Rig *r, SdxiFn *fn)
{
    sdxi_cxt_init(&r->c, fn, 1, 1024);
    sdxi_cxt_start(&r->c);
}

/* Long copies, the fatal one, and more of them. */
static void push_load(Rig *r, const SdxiDsc *fatal)
{
    uint64_t buf = sdxi_vm_alloc(r->vm, 2 * MiB, 4096);
    SdxiDsc d = sdxi_dsc_copy(buf, buf + 1 * MiB, 1 * MiB);

    for (int i = 0; i < 40; i++) {
        sdxi_cxt_push(&r->c, i == 10 ? fatal : &d);
    }
    sdxi_cxt_kick(&r->c);
}

static SdxiDsc power_off(Rig *r)
{
    uint16_t value = cpu_to_le16(POWER_OFF);

    return sdxi_dsc_imm(r->slot_control, &value, 2);
}

static unsigned functions(Rig *r)
{
    QDict *rsp = qtest_qmp(r->vm->qts, "{'execute': 'query-sdxi'}");
    unsigned n = qlist_size(qdict_get_qlist(rsp, "return"));

    qobject_unref(rsp);
    return n;
}

static void tear_down(Rig *r)
{
    g_free(r->port);
    sdxi_fn_close(r->behind);
    sdxi_fn_close(r->beside);
    sdxi_vm_stop(r->vm);
}

/* It removes itself; the other one goes on. */
static void removes_itself(const char *props)
{
    SdxiDsc d;
    Rig r;

    set_up(&r, props);
    run_context(&r, r.behind);
    d = power_off(&r);
    push_load(&r, &d);
    sdxi_wait_until(r.vm, 20, functions(&r) == 1);
    g_assert_false(sdxi_cxt_do(&r.beside->admin, sdxi_dsc_nop()));
    tear_down(&r);
}

static void test_itself(void)
{
    removes_itself("");
}

static void test_itself_workers(void)
{
    removes_itself(",workers=3");
}

/* It removes a peer through which it is writing at the moment. */
static void removes_peer(const char *props)
{
    uint64_t rkeys, value;
    SdxiDsc d;
    Rig r;

    set_up(&r, props);
    rkeys = sdxi_vm_alloc(r.vm, 4096, 4096);
    qtest_writeq(r.vm->qts, rkeys, SDXI_AKEY_VL | SDXI_AKEY_SFUNC(16));
    sdxi_fn_wr(r.behind, SDXI_RKEY, rkeys | 1);
    run_context(&r, r.beside);
    sdxi_cxt_akey(&r.c, 1, SDXI_AKEY_VL | SDXI_AKEY_SFUNC(17), 0);
    value = sdxi_vm_alloc(r.vm, 64, 64);
    qtest_writew(r.vm->qts, value, POWER_OFF);
    d = sdxi_dsc_copy(value, r.slot_control, 2);
    sdxi_dsc_set_akeys(&d, 0, 1);
    push_load(&r, &d);
    sdxi_wait_until(r.vm, 20, functions(&r) == 1);
    /* that copy may have failed or not, but nothing after it is lost */
    if (sdxi_cxt_state(&r.c) != SDXI_CXT_RUN) {
        sdxi_cxt_start(&r.c);
    }
    sdxi_cxt_wait_index(&r.c, 40);
    /* and the peer is not known any more */
    d = sdxi_dsc_copy(value, value + 8, 2);
    sdxi_dsc_set_akeys(&d, 0, 1);
    g_assert_true(sdxi_cxt_do(&r.c, d));
    g_assert_false(sdxi_cxt_do(&r.beside->admin, sdxi_dsc_nop()));
    tear_down(&r);
}

static void test_peer(void)
{
    removes_peer("");
}

static void test_peer_workers(void)
{
    removes_peer(",workers=3");
}

/* ---- messages ---- */

/*
 * Messages are stores to an address that the guest chooses.  This function
 * has vectors 1 to 8 of which the second is fatal, so that others come after.
 */
#define FATAL_VECTOR    2

static void arm(Rig *r, unsigned fatal)
{
    sdxi_msix_on(r->behind);
    for (unsigned v = 0; v <= 8; v++) {
        if (v == fatal) {
            sdxi_msix_aim(r->behind, v, r->slot_control, POWER_OFF);
        } else {
            sdxi_msix_arm(r->behind, v);
        }
    }
    for (unsigned v = 1; v <= 8; v++) {
        sdxi_cxt_akey(&r->c, v, SDXI_AKEY_VL | SDXI_AKEY_IV |
                      SDXI_AKEY_INTR(v), 0);
    }
}

static void push_interrupts(Rig *r)
{
    for (unsigned i = 0; i < 64; i++) {
        SdxiDsc d = sdxi_dsc_intr(1 + i % 8);

        sdxi_cxt_push(&r->c, &d);
    }
    sdxi_cxt_kick(&r->c);
}

static void rig_with_messages(Rig *r, const char *props, unsigned fatal)
{
    set_up(r, props);
    run_context(r, r->behind);
    arm(r, fatal);
}

static void is_gone(Rig *r)
{
    sdxi_wait_until(r->vm, 20, functions(r) == 1);
    g_assert_false(sdxi_cxt_do(&r->beside->admin, sdxi_dsc_nop()));
    tear_down(r);
}

static void message(const char *props)
{
    Rig r;

    rig_with_messages(&r, props, FATAL_VECTOR);
    push_interrupts(&r);
    is_gone(&r);
}

static void test_message(void)
{
    message("");
}

static void test_message_workers(void)
{
    message(",workers=3");
}

/* The function raises vector 0 itself, in the middle of an error. */
static void test_message_error(void)
{
    SdxiDsc d = sdxi_dsc(7, 7);
    Rig r;

    rig_with_messages(&r, "", 0);
    sdxi_fn_errlog(r.behind);
    sdxi_cxt_push(&r.c, &d);
    sdxi_cxt_kick(&r.c);
    is_gone(&r);
}

/* What was raised when the machine stops is sent by whoever stops it. */
static void test_message_stop(void)
{
    Rig r;

    rig_with_messages(&r, "", FATAL_VECTOR);
    push_interrupts(&r);
    qtest_qmp_assert_success(r.vm->qts, "{'execute': 'stop'}");
    qtest_qmp_assert_success(r.vm->qts, "{'execute': 'cont'}");
    is_gone(&r);
}

/* The same with who puts the function to sleep. */
static void test_message_sleep(void)
{
    uint8_t pm;
    Rig r;

    rig_with_messages(&r, "", FATAL_VECTOR);
    pm = qpci_find_capability(r.behind->pci, PCI_CAP_ID_PM, 0);
    push_interrupts(&r);
    qpci_config_writew(r.behind->pci, pm + PCI_PM_CTRL, 3);
    if (functions(&r) == 2) {
        /*
         * What was sent from within the access to its configuration may have
         * been stopped by QEMU's guard against re-entry; awake, it is not.
         */
        qpci_config_writew(r.behind->pci, pm + PCI_PM_CTRL, 0);
        push_interrupts(&r);
    }
    is_gone(&r);
}

/* A masked vector that becomes unmasked sends at once. */
static void test_message_unmasked(void)
{
    Rig r;

    rig_with_messages(&r, "", FATAL_VECTOR);
    sdxi_msix_mask(r.behind, FATAL_VECTOR, true);
    push_interrupts(&r);
    sdxi_cxt_wait_index(&r.c, 64);
    g_assert_cmpuint(functions(&r), ==, 2);
    sdxi_msix_mask(r.behind, FATAL_VECTOR, false);
    is_gone(&r);
}

/* ---- completion ---- */

/*
 * Intel 82576 8.8: a write to "cause set" sends the messages of the vectors
 * that "mask set", right behind it, lets through.
 */
#define NIC_CAUSE_SET       0x1520
#define NIC_MASK_SET        0x1524
#define NIC_VECTORS         0x1514
#define NIC_VECTORS_MSIX    0x10

/*
 * The signal of a completion block is both registers: lowering it by one sets
 * all causes, so that the message removes the function, and unmasks one more
 * vector.  That half is the access of somebody who is not there any more.
 */
static void test_block(void)
{
    SdxiDsc d = sdxi_dsc_nop();
    QPCIDevice *nic;
    QPCIBar regs;
    uint64_t entry;
    Rig r;

    set_up_beside(&r, "", " -device igb,addr=6,romfile=");
    r.vm->bus->mmio_alloc_ptr = WINDOW + WINDOW_BYTES;
    nic = qpci_device_find(r.vm->bus, QPCI_DEVFN(6, 0));
    g_assert_nonnull(nic);
    regs = qpci_iomap(nic, 0, NULL);
    qpci_msix_enable(nic);
    qpci_device_enable(nic);
    entry = nic->msix_table_off + 1 * PCI_MSIX_ENTRY_SIZE;
    qpci_io_writel(nic, nic->msix_table_bar, entry, r.slot_control);
    qpci_io_writel(nic, nic->msix_table_bar, entry + 8, POWER_OFF);
    qpci_io_writel(nic, nic->msix_table_bar, entry + 12, 0);
    qpci_io_writel(nic, regs, NIC_VECTORS, NIC_VECTORS_MSIX);
    qpci_io_writel(nic, regs, NIC_MASK_SET, 1 << 1);
    run_context(&r, r.behind);
    sdxi_dsc_set_csb(&d, regs.addr + NIC_CAUSE_SET);
    push_load(&r, &d);
    sdxi_wait_until(r.vm, 20, functions(&r) == 1);
    g_assert_cmphex(qpci_io_readl(nic, regs, NIC_MASK_SET), ==, 1 << 1);
    g_free(nic);
    is_gone(&r);
}

/* ---- structures ---- */

/* Power off without the indicator: the port keeps it, but it is reset. */
static void test_status(void)
{
    uint64_t sts, index;
    Rig r;

    set_up(&r, "");
    sdxi_cxt_init(&r.c, r.behind, 1, 1024);
    sts = r.slot_control - 8;
    if (sts % 16) {
        g_test_skip("the slot control register is not where an index can be");
        tear_down(&r);
        return;
    }
    qtest_writew(r.vm->qts, r.slot_control,
                 PCI_EXP_SLTCTL_PIC | PCI_EXP_SLTCTL_AIC |
                 PCI_EXP_SLTCTL_HPIE | PCI_EXP_SLTCTL_CCIE |
                 PCI_EXP_SLTCTL_PDCE | PCI_EXP_SLTCTL_ABPE);
    index = qtest_readq(r.vm->qts, r.slot_control);
    qtest_writeq(r.vm->qts, r.c.ctl + 16, sts);
    for (unsigned i = 0; i < 64; i++) {
        uint64_t slot = r.c.ring + (index + i) % r.c.entries * 64;
        SdxiDsc d = sdxi_dsc_nop();

        d.q[0] |= 1;
        qtest_memwrite(r.vm->qts, slot, &d, sizeof(d));
    }
    qtest_writeq(r.vm->qts, r.c.wi, index + 64);
    sdxi_cxt_do(&r.behind->admin, sdxi_dsc_cxt(SDXI_DSC_CXT_START, 1, 1));
    sdxi_fn_doorbell(r.behind, 1, 1);
    sdxi_wait_until(r.vm, 20, qtest_readw(r.vm->qts, r.slot_control) &
                    PCI_EXP_SLTCTL_PCC);
    g_assert_false(sdxi_cxt_do(&r.beside->admin, sdxi_dsc_nop()));
    tear_down(&r);
}

/* The number of the descriptor at fault is a function level reset. */
static void test_log_entry(void)
{
    uint64_t config = ECAM + (1 << 20);
    SdxiDsc d = sdxi_dsc(7, 7);
    uint8_t cap;
    Rig r;

    set_up(&r, "");
    cap = qpci_find_capability(r.behind->pci, PCI_CAP_ID_EXP, 0);
    g_assert_cmpuint(cap % 64, ==, 0);
    sdxi_fn_errlog(r.behind);
    sdxi_fn_wr(r.behind, SDXI_ERR_CFG, 0);
    sdxi_fn_wr(r.behind, SDXI_ERR_CFG, config | 1);
    sdxi_fn_wr(r.behind, SDXI_ERR_WRT, cap / 64);
    sdxi_fn_wr(r.behind, SDXI_ERR_RD, cap / 64);
    sdxi_cxt_init(&r.c, r.behind, 1, 1024);
    qtest_writeq(r.vm->qts, r.c.sts + 8, PCI_EXP_DEVCTL_BCR_FLR);
    qtest_writeq(r.vm->qts, r.c.wi, PCI_EXP_DEVCTL_BCR_FLR + 1);
    d.q[0] |= 1;
    qtest_memwrite(r.vm->qts, r.c.ring, &d, sizeof(d));
    sdxi_cxt_do(&r.behind->admin, sdxi_dsc_cxt(SDXI_DSC_CXT_START, 1, 1));
    sdxi_fn_doorbell(r.behind, 1, 1);
    /* its BARs went with the reset */
    sdxi_wait_until(r.vm, 20, !qpci_config_readw(r.behind->pci, PCI_COMMAND));
    g_assert_cmpuint(functions(&r), ==, 2);
    g_assert_false(sdxi_cxt_do(&r.beside->admin, sdxi_dsc_nop()));
    tear_down(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    /* The chipset's registers above are those of q35. */
    if (g_str_equal(qtest_get_arch(), "x86_64")) {
        qtest_add_func("/sdxi/removal/itself", test_itself);
        qtest_add_func("/sdxi/removal/itself-workers", test_itself_workers);
        qtest_add_func("/sdxi/removal/peer", test_peer);
        qtest_add_func("/sdxi/removal/peer-workers", test_peer_workers);
        qtest_add_func("/sdxi/removal/message", test_message);
        qtest_add_func("/sdxi/removal/message-workers", test_message_workers);
        qtest_add_func("/sdxi/removal/message-error", test_message_error);
        qtest_add_func("/sdxi/removal/message-stop", test_message_stop);
        qtest_add_func("/sdxi/removal/message-sleep", test_message_sleep);
        qtest_add_func("/sdxi/removal/message-unmasked",
                       test_message_unmasked);
        qtest_add_func("/sdxi/removal/block", test_block);
        qtest_add_func("/sdxi/removal/status", test_status);
        qtest_add_func("/sdxi/removal/log-entry", test_log_entry);
    }
    return g_test_run();
}
