/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The most common case of a burst: NOP, and COPY, by windows.  A window is what
 * is known of the memory that one use was in last, and nobody watches it.
 * Nothing is looked up per descriptor, and one for which a window does not do
 * ends it, untouched.
 */
#ifndef HW_DMA_SDXI_CORE_NEAR_H
#define HW_DMA_SDXI_CORE_NEAR_H

#include "hw/dma/sdxi/core/ring.h"
#include "hw/dma/sdxi/wire/tables.h"

/* The dword with group and operation, without the flags that ask nothing. */
#define SDXI_NEAR_WHAT \
    (R_SDXI_DSC_Q0_TYPE_MASK | R_SDXI_DSC_Q0_SUBTYPE_MASK | \
     R_SDXI_DSC_Q0_RSVD_LO_MASK | R_SDXI_DSC_Q0_RSVD_HI_MASK)
#define SDXI_NEAR_OP(subtype) \
    ((uint64_t)SDXI_TYPE_DMAB << R_SDXI_DSC_Q0_TYPE_SHIFT | \
     (subtype) << R_SDXI_DSC_Q0_SUBTYPE_SHIFT)

/* A copy of this many bytes takes as long as fetching the next slot. */
#define SDXI_NEAR_LONG 1024

/* Of one use of memory */
typedef struct SdxiWindow {
    uint64_t addr;              /* guest address of host[0] */
    uint64_t len;               /* 0: nothing is known */
    uint8_t *host;
    const SdxiSpan *span;       /* where that is from */
} SdxiWindow;

/* Whose memory a key names: its first quadword, and which bits of it say so */
typedef struct SdxiNearKey {
    uint64_t q0, mask;
} SdxiNearKey;

/* All of it stays as it is, but for what the pointers point to. */
typedef struct SdxiNear {
    const SdxiHost *host;
    uint64_t *slot;             /* of the first descriptor; others follow */
    const SdxiSpan *ring_span;  /* has all of them */
    uint64_t *read_index;
    const SdxiSpan *sts_span;   /* has it */
    const uint32_t *active;     /* 0: take no more */
    uint64_t epoch;             /* of all spans */
    uint64_t max_bytes;         /* of a copy */
    const uint8_t *keys;        /* @num_keys of the table, from @first_key on */
    uint32_t first_key, num_keys;
    SdxiNearKey source, target; /* whose memory the first two are in */
    SdxiWindow from, to;
    SdxiWindow block;           /* here as aligned as for the guest */
} SdxiNear;

/* Those that are valid and name the same memory as the one with @q0 would. */
static inline SdxiNearKey sdxi_near_key(uint64_t q0)
{
    uint64_t mask = R_SDXI_KEY_Q0_VL_MASK | R_SDXI_KEY_Q0_PV_MASK |
                    R_SDXI_KEY_Q0_SFUNC_MASK;

    if (q0 & R_SDXI_KEY_Q0_PV_MASK) {
        mask |= R_SDXI_KEY_Q0_PASID_MASK;
    }
    return (SdxiNearKey) {
        .q0 = (q0 & mask) | R_SDXI_KEY_Q0_VL_MASK, .mask = mask,
    };
}

/*
 * At most @count, of which the first is @index, up to the first one that is not
 * of this kind, or until @allowance is used up; their number.  Adds what they
 * copied to *@bytes.
 */
uint64_t sdxi_near_run(const SdxiNear *n, uint64_t index, uint64_t count,
                       uint64_t allowance, uint64_t *bytes);

#endif /* HW_DMA_SDXI_CORE_NEAR_H */
