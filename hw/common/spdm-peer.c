/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages to and from an SPDM responder; the contract is in spdm-peer.h.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/common/spdm-peer.h"

/* Nothing of it is saved: a responder of elsewhere is asked anew. */
QEMU_BUILD_BUG_ON(sizeof(SpdmPeer) != 6232 && sizeof(void *) == 8);

/* Offsets in the header */
#define COMMAND     0
#define TRANSPORT   4
#define LENGTH      8

/* PCIe r6.0 6.30.1: 18 bits of dwords, and 0 for one more */
#define LONGEST     (4u << 18)

SpdmPeer *spdm_peer_new(SpdmPeerAnswer *answer, void *opaque)
{
    SpdmPeer *p = g_new0(SpdmPeer, 1);

    p->answer = answer;
    p->opaque = opaque;
    p->out = g_byte_array_new();
    return p;
}

void spdm_peer_free(SpdmPeer *p)
{
    g_byte_array_unref(p->out);
    g_free(p);
}

static void put_header(SpdmPeer *p, uint32_t command, uint32_t len)
{
    uint8_t header[SPDM_PEER_HEADER];

    stl_be_p(header + COMMAND, command);
    stl_be_p(header + TRANSPORT, SPDM_PEER_PCI_DOE);
    stl_be_p(header + LENGTH, len);
    g_byte_array_append(p->out, header, sizeof(header));
}

bool spdm_peer_ask(SpdmPeer *p, uint32_t ticket, const uint32_t *object,
                   unsigned dwords)
{
    assert(dwords <= DOE_DWORDS);
    if (p->waiting == SPDM_PEER_WAITING) {
        return false;
    }
    p->ticket[p->waiting++] = ticket;
    put_header(p, SPDM_PEER_NORMAL, dwords * 4);
    for (unsigned i = 0; i < dwords; i++) {
        uint8_t bytes[4];

        stl_le_p(bytes, object[i]);
        g_byte_array_append(p->out, bytes, sizeof(bytes));
    }
    return true;
}

void spdm_peer_goodbye(SpdmPeer *p)
{
    put_header(p, SPDM_PEER_SHUTDOWN, 0);
}

/* Takes the oldest one that waits. */
static void answer(SpdmPeer *p, const uint32_t *object, unsigned dwords)
{
    uint32_t ticket = p->ticket[0];

    p->waiting--;
    memmove(p->ticket, p->ticket + 1, p->waiting * sizeof(*p->ticket));
    p->answer(p->opaque, ticket, object, dwords);
}

void spdm_peer_lost(SpdmPeer *p)
{
    g_byte_array_set_size(p->out, 0);
    p->have = 0;
    p->drop = 0;
    while (p->waiting) {
        answer(p, NULL, 0);
    }
}

uint32_t spdm_peer_next(const SpdmPeer *p, const uint8_t **bytes)
{
    *bytes = p->out->data;
    return p->out->len;
}

void spdm_peer_left(SpdmPeer *p, uint32_t bytes)
{
    g_byte_array_remove_range(p->out, 0, bytes);
}

/* Of the message that has begun; what its length says has been judged. */
static uint32_t whole(const SpdmPeer *p)
{
    return SPDM_PEER_HEADER + (p->have < SPDM_PEER_HEADER ? 0 :
                               ldl_be_p(p->in + LENGTH));
}

uint8_t *spdm_peer_room(SpdmPeer *p, uint32_t *max)
{
    *max = p->drop ? MIN(p->drop, sizeof(p->in)) : whole(p) - p->have;
    return p->in + p->have;
}

static const char *header_problem(const SpdmPeer *p)
{
    uint32_t command = ldl_be_p(p->in + COMMAND);
    uint32_t len = ldl_be_p(p->in + LENGTH);

    if (command == SPDM_PEER_SHUTDOWN) {
        return "it said goodbye";
    }
    if (command != SPDM_PEER_NORMAL && command != SPDM_PEER_UNKNOWN) {
        return "a command that is no answer";
    }
    if (ldl_be_p(p->in + TRANSPORT) != SPDM_PEER_PCI_DOE) {
        return "a transport that is not PCI DOE";
    }
    if (len > LONGEST || len % 4) {
        return "a length that no object has";
    }
    return p->waiting ? NULL : "an answer that nobody waits for";
}

static const char *object_problem(const uint32_t *object, unsigned dwords)
{
    if (dwords < DOE_HEADER_DWORDS || DOE_OBJ_LEN(object[1]) != dwords) {
        return "an object of another length than its message";
    }
    return NULL;
}

static bool take(SpdmPeer *p, const char **why)
{
    unsigned dwords = (p->have - SPDM_PEER_HEADER) / 4;
    uint32_t object[DOE_DWORDS];

    for (unsigned i = 0; i < dwords; i++) {
        object[i] = ldl_le_p(p->in + SPDM_PEER_HEADER + i * 4);
    }
    if (ldl_be_p(p->in + COMMAND) == SPDM_PEER_UNKNOWN) {
        dwords = 0;
    }
    *why = dwords ? object_problem(object, dwords) : NULL;
    if (*why) {
        return false;
    }
    p->have = 0;
    answer(p, object, dwords);
    return true;
}

/* False: it is none, and *@why says in what. */
static bool take_header(SpdmPeer *p, const char **why)
{
    *why = header_problem(p);
    if (*why) {
        p->have = 0;
    } else if (ldl_be_p(p->in + LENGTH) > DOE_DWORDS * 4) {
        p->drop = ldl_be_p(p->in + LENGTH);
        p->too_long = true;
        p->have = 0;
        answer(p, NULL, 0);
    }
    return !*why;
}

bool spdm_peer_arrived(SpdmPeer *p, uint32_t bytes, const char **why)
{
    bool had_header = p->have >= SPDM_PEER_HEADER;

    *why = NULL;
    if (p->drop) {
        p->drop -= bytes;
        return true;
    }
    p->have += bytes;
    if (!had_header && p->have == SPDM_PEER_HEADER &&
        !take_header(p, why)) {
        return false;
    }
    if (p->have < SPDM_PEER_HEADER || p->have < whole(p)) {
        return true;
    }
    return take(p, why);
}

const char *spdm_peer_check(const SpdmPeer *p)
{
    if (p->waiting > SPDM_PEER_WAITING) {
        return "more wait than may";
    }
    if (p->have > sizeof(p->in) || (p->have && p->have >= whole(p))) {
        return "a whole message that nobody has taken";
    }
    if (p->drop > LONGEST || (p->drop && p->have)) {
        return "a message within one that is dropped";
    }
    return NULL;
}
