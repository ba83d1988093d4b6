/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The worker's entry: finish transitions of the function, then let contexts
 * have their turns.  The contract is in sdxi.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/turn.h"

static SdxiTurn call_turn(void *opaque, SdxiContext *cxt, uint64_t allowance,
                          uint64_t *used)
{
    SdxiDevice *dev = opaque;

    return sdxi_turn(&dev->own, cxt, allowance, used);
}

static bool call_doorbell(void *opaque, uint16_t number)
{
    return sdxi_engine_doorbell(opaque, number);
}

static bool call_yield(void *opaque)
{
    return sdxi_device_yield_wanted(opaque);
}

static const SdxiSchedCalls calls = {
    .turn = call_turn,
    .doorbell = call_doorbell,
    .yield = call_yield,
};

/* INIT to ACTIVE or ERROR; stays in INIT if memory says "again". */
static void activate(SdxiDevice *dev)
{
    SdxiErrContext where = { 0 };
    SdxiFault fault;

    switch (sdxi_cxtwalk_probe(&dev->host, &dev->active.walk, &fault)) {
    case SDXI_DONE:
        sdxi_device_set_gsv(dev, SDXI_GSV_ACTIVE);
        break;
    case SDXI_FAULT:
        sdxi_engine_report(dev, &fault, &where);
        break;
    default:
        break;
    }
}

/* Someone parked has a deadline, and only running looks at it. */
static bool deadline_is_ticking(const SdxiDevice *dev)
{
    if (dev->winding_down) {
        return !g_queue_is_empty((GQueue *)&dev->sched.parked);
    }
    for (GList *link = dev->sched.parked.head; link; link = link->next) {
        const SdxiContext *cxt = link->data;

        if (cxt->stopping) {
            return true;
        }
    }
    return false;
}

bool sdxi_device_run(SdxiDevice *dev, uint64_t budget)
{
    bool more;

    /* Pointers of an earlier run are void. */
    sdxi_spans_drop(&dev->own.spans);
    dev->own.traced = dev->host.ops->traced(dev->host.opaque);
    if (sdxi_device_gsv(dev) == SDXI_GSV_INIT) {
        activate(dev);
    }
    if (sdxi_function_winds_down(sdxi_device_gsv(dev)) &&
        !dev->winding_down) {
        sdxi_engine_wind_down(dev, SDXI_SOFT_STOP_NS);
    }
    sdxi_sched_unpark(&dev->sched);
    more = sdxi_sched_run(&dev->sched, &calls, dev, budget);
    sdxi_device_count(&dev->own);
    if (sdxi_function_winds_down(sdxi_device_gsv(dev)) &&
        sdxi_device_gsv(dev) != SDXI_GSV_ERROR && !dev->contexts.used) {
        sdxi_sched_hush(&dev->sched);
        sdxi_device_set_gsv(dev, SDXI_GSV_STOP);
        return false;
    }
    return more || deadline_is_ticking(dev);
}
