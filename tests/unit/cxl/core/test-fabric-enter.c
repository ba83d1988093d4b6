/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/fabric-enter: who gets which virtual switch, and what a machine
 * says that it has against what it was lent.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/fabric-switch-fixture.h"

static void test_who(void)
{
    World *w = world_new();

    g_assert_false(machine_comes(w, 0, HOSTS));
    g_assert_true(machine_comes(w, 0, 1));
    g_assert_false(machine_comes(w, 1, 1));
    g_assert_true(machine_comes(w, 1, CXL_FABRIC_ANY_HEAD));
    g_assert_cmpuint(w->machine[1].slots->vcs, ==, 0);
    /* Again by another connection, and as another one */
    machine_leaves(w, 1);
    g_assert_false(machine_comes(w, 1, 2));
    g_assert_true(machine_comes(w, 1, 0));
    machine_comes(w, 2, 2);
    machine_leaves(w, 2);
    w->machine[2].slots->id = w->machine[1].slots->id;
    g_assert_false(machine_comes(w, 2, CXL_FABRIC_ANY_HEAD));
    /* That process has ended: it begins with nothing. */
    bound(w, 1, 1, 0);
    machine_dies(w, 1);
    g_assert_true(machine_comes(w, 2, 0));
    g_assert_cmpint(state(w, 0, 1), ==, CXL_UNBOUND);
    bound(w, 2, 1, 0);
    world_free(w);
}

static void test_all_taken(void)
{
    World *w = world_new();

    cxl_fabric_switch_free(w->sw);
    w->cfg.hosts = 1;
    world_open_switch(w);
    g_assert_true(machine_comes(w, 0, CXL_FABRIC_ANY_HEAD));
    g_assert_false(machine_comes(w, 1, CXL_FABRIC_ANY_HEAD));
    machine_dies(w, 0);
    g_assert_true(machine_comes(w, 1, CXL_FABRIC_ANY_HEAD));
    world_free(w);
}

/* The connection breaks in the middle of a change. */
static void test_again(void)
{
    World *w = world_new();
    Machine *m = &w->machine[0];

    machine_comes(w, 0, 0);
    /* Asked to bind, and not there yet */
    bind_ld(w, 0, 1, 0);
    m->slots->slot[0].below = CXL_FABRIC_NO_LD;
    m->asked = NOTHING;
    machine_comes(w, 0, 0);
    g_assert_cmpint(m->asked, ==, ASKED_BIND);
    /* There, and the answer was lost */
    machine_comes(w, 0, 0);
    g_assert_cmphex(ended(w), ==, 0);
    g_assert_cmpint(state(w, 0, 1), ==, CXL_BOUND);
    /* Asked to let go, and not done yet; then done */
    unbind(w, 0, 1, CXL_UNBIND_MANAGED);
    m->asked = NOTHING;
    machine_comes(w, 0, 0);
    g_assert_cmpint(m->asked, ==, ASKED_MANAGED);
    machine_leaves(w, 0);
    cxl_fabric_slots_is(m->slots, 1, CXL_FABRIC_NO_LD);
    machine_comes(w, 0, 0);
    g_assert_cmphex(ended(w), ==, 0);
    g_assert_cmpint(state(w, 0, 1), ==, CXL_UNBOUND);
    /* Who is waited for is not asked, before or after. */
    bound(w, 0, 1, 0);
    unbind(w, 0, 1, CXL_UNBIND_WAIT);
    m->asked = NOTHING;
    machine_comes(w, 0, 0);
    g_assert_cmpint(m->asked, ==, NOTHING);
    g_assert_cmpint(state(w, 0, 1), ==, CXL_UNBINDING);
    machine_is(w, 0, 1, CXL_FABRIC_NO_LD);
    g_assert_cmphex(ended(w), ==, 0);
    world_free(w);
}

/* It was given up while the connection was gone. */
static void test_given_up_meanwhile(void)
{
    World *w = world_new();
    Machine *m = &w->machine[0];

    machine_comes(w, 0, 0);
    machine_comes(w, 1, 1);
    bind_ld(w, 0, 1, 0);
    machine_leaves(w, 0);
    manage(w, CXL_OP_IS_ABORT, NULL, 0);
    g_assert_cmphex(bind_ld(w, 1, 1, 0), ==, CXL_RC_INVALID_INPUT);
    machine_comes(w, 0, 0);
    g_assert_cmpint(m->asked, ==, ASKED_SURPRISE);
    machine_is(w, 0, 1, CXL_FABRIC_NO_LD);
    bound(w, 1, 1, 0);
    world_free(w);
}

static void test_lies(void)
{
    World *w = world_new();
    Machine *m = &w->machine[1];

    machine_comes(w, 0, 0);
    machine_comes(w, 1, 1);
    bound(w, 0, 1, 0);
    bound(w, 1, 1, 1);
    for (unsigned ld = 0; ld <= LDS; ld++) {
        machine_leaves(w, 1);
        m->slots->slot[0].below = 1;
        m->slots->slot[1].below = ld == 1 ? CXL_FABRIC_NO_LD : ld;
        machine_connects(w, 1);
        m->slots->slot[1].below = CXL_FABRIC_NO_LD;
        exchange(w);
        /* What nobody has it may have; the rest is a lie. */
        g_assert_true(m->attached == (ld == 1 || ld == 2));
        g_assert_true(m->attached || m->refused == 2);
        machine_comes(w, 1, 1);
    }
    g_assert_cmpint(state(w, 0, 1), ==, CXL_BOUND);
    world_free(w);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/fabric-enter/who", test_who);
    g_test_add_func("/cxl/fabric-enter/all-taken", test_all_taken);
    g_test_add_func("/cxl/fabric-enter/again", test_again);
    g_test_add_func("/cxl/fabric-enter/given-up-meanwhile",
                    test_given_up_meanwhile);
    g_test_add_func("/cxl/fabric-enter/lies", test_lies);
    return g_test_run();
}
