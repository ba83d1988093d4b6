/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AdminGrp, SDXI 1.0 Table 6-13 to Table 6-22: operations of context 0 on
 * ranges of contexts.
 *
 * Ranges are cut at the last context there is.  Contexts that do not exist
 * are skipped; one that exists and cannot be started is logged by itself and
 * shows in the error flag of the descriptor, and the others go on.
 *
 * Progress of a start: the next context to start, counted from cxt_start.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/engine.h"
#include "hw/dma/sdxi/ops/exec.h"
#include "hw/dma/sdxi/ops/groups.h"

static unsigned last_context(const SdxiExec *x)
{
    return MIN(x->op->cxt_end, x->dev->active.top_context);
}

/* Calls are made for running contexts of the range only, in order. */
static SdxiContext *first_running(const SdxiExec *x, unsigned from)
{
    SdxiContext *cxt = sdxi_context_from(&x->dev->contexts, from);

    return cxt && cxt->number <= x->op->cxt_end ? cxt : NULL;
}

static SdxiContext *next_running(const SdxiExec *x, const SdxiContext *cxt)
{
    return first_running(x, cxt->number + 1);
}

/* --- start -------------------------------------------------------------- */

/* One that could not be started: tell, and go on with the others. */
static SdxiOutcome complain(SdxiExec *x, uint16_t number,
                            const SdxiFault *fault)
{
    SdxiErrContext where = { .has_number = true, .number = number };

    x->cxt->er = true;
    return sdxi_engine_report(x->dev, fault, &where, x->cxt)
           ? SDXI_DONE : SDXI_WAIT_MEMORY;
}

/* @number starts a page of contexts that may be missing altogether. */
static bool skip_page(SdxiExec *x, unsigned number)
{
    bool present = true;
    SdxiFault fault;

    if (SDXI_L1_INDEX(number) ||
        sdxi_context_find(&x->dev->contexts, number)) {
        return false;
    }
    return sdxi_cxtwalk_l1_present(&x->dev->host, &x->dev->active.walk,
                                   number, &present, &fault) == SDXI_DONE &&
           !present;
}

static SdxiOutcome start_one(SdxiExec *x, unsigned number,
                             SdxiCxtEvent event)
{
    SdxiFault fault;
    SdxiOutcome outcome = sdxi_engine_start(x->dev, number, event, &fault);

    if (outcome == SDXI_FAULT) {
        outcome = fault.absent ? SDXI_DONE : complain(x, number, &fault);
    }
    return outcome;
}

static SdxiOutcome start(SdxiExec *x, SdxiCxtEvent event)
{
    while (x->op->cxt_start + x->cxt->progress <= last_context(x)) {
        unsigned number = x->op->cxt_start + x->cxt->progress;
        SdxiOutcome outcome = SDXI_DONE;

        if (!sdxi_function_issues(sdxi_device_gsv(x->dev))) {
            break;
        }
        if (skip_page(x, number)) {
            x->cxt->progress += SDXI_L1_ENTRIES;
        } else {
            outcome = start_one(x, number, event);
            if (sdxi_outcome_waits(outcome)) {
                return outcome;
            }
            x->cxt->progress++;
        }
        x->allowance -= MIN(x->allowance, SDXI_COST_DESCRIPTOR);
        if (sdxi_exec_enough(x)) {
            return SDXI_MORE;
        }
    }
    return SDXI_DONE;
}

static SdxiOutcome start_normal(SdxiExec *x)
{
    return start(x, SDXI_EVENT_START_NM);
}

static SdxiOutcome start_restore(SdxiExec *x)
{
    return start(x, SDXI_EVENT_START_RS);
}

/* --- stop and sync ------------------------------------------------------ */

static SdxiOutcome stop(SdxiExec *x)
{
    bool hard = FIELD_EX64(x->op->dsc->q[0], SDXI_STOP_Q0, HS);
    SdxiContext *cxt = first_running(x, x->op->cxt_start);

    for (; cxt; cxt = next_running(x, cxt)) {
        sdxi_engine_stop(x->dev, cxt, hard);
    }
    return SDXI_DONE;
}

/* Has what SYNC waits for yet to happen to @cxt? */
static bool outstanding(unsigned filter, const SdxiContext *cxt)
{
    switch (filter) {
    case SDXI_SYNC_STOP:
        return cxt->stopping;
    case SDXI_SYNC_CXT:
    case SDXI_SYNC_FN:
        /* Without a descriptor in flight, tables are read again first. */
        return cxt->stale && sdxi_context_in_flight(cxt);
    default:
        /* Keys are looked up for each use. */
        return false;
    }
}

static SdxiOutcome synchronize(SdxiExec *x)
{
    unsigned filter = FIELD_EX64(x->op->dsc->q[0], SDXI_SYNC_Q0, FLT);
    /* An update of the function is one of all contexts. */
    bool all = filter == SDXI_SYNC_FN;
    unsigned last = all ? UINT16_MAX : x->op->cxt_end;
    const SdxiContext *cxt = sdxi_context_from(&x->dev->contexts,
                                               all ? 0 : x->op->cxt_start);

    if (filter >= SDXI_SYNC_FILTERS) {
        return sdxi_fault_set(&x->fault, SDXI_STEP_DSC_GEN,
                              SDXI_SUB_VALIDATION);
    }
    for (; cxt && cxt->number <= last;
         cxt = sdxi_context_from(&x->dev->contexts, cxt->number + 1)) {
        if (cxt != x->cxt && outstanding(filter, cxt)) {
            return SDXI_WAIT_CONTEXTS;
        }
    }
    return SDXI_DONE;
}

/* --- updates ------------------------------------------------------------ */

static SdxiOutcome update_contexts(SdxiExec *x)
{
    SdxiContext *cxt = first_running(x, x->op->cxt_start);

    for (; cxt; cxt = next_running(x, cxt)) {
        cxt->stale = true;
    }
    return SDXI_DONE;
}

static SdxiOutcome update_function(SdxiExec *x)
{
    SdxiContext *cxt = sdxi_context_from(&x->dev->contexts, 0);

    for (; cxt; cxt = sdxi_context_from(&x->dev->contexts,
                                        cxt->number + 1)) {
        cxt->stale = true;
    }
    return SDXI_DONE;
}

/*
 * Keys are never cached, so there is nothing to drop, and none of the contexts
 * is in the middle of a chunk while this one runs.
 */
static SdxiOutcome update_akeys(SdxiExec *x G_GNUC_UNUSED)
{
    return SDXI_DONE;
}

/* Other functions may be. */
static SdxiOutcome update_rkeys(SdxiExec *x)
{
    sdxi_device_withdraw(x->dev);
    return SDXI_DONE;
}

static SdxiOutcome interrupt(SdxiExec *x)
{
    return sdxi_exec_interrupt(x, x->op->akey[0]);
}

static const SdxiOpRow rows[] = {
    { .subtype = SDXI_ADMIN_FN_UPD, .shape = SDXI_SHAPE_FUNCTION,
      .name = "FN_UPD", .run = update_function, .repeatable = true,
      .section = "Table 6-13" },
    { .subtype = SDXI_ADMIN_CXT_UPD, .shape = SDXI_SHAPE_ADMIN,
      .name = "CXT_UPD", .run = update_contexts, .repeatable = true,
      .section = "Table 6-13" },
    { .subtype = SDXI_ADMIN_AKEY_UPD, .shape = SDXI_SHAPE_ADMIN,
      .name = "AKEY_UPD", .run = update_akeys, .repeatable = true,
      .section = "Table 6-16" },
    { .subtype = SDXI_ADMIN_CXT_START_NM, .shape = SDXI_SHAPE_ADMIN,
      .name = "CXT_START_NM", .run = start_normal, .repeatable = true,
      .section = "Table 6-14" },
    { .subtype = SDXI_ADMIN_CXT_STOP, .shape = SDXI_SHAPE_ADMIN,
      .name = "CXT_STOP", .run = stop, .repeatable = true,
      .section = "Table 6-15" },
    { .subtype = SDXI_ADMIN_ADM_INTR, .shape = SDXI_SHAPE_INTR,
      .name = "ADM_INTR", .run = interrupt, .repeatable = true,
      .section = "Table 6-17" },
    { .subtype = SDXI_ADMIN_SYNC, .shape = SDXI_SHAPE_ADMIN,
      .name = "SYNC", .run = synchronize, .repeatable = true,
      .section = "Table 6-22" },
    { .subtype = SDXI_ADMIN_RKEY_UPD, .shape = SDXI_SHAPE_FUNCTION,
      .name = "RKEY_UPD", .run = update_rkeys, .repeatable = true,
      .section = "Table 6-18" },
    { .subtype = SDXI_ADMIN_CXT_START_RS, .shape = SDXI_SHAPE_ADMIN,
      .name = "CXT_START_RS", .run = start_restore, .repeatable = true,
      .section = "Table 6-14" },
};

const SdxiOpGroup sdxi_group_admin = {
    .type = SDXI_TYPE_ADMIN, .mandatory = true, .admin = true,
    .name = "AdminGrp", .rows = rows, .num_rows = ARRAY_SIZE(rows),
};
