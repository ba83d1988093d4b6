/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/fabric-link: what a host is told and in which order, lists in
 * parts, answers that cannot be, and how much is said to who does not read.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/fabric-fixture.h"

static World *attached(void)
{
    World *w = world_new();

    guest_attaches(w, 0, 0, 0);
    guest_reads(w, &w->guest[0]);
    g_assert_cmpuint(w->guest[0].welcome.regions, ==, 2);
    return w;
}

static void test_welcome(void)
{
    World *w = attached();
    const CxlFabricWelcome *c = &w->guest[0].welcome;

    g_assert_cmphex(c->size, ==, BLOCKS * BLOCK);
    g_assert_cmpuint(c->head, ==, 0);
    g_assert_cmpuint(c->max_extents, ==, 131072);
    g_assert_cmpuint(c->max_tags, ==, 4096);
    g_assert_cmphex(c->region[1].base, ==, PER * BLOCK);
    g_assert_cmphex(c->region[1].offset, ==, PER * BLOCK);
    g_assert_cmphex(c->region[1].len, ==, PER * BLOCK);
    g_assert_cmphex(c->region[1].block_size, ==, BLOCK);
    g_assert_cmphex(c->region[1].flags, ==, CXL_DC_REGION_SHARABLE);
    world_free(w);
}

/* Offers are answered in their order, in parts of any size. */
static void test_answers(void)
{
    World *w = attached();
    Guest *g = &w->guest[0];

    g_assert_cmphex(add(w, 0, 0, 4, 0), ==, 0);
    g_assert_cmphex(add(w, 0, 8, 4, 0), ==, 0);
    guest_reads(w, g);
    g_assert_cmpuint(g->offers.length, ==, 2);
    /* Not the oldest; more than was offered */
    g->lie_seq = g->seq + 1;
    guest_says(g, CXL_FABRIC_ANSWER, 1, 0xf00, 0);
    guest_reads(w, g);
    g_assert_cmphex(g->rc, ==, CXL_RC_INVALID_INPUT);
    g->answer_seq = g->seq + 1;
    guest_says(g, CXL_FABRIC_ANSWER, 0, 0x1f, 0);
    guest_reads(w, g);
    g_assert_cmphex(g->rc, ==, CXL_RC_INVALID_DPA);
    g_assert_cmpint(state_of(w, 0), ==, CXL_DC_OFFERED);
    /* Two parts, one of which is empty; the rest goes back */
    guest_says(g, CXL_FABRIC_ANSWER, 0, 1, CXL_FABRIC_MORE);
    guest_says(g, CXL_FABRIC_ANSWER, 0, 0, CXL_FABRIC_MORE);
    g->answer = 5;
    g->answer_seq = g->seq + 1;
    guest_says(g, CXL_FABRIC_ANSWER, 0, 4, 0);
    guest_reads(w, g);
    g_assert_cmphex(g->rc, ==, 0);
    g_assert_cmphex(g->mapped, ==, 5);
    g_assert_cmpint(state_of(w, 1), ==, CXL_DC_SANITIZING);
    guest_answers(g, 0);
    guest_reads(w, g);
    g_assert_cmpint(state_of(w, 8), ==, CXL_DC_SANITIZING);
    world_check(w);
    world_free(w);
}

static void hangs_up(World *w, Guest *g)
{
    guest_reads(w, g);
    g_assert_false(g->attached);
    g_assert_cmpuint(g->refused, ==, 1);
    g_assert_cmpuint(g->code, ==, CXL_FABRIC_NOT_UNDERSTOOD);
    world_check(w);
    world_free(w);
}

static void test_out_of_place(void)
{
    static const uint8_t types[] = {
        CXL_FABRIC_HOLDS, CXL_FABRIC_DONE, CXL_FABRIC_HELLO,
    };
    World *w;

    for (unsigned i = 0; i < G_N_ELEMENTS(types); i++) {
        w = attached();
        guest_says(&w->guest[0], types[i], 0, 0, 0);
        hangs_up(w, &w->guest[0]);
    }
    /* Another list within a list; and a number that changes */
    for (unsigned i = 0; i < 2; i++) {
        w = attached();
        g_assert_cmphex(add(w, 0, 0, 4, 0), ==, 0);
        guest_reads(w, &w->guest[0]);
        guest_says(&w->guest[0], CXL_FABRIC_ANSWER, 0, 1, CXL_FABRIC_MORE);
        guest_says(&w->guest[0], i ? CXL_FABRIC_RELEASE : CXL_FABRIC_ANSWER,
                   !i, 1, 0);
        hangs_up(w, &w->guest[0]);
    }
}

/* One TAKE_BACK at a time, and nothing is offered before it is done. */
static void test_take_back(void)
{
    World *w = attached();
    Guest *g = &w->guest[0];

    g_assert_cmphex(add(w, 0, 0, 8, 0), ==, 0);
    guest_reads(w, g);
    guest_answers(g, ~0ull);
    guest_reads(w, g);
    g_assert_cmphex(add(w, 0, 16, 2, 0), ==, 0);
    guest_reads(w, g);
    /* Accepted capacity, and an offer that it knows */
    g_assert_cmphex(take(w, 0, 1, 1, true), ==, 0);
    g_assert_cmphex(take(w, 0, 16, 1, true), ==, 0);
    guest_reads(w, g);
    g_assert_cmphex(g->taken, ==, 2 | 1 << 16);
    world_timer(w);
    g_assert_cmphex(take(w, 0, 3, 1, true), ==, 0);
    g_assert_cmphex(add(w, 0, 16, 1, 0), ==, 0);
    guest_reads(w, g);
    g_assert_cmphex(g->taken, ==, 2 | 1 << 16);
    guest_answers(g, ~0ull);
    guest_ends_access(g);
    guest_reads(w, g);
    g_assert_cmphex(g->mapped, ==, 0xfd | 1 << 17);
    g_assert_cmphex(g->taken, ==, 1 << 3);
    g_assert_cmpuint(g->offers.length, ==, 0);
    guest_ends_access(g);
    guest_reads(w, g);
    g_assert_cmpuint(g->offers.length, ==, 1);
    world_check(w);
    world_free(w);
}

static void test_ask_and_region(void)
{
    World *w = attached();
    Guest *g = &w->guest[0];
    CxlFmDcSetConfig in = { .region = 1, .sanitize = 1 };

    stq_le_p(&in.block_size, 2 * BLOCK);
    g_assert_cmphex(manage(w, CXL_OP_FM_DC_SET_CONFIG, &in, sizeof(in), NULL,
                           NULL), ==, 0);
    guest_reads(w, g);
    g_assert_cmpuint(g->updates, ==, 1);
    g_assert_cmphex(add(w, 0, 0, 4, 0), ==, 0);
    guest_reads(w, g);
    guest_answers(g, ~0ull);
    guest_reads(w, g);
    /* What it has given back meanwhile is not asked for. */
    g_assert_cmphex(take(w, 0, 0, 4, false), ==, 0);
    guest_releases(g, 2);
    guest_reads(w, g);
    g_assert_cmphex(g->asked, ==, 0xd);
    guest_says(g, CXL_FABRIC_PING, 0, 0, 0);
    guest_reads(w, g);
    world_free(w);
}

/* What is not read does not grow. */
static void test_slow_reader(void)
{
    World *w = attached();
    Guest *g = &w->guest[0];

    for (unsigned i = 0; i < 4000; i++) {
        g_assert_cmphex(add(w, 0, i % PER, 1, 0), ==, 0);
        cxl_fabric_link_fill(&g->link);
        g_assert_cmphex(take(w, 0, i % PER, 1, true), ==, 0);
        cxl_fabric_link_fill(&g->link);
        world_timer(w);
    }
    g_assert_cmpuint(g->link.out->len, <, CXL_FABRIC_LINK_FULL + 4096);
    g_assert_cmpuint(w->fabric->host[0].view.records.length, ==, 0);
    world_check(w);
    world_free(w);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/fabric-link/welcome", test_welcome);
    g_test_add_func("/cxl/fabric-link/answers", test_answers);
    g_test_add_func("/cxl/fabric-link/out-of-place", test_out_of_place);
    g_test_add_func("/cxl/fabric-link/take-back", test_take_back);
    g_test_add_func("/cxl/fabric-link/ask-and-region", test_ask_and_region);
    g_test_add_func("/cxl/fabric-link/slow-reader", test_slow_reader);
    return g_test_run();
}
