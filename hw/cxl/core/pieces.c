/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Committed pieces of host address space and the maps that serve them.  The
 * contract is in pieces.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/pieces.h"

typedef struct Range64 {
    uint64_t start, end;
} Range64;

static void note_edge(void *opaque, uint64_t hpa)
{
    GArray *edges = opaque;

    g_array_append_val(edges, hpa);
}

static gint by_u64(gconstpointer a, gconstpointer b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

const char *cxl_piece_trap_name(CxlPieceTrap why)
{
    static const char *const names[] = {
        [CXL_PIECE_DIRECT] = "direct",
        [CXL_PIECE_CUT] = "not made of whole stripes",
        [CXL_PIECE_MEMBERS] = "members missing or of another interleave",
        [CXL_PIECE_TWICE] = "one device at two positions",
        [CXL_PIECE_RHYTHM] = "a level above switches at another rhythm",
        [CXL_PIECE_XOR] = "targets selected by XOR",
        [CXL_PIECE_OFF] = "direct=off",
        [CXL_PIECE_ORDER] = "interleaved bytes have to stay in device order",
        [CXL_PIECE_WAITING] = "waits for its bytes to be put in order",
    };

    return names[why];
}

/* Where decoders end does not matter: no piece goes beyond any end. */
static bool same_shape(const CxlRouteDecoder *a, const CxlRouteDecoder *b)
{
    return a->base == b->base && a->ig == b->ig && a->iw == b->iw;
}

static bool known_member(const CxlPiece *piece, unsigned count, void *device)
{
    for (unsigned i = 0; i < count; i++) {
        if (piece->member[i].device == device) {
            return true;
        }
    }
    return false;
}

/*
 * The decode of the levels above must repeat once per stripe and never switch
 * in the middle of a chunk; then the first stripe speaks for all.
 */
static bool levels_fit(const CxlRouteHit *hit, uint64_t chunk, uint64_t stripe)
{
    return stripe % hit->period == 0 &&
           (!hit->finest || hit->finest >= chunk);
}

static CxlPieceTrap add_member(const CxlRouteTree *tree, CxlPiece *piece,
                               const CxlRouteDecoder *first, unsigned p)
{
    uint64_t chunk = cxl_interleave_bytes(piece->ig);
    CxlRouteHit hit;

    if (cxl_route_find(tree, piece->hpa + p * chunk, &hit) !=
        CXL_ROUTE_FOUND || !same_shape(first, hit.decoder)) {
        return CXL_PIECE_MEMBERS;
    }
    if (known_member(piece, p, hit.device)) {
        return CXL_PIECE_TWICE;
    }
    if (!hit.period) {
        return CXL_PIECE_XOR;
    }
    if (!levels_fit(&hit, chunk, chunk * cxl_interleave_ways(piece->iw))) {
        return CXL_PIECE_RHYTHM;
    }
    piece->member[p] = (CxlPieceMember) { hit.device, hit.dpa };
    return CXL_PIECE_DIRECT;
}

/* Slices of whole units of capacity: pages of any size fit. */
static bool whole_stripes(const CxlPiece *piece, const CxlRouteDecoder *d)
{
    uint64_t unit = CXL_HDM_ALIGN * cxl_interleave_ways(d->iw);

    return (piece->hpa - d->base) % unit == 0 && piece->size % unit == 0;
}

static CxlPieceTrap one_stripe(const CxlRouteTree *tree,
                               const CxlRouteDecoder *first, CxlPiece *piece)
{
    CxlPieceTrap why = CXL_PIECE_DIRECT;

    if (!whole_stripes(piece, first)) {
        return CXL_PIECE_CUT;
    }
    for (unsigned p = 0; !why && p < cxl_interleave_ways(piece->iw); p++) {
        why = add_member(tree, piece, first, p);
    }
    return why;
}

static void find_piece(const CxlRouteTree *tree, uint64_t start, uint64_t end,
                       GArray *pieces)
{
    CxlPiece piece = { .hpa = start, .size = end - start };
    CxlRouteHit hit;

    if (cxl_route_find(tree, start, &hit) != CXL_ROUTE_FOUND) {
        return;
    }
    piece.ig = hit.decoder->ig;
    piece.iw = hit.decoder->iw;
    piece.member[0] = (CxlPieceMember) { hit.device, hit.dpa };
    if (piece.iw) {
        piece.irregular = one_stripe(tree, hit.decoder, &piece);
    } else if (hit.period != 1) {
        piece.irregular = hit.period ? CXL_PIECE_RHYTHM : CXL_PIECE_XOR;
    }
    g_array_append_val(pieces, piece);
}

GArray *cxl_pieces_find(const CxlRouteTree *tree)
{
    GArray *pieces = g_array_new(false, false, sizeof(CxlPiece));
    g_autoptr(GArray) edges = g_array_new(false, false, sizeof(uint64_t));

    cxl_route_edges(tree, note_edge, edges);
    g_array_sort(edges, by_u64);
    for (unsigned i = 0; i + 1 < edges->len; i++) {
        uint64_t start = g_array_index(edges, uint64_t, i);
        uint64_t end = g_array_index(edges, uint64_t, i + 1);

        if (start != end) {
            find_piece(tree, start, end, pieces);
        }
    }
    return pieces;
}

static gint by_start(gconstpointer a, gconstpointer b)
{
    return by_u64(&((const Range64 *)a)->start, &((const Range64 *)b)->start);
}

/* Host addresses that hold bytes @from..@to of member @p, as one range. */
static Range64 hole_of(const CxlPiece *piece, unsigned p, uint64_t from,
                       uint64_t to)
{
    return (Range64) {
        piece->hpa + cxl_interleave_to_hpa(from, p, piece->ig, piece->iw),
        piece->hpa + cxl_interleave_to_hpa(to - 1, p, piece->ig,
                                           piece->iw) + 1,
    };
}

/* Everything in @piece that must trap, sorted, page by page. */
static GArray *find_holes(const CxlPiece *piece, const CxlPieceOps *ops,
                          void *opaque, uint64_t page)
{
    GArray *holes = g_array_new(false, false, sizeof(Range64));
    unsigned ways = cxl_interleave_ways(piece->iw);
    uint64_t len = piece->size / ways;

    for (unsigned p = 0; p < ways; p++) {
        const CxlPieceMember *m = &piece->member[p];
        uint64_t at = 0;

        while (at < len) {
            bool direct;
            uint64_t run = ops->access(opaque, m->device, m->dpa + at,
                                       len - at, &direct);

            assert(run && run <= len - at);
            if (!direct) {
                Range64 hole = hole_of(piece, p, at, at + run);

                hole.start = ROUND_DOWN(hole.start, page);
                hole.end = ROUND_UP(hole.end, page);
                g_array_append_val(holes, hole);
            }
            at += run;
        }
    }
    g_array_sort(holes, by_start);
    return holes;
}

/* Append maps for @start..@end, one per slice it touches. */
static void add_maps(const CxlPiece *piece, uint64_t start, uint64_t end,
                     GArray *maps)
{
    uint64_t slice = piece->size / cxl_interleave_ways(piece->iw);

    while (start < end) {
        uint64_t off = start - piece->hpa;
        const CxlPieceMember *m = &piece->member[off / slice];
        CxlPieceMap map = {
            .hpa = start,
            .size = MIN(end - start, slice - off % slice),
            .device = m->device,
            .dpa = m->dpa + off % slice,
        };

        g_array_append_val(maps, map);
        start += map.size;
    }
}

static void map_piece(const CxlPiece *piece, const CxlPieceOps *ops,
                      void *opaque, uint64_t page, GArray *maps)
{
    g_autoptr(GArray) holes = find_holes(piece, ops, opaque, page);
    uint64_t at = ROUND_UP(piece->hpa, page);
    uint64_t end = ROUND_DOWN(piece->hpa + piece->size, page);

    for (unsigned i = 0; i < holes->len; i++) {
        Range64 hole = g_array_index(holes, Range64, i);

        if (hole.start > at) {
            add_maps(piece, at, MIN(hole.start, end), maps);
        }
        at = MAX(at, hole.end);
    }
    add_maps(piece, at, end, maps);
}

static gint by_size_down(gconstpointer a, gconstpointer b)
{
    return -by_u64(a, b);
}

/* Keep the @budget largest; among equals the first. */
static unsigned keep_largest(GArray *maps, unsigned budget)
{
    g_autoptr(GArray) sizes = g_array_new(false, false, sizeof(uint64_t));
    unsigned kept = 0, equal = 0, total = maps->len;
    uint64_t limit;

    if (total <= budget) {
        return 0;
    }
    for (unsigned i = 0; i < total; i++) {
        g_array_append_val(sizes, g_array_index(maps, CxlPieceMap, i).size);
    }
    g_array_sort(sizes, by_size_down);
    limit = budget ? g_array_index(sizes, uint64_t, budget - 1) : UINT64_MAX;
    for (unsigned i = 0; i < budget; i++) {
        equal += g_array_index(sizes, uint64_t, i) == limit;
    }
    for (unsigned i = 0; i < total; i++) {
        CxlPieceMap map = g_array_index(maps, CxlPieceMap, i);

        if (map.size > limit || (map.size == limit && equal)) {
            equal -= map.size == limit;
            g_array_index(maps, CxlPieceMap, kept++) = map;
        }
    }
    g_array_set_size(maps, kept);
    return total - kept;
}

GArray *cxl_pieces_maps(const GArray *pieces, const CxlPieceOps *ops,
                        void *opaque, uint64_t page, unsigned budget,
                        unsigned *dropped)
{
    GArray *maps = g_array_new(false, false, sizeof(CxlPieceMap));

    for (unsigned i = 0; i < pieces->len; i++) {
        const CxlPiece *piece = &g_array_index(pieces, CxlPiece, i);

        if (!piece->irregular && !ops->trap(opaque, piece)) {
            map_piece(piece, ops, opaque, page, maps);
        }
    }
    *dropped = keep_largest(maps, budget);
    return maps;
}

uint64_t cxl_piece_mapped(const CxlPiece *piece, const GArray *maps)
{
    uint64_t mapped = 0;

    for (unsigned i = 0; i < maps->len; i++) {
        const CxlPieceMap *map = &g_array_index(maps, CxlPieceMap, i);

        if (map->hpa - piece->hpa < piece->size) {
            mapped += map->size;
        }
    }
    return mapped;
}
