/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A memory device, or a switch mailbox, as bytes: save and load for migration.
 *
 * Each room is visited by one function that serves both directions, so what is
 * saved is what is loaded.  Numbers are little-endian and of fixed width.
 * Loaded bytes are not trusted: counts are bounded by what was received, and
 * the checker of every room has the last word.
 *
 * If one of the sizes below stops the build: the room has got a new field.
 * Visit it, raise VERSION, and put the new size here.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/device.h"
#include "hw/cxl/core/memdev.h"
#include "hw/cxl/core/switch.h"

#define MAGIC   0x4d4c5843u /* "CXLM" */
#define VERSION 3

#define LP64 (sizeof(void *) == 8)

QEMU_BUILD_BUG_ON(sizeof(CxlBackground) != 104 && LP64);
QEMU_BUILD_BUG_ON(sizeof(CxlDcd) != 936 && LP64);
QEMU_BUILD_BUG_ON(sizeof(CxlEventRing) != 48 && LP64);
QEMU_BUILD_BUG_ON(sizeof(CxlEvents) != 272 && LP64);
QEMU_BUILD_BUG_ON(sizeof(CxlFeatures) != 136 && LP64);
QEMU_BUILD_BUG_ON(sizeof(CxlFw) != 104 && LP64);
QEMU_BUILD_BUG_ON(sizeof(CxlHealth) != 48 && LP64);
QEMU_BUILD_BUG_ON(sizeof(CxlLogs) != 4112 && LP64);
QEMU_BUILD_BUG_ON(sizeof(CxlMailbox) != 384 && LP64);
QEMU_BUILD_BUG_ON(sizeof(CxlMaintenance) != 7 && LP64);
QEMU_BUILD_BUG_ON(sizeof(CxlMedia) != 56 && LP64);
QEMU_BUILD_BUG_ON(sizeof(CxlPmu) != 3656 && LP64);
QEMU_BUILD_BUG_ON(sizeof(CxlPoisonMap) != 288 && LP64);
QEMU_BUILD_BUG_ON(sizeof(CxlScrub) != 32 && LP64);
QEMU_BUILD_BUG_ON(sizeof(CxlSecurity) != 70 && LP64);
QEMU_BUILD_BUG_ON(sizeof(ExtentSet) != 40 && LP64);
QEMU_BUILD_BUG_ON(sizeof(CxlSwitch) != 640 && LP64);
QEMU_BUILD_BUG_ON(sizeof(CxlTimestamp) != 24 && LP64);

/* One direction or the other; @bad sticks. */
typedef struct Visit {
    GByteArray *out;    /* saving; NULL while loading */
    const uint8_t *in;
    size_t left;
    bool bad;
} Visit;

static void raw(Visit *v, void *bytes, size_t len)
{
    if (!len) {
        return;
    }
    if (v->out) {
        g_byte_array_append(v->out, bytes, len);
    } else if (v->bad || len > v->left) {
        v->bad = true;
        memset(bytes, 0, len);
    } else {
        memcpy(bytes, v->in, len);
        v->in += len;
        v->left -= len;
    }
}

static uint64_t number(Visit *v, uint64_t value)
{
    uint8_t bytes[8];

    stq_le_p(bytes, value);
    raw(v, bytes, sizeof(bytes));
    return ldq_le_p(bytes);
}

/* Fields of any integer type; a loaded value must fit. */
#define NUM(v, field)                                   \
    do {                                                \
        uint64_t n_ = number(v, (uint64_t)(field));     \
        (field) = n_;                                   \
        (v)->bad |= (uint64_t)(field) != n_;            \
    } while (0)

/* What both ends must have in common. */
static void same(Visit *v, uint64_t ours)
{
    v->bad |= number(v, ours) != ours;
}

static void visit_set(Visit *v, ExtentSet *set)
{
    uint64_t count = number(v, set->count);
    Extent e = { 0 };

    if (!v->out) {
        extentset_clear(set);
    }
    for (uint64_t i = 0; i < count && !v->bad; i++) {
        if (v->out) {
            extentset_next(set, e.start + e.len, &e);
        }
        NUM(v, e.start);
        NUM(v, e.len);
        NUM(v, e.value);
        if (!v->out && !v->bad) {
            v->bad = !extentset_insert(set, e.start, e.len, e.value);
        }
    }
}

static void visit_array(Visit *v, GByteArray *array, uint64_t max)
{
    uint64_t len = number(v, array->len);

    if (v->out) {
        raw(v, array->data, len);
        return;
    }
    if (len > max || len > v->left) {
        v->bad = true;
        return;
    }
    g_byte_array_set_size(array, len);
    raw(v, array->data, len);
}

static void visit_config(Visit *v, const CxlMemdevConfig *cfg)
{
    same(v, cfg->volatile_only);
    same(v, cfg->persistent_only);
    same(v, cfg->partitionable);
    same(v, cfg->partition_align);
    same(v, cfg->lsa_size);
    same(v, cfg->payload_shift);
    same(v, cfg->poison_list_max);
    same(v, cfg->inject_limit);
    same(v, cfg->spares);
    same(v, cfg->security);
    same(v, cfg->pmu_msgnum);
    for (unsigned i = 0; i < CXL_MEMDEV_LOGS; i++) {
        same(v, cfg->event_log_size[i]);
    }
    same(v, cfg->num_dc_regions);
    for (unsigned i = 0; i < cfg->num_dc_regions; i++) {
        same(v, cfg->dc_regions[i].base);
        same(v, cfg->dc_regions[i].len);
    }
    same(v, cfg->dc_max_extents);
    same(v, cfg->dc_max_tags);
}

static void visit_register(Visit *v, CxlMailbox *mb, uint32_t offset,
                           uint64_t mask)
{
    uint64_t value = number(v, regbank_get(&mb->bank, offset));

    v->bad |= value & ~mask;
    regbank_set(&mb->bank, offset, value & mask);
}

static void visit_mailbox(Visit *v, CxlMailbox *mb)
{
    visit_register(v, mb, CXL_DEVREG_MAILBOX + CXL_MBREG_CONTROL,
                   CXL_MBREG_CONTROL_DOORBELL_INT | CXL_MBREG_CONTROL_BG_INT);
    visit_register(v, mb, CXL_DEVREG_MAILBOX + CXL_MBREG_COMMAND,
                   CXL_MBREG_COMMAND_MASK);
    NUM(v, mb->rc);
    NUM(v, mb->vendor);
    NUM(v, mb->dirty);
    raw(v, mb->payload, 1u << mb->payload_shift);
}

static void visit_ranges(Visit *v, CxlBackground *bg)
{
    NUM(v, bg->num_ranges);
    if (!v->out) {
        if (bg->num_ranges > CXL_BG_MAX_RANGES) {
            bg->num_ranges = 0;
            v->bad = true;
        }
        g_free(bg->ranges);
        bg->ranges = g_new0(CxlBgRange, bg->num_ranges);
    }
    bg->total = 0;
    for (uint32_t i = 0; i < bg->num_ranges; i++) {
        NUM(v, bg->ranges[i].start);
        NUM(v, bg->ranges[i].len);
        bg->total += bg->ranges[i].len;
    }
}

/* The steps of a running operation will trust its ranges. */
static bool ranges_ok(const CxlMemdev *dev, const CxlBackground *bg)
{
    for (uint32_t i = 0; i < bg->num_ranges; i++) {
        if (!cxl_memdev_contains(dev, bg->ranges[i].start,
                                 bg->ranges[i].len) ||
            !QEMU_IS_ALIGNED(bg->ranges[i].start | bg->ranges[i].len,
                             CXL_POISON_LINE)) {
            return false;
        }
    }
    return true;
}

/* A point of virtual time, or a duration: sums of two do not overflow. */
static bool time_ok(int64_t ns)
{
    return ns >= 0 && ns <= INT64_MAX / 2;
}

static void visit_background(Visit *v, CxlMemdev *dev, CxlCci *cci)
{
    CxlBackground *bg = &cci->bg;

    NUM(v, bg->opcode);
    NUM(v, bg->rc);
    NUM(v, bg->vendor);
    NUM(v, bg->percent);
    NUM(v, bg->running);
    NUM(v, bg->start_ns);
    NUM(v, bg->duration_ns);
    NUM(v, bg->slices_done);
    for (unsigned i = 0; i < ARRAY_SIZE(bg->args); i++) {
        NUM(v, bg->args[i]);
    }
    visit_ranges(v, bg);
    if (!v->out) {
        const CxlCmdRow *row = cxl_cci_find(cci, bg->opcode);

        bg->work = bg->running && row ? row->work : NULL;
        v->bad |= bg->running && (!bg->work || !bg->duration_ns ||
                                  !time_ok(bg->duration_ns) ||
                                  !time_ok(bg->start_ns) ||
                                  !ranges_ok(dev, bg));
    }
}

static void visit_limit(Visit *v, CxlCci *cci)
{
    NUM(v, cci->response_limit);
    if (cci->response_limit < CXL_MAILBOX_PAYLOAD_SHIFT_MIN ||
        cci->response_limit > cci->identity.max_message) {
        cci->response_limit = cci->identity.max_message;
        v->bad = true;
    }
}

static void visit_media(Visit *v, CxlMedia *m, CxlTimestamp *clock)
{
    NUM(v, m->given);
    NUM(v, m->next);
    NUM(v, m->next_valid);
    NUM(v, m->state);
    NUM(v, m->fatal);
    NUM(v, m->reset_needed);
    NUM(v, clock->base);
    NUM(v, clock->set_at);
    NUM(v, clock->valid);
}

static void visit_ring(Visit *v, CxlEventRing *ring)
{
    NUM(v, ring->count);
    NUM(v, ring->next_handle);
    NUM(v, ring->overflow_count);
    NUM(v, ring->first_overflow);
    NUM(v, ring->last_overflow);
    NUM(v, ring->overflow_seen);
    NUM(v, ring->policy);
    if (!v->out) {
        ring->head = 0;
        if (ring->count > ring->size) {
            ring->count = 0;
            v->bad = true;
        }
        g_free(ring->records);
        ring->records = ring->count ?
            g_malloc0((size_t)ring->size * CXL_EVREC_SIZE) : NULL;
    }
    for (unsigned i = 0; i < ring->count; i++) {
        raw(v, ring->records + (ring->head + i) % ring->size * CXL_EVREC_SIZE,
            CXL_EVREC_SIZE);
    }
}

static void visit_events(Visit *v, CxlEvents *ev)
{
    for (unsigned i = 0; i < CXL_EVLOGS; i++) {
        visit_ring(v, &ev->log[i]);
    }
}

static void visit_poison(Visit *v, CxlPoisonMap *p)
{
    visit_set(v, &p->truth);
    visit_set(v, &p->listed);
    visit_set(v, &p->partial);
    visit_set(v, &p->reported);
    visit_set(v, &p->scan.results);
    NUM(v, p->injected);
    NUM(v, p->overflow);
    NUM(v, p->overflow_time);
    NUM(v, p->cursor_valid);
    NUM(v, p->cursor_dpa);
    NUM(v, p->cursor_len);
    NUM(v, p->cursor_next);
    NUM(v, p->scan.valid);
    NUM(v, p->scan.stopped);
    NUM(v, p->scan.restart_dpa);
    NUM(v, p->scan.restart_len);
}

static void visit_health(Visit *v, CxlHealth *h)
{
    NUM(v, h->facts.status);
    NUM(v, h->facts.media_status);
    NUM(v, h->facts.life_used);
    NUM(v, h->facts.temperature);
    NUM(v, h->facts.corrected_volatile);
    NUM(v, h->facts.corrected_persistent);
    NUM(v, h->alerts.enabled);
    NUM(v, h->alerts.life_warning);
    NUM(v, h->alerts.over_warning);
    NUM(v, h->alerts.under_warning);
    NUM(v, h->alerts.corrected_volatile);
    NUM(v, h->alerts.corrected_persistent);
    NUM(v, h->crossed);
    NUM(v, h->critical);
    NUM(v, h->dirty_shutdowns);
    NUM(v, h->dirty);
    raw(v, h->qos, sizeof(h->qos));
}

static void visit_security(Visit *v, CxlSecurity *s)
{
    raw(v, s->passphrase, sizeof(s->passphrase));
    for (unsigned i = 0; i < 2; i++) {
        NUM(v, s->set[i]);
        NUM(v, s->failures[i]);
    }
    NUM(v, s->locked);
    NUM(v, s->frozen);
}

static void visit_logs(Visit *v, CxlLogs *logs)
{
    bool dumped = number(v, logs->dump != NULL);

    NUM(v, logs->history_head);
    NUM(v, logs->history_count);
    v->bad |= logs->history_head >= CXL_HISTORY_ENTRIES ||
              logs->history_count > CXL_HISTORY_ENTRIES;
    raw(v, logs->history, sizeof(logs->history));
    if (v->out) {
        if (dumped) {
            number(v, logs->dump->len);
            raw(v, logs->dump->str, logs->dump->len);
        }
        return;
    }
    cxl_logs_set_dump(logs, NULL);
    if (dumped && !v->bad) {
        uint64_t len = number(v, 0);

        if (v->bad || len > v->left) {
            v->bad = true;
            return;
        }
        cxl_logs_set_dump(logs, g_string_new_len((const char *)v->in, len));
        v->in += len;
        v->left -= len;
    }
}

static void visit_tags(Visit *v, CxlDcd *dcd)
{
    uint64_t n = number(v, dcd->tags->len);

    if (!v->out) {
        if (!n || n > (uint64_t)dcd->max_tags + 1) {
            v->bad = true;
            return;
        }
        g_array_set_size(dcd->tags, n);
    }
    for (uint64_t i = 0; i < n; i++) {
        CxlDcTag *t = &g_array_index(dcd->tags, CxlDcTag, i);

        raw(v, &t->uuid, sizeof(t->uuid));
        NUM(v, t->bytes);
        NUM(v, t->fm_ref);
        NUM(v, t->used);
    }
    NUM(v, dcd->tags_used);
    v->bad |= dcd->tags_used > dcd->max_tags;
}

/* The common set of offers follows from the groups. */
static void index_group(Visit *v, CxlDcd *dcd, const ExtentSet *group)
{
    Extent e;

    for (uint64_t pos = 0; extentset_next(group, pos, &e);
         pos = e.start + e.len) {
        v->bad |= !extentset_insert(&dcd->offers, e.start, e.len,
                                    (uintptr_t)group);
    }
}

static void visit_groups(Visit *v, CxlDcd *dcd)
{
    uint64_t n = number(v, dcd->groups.length);
    GList *at = dcd->groups.head;

    v->bad |= n > dcd->max_extents;
    for (uint64_t i = 0; i < n && !v->bad; i++) {
        ExtentSet *group;

        if (v->out) {
            group = at->data;
            at = at->next;
        } else {
            group = cxl_dcd_group_new(dcd);
        }
        visit_set(v, group);
        if (!v->out) {
            index_group(v, dcd, group);
        }
    }
}

static void visit_notice(Visit *v, CxlDcNotice *n)
{
    NUM(v, n->dpa);
    NUM(v, n->len);
    raw(v, &n->tag, sizeof(n->tag));
    NUM(v, n->sequence);
    NUM(v, n->type);
    NUM(v, n->region);
    NUM(v, n->more);
}

static void visit_notices(Visit *v, CxlDcd *dcd)
{
    uint64_t n = number(v, dcd->notices.length);
    GList *at = dcd->notices.head;

    v->bad |= n > CXL_DC_NOTICES_MAX(dcd->max_extents);
    for (uint64_t i = 0; i < n && !v->bad; i++) {
        CxlDcNotice *notice;

        if (v->out) {
            notice = at->data;
            at = at->next;
        } else {
            notice = g_new0(CxlDcNotice, 1);
            g_queue_push_tail(&dcd->notices, notice);
        }
        visit_notice(v, notice);
        if (!v->out && notice->type == CXL_EVDC_REGION_UPDATED) {
            v->bad |= notice->region >= dcd->num_regions;
            dcd->updates |= 1u << notice->region % 8;
        }
    }
}

static void visit_chain(Visit *v, CxlDcd *dcd)
{
    uint64_t n = number(v, dcd->chain->len);

    NUM(v, dcd->chain_opcode);
    if (!v->out) {
        if (n > dcd->max_extents || n > v->left) {
            v->bad = true;
            return;
        }
        g_array_set_size(dcd->chain, n);
    }
    for (uint64_t i = 0; i < n; i++) {
        CxlBgRange *r = &g_array_index(dcd->chain, CxlBgRange, i);

        NUM(v, r->start);
        NUM(v, r->len);
    }
}

static void visit_dcd(Visit *v, CxlDcd *dcd)
{
    for (unsigned i = 0; i < dcd->num_regions; i++) {
        CxlDcRegionConfig *r = &dcd->regions[i].cfg;

        NUM(v, r->block_size);
        NUM(v, r->flags);
        v->bad |= r->block_size < 64 || r->flags & ~CXL_DC_REGION_FLAGS ||
                  !QEMU_IS_ALIGNED(r->base | r->len, MAX(r->block_size, 1));
        visit_set(v, &dcd->regions[i].free);
    }
    visit_set(v, &dcd->accepted);
    visit_set(v, &dcd->held);
    visit_set(v, &dcd->leaving);
    visit_tags(v, dcd);
    visit_groups(v, dcd);
    visit_notices(v, dcd);
    visit_chain(v, dcd);
    NUM(v, dcd->generation);
    NUM(v, dcd->touched);
}

static void visit_fw(Visit *v, CxlFw *fw)
{
    raw(v, fw->revision, sizeof(fw->revision));
    NUM(v, fw->active);
    NUM(v, fw->staged);
    NUM(v, fw->open);
    NUM(v, fw->slot);
    NUM(v, fw->last_ns);
    NUM(v, fw->activating);
    visit_array(v, fw->image, fw->image_max);
}

static void visit_features(Visit *v, CxlFeatures *f)
{
    raw(v, f->state, sizeof(f->state));
    NUM(v, f->open);
    NUM(v, f->index);
    NUM(v, f->save);
    NUM(v, f->have);
    NUM(v, f->last_ns);
    raw(v, f->part, sizeof(f->part));
}

static void visit_upkeep(Visit *v, CxlMaintenance *m, CxlScrub *s)
{
    raw(v, m->spares, sizeof(m->spares));
    NUM(v, s->enabled);
    NUM(v, s->slice_ns);
    NUM(v, s->next_ns);
    NUM(v, s->slice);
}

static void visit_pmu(Visit *v, CxlPmu *pmu)
{
    raw(v, pmu->bytes, sizeof(pmu->bytes));
    NUM(v, pmu->since_ns);
    cxl_pmu_loaded(pmu);
}

static void visit_device(Visit *v, CxlMemdev *dev)
{
    same(v, MAGIC);
    same(v, VERSION);
    visit_config(v, &dev->cfg);
    if (v->bad) {
        return;
    }
    visit_media(v, &dev->media, &dev->clock);
    visit_mailbox(v, &dev->mailbox);
    visit_background(v, dev, &dev->cci);
    visit_limit(v, &dev->fm_cci);
    visit_limit(v, &dev->ld_cci);
    visit_events(v, &dev->events);
    visit_poison(v, &dev->poison);
    visit_health(v, &dev->health);
    visit_security(v, &dev->security);
    visit_logs(v, &dev->logs);
    visit_dcd(v, &dev->dcd);
    visit_fw(v, &dev->fw);
    visit_features(v, &dev->features);
    visit_upkeep(v, &dev->maintenance, &dev->scrub);
    NUM(v, dev->poison_next);
    if (dev->cfg.pmu_msgnum) {
        visit_pmu(v, &dev->pmu);
    }
}

void cxl_memdev_save(CxlMemdev *dev, GByteArray *out)
{
    Visit v = { .out = out };

    visit_device(&v, dev);
}

bool cxl_memdev_load(CxlMemdev *dev, const uint8_t *bytes, size_t len,
                     char **problem)
{
    Visit v = { .in = bytes, .left = len };
    const char *broken = NULL;

    *problem = NULL;
    cxl_memdev_rooms_renew(dev);
    visit_device(&v, dev);
    if (!v.bad && !v.left) {
        broken = cxl_memdev_check(dev);
    }
    if (v.bad || v.left || broken) {
        cxl_memdev_rooms_renew(dev);
        *problem = broken ?
            g_strdup_printf("saved CXL device state is damaged: %s", broken) :
            g_strdup("saved CXL device state is from another version or "
                     "another configuration");
        return false;
    }
    cxl_memdev_rearm(dev);
    dev->ops->capacity_changed(dev->ops_opaque);
    dev->ops->access_changed(dev->ops_opaque, 0, cxl_memdev_dpa_end(dev));
    return true;
}

/* No command of a switch runs in the background. */
static void visit_switch(Visit *v, CxlSwitch *sw)
{
    same(v, MAGIC);
    same(v, VERSION);
    same(v, sw->mailbox.payload_shift);
    if (v->bad) {
        return;
    }
    NUM(v, sw->clock.base);
    NUM(v, sw->clock.set_at);
    NUM(v, sw->clock.valid);
    visit_mailbox(v, &sw->mailbox);
    visit_limit(v, &sw->cci);
    raw(v, sw->perst, sizeof(sw->perst));
}

void cxl_switch_save(CxlSwitch *sw, GByteArray *out)
{
    Visit v = { .out = out };

    visit_switch(&v, sw);
}

bool cxl_switch_load(CxlSwitch *sw, const uint8_t *bytes, size_t len,
                     char **problem)
{
    Visit v = { .in = bytes, .left = len };

    *problem = NULL;
    cxl_switch_reset(sw);
    visit_switch(&v, sw);
    if (v.bad || v.left || cxl_switch_check(sw)) {
        cxl_switch_reset(sw);
        *problem = g_strdup("saved CXL switch mailbox state is damaged, or of "
                            "another configuration");
        return false;
    }
    return true;
}
