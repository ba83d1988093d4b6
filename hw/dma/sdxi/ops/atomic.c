/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AtomicGrp, SDXI 1.0 Table 6-2, and the minimal group beside it: what atomic
 * operations of PCI Express can do, so what a function can do to memory of any
 * other device.  The layout of their descriptors is provisional, as is the
 * number of the second (wire/descriptor.h), so each is offered on demand only.
 *
 * Progress: 0 until memory was changed, and carry counts turns in vain; then 1,
 * and carry holds the old value that still has to be stored.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/rkey.h"
#include "hw/dma/sdxi/ops/exec.h"
#include "hw/dma/sdxi/ops/groups.h"

/*
 * How often another writer may get in between before others have a turn, and
 * in how many turns before this is no memory that can be changed so.
 */
#define TRIES 64
#define TURNS 16

static int64_t sign(const SdxiOp *op, uint64_t value)
{
    return op->wide ? (int64_t)value : (int32_t)value;
}

/* @old, @a and @b are already cut to the width. */
static uint64_t compute(const SdxiOp *op, uint64_t old, uint64_t a,
                        uint64_t b)
{
    switch (op->row->subtype) {
    case SDXI_ATOMIC_SWAP:
        return a;
    case SDXI_ATOMIC_UADD:
        return old + a;
    case SDXI_ATOMIC_USUB:
        return old - a;
    case SDXI_ATOMIC_AND:
        return old & a;
    case SDXI_ATOMIC_OR:
        return old | a;
    case SDXI_ATOMIC_XOR:
        return old ^ a;
    case SDXI_ATOMIC_SMIN:
        return sign(op, a) < sign(op, old) ? a : old;
    case SDXI_ATOMIC_SMAX:
        return sign(op, a) > sign(op, old) ? a : old;
    case SDXI_ATOMIC_UMIN:
        return MIN(old, a);
    case SDXI_ATOMIC_UMAX:
        return MAX(old, a);
    case SDXI_ATOMIC_UCLAMPI:
        return old >= a ? a : old + 1;
    case SDXI_ATOMIC_UCLAMPD:
        return old <= a ? a : old - 1;
    case SDXI_ATOMIC_CMPSWAP:
        return old == b ? a : old;
    default:
        g_assert_not_reached();
    }
}

static uint64_t cut(const SdxiOp *op, uint64_t value)
{
    return op->wide ? value : (uint32_t)value;
}

static SdxiOutcome change(SdxiExec *x, const SdxiSpace *target)
{
    const SdxiHost *host = &x->pipe->host;
    const SdxiOp *op = x->op;
    uint64_t a = cut(op, op->operand[0]);
    uint64_t b = cut(op, op->operand[1]);
    uint64_t old = 0;

    for (unsigned i = 0; i < TRIES; i++) {
        uint64_t seen = 0;
        SdxiOutcome outcome = sdxi_exec_buffer(
            x, 0, sdxi_host_cmpxchg(host, target, op->addr[0], op->bytes, old,
                                    cut(op, compute(op, old, a, b)), &seen));

        if (outcome != SDXI_DONE) {
            return outcome;
        }
        if (seen == old) {
            x->cxt->carry = old;
            x->cxt->progress = 1;
            return SDXI_DONE;
        }
        old = seen;
    }
    return ++x->cxt->carry < TURNS
           ? SDXI_MORE : sdxi_exec_buffer(x, 0, SDXI_MEM_ACCESS);
}

static SdxiOutcome give_back(SdxiExec *x, const SdxiSpace *space)
{
    uint64_t le = cpu_to_le64(x->cxt->carry);

    return sdxi_fault_memory(&x->fault, SDXI_STEP_ATOMIC_RETURN,
                             sdxi_host_write(&x->pipe->host, space,
                                             x->op->addr[1], &le,
                                             x->op->bytes));
}

static SdxiOutcome atomic(SdxiExec *x)
{
    SdxiSpace target, result;
    bool returns = x->op->returns;
    SdxiOutcome outcome = sdxi_exec_space(x, 0, &target);

    if (outcome == SDXI_DONE && returns) {
        outcome = sdxi_exec_space(x, 1, &result);
    }
    if (outcome == SDXI_DONE && returns) {
        outcome = sdxi_rkey_still(&x->pipe->host, &target);
    }
    if (outcome == SDXI_DONE && !x->cxt->progress) {
        outcome = change(x, &target);
    }
    if (outcome == SDXI_DONE && returns) {
        outcome = give_back(x, &result);
    }
    return outcome;
}

#define ROW(operation) \
    { .subtype = SDXI_ATOMIC_ ## operation, .shape = SDXI_SHAPE_ATOMIC, \
      .name = #operation, .run = atomic, \
      .missing = SDXI_STEP_ATOMIC_RETURN, .section = "Table 6-2" }

static const SdxiOpRow rows[] = {
    ROW(SWAP), ROW(UADD), ROW(USUB), ROW(AND), ROW(OR), ROW(XOR),
    ROW(SMIN), ROW(SMAX), ROW(UMIN), ROW(UMAX),
    ROW(UCLAMPI), ROW(UCLAMPD), ROW(CMPSWAP),
};

const SdxiOpGroup sdxi_group_atomic = {
    .type = SDXI_TYPE_ATOMIC, .experiment = SDXI_X_ATOMICS,
    .name = "AtomicGrp", .rows = rows, .num_rows = ARRAY_SIZE(rows),
};

/* PCIe r6.0 6.15: FetchAdd, unconditional Swap, CAS */
static const SdxiOpRow minimal_rows[] = {
    ROW(SWAP), ROW(UADD), ROW(CMPSWAP),
};

const SdxiOpGroup sdxi_group_atomic_minimal = {
    .type = SDXI_TYPE_ATOMIC_MINIMAL, .experiment = SDXI_X_MINIMAL_ATOMICS,
    .name = "AtomicMinimalGrp", .rows = minimal_rows,
    .num_rows = ARRAY_SIZE(minimal_rows),
};
