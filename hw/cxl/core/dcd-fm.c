/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dynamic capacity, requests of the fabric manager: what it adds, and how it
 * sets up regions.  What it takes back is dcd-fm-remove.c; pieces of a host are
 * in dcd-view.c, states of blocks in dcd-pool.c.
 *
 * A plan lists the pieces that a request will get; nothing is taken before
 * all of it has been judged.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/dcd-fm.h"

static const CxlUuid no_tag;

CxlDcView *cxl_dcd_view_of(const CxlDcPool *pool, uint16_t host)
{
    return host < pool->views->len ? g_ptr_array_index(pool->views, host) :
           NULL;
}

static CxlRc refuse(const char **why, const char *sentence, CxlRc rc)
{
    *why = sentence;
    return rc;
}

/* A plan of Extents, whose value is the sequence number */
static void plan_add(GArray *plan, uint64_t start, uint64_t len)
{
    Extent e = { start, len, plan->len };

    g_array_append_val(plan, e);
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
        return refuse(why, "the region has no free piece of that length now",
                      CXL_RC_RESOURCES);
    }
    plan_add(plan, e.start, length);
    return CXL_RC_SUCCESS;
}

static CxlRc plan_prescriptive(const CxlDcPool *pool, const CxlDcRequest *req,
                               GArray *plan, const char **why)
{
    const CxlDcRegion *r = &pool->regions[req->region];
    CxlRc rc = cxl_dcd_check_ranges(pool, req->extents, req->num_extents);

    if (rc != CXL_RC_SUCCESS || !req->num_extents) {
        return refuse(why, "an extent is empty, outside of a region, off its "
                      "blocks, or listed twice", rc ?: CXL_RC_EXTENT_LIST);
    }
    for (uint32_t i = 0; i < req->num_extents; i++) {
        const CxlBgRange *x = &req->extents[i];

        if (cxl_dcd_region_of(pool, x->start, x->len) != req->region) {
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

/* The parts of a shared piece that the host neither has nor is offered. */
static void plan_missing(const CxlDcView *view, const Extent *piece,
                         GArray *plan)
{
    const ExtentSet *has[] = { &view->accepted, &view->offers };
    ExtentSet missing;
    Extent e;

    extentset_init(&missing, false);
    extentset_insert(&missing, piece->start, piece->len, piece->value);
    for (unsigned i = 0; i < ARRAY_SIZE(has); i++) {
        for (uint64_t pos = piece->start; extentset_next(has[i], pos, &e) &&
             e.start < piece->start + piece->len; pos = e.start + e.len) {
            extentset_erase(&missing, e.start, e.len);
        }
    }
    for (uint64_t pos = 0; extentset_next(&missing, pos, &e);
         pos = e.start + e.len) {
        g_array_append_val(plan, e);
    }
    extentset_clear(&missing);
}

static int by_sequence(const void *a, const void *b)
{
    const Extent *ea = a, *eb = b;

    return ea->value != eb->value ? (ea->value > eb->value ? 1 : -1) :
           (ea->start > eb->start) - (ea->start < eb->start);
}

/* Capacity that has the tag, whoever has it, in the order it was added. */
static CxlRc plan_shared(const CxlDcView *view, const CxlDcRequest *req,
                         GArray *plan, const char **why)
{
    const CxlDcPool *pool = view->pool;
    int tag = cxl_dcd_find_tag(pool, &req->tag);
    Extent e;

    if (!(pool->regions[req->region].cfg.flags & CXL_DC_REGION_SHARABLE)) {
        return refuse(why, "the region is not sharable", CXL_RC_INVALID_INPUT);
    }
    for (uint64_t pos = 0; tag > 0 &&
         extentset_next(&cxl_dcd_tag(pool, tag)->pieces, pos, &e);
         pos = e.start + e.len) {
        if (cxl_dcd_region_of(pool, e.start, e.len) == req->region) {
            plan_missing(view, &e, plan);
        }
    }
    g_array_sort(plan, by_sequence);
    return plan->len ? CXL_RC_SUCCESS :
           refuse(why, "the tag has no capacity of the region that the host"
                  " does not have", CXL_RC_INVALID_INPUT);
}

static CxlRc make_plan(const CxlDcView *view, const CxlDcRequest *req,
                       GArray *plan, const char **why)
{
    const CxlDcRegion *r = &view->pool->regions[req->region];

    switch (req->policy) {
    case CXL_DC_ADD_FREE:
        return plan_free(r, req->length, plan, why);
    case CXL_DC_ADD_CONTIGUOUS:
        return plan_contiguous(r, req->length, plan, why);
    case CXL_DC_ADD_PRESCRIPTIVE:
        return plan_prescriptive(view->pool, req, plan, why);
    case CXL_DC_ADD_SHARED:
        return plan_shared(view, req, plan, why);
    default:
        return refuse(why, "unknown selection policy", CXL_RC_INVALID_INPUT);
    }
}

/* All extents of a tag come in one group: a second one is a mistake. */
static CxlRc check_tag(const CxlDcPool *pool, const CxlDcRequest *req,
                       const char **why)
{
    bool sharable = pool->regions[req->region].cfg.flags &
                    CXL_DC_REGION_SHARABLE;
    bool none = cxl_uuid_equal(&req->tag, &no_tag);
    int known = none ? -1 : cxl_dcd_find_tag(pool, &req->tag);

    if (sharable && none) {
        return refuse(why, "sharable capacity needs a tag",
                      CXL_RC_INVALID_INPUT);
    }
    if (req->policy != CXL_DC_ADD_SHARED && known > 0 &&
        cxl_dcd_tag(pool, known)->pieces.total) {
        return refuse(why, "the tag is in use", CXL_RC_INVALID_INPUT);
    }
    if (!none && known < 0 && !cxl_dcd_tags_available(pool)) {
        return refuse(why, "no tag is left", CXL_RC_RESOURCES);
    }
    return CXL_RC_SUCCESS;
}

CxlRc cxl_dcd_check_room(const CxlDcView *view, uint32_t pieces,
                         bool new_shared, const char **why)
{
    const CxlDcPool *pool = view->pool;

    if (pieces > cxl_dcd_extents_available(view)) {
        return refuse(why, "not that many extents are left",
                      CXL_RC_RESOURCES);
    }
    if (view->groups.length >= pool->max_extents) {
        return refuse(why, "too many offers wait for the host's answer",
                      CXL_RC_RESOURCES);
    }
    if (!cxl_dcd_records_fit(view, pieces)) {
        return refuse(why, "too many records wait for the host",
                      CXL_RC_RESOURCES);
    }
    if (new_shared) {
        if (pieces > UINT16_MAX) {
            return refuse(why, "sequence numbers have 16 bits",
                          CXL_RC_RESOURCES);
        }
        if ((uint64_t)pool->shared_pieces + pieces > pool->max_extents) {
            return refuse(why, "not that many shared extents are left",
                          CXL_RC_RESOURCES);
        }
    }
    return CXL_RC_SUCCESS;
}

ExtentSet *cxl_dcd_offer_plan(CxlDcView *view, const CxlUuid *uuid,
                              bool shared, const GArray *plan)
{
    CxlDcPool *pool = view->pool;
    ExtentSet *group = cxl_dcd_group_new(view);
    uint32_t tag = 0;

    cxl_dcd_take_tag(pool, uuid, &tag);
    for (unsigned i = 0; i < plan->len; i++) {
        Extent e = g_array_index(plan, Extent, i);

        e.value = CXL_DC_VALUE(tag, cxl_dcd_sharable(pool, e.start) ?
                                    e.value : 0);
        if (shared) {
            cxl_dcd_pool_share(pool, &e);
        } else {
            cxl_dcd_pool_offer(pool, view->host, &e);
        }
        cxl_dcd_offer(view, group, &e);
        cxl_dcd_record(view, CXL_EVDC_ADD, i + 1 < plan->len, &e);
        view->ops->trace(view->ops_opaque, CXL_TRACE_DC_OFFER, e.start, e.len,
                         cxl_dcd_region_of(pool, e.start, e.len));
    }
    cxl_dcd_announce(view);
    return group;
}

CxlRc cxl_dcd_add(CxlDcPool *pool, const CxlDcRequest *req, const char **why)
{
    g_autoptr(GArray) plan = g_array_new(FALSE, FALSE, sizeof(Extent));
    CxlDcView *view = cxl_dcd_view_of(pool, req->host);
    bool shared = req->policy == CXL_DC_ADD_SHARED;
    CxlRc rc;

    if (pool->lender) {
        return refuse(why, CXL_DC_LENDER_DECIDES, CXL_RC_UNSUPPORTED);
    }
    if (!view) {
        return refuse(why, "there is no such host", CXL_RC_INVALID_INPUT);
    }
    if (req->region >= pool->num_regions) {
        return refuse(why, "there is no such region", CXL_RC_INVALID_INPUT);
    }
    cxl_dcd_pool_retry(pool);
    rc = check_tag(pool, req, why);
    if (rc == CXL_RC_SUCCESS) {
        rc = make_plan(view, req, plan, why);
    }
    if (rc == CXL_RC_SUCCESS) {
        rc = cxl_dcd_check_room(view, plan->len, !shared &&
                                pool->regions[req->region].cfg.flags &
                                CXL_DC_REGION_SHARABLE, why);
    }
    if (rc == CXL_RC_SUCCESS) {
        cxl_dcd_offer_plan(view, &req->tag, shared, plan);
        if (pool->scribe) {
            pool->scribe->added(pool->scribe_opaque, req, plan);
        }
    }
    return rc;
}

/* The host reads all of it when it sees the record: one is enough. */
static bool update_waits(const CxlDcView *view, unsigned region)
{
    return view->updates & 1u << region;
}

static void tell_update(CxlDcView *view, unsigned region)
{
    Extent where = { .start = view->pool->regions[region].cfg.base };

    if (!update_waits(view, region)) {
        cxl_dcd_record(view, CXL_EVDC_REGION_UPDATED, false, &where);
        cxl_dcd_announce(view);
    }
}

CxlRc cxl_dcd_configure(CxlDcPool *pool, unsigned region, uint64_t block_size,
                        bool sanitize)
{
    CxlRc rc = pool->lender ? CXL_RC_UNSUPPORTED :
               cxl_dcd_set_up(pool, region, block_size, sanitize);

    if (rc == CXL_RC_SUCCESS && pool->scribe) {
        pool->scribe->set_up(pool->scribe_opaque, region, block_size,
                             sanitize);
    }
    return rc;
}

CxlRc cxl_dcd_set_up(CxlDcPool *pool, unsigned region, uint64_t block_size,
                     bool sanitize)
{
    CxlRc rc;

    if (region >= pool->num_regions) {
        return CXL_RC_INVALID_INPUT;
    }
    for (unsigned i = 0; i < pool->views->len; i++) {
        const CxlDcView *view = g_ptr_array_index(pool->views, i);

        if (!update_waits(view, region) && !cxl_dcd_records_fit(view, 1)) {
            return CXL_RC_RESOURCES;
        }
    }
    rc = cxl_dcd_pool_configure(pool, region, block_size, sanitize);
    for (unsigned i = 0; rc == CXL_RC_SUCCESS && i < pool->views->len; i++) {
        tell_update(g_ptr_array_index(pool->views, i), region);
    }
    return rc;
}

/* What the hosts have, in bytes: of their own, and of shared capacity. */
static void count_host(const CxlDcView *view, uint64_t *own, uint64_t *shared)
{
    const ExtentSet *sets[] = { &view->accepted, &view->offers };
    Extent e;

    for (unsigned i = 0; i < ARRAY_SIZE(sets); i++) {
        for (uint64_t pos = 0; extentset_next(sets[i], pos, &e);
             pos = e.start + e.len) {
            *(cxl_dcd_sharable(view->pool, e.start) ? shared : own) += e.len;
        }
    }
}

/* The same as the pool has it. */
static void count_pool(const CxlDcPool *pool, uint64_t *own, uint64_t *shared)
{
    Extent e;

    for (uint64_t pos = 0; extentset_next(&pool->taken, pos, &e);
         pos = e.start + e.len) {
        uint32_t who;
        CxlDcState state = cxl_dcd_state(pool, e.start, &who);

        if (state == CXL_DC_SHARED) {
            *shared += e.len * who;
        } else if (state != CXL_DC_SANITIZING && state != CXL_DC_LEAVING) {
            *own += e.len;
        }
    }
}

const char *cxl_dcd_check(const CxlDcPool *pool)
{
    uint64_t own = 0, shared = 0, pool_own = 0, pool_shared = 0;
    const char *bad = cxl_dcd_pool_check(pool);

    for (unsigned i = 0; !bad && i < pool->views->len; i++) {
        const CxlDcView *view = g_ptr_array_index(pool->views, i);

        bad = cxl_dcd_view_check(view);
        if (!bad) {
            count_host(view, &own, &shared);
        }
    }
    if (!bad) {
        count_pool(pool, &pool_own, &pool_shared);
    }
    return bad ?: own != pool_own ? "capacity of a host that lacks it" :
           shared != pool_shared ? "count of hosts that share" : NULL;
}
