/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ring arithmetic of SDXI 1.0 3.2.3: a slot lies in the ring, one index on is
 * one slot on or the first, a batch of slots lies in the ring in one piece
 * and does not pass Write_Index, and indexes that contradict each other are
 * found.  Indexes have all 64 bits where the ring is a power of two, and 16
 * where it is not.
 *
 * cbmc: --unwind 2
 * each: ENTRIES 1u 2u 16u 1024u 0x80000000u 3u 7u 100u 255u
 * mutation: hw/dma/sdxi/core/ring.c
 *   | write_index - read_index > entries
 *   | write_index - read_index > entries + 1
 * mutation: hw/dma/sdxi/core/ring.c
 *   | geo->ring_entries - sdxi_ring_number(geo, read_index)
 *   | geo->ring_entries
 * mutation: hw/dma/sdxi/core/ring.h
 *   | : index & mask;
 *   | : index & (mask >> 1);
 */
#include "hw/dma/sdxi/core/ring.c"

int main(void)
{
    uint64_t index = nondet_u64(), write_index = nondet_u64();
    const uint64_t entries = ENTRIES;
    SdxiGeometry geo = { 0 };
    SdxiRing ring = { 0 };
    uint32_t number;
    unsigned batch;

    if (ENTRIES & (ENTRIES - 1)) {
        index &= 0xffff;
    }
    geo.ring_entries = entries;
    number = sdxi_ring_number(&geo, index);
    assert(number < entries);
    assert(sdxi_ring_offset(&geo, index) + SDXI_DSC_BYTES <=
           entries * SDXI_DSC_BYTES);
    if (index != UINT64_MAX) {
        uint32_t next = sdxi_ring_number(&geo, index + 1);

        assert(next == (number + 1 == entries ? 0 : number + 1));
    }
    if (sdxi_ring_state(index, write_index, entries) == SDXI_RING_FILLED) {
        assert(index < write_index && write_index - index <= entries);
        ring.limit = write_index;
        batch = batch_size(&ring, &geo, index);
        assert(batch >= 1 && batch <= SDXI_RING_BATCH);
        assert(batch <= write_index - index && number + batch <= entries);
    }
    return 0;
}
