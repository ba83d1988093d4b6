/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/mctp-usb: each packet of a transfer in its turn and when it can
 * be taken, and not on the stack of who brings it; what is no packet, transfers
 * as full as they can be, and a host with room for a part of one.
 */
#include "qemu/osdep.h"
#include "hw/common/save.h"
#include "hw/cxl/core/mctp-usb.h"

/* Takes @room packets, and has as many of @len bytes as there are lengths. */
typedef struct Behind {
    unsigned room, taken;
    uint8_t last[MCTP_PACKET_MAX];
    uint32_t last_len;
    const uint32_t *len;    /* up to 0 */
    uint8_t stamp;
} Behind;

static bool ready(void *opaque)
{
    return ((Behind *)opaque)->room;
}

static void take(void *opaque, const uint8_t *packet, uint32_t len)
{
    Behind *b = opaque;

    g_assert_cmpuint(b->room, >, 0);
    b->room--;
    b->taken++;
    memcpy(b->last, packet, len);
    b->last_len = len;
}

static uint32_t next(void *opaque, uint8_t *packet)
{
    Behind *b = opaque;

    if (!b->len || !*b->len) {
        return 0;
    }
    memset(packet, ++b->stamp, *b->len);
    return *b->len++;
}

static const MctpUsbBehind ops = { ready, take, next };

static void rig(MctpUsb *u, Behind *b, unsigned room)
{
    *b = (Behind) { .room = room };
    mctp_usb_init(u, &ops, b);
}

/* So many bytes behind an MCTP header, with all of them @fill */
static uint32_t put(uint8_t *to, unsigned bytes, uint8_t fill)
{
    to[0] = 0x1a;
    to[1] = 0xb4;
    to[2] = 0;
    to[3] = 8 + bytes;
    memset(to + 4, fill, 4 + bytes);
    return 8 + bytes;
}

static void test_several(void)
{
    uint8_t bytes[MCTP_USB_TRANSFER_MAX];
    uint32_t len = 0;
    MctpUsb u;
    Behind b;

    rig(&u, &b, 2);
    for (unsigned i = 0; i < 3; i++) {
        len += put(bytes + len, i, i + 1);
    }
    g_assert_true(mctp_usb_may_write(&u));
    g_assert_true(mctp_usb_write(&u, bytes, len));
    /* Nothing is done on the stack of who brings it. */
    g_assert_false(mctp_usb_may_write(&u));
    g_assert_false(mctp_usb_may_read(&u));
    g_assert_cmpuint(mctp_usb_read(&u, bytes, sizeof(bytes)), ==, 0);
    g_assert_cmpuint(b.taken, ==, 0);
    mctp_usb_go_on(&u);
    g_assert_cmpuint(b.taken, ==, 2);
    g_assert_cmpuint(b.last_len, ==, 5);
    g_assert_cmphex(b.last[4], ==, 2);
    /* The third waits, and with it the host. */
    g_assert_false(mctp_usb_may_write(&u));
    b.room = 1;
    mctp_usb_go_on(&u);
    g_assert_true(mctp_usb_may_write(&u));
    g_assert_cmpuint(b.taken, ==, 3);
    g_assert_cmpuint(b.last_len, ==, 6);
    g_assert_cmpuint(u.packets, ==, 3);
    g_assert_cmpuint(u.dropped, ==, 0);
    g_assert_null(mctp_usb_wrong(&u));
}

/* The first is good; what is behind it is not, and nor is what follows. */
static void test_no_packets(void)
{
    static const uint8_t bad[][8] = {
        { 0x1a, 0xb5, 0, 9 }, { 0x1b, 0xb4, 0, 9 }, { 0x1a, 0xb4, 0, 0 },
        { 0x1a, 0xb4, 0, 7 }, { 0x1a, 0xb4, 0, 255 }, { 0xb4, 0x1a, 0, 9 },
    };
    uint8_t bytes[MCTP_USB_TRANSFER_MAX];

    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        uint32_t len = put(bytes, 1, 0x55);
        MctpUsb u;
        Behind b;

        rig(&u, &b, 9);
        memcpy(bytes + len, bad[i], sizeof(bad[i]));
        len += sizeof(bad[i]);
        len += put(bytes + len, 2, 0x66);
        g_assert_true(mctp_usb_write(&u, bytes, len));
        mctp_usb_go_on(&u);
        g_assert_cmpuint(b.taken, ==, 1);
        g_assert_cmpuint(u.dropped, ==, 1);
        g_assert_true(mctp_usb_may_write(&u));
    }
}

/* Cut at each byte: a packet is there as a whole, or not. */
static void test_every_length(void)
{
    uint8_t bytes[MCTP_USB_TRANSFER_MAX + 1] = { 0 };
    uint32_t whole = put(bytes, 3, 1);
    MctpUsb u;
    Behind b;

    whole += put(bytes + whole, 247, 2);
    for (uint32_t len = 0; len <= whole; len++) {
        rig(&u, &b, 9);
        g_assert_true(mctp_usb_write(&u, bytes, len));
        mctp_usb_go_on(&u);
        g_assert_cmpuint(b.taken, ==, (len >= 11) + (len == whole));
        g_assert_cmpuint(u.dropped, ==,
                         len != 0 && len != 11 && len != whole);
    }
    g_assert_cmpuint(b.last_len, ==, MCTP_USB_PACKET_MAX);
    g_assert_false(mctp_usb_write(&u, bytes, sizeof(bytes)));
    g_assert_cmpuint(u.dropped, ==, 1);
    g_assert_true(mctp_usb_may_write(&u));
}

/* What does not fit in a transfer as a whole is in the next. */
static void test_full_transfers(void)
{
    static const uint32_t len[] = { 56, 64, 64, 64, 64, 64, 64, 64, 251, 0 };
    static const uint32_t sums[] = { 60 + 6 * 68, 68 + 255, 0 };
    uint8_t bytes[MCTP_USB_TRANSFER_MAX];
    uint8_t stamp = 0;
    MctpUsb u;
    Behind b;

    for (uint32_t max = 1; max <= sizeof(bytes); max += max < 9 ? 1 : 251) {
        rig(&u, &b, 0);
        b.len = len;
        stamp = 0;
        for (unsigned i = 0; i < ARRAY_SIZE(sums); i++) {
            uint32_t n, got = 0;

            g_assert_true(mctp_usb_may_read(&u) == !!sums[i]);
            while (got < sums[i]) {
                n = mctp_usb_read(&u, bytes + got, MIN(max, sums[i] - got));
                g_assert_cmpuint(n, >, 0);
                got += n;
                g_assert_null(mctp_usb_wrong(&u));
            }
            for (uint32_t at = 0; at < got; at += bytes[at + 3]) {
                g_assert_cmphex(bytes[at], ==, 0x1a);
                g_assert_cmphex(bytes[at + 1], ==, 0xb4);
                g_assert_cmphex(bytes[at + 2], ==, 0);
                g_assert_cmphex(bytes[at + 4], ==, ++stamp);
                g_assert_cmphex(bytes[at + bytes[at + 3] - 1], ==, stamp);
            }
        }
        g_assert_cmpuint(stamp, ==, 9);
        g_assert_cmpuint(mctp_usb_read(&u, bytes, sizeof(bytes)), ==, 0);
    }
}

/* Half of each direction goes to another one. */
static void test_saved(void)
{
    static const uint32_t len[] = { 251, 200, 251, 0 };
    g_autoptr(GByteArray) kept = g_byte_array_new();
    uint8_t bytes[MCTP_USB_TRANSFER_MAX], a[1024], c[1024];
    SaveWriter w = { kept };
    uint32_t n = put(bytes, 1, 1), got = 0, other = 0, k;
    MctpUsb u, v;
    Behind b, d;

    n += put(bytes + n, 2, 2);
    rig(&u, &b, 1);
    b.len = len;
    mctp_usb_write(&u, bytes, n);
    mctp_usb_go_on(&u);
    mctp_usb_read(&u, bytes, 100);
    mctp_usb_save(&u, &w);
    rig(&v, &d, 1);
    for (uint32_t cut = 0; cut < kept->len; cut++) {
        SaveReader r = { .at = kept->data, .left = cut, .section = "x" };

        mctp_usb_load(&v, &r);
        g_assert_false(save_good(&r));
        g_assert_null(mctp_usb_wrong(&v));
        g_free(r.problem);
    }
    {
        SaveReader r = { .at = kept->data, .left = kept->len,
                         .section = "x" };

        mctp_usb_load(&v, &r);
        g_assert_true(save_good(&r));
    }
    b.room = 1;
    mctp_usb_go_on(&u);
    mctp_usb_go_on(&v);
    g_assert_true(mctp_usb_may_write(&u) && mctp_usb_may_write(&v));
    g_assert_cmpmem(b.last, b.last_len, d.last, d.last_len);
    b.len = NULL;
    while ((k = mctp_usb_read(&u, a + got, sizeof(a) - got))) {
        got += k;
    }
    while ((k = mctp_usb_read(&v, c + other, sizeof(c) - other))) {
        other += k;
    }
    g_assert_cmpmem(a, got, c, other);
    g_assert_cmpuint(got, ==, 255 + 204 - 100 + 255);
}

/* Each packet is answered by one, and there is room for one answer. */
typedef struct Echo {
    MctpUsb u;
    unsigned taken;
    bool full, resets;
} Echo;

static bool echo_ready(void *opaque)
{
    return !((Echo *)opaque)->full;
}

static void echo_take(void *opaque, const uint8_t *packet, uint32_t len)
{
    Echo *e = opaque;

    e->taken++;
    e->full = !e->resets;
    if (e->resets) {
        mctp_usb_reset(&e->u);
    }
}

static uint32_t echo_next(void *opaque, uint8_t *packet)
{
    Echo *e = opaque;
    bool full = e->full;

    e->full = false;
    memset(packet, e->taken, 100);
    return full ? 100 : 0;
}

static const MctpUsbBehind echo_ops = { echo_ready, echo_take, echo_next };

static void ask_echo(Echo *e, unsigned packets, bool resets)
{
    uint8_t bytes[MCTP_USB_TRANSFER_MAX];
    uint32_t len = 0;

    *e = (Echo) { .resets = resets };
    mctp_usb_init(&e->u, &echo_ops, e);
    for (unsigned i = 0; i < packets; i++) {
        len += put(bytes + len, 1, i);
    }
    g_assert_true(mctp_usb_write(&e->u, bytes, len));
    mctp_usb_go_on(&e->u);
}

/* Answers to what is in one transfer are in one, as far as they fit. */
static void test_answers(void)
{
    uint8_t bytes[MCTP_USB_TRANSFER_MAX];
    Echo e;

    ask_echo(&e, 7, false);
    /* Four fit, and one is held. */
    g_assert_cmpuint(e.taken, ==, 5);
    g_assert_false(mctp_usb_may_write(&e.u));
    g_assert_cmpuint(mctp_usb_read(&e.u, bytes, sizeof(bytes)), ==, 4 * 104);
    g_assert_cmphex(bytes[3 * 104 + 4], ==, 4);
    mctp_usb_go_on(&e.u);
    g_assert_cmpuint(e.taken, ==, 7);
    g_assert_true(mctp_usb_may_write(&e.u));
    g_assert_cmpuint(mctp_usb_read(&e.u, bytes, sizeof(bytes)), ==, 3 * 104);
    g_assert_false(mctp_usb_may_read(&e.u));
}

/* A packet that leads to a reset is the last. */
static void test_reset_from_within(void)
{
    Echo e;

    ask_echo(&e, 5, true);
    g_assert_cmpuint(e.taken, ==, 1);
    g_assert_true(mctp_usb_may_write(&e.u));
    g_assert_false(mctp_usb_may_read(&e.u));
    g_assert_null(mctp_usb_wrong(&e.u));
    e.u.in_at = e.u.in_len + 1;
    g_assert_cmpstr(mctp_usb_wrong(&e.u), ==,
                    "more of a transfer has been used than there is");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/mctp-usb/several", test_several);
    g_test_add_func("/cxl/mctp-usb/no-packets", test_no_packets);
    g_test_add_func("/cxl/mctp-usb/every-length", test_every_length);
    g_test_add_func("/cxl/mctp-usb/full-transfers", test_full_transfers);
    g_test_add_func("/cxl/mctp-usb/saved", test_saved);
    g_test_add_func("/cxl/mctp-usb/answers", test_answers);
    g_test_add_func("/cxl/mctp-usb/reset-from-within", test_reset_from_within);
    return g_test_run();
}
