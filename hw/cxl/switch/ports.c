/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CXL root ports and switch ports come and leave, what they say and mask of
 * their link, and their saved state.  QEMU saves none, and a guest whose
 * bridges have lost their bus numbers does not find its memory devices again,
 * nor what is plugged in later.
 *
 * Decoders of bridges are not here but in window/vmstate.c, errors of ports in
 * port/ras.c.
 */
#include "qemu/osdep.h"
#include "qemu/module.h"
#include "hw/common/extcap.h"
#include "hw/cxl/core/port-dvsec.h"
#include "hw/cxl/cxl.h"
#include "hw/cxl/port/ras.h"
#include "hw/cxl/switch/internal.h"
#include "hw/cxl/trace.h"
#include "hw/cxl/type3/config.h"
#include "hw/cxl/wire/dvsec.h"
#include "hw/pci/extra.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pcie_port.h"
#include "hw/pci/shape.h"
#include "hw/core/qdev.h"
#include "migration/vmstate.h"
#include "system/reset.h"
#include "system/system.h"

#define TYPE_ROOT_PORT "cxl-rp"

/* Realized ports */
static GHashTable *here;

static int port_post_load(void *opaque, int version)
{
    PCIDevice *pdev = opaque;

    if (object_dynamic_cast(OBJECT(pdev), TYPE_PCIE_SLOT)) {
        return pcie_cap_slot_post_load(pdev, version);
    }
    return 0;
}

/* Ports come before what is below them. */
static const VMStateDescription vmstate_port = {
    .name = "memfab-cxl-port",
    .version_id = 1,
    .minimum_version_id = 1,
    .priority = MIG_PRI_PCI_BUS,
    .post_load = port_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(parent_obj.parent_obj, PCIEPort),
        VMSTATE_STRUCT(parent_obj.parent_obj.exp.aer_log, PCIEPort, 0,
                       vmstate_pcie_aer_log, PCIEAERLog),
        VMSTATE_END_OF_LIST()
    }
};

static bool is_port(DeviceState *dev)
{
    static const char *const types[] = {
        TYPE_ROOT_PORT, TYPE_CXL_USP, TYPE_CXL_DSP,
    };
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(types); i++) {
        if (object_dynamic_cast(OBJECT(dev), types[i])) {
            return true;
        }
    }
    return false;
}

/* A later release may save them itself. */
static bool saves_itself(DeviceState *dev)
{
    return DEVICE_GET_CLASS(dev)->vmsd;
}

/*
 * Whether the link has large flits is known when a guest has asked: one that
 * has not been asked yet takes either.
 */
static void link_may_differ(PCIDevice *pdev)
{
    pci_set_word(pdev->cmask + pdev->exp.exp_cap + PCI_EXP_LNKSTA2, 0);
}

/* Where the port has its extensions, if what is below is CXL too; or 0 */
static uint16_t link_of(PCIDevice *port)
{
    PCIDevice *below = cxl_switch_below(port);

    return below && cxl_config_dvsec(below, CXL_DVSEC_ID_FLEX_BUS) ?
           cxl_config_dvsec(port, CXL_DVSEC_ID_PORT) : 0;
}

/* QEMU's bridge resets its bus when the bit changes. */
static bool masked_reset(void *opaque, uint32_t addr, uint32_t val, int len)
{
    PCIDevice *port = opaque;

    if (extcap_asks_bus_reset(addr, val, len) &&
        cxl_port_dvsec_masks_reset(port->config, link_of(port))) {
        trace_memfab_cxl_reset_masked(port->name);
        pci_word_test_and_set_mask(port->config + PCI_BRIDGE_CONTROL,
                                   PCI_BRIDGE_CTL_BUS_RESET);
    }
    return false;
}

static uint32_t shown_status(void *opaque, uint32_t addr, uint32_t val, int len)
{
    return addr < EXTCAP_FIRST ? val :
           cxl_port_dvsec_show(link_of(opaque), addr, val, len);
}

/* QEMU's reset leaves what was unmasked. */
static void mask_again(void *opaque, bool function_level)
{
    PCIDevice *port = opaque;

    cxl_port_dvsec_reset(port->config,
                         cxl_config_dvsec(port, CXL_DVSEC_ID_PORT));
}

static const PciExtraOps link_ops = {
    .name = "cxl-port", .read = shown_status, .write = masked_reset,
    .reset = mask_again,
};

/*
 * Not one that a monitor client took out, and that is a child of its bus yet.
 * The client may have given it the address -1 since, which is no place.
 */
static bool has_place(PCIDevice *pdev)
{
    return pdev->devfn >= 0 &&
           pci_get_bus(pdev)->devices[pdev->devfn] == pdev;
}

/*
 * QEMU tells of the same device again whenever somebody begins to listen, and
 * of one that is plugged in before it is realized altogether.
 */
static void port_comes(DeviceListener *listener, DeviceState *dev)
{
    if (!is_port(dev) || !has_place(PCI_DEVICE(dev)) ||
        !g_hash_table_add(here, dev)) {
        return;
    }
    cxl_port_ras_comes(PCI_DEVICE(dev));
    if (!object_dynamic_cast(OBJECT(dev), TYPE_CXL_USP)) {
        pci_extra_add(PCI_DEVICE(dev), &link_ops, dev);
    }
    if (!saves_itself(dev)) {
        link_may_differ(PCI_DEVICE(dev));
        extcap_aer_may_differ(PCI_DEVICE(dev)->cmask,
                              PCI_DEVICE(dev)->exp.aer_cap);
        vmstate_register(VMSTATE_IF(dev), VMSTATE_INSTANCE_ID_ANY,
                         &vmstate_port, dev);
    }
}

static void port_goes(DeviceListener *listener, DeviceState *dev)
{
    if (g_hash_table_remove(here, dev)) {
        cxl_port_ras_goes(PCI_DEVICE(dev));
        vmstate_unregister(VMSTATE_IF(dev), &vmstate_port, dev);
    }
}

/* QEMU's list of resets must not change while it runs; ports go meanwhile. */
static void ports_reset(void *opaque)
{
    GHashTableIter iter;
    void *port;

    g_hash_table_iter_init(&iter, here);
    while (g_hash_table_iter_next(&iter, &port, NULL)) {
        cxl_port_ras_reset(port);
    }
}

/* What every release of QEMU has */
#define PORT_SHAPE "port", "x-speed", "x-width"

static const char *const slot_shape[] = {
    PORT_SHAPE, "chassis", "slot", "hotplug", NULL
};

static const char *const upstream_shape[] = { PORT_SHAPE, "sn", NULL };

static const char *const bridge_shape[] = {
    "bus_nr", "hdm_for_passthrough", NULL
};

static const PciShapeType shapes[] = {
    { .type = TYPE_ROOT_PORT, .properties = slot_shape },
    { .type = TYPE_CXL_DSP, .properties = slot_shape },
    { .type = TYPE_CXL_USP, .properties = upstream_shape },
    { .type = TYPE_PXB_CXL_DEV, .properties = bridge_shape },
};

static void machine_done(Notifier *notifier, void *data)
{
    static DeviceListener listener = {
        .realize = port_comes,
        .unrealize = port_goes,
    };

    here = g_hash_table_new(NULL, NULL);
    device_listener_register(&listener);
    qemu_register_reset(ports_reset, NULL);
}

static void ports_init(void)
{
    static Notifier notifier = { .notify = machine_done };

    qemu_add_machine_init_done_notifier(&notifier);
    for (unsigned i = 0; i < ARRAY_SIZE(shapes); i++) {
        pci_shape_type(&shapes[i]);
    }
}

type_init(ports_init)
