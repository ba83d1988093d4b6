/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A mailbox whose objects an SPDM responder answers that says anything, in
 * pieces: each answer goes to the oldest object that waits, what the mailbox
 * takes is a whole object, and a responder that is found out is forgotten.
 *
 * Step: op[1] and a number[1]; bytes of the responder follow where the op says
 * so, as many as the number.
 */
#include "qemu/osdep.h"
#include "hw/common/spdm-peer.h"
#include "tests/fuzz/fuzz-target.h"

typedef struct Model {
    Doe doe;
    SpdmPeer *peer;
    uint32_t asked, answered;   /* tickets, counted */
    uint32_t ticket[UINT8_MAX + 1];
} Model;

static void answer(void *opaque, uint32_t ticket, const uint32_t *object,
                   unsigned dwords)
{
    Model *m = opaque;

    g_assert_cmpuint(m->answered, <, m->asked);
    g_assert_cmpuint(ticket, ==, m->ticket[m->answered++ % 256]);
    g_assert_cmpuint(dwords, <=, DOE_DWORDS);
    g_assert_true(!dwords || DOE_OBJ_LEN(object[1]) == dwords);
    doe_answer(&m->doe, ticket, object, dwords);
}

static unsigned ask(void *opaque, const uint32_t *request, unsigned dwords,
                    uint32_t *response, unsigned max)
{
    Model *m = opaque;
    uint32_t ticket = doe_ticket(&m->doe);

    if (!spdm_peer_ask(m->peer, ticket, request, dwords)) {
        g_assert_cmpuint(m->asked - m->answered, ==, SPDM_PEER_WAITING);
        return 0;
    }
    m->ticket[m->asked++ % 256] = ticket;
    return DOE_LATER;
}

static void watch(void *opaque, bool on)
{
}

static void put_object(Model *m, uint8_t number)
{
    unsigned dwords = 2 + number % 8;

    doe_write(&m->doe, DOE_REG_WRITE, DOE_OBJ(1, 1 + (number >> 7)), 4);
    doe_write(&m->doe, DOE_REG_WRITE, dwords, 4);
    for (unsigned i = 2; i < dwords; i++) {
        doe_write(&m->doe, DOE_REG_WRITE, i, 4);
    }
    doe_write(&m->doe, DOE_REG_CTRL, DOE_CTRL_GO, 4);
}

static void take_object(Model *m)
{
    while (doe_read(&m->doe, DOE_REG_STATUS, 4) & DOE_STATUS_READY) {
        doe_write(&m->doe, DOE_REG_READ, 0, 4);
    }
}

static void say(Model *m, const uint8_t *bytes, size_t size)
{
    while (size) {
        uint32_t max;
        uint8_t *room = spdm_peer_room(m->peer, &max);
        uint32_t n = MIN(size, max);
        const char *why = NULL;

        g_assert_cmpuint(max, >, 0);
        memcpy(room, bytes, n);
        if (!spdm_peer_arrived(m->peer, n, &why)) {
            g_assert_nonnull(why);
            spdm_peer_lost(m->peer);
            g_assert_cmpuint(m->asked, ==, m->answered);
            return;
        }
        bytes += n;
        size -= n;
    }
}

static void step(Model *m, uint8_t op, uint8_t number, const uint8_t *bytes,
                 size_t size)
{
    const uint8_t *out;

    switch (op % 8) {
    case 0:
        put_object(m, number);
        break;
    case 1:
        take_object(m);
        break;
    case 2:
        doe_write(&m->doe, DOE_REG_CTRL, DOE_CTRL_ABORT, 4);
        break;
    case 3:
        doe_overdue(&m->doe);
        break;
    case 4:
        spdm_peer_left(m->peer, MIN(number, spdm_peer_next(m->peer, &out)));
        break;
    case 5:
        spdm_peer_lost(m->peer);
        break;
    default:
        say(m, bytes, size);
        break;
    }
    g_assert_null(doe_check(&m->doe));
    g_assert_null(spdm_peer_check(m->peer));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const DoeRow rows[] = { { 1, 1, ask }, { 1, 2, ask } };
    Model m = { .peer = NULL };

    m.peer = spdm_peer_new(answer, &m);
    doe_init(&m.doe, rows, G_N_ELEMENTS(rows), &m, NULL);
    doe_set_watch(&m.doe, watch);
    for (size_t at = 0; at + 2 <= size;) {
        uint8_t op = data[at], number = data[at + 1];
        size_t more = op % 8 > 5 ? MIN(number, size - at - 2) : 0;

        step(&m, op, number, data + at + 2, more);
        at += 2 + more;
    }
    spdm_peer_free(m.peer);
    return 0;
}
