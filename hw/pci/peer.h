/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that a PCI function reaches without leaving the switch above it.
 *
 * BARs are known to the bus.  Who keeps other memory of functions (the fixed
 * memory windows of CXL devices) says where by PciPeerOps; who looks for it
 * (a data mover) needs to know of no such device.  The big lock is held but
 * where another rule is given.
 */
#ifndef HW_PCI_PEER_H
#define HW_PCI_PEER_H

#include "hw/common/watch.h"
#include "hw/pci/pci_device.h"

/* Is @pci, which may be NULL, below the bridge @upstream? */
bool pci_peer_below(PCIDevice *pci, const PCIDevice *upstream);

typedef void PciPeerRangeFn(void *opaque, uint64_t base, uint64_t size);

/* The same, with who keeps it and wants to learn of accesses */
typedef void PciPeerBesideFn(void *opaque, uint64_t base, uint64_t size,
                             const Watch *watch);

/* Bus addresses that are asked for by UIO, and go to a peer or nowhere */
typedef void PciPeerUioFn(void *opaque, uint64_t base, uint64_t size,
                          bool refused);

/* Memory of functions that is not in their BARs; what is NULL there is not */
typedef struct PciPeerOps PciPeerOps;
struct PciPeerOps {
    /* Counts the changes of what each_range() says.  Any thread. */
    uint32_t (*epoch)(void);
    /* Calls @fn for all bus addresses that lead to below @upstream only. */
    void (*each_range)(const PCIDevice *upstream, PciPeerRangeFn *fn,
                       void *opaque);
    /*
     * Calls @fn for all bus addresses that lead to memory of other functions
     * of @self's slot, as far as their bytes lie in a row.
     */
    void (*each_beside)(PCIDevice *self, PciPeerBesideFn *fn, void *opaque);
    /* Calls @fn for what @self reaches by unordered I/O, or would not. */
    void (*each_uio)(PCIDevice *self, PciPeerUioFn *fn, void *opaque);
    const PciPeerOps *next;     /* pci_peer_register()'s */
};
/* For good. */
void pci_peer_register(PciPeerOps *ops);

/* The topmost switch above @pci: its upstream port, or NULL. */
PCIDevice *pci_peer_switch(PCIDevice *pci);
/* Counts changes of what is not in BARs.  Any thread. */
uint32_t pci_peer_epoch(void);
/*
 * Calls @fn for all memory below @upstream but the BARs of @self.  Where an I/O
 * MMU translates what @self asks for, every request goes up to it: there is
 * none then.
 */
void pci_peer_each_range(PCIDevice *self, PCIDevice *upstream,
                         PciPeerRangeFn *fn, void *opaque);

/* Are @a and @b functions of one slot? */
bool pci_peer_same_slot(PCIDevice *a, PCIDevice *b);
/* May @pci have, or get, others in its slot? */
bool pci_peer_has_beside(PCIDevice *pci);
/* Likewise; a function whose addresses are translated asks for nothing so. */
void pci_peer_each_uio(PCIDevice *self, PciPeerUioFn *fn, void *opaque);
/* As above, of the others; none where an I/O MMU translates. */
void pci_peer_each_beside(PCIDevice *self, PciPeerBesideFn *fn, void *opaque);

#endif
