/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AKeys, SDXI 1.0 Table 3-7: from a key in a descriptor to an address space
 * or an interrupt.  Entries are read for each use and never cached.  Keys that
 * name another function go on to rkey.c.
 */
#ifndef HW_DMA_SDXI_CORE_AKEY_H
#define HW_DMA_SDXI_CORE_AKEY_H

#include "hw/dma/sdxi/core/cxtwalk.h"

/* Who asks: the function, and the context whose keys they are. */
typedef struct SdxiRequester {
    const SdxiHost *host;
    const SdxiFace *face;       /* of this function */
    const SdxiSpace *tables;    /* where AKey tables lie */
    const SdxiGeometry *geo;
} SdxiRequester;

typedef struct SdxiKey {
    bool iv;
    bool pv;
    uint16_t vector;
    uint16_t sfunc;
    uint16_t rkey;
    uint32_t pasid;
} SdxiKey;

/* Where an interrupt goes.  @target NULL: to this function's own vectors. */
typedef struct SdxiVector {
    const SdxiFace *target;
    uint16_t number;
} SdxiVector;

/* Splits an entry; also used for RKeys.  False: vl is 0. */
bool sdxi_akey_split(const uint64_t q[2], SdxiKey *key);

/*
 * The space of operand @operand.  DONE, WAIT or FAULT.
 */
SdxiOutcome sdxi_akey_space(const SdxiRequester *who, uint16_t index,
                            unsigned operand, SdxiSpace *space,
                            SdxiFault *fault);
SdxiOutcome sdxi_akey_vector(const SdxiRequester *who, uint16_t index,
                             SdxiVector *vector, SdxiFault *fault);

#endif /* HW_DMA_SDXI_CORE_AKEY_H */
