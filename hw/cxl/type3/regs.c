/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The BARs of a memory device.  Every access, of any width and at any
 * offset, goes to the register banks of the core; the doorbell of the
 * mailbox enters here.
 *
 * A vCPU that waits for the big lock while the device is unplugged comes
 * here after exit: nothing answers then.
 */
#include "qemu/osdep.h"
#include "hw/pci/pci.h"
#include "hw/pci/slot.h"
#include "hw/cxl/type3/memdev.h"

static uint64_t component_read(void *opaque, hwaddr addr, unsigned size)
{
    CxlMemdevPci *s = opaque;

    return cxl_memdev_here(s) ? cxl_endpoint_component_read(s->ep, addr, size)
                              : UINT64_MAX;
}

static void component_write(void *opaque, hwaddr addr, uint64_t value,
                            unsigned size)
{
    CxlMemdevPci *s = opaque;

    if (cxl_memdev_here(s)) {
        cxl_endpoint_component_write(s->ep, addr, value, size);
    }
}

static uint64_t device_read(void *opaque, hwaddr addr, unsigned size)
{
    CxlMemdevPci *s = opaque;

    return cxl_memdev_here(s) ? cxl_memdev_regs_read(s->core, addr, size)
                              : UINT64_MAX;
}

static void device_write(void *opaque, hwaddr addr, uint64_t value,
                         unsigned size)
{
    CxlMemdevPci *s = opaque;

    if (cxl_memdev_here(s)) {
        cxl_memdev_regs_write(s->core, addr, value, size);
    }
}

#define ANY_ACCESS {                \
        .min_access_size = 1,       \
        .max_access_size = 8,       \
        .unaligned = true,          \
    }

static const MemoryRegionOps component_ops = {
    .read = component_read,
    .write = component_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = ANY_ACCESS,
    .impl = ANY_ACCESS,
};

static const MemoryRegionOps device_ops = {
    .read = device_read,
    .write = device_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = ANY_ACCESS,
    .impl = ANY_ACCESS,
};

void cxl_memdev_regs_init(CxlMemdevPci *s)
{
    PCIDevice *pdev = PCI_DEVICE(s);
    uint8_t attr = PCI_BASE_ADDRESS_SPACE_MEMORY |
                   PCI_BASE_ADDRESS_MEM_TYPE_64;

    memory_region_init_io(&s->component_bar, OBJECT(s), &component_ops, s,
                          "cxl-component-registers", CXL_COMP_BLOCK_LEN);
    pci_register_bar(pdev, CXL_MEMDEV_BAR_COMPONENT, attr,
                     &s->component_bar);
    if (s->props.core.accelerator && !s->props.core.mailbox) {
        return;
    }
    memory_region_init_io(&s->device_bar, OBJECT(s), &device_ops, s,
                          "cxl-device-registers",
                          cxl_memdev_regs_size(s->core));
    pci_register_bar(pdev, CXL_MEMDEV_BAR_DEVICE, attr, &s->device_bar);
}

/* Where the BAR of that number is, or was put; 0: nowhere */
static uint64_t bar_base(PCIDevice *d, unsigned bar)
{
    return pci_get_quad(d->config + PCI_BASE_ADDRESS_0 + 4 * bar) &
           ~(uint64_t)(d->io_regions[bar].size - 1);
}

/* What no host sees decodes nothing on its bus, whatever a manager writes. */
static uint32_t kept_off(PCIDevice *d, uint16_t address, uint32_t data)
{
    const uint32_t on = PCI_COMMAND_IO | PCI_COMMAND_MEMORY |
                        PCI_COMMAND_MASTER;

    return address == PCI_COMMAND && pci_slot_hidden(d) ? data & ~on : data;
}

bool cxl_memdev_config_access(CxlMemdevPci *s, uint16_t address,
                              unsigned size, bool is_write, uint32_t *data)
{
    PCIDevice *d = PCI_DEVICE(s);

    if (!cxl_memdev_here(s)) {
        return false;
    }
    if (is_write) {
        d->config_write(d, address, kept_off(d, address, *data), size);
    } else {
        *data = d->config_read(d, address, size);
    }
    return true;
}

bool cxl_memdev_regs_access(CxlMemdevPci *s, uint64_t address, unsigned size,
                            bool is_write, uint64_t *data)
{
    static const struct {
        uint8_t bar;
        const MemoryRegionOps *ops;
    } blocks[] = {
        { CXL_MEMDEV_BAR_COMPONENT, &component_ops },
        { CXL_MEMDEV_BAR_DEVICE, &device_ops },
    };
    PCIDevice *d = PCI_DEVICE(s);

    /* One that has left has no configuration space any more. */
    if (!cxl_memdev_here(s) ||
        (!(pci_get_word(d->config + PCI_COMMAND) & PCI_COMMAND_MEMORY) &&
         !pci_slot_hidden(d))) {
        return false;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(blocks); i++) {
        uint64_t base = bar_base(d, blocks[i].bar);

        if (!base || address < base ||
            address - base >= d->io_regions[blocks[i].bar].size) {
            continue;
        }
        if (is_write) {
            blocks[i].ops->write(s, address - base, *data, size);
        } else {
            *data = blocks[i].ops->read(s, address - base, size);
        }
        return true;
    }
    return false;
}
