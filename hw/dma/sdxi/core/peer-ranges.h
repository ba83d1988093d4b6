/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot of memory that a function reaches without leaving the switch
 * above it, or that other functions of its slot keep; how much of a copy meets
 * it, and who is to be told of it.  Where that memory is, the host knows;
 * nothing of the specification depends on it, it is only counted.
 *
 * Invariant (sdxi_peer_ranges_check): ranges are not empty and do not wrap.
 */
#ifndef HW_DMA_SDXI_CORE_PEER_RANGES_H
#define HW_DMA_SDXI_CORE_PEER_RANGES_H

#include "hw/common/watch.h"

typedef struct SdxiPeerRange {
    uint64_t base, size;    /* bytes, bus addresses */
    Watch watch;            /* ops NULL: nobody is to be told */
} SdxiPeerRange;

/* One thread's; all zeroes at first. */
typedef struct SdxiPeerRanges {
    GArray *range;          /* of SdxiPeerRange; NULL: nobody looked yet */
    uint64_t mapped;        /* epochs of the snapshot */
    uint32_t decoded;
} SdxiPeerRanges;

/* Begin a snapshot of these epochs. */
void sdxi_peer_ranges_begin(SdxiPeerRanges *ranges, uint64_t mapped,
                            uint32_t decoded);
/* What is empty, or wraps, is left out. */
void sdxi_peer_ranges_add(SdxiPeerRanges *ranges, uint64_t base,
                          uint64_t size);
/* The same, with a reference to the owner until the next snapshot. */
void sdxi_peer_ranges_watch(SdxiPeerRanges *ranges, uint64_t base,
                            uint64_t size, const Watch *watch);
bool sdxi_peer_ranges_stale(const SdxiPeerRanges *ranges, uint64_t mapped,
                            uint32_t decoded);
/* How many of @len > 0 bytes at @addr are in a range; @addr does not wrap. */
uint64_t sdxi_peer_ranges_bytes(const SdxiPeerRanges *ranges, uint64_t addr,
                                uint64_t len);
/* Tells the owners of an access of @len > 0 bytes; likewise. */
void sdxi_peer_ranges_accessed(const SdxiPeerRanges *ranges, uint64_t addr,
                               uint64_t len, bool is_write);
void sdxi_peer_ranges_free(SdxiPeerRanges *ranges);

/* NULL if the invariant holds, else which part does not. */
const char *sdxi_peer_ranges_check(const SdxiPeerRanges *ranges);

#endif /* HW_DMA_SDXI_CORE_PEER_RANGES_H */
