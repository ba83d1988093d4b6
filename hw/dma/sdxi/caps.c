/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration space; see the header.  Virtual functions are in sriov.c, what
 * the capabilities for processes do in pasid.c.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/common/extcap.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci.h"
#include "hw/pci/pcie.h"
#include "hw/pci/uio.h"
#include "hw/dma/sdxi/caps.h"
#include "hw/dma/sdxi/device.h"
#include "hw/dma/sdxi/bars.h"
#include "hw/dma/sdxi/out.h"
#include "hw/dma/sdxi/sriov.h"

#define SDXI_CAP_MSIX_BAR       4
#define SDXI_CAP_PM             0x60
#define SDXI_CAP_EXPRESS        0x80
#define SDXI_CAP_AER            0x100
/* ARI and SR-IOV, in sriov.c, are from 150h on. */
#define SDXI_CAP_PROCESSES      0x1a0
#define SDXI_CAP_DOE            0x1d0
#define SDXI_CAP_SPDM           0x1e8
/*
 * Where there are virtual functions: QEMU's reset of SR-IOV clears four bytes
 * behind that capability.
 */
#define SDXI_CAP_PROCESSES_PF   0x220

static bool sdxi_caps_msix(SdxiPci *s, Error **errp)
{
    PCIDevice *pci = PCI_DEVICE(s);

    if (msix_init_exclusive_bar(pci, s->vectors, SDXI_CAP_MSIX_BAR, errp)) {
        error_prepend(errp, "MSI-X, which SDXI needs: ");
        return false;
    }
    for (unsigned n = 0; n < s->vectors; n++) {
        msix_vector_use(pci, n);
    }
    return true;
}

/* D0 and D3hot; nothing is lost on the way back. */
static bool sdxi_caps_pm(PCIDevice *pci, Error **errp)
{
    uint8_t *pm = pci->config + SDXI_CAP_PM;

    if (pci_pm_init(pci, SDXI_CAP_PM, errp) < 0) {
        return false;
    }
    pci_set_word(pm + PCI_PM_PMC, PCI_PM_CAP_VER_1_2);
    pci_set_word(pm + PCI_PM_CTRL, PCI_PM_CTRL_NO_SOFT_RESET);
    pci_set_word(pci->wmask + SDXI_CAP_PM + PCI_PM_CTRL,
                 PCI_PM_CTRL_STATE_MASK);
    return true;
}

static bool sdxi_caps_processes(SdxiPci *s, Error **errp)
{
    uint16_t offset = s->prop.core.vfs ? SDXI_CAP_PROCESSES_PF
                                       : SDXI_CAP_PROCESSES;

    return !s->prop.core.pasid ||
           sdxi_pasid_init(&s->pasid, PCI_DEVICE(s),
                           s->pf ? &s->pf->pasid : NULL, &s->worker, offset,
                           s->prop.core.pasid_bits, errp);
}

static bool sdxi_caps_express(SdxiPci *s, Error **errp)
{
    PCIDevice *pci = PCI_DEVICE(s);

    if (pcie_endpoint_cap_init(pci, SDXI_CAP_EXPRESS) < 0) {
        error_setg(errp, "device '%s': no room for the PCI Express "
                   "capability", pci->name);
        return false;
    }
    pcie_cap_flr_init(pci);
    pcie_cap_deverr_init(pci);
    if (pcie_aer_init(pci, PCI_ERR_VER, SDXI_CAP_AER, PCI_ERR_SIZEOF, errp)) {
        return false;
    }
    extcap_aer_may_differ(pci->cmask, SDXI_CAP_AER);
    if (s->prop.core.vfs || s->pf) {
        sdxi_sriov_init_ari(pci);
    }
    if (s->prop.core.cdat) {
        sdxi_cdat_init(&s->cdat, pci, SDXI_CAP_DOE, s->prop.core.latency,
                       s->prop.core.bandwidth, sdxi_out_raise_doe);
    }
    if (s->prop.core.spdm_port &&
        !spdm_port_init(&s->spdm, pci, SDXI_CAP_SPDM,
                        s->prop.core.spdm_port, errp)) {
        return false;
    }
    if (!sdxi_caps_processes(s, errp)) {
        return false;
    }
    /* The last: it looks for room. */
    return !s->prop.core.uio || s->pf ||
           pci_uio_add(pci, UIO_REQUESTER, NULL, errp);
}

bool sdxi_caps_init(SdxiPci *s, uint64_t doorbell_bytes, Error **errp)
{
    PCIDevice *pci = PCI_DEVICE(s);

    pci_config_set_vendor_id(pci->config, s->prop.core.vendor_id);
    pci_config_set_device_id(pci->config, s->prop.core.device_id);
    sdxi_bars_init(s, doorbell_bytes);
    pci_register_bar(pci, 0, SDXI_BAR_TYPE, &s->regs);
    pci_register_bar(pci, 2, SDXI_BAR_TYPE, &s->doorbells);
    if (!sdxi_caps_msix(s, errp) || !sdxi_caps_pm(pci, errp)) {
        return false;
    }
    return !pci_bus_is_express(pci_get_bus(pci)) || sdxi_caps_express(s, errp);
}

void sdxi_caps_exit(SdxiPci *s)
{
    PCIDevice *pci = PCI_DEVICE(s);

    sdxi_pasid_exit(&s->pasid);
    sdxi_cdat_exit(&s->cdat);
    spdm_port_exit(&s->spdm);
    if (pci->exp.aer_cap) {
        pcie_aer_exit(pci);
    }
    if (pci->exp.exp_cap) {
        pcie_cap_exit(pci);
    }
    msix_uninit_exclusive_bar(pci);
}

void sdxi_caps_reset(SdxiPci *s)
{
    sdxi_cdat_reset(&s->cdat);
    spdm_port_reset(&s->spdm);
    sdxi_pasid_reset(&s->pasid);
    sdxi_sriov_reset(PCI_DEVICE(s));
}

void sdxi_caps_show(SdxiPci *s)
{
    PCIDevice *pci = PCI_DEVICE(s);
    uint16_t pm = pci_get_word(pci->config + SDXI_CAP_PM + PCI_PM_CTRL);
    uint16_t command = pci_get_word(pci->config + PCI_COMMAND);

    g_assert(bql_locked());
    qatomic_set(&s->gate.asleep, !!(pm & PCI_PM_CTRL_STATE_MASK));
    qatomic_set(&s->shown.master, !!(command & PCI_COMMAND_MASTER));
    qatomic_set(&s->shown.translated,
                pci_device_iommu_address_space(pci) != &address_space_memory);
    qatomic_set(&s->shown.vfs, sdxi_sriov_enabled(pci));
}
