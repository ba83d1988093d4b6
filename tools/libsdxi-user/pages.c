/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsdxi-user: huge pages and pagemap; see pages.h.
 *
 * Huge pages are contiguous and never moved.  As many as are needed are asked
 * for, under a lock that other processes with this library take too, and given
 * back.  Without them pages are small, and locked unless somebody else pins
 * them; locked ones may be moved by compaction.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "pages.h"

#define HUGE_SHIFT      21
#define POPULATE_WRITE  23              /* MADV_POPULATE_WRITE, Linux 5.14 */
#define MODE_BIND       2               /* MPOL_BIND */
#define NODES_MAX       1024
#define PFN_MASK        ((UINT64_C(1) << 55) - 1)

static int open_counter(int node)
{
    char path[96], dir[48] = "/sys/kernel/mm";
    int fd;

    if (node >= 0) {
        snprintf(dir, sizeof(dir), "/sys/devices/system/node/node%d", node);
    }
    snprintf(path, sizeof(path), "%s/hugepages/hugepages-2048kB/nr_hugepages",
             dir);
    fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd >= 0 && flock(fd, LOCK_EX)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static long counted(int fd)
{
    char text[32];
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

    text[n > 0 ? n : 0] = 0;
    return n > 0 ? strtol(text, NULL, 10) : -1;
}

/* How many there are more than before: the kernel may not have that many. */
static long count(int fd, long by)
{
    long before = counted(fd), after;
    char text[32];
    int n = snprintf(text, sizeof(text), "%ld",
                     before + by > 0 ? before + by : 0);

    if (before < 0) {
        return 0;
    }
    (void)!pwrite(fd, text, n, 0);
    after = counted(fd);
    return after > before ? after - before : 0;
}

static bool bind_node(void *va, size_t len, int node)
{
    unsigned long mask[NODES_MAX / (8 * sizeof(long))] = { 0 };

    if (node < 0) {
        return true;
    }
    if (node >= NODES_MAX) {
        errno = EINVAL;
        return false;
    }
    mask[node / (8 * sizeof(long))] |= 1ul << node % (8 * sizeof(long));
    return !syscall(SYS_mbind, va, len, MODE_BIND, mask, NODES_MAX, 0);
}

static void *map(size_t len, int node, int flags)
{
    void *va = mmap(NULL, len, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

    /* A child's copy would be where the function looks for ours. */
    if (va != MAP_FAILED &&
        (madvise(va, len, MADV_DONTFORK) || !bind_node(va, len, node))) {
        int saved = errno;

        munmap(va, len);
        errno = saved;
        va = MAP_FAILED;
    }
    return va;
}

static bool map_huge(SdxiUserMemory *m, int node)
{
    int fd = open_counter(node);
    long more = fd < 0 ? 0 : count(fd, m->len >> HUGE_SHIFT);

    m->va = map(m->len, node, MAP_HUGETLB | HUGE_SHIFT << MAP_HUGE_SHIFT);
    if (m->va != MAP_FAILED && madvise(m->va, m->len, POPULATE_WRITE)) {
        munmap(m->va, m->len);
        m->va = MAP_FAILED;
    }
    if (fd >= 0) {
        if (m->va == MAP_FAILED) {
            count(fd, -more);
        } else {
            m->pages->huge = more;
            m->pages->node = node;
        }
        close(fd);
    }
    return m->va != MAP_FAILED;
}

static bool map_small(SdxiUserMemory *m, int node, bool lock)
{
    m->va = map(m->len, node, 0);
    if (m->va == MAP_FAILED) {
        return false;
    }
    if (lock && mlock(m->va, m->len)) {
        munmap(m->va, m->len);
        return false;
    }
    return true;
}

int sdxi_pages_map(size_t bytes, int node, bool lock, SdxiUserMemory *m)
{
    if (bytes > SIZE_MAX - SDXI_HUGE) {
        return SDXI_USER_E_ARGUMENT;
    }
    m->len = (bytes + SDXI_HUGE - 1) & ~(SDXI_HUGE - 1);
    m->pages = calloc(1, sizeof(*m->pages));
    if (!m->pages) {
        return SDXI_USER_E_MEMORY;
    }
    if (!map_huge(m, node) && !map_small(m, node, lock)) {
        free(m->pages);
        return SDXI_USER_E_MEMORY;
    }
    return SDXI_USER_OK;
}

void sdxi_pages_unmap(SdxiUserMemory *m)
{
    int saved = errno;
    int fd = m->pages->huge ? open_counter(m->pages->node) : -1;

    munmap(m->va, m->len);
    if (fd >= 0) {
        count(fd, -(long)m->pages->huge);
        close(fd);
    }
    free(m->pages->at);
    free(m->pages);
    errno = saved;
}

static bool look_up(int fd, const void *va, size_t page, uint64_t *at)
{
    uint64_t e;

    if (pread(fd, &e, 8, (uintptr_t)va / page * 8) != 8) {
        return false;
    }
    if (!(e >> 63) || !(e & PFN_MASK)) {
        /* The kernel hides numbers of pages rather than refuse to be read. */
        errno = EPERM;
        return false;
    }
    *at = (e & PFN_MASK) * page;
    return true;
}

int sdxi_pages_look_up(SdxiUserMemory *m)
{
    SdxiUserPages *p = m->pages;
    int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0;

    p->size = sysconf(_SC_PAGESIZE);
    p->n = m->len / p->size;
    p->at = calloc(p->n, sizeof(*p->at));
    for (size_t i = 0; good && i < p->n; i++) {
        m->va[i * p->size] = 0;
        good = p->at && look_up(fd, m->va + i * p->size, p->size, &p->at[i]);
    }
    if (fd >= 0) {
        close(fd);
    }
    return good ? SDXI_USER_OK : SDXI_USER_E_SYSTEM;
}

int sdxi_pages_check(const SdxiUserMemory *m)
{
    const SdxiUserPages *p = m->pages;
    int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    int ret = fd < 0 ? SDXI_USER_E_SYSTEM : SDXI_USER_OK;
    uint64_t at;

    for (size_t i = 0; ret == SDXI_USER_OK && i < p->n; i++) {
        if (!look_up(fd, m->va + i * p->size, p->size, &at) ||
            at != p->at[i]) {
            ret = SDXI_USER_E_MOVED;
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    return ret;
}
