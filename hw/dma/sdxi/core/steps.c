/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Steps in words; see steps.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/steps.h"

static const char *const names[SDXI_TRACE_STEPS] = {
    [SDXI_TRACE_REQUEST] = "request",
    [SDXI_TRACE_STATE] = "state",
    [SDXI_TRACE_RESET] = "reset",
    [SDXI_TRACE_IGNORED] = "ignored",
    [SDXI_TRACE_DOORBELL] = "doorbell",
    [SDXI_TRACE_DOORBELL_BAD] = "doorbell-bad",
    [SDXI_TRACE_CXT_START] = "context-start",
    [SDXI_TRACE_CXT_STATE] = "context-state",
    [SDXI_TRACE_FETCH] = "fetch",
    [SDXI_TRACE_COPY] = "copy",
    [SDXI_TRACE_COMPLETE] = "complete",
    [SDXI_TRACE_INTERRUPT] = "interrupt",
    [SDXI_TRACE_FAULT] = "fault",
    [SDXI_TRACE_ERRLOG] = "errlog",
};

const char *sdxi_step_name(SdxiTraceStep step)
{
    return names[step];
}

char *sdxi_step_mistake(SdxiTraceStep step, uint64_t a, uint64_t b,
                        uint64_t c)
{
    switch (step) {
    case SDXI_TRACE_IGNORED:
        return g_strdup_printf("register 0x%" PRIx64 " keeps bits 0x%" PRIx64,
                               a, b);
    case SDXI_TRACE_DOORBELL_BAD:
        return g_strdup_printf("doorbell at 0x%" PRIx64 " rings nothing", a);
    case SDXI_TRACE_FAULT:
        return g_strdup_printf("context %" PRIu64 ", descriptor %" PRIu64
                               ": error in step %u, sub-step %u", a, b,
                               (unsigned)(c >> 8), (unsigned)(c >> 4) & 15);
    default:
        return NULL;
    }
}
