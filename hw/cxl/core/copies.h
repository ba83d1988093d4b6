/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which memory that traps is worth a copy because it is read often, and which
 * place of a pool each copy has.  The bytes, and how processors read them, are
 * glue (hw/cxl/window/copies.c).
 *
 * A copy is of a chunk of host address space.  Its place stays its own as long
 * as the chunk may be copied, mapped or not: somebody may go on reading what
 * was in it.
 *
 * Invariant (cxl_copies_check): no chunk has two places, and what is mapped
 * may be copied.
 */
#ifndef HW_CXL_CORE_COPIES_H
#define HW_CXL_CORE_COPIES_H

#include "qemu/units.h"

#define CXL_COPY_CHUNK      MiB
/* Chunks with a copy at a time: memory of the host, and sections of QEMU's */
#define CXL_COPIES          256
/* Loads that trap until the chunk gets a copy */
#define CXL_COPY_OFTEN      200

typedef struct CxlCopy {
    uint64_t hpa;           /* UINT64_MAX: never used */
    bool mapped;
} CxlCopy;

typedef struct CxlCopies {
    CxlCopy copy[CXL_COPIES];
    unsigned used;          /* places that ever were */
    GArray *areas;          /* that may be copied */
} CxlCopies;

void cxl_copies_init(CxlCopies *c);
void cxl_copies_destroy(CxlCopies *c);

/* Nothing is mapped, and nothing may be copied. */
void cxl_copies_forget(CxlCopies *c);
/* So may that, in whole chunks from @hpa on. */
void cxl_copies_allow(CxlCopies *c, uint64_t hpa, uint64_t size);

/*
 * A load trapped.  The place that the chunk around it should get, and *@chunk
 * its address; -1: none.  A chunk is asked for once, or, if it cannot be copied
 * at this time (@now), again at the next load.
 */
int cxl_copies_read(CxlCopies *c, uint64_t hpa, bool now, uint64_t *chunk);
/* A copy is mapped there. */
void cxl_copies_map(CxlCopies *c, unsigned place, uint64_t chunk);
/* The place whose copy is mapped over @hpa, or -1. */
int cxl_copies_find(const CxlCopies *c, uint64_t hpa);

/* What is at an offset in the pool, in order of places. */
static inline uint64_t cxl_copies_hpa(const CxlCopies *c, uint64_t offset)
{
    return c->copy[offset / CXL_COPY_CHUNK].hpa + offset % CXL_COPY_CHUNK;
}

const char *cxl_copies_check(const CxlCopies *c);

#endif /* HW_CXL_CORE_COPIES_H */
