/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/mctp-endpoint: control messages and their refusals, who is
 * addressed, which commands never reach the interface and what they are told.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/mctp-endpoint.h"

#define PAYLOAD 512

/* The interface gives back what it got, as a response; or does not answer. */
typedef struct Interface {
    unsigned executed;
    bool silent;
} Interface;

static uint32_t execute(void *opaque, const uint8_t *message, uint32_t len,
                        uint8_t *out, uint32_t out_max)
{
    Interface *i = opaque;

    g_assert_cmpuint(len, <=, out_max);
    i->executed++;
    memcpy(out, message, len);
    out[0] = CXL_MESSAGE_RESPONSE;
    return i->silent ? 0 : len;
}

typedef struct Rig {
    Interface interface;
    MctpEndpoint ep;
    uint8_t dest, tag;
    uint8_t reply[1 + 12 + PAYLOAD];
    uint32_t len;
    uint8_t from;       /* who answered */
} Rig;

static void rig_init(Rig *r)
{
    *r = (Rig) { .tag = MCTP_TAG_OWNER | 5 };
    mctp_endpoint_init(&r->ep, PAYLOAD, execute, &r->interface);
}

/* A message, in packets; false if nobody answers it. */
static bool ask(Rig *r, const void *body, uint32_t len)
{
    MctpSplit s = { .body = body, .len = len, .dest = r->dest, .source = 20,
                    .tag = r->tag };
    uint8_t packet[MCTP_PACKET_MAX];
    bool answered = false;
    MctpAssembly a;
    MctpMessage m;
    uint32_t n;

    while ((n = mctp_split_next(&s, packet))) {
        g_assert_false(answered);
        answered = mctp_endpoint_packet(&r->ep, packet, n);
        g_assert_null(mctp_endpoint_wrong(&r->ep));
    }
    mctp_assembly_init(&a, sizeof(r->reply));
    while ((n = mctp_endpoint_next(&r->ep, packet))) {
        g_assert_null(mctp_endpoint_wrong(&r->ep));
        if (mctp_assembly_packet(&a, packet, n, &m) == MCTP_COMPLETE) {
            g_assert_cmpuint(m.dest, ==, 20);
            g_assert_cmpuint(m.tag, ==, r->tag & ~MCTP_TAG_OWNER);
            r->from = m.source;
            r->len = m.len;
            memcpy(r->reply, m.body, m.len);
        }
    }
    mctp_assembly_destroy(&a);
    return answered;
}

static void control_ok(Rig *r, const void *in, uint32_t len,
                       const void *want, uint32_t want_len)
{
    g_assert_true(ask(r, in, len));
    g_assert_cmpmem(r->reply, r->len, want, want_len);
}
#define CONTROL(r, in, want) control_ok(r, in, sizeof(in), want, sizeof(want))

static void test_control(void)
{
    static const uint8_t get_eid[] = { 0, 0x9f, 2 };
    static const uint8_t no_eid[] = { 0, 0x1f, 2, 0, 0, 0, 0 };
    static const uint8_t set_eid[] = { 0, 0x81, 1, 0, 33 };
    static const uint8_t was_set[] = { 0, 0x01, 1, 0, 0, 33, 0 };
    static const uint8_t an_eid[] = { 0, 0x1f, 2, 0, 33, 0, 0 };
    static const uint8_t types[] = { 0, 0x80, 5 };
    static const uint8_t two_types[] = { 0, 0, 5, 0, 2, 7, 8 };
    static const uint8_t base[] = { 0, 0x80, 4, 0xff };
    static const uint8_t is_base[] = { 0, 0, 4, 0, 1, 0xf1, 0xf3, 0xf1, 0 };
    static const uint8_t cci[] = { 0, 0x80, 4, 8 };
    static const uint8_t is_cci[] = { 0, 0, 4, 0, 1, 0xf1, 0xf0, 0xf0, 0 };
    Rig r;

    rig_init(&r);
    CONTROL(&r, get_eid, no_eid);
    CONTROL(&r, set_eid, was_set);
    CONTROL(&r, get_eid, an_eid);
    CONTROL(&r, types, two_types);
    CONTROL(&r, base, is_base);
    CONTROL(&r, cci, is_cci);
    g_assert_cmpuint(r.interface.executed, ==, 0);
    mctp_endpoint_destroy(&r.ep);
}

static void test_control_refusals(void)
{
    static const struct { uint8_t in[6]; uint8_t len, code; } cases[] = {
        { { 0, 0x80, 3 }, 3, MCTP_NO_COMMAND },
        { { 0, 0x80, 0 }, 3, MCTP_NO_COMMAND },
        { { 0, 0x80, 2, 0 }, 4, MCTP_BAD_LENGTH },
        { { 0, 0x80, 1, 0 }, 4, MCTP_BAD_LENGTH },
        { { 0, 0x80, 4 }, 3, MCTP_BAD_LENGTH },
        { { 0, 0x80, 1, 0, 0 }, 5, MCTP_BAD_DATA },
        { { 0, 0x80, 1, 0, 7 }, 5, MCTP_BAD_DATA },
        { { 0, 0x80, 1, 0, 255 }, 5, MCTP_BAD_DATA },
        { { 0, 0x80, 1, 2, 33 }, 5, MCTP_BAD_DATA },
        { { 0, 0x80, 1, 3, 33 }, 5, MCTP_BAD_DATA },
        { { 0, 0x80, 4, 9 }, 4, MCTP_NO_TYPE },
    };
    static const uint8_t response[] = { 0, 0, 2 };
    static const uint8_t datagram[] = { 0, 0xc0, 2 };
    Rig r;

    rig_init(&r);
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        g_assert_true(ask(&r, cases[i].in, cases[i].len));
        g_assert_cmpuint(r.len, ==, 4);
        g_assert_cmphex(r.reply[3], ==, cases[i].code);
    }
    g_assert_cmpuint(r.ep.eid, ==, 0);
    for (uint32_t len = 1; len < 3; len++) {
        g_assert_false(ask(&r, "\0\x80", len));
    }
    g_assert_false(ask(&r, response, sizeof(response)));
    g_assert_false(ask(&r, datagram, sizeof(datagram)));
    mctp_endpoint_destroy(&r.ep);
}

/* A command of @len bytes of payload, which says @claimed. */
static bool command(Rig *r, uint8_t type, uint16_t opcode, uint32_t len,
                    uint32_t claimed)
{
    g_autofree uint8_t *body = g_malloc0(1 + 12 + len);
    CxlMessageHeader *h = (CxlMessageHeader *)(body + 1);

    body[0] = type;
    h->tag = 0x77;
    h->command = opcode;
    h->command_set = opcode >> 8;
    h->length[0] = claimed;
    h->length[1] = claimed >> 8;
    h->length[2] = claimed >> 16;
    memset(body + 13, 0xa5, len);
    return ask(r, body, 13 + len);
}

static uint16_t rc(const Rig *r)
{
    const CxlMessageHeader *h = (const CxlMessageHeader *)(r->reply + 1);

    g_assert_cmpuint(h->category, ==, CXL_MESSAGE_RESPONSE);
    g_assert_cmpuint(h->tag, ==, 0x77);
    return lduw_le_p(&h->rc);
}

static void test_commands(void)
{
    Rig r;

    rig_init(&r);
    for (uint32_t len = 0; len <= PAYLOAD; len++) {
        g_assert_true(command(&r, MCTP_TYPE_FM_API, 0x5100, len, len));
        g_assert_cmpuint(r.len, ==, 13 + len);
        g_assert_cmpuint(r.reply[0], ==, MCTP_TYPE_FM_API);
    }
    g_assert_true(command(&r, MCTP_TYPE_CCI, 0x0001, 0, 0));
    g_assert_cmpuint(r.reply[0], ==, MCTP_TYPE_CCI);
    g_assert_cmpuint(r.interface.executed, ==, PAYLOAD + 2);
    g_assert_cmpuint(r.ep.requests, ==, PAYLOAD + 2);
    mctp_endpoint_destroy(&r.ep);
}

static void test_command_refusals(void)
{
    Rig r;

    rig_init(&r);
    g_assert_true(command(&r, MCTP_TYPE_FM_API, 1, 4, 5));
    g_assert_cmphex(rc(&r), ==, CXL_RC_PAYLOAD_LENGTH);
    g_assert_true(command(&r, MCTP_TYPE_FM_API, 1, 4, 0xfffff));
    g_assert_cmphex(rc(&r), ==, CXL_RC_PAYLOAD_LENGTH);
    g_assert_true(command(&r, MCTP_TYPE_FM_API, 1, PAYLOAD + 1, PAYLOAD + 1));
    g_assert_cmphex(rc(&r), ==, CXL_RC_PAYLOAD_LENGTH);
    g_assert_true(command(&r, MCTP_TYPE_FM_API, 1, 70000, 70000));
    g_assert_cmphex(rc(&r), ==, CXL_RC_PAYLOAD_LENGTH);
    g_assert_true(command(&r, MCTP_TYPE_CCI, 0x5100, 0, 0));
    g_assert_cmphex(rc(&r), ==, CXL_RC_UNSUPPORTED_MAILBOX);
    g_assert_cmpuint(r.len, ==, 13);
    g_assert_cmpuint(r.interface.executed, ==, 0);
    mctp_endpoint_destroy(&r.ep);
}

static void test_unanswered(void)
{
    uint8_t body[13] = { MCTP_TYPE_FM_API };
    Rig r;

    rig_init(&r);
    for (uint32_t len = 1; len < sizeof(body); len++) {
        g_assert_false(ask(&r, body, len));
    }
    body[1] = CXL_MESSAGE_RESPONSE;
    g_assert_false(ask(&r, body, sizeof(body)));
    body[1] = CXL_MESSAGE_REQUEST;
    body[0] = 5;
    g_assert_false(ask(&r, body, sizeof(body)));
    body[0] = MCTP_TYPE_FM_API | MCTP_TYPE_CHECKED;
    g_assert_false(ask(&r, body, sizeof(body)));
    body[0] = MCTP_TYPE_FM_API;
    r.tag = 5; /* an answer to what nobody has asked */
    g_assert_false(ask(&r, body, sizeof(body)));
    r.tag |= MCTP_TAG_OWNER;
    g_assert_cmpuint(r.interface.executed, ==, 0);
    g_assert_cmpuint(r.ep.dropped, ==, 16);
    r.interface.silent = true;
    g_assert_false(ask(&r, body, sizeof(body)));
    r.interface.silent = false;
    g_assert_true(ask(&r, body, sizeof(body)));
    mctp_endpoint_destroy(&r.ep);
}

static void test_addresses(void)
{
    static const uint8_t set_eid[] = { 0, 0x80, 1, 0, 33 };
    Rig r;

    rig_init(&r);
    /* Nobody has given it an id: it answers to any, by that name. */
    r.dest = 77;
    g_assert_true(command(&r, MCTP_TYPE_FM_API, 1, 0, 0));
    g_assert_cmpuint(r.from, ==, 77);
    r.dest = MCTP_EID_BROADCAST;
    g_assert_false(command(&r, MCTP_TYPE_FM_API, 1, 0, 0));
    g_assert_true(ask(&r, set_eid, sizeof(set_eid)));
    g_assert_cmpuint(r.from, ==, 0);
    g_assert_cmpuint(r.ep.eid, ==, 33);
    r.dest = 77;
    g_assert_false(command(&r, MCTP_TYPE_FM_API, 1, 0, 0));
    r.dest = 33;
    g_assert_true(command(&r, MCTP_TYPE_FM_API, 1, 0, 0));
    g_assert_cmpuint(r.from, ==, 33);
    r.dest = MCTP_EID_NULL;
    g_assert_true(command(&r, MCTP_TYPE_FM_API, 1, 0, 0));
    g_assert_cmpuint(r.from, ==, 33);
    mctp_endpoint_destroy(&r.ep);
}

/* Goes to who gave the last command, once, with all that has happened. */
static void test_notification(void)
{
    static const uint8_t want[] = {
        1, 20, 0, 0xc8, MCTP_TYPE_FM_API, 0, 0, 0, 6, 1, 2, 0, 0, 0, 0, 0, 0,
        5, 0x80
    };
    uint8_t packet[MCTP_PACKET_MAX];
    uint32_t n;
    Rig r;

    rig_init(&r);
    g_assert_true(command(&r, MCTP_TYPE_FM_API, 0x0105, 0, 0));
    g_assert_false(mctp_endpoint_announce(&r.ep));
    mctp_endpoint_notify(&r.ep, 0x8001);
    mctp_endpoint_notify(&r.ep, 0x0004);
    g_assert_true(mctp_endpoint_announce(&r.ep));
    g_assert_null(mctp_endpoint_wrong(&r.ep));
    n = mctp_endpoint_next(&r.ep, packet);
    g_assert_cmpmem(packet, n, want, sizeof(want));
    g_assert_cmpuint(mctp_endpoint_next(&r.ep, packet), ==, 0);
    g_assert_false(mctp_endpoint_announce(&r.ep));
    r.ep.out.at = r.ep.out.len + 1;
    g_assert_cmpstr(mctp_endpoint_wrong(&r.ep), ==,
                    "the answer is longer than its room");
    mctp_endpoint_destroy(&r.ep);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/mctp-endpoint/control", test_control);
    g_test_add_func("/cxl/mctp-endpoint/control-refusals",
                    test_control_refusals);
    g_test_add_func("/cxl/mctp-endpoint/commands", test_commands);
    g_test_add_func("/cxl/mctp-endpoint/command-refusals",
                    test_command_refusals);
    g_test_add_func("/cxl/mctp-endpoint/unanswered", test_unanswered);
    g_test_add_func("/cxl/mctp-endpoint/addresses", test_addresses);
    g_test_add_func("/cxl/mctp-endpoint/notification", test_notification);
    return g_test_run();
}
