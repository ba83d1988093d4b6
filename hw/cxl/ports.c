/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saved state of root ports and switch ports.  QEMU saves none for those of
 * CXL, and a guest whose bridges have lost their bus numbers does not find
 * its memory devices again.
 *
 * Decoders of bridges are not here but in window-vmstate.c.
 */
#include "qemu/osdep.h"
#include "hw/pci/pci.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pcie_port.h"
#include "migration/vmstate.h"
#include "hw/cxl/ports.h"

/* How many memory devices hold a port: PCIDevice * to count */
static GHashTable *holds;

static int port_post_load(void *opaque, int version)
{
    PCIDevice *pdev = opaque;

    if (object_dynamic_cast(OBJECT(pdev), TYPE_PCIE_SLOT)) {
        return pcie_cap_slot_post_load(pdev, version);
    }
    return 0;
}

static const VMStateDescription vmstate_port = {
    .name = "memfab-cxl-port",
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = port_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(parent_obj.parent_obj, PCIEPort),
        VMSTATE_STRUCT(parent_obj.parent_obj.exp.aer_log, PCIEPort, 0,
                       vmstate_pcie_aer_log, PCIEAERLog),
        VMSTATE_END_OF_LIST()
    }
};

static bool is_ours(PCIDevice *port)
{
    return object_dynamic_cast(OBJECT(port), TYPE_PCIE_PORT) &&
           !DEVICE_GET_CLASS(port)->vmsd;
}

static PCIDevice *port_above(PCIDevice *pdev)
{
    PCIBus *bus = pci_get_bus(pdev);

    return pci_bus_is_root(bus) ? NULL : pci_bridge_get_device(bus);
}

void cxl_ports_hold(PCIDevice *pdev)
{
    PCIDevice *port = pdev;

    if (!holds) {
        holds = g_hash_table_new(NULL, NULL);
    }
    while ((port = port_above(port))) {
        unsigned count = GPOINTER_TO_UINT(g_hash_table_lookup(holds, port));

        if (!is_ours(port)) {
            continue;
        }
        if (!count) {
            vmstate_register(VMSTATE_IF(port), VMSTATE_INSTANCE_ID_ANY,
                             &vmstate_port, port);
        }
        g_hash_table_insert(holds, port, GUINT_TO_POINTER(count + 1));
    }
}

void cxl_ports_drop(PCIDevice *pdev)
{
    PCIDevice *port = pdev;

    while ((port = port_above(port))) {
        unsigned count = GPOINTER_TO_UINT(g_hash_table_lookup(holds, port));

        if (count > 1) {
            g_hash_table_insert(holds, port, GUINT_TO_POINTER(count - 1));
        } else if (count) {
            vmstate_unregister(VMSTATE_IF(port), &vmstate_port, port);
            g_hash_table_remove(holds, port);
        }
    }
}
