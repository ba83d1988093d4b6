/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dynamic capacity as one host sees it: pieces, records, reset, and the
 * invariant.  Answers of the host are in dcd-host.c.  See dcd-view.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/dcd-view.h"
#include "hw/cxl/core/event-records.h"

void cxl_dcd_view_init(CxlDcView *view, CxlDcPool *pool,
                       const CxlHostOps *ops, void *ops_opaque,
                       const CxlMediaOps *store, void *store_opaque,
                       CxlEvents *events)
{
    *view = (CxlDcView) {
        .pool = pool, .ops = ops, .ops_opaque = ops_opaque,
        .store = store, .store_opaque = store_opaque, .events = events,
        .host = pool->views->len,
    };
    assert(view->host < CXL_DC_HOSTS);
    g_ptr_array_add(pool->views, view);
    extentset_init(&view->accepted, false);
    extentset_init(&view->asked, true);
    extentset_init(&view->offers, false);
    extentset_init(&view->untagged, false);
    extentset_init(&view->untagged_offers, false);
    g_queue_init(&view->groups);
    g_queue_init(&view->records);
    view->use = g_array_new(FALSE, TRUE, sizeof(CxlDcTagUse));
    view->chain = g_array_new(FALSE, TRUE, sizeof(CxlBgRange));
}

static void free_group(gpointer data)
{
    extentset_clear(data);
    g_free(data);
}

void cxl_dcd_view_destroy(CxlDcView *view)
{
    g_queue_clear_full(&view->groups, free_group);
    g_queue_clear_full(&view->records, g_free);
    extentset_clear(&view->accepted);
    extentset_clear(&view->asked);
    extentset_clear(&view->offers);
    extentset_clear(&view->untagged);
    extentset_clear(&view->untagged_offers);
    g_array_free(view->use, TRUE);
    g_array_free(view->chain, TRUE);
}

uint32_t cxl_dcd_extents_available(const CxlDcView *view)
{
    uint64_t used = view->accepted.count + view->offers.count;
    uint32_t max = view->pool->max_extents;

    return used < max ? max - used : 0;
}

CxlDcTagUse cxl_dcd_tag_use(const CxlDcView *view, uint32_t tag)
{
    return tag < view->use->len ?
           g_array_index(view->use, CxlDcTagUse, tag) : (CxlDcTagUse) { };
}

static void count_bytes(CxlDcView *view, uint32_t tag, bool offered,
                        uint64_t bytes)
{
    CxlDcTagUse *use;

    if (tag >= view->use->len) {
        g_array_set_size(view->use, tag + 1);
    }
    use = &g_array_index(view->use, CxlDcTagUse, tag);
    *(offered ? &use->offered : &use->accepted) += bytes;
}

/* A piece comes, or is not the host's any more: what its tag has changes. */
static void count_in(CxlDcView *view, const Extent *e, bool offered)
{
    uint32_t tag = CXL_DC_VALUE_TAG(e->value);

    if (tag) {
        count_bytes(view, tag, offered, e->len);
    } else {
        extentset_insert(offered ? &view->untagged_offers : &view->untagged,
                         e->start, e->len, 0);
    }
}

static void count_out(CxlDcView *view, const Extent *e, bool offered)
{
    uint32_t tag = CXL_DC_VALUE_TAG(e->value);

    if (tag) {
        count_bytes(view, tag, offered, -e->len);
    } else {
        extentset_erase(offered ? &view->untagged_offers : &view->untagged,
                        e->start, e->len);
    }
}

static void put_tail(const CxlDcView *view, CxlDcConfigTail *out)
{
    stl_le_p(&out->extents_supported, view->pool->max_extents);
    stl_le_p(&out->extents_available, cxl_dcd_extents_available(view));
    stl_le_p(&out->tags_supported, view->pool->max_tags);
    stl_le_p(&out->tags_available, cxl_dcd_tags_available(view->pool));
}

bool cxl_dcd_put_config(const CxlDcView *view, unsigned start, unsigned count,
                        CxlDcPutRegion *put, uint8_t *out, uint32_t room,
                        uint8_t *returned, uint32_t *len)
{
    const CxlDcPool *pool = view->pool;
    unsigned n, fit = (room - sizeof(CxlDcConfigTail)) / CXL_DC_REGION_SIZE;

    if (start >= pool->num_regions) {
        return false;
    }
    n = MIN(MIN(count, fit), pool->num_regions - start);
    for (unsigned i = 0; i < n; i++) {
        put(&pool->regions[start + i].cfg, out + i * CXL_DC_REGION_SIZE);
    }
    put_tail(view, (CxlDcConfigTail *)(out + n * CXL_DC_REGION_SIZE));
    *returned = n;
    *len = n * CXL_DC_REGION_SIZE + sizeof(CxlDcConfigTail);
    return true;
}

uint32_t cxl_dcd_put_extents(const CxlDcView *view, uint32_t start,
                             uint32_t count, CxlDcExtentWire *out)
{
    ExtentCursor c = extentset_from(&view->accepted, start);
    uint32_t n = 0;
    Extent e;

    while (n < count && extentset_walk(&view->accepted, &c, &e)) {
        cxl_dcd_put_extent(view->pool, &e, &out[n++]);
    }
    return n;
}

/* Records */

static void build_record(const CxlDcView *view, CxlEvDc *rec, uint8_t type,
                         uint8_t region, bool more,
                         const CxlDcExtentWire *extent)
{
    cxl_evrec_dc(rec, type, view->host, region, more, extent,
                 cxl_dcd_extents_available(view),
                 cxl_dcd_tags_available(view->pool));
}

bool cxl_dcd_next_record(CxlDcView *view, CxlDcRecord *out)
{
    g_autofree CxlDcRecord *r = g_queue_pop_head(&view->records);

    if (!r) {
        return false;
    }
    if (r->type == CXL_EVDC_REGION_UPDATED) {
        view->updates &= ~(1u << r->region);
    }
    *out = *r;
    return true;
}

void cxl_dcd_announce(CxlDcView *view)
{
    CxlDcRecord r;

    while (cxl_events_room(view->events, CXL_EVLOG_DC) &&
           cxl_dcd_next_record(view, &r)) {
        CxlDcExtentWire wire = { 0 };
        CxlEvDc rec;

        if (r.len) {
            stq_le_p(&wire.dpa, r.dpa);
            stq_le_p(&wire.len, r.len);
            wire.tag = r.tag;
            stw_le_p(&wire.sequence, r.sequence);
        }
        build_record(view, &rec, r.type, r.region, r.more, &wire);
        cxl_events_insert(view->events, CXL_EVLOG_DC, &rec);
    }
}

bool cxl_dcd_records_fit(const CxlDcView *view, uint64_t more)
{
    return view->records.length + more <=
           CXL_DC_RECORDS_MAX(view->pool->max_extents);
}

void cxl_dcd_record(CxlDcView *view, uint8_t type, bool more, const Extent *e)
{
    CxlDcRecord *r = g_new(CxlDcRecord, 1);

    *r = (CxlDcRecord) {
        .dpa = e->start, .len = e->len, .type = type, .more = more,
        .tag = cxl_dcd_tag(view->pool, CXL_DC_VALUE_TAG(e->value))->uuid,
        .sequence = CXL_DC_VALUE_SEQ(e->value),
        .region = cxl_dcd_region_of(view->pool, e->start, e->len),
    };
    if (type == CXL_EVDC_REGION_UPDATED) {
        view->updates |= 1u << r->region;
    }
    g_queue_push_tail(&view->records, r);
}

void cxl_dcd_to_fm(CxlDcView *view, uint8_t type, const Extent *e)
{
    int region = cxl_dcd_region_of(view->pool, e->start, e->len);
    CxlDcExtentWire wire = { 0 };
    CxlEvDc rec;

    if (e->len) {
        cxl_dcd_put_extent(view->pool, e, &wire);
    }
    build_record(view, &rec, type, region < 0 ? 0 : region, false, &wire);
    cxl_events_insert(view->pool->fm_events, CXL_EVLOG_DC, &rec);
}

/* Offers */

ExtentSet *cxl_dcd_group_new(CxlDcView *view)
{
    ExtentSet *group = g_new(ExtentSet, 1);

    extentset_init(group, false);
    g_queue_push_tail(&view->groups, group);
    return group;
}

void cxl_dcd_offer(CxlDcView *view, ExtentSet *group, const Extent *e)
{
    extentset_insert(&view->offers, e->start, e->len, (uintptr_t)group);
    extentset_insert(group, e->start, e->len, e->value);
    count_in(view, e, true);
}

static void group_erase(CxlDcView *view, ExtentSet *group, const Extent *e)
{
    extentset_erase(&view->offers, e->start, e->len);
    extentset_erase(group, e->start, e->len);
    count_out(view, e, true);
}

void cxl_dcd_declined(const CxlDcView *view, const ExtentSet *group)
{
    const CxlDcPool *pool = view->pool;

    if (pool->lender) {
        pool->lender->declined(pool->lender_opaque, group);
    }
}

/*
 * The group stays in its place even if it is empty: the host has seen it and
 * will answer it.
 */
void cxl_dcd_withdraw(CxlDcView *view, uint64_t dpa, uint64_t len)
{
    uint64_t end = dpa + len;
    Extent offer, e;

    while (dpa < end && extentset_next(&view->offers, dpa, &offer) &&
           offer.start < end) {
        ExtentSet *group = (ExtentSet *)(uintptr_t)offer.value;
        Extent piece = { .start = MAX(dpa, offer.start) };

        piece.len = MIN(end, offer.start + offer.len) - piece.start;
        dpa = piece.start + piece.len;
        extentset_find(group, piece.start, &e);
        piece.value = e.value;
        group_erase(view, group, &piece);
        cxl_dcd_pool_return(view->pool, view->host, &piece, false);
    }
}

void cxl_dcd_accept(CxlDcView *view, ExtentSet *group, const Extent *e)
{
    group_erase(view, group, e);
    extentset_insert(&view->accepted, e->start, e->len, e->value);
    count_in(view, e, false);
    cxl_dcd_pool_accept(view->pool, view->host, e);
    view->generation++;
    view->ops->trace(view->ops_opaque, CXL_TRACE_DC_ACCEPT, e->start, e->len,
                     view->generation);
    cxl_dcd_to_fm(view, CXL_EVDC_ADD_RESPONSE, e);
}

void cxl_dcd_group_end(CxlDcView *view)
{
    ExtentSet *group = g_queue_pop_head(&view->groups);
    Extent e;

    while (extentset_next(group, 0, &e)) {
        group_erase(view, group, &e);
        cxl_dcd_pool_return(view->pool, view->host, &e, false);
    }
    free_group(group);
}

/* Return */

void cxl_dcd_ask(CxlDcView *view, const Extent *e, bool sanitize)
{
    cxl_dcd_record(view, CXL_EVDC_RELEASE, false, e);
    extentset_assign(&view->asked, e->start, e->len, sanitize);
    cxl_dcd_pool_ask(view->pool, view->host, e->start, e->len);
}

typedef struct GonePiece {
    Extent e;
    bool sanitize;
} GonePiece;

/* A request to return may have asked for more than the host now does. */
static bool asked_to_sanitize(const CxlDcView *view, const Extent *e)
{
    Extent asked;

    for (uint64_t pos = e->start; extentset_next(&view->asked, pos, &asked) &&
         asked.start < e->start + e->len; pos = asked.start + asked.len) {
        if (asked.value) {
            return true;
        }
    }
    return false;
}

/* What is accepted of the range no longer is; its pieces go to @gone. */
static void take_from_host(CxlDcView *view, const CxlBgRange *range,
                           bool sanitize, GArray *gone)
{
    uint64_t dpa = range->start, end = range->start + range->len;
    Extent e;

    while (dpa < end && extentset_next(&view->accepted, dpa, &e) &&
           e.start < end) {
        GonePiece g = { .e = { .start = MAX(dpa, e.start), .value = e.value } };

        g.e.len = MIN(end, e.start + e.len) - g.e.start;
        g.sanitize = sanitize || asked_to_sanitize(view, &g.e);
        extentset_erase(&view->accepted, g.e.start, g.e.len);
        extentset_erase(&view->asked, g.e.start, g.e.len);
        count_out(view, &g.e, false);
        g_array_append_val(gone, g);
        dpa = g.e.start + g.e.len;
    }
}

/* The host loses access to all of it before anything happens to the bytes. */
void cxl_dcd_give_back(CxlDcView *view, const CxlBgRange *ranges,
                       uint32_t count, bool sanitize)
{
    g_autoptr(GArray) gone = g_array_new(FALSE, FALSE, sizeof(GonePiece));
    CxlBgRange hull = cxl_dcd_hull(ranges, count);

    for (uint32_t i = 0; i < count; i++) {
        take_from_host(view, &ranges[i], sanitize, gone);
    }
    if (gone->len) {
        view->store->access_changed(view->store_opaque, hull.start, hull.len);
    }
    for (unsigned i = 0; i < gone->len; i++) {
        const GonePiece *g = &g_array_index(gone, GonePiece, i);

        view->generation++;
        view->ops->trace(view->ops_opaque, CXL_TRACE_DC_RELEASE, g->e.start,
                         g->e.len, view->generation);
        cxl_dcd_to_fm(view, CXL_EVDC_RELEASED, &g->e);
        cxl_dcd_pool_return(view->pool, view->host, &g->e, g->sanitize);
        if (view->pool->lender) {
            view->pool->lender->returned(view->pool->lender_opaque, &g->e);
        }
    }
}

/* Reset */

static int by_sequence(const void *a, const void *b)
{
    const Extent *ea = a, *eb = b;
    int seq = (int)CXL_DC_VALUE_SEQ(ea->value) - CXL_DC_VALUE_SEQ(eb->value);

    return seq ?: (ea->start > eb->start) - (ea->start < eb->start);
}

/* The records of a group, in the order in which it was offered. */
static void offer_again(CxlDcView *view, const ExtentSet *group)
{
    g_autofree Extent *pieces = g_new(Extent, group->count);
    uint64_t n = 0;
    Extent e;

    for (uint64_t pos = 0; extentset_next(group, pos, &e);
         pos = e.start + e.len) {
        pieces[n++] = e;
    }
    qsort(pieces, n, sizeof(*pieces), by_sequence);
    for (uint64_t i = 0; i < n; i++) {
        cxl_dcd_record(view, CXL_EVDC_ADD, i + 1 < n, &pieces[i]);
    }
}

/* What was asked back is in accepted pieces, perhaps in several of them. */
static void for_asked(CxlDcView *view,
                      void (*fn)(CxlDcView *view, const Extent *e))
{
    Extent asked, e;

    for (uint64_t pos = 0; extentset_next(&view->asked, pos, &asked);
         pos = asked.start + asked.len) {
        uint64_t dpa = asked.start, end = asked.start + asked.len;

        while (dpa < end && extentset_next(&view->accepted, dpa, &e) &&
               e.start < end) {
            Extent piece = { .start = MAX(dpa, e.start), .value = e.value };

            piece.len = MIN(end, e.start + e.len) - piece.start;
            dpa = piece.start + piece.len;
            fn(view, &piece);
        }
    }
}

static void ask_again(CxlDcView *view, const Extent *e)
{
    cxl_dcd_record(view, CXL_EVDC_RELEASE, false, e);
}

void cxl_dcd_view_reset(CxlDcView *view)
{
    g_queue_clear_full(&view->records, g_free);
    view->updates = 0;
    cxl_events_clear_all(view->events, CXL_EVLOG_DC);
    if (!view->waits) {
        g_array_set_size(view->chain, 0);
        view->chain_opcode = 0;
    }
    for (GList *l = view->groups.head, *next; l; l = next) {
        ExtentSet *group = l->data;

        next = l->next;
        if (view->waits && !l->prev) {
            /* It has been answered, whoever asked for that. */
        } else if (group->count) {
            offer_again(view, group);
        } else {
            /* Nobody will answer what was taken back as a whole. */
            cxl_dcd_declined(view, group);
            g_queue_delete_link(&view->groups, l);
            free_group(group);
        }
    }
    for_asked(view, ask_again);
    cxl_dcd_announce(view);
}

/* Loading, and the invariant */

static bool set_loaded(CxlDcView *view, const ExtentSet *set, CxlDcState state)
{
    bool offered = state == CXL_DC_OFFERED;
    Extent e;

    for (uint64_t pos = 0; extentset_next(set, pos, &e);
         pos = e.start + e.len) {
        if (!cxl_dcd_pool_load_piece(view->pool, state, view->host, &e)) {
            return false;
        }
        count_in(view, &e, offered);
    }
    return true;
}

static bool group_loaded(CxlDcView *view, const ExtentSet *group)
{
    Extent e;

    for (uint64_t pos = 0; extentset_next(group, pos, &e);
         pos = e.start + e.len) {
        if (extentset_overlaps(&view->accepted, e.start, e.len) ||
            !extentset_insert(&view->offers, e.start, e.len,
                              (uintptr_t)group)) {
            return false;
        }
    }
    return set_loaded(view, group, CXL_DC_OFFERED);
}

static void ask_pool(CxlDcView *view, const Extent *e)
{
    cxl_dcd_pool_ask(view->pool, view->host, e->start, e->len);
}

static bool asked_loaded(CxlDcView *view)
{
    Extent e;

    for (uint64_t pos = 0; extentset_next(&view->asked, pos, &e);
         pos = e.start + e.len) {
        if (e.value > 1 || !extentset_covers(&view->accepted, e.start, e.len)) {
            return false;
        }
    }
    for_asked(view, ask_pool);
    return true;
}

bool cxl_dcd_view_loaded(CxlDcView *view)
{
    if (!set_loaded(view, &view->accepted, CXL_DC_OWNED)) {
        return false;
    }
    for (const GList *l = view->groups.head; l; l = l->next) {
        if (!group_loaded(view, l->data)) {
            return false;
        }
    }
    for (const GList *l = view->records.head; l; l = l->next) {
        const CxlDcRecord *r = l->data;

        if (r->type == CXL_EVDC_REGION_UPDATED) {
            if (r->region >= view->pool->num_regions) {
                return false;
            }
            view->updates |= 1u << r->region;
        }
    }
    return asked_loaded(view);
}

/* What the checker has counted. */
typedef struct Census {
    const CxlDcView *view;
    uint64_t offered;       /* pieces */
    uint64_t untagged, untagged_offers; /* the same */
    GArray *use;
} Census;

/* One without a tag is among those, as it is. */
static const char *check_untagged(Census *c, const Extent *e, bool offered)
{
    const ExtentSet *set = offered ? &c->view->untagged_offers :
                           &c->view->untagged;
    Extent u;

    ++*(offered ? &c->untagged_offers : &c->untagged);
    return extentset_find(set, e->start, &u) && u.start == e->start &&
           u.len == e->len ? NULL : "piece without a tag that is not listed";
}

static const char *check_piece(Census *c, const Extent *e, bool offered)
{
    const CxlDcPool *pool = c->view->pool;
    uint32_t tag = CXL_DC_VALUE_TAG(e->value);
    Extent t;

    if (cxl_dcd_region_of(pool, e->start, e->len) < 0 ||
        tag >= pool->tags->len || !cxl_dcd_tag(pool, tag)->used) {
        return "extent outside of a region, or with a forgotten tag";
    }
    if (tag && (!extentset_find(&cxl_dcd_tag(pool, tag)->pieces, e->start,
                                &t) ||
                e->len > t.start + t.len - e->start ||
                t.value != CXL_DC_VALUE_SEQ(e->value))) {
        return "extent that its tag does not have";
    }
    if (!cxl_dcd_pool_has(pool, c->view->host, e, offered)) {
        return "extent that the pool does not have as this host's";
    }
    if (!tag) {
        return check_untagged(c, e, offered);
    }
    if (tag >= c->use->len) {
        g_array_set_size(c->use, tag + 1);
    }
    g_array_index(c->use, CxlDcTagUse, tag).offered += offered ? e->len : 0;
    g_array_index(c->use, CxlDcTagUse, tag).accepted += offered ? 0 : e->len;
    return NULL;
}

/* The pieces of a group are known by their group, and no others are. */
static const char *check_group(Census *c, const ExtentSet *group)
{
    const CxlDcView *view = c->view;
    const char *bad = extentset_check(group);
    Extent e, offer;

    for (uint64_t pos = 0; !bad && extentset_next(group, pos, &e);
         pos = e.start + e.len) {
        if (!extentset_find(&view->offers, e.start, &offer) ||
            offer.start != e.start || offer.len != e.len ||
            offer.value != (uintptr_t)group) {
            return "group of an offered piece";
        }
        if (extentset_overlaps(&view->accepted, e.start, e.len)) {
            return "offer of what is accepted";
        }
        bad = check_piece(c, &e, true);
    }
    c->offered += group->count;
    return bad;
}

static const char *check_use(Census *c)
{
    if (c->untagged != c->view->untagged.count ||
        c->untagged_offers != c->view->untagged_offers.count) {
        return "count of pieces without a tag";
    }
    for (uint32_t i = 1; i < MAX(c->use->len, c->view->use->len); i++) {
        CxlDcTagUse counted = cxl_dcd_tag_use(c->view, i), is = { 0 };

        if (i < c->use->len) {
            is = g_array_index(c->use, CxlDcTagUse, i);
        }
        if (counted.offered != is.offered ||
            counted.accepted != is.accepted) {
            return "bytes of a tag";
        }
    }
    return NULL;
}

static const char *check_pieces(Census *c)
{
    const CxlDcView *view = c->view;
    const char *bad = extentset_check(&view->accepted);
    Extent e;

    for (uint64_t pos = 0; !bad && extentset_next(&view->accepted, pos, &e);
         pos = e.start + e.len) {
        bad = check_piece(c, &e, false);
    }
    bad = bad ?: extentset_check(&view->offers);
    for (const GList *l = view->groups.head; !bad && l; l = l->next) {
        bad = check_group(c, l->data);
    }
    if (!bad && c->offered != view->offers.count) {
        bad = "count of offered extents";
    }
    bad = bad ?: extentset_check(&view->asked);
    for (uint64_t pos = 0; !bad && extentset_next(&view->asked, pos, &e);
         pos = e.start + e.len) {
        bad = extentset_covers(&view->accepted, e.start, e.len) ? NULL :
              "asked back what the host does not have";
    }
    return bad ?: check_use(c);
}

const char *cxl_dcd_view_check(const CxlDcView *view)
{
    Census c = { .view = view };
    uint32_t max = view->pool->max_extents;
    const char *bad;

    c.use = g_array_new(FALSE, TRUE, sizeof(CxlDcTagUse));
    bad = check_pieces(&c);
    g_array_free(c.use, TRUE);
    if (!bad && view->accepted.count > max) {
        bad = "more extents than supported";
    }
    if (!bad && (view->groups.length > max || view->asked.count > max ||
                 !cxl_dcd_records_fit(view, 0))) {
        bad = "more groups, requests or records than can be";
    }
    if (!bad && view->waits && (!view->chain->len || !view->groups.length)) {
        return "waits for a lender, and wants nothing";
    }
    if (!bad && view->chain->len && !view->chain_opcode && !view->waits) {
        bad = "parts of a list that nobody continues";
    }
    return bad;
}
