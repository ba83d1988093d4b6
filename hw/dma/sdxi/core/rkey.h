/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RKeys, SDXI 1.0 9.2: what another function of the group lets this one do.
 *
 * Everything about the target is read from its peer (hostops.h), which other
 * threads may change at any time, and from its table in its own memory.
 * Every failure is the requester's.
 */
#ifndef HW_DMA_SDXI_CORE_RKEY_H
#define HW_DMA_SDXI_CORE_RKEY_H

#include "hw/dma/sdxi/core/key.h"

/* @key names another function. */
SdxiOutcome sdxi_rkey_space(const SdxiRequester *who, const SdxiKey *key,
                            unsigned operand, SdxiSpace *space,
                            SdxiFault *fault);
SdxiOutcome sdxi_rkey_vector(const SdxiRequester *who, const SdxiKey *key,
                             SdxiVector *vector, SdxiFault *fault);
/*
 * DONE, or WAIT: what was looked up a while ago has become void, and all of it
 * is to be looked up again.
 */
SdxiOutcome sdxi_rkey_still(const SdxiHost *host, const SdxiSpace *space);

#endif /* HW_DMA_SDXI_CORE_RKEY_H */
