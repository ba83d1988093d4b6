/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What any thread may call while another one is inside a function: doorbells,
 * registers as they are, looks at gates; and the log of invalidations.  Built
 * with ThreadSanitizer, which sees each access that nothing orders; beside
 * that, nothing that was rung for, and nothing that was invalidated, is
 * forgotten.
 */
#include "qemu/osdep.h"
#include <pthread.h>
#include "hw/dma/sdxi/core/atc-renew.h"
#include "hw/dma/sdxi/core/gate.h"
#include "hw/dma/sdxi/core/image.h"
#include "hw/dma/sdxi/core/kept.h"
#include "tests/unit/sdxi/fake-guest.h"

#define CONTEXTS 8
#define NOPS 100
#define CPUS 3

typedef struct Threads {
    FakeHost *g;
    bool kicked, quit;          /* atomic */
    SdxiGate gate;
    SdxiKept kept;
    /* Of @kept, as its callers have one; those of GLib no sanitizer sees */
    pthread_mutex_t keeping;
    uint64_t rounds;
} Threads;

static Threads threads = { .keeping = PTHREAD_MUTEX_INITIALIZER };

static void kick(void *opaque)
{
    qatomic_set(&threads.kicked, true);
}

/* The worker: owns the function, and does what was kept for it. */
static void do_kept(Threads *t)
{
    SdxiKeptStep step;
    bool more = true;

    while (more) {
        pthread_mutex_lock(&t->keeping);
        more = sdxi_kept_take(&t->kept, &step);
        pthread_mutex_unlock(&t->keeping);
        if (more) {
            sdxi_kept_do(&step, t->g->dev);
            pthread_mutex_lock(&t->keeping);
            sdxi_kept_done(&t->kept, &step);
            pthread_mutex_unlock(&t->keeping);
        }
    }
}

static void *work(void *opaque)
{
    Threads *t = opaque;
    bool quit;

    do {
        quit = qatomic_read(&t->quit);
        do_kept(t);
        if (sdxi_gate_result(&t->gate, &t->gate) == SDXI_MEM_OK &&
            qatomic_xchg(&t->kicked, false)) {
            while (sdxi_device_run(t->g->dev, 4096)) {
                do_kept(t);
            }
        }
    } while (!quit || qatomic_read(&t->kicked));
    return NULL;
}

/* A processor: reads, rings and writes without owning anything. */
static void *poke(void *opaque)
{
    Threads *t = opaque;
    SdxiImage image;

    for (uint64_t i = 0; i < t->rounds; i++) {
        guest_ring(t->g, 1 + i % CONTEXTS, NOPS);
        sdxi_device_image(t->g->dev, &image);
        g_assert_cmphex(sdxi_image_read(&image, R_STS0, 8) & 7, <=, GSV_ERROR);
        pthread_mutex_lock(&t->keeping);
        sdxi_kept_write(&t->kept, R_ERR_RD, i, 8);
        sdxi_kept_show(&t->kept, &image);
        pthread_mutex_unlock(&t->keeping);
        g_assert_false(sdxi_kept_has_reset(&t->kept));
        kick(NULL);
    }
    return NULL;
}

/* Who stops the machine and lets it go on */
static void *close_and_open(void *opaque)
{
    Threads *t = opaque;

    for (uint64_t i = 0; i < t->rounds; i++) {
        qatomic_set(&t->gate.stopped, !(i % 2));
        qatomic_set(&t->gate.deciding, !(i % 3));
    }
    qatomic_set(&t->gate.stopped, false);
    qatomic_set(&t->gate.deciding, false);
    kick(NULL);
    return NULL;
}

static void no_trace(void *opaque, SdxiTraceStep step, uint64_t a, uint64_t b,
                     uint64_t c)
{
}

/* Everything is in the rings, and nobody has been told. */
static void prepare(Threads *t)
{
    static SdxiHostOps ops;

    ops = fake_host_ops;
    ops.kick = kick;
    ops.trace = no_trace;
    t->g = guest_new(NULL);
    guest_device_with(t->g, &ops);
    guest_activate(t->g);
    for (unsigned cxt = 1; cxt <= CONTEXTS; cxt++) {
        Dsc nop = dsc_nop(0);

        guest_context(t->g, cxt, cxt, STOP_SW);
        guest_start(t->g, cxt);
        for (unsigned i = 0; i < NOPS; i++) {
            guest_push(t->g, cxt, &nop);
        }
    }
}

/* @data: if memory is handed out by pointer */
static void test_any_thread(const void *data)
{
    Threads *t = &threads;
    pthread_t worker, gate, cpu[CPUS];

    t->rounds = g_test_slow() ? 2000000 : 10000;
    t->quit = false;
    sdxi_kept_init(&t->kept);
    prepare(t);
    t->g->by_pointer = data != NULL;
    g_assert_cmpint(pthread_create(&gate, NULL, close_and_open, t), ==, 0);
    g_assert_cmpint(pthread_create(&worker, NULL, work, t), ==, 0);
    for (unsigned i = 0; i < CPUS; i++) {
        g_assert_cmpint(pthread_create(&cpu[i], NULL, poke, t), ==, 0);
    }
    for (unsigned i = 0; i < CPUS; i++) {
        pthread_join(cpu[i], NULL);
    }
    pthread_join(gate, NULL);
    qatomic_set(&t->quit, true);
    pthread_join(worker, NULL);
    for (unsigned cxt = 1; cxt <= CONTEXTS; cxt++) {
        g_assert_cmpuint(guest_read_index(t->g, cxt), ==, NOPS);
    }
    guest_free(t->g);
}

/* ---- the log of invalidations ---- */

typedef struct Logging {
    SdxiInvalLog log;
    uint64_t rounds;
    uint64_t last;              /* atomic: that is added; 0: not known yet */
    uint64_t exact;             /* atomic: what readers were in time for */
} Logging;

static void log_one(Logging *l, uint64_t i)
{
    SdxiInval v = { .first = i, .last = 3 * i, .process = ~(uint32_t)i };

    sdxi_inval_log_add(&l->log, &v);
}

static void *log_all(void *opaque)
{
    Logging *l = opaque;
    uint64_t i = 0;

    while (i < l->rounds) {
        log_one(l, ++i);
    }
    /* With one processor readers may have had no turn while this had one. */
    while (!qatomic_read(&l->exact)) {
        log_one(l, ++i);
        g_usleep(100);
    }
    qatomic_set(&l->last, i);
    return NULL;
}

/* Either it is what was added, or it is said that it may not be. */
static void *read_all(void *opaque)
{
    Logging *l = opaque;
    uint64_t since = 0;

    while (!qatomic_read(&l->last) || since < qatomic_read(&l->last)) {
        uint64_t epoch = qatomic_load_acquire(&l->log.epoch);
        SdxiInval v[SDXI_INVALS];
        unsigned n = epoch - since;

        for (unsigned i = 0; n < SDXI_INVALS && i < n; i++) {
            v[i] = sdxi_inval_log_get(&l->log, since + 1 + i);
        }
        if (n < SDXI_INVALS && !sdxi_inval_log_lapped(&l->log, since)) {
            for (unsigned i = 0; i < n; i++) {
                g_assert_cmpuint(v[i].first, ==, since + 1 + i);
                g_assert_cmpuint(v[i].last, ==, 3 * v[i].first);
                g_assert_cmpuint(v[i].process, ==, ~(uint32_t)v[i].first);
            }
            qatomic_set(&l->exact, qatomic_read(&l->exact) + n);
        }
        since = epoch;
    }
    return NULL;
}

static void test_log(void)
{
    static Logging l;
    pthread_t writer, reader[CPUS];

    l.rounds = g_test_slow() ? 100000000 : 300000;
    for (unsigned i = 0; i < CPUS; i++) {
        g_assert_cmpint(pthread_create(&reader[i], NULL, read_all, &l), ==, 0);
    }
    g_assert_cmpint(pthread_create(&writer, NULL, log_all, &l), ==, 0);
    pthread_join(writer, NULL);
    for (unsigned i = 0; i < CPUS; i++) {
        pthread_join(reader[i], NULL);
    }
    g_assert_cmpuint(l.exact, >, 0);
    g_test_message("%" PRIu64 " were read in time", l.exact);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/sdxi/threads/calls", NULL, test_any_thread);
    g_test_add_data_func("/sdxi/threads/pointers", "", test_any_thread);
    g_test_add_func("/sdxi/threads/log", test_log);
    return g_test_run();
}
