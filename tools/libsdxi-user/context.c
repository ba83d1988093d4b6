/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsdxi-user: contexts of an own function: their structures (SDXI 1.0
 * chapter 3), start and stop by the administrative context, AKeys.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "private.h"

/* Table 3-3: no limit of this context's own */
#define L1_MAX_BUFFER   (UINT64_C(11) << 20)
#define L1_KA           UINT64_C(2)
/* Table 3-4: valid, sequential hint, completion signals */
#define CTL_FLAGS       UINT64_C(0x31)

static uint64_t akey_of(const SdxiUserKey *key)
{
    return 1 | (uint64_t)!!key->vector << 1 |
           (uint64_t)key->pasid_valid << 2 |
           (uint64_t)(key->vector & 0x7ff) << 4 |
           (uint64_t)key->function << 16 | (uint64_t)key->pasid << 32;
}

static void publish(SdxiUserContext *c, unsigned state, unsigned qos)
{
    SdxiUserContextMemory *m = c->cm;
    uint64_t *l1 = c->fn->tables->l1[c->number];
    SdxiUserKey own = {
        .vector = c->number < c->fn->info.vectors ? c->number : 0,
    };

    m->akeys[0][0] = akey_of(&own);
    m->sts[0] = state;
    m->ctl[1] = c->at.entries;
    m->ctl[2] = sdxi_user_at(c->memory, m->sts);
    m->ctl[3] = sdxi_user_at(c->memory, &m->write_index);
    sdxi_user_barrier();
    m->ctl[0] = sdxi_user_at(c->memory, m->ring) | (uint64_t)qos << 2 |
                CTL_FLAGS;
    l1[1] = sdxi_user_at(c->memory, m->akeys);  /* 256 entries */
    l1[2] = (uint64_t)c->fn->info.groups << 32 | L1_MAX_BUFFER;
    l1[3] = 0;
    sdxi_user_barrier();
    sdxi_user_store(&l1[0], sdxi_user_at(c->memory, m->ctl) | L1_KA | 1);
}

static void fill_in(SdxiUserContext *c, unsigned entries)
{
    SdxiUser *fn = c->fn;

    c->cm = (SdxiUserContextMemory *)c->memory->va;
    c->at = (SdxiUserPlace) {
        .ring = c->cm->ring[0], .entries = entries,
        .write_index = &c->cm->write_index, .status = c->cm->sts,
        .completions = c->cm->cst[0],
        .completions_at = sdxi_user_at(c->memory, c->cm->cst),
        .doorbell = (volatile uint64_t *)(fn->port->doorbells +
                                          c->number * fn->stride),
        .max_buffer = fn->info.max_buffer,
    };
}

int sdxi_user_context_place(SdxiUser *fn, unsigned number, unsigned state,
                            const SdxiUserContextOptions *options,
                            SdxiUserContext **out)
{
    unsigned entries = options && options->entries ? options->entries
                                                   : SDXI_USER_RING;
    SdxiUserContext *c;
    int ret;

    if (entries < SDXI_USER_RING ||
        (options && options->qos > SDXI_USER_QOS_MAX)) {
        return SDXI_USER_E_ARGUMENT;
    }
    if (entries > fn->info.max_ring) {
        return SDXI_USER_E_LIMIT;
    }
    c = calloc(1, sizeof(*c));
    if (!c) {
        return SDXI_USER_E_MEMORY;
    }
    c->fn = fn;
    c->number = number;
    c->eventfd = -1;
    ret = sdxi_user_memory_new(fn, sizeof(*c->cm) + entries * 64ul, -1,
                               &c->memory);
    if (ret == SDXI_USER_OK && !sdxi_user_in_one_piece(c->memory)) {
        ret = SDXI_USER_E_MEMORY;
    }
    if (ret < 0) {
        sdxi_user_context_drop(c);
        return ret;
    }
    fill_in(c, entries);
    publish(c, state, options ? options->qos : 0);
    *out = c;
    return SDXI_USER_OK;
}

void sdxi_user_context_drop(SdxiUserContext *c)
{
    if (!c) {
        return;
    }
    if (c->eventfd >= 0) {
        close(c->eventfd);
    }
    if (c->memory) {
        sdxi_user_memory_free(c->fn, c->memory);
    }
    free(c);
}

int sdxi_user_context_new(SdxiUser *fn, const SdxiUserContextOptions *options,
                          SdxiUserContext **out)
{
    SdxiUserContext *c;
    unsigned number = 1;
    int ret;

    while (number < fn->info.contexts && fn->contexts[number]) {
        number++;
    }
    if (number == fn->info.contexts) {
        return SDXI_USER_E_LIMIT;
    }
    ret = sdxi_user_context_place(fn, number, CXT_STOP_SW, options, &c);
    if (ret < 0) {
        return ret;
    }
    fn->contexts[number] = c;
    ret = sdxi_user_context_restart(c);
    if (ret < 0) {
        sdxi_user_context_free(c);
        return ret;
    }
    *out = c;
    return SDXI_USER_OK;
}

int sdxi_user_context_restart(SdxiUserContext *c)
{
    int ret;

    if (!c->fn) {
        return SDXI_USER_E_UNSUPPORTED;
    }
    ret = sdxi_user_admin(c->fn, DSC_CXT_START, c->number, 0);
    if (ret == SDXI_USER_OK && sdxi_user_context_state(c) != CXT_RUN) {
        ret = SDXI_USER_E_STATE;
    }
    return ret;
}

static int stop(SdxiUserContext *c)
{
    int ret = sdxi_user_admin(c->fn, DSC_CXT_STOP, c->number, 0);

    if (ret == SDXI_USER_OK) {
        ret = sdxi_user_admin(c->fn, DSC_SYNC | (uint64_t)SYNC_STOP << 32,
                              c->number, 0);
    }
    if (ret == SDXI_USER_OK && sdxi_user_context_state(c) == CXT_RUN) {
        ret = SDXI_USER_E_STATE;
    }
    return ret;
}

/* One that does not stop keeps its number and memory until the function does */
int sdxi_user_context_free(SdxiUserContext *c)
{
    uint64_t *l1;
    int ret;

    if (!c) {
        return SDXI_USER_OK;
    }
    if (!c->fn) {
        free(c);
        return SDXI_USER_OK;
    }
    ret = stop(c);
    if (ret == SDXI_USER_OK) {
        l1 = c->fn->tables->l1[c->number];
        sdxi_user_store(&l1[0], 0);
        memset(l1, 0, sizeof(c->fn->tables->l1[0]));
        c->fn->contexts[c->number] = NULL;
        sdxi_user_context_drop(c);
    }
    return ret;
}

unsigned sdxi_user_context_number(const SdxiUserContext *c)
{
    return c->number;
}

int sdxi_user_set_akey(SdxiUserContext *c, unsigned index,
                       const SdxiUserKey *key)
{
    uint64_t *entry;
    int ret;

    if (!c->fn) {
        return SDXI_USER_E_UNSUPPORTED;
    }
    if (index >= SDXI_USER_AKEYS ||
        (key && (key->pasid >> 20 || key->vector >> 11))) {
        return SDXI_USER_E_ARGUMENT;
    }
    entry = c->cm->akeys[index];
    sdxi_user_store(&entry[0], 0);
    if (key) {
        entry[1] = (uint64_t)key->rkey << 32;
        sdxi_user_store(&entry[0], akey_of(key));
    }
    ret = sdxi_user_admin(c->fn, DSC_AKEY_UPD, c->number, index);
    return ret < 0 ? ret
           : sdxi_user_admin(c->fn, DSC_SYNC | (uint64_t)SYNC_AKEY << 32,
                             c->number, index);
}

int sdxi_user_eventfd(SdxiUserContext *c)
{
    int ret;

    if (!c->fn || !c->fn->port->ops->eventfd ||
        c->number >= c->fn->info.vectors) {
        return SDXI_USER_E_UNSUPPORTED;
    }
    if (c->eventfd < 0) {
        ret = c->fn->port->ops->eventfd(c->fn->port, c->number, &c->eventfd);
        if (ret < 0) {
            return ret;
        }
    }
    return c->eventfd;
}
