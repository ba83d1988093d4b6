/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compliance data objects, CXL r3.1 14.16.4: one row per request code.  The
 * contract is in compliance.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/compliance.h"
#include "hw/common/wire/doe.h"

#define VERSION 0
/* Of any response; the longest is that of the capabilities request. */
#define RESPONSE_MAX 0x28

typedef struct Compliance {
    const CxlComplianceOps *ops;
    void *opaque;
    const uint8_t *request;
    uint8_t *response;
} Compliance;

typedef struct ComplianceRow {
    const char *name;
    uint8_t length;     /* bytes of the response, with the header */
    uint8_t (*handle)(Compliance *c); /* NULL: unsupported injection */
    /* Bytes that the request must have behind its header */
    const char *argument[CXL_COMPLIANCE_ARGUMENTS + 1];
} ComplianceRow;

static bool supported(const CxlComplianceOps *ops, unsigned code)
{
    switch (code) {
    case CXL_COMPLIANCE_CAPABILITIES:
    case CXL_COMPLIANCE_STATUS:
    case CXL_COMPLIANCE_HALT_ALL:
        return true;
    case CXL_COMPLIANCE_INJECT_POISON:
        return ops->inject_poison;
    case CXL_COMPLIANCE_INJECT_CRC:
        return ops->inject_crc;
    case CXL_COMPLIANCE_INJECT_VIRAL:
        return ops->inject_viral;
    default:
        return false;
    }
}

static uint64_t supported_mask(const CxlComplianceOps *ops)
{
    uint64_t mask = 0;

    for (unsigned code = 0; code < CXL_COMPLIANCE_CODES; code++) {
        mask |= (uint64_t)supported(ops, code) << code;
    }
    return mask;
}

static uint8_t capabilities(Compliance *c)
{
    stq_le_p(c->response + 0x0c, supported_mask(c->ops));
    stq_le_p(c->response + 0x14, supported_mask(c->ops));
    return CXL_COMPLIANCE_OK;
}

/* No status byte here: the capability bits begin in its place. */
static uint8_t status(Compliance *c)
{
    stl_le_p(c->response + 0x0b, supported_mask(c->ops));
    return c->response[CXL_COMPLIANCE_RSP_STATUS];
}

static uint8_t halt_all(Compliance *c)
{
    return c->ops->halt_all ? c->ops->halt_all(c->opaque)
                            : CXL_COMPLIANCE_OK;
}

static uint8_t inject_poison(Compliance *c)
{
    return c->ops->inject_poison ?
           c->ops->inject_poison(c->opaque,
                                 c->request[CXL_COMPLIANCE_REQ_BODY]) :
           CXL_COMPLIANCE_UNSUPPORTED;
}

static uint8_t inject_crc(Compliance *c)
{
    const uint8_t *body = c->request + CXL_COMPLIANCE_REQ_BODY;

    return c->ops->inject_crc ?
           c->ops->inject_crc(c->opaque, body[0], body[1]) :
           CXL_COMPLIANCE_UNSUPPORTED;
}

static uint8_t inject_viral(Compliance *c)
{
    return c->ops->inject_viral ?
           c->ops->inject_viral(c->opaque,
                                c->request[CXL_COMPLIANCE_REQ_BODY]) :
           CXL_COMPLIANCE_UNSUPPORTED;
}

static const ComplianceRow rows[CXL_COMPLIANCE_CODES] = {
    [CXL_COMPLIANCE_CAPABILITIES] = { "capabilities", 0x24, capabilities },
    [CXL_COMPLIANCE_STATUS] = { "status", 0x14, status },
    [CXL_COMPLIANCE_HALT_ALL] = { "halt all", 0x0c, halt_all },
    [CXL_COMPLIANCE_WRITE_STREAMING] = { "write streaming", 0x0c },
    [CXL_COMPLIANCE_PRODUCER_CONSUMER] = { "producer consumer", 0x0c },
    [CXL_COMPLIANCE_BOGUS_WRITES] = { "bogus writes", 0x0c },
    [CXL_COMPLIANCE_INJECT_POISON] = {
        "inject poison", 0x0c, inject_poison, { "protocol" },
    },
    [CXL_COMPLIANCE_INJECT_CRC] = {
        "inject CRC error", 0x0c, inject_crc, { "bits", "flits" },
    },
    [CXL_COMPLIANCE_FLOW_CONTROL] = { "inject flow control", 0x0c },
    [CXL_COMPLIANCE_CACHE_FLUSH] = { "toggle cache flush", 0x0c },
    [CXL_COMPLIANCE_MAC_DELAY] = { "inject MAC delay", 0x0c },
    [CXL_COMPLIANCE_UNEXPECTED_MAC] = { "insert unexpected MAC", 0x0c },
    [CXL_COMPLIANCE_INJECT_VIRAL] = {
        "inject viral", 0x0c, inject_viral, { "protocol" },
    },
    [CXL_COMPLIANCE_ALMP] = { "inject ALMP", 0x10 },
    [CXL_COMPLIANCE_IGNORE_ALMP] = { "ignore ALMP", 0x10 },
    [CXL_COMPLIANCE_BIT_ERROR] = { "inject bit error", 0x10 },
};

bool cxl_compliance_describe(const CxlComplianceOps *ops, unsigned code,
                             CxlComplianceTest *test)
{
    const ComplianceRow *row = &rows[code];

    assert(code < CXL_COMPLIANCE_CODES);
    *test = (CxlComplianceTest) { row->name, row->argument };
    return supported(ops, code);
}

static unsigned request_min(const ComplianceRow *row)
{
    unsigned n = 0;

    while (row->argument[n]) {
        n++;
    }
    return CXL_COMPLIANCE_REQ_BODY + n;
}

/* Fills @response and returns its bytes. */
static unsigned answer(Compliance *c, unsigned len)
{
    uint8_t code = c->request[CXL_COMPLIANCE_REQ_CODE];
    unsigned length = 0x0c;
    uint8_t result = CXL_COMPLIANCE_UNKNOWN;

    if (code < CXL_COMPLIANCE_CODES) {
        const ComplianceRow *row = &rows[code];

        length = row->length;
        if (len < request_min(row)) {
            result = CXL_COMPLIANCE_BAD_PARAMETER;
        } else {
            result = row->handle ? row->handle(c)
                                 : CXL_COMPLIANCE_UNSUPPORTED;
        }
    }
    c->response[CXL_COMPLIANCE_RSP_CODE] = code;
    c->response[CXL_COMPLIANCE_RSP_VERSION] = VERSION;
    c->response[CXL_COMPLIANCE_RSP_LENGTH] = length;
    c->response[CXL_COMPLIANCE_RSP_STATUS] = result;
    return length;
}

unsigned cxl_compliance_doe(const CxlComplianceOps *ops, void *opaque,
                            const uint32_t *request, unsigned dwords,
                            uint32_t *response, unsigned max)
{
    uint8_t in[16] = { 0 };
    uint8_t out[RESPONSE_MAX] = { 0 };
    unsigned copied = MIN(dwords, sizeof(in) / 4);
    Compliance c = {
        .ops = ops, .opaque = opaque, .request = in, .response = out,
    };
    unsigned total;

    /* No request we act on needs more than the first dword of its body. */
    if (dwords < DOE_HEADER_DWORDS + 1) {
        return 0;
    }
    for (unsigned i = 0; i < copied; i++) {
        stl_le_p(in + 4 * i, request[i]);
    }
    total = DIV_ROUND_UP(answer(&c, dwords * 4), 4);
    if (total > max) {
        return 0;
    }
    stl_le_p(out, DOE_OBJ(DOE_VENDOR_CXL,
                              CXL_COMPLIANCE_DOE_TYPE));
    stl_le_p(out + 4, total);
    for (unsigned i = 0; i < total; i++) {
        response[i] = ldl_le_p(out + 4 * i);
    }
    return total;
}
