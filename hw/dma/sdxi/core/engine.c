/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of a context: start, stop, failure, and what the whole function has
 * to do with it; see engine.h.
 */
#include "qemu/osdep.h"
#include "hw/common/clock.h"
#include "hw/dma/sdxi/core/descriptor.h"
#include "hw/dma/sdxi/core/engine.h"

static int64_t now_ns(const SdxiDevice *dev)
{
    return dev->host.ops->now_ns(dev->host.opaque);
}

static void raise_error_vector(SdxiDevice *dev)
{
    sdxi_host_trace(&dev->host, SDXI_TRACE_INTERRUPT, 0, SDXI_ERROR_VECTOR,
                    0);
    dev->host.ops->interrupt(dev->host.opaque, NULL, SDXI_ERROR_VECTOR);
    dev->counters.interrupts++;
}

/* --- faults ------------------------------------------------------------ */

/* Index is valid from the step on at which there is a descriptor. */
static SdxiErrContext where_of(const SdxiContext *cxt, const SdxiFault *fault,
                               uint64_t index)
{
    return (SdxiErrContext) {
        .has_number = true, .number = cxt->number,
        .has_index = fault->step >= SDXI_STEP_DSC_GEN, .index = index,
    };
}

static void remember(SdxiDevice *dev, const SdxiFault *fault,
                     const SdxiErrContext *where, bool logged)
{
    SdxiErrorInfo error = {
        .index = where->has_index ? where->index : 0,
        .context = where->number,
        .step = fault->step,
        .sub = fault->sub,
        .reaction = fault->reaction,
        .buffer = fault->buffer,
        .has_context = where->has_number,
        .has_index = where->has_index,
        .has_buffer = fault->has_buffer,
        .logged = logged,
    };

    sdxi_history_add(&dev->history, &error);
}

/* False: to be tried again.  *@interrupt: vector 0 is to be raised. */
static bool log_fault(SdxiDevice *dev, const SdxiFault *fault,
                      const SdxiErrContext *where, const SdxiContext *cxt,
                      bool *interrupt)
{
    SdxiErrlogEnd end = sdxi_errlog_append(
        &dev->regs, &dev->host, &dev->active.walk.space,
        dev->config.errlog_shift, fault, where, interrupt);

    if (end == SDXI_ERRLOG_AGAIN) {
        if (!cxt || !sdxi_engine_out_of_patience(dev, cxt)) {
            return false;
        }
        end = sdxi_errlog_lose(&dev->regs, &dev->host, interrupt);
    }
    dev->counters.logged += end == SDXI_ERRLOG_WRITTEN;
    dev->counters.lost += end == SDXI_ERRLOG_LOST;
    remember(dev, fault, where, end == SDXI_ERRLOG_WRITTEN);
    sdxi_host_trace(&dev->host, SDXI_TRACE_FAULT, where->number,
                    where->index,
                    fault->step << 8 | fault->sub << 4 | fault->reaction);
    return true;
}

static void function_error(SdxiDevice *dev)
{
    if (sdxi_device_gsv(dev) == SDXI_GSV_ERROR) {
        return;
    }
    sdxi_device_set_gsv(dev, SDXI_GSV_ERROR);
    sdxi_engine_wind_down(dev, 0);
    if (FIELD_EX64(sdxi_regs_get(&dev->regs, SDXI_MMIO_CTL0), SDXI_CTL0,
                   ERR_INTR_EN)) {
        raise_error_vector(dev);
    }
}

bool sdxi_engine_report(SdxiDevice *dev, const SdxiFault *fault,
                        const SdxiErrContext *where, const SdxiContext *cxt)
{
    bool interrupt;

    if (!log_fault(dev, fault, where, cxt, &interrupt)) {
        return false;
    }
    if (interrupt) {
        raise_error_vector(dev);
    }
    if (fault->reaction == SDXI_RE_FUNCTION) {
        function_error(dev);
    }
    return true;
}

void sdxi_engine_wind_down(SdxiDevice *dev, uint64_t patience_ns)
{
    SdxiContext *cxt = sdxi_context_from(&dev->contexts, 0);

    dev->winding_down = true;
    dev->deadline = clock_after(now_ns(dev), patience_ns);
    sdxi_sched_quiet(&dev->sched);
    while (cxt) {
        sdxi_sched_ready(&dev->sched, cxt);
        cxt = sdxi_context_from(&dev->contexts, cxt->number + 1);
    }
}

/* --- the end of a context ---------------------------------------------- */

static void gone(SdxiDevice *dev, SdxiContext *cxt)
{
    sdxi_ring_drop(&dev->own.ring);
    sdxi_sched_forget(&dev->sched, cxt);
    sdxi_context_remove(&dev->contexts, cxt);
    sdxi_sched_unpark(&dev->sched, SDXI_FOR_CONTEXTS);
}

bool sdxi_engine_log(SdxiDevice *dev, SdxiContext *cxt, const SdxiFault *fault,
                     uint64_t index, bool *interrupt)
{
    SdxiErrContext where = where_of(cxt, fault, index);

    return log_fault(dev, fault, &where, cxt, interrupt);
}

void sdxi_engine_fail(SdxiDevice *dev, SdxiContext *cxt,
                      const SdxiFault *fault, bool interrupt)
{
    SdxiCxtState state;

    sdxi_context_next(SDXI_CXT_RUN, SDXI_EVENT_ERROR, &state);
    /* If that cannot be written, the context stays stopped all the same. */
    sdxi_context_put_state(&dev->host, &cxt->geo, state);
    sdxi_host_trace(&dev->host, SDXI_TRACE_CXT_STATE, cxt->number, state,
                    cxt->read_index);
    if (interrupt) {
        raise_error_vector(dev);
    }
    gone(dev, cxt);
    if (fault->reaction == SDXI_RE_FUNCTION) {
        function_error(dev);
    }
}

/* Why a context has to end, if it has to. */
bool sdxi_engine_ending(const SdxiDevice *dev, const SdxiContext *cxt,
                        SdxiCxtEvent *event)
{
    SdxiGsv gsv = sdxi_device_gsv(dev);

    if (gsv == SDXI_GSV_ERROR) {
        *event = SDXI_EVENT_ERROR;
    } else if (sdxi_function_winds_down(gsv)) {
        *event = SDXI_EVENT_STOP_FN;
    } else {
        *event = SDXI_EVENT_STOP;
        return cxt->stopping;
    }
    return true;
}

/* A soft stop lets go on what is in flight, for some time. */
bool sdxi_engine_out_of_patience(const SdxiDevice *dev,
                                 const SdxiContext *cxt)
{
    SdxiGsv gsv = sdxi_device_gsv(dev);

    if (gsv == SDXI_GSV_STOPG_HD || gsv == SDXI_GSV_ERROR ||
        cxt->stopping_hard) {
        return true;
    }
    if (gsv == SDXI_GSV_STOPG_SF && now_ns(dev) >= dev->deadline) {
        return true;
    }
    return cxt->stopping && now_ns(dev) >= cxt->deadline;
}

/* Nobody asked for it to be abandoned, so nothing may be lost. */
static bool is_soft(const SdxiDevice *dev, const SdxiContext *cxt)
{
    return sdxi_device_gsv(dev) != SDXI_GSV_STOPG_HD &&
           sdxi_device_gsv(dev) != SDXI_GSV_ERROR && !cxt->stopping_hard;
}

static SdxiErrStep give_back(SdxiDevice *dev, SdxiContext *cxt)
{
    const SdxiOpRow *row = sdxi_descriptor_row(dev->profile, &cxt->dsc);

    if (cxt->phase != SDXI_PHASE_EXECUTE) {
        return cxt->phase == SDXI_PHASE_PUBLISH ? SDXI_STEP_CXT_STS
                                                : SDXI_STEP_DSC_CSB;
    }
    if (row && cxt->progress && !row->repeatable) {
        return row->missing;
    }
    return sdxi_ring_untake(&dev->host, &cxt->geo, cxt->read_index,
                            &cxt->dsc) == SDXI_MEM_OK
           ? SDXI_STEP_NONE : SDXI_STEP_DSC_GEN;
}

SdxiErrStep sdxi_engine_abandon(SdxiDevice *dev, SdxiContext *cxt)
{
    SdxiErrStep missing = SDXI_STEP_NONE;

    if (is_soft(dev, cxt)) {
        missing = give_back(dev, cxt);
    } else {
        cxt->read_index++;
        sdxi_context_put_read_index(&dev->host, &cxt->geo, cxt->read_index);
    }
    if (!missing) {
        cxt->phase = SDXI_PHASE_NONE;
    }
    return missing;
}

SdxiTurn sdxi_engine_finish(SdxiDevice *dev, SdxiContext *cxt,
                            SdxiCxtEvent event)
{
    SdxiCxtState state;
    SdxiMemResult result;

    sdxi_context_next(SDXI_CXT_RUN, event, &state);
    result = sdxi_context_put_state(&dev->host, &cxt->geo, state);
    if (result == SDXI_MEM_AGAIN && !sdxi_engine_out_of_patience(dev, cxt)) {
        return SDXI_TURN_PARKED + SDXI_FOR_MEMORY;
    }
    if (result != SDXI_MEM_OK && event != SDXI_EVENT_ERROR) {
        SdxiFault fault;
        SdxiErrContext where;

        sdxi_fault_set(&fault, SDXI_STEP_CXT_STS, sdxi_fault_sub(result));
        where = where_of(cxt, &fault, 0);
        if (!sdxi_engine_report(dev, &fault, &where, cxt)) {
            return SDXI_TURN_PARKED + SDXI_FOR_MEMORY;
        }
    }
    sdxi_host_trace(&dev->host, SDXI_TRACE_CXT_STATE, cxt->number, state,
                    cxt->read_index);
    gone(dev, cxt);
    return SDXI_TURN_GONE;
}

/*
 * A context whose tables are gone is stopped where it stands; its status is
 * not touched, for nobody knows where that is now.
 */
SdxiTurn sdxi_engine_detach(SdxiDevice *dev, SdxiContext *cxt,
                            SdxiFault *fault)
{
    SdxiErrContext where = where_of(cxt, fault, 0);

    if (fault->reaction == SDXI_RE_INFORMATIVE) {
        fault->reaction = SDXI_RE_CONTEXT;
    }
    if (!sdxi_engine_report(dev, fault, &where, cxt)) {
        return SDXI_TURN_PARKED + SDXI_FOR_MEMORY;
    }
    gone(dev, cxt);
    return SDXI_TURN_GONE;
}

void sdxi_engine_stop(SdxiDevice *dev, SdxiContext *cxt, bool hard)
{
    if (!cxt->stopping) {
        cxt->deadline = clock_after(now_ns(dev), SDXI_SOFT_STOP_NS);
    }
    cxt->stopping = true;
    cxt->stopping_hard |= hard;
    if (sdxi_context_in_flight(cxt)) {
        /* Only a courtesy: it may take a while. */
        sdxi_context_put_state(&dev->host, &cxt->geo, SDXI_CXT_STOPG_SW);
    }
    sdxi_sched_ready(&dev->sched, cxt);
}

/* --- the start of a context -------------------------------------------- */

/*
 * The tables are wrong, but they say where the status is: show there that
 * the context does not run.  A doorbell alone may do so only to a context
 * that software had put into RUN.
 */
static void show_stopped(SdxiDevice *dev, const SdxiGeometry *geo,
                         SdxiCxtEvent event, const SdxiFault *fault)
{
    uint64_t read_index;
    SdxiFault second;
    bool go = event != SDXI_EVENT_JUMP;

    if (fault->sub != SDXI_SUB_VALIDATION || !geo->sts) {
        return;
    }
    if (!go) {
        sdxi_context_admit(&dev->host, geo, event, &go, &read_index,
                           &second);
    }
    if (go) {
        sdxi_context_put_state(&dev->host, geo, SDXI_CXT_ERR_FN);
    }
}

static void begin(SdxiDevice *dev, uint16_t number, const SdxiGeometry *geo,
                  uint64_t read_index)
{
    SdxiContext *cxt = sdxi_context_add(&dev->contexts, number);

    cxt->geo = *geo;
    cxt->read_index = read_index;
    sdxi_sched_ready(&dev->sched, cxt);
    sdxi_host_trace(&dev->host, SDXI_TRACE_CXT_START, number, read_index,
                    geo->ring_entries);
}

SdxiOutcome sdxi_engine_start(SdxiDevice *dev, uint16_t number,
                              SdxiCxtEvent event, SdxiFault *fault)
{
    SdxiContext *cxt = sdxi_context_find(&dev->contexts, number);
    SdxiGeometry geo;
    uint64_t read_index = 0;
    bool go = false;
    SdxiOutcome outcome;

    if (cxt && cxt->stopping) {
        return SDXI_WAIT_CONTEXTS;
    }
    if (cxt) {
        sdxi_sched_ready(&dev->sched, cxt);
        return SDXI_DONE;
    }
    outcome = sdxi_cxtwalk(&dev->host, &dev->active.walk, number, &geo,
                           fault);
    if (outcome == SDXI_DONE) {
        outcome = sdxi_context_admit(&dev->host, &geo, event, &go,
                                     &read_index, fault);
    }
    if (outcome == SDXI_FAULT) {
        show_stopped(dev, &geo, event, fault);
    } else if (go) {
        begin(dev, number, &geo, read_index);
    }
    return outcome;
}

bool sdxi_engine_doorbell(SdxiDevice *dev, uint16_t number)
{
    SdxiContext *cxt = sdxi_context_find(&dev->contexts, number);
    SdxiErrContext where = { .has_number = true, .number = number };
    SdxiFault fault;
    SdxiOutcome outcome;

    if (!sdxi_function_issues(sdxi_device_gsv(dev)) ||
        number > dev->active.top_context || (cxt && cxt->stopping)) {
        return true;
    }
    dev->counters.doorbells++;
    if (cxt) {
        sdxi_sched_ready(&dev->sched, cxt);
        return true;
    }
    outcome = sdxi_engine_start(dev, number, SDXI_EVENT_JUMP, &fault);
    return outcome == SDXI_FAULT
           ? sdxi_engine_report(dev, &fault, &where, NULL)
           : !sdxi_outcome_waits(outcome);
}
