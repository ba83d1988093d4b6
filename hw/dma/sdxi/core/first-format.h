/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first format of saved state: numbers that travelled one by one, most
 * significant byte first.  It is only read; what is written is in save.c.
 *
 * A head of fixed size says how long the rest is.
 */
#ifndef HW_DMA_SDXI_CORE_FIRST_FORMAT_H
#define HW_DMA_SDXI_CORE_FIRST_FORMAT_H

#include "hw/dma/sdxi/core/sdxi.h"

/* Bytes */
#define SDXI_FIRST_HEAD     140
#define SDXI_FIRST_CONTEXT  157
#define SDXI_FIRST_DOORBELL 2

/*
 * How many bytes follow @head: contexts, then doorbells.  False: more of them
 * than there can be, and *@len is 0.
 */
bool sdxi_first_rest(const uint8_t head[SDXI_FIRST_HEAD], uint32_t *len);
/* As sdxi_device_load(); @rest has as many bytes as sdxi_first_rest() says. */
bool sdxi_first_load(SdxiDevice *dev, const uint8_t head[SDXI_FIRST_HEAD],
                     const uint8_t *rest, char **problem);

#endif /* HW_DMA_SDXI_CORE_FIRST_FORMAT_H */
