/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Speed of one NUMA node's memory against another's, side by side.
 *
 *   mem-bench MIB NODE BASE-NODE
 *   mem-bench MIB @ADDRESS BASE-NODE
 *
 * Runs each access pattern on both nodes in turn, several times, and prints
 * one line per pattern: its name, the median ratio NODE/BASE-NODE of the pairs
 * and the median speeds in MB/s. Ratios of pairs hold where the machine's
 * speed drifts; absolute figures do not. No libnuma: linked statically.
 *
 * Memory that no node has is that at a physical address. It is mapped in small
 * pages, and so is then what it is compared with.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MPOL_BIND 2
#define PAIRS 7
#define RANDOM_LOADS (1u << 20)

struct buffer {
    volatile uint64_t *words;
    size_t size;
};

static volatile uint64_t sink;

static double seconds(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec + ts.tv_nsec / 1e9;
}

static size_t store(struct buffer *b)
{
    for (size_t i = 0; i < b->size / 8; i++) {
        b->words[i] = i;
    }
    return b->size;
}

static size_t load(struct buffer *b)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < b->size / 8; i++) {
        sum += b->words[i];
    }
    sink = sum;
    return b->size;
}

static size_t random_load(struct buffer *b)
{
    uint64_t x = 88172645463325252ull;
    uint64_t sum = 0;

    for (unsigned i = 0; i < RANDOM_LOADS; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        sum += b->words[x % (b->size / 8)];
    }
    sink = sum;
    return RANDOM_LOADS * sizeof(uint64_t);
}

static size_t copy(struct buffer *b)
{
    char *base = (char *)b->words;

    memcpy(base, base + b->size / 2, b->size / 2);
    return b->size / 2;
}

static const struct {
    const char *name;
    size_t (*run)(struct buffer *b);
} patterns[] = {
    { "store", store },
    { "load", load },
    { "random", random_load },
    { "memcpy", copy },
};

static void buffer_at(struct buffer *b, size_t size, uint64_t address)
{
    int fd = open("/dev/mem", O_RDWR);
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                   address);

    if (fd < 0 || p == MAP_FAILED) {
        perror("mem-bench: /dev/mem");
        exit(1);
    }
    memset(p, 1, size);
    b->words = p;
    b->size = size;
}

static void buffer_on(struct buffer *b, size_t size, unsigned node,
                      int small_pages)
{
    unsigned long mask[2] = { 0 };
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED) {
        perror("mem-bench: mmap");
        exit(1);
    }
    mask[node / 64] = 1ul << (node % 64);
    if (syscall(SYS_mbind, p, size, MPOL_BIND, mask, 128, 0)) {
        perror("mem-bench: mbind");
        exit(1);
    }
    if (small_pages && madvise(p, size, MADV_NOHUGEPAGE)) {
        perror("mem-bench: madvise");
    }
    memset(p, 1, size);
    b->words = p;
    b->size = size;
}

/* MB/s of one run. */
static double speed(size_t (*run)(struct buffer *b), struct buffer *b)
{
    double start = seconds();
    size_t bytes = run(b);

    return bytes / 1e6 / (seconds() - start);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, PAIRS, sizeof(*values), by_value);
    return values[PAIRS / 2];
}

static void compare(unsigned which, struct buffer *node, struct buffer *base)
{
    double a[PAIRS], b[PAIRS], ratio[PAIRS];

    /* the first pair warms translation caches and is not counted */
    speed(patterns[which].run, node);
    speed(patterns[which].run, base);
    for (int i = 0; i < PAIRS; i++) {
        a[i] = speed(patterns[which].run, node);
        b[i] = speed(patterns[which].run, base);
        ratio[i] = a[i] / b[i];
    }
    printf("%s %.3f %.1f %.1f\n", patterns[which].name, median(ratio),
           median(a), median(b));
}

int main(int argc, char **argv)
{
    struct buffer node, base;
    size_t size;

    if (argc != 4 || atoi(argv[1]) <= 0) {
        fprintf(stderr, "usage: mem-bench MIB NODE|@ADDRESS BASE-NODE\n");
        return 2;
    }
    size = (size_t)atoi(argv[1]) << 20;
    if (*argv[2] == '@') {
        buffer_at(&node, size, strtoull(argv[2] + 1, NULL, 0));
    } else {
        buffer_on(&node, size, atoi(argv[2]) & 127, 0);
    }
    buffer_on(&base, size, atoi(argv[3]) & 127, *argv[2] == '@');
    for (unsigned i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        compare(i, &node, &base);
    }
    return 0;
}
