/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trace events of this folder. */
#include "trace/trace-memfab_hw_dma_sdxi.h"
