/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages between a host and the pool of a fabric; see fabric-wire.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"
#include "hw/cxl/core/fabric-wire.h"
#include "hw/cxl/wire/dcd.h"
#include "hw/cxl/wire/fm.h"

#define LIST_FLAGS      CXL_FABRIC_MORE
#define HELLO_SIZE      24
#define WELCOME_SIZE    24u
#define REGION_SIZE     40u
#define UPDATE_SIZE     (8 + REGION_SIZE)
#define CODE_SIZE       4
#define ENTER_SIZE      (20 + CXL_FABRIC_VPPBS)
#define SHORT_SIZE      8
#define ENTERED_SIZE    16
#define BIND_SIZE       56
#define PART_SIZE       16
#define RELAY_SIZE      16
#define REPLY_SIZE      8

QEMU_BUILD_BUG_ON(sizeof(CxlDcExtentWire) != CXL_FABRIC_EXTENT);

/* What may be behind the header of each type */
typedef enum Shape {
    NO_TYPE, NOTHING, A_HELLO, A_LIST, A_NUMBER, A_WELCOME, A_REFUSAL,
    A_RESULT, AN_UPDATE, AN_ENTER, A_BELOW, AN_ENTERED, A_BIND, AN_UNBIND,
    A_PART, A_RELAY, A_REPLY,
} Shape;

typedef struct Kind {
    uint8_t shape;
    bool from_host;
    uint32_t min, max;
} Kind;

#define LIST_OF(host) { A_LIST, host, CXL_FABRIC_LIST, CXL_FABRIC_PAYLOAD }
#define PART_OF(host) \
    { A_PART, host, PART_SIZE, PART_SIZE + CXL_FABRIC_PART_MAX }
QEMU_BUILD_BUG_ON(PART_SIZE + CXL_FABRIC_PART_MAX > CXL_FABRIC_PAYLOAD);

static const Kind kinds[] = {
    [CXL_FABRIC_HELLO] = { A_HELLO, true, HELLO_SIZE, HELLO_SIZE },
    [CXL_FABRIC_HOLDS] = LIST_OF(true),
    [CXL_FABRIC_ANSWER] = LIST_OF(true),
    [CXL_FABRIC_RELEASE] = LIST_OF(true),
    [CXL_FABRIC_DONE] = { A_NUMBER, true, CXL_FABRIC_LIST, CXL_FABRIC_LIST },
    [CXL_FABRIC_PING] = { NOTHING, true, 0, 0 },
    [CXL_FABRIC_WELCOME] = { A_WELCOME, false, WELCOME_SIZE, WELCOME_SIZE +
                             CXL_FABRIC_REGIONS * REGION_SIZE },
    [CXL_FABRIC_REFUSED] = { A_REFUSAL, false, CODE_SIZE,
                             CODE_SIZE + CXL_FABRIC_TEXT },
    [CXL_FABRIC_RESULT] = { A_RESULT, false, CODE_SIZE, CODE_SIZE },
    [CXL_FABRIC_OFFER] = LIST_OF(false),
    [CXL_FABRIC_ASK] = LIST_OF(false),
    [CXL_FABRIC_TAKE_BACK] = LIST_OF(false),
    [CXL_FABRIC_REGION] = { AN_UPDATE, false, UPDATE_SIZE, UPDATE_SIZE },
    [CXL_FABRIC_PONG] = { NOTHING, false, 0, 0 },
    [CXL_FABRIC_ENTER] = { AN_ENTER, true, ENTER_SIZE, ENTER_SIZE },
    [CXL_FABRIC_BELOW] = { A_BELOW, true, SHORT_SIZE, SHORT_SIZE },
    [CXL_FABRIC_STATE] = PART_OF(true),
    [CXL_FABRIC_REPLY] = { A_REPLY, true, REPLY_SIZE,
                           REPLY_SIZE + CXL_FABRIC_RELAY_MAX },
    [CXL_FABRIC_ENTERED] = { AN_ENTERED, false, ENTERED_SIZE, ENTERED_SIZE },
    [CXL_FABRIC_BIND] = { A_BIND, false, BIND_SIZE, BIND_SIZE },
    [CXL_FABRIC_UNBIND] = { AN_UNBIND, false, SHORT_SIZE, SHORT_SIZE },
    [CXL_FABRIC_GIVEN] = PART_OF(false),
    [CXL_FABRIC_RELAY] = { A_RELAY, false, RELAY_SIZE,
                           RELAY_SIZE + CXL_FABRIC_RELAY_MAX },
};

static const Kind *kind_of(uint8_t type)
{
    return type < ARRAY_SIZE(kinds) && kinds[type].shape != NO_TYPE ?
           &kinds[type] : NULL;
}

/* Writing */

static void put_extent(uint8_t *to, const CxlFabricExtent *e)
{
    CxlDcExtentWire *out = (CxlDcExtentWire *)to;

    assert(e->len && e->len - 1 <= UINT64_MAX - e->dpa);
    stq_le_p(&out->dpa, e->dpa);
    stq_le_p(&out->len, e->len);
    out->tag = e->tag;
    stw_le_p(&out->sequence, e->sequence);
}

static uint32_t put_list(uint8_t *to, const CxlFabricList *list)
{
    assert(list->count <= CXL_FABRIC_EXTENTS && !(list->flags & ~LIST_FLAGS));
    stl_le_p(to, list->number);
    stl_le_p(to + 4, list->flags);
    stl_le_p(to + 8, list->count);
    for (uint32_t i = 0; i < list->count; i++) {
        put_extent(to + CXL_FABRIC_LIST + i * CXL_FABRIC_EXTENT,
                   &list->extents[i]);
    }
    return CXL_FABRIC_LIST + list->count * CXL_FABRIC_EXTENT;
}

static void put_region(uint8_t *to, const CxlFabricRegion *r)
{
    stq_le_p(to, r->base);
    stq_le_p(to + 8, r->len);
    stq_le_p(to + 16, r->block_size);
    stq_le_p(to + 24, r->offset);
    stl_le_p(to + 32, r->flags);
}

static uint32_t put_welcome(uint8_t *to, const CxlFabricWelcome *w)
{
    assert(w->regions <= CXL_FABRIC_REGIONS);
    stq_le_p(to, w->size);
    stl_le_p(to + 8, w->max_extents);
    stl_le_p(to + 12, w->max_tags);
    stw_le_p(to + 16, w->head);
    stw_le_p(to + 18, w->regions);
    for (unsigned i = 0; i < w->regions; i++) {
        put_region(to + WELCOME_SIZE + i * REGION_SIZE, &w->region[i]);
    }
    return WELCOME_SIZE + w->regions * REGION_SIZE;
}

static uint32_t put_refusal(uint8_t *to, const CxlFabricRefusal *r)
{
    g_autofree char *text = g_utf8_make_valid(r->text, -1);
    const char *end;

    g_strdelimit(text, "\n\t\r", ' ');
    g_utf8_validate(text, MIN(strlen(text), CXL_FABRIC_TEXT), &end);
    stw_le_p(to, r->code);
    stw_le_p(to + 2, r->vppb);
    memcpy(to + CODE_SIZE, text, end - text);
    return CODE_SIZE + (end - text);
}

static uint32_t put_enter(uint8_t *to, const CxlFabricEnter *e)
{
    memcpy(to, &e->id, sizeof(e->id));
    stw_le_p(to + 16, e->vcs);
    stw_le_p(to + 18, e->vppbs);
    memcpy(to + 20, e->below, sizeof(e->below));
    return ENTER_SIZE;
}

static uint32_t put_short(uint8_t *to, uint32_t number, uint16_t vppb,
                          uint16_t last)
{
    stl_le_p(to, number);
    stw_le_p(to + 4, vppb);
    stw_le_p(to + 6, last);
    return SHORT_SIZE;
}

static uint32_t put_bind(uint8_t *to, const CxlFabricBind *b)
{
    put_short(to, b->number, b->vppb, b->ld);
    stq_le_p(to + 8, b->offset);
    stq_le_p(to + 16, b->len);
    stq_le_p(to + 24, b->labels_offset);
    stq_le_p(to + 32, b->labels);
    stq_le_p(to + 40, b->serial);
    stl_le_p(to + 48, b->flags);
    return BIND_SIZE;
}

static uint32_t put_part(uint8_t *to, const CxlFabricPart *p)
{
    assert(p->total <= CXL_FABRIC_STATE_MAX && p->at <= p->total &&
           p->len == MIN(CXL_FABRIC_PART_MAX, p->total - p->at));
    stw_le_p(to, p->vppb);
    stw_le_p(to + 2, p->ld);
    stl_le_p(to + 4, p->total);
    stl_le_p(to + 8, p->at);
    if (p->len) {
        memcpy(to + PART_SIZE, p->bytes, p->len);
    }
    return PART_SIZE + p->len;
}

static uint32_t put_relayed(uint8_t *to, const CxlFabricRelayed *r,
                            uint32_t size)
{
    assert(r->len <= CXL_FABRIC_RELAY_MAX);
    put_short(to, r->number, r->vppb, r->kind);
    if (size == RELAY_SIZE) {
        stl_le_p(to + 8, r->room);
        stl_le_p(to + 12, 0);
    }
    if (r->len) {
        memcpy(to + size, r->bytes, r->len);
    }
    return size + r->len;
}

/* Of a switch's host, to it or from it */
static uint32_t put_switch(uint8_t *to, const CxlFabricMessage *m)
{
    switch (kind_of(m->type)->shape) {
    case AN_ENTER:
        return put_enter(to, &m->enter);
    case A_BELOW:
        return put_short(to, m->below.number, m->below.vppb, m->below.ld);
    case AN_ENTERED:
        stq_le_p(to, m->entered.size);
        stw_le_p(to + 8, m->entered.vcs);
        return ENTERED_SIZE;
    case A_BIND:
        return put_bind(to, &m->bind);
    case AN_UNBIND:
        return put_short(to, m->unbind.number, m->unbind.vppb,
                         m->unbind.option);
    case A_PART:
        return put_part(to, &m->part);
    case A_RELAY:
        return put_relayed(to, &m->relayed, RELAY_SIZE);
    case A_REPLY:
        return put_relayed(to, &m->relayed, REPLY_SIZE);
    default:
        return 0;
    }
}

static uint32_t put_payload(uint8_t *to, const CxlFabricMessage *m)
{
    switch (kind_of(m->type)->shape) {
    case A_HELLO:
        memcpy(to, &m->hello.id, sizeof(m->hello.id));
        stw_le_p(to + 16, m->hello.head);
        stl_le_p(to + 20, m->hello.holds);
        return HELLO_SIZE;
    case A_LIST:
    case A_NUMBER:
        return put_list(to, &m->list);
    case A_WELCOME:
        return put_welcome(to, &m->welcome);
    case A_REFUSAL:
        return put_refusal(to, &m->refusal);
    case A_RESULT:
        stw_le_p(to, m->result.rc);
        return CODE_SIZE;
    case AN_UPDATE:
        stl_le_p(to, m->update.index);
        put_region(to + 8, &m->update.region);
        return UPDATE_SIZE;
    default:
        return put_switch(to, m);
    }
}

void cxl_fabric_put(GByteArray *out, const CxlFabricMessage *m)
{
    const Kind *kind = kind_of(m->type);
    uint32_t extents = kind->shape == A_LIST ? m->list.count : 0;
    uint32_t room = kind->shape == A_LIST ?
                    CXL_FABRIC_LIST + extents * CXL_FABRIC_EXTENT : kind->max;
    uint32_t at = out->len, len;
    uint8_t *h;

    g_byte_array_set_size(out, at + CXL_FABRIC_HEADER + room);
    h = out->data + at;
    memset(h, 0, CXL_FABRIC_HEADER + room);
    len = put_payload(h + CXL_FABRIC_HEADER, m);
    stl_le_p(h, CXL_FABRIC_MAGIC);
    h[4] = CXL_FABRIC_VERSION;
    h[5] = m->type;
    stl_le_p(h + 8, len);
    stl_le_p(h + 12, m->seq);
    g_byte_array_set_size(out, at + CXL_FABRIC_HEADER + len);
}

/* Reading */

static bool all_zero(const uint8_t *p, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        if (p[i]) {
            return false;
        }
    }
    return true;
}

static const char *get_extent(const uint8_t *p, CxlFabricExtent *e)
{
    const CxlDcExtentWire *in = (const CxlDcExtentWire *)p;

    e->dpa = ldq_le_p(&in->dpa);
    e->len = ldq_le_p(&in->len);
    e->tag = in->tag;
    e->sequence = lduw_le_p(&in->sequence);
    return !e->len ? "an extent is empty" :
           e->len - 1 > UINT64_MAX - e->dpa ? "an extent wraps" :
           !all_zero(in->reserved, sizeof(in->reserved)) ?
           "a reserved field is not zero" : NULL;
}

static const char *get_list(CxlFabricStream *s, const uint8_t *p, uint32_t len,
                            CxlFabricList *list)
{
    const char *bad = NULL;

    *list = (CxlFabricList) {
        .number = ldl_le_p(p), .flags = ldl_le_p(p + 4),
        .count = ldl_le_p(p + 8), .extents = s->extents,
    };
    if (list->flags & ~LIST_FLAGS || !all_zero(p + 12, 4)) {
        return "a reserved field is not zero";
    }
    if (list->count > CXL_FABRIC_EXTENTS ||
        len != CXL_FABRIC_LIST + list->count * CXL_FABRIC_EXTENT) {
        return "a list is not as long as its count says";
    }
    for (uint32_t i = 0; !bad && i < list->count; i++) {
        bad = get_extent(p + CXL_FABRIC_LIST + i * CXL_FABRIC_EXTENT,
                         &s->extents[i]);
    }
    return bad;
}

static const char *get_region(const uint8_t *p, CxlFabricRegion *r)
{
    *r = (CxlFabricRegion) {
        .base = ldq_le_p(p), .len = ldq_le_p(p + 8),
        .block_size = ldq_le_p(p + 16), .offset = ldq_le_p(p + 24),
        .flags = ldl_le_p(p + 32),
    };
    if (!r->len || r->len - 1 > UINT64_MAX - r->base ||
        r->len - 1 > UINT64_MAX - r->offset) {
        return "a region is empty or wraps";
    }
    if (!is_power_of_2(r->block_size) || r->block_size < 64 ||
        (r->base | r->len) % r->block_size) {
        return "a region does not consist of its blocks";
    }
    return r->flags & ~CXL_DC_REGION_FLAGS || !all_zero(p + 36, 4) ?
           "a reserved field is not zero" : NULL;
}

static const char *get_welcome(const uint8_t *p, uint32_t len,
                               CxlFabricWelcome *w)
{
    const char *bad = NULL;

    *w = (CxlFabricWelcome) {
        .size = ldq_le_p(p), .max_extents = ldl_le_p(p + 8),
        .max_tags = ldl_le_p(p + 12), .head = lduw_le_p(p + 16),
        .regions = lduw_le_p(p + 18),
    };
    if (w->regions > CXL_FABRIC_REGIONS ||
        len != WELCOME_SIZE + w->regions * REGION_SIZE) {
        return "there are not as many regions as the count says";
    }
    if (!all_zero(p + 20, 4)) {
        return "a reserved field is not zero";
    }
    for (unsigned i = 0; !bad && i < w->regions; i++) {
        const CxlFabricRegion *r = &w->region[i];

        bad = get_region(p + WELCOME_SIZE + i * REGION_SIZE, &w->region[i]) ?:
              r->offset > w->size || r->len > w->size - r->offset ?
              "a region lies outside of the memory" :
              i && r->base - r[-1].base < r[-1].len ?
              "regions overlap or are out of order" : NULL;
    }
    return bad;
}

static bool is_vppb(uint16_t vppb)
{
    return vppb && vppb <= CXL_FABRIC_VPPBS;
}

static const char *get_refusal(const uint8_t *p, uint32_t len,
                               CxlFabricRefusal *r)
{
    const char *text = (const char *)p + CODE_SIZE;

    r->vppb = lduw_le_p(p + 2);
    if (r->vppb && !is_vppb(r->vppb)) {
        return "there is no such virtual bridge";
    }
    len -= CODE_SIZE;
    if (!g_utf8_validate(text, len, NULL)) {
        return "a text is not UTF-8";
    }
    for (uint32_t i = 0; i < len; i++) {
        if (g_ascii_iscntrl(text[i])) {
            return "a text has control characters";
        }
    }
    r->code = lduw_le_p(p);
    memcpy(r->text, text, len);
    r->text[len] = 0;
    return NULL;
}

static const char *get_hello(const uint8_t *p, CxlFabricHello *h)
{
    memcpy(&h->id, p, sizeof(h->id));
    h->head = lduw_le_p(p + 16);
    h->holds = ldl_le_p(p + 20);
    return all_zero(p + 18, 2) ? NULL : "a reserved field is not zero";
}

static bool is_ld(uint16_t ld)
{
    return ld < CXL_FABRIC_LDS;
}

static const char *get_enter(const uint8_t *p, CxlFabricEnter *e)
{
    uint16_t seen = 0;

    memcpy(&e->id, p, sizeof(e->id));
    e->vcs = lduw_le_p(p + 16);
    e->vppbs = lduw_le_p(p + 18);
    memcpy(e->below, p + 20, sizeof(e->below));
    if (!is_vppb(e->vppbs)) {
        return "a host has too many virtual bridges, or none";
    }
    for (unsigned i = 0; i < CXL_FABRIC_VPPBS; i++) {
        uint8_t ld = e->below[i];

        if (ld == CXL_FABRIC_NO_LD) {
            continue;
        }
        if (i >= e->vppbs || !is_ld(ld) || seen >> ld & 1) {
            return "below a virtual bridge is what cannot be there";
        }
        seen |= 1u << ld;
    }
    return NULL;
}

static const char *get_below(const uint8_t *p, CxlFabricBelow *b)
{
    *b = (CxlFabricBelow) {
        .number = ldl_le_p(p), .vppb = lduw_le_p(p + 4), .ld = lduw_le_p(p + 6),
    };
    return !is_vppb(b->vppb) ? "there is no such virtual bridge" :
           !is_ld(b->ld) && b->ld != CXL_FABRIC_NO_LD ?
           "there is no such logical device" : NULL;
}

static const char *get_bind(const uint8_t *p, CxlFabricBind *b)
{
    *b = (CxlFabricBind) {
        .number = ldl_le_p(p), .vppb = lduw_le_p(p + 4), .ld = lduw_le_p(p + 6),
        .offset = ldq_le_p(p + 8), .len = ldq_le_p(p + 16),
        .labels_offset = ldq_le_p(p + 24), .labels = ldq_le_p(p + 32),
        .serial = ldq_le_p(p + 40), .flags = ldl_le_p(p + 48),
    };
    if (!is_vppb(b->vppb) || !is_ld(b->ld)) {
        return "there is no such virtual bridge or logical device";
    }
    if (!b->len || b->len > UINT64_MAX - b->offset ||
        b->labels > UINT64_MAX - b->labels_offset) {
        return "a logical device is empty or wraps";
    }
    return b->flags & ~CXL_FABRIC_PERSISTENT || !all_zero(p + 52, 4) ?
           "a reserved field is not zero" : NULL;
}

static const char *get_unbind(const uint8_t *p, CxlFabricUnbind *u)
{
    *u = (CxlFabricUnbind) {
        .number = ldl_le_p(p), .vppb = lduw_le_p(p + 4),
        .option = lduw_le_p(p + 6),
    };
    return !is_vppb(u->vppb) ? "there is no such virtual bridge" :
           u->option != CXL_UNBIND_MANAGED && u->option != CXL_UNBIND_SURPRISE ?
           "there is no such way to unbind" : NULL;
}

static const char *get_part(const uint8_t *p, uint32_t len, CxlFabricPart *part)
{
    *part = (CxlFabricPart) {
        .vppb = lduw_le_p(p), .ld = lduw_le_p(p + 2),
        .total = ldl_le_p(p + 4), .at = ldl_le_p(p + 8),
        .len = len - PART_SIZE, .bytes = p + PART_SIZE,
    };
    if (!is_vppb(part->vppb) || !is_ld(part->ld)) {
        return "there is no such virtual bridge or logical device";
    }
    if (part->total > CXL_FABRIC_STATE_MAX) {
        return "the state of a logical device is too long";
    }
    if ((part->at && part->at >= part->total) ||
        part->at % CXL_FABRIC_PART_MAX ||
        part->len != MIN(CXL_FABRIC_PART_MAX, part->total - part->at)) {
        return "a part of a state is not as long as it says";
    }
    return all_zero(p + 12, 4) ? NULL : "a reserved field is not zero";
}

static const char *get_reply(const uint8_t *p, uint32_t len,
                             CxlFabricRelayed *r)
{
    *r = (CxlFabricRelayed) {
        .number = ldl_le_p(p), .vppb = lduw_le_p(p + 4),
        .len = len - REPLY_SIZE, .bytes = p + REPLY_SIZE,
    };
    return !is_vppb(r->vppb) ? "there is no such virtual bridge" :
           all_zero(p + 6, 2) ? NULL : "a reserved field is not zero";
}

static const char *get_relay(const uint8_t *p, uint32_t len,
                             CxlFabricRelayed *r)
{
    *r = (CxlFabricRelayed) {
        .number = ldl_le_p(p), .vppb = lduw_le_p(p + 4),
        .kind = lduw_le_p(p + 6), .room = ldl_le_p(p + 8),
        .len = len - RELAY_SIZE, .bytes = p + RELAY_SIZE,
    };
    return !is_vppb(r->vppb) ? "there is no such virtual bridge" :
           r->kind > CXL_FABRIC_FOR_REGISTERS ?
           "a command is for what no logical device has" :
           r->room < sizeof(CxlMessageHeader) ||
           r->room > CXL_FABRIC_RELAY_MAX ?
           "an answer can have no such length" :
           all_zero(p + 12, 4) ? NULL : "a reserved field is not zero";
}

static const char *get_switch(const uint8_t *p, const Kind *kind, uint32_t len,
                              CxlFabricMessage *m)
{
    switch (kind->shape) {
    case AN_ENTER:
        return get_enter(p, &m->enter);
    case A_BELOW:
        return get_below(p, &m->below);
    case AN_ENTERED:
        m->entered.size = ldq_le_p(p);
        m->entered.vcs = lduw_le_p(p + 8);
        return all_zero(p + 10, 6) ? NULL : "a reserved field is not zero";
    case A_BIND:
        return get_bind(p, &m->bind);
    case AN_UNBIND:
        return get_unbind(p, &m->unbind);
    case A_PART:
        return get_part(p, len, &m->part);
    case A_RELAY:
        return get_relay(p, len, &m->relayed);
    case A_REPLY:
        return get_reply(p, len, &m->relayed);
    default:
        return NULL;
    }
}

static const char *get_payload(CxlFabricStream *s, const Kind *kind,
                               uint32_t len, CxlFabricMessage *m)
{
    const uint8_t *p = s->bytes + CXL_FABRIC_HEADER;

    switch (kind->shape) {
    case A_HELLO:
        return get_hello(p, &m->hello);
    case A_NUMBER:
    case A_LIST:
        return get_list(s, p, len, &m->list) ?:
               kind->shape == A_NUMBER && m->list.flags ?
               "a reserved field is not zero" : NULL;
    case A_WELCOME:
        return get_welcome(p, len, &m->welcome);
    case A_REFUSAL:
        return get_refusal(p, len, &m->refusal);
    case A_RESULT:
        m->result.rc = lduw_le_p(p);
        return all_zero(p + 2, 2) ? NULL : "a reserved field is not zero";
    case AN_UPDATE:
        m->update.index = ldl_le_p(p);
        return m->update.index >= CXL_FABRIC_REGIONS ?
               "there is no such region" :
               !all_zero(p + 4, 4) ? "a reserved field is not zero" :
               get_region(p + 8, &m->update.region);
    default:
        return get_switch(p, kind, len, m);
    }
}

/* NULL, or what is wrong with the header. */
static const char *bad_header(const CxlFabricStream *s)
{
    const uint8_t *h = s->bytes;
    uint32_t len = ldl_le_p(h + 8);
    const Kind *kind = kind_of(h[5]);

    if (ldl_le_p(h) != CXL_FABRIC_MAGIC) {
        return "this is no message of a fabric";
    }
    if (h[4] != CXL_FABRIC_VERSION) {
        return "the protocol has another version";
    }
    if (!kind || kind->from_host != s->from_host) {
        return "no such message comes from this side";
    }
    if (!all_zero(h + 6, 2)) {
        return "a reserved field is not zero";
    }
    return len < kind->min || len > kind->max ?
           "a message has a length that it cannot have" : NULL;
}

void cxl_fabric_stream_init(CxlFabricStream *s, bool from_host)
{
    s->from_host = from_host;
    s->len = 0;
}

static uint32_t wanted(const CxlFabricStream *s)
{
    return s->len < CXL_FABRIC_HEADER ? CXL_FABRIC_HEADER :
           CXL_FABRIC_HEADER + ldl_le_p(s->bytes + 8);
}

uint8_t *cxl_fabric_stream_room(CxlFabricStream *s, uint32_t *max)
{
    *max = wanted(s) - s->len;
    return s->bytes + s->len;
}

CxlFabricVerdict cxl_fabric_stream_arrived(CxlFabricStream *s, uint32_t n,
                                           CxlFabricMessage *m,
                                           const char **why)
{
    bool had_header = s->len >= CXL_FABRIC_HEADER;

    assert(n <= wanted(s) - s->len);
    s->len += n;
    if (s->len < CXL_FABRIC_HEADER) {
        return CXL_FABRIC_WANTS_MORE;
    }
    *why = had_header ? NULL : bad_header(s);
    if (*why) {
        return CXL_FABRIC_BAD;
    }
    if (s->len < wanted(s)) {
        return CXL_FABRIC_WANTS_MORE;
    }
    m->type = s->bytes[5];
    m->seq = ldl_le_p(s->bytes + 12);
    *why = get_payload(s, kind_of(m->type), s->len - CXL_FABRIC_HEADER, m);
    s->len = 0;
    return *why ? CXL_FABRIC_BAD : CXL_FABRIC_WHOLE;
}

uint8_t cxl_fabric_stream_version(const CxlFabricStream *s)
{
    return s->bytes[4];
}
