/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes nonsense to every byte of the BARs of a PCI function, and of its
 * configuration space, with every width that the processor has, and reads
 * it back: bar-hammer DOMAIN:BUS:DEVICE.FUNCTION.  No driver may be bound.
 *
 * The function's own BARs and command register are spared in configuration
 * space: without them there would be nothing left to write to.
 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADER 0x40

static const uint64_t values[] = { 0, UINT64_MAX, 1 };
static char dir[256];
static unsigned long accesses;

static int open_file(const char *name)
{
    char path[512];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return open(path, O_RDWR | O_SYNC);
}

#define HAMMER_WIDTH(HammerInt)                                        \
static void hammer_##HammerInt(volatile uint8_t *p, size_t size)       \
{                                                                      \
    for (size_t at = 0; at + sizeof(HammerInt) <= size; at++) {        \
        volatile HammerInt *here = (volatile HammerInt *)(p + at);     \
                                                                       \
        for (unsigned v = 0; v < 3; v++) {                             \
            *here = (HammerInt)values[v];                              \
        }                                                              \
        (void)*here;                                                   \
        accesses += 4;                                                 \
    }                                                                  \
}

HAMMER_WIDTH(uint8_t)
HAMMER_WIDTH(uint16_t)
HAMMER_WIDTH(uint32_t)
HAMMER_WIDTH(uint64_t)

static void hammer_bar(unsigned n)
{
    char name[16];
    struct stat st;
    volatile uint8_t *p;
    int fd;

    snprintf(name, sizeof(name), "resource%u", n);
    fd = open_file(name);
    if (fd < 0 || fstat(fd, &st) || !st.st_size) {
        return;
    }
    p = mmap(NULL, st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED) {
        err(1, "%s/%s", dir, name);
    }
    hammer_uint8_t(p, st.st_size);
    hammer_uint16_t(p, st.st_size);
    hammer_uint32_t(p, st.st_size);
    hammer_uint64_t(p, st.st_size);
    munmap((void *)p, st.st_size);
    close(fd);
    printf("BAR %u: %ld bytes\n", n, (long)st.st_size);
}

static void hammer_config(void)
{
    uint8_t back[4];
    int fd = open_file("config");

    if (fd < 0) {
        err(1, "%s/config", dir);
    }
    for (unsigned width = 1; width <= 4; width *= 2) {
        for (unsigned at = HEADER; at + width <= 4096; at++) {
            for (unsigned v = 0; v < 3; v++) {
                if (pwrite(fd, &values[v], width, at) < 0) {
                    err(1, "config %x", at);
                }
            }
            if (pread(fd, back, width, at) < 0) {
                err(1, "config %x", at);
            }
            accesses += 4;
        }
    }
    close(fd);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        errx(2, "usage: bar-hammer DOMAIN:BUS:DEVICE.FUNCTION");
    }
    snprintf(dir, sizeof(dir), "/sys/bus/pci/devices/%s", argv[1]);
    for (unsigned n = 0; n < 6; n++) {
        hammer_bar(n);
    }
    hammer_config();
    printf("%lu accesses\n", accesses);
    return 0;
}
