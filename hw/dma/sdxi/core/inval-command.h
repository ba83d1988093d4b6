/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a command to an I/O MMU makes void, as its specification has it: Intel
 * VT-d 6.5.2, AMD I/O Virtualization 2.4, Arm SMMUv3 4.4.  Where a command says
 * less than it could, or is not known, everything is void.  Those of
 * virtio-iommu need no reading.
 */
#ifndef HW_DMA_SDXI_CORE_INVAL_COMMAND_H
#define HW_DMA_SDXI_CORE_INVAL_COMMAND_H

#include "hw/dma/sdxi/core/inval-log.h"

/*
 * A command begins with two quadwords, in host order.  False: nothing is void
 * after it; else *@inval is, which may be a part of a page.
 */
bool sdxi_inval_intel(uint64_t q0, uint64_t q1, SdxiInval *inval);
bool sdxi_inval_amd(uint64_t q0, uint64_t q1, SdxiInval *inval);
bool sdxi_inval_smmu(uint64_t q0, uint64_t q1, SdxiInval *inval);

#endif /* HW_DMA_SDXI_CORE_INVAL_COMMAND_H */
