/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fetch a function's CDAT as the guest would: through the data object exchange
 * mailbox in its configuration space.  So any PCI function with a CDAT will
 * do, and no device has to know of us.  Before the guest looks at the function.
 *
 * How a table is read is hw/common/cdat-reader.c.
 */
#include "qemu/osdep.h"
#include "hw/common/cdat-reader.h"
#include "hw/common/extcap.h"
#include "hw/common/wire/doe.h"
#include "hw/pci/cdat.h"
#include "hw/pci/pci.h"
#include "hw/pci/pcie.h"

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

GByteArray *pci_cdat_fetch(PCIDevice *pdev)
{
    static const CdatReaderOps ops = {
        .read = mailbox_read,
        .write = mailbox_write,
    };
    Mailbox m = { .dev = pdev };
    GByteArray *table = NULL;
    /* As it is shown: not all of it need be in PCIDevice.config. */
    g_autofree uint8_t *config = g_malloc0(EXTCAP_END);
    /* A list that is a circle has no more than fit. */
    unsigned left = (EXTCAP_END - EXTCAP_FIRST) / DOE_EXT_CAP_LEN;

    if (!pci_is_express(pdev)) {
        return NULL;
    }
    for (unsigned at = EXTCAP_FIRST; at < EXTCAP_END; at += 4) {
        stl_le_p(config + at, pdev->config_read(pdev, at, 4));
    }
    while (!table && left--) {
        m.at = extcap_find(config, EXTCAP_END, m.at, DOE_EXT_CAP_ID);
        if (!m.at) {
            break;
        }
        table = cdat_reader_fetch(&ops, &m);
    }
    return table;
}
