/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages that a PCI function sends, by one bottom half; the rules are in
 * messages.h.
 *
 * exit of the function only detaches it: the object lives as long as somebody
 * is inside, and what it owns is freed with it.
 */
#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "hw/pci/messages.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci.h"
#include "hw/pci/pcie.h"
#include "migration/vmstate.h"

bool pci_messages_here(const PciMessages *m)
{
    return m->bh;
}

bool pci_messages_pending(const PciMessages *m)
{
    return m->vectors || m->errors;
}

static void send_error(PCIDevice *pdev, PciMessageError error)
{
    PCIEAERErr err = { .source_id = pci_requester_id(pdev) };

    if (error == PCI_MESSAGE_CORRECTABLE) {
        err.status = PCI_ERR_COR_INTERNAL;
        err.flags = PCIE_AER_ERR_IS_CORRECTABLE;
    } else {
        err.status = PCI_ERR_UNC_INTN;
    }
    pcie_aer_inject_error(pdev, &err);
}

/* A load that failed may have left any. */
static void send_vector(PCIDevice *pdev, unsigned vector)
{
    if (vector < pdev->msix_entries_nr && msix_enabled(pdev)) {
        msix_notify(pdev, vector);
    }
}

static bool take(uint32_t *bits, unsigned n)
{
    bool set = extract32(*bits, n, 1);

    *bits = deposit32(*bits, n, 1, 0);
    return set;
}

/*
 * Each once, however often it is asked for meanwhile.  A reset by one of them
 * forgets the rest, an exit too.
 */
static void send_all(PciMessages *m)
{
    unsigned i;

    for (i = 0; i < PCI_MESSAGE_ERRORS && pci_messages_here(m); i++) {
        if (take(&m->errors, i)) {
            send_error(m->pdev, i);
        }
    }
    for (i = 0; i < PCI_MESSAGES_VECTORS && pci_messages_here(m); i++) {
        if (take(&m->vectors, i)) {
            send_vector(m->pdev, i);
        }
    }
}

/*
 * The reference is not the last one, even if the function is removed: its
 * address space keeps another until RCU has run, which needs the big lock.
 * The guard is touched after us.
 */
static void messages_bh(void *opaque)
{
    PciMessages *m = opaque;
    Object *obj = OBJECT(m->pdev);

    if (runstate_is_running()) {
        object_ref(obj);
        send_all(m);
        object_unref(obj);
    }
}

static void machine_runs(void *opaque, bool running, RunState state)
{
    PciMessages *m = opaque;

    if (running && pci_messages_pending(m)) {
        qemu_bh_schedule(m->bh);
    }
}

void pci_messages_init(PciMessages *m, PCIDevice *pdev)
{
    m->pdev = pdev;
    pci_messages_forget(m);
    m->bh = qemu_bh_new_guarded(messages_bh, m,
                                &DEVICE(pdev)->mem_reentrancy_guard);
    m->runs = qemu_add_vm_change_state_handler(machine_runs, m);
}

void pci_messages_exit(PciMessages *m)
{
    pci_messages_forget(m);
    g_clear_pointer(&m->runs, qemu_del_vm_change_state_handler);
    g_clear_pointer(&m->bh, qemu_bh_delete);
}

void pci_messages_raise(PciMessages *m, unsigned vector)
{
    if (pci_messages_here(m) && vector < PCI_MESSAGES_VECTORS &&
        msix_enabled(m->pdev)) {
        m->vectors |= BIT(vector);
        qemu_bh_schedule(m->bh);
    }
}

void pci_messages_error(PciMessages *m, PciMessageError error)
{
    if (pci_messages_here(m)) {
        m->errors |= BIT(error);
        qemu_bh_schedule(m->bh);
    }
}

void pci_messages_forget(PciMessages *m)
{
    m->vectors = 0;
    m->errors = 0;
}

/* What vectors there are is the same on both sides. */
static int messages_post_load(void *opaque, int version)
{
    PciMessages *m = opaque;
    unsigned vectors = m->pdev->msix_entries_nr;

    if (m->errors >> PCI_MESSAGE_ERRORS ||
        (vectors < PCI_MESSAGES_VECTORS && m->vectors >> vectors)) {
        pci_messages_forget(m);
        return -EINVAL;
    }
    return 0;
}

const VMStateDescription vmstate_pci_messages = {
    .name = "memfab-pci-messages",
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = messages_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(vectors, PciMessages),
        VMSTATE_UINT32(errors, PciMessages),
        VMSTATE_END_OF_LIST()
    }
};
