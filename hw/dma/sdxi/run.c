/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Quanta and jobs; see the header.
 *
 * Nothing that a thread does here needs the big lock; scripts/check-workers
 * knows which of QEMU's functions that leaves.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hw/dma/sdxi/device.h"
#include "hw/dma/sdxi/bars.h"
#include "hw/dma/sdxi/functions.h"
#include "hw/dma/sdxi/run.h"

/* Units of one sdxi_device_run(): some 1 ms, unless somebody waits. */
#define SDXI_QUANTUM            (8 * MiB)

/* Several threads: one context to each; see core/run.c. */
static SdxiWorkerDone sdxi_run_pick(SdxiPci *s, unsigned thread, bool fresh,
                                    bool *others)
{
    switch (sdxi_pipe_pick(s->caller[thread].pipe, fresh, others)) {
    case SDXI_PICK_WORK:
        return SDXI_WORKER_JOB;
    case SDXI_PICK_AGAIN:
        return SDXI_WORKER_MORE;
    default:
        return SDXI_WORKER_IDLE;
    }
}

static bool sdxi_run_look_for_peers(void *opaque, int64_t until)
{
    SdxiCaller *caller = opaque;

    if (!sdxi_gate_gone(&caller->s->gate)) {
        sdxi_functions_look(caller);
    }
    return true;
}

/* What goes to whom is looked up before anything goes. */
static void sdxi_run_begin(SdxiCaller *caller)
{
    if (caller->s->has_peers && sdxi_functions_stale(&caller->below)) {
        sdxi_worker_access(&caller->s->worker, sdxi_run_look_for_peers, caller,
                           false);
    }
    sdxi_requester_begin(&caller->spans);
}

static SdxiWorkerDone sdxi_run_core(SdxiPci *s, unsigned thread, bool fresh,
                                    bool *others)
{
    SdxiWorkerDone done;

    sdxi_run_begin(&s->own);
    if (s->num_callers) {
        done = sdxi_run_pick(s, thread, fresh, others);
    } else {
        done = sdxi_device_run(s->core, SDXI_QUANTUM) ? SDXI_WORKER_MORE
                                                      : SDXI_WORKER_IDLE;
    }
    sdxi_requester_end(&s->own.spans);
    return done;
}

static SdxiWorkerDone sdxi_run_quantum(void *opaque, unsigned thread,
                                       bool fresh, bool *others)
{
    SdxiPci *s = opaque;

    if (sdxi_bars_pending(s)) {
        if (!sdxi_device_drained(s->core)) {
            return SDXI_WORKER_IDLE;    /* whoever comes back last looks */
        }
        sdxi_worker_answered(&s->worker);
        sdxi_bars_apply(s);
    } else {
        sdxi_worker_answered(&s->worker);
    }
    if (qatomic_read(&s->gate.asleep)) {
        return SDXI_WORKER_IDLE;
    }
    return sdxi_run_core(s, thread, fresh, others);
}

static void sdxi_run_job(void *opaque, unsigned thread)
{
    SdxiPci *s = opaque;
    SdxiCaller *caller = &s->caller[thread];

    sdxi_run_begin(caller);
    sdxi_pipe_work(caller->pipe);
    sdxi_requester_end(&caller->spans);
}

static void sdxi_run_job_done(void *opaque, unsigned thread)
{
    SdxiPci *s = opaque;

    sdxi_pipe_put(s->caller[thread].pipe);
}

static const SdxiWorkerCalls sdxi_run_calls = {
    .quantum = sdxi_run_quantum,
    .job = sdxi_run_job,
    .job_done = sdxi_run_job_done,
};

/* ---- life ---- */

static void sdxi_run_add(SdxiPci *s, SdxiCaller *caller)
{
    caller->s = s;
    sdxi_epoch_add(&caller->spans.opening);
}

static void sdxi_run_remove(SdxiCaller *caller)
{
    g_clear_pointer(&caller->pipe, sdxi_pipe_free);
    sdxi_peer_ranges_free(&caller->below);
    sdxi_peer_ranges_free(&caller->beside);
    sdxi_peer_ranges_free(&caller->uio);
    sdxi_peer_ranges_free(&caller->refused);
    sdxi_epoch_remove(&caller->spans.opening);
}

void sdxi_run_init(SdxiPci *s)
{
    sdxi_epoch_watch();
    sdxi_run_add(s, &s->own);
    s->num_callers = s->prop.core.workers > 1 ? s->prop.core.workers : 0;
    for (unsigned i = 0; i < s->num_callers; i++) {
        sdxi_run_add(s, &s->caller[i]);
    }
}

static void sdxi_run_wake(void *opaque)
{
    sdxi_worker_kick(opaque);
}

void sdxi_run_start(SdxiPci *s)
{
    timer_init_ns(&s->wake, QEMU_CLOCK_VIRTUAL, sdxi_run_wake, &s->worker);
    for (unsigned i = 0; i < s->num_callers; i++) {
        s->caller[i].pipe = sdxi_pipe_new(s->core, &s->caller[i]);
    }
    sdxi_owner_init(&s->worker, DEVICE(s), s->prop.iothread,
                    &s->prop.core, &sdxi_run_calls, s);
}

void sdxi_run_exit(SdxiPci *s)
{
    timer_del(&s->wake);
    for (unsigned i = 0; i < s->num_callers; i++) {
        sdxi_run_remove(&s->caller[i]);
    }
    sdxi_run_remove(&s->own);
    sdxi_owner_destroy(&s->worker);
}
