/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the first format to version 1 of the rooms: the same numbers, in the
 * order of the rooms.  Nothing is believed here, and nothing judged but what
 * the rooms could not see any more: that is their business.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "hw/common/save.h"
#include "hw/dma/sdxi/core/first-format.h"
#include "hw/dma/sdxi/core/save.h"
#include "hw/dma/sdxi/wire/mmio.h"
#include "hw/dma/sdxi/wire/tables.h"

#define DSC_BYTES   64
#define FAULT_BYTES 5

/* A context that runs or is stopping */
typedef struct Context {
    uint64_t ring;            /* guest address of slot 0 */
    uint64_t sts;             /* of CXT_STS */
    uint64_t write_index;     /* of Write_Index */
    uint64_t akeys;           /* of the AKey table */
    uint64_t read_index;      /* next descriptor to take */
    uint64_t progress;        /* of the descriptor in flight */
    uint64_t carry;           /* what it has to remember */
    uint64_t deadline_left;   /* ns that a soft stop may still take */
    uint32_t ring_entries;
    uint32_t akey_entries;
    uint32_t pasid;
    uint32_t groups;
    uint16_t number;
    uint8_t pasid_valid;
    uint8_t max_buffer;       /* encoded as in CAP1 */
    uint8_t qos;
    uint8_t state;            /* as in CXT_STS: runs, or stops by command */
    uint8_t phase;            /* of the descriptor in flight, 0: none */
    uint8_t flags;            /* SAVED_* */
    uint8_t fault[FAULT_BYTES]; /* of the descriptor in flight */
    uint8_t dsc[DSC_BYTES];   /* descriptor in flight, as in the ring */
} Context;

typedef struct Saved {
    uint64_t cap0, cap1, version; /* must be equal on both sides */
    uint64_t ctl0, ctl2;
    uint64_t cxt_l2, rkey;
    uint64_t err_ctl, err_sts, err_cfg, err_wrt, err_rd;
    uint64_t active_ctl0;     /* CTL0 and CXT_L2 as latched at activation */
    uint64_t active_l2;
    uint64_t deadline_left;   /* ns that a soft stop may still take */
    uint32_t gsv;
    uint32_t num_contexts;
    uint32_t num_doorbells;
    Context *contexts;        /* ascending numbers */
    const uint8_t *doorbells; /* contexts whose was rung and not seen */
} Saved;

enum {
    SAVED_STOPPING_HARD = BIT(0),
    SAVED_STALE = BIT(1),
    SAVED_ER = BIT(2),
    SAVED_HAS_BUFFER = BIT(3),
    SAVED_READY = BIT(4),
    SAVED_FLAGS = BIT(5) - 1,
};

static bool is_stopping(const Context *s)
{
    return s->state == SDXI_CXT_STOPG_SW;
}

static bool has_work(const Context *s)
{
    return s->flags & SAVED_READY || is_stopping(s) || s->phase;
}

static void put_regs(const Saved *saved, SaveWriter *w)
{
    save_put(w, saved->cap0);
    save_put(w, saved->cap1);
    save_put(w, saved->version);
    save_put(w, saved->ctl0);
    save_put(w, saved->ctl2);
    save_put(w, saved->cxt_l2);
    save_put(w, saved->rkey);
    save_put(w, saved->err_ctl);
    save_put(w, saved->err_sts);
    save_put(w, saved->err_cfg);
    save_put(w, saved->err_wrt);
    save_put(w, saved->err_rd);
}

static void put_function(const Saved *saved, SaveWriter *w)
{
    save_put(w, saved->gsv);
    save_put(w, saved->active_ctl0);
    save_put(w, saved->active_l2);
    save_put(w, saved->deadline_left);
}

static void put_geometry(const Context *s, SaveWriter *w)
{
    save_put(w, s->ring);
    save_put(w, s->sts);
    save_put(w, s->write_index);
    save_put(w, s->akeys);
    save_put(w, s->ring_entries);
    save_put(w, s->akey_entries);
    save_put(w, s->groups);
    save_put(w, s->max_buffer);
    save_put(w, s->qos);
    save_put(w, s->pasid);
    save_put(w, s->pasid_valid);
}

static void put_context(const Context *s, SaveWriter *w)
{
    save_put(w, s->number);
    put_geometry(s, w);
    save_put(w, s->read_index);
    save_put(w, s->progress);
    save_put(w, s->carry);
    save_put(w, s->deadline_left);
    save_put(w, s->phase);
    save_put(w, is_stopping(s));
    save_put(w, !!(s->flags & SAVED_STOPPING_HARD));
    save_put(w, !!(s->flags & SAVED_STALE));
    save_put(w, !!(s->flags & SAVED_ER));
    for (unsigned i = 0; i < 4; i++) {
        save_put(w, s->fault[i]);
    }
    save_put(w, !!(s->flags & SAVED_HAS_BUFFER));
    for (unsigned i = 0; i < DSC_BYTES; i += 8) {
        save_put(w, ldq_le_p(s->dsc + i));
    }
}

static void put_contexts(const Saved *saved, SaveWriter *w)
{
    save_put(w, saved->num_contexts);
    for (unsigned i = 0; i < saved->num_contexts; i++) {
        put_context(&saved->contexts[i], w);
    }
}

static void put_sched(const Saved *saved, SaveWriter *w)
{
    unsigned count = 0;

    for (unsigned i = 0; i < saved->num_contexts; i++) {
        count += has_work(&saved->contexts[i]);
    }
    save_put(w, count);
    for (unsigned i = 0; i < saved->num_contexts; i++) {
        if (has_work(&saved->contexts[i])) {
            save_put(w, saved->contexts[i].number);
        }
    }
    save_put(w, saved->num_doorbells);
    for (unsigned i = 0; i < saved->num_doorbells; i++) {
        save_put(w, lduw_be_p(saved->doorbells +
                              i * SDXI_FIRST_DOORBELL));
    }
}

/* What the rooms have no number for. */
static bool is_lost(const Saved *saved, char **problem)
{
    for (unsigned i = 0; i < saved->num_contexts; i++) {
        const Context *s = &saved->contexts[i];

        if ((s->state != SDXI_CXT_RUN && !is_stopping(s)) ||
            s->flags & ~SAVED_FLAGS) {
            *problem = g_strdup_printf("section 'contexts': context 0x%x has "
                                       "no possible state", s->number);
            return true;
        }
    }
    return false;
}

/* The number at *@at, which goes on to the next. */
static uint64_t get(const uint8_t **at, unsigned size)
{
    uint64_t value = 0;

    while (size--) {
        value = value << 8 | *(*at)++;
    }
    return value;
}

static void get_head(const uint8_t *at, Saved *s)
{
    s->cap0 = get(&at, 8);
    s->cap1 = get(&at, 8);
    s->version = get(&at, 8);
    s->ctl0 = get(&at, 8);
    at += 8;                  /* GRP_ENUM: nothing to remember */
    s->ctl2 = get(&at, 8);
    s->cxt_l2 = get(&at, 8);
    s->rkey = get(&at, 8);
    s->err_ctl = get(&at, 8);
    s->err_sts = get(&at, 8);
    s->err_cfg = get(&at, 8);
    s->err_wrt = get(&at, 8);
    s->err_rd = get(&at, 8);
    s->active_ctl0 = get(&at, 8);
    s->active_l2 = get(&at, 8);
    s->deadline_left = get(&at, 8);
    s->gsv = get(&at, 4);
    s->num_contexts = get(&at, 4);
    s->num_doorbells = get(&at, 4);
}

static void get_context(const uint8_t *at, Context *s)
{
    s->ring = get(&at, 8);
    s->sts = get(&at, 8);
    s->write_index = get(&at, 8);
    s->akeys = get(&at, 8);
    s->read_index = get(&at, 8);
    s->progress = get(&at, 8);
    s->carry = get(&at, 8);
    s->deadline_left = get(&at, 8);
    s->ring_entries = get(&at, 4);
    s->akey_entries = get(&at, 4);
    s->pasid = get(&at, 4);
    s->groups = get(&at, 4);
    s->number = get(&at, 2);
    s->pasid_valid = get(&at, 1);
    s->max_buffer = get(&at, 1);
    s->qos = get(&at, 1);
    s->state = get(&at, 1);
    s->phase = get(&at, 1);
    s->flags = get(&at, 1);
    memcpy(s->fault, at, FAULT_BYTES);
    memcpy(s->dsc, at + FAULT_BYTES, DSC_BYTES);
}

bool sdxi_first_rest(const uint8_t head[SDXI_FIRST_HEAD], uint32_t *len)
{
    Saved s;

    get_head(head, &s);
    if (s.num_contexts > SDXI_CONTEXTS_MAX ||
        s.num_doorbells > SDXI_CONTEXTS_MAX) {
        *len = 0;
        return false;
    }
    *len = s.num_contexts * SDXI_FIRST_CONTEXT +
           s.num_doorbells * SDXI_FIRST_DOORBELL;
    return true;
}

static bool load(SdxiDevice *dev, const Saved *saved, char **problem)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    SaveWriter w = { .out = bytes };

    if (is_lost(saved, problem)) {
        sdxi_device_reset(dev);
        return false;
    }
    put_regs(saved, &w);
    put_function(saved, &w);
    put_contexts(saved, &w);
    put_sched(saved, &w);
    return sdxi_save_load_untagged(dev, bytes->data, bytes->len, problem);
}

bool sdxi_first_load(SdxiDevice *dev, const uint8_t head[SDXI_FIRST_HEAD],
                     const uint8_t *rest, char **problem)
{
    g_autofree Context *contexts = NULL;
    Saved s;

    get_head(head, &s);
    contexts = g_new0(Context, s.num_contexts);
    for (unsigned i = 0; i < s.num_contexts; i++) {
        get_context(rest + i * SDXI_FIRST_CONTEXT, &contexts[i]);
    }
    s.contexts = contexts;
    s.doorbells = rest + s.num_contexts * SDXI_FIRST_CONTEXT;
    return load(dev, &s, problem);
}
