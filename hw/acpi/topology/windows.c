/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CXL fixed memory windows as the model needs them.  A window that leads to
 * one host bridge only can be told to belong to the device below it; Linux
 * makes up a node of its own for each window that the SRAT does not name.
 */
#include "qemu/osdep.h"
#include "hw/acpi/topology/glue.h"
#include "hw/cxl/cxl.h"
#include "hw/cxl/cxl_host.h"
#include "hw/memfab/compat.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_host.h"

static void add_window(AcpiTopoModel *model, CXLFixedWindow *window)
{
    PXBCXLDev *pxb = window->target_hbs[0];
    AcpiTopoFunction fn;
    PCIHostState *host;

    if (window->num_targets != 1 || !pxb || !pxb->cxl_host_bridge) {
        return;
    }
    host = PCI_HOST_BRIDGE(pxb->cxl_host_bridge);
    if (host->bus && acpi_topology_place(&fn, host->bus, 0, NULL)) {
        acpi_topo_model_window(model, fn.host, window->base,
                               memory_region_size(&window->mr));
    }
}

void acpi_topology_add_windows(AcpiTopoModel *model)
{
    MemoryRegion *mr;

    QTAILQ_FOREACH(mr, &get_system_memory()->subregions, subregions_link) {
        if (mr->ops == &cfmws_ops) {
            add_window(model, mr->opaque);
        }
    }
}
