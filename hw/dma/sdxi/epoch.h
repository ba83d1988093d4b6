/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When the map of memory, what an I/O MMU translates, or a right, changes,
 * nobody uses what was before.
 *
 * Who reaches guest memory outside the big lock does so within an opening, and
 * holds an opening for one bounded piece of work: never while it waits for
 * anything.  Each change counts the epoch, and returns when every opening
 * of an earlier epoch has been closed; that takes as long as the longest piece
 * (SDXI_HOST_CHUNK bytes), and no lock is dropped meanwhile.  What of the
 * translations a change makes void is in a log (core/inval-log.h).
 */
#ifndef HW_DMA_SDXI_EPOCH_H
#define HW_DMA_SDXI_EPOCH_H

#include "qemu/queue.h"
#include "hw/dma/sdxi/core/inval-log.h"

/* One thread's at a time. */
typedef struct SdxiOpening {
    uint32_t turn;              /* atomic: odd while open */
    uint64_t epoch;             /* when it was opened */
    QTAILQ_ENTRY(SdxiOpening) next;
} SdxiOpening;

/* Its epoch counts changes of what is mapped where, or of rights. */
extern SdxiInvalLog sdxi_invals;

static inline uint64_t sdxi_epoch(void)
{
    /* Pairs with sdxi_inval_log_add(): what is in the log is seen, too. */
    return qatomic_load_acquire(&sdxi_invals.epoch);
}

/* Big lock held.  Changes of any address space count; harmless to repeat. */
void sdxi_epoch_watch(void);
/* Big lock held: from here on changes wait for @o, or do not any more. */
void sdxi_epoch_add(SdxiOpening *o);
void sdxi_epoch_remove(SdxiOpening *o);

/* The thread that uses it; also a critical section of RCU. */
void sdxi_epoch_open(SdxiOpening *o);
void sdxi_epoch_close(SdxiOpening *o);
static inline bool sdxi_epoch_is_open(const SdxiOpening *o)
{
    return o->turn & 1;
}
/* Something has changed since it was opened. */
bool sdxi_epoch_is_stale(const SdxiOpening *o);

/* Any thread that has nothing open: nobody uses what was before. */
void sdxi_epoch_settle(void);

#endif
