/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsdxi-user: a function from open to close, in the order of SDXI 1.0 4.1.8,
 * which is that of the Linux driver's register accesses too.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "private.h"

#define STATE_MS        1000        /* changes of state are done by then */
#define TIMEOUT_MS      10000
/* Table 9-2: err_intr_en, pasid_vl, pasid */
#define CTL0_UNUSED     UINT64_C(0x0fffff14)
/* Table 9-4: what is not reserved, without max_cxt and max_buffer */
#define CTL2_LIMITS     UINT64_C(0xffffffff0000f000)
/* max_buffer, 2 MiB shifted: descriptors have 32 bits for a length less one */
#define MAX_BUFFER      11
#define RKEYS           256

static uint64_t rd(const SdxiUser *fn, unsigned reg)
{
    return fn->port->ops->read(fn->port, reg);
}

static void wr(SdxiUser *fn, unsigned reg, uint64_t value)
{
    sdxi_user_barrier();
    fn->port->ops->write(fn->port, reg, value);
}

unsigned sdxi_user_state(const SdxiUser *fn)
{
    return rd(fn, SDXI_STS0) & 7;
}

static void request(SdxiUser *fn, unsigned gsr)
{
    wr(fn, SDXI_CTL0, (rd(fn, SDXI_CTL0) & ~UINT64_C(3)) | gsr);
}

/* The state reached: @want, ERROR, or whatever it is when time is over. */
static unsigned wait_state(SdxiUser *fn, unsigned want)
{
    uint64_t end = sdxi_user_now_ns(fn->port) +
                   fn->state_ms * UINT64_C(1000000);

    for (unsigned round = 0; ; round++) {
        /* Before the look: who was away meanwhile sees what was done. */
        bool over = sdxi_user_now_ns(fn->port) >= end;
        unsigned state = sdxi_user_state(fn);

        if (state == want || state == GSV_ERROR || over) {
            return state;
        }
        sdxi_user_relax(fn->port, round);
    }
}

/* As Linux stops it: what is asked depends on the state (4.1). */
static int stop(SdxiUser *fn)
{
    unsigned state = sdxi_user_state(fn);

    if (state == GSV_INIT || state == GSV_ACTIVE) {
        request(fn, GSR_STOP_SF);
    } else if (state == GSV_STOPG_SF) {
        request(fn, GSR_STOP_HD);
    } else if (state != GSV_STOPG_HD && state != GSV_ERROR) {
        request(fn, GSR_RESET);
    }
    state = wait_state(fn, GSV_STOP);
    if (state == GSV_ERROR) {
        request(fn, GSR_RESET);
        state = wait_state(fn, GSV_STOP);
    }
    return state == GSV_STOP ? SDXI_USER_OK : SDXI_USER_E_TIMEOUT;
}

/* Tables 9-6 to 9-8; limits go to CTL2 (Table 9-4) */
static int read_capabilities(SdxiUser *fn)
{
    uint64_t version = rd(fn, SDXI_VERSION);
    uint64_t cap0 = rd(fn, SDXI_CAP0), cap1 = rd(fn, SDXI_CAP1);
    SdxiUserInfo *info = &fn->info;
    unsigned top = cap1 >> 16 & 0xffff;
    unsigned buffer = (cap1 & 15) < MAX_BUFFER ? cap1 & 15 : MAX_BUFFER;

    info->major = version >> 16 & 0xff;
    info->minor = version & 0xff;
    if (info->major != 1) {
        return SDXI_USER_E_VERSION;
    }
    fn->stride = UINT64_C(4096) << (cap0 >> 20 & 7);
    top = top < CONTEXTS_MAX - 1 ? top : CONTEXTS_MAX - 1;
    if (fn->port->doorbells_len / fn->stride < 2 || top < 1) {
        return SDXI_USER_E_LIMIT;
    }
    if (top > fn->port->doorbells_len / fn->stride - 1) {
        top = fn->port->doorbells_len / fn->stride - 1;
    }
    info->way = fn->port->way;
    memcpy(info->bdf, fn->port->bdf, sizeof(info->bdf));
    info->sfunc = cap0;
    info->vf = cap0 >> 16 & 1;
    info->contexts = top + 1;
    info->vectors = fn->port->vectors;
    info->max_ring = 1024u << ((cap0 >> 24 & 31) < 16 ? cap0 >> 24 & 31 : 16);
    info->max_buffer = UINT64_C(1) << (buffer + 21);
    info->groups = cap1 >> 32;
    info->rkeys = cap1 >> 4 & 1 ? RKEYS : 0;
    wr(fn, SDXI_CTL2, (cap1 & CTL2_LIMITS) | (uint64_t)top << 16 | buffer);
    return SDXI_USER_OK;
}

static int make_tables(SdxiUser *fn)
{
    SdxiUserTables *t;
    int ret = sdxi_user_memory_new(fn, sizeof(*t), -1, &fn->memory);

    if (ret < 0) {
        return ret;
    }
    if (!sdxi_user_in_one_piece(fn->memory)) {
        return SDXI_USER_E_MEMORY;
    }
    t = fn->tables = (SdxiUserTables *)fn->memory->va;
    t->l2[0] = sdxi_user_at(fn->memory, t->l1) | 1;
    wr(fn, SDXI_CXT_L2, sdxi_user_at(fn->memory, t->l2));
    wr(fn, SDXI_ERR_CFG, 0);
    if (fn->info.rkeys) {               /* Table 9-10: 256 entries, enabled */
        wr(fn, SDXI_RKEY, sdxi_user_at(fn->memory, t->rkeys) | 1);
    }
    return SDXI_USER_OK;
}

static int activate(SdxiUser *fn)
{
    int ret = sdxi_user_context_place(fn, 0, CXT_RUN, NULL, &fn->contexts[0]);

    if (ret < 0) {
        return ret;
    }
    request(fn, GSR_ACTIVE);
    switch (wait_state(fn, GSV_ACTIVE)) {
    case GSV_ACTIVE:
        break;
    case GSV_ERROR:
        return SDXI_USER_E_STATE;
    default:
        return SDXI_USER_E_TIMEOUT;
    }
    *fn->contexts[0]->at.doorbell = 0;  /* 4.3.4, method 3 */
    return SDXI_USER_OK;
}

static int bring_up(SdxiUser *fn)
{
    int ret = stop(fn);

    if (ret == SDXI_USER_OK) {
        wr(fn, SDXI_CTL0, rd(fn, SDXI_CTL0) & ~CTL0_UNUSED);
        ret = read_capabilities(fn);
    }
    if (ret == SDXI_USER_OK) {
        ret = make_tables(fn);
    }
    return ret == SDXI_USER_OK ? activate(fn) : ret;
}

int sdxi_user_open_port(SdxiUserPort *port, unsigned ms, SdxiUser **out)
{
    SdxiUser *fn = calloc(1, sizeof(*fn));
    int ret;

    if (!fn) {
        port->ops->close(port);
        return SDXI_USER_E_MEMORY;
    }
    fn->port = port;
    fn->state_ms = ms ? ms : STATE_MS;
    fn->timeout_ms = TIMEOUT_MS;
    ret = bring_up(fn);
    if (ret < 0) {
        int saved = errno;

        sdxi_user_close(fn);
        errno = saved;
        return ret;
    }
    *out = fn;
    return SDXI_USER_OK;
}

/* What cannot be stopped is cut off before its memory goes. */
void sdxi_user_close(SdxiUser *fn)
{
    if (!fn) {
        return;
    }
    if (stop(fn) == SDXI_USER_OK && fn->info.rkeys) {
        wr(fn, SDXI_RKEY, 0);
    }
    fn->port->ops->cut(fn->port);
    for (unsigned n = 0; n < CONTEXTS_MAX; n++) {
        sdxi_user_context_drop(fn->contexts[n]);
    }
    while (fn->memories) {
        sdxi_user_memory_free(fn, fn->memories);
    }
    fn->port->ops->close(fn->port);
    free(fn);
}

void sdxi_user_info(const SdxiUser *fn, SdxiUserInfo *info)
{
    *info = fn->info;
}

void sdxi_user_set_timeout(SdxiUser *fn, unsigned ms)
{
    fn->timeout_ms = ms;
}

/* Table 6-13 and on: contexts in quadword 1, keys above; context 0 does it. */
int sdxi_user_admin(SdxiUser *fn, uint64_t q0, unsigned number, unsigned key)
{
    SdxiUserContext *admin = fn->contexts[0];
    SdxiUserDescriptor d = { .q = {
        q0, number | number << 16 | (uint64_t)key << 32 | (uint64_t)key << 48,
    } };

    sdxi_user_report(&d, admin, 0);
    return sdxi_user_run(admin, &d, 1, fn->timeout_ms);
}

/* Table 3-8, as an AKey (Table 3-7) but for who may use it */
int sdxi_user_set_rkey(SdxiUser *fn, unsigned index, const SdxiUserKey *key)
{
    uint64_t *entry;
    int ret;

    if (!fn->info.rkeys) {
        return SDXI_USER_E_UNSUPPORTED;
    }
    if (index >= fn->info.rkeys ||
        (key && (key->pasid >> 20 || key->vector >> 11))) {
        return SDXI_USER_E_ARGUMENT;
    }
    entry = fn->tables->rkeys[index];
    sdxi_user_store(&entry[0], 0);
    if (key) {
        sdxi_user_store(&entry[0],
                        1 | (uint64_t)!!key->vector << 1 |
                        (uint64_t)key->pasid_valid << 2 |
                        (uint64_t)(key->vector & 0x7ff) << 4 |
                        (uint64_t)key->function << 16 |
                        (uint64_t)key->pasid << 32);
    }
    ret = sdxi_user_admin(fn, DSC_RKEY_UPD, 0, index);
    return ret < 0 ? ret
           : sdxi_user_admin(fn, DSC_SYNC | (uint64_t)SYNC_RKEY << 32, 0,
                             index);
}
