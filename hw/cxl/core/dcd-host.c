/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dynamic capacity, the host's side: answers to offers, release.
 * The places and their invariant are in dcd.c.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/dcd.h"
#include "hw/cxl/wire/commands.h"

static void end_chain(CxlDcd *dcd)
{
    g_array_set_size(dcd->chain, 0);
    dcd->chain_opcode = 0;
}

/*
 * Collects parts.  Success while more are to come or when *@complete says
 * that the list is whole.
 */
static CxlRc collect(CxlDcd *dcd, uint16_t opcode, const CxlBgRange *ranges,
                     uint32_t count, bool more, bool *complete)
{
    *complete = false;
    if (dcd->chain_opcode && dcd->chain_opcode != opcode) {
        end_chain(dcd);
        return CXL_RC_INVALID_INPUT;
    }
    if (count > dcd->max_extents - dcd->chain->len) {
        end_chain(dcd);
        return CXL_RC_RESOURCES;
    }
    if (count) {
        g_array_append_vals(dcd->chain, ranges, count);
    }
    dcd->chain_opcode = more ? opcode : 0;
    *complete = !more;
    return CXL_RC_SUCCESS;
}

/* Every range inside one piece of the offer, and room for all of them. */
static CxlRc check_response(const CxlDcd *dcd, const ExtentSet *group,
                            const CxlBgRange *ranges, uint32_t count)
{
    CxlRc rc = cxl_dcd_check_ranges(dcd, ranges, count);
    uint64_t others = dcd->offers.count - (group ? group->count : 0);

    for (uint32_t i = 0; i < count && rc == CXL_RC_SUCCESS; i++) {
        Extent e;

        if (!group || !extentset_find(group, ranges[i].start, &e) ||
            ranges[i].len > e.start + e.len - ranges[i].start) {
            rc = CXL_RC_INVALID_DPA;
        }
    }
    if (rc == CXL_RC_SUCCESS &&
        dcd->accepted.count + others + count > dcd->max_extents) {
        rc = CXL_RC_RESOURCES;
    }
    return rc;
}

static void accept_one(CxlDcd *dcd, ExtentSet *group, const CxlBgRange *range)
{
    Extent e;

    extentset_find(group, range->start, &e);
    e.start = range->start;
    e.len = range->len;
    cxl_dcd_group_erase(dcd, group, e.start, e.len);
    extentset_insert(&dcd->accepted, e.start, e.len, e.value);
    dcd->generation++;
    dcd->ops->trace(dcd->ops_opaque, CXL_TRACE_DC_ACCEPT, e.start, e.len,
                    dcd->generation);
    cxl_dcd_to_fm(dcd, CXL_EVDC_ADD_RESPONSE, &e);
}

/* The oldest group is answered: what was not taken is free again. */
static void settle(CxlDcd *dcd, const CxlBgRange *ranges, uint32_t count)
{
    ExtentSet *group = g_queue_pop_head(&dcd->groups);
    Extent e = { 0 };

    for (uint32_t i = 0; i < count; i++) {
        accept_one(dcd, group, &ranges[i]);
    }
    if (count) {
        CxlBgRange hull = cxl_dcd_hull(ranges, count);

        dcd->ops->access_changed(dcd->ops_opaque, hull.start, hull.len);
    } else {
        cxl_dcd_to_fm(dcd, CXL_EVDC_ADD_RESPONSE, &e);
    }
    while (extentset_next(group, 0, &e)) {
        cxl_dcd_group_erase(dcd, group, e.start, e.len);
        cxl_dcd_put_back(dcd, &e, false);
    }
    extentset_clear(group);
    g_free(group);
    dcd->touched++;
}

CxlRc cxl_dcd_respond(CxlDcd *dcd, const CxlBgRange *ranges, uint32_t count,
                      bool more)
{
    ExtentSet *group = g_queue_peek_head(&dcd->groups);
    bool complete;
    CxlRc rc = collect(dcd, CXL_OP_DC_ADD_RESPONSE, ranges, count, more,
                       &complete);

    if (!complete) {
        return rc;
    }
    ranges = (const CxlBgRange *)dcd->chain->data;
    count = dcd->chain->len;
    rc = check_response(dcd, group, ranges, count);
    if (rc == CXL_RC_SUCCESS && group) {
        settle(dcd, ranges, count);
    }
    end_chain(dcd);
    return rc;
}

/* All of it accepted, and room for the pieces that get cut in two. */
static CxlRc check_release(const CxlDcd *dcd, const CxlBgRange *ranges,
                           uint32_t count)
{
    CxlRc rc = cxl_dcd_check_ranges(dcd, ranges, count);
    uint64_t cuts = 0;

    for (uint32_t i = 0; i < count && rc == CXL_RC_SUCCESS; i++) {
        Extent e;

        if (!extentset_covers(&dcd->accepted, ranges[i].start,
                              ranges[i].len)) {
            return CXL_RC_INVALID_DPA;
        }
        extentset_find(&dcd->accepted, ranges[i].start, &e);
        cuts += e.start < ranges[i].start &&
                ranges[i].len < e.start + e.len - ranges[i].start;
    }
    if (rc == CXL_RC_SUCCESS && cuts > cxl_dcd_extents_available(dcd)) {
        rc = CXL_RC_RESOURCES;
    }
    return rc;
}

CxlRc cxl_dcd_release(CxlDcd *dcd, const CxlBgRange *ranges, uint32_t count,
                      bool more)
{
    bool complete;
    CxlRc rc = collect(dcd, CXL_OP_DC_RELEASE, ranges, count, more,
                       &complete);

    if (!complete) {
        return rc;
    }
    ranges = (const CxlBgRange *)dcd->chain->data;
    count = dcd->chain->len;
    rc = check_release(dcd, ranges, count);
    if (rc == CXL_RC_SUCCESS && count) {
        cxl_dcd_give_back(dcd, ranges, count, false);
    }
    end_chain(dcd);
    return rc;
}
