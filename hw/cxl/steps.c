/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One trace event for each step of the core, as a table.  Words for numbers
 * that stand for something are core/words.h.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/words.h"
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

THREE(busy_write)
TWO(read_only)
THREE(dc_offer)
THREE(dc_accept)
THREE(dc_release)
THREE(bias)

/* Names of commands are looked for only if somebody reads them. */
static void command(const char *dev, uint64_t a, uint64_t b, uint64_t c)
{
    if (trace_event_get_state_backends(TRACE_MEMFAB_CXL_COMMAND)) {
        trace_memfab_cxl_command(dev, cxl_command_name(a), a, b);
    }
}

static void result(const char *dev, uint64_t a, uint64_t b, uint64_t c)
{
    if (trace_event_get_state_backends(TRACE_MEMFAB_CXL_RESULT)) {
        trace_memfab_cxl_result(dev, cxl_command_name(a), a, b, c);
    }
}

static void background_start(const char *dev, uint64_t a, uint64_t b,
                             uint64_t c)
{
    if (trace_event_get_state_backends(TRACE_MEMFAB_CXL_BACKGROUND_START)) {
        trace_memfab_cxl_background_start(dev, cxl_command_name(a), a, b);
    }
}

static void background_done(const char *dev, uint64_t a, uint64_t b,
                            uint64_t c)
{
    if (trace_event_get_state_backends(TRACE_MEMFAB_CXL_BACKGROUND_DONE)) {
        trace_memfab_cxl_background_done(dev, cxl_command_name(a), a, b, c);
    }
}

static void guest_error(const char *dev, uint64_t a, uint64_t b, uint64_t c)
{
    if (trace_event_get_state_backends(TRACE_MEMFAB_CXL_GUEST_ERROR)) {
        trace_memfab_cxl_guest_error(dev, cxl_command_name(a), a, b, c);
    }
    qemu_log_mask(LOG_GUEST_ERROR, "%s: opcode 0x%04" PRIx64 " with %" PRIu64
                  " bytes refused: 0x%" PRIx64 "\n", dev, a, c, b);
}

static void event(const char *dev, uint64_t a, uint64_t b, uint64_t c)
{
    trace_memfab_cxl_event(dev, cxl_word_event_log(a), b, c);
}

static void event_dropped(const char *dev, uint64_t a, uint64_t b, uint64_t c)
{
    trace_memfab_cxl_event_dropped(dev, cxl_word_event_log(a), b);
}

static void poison(const char *dev, uint64_t a, uint64_t b, uint64_t c)
{
    trace_memfab_cxl_poison(dev, a, b, cxl_word_poison(c));
}

static void media_state(const char *dev, uint64_t a, uint64_t b, uint64_t c)
{
    trace_memfab_cxl_media_state(dev, cxl_word_media_state(b),
                                 cxl_word_media_state(a));
}

static void security(const char *dev, uint64_t a, uint64_t b, uint64_t c)
{
    trace_memfab_cxl_security(dev, a, b, cxl_word_security(b));
}

static void hdm(const char *dev, uint64_t a, uint64_t b, uint64_t c)
{
    if (a == UINT64_MAX) {
        trace_memfab_cxl_hdm_global(dev);
    } else {
        trace_memfab_cxl_hdm(dev, a, cxl_word_decoder(b));
    }
}

static void reset(const char *dev, uint64_t a, uint64_t b, uint64_t c)
{
    trace_memfab_cxl_reset(dev, cxl_word_reset(a));
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

void cxl_trace_step(DeviceState *dev, CxlTraceStep step, uint64_t a,
                    uint64_t b, uint64_t c)
{
    steps[step](dev->id ?: object_get_typename(OBJECT(dev)), a, b, c);
}
