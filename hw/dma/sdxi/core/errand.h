/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An administrative operation on its way from a physical function to one of
 * its virtual ones (SDXI 1.0 Table 6-14, field vf).  Who does what with it is
 * in delegate.c.
 *
 * A virtual function has room for one errand, because its physical function
 * executes one administrative descriptor at a time.  The state says whose the
 * rest is: in ASKED the virtual function's, otherwise the asker's.
 */
#ifndef HW_DMA_SDXI_CORE_ERRAND_H
#define HW_DMA_SDXI_CORE_ERRAND_H

#include "hw/dma/sdxi/core/context.h"

typedef enum SdxiErrandState {
    SDXI_ERRAND_NONE,
    SDXI_ERRAND_ASKED,
    SDXI_ERRAND_DONE,       /* fault and actor.er are the answer */
} SdxiErrandState;

typedef struct SdxiErrand {
    uint32_t state;         /* SdxiErrandState; atomic */
    bool begun;
    const SdxiFace *asker;
    SdxiDsc dsc;
    SdxiFault fault;        /* step 0: none */
    SdxiContext actor;      /* in place of the context that executes it */
} SdxiErrand;

#endif /* HW_DMA_SDXI_CORE_ERRAND_H */
