/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What people use a data mover for, with figures beside the processor's.  The
 * figures are for people: no time decides whether a case was well.
 *
 *   sdxi-cases zero [BDF [MIB [NODE]]]   memory is zeroed
 *   sdxi-cases qos [BDF]                 contexts of two priorities compete
 *   sdxi-cases share BDF BDF             two processes with a function each
 *   sdxi-cases rogue BDF                 random doorbells until SIGTERM
 *   sdxi-cases migrate NODE [MIB]        pages go to NODE, by /dev/sdxi-move
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "module/move.h"
#include "say.h"
#include "sdxi-user.h"

#define MIB         (UINT64_C(1) << 20)
#define PAGE        4096ul
/* For who starts this by hand: who tests has a limit, which scales. */
#define WAIT_MS     600000

static SdxiUser *fn;

void say_last(void)
{
    sdxi_user_close(fn);
}

static const char *arg(int argc, char **argv, int n)
{
    return argc > n ? argv[n] : NULL;
}

static SdxiUserMemory *memory(size_t bytes, int node)
{
    SdxiUserMemory *m;

    must(sdxi_user_memory_new(fn, bytes, node, &m), "memory");
    return m;
}

static SdxiUserContext *context(unsigned qos)
{
    SdxiUserContextOptions options = { .qos = qos };
    SdxiUserContext *c;

    must(sdxi_user_context_new(fn, &options, &c), "context");
    return c;
}

static bool all_are(const uint8_t *p, size_t bytes, uint8_t value)
{
    return *p == value && !memcmp(p, p + 1, bytes - 1);
}

/* --- zeroing ------------------------------------------------------------- */

static void zero(int argc, char **argv)
{
    size_t bytes = (arg(argc, argv, 3) ? atoi(argv[3]) : 32) * MIB;
    int node = arg(argc, argv, 4) ? atoi(argv[4]) : -1;
    SdxiUserContext *c;
    SdxiUserMemory *m;
    double at, moved, by_cpu;

    must(sdxi_user_open(arg(argc, argv, 2), SDXI_USER_ANY, &fn), "open");
    sdxi_user_set_timeout(fn, WAIT_MS);
    c = context(0);
    m = memory(bytes, node);
    memset(m->va, 0xa5, bytes);
    at = now();
    memset(m->va, 0, bytes);
    by_cpu = now() - at;
    memset(m->va, 0xa5, bytes);
    at = now();
    must(sdxi_user_zero(c, m, 0, bytes - 5), "zero");
    moved = now() - at;
    must(sdxi_user_memory_check(fn, m), "zero");
    if (!all_are(m->va, bytes - 5, 0) || !all_are(m->va + bytes - 5, 5, 0xa5)) {
        fail("memory is not zero, or too much of it is");
    }
    step("zeroed %zu MiB: %.0f MiB/s by the function, %.0f by the processor",
         (size_t)(bytes / MIB), bytes / MIB / moved, bytes / MIB / by_cpu);
}

/* --- contexts beside each other ------------------------------------------ */

/* A full ring of copies, all reporting to block 1 */
static SdxiUserDescriptor *load(SdxiUserContext *c, const SdxiUserMemory *src,
                                const SdxiUserMemory *dst)
{
    SdxiUserDescriptor *d = calloc(SDXI_USER_RING, sizeof(*d));

    for (unsigned i = 0; d && i < SDXI_USER_RING; i++) {
        size_t at = i % 2 * MIB;

        d[i] = sdxi_user_copy(sdxi_user_address(dst, at, NULL),
                              sdxi_user_address(src, at, NULL), MIB);
        sdxi_user_report(&d[i], c, 1);
    }
    sdxi_user_arm(c, 1, SDXI_USER_RING);
    return d;
}

/* The low one begins; what it does while the high one works is its share. */
static void qos(int argc, char **argv)
{
    SdxiUserContext *low, *high;
    SdxiUserMemory *src, *dst;
    SdxiUserDescriptor *of_low, *of_high;
    uint64_t before, after;

    must(sdxi_user_open(arg(argc, argv, 2), SDXI_USER_ANY, &fn), "open");
    low = context(0);
    high = context(SDXI_USER_QOS_MAX);
    src = memory(2 * MIB, -1);
    dst = memory(2 * MIB, -1);
    memset(src->va, 0x5a, src->len);
    of_low = load(low, src, dst);
    of_high = load(high, src, dst);
    must(sdxi_user_submit(low, of_low, SDXI_USER_RING), "submit");
    before = sdxi_user_read_index(low);
    must(sdxi_user_submit(high, of_high, SDXI_USER_RING), "submit");
    must(sdxi_user_wait(high, 1, WAIT_MS), "high priority");
    after = sdxi_user_read_index(low);
    must(sdxi_user_wait(low, 1, WAIT_MS), "low priority");
    step("while priority %u did %u copies of 1 MiB, priority 0 did %" PRIu64,
         SDXI_USER_QOS_MAX, SDXI_USER_RING, after - before);
    if (before < SDXI_USER_RING && after == before) {
        fail("the low one starved");
    }
    if (memcmp(src->va, dst->va, src->len)) {
        fail("copies differ");
    }
}

/* --- two processes, each with a function and an address space of its own - */

struct offer {
    uint16_t sfunc;
    uint64_t at;
};

static void say(int fd, const void *what, size_t size)
{
    if (write(fd, what, size) != (ssize_t)size) {
        fail("the other process is gone");
    }
}

static void hear(int fd, void *what, size_t size)
{
    if (read(fd, what, size) != (ssize_t)size) {
        fail("the other process said nothing");
    }
}

static uint16_t own_handle(void)
{
    SdxiUserInfo info;

    sdxi_user_info(fn, &info);
    step("function 0x%04x by %s", info.sfunc,
         info.way == SDXI_USER_VFIO ? "vfio" : "sysfs");
    return info.sfunc;
}

/* Its memory is written by the other one, as long as its RKey lets it. */
static void lend(const char *bdf, int peer)
{
    struct offer mine;
    SdxiUserMemory *m;
    SdxiUserKey key = { 0 };
    char go = 0;

    must(sdxi_user_open(bdf, SDXI_USER_ANY, &fn), "open");
    m = memory(MIB, -1);
    mine = (struct offer) { own_handle(), sdxi_user_address(m, 0, NULL) };
    hear(peer, &key.function, sizeof(key.function));
    must(sdxi_user_set_rkey(fn, 7, &key), "RKey");
    say(peer, &mine, sizeof(mine));
    hear(peer, &go, 1);
    if (!all_are(m->va, MIB, 0x77)) {
        fail("what the other process wrote is not here");
    }
    must(sdxi_user_set_rkey(fn, 7, NULL), "RKey");
    say(peer, &go, 1);
    hear(peer, &go, 1);
    if (!all_are(m->va, MIB, 0x77)) {
        fail("memory was written without a key");
    }
}

static void use(const char *bdf, int peer)
{
    struct offer theirs;
    SdxiUserContext *c;
    SdxiUserMemory *m;
    SdxiUserKey key = { .rkey = 7 };
    SdxiUserDescriptor d;
    uint16_t sfunc;
    char go = 0;
    double at;

    must(sdxi_user_open(bdf, SDXI_USER_ANY, &fn), "open");
    c = context(0);
    m = memory(MIB, -1);
    memset(m->va, 0x77, MIB);
    sfunc = own_handle();
    say(peer, &sfunc, sizeof(sfunc));
    hear(peer, &theirs, sizeof(theirs));
    key.function = theirs.sfunc;
    must(sdxi_user_set_akey(c, 3, &key), "AKey");
    d = sdxi_user_copy(theirs.at, sdxi_user_address(m, 0, NULL), MIB);
    sdxi_user_keys(&d, 3, 0);
    sdxi_user_report(&d, c, 0);
    sdxi_user_arm(c, 0, 1);
    at = now();
    must(sdxi_user_submit(c, &d, 1), "submit");
    must(sdxi_user_wait(c, 0, WAIT_MS), "copy to the other process");
    step("1 MiB to memory of function 0x%04x: %.0f MiB/s", theirs.sfunc,
         1 / (now() - at));
    say(peer, &go, 1);
    hear(peer, &go, 1);
    memset(m->va, 0x11, MIB);
    sdxi_user_arm(c, 0, 1);
    must(sdxi_user_submit(c, &d, 1), "submit");
    if (sdxi_user_wait(c, 0, WAIT_MS) != SDXI_USER_E_FAILED) {
        fail("a copy without a key was not refused");
    }
    say(peer, &go, 1);
    step("refused once the key was taken back");
}

static void share(int argc, char **argv)
{
    int pair[2], status;
    pid_t child;

    if (argc < 4 || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair)) {
        fail("two functions are needed");
    }
    child = fork();
    if (!child) {
        close(pair[0]);
        lend(argv[3], pair[1]);
        sdxi_user_close(fn);
        exit(0);
    }
    close(pair[1]);
    use(argv[2], pair[0]);
    if (waitpid(child, &status, 0) != child || status) {
        fail("the other process failed");
    }
}

/* --- a process that rings what is not its own ---------------------------- */

static volatile sig_atomic_t enough;

static void on_term(int signal)
{
    (void)signal;
    enough = 1;
}

static void rogue(int argc, char **argv)
{
    char path[128];
    struct stat st;
    volatile uint64_t *bells;
    struct sigaction end = { .sa_handler = on_term };
    uint64_t x = 88172645463325252u, rung = 0;
    int fd;

    snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource2",
             argc > 2 ? argv[2] : "");
    fd = open(path, O_RDWR | O_SYNC);
    if (fd < 0 || fstat(fd, &st)) {
        fail("%s: %s", path, strerror(errno));
    }
    bells = mmap(NULL, st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (bells == MAP_FAILED) {
        fail("%s: %s", path, strerror(errno));
    }
    sigaction(SIGTERM, &end, NULL);
    while (!enough) {
        for (off_t at = 0; at < st.st_size; at += PAGE, rung++) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            bells[at / 8] = x >> x % 64;
        }
    }
    step("rung %" PRIu64 " times, with whatever values", rung);
}

/* --- pages that go to another node --------------------------------------- */

static unsigned on_node(uint8_t *p, size_t bytes, int node)
{
    unsigned found = 0;

    for (size_t at = 0; at < bytes; at += PAGE) {
        void *page = p + at;
        int status = -1;

        if (!syscall(SYS_move_pages, 0, 1ul, &page, NULL, &status, 0)) {
            found += status == node;
        }
    }
    return found;
}

static void move_by_mover(uint8_t *p, size_t bytes, int node)
{
    struct sdxi_move move = { .start = (uintptr_t)p, .bytes = bytes,
                              .node = node };
    double at = now();
    int fd = open("/dev/sdxi-move", O_RDWR);

    if (fd < 0 || ioctl(fd, SDXI_MOVE, &move)) {
        fail("/dev/sdxi-move: %s", strerror(errno));
    }
    at = now() - at;
    close(fd);
    if (move.moved != on_node(p, bytes, node)) {
        fail("%u pages moved, %u are on node %d", move.moved,
             on_node(p, bytes, node), node);
    }
    step("%u of %zu pages to node %d, by the function: %.0f MiB/s",
         move.moved, bytes / PAGE, node, bytes / MIB / at);
    if (move.moved < bytes / PAGE / 2) {
        fail("too few of them");
    }
}

static void move_by_cpu(uint8_t *p, size_t bytes, int node)
{
    size_t n = bytes / PAGE;
    void **page = calloc(n, sizeof(*page));
    int *nodes = calloc(n, sizeof(*nodes)), *status = calloc(n, sizeof(int));
    double at;

    for (size_t i = 0; i < n; i++) {
        page[i] = p + i * PAGE;
        nodes[i] = node;
    }
    at = now();
    if (syscall(SYS_move_pages, 0, n, page, nodes, status, 2) < 0) {
        fail("move_pages: %s", strerror(errno));
    }
    at = now() - at;
    step("%u of %zu pages to node %d, by the processor: %.0f MiB/s",
         on_node(p, bytes, node), n, node, bytes / MIB / at);
}

static void check_words(const uint64_t *p, size_t bytes)
{
    for (size_t i = 0; i < bytes / 8; i++) {
        if (p[i] != i * 0x9e3779b97f4a7c15) {
            fail("word %zu is another one", i);
        }
    }
}

static void migrate(int argc, char **argv)
{
    int node = argc > 2 ? atoi(argv[2]) : 0;
    size_t bytes = (argc > 3 ? atoi(argv[3]) : 8) * MIB;
    uint64_t *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED || madvise(p, bytes, MADV_NOHUGEPAGE)) {
        fail("no memory");
    }
    for (size_t i = 0; i < bytes / 8; i++) {
        p[i] = i * 0x9e3779b97f4a7c15;
    }
    for (int round = 0; round < 2; round++) {
        move_by_mover((uint8_t *)p, bytes, node);
        check_words(p, bytes);
        move_by_mover((uint8_t *)p, bytes, 0);
        check_words(p, bytes);
    }
    move_by_cpu((uint8_t *)p, bytes, node);
    move_by_cpu((uint8_t *)p, bytes, 0);
    check_words(p, bytes);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(int argc, char **argv);
    } cases[] = {
        { "zero", zero }, { "qos", qos }, { "share", share },
        { "rogue", rogue }, { "migrate", migrate },
    };

    for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        if (argc > 1 && !strcmp(argv[1], cases[i].name)) {
            cases[i].run(argc, argv);
            sdxi_user_close(fn);
            step("%s: all well", cases[i].name);
            return 0;
        }
    }
    fputs("Usage: sdxi-cases zero [BDF [MIB [NODE]]] | qos [BDF] |\n"
          "       share BDF BDF | rogue BDF | migrate NODE [MIB]\n", stderr);
    return 2;
}
