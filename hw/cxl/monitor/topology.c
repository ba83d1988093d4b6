/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The monitor command "query-cxl": windows, bridges, decoders and committed
 * pieces, as the windows see them now.
 *
 * Nothing is changed or decoded here; the text form is monitor/topology-hmp.c.
 */
#include "qemu/osdep.h"
#include "qapi/qapi-commands-memfab.h"
#include "hw/cxl/monitor/monitor.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pci_host.h"

/*
 * People know a host bridge by its bus, and other things by their id.  What is
 * NULL has left, and only its path is known.
 */
static char *object_name(Object *obj, const char *path)
{
    PCIHostState *hb = (PCIHostState *)
        object_dynamic_cast(obj, TYPE_PCI_HOST_BRIDGE);

    if (hb && hb->bus) {
        return g_strdup(BUS(hb->bus)->name);
    }
    return g_strdup(obj && DEVICE(obj)->id ? DEVICE(obj)->id : path);
}

/* The bridge behind a name of the snapshot, or NULL */
static Object *bridge_object(const CxlRouteNode *node)
{
    return object_resolve_path_type(cxl_route_name(node), TYPE_DEVICE, NULL);
}

static char *member_name(void *device)
{
    CxlWindowMember *m = device;
    g_autofree char *path = object_get_canonical_path(OBJECT(m->pdev));

    return object_name(OBJECT(m->pdev), path);
}

static MemfabCxlDecoderList *decoders(const CxlRouteNode *node)
{
    MemfabCxlDecoderList *list = NULL, **tail = &list;
    const CxlRouteDecoder *d;
    unsigned n, i;

    for (n = 0; (d = cxl_route_decoder(node, n)); n++) {
        MemfabCxlDecoder *out = g_new0(MemfabCxlDecoder, 1);
        uint8List **targets = &out->targets;

        out->base = d->base;
        out->size = d->size;
        out->ways = cxl_interleave_ways(d->iw);
        out->granularity = cxl_interleave_bytes(d->ig);
        out->has_dpa = cxl_route_device(node);
        out->dpa = d->dpa;
        out->has_targets = !out->has_dpa;
        for (i = 0; out->has_targets && i < out->ways &&
                    i < ARRAY_SIZE(d->target); i++) {
            QAPI_LIST_APPEND(targets, d->target[i]);
        }
        QAPI_LIST_APPEND(tail, out);
    }
    return list;
}

static MemfabCxlRefusalList *refusals(const CxlEndpoint *ep)
{
    MemfabCxlRefusalList *list = NULL, **tail = &list;
    unsigned n;

    for (n = 0; n < cxl_endpoint_decoders(ep); n++) {
        CxlHdmDecoder d;
        CxlHdmError error = cxl_endpoint_decoder(ep, n, &d);
        MemfabCxlRefusal *out;

        if (error == CXL_HDM_OK) {
            continue;
        }
        out = g_new0(MemfabCxlRefusal, 1);
        out->decoder = n;
        out->reason = g_strdup(cxl_hdm_error_name(error));
        QAPI_LIST_APPEND(tail, out);
    }
    return list;
}

static MemfabCxlBias *bias_info(const CxlBias *b)
{
    MemfabCxlBias *out = g_new0(MemfabCxlBias, 1);
    CxlBiasCounts c = cxl_bias_counts(b);

    out->page_size = 1ull << b->shift;
    out->held = cxl_bias_held(b, 0, b->size);
    out->taken = c.taken;
    out->given = c.given;
    out->snoops = c.snoops;
    out->requests = c.requests;
    out->reads = c.reads;
    out->writes = c.writes;
    return out;
}

static MemfabCxlNode *memory_node(const CxlRouteNode *node)
{
    CxlWindowMember *m = cxl_route_device(node);
    MemfabCxlNode *out = g_new0(MemfabCxlNode, 1);

    out->bias = cxl_endpoint_bias(m->ep) ? bias_info(cxl_endpoint_bias(m->ep))
                                         : NULL;
    out->type = out->bias ? MEMFAB_CXL_NODE_TYPE_ACCELERATOR
                          : MEMFAB_CXL_NODE_TYPE_MEMORY;
    out->name = member_name(m);
    out->qom_path = object_get_canonical_path(OBJECT(m->pdev));
    out->enabled = cxl_endpoint_mem_enabled(m->ep) &&
                   cxl_endpoint_hdm_enabled(m->ep);
    out->decoders = decoders(node);
    out->refused = refusals(m->ep);
    return out;
}

static MemfabCxlNode *node_info(const CxlRouteNode *node);

/* The snapshot comes from buses, which are trees. */
static MemfabCxlNode *bridge_node(const CxlRouteNode *node)
{
    Object *bridge = bridge_object(node);
    MemfabCxlNode *out = g_new0(MemfabCxlNode, 1);
    MemfabCxlPortList **tail = &out->ports;
    const CxlRouteNode *below;
    uint8_t number;
    unsigned n;

    out->type = object_dynamic_cast(bridge, TYPE_PCI_HOST_BRIDGE) ?
                MEMFAB_CXL_NODE_TYPE_HOST_BRIDGE :
                MEMFAB_CXL_NODE_TYPE_SWITCH;
    out->name = object_name(bridge, cxl_route_name(node));
    out->qom_path = g_strdup(cxl_route_name(node));
    out->passthrough = cxl_route_passthrough(node);
    out->enabled = true;
    out->decoders = decoders(node);
    for (n = 0; cxl_route_port(node, n, &number, &below); n++) {
        MemfabCxlPort *port = g_new0(MemfabCxlPort, 1);

        port->number = number;
        port->below = below ? node_info(below) : NULL;
        QAPI_LIST_APPEND(tail, port);
    }
    return out;
}

static MemfabCxlNode *node_info(const CxlRouteNode *node)
{
    return cxl_route_device(node) ? memory_node(node) : bridge_node(node);
}

static char *window_target(const CxlRouteNode *target)
{
    return target ? object_name(bridge_object(target), cxl_route_name(target))
                  : g_strdup("");
}

static MemfabCxlWindow *window_info(const CxlRouteWindow *w)
{
    MemfabCxlWindow *out = g_new0(MemfabCxlWindow, 1);
    strList **tail = &out->targets;
    unsigned i;

    out->base = w->base;
    out->size = w->size;
    out->ways = cxl_interleave_ways(w->iw);
    out->granularity = cxl_interleave_bytes(w->ig);
    for (i = 0; i < out->ways; i++) {
        QAPI_LIST_APPEND(tail, window_target(w->target[i]));
    }
    return out;
}

static void add_piece(void *opaque, const CxlPiece *piece, CxlPieceTrap why,
                      uint64_t mapped)
{
    MemfabCxlInfo *info = opaque;
    MemfabCxlWindowList *w = info->windows;
    MemfabCxlPieceList **tail;
    MemfabCxlPiece *out = g_new0(MemfabCxlPiece, 1);
    MemfabCxlMemberList **members = &out->members;
    unsigned i;

    out->base = piece->hpa;
    out->size = piece->size;
    out->ways = cxl_interleave_ways(piece->iw);
    out->granularity = cxl_interleave_bytes(piece->ig);
    out->mapped = mapped;
    out->access = !mapped ? MEMFAB_CXL_ACCESS_TRAPPED :
                  mapped < piece->size ? MEMFAB_CXL_ACCESS_PARTLY :
                  MEMFAB_CXL_ACCESS_DIRECT;
    out->reason = why ? g_strdup(cxl_piece_trap_name(why)) : NULL;
    for (i = 0; i < (piece->irregular ? 1 : out->ways); i++) {
        MemfabCxlMember *m = g_new0(MemfabCxlMember, 1);

        m->name = member_name(piece->member[i].device);
        m->dpa = piece->member[i].dpa;
        QAPI_LIST_APPEND(members, m);
    }
    /* No piece crosses the end of a window, and each is in one. */
    while (out->base - w->value->base >= w->value->size) {
        w = w->next;
    }
    tail = &w->value->pieces;
    while (*tail) {
        tail = &(*tail)->next;
    }
    QAPI_LIST_APPEND(tail, out);
}

/* Several windows may lead to one bridge. */
static void add_bridges(MemfabCxlInfo *info, const CxlRouteTree *tree)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    MemfabCxlNodeList **tail = &info->bridges;
    unsigned n, i;

    for (n = 0; n < cxl_route_num_windows(tree); n++) {
        const CxlRouteWindow *w = cxl_route_window(tree, n);

        for (i = 0; i < cxl_interleave_ways(w->iw); i++) {
            if (w->target[i] && g_hash_table_add(seen, w->target[i])) {
                QAPI_LIST_APPEND(tail, node_info(w->target[i]));
            }
        }
    }
}

MemfabCxlInfo *qmp_query_cxl(Error **errp)
{
    const CxlRouteTree *tree = cxl_window_route();
    MemfabCxlInfo *info = g_new0(MemfabCxlInfo, 1);
    MemfabCxlWindowList **tail = &info->windows;
    unsigned n;

    if (!tree) {
        return info;
    }
    for (n = 0; n < cxl_route_num_windows(tree); n++) {
        QAPI_LIST_APPEND(tail, window_info(cxl_route_window(tree, n)));
    }
    cxl_window_each_piece(add_piece, info);
    add_bridges(info, tree);
    return info;
}
