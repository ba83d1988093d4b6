/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dynamic capacity: places, tags, records, and the invariant that ties them.
 * Requests of the fabric manager are in dcd-fm.c, answers of the host in
 * dcd-host.c.  See dcd.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"
#include "hw/cxl/core/dcd.h"
#include "hw/cxl/core/event-records.h"

#define HOST_ID 0

static const CxlUuid no_tag;

void cxl_dcd_init(CxlDcd *dcd, const CxlMemdevConfig *cfg,
                  const CxlHostOps *ops, void *ops_opaque, CxlEvents *events)
{
    CxlDcTag none = { .used = true };

    *dcd = (CxlDcd) {
        .ops = ops, .ops_opaque = ops_opaque, .events = events,
        .num_regions = cfg->num_dc_regions,
        .max_extents = cfg->dc_max_extents, .max_tags = cfg->dc_max_tags,
    };
    for (unsigned i = 0; i < dcd->num_regions; i++) {
        dcd->regions[i].cfg = cfg->dc_regions[i];
        extentset_init(&dcd->regions[i].free, true);
        extentset_insert(&dcd->regions[i].free, cfg->dc_regions[i].base,
                         cfg->dc_regions[i].len, 0);
    }
    extentset_init(&dcd->accepted, false);
    extentset_init(&dcd->held, false);
    extentset_init(&dcd->leaving, true);
    extentset_init(&dcd->offers, false);
    g_queue_init(&dcd->groups);
    g_queue_init(&dcd->notices);
    dcd->tags = g_array_new(FALSE, TRUE, sizeof(CxlDcTag));
    g_array_append_val(dcd->tags, none);
    dcd->chain = g_array_new(FALSE, TRUE, sizeof(CxlBgRange));
}

static void free_group(gpointer data)
{
    extentset_clear(data);
    g_free(data);
}

void cxl_dcd_destroy(CxlDcd *dcd)
{
    g_queue_clear_full(&dcd->groups, free_group);
    g_queue_clear_full(&dcd->notices, g_free);
    for (unsigned i = 0; i < dcd->num_regions; i++) {
        extentset_clear(&dcd->regions[i].free);
    }
    extentset_clear(&dcd->accepted);
    extentset_clear(&dcd->held);
    extentset_clear(&dcd->leaving);
    extentset_clear(&dcd->offers);
    g_array_free(dcd->tags, TRUE);
    g_array_free(dcd->chain, TRUE);
}

int cxl_dcd_region_of(const CxlDcd *dcd, uint64_t dpa, uint64_t len)
{
    for (unsigned i = 0; i < dcd->num_regions; i++) {
        const CxlDcRegionConfig *r = &dcd->regions[i].cfg;

        if (dpa >= r->base && dpa - r->base < r->len) {
            return len <= r->len - (dpa - r->base) ? (int)i : -1;
        }
    }
    return -1;
}

uint32_t cxl_dcd_extents_available(const CxlDcd *dcd)
{
    uint64_t used = dcd->accepted.count + dcd->offers.count;

    return used < dcd->max_extents ? dcd->max_extents - used : 0;
}

uint32_t cxl_dcd_tags_available(const CxlDcd *dcd)
{
    return dcd->max_tags - dcd->tags_used;
}

static CxlDcTag *tag_at(const CxlDcd *dcd, uint32_t index)
{
    return &g_array_index(dcd->tags, CxlDcTag, index);
}

int cxl_dcd_find_tag(const CxlDcd *dcd, const CxlUuid *uuid)
{
    for (unsigned i = 0; i < dcd->tags->len; i++) {
        if (tag_at(dcd, i)->used && cxl_uuid_equal(&tag_at(dcd, i)->uuid,
                                                   uuid)) {
            return i;
        }
    }
    return -1;
}

/* The index of the tag, which becomes known if it was not. */
CxlRc cxl_dcd_take_tag(CxlDcd *dcd, const CxlUuid *uuid, uint32_t *index)
{
    CxlDcTag fresh = { .uuid = *uuid, .used = true };
    int known = cxl_dcd_find_tag(dcd, uuid);

    if (known >= 0) {
        *index = known;
        return CXL_RC_SUCCESS;
    }
    if (!cxl_dcd_tags_available(dcd)) {
        return CXL_RC_RESOURCES;
    }
    dcd->tags_used++;
    for (unsigned i = 1; i < dcd->tags->len; i++) {
        if (!tag_at(dcd, i)->used) {
            *tag_at(dcd, i) = fresh;
            *index = i;
            return CXL_RC_SUCCESS;
        }
    }
    g_array_append_val(dcd->tags, fresh);
    *index = dcd->tags->len - 1;
    return CXL_RC_SUCCESS;
}

/* A tag that nothing carries and nobody references is forgotten. */
void cxl_dcd_tag_bytes(CxlDcd *dcd, uint32_t tag, int64_t change)
{
    CxlDcTag *t = tag_at(dcd, tag);

    if (!tag) {
        return;
    }
    t->bytes += change;
    if (!t->bytes && !t->fm_ref) {
        *t = (CxlDcTag) { };
        dcd->tags_used--;
    }
}

void cxl_dcd_put_extent(const CxlDcd *dcd, const Extent *e,
                        CxlDcExtentWire *out)
{
    memset(out, 0, sizeof(*out));
    stq_le_p(&out->dpa, e->start);
    stq_le_p(&out->len, e->len);
    out->tag = tag_at(dcd, CXL_DC_VALUE_TAG(e->value))->uuid;
    stw_le_p(&out->sequence, CXL_DC_VALUE_SEQ(e->value));
}

void cxl_dcd_put_tail(const CxlDcd *dcd, CxlDcConfigTail *out)
{
    stl_le_p(&out->extents_supported, dcd->max_extents);
    stl_le_p(&out->extents_available, cxl_dcd_extents_available(dcd));
    stl_le_p(&out->tags_supported, dcd->max_tags);
    stl_le_p(&out->tags_available, cxl_dcd_tags_available(dcd));
}

static void build_record(const CxlDcd *dcd, CxlEvDc *rec, uint8_t type,
                         uint8_t region, bool more,
                         const CxlDcExtentWire *extent)
{
    cxl_evrec_dc(rec, type, HOST_ID, region, more, extent,
                 cxl_dcd_extents_available(dcd), cxl_dcd_tags_available(dcd));
}

void cxl_dcd_announce(CxlDcd *dcd)
{
    while (!g_queue_is_empty(&dcd->notices) &&
           cxl_events_room(dcd->events, CXL_EVLOG_DC)) {
        g_autofree CxlDcNotice *n = g_queue_pop_head(&dcd->notices);
        CxlDcExtentWire wire = { 0 };
        CxlEvDc rec;

        if (n->type == CXL_EVDC_REGION_UPDATED) {
            dcd->updates &= ~(1u << n->region);
        }
        if (n->len) {
            stq_le_p(&wire.dpa, n->dpa);
            stq_le_p(&wire.len, n->len);
            wire.tag = n->tag;
            stw_le_p(&wire.sequence, n->sequence);
        }
        build_record(dcd, &rec, n->type, n->region, n->more, &wire);
        cxl_events_insert(dcd->events, CXL_EVLOG_DC, &rec);
    }
}

void cxl_dcd_notice(CxlDcd *dcd, uint8_t type, bool more, const Extent *e)
{
    CxlDcNotice *n = g_new(CxlDcNotice, 1);

    *n = (CxlDcNotice) {
        .dpa = e->start, .len = e->len, .type = type, .more = more,
        .tag = tag_at(dcd, CXL_DC_VALUE_TAG(e->value))->uuid,
        .sequence = CXL_DC_VALUE_SEQ(e->value),
        .region = cxl_dcd_region_of(dcd, e->start, e->len),
    };
    if (type == CXL_EVDC_REGION_UPDATED) {
        dcd->updates |= 1u << n->region;
    }
    g_queue_push_tail(&dcd->notices, n);
}

bool cxl_dcd_notices_fit(const CxlDcd *dcd, uint64_t more)
{
    return dcd->notices.length + more <= CXL_DC_NOTICES_MAX(dcd->max_extents);
}

void cxl_dcd_to_fm(CxlDcd *dcd, uint8_t type, const Extent *e)
{
    int region = cxl_dcd_region_of(dcd, e->start, e->len);
    CxlDcExtentWire wire = { 0 };
    CxlEvDc rec;

    if (e->len) {
        cxl_dcd_put_extent(dcd, e, &wire);
    }
    build_record(dcd, &rec, type, region < 0 ? 0 : region, false, &wire);
    dcd->ops->fm_record(dcd->ops_opaque, &rec);
}

/* Not empty, each in one region, on its blocks, none twice: else 1e. */
CxlRc cxl_dcd_check_ranges(const CxlDcd *dcd, const CxlBgRange *ranges,
                           uint32_t count)
{
    CxlRc rc = CXL_RC_SUCCESS;
    ExtentSet seen;

    extentset_init(&seen, true);
    for (uint32_t i = 0; i < count && rc == CXL_RC_SUCCESS; i++) {
        int region = cxl_dcd_region_of(dcd, ranges[i].start, ranges[i].len);
        uint64_t block;

        if (region < 0) {
            rc = CXL_RC_INVALID_DPA;
            break;
        }
        block = dcd->regions[region].cfg.block_size;
        if ((ranges[i].start | ranges[i].len) % block ||
            !extentset_insert(&seen, ranges[i].start, ranges[i].len, 0)) {
            rc = CXL_RC_EXTENT_LIST;
        }
    }
    extentset_clear(&seen);
    return rc;
}

/* The piece, which is in no place now, becomes free. */
static void make_free(CxlDcd *dcd, const Extent *e, bool sanitize)
{
    CxlDcRegion *r =
        &dcd->regions[cxl_dcd_region_of(dcd, e->start, e->len)];

    if (sanitize || r->cfg.flags & CXL_DC_REGION_SANITIZE) {
        dcd->ops->dpa_fill(dcd->ops_opaque, e->start, e->len, 0);
    }
    extentset_insert(&r->free, e->start, e->len, 0);
    cxl_dcd_tag_bytes(dcd, CXL_DC_VALUE_TAG(e->value), -(int64_t)e->len);
}

/*
 * The piece, which is in no place now, goes where nobody has it: its tag may
 * hold it for others, which is what sharable capacity is for.
 */
void cxl_dcd_put_back(CxlDcd *dcd, const Extent *e, bool sanitize)
{
    uint32_t tag = CXL_DC_VALUE_TAG(e->value);
    int region = cxl_dcd_region_of(dcd, e->start, e->len);

    if (tag_at(dcd, tag)->fm_ref &&
        dcd->regions[region].cfg.flags & CXL_DC_REGION_SHARABLE) {
        extentset_insert(&dcd->held, e->start, e->len, e->value);
    } else {
        make_free(dcd, e, sanitize);
    }
}

CxlBgRange cxl_dcd_hull(const CxlBgRange *ranges, uint32_t count)
{
    uint64_t from = UINT64_MAX, to = 0;

    for (uint32_t i = 0; i < count; i++) {
        from = MIN(from, ranges[i].start);
        to = MAX(to, ranges[i].start + ranges[i].len);
    }
    return (CxlBgRange) { from, to - from };
}

typedef struct GonePiece {
    Extent e;
    bool sanitize;
} GonePiece;

/* A request to release may have asked for more than the host now does. */
static bool asked_to_sanitize(const CxlDcd *dcd, const Extent *e)
{
    Extent asked;

    for (uint64_t pos = e->start; extentset_next(&dcd->leaving, pos, &asked) &&
         asked.start < e->start + e->len; pos = asked.start + asked.len) {
        if (asked.value) {
            return true;
        }
    }
    return false;
}

/* What is accepted of the range no longer is; its pieces go to @gone. */
static void take_from_host(CxlDcd *dcd, const CxlBgRange *range,
                           bool sanitize, GArray *gone)
{
    uint64_t dpa = range->start, end = range->start + range->len;
    Extent e;

    while (dpa < end && extentset_next(&dcd->accepted, dpa, &e) &&
           e.start < end) {
        GonePiece g = { .e = { .start = MAX(dpa, e.start), .value = e.value } };

        g.e.len = MIN(end, e.start + e.len) - g.e.start;
        g.sanitize = sanitize || asked_to_sanitize(dcd, &g.e);
        extentset_erase(&dcd->accepted, g.e.start, g.e.len);
        extentset_erase(&dcd->leaving, g.e.start, g.e.len);
        g_array_append_val(gone, g);
        dpa = g.e.start + g.e.len;
    }
}

/* The host loses access to all of it before anything happens to the bytes. */
void cxl_dcd_give_back(CxlDcd *dcd, const CxlBgRange *ranges, uint32_t count,
                       bool sanitize)
{
    g_autoptr(GArray) gone = g_array_new(FALSE, FALSE, sizeof(GonePiece));
    CxlBgRange hull = cxl_dcd_hull(ranges, count);

    for (uint32_t i = 0; i < count; i++) {
        take_from_host(dcd, &ranges[i], sanitize, gone);
    }
    if (gone->len) {
        dcd->ops->access_changed(dcd->ops_opaque, hull.start, hull.len);
    }
    for (unsigned i = 0; i < gone->len; i++) {
        const GonePiece *g = &g_array_index(gone, GonePiece, i);

        dcd->generation++;
        dcd->ops->trace(dcd->ops_opaque, CXL_TRACE_DC_RELEASE, g->e.start,
                        g->e.len, dcd->generation);
        cxl_dcd_to_fm(dcd, CXL_EVDC_RELEASED, &g->e);
        cxl_dcd_put_back(dcd, &g->e, g->sanitize);
    }
    dcd->touched++;
}

CxlRc cxl_dcd_reference(CxlDcd *dcd, const CxlUuid *tag)
{
    uint32_t index;
    CxlRc rc;

    if (cxl_uuid_equal(tag, &no_tag)) {
        return CXL_RC_INVALID_INPUT;
    }
    rc = cxl_dcd_take_tag(dcd, tag, &index);
    if (rc == CXL_RC_SUCCESS) {
        tag_at(dcd, index)->fm_ref = true;
        dcd->touched++;
    }
    return rc;
}

CxlRc cxl_dcd_unreference(CxlDcd *dcd, const CxlUuid *tag)
{
    int index = cxl_dcd_find_tag(dcd, tag);
    uint64_t pos = 0;
    Extent e;

    if (index <= 0 || !tag_at(dcd, index)->fm_ref) {
        return CXL_RC_INVALID_INPUT;
    }
    while (extentset_next(&dcd->held, pos, &e)) {
        pos = e.start + e.len;
        if (CXL_DC_VALUE_TAG(e.value) == (uint32_t)index) {
            extentset_erase(&dcd->held, e.start, e.len);
            make_free(dcd, &e, false);
        }
    }
    tag_at(dcd, index)->fm_ref = false;
    cxl_dcd_tag_bytes(dcd, index, 0);
    dcd->touched++;
    return CXL_RC_SUCCESS;
}

CxlRc cxl_dcd_configure(CxlDcd *dcd, unsigned region, uint64_t block_size,
                        bool sanitize)
{
    CxlDcRegion *r;
    Extent where;
    bool waits;

    if (region >= dcd->num_regions) {
        return CXL_RC_INVALID_INPUT;
    }
    r = &dcd->regions[region];
    if (r->free.total != r->cfg.len) {
        return CXL_RC_UNSUPPORTED;
    }
    if (!is_power_of_2(block_size) || block_size < 64 ||
        (r->cfg.len | r->cfg.base) % block_size) {
        return CXL_RC_INVALID_INPUT;
    }
    /* The host reads all of it when it sees the record: one is enough. */
    waits = dcd->updates & 1u << region;
    if (!waits && !cxl_dcd_notices_fit(dcd, 1)) {
        return CXL_RC_RESOURCES;
    }
    r->cfg.block_size = block_size;
    r->cfg.flags = (r->cfg.flags & ~CXL_DC_REGION_SANITIZE) |
                   (sanitize ? CXL_DC_REGION_SANITIZE : 0);
    if (!waits) {
        where = (Extent) { .start = r->cfg.base };
        cxl_dcd_notice(dcd, CXL_EVDC_REGION_UPDATED, false, &where);
        cxl_dcd_announce(dcd);
    }
    dcd->ops->capacity_changed(dcd->ops_opaque);
    return CXL_RC_SUCCESS;
}

ExtentSet *cxl_dcd_group_new(CxlDcd *dcd)
{
    ExtentSet *group = g_new(ExtentSet, 1);

    extentset_init(group, false);
    g_queue_push_tail(&dcd->groups, group);
    return group;
}

bool cxl_dcd_group_insert(CxlDcd *dcd, ExtentSet *group, const Extent *e)
{
    return extentset_insert(&dcd->offers, e->start, e->len,
                            (uintptr_t)group) &&
           extentset_insert(group, e->start, e->len, e->value);
}

void cxl_dcd_group_erase(CxlDcd *dcd, ExtentSet *group, uint64_t dpa,
                         uint64_t len)
{
    extentset_erase(&dcd->offers, dpa, len);
    extentset_erase(group, dpa, len);
}

static int by_sequence(const void *a, const void *b)
{
    const Extent *ea = a, *eb = b;
    int seq = (int)CXL_DC_VALUE_SEQ(ea->value) - CXL_DC_VALUE_SEQ(eb->value);

    return seq ?: (ea->start > eb->start) - (ea->start < eb->start);
}

/* The records of a group, in the order in which it was offered. */
static void offer_again(CxlDcd *dcd, const ExtentSet *group)
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
        cxl_dcd_notice(dcd, CXL_EVDC_ADD, i + 1 < n, &pieces[i]);
    }
}

/* What was asked back is in accepted pieces, perhaps in several of them. */
static void ask_again(CxlDcd *dcd)
{
    Extent asked, e;

    for (uint64_t pos = 0; extentset_next(&dcd->leaving, pos, &asked);
         pos = asked.start + asked.len) {
        uint64_t dpa = asked.start, end = asked.start + asked.len;

        while (dpa < end && extentset_next(&dcd->accepted, dpa, &e) &&
               e.start < end) {
            Extent piece = { .start = MAX(dpa, e.start), .value = e.value };

            piece.len = MIN(end, e.start + e.len) - piece.start;
            dpa = piece.start + piece.len;
            cxl_dcd_notice(dcd, CXL_EVDC_RELEASE, false, &piece);
        }
    }
}

void cxl_dcd_reset(CxlDcd *dcd)
{
    g_queue_clear_full(&dcd->notices, g_free);
    dcd->updates = 0;
    cxl_events_clear_all(dcd->events, CXL_EVLOG_DC);
    g_array_set_size(dcd->chain, 0);
    dcd->chain_opcode = 0;
    for (GList *l = dcd->groups.head, *next; l; l = next) {
        ExtentSet *group = l->data;

        next = l->next;
        if (group->count) {
            offer_again(dcd, group);
        } else {
            /* Nobody will answer what was taken back as a whole. */
            g_queue_delete_link(&dcd->groups, l);
            free_group(group);
        }
    }
    ask_again(dcd);
    cxl_dcd_announce(dcd);
}

/* What the checker has seen: every piece once, bytes per tag. */
typedef struct Census {
    const CxlDcd *dcd;
    ExtentSet all;
    uint64_t *tag_bytes;
} Census;

static const char *count_place(Census *c, const ExtentSet *set, bool tagged)
{
    const char *bad = extentset_check(set);
    Extent e;

    for (uint64_t pos = 0; !bad && extentset_next(set, pos, &e);
         pos = e.start + e.len) {
        int region = cxl_dcd_region_of(c->dcd, e.start, e.len);

        if (region < 0 || (e.start | e.len) %
            c->dcd->regions[region].cfg.block_size) {
            bad = "capacity outside of a region or its blocks";
        } else if (!extentset_insert(&c->all, e.start, e.len, 0)) {
            bad = "capacity in two places";
        } else if (tagged) {
            uint32_t tag = CXL_DC_VALUE_TAG(e.value);

            if (tag >= c->dcd->tags->len || !tag_at(c->dcd, tag)->used) {
                return "extent with a forgotten tag";
            }
            c->tag_bytes[tag] += e.len;
        }
    }
    return bad;
}

/* The pieces of a group are known by their group, and no others are. */
static const char *count_group(Census *c, const ExtentSet *group)
{
    const char *bad = count_place(c, group, true);
    Extent e, offer;

    for (uint64_t pos = 0; !bad && extentset_next(group, pos, &e);
         pos = e.start + e.len) {
        if (!extentset_find(&c->dcd->offers, e.start, &offer) ||
            offer.start != e.start || offer.len != e.len ||
            offer.value != (uintptr_t)group) {
            bad = "group of an offered piece";
        }
    }
    return bad;
}

static const char *count_all(Census *c)
{
    const CxlDcd *dcd = c->dcd;
    uint64_t size = 0, offered = 0, tags = 0;
    const char *bad = extentset_check(&dcd->offers);

    for (unsigned i = 0; i < dcd->num_regions; i++) {
        bad = bad ?: count_place(c, &dcd->regions[i].free, false);
        size += dcd->regions[i].cfg.len;
    }
    bad = bad ?: count_place(c, &dcd->accepted, true);
    bad = bad ?: count_place(c, &dcd->held, true);
    for (GList *l = dcd->groups.head; l; l = l->next) {
        bad = bad ?: count_group(c, l->data);
        offered += ((ExtentSet *)l->data)->count;
    }
    if (bad) {
        return bad;
    }
    if (c->all.total != size) {
        return "capacity lost";
    }
    if (offered != dcd->offers.count) {
        return "count of offered extents";
    }
    for (unsigned i = 1; i < dcd->tags->len; i++) {
        const CxlDcTag *t = tag_at(dcd, i);

        tags += t->used;
        if (t->bytes != c->tag_bytes[i] ||
            t->used != (t->bytes || t->fm_ref)) {
            return "bytes of a tag";
        }
    }
    return tags == dcd->tags_used ? NULL : "count of tags";
}

const char *cxl_dcd_check(const CxlDcd *dcd)
{
    Census c = { .dcd = dcd };
    const char *bad;

    extentset_init(&c.all, true);
    c.tag_bytes = g_new0(uint64_t, dcd->tags->len);
    bad = count_all(&c);
    extentset_clear(&c.all);
    g_free(c.tag_bytes);
    if (!bad && dcd->accepted.count > dcd->max_extents) {
        bad = "more extents than supported";
    }
    if (!bad && (dcd->groups.length > dcd->max_extents ||
                 dcd->leaving.count > dcd->max_extents ||
                 !cxl_dcd_notices_fit(dcd, 0))) {
        bad = "more groups, requests or records than can be";
    }
    if (!bad && dcd->chain->len && !dcd->chain_opcode) {
        bad = "parts of a list that nobody continues";
    }
    return bad;
}
