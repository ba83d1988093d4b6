/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions that are realized once; see the header. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/pci/once.h"

bool device_realize_first(bool was, Error **errp)
{
    if (was) {
        error_setg(errp, "property 'realized': a device that was taken out"
                   " does not come back; add a new one");
    }
    return !was;
}

void pci_function_realize_once(DeviceState *dev, bool was, Error **errp)
{
    DeviceClass *parent = DEVICE_CLASS(object_class_by_name(TYPE_PCI_DEVICE));

    if (device_realize_first(was, errp)) {
        parent->realize(dev, errp);
    }
}
