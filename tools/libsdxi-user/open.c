/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsdxi-user: which way a function is opened, and what only some ways have.
 */
#include <string.h>
#include "pci.h"
#include "private.h"

int sdxi_user_open_within(const char *bdf, SdxiUserWay way, unsigned ms,
                          SdxiUser **out)
{
    char found[PCI_BDF], driver[32];
    SdxiUserPort *port;
    int ret;

    if ((unsigned)way > SDXI_USER_VFIO) {
        return SDXI_USER_E_ARGUMENT;
    }
    ret = sdxi_pci_find(bdf, found);
    if (ret < 0) {
        return ret;
    }
    if (way == SDXI_USER_ANY) {
        sdxi_pci_driver(found, driver, sizeof(driver));
        way = strcmp(driver, "vfio-pci") ? SDXI_USER_SYSFS : SDXI_USER_VFIO;
    }
    ret = way == SDXI_USER_VFIO ? sdxi_user_vfio_open(found, &port)
                                : sdxi_user_sysfs_open(found, &port);
    return ret < 0 ? ret : sdxi_user_open_port(port, ms, out);
}

int sdxi_user_open(const char *bdf, SdxiUserWay way, SdxiUser **out)
{
    return sdxi_user_open_within(bdf, way, 0, out);
}

int sdxi_user_mask(SdxiUser *fn, bool masked)
{
    return fn->port->ops->mask ? fn->port->ops->mask(fn->port, masked)
                               : SDXI_USER_E_UNSUPPORTED;
}

int sdxi_user_pending(SdxiUser *fn, uint64_t *vectors)
{
    return fn->port->ops->pending ? fn->port->ops->pending(fn->port, vectors)
                                  : SDXI_USER_E_UNSUPPORTED;
}
