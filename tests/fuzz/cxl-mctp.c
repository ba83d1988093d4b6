/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a manager sends down a socket: frames, packets, messages; and the
 * endpoint's answers.  The model knows which messages it has sent whole: those
 * are given back byte by byte, the others are not, and what is too long is
 * refused by name.
 *
 * Step: what[1] tag[1] length[2]; then as many bytes of noise, if it is that.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/mctp-endpoint.h"
#include "hw/cxl/core/mctp-serial.h"
#include "tests/fuzz/fuzz-target.h"

#define STEP      4
#define STEPS     64
#define PAYLOAD   1024
#define HEADER    ((uint32_t)sizeof(CxlMessageHeader))
/* Who the model asks as; noise may be anybody else. */
#define MANAGER   20

enum { WHOLE, LOST, SWAPPED, FLIPPED, CUT, NOISE, RAW, KINDS };

typedef struct Model {
    MctpSerial line;
    MctpEndpoint ep;
    uint8_t body[2 * PAYLOAD];  /* the message that is being sent */
    uint32_t len;
    bool expected;              /* is it to be answered? */
    unsigned answers;           /* to it */
    bool raw;                   /* what comes is not the model's */
} Model;

static uint32_t execute(void *opaque, const uint8_t *message, uint32_t len,
                        uint8_t *out, uint32_t out_max)
{
    const CxlMessageHeader *in = (const CxlMessageHeader *)message;

    g_assert_cmpuint(len, >=, HEADER);
    g_assert_cmpuint(len, <=, out_max);
    g_assert_cmpuint(in->category, ==, CXL_MESSAGE_REQUEST);
    memcpy(out, message, len);
    out[0] = CXL_MESSAGE_RESPONSE;
    return len;
}

static void judge(Model *m, const MctpMessage *reply)
{
    const CxlMessageHeader *h = (const CxlMessageHeader *)(reply->body + 1);

    if (m->raw || reply->dest != MANAGER) {
        return;
    }
    g_assert_true(m->expected);
    m->answers++;
    if (m->len > 1 + HEADER + PAYLOAD) {
        g_assert_cmpuint(reply->len, ==, 1 + HEADER);
        g_assert_cmphex(lduw_le_p(&h->rc), ==, CXL_RC_PAYLOAD_LENGTH);
        return;
    }
    g_assert_cmpuint(h->category, ==, CXL_MESSAGE_RESPONSE);
    g_assert_cmpmem(reply->body + 2, reply->len - 2, m->body + 2, m->len - 2);
}

static void drain(Model *m)
{
    uint8_t packet[MCTP_PACKET_MAX];
    MctpMessage reply;
    MctpAssembly in;
    MctpVerdict v = MCTP_COMPLETE;
    uint32_t n;

    mctp_assembly_init(&in, 1 + HEADER + PAYLOAD);
    while ((n = mctp_endpoint_next(&m->ep, packet))) {
        v = mctp_assembly_packet(&in, packet, n, &reply);
        if (v == MCTP_COMPLETE) {
            judge(m, &reply);
        } else {
            g_assert_cmpuint(v, ==, MCTP_TAKEN);
        }
    }
    g_assert_cmpuint(v, ==, MCTP_COMPLETE);
    mctp_assembly_destroy(&in);
}

static void bytes(Model *m, const uint8_t *data, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        uint32_t n = mctp_serial_byte(&m->line, data[i]);

        if (n && mctp_endpoint_packet(&m->ep, m->line.packet, n)) {
            drain(m);
        }
        g_assert_null(mctp_endpoint_wrong(&m->ep));
        g_assert_cmpuint(m->line.len, <=, MCTP_PACKET_MAX);
    }
}

static void frame(Model *m, const uint8_t *packet, uint32_t len, int kind)
{
    uint8_t out[MCTP_FRAME_MAX];
    uint32_t n = mctp_serial_frame(packet, len, out);

    if (kind == FLIPPED) {
        /* A bit of the packet's header or of the check sequence */
        out[len % 2 ? 5 : n - 2] ^= 0x40;
    }
    bytes(m, out, kind == CUT ? 4 : n);
}

/* Whatever has begun on the line is over. */
static void quiet(Model *m)
{
    static const uint8_t zeros[600];

    bytes(m, zeros, sizeof(zeros));
}

/* The message, with one packet of it treated as @kind says. */
static void send_packets(Model *m, uint8_t tag, int kind)
{
    MctpSplit s = { .body = m->body, .len = m->len, .source = MANAGER,
                    .tag = MCTP_TAG_OWNER | tag };
    uint32_t victim = m->len / MCTP_UNIT / 2, n;
    uint8_t packet[MCTP_PACKET_MAX], kept[MCTP_PACKET_MAX];
    uint32_t kept_len = 0;

    for (uint32_t i = 0; (n = mctp_split_next(&s, packet)); i++) {
        if (i != victim || kind == WHOLE) {
            frame(m, packet, n, WHOLE);
        } else if (kind == SWAPPED) {
            memcpy(kept, packet, n);
            kept_len = n;
        } else if (kind != LOST) {
            frame(m, packet, n, kind);
        }
        if (i == victim && kind == CUT) {
            /* The sender begins the packet again. */
            frame(m, packet, n, WHOLE);
        }
        if (i > victim && kept_len) {
            frame(m, kept, kept_len, WHOLE);
            kept_len = 0;
        }
    }
}

/*
 * A message of no known type takes the place of what an earlier one has left
 * unfinished with this tag: the rest of a damaged message would complete it.
 */
static void forget(Model *m, uint8_t tag)
{
    static const uint8_t unknown = 0x7f;
    MctpSplit s = { .body = &unknown, .len = 1, .source = MANAGER,
                    .tag = MCTP_TAG_OWNER | tag };
    uint8_t packet[MCTP_PACKET_MAX];
    uint32_t n = mctp_split_next(&s, packet);

    frame(m, packet, n, WHOLE);
}

static void message(Model *m, uint8_t tag, uint32_t payload, int kind)
{
    CxlMessageHeader *h = (CxlMessageHeader *)(m->body + 1);

    payload %= sizeof(m->body) - 1 - HEADER;
    m->len = 1 + HEADER + payload;
    for (uint32_t i = 1 + HEADER; i < m->len; i++) {
        m->body[i] = i * (tag + 1) + kind;
    }
    m->body[0] = MCTP_TYPE_FM_API;
    *h = (CxlMessageHeader) {
        .tag = tag, .command_set = 0x51,
        .length = { payload, payload >> 8, payload >> 16 },
    };
    m->answers = 0;
    m->expected = false;
    forget(m, tag % MCTP_TAGS);
    m->expected = kind == WHOLE || kind == CUT;
    send_packets(m, tag % MCTP_TAGS, kind);
    g_assert_cmpuint(m->answers, ==, m->expected);
    m->expected = false;
}

/*
 * Bytes without flags are never a frame.  With them they may be anything, even
 * a message of the manager's that nobody judges.
 */
static void noise(Model *m, const uint8_t *data, uint32_t len, int kind)
{
    m->raw = kind == RAW;
    for (uint32_t i = 0; i < len; i++) {
        uint8_t byte = data[i];

        if (kind == NOISE && byte == MCTP_FRAME_FLAG) {
            byte = 0;
        }
        bytes(m, &byte, 1);
    }
    if (kind == RAW) {
        quiet(m);
    }
    m->raw = false;
}

/* A packet as it comes, from somebody who is not the manager */
static void packet(Model *m, const uint8_t *data, uint32_t len)
{
    uint8_t copy[MCTP_PACKET_MAX];

    len = MIN(len, sizeof(copy));
    if (!len) {
        return;
    }
    memcpy(copy, data, len);
    if (len > 2 && copy[2] == MANAGER) {
        copy[2]++;
    }
    /* It may set our id; the model calls by none. */
    frame(m, copy, len, WHOLE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree Model *m = g_new0(Model, 1);
    size_t at = 0;

    mctp_serial_init(&m->line);
    mctp_endpoint_init(&m->ep, PAYLOAD, execute, NULL);
    for (unsigned i = 0; i < STEPS && at + STEP <= size; i++) {
        const uint8_t *p = data + at;
        uint32_t len = lduw_le_p(p + 2);
        int kind = p[0] % (KINDS + 1);

        at += STEP;
        if (kind == NOISE || kind == RAW) {
            len = MIN(len, size - at);
            noise(m, data + at, len, kind);
            at += len;
        } else if (kind == KINDS) {
            len = MIN(len % 256, size - at);
            packet(m, data + at, len);
            at += len;
        } else {
            message(m, p[1], len, kind);
        }
    }
    mctp_endpoint_destroy(&m->ep);
    return 0;
}
