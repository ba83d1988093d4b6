/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unordered I/O of functions in a machine: the capabilities of hw/common/uio.h
 * in their configuration space, kept over resets as they have to be, and word
 * of every change.  The big lock is held but where another rule is given.
 */
#ifndef HW_PCI_UIO_H
#define HW_PCI_UIO_H

#include "hw/common/uio.h"
#include "hw/pci/pci_device.h"

/* After each reset of the function, that of PCI included; may be NULL. */
typedef void PciUioResetFn(PCIDevice *pdev);

/*
 * At the end of realize, or before the machine runs: the function gets the
 * capabilities, as @roles say (0: a port).  False: it has no room, or no
 * extended configuration space; the property is @name for people.
 */
bool pci_uio_add(PCIDevice *pdev, unsigned roles, PciUioResetFn *reset,
                 Error **errp);
bool pci_uio_has(PCIDevice *pdev);
/* Those that have roles */
void pci_uio_each(void (*fn)(PCIDevice *pdev));

/* Counts changes of what software has set in any of them.  Any thread. */
uint32_t pci_uio_epoch(void);

#endif
