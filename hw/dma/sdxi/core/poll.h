/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long somebody who has nothing to do looks for work before going to
 * sleep: longer while that would have found it, shorter while it would not.
 *
 * It learns from how long it has waited each time, by looking and asleep; that
 * is longer than it took the work to come, by what waking up takes.  Who looks,
 * and at what, is hw/dma/sdxi/worker.c.
 */
#ifndef HW_DMA_SDXI_CORE_POLL_H
#define HW_DMA_SDXI_CORE_POLL_H

/* What it begins with, unless there is less. */
#define SDXI_POLL_FIRST_NS 4000

/* All zero: never looks. */
typedef struct SdxiPoll {
    uint64_t max_ns;            /* no longer than this */
    uint64_t ns;                /* next time */
} SdxiPoll;

/* Work came, or somebody wanted something, after @ns. */
void sdxi_poll_waited(SdxiPoll *p, uint64_t ns);

#endif /* HW_DMA_SDXI_CORE_POLL_H */
