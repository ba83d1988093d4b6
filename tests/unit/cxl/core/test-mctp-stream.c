/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/mctp-stream: commands arrive in pieces of any size, one is
 * answered before the next is looked at, answers leave in pieces, and noise
 * between frames changes nothing.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/mctp-stream.h"

#define PAYLOAD 512

static unsigned executed;

static uint32_t execute(void *opaque, const uint8_t *message, uint32_t len,
                        uint8_t *out, uint32_t out_max)
{
    executed++;
    memcpy(out, message, len);
    out[0] = CXL_MESSAGE_RESPONSE;
    return len;
}

/* Asks for its endpoint id, and is told that there is none. */
static const uint8_t question[] = { 0, 0x9f, 2 };
static const uint8_t answer[] = { 0, 0x1f, 2, 0, 0, 0, 0 };

static GByteArray *framed(const uint8_t *body, uint32_t len)
{
    MctpSplit s = {
        .body = body, .len = len, .source = 20, .tag = MCTP_TAG_OWNER | 5,
    };
    GByteArray *bytes = g_byte_array_new();
    uint8_t packet[MCTP_PACKET_MAX], frame[MCTP_FRAME_MAX];
    uint32_t n;

    while ((n = mctp_split_next(&s, packet))) {
        g_byte_array_append(bytes, frame,
                            mctp_serial_frame(packet, n, frame));
    }
    return bytes;
}

/* All that leaves now, @most bytes at a time, as the message that it is */
static void expect_answer(MctpStream *s, uint32_t most, const uint8_t *body,
                          uint32_t len)
{
    MctpSerial line;
    MctpAssembly a;
    MctpMessage m;
    const uint8_t *bytes;
    uint32_t n, left;
    bool complete = false;

    mctp_serial_init(&line);
    mctp_assembly_init(&a, 4096);
    while ((left = mctp_stream_next(s, &bytes))) {
        left = MIN(left, most);
        for (uint32_t i = 0; i < left; i++) {
            n = mctp_serial_byte(&line, bytes[i]);
            if (n && mctp_assembly_packet(&a, line.packet, n, &m) ==
                MCTP_COMPLETE) {
                g_assert_false(complete);
                complete = true;
                g_assert_cmpmem(m.body, m.len, body, len);
            }
        }
        mctp_stream_left(s, left);
    }
    g_assert_true(complete);
    g_assert_cmpuint(line.garbage, ==, 0);
    mctp_assembly_destroy(&a);
}

static void arrive(MctpStream *s, const uint8_t *bytes, uint32_t len)
{
    memcpy(s->in, bytes, len);
    mctp_stream_arrived(s, len);
    g_assert_cmpint(mctp_stream_more(s), ==, len > 0);
}

static void test_pieces(void)
{
    GByteArray *bytes = framed(question, sizeof(question));
    MctpStream s;

    for (uint32_t size = 1; size <= bytes->len; size++) {
        const uint8_t *none;

        mctp_stream_init(&s, PAYLOAD, execute, NULL);
        for (uint32_t at = 0; at < bytes->len; at += size) {
            uint32_t len = MIN(size, bytes->len - at);

            g_assert_cmpuint(mctp_stream_next(&s, &none), ==, 0);
            arrive(&s, bytes->data + at, len);
            g_assert_cmpint(mctp_stream_take(&s), ==, at + len == bytes->len);
            g_assert_false(mctp_stream_more(&s));
        }
        expect_answer(&s, size, answer, sizeof(answer));
        g_assert_null(mctp_endpoint_wrong(&s.ep));
        mctp_stream_destroy(&s);
    }
    g_byte_array_unref(bytes);
}

/* Several at once: each is looked at when the one before was answered. */
static void test_one_by_one(void)
{
    GByteArray *one = framed(question, sizeof(question));
    uint8_t many[MCTP_STREAM_IN];
    uint32_t count = sizeof(many) / one->len;
    MctpStream s;

    for (uint32_t i = 0; i < count; i++) {
        memcpy(many + i * one->len, one->data, one->len);
    }
    mctp_stream_init(&s, PAYLOAD, execute, NULL);
    arrive(&s, many, count * one->len);
    for (uint32_t i = 0; i < count; i++) {
        g_assert_true(mctp_stream_take(&s));
        g_assert_cmpint(mctp_stream_more(&s), ==, i + 1 < count);
        expect_answer(&s, UINT32_MAX, answer, sizeof(answer));
    }
    g_assert_false(mctp_stream_take(&s));
    g_assert_cmpuint(s.ep.requests, ==, count);
    arrive(&s, many, 0);
    g_assert_false(mctp_stream_take(&s));
    mctp_stream_destroy(&s);
    g_byte_array_unref(one);
}

static unsigned put_off;

static uint32_t execute_later(void *opaque, const uint8_t *message,
                              uint32_t len, uint8_t *out, uint32_t out_max)
{
    if (put_off) {
        put_off--;
        return MCTP_LATER;
    }
    return execute(opaque, message, len, out, out_max);
}

/* A command is put off twice: nothing overtakes it, and nothing is lost. */
static void test_later(void)
{
    uint8_t message[1 + sizeof(CxlMessageHeader)] = { 7 };
    uint8_t reply[sizeof(message)] = { 7, CXL_MESSAGE_RESPONSE };
    g_autoptr(GByteArray) bytes = framed(message, sizeof(message));
    g_autoptr(GByteArray) more = framed(message, sizeof(message));
    const uint8_t *none;
    MctpStream s;

    g_byte_array_append(bytes, more->data, more->len);
    mctp_stream_init(&s, PAYLOAD, execute_later, NULL);
    executed = 0;
    put_off = 2;
    arrive(&s, bytes->data, bytes->len);
    g_assert_false(mctp_stream_take(&s));
    g_assert_true(mctp_stream_waits(&s) && mctp_stream_more(&s));
    mctp_endpoint_notify(&s.ep, 1);
    g_assert_false(mctp_endpoint_announce(&s.ep));
    g_assert_false(mctp_stream_take(&s));
    g_assert_cmpuint(mctp_stream_next(&s, &none), ==, 0);
    g_assert_false(mctp_stream_again(&s));
    g_assert_true(mctp_stream_waits(&s));
    g_assert_true(mctp_stream_again(&s));
    g_assert_false(mctp_stream_waits(&s));
    g_assert_cmpuint(executed, ==, 1);
    expect_answer(&s, 5, reply, sizeof(reply));
    g_assert_true(mctp_stream_take(&s));
    expect_answer(&s, 5, reply, sizeof(reply));
    g_assert_cmpuint(s.ep.requests, ==, 2);
    g_assert_cmpuint(s.ep.dropped, ==, 0);
    g_assert_true(mctp_endpoint_announce(&s.ep));
    mctp_stream_destroy(&s);
}

/* An answer of many packets, as a command's may be, leaves as one message. */
static void test_long(void)
{
    uint8_t message[1 + sizeof(CxlMessageHeader) + 300] = { 7 };
    uint8_t reply[sizeof(message)];
    CxlMessageHeader *hdr = (CxlMessageHeader *)(message + 1);
    GByteArray *bytes;
    MctpStream s;
    unsigned answers = 0;

    memset(message + 1, 0, sizeof(message) - 1);
    memset(message + 1 + sizeof(*hdr), 0x7e, 300);
    hdr->length[0] = 300 & 0xff;
    hdr->length[1] = 300 >> 8;
    hdr->command_set = 0x51;
    memcpy(reply, message, sizeof(message));
    reply[1] = CXL_MESSAGE_RESPONSE;
    bytes = framed(message, sizeof(message));
    mctp_stream_init(&s, PAYLOAD, execute, NULL);
    executed = 0;
    for (uint32_t at = 0; at < bytes->len; at += MCTP_STREAM_IN) {
        arrive(&s, bytes->data + at, MIN(MCTP_STREAM_IN, bytes->len - at));
        answers += mctp_stream_take(&s);
    }
    g_assert_cmpuint(answers, ==, 1);
    g_assert_cmpuint(executed, ==, 1);
    expect_answer(&s, 100, reply, sizeof(reply));
    mctp_stream_destroy(&s);
    g_byte_array_unref(bytes);
}

static void test_noise(void)
{
    GByteArray *bytes = framed(question, sizeof(question));
    uint8_t noise[MCTP_STREAM_IN];
    MctpStream s;

    memset(noise, 0x55, sizeof(noise));
    mctp_stream_init(&s, PAYLOAD, execute, NULL);
    for (unsigned i = 0; i < 4; i++) {
        arrive(&s, noise, sizeof(noise));
        g_assert_false(mctp_stream_take(&s));
    }
    g_assert_cmpuint(s.line.garbage, ==, 4 * sizeof(noise));
    arrive(&s, bytes->data, bytes->len);
    g_assert_true(mctp_stream_take(&s));
    g_assert_cmpuint(s.line.garbage, ==, 0);
    expect_answer(&s, 1, answer, sizeof(answer));
    mctp_stream_destroy(&s);
    g_byte_array_unref(bytes);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/mctp-stream/pieces", test_pieces);
    g_test_add_func("/cxl/mctp-stream/one-by-one", test_one_by_one);
    g_test_add_func("/cxl/mctp-stream/later", test_later);
    g_test_add_func("/cxl/mctp-stream/long", test_long);
    g_test_add_func("/cxl/mctp-stream/noise", test_noise);
    return g_test_run();
}
