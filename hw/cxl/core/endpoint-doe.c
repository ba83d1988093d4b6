/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The data objects that an endpoint answers: its attribute table, CXL r3.1
 * 8.1.11, and errors that a compliance test asks for, 14.16.4.  How they are
 * asked for is hw/common/doe.h and core/compliance.c.
 */
#include "qemu/osdep.h"
#include "hw/common/clock.h"
#include "hw/cxl/core/endpoint-parts.h"

static uint8_t inject_poison(void *opaque, uint8_t protocol)
{
    CxlEndpoint *ep = opaque;

    if (protocol != CXL_COMPLIANCE_PROTOCOL_MEM || !ep->ld) {
        return CXL_COMPLIANCE_UNSUPPORTED;
    }
    cxl_memdev_poison_next(ep->ld, true);
    return CXL_COMPLIANCE_OK;
}

/* However many bits and flits: the link layer retries, and tells once. */
static uint8_t inject_crc(void *opaque, uint8_t bits, uint8_t flits)
{
    if (!bits || !flits) {
        return CXL_COMPLIANCE_BAD_PARAMETER;
    }
    cxl_endpoint_correctable(opaque, CXL_RAS_CE_CRC_THRESHOLD);
    return CXL_COMPLIANCE_OK;
}

static uint8_t inject_viral(void *opaque, uint8_t protocol)
{
    CxlEndpoint *ep = opaque;

    if (protocol != CXL_COMPLIANCE_PROTOCOL_MEM) {
        return CXL_COMPLIANCE_UNSUPPORTED;
    }
    return cxl_dvsec_enter_viral(&ep->dvsec) ? CXL_COMPLIANCE_OK
                                             : CXL_COMPLIANCE_NOT_AUTHORISED;
}

/* Poison that nobody has read yet is all that can still be halted. */
static uint8_t halt_all(void *opaque)
{
    CxlEndpoint *ep = opaque;

    if (ep->ld) {
        cxl_memdev_poison_next(ep->ld, false);
    }
    return CXL_COMPLIANCE_OK;
}

static const CxlComplianceOps compliance_ops = {
    .inject_poison = inject_poison,
    .inject_crc = inject_crc,
    .inject_viral = inject_viral,
    .halt_all = halt_all,
};

bool cxl_endpoint_compliance(unsigned code, CxlComplianceTest *test)
{
    return cxl_compliance_describe(&compliance_ops, code, test);
}

static unsigned answer_cdat(void *opaque, const uint32_t *request,
                            unsigned dwords, uint32_t *response,
                            unsigned max)
{
    CxlEndpointDoe *d = opaque;

    return cdat_doe(&d->ep->cdat, request, dwords, response, max);
}

static unsigned answer_compliance(void *opaque, const uint32_t *request,
                                  unsigned dwords, uint32_t *response,
                                  unsigned max)
{
    CxlEndpointDoe *d = opaque;

    return cxl_compliance_doe(&compliance_ops, d->ep, request, dwords,
                              response, max);
}

static const DoeRow rows[CXL_DOES] = {
    [CXL_DOE_CDAT] = { DOE_VENDOR_CXL, CDAT_DOE_TYPE, answer_cdat },
    [CXL_DOE_COMPLIANCE] = {
        DOE_VENDOR_CXL, CXL_COMPLIANCE_DOE_TYPE, answer_compliance,
    },
};

static void interrupt(void *opaque)
{
    CxlEndpointDoe *d = opaque;

    d->ep->ops->message(d->ep->opaque, d->msgnum);
}

/* An answer is awaited, or no longer. */
static void watch(void *opaque, bool on)
{
    CxlEndpointDoe *d = opaque;

    d->due = on ? clock_due(d->ep->ops->now_ns(d->ep->opaque), DOE_ANSWER_NS)
                : INT64_MAX;
    cxl_endpoint_rearm(d->ep);
}

void cxl_endpoint_doe_init(CxlEndpoint *ep, unsigned n, uint16_t offset,
                           uint8_t msgnum)
{
    CxlEndpointDoe *d = &ep->doe[n];

    *d = (CxlEndpointDoe) {
        .ep = ep, .offset = offset, .msgnum = msgnum, .due = INT64_MAX,
    };
    doe_init(&d->doe, &rows[n], 1, d, interrupt);
    doe_set_watch(&d->doe, watch);
}
