/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual functions: what the physical one makes, enables and resets.
 */
#ifndef HW_DMA_SDXI_SRIOV_H
#define HW_DMA_SDXI_SRIOV_H

#include "hw/pci/pci_device.h"

struct SdxiPci;

/* A virtual function has the properties of the physical one that made it. */
bool sdxi_sriov_inherit(struct SdxiPci *s, Error **errp);
void sdxi_sriov_init_ari(PCIDevice *pci);
/* The physical function is complete; makes the virtual ones. */
bool sdxi_sriov_init(struct SdxiPci *s, Error **errp);
void sdxi_sriov_exit(PCIDevice *pci);
void sdxi_sriov_reset(PCIDevice *pci);
/* State was loaded: enable the virtual functions that were. */
void sdxi_sriov_loaded(PCIDevice *pci);
/* Big lock held: how many virtual functions are enabled? */
uint16_t sdxi_sriov_enabled(PCIDevice *pci);

#endif
