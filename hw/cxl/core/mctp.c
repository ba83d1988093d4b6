/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets of a message; see mctp.h.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/mctp.h"

#define HEADER ((uint32_t)sizeof(MctpHeader))
/* Bytes that a message gets at first; many are no longer */
#define FIRST_ROOM 256u

void mctp_assembly_init(MctpAssembly *a, uint32_t max)
{
    *a = (MctpAssembly) { .max = max };
}

void mctp_assembly_destroy(MctpAssembly *a)
{
    for (unsigned i = 0; i < MCTP_SLOTS; i++) {
        g_free(a->slots[i].body);
    }
    *a = (MctpAssembly) { };
}

void mctp_assembly_reset(MctpAssembly *a)
{
    for (unsigned i = 0; i < MCTP_SLOTS; i++) {
        a->slots[i].busy = false;
    }
}

static MctpSlot *find(MctpAssembly *a, const MctpHeader *h)
{
    for (unsigned i = 0; i < MCTP_SLOTS; i++) {
        MctpSlot *s = &a->slots[i];

        if (s->busy && s->source == h->source &&
            s->tag == (h->flags & MCTP_TAG_MASK)) {
            return s;
        }
    }
    return NULL;
}

/* The one with the same name, a free one, or the oldest, in this order. */
static MctpSlot *begin(MctpAssembly *a, const MctpHeader *h, uint32_t unit)
{
    MctpSlot *s = find(a, h);

    for (unsigned i = 0; !s && i < MCTP_SLOTS; i++) {
        s = a->slots[i].busy ? NULL : &a->slots[i];
    }
    if (!s) {
        s = &a->slots[0];
        for (unsigned i = 1; i < MCTP_SLOTS; i++) {
            s = a->slots[i].turn < s->turn ? &a->slots[i] : s;
        }
    }
    *s = (MctpSlot) {
        .busy = true, .source = h->source, .tag = h->flags & MCTP_TAG_MASK,
        .seq = h->flags >> MCTP_SEQ_SHIFT & MCTP_SEQ_MASK, .unit = unit,
        .turn = a->turns++, .room = s->room, .body = s->body,
    };
    return s;
}

static void append(MctpAssembly *a, MctpSlot *s, const uint8_t *bytes,
                   uint32_t len)
{
    uint32_t kept = MIN(s->len, a->max);
    uint32_t part = MIN(len, a->max - kept);

    if (kept + part > s->room) {
        s->room = MIN(a->max, MAX(FIRST_ROOM, 2 * (kept + part)));
        s->body = g_realloc(s->body, s->room);
    }
    if (part) {
        memcpy(s->body + kept, bytes, part);
    }
    /* The count saturates: nobody is told more than "too long". */
    s->len = MIN(s->len + len, UINT32_MAX / 2);
}

MctpVerdict mctp_assembly_packet(MctpAssembly *a, const uint8_t *packet,
                                 uint32_t len, MctpMessage *out)
{
    const MctpHeader *h = (const MctpHeader *)packet;
    bool last = len > HEADER && h->flags & MCTP_EOM;
    uint8_t seq;
    MctpSlot *s;

    if (len <= HEADER) {
        return MCTP_SHORT;
    }
    if ((h->version & MCTP_VERSION_MASK) != MCTP_VERSION) {
        return MCTP_OTHER_VERSION;
    }
    len -= HEADER;
    seq = h->flags >> MCTP_SEQ_SHIFT & MCTP_SEQ_MASK;
    s = h->flags & MCTP_SOM ? begin(a, h, len) : find(a, h);
    if (!s) {
        return MCTP_NO_START;
    }
    if (seq != s->seq || (last ? len > s->unit : len != s->unit)) {
        s->busy = false;
        return seq != s->seq ? MCTP_OUT_OF_ORDER : MCTP_UNEVEN;
    }
    s->seq = (seq + 1) & MCTP_SEQ_MASK;
    append(a, s, packet + HEADER, len);
    if (!last) {
        return MCTP_TAKEN;
    }
    s->busy = false;
    *out = (MctpMessage) {
        .dest = h->dest, .source = s->source, .tag = s->tag, .body = s->body,
        .len = s->len,
    };
    return MCTP_COMPLETE;
}

const char *mctp_assembly_wrong(const MctpAssembly *a)
{
    for (unsigned i = 0; i < MCTP_SLOTS; i++) {
        const MctpSlot *s = &a->slots[i];

        if (s->room > a->max || (s->room && !s->body)) {
            return "a message has more room than it may";
        }
        if (s->busy && (MIN(s->len, a->max) > s->room || !s->len)) {
            return "a message is longer than its room";
        }
        for (unsigned j = 0; s->busy && j < i; j++) {
            if (a->slots[j].busy && a->slots[j].source == s->source &&
                a->slots[j].tag == s->tag) {
                return "a message is there twice";
            }
        }
    }
    return NULL;
}

/* The oldest first, so that their order need not be said. */
void mctp_assembly_save(const MctpAssembly *a, SaveWriter *w)
{
    const MctpSlot *last = NULL;

    for (unsigned i = 0; i < MCTP_SLOTS; i++) {
        const MctpSlot *s = NULL;

        for (unsigned k = 0; k < MCTP_SLOTS; k++) {
            const MctpSlot *other = &a->slots[k];

            if (other->busy && (!last || other->turn > last->turn) &&
                (!s || other->turn < s->turn)) {
                s = other;
            }
        }
        save_put(w, s != NULL);
        if (!s) {
            return;
        }
        save_put(w, s->source);
        save_put(w, s->tag);
        save_put(w, s->seq);
        save_put(w, s->unit);
        save_put(w, s->len);
        save_put_blob(w, s->body, MIN(s->len, a->max));
        last = s;
    }
}

static void load_slot(MctpAssembly *a, MctpSlot *s, SaveReader *r)
{
    const uint8_t *body;
    size_t len;

    s->turn = a->turns++;
    SAVE_GET(r, s->source);
    SAVE_GET(r, s->tag);
    SAVE_GET(r, s->seq);
    SAVE_GET(r, s->unit);
    SAVE_GET(r, s->len);
    body = save_get_blob(r, "part of a message", a->max, &len);
    if (s->tag > MCTP_TAG_MASK || s->seq > MCTP_SEQ_MASK || !s->unit ||
        s->unit > MCTP_PACKET_MAX || !s->len || s->len > UINT32_MAX / 2 ||
        len != MIN(s->len, a->max)) {
        save_refuse(r, "part of a message");
        return;
    }
    s->room = len;
    s->body = g_realloc(s->body, len);
    memcpy(s->body, body, len);
    s->busy = true;
}

void mctp_assembly_load(MctpAssembly *a, SaveReader *r)
{
    const char *bad;

    mctp_assembly_reset(a);
    for (unsigned i = 0; i < MCTP_SLOTS; i++) {
        bool more;

        SAVE_GET(r, more);
        if (!more) {
            break;
        }
        load_slot(a, &a->slots[i], r);
    }
    bad = save_good(r) ? mctp_assembly_wrong(a) : NULL;
    if (bad) {
        save_refuse(r, bad);
    }
}

uint32_t mctp_split_next(MctpSplit *s, uint8_t *packet)
{
    uint32_t len = MIN(s->len - s->at, MCTP_UNIT);

    if (!len) {
        return 0;
    }
    *(MctpHeader *)packet = (MctpHeader) {
        .version = MCTP_VERSION, .dest = s->dest, .source = s->source,
        .flags = (s->at ? 0 : MCTP_SOM) |
                 (s->at + len == s->len ? MCTP_EOM : 0) |
                 s->seq << MCTP_SEQ_SHIFT | s->tag,
    };
    memcpy(packet + HEADER, s->body + s->at, len);
    s->at += len;
    s->seq = (s->seq + 1) & MCTP_SEQ_MASK;
    return HEADER + len;
}
