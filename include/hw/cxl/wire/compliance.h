/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compliance, a data object of vendor CXL, CXL r3.1 14.16.4: codes and offsets.
 * Behaviour is in hw/cxl/core/compliance.c.
 */
#ifndef HW_CXL_WIRE_COMPLIANCE_H
#define HW_CXL_WIRE_COMPLIANCE_H

#define CXL_COMPLIANCE_DOE_TYPE     0

/* Bytes count from the start of the object, CXL r3.1 14.16.4 */
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

#endif /* HW_CXL_WIRE_COMPLIANCE_H */
