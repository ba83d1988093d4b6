/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Context states as a table, CXT_STS, and the two-level table of contexts.
 */
#include "qemu/osdep.h"
#include "hw/common/clock.h"
#include "hw/dma/sdxi/core/context.h"

#define STATES 16

typedef struct Cell {
    uint8_t verdict;
    uint8_t next;
} Cell;

#define GO(state) { SDXI_VERDICT_GO, SDXI_CXT_ ## state }
#define STAY { .verdict = SDXI_VERDICT_STAY }

/*
 * Rows are what CXT_STS says; what is not listed is illegal.  A start of a
 * context that is found in RUN is let through: software may set that state
 * itself before it starts the context.  What stops by command or by the
 * function stops at once here; STOPG_* are shown while it takes longer.
 */
static const Cell next[STATES][SDXI_EVENTS] = {
    [SDXI_CXT_STOP_SW] = {
        [SDXI_EVENT_JUMP] = STAY,
        [SDXI_EVENT_START_NM] = GO(RUN),
        [SDXI_EVENT_START_RS] = STAY,
        [SDXI_EVENT_STOP] = STAY,
        [SDXI_EVENT_STOP_FN] = STAY,
        [SDXI_EVENT_ERROR] = GO(ERR_FN),
    },
    [SDXI_CXT_RUN] = {
        [SDXI_EVENT_JUMP] = GO(RUN),
        [SDXI_EVENT_START_NM] = GO(RUN),
        [SDXI_EVENT_START_RS] = STAY,
        [SDXI_EVENT_STOP] = GO(STOP_SW),
        [SDXI_EVENT_STOP_FN] = GO(STOP_FN),
        [SDXI_EVENT_ERROR] = GO(ERR_FN),
    },
    [SDXI_CXT_STOPG_SW] = {
        [SDXI_EVENT_JUMP] = STAY,
        [SDXI_EVENT_START_NM] = STAY,
        [SDXI_EVENT_START_RS] = STAY,
        [SDXI_EVENT_STOP] = GO(STOP_SW),
        [SDXI_EVENT_STOP_FN] = GO(STOP_FN),
        [SDXI_EVENT_ERROR] = GO(ERR_FN),
    },
    [SDXI_CXT_STOP_FN] = {
        [SDXI_EVENT_JUMP] = STAY,
        [SDXI_EVENT_START_NM] = GO(RUN),
        [SDXI_EVENT_START_RS] = GO(RUN),
        [SDXI_EVENT_STOP] = STAY,
        [SDXI_EVENT_STOP_FN] = STAY,
        [SDXI_EVENT_ERROR] = GO(ERR_FN),
    },
    [SDXI_CXT_STOPG_FN] = {
        [SDXI_EVENT_JUMP] = STAY,
        [SDXI_EVENT_START_NM] = STAY,
        [SDXI_EVENT_START_RS] = STAY,
        [SDXI_EVENT_STOP] = STAY,
        [SDXI_EVENT_STOP_FN] = GO(STOP_FN),
        [SDXI_EVENT_ERROR] = GO(ERR_FN),
    },
    [SDXI_CXT_ERR_FN] = {
        [SDXI_EVENT_JUMP] = STAY,
        [SDXI_EVENT_START_NM] = GO(RUN),
        [SDXI_EVENT_START_RS] = STAY,
        [SDXI_EVENT_STOP] = STAY,
        [SDXI_EVENT_STOP_FN] = STAY,
        [SDXI_EVENT_ERROR] = STAY,
    },
};

SdxiCxtVerdict sdxi_context_next(unsigned state, SdxiCxtEvent event,
                                 SdxiCxtState *result)
{
    Cell cell;

    assert(state < STATES && event < SDXI_EVENTS);
    cell = next[state][event];
    *result = cell.verdict == SDXI_VERDICT_GO ? cell.next : state;
    return cell.verdict;
}

SdxiMemResult sdxi_context_put_state(const SdxiHost *host,
                                     const SdxiGeometry *geo,
                                     SdxiCxtState state)
{
    uint8_t byte = state;

    return sdxi_host_write(host, &geo->space, geo->sts, &byte, 1);
}

SdxiMemResult sdxi_context_put_read_index(const SdxiHost *host,
                                          const SdxiGeometry *geo,
                                          uint64_t read_index)
{
    uint64_t le = cpu_to_le64(read_index);

    return sdxi_host_write(host, &geo->space, geo->sts + SDXI_STS_READ_INDEX,
                           &le, sizeof(le));
}

SdxiOutcome sdxi_context_admit(const SdxiHost *host, const SdxiGeometry *geo,
                               SdxiCxtEvent event, bool *go,
                               uint64_t *read_index, SdxiFault *fault)
{
    uint64_t q[SDXI_CXT_STS_BYTES / 8] = { 0 };
    SdxiCxtState state;
    SdxiCxtVerdict verdict;
    SdxiOutcome outcome = sdxi_fault_memory(
        fault, SDXI_STEP_CXT_STS,
        sdxi_host_read_quads(host, &geo->space, geo->sts, q, ARRAY_SIZE(q)));

    *go = false;
    if (outcome != SDXI_DONE) {
        return outcome;
    }
    verdict = sdxi_context_next(FIELD_EX64(q[0], SDXI_STS_Q0, STATE), event,
                                &state);
    if (verdict == SDXI_VERDICT_ILLEGAL) {
        return sdxi_fault_set(fault, SDXI_STEP_CXT_STS, SDXI_SUB_VALIDATION);
    }
    if (verdict == SDXI_VERDICT_STAY) {
        return SDXI_DONE;
    }
    /* Also when it says RUN already: this proves that it can be written. */
    outcome = sdxi_fault_memory(fault, SDXI_STEP_CXT_STS,
                                sdxi_context_put_state(host, geo, state));
    *go = outcome == SDXI_DONE;
    *read_index = q[1];
    return outcome;
}

static unsigned row_of(unsigned number)
{
    return SDXI_L1_INDEX(number) / SDXI_ROW_ENTRIES;
}

static SdxiContextRow *find_row(const SdxiContextTable *table,
                                unsigned number)
{
    const SdxiContextBlock *block = table->block[SDXI_L2_INDEX(number)];

    return block ? block->row[row_of(number)] : NULL;
}

SdxiContext *sdxi_context_find(const SdxiContextTable *table,
                               unsigned number)
{
    const SdxiContextRow *row = find_row(table, number);

    return row ? row->slot[number % SDXI_ROW_ENTRIES] : NULL;
}

SdxiContext *sdxi_context_from(const SdxiContextTable *table,
                               unsigned number)
{
    while (number < SDXI_L1_ENTRIES * SDXI_L2_ENTRIES) {
        SdxiContext *cxt;

        if (!table->block[SDXI_L2_INDEX(number)]) {
            number = ROUND_UP(number + 1, SDXI_L1_ENTRIES);
            continue;
        }
        if (!find_row(table, number)) {
            number = ROUND_UP(number + 1, SDXI_ROW_ENTRIES);
            continue;
        }
        cxt = sdxi_context_find(table, number);
        if (cxt) {
            return cxt;
        }
        number++;
    }
    return NULL;
}

/* The row that @number belongs to, made if need be. */
static SdxiContextRow *need_row(SdxiContextTable *table, uint16_t number)
{
    SdxiContextBlock **block = &table->block[SDXI_L2_INDEX(number)];
    SdxiContextRow **row;

    if (!*block) {
        *block = g_new0(SdxiContextBlock, 1);
    }
    row = &(*block)->row[row_of(number)];
    if (!*row) {
        *row = g_new0(SdxiContextRow, 1);
        (*block)->used++;
    }
    return *row;
}

SdxiContext *sdxi_context_add(SdxiContextTable *table, uint16_t number)
{
    SdxiContextRow *row = need_row(table, number);
    SdxiContext *cxt = g_new0(SdxiContext, 1);

    assert(!row->slot[number % SDXI_ROW_ENTRIES]);
    row->slot[number % SDXI_ROW_ENTRIES] = cxt;
    row->used++;
    table->used++;
    cxt->number = number;
    cxt->link.data = cxt;
    return cxt;
}

void sdxi_context_remove(SdxiContextTable *table, SdxiContext *cxt)
{
    SdxiContextBlock **block = &table->block[SDXI_L2_INDEX(cxt->number)];
    SdxiContextRow **row = &(*block)->row[row_of(cxt->number)];

    assert(cxt->queue == SDXI_QUEUE_NONE);
    (*row)->slot[cxt->number % SDXI_ROW_ENTRIES] = NULL;
    table->used--;
    if (!--(*row)->used) {
        g_clear_pointer(row, g_free);
        if (!--(*block)->used) {
            g_clear_pointer(block, g_free);
        }
    }
    g_free(cxt);
}

static void free_block(SdxiContextBlock *block)
{
    for (unsigned i = 0; i < SDXI_ROWS; i++) {
        SdxiContextRow *row = block->row[i];

        for (unsigned n = 0; row && n < SDXI_ROW_ENTRIES; n++) {
            g_free(row->slot[n]);
        }
        g_free(row);
    }
    g_free(block);
}

void sdxi_context_remove_all(SdxiContextTable *table)
{
    for (unsigned i = 0; i < SDXI_L2_ENTRIES; i++) {
        if (table->block[i]) {
            free_block(table->block[i]);
        }
    }
    memset(table, 0, sizeof(*table));
}

static bool context_ok(const SdxiContext *cxt, unsigned number)
{
    return cxt->number == number && cxt->link.data == cxt &&
           cxt->phase < SDXI_PHASES && cxt->queue < SDXI_QUEUES &&
           cxt->geo.ring_entries >= 1 &&
           (!cxt->stopping_hard || cxt->stopping) &&
           /* whoever has something to do is in a queue */
           (cxt->queue != SDXI_QUEUE_NONE ||
            !(cxt->stopping || sdxi_context_in_flight(cxt)));
}

/* False: miscounted, or empty.  Adds to *@total. */
static bool row_ok(const SdxiContextRow *row, unsigned first, unsigned *total)
{
    unsigned used = 0;

    for (unsigned n = 0; n < SDXI_ROW_ENTRIES; n++) {
        if (row->slot[n] && !context_ok(row->slot[n], first + n)) {
            return false;
        }
        used += row->slot[n] != NULL;
    }
    *total += used;
    return used && used == row->used;
}

static bool block_ok(const SdxiContextBlock *block, unsigned first,
                     unsigned *total)
{
    unsigned used = 0;

    for (unsigned i = 0; i < SDXI_ROWS; i++) {
        if (block->row[i] && !row_ok(block->row[i],
                                     first + i * SDXI_ROW_ENTRIES, total)) {
            return false;
        }
        used += block->row[i] != NULL;
    }
    return used && used == block->used;
}

const char *sdxi_context_check(const SdxiContextTable *table)
{
    unsigned total = 0;

    for (unsigned i = 0; i < SDXI_L2_ENTRIES; i++) {
        if (table->block[i] && !block_ok(table->block[i],
                                         i * SDXI_L1_ENTRIES, &total)) {
            return "a context is inconsistent, or miscounted";
        }
    }
    return total == table->used ? NULL : "the context table miscounts";
}

/* --- saved state --------------------------------------------------------- */

/*
 * Whoever adds to it decides whether it must be saved.  Counters since the
 * start are not, nor what only matters while a pipe has the context.
 */
QEMU_BUILD_BUG_ON(sizeof(SdxiContext) != 224);

static void save_fault(const SdxiFault *fault, SaveWriter *w)
{
    save_put(w, fault->step);
    save_put(w, fault->sub);
    save_put(w, fault->reaction);
    save_put(w, fault->buffer);
    save_put(w, fault->has_buffer);
}

static void save_one(const SdxiContext *cxt, int64_t now_ns, SaveWriter *w)
{
    assert(cxt->queue != SDXI_QUEUE_LEASED);
    save_put(w, cxt->number);
    sdxi_geometry_save(&cxt->geo, w);
    save_put(w, cxt->read_index);
    save_put(w, cxt->progress);
    save_put(w, cxt->carry);
    save_put(w, cxt->stopping ? MAX(cxt->deadline - now_ns, 0) : 0);
    save_put(w, cxt->phase);
    save_put(w, cxt->stopping);
    save_put(w, cxt->stopping_hard);
    save_put(w, cxt->stale);
    save_put(w, cxt->er);
    save_fault(&cxt->fault, w);
    for (unsigned i = 0; i < ARRAY_SIZE(cxt->dsc.q); i++) {
        save_put(w, cxt->dsc.q[i]);
    }
}

void sdxi_context_save(const SdxiContextTable *table, int64_t now_ns,
                       SaveWriter *w)
{
    const SdxiContext *cxt = sdxi_context_from(table, 0);

    save_put(w, table->used);
    for (; cxt; cxt = sdxi_context_from(table, cxt->number + 1)) {
        save_one(cxt, now_ns, w);
    }
}

static void load_fault(SdxiFault *fault, SaveReader *r)
{
    SAVE_GET(r, fault->step);
    SAVE_GET(r, fault->sub);
    SAVE_GET(r, fault->reaction);
    SAVE_GET(r, fault->buffer);
    SAVE_GET(r, fault->has_buffer);
    if (fault->step > SDXI_STEP_FN_RKEY || fault->sub > SDXI_SUB_VALIDATION ||
        fault->reaction > SDXI_RE_FUNCTION || fault->buffer >= 8) {
        save_refuse(r, "there is no such error");
    }
}

static void load_one(SdxiContext *cxt, const SdxiContextLimits *limits,
                     int64_t now_ns, SaveReader *r)
{
    uint64_t left;

    sdxi_geometry_load(&cxt->geo, limits->max_ring, limits->max_akeys, r);
    SAVE_GET(r, cxt->read_index);
    SAVE_GET(r, cxt->progress);
    SAVE_GET(r, cxt->carry);
    left = save_get(r);
    SAVE_GET(r, cxt->phase);
    SAVE_GET(r, cxt->stopping);
    SAVE_GET(r, cxt->stopping_hard);
    SAVE_GET(r, cxt->stale);
    SAVE_GET(r, cxt->er);
    load_fault(&cxt->fault, r);
    for (unsigned i = 0; i < ARRAY_SIZE(cxt->dsc.q); i++) {
        SAVE_GET(r, cxt->dsc.q[i]);
    }
    if (left > limits->max_time_left) {
        save_refuse_number(r, "time left", left);
    }
    if (cxt->phase >= SDXI_PHASES) {
        save_refuse_number(r, "phase", cxt->phase);
    }
    if (cxt->stopping_hard && !cxt->stopping) {
        save_refuse(r, "a context stops and does not");
    }
    cxt->deadline = clock_after(now_ns, MIN(left, limits->max_time_left));
}

void sdxi_context_load(SdxiContextTable *table,
                       const SdxiContextLimits *limits, int64_t now_ns,
                       SaveReader *r)
{
    uint64_t count = save_get_count(r, "contexts", limits->contexts,
                                    SDXI_CONTEXT_SAVED_MAX);
    uint64_t lowest = 0;

    for (uint64_t i = 0; i < count && save_good(r); i++) {
        uint64_t number = save_get(r);

        if (number < lowest || number >= limits->contexts) {
            save_refuse_number(r, "context", number);
            return;
        }
        lowest = number + 1;
        load_one(sdxi_context_add(table, number), limits, now_ns, r);
    }
}
