/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CXL fixed memory windows as the model needs them.  A window that leads to
 * one host bridge only can be told to belong to the device below it; Linux
 * makes up a node of its own for each window that the SRAT does not name.  RAM
 * at the start of a window is a cache to Linux if that node's HMAT says so.
 */
#include "qemu/osdep.h"
#include "hw/acpi/topology/glue.h"
#include "hw/core/boards.h"
#include "hw/cxl/cxl.h"
#include "hw/cxl/cxl_host.h"
#include "hw/cxl/tables.h"
#include "hw/memfab/compat.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_host.h"
#include "qapi/error.h"
#include "system/numa.h"

static bool add_window(AcpiTopoModel *model, CXLFixedWindow *window)
{
    PXBCXLDev *pxb = window->target_hbs[0];
    AcpiTopoFunction fn;
    PCIHostState *host;

    if (window->num_targets != 1 || !pxb || !pxb->cxl_host_bridge) {
        return false;
    }
    host = PCI_HOST_BRIDGE(pxb->cxl_host_bridge);
    return host->bus && acpi_topology_place(&fn, host->bus, 0, NULL) &&
           acpi_topo_model_window(model, fn.host, (AcpiTopoWindow) {
               .base = window->base,
               .size = memory_region_size(&window->mr),
               .near = cxl_window_near(window->base),
           });
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

/* A cache of the node's memory, as -numa hmat-cache would make it */
static bool add_cache(const AcpiTopoWindow *window, Error **errp)
{
    ERRP_GUARD();
    NumaHmatCacheOptions cache = {
        .node_id = window->node, .size = window->near, .level = 1,
        .associativity = HMAT_CACHE_ASSOCIATIVITY_DIRECT,
        .policy = HMAT_CACHE_WRITE_POLICY_WRITE_BACK, .line = 64,
    };

    parse_numa_hmat_cache(current_machine, &cache, errp);
    if (*errp) {
        error_prepend(errp, "cxl-window: property 'near-memdev': ");
    }
    return !*errp;
}

static bool window_has_node(const AcpiTopoModel *model, uint64_t base)
{
    for (unsigned i = 0; i < model->windows->len; i++) {
        if (g_array_index(model->windows, AcpiTopoWindow, i).base == base) {
            return true;
        }
    }
    return false;
}

bool acpi_topology_add_caches(const AcpiTopoModel *model, Error **errp)
{
    const NumaState *state = current_machine->numa_state;
    MemoryRegion *mr;

    QTAILQ_FOREACH(mr, &get_system_memory()->subregions, subregions_link) {
        if (mr->ops != &cfmws_ops || !cxl_window_near(mr->addr)) {
            continue;
        }
        if (!state || !state->hmat_enabled) {
            error_setg(errp, "cxl-window: property 'near-memdev': needs "
                       "'-machine hmat=on'");
            return false;
        }
        if (!window_has_node(model, mr->addr)) {
            error_setg(errp, "cxl-window: property 'near-memdev': needs an "
                       "acpi-device-nodes object with 'memory' for a device "
                       "below the window's one host bridge");
            return false;
        }
    }
    for (unsigned i = 0; i < model->windows->len; i++) {
        const AcpiTopoWindow *window = &g_array_index(model->windows,
                                                      AcpiTopoWindow, i);

        if (window->near && !add_cache(window, errp)) {
            return false;
        }
    }
    return true;
}
