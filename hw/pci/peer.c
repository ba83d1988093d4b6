/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory below a switch; the rules are in the header.
 */
#include "qemu/osdep.h"
#include "hw/memfab/compat.h"
#include "hw/pci/pci.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pcie.h"
#include "hw/pci/peer.h"

static const PciPeerOps *pci_peers;

static PCIDevice *pci_peer_above(PCIDevice *pci)
{
    return pci_get_bus(pci)->parent_dev;
}

bool pci_peer_below(PCIDevice *pci, const PCIDevice *upstream)
{
    while (pci && pci != upstream) {
        pci = pci_peer_above(pci);
    }
    return pci;
}

void pci_peer_register(PciPeerOps *ops)
{
    ops->next = pci_peers;
    qatomic_store_release(&pci_peers, ops);
}

PCIDevice *pci_peer_switch(PCIDevice *pci)
{
    PCIDevice *top = NULL;

    for (pci = pci_peer_above(pci); pci; pci = pci_peer_above(pci)) {
        if (pci_is_express(pci) &&
            pcie_cap_get_type(pci) == PCI_EXP_TYPE_UPSTREAM) {
            top = pci;
        }
    }
    return top;
}

uint32_t pci_peer_epoch(void)
{
    const PciPeerOps *ops = qatomic_load_acquire(&pci_peers);
    uint32_t sum = 0;

    for (; ops; ops = ops->next) {
        sum += ops->epoch() + 1;
    }
    return sum;
}

typedef struct PciPeerLook {
    PCIDevice *self;
    PciPeerRangeFn *fn;
    void *opaque;
} PciPeerLook;

static void pci_peer_each_bar(PCIBus *bus, PCIDevice *pci, void *opaque)
{
    PciPeerLook *look = opaque;

    if (IS_PCI_BRIDGE(pci)) {
        pci_for_each_device_under_bus(pci_bridge_get_sec_bus(PCI_BRIDGE(pci)),
                                      pci_peer_each_bar, opaque);
        return;
    }
    for (int i = 0; i < PCI_NUM_REGIONS && pci != look->self; i++) {
        const PCIIORegion *r = &pci->io_regions[i];

        if (r->size && r->addr != PCI_BAR_UNMAPPED &&
            !(r->type & PCI_BASE_ADDRESS_SPACE_IO)) {
            look->fn(look->opaque, r->addr, r->size);
        }
    }
}

void pci_peer_each_range(PCIDevice *self, PCIDevice *upstream,
                         PciPeerRangeFn *fn, void *opaque)
{
    PciPeerLook look = { .self = self, .fn = fn, .opaque = opaque };

    if (pci_device_iommu_address_space(self) != &address_space_memory) {
        return;
    }
    pci_peer_each_bar(NULL, upstream, &look);
    for (const PciPeerOps *ops = pci_peers; ops; ops = ops->next) {
        if (ops->each_range) {
            ops->each_range(upstream, fn, opaque);
        }
    }
}

bool pci_peer_same_slot(PCIDevice *a, PCIDevice *b)
{
    return a != b && pci_get_bus(a) == pci_get_bus(b) &&
           PCI_SLOT(a->devfn) == PCI_SLOT(b->devfn);
}

bool pci_peer_has_beside(PCIDevice *pci)
{
    return pci->cap_present & QEMU_PCI_CAP_MULTIFUNCTION ||
           PCI_FUNC(pci->devfn);
}

void pci_peer_each_beside(PCIDevice *self, PciPeerBesideFn *fn, void *opaque)
{
    if (pci_device_iommu_address_space(self) != &address_space_memory) {
        return;
    }
    for (const PciPeerOps *ops = pci_peers; ops; ops = ops->next) {
        if (ops->each_beside) {
            ops->each_beside(self, fn, opaque);
        }
    }
}

void pci_peer_each_uio(PCIDevice *self, PciPeerUioFn *fn, void *opaque)
{
    if (pci_device_iommu_address_space(self) != &address_space_memory) {
        return;
    }
    for (const PciPeerOps *ops = pci_peers; ops; ops = ops->next) {
        if (ops->each_uio) {
            ops->each_uio(self, fn, opaque);
        }
    }
}
