/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsdxi-user: a function by way of sysfs, with physical addresses: where no
 * I/O MMU translates, and for root.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "pages.h"
#include "pci.h"
#include "private.h"

typedef struct Bar {
    volatile uint8_t *at;
    size_t len;
} Bar;

typedef struct SysfsPort {
    SdxiUserPort port;
    bool enabled;                   /* one count of it is ours */
    int config;
    uint32_t old_command;
    Bar bar[3];                     /* registers, doorbells, pending bits */
    unsigned msix;                  /* where the capability is, or 0 */
    uint32_t old_msix;
    volatile uint64_t *pending;
    bool masked;
} SysfsPort;

enum { BAR_REGS, BAR_DOORBELLS, BAR_PENDING };

static uint64_t sysfs_read(SdxiUserPort *port, unsigned reg)
{
    SysfsPort *s = (SysfsPort *)port;

    return *(volatile uint64_t *)(s->bar[BAR_REGS].at + reg);
}

static void sysfs_write(SdxiUserPort *port, unsigned reg, uint64_t value)
{
    SysfsPort *s = (SysfsPort *)port;

    *(volatile uint64_t *)(s->bar[BAR_REGS].at + reg) = value;
}

static int sysfs_alloc(SdxiUserPort *port, size_t bytes, int node,
                       SdxiUserMemory *memory)
{
    int ret = sdxi_pages_map(bytes, node, true, memory);

    (void)port;
    if (ret < 0) {
        return ret;
    }
    ret = sdxi_pages_look_up(memory);
    if (ret < 0) {
        sdxi_pages_unmap(memory);
    }
    return ret;
}

static void sysfs_release(SdxiUserPort *port, SdxiUserMemory *memory)
{
    (void)port;
    sdxi_pages_unmap(memory);
}

static int sysfs_check(SdxiUserPort *port, const SdxiUserMemory *memory)
{
    (void)port;
    return sdxi_pages_check(memory);
}

static int map_bar(const SysfsPort *s, unsigned n, uint64_t least, Bar *bar)
{
    char leaf[16];
    struct stat st;
    void *p;
    int fd;

    snprintf(leaf, sizeof(leaf), "resource%u", n);
    fd = sdxi_pci_open(s->port.bdf, leaf, O_RDWR | O_SYNC);
    if (fd < 0) {
        return SDXI_USER_E_SYSTEM;
    }
    if (fstat(fd, &st) || (uint64_t)st.st_size < least) {
        close(fd);
        return SDXI_USER_E_DEVICE;
    }
    p = mmap(NULL, st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (p == MAP_FAILED) {
        return SDXI_USER_E_SYSTEM;
    }
    *bar = (Bar) { p, st.st_size };
    return SDXI_USER_OK;
}

/* Once: what the function says of it afterwards moves nothing. */
static int find_pending(SysfsPort *s)
{
    Bar *bar = &s->bar[BAR_PENDING];
    uint32_t pba;
    int ret;

    if (!sdxi_pci_config(s->config, 0, s->msix + 8, 4, &pba)) {
        return SDXI_USER_E_UNSUPPORTED;
    }
    ret = map_bar(s, pba & 7, UINT64_C(8) + (pba & ~7u), bar);
    if (ret == SDXI_USER_OK) {
        s->pending = (volatile uint64_t *)(bar->at + (pba & ~7u));
    }
    return ret;
}

static int mask_on(SysfsPort *s)
{
    int ret = s->pending ? SDXI_USER_OK : find_pending(s);

    if (ret < 0) {
        return ret;
    }
    s->masked = sdxi_pci_config(s->config, 0, s->msix + 2, 2, &s->old_msix) &&
                sdxi_pci_set_config(s->config, 0, s->msix + 2, 2,
                                    s->old_msix | 0xc000);
    return s->masked ? SDXI_USER_OK : SDXI_USER_E_SYSTEM;
}

static int sysfs_mask(SdxiUserPort *port, bool masked)
{
    SysfsPort *s = (SysfsPort *)port;

    if (masked && !s->msix) {
        return SDXI_USER_E_UNSUPPORTED;
    }
    if (masked) {
        return s->masked ? SDXI_USER_OK : mask_on(s);
    }
    if (s->masked &&
        !sdxi_pci_set_config(s->config, 0, s->msix + 2, 2, s->old_msix)) {
        return SDXI_USER_E_SYSTEM;
    }
    s->masked = false;
    return SDXI_USER_OK;
}

static int sysfs_pending(SdxiUserPort *port, uint64_t *vectors)
{
    SysfsPort *s = (SysfsPort *)port;

    if (!s->masked) {
        return SDXI_USER_E_STATE;
    }
    *vectors = *s->pending;
    return SDXI_USER_OK;
}

static void sysfs_cut(SdxiUserPort *port)
{
    SysfsPort *s = (SysfsPort *)port;

    sysfs_mask(port, false);
    /* Off, even if one that was killed has left it on. */
    sdxi_pci_set_config(s->config, 0, PCI_COMMAND, 2,
                        s->old_command & ~PCI_COMMAND_MASTER);
}

static void sysfs_close(SdxiUserPort *port)
{
    SysfsPort *s = (SysfsPort *)port;

    for (unsigned i = 0; i < 3; i++) {
        if (s->bar[i].at) {
            munmap((void *)s->bar[i].at, s->bar[i].len);
        }
    }
    if (s->config >= 0) {
        /* A child that was forked meanwhile has it open, too. */
        flock(s->config, LOCK_UN);
        close(s->config);
    }
    if (s->enabled) {
        sdxi_pci_write(port->bdf, "enable", "0");
    }
    free(s);
}

static const SdxiUserPortOps sysfs_ops = {
    .read = sysfs_read,
    .write = sysfs_write,
    .alloc = sysfs_alloc,
    .release = sysfs_release,
    .check = sysfs_check,
    .mask = sysfs_mask,
    .pending = sysfs_pending,
    .cut = sysfs_cut,
    .close = sysfs_close,
};

/*
 * Nothing of the kernel's says that a program has the function: its file is
 * locked, as long as it is open.  Others than this library's do not look.
 */
static int lock(SysfsPort *s)
{
    s->config = sdxi_pci_open(s->port.bdf, "config", O_RDWR);
    if (s->config < 0) {
        return SDXI_USER_E_SYSTEM;
    }
    if (!flock(s->config, LOCK_EX | LOCK_NB)) {
        return SDXI_USER_OK;
    }
    return errno == EWOULDBLOCK ? SDXI_USER_E_BUSY : SDXI_USER_E_SYSTEM;
}

static int take(SysfsPort *s)
{
    uint32_t control;
    int ret = lock(s);

    if (ret < 0) {
        return ret;
    }
    s->enabled = sdxi_pci_write(s->port.bdf, "enable", "1");
    if (!s->enabled) {
        return SDXI_USER_E_SYSTEM;
    }
    if (!sdxi_pci_config(s->config, 0, PCI_COMMAND, 2, &s->old_command)) {
        return SDXI_USER_E_SYSTEM;
    }
    ret = map_bar(s, 0, SDXI_REGS, &s->bar[BAR_REGS]);
    if (ret == SDXI_USER_OK) {
        ret = map_bar(s, 2, 4096, &s->bar[BAR_DOORBELLS]);
    }
    if (ret < 0) {
        return ret;
    }
    s->port.doorbells = s->bar[BAR_DOORBELLS].at;
    s->port.doorbells_len = s->bar[BAR_DOORBELLS].len;
    s->msix = sdxi_pci_capability(s->config, 0, PCI_CAP_MSIX);
    if (s->msix && sdxi_pci_config(s->config, 0, s->msix + 2, 2, &control)) {
        s->port.vectors = (control & 0x7ff) + 1;
    }
    return sdxi_pci_set_config(s->config, 0, PCI_COMMAND, 2,
                               s->old_command | PCI_COMMAND_MEM_MASTER)
           ? SDXI_USER_OK : SDXI_USER_E_SYSTEM;
}

int sdxi_user_sysfs_open(const char *bdf, SdxiUserPort **out)
{
    SysfsPort *s;
    char driver[32];
    int ret;

    sdxi_pci_driver(bdf, driver, sizeof(driver));
    if (driver[0]) {
        return SDXI_USER_E_BUSY;
    }
    if (sdxi_pci_translated(bdf)) {
        return SDXI_USER_E_IOMMU;
    }
    s = calloc(1, sizeof(*s));
    if (!s) {
        return SDXI_USER_E_MEMORY;
    }
    s->port = (SdxiUserPort) { .ops = &sysfs_ops, .way = SDXI_USER_SYSFS };
    strcpy(s->port.bdf, bdf);
    s->config = -1;
    ret = take(s);
    if (ret < 0) {
        int saved = errno;

        sysfs_close(&s->port);
        errno = saved;
        return ret;
    }
    *out = &s->port;
    return SDXI_USER_OK;
}
