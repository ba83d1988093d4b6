/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that writes nonsense to an SDXI function: zero, all ones and one,
 * at every width, at every byte of the registers, of the first and last
 * doorbells, and of the message table.  Afterwards the function copies.
 * tests/guest/tests/test-hammer.py leaves no byte out.
 */
#include "qemu/osdep.h"
#include "standard-headers/linux/pci_regs.h"
#include "tests/qtest/sdxi/util.h"

static void write_at(SdxiFn *fn, QPCIBar bar, uint64_t at, unsigned width,
                     uint64_t value)
{
    switch (width) {
    case 1:
        qpci_io_writeb(fn->pci, bar, at, value);
        break;
    case 2:
        qpci_io_writew(fn->pci, bar, at, value);
        break;
    case 4:
        qpci_io_writel(fn->pci, bar, at, value);
        break;
    default:
        qpci_io_writeq(fn->pci, bar, at, value);
        break;
    }
}

static void hammer(SdxiFn *fn, QPCIBar bar, uint64_t from, uint64_t size)
{
    static const uint64_t values[] = { 0, UINT64_MAX, 1 };

    for (unsigned width = 1; width <= 8; width *= 2) {
        for (uint64_t at = from; at + width <= from + size; at++) {
            for (int v = 0; v < ARRAY_SIZE(values); v++) {
                write_at(fn, bar, at, width, values[v]);
            }
            qpci_io_readl(fn->pci, bar, at & ~3ull);
        }
    }
}

/* What is in the registers now would be taken for what a driver wants. */
static void function_reset(SdxiFn *fn)
{
    uint8_t cap = qpci_find_capability(fn->pci, PCI_CAP_ID_EXP, 0);
    uint32_t bar0 = qpci_config_readl(fn->pci, PCI_BASE_ADDRESS_0);
    uint32_t bar2 = qpci_config_readl(fn->pci, PCI_BASE_ADDRESS_2);

    qpci_config_writew(fn->pci, cap + PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_BCR_FLR);
    qpci_config_writel(fn->pci, PCI_BASE_ADDRESS_0, bar0);
    qpci_config_writel(fn->pci, PCI_BASE_ADDRESS_2, bar2);
    qpci_device_enable(fn->pci);
}

static void check_works(SdxiRig *r)
{
    SdxiFn *fn = r->fn;
    uint64_t src, dst;
    SdxiCxt c;

    function_reset(fn);
    g_assert_cmpuint(sdxi_fn_state(fn), ==, SDXI_ST_STOP);
    sdxi_fn_up(fn);
    sdxi_cxt_init(&c, fn, 1, 1024);
    sdxi_cxt_start(&c);
    src = sdxi_vm_alloc(r->vm, 4096, 4096);
    dst = sdxi_vm_alloc(r->vm, 4096, 4096);
    sdxi_vm_fill(r->vm, src, 4096, 1);
    g_assert_false(sdxi_cxt_do(&c, sdxi_dsc_copy(src, dst, 4096)));
    g_assert_true(sdxi_vm_equal(r->vm, src, dst, 4096));
}

/* Control, capabilities, contexts and keys; the error log; the holes */
static void test_registers(SdxiRig *r)
{
    static const uint64_t blocks[] = { 0, 0x100, 0x200, 0x10000, 0x10100,
                                       0x20000 };

    for (int i = 0; i < ARRAY_SIZE(blocks); i++) {
        hammer(r->fn, r->fn->regs, blocks[i], 0x40);
    }
    for (uint64_t at = 0; at < r->fn->regs_size; at += 0x8000 - 8) {
        hammer(r->fn, r->fn->regs, at, MIN(16, r->fn->regs_size - at));
    }
    check_works(r);
}

static void test_doorbells(SdxiRig *r)
{
    SdxiFn *fn = r->fn;

    hammer(fn, fn->doorbells, 0, 0x20);
    hammer(fn, fn->doorbells, fn->stride - 8, 0x20);
    hammer(fn, fn->doorbells, fn->doorbells_size - 0x20, 0x20);
    check_works(r);
}

/* While contexts run: what they do is their own affair. */
static void test_running(SdxiRig *r)
{
    hammer(r->fn, r->fn->doorbells, 0, 2 * 0x20);
    hammer(r->fn, r->fn->doorbells, r->fn->stride, 0x20);
    hammer(r->fn, r->fn->regs, 0, 0x40);
    check_works(r);
}

static void test_messages(SdxiRig *r)
{
    QPCIBar bar = qpci_iomap(r->fn->pci, 4, NULL);

    sdxi_msix_on(r->fn);
    hammer(r->fn, bar, 0, 0x60);
    hammer(r->fn, bar, 0x800, 0x10);
    check_works(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    sdxi_add_test("/sdxi/hammer/registers", NULL, test_registers);
    sdxi_add_test("/sdxi/hammer/doorbells", NULL, test_doorbells);
    sdxi_add_running("/sdxi/hammer/running", NULL, test_running);
    sdxi_add_test("/sdxi/hammer/messages", NULL, test_messages);
    return g_test_run();
}
