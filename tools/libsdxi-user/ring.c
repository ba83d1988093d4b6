/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsdxi-user: the ring of a context, as a single producer uses it, and its
 * completion blocks (SDXI 1.0, "SDXI Descriptor Ring Operation", 5.6, Table
 * 6-4).  Whose context it is makes no difference here.
 */
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "private.h"

/* Rounds of waiting before the processor is given to others */
#define SPINS   256

void sdxi_user_relax(SdxiUserPort *port, unsigned round)
{
    if (port && port->ops->relax) {
        port->ops->relax(port, round);
    } else if (round % SPINS == SPINS - 1) {
        sched_yield();
    }
}

uint64_t sdxi_user_now_ns(SdxiUserPort *port)
{
    struct timespec ts;

    if (port && port->ops->now_ns) {
        return port->ops->now_ns(port);
    }
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * UINT64_C(1000000000) + ts.tv_nsec;
}

static SdxiUserPort *port_of(const SdxiUserContext *c)
{
    return c->fn ? c->fn->port : NULL;
}

static volatile uint64_t *block_of(const SdxiUserContext *c, unsigned block)
{
    return c->at.completions + block % SDXI_USER_COMPLETIONS * CST_WORDS;
}

unsigned sdxi_user_context_state(const SdxiUserContext *c)
{
    return __atomic_load_n(&c->at.status[0], __ATOMIC_ACQUIRE) & 15;
}

/* While it stops, the descriptor that it has taken goes on. */
static bool has_stopped(const SdxiUserContext *c)
{
    unsigned state = sdxi_user_context_state(c);

    return state != CXT_RUN && state != CXT_STOPG_SW && state != CXT_STOPG_FN;
}

uint64_t sdxi_user_read_index(const SdxiUserContext *c)
{
    return __atomic_load_n(&c->at.status[1], __ATOMIC_ACQUIRE);
}

uint64_t sdxi_user_write_index(const SdxiUserContext *c)
{
    return *c->at.write_index;
}

/* The order is that of the specification's own example; VL comes last. */
static void put(SdxiUserContext *c, uint64_t index,
                const SdxiUserDescriptor *d)
{
    volatile uint64_t *slot = c->at.ring + index % c->at.entries * 8;

    for (unsigned i = 1; i < 8; i++) {
        slot[i] = d->q[i];
    }
    sdxi_user_barrier();
    sdxi_user_store(&slot[0], d->q[0] | DSC_VL);
}

int sdxi_user_submit(SdxiUserContext *c, const SdxiUserDescriptor *d,
                     unsigned n)
{
    uint64_t from = *c->at.write_index;
    uint64_t taken = sdxi_user_read_index(c);

    if (n > c->at.entries) {
        return SDXI_USER_E_ARGUMENT;
    }
    if (sdxi_user_context_state(c) != CXT_RUN || taken > from) {
        return SDXI_USER_E_STATE;
    }
    if (from + n - taken > c->at.entries) {
        return SDXI_USER_E_FULL;
    }
    sdxi_user_store(c->at.write_index, from + n);
    for (unsigned i = 0; i < n; i++) {
        put(c, from + i, &d[i]);
    }
    sdxi_user_barrier();
    *c->at.doorbell = from + n;
    return SDXI_USER_OK;
}

void sdxi_user_arm(SdxiUserContext *c, unsigned block, uint64_t count)
{
    volatile uint64_t *cst = block_of(c, block);

    cst[1] = 0;
    sdxi_user_store(cst, count);
}

int sdxi_user_poll(const SdxiUserContext *c, unsigned block)
{
    volatile uint64_t *cst = block_of(c, block);

    if (__atomic_load_n(cst, __ATOMIC_ACQUIRE)) {
        return SDXI_USER_E_PENDING;
    }
    return cst[1] & CST_ER ? SDXI_USER_E_FAILED : SDXI_USER_OK;
}

int sdxi_user_wait(const SdxiUserContext *c, unsigned block, unsigned ms)
{
    SdxiUserPort *port = port_of(c);
    uint64_t end = 0;

    for (unsigned round = 0; ; round++) {
        /* Before the look: who was away meanwhile sees what was done. */
        uint64_t now = round % SPINS ? 0 : sdxi_user_now_ns(port);
        /* A context that stopped has completed what it ever will before. */
        bool stopped = has_stopped(c);
        int ret = sdxi_user_poll(c, block);

        if (ret != SDXI_USER_E_PENDING) {
            return ret;
        }
        if (stopped) {
            return block_of(c, block)[1] & CST_ER ? SDXI_USER_E_FAILED
                                                  : SDXI_USER_E_STATE;
        }
        if (!round) {
            end = now + ms * UINT64_C(1000000);
        } else if (round % SPINS == 0 && now >= end) {
            return SDXI_USER_E_TIMEOUT;
        }
        sdxi_user_relax(port, round);
    }
}

int sdxi_user_run(SdxiUserContext *c, const SdxiUserDescriptor *d, unsigned n,
                  unsigned ms)
{
    int ret = sdxi_user_poll(c, 0) == SDXI_USER_E_PENDING
              ? sdxi_user_wait(c, 0, ms) : SDXI_USER_OK;

    /* An error of those is no error of these. */
    if (ret < 0 && ret != SDXI_USER_E_FAILED) {
        return ret;
    }
    /* What is left goes on if it is started again, and counts down then. */
    if (sdxi_user_context_state(c) != CXT_RUN) {
        return SDXI_USER_E_STATE;
    }
    sdxi_user_arm(c, 0, n);
    ret = sdxi_user_submit(c, d, n);
    if (ret < 0) {
        sdxi_user_arm(c, 0, 0);     /* nobody counts it down */
        return ret;
    }
    return sdxi_user_wait(c, 0, ms);
}

int sdxi_user_context_attach(const SdxiUserPlace *place, SdxiUserContext **out)
{
    SdxiUserContext *c;

    if (!place->ring || !place->write_index || !place->status ||
        !place->completions || !place->doorbell ||
        place->entries < SDXI_USER_RING || place->completions_at % 32 ||
        !place->max_buffer) {
        return SDXI_USER_E_ARGUMENT;
    }
    c = calloc(1, sizeof(*c));
    if (!c) {
        return SDXI_USER_E_MEMORY;
    }
    c->at = *place;
    c->eventfd = -1;
    *out = c;
    return SDXI_USER_OK;
}
