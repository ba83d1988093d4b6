/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Register writes and resets that found the function owned by somebody else:
 * they wait here, in order, for whoever owns it next, and reads show them from
 * then on.  Who may look when is the caller's business (hw/dma/sdxi/bars.c).
 *
 * A write is kept for each register that it meets.  What software writes to a
 * register again before the function was asked to change its state replaces
 * what it wrote before, so a function that is busy for long keeps at most one
 * write of each register between two requests.  There is room for
 * SDXI_KEPT_MAX writes.  If software asks for more changes of state than that
 * while the function looks at none of them, a later write takes the place of
 * the last one of its register: as with a register that is sampled too late,
 * the last value counts, and no register ever ends with an older one.
 *
 * Invariant (sdxi_kept_check): at most SDXI_KEPT_MAX writes and one more for
 * each register, none of them empty.
 */
#ifndef HW_DMA_SDXI_CORE_KEPT_H
#define HW_DMA_SDXI_CORE_KEPT_H

#include "hw/dma/sdxi/core/image.h"

#define SDXI_KEPT_MAX 64
#define SDXI_KEPT_ROOM (SDXI_KEPT_MAX + SDXI_REGS)

/* Some bytes of one register */
typedef struct SdxiKeptWrite {
    uint64_t value;         /* positioned in the register */
    uint64_t lanes;         /* ones in every byte that was written */
    uint32_t offset;        /* of the register in BAR0 */
} SdxiKeptWrite;

typedef struct SdxiKept {
    SdxiKeptWrite write[SDXI_KEPT_ROOM]; /* a ring */
    unsigned first, count;
    bool taken;             /* the first is being done, and stays as it is */
    unsigned resets;        /* how many; before all writes; atomic */
} SdxiKept;

/* What is to be done next: resets, or else the first write. */
typedef struct SdxiKeptStep {
    unsigned resets;
    SdxiKeptWrite write;
} SdxiKeptStep;

void sdxi_kept_init(SdxiKept *kept);
/* False: there was no room, and an earlier request will not be seen. */
bool sdxi_kept_write(SdxiKept *kept, uint64_t addr, uint64_t value,
                     unsigned size);
/* What was written before is void. */
void sdxi_kept_reset(SdxiKept *kept);

bool sdxi_kept_any(const SdxiKept *kept);
/* Any thread: is there a reset among them? */
static inline bool sdxi_kept_has_reset(const SdxiKept *kept)
{
    return qatomic_read(&kept->resets);
}

/*
 * Take the next step, do it, say so: reads show it until then.  False if there
 * is none.  What came meanwhile is still there; after a reset that came
 * meanwhile the step is not done.
 */
bool sdxi_kept_take(SdxiKept *kept, SdxiKeptStep *step);
void sdxi_kept_do(const SdxiKeptStep *step, SdxiDevice *dev);
void sdxi_kept_done(SdxiKept *kept, const SdxiKeptStep *step);

/* As the registers will be after all that is kept. */
void sdxi_kept_show(const SdxiKept *kept, SdxiImage *image);

/* NULL if the invariant holds, else which part does not. */
const char *sdxi_kept_check(const SdxiKept *kept);

#endif /* HW_DMA_SDXI_CORE_KEPT_H */
