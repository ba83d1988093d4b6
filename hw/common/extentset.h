/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets of disjoint intervals of 64-bit numbers, each with a value.
 *
 * Poisoned lines, dynamic capacity extents, sanitised ranges: whoever needs
 * "which pieces of this address space carry what" keeps one of these.  What
 * the value means is the owner's business.
 *
 * Built as a sorted array of sorted chunks, so that a search is two binary
 * searches and a change moves a few KiB at most: 100,000 scattered
 * pieces can be added, walked and removed in any order in well under a second.
 * An empty set owns no memory.
 *
 * Invariant (extentset_check): pieces are sorted, not empty, do not overlap,
 * do not wrap; no chunk is empty or overfull; count and total are right;
 * a merging set has no two touching pieces of equal value.
 */
#ifndef HW_COMMON_EXTENTSET_H
#define HW_COMMON_EXTENTSET_H

#include "hw/common/save.h"

typedef struct Extent {
    uint64_t start;
    uint64_t len;
    uint64_t value;
} Extent;

typedef struct ExtentChunk ExtentChunk;

typedef struct ExtentSet {
    ExtentChunk *chunks;
    uint32_t num_chunks;
    uint32_t room;      /* elements allocated in @chunks */
    uint64_t count;     /* pieces */
    uint64_t total;     /* sum of their lengths */
    bool merge;         /* touching pieces of equal value become one */
} ExtentSet;

void extentset_init(ExtentSet *set, bool merge);
/* Empty again; also frees all memory, so it serves as destructor. */
void extentset_clear(ExtentSet *set);

/*
 * Adds a piece.  False, and nothing changes, if @len is zero, the range
 * wraps, or any part of it is in the set.
 */
bool extentset_insert(ExtentSet *set, uint64_t start, uint64_t len,
                      uint64_t value);
/* Removes whatever is in the range; pieces that stick out are cut. */
void extentset_erase(ExtentSet *set, uint64_t start, uint64_t len);
/* Erase, then insert. */
void extentset_assign(ExtentSet *set, uint64_t start, uint64_t len,
                      uint64_t value);

/*
 * The first piece that ends beyond @pos (it may contain @pos); false if none.
 * For a walk: for (pos = 0; extentset_next(s, pos, &e); pos = e.start + e.len)
 */
bool extentset_next(const ExtentSet *set, uint64_t pos, Extent *out);
/* The piece that contains @pos; false if none. */
bool extentset_find(const ExtentSet *set, uint64_t pos, Extent *out);
/* The piece number @index in ascending order, from 0; false if none. */
bool extentset_at(const ExtentSet *set, uint64_t index, Extent *out);
/*
 * A longer walk in ascending order, from piece number @index on, of a set that
 * does not change meanwhile.  False: there is no more.
 */
typedef struct ExtentCursor {
    uint32_t chunk, at;
} ExtentCursor;
ExtentCursor extentset_from(const ExtentSet *set, uint64_t index);
bool extentset_walk(const ExtentSet *set, ExtentCursor *c, Extent *out);
/* Any part of the range is in the set. */
bool extentset_overlaps(const ExtentSet *set, uint64_t start, uint64_t len);
/* Every part of the range is in the set; true for an empty range. */
bool extentset_covers(const ExtentSet *set, uint64_t start, uint64_t len);
/* The first piece at or beyond @pos that is at least @min_len long. */
bool extentset_first_fit(const ExtentSet *set, uint64_t pos, uint64_t min_len,
                         Extent *out);

/*
 * Saved state.  Loading replaces what is there; more than @max pieces, empty
 * ones or overlapping ones are refused as @what.
 */
void extentset_save(const ExtentSet *set, SaveWriter *w);
void extentset_load(ExtentSet *set, SaveReader *r, const char *what,
                    uint64_t max);
/* NULL, or the name of the broken rule. */
const char *extentset_check(const ExtentSet *set);

#endif /* HW_COMMON_EXTENTSET_H */
