/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A data object exchange capability in the configuration space of a PCI
 * function.  Private to the glue floor.
 */
#ifndef HW_CXL_DOE_H
#define HW_CXL_DOE_H

#include "hw/pci/pci_device.h"
#include "hw/cxl/core/doe.h"

typedef struct CxlDoePort {
    CxlDoe doe;
    PCIDevice *pdev;
    void *opaque;           /* for the handlers */
    uint16_t offset;        /* of the capability; 0: absent */
    uint8_t vector;         /* MSI-X */
} CxlDoePort;

/*
 * Add the capability at @offset.  The handlers of @rows get the port as
 * their opaque.
 */
void cxl_doe_port_init(CxlDoePort *port, PCIDevice *pdev, uint16_t offset,
                       uint8_t vector, const CxlDoeRow *rows,
                       unsigned num_rows, void *opaque);

/* Replace the bytes of @val that belong to the mailbox. */
uint32_t cxl_doe_port_config_read(const CxlDoePort *port, uint32_t addr,
                                  uint32_t val, int len);
void cxl_doe_port_config_write(CxlDoePort *port, uint32_t addr,
                               uint32_t val, int len);

/* Of a CxlDoe */
extern const VMStateDescription cxl_doe_vmstate;

#endif
