/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/fabric-wire: each message there and back in pieces of every
 * size, the bytes that are promised, and what a peer may not send.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/fabric-wire.h"
#include "hw/cxl/wire/fm.h"

#define HEADER CXL_FABRIC_HEADER

static CxlFabricStream stream;

/* Feeds a message in pieces of @step bytes at most. */
static CxlFabricVerdict feed(const uint8_t *bytes, uint32_t len, uint32_t step,
                             bool from_host, CxlFabricMessage *m,
                             const char **why)
{
    CxlFabricVerdict v = CXL_FABRIC_WANTS_MORE;
    uint32_t at = 0, max;

    cxl_fabric_stream_init(&stream, from_host);
    while (v == CXL_FABRIC_WANTS_MORE && at < len) {
        uint8_t *to = cxl_fabric_stream_room(&stream, &max);
        uint32_t n = MIN(MIN(max, step), len - at);

        g_assert_cmpuint(max, >, 0);
        memcpy(to, bytes + at, n);
        at += n;
        v = cxl_fabric_stream_arrived(&stream, n, m, why);
    }
    g_assert_cmpuint(at, ==, len);
    return v;
}

static CxlFabricMessage there_and_back(const CxlFabricMessage *m, uint32_t len)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    bool from_host = m->type < CXL_FABRIC_WELCOME;
    CxlFabricMessage got;
    const char *why;

    cxl_fabric_put(bytes, m);
    g_assert_cmpuint(bytes->len, ==, HEADER + len);
    for (uint32_t step = 1; step <= HEADER + 9; step++) {
        memset(&got, 0xee, sizeof(got));
        g_assert_cmpint(feed(bytes->data, bytes->len, step, from_host, &got,
                             &why), ==, CXL_FABRIC_WHOLE);
        g_assert_cmpuint(got.type, ==, m->type);
        g_assert_cmphex(got.seq, ==, m->seq);
    }
    /* From the wrong side */
    cxl_fabric_stream_init(&stream, !from_host);
    memcpy(stream.bytes, bytes->data, HEADER);
    g_assert_cmpint(cxl_fabric_stream_arrived(&stream, HEADER, &got, &why), ==,
                    CXL_FABRIC_BAD);
    g_assert_cmpint(feed(bytes->data, bytes->len, 7, from_host, &got, &why),
                    ==, CXL_FABRIC_WHOLE);
    return got;
}

static void test_bytes(void)
{
    static const uint8_t want[] = {
        'C', 'X', 'F', 'B', 3, 3, 0, 0, 56, 0, 0, 0, 4, 3, 2, 1,
        7, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0x20, 0, 0, 0, 0, 0x10, 0, 0, 0x40, 0, 0, 0, 0, 0,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        2, 1, 0, 0, 0, 0, 0, 0,
    };
    const CxlFabricExtent e = {
        .dpa = 0x1000000000200000, .len = 0x400000, .sequence = 0x102,
        .tag = { { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 } },
    };
    const CxlFabricMessage m = {
        .type = CXL_FABRIC_ANSWER, .seq = 0x01020304,
        .list = { .number = 7, .flags = CXL_FABRIC_MORE, .count = 1,
                  .extents = &e },
    };
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    cxl_fabric_put(bytes, &m);
    g_assert_cmpmem(bytes->data, bytes->len, want, sizeof(want));
}

static void assert_region(const CxlFabricRegion *a, const CxlFabricRegion *b)
{
    g_assert_cmphex(a->base, ==, b->base);
    g_assert_cmphex(a->len, ==, b->len);
    g_assert_cmphex(a->block_size, ==, b->block_size);
    g_assert_cmphex(a->offset, ==, b->offset);
    g_assert_cmphex(a->flags, ==, b->flags);
}

static void test_hello_and_welcome(void)
{
    CxlFabricMessage hello = {
        .type = CXL_FABRIC_HELLO, .seq = 1,
        .hello = { .id = { { 9, 8, 7 } }, .head = 3, .holds = 70000 },
    };
    CxlFabricMessage welcome = {
        .type = CXL_FABRIC_WELCOME, .seq = 2,
        .welcome = {
            .size = 8 << 20, .max_extents = 4, .max_tags = 5, .head = 31,
            .regions = 2,
            .region = { { 0, 4 << 20, 2 << 20, 4 << 20, 8 },
                        { 4 << 20, 4 << 20, 64, 0, 1 } },
        },
    };
    CxlFabricMessage got = there_and_back(&hello, 24);

    g_assert_cmpmem(&got.hello.id, 16, &hello.hello.id, 16);
    g_assert_cmpuint(got.hello.head, ==, 3);
    g_assert_cmpuint(got.hello.holds, ==, 70000);
    got = there_and_back(&welcome, 24 + 2 * 40);
    g_assert_cmphex(got.welcome.size, ==, 8 << 20);
    g_assert_cmpuint(got.welcome.max_extents, ==, 4);
    g_assert_cmpuint(got.welcome.max_tags, ==, 5);
    g_assert_cmpuint(got.welcome.head, ==, 31);
    g_assert_cmpuint(got.welcome.regions, ==, 2);
    assert_region(&got.welcome.region[0], &welcome.welcome.region[0]);
    assert_region(&got.welcome.region[1], &welcome.welcome.region[1]);
}

static void test_switch(void)
{
    CxlFabricMessage enter = {
        .type = CXL_FABRIC_ENTER,
        .enter = { .id = { { 9, 8 } }, .vcs = 3, .vppbs = 8,
                   .below = { 1, 0, 2, 3, 4, 5, 6, CXL_FABRIC_NO_LD } },
    };
    CxlFabricMessage below = {
        .type = CXL_FABRIC_BELOW, .below = { 0x01020304, 8, 15 },
    };
    CxlFabricMessage entered = {
        .type = CXL_FABRIC_ENTERED, .entered = { 1ull << 40, 15 },
    };
    CxlFabricMessage bind = {
        .type = CXL_FABRIC_BIND,
        .bind = { 7, 2, 15, 1ull << 60, 1ull << 28, 1ull << 61, 1 << 18,
                  0x123456789abcdef0, CXL_FABRIC_PERSISTENT },
    };
    CxlFabricMessage unbind = {
        .type = CXL_FABRIC_UNBIND, .unbind = { 8, 1, CXL_UNBIND_SURPRISE },
    };
    CxlFabricMessage got = there_and_back(&enter, 28);

    g_assert_cmpmem(&got.enter, sizeof(got.enter), &enter.enter,
                    sizeof(enter.enter));
    got = there_and_back(&below, 8);
    g_assert_cmpmem(&got.below, sizeof(got.below), &below.below,
                    sizeof(below.below));
    got = there_and_back(&entered, 16);
    g_assert_cmphex(got.entered.size, ==, 1ull << 40);
    g_assert_cmpuint(got.entered.vcs, ==, 15);
    got = there_and_back(&bind, 56);
    g_assert_cmpuint(got.bind.number, ==, 7);
    g_assert_cmpuint(got.bind.vppb, ==, 2);
    g_assert_cmpuint(got.bind.ld, ==, 15);
    g_assert_cmphex(got.bind.offset, ==, 1ull << 60);
    g_assert_cmphex(got.bind.len, ==, 1ull << 28);
    g_assert_cmphex(got.bind.labels_offset, ==, 1ull << 61);
    g_assert_cmphex(got.bind.labels, ==, 1 << 18);
    g_assert_cmphex(got.bind.serial, ==, 0x123456789abcdef0);
    g_assert_cmphex(got.bind.flags, ==, CXL_FABRIC_PERSISTENT);
    got = there_and_back(&unbind, 8);
    g_assert_cmpuint(got.unbind.number, ==, 8);
    g_assert_cmpuint(got.unbind.vppb, ==, 1);
    g_assert_cmpuint(got.unbind.option, ==, CXL_UNBIND_SURPRISE);
}

static void test_part(void)
{
    g_autofree uint8_t *bytes = g_malloc(CXL_FABRIC_PART_MAX);
    CxlFabricMessage m = {
        .type = CXL_FABRIC_STATE, .seq = 5,
        .part = { 8, 15, CXL_FABRIC_STATE_MAX, 2 * CXL_FABRIC_PART_MAX,
                  CXL_FABRIC_PART_MAX, bytes },
    };
    CxlFabricMessage got;

    memset(bytes, 0x5a, CXL_FABRIC_PART_MAX);
    got = there_and_back(&m, 16 + CXL_FABRIC_PART_MAX);
    g_assert_cmpuint(got.part.vppb, ==, 8);
    g_assert_cmpuint(got.part.ld, ==, 15);
    g_assert_cmpuint(got.part.total, ==, CXL_FABRIC_STATE_MAX);
    g_assert_cmpuint(got.part.at, ==, 2 * CXL_FABRIC_PART_MAX);
    g_assert_cmpmem(got.part.bytes, got.part.len, bytes, CXL_FABRIC_PART_MAX);
    m.type = CXL_FABRIC_GIVEN;
    m.part = (CxlFabricPart) { .vppb = 1 };
    got = there_and_back(&m, 16);
    g_assert_cmpuint(got.part.len, ==, 0);
}

static void test_relayed(void)
{
    static const uint8_t bytes[CXL_FABRIC_RELAY_MAX] = { 1, 2, 3 };
    CxlFabricMessage m = {
        .type = CXL_FABRIC_RELAY, .seq = 5,
        .relayed = { 0x01020304, 8, CXL_FABRIC_FOR_REGISTERS, 300,
                     sizeof(bytes), bytes },
    };
    CxlFabricMessage got = there_and_back(&m, 16 + sizeof(bytes));

    g_assert_cmphex(got.relayed.number, ==, 0x01020304);
    g_assert_cmpuint(got.relayed.vppb, ==, 8);
    g_assert_cmpuint(got.relayed.kind, ==, CXL_FABRIC_FOR_REGISTERS);
    g_assert_cmpuint(got.relayed.room, ==, 300);
    g_assert_cmpmem(got.relayed.bytes, got.relayed.len, bytes, sizeof(bytes));
    m.type = CXL_FABRIC_REPLY;
    m.relayed.kind = m.relayed.len = 0;
    got = there_and_back(&m, 8);
    g_assert_cmpuint(got.relayed.len, ==, 0);
}

static void test_lists(void)
{
    static const uint8_t types[] = {
        CXL_FABRIC_HOLDS, CXL_FABRIC_ANSWER, CXL_FABRIC_RELEASE,
        CXL_FABRIC_OFFER, CXL_FABRIC_ASK, CXL_FABRIC_TAKE_BACK,
    };
    static const uint32_t counts[] = { 0, 1, 3, CXL_FABRIC_EXTENTS };
    g_autofree CxlFabricExtent *e = g_new0(CxlFabricExtent,
                                           CXL_FABRIC_EXTENTS);

    for (unsigned i = 0; i < CXL_FABRIC_EXTENTS; i++) {
        e[i] = (CxlFabricExtent) {
            .dpa = UINT64_MAX - i, .len = i + 1, .tag = { { i } },
            .sequence = i,
        };
    }
    for (unsigned t = 0; t < G_N_ELEMENTS(types); t++) {
        for (unsigned c = 0; c < G_N_ELEMENTS(counts); c++) {
            CxlFabricMessage m = {
                .type = types[t], .seq = t,
                .list = { .number = c, .count = counts[c], .extents = e,
                          .flags = c % 2 ? CXL_FABRIC_MORE : 0 },
            };
            CxlFabricMessage got = there_and_back(&m, 16 + counts[c] * 40);

            g_assert_cmpuint(got.list.number, ==, c);
            g_assert_cmpuint(got.list.flags, ==, m.list.flags);
            g_assert_cmpuint(got.list.count, ==, counts[c]);
            for (unsigned i = 0; i < counts[c]; i++) {
                const CxlFabricExtent *x = &got.list.extents[i];

                g_assert_cmphex(x->dpa, ==, e[i].dpa);
                g_assert_cmphex(x->len, ==, e[i].len);
                g_assert_cmpmem(&x->tag, 16, &e[i].tag, 16);
                g_assert_cmpuint(x->sequence, ==, e[i].sequence);
            }
        }
    }
}

static void test_small_ones(void)
{
    CxlFabricMessage m = { .type = CXL_FABRIC_RESULT, .seq = 77,
                           .result = { .rc = 0x0f } };
    CxlFabricMessage got = there_and_back(&m, 4);

    g_assert_cmphex(got.result.rc, ==, 0x0f);
    m = (CxlFabricMessage) { .type = CXL_FABRIC_DONE,
                             .list = { .number = UINT32_MAX } };
    got = there_and_back(&m, 16);
    g_assert_cmphex(got.list.number, ==, UINT32_MAX);
    m.type = CXL_FABRIC_PING;
    there_and_back(&m, 0);
    m.type = CXL_FABRIC_PONG;
    there_and_back(&m, 0);
    m = (CxlFabricMessage) { .type = CXL_FABRIC_REGION, .update = {
        .index = 7, .region = { 1 << 20, 1 << 20, 1 << 16, 0, 0x7d } } };
    got = there_and_back(&m, 48);
    g_assert_cmpuint(got.update.index, ==, 7);
    assert_region(&got.update.region, &m.update.region);
}

/* Texts are for people's terminals: nothing else gets through, at any length */
static void test_refusal(void)
{
    CxlFabricMessage m = { .type = CXL_FABRIC_REFUSED,
                           .refusal = { CXL_FABRIC_NO_HEAD, "no\nhead",
                                        8 } };
    CxlFabricMessage got = there_and_back(&m, 4 + 7);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    const char *why;

    g_assert_cmpuint(got.refusal.code, ==, CXL_FABRIC_NO_HEAD);
    g_assert_cmpstr(got.refusal.text, ==, "no head");
    g_assert_cmpuint(got.refusal.vppb, ==, 8);
    /* Cut where a character would be split */
    memset(m.refusal.text, 'x', CXL_FABRIC_TEXT - 1);
    m.refusal.text[CXL_FABRIC_TEXT - 1] = '\xc3';
    m.refusal.text[CXL_FABRIC_TEXT] = 0;
    got = there_and_back(&m, 4 + CXL_FABRIC_TEXT - 1);
    g_assert_cmpuint(strlen(got.refusal.text), ==, CXL_FABRIC_TEXT - 1);
    cxl_fabric_put(bytes, &m);
    for (unsigned i = 0; i < 2; i++) {
        bytes->data[HEADER + 4] = i ? '\x1b' : '\xff';
        g_assert_cmpint(feed(bytes->data, bytes->len, 99, false, &got, &why),
                        ==, CXL_FABRIC_BAD);
    }
}

typedef struct Wrong {
    uint8_t type;
    uint32_t at;        /* the byte that is changed */
    uint8_t to;
    const char *why;
} Wrong;

#define RESERVED "a reserved field is not zero"
#define HOST_HAS "a host has too many virtual bridges, or none"
#define BELOW_IS "below a virtual bridge is what cannot be there"
#define NO_VPPB "there is no such virtual bridge"
#define NO_KIND "a command is for what no logical device has"
#define NO_ROOM "an answer can have no such length"
#define LD_IS "a logical device is empty or wraps"
#define STATE_IS "the state of a logical device is too long"
#define PART_IS "a part of a state is not as long as it says"

static const Wrong wrongs[] = {
    { CXL_FABRIC_HELLO, 0, 'c', "this is no message of a fabric" },
    { CXL_FABRIC_HELLO, 4, CXL_FABRIC_VERSION - 1,
      "the protocol has another version" },
    { CXL_FABRIC_HELLO, 5, 0, "no such message comes from this side" },
    { CXL_FABRIC_HELLO, 5, 11, "no such message comes from this side" },
    { CXL_FABRIC_HELLO, 5, 15, "no such message comes from this side" },
    { CXL_FABRIC_HELLO, 5, 16, "no such message comes from this side" },
    { CXL_FABRIC_HELLO, 5, 255, "no such message comes from this side" },
    { CXL_FABRIC_HELLO, 6, 1, RESERVED },
    { CXL_FABRIC_HELLO, 8, 25, "a message has a length that it cannot have" },
    { CXL_FABRIC_HELLO, 11, 1, "a message has a length that it cannot have" },
    { CXL_FABRIC_HELLO, HEADER + 18, 1, RESERVED },
    { CXL_FABRIC_ANSWER, HEADER + 4, 2, RESERVED },
    { CXL_FABRIC_ANSWER, HEADER + 15, 1, RESERVED },
    { CXL_FABRIC_ANSWER, HEADER + 8, 2,
      "a list is not as long as its count says" },
    { CXL_FABRIC_ANSWER, HEADER + 11, 1,
      "a list is not as long as its count says" },
    { CXL_FABRIC_ANSWER, HEADER + 16 + 9, 0, "an extent is empty" },
    { CXL_FABRIC_ANSWER, HEADER + 16 + 15, 255, "an extent wraps" },
    { CXL_FABRIC_ANSWER, HEADER + 16 + 39, 1, RESERVED },
    { CXL_FABRIC_DONE, HEADER + 4, 1, RESERVED },
    { CXL_FABRIC_RESULT, HEADER + 2, 1, RESERVED },
    { CXL_FABRIC_REFUSED, HEADER + 2, 9, NO_VPPB },
    { CXL_FABRIC_REFUSED, HEADER + 3, 1, NO_VPPB },
    { CXL_FABRIC_WELCOME, HEADER + 18, 1,
      "there are not as many regions as the count says" },
    { CXL_FABRIC_WELCOME, HEADER + 20, 1, RESERVED },
    { CXL_FABRIC_WELCOME, HEADER + 24 + 16 + 1, 3,
      "a region does not consist of its blocks" },
    { CXL_FABRIC_WELCOME, HEADER + 24 + 16, 32,
      "a region does not consist of its blocks" },
    { CXL_FABRIC_WELCOME, HEADER + 24 + 1, 1,
      "a region does not consist of its blocks" },
    { CXL_FABRIC_WELCOME, HEADER + 24 + 8 + 2, 0,
      "a region is empty or wraps" },
    { CXL_FABRIC_WELCOME, HEADER + 24 + 8 + 2, 0x40,
      "a region lies outside of the memory" },
    { CXL_FABRIC_WELCOME, HEADER + 24 + 24 + 4, 1,
      "a region lies outside of the memory" },
    { CXL_FABRIC_WELCOME, HEADER + 24 + 33, 1, RESERVED },
    { CXL_FABRIC_WELCOME, HEADER + 64 + 2, 0,
      "regions overlap or are out of order" },
    { CXL_FABRIC_REGION, HEADER, 8, "there is no such region" },
    { CXL_FABRIC_REGION, HEADER + 4, 1, RESERVED },
    { CXL_FABRIC_PONG, 8, 1, "a message has a length that it cannot have" },
    { CXL_FABRIC_ENTER, HEADER + 18, 0, HOST_HAS },
    { CXL_FABRIC_ENTER, HEADER + 18, 9, HOST_HAS },
    { CXL_FABRIC_ENTER, HEADER + 20, 16, BELOW_IS },
    { CXL_FABRIC_ENTER, HEADER + 21, 5, BELOW_IS },
    { CXL_FABRIC_ENTER, HEADER + 22, 1, BELOW_IS },
    { CXL_FABRIC_BELOW, HEADER + 4, 0, NO_VPPB },
    { CXL_FABRIC_BELOW, HEADER + 4, 9, NO_VPPB },
    { CXL_FABRIC_BELOW, HEADER + 6, 16, "there is no such logical device" },
    { CXL_FABRIC_BELOW, HEADER + 7, 1, "there is no such logical device" },
    { CXL_FABRIC_ENTERED, HEADER + 10, 1, RESERVED },
    { CXL_FABRIC_BIND, HEADER + 4, 0, NO_VPPB " or logical device" },
    { CXL_FABRIC_BIND, HEADER + 6, 16, NO_VPPB " or logical device" },
    { CXL_FABRIC_BIND, HEADER + 18, 0, LD_IS },
    { CXL_FABRIC_BIND, HEADER + 15, 255, LD_IS },
    { CXL_FABRIC_BIND, HEADER + 39, 255, LD_IS },
    { CXL_FABRIC_BIND, HEADER + 48, 2, RESERVED },
    { CXL_FABRIC_BIND, HEADER + 52, 1, RESERVED },
    { CXL_FABRIC_UNBIND, HEADER + 5, 1, NO_VPPB },
    { CXL_FABRIC_UNBIND, HEADER + 6, 0, "there is no such way to unbind" },
    { CXL_FABRIC_UNBIND, HEADER + 6, 3, "there is no such way to unbind" },
    { CXL_FABRIC_STATE, HEADER, 0, NO_VPPB " or logical device" },
    { CXL_FABRIC_STATE, HEADER + 2, 16, NO_VPPB " or logical device" },
    { CXL_FABRIC_STATE, HEADER + 6, 0x80, STATE_IS },
    { CXL_FABRIC_STATE, HEADER + 4, 4, PART_IS },
    { CXL_FABRIC_STATE, HEADER + 8, 3, PART_IS },
    { CXL_FABRIC_STATE, HEADER + 8, 1, PART_IS },
    { CXL_FABRIC_STATE, HEADER + 9, 0x80, PART_IS },
    { CXL_FABRIC_STATE, HEADER + 12, 1, RESERVED },
    { CXL_FABRIC_GIVEN, HEADER + 5, 1, PART_IS },
    { CXL_FABRIC_RELAY, HEADER + 4, 0, NO_VPPB },
    { CXL_FABRIC_RELAY, HEADER + 6, 2, NO_KIND },
    { CXL_FABRIC_RELAY, HEADER + 7, 1, NO_KIND },
    { CXL_FABRIC_RELAY, HEADER + 8, 11, NO_ROOM },
    { CXL_FABRIC_RELAY, HEADER + 9, 0x41, NO_ROOM },
    { CXL_FABRIC_RELAY, HEADER + 11, 0x80, NO_ROOM },
    { CXL_FABRIC_RELAY, HEADER + 12, 1, RESERVED },
    { CXL_FABRIC_REPLY, HEADER + 4, 9, NO_VPPB },
    { CXL_FABRIC_REPLY, HEADER + 6, 1, RESERVED },
};

static void put_switch_example(CxlFabricMessage *m)
{
    switch (m->type) {
    case CXL_FABRIC_ENTER:
        m->enter.vppbs = 2;
        memset(m->enter.below, CXL_FABRIC_NO_LD, sizeof(m->enter.below));
        m->enter.below[0] = 5;
        break;
    case CXL_FABRIC_BELOW:
        m->below.vppb = 8;
        break;
    case CXL_FABRIC_BIND:
        m->bind = (CxlFabricBind) {
            .vppb = 1, .ld = 15, .offset = 0x0fffffffffff0000, .len = 0x10000,
            .labels_offset = 0x0ffffffffffff000, .labels = 0x1000, .flags = 1,
        };
        break;
    case CXL_FABRIC_UNBIND:
        m->unbind.vppb = 1;
        m->unbind.option = CXL_UNBIND_MANAGED;
        break;
    case CXL_FABRIC_STATE:
    case CXL_FABRIC_GIVEN:
        m->part = (CxlFabricPart) {
            .vppb = 1, .ld = 15, .total = 3, .len = 3,
            .bytes = (const uint8_t *)"abc",
        };
        break;
    case CXL_FABRIC_RELAY:
    case CXL_FABRIC_REPLY:
        m->relayed = (CxlFabricRelayed) {
            .number = 7, .vppb = 1, .len = 3, .bytes = (const uint8_t *)"abc",
            .room = 12,
        };
        break;
    }
}

static void put_example(GByteArray *out, uint8_t type)
{
    static const CxlFabricExtent e = { .dpa = UINT64_MAX - 0x2ff, .len = 256 };
    const CxlFabricRegion first = { 0, 0x10000, 0x1000, 0, 0 };
    CxlFabricMessage m = { .type = type };

    switch (type) {
    case CXL_FABRIC_ANSWER:
        m.list.extents = &e;
        m.list.count = 1;
        break;
    case CXL_FABRIC_WELCOME:
        m.welcome = (CxlFabricWelcome) {
            .size = 0x200000, .regions = 2,
            .region = { first, { 0x10000, 0x10000, 0x1000, 0x10000, 0 } },
        };
        break;
    case CXL_FABRIC_REGION:
        m.update.region = first;
        break;
    case CXL_FABRIC_REFUSED:
        strcpy(m.refusal.text, "why");
        break;
    default:
        put_switch_example(&m);
    }
    cxl_fabric_put(out, &m);
}

static void test_wrong(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(wrongs); i++) {
        const Wrong *w = &wrongs[i];
        bool from_host = w->type < CXL_FABRIC_WELCOME;
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        uint32_t len = w->at < HEADER ? HEADER : 0;
        CxlFabricMessage m;
        const char *why = NULL;

        put_example(bytes, w->type);
        g_assert_cmpint(feed(bytes->data, bytes->len, 64, from_host, &m, &why),
                        ==, CXL_FABRIC_WHOLE);
        bytes->data[w->at] = w->to;
        g_assert_cmpint(feed(bytes->data, len ?: bytes->len, 64, from_host, &m,
                             &why), ==, CXL_FABRIC_BAD);
        g_assert_cmpstr(why, ==, w->why);
    }
}

/* Whatever comes, only the room that was given is used. */
static void test_any_bytes(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    static const uint8_t types[] = {
        1, 2, 3, 4, 5, 6, 16, 17, 18, 19, 22, 7, 8, 24, 25, 26, 9,
        27, 10, 28,
    };
    unsigned whole = 0, bad = 0;

    for (unsigned round = 0; round < 20000; round++) {
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        uint8_t type = types[round % G_N_ELEMENTS(types)];
        CxlFabricVerdict v = CXL_FABRIC_WANTS_MORE;
        CxlFabricMessage m;
        const char *why = NULL;

        put_example(bytes, type);
        for (unsigned i = round % 3; i; i--) {
            bytes->data[g_rand_int_range(rand, 4, bytes->len)] ^=
                1 << g_rand_int_range(rand, 0, 8);
        }
        cxl_fabric_stream_init(&stream, type < CXL_FABRIC_WELCOME);
        for (uint32_t at = 0, max; v == CXL_FABRIC_WANTS_MORE &&
             at < bytes->len; at += max) {
            uint8_t *to = cxl_fabric_stream_room(&stream, &max);

            max = MIN(max, bytes->len - at);
            g_assert_true(to >= stream.bytes &&
                          to + max <= stream.bytes + sizeof(stream.bytes));
            memcpy(to, bytes->data + at, max);
            v = cxl_fabric_stream_arrived(&stream, max, &m, &why);
        }
        whole += v == CXL_FABRIC_WHOLE;
        bad += v == CXL_FABRIC_BAD;
        g_assert_true((v == CXL_FABRIC_BAD) == (why != NULL));
    }
    g_assert_cmpuint(whole, >, 6000);
    g_assert_cmpuint(bad, >, 3000);
}

static void test_version(void)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    CxlFabricMessage m;
    const char *why;

    put_example(bytes, CXL_FABRIC_HELLO);
    bytes->data[4] = 9;
    g_assert_cmpint(feed(bytes->data, HEADER, 64, true, &m, &why), ==,
                    CXL_FABRIC_BAD);
    g_assert_cmpuint(cxl_fabric_stream_version(&stream), ==, 9);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/fabric-wire/bytes", test_bytes);
    g_test_add_func("/cxl/fabric-wire/hello-and-welcome",
                    test_hello_and_welcome);
    g_test_add_func("/cxl/fabric-wire/switch", test_switch);
    g_test_add_func("/cxl/fabric-wire/part", test_part);
    g_test_add_func("/cxl/fabric-wire/relayed", test_relayed);
    g_test_add_func("/cxl/fabric-wire/lists", test_lists);
    g_test_add_func("/cxl/fabric-wire/small-ones", test_small_ones);
    g_test_add_func("/cxl/fabric-wire/refusal", test_refusal);
    g_test_add_func("/cxl/fabric-wire/wrong", test_wrong);
    g_test_add_func("/cxl/fabric-wire/any-bytes", test_any_bytes);
    g_test_add_func("/cxl/fabric-wire/version", test_version);
    return g_test_run();
}
