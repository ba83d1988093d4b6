/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where things are in a switch of QEMU's port tree: bridges by their number,
 * ports by theirs, and what is plugged into them.
 */
#include "qemu/osdep.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pcie_port.h"
#include "hw/cxl/switch/internal.h"
#include "hw/cxl/type3/memdev.h"

static PCIBus *downstream_bus(CxlSwitchCci *s)
{
    return pci_bridge_get_sec_bus(PCI_BRIDGE(s->target));
}

PCIDevice *cxl_switch_below(PCIDevice *port)
{
    return port ? pci_bridge_get_sec_bus(PCI_BRIDGE(port))->devices[0] : NULL;
}

static bool is_port(PCIDevice *d)
{
    return d && object_dynamic_cast(OBJECT(d), TYPE_PCIE_PORT);
}

PCIDevice *cxl_switch_bridge(CxlSwitchCci *s, uint8_t vppb)
{
    PCIBus *bus = downstream_bus(s);
    unsigned n = 0;

    for (unsigned devfn = 0; devfn < PCI_DEVFN_MAX; devfn++) {
        if (is_port(bus->devices[devfn]) && ++n == vppb) {
            return bus->devices[devfn];
        }
    }
    return NULL;
}

/*
 * Numbers of ports are properties, and all are 0 if nobody says otherwise: the
 * upstream port has the first that no downstream port has.
 */
uint8_t cxl_switch_upstream(CxlSwitchCci *s)
{
    uint8_t first = PCIE_PORT(s->target)->port, number = first;

    /* If all are taken it has its own beside that one. */
    do {
        if (!pcie_find_port_by_pn(downstream_bus(s), number)) {
            return number;
        }
    } while (++number != first);
    return first;
}

PCIDevice *cxl_switch_port(CxlSwitchCci *s, uint8_t number)
{
    PCIDevice *port = pcie_find_port_by_pn(downstream_bus(s), number);

    if (port) {
        return port;
    }
    /* Unplugged, it is an object without a configuration space. */
    return qdev_is_realized(DEVICE(s->target)) &&
           number == cxl_switch_upstream(s) ? s->target : NULL;
}

CxlMldDev *cxl_switch_mld(PCIDevice *d)
{
    return d && object_dynamic_cast(OBJECT(d), TYPE_CXL_MEMDEV_PCI) ?
           CXL_MEMDEV_PCI(d)->props.mld : NULL;
}

/* What can be bound to the bridge: its port, or a logical device */
void cxl_switch_what(PCIDevice *port, uint8_t *number, uint16_t *ld)
{
    PCIDevice *d = cxl_switch_below(port);
    CxlMldDev *m = cxl_switch_mld(d);

    *number = m ? m->port : PCIE_PORT(port)->port;
    *ld = m ? CXL_MEMDEV_PCI(d)->props.ld : CXL_WHOLE_PORT;
}

PCIDevice *cxl_switch_ld(CxlSwitchCci *s, uint8_t port, uint16_t ld)
{
    PCIDevice *bridge;

    for (unsigned i = 1; (bridge = cxl_switch_bridge(s, i)); i++) {
        PCIDevice *d = cxl_switch_below(bridge);
        uint8_t number;
        uint16_t its_ld;

        cxl_switch_what(bridge, &number, &its_ld);
        if (cxl_switch_mld(d) && number == port && its_ld == ld) {
            return d;
        }
    }
    return NULL;
}
