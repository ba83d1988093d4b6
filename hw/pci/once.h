/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A function or device that a monitor client takes out by "realized" stays out:
 * what its core owned has gone with it, or is still in use by others.  The big
 * lock is held.
 */
#ifndef HW_PCI_ONCE_H
#define HW_PCI_ONCE_H

#include "hw/pci/pci_device.h"

/*
 * For the realize of a DeviceClass whose parent is TYPE_PCI_DEVICE.  What was
 * realized before, @was, is refused before PCI has made its regions anew:
 * it would lose the names of those that are there.
 */
void pci_function_realize_once(DeviceState *dev, bool was, Error **errp);

/* For the realize of a device that is on no bus: false if it @was realized */
bool device_realize_first(bool was, Error **errp);

#endif
