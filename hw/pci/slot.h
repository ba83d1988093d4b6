/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slots whose device stays when the host is told that it went: what a switch
 * does when a fabric manager takes a device from one host.  The function is
 * there, keeps its state and its place on the bus, and nobody on the bus sees
 * it.  PCIe r6.0 6.7, CXL r3.1 9.9.
 *
 * Presence, link and events are the port's registers as QEMU has them for any
 * device that comes or goes.  The big lock is held; what sends a message runs
 * the host's code at an address of the host's choice, so nothing of a device
 * may be on the stack: call from a bottom half.
 */
#ifndef HW_PCI_SLOT_H
#define HW_PCI_SLOT_H

#include "hw/pci/pci_device.h"

/* Is the function there without being seen? */
bool pci_slot_hidden(PCIDevice *d);
/* It is, or is not; the host is told of nothing (at launch, after loading). */
void pci_slot_set_hidden(PCIDevice *port, PCIDevice *d, bool hidden);

/*
 * What QEMU's CXL switch ports lack, and Linux needs: a power controller, by
 * which a driver lets go of what is in a slot, and the event of a link that
 * changed, which is the one that it wants to hear of beside the attention
 * button.  Before the host looks, at launch.
 */
void pci_slot_equip(PCIDevice *port);

/* Hot-add a hidden function; sends a message.  False: the slot refuses it. */
bool pci_slot_show(PCIDevice *port, PCIDevice *d, Error **errp);
/* Surprise removal; sends a message. */
void pci_slot_take(PCIDevice *port, PCIDevice *d);
/*
 * From now on the host hides the function when it powers off the slot.
 * @button: ask it to, by the attention button; sends a message.  False: the
 * host cannot be asked now.
 */
bool pci_slot_ask_back(PCIDevice *port, PCIDevice *d, bool button,
                       Error **errp);
/* No more of that: it is removed as any other. */
void pci_slot_keep(PCIDevice *d);

/* Has the slot, or the host by its link control, let go of what is there? */
bool pci_slot_link_down(PCIDevice *port);

/*
 * An error of the port, with the header of the packet that met it; sends a
 * message if the host has not masked it.
 */
void pci_slot_error(PCIDevice *port, bool uncorrectable, unsigned bit,
                    const uint32_t header[4]);
/* Does the error exist in this port's AER registers? */
bool pci_slot_has_error(PCIDevice *port, bool uncorrectable, unsigned bit);

#endif
