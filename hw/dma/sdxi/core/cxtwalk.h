/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a context number to what a context is: L2 table, L1 table, CXT_CTL,
 * SDXI 1.0 3.2.
 *
 * Each entry is read once and judged here.  Nothing is cached here: the
 * result lives in the context (context.h) for as long as it runs.  CXT_STS
 * is not part of the walk.
 */
#ifndef HW_DMA_SDXI_CORE_CXTWALK_H
#define HW_DMA_SDXI_CORE_CXTWALK_H

#include "hw/common/save.h"
#include "hw/dma/sdxi/core/fault.h"
#include "hw/dma/sdxi/core/host.h"

/* What the tables say.  Addresses are guest addresses. */
typedef struct SdxiGeometry {
    uint64_t ring;          /* in the context's space, as the next two */
    uint64_t sts;
    uint64_t write_index;
    uint64_t akeys;         /* in the function's space */
    uint32_t ring_entries;
    uint32_t akey_entries;
    uint32_t groups;        /* opb_000_enb */
    uint8_t max_buffer;     /* encoded as in CAP1, unlimited by it */
    uint8_t qos;
    SdxiSpace space;        /* the context's */
} SdxiGeometry;

/* Where to start and what to allow. */
typedef struct SdxiWalk {
    SdxiSpace space;        /* the function's */
    uint64_t l2;            /* address of the L2 table */
    uint64_t max_ring;      /* descriptors */
    uint32_t max_akeys;     /* entries */
} SdxiWalk;

/*
 * DONE, WAIT or FAULT.  fault->absent: software says that there is no such
 * context (vl of L2 or L1 entry is 0).
 */
SdxiOutcome sdxi_cxtwalk(const SdxiHost *host, const SdxiWalk *walk,
                         uint16_t number, SdxiGeometry *geo,
                         SdxiFault *fault);

/* Could a walk with these limits have found this, whatever is in memory? */
bool sdxi_geometry_ok(const SdxiGeometry *geo, uint64_t max_ring,
                      uint32_t max_akeys);
void sdxi_geometry_save(const SdxiGeometry *geo, SaveWriter *w);
void sdxi_geometry_load(SdxiGeometry *geo, uint64_t max_ring,
                        uint32_t max_akeys, SaveReader *r);

/* Can the L2 table be read at all?  DONE, WAIT or FAULT. */
SdxiOutcome sdxi_cxtwalk_probe(const SdxiHost *host, const SdxiWalk *walk,
                               SdxiFault *fault);
/*
 * Is there an L1 table for @number?  DONE with *@present, WAIT or FAULT.
 * Lets a range operation skip SDXI_L1_ENTRIES contexts at once.
 */
SdxiOutcome sdxi_cxtwalk_l1_present(const SdxiHost *host,
                                    const SdxiWalk *walk, uint16_t number,
                                    bool *present, SdxiFault *fault);

#endif /* HW_DMA_SDXI_CORE_CXTWALK_H */
