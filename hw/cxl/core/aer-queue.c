/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors that wait, first come, first served; see aer-queue.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/aer-queue.h"

QEMU_BUILD_BUG_ON(sizeof(CxlAerQueue) != 324);

/* Bytes that an error takes in saved state, at least */
#define SAVED_LEAST (8 * 8)

void cxl_aer_queue_reset(CxlAerQueue *q)
{
    *q = (CxlAerQueue) { };
}

bool cxl_aer_queue_full(const CxlAerQueue *q)
{
    return q->count == CXL_AER_QUEUE_MAX;
}

void cxl_aer_queue_put(CxlAerQueue *q, const CxlAerError *error)
{
    assert(!cxl_aer_queue_full(q));
    q->error[q->count++] = *error;
}

bool cxl_aer_queue_take(CxlAerQueue *q, CxlAerError *error)
{
    if (!q->count) {
        return false;
    }
    *error = q->error[0];
    q->count--;
    memmove(&q->error[0], &q->error[1], q->count * sizeof(q->error[0]));
    return true;
}

void cxl_aer_queue_save(const CxlAerQueue *q, SaveWriter *w)
{
    save_put(w, q->count);
    for (unsigned i = 0; i < q->count; i++) {
        const CxlAerError *e = &q->error[i];

        save_put(w, e->vcs);
        save_put(w, e->vppb);
        save_put(w, e->uncorrectable);
        save_put(w, e->bit);
        for (unsigned k = 0; k < 4; k++) {
            save_put(w, e->header[k]);
        }
    }
}

void cxl_aer_queue_load(CxlAerQueue *q, SaveReader *r)
{
    q->count = save_get_count(r, "errors", CXL_AER_QUEUE_MAX, SAVED_LEAST);
    for (unsigned i = 0; i < q->count; i++) {
        CxlAerError *e = &q->error[i];

        SAVE_GET(r, e->vcs);
        SAVE_GET(r, e->vppb);
        SAVE_GET(r, e->uncorrectable);
        SAVE_GET(r, e->bit);
        for (unsigned k = 0; k < 4; k++) {
            SAVE_GET(r, e->header[k]);
        }
    }
}

const char *cxl_aer_queue_check(const CxlAerQueue *q)
{
    if (q->count > CXL_AER_QUEUE_MAX) {
        return "more errors wait than there is room for";
    }
    for (unsigned i = 0; i < q->count; i++) {
        if (q->error[i].bit > 31) {
            return "an error waits that is no bit of a register";
        }
    }
    return NULL;
}
