/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory of devices below the same switch; see the header.
 *
 * It is BARs, and host-managed memory of CXL devices where the decoders, as
 * hw/cxl/window/window.h follows them, lead to members below that switch only.
 * Where an IOMMU translates, every request goes up to it, so nothing counts.
 */
#include "qemu/osdep.h"
#include "exec/hwaddr.h"
#include "hw/memfab/compat.h"
#include "hw/cxl/window/window.h"
#include "hw/dma/sdxi/epoch.h"
#include "hw/dma/sdxi/peers.h"
#include "hw/pci/pci.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pcie.h"

typedef struct SdxiPeerRange {
    uint64_t base, size;
} SdxiPeerRange;

typedef struct SdxiPeerLook {
    SdxiPeers *peers;
    PCIDevice *self, *upstream;
} SdxiPeerLook;

static PCIDevice *sdxi_peers_above(PCIDevice *pci)
{
    return pci_get_bus(pci)->parent_dev;
}

PCIDevice *sdxi_peers_switch(PCIDevice *pci)
{
    PCIDevice *top = NULL;

    for (pci = sdxi_peers_above(pci); pci; pci = sdxi_peers_above(pci)) {
        if (pci_is_express(pci) &&
            pcie_cap_get_type(pci) == PCI_EXP_TYPE_UPSTREAM) {
            top = pci;
        }
    }
    return top;
}

static bool sdxi_peers_below(PCIDevice *pci, const PCIDevice *upstream)
{
    while (pci && pci != upstream) {
        pci = sdxi_peers_above(pci);
    }
    return pci;
}

static void sdxi_peers_add(SdxiPeers *p, uint64_t base, uint64_t size)
{
    SdxiPeerRange range = { .base = base, .size = size };

    g_array_append_val(p->ranges, range);
}

static void sdxi_peers_add_bars(PCIBus *bus, PCIDevice *pci, void *opaque)
{
    SdxiPeerLook *look = opaque;

    if (IS_PCI_BRIDGE(pci)) {
        pci_for_each_device_under_bus(pci_bridge_get_sec_bus(PCI_BRIDGE(pci)),
                                      sdxi_peers_add_bars, opaque);
        return;
    }
    for (int i = 0; i < PCI_NUM_REGIONS && pci != look->self; i++) {
        const PCIIORegion *r = &pci->io_regions[i];

        if (r->size && r->addr != PCI_BAR_UNMAPPED &&
            !(r->type & PCI_BASE_ADDRESS_SPACE_IO)) {
            sdxi_peers_add(look->peers, r->addr, r->size);
        }
    }
}

static void sdxi_peers_add_piece(void *opaque, const CxlPiece *piece,
                                 CxlPieceTrap why, uint64_t mapped)
{
    SdxiPeerLook *look = opaque;
    unsigned ways = piece->irregular ? 1 : cxl_interleave_ways(piece->iw);

    for (unsigned i = 0; i < ways; i++) {
        CxlWindowMember *m = piece->member[i].device;

        if (!sdxi_peers_below(m->pdev, look->upstream)) {
            return;
        }
    }
    sdxi_peers_add(look->peers, piece->hpa, piece->size);
}

bool sdxi_peers_stale(const SdxiPeers *p)
{
    return !p->ranges || p->mapped != qatomic_read(&sdxi_epoch) ||
           p->decoded != cxl_window_epoch();
}

void sdxi_peers_look(SdxiPeers *p, PCIDevice *pci, PCIDevice *upstream)
{
    SdxiPeerLook look = { .peers = p, .self = pci, .upstream = upstream };

    if (!p->ranges) {
        p->ranges = g_array_new(false, false, sizeof(SdxiPeerRange));
    }
    g_array_set_size(p->ranges, 0);
    p->mapped = qatomic_read(&sdxi_epoch);
    p->decoded = cxl_window_epoch();
    if (pci_device_iommu_address_space(pci) != &address_space_memory) {
        return;
    }
    sdxi_peers_add_bars(NULL, upstream, &look);
    cxl_window_each_piece(sdxi_peers_add_piece, &look);
}

uint64_t sdxi_peers_bytes(const SdxiPeers *p, uint64_t addr, uint64_t len)
{
    uint64_t sum = 0;

    for (unsigned i = 0; p->ranges && i < p->ranges->len; i++) {
        const SdxiPeerRange *r = &g_array_index(p->ranges, SdxiPeerRange, i);
        uint64_t first = MAX(addr, r->base);
        uint64_t last = MIN(addr + len - 1, r->base + r->size - 1);

        sum += first <= last ? last - first + 1 : 0;
    }
    return sum;
}

void sdxi_peers_exit(SdxiPeers *p)
{
    if (p->ranges) {
        g_array_free(p->ranges, true);
        p->ranges = NULL;
    }
}
