/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Extended configuration space, and virtual functions; see config.h.
 */
#include "qemu/osdep.h"
#include "hw/pci/pci_regs.h"
#include "tests/qtest/cap.h"
#include "tests/qtest/sdxi/config.h"

static uint64_t ecam(SdxiVm *vm)
{
    if (vm->bus == &vm->generic.bus) {
        return vm->generic.ecam_alloc_ptr;
    }
    /* PCIEXBAR of q35: 256 buses, enabled */
    vm->bus->config_writel(vm->bus, 0, 0x60, 0xb0000001);
    return 0xb0000000;
}

uint64_t sdxi_config_at(SdxiVm *vm, int devfn, unsigned off)
{
    return ecam(vm) + (devfn << 12) + off;
}

unsigned sdxi_config_find(SdxiVm *vm, int devfn, uint16_t id)
{
    return find_ext_cap(vm->qts, sdxi_config_at(vm, devfn, 0), id);
}

unsigned sdxi_config_extended(SdxiVm *vm, int devfn, uint16_t id)
{
    unsigned off = sdxi_config_find(vm, devfn, id);

    g_assert_cmpuint(off, !=, 0);
    return off;
}

/* ---- virtual functions ---- */

/* All of them have their BAR @bar from what is returned on. */
static uint64_t place_vf_bar(SdxiVm *vm, uint64_t cap, unsigned bar,
                             unsigned n, uint64_t *size)
{
    uint64_t at = cap + PCI_SRIOV_BAR + bar * 4, base;

    qtest_writel(vm->qts, at, UINT32_MAX);
    *size = -(uint64_t)(int32_t)(qtest_readl(vm->qts, at) & ~0xfu);
    base = QEMU_ALIGN_UP(vm->bus->mmio_alloc_ptr, *size);
    vm->bus->mmio_alloc_ptr = base + *size * n;
    qtest_writel(vm->qts, at, base);
    qtest_writel(vm->qts, at + 4, 0);
    return base;
}

/* As sdxi_fn_open(); @base and @size are of BARs 0, 2 and 4. */
static SdxiFn *open_vf(SdxiFn *pf, unsigned n, const uint64_t base[3],
                       const uint64_t size[3])
{
    SdxiFn *fn = g_new0(SdxiFn, 1);

    fn->vm = pf->vm;
    fn->pci = g_new0(QPCIDevice, 1);
    fn->pci->bus = pf->vm->bus;
    fn->pci->devfn = pf->pci->devfn + 1 + n;
    fn->regs.addr = base[0] + n * size[0];
    fn->doorbells.addr = base[1] + n * size[1];
    /* the table is at its beginning */
    fn->pci->msix_table_bar.addr = base[2] + n * size[2];
    fn->stride = pf->stride;
    qpci_config_writew(fn->pci, PCI_COMMAND,
                       PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    return fn;
}

static uint64_t sriov(SdxiFn *pf)
{
    int devfn = pf->pci->devfn;

    return sdxi_config_at(pf->vm, devfn,
                          sdxi_config_extended(pf->vm, devfn,
                                               PCI_EXT_CAP_ID_SRIOV));
}

void sdxi_config_open_vfs(SdxiFn *pf, SdxiFn **vf, unsigned n)
{
    QTestState *qts = pf->vm->qts;
    uint64_t cap = sriov(pf), base[3], size[3];

    g_assert_cmpuint(qtest_readw(qts, cap + PCI_SRIOV_TOTAL_VF), ==, n);
    for (unsigned i = 0; i < 3; i++) {
        base[i] = place_vf_bar(pf->vm, cap, 2 * i, n, &size[i]);
    }
    qtest_writew(qts, cap + PCI_SRIOV_NUM_VF, n);
    qtest_writew(qts, cap + PCI_SRIOV_CTRL,
                 PCI_SRIOV_CTRL_VFE | PCI_SRIOV_CTRL_MSE);
    for (unsigned i = 0; i < n; i++) {
        vf[i] = open_vf(pf, i, base, size);
    }
}

void sdxi_config_disable_vfs(SdxiFn *pf)
{
    qtest_writew(pf->vm->qts, sriov(pf) + PCI_SRIOV_CTRL, 0);
}
