/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A worker as those see it who hold the big lock: life, pause, ownership of
 * the core, and the accesses that threads have posted.
 *
 * Only the main loop waits here, or who loads and saves: for as long as a
 * thread takes to its next boundary.  A vCPU never does.
 */
#ifndef HW_DMA_SDXI_OWNER_H
#define HW_DMA_SDXI_OWNER_H

#include "hw/dma/sdxi/worker.h"

/*
 * Starts paused.  @iothread may be NULL and is referenced otherwise; @params,
 * in which there is no problem, say how many threads there are else.
 */
void sdxi_owner_init(SdxiWorker *w, DeviceState *dev, IOThread *iothread,
                     const SdxiParams *params, const SdxiWorkerCalls *calls,
                     void *opaque);
/*
 * No quantum or job begins any more, and no access is made but the one that
 * may be below on the stack.  Waits for nobody.
 */
void sdxi_owner_quit(SdxiWorker *w);
/*
 * After quit.  Waits for the threads and is rid of them; false, and nothing is
 * done, if an access is in the middle of a section.
 */
bool sdxi_owner_join(SdxiWorker *w);
/* The last: nobody calls anything any more. */
void sdxi_owner_destroy(SdxiWorker *w);

/* Own the core until leave, if that is possible at once. */
bool sdxi_owner_try(SdxiWorker *w);
/*
 * The same; waits for the threads.  False if an access is in the middle of a
 * section, here or in another thread, or if the worker has quit.
 */
bool sdxi_owner_enter(SdxiWorker *w);
void sdxi_owner_leave(SdxiWorker *w);

/*
 * Wait until nothing changes the core, which the caller then may look at until
 * sdxi_owner_looked(); the big lock must not be given away meanwhile.  False
 * if the worker has quit: nothing is to be called then.
 */
bool sdxi_owner_look(SdxiWorker *w);
void sdxi_owner_looked(SdxiWorker *w);

/*
 * Whatever a thread of @w had seen before, it has forgotten.  False if an
 * access is in the middle of a section.
 */
bool sdxi_owner_settle(SdxiWorker *w);

/* No quantum or job runs between pause and resume; result as settle. */
bool sdxi_owner_pause(SdxiWorker *w);
void sdxi_owner_resume(SdxiWorker *w);
/* Nothing runs, and nothing will before the next resume. */
bool sdxi_owner_is_still(SdxiWorker *w);

#endif
