/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors that are remembered; see the header.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/history.h"
#include "hw/dma/sdxi/wire/errlog.h"

QEMU_BUILD_BUG_ON(sizeof(SdxiHistory) !=
                  (SDXI_ERRORS_KEPT + SDXI_STOPS_KEPT) *
                  sizeof(SdxiErrorInfo) + 16);

/* The earlier one of the same context gives way, or else the oldest. */
static void make_room(SdxiHistory *h, uint16_t context)
{
    unsigned i = 0;

    while (i < h->stops && h->stop[i].context != context) {
        i++;
    }
    if (i == h->stops) {
        if (h->stops < SDXI_STOPS_KEPT) {
            return;
        }
        i = 0;
    }
    h->stops--;
    memmove(&h->stop[i], &h->stop[i + 1],
            (h->stops - i) * sizeof(h->stop[0]));
}

void sdxi_history_add(SdxiHistory *h, const SdxiErrorInfo *error)
{
    h->recent[h->count++ % SDXI_ERRORS_KEPT] = *error;
    if (error->has_context && error->reaction != SDXI_RE_INFORMATIVE) {
        make_room(h, error->context);
        h->stop[h->stops++] = *error;
    }
}

void sdxi_history_each(const SdxiHistory *h, SdxiErrorFn *fn, void *opaque)
{
    uint64_t n = h->count - MIN(h->count, SDXI_ERRORS_KEPT);

    for (; n < h->count; n++) {
        fn(opaque, &h->recent[n % SDXI_ERRORS_KEPT]);
    }
}

void sdxi_history_each_stop(const SdxiHistory *h, SdxiErrorFn *fn,
                            void *opaque)
{
    for (unsigned i = 0; i < h->stops; i++) {
        fn(opaque, &h->stop[i]);
    }
}
