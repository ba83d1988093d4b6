/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functions that stay in their slot; see slot.h.
 *
 * QEMU hides a function of which a host has let go while it waits for another
 * one (failover): partially_hotplugged, and no removal under way.  The same
 * pair of members is used here, so that configuration space, slots and
 * monitor treat such a function alike.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qapi/error.h"
#include "hw/core/hotplug.h"
#include "hw/pci/msi.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci.h"
#include "hw/pci/pcie.h"
#include "hw/pci/slot.h"

static uint8_t *express(PCIDevice *port)
{
    return port->config + port->exp.exp_cap;
}

bool pci_slot_hidden(PCIDevice *d)
{
    return d->partially_hotplugged && !DEVICE(d)->pending_deleted_event;
}

static void set_present(PCIDevice *port, bool present)
{
    uint8_t *exp = express(port);
    bool reports = pci_get_long(exp + PCI_EXP_LNKCAP) & PCI_EXP_LNKCAP_DLLLARC;
    uint16_t sta = pci_get_word(exp + PCI_EXP_SLTSTA);
    uint16_t link = pci_get_word(exp + PCI_EXP_LNKSTA);

    sta &= ~PCI_EXP_SLTSTA_PDS;
    link &= ~PCI_EXP_LNKSTA_DLLLA;
    if (present) {
        sta |= PCI_EXP_SLTSTA_PDS;
        link |= reports ? PCI_EXP_LNKSTA_DLLLA : 0;
    }
    pci_set_word(exp + PCI_EXP_SLTSTA, sta);
    pci_set_word(exp + PCI_EXP_LNKSTA, link);
}

void pci_slot_set_hidden(PCIDevice *port, PCIDevice *d, bool hidden)
{
    d->partially_hotplugged = hidden;
    DEVICE(d)->pending_deleted_event = false;
    set_present(port, !hidden);
}

/* A saved state from before there was one is loaded as it is. */
void pci_slot_equip(PCIDevice *port)
{
    uint16_t cap = port->exp.exp_cap + PCI_EXP_SLTCAP;
    uint16_t ctl = port->exp.exp_cap + PCI_EXP_SLTCTL;
    uint16_t sta = port->exp.exp_cap + PCI_EXP_SLTSTA;

    port->cap_present |= QEMU_PCIE_SLTCAP_PCP;
    pci_long_test_and_set_mask(port->config + cap, PCI_EXP_SLTCAP_PCP);
    pci_long_test_and_clear_mask(port->cmask + cap, PCI_EXP_SLTCAP_PCP);
    pci_word_test_and_set_mask(port->wmask + ctl,
                               PCI_EXP_SLTCTL_PCC | PCI_EXP_SLTCTL_DLLSCE);
    pci_word_test_and_set_mask(port->w1cmask + sta, PCI_EXP_SLTSTA_DLLSC);
}

/* PCIe r6.0 6.7.3.4: one message when the first enabled event appears. */
static void notify(PCIDevice *port)
{
    uint8_t *exp = express(port);
    uint16_t ctl = pci_get_word(exp + PCI_EXP_SLTCTL);
    uint16_t sta = pci_get_word(exp + PCI_EXP_SLTSTA);
    bool before = port->exp.hpev_notified;

    port->exp.hpev_notified = ctl & PCI_EXP_SLTCTL_HPIE &&
                              (ctl & sta & PCI_EXP_HP_EV_SUPPORTED ||
                               (ctl & PCI_EXP_SLTCTL_DLLSCE &&
                                sta & PCI_EXP_SLTSTA_DLLSC));
    if (before || !port->exp.hpev_notified) {
        return;
    }
    if (msix_enabled(port)) {
        msix_notify(port, pcie_cap_flags_get_vector(port));
    } else if (msi_enabled(port)) {
        msi_notify(port, pcie_cap_flags_get_vector(port));
    } else if (pci_intx(port) != -1) {
        pci_set_irq(port, 1);
    }
}

/* The port's own handler treats a cold-plugged function as one of always. */
bool pci_slot_show(PCIDevice *port, PCIDevice *d, Error **errp)
{
    HotplugHandler *handler = HOTPLUG_HANDLER(port);
    DeviceState *dev = DEVICE(d);
    bool hotplugged = dev->hotplugged;
    Error *err = NULL;

    dev->hotplugged = true;
    hotplug_handler_pre_plug(handler, dev, &err);
    if (!err) {
        d->partially_hotplugged = false;
        device_cold_reset(dev);
        hotplug_handler_plug(handler, dev, &err);
    }
    dev->hotplugged = hotplugged;
    if (err) {
        d->partially_hotplugged = true;
        error_propagate(errp, err);
        return false;
    }
    return true;
}

void pci_slot_take(PCIDevice *port, PCIDevice *d)
{
    uint8_t *exp = express(port);

    pci_slot_set_hidden(port, d, true);
    pci_set_word(exp + PCI_EXP_SLTSTA,
                 pci_get_word(exp + PCI_EXP_SLTSTA) | PCI_EXP_SLTSTA_PDC |
                 PCI_EXP_SLTSTA_DLLSC);
    device_cold_reset(DEVICE(d));
    notify(port);
}

bool pci_slot_ask_back(PCIDevice *port, PCIDevice *d, bool button,
                       Error **errp)
{
    DeviceState *dev = DEVICE(d);
    Error *err = NULL;

    d->partially_hotplugged = true;
    dev->pending_deleted_event = true;
    if (button) {
        hotplug_handler_unplug_request(HOTPLUG_HANDLER(port), dev, &err);
    }
    if (err) {
        pci_slot_keep(d);
        error_propagate(errp, err);
        return false;
    }
    /* device_del has to wait until this is over, however long it takes. */
    dev->pending_deleted_expires_ms = 0;
    return true;
}

void pci_slot_keep(PCIDevice *d)
{
    d->partially_hotplugged = false;
    DEVICE(d)->pending_deleted_event = false;
}

bool pci_slot_link_down(PCIDevice *port)
{
    const uint8_t *exp = express(port);

    return !(pci_get_word(exp + PCI_EXP_SLTSTA) & PCI_EXP_SLTSTA_PDS) ||
           pci_get_word(exp + PCI_EXP_LNKCTL) & PCI_EXP_LNKCTL_LD;
}

bool pci_slot_has_error(PCIDevice *port, bool uncorrectable, unsigned bit)
{
    return port->exp.aer_cap &&
           extract32(uncorrectable ? PCI_ERR_UNC_SUPPORTED
                                   : PCI_ERR_COR_SUPPORTED, bit, 1);
}

void pci_slot_error(PCIDevice *port, bool uncorrectable, unsigned bit,
                    const uint32_t header[4])
{
    PCIEAERErr err = {
        .status = BIT(bit),
        .source_id = pci_requester_id(port),
        .flags = PCIE_AER_ERR_HEADER_VALID |
                 (uncorrectable ? 0 : PCIE_AER_ERR_IS_CORRECTABLE),
    };

    memcpy(err.header, header, sizeof(err.header));
    pcie_aer_inject_error(port, &err);
}
