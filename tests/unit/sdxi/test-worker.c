/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads of a worker that have nothing to do: who looks busily is woken
 * without having slept, before those who sleep, and looks no more when it is
 * paused.
 *
 * What a machine shows of this is only how long things take, so threads run
 * here with what they call played.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/rcu.h"
#include "hw/dma/sdxi/worker.h"
#include "tests/unit/sdxi/wait-for.h"

#define LONG_NS (INT64_MAX / 4)

static unsigned quanta[SDXI_WORKERS_MAX];

static SdxiWorkerDone quantum(void *opaque, unsigned thread, bool fresh,
                              bool *others)
{
    g_assert_true(fresh);
    qatomic_inc(&quanta[thread]);
    return SDXI_WORKER_IDLE;
}

static const SdxiWorkerCalls calls = { .quantum = quantum };

static void begin_with(SdxiWorker *w, unsigned threads,
                       const SdxiWorkerCalls *played)
{
    memset(quanta, 0, sizeof(quanta));
    *w = (SdxiWorker) {
        .calls = played, .opaque = w, .num_threads = threads,
    };
    qemu_mutex_init(&w->mutex);
    qemu_cond_init(&w->cond);
    for (unsigned i = 0; i < threads; i++) {
        w->thread[i].w = w;
        qemu_event_init(&w->thread[i].wake, false);
    }
}

static void begin(SdxiWorker *w, unsigned threads)
{
    begin_with(w, threads, &calls);
}

/* It has just learnt to look for so long. */
static void run(SdxiWorker *w, unsigned thread, uint64_t ns)
{
    w->thread[thread].poll = (SdxiPoll) { .max_ns = ns, .ns = ns };
    qemu_thread_create(&w->thread[thread].thread, "sdxi", sdxi_worker_thread,
                       &w->thread[thread], QEMU_THREAD_JOINABLE);
}

/* Threads look at these within the lock, too. */
static void say(SdxiWorker *w, bool *what, bool value)
{
    qemu_mutex_lock(&w->mutex);
    qatomic_set(what, value);
    qemu_mutex_unlock(&w->mutex);
}

static void end(SdxiWorker *w)
{
    say(w, &w->quit, true);
    for (unsigned i = 0; i < w->num_threads; i++) {
        qemu_event_set(&w->thread[i].wake);
    }
    for (unsigned i = 0; i < w->num_threads; i++) {
        qemu_thread_join(&w->thread[i].thread);
        qemu_event_destroy(&w->thread[i].wake);
    }
    qemu_cond_destroy(&w->cond);
    qemu_mutex_destroy(&w->mutex);
}

static bool looks(SdxiWorker *w, unsigned thread)
{
    return qatomic_read(&w->thread[thread].polling);
}

/* It is idle, and says so. */
static bool dozes(SdxiWorker *w, unsigned thread)
{
    return qatomic_read(&w->thread[thread].dozing);
}

static void test_woken(void)
{
    SdxiWorker w;

    begin(&w, 1);
    run(&w, 0, LONG_NS);
    for (unsigned i = 1; i <= 100; i++) {
        wait_for(qatomic_read(&quanta[0]) >= i && dozes(&w, 0) &&
                 looks(&w, 0));
        sdxi_worker_kick(&w);
    }
    end(&w);
}

static void test_others_sleep(void)
{
    SdxiWorker w;
    unsigned before;

    begin(&w, 3);
    run(&w, 0, 0);
    run(&w, 1, 0);
    run(&w, 2, LONG_NS);
    wait_for(dozes(&w, 0) && dozes(&w, 1));
    for (unsigned i = 0; i < 100; i++) {
        wait_for(dozes(&w, 2) && looks(&w, 2));
        before = qatomic_read(&quanta[2]);
        sdxi_worker_kick(&w);
        wait_for(qatomic_read(&quanta[2]) > before);
    }
    g_assert_cmpuint(qatomic_read(&quanta[0]), <=, 1);
    g_assert_cmpuint(qatomic_read(&quanta[1]), <=, 1);
    g_assert_false(looks(&w, 0) || looks(&w, 1));
    end(&w);
}

static void test_paused(void)
{
    SdxiWorker w;
    unsigned before;

    begin(&w, 1);
    run(&w, 0, LONG_NS);
    wait_for(looks(&w, 0));
    say(&w, &w.paused, true);
    wait_for(!looks(&w, 0));
    /* It is woken from its sleep, finds that it is paused, and sleeps. */
    before = qatomic_read(&quanta[0]);
    sdxi_worker_kick(&w);
    wait_for(dozes(&w, 0) && !looks(&w, 0));
    g_assert_cmpuint(qatomic_read(&quanta[0]), ==, before);
    say(&w, &w.paused, false);
    sdxi_worker_kick(&w);
    wait_for(qatomic_read(&quanta[0]) > before);
    end(&w);
}

/* Who looks when it ends sees that. */
static void test_ends(void)
{
    for (unsigned i = 0; i < 20; i++) {
        SdxiWorker w;

        begin(&w, 4);
        for (unsigned n = 0; n < 4; n++) {
            run(&w, n, n % 2 ? LONG_NS : 0);
        }
        if (i % 2) {
            wait_for(looks(&w, 1) && looks(&w, 3));
        }
        end(&w);
    }
}

/* ---- after jobs ---- */

#define JOBS 100

static unsigned was_fresh;          /* quanta after a job, of JOBS */
static bool kicks_in_job;

static SdxiWorkerDone quantum_with_job(void *opaque, unsigned thread,
                                       bool fresh, bool *others)
{
    was_fresh += quanta[0] && quanta[0] <= JOBS && fresh;
    if (qatomic_read(&quanta[0]) > JOBS) {
        return SDXI_WORKER_IDLE;
    }
    qatomic_inc(&quanta[0]);
    return quanta[0] > JOBS ? SDXI_WORKER_IDLE : SDXI_WORKER_JOB;
}

static void job(void *opaque, unsigned thread)
{
    if (kicks_in_job) {
        sdxi_worker_kick(opaque);
    }
}

static void job_done(void *opaque, unsigned thread)
{
}

/* What is parked after a job is tried again after a kick, and not for ever. */
static void test_jobs(void)
{
    static const SdxiWorkerCalls with_jobs = {
        .quantum = quantum_with_job, .job = job, .job_done = job_done,
    };
    SdxiWorker w;

    for (unsigned kick = 0; kick < 2; kick++) {
        kicks_in_job = kick;
        was_fresh = 0;
        begin_with(&w, 1, &with_jobs);
        run(&w, 0, 0);
        wait_for(qatomic_read(&quanta[0]) > JOBS && dozes(&w, 0));
        end(&w);
        g_assert_cmpuint(was_fresh, ==, kick ? JOBS : 0);
    }
}

/* ---- woken before a job ---- */

static bool holds, was_kicked;
static unsigned looked;             /* fresh quanta since the kick */

static SdxiWorkerDone quantum_of_three(void *opaque, unsigned thread,
                                       bool fresh, bool *others)
{
    looked += qatomic_read(&was_kicked) && fresh;
    return qatomic_fetch_inc(&quanta[thread]) < 2 ? SDXI_WORKER_JOB
                                                  : SDXI_WORKER_IDLE;
}

/* The first one ends with somebody waiting, so no quantum follows at once. */
static void job_holds(void *opaque, unsigned thread)
{
    SdxiWorker *w = opaque;

    if (qatomic_read(&quanta[thread]) == 1) {
        qatomic_inc(&w->wanted);
        qatomic_set(&holds, true);
    }
}

/*
 * A kick that comes between two jobs, when the thread has said whether it is
 * fresh, is not lost because a job comes next.
 */
static void test_before_job(void)
{
    static const SdxiWorkerCalls held = {
        .quantum = quantum_of_three, .job = job_holds, .job_done = job_done,
    };
    SdxiWorker w;

    holds = was_kicked = false;
    looked = 0;
    begin_with(&w, 1, &held);
    run(&w, 0, 0);
    wait_for(qatomic_read(&holds) && dozes(&w, 0));
    qatomic_set(&was_kicked, true);
    sdxi_worker_kick(&w);
    qemu_mutex_lock(&w.mutex);
    qatomic_dec(&w.wanted);
    qemu_cond_broadcast(&w.cond);
    qemu_mutex_unlock(&w.mutex);
    wait_for(qatomic_read(&quanta[0]) >= 3 && dozes(&w, 0));
    end(&w);
    g_assert_cmpuint(looked, >=, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/worker/woken", test_woken);
    g_test_add_func("/sdxi/worker/others-sleep", test_others_sleep);
    g_test_add_func("/sdxi/worker/paused", test_paused);
    g_test_add_func("/sdxi/worker/ends", test_ends);
    g_test_add_func("/sdxi/worker/jobs", test_jobs);
    g_test_add_func("/sdxi/worker/before-job", test_before_job);
    return g_test_run();
}
