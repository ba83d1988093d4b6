/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages of an SPDM responder: in pieces of any size, in their order, and
 * what is none of them.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/common/spdm-peer.h"

typedef struct Heard {
    unsigned answers;
    uint32_t ticket;            /* of the last one */
    unsigned dwords;
    uint32_t object[DOE_DWORDS];
} Heard;

static Heard heard;

static void hear(void *opaque, uint32_t ticket, const uint32_t *object,
                 unsigned dwords)
{
    g_assert_true(opaque == &heard);
    heard.answers++;
    heard.ticket = ticket;
    heard.dwords = dwords;
    if (dwords) {
        memcpy(heard.object, object, dwords * 4);
    }
}

static SpdmPeer *setup(unsigned asked)
{
    static const uint32_t object[] = { 0x00010001, 3, 0x11223344 };
    SpdmPeer *p = spdm_peer_new(hear, &heard);

    heard = (Heard) { };
    for (unsigned i = 0; i < asked; i++) {
        g_assert_true(spdm_peer_ask(p, 100 + i, object, 3));
    }
    return p;
}

static size_t make(uint8_t *message, uint32_t command, uint32_t transport,
                   uint32_t len, const uint32_t *object, unsigned dwords)
{
    stl_be_p(message, command);
    stl_be_p(message + 4, transport);
    stl_be_p(message + 8, len);
    for (unsigned i = 0; i < dwords; i++) {
        stl_le_p(message + 12 + 4 * i, object[i]);
    }
    return 12 + 4 * dwords;
}

/* @step bytes at a time; false: the responder was found out */
static bool give(SpdmPeer *p, const uint8_t *bytes, size_t len, size_t step,
                 const char **why)
{
    while (len) {
        uint32_t max;
        uint8_t *room = spdm_peer_room(p, &max);
        uint32_t n = MIN(MIN(len, step), max);

        g_assert_cmpuint(max, >, 0);
        memcpy(room, bytes, n);
        if (!spdm_peer_arrived(p, n, why)) {
            return false;
        }
        g_assert_null(spdm_peer_check(p));
        bytes += n;
        len -= n;
    }
    return true;
}

static void test_ask(void)
{
    SpdmPeer *p = setup(1);
    const uint8_t *bytes;

    g_assert_cmpuint(spdm_peer_next(p, &bytes), ==, 24);
    g_assert_cmphex(ldl_be_p(bytes), ==, 1);
    g_assert_cmphex(ldl_be_p(bytes + 4), ==, 2);
    g_assert_cmphex(ldl_be_p(bytes + 8), ==, 12);
    g_assert_cmphex(ldl_le_p(bytes + 12), ==, 0x00010001);
    g_assert_cmphex(ldl_le_p(bytes + 20), ==, 0x11223344);
    spdm_peer_left(p, 20);
    g_assert_cmpuint(spdm_peer_next(p, &bytes), ==, 4);
    g_assert_cmphex(ldl_le_p(bytes), ==, 0x11223344);
    spdm_peer_left(p, 4);
    spdm_peer_goodbye(p);
    g_assert_cmpuint(spdm_peer_next(p, &bytes), ==, 12);
    g_assert_cmphex(ldl_be_p(bytes), ==, 0xfffe);
    g_assert_cmphex(ldl_be_p(bytes + 8), ==, 0);
    spdm_peer_free(p);
}

/* Answers come in the order of what was asked, in pieces of each size. */
static void test_answers(void)
{
    static const uint32_t object[] = { 0x00010001, 4, 5, 6 };
    uint8_t bytes[64];
    size_t len = make(bytes, 1, 2, 16, object, 4);
    const char *why;

    len += make(bytes + len, 1, 2, 0, NULL, 0);
    len += make(bytes + len, 0xffff, 2, 0, NULL, 0);
    for (size_t step = 1; step <= len; step++) {
        SpdmPeer *p = setup(3);

        g_assert_true(give(p, bytes, 28, step, &why));
        g_assert_cmpuint(heard.answers, ==, 1);
        g_assert_cmpuint(heard.ticket, ==, 100);
        g_assert_cmpuint(heard.dwords, ==, 4);
        g_assert_cmpmem(heard.object, 16, object, 16);
        g_assert_true(give(p, bytes + 28, len - 28, step, &why));
        g_assert_cmpuint(heard.answers, ==, 3);
        g_assert_cmpuint(heard.ticket, ==, 102);
        g_assert_cmpuint(heard.dwords, ==, 0);
        spdm_peer_free(p);
    }
}

/* The longest object that a mailbox takes, and more than may wait */
static void test_limits(void)
{
    static uint8_t bytes[12 + DOE_DWORDS * 4];
    static uint32_t object[DOE_DWORDS] = { 0x00020001, DOE_DWORDS };
    SpdmPeer *p = setup(SPDM_PEER_WAITING);
    const char *why;
    size_t len = make(bytes, 1, 2, DOE_DWORDS * 4, object, DOE_DWORDS);

    g_assert_false(spdm_peer_ask(p, 1, object, DOE_DWORDS));
    g_assert_true(give(p, bytes, len, len, &why));
    g_assert_cmpuint(heard.dwords, ==, DOE_DWORDS);
    g_assert_true(spdm_peer_ask(p, 7, object, DOE_DWORDS));
    g_assert_false(spdm_peer_ask(p, 8, object, DOE_DWORDS));
    spdm_peer_lost(p);
    g_assert_cmpuint(heard.answers, ==, SPDM_PEER_WAITING + 1);
    g_assert_cmpuint(heard.ticket, ==, 7);
    g_assert_cmpuint(heard.dwords, ==, 0);
    g_assert_null(spdm_peer_check(p));
    spdm_peer_free(p);
}

/* More than the mailbox takes is no answer, and the next one is one. */
static void test_too_long(void)
{
    static const uint32_t lengths[] = { DOE_DWORDS * 4 + 4, 0x3300, 4 << 18 };
    static const uint32_t object[] = { 0x00010001, 4, 5, 6 };
    static const uint32_t commands[] = { 1, 0xffff };

    for (unsigned i = 0; i < 2 * G_N_ELEMENTS(lengths); i++) {
        uint32_t len = lengths[i / 2];
        g_autofree uint8_t *bytes = g_malloc0(12 + len + 28);
        SpdmPeer *p = setup(2);
        const char *why;

        make(bytes, commands[i % 2], 2, len, NULL, 0);
        make(bytes + 12 + len, 1, 2, 16, object, 4);
        g_assert_true(give(p, bytes, 12, 5, &why));
        g_assert_cmpuint(heard.answers, ==, 1);
        g_assert_cmpuint(heard.ticket, ==, 100);
        g_assert_cmpuint(heard.dwords, ==, 0);
        g_assert_true(p->too_long);
        g_assert_true(give(p, bytes + 12, len + 28, 999, &why));
        g_assert_cmpuint(heard.answers, ==, 2);
        g_assert_cmpuint(heard.ticket, ==, 101);
        g_assert_cmpmem(heard.object, heard.dwords * 4, object, 16);
        spdm_peer_free(p);
    }
}

/* A connection that ends in the middle of such an object is no more. */
static void test_too_long_lost(void)
{
    static const uint32_t object[] = { 0x00010001, 4, 5, 6 };
    SpdmPeer *p = setup(2);
    uint8_t bytes[28];
    const char *why;

    make(bytes, 1, 2, 4 << 18, object, 4);
    g_assert_true(give(p, bytes, sizeof(bytes), 28, &why));
    spdm_peer_lost(p);
    g_assert_cmpuint(heard.answers, ==, 2);
    g_assert_null(spdm_peer_check(p));
    g_assert_true(spdm_peer_ask(p, 7, object, 4));
    make(bytes, 1, 2, 16, object, 4);
    g_assert_true(give(p, bytes, sizeof(bytes), 28, &why));
    g_assert_cmpuint(heard.ticket, ==, 7);
    g_assert_cmpuint(heard.dwords, ==, 4);
    spdm_peer_free(p);
}

static const struct {
    uint32_t command, transport, len;
    uint32_t object[3];
    const char *says;
} lies[] = {
    { 0xfffe, 2, 0, { }, "goodbye" },
    { 0xdead, 2, 12, { 0x10001, 3 }, "command" },
    { 0, 2, 12, { 0x10001, 3 }, "command" },
    { 1, 1, 12, { 0x10001, 3 }, "transport" },
    { 1, 2, 13, { 0x10001, 3 }, "length that no object" },
    { 1, 2, DOE_DWORDS * 4 + 3, { 0x10001, 3 }, "length that no object" },
    { 1, 2, (4 << 18) + 4, { 0x10001, 3 }, "length that no object" },
    { 1, 2, UINT32_MAX - 3, { 0x10001, 3 }, "length that no object" },
    { 1, 2, 4, { 0x10001 }, "another length" },
    { 1, 2, 12, { 0x10001, 4 }, "another length" },
    { 1, 2, 12, { 0x10001, 2 }, "another length" },
    { 1, 2, 12, { 0x10001, 0 }, "another length" },
};

static void test_lies(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(lies); i++) {
        SpdmPeer *p = setup(1);
        uint8_t bytes[24];
        const char *why;

        make(bytes, lies[i].command, lies[i].transport, lies[i].len,
             lies[i].object, 3);
        g_assert_false(give(p, bytes, sizeof(bytes), 5, &why));
        g_assert_nonnull(strstr(why, lies[i].says));
        g_assert_cmpuint(heard.answers, ==, 0);
        spdm_peer_lost(p);
        g_assert_cmpuint(heard.answers, ==, 1);
        g_assert_null(spdm_peer_check(p));
        spdm_peer_free(p);
    }
}

static void test_unasked(void)
{
    static const uint32_t object[] = { 0x00010001, 3, 5 };
    SpdmPeer *p = setup(0);
    uint8_t bytes[24];
    const char *why;

    make(bytes, 1, 2, 12, object, 3);
    g_assert_false(give(p, bytes, sizeof(bytes), 24, &why));
    g_assert_nonnull(strstr(why, "nobody"));
    g_assert_cmpuint(heard.answers, ==, 0);
    spdm_peer_free(p);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/common/spdm-peer/ask", test_ask);
    g_test_add_func("/common/spdm-peer/answers", test_answers);
    g_test_add_func("/common/spdm-peer/limits", test_limits);
    g_test_add_func("/common/spdm-peer/too-long", test_too_long);
    g_test_add_func("/common/spdm-peer/too-long/lost", test_too_long_lost);
    g_test_add_func("/common/spdm-peer/lies", test_lies);
    g_test_add_func("/common/spdm-peer/unasked", test_unasked);
    return g_test_run();
}
