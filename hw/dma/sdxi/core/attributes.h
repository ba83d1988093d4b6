/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a function says of itself as an initiator without memory of its own:
 * a coherent device attribute table, CDAT 1.04 2.4.  How tables are built is
 * hw/common/cdat.h, how they are read hw/dma/sdxi/cdat.h.
 */
#ifndef HW_DMA_SDXI_CORE_ATTRIBUTES_H
#define HW_DMA_SDXI_CORE_ATTRIBUTES_H

#include "hw/common/cdat.h"

/*
 * Builds the table of a @cdat that was initialized.  Nanoseconds and MB/s; 0:
 * say nothing.
 */
void sdxi_attributes_build(Cdat *cdat, uint16_t latency, uint16_t bandwidth);

#endif /* HW_DMA_SDXI_CORE_ATTRIBUTES_H */
