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

void cxl_fabric_relay_begin(CxlFabricRelays *s, CxlFabricRelay *r,
                            const uint8_t *message, uint32_t len)
{
    assert(!s->message && (!r || r->step != CXL_FABRIC_RELAY_ASKED));
    s->now = r;
    s->message = message;
    s->message_len = len;
}

void cxl_fabric_relay_done(CxlFabricRelays *s)
{
    s->now = NULL;
    s->message = NULL;
}

/*
 * What @now was answered to the command for @ld, or NULL.  Who has not been
 * asked yet is asked, if there is somebody.
 */
static const GByteArray *answer_of(CxlFabricRelays *s, uint8_t ld,
                                   uint8_t kind, const uint8_t *command,
                                   uint32_t len, uint32_t room)
{
    CxlFabricRelay *r = s->now;
    unsigned vcs, vppb;

    if (r && r->step == CXL_FABRIC_RELAY_ANSWERED) {
        return r->ld == ld && r->kind == kind ? r->reply : NULL;
    }
    if (r && r->step == CXL_FABRIC_RELAY_IDLE && len >= HEADER &&
        len <= CXL_FABRIC_RELAY_MAX && s->where(s->opaque, ld, &vcs, &vppb)) {
        *r = (CxlFabricRelay) {
            .step = CXL_FABRIC_RELAY_ASKED, .vcs = vcs, .vppb = vppb,
            .ld = ld, .kind = kind, .room = MIN(room, CXL_FABRIC_RELAY_MAX),
            .number = ++s->count, .message = g_byte_array_new(),
            .next = s->first,
        };
        g_byte_array_append(r->message, command, len);
        s->first = r;
    }
    return NULL;
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
            .relayed = {
                .number = r->number, .vppb = r->vppb, .kind = r->kind,
                .room = r->room,
            },
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
static bool is_answer(const uint8_t *in, const GByteArray *reply)
{
    const CxlMessageHeader *asked = (const CxlMessageHeader *)in;
    const CxlMessageHeader *h = (const CxlMessageHeader *)reply->data;

    return reply->len >= HEADER && h->category == CXL_MESSAGE_RESPONSE &&
           h->tag == asked->tag && h->command == asked->command &&
           h->command_set == asked->command_set &&
           cxl_message_length(h) == reply->len - HEADER;
}

bool cxl_fabric_relay_answer(void *opaque, uint8_t ld, const uint8_t *in,
                             uint32_t in_len, uint8_t *out, uint32_t out_max,
                             uint32_t *out_len)
{
    const GByteArray *reply = answer_of(opaque, ld, CXL_FABRIC_FOR_DEVICE, in,
                                        in_len, out_max);

    if (!reply || reply->len > out_max || !is_answer(in, reply)) {
        return false;
    }
    memcpy(out, reply->data, reply->len);
    *out_len = reply->len;
    return true;
}

/*
 * The payload of @len bytes that the message being executed, a request for
 * registers, was answered; or NULL.
 */
static const uint8_t *registers(CxlFabricRelays *s, uint8_t ld, uint32_t len)
{
    const GByteArray *reply = answer_of(s, ld, CXL_FABRIC_FOR_REGISTERS,
                                        s->message, s->message_len,
                                        HEADER + len);

    return reply && reply->len == HEADER + len &&
           is_answer(s->message, reply) &&
           !lduw_le_p(&((const CxlMessageHeader *)reply->data)->rc) ?
           reply->data + HEADER : NULL;
}

/* All of a request is answered at once, a piece of it is looked up. */
bool cxl_fabric_relay_config(CxlFabricRelays *s, uint8_t ld,
                             uint16_t address G_GNUC_UNUSED, unsigned size,
                             bool is_write, uint32_t *data)
{
    const uint8_t *all = registers(s, ld, sizeof(uint32_t));

    if (all && !is_write) {
        *data = ldn_le_p(all, size);
    }
    return all;
}

bool cxl_fabric_relay_memory(CxlFabricRelays *s, uint8_t ld, uint64_t address,
                             unsigned size, bool is_write, uint64_t *data)
{
    const CxlLdMemoryIn *in = (const void *)(s->message + HEADER);
    uint32_t len = is_write ? 0 : lduw_le_p(&in->length);
    const uint8_t *all = registers(s, ld, sizeof(CxlLdMemoryOut) + len);
    const CxlLdMemoryOut *out = (const void *)all;

    if (all && !is_write) {
        *data = ldn_le_p(out->data + (address - ldq_le_p(&in->address)), size);
    }
    return all && (uint32_t)lduw_le_p(&out->length) == len;
}
