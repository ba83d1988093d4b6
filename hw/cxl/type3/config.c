/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies bytes between the endpoint and QEMU's configuration space, and knows
 * what only the bus can tell: the port above, and the functions beside.
 *
 * What the bytes mean is core/dvsec.h and core/endpoint.h.
 */
#include "qemu/osdep.h"
#include "hw/pci/pci.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pcie.h"
#include "hw/common/extcap.h"
#include "hw/cxl/core/dvsec.h"
#include "hw/cxl/type3/config.h"

/* The header of a capability, which is the bus's */
#define CAP_HEADER 4

static void copy_cap(CxlEndpoint *ep, PCIDevice *pdev, CxlConfigCap cap)
{
    for (unsigned at = cap.offset + CAP_HEADER; at < cap.offset + cap.len;
         at++) {
        pdev->config[at] = cxl_endpoint_config_read(ep, at, 0, 1);
    }
}

void cxl_config_copy(CxlEndpoint *ep, PCIDevice *pdev)
{
    for (unsigned n = 0; n < cxl_endpoint_caps(ep); n++) {
        copy_cap(ep, pdev, cxl_endpoint_cap(ep, n));
    }
}

/* QEMU writes none of these bytes, and compares what never changes. */
void cxl_config_build(CxlEndpoint *ep, PCIDevice *pdev)
{
    for (unsigned n = 0; n < cxl_endpoint_caps(ep); n++) {
        CxlConfigCap cap = cxl_endpoint_cap(ep, n);

        pcie_add_capability(pdev, cap.id, cap.version, cap.offset, cap.len);
        for (unsigned at = cap.offset + CAP_HEADER;
             at < cap.offset + cap.len; at++) {
            pdev->cmask[at] = cxl_endpoint_config_fixed(ep, at);
        }
        copy_cap(ep, pdev, cap);
    }
}

uint16_t cxl_config_dvsec(const PCIDevice *pdev, uint16_t id)
{
    return extcap_find_dvsec(pdev->config, pci_config_size(pdev),
                             CXL_DVSEC_VENDOR, id);
}

uint16_t cxl_config_link_partner(PCIDevice *pdev)
{
    PCIDevice *port = pci_bridge_get_device(pci_get_bus(pdev));
    uint16_t at = port ? cxl_config_dvsec(port, CXL_DVSEC_ID_FLEX_BUS) : 0;

    return at ? pci_get_word(port->config + at + CXL_DVSEC_FLEX_CAP)
              : UINT16_MAX;
}

static bool has_cxl_mem_or_cache(PCIDevice *pdev)
{
    uint16_t pos = cxl_config_dvsec(pdev, CXL_DVSEC_ID_DEVICE);

    return pos && (pci_get_word(pdev->config + pos + CXL_DVSEC_DEV_CAP) &
                   (CXL_DVSEC_DEV_CAP_CACHE | CXL_DVSEC_DEV_CAP_MEM));
}

/*
 * Without ARI dword r, bit d stands for device d, function r.  Functions
 * come and go, so the map is made when it is read.
 */
static uint32_t function_map_dword(void *opaque, unsigned func)
{
    PCIDevice *pdev = opaque;
    PCIBus *bus = pci_get_bus(pdev);
    uint32_t map = 0;
    unsigned slot;

    for (slot = 0; slot < PCI_SLOT_MAX; slot++) {
        PCIDevice *other = bus->devices[PCI_DEVFN(slot, func)];

        if (other && other != pdev && !pci_is_vf(other) &&
            !has_cxl_mem_or_cache(other)) {
            map |= BIT(slot);
        }
    }
    return map;
}

uint32_t cxl_config_read(CxlEndpoint *ep, PCIDevice *pdev, uint32_t addr,
                         uint32_t val, int len)
{
    uint16_t map = cxl_config_dvsec(pdev, CXL_DVSEC_ID_FUNCTION_MAP);

    val = cxl_endpoint_config_read(ep, addr, val, len);
    return map ? cxl_dvsec_map_read(addr - map, val, len, function_map_dword,
                                    pdev) : val;
}
