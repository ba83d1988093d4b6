/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interleave arithmetic, for each number of ways, all granularities and all
 * addresses of 52 bits: an address goes to a position and a device address and
 * comes back as itself, a device address of any position goes to an address and
 * comes back as itself, so no two addresses meet; and bytes of one granule stay
 * together.
 *
 * cbmc: --unwind 20
 * each: IW 0 1 2 3 4 8 9 10
 * sources: hw/cxl/core/interleave.c
 * mutation: hw/cxl/core/interleave.c
 *   | return low | (off >> (shift + iw)) << shift;
 *   | return low | (off >> (shift + 1)) << shift;
 * mutation: hw/cxl/core/interleave.c
 *   | ways + position) << shift |
 *   | ways + position / 2) << shift |
 * mutation: hw/cxl/core/interleave.c
 *   | return low | ((off >> (shift + iw - IW_THREE)) / 3) << shift;
 *   | return low | ((off >> (shift + iw - IW_THREE)) / 4) << shift;
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/interleave.h"

#define BITS 52

int main(void)
{
    uint64_t off = nondet_u64(), dpa = nondet_u64(), next;
    unsigned ig = nondet_u8(), p = nondet_u8(), position;
    unsigned ways = cxl_interleave_ways(IW);

    __CPROVER_assume(ig <= CXL_INTERLEAVE_IG_MAX && p < ways);
    __CPROVER_assume(off >> BITS == 0 && dpa >> (BITS - 4) == 0);

    position = cxl_interleave_position(off, ig, IW);
    assert(position < ways);
    assert(cxl_interleave_to_hpa(cxl_interleave_to_dpa(off, ig, IW), position,
                                 ig, IW) == off);

    next = cxl_interleave_to_hpa(dpa, p, ig, IW);
    assert(cxl_interleave_position(next, ig, IW) == p);
    assert(cxl_interleave_to_dpa(next, ig, IW) == dpa);

    assert(cxl_interleave_to_dpa(off, ig, IW) % 256 == off % 256);
    return 0;
}
