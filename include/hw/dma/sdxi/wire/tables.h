/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Structures in guest memory that say what a context is and what it may
 * reach: SDXI 1.0 3.2, Table 3-1 to Table 3-7, and the completion block of
 * Table 6-4.  Fields are named by the quadword they are in: SDXI_L1_Q0 is
 * bits 63:0.  All little-endian.  Walking them is hw/dma/sdxi/core/cxtwalk.c.
 */
#ifndef HW_DMA_SDXI_WIRE_TABLES_H
#define HW_DMA_SDXI_WIRE_TABLES_H

#include "hw/core/registerfields.h"

/* SDXI 1.0 Table 3-1: sizes in bytes */
#define SDXI_L2_ENTRY_BYTES     8
#define SDXI_L2_ENTRIES         512
#define SDXI_L1_ENTRY_BYTES     32
#define SDXI_L1_ENTRIES         128
#define SDXI_CXT_CTL_BYTES      64
#define SDXI_CXT_STS_BYTES      16
#define SDXI_KEY_BYTES          16
#define SDXI_CST_BLK_BYTES      32

/* SDXI 1.0 3.2: where a context number leads */
#define SDXI_L1_INDEX(cxt)      ((cxt) & (SDXI_L1_ENTRIES - 1))
#define SDXI_L2_INDEX(cxt)      ((cxt) / SDXI_L1_ENTRIES)

/* SDXI 1.0 Table 3-2 */
FIELD(SDXI_L2_Q0, VL, 0, 1)
FIELD(SDXI_L2_Q0, RSVD, 1, 11)
FIELD(SDXI_L2_Q0, PTR, 12, 52)

/* SDXI 1.0 Table 3-3 */
FIELD(SDXI_L1_Q0, VL, 0, 1)
FIELD(SDXI_L1_Q0, KA, 1, 1)
FIELD(SDXI_L1_Q0, PV, 2, 1)
FIELD(SDXI_L1_Q0, CTL_PTR, 6, 58)
FIELD(SDXI_L1_Q1, AKEY_SZ, 0, 4)            /* 256 << value entries */
FIELD(SDXI_L1_Q1, AKEY_PTR, 12, 52)
FIELD(SDXI_L1_Q2, PASID, 0, 20)
FIELD(SDXI_L1_Q2, MAX_BUFFER, 20, 4)        /* as in CAP1 */
FIELD(SDXI_L1_Q2, OPB_000, 32, 32)

/* SDXI 1.0 Table 3-4 */
FIELD(SDXI_CTL_Q0, VL, 0, 1)
FIELD(SDXI_CTL_Q0, QOS, 2, 2)
FIELD(SDXI_CTL_Q0, SE, 4, 1)
FIELD(SDXI_CTL_Q0, CSA, 5, 1)
FIELD(SDXI_CTL_Q0, RING_PTR, 6, 58)
FIELD(SDXI_CTL_Q1, RING_SZ, 0, 32)          /* descriptors */
FIELD(SDXI_CTL_Q2, STS_PTR, 4, 60)
FIELD(SDXI_CTL_Q3, WIDX_PTR, 3, 61)

/* SDXI 1.0 Table 3-5; the second quadword is the read index */
FIELD(SDXI_STS_Q0, STATE, 0, 4)
FIELD(SDXI_STS_Q0, RSH, 8, 1)
#define SDXI_STS_READ_INDEX     8

/* SDXI 1.0 Table 3-6 */
typedef enum SdxiCxtState {
    SDXI_CXT_STOP_SW = 0x0,
    SDXI_CXT_RUN = 0x1,
    SDXI_CXT_STOPG_SW = 0x2,
    SDXI_CXT_STOP_FN = 0x4,
    SDXI_CXT_STOPG_FN = 0x6,
    SDXI_CXT_ERR_FN = 0xf,
} SdxiCxtState;

/* SDXI 1.0 Table 3-7; RKey entries have the same fields but two, 3.3 */
FIELD(SDXI_KEY_Q0, VL, 0, 1)
FIELD(SDXI_KEY_Q0, IV, 1, 1)
FIELD(SDXI_KEY_Q0, PV, 2, 1)
FIELD(SDXI_KEY_Q0, STE, 3, 1)
FIELD(SDXI_KEY_Q0, INTR_NUM, 4, 11)
FIELD(SDXI_KEY_Q0, SFUNC, 16, 16)           /* AKey: target, RKey: requester */
FIELD(SDXI_KEY_Q0, PASID, 32, 20)
FIELD(SDXI_KEY_Q0, PH, 62, 2)
FIELD(SDXI_KEY_Q1, STAG, 0, 16)
FIELD(SDXI_KEY_Q1, RKEY, 32, 16)            /* AKey only */

/* SDXI 1.0 Table 6-4 */
#define SDXI_CST_SIGNAL         0
#define SDXI_CST_FLAGS          8           /* dword with er */
FIELD(SDXI_CST_FLAGS, ER, 31, 1)

#endif /* HW_DMA_SDXI_WIRE_TABLES_H */
