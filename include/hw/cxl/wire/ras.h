/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CXL RAS capability structure, CXL r3.1 8.2.4.17.  Offsets count from the
 * start of the structure; registers are 32 bits wide.  Behaviour is in
 * hw/cxl/core/ras.c.
 */
#ifndef HW_CXL_WIRE_RAS_H
#define HW_CXL_WIRE_RAS_H

#include "qemu/bitops.h"

#define CXL_RAS_LEN                 0x58

#define CXL_RAS_UE_STATUS           0x00
#define CXL_RAS_UE_MASK             0x04
#define CXL_RAS_UE_SEVERITY         0x08
#define CXL_RAS_CE_STATUS           0x0c
#define CXL_RAS_CE_MASK             0x10
#define CXL_RAS_CTRL                0x14
#define   CXL_RAS_CTRL_FIRST            0x3fu
#define   CXL_RAS_CTRL_MULTIPLE         BIT(9)
#define   CXL_RAS_CTRL_POISON           BIT(13)
#define CXL_RAS_HEADER              0x18
#define CXL_RAS_HEADER_DWORDS       16

#define CXL_RAS_UE_VALID            0x0001cfffu
#define CXL_RAS_CE_VALID            0x0000007fu

/* Bits of the uncorrectable status, mask and severity registers */
enum {
    CXL_RAS_UE_CACHE_DATA_PARITY    = 0,
    CXL_RAS_UE_CACHE_ADDR_PARITY    = 1,
    CXL_RAS_UE_CACHE_BE_PARITY      = 2,
    CXL_RAS_UE_CACHE_DATA_ECC       = 3,
    CXL_RAS_UE_MEM_DATA_PARITY      = 4,
    CXL_RAS_UE_MEM_ADDR_PARITY      = 5,
    CXL_RAS_UE_MEM_BE_PARITY        = 6,
    CXL_RAS_UE_MEM_DATA_ECC         = 7,
    CXL_RAS_UE_REINIT_THRESHOLD     = 8,
    CXL_RAS_UE_RSVD_ENCODING        = 9,
    CXL_RAS_UE_POISON_RECEIVED      = 10,
    CXL_RAS_UE_RECEIVER_OVERFLOW    = 11,
    CXL_RAS_UE_INTERNAL             = 14,
    CXL_RAS_UE_IDE_TX               = 15,
    CXL_RAS_UE_IDE_RX               = 16,
};

/* Bits of the correctable status and mask registers */
enum {
    CXL_RAS_CE_CACHE_DATA_ECC       = 0,
    CXL_RAS_CE_MEM_DATA_ECC         = 1,
    CXL_RAS_CE_CRC_THRESHOLD        = 2,
    CXL_RAS_CE_RETRY_THRESHOLD      = 3,
    CXL_RAS_CE_CACHE_POISON         = 4,
    CXL_RAS_CE_MEM_POISON           = 5,
    CXL_RAS_CE_PHYSICAL             = 6,
};

#endif /* HW_CXL_WIRE_RAS_H */
