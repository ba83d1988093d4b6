/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Maintenance, 06xxh: repair with the spares of core/maintenance.c.
 * Repair replaces cells, not contents: data stays, poison goes.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/event-records.h"
#include "hw/cxl/core/mediaops.h"

#define HARD_PPR 1 /* kind, see core/maintenance.h */

static void begin_record(const CxlMemdev *dev, CxlEvSparing *rec,
                         uint8_t class, uint8_t subclass, uint8_t in_flags,
                         bool hard, CxlRc rc, unsigned kind)
{
    uint8_t flags = (in_flags & CXL_MAINT_QUERY ? CXL_EVSPARING_QUERY : 0) |
                    (hard ? CXL_EVSPARING_HARD : 0);

    cxl_evrec_sparing(rec, CXL_EVFLAG_SUBCLASS_VALID, flags, rc,
                      dev->maintenance.spares[kind]);
    rec->hdr.maint_class = class;
    rec->hdr.maint_subclass = subclass;
}

/* Repair is silent unless its feature has been told otherwise. */
static bool repair_event_wanted(const CxlMemdev *dev, unsigned kind)
{
    unsigned feature = kind == HARD_PPR ? CXL_FEATURE_HPPR : CXL_FEATURE_SPPR;
    const CxlPprWrite *set =
        (const void *)dev->features.state[feature].current;

    return set->ppr_op_mode & CXL_PPR_SPARING_EVENT_ON;
}

/* Nothing is said of a repair that is silent. */
static void record_repair(CxlMemdev *dev, const CxlPprIn *in, unsigned kind,
                          CxlRc rc)
{
    CxlEvSparing rec;

    if (!repair_event_wanted(dev, kind)) {
        return;
    }
    begin_record(dev, &rec, in->class, in->subclass, in->flags,
                 kind == HARD_PPR, rc, kind);
    memcpy(rec.nibble_mask, in->nibble_mask, sizeof(rec.nibble_mask));
    stw_le_p(&rec.validity, CXL_EVDRAM_NIBBLE);
    cxl_events_insert(&dev->events, CXL_EVLOG_INFO, &rec);
}

static CxlRc repair(CxlCall *call, unsigned kind)
{
    CxlMemdev *dev = call->owner;
    const CxlPprIn *in = (const void *)call->in;
    CxlRc rc = CXL_RC_SUCCESS;
    uint64_t dpa;

    if (call->in_len != sizeof(*in)) {
        return CXL_RC_PAYLOAD_LENGTH;
    }
    dpa = ldq_le_p(&in->dpa) & ~63ull;
    if (in->flags & ~CXL_MAINT_QUERY) {
        return CXL_RC_INVALID_INPUT;
    }
    if (!cxl_memdev_contains(dev, dpa, CXL_POISON_LINE)) {
        return CXL_RC_INVALID_DPA;
    }
    if (!dev->maintenance.spares[kind] ||
        !cxl_poison_removable(&dev->poison, dpa, CXL_POISON_LINE)) {
        rc = CXL_RC_RESOURCES;
    } else if (!(in->flags & CXL_MAINT_QUERY)) {
        cxl_maintenance_take(&dev->maintenance, kind);
        cxl_mediaops_clear_poison(dev, dpa, CXL_POISON_LINE);
    }
    record_repair(dev, in, kind, rc);
    return rc;
}

/* A rank has no bank, a bank no row: what the subclass names is valid. */
static uint16_t sparing_validity(const CxlSparingIn *in)
{
    static const uint16_t named[] = {
        CXL_EVDRAM_COLUMN, CXL_EVDRAM_ROW,
        CXL_EVDRAM_BANK_GROUP | CXL_EVDRAM_BANK,
        CXL_EVDRAM_CHANNEL | CXL_EVDRAM_RANK,
    };
    uint16_t bits = 0;

    for (unsigned i = in->subclass; i < ARRAY_SIZE(named); i++) {
        bits |= named[i];
    }
    return bits |
           (in->flags & CXL_SPARING_IN_NIBBLE ? CXL_EVDRAM_NIBBLE : 0) |
           (in->flags & CXL_SPARING_IN_SUB_CHANNEL ?
            CXL_EVSPARING_SUB_CHANNEL : 0);
}

static void sparing_event(CxlMemdev *dev, const CxlSparingIn *in, CxlRc rc,
                          unsigned kind)
{
    CxlEvSparing rec;

    begin_record(dev, &rec, in->class, in->subclass, in->flags,
                 in->flags & CXL_SPARING_IN_HARD, rc, kind);
    stw_le_p(&rec.validity, sparing_validity(in));
    rec.channel = in->channel;
    rec.rank = in->rank;
    memcpy(rec.nibble_mask, in->nibble_mask, sizeof(rec.nibble_mask));
    rec.bank_group = in->bank_group;
    rec.bank = in->bank;
    memcpy(rec.row, in->row, sizeof(rec.row));
    memcpy(&rec.column, &in->column, sizeof(rec.column));
    rec.sub_channel = in->sub_channel;
    cxl_events_insert(&dev->events, CXL_EVLOG_INFO, &rec);
}

/* The place is named in DRAM terms; which DPA that is only the media knows. */
static CxlRc spare(CxlCall *call, unsigned kind)
{
    CxlMemdev *dev = call->owner;
    const CxlSparingIn *in = (const void *)call->in;
    CxlRc rc = CXL_RC_SUCCESS;

    if (call->in_len != sizeof(*in)) {
        return CXL_RC_PAYLOAD_LENGTH;
    }
    if (in->flags & ~0xfu) {
        return CXL_RC_INVALID_INPUT;
    }
    if (!dev->maintenance.spares[kind]) {
        rc = CXL_RC_RESOURCES;
    } else if (!(in->flags & CXL_MAINT_QUERY)) {
        cxl_maintenance_take(&dev->maintenance, kind);
    }
    sparing_event(dev, in, rc, kind);
    return rc;
}

static CxlRc perform(CxlCall *call)
{
    int kind = cxl_maintenance_kind(call->in[0], call->in[1]);

    if (kind < 0) {
        return CXL_RC_INVALID_INPUT;
    }
    return call->in[0] == CXL_MAINT_PPR ? repair(call, kind) :
           spare(call, kind);
}

static const CxlCmdRow maintenance_rows[] = {
    { .opcode = CXL_OP_MAINTENANCE, .name = "Perform Maintenance",
      .in_min = 2, .in_max = sizeof(CxlSparingIn), .handler = perform,
      .effects = CXL_FX_DATA | CXL_FX_LOG, .gates = CXL_GATE_MEDIA,
      .section = "8.2.9.7.1" },
};

const CxlCmdSet cxl_set_maintenance = {
    "Maintenance", maintenance_rows, ARRAY_SIZE(maintenance_rows),
};
