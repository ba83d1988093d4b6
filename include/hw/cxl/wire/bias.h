/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registers of our own in which an accelerator shows who holds its memory.
 * They are in the part of the component register block that CXL r3.1 8.2.3,
 * Table 8-21, leaves to the implementation.  All are little-endian.
 *
 * What they do is hw/cxl/core/bias.h.
 */
#ifndef HW_CXL_WIRE_BIAS_H
#define HW_CXL_WIRE_BIAS_H

#include "qemu/bitops.h"

/* From the start of the component register block, CXL r3.1 Table 8-21 */
#define CXL_COMP_BIAS           0x2000

/* From there; CXL r3.1 2.2.1 has the words */
#define CXL_BIAS_CAP            0x00    /* 64 bits, read-only */
#define   CXL_BIAS_CAP_VERSION      1u
#define   CXL_BIAS_CAP_VALUE(shift, pages)                              \
    (CXL_BIAS_CAP_VERSION | (uint64_t)(shift) << 8 | (uint64_t)(pages) << 32)
#define CXL_BIAS_ADDRESS        0x08    /* 64 bits: DPA of a range, bytes */
#define CXL_BIAS_LENGTH         0x10    /* 64 bits: its length, bytes */
#define CXL_BIAS_COMMAND        0x18    /* 32 bits; carried out at once */
enum {
    CXL_BIAS_TO_HOST            = 1,    /* the device gives the range up */
    CXL_BIAS_TO_DEVICE          = 2,    /* the device takes it */
    CXL_BIAS_COUNT              = 3,    /* how much of it it holds */
};
#define CXL_BIAS_STATUS         0x1c    /* 32 bits, read-only */
enum {
    CXL_BIAS_OK                 = 0,
    CXL_BIAS_BAD_COMMAND        = 1,
    CXL_BIAS_BAD_RANGE          = 2,    /* empty, or not all memory */
};
#define CXL_BIAS_RESULT         0x20    /* 64 bits, read-only: pages */
/* 64 bits each, read-only */
#define CXL_BIAS_HELD           0x28    /* pages that the device holds */
#define CXL_BIAS_TAKEN          0x30    /* flips from host to device */
#define CXL_BIAS_GIVEN          0x38    /* flips from device to host */
#define CXL_BIAS_SNOOPS         0x40    /* back-invalidate snoops sent */
#define CXL_BIAS_REQUESTS       0x48    /* CXL.cache requests sent instead */
#define CXL_BIAS_READS          0x50    /* accesses by the device */
#define CXL_BIAS_WRITES         0x58
#define CXL_BIAS_LEN            0x60

#endif /* HW_CXL_WIRE_BIAS_H */
