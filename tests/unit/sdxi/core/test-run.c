/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The worker's entry: budgets and yields are kept, stops are bounded.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "tests/unit/sdxi/fake-guest.h"

/* A run that is told to yield ends after one chunk. */
static void test_yield_in_copy(void)
{
    FakeHost *g = guest_active();
    Dsc copy = dsc_copy(FAKE_SINK, FAKE_SINK, UINT64_C(4) << 30, 0, 0,
                        G_CSB(1, 0));
    SdxiInfo info;

    guest_push(g, 1, &copy);
    guest_ring(g, 1, 1);
    g->yield = true;
    g_assert_true(sdxi_device_run(g->dev, UINT64_MAX));
    sdxi_device_query(g->dev, &info);
    g_assert_cmpuint(info.counters.bytes, <=, SDXI_HOST_CHUNK);
    g_assert_true(sdxi_device_run(g->dev, UINT64_MAX));
    sdxi_device_query(g->dev, &info);
    g_assert_cmpuint(info.counters.bytes, <=, 2 * SDXI_HOST_CHUNK);
    guest_request(g, GSR_RESET);
    guest_free(g);
}

/* Somebody waits all the time: each turn executes something all the same. */
static void test_yield_always(void)
{
    for (unsigned by_pointer = 0; by_pointer < 2; by_pointer++) {
        FakeHost *g = guest_active();

        g->by_pointer = g->quiet = by_pointer;
        guest_arm(g, 1, 0, 20);
        for (unsigned i = 0; i < 20; i++) {
            Dsc d = i % 2 ? dsc_nop(G_CSB(1, 0))
                          : dsc_repcopy(G_DATA, G_DATA + 8192, 8192,
                                        G_CSB(1, 0));

            guest_push(g, 1, &d);
        }
        guest_ring(g, 1, 20);
        g->yield = true;
        for (unsigned i = 1; i <= 20; i++) {
            sdxi_device_run(g->dev, 1 << 20);
            g_assert_cmpuint(guest_read_index(g, 1), >=, i);
        }
        g_assert_cmpuint(guest_signal(g, 1, 0), ==, 0);
        guest_free(g);
    }
}

/* The budget holds, too. */
static void test_budget(void)
{
    FakeHost *g = guest_active();
    Dsc copy = dsc_copy(FAKE_SINK, FAKE_SINK, UINT64_C(4) << 30, 0, 0, 0);
    SdxiInfo info;

    guest_push(g, 1, &copy);
    guest_ring(g, 1, 1);
    for (unsigned i = 1; i < 10; i++) {
        g_assert_true(guest_run_once(g, 1 << 20));
        sdxi_device_query(g->dev, &info);
        g_assert_cmpuint(info.counters.bytes, <=,
                         i * ((1 << 20) + SDXI_HOST_CHUNK));
    }
    guest_request(g, GSR_RESET);
    guest_free(g);
}

/* A stop of the function does not wait for memory that never comes. */
static void test_again_for_ever(void)
{
    FakeHost *g = guest_active();
    unsigned rounds = 0;

    fake_host_trap(g, G_DATA, 64, FAKE_READ, SDXI_MEM_AGAIN, 0);
    guest_do(g, 1, 1, dsc_copy(G_DATA, G_DATA + 4096, 64, 0, 0, 0));
    guest_request(g, GSR_STOP_SF);
    while (guest_gsv(g) != GSV_STOP) {
        g->now_ns += 10 * 1000 * 1000;
        guest_run_once(g, 1 << 20);
        g_assert_cmpuint(rounds++, <, 50);
    }
    g_assert_cmpuint(guest_state(g, 1), ==, STOP_FN);
    g_assert_cmpuint(guest_read_index(g, 1), ==, 0);
    guest_free(g);
}

/*
 * Who waits for memory in a stop asks again when it is kicked, or when the stop
 * is to end; meanwhile nobody is kept busy by it.
 */
static void test_stop_parks(void)
{
    FakeHost *g = guest_active();
    uint64_t accesses;

    fake_host_trap(g, G_DATA, 64, FAKE_READ, SDXI_MEM_AGAIN, 0);
    guest_do(g, 1, 1, dsc_copy(G_DATA, G_DATA + 4096, 64, 0, 0, 0));
    guest_request(g, GSR_STOP_SF);
    g_assert_false(guest_run_once(g, 1 << 20));
    g_assert_cmpint(g->wake_ns, ==, g->now_ns + 400 * 1000 * 1000);
    accesses = g->accesses;
    g->now_ns += 100 * 1000 * 1000;
    g_assert_false(guest_run_once(g, 1 << 20));
    g_assert_cmpuint(g->accesses, >, accesses);
    g_assert_cmpint(g->wake_ns, ==, g->now_ns + 300 * 1000 * 1000);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOPG_SF);
    g->now_ns = g->wake_ns;
    guest_run(g);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
    guest_free(g);
}

/* Nothing to do means nothing is touched. */
static void test_idle(void)
{
    FakeHost *g = guest_active();
    uint64_t accesses = g->accesses;

    g_assert_false(guest_run_once(g, 1 << 20));
    g_assert_false(guest_run_once(g, 1));
    g_assert_false(guest_run_once(g, UINT64_MAX));
    g_assert_cmpuint(g->accesses, ==, accesses);
    guest_free(g);
}

/* --- several pipes --- */

#define LANES 3

typedef struct Pipes {
    FakeHost *g;
    SdxiPipe *pipe[LANES];
    pthread_mutex_t owner;
    unsigned threads;
} Pipes;

/* Contexts 1 to LANES run. */
static void pipes_open(Pipes *l, bool by_pointer)
{
    memset(l, 0, sizeof(*l));
    pthread_mutex_init(&l->owner, NULL);
    l->g = guest_active();
    for (unsigned n = 2; n <= LANES; n++) {
        guest_context(l->g, n, n, STOP_SW);
        guest_start(l->g, n);
    }
    guest_run(l->g);
    l->g->by_pointer = l->g->quiet = by_pointer;
    for (unsigned i = 0; i < LANES; i++) {
        l->pipe[i] = sdxi_pipe_new(l->g->dev, l->g);
    }
}

static void pipes_close(Pipes *l)
{
    for (unsigned i = 0; i < LANES; i++) {
        sdxi_pipe_free(l->pipe[i]);
    }
    guest_free(l->g);
}

static SdxiPick pick(Pipes *l, unsigned pipe)
{
    bool others;
    SdxiPick result = sdxi_pipe_pick(l->pipe[pipe], true, &others);

    g_assert_cmpstr(sdxi_device_check(l->g->dev), ==, NULL);
    return result;
}

static void push(Pipes *l, unsigned n, Dsc d)
{
    guest_push(l->g, n, &d);
    guest_ring(l->g, n, 1);
}

static void settle(Pipes *l)
{
    SdxiPick what;

    while ((what = pick(l, 0)) != SDXI_PICK_NOTHING) {
        if (what == SDXI_PICK_WORK) {
            sdxi_pipe_work(l->pipe[0]);
            sdxi_pipe_put(l->pipe[0]);
        }
    }
}

/* Two contexts at a time, and one context never twice. */
static void test_lanes_side_by_side(void)
{
    Pipes l;

    pipes_open(&l, true);
    push(&l, 1, dsc_nop(0));
    push(&l, 2, dsc_nop(0));
    g_assert_cmpint(pick(&l, 0), ==, SDXI_PICK_WORK);
    guest_ring(l.g, 1, 1);
    g_assert_cmpint(pick(&l, 1), ==, SDXI_PICK_WORK);
    g_assert_cmpint(pick(&l, 2), ==, SDXI_PICK_NOTHING);
    sdxi_pipe_work(l.pipe[1]);
    sdxi_pipe_work(l.pipe[0]);
    sdxi_pipe_put(l.pipe[0]);
    sdxi_pipe_put(l.pipe[1]);
    for (unsigned n = 1; n <= 2; n++) {
        g_assert_cmpuint(guest_read_index(l.g, n), ==, 1);
    }
    settle(&l);
    pipes_close(&l);
}

/* A doorbell that comes between the end of the work and its return. */
static void test_lanes_doorbell(void)
{
    Pipes l;

    pipes_open(&l, true);
    push(&l, 1, dsc_nop(0));
    g_assert_cmpint(pick(&l, 0), ==, SDXI_PICK_WORK);
    sdxi_pipe_work(l.pipe[0]);
    push(&l, 1, dsc_nop(0));
    g_assert_cmpint(pick(&l, 1), ==, SDXI_PICK_NOTHING);
    sdxi_pipe_put(l.pipe[0]);
    g_assert_cmpint(pick(&l, 1), ==, SDXI_PICK_WORK);
    sdxi_pipe_work(l.pipe[1]);
    sdxi_pipe_put(l.pipe[1]);
    g_assert_cmpuint(guest_read_index(l.g, 1), ==, 2);
    settle(&l);
    pipes_close(&l);
}

/* Context 0 waits for the others, who are told to hurry. */
static void test_lanes_admin(void)
{
    Pipes l;

    pipes_open(&l, false);
    push(&l, 1, dsc_copy(FAKE_SINK, FAKE_SINK, UINT64_C(4) << 30, 0, 0, 0));
    g_assert_cmpint(pick(&l, 0), ==, SDXI_PICK_WORK);
    push(&l, 2, dsc_nop(0));
    push(&l, 0, dsc_admin(D_STOP, 1, 2, G_CSB(0, 0)));
    guest_arm(l.g, 0, 0, 1);
    for (unsigned i = 0; i < 4; i++) {
        SdxiPick what = pick(&l, 1);

        if (what == SDXI_PICK_WORK) {
            sdxi_pipe_work(l.pipe[1]);
            sdxi_pipe_put(l.pipe[1]);
        }
    }
    g_assert_cmpint(pick(&l, 1), ==, SDXI_PICK_NOTHING);
    g_assert_cmpuint(guest_signal(l.g, 0, 0), ==, 1);
    sdxi_pipe_work(l.pipe[0]);
    sdxi_pipe_put(l.pipe[0]);
    l.g->now_ns += 1000 * 1000 * 1000;
    while (guest_signal(l.g, 0, 0)) {
        g_assert_cmpint(pick(&l, 0), ==, SDXI_PICK_AGAIN);
    }
    l.g->now_ns += 1000 * 1000 * 1000;
    settle(&l);
    for (unsigned n = 1; n <= 2; n++) {
        g_assert_cmpuint(guest_state(l.g, n), ==, STOP_SW);
    }
    pipes_close(&l);
}

/* One that fails takes the function down while another works. */
static void test_lanes_error(void)
{
    Pipes l;

    pipes_open(&l, true);
    push(&l, 1, dsc_nop(0));
    g_assert_cmpint(pick(&l, 0), ==, SDXI_PICK_WORK);
    push(&l, 2, dsc_copy(0, 0, 1, 100, 0, 0));
    g_assert_cmpint(pick(&l, 1), ==, SDXI_PICK_WORK);
    sdxi_pipe_work(l.pipe[1]);
    sdxi_pipe_put(l.pipe[1]);
    g_assert_cmpint(pick(&l, 1), ==, SDXI_PICK_AGAIN);
    g_assert_cmpuint(guest_state(l.g, 2), ==, ERR_FN);
    fake_host_trap(l.g, G_L2, 4096, FAKE_READ, SDXI_MEM_ACCESS, 0);
    l.g->by_pointer = false;
    guest_ring(l.g, 77, 1);
    pick(&l, 1);
    g_assert_cmpuint(guest_gsv(l.g), ==, GSV_ERROR);
    sdxi_pipe_work(l.pipe[0]);
    sdxi_pipe_put(l.pipe[0]);
    settle(&l);
    g_assert_cmpuint(guest_state(l.g, 1), ==, ERR_FN);
    g_assert_cmpuint(guest_read_index(l.g, 1), ==, 0);
    pipes_close(&l);
}

/* A doorbell that memory cannot answer yet waits: nobody is kept busy by it. */
static void test_lanes_doorbell_waits(void)
{
    Pipes l;

    pipes_open(&l, false);
    guest_context(l.g, 5, 5, RUN);
    fake_host_trap(l.g, G_CTL(5), 32, FAKE_READ, SDXI_MEM_AGAIN, 0);
    guest_ring(l.g, 5, 1);
    for (unsigned i = 0; i < 3; i++) {
        bool others = true;

        g_assert_cmpint(sdxi_pipe_pick(l.pipe[0], true, &others), ==,
                        SDXI_PICK_NOTHING);
        g_assert_false(others);
    }
    /* It is not forgotten. */
    fake_host_no_traps(l.g);
    g_assert_cmpint(pick(&l, 0), ==, SDXI_PICK_WORK);
    sdxi_pipe_work(l.pipe[0]);
    sdxi_pipe_put(l.pipe[0]);
    pipes_close(&l);
}

/* Nobody comes to unpark it, but there is a time when it has to stop. */
static void test_lanes_deadline(void)
{
    unsigned rounds = 0;
    bool others;
    Pipes l;

    pipes_open(&l, false);
    fake_host_trap(l.g, G_DATA, 64, FAKE_READ, SDXI_MEM_AGAIN, 0);
    push(&l, 1, dsc_copy(G_DATA, G_DATA + 4096, 64, 0, 0, 0));
    g_assert_cmpint(pick(&l, 0), ==, SDXI_PICK_WORK);
    sdxi_pipe_work(l.pipe[0]);
    sdxi_pipe_put(l.pipe[0]);
    g_assert_cmpint(sdxi_pipe_pick(l.pipe[0], false, &others), ==,
                    SDXI_PICK_NOTHING);
    guest_arm(l.g, 0, 0, 1);
    push(&l, 0, dsc_admin(D_STOP, 1, 1, G_CSB(0, 0)));
    while (guest_signal(l.g, 0, 0)) {
        g_assert_cmpint(sdxi_pipe_pick(l.pipe[0], false, &others), ==,
                        SDXI_PICK_AGAIN);
    }
    while (sdxi_pipe_pick(l.pipe[0], false, &others) == SDXI_PICK_AGAIN) {
        g_assert_cmpuint(rounds++, <, 5);
    }
    g_assert_cmpint(l.g->wake_ns, ==, l.g->now_ns + 400 * 1000 * 1000);
    l.g->now_ns = l.g->wake_ns;
    while (sdxi_pipe_pick(l.pipe[0], false, &others) == SDXI_PICK_AGAIN) {
        g_assert_cmpuint(rounds++, <, 50);
    }
    g_assert_cmpuint(guest_state(l.g, 1), ==, STOP_SW);
    g_assert_cmpuint(guest_read_index(l.g, 1), ==, 0);
    pipes_close(&l);
}

static void *pipe_thread(void *opaque)
{
    Pipes *l = opaque;
    unsigned me = qatomic_fetch_inc(&l->threads);
    SdxiPipe *pipe = l->pipe[me];
    bool others;

    pthread_mutex_lock(&l->owner);
    for (unsigned misses = 0; misses < 200;) {
        SdxiPick what = sdxi_pipe_pick(pipe, misses, &others);

        g_assert_cmpstr(sdxi_device_check(l->g->dev), ==, NULL);
        if (what == SDXI_PICK_WORK) {
            pthread_mutex_unlock(&l->owner);
            sdxi_pipe_work(pipe);
            pthread_mutex_lock(&l->owner);
            sdxi_pipe_put(pipe);
        }
        if (what != SDXI_PICK_NOTHING) {
            misses = 0;
            continue;
        }
        misses++;
        pthread_mutex_unlock(&l->owner);
        g_usleep(100);
        pthread_mutex_lock(&l->owner);
    }
    pthread_mutex_unlock(&l->owner);
    return NULL;
}

#define COPIES 900
#define PLACE(n, i) (G_DATA + (n) * 0x100000u + (i) % 200 * 4096)

/* Real threads, three contexts and updates from context 0 all the time. */
static void test_lanes_threads(void)
{
    GThread *thread[LANES];
    SdxiInfo info;
    Pipes l;

    pipes_open(&l, true);
    for (unsigned n = 1; n <= LANES; n++) {
        guest_arm(l.g, n, 0, COPIES);
        guest_pattern(l.g, PLACE(n, 0), 4096, n);
        for (unsigned i = 0; i < COPIES; i++) {
            Dsc d = dsc_copy(PLACE(n, i), PLACE(n, i + 1),
                             i % 100 ? 64 : 4096, 0, 0, G_CSB(n, 0));

            guest_push(l.g, n, &d);
        }
        guest_ring(l.g, n, 1);
    }
    for (unsigned i = 0; i < 50; i++) {
        push(&l, 0, dsc_admin(D_CXT_UPD, 0, 100, 0));
        push(&l, 0, dsc_sync(0, 1, LANES, 0));
    }
    for (unsigned i = 0; i < LANES; i++) {
        thread[i] = g_thread_new("pipe", pipe_thread, &l);
    }
    for (unsigned i = 0; i < LANES; i++) {
        g_thread_join(thread[i]);
    }
    for (unsigned n = 1; n <= LANES; n++) {
        g_assert_cmpuint(guest_signal(l.g, n, 0), ==, 0);
        g_assert_cmpuint(guest_read_index(l.g, n), ==, COPIES);
        g_assert_cmpmem(l.g->memory + PLACE(n, 1), 64,
                        l.g->memory + PLACE(n, COPIES), 64);
    }
    sdxi_device_query(l.g->dev, &info);
    g_assert_cmpuint(info.counters.descriptors, >=, 3 * COPIES + 100);
    pipes_close(&l);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/run/yield-in-copy", test_yield_in_copy);
    g_test_add_func("/sdxi/run/yield-always", test_yield_always);
    g_test_add_func("/sdxi/run/budget", test_budget);
    g_test_add_func("/sdxi/run/again-for-ever", test_again_for_ever);
    g_test_add_func("/sdxi/run/stop-parks", test_stop_parks);
    g_test_add_func("/sdxi/run/idle", test_idle);
    g_test_add_func("/sdxi/pipes/side-by-side", test_lanes_side_by_side);
    g_test_add_func("/sdxi/pipes/doorbell", test_lanes_doorbell);
    g_test_add_func("/sdxi/pipes/admin", test_lanes_admin);
    g_test_add_func("/sdxi/pipes/error", test_lanes_error);
    g_test_add_func("/sdxi/pipes/doorbell-waits", test_lanes_doorbell_waits);
    g_test_add_func("/sdxi/pipes/deadline", test_lanes_deadline);
    g_test_add_func("/sdxi/pipes/threads", test_lanes_threads);
    return g_test_run();
}
