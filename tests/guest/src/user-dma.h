/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a guest program needs to drive a PCI function without a kernel driver:
 * messages, sysfs files, and memory whose physical addresses are known.
 * Nothing here knows SDXI.  Included by one source file per program, so that
 * each program still builds from a single command.
 */
#ifndef TESTS_GUEST_USER_DMA_H
#define TESTS_GUEST_USER_DMA_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define HUGE            (UINT64_C(2) << 20)

/* A piece of our memory and where each of its pages is. */
struct region {
    uint8_t *va;
    size_t len;
    uint64_t *page;
    size_t page_size;
};

/* The function this program drives. */
static struct {
    char bdf[64];
    int config;
} pci = { .config = -1 };

/* Called once by fail(): must end DMA.  Defined by the program. */
static void emergency_stop(void);
static void release_huge(void);

static void __attribute__((noreturn, format(printf, 1, 2)))
fail(const char *fmt, ...)
{
    static bool again;
    va_list ap;

    va_start(ap, fmt);
    fputs(PROGRAM ": FAILED: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    if (!again) {
        again = true;
        emergency_stop();
        release_huge();
    }
    exit(1);
}

static void __attribute__((format(printf, 1, 2))) step(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fputs(PROGRAM ": ", stdout);
    vprintf(fmt, ap);
    putchar('\n');
    va_end(ap);
    fflush(stdout);
}

static double now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec + ts.tv_nsec * 1e-9;
}

/* ---- sysfs and config space ---- */

static char *sysfs_path(const char *leaf)
{
    static char path[PATH_MAX];

    snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", pci.bdf, leaf);
    return path;
}

static bool read_line(const char *path, char *buf, size_t size)
{
    FILE *f = fopen(path, "r");
    bool ok = f && fgets(buf, size, f);

    if (ok) {
        buf[strcspn(buf, "\n")] = 0;
    }
    if (f) {
        fclose(f);
    }
    return ok;
}

static bool write_line(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY);
    bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    if (fd >= 0) {
        close(fd);
    }
    return ok;
}

/* Choose @bdf, or the first function of @class (as sysfs spells it). */
static void pci_find(const char *bdf, const char *want)
{
    struct dirent *e;
    DIR *d;
    char class[32];

    if (bdf) {
        snprintf(pci.bdf, sizeof(pci.bdf), "%s", bdf);
        if (!read_line(sysfs_path("class"), class, sizeof(class))) {
            fail("no PCI device %s", bdf);
        }
        return;
    }
    d = opendir("/sys/bus/pci/devices");
    if (!d) {
        fail("cannot list PCI devices: %s (is /sys mounted?)", strerror(errno));
    }
    while ((e = readdir(d))) {
        snprintf(pci.bdf, sizeof(pci.bdf), "%.63s", e->d_name);
        if (read_line(sysfs_path("class"), class, sizeof(class)) &&
            !strcmp(class, want)) {
            closedir(d);
            return;
        }
    }
    pci.bdf[0] = 0;
    fail("no PCI device of class %s found", want);
}

static void pci_check_unclaimed(void)
{
    char type[32];
    struct stat st;

    if (!lstat(sysfs_path("driver"), &st)) {
        fail("%s is bound to a kernel driver; unbind it first", pci.bdf);
    }
    if (read_line(sysfs_path("iommu_group/type"), type, sizeof(type)) &&
        !strncmp(type, "DMA", 3)) {
        fail("%s is behind an IOMMU that translates; boot with iommu=pt",
             pci.bdf);
    }
}

static volatile uint8_t *map_bar(unsigned bar, size_t min, size_t *len)
{
    char leaf[16];
    struct stat st;
    void *p;
    int fd;

    snprintf(leaf, sizeof(leaf), "resource%u", bar);
    fd = open(sysfs_path(leaf), O_RDWR | O_SYNC);
    if (fd < 0 || fstat(fd, &st)) {
        fail("cannot open %s: %s", sysfs_path(leaf), strerror(errno));
    }
    if ((size_t)st.st_size < min) {
        fail("BAR%u has %lld bytes, %zu needed", bar, (long long)st.st_size,
             min);
    }
    p = mmap(NULL, st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED) {
        fail("cannot map BAR%u: %s", bar, strerror(errno));
    }
    close(fd);
    if (len) {
        *len = st.st_size;
    }
    return p;
}

static uint32_t cfg_read(unsigned off, unsigned size)
{
    uint32_t v = 0;

    if (pread(pci.config, &v, size, off) != (ssize_t)size) {
        fail("cannot read config space at 0x%x: %s", off, strerror(errno));
    }
    return v;
}

static void cfg_write(unsigned off, unsigned size, uint32_t v)
{
    if (pwrite(pci.config, &v, size, off) != (ssize_t)size) {
        fail("cannot write config space at 0x%x: %s", off, strerror(errno));
    }
}

static unsigned find_capability(uint8_t id)
{
    unsigned off = cfg_read(0x34, 1) & ~3u;
    int left;

    for (left = 48; off >= 0x40 && left; left--) {
        if (cfg_read(off, 1) == id) {
            return off;
        }
        off = cfg_read(off + 1, 1) & ~3u;
    }
    return 0;
}

/* ---- memory ---- */

static uint64_t pagemap_lookup(const void *va)
{
    static int fd = -1;
    long ps = sysconf(_SC_PAGESIZE);
    uint64_t e;

    if (fd < 0) {
        fd = open("/proc/self/pagemap", O_RDONLY);
        if (fd < 0) {
            fail("cannot open /proc/self/pagemap: %s", strerror(errno));
        }
    }
    if (pread(fd, &e, 8, (uintptr_t)va / ps * 8) != 8 || !(e >> 63) ||
        !(e & ((UINT64_C(1) << 55) - 1))) {
        fail("no physical address for %p (needs CAP_SYS_ADMIN)", va);
    }
    return (e & ((UINT64_C(1) << 55) - 1)) * ps + (uintptr_t)va % ps;
}

/* Huge pages asked for, to be given back at the end. */
static struct {
    char path[96];
    unsigned n;
} huge_asked[8];

static void change_huge(const char *path, long by)
{
    char text[32];

    if (read_line(path, text, sizeof(text))) {
        snprintf(text, sizeof(text), "%ld", strtol(text, NULL, 10) + by);
        (void)write_line(path, text);
    }
}

/* Ask for @n more huge pages on @node (-1: any). */
static void reserve_huge(int node, unsigned n)
{
    char dir[48] = "/sys/kernel/mm";

    if (node >= 0) {
        snprintf(dir, sizeof(dir), "/sys/devices/system/node/node%d", node);
    }
    for (unsigned i = 0; i < sizeof(huge_asked) / sizeof(*huge_asked); i++) {
        if (!huge_asked[i].n) {
            huge_asked[i].n = n;
            snprintf(huge_asked[i].path, sizeof(huge_asked[i].path),
                     "%s/hugepages/hugepages-2048kB/nr_hugepages", dir);
            change_huge(huge_asked[i].path, n);
            return;
        }
    }
}

/* Call last: pages still in use become surplus and go when the program ends. */
static void release_huge(void)
{
    for (unsigned i = 0; i < sizeof(huge_asked) / sizeof(*huge_asked); i++) {
        if (huge_asked[i].n) {
            change_huge(huge_asked[i].path, -(long)huge_asked[i].n);
            huge_asked[i].n = 0;
        }
    }
}

static void bind_node(void *va, size_t len, int node)
{
    unsigned long mask[16] = { 0 };

    if (node < 0) {
        return;
    }
    mask[node / (8 * sizeof(long))] |= 1ul << (node % (8 * sizeof(long)));
    if (syscall(SYS_mbind, va, len, 2 /* MPOL_BIND */, mask,
                8 * sizeof(mask), 0)) {
        fail("cannot bind memory to node %d: %s", node, strerror(errno));
    }
}

/*
 * Huge pages when there are any: they are contiguous and never moved.
 * Otherwise locked pages, which compaction may move; region_settled() tells.
 */
static void region_alloc(struct region *r, size_t len, int node)
{
    size_t huge = (len + HUGE - 1) & ~(HUGE - 1), i;
    int prot = PROT_READ | PROT_WRITE, flags = MAP_PRIVATE | MAP_ANONYMOUS;

    reserve_huge(node, huge / HUGE);
    r->len = huge;
    r->va = mmap(NULL, huge, prot, flags | MAP_HUGETLB | (21 << 26), -1, 0);
    r->page_size = sysconf(_SC_PAGESIZE);
    if (r->va != MAP_FAILED) {
        bind_node(r->va, huge, node);
        if (madvise(r->va, huge, 23 /* MADV_POPULATE_WRITE */)) {
            munmap(r->va, huge);
            r->va = MAP_FAILED;
        }
    }
    if (r->va == MAP_FAILED) {
        r->va = mmap(NULL, huge, prot, flags, -1, 0);
        if (r->va == MAP_FAILED) {
            fail("no memory for %zu bytes", huge);
        }
        bind_node(r->va, huge, node);
        memset(r->va, 0, huge);
        if (mlock(r->va, huge)) {
            fail("cannot lock %zu bytes on node %d: %s", huge, node,
                 strerror(errno));
        }
    }
    r->page = calloc(huge / r->page_size, sizeof(*r->page));
    for (i = 0; i < huge; i += r->page_size) {
        r->va[i] = 0;
        r->page[i / r->page_size] = pagemap_lookup(r->va + i);
    }
}

static bool region_settled(const struct region *r)
{
    size_t i;

    for (i = 0; i < r->len; i += r->page_size) {
        if (r->page[i / r->page_size] != pagemap_lookup(r->va + i)) {
            return false;
        }
    }
    return true;
}

/* Physical address of @off and how far it stays contiguous, at most @max. */
static uint64_t region_phys(const struct region *r, size_t off, uint64_t max,
                            uint64_t *len)
{
    size_t i = off / r->page_size;
    uint64_t at = r->page[i] + off % r->page_size;

    *len = r->page_size - off % r->page_size;
    while (*len < max && (i + 1) * r->page_size < r->len &&
           r->page[i + 1] == r->page[i] + r->page_size) {
        i++;
        *len += r->page_size;
    }
    *len = *len < max ? *len : max;
    return at;
}


#endif
