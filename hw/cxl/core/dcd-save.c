/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dynamic capacity, saved state: see hw/common/save.h.  What is wrong beyond
 * the bounds of containers is found by cxl_dcd_check().
 */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "hw/cxl/core/dcd-view.h"
#include "hw/cxl/wire/commands.h"

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(CxlDcPool) != 960 && sizeof(void *) == 8);
QEMU_BUILD_BUG_ON(sizeof(CxlDcTag) != 64 && sizeof(void *) == 8);
QEMU_BUILD_BUG_ON(sizeof(CxlDcView) != 328 && sizeof(void *) == 8);

/* A range in whole blocks has at most so many pieces as it has lines. */
#define NO_MAX UINT64_MAX

static void save_region(const CxlDcRegion *region, SaveWriter *w)
{
    save_put(w, region->cfg.block_size);
    save_put(w, region->cfg.flags);
    extentset_save(&region->free, w);
}

static void load_region(CxlDcRegion *region, SaveReader *r)
{
    CxlDcRegionConfig *cfg = &region->cfg;
    uint64_t block = save_get(r), flags;

    if (!is_power_of_2(block) || block < 64 ||
        !QEMU_IS_ALIGNED(cfg->base | cfg->len, block)) {
        save_refuse_number(r, "block size", block);
        return;
    }
    cfg->block_size = block;
    flags = save_get(r);
    /* The manager can change that one; the others are how it was launched. */
    if ((flags ^ cfg->flags) & ~(uint64_t)CXL_DC_REGION_SANITIZE) {
        save_refuse_number(r, "region flags", flags);
        return;
    }
    cfg->flags = flags;
    extentset_load(&region->free, r, "free capacity", NO_MAX);
}

static void save_tags(const CxlDcPool *pool, SaveWriter *w)
{
    save_put(w, pool->tags->len);
    for (unsigned i = 0; i < pool->tags->len; i++) {
        const CxlDcTag *t = cxl_dcd_tag(pool, i);

        save_put_bytes(w, &t->uuid, sizeof(t->uuid));
        save_put(w, t->pieces.total);
        save_put(w, t->fm_ref);
        save_put(w, t->used);
    }
    save_put(w, cxl_dcd_tags_used(pool));
}

/* The capacity of a tag follows from its pieces, which come later. */
static void load_tag(CxlDcPool *pool, SaveReader *r, bool is_none)
{
    uint64_t fm_ref, used;
    CxlUuid uuid;

    save_get_bytes(r, &uuid, sizeof(uuid));
    save_get(r);
    fm_ref = save_get(r);
    used = save_get(r);
    if (fm_ref > 1 || used > 1 ||
        (!is_none && !cxl_dcd_pool_load_tag(pool, &uuid, fm_ref, used))) {
        save_refuse(r, "a tag");
    }
}

static void load_tags(CxlDcPool *pool, SaveReader *r)
{
    uint64_t n = save_get_count(r, "count of tags",
                                (uint64_t)pool->max_tags + 1,
                                sizeof(CxlUuid) + 24);

    if (!n) {
        save_refuse(r, "count of tags");
    }
    for (uint64_t i = 0; i < n && save_good(r); i++) {
        load_tag(pool, r, !i);
    }
    save_get_same(r, "tags in use", cxl_dcd_tags_used(pool));
}

static void save_groups(const CxlDcView *view, SaveWriter *w)
{
    save_put(w, view->groups.length);
    for (const GList *at = view->groups.head; at; at = at->next) {
        extentset_save(at->data, w);
    }
}

static void load_groups(CxlDcView *view, SaveReader *r)
{
    uint32_t max = view->pool->max_extents;
    uint64_t n = save_get_count(r, "count of offers", max, 8), pieces = 0;

    for (uint64_t i = 0; i < n && save_good(r); i++) {
        ExtentSet *group = cxl_dcd_group_new(view);

        extentset_load(group, r, "offered capacity", max - pieces);
        pieces += group->count;
    }
}

static void save_records(const CxlDcView *view, SaveWriter *w)
{
    save_put(w, view->records.length);
    for (const GList *at = view->records.head; at; at = at->next) {
        const CxlDcRecord *record = at->data;

        save_put(w, record->dpa);
        save_put(w, record->len);
        save_put_bytes(w, &record->tag, sizeof(record->tag));
        save_put(w, record->sequence);
        save_put(w, record->type);
        save_put(w, record->region);
        save_put(w, record->more);
    }
}

static void load_record(CxlDcView *view, SaveReader *r)
{
    CxlDcRecord *record = g_new0(CxlDcRecord, 1);

    g_queue_push_tail(&view->records, record);
    SAVE_GET(r, record->dpa);
    SAVE_GET(r, record->len);
    save_get_bytes(r, &record->tag, sizeof(record->tag));
    SAVE_GET(r, record->sequence);
    SAVE_GET(r, record->type);
    SAVE_GET(r, record->region);
    SAVE_GET(r, record->more);
    if (record->type > CXL_EVDC_RELEASED ||
        record->region >= view->pool->num_regions) {
        save_refuse(r, "a record that waits");
    }
}

static void load_records(CxlDcView *view, SaveReader *r)
{
    uint64_t n = save_get_count(r, "count of records that wait",
                                CXL_DC_RECORDS_MAX(view->pool->max_extents),
                                sizeof(CxlUuid) + 48);

    for (uint64_t i = 0; i < n && save_good(r); i++) {
        load_record(view, r);
    }
}

static void save_chain(const CxlDcView *view, SaveWriter *w)
{
    save_put(w, view->chain->len);
    save_put(w, view->chain_opcode);
    for (unsigned i = 0; i < view->chain->len; i++) {
        const CxlBgRange *range = &g_array_index(view->chain, CxlBgRange, i);

        save_put(w, range->start);
        save_put(w, range->len);
    }
}

/* What is in the parts is judged when the last one comes. */
static void load_chain(CxlDcView *view, SaveReader *r)
{
    uint64_t n = save_get_count(r, "parts of an answer",
                                view->pool->max_extents, 16);

    SAVE_GET(r, view->chain_opcode);
    if (view->chain_opcode ? view->chain_opcode != CXL_OP_DC_ADD_RESPONSE &&
                            view->chain_opcode != CXL_OP_DC_RELEASE : n) {
        save_refuse_number(r, "opcode of the answer", view->chain_opcode);
        return;
    }
    g_array_set_size(view->chain, n);
    for (uint64_t i = 0; i < n; i++) {
        CxlBgRange *range = &g_array_index(view->chain, CxlBgRange, i);

        SAVE_GET(r, range->start);
        SAVE_GET(r, range->len);
    }
}

/* Of shared capacity, what no host has. */
static void save_unshared(const CxlDcPool *pool, SaveWriter *w)
{
    ExtentSet rest;

    extentset_init(&rest, false);
    cxl_dcd_pool_unshared(pool, &rest);
    extentset_save(&rest, w);
    extentset_clear(&rest);
}

void cxl_dcd_save(const CxlDcView *view, SaveWriter *w)
{
    const CxlDcPool *pool = view->pool;

    for (unsigned i = 0; i < pool->num_regions; i++) {
        save_region(&pool->regions[i], w);
    }
    extentset_save(&view->accepted, w);
    save_unshared(pool, w);
    extentset_save(&view->asked, w);
    save_tags(pool, w);
    save_groups(view, w);
    save_records(view, w);
    save_chain(view, w);
    save_put(w, view->generation);
    save_put(w, pool->touched);
}

/* States of blocks follow from what is where. */
static void views_loaded(CxlDcPool *pool, SaveReader *r)
{
    for (unsigned i = 0; i < pool->views->len && save_good(r); i++) {
        if (!cxl_dcd_view_loaded(g_ptr_array_index(pool->views, i))) {
            save_refuse(r, "capacity of the host");
        }
    }
}

static void shared_loaded(CxlDcPool *pool, SaveReader *r, const ExtentSet *set)
{
    Extent e;

    for (uint64_t pos = 0; save_good(r) && extentset_next(set, pos, &e);
         pos = e.start + e.len) {
        if (!cxl_dcd_pool_load_piece(pool, CXL_DC_SHARED, 0, &e)) {
            save_refuse(r, "capacity that is kept");
        }
    }
}

void cxl_dcd_load(CxlDcView *view, SaveReader *r)
{
    CxlDcPool *pool = view->pool;
    uint64_t touched;
    ExtentSet rest;

    extentset_init(&rest, false);
    for (unsigned i = 0; i < pool->num_regions; i++) {
        load_region(&pool->regions[i], r);
    }
    extentset_load(&view->accepted, r, "accepted capacity",
                   pool->max_extents);
    extentset_load(&rest, r, "capacity that is kept", NO_MAX);
    extentset_load(&view->asked, r, "capacity asked back",
                   pool->max_extents);
    load_tags(pool, r);
    load_groups(view, r);
    load_records(view, r);
    load_chain(view, r);
    SAVE_GET(r, view->generation);
    touched = save_get(r);
    if (save_good(r)) {
        views_loaded(pool, r);
        shared_loaded(pool, r, &rest);
        cxl_dcd_pool_loaded(pool);
    }
    /* To get to know what is there is no change of it. */
    pool->touched = touched;
    extentset_clear(&rest);
}

/* Hosts may have parts of a piece: it is saved as it was added. */
static void save_shared(const CxlDcPool *pool, SaveWriter *w)
{
    ExtentSet set;
    Extent e;

    extentset_init(&set, false);
    for (unsigned i = 1; i < pool->tags->len; i++) {
        const ExtentSet *pieces = &cxl_dcd_tag(pool, i)->pieces;

        for (uint64_t pos = 0; extentset_next(pieces, pos, &e);
             pos = e.start + e.len) {
            if (cxl_dcd_sharable(pool, e.start)) {
                extentset_insert(&set, e.start, e.len,
                                 CXL_DC_VALUE(i, e.value));
            }
        }
    }
    extentset_save(&set, w);
    extentset_clear(&set);
}

void cxl_dcd_pool_save(const CxlDcPool *pool, SaveWriter *w)
{
    for (unsigned i = 0; i < pool->num_regions; i++) {
        save_region(&pool->regions[i], w);
    }
    save_shared(pool, w);
    save_tags(pool, w);
    save_put(w, pool->touched);
    save_put(w, pool->views->len);
    for (unsigned i = 0; i < pool->views->len; i++) {
        const CxlDcView *view = g_ptr_array_index(pool->views, i);

        extentset_save(&view->accepted, w);
        extentset_save(&view->asked, w);
        save_groups(view, w);
        save_records(view, w);
        save_put(w, view->generation);
    }
}

static void load_view(CxlDcView *view, SaveReader *r)
{
    uint32_t max = view->pool->max_extents;

    extentset_load(&view->accepted, r, "accepted capacity", max);
    extentset_load(&view->asked, r, "capacity asked back", max);
    load_groups(view, r);
    load_records(view, r);
    SAVE_GET(r, view->generation);
}

void cxl_dcd_pool_load(CxlDcPool *pool, SaveReader *r)
{
    uint64_t touched;
    ExtentSet shared;

    extentset_init(&shared, false);
    for (unsigned i = 0; i < pool->num_regions; i++) {
        load_region(&pool->regions[i], r);
    }
    extentset_load(&shared, r, "shared capacity", NO_MAX);
    load_tags(pool, r);
    touched = save_get(r);
    save_get_same(r, "hosts", pool->views->len);
    for (unsigned i = 0; i < pool->views->len; i++) {
        load_view(g_ptr_array_index(pool->views, i), r);
    }
    if (save_good(r)) {
        shared_loaded(pool, r, &shared);
        views_loaded(pool, r);
        cxl_dcd_pool_loaded(pool);
    }
    pool->touched = touched;
    extentset_clear(&shared);
}
