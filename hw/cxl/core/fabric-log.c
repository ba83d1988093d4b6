/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records of changes: how they are written; see fabric-log.h.  How they are
 * done again is in fabric-replay.c.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/fabric-log.h"

static SaveWriter begin(CxlFabric *fabric, CxlFabricChange type)
{
    SaveWriter w = { .out = fabric->log };

    save_put(&w, type);
    return w;
}

static void put_range(SaveWriter *w, uint64_t start, uint64_t len)
{
    save_put(w, start);
    save_put(w, len);
}

static void put_ranges(SaveWriter *w, const CxlBgRange *ranges, uint32_t count)
{
    save_put(w, count);
    for (uint32_t i = 0; i < count; i++) {
        put_range(w, ranges[i].start, ranges[i].len);
    }
}

static void put_set(SaveWriter *w, const ExtentSet *set)
{
    Extent e;

    save_put(w, set->count);
    for (uint64_t pos = 0; extentset_next(set, pos, &e);
         pos = e.start + e.len) {
        put_range(w, e.start, e.len);
    }
}

/* Managers */

/* Of what others have too, the tag says which it is. */
static void added(void *opaque, const CxlDcRequest *req, const GArray *plan)
{
    SaveWriter w = begin(opaque, CXL_FABRIC_LOG_ADD);
    bool shared = req->policy == CXL_DC_ADD_SHARED;
    unsigned n = shared ? 0 : plan->len;

    save_put(&w, req->host);
    save_put(&w, shared);
    save_put(&w, req->region);
    save_put_bytes(&w, &req->tag, sizeof(req->tag));
    save_put(&w, n);
    for (unsigned i = 0; i < n; i++) {
        const Extent *e = &g_array_index(plan, Extent, i);

        put_range(&w, e->start, e->len);
    }
}

/* By tag: whatever the request lists means nothing. */
static void removed(void *opaque, const CxlDcRequest *req)
{
    SaveWriter w = begin(opaque, CXL_FABRIC_LOG_TAKE);

    save_put(&w, req->host);
    save_put(&w, req->policy);
    save_put(&w, req->forced);
    save_put(&w, req->sanitize);
    save_put_bytes(&w, &req->tag, sizeof(req->tag));
    put_ranges(&w, req->extents,
               req->policy == CXL_DC_REMOVE_TAG ? 0 : req->num_extents);
}

static void set_up(void *opaque, unsigned region, uint64_t block_size,
                   bool sanitize)
{
    SaveWriter w = begin(opaque, CXL_FABRIC_LOG_SET_UP);

    save_put(&w, region);
    save_put(&w, block_size);
    save_put(&w, sanitize);
}

static void referenced(void *opaque, const CxlUuid *tag, bool has)
{
    SaveWriter w = begin(opaque, CXL_FABRIC_LOG_REFERENCE);

    save_put_bytes(&w, tag, sizeof(*tag));
    save_put(&w, has);
}

void cxl_fabric_log_start(CxlFabric *fabric)
{
    static const CxlDcScribe scribe = { added, removed, set_up, referenced };

    assert(!fabric->log);
    fabric->log = g_byte_array_new();
    fabric->pool.scribe = &scribe;
    fabric->pool.scribe_opaque = fabric;
}

/* Hosts */

void cxl_fabric_log_list(CxlFabric *fabric, CxlFabricChange type,
                         const CxlFabricHost *host, const CxlBgRange *ranges,
                         uint32_t count)
{
    SaveWriter w;

    if (!fabric->log) {
        return;
    }
    w = begin(fabric, type);
    save_put(&w, host->view.host);
    put_ranges(&w, ranges, count);
}

void cxl_fabric_log_unmapped(CxlFabric *fabric, const CxlFabricHost *host,
                             const ExtentSet *gone)
{
    SaveWriter w;

    if (!fabric->log) {
        return;
    }
    w = begin(fabric, CXL_FABRIC_LOG_UNMAPPED);
    save_put(&w, host->view.host);
    put_set(&w, gone);
}

void cxl_fabric_log_attach(CxlFabric *fabric, const CxlFabricHost *host,
                           const ExtentSet *holds)
{
    SaveWriter w;

    if (!fabric->log) {
        return;
    }
    w = begin(fabric, CXL_FABRIC_LOG_ATTACH);
    save_put(&w, host->view.host);
    save_put_bytes(&w, &host->seat.id, sizeof(host->seat.id));
    save_put_bytes(&w, host->seat.process, sizeof(host->seat.process));
    put_set(&w, holds);
}

void cxl_fabric_log_died(CxlFabric *fabric, unsigned head)
{
    SaveWriter w;

    if (fabric->log) {
        w = begin(fabric, CXL_FABRIC_LOG_DIED);
        save_put(&w, head);
    }
}
