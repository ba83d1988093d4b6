/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scheduler alone, with turns that are counted: fairness, QoS, doorbells.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/dma/sdxi/core/sched.h"
#include "tests/unit/sdxi/fake-guest.h"

typedef struct Fake {
    SdxiSched sched;
    SdxiContextTable table;
    uint64_t used[8];
    unsigned turns[8];
    uint64_t work[8];       /* units left to do */
    unsigned rung[65536];
    unsigned stall;         /* this number cannot be looked at */
    bool yield;
} Fake;

static SdxiTurn turn(void *opaque, SdxiContext *cxt, uint64_t allowance,
                     uint64_t *used)
{
    Fake *f = opaque;
    unsigned n = cxt->number - 1;

    n %= ARRAY_SIZE(f->work);
    g_assert_cmpuint(allowance, >, 0);
    *used = MIN(allowance, f->work[n]);
    f->work[n] -= *used;
    f->used[n] += *used;
    f->turns[n]++;
    return f->work[n] ? SDXI_TURN_READY : SDXI_TURN_IDLE;
}

static bool doorbell(void *opaque, uint16_t number)
{
    Fake *f = opaque;

    if (f->stall && number == f->stall) {
        return false;
    }
    f->rung[number]++;
    return true;
}

static bool yield(void *opaque)
{
    return ((Fake *)opaque)->yield;
}

static const SdxiSchedCalls calls = { turn, doorbell, yield };

/* Those who are counted at [0] and up are contexts 1 and up. */
static SdxiContext *nth(Fake *f, unsigned n)
{
    return sdxi_context_find(&f->table, n + 1);
}

static Fake *fake_new(unsigned running)
{
    Fake *f = g_new0(Fake, 1);

    sdxi_sched_init(&f->sched, 65536);
    for (unsigned n = 0; n < running; n++) {
        SdxiContext *cxt = sdxi_context_add(&f->table, n + 1);

        f->work[n] = UINT64_MAX;
        sdxi_sched_ready(&f->sched, cxt);
    }
    return f;
}

static void fake_free(Fake *f)
{
    g_assert_cmpstr(sdxi_sched_check(&f->sched), ==, NULL);
    sdxi_sched_destroy(&f->sched);
    sdxi_context_remove_all(&f->table);
    g_free(f);
}

static void test_fair(void)
{
    Fake *f = fake_new(4);

    for (unsigned i = 0; i < 100; i++) {
        g_assert_true(sdxi_sched_run(&f->sched, &calls, f,
                                     4 * SDXI_SCHED_TURN));
    }
    for (unsigned n = 0; n < 4; n++) {
        g_assert_cmpuint(f->used[n], ==, 100 * SDXI_SCHED_TURN);
    }
    fake_free(f);
}

static void test_qos(void)
{
    Fake *f = fake_new(4);

    for (unsigned n = 0; n < 4; n++) {
        nth(f, n)->geo.qos = n;
    }
    for (unsigned i = 0; i < 10; i++) {
        sdxi_sched_run(&f->sched, &calls, f, 15 * SDXI_SCHED_TURN);
    }
    for (unsigned n = 0; n < 4; n++) {
        g_assert_cmpuint(f->turns[n], ==, 10);
        g_assert_cmpuint(f->used[n], ==, 10ull * SDXI_SCHED_TURN << n);
    }
    fake_free(f);
}

/* Longer turns, but only while nobody else is there. */
static void test_alone(void)
{
    Fake *f = fake_new(1);
    SdxiContext *cxt = nth(f, 0);
    SdxiContext *second;

    g_assert_cmpuint(sdxi_sched_allowance(&f->sched, cxt), ==,
                     SDXI_SCHED_ALONE);
    cxt->geo.qos = 3;
    g_assert_cmpuint(sdxi_sched_allowance(&f->sched, cxt), ==,
                     8 * SDXI_SCHED_TURN);
    cxt->geo.qos = 0;
    sdxi_sched_ring(&f->sched, 4711);
    g_assert_cmpuint(sdxi_sched_allowance(&f->sched, cxt), ==,
                     SDXI_SCHED_TURN);
    g_assert_true(sdxi_sched_run(&f->sched, &calls, f, 1024));
    g_assert_cmpuint(sdxi_sched_allowance(&f->sched, cxt), ==,
                     SDXI_SCHED_ALONE);
    second = sdxi_context_add(&f->table, 2);
    sdxi_sched_ready(&f->sched, second);
    g_assert_cmpuint(sdxi_sched_allowance(&f->sched, cxt), ==,
                     SDXI_SCHED_TURN);
    /* somebody else has the turn of that one: the rest are alone */
    sdxi_sched_lease(&f->sched, second);
    g_assert_cmpuint(sdxi_sched_allowance(&f->sched, cxt), ==,
                     SDXI_SCHED_ALONE);
    sdxi_sched_give_back(&f->sched, second, SDXI_TURN_IDLE);
    fake_free(f);
}

static void test_small_budget(void)
{
    Fake *f = fake_new(2);

    g_assert_true(sdxi_sched_run(&f->sched, &calls, f, 1));
    g_assert_cmpuint(f->used[0] + f->used[1], ==, 1);
    g_assert_true(sdxi_sched_run(&f->sched, &calls, f, 1));
    g_assert_cmpuint(f->used[0], ==, 1);
    g_assert_cmpuint(f->used[1], ==, 1);
    fake_free(f);
}

static void test_yield(void)
{
    Fake *f = fake_new(3);

    f->yield = true;
    g_assert_true(sdxi_sched_run(&f->sched, &calls, f, UINT64_MAX));
    g_assert_cmpuint(f->turns[0] + f->turns[1] + f->turns[2], ==, 1);
    fake_free(f);
}

static void test_idle(void)
{
    Fake *f = fake_new(2);

    f->work[0] = 10;
    f->work[1] = 3 * SDXI_SCHED_ALONE;
    g_assert_false(sdxi_sched_run(&f->sched, &calls, f, UINT64_MAX));
    g_assert_cmpuint(f->turns[0], ==, 1);
    g_assert_cmpuint(f->turns[1], ==, 3);
    g_assert_cmpint(nth(f, 0)->queue, ==,
                    SDXI_QUEUE_NONE);
    fake_free(f);
}

static void test_doorbells(void)
{
    Fake *f = fake_new(0);

    for (unsigned n = 0; n < 65536; n++) {
        g_assert_true(sdxi_sched_ring(&f->sched, n));
        g_assert_false(sdxi_sched_ring(&f->sched, n));
        g_assert_true(sdxi_sched_is_rung(&f->sched, n));
    }
    while (sdxi_sched_run(&f->sched, &calls, f, 100 * 1000)) {
        g_assert_null(sdxi_sched_check(&f->sched));
    }
    for (unsigned n = 0; n < 65536; n++) {
        g_assert_cmpuint(f->rung[n], ==, 1);
        g_assert_false(sdxi_sched_is_rung(&f->sched, n));
    }
    fake_free(f);
}

static void test_doorbells_random(void)
{
    Fake *f = fake_new(0);
    g_autofree uint8_t *want = g_malloc0(65536);

    for (unsigned i = 0; i < 2000; i++) {
        unsigned n = g_test_rand_int_range(0, 65536);

        sdxi_sched_ring(&f->sched, n);
        want[n] = 1;
        if (i % 7 == 0) {
            sdxi_sched_run(&f->sched, &calls, f,
                           g_test_rand_int_range(1, 5000));
            g_assert_null(sdxi_sched_check(&f->sched));
        }
    }
    while (sdxi_sched_run(&f->sched, &calls, f, 5000)) {
        g_assert_null(sdxi_sched_check(&f->sched));
    }
    for (unsigned n = 0; n < 65536; n++) {
        g_assert_cmpuint(!!f->rung[n], ==, want[n]);
    }
    fake_free(f);
}

/* One that has to wait does not spin, and is not forgotten. */
static void test_stalled(void)
{
    Fake *f = fake_new(0);

    f->stall = 500;
    sdxi_sched_ring(&f->sched, 500);
    sdxi_sched_ring(&f->sched, 501);
    sdxi_sched_ring(&f->sched, 900);
    g_assert_false(sdxi_sched_run(&f->sched, &calls, f, UINT64_MAX));
    g_assert_cmpuint(f->rung[501], ==, 1);
    g_assert_cmpuint(f->rung[900], ==, 1);
    g_assert_true(sdxi_sched_is_rung(&f->sched, 500));
    g_assert_cmpuint(f->rung[500], ==, 0);
    f->stall = 0;
    g_assert_false(sdxi_sched_run(&f->sched, &calls, f, UINT64_MAX));
    g_assert_cmpuint(f->rung[500], ==, 1);
    g_assert_false(sdxi_sched_is_rung(&f->sched, 500));
    fake_free(f);
}

static void test_quiet(void)
{
    Fake *f = fake_new(0);

    for (unsigned n = 0; n < 65536; n += 100) {
        sdxi_sched_ring(&f->sched, n);
    }
    sdxi_sched_quiet(&f->sched);
    g_assert_false(sdxi_sched_run(&f->sched, &calls, f, UINT64_MAX));
    for (unsigned n = 0; n < 65536; n++) {
        g_assert_cmpuint(f->rung[n], ==, 0);
    }
    g_assert_true(sdxi_sched_ring(&f->sched, 100));
    fake_free(f);
}

/* Context 0 is counted last. */
#define ADMIN 7

/* It waits for one turn at most, whenever it gets something to do. */
static void test_admin_first(void)
{
    Fake *f = fake_new(6);
    SdxiContext *admin = sdxi_context_add(&f->table, 0);

    for (unsigned i = 0; i < 50; i++) {
        f->work[ADMIN] = 10;
        sdxi_sched_ready(&f->sched, admin);
        g_assert_true(sdxi_sched_run(&f->sched, &calls, f, 20));
        g_assert_cmpuint(f->turns[ADMIN], ==, i + 1);
        g_assert_true(sdxi_sched_run(&f->sched, &calls, f,
                                     i * SDXI_SCHED_TURN + 1));
    }
    fake_free(f);
}

/* With endless work it has every second turn, and the others theirs. */
static void test_admin_is_fair(void)
{
    Fake *f = fake_new(6);

    f->work[ADMIN] = UINT64_MAX;
    sdxi_sched_ready(&f->sched, sdxi_context_add(&f->table, 0));
    sdxi_sched_run(&f->sched, &calls, f, 120 * SDXI_SCHED_TURN);
    g_assert_cmpuint(f->turns[ADMIN], ==, 60);
    for (unsigned n = 0; n < 6; n++) {
        g_assert_cmpuint(f->turns[n], ==, 10);
    }
    fake_free(f);
}

/* Its doorbell is seen before a thousand others. */
static void test_admin_doorbell(void)
{
    Fake *f = fake_new(1);

    for (unsigned n = 1; n < 2000; n++) {
        sdxi_sched_ring(&f->sched, n);
    }
    sdxi_sched_run(&f->sched, &calls, f, 16 * SDXI_COST_DOORBELL);
    sdxi_sched_ring(&f->sched, 0);
    sdxi_sched_run(&f->sched, &calls, f, 1);
    g_assert_cmpuint(f->rung[0], ==, 1);
    g_assert_cmpuint(f->rung[1999], ==, 0);
    while (f->rung[1999] < 1) {
        g_assert_true(sdxi_sched_run(&f->sched, &calls, f,
                                     SDXI_SCHED_TURN));
    }
    g_assert_cmpuint(f->rung[0], ==, 1);
    fake_free(f);
}

static void many(SdxiConfig *config)
{
    config->contexts = 1024;
}

/* Two contexts, one with an endless supply of long copies. */
static void test_independent(void)
{
    FakeHost *g = guest_new(NULL);
    unsigned rounds = 0;

    guest_activate(g);
    for (unsigned n = 1; n <= 2; n++) {
        guest_context(g, n, n, STOP_SW);
        guest_start(g, n);
    }
    for (unsigned i = 0; i < 100; i++) {
        Dsc copy = dsc_copy(FAKE_SINK, FAKE_SINK + (1 << 30), 64 << 20, 0, 0,
                            0);
        Dsc nop = dsc_nop(0);

        guest_push(g, 1, &copy);
        guest_push(g, 2, &nop);
    }
    guest_ring(g, 1, 100);
    guest_ring(g, 2, 100);
    while (guest_read_index(g, 2) < 100) {
        g_assert_true(guest_run_once(g, 1 << 20));
        g_assert_cmpuint(rounds++, <, 4);
    }
    g_assert_cmpuint(guest_read_index(g, 1), <, 2);
    /* one that is broken does not hold up the other */
    fake_st(g, G_WIDX(2), 0);
    guest_ring(g, 2, 0);
    for (unsigned i = 0; i < 200; i++) {
        g_assert_true(guest_run_once(g, 1 << 20));
    }
    g_assert_cmpuint(guest_state(g, 2), ==, ERR_FN);
    g_assert_cmpuint(guest_read_index(g, 1), >, 2);
    guest_free(g);
}

/* A doorbell costs the one who rings the same, whatever is going on. */
static void test_doorbell_cost(void)
{
    FakeHost *g = guest_new(many);
    uint64_t accesses;

    guest_activate(g);
    for (unsigned n = 1; n <= 1000; n++) {
        guest_context(g, n, 1 + n % 15, RUN);
    }
    accesses = g->accesses;
    for (unsigned n = 1; n <= 1000; n++) {
        unsigned kicks = g->kicks;

        guest_ring(g, n, n);
        g_assert_cmpuint(g->kicks, ==, kicks + 1);
        guest_ring(g, n, n);
        g_assert_cmpuint(g->kicks, ==, kicks + 1);
    }
    g_assert_cmpuint(g->accesses, ==, accesses);
    guest_run(g);
    guest_free(g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/sched/fair", test_fair);
    g_test_add_func("/sdxi/sched/qos", test_qos);
    g_test_add_func("/sdxi/sched/alone", test_alone);
    g_test_add_func("/sdxi/sched/small-budget", test_small_budget);
    g_test_add_func("/sdxi/sched/yield", test_yield);
    g_test_add_func("/sdxi/sched/idle", test_idle);
    g_test_add_func("/sdxi/sched/doorbells", test_doorbells);
    g_test_add_func("/sdxi/sched/doorbells-random", test_doorbells_random);
    g_test_add_func("/sdxi/sched/stalled", test_stalled);
    g_test_add_func("/sdxi/sched/quiet", test_quiet);
    g_test_add_func("/sdxi/sched/admin-first", test_admin_first);
    g_test_add_func("/sdxi/sched/admin-is-fair", test_admin_is_fair);
    g_test_add_func("/sdxi/sched/admin-doorbell", test_admin_doorbell);
    g_test_add_func("/sdxi/rng-09/independent", test_independent);
    g_test_add_func("/sdxi/sched/doorbell-cost", test_doorbell_cost);
    return g_test_run();
}
