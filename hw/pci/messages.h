/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages that a PCI function sends: MSI-X, and errors to the root port.
 *
 * A message is a store to an address that the guest chose.  It can reset or
 * power off the very function that sends it, so what it does must never be
 * seen by the code that asked for it: asking sets a bit, and one bottom half
 * sends what is set, with nothing of the device on the stack.
 *
 * While the machine is stopped nothing is sent; the bits are part of the
 * saved state.  A reset forgets them.  The big lock is held in every call.
 */
#ifndef HW_PCI_MESSAGES_H
#define HW_PCI_MESSAGES_H

#include "hw/pci/pci_device.h"
#include "system/runstate.h"

/* MSI-X vectors 0 to 31; what asks for others asks for nothing. */
#define PCI_MESSAGES_VECTORS 32

typedef enum PciMessageError {
    PCI_MESSAGE_CORRECTABLE,    /* AER: correctable internal error */
    PCI_MESSAGE_UNCORRECTABLE,  /* AER: uncorrectable internal error */
    PCI_MESSAGE_ERRORS
} PciMessageError;

typedef struct PciMessages {
    PCIDevice *pdev;
    QEMUBH *bh;                 /* NULL: the function is gone */
    VMChangeStateEntry *runs;

    /* Saved state: a bit for each message that is to be sent */
    uint32_t vectors;
    uint32_t errors;
} PciMessages;

/* Between realize and exit of @pdev. */
void pci_messages_init(PciMessages *m, PCIDevice *pdev);
void pci_messages_exit(PciMessages *m);
/* False after exit: nobody of the machine sees the function any more. */
bool pci_messages_here(const PciMessages *m);

/* Sent soon, unless MSI-X is off. */
void pci_messages_raise(PciMessages *m, unsigned vector);
void pci_messages_error(PciMessages *m, PciMessageError error);
/* A reset: what has not been sent is not sent. */
void pci_messages_forget(PciMessages *m);

/* Is there anything to save? */
bool pci_messages_pending(const PciMessages *m);
/* Of a PciMessages */
extern const VMStateDescription vmstate_pci_messages;

#endif
