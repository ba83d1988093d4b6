/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What hosts may access; see fabric-mapped.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/fabric-mapped.h"

/* How many may access the byte at @start, and the *@n bytes from there. */
static uint64_t hosts_at(const ExtentSet *counts, uint64_t start, uint64_t len,
                         uint64_t *n)
{
    Extent e;

    *n = len;
    if (!extentset_next(counts, start, &e)) {
        return 0;
    }
    if (e.start > start) {
        *n = MIN(len, e.start - start);
        return 0;
    }
    *n = MIN(len, e.start + e.len - start);
    return e.value;
}

/* So many hosts more, or fewer, may access each byte of the range. */
static void count(ExtentSet *counts, uint64_t start, uint64_t len, int more)
{
    for (uint64_t end = start + len, n; start < end; start += n) {
        uint64_t hosts = hosts_at(counts, start, end - start, &n) + more;

        extentset_erase(counts, start, n);
        if (hosts) {
            extentset_insert(counts, start, n, hosts);
        }
    }
}

static void count_all(ExtentSet *counts, const ExtentSet *set, int more)
{
    Extent e;

    for (uint64_t pos = 0; extentset_next(set, pos, &e);
         pos = e.start + e.len) {
        count(counts, e.start, e.len, more);
    }
}

void cxl_fabric_map(CxlFabric *fabric, CxlFabricHost *host, uint64_t start,
                    uint64_t len)
{
    uint64_t end = start + len;
    Extent e;

    for (uint64_t at = start; at < end; at = e.start + e.len) {
        if (!extentset_next(&host->mapped, at, &e) || e.start >= end) {
            e = (Extent) { .start = end };
        }
        if (e.start > at) {
            count(&fabric->mapped, at, e.start - at, 1);
        }
    }
    extentset_assign(&host->mapped, start, len, 0);
}

static void unmap(CxlFabric *fabric, CxlFabricHost *host, uint64_t start,
                  uint64_t len)
{
    uint64_t end = start + len;
    Extent e;

    while (start < end && extentset_next(&host->mapped, start, &e) &&
           e.start < end) {
        uint64_t from = MAX(start, e.start);

        start = MIN(end, e.start + e.len);
        count(&fabric->mapped, from, start - from, -1);
        extentset_erase(&host->mapped, from, start - from);
    }
}

void cxl_fabric_mapped_loaded(CxlFabric *fabric, const CxlFabricHost *host)
{
    count_all(&fabric->mapped, &host->mapped, 1);
}

void cxl_fabric_unmap_all(CxlFabric *fabric, CxlFabricHost *host,
                          ExtentSet *gone)
{
    *gone = host->mapped;
    extentset_init(&host->mapped, true);
    count_all(&fabric->mapped, gone, -1);
}

/* What the pool tells and asks */

static void gained(void *opaque, uint16_t head, const Extent *e)
{
    CxlFabric *fabric = opaque;

    cxl_fabric_map(fabric, &fabric->host[head], e->start, e->len);
}

/* Who gives it back has unmapped it; everybody else has to be told. */
static void lost(void *opaque, uint16_t head, const Extent *e)
{
    CxlFabric *fabric = opaque;
    CxlFabricHost *host = &fabric->host[head];

    extentset_erase(&host->to_ask, e->start, e->len);
    if (fabric->acting == head) {
        unmap(fabric, host, e->start, e->len);
    } else if (host->seat.link ||
               extentset_overlaps(&host->mapped, e->start, e->len)) {
        extentset_assign(&host->leaving, e->start, e->len, 0);
    }
}

static uint64_t run(void *opaque, uint64_t dpa, uint64_t len, bool *mapped)
{
    const CxlFabric *fabric = opaque;
    uint64_t n;

    *mapped = hosts_at(&fabric->mapped, dpa, len, &n);
    return n;
}

const CxlDcWatch cxl_fabric_watch = { gained, lost, run };

/* What hosts say */

void cxl_fabric_unmapped(CxlFabric *fabric, CxlFabricHost *host,
                         const ExtentSet *gone)
{
    Extent e;

    for (uint64_t pos = 0; extentset_next(gone, pos, &e);
         pos = e.start + e.len) {
        unmap(fabric, host, e.start, e.len);
        cxl_dcd_pool_left(&fabric->pool, e.start, e.len);
    }
}

/* The invariant */

const char *cxl_fabric_mapped_check(const CxlFabric *fabric)
{
    const char *bad = extentset_check(&fabric->mapped);
    uint64_t pos = 0;
    ExtentSet counts;
    Extent e, is;

    extentset_init(&counts, true);
    for (unsigned i = 0; i < fabric->cfg.hosts; i++) {
        count_all(&counts, &fabric->host[i].mapped, 1);
    }
    for (; !bad && extentset_next(&counts, pos, &e); pos = e.start + e.len) {
        if (!extentset_next(&fabric->mapped, pos, &is) ||
            is.start != e.start || is.len != e.len || is.value != e.value) {
            bad = "count of hosts that can access something";
        }
    }
    if (!bad && counts.count != fabric->mapped.count) {
        bad = "count of hosts that can access something";
    }
    extentset_clear(&counts);
    return bad;
}
