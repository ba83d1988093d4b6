/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Administrative operations on virtual functions; see delegate.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/delegate.h"
#include "hw/dma/sdxi/core/descriptor.h"

/* --- the side that asks -------------------------------------------------- */

static SdxiOutcome hand_over(SdxiExec *x, const SdxiFace *vf)
{
    const SdxiHost *host = &x->dev->host;
    SdxiErrand *errand = vf->errand;

    errand->dsc = *x->op->dsc;
    errand->asker = &x->dev->face;
    errand->fault.step = SDXI_STEP_NONE;
    errand->begun = false;
    qatomic_store_release(&errand->state, SDXI_ERRAND_ASKED);
    x->cxt->progress = 1;
    host->ops->nudge(host->opaque, vf);
    return SDXI_WAIT_FUNCTION;
}

static SdxiOutcome answer(SdxiExec *x, SdxiErrand *errand)
{
    SdxiOutcome outcome = SDXI_DONE;

    x->cxt->er |= errand->actor.er;
    if (errand->fault.step) {
        x->fault = errand->fault;
        outcome = SDXI_FAULT;
    }
    qatomic_set(&errand->state, SDXI_ERRAND_NONE);
    return outcome;
}

SdxiOutcome sdxi_delegate_ask(SdxiExec *x)
{
    const SdxiHost *host = &x->dev->host;
    const SdxiFace *vf = host->ops->vf(host->opaque, x->op->vf_num);

    if (!vf && x->cxt->progress) {
        /* It went away, and its contexts with it. */
        return SDXI_DONE;
    }
    if (!vf) {
        return sdxi_fault_set(&x->fault, SDXI_STEP_DSC_GEN,
                              SDXI_SUB_VALIDATION);
    }
    switch (qatomic_load_acquire(&vf->errand->state)) {
    case SDXI_ERRAND_ASKED:
        return SDXI_WAIT_FUNCTION;
    case SDXI_ERRAND_DONE:
        if (x->cxt->progress) {
            return answer(x, vf->errand);
        }
        /* Nobody waits for this answer any more. */
        return hand_over(x, vf);
    default:
        return hand_over(x, vf);
    }
}

/* --- the side that does -------------------------------------------------- */

static SdxiOutcome carry_out(SdxiDevice *dev, uint64_t allowance)
{
    static const SdxiGates gates = { .admin = true };
    SdxiErrand *errand = &dev->errand;
    SdxiOp op;
    SdxiExec x = {
        .dev = dev, .lane = &dev->own, .op = &op, .cxt = &errand->actor,
        .allowance = allowance,
    };
    SdxiOutcome outcome;

    if (!errand->begun) {
        memset(&errand->actor, 0, sizeof(errand->actor));
        errand->begun = true;
    }
    /* A function that does not run has no contexts to act on. */
    if (!sdxi_function_issues(sdxi_device_gsv(dev)) ||
        sdxi_descriptor_parse(dev->profile, &gates, &errand->dsc, &op) !=
        SDXI_ACCEPTED) {
        return SDXI_DONE;
    }
    outcome = op.row->run(&x);
    if (outcome == SDXI_FAULT) {
        errand->fault = x.fault;
    }
    return outcome;
}

bool sdxi_delegate_asked(const SdxiDevice *dev)
{
    return qatomic_load_acquire(&dev->errand.state) == SDXI_ERRAND_ASKED;
}

bool sdxi_delegate_serve(SdxiDevice *dev, uint64_t allowance)
{
    SdxiErrand *errand = &dev->errand;
    SdxiOutcome outcome;

    if (!sdxi_delegate_asked(dev)) {
        return false;
    }
    outcome = carry_out(dev, allowance);
    if (outcome == SDXI_DONE || outcome == SDXI_FAULT) {
        const SdxiFace *asker = errand->asker;

        qatomic_store_release(&errand->state, SDXI_ERRAND_DONE);
        dev->host.ops->nudge(dev->host.opaque, asker);
    }
    return outcome == SDXI_MORE;
}
