/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dynamic capacity, saved state: see hw/common/save.h.  What is wrong beyond
 * the bounds of containers is found by cxl_dcd_check().
 */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "hw/cxl/core/dcd.h"
#include "hw/cxl/wire/commands.h"

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(CxlDcd) != 936 && sizeof(void *) == 8);

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
    uint64_t block = save_get(r);

    if (!is_power_of_2(block) || block < 64 ||
        !QEMU_IS_ALIGNED(cfg->base | cfg->len, block)) {
        save_refuse_number(r, "block size", block);
        return;
    }
    cfg->block_size = block;
    SAVE_GET(r, cfg->flags);
    if (cfg->flags & ~CXL_DC_REGION_FLAGS) {
        save_refuse_number(r, "region flags", cfg->flags);
    }
    extentset_load(&region->free, r, "free capacity", NO_MAX);
}

static void save_tags(const CxlDcd *dcd, SaveWriter *w)
{
    save_put(w, dcd->tags->len);
    for (unsigned i = 0; i < dcd->tags->len; i++) {
        const CxlDcTag *t = &g_array_index(dcd->tags, CxlDcTag, i);

        save_put_bytes(w, &t->uuid, sizeof(t->uuid));
        save_put(w, t->bytes);
        save_put(w, t->fm_ref);
        save_put(w, t->used);
    }
    save_put(w, dcd->tags_used);
}

static void load_tags(CxlDcd *dcd, SaveReader *r)
{
    uint64_t n = save_get_count(r, "count of tags",
                                (uint64_t)dcd->max_tags + 1,
                                sizeof(CxlUuid) + 24);

    if (!n) {
        save_refuse(r, "count of tags");
        return;
    }
    g_array_set_size(dcd->tags, n);
    for (uint64_t i = 0; i < n; i++) {
        CxlDcTag *t = &g_array_index(dcd->tags, CxlDcTag, i);

        save_get_bytes(r, &t->uuid, sizeof(t->uuid));
        SAVE_GET(r, t->bytes);
        SAVE_GET(r, t->fm_ref);
        SAVE_GET(r, t->used);
    }
    SAVE_GET(r, dcd->tags_used);
    if (dcd->tags_used > dcd->max_tags) {
        save_refuse_number(r, "tags in use", dcd->tags_used);
    }
}

static void save_groups(const CxlDcd *dcd, SaveWriter *w)
{
    save_put(w, dcd->groups.length);
    for (const GList *at = dcd->groups.head; at; at = at->next) {
        extentset_save(at->data, w);
    }
}

/* The common set of offers follows from the groups. */
static void index_group(CxlDcd *dcd, SaveReader *r, const ExtentSet *group)
{
    Extent e;

    for (uint64_t pos = 0; extentset_next(group, pos, &e);
         pos = e.start + e.len) {
        if (!extentset_insert(&dcd->offers, e.start, e.len,
                              (uintptr_t)group)) {
            save_refuse(r, "capacity offered twice");
        }
    }
}

static void load_groups(CxlDcd *dcd, SaveReader *r)
{
    uint64_t n = save_get_count(r, "count of offers", dcd->max_extents, 8);

    for (uint64_t i = 0; i < n && save_good(r); i++) {
        ExtentSet *group = cxl_dcd_group_new(dcd);

        extentset_load(group, r, "offered capacity",
                       dcd->max_extents - dcd->offers.count);
        index_group(dcd, r, group);
    }
}

static void save_notices(const CxlDcd *dcd, SaveWriter *w)
{
    save_put(w, dcd->notices.length);
    for (const GList *at = dcd->notices.head; at; at = at->next) {
        const CxlDcNotice *n = at->data;

        save_put(w, n->dpa);
        save_put(w, n->len);
        save_put_bytes(w, &n->tag, sizeof(n->tag));
        save_put(w, n->sequence);
        save_put(w, n->type);
        save_put(w, n->region);
        save_put(w, n->more);
    }
}

static void load_notice(CxlDcd *dcd, SaveReader *r)
{
    CxlDcNotice *n = g_new0(CxlDcNotice, 1);

    g_queue_push_tail(&dcd->notices, n);
    SAVE_GET(r, n->dpa);
    SAVE_GET(r, n->len);
    save_get_bytes(r, &n->tag, sizeof(n->tag));
    SAVE_GET(r, n->sequence);
    SAVE_GET(r, n->type);
    SAVE_GET(r, n->region);
    SAVE_GET(r, n->more);
    if (n->type > CXL_EVDC_RELEASED || n->region >= dcd->num_regions) {
        save_refuse(r, "a record that waits");
    } else if (n->type == CXL_EVDC_REGION_UPDATED) {
        dcd->updates |= 1u << n->region;
    }
}

static void load_notices(CxlDcd *dcd, SaveReader *r)
{
    uint64_t n = save_get_count(r, "count of records that wait",
                                CXL_DC_NOTICES_MAX(dcd->max_extents),
                                sizeof(CxlUuid) + 48);

    for (uint64_t i = 0; i < n && save_good(r); i++) {
        load_notice(dcd, r);
    }
}

static void save_chain(const CxlDcd *dcd, SaveWriter *w)
{
    save_put(w, dcd->chain->len);
    save_put(w, dcd->chain_opcode);
    for (unsigned i = 0; i < dcd->chain->len; i++) {
        const CxlBgRange *range = &g_array_index(dcd->chain, CxlBgRange, i);

        save_put(w, range->start);
        save_put(w, range->len);
    }
}

/* What is in the parts is judged when the last one comes. */
static void load_chain(CxlDcd *dcd, SaveReader *r)
{
    uint64_t n = save_get_count(r, "parts of an answer", dcd->max_extents,
                                16);

    SAVE_GET(r, dcd->chain_opcode);
    if (dcd->chain_opcode ? dcd->chain_opcode != CXL_OP_DC_ADD_RESPONSE &&
                            dcd->chain_opcode != CXL_OP_DC_RELEASE : n) {
        save_refuse_number(r, "opcode of the answer", dcd->chain_opcode);
        return;
    }
    g_array_set_size(dcd->chain, n);
    for (uint64_t i = 0; i < n; i++) {
        CxlBgRange *range = &g_array_index(dcd->chain, CxlBgRange, i);

        SAVE_GET(r, range->start);
        SAVE_GET(r, range->len);
    }
}

void cxl_dcd_save(const CxlDcd *dcd, SaveWriter *w)
{
    for (unsigned i = 0; i < dcd->num_regions; i++) {
        save_region(&dcd->regions[i], w);
    }
    extentset_save(&dcd->accepted, w);
    extentset_save(&dcd->held, w);
    extentset_save(&dcd->leaving, w);
    save_tags(dcd, w);
    save_groups(dcd, w);
    save_notices(dcd, w);
    save_chain(dcd, w);
    save_put(w, dcd->generation);
    save_put(w, dcd->touched);
}

void cxl_dcd_load(CxlDcd *dcd, SaveReader *r)
{
    for (unsigned i = 0; i < dcd->num_regions; i++) {
        load_region(&dcd->regions[i], r);
    }
    extentset_load(&dcd->accepted, r, "accepted capacity", dcd->max_extents);
    extentset_load(&dcd->held, r, "capacity that is kept", NO_MAX);
    extentset_load(&dcd->leaving, r, "capacity asked back",
                   dcd->max_extents);
    load_tags(dcd, r);
    load_groups(dcd, r);
    load_notices(dcd, r);
    load_chain(dcd, r);
    SAVE_GET(r, dcd->generation);
    SAVE_GET(r, dcd->touched);
}
