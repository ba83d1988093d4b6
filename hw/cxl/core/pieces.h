/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Committed pieces of host address space, and how to map them.
 *
 * A piece is a range of host addresses that one set of members serves with
 * one interleave.  It is regular if its decode repeats exactly once per stripe
 * and every member takes part once, so that the whole piece can be described
 * by its first stripe; anything else is left to the trapping path.  It may be
 * part of what its decoders claim: windows end, and overlapping decoders hide
 * each other.
 *
 * A map is a range of host addresses whose bytes lie in a row in one member's
 * storage: a piece minus its holes, for interleaved pieces cut into slices
 * (slice.h).  Pure numbers; who installs maps is hw/cxl/window/map.c.
 */
#ifndef HW_CXL_CORE_PIECES_H
#define HW_CXL_CORE_PIECES_H

#include "hw/cxl/core/route.h"

typedef struct CxlPieceMember {
    void *device;
    uint64_t dpa;       /* device address of its first byte in the piece */
} CxlPieceMember;

/* Why all of a piece traps */
typedef enum CxlPieceTrap {
    CXL_PIECE_DIRECT,       /* it does not, but for its holes */
    /* Irregular, found here */
    CXL_PIECE_CUT,          /* does not hold whole stripes of whole pages */
    CXL_PIECE_MEMBERS,      /* some are missing, or see another interleave */
    CXL_PIECE_TWICE,        /* one device has two places in a stripe */
    CXL_PIECE_RHYTHM,       /* a level above switches in between */
    CXL_PIECE_XOR,          /* the window selects its targets by XOR */
    /* Found by who keeps the bytes, see CxlPieceOps */
    CXL_PIECE_OFF,          /* a member wants every access to trap */
    CXL_PIECE_ORDER,        /* bytes of a member have to keep their order */
    CXL_PIECE_WAITING,      /* bytes are being put in order */
} CxlPieceTrap;

/* A few words for people. */
const char *cxl_piece_trap_name(CxlPieceTrap why);

typedef struct CxlPiece {
    uint64_t hpa;
    uint64_t size;      /* bytes, all ways */
    uint8_t ig, iw;     /* codes, see interleave.h */
    CxlPieceTrap irregular; /* CXL_PIECE_DIRECT: regular */
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
    /* May this regular piece be mapped at all, or why not? */
    CxlPieceTrap (*trap)(void *opaque, const CxlPiece *piece);
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

/* Bytes of @piece that @maps serve; the rest traps. */
uint64_t cxl_piece_mapped(const CxlPiece *piece, const GArray *maps);

#endif /* HW_CXL_CORE_PIECES_H */
