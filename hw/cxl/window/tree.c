/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What QEMU's buses and host-side decoders look like to core/route.h: the
 * snapshot of windows, host bridges, switches and devices.  The component
 * registers of host bridges and upstream ports are QEMU's; we read them.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/memfab/compat.h"
#include "hw/cxl/cxl_host.h"
#include "hw/cxl/core/bridge-decoders.h"
#include "hw/cxl/wire/component.h"
#include "hw/cxl/window/attributes.h"
#include "hw/cxl/window/internal.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pci_host.h"
#include "hw/pci/pcie_port.h"

typedef struct TreeBuild {
    CxlRouteTree *tree;
    CxlWindows *ws;
    GHashTable *bridges;    /* PCIHostState * -> CxlRouteNode * */
} TreeBuild;

static CxlRouteNode *build_slot(TreeBuild *b, PCIBus *bus);

static uint8_t *decoder_regs(CXLComponentState *c)
{
    return (uint8_t *)c->crb.cache_mem_registers + CXL_COMP_HDM;
}

/* By its name, because it can be gone before the snapshot is. */
static CxlRouteNode *add_bridge(TreeBuild *b, bool passthrough, void *bridge)
{
    g_autofree char *path = object_get_canonical_path(OBJECT(bridge));

    return cxl_route_add_bridge(b->tree, passthrough, path);
}

/* Every port on @bus and what is plugged below it */
static void add_ports(TreeBuild *b, CxlRouteNode *node, PCIBus *bus)
{
    for (unsigned devfn = 0; devfn < PCI_DEVFN_MAX; devfn++) {
        PCIDevice *d = bus->devices[devfn];

        if (d && object_dynamic_cast(OBJECT(d), TYPE_PCIE_PORT) &&
            !object_dynamic_cast(OBJECT(d), TYPE_CXL_USP)) {
            cxl_route_add_port(node, PCIE_PORT(d)->port,
                               build_slot(b,
                                   pci_bridge_get_sec_bus(PCI_BRIDGE(d))));
        }
    }
}

/* Before decoders are on, the ranges of the DVSEC decode, CXL r3.1 8.1.3.8. */
static void add_ranges(CxlRouteNode *node, CxlWindowMember *m)
{
    for (unsigned n = 0; n < CXL_DVSEC_RANGES; n++) {
        CxlRouteDecoder d = { };

        if (cxl_endpoint_range(m->ep, n, &d.base, &d.size, &d.dpa)) {
            cxl_route_add_decoder(node, &d);
        }
    }
}

static CxlRouteNode *build_member(TreeBuild *b, CxlWindowMember *m)
{
    CxlRouteNode *node = cxl_route_add_device(b->tree, m);

    if (!cxl_endpoint_mem_enabled(m->ep)) {
        return node;
    }
    if (!cxl_endpoint_hdm_enabled(m->ep)) {
        add_ranges(node, m);
        return node;
    }
    for (unsigned n = 0; n < cxl_endpoint_decoders(m->ep); n++) {
        CxlHdmDecoder d;

        cxl_endpoint_decoder(m->ep, n, &d);
        if (d.committed && d.size) {
            cxl_route_add_decoder(node, &(CxlRouteDecoder) {
                .base = d.base, .size = d.size, .dpa = d.dpa,
                .ig = d.ig, .iw = d.iw,
            });
        }
    }
    return node;
}

static CxlWindowMember *member_of(CxlWindows *ws, PCIDevice *pdev)
{
    CxlWindowMember *m;

    QTAILQ_FOREACH(m, &ws->members, next) {
        if (m->pdev == pdev) {
            return m;
        }
    }
    return NULL;
}

/* What sits in the one slot of a link: a device, a switch, or nothing. */
static CxlRouteNode *build_slot(TreeBuild *b, PCIBus *bus)
{
    for (unsigned fn = 0; fn < PCI_FUNC_MAX; fn++) {
        PCIDevice *d = bus->devices[fn];
        CxlWindowMember *m = d ? member_of(b->ws, d) : NULL;
        CxlRouteNode *node;

        if (m) {
            return build_member(b, m);
        }
        if (d && object_dynamic_cast(OBJECT(d), TYPE_CXL_USP)) {
            node = add_bridge(b, false, d);
            cxl_bridge_decoders_route(
                decoder_regs(cxl_usp_to_cstate(CXL_USP(d))), node);
            add_ports(b, node, pci_bridge_get_sec_bus(PCI_BRIDGE(d)));
            return node;
        }
    }
    return NULL;
}

static CxlRouteNode *build_host_bridge(TreeBuild *b, PCIHostState *hb)
{
    CxlRouteNode *node = g_hash_table_lookup(b->bridges, hb);
    bool passthrough;

    if (node) {
        return node;
    }
    passthrough = cxl_get_hb_passthrough(hb);
    node = add_bridge(b, passthrough, hb);
    g_hash_table_insert(b->bridges, hb, node);
    if (!passthrough) {
        cxl_bridge_decoders_route(decoder_regs(cxl_get_hb_cstate(hb)), node);
    }
    add_ports(b, node, hb->bus);
    return node;
}

/* Targets are linked late in the creation of a machine. */
static CxlRouteNode *build_target(TreeBuild *b, PXBCXLDev *pxb)
{
    PCIHostState *hb = pxb ? PCI_HOST_BRIDGE(pxb->cxl_host_bridge) : NULL;

    return hb && hb->bus && pci_bus_is_cxl(hb->bus) ?
           build_host_bridge(b, hb) : NULL;
}

static void build_window(TreeBuild *b, unsigned n, CXLFixedWindow *fw)
{
    const CxlCedtWindow *chosen = cxl_window_attributes(n);
    CxlRouteWindow w = {
        .base = fw->base,
        .size = memory_region_size(&fw->mr),
        .ig = fw->enc_int_gran,
        .iw = fw->enc_int_ways,
    };

    QEMU_BUILD_BUG_ON(CXL_CEDT_XOR_MAPS != CXL_ROUTE_XOR_MAPS);
    if (!cxl_interleave_valid(w.ig, w.iw)) {
        return;
    }
    if (chosen && chosen->xor) {
        w.xor = true;
        cxl_cedt_xor_maps(w.ig, w.maps);
    }
    for (unsigned i = 0; i < cxl_interleave_ways(w.iw); i++) {
        w.target[i] = build_target(b, fw->target_hbs[i]);
    }
    cxl_route_add_window(b->tree, &w);
}

static CxlRouteTree *build(CxlWindows *ws)
{
    TreeBuild b = {
        .tree = cxl_route_tree_new(),
        .ws = ws,
        .bridges = g_hash_table_new(NULL, NULL),
    };

    for (unsigned i = 0; i < ws->fixed->len; i++) {
        build_window(&b, i, g_ptr_array_index(ws->fixed, i));
    }
    g_hash_table_destroy(b.bridges);
    return b.tree;
}

CxlWindow *cxl_window_at(const CxlWindows *ws, uint64_t hpa)
{
    for (unsigned i = 0; i < ws->windows->len; i++) {
        CxlWindow *w = g_ptr_array_index(ws->windows, i);

        if (hpa >= w->base && hpa - w->base < w->size) {
            return w;
        }
    }
    return NULL;
}

CxlRouteTree *cxl_window_tree(CxlWindows *ws)
{
    if (!ws->tree) {
        ws->tree = build(ws);
    }
    return ws->tree;
}

void cxl_window_tree_drop(CxlWindows *ws)
{
    g_clear_pointer(&ws->tree, cxl_route_tree_free);
}

CXLComponentState *cxl_window_tree_registers(Object *bridge)
{
    if (object_dynamic_cast(bridge, TYPE_CXL_USP)) {
        return cxl_usp_to_cstate(CXL_USP(bridge));
    }
    if (object_dynamic_cast(bridge, TYPE_PXB_CXL_HOST)) {
        return cxl_get_hb_cstate(PCI_HOST_BRIDGE(bridge));
    }
    return NULL;
}

void cxl_window_tree_bridges(PCIDevice *pdev,
                             void (*fn)(void *opaque, Object *bridge,
                                        CXLComponentState *c),
                             void *opaque)
{
    PCIBus *bus = pci_get_bus(pdev);
    bool root;

    do {
        Object *bridge;
        CXLComponentState *c;

        root = pci_bus_is_root(bus);
        bridge = root ? OBJECT(BUS(bus)->parent) : OBJECT(bus->parent_dev);
        c = cxl_window_tree_registers(bridge);
        if (c) {
            fn(opaque, bridge, c);
        }
        bus = root ? NULL : pci_get_bus(bus->parent_dev);
    } while (!root);
}

void cxl_window_tree_init(CxlWindows *ws)
{
    ws->fixed = cxl_window_fixed();
}
