/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who runs next, and for how long: doorbells, the queue of contexts with
 * work, and the only loop over contexts.
 *
 * A turn costs its context at most SDXI_SCHED_TURN units, doubled for each
 * step of its QoS hint; then the next one in line has its turn.  Context 0,
 * which software waits for, is the exception: it is first in line when it gets
 * something to do, and second after a turn.  So it waits for one turn of
 * another, and no other waits longer than the sum of the others' turns and as
 * many of context 0.  Who is alone when its turn begins may go on for
 * SDXI_SCHED_ALONE units before somebody else is looked for.
 *
 * What happens in a turn is in turn.c.
 */
#ifndef HW_DMA_SDXI_CORE_SCHED_H
#define HW_DMA_SDXI_CORE_SCHED_H

#include "hw/dma/sdxi/core/context.h"

#define SDXI_SCHED_TURN         (256 * 1024)
#define SDXI_SCHED_ALONE        (1024 * 1024)
/* Units that a doorbell and a descriptor cost beside the bytes they move. */
#define SDXI_COST_DOORBELL      512
#define SDXI_COST_DESCRIPTOR    512

typedef struct SdxiSched {
    /* Written by any thread */
    unsigned long *rung;    /* a bit per context */
    unsigned long *summary; /* a bit per word of rung: perhaps not 0 */
    /* The owner's */
    unsigned contexts;
    unsigned cursor;        /* word of rung to look at next */
    unsigned long taken;    /* doorbells taken from word cursor */
    GArray *later;          /* of uint16_t: cannot be looked at in this run */
    GQueue ready;           /* of SdxiContext.link */
    GQueue parked[SDXI_WAITS];
} SdxiSched;

typedef enum SdxiTurn {
    SDXI_TURN_READY,        /* more to do */
    SDXI_TURN_IDLE,
    SDXI_TURN_GONE,         /* context was removed */
    SDXI_TURN_OWNER,        /* more to do, but by the owner alone */
    SDXI_TURN_PARKED,       /* and what follows: waits for SdxiWaitFor */
} SdxiTurn;

typedef struct SdxiSchedCalls {
    SdxiTurn (*turn)(void *opaque, SdxiContext *cxt, uint64_t allowance,
                     uint64_t *used);
    /* False: cannot be looked at now, keep it for the next run. */
    bool (*doorbell)(void *opaque, uint16_t number);
    bool (*yield)(void *opaque);
} SdxiSchedCalls;

void sdxi_sched_init(SdxiSched *sched, unsigned contexts);
void sdxi_sched_destroy(SdxiSched *sched);
/* Forget doorbells and queues; contexts are the caller's. */
void sdxi_sched_reset(SdxiSched *sched);

/* Any thread.  True if nobody knows of it yet: the worker must be kicked. */
bool sdxi_sched_ring(SdxiSched *sched, uint16_t number);
/* Forget doorbells that nobody looked at yet. */
void sdxi_sched_quiet(SdxiSched *sched);
bool sdxi_sched_is_rung(const SdxiSched *sched, uint16_t number);

/*
 * Put a context last in line, and context 0 first.  It may be in any queue,
 * also this one.
 */
void sdxi_sched_ready(SdxiSched *sched, SdxiContext *cxt);
/* Out of whatever queue it is in. */
void sdxi_sched_forget(SdxiSched *sched, SdxiContext *cxt);
/* What they were parked for has happened, or may have: they try again. */
void sdxi_sched_unpark(SdxiSched *sched, SdxiWaitFor what);
/* Contexts that are parked, for whatever. */
unsigned sdxi_sched_parked(const SdxiSched *sched);

/* True if there is something left that can be done at once. */
bool sdxi_sched_run(SdxiSched *sched, const SdxiSchedCalls *calls,
                    void *opaque, uint64_t budget);

/* What a turn of @cxt, the first in line, may cost. */
uint64_t sdxi_sched_allowance(const SdxiSched *sched, const SdxiContext *cxt);

/* The parts of a run, for those who have turns side by side. */

/* Doorbells that had to wait ring again, once nobody asks for more to do. */
void sdxi_sched_ring_later(SdxiSched *sched);

/* Looks at some doorbells.  Who is next in line, or NULL. */
SdxiContext *sdxi_sched_next(SdxiSched *sched, const SdxiSchedCalls *calls,
                             void *opaque);
/* The turn of @cxt, which may be in any queue; what it cost. */
uint64_t sdxi_sched_turn(SdxiSched *sched, const SdxiSchedCalls *calls,
                         void *opaque, SdxiContext *cxt, uint64_t budget);
/* Somebody else has the turn of @cxt, and comes back with how it ended. */
void sdxi_sched_lease(SdxiSched *sched, SdxiContext *cxt);
void sdxi_sched_give_back(SdxiSched *sched, SdxiContext *cxt, SdxiTurn turn);
/* There is something left to do. */
bool sdxi_sched_busy(const SdxiSched *sched);

/* NULL if the invariants hold. */
const char *sdxi_sched_check(const SdxiSched *sched);

/*
 * Who has work, in line or waiting, and doorbells that nobody looked at.  All
 * who wait are in line after a load, and look again at what they wait for.
 */
void sdxi_sched_save(const SdxiSched *sched, SaveWriter *w);
void sdxi_sched_load(SdxiSched *sched, const SdxiContextTable *table,
                     SaveReader *r);

QEMU_BUILD_BUG_ON(sizeof(SdxiSched) != 5 * sizeof(long) +
                  (1 + SDXI_WAITS) * sizeof(GQueue));

#endif /* HW_DMA_SDXI_CORE_SCHED_H */
