/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compliance data objects, CXL r3.1 14.16.4.  Error injection that has a
 * meaning without a link (poison, CRC errors that a retry corrects, viral)
 * goes to the device; the rest is answered "unsupported": it needs a link's
 * flits, a cache, a stream of encrypted ones, or a traffic generator.  The
 * mailbox is hw/common/doe.h.
 */
#ifndef HW_CXL_CORE_COMPLIANCE_H
#define HW_CXL_CORE_COMPLIANCE_H

#include "hw/cxl/wire/compliance.h"

typedef struct CxlComplianceOps {
    /* Return CXL_COMPLIANCE_OK or another status; NULL: unsupported. */
    uint8_t (*inject_poison)(void *opaque, uint8_t protocol);
    uint8_t (*inject_crc)(void *opaque, uint8_t bits, uint8_t flits);
    uint8_t (*inject_viral)(void *opaque, uint8_t protocol);
    /* NULL: nothing runs that could be halted, so it succeeds. */
    uint8_t (*halt_all)(void *opaque);
} CxlComplianceOps;

/* Longest list of arguments of a request that is acted on */
#define CXL_COMPLIANCE_ARGUMENTS 2

typedef struct CxlComplianceTest {
    const char *name;
    /* A byte each, in their order in the request; NULL behind the last */
    const char *const *argument;
} CxlComplianceTest;

/* Request @code, one of CXL_COMPLIANCE_*; false if @ops refuse it. */
bool cxl_compliance_describe(const CxlComplianceOps *ops, unsigned code,
                             CxlComplianceTest *test);

/*
 * Answer a compliance object; arguments as for DoeHandler, with the
 * operations and their opaque in front.
 */
unsigned cxl_compliance_doe(const CxlComplianceOps *ops, void *opaque,
                            const uint32_t *request, unsigned dwords,
                            uint32_t *response, unsigned max);

/* Protocols of poison and viral */
enum {
    CXL_COMPLIANCE_PROTOCOL_IO,
    CXL_COMPLIANCE_PROTOCOL_CACHE,
    CXL_COMPLIANCE_PROTOCOL_MEM,
};

#endif /* HW_CXL_CORE_COMPLIANCE_H */
