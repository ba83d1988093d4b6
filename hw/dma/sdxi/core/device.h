/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rooms of one function put together.
 *
 * Only the engine, the operations, saving, run.c and device.c see this; every
 * other room is given its own part.
 */
#ifndef HW_DMA_SDXI_CORE_DEVICE_H
#define HW_DMA_SDXI_CORE_DEVICE_H

#include "hw/dma/sdxi/core/akey.h"
#include "hw/dma/sdxi/core/context.h"
#include "hw/dma/sdxi/core/vf-req.h"
#include "hw/dma/sdxi/core/function.h"
#include "hw/dma/sdxi/core/history.h"
#include "hw/dma/sdxi/core/pipe.h"
#include "hw/dma/sdxi/core/op.h"
#include "hw/dma/sdxi/core/regs.h"
#include "hw/dma/sdxi/core/sched.h"

/* A soft stop that takes longer than this is brought to an end. */
#define SDXI_SOFT_STOP_NS (400 * 1000 * 1000)

/* CTL0, CTL2 and CXT_L2 as they were when the function was activated. */
typedef struct SdxiActive {
    SdxiWalk walk;
    uint32_t groups;
    uint32_t top_context;
    uint8_t max_buffer;
} SdxiActive;

struct SdxiDevice {
    SdxiConfig config;
    const SdxiProfile *profile;
    SdxiHost host;              /* as the owner's pipe has it */
    SdxiPeer peer;
    SdxiRegs regs;
    SdxiActive active;
    SdxiContextTable contexts;
    SdxiSched sched;
    SdxiPipe own;               /* the owner's */
    SdxiVfReq vf_req;           /* what the physical function asked */
    SdxiCounters counters;
    SdxiHistory history;
    unsigned leases;            /* contexts that pipes have */
    bool drain;                 /* atomic: all of them are wanted back */
    uint64_t since_unpark;      /* units done since the parked were tried */
    bool winding_down;          /* contexts were told that they must end */
    int64_t deadline;           /* of a soft stop of the function, ns */
};

/* Others may have lost a right to this function: they ask again. */
void sdxi_device_withdraw(SdxiDevice *dev);
/* What peers and doorbells need to know of CTL2 and RKEY. */
void sdxi_device_show_limits(SdxiDevice *dev);
/* Latch registers for an activation, or from a saved state. */
void sdxi_device_latch(SdxiDevice *dev, uint64_t ctl0, uint64_t l2);
/* Add to the function's counters what a pipe has counted. */
void sdxi_device_count(SdxiPipe *pipe);
/* For sdxi_device_count_peers() below. */
void sdxi_device_ask_peers(SdxiPipe *pipe, const SdxiSpace *src_space,
                           uint64_t src, const SdxiSpace *dst_space,
                           uint64_t dst, uint64_t bytes);
/* STS0 and everything that shows the same to others. */
void sdxi_device_set_gsv(SdxiDevice *dev, SdxiGsv gsv);
/* The same without a word to anybody. */
void sdxi_device_show_gsv(SdxiDevice *dev, SdxiGsv gsv);
/* All rooms to their power-on state, likewise. */
void sdxi_device_clear(SdxiDevice *dev);
/* Contexts and doorbells are gone; guest memory is not touched. */
void sdxi_device_drop(SdxiDevice *dev);

static inline SdxiGsv sdxi_device_gsv(const SdxiDevice *dev)
{
    return sdxi_regs_gsv(&dev->regs);
}

/* @bytes went from @src (no @src_space: not memory) to @dst. */
static inline void sdxi_device_count_peers(SdxiPipe *pipe,
                                           const SdxiSpace *src_space,
                                           uint64_t src,
                                           const SdxiSpace *dst_space,
                                           uint64_t dst, uint64_t bytes)
{
    if (unlikely(pipe->dev->config.switched) && bytes) {
        sdxi_device_ask_peers(pipe, src_space, src, dst_space, dst, bytes);
    }
}

static inline SdxiRequester sdxi_device_requester(const SdxiPipe *pipe,
                                                  const SdxiContext *cxt)
{
    return (SdxiRequester) {
        .host = &pipe->host, .peer = &pipe->dev->peer,
        .tables = &pipe->dev->active.walk.space, .geo = &cxt->geo,
    };
}

static inline bool sdxi_device_yield_wanted(const SdxiDevice *dev)
{
    return qatomic_read(&dev->drain) ||
           dev->host.ops->yield_wanted(dev->host.opaque);
}

#endif /* HW_DMA_SDXI_CORE_DEVICE_H */
