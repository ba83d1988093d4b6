/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Doorbells and turns; the rules are in sched.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/dma/sdxi/core/sched.h"

/* Doorbells looked at between two turns. */
#define DOORBELLS_PER_TURN 16

static unsigned num_words(const SdxiSched *sched)
{
    return DIV_ROUND_UP(sched->contexts, BITS_PER_LONG);
}

static void empty_queues(SdxiSched *sched)
{
    g_queue_init(&sched->ready);
    for (unsigned i = 0; i < SDXI_WAITS; i++) {
        g_queue_init(&sched->parked[i]);
    }
}

void sdxi_sched_init(SdxiSched *sched, unsigned contexts)
{
    memset(sched, 0, sizeof(*sched));
    sched->contexts = contexts;
    sched->rung = g_new0(unsigned long, num_words(sched));
    sched->summary = g_new0(unsigned long,
                            DIV_ROUND_UP(num_words(sched), BITS_PER_LONG));
    sched->later = g_array_new(false, false, sizeof(uint16_t));
    empty_queues(sched);
}

void sdxi_sched_destroy(SdxiSched *sched)
{
    g_array_free(sched->later, true);
    g_free(sched->rung);
    g_free(sched->summary);
}

void sdxi_sched_quiet(SdxiSched *sched)
{
    for (unsigned i = 0; i < num_words(sched); i++) {
        qatomic_set(&sched->rung[i], 0);
    }
    sched->taken = 0;
}

void sdxi_sched_reset(SdxiSched *sched)
{
    sdxi_sched_quiet(sched);
    sched->cursor = 0;
    empty_queues(sched);
}

bool sdxi_sched_ring(SdxiSched *sched, uint16_t number)
{
    unsigned word = number / BITS_PER_LONG;
    unsigned long bit = 1UL << number % BITS_PER_LONG;

    assert(number < sched->contexts);
    if (qatomic_fetch_or(&sched->rung[word], bit) & bit) {
        return false;
    }
    qatomic_or(&sched->summary[word / BITS_PER_LONG],
               1UL << word % BITS_PER_LONG);
    return true;
}

bool sdxi_sched_is_rung(const SdxiSched *sched, uint16_t number)
{
    unsigned word = number / BITS_PER_LONG;
    unsigned long bits = qatomic_read(&sched->rung[word]);

    if (word == sched->cursor) {
        bits |= sched->taken;
    }
    return bits >> number % BITS_PER_LONG & 1;
}

/* The first word at or after @word whose summary bit is set, or none. */
static bool find_word(const SdxiSched *sched, unsigned *word)
{
    while (*word < num_words(sched)) {
        unsigned long bits = qatomic_read(
            &sched->summary[*word / BITS_PER_LONG]) >>
            *word % BITS_PER_LONG;

        if (bits) {
            *word += ctzl(bits);
            return true;
        }
        *word = ROUND_UP(*word + 1, BITS_PER_LONG);
    }
    return false;
}

/* Loads doorbells into taken; false if there are none. */
static bool take_word(SdxiSched *sched)
{
    unsigned word = sched->cursor;

    while (!sched->taken) {
        if (!find_word(sched, &word)) {
            if (!sched->cursor) {
                return false;
            }
            sched->cursor = word = 0;
            continue;
        }
        /* First the summary: who rings from here on sets it again. */
        qatomic_and(&sched->summary[word / BITS_PER_LONG],
                    ~(1UL << word % BITS_PER_LONG));
        sched->cursor = word;
        sched->taken = qatomic_xchg(&sched->rung[word], 0);
    }
    return true;
}

static bool doorbells_pending(const SdxiSched *sched)
{
    unsigned word = 0;

    return sched->taken || find_word(sched, &word);
}

void sdxi_sched_forget(SdxiSched *sched, SdxiContext *cxt)
{
    assert(cxt->queue != SDXI_QUEUE_LEASED);
    if (cxt->queue == SDXI_QUEUE_READY) {
        g_queue_unlink(&sched->ready, &cxt->link);
    } else if (cxt->queue >= SDXI_QUEUE_PARKED) {
        g_queue_unlink(&sched->parked[cxt->queue - SDXI_QUEUE_PARKED],
                       &cxt->link);
    }
    cxt->queue = SDXI_QUEUE_NONE;
}

void sdxi_sched_ready(SdxiSched *sched, SdxiContext *cxt)
{
    if (cxt->queue == SDXI_QUEUE_READY) {
        return;
    }
    if (cxt->queue == SDXI_QUEUE_LEASED) {
        cxt->again = true;
        return;
    }
    sdxi_sched_forget(sched, cxt);
    if (cxt->number) {
        g_queue_push_tail_link(&sched->ready, &cxt->link);
    } else {
        g_queue_push_head_link(&sched->ready, &cxt->link);
    }
    cxt->queue = SDXI_QUEUE_READY;
}

/* Context 0 has had a turn and wants another: one of somebody else before. */
static void let_one_pass(SdxiSched *sched, SdxiContext *cxt)
{
    GList *next = cxt->link.next;

    if (next) {
        g_queue_unlink(&sched->ready, next);
        g_queue_push_head_link(&sched->ready, next);
    }
}

void sdxi_sched_unpark(SdxiSched *sched, SdxiWaitFor what)
{
    GList *link;

    while ((link = g_queue_peek_head_link(&sched->parked[what]))) {
        sdxi_sched_ready(sched, link->data);
    }
}

unsigned sdxi_sched_parked(const SdxiSched *sched)
{
    unsigned n = 0;

    for (unsigned i = 0; i < SDXI_WAITS; i++) {
        n += sched->parked[i].length;
    }
    return n;
}

/* After a turn: last in line, or out of it. */
static void put_away(SdxiSched *sched, SdxiContext *cxt, SdxiTurn turn)
{
    if (turn == SDXI_TURN_GONE) {
        return;
    }
    sdxi_sched_forget(sched, cxt);
    if (turn == SDXI_TURN_READY || turn == SDXI_TURN_OWNER) {
        sdxi_sched_ready(sched, cxt);
        if (!cxt->number) {
            let_one_pass(sched, cxt);
        }
    } else if (turn >= SDXI_TURN_PARKED) {
        unsigned what = turn - SDXI_TURN_PARKED;

        g_queue_push_tail_link(&sched->parked[what], &cxt->link);
        cxt->queue = SDXI_QUEUE_PARKED + what;
    }
}

/* Context 0 does not wait for the doorbells of all others. */
static uint64_t look_at_first_doorbell(SdxiSched *sched,
                                       const SdxiSchedCalls *calls,
                                       void *opaque)
{
    uint16_t number = 0;

    if (!(qatomic_read(&sched->rung[0]) & 1) ||
        !(qatomic_fetch_and(&sched->rung[0], ~1UL) & 1)) {
        return 0;
    }
    if (!calls->doorbell(opaque, number)) {
        g_array_append_val(sched->later, number);
    }
    return SDXI_COST_DOORBELL;
}

/* One that cannot be looked at now must not keep others waiting. */
static uint64_t look_at_doorbells(SdxiSched *sched,
                                  const SdxiSchedCalls *calls, void *opaque)
{
    uint64_t cost = look_at_first_doorbell(sched, calls, opaque);

    for (unsigned i = 0; i < DOORBELLS_PER_TURN && take_word(sched); i++) {
        unsigned bit = ctzl(sched->taken);
        uint16_t number = sched->cursor * BITS_PER_LONG + bit;

        sched->taken &= ~(1UL << bit);
        if (!calls->doorbell(opaque, number)) {
            g_array_append_val(sched->later, number);
        }
        cost += SDXI_COST_DOORBELL;
    }
    return cost;
}

void sdxi_sched_ring_later(SdxiSched *sched)
{
    for (unsigned i = 0; i < sched->later->len; i++) {
        sdxi_sched_ring(sched, g_array_index(sched->later, uint16_t, i));
    }
    g_array_set_size(sched->later, 0);
}

uint64_t sdxi_sched_allowance(const SdxiSched *sched, const SdxiContext *cxt)
{
    uint64_t turn = (uint64_t)SDXI_SCHED_TURN << cxt->geo.qos;
    bool alone = sched->ready.length <= 1 && !doorbells_pending(sched);

    return alone ? MAX(turn, SDXI_SCHED_ALONE) : turn;
}

uint64_t sdxi_sched_turn(SdxiSched *sched, const SdxiSchedCalls *calls,
                         void *opaque, SdxiContext *cxt, uint64_t budget)
{
    uint64_t allowance = MIN(budget, sdxi_sched_allowance(sched, cxt));
    uint64_t used = 0;
    SdxiTurn turn = calls->turn(opaque, cxt, allowance, &used);

    put_away(sched, cxt, turn);
    return MAX(used, 1);
}

bool sdxi_sched_run(SdxiSched *sched, const SdxiSchedCalls *calls,
                    void *opaque, uint64_t budget)
{
    bool more;

    do {
        GList *link;
        uint64_t cost = look_at_doorbells(sched, calls, opaque);

        budget -= MIN(cost, budget);
        link = g_queue_peek_head_link(&sched->ready);
        if (link && budget) {
            cost = sdxi_sched_turn(sched, calls, opaque, link->data, budget);
            budget -= MIN(cost, budget);
        }
        more = sdxi_sched_busy(sched);
    } while (more && budget && !calls->yield(opaque));
    sdxi_sched_ring_later(sched);
    return more;
}

SdxiContext *sdxi_sched_next(SdxiSched *sched, const SdxiSchedCalls *calls,
                             void *opaque)
{
    look_at_doorbells(sched, calls, opaque);
    return g_queue_peek_head(&sched->ready);
}

void sdxi_sched_lease(SdxiSched *sched, SdxiContext *cxt)
{
    sdxi_sched_forget(sched, cxt);
    cxt->queue = SDXI_QUEUE_LEASED;
    cxt->again = false;
}

void sdxi_sched_give_back(SdxiSched *sched, SdxiContext *cxt, SdxiTurn turn)
{
    assert(cxt->queue == SDXI_QUEUE_LEASED);
    cxt->queue = SDXI_QUEUE_NONE;
    put_away(sched, cxt, turn == SDXI_TURN_IDLE && cxt->again
                         ? SDXI_TURN_READY : turn);
}

bool sdxi_sched_busy(const SdxiSched *sched)
{
    return sched->ready.length || doorbells_pending(sched);
}

static bool queue_ok(const GQueue *queue, SdxiQueue which)
{
    unsigned n = 0;

    for (const GList *link = queue->head; link; link = link->next) {
        const SdxiContext *cxt = link->data;

        if (&cxt->link != link || cxt->queue != which) {
            return false;
        }
        n++;
    }
    return n == queue->length;
}

const char *sdxi_sched_check(const SdxiSched *sched)
{
    for (unsigned i = 0; i < num_words(sched); i++) {
        if (sched->rung[i] &&
            !(sched->summary[i / BITS_PER_LONG] >> i % BITS_PER_LONG & 1)) {
            return "a doorbell is not in the summary";
        }
    }
    if (!queue_ok(&sched->ready, SDXI_QUEUE_READY)) {
        return "the ready queue is inconsistent";
    }
    for (unsigned i = 0; i < SDXI_WAITS; i++) {
        if (!queue_ok(&sched->parked[i], SDXI_QUEUE_PARKED + i)) {
            return "a queue of parked contexts is inconsistent";
        }
    }
    return NULL;
}

/* --- saved state --------------------------------------------------------- */

static void save_queue(const GQueue *queue, SaveWriter *w)
{
    for (const GList *link = queue->head; link; link = link->next) {
        const SdxiContext *cxt = link->data;

        save_put(w, cxt->number);
    }
}

void sdxi_sched_save(const SdxiSched *sched, SaveWriter *w)
{
    unsigned rung = 0;

    assert(!sched->later->len);
    save_put(w, sched->ready.length + sdxi_sched_parked(sched));
    save_queue(&sched->ready, w);
    for (unsigned i = 0; i < SDXI_WAITS; i++) {
        save_queue(&sched->parked[i], w);
    }
    for (unsigned n = 0; n < sched->contexts; n++) {
        rung += sdxi_sched_is_rung(sched, n);
    }
    save_put(w, rung);
    for (unsigned n = 0; n < sched->contexts; n++) {
        if (sdxi_sched_is_rung(sched, n)) {
            save_put(w, n);
        }
    }
}

static void load_queue(SdxiSched *sched, const SdxiContextTable *table,
                       SaveReader *r)
{
    uint64_t count = save_get_count(r, "contexts with work", table->used, 8);

    while (count-- && save_good(r)) {
        uint64_t number = save_get(r);
        SdxiContext *cxt = number < sched->contexts
                           ? sdxi_context_find(table, number) : NULL;

        if (!cxt || cxt->queue != SDXI_QUEUE_NONE) {
            save_refuse_number(r, "context with work", number);
            return;
        }
        sdxi_sched_ready(sched, cxt);
    }
}

void sdxi_sched_load(SdxiSched *sched, const SdxiContextTable *table,
                     SaveReader *r)
{
    uint64_t count;

    load_queue(sched, table, r);
    count = save_get_count(r, "doorbells", sched->contexts, 8);
    while (count-- && save_good(r)) {
        uint64_t number = save_get(r);

        if (number >= sched->contexts || sdxi_sched_is_rung(sched, number)) {
            save_refuse_number(r, "doorbell", number);
            return;
        }
        sdxi_sched_ring(sched, number);
    }
}
