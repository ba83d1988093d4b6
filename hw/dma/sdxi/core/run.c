/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The workers' entries: finish transitions of the function, then let contexts
 * have their turns.  The contract is in sdxi.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/delegate.h"
#include "hw/dma/sdxi/core/turn.h"

static bool call_doorbell(void *opaque, uint16_t number)
{
    return sdxi_engine_doorbell(opaque, number);
}

static bool call_yield(void *opaque)
{
    return sdxi_device_yield_wanted(opaque);
}

static const SdxiSchedCalls calls = {
    .turn = sdxi_turn_of_owner,
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
        sdxi_engine_report(dev, &fault, &where, NULL);
        break;
    default:
        break;
    }
}

/* When the first of the parked loses patience; INT64_MAX: nobody will. */
static int64_t first_deadline(const SdxiDevice *dev)
{
    int64_t first = dev->winding_down && sdxi_sched_parked(&dev->sched)
                    ? dev->deadline : INT64_MAX;

    for (unsigned i = 0; i < SDXI_WAITS; i++) {
        const GList *link = dev->sched.parked[i].head;

        for (; link; link = link->next) {
            const SdxiContext *cxt = link->data;

            if (cxt->stopping) {
                first = MIN(first, cxt->deadline);
            }
        }
    }
    return first;
}

/* Only their turns look at the clock.  True: it is time for one. */
static bool deadline_has_come(SdxiDevice *dev)
{
    int64_t first = first_deadline(dev);

    if (first == INT64_MAX) {
        return false;
    }
    if (dev->host.ops->now_ns(dev->host.opaque) >= first) {
        return true;
    }
    dev->host.ops->wake_at(dev->host.opaque, first);
    return false;
}

/*
 * A kick may mean that memory is there, or that a function has answered; what
 * contexts of this function do wakes by itself.
 */
static void unpark(SdxiDevice *dev)
{
    if (first_deadline(dev) != INT64_MAX) {
        sdxi_sched_unpark(&dev->sched, SDXI_FOR_CONTEXTS);
    }
    sdxi_sched_unpark(&dev->sched, SDXI_FOR_MEMORY);
    sdxi_sched_unpark(&dev->sched, SDXI_FOR_FUNCTION);
}

/* Pointers of an earlier time are void. */
static void set_off(SdxiPipe *pipe)
{
    sdxi_spans_drop(&pipe->spans);
    pipe->traced = pipe->host.ops->traced(pipe->host.opaque);
}

/* Only a courtesy: what is in flight may take a while. */
static void show_stopping(SdxiDevice *dev)
{
    SdxiContext *cxt = sdxi_context_from(&dev->contexts, 0);

    for (; cxt; cxt = sdxi_context_from(&dev->contexts, cxt->number + 1)) {
        if (sdxi_context_in_flight(cxt)) {
            sdxi_context_put_state(&dev->host, &cxt->geo, SDXI_CXT_STOPG_FN);
        }
    }
}

bool sdxi_device_run(SdxiDevice *dev, uint64_t budget)
{
    bool more;

    set_off(&dev->own);
    if (sdxi_device_gsv(dev) == SDXI_GSV_INIT) {
        activate(dev);
    }
    if (sdxi_function_winds_down(sdxi_device_gsv(dev)) &&
        !dev->winding_down) {
        sdxi_engine_wind_down(dev, SDXI_SOFT_STOP_NS);
        show_stopping(dev);
    }
    unpark(dev);
    more = sdxi_sched_run(&dev->sched, &calls, dev, budget);
    /* Last: what it waits for may have happened in this run. */
    more |= sdxi_delegate_serve(dev, budget);
    /* It may have given contexts something to do. */
    more |= dev->sched.ready.length != 0;
    sdxi_device_count(&dev->own);
    if (sdxi_function_winds_down(sdxi_device_gsv(dev)) &&
        sdxi_device_gsv(dev) != SDXI_GSV_ERROR && !dev->contexts.used) {
        sdxi_sched_quiet(&dev->sched);
        sdxi_device_set_gsv(dev, SDXI_GSV_STOP);
        return false;
    }
    return more || deadline_has_come(dev);
}

/* --- side by side --------------------------------------------------------- */

/* What one worker does in one go, and after how much the parked may try. */
#define PORTION (1024 * 1024)

SdxiPipe *sdxi_pipe_new(SdxiDevice *dev, void *opaque)
{
    SdxiPipe *pipe = g_new0(SdxiPipe, 1);

    pipe->dev = dev;
    pipe->host = (SdxiHost) {
        .ops = dev->host.ops, .opaque = opaque, .spans = &pipe->spans,
    };
    pipe->shared = true;
    return pipe;
}

void sdxi_pipe_free(SdxiPipe *pipe)
{
    assert(!pipe->cxt);
    sdxi_spans_free(&pipe->spans);
    g_free(pipe->scratch);
    g_free(pipe);
}

bool sdxi_device_drained(SdxiDevice *dev)
{
    qatomic_set(&dev->drain, dev->leases != 0);
    return !dev->leases;
}

static bool owners(const SdxiContext *cxt)
{
    return !cxt->number || cxt->alone || cxt->stopping || cxt->stale;
}

static SdxiPick pick_turn(SdxiPipe *pipe)
{
    SdxiDevice *dev = pipe->dev;
    SdxiContext *cxt = sdxi_sched_next(&dev->sched, &calls, dev);

    if (!cxt) {
        if (deadline_has_come(dev)) {
            unpark(dev);
            return SDXI_PICK_AGAIN;
        }
        return sdxi_sched_busy(&dev->sched) ? SDXI_PICK_AGAIN
                                            : SDXI_PICK_NOTHING;
    }
    /* What context 0 does may concern all others. */
    if (!cxt->number && !sdxi_device_drained(dev)) {
        return SDXI_PICK_NOTHING;
    }
    if (owners(cxt)) {
        cxt->alone = false;
        dev->since_unpark += sdxi_sched_turn(&dev->sched, &calls, dev, cxt,
                                             PORTION);
        sdxi_device_count(&dev->own);
        return SDXI_PICK_AGAIN;
    }
    pipe->allowance = sdxi_sched_allowance(&dev->sched, cxt);
    sdxi_sched_lease(&dev->sched, cxt);
    pipe->cxt = cxt;
    dev->leases++;
    return SDXI_PICK_WORK;
}

SdxiPick sdxi_pipe_pick(SdxiPipe *pipe, bool fresh, bool *others)
{
    SdxiDevice *dev = pipe->dev;
    SdxiPick pick = SDXI_PICK_NOTHING;
    /* Once: what is asked from here on may find contexts in pipes. */
    bool asked = sdxi_delegate_asked(dev);

    assert(!pipe->cxt);
    if (dev->drain && !sdxi_device_drained(dev)) {
        *others = false;
        return SDXI_PICK_NOTHING;
    }
    if (sdxi_device_gsv(dev) != SDXI_GSV_ACTIVE) {
        if (sdxi_device_drained(dev) && sdxi_device_run(dev, PORTION)) {
            pick = SDXI_PICK_AGAIN;
        }
    } else if (!asked || sdxi_device_drained(dev)) {
        bool more;

        set_off(&dev->own);
        if (fresh || dev->since_unpark >= PORTION) {
            dev->since_unpark = 0;
            unpark(dev);
        }
        more = asked && sdxi_delegate_serve(dev, PORTION);
        pick = pick_turn(pipe);
        if (more && pick == SDXI_PICK_NOTHING) {
            pick = SDXI_PICK_AGAIN;
        }
    }
    *others = sdxi_sched_busy(&dev->sched);
    /* Nobody can look at these before something has changed. */
    sdxi_sched_ring_later(&dev->sched);
    return pick;
}

void sdxi_pipe_work(SdxiPipe *pipe)
{
    set_off(pipe);
    pipe->turn = sdxi_turn(pipe, pipe->cxt, pipe->allowance, &pipe->used);
}

void sdxi_pipe_put(SdxiPipe *pipe)
{
    SdxiDevice *dev = pipe->dev;
    SdxiContext *cxt = pipe->cxt;

    pipe->cxt = NULL;
    dev->leases--;
    dev->since_unpark += pipe->used;
    cxt->alone = pipe->turn == SDXI_TURN_OWNER;
    sdxi_sched_give_back(&dev->sched, cxt, pipe->turn);
    sdxi_device_count(pipe);
}
