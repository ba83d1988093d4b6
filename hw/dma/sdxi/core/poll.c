/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Adaptive busy waiting; see poll.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/poll.h"

void sdxi_poll_waited(SdxiPoll *p, uint64_t ns)
{
    if (ns <= p->ns) {
        return;                 /* it was found by looking */
    }
    if (ns > p->max_ns) {
        p->ns = p->ns / 2 < MIN(SDXI_POLL_FIRST_NS, p->max_ns) ? 0 : p->ns / 2;
    } else {
        p->ns = MIN(MAX(2 * p->ns, SDXI_POLL_FIRST_NS), p->max_ns);
    }
}
