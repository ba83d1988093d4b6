/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fetch descriptors; the rules of reading are in ring.h.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/dma/sdxi/core/ring.h"

SdxiRingState sdxi_ring_state(uint64_t read_index, uint64_t write_index,
                              uint32_t entries)
{
    if (read_index == write_index) {
        return SDXI_RING_EMPTY;
    }
    if (read_index > write_index || write_index - read_index > entries) {
        return SDXI_RING_BROKEN;
    }
    return SDXI_RING_FILLED;
}

static SdxiOutcome read_slots(SdxiRing *ring, const SdxiHost *host,
                              const SdxiGeometry *geo, uint64_t index,
                              unsigned count, SdxiFault *fault)
{
    return sdxi_fault_memory(
        fault, SDXI_STEP_DSC_GEN,
        sdxi_host_read_quads(host, &geo->space, sdxi_ring_slot(geo, index),
                             ring->dsc[0].q, count * 8));
}

static unsigned leading_valid(const SdxiRing *ring, unsigned count)
{
    unsigned n = 0;

    while (n < count && FIELD_EX64(ring->dsc[n].q[0], SDXI_DSC_Q0, VL)) {
        n++;
    }
    return n;
}

/* How many slots from @index on lie in the ring in one piece. */
static unsigned batch_size(const SdxiRing *ring, const SdxiGeometry *geo,
                           uint64_t read_index)
{
    uint64_t n = MIN(ring->limit - read_index, SDXI_RING_BATCH);

    return MIN(n, geo->ring_entries - sdxi_ring_number(geo, read_index));
}

/* Through HostOps, where each access is slow: several slots at a time. */
static SdxiOutcome read_batch(SdxiRing *ring, const SdxiHost *host,
                              const SdxiGeometry *geo, uint64_t read_index,
                              SdxiFault *fault)
{
    unsigned count = batch_size(ring, geo, read_index);
    SdxiOutcome outcome = read_slots(ring, host, geo, read_index, count,
                                     fault);

    if (outcome == SDXI_FAULT && count > 1) {
        /* Slots that nobody asked for yet may lie where nothing is. */
        count = 1;
        outcome = read_slots(ring, host, geo, read_index, count, fault);
    }
    if (outcome != SDXI_DONE) {
        return outcome;
    }
    count = leading_valid(ring, count);
    if (!count) {
        return SDXI_DONE;
    }
    /* The valid bits above were read before the bodies below. */
    smp_rmb();
    outcome = read_slots(ring, host, geo, read_index, count, fault);
    if (outcome == SDXI_DONE) {
        ring->first = 0;
        ring->index = read_index;
        ring->count = leading_valid(ring, count);
    }
    return outcome;
}

/* By pointer: this slot alone. */
static void read_in_place(SdxiRing *ring, const uint64_t *slot,
                          uint64_t read_index)
{
    SdxiDsc *dsc = &ring->dsc[0];

    if (!FIELD_EX64(le64_to_cpu(qatomic_read(slot)), SDXI_DSC_Q0, VL)) {
        return;
    }
    /* The valid bit above was read before the body below. */
    smp_rmb();
    memcpy(dsc->q, slot, sizeof(dsc->q));
    /* Not read again by the compiler's choice. */
    barrier();
    for (unsigned i = 0; i < ARRAY_SIZE(dsc->q); i++) {
        dsc->q[i] = le64_to_cpu(dsc->q[i]);
    }
    ring->first = 0;
    ring->index = read_index;
    ring->count = leading_valid(ring, 1);
}

static SdxiOutcome fill(SdxiRing *ring, const SdxiHost *host,
                        const SdxiGeometry *geo, uint64_t read_index,
                        SdxiFault *fault)
{
    uint64_t addr = sdxi_ring_slot(geo, read_index);
    SdxiSpan *span = sdxi_host_span(host, &geo->space, addr, SDXI_DSC_BYTES,
                                    true);
    const void *slot = span ? sdxi_span_at(span, addr) : NULL;

    if (slot && sdxi_span_readable(span) && QEMU_PTR_IS_ALIGNED(slot, 8)) {
        read_in_place(ring, slot, read_index);
        return SDXI_DONE;
    }
    return read_batch(ring, host, geo, read_index, fault);
}

/* How far software has come. */
static SdxiOutcome look(SdxiRing *ring, const SdxiHost *host,
                        const SdxiGeometry *geo, uint64_t read_index,
                        SdxiFault *fault)
{
    uint64_t write_index = 0;
    SdxiOutcome outcome = sdxi_fault_memory(
        fault, SDXI_STEP_WRITE_INDEX,
        sdxi_host_read_quads(host, &geo->space, geo->write_index,
                             &write_index, 1));

    if (outcome != SDXI_DONE) {
        return outcome;
    }
    if (sdxi_ring_state(read_index, write_index, geo->ring_entries) ==
        SDXI_RING_BROKEN) {
        return sdxi_fault_set(fault, SDXI_STEP_WRITE_INDEX,
                              SDXI_SUB_VALIDATION);
    }
    ring->limit = write_index;
    return SDXI_DONE;
}

SdxiOutcome sdxi_ring_fetch(SdxiRing *ring, const SdxiHost *host,
                            const SdxiGeometry *geo, uint64_t read_index,
                            SdxiDsc *dsc, bool *got, SdxiFault *fault)
{
    SdxiOutcome outcome = SDXI_DONE;

    if (!ring->count || ring->index != read_index) {
        ring->count = 0;
        /* Indexes only grow, so a limit stays good as long as it is ahead. */
        if (read_index >= ring->limit) {
            ring->limit = 0;
            outcome = look(ring, host, geo, read_index, fault);
        }
        if (outcome == SDXI_DONE && read_index < ring->limit) {
            outcome = fill(ring, host, geo, read_index, fault);
        }
    }
    *got = outcome == SDXI_DONE && ring->count;
    if (*got) {
        *dsc = ring->dsc[ring->first];
    }
    return outcome;
}

static SdxiMemResult put_flags(const SdxiHost *host, const SdxiGeometry *geo,
                               uint64_t index, uint8_t flags)
{
    return sdxi_host_write(host, &geo->space, sdxi_ring_slot(geo, index),
                           &flags, 1);
}

SdxiOutcome sdxi_ring_take(SdxiRing *ring, const SdxiHost *host,
                           const SdxiGeometry *geo, uint64_t read_index,
                           const SdxiDsc *dsc, SdxiFault *fault)
{
    uint8_t flags = dsc->q[0] & ~R_SDXI_DSC_Q0_VL_MASK;
    SdxiOutcome outcome = sdxi_fault_memory(
        fault, SDXI_STEP_DSC_GEN, put_flags(host, geo, read_index, flags));

    if (outcome == SDXI_DONE) {
        assert(ring->count && ring->index == read_index);
        ring->first++;
        ring->index++;
        ring->count--;
    }
    return outcome;
}

SdxiMemResult sdxi_ring_untake(const SdxiHost *host, const SdxiGeometry *geo,
                               uint64_t read_index, const SdxiDsc *dsc)
{
    return put_flags(host, geo, read_index, dsc->q[0]);
}
