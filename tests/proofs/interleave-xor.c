/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XOR arithmetic of a window, for each number of ways: what restore makes of
 * an address whose lowest map bits carry a position is found by the host in
 * that position.  The lowest bit of each map is the position's own bit and is
 * in no other map, as CXL r3.1 9.18.1.4 has it; all other bits are any.
 *
 * cbmc: --unwind 66
 * each: IW 1 2 3 4 9 10
 * sources: hw/cxl/core/interleave.c
 * mutation: hw/cxl/core/interleave.c
 *   | ctpop64(hpa & maps[i]) & 1);
 *   | hpa & 1);
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/interleave.h"

int main(void)
{
    uint64_t hpa = nondet_u64();
    unsigned ig = nondet_u8();
    unsigned bits = cxl_interleave_xor_maps(IW);
    uint64_t maps[4], restored;
    unsigned position;

    __CPROVER_assume(ig <= CXL_INTERLEAVE_IG_MAX);
    for (unsigned i = 0; i < bits; i++) {
        uint64_t lowest = 256ull << (ig + i);
        uint64_t own = ((1ull << bits) - 1) << (8 + ig);

        maps[i] = nondet_u64();
        maps[i] = (maps[i] & ~(own | (own - 1))) | lowest;
        maps[i] &= ~((256ull << ig) - 1);
    }
    restored = cxl_interleave_xor_restore(hpa, IW, maps);
    position = cxl_interleave_xor_position(restored, 0, ig, IW, maps);
    assert((position & ((1u << bits) - 1)) ==
           ((hpa >> (8 + ig)) & ((1u << bits) - 1)));
    return 0;
}
