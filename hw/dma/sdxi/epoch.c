/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The epoch and its openings; the rules are in the header.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/lockable.h"
#include "qemu/main-loop.h"
#include "qemu/rcu.h"
#include "qemu/thread.h"
#include "system/iommu-change.h"
#include "hw/memfab/compat.h"
#include "hw/dma/sdxi/core/inval-command.h"
#include "hw/dma/sdxi/epoch.h"

SdxiInvalLog sdxi_invals;

/* Taken by who waits, one at a time, and for changes of the list. */
static QemuMutex sdxi_epoch_mutex;
static QTAILQ_HEAD(, SdxiOpening) sdxi_openings =
    QTAILQ_HEAD_INITIALIZER(sdxi_openings);
static QemuEvent sdxi_epoch_closed;
static bool sdxi_epoch_waited;  /* atomic: somebody waits for the event */

static void __attribute__((constructor)) sdxi_epoch_init(void)
{
    qemu_mutex_init(&sdxi_epoch_mutex);
    qemu_event_init(&sdxi_epoch_closed, false);
}

void sdxi_epoch_add(SdxiOpening *o)
{
    QEMU_LOCK_GUARD(&sdxi_epoch_mutex);
    QTAILQ_INSERT_TAIL(&sdxi_openings, o, next);
}

void sdxi_epoch_remove(SdxiOpening *o)
{
    QEMU_LOCK_GUARD(&sdxi_epoch_mutex);
    g_assert(!sdxi_epoch_is_open(o));
    QTAILQ_REMOVE(&sdxi_openings, o, next);
}

void sdxi_epoch_open(SdxiOpening *o)
{
    g_assert(!bql_locked() && !sdxi_epoch_is_open(o));
    rcu_read_lock();
    qatomic_set(&o->turn, o->turn + 1);
    /* Pairs with sdxi_epoch_next(): it sees the turn or we the epoch. */
    smp_mb();
    o->epoch = qatomic_load_acquire(&sdxi_invals.epoch);
}

void sdxi_epoch_close(SdxiOpening *o)
{
    qatomic_store_release(&o->turn, o->turn + 1);
    /* Pairs with sdxi_epoch_wait(): it sees the turn or we that it waits. */
    smp_mb();
    if (unlikely(qatomic_read(&sdxi_epoch_waited))) {
        qemu_event_set(&sdxi_epoch_closed);
    }
    rcu_read_unlock();
}

bool sdxi_epoch_is_stale(const SdxiOpening *o)
{
    return sdxi_epoch() != o->epoch;
}

static void sdxi_epoch_wait(const SdxiOpening *o)
{
    uint32_t turn = qatomic_load_acquire(&o->turn);

    if (!(turn & 1)) {
        return;
    }
    qatomic_set(&sdxi_epoch_waited, true);
    for (;;) {
        qemu_event_reset(&sdxi_epoch_closed);
        /* Pairs with sdxi_epoch_close(). */
        smp_mb();
        if (qatomic_load_acquire(&o->turn) != turn) {
            break;
        }
        qemu_event_wait(&sdxi_epoch_closed);
    }
    qatomic_set(&sdxi_epoch_waited, false);
}

static void sdxi_epoch_next(const SdxiInval *inval)
{
    const SdxiOpening *o;

    QEMU_LOCK_GUARD(&sdxi_epoch_mutex);
    sdxi_inval_log_add(&sdxi_invals, inval);
    /* Pairs with sdxi_epoch_open(). */
    smp_mb();
    QTAILQ_FOREACH(o, &sdxi_openings, next) {
        sdxi_epoch_wait(o);
    }
}

void sdxi_epoch_settle(void)
{
    sdxi_epoch_next(&SDXI_INVAL_ALL);
}

/* ---- what changes ---- */

static void sdxi_epoch_changed(MemoryListener *listener)
{
    sdxi_epoch_settle();
}

/* Its commit is called for a change of any address space. */
static MemoryListener sdxi_epoch_listener = {
    .name = "sdxi",
    .commit = sdxi_epoch_changed,
};

/* False: nothing is void. */
static bool sdxi_epoch_reads(const IommuChange *c, SdxiInval *inval)
{
    switch (c->kind) {
    case IOMMU_CHANGE_INTEL:
        return sdxi_inval_intel(c->q0, c->q1, inval);
    case IOMMU_CHANGE_AMD:
        return sdxi_inval_amd(c->q0, c->q1, inval);
    case IOMMU_CHANGE_SMMU:
        return sdxi_inval_smmu(c->q0, c->q1, inval);
    default:
        *inval = (SdxiInval) {
            .first = c->q0, .last = c->q1, .process = SDXI_NO_PROCESS,
        };
        return true;
    }
}

/* Called before the I/O MMU does as it was told: it answers after that. */
static void sdxi_epoch_iommu_changes(Notifier *notifier, void *change)
{
    SdxiInval inval;

    if (sdxi_epoch_reads(change, &inval)) {
        sdxi_epoch_next(&inval);
    }
}

static Notifier sdxi_epoch_iommu_notifier = {
    .notify = sdxi_epoch_iommu_changes,
};

void sdxi_epoch_watch(void)
{
    g_assert(bql_locked());
    if (!sdxi_epoch_listener.address_space) {
        memory_listener_register(&sdxi_epoch_listener, &address_space_memory);
        notifier_list_add(&iommu_change_notifiers, &sdxi_epoch_iommu_notifier);
    }
}
