/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a host says and is told; see fabric-link.h.  How it gets a head is in
 * fabric-attach.c.
 */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "hw/cxl/core/fabric-attach.h"
#include "hw/cxl/core/fabric-link.h"
#include "hw/cxl/core/fabric-log.h"
#include "hw/cxl/core/fabric-mapped.h"

void cxl_fabric_link_init(CxlFabricLink *link, CxlFabric *fabric,
                          const uint8_t process[CXL_FABRIC_PROCESS])
{
    *link = (CxlFabricLink) {
        .fabric = fabric, .out = g_byte_array_new(),
    };
    memcpy(link->process, process, CXL_FABRIC_PROCESS);
    extentset_init(&link->holds, true);
}

void cxl_fabric_link_destroy(CxlFabricLink *link)
{
    cxl_fabric_detach(link);
    extentset_clear(&link->holds);
    g_byte_array_unref(link->out);
}

/* Speaking */

static void say(CxlFabricLink *link, CxlFabricMessage *m)
{
    m->seq = link->seq++;
    cxl_fabric_put(link->out, m);
}

void cxl_fabric_link_refuse_vppb(CxlFabricLink *link, unsigned vppb,
                                 CxlFabricCode code, const char *text)
{
    CxlFabricMessage m = {
        .type = CXL_FABRIC_REFUSED,
        .refusal = { .code = code, .vppb = vppb },
    };

    g_strlcpy(m.refusal.text, text, sizeof(m.refusal.text));
    say(link, &m);
    cxl_fabric_detach(link);
}

void cxl_fabric_link_refuse(CxlFabricLink *link, CxlFabricCode code,
                            const char *text)
{
    cxl_fabric_link_refuse_vppb(link, 0, code, text);
}

static void not_understood(CxlFabricLink *link, const char *text)
{
    cxl_fabric_link_refuse(link, CXL_FABRIC_NOT_UNDERSTOOD, text);
}

/* The answer carries the number of the question. */
static void answer(CxlFabricLink *link, uint8_t type, uint32_t seq, CxlRc rc)
{
    CxlFabricMessage m = { .type = type, .seq = seq, .result.rc = rc };

    cxl_fabric_put(link->out, &m);
}

static CxlFabricRegion region_of(const CxlFabric *fabric, unsigned i)
{
    const CxlDcRegionConfig *r = &fabric->pool.regions[i].cfg;

    return (CxlFabricRegion) {
        .base = r->base, .len = r->len, .block_size = r->block_size,
        .offset = r->base, .flags = r->flags,
    };
}

static void say_welcome(CxlFabricLink *link)
{
    const CxlFabric *fabric = link->fabric;
    CxlFabricMessage m = { .type = CXL_FABRIC_WELCOME };

    m.welcome.head = link->host->view.host;
    m.welcome.max_extents = fabric->cfg.max_extents;
    m.welcome.max_tags = fabric->cfg.max_tags;
    m.welcome.regions = fabric->cfg.num_regions;
    for (unsigned i = 0; i < fabric->cfg.num_regions; i++) {
        CxlFabricRegion *r = &m.welcome.region[i];

        *r = region_of(fabric, i);
        m.welcome.size = r->offset + r->len;
    }
    say(link, &m);
}

/* A list in as many parts as it takes; also one of no extents. */
static void say_list(CxlFabricLink *link, uint8_t type, uint32_t number,
                     const CxlFabricExtent *e, uint32_t count)
{
    CxlFabricMessage m = { .type = type };
    uint32_t at = 0;

    do {
        m.list.number = number;
        m.list.extents = e + at;
        m.list.count = MIN(count - at, CXL_FABRIC_EXTENTS);
        at += m.list.count;
        m.list.flags = at < count ? CXL_FABRIC_MORE : 0;
        say(link, &m);
    } while (at < count);
}

/* The beginning of a set moves to a list, and to @told if there is one. */
static uint32_t move_some(ExtentSet *from, CxlFabricExtent *to,
                          ExtentSet *told)
{
    uint32_t n = 0;
    Extent e;

    while (n < CXL_FABRIC_EXTENTS && extentset_next(from, 0, &e)) {
        to[n++] = (CxlFabricExtent) { .dpa = e.start, .len = e.len };
        extentset_erase(from, e.start, e.len);
        if (told) {
            extentset_insert(told, e.start, e.len, 0);
        }
    }
    return n;
}

static bool say_take_back(CxlFabricLink *link)
{
    CxlFabricHost *host = link->host;
    CxlFabricExtent list[CXL_FABRIC_EXTENTS];
    uint32_t n;

    if (host->told.count || !host->leaving.count) {
        return false;
    }
    n = move_some(&host->leaving, list, &host->told);
    say_list(link, CXL_FABRIC_TAKE_BACK, ++host->take_backs, list, n);
    return true;
}

/* What it has given back meanwhile is not asked for: cxl_fabric's lost(). */
static bool say_ask(CxlFabricLink *link)
{
    CxlFabricExtent list[CXL_FABRIC_EXTENTS];
    uint32_t n = move_some(&link->host->to_ask, list, NULL);

    if (n) {
        say_list(link, CXL_FABRIC_ASK, 0, list, n);
    }
    return n;
}

static bool say_update(CxlFabricLink *link)
{
    CxlFabricHost *host = link->host;
    CxlFabricMessage m = { .type = CXL_FABRIC_REGION };

    if (!host->updates) {
        return false;
    }
    m.update.index = ctz32(host->updates);
    m.update.region = region_of(link->fabric, m.update.index);
    host->updates &= host->updates - 1;
    say(link, &m);
    return true;
}

static int by_sequence(const void *a, const void *b)
{
    const CxlFabricExtent *ea = a, *eb = b;

    return ea->sequence != eb->sequence ?
           (int)ea->sequence - (int)eb->sequence :
           (ea->dpa > eb->dpa) - (ea->dpa < eb->dpa);
}

/* A group as it is now: it may have lost pieces, even all of them. */
static bool say_offer(CxlFabricLink *link)
{
    CxlFabricHost *host = link->host;
    uint32_t open = host->next_offer - host->first_offer;
    const ExtentSet *group = g_queue_peek_nth(&host->view.groups, open);
    g_autofree CxlFabricExtent *list = NULL;
    uint32_t n = 0;
    Extent e;

    /* What was taken is gone before it is offered again. */
    if (open == CXL_FABRIC_LINK_OFFERS || !group || host->leaving.count ||
        host->told.count) {
        return false;
    }
    list = g_new(CxlFabricExtent, group->count);
    for (uint64_t pos = 0; extentset_next(group, pos, &e);
         pos = e.start + e.len) {
        list[n++] = (CxlFabricExtent) {
            .dpa = e.start, .len = e.len,
            .tag = cxl_dcd_tag(&link->fabric->pool,
                               CXL_DC_VALUE_TAG(e.value))->uuid,
            .sequence = CXL_DC_VALUE_SEQ(e.value),
        };
    }
    if (n) {
        qsort(list, n, sizeof(*list), by_sequence);
    }
    say_list(link, CXL_FABRIC_OFFER, host->next_offer++, list, n);
    return true;
}

void cxl_fabric_link_fill(CxlFabricLink *link)
{
    while (link->host && link->out->len < CXL_FABRIC_LINK_FULL &&
           (say_take_back(link) || say_update(link) || say_ask(link) ||
            say_offer(link))) {
        continue;
    }
}

/* Listening */

/* A list that is whole is what came of it before, and this part. */
static CxlRc apply(CxlFabricLink *link, const CxlFabricMessage *m)
{
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(CxlBgRange));
    CxlFabric *fabric = link->fabric;
    CxlDcView *view = &link->host->view;
    bool more = m->list.flags & CXL_FABRIC_MORE;
    bool is_answer = m->type == CXL_FABRIC_ANSWER;
    uint32_t before = more ? 0 : view->chain->len;
    const CxlBgRange *ranges;
    CxlRc rc;

    if (before) {
        g_array_append_vals(all, view->chain->data, before);
    }
    for (uint32_t i = 0; i < m->list.count; i++) {
        CxlBgRange x = { m->list.extents[i].dpa, m->list.extents[i].len };

        g_array_append_val(all, x);
    }
    ranges = (const CxlBgRange *)all->data;
    fabric->acting = view->host;
    rc = is_answer ?
         cxl_dcd_respond(view, ranges + before, m->list.count, more) :
         cxl_dcd_release(view, ranges + before, m->list.count, more);
    fabric->acting = CXL_FABRIC_NOBODY;
    if (rc == CXL_RC_SUCCESS && !more) {
        cxl_fabric_log_list(fabric, is_answer ? CXL_FABRIC_LOG_ANSWER :
                            CXL_FABRIC_LOG_RELEASE, link->host, ranges,
                            all->len);
    }
    cxl_fabric_news(link->host);
    return rc;
}

/* What is wrong in the middle of a list spoils the stream. */
static void take_list(CxlFabricLink *link, const CxlFabricMessage *m)
{
    CxlFabricHost *host = link->host;
    bool more = m->list.flags & CXL_FABRIC_MORE;
    bool in_parts = more || host->view.chain_opcode;
    bool is_answer = m->type == CXL_FABRIC_ANSWER;
    bool is_next = is_answer ? m->list.number == host->first_offer &&
                   host->next_offer != host->first_offer : !m->list.number;
    CxlRc rc = is_next ? CXL_RC_SUCCESS : CXL_RC_INVALID_INPUT;

    if (is_next) {
        rc = apply(link, m);
    }
    if (rc != CXL_RC_SUCCESS && in_parts) {
        not_understood(link, "a part of a list has no place here");
    } else if (!more) {
        host->first_offer += is_answer && rc == CXL_RC_SUCCESS;
        answer(link, CXL_FABRIC_RESULT, m->seq, rc);
    }
}

static void take_done(CxlFabricLink *link, const CxlFabricMessage *m)
{
    CxlFabricHost *host = link->host;
    ExtentSet gone = host->told;

    if (!gone.count || m->list.number != host->take_backs) {
        not_understood(link, "nothing was taken back by that number");
        return;
    }
    extentset_init(&host->told, true);
    cxl_fabric_unmapped(link->fabric, host, &gone);
    cxl_fabric_log_unmapped(link->fabric, host, &gone);
    extentset_clear(&gone);
}

void cxl_fabric_link_take(CxlFabricLink *link, const CxlFabricMessage *m)
{
    CxlFabricRefusal refusal = { 0 };

    assert(!link->over);
    if (!link->host) {
        if (cxl_fabric_attach(link, m, &refusal)) {
            say_welcome(link);
        } else if (refusal.code) {
            cxl_fabric_link_refuse(link, refusal.code, refusal.text);
        }
        return;
    }
    switch (m->type) {
    case CXL_FABRIC_ANSWER:
    case CXL_FABRIC_RELEASE:
        take_list(link, m);
        break;
    case CXL_FABRIC_DONE:
        take_done(link, m);
        break;
    case CXL_FABRIC_PING:
        answer(link, CXL_FABRIC_PONG, m->seq, CXL_RC_SUCCESS);
        break;
    default:
        not_understood(link, "this host is attached already");
    }
}
