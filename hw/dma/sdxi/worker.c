/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads, ownership of the core, and accesses under the big lock.  The rules
 * are in the header.
 */
#include "qemu/osdep.h"
#include "qemu/rcu.h"
#include "qemu/aio-wait.h"
#include "hw/core/qdev.h"
#include "hw/dma/sdxi/worker.h"

/* ---- the threads' side ---- */

static void sdxi_worker_disown(SdxiWorker *w)
{
    w->owned = false;
    qemu_cond_broadcast(&w->cond);
}

/* One of those that have nothing to do may look. */
static void sdxi_worker_wake(SdxiWorker *w)
{
    for (unsigned i = 0; i < w->num_threads; i++) {
        SdxiWorkerThread *t = &w->thread[i];

        if (qatomic_read(&t->dozing) && qatomic_xchg(&t->dozing, false)) {
            qemu_event_set(&t->wake);
            return;
        }
    }
}

static void sdxi_worker_do_job(SdxiWorker *w, unsigned thread)
{
    w->calls->job(w->opaque, thread);
    qemu_mutex_lock(&w->mutex);
    while (w->owned) {
        qemu_cond_wait(&w->cond, &w->mutex);
    }
    w->owned = true;
    qemu_mutex_unlock(&w->mutex);

    w->calls->job_done(w->opaque, thread);

    qemu_mutex_lock(&w->mutex);
    w->jobs--;
    sdxi_worker_disown(w);
    qemu_mutex_unlock(&w->mutex);
}

/* A portion, and the job that it ends with.  False: idle. */
static bool sdxi_worker_portion(SdxiWorker *w, unsigned thread, bool fresh)
{
    SdxiWorkerDone done;
    bool others = false;

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

    done = w->calls->portion(w->opaque, thread, fresh, &others);

    qemu_mutex_lock(&w->mutex);
    w->jobs += done == SDXI_WORKER_JOB;
    sdxi_worker_disown(w);
    qemu_mutex_unlock(&w->mutex);
    if (others && w->num_threads > 1) {
        sdxi_worker_wake(w);
    }
    if (done == SDXI_WORKER_JOB) {
        if (!qatomic_xchg(&w->thread[thread].dozing, false)) {
            /* Somebody woke us for what we shall not look for now. */
            sdxi_worker_wake(w);
        }
        sdxi_worker_do_job(w, thread);
    }
    return done != SDXI_WORKER_IDLE;
}

static void *sdxi_worker_thread(void *opaque)
{
    SdxiWorkerThread *t = opaque;
    SdxiWorker *w = t->w;
    unsigned number = t - w->thread;
    bool fresh = true;

    rcu_register_thread();
    while (!qatomic_read(&w->quit)) {
        qemu_event_reset(&t->wake);
        /*
         * Who kicks from here on wakes us, though we may find it ourselves; who
         * did so during the last portion may mean what has been parked in it.
         */
        fresh = !qatomic_xchg(&t->dozing, true) || fresh;
        if (sdxi_worker_portion(w, number, fresh)) {
            fresh = false;
            continue;
        }
        fresh = true;
        if (!qatomic_read(&w->quit)) {
            qemu_event_wait(&t->wake);
        }
    }
    rcu_unregister_thread();
    return NULL;
}

static void sdxi_worker_portion_bh(void *opaque)
{
    SdxiWorker *w = opaque;

    if (sdxi_worker_portion(w, 0, true)) {
        qemu_bh_schedule(w->portion_bh);
    }
}

void sdxi_worker_kick(SdxiWorker *w)
{
    if (w->iothread) {
        qemu_bh_schedule(w->portion_bh);
    } else {
        /* What there is to do is seen before who looks for it. */
        smp_mb();
        sdxi_worker_wake(w);
    }
}

bool sdxi_worker_wanted(const SdxiWorker *w)
{
    return qatomic_read(&w->wanted) || qatomic_read(&w->paused);
}

/* ---- accesses ---- */

/* Big lock and mutex held; drops the mutex during the access. */
static void sdxi_worker_serve(SdxiWorker *w, SdxiAccess *access)
{
    access->server = qemu_get_thread_id();
    qemu_mutex_unlock(&w->mutex);
    access->fn(access->opaque);
    qemu_mutex_lock(&w->mutex);
    QTAILQ_REMOVE(&w->accesses, access, next);
    w->posted--;
    access->done = true;
    qemu_cond_broadcast(&w->cond);
}

static SdxiAccess *sdxi_worker_unserved(SdxiWorker *w)
{
    SdxiAccess *access;

    QTAILQ_FOREACH(access, &w->accesses, next) {
        if (!access->server) {
            return access;
        }
    }
    return NULL;
}

static void sdxi_worker_access_bh(void *opaque)
{
    SdxiWorker *w = opaque;
    SdxiAccess *access;

    object_ref(w->device);
    qemu_mutex_lock(&w->mutex);
    while ((access = sdxi_worker_unserved(w))) {
        sdxi_worker_serve(w, access);
    }
    qemu_mutex_unlock(&w->mutex);
    object_unref(w->device);
}

void sdxi_worker_access(SdxiWorker *w, SdxiAccessFn *fn, void *opaque)
{
    SdxiAccess access = { .fn = fn, .opaque = opaque };

    if (bql_locked()) {
        fn(opaque);
        return;
    }
    qemu_mutex_lock(&w->mutex);
    /* Nothing is left to be reached, and nobody to serve. */
    if (!w->quit) {
        QTAILQ_INSERT_TAIL(&w->accesses, &access, next);
        w->posted++;
        qemu_cond_broadcast(&w->cond);
        qemu_bh_schedule(w->access_bh);
        while (!access.done) {
            qemu_cond_wait(&w->cond, &w->mutex);
        }
    }
    qemu_mutex_unlock(&w->mutex);
}

/* Accesses that the calling thread performs; somewhere below on its stack. */
static unsigned sdxi_worker_served_here(SdxiWorker *w)
{
    int me = w->posted ? qemu_get_thread_id() : 0;
    SdxiAccess *access;
    unsigned n = 0;

    QTAILQ_FOREACH(access, &w->accesses, next) {
        n += access->server == me;
    }
    return n;
}

/* ---- under the big lock ---- */

/* Mutex held.  Something that the threads do has yet to happen. */
static void sdxi_worker_wait(SdxiWorker *w)
{
    SdxiAccess *access = sdxi_worker_unserved(w);

    if (access) {
        sdxi_worker_serve(w, access);
        return;
    }
    if (w->posted == sdxi_worker_served_here(w)) {
        qemu_cond_wait(&w->cond, &w->mutex);
        return;
    }
    /* Another thread is within an access and will want the big lock again. */
    object_ref(w->device);
    qemu_mutex_unlock(&w->mutex);
    bql_unlock();
    g_usleep(10);
    bql_lock();
    qemu_mutex_lock(&w->mutex);
    object_unref(w->device);
}

/* Mutex held.  Threads with a portion or job. */
static unsigned sdxi_worker_active(const SdxiWorker *w)
{
    return w->jobs + (w->owned && !w->owned_bql);
}

bool sdxi_worker_enter(SdxiWorker *w)
{
    bool nested;

    g_assert(bql_locked());
    qemu_mutex_lock(&w->mutex);
    nested = sdxi_worker_served_here(w) || w->owned_bql || w->quit;
    if (!nested) {
        qatomic_inc(&w->wanted);
        while (!w->quit && (w->owned || w->jobs)) {
            sdxi_worker_wait(w);
        }
        qatomic_dec(&w->wanted);
        nested = w->quit;
    }
    if (!nested) {
        w->owned = w->owned_bql = true;
    } else {
        qemu_cond_broadcast(&w->cond);
    }
    qemu_mutex_unlock(&w->mutex);
    return !nested;
}

void sdxi_worker_leave(SdxiWorker *w)
{
    qemu_mutex_lock(&w->mutex);
    w->owned_bql = false;
    sdxi_worker_disown(w);
    qemu_mutex_unlock(&w->mutex);
}

/* Mutex held. */
static bool sdxi_worker_settle_locked(SdxiWorker *w)
{
    unsigned here;

    qatomic_inc(&w->wanted);
    while (sdxi_worker_active(w) > (here = sdxi_worker_served_here(w))) {
        sdxi_worker_wait(w);
    }
    qatomic_dec(&w->wanted);
    qemu_cond_broadcast(&w->cond);
    return !here;
}

bool sdxi_worker_settle(SdxiWorker *w)
{
    bool all;

    qemu_mutex_lock(&w->mutex);
    all = sdxi_worker_settle_locked(w);
    qemu_mutex_unlock(&w->mutex);
    return all;
}

void sdxi_worker_pause(SdxiWorker *w)
{
    qemu_mutex_lock(&w->mutex);
    qatomic_set(&w->paused, true);
    qemu_cond_broadcast(&w->cond);
    sdxi_worker_settle_locked(w);
    qemu_mutex_unlock(&w->mutex);
}

void sdxi_worker_resume(SdxiWorker *w)
{
    qemu_mutex_lock(&w->mutex);
    qatomic_set(&w->paused, false);
    qemu_cond_broadcast(&w->cond);
    qemu_mutex_unlock(&w->mutex);
    for (unsigned i = 0; i < w->num_threads; i++) {
        qemu_event_set(&w->thread[i].wake);
    }
    sdxi_worker_kick(w);
}

/* ---- life ---- */

void sdxi_worker_init(SdxiWorker *w, DeviceState *dev, IOThread *iothread,
                      unsigned threads, const SdxiWorkerCalls *calls,
                      void *opaque)
{
    g_assert(threads && threads <= SDXI_WORKERS_MAX);
    qemu_mutex_init(&w->mutex);
    qemu_cond_init(&w->cond);
    QTAILQ_INIT(&w->accesses);
    w->calls = calls;
    w->opaque = opaque;
    w->device = OBJECT(dev);
    w->paused = true;
    w->quit = false;
    w->access_bh = qemu_bh_new_guarded(sdxi_worker_access_bh, w,
                                       &dev->mem_reentrancy_guard);
    w->iothread = iothread;
    if (iothread) {
        object_ref(OBJECT(iothread));
        w->portion_bh = aio_bh_new(iothread_get_aio_context(iothread),
                                   sdxi_worker_portion_bh, w);
        return;
    }
    w->num_threads = threads;
    for (unsigned i = 0; i < threads; i++) {
        SdxiWorkerThread *t = &w->thread[i];

        t->w = w;
        qemu_event_init(&t->wake, false);
        qemu_thread_create(&t->thread, "sdxi", sdxi_worker_thread, t,
                           QEMU_THREAD_JOINABLE);
    }
}

bool sdxi_worker_quit(SdxiWorker *w)
{
    SdxiAccess *access, *next;
    bool all;

    qemu_mutex_lock(&w->mutex);
    qatomic_set(&w->paused, true);
    qatomic_set(&w->quit, true);
    /* What nobody has begun fails, for its device goes away. */
    QTAILQ_FOREACH_SAFE(access, &w->accesses, next, next) {
        if (!access->server) {
            QTAILQ_REMOVE(&w->accesses, access, next);
            w->posted--;
            access->done = true;
        }
    }
    qemu_cond_broadcast(&w->cond);
    all = sdxi_worker_settle_locked(w);
    qemu_mutex_unlock(&w->mutex);
    return all;
}

static void sdxi_worker_nothing(void *opaque)
{
}

bool sdxi_worker_join(SdxiWorker *w)
{
    bool all;

    qemu_mutex_lock(&w->mutex);
    all = sdxi_worker_settle_locked(w);
    qemu_mutex_unlock(&w->mutex);
    if (!all) {
        return false;
    }
    if (w->iothread) {
        qemu_bh_delete(w->portion_bh);
        /* When this has run there, the bottom half is not running any more. */
        aio_wait_bh_oneshot(iothread_get_aio_context(w->iothread),
                            sdxi_worker_nothing, NULL);
        object_unref(OBJECT(w->iothread));
        w->iothread = NULL;
    }
    for (unsigned i = 0; i < w->num_threads; i++) {
        qemu_event_set(&w->thread[i].wake);
    }
    for (unsigned i = 0; i < w->num_threads; i++) {
        qemu_thread_join(&w->thread[i].thread);
    }
    /* Until the last had ended, any of them could wake any other. */
    for (unsigned i = 0; i < w->num_threads; i++) {
        qemu_event_destroy(&w->thread[i].wake);
    }
    w->num_threads = 0;
    qemu_bh_delete(w->access_bh);
    w->access_bh = NULL;
    return true;
}

void sdxi_worker_destroy(SdxiWorker *w)
{
    qemu_cond_destroy(&w->cond);
    qemu_mutex_destroy(&w->mutex);
}
