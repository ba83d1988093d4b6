/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Data object exchange: registers of the extended capability (PCIe r6.0
 * 7.9.24), the object header (6.30.1) and discovery.  Behaviour is in
 * hw/common/doe.c; other objects are in the headers of their subjects.
 */
#ifndef HW_COMMON_WIRE_DOE_H
#define HW_COMMON_WIRE_DOE_H

#include "qemu/bitops.h"

/* Extended capability; offsets count from its header */
#define DOE_EXT_CAP_ID          0x2e
#define DOE_EXT_CAP_LEN         0x18
#define DOE_REG_CAP             0x04
#define   DOE_CAP_INTR              BIT(0)
#define   DOE_CAP_VECTOR(n)         ((uint32_t)(n) << 1)
#define DOE_REG_CTRL            0x08
#define   DOE_CTRL_ABORT            BIT(0)
#define   DOE_CTRL_INTR_EN          BIT(1)
#define   DOE_CTRL_GO               BIT(31)
#define DOE_REG_STATUS          0x0c
#define   DOE_STATUS_BUSY           BIT(0)
#define   DOE_STATUS_INTR           BIT(1)
#define   DOE_STATUS_ERROR          BIT(2)
#define   DOE_STATUS_READY          BIT(31)
#define DOE_REG_WRITE           0x10
#define DOE_REG_READ            0x14

/* Object header: vendor | type << 16, then the length in dwords */
#define DOE_OBJ(vendor, type)   ((uint32_t)(vendor) | (type) << 16)
#define DOE_OBJ_VENDOR(dw0)     extract32(dw0, 0, 16)
#define DOE_OBJ_TYPE(dw0)       extract32(dw0, 16, 8)
#define DOE_OBJ_LEN(dw1)        extract32(dw1, 0, 18) /* 0: 2^18 */
#define DOE_HEADER_DWORDS       2

#define DOE_VENDOR_PCISIG       0x0001
#define DOE_VENDOR_CXL          0x1e98
#define DOE_TYPE_DISCOVERY      0   /* of PCI-SIG */
/* Component measurement and authentication, PCIe r6.1 6.31 */
#define DOE_TYPE_CMA_SPDM           1
#define DOE_TYPE_SECURED_CMA_SPDM   2

#endif /* HW_COMMON_WIRE_DOE_H */
