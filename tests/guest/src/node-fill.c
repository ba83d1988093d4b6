/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fill memory of one NUMA node with a pattern that depends on the position,
 * read it back and compare checksums. No libnuma: the program is linked
 * statically.
 *
 *   node-fill MIB [NODE]
 *
 * Without NODE the policy of the caller applies (numactl -m). Prints the
 * number of pages per node as the kernel reports them, and the checksums.
 * Exit status 0: every page on NODE (if given) and every word as written.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NODES_MAX 64
#define MPOL_BIND 2
#define PAGES_PER_QUERY 512

static uint64_t word_at(size_t i)
{
    uint64_t x = i * 0x9e3779b97f4a7c15ull + 0x6d656d666162ull;

    x ^= x >> 29;
    return x * 0xbf58476d1ce4e5b9ull;
}

static uint64_t checksum_add(uint64_t sum, uint64_t word)
{
    return ((sum << 7) | (sum >> 57)) ^ word;
}

static double seconds(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* Returns the number of pages that are not on @node, or -1. */
static long pages_elsewhere(char *base, size_t size, int node)
{
    size_t page = sysconf(_SC_PAGESIZE);
    long count[NODES_MAX] = { 0 };
    long elsewhere = 0;

    for (size_t at = 0; at < size; at += PAGES_PER_QUERY * page) {
        void *addr[PAGES_PER_QUERY];
        int status[PAGES_PER_QUERY];
        size_t n = 0;

        for (; n < PAGES_PER_QUERY && at + n * page < size; n++) {
            addr[n] = base + at + n * page;
        }
        if (syscall(SYS_move_pages, 0, n, addr, NULL, status, 0) < 0) {
            perror("node-fill: move_pages");
            return -1;
        }
        for (size_t i = 0; i < n; i++) {
            if (status[i] < 0 || status[i] >= NODES_MAX) {
                fprintf(stderr, "node-fill: page not present\n");
                return -1;
            }
            count[status[i]]++;
        }
    }
    for (int i = 0; i < NODES_MAX; i++) {
        if (count[i]) {
            printf("node %d: %ld pages\n", i, count[i]);
        }
        elsewhere += i != node ? count[i] : 0;
    }
    return elsewhere;
}

static int bind_to(void *base, size_t size, int node)
{
    unsigned long mask[NODES_MAX / (8 * sizeof(unsigned long))] = { 0 };

    mask[node / (8 * sizeof(*mask))] = 1ul << (node % (8 * sizeof(*mask)));
    if (syscall(SYS_mbind, base, size, MPOL_BIND, mask, NODES_MAX + 1, 0)) {
        fprintf(stderr, "node-fill: mbind to node %d: %s\n", node,
                strerror(errno));
        return -1;
    }
    return 0;
}

static int fill_and_verify(uint64_t *words, size_t n)
{
    uint64_t written = 0, read = 0;
    double start = seconds(), middle;

    for (size_t i = 0; i < n; i++) {
        uint64_t word = word_at(i);

        words[i] = word;
        written = checksum_add(written, word);
    }
    /* The second pass must come from memory, not from what is known. */
    __asm__ volatile("" : : "r"(words) : "memory");
    middle = seconds();
    for (size_t i = 0; i < n; i++) {
        read = checksum_add(read, words[i]);
    }
    printf("written %016" PRIx64 " read %016" PRIx64
           " (%.0f MiB/s write, %.0f MiB/s read)\n", written, read,
           n * 8 / 1048576.0 / (middle - start),
           n * 8 / 1048576.0 / (seconds() - middle));
    return written == read ? 0 : -1;
}

int main(int argc, char **argv)
{
    size_t mib = argc > 1 ? strtoul(argv[1], NULL, 0) : 0;
    int node = argc > 2 ? atoi(argv[2]) : -1;
    size_t size = mib << 20;
    void *base;
    long elsewhere;

    if (!mib || node >= NODES_MAX) {
        fprintf(stderr, "usage: node-fill MIB [NODE]\n");
        return 2;
    }
    base = mmap(NULL, size, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED) {
        perror("node-fill: mmap");
        return 1;
    }
    if (node >= 0 && bind_to(base, size, node)) {
        return 1;
    }
    if (fill_and_verify(base, size / 8)) {
        fprintf(stderr, "node-fill: checksums differ\n");
        return 1;
    }
    elsewhere = pages_elsewhere(base, size, node);
    if (elsewhere < 0 || (node >= 0 && elsewhere)) {
        fprintf(stderr, "node-fill: %ld pages are not on node %d\n",
                elsewhere, node);
        return 1;
    }
    return 0;
}
