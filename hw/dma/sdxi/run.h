/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What threads of the worker do with the core, and what each needs for it.
 */
#ifndef HW_DMA_SDXI_RUN_H
#define HW_DMA_SDXI_RUN_H

struct SdxiPci;

/* The core of @s, which is about to be made, calls back by way of these. */
void sdxi_run_init(struct SdxiPci *s);
/* The core is there; the worker starts, paused. */
void sdxi_run_start(struct SdxiPci *s);
/* The threads have ended: gives back what is above, not the core. */
void sdxi_run_exit(struct SdxiPci *s);

#endif
