/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What AKeys and RKeys have in common: an entry taken apart, who asks, and
 * what the answer looks like.  The rules are in akey.c and rkey.c.
 */
#ifndef HW_DMA_SDXI_CORE_KEY_H
#define HW_DMA_SDXI_CORE_KEY_H

#include "hw/dma/sdxi/core/cxtwalk.h"
#include "hw/dma/sdxi/wire/tables.h"

/* Who asks: the function, and the context whose keys they are. */
typedef struct SdxiRequester {
    const SdxiHost *host;
    const SdxiPeer *peer;       /* of this function */
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
    const SdxiPeer *target;
    uint16_t number;
} SdxiVector;

/* False: vl is 0. */
static inline bool sdxi_key_split(const uint64_t q[2], SdxiKey *key)
{
    key->iv = FIELD_EX64(q[0], SDXI_KEY_Q0, IV);
    key->pv = FIELD_EX64(q[0], SDXI_KEY_Q0, PV);
    key->vector = FIELD_EX64(q[0], SDXI_KEY_Q0, INTR_NUM);
    key->sfunc = FIELD_EX64(q[0], SDXI_KEY_Q0, SFUNC);
    key->pasid = FIELD_EX64(q[0], SDXI_KEY_Q0, PASID);
    key->rkey = FIELD_EX64(q[1], SDXI_KEY_Q1, RKEY);
    return FIELD_EX64(q[0], SDXI_KEY_Q0, VL);
}

#endif /* HW_DMA_SDXI_CORE_KEY_H */
