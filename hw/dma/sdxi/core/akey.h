/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AKeys, SDXI 1.0 Table 3-7: from a key in a descriptor to an address space
 * or an interrupt.  Entries are read for each use and never cached.  Keys that
 * name another function go on to rkey.c.
 */
#ifndef HW_DMA_SDXI_CORE_AKEY_H
#define HW_DMA_SDXI_CORE_AKEY_H

#include "hw/dma/sdxi/core/key.h"

/* The space of operand @operand.  DONE, WAIT or FAULT. */
SdxiOutcome sdxi_akey_space(const SdxiRequester *who, uint16_t index,
                            unsigned operand, SdxiSpace *space,
                            SdxiFault *fault);
SdxiOutcome sdxi_akey_vector(const SdxiRequester *who, uint16_t index,
                             SdxiVector *vector, SdxiFault *fault);

#endif /* HW_DMA_SDXI_CORE_AKEY_H */
