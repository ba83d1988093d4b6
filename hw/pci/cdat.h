/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CDATs of PCI functions: read as software reads them, and given by the object
 * pci-cdat to functions that have none.  The big lock is held.
 */
#ifndef HW_PCI_CDAT_H
#define HW_PCI_CDAT_H

#include "hw/common/cdat-function.h"
#include "hw/pci/pci_device.h"

/*
 * The bytes of the table that a function answers with, unparsed, through the
 * first of its data object exchange mailboxes that has one; free with
 * g_byte_array_unref().  NULL: it has none, or answers later.
 */
GByteArray *pci_cdat_fetch(PCIDevice *pdev);

/*
 * Who knows the switches above @pdev adds what they say to @way; NULL:
 * nobody does.
 */
typedef void PciCdatWayFn(PCIDevice *pdev, CdatWay *way);
void pci_cdat_set_way(PciCdatWayFn *fn);

#endif
