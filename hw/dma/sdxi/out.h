/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ways out of the device that QEMU takes: what is sent or written there
 * goes to addresses that the guest chose, and may therefore reset, stop or
 * remove the very function that sends.  Nothing else in this folder may call
 * what is called here; scripts/check-ways-out looks.
 */
#ifndef HW_DMA_SDXI_OUT_H
#define HW_DMA_SDXI_OUT_H

#include "hw/dma/sdxi/device.h"

/* What sends the messages; it is gone after exit. */
void sdxi_out_init(SdxiPci *s);
void sdxi_out_exit(SdxiPci *s);
/* Any thread: a message of @vector is to be sent.  It is sent later. */
void sdxi_out_raise(SdxiPci *s, unsigned vector);
/* The same as a DOE mailbox asks for it, which only does with MSI-X on. */
void sdxi_out_raise_doe(PCIDevice *pci, unsigned vector);
/* Awake again: send what was raised meanwhile. */
void sdxi_out_again(SdxiPci *s);
/* Something is raised that was not sent yet. */
bool sdxi_out_pending(const SdxiPci *s);
/* Big lock held.  Messages that were not sent yet never are. */
void sdxi_out_forget(SdxiPci *s);
/*
 * Big lock held, and nothing of the core in use.  Send what was raised.
 * False: one of the messages removed the function.
 */
bool sdxi_out_messages(SdxiPci *s);

/*
 * Big lock held.  The write of a configuration register as PCI and PCI
 * Express have it.  False: it removed the function.
 */
bool sdxi_out_config(SdxiPci *s, uint32_t addr, uint32_t val, int len);

#endif
