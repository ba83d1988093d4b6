/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All functions of the machine.
 */
#ifndef HW_DMA_SDXI_FUNCTIONS_H
#define HW_DMA_SDXI_FUNCTIONS_H

#include "hw/dma/sdxi/core/peer-ranges.h"
#include "hw/dma/sdxi/core/sdxi.h"

struct SdxiCaller;
struct SdxiPci;

/* Any thread: the function of @group with handle @sfunc, or NULL. */
struct SdxiPci *sdxi_functions_find(const char *group, uint16_t sfunc);
/* Any thread: the enabled virtual function @number of @pf, or NULL. */
struct SdxiPci *sdxi_functions_find_vf(const struct SdxiPci *pf,
                                       unsigned number);
/* Any thread: wake the worker of the function with @peer, if it is there. */
void sdxi_functions_kick(const SdxiPeer *peer);
/* Any thread: wake the workers of all others in the group of @of. */
void sdxi_functions_kick_group(const struct SdxiPci *of);
/* Any thread: has what the snapshot shows changed? */
bool sdxi_functions_stale(const SdxiPeerRanges *below);

/* The rest is for who holds the big lock. */

/*
 * Snapshots of the memory below the switch that the function is below too, how
 * much of that takes its unordered I/O or refuses it, and of what other
 * functions of its slot keep.
 */
void sdxi_functions_look(struct SdxiCaller *caller);
/* Calls @fn for each realized function. */
void sdxi_functions_each(void (*fn)(struct SdxiPci *s, void *opaque),
                         void *opaque);
/* A handle that is free in @group: @wanted, or any if that is 0. */
bool sdxi_functions_choose(SdxiPci *s, Error **errp);
void sdxi_functions_add(struct SdxiPci *s);
void sdxi_functions_remove(struct SdxiPci *s);
/* No peer of a removed function knows it any more; false: not yet. */
bool sdxi_functions_settle(void);

#endif
