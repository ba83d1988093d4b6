/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A channel of Linux's dmaengine below which is the first client context of an
 * SDXI function, for dmatest and other users of dmaengine.
 */
#ifndef SDXI_DMA_H
#define SDXI_DMA_H

#include "fn.h"

struct sdxi_dma;

/* The function is active, and free when this is gone; ERR_PTR. */
struct sdxi_dma *sdxi_dma_new(struct sdxi_fn *fn);
void sdxi_dma_free(struct sdxi_dma *sdxi);
const char *sdxi_dma_name(struct sdxi_dma *sdxi);

#endif
