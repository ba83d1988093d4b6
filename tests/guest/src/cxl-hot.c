/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Have a hotness monitoring unit (CXL r3.2 8.2.8) tell which page of a NUMA
 * node this program uses most.
 *
 *   cxl-hot FUNCTION NODE BASE
 *
 * FUNCTION is the memory device as DOMAIN:BUS:DEVICE.FUNCTION, whose memory
 * alone is that of NODE and begins at the host's address BASE.  Two pages of
 * the node are used: one often, one less often than the threshold.  Always on,
 * the first has to be in the list after each threshold of uses, and the other
 * never; in epochs, after one in which it was used all the time.  While the
 * unit is enabled its configuration has to stay.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include "locator.h"

#define MPOL_BIND       2
#define PAGE            4096
#define PAGE_SHIFT      12
#define PAGES           2
#define RANGE_SHIFT     28      /* of a bit of the bitmap */
/* Stores until the list has to have an entry: minutes of them */
#define STORES_MAX      200000000ul

/* The block, and the registers of its first instance */
#define BLOCK           0x10000
#define INSTANCE        0x10
enum { BITMAP_AT = 0x10, LIST_AT = 0x18, CONFIG = 0x40, CONFIG2 = 0x48,
       CONFIG3 = 0x50, STATUS = 0x60, HEAD = 0x68, TAIL = 0x6a };
#define WHAT_ALL        6ull
#define ENABLE          (1ull << 16)
#define RESET           (1ull << 17)
#define THRESHOLD(n)    ((uint64_t)(n) << 32)
#define ALWAYS_ON       (1ull << 40)
#define EPOCH_100_MS    ((uint64_t)(4 | 1 << 4) << 48)
#define ENABLED         1u
#define OVERFLOW        (1ull << 40)
#define COUNT_MASK      0xffffu
#define COUNT_BITS      16
#define ENTRIES(able)   ((able) >> 48)

static volatile uint8_t *unit;
static unsigned entries;

static uint64_t get(unsigned at)
{
    return *(volatile uint64_t *)(unit + at);
}

static void put(unsigned at, uint64_t value)
{
    *(volatile uint64_t *)(unit + at) = value;
}

static uint16_t get16(unsigned at)
{
    return *(volatile uint16_t *)(unit + at);
}

static void expect(bool good, const char *what)
{
    if (!good) {
        errx(1, "%s", what);
    }
}

static volatile uint64_t *pages_of(int node)
{
    unsigned long mask[2] = { 0 };
    void *pages = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    expect(node >= 0 && node < 64, "the node is 0 to 63");
    mask[0] = 1ul << node;
    if (pages == MAP_FAILED ||
        syscall(SYS_mbind, pages, PAGES * PAGE, MPOL_BIND, mask, 65, 0)) {
        err(1, "memory of node %d", node);
    }
    memset(pages, 1, PAGES * PAGE);
    return pages;
}

/* What the device calls the page: its own addresses begin at @base. */
static uint64_t number_of(volatile const void *page, uint64_t base)
{
    off_t at = (uintptr_t)page / PAGE * 8;
    int fd = open("/proc/self/pagemap", O_RDONLY);
    uint64_t entry = 0;

    if (fd < 0 || pread(fd, &entry, sizeof(entry), at) != sizeof(entry)) {
        err(1, "/proc/self/pagemap");
    }
    close(fd);
    entry &= (1ull << 55) - 1;
    expect(entry >= base >> PAGE_SHIFT,
           "the page lies below the node's memory");
    return entry - (base >> PAGE_SHIFT);
}

static void watch(uint64_t range)
{
    unsigned at = get(BITMAP_AT) + range / 64 * 8;

    put(at, get(at) | 1ull << range % 64);
}

/* Pages as units, counted in the way of @config2; the list is empty then. */
static void enable(uint64_t config2, unsigned threshold)
{
    put(CONFIG2, PAGE_SHIFT | config2);
    put(CONFIG, WHAT_ALL | THRESHOLD(threshold) | ENABLE | RESET);
    expect(get(STATUS) & ENABLED, "it does not start");
    put(CONFIG2, PAGE_SHIFT + 1);
    expect(get(CONFIG2) == (PAGE_SHIFT | config2),
           "its configuration changes while it is enabled");
}

static void disable(void)
{
    put(CONFIG, 0);
    expect(!(get(STATUS) & ENABLED), "it does not stop");
}

/* The oldest entry is taken out; false: there is none. */
static bool take(uint64_t *entry)
{
    uint16_t head = get16(HEAD);

    if (head == get16(TAIL)) {
        return false;
    }
    *entry = get(get(LIST_AT) + 8 * head);
    *(volatile uint16_t *)(unit + HEAD) = (head + 1) % entries;
    return true;
}

/* How often is page @number in the list, each time with @least uses? */
static unsigned listed(uint64_t number, unsigned least)
{
    unsigned found = 0;
    uint64_t entry;

    while (take(&entry)) {
        if (entry >> COUNT_BITS == number) {
            expect((entry & COUNT_MASK) >= least, "it is listed too early");
            found++;
        }
    }
    return found;
}

static void use(volatile uint64_t *page, unsigned times)
{
    for (unsigned n = 0; n < times; n++) {
        page[n % (PAGE / 8)] = n;
    }
}

static void always_on(volatile uint64_t *pages, const uint64_t *numbers)
{
    enable(ALWAYS_ON, 200);
    use(pages, 1000);
    expect(listed(numbers[0], 200) == 5,
           "a thousand uses are not five times two hundred");
    use(pages + PAGE / 8, 199);
    expect(!listed(numbers[1], 0), "a page that is not hot is listed");
    use(pages + PAGE / 8, 1);
    expect(listed(numbers[1], 200) == 1, "the last use is not counted");
    disable();
}

static void in_epochs(volatile uint64_t *pages, const uint64_t *numbers)
{
    unsigned found = 0;

    enable(EPOCH_100_MS, 2);
    for (unsigned long n = 0; !found && n < STORES_MAX; n += 1000) {
        use(pages, 1000);
        found = listed(numbers[0], 2);
    }
    expect(found, "no epoch ends");
    disable();
}

int main(int argc, char **argv)
{
    volatile uint64_t *pages;
    uint64_t numbers[PAGES];

    if (argc != 4) {
        errx(2, "usage: cxl-hot FUNCTION NODE BASE");
    }
    unit = locator_map(locator_open(argv[1]), argv[1], LOCATOR_CHMU, BLOCK)
        + INSTANCE;
    entries = ENTRIES(get(0));
    expect(entries, "it has no list");
    pages = pages_of(atoi(argv[2]));
    for (int i = 0; i < PAGES; i++) {
        numbers[i] = number_of(pages + i * PAGE / 8,
                               strtoull(argv[3], NULL, 0));
        watch(numbers[i] << PAGE_SHIFT >> RANGE_SHIFT);
    }
    put(CONFIG3, 1);
    always_on(pages, numbers);
    in_epochs(pages, numbers);
    expect(!(get(STATUS) & OVERFLOW), "the list has overflowed");
    printf("hot: 0x%llx\n", (unsigned long long)numbers[0] << PAGE_SHIFT);
    return 0;
}
