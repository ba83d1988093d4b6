/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsdxi-user: a function by way of vfio-pci, with I/O virtual addresses of
 * its own: groups and the type 1 interface, which any kernel with vfio has.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "iova.h"
#include "pages.h"
#include "pci.h"
#include "private.h"

typedef struct VfioPort {
    SdxiUserPort port;
    int container, group, device;
    uint64_t config;                /* offset in the device's file */
    volatile uint8_t *regs;
    size_t regs_len;
    SdxiIova iova;
    bool msix;                      /* all interrupts have been asked for */
} VfioPort;

static uint64_t vfio_read(SdxiUserPort *port, unsigned reg)
{
    return *(volatile uint64_t *)(((VfioPort *)port)->regs + reg);
}

static void vfio_write(SdxiUserPort *port, unsigned reg, uint64_t value)
{
    *(volatile uint64_t *)(((VfioPort *)port)->regs + reg) = value;
}

static bool map_dma(VfioPort *v, SdxiUserMemory *memory)
{
    SdxiUserPages *p = memory->pages;
    struct vfio_iommu_type1_dma_map map = {
        .argsz = sizeof(map),
        .flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
        .vaddr = (uintptr_t)memory->va, .size = memory->len,
    };
    uint64_t at;

    p->at = malloc(sizeof(*p->at));
    if (!p->at || !sdxi_iova_take(&v->iova, memory->len, &at)) {
        return false;
    }
    map.iova = p->at[0] = at;
    p->size = memory->len;
    p->n = 1;
    if (ioctl(v->container, VFIO_IOMMU_MAP_DMA, &map)) {
        sdxi_iova_give(&v->iova, at);
        return false;
    }
    return true;
}

/* vfio pins the pages, and counts them against the limit of locked ones. */
static int vfio_alloc(SdxiUserPort *port, size_t bytes, int node,
                      SdxiUserMemory *memory)
{
    int ret = sdxi_pages_map(bytes, node, false, memory);

    if (ret == SDXI_USER_OK && !map_dma((VfioPort *)port, memory)) {
        sdxi_pages_unmap(memory);
        ret = SDXI_USER_E_MEMORY;
    }
    return ret;
}

/* An address that stays mapped is not given out again. */
static void vfio_release(SdxiUserPort *port, SdxiUserMemory *memory)
{
    VfioPort *v = (VfioPort *)port;
    struct vfio_iommu_type1_dma_unmap unmap = {
        .argsz = sizeof(unmap), .iova = memory->pages->at[0],
        .size = memory->len,
    };

    if (!ioctl(v->container, VFIO_IOMMU_UNMAP_DMA, &unmap)) {
        sdxi_iova_give(&v->iova, memory->pages->at[0]);
    }
    sdxi_pages_unmap(memory);
}

/*
 * All that contexts may want, without an event yet: where the kernel cannot add
 * interrupts to a function later, only those of the first call are to be had.
 */
static void reserve_vectors(VfioPort *v)
{
    unsigned n = v->port.vectors < CONTEXTS_MAX ? v->port.vectors
                                                : CONTEXTS_MAX;
    size_t bytes = n * sizeof(int);
    struct vfio_irq_set *set = malloc(sizeof(*set) + bytes);

    /* Once: it would take events away. */
    v->msix = true;
    if (set) {
        *set = (struct vfio_irq_set) {
            .argsz = sizeof(*set) + bytes, .index = VFIO_PCI_MSIX_IRQ_INDEX,
            .flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
            .count = n,
        };
        memset(set->data, 0xff, bytes);
        /* If there are not so many, each is asked for when it is wanted. */
        ioctl(v->device, VFIO_DEVICE_SET_IRQS, set);
        free(set);
    }
}

static int vfio_eventfd(SdxiUserPort *port, unsigned vector, int *fd)
{
    char room[sizeof(struct vfio_irq_set) + sizeof(int)];
    struct vfio_irq_set *set = (struct vfio_irq_set *)room;
    int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    if (event < 0) {
        return SDXI_USER_E_SYSTEM;
    }
    if (!((VfioPort *)port)->msix) {
        reserve_vectors((VfioPort *)port);
    }
    *set = (struct vfio_irq_set) {
        .argsz = sizeof(room), .index = VFIO_PCI_MSIX_IRQ_INDEX,
        .flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
        .start = vector, .count = 1,
    };
    memcpy(set->data, &event, sizeof(event));
    if (ioctl(((VfioPort *)port)->device, VFIO_DEVICE_SET_IRQS, set)) {
        int saved = errno;

        close(event);
        errno = saved;
        return SDXI_USER_E_SYSTEM;
    }
    *fd = event;
    return SDXI_USER_OK;
}

static void vfio_cut(SdxiUserPort *port)
{
    VfioPort *v = (VfioPort *)port;
    uint32_t command;

    if (sdxi_pci_config(v->device, v->config, PCI_COMMAND, 2, &command)) {
        sdxi_pci_set_config(v->device, v->config, PCI_COMMAND, 2,
                            command & ~PCI_COMMAND_MASTER);
    }
}

static void shut(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

static void vfio_close(SdxiUserPort *port)
{
    VfioPort *v = (VfioPort *)port;

    if (v->regs) {
        munmap((void *)v->regs, v->regs_len);
    }
    if (port->doorbells) {
        munmap((void *)port->doorbells, port->doorbells_len);
    }
    shut(v->device);
    shut(v->group);
    shut(v->container);
    sdxi_iova_clear(&v->iova);
    free(v);
}

static const SdxiUserPortOps vfio_ops = {
    .read = vfio_read,
    .write = vfio_write,
    .alloc = vfio_alloc,
    .release = vfio_release,
    .eventfd = vfio_eventfd,
    .cut = vfio_cut,
    .close = vfio_close,
};

/* The group of @bdf in a container of its own, and the device's file */
static int enter(VfioPort *v, const char *bdf)
{
    struct vfio_group_status status = { .argsz = sizeof(status) };
    char number[16], path[32];

    sdxi_pci_link(bdf, "iommu_group", number, sizeof(number));
    if (!number[0]) {
        return SDXI_USER_E_UNSUPPORTED;
    }
    snprintf(path, sizeof(path), "/dev/vfio/%s", number);
    v->container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
    v->group = open(path, O_RDWR | O_CLOEXEC);
    if (v->container < 0 || v->group < 0) {
        return errno == EBUSY ? SDXI_USER_E_BUSY : SDXI_USER_E_SYSTEM;
    }
    if (ioctl(v->group, VFIO_GROUP_GET_STATUS, &status) ||
        !(status.flags & VFIO_GROUP_FLAGS_VIABLE)) {
        return SDXI_USER_E_BUSY;        /* others of the group have drivers */
    }
    if (ioctl(v->group, VFIO_GROUP_SET_CONTAINER, &v->container) ||
        ioctl(v->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU)) {
        return SDXI_USER_E_SYSTEM;
    }
    v->device = ioctl(v->group, VFIO_GROUP_GET_DEVICE_FD, bdf);
    return v->device < 0 ? SDXI_USER_E_SYSTEM : SDXI_USER_OK;
}

static bool region(const VfioPort *v, unsigned index,
                   struct vfio_region_info *info)
{
    *info = (struct vfio_region_info) { .argsz = sizeof(*info),
                                        .index = index };
    return !ioctl(v->device, VFIO_DEVICE_GET_REGION_INFO, info);
}

static int map_bar(const VfioPort *v, unsigned index, size_t least,
                   volatile uint8_t **at, size_t *len)
{
    struct vfio_region_info info;
    void *p;

    if (!region(v, index, &info)) {
        return SDXI_USER_E_SYSTEM;
    }
    if (info.size < least) {
        return SDXI_USER_E_DEVICE;
    }
    if (!(info.flags & VFIO_REGION_INFO_FLAG_MMAP)) {
        return SDXI_USER_E_UNSUPPORTED;
    }
    p = mmap(NULL, info.size, PROT_READ | PROT_WRITE, MAP_SHARED, v->device,
             info.offset);
    if (p == MAP_FAILED) {
        return SDXI_USER_E_SYSTEM;
    }
    *at = p;
    *len = info.size;
    return SDXI_USER_OK;
}

static int take(VfioPort *v)
{
    struct vfio_irq_info irqs = { .argsz = sizeof(irqs),
                                  .index = VFIO_PCI_MSIX_IRQ_INDEX };
    struct vfio_region_info config;
    uint32_t command;
    int ret = map_bar(v, VFIO_PCI_BAR0_REGION_INDEX, SDXI_REGS, &v->regs,
                      &v->regs_len);

    if (ret == SDXI_USER_OK) {
        ret = map_bar(v, VFIO_PCI_BAR2_REGION_INDEX, 4096, &v->port.doorbells,
                      &v->port.doorbells_len);
    }
    if (ret < 0) {
        return ret;
    }
    if (!region(v, VFIO_PCI_CONFIG_REGION_INDEX, &config)) {
        return SDXI_USER_E_SYSTEM;
    }
    if (!ioctl(v->device, VFIO_DEVICE_GET_IRQ_INFO, &irqs)) {
        v->port.vectors = irqs.count;
    }
    v->config = config.offset;
    return sdxi_pci_config(v->device, v->config, PCI_COMMAND, 2, &command) &&
           sdxi_pci_set_config(v->device, v->config, PCI_COMMAND, 2,
                               command | PCI_COMMAND_MEM_MASTER)
           ? SDXI_USER_OK : SDXI_USER_E_SYSTEM;
}

int sdxi_user_vfio_open(const char *bdf, SdxiUserPort **out)
{
    VfioPort *v = calloc(1, sizeof(*v));
    int ret;

    if (!v) {
        return SDXI_USER_E_MEMORY;
    }
    v->port = (SdxiUserPort) { .ops = &vfio_ops, .way = SDXI_USER_VFIO };
    strcpy(v->port.bdf, bdf);
    v->container = v->group = v->device = -1;
    ret = enter(v, bdf);
    if (ret == SDXI_USER_OK) {
        ret = take(v);
    }
    if (ret < 0) {
        int saved = errno;

        vfio_close(&v->port);
        errno = saved;
        return ret;
    }
    *out = &v->port;
    return SDXI_USER_OK;
}
