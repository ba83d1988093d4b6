/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Turns of a pipe that shares the function: what it does itself, and what it
 * leaves to the owner, untouched or ready to be finished.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/turn.h"
#include "tests/unit/sdxi/fake-guest.h"

typedef struct Rig {
    FakeHost *g;
    SdxiPipe pipe;
    SdxiContext *cxt;
} Rig;

static void set_up(Rig *r, bool by_pointer)
{
    memset(r, 0, sizeof(*r));
    r->g = guest_new(NULL);
    guest_log(r->g);
    guest_activate(r->g);
    guest_context(r->g, 1, 1, STOP_SW);
    guest_start(r->g, 1);
    guest_arm(r->g, 1, 0, 100);
    r->g->by_pointer = r->g->quiet = by_pointer;
    r->pipe.dev = r->g->dev;
    r->pipe.host = r->g->dev->host;
    r->pipe.host.spans = &r->pipe.spans;
    r->pipe.shared = true;
    r->cxt = sdxi_context_find(&r->g->dev->contexts, 1);
    g_assert_nonnull(r->cxt);
}

static void tear_down(Rig *r)
{
    g_free(r->pipe.scratch);
    guest_free(r->g);
}

static SdxiTurn turn(Rig *r)
{
    uint64_t used = 0;

    return sdxi_turn(&r->pipe, r->cxt, SDXI_SCHED_TURN, &used);
}

static void push(Rig *r, Dsc d)
{
    guest_push(r->g, 1, &d);
}

static void test_shared(void)
{
    for (unsigned by_pointer = 0; by_pointer < 2; by_pointer++) {
        Rig r;

        set_up(&r, by_pointer);
        push(&r, dsc_nop(G_CSB(1, 0)));
        push(&r, dsc_copy(G_DATA, G_DATA + 64, 64, 0, 0, G_CSB(1, 0)));
        push(&r, dsc_repcopy(G_DATA, G_DATA + 8192, 8192, G_CSB(1, 0)));
        g_assert_cmpint(turn(&r), ==, SDXI_TURN_IDLE);
        g_assert_cmpuint(guest_read_index(r.g, 1), ==, 3);
        g_assert_cmpuint(guest_signal(r.g, 1, 0), ==, 97);
        g_assert_cmpuint(r.pipe.counters.descriptors, ==, 3);
        tear_down(&r);
    }
}

/* A failure: done and signalled, but for what concerns all. */
static void test_failure(void)
{
    for (unsigned by_pointer = 0; by_pointer < 2; by_pointer++) {
        Rig r;

        set_up(&r, by_pointer);
        push(&r, dsc_copy(G_DATA, G_DATA, 64, 9, 9, G_CSB(1, 0)));
        g_assert_cmpint(turn(&r), ==, SDXI_TURN_OWNER);
        g_assert_true(guest_er(r.g, 1, 0));
        g_assert_cmpuint(guest_state(r.g, 1), ==, RUN);
        g_assert_cmpuint(guest_rd(r.g, R_ERR_WRT), ==, 0);
        g_assert_cmpint(turn(&r), ==, SDXI_TURN_OWNER);
        g_assert_cmpuint(guest_signal(r.g, 1, 0), ==, 99);
        guest_ring(r.g, 1, 1);
        guest_run(r.g);
        g_assert_cmpuint(guest_state(r.g, 1), ==, ERR_FN);
        g_assert_cmpuint(guest_rd(r.g, R_ERR_WRT), ==, 1);
        g_assert_cmpuint(guest_signal(r.g, 1, 0), ==, 99);
        g_assert_cmpuint(guest_log_entry(r.g, 0).index, ==, 0);
        tear_down(&r);
    }
}

/* The same, saved and loaded between the pipe and the owner. */
static void test_failure_saved(void)
{
    Rig r;

    set_up(&r, false);
    push(&r, dsc_copy(G_DATA, G_DATA, 64, 9, 9, G_CSB(1, 0)));
    g_assert_cmpint(turn(&r), ==, SDXI_TURN_OWNER);
    sdxi_sched_ready(&r.g->dev->sched, r.cxt);
    guest_load(r.g, guest_save(r.g));
    guest_run(r.g);
    g_assert_cmpuint(guest_state(r.g, 1), ==, ERR_FN);
    g_assert_cmpuint(guest_read_index(r.g, 1), ==, 1);
    g_assert_cmpuint(guest_signal(r.g, 1, 0), ==, 99);
    tear_down(&r);
}

static void test_unreadable_ring(void)
{
    Rig r;

    set_up(&r, false);
    push(&r, dsc_nop(G_CSB(1, 0)));
    fake_host_trap(r.g, G_RING(1), 64, FAKE_READ, SDXI_MEM_ACCESS, 0);
    g_assert_cmpint(turn(&r), ==, SDXI_TURN_OWNER);
    g_assert_cmpuint(guest_state(r.g, 1), ==, RUN);
    guest_ring(r.g, 1, 1);
    guest_run(r.g);
    g_assert_cmpuint(guest_state(r.g, 1), ==, ERR_FN);
    tear_down(&r);
}

static void check_untouched(Rig *r)
{
    push(r, dsc_nop(G_CSB(1, 0)));
    g_assert_cmpint(turn(r), ==, SDXI_TURN_OWNER);
    g_assert_cmpuint(guest_read_index(r->g, 1), ==, 0);
    g_assert_cmpuint(guest_signal(r->g, 1, 0), ==, 100);
    r->cxt->stopping = false;
    r->g->dev->peer.active = 1;
    tear_down(r);
}

static void test_left_alone(void)
{
    Rig r;

    set_up(&r, true);
    r.cxt->stopping = true;
    check_untouched(&r);
    set_up(&r, true);
    r.cxt->stale = true;
    check_untouched(&r);
    set_up(&r, true);
    r.g->dev->peer.active = 0;
    check_untouched(&r);
    set_up(&r, true);
    r.cxt = sdxi_context_find(&r.g->dev->contexts, 0);
    check_untouched(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/turn/shared", test_shared);
    g_test_add_func("/sdxi/turn/failure", test_failure);
    g_test_add_func("/sdxi/turn/failure-saved", test_failure_saved);
    g_test_add_func("/sdxi/turn/unreadable-ring", test_unreadable_ring);
    g_test_add_func("/sdxi/turn/left-alone", test_left_alone);
    return g_test_run();
}
