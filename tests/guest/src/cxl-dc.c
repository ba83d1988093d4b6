/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A driver for dynamic capacity in a few lines of shell, for kernels that have
 * none.  It takes the first CXL memory device away from Linux's driver.
 *
 *   cxl-dc wait [SECONDS]    for news of capacity, and print them:
 *                            add|release|forced DPA LENGTH
 *   cxl-dc accept [DPA LENGTH]  answer the oldest offer: take that of it, or
 *                            nothing
 *   cxl-dc release DPA LENGTH
 *   cxl-dc list              the extents that it has: DPA LENGTH
 *   cxl-dc map               have decoders map the regions, one each
 *   cxl-dc write DPA TEXT    through the window, once it is mapped
 *   cxl-dc read DPA          8 bytes in hexadecimal, and as text
 *   cxl-dc where DPA         the address of the machine that it is at
 *   cxl-dc count DPA ROUNDS MACHINES  once that many are there, add one to a
 *                            counter under a lock, both in that memory; what
 *                            the counter has become
 *
 * accept and release print the microseconds that the device took.  A refused
 * command prints its return code and fails.
 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define DEVICES     "/sys/bus/pci/devices"
#define CLASS       "0x050210"
#define UNIT        (256ull << 20)
#define PAYLOAD     2048

static char dir[600];
static volatile uint8_t *regs;
static unsigned mailbox;
static uint8_t in[PAYLOAD], out[PAYLOAD];

static int open_file(const char *name, int flags)
{
    char path[700];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return open(path, flags);
}

static uint64_t get(const uint8_t *p, unsigned len)
{
    uint64_t value = 0;

    memcpy(&value, p, len);
    return value;
}

static uint32_t config(unsigned at, int set, uint32_t bits)
{
    int fd = open_file("config", O_RDWR);
    uint32_t word;

    if (fd < 0 || pread(fd, &word, 4, at) != 4) {
        err(1, "%s", dir);
    }
    word |= bits;
    if (set && pwrite(fd, &word, 4, at) != 4) {
        err(1, "%s", dir);
    }
    close(fd);
    return word;
}

static volatile uint8_t *bar(const char *name)
{
    int fd = open_file(name, O_RDWR | O_SYNC);
    void *p = mmap(NULL, 0x10000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    if (fd < 0 || p == MAP_FAILED) {
        err(1, "%s/%s", dir, name);
    }
    close(fd);
    return p;
}

static volatile uint32_t *reg(volatile uint8_t *base, unsigned at)
{
    return (volatile uint32_t *)(base + at);
}

static void take_from_driver(const char *slot)
{
    int fd = open_file("driver/unbind", O_WRONLY);

    if (fd >= 0) {
        if (write(fd, slot, strlen(slot)) < 0) {
            err(1, "driver of %s", slot);
        }
        close(fd);
    }
    config(4, 1, 6);                        /* memory space, bus master */
}

static int is_memory(const char *name)
{
    char class[8];
    int fd, yes;

    snprintf(dir, sizeof(dir), DEVICES "/%s", name);
    fd = open_file("class", O_RDONLY);
    yes = fd >= 0 && read(fd, class, 8) == 8 && !memcmp(class, CLASS, 8);
    close(fd);
    return yes;
}

/* The first one by its address; others are the kernel's. */
static void find_device(void)
{
    DIR *all = opendir(DEVICES);
    struct dirent *e;
    char first[32] = "";

    while (all && (e = readdir(all))) {
        if (is_memory(e->d_name) &&
            (!*first || strcmp(e->d_name, first) < 0)) {
            snprintf(first, sizeof(first), "%.31s", e->d_name);
        }
    }
    if (!*first) {
        errx(1, "no CXL memory device");
    }
    snprintf(dir, sizeof(dir), DEVICES "/%s", first);
    take_from_driver(first);
    regs = bar("resource2");
}

/* CXL r3.1 8.2.8.1 */
static void find_mailbox(void)
{
    unsigned count = *reg(regs, 4) & 0xffff;

    for (unsigned i = 1; i <= count; i++) {
        if ((*reg(regs, 16 * i) & 0xffff) == 2) {
            mailbox = *reg(regs, 16 * i + 4);
            return;
        }
    }
    errx(1, "no mailbox");
}

/* A command of @len bytes of in[]; the answer is in out[]. */
static void command(unsigned opcode, unsigned len)
{
    uint32_t word;
    unsigned rc;

    for (unsigned i = 0; i < len; i += 4) {
        memcpy(&word, in + i, 4);
        *reg(regs, mailbox + 0x20 + i) = word;
    }
    *reg(regs, mailbox + 0x08) = opcode | len << 16;
    *reg(regs, mailbox + 0x0c) = len >> 16;
    *reg(regs, mailbox + 0x04) = 1;         /* doorbell */
    while (*reg(regs, mailbox + 0x04) & 1) {
        usleep(100);
    }
    rc = *reg(regs, mailbox + 0x14) & 0xffff;
    if (rc) {
        errx(1, "command %04xh: %02xh", opcode, rc);
    }
    len = *reg(regs, mailbox + 0x08) >> 16;
    for (unsigned i = 0; i < len && i < sizeof(out); i += 4) {
        word = *reg(regs, mailbox + 0x20 + i);
        memcpy(out + i, &word, 4);
    }
}

/* Get Event Records of the dynamic capacity log, and clear them */
static unsigned news(void)
{
    static const char *const words[] = { "add", "release", "forced" };
    unsigned n;

    in[0] = 4;
    command(0x0100, 1);
    n = get(out + 0x14, 2);
    memset(in, 0, 6);
    in[0] = 4;
    in[2] = n;
    for (unsigned i = 0; i < n; i++) {
        const uint8_t *r = out + 0x20 + 0x80 * i;

        if (r[0x30] < 3) {
            printf("%s 0x%llx 0x%llx\n", words[r[0x30]],
                   (unsigned long long)get(r + 0x38, 8),
                   (unsigned long long)get(r + 0x40, 8));
        }
        memcpy(in + 6 + 2 * i, r + 0x14, 2);
    }
    if (n) {
        command(0x0101, 6 + 2 * n);
    }
    return n;
}

static int wait_for_news(unsigned seconds)
{
    for (unsigned i = 0; i < seconds * 20; i++) {
        if (news()) {
            return 0;
        }
        usleep(50000);
    }
    errx(1, "no news of capacity in %u s", seconds);
}

static int update(unsigned opcode, int some, char **range)
{
    struct timespec start, end;

    memset(in, 0, 32);
    in[0] = some;
    for (int i = 0; i < 2 * some; i++) {
        uint64_t value = strtoull(range[i], NULL, 0);

        memcpy(in + 8 + 8 * i, &value, 8);
    }
    clock_gettime(CLOCK_MONOTONIC, &start);
    command(opcode, some ? 32 : 8);
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%lld\n", (end.tv_sec - start.tv_sec) * 1000000ll +
           (end.tv_nsec - start.tv_nsec) / 1000);
    return 0;
}

static int list(void)
{
    memset(in, 0, 8);
    in[0] = 32;
    command(0x4801, 8);
    for (unsigned i = 0; i < get(out, 4); i++) {
        printf("0x%llx 0x%llx\n",
               (unsigned long long)get(out + 16 + 40 * i, 8),
               (unsigned long long)get(out + 24 + 40 * i, 8));
    }
    return 0;
}

static uint64_t window(void)
{
    FILE *iomem = fopen("/proc/iomem", "r");
    unsigned long long from = 0;
    char line[200];

    while (iomem && fgets(line, sizeof(line), iomem)) {
        if (strstr(line, "CXL Window 0")) {
            sscanf(line, "%llx", &from);
        }
    }
    if (!from) {
        errx(1, "no CXL window");
    }
    return from;
}

/* Decoder @n for @size bytes, which follow what the one before maps */
static void commit(volatile uint8_t *hdm, unsigned n, uint64_t base,
                   uint64_t size)
{
    volatile uint8_t *d = hdm + 0x10 + 0x20 * n;

    *reg(d, 0x00) = base;
    *reg(d, 0x04) = base >> 32;
    *reg(d, 0x08) = size;
    *reg(d, 0x0c) = size >> 32;
    *reg(d, 0x10) |= 1 << 9;                /* commit */
    if (!(*reg(d, 0x10) & 1 << 10)) {
        errx(1, "decoder %u does not commit", n);
    }
}

static unsigned dvsec(void)
{
    unsigned at = 0x100;

    while (at && !((config(at, 0, 0) & 0xffff) == 0x23 &&
                   (config(at + 4, 0, 0) & 0xffff) == 0x1e98 &&
                   (config(at + 8, 0, 0) & 0xffff) == 0)) {
        at = config(at, 0, 0) >> 20;
    }
    return at;
}

static int map(void)
{
    volatile uint8_t *component = bar("resource0") + 0x1000, *hdm = NULL;
    uint64_t base = window();

    for (unsigned i = 1; i <= *reg(component, 0) >> 24; i++) {
        if ((*reg(component, 4 * i) & 0xffff) == 5) {
            hdm = component + (*reg(component, 4 * i) >> 20);
        }
    }
    if (!hdm) {
        errx(1, "no decoders");
    }
    config(dvsec() + 0xc, 1, 4);            /* CXL.mem */
    memset(in, 0, 2);
    in[0] = 8;
    command(0x4800, 2);
    for (unsigned i = 0; i < out[1]; i++) {
        const uint8_t *r = out + 8 + 40 * i;

        commit(hdm, i, base + get(r, 8), get(r + 8, 8) * UNIT);
    }
    *reg(hdm, 0x04) |= 2;                   /* decoders are on */
    printf("0x%llx\n", (unsigned long long)base);
    return 0;
}

static volatile uint64_t *memory(const char *dpa)
{
    uint64_t at = window() + strtoull(dpa, NULL, 0);
    int fd = open("/dev/mem", O_RDWR | O_SYNC);
    char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                   at & ~4095ull);

    if (fd < 0 || p == MAP_FAILED) {
        err(1, "/dev/mem at 0x%llx", (unsigned long long)at);
    }
    return (volatile uint64_t *)(p + (at & 4088));
}

static int read_word(const char *dpa)
{
    uint64_t word = *memory(dpa);
    char text[9] = { 0 };

    memcpy(text, &word, 8);
    printf("%016llx %s\n", (unsigned long long)word, text);
    return 0;
}

static int write_word(const char *dpa, const char *words)
{
    uint64_t word = 0;

    memcpy(&word, words, strnlen(words, 8));
    *memory(dpa) = word;
    return 0;
}

/*
 * Lock, counter, its twin and how many machines are there have a cache line
 * each.  Who finds that counter and twin differ was let in beside another.
 */
static int count(const char *dpa, unsigned rounds, unsigned machines)
{
    volatile uint64_t *lock = memory(dpa), *counter = lock + 8;
    volatile uint64_t *twin = lock + 16, *there = lock + 24;
    uint64_t value = 0;

    __atomic_fetch_add(there, 1, __ATOMIC_SEQ_CST);
    while (*there < machines) {
        usleep(1000);
    }
    for (unsigned i = 0; i < rounds; i++) {
        uint64_t open = 0;

        while (!__atomic_compare_exchange_n(lock, &open, 1, 0,
                                            __ATOMIC_ACQUIRE,
                                            __ATOMIC_RELAXED)) {
            open = 0;
        }
        value = *counter + 1;
        *counter = value;
        if (++*twin != value) {
            errx(1, "the lock let two in, in round %u", i);
        }
        __atomic_store_n(lock, 0, __ATOMIC_RELEASE);
    }
    printf("%llu\n", (unsigned long long)value);
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    find_device();
    find_mailbox();
    if (!strcmp(what, "wait") && argc <= 3) {
        return wait_for_news(argc == 3 ? atoi(argv[2]) : 20);
    }
    if (!strcmp(what, "accept") && (argc == 2 || argc == 4)) {
        return update(0x4802, argc == 4, argv + 2);
    }
    if (!strcmp(what, "release") && argc == 4) {
        return update(0x4803, 1, argv + 2);
    }
    if (!strcmp(what, "list") && argc == 2) {
        return list();
    }
    if (!strcmp(what, "map") && argc == 2) {
        return map();
    }
    if (!strcmp(what, "write") && argc == 4) {
        return write_word(argv[2], argv[3]);
    }
    if (!strcmp(what, "read") && argc == 3) {
        return read_word(argv[2]);
    }
    if (!strcmp(what, "where") && argc == 3) {
        printf("0x%llx\n", (unsigned long long)(window() +
                                                strtoull(argv[2], NULL, 0)));
        return 0;
    }
    if (!strcmp(what, "count") && argc == 5) {
        return count(argv[2], atoi(argv[3]), atoi(argv[4]));
    }
    errx(2, "wait, accept, release, list, map, write, read, where or count");
}
