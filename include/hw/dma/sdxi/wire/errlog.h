/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entries of the error log: SDXI 1.0 3.4.  64 bytes, little-endian; fields
 * are named by the quadword they are in.  The ring they go to is
 * hw/dma/sdxi/core/errlog.c.
 */
#ifndef HW_DMA_SDXI_WIRE_ERRLOG_H
#define HW_DMA_SDXI_WIRE_ERRLOG_H

#include "hw/core/registerfields.h"

#define SDXI_ERRLOG_BYTES       64
#define SDXI_ERRLOG_TYPE        0x7f7

/* SDXI 1.0 3.4, header entry */
FIELD(SDXI_ERR_Q0, VL, 0, 1)
FIELD(SDXI_ERR_Q0, STEP, 8, 6)
FIELD(SDXI_ERR_Q0, TYPE, 16, 11)
FIELD(SDXI_ERR_Q0, CV, 32, 1)               /* CXT_NUM valid */
FIELD(SDXI_ERR_Q0, DIV, 33, 1)              /* descriptor index valid */
FIELD(SDXI_ERR_Q0, BV, 34, 1)               /* BUF valid */
FIELD(SDXI_ERR_Q0, BUF, 36, 3)
FIELD(SDXI_ERR_Q0, SUB_STEP, 40, 4)
FIELD(SDXI_ERR_Q0, RE, 44, 3)
FIELD(SDXI_ERR_Q0, CXT_NUM, 48, 16)
#define SDXI_ERR_DSC_INDEX      1           /* quadword number */
FIELD(SDXI_ERR_Q5, ERR_CLASS, 32, 16)

/* SDXI 1.0 3.4: what the function was doing */
typedef enum SdxiErrStep {
    SDXI_STEP_NONE,
    SDXI_STEP_INTERNAL,
    SDXI_STEP_CXT_L2,
    SDXI_STEP_CXT_L1,
    SDXI_STEP_CXT_CTL,
    SDXI_STEP_CXT_STS,
    SDXI_STEP_WRITE_INDEX,
    SDXI_STEP_DSC_GEN,
    SDXI_STEP_DSC_CSB,
    SDXI_STEP_ATOMIC_RETURN,
    SDXI_STEP_DATA_BUF,
    SDXI_STEP_DSC_AKEY,
    SDXI_STEP_FN_RKEY,
} SdxiErrStep;

/* SDXI 1.0 3.4: how that went wrong */
typedef enum SdxiErrSub {
    SDXI_SUB_OTHER,
    SDXI_SUB_TRANSLATION,
    SDXI_SUB_ACCESS,
    SDXI_SUB_VALIDATION,
} SdxiErrSub;

/* SDXI 1.0 3.4: what stopped */
typedef enum SdxiErrReaction {
    SDXI_RE_INFORMATIVE,
    SDXI_RE_CONTEXT,
    SDXI_RE_FUNCTION,
} SdxiErrReaction;

#endif /* HW_DMA_SDXI_WIRE_ERRLOG_H */
