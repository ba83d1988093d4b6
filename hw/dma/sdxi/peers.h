/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory of devices below the same switch: how much of what a function moves
 * never goes up to the root complex.
 */
#ifndef HW_DMA_SDXI_PEERS_H
#define HW_DMA_SDXI_PEERS_H

#include "hw/pci/pci_device.h"

/* One thread's snapshot of where such memory is. */
typedef struct SdxiPeers {
    GArray *ranges;             /* NULL: nobody looked yet */
    uint32_t mapped, decoded;   /* epochs of the snapshot */
} SdxiPeers;

/* The topmost switch above @pci: its upstream port, or NULL. */
PCIDevice *sdxi_peers_switch(PCIDevice *pci);
/* Any thread: has what the snapshot shows changed? */
bool sdxi_peers_stale(const SdxiPeers *p);
/* Big lock held: look for memory below @upstream; @pci itself is no peer. */
void sdxi_peers_look(SdxiPeers *p, PCIDevice *pci, PCIDevice *upstream);
/* How many of the bytes are such memory? */
uint64_t sdxi_peers_bytes(const SdxiPeers *p, uint64_t addr, uint64_t len);
void sdxi_peers_exit(SdxiPeers *p);

#endif
