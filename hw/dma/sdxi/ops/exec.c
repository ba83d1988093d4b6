/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Common parts of handlers; see exec.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/ops/exec.h"

SdxiOutcome sdxi_exec_space(SdxiExec *x, unsigned operand, SdxiSpace *space)
{
    SdxiRequester who = sdxi_device_requester(x->pipe, x->cxt);

    return sdxi_akey_space(&who, x->op->akey[operand], operand, space,
                           &x->fault);
}

SdxiOutcome sdxi_exec_interrupt(SdxiExec *x, uint16_t key)
{
    SdxiRequester who = sdxi_device_requester(x->pipe, x->cxt);
    const SdxiHost *host = &x->pipe->host;
    SdxiVector vector;
    SdxiOutcome outcome = sdxi_akey_vector(&who, key, &vector, &x->fault);

    if (outcome == SDXI_DONE) {
        sdxi_host_trace(host, SDXI_TRACE_INTERRUPT,
                        vector.target ? vector.target->sfunc : 0,
                        vector.number, 0);
        host->ops->interrupt(host->opaque, vector.target, vector.number);
        x->pipe->counters.interrupts++;
    }
    return outcome;
}

SdxiOutcome sdxi_exec_buffer(SdxiExec *x, unsigned operand,
                             SdxiMemResult result)
{
    SdxiOutcome outcome = sdxi_fault_memory(&x->fault, SDXI_STEP_DATA_BUF,
                                            result);

    return outcome == SDXI_FAULT ? sdxi_fault_of(&x->fault, operand) : outcome;
}

SdxiOutcome sdxi_exec_fits(SdxiExec *x, unsigned operand, uint64_t bytes)
{
    return sdxi_exec_buffer(x, operand,
                            sdxi_host_wraps(x->op->addr[operand], bytes)
                            ? SDXI_MEM_ACCESS : SDXI_MEM_OK);
}

void sdxi_exec_moved(SdxiExec *x, uint64_t bytes, const SdxiSpace *src,
                     const SdxiSpace *dst)
{
    x->cxt->bytes += bytes;
    x->pipe->counters.bytes += bytes;
    if ((src && src->target) || (dst && dst->target)) {
        x->pipe->counters.remote_bytes += bytes;
    }
    x->allowance -= MIN(x->allowance, bytes);
}

bool sdxi_exec_enough(const SdxiExec *x)
{
    return !x->allowance || sdxi_device_yield_wanted(x->dev);
}
