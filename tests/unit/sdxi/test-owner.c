/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accesses that are made under the big lock for a worker's thread, and who
 * waits for that thread meanwhile: what is done within an access may stop the
 * machine, and no thread that goes on asking holds the main loop up.
 *
 * What a machine shows of this depends on which devices it has, and on how
 * fast they are; here accesses do what they would.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/atomic.h"
#include "qemu/main-loop.h"
#include "qemu/rcu.h"
#include "hw/core/qdev.h"
#include "tests/unit/sdxi/wait-for.h"

/* The one without an emulator says the same in all threads. */
static __thread bool in_main_loop;
#define bql_locked() (in_main_loop)
#include "hw/dma/sdxi/owner.c"

AioContext *iothread_get_aio_context(IOThread *iothread)
{
    g_assert_not_reached();
}

/* The main loop comes round once, when there is something to do. */
static void come_round(void)
{
    while (!aio_poll(qemu_get_aio_context(), true)) {
        continue;
    }
}

/* --- the function --------------------------------------------------------- */

static SdxiWorker worker;
static DeviceState device = { .parent_obj.ref = 1 };
static SdxiAccessFn *access_fn;
static unsigned asked, answered;    /* accesses of all threads */
static unsigned most;               /* of them; 0: none */

static SdxiWorkerDone quantum(void *opaque, unsigned thread, bool fresh,
                              bool *others)
{
    if (qatomic_read(&asked) >= qatomic_read(&most)) {
        return SDXI_WORKER_IDLE;
    }
    qatomic_inc(&asked);
    sdxi_worker_access(&worker, access_fn, NULL, false);
    qatomic_inc(&answered);
    return SDXI_WORKER_MORE;
}

static const SdxiWorkerCalls calls = { .quantum = quantum };

/* One thread makes accesses, @count of them. */
static void begin(SdxiAccessFn *fn, unsigned count)
{
    static const SdxiParams params = { .workers = 1 };

    asked = answered = 0;
    most = count;
    access_fn = fn;
    sdxi_owner_init(&worker, &device, NULL, &params, &calls, NULL);
    sdxi_owner_resume(&worker);
}

static void end(void)
{
    sdxi_owner_quit(&worker);
    g_assert_true(sdxi_owner_join(&worker));
    sdxi_owner_destroy(&worker);
}

/* --- stops ---------------------------------------------------------------- */

/* As a store to pvpanic does: its thread cannot come to a boundary. */
static bool stops_the_machine(void *opaque, int64_t until)
{
    g_assert_false(sdxi_owner_pause(&worker));
    g_assert_false(sdxi_owner_is_still(&worker));
    g_assert_false(sdxi_owner_enter(&worker));
    return true;
}

static void test_stop_within(void)
{
    begin(stops_the_machine, 1);
    come_round();
    wait_for(qatomic_read(&answered) == 1);
    g_assert_true(sdxi_owner_pause(&worker));
    g_assert_true(sdxi_owner_is_still(&worker));
    end();
}

/* One that is looked at within an access stays in it. */
static bool looks(void *opaque, int64_t until)
{
    g_assert_true(sdxi_owner_look(&worker));
    sdxi_owner_looked(&worker);
    return true;
}

static void test_look_within(void)
{
    begin(looks, 1);
    come_round();
    wait_for(qatomic_read(&answered) == 1);
    end();
}

/* --- is in nobody's way --------------------------------------------------- */

static unsigned turns;

static bool never_done(void *opaque, int64_t until)
{
    turns++;
    return false;
}

/* What is not done waits for the main loop to come round again. */
static void test_one_turn(void)
{
    turns = 0;
    begin(never_done, 1);
    for (unsigned i = 1; i <= 5; i++) {
        come_round();
        g_assert_cmpuint(turns, ==, i);
    }
    /* Whoever wants the thread gets it, though the access is not done. */
    g_assert_true(sdxi_owner_pause(&worker));
    g_assert_cmpuint(answered, ==, 1);
    end();
}

/* Nothing is begun when the time is up, and time is what it was given. */
static bool takes_its_time(void *opaque, int64_t until)
{
    int64_t now = qemu_clock_get_ns(QEMU_CLOCK_REALTIME);

    g_assert_cmpint(until, <=, now + SCALE_MS);
    turns++;
    wait_for(qemu_clock_get_ns(QEMU_CLOCK_REALTIME) > until);
    return false;
}

static void *ask(void *opaque)
{
    sdxi_worker_access(&worker, takes_its_time, NULL, false);
    return NULL;
}

static unsigned posted(void)
{
    unsigned n;

    qemu_mutex_lock(&worker.mutex);
    n = worker.posted;
    qemu_mutex_unlock(&worker.mutex);
    return n;
}

static void test_time_is_up(void)
{
    QemuThread threads[4];

    turns = 0;
    begin(takes_its_time, 0);
    for (unsigned i = 0; i < ARRAY_SIZE(threads); i++) {
        qemu_thread_create(&threads[i], "asks", ask, NULL,
                           QEMU_THREAD_JOINABLE);
    }
    wait_for(posted() == ARRAY_SIZE(threads));
    for (unsigned i = 1; i <= 3; i++) {
        come_round();
        g_assert_cmpuint(turns, <=, i);
    }
    sdxi_owner_quit(&worker);
    for (unsigned i = 0; i < ARRAY_SIZE(threads); i++) {
        qemu_thread_join(&threads[i]);
    }
    g_assert_true(sdxi_owner_join(&worker));
    sdxi_owner_destroy(&worker);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qemu_init_main_loop(&error_abort);
    in_main_loop = true;
    g_test_add_func("/sdxi/owner/stop-within", test_stop_within);
    g_test_add_func("/sdxi/owner/look-within", test_look_within);
    g_test_add_func("/sdxi/owner/one-turn", test_one_turn);
    g_test_add_func("/sdxi/owner/time-is-up", test_time_is_up);
    return g_test_run();
}
