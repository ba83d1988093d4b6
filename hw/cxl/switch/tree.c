/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The core is told what QEMU's port tree says about a switch: ports, links,
 * what is plugged into them, and what of that its host sees.
 *
 * Each downstream port is a physical port and, in order of device and
 * function, a virtual bridge; what is plugged into it belongs to both.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pcie_port.h"
#include "hw/pci/slot.h"
#include "hw/cxl/core/binding.h"
#include "hw/cxl/switch/internal.h"
#include "hw/cxl/type3/memdev.h"

static void link_info(PCIDevice *port, CxlPortInfo *out)
{
    const uint8_t *exp = port->config + port->exp.exp_cap;
    uint32_t cap = pci_get_long(exp + PCI_EXP_LNKCAP);
    uint32_t cap2 = pci_get_long(exp + PCI_EXP_LNKCAP2);
    uint16_t sta = pci_get_word(exp + PCI_EXP_LNKSTA);

    out->max_width = (cap & PCI_EXP_LNKCAP_MLW) >> 4;
    out->width = (sta & PCI_EXP_LNKSTA_NLW) >> 4;
    out->speeds = extract32(cap2, 1, 7);
    out->max_speed = cap & PCI_EXP_LNKCAP_SLS;
    out->speed = sta & PCI_EXP_LNKSTA_CLS;
}

/* A logical device is plugged into the port of its MLD, not into this one. */
static PCIDevice *plugged(PCIDevice *port)
{
    PCIDevice *d = cxl_switch_below(port);

    return cxl_switch_mld(d) ? NULL : d;
}

static uint8_t device_type(PCIDevice *d)
{
    if (!d) {
        return CXL_PORT_DEV_NONE;
    }
    if (object_dynamic_cast(OBJECT(d), TYPE_CXL_MEMDEV_PCI)) {
        return CXL_MEMDEV_PCI(d)->props.core.accelerator ?
               CXL_PORT_DEV_TYPE2 : CXL_PORT_DEV_SLD;
    }
    return object_dynamic_cast(OBJECT(d), TYPE_CXL_USP) ?
           CXL_PORT_DEV_SWITCH : CXL_PORT_DEV_PCIE;
}

/* CXL r3.2 table 7-19: with what flits the device below is connected */
static uint8_t connected_mode(PCIDevice *d)
{
    uint8_t type = device_type(d);

    if (type == CXL_PORT_DEV_NONE || type == CXL_PORT_DEV_PCIE) {
        return CXL_PORT_MODE_NONE;
    }
    return pci_get_word(d->config + d->exp.exp_cap + PCI_EXP_LNKSTA2) &
           PCI_EXP_LNKSTA2_FLIT ? CXL_PORT_MODE_256B : CXL_PORT_MODE_68B;
}

/* Ports can be told to have large flits since QEMU 11.0. */
static uint8_t port_modes(PCIDevice *port)
{
    return CXL_PORT_CAN_68B |
           (object_property_get_bool(OBJECT(port), "x-256b-flit", NULL) ?
            CXL_PORT_CAN_256B : 0);
}

static CxlCci *manager_of(PCIDevice *d)
{
    return d && object_dynamic_cast(OBJECT(d), TYPE_CXL_MEMDEV_TYPE3) &&
           cxl_memdev_here(CXL_MEMDEV_PCI(d)) ?
           cxl_memdev_fm_cci(CXL_MEMDEV_PCI(d)->core) : NULL;
}

static void tell_downstream(CxlSwitchCci *s, PCIDevice *port)
{
    PCIDevice *d = plugged(port);
    CxlPortInfo info = {
        .port = PCIE_PORT(port)->port, .config_state = CXL_PORT_DSP,
        .device_type = device_type(d), .mode = connected_mode(d),
        .modes = port_modes(port),
        .ltssm = d ? CXL_PORT_LTSSM_L0 : CXL_PORT_LTSSM_DETECT,
    };

    link_info(port, &info);
    cxl_switch_port_is(s->core, &info, manager_of(d));
}

/*
 * The port of an MLD is no bridge: what the host sees are the bridges above its
 * logical devices.  All of them say the same.
 */
static void tell_mld(CxlSwitchCci *s, const CxlMldDev *m)
{
    CxlPortInfo info = {
        .port = m->port, .config_state = CXL_PORT_DSP,
        .device_type = CXL_PORT_DEV_MLD, .mode = CXL_PORT_MODE_68B,
        .modes = CXL_PORT_CAN_68B, .ltssm = CXL_PORT_LTSSM_L0,
        .lds = m->core->lds,
    };

    if (!cxl_switch_port(s, m->port)) {
        cxl_switch_port_is(s->core, &info, cxl_mld_fm_cci(m->core));
    }
}

static void tell_upstream(CxlSwitchCci *s)
{
    CxlPortInfo info = {
        .port = cxl_switch_upstream(s), .config_state = CXL_PORT_USP,
        .modes = port_modes(s->target), .ltssm = CXL_PORT_LTSSM_L0,
    };

    link_info(s->target, &info);
    cxl_switch_port_is(s->core, &info, NULL);
}

void cxl_switch_tree_refresh(void *opaque)
{
    CxlSwitchCci *s = opaque;
    PCIDevice *port;
    unsigned n = 0;

    if (!cxl_switch_here(s) || !qdev_is_realized(DEVICE(s->target))) {
        cxl_switch_host_is(s->core, 0, 0, 0);
        return;
    }
    while (n + 1 < CXL_VPPBS_MAX && (port = cxl_switch_bridge(s, n + 1))) {
        n++;
        cxl_switch_bind_adopt(s, port);
        tell_downstream(s, port);
        if (cxl_switch_mld(cxl_switch_below(port))) {
            tell_mld(s, cxl_switch_mld(cxl_switch_below(port)));
        }
    }
    tell_upstream(s);
    cxl_switch_host_is(s->core, 0, cxl_switch_upstream(s), n + 1);
    for (unsigned i = 1; i <= n; i++) {
        PCIDevice *d;
        uint8_t number;
        uint16_t ld;

        port = cxl_switch_bridge(s, i);
        d = cxl_switch_below(port);
        cxl_switch_what(port, &number, &ld);
        cxl_switch_vppb_is(s->core, 0, i, d && !pci_slot_hidden(d), number,
                           ld);
    }
}
