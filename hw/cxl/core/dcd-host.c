/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dynamic capacity, the host's side: answers to offers, release.
 * The pieces and their invariant are in dcd-view.c.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/dcd-view.h"
#include "hw/cxl/wire/commands.h"

static void end_chain(CxlDcView *view)
{
    g_array_set_size(view->chain, 0);
    view->chain_opcode = 0;
}

/*
 * Collects parts.  Success while more are to come or when *@complete says
 * that the list is whole.
 */
static CxlRc collect(CxlDcView *view, uint16_t opcode, const CxlBgRange *ranges,
                     uint32_t count, bool more, bool *complete)
{
    *complete = false;
    if (view->waits) {
        return CXL_RC_BUSY;
    }
    if (view->chain_opcode && view->chain_opcode != opcode) {
        end_chain(view);
        return CXL_RC_INVALID_INPUT;
    }
    if (count > view->pool->max_extents - view->chain->len) {
        end_chain(view);
        return CXL_RC_RESOURCES;
    }
    if (count) {
        g_array_append_vals(view->chain, ranges, count);
    }
    view->chain_opcode = more ? opcode : 0;
    *complete = !more;
    return CXL_RC_SUCCESS;
}

/* Every range inside one piece of the offer, and room for all of them. */
static CxlRc check_response(const CxlDcView *view, const ExtentSet *group,
                            const CxlBgRange *ranges, uint32_t count)
{
    CxlRc rc = cxl_dcd_check_ranges(view->pool, ranges, count);
    uint64_t others = view->offers.count - (group ? group->count : 0);

    for (uint32_t i = 0; i < count && rc == CXL_RC_SUCCESS; i++) {
        Extent e;

        if (!group || !extentset_find(group, ranges[i].start, &e) ||
            ranges[i].len > e.start + e.len - ranges[i].start) {
            rc = CXL_RC_INVALID_DPA;
        }
    }
    if (rc == CXL_RC_SUCCESS &&
        view->accepted.count + others + count > view->pool->max_extents) {
        rc = CXL_RC_RESOURCES;
    }
    return rc;
}

static void accept_one(CxlDcView *view, ExtentSet *group,
                       const CxlBgRange *range)
{
    Extent e;

    extentset_find(group, range->start, &e);
    e.start = range->start;
    e.len = range->len;
    cxl_dcd_accept(view, group, &e);
}

/* The oldest group is answered: what was not taken goes back. */
static void answer(CxlDcView *view, const CxlBgRange *ranges, uint32_t count)
{
    ExtentSet *group = g_queue_peek_head(&view->groups);
    Extent none = { 0 };

    for (uint32_t i = 0; i < count; i++) {
        accept_one(view, group, &ranges[i]);
    }
    if (count) {
        CxlBgRange hull = cxl_dcd_hull(ranges, count);

        view->store->access_changed(view->store_opaque, hull.start, hull.len);
    } else {
        cxl_dcd_to_fm(view, CXL_EVDC_ADD_RESPONSE, &none);
    }
    if (!count) {
        cxl_dcd_declined(view, group);
    }
    cxl_dcd_group_end(view);
}

/*
 * Who lends the capacity may have taken an offer back as a whole, and told the
 * host so; one that does not answer it then answers the next.
 */
static void skip_withdrawn(CxlDcView *view)
{
    ExtentSet *group;

    while ((group = g_queue_peek_head(&view->groups)) && !group->count) {
        cxl_dcd_declined(view, group);
        cxl_dcd_group_end(view);
    }
}

/* What is lent is the host's when the lender says so, and not before. */
static CxlRc ask_lender(CxlDcView *view, const ExtentSet *group,
                        const CxlBgRange *ranges, uint32_t count)
{
    const CxlDcPool *pool = view->pool;

    view->waits = true;
    if (!pool->lender->wanted(pool->lender_opaque, group, ranges, count)) {
        view->waits = false;
        end_chain(view);
        return CXL_RC_RETRY;
    }
    return CXL_RC_SUCCESS;
}

bool cxl_dcd_wanted_end(CxlDcView *view, CxlRc rc)
{
    const CxlBgRange *ranges = (const CxlBgRange *)view->chain->data;
    const ExtentSet *group = g_queue_peek_head(&view->groups);
    uint32_t count = view->chain->len;
    bool good = rc != CXL_RC_SUCCESS ||
                check_response(view, group, ranges, count) == CXL_RC_SUCCESS;

    assert(view->waits);
    view->waits = false;
    if (rc == CXL_RC_SUCCESS && good) {
        answer(view, ranges, count);
    }
    end_chain(view);
    return good;
}

CxlRc cxl_dcd_respond(CxlDcView *view, const CxlBgRange *ranges, uint32_t count,
                      bool more)
{
    const ExtentSet *group;
    bool complete;
    CxlRc rc = collect(view, CXL_OP_DC_ADD_RESPONSE, ranges, count, more,
                       &complete);

    if (!complete) {
        return rc;
    }
    ranges = (const CxlBgRange *)view->chain->data;
    count = view->chain->len;
    if (view->pool->lender && count) {
        skip_withdrawn(view);
    }
    group = g_queue_peek_head(&view->groups);
    rc = check_response(view, group, ranges, count);
    if (rc == CXL_RC_SUCCESS && view->pool->lender && count) {
        return ask_lender(view, group, ranges, count);
    }
    if (rc == CXL_RC_SUCCESS && group) {
        answer(view, ranges, count);
    }
    end_chain(view);
    return rc;
}

/* All of it accepted, and room for the pieces that get cut in two. */
static CxlRc check_release(const CxlDcView *view, const CxlBgRange *ranges,
                           uint32_t count)
{
    CxlRc rc = cxl_dcd_check_ranges(view->pool, ranges, count);
    uint64_t cuts = 0;

    for (uint32_t i = 0; i < count && rc == CXL_RC_SUCCESS; i++) {
        Extent e;

        if (!extentset_covers(&view->accepted, ranges[i].start,
                              ranges[i].len)) {
            return CXL_RC_INVALID_DPA;
        }
        extentset_find(&view->accepted, ranges[i].start, &e);
        cuts += e.start < ranges[i].start &&
                ranges[i].len < e.start + e.len - ranges[i].start;
    }
    if (rc == CXL_RC_SUCCESS && cuts > cxl_dcd_extents_available(view)) {
        rc = CXL_RC_RESOURCES;
    }
    return rc;
}

CxlRc cxl_dcd_release(CxlDcView *view, const CxlBgRange *ranges, uint32_t count,
                      bool more)
{
    bool complete;
    CxlRc rc = collect(view, CXL_OP_DC_RELEASE, ranges, count, more,
                       &complete);

    if (!complete) {
        return rc;
    }
    ranges = (const CxlBgRange *)view->chain->data;
    count = view->chain->len;
    rc = check_release(view, ranges, count);
    if (rc == CXL_RC_SUCCESS && count) {
        cxl_dcd_give_back(view, ranges, count, false);
    }
    end_chain(view);
    return rc;
}
