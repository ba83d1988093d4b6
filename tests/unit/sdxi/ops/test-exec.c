/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/dma/sdxi/ops/exec: every end of an access as an outcome, ranges that wrap,
 * who is charged for bytes, and when to let others go first.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/context.h"
#include "hw/dma/sdxi/core/pipe.h"
#include "hw/dma/sdxi/ops/exec.h"

typedef struct World {
    SdxiOp op;
    SdxiPipe pipe;
    SdxiContext cxt;
    SdxiDevice *dev;
    SdxiExec x;
    bool others_wait;
} World;

static bool others_wait(void *opaque)
{
    return *(bool *)opaque;
}

static const SdxiHostOps ops = { .yield_wanted = others_wait };

static World *begin(void)
{
    World *w = g_new0(World, 1);

    w->dev = g_new0(SdxiDevice, 1);
    w->dev->host = (SdxiHost) { .ops = &ops, .opaque = &w->others_wait };
    w->x = (SdxiExec) {
        .dev = w->dev, .pipe = &w->pipe, .op = &w->op, .cxt = &w->cxt,
        .allowance = 100,
    };
    return w;
}

static void finish(World *w)
{
    g_free(w->dev);
    g_free(w);
}

static void test_buffer(void)
{
    static const struct {
        SdxiMemResult result;
        SdxiOutcome outcome;
        SdxiErrSub sub;
    } rows[] = {
        { SDXI_MEM_OK, SDXI_DONE },
        { SDXI_MEM_AGAIN, SDXI_WAIT_MEMORY },
        { SDXI_MEM_TRANSLATION, SDXI_FAULT, SDXI_SUB_TRANSLATION },
        { SDXI_MEM_ACCESS, SDXI_FAULT, SDXI_SUB_ACCESS },
    };
    World *w = begin();

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        for (unsigned operand = 0; operand < 2; operand++) {
            bool fault = rows[i].outcome == SDXI_FAULT;

            w->x.fault = (SdxiFault) { };
            g_assert_cmpint(sdxi_exec_buffer(&w->x, operand, rows[i].result),
                            ==, rows[i].outcome);
            g_assert_cmpint(w->x.fault.has_buffer, ==, fault);
            g_assert_cmpuint(w->x.fault.step, ==,
                             fault ? SDXI_STEP_DATA_BUF : 0);
            g_assert_cmpuint(w->x.fault.sub, ==, rows[i].sub);
            g_assert_cmpuint(w->x.fault.buffer, ==, fault ? operand : 0);
        }
    }
    finish(w);
}

/* The last byte of the address space may be meant, the one after it not. */
static void test_fits(void)
{
    World *w = begin();

    w->op.addr[0] = UINT64_MAX;
    w->op.addr[1] = UINT64_MAX - 63;
    g_assert_cmpint(sdxi_exec_fits(&w->x, 0, 1), ==, SDXI_DONE);
    g_assert_cmpint(sdxi_exec_fits(&w->x, 1, 64), ==, SDXI_DONE);
    g_assert_cmpint(sdxi_exec_fits(&w->x, 0, 2), ==, SDXI_FAULT);
    g_assert_cmpuint(w->x.fault.buffer, ==, 0);
    g_assert_cmpint(sdxi_exec_fits(&w->x, 1, 65), ==, SDXI_FAULT);
    g_assert_cmpuint(w->x.fault.buffer, ==, 1);
    g_assert_cmpuint(w->x.fault.sub, ==, SDXI_SUB_ACCESS);
    finish(w);
}

/* Bytes of a peer are counted once more, whichever side it is on. */
static void test_moved(void)
{
    static const SdxiPeer peer;
    const SdxiSpace own = { }, other = { .target = &peer };
    World *w = begin();

    sdxi_exec_moved(&w->x, 10, &own, &own);
    g_assert_cmpuint(w->pipe.counters.remote_bytes, ==, 0);
    sdxi_exec_moved(&w->x, 20, &other, &own);
    sdxi_exec_moved(&w->x, 30, NULL, &other);
    g_assert_cmpuint(w->pipe.counters.remote_bytes, ==, 50);
    sdxi_exec_moved(&w->x, 15, &own, NULL);
    g_assert_cmpuint(w->pipe.counters.bytes, ==, 75);
    g_assert_cmpuint(w->cxt.bytes, ==, 75);
    g_assert_cmpuint(w->x.allowance, ==, 25);
    /* More than was left: nothing is, and it does not wrap. */
    sdxi_exec_moved(&w->x, 26, &own, NULL);
    g_assert_cmpuint(w->x.allowance, ==, 0);
    finish(w);
}

static void test_enough(void)
{
    World *w = begin();

    g_assert_false(sdxi_exec_enough(&w->x));
    w->others_wait = true;
    g_assert_true(sdxi_exec_enough(&w->x));
    w->others_wait = false;
    w->dev->drain = true;
    g_assert_true(sdxi_exec_enough(&w->x));
    w->dev->drain = false;
    w->x.allowance = 0;
    g_assert_true(sdxi_exec_enough(&w->x));
    finish(w);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/exec/buffer", test_buffer);
    g_test_add_func("/sdxi/exec/fits", test_fits);
    g_test_add_func("/sdxi/exec/moved", test_moved);
    g_test_add_func("/sdxi/exec/enough", test_enough);
    return g_test_run();
}
