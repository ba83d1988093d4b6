/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address decode over an abstract tree of ports: fixed window, host bridge,
 * switches of any depth, device.  CXL r3.1 9.13, 9.18.1.
 *
 * A tree is a snapshot: the glue walks buses and registers once per change
 * and builds one; lookups touch nothing else.  Which host addresses form an
 * interleave set is pieces.h, the numbers are interleave.h.
 *
 * Windows, decoders and ports are found first come first served, so
 * overlapping decoders have a defined meaning: the earlier one wins.
 */
#ifndef HW_CXL_CORE_ROUTE_H
#define HW_CXL_CORE_ROUTE_H

#include "hw/cxl/core/interleave.h"
#include "hw/cxl/wire/hdm.h"

#define CXL_ROUTE_XOR_MAPS 4

/* A committed decoder of a bridge (targets) or of a device (dpa) */
typedef struct CxlRouteDecoder {
    uint64_t base;      /* host physical address */
    uint64_t size;      /* bytes */
    uint64_t dpa;       /* device address of the first byte */
    uint8_t ig, iw;     /* codes, see interleave.h */
    uint8_t target[CXL_HDM_TARGET_MAX]; /* port numbers */
} CxlRouteDecoder;

typedef struct CxlRouteNode CxlRouteNode;
typedef struct CxlRouteTree CxlRouteTree;

typedef struct CxlRouteWindow {
    uint64_t base;      /* host physical address */
    uint64_t size;      /* bytes */
    uint8_t ig, iw;     /* codes, see interleave.h */
    bool xor;           /* target selection by @maps, not by modulo */
    uint64_t maps[CXL_ROUTE_XOR_MAPS];
    CxlRouteNode *target[CXL_INTERLEAVE_WAYS_MAX];
} CxlRouteWindow;

typedef enum CxlRouteResult {
    CXL_ROUTE_FOUND,
    CXL_ROUTE_NO_WINDOW,
    CXL_ROUTE_NO_DECODER,   /* of a bridge */
    CXL_ROUTE_NO_PORT,      /* target list names a port that is not there */
    CXL_ROUTE_LOOP,         /* more bridges in a row than there are */
    CXL_ROUTE_NO_DEVICE_DECODER,
} CxlRouteResult;

typedef struct CxlRouteHit {
    void *device;           /* as given to cxl_route_add_device() */
    uint64_t dpa;
    const CxlRouteDecoder *decoder; /* of the device */
    /*
     * The selection of every level repeats after this many bytes, or 0 if it
     * does not repeat (XOR, or a period that no set can have).
     */
    uint64_t period;
    uint64_t finest;        /* smallest granularity of any level, bytes */
} CxlRouteHit;

CxlRouteTree *cxl_route_tree_new(void);
void cxl_route_tree_free(CxlRouteTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CxlRouteTree, cxl_route_tree_free)

/* Nodes belong to the tree.  @device is handed back in hits. */
CxlRouteNode *cxl_route_add_device(CxlRouteTree *tree, void *device);
/*
 * A passthrough bridge has no decoders and sends all to its first port.
 * @name is copied, and may be NULL: a bridge can be gone before the tree is.
 */
CxlRouteNode *cxl_route_add_bridge(CxlRouteTree *tree, bool passthrough,
                                   const char *name);
/* A decoder with codes that do not exist is left out: it routes nothing. */
void cxl_route_add_decoder(CxlRouteNode *node, const CxlRouteDecoder *d);
/* @child may be NULL (nothing plugged) or, by mistake, a loop. */
void cxl_route_add_port(CxlRouteNode *bridge, uint8_t number,
                        CxlRouteNode *child);
/* @w is copied; its codes must be valid.  Targets may be NULL. */
void cxl_route_add_window(CxlRouteTree *tree, const CxlRouteWindow *w);

unsigned cxl_route_num_windows(const CxlRouteTree *tree);
const CxlRouteWindow *cxl_route_window(const CxlRouteTree *tree, unsigned n);

/*
 * What a node is, for people.  Beware of loops: a tree need not be one.
 * The device of a device, NULL of a bridge; the name of a bridge.
 */
void *cxl_route_device(const CxlRouteNode *node);
const char *cxl_route_name(const CxlRouteNode *node);
bool cxl_route_passthrough(const CxlRouteNode *node);
/* Decoder @n that routes, or NULL beyond the last. */
const CxlRouteDecoder *cxl_route_decoder(const CxlRouteNode *node, unsigned n);
/* Is there a port @n?  Its number and what is below, perhaps NULL. */
bool cxl_route_port(const CxlRouteNode *node, unsigned n, uint8_t *number,
                    const CxlRouteNode **child);

CxlRouteResult cxl_route_find(const CxlRouteTree *tree, uint64_t hpa,
                              CxlRouteHit *hit);
const char *cxl_route_result_name(CxlRouteResult result);

/*
 * The host address of @dpa of @device, if one of its decoders maps it and the
 * path above leads there.  The inverse of cxl_route_find().
 */
bool cxl_route_to_hpa(const CxlRouteTree *tree, const void *device,
                      uint64_t dpa, uint64_t *hpa);

/* Call @fn with the start and the end of every window and decoder. */
void cxl_route_edges(const CxlRouteTree *tree,
                     void (*fn)(void *opaque, uint64_t hpa), void *opaque);

#endif /* HW_CXL_CORE_ROUTE_H */
