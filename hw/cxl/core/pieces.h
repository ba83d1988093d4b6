/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Committed pieces of host address space, and how to map them.
 *
 * A piece is a range of host addresses that one set of members serves with
 * one interleave.  It is regular if its decode repeats exactly once per stripe
 * and every member takes part once, so that the whole piece can be described
 * by its first stripe; anything else is left to the trapping path.
 *
 * A map is a range of host addresses whose bytes lie in a row in one member's
 * storage: a piece minus its holes, for interleaved pieces cut into slices
 * (slice.h).  Pure numbers; who installs maps is hw/cxl/window-map.c.
 */
#ifndef HW_CXL_CORE_PIECES_H
#define HW_CXL_CORE_PIECES_H

#include "hw/cxl/core/route.h"

typedef struct CxlPieceMember {
    void *device;
    uint64_t dpa;       /* device address of its first byte in the piece */
} CxlPieceMember;

typedef struct CxlPiece {
    uint64_t hpa;
    uint64_t size;      /* bytes, all ways */
    uint8_t ig, iw;     /* codes, see interleave.h */
    bool regular;
    /* By position; only the first is known of an irregular piece. */
    CxlPieceMember member[CXL_INTERLEAVE_WAYS_MAX];
} CxlPiece;

/* All pieces in address order: CxlPiece, to be freed by the caller. */
GArray *cxl_pieces_find(const CxlRouteTree *tree);

typedef struct CxlPieceMap {
    uint64_t hpa;
    uint64_t size;      /* bytes */
    void *device;
    uint64_t dpa;       /* storage address: device order or slice order */
} CxlPieceMap;

typedef struct CxlPieceOps {
    /* May this regular piece be mapped at all? */
    bool (*mappable)(void *opaque, const CxlPiece *piece);
    /*
     * May a guest reach the bytes at @dpa of @device without a trap?  Returns
     * how many of @len bytes share the answer in *@direct; at least 1.
     */
    uint64_t (*access)(void *opaque, void *device, uint64_t dpa, uint64_t len,
                       bool *direct);
} CxlPieceOps;

/*
 * The maps of @pieces, in address order: CxlPieceMap, to be freed by the
 * caller.  Ends are aligned to @page (a power of two); a page with anything
 * that must trap is left out whole.  No more than @budget maps: the smallest
 * are left out, and *@dropped says how many.
 */
GArray *cxl_pieces_maps(const GArray *pieces, const CxlPieceOps *ops,
                        void *opaque, uint64_t page, unsigned budget,
                        unsigned *dropped);

#endif /* HW_CXL_CORE_PIECES_H */
