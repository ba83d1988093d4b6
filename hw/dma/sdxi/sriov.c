/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SR-IOV: a physical function with `vfs=N` makes N virtual functions, each a
 * complete function with its own registers, doorbells and vectors.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/pci/pci.h"
#include "hw/pci/pcie.h"
#include "hw/dma/sdxi/device.h"
#include "hw/dma/sdxi/sriov.h"

#define SDXI_PCI_CAP_ARI        0x150
#define SDXI_PCI_CAP_SRIOV      0x160
#define SDXI_VF_OFFSET          1
#define SDXI_VF_STRIDE          1

bool sdxi_sriov_inherit(SdxiPci *s, Error **errp)
{
    PCIDevice *pf = pcie_sriov_get_pf(PCI_DEVICE(s));

    if (!pf) {
        /* QEMU takes whoever has the property for a virtual function. */
        g_autofree char *id = object_property_get_str(OBJECT(s), "sriov-pf",
                                                      NULL);

        error_setg(errp, "property 'sriov-pf' is '%s', but virtual functions "
                   "are made by property 'vfs' of the physical one", id);
        return false;
    }
    s->pf = SDXI_PCI(pf);
    s->vf_number = pcie_sriov_vf_number(PCI_DEVICE(s));
    g_free(s->prop.group);
    s->prop = s->pf->prop;
    s->prop.group = g_strdup(s->pf->prop.group);
    if (s->prop.iothread) {
        object_ref(OBJECT(s->prop.iothread));
    }
    s->prop.core.sfunc = 0;
    s->prop.core.vfs = 0;
    s->prop.core.cdat = false;
    s->prop.core.spdm_port = 0;
    return true;
}

void sdxi_sriov_init_ari(PCIDevice *pci)
{
    pcie_ari_init(pci, SDXI_PCI_CAP_ARI);
}

bool sdxi_sriov_init(SdxiPci *s, Error **errp)
{
    PCIDevice *pci = PCI_DEVICE(s);

    if (!pcie_sriov_pf_init(pci, SDXI_PCI_CAP_SRIOV, TYPE_SDXI_VF,
                            s->prop.core.device_id, s->prop.core.vfs,
                            s->prop.core.vfs, SDXI_VF_OFFSET, SDXI_VF_STRIDE,
                            errp)) {
        /* It has undone all but this, and exit must not do it again. */
        pci->exp.sriov_cap = 0;
        return false;
    }
    pcie_sriov_pf_init_vf_bar(pci, 0, SDXI_BAR_TYPE,
                              memory_region_size(&s->regs));
    pcie_sriov_pf_init_vf_bar(pci, 2, SDXI_BAR_TYPE,
                              memory_region_size(&s->doorbells));
    pcie_sriov_pf_init_vf_bar(pci, 4, PCI_BASE_ADDRESS_SPACE_MEMORY,
                              memory_region_size(&pci->msix_exclusive_bar));
    return true;
}

void sdxi_sriov_reset(PCIDevice *pci)
{
    if (pci->exp.sriov_cap) {
        pcie_sriov_pf_reset(pci);
    }
}

void sdxi_sriov_loaded(PCIDevice *pci)
{
    if (pci->exp.sriov_cap) {
        pcie_sriov_pf_post_load(pci);
    }
}

uint16_t sdxi_sriov_enabled(PCIDevice *pci)
{
    return pci->exp.sriov_cap ? pcie_sriov_num_vfs(pci) : 0;
}

void sdxi_sriov_exit(PCIDevice *pci)
{
    if (pci->exp.sriov_cap) {
        pcie_sriov_pf_exit(pci);
    }
}
