/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration space of QEMU's PCI device, as far as it is the
 * endpoint's, and what is found in that of others.  Private to the glue floor.
 */
#ifndef HW_CXL_TYPE3_CONFIG_H
#define HW_CXL_TYPE3_CONFIG_H

#include "hw/pci/pci_device.h"
#include "hw/cxl/core/endpoint.h"

/* What is the bus's own; the offsets of the stock device are kept. */
#define CXL_CONFIG_EXP_CAP      0x80
#define CXL_CONFIG_SPDM         0x1d0
#define CXL_CONFIG_AER          0x200

/* Add the endpoint's capabilities.  A PCIe capability must exist already. */
void cxl_config_build(CxlEndpoint *ep, PCIDevice *pdev);

/* Where any function has CXL's DVSEC @id; 0: it has none. */
uint16_t cxl_config_dvsec(const PCIDevice *pdev, uint16_t id);

/* What the flex bus of the port above can do; all ones: there is none. */
uint16_t cxl_config_link_partner(PCIDevice *pdev);

/* Replace bytes of @val that are the endpoint's, or computed here. */
uint32_t cxl_config_read(CxlEndpoint *ep, PCIDevice *pdev, uint32_t addr,
                         uint32_t val, int len);

/* The bytes that QEMU saves become those of the endpoint. */
void cxl_config_copy(CxlEndpoint *ep, PCIDevice *pdev);

#endif
