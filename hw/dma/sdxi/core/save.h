/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the first format (first-format.c) asks of saving (save.c).
 */
#ifndef HW_DMA_SDXI_CORE_SAVE_H
#define HW_DMA_SDXI_CORE_SAVE_H

#include "hw/dma/sdxi/core/sdxi.h"

/*
 * As sdxi_device_load(), for version 1 of all rooms one after the other and
 * without sections.
 */
bool sdxi_save_load_untagged(SdxiDevice *dev, const uint8_t *bytes,
                             size_t len, char **problem);

#endif /* HW_DMA_SDXI_CORE_SAVE_H */
