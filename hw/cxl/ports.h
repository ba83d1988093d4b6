/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saved state of the ports above a memory device.  Private to the glue
 * floor.
 */
#ifndef HW_CXL_PORTS_H
#define HW_CXL_PORTS_H

#include "hw/pci/pci_device.h"

/* Save every port between @pdev and its root bus, if QEMU does not. */
void cxl_ports_hold(PCIDevice *pdev);
/* Undo it; the ports are still there. */
void cxl_ports_drop(PCIDevice *pdev);

#endif
