/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the engine of one function runs: a thread of its own, or an IOThread.
 *
 * The core is single-threaded: whoever runs it owns it.  The worker owns it
 * for one bounded portion of work at a time; code under the big lock owns it
 * between enter and leave.  A worker that needs the big lock for an access to
 * MMIO does not take it: it posts the access, and whoever holds the big lock
 * performs it, the waiting enter included.  So enter cannot deadlock and never
 * waits longer than one portion.
 *
 * What a portion does is not here: see hw/dma/sdxi/core/sched.c.
 */
#ifndef HW_DMA_SDXI_WORKER_H
#define HW_DMA_SDXI_WORKER_H

#include "qemu/thread.h"
#include "qemu/main-loop.h"
#include "system/iothread.h"

/* Does one bounded portion; false: nothing left until the next kick. */
typedef bool SdxiPortionFn(void *opaque);
/* An access that needs the big lock. */
typedef void SdxiAccessFn(void *opaque);

typedef struct SdxiWorker {
    QemuMutex mutex;            /* guards all but wake and wanted */
    QemuCond cond;              /* owned, access, or paused changed */
    QemuEvent wake;
    QemuThread thread;
    IOThread *iothread;         /* NULL: thread */
    QEMUBH *portion_bh;         /* in the IOThread */
    QEMUBH *access_bh;          /* in the main loop */
    SdxiPortionFn *portion;
    void *opaque;
    SdxiAccessFn *access;       /* posted by the worker, NULL if none */
    void *access_opaque;
    unsigned wanted;            /* enters that wait; atomic */
    bool owned;                 /* somebody runs the core */
    bool owned_bql;             /* ... under the big lock */
    bool serving;               /* the holder of the big lock does access */
    bool paused;
    bool quit;
} SdxiWorker;

/* Starts paused.  @iothread may be NULL and is referenced otherwise. */
void sdxi_worker_init(SdxiWorker *w, DeviceState *dev, IOThread *iothread,
                      SdxiPortionFn *portion, void *opaque);
/* Big lock held, outside enter/leave.  Returns when the worker is gone. */
void sdxi_worker_destroy(SdxiWorker *w);

/* There may be work.  Any thread, constant time. */
void sdxi_worker_kick(SdxiWorker *w);

/*
 * Big lock held.  Own the core until leave.  False if this call comes from
 * inside the function's own access (its DMA hit its own registers): the core
 * is then in the middle of something and must not be entered.
 */
bool sdxi_worker_enter(SdxiWorker *w);
void sdxi_worker_leave(SdxiWorker *w);

/* Big lock held.  No portion runs between pause and resume. */
void sdxi_worker_pause(SdxiWorker *w);
void sdxi_worker_resume(SdxiWorker *w);

/* In a portion: somebody waits in enter; end the portion soon. */
bool sdxi_worker_wanted(const SdxiWorker *w);

/*
 * Owning the core, in a portion or between enter and leave: have @access done
 * under the big lock and wait for it.
 */
void sdxi_worker_access(SdxiWorker *w, SdxiAccessFn *access, void *opaque);

#endif
