/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 64 bytes to a typed operation, or a refusal with a name.
 *
 * Everything that can be judged without looking at memory is judged here:
 * reserved bits, group and operation, permission, sizes, ranges.  Pure.
 * Executing is in hw/dma/sdxi/ops/.
 */
#ifndef HW_DMA_SDXI_CORE_DESCRIPTOR_H
#define HW_DMA_SDXI_CORE_DESCRIPTOR_H

#include "hw/dma/sdxi/core/op.h"

typedef enum SdxiRefusal {
    SDXI_ACCEPTED,
    SDXI_REFUSE_RESERVED,       /* a reserved bit of the header is set */
    SDXI_REFUSE_READ_BARRIER,   /* one that means something from 1.1 on */
    SDXI_REFUSE_GROUP,          /* no such group here */
    SDXI_REFUSE_OPERATION,      /* no such operation in the group */
    SDXI_REFUSE_DISABLED,       /* group not enabled for this context */
    SDXI_REFUSE_ADMIN,          /* only context 0 may */
    SDXI_REFUSE_SIZE,           /* longer than the context may */
    SDXI_REFUSE_GRANULE,        /* not a multiple of the block */
    SDXI_REFUSE_IMMEDIATE,      /* more data than the descriptor holds */
    SDXI_REFUSE_ALIGNMENT,      /* atomic on an odd address */
    SDXI_REFUSE_RANGE,          /* first after last */
    SDXI_REFUSALS
} SdxiRefusal;

/* What this context may do. */
typedef struct SdxiGates {
    uint32_t groups;            /* bit n: optional group n is enabled */
    uint8_t max_buffer;         /* effective limit, encoded as in CAP1 */
    bool admin;                 /* this is context 0 */
} SdxiGates;

SdxiRefusal sdxi_descriptor_parse(const SdxiProfile *profile,
                                  const SdxiGates *gates, const SdxiDsc *dsc,
                                  SdxiOp *op);
const char *sdxi_descriptor_refusal_name(SdxiRefusal refusal);

/* The row of any descriptor, permitted or not; NULL: it has none. */
const SdxiOpRow *sdxi_descriptor_row(const SdxiProfile *profile,
                                     const SdxiDsc *dsc);

/*
 * The completion block of any descriptor, understood or not.  False: it has
 * none.
 */
bool sdxi_descriptor_csb(const SdxiDsc *dsc, uint64_t *csb);

#endif /* HW_DMA_SDXI_CORE_DESCRIPTOR_H */
