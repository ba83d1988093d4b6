/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each kind of reset does to an endpoint, and in which order; see
 * core/reset.h.  What it does to the memory is in core/device.c.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/common/clock.h"
#include "hw/cxl/core/endpoint-parts.h"

static void reset_doe(CxlEndpoint *ep, CxlResetKind kind G_GNUC_UNUSED)
{
    for (unsigned i = 0; i < CXL_DOES; i++) {
        doe_reset(&ep->doe[i].doe);
    }
}

static void reset_config(CxlEndpoint *ep, CxlResetKind kind)
{
    ep->reset_due = INT64_MAX;
    cxl_dvsec_reset(&ep->dvsec, kind == CXL_RESET_COLD);
}

static void reset_component(CxlEndpoint *ep, CxlResetKind kind)
{
    cxl_component_reset(&ep->component, kind == CXL_RESET_COLD);
}

/* Pages go back to the host; only the whole device forgets what was counted. */
static void reset_bias(CxlEndpoint *ep, CxlResetKind kind)
{
    if (ep->bias) {
        cxl_bias_reset(ep->bias, kind == CXL_RESET_COLD ||
                       kind == CXL_RESET_HOT);
        cxl_endpoint_ask_as_enabled(ep);
    }
}

static void reset_ld(CxlEndpoint *ep, CxlResetKind kind)
{
    if (ep->ld) {
        cxl_memdev_reset(ep->ld, kind);
    }
}

/* CXL r3.1 9.7: it takes its time, and says when it is over. */
static void begin_cxl_reset(CxlEndpoint *ep, CxlResetKind kind G_GNUC_UNUSED)
{
    ep->reset_due = clock_due(ep->ops->now_ns(ep->opaque),
                              CXL_ENDPOINT_RESET_NS);
}

/* A partition that was waiting for it has moved, or the enables have. */
static void tell(CxlEndpoint *ep, CxlResetKind kind G_GNUC_UNUSED)
{
    cxl_endpoint_memory_changed(ep);
    ep->endpoint_ops->decode_changed(ep->opaque);
}

static void rearm(CxlEndpoint *ep, CxlResetKind kind G_GNUC_UNUSED)
{
    cxl_endpoint_rearm(ep);
}

#define CONVENTIONAL (BIT(CXL_RESET_COLD) | BIT(CXL_RESET_HOT))
#define FUNCTION     BIT(CXL_RESET_FUNCTION)
/* CXL.mem state goes, what is PCIe's own stays. */
#define CXL_ONLY     (BIT(CXL_RESET_CXL) | BIT(CXL_RESET_CXL_CLEAR))

/* In this order */
static const struct {
    unsigned kinds;
    void (*reset)(CxlEndpoint *ep, CxlResetKind kind);
} reset_rows[] = {
    { CONVENTIONAL | FUNCTION, reset_doe },
    { CONVENTIONAL, reset_config },
    { CONVENTIONAL | CXL_ONLY, reset_component },
    { CONVENTIONAL | CXL_ONLY, reset_bias },
    { CONVENTIONAL | CXL_ONLY | FUNCTION, reset_ld },
    { CXL_ONLY, begin_cxl_reset },
    { CONVENTIONAL, tell },
    { CONVENTIONAL | CXL_ONLY | FUNCTION, rearm },
};

void cxl_endpoint_reset(CxlEndpoint *ep, CxlResetKind kind)
{
    ep->ops->trace(ep->opaque, CXL_TRACE_RESET, kind, 0, 0);
    for (unsigned i = 0; i < ARRAY_SIZE(reset_rows); i++) {
        if (reset_rows[i].kinds & BIT(kind)) {
            reset_rows[i].reset(ep, kind);
        }
    }
}
