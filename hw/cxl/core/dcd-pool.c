/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dynamic capacity: states of blocks, tags, references; see dcd-pool.h.
 * Loading and the invariant are in dcd-pool-check.c.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"
#include "qemu/units.h"
#include "hw/cxl/core/dcd-pool.h"

/* Bytes and pieces that are wiped in one go */
#define WIPE_STEP (16 * MiB)
#define WIPE_PIECES 256

static const CxlUuid no_tag;

/* From, to: what may happen to a block, and nothing else. */
static const bool transitions[CXL_DC_STATES][CXL_DC_STATES] = {
    [CXL_DC_FREE] = {
        [CXL_DC_OFFERED] = true, [CXL_DC_SHARED] = true,
        [CXL_DC_SANITIZING] = true, [CXL_DC_LEAVING] = true,
    },
    [CXL_DC_OFFERED] = {
        [CXL_DC_OWNED] = true, [CXL_DC_FREE] = true,
        [CXL_DC_SANITIZING] = true, [CXL_DC_LEAVING] = true,
    },
    [CXL_DC_OWNED] = {
        [CXL_DC_RETURNING] = true, [CXL_DC_FREE] = true,
        [CXL_DC_SANITIZING] = true, [CXL_DC_LEAVING] = true,
    },
    [CXL_DC_RETURNING] = {
        [CXL_DC_RETURNING] = true, [CXL_DC_FREE] = true,
        [CXL_DC_SANITIZING] = true, [CXL_DC_LEAVING] = true,
    },
    [CXL_DC_SHARED] = {
        [CXL_DC_SHARED] = true, [CXL_DC_FREE] = true,
        [CXL_DC_SANITIZING] = true, [CXL_DC_LEAVING] = true,
    },
    [CXL_DC_SANITIZING] = {
        [CXL_DC_FREE] = true, [CXL_DC_LEAVING] = true,
    },
    [CXL_DC_LEAVING] = { [CXL_DC_SANITIZING] = true },
};

bool cxl_dcd_may_become(CxlDcState from, CxlDcState to)
{
    return transitions[from][to];
}

void cxl_dcd_pool_init(CxlDcPool *pool, const CxlMemdevConfig *cfg,
                       const CxlHostOps *ops, void *ops_opaque,
                       const CxlMediaOps *store, void *store_opaque,
                       CxlEvents *fm_events)
{
    CxlDcTag none = { .used = true };

    *pool = (CxlDcPool) {
        .ops = ops, .ops_opaque = ops_opaque,
        .store = store, .store_opaque = store_opaque,
        .fm_events = fm_events,
        .num_regions = cfg->num_dc_regions,
        .max_extents = cfg->dc_max_extents, .max_tags = cfg->dc_max_tags,
    };
    for (unsigned i = 0; i < pool->num_regions; i++) {
        pool->regions[i].cfg = cfg->dc_regions[i];
        extentset_init(&pool->regions[i].free, true);
        extentset_insert(&pool->regions[i].free, cfg->dc_regions[i].base,
                         cfg->dc_regions[i].len, 0);
    }
    extentset_init(&pool->taken, true);
    extentset_init(&pool->unwiped, true);
    extentset_init(&pool->known, false);
    extentset_init(&pool->unused, true);
    pool->tags = g_array_new(FALSE, TRUE, sizeof(CxlDcTag));
    g_array_append_val(pool->tags, none);
    pool->views = g_ptr_array_new();
}

void cxl_dcd_pool_destroy(CxlDcPool *pool)
{
    for (unsigned i = 0; i < pool->num_regions; i++) {
        extentset_clear(&pool->regions[i].free);
    }
    extentset_clear(&pool->taken);
    extentset_clear(&pool->unwiped);
    extentset_clear(&pool->known);
    extentset_clear(&pool->unused);
    for (unsigned i = 0; i < pool->tags->len; i++) {
        extentset_clear(&g_array_index(pool->tags, CxlDcTag, i).pieces);
    }
    g_array_free(pool->tags, TRUE);
    g_clear_pointer(&pool->by_uuid, g_hash_table_destroy);
    g_ptr_array_free(pool->views, TRUE);
}

int cxl_dcd_region_of(const CxlDcPool *pool, uint64_t dpa, uint64_t len)
{
    for (unsigned i = 0; i < pool->num_regions; i++) {
        const CxlDcRegionConfig *r = &pool->regions[i].cfg;

        if (dpa >= r->base && dpa - r->base < r->len) {
            return len <= r->len - (dpa - r->base) ? (int)i : -1;
        }
    }
    return -1;
}

static CxlDcRegion *region_at(CxlDcPool *pool, uint64_t dpa)
{
    return &pool->regions[cxl_dcd_region_of(pool, dpa, 1)];
}

bool cxl_dcd_sharable(const CxlDcPool *pool, uint64_t dpa)
{
    int region = cxl_dcd_region_of(pool, dpa, 1);

    return pool->regions[region].cfg.flags & CXL_DC_REGION_SHARABLE;
}

bool cxl_dcd_read_only(const CxlDcPool *pool, uint64_t dpa)
{
    int region = cxl_dcd_region_of(pool, dpa, 1);

    return pool->regions[region].cfg.flags & CXL_DC_REGION_READ_ONLY;
}

CxlRc cxl_dcd_check_ranges(const CxlDcPool *pool, const CxlBgRange *ranges,
                           uint32_t count)
{
    CxlRc rc = CXL_RC_SUCCESS;
    ExtentSet seen;

    extentset_init(&seen, true);
    for (uint32_t i = 0; i < count && rc == CXL_RC_SUCCESS; i++) {
        int region = cxl_dcd_region_of(pool, ranges[i].start, ranges[i].len);
        uint64_t block;

        if (region < 0) {
            rc = CXL_RC_INVALID_DPA;
            break;
        }
        block = pool->regions[region].cfg.block_size;
        if ((ranges[i].start | ranges[i].len) % block ||
            !extentset_insert(&seen, ranges[i].start, ranges[i].len, 0)) {
            rc = CXL_RC_EXTENT_LIST;
        }
    }
    extentset_clear(&seen);
    return rc;
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

/* Tags */

static CxlDcTag *tag_at(const CxlDcPool *pool, uint32_t index)
{
    return &g_array_index(pool->tags, CxlDcTag, index);
}

const CxlDcTag *cxl_dcd_tag(const CxlDcPool *pool, uint32_t index)
{
    return tag_at(pool, index);
}

uint32_t cxl_dcd_tags_used(const CxlDcPool *pool)
{
    return pool->known.count;
}

uint32_t cxl_dcd_tags_available(const CxlDcPool *pool)
{
    return pool->max_tags - cxl_dcd_tags_used(pool);
}

static guint uuid_hash(gconstpointer key)
{
    uint32_t word[4];

    memcpy(word, key, sizeof(word));
    return word[0] ^ word[1] * 31 ^ word[2] * 961 ^ word[3] * 29791;
}

static gboolean uuid_equal(gconstpointer a, gconstpointer b)
{
    return cxl_uuid_equal(a, b);
}

int cxl_dcd_find_tag(const CxlDcPool *pool, const CxlUuid *uuid)
{
    gpointer index;

    if (cxl_uuid_equal(uuid, &no_tag)) {
        return 0;
    }
    return pool->by_uuid &&
           g_hash_table_lookup_extended(pool->by_uuid, uuid, NULL, &index) ?
           GPOINTER_TO_INT(index) : -1;
}

static void remember_tag(CxlDcPool *pool, uint32_t index)
{
    CxlDcTag *t = tag_at(pool, index);

    if (!pool->by_uuid) {
        pool->by_uuid = g_hash_table_new_full(uuid_hash, uuid_equal, g_free,
                                              NULL);
    }
    g_hash_table_insert(pool->by_uuid, g_memdup2(&t->uuid, sizeof(t->uuid)),
                        GUINT_TO_POINTER(index));
    extentset_insert(&pool->known, index, 1, 0);
}

static void remember_unused(CxlDcPool *pool, uint32_t index)
{
    *tag_at(pool, index) = (CxlDcTag) { };
    extentset_insert(&pool->unused, index, 1, 0);
}

CxlRc cxl_dcd_take_tag(CxlDcPool *pool, const CxlUuid *uuid, uint32_t *index)
{
    CxlDcTag fresh = { .uuid = *uuid, .used = true };
    int known = cxl_dcd_find_tag(pool, uuid);
    uint32_t i = pool->tags->len;
    Extent unused;

    if (known >= 0) {
        *index = known;
        return CXL_RC_SUCCESS;
    }
    if (!cxl_dcd_tags_available(pool)) {
        return CXL_RC_RESOURCES;
    }
    /* The lowest one, so that whoever does the same again gets the same. */
    if (extentset_next(&pool->unused, 0, &unused)) {
        i = unused.start;
        extentset_erase(&pool->unused, i, 1);
    } else {
        g_array_set_size(pool->tags, i + 1);
    }
    *tag_at(pool, i) = fresh;
    remember_tag(pool, i);
    *index = i;
    return CXL_RC_SUCCESS;
}

bool cxl_dcd_pool_load_tag(CxlDcPool *pool, const CxlUuid *uuid, bool fm_ref,
                           bool used)
{
    CxlDcTag t = { .uuid = *uuid, .fm_ref = fm_ref, .used = used };

    if (used && (!cxl_dcd_tags_available(pool) ||
                 cxl_dcd_find_tag(pool, uuid) >= 0)) {
        return false;
    }
    g_array_append_val(pool->tags, t);
    if (used) {
        remember_tag(pool, pool->tags->len - 1);
    } else {
        remember_unused(pool, pool->tags->len - 1);
    }
    return pool->tags->len - 1 <= pool->max_tags;
}

/* A tag that nothing carries and nobody references is forgotten. */
static void forget_tag(CxlDcPool *pool, uint32_t index)
{
    CxlDcTag *t = tag_at(pool, index);

    if (index && !t->pieces.total && !t->fm_ref) {
        g_hash_table_remove(pool->by_uuid, &t->uuid);
        extentset_clear(&t->pieces);
        extentset_erase(&pool->known, index, 1);
        remember_unused(pool, index);
    }
}

static void tell_reference(const CxlDcPool *pool, const CxlUuid *tag, bool has)
{
    if (pool->scribe) {
        pool->scribe->referenced(pool->scribe_opaque, tag, has);
    }
}

CxlRc cxl_dcd_reference(CxlDcPool *pool, const CxlUuid *tag)
{
    uint32_t index;
    CxlRc rc;

    if (pool->lender) {
        return CXL_RC_UNSUPPORTED;
    }
    if (cxl_uuid_equal(tag, &no_tag)) {
        return CXL_RC_INVALID_INPUT;
    }
    rc = cxl_dcd_take_tag(pool, tag, &index);
    if (rc == CXL_RC_SUCCESS) {
        tag_at(pool, index)->fm_ref = true;
        pool->touched++;
        tell_reference(pool, tag, true);
    }
    return rc;
}

void cxl_dcd_put_extent(const CxlDcPool *pool, const Extent *e,
                        CxlDcExtentWire *out)
{
    memset(out, 0, sizeof(*out));
    stq_le_p(&out->dpa, e->start);
    stq_le_p(&out->len, e->len);
    out->tag = tag_at(pool, CXL_DC_VALUE_TAG(e->value))->uuid;
    stw_le_p(&out->sequence, CXL_DC_VALUE_SEQ(e->value));
}

/* States */

uint64_t cxl_dcd_state_value(CxlDcState state, uint32_t who)
{
    return (uint64_t)state << 32 | who;
}

uint64_t cxl_dcd_run(const CxlDcPool *pool, uint64_t dpa, uint64_t len,
                     CxlDcState *state, uint32_t *who)
{
    Extent e;

    *state = CXL_DC_FREE;
    *who = 0;
    if (!extentset_next(&pool->taken, dpa, &e)) {
        return len;
    }
    if (e.start > dpa) {
        return MIN(len, e.start - dpa);
    }
    *state = e.value >> 32;
    *who = e.value;
    return MIN(len, e.start + e.len - dpa);
}

CxlDcState cxl_dcd_state(const CxlDcPool *pool, uint64_t dpa, uint32_t *who)
{
    CxlDcState state;

    cxl_dcd_run(pool, dpa, 1, &state, who);
    return state;
}

bool cxl_dcd_pool_has(const CxlDcPool *pool, uint16_t host, const Extent *e,
                      bool offered)
{
    for (uint64_t done = 0; done < e->len;) {
        CxlDcState state;
        uint32_t who;

        done += cxl_dcd_run(pool, e->start + done, e->len - done, &state, &who);
        if (state == CXL_DC_SHARED ? !who : who != host ||
            (offered ? state != CXL_DC_OFFERED :
             state != CXL_DC_OWNED && state != CXL_DC_RETURNING)) {
            return false;
        }
    }
    return true;
}

/* All of the range, in whichever states it is. */
static void become(CxlDcPool *pool, uint64_t dpa, uint64_t len, CxlDcState to,
                   uint32_t who)
{
    ExtentSet *free = &region_at(pool, dpa)->free;
    CxlDcState from;
    uint32_t old;

    for (uint64_t done = 0; done < len;) {
        done += cxl_dcd_run(pool, dpa + done, len - done, &from, &old);
        assert(cxl_dcd_may_become(from, to));
    }
    extentset_erase(&pool->unwiped, dpa, len);
    if (to == CXL_DC_SANITIZING) {
        extentset_insert(&pool->unwiped, dpa, len, 0);
    }
    if (to == CXL_DC_FREE) {
        extentset_erase(&pool->taken, dpa, len);
        extentset_insert(free, dpa, len, 0);
    } else {
        extentset_erase(free, dpa, len);
        extentset_assign(&pool->taken, dpa, len, cxl_dcd_state_value(to, who));
    }
}

/* Pieces of tags come and go; those of sharable capacity are counted. */
bool cxl_dcd_tag_insert(CxlDcPool *pool, const Extent *e)
{
    uint32_t tag = CXL_DC_VALUE_TAG(e->value);

    pool->shared_pieces += cxl_dcd_sharable(pool, e->start);
    return !tag || extentset_insert(&tag_at(pool, tag)->pieces, e->start,
                                    e->len, CXL_DC_VALUE_SEQ(e->value));
}

static void tag_erase(CxlDcPool *pool, uint32_t tag, uint64_t dpa,
                      uint64_t len)
{
    ExtentSet *pieces = &tag_at(pool, tag)->pieces;
    uint64_t before = pieces->count;

    extentset_erase(pieces, dpa, len);
    if (cxl_dcd_sharable(pool, dpa)) {
        pool->shared_pieces += pieces->count - before;
    }
    forget_tag(pool, tag);
}

void cxl_dcd_pool_offer(CxlDcPool *pool, uint16_t host, const Extent *e)
{
    bool shared = cxl_dcd_sharable(pool, e->start);

    become(pool, e->start, e->len, shared ? CXL_DC_SHARED : CXL_DC_OFFERED,
           shared ? 1 : host);
    cxl_dcd_tag_insert(pool, e);
    pool->touched++;
}

void cxl_dcd_pool_share(CxlDcPool *pool, const Extent *e)
{
    CxlDcState state;
    uint32_t count;

    for (uint64_t done = 0, n; done < e->len; done += n) {
        n = cxl_dcd_run(pool, e->start + done, e->len - done, &state, &count);
        become(pool, e->start + done, n, CXL_DC_SHARED, count + 1);
    }
    pool->touched++;
}

void cxl_dcd_pool_accept(CxlDcPool *pool, uint16_t host, const Extent *e)
{
    if (!cxl_dcd_sharable(pool, e->start)) {
        become(pool, e->start, e->len, CXL_DC_OWNED, host);
    }
    if (pool->watch) {
        pool->watch->gained(pool->watch_opaque, host, e);
    }
    pool->touched++;
}

void cxl_dcd_pool_ask(CxlDcPool *pool, uint16_t host, uint64_t dpa,
                      uint64_t len)
{
    if (!cxl_dcd_sharable(pool, dpa)) {
        become(pool, dpa, len, CXL_DC_RETURNING, host);
    }
}

/* Wiping */

int64_t cxl_dcd_pool_deadline(const CxlDcPool *pool)
{
    return pool->unwiped.count && !pool->wipe_failed ? 0 : INT64_MAX;
}

void cxl_dcd_pool_retry(CxlDcPool *pool)
{
    pool->wipe_failed = false;
    if (pool->unwiped.count) {
        pool->ops->timer_arm(pool->ops_opaque, 0);
    }
}

void cxl_dcd_pool_distrust(CxlDcPool *pool)
{
    for (unsigned i = 0; i < pool->num_regions; i++) {
        const ExtentSet *free = &pool->regions[i].free;
        Extent e;

        while (extentset_next(free, 0, &e)) {
            become(pool, e.start, e.len, CXL_DC_SANITIZING, 0);
        }
    }
    pool->wipe_pos = 0;
    cxl_dcd_pool_retry(pool);
}

/* Capacity becomes free in whole blocks. */
static uint64_t wipe_piece(CxlDcPool *pool, const Extent *e, uint64_t max)
{
    uint64_t from = MAX(pool->wipe_pos, e->start);
    /* Regions may touch, and pieces of both have merged. */
    const CxlDcRegionConfig *r = &region_at(pool, from)->cfg;
    uint64_t to = MIN(e->start + e->len, r->base + r->len);
    uint64_t first, end;

    to = MIN(to, from + max);
    if (!pool->store->dpa_fill(pool->store_opaque, from, to - from, 0)) {
        pool->wipe_failed = true;
        return max;
    }
    pool->wipe_pos = to;
    first = QEMU_ALIGN_DOWN(from, r->block_size);
    end = QEMU_ALIGN_DOWN(to, r->block_size);
    if (first < end) {
        become(pool, first, end - first, CXL_DC_FREE, 0);
    }
    return to - from;
}

void cxl_dcd_pool_wipe(CxlDcPool *pool)
{
    uint64_t budget = WIPE_STEP;
    Extent e;

    for (unsigned i = 0; i < WIPE_PIECES && budget && pool->unwiped.count;
         i++) {
        if (extentset_next(&pool->unwiped, pool->wipe_pos, &e)) {
            budget -= wipe_piece(pool, &e, budget);
        } else {
            pool->wipe_pos = 0;
        }
    }
}

void cxl_dcd_pool_wiped(CxlDcPool *pool, uint64_t dpa, uint64_t len)
{
    uint64_t end = dpa + len;
    Extent e;

    while (extentset_next(&pool->unwiped, dpa, &e) && e.start < end) {
        uint64_t from = MAX(dpa, e.start);
        const CxlDcRegionConfig *r = &region_at(pool, from)->cfg;

        dpa = MIN(MIN(end, e.start + e.len), r->base + r->len);
        become(pool, from, dpa - from, CXL_DC_FREE, 0);
    }
    /* That may have been in the middle of a block. */
    pool->wipe_pos = 0;
}

/* Return */

/* Like cxl_dcd_run(), whether somebody can access it. */
static uint64_t mapped_run(const CxlDcPool *pool, uint64_t dpa, uint64_t len,
                           bool *mapped)
{
    *mapped = false;
    return pool->watch ?
           pool->watch->run(pool->watch_opaque, dpa, len, mapped) : len;
}

/* The same for both, within a region. */
static uint64_t mapped_state(CxlDcPool *pool, uint64_t dpa, uint64_t len,
                             CxlDcState *state, bool *mapped)
{
    const CxlDcRegionConfig *r = &region_at(pool, dpa)->cfg;
    uint32_t who;

    len = MIN(len, r->base + r->len - dpa);
    len = cxl_dcd_run(pool, dpa, len, state, &who);
    return mapped_run(pool, dpa, len, mapped);
}

static void to_wipe(CxlDcPool *pool, uint64_t dpa, uint64_t len)
{
    become(pool, dpa, len, CXL_DC_SANITIZING, 0);
    cxl_dcd_pool_retry(pool);
}

void cxl_dcd_pool_left(CxlDcPool *pool, uint64_t dpa, uint64_t len)
{
    for (uint64_t end = dpa + len, n; dpa < end; dpa += n) {
        CxlDcState state;
        bool mapped;

        n = mapped_state(pool, dpa, end - dpa, &state, &mapped);
        if (state == CXL_DC_LEAVING && !mapped) {
            to_wipe(pool, dpa, n);
        }
    }
}

void cxl_dcd_pool_hold(CxlDcPool *pool, uint64_t dpa, uint64_t len)
{
    for (uint64_t end = dpa + len, n; dpa < end; dpa += n) {
        CxlDcState state;
        bool mapped;

        n = mapped_state(pool, dpa, end - dpa, &state, &mapped);
        if (mapped && (state == CXL_DC_FREE || state == CXL_DC_SANITIZING)) {
            become(pool, dpa, n, CXL_DC_LEAVING, 0);
            /* It may have been written to since a part of it was wiped. */
            pool->wipe_pos = 0;
        }
    }
}

/*
 * The range is nobody's; free, once nothing of its last owner is in it.  What
 * that one has stored may still be on its way, so it is not wiped here.
 */
static void let_go_run(CxlDcPool *pool, uint64_t dpa, uint64_t len,
                       bool mapped, bool sanitize)
{
    CxlDcRegion *r = region_at(pool, dpa);

    if (mapped) {
        become(pool, dpa, len, CXL_DC_LEAVING, 0);
        return;
    }
    /* What one host wrote, no other one reads; a lender sees to it itself. */
    if (!pool->lender &&
        (sanitize || r->cfg.flags & CXL_DC_REGION_SANITIZE ||
         pool->views->len > 1 || pool->watch)) {
        to_wipe(pool, dpa, len);
    } else {
        become(pool, dpa, len, CXL_DC_FREE, 0);
    }
}

static void let_go(CxlDcPool *pool, uint64_t dpa, uint64_t len, bool sanitize)
{
    for (uint64_t end = dpa + len, n; dpa < end; dpa += n) {
        bool mapped;

        n = mapped_run(pool, dpa, end - dpa, &mapped);
        let_go_run(pool, dpa, n, mapped, sanitize);
    }
}

static void return_shared(CxlDcPool *pool, const Extent *e, bool sanitize)
{
    uint32_t tag = CXL_DC_VALUE_TAG(e->value), count;
    CxlDcState state;

    for (uint64_t done = 0, n; done < e->len; done += n) {
        uint64_t dpa = e->start + done;

        n = cxl_dcd_run(pool, dpa, e->len - done, &state, &count);
        assert(state == CXL_DC_SHARED && count);
        if (count > 1 || tag_at(pool, tag)->fm_ref) {
            become(pool, dpa, n, CXL_DC_SHARED, count - 1);
        } else {
            tag_erase(pool, tag, dpa, n);
            let_go(pool, dpa, n, sanitize);
        }
    }
}

void cxl_dcd_pool_return(CxlDcPool *pool, uint16_t host, const Extent *e,
                         bool sanitize)
{
    if (pool->watch) {
        pool->watch->lost(pool->watch_opaque, host, e);
    }
    if (cxl_dcd_sharable(pool, e->start)) {
        return_shared(pool, e, sanitize);
    } else {
        tag_erase(pool, CXL_DC_VALUE_TAG(e->value), e->start, e->len);
        let_go(pool, e->start, e->len, sanitize);
    }
    pool->touched++;
}

bool cxl_dcd_next_unshared(const CxlDcPool *pool, unsigned tag, uint64_t *pos,
                           Extent *e)
{
    while (extentset_next(&cxl_dcd_tag(pool, tag)->pieces, *pos, e)) {
        uint64_t end = e->start + e->len;
        CxlDcState state;
        uint32_t count;

        e->start = MAX(*pos, e->start);
        e->len = cxl_dcd_run(pool, e->start, end - e->start, &state, &count);
        *pos = e->start + e->len;
        if (state == CXL_DC_SHARED && !count) {
            return true;
        }
    }
    return false;
}

CxlRc cxl_dcd_unreference(CxlDcPool *pool, const CxlUuid *tag)
{
    int index = cxl_dcd_find_tag(pool, tag);
    uint64_t pos = 0;
    Extent e;

    if (index <= 0 || !tag_at(pool, index)->fm_ref) {
        return CXL_RC_INVALID_INPUT;
    }
    while (cxl_dcd_next_unshared(pool, index, &pos, &e)) {
        tag_erase(pool, index, e.start, e.len);
        let_go(pool, e.start, e.len, false);
    }
    tag_at(pool, index)->fm_ref = false;
    forget_tag(pool, index);
    pool->touched++;
    tell_reference(pool, tag, false);
    return CXL_RC_SUCCESS;
}

CxlRc cxl_dcd_pool_configure(CxlDcPool *pool, unsigned region,
                             uint64_t block_size, bool sanitize)
{
    CxlDcRegion *r = &pool->regions[region];

    if (r->free.total != r->cfg.len) {
        return CXL_RC_UNSUPPORTED;
    }
    if (!is_power_of_2(block_size) || block_size < 64 ||
        (r->cfg.len | r->cfg.base) % block_size) {
        return CXL_RC_INVALID_INPUT;
    }
    r->cfg.block_size = block_size;
    r->cfg.flags = (r->cfg.flags & ~CXL_DC_REGION_SANITIZE) |
                   (sanitize ? CXL_DC_REGION_SANITIZE : 0);
    /* It may be in the middle of a block now. */
    pool->wipe_pos = 0;
    return CXL_RC_SUCCESS;
}
