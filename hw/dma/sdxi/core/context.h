/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Contexts: their states (SDXI 1.0 Table 3-6), CXT_STS in guest memory, and
 * the table of those that run.
 *
 * A context exists here from the moment it runs until it has stopped; all
 * that outlives it is in guest memory.  Who runs next is in sched.c, what a
 * context does with its descriptors in turn.c.
 */
#ifndef HW_DMA_SDXI_CORE_CONTEXT_H
#define HW_DMA_SDXI_CORE_CONTEXT_H

#include "hw/dma/sdxi/core/cxtwalk.h"
#include "hw/dma/sdxi/wire/descriptor.h"
#include "hw/dma/sdxi/wire/tables.h"

typedef enum SdxiCxtEvent {
    SDXI_EVENT_JUMP,        /* doorbell of a context that does not run */
    SDXI_EVENT_START_NM,
    SDXI_EVENT_START_RS,
    SDXI_EVENT_STOP,        /* by command; reached at once or later */
    SDXI_EVENT_STOP_FN,     /* the function stops */
    SDXI_EVENT_ERROR,
    SDXI_EVENTS
} SdxiCxtEvent;

/* The state that follows; @state itself: nothing happens. */
typedef enum SdxiCxtVerdict {
    SDXI_VERDICT_ILLEGAL,   /* no such state */
    SDXI_VERDICT_STAY,
    SDXI_VERDICT_GO,
} SdxiCxtVerdict;
SdxiCxtVerdict sdxi_context_next(unsigned state, SdxiCxtEvent event,
                                 SdxiCxtState *next);

/* Where the descriptor in flight is. */
typedef enum SdxiPhase {
    SDXI_PHASE_NONE,
    SDXI_PHASE_EXECUTE,
    SDXI_PHASE_PUBLISH,     /* read_index to memory */
    SDXI_PHASE_SIGNAL,      /* completion block */
    SDXI_PHASE_RETIRE,      /* count it; log and stop if it failed */
    SDXI_PHASES
} SdxiPhase;

typedef enum SdxiQueue {
    SDXI_QUEUE_NONE,        /* idle */
    SDXI_QUEUE_READY,
    SDXI_QUEUE_LEASED,      /* in none: a pipe has it */
    SDXI_QUEUE_PARKED,      /* and what follows, by SdxiWaitFor */
    SDXI_QUEUES = SDXI_QUEUE_PARKED + SDXI_WAITS
} SdxiQueue;

typedef struct SdxiContext {
    GList link;             /* of the queue it is in; data is the context */
    SdxiGeometry geo;
    uint64_t read_index;    /* next to take; in flight: that descriptor */
    uint64_t progress;      /* of the descriptor in flight */
    uint64_t carry;         /* what it has to remember */
    int64_t deadline;       /* of a soft stop, ns; 0: not set yet */
    uint64_t descriptors;   /* counters since the start */
    uint64_t bytes;
    SdxiDsc dsc;            /* in flight */
    SdxiFault fault;        /* what went wrong with it, step 0: nothing */
    uint16_t number;
    uint8_t phase;          /* SdxiPhase */
    uint8_t queue;          /* SdxiQueue */
    bool stopping;          /* by command */
    bool stopping_hard;
    bool stale;             /* tables changed: walk again before next fetch */
    bool er;                /* descriptor in flight reports an error */
    bool alone;             /* its next turn is the owner's */
    bool again;             /* leased, and there is more to do since */
} SdxiContext;
QEMU_BUILD_BUG_ON(sizeof(SdxiContext) > 1024);

/*
 * Three levels, so that a context that never ran costs nothing, and one that
 * runs less than 1 KiB even if it is the only one far and wide.
 */
#define SDXI_ROW_ENTRIES 16
#define SDXI_ROWS (SDXI_L1_ENTRIES / SDXI_ROW_ENTRIES)

typedef struct SdxiContextRow {
    unsigned used;          /* contexts */
    SdxiContext *slot[SDXI_ROW_ENTRIES];
} SdxiContextRow;

typedef struct SdxiContextBlock {
    unsigned used;          /* rows */
    SdxiContextRow *row[SDXI_ROWS];
} SdxiContextBlock;
QEMU_BUILD_BUG_ON(sizeof(SdxiContext) + sizeof(SdxiContextRow) +
                  sizeof(SdxiContextBlock) > 1024 - 3 * 32);

typedef struct SdxiContextTable {
    SdxiContextBlock *block[SDXI_L2_ENTRIES];
    unsigned used;
} SdxiContextTable;

/* NULL if it does not run. */
SdxiContext *sdxi_context_find(const SdxiContextTable *table,
                               unsigned number);
/* The first one that runs at or after @number, or NULL. */
SdxiContext *sdxi_context_from(const SdxiContextTable *table,
                               unsigned number);
/* @number does not run yet. */
SdxiContext *sdxi_context_add(SdxiContextTable *table, uint16_t number);
/* Frees it; it is in no queue. */
void sdxi_context_remove(SdxiContextTable *table, SdxiContext *cxt);
/* Frees all, whatever queue they are in. */
void sdxi_context_remove_all(SdxiContextTable *table);

/* Does @cxt have a descriptor that was taken and not completed? */
static inline bool sdxi_context_in_flight(const SdxiContext *cxt)
{
    return cxt->phase != SDXI_PHASE_NONE;
}

/*
 * Read CXT_STS and decide on @event.  DONE with *@go set if the context is to
 * run (its *@read_index is filled in, and RUN is in memory then), DONE with
 * *@go clear if the state does not allow it, WAIT, or FAULT.
 */
SdxiOutcome sdxi_context_admit(const SdxiHost *host, const SdxiGeometry *geo,
                               SdxiCxtEvent event, bool *go,
                               uint64_t *read_index, SdxiFault *fault);
/* Only the state byte; everything else in CXT_STS keeps its value. */
SdxiMemResult sdxi_context_put_state(const SdxiHost *host,
                                     const SdxiGeometry *geo,
                                     SdxiCxtState state);
SdxiMemResult sdxi_context_put_read_index(const SdxiHost *host,
                                          const SdxiGeometry *geo,
                                          uint64_t read_index);

/* NULL if the invariants hold. */
const char *sdxi_context_check(const SdxiContextTable *table);

/* What a saved context may not exceed. */
typedef struct SdxiContextLimits {
    uint32_t contexts;      /* numbers below this */
    uint32_t max_akeys;     /* entries */
    uint64_t max_ring;      /* descriptors */
    uint64_t max_time_left; /* of a soft stop, ns */
} SdxiContextLimits;

/* Bytes of one saved context. */
#define SDXI_CONTEXT_SAVED_MAX (34 * 8)

/* All contexts, which no pipe has; @now_ns is the time of the deadlines. */
void sdxi_context_save(const SdxiContextTable *table, int64_t now_ns,
                       SaveWriter *w);
/* Into an empty table.  They are in no queue then: see sched.h. */
void sdxi_context_load(SdxiContextTable *table,
                       const SdxiContextLimits *limits, int64_t now_ns,
                       SaveReader *r);

QEMU_BUILD_BUG_ON(sizeof(SdxiContextTable) != 512 * sizeof(void *) + 8);

#endif /* HW_DMA_SDXI_CORE_CONTEXT_H */
