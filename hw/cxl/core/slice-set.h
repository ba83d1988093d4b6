/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One set of slice storage: where each byte of its members is kept, and the
 * steps that move them between device order and host order.  Which sets there
 * are is slice.h, which also says what the two orders are.
 *
 * A step needs a buffer of one unit for each way, and a set may stay between
 * two steps for as long as it likes: the view is right after each.  First the
 * units of all members are put in host order one by one (K steps for K units
 * of a member), then whole units change places until each is where it belongs
 * (K steps for each way); and back in the opposite order.  So one number
 * tells what is where: CxlSliceSet.left.
 *
 * A region unit is a unit of the region in host order; a slot is a unit of
 * storage, counted through all members by position.  Region unit g belongs in
 * slot g.  After the first K steps it is in slot g % ways * K + g / ways; the
 * steps after that swap what is in slot 0, 1, ... with what belongs there.
 */
#ifndef HW_CXL_CORE_SLICE_SET_H
#define HW_CXL_CORE_SLICE_SET_H

#include "hw/cxl/core/interleave.h"

typedef struct CxlSliceMember {
    void *device;
    uint64_t dpa;       /* first byte that it lends */
} CxlSliceMember;

typedef struct CxlSliceMove CxlSliceMove;

typedef struct CxlSliceSet {
    uint64_t len;       /* bytes each member lends */
    uint8_t ig, iw;     /* codes, see interleave.h; not one way */
    /* Members, by position, that read zero whatever is in the storage */
    uint16_t zero;
    uint64_t left;      /* steps to go until all is in host order */
    CxlSliceMember member[CXL_INTERLEAVE_WAYS_MAX]; /* by position */
    CxlSliceMove *move; /* of this room, while steps are left */
} CxlSliceSet;

/* Bytes saved from one place of storage while a step moves them */
typedef struct CxlSliceSaved {
    unsigned position;  /* of the member that lends the place */
    uint64_t off;       /* in what it lends */
    uint64_t len;
    uint8_t *bytes;
} CxlSliceSaved;

typedef struct CxlSliceOps {
    /*
     * What a member lends is whole units, and begins at one: a power of two
     * of bytes, whole pages, and no less than the coarsest granularity used.
     */
    uint64_t unit;
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
    /* These bytes could neither be moved nor put back.  May be NULL. */
    void (*lost)(void *opaque, const CxlSliceSet *set, unsigned position,
                 uint64_t off, uint64_t len);
    /*
     * For a record; both or none.  @saved (CxlSliceSaved) is what the next
     * step of @set changes, towards host order (@adopt) or back; false
     * forbids it.
     */
    bool (*moving)(void *opaque, const CxlSliceSet *set, bool adopt,
                   const GArray *saved);
    /*
     * @set is as it says now, after a step that was announced, or after some
     * that changed no byte; false of the latter takes them back.
     */
    bool (*moved)(void *opaque, const CxlSliceSet *set);
} CxlSliceOps;

typedef struct CxlSliceHost {
    const CxlSliceOps *ops;
    void *opaque;
} CxlSliceHost;

/*
 * NULL if a set may look like that, else what is wrong with it.  Commands, the
 * layout file and saved state are all judged by this; devices are only
 * compared.
 */
const char *cxl_slice_set_problem(const CxlSliceSet *set, uint64_t unit);
/* Are they the same, but for how far they are? */
bool cxl_slice_set_same(const CxlSliceSet *a, const CxlSliceSet *b);
/* What is left of a set that is all in device order */
uint64_t cxl_slice_set_steps(const CxlSliceSet *set, uint64_t unit);
/* Position of the member that lends storage overlapping the range, or -1. */
int cxl_slice_set_lender(const CxlSliceSet *set, const void *device,
                         uint64_t dpa, uint64_t len);

/*
 * Compute what a set that is between the two orders needs to know; false if
 * there is no memory for it: 12 bytes for each unit of the region.
 */
bool cxl_slice_set_begin(CxlSliceSet *set, uint64_t unit);
/* Forget that. */
void cxl_slice_set_end(CxlSliceSet *set);

/* Copy at offset @off of the device order of position @p. */
bool cxl_slice_set_rw(const CxlSliceHost *h, CxlSliceSet *set, unsigned p,
                      uint64_t off, void *buf, uint64_t len, bool is_write);
/*
 * Whose bytes are kept in @len bytes at @off of what position @p lends: calls
 * @fn for ranges of members' own addresses, a few for each position.  What
 * reads zero whatever is in the storage is kept nowhere.
 */
typedef void CxlSliceKeptFn(void *opaque, void *device, uint64_t dpa,
                            uint64_t len);
void cxl_slice_set_kept(const CxlSliceSet *set, uint64_t unit, unsigned p,
                        uint64_t off, uint64_t len, CxlSliceKeptFn *fn,
                        void *opaque);
/* Is nothing touched in all its storage? */
bool cxl_slice_set_untouched(const CxlSliceHost *h, const CxlSliceSet *set);
/* Give back all that is touched. */
void cxl_slice_set_wipe(const CxlSliceHost *h, const CxlSliceSet *set);
/* Write the zeroes of members that only read as zero. */
bool cxl_slice_set_settle(const CxlSliceHost *h, CxlSliceSet *set);

/*
 * The next step to host order (@adopt) or back, which there must be; *@bytes
 * is how many it moved.  False, and nothing changed, on failure.
 */
bool cxl_slice_set_step(const CxlSliceHost *h, CxlSliceSet *set, bool adopt,
                        uint64_t *bytes);
/*
 * Repair after a step that was interrupted, from what it had saved: empty the
 * storage that it changes, then put the bytes back.  False, and nothing was
 * done, if that saved anything from elsewhere; false as well if bytes are
 * lost.
 */
bool cxl_slice_set_undo(const CxlSliceHost *h, CxlSliceSet *set, bool adopt,
                        const GArray *saved);
/*
 * For records of before there were steps, of a move of all bytes at once: put
 * a saved range where device order has it; it was saved in @host_order or in
 * device order.
 */
bool cxl_slice_set_put(const CxlSliceHost *h, const CxlSliceSet *set,
                       bool host_order, const CxlSliceSaved *one);

#endif /* HW_CXL_CORE_SLICE_SET_H */
