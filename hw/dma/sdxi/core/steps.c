/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Steps in words; see steps.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/descriptor.h"
#include "hw/dma/sdxi/core/steps.h"
#include "hw/dma/sdxi/wire/mmio.h"
#include "hw/dma/sdxi/wire/tables.h"

static const char *word(const char *const *words, size_t count, uint64_t n)
{
    return n < count && words[n] ? words[n] : "unknown";
}

/* As query-sdxi names them */
static const char *function_state(uint64_t gsv)
{
    static const char *const words[SDXI_GSV_STATES] = {
        [SDXI_GSV_STOP] = "stop", [SDXI_GSV_INIT] = "init",
        [SDXI_GSV_ACTIVE] = "active", [SDXI_GSV_STOPG_SF] = "stopg-sf",
        [SDXI_GSV_STOPG_HD] = "stopg-hd", [SDXI_GSV_ERROR] = "error",
    };

    return word(words, ARRAY_SIZE(words), gsv);
}

static const char *request(uint64_t gsr)
{
    static const char *const words[SDXI_GSR_REQUESTS] = {
        [SDXI_GSR_RESET] = "reset", [SDXI_GSR_STOP_SF] = "soft stop",
        [SDXI_GSR_STOP_HD] = "hard stop", [SDXI_GSR_ACTIVE] = "activation",
    };

    return word(words, ARRAY_SIZE(words), gsr);
}

static const char *context_state(uint64_t state)
{
    static const char *const words[] = {
        [SDXI_CXT_STOP_SW] = "stop-sw", [SDXI_CXT_RUN] = "run",
        [SDXI_CXT_STOPG_SW] = "stopg-sw", [SDXI_CXT_STOP_FN] = "stop-fn",
        [SDXI_CXT_STOPG_FN] = "stopg-fn", [SDXI_CXT_ERR_FN] = "err-fn",
    };

    return word(words, ARRAY_SIZE(words), state);
}

/* The operation of a descriptor that may not be one */
static const char *operation(const SdxiProfile *profile, uint64_t first)
{
    for (unsigned g = 0; g < profile->num_groups; g++) {
        const SdxiOpGroup *group = profile->groups[g];

        for (unsigned r = 0; r < group->num_rows; r++) {
            if (group->type == FIELD_EX64(first, SDXI_DSC_Q0, TYPE) &&
                group->rows[r].subtype == FIELD_EX64(first, SDXI_DSC_Q0,
                                                     SUBTYPE)) {
                return group->rows[r].name;
            }
        }
    }
    return "unknown operation";
}

static char *of_context(SdxiTraceStep step, uint64_t context, uint64_t b,
                        uint64_t c, const SdxiProfile *profile)
{
    g_autofree char *what = NULL;

    switch (step) {
    case SDXI_TRACE_DOORBELL:
        what = g_strdup_printf("doorbell, write index %" PRIu64, b);
        break;
    case SDXI_TRACE_CXT_START:
        what = g_strdup_printf("started at index %" PRIu64 " of a ring of %"
                               PRIu64 " descriptors", b, c);
        break;
    case SDXI_TRACE_CXT_STATE:
        what = g_strdup_printf("state %s, read index %" PRIu64,
                               context_state(b), c);
        break;
    case SDXI_TRACE_FETCH:
        what = g_strdup_printf("descriptor %" PRIu64 " fetched: %s", b,
                               operation(profile, c));
        break;
    case SDXI_TRACE_COMPLETE:
        what = g_strdup_printf("descriptor %" PRIu64 " completed%s", b,
                               c ? " with an error" : "");
        break;
    default:
        g_assert_not_reached();
    }
    return g_strdup_printf("context %" PRIu64 ": %s", context, what);
}

static char *of_function(SdxiTraceStep step, uint64_t a, uint64_t b,
                         uint64_t c)
{
    switch (step) {
    case SDXI_TRACE_REQUEST:
        return g_strdup_printf("%s requested in state %s, goes to %s",
                               request(b), function_state(a),
                               function_state(c));
    case SDXI_TRACE_STATE:
        return g_strdup_printf("state %s, was %s", function_state(b),
                               function_state(a));
    case SDXI_TRACE_RESET:
        return g_strdup("reset");
    case SDXI_TRACE_COPY:
        return g_strdup_printf("%" PRIu64 " bytes copied from 0x%" PRIx64
                               " to 0x%" PRIx64, c, a, b);
    case SDXI_TRACE_INTERRUPT:
        return a ? g_strdup_printf("interrupt, vector %" PRIu64
                                   " of function 0x%04" PRIx64, b, a) :
                   g_strdup_printf("interrupt, vector %" PRIu64, b);
    case SDXI_TRACE_ERRLOG:
        return g_strdup_printf("error log, write index %" PRIu64 "%s", a,
                               b ? ", entry dropped" : "");
    default:
        g_assert_not_reached();
    }
}

char *sdxi_step_text(SdxiTraceStep step, uint64_t a, uint64_t b, uint64_t c,
                     const SdxiProfile *profile)
{
    switch (step) {
    case SDXI_TRACE_IGNORED:
    case SDXI_TRACE_DOORBELL_BAD:
    case SDXI_TRACE_REFUSED:
    case SDXI_TRACE_FAULT:
        return sdxi_step_mistake(step, a, b, c);
    case SDXI_TRACE_DOORBELL:
    case SDXI_TRACE_CXT_START:
    case SDXI_TRACE_CXT_STATE:
    case SDXI_TRACE_FETCH:
    case SDXI_TRACE_COMPLETE:
        return of_context(step, a, b, c, profile);
    default:
        return of_function(step, a, b, c);
    }
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
    case SDXI_TRACE_REFUSED:
        return g_strdup_printf("context %" PRIu64 ", descriptor %" PRIu64
                               ": refused, %s", a, b,
                               sdxi_descriptor_refusal_name(c));
    case SDXI_TRACE_FAULT:
        return g_strdup_printf("context %" PRIu64 ", descriptor %" PRIu64
                               ": error in step %u, sub-step %u", a, b,
                               (unsigned)(c >> 8), (unsigned)(c >> 4) & 15);
    default:
        return NULL;
    }
}
