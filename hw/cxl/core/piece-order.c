/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pieces and the sets of slice storage that serve them; see piece-order.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/piece-order.h"

CxlSliceSet cxl_piece_set(const CxlPiece *piece)
{
    unsigned ways = cxl_interleave_ways(piece->iw);
    CxlSliceSet set = {
        .len = piece->size / ways, .ig = piece->ig, .iw = piece->iw,
    };

    for (unsigned p = 0; p < ways; p++) {
        set.member[p] = (CxlSliceMember) {
            piece->member[p].device, piece->member[p].dpa,
        };
    }
    return set;
}

bool cxl_piece_ready(const CxlSlices *s, const CxlPiece *piece)
{
    CxlSliceSet set = cxl_piece_set(piece);

    return piece->iw ? cxl_slices_has(s, &set)
                     : !cxl_slices_uses(s, piece->member[0].device,
                                        piece->member[0].dpa, piece->size);
}

CxlSliceResult cxl_piece_prepare(CxlSlices *s, const CxlPiece *piece,
                                 uint64_t budget, uint64_t *moved)
{
    CxlSliceSet set = cxl_piece_set(piece);
    CxlSliceResult result;

    if (!piece->iw) {
        return cxl_slices_release(s, piece->member[0].device,
                                  piece->member[0].dpa, piece->size, budget,
                                  moved);
    }
    result = cxl_slices_make_room(s, &set, budget, moved);
    return result == CXL_SLICE_DONE ?
           cxl_slices_adopt(s, &set, budget, moved) : result;
}
