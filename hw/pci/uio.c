/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unordered I/O of functions; see uio.h.
 *
 * The registers are bytes of PCIDevice.config, so that QEMU writes, saves and
 * compares them.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/pci/extra.h"
#include "hw/pci/pci.h"
#include "hw/pci/pcie.h"
#include "hw/pci/uio.h"

typedef struct PciUio {
    PCIDevice *pdev;
    UioCaps caps;
    unsigned roles;
    PciUioResetFn *reset;
    QTAILQ_ENTRY(PciUio) next;
} PciUio;

static QTAILQ_HEAD(, PciUio) all = QTAILQ_HEAD_INITIALIZER(all);

static uint32_t epoch;

uint32_t pci_uio_epoch(void)
{
    return qatomic_read(&epoch);
}

static void uio_changed(void *opaque)
{
    qatomic_inc(&epoch);
}

static void uio_was_reset(void *opaque, bool function_level)
{
    PciUio *u = opaque;

    uio_reset(&u->caps, u->pdev->config, function_level);
    if (u->reset) {
        u->reset(u->pdev);
    }
    uio_changed(u);
}

static void uio_gone(void *opaque)
{
    PciUio *u = opaque;

    QTAILQ_REMOVE(&all, u, next);
    uio_changed(u);
    g_free(u);
}

static const PciExtraOps uio_ops = {
    .name = "pci-uio", .wrote = uio_changed, .reset = uio_was_reset,
    .gone = uio_gone,
};

bool pci_uio_has(PCIDevice *pdev)
{
    return pci_extra_of(pdev, &uio_ops);
}

void pci_uio_each(void (*fn)(PCIDevice *pdev))
{
    PciUio *u;

    QTAILQ_FOREACH(u, &all, next) {
        if (u->roles) {
            fn(u->pdev);
        }
    }
}

static bool add_cap(PCIDevice *pdev, uint16_t id, unsigned len, uint16_t *at)
{
    *at = pci_extra_room(pdev, len);
    if (*at) {
        pcie_add_capability(pdev, id, 1, *at, len);
    }
    return *at;
}

bool pci_uio_add(PCIDevice *pdev, unsigned roles, PciUioResetFn *reset,
                 Error **errp)
{
    UioCaps caps = { };
    PciUio *u;

    if (!add_cap(pdev, DEV3_EXT_CAP_ID, DEV3_EXT_CAP_LEN, &caps.dev3) ||
        !add_cap(pdev, SVC_EXT_CAP_ID, UIO_SVC_LEN, &caps.svc)) {
        error_setg(errp, "property 'uio': device '%s' has no room for its "
                   "extended capabilities", pdev->name);
        return false;
    }
    u = g_new0(PciUio, 1);
    *u = (PciUio) {
        .pdev = pdev, .caps = caps, .roles = roles, .reset = reset,
    };
    uio_init(&caps, pdev->config, pdev->wmask, roles);
    QTAILQ_INSERT_TAIL(&all, u, next);
    pci_extra_add(pdev, &uio_ops, u);
    if (reset) {
        reset(pdev);
    }
    return true;
}
