/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From properties to capability registers.  The checks that come before are
 * declared in sdxi.h.
 */
#ifndef HW_DMA_SDXI_CORE_CONFIG_H
#define HW_DMA_SDXI_CORE_CONFIG_H

#include "hw/dma/sdxi/core/sdxi.h"

/* @config has passed the check. */
uint64_t sdxi_config_cap0(const SdxiConfig *config);
uint64_t sdxi_config_cap1(const SdxiConfig *config);

#endif /* HW_DMA_SDXI_CORE_CONFIG_H */
