/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What QEMU's CXL switches say of the way through them, for the table of a
 * function below that says all; see hw/pci/cdat.h.
 */
#include "qemu/osdep.h"
#include "qemu/module.h"
#include "hw/cxl/cxl.h"
#include "hw/pci/cdat.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pcie_port.h"
#include "hw/pci-bridge/cxl_upstream_port.h"

/* A switch without a table says nothing. */
static void add_switch(PCIDevice *upstream, unsigned port, CdatWay *way)
{
    CXLComponentState *c = &CXL_USP(upstream)->cxl_cstate;
    CdatSwitch s = { .port = port };

    cxl_doe_cdat_update(c, NULL);
    for (int i = 0; i < c->cdat.entry_len; i++) {
        cdat_switch_entry(&s, c->cdat.entry[i].base, c->cdat.entry[i].length);
    }
    cdat_way_through(way, &s);
}

static void add_switches(PCIDevice *pdev, CdatWay *way)
{
    PCIDevice *port = pci_get_bus(pdev)->parent_dev;

    for (; port; port = pci_get_bus(port)->parent_dev) {
        PCIDevice *above = pci_get_bus(port)->parent_dev;

        if (above && object_dynamic_cast(OBJECT(above), TYPE_CXL_USP) &&
            object_dynamic_cast(OBJECT(port), TYPE_PCIE_PORT)) {
            add_switch(above, PCIE_PORT(port)->port, way);
        }
    }
}

static void way_init(void)
{
    pci_cdat_set_way(add_switches);
}

type_init(way_init)
