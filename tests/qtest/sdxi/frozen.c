/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What may not happen after an answer does not happen even if the thread that
 * would do it was held in the middle of it when it was forbidden: no byte moves
 * after the answer, and no interrupt is lost by a migration.
 *
 * A test that waits for such a moment meets it once in a while.  Here the
 * worker is an iothread, which is frozen while it moves bytes, and guest memory
 * is a file that the test has mapped, so that it sees every byte at once.
 */
#include "qemu/osdep.h"
#include <sys/mman.h>
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "hw/pci/pci_regs.h"
#include "freeze.h"
#include "util.h"

#define RAM     (128 * MiB)
#define BYTES   (8 * MiB)
#define COPIES  400
#define KEYS    250

typedef struct Rig {
    SdxiVm *vm;
    SdxiFn *fn, *target, *other;
    SdxiCxt c, blocker;
    uint64_t rkeys;
    uint8_t *ram;
    char *file;
    pid_t worker, blocked;
} Rig;

static pid_t thread_of(SdxiVm *vm, const char *id)
{
    QDict *rsp = qtest_qmp(vm->qts, "{'execute': 'query-iothreads'}");
    const QListEntry *e;
    pid_t tid = 0;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(rsp, "return"), e) {
        QDict *thread = qobject_to(QDict, qlist_entry_obj(e));

        if (g_str_equal(qdict_get_str(thread, "id"), id)) {
            tid = qdict_get_int(thread, "thread-id");
        }
    }
    qobject_unref(rsp);
    g_assert_cmpint(tid, >, 0);
    return tid;
}

static void ram_open(Rig *r)
{
    int fd = g_file_open_tmp("sdxi-frozen-XXXXXX", &r->file, NULL);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(ftruncate(fd, RAM), ==, 0);
    r->ram = mmap(NULL, RAM, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    g_assert_true(r->ram != MAP_FAILED);
    close(fd);
}

/* Functions 4, 5 and 6 of one group are @devices, in that order of creation. */
static void rig_open(Rig *r, const char *devices)
{
    SdxiPair pair;

    memset(r, 0, sizeof(*r));
    ram_open(r);
    r->vm = sdxi_vm_start("-m 128M -machine memory-backend=ram -object "
                          "memory-backend-file,id=ram,size=128M,share=on,"
                          "mem-path=%s -object iothread,id=io0 "
                          "-object iothread,id=io1 %s", r->file, devices);
    r->worker = thread_of(r->vm, "io0");
    r->blocked = thread_of(r->vm, "io1");
    pair = sdxi_pair_up(r->vm, &r->c);
    r->fn = pair.self;
    r->target = pair.target;
    r->rkeys = pair.rkeys;
}

static void rig_close(Rig *r)
{
    g_free(r->other);
    sdxi_fn_close(r->target);
    sdxi_fn_close(r->fn);
    sdxi_vm_stop(r->vm);
    munmap(r->ram, RAM);
    unlink(r->file);
    g_free(r->file);
}

#define RUNNER  "-device sdxi,addr=4,group=g,sfunc=16,iothread=io0 "
#define PEER    "-device sdxi,addr=5,group=g,sfunc=17,vectors=300 "
#define BLOCKER "-device sdxi,addr=6,group=g,sfunc=18,iothread=io1 "

/* ---- in the middle of a copy ---- */

typedef struct Load {
    SdxiCxt *c;
    uint64_t src, dst;
    unsigned key;
    uint8_t *bytes;             /* of dst */
} Load;

/* Each copy differs from the one before in all its bytes. */
static void load_push(Load *l)
{
    for (unsigned i = 0; i < COPIES; i++) {
        SdxiDsc d = sdxi_dsc_copy(l->src + i % 2 * BYTES, l->dst, BYTES);

        sdxi_dsc_set_akeys(&d, 0, l->key);
        sdxi_cxt_push(l->c, &d);
    }
    sdxi_cxt_kick(l->c);
}

static void load_init(Rig *r, SdxiCxt *c, unsigned key, Load *l)
{
    *l = (Load) { .c = c, .key = key };
    l->src = sdxi_vm_alloc(r->vm, 2 * BYTES, 4096);
    l->dst = sdxi_vm_alloc(r->vm, BYTES, 4096);
    l->bytes = r->ram + l->dst;
    memset(r->ram + l->src, 0x11, BYTES);
    memset(r->ram + l->src + BYTES, 0x22, BYTES);
}

/*
 * Frozen now, is it within a page?  Then a pointer to it is in use.  Upwards or
 * downwards is the library's choice.
 */
static bool within_page(const uint8_t *dst)
{
    for (size_t n = 1; n < BYTES; n++) {
        if (dst[n] != dst[n - 1] && n % 4096) {
            return true;
        }
    }
    return false;
}

/* Begins the copies, and more of them if they end too soon. */
static void freeze_in_copy(pid_t tid, Load *l)
{
    for (;;) {
        if (sdxi_cxt_read_index(l->c) == l->c->count) {
            load_push(l);
        }
        freeze_thread(tid);
        if (within_page(l->bytes)) {
            return;
        }
        thaw_thread(tid);
        g_usleep(g_test_rand_int_range(1, 300));
    }
}

/* ---- no byte after the answer ---- */

typedef void TakeAway(Rig *r);

typedef struct Way {
    const char *name;
    unsigned key;
    TakeAway *take;
} Way;

static void config_bits(SdxiFn *fn, unsigned cap, unsigned offset,
                        uint16_t clear, uint16_t set)
{
    unsigned at = offset + (cap ? qpci_find_capability(fn->pci, cap, 0) : 0);
    uint16_t old = qpci_config_readw(fn->pci, at);

    qpci_config_writew(fn->pci, at, (old & ~clear) | set);
}

static void no_master(SdxiFn *fn)
{
    config_bits(fn, 0, PCI_COMMAND, PCI_COMMAND_MASTER, 0);
}

static void asleep(SdxiFn *fn)
{
    config_bits(fn, PCI_CAP_ID_PM, PCI_PM_CTRL, 0, 3);
}

static void flr(SdxiFn *fn)
{
    config_bits(fn, PCI_CAP_ID_EXP, PCI_EXP_DEVCTL, 0, PCI_EXP_DEVCTL_BCR_FLR);
}

static void reset(SdxiFn *fn)
{
    sdxi_fn_request(fn, SDXI_RESET);
}

static void own_master(Rig *r)
{
    no_master(r->fn);
}

static void own_sleep(Rig *r)
{
    asleep(r->fn);
}

static void own_flr(Rig *r)
{
    flr(r->fn);
}

static void own_reset(Rig *r)
{
    reset(r->fn);
}

static void target_key(Rig *r)
{
    sdxi_fn_wr(r->target, SDXI_RKEY, 0);
}

static void target_stop(Rig *r)
{
    sdxi_fn_request(r->target, SDXI_STOP_HD);
    sdxi_fn_wait(r->target, SDXI_ST_STOP);
}

static void target_reset(Rig *r)
{
    reset(r->target);
}

static void target_flr(Rig *r)
{
    flr(r->target);
}

static void target_master(Rig *r)
{
    no_master(r->target);
}

static void target_sleep(Rig *r)
{
    asleep(r->target);
}

static const Way ways[] = {
    { "own-master", 0, own_master },
    { "own-sleep", 0, own_sleep },
    { "own-flr", 0, own_flr },
    { "own-reset", 0, own_reset },
    { "target-key", 1, target_key },
    { "target-stop", 1, target_stop },
    { "target-reset", 1, target_reset },
    { "target-flr", 1, target_flr },
    { "target-master", 1, target_master },
    { "target-sleep", 1, target_sleep },
};

typedef struct Asked {
    Rig *r;
    TakeAway *take;
    bool answered;
} Asked;

static void *ask(void *opaque)
{
    Asked *a = opaque;

    a->take(a->r);
    qatomic_store_release(&a->answered, true);
    return NULL;
}

/*
 * While the worker is frozen there may be no answer: it has a pointer.  So this
 * waits for one only as long as a device that gives one takes.
 */
static void test_way(const void *opaque)
{
    const Way *way = opaque;
    g_autofree uint8_t *was = g_malloc(BYTES);
    GThread *thread;
    bool early;
    Asked a;
    Load l;
    Rig r;

    if (!freeze_allowed()) {
        return;
    }
    rig_open(&r, RUNNER PEER);
    load_init(&r, &r.c, way->key, &l);
    freeze_in_copy(r.worker, &l);
    a = (Asked) { &r, way->take };
    thread = g_thread_new("ask", ask, &a);
    for (unsigned i = 0; i < 200 && !qatomic_read(&a.answered); i++) {
        g_usleep(500);
    }
    early = qatomic_load_acquire(&a.answered);
    if (early) {
        memcpy(was, l.bytes, BYTES);
    }
    thaw_thread(r.worker);
    g_thread_join(thread);
    if (!early) {
        memcpy(was, l.bytes, BYTES);
    }
    g_usleep(10000);
    g_assert_cmpmem(was, BYTES, l.bytes, BYTES);
    g_assert_false(early);
    rig_close(&r);
}

/* ---- no interrupt lost ---- */

static void intrs_push(Rig *r, uint64_t *cell)
{
    uint64_t src = sdxi_vm_alloc(r->vm, 2 * MiB, 4096);
    uint64_t dst = sdxi_vm_alloc(r->vm, 2 * MiB, 4096);

    for (unsigned i = 0; i < KEYS; i++) {
        SdxiDsc copy = sdxi_dsc_copy(src, dst, 2 * MiB);
        SdxiDsc intr = sdxi_dsc_intr(1 + i);

        cell[i] = sdxi_msix_arm(r->target, 1 + i);
        sdxi_pair_interrupt(&r->c, 1 + i, r->rkeys, i);
        sdxi_cxt_push(&r->c, &copy);
        sdxi_cxt_push(&r->c, &intr);
    }
}

/* Read without asking the emulator, whose main loop is held. */
static uint64_t index_now(Rig *r, SdxiCxt *c)
{
    return le64_to_cpu(qatomic_read((uint64_t *)(r->ram + c->sts + 8)));
}

/* Until it has done everything, or is not let. */
static void let_run(Rig *r)
{
    uint64_t index, was = index_now(r, &r->c);

    for (unsigned same = 0; same < 1000 && was < r->c.count; was = index) {
        g_usleep(1000);
        index = index_now(r, &r->c);
        same = index == was ? same + 1 : 0;
    }
}

static off_t size_of(const char *file)
{
    struct stat st;

    return stat(file, &st) ? 0 : st.st_size;
}

/* For a second no more comes. */
static void wait_for_rest(const char *file)
{
    off_t is, was = 0;

    for (unsigned same = 0; same < 100; was = is) {
        g_usleep(10000);
        is = size_of(file);
        same = is == was ? same + 1 : 0;
    }
}

static void set_bandwidth(Rig *r, uint64_t bytes)
{
    qtest_qmp_assert_success(r->vm->qts, "{'execute':"
                             " 'migrate-set-parameters', 'arguments':"
                             " {'max-bandwidth': %" PRIu64 "}}", bytes);
}

/*
 * The machine stops by and by: a peer does, then everybody waits for a function
 * whose thread is held, while a third one raises vectors of the peer.  The main
 * loop, which would send them, is held as well.
 */
static void save_held(Rig *r, const char *file)
{
    pid_t main_loop = qtest_pid(r->vm->qts);
    Load l;

    /* Its begin changes the map of memory, so nobody is held yet. */
    set_bandwidth(r, 1 * MiB);
    sdxi_vm_save_begin(r->vm, file);
    sdxi_wait_until(r->vm, 20, size_of(file) > 64 * KiB);
    load_init(r, &r->blocker, 0, &l);
    freeze_in_copy(r->blocked, &l);
    sdxi_cxt_kick(&r->c);
    freeze_thread(r->worker);
    set_bandwidth(r, 1 * TiB);
    wait_for_rest(file);
    freeze_thread(main_loop);
    thaw_thread(r->worker);
    let_run(r);
    thaw_thread(r->blocked);
    wait_for_rest(file);
    thaw_thread(main_loop);
    sdxi_vm_save_end(r->vm);
}

/* How many are still missing? */
static unsigned missing(Rig *r, uint64_t *cell)
{
    unsigned n = 0;

    for (unsigned i = 0; i < KEYS; i++) {
        if (cell[i] && sdxi_msix_take(r->target, cell[i])) {
            cell[i] = 0;
        }
        n += !!cell[i];
    }
    return n;
}

static void test_interrupts(void)
{
    g_autofree char *file = NULL;
    uint64_t cell[KEYS];
    Rig r;

    if (!freeze_allowed()) {
        return;
    }
    /* The last one is the first to stop. */
    rig_open(&r, RUNNER BLOCKER PEER);
    file = g_strdup_printf("%s-state", r.file);
    r.other = sdxi_fn_open(r.vm, 6);
    sdxi_fn_up(r.other);
    sdxi_cxt_init(&r.blocker, r.other, 1, 1024);
    sdxi_cxt_start(&r.blocker);
    sdxi_msix_on(r.target);
    intrs_push(&r, cell);
    save_held(&r, file);
    /* What the first emulator still does is not seen by the other. */
    unlink(r.file);
    sdxi_vm_move_in(r.vm, file);
    sdxi_cxt_wait_index(&r.c, r.c.count);
    sdxi_wait_until(r.vm, 1, !missing(&r, cell));
    rig_close(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(ways); i++) {
        g_autofree char *path = g_strdup_printf("/sdxi/frozen/%s",
                                                ways[i].name);

        qtest_add_data_func(path, &ways[i], test_way);
    }
    qtest_add_func("/sdxi/frozen/interrupts", test_interrupts);
    return g_test_run();
}
