/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Administrative operations on virtual functions; see delegate.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/delegate.h"
#include "hw/dma/sdxi/core/descriptor.h"

/* --- the side that asks -------------------------------------------------- */

static SdxiOutcome hand_over(SdxiExec *x, const SdxiPeer *vf)
{
    const SdxiHost *host = &x->dev->host;
    SdxiVfReq *vf_req = vf->vf_req;

    vf_req->dsc = *x->op->dsc;
    vf_req->asker = &x->dev->peer;
    vf_req->fault.step = SDXI_STEP_NONE;
    vf_req->begun = false;
    qatomic_store_release(&vf_req->state, SDXI_VF_REQ_ASKED);
    x->cxt->progress = 1;
    host->ops->nudge(host->opaque, vf);
    return SDXI_WAIT_FUNCTION;
}

static SdxiOutcome answer(SdxiExec *x, SdxiVfReq *vf_req)
{
    SdxiOutcome outcome = SDXI_DONE;

    x->cxt->er |= vf_req->actor.er;
    if (vf_req->fault.step) {
        x->fault = vf_req->fault;
        outcome = SDXI_FAULT;
    }
    qatomic_set(&vf_req->state, SDXI_VF_REQ_NONE);
    return outcome;
}

SdxiOutcome sdxi_delegate_ask(SdxiExec *x)
{
    const SdxiHost *host = &x->dev->host;
    const SdxiPeer *vf = host->ops->vf(host->opaque, x->op->vf_num);

    if (!vf && x->cxt->progress) {
        /* It went away, and its contexts with it. */
        return SDXI_DONE;
    }
    if (!vf) {
        return sdxi_fault_set(&x->fault, SDXI_STEP_DSC_GEN,
                              SDXI_SUB_VALIDATION);
    }
    switch (qatomic_load_acquire(&vf->vf_req->state)) {
    case SDXI_VF_REQ_ASKED:
        return SDXI_WAIT_FUNCTION;
    case SDXI_VF_REQ_DONE:
        if (x->cxt->progress) {
            return answer(x, vf->vf_req);
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
    SdxiVfReq *vf_req = &dev->vf_req;
    SdxiOp op;
    SdxiExec x = {
        .dev = dev, .pipe = &dev->own, .op = &op, .cxt = &vf_req->actor,
        .allowance = allowance,
    };
    SdxiOutcome outcome;

    if (!vf_req->begun) {
        memset(&vf_req->actor, 0, sizeof(vf_req->actor));
        vf_req->begun = true;
    }
    /* A function that does not run has no contexts to act on. */
    if (!sdxi_function_issues(sdxi_device_gsv(dev)) ||
        sdxi_descriptor_parse(dev->profile, &gates, &vf_req->dsc, &op) !=
        SDXI_ACCEPTED) {
        return SDXI_DONE;
    }
    outcome = op.row->run(&x);
    if (outcome == SDXI_FAULT) {
        vf_req->fault = x.fault;
    }
    return outcome;
}

bool sdxi_delegate_asked(const SdxiDevice *dev)
{
    return qatomic_load_acquire(&dev->vf_req.state) == SDXI_VF_REQ_ASKED;
}

bool sdxi_delegate_serve(SdxiDevice *dev, uint64_t allowance)
{
    SdxiVfReq *vf_req = &dev->vf_req;
    SdxiOutcome outcome;

    if (!sdxi_delegate_asked(dev)) {
        return false;
    }
    outcome = carry_out(dev, allowance);
    if (outcome == SDXI_DONE || outcome == SDXI_FAULT) {
        const SdxiPeer *asker = vf_req->asker;

        qatomic_store_release(&vf_req->state, SDXI_VF_REQ_DONE);
        dev->host.ops->nudge(dev->host.opaque, asker);
    }
    return outcome == SDXI_MORE;
}
