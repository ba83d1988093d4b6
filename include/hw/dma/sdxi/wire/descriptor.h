/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors: SDXI 1.0 6.1 and 6.2, Table 6-1 to Table 6-22.  64 bytes,
 * little-endian; fields are named by the quadword they are in.  Layouts that
 * are provisional (atomics) are marked so.  Parsing and refusing is in
 * hw/dma/sdxi/core/descriptor.c.
 */
#ifndef HW_DMA_SDXI_WIRE_DESCRIPTOR_H
#define HW_DMA_SDXI_WIRE_DESCRIPTOR_H

#include "hw/core/registerfields.h"

#define SDXI_DSC_BYTES          64

typedef struct SdxiDsc {
    uint64_t q[8];              /* host order once loaded */
} SdxiDsc;
QEMU_BUILD_BUG_ON(sizeof(SdxiDsc) != SDXI_DSC_BYTES);

/* SDXI 1.0 Table 6-3: first dword and last quadword of every descriptor */
FIELD(SDXI_DSC_Q0, VL, 0, 1)
FIELD(SDXI_DSC_Q0, SE, 1, 1)
FIELD(SDXI_DSC_Q0, FE, 2, 1)
FIELD(SDXI_DSC_Q0, CH, 3, 1)
FIELD(SDXI_DSC_Q0, CSR, 4, 1)
FIELD(SDXI_DSC_Q0, RSVD_LO, 5, 3)
FIELD(SDXI_DSC_Q0, READ_BARRIER, 5, 1)      /* from 1.1 on */
FIELD(SDXI_DSC_Q0, SUBTYPE, 8, 8)
FIELD(SDXI_DSC_Q0, TYPE, 16, 11)
FIELD(SDXI_DSC_Q0, RSVD_HI, 27, 5)
FIELD(SDXI_DSC_Q7, NP, 0, 1)
FIELD(SDXI_DSC_Q7, CSB_PTR, 5, 59)

/* SDXI 1.0 Table 6-1 */
enum {
    SDXI_TYPE_DMAB = 0x001,
    SDXI_TYPE_ADMIN = 0x002,
    SDXI_TYPE_ATOMIC = 0x003,
    SDXI_TYPE_INTR = 0x004,
    SDXI_TYPE_ATOMIC_MINIMAL = 0x005,   /* provisional */
};

/* SDXI 1.0 Table 6-2 */
enum {
    SDXI_DMAB_NOP = 0x01,
    SDXI_DMAB_WRT_IMM = 0x02,
    SDXI_DMAB_COPY = 0x03,
    SDXI_DMAB_REPCOPY = 0x04,
};

enum {
    SDXI_ADMIN_FN_UPD = 0x00,
    SDXI_ADMIN_CXT_UPD = 0x01,
    SDXI_ADMIN_AKEY_UPD = 0x02,
    SDXI_ADMIN_CXT_START_NM = 0x03,
    SDXI_ADMIN_CXT_STOP = 0x04,
    SDXI_ADMIN_ADM_INTR = 0x05,
    SDXI_ADMIN_SYNC = 0x06,
    SDXI_ADMIN_RKEY_UPD = 0x07,     /* provisional */
    SDXI_ADMIN_CXT_START_RS = 0x08,
};

enum {
    SDXI_ATOMIC_SWAP = 0x01,
    SDXI_ATOMIC_UADD = 0x02,
    SDXI_ATOMIC_USUB = 0x03,
    SDXI_ATOMIC_AND = 0x05,
    SDXI_ATOMIC_OR = 0x06,
    SDXI_ATOMIC_XOR = 0x07,
    SDXI_ATOMIC_SMIN = 0x08,
    SDXI_ATOMIC_SMAX = 0x09,
    SDXI_ATOMIC_UMIN = 0x0a,
    SDXI_ATOMIC_UMAX = 0x0b,
    SDXI_ATOMIC_UCLAMPI = 0x0c,
    SDXI_ATOMIC_UCLAMPD = 0x0d,
    SDXI_ATOMIC_CMPSWAP = 0x0e,
};

enum {
    SDXI_INTR_INTR = 0x00,
};

/* SDXI 1.0 Table 6-8, COPY; the others share the fields they have */
FIELD(SDXI_COPY_Q0, SIZE, 32, 32)           /* bytes - 1 */
FIELD(SDXI_COPY_Q1, ATTR_SRC, 0, 4)
FIELD(SDXI_COPY_Q1, ATTR_DST, 4, 4)
FIELD(SDXI_COPY_Q1, AKEY0, 32, 16)          /* source */
FIELD(SDXI_COPY_Q1, AKEY1, 48, 16)          /* destination */
#define SDXI_COPY_ADDR0         2           /* quadword numbers */
#define SDXI_COPY_ADDR1         3

/* SDXI 1.0 Table 6-7, WRT_IMM: AKEY0 and ADDR0 are the destination */
#define SDXI_IMM_DATA           24          /* byte offset */
#define SDXI_IMM_BYTES          32

/* SDXI 1.0 Table 6-9, REPCOPY: the source is one block of this size */
#define SDXI_REP_BLOCK          4096

/* SDXI 1.0 Table 6-12, INTR and ADM_INTR */
FIELD(SDXI_INTR_Q1, AKEY, 32, 16)

/*
 * SDXI 1.0 Table 6-13 to Table 6-22, administrative operations: which
 * contexts, and which keys where there are keys.  Ends are inclusive.
 */
FIELD(SDXI_ADMIN_Q0, VF, 47, 1)
FIELD(SDXI_ADMIN_Q0, VF_NUM, 48, 16)
FIELD(SDXI_ADMIN_Q1, CXT_START, 0, 16)
FIELD(SDXI_ADMIN_Q1, CXT_END, 16, 16)
FIELD(SDXI_ADMIN_Q1, KEY_START, 32, 16)
FIELD(SDXI_ADMIN_Q1, KEY_END, 48, 16)
/* SDXI 1.0 Table 6-14, CXT_START */
FIELD(SDXI_START_Q0, DV, 46, 1)
#define SDXI_START_DB_VALUE     2           /* quadword number */
/* SDXI 1.0 Table 6-15, CXT_STOP */
FIELD(SDXI_STOP_Q0, HS, 45, 1)
/* SDXI 1.0 Table 6-22, SYNC */
FIELD(SDXI_SYNC_Q0, FLT, 32, 3)

typedef enum SdxiSyncFilter {
    SDXI_SYNC_CXT,
    SDXI_SYNC_STOP,
    SDXI_SYNC_AKEY,
    SDXI_SYNC_RKEY,
    SDXI_SYNC_FN,
    SDXI_SYNC_FILTERS
} SdxiSyncFilter;

/* SDXI 1.0 Table 6-13, CXT_UPD */
FIELD(SDXI_UPD_Q0, V2, 32, 1)
FIELD(SDXI_UPD_Q0, V1, 33, 1)
FIELD(SDXI_UPD_Q0, CT, 34, 1)

/*
 * AtomicGrp, SDXI 1.0 Table 6-2: the layout is provisional and kept here
 * alone.  AKEY0 and ADDR0 are the target, AKEY1 and ADDR1 the return data.
 * The minimal group has those of these operations that PCI Express has.
 */
FIELD(SDXI_ATOMIC_Q0, WIDE, 32, 1)          /* 64 bits, else 32 */
FIELD(SDXI_ATOMIC_Q0, RETURN, 33, 1)        /* store the old value */
#define SDXI_ATOMIC_OPERAND_A   4           /* quadword numbers */
#define SDXI_ATOMIC_OPERAND_B   5

#endif /* HW_DMA_SDXI_WIRE_DESCRIPTOR_H */
