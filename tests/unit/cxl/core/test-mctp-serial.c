/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/mctp-serial: a frame as Linux writes it, packets of every byte
 * and length, each bit of a frame flipped, and the way back after noise.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/mctp-serial.h"

/* Feeds bytes; the length of the last packet that came out, and how many. */
static uint32_t feed(MctpSerial *s, const uint8_t *bytes, uint32_t len,
                     unsigned *packets)
{
    uint32_t last = 0, n;

    *packets = 0;
    for (uint32_t i = 0; i < len; i++) {
        n = mctp_serial_byte(s, bytes[i]);
        if (n) {
            last = n;
            ++*packets;
        }
    }
    return last;
}

/* "Get Endpoint ID", instance 0, to the null id from id 8 */
static void test_known_frame(void)
{
    static const uint8_t packet[] = { 1, 0, 8, 0xc8, 0, 0x80, 2 };
    static const uint8_t want[] = {
        0x7e, 1, 7, 1, 0, 8, 0xc8, 0, 0x80, 2, 0x2b, 0xc1, 0x7e
    };
    uint8_t frame[MCTP_FRAME_MAX];
    uint32_t len = mctp_serial_frame(packet, sizeof(packet), frame);

    g_assert_cmpmem(frame, len, want, sizeof(want));
}

static void test_every_byte_and_length(void)
{
    uint8_t packet[MCTP_PACKET_MAX], frame[MCTP_FRAME_MAX];
    unsigned packets;
    MctpSerial s;
    uint32_t n;

    mctp_serial_init(&s);
    for (unsigned len = 1; len <= MCTP_PACKET_MAX; len++) {
        for (unsigned i = 0; i < len; i++) {
            packet[i] = len + i;
        }
        n = mctp_serial_frame(packet, len, frame);
        n = feed(&s, frame, n, &packets);
        g_assert_cmpuint(packets, ==, 1);
        g_assert_cmpmem(s.packet, n, packet, len);
        g_assert_cmpuint(s.garbage, ==, 0);
    }
    /* Nothing but bytes that have to be escaped */
    memset(packet, MCTP_FRAME_FLAG, sizeof(packet));
    n = mctp_serial_frame(packet, sizeof(packet), frame);
    g_assert_cmpuint(n, ==, MCTP_FRAME_MAX);
    n = feed(&s, frame, n, &packets);
    g_assert_cmpmem(s.packet, n, packet, sizeof(packet));
}

static void test_every_flipped_bit(void)
{
    static const uint8_t packet[] = { 1, 0, 8, 0xc8, 0, 0x7d, 0x7e, 0x80 };
    uint8_t frame[MCTP_FRAME_MAX];
    uint32_t len = mctp_serial_frame(packet, sizeof(packet), frame);
    unsigned packets;
    MctpSerial s;

    for (uint32_t bit = 0; bit < 8 * len; bit++) {
        mctp_serial_init(&s);
        frame[bit / 8] ^= 1u << bit % 8;
        feed(&s, frame, len, &packets);
        g_assert_cmpuint(packets, ==, 0);
        g_assert_cmpuint(s.garbage, ==, len);
        frame[bit / 8] ^= 1u << bit % 8;
    }
}

/*
 * After any beginning of a frame that is cut off within the packet, and after
 * flags and other noise, the next frame is understood.
 */
static void test_finds_its_way_back(void)
{
    static const uint8_t packet[] = { 1, 0, 8, 0xc8, 0x7e, 5 };
    static const uint8_t noise[] = {
        1, 2, 0x7d, 0x7e, 0x7e, 0x7e, 9, 0x7d, 0x7e, 1, 0, 0xff
    };
    uint8_t frame[MCTP_FRAME_MAX];
    uint32_t len = mctp_serial_frame(packet, sizeof(packet), frame), n;
    unsigned packets;
    MctpSerial s;

    /* For the compiler, which would warn of what is written below. */
    assert(len > sizeof(packet) && len <= sizeof(frame));
    mctp_serial_init(&s);
    feed(&s, noise, sizeof(noise), &packets);
    g_assert_cmpuint(packets, ==, 0);
    g_assert_cmpuint(s.garbage, ==, sizeof(noise));
    for (uint32_t cut = 3; cut < len - 3; cut++) {
        feed(&s, frame, cut, &packets);
        g_assert_cmpuint(packets, ==, 0);
        n = feed(&s, frame, len, &packets);
        g_assert_cmpuint(packets, ==, 1);
        g_assert_cmpmem(s.packet, n, packet, sizeof(packet));
    }
    /* A wrong check sequence at the end; the flag begins the next frame. */
    frame[len - 2] ^= 1;
    feed(&s, frame, len, &packets);
    g_assert_cmpuint(packets, ==, 0);
    frame[len - 2] ^= 1;
    feed(&s, frame + 1, len - 1, &packets);
    g_assert_cmpuint(packets, ==, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/mctp-serial/known-frame", test_known_frame);
    g_test_add_func("/cxl/mctp-serial/every-byte-and-length",
                    test_every_byte_and_length);
    g_test_add_func("/cxl/mctp-serial/every-flipped-bit",
                    test_every_flipped_bit);
    g_test_add_func("/cxl/mctp-serial/finds-its-way-back",
                    test_finds_its_way_back);
    return g_test_run();
}
