/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which operation groups a function offers, and which capability bits say so.
 * A vendor's group is one file with rows, and one line in a profile.
 */
#ifndef HW_DMA_SDXI_OPS_PROFILES_H
#define HW_DMA_SDXI_OPS_PROFILES_H

#include "hw/dma/sdxi/core/op.h"
#include "hw/dma/sdxi/core/params.h"

/* All groups of SDXI 1.0 whose layout is known. */
extern const SdxiProfile sdxi_profile_standard;

/* A group whose numbers are not settled is offered if @params say so. */
bool sdxi_profile_offers(const SdxiOpGroup *group, const SdxiParams *params);
/* Bits of CAP1.opb_000_cap for the optional groups of @profile. */
uint32_t sdxi_profile_groups(const SdxiProfile *profile,
                             const SdxiParams *params);

/* NULL if all rows are consistent, else the name of the first that is not. */
const char *sdxi_profile_check(const SdxiProfile *profile);

#endif /* HW_DMA_SDXI_OPS_PROFILES_H */
