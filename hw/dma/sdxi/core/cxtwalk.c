/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walk the context tables; the rules of what is returned are in cxtwalk.h.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/core/cxtwalk.h"
#include "hw/dma/sdxi/wire/mmio.h"
#include "hw/dma/sdxi/wire/tables.h"

static SdxiOutcome invalid(SdxiFault *fault, SdxiErrStep step)
{
    return sdxi_fault_set(fault, step, SDXI_SUB_VALIDATION);
}

/* A mistake in a table that concerns nobody who runs. */
static SdxiOutcome inform(SdxiFault *fault, SdxiErrStep step, bool absent)
{
    invalid(fault, step);
    fault->reaction = SDXI_RE_INFORMATIVE;
    fault->absent = absent;
    return SDXI_FAULT;
}

static SdxiOutcome read_l2(const SdxiHost *host, const SdxiWalk *walk,
                           uint16_t number, uint64_t *entry,
                           SdxiFault *fault)
{
    uint64_t addr = walk->l2 +
                    SDXI_L2_INDEX(number) * SDXI_L2_ENTRY_BYTES;
    SdxiOutcome outcome = sdxi_fault_memory(
        fault, SDXI_STEP_CXT_L2,
        sdxi_host_read_quads(host, &walk->space, addr, entry, 1));

    if (outcome == SDXI_FAULT) {
        fault->reaction = SDXI_RE_FUNCTION;
    }
    return outcome;
}

static SdxiOutcome walk_l2(const SdxiHost *host, const SdxiWalk *walk,
                           uint16_t number, uint64_t *l1, SdxiFault *fault)
{
    uint64_t entry = 0;
    SdxiOutcome outcome = read_l2(host, walk, number, &entry, fault);

    if (outcome != SDXI_DONE) {
        return outcome;
    }
    if (!FIELD_EX64(entry, SDXI_L2_Q0, VL)) {
        return inform(fault, SDXI_STEP_CXT_L2, true);
    }
    if (FIELD_EX64(entry, SDXI_L2_Q0, RSVD)) {
        return inform(fault, SDXI_STEP_CXT_L2, false);
    }
    *l1 = entry & R_SDXI_L2_Q0_PTR_MASK;
    return SDXI_DONE;
}

static SdxiOutcome walk_l1(const SdxiHost *host, const SdxiWalk *walk,
                           uint64_t l1, uint16_t number, SdxiGeometry *geo,
                           uint64_t *ctl, SdxiFault *fault)
{
    uint64_t q[SDXI_L1_ENTRY_BYTES / 8] = { 0 };
    uint64_t addr = l1 + SDXI_L1_INDEX(number) * SDXI_L1_ENTRY_BYTES;
    SdxiOutcome outcome = sdxi_fault_memory(
        fault, SDXI_STEP_CXT_L1,
        sdxi_host_read_quads(host, &walk->space, addr, q, ARRAY_SIZE(q)));

    if (outcome != SDXI_DONE) {
        return outcome;
    }
    if (!FIELD_EX64(q[0], SDXI_L1_Q0, VL)) {
        return inform(fault, SDXI_STEP_CXT_L1, true);
    }
    *ctl = q[0] & R_SDXI_L1_Q0_CTL_PTR_MASK;
    geo->space = walk->space;
    if (FIELD_EX64(q[0], SDXI_L1_Q0, PV)) {
        geo->space.pasid_valid = true;
        geo->space.pasid = FIELD_EX64(q[2], SDXI_L1_Q2, PASID);
    }
    geo->akeys = q[1] & R_SDXI_L1_Q1_AKEY_PTR_MASK;
    geo->akey_entries = MIN((uint32_t)SDXI_KEYS_MIN <<
                            FIELD_EX64(q[1], SDXI_L1_Q1, AKEY_SZ),
                            walk->max_akeys);
    geo->max_buffer = FIELD_EX64(q[2], SDXI_L1_Q2, MAX_BUFFER);
    geo->groups = FIELD_EX64(q[2], SDXI_L1_Q2, OPB_000);
    return SDXI_DONE;
}

static bool ring_ok(const SdxiGeometry *geo, uint64_t max_ring)
{
    return geo->ring_entries >= SDXI_RING_MIN &&
           geo->ring_entries <= max_ring &&
           !sdxi_host_wraps(geo->ring, geo->ring_entries * UINT64_C(64));
}

static SdxiOutcome walk_ctl(const SdxiHost *host, const SdxiWalk *walk,
                            uint64_t ctl, SdxiGeometry *geo,
                            SdxiFault *fault)
{
    uint64_t q[SDXI_CXT_CTL_BYTES / 8] = { 0 };
    SdxiOutcome outcome = sdxi_fault_memory(
        fault, SDXI_STEP_CXT_CTL,
        sdxi_host_read_quads(host, &walk->space, ctl, q, ARRAY_SIZE(q)));

    if (outcome != SDXI_DONE) {
        return outcome;
    }
    if (!FIELD_EX64(q[0], SDXI_CTL_Q0, VL)) {
        return invalid(fault, SDXI_STEP_CXT_CTL);
    }
    geo->qos = FIELD_EX64(q[0], SDXI_CTL_Q0, QOS);
    geo->ring = q[0] & R_SDXI_CTL_Q0_RING_PTR_MASK;
    geo->ring_entries = FIELD_EX64(q[1], SDXI_CTL_Q1, RING_SZ);
    geo->sts = q[2] & R_SDXI_CTL_Q2_STS_PTR_MASK;
    geo->write_index = q[3] & R_SDXI_CTL_Q3_WIDX_PTR_MASK;
    return ring_ok(geo, walk->max_ring) ? SDXI_DONE
                                        : invalid(fault, SDXI_STEP_CXT_CTL);
}

SdxiOutcome sdxi_cxtwalk(const SdxiHost *host, const SdxiWalk *walk,
                         uint16_t number, SdxiGeometry *geo,
                         SdxiFault *fault)
{
    uint64_t l1 = 0, ctl = 0;
    SdxiOutcome outcome = walk_l2(host, walk, number, &l1, fault);

    memset(geo, 0, sizeof(*geo));
    if (outcome == SDXI_DONE) {
        outcome = walk_l1(host, walk, l1, number, geo, &ctl, fault);
    }
    if (outcome == SDXI_DONE) {
        outcome = walk_ctl(host, walk, ctl, geo, fault);
    }
    return outcome;
}

SdxiOutcome sdxi_cxtwalk_probe(const SdxiHost *host, const SdxiWalk *walk,
                               SdxiFault *fault)
{
    uint64_t entry;

    return read_l2(host, walk, 0, &entry, fault);
}

SdxiOutcome sdxi_cxtwalk_l1_present(const SdxiHost *host,
                                    const SdxiWalk *walk, uint16_t number,
                                    bool *present, SdxiFault *fault)
{
    uint64_t entry = 0;
    SdxiOutcome outcome = read_l2(host, walk, number, &entry, fault);

    *present = FIELD_EX64(entry, SDXI_L2_Q0, VL);
    return outcome;
}

/* --- saved state --------------------------------------------------------- */

/* Whoever adds to it decides whether it must be saved. */
QEMU_BUILD_BUG_ON(sizeof(SdxiGeometry) != 72);

static bool fits(uint64_t value, uint64_t mask)
{
    return !(value & ~mask);
}

bool sdxi_geometry_ok(const SdxiGeometry *geo, uint64_t max_ring,
                      uint32_t max_akeys)
{
    return ring_ok(geo, max_ring) && geo->akey_entries <= max_akeys &&
           fits(geo->ring, R_SDXI_CTL_Q0_RING_PTR_MASK) &&
           fits(geo->sts, R_SDXI_CTL_Q2_STS_PTR_MASK) &&
           fits(geo->write_index, R_SDXI_CTL_Q3_WIDX_PTR_MASK) &&
           fits(geo->akeys, R_SDXI_L1_Q1_AKEY_PTR_MASK) &&
           fits(geo->space.pasid, R_SDXI_L1_Q2_PASID_MASK) &&
           geo->max_buffer < 1 << R_SDXI_L1_Q2_MAX_BUFFER_LENGTH &&
           geo->qos < 1 << R_SDXI_CTL_Q0_QOS_LENGTH;
}

void sdxi_geometry_save(const SdxiGeometry *geo, SaveWriter *w)
{
    save_put(w, geo->ring);
    save_put(w, geo->sts);
    save_put(w, geo->write_index);
    save_put(w, geo->akeys);
    save_put(w, geo->ring_entries);
    save_put(w, geo->akey_entries);
    save_put(w, geo->groups);
    save_put(w, geo->max_buffer);
    save_put(w, geo->qos);
    save_put(w, geo->space.pasid);
    save_put(w, geo->space.pasid_valid);
}

void sdxi_geometry_load(SdxiGeometry *geo, uint64_t max_ring,
                        uint32_t max_akeys, SaveReader *r)
{
    memset(geo, 0, sizeof(*geo));
    SAVE_GET(r, geo->ring);
    SAVE_GET(r, geo->sts);
    SAVE_GET(r, geo->write_index);
    SAVE_GET(r, geo->akeys);
    SAVE_GET(r, geo->ring_entries);
    SAVE_GET(r, geo->akey_entries);
    SAVE_GET(r, geo->groups);
    SAVE_GET(r, geo->max_buffer);
    SAVE_GET(r, geo->qos);
    SAVE_GET(r, geo->space.pasid);
    SAVE_GET(r, geo->space.pasid_valid);
    if (save_good(r) && !sdxi_geometry_ok(geo, max_ring, max_akeys)) {
        save_refuse(r, "no table can lead to such a context");
    }
}
