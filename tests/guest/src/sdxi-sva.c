/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies with a process's own addresses, through /dev/sdxi-sva of
 * module/sva.c: pages that are there, that are not, that must be copied before
 * they are written, and that are not to be had.
 *
 *   sdxi-sva [NAME...]
 *
 * Runs all cases, or those named, and prints a line for each.  The exit status
 * is 0 if all went well.
 */
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

#define RING        1024
#define PAGE        4096ul
#define BYTES       (8 * PAGE)
#define COPY        0x10301u            /* with the valid bit */
#define ER          (1u << 31)
#define STATE_ERROR 0xf
#define SECONDS     30

/* What the function and this program share */
struct shared {
    uint64_t ring[RING][8];
    uint64_t csb[4];                    /* 32 bytes, aligned to as much */
    uint64_t sts[2];
    uint64_t write_index;
} __attribute__((aligned(4096)));

struct mover {
    int fd;
    struct shared *s;
    volatile uint64_t *doorbell;
    unsigned akey;
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
        .write_index = (uintptr_t)&m->s->write_index, .entries = RING,
    };

    memset(m->s, 0, sizeof(*m->s));
    if (ioctl(m->fd, SDXI_SVA_START, &arg)) {
        die("SDXI_SVA_START");
    }
}

static void mover_open(struct mover *m)
{
    m->fd = open("/dev/sdxi-sva", O_RDWR | O_CLOEXEC);
    if (m->fd < 0) {
        die("/dev/sdxi-sva");
    }
    m->s = pages(sizeof(*m->s), PROT_READ | PROT_WRITE);
    m->doorbell = mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, m->fd, 0);
    if (m->doorbell == MAP_FAILED) {
        die("doorbell");
    }
    start(m);
}

typedef enum Outcome { DONE, FAILED, HANGS } Outcome;

static Outcome copy(struct mover *m, void *dst, const void *src, size_t bytes)
{
    struct shared *s = m->s;
    uint64_t index = s->write_index;
    uint64_t *d = s->ring[index % RING];
    time_t end = time(NULL) + SECONDS;

    s->csb[1] = 0;
    s->csb[0] = 1;
    d[1] = (uint64_t)m->akey << 32 | (uint64_t)m->akey << 48;
    d[2] = (uintptr_t)src;
    d[3] = (uintptr_t)dst;
    d[4] = d[5] = d[6] = 0;
    d[7] = (uintptr_t)s->csb;
    __atomic_store_n(&s->write_index, index + 1, __ATOMIC_RELEASE);
    __atomic_store_n(&d[0], COPY | (uint64_t)(bytes - 1) << 32,
                     __ATOMIC_RELEASE);
    *m->doorbell = index + 1;
    while (__atomic_load_n(&s->csb[0], __ATOMIC_ACQUIRE)) {
        if (time(NULL) > end) {
            return HANGS;
        }
        usleep(100);
    }
    return s->csb[1] & ER ? FAILED : DONE;
}

/* True if it went well and the bytes are there. */
static bool copies(struct mover *m, uint8_t *dst, const uint8_t *src)
{
    return copy(m, dst + 3, src + 5, BYTES - 9) == DONE &&
           !memcmp(dst + 3, src + 5, BYTES - 9);
}

/*
 * The caller has all its memory by now: what is mapped here might fill the hole
 * that it made.
 */
static bool refuses(struct mover *m, uint8_t *dst, const uint8_t *src)
{
    bool refused = copy(m, dst, src, BYTES) == FAILED;

    for (int i = 0; i < 1000 && (m->s->sts[0] & 15) != STATE_ERROR; i++) {
        usleep(1000);
    }
    refused = refused && (m->s->sts[0] & 15) == STATE_ERROR;
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
        close(m.fd);
        munmap((void *)m.doorbell, PAGE);
        printf("%s %s\n", good ? "ok" : "not ok", cases[n].name);
        fflush(stdout);
        bad += !good;
    }
    return bad ? 1 : 0;
}
