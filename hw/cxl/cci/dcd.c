/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dynamic capacity, the host's commands, 48xxh, on core/dcd-view.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/memdev.h"

QEMU_BUILD_BUG_ON(sizeof(CxlDcRegionWire) != CXL_DC_REGION_SIZE);

static void put_region(const CxlDcRegionConfig *r, void *to)
{
    CxlDcRegionWire *out = to;

    stq_le_p(&out->base, r->base);
    stq_le_p(&out->decode_len, r->decode_len / CXL_MEMDEV_CAPACITY_UNIT);
    stq_le_p(&out->len, r->len);
    stq_le_p(&out->block_size, r->block_size);
    stl_le_p(&out->dsmad_handle, r->dsmad_handle);
    out->flags = r->flags;
}

static CxlRc get_config(CxlCall *call)
{
    const CxlMemdev *dev = call->owner;
    const CxlDcConfigIn *in = (const void *)call->in;
    CxlDcConfigOut *out = (CxlDcConfigOut *)call->out;
    uint32_t len;

    if (!cxl_dcd_put_config(&dev->dc_view, in->start, in->count, put_region,
                            (uint8_t *)out->regions,
                            call->out_max - sizeof(*out), &out->returned,
                            &len)) {
        return CXL_RC_INVALID_INPUT;
    }
    out->total = dev->dc_view.pool->num_regions;
    call->out_len = sizeof(*out) + len;
    return CXL_RC_SUCCESS;
}

static CxlRc get_extents(CxlCall *call)
{
    const CxlMemdev *dev = call->owner;
    const CxlDcView *view = &dev->dc_view;
    const CxlDcExtentsIn *in = (const void *)call->in;
    CxlDcExtentsOut *out = (CxlDcExtentsOut *)call->out;
    uint32_t start = ldl_le_p(&in->start), count = ldl_le_p(&in->count);
    uint32_t n, fit = (call->out_max - sizeof(*out)) /
                      sizeof(CxlDcExtentWire);

    if (start > view->accepted.count) {
        return CXL_RC_INVALID_INPUT;
    }
    n = cxl_dcd_put_extents(view, start, MIN(count, fit), out->extents);
    stl_le_p(&out->returned, n);
    stl_le_p(&out->total, view->accepted.count);
    stl_le_p(&out->generation, view->generation);
    call->out_len = sizeof(*out) + n * sizeof(CxlDcExtentWire);
    return CXL_RC_SUCCESS;
}

typedef CxlRc UpdateFn(CxlDcView *view, const CxlBgRange *ranges,
                       uint32_t count, bool more);

/* The list of 4802h and 4803h: as long as it says, nothing behind it. */
static CxlRc update(CxlCall *call, UpdateFn *fn)
{
    CxlMemdev *dev = call->owner;
    const CxlDcUpdateIn *in = (const void *)call->in;
    uint32_t count = ldl_le_p(&in->count);
    g_autofree CxlBgRange *ranges = NULL;
    CxlRc rc;

    if (call->in_len - sizeof(*in) != (uint64_t)count * sizeof(CxlDcUpdate)) {
        return CXL_RC_PAYLOAD_LENGTH;
    }
    if (in->flags & ~CXL_DC_UPDATE_MORE) {
        return CXL_RC_INVALID_INPUT;
    }
    ranges = g_try_new(CxlBgRange, count);
    if (count && !ranges) {
        return CXL_RC_RESOURCES;
    }
    for (uint32_t i = 0; i < count; i++) {
        ranges[i].start = ldq_le_p(&in->updates[i].dpa);
        ranges[i].len = ldq_le_p(&in->updates[i].len);
    }
    rc = fn(&dev->dc_view, ranges, count, in->flags & CXL_DC_UPDATE_MORE);
    if (rc == CXL_RC_SUCCESS && dev->dc_view.waits) {
        cxl_mailbox_hold(&dev->mailbox);
    }
    return rc;
}

static CxlRc add_response(CxlCall *call)
{
    return update(call, cxl_dcd_respond);
}

/* A list of nothing refuses an offer, but releases nothing. */
static CxlRc release(CxlCall *call)
{
    const CxlMemdev *dev = call->owner;
    const CxlDcUpdateIn *in = (const void *)call->in;

    if (!ldl_le_p(&in->count) && !(in->flags & CXL_DC_UPDATE_MORE) &&
        !dev->dc_view.chain_opcode) {
        return CXL_RC_INVALID_INPUT;
    }
    return update(call, cxl_dcd_release);
}

static const CxlCmdRow dcd_rows[] = {
    { .opcode = CXL_OP_DC_CONFIG, .name = "Get Dynamic Capacity Configuration",
      .in_min = sizeof(CxlDcConfigIn), .in_max = sizeof(CxlDcConfigIn),
      .out_max = CXL_LEN_PAYLOAD, .handler = get_config,
      .needs = CXL_NEED_DC, .section = "8.2.9.9.9.1" },
    { .opcode = CXL_OP_DC_EXTENTS, .name = "Get Dynamic Capacity Extent List",
      .in_min = sizeof(CxlDcExtentsIn), .in_max = sizeof(CxlDcExtentsIn),
      .out_max = CXL_LEN_PAYLOAD, .handler = get_extents,
      .needs = CXL_NEED_DC, .section = "8.2.9.9.9.2" },
    { .opcode = CXL_OP_DC_ADD_RESPONSE,
      .name = "Add Dynamic Capacity Response",
      .in_min = sizeof(CxlDcUpdateIn), .in_max = CXL_LEN_PAYLOAD,
      .handler = add_response, .effects = CXL_FX_CONFIG | CXL_FX_DATA,
      .gates = CXL_GATE_MEDIA, .needs = CXL_NEED_DC,
      .section = "8.2.9.9.9.3" },
    { .opcode = CXL_OP_DC_RELEASE, .name = "Release Dynamic Capacity",
      .in_min = sizeof(CxlDcUpdateIn), .in_max = CXL_LEN_PAYLOAD,
      .handler = release, .effects = CXL_FX_CONFIG | CXL_FX_DATA,
      .gates = CXL_GATE_MEDIA, .needs = CXL_NEED_DC,
      .section = "8.2.9.9.9.4" },
};

const CxlCmdSet cxl_set_dcd = {
    "Dynamic capacity", dcd_rows, ARRAY_SIZE(dcd_rows),
};
