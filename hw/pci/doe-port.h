/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A data object exchange capability in the configuration space of a PCI
 * function.  Private to the glue floor.
 */
#ifndef HW_PCI_DOE_PORT_H
#define HW_PCI_DOE_PORT_H

#include "qemu/timer.h"
#include "hw/pci/pci_device.h"
#include "hw/common/doe.h"

/*
 * The function sends a message, but not before it has left the mailbox.  NULL:
 * the mailbox has no interrupt.
 */
typedef void DoePortRaise(PCIDevice *pdev, unsigned vector);

typedef struct DoePort {
    Doe doe;
    PCIDevice *pdev;
    DoePortRaise *raise;
    void *opaque;           /* for the handlers */
    uint16_t offset;        /* of the capability; 0: absent */
    uint8_t vector;         /* MSI-X */
    QEMUTimer overdue;      /* runs while an answer is awaited */
} DoePort;

/*
 * Add the capability at @offset.  The handlers of @rows get the port as
 * their opaque.
 */
void doe_port_init(DoePort *port, PCIDevice *pdev, uint16_t offset,
                   uint8_t vector, DoePortRaise *raise, const DoeRow *rows,
                   unsigned num_rows, void *opaque);

/* The same for a capability that somebody else shows. */
void doe_port_init_shown(DoePort *port, PCIDevice *pdev, uint16_t offset,
                         const DoeRow *rows, unsigned num_rows, void *opaque);

/* The device goes: nobody waits for an answer any more. */
void doe_port_exit(DoePort *port);

/* Replace the bytes of @val that belong to the mailbox. */
uint32_t doe_port_config_read(const DoePort *port, uint32_t addr,
                              uint32_t val, int len);
void doe_port_config_write(DoePort *port, uint32_t addr,
                           uint32_t val, int len);

/* Of a Doe */
extern const VMStateDescription doe_vmstate;

/* @sym is the subsection @section of a @State; it is there if its @port is. */
#define DOE_PORT_VMSTATE(sym, section, State, port)                     \
    static bool sym ## _needed(void *opaque)                            \
    {                                                                   \
        return ((State *)opaque)->port.offset;                          \
    }                                                                   \
                                                                        \
    static const VMStateDescription sym = {                             \
        .name = section,                                                \
        .version_id = 1,                                                \
        .minimum_version_id = 1,                                        \
        .needed = sym ## _needed,                                       \
        .fields = (const VMStateField[]) {                              \
            VMSTATE_STRUCT(port.doe, State, 1, doe_vmstate, Doe),       \
            VMSTATE_END_OF_LIST()                                       \
        },                                                              \
    }

#endif
