/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers in words; see words.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/media.h"
#include "hw/cxl/core/poison.h"
#include "hw/cxl/core/reset.h"
#include "hw/cxl/core/words.h"
#include "hw/cxl/wire/commands.h"
#include "hw/cxl/wire/events.h"

static const char *word(const char *const *words, size_t count, uint64_t n)
{
    return n < count && words[n] ? words[n] : "unknown";
}
#define WORD(words, n) word(words, ARRAY_SIZE(words), n)

const char *cxl_word_event_log(uint64_t log)
{
    static const char *const logs[] = {
        [CXL_EVLOG_INFO] = "informational", [CXL_EVLOG_WARNING] = "warning",
        [CXL_EVLOG_FAILURE] = "failure", [CXL_EVLOG_FATAL] = "fatal",
        [CXL_EVLOG_DC] = "dynamic capacity",
    };

    return WORD(logs, log);
}

const char *cxl_word_poison(uint64_t source)
{
    static const char *const sources[] = {
        [0] = "removed", [CXL_POISON_EXTERNAL] = "external",
        [CXL_POISON_INTERNAL] = "internal",
        [CXL_POISON_INJECTED] = "injected", [CXL_POISON_VENDOR] = "vendor",
    };

    return WORD(sources, source);
}

const char *cxl_word_media_state(uint64_t state)
{
    static const char *const states[] = {
        [CXL_MEDIA_NOT_READY] = "not ready", [CXL_MEDIA_READY] = "ready",
        [CXL_MEDIA_ERROR] = "error", [CXL_MEDIA_DISABLED] = "disabled",
    };

    return WORD(states, state);
}

const char *cxl_word_security(uint64_t states)
{
    return states & CXL_SECURITY_LOCKED ? "locked" : "unlocked";
}

const char *cxl_word_decoder(uint64_t committed)
{
    return committed ? "committed" : "free";
}

const char *cxl_word_reset(uint64_t kind)
{
    static const char *const kinds[CXL_RESET_KINDS] = {
        [CXL_RESET_COLD] = "cold", [CXL_RESET_HOT] = "hot",
        [CXL_RESET_CXL_CLEAR] = "CXL reset that clears memory",
        [CXL_RESET_CXL] = "CXL reset", [CXL_RESET_FUNCTION] = "function level",
    };

    return WORD(kinds, kind);
}
