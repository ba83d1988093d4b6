/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When the answer has been given, it is quiet: after a write that switches DMA
 * off, stops or resets a function, or takes its key away, no byte moves any
 * more.  And nobody has to wait for who moves them: registers are answered, and
 * the machine stops, while an access to something slow is under way.
 */
#include "qemu/osdep.h"
#include "qobject/qdict.h"
#include "hw/pci/pci_regs.h"
#include "util.h"

#define BYTES   (8 * MiB)
/* Nearly a ring of them: who looks may come late and still find some left. */
#define COPIES  1000
#define ROUNDS  4
/* What is looked at of what they write, in pieces that the protocol likes */
#define LOOK    (512 * KiB)
#define PIECE   (32 * KiB)

typedef struct Load {
    uint64_t src, dst;
} Load;

static void load_push(SdxiCxt *c, const Load *l, unsigned i, unsigned key)
{
    SdxiDsc d = sdxi_dsc_copy(l->src + i % 2 * BYTES, l->dst, BYTES);

    sdxi_dsc_set_akeys(&d, 0, key);
    sdxi_cxt_push(c, &d);
}

/* Each copy differs from the one before in all its bytes. */
static void load_start(SdxiVm *vm, SdxiCxt *c, Load *l, unsigned copies,
                       unsigned key)
{
    l->src = sdxi_vm_alloc(vm, 2 * BYTES, 4096);
    l->dst = sdxi_vm_alloc(vm, BYTES, 4096);
    qtest_memset(vm->qts, l->src, 0x11, BYTES);
    qtest_memset(vm->qts, l->src + BYTES, 0x22, BYTES);
    for (unsigned i = 0; i < copies; i++) {
        load_push(c, l, i, key);
    }
    sdxi_cxt_kick(c);
    /* It is under way. */
    sdxi_wait_until(vm, 20, sdxi_cxt_read_index(c) > 2);
}

/* Nothing is written from now on: a piece, and all of it again. */
static void expect_no_writes(SdxiVm *vm, Load *l)
{
    g_autofree uint8_t *was = g_malloc(LOOK);
    g_autofree uint8_t *is = g_malloc(LOOK);

    for (unsigned at = 0; at < LOOK; at += PIECE) {
        qtest_memread(vm->qts, l->dst + at, was + at, PIECE);
    }
    g_usleep(2000);
    for (unsigned at = 0; at < LOOK; at += PIECE) {
        qtest_memread(vm->qts, l->dst + at, is + at, PIECE);
    }
    g_assert_cmpmem(was, LOOK, is, LOOK);
}

/* The function itself does nothing more: its context stays where it is, too. */
static void expect_quiet(SdxiVm *vm, SdxiCxt *c, Load *l)
{
    uint64_t index = sdxi_cxt_read_index(c);

    expect_no_writes(vm, l);
    g_assert_cmpuint(sdxi_cxt_read_index(c), ==, index);
}

/* ---- by itself ---- */

static void restart(SdxiRig *r)
{
    if (sdxi_cxt_state(&r->c) != SDXI_CXT_RUN) {
        sdxi_cxt_start(&r->c);
    }
    sdxi_cxt_stop(&r->c);
    sdxi_cxt_init(&r->c, r->fn, 1, 1024);
    sdxi_cxt_start(&r->c);
    g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_nop()));
}

static void test_bus_master(SdxiRig *r)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint16_t command = qpci_config_readw(r->fn->pci, PCI_COMMAND);
        Load l;

        load_start(r->vm, &r->c, &l, COPIES, 0);
        qpci_config_writew(r->fn->pci, PCI_COMMAND,
                           command & ~PCI_COMMAND_MASTER);
        expect_quiet(r->vm, &r->c, &l);
        qpci_config_writew(r->fn->pci, PCI_COMMAND, command);
        restart(r);
    }
}

static void test_sleep(SdxiRig *r)
{
    uint8_t pm = qpci_find_capability(r->fn->pci, PCI_CAP_ID_PM, 0);

    for (unsigned round = 0; round < ROUNDS; round++) {
        Load l;

        load_start(r->vm, &r->c, &l, COPIES, 0);
        qpci_config_writew(r->fn->pci, pm + PCI_PM_CTRL, 3);
        expect_quiet(r->vm, &r->c, &l);
        qpci_config_writew(r->fn->pci, pm + PCI_PM_CTRL, 0);
        restart(r);
    }
}

static void test_reset_request(SdxiRig *r)
{
    Load l;

    for (unsigned round = 0; round < ROUNDS; round++) {
        load_start(r->vm, &r->c, &l, COPIES, 0);
        sdxi_fn_wr(r->fn, SDXI_CTL0, SDXI_RESET);
        g_assert_cmpuint(sdxi_fn_state(r->fn), ==, SDXI_ST_STOP);
        expect_quiet(r->vm, &r->c, &l);
        sdxi_fn_up(r->fn);
        sdxi_cxt_init(&r->c, r->fn, 1, 1024);
        sdxi_cxt_start(&r->c);
    }
}

/* All that was to be done is done in the end. */
static void test_vm_stop(SdxiRig *r)
{
    const unsigned copies = 200;
    Load l;

    load_start(r->vm, &r->c, &l, copies, 0);
    for (unsigned round = 0; round < ROUNDS; round++) {
        qtest_qmp_assert_success(r->vm->qts, "{'execute': 'stop'}");
        expect_quiet(r->vm, &r->c, &l);
        qtest_qmp_assert_success(r->vm->qts, "{'execute': 'cont'}");
    }
    sdxi_cxt_wait_index(&r->c, copies);
}

/* ---- through another function ---- */

typedef struct Pair {
    SdxiVm *vm;
    SdxiFn *fn, *target;
    SdxiCxt c;
    uint64_t rkeys;
} Pair;

static void pair_open(Pair *p, const char *props)
{
    SdxiPair pair;

    p->vm = sdxi_vm_start("-device sdxi,addr=4,group=g,sfunc=16%s "
                          "-device sdxi,addr=5,group=g,sfunc=17,"
                          "vectors=1100", props);
    pair = sdxi_pair_up(p->vm, &p->c);
    p->fn = pair.self;
    p->target = pair.target;
    p->rkeys = pair.rkeys;
}

static void pair_close(Pair *p)
{
    sdxi_fn_close(p->target);
    sdxi_fn_close(p->fn);
    sdxi_vm_stop(p->vm);
}

typedef void TakeAway(Pair *p);

static void take_key(Pair *p)
{
    sdxi_fn_wr(p->target, SDXI_RKEY, 0);
}

static void stop_target(Pair *p)
{
    sdxi_fn_request(p->target, SDXI_STOP_HD);
    sdxi_fn_wait(p->target, SDXI_ST_STOP);
}

static void reset_target(Pair *p)
{
    sdxi_fn_request(p->target, SDXI_RESET);
}

static void flr_target(Pair *p)
{
    uint8_t cap = qpci_find_capability(p->target->pci, PCI_CAP_ID_EXP, 0);

    qpci_config_writew(p->target->pci, cap + PCI_EXP_DEVCTL,
                       PCI_EXP_DEVCTL_BCR_FLR);
}

static void target_no_master(Pair *p)
{
    qpci_config_writew(p->target->pci, PCI_COMMAND, PCI_COMMAND_MEMORY);
}

static void target_asleep(Pair *p)
{
    uint8_t cap = qpci_find_capability(p->target->pci, PCI_CAP_ID_PM, 0);

    qpci_config_writew(p->target->pci, cap + PCI_PM_CTRL, 3);
}

static TakeAway *const take_away[] = {
    take_key, stop_target, reset_target, flr_target, target_no_master,
    target_asleep,
};

static void through_target(const char *props, unsigned ways)
{
    for (unsigned i = 0; i < ways; i++) {
        Load l;
        Pair p;

        pair_open(&p, props);
        load_start(p.vm, &p.c, &l, COPIES, 1);
        take_away[i](&p);
        /* Who copies goes on: its index counts the one that fails. */
        expect_no_writes(p.vm, &l);
        /* Who came too late gives it something to fail at. */
        if (sdxi_cxt_read_index(&p.c) == COPIES) {
            load_push(&p.c, &l, 0, 1);
            sdxi_cxt_kick(&p.c);
        }
        /* The one who did it has an error, and goes on. */
        sdxi_cxt_wait_state(&p.c, SDXI_CXT_ERR);
        g_assert_false(sdxi_cxt_do(&p.fn->admin, sdxi_dsc_nop()));
        pair_close(&p);
    }
}

static void test_target(void)
{
    through_target("", ARRAY_SIZE(take_away));
}

static void test_target_workers(void)
{
    through_target(",workers=3", 2);
}

/*
 * Likewise for accesses that the main loop makes, because the source is slow:
 * the doorbells of the target, which read 0.  It goes on between any two
 * commands here, so the end of a piece is looked at, and nothing before it.
 */
#define SLOW_PIECE (256 * KiB)

static void slow_load(Pair *p, Load *l)
{
    SdxiDsc d;

    l->dst = sdxi_vm_alloc(p->vm, LOOK, 4096);
    qtest_memset(p->vm->qts, l->dst, 0xff, LOOK);
    d = sdxi_dsc_copy(p->target->doorbells.addr, l->dst, LOOK);
    sdxi_dsc_set_akeys(&d, 0, 1);
    sdxi_cxt_push(&p->c, &d);
    sdxi_cxt_kick(&p->c);
    sdxi_wait_until(p->vm, 20, !qtest_readb(p->vm->qts, l->dst));
}

static void through_slow_target(const char *props)
{
    for (unsigned i = 0; i < ARRAY_SIZE(take_away); i++) {
        uint8_t was, is;
        Load l;
        Pair p;

        pair_open(&p, props);
        slow_load(&p, &l);
        take_away[i](&p);
        was = qtest_readb(p.vm->qts, l.dst + SLOW_PIECE - 1);
        sdxi_cxt_wait_index(&p.c, 1);
        is = qtest_readb(p.vm->qts, l.dst + SLOW_PIECE - 1);
        g_assert_cmphex(is, ==, was);
        g_assert_false(sdxi_cxt_do(&p.fn->admin, sdxi_dsc_nop()));
        pair_close(&p);
    }
}

static void test_slow_target(void)
{
    through_slow_target("");
}

static void test_slow_target_workers(void)
{
    through_slow_target(",workers=3");
}

/* ---- interrupts of another function ---- */

#define INTR_CONTEXTS   4
#define INTR_KEYS       255     /* of each; each has a vector of its own */
#define INTR_VECTORS    (INTR_CONTEXTS * INTR_KEYS)

typedef struct Intrs {
    Pair p;
    SdxiCxt c[INTR_CONTEXTS];
    uint64_t src, dst, cell[INTR_VECTORS];
} Intrs;

/* Key 1 and so on of context @n, and what they lead to. */
static void intrs_init(Intrs *t, unsigned n)
{
    SdxiCxt *c = &t->c[n];

    sdxi_cxt_init(c, t->p.fn, 2 + n, 1024);
    for (unsigned i = 0; i < INTR_KEYS; i++) {
        unsigned v = n * INTR_KEYS + i;

        t->cell[v] = sdxi_msix_arm(t->p.target, 1 + v);
        sdxi_pair_interrupt(c, 1 + i, t->p.rkeys, v);
    }
    sdxi_cxt_start(c);
}

/* Each vector once, and something to do between two of them. */
static void intrs_push(Intrs *t)
{
    for (unsigned n = 0; n < INTR_CONTEXTS; n++) {
        for (unsigned i = 0; i < INTR_KEYS; i++) {
            SdxiDsc copy = sdxi_dsc_copy(t->src, t->dst, 2 * MiB);
            SdxiDsc intr = sdxi_dsc_intr(1 + i);

            sdxi_cxt_push(&t->c[n], &copy);
            sdxi_cxt_push(&t->c[n], &intr);
        }
    }
    for (unsigned n = 0; n < INTR_CONTEXTS; n++) {
        sdxi_cxt_kick(&t->c[n]);
    }
}

/*
 * One function raises vectors of another, which has stopped a moment before it
 * when both move to another emulator.  None is lost.
 */
static void test_interrupts(void)
{
    Intrs *t = g_new0(Intrs, 1);
    Pair *p = &t->p;

    pair_open(p, "");
    p->rkeys = sdxi_vm_alloc(p->vm, 4 * 4096, 4096);
    sdxi_fn_wr(p->target, SDXI_RKEY, p->rkeys | 2 << 1 | 1);
    sdxi_msix_on(p->target);
    t->src = sdxi_vm_alloc(p->vm, 2 * MiB, 4096);
    t->dst = sdxi_vm_alloc(p->vm, 2 * MiB, 4096);
    for (unsigned n = 0; n < INTR_CONTEXTS; n++) {
        intrs_init(t, n);
    }
    for (unsigned round = 0; round < 2; round++) {
        intrs_push(t);
        sdxi_vm_migrate(p->vm);
        for (unsigned n = 0; n < INTR_CONTEXTS; n++) {
            sdxi_cxt_wait_index(&t->c[n], t->c[n].count);
        }
        for (unsigned v = 0; v < INTR_VECTORS; v++) {
            sdxi_msix_wait(p->target, t->cell[v]);
        }
    }
    pair_close(p);
    g_free(t);
}

/* ---- something slow ---- */

/* A flash of 8 MiB below 4 GiB, in a file: each byte is written out. */
#define FLASH_BYTES     (8 * MiB)
#define FLASH           (4 * GiB - FLASH_BYTES)

typedef struct Slow {
    SdxiVm *vm;
    SdxiFn *fn;
    SdxiCxt c;
    char *file;
} Slow;

static void slow_open(Slow *s, const char *props)
{
    int fd = g_file_open_tmp("sdxi-flash-XXXXXX", &s->file, NULL);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(ftruncate(fd, FLASH_BYTES), ==, 0);
    close(fd);
    s->vm = sdxi_vm_start("-drive if=pflash,format=raw,file=%s "
                          "-device sdxi,addr=4%s", s->file, props);
    s->fn = sdxi_fn_open(s->vm, 4);
    sdxi_fn_up(s->fn);
    sdxi_cxt_init(&s->c, s->fn, 1, 1024);
    sdxi_cxt_start(&s->c);
}

/* Words that the flash takes for "write a byte", so that each has its cost. */
static void slow_start(Slow *s, uint32_t bytes)
{
    uint64_t src = sdxi_vm_alloc(s->vm, bytes, 4096);
    SdxiDsc d = sdxi_dsc_copy(src, FLASH, bytes);

    qtest_memset(s->vm->qts, src, 0x40, bytes);
    sdxi_cxt_push(&s->c, &d);
    sdxi_cxt_kick(&s->c);
}

static void slow_close(Slow *s)
{
    sdxi_fn_close(s->fn);
    sdxi_vm_stop(s->vm);
    unlink(s->file);
    g_free(s->file);
}

/* It was minutes; a loaded machine may take its time. */
#define TOO_LONG_MS 60000

/* Milliseconds that @what takes. */
#define TIME_OF(what) ({                                                \
        gint64 begin_ = g_get_monotonic_time();                         \
        what;                                                           \
        (g_get_monotonic_time() - begin_) / 1000;                       \
    })

/* How far the flash has been written: about half of its bytes are not zero. */
static gsize slow_written(const Slow *s)
{
    g_autofree char *flash = NULL;
    gsize n = 0;

    g_assert_true(g_file_get_contents(s->file, &flash, &n, NULL));
    while (n && !flash[n - 1]) {
        n--;
    }
    return n;
}

/*
 * Whoever is answered need not wait for the end of what the device was asked
 * for at once, which is some whole pages.
 */
static bool slow_stops_within(const Slow *s)
{
    gsize at;

    qtest_qmp_assert_success(s->vm->qts, "{'execute': 'stop'}");
    at = slow_written(s);
    g_test_message("stopped at byte %zu", at);
    qtest_qmp_assert_success(s->vm->qts, "{'execute': 'cont'}");
    return at % 4096;
}

static void while_slow(const char *props)
{
    bool within = false;
    gint64 worst = 0;
    Slow s;

    slow_open(&s, props);
    slow_start(&s, 1 * MiB);
    sdxi_wait_until(s.vm, 20, slow_written(&s));
    for (unsigned i = 0; i < 50; i++) {
        worst = MAX(worst, TIME_OF(sdxi_fn_rd(s.fn, SDXI_STS0)));
        worst = MAX(worst, TIME_OF(sdxi_fn_wr(s.fn, SDXI_ERR_RD, i)));
        g_assert_cmphex(sdxi_fn_rd(s.fn, SDXI_ERR_RD), ==, i);
    }
    for (unsigned i = 0; i < 3; i++) {
        worst = MAX(worst, TIME_OF(within |= slow_stops_within(&s)));
    }
    g_assert_true(within);
    sdxi_fn_request(s.fn, SDXI_RESET);
    g_assert_cmpuint(sdxi_fn_state(s.fn), ==, SDXI_ST_STOP);
    g_test_message("the worst took %d ms", (int)worst);
    g_assert_cmpint(worst, <, TOO_LONG_MS);
    sdxi_fn_up(s.fn);
    g_assert_false(sdxi_cxt_do(&s.fn->admin, sdxi_dsc_nop()));
    slow_close(&s);
}

static void test_slow(void)
{
    while_slow("");
}

static void test_slow_workers(void)
{
    while_slow(",workers=3");
}

/* ---- many that ask ---- */

/* All workers have nothing but accesses for the main loop, for a minute. */
static void test_crowd(void)
{
    gint64 worst = 0;
    SdxiCxt c[16];
    Slow s;

    slow_open(&s, ",workers=16");
    for (unsigned i = 0; i < ARRAY_SIZE(c); i++) {
        uint64_t src = sdxi_vm_alloc(s.vm, 512, 512);

        qtest_memset(s.vm->qts, src, 0x40, 512);
        sdxi_cxt_init(&c[i], s.fn, 2 + i, 1024);
        sdxi_cxt_start(&c[i]);
        for (unsigned n = 0; n < 100; n++) {
            SdxiDsc d = sdxi_dsc_copy(src, FLASH + i * 4096, 512);

            sdxi_cxt_push(&c[i], &d);
        }
        sdxi_cxt_kick(&c[i]);
    }
    for (unsigned i = 0; i < 20; i++) {
        worst = MAX(worst, TIME_OF(qobject_unref(qtest_qmp(
            s.vm->qts, "{'execute': 'query-status'}"))));
    }
    g_test_message("the worst took %d ms", (int)worst);
    g_assert_cmpint(worst, <, TOO_LONG_MS);
    sdxi_fn_request(s.fn, SDXI_RESET);
    slow_close(&s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    sdxi_add_running("/sdxi/quiet/bus-master", NULL, test_bus_master);
    sdxi_add_running("/sdxi/quiet/sleep", NULL, test_sleep);
    sdxi_add_running("/sdxi/quiet/reset-request", NULL, test_reset_request);
    sdxi_add_running("/sdxi/quiet/vm-stop", NULL, test_vm_stop);
    sdxi_add_running("/sdxi/quiet/bus-master-workers", "workers=3",
                     test_bus_master);
    sdxi_add_running("/sdxi/quiet/reset-request-workers", "workers=3",
                     test_reset_request);
    qtest_add_func("/sdxi/quiet/target", test_target);
    qtest_add_func("/sdxi/quiet/target-workers", test_target_workers);
    qtest_add_func("/sdxi/quiet/slow-target", test_slow_target);
    qtest_add_func("/sdxi/quiet/slow-target-workers",
                   test_slow_target_workers);
    qtest_add_func("/sdxi/quiet/interrupts", test_interrupts);
    if (g_str_equal(qtest_get_arch(), "x86_64")) {
        qtest_add_func("/sdxi/quiet/slow", test_slow);
        qtest_add_func("/sdxi/quiet/slow-workers", test_slow_workers);
        qtest_add_func("/sdxi/quiet/crowd", test_crowd);
    }
    return g_test_run();
}
