/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Enumerates a q35 from within the emulator; see the header.  Which machines
 * there are is in the file "machines".
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "qemu/units.h"
#include "hw/memfab/compat.h"
#include "hw/pci/msi.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci_bridge.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pci_host.h"
#include "hw/pci/pcie.h"
#include "hw/pci/pcie_sriov.h"
#include "memfab/tests/fuzz/generic/machine.h"

#define ECAM        0xb0000000u
#define MMIO        0xe0000000u
#define PORTS       0xc000
#define MESSAGES    0x10000     /* in RAM, 16 bytes each */
#define MESSAGES_MAX 16
#define VFS_MAX     2
/*
 * While time passes: rounds at most, and how many in a row are the end where a
 * device has threads
 */
#define ROUNDS      400
#define QUIET_ROUNDS 10
#define QUIET_US    100

static unsigned quiet_rounds = 1;

typedef struct Space {
    uint32_t mmio, io;          /* what is free begins here */
    unsigned bus;               /* the last one that has a number */
} Space;

static void set(PCIDevice *dev, unsigned reg, unsigned size, uint32_t value)
{
    pci_host_config_write_common(dev, reg, pci_config_size(dev), value, size);
}

static uint32_t get(PCIDevice *dev, unsigned reg, unsigned size)
{
    return pci_host_config_read_common(dev, reg, pci_config_size(dev), size);
}

static void place(PCIDevice *dev, unsigned reg, uint8_t type, uint32_t size,
                  uint32_t *at)
{
    *at = ROUND_UP(*at, size);
    set(dev, reg, 4, *at);
    if (type & PCI_BASE_ADDRESS_MEM_TYPE_64) {
        set(dev, reg + 4, 4, 0);
    }
    *at += size;
}

static void place_bars(Space *p, PCIDevice *dev)
{
    for (unsigned i = 0; i < PCI_ROM_SLOT; i++) {
        const PCIIORegion *r = &dev->io_regions[i];

        if (r->size) {
            place(dev, PCI_BASE_ADDRESS_0 + 4 * i, r->type, r->size,
                  r->type & PCI_BASE_ADDRESS_SPACE_IO ? &p->io : &p->mmio);
        }
    }
}

/* Their BARs lie one behind the other, for as many as there may be. */
static void start_vfs(Space *p, PCIDevice *dev)
{
    uint16_t cap = pci_is_express(dev) ?
        pcie_find_capability(dev, PCI_EXT_CAP_ID_SRIOV) : 0;
    unsigned total;

    if (!cap) {
        return;
    }
    total = get(dev, cap + PCI_SRIOV_TOTAL_VF, 2);
    for (unsigned i = 0; i < PCI_ROM_SLOT; i++) {
        unsigned reg = cap + PCI_SRIOV_BAR + 4 * i;
        uint8_t type = dev->exp.sriov_pf.vf_bar_type[i];
        uint32_t size;

        set(dev, reg, 4, UINT32_MAX);
        size = -(get(dev, reg, 4) & PCI_BASE_ADDRESS_MEM_MASK);
        if (size) {
            place(dev, reg, type, size, &p->mmio);
            p->mmio += size * (total - 1);
        }
    }
    set(dev, cap + PCI_SRIOV_NUM_VF, 2, MIN(total, VFS_MAX));
    set(dev, cap + PCI_SRIOV_CTRL, 2, PCI_SRIOV_CTRL_VFE | PCI_SRIOV_CTRL_MSE);
}

/* By the table's bytes: where it is mapped the map says only later. */
static void aim_messages(PCIDevice *dev)
{
    if (!msix_present(dev)) {
        return;
    }
    for (unsigned i = 0; i < MIN(dev->msix_entries_nr, MESSAGES_MAX); i++) {
        MSIMessage msg = { .address = MESSAGES + 16 * i, .data = i };
        uint8_t *entry = dev->msix_table + i * PCI_MSIX_ENTRY_SIZE;

        msix_set_message(dev, i, msg);
        pci_set_long(entry + PCI_MSIX_ENTRY_VECTOR_CTRL, 0);
    }
    set(dev, dev->msix_cap + PCI_MSIX_FLAGS, 2, PCI_MSIX_FLAGS_ENABLE);
}

/*
 * The fuzzer keeps pointers to devices: a port that takes the power off its
 * slot ends what can be seen of them, but not the objects.
 */
static void keep(PCIDevice *dev)
{
    dev->partially_hotplugged = true;
    DEVICE(dev)->pending_deleted_event = true;
}

static void enumerate(Space *p, PCIBus *bus);

static void open_bridge(Space *p, PCIDevice *dev)
{
    uint32_t first = ROUND_UP(p->mmio, MiB);

    p->mmio = first;
    set(dev, PCI_PRIMARY_BUS, 1, pci_dev_bus_num(dev));
    set(dev, PCI_SECONDARY_BUS, 1, ++p->bus);
    enumerate(p, pci_bridge_get_sec_bus(PCI_BRIDGE(dev)));
    set(dev, PCI_SUBORDINATE_BUS, 1, p->bus);
    p->mmio = ROUND_UP(p->mmio, MiB);
    set(dev, PCI_MEMORY_BASE, 2, first >> 16);
    set(dev, PCI_MEMORY_LIMIT, 2, (p->mmio - 1) >> 16);
}

static void enumerate(Space *p, PCIBus *bus)
{
    for (unsigned devfn = 0; devfn < PCI_DEVFN_MAX; devfn++) {
        PCIDevice *dev = bus->devices[devfn];

        if (!dev || pci_is_vf(dev)) {
            continue;
        }
        keep(dev);
        if (object_dynamic_cast(OBJECT(dev), "sdxi")) {
            quiet_rounds = QUIET_ROUNDS;
        }
        place_bars(p, dev);
        if (IS_PCI_BRIDGE(dev)) {
            open_bridge(p, dev);
        }
        aim_messages(dev);
        set(dev, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MEMORY |
            PCI_COMMAND_MASTER);
        start_vfs(p, dev);
    }
}

static PCIBus *first_bus(void)
{
    return (PCIBus *)object_resolve_path_type("pcie.0", TYPE_PCI_BUS, NULL);
}

bool generic_machine_start(void)
{
    Space p = { .mmio = MMIO, .io = PORTS };
    PCIBus *bus = first_bus(), *below;

    if (!bus) {
        return false;
    }
    memory_region_transaction_begin();
    /* The memory controller hub: PCIEXBAR, 256 MiB */
    set(bus->devices[0], 0x64, 4, 0);
    set(bus->devices[0], 0x60, 4, ECAM | 1);
    enumerate(&p, bus);
    QLIST_FOREACH(below, &bus->child, sibling) {
        if (pci_bus_is_root(below)) {
            p.bus = pci_bus_num(below);
            enumerate(&p, below);
        }
    }
    memory_region_transaction_commit();
    return true;
}

void generic_machine_config_read(PCIDevice *dev, uint16_t reg, unsigned shift)
{
    get(dev, reg % pci_config_size(dev), 1 << shift % 3);
}

void generic_machine_config_write(PCIDevice *dev, uint16_t reg, unsigned shift,
                                  uint32_t value)
{
    set(dev, reg % pci_config_size(dev), 1 << shift % 3, value);
}

/* A thread that has something to do asks for something before long. */
void generic_machine_settle(void)
{
    unsigned quiet = 0;

    for (unsigned i = 0; i < ROUNDS && quiet < quiet_rounds; i++) {
        if (g_main_context_pending(NULL)) {
            main_loop_wait(true);
            quiet = 0;
        } else {
            g_usleep(QUIET_US);
            quiet++;
        }
    }
}
