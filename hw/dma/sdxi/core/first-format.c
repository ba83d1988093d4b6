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
#include "hw/dma/sdxi/wire/tables.h"

enum {
    SAVED_STOPPING_HARD = BIT(0),
    SAVED_STALE = BIT(1),
    SAVED_ER = BIT(2),
    SAVED_HAS_BUFFER = BIT(3),
    SAVED_READY = BIT(4),
    SAVED_FLAGS = BIT(5) - 1,
};

static bool is_stopping(const SdxiSavedContext *s)
{
    return s->state == SDXI_CXT_STOPG_SW;
}

static bool has_work(const SdxiSavedContext *s)
{
    return s->flags & SAVED_READY || is_stopping(s) || s->phase;
}

static void put_regs(const SdxiSaved *saved, SaveWriter *w)
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

static void put_function(const SdxiSaved *saved, SaveWriter *w)
{
    save_put(w, saved->gsv);
    save_put(w, saved->active_ctl0);
    save_put(w, saved->active_l2);
    save_put(w, saved->deadline_left);
}

static void put_geometry(const SdxiSavedContext *s, SaveWriter *w)
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

static void put_context(const SdxiSavedContext *s, SaveWriter *w)
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
    for (unsigned i = 0; i < SDXI_SAVED_DSC; i += 8) {
        save_put(w, ldq_le_p(s->dsc + i));
    }
}

static void put_contexts(const SdxiSaved *saved, SaveWriter *w)
{
    save_put(w, saved->num_contexts);
    for (unsigned i = 0; i < saved->num_contexts; i++) {
        put_context(&saved->contexts[i], w);
    }
}

static void put_sched(const SdxiSaved *saved, SaveWriter *w)
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
        save_put(w, saved->doorbells[i]);
    }
}

/* What the rooms have no number for. */
static bool is_lost(const SdxiSaved *saved, char **problem)
{
    for (unsigned i = 0; i < saved->num_contexts; i++) {
        const SdxiSavedContext *s = &saved->contexts[i];

        if ((s->state != SDXI_CXT_RUN && !is_stopping(s)) ||
            s->flags & ~SAVED_FLAGS) {
            *problem = g_strdup_printf("section 'contexts': context 0x%x has "
                                       "no possible state", s->number);
            return true;
        }
    }
    return false;
}

bool sdxi_saved_load(SdxiDevice *dev, const SdxiSaved *saved, char **problem)
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

void sdxi_saved_clear(SdxiSaved *saved)
{
    g_clear_pointer(&saved->contexts, g_free);
    g_clear_pointer(&saved->doorbells, g_free);
    saved->num_contexts = saved->num_doorbells = 0;
}
