/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the engine of one function runs: threads of its own, or an IOThread.
 *
 * The core has one owner at a time.  A thread of the worker owns it for one
 * bounded portion of work; a portion may end with a job that needs no owner,
 * which then runs while other threads do the same.  Code under the big lock
 * owns the core between enter and leave, when no thread has a portion or a job.
 *
 * A thread that needs the big lock for an access to MMIO does not take it: it
 * posts the access, and whoever holds the big lock performs it, the waiting
 * enter included.  So enter cannot deadlock and never waits longer than one
 * portion or job.
 *
 * What a portion or a job does is not here: see hw/dma/sdxi/core/run.c.
 */
#ifndef HW_DMA_SDXI_WORKER_H
#define HW_DMA_SDXI_WORKER_H

#include "qemu/thread.h"
#include "qemu/main-loop.h"
#include "qemu/queue.h"
#include "system/iothread.h"

#define SDXI_WORKERS_MAX 16

typedef enum SdxiWorkerDone {
    SDXI_WORKER_IDLE,           /* nothing left until the next kick */
    SDXI_WORKER_MORE,
    SDXI_WORKER_JOB,            /* job() is to be called, then portion() */
} SdxiWorkerDone;

/* @thread counts from 0.  Neither is called for one thread twice at a time. */
typedef struct SdxiWorkerCalls {
    /*
     * As owner.  @fresh: was idle.  *@others: there is work for another thread
     * as well.
     */
    SdxiWorkerDone (*portion)(void *opaque, unsigned thread, bool fresh,
                              bool *others);
    void (*job)(void *opaque, unsigned thread);
    /* As owner, after job(). */
    void (*job_done)(void *opaque, unsigned thread);
} SdxiWorkerCalls;

/* An access that needs the big lock. */
typedef void SdxiAccessFn(void *opaque);

typedef struct SdxiAccess {
    SdxiAccessFn *fn;
    void *opaque;
    bool done;
    int server;                 /* id of the thread that does it, or 0 */
    QTAILQ_ENTRY(SdxiAccess) next;
} SdxiAccess;

typedef struct SdxiWorker SdxiWorker;

typedef struct SdxiWorkerThread {
    SdxiWorker *w;
    QemuThread thread;
    QemuEvent wake;
    bool dozing;                /* atomic: found nothing, or about to look */
} SdxiWorkerThread;

struct SdxiWorker {
    QemuMutex mutex;            /* guards what is below */
    QemuCond cond;              /* any of it changed */
    QTAILQ_HEAD(, SdxiAccess) accesses; /* posted and not done */
    unsigned posted;            /* how many */
    unsigned jobs;              /* threads that have one */
    bool owned;                 /* somebody runs the core */
    bool owned_bql;             /* ... under the big lock */
    unsigned wanted;            /* enters that wait; atomic */
    bool paused;                /* atomic */
    bool quit;                  /* atomic */
    /* constant */
    const SdxiWorkerCalls *calls;
    void *opaque;
    Object *device;             /* whose worker it is */
    unsigned num_threads;
    SdxiWorkerThread thread[SDXI_WORKERS_MAX];
    IOThread *iothread;         /* instead of threads, or NULL */
    QEMUBH *portion_bh;         /* in the IOThread */
    QEMUBH *access_bh;          /* in the main loop */
};

/*
 * Starts paused.  @iothread may be NULL and is referenced otherwise; @threads
 * is 1 then.
 */
void sdxi_worker_init(SdxiWorker *w, DeviceState *dev, IOThread *iothread,
                      unsigned threads, const SdxiWorkerCalls *calls,
                      void *opaque);
/*
 * Big lock held, outside enter/leave.  No portion or job begins any more, and
 * none is running but those that wait for an access which this very thread
 * performs.  False if there are such: then sdxi_worker_join() has to wait.
 */
bool sdxi_worker_quit(SdxiWorker *w);
/*
 * Big lock held, after quit.  Waits for the threads and is rid of them; false,
 * and nothing is done, if they wait for this very thread.
 */
bool sdxi_worker_join(SdxiWorker *w);
/* The last: nobody calls anything any more. */
void sdxi_worker_destroy(SdxiWorker *w);

/* There may be work.  Any thread, constant time. */
void sdxi_worker_kick(SdxiWorker *w);

/*
 * Big lock held.  Own the core until leave.  False if this call comes from
 * inside the function's own access (its DMA hit its own registers): the core
 * is then in the middle of something and must not be entered.  False as well
 * if the worker has quit meanwhile.
 */
bool sdxi_worker_enter(SdxiWorker *w);
void sdxi_worker_leave(SdxiWorker *w);

/*
 * Big lock held.  Whatever a thread of @w had seen before, it has forgotten,
 * but for those that wait for an access which this very thread performs.
 * False if there are such.
 */
bool sdxi_worker_settle(SdxiWorker *w);

/* Big lock held.  No portion or job runs between pause and resume. */
void sdxi_worker_pause(SdxiWorker *w);
void sdxi_worker_resume(SdxiWorker *w);

/* In a portion or job: somebody waits; end it soon. */
bool sdxi_worker_wanted(const SdxiWorker *w);

/*
 * In a portion or job, or between enter and leave: have @access done under the
 * big lock and wait for it.
 */
void sdxi_worker_access(SdxiWorker *w, SdxiAccessFn *access, void *opaque);

#endif
