/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies with a process's own addresses, through /dev/sdxi-sva of
 * module/sva.c: pages that are there, that are not, that must be copied before
 * they are written, that are not to be had, and those of another process.
 *
 *   sdxi-sva [NAME...]
 *
 * The device is that of $SDXI_SVA, if it is set.
 *
 * Runs all cases, or those named, and prints a line for each.  The exit status
 * is 0 if all went well.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "module/sva.h"
#include "sdxi-user.h"

#define PAGE        4096ul
#define BYTES       (8 * PAGE)
#define STATE_ERROR 0xf
#define WAIT_MS     30000

/* What the function and this program share */
struct shared {
    uint64_t ring[SDXI_USER_RING][8];
    uint64_t csb[SDXI_USER_COMPLETIONS][4];
    uint64_t sts[2];
    uint64_t write_index;
} __attribute__((aligned(4096)));

struct mover {
    int fd;
    struct shared *s;
    volatile uint64_t *doorbell;
    SdxiUserContext *cxt;
    unsigned number;
    unsigned akey, src_akey;
};

static void die(const char *what)
{
    fprintf(stderr, "sdxi-sva: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void *pages(size_t bytes, int protection)
{
    void *p = mmap(NULL, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                   0);

    if (p == MAP_FAILED) {
        die("mmap");
    }
    return p;
}

/* Memory that nobody has touched yet */
static uint8_t *untouched(void)
{
    return pages(BYTES, PROT_READ | PROT_WRITE);
}

static uint8_t *pattern(unsigned seed)
{
    uint8_t *p = untouched();

    for (size_t i = 0; i < BYTES; i++) {
        p[i] = i * 7 + (i >> 12) + seed;
    }
    return p;
}

static void start(struct mover *m)
{
    struct sdxi_sva_start arg = {
        .ring = (uintptr_t)m->s->ring, .sts = (uintptr_t)m->s->sts,
        .write_index = (uintptr_t)&m->s->write_index,
        .entries = SDXI_USER_RING,
    };

    memset(m->s, 0, sizeof(*m->s));
    if (ioctl(m->fd, SDXI_SVA_START, &arg)) {
        die("SDXI_SVA_START");
    }
    m->number = arg.context;
}

static const char *device(void)
{
    const char *own = getenv("SDXI_SVA");

    return own ? own : "/dev/sdxi-sva";
}

static void mover_open(struct mover *m)
{
    SdxiUserPlace place;

    m->fd = open(device(), O_RDWR | O_CLOEXEC);
    if (m->fd < 0) {
        die(device());
    }
    m->s = pages(sizeof(*m->s), PROT_READ | PROT_WRITE);
    madvise(m->s, sizeof(*m->s), MADV_DONTFORK);
    m->doorbell = mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, m->fd, 0);
    if (m->doorbell == MAP_FAILED) {
        die("doorbell");
    }
    place = (SdxiUserPlace) {
        .ring = m->s->ring[0], .entries = SDXI_USER_RING,
        .write_index = &m->s->write_index, .status = m->s->sts,
        .completions = m->s->csb[0], .completions_at = (uintptr_t)m->s->csb,
        .doorbell = m->doorbell, .max_buffer = 2 << 20,
    };
    if (sdxi_user_context_attach(&place, &m->cxt)) {
        die("attach");
    }
    start(m);
}

static void mover_close(struct mover *m)
{
    sdxi_user_context_free(m->cxt);
    close(m->fd);
    munmap((void *)m->doorbell, PAGE);
    munmap(m->s, sizeof(*m->s));
}

/* Of the library: success, a descriptor's error, or no end */
static int copy(struct mover *m, void *dst, const void *src, size_t bytes)
{
    SdxiUserDescriptor d = sdxi_user_copy((uintptr_t)dst, (uintptr_t)src,
                                          bytes);
    int ret;

    sdxi_user_keys(&d, m->akey, m->src_akey ? m->src_akey : m->akey);
    sdxi_user_report(&d, m->cxt, 0);
    sdxi_user_arm(m->cxt, 0, 1);
    ret = sdxi_user_submit(m->cxt, &d, 1);
    return ret < 0 ? ret : sdxi_user_wait(m->cxt, 0, WAIT_MS);
}

/* True if it went well and the bytes are there. */
static bool copies(struct mover *m, uint8_t *dst, const uint8_t *src)
{
    return !copy(m, dst + 3, src + 5, BYTES - 9) &&
           !memcmp(dst + 3, src + 5, BYTES - 9);
}

/*
 * The caller has all its memory by now: what is mapped here might fill the hole
 * that it made.
 */
static bool refuses(struct mover *m, uint8_t *dst, const uint8_t *src)
{
    bool refused = copy(m, dst, src, BYTES) == SDXI_USER_E_FAILED;

    for (int i = 0; i < WAIT_MS &&
         sdxi_user_context_state(m->cxt) != STATE_ERROR; i++) {
        usleep(1000);
    }
    refused = refused && sdxi_user_context_state(m->cxt) == STATE_ERROR;
    /* and the context can be had again */
    start(m);
    return refused && copies(m, pattern(1), pattern(2));
}

/* --- cases --------------------------------------------------------------- */

static bool present(struct mover *m)
{
    return copies(m, pattern(1), pattern(2));
}

static bool own_key(struct mover *m)
{
    m->akey = SDXI_SVA_AKEY_PASID;
    return copies(m, pattern(3), pattern(4));
}

static bool absent_target(struct mover *m)
{
    return copies(m, untouched(), pattern(5));
}

static bool absent_source(struct mover *m)
{
    return copies(m, pattern(6), untouched());
}

static bool both_absent(struct mover *m)
{
    return copies(m, untouched(), untouched());
}

static bool huge_page(struct mover *m)
{
    uint8_t *p = pages(4ul << 20, PROT_READ | PROT_WRITE);
    uint8_t *aligned = (uint8_t *)(((uintptr_t)p + (2ul << 20) - 1) &
                                   -(2ul << 20));

    madvise(aligned, 2ul << 20, MADV_HUGEPAGE);
    return copies(m, aligned, pattern(7));
}

/* The child's copy keeps what it had. */
static bool copy_on_write(struct mover *m)
{
    uint8_t *p = pattern(8), *before = pattern(8);
    int pipes[2], status;
    pid_t child;
    char go = 0;
    bool good;

    if (pipe(pipes)) {
        die("pipe");
    }
    child = fork();
    if (!child) {
        if (read(pipes[0], &go, 1) != 1) {
            _exit(1);
        }
        _exit(memcmp(p, before, BYTES) ? 1 : 0);
    }
    good = copies(m, p, pattern(9));
    if (write(pipes[1], &go, 1) != 1 || waitpid(child, &status, 0) != child) {
        die("child");
    }
    return good && !status;
}

/* What the process gives back, the function must not go on using. */
static bool given_back(struct mover *m)
{
    uint8_t *p = pattern(10), *zeroes = untouched();

    if (!copies(m, p, pattern(11)) || madvise(p, BYTES, MADV_DONTNEED) ||
        memcmp(p, zeroes, BYTES)) {
        return false;
    }
    madvise(p, BYTES, MADV_DONTNEED);
    return copies(m, p, pattern(12));
}

static bool unmapped_target(struct mover *m)
{
    uint8_t *p = untouched(), *src = pattern(13);

    munmap(p, BYTES);
    return refuses(m, p, src);
}

static bool unmapped_source(struct mover *m)
{
    uint8_t *p = pattern(14), *dst = pattern(15);

    munmap(p, BYTES);
    return refuses(m, dst, p);
}

static bool hole(struct mover *m)
{
    uint8_t *p = pattern(16), *src = pattern(17);

    munmap(p + 5 * PAGE, PAGE);
    return refuses(m, p, src);
}

static bool read_only(struct mover *m)
{
    uint8_t *p = pattern(18), *before = pattern(18);

    mprotect(p, BYTES, PROT_READ);
    return refuses(m, p, pattern(19)) && !memcmp(p, before, BYTES);
}

/* What a child with a space of its own tells its parent */
struct offer {
    uint64_t give, take;                /* addresses of the child's */
    uint32_t akey;
};

/* Let the parent's context in, and see what it has left in @take. */
static int lend(unsigned number, int to_parent, int from_parent)
{
    struct mover m = { 0 };
    uint8_t *give = pattern(20), *take = untouched(), *want = pattern(21);
    struct sdxi_sva_share share = { .context = number };
    struct offer offer;
    char go;

    mover_open(&m);
    if (ioctl(m.fd, SDXI_SVA_SHARE, &share)) {
        die("SDXI_SVA_SHARE");
    }
    offer = (struct offer) { (uintptr_t)give, (uintptr_t)take, share.akey };
    if (write(to_parent, &offer, sizeof(offer)) != sizeof(offer) ||
        read(from_parent, &go, 1) != 1) {
        return 1;
    }
    go = memcmp(take + 3, want + 5, BYTES - 9) != 0;
    mover_close(&m);
    return go;
}

/* From the child's memory, to the child's memory, and never again. */
static bool borrow(struct mover *m, int to_child, int from_child, pid_t child)
{
    struct offer offer;
    uint8_t *mine = untouched(), *want = pattern(20);
    bool good;
    int status;

    if (read(from_child, &offer, sizeof(offer)) != sizeof(offer)) {
        return false;
    }
    m->akey = SDXI_SVA_AKEY_CONTEXT;
    m->src_akey = offer.akey;
    good = !copy(m, mine, (void *)offer.give, BYTES) &&
           !memcmp(mine, want, BYTES);
    m->akey = offer.akey;
    m->src_akey = SDXI_SVA_AKEY_PASID;
    good = !copy(m, (void *)(offer.take + 3), pattern(21) + 5, BYTES - 9) &&
           good;
    if (write(to_child, "", 1) != 1 || waitpid(child, &status, 0) != child ||
        status) {
        return false;
    }
    good = copy(m, (void *)offer.take, mine, BYTES) == SDXI_USER_E_FAILED &&
           good;
    start(m);
    m->akey = m->src_akey = SDXI_SVA_AKEY_CONTEXT;
    return good && copies(m, pattern(1), pattern(2));
}

/* Two processes, one copy: the key of another's address space */
static bool other_process(struct mover *m)
{
    int down[2], up[2];
    pid_t child;

    if (pipe2(down, O_CLOEXEC) || pipe2(up, O_CLOEXEC)) {
        die("pipe");
    }
    child = fork();
    if (!child) {
        close(m->fd);
        _exit(lend(m->number, up[1], down[0]));
    }
    close(up[1]);
    return borrow(m, down[1], up[0], child);
}

static double seconds(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* Figures, and no verdict: copies in own addresses, no system call at all */
static bool speed(struct mover *m)
{
    static const size_t sizes[] = { PAGE, 64 * 1024, 1 << 20 };
    uint8_t *src = pages(1 << 20, PROT_READ | PROT_WRITE);
    uint8_t *dst = pages(1 << 20, PROT_READ | PROT_WRITE);

    memset(src, 0x5a, 1 << 20);
    memset(dst, 0, 1 << 20);
    if (copy(m, dst, src, 1 << 20)) {   /* so that no page is asked for below */
        return false;
    }
    for (int i = 0; i < 3; i++) {
        unsigned rounds = (8 << 20) / sizes[i];
        double at = seconds(), moved, by_cpu;

        for (unsigned r = 0; r < rounds; r++) {
            if (copy(m, dst, src, sizes[i])) {
                return false;
            }
        }
        moved = seconds() - at;
        at = seconds();
        for (unsigned r = 0; r < rounds; r++) {
            memcpy(dst, src, sizes[i]);
            __asm__ volatile("" : : : "memory");
        }
        by_cpu = seconds() - at;
        printf("# %zu bytes: %.1f MiB/s by the function, %.1f by the "
               "processor\n", sizes[i], 8 / moved, 8 / by_cpu);
    }
    return !memcmp(src, dst, 1 << 20);
}

static const struct {
    const char *name;
    bool (*run)(struct mover *m);
} cases[] = {
    { "present", present },
    { "own-key", own_key },
    { "unmapped-target", unmapped_target },
    { "unmapped-source", unmapped_source },
    { "hole", hole },
    { "read-only", read_only },
    { "absent-target", absent_target },
    { "absent-source", absent_source },
    { "both-absent", both_absent },
    { "huge-page", huge_page },
    { "copy-on-write", copy_on_write },
    { "given-back", given_back },
    { "other-process", other_process },
    { "speed", speed },
};

static bool wanted(int argc, char **argv, int n)
{
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], cases[n].name)) {
            return true;
        }
    }
    return argc == 1;
}

int main(int argc, char **argv)
{
    int bad = 0;

    for (size_t n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
        struct mover m = { 0 };
        bool good;

        if (!wanted(argc, argv, n)) {
            continue;
        }
        mover_open(&m);
        good = cases[n].run(&m);
        mover_close(&m);
        printf("%s %s\n", good ? "ok" : "not ok", cases[n].name);
        fflush(stdout);
        bad += !good;
    }
    return bad ? 1 : 0;
}
