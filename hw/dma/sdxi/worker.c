/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the threads of a worker do; the rules are in the header.
 *
 * Nothing here needs the big lock; scripts/check-workers knows which of QEMU's
 * functions that leaves.
 */
#include "qemu/osdep.h"
#include "qemu/processor.h"
#include "qemu/rcu.h"
#include "qemu/timer.h"
#include "hw/dma/sdxi/worker.h"

static void sdxi_worker_disown(SdxiWorker *w)
{
    w->owned = false;
    qemu_cond_broadcast(&w->cond);
}

static bool sdxi_worker_rouse(SdxiWorker *w, bool polling)
{
    for (unsigned i = 0; i < w->num_threads; i++) {
        SdxiWorkerThread *t = &w->thread[i];

        if ((qatomic_read(&t->polling) || !polling) &&
            qatomic_read(&t->dozing) && qatomic_xchg(&t->dozing, false)) {
            qemu_event_set(&t->wake);
            return true;
        }
    }
    return false;
}

/* One of those that have nothing to do may look; who is awake comes first. */
static void sdxi_worker_wake(SdxiWorker *w)
{
    if (!sdxi_worker_rouse(w, true)) {
        sdxi_worker_rouse(w, false);
    }
}

/* It was picked when there had been @kicks. */
static void sdxi_worker_do_job(SdxiWorker *w, unsigned thread, unsigned kicks)
{
    w->calls->job(w->opaque, thread);
    qemu_mutex_lock(&w->mutex);
    while (w->owned) {
        qemu_cond_wait(&w->cond, &w->mutex);
    }
    w->owned = true;
    qemu_mutex_unlock(&w->mutex);

    w->calls->job_done(w->opaque, thread);
    if (qatomic_read(&w->kicks) != kicks) {
        /* One may have meant what has only now been parked. */
        w->tried = kicks;
    }

    qemu_mutex_lock(&w->mutex);
    w->jobs--;
    sdxi_worker_disown(w);
    qemu_mutex_unlock(&w->mutex);
    /* It has not been woken, and looks for work next. */
    qatomic_set(&w->thread[thread].dozing, true);
}

/* A quantum, and the job that it ends with.  False: idle. */
static bool sdxi_worker_quantum(SdxiWorker *w, unsigned thread, bool fresh)
{
    SdxiWorkerDone done;
    bool others = false;
    unsigned kicks;

    qemu_mutex_lock(&w->mutex);
    while ((w->owned || qatomic_read(&w->wanted)) && !w->paused && !w->quit) {
        qemu_cond_wait(&w->cond, &w->mutex);
    }
    if (w->paused || w->quit) {
        qemu_mutex_unlock(&w->mutex);
        return false;
    }
    w->owned = true;
    qemu_mutex_unlock(&w->mutex);

    /* What a kick means is seen by who sees that it came. */
    kicks = qatomic_load_acquire(&w->kicks);
    fresh |= kicks != w->tried;
    if (fresh) {
        w->tried = kicks;
    }
    done = w->calls->quantum(w->opaque, thread, fresh, &others);

    qemu_mutex_lock(&w->mutex);
    w->jobs += done == SDXI_WORKER_JOB;
    sdxi_worker_disown(w);
    qemu_mutex_unlock(&w->mutex);
    if (others && w->num_threads > 1) {
        sdxi_worker_wake(w);
    }
    if (done == SDXI_WORKER_JOB) {
        if (!qatomic_xchg(&w->thread[thread].dozing, false)) {
            /* Somebody woke this thread for what it will not look for now. */
            sdxi_worker_wake(w);
        }
        sdxi_worker_do_job(w, thread, kicks);
    }
    return done != SDXI_WORKER_IDLE;
}

/* Holds nothing.  False: nobody woke it, and it is to sleep now. */
static bool sdxi_worker_poll(SdxiWorkerThread *t, int64_t until)
{
    const SdxiWorker *w = t->w;
    bool woken;

    qatomic_set(&t->polling, true);
    do {
        cpu_relax();
        woken = !qatomic_read(&t->dozing);
    } while (!woken && !qatomic_read(&w->paused) && !qatomic_read(&w->quit) &&
             qemu_clock_get_ns(QEMU_CLOCK_REALTIME) < until);
    qatomic_set(&t->polling, false);
    return woken;
}

static void sdxi_worker_sleep(SdxiWorkerThread *t)
{
    int64_t since;

    if (!t->poll.max_ns) {
        qemu_event_wait(&t->wake);
        return;
    }
    since = qemu_clock_get_ns(QEMU_CLOCK_REALTIME);
    if (!sdxi_worker_poll(t, since + t->poll.ns)) {
        qemu_event_wait(&t->wake);
    }
    sdxi_poll_waited(&t->poll,
                     qemu_clock_get_ns(QEMU_CLOCK_REALTIME) - since);
}

void *sdxi_worker_thread(void *opaque)
{
    SdxiWorkerThread *t = opaque;
    SdxiWorker *w = t->w;
    unsigned number = t - w->thread;
    bool fresh = true;

    rcu_register_thread();
    while (!qatomic_read(&w->quit)) {
        qemu_event_reset(&t->wake);
        /*
         * From here on a kick wakes this thread, though it may find the work
         * by itself.  A kick during the last quantum may have meant what was
         * parked in it.
         */
        fresh = !qatomic_xchg(&t->dozing, true) || fresh;
        if (sdxi_worker_quantum(w, number, fresh)) {
            fresh = false;
            continue;
        }
        fresh = true;
        if (!qatomic_read(&w->quit)) {
            sdxi_worker_sleep(t);
        }
    }
    rcu_unregister_thread();
    return NULL;
}

void sdxi_worker_quantum_bh(void *opaque)
{
    SdxiWorker *w = opaque;

    if (sdxi_worker_quantum(w, 0, true)) {
        qemu_bh_schedule(w->quantum_bh);
    }
}

void sdxi_worker_kick(SdxiWorker *w)
{
    if (w->iothread) {
        qemu_bh_schedule(w->quantum_bh);
    } else {
        /* What there is to do is seen before who looks for it. */
        smp_mb();
        qatomic_inc(&w->kicks);
        sdxi_worker_wake(w);
    }
}

void sdxi_worker_ask(SdxiWorker *w)
{
    qatomic_set(&w->asked, true);
    sdxi_worker_kick(w);
}

void sdxi_worker_answered(SdxiWorker *w)
{
    /* What was asked is seen by whoever finds that nobody asks. */
    qatomic_set_mb(&w->asked, false);
}

bool sdxi_worker_wanted(const SdxiWorker *w)
{
    return qatomic_read(&w->wanted) || qatomic_read(&w->paused) ||
           qatomic_read(&w->asked);
}

bool sdxi_worker_access(SdxiWorker *w, SdxiAccessFn *fn, void *opaque,
                        bool brief)
{
    SdxiAccess access = { .fn = fn, .opaque = opaque, .brief = brief };
    bool posted;

    g_assert(!bql_locked());
    qemu_mutex_lock(&w->mutex);
    posted = !w->quit && (brief || (!w->wanted && !w->paused));
    if (posted) {
        QTAILQ_INSERT_TAIL(&w->accesses, &access, next);
        w->posted++;
        qemu_cond_broadcast(&w->cond);
        qemu_bh_schedule(w->access_bh);
        while (!access.over) {
            qemu_cond_wait(&w->cond, &w->mutex);
        }
    }
    qemu_mutex_unlock(&w->mutex);
    return posted;
}
