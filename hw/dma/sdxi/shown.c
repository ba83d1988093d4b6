/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies of what PCI knows of a function, for threads that do not hold the
 * big lock: power state, bus master, translation, virtual functions.  They are
 * made anew by whoever changes one of these.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/main-loop.h"
#include "hw/pci/pci.h"
#include "hw/memfab/compat.h"
#include "hw/dma/sdxi/device.h"

void sdxi_pci_show(SdxiPci *s)
{
    PCIDevice *pci = PCI_DEVICE(s);
    uint16_t pm = pci_get_word(pci->config + SDXI_PCI_CAP_PM + PCI_PM_CTRL);
    uint16_t command = pci_get_word(pci->config + PCI_COMMAND);

    g_assert(bql_locked());
    qatomic_set(&s->shown.asleep, pm & PCI_PM_CTRL_STATE_MASK);
    qatomic_set(&s->shown.master, command & PCI_COMMAND_MASTER);
    qatomic_set(&s->shown.translated,
                pci_device_iommu_address_space(pci) != &address_space_memory);
    qatomic_set(&s->shown.vfs, sdxi_sriov_enabled(pci));
}
