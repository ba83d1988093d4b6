/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Follow decoders from a host address to a device address and back, over a
 * snapshot of windows, bridges and devices.  The contract is in route.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/cxl/core/route.h"

typedef struct RoutePort {
    uint8_t number;
    CxlRouteNode *child;
} RoutePort;

struct CxlRouteNode {
    void *device;       /* NULL: a bridge */
    char *name;         /* of a bridge, or NULL */
    bool passthrough;
    GArray *decoders;   /* CxlRouteDecoder */
    GArray *ports;      /* RoutePort */
};

struct CxlRouteTree {
    GPtrArray *nodes;   /* CxlRouteNode *, owned */
    GPtrArray *windows; /* CxlRouteWindow *, owned */
};

static void node_free(void *opaque)
{
    CxlRouteNode *node = opaque;

    g_array_free(node->decoders, true);
    g_array_free(node->ports, true);
    g_free(node->name);
    g_free(node);
}

CxlRouteTree *cxl_route_tree_new(void)
{
    CxlRouteTree *tree = g_new0(CxlRouteTree, 1);

    tree->nodes = g_ptr_array_new_with_free_func(node_free);
    tree->windows = g_ptr_array_new_with_free_func(g_free);
    return tree;
}

void cxl_route_tree_free(CxlRouteTree *tree)
{
    g_ptr_array_free(tree->nodes, true);
    g_ptr_array_free(tree->windows, true);
    g_free(tree);
}

static CxlRouteNode *node_new(CxlRouteTree *tree)
{
    CxlRouteNode *node = g_new0(CxlRouteNode, 1);

    node->decoders = g_array_new(false, false, sizeof(CxlRouteDecoder));
    node->ports = g_array_new(false, false, sizeof(RoutePort));
    g_ptr_array_add(tree->nodes, node);
    return node;
}

CxlRouteNode *cxl_route_add_device(CxlRouteTree *tree, void *device)
{
    CxlRouteNode *node = node_new(tree);

    assert(device);
    node->device = device;
    return node;
}

CxlRouteNode *cxl_route_add_bridge(CxlRouteTree *tree, bool passthrough,
                                   const char *name)
{
    CxlRouteNode *node = node_new(tree);

    node->passthrough = passthrough;
    node->name = g_strdup(name);
    return node;
}

void cxl_route_add_decoder(CxlRouteNode *node, const CxlRouteDecoder *d)
{
    if (cxl_interleave_valid(d->ig, d->iw) &&
        (node->device || cxl_interleave_ways(d->iw) <= CXL_HDM_TARGET_MAX)) {
        g_array_append_val(node->decoders, *d);
    }
}

void cxl_route_add_port(CxlRouteNode *bridge, uint8_t number,
                        CxlRouteNode *child)
{
    RoutePort port = { .number = number, .child = child };

    assert(!bridge->device);
    g_array_append_val(bridge->ports, port);
}

void cxl_route_add_window(CxlRouteTree *tree, const CxlRouteWindow *w)
{
    assert(cxl_interleave_valid(w->ig, w->iw));
    g_ptr_array_add(tree->windows, g_memdup2(w, sizeof(*w)));
}

unsigned cxl_route_num_windows(const CxlRouteTree *tree)
{
    return tree->windows->len;
}

const CxlRouteWindow *cxl_route_window(const CxlRouteTree *tree, unsigned n)
{
    return g_ptr_array_index(tree->windows, n);
}

void *cxl_route_device(const CxlRouteNode *node)
{
    return node->device;
}

const char *cxl_route_name(const CxlRouteNode *node)
{
    return node->name;
}

bool cxl_route_passthrough(const CxlRouteNode *node)
{
    return node->passthrough;
}

const CxlRouteDecoder *cxl_route_decoder(const CxlRouteNode *node, unsigned n)
{
    return n < node->decoders->len ?
           &g_array_index(node->decoders, CxlRouteDecoder, n) : NULL;
}

bool cxl_route_port(const CxlRouteNode *node, unsigned n, uint8_t *number,
                    const CxlRouteNode **child)
{
    const RoutePort *port;

    if (n >= node->ports->len) {
        return false;
    }
    port = &g_array_index(node->ports, RoutePort, n);
    *number = port->number;
    *child = port->child;
    return true;
}

static const CxlRouteDecoder *claims(const CxlRouteNode *node, uint64_t hpa)
{
    for (unsigned i = 0; i < node->decoders->len; i++) {
        const CxlRouteDecoder *d = &g_array_index(node->decoders,
                                                  CxlRouteDecoder, i);

        if (hpa >= d->base && hpa - d->base < d->size) {
            return d;
        }
    }
    return NULL;
}

static CxlRouteNode *port_child(const CxlRouteNode *bridge, uint8_t number)
{
    for (unsigned i = 0; i < bridge->ports->len; i++) {
        const RoutePort *p = &g_array_index(bridge->ports, RoutePort, i);

        if (p->number == number) {
            return p->child;
        }
    }
    return NULL;
}

/* Account for one level that picks among @iw every @ig. */
static void note_level(CxlRouteHit *hit, unsigned ig, unsigned iw)
{
    uint64_t bytes = cxl_interleave_bytes(ig);
    uint64_t period = bytes * cxl_interleave_ways(iw);

    if (iw == 0) {
        return;
    }
    hit->finest = hit->finest ? MIN(hit->finest, bytes) : bytes;
    if (!hit->period) {
        return;
    }
    /* Each is a power of two, perhaps times three: the lcm is simple. */
    if (hit->period % period == 0) {
        return;
    }
    if (period % hit->period == 0) {
        hit->period = period;
    } else {
        hit->period = 3 * (hit->period % 3 ? hit->period : period);
    }
}

static CxlRouteResult next_node(const CxlRouteNode *bridge, uint64_t hpa,
                                CxlRouteHit *hit, const CxlRouteNode **next)
{
    const CxlRouteDecoder *d;

    if (bridge->passthrough) {
        *next = bridge->ports->len ?
                g_array_index(bridge->ports, RoutePort, 0).child : NULL;
    } else {
        d = claims(bridge, hpa);
        if (!d) {
            return CXL_ROUTE_NO_DECODER;
        }
        note_level(hit, d->ig, d->iw);
        *next = port_child(bridge, d->target[
            cxl_interleave_position(hpa - d->base, d->ig, d->iw)]);
    }
    return *next ? CXL_ROUTE_FOUND : CXL_ROUTE_NO_PORT;
}

static const CxlRouteWindow *window_at(const CxlRouteTree *tree, uint64_t hpa)
{
    for (unsigned i = 0; i < tree->windows->len; i++) {
        const CxlRouteWindow *w = cxl_route_window(tree, i);

        if (hpa >= w->base && hpa - w->base < w->size) {
            return w;
        }
    }
    return NULL;
}

static unsigned window_position(const CxlRouteWindow *w, uint64_t hpa)
{
    uint64_t off = hpa - w->base;

    return w->xor ? cxl_interleave_xor_position(hpa, off, w->ig, w->iw,
                                                w->maps)
                  : cxl_interleave_position(off, w->ig, w->iw);
}

/* From a port down to the device; a tree has no more levels than nodes. */
static CxlRouteResult descend(const CxlRouteNode *node, uint64_t hpa,
                              unsigned budget, CxlRouteHit *hit,
                              const CxlRouteNode **device)
{
    while (!node->device) {
        CxlRouteResult result;

        if (!budget--) {
            return CXL_ROUTE_LOOP;
        }
        result = next_node(node, hpa, hit, &node);
        if (result != CXL_ROUTE_FOUND) {
            return result;
        }
    }
    *device = node;
    return CXL_ROUTE_FOUND;
}

CxlRouteResult cxl_route_find(const CxlRouteTree *tree, uint64_t hpa,
                              CxlRouteHit *hit)
{
    const CxlRouteWindow *w = window_at(tree, hpa);
    const CxlRouteNode *node;
    CxlRouteResult result;

    *hit = (CxlRouteHit) { .period = 1 };
    if (!w) {
        return CXL_ROUTE_NO_WINDOW;
    }
    note_level(hit, w->ig, w->iw);
    if (w->xor && cxl_interleave_xor_maps(w->iw)) {
        hit->period = 0;
    }
    node = w->target[window_position(w, hpa)];
    if (!node) {
        return CXL_ROUTE_NO_PORT;
    }
    result = descend(node, hpa, tree->nodes->len, hit, &node);
    if (result != CXL_ROUTE_FOUND) {
        return result;
    }
    hit->device = node->device;
    hit->decoder = claims(node, hpa);
    if (!hit->decoder) {
        return CXL_ROUTE_NO_DEVICE_DECODER;
    }
    hit->dpa = hit->decoder->dpa +
               cxl_interleave_to_dpa(hpa - hit->decoder->base,
                                     hit->decoder->ig, hit->decoder->iw);
    return CXL_ROUTE_FOUND;
}

const char *cxl_route_result_name(CxlRouteResult result)
{
    static const char *const names[] = {
        [CXL_ROUTE_FOUND] = "found",
        [CXL_ROUTE_NO_WINDOW] = "no window",
        [CXL_ROUTE_NO_DECODER] = "no bridge decoder",
        [CXL_ROUTE_NO_PORT] = "no such port",
        [CXL_ROUTE_LOOP] = "loop of bridges",
        [CXL_ROUTE_NO_DEVICE_DECODER] = "no device decoder",
    };

    return names[result];
}

/* The host address at which the device at @position would see @dpa. */
static bool try_position(const CxlRouteTree *tree, const void *device,
                         const CxlRouteDecoder *d, uint64_t dpa,
                         unsigned position, uint64_t *hpa)
{
    CxlRouteHit hit;

    *hpa = d->base + cxl_interleave_to_hpa(dpa - d->dpa, position, d->ig,
                                           d->iw);
    return cxl_route_find(tree, *hpa, &hit) == CXL_ROUTE_FOUND &&
           hit.device == device && hit.dpa == dpa;
}

static bool node_to_hpa(const CxlRouteTree *tree, const CxlRouteNode *node,
                        uint64_t dpa, uint64_t *hpa)
{
    for (unsigned i = 0; i < node->decoders->len; i++) {
        const CxlRouteDecoder *d = &g_array_index(node->decoders,
                                                  CxlRouteDecoder, i);
        unsigned ways = cxl_interleave_ways(d->iw);

        if (dpa < d->dpa || dpa - d->dpa >= d->size / ways) {
            continue;
        }
        for (unsigned p = 0; p < ways; p++) {
            if (try_position(tree, node->device, d, dpa, p, hpa)) {
                return true;
            }
        }
    }
    return false;
}

bool cxl_route_to_hpa(const CxlRouteTree *tree, const void *device,
                      uint64_t dpa, uint64_t *hpa)
{
    for (unsigned i = 0; i < tree->nodes->len; i++) {
        const CxlRouteNode *node = g_ptr_array_index(tree->nodes, i);

        if (node->device == device &&
            node_to_hpa(tree, node, dpa, hpa)) {
            return true;
        }
    }
    return false;
}

void cxl_route_edges(const CxlRouteTree *tree,
                     void (*fn)(void *opaque, uint64_t hpa), void *opaque)
{
    for (unsigned i = 0; i < tree->windows->len; i++) {
        const CxlRouteWindow *w = cxl_route_window(tree, i);

        fn(opaque, w->base);
        fn(opaque, w->base + w->size);
    }
    for (unsigned i = 0; i < tree->nodes->len; i++) {
        const CxlRouteNode *node = g_ptr_array_index(tree->nodes, i);

        for (unsigned k = 0; k < node->decoders->len; k++) {
            const CxlRouteDecoder *d = &g_array_index(node->decoders,
                                                      CxlRouteDecoder, k);

            fn(opaque, d->base);
            fn(opaque, d->base + d->size);
        }
    }
}
