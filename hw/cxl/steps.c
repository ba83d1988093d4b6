/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One trace event for each step of the core, as a table.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "hw/cxl/steps.h"
#include "hw/cxl/trace.h"

typedef void StepFn(const char *dev, uint64_t a, uint64_t b, uint64_t c);

/* Of events with two numbers, and with three */
#define TWO(event)                                                      \
    static void event(const char *dev, uint64_t a, uint64_t b, uint64_t c) \
    {                                                                   \
        trace_memfab_cxl_##event(dev, a, b);                            \
    }
#define THREE(event)                                                    \
    static void event(const char *dev, uint64_t a, uint64_t b, uint64_t c) \
    {                                                                   \
        trace_memfab_cxl_##event(dev, a, b, c);                         \
    }

TWO(command)
THREE(result)
THREE(busy_write)
TWO(read_only)
TWO(background_start)
THREE(background_done)
THREE(event)
TWO(event_dropped)
THREE(poison)
THREE(dc_offer)
THREE(dc_accept)
THREE(dc_release)
TWO(media_state)
TWO(security)
TWO(hdm)
THREE(bias)

static void guest_error(const char *dev, uint64_t a, uint64_t b, uint64_t c)
{
    trace_memfab_cxl_guest_error(dev, a, b, c);
    qemu_log_mask(LOG_GUEST_ERROR, "%s: opcode 0x%04" PRIx64 " with %" PRIu64
                  " bytes refused: 0x%" PRIx64 "\n", dev, a, c, b);
}

static void reset(const char *dev, uint64_t a, uint64_t b, uint64_t c)
{
    trace_memfab_cxl_reset(dev, a);
}

static StepFn *const steps[CXL_TRACE_STEPS] = {
    [CXL_TRACE_COMMAND] = command,
    [CXL_TRACE_RESULT] = result,
    [CXL_TRACE_GUEST_ERROR] = guest_error,
    [CXL_TRACE_BUSY_WRITE] = busy_write,
    [CXL_TRACE_READ_ONLY] = read_only,
    [CXL_TRACE_BG_START] = background_start,
    [CXL_TRACE_BG_DONE] = background_done,
    [CXL_TRACE_EVENT] = event,
    [CXL_TRACE_EVENT_DROPPED] = event_dropped,
    [CXL_TRACE_POISON] = poison,
    [CXL_TRACE_DC_OFFER] = dc_offer,
    [CXL_TRACE_DC_ACCEPT] = dc_accept,
    [CXL_TRACE_DC_RELEASE] = dc_release,
    [CXL_TRACE_MEDIA_STATE] = media_state,
    [CXL_TRACE_SECURITY] = security,
    [CXL_TRACE_DECODER] = hdm,
    [CXL_TRACE_RESET] = reset,
    [CXL_TRACE_BIAS] = bias,
};

void cxl_trace_step(const char *dev, CxlTraceStep step, uint64_t a,
                    uint64_t b, uint64_t c)
{
    steps[step](dev, a, b, c);
}
