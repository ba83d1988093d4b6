/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HELLO and HOLDS; see fabric-attach.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/fabric-attach.h"
#include "hw/cxl/core/fabric-log.h"
#include "hw/cxl/core/fabric-mapped.h"

static bool misunderstood(CxlFabricRefusal *refusal, const char *text)
{
    return cxl_fabric_refuse(refusal, CXL_FABRIC_NOT_UNDERSTOOD, text);
}

/* Who gets which head */

static CxlFabricSeat *head_at(void *owner, unsigned n)
{
    CxlFabric *fabric = owner;

    return &fabric->host[n].seat;
}

static bool alive(void *owner, const uint8_t process[CXL_FABRIC_PROCESS])
{
    const CxlFabric *fabric = owner;

    return fabric->fabric_ops->alive(fabric->opaque, process);
}

static void died(void *owner, unsigned n)
{
    cxl_fabric_died(owner, n);
}

/* NULL: refused */
static CxlFabricHost *find_head(const CxlFabricLink *link,
                                CxlFabricRefusal *refusal)
{
    CxlFabric *fabric = link->fabric;
    const CxlFabricSeats heads = {
        .one = "head", .all = "heads", .count = fabric->cfg.hosts,
        .at = head_at, .alive = alive, .died = died, .owner = fabric,
    };
    int n = cxl_fabric_seat_find(&heads, &link->hello.id, link->process,
                                 link->hello.head, refusal);

    return n < 0 ? NULL : &fabric->host[n];
}

/* What it holds */

static bool take_holds(CxlFabricLink *link, const CxlFabricList *list,
                       CxlFabricRefusal *refusal)
{
    const CxlDcPool *pool = &link->fabric->pool;

    if (!list->count || list->count > link->holds_left ||
        (list->count < link->holds_left) !=
        !!(list->flags & CXL_FABRIC_MORE)) {
        return misunderstood(refusal, "there are not as many extents held as"
                             " was said");
    }
    for (uint32_t i = 0; i < list->count; i++) {
        const CxlFabricExtent *e = &list->extents[i];
        int region = cxl_dcd_region_of(pool, e->dpa, e->len);

        if (region < 0 ||
            (e->dpa | e->len) % pool->regions[region].cfg.block_size ||
            !extentset_insert(&link->holds, e->dpa, e->len, 0)) {
            return misunderstood(refusal, "what is held is not in a region,"
                                 " not in whole blocks, or listed twice");
        }
    }
    link->holds_left -= list->count;
    return true;
}

/* By the accounts another host has it, or nobody has accepted it yet. */
static bool is_anothers(const CxlFabric *fabric, const CxlFabricHost *host,
                        const ExtentSet *holds)
{
    Extent e;

    for (uint64_t pos = 0; extentset_next(holds, pos, &e);
         pos = e.start + e.len) {
        for (uint64_t at = e.start, end = at + e.len; at < end;) {
            CxlDcState state;
            uint32_t who;

            at += cxl_dcd_run(&fabric->pool, at, end - at, &state, &who);
            if (state == CXL_DC_OFFERED ||
                ((state == CXL_DC_OWNED || state == CXL_DC_RETURNING) &&
                 who != host->view.host)) {
                return true;
            }
        }
    }
    return false;
}

static void copy(ExtentSet *to, const ExtentSet *from)
{
    Extent e;

    extentset_init(to, from->merge);
    for (uint64_t pos = 0; extentset_next(from, pos, &e);
         pos = e.start + e.len) {
        extentset_insert(to, e.start, e.len, e.value);
    }
}

/* What it has accepted and not mapped, it has given back. */
static bool give_back(CxlFabric *fabric, CxlFabricHost *host,
                      const ExtentSet *holds)
{
    g_autoptr(GArray) ranges = g_array_new(FALSE, FALSE, sizeof(CxlBgRange));
    CxlDcView *view = &host->view;
    ExtentSet rest, kept;
    bool fits;
    Extent e;

    copy(&rest, &view->accepted);
    cxl_fabric_subtract(&rest, holds);
    copy(&kept, &view->accepted);
    cxl_fabric_subtract(&kept, &rest);
    fits = kept.count <= fabric->cfg.max_extents;
    for (uint64_t pos = 0; fits && extentset_next(&rest, pos, &e);
         pos = e.start + e.len) {
        CxlBgRange range = { e.start, e.len };

        g_array_append_val(ranges, range);
    }
    extentset_clear(&kept);
    extentset_clear(&rest);
    if (ranges->len) {
        fabric->acting = view->host;
        cxl_dcd_give_back(view, (const CxlBgRange *)ranges->data, ranges->len,
                          false);
        fabric->acting = CXL_FABRIC_NOBODY;
    }
    return fits;
}

/* What it has mapped is mapped, whatever the accounts say. */
static void compare(CxlFabric *fabric, CxlFabricHost *host,
                    const ExtentSet *holds)
{
    ExtentSet gone;
    Extent e;

    copy(&gone, &host->mapped);
    cxl_fabric_subtract(&gone, holds);
    cxl_fabric_unmapped(fabric, host, &gone);
    extentset_clear(&gone);
    for (uint64_t pos = 0; extentset_next(holds, pos, &e);
         pos = e.start + e.len) {
        cxl_fabric_map(fabric, host, e.start, e.len);
        cxl_dcd_pool_hold(&fabric->pool, e.start, e.len);
    }
}

/* It knows nothing but what it holds: all else is said again. */
static void begin(CxlFabricHost *host)
{
    extentset_clear(&host->told);
    extentset_clear(&host->leaving);
    cxl_fabric_add(&host->leaving, &host->mapped);
    cxl_fabric_subtract(&host->leaving, &host->view.accepted);
    extentset_clear(&host->to_ask);
    cxl_dcd_view_reset(&host->view);
    cxl_fabric_news(host);
    host->updates = 0;
    host->first_offer = host->next_offer = 0;
}

const char *cxl_fabric_take_head(CxlFabric *fabric, CxlFabricHost *host,
                                 const CxlUuid *id,
                                 const uint8_t process[CXL_FABRIC_PROCESS],
                                 const ExtentSet *holds)
{
    if (cxl_fabric_seat_is_anothers(&host->seat, id, process)) {
        return "it is another host's head";
    }
    if (is_anothers(fabric, host, holds)) {
        return "it holds what is another host's";
    }
    if (!give_back(fabric, host, holds)) {
        return "it holds more pieces than a host can have";
    }
    cxl_fabric_seat_take(&host->seat, id, process);
    compare(fabric, host, holds);
    begin(host);
    cxl_fabric_log_attach(fabric, host, holds);
    return NULL;
}

static bool attach(CxlFabricLink *link, CxlFabricRefusal *refusal)
{
    CxlFabricHost *host = find_head(link, refusal);
    const char *why;

    if (!host) {
        return false;
    }
    why = cxl_fabric_take_head(link->fabric, host, &link->hello.id,
                               link->process, &link->holds);
    if (why) {
        return misunderstood(refusal, why);
    }
    extentset_clear(&link->holds);
    host->seat.link = link;
    link->host = host;
    return true;
}

bool cxl_fabric_attach(CxlFabricLink *link, const CxlFabricMessage *m,
                       CxlFabricRefusal *refusal)
{
    if (!link->greeted && m->type == CXL_FABRIC_HELLO) {
        link->greeted = true;
        link->hello = m->hello;
        link->holds_left = m->hello.holds;
        if (link->holds_left > 2 * (uint64_t)link->fabric->cfg.max_extents) {
            return misunderstood(refusal, "it holds more than a host can have");
        }
    } else if (!link->greeted || m->type != CXL_FABRIC_HOLDS) {
        return misunderstood(refusal, "this message is out of order");
    } else if (!take_holds(link, &m->list, refusal)) {
        return false;
    }
    return !link->holds_left && attach(link, refusal);
}
