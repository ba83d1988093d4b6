/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The most common case of a burst: NOP, and COPY, whose ring, status, keys,
 * completion blocks and data all lie in one span, which nobody watches, and in
 * one address space.  Nothing is looked up per descriptor, and a descriptor
 * for which that is not so ends it, untouched.
 */
#ifndef HW_DMA_SDXI_CORE_NEAR_H
#define HW_DMA_SDXI_CORE_NEAR_H

#include "hw/dma/sdxi/core/ring.h"

/* The dword with group and operation, without the flags that ask nothing. */
#define SDXI_NEAR_WHAT \
    (R_SDXI_DSC_Q0_TYPE_MASK | R_SDXI_DSC_Q0_SUBTYPE_MASK | \
     R_SDXI_DSC_Q0_RSVD_LO_MASK | R_SDXI_DSC_Q0_RSVD_HI_MASK)
#define SDXI_NEAR_OP(subtype) \
    ((uint64_t)SDXI_TYPE_DMAB << R_SDXI_DSC_Q0_TYPE_SHIFT | \
     (subtype) << R_SDXI_DSC_Q0_SUBTYPE_SHIFT)

/* A copy of this many bytes takes as long as fetching the next slot. */
#define SDXI_NEAR_LONG 1024

/* All of it stays as it is, but for what the pointers point to. */
typedef struct SdxiNear {
    const SdxiHost *host;
    const SdxiGeometry *geo;
    const SdxiSpan *span;       /* can be written; has the ring */
    uint64_t max_bytes;         /* of a copy, at least 8 */
    uint64_t own_key;           /* valid, and names this function */
    const uint32_t *active;     /* 0: take no more */
    uint64_t epoch;             /* the span's */
    /* What sdxi_near_init() finds out. */
    uint8_t *bytes;             /* at the start of the span */
    uint64_t *ring;
    uint64_t *read_index;
    const uint8_t *keys;
    uint64_t room;              /* so far into the span @max_bytes have room */
    uint32_t slots;             /* of the ring, less 1: a mask */
    uint32_t num_keys;
} SdxiNear;

/* False: this case is another one. */
bool sdxi_near_init(SdxiNear *n);
/*
 * Up to @limit, to the first one that is not of this kind, or until @allowance
 * is used up; their number.  Adds what they copied to *@bytes.
 */
uint64_t sdxi_near_run(const SdxiNear *n, uint64_t index, uint64_t limit,
                       uint64_t allowance, uint64_t *bytes);

#endif /* HW_DMA_SDXI_CORE_NEAR_H */
