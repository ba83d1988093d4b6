/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dynamic capacity: whether a pool can be as it is, asked by tests of one that
 * lives, and of one that is loaded.  The states are in dcd-pool.c.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/dcd-pool.h"

bool cxl_dcd_pool_load_piece(CxlDcPool *pool, CxlDcState state, uint16_t host,
                             const Extent *e)
{
    int region = cxl_dcd_region_of(pool, e->start, e->len);
    uint32_t tag = CXL_DC_VALUE_TAG(e->value);
    bool shared = region >= 0 && cxl_dcd_sharable(pool, e->start);
    uint64_t value;

    if (region < 0 || tag >= pool->tags->len || !cxl_dcd_tag(pool, tag)->used ||
        (shared && !tag) || (state == CXL_DC_SHARED && !shared) ||
        extentset_overlaps(&pool->regions[region].free, e->start, e->len)) {
        return false;
    }
    if (shared && state != CXL_DC_SHARED &&
        extentset_overlaps(&pool->taken, e->start, e->len)) {
        const ExtentSet *pieces = &cxl_dcd_tag(pool, tag)->pieces;
        Extent piece;

        if (!extentset_find(pieces, e->start, &piece) ||
            e->len > piece.start + piece.len - e->start ||
            piece.value != CXL_DC_VALUE_SEQ(e->value)) {
            return false;
        }
        cxl_dcd_pool_share(pool, e);
        return true;
    }
    value = shared ? cxl_dcd_state_value(CXL_DC_SHARED,
                                         state != CXL_DC_SHARED) :
            cxl_dcd_state_value(state, host);
    return extentset_insert(&pool->taken, e->start, e->len, value) &&
           cxl_dcd_tag_insert(pool, e);
}

void cxl_dcd_pool_loaded(CxlDcPool *pool)
{
    for (unsigned i = 0; i < pool->num_regions; i++) {
        const CxlDcRegion *r = &pool->regions[i];
        uint64_t pos = r->cfg.base, end = pos + r->cfg.len;

        while (pos < end) {
            Extent e, t;
            uint64_t free = end, taken = end;

            if (extentset_next(&r->free, pos, &e)) {
                free = e.start;
            }
            if (extentset_next(&pool->taken, pos, &t)) {
                taken = t.start;
            }
            if (free <= pos) {
                pos = e.start + e.len;
            } else if (taken <= pos) {
                pos = t.start + t.len;
            } else {
                uint64_t stop = MIN(MIN(free, taken), end);

                extentset_insert(&pool->taken, pos, stop - pos,
                                 cxl_dcd_state_value(CXL_DC_SANITIZING, 0));
                extentset_insert(&pool->unwiped, pos, stop - pos, 0);
                pos = stop;
            }
        }
    }
}

void cxl_dcd_pool_unshared(const CxlDcPool *pool, ExtentSet *set)
{
    for (unsigned i = 1; i < pool->tags->len; i++) {
        uint64_t pos = 0;
        Extent e;

        while (cxl_dcd_next_unshared(pool, i, &pos, &e)) {
            extentset_insert(set, e.start, e.len, CXL_DC_VALUE(i, e.value));
        }
    }
}

/* What the checker has seen. */
typedef struct Census {
    const CxlDcPool *pool;
    ExtentSet all;      /* free and taken */
    ExtentSet tagged;
    uint64_t shared;    /* bytes in that state */
    uint64_t unwiped;
    uint64_t tagged_shared;
    uint32_t pieces;    /* of sharable capacity */
} Census;

static const char *count_piece(Census *c, const Extent *e, int region)
{
    const CxlDcPool *pool = c->pool;

    if (region < 0 || region >= (int)pool->num_regions) {
        return "capacity outside of a region";
    }
    if ((e->start | e->len) % pool->regions[region].cfg.block_size) {
        return "capacity off the blocks of its region";
    }
    return extentset_insert(&c->all, e->start, e->len, 0) ? NULL :
           "capacity in two states";
}

static const char *state_problem(const CxlDcPool *pool, CxlDcState state,
                                 uint32_t who, bool sharable)
{
    switch (state) {
    case CXL_DC_OFFERED:
    case CXL_DC_OWNED:
    case CXL_DC_RETURNING:
        return sharable ? "sharable capacity of one host" :
               who >= pool->views->len ? "capacity of an unknown host" : NULL;
    case CXL_DC_SHARED:
        return !sharable ? "shared capacity that is not sharable" :
               who > pool->views->len ? "more hosts than there are" : NULL;
    case CXL_DC_SANITIZING:
    case CXL_DC_LEAVING:
        return who ? "host of capacity that is nobody's" : NULL;
    default:
        return "unknown state";
    }
}

/* A run of equal state can cross from one region to the next. */
static const char *count_taken(Census *c)
{
    const CxlDcPool *pool = c->pool;
    const char *bad = extentset_check(&pool->taken) ?:
                      extentset_check(&pool->unwiped);
    uint64_t pos = 0;
    Extent e;

    while (!bad && extentset_next(&pool->taken, pos, &e)) {
        int region = cxl_dcd_region_of(pool, MAX(pos, e.start), 1);
        const CxlDcRegionConfig *r = &pool->regions[MAX(region, 0)].cfg;
        Extent part = { .start = MAX(pos, e.start) };

        pos = MIN(e.start + e.len, r->base + r->len);
        part.len = pos - part.start;
        bad = count_piece(c, &part, region) ?:
              state_problem(pool, e.value >> 32, e.value,
                            r->flags & CXL_DC_REGION_SHARABLE);
        c->shared += e.value >> 32 == CXL_DC_SHARED ? part.len : 0;
        if (!bad && e.value >> 32 == CXL_DC_SANITIZING) {
            c->unwiped += part.len;
            bad = extentset_covers(&pool->unwiped, part.start, part.len) ?
                  NULL : "nobody knows what is to be wiped";
        }
    }
    return bad;
}

static const char *count_free(Census *c, unsigned region)
{
    const ExtentSet *free = &c->pool->regions[region].free;
    const char *bad = extentset_check(free);
    Extent e;

    for (uint64_t pos = 0; !bad && extentset_next(free, pos, &e);
         pos = e.start + e.len) {
        bad = count_piece(c, &e, cxl_dcd_region_of(c->pool, e.start, e.len) ==
                          (int)region ? (int)region : -1);
    }
    return bad;
}

static const char *count_tag_piece(Census *c, const CxlDcTag *t,
                                   const Extent *e)
{
    const CxlDcPool *pool = c->pool;
    uint64_t pos = e->start, end = e->start + e->len;

    if (!extentset_insert(&c->tagged, e->start, e->len, 0)) {
        return "capacity with two tags";
    }
    if (cxl_dcd_sharable(pool, e->start)) {
        c->tagged_shared += e->len;
        c->pieces++;
    }
    while (pos < end) {
        CxlDcState state;
        uint32_t count;

        pos += cxl_dcd_run(pool, pos, end - pos, &state, &count);
        if (state == CXL_DC_FREE || state == CXL_DC_SANITIZING ||
            state == CXL_DC_LEAVING) {
            return "tag of capacity that nobody has";
        }
        if (state == CXL_DC_SHARED && !count && !t->fm_ref) {
            return "capacity without hosts or a reference";
        }
    }
    return NULL;
}

static const char *count_tag(Census *c, uint32_t index)
{
    const CxlDcTag *t = cxl_dcd_tag(c->pool, index);
    const char *bad = extentset_check(&t->pieces);
    Extent e;

    for (uint64_t pos = 0; !bad && extentset_next(&t->pieces, pos, &e);
         pos = e.start + e.len) {
        bad = cxl_dcd_region_of(c->pool, e.start, e.len) < 0 ?
              "tag outside of a region" : count_tag_piece(c, t, &e);
    }
    if (!bad && t->used != (t->pieces.total || t->fm_ref)) {
        bad = "tag that nobody uses";
    }
    if (!bad && t->used &&
        cxl_dcd_find_tag(c->pool, &t->uuid) != (int)index) {
        bad = "index of a tag";
    }
    return bad;
}

/* No index is in both, or in neither, nor twice. */
static const char *check_indices(const CxlDcPool *pool)
{
    Extent e;

    for (uint32_t i = 1; i < pool->tags->len; i++) {
        bool used = cxl_dcd_tag(pool, i)->used;

        if (extentset_find(&pool->known, i, &e) != used ||
            extentset_find(&pool->unused, i, &e) == used) {
            return "index of a tag that is used, or is not";
        }
    }
    return 1 + pool->unused.total + cxl_dcd_tags_used(pool) !=
           pool->tags->len ? "count of tags" :
           extentset_check(&pool->known) ?: extentset_check(&pool->unused);
}

static const char *count_all(Census *c)
{
    const CxlDcPool *pool = c->pool;
    const char *bad = NULL;
    uint64_t size = 0;

    for (unsigned i = 0; i < pool->num_regions; i++) {
        bad = bad ?: count_free(c, i);
        size += pool->regions[i].cfg.len;
    }
    bad = bad ?: count_taken(c);
    for (unsigned i = 1; !bad && i < pool->tags->len; i++) {
        bad = count_tag(c, i);
    }
    bad = bad ?: check_indices(pool);
    return bad ?: c->all.total != size ? "capacity lost" :
           c->shared != c->tagged_shared ? "shared capacity without a tag" :
           c->unwiped != pool->unwiped.total ? "count of what is to be wiped" :
           c->pieces != pool->shared_pieces ? "count of shared pieces" :
           cxl_dcd_tags_used(pool) > pool->max_tags ? "count of tags" : NULL;
}

const char *cxl_dcd_pool_check(const CxlDcPool *pool)
{
    Census c = { .pool = pool };
    const char *bad;

    extentset_init(&c.all, true);
    extentset_init(&c.tagged, true);
    bad = count_all(&c);
    extentset_clear(&c.all);
    extentset_clear(&c.tagged);
    return bad;
}
