/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors that are remembered for a person who asks, whether or not the guest
 * has a log for them: the last ones of all, and the last of each context that
 * an error has stopped, so that mistakes which stop nobody cannot push it out.
 *
 * What the guest is told is in errlog.c.
 */
#ifndef HW_DMA_SDXI_CORE_HISTORY_H
#define HW_DMA_SDXI_CORE_HISTORY_H

#include "hw/dma/sdxi/core/sdxi.h"

typedef struct SdxiHistory {
    SdxiErrorInfo recent[SDXI_ERRORS_KEPT];
    uint64_t count;             /* so far; the last ones are in the array */
    /* One per context, the oldest first. */
    SdxiErrorInfo stop[SDXI_STOPS_KEPT];
    unsigned stops;
} SdxiHistory;

void sdxi_history_add(SdxiHistory *h, const SdxiErrorInfo *error);
/* Both in the order in which they happened. */
void sdxi_history_each(const SdxiHistory *h, SdxiErrorFn *fn, void *opaque);
void sdxi_history_each_stop(const SdxiHistory *h, SdxiErrorFn *fn,
                            void *opaque);

#endif /* HW_DMA_SDXI_CORE_HISTORY_H */
