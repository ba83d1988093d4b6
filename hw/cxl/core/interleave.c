/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interleave arithmetic, CXL r3.1 8.2.4.20.13 (device) and 9.18.1 (window).
 * Pure numbers; contracts are in interleave.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/host-utils.h"
#include "hw/cxl/core/interleave.h"

/* Codes from here on mean a factor of three times a power of two. */
#define IW_THREE 8

static const uint8_t ways_of[] = {
    [0] = 1, [1] = 2, [2] = 4, [3] = 8, [4] = 16, [8] = 3, [9] = 6, [10] = 12,
};

unsigned cxl_interleave_ways(unsigned iw)
{
    return iw < G_N_ELEMENTS(ways_of) ? ways_of[iw] : 0;
}

int cxl_interleave_iw(unsigned ways)
{
    for (unsigned iw = 0; iw < G_N_ELEMENTS(ways_of); iw++) {
        if (ways && ways_of[iw] == ways) {
            return iw;
        }
    }
    return -1;
}

uint64_t cxl_interleave_bytes(unsigned ig)
{
    return ig <= CXL_INTERLEAVE_IG_MAX ? 256ull << ig : 0;
}

int cxl_interleave_ig(uint64_t bytes)
{
    for (unsigned ig = 0; ig <= CXL_INTERLEAVE_IG_MAX; ig++) {
        if (cxl_interleave_bytes(ig) == bytes) {
            return ig;
        }
    }
    return -1;
}

bool cxl_interleave_valid(unsigned ig, unsigned iw)
{
    return ig <= CXL_INTERLEAVE_IG_MAX && cxl_interleave_ways(iw);
}

unsigned cxl_interleave_position(uint64_t off, unsigned ig, unsigned iw)
{
    assert(cxl_interleave_valid(ig, iw));
    return (off >> (8 + ig)) % cxl_interleave_ways(iw);
}

uint64_t cxl_interleave_to_dpa(uint64_t off, unsigned ig, unsigned iw)
{
    unsigned shift = 8 + ig;
    uint64_t low = extract64(off, 0, shift);

    assert(cxl_interleave_valid(ig, iw));
    if (iw < IW_THREE) {
        return low | (off >> (shift + iw)) << shift;
    }
    return low | ((off >> (shift + iw - IW_THREE)) / 3) << shift;
}

uint64_t cxl_interleave_to_hpa(uint64_t dpa_off, unsigned position,
                               unsigned ig, unsigned iw)
{
    unsigned shift = 8 + ig;
    unsigned ways = cxl_interleave_ways(iw);

    assert(cxl_interleave_valid(ig, iw) && position < ways);
    return ((dpa_off >> shift) * ways + position) << shift |
           extract64(dpa_off, 0, shift);
}

unsigned cxl_interleave_xor_maps(unsigned iw)
{
    assert(cxl_interleave_ways(iw));
    return iw < IW_THREE ? iw : iw - IW_THREE;
}

unsigned cxl_interleave_xor_position(uint64_t hpa, uint64_t off, unsigned ig,
                                     unsigned iw, const uint64_t *maps)
{
    unsigned bits = cxl_interleave_xor_maps(iw);
    unsigned position = 0;

    assert(cxl_interleave_valid(ig, iw));
    for (unsigned i = 0; i < bits; i++) {
        position |= (ctpop64(hpa & maps[i]) & 1) << i;
    }
    if (iw >= IW_THREE) {
        position |= ((off >> (8 + ig + bits)) % 3) << bits;
    }
    return position;
}

uint64_t cxl_interleave_xor_restore(uint64_t hpa, unsigned iw,
                                    const uint64_t *maps)
{
    unsigned bits = cxl_interleave_xor_maps(iw);

    for (unsigned i = 0; i < bits; i++) {
        if (maps[i]) {
            hpa = deposit64(hpa, ctz64(maps[i]), 1,
                            ctpop64(hpa & maps[i]) & 1);
        }
    }
    return hpa;
}
