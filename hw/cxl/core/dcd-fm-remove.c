/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dynamic capacity, requests of the fabric manager: what it takes back, with
 * or without asking the host.  What it adds is dcd-fm.c.
 *
 * A plan lists the ranges that a request means; nothing is taken before all of
 * it has been judged.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/dcd-fm.h"

static CxlRc refuse(const char **why, const char *sentence, CxlRc rc)
{
    *why = sentence;
    return rc;
}

/* Visit the parts of accepted pieces inside the range. */
typedef void PieceFn(CxlDcView *view, const CxlDcRequest *req,
                     const Extent *e);

static void for_accepted(CxlDcView *view, const CxlBgRange *x,
                         const CxlDcRequest *req, PieceFn *fn)
{
    uint64_t dpa = x->start, end = dpa + x->len;
    Extent e;

    while (dpa < end && extentset_next(&view->accepted, dpa, &e) &&
           e.start < end) {
        Extent piece = { .start = MAX(dpa, e.start), .value = e.value };

        piece.len = MIN(end, e.start + e.len) - piece.start;
        dpa = piece.start + piece.len;
        fn(view, req, &piece);
    }
}

static void ask_back(CxlDcView *view, const CxlDcRequest *req, const Extent *e)
{
    cxl_dcd_ask(view, e, req->sanitize);
}

static void tell_forced(CxlDcView *view, const CxlDcRequest *req G_GNUC_UNUSED,
                        const Extent *e)
{
    cxl_dcd_record(view, CXL_EVDC_FORCED_RELEASE, false, e);
}

/* Each byte must be accepted, or offered if force may cancel offers. */
static bool removable(const CxlDcView *view, const CxlBgRange *x, bool forced)
{
    uint64_t pos = x->start, end = x->start + x->len;

    while (pos < end) {
        Extent e;

        if (!extentset_find(&view->accepted, pos, &e) &&
            !(forced && extentset_find(&view->offers, pos, &e))) {
            return false;
        }
        pos = e.start + e.len;
    }
    return true;
}

static CxlRc plan_removal(const CxlDcView *view, const CxlDcRequest *req,
                          const char **why)
{
    CxlRc rc = cxl_dcd_check_ranges(view->pool, req->extents, req->num_extents);
    uint64_t cuts = 0;

    if (rc != CXL_RC_SUCCESS || !req->num_extents) {
        return refuse(why, "an extent is empty, outside of a region, off its "
                      "blocks, or listed twice", rc ?: CXL_RC_EXTENT_LIST);
    }
    for (uint32_t i = 0; i < req->num_extents; i++) {
        const CxlBgRange *x = &req->extents[i];

        if (!removable(view, x, req->forced)) {
            return refuse(why,
                          extentset_overlaps(&view->offers, x->start, x->len) ?
                          "an extent is still on offer" :
                          "the host does not have an extent",
                          CXL_RC_INVALID_DPA);
        }
        cuts++;
    }
    if (req->forced && cuts > cxl_dcd_extents_available(view)) {
        return refuse(why, "cutting extents would make too many",
                      CXL_RC_RESOURCES);
    }
    return CXL_RC_SUCCESS;
}

/* What the set has of the tag's pieces. */
static void append_tagged(const CxlDcView *view, uint32_t tag,
                          const ExtentSet *set, GArray *plan)
{
    const ExtentSet *pieces = &cxl_dcd_tag(view->pool, tag)->pieces;
    Extent t, e;

    for (uint64_t pos = 0; extentset_next(pieces, pos, &t);
         pos = t.start + t.len) {
        uint64_t end = t.start + t.len;

        for (uint64_t at = t.start; extentset_next(set, at, &e) &&
             e.start < end; at = e.start + e.len) {
            CxlBgRange x = { MAX(e.start, at), MIN(e.start + e.len, end) };

            x.len -= x.start;
            g_array_append_val(plan, x);
        }
    }
}

static void append_all(const ExtentSet *set, GArray *plan)
{
    ExtentCursor c = extentset_from(set, 0);
    Extent e;

    while (extentset_walk(set, &c, &e)) {
        CxlBgRange x = { e.start, e.len };

        g_array_append_val(plan, x);
    }
}

/* Everything with the tag that the host has, or may get if not stopped. */
static CxlRc plan_tagged(const CxlDcView *view, const CxlDcRequest *req,
                         GArray *plan, const char **why)
{
    int tag = cxl_dcd_find_tag(view->pool, &req->tag);

    if (tag < 0) {
        return refuse(why, "no capacity has the tag", CXL_RC_INVALID_INPUT);
    }
    if (tag) {
        append_tagged(view, tag, &view->accepted, plan);
    } else {
        append_all(&view->untagged, plan);
    }
    if (req->forced && tag) {
        append_tagged(view, tag, &view->offers, plan);
    } else if (req->forced) {
        append_all(&view->untagged_offers, plan);
    }
    return plan->len ? CXL_RC_SUCCESS :
           refuse(why, "the host has no capacity with the tag",
                  CXL_RC_INVALID_INPUT);
}

/* How many pieces of the set are in the range. */
static uint64_t count_pieces(const ExtentSet *set, uint64_t dpa, uint64_t len)
{
    uint64_t end = dpa + len, n = 0;
    Extent e;

    for (; dpa < end && extentset_next(set, dpa, &e) && e.start < end;
         dpa = e.start + e.len) {
        n++;
    }
    return n;
}

/* By how many pieces a merging set grows if the range gets the value. */
static int64_t growth(const ExtentSet *set, const Extent *x, uint64_t value)
{
    uint64_t end = x->start + x->len;
    int64_t n = 1;
    Extent e;

    for (uint64_t pos = x->start - 1; extentset_next(set, pos, &e) &&
         e.start <= end; pos = e.start + e.len) {
        n += -1 + (e.start < x->start && e.value != value) +
             (e.start + e.len > end && e.value != value);
    }
    return n;
}

/* The requests to release that the host will have are not too many. */
static CxlRc check_asked(const CxlDcView *view, const CxlDcRequest *req,
                         const GArray *plan, const char **why)
{
    int64_t asked = view->asked.count;
    ExtentSet merged;
    Extent e;

    extentset_init(&merged, true);
    for (unsigned i = 0; i < plan->len; i++) {
        const CxlBgRange *x = &g_array_index(plan, CxlBgRange, i);

        extentset_insert(&merged, x->start, x->len, 0);
    }
    for (uint64_t pos = 0; extentset_next(&merged, pos, &e);
         pos = e.start + e.len) {
        asked += growth(&view->asked, &e, req->sanitize);
    }
    extentset_clear(&merged);
    return asked <= view->pool->max_extents ? CXL_RC_SUCCESS :
           refuse(why, "the host has too many requests to release already",
                  CXL_RC_RESOURCES);
}

static CxlRc check_records(const CxlDcView *view, const GArray *plan,
                           const char **why)
{
    uint64_t records = 0;

    for (unsigned i = 0; i < plan->len; i++) {
        const CxlBgRange *x = &g_array_index(plan, CxlBgRange, i);

        records += count_pieces(&view->accepted, x->start, x->len);
    }
    return cxl_dcd_records_fit(view, records) ? CXL_RC_SUCCESS :
           refuse(why, "too many records wait for the host",
                  CXL_RC_RESOURCES);
}

static CxlRc make_removal(const CxlDcView *view, const CxlDcRequest *req,
                          GArray *plan, const char **why)
{
    CxlRc rc;

    switch (req->policy) {
    case CXL_DC_REMOVE_TAG:
        rc = plan_tagged(view, req, plan, why);
        break;
    case CXL_DC_REMOVE_PRESCRIPTIVE:
        rc = plan_removal(view, req, why);
        if (rc == CXL_RC_SUCCESS) {
            g_array_append_vals(plan, req->extents, req->num_extents);
        }
        break;
    default:
        rc = refuse(why, "unknown removal policy", CXL_RC_INVALID_INPUT);
    }
    if (rc == CXL_RC_SUCCESS) {
        rc = check_records(view, plan, why);
    }
    if (rc == CXL_RC_SUCCESS && !req->forced) {
        rc = check_asked(view, req, plan, why);
    }
    return rc;
}

CxlRc cxl_dcd_take_back(CxlDcPool *pool, const CxlDcRequest *req,
                        const char **why)
{
    g_autoptr(GArray) plan = g_array_new(FALSE, FALSE, sizeof(CxlBgRange));
    CxlDcView *view = cxl_dcd_view_of(pool, req->host);
    CxlRc rc;

    if (!view) {
        return refuse(why, "there is no such host", CXL_RC_INVALID_INPUT);
    }
    rc = make_removal(view, req, plan, why);
    if (rc != CXL_RC_SUCCESS) {
        return rc;
    }
    for (unsigned i = 0; i < plan->len; i++) {
        const CxlBgRange *x = &g_array_index(plan, CxlBgRange, i);

        if (req->forced) {
            cxl_dcd_withdraw(view, x->start, x->len);
        }
        for_accepted(view, x, req, req->forced ? tell_forced : ask_back);
    }
    if (req->forced) {
        cxl_dcd_give_back(view, (const CxlBgRange *)plan->data, plan->len,
                          req->sanitize);
    }
    cxl_dcd_announce(view);
    return CXL_RC_SUCCESS;
}

CxlRc cxl_dcd_remove(CxlDcPool *pool, const CxlDcRequest *req,
                     const char **why)
{
    CxlRc rc = pool->lender ?
               refuse(why, CXL_DC_LENDER_DECIDES, CXL_RC_UNSUPPORTED) :
               cxl_dcd_take_back(pool, req, why);

    if (rc == CXL_RC_SUCCESS && pool->scribe) {
        pool->scribe->removed(pool->scribe_opaque, req);
    }
    return rc;
}
