/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A turn of a context: take a descriptor, execute it, publish, signal, retire;
 * the rules are in turn.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/burst.h"
#include "hw/dma/sdxi/core/completion.h"
#include "hw/dma/sdxi/core/delegate.h"
#include "hw/dma/sdxi/core/descriptor.h"
#include "hw/dma/sdxi/core/turn.h"

static SdxiOutcome execute(SdxiPipe *pipe, SdxiContext *cxt,
                           uint64_t *allowance)
{
    SdxiGates gates = {
        .groups = pipe->dev->active.groups & cxt->geo.groups,
        .max_buffer = MIN(pipe->dev->active.max_buffer, cxt->geo.max_buffer),
        .admin = cxt->number == 0,
    };
    SdxiOp op;
    SdxiExec x = {
        .dev = pipe->dev, .pipe = pipe, .op = &op, .cxt = cxt,
        .allowance = *allowance,
    };
    SdxiRefusal refusal = sdxi_descriptor_parse(pipe->dev->profile, &gates,
                                                &cxt->dsc, &op);
    SdxiOutcome outcome;

    if (refusal != SDXI_ACCEPTED) {
        sdxi_host_trace(&pipe->host, SDXI_TRACE_REFUSED, cxt->number,
                        cxt->read_index, refusal);
        return sdxi_fault_set(&cxt->fault, SDXI_STEP_DSC_GEN,
                              SDXI_SUB_VALIDATION);
    }
    outcome = op.for_vf ? sdxi_delegate_ask(&x) : op.row->run(&x);
    *allowance = x.allowance;
    if (outcome == SDXI_FAULT) {
        cxt->fault = x.fault;
    }
    return outcome;
}

/* The first fault is the one that is told. */
static void also_failed(SdxiContext *cxt, const SdxiFault *fault)
{
    if (!cxt->fault.step) {
        cxt->fault = *fault;
    }
}

static SdxiOutcome publish(SdxiPipe *pipe, SdxiContext *cxt)
{
    SdxiFault fault;
    SdxiOutcome outcome = sdxi_fault_memory(
        &fault, SDXI_STEP_CXT_STS,
        sdxi_context_put_read_index(&pipe->host, &cxt->geo,
                                    cxt->read_index + 1));

    if (outcome == SDXI_FAULT) {
        also_failed(cxt, &fault);
    }
    return outcome;
}

static SdxiOutcome signal_csb(SdxiPipe *pipe, SdxiContext *cxt)
{
    bool er = cxt->er || cxt->fault.step;
    uint64_t csb;
    SdxiFault fault;
    SdxiOutcome outcome;

    if (!sdxi_descriptor_csb(&cxt->dsc, &csb)) {
        return SDXI_DONE;
    }
    outcome = sdxi_completion_signal(&pipe->host, &cxt->geo.space, csb, er,
                                     &fault);
    if (outcome == SDXI_FAULT) {
        also_failed(cxt, &fault);
    }
    return outcome;
}

/* A turn that ends because its context cannot go on now. */
static SdxiTurn parked(SdxiOutcome outcome)
{
    return SDXI_TURN_PARKED + (outcome - SDXI_WAIT);
}

/* GONE if it had failed; OWNER: only the owner may go on from here. */
static SdxiTurn retire(SdxiPipe *pipe, SdxiContext *cxt)
{
    uint64_t index = cxt->read_index;
    SdxiFault fault = cxt->fault;
    bool interrupt = false;

    if (fault.step && pipe->shared) {
        return SDXI_TURN_OWNER;
    }
    if (fault.step &&
        !sdxi_engine_log(pipe->dev, cxt, &fault, index, &interrupt)) {
        return parked(SDXI_WAIT_MEMORY);
    }
    cxt->read_index++;
    cxt->phase = SDXI_PHASE_NONE;
    cxt->descriptors++;
    pipe->counters.descriptors++;
    if (cxt->stale) {
        /* It was the last one to use the old tables. */
        assert(!pipe->shared);
        sdxi_sched_unpark(&pipe->dev->sched, SDXI_FOR_CONTEXTS);
    }
    if (pipe->traced) {
        sdxi_host_trace(&pipe->host, SDXI_TRACE_COMPLETE, cxt->number, index,
                        cxt->er || fault.step);
    }
    if (!fault.step) {
        return SDXI_TURN_READY;
    }
    pipe->counters.failed++;
    sdxi_engine_fail(pipe->dev, cxt, &fault, interrupt);
    return SDXI_TURN_GONE;
}

/* From phase to phase; DONE: it is time to retire. */
static SdxiOutcome advance(SdxiPipe *pipe, SdxiContext *cxt,
                           uint64_t *allowance)
{
    for (; cxt->phase < SDXI_PHASE_RETIRE; cxt->phase++) {
        SdxiOutcome outcome;

        switch (cxt->phase) {
        case SDXI_PHASE_EXECUTE:
            outcome = execute(pipe, cxt, allowance);
            break;
        case SDXI_PHASE_PUBLISH:
            outcome = publish(pipe, cxt);
            break;
        default:
            outcome = signal_csb(pipe, cxt);
            break;
        }
        if (outcome == SDXI_MORE || sdxi_outcome_waits(outcome)) {
            return outcome;
        }
    }
    return SDXI_DONE;
}

/* What a turn has cost and brought so far. */
typedef struct Effort {
    uint64_t left;          /* of the allowance */
    bool worked;            /* something was executed, if only in part */
    bool suspended;         /* ... and that is enough */
} Effort;

/* READY: the turn may go on. */
static SdxiTurn go_on(SdxiPipe *pipe, SdxiContext *cxt, Effort *e)
{
    SdxiOutcome outcome = advance(pipe, cxt, &e->left);

    e->worked = true;
    e->left -= MIN(e->left, SDXI_COST_DESCRIPTOR);
    if (outcome == SDXI_DONE) {
        return retire(pipe, cxt);
    }
    e->suspended = outcome == SDXI_MORE;
    return sdxi_outcome_waits(outcome) ? parked(outcome) : SDXI_TURN_READY;
}

/* Tables changed under a running context: look again where everything is. */
static SdxiOutcome refresh(SdxiPipe *pipe, SdxiContext *cxt,
                           SdxiFault *fault)
{
    SdxiGeometry geo;
    SdxiOutcome outcome = sdxi_cxtwalk(&pipe->host, &pipe->dev->active.walk,
                                       cxt->number, &geo, fault);

    if (outcome == SDXI_DONE) {
        cxt->geo = geo;
        cxt->stale = false;
        sdxi_ring_drop(&pipe->ring);
    }
    return outcome;
}

/* DONE with a descriptor in flight or without; WAIT, or FAULT. */
static SdxiOutcome take(SdxiPipe *pipe, SdxiContext *cxt, SdxiFault *fault)
{
    bool got = false;
    SdxiOutcome outcome = sdxi_ring_fetch(&pipe->ring, &pipe->host, &cxt->geo,
                                          cxt->read_index, &cxt->dsc, &got,
                                          fault);

    if (outcome == SDXI_DONE && got) {
        outcome = sdxi_ring_take(&pipe->ring, &pipe->host, &cxt->geo,
                                 cxt->read_index, &cxt->dsc, fault);
    }
    if (outcome == SDXI_DONE && got) {
        cxt->phase = SDXI_PHASE_EXECUTE;
        cxt->progress = cxt->carry = 0;
        cxt->er = false;
        cxt->fault.step = SDXI_STEP_NONE;
        if (pipe->traced) {
            sdxi_host_trace(&pipe->host, SDXI_TRACE_FETCH, cxt->number,
                            cxt->read_index, (uint32_t)cxt->dsc.q[0]);
        }
    }
    return outcome;
}

/* Not before there is progress: somebody may want that all the time. */
static bool has_to_yield(const SdxiPipe *pipe, const Effort *e)
{
    return e->worked && sdxi_device_yield_wanted(pipe->dev);
}

/* Nothing is in flight: take the next one.  READY means that there is one. */
static SdxiTurn next_descriptor(SdxiPipe *pipe, SdxiContext *cxt, Effort *e)
{
    uint64_t before = e->left;
    bool interrupt;
    SdxiFault fault;
    SdxiOutcome outcome;

    if (cxt->stale) {
        outcome = refresh(pipe, cxt, &fault);
        if (outcome != SDXI_DONE) {
            return sdxi_outcome_waits(outcome)
                   ? parked(outcome)
                   : sdxi_engine_detach(pipe->dev, cxt, &fault);
        }
    }
    sdxi_burst(pipe, cxt, &e->left);
    e->worked |= e->left != before;
    if (!e->left || has_to_yield(pipe, e)) {
        return SDXI_TURN_READY;
    }
    outcome = take(pipe, cxt, &fault);
    if (outcome == SDXI_DONE) {
        return sdxi_context_in_flight(cxt) ? SDXI_TURN_READY
                                           : SDXI_TURN_IDLE;
    }
    if (sdxi_outcome_waits(outcome)) {
        return parked(outcome);
    }
    if (pipe->shared) {
        return SDXI_TURN_OWNER;
    }
    if (!sdxi_engine_log(pipe->dev, cxt, &fault, cxt->read_index,
                         &interrupt)) {
        return parked(SDXI_WAIT_MEMORY);
    }
    sdxi_engine_fail(pipe->dev, cxt, &fault, interrupt);
    return SDXI_TURN_GONE;
}

/*
 * A soft stop has waited long enough, and what is in flight cannot be given
 * back: doing it again would do it twice.  So it ends with an error, as if the
 * access that it waits for had been refused.
 */
static SdxiTurn give_up(SdxiPipe *pipe, SdxiContext *cxt, SdxiErrStep missing)
{
    SdxiFault fault;

    sdxi_fault_set(&fault, missing, SDXI_SUB_TRANSLATION);
    also_failed(cxt, &fault);
    if (cxt->phase <= SDXI_PHASE_PUBLISH) {
        publish(pipe, cxt);
    }
    if (cxt->phase <= SDXI_PHASE_SIGNAL) {
        signal_csb(pipe, cxt);
    }
    retire(pipe, cxt);
    return SDXI_TURN_GONE;
}

/* One step of the owner's turn.  READY: the turn may go on. */
static SdxiTurn step(SdxiPipe *pipe, SdxiContext *cxt, Effort *e)
{
    SdxiDevice *dev = pipe->dev;
    SdxiCxtEvent event;
    bool is_ending = sdxi_engine_ending(dev, cxt, &event);

    if (!sdxi_context_in_flight(cxt)) {
        return is_ending ? sdxi_engine_finish(dev, cxt, event)
                         : next_descriptor(pipe, cxt, e);
    }
    if (is_ending && sdxi_engine_out_of_patience(dev, cxt)) {
        SdxiErrStep missing = sdxi_engine_abandon(dev, cxt);

        return missing ? give_up(pipe, cxt, missing)
                       : sdxi_engine_finish(dev, cxt, event);
    }
    return go_on(pipe, cxt, e);
}

/* Nothing about @cxt needs the owner, as far as can be seen. */
static bool may_share(const SdxiPipe *pipe, const SdxiContext *cxt)
{
    return qatomic_read(&pipe->dev->peer.active) && !cxt->stopping &&
           !cxt->stale && cxt->number;
}

static SdxiTurn shared_step(SdxiPipe *pipe, SdxiContext *cxt, Effort *e)
{
    if (!may_share(pipe, cxt)) {
        return SDXI_TURN_OWNER;
    }
    return sdxi_context_in_flight(cxt)
           ? go_on(pipe, cxt, e)
           : next_descriptor(pipe, cxt, e);
}

SdxiTurn sdxi_turn(SdxiPipe *pipe, SdxiContext *cxt, uint64_t allowance,
                   uint64_t *used)
{
    Effort e = { .left = allowance };
    SdxiTurn turn;

    sdxi_ring_drop(&pipe->ring);
    do {
        turn = pipe->shared ? shared_step(pipe, cxt, &e) : step(pipe, cxt, &e);
    } while (turn == SDXI_TURN_READY && !e.suspended && e.left &&
             !has_to_yield(pipe, &e));
    *used = allowance - e.left;
    return turn;
}

SdxiTurn sdxi_turn_of_owner(void *opaque, SdxiContext *cxt,
                            uint64_t allowance, uint64_t *used)
{
    SdxiDevice *dev = opaque;

    return sdxi_turn(&dev->own, cxt, allowance, used);
}
