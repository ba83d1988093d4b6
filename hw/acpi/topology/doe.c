/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fetch a device's CDAT as the guest would: through the data object exchange
 * mailbox in its configuration space.  So any PCI function with a CDAT will
 * do, and no device has to know of us.  Runs once, before the first reset.
 *
 * How a table is read is hw/common/cdat-reader.c.
 */
#include "qemu/osdep.h"
#include "hw/acpi/topology/glue.h"
#include "hw/pci/pci_device.h"
#include "hw/pci/pcie.h"
#include "hw/common/cdat-reader.h"
#include "hw/common/extcap.h"
#include "hw/common/wire/doe.h"

typedef struct Mailbox {
    PCIDevice *dev;
    uint16_t at;
} Mailbox;

static uint32_t mailbox_read(void *opaque, unsigned reg)
{
    Mailbox *m = opaque;

    return m->dev->config_read(m->dev, m->at + reg, 4);
}

static void mailbox_write(void *opaque, unsigned reg, uint32_t value)
{
    Mailbox *m = opaque;

    m->dev->config_write(m->dev, m->at + reg, value, 4);
}

static bool mailbox_has_cdat(Mailbox *m, AcpiTopoPerf *perf)
{
    static const CdatReaderOps ops = {
        .read = mailbox_read,
        .write = mailbox_write,
    };
    g_autoptr(GByteArray) table = cdat_reader_fetch(&ops, m);

    return table && acpi_topo_cdat_parse(table->data, table->len, perf);
}

bool acpi_topology_read_cdat(PCIDevice *dev, AcpiTopoPerf *perf)
{
    Mailbox m = { .dev = dev };
    /* A list that is a circle has no more than fit. */
    unsigned left = (EXTCAP_END - EXTCAP_FIRST) / DOE_EXT_CAP_LEN;

    while (pci_is_express(dev) && left--) {
        m.at = extcap_find(dev->config, m.at, DOE_EXT_CAP_ID);
        if (!m.at) {
            break;
        }
        if (mailbox_has_cdat(&m, perf)) {
            return true;
        }
    }
    return false;
}
