/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the bytes of logical devices are in the memory that an MLD divides
 * among them, and which places their manager's Set LD Allocations gives them.
 * CXL r3.1 7.6.7.4.3.  The command: cci/mld.c; who may not be moved now:
 * core/fabric-switch.c.
 *
 * A logical device is in one piece.  One that gets another size is empty then,
 * whatever was in its old place and in its new one; the others keep place and
 * bytes.
 *
 * Invariant (cxl_ld_places_check): places are multiples of CXL_MLD_UNIT long,
 * within the memory, and do not overlap.
 */
#ifndef HW_CXL_CORE_LD_PLACES_H
#define HW_CXL_CORE_LD_PLACES_H

#include "hw/common/save.h"
#include "hw/cxl/core/mld.h"

typedef struct CxlLdPlace {
    uint64_t offset, len;   /* bytes; no length: nowhere */
    bool stale;             /* somebody's bytes are there still */
} CxlLdPlace;

typedef struct CxlLdPlaces {
    uint64_t base, size;    /* of the memory that is divided, bytes */
    unsigned count;         /* 1..CXL_MLD_LDS */
    CxlLdPlace ld[CXL_MLD_LDS];
} CxlLdPlaces;

/* One behind the other; @len of each fits, or it is our defect. */
void cxl_ld_places_init(CxlLdPlaces *p, uint64_t base, uint64_t size,
                        unsigned count, const uint64_t *len);

/*
 * Logical devices @start to @start + @count - 1, which exist, get these
 * lengths, multiples of CXL_MLD_UNIT.  False: there is no room for one in one
 * piece, and nothing has changed.
 */
bool cxl_ld_places_change(CxlLdPlaces *p, unsigned start, unsigned count,
                          const uint64_t *len);

/* Saved state, see hw/common/save.h; the memory is the owner's to compare. */
void cxl_ld_places_save(const CxlLdPlaces *p, SaveWriter *w);
void cxl_ld_places_load(CxlLdPlaces *p, SaveReader *r);
const char *cxl_ld_places_check(const CxlLdPlaces *p);

#endif /* HW_CXL_CORE_LD_PLACES_H */
