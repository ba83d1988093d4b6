/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Find the pages of a large, mostly unused mapping that hold anything.
 *
 * Linux 6.7 and later find populated pages by walking page tables, so that 16
 * GiB of nothing take no time; before that every page has an entry of eight
 * bytes to be read.
 */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "qemu/units.h"
#include <sys/ioctl.h>
#include "hw/cxl/window/host-pages.h"

/* Most that is reported at once */
#define RUN_MAX (2 * MiB)
/* Pagemap entries that are read at once */
#define ENTRIES 16384
#define ENTRY_THERE 0xc000000000000000ull /* in memory or swapped out */

/* struct pm_scan_arg and struct page_region of linux/fs.h, if it is newer */
typedef struct PagemapScan {
    uint64_t size;          /* of this struct */
    uint64_t flags;
    uint64_t start, end;
    uint64_t walk_end;      /* out */
    uint64_t vec, vec_len;  /* where regions go */
    uint64_t max_pages;
    uint64_t inverted, mask, anyof, returned; /* categories */
} PagemapScan;

typedef struct PagemapRegion {
    uint64_t start, end, categories;
} PagemapRegion;

#define SCAN_IOCTL _IOWR('f', 16, PagemapScan)
#define SCAN_PRESENT (1ull << 3)
#define SCAN_SWAPPED (1ull << 4)

static int pagemap_fd(void)
{
    static int fd = -1;

    if (fd < 0) {
        fd = qemu_open_old("/proc/self/pagemap", O_RDONLY);
    }
    return fd;
}

/* The first populated region: 1 found, 0 none, -1 cannot say */
static int scan(int fd, const uint8_t *host, uint64_t len, uint64_t *start,
                uint64_t *end)
{
    PagemapRegion region = { 0 };
    PagemapScan arg = {
        .size = sizeof(arg),
        .start = (uintptr_t)host, .end = (uintptr_t)host + len,
        .vec = (uintptr_t)&region, .vec_len = 1,
        .anyof = SCAN_PRESENT | SCAN_SWAPPED,
        .returned = SCAN_PRESENT,
    };
    int found = ioctl(fd, SCAN_IOCTL, &arg);

    if (found == 1) {
        *start = region.start - (uintptr_t)host;
        *end = MIN(len, region.end - (uintptr_t)host);
    }
    return found;
}

/* The same by reading an entry for each page */
static int scan_entries(int fd, const uint8_t *host, uint64_t len,
                        uint64_t *start, uint64_t *end)
{
    g_autofree uint64_t *entry = g_new(uint64_t, ENTRIES);
    size_t page = qemu_real_host_page_size();

    for (uint64_t at = 0; at < len; at += ENTRIES * page) {
        unsigned n = MIN(ENTRIES, (len - at) / page), i = 0;
        off_t where = ((uintptr_t)host + at) / page * sizeof(*entry);

        if (pread(fd, entry, n * sizeof(*entry), where) !=
            (ssize_t)(n * sizeof(*entry))) {
            return -1;
        }
        while (i < n && !(entry[i] & ENTRY_THERE)) {
            i++;
        }
        if (i < n) {
            *start = at + i * page;
            while (i < n && (entry[i] & ENTRY_THERE)) {
                i++;
            }
            *end = at + i * page;
            return 1;
        }
    }
    return 0;
}

/* False if nothing is populated; if the kernel does not say, all is. */
static bool populated(const uint8_t *host, uint64_t len, uint64_t *start,
                      uint64_t *end)
{
    static bool no_scan;
    int fd = pagemap_fd();
    int found = -1;

    *start = 0;
    *end = len;
    if (fd >= 0 && !no_scan) {
        found = scan(fd, host, len, start, end);
        no_scan = found < 0;
    }
    if (fd >= 0 && found < 0) {
        found = scan_entries(fd, host, len, start, end);
    }
    return found;
}

bool cxl_host_pages_used(const uint8_t *host, uint64_t len, bool anonymous,
                         uint64_t *start, uint64_t *run)
{
    size_t page = qemu_real_host_page_size();
    uint64_t at = 0;

    while (at < len) {
        uint64_t from = 0, to = len - at;

        if (anonymous && !populated(host + at, len - at, &from, &to)) {
            return false;
        }
        to += at;
        at += from;
        while (at < to && buffer_is_zero(host + at, page)) {
            at += page;
        }
        *start = at;
        while (at < to && at - *start < RUN_MAX &&
               !buffer_is_zero(host + at, page)) {
            at += page;
        }
        *run = at - *start;
        if (*run) {
            return true;
        }
    }
    return false;
}
