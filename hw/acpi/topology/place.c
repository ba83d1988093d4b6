/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the names that people type to places in the PCI tree, as the tables
 * name them.  Everything is looked up anew for each table build: devices come
 * and go, and the guest's firmware numbers the buses.
 */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "hw/acpi/topology/glue.h"
#include "hw/core/boards.h"
#include "hw/cxl/cxl.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_bus.h"
#include "qapi/error.h"
#include "system/numa.h"

/* QEMU's names: PCI0, CLbb for CXL expanders on x86, PCbb for all others. */
static void name_host(AcpiTopoFunction *fn, PCIBus *root)
{
    bool x86 = object_dynamic_cast(OBJECT(current_machine),
                                   "generic-pc-machine");
    uint16_t node = pci_bus_numa_node(root);

    fn->host_pxm = node == NUMA_NODE_UNASSIGNED ? -1 : node;
    if (!root->parent_dev) {
        pstrcpy(fn->host, sizeof(fn->host), "PCI0");
        return;
    }
    snprintf(fn->host, sizeof(fn->host), "%s%02X",
             x86 && pci_bus_is_cxl(root) ? "CL" : "PC",
             (uint8_t)pci_bus_num(root));
}

bool acpi_topology_place(AcpiTopoFunction *fn, PCIBus *bus, int devfn,
                         Error **errp)
{
    memset(fn, 0, sizeof(*fn));
    fn->bus = pci_bus_num(bus);
    fn->devfn[fn->depth++] = devfn;
    for (; !pci_bus_is_root(bus); bus = pci_get_bus(bus->parent_dev)) {
        if (fn->depth == ACPI_TOPO_MAX_DEPTH) {
            error_setg(errp, "'pci-dev' or 'pci-bus' has more than %d bridges"
                       " above it", ACPI_TOPO_MAX_DEPTH - 1);
            return false;
        }
        memmove(fn->devfn + 1, fn->devfn, fn->depth++);
        fn->devfn[0] = bus->parent_dev->devfn;
    }
    name_host(fn, bus);
    return true;
}

static Object *find(const char *property, const char *path, const char *type,
                    const char *what, Error **errp)
{
    bool ambiguous = false;
    Object *obj;

    /* to QOM the empty path is any object of the type */
    if (!*path) {
        error_setg(errp, "'%s' is empty, it takes the id or the QOM path of a "
                   "%s", property, what);
        return NULL;
    }
    obj = object_resolve_path_type(path, type, &ambiguous);
    if (obj) {
        return obj;
    }
    if (ambiguous) {
        error_setg(errp, "'%s=%s' is ambiguous, give a QOM path", property,
                   path);
        return NULL;
    }
    obj = object_resolve_path(path, &ambiguous);
    if (obj) {
        error_setg(errp, "'%s=%s' is a %s, not a %s", property, path,
                   object_get_typename(obj), what);
    } else {
        error_setg(errp, "'%s=%s': no such %s", property, path, what);
    }
    return NULL;
}

PCIDevice *acpi_topology_device(const char *property, const char *path,
                                Error **errp)
{
    Object *obj = find(property, path, TYPE_PCI_DEVICE, "PCI device", errp);

    if (!obj) {
        return NULL;
    }
    if (!DEVICE(obj)->realized) {
        error_setg(errp, "'%s=%s': the device is not plugged", property, path);
        return NULL;
    }
    return PCI_DEVICE(obj);
}

static PCIBus *find_bus(const AcpiNodeSet *object, Error **errp)
{
    Object *obj = find("pci-bus", object->pci_bus, TYPE_PCI_BUS, "PCI bus",
                       errp);

    return obj ? PCI_BUS(obj) : NULL;
}

/* An empty slot must be one that a device can come to. */
static bool check_slot(const AcpiNodeSet *object, PCIBus *bus, Error **errp)
{
    if (!bus->devices[object->devfn] && !qbus_is_hotpluggable(BUS(bus))) {
        error_setg(errp, "'addr=%s': no device there, and bus '%s' takes "
                   "none later", object->addr, object->pci_bus);
        return false;
    }
    return true;
}

PCIDevice *acpi_topology_set_device(const AcpiNodeSet *object)
{
    PCIBus *bus;

    if (object->pci_dev) {
        return acpi_topology_device("pci-dev", object->pci_dev, NULL);
    }
    bus = find_bus(object, NULL);
    return bus ? bus->devices[object->devfn] : NULL;
}

bool acpi_topology_place_set(AcpiTopoFunction *fn, const AcpiNodeSet *object,
                             Error **errp)
{
    PCIDevice *dev;
    PCIBus *bus;

    if (object->pci_dev) {
        dev = acpi_topology_device("pci-dev", object->pci_dev, errp);
        return dev && acpi_topology_place(fn, pci_get_bus(dev), dev->devfn,
                                          errp);
    }
    bus = find_bus(object, errp);
    return bus && check_slot(object, bus, errp) &&
           acpi_topology_place(fn, bus, object->devfn, errp);
}

bool acpi_topology_place_generic(AcpiTopoGeneric *generic,
                                 AcpiGenericAffinity *object, Error **errp)
{
    Object *obj;

    if (object_dynamic_cast(OBJECT(object), TYPE_ACPI_GENERIC_INITIATOR)) {
        PCIDevice *dev = acpi_topology_device("pci-dev", object->target, errp);

        if (!dev) {
            return false;
        }
        generic->type = ACPI_TOPO_INITIATOR;
        generic->bus = pci_dev_bus_num(dev);
        generic->devfn = dev->devfn;
    } else {
        generic->type = ACPI_TOPO_PORT;
        obj = find("pci-bus", object->target, TYPE_PXB_CXL_BUS,
                   "CXL host bridge bus", errp);
        if (!obj) {
            return false;
        }
        generic->uid = object_property_get_uint(obj, "acpi_uid",
                                                &error_abort);
    }
    return true;
}
