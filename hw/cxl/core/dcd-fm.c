/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dynamic capacity, the fabric manager's side: selection and removal policies.
 * The places and their invariant are in dcd.c.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/dcd.h"

static const CxlUuid no_tag;

static CxlRc refuse(const char **why, const char *sentence, CxlRc rc)
{
    *why = sentence;
    return rc;
}

/* A plan is the list of pieces a request will get; nothing is taken yet. */
static void plan_add(GArray *plan, uint64_t start, uint64_t len)
{
    CxlBgRange r = { start, len };

    g_array_append_val(plan, r);
}

static CxlRc check_length(const CxlDcRegion *r, uint64_t length,
                          const char **why)
{
    if (!length || length % r->cfg.block_size) {
        return refuse(why, "the length is not a multiple of the region's "
                      "block size", CXL_RC_INVALID_INPUT);
    }
    if (length > r->free.total) {
        return refuse(why, "the region has not that much free capacity",
                      CXL_RC_RESOURCES);
    }
    return CXL_RC_SUCCESS;
}

static CxlRc plan_free(const CxlDcRegion *r, uint64_t length, GArray *plan,
                       const char **why)
{
    CxlRc rc = check_length(r, length, why);
    Extent e;

    if (rc != CXL_RC_SUCCESS) {
        return rc;
    }
    for (uint64_t pos = 0; length && extentset_next(&r->free, pos, &e);
         pos = e.start + e.len) {
        uint64_t n = MIN(length, e.len);

        plan_add(plan, e.start, n);
        length -= n;
    }
    return CXL_RC_SUCCESS;
}

static CxlRc plan_contiguous(const CxlDcRegion *r, uint64_t length,
                             GArray *plan, const char **why)
{
    CxlRc rc = check_length(r, length, why);
    Extent e;

    if (rc != CXL_RC_SUCCESS) {
        return rc;
    }
    if (!extentset_first_fit(&r->free, 0, length, &e)) {
        return refuse(why, "the region has no free piece of that length",
                      CXL_RC_RESOURCES);
    }
    plan_add(plan, e.start, length);
    return CXL_RC_SUCCESS;
}

static CxlRc plan_prescriptive(const CxlDcd *dcd, const CxlDcRequest *req,
                               GArray *plan, const char **why)
{
    const CxlDcRegion *r = &dcd->regions[req->region];
    CxlRc rc = cxl_dcd_check_ranges(dcd, req->extents, req->num_extents);

    if (rc != CXL_RC_SUCCESS || !req->num_extents) {
        return refuse(why, "an extent is empty, outside of a region, off its "
                      "blocks, or listed twice", rc ?: CXL_RC_EXTENT_LIST);
    }
    for (uint32_t i = 0; i < req->num_extents; i++) {
        const CxlBgRange *x = &req->extents[i];

        if (cxl_dcd_region_of(dcd, x->start, x->len) != req->region) {
            return refuse(why, "an extent is not in the region",
                          CXL_RC_INVALID_DPA);
        }
        if (!extentset_covers(&r->free, x->start, x->len)) {
            return refuse(why, "an extent is not free", CXL_RC_EXTENT_LIST);
        }
        plan_add(plan, x->start, x->len);
    }
    return CXL_RC_SUCCESS;
}

/* Capacity that is held by its tag is offered again. */
static CxlRc plan_shared(const CxlDcd *dcd, const CxlDcRequest *req,
                         GArray *plan, const char **why)
{
    int tag = cxl_dcd_find_tag(dcd, &req->tag);
    Extent e;

    if (!(dcd->regions[req->region].cfg.flags & CXL_DC_REGION_SHARABLE)) {
        return refuse(why, "the region is not sharable", CXL_RC_INVALID_INPUT);
    }
    for (uint64_t pos = 0; tag > 0 && extentset_next(&dcd->held, pos, &e);
         pos = e.start + e.len) {
        if (CXL_DC_VALUE_TAG(e.value) == (uint32_t)tag &&
            cxl_dcd_region_of(dcd, e.start, e.len) == req->region) {
            plan_add(plan, e.start, e.len);
        }
    }
    return plan->len ? CXL_RC_SUCCESS :
           refuse(why, "the tag holds no capacity of the region",
                  CXL_RC_INVALID_INPUT);
}

static CxlRc make_plan(const CxlDcd *dcd, const CxlDcRequest *req,
                       GArray *plan, const char **why)
{
    const CxlDcRegion *r = &dcd->regions[req->region];

    switch (req->policy) {
    case CXL_DC_ADD_FREE:
        return plan_free(r, req->length, plan, why);
    case CXL_DC_ADD_CONTIGUOUS:
        return plan_contiguous(r, req->length, plan, why);
    case CXL_DC_ADD_PRESCRIPTIVE:
        return plan_prescriptive(dcd, req, plan, why);
    case CXL_DC_ADD_SHARED:
        return plan_shared(dcd, req, plan, why);
    default:
        return refuse(why, "unknown selection policy", CXL_RC_INVALID_INPUT);
    }
}

/* All extents of a tag come in one group: a second one is a mistake. */
static CxlRc check_tag(const CxlDcd *dcd, const CxlDcRequest *req,
                       const char **why)
{
    bool sharable = dcd->regions[req->region].cfg.flags &
                    CXL_DC_REGION_SHARABLE;
    bool none = cxl_uuid_equal(&req->tag, &no_tag);
    int known = none ? -1 : cxl_dcd_find_tag(dcd, &req->tag);

    if (sharable && none) {
        return refuse(why, "sharable capacity needs a tag",
                      CXL_RC_INVALID_INPUT);
    }
    if (req->policy != CXL_DC_ADD_SHARED && known > 0 &&
        g_array_index(dcd->tags, CxlDcTag, known).bytes) {
        return refuse(why, "the tag is in use", CXL_RC_INVALID_INPUT);
    }
    if (!none && known < 0 && !cxl_dcd_tags_available(dcd)) {
        return refuse(why, "no tag is left", CXL_RC_RESOURCES);
    }
    return CXL_RC_SUCCESS;
}

static void offer(CxlDcd *dcd, const CxlDcRequest *req, const GArray *plan)
{
    CxlDcRegion *r = &dcd->regions[req->region];
    bool sharable = r->cfg.flags & CXL_DC_REGION_SHARABLE;
    bool shared = req->policy == CXL_DC_ADD_SHARED;
    ExtentSet *group = cxl_dcd_group_new(dcd);
    uint32_t tag = 0;

    if (!cxl_uuid_equal(&req->tag, &no_tag)) {
        cxl_dcd_take_tag(dcd, &req->tag, &tag);
    }
    for (unsigned i = 0; i < plan->len; i++) {
        const CxlBgRange *p = &g_array_index(plan, CxlBgRange, i);
        Extent e = { p->start, p->len, CXL_DC_VALUE(tag, sharable ? i : 0) };

        extentset_erase(shared ? &dcd->held : &r->free, e.start, e.len);
        cxl_dcd_group_insert(dcd, group, &e);
        cxl_dcd_tag_bytes(dcd, tag, shared ? 0 : (int64_t)e.len);
        cxl_dcd_notice(dcd, CXL_EVDC_ADD, i + 1 < plan->len, &e);
        dcd->ops->trace(dcd->ops_opaque, CXL_TRACE_DC_OFFER, e.start, e.len,
                        req->region);
    }
    dcd->touched++;
    cxl_dcd_announce(dcd);
}

CxlRc cxl_dcd_add(CxlDcd *dcd, const CxlDcRequest *req, const char **why)
{
    g_autoptr(GArray) plan = g_array_new(FALSE, FALSE, sizeof(CxlBgRange));
    CxlRc rc;

    if (req->region >= dcd->num_regions) {
        return refuse(why, "there is no such region", CXL_RC_INVALID_INPUT);
    }
    if (dcd->groups.length >= dcd->max_extents) {
        return refuse(why, "too many offers wait for the host's answer",
                      CXL_RC_RESOURCES);
    }
    rc = check_tag(dcd, req, why);
    if (rc == CXL_RC_SUCCESS) {
        rc = make_plan(dcd, req, plan, why);
    }
    if (rc != CXL_RC_SUCCESS) {
        return rc;
    }
    if (plan->len > cxl_dcd_extents_available(dcd)) {
        return refuse(why, "not that many extents are left",
                      CXL_RC_RESOURCES);
    }
    if (!cxl_dcd_notices_fit(dcd, plan->len)) {
        return refuse(why, "too many records wait for the host",
                      CXL_RC_RESOURCES);
    }
    if (plan->len > UINT16_MAX &&
        dcd->regions[req->region].cfg.flags & CXL_DC_REGION_SHARABLE) {
        return refuse(why, "sequence numbers have 16 bits", CXL_RC_RESOURCES);
    }
    offer(dcd, req, plan);
    return CXL_RC_SUCCESS;
}

/* Visit the parts of a set inside the range. */
typedef void PieceFn(CxlDcd *dcd, const CxlDcRequest *req, const Extent *e);

static void for_pieces(CxlDcd *dcd, const ExtentSet *set, uint64_t dpa,
                       uint64_t len, const CxlDcRequest *req, PieceFn *fn)
{
    uint64_t end = dpa + len;
    Extent e;

    while (dpa < end && extentset_next(set, dpa, &e) && e.start < end) {
        Extent piece = { .start = MAX(dpa, e.start), .value = e.value };

        piece.len = MIN(end, e.start + e.len) - piece.start;
        dpa = piece.start + piece.len;
        fn(dcd, req, &piece);
    }
}

static void ask_back(CxlDcd *dcd, const CxlDcRequest *req, const Extent *e)
{
    cxl_dcd_notice(dcd, CXL_EVDC_RELEASE, false, e);
    extentset_assign(&dcd->leaving, e->start, e->len, req->sanitize);
}

static void tell_forced(CxlDcd *dcd, const CxlDcRequest *req, const Extent *e)
{
    cxl_dcd_notice(dcd, CXL_EVDC_FORCED_RELEASE, false, e);
}

/*
 * An offer is withdrawn in part.  The group stays in its place even if it is
 * empty: the host has seen it and will answer it.
 */
static void cancel(CxlDcd *dcd, uint64_t dpa, uint64_t len)
{
    uint64_t end = dpa + len;
    Extent offer, e;

    while (dpa < end && extentset_next(&dcd->offers, dpa, &offer) &&
           offer.start < end) {
        ExtentSet *group = (ExtentSet *)(uintptr_t)offer.value;
        Extent piece = { .start = MAX(dpa, offer.start) };

        piece.len = MIN(end, offer.start + offer.len) - piece.start;
        dpa = piece.start + piece.len;
        extentset_find(group, piece.start, &e);
        piece.value = e.value;
        cxl_dcd_group_erase(dcd, group, piece.start, piece.len);
        cxl_dcd_put_back(dcd, &piece, false);
    }
}

/* Each byte must be accepted, or offered if force may cancel offers. */
static bool removable(const CxlDcd *dcd, const CxlBgRange *x, bool forced)
{
    uint64_t pos = x->start, end = x->start + x->len;

    while (pos < end) {
        Extent e;

        if (!extentset_find(&dcd->accepted, pos, &e) &&
            !(forced && extentset_find(&dcd->offers, pos, &e))) {
            return false;
        }
        pos = e.start + e.len;
    }
    return true;
}

static CxlRc plan_removal(const CxlDcd *dcd, const CxlDcRequest *req,
                          const char **why)
{
    CxlRc rc = cxl_dcd_check_ranges(dcd, req->extents, req->num_extents);
    uint64_t cuts = 0;

    if (rc != CXL_RC_SUCCESS || !req->num_extents) {
        return refuse(why, "an extent is empty, outside of a region, off its "
                      "blocks, or listed twice", rc ?: CXL_RC_EXTENT_LIST);
    }
    for (uint32_t i = 0; i < req->num_extents; i++) {
        const CxlBgRange *x = &req->extents[i];

        if (!removable(dcd, x, req->forced)) {
            return refuse(why,
                          extentset_overlaps(&dcd->offers, x->start, x->len) ?
                          "an extent is still on offer" :
                          "the host does not have an extent",
                          CXL_RC_INVALID_DPA);
        }
        cuts++;
    }
    if (req->forced && cuts > cxl_dcd_extents_available(dcd)) {
        return refuse(why, "cutting extents would make too many",
                      CXL_RC_RESOURCES);
    }
    return CXL_RC_SUCCESS;
}

static void append_tagged(const ExtentSet *set, uint32_t tag, GArray *out)
{
    Extent e;

    for (uint64_t pos = 0; extentset_next(set, pos, &e);
         pos = e.start + e.len) {
        if (CXL_DC_VALUE_TAG(e.value) == tag) {
            plan_add(out, e.start, e.len);
        }
    }
}

/* Everything with the tag that the host has, or may get if not stopped. */
static CxlRc plan_tagged(const CxlDcd *dcd, const CxlDcRequest *req,
                         GArray *out, const char **why)
{
    int tag = cxl_dcd_find_tag(dcd, &req->tag);

    if (tag < 0) {
        return refuse(why, "no capacity has the tag", CXL_RC_INVALID_INPUT);
    }
    append_tagged(&dcd->accepted, tag, out);
    for (GList *l = dcd->groups.head; req->forced && l; l = l->next) {
        append_tagged(l->data, tag, out);
    }
    return out->len ? CXL_RC_SUCCESS :
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
static CxlRc check_asked(const CxlDcd *dcd, const CxlDcRequest *req,
                         const GArray *plan, const char **why)
{
    int64_t asked = dcd->leaving.count;
    ExtentSet merged;
    Extent e;

    extentset_init(&merged, true);
    for (unsigned i = 0; i < plan->len; i++) {
        const CxlBgRange *x = &g_array_index(plan, CxlBgRange, i);

        extentset_insert(&merged, x->start, x->len, 0);
    }
    for (uint64_t pos = 0; extentset_next(&merged, pos, &e);
         pos = e.start + e.len) {
        asked += growth(&dcd->leaving, &e, req->sanitize);
    }
    extentset_clear(&merged);
    return asked <= dcd->max_extents ? CXL_RC_SUCCESS :
           refuse(why, "the host has too many requests to release already",
                  CXL_RC_RESOURCES);
}

static CxlRc check_records(const CxlDcd *dcd, const GArray *plan,
                           const char **why)
{
    uint64_t records = 0;

    for (unsigned i = 0; i < plan->len; i++) {
        const CxlBgRange *x = &g_array_index(plan, CxlBgRange, i);

        records += count_pieces(&dcd->accepted, x->start, x->len);
    }
    return cxl_dcd_notices_fit(dcd, records) ? CXL_RC_SUCCESS :
           refuse(why, "too many records wait for the host",
                  CXL_RC_RESOURCES);
}

static CxlRc make_removal(const CxlDcd *dcd, const CxlDcRequest *req,
                          GArray *plan, const char **why)
{
    CxlRc rc;

    switch (req->policy) {
    case CXL_DC_REMOVE_TAG:
        rc = plan_tagged(dcd, req, plan, why);
        break;
    case CXL_DC_REMOVE_PRESCRIPTIVE:
        rc = plan_removal(dcd, req, why);
        if (rc == CXL_RC_SUCCESS) {
            g_array_append_vals(plan, req->extents, req->num_extents);
        }
        break;
    default:
        rc = refuse(why, "unknown removal policy", CXL_RC_INVALID_INPUT);
    }
    if (rc == CXL_RC_SUCCESS) {
        rc = check_records(dcd, plan, why);
    }
    if (rc == CXL_RC_SUCCESS && !req->forced) {
        rc = check_asked(dcd, req, plan, why);
    }
    return rc;
}

CxlRc cxl_dcd_remove(CxlDcd *dcd, const CxlDcRequest *req, const char **why)
{
    g_autoptr(GArray) plan = g_array_new(FALSE, FALSE, sizeof(CxlBgRange));
    CxlRc rc = make_removal(dcd, req, plan, why);

    for (unsigned i = 0; rc == CXL_RC_SUCCESS && i < plan->len; i++) {
        CxlBgRange x = g_array_index(plan, CxlBgRange, i);

        if (req->forced) {
            cancel(dcd, x.start, x.len);
        }
        for_pieces(dcd, &dcd->accepted, x.start, x.len, req,
                   req->forced ? tell_forced : ask_back);
    }
    if (rc == CXL_RC_SUCCESS && req->forced) {
        cxl_dcd_give_back(dcd, (const CxlBgRange *)plan->data, plan->len,
                          req->sanitize);
    }
    cxl_dcd_announce(dcd);
    return rc;
}
