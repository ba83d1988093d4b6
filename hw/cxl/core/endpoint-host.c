/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an endpoint and its logical device ask of their host: time, messages,
 * errors, and to look again at what memory there is.  See endpoint.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/endpoint-parts.h"
#include "hw/cxl/core/memdev.h"

static int64_t now_ns(void *opaque)
{
    CxlEndpoint *ep = opaque;

    return ep->ops->now_ns(ep->opaque);
}

void cxl_endpoint_rearm(CxlEndpoint *ep)
{
    int64_t due = MIN(ep->ld_due, ep->reset_due);

    for (unsigned i = 0; i < CXL_DOES; i++) {
        due = MIN(due, ep->doe[i].due);
    }
    if (due == INT64_MAX) {
        ep->ops->timer_cancel(ep->opaque);
    } else {
        ep->ops->timer_arm(ep->opaque, due);
    }
}

static void ld_timer_arm(void *opaque, int64_t at_ns)
{
    CxlEndpoint *ep = opaque;

    ep->ld_due = at_ns;
    cxl_endpoint_rearm(ep);
}

static void ld_timer_cancel(void *opaque)
{
    ld_timer_arm(opaque, INT64_MAX);
}

static void message(void *opaque, unsigned msgnum)
{
    CxlEndpoint *ep = opaque;

    ep->ops->message(ep->opaque, msgnum);
}

static void firmware(void *opaque)
{
    CxlEndpoint *ep = opaque;

    if (ep->ops->firmware) {
        ep->ops->firmware(ep->opaque);
    }
}

static void trace(void *opaque, CxlTraceStep step, uint64_t a, uint64_t b,
                  uint64_t c)
{
    CxlEndpoint *ep = opaque;

    ep->ops->trace(ep->opaque, step, a, b, c);
}

/* The host of a logical device is the endpoint that it is part of. */
static const CxlHostOps ld_host = {
    .now_ns = now_ns,
    .timer_arm = ld_timer_arm,
    .timer_cancel = ld_timer_cancel,
    .message = message,
    .firmware = firmware,
    .trace = trace,
};

CxlWorld cxl_endpoint_world(CxlEndpoint *ep, const CxlMediaOps *store,
                            void *store_opaque)
{
    return (CxlWorld) { &ld_host, ep, store, store_opaque };
}

void cxl_endpoint_timer(CxlEndpoint *ep)
{
    int64_t now = now_ns(ep);

    if (ep->reset_due <= now) {
        ep->reset_due = INT64_MAX;
        cxl_dvsec_reset_done(&ep->dvsec);
    }
    for (unsigned i = 0; i < CXL_DOES; i++) {
        if (ep->doe[i].due <= now) {
            doe_overdue(&ep->doe[i].doe);
        }
    }
    if (ep->ld_due <= now) {
        ep->ld_due = INT64_MAX;
        cxl_memdev_timer(ep->ld);
    }
    cxl_endpoint_rearm(ep);
}

/* The logical device may be put in later; until then there is only this. */
void cxl_endpoint_memory_changed(CxlEndpoint *ep)
{
    CxlMemoryRange own = {
        .kind = CXL_MEMORY_VOLATILE, .size = ep->config.memory,
    };

    if (ep->ld) {
        cxl_memdev_tell_memory(ep->ld);
    } else {
        cxl_decode_set_memory(&ep->decode, &own, 1);
    }
}

static void signal_error(CxlEndpoint *ep, CxlRasSignal signal)
{
    if (signal != CXL_RAS_SIGNAL_NONE) {
        ep->endpoint_ops->error(ep->opaque, signal);
    }
}

void cxl_endpoint_uncorrectable(CxlEndpoint *ep, const CxlRasRecord *errors,
                                unsigned n)
{
    signal_error(ep, cxl_ras_uncorrectables(&ep->component.ras, errors, n));
}

void cxl_endpoint_correctable(CxlEndpoint *ep, unsigned bit)
{
    CxlRasSignal signal;

    cxl_ras_correctable(&ep->component.ras, bit, &signal);
    signal_error(ep, signal);
}

CxlRas *cxl_endpoint_ras(CxlEndpoint *ep)
{
    return &ep->component.ras;
}

void cxl_endpoint_errors(const CxlEndpoint *ep, CxlRasErrors *out)
{
    cxl_ras_errors(&ep->component.ras, out);
}
