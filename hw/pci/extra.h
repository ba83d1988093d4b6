/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a PCI function has beside what its model knows, whoever made the model:
 * bytes of its configuration space, and part in its resets.  The big lock is
 * held.
 *
 * A model may answer accesses of its configuration space from elsewhere than
 * PCIDevice.config, as vfio-pci does; so they come here first.
 */
#ifndef HW_PCI_EXTRA_H
#define HW_PCI_EXTRA_H

#include "hw/pci/pci_device.h"

/* All but @name may be NULL. */
typedef struct PciExtraOps {
    const char *name;           /* for people; there is one of a function */
    /* What the guest reads where the model says @val */
    uint32_t (*read)(void *opaque, uint32_t addr, uint32_t val, int len);
    /* True: the model is not to learn of it. */
    bool (*write)(void *opaque, uint32_t addr, uint32_t val, int len);
    /* The model has learnt of it, and may have begun to go. */
    void (*wrote)(void *opaque);
    /* The last of the function's reset, however it was reset */
    void (*reset)(void *opaque, bool function_level);
    /* With the function; nothing of it is called any more. */
    void (*gone)(void *opaque);
} PciExtraOps;

/* While the function is realized, or later; @ops lives for ever. */
void pci_extra_add(PCIDevice *pdev, const PciExtraOps *ops, void *opaque);
/* The opaque of what the function has of it, or NULL. */
void *pci_extra_of(PCIDevice *pdev, const PciExtraOps *ops);

/*
 * Where in configuration space are @len bytes, a multiple of 4, that nobody
 * uses, listed or not?  0: there are none, or no extended configuration space.
 */
uint16_t pci_extra_room(PCIDevice *pdev, unsigned len);

#endif
