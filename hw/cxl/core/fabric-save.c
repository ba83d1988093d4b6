/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is kept of the accounts of a pool and its hosts, and whether they can
 * be as they are; see fabric.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/fabric.h"
#include "hw/cxl/core/fabric-mapped.h"

#define KIND "cxl-fabric"

/* A new member: save it, and raise the version of its section. */
QEMU_BUILD_BUG_ON(sizeof(CxlFabricConfig) != 352 && sizeof(void *) == 8);
QEMU_BUILD_BUG_ON(sizeof(CxlFabric) != 29288 && sizeof(void *) == 8);
QEMU_BUILD_BUG_ON(sizeof(CxlFabricHost) != 856 && sizeof(void *) == 8);

static void save_config(const void *device, SaveWriter *w)
{
    const CxlFabric *fabric = device;

    save_put(w, fabric->cfg.hosts);
    save_put(w, fabric->cfg.max_extents);
    save_put(w, fabric->cfg.max_tags);
    save_put(w, fabric->cfg.num_regions);
    for (unsigned i = 0; i < fabric->cfg.num_regions; i++) {
        save_put(w, fabric->cfg.regions[i].base);
        save_put(w, fabric->cfg.regions[i].len);
    }
}

static void load_config(void *device, SaveReader *r)
{
    CxlFabric *fabric = device;

    save_get_same(r, "hosts", fabric->cfg.hosts);
    save_get_same(r, "extents", fabric->cfg.max_extents);
    save_get_same(r, "tags", fabric->cfg.max_tags);
    save_get_same(r, "regions", fabric->cfg.num_regions);
    for (unsigned i = 0; i < fabric->cfg.num_regions; i++) {
        save_get_same(r, "base of a region", fabric->cfg.regions[i].base);
        save_get_same(r, "length of a region", fabric->cfg.regions[i].len);
    }
}

static void save_pool(const void *device, SaveWriter *w)
{
    cxl_dcd_pool_save(&((const CxlFabric *)device)->pool, w);
}

static void load_pool(void *device, SaveReader *r)
{
    cxl_dcd_pool_load(&((CxlFabric *)device)->pool, r);
}

static void save_hosts(const void *device, SaveWriter *w)
{
    const CxlFabric *fabric = device;

    for (unsigned i = 0; i < fabric->cfg.hosts; i++) {
        const CxlFabricHost *host = &fabric->host[i];

        cxl_fabric_seat_save(&host->seat, w);
        extentset_save(&host->mapped, w);
    }
}

static void load_host(CxlFabric *fabric, CxlFabricHost *host, SaveReader *r)
{
    Extent e;

    cxl_fabric_seat_load(&host->seat, r);
    extentset_load(&host->mapped, r, "mapped capacity", UINT64_MAX);
    for (uint64_t pos = 0; save_good(r) &&
         extentset_next(&host->mapped, pos, &e); pos = e.start + e.len) {
        if (e.value || !cxl_fabric_is_capacity(fabric, &e)) {
            save_refuse(r, "mapped capacity");
        }
    }
}

/* What is mapped, and nobody's, is to be waited for. */
static void hold(CxlFabric *fabric, const CxlFabricHost *host)
{
    Extent e;

    for (uint64_t pos = 0; extentset_next(&host->mapped, pos, &e);
         pos = e.start + e.len) {
        cxl_dcd_pool_hold(&fabric->pool, e.start, e.len);
    }
}

static void load_hosts(void *device, SaveReader *r)
{
    CxlFabric *fabric = device;

    for (unsigned i = 0; i < fabric->cfg.hosts && save_good(r); i++) {
        load_host(fabric, &fabric->host[i], r);
        cxl_fabric_mapped_loaded(fabric, &fabric->host[i]);
    }
    for (unsigned i = 0; i < fabric->cfg.hosts && save_good(r); i++) {
        hold(fabric, &fabric->host[i]);
    }
}

static const SaveRoom rooms[] = {
    { .name = "config", .version = 1, .save = save_config,
      .load = load_config },
    { .name = "pool", .version = 1, .save = save_pool, .load = load_pool },
    { .name = "hosts", .version = 1, .save = save_hosts, .load = load_hosts },
};

void cxl_fabric_save(const CxlFabric *fabric, GByteArray *out)
{
    save_rooms(KIND, rooms, ARRAY_SIZE(rooms), fabric, out);
}

bool cxl_fabric_load(CxlFabric *fabric, const uint8_t *bytes, size_t len,
                     char **problem)
{
    const char *bad;

    if (!save_load_rooms(KIND, rooms, ARRAY_SIZE(rooms), fabric, bytes, len,
                         problem)) {
        return false;
    }
    bad = cxl_fabric_check(fabric);
    if (bad) {
        *problem = g_strdup_printf("the accounts do not add up: %s", bad);
        return false;
    }
    for (unsigned i = 0; i < fabric->cfg.hosts; i++) {
        cxl_fabric_news(&fabric->host[i]);
    }
    cxl_dcd_pool_retry(&fabric->pool);
    return true;
}

/* The invariant */

static const char *check_mapped(const CxlFabric *fabric, const Extent *e,
                                unsigned head)
{
    for (uint64_t pos = e->start, end = pos + e->len, n; pos < end; pos += n) {
        CxlDcState state;
        uint32_t who;

        n = cxl_dcd_run(&fabric->pool, pos, end - pos, &state, &who);
        if (state == CXL_DC_FREE || state == CXL_DC_OFFERED ||
            state == CXL_DC_SANITIZING) {
            return "a host can access what is nobody's";
        }
        if ((state == CXL_DC_OWNED || state == CXL_DC_RETURNING) &&
            who != head) {
            return "two hosts can access what is not shared";
        }
    }
    return NULL;
}

static const char *check_host(const CxlFabric *fabric, unsigned head,
                              ExtentSet *all)
{
    const CxlFabricHost *host = &fabric->host[head];
    const char *bad = extentset_check(&host->mapped) ?:
                      extentset_check(&host->leaving) ?:
                      extentset_check(&host->told);
    const ExtentSet *accepted = &host->view.accepted;
    Extent e;

    if (!bad && !host->seat.known &&
        (host->mapped.count || host->seat.link || accepted->count)) {
        return "a host without a head has something";
    }
    for (uint64_t pos = 0; !bad && extentset_next(accepted, pos, &e);
         pos = e.start + e.len) {
        bad = extentset_covers(&host->mapped, e.start, e.len) ? NULL :
              "a host cannot access what it has accepted";
    }
    for (uint64_t pos = 0; !bad && extentset_next(&host->mapped, pos, &e);
         pos = e.start + e.len) {
        bad = check_mapped(fabric, &e, head);
        extentset_assign(all, e.start, e.len, 0);
    }
    return bad;
}

static const char *check_leaving(const CxlFabric *fabric, const ExtentSet *all)
{
    Extent e;

    for (uint64_t pos = 0; extentset_next(&fabric->pool.taken, pos, &e);
         pos = e.start + e.len) {
        if (e.value == cxl_dcd_state_value(CXL_DC_LEAVING, 0) &&
            !extentset_covers(all, e.start, e.len)) {
            return "capacity waits for nobody";
        }
    }
    return NULL;
}

const char *cxl_fabric_check(const CxlFabric *fabric)
{
    const char *bad = cxl_dcd_check(&fabric->pool) ?:
                      cxl_fabric_mapped_check(fabric);
    ExtentSet all;

    extentset_init(&all, true);
    for (unsigned i = 0; !bad && i < fabric->cfg.hosts; i++) {
        bad = check_host(fabric, i, &all);
    }
    bad = bad ?: check_leaving(fabric, &all);
    extentset_clear(&all);
    return bad;
}
