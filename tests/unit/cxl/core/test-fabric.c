/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/fabric: who may access what at each moment between two owners,
 * death, configurations that cannot be, and many random histories.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/fabric-model.h"
#include "tests/unit/growth.h"

/* Head @head has @count blocks from @block, accepted and mapped. */
static void has(World *w, unsigned head, unsigned block, unsigned count,
                uint8_t tag)
{
    Guest *g = &w->guest[head];

    g_assert_cmphex(add(w, head, block, count, tag), ==, 0);
    if (!g->attached) {
        guest_attaches(w, head, head, 0);
    }
    guest_reads(w, g);
    guest_answers(g, ~0ull);
    guest_reads(w, g);
    g_assert_cmphex(g->rc, ==, 0);
    g_assert_cmphex(g->mapped, !=, 0);
    world_check(w);
}

static void test_from_one_to_another(void)
{
    World *w = world_new();

    has(w, 0, 4, 2, 0);
    g_assert_cmpint(state_of(w, 4), ==, CXL_DC_OWNED);
    g_assert_cmphex(add(w, 1, 5, 1, 0), ==, CXL_RC_EXTENT_LIST);
    g_assert_cmphex(take(w, 0, 4, 2, false), ==, 0);
    g_assert_cmpint(state_of(w, 4), ==, CXL_DC_RETURNING);
    guest_reads(w, &w->guest[0]);
    g_assert_cmphex(w->guest[0].asked, ==, 3 << 4);
    guest_releases(&w->guest[0], ~0ull);
    g_assert_cmpint(state_of(w, 4), ==, CXL_DC_SANITIZING);
    g_assert_cmphex(add(w, 1, 4, 1, 0), ==, CXL_RC_EXTENT_LIST);
    world_timer(w);
    g_assert_cmpint(state_of(w, 4), ==, CXL_DC_FREE);
    /* The model asserts that the next owner finds nothing of the last one. */
    has(w, 1, 4, 2, 0);
    world_free(w);
}

/* Managers hear of answers if they asked to, unless a switch is between. */
static void test_notifies(void)
{
    const uint16_t all = cpu_to_le16(CXL_EVENTS_MCTP_LOGS);
    for (unsigned asks = 0; asks < 2; asks++) {
        World *w = world_new();

        if (asks) {
            g_assert_cmphex(manage(w, CXL_OP_EVENTS_SET_MCTP_POLICY, &all, 2,
                                   NULL, NULL), ==, 0);
        }
        has(w, 0, 4, 2, 0);
        g_assert_cmphex(w->news, ==, asks ? 1u << CXL_EVLOG_DC : 0);
        world_free(w);
    }
}

static void test_below_a_switch(void)
{
    const uint16_t all = cpu_to_le16(CXL_EVENTS_MCTP_LOGS);
    World *w = world_new();

    cxl_fabric_free(w->fabric);
    w->cfg.below = true;
    world_open(w);
    g_assert_cmphex(manage(w, CXL_OP_EVENTS_SET_MCTP_POLICY, &all, 2, NULL,
                           NULL), ==, CXL_RC_UNSUPPORTED);
    world_free(w);
}

/* A host that does not answer keeps it until it dies. */
static void test_forced(void)
{
    for (unsigned dies = 0; dies < 2; dies++) {
        World *w = world_new();
        Guest *g = &w->guest[0];

        has(w, 0, 0, 4, 0);
        g_assert_cmphex(take(w, 0, 1, 2, true), ==, 0);
        g_assert_cmpint(state_of(w, 1), ==, CXL_DC_LEAVING);
        world_timer(w);
        g_assert_cmphex(add(w, 1, 1, 1, 0), ==, CXL_RC_EXTENT_LIST);
        guest_reads(w, g);
        g_assert_true(g->must_end);
        g_assert_cmphex(g->taken, ==, 3 << 1);
        world_timer(w);
        g_assert_cmpint(state_of(w, 1), ==, CXL_DC_LEAVING);
        if (dies) {
            guest_dies(w, 0);
            world_check(w);
            g_assert_cmpint(state_of(w, 1), ==, CXL_DC_LEAVING);
            world_reaps(w);
            g_assert_false(w->fabric->host[0].seat.known);
            g_assert_cmpint(state_of(w, 0), ==, CXL_DC_SANITIZING);
        } else {
            guest_ends_access(g);
            g_assert_cmpint(state_of(w, 0), ==, CXL_DC_OWNED);
        }
        g_assert_cmpint(state_of(w, 1), ==, CXL_DC_SANITIZING);
        world_timer(w);
        world_check(w);
        has(w, 1, 1, 2, 0);
        model_end(w);
        world_free(w);
    }
}

/* The last one that shares has left; another one may still write into it. */
static void test_shared(void)
{
    World *w = world_new();

    has(w, 0, PER, 2, 7);
    g_assert_cmphex(change(w, CXL_OP_FM_DC_ADD, 1, CXL_DC_ADD_SHARED, PER, 1,
                           7), ==, 0);
    guest_attaches(w, 1, 1, 0);
    guest_reads(w, &w->guest[1]);
    guest_answers(&w->guest[1], ~0ull);
    guest_reads(w, &w->guest[1]);
    g_assert_cmphex(w->guest[1].mapped, ==, 3ull << PER);
    g_assert_cmphex(take(w, 0, PER, 2, true), ==, 0);
    g_assert_cmpint(state_of(w, PER), ==, CXL_DC_SHARED);
    guest_releases(&w->guest[1], ~0ull);
    g_assert_cmpint(state_of(w, PER), ==, CXL_DC_LEAVING);
    world_timer(w);
    world_check(w);
    guest_reads(w, &w->guest[0]);
    guest_ends_access(&w->guest[0]);
    world_timer(w);
    g_assert_cmpint(state_of(w, PER), ==, CXL_DC_FREE);
    model_end(w);
    world_free(w);
}

/* The host has its capacity as long as its process lives. */
static void test_death(void)
{
    World *w = world_new();

    has(w, 0, 0, 3, 0);
    g_assert_cmphex(add(w, 0, 8, 1, 0), ==, 0);
    guest_leave(&w->guest[0]);
    world_reaps(w);
    g_assert_cmpint(state_of(w, 0), ==, CXL_DC_OWNED);
    guest_dies(w, 0);
    world_reaps(w);
    g_assert_cmpint(state_of(w, 0), ==, CXL_DC_SANITIZING);
    g_assert_cmpint(state_of(w, 8), ==, CXL_DC_SANITIZING);
    w->broken = true;
    world_timer(w);
    g_assert_cmpint(state_of(w, 0), ==, CXL_DC_SANITIZING);
    w->broken = false;
    cxl_dcd_pool_retry(&w->fabric->pool);
    world_timer(w);
    g_assert_cmpint(state_of(w, 0), ==, CXL_DC_FREE);
    g_assert_cmphex(w->bytes[0], ==, 0);
    world_check(w);
    world_free(w);
}

/* Hosts come, get, lose and end; nothing is left of it. */
static void test_no_growth(void)
{
    World *w = world_new();
    Guest *g = &w->guest[0];

    for (unsigned i = 0; i < GROWTH_ROUNDS; i++) {
        has(w, 0, i % (PER - 4), 3, 0);
        has(w, 0, PER + i % (PER - 4), 3, 1 + i % 200);
        g_assert_cmphex(take(w, 0, i % (PER - 4), 1, true), ==, 0);
        guest_reads(w, g);
        guest_ends_access(g);
        guest_releases(g, ~0ull);
        guest_reads(w, g);
        guest_dies(w, 0);
        world_reaps(w);
        world_timer(w);
        world_keep(w);
        no_growth(i);
    }
    model_end(w);
    world_free(w);
}

static void test_would_change(void)
{
    static const struct {
        uint16_t opcode;
        bool changes;
    } rows[] = {
        { CXL_OP_IS_IDENTIFY, false }, { CXL_OP_FM_DC_INFO, false },
        { CXL_OP_FM_DC_EXTENTS, false }, { CXL_OP_FM_DC_TAGS, false },
        { CXL_OP_FM_DC_SET_CONFIG, true }, { CXL_OP_FM_DC_ADD, true },
        { CXL_OP_FM_DC_RELEASE, true }, { CXL_OP_FM_DC_ADD_REFERENCE, true },
        { CXL_OP_FM_DC_REMOVE_REFERENCE, true }, { 0x5100, false },
    };
    World *w = world_new();

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        CxlMessageHeader h = { .command_set = rows[i].opcode >> 8,
                               .command = rows[i].opcode };

        g_assert_true(cxl_fabric_would_change(w->fabric, (uint8_t *)&h,
                                              sizeof(h)) == rows[i].changes);
        g_assert_false(cxl_fabric_would_change(w->fabric, (uint8_t *)&h,
                                               sizeof(h) - 1));
    }
    world_free(w);
}

static void problem(CxlFabricConfig c, const char *has_words)
{
    g_autofree char *text = cxl_fabric_problem(&c);

    g_assert_nonnull(text);
    g_assert_nonnull(strstr(text, has_words));
}

static void test_problems(void)
{
    const CxlFabricConfig good = {
        .hosts = 32, .num_regions = 2, .regions = {
            { .len = 256 * MiB, .block_size = 2 * MiB },
            { .base = 256 * MiB, .len = 512 * MiB, .block_size = 64 },
        },
    };
    CxlFabricConfig c = good;

    g_assert_null(cxl_fabric_problem(&c));
    c.hosts = 0;
    problem(c, "0 hosts");
    c.hosts = 33;
    problem(c, "33 hosts");
    c = good;
    c.num_regions = 0;
    problem(c, "0 regions");
    c = good;
    c.regions[1].block_size = 3 * MiB;
    problem(c, "block size of region 1");
    c.regions[1].block_size = 32;
    problem(c, "block size of region 1");
    c = good;
    c.regions[0].len = 128 * MiB;
    problem(c, "region 0 has 134217728 bytes");
    c.regions[0].len = 0;
    problem(c, "region 0");
    c = good;
    c.regions[1].base = 0;
    problem(c, "region 1 overlaps");
    c.regions[1].base = 0 - 512 * MiB;
    problem(c, "region 1 overlaps");
    c = good;
    c.regions[1].block_size = 512 * MiB;
    problem(c, "region 1 has");
}

static void test_histories(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(20261130);

    for (unsigned round = 0; round < 60; round++) {
        World *w = world_new();

        for (unsigned i = 0; i < 300; i++) {
            uint32_t r = g_rand_int(rand);
            uint8_t s[MODEL_STEP] = { r, r >> 8, r >> 16, r >> 24 };

            /* Deaths and restarts are rare beside all else. */
            if ((s[0] & 15) >= 12 && g_rand_boolean(rand)) {
                s[0] |= 15;
            }
            model_step(w, s);
        }
        model_end(w);
        world_free(w);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/fabric/from-one-to-another",
                    test_from_one_to_another);
    g_test_add_func("/cxl/fabric/notifies", test_notifies);
    g_test_add_func("/cxl/fabric/below-a-switch", test_below_a_switch);
    g_test_add_func("/cxl/fabric/forced", test_forced);
    g_test_add_func("/cxl/fabric/shared", test_shared);
    g_test_add_func("/cxl/fabric/death", test_death);
    g_test_add_func("/cxl/fabric/no-growth", test_no_growth);
    g_test_add_func("/cxl/fabric/would-change", test_would_change);
    g_test_add_func("/cxl/fabric/problems", test_problems);
    g_test_add_func("/cxl/fabric/histories", test_histories);
    return g_test_run();
}
