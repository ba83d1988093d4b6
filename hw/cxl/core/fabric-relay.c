/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands for logical devices that are in machines; see fabric-relay.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/fabric-link.h"
#include "hw/cxl/core/fabric-relay.h"
#include "hw/cxl/core/message.h"

#define HEADER  sizeof(CxlMessageHeader)
#define FRAME   offsetof(CxlTunnelIn, message)

/*
 * The message within a tunnel to @id, and its length; NULL: it is none.  What
 * is wrong with one is said when it is executed.
 */
static const uint8_t *within(const uint8_t *message, uint32_t *len,
                             uint8_t *id)
{
    const CxlMessageHeader *h = (const CxlMessageHeader *)message;
    const CxlTunnelIn *in = (const CxlTunnelIn *)(h + 1);

    if (*len < HEADER + FRAME || h->category != CXL_MESSAGE_REQUEST ||
        (h->command_set << 8 | h->command) != CXL_OP_TUNNEL || in->target ||
        (size_t)lduw_le_p(&in->size) != *len - HEADER - FRAME) {
        return NULL;
    }
    *id = in->id;
    *len -= HEADER + FRAME;
    return message + HEADER + FRAME;
}

const uint8_t *cxl_fabric_relay_find(const uint8_t *message, uint8_t port,
                                     uint32_t *len, uint8_t *ld)
{
    uint8_t to = 0;

    message = within(message, len, &to);
    if (message && to == port) {
        message = within(message, len, ld);
        return *len >= HEADER && *len <= CXL_FABRIC_RELAY_MAX ? message : NULL;
    }
    return NULL;
}

void cxl_fabric_relay_ask(CxlFabricRelays *s, CxlFabricRelay *r, uint8_t ld,
                          unsigned vcs, unsigned vppb, const uint8_t *command,
                          uint32_t len)
{
    assert(r->step == CXL_FABRIC_RELAY_IDLE);
    *r = (CxlFabricRelay) {
        .step = CXL_FABRIC_RELAY_ASKED, .vcs = vcs, .vppb = vppb, .ld = ld,
        .number = ++s->count, .message = g_byte_array_new(), .next = s->first,
    };
    g_byte_array_append(r->message, command, len);
    s->first = r;
}

void cxl_fabric_relay_give_up(CxlFabricRelay *r)
{
    if (r->step == CXL_FABRIC_RELAY_ASKED) {
        r->step = CXL_FABRIC_RELAY_ANSWERED;
    }
}

void cxl_fabric_relay_end(CxlFabricRelays *s, CxlFabricRelay *r)
{
    for (CxlFabricRelay **p = &s->first; *p; p = &(*p)->next) {
        if (*p == r) {
            *p = r->next;
            break;
        }
    }
    g_clear_pointer(&r->message, g_byte_array_unref);
    g_clear_pointer(&r->reply, g_byte_array_unref);
    r->step = CXL_FABRIC_RELAY_IDLE;
}

void cxl_fabric_relay_fill(CxlFabricRelays *s, unsigned vcs,
                           CxlFabricLink *link)
{
    for (CxlFabricRelay *r = s->first; r; r = r->next) {
        CxlFabricMessage m = {
            .type = CXL_FABRIC_RELAY,
            .relayed = { .number = r->number, .vppb = r->vppb },
        };

        if (r->step != CXL_FABRIC_RELAY_ASKED || r->said || r->vcs != vcs ||
            link->out->len >= CXL_FABRIC_LINK_FULL) {
            continue;
        }
        m.relayed.len = r->message->len;
        m.relayed.bytes = r->message->data;
        m.seq = link->seq++;
        cxl_fabric_put(link->out, &m);
        r->said = true;
    }
}

/* One that comes late is of no use to anybody. */
void cxl_fabric_relay_take(CxlFabricRelays *s, unsigned vcs,
                           const CxlFabricRelayed *reply)
{
    for (CxlFabricRelay *r = s->first; r; r = r->next) {
        if (r->step == CXL_FABRIC_RELAY_ASKED && r->said && r->vcs == vcs &&
            r->number == reply->number) {
            r->step = CXL_FABRIC_RELAY_ANSWERED;
            r->reply = g_byte_array_new();
            if (reply->len) {
                g_byte_array_append(r->reply, reply->bytes, reply->len);
            }
        }
    }
}

void cxl_fabric_relay_lost(CxlFabricRelays *s, unsigned vcs)
{
    for (CxlFabricRelay *r = s->first; r; r = r->next) {
        if (r->vcs == vcs) {
            cxl_fabric_relay_give_up(r);
        }
    }
}

/* A machine may say anything. */
static bool is_answer(const CxlMessageHeader *in, const GByteArray *reply)
{
    const CxlMessageHeader *h = (const CxlMessageHeader *)reply->data;

    return reply->len >= HEADER && h->category == CXL_MESSAGE_RESPONSE &&
           h->tag == in->tag && h->command == in->command &&
           h->command_set == in->command_set &&
           cxl_message_length(h) == reply->len - HEADER;
}

bool cxl_fabric_relay_answer(void *opaque, uint8_t ld, const uint8_t *in,
                             uint32_t in_len, uint8_t *out, uint32_t out_max,
                             uint32_t *out_len)
{
    CxlFabricRelays *s = opaque;
    const CxlFabricRelay *r = s->now;

    if (!r || !r->reply || r->ld != ld || in_len < HEADER ||
        r->reply->len > out_max ||
        !is_answer((const CxlMessageHeader *)in, r->reply)) {
        return false;
    }
    memcpy(out, r->reply->data, r->reply->len);
    *out_len = r->reply->len;
    return true;
}
