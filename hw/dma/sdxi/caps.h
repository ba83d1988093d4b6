/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration space: which capabilities there are, and where.
 */
#ifndef HW_DMA_SDXI_CAPS_H
#define HW_DMA_SDXI_CAPS_H

struct SdxiPci;

/* Registers, doorbells and all capabilities but that for SR-IOV. */
bool sdxi_caps_init(struct SdxiPci *s, uint64_t doorbell_bytes, Error **errp);
void sdxi_caps_exit(struct SdxiPci *s);
/* What a reset of any kind does that PCI itself leaves out. */
void sdxi_caps_reset(struct SdxiPci *s);
/* Big lock held: configuration space, or the bus above, may have changed. */
void sdxi_caps_show(struct SdxiPci *s);

#endif
