/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine that moves again and again while it works: four interleaved memory
 * devices with a pattern that a model knows, SDXI copies on eight contexts
 * whose completions count down, poison that comes and goes, extents that are
 * added and released.  After each hop no byte is lost, and no descriptor is
 * lost or carried out twice.
 *
 * A hop is to a file, over a socket (precopy, multifd, postcopy), or a snapshot
 * and back to it.  There is one of each, or as many as MEMFAB_SOAK says.
 */
#include "qemu/osdep.h"
#include "qobject/qdict.h"
#include "tests/qtest/cxl/rig.h"
#include "tests/qtest/sdxi/util.h"
#include "tests/qtest/status.h"

#define WAYS        4
#define IW          2           /* the code for four ways */
#define IG          0           /* 256 bytes, as the window has it */
#define DCD         WAYS        /* number of the device with dynamic capacity */
#define WORDS       512         /* of the pattern */
#define CONTEXTS    8
#define SLOT        16          /* of the SDXI function, which is last */
#define MMIO        0xe8000000ull /* of that function */
#define RING        1024
#define LEN         4096        /* bytes of a copy */
#define COUNT       (1ull << 40) /* where completions count down from */
#define POISON      0x3000000ull /* in the first device, beside the pattern */
#define BLOCK       (2 * MiB)   /* of dynamic capacity */

typedef struct Copier {
    SdxiCxt c;
    uint64_t csb;
    uint64_t from, to;          /* in RAM and in the window */
} Copier;

/* What a snapshot takes back with the machine */
typedef struct Past {
    uint64_t word[WORDS];
    uint64_t pushed[CONTEXTS];
    uint64_t extents;           /* a bit for each block that is accepted */
} Past;

typedef struct Soak {
    SdxiVm *vm;
    Rig rig;
    SdxiFn *fn;
    Copier copier[CONTEXTS];
    Past now;
    GRand *rand;
    uint64_t dc_base;
    char *image;
    unsigned hops;
} Soak;

/* Another page for each word, spread over all devices */
static uint64_t word_at(const Soak *s, unsigned n)
{
    return s->rig.window + n * (2 * MiB) + (n * 4104ull) % (1 * MiB);
}

static void scribble(Soak *s, unsigned count)
{
    while (count--) {
        unsigned n = g_rand_int_range(s->rand, 0, WORDS);

        s->now.word[n] = (uint64_t)g_rand_int(s->rand) << 32 |
                         g_rand_int(s->rand);
        qtest_writeq(s->vm->qts, word_at(s, n), s->now.word[n]);
    }
}

static void check_words(Soak *s)
{
    for (unsigned n = 0; n < WORDS; n++) {
        g_assert_cmphex(qtest_readq(s->vm->qts, word_at(s, n)), ==,
                        s->now.word[n]);
    }
}

static void push_copies(Soak *s, unsigned count)
{
    for (unsigned i = 0; i < CONTEXTS; i++) {
        Copier *c = &s->copier[i];
        uint64_t done = sdxi_cxt_read_index(&c->c);

        for (unsigned n = 0; n < count && c->c.count - done < RING; n++) {
            SdxiDsc d = sdxi_dsc_copy(c->from, c->to, LEN);

            sdxi_dsc_set_csb(&d, c->csb);
            sdxi_cxt_push(&c->c, &d);
        }
        s->now.pushed[i] = c->c.count;
        sdxi_cxt_kick(&c->c);
    }
}

static void check_copies(Soak *s)
{
    for (unsigned i = 0; i < CONTEXTS; i++) {
        Copier *c = &s->copier[i];

        sdxi_cxt_wait_index(&c->c, s->now.pushed[i]);
        sdxi_csb_wait(s->vm, c->csb, COUNT - s->now.pushed[i]);
        g_assert_false(sdxi_csb_er(s->vm, c->csb));
        g_assert_true(sdxi_vm_equal(s->vm, c->from, c->to, LEN));
    }
}

static void poison(Soak *s)
{
    uint64_t dpa = POISON + g_rand_int_range(s->rand, 0, 64) * 64ull;
    uint64_t at = s->rig.window + rig_offset(&s->rig, IG, 0, dpa);
    uint8_t fill = g_rand_int_range(s->rand, 1, 256);

    rig_inject(&s->rig, dpa);
    rig_device_write(&s->rig, 0, dpa, fill);
    g_assert_cmphex(qtest_readb(s->vm->qts, at + 63), ==, fill);
}

static uint16_t extent_command(Soak *s, uint16_t opcode, unsigned block)
{
    uint8_t in[8 + 24] = { 1 };

    stq_le_p(in + 8, s->dc_base + block * BLOCK);
    stq_le_p(in + 16, BLOCK);
    return rig_command(&s->rig, DCD, opcode, in, sizeof(in));
}

static void extents(Soak *s)
{
    unsigned block = g_rand_int_range(s->rand, 0, 64);

    if (s->now.extents & BIT_ULL(block)) {
        g_assert_cmphex(extent_command(s, 0x4803, block), ==, 0);
    } else {
        qtest_qmp_assert_success(s->vm->qts,
            "{'execute': 'cxl-add-dynamic-capacity', 'arguments': {"
            " 'path': '/machine/peripheral/cxl4', 'host-id': 0,"
            " 'selection-policy': 'prescriptive', 'region': 0, 'extents': ["
            "  { 'offset': %" PRIu64 ", 'len': %" PRIu64 "} ] }}",
            (uint64_t)(block * BLOCK), (uint64_t)BLOCK);
        g_assert_cmphex(extent_command(s, 0x4802, block), ==, 0);
    }
    s->now.extents ^= BIT_ULL(block);
}

/* What is accepted can be released, what is not cannot. */
static void check_extents(Soak *s)
{
    for (unsigned block = 0; block < 64; block++) {
        bool has = s->now.extents & BIT_ULL(block);

        g_assert_true((extent_command(s, 0x4803, block) == 0) == has);
    }
    s->now.extents = 0;
}

static void work(void *opaque)
{
    Soak *s = opaque;

    scribble(s, 4);
    push_copies(s, 2);
    poison(s);
    extents(s);
}

static void check(Soak *s)
{
    check_copies(s);
    check_words(s);
    for (unsigned i = 0; i < 8; i++) {
        work(s);
    }
    check_copies(s);
    check_words(s);
    check_extents(s);
}

/* --- hops ---------------------------------------------------------------- */

static void to_file(Soak *s)
{
    sdxi_vm_migrate_live(s->vm, work, s);
}

static bool set_capability(QTestState *qts, const char *name, bool on)
{
    QDict *rsp = qtest_qmp(qts, "{'execute': 'migrate-set-capabilities',"
                           " 'arguments': {'capabilities': [{'capability': %s,"
                           " 'state': %i}]}}", name, on);
    bool ok = qdict_haskey(rsp, "return");

    qobject_unref(rsp);
    return ok;
}

static void migrate_to(Soak *s, QTestState *to, const char *uri, bool postcopy)
{
    QTestState *from = s->vm->qts;

    qtest_qmp_assert_success(to, "{'execute': 'migrate-incoming',"
                             " 'arguments': {'uri': %s}}", uri);
    qtest_qmp_assert_success(from, "{'execute': 'migrate',"
                             " 'arguments': {'uri': %s}}", uri);
    for (unsigned i = 0; postcopy && i < 3; i++) {
        work(s);
    }
    if (postcopy) {
        qtest_qmp_assert_success(from, "{'execute':"
                                 " 'migrate-start-postcopy'}");
    }
    while (!status_is(from, "query-migrate", "pre-switchover")) {
        work(s);
    }
    qtest_qmp_assert_success(from, "{'execute': 'migrate-continue',"
                             " 'arguments': {'state': 'pre-switchover'}}");
}

/* Over a socket, with one more capability (or NULL) on both sides */
static void over_socket(Soak *s, const char *capability)
{
    g_autofree char *dir = g_dir_make_tmp("cxl-soak-XXXXXX", NULL);
    g_autofree char *path = g_strdup_printf("%s/socket", dir);
    g_autofree char *uri = g_strdup_printf("unix:%s", path);
    QTestState *from = s->vm->qts;
    QTestState *to = qtest_initf("%s %s -incoming defer", sdxi_vm_machine(),
                                 s->vm->args);

    if (capability && (!set_capability(from, capability, true) ||
                       !set_capability(to, capability, true))) {
        g_test_message("%s cannot be had here, so it is not tried",
                       capability);
        capability = NULL;
    }
    g_assert_true(set_capability(from, "pause-before-switchover", true));
    qtest_qmp_assert_success(from, "{'execute': 'migrate-set-parameters',"
                             " 'arguments': {'max-bandwidth': 0}}");
    migrate_to(s, to, uri, !g_strcmp0(capability, "postcopy-ram"));
    s->vm->qts = s->vm->bus->qts = s->rig.qts = to;
    status_wait(to, "query-migrate", "completed");
    status_wait(from, "query-migrate", "completed");
    /* The next hop is another one. */
    if (capability) {
        set_capability(to, capability, false);
    }
    qtest_quit(from);
    unlink(path);
    rmdir(dir);
}

static void precopy(Soak *s)
{
    over_socket(s, NULL);
}

static void multifd(Soak *s)
{
    over_socket(s, "multifd");
}

static void postcopy(Soak *s)
{
    over_socket(s, "postcopy-ram");
}

/* What came after the snapshot has never been. */
static void snapshot(Soak *s)
{
    Past then;
    g_autofree char *said = NULL;

    work(s);
    then = s->now;
    said = qtest_hmp(s->vm->qts, "savevm soak");
    g_assert_cmpstr(said, ==, "");
    for (unsigned i = 0; i < 4; i++) {
        work(s);
    }
    g_free(said);
    said = qtest_hmp(s->vm->qts, "loadvm soak");
    g_assert_cmpstr(said, ==, "");
    s->now = then;
    for (unsigned i = 0; i < CONTEXTS; i++) {
        s->copier[i].c.count = then.pushed[i];
    }
    g_free(said);
    said = qtest_hmp(s->vm->qts, "delvm soak");
    g_assert_cmpstr(said, ==, "");
}

/* --- the machine --------------------------------------------------------- */

static char *make_image(void)
{
    const char *img = g_getenv("QTEST_QEMU_IMG");
    g_autofree char *words = NULL, *path = NULL;
    int fd, status;

    if (!img) {
        return NULL;
    }
    fd = g_file_open_tmp("cxl-soak-XXXXXX", &path, NULL);
    g_assert_cmpint(fd, >=, 0);
    close(fd);
    words = g_strdup_printf("%s create -q -f qcow2 %s 1M", img, path);
    g_assert_true(g_spawn_command_line_sync(words, NULL, NULL, &status, NULL));
    g_assert_cmpint(status, ==, 0);
    return g_steal_pointer(&path);
}

static SdxiVm *start_machine(const char *image)
{
    g_autoptr(GString) devices = g_string_new("");
    g_autofree char *window = rig_window_options(WAYS, 1);

    for (unsigned i = 0; i < WAYS; i++) {
        g_string_append_printf(devices, "-object memory-backend-ram,id=m%u,"
                               "size=512M -device cxl-type3,bus=rp%u,"
                               "id=cxl%u,sn=%u,volatile-memdev=m%u ",
                               i, i, i, i + 1, i);
    }
    g_string_append(devices, "-object memory-backend-ram,id=dc,size=256M "
                    "-device cxl-type3,bus=rp4,id=cxl4,sn=5,"
                    "volatile-dc-memdev=dc,num-dc-regions=1 "
                    "-device sdxi,bus=pcie.0,addr=10 ");
    if (image) {
        g_string_append_printf(devices, "-drive if=none,id=d,format=qcow2,"
                               "file=%s ", image);
    }
    return sdxi_vm_start("%s%s", window, devices->str);
}

static void start_copiers(Soak *s)
{
    /* Beside the slots of the memory devices */
    s->vm->bus->mmio_alloc_ptr = MMIO;
    s->fn = sdxi_fn_open(s->vm, SLOT);
    sdxi_fn_up(s->fn);
    for (unsigned i = 0; i < CONTEXTS; i++) {
        Copier *c = &s->copier[i];

        sdxi_cxt_init(&c->c, s->fn, i + 1, RING);
        sdxi_cxt_start(&c->c);
        c->csb = sdxi_csb_new(s->vm, COUNT);
        c->from = sdxi_vm_alloc(s->vm, LEN, 4096);
        sdxi_vm_fill(s->vm, c->from, LEN, i);
        /* Between the words of the pattern, across all ways */
        c->to = s->rig.window + i * (2 * MiB) + 3 * MiB / 2;
    }
}

static Soak *soak_start(void)
{
    Soak *s = g_new0(Soak, 1);

    s->rand = g_rand_new_with_seed(g_test_rand_int());
    s->image = make_image();
    s->vm = start_machine(s->image);
    s->rig = (Rig) { .qts = s->vm->qts };
    rig_enumerate_window(&s->rig, WAYS + 1);
    s->rig.devs = WAYS;
    rig_commit_set(&s->rig, IG, IW);
    rig_expect_aliases(&s->rig, WAYS);
    start_copiers(s);
    for (unsigned n = 0; n < WORDS; n++) {
        s->now.word[n] = rig_word(0, n);
        qtest_writeq(s->vm->qts, word_at(s, n), s->now.word[n]);
    }
    return s;
}

static void soak_stop(Soak *s)
{
    sdxi_fn_close(s->fn);
    sdxi_vm_stop(s->vm);
    if (s->image) {
        unlink(s->image);
    }
    g_free(s->image);
    g_rand_free(s->rand);
    g_free(s);
}

static void test_hops(void)
{
    static void (*const hop[])(Soak *s) = {
        to_file, precopy, multifd, postcopy, snapshot,
    };
    const char *wanted = g_getenv("MEMFAB_SOAK");
    unsigned hops = wanted ? (unsigned)atoi(wanted) : ARRAY_SIZE(hop);
    Soak *s = soak_start();

    for (unsigned n = 0; n < hops; n++) {
        void (*next)(Soak *) = hop[n % ARRAY_SIZE(hop)];

        if (next != snapshot || s->image) {
            next(s);
            s->rig.qts = s->vm->qts;
        }
        check(s);
        g_test_message("hop %u of %u", n + 1, hops);
    }
    soak_stop(s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/soak/hops", test_hops);
    return g_test_run();
}
