/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the engine of one function runs: threads of its own, or an IOThread.
 *
 * The core has one owner at a time.  A thread of the worker owns it for one
 * bounded quantum of work; a quantum may end with a job that needs no owner,
 * which then runs while other threads do the same.  Code under the big lock
 * owns the core between enter and leave, when no thread has a quantum or a job.
 *
 * A thread that needs the big lock for an access does not take it: it posts
 * the access, which the main loop makes in sections of bounded time (owner.c).
 * Somebody who has to wait for the threads makes those that are brief, and
 * takes the others back: such an access was not made, or not all of it, and is
 * to be posted again later.  So nobody who holds the big lock waits for
 * somebody who needs it.
 *
 * A thread that found nothing may look for a while whether somebody wakes it
 * before it sleeps (core/poll.h).  It holds nothing meanwhile, and sleeps at
 * once when it is paused.
 *
 * Here is what threads call.  What the others call is in owner.h, and what a
 * quantum or a job does in run.c.
 */
#ifndef HW_DMA_SDXI_WORKER_H
#define HW_DMA_SDXI_WORKER_H

#include "qemu/thread.h"
#include "qemu/main-loop.h"
#include "qemu/queue.h"
#include "system/iothread.h"
#include "hw/dma/sdxi/core/params.h"
#include "hw/dma/sdxi/core/poll.h"

typedef enum SdxiWorkerDone {
    SDXI_WORKER_IDLE,           /* nothing left until the next kick */
    SDXI_WORKER_MORE,
    SDXI_WORKER_JOB,            /* job() is to be called, then quantum() */
} SdxiWorkerDone;

/* @thread counts from 0.  Neither is called for one thread twice at a time. */
typedef struct SdxiWorkerCalls {
    /*
     * As owner.  @fresh: was idle.  *@others: there is work for another thread
     * as well.
     */
    SdxiWorkerDone (*quantum)(void *opaque, unsigned thread, bool fresh,
                              bool *others);
    void (*job)(void *opaque, unsigned thread);
    /* As owner, after job(). */
    void (*job_done)(void *opaque, unsigned thread);
} SdxiWorkerCalls;

/*
 * A section of an access, under the big lock.  True: it is done.  One that is
 * not is called again, until the clock (QEMU_CLOCK_REALTIME) shows @until.
 */
typedef bool SdxiAccessFn(void *opaque, int64_t until);

typedef struct SdxiAccess {
    SdxiAccessFn *fn;
    void *opaque;
    bool brief;                 /* made as a whole, and never taken back */
    bool over;                  /* done, or taken back */
    bool served;                /* a section of it is being made */
    QTAILQ_ENTRY(SdxiAccess) next;
} SdxiAccess;

typedef struct SdxiWorker SdxiWorker;

typedef struct SdxiWorkerThread {
    SdxiWorker *w;
    QemuThread thread;
    QemuEvent wake;
    bool dozing;                /* atomic: found nothing, or about to look */
    bool polling;               /* atomic: ... and waits busily to be woken */
    SdxiPoll poll;              /* the thread's */
} SdxiWorkerThread;

struct SdxiWorker {
    QemuMutex mutex;            /* guards what is below */
    QemuCond cond;              /* any of it changed */
    QTAILQ_HEAD(, SdxiAccess) accesses; /* posted and not over */
    unsigned posted;            /* how many */
    unsigned served;            /* of these, being made at this moment */
    unsigned jobs;              /* threads that have one */
    bool owned;                 /* somebody runs the core */
    bool entered;               /* ... under the big lock */
    unsigned wanted;            /* who waits for all threads; atomic */
    bool asked;                 /* the owner is to come back soon; atomic */
    unsigned kicks;             /* so far; atomic */
    unsigned tried;             /* the owner's: when what is parked was tried */
    bool paused;                /* atomic */
    bool quit;                  /* atomic */
    /* constant */
    const SdxiWorkerCalls *calls;
    void *opaque;
    Object *device;             /* whose worker it is */
    unsigned num_threads;
    SdxiWorkerThread thread[SDXI_WORKERS_MAX];
    IOThread *iothread;         /* instead of threads, or NULL */
    QEMUBH *quantum_bh;         /* in the IOThread */
    QEMUBH *access_bh;          /* in the main loop */
};

/* There may be work.  Any thread, constant time. */
void sdxi_worker_kick(SdxiWorker *w);
/* Any thread: there is something that only an owner can do; see answered. */
void sdxi_worker_ask(SdxiWorker *w);
/* As owner: it is being done. */
void sdxi_worker_answered(SdxiWorker *w);

/* In a quantum or job: somebody waits; end it soon. */
bool sdxi_worker_wanted(const SdxiWorker *w);
/*
 * In a quantum or job: have an access made under the big lock and wait for it.
 * False: not all of it was made.  One that is @brief is done after one section,
 * and only not made if the worker has quit.
 */
bool sdxi_worker_access(SdxiWorker *w, SdxiAccessFn *fn, void *opaque,
                        bool brief);

/* The bodies of a thread and of the IOThread's bottom half. */
void *sdxi_worker_thread(void *opaque);
void sdxi_worker_quantum_bh(void *opaque);

#endif
