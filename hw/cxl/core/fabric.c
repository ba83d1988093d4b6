/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accounts of a pool and its hosts; see fabric.h.  What hosts may access is in
 * fabric-mapped.c, what is kept of all in fabric-save.c and fabric-log.c.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"
#include "hw/cxl/core/fabric.h"
#include "hw/cxl/core/fabric-log.h"
#include "hw/cxl/core/fabric-mapped.h"
#include "hw/cxl/core/message.h"

#define PAYLOAD_SHIFT   13
#define LOG_SIZE        128     /* records of a manager's log */
#define MAX_EXTENTS     131072
#define MAX_TAGS        4096

/* Sets */

void cxl_fabric_subtract(ExtentSet *a, const ExtentSet *b)
{
    Extent e;

    for (uint64_t pos = 0; extentset_next(b, pos, &e); pos = e.start + e.len) {
        extentset_erase(a, e.start, e.len);
    }
}

void cxl_fabric_add(ExtentSet *a, const ExtentSet *b)
{
    Extent e;

    for (uint64_t pos = 0; extentset_next(b, pos, &e); pos = e.start + e.len) {
        extentset_assign(a, e.start, e.len, 0);
    }
}

bool cxl_fabric_is_capacity(const CxlFabric *fabric, const Extent *e)
{
    uint64_t pos = e->start, end = pos + e->len;

    while (pos < end) {
        int region = cxl_dcd_region_of(&fabric->pool, pos, 1);

        if (region < 0) {
            return false;
        }
        pos = fabric->cfg.regions[region].base +
              fabric->cfg.regions[region].len;
    }
    return true;
}

/* The pool's store: only one of its questions is asked. */

static bool fill(void *opaque, uint64_t dpa, uint64_t len, uint8_t pattern)
{
    CxlFabric *fabric = opaque;

    assert(!pattern);
    return fabric->fabric_ops->wipe(fabric->opaque, dpa, len);
}

/* Hosts are told by messages. */
static void access_changed(void *opaque G_GNUC_UNUSED,
                           uint64_t dpa G_GNUC_UNUSED,
                           uint64_t len G_GNUC_UNUSED)
{
}

static const CxlMediaOps store = {
    .dpa_fill = fill, .access_changed = access_changed,
};

/* The managers' interface */

static void rearm(void *owner G_GNUC_UNUSED)
{
}

static CxlDcPool *dc_pool(void *owner)
{
    CxlFabric *fabric = owner;

    return &fabric->pool;
}

/* There is nothing behind it. */
static CxlCci *tunnel(void *owner G_GNUC_UNUSED, CxlCci *via G_GNUC_UNUSED,
                      uint8_t type G_GNUC_UNUSED, uint8_t id G_GNUC_UNUSED)
{
    return NULL;
}

static const CxlCciOwner cci_owner = {
    .rearm = rearm, .dc_pool = dc_pool, .tunnel = tunnel,
};

uint32_t cxl_fabric_payload(const CxlFabric *fabric)
{
    return fabric->cci.payload_max;
}

bool cxl_fabric_would_change(const CxlFabric *fabric, const uint8_t *message,
                             uint32_t len)
{
    const CxlMessageHeader *h = (const CxlMessageHeader *)message;
    const CxlCmdRow *row;

    if (!cxl_message_is_request(message, len)) {
        return false;
    }
    row = cxl_cci_find(&fabric->cci, cxl_message_opcode(h));
    return row && row->effects & (CXL_FX_CONFIG | CXL_FX_DATA);
}

uint32_t cxl_fabric_execute(CxlFabric *fabric, const uint8_t *message,
                            uint32_t len, uint8_t *out, uint32_t out_max)
{
    uint32_t reply;

    if (!cxl_message_execute(&fabric->cci, message, len, out, out_max,
                             &reply)) {
        return 0;
    }
    for (unsigned i = 0; i < fabric->cfg.hosts; i++) {
        cxl_fabric_news(&fabric->host[i]);
    }
    return reply;
}

void cxl_fabric_timer(CxlFabric *fabric)
{
    cxl_dcd_pool_wipe(&fabric->pool);
    if (!cxl_dcd_pool_deadline(&fabric->pool)) {
        fabric->ops->timer_arm(fabric->opaque, 0);
    }
}

/* Hosts */

/* Offers are told from the groups, takings from what is leaving. */
void cxl_fabric_news(CxlFabricHost *host)
{
    CxlDcRecord r;

    while (cxl_dcd_next_record(&host->view, &r)) {
        if (r.type == CXL_EVDC_RELEASE) {
            extentset_assign(&host->to_ask, r.dpa, r.len, 0);
        } else if (r.type == CXL_EVDC_REGION_UPDATED) {
            host->updates |= 1u << r.region;
        }
    }
}

static void take_all(CxlFabric *fabric, CxlFabricHost *host)
{
    CxlBgRange all[CXL_FABRIC_REGIONS];

    for (unsigned i = 0; i < fabric->cfg.num_regions; i++) {
        const CxlDcRegionConfig *r = &fabric->cfg.regions[i];

        all[i] = (CxlBgRange) { r->base, r->len };
        cxl_dcd_withdraw(&host->view, r->base, r->len);
    }
    cxl_dcd_give_back(&host->view, all, fabric->cfg.num_regions, true);
}

void cxl_fabric_detach(CxlFabricLink *link)
{
    if (link->host) {
        link->host->seat.link = NULL;
        link->host = NULL;
    }
    link->over = true;
}

void cxl_fabric_died(CxlFabric *fabric, unsigned head)
{
    CxlFabricHost *host = &fabric->host[head];
    ExtentSet gone;

    cxl_fabric_unmap_all(fabric, host, &gone);
    fabric->acting = head;
    take_all(fabric, host);
    fabric->acting = CXL_FABRIC_NOBODY;
    cxl_fabric_unmapped(fabric, host, &gone);
    extentset_clear(&gone);
    extentset_clear(&host->leaving);
    extentset_clear(&host->told);
    cxl_dcd_view_reset(&host->view);
    cxl_fabric_news(host);
    extentset_clear(&host->to_ask);
    host->updates = 0;
    host->seat.known = false;
    if (host->seat.link) {
        cxl_fabric_detach(host->seat.link);
    }
    cxl_fabric_log_died(fabric, head);
}

/* Who was offered something hears nothing of it any more, and has the rest. */
void cxl_fabric_power_lost(CxlFabric *fabric)
{
    assert(!fabric->log);
    for (unsigned i = 0; i < fabric->cfg.hosts; i++) {
        CxlFabricHost *host = &fabric->host[i];

        if (host->seat.known &&
            fabric->fabric_ops->alive(fabric->opaque, host->seat.process)) {
            cxl_dcd_withdraw(&host->view, 0, UINT64_MAX);
        } else {
            cxl_fabric_died(fabric, i);
        }
    }
    cxl_dcd_pool_distrust(&fabric->pool);
}

/* Life */

/* @end: of the region before it */
static char *region_problem(const CxlDcRegionConfig *r, unsigned i,
                            uint64_t end)
{
    if (!is_power_of_2(r->block_size) || r->block_size < 64) {
        return g_strdup_printf("the block size of region %u is %" PRIu64
                               ": it takes a power of two from 64", i,
                               r->block_size);
    }
    if (!r->len || (r->base | r->len) % r->block_size ||
        r->len % CXL_MEMDEV_CAPACITY_UNIT ||
        r->base % CXL_MEMDEV_CAPACITY_UNIT) {
        return g_strdup_printf("region %u has %" PRIu64 " bytes: it takes"
                               " multiples of 256 MiB and of its block size",
                               i, r->len);
    }
    if (r->base < end || r->len > INT64_MAX || r->base > INT64_MAX - r->len) {
        return g_strdup_printf("region %u overlaps another one, or lies beyond"
                               " all addresses", i);
    }
    return NULL;
}

char *cxl_fabric_problem(const CxlFabricConfig *c)
{
    char *problem = NULL;
    uint64_t end = 0;

    if (!c->hosts || c->hosts > CXL_FABRIC_HOSTS) {
        return g_strdup_printf("%u hosts: 1 to %d are possible", c->hosts,
                               CXL_FABRIC_HOSTS);
    }
    if (!c->num_regions || c->num_regions > CXL_FABRIC_REGIONS) {
        return g_strdup_printf("%u regions: 1 to %d are possible",
                               c->num_regions, CXL_FABRIC_REGIONS);
    }
    for (unsigned i = 0; i < c->num_regions && !problem; i++) {
        problem = region_problem(&c->regions[i], i, end);
        end = c->regions[i].base + c->regions[i].len;
    }
    return problem;
}

static void host_init(CxlFabric *fabric, CxlFabricHost *host)
{
    static const uint16_t sizes[CXL_EVLOGS];
    static const uint8_t msgnums[CXL_EVLOGS];

    cxl_events_init(&host->events, fabric->ops, fabric->opaque,
                    &fabric->clock, sizes, msgnums, true);
    cxl_dcd_view_init(&host->view, &fabric->pool, fabric->ops, fabric->opaque,
                      &store, fabric, &host->events);
    extentset_init(&host->mapped, true);
    extentset_init(&host->leaving, true);
    extentset_init(&host->to_ask, true);
    extentset_init(&host->told, true);
}

static void pool_init(CxlFabric *fabric)
{
    CxlMemdevConfig cfg = {
        .num_dc_regions = fabric->cfg.num_regions,
        .dc_max_extents = fabric->cfg.max_extents,
        .dc_max_tags = fabric->cfg.max_tags,
    };

    memcpy(cfg.dc_regions, fabric->cfg.regions, sizeof(fabric->cfg.regions));
    cxl_dcd_pool_init(&fabric->pool, &cfg, fabric->ops, fabric->opaque, &store,
                      fabric, &fabric->fm_events);
    fabric->pool.watch = &cxl_fabric_watch;
    fabric->pool.watch_opaque = fabric;
}

CxlFabric *cxl_fabric_create(const CxlFabricConfig *config,
                             const CxlProfile *profile, const CxlHostOps *ops,
                             const CxlFabricOps *fabric_ops, void *opaque)
{
    static const uint16_t sizes[CXL_EVLOGS] = {
        LOG_SIZE, LOG_SIZE, LOG_SIZE, LOG_SIZE, LOG_SIZE,
    };
    static const uint8_t msgnums[CXL_EVLOGS] = { 0, 1, 2, 3, 4 };
    CxlFabric *fabric = g_new0(CxlFabric, 1);
    CxlIsIdentify *id = &fabric->cci.identity;

    fabric->cfg = *config;
    fabric->cfg.max_extents = config->max_extents ?: MAX_EXTENTS;
    fabric->cfg.max_tags = config->max_tags ?: MAX_TAGS;
    for (unsigned i = 0; i < config->num_regions; i++) {
        fabric->cfg.regions[i].decode_len = config->regions[i].len;
    }
    fabric->ops = ops;
    fabric->fabric_ops = fabric_ops;
    fabric->opaque = opaque;
    fabric->acting = CXL_FABRIC_NOBODY;
    cxl_cci_init(&fabric->cci, profile, CXL_NEED_DC |
                 (config->below ? 0 : CXL_NEED_MESSAGES), 1u << PAYLOAD_SHIFT,
                 &fabric->clock, &cci_owner, fabric, ops, opaque);
    stw_le_p(&id->vendor, config->vendor_id);
    stw_le_p(&id->device, config->device_id);
    stq_le_p(&id->serial, config->serial);
    id->component_type = CXL_COMPONENT_TYPE3;
    cxl_events_init(&fabric->fm_events, ops, opaque, &fabric->clock, sizes,
                    msgnums, true);
    fabric->cci.events = &fabric->fm_events;
    extentset_init(&fabric->mapped, true);
    pool_init(fabric);
    for (unsigned i = 0; i < config->hosts; i++) {
        host_init(fabric, &fabric->host[i]);
    }
    return fabric;
}

void cxl_fabric_free(CxlFabric *fabric)
{
    for (unsigned i = 0; i < fabric->cfg.hosts; i++) {
        CxlFabricHost *host = &fabric->host[i];

        assert(!host->seat.link);
        cxl_dcd_view_destroy(&host->view);
        cxl_events_destroy(&host->events);
        extentset_clear(&host->mapped);
        extentset_clear(&host->leaving);
        extentset_clear(&host->to_ask);
        extentset_clear(&host->told);
    }
    cxl_dcd_pool_destroy(&fabric->pool);
    extentset_clear(&fabric->mapped);
    cxl_events_destroy(&fabric->fm_events);
    cxl_cci_destroy(&fabric->cci);
    if (fabric->log) {
        g_byte_array_unref(fabric->log);
    }
    g_free(fabric);
}
