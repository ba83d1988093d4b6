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
#include "hw/common/wire/cdat.h"
#include "hw/common/wire/doe.h"

/* The header of an answer; CDAT entries are at most 64 KiB long. */
#define ANSWER_DWORDS       (DOE_HEADER_DWORDS + 1)
#define ANSWER_DWORDS_MAX   (0x10000 / 4 + ANSWER_DWORDS)
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
        DOE_OBJ(DOE_VENDOR_CXL, CDAT_DOE_TYPE), ANSWER_DWORDS,
        (uint32_t)*handle << 16,
    };
    uint32_t length, word;
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(request); i++) {
        doe_write(dev, doe, DOE_REG_WRITE, request[i]);
    }
    doe_write(dev, doe, DOE_REG_CTRL, DOE_CTRL_GO);
    if (!(doe_read(dev, doe, DOE_REG_STATUS) & DOE_STATUS_READY)) {
        return false;
    }
    for (i = 0, length = ANSWER_DWORDS; i < length; i++) {
        word = doe_read(dev, doe, DOE_REG_READ);
        doe_write(dev, doe, DOE_REG_READ, 0);
        if (i == 1) {
            length = DOE_OBJ_LEN(word);
            if (length < ANSWER_DWORDS || length > ANSWER_DWORDS_MAX) {
                return false;
            }
        } else if (i == 2) {
            *handle = CDAT_DOE_HANDLE(word);
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
    } while (ok && handle != CDAT_DOE_LAST);
    ok = ok && acpi_topo_cdat_parse((uint8_t *)cdat->data, cdat->len, perf);
    doe_write(dev, doe, DOE_REG_CTRL, DOE_CTRL_ABORT);
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

        if (PCI_EXT_CAP_ID(header) == DOE_EXT_CAP_ID &&
            doe_cdat(dev, at, perf)) {
            return true;
        }
        at = PCI_EXT_CAP_NEXT(header);
    }
    return false;
}
