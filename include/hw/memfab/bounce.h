/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that devices map although accesses of it trap, as those of CXL memory
 * may: how much is copied at a time, and whether it could be read.
 *
 * Only for edits of QEMU by seams (70-bounce-budget, 71-bounce-poison).
 */
#ifndef HW_MEMFAB_BOUNCE_H
#define HW_MEMFAB_BOUNCE_H

#include "qemu/units.h"

/*
 * Bytes of an address space that may be mapped by copy at a time: a virtio
 * queue of 256 requests of 1 MiB, which is as much as Linux puts into one.  A
 * guest can have the host keep that much beside its memory, for the system
 * memory and for each PCI function.
 */
#define BOUNCE_BUDGET (256 * MiB)

/*
 * Counts the maps of this thread whose bytes could not be read: what was
 * mapped meanwhile is not what is there.  Any thread.
 */
unsigned address_space_map_failures(void);

#endif
