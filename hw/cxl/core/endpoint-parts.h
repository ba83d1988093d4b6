/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The endpoint as a composition of rooms, for those who may look inside: the
 * files endpoint-*.c and their tests.  The face for everybody else: endpoint.h.
 */
#ifndef HW_CXL_CORE_ENDPOINT_PARTS_H
#define HW_CXL_CORE_ENDPOINT_PARTS_H

#include "hw/cxl/core/component.h"
#include "hw/cxl/core/endpoint.h"

/* Well inside the 100 ms that the capability promises */
#define CXL_ENDPOINT_RESET_NS   10000000

/* A mailbox for data objects, with what it needs to know */
typedef struct CxlEndpointDoe {
    CxlEndpoint *ep;
    uint16_t offset;            /* in configuration space */
    uint8_t msgnum;
    int64_t due;                /* an answer has to be there; INT64_MAX */
    Doe doe;
} CxlEndpointDoe;

enum { CXL_DOE_CDAT, CXL_DOE_COMPLIANCE, CXL_DOES };

struct CxlEndpoint {
    CxlEndpointConfig config;
    const CxlHostOps *ops;
    const CxlEndpointOps *endpoint_ops;
    void *opaque;
    CxlMemdev *ld;              /* or NULL */

    CxlComponent component;
    CxlDvsec dvsec;
    Cdat cdat;
    CxlDecode decode;
    CxlBias *bias;              /* or NULL: no accelerator */
    CxlEndpointDoe doe[CXL_DOES];

    int64_t ld_due;             /* the logical device's timer; INT64_MAX */
    /* Saved state: */
    int64_t reset_due;          /* a CXL reset ends; INT64_MAX: none runs */
};

/* Whether bias flips by snoops follows from the enable of back-invalidate. */
static inline void cxl_endpoint_ask_as_enabled(CxlEndpoint *ep)
{
    if (ep->bias) {
        cxl_bias_set_snooping(ep->bias, ep->component.hdm.bi_enabled);
    }
}

/* Arms the timer for whatever is due first. */
void cxl_endpoint_rearm(CxlEndpoint *ep);
/* What it says of its memory follows from the logical device, or its own. */
void cxl_endpoint_memory_changed(CxlEndpoint *ep);

/* The protocols of the mailbox, in endpoint-doe.c */
void cxl_endpoint_doe_init(CxlEndpoint *ep, unsigned n, uint16_t offset,
                           uint8_t msgnum);

#endif /* HW_CXL_CORE_ENDPOINT_PARTS_H */
