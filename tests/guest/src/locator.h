/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Register blocks of a CXL function, found by its register locator (CXL r3.1
 * 8.1.9) and mapped into this program by way of sysfs.  Kernels that watch over
 * memory of drivers need "iomem=relaxed".
 */
#ifndef LOCATOR_H
#define LOCATOR_H

#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define LOCATOR_COMPONENT   1
#define LOCATOR_CHMU        5

/* Configuration space of the function DOMAIN:BUS:DEVICE.FUNCTION */
static inline int locator_open(const char *name)
{
    char file[256];
    int fd;

    snprintf(file, sizeof(file), "/sys/bus/pci/devices/%s/config", name);
    fd = open(file, O_RDWR);
    if (fd < 0) {
        err(1, "%s", file);
    }
    return fd;
}

static inline uint32_t locator_config(int fd, unsigned at, unsigned size)
{
    uint32_t value = 0;

    if (pread(fd, &value, size, at) != (ssize_t)size) {
        err(1, "config space at %x", at);
    }
    return value;
}

/* Where the register locator is; it ends the program if there is none. */
static inline unsigned locator_find(int fd, const char *name)
{
    enum { ECAP_DVSEC = 0x23, VENDOR_CXL = 0x1e98, LOCATOR = 8 };
    unsigned at = 0x100;

    while (at) {
        uint32_t header = locator_config(fd, at, 4);

        if ((header & 0xffff) == ECAP_DVSEC &&
            locator_config(fd, at + 4, 2) == VENDOR_CXL &&
            locator_config(fd, at + 8, 2) == LOCATOR) {
            return at;
        }
        at = header >> 20;
    }
    errx(1, "%s has no register locator", name);
}

/* The first @size bytes of the block with identifier @id */
static inline volatile uint8_t *locator_map(int config, const char *name,
                                            unsigned id, size_t size)
{
    unsigned at = locator_find(config, name);
    unsigned length = locator_config(config, at + 4, 4) >> 20;

    for (unsigned entry = at + 0xc; entry < at + length; entry += 8) {
        uint32_t low = locator_config(config, entry, 4);
        char file[256];
        void *block;
        int fd;

        if ((low >> 8 & 0xff) != id) {
            continue;
        }
        snprintf(file, sizeof(file), "/sys/bus/pci/devices/%s/resource%u",
                 name, low & 7);
        fd = open(file, O_RDWR | O_SYNC);
        block = fd < 0 ? MAP_FAILED : mmap(NULL, size, PROT_READ | PROT_WRITE,
                                           MAP_SHARED, fd, low & 0xffff0000);
        if (block == MAP_FAILED) {
            err(1, "%s", file);
        }
        close(fd);
        return block;
    }
    errx(1, "%s has no registers of block %u", name, id);
}

#endif /* LOCATOR_H */
