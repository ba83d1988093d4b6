/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/fabric-switch: logical devices go from machine to machine, and
 * never to two of them, whoever gives up, aborts, lies or dies.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/fabric-switch-fixture.h"

static void test_moves(void)
{
    World *w = world_new();

    machine_comes(w, 0, CXL_FABRIC_ANY_HEAD);
    machine_comes(w, 1, CXL_FABRIC_ANY_HEAD);
    for (unsigned option = CXL_UNBIND_WAIT; option < CXL_UNBIND_OPTIONS;
         option++) {
        Machine *from = &w->machine[option % 2];

        bound(w, option % 2, 2, 2);
        g_assert_cmphex(from->what.offset, ==, 768 * MiB);
        g_assert_cmphex(from->what.len, ==, 256 * MiB);
        g_assert_cmphex(from->what.labels, ==, 256 * KiB);
        g_assert_cmphex(from->what.flags, ==, CXL_FABRIC_PERSISTENT);
        g_assert_cmphex(from->what.serial, ==, 9);
        from->asked = NOTHING;
        g_assert_cmphex(unbind(w, option % 2, 2, option), ==,
                        CXL_RC_BACKGROUND);
        g_assert_cmpint(from->asked, ==,
                        option == CXL_UNBIND_WAIT ? NOTHING :
                        option == CXL_UNBIND_MANAGED ? ASKED_MANAGED :
                        ASKED_SURPRISE);
        g_assert_cmpint(state(w, option % 2, 2), ==, CXL_UNBINDING);
        machine_is(w, option % 2, 2, CXL_FABRIC_NO_LD);
        g_assert_cmphex(ended(w), ==, CXL_RC_SUCCESS);
        g_assert_cmpint(state(w, option % 2, 2), ==, CXL_UNBOUND);
    }
    world_free(w);
}

/* What is known of it goes from one to the next, however long it is. */
static void test_state_goes_along(void)
{
    static const uint32_t lens[] = { 1, 40000, 3 * CXL_FABRIC_LINK_FULL,
                                     CXL_FABRIC_STATE_MAX };
    World *w = world_new();

    machine_comes(w, 0, 0);
    machine_comes(w, 1, 1);
    bound(w, 0, 1, 1);
    assert_given(w, 0, 0, 0);
    for (unsigned i = 0; i < ARRAY_SIZE(lens); i++) {
        machine_becomes(w, i % 2, 1, lens[i], i + 1);
        unbind(w, i % 2, 1, CXL_UNBIND_MANAGED);
        machine_ends(w, i % 2, 1);
        bound(w, (i + 1) % 2, 1, 1);
        assert_given(w, (i + 1) % 2, lens[i], i + 1);
        /* It is nobody else's. */
        bound(w, i % 2, 2, 0);
        assert_given(w, i % 2, 0, 0);
        unbind(w, i % 2, 2, CXL_UNBIND_SURPRISE);
        machine_is(w, i % 2, 2, CXL_FABRIC_NO_LD);
    }
    /* What cannot be kept is not known any more. */
    machine_becomes(w, 0, 1, 0, 0);
    unbind(w, 0, 1, CXL_UNBIND_MANAGED);
    machine_ends(w, 0, 1);
    bound(w, 1, 1, 1);
    assert_given(w, 1, 0, 0);
    world_free(w);
}

/* One that becomes another is not what it was; who keeps its size is. */
static void test_state_of_another_size(void)
{
    World *w = world_new();

    machine_comes(w, 0, 0);
    for (unsigned ld = 0; ld < 2; ld++) {
        bound(w, 0, 1, ld);
        machine_becomes(w, 0, 1, 10, 1);
        unbind(w, 0, 1, CXL_UNBIND_MANAGED);
        machine_ends(w, 0, 1);
    }
    g_assert_cmphex(allocate(w, 0, 0, 0), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(allocate(w, 0, 1, 0), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(allocate(w, 1, 1, 0), ==, CXL_RC_SUCCESS);
    bound(w, 0, 1, 0);
    assert_given(w, 0, 0, 0);
    bound(w, 0, 2, 1);
    assert_given(w, 0, 10, 1);
    world_free(w);
}

/* What a machine has handed over stays when it dies, and half of it not. */
static void test_state_outlives_machine(void)
{
    World *w = world_new();
    Machine *a = &w->machine[0];
    uint64_t changes;

    machine_comes(w, 0, 0);
    machine_comes(w, 1, 1);
    bound(w, 0, 2, 0);
    machine_becomes(w, 0, 2, 50, 5);
    machine_hands_over(w, 0);
    changes = w->sw->state[0].changes;
    /* The same once more is not said. */
    cxl_fabric_slots_changed(a->slots, 2);
    machine_hands_over(w, 0);
    g_assert_cmpuint(w->sw->state[0].changes, ==, changes);
    machine_becomes(w, 0, 2, 3 * CXL_FABRIC_PART_MAX, 6);
    cxl_fabric_slots_hand_over(a->slots);
    g_byte_array_set_size(a->slots->out, 2 * CXL_FABRIC_PART_MAX);
    to_switch(w, a);
    g_assert_nonnull(w->sw->vcs[0].parts.bytes);
    machine_dies(w, 0);
    cxl_fabric_switch_died(w->sw, 0);
    g_assert_null(w->sw->vcs[0].parts.bytes);
    bound(w, 1, 1, 0);
    assert_given(w, 1, 50, 5);
    world_free(w);
}

/* It lets go while nobody hears it. */
static void test_state_is_handed_in_later(void)
{
    World *w = world_new();

    machine_comes(w, 0, 0);
    machine_comes(w, 1, 1);
    bound(w, 0, 1, 0);
    bound(w, 0, 2, 1);
    machine_becomes(w, 0, 1, 70, 7);
    machine_becomes(w, 0, 2, 80, 8);
    machine_leaves(w, 0);
    machine_ends(w, 0, 1);
    cxl_fabric_slots_ends(w->machine[0].slots, 2);
    g_assert_cmphex(bind_ld(w, 1, 1, 0), ==, CXL_RC_INVALID_INPUT);
    machine_comes(w, 0, 0);
    g_assert_cmpint(state(w, 0, 1), ==, CXL_UNBOUND);
    g_assert_cmpint(state(w, 0, 2), ==, CXL_BOUND);
    bound(w, 1, 1, 0);
    assert_given(w, 1, 70, 7);
    machine_is(w, 0, 2, CXL_FABRIC_NO_LD);
    bound(w, 1, 2, 1);
    assert_given(w, 1, 80, 8);
    world_free(w);
}

/* It is said, and the switch ends the connection without taking it. */
static void test_last_state_is_not_taken(void)
{
    World *w = world_new();
    CxlFabricSlots *slots;

    machine_comes(w, 0, 0);
    machine_comes(w, 1, 1);
    slots = w->machine[0].slots;
    bound(w, 0, 1, 0);
    machine_becomes(w, 0, 1, 9, 1);
    machine_hands_over(w, 0);
    machine_becomes(w, 0, 1, 9, 2);
    cxl_fabric_slots_ends(slots, 1);
    cxl_fabric_slots_is(slots, 1, CXL_FABRIC_NO_LD);
    for (unsigned i = 0; i < 2; i++) {
        machine_leaves(w, 0);
        g_assert_cmphex(bind_ld(w, 1, 1, 0), !=, CXL_RC_BACKGROUND);
        machine_connects(w, 0);
        if (i == 0) {
            to_switch(w, &w->machine[0]);       /* ENTER, and no more */
        }
    }
    exchange(w);
    g_assert_null(slots->slot[0].last);
    bound(w, 1, 1, 0);
    assert_given(w, 1, 9, 2);
    world_free(w);
}

/* The switch's process ends, and another one reads what it has kept. */
static void restart(World *w, const GByteArray *kept)
{
    g_autoptr(GByteArray) first = g_byte_array_ref(w->sw->state[0].bytes);
    char *problem = NULL;

    machine_leaves(w, 0);
    machine_leaves(w, 1);
    cxl_fabric_switch_free(w->sw);
    world_open_switch(w);
    g_assert_true(cxl_fabric_switch_load(w->sw, kept->data, kept->len,
                                         &problem));
    cxl_fabric_switch_know(w->sw, 0, first);
}

/* It is taken, which the machine does not hear; another one had it since. */
static void test_last_state_is_old(void)
{
    for (unsigned again = 0; again < 2; again++) {
        World *w = world_new();
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        CxlFabricSlots *slots;

        machine_comes(w, 0, 0);
        machine_comes(w, 1, 1);
        slots = w->machine[0].slots;
        bound(w, 0, 1, 0);
        machine_becomes(w, 0, 1, 9, 1);
        cxl_fabric_slots_ends(slots, 1);
        cxl_fabric_slots_is(slots, 1, CXL_FABRIC_NO_LD);
        to_switch(w, &w->machine[0]);
        g_assert_nonnull(slots->slot[0].last);
        machine_leaves(w, 0);
        bound(w, 1, 1, 0);
        assert_given(w, 1, 9, 1);
        machine_becomes(w, 1, 1, 9, 2);
        machine_ends(w, 1, 1);
        machine_connects(w, 0);
        to_switch(w, &w->machine[0]);
        cxl_fabric_switch_save(w->sw, bytes);
        if (again) {
            restart(w, bytes);
            machine_comes(w, 1, 1);
            machine_connects(w, 0);
        }
        exchange(w);
        g_assert_null(slots->slot[0].last);
        bound(w, 1, 2, 0);
        assert_given(w, 1, 9, 2);
        world_free(w);
    }
}

/* Given up when only a part of the state was said: the next one gets all. */
static void test_given_up_with_state(void)
{
    World *w = world_new();
    Machine *a = &w->machine[0];
    const uint8_t in[] = { 0, 1, CXL_FABRIC_MLD_PORT, 0, 0, 0 };
    uint8_t message[sizeof(CxlMessageHeader) + sizeof(in)], out[64];
    CxlMessageHeader *h = (CxlMessageHeader *)message;

    machine_comes(w, 0, 0);
    machine_comes(w, 1, 1);
    bound(w, 0, 1, 0);
    machine_becomes(w, 0, 1, 5 * CXL_FABRIC_LINK_FULL, 3);
    unbind(w, 0, 1, CXL_UNBIND_MANAGED);
    machine_ends(w, 0, 1);
    *h = (CxlMessageHeader) {
        .category = CXL_MESSAGE_REQUEST, .command = CXL_OP_VCS_BIND & 0xff,
        .command_set = CXL_OP_VCS_BIND >> 8, .length[0] = sizeof(in),
    };
    memcpy(h + 1, in, sizeof(in));
    a->asked = NOTHING;
    cxl_fabric_switch_execute(w->sw, NULL, message, sizeof(message), out,
                              sizeof(out));
    cxl_fabric_switch_fill(w->sw, &a->link);
    g_assert_cmpuint(w->sw->vcs[0].slot[0].given, <, 5 * CXL_FABRIC_LINK_FULL);
    to_machine(a, a->link.out->data, a->link.out->len);
    g_byte_array_set_size(a->link.out, 0);
    g_assert_cmphex(manage(w, CXL_OP_IS_ABORT, NULL, 0), ==, CXL_RC_SUCCESS);
    g_assert_cmpint(a->asked, ==, NOTHING);
    bound(w, 1, 1, 0);
    assert_given(w, 1, 5 * CXL_FABRIC_LINK_FULL, 3);
    /* Nothing of it is left for another one. */
    bound(w, 0, 1, 1);
    assert_given(w, 0, 0, 0);
    world_free(w);
}

static void test_refused(void)
{
    static const struct {
        uint8_t vcs, vppb;
        uint16_t ld;
    } bad[] = {
        { 0, 0, 1 }, { 0, 3, 1 }, { 1, 1, 1 }, { 3, 1, 1 }, { 0, 2, LDS },
        { 0, 2, CXL_WHOLE_PORT }, { 0, 2, 0 }, { 0, 1, 1 },
    };
    const uint8_t pool[] = { 0, 2, CXL_FABRIC_POOL_PORT, 0, 0xff, 0xff };
    World *w = world_new();

    machine_comes(w, 0, 0);
    bound(w, 0, 1, 0);
    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        g_assert_cmphex(bind_ld(w, bad[i].vcs, bad[i].vppb, bad[i].ld), ==,
                        CXL_RC_INVALID_INPUT);
    }
    g_assert_cmphex(manage(w, CXL_OP_VCS_BIND, pool, sizeof(pool)), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(unbind(w, 0, 2, CXL_UNBIND_MANAGED), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(unbind(w, 0, 1, CXL_UNBIND_OPTIONS), ==,
                    CXL_RC_INVALID_INPUT);
    /* Who is not there now is not asked. */
    machine_leaves(w, 0);
    g_assert_cmphex(bind_ld(w, 0, 2, 1), ==, CXL_RC_INVALID_INPUT);
    world_free(w);
}

static void test_machine_cannot(void)
{
    World *w = world_new();

    machine_comes(w, 0, 0);
    g_assert_cmphex(bind_ld(w, 0, 1, 0), ==, CXL_RC_BACKGROUND);
    g_assert_cmphex(bind_ld(w, 0, 2, 1), ==, CXL_RC_BUSY);
    machine_is(w, 0, 1, CXL_FABRIC_NO_LD);
    g_assert_cmphex(ended(w), ==, CXL_RC_RETRY);
    g_assert_cmpint(state(w, 0, 1), ==, CXL_UNBOUND);
    bound(w, 0, 1, 0);
    unbind(w, 0, 1, CXL_UNBIND_MANAGED);
    machine_is(w, 0, 1, 0);
    g_assert_cmphex(ended(w), ==, CXL_RC_RETRY);
    g_assert_cmpint(state(w, 0, 1), ==, CXL_BOUND);
    /* It lets go by itself. */
    machine_is(w, 0, 1, CXL_FABRIC_NO_LD);
    g_assert_cmpint(state(w, 0, 1), ==, CXL_UNBOUND);
    bound(w, 0, 2, 0);
    world_free(w);
}

/* What is given up is not another one's before the machine says so. */
static void test_given_up(void)
{
    World *w = world_new();

    machine_comes(w, 0, 0);
    machine_comes(w, 1, 1);
    bind_ld(w, 0, 1, 0);
    g_assert_cmpint(w->machine[0].asked, ==, ASKED_BIND);
    while (w->armed != INT64_MAX) {
        g_assert_cmpint(w->armed, >, w->now);
        w->now = w->armed;
        cxl_fabric_switch_timer(w->sw);
    }
    g_assert_cmpint(w->now, ==, CXL_BINDING_NS);
    g_assert_cmphex(ended(w), ==, CXL_RC_RETRY);
    exchange(w);
    g_assert_cmpint(w->machine[0].asked, ==, ASKED_SURPRISE);
    g_assert_cmpint(state(w, 0, 1), ==, CXL_UNBOUND);
    g_assert_cmphex(bind_ld(w, 1, 1, 0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(bind_ld(w, 0, 1, 1), ==, CXL_RC_INVALID_INPUT);
    machine_is(w, 0, 1, CXL_FABRIC_NO_LD);
    bound(w, 1, 1, 0);
    /* An unbinding that is given up changes nothing, now or later. */
    unbind(w, 1, 1, CXL_UNBIND_MANAGED);
    g_assert_cmphex(manage(w, CXL_OP_IS_ABORT, NULL, 0), ==, 0);
    g_assert_cmphex(ended(w), ==, CXL_RC_ABORTED);
    g_assert_cmpint(state(w, 1, 1), ==, CXL_BOUND);
    machine_is(w, 1, 1, CXL_FABRIC_NO_LD);
    g_assert_cmpint(state(w, 1, 1), ==, CXL_UNBOUND);
    world_free(w);
}

/* Given up before it was said: the machine never hears of it. */
static void test_given_up_unsaid(void)
{
    World *w = world_new();
    uint8_t in[] = { 0, 1, CXL_FABRIC_MLD_PORT, 0, 0, 0 };
    uint8_t message[32], out[64];
    CxlMessageHeader *h = (CxlMessageHeader *)message;

    machine_comes(w, 0, 0);
    *h = (CxlMessageHeader) {
        .command = CXL_OP_VCS_BIND & 0xff, .length[0] = sizeof(in),
        .command_set = CXL_OP_VCS_BIND >> 8,
    };
    memcpy(h + 1, in, sizeof(in));
    g_assert_true(cxl_fabric_switch_would_change(w->sw, message,
                                                 sizeof(*h) + sizeof(in)));
    cxl_fabric_switch_execute(w->sw, NULL, message,
                              sizeof(*h) + sizeof(in), out,
                              sizeof(out));
    manage(w, CXL_OP_IS_ABORT, NULL, 0);
    g_assert_cmpint(w->machine[0].asked, ==, NOTHING);
    bound(w, 0, 1, 0);
    bound(w, 0, 2, 1);
    world_free(w);
}

static void test_dies(void)
{
    World *w = world_new();

    machine_comes(w, 1, 1);
    for (unsigned step = 0; step < 4; step++) {
        machine_comes(w, 0, 0);
        if (step) {
            bound(w, 0, 1, 0);
        } else {
            bind_ld(w, 0, 1, 0);
        }
        if (step == 2) {
            unbind(w, 0, 1, CXL_UNBIND_MANAGED);
        } else if (step == 3) {
            machine_leaves(w, 0);
            g_assert_cmphex(bind_ld(w, 1, 1, 0), ==, CXL_RC_INVALID_INPUT);
        }
        machine_dies(w, 0);
        cxl_fabric_switch_died(w->sw, 0);
        world_check(w);
        g_assert_cmphex(ended(w), ==, step ? 0 : CXL_RC_RETRY);
        g_assert_false(w->sw->sw->vcs.vcs[0].enabled);
        bound(w, 1, 1, 0);
        unbind(w, 1, 1, CXL_UNBIND_SURPRISE);
        machine_is(w, 1, 1, CXL_FABRIC_NO_LD);
    }
    world_free(w);
}

/* The port of the logical devices has no registers, and nothing to reset. */
static void test_port(void)
{
    World *w = world_new();
    CxlPortConfigIn config = { .port = CXL_FABRIC_MLD_PORT, .ext = 0xf0 };
    CxlPortControlIn control = { .port = CXL_FABRIC_MLD_PORT };

    machine_comes(w, 0, 0);
    bound(w, 0, 1, 0);
    for (; control.action <= CXL_PORT_ACTIONS; control.action++) {
        g_assert_cmphex(manage(w, CXL_OP_SWITCH_PORT_CONTROL, &control,
                               sizeof(control)), ==,
                        control.action < CXL_PORT_ACTIONS ? 0 :
                        CXL_RC_INVALID_INPUT);
        machine_is(w, 0, 1, 0);
    }
    for (unsigned type = 0; type < 2; type++) {
        config.type = type ? CXL_PORT_CONFIG_WRITE : 0;
        g_assert_cmphex(manage(w, CXL_OP_SWITCH_PORT_CONFIG, &config,
                               sizeof(config)), ==, 0);
    }
    config.port--;
    g_assert_cmphex(manage(w, CXL_OP_SWITCH_PORT_CONFIG, &config,
                           sizeof(config)), ==, CXL_RC_INVALID_INPUT);
    machine_is(w, 0, 1, 0);
    world_check(w);
    world_free(w);
}

static void says(World *w, unsigned i, uint32_t number, uint16_t vppb,
                 uint16_t ld)
{
    CxlFabricMessage m = {
        .type = CXL_FABRIC_BELOW, .below = { number, vppb, ld },
    };

    cxl_fabric_put(w->machine[i].slots->out, &m);
    exchange(w);
}

static void test_lies(void)
{
    static const struct {
        uint32_t number;
        uint16_t vppb, ld;
    } lies[] = {
        { 1, 1, 1 }, { 2, 1, 0 }, { 0, 3, CXL_FABRIC_NO_LD }, { 0, 2, 0 },
        { 1, 2, CXL_FABRIC_NO_LD },
    };
    World *w = world_new();

    machine_comes(w, 0, 0);
    bound(w, 0, 1, 0);
    /* Older than the last command: it crossed it. */
    says(w, 0, 0, 1, CXL_FABRIC_NO_LD);
    g_assert_cmpint(state(w, 0, 1), ==, CXL_BOUND);
    for (unsigned i = 0; i < ARRAY_SIZE(lies); i++) {
        g_assert_true(w->machine[0].attached);
        says(w, 0, lies[i].number, lies[i].vppb, lies[i].ld);
        g_assert_false(w->machine[0].attached);
        g_assert_cmpint(state(w, 0, 1), ==, CXL_BOUND);
        machine_comes(w, 0, 0);
        unbind(w, 0, 1, CXL_UNBIND_SURPRISE);
        machine_is(w, 0, 1, CXL_FABRIC_NO_LD);
        machine_comes(w, 0, 0);
        bound(w, 0, 1, 0);
    }
    world_free(w);
}

/* Through the switch to the pool, whose accounts change as ever */
static void test_pool(void)
{
    static const struct {
        uint16_t opcode;
        uint8_t port;
        bool changes;
    } asked[] = {
        { CXL_OP_FM_DC_INFO, CXL_FABRIC_POOL_PORT, false },
        { CXL_OP_FM_DC_ADD, CXL_FABRIC_POOL_PORT, true },
        { CXL_OP_MLD_INFO, CXL_FABRIC_MLD_PORT, false },
        { CXL_OP_MLD_ALLOCATE, CXL_FABRIC_MLD_PORT, true },
    };
    World *w = world_new();

    for (unsigned i = 0; i < ARRAY_SIZE(asked); i++) {
        uint8_t message[2 * sizeof(CxlMessageHeader) + 4] = { 0 };
        CxlMessageHeader *outer = (CxlMessageHeader *)message;
        uint8_t *in = message + sizeof(*outer);
        CxlMessageHeader *h = (CxlMessageHeader *)(in + 4);

        outer->command_set = CXL_OP_TUNNEL >> 8;
        outer->command = CXL_OP_TUNNEL & 0xff;
        in[0] = asked[i].port;
        in[2] = sizeof(*h);
        h->command_set = asked[i].opcode >> 8;
        h->command = asked[i].opcode & 0xff;
        /* It is refused, so that it changes nothing. */
        g_assert_false(cxl_fabric_switch_would_change(w->sw, message,
                                                      sizeof(message)));
        outer->length[0] = 4 + sizeof(*h);
        g_assert_true(cxl_fabric_switch_would_change(w->sw, message,
                                                     sizeof(message)) ==
                      asked[i].changes);
        g_assert_cmphex(manage(w, CXL_OP_TUNNEL, in, 4 + sizeof(*h)), ==, 0);
    }
    world_free(w);
}

/* Another size, another place, and nothing of what was there */
static void test_allocated(void)
{
    World *w = world_new();

    machine_comes(w, 0, 0);
    g_assert_cmphex(allocate(w, 0, 2, 0), ==, CXL_RC_SUCCESS);
    g_assert_true(w->sw->places.ld[0].stale);
    cxl_fabric_switch_clean(w->sw);
    g_assert_cmphex(w->wiped[0], ==, 512 * MiB);
    g_assert_cmphex(w->wiped[1], ==, 0);
    bound(w, 0, 1, 0);
    g_assert_cmphex(w->machine[0].what.offset, ==, 1 * GiB);
    g_assert_cmphex(w->machine[0].what.len, ==, 512 * MiB);
    /* Its labels go with it; without a clean in between, when it is lent. */
    g_assert_cmphex(allocate(w, 2, 0, 0), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(bind_ld(w, 0, 2, 2), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(allocate(w, 2, 0, 1), ==, CXL_RC_SUCCESS);
    w->wipe_fails = true;
    g_assert_cmphex(bind_ld(w, 0, 2, 2), ==, CXL_RC_INVALID_INPUT);
    w->wipe_fails = false;
    bound(w, 0, 2, 2);
    g_assert_cmphex(w->machine[0].what.offset, ==, 256 * MiB);
    g_assert_cmphex(w->wiped[0], ==, 768 * MiB);
    g_assert_cmphex(w->wiped[1], ==, 256 * KiB);
    world_free(w);
}

/* Who is lent stays as he is, and so does what he is. */
static void test_allocation_refused(void)
{
    World *w = world_new();

    machine_comes(w, 0, 0);
    bound(w, 0, 1, 0);
    g_assert_cmphex(allocate(w, 0, 2, 0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(allocate(w, 0, 0, 0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(allocate(w, 0, 1, 0), ==, CXL_RC_SUCCESS);
    g_assert_false(w->sw->places.ld[0].stale);
    unbind(w, 0, 1, CXL_UNBIND_MANAGED);
    g_assert_cmphex(allocate(w, 0, 2, 0), ==, CXL_RC_INVALID_INPUT);
    manage(w, CXL_OP_IS_ABORT, NULL, 0);
    unbind(w, 0, 1, CXL_UNBIND_SURPRISE);
    machine_is(w, 0, 1, CXL_FABRIC_NO_LD);
    g_assert_cmphex(allocate(w, 0, 0, 1), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(allocate(w, 2, 1, 0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(allocate(w, 2, 0, 4), ==, CXL_RC_RESOURCES);
    /* There is as much, but in two pieces. */
    g_assert_cmphex(allocate(w, 0, 0, 0), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(allocate(w, 1, 4, 0), ==, CXL_RC_RESOURCES);
    g_assert_cmphex(allocate(w, 1, 0, 0), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(allocate(w, 1, 3, 0), ==, CXL_RC_RESOURCES);
    g_assert_cmphex(allocate(w, 1, 2, 0), ==, CXL_RC_SUCCESS);
    world_free(w);
}

/* A machine that names what has another size now had something else. */
static void test_comes_with_old_size(void)
{
    World *w = world_new();

    machine_comes(w, 0, 0);
    bound(w, 0, 1, 0);
    machine_leaves(w, 0);
    cxl_fabric_switch_died(w->sw, 0);
    g_assert_cmphex(allocate(w, 0, 0, 0), ==, CXL_RC_SUCCESS);
    g_assert_false(machine_comes(w, 0, 0));
    g_assert_cmphex(allocate(w, 0, 1, 0), ==, CXL_RC_SUCCESS);
    g_assert_false(machine_comes(w, 0, 0));
    world_free(w);
}

/* Who asked hears that a binding has changed, and that it is over. */
static void test_notifies(void)
{
    const uint16_t all = cpu_to_le16(CXL_EVENTS_MCTP_BACKGROUND | 0xf);
    World *w = world_new();

    machine_comes(w, 0, 0);
    bound(w, 0, 1, 0);
    g_assert_cmphex(w->news, ==, 0);
    g_assert_cmphex(manage(w, CXL_OP_EVENTS_SET_MCTP_POLICY, &all, 2), ==, 0);
    bound(w, 0, 2, 1);
    g_assert_cmphex(w->news & CXL_EVENTS_MCTP_BACKGROUND, ==,
                    CXL_EVENTS_MCTP_BACKGROUND);
    world_free(w);
}

static void test_fixed(void)
{
    World *w = world_new();

    cxl_fabric_switch_free(w->sw);
    w->cfg.fixed = true;
    world_open_switch(w);
    g_assert_cmphex(allocate(w, 0, 2, 0), ==, CXL_RC_UNSUPPORTED);
    world_free(w);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/fabric-switch/moves", test_moves);
    g_test_add_func("/cxl/fabric-switch/state-goes-along",
                    test_state_goes_along);
    g_test_add_func("/cxl/fabric-switch/state-of-another-size",
                    test_state_of_another_size);
    g_test_add_func("/cxl/fabric-switch/state-outlives-machine",
                    test_state_outlives_machine);
    g_test_add_func("/cxl/fabric-switch/state-is-handed-in-later",
                    test_state_is_handed_in_later);
    g_test_add_func("/cxl/fabric-switch/last-state-is-not-taken",
                    test_last_state_is_not_taken);
    g_test_add_func("/cxl/fabric-switch/last-state-is-old",
                    test_last_state_is_old);
    g_test_add_func("/cxl/fabric-switch/given-up-with-state",
                    test_given_up_with_state);
    g_test_add_func("/cxl/fabric-switch/refused", test_refused);
    g_test_add_func("/cxl/fabric-switch/machine-cannot", test_machine_cannot);
    g_test_add_func("/cxl/fabric-switch/given-up", test_given_up);
    g_test_add_func("/cxl/fabric-switch/given-up-unsaid",
                    test_given_up_unsaid);
    g_test_add_func("/cxl/fabric-switch/dies", test_dies);
    g_test_add_func("/cxl/fabric-switch/port", test_port);
    g_test_add_func("/cxl/fabric-switch/lies", test_lies);
    g_test_add_func("/cxl/fabric-switch/pool", test_pool);
    g_test_add_func("/cxl/fabric-switch/allocated", test_allocated);
    g_test_add_func("/cxl/fabric-switch/allocation-refused",
                    test_allocation_refused);
    g_test_add_func("/cxl/fabric-switch/comes-with-old-size",
                    test_comes_with_old_size);
    g_test_add_func("/cxl/fabric-switch/notifies", test_notifies);
    g_test_add_func("/cxl/fabric-switch/fixed", test_fixed);
    return g_test_run();
}
