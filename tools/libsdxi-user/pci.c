/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsdxi-user: PCI functions in sysfs; see pci.h.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "pci.h"

#define DEVICES     "/sys/bus/pci/devices"
#define CLASS       "0x120100"          /* SNIA, SDXI, interface 0 */
#define HOPS_MAX    48                  /* of the list of capabilities */

int sdxi_pci_open(const char *bdf, const char *leaf, int flags)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), DEVICES "/%s/%s", bdf, leaf);
    return open(path, flags | O_CLOEXEC);
}

static bool read_line(const char *bdf, const char *leaf, char *text,
                      size_t size)
{
    int fd = sdxi_pci_open(bdf, leaf, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

    if (fd >= 0) {
        close(fd);
    }
    text[n > 0 ? n : 0] = 0;
    text[strcspn(text, "\n")] = 0;
    return n > 0;
}

bool sdxi_pci_write(const char *bdf, const char *leaf, const char *text)
{
    int fd = sdxi_pci_open(bdf, leaf, O_WRONLY);
    bool good = fd >= 0 &&
                write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    if (fd >= 0) {
        close(fd);
    }
    return good;
}

static bool is_sdxi(const char *bdf)
{
    char class[16];

    return strlen(bdf) < PCI_BDF && !strchr(bdf, '/') &&
           read_line(bdf, "class", class, sizeof(class)) &&
           !strcmp(class, CLASS);
}

int sdxi_pci_find(const char *bdf, char found[PCI_BDF])
{
    struct dirent *e;
    bool seen = false;
    DIR *d;

    if (bdf) {
        if (!is_sdxi(bdf)) {
            return SDXI_USER_E_DEVICE;
        }
        strcpy(found, bdf);
        return SDXI_USER_OK;
    }
    d = opendir(DEVICES);
    if (!d) {
        return SDXI_USER_E_SYSTEM;
    }
    while ((e = readdir(d))) {          /* in no order: the lowest counts */
        if (is_sdxi(e->d_name) && (!seen || strcmp(e->d_name, found) < 0)) {
            strcpy(found, e->d_name);
            seen = true;
        }
    }
    closedir(d);
    return seen ? SDXI_USER_OK : SDXI_USER_E_DEVICE;
}

void sdxi_pci_link(const char *bdf, const char *leaf, char *name, size_t size)
{
    char path[PATH_MAX], to[PATH_MAX];
    const char *last;
    ssize_t n;

    snprintf(path, sizeof(path), DEVICES "/%s/%s", bdf, leaf);
    n = readlink(path, to, sizeof(to) - 1);
    to[n > 0 ? n : 0] = 0;
    last = strrchr(to, '/');
    snprintf(name, size, "%s", last ? last + 1 : to);
}

void sdxi_pci_driver(const char *bdf, char *name, size_t size)
{
    sdxi_pci_link(bdf, "driver", name, size);
}

bool sdxi_pci_translated(const char *bdf)
{
    char type[16];

    return read_line(bdf, "iommu_group/type", type, sizeof(type)) &&
           !strncmp(type, "DMA", 3);
}

bool sdxi_pci_config(int fd, uint64_t base, unsigned off, unsigned size,
                     uint32_t *value)
{
    *value = 0;
    return pread(fd, value, size, base + off) == (ssize_t)size;
}

bool sdxi_pci_set_config(int fd, uint64_t base, unsigned off, unsigned size,
                         uint32_t value)
{
    return pwrite(fd, &value, size, base + off) == (ssize_t)size;
}

unsigned sdxi_pci_capability(int fd, uint64_t base, uint8_t id)
{
    uint32_t off, found;

    if (!sdxi_pci_config(fd, base, 0x34, 1, &off)) {
        return 0;
    }
    for (unsigned hops = 0; off >= 0x40 && hops < HOPS_MAX; hops++) {
        off &= ~3u;
        if (!sdxi_pci_config(fd, base, off, 2, &found)) {
            return 0;
        }
        if ((found & 0xff) == id) {
            return off;
        }
        off = found >> 8;
    }
    return 0;
}
