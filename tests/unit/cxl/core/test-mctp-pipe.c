/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/mctp-pipe: packets of USB are frames of a stream and back, one
 * leaves before the next is taken, and nothing of one connection is left for
 * another.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/mctp-pipe.h"

static const uint8_t packet[] = { 1, 0, 20, 0xcd, 0, 0x9f, 2 };

static uint32_t put(uint8_t *to, const uint8_t *bytes, uint32_t len)
{
    to[0] = 0x1a;
    to[1] = 0xb4;
    to[2] = 0;
    to[3] = 4 + len;
    memcpy(to + 4, bytes, len);
    return 4 + len;
}

static void rig(MctpUsb *u, MctpPipe *p)
{
    mctp_pipe_init(p);
    mctp_usb_init(u, &mctp_pipe_behind, p);
    mctp_pipe_connect(p, true);
}

static void test_to_stream(void)
{
    uint8_t transfer[512], want[MCTP_FRAME_MAX];
    uint32_t frame = mctp_serial_frame(packet, sizeof(packet), want);
    const uint8_t *bytes;
    MctpPipe p;
    MctpUsb u;
    uint32_t n;

    rig(&u, &p);
    n = put(transfer, packet, sizeof(packet));
    n += put(transfer + n, packet, sizeof(packet));
    mctp_usb_write(&u, transfer, n);
    mctp_usb_go_on(&u);
    for (unsigned i = 0; i < 2; i++) {
        g_assert_true(mctp_usb_may_write(&u) == !!i);
        g_assert_cmpuint(mctp_pipe_next(&p, &bytes), ==, frame);
        g_assert_cmpmem(bytes, frame, want, frame);
        mctp_pipe_left(&p, 3);
        g_assert_true(mctp_usb_may_write(&u) == !!i);
        g_assert_cmpuint(mctp_pipe_next(&p, &bytes), ==, frame - 3);
        mctp_pipe_left(&p, frame - 3);
        mctp_usb_go_on(&u);
        g_assert_null(mctp_pipe_wrong(&p));
        g_assert_true(mctp_usb_may_write(&u));
    }
    g_assert_cmpuint(mctp_pipe_next(&p, &bytes), ==, 0);
}

/* In pieces of each size; the room is for what was not looked at. */
static void test_from_stream(void)
{
    uint8_t bytes[8 * MCTP_FRAME_MAX], in[512];
    uint32_t len = 0;

    for (unsigned i = 0; i < 8; i++) {
        len += mctp_serial_frame(packet, sizeof(packet), bytes + len);
    }
    for (uint32_t piece = 1; piece <= len; piece++) {
        uint32_t got = 0;
        MctpPipe p;
        MctpUsb u;

        rig(&u, &p);
        for (uint32_t at = 0; at < len; at += piece) {
            mctp_pipe_arrived(&p, bytes + at, MIN(piece, len - at));
            g_assert_null(mctp_pipe_wrong(&p));
            got += mctp_usb_read(&u, in + got, sizeof(in) - got);
        }
        g_assert_cmpuint(got, ==, 8 * (4 + sizeof(packet)));
        g_assert_cmpmem(in + got - sizeof(packet), sizeof(packet), packet,
                        sizeof(packet));
        g_assert_cmpuint(mctp_pipe_room(&p), ==, MCTP_PIPE_IN);
    }
}

static void test_bounded(void)
{
    static const uint8_t noise[MCTP_PIPE_IN];
    MctpPipe p;
    MctpUsb u;

    rig(&u, &p);
    mctp_pipe_arrived(&p, noise, 1000);
    g_assert_cmpuint(mctp_pipe_room(&p), ==, MCTP_PIPE_IN - 1000);
    mctp_pipe_arrived(&p, noise, mctp_pipe_room(&p));
    g_assert_cmpuint(mctp_pipe_room(&p), ==, 0);
    g_assert_false(mctp_usb_may_read(&u));
    g_assert_cmpuint(mctp_pipe_room(&p), ==, MCTP_PIPE_IN);
    g_assert_cmpuint(p.line.garbage, ==, MCTP_PIPE_IN);
}

/* 251 bytes are the longest that USB has room for. */
static void test_too_long(void)
{
    uint8_t big[MCTP_PACKET_MAX] = { 1, 0, 20, 0xcd }, frame[MCTP_FRAME_MAX];
    uint8_t in[512];

    for (uint32_t len = 250; len <= MCTP_PACKET_MAX; len++) {
        uint32_t n = mctp_serial_frame(big, len, frame);
        MctpPipe p;
        MctpUsb u;

        rig(&u, &p);
        mctp_pipe_arrived(&p, frame, n);
        g_assert_cmpuint(mctp_usb_read(&u, in, sizeof(in)), ==,
                         len <= 251 ? len + 4 : 0);
        g_assert_cmpuint(p.dropped, ==, len > 251);
    }
}

static void test_connections(void)
{
    uint8_t transfer[64], frame[MCTP_FRAME_MAX], in[512];
    uint32_t n = put(transfer, packet, sizeof(packet));
    uint32_t len = mctp_serial_frame(packet, sizeof(packet), frame);
    const uint8_t *bytes;
    MctpPipe p;
    MctpUsb u;

    rig(&u, &p);
    mctp_usb_write(&u, transfer, n);
    mctp_usb_go_on(&u);
    mctp_pipe_arrived(&p, frame, len - 1);
    mctp_pipe_connect(&p, false);
    g_assert_cmpuint(mctp_pipe_next(&p, &bytes), ==, 0);
    /* Nobody is there: it is lost, and the host does not wait. */
    mctp_usb_write(&u, transfer, n);
    mctp_usb_go_on(&u);
    g_assert_true(mctp_usb_may_write(&u));
    g_assert_cmpuint(p.dropped, ==, 1);
    mctp_pipe_connect(&p, true);
    mctp_pipe_arrived(&p, frame + len - 1, 1);
    g_assert_cmpuint(mctp_usb_read(&u, in, sizeof(in)), ==, 0);
    mctp_pipe_arrived(&p, frame, len);
    g_assert_cmpuint(mctp_usb_read(&u, in, sizeof(in)), ==, n);
    g_assert_cmpmem(in, n, transfer, n);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/mctp-pipe/to-stream", test_to_stream);
    g_test_add_func("/cxl/mctp-pipe/from-stream", test_from_stream);
    g_test_add_func("/cxl/mctp-pipe/bounded", test_bounded);
    g_test_add_func("/cxl/mctp-pipe/too-long", test_too_long);
    g_test_add_func("/cxl/mctp-pipe/connections", test_connections);
    return g_test_run();
}
