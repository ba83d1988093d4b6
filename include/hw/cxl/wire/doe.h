/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Data object exchange: registers of the extended capability (PCIe r6.0
 * 7.9.24), the object header (6.30.1), and the objects a CXL device answers:
 * discovery, table access (CXL r3.1 8.1.11) and compliance (14.16.4).
 * Behaviour is in hw/cxl/core/doe.c, the tables in cdat.h.
 */
#ifndef HW_CXL_WIRE_DOE_H
#define HW_CXL_WIRE_DOE_H

#include "qemu/bitops.h"

/* Extended capability; offsets count from its header */
#define CXL_DOE_EXT_CAP_ID          0x2e
#define CXL_DOE_EXT_CAP_LEN         0x18
#define CXL_DOE_REG_CAP             0x04
#define   CXL_DOE_CAP_INTR              BIT(0)
#define   CXL_DOE_CAP_VECTOR(n)         ((uint32_t)(n) << 1)
#define CXL_DOE_REG_CTRL            0x08
#define   CXL_DOE_CTRL_ABORT            BIT(0)
#define   CXL_DOE_CTRL_INTR_EN          BIT(1)
#define   CXL_DOE_CTRL_GO               BIT(31)
#define CXL_DOE_REG_STATUS          0x0c
#define   CXL_DOE_STATUS_BUSY           BIT(0)
#define   CXL_DOE_STATUS_INTR           BIT(1)
#define   CXL_DOE_STATUS_ERROR          BIT(2)
#define   CXL_DOE_STATUS_READY          BIT(31)
#define CXL_DOE_REG_WRITE           0x10
#define CXL_DOE_REG_READ            0x14

/* Object header: vendor | type << 16, then the length in dwords */
#define CXL_DOE_OBJ(vendor, type)   ((uint32_t)(vendor) | (type) << 16)
#define CXL_DOE_OBJ_VENDOR(dw0)     extract32(dw0, 0, 16)
#define CXL_DOE_OBJ_TYPE(dw0)       extract32(dw0, 16, 8)
#define CXL_DOE_OBJ_LEN(dw1)        extract32(dw1, 0, 18) /* 0: 2^18 */
#define CXL_DOE_HEADER_DWORDS       2

#define CXL_DOE_VENDOR_PCISIG       0x0001
#define CXL_DOE_VENDOR_CXL          0x1e98
#define CXL_DOE_TYPE_DISCOVERY      0   /* of PCI-SIG */
#define CXL_DOE_TYPE_COMPLIANCE     0   /* of CXL */
#define CXL_DOE_TYPE_TABLE_ACCESS   2   /* of CXL */

/* Table access request, dword 2; the response has the same fields */
#define CXL_DOE_TABLE_CODE(dw)      extract32(dw, 0, 8)
#define CXL_DOE_TABLE_TYPE(dw)      extract32(dw, 8, 8)
#define CXL_DOE_TABLE_HANDLE(dw)    extract32(dw, 16, 16)
#define CXL_DOE_TABLE_READ          0
#define CXL_DOE_TABLE_CDAT          0
#define CXL_DOE_TABLE_LAST          0xffff

/* Compliance, CXL r3.1 14.16.4; bytes count from the start of the object */
#define CXL_COMPLIANCE_REQ_CODE     8
#define CXL_COMPLIANCE_REQ_BODY     12
#define CXL_COMPLIANCE_RSP_CODE     8
#define CXL_COMPLIANCE_RSP_VERSION  9
#define CXL_COMPLIANCE_RSP_LENGTH   10
#define CXL_COMPLIANCE_RSP_STATUS   11

enum {
    CXL_COMPLIANCE_CAPABILITIES         = 0x0,
    CXL_COMPLIANCE_STATUS               = 0x1,
    CXL_COMPLIANCE_HALT_ALL             = 0x2,
    CXL_COMPLIANCE_WRITE_STREAMING      = 0x3,
    CXL_COMPLIANCE_PRODUCER_CONSUMER    = 0x4,
    CXL_COMPLIANCE_BOGUS_WRITES         = 0x5,
    CXL_COMPLIANCE_INJECT_POISON        = 0x6,
    CXL_COMPLIANCE_INJECT_CRC           = 0x7,
    CXL_COMPLIANCE_FLOW_CONTROL         = 0x8,
    CXL_COMPLIANCE_CACHE_FLUSH          = 0x9,
    CXL_COMPLIANCE_MAC_DELAY            = 0xa,
    CXL_COMPLIANCE_UNEXPECTED_MAC       = 0xb,
    CXL_COMPLIANCE_INJECT_VIRAL         = 0xc,
    CXL_COMPLIANCE_ALMP                 = 0xd,
    CXL_COMPLIANCE_IGNORE_ALMP          = 0xe,
    CXL_COMPLIANCE_BIT_ERROR            = 0xf,
    CXL_COMPLIANCE_CODES                = 0x10,
};

enum {
    CXL_COMPLIANCE_OK                   = 0,
    CXL_COMPLIANCE_NOT_AUTHORISED       = 1,
    CXL_COMPLIANCE_UNKNOWN              = 2,
    CXL_COMPLIANCE_UNSUPPORTED          = 3,
    CXL_COMPLIANCE_INTERNAL             = 4,
    CXL_COMPLIANCE_BUSY                 = 5,
    CXL_COMPLIANCE_NOT_INITIALISED      = 6,
    CXL_COMPLIANCE_BAD_ADDRESS          = 7,
    CXL_COMPLIANCE_BAD_PARAMETER        = 8,
};

#endif /* HW_CXL_WIRE_DOE_H */
