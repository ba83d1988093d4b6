/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Designated vendor-specific capabilities of a CXL endpoint: ids,
 * lengths, field offsets and bits as the configuration space shows
 * them.  Offsets count from the start of each capability; every field
 * is little-endian.
 *
 * Which function carries which DVSEC: CXL r3.1 8.1.1, Table 8-2.
 * How they are filled and behave is hw/cxl/core/dvsec.c.
 */
#ifndef HW_CXL_WIRE_DVSEC_H
#define HW_CXL_WIRE_DVSEC_H

#include "qemu/bitops.h"

#define CXL_DVSEC_VENDOR                0x1e98

/* Header common to all of them, PCIe r6.0 7.9.6 */
#define CXL_DVSEC_HDR1                  0x04    /* vendor | rev | length */
#define CXL_DVSEC_HDR2                  0x08    /* DVSEC id, 16 bits */
#define CXL_DVSEC_HDR1_VALUE(rev, len)                          \
    ((uint32_t)CXL_DVSEC_VENDOR | (uint32_t)(rev) << 16 |       \
     (uint32_t)(len) << 20)

enum {
    CXL_DVSEC_ID_DEVICE         = 0x0,
    CXL_DVSEC_ID_FUNCTION_MAP   = 0x2,
    CXL_DVSEC_ID_PORT           = 0x3,
    CXL_DVSEC_ID_GPF_DEVICE     = 0x5,
    CXL_DVSEC_ID_FLEX_BUS       = 0x7,
    CXL_DVSEC_ID_LOCATOR        = 0x8,
    CXL_DVSEC_ID_TEST           = 0xa,
    CXL_DVSEC_ID_COUNT          = 0xb,
};

/* Id 3: extensions of ports, CXL r3.1 8.1.5.  The registers are QEMU's. */
#define CXL_DVSEC_PORT_STATUS           0x0a
#define   CXL_DVSEC_PORT_STATUS_PM_READY    BIT(0)
#define CXL_DVSEC_PORT_CTRL             0x0c
#define   CXL_DVSEC_PORT_CTRL_UNMASK_SBR    BIT(0)
#define   CXL_DVSEC_PORT_CTRL_UIO           BIT(4)  /* to HDM; below switches */

/* Id 0: PCIe DVSEC for CXL devices, CXL r3.1 8.1.3 */
#define CXL_DVSEC_DEV_REV               3
#define CXL_DVSEC_DEV_LEN               0x3c
#define CXL_DVSEC_DEV_CAP               0x0a
#define   CXL_DVSEC_DEV_CAP_CACHE           BIT(0)
#define   CXL_DVSEC_DEV_CAP_IO              BIT(1)
#define   CXL_DVSEC_DEV_CAP_MEM             BIT(2)
#define   CXL_DVSEC_DEV_CAP_MEM_HWINIT      BIT(3)
#define   CXL_DVSEC_DEV_CAP_HDM_COUNT(n)    ((n) << 4)
#define   CXL_DVSEC_DEV_CAP_HDM_COUNT_MASK  (3 << 4)
#define   CXL_DVSEC_DEV_CAP_CACHE_FLUSH     BIT(6)
#define   CXL_DVSEC_DEV_CAP_RESET           BIT(7)
#define   CXL_DVSEC_DEV_CAP_RESET_100MS     (1 << 8)
#define   CXL_DVSEC_DEV_CAP_MEM_CLEAR       BIT(11)
#define   CXL_DVSEC_DEV_CAP_MLD             BIT(13)
#define   CXL_DVSEC_DEV_CAP_VIRAL           BIT(14)
#define CXL_DVSEC_DEV_CTRL              0x0c
#define   CXL_DVSEC_DEV_CTRL_CACHE          BIT(0)
#define   CXL_DVSEC_DEV_CTRL_IO             BIT(1)
#define   CXL_DVSEC_DEV_CTRL_MEM            BIT(2)
#define   CXL_DVSEC_DEV_CTRL_SNOOP_FILTER   (0xff << 3)
#define   CXL_DVSEC_DEV_CTRL_CLEAN_EVICT    BIT(11)
#define   CXL_DVSEC_DEV_CTRL_VIRAL          BIT(14)
#define CXL_DVSEC_DEV_STATUS            0x0e
#define   CXL_DVSEC_DEV_STATUS_VIRAL        BIT(14)
#define CXL_DVSEC_DEV_CTRL2             0x10
#define   CXL_DVSEC_DEV_CTRL2_CACHE_OFF     BIT(0)
#define   CXL_DVSEC_DEV_CTRL2_CACHE_FLUSH   BIT(1)
#define   CXL_DVSEC_DEV_CTRL2_RESET         BIT(2)
#define   CXL_DVSEC_DEV_CTRL2_MEM_CLEAR     BIT(3)
#define   CXL_DVSEC_DEV_CTRL2_HDM_KEEP      BIT(4)
#define CXL_DVSEC_DEV_STATUS2           0x12
#define   CXL_DVSEC_DEV_STATUS2_CACHE_EMPTY BIT(0)
#define   CXL_DVSEC_DEV_STATUS2_RESET_DONE  BIT(1)
#define   CXL_DVSEC_DEV_STATUS2_RESET_ERR   BIT(2)
#define   CXL_DVSEC_DEV_STATUS2_HDM_LOST    BIT(3)
#define CXL_DVSEC_DEV_LOCK              0x14
#define   CXL_DVSEC_DEV_LOCK_CONFIG         BIT(0)
#define CXL_DVSEC_DEV_CAP2              0x16
#define   CXL_DVSEC_DEV_CAP2_CACHE(unit, n) ((unit) | (n) << 8)
#define   CXL_DVSEC_DEV_CAP2_UNIT_64K       1
#define   CXL_DVSEC_DEV_CAP2_UNIT_1M        2
#define CXL_DVSEC_DEV_RANGE_SIZE_HI(n)  (0x18 + 0x10 * (n))
#define CXL_DVSEC_DEV_RANGE_SIZE_LO(n)  (0x1c + 0x10 * (n))
#define   CXL_DVSEC_RANGE_VALID             BIT(0)
#define   CXL_DVSEC_RANGE_ACTIVE            BIT(1)
#define   CXL_DVSEC_RANGE_MEDIA_CDAT        (2 << 2)
#define   CXL_DVSEC_RANGE_CLASS_CDAT        (2 << 5)
#define   CXL_DVSEC_RANGE_LO_MASK           0xf0000000u
#define CXL_DVSEC_DEV_RANGE_BASE_HI(n)  (0x20 + 0x10 * (n))
#define CXL_DVSEC_DEV_RANGE_BASE_LO(n)  (0x24 + 0x10 * (n))
#define CXL_DVSEC_DEV_CAP3              0x38
#define   CXL_DVSEC_DEV_CAP3_HOT_KEEPS      BIT(2)

/* Id 2: non-CXL function map, CXL r3.1 8.1.4 */
#define CXL_DVSEC_MAP_REV               0
#define CXL_DVSEC_MAP_LEN               0x2c
#define CXL_DVSEC_MAP_DWORD(n)          (0x0c + 4 * (n))
#define CXL_DVSEC_MAP_DWORDS            8

/* Id 5: global persistent flush for devices, CXL r3.1 8.1.7 */
#define CXL_DVSEC_GPF_REV               0
#define CXL_DVSEC_GPF_LEN               0x10
#define CXL_DVSEC_GPF_DURATION          0x0a    /* base | scale << 8 */
#define CXL_DVSEC_GPF_POWER             0x0c    /* mW */
#define   CXL_DVSEC_GPF_SCALE_SECONDS       (6 << 8)

/* Id 7: flex bus port, CXL r3.1 8.1.8 and 8.2.1.3 */
#define CXL_DVSEC_FLEX_REV              2
#define CXL_DVSEC_FLEX_LEN              0x20
#define CXL_DVSEC_FLEX_CAP              0x0a
#define CXL_DVSEC_FLEX_CTRL             0x0c
#define CXL_DVSEC_FLEX_STATUS           0x0e
#define   CXL_DVSEC_FLEX_CACHE              BIT(0)
#define   CXL_DVSEC_FLEX_IO                 BIT(1)
#define   CXL_DVSEC_FLEX_MEM                BIT(2)
#define   CXL_DVSEC_FLEX_68B_VH             BIT(5)
#define   CXL_DVSEC_FLEX_MLD                BIT(6)
#define   CXL_DVSEC_FLEX_256B               BIT(13)
#define CXL_DVSEC_FLEX_MODIFIED_TS      0x10
#define CXL_DVSEC_FLEX_CAP2             0x14
#define CXL_DVSEC_FLEX_CTRL2            0x18
#define CXL_DVSEC_FLEX_STATUS2          0x1c

/* Id 8: register locator, CXL r3.1 8.1.9 */
#define CXL_DVSEC_LOCATOR_REV           0
#define CXL_DVSEC_LOCATOR_LEN(n)        (0x0c + 8 * (n))
#define CXL_DVSEC_LOCATOR_LO(n)         (0x0c + 8 * (n))
#define CXL_DVSEC_LOCATOR_HI(n)         (0x10 + 8 * (n))
#define   CXL_LOCATOR_ENTRY(block, bar)     ((uint32_t)(block) << 8 | (bar))
enum {
    CXL_LOCATOR_EMPTY           = 0,
    CXL_LOCATOR_COMPONENT       = 1,
    CXL_LOCATOR_DEVICE          = 3,
    CXL_LOCATOR_CPMU            = 4,
    CXL_LOCATOR_CHMU            = 5,
};

/* Id 0xa: test capability, CXL r3.1 14.16.1 */
#define CXL_DVSEC_TEST_REV              0
#define CXL_DVSEC_TEST_LEN              0x1c
#define CXL_DVSEC_TEST_LOCK             0x0a
#define CXL_DVSEC_TEST_CAP1             0x0c
#define CXL_DVSEC_TEST_CAP2             0x10
#define CXL_DVSEC_TEST_BASE_LO          0x14
#define   CXL_DVSEC_TEST_BASE_64BIT         (2 << 1)
#define CXL_DVSEC_TEST_BASE_HI          0x18

QEMU_BUILD_BUG_ON(CXL_DVSEC_DEV_RANGE_BASE_LO(1) + 4 != CXL_DVSEC_DEV_CAP3);
QEMU_BUILD_BUG_ON(CXL_DVSEC_MAP_DWORD(CXL_DVSEC_MAP_DWORDS) !=
                  CXL_DVSEC_MAP_LEN);
QEMU_BUILD_BUG_ON(CXL_DVSEC_FLEX_STATUS2 + 4 != CXL_DVSEC_FLEX_LEN);
QEMU_BUILD_BUG_ON(CXL_DVSEC_TEST_BASE_HI + 4 != CXL_DVSEC_TEST_LEN);

#endif
