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
 * Storage addresses are device addresses of the member that lends the
 * storage.  Storage that belongs to no set is in device order.
 *
 * Invariant (cxl_slices_check): sets have valid codes, a length that is a
 * multiple of the granularity, distinct members, and storage that no other
 * set uses.
 */
#ifndef HW_CXL_CORE_SLICE_H
#define HW_CXL_CORE_SLICE_H

#include "hw/cxl/core/interleave.h"

typedef struct CxlSliceMember {
    void *device;
    uint64_t dpa;       /* first byte that it lends */
} CxlSliceMember;

typedef struct CxlSliceSet {
    uint64_t len;       /* bytes each member lends */
    uint8_t ig, iw;     /* codes, see interleave.h; not one way */
    CxlSliceMember member[CXL_INTERLEAVE_WAYS_MAX]; /* by position */
} CxlSliceSet;

/* Bytes saved from one place of storage while a set changes its order */
typedef struct CxlSliceSaved {
    unsigned position;  /* of the member that lends the place */
    uint64_t off;       /* in what it lends */
    uint64_t len;
    uint8_t *bytes;
} CxlSliceSaved;

typedef struct CxlSliceOps {
    /* Copy to or from storage; false if it is not there. */
    bool (*rw)(void *opaque, void *device, uint64_t dpa, void *buf,
               uint64_t len, bool is_write);
    /*
     * The first range in @dpa..@dpa+@len that may hold anything but zeroes;
     * false if there is none.
     */
    bool (*touched)(void *opaque, void *device, uint64_t dpa, uint64_t len,
                    uint64_t *start, uint64_t *run);
    /* The range reads zero from now on; give it back to the host. */
    void (*discard)(void *opaque, void *device, uint64_t dpa, uint64_t len);
    /*
     * Both or none.  @saved (CxlSliceSaved) is all that @set holds and is about
     * to be moved, to host order (@adopt) or back; false forbids it.  Then,
     * when the move is complete, @moved.
     */
    bool (*moving)(void *opaque, const CxlSliceSet *set, bool adopt,
                   const GArray *saved);
    void (*moved)(void *opaque, const CxlSliceSet *set, bool adopt);
} CxlSliceOps;

typedef struct CxlSlices {
    const CxlSliceOps *ops;
    void *opaque;
    GArray *sets;       /* CxlSliceSet */
} CxlSlices;

void cxl_slices_init(CxlSlices *s, const CxlSliceOps *ops, void *opaque);
void cxl_slices_destroy(CxlSlices *s);

/* The set that uses storage of @device at @dpa, or NULL. */
const CxlSliceSet *cxl_slices_at(const CxlSlices *s, const void *device,
                                 uint64_t dpa);
/* Does any set use any of @len bytes at @dpa of @device? */
bool cxl_slices_uses(const CxlSlices *s, const void *device, uint64_t dpa,
                     uint64_t len);
/* Is exactly this set adopted? */
bool cxl_slices_has(const CxlSlices *s, const CxlSliceSet *set);

/*
 * Move touched bytes of the members from device order to host order.  The
 * storage must be free: cxl_slices_make_room().  *@moved counts bytes.  False,
 * and nothing changed, if there is no memory for the move.
 * Nobody else may look at the storage meanwhile.
 */
bool cxl_slices_adopt(CxlSlices *s, const CxlSliceSet *set, uint64_t *moved);
/*
 * Take over a set whose storage is in host order already.  False, and nothing
 * changed, if it breaks the invariant.
 */
bool cxl_slices_restore(CxlSlices *s, const CxlSliceSet *set);
/* Forget all sets without moving a byte. */
void cxl_slices_clear(CxlSlices *s);
/* Move back the sets that use any of @len bytes at @dpa of @device. */
bool cxl_slices_release(CxlSlices *s, const void *device, uint64_t dpa,
                        uint64_t len, uint64_t *moved);
/*
 * Forget the sets that @device is in, moving nothing: the last resort for one
 * that has to go.  The bytes of all their members are garbage then.
 */
void cxl_slices_abandon(CxlSlices *s, const void *device);
/* Move back whatever is in the way of @set. */
bool cxl_slices_make_room(CxlSlices *s, const CxlSliceSet *set,
                          uint64_t *moved);

/*
 * Repair after a move that was interrupted, from what it had saved: first
 * empty all storage of @set, then put each saved range where device order has
 * it; it was saved in @host_order or in device order.
 */
void cxl_slices_wipe(CxlSlices *s, const CxlSliceSet *set);
bool cxl_slices_put(CxlSlices *s, const CxlSliceSet *set, bool host_order,
                    const CxlSliceSaved *one);

/* The bytes of @device at @dpa, in device order, wherever they are kept. */
bool cxl_slices_rw(CxlSlices *s, void *device, uint64_t dpa, void *buf,
                   uint64_t len, bool is_write);

/* NULL if the invariant holds, else what is wrong. */
const char *cxl_slices_check(const CxlSlices *s);

#endif /* HW_CXL_CORE_SLICE_H */
