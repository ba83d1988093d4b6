/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions that are realized once; see the header. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/pci/once.h"

void pci_function_realize_once(DeviceState *dev, bool was, Error **errp)
{
    DeviceClass *parent = DEVICE_CLASS(object_class_by_name(TYPE_PCI_DEVICE));

    if (was) {
        error_setg(errp, "property 'realized': a device that was taken out"
                   " does not come back; add a new one");
        return;
    }
    parent->realize(dev, errp);
}
