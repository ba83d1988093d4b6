/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order of storage that a piece of host address space needs to be mapped:
 * host order if it is interleaved, else device order.
 */
#ifndef HW_CXL_CORE_PIECE_ORDER_H
#define HW_CXL_CORE_PIECE_ORDER_H

#include "hw/cxl/core/pieces.h"
#include "hw/cxl/core/slice.h"

/* The set that a regular interleaved piece is */
CxlSliceSet cxl_piece_set(const CxlPiece *piece);
/* Is the storage in the order that a map of this regular piece needs? */
bool cxl_piece_ready(const CxlSlices *s, const CxlPiece *piece);
/*
 * Bring about @budget bytes of it into that order; *@moved counts them.  See
 * cxl_slices_adopt().
 */
CxlSliceResult cxl_piece_prepare(CxlSlices *s, const CxlPiece *piece,
                                 uint64_t budget, uint64_t *moved);

#endif /* HW_CXL_CORE_PIECE_ORDER_H */
