/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the function says of itself as an initiator: a coherent device
 * attribute table, read through a data object exchange capability.
 */
#ifndef HW_DMA_SDXI_CDAT_H
#define HW_DMA_SDXI_CDAT_H

#include "hw/common/cdat.h"
#include "hw/pci/doe-port.h"

typedef struct SdxiCdat {
    Cdat table;
    DoePort port;            /* offset 0: the function has none */
} SdxiCdat;

/*
 * Adds the capability at @offset.  Nanoseconds and MB/s; 0: say nothing.
 * @raise sends its interrupt when nothing of the mailbox is on the stack.
 */
void sdxi_cdat_init(SdxiCdat *c, PCIDevice *pci, uint16_t offset,
                    uint16_t latency, uint16_t bandwidth,
                    DoePortRaise *raise);
void sdxi_cdat_exit(SdxiCdat *c);
void sdxi_cdat_reset(SdxiCdat *c);

#endif
