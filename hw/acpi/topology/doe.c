/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fetch a device's CDAT as the guest would: through the data object exchange
 * mailbox in its configuration space.  So any PCI function with a CDAT will
 * do, and no device has to know of us.  Runs once, before the first reset.
 */
#include "qemu/osdep.h"
#include "hw/acpi/topology/glue.h"
#include "hw/pci/pci_device.h"
#include "hw/pci/pcie.h"
#include "hw/pci/pcie_doe.h"

/* CXL r3.1 8.1.11.1, table access; CDAT entries are at most 64 KiB long. */
#define CXL_VENDOR          0x1e98
#define CXL_TABLE_ACCESS    2
#define CDAT_NO_MORE        0xffff
#define CDAT_DWORDS_MAX     (0x10000 / 4 + 3)
#define CDAT_ENTRIES_MAX    1024

static uint32_t doe_read(PCIDevice *dev, uint16_t doe, unsigned reg)
{
    return dev->config_read(dev, doe + reg, 4);
}

static void doe_write(PCIDevice *dev, uint16_t doe, unsigned reg,
                      uint32_t value)
{
    dev->config_write(dev, doe + reg, value, 4);
}

/*
 * One entry by its handle.  A device that does not answer at once, or not to
 * this protocol, has no CDAT for us.
 */
static bool doe_entry(PCIDevice *dev, uint16_t doe, GArray *cdat,
                      uint16_t *handle)
{
    uint32_t request[] = {
        CXL_VENDOR | CXL_TABLE_ACCESS << 16, 3, (uint32_t)*handle << 16,
    };
    uint32_t length, word;
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(request); i++) {
        doe_write(dev, doe, PCI_EXP_DOE_WR_DATA_MBOX, request[i]);
    }
    doe_write(dev, doe, PCI_EXP_DOE_CTRL, R_PCI_DOE_CAP_CONTROL_DOE_GO_MASK);
    if (!(doe_read(dev, doe, PCI_EXP_DOE_STATUS) &
          R_PCI_DOE_CAP_STATUS_DATA_OBJ_RDY_MASK)) {
        return false;
    }
    for (i = 0, length = 3; i < length; i++) {
        word = doe_read(dev, doe, PCI_EXP_DOE_RD_DATA_MBOX);
        doe_write(dev, doe, PCI_EXP_DOE_RD_DATA_MBOX, 0);
        if (i == 1) {
            length = word & 0x3ffff;
            if (length < 3 || length > CDAT_DWORDS_MAX) {
                return false;
            }
        } else if (i == 2) {
            *handle = word >> 16;
        } else if (i > 2) {
            word = cpu_to_le32(word);
            g_array_append_vals(cdat, &word, 4);
        }
    }
    return true;
}

static bool doe_cdat(PCIDevice *dev, uint16_t doe, AcpiTopoPerf *perf)
{
    GArray *cdat = g_array_new(false, false, 1);
    uint16_t handle = 0;
    unsigned entries = 0;
    bool ok;

    do {
        ok = doe_entry(dev, doe, cdat, &handle) &&
             ++entries < CDAT_ENTRIES_MAX;
    } while (ok && handle != CDAT_NO_MORE);
    ok = ok && acpi_topo_cdat_parse((uint8_t *)cdat->data, cdat->len, perf);
    doe_write(dev, doe, PCI_EXP_DOE_CTRL,
              R_PCI_DOE_CAP_CONTROL_DOE_ABORT_MASK);
    g_array_free(cdat, true);
    return ok;
}

bool acpi_topology_read_cdat(PCIDevice *dev, AcpiTopoPerf *perf)
{
    uint16_t at = PCI_CONFIG_SPACE_SIZE;
    unsigned left = (PCIE_CONFIG_SPACE_SIZE - PCI_CONFIG_SPACE_SIZE) / 8;

    if (!pci_is_express(dev)) {
        return false;
    }
    for (; at >= PCI_CONFIG_SPACE_SIZE && left; left--) {
        uint32_t header = pci_get_long(dev->config + at);

        if (PCI_EXT_CAP_ID(header) == PCI_EXT_CAP_ID_DOE &&
            doe_cdat(dev, at, perf)) {
            return true;
        }
        at = PCI_EXT_CAP_NEXT(header);
    }
    return false;
}
