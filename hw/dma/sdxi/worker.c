/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Thread, ownership of the core, and accesses under the big lock.  The rules
 * are in the header.
 */
#include "qemu/osdep.h"
#include "qemu/rcu.h"
#include "block/aio-wait.h"
#include "hw/qdev-core.h"
#include "hw/dma/sdxi/worker.h"

static bool sdxi_worker_portion(SdxiWorker *w)
{
    bool more;

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

    more = w->portion(w->opaque);

    qemu_mutex_lock(&w->mutex);
    w->owned = false;
    qemu_cond_broadcast(&w->cond);
    qemu_mutex_unlock(&w->mutex);
    return more;
}

static void *sdxi_worker_thread(void *opaque)
{
    SdxiWorker *w = opaque;

    rcu_register_thread();
    while (!qatomic_read(&w->quit)) {
        qemu_event_reset(&w->wake);
        if (!sdxi_worker_portion(w) && !qatomic_read(&w->quit)) {
            qemu_event_wait(&w->wake);
        }
    }
    rcu_unregister_thread();
    return NULL;
}

static void sdxi_worker_portion_bh(void *opaque)
{
    SdxiWorker *w = opaque;

    if (sdxi_worker_portion(w)) {
        qemu_bh_schedule(w->portion_bh);
    }
}

/* Big lock and mutex held; drops the mutex during the access. */
static void sdxi_worker_serve(SdxiWorker *w)
{
    w->serving = true;
    qemu_mutex_unlock(&w->mutex);
    w->access(w->access_opaque);
    qemu_mutex_lock(&w->mutex);
    w->serving = false;
    w->access = NULL;
    qemu_cond_broadcast(&w->cond);
}

static void sdxi_worker_access_bh(void *opaque)
{
    SdxiWorker *w = opaque;

    qemu_mutex_lock(&w->mutex);
    if (w->access && !w->serving) {
        sdxi_worker_serve(w);
    }
    qemu_mutex_unlock(&w->mutex);
}

void sdxi_worker_access(SdxiWorker *w, SdxiAccessFn *access, void *opaque)
{
    if (w->owned_bql) {
        access(opaque);
        return;
    }
    qemu_mutex_lock(&w->mutex);
    w->access = access;
    w->access_opaque = opaque;
    qemu_cond_broadcast(&w->cond);
    qemu_bh_schedule(w->access_bh);
    while (w->access) {
        qemu_cond_wait(&w->cond, &w->mutex);
    }
    qemu_mutex_unlock(&w->mutex);
}

bool sdxi_worker_enter(SdxiWorker *w)
{
    bool nested;

    g_assert(bql_locked());
    qemu_mutex_lock(&w->mutex);
    nested = w->serving || w->owned_bql;
    if (!nested) {
        qatomic_inc(&w->wanted);
        while (w->owned) {
            if (w->access) {
                sdxi_worker_serve(w);
            } else {
                qemu_cond_wait(&w->cond, &w->mutex);
            }
        }
        qatomic_dec(&w->wanted);
        w->owned = w->owned_bql = true;
    }
    qemu_mutex_unlock(&w->mutex);
    return !nested;
}

void sdxi_worker_leave(SdxiWorker *w)
{
    qemu_mutex_lock(&w->mutex);
    w->owned = w->owned_bql = false;
    qemu_cond_broadcast(&w->cond);
    qemu_mutex_unlock(&w->mutex);
}

static void sdxi_worker_set_paused(SdxiWorker *w, bool paused)
{
    qemu_mutex_lock(&w->mutex);
    w->paused = paused;
    qemu_cond_broadcast(&w->cond);
    qemu_mutex_unlock(&w->mutex);
}

void sdxi_worker_pause(SdxiWorker *w)
{
    sdxi_worker_set_paused(w, true);
    /* Wait for the end of the portion that may be running. */
    if (sdxi_worker_enter(w)) {
        sdxi_worker_leave(w);
    }
}

void sdxi_worker_resume(SdxiWorker *w)
{
    sdxi_worker_set_paused(w, false);
    sdxi_worker_kick(w);
}

void sdxi_worker_kick(SdxiWorker *w)
{
    if (w->iothread) {
        qemu_bh_schedule(w->portion_bh);
    } else {
        qemu_event_set(&w->wake);
    }
}

bool sdxi_worker_wanted(const SdxiWorker *w)
{
    return qatomic_read(&w->wanted) || qatomic_read(&w->paused);
}

void sdxi_worker_init(SdxiWorker *w, DeviceState *dev, IOThread *iothread,
                      SdxiPortionFn *portion, void *opaque)
{
    qemu_mutex_init(&w->mutex);
    qemu_cond_init(&w->cond);
    qemu_event_init(&w->wake, false);
    w->portion = portion;
    w->opaque = opaque;
    w->paused = true;
    w->quit = false;
    w->access_bh = qemu_bh_new_guarded(sdxi_worker_access_bh, w,
                                       &dev->mem_reentrancy_guard);
    w->iothread = iothread;
    if (iothread) {
        object_ref(OBJECT(iothread));
        w->portion_bh = aio_bh_new(iothread_get_aio_context(iothread),
                                   sdxi_worker_portion_bh, w);
    } else {
        qemu_thread_create(&w->thread, "sdxi", sdxi_worker_thread, w,
                           QEMU_THREAD_JOINABLE);
    }
}

static void sdxi_worker_nothing(void *opaque)
{
}

void sdxi_worker_destroy(SdxiWorker *w)
{
    sdxi_worker_pause(w);
    qemu_mutex_lock(&w->mutex);
    qatomic_set(&w->quit, true);
    qemu_cond_broadcast(&w->cond);
    qemu_mutex_unlock(&w->mutex);
    if (w->iothread) {
        qemu_bh_delete(w->portion_bh);
        /* When this has run there, the bottom half is not running any more. */
        aio_wait_bh_oneshot(iothread_get_aio_context(w->iothread),
                            sdxi_worker_nothing, NULL);
        object_unref(OBJECT(w->iothread));
    } else {
        qemu_event_set(&w->wake);
        qemu_thread_join(&w->thread);
    }
    qemu_bh_delete(w->access_bh);
    qemu_event_destroy(&w->wake);
    qemu_cond_destroy(&w->cond);
    qemu_mutex_destroy(&w->mutex);
}
