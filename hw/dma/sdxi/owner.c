/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A worker as seen from under the big lock; the rules are in the headers.
 */
#include "qemu/osdep.h"
#include "qemu/timer.h"
#include "qemu/aio-wait.h"
#include "hw/core/qdev.h"
#include "hw/dma/sdxi/owner.h"

/* What accesses may take of the main loop's time at once. */
#define SDXI_SECTION_NS (500 * 1000)

/* ---- accesses ---- */

/* Mutex held. */
static void sdxi_owner_end_access(SdxiWorker *w, SdxiAccess *access)
{
    QTAILQ_REMOVE(&w->accesses, access, next);
    w->posted--;
    access->over = true;
    qemu_cond_broadcast(&w->cond);
}

/*
 * Mutex held; drops it during the section.  What is not done then goes last in
 * line, or back to its thread if somebody waits for that.
 */
static void sdxi_owner_serve(SdxiWorker *w, SdxiAccess *access, int64_t until)
{
    bool done;

    access->served = true;
    w->served++;
    qemu_mutex_unlock(&w->mutex);
    done = access->fn(access->opaque, until);
    qemu_mutex_lock(&w->mutex);
    w->served--;
    access->served = false;
    if (done || w->quit || sdxi_worker_wanted(w)) {
        sdxi_owner_end_access(w, access);
    } else {
        QTAILQ_REMOVE(&w->accesses, access, next);
        QTAILQ_INSERT_TAIL(&w->accesses, access, next);
    }
}

/* Mutex held.  One that nobody has begun; if @brief, one that is. */
static SdxiAccess *sdxi_owner_unserved(SdxiWorker *w, bool brief)
{
    SdxiAccess *access;

    QTAILQ_FOREACH(access, &w->accesses, next) {
        if (!access->served && (access->brief || !brief)) {
            return access;
        }
    }
    return NULL;
}

/* What was posted when this began, or as much as there is time for. */
static void sdxi_owner_access_bh(void *opaque)
{
    SdxiWorker *w = opaque;
    int64_t until = qemu_clock_get_ns(QEMU_CLOCK_REALTIME) + SDXI_SECTION_NS;
    SdxiAccess *access;

    object_ref(w->device);
    qemu_mutex_lock(&w->mutex);
    for (unsigned n = w->posted; n; n--) {
        access = sdxi_owner_unserved(w, false);
        if (!access || qemu_clock_get_ns(QEMU_CLOCK_REALTIME) >= until) {
            break;
        }
        sdxi_owner_serve(w, access, until);
    }
    if (w->access_bh && sdxi_owner_unserved(w, false)) {
        qemu_bh_schedule(w->access_bh);
    }
    qemu_mutex_unlock(&w->mutex);
    object_unref(w->device);
}

/* Mutex held.  Their threads are wanted elsewhere. */
static void sdxi_owner_take_back(SdxiWorker *w, bool all)
{
    SdxiAccess *access, *next;

    QTAILQ_FOREACH_SAFE(access, &w->accesses, next, next) {
        if (!access->served && (all || !access->brief)) {
            sdxi_owner_end_access(w, access);
        }
    }
}

/* ---- waiting for threads ---- */

/* Mutex held.  Threads with a quantum or job. */
static unsigned sdxi_owner_active(const SdxiWorker *w)
{
    return w->jobs + (w->owned && !w->entered);
}

/*
 * Mutex held.  False: there are such, and one of them waits for an access that
 * is being made, for which the big lock is needed that the caller has.
 */
static bool sdxi_owner_wait(SdxiWorker *w)
{
    SdxiAccess *access;

    object_ref(w->device);
    qatomic_inc(&w->wanted);
    sdxi_owner_take_back(w, false);
    while (sdxi_owner_active(w) && !w->served) {
        access = sdxi_owner_unserved(w, true);
        if (access) {
            sdxi_owner_serve(w, access, 0);
        } else {
            qemu_cond_wait(&w->cond, &w->mutex);
        }
    }
    qatomic_dec(&w->wanted);
    qemu_cond_broadcast(&w->cond);
    return !sdxi_owner_active(w);
}

/* After the mutex was given back; the device may go with that. */
static void sdxi_owner_waited(SdxiWorker *w)
{
    /* What was taken back is to be posted again. */
    sdxi_worker_kick(w);
    object_unref(w->device);
}

bool sdxi_owner_settle(SdxiWorker *w)
{
    bool all;

    g_assert(bql_locked());
    qemu_mutex_lock(&w->mutex);
    all = sdxi_owner_wait(w);
    qemu_mutex_unlock(&w->mutex);
    sdxi_owner_waited(w);
    return all;
}

/* Mutex held. */
static bool sdxi_owner_own(SdxiWorker *w)
{
    bool free = !w->quit && !w->owned && !w->jobs;

    if (free) {
        w->owned = w->entered = true;
    }
    return free;
}

bool sdxi_owner_try(SdxiWorker *w)
{
    bool own;

    g_assert(bql_locked());
    qemu_mutex_lock(&w->mutex);
    own = sdxi_owner_own(w);
    qemu_mutex_unlock(&w->mutex);
    return own;
}

bool sdxi_owner_enter(SdxiWorker *w)
{
    bool own;

    g_assert(bql_locked());
    qemu_mutex_lock(&w->mutex);
    sdxi_owner_wait(w);
    own = sdxi_owner_own(w);
    qemu_mutex_unlock(&w->mutex);
    sdxi_owner_waited(w);
    return own;
}

void sdxi_owner_leave(SdxiWorker *w)
{
    qemu_mutex_lock(&w->mutex);
    w->owned = w->entered = false;
    qemu_cond_broadcast(&w->cond);
    qemu_mutex_unlock(&w->mutex);
}

/* A thread that waits for an access stays where it is. */
bool sdxi_owner_look(SdxiWorker *w)
{
    bool quit;

    g_assert(bql_locked());
    qemu_mutex_lock(&w->mutex);
    quit = w->quit;
    if (!quit) {
        qatomic_inc(&w->wanted);
        while (sdxi_owner_active(w) > w->posted) {
            qemu_cond_wait(&w->cond, &w->mutex);
        }
    }
    qemu_mutex_unlock(&w->mutex);
    return !quit;
}

void sdxi_owner_looked(SdxiWorker *w)
{
    qemu_mutex_lock(&w->mutex);
    qatomic_dec(&w->wanted);
    qemu_cond_broadcast(&w->cond);
    qemu_mutex_unlock(&w->mutex);
    /* Meanwhile no access could be posted. */
    sdxi_worker_kick(w);
}

bool sdxi_owner_pause(SdxiWorker *w)
{
    qemu_mutex_lock(&w->mutex);
    qatomic_set(&w->paused, true);
    qemu_cond_broadcast(&w->cond);
    qemu_mutex_unlock(&w->mutex);
    return sdxi_owner_settle(w);
}

bool sdxi_owner_is_still(SdxiWorker *w)
{
    bool still;

    qemu_mutex_lock(&w->mutex);
    still = w->paused && !sdxi_owner_active(w);
    qemu_mutex_unlock(&w->mutex);
    return still;
}

void sdxi_owner_resume(SdxiWorker *w)
{
    g_assert(bql_locked());
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

void sdxi_owner_init(SdxiWorker *w, DeviceState *dev, IOThread *iothread,
                     const SdxiParams *params, const SdxiWorkerCalls *calls,
                     void *opaque)
{
    memset(w, 0, sizeof(*w));
    qemu_mutex_init(&w->mutex);
    qemu_cond_init(&w->cond);
    QTAILQ_INIT(&w->accesses);
    w->calls = calls;
    w->opaque = opaque;
    w->device = OBJECT(dev);
    w->paused = true;
    w->access_bh = qemu_bh_new_guarded(sdxi_owner_access_bh, w,
                                       &dev->mem_reentrancy_guard);
    w->iothread = iothread;
    if (iothread) {
        object_ref(OBJECT(iothread));
        w->quantum_bh = aio_bh_new(iothread_get_aio_context(iothread),
                                   sdxi_worker_quantum_bh, w);
        return;
    }
    w->num_threads = params->workers;
    for (unsigned i = 0; i < w->num_threads; i++) {
        SdxiWorkerThread *t = &w->thread[i];

        t->w = w;
        t->poll.max_ns = params->poll_us * SCALE_US;
        qemu_event_init(&t->wake, false);
        qemu_thread_create(&t->thread, "sdxi", sdxi_worker_thread, t,
                           QEMU_THREAD_JOINABLE);
    }
}

void sdxi_owner_quit(SdxiWorker *w)
{
    g_assert(bql_locked());
    qemu_mutex_lock(&w->mutex);
    qatomic_set(&w->paused, true);
    qatomic_set(&w->quit, true);
    sdxi_owner_take_back(w, true);
    qemu_cond_broadcast(&w->cond);
    qemu_mutex_unlock(&w->mutex);
}

static void sdxi_owner_nothing(void *opaque)
{
}

static void sdxi_owner_join_iothread(SdxiWorker *w)
{
    qemu_bh_delete(w->quantum_bh);
    /* When this has run there, the bottom half is not running any more. */
    aio_wait_bh_oneshot(iothread_get_aio_context(w->iothread),
                        sdxi_owner_nothing, NULL);
    object_unref(OBJECT(w->iothread));
    w->iothread = NULL;
}

bool sdxi_owner_join(SdxiWorker *w)
{
    if (!sdxi_owner_settle(w)) {
        return false;
    }
    if (w->iothread) {
        sdxi_owner_join_iothread(w);
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
    g_clear_pointer(&w->access_bh, qemu_bh_delete);
    return true;
}

void sdxi_owner_destroy(SdxiWorker *w)
{
    qemu_cond_destroy(&w->cond);
    qemu_mutex_destroy(&w->mutex);
}
