/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An administrative operation on its way from a physical function to one of
 * its virtual ones (SDXI 1.0 Table 6-14, field vf).  Who does what with it is
 * in delegate.c.
 *
 * A virtual function has room for one request, because its physical function
 * executes one administrative descriptor at a time.  The state says whose the
 * rest is: in ASKED the virtual function's, otherwise the asker's.
 */
#ifndef HW_DMA_SDXI_CORE_VF_REQ_H
#define HW_DMA_SDXI_CORE_VF_REQ_H

#include "hw/dma/sdxi/core/context.h"

typedef enum SdxiVfReqState {
    SDXI_VF_REQ_NONE,
    SDXI_VF_REQ_ASKED,
    SDXI_VF_REQ_DONE,       /* fault and actor.er are the answer */
} SdxiVfReqState;

typedef struct SdxiVfReq {
    uint32_t state;         /* SdxiVfReqState; atomic */
    bool begun;
    const SdxiPeer *asker;
    SdxiDsc dsc;
    SdxiFault fault;        /* step 0: none */
    SdxiContext actor;      /* in place of the context that executes it */
} SdxiVfReq;

#endif /* HW_DMA_SDXI_CORE_VF_REQ_H */
