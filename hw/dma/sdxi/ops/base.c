/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DmaBaseGrp, SDXI 1.0 6.2: NOP, WRT_IMM, COPY, REPCOPY.
 *
 * Keys are looked up for each chunk, so that a key that was withdrawn is used
 * no longer than that.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/rkey.h"
#include "hw/dma/sdxi/ops/exec.h"
#include "hw/dma/sdxi/ops/groups.h"

static SdxiOutcome nop(SdxiExec *x G_GNUC_UNUSED)
{
    return SDXI_DONE;
}

static SdxiOutcome write_immediate(SdxiExec *x)
{
    uint8_t data[SDXI_DSC_BYTES];
    SdxiSpace dst;
    SdxiOutcome outcome = sdxi_exec_space(x, 0, &dst);

    if (outcome != SDXI_DONE) {
        return outcome;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(x->op->dsc->q); i++) {
        stq_le_p(data + 8 * i, x->op->dsc->q[i]);
    }
    outcome = sdxi_exec_buffer(
        x, 0, sdxi_host_write(&x->pipe->host, &dst, x->op->addr[0],
                              data + SDXI_IMM_DATA, x->op->bytes));
    if (outcome == SDXI_DONE) {
        sdxi_exec_moved(x, x->op->bytes, NULL, &dst);
        sdxi_device_count_peers(x->pipe, NULL, 0, &dst, x->op->addr[0],
                                x->op->bytes);
    }
    return outcome;
}

static SdxiOutcome resolve_both(SdxiExec *x, SdxiSpace *src, SdxiSpace *dst)
{
    SdxiOutcome outcome = sdxi_exec_space(x, 0, src);

    if (outcome != SDXI_DONE) {
        return outcome;
    }
    if (x->op->akey[1] == x->op->akey[0]) {
        *dst = *src;
        return SDXI_DONE;
    }
    outcome = sdxi_exec_space(x, 1, dst);
    return outcome == SDXI_DONE ? sdxi_rkey_still(&x->pipe->host, src)
                                : outcome;
}

static SdxiOutcome copy_chunk(SdxiExec *x, const SdxiSpace *src,
                              const SdxiSpace *dst)
{
    uint64_t done = x->cxt->progress;
    uint32_t len = MIN(x->op->bytes - done, SDXI_HOST_CHUNK);
    SdxiCopyEnd end = sdxi_host_copy(&x->pipe->host,
                                     src, x->op->addr[0] + done,
                                     dst, x->op->addr[1] + done, len);

    assert(end.done <= len);
    if (end.result == SDXI_MEM_OK) {
        end.done = len;
    }
    x->cxt->progress += end.done;
    sdxi_exec_moved(x, end.done, src, dst);
    sdxi_device_count_peers(x->pipe, src, x->op->addr[0] + done, dst,
                            x->op->addr[1] + done, end.done);
    return sdxi_exec_buffer(x, end.dst_failed, end.result);
}

/* The next chunk, with the keys as they are now. */
static SdxiOutcome copy_next(SdxiExec *x)
{
    SdxiSpace src, dst;
    SdxiOutcome outcome = resolve_both(x, &src, &dst);

    if (outcome == SDXI_DONE) {
        outcome = sdxi_exec_fits(x, 0, x->op->bytes);
    }
    if (outcome == SDXI_DONE) {
        outcome = sdxi_exec_fits(x, 1, x->op->bytes);
    }
    if (outcome == SDXI_DONE && !x->cxt->progress && x->pipe->traced) {
        sdxi_host_trace(&x->pipe->host, SDXI_TRACE_COPY, x->op->addr[0],
                        x->op->addr[1], x->op->bytes);
    }
    return outcome == SDXI_DONE ? copy_chunk(x, &src, &dst) : outcome;
}

static bool remains(const SdxiExec *x)
{
    return x->cxt->progress < x->op->bytes;
}

/* After a chunk: is it time for others, though there is more? */
static SdxiOutcome pause_after(const SdxiExec *x, SdxiOutcome outcome)
{
    return outcome == SDXI_DONE && remains(x) && sdxi_exec_enough(x)
           ? SDXI_MORE : outcome;
}

static SdxiOutcome copy(SdxiExec *x)
{
    SdxiOutcome outcome = SDXI_DONE;

    while (outcome == SDXI_DONE && remains(x)) {
        outcome = pause_after(x, copy_next(x));
    }
    return outcome;
}

/* The source block, repeated as often as one write can use it. */
static SdxiOutcome load_block(SdxiExec *x, const SdxiSpace *src,
                              uint64_t bytes)
{
    SdxiPipe *pipe = x->pipe;
    SdxiOutcome outcome;

    if (!pipe->scratch) {
        pipe->scratch = g_malloc(SDXI_HOST_CHUNK);
    }
    outcome = sdxi_exec_buffer(
        x, 0, sdxi_host_read(&pipe->host, src, x->op->addr[0], pipe->scratch,
                             SDXI_REP_BLOCK));
    if (outcome == SDXI_DONE) {
        for (uint64_t at = SDXI_REP_BLOCK;
             at < MIN(bytes, SDXI_HOST_CHUNK); at += SDXI_REP_BLOCK) {
            memcpy(pipe->scratch + at, pipe->scratch, SDXI_REP_BLOCK);
        }
    }
    return outcome;
}

static SdxiOutcome repeat_chunk(SdxiExec *x, const SdxiSpace *src,
                                const SdxiSpace *dst)
{
    uint32_t len = MIN(x->op->bytes - x->cxt->progress, SDXI_HOST_CHUNK);
    SdxiOutcome outcome = sdxi_exec_buffer(
        x, 1, sdxi_host_write(&x->pipe->host, dst,
                              x->op->addr[1] + x->cxt->progress,
                              x->pipe->scratch, len));

    if (outcome == SDXI_DONE) {
        sdxi_device_count_peers(x->pipe, NULL, 0, dst,
                                x->op->addr[1] + x->cxt->progress, len);
        x->cxt->progress += len;
        sdxi_exec_moved(x, len, src, dst);
    }
    return outcome;
}

/* Likewise; the block is read once and then there. */
static SdxiOutcome repeat_next(SdxiExec *x, bool first)
{
    SdxiSpace src, dst;
    SdxiOutcome outcome = resolve_both(x, &src, &dst);

    if (outcome == SDXI_DONE) {
        outcome = sdxi_exec_fits(x, 1, x->op->bytes);
    }
    if (outcome == SDXI_DONE && first) {
        outcome = load_block(x, &src, x->op->bytes - x->cxt->progress);
    }
    return outcome == SDXI_DONE ? repeat_chunk(x, &src, &dst) : outcome;
}

static SdxiOutcome repeat_copy(SdxiExec *x)
{
    SdxiOutcome outcome = SDXI_DONE;

    for (bool first = true; outcome == SDXI_DONE && remains(x); first = false) {
        outcome = pause_after(x, repeat_next(x, first));
    }
    return outcome;
}

static const SdxiOpRow rows[] = {
    { .subtype = SDXI_DMAB_NOP, .shape = SDXI_SHAPE_NONE,
      .name = "NOP", .run = nop, .repeatable = true,
      .section = "Table 6-6" },
    { .subtype = SDXI_DMAB_WRT_IMM, .shape = SDXI_SHAPE_IMM,
      .name = "WRT_IMM", .run = write_immediate, .repeatable = true,
      .section = "Table 6-7" },
    { .subtype = SDXI_DMAB_COPY, .shape = SDXI_SHAPE_COPY,
      .name = "COPY", .run = copy, .repeatable = true,
      .section = "Table 6-8" },
    { .subtype = SDXI_DMAB_REPCOPY, .shape = SDXI_SHAPE_REPCOPY,
      .name = "REPCOPY", .run = repeat_copy, .repeatable = true,
      .section = "Table 6-9" },
};

const SdxiOpGroup sdxi_group_base = {
    .type = SDXI_TYPE_DMAB, .mandatory = true, .name = "DmaBaseGrp",
    .rows = rows, .num_rows = ARRAY_SIZE(rows),
};
