/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a lender does to a device; see dcd-lent.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/dcd-lent.h"

static const CxlUuid no_tag;

void cxl_dcd_lend(CxlDcView *view, const CxlDcLender *lender, void *opaque)
{
    assert(!view->pool->taken.count);
    view->pool->lender = lender;
    view->pool->lender_opaque = opaque;
}

static GArray *ranges_of(const GArray *pieces)
{
    GArray *ranges = g_array_new(FALSE, FALSE, sizeof(CxlBgRange));

    for (unsigned i = 0; i < pieces->len; i++) {
        const Extent *e = &g_array_index(pieces, Extent, i);
        CxlBgRange x = { e->start, e->len };

        g_array_append_val(ranges, x);
    }
    return ranges;
}

/* NULL, or what is wrong with a piece whose range is one. */
static const char *piece_problem(const CxlDcPool *pool, const CxlUuid *tag,
                                 const Extent *e)
{
    const CxlDcRegion *r =
        &pool->regions[cxl_dcd_region_of(pool, e->start, e->len)];

    if (!extentset_covers(&r->free, e->start, e->len)) {
        return "an extent is offered that the host has, or was offered";
    }
    if (e->value > UINT16_MAX) {
        return "a sequence number has more than 16 bits";
    }
    if (r->cfg.flags & CXL_DC_REGION_SHARABLE &&
        cxl_uuid_equal(tag, &no_tag)) {
        return "sharable capacity is offered without a tag";
    }
    return NULL;
}

static bool any_sharable(const CxlDcPool *pool, const GArray *pieces)
{
    for (unsigned i = 0; i < pieces->len; i++) {
        if (cxl_dcd_sharable(pool, g_array_index(pieces, Extent, i).start)) {
            return true;
        }
    }
    return false;
}

static const char *offer_problem(const CxlDcView *view, const CxlUuid *tag,
                                 const GArray *pieces)
{
    const CxlDcPool *pool = view->pool;
    g_autoptr(GArray) ranges = ranges_of(pieces);
    const char *why = NULL;

    if (!pieces->len ||
        cxl_dcd_check_ranges(pool, (const CxlBgRange *)ranges->data,
                             ranges->len) != CXL_RC_SUCCESS) {
        return "an extent is outside of a region, off its blocks, or listed"
               " twice";
    }
    for (unsigned i = 0; !why && i < pieces->len; i++) {
        why = piece_problem(pool, tag, &g_array_index(pieces, Extent, i));
    }
    if (!why && cxl_dcd_find_tag(pool, tag) < 0 &&
        !cxl_dcd_tags_available(pool)) {
        why = "no tag is left";
    }
    if (!why) {
        cxl_dcd_check_room(view, pieces->len, any_sharable(pool, pieces),
                           &why);
    }
    return why;
}

const ExtentSet *cxl_dcd_lent_offer(CxlDcView *view, const CxlUuid *tag,
                                    const GArray *pieces, const char **why)
{
    *why = offer_problem(view, tag, pieces);
    return *why ? NULL : cxl_dcd_offer_plan(view, tag, false, pieces);
}

/* The parts of @set in the range; it may have gone meanwhile. */
static void append_parts(const ExtentSet *set, const CxlBgRange *x,
                         GArray *plan)
{
    uint64_t dpa = x->start, end = x->start + x->len;
    Extent e;

    while (dpa < end && extentset_next(set, dpa, &e) && e.start < end) {
        CxlBgRange part = { .start = MAX(dpa, e.start) };

        part.len = MIN(end, e.start + e.len) - part.start;
        dpa = part.start + part.len;
        g_array_append_val(plan, part);
    }
}

bool cxl_dcd_lent_take(CxlDcView *view, const CxlBgRange *ranges,
                       uint32_t count, bool forced, const char **why)
{
    g_autoptr(GArray) plan = g_array_new(FALSE, FALSE, sizeof(CxlBgRange));
    CxlDcRequest req = {
        .host = view->host, .policy = CXL_DC_REMOVE_PRESCRIPTIVE,
        .forced = forced,
    };

    if (cxl_dcd_check_ranges(view->pool, ranges, count) != CXL_RC_SUCCESS) {
        *why = "an extent is outside of a region, off its blocks, or listed"
               " twice";
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        append_parts(&view->accepted, &ranges[i], plan);
        if (forced) {
            append_parts(&view->offers, &ranges[i], plan);
        }
    }
    req.extents = (const CxlBgRange *)plan->data;
    req.num_extents = plan->len;
    return !plan->len ||
           cxl_dcd_take_back(view->pool, &req, why) == CXL_RC_SUCCESS;
}

void cxl_dcd_lent_withdraw(CxlDcView *view, CxlRc rc)
{
    if (view->waits) {
        cxl_dcd_wanted_end(view, rc);
    }
    cxl_dcd_withdraw(view, 0, UINT64_MAX);
}

void cxl_dcd_lent_take_all(CxlDcView *view)
{
    CxlBgRange all = { 0, UINT64_MAX };

    cxl_dcd_lent_withdraw(view, CXL_RC_RETRY);
    if (view->accepted.count) {
        cxl_dcd_give_back(view, &all, 1, false);
    }
}

bool cxl_dcd_may_change(const CxlDcView *view, uint64_t dpa, uint64_t len,
                        uint64_t *run)
{
    const CxlDcPool *pool = view->pool;
    uint64_t base;
    Extent e;

    *run = len;
    if (!pool->lender) {
        return true;
    }
    base = pool->regions[0].cfg.base;
    if (dpa < base) {
        *run = MIN(len, base - dpa);
        return true;
    }
    if (!extentset_next(&view->accepted, dpa, &e)) {
        return false;
    }
    if (e.start > dpa) {
        *run = MIN(len, e.start - dpa);
        return false;
    }
    *run = MIN(len, e.start + e.len - dpa);
    return !cxl_dcd_sharable(pool, dpa);
}
