/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Administrative operations of a physical function on a virtual one.
 */
#include "qemu/osdep.h"
#include "tests/unit/sdxi/fake-guest.h"

typedef struct Pair {
    FakeHost *pf, *vf;
} Pair;

static void virtual(SdxiConfig *config)
{
    config->vf = true;
    config->sfunc = 2;
}

/* Both active; context 1 of the virtual function exists and is stopped. */
static Pair pair_new(void)
{
    Pair p = { .pf = guest_new(NULL), .vf = guest_new(virtual) };

    p.pf->vf[0] = p.vf;
    guest_log(p.pf);
    guest_log(p.vf);
    guest_activate(p.pf);
    guest_activate(p.vf);
    guest_context(p.vf, 1, 1, STOP_SW);
    return p;
}

static void pair_free(Pair *p)
{
    guest_free(p->vf);
    guest_free(p->pf);
}

static void pair_run(Pair *p)
{
    for (unsigned i = 0; i < 3; i++) {
        guest_run(p->pf);
        guest_run(p->vf);
    }
}

/* @d for virtual function @number, in the ring of context 0. */
static void push(Pair *p, Dsc d, unsigned number)
{
    d.dw[1] |= 1 << 15 | number << 16;
    guest_arm(p->pf, 0, 0, 1);
    guest_ring(p->pf, 0, guest_push(p->pf, 0, &d) + 1);
}

static bool is_done(Pair *p)
{
    return !guest_signal(p->pf, 0, 0);
}

static Dsc start(void)
{
    return dsc_admin(D_START_NM | D_FE, 1, 1, G_CSB(0, 0));
}

static void test_start_stop(void)
{
    Pair p = pair_new();
    unsigned kicks;

    push(&p, start(), 0);
    kicks = p.vf->kicks;
    guest_run(p.pf);
    g_assert_false(is_done(&p));
    g_assert_cmpuint(p.vf->kicks, >, kicks);
    g_assert_cmpuint(guest_state(p.vf, 1), ==, STOP_SW);
    kicks = p.pf->kicks;
    guest_run(p.vf);
    g_assert_cmpuint(guest_state(p.vf, 1), ==, RUN);
    g_assert_cmpuint(p.pf->kicks, >, kicks);
    guest_run(p.pf);
    g_assert_true(is_done(&p));
    g_assert_false(guest_er(p.pf, 0, 0));

    push(&p, dsc_admin(D_STOP | D_FE, 1, 1, G_CSB(0, 0)), 0);
    pair_run(&p);
    g_assert_true(is_done(&p));
    g_assert_cmpuint(guest_state(p.vf, 1), ==, STOP_SW);
    pair_free(&p);
}

/* The same number of the physical function is left alone. */
static void test_own_contexts(void)
{
    Pair p = pair_new();

    guest_context(p.pf, 1, 1, STOP_SW);
    push(&p, start(), 0);
    pair_run(&p);
    g_assert_true(is_done(&p));
    g_assert_cmpuint(guest_state(p.pf, 1), ==, STOP_SW);
    pair_free(&p);
}

static void test_nobody(void)
{
    Pair p = pair_new();
    LogEntry e;

    push(&p, start(), 1);
    pair_run(&p);
    g_assert_true(is_done(&p));
    g_assert_true(guest_er(p.pf, 0, 0));
    g_assert_cmpuint(guest_state(p.pf, 0), ==, ERR_FN);
    e = guest_log_entry(p.pf, 0);
    g_assert_cmpuint(e.step, ==, 7);
    g_assert_cmpuint(e.sub, ==, 3);
    pair_free(&p);
}

static void test_not_active(void)
{
    Pair p = pair_new();

    guest_request(p.vf, GSR_STOP_SF);
    guest_run(p.vf);
    g_assert_cmpuint(guest_gsv(p.vf), ==, GSV_STOP);
    push(&p, start(), 0);
    pair_run(&p);
    g_assert_true(is_done(&p));
    g_assert_false(guest_er(p.pf, 0, 0));
    g_assert_cmpuint(guest_state(p.vf, 1), ==, STOP_SW);
    pair_free(&p);
}

/* Each function logs its own; the flag comes back. */
static void test_broken_context(void)
{
    Pair p = pair_new();

    guest_set_ring(p.vf, 1, G_RING(1), 512);
    push(&p, start(), 0);
    pair_run(&p);
    g_assert_true(is_done(&p));
    g_assert_true(guest_er(p.pf, 0, 0));
    g_assert_cmpuint(guest_state(p.pf, 0), ==, RUN);
    g_assert_cmpuint(guest_rd(p.pf, R_ERR_WRT), ==, 0);
    g_assert_cmpuint(guest_rd(p.vf, R_ERR_WRT), ==, 1);
    g_assert_cmpuint(guest_log_entry(p.vf, 0).step, ==, 4);
    pair_free(&p);
}

static void test_bad_filter(void)
{
    Pair p = pair_new();

    push(&p, dsc_sync(7, 0, 9, G_CSB(0, 0)), 0);
    pair_run(&p);
    g_assert_true(is_done(&p));
    g_assert_cmpuint(guest_state(p.pf, 0), ==, ERR_FN);
    g_assert_cmpuint(guest_state(p.vf, 0), ==, RUN);
    g_assert_cmpuint(guest_rd(p.vf, R_ERR_WRT), ==, 0);
    pair_free(&p);
}

/* SYNC comes back when the copy that a stop waits for has ended. */
static void test_sync_waits(void)
{
    Pair p = pair_new();
    Dsc copy = dsc_copy(FAKE_SINK, FAKE_SINK, 16 << 20, 0, 0, 0);
    Dsc stop = dsc_admin(D_STOP | D_FE, 1, 1, 0);
    unsigned turns = 0;

    push(&p, start(), 0);
    pair_run(&p);
    guest_push(p.vf, 1, &copy);
    guest_ring(p.vf, 1, 1);
    g_assert_true(guest_run_once(p.vf, 1 << 20));
    stop.dw[1] |= 1 << 15;
    guest_push(p.pf, 0, &stop);
    push(&p, dsc_sync(1, 1, 1, G_CSB(0, 0)), 0);
    for (; !is_done(&p); turns++) {
        g_assert_cmpuint(turns, <, 1000);
        guest_run(p.pf);
        guest_run_once(p.vf, 1 << 20);
    }
    g_assert_cmpuint(turns, >, 4);
    g_assert_cmpuint(guest_state(p.vf, 1), ==, STOP_SW);
    pair_free(&p);
}

static void test_goes_away(void)
{
    Pair p = pair_new();

    push(&p, start(), 0);
    guest_run(p.pf);
    p.pf->vf[0] = NULL;
    guest_run(p.pf);
    g_assert_true(is_done(&p));
    g_assert_false(guest_er(p.pf, 0, 0));
    pair_free(&p);
}

static void test_reset_there(void)
{
    Pair p = pair_new();
    unsigned kicks;

    push(&p, start(), 0);
    guest_run(p.pf);
    kicks = p.vf->kicks;
    sdxi_device_reset(p.vf->dev);
    g_assert_cmpuint(p.vf->kicks, >, kicks);
    pair_run(&p);
    g_assert_true(is_done(&p));
    g_assert_cmpuint(guest_state(p.vf, 1), ==, STOP_SW);
    pair_free(&p);
}

/* An answer that came too late is not taken for another one. */
static void test_reset_here(void)
{
    Pair p = pair_new();

    push(&p, dsc_sync(7, 0, 9, G_CSB(0, 0)), 0);
    guest_run(p.pf);
    guest_request(p.pf, GSR_RESET);
    guest_run(p.vf);
    memset(p.pf->memory + G_CXT(0), 0, 0x40000);
    guest_activate(p.pf);
    push(&p, start(), 0);
    pair_run(&p);
    g_assert_true(is_done(&p));
    g_assert_false(guest_er(p.pf, 0, 0));
    g_assert_cmpuint(guest_state(p.vf, 1), ==, RUN);
    pair_free(&p);
}

/* The request is not saved, so it is asked again after a load. */
static void test_lost(void)
{
    Pair p = pair_new();
    GByteArray *saved;

    push(&p, start(), 0);
    guest_run(p.pf);
    saved = guest_save(p.vf);
    guest_device_with(p.vf, &fake_host_ops);
    guest_load(p.vf, saved);
    pair_run(&p);
    g_assert_true(is_done(&p));
    g_assert_cmpuint(guest_state(p.vf, 1), ==, RUN);
    pair_free(&p);
}

/* What was asked before the load belongs to another time. */
static void test_dropped_by_load(void)
{
    Pair p = pair_new();
    GByteArray *saved = guest_save(p.vf);

    push(&p, start(), 0);
    guest_run(p.pf);
    guest_load(p.vf, saved);
    guest_run(p.vf);
    g_assert_cmpuint(guest_state(p.vf, 1), ==, STOP_SW);
    pair_run(&p);
    g_assert_true(is_done(&p));
    g_assert_cmpuint(guest_state(p.vf, 1), ==, RUN);
    pair_free(&p);
}

/* --- several workers ---------------------------------------------------- */

/* Of the virtual function; who asks it while that is picking */
static SdxiPipe *second;
static Pair *pair, *asks;

static SdxiPick pick(SdxiPipe *pipe)
{
    bool others;

    return sdxi_pipe_pick(pipe, true, &others);
}

/* Another thread picks while the first one is in its descriptor ... */
static SdxiMemResult decrement(void *opaque, const SdxiSpace *space,
                               uint64_t addr)
{
    if (pair) {
        asks = g_steal_pointer(&pair);
        pick(second);
    }
    return fake_host_ops.decrement(opaque, space, addr);
}

/* ... and the physical function's asks while that one is picking. */
static bool traced(void *opaque G_GNUC_UNUSED)
{
    Pair *p = g_steal_pointer(&asks);

    if (p) {
        guest_run(p->pf);
    }
    return false;
}

/* Context 1 of the virtual function runs, and has something to do. */
static Pair pair_with(const SdxiHostOps *ops)
{
    Pair p = pair_new();
    Dsc nop = dsc_nop(G_CSB(1, 0));

    guest_device_with(p.vf, ops);
    guest_activate(p.vf);
    guest_start(p.vf, 1);
    guest_run(p.vf);
    g_assert_cmpuint(guest_state(p.vf, 1), ==, RUN);
    guest_ring(p.vf, 1, guest_push(p.vf, 1, &nop) + 1);
    return p;
}

/* What is asked may concern all contexts, and waits until no pipe has one. */
static void test_asked_meanwhile(void)
{
    SdxiHostOps ops = fake_host_ops;
    Dsc update = dsc_admin(D_CXT_UPD, 1, 1, G_CSB(0, 0));
    SdxiPipe *first;
    Pair p;

    ops.traced = traced;
    ops.decrement = decrement;
    p = pair_with(&ops);
    first = sdxi_pipe_new(p.vf->dev, p.vf);
    second = sdxi_pipe_new(p.vf->dev, p.vf);
    g_assert_cmpint(pick(first), ==, SDXI_PICK_WORK);
    push(&p, update, 0);
    pair = &p;
    sdxi_pipe_work(first);
    g_assert_true(!pair && !asks);
    sdxi_pipe_put(first);
    while (pick(second) != SDXI_PICK_NOTHING) {
        continue;
    }
    guest_run(p.pf);
    g_assert_true(is_done(&p));
    g_assert_false(guest_er(p.pf, 0, 0));
    g_assert_cmpuint(guest_read_index(p.vf, 1), ==, 1);
    sdxi_pipe_free(first);
    g_clear_pointer(&second, sdxi_pipe_free);
    pair_free(&p);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/delegate/start-stop", test_start_stop);
    g_test_add_func("/sdxi/delegate/own-contexts", test_own_contexts);
    g_test_add_func("/sdxi/delegate/nobody", test_nobody);
    g_test_add_func("/sdxi/delegate/not-active", test_not_active);
    g_test_add_func("/sdxi/delegate/broken-context", test_broken_context);
    g_test_add_func("/sdxi/delegate/bad-filter", test_bad_filter);
    g_test_add_func("/sdxi/delegate/sync-waits", test_sync_waits);
    g_test_add_func("/sdxi/delegate/goes-away", test_goes_away);
    g_test_add_func("/sdxi/delegate/reset-there", test_reset_there);
    g_test_add_func("/sdxi/delegate/reset-here", test_reset_here);
    g_test_add_func("/sdxi/delegate/lost", test_lost);
    g_test_add_func("/sdxi/delegate/dropped-by-load", test_dropped_by_load);
    g_test_add_func("/sdxi/delegate/asked-meanwhile", test_asked_meanwhile);
    return g_test_run();
}
