/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes of registers, and resets, that found the function busy: they wait for
 * whoever owns the core next.  Who keeps and applies them is bars.c.
 */
#ifndef HW_DMA_SDXI_KEPT_H
#define HW_DMA_SDXI_KEPT_H

#include "qemu/thread.h"

typedef struct SdxiKeptWrite {
    uint64_t addr, value;
    unsigned size;
} SdxiKeptWrite;

typedef struct SdxiKept {
    QemuMutex mutex;            /* guards what is below */
    GArray *writes;             /* of SdxiKeptWrite, in order */
    unsigned resets;            /* how many; before all writes; atomic */
} SdxiKept;

/* Any thread: is there a reset among them? */
static inline bool sdxi_kept_reset(const SdxiKept *kept)
{
    return qatomic_read(&kept->resets);
}

#endif
