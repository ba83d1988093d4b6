/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slice storage: where the bytes of interleaved members are kept.
 *
 * A region of N members that is mapped in one go keeps its bytes in host
 * order: the first N-th of it in the storage of the member at position 0, the
 * next in that of position 1, and so on.  What a member calls its own bytes
 * then lies scattered over the storage of all; this room computes the view
 * and moves touched bytes when a set is adopted or released.
 *
 * Moving goes in steps with a bounded buffer, see slice-set.h.
 *
 * Storage addresses are device addresses of the member that lends the
 * storage.  Storage that belongs to no set is in device order.
 *
 * Invariant (cxl_slices_check): sets are valid (cxl_slice_set_problem), and
 * no storage is used by two of them.
 */
#ifndef HW_CXL_CORE_SLICE_H
#define HW_CXL_CORE_SLICE_H

#include "hw/cxl/core/slice-set.h"

typedef struct CxlSlices {
    CxlSliceHost host;
    GArray *sets;       /* CxlSliceSet */
} CxlSlices;

/* How far did it get within its budget? */
typedef enum CxlSliceResult {
    CXL_SLICE_DONE,
    CXL_SLICE_MORE,     /* call it again */
    CXL_SLICE_FAILED,   /* no memory, storage or record; no byte was lost */
} CxlSliceResult;

#define CXL_SLICE_ALL UINT64_MAX    /* a budget without end */

void cxl_slices_init(CxlSlices *s, const CxlSliceOps *ops, void *opaque);
void cxl_slices_destroy(CxlSlices *s);

/* The set that uses storage of @device at @dpa, or NULL. */
const CxlSliceSet *cxl_slices_at(const CxlSlices *s, const void *device,
                                 uint64_t dpa);
/* Does any set use any of @len bytes at @dpa of @device? */
bool cxl_slices_uses(const CxlSlices *s, const void *device, uint64_t dpa,
                     uint64_t len);
/* Is exactly this set in host order, in all its bytes? */
bool cxl_slices_has(const CxlSlices *s, const CxlSliceSet *set);

/*
 * Move touched bytes of the members from device order to host order, about
 * @budget bytes of them; *@moved counts bytes.  The storage must be free but
 * for @set itself: cxl_slices_make_room().  @set must be valid; its @left is
 * not looked at.  Nobody else may look at the storage meanwhile.
 */
CxlSliceResult cxl_slices_adopt(CxlSlices *s, const CxlSliceSet *set,
                                uint64_t budget, uint64_t *moved);
/*
 * Take over a set whose storage is in the order that it tells already.  False,
 * and nothing changed, if it breaks the invariant or there is no memory.
 */
bool cxl_slices_restore(CxlSlices *s, const CxlSliceSet *set);
/* The same for a caller who knows that no other set uses the storage. */
bool cxl_slices_append(CxlSlices *s, const CxlSliceSet *set);
/* Forget all sets without moving a byte. */
void cxl_slices_clear(CxlSlices *s);
/* Move back the sets that use any of @len bytes at @dpa of @device. */
CxlSliceResult cxl_slices_release(CxlSlices *s, const void *device,
                                  uint64_t dpa, uint64_t len, uint64_t budget,
                                  uint64_t *moved);
/* @by lends from now on what @device lent, at the same addresses. */
void cxl_slices_replace(CxlSlices *s, const void *device, void *by);
/*
 * Forget the sets that @device is in, moving nothing: the last resort for one
 * that has to go.  The bytes of all their members are garbage then.
 */
void cxl_slices_abandon(CxlSlices *s, const void *device);
/* Move back whatever is in the way of @set. */
CxlSliceResult cxl_slices_make_room(CxlSlices *s, const CxlSliceSet *set,
                                    uint64_t budget, uint64_t *moved);

/* The bytes of @device at @dpa, in device order, wherever they are kept. */
bool cxl_slices_rw(CxlSlices *s, void *device, uint64_t dpa, void *buf,
                   uint64_t len, bool is_write);
/*
 * The other way round: whose bytes are kept in @len bytes of storage of
 * @device at @dpa; see cxl_slice_set_kept().
 */
void cxl_slices_kept(const CxlSlices *s, void *device, uint64_t dpa,
                     uint64_t len, CxlSliceKeptFn *fn, void *opaque);
/*
 * Make all that @device lends to a set zero, without writing, wherever the
 * set is on its way: once all members did that, their storage is given back.
 * False, and nothing was done, if the @len bytes at @dpa are not that.  Until
 * it is given back cxl_slices_has() says no.
 */
bool cxl_slices_zero(CxlSlices *s, const void *device, uint64_t dpa,
                     uint64_t len);
/* Write the zeroes of members whose set was not made zero as a whole. */
bool cxl_slices_settle(CxlSlices *s);

/* NULL if the invariant holds, else what is wrong. */
const char *cxl_slices_check(const CxlSlices *s);

#endif /* HW_CXL_CORE_SLICE_H */
