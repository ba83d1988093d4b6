/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One operation group per file; put together in profiles.c.
 */
#ifndef HW_DMA_SDXI_OPS_GROUPS_H
#define HW_DMA_SDXI_OPS_GROUPS_H

#include "hw/dma/sdxi/core/op.h"

extern const SdxiOpGroup sdxi_group_base;
extern const SdxiOpGroup sdxi_group_admin;
extern const SdxiOpGroup sdxi_group_atomic;
extern const SdxiOpGroup sdxi_group_atomic_minimal;
extern const SdxiOpGroup sdxi_group_intr;

#endif /* HW_DMA_SDXI_OPS_GROUPS_H */
