/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State that is moved or saved at random moments while contexts run, and what
 * their memory says afterwards: ids MIG-01.
 *
 * Each context works on blocks in a circle.  A step copies one block over the
 * next and adds one to the first quadword of that.  So the latest block knows
 * how many steps there were: a copy or an addition that is lost, done twice or
 * done out of turn shows there, in the other blocks, or in the signal that all
 * descriptors of a context share.
 */
#include "qemu/osdep.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "tests/qtest/sdxi/util.h"

#define CONTEXTS    5
#define BLOCKS      3
#define SIGNAL      (1ull << 40)

/* By burst; without; across pages; more than a turn; many portions */
static const uint32_t sizes[CONTEXTS] = {
    64, 4 * KiB, 60001, 300 * KiB, 3 * MiB + 8,
};

typedef struct Circle {
    SdxiCxt c;
    uint64_t block[BLOCKS], csb;
    uint32_t bytes;
} Circle;

typedef struct Load {
    SdxiRig *r;
    Circle circle[CONTEXTS];
} Load;

static void circle_start(SdxiRig *r, Circle *circle, unsigned n)
{
    circle->bytes = sizes[n];
    circle->csb = sdxi_csb_new(r->vm, SIGNAL);
    for (unsigned i = 0; i < BLOCKS; i++) {
        circle->block[i] = sdxi_vm_alloc(r->vm, circle->bytes, 64);
    }
    sdxi_vm_fill(r->vm, circle->block[0], circle->bytes, 100 + n);
    qtest_writeq(r->vm->qts, circle->block[0], 0);
    sdxi_cxt_init(&circle->c, r->fn, 10 + n, 1024);
    sdxi_cxt_start(&circle->c);
}

static void step(Circle *circle)
{
    uint64_t number = circle->c.count / 2;
    uint64_t to = circle->block[(number + 1) % BLOCKS];
    SdxiDsc copy = sdxi_dsc_copy(circle->block[number % BLOCKS], to,
                                 circle->bytes);
    SdxiDsc add = sdxi_dsc(3, 2);

    add.q[0] |= 1ull << 32;
    add.q[2] = to;
    add.q[4] = 1;
    sdxi_dsc_set_csb(&copy, circle->csb);
    sdxi_dsc_set_csb(&add, circle->csb);
    sdxi_cxt_push(&circle->c, &copy);
    sdxi_cxt_push(&circle->c, &add);
}

/*
 * Some more steps to each, as far as there is room.  The last one gets work for
 * longer than this takes on a busy host.
 */
static void feed(void *opaque)
{
    Load *l = opaque;

    for (unsigned n = 0; n < CONTEXTS; n++) {
        Circle *circle = &l->circle[n];
        uint64_t done = sdxi_cxt_read_index(&circle->c);
        unsigned steps = n == CONTEXTS - 1 ? 48 : 8;

        for (unsigned i = 0; i < steps && circle->c.count + 2 - done <= 1024;
             i++) {
            step(circle);
        }
        sdxi_cxt_kick(&circle->c);
    }
}

static void feed_for(Load *l, unsigned ms)
{
    gint64 end = g_get_monotonic_time() + 1000 * g_test_rand_int_range(0, ms);

    do {
        feed(l);
    } while (g_get_monotonic_time() < end);
}

static Load *load_start(SdxiRig *r)
{
    Load *l = g_new0(Load, 1);

    l->r = r;
    for (unsigned n = 0; n < CONTEXTS; n++) {
        circle_start(r, &l->circle[n], n);
    }
    return l;
}

static bool is_busy(Load *l)
{
    for (unsigned n = 0; n < CONTEXTS; n++) {
        SdxiCxt *c = &l->circle[n].c;

        if (sdxi_cxt_read_index(c) != c->count) {
            return true;
        }
    }
    return false;
}

static void circle_check(SdxiVm *vm, Circle *circle)
{
    uint64_t steps = circle->c.count / 2;

    sdxi_cxt_wait_index(&circle->c, circle->c.count);
    sdxi_csb_wait(vm, circle->csb, SIGNAL - circle->c.count);
    g_assert_false(sdxi_csb_er(vm, circle->csb));
    g_assert_cmpuint(steps, >=, BLOCKS);
    for (unsigned i = 0; i < BLOCKS; i++) {
        uint64_t at = circle->block[(steps - i) % BLOCKS];

        g_assert_cmpuint(qtest_readq(vm->qts, at), ==, steps - i);
        g_assert_true(sdxi_vm_equal(vm, at + 8, circle->block[0] + 8,
                                    circle->bytes - 8));
    }
}

static void load_check(Load *l)
{
    for (unsigned n = 0; n < CONTEXTS; n++) {
        circle_check(l->r->vm, &l->circle[n]);
    }
    g_assert_cmpuint(sdxi_fn_rd(l->r->fn, SDXI_ERR_WRT), ==, 0);
    g_free(l);
}

/* ---- to another emulator ---- */

static void test_stopped(SdxiRig *r)
{
    Load *l = load_start(r);

    /* A busy host may let the device be done now and then; not always. */
    for (unsigned i = 0, busy = 0; i < 4 || busy < 2; i++) {
        g_assert_cmpuint(i, <, 50);
        feed_for(l, 20);
        qtest_qmp_assert_success(r->vm->qts, "{'execute': 'stop'}");
        busy += is_busy(l);
        sdxi_vm_migrate(r->vm);
        qtest_qmp_assert_success(r->vm->qts, "{'execute': 'cont'}");
    }
    feed(l);
    load_check(l);
}

/* The contexts run, and get more to do, while memory is on its way. */
static void test_live(SdxiRig *r)
{
    Load *l = load_start(r);

    for (unsigned i = 0; i < 3; i++) {
        feed_for(l, 20);
        sdxi_vm_migrate_live(r->vm, feed, l);
    }
    feed(l);
    load_check(l);
}

/* ---- to a snapshot ---- */

static void finish_job(QTestState *qts, const char *id)
{
    g_autofree char *status = NULL;

    while (g_strcmp0(status, "concluded")) {
        QDict *rsp = qtest_qmp(qts, "{'execute': 'query-jobs'}");
        QListEntry *entry;

        QLIST_FOREACH_ENTRY(qdict_get_qlist(rsp, "return"), entry) {
            QDict *job = qobject_to(QDict, qlist_entry_obj(entry));

            if (g_str_equal(qdict_get_str(job, "id"), id)) {
                g_assert_cmpstr(qdict_get_try_str(job, "error"), ==, NULL);
                g_free(status);
                status = g_strdup(qdict_get_str(job, "status"));
            }
        }
        qobject_unref(rsp);
        g_usleep(1000);
    }
    qtest_qmp_assert_success(qts, "{'execute': 'job-dismiss',"
                             " 'arguments': {'id': %s}}", id);
}

/* A disk for the snapshots that nobody else uses. */
static void add_disk(QTestState *qts, const char *file)
{
    qtest_qmp_assert_success(qts, "{'execute': 'blockdev-add', 'arguments':"
                             " {'driver': 'file', 'node-name': 'file',"
                             " 'filename': %s}}", file);
    qtest_qmp_assert_success(qts, "{'execute': 'blockdev-create',"
                             " 'arguments': {'job-id': 'create', 'options':"
                             " {'driver': 'qcow2', 'file': 'file',"
                             " 'size': 1048576}}}");
    finish_job(qts, "create");
    qtest_qmp_assert_success(qts, "{'execute': 'blockdev-add', 'arguments':"
                             " {'driver': 'qcow2', 'node-name': 'disk',"
                             " 'file': 'file'}}");
}

static void snapshot(QTestState *qts, const char *what)
{
    qtest_qmp_assert_success(qts, "{'execute': %s, 'arguments':"
                             " {'job-id': 'snapshot', 'tag': 'moment',"
                             " 'vmstate': 'disk', 'devices': ['disk']}}",
                             what);
    finish_job(qts, "snapshot");
}

/* Time goes back, more than once, from wherever it is. */
static void test_snapshot(SdxiRig *r)
{
    Load *l = load_start(r);
    g_autofree char *file = NULL;
    uint64_t count[CONTEXTS];
    int fd = g_file_open_tmp("sdxi-qtest-XXXXXX", &file, NULL);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    add_disk(r->vm->qts, file);
    feed_for(l, 20);
    for (unsigned n = 0; n < CONTEXTS; n++) {
        count[n] = l->circle[n].c.count;
    }
    snapshot(r->vm->qts, "snapshot-save");
    for (unsigned i = 0; i < 3; i++) {
        feed_for(l, 20);
        snapshot(r->vm->qts, "snapshot-load");
        for (unsigned n = 0; n < CONTEXTS; n++) {
            l->circle[n].c.count = count[n];
        }
    }
    feed_for(l, 20);
    load_check(l);
    unlink(file);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    /*
     * QEMU itself loses its channel whenever it saves or loads a snapshot; that
     * our state leaks nothing when it moves is seen by sdxi-state.
     */
    g_setenv("ASAN_OPTIONS", "detect_leaks=0", true);
    sdxi_add_running("/sdxi/mig-01/moments/stopped", "x-atomics=on",
                     test_stopped);
    sdxi_add_running("/sdxi/mig-01/moments/stopped-workers",
                     "x-atomics=on,workers=3", test_stopped);
    sdxi_add_running("/sdxi/mig-01/moments/live", "x-atomics=on", test_live);
    sdxi_add_running("/sdxi/mig-01/moments/live-workers",
                     "x-atomics=on,workers=3", test_live);
    sdxi_add_running("/sdxi/mig-01/moments/snapshot", "x-atomics=on",
                     test_snapshot);
    sdxi_add_running("/sdxi/mig-01/moments/snapshot-workers",
                     "x-atomics=on,workers=3", test_snapshot);
    return g_test_run();
}
