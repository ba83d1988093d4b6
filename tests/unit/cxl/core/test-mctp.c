/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/mctp: messages of every length through packets and back; what
 * is dropped, and that what is too long is counted and not kept.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/mctp.h"

#define MAX_LEN 300

static uint8_t pattern(uint32_t i)
{
    return i * 7 + i / 64;
}

static void fill(uint8_t *body, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        body[i] = pattern(i);
    }
}

static void test_every_length(void)
{
    uint8_t body[MAX_LEN], packet[MCTP_PACKET_MAX];
    MctpAssembly a;
    MctpMessage m;

    fill(body, MAX_LEN);
    mctp_assembly_init(&a, MAX_LEN);
    for (uint32_t len = 1; len <= MAX_LEN; len++) {
        MctpSplit s = { .body = body, .len = len, .dest = 9, .source = 8,
                        .tag = MCTP_TAG_OWNER | 3 };
        uint32_t n, packets = 0;
        MctpVerdict v = MCTP_TAKEN;

        while ((n = mctp_split_next(&s, packet))) {
            g_assert_cmpuint(v, ==, MCTP_TAKEN);
            g_assert_cmpuint(n, <=, 4 + MCTP_UNIT);
            g_assert_cmphex(packet[0], ==, 1);
            g_assert_cmphex(packet[3] >> 4 & 3, ==, packets % 4);
            v = mctp_assembly_packet(&a, packet, n, &m);
            g_assert_null(mctp_assembly_wrong(&a));
            packets++;
        }
        g_assert_cmpuint(packets, ==, DIV_ROUND_UP(len, MCTP_UNIT));
        g_assert_cmpuint(v, ==, MCTP_COMPLETE);
        g_assert_cmpuint(m.dest, ==, 9);
        g_assert_cmpuint(m.source, ==, 8);
        g_assert_cmpuint(m.tag, ==, MCTP_TAG_OWNER | 3);
        g_assert_cmpmem(m.body, m.len, body, len);
    }
    mctp_assembly_destroy(&a);
}

/* One packet: header as given, @len bytes of payload. */
static MctpVerdict give(MctpAssembly *a, uint8_t source, uint8_t flags,
                        uint32_t len, MctpMessage *m)
{
    uint8_t packet[MCTP_PACKET_MAX] = { MCTP_VERSION, 0, source, flags };
    MctpVerdict v;

    fill(packet + 4, len);
    v = mctp_assembly_packet(a, packet, 4 + len, m);
    g_assert_null(mctp_assembly_wrong(a));
    return v;
}

#define SEQ(n) ((n) << MCTP_SEQ_SHIFT)

static void test_dropped(void)
{
    uint8_t packet[5] = { 2, 0, 8, MCTP_SOM | MCTP_EOM };
    MctpAssembly a;
    MctpMessage m;

    mctp_assembly_init(&a, MAX_LEN);
    for (uint32_t len = 0; len <= 4; len++) {
        g_assert_cmpuint(mctp_assembly_packet(&a, packet, len, &m), ==,
                         MCTP_SHORT);
    }
    g_assert_cmpuint(mctp_assembly_packet(&a, packet, 5, &m), ==,
                     MCTP_OTHER_VERSION);
    /* A middle and an end without a beginning */
    g_assert_cmpuint(give(&a, 8, 0, 64, &m), ==, MCTP_NO_START);
    g_assert_cmpuint(give(&a, 8, MCTP_EOM, 64, &m), ==, MCTP_NO_START);
    /* A gap: the message is gone, its rest is of nobody */
    g_assert_cmpuint(give(&a, 8, MCTP_SOM | SEQ(2), 64, &m), ==, MCTP_TAKEN);
    g_assert_cmpuint(give(&a, 8, SEQ(0), 64, &m), ==, MCTP_OUT_OF_ORDER);
    g_assert_cmpuint(give(&a, 8, SEQ(1) | MCTP_EOM, 1, &m), ==,
                     MCTP_NO_START);
    /* Another length than the first, in the middle and at the end */
    g_assert_cmpuint(give(&a, 8, MCTP_SOM, 64, &m), ==, MCTP_TAKEN);
    g_assert_cmpuint(give(&a, 8, SEQ(1), 63, &m), ==, MCTP_UNEVEN);
    g_assert_cmpuint(give(&a, 8, MCTP_SOM, 64, &m), ==, MCTP_TAKEN);
    g_assert_cmpuint(give(&a, 8, SEQ(1) | MCTP_EOM, 65, &m), ==,
                     MCTP_UNEVEN);
    mctp_assembly_destroy(&a);
}

/* A beginning puts an end to what the same sender had begun with that tag. */
static void test_begins_again(void)
{
    MctpAssembly a;
    MctpMessage m;

    mctp_assembly_init(&a, MAX_LEN);
    g_assert_cmpuint(give(&a, 8, MCTP_SOM | 1, 100, &m), ==, MCTP_TAKEN);
    g_assert_cmpuint(give(&a, 8, MCTP_SOM | 1, 10, &m), ==, MCTP_TAKEN);
    g_assert_cmpuint(give(&a, 8, MCTP_EOM | SEQ(1) | 1, 3, &m), ==,
                     MCTP_COMPLETE);
    g_assert_cmpuint(m.len, ==, 13);
    mctp_assembly_destroy(&a);
}

/* Several senders in turn; one too many, and the oldest gives way. */
static void test_slots(void)
{
    MctpAssembly a;
    MctpMessage m;

    mctp_assembly_init(&a, MAX_LEN);
    for (unsigned i = 0; i <= MCTP_SLOTS; i++) {
        g_assert_cmpuint(give(&a, 8 + i, MCTP_SOM, 64, &m), ==, MCTP_TAKEN);
    }
    g_assert_cmpuint(give(&a, 8, SEQ(1) | MCTP_EOM, 1, &m), ==,
                     MCTP_NO_START);
    for (unsigned i = 1; i <= MCTP_SLOTS; i++) {
        g_assert_cmpuint(give(&a, 8 + i, SEQ(1) | MCTP_EOM, i, &m), ==,
                         MCTP_COMPLETE);
        g_assert_cmpuint(m.source, ==, 8 + i);
        g_assert_cmpuint(m.len, ==, 64 + i);
    }
    mctp_assembly_destroy(&a);
}

/* Longer than there is room for: its length is known, its bytes are not kept */
static void test_too_long(void)
{
    MctpAssembly a;
    MctpMessage m;
    uint32_t len = 64;

    mctp_assembly_init(&a, MAX_LEN);
    g_assert_cmpuint(give(&a, 8, MCTP_SOM, 64, &m), ==, MCTP_TAKEN);
    for (unsigned i = 1; i < 1000; i++) {
        g_assert_cmpuint(give(&a, 8, SEQ(i % 4), 64, &m), ==, MCTP_TAKEN);
        g_assert_cmpuint(a.slots[0].room, <=, MAX_LEN);
        len += 64;
    }
    g_assert_cmpuint(give(&a, 8, MCTP_EOM, 7, &m), ==, MCTP_COMPLETE);
    g_assert_cmpuint(m.len, ==, len + 7);
    for (unsigned i = 0; i < MAX_LEN; i++) {
        g_assert_cmphex(m.body[i], ==, pattern(i % 64));
    }
    mctp_assembly_destroy(&a);
}

/* A message twice, which no sender can do, is in nobody's state. */
static void test_loaded_twice(void)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    SaveReader r = { .section = "s" };
    SaveWriter w = { bytes };
    MctpAssembly a;
    MctpMessage m;

    mctp_assembly_init(&a, MAX_LEN);
    give(&a, 8, MCTP_SOM, 64, &m);
    give(&a, 9, MCTP_SOM, 64, &m);
    a.slots[1].source = a.slots[0].source;
    mctp_assembly_save(&a, &w);
    r.at = bytes->data;
    r.left = bytes->len;
    mctp_assembly_load(&a, &r);
    g_assert_nonnull(strstr(r.problem, "a message is there twice"));
    g_free(r.problem);
    mctp_assembly_destroy(&a);
}

static void test_checker(void)
{
    MctpSlot good = { .busy = true, .source = 1, .tag = 2, .len = 3 };
    MctpAssembly a;

    mctp_assembly_init(&a, MAX_LEN);
    a.slots[0].room = MAX_LEN + 1;
    g_assert_cmpstr(mctp_assembly_wrong(&a), ==,
                    "a message has more room than it may");
    a.slots[0] = good;
    g_assert_cmpstr(mctp_assembly_wrong(&a), ==,
                    "a message is longer than its room");
    good.room = MAX_LEN;
    for (unsigned i = 0; i < 2; i++) {
        good.body = g_malloc(MAX_LEN);
        a.slots[i] = good;
    }
    g_assert_cmpstr(mctp_assembly_wrong(&a), ==, "a message is there twice");
    a.slots[1].tag++;
    g_assert_null(mctp_assembly_wrong(&a));
    mctp_assembly_destroy(&a);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/mctp/every-length", test_every_length);
    g_test_add_func("/cxl/mctp/dropped", test_dropped);
    g_test_add_func("/cxl/mctp/begins-again", test_begins_again);
    g_test_add_func("/cxl/mctp/slots", test_slots);
    g_test_add_func("/cxl/mctp/too-long", test_too_long);
    g_test_add_func("/cxl/mctp/loaded-twice", test_loaded_twice);
    g_test_add_func("/cxl/mctp/checker", test_checker);
    return g_test_run();
}
