/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device with two lent regions, a host of a pool around it, and a pool that
 * says what a test wants it to, and keeps what it hears.
 */
#ifndef TESTS_UNIT_CXL_CORE_BORROWER_POOL_H
#define TESTS_UNIT_CXL_CORE_BORROWER_POOL_H

#include "hw/cxl/core/borrower.h"
#include "tests/unit/cxl/core/dcd-fixture.h"

/* Where the pool has its regions */
#define POOL0 (4096ull * MiB)
#define POOL1 (POOL0 + 512 * MiB)
#define POOL_EXTENTS 8

typedef struct Pool {
    CxlBorrower *host;
    FakeHost *h;
    int64_t now;
    unsigned kicks;
    bool settled;
    CxlFabricStream *in;        /* what the host says */
    CxlFabricMessage heard;     /* the last of it */
    CxlFabricExtent extents[CXL_FABRIC_EXTENTS];
    uint32_t seq;
    const char *why;
} Pool;

static inline int64_t pool_now(void *opaque)
{
    return ((Pool *)opaque)->now;
}

static inline void pool_kick(void *opaque)
{
    ((Pool *)opaque)->kicks++;
}

static inline bool pool_settled(void *opaque)
{
    return ((Pool *)opaque)->settled;
}

static inline void pool_trace(void *opaque, bool sent, const char *message,
                              uint32_t number, uint32_t extents)
{
    g_assert_nonnull(message);
}

static const CxlBorrowerOps pool_ops = {
    pool_now, pool_kick, pool_settled, pool_trace,
};

static inline void pool_check(Pool *p)
{
    g_assert_cmpstr(cxl_borrower_check(p->host), ==, NULL);
    if (p->h) {
        fake_check(p->h);
    }
}

/* The next message of the host: its type, or 0 */
static inline uint8_t hear(Pool *p)
{
    CxlFabricVerdict v = CXL_FABRIC_WANTS_MORE;
    const uint8_t *bytes;
    const char *why;
    uint32_t max, n;

    while (v == CXL_FABRIC_WANTS_MORE &&
           (n = cxl_borrower_next(p->host, &bytes))) {
        uint8_t *to = cxl_fabric_stream_room(p->in, &max);

        n = MIN(n, max);
        memcpy(to, bytes, n);
        cxl_borrower_left(p->host, n);
        v = cxl_fabric_stream_arrived(p->in, n, &p->heard, &why);
    }
    g_assert_cmpint(v, !=, CXL_FABRIC_BAD);
    pool_check(p);
    return v == CXL_FABRIC_WHOLE ? p->heard.type : 0;
}

static inline CxlBorrowerStep say(Pool *p, CxlFabricMessage m)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    CxlBorrowerStep step = CXL_BORROWER_GOOD;
    uint32_t max, n;

    m.seq = m.type == CXL_FABRIC_RESULT ? m.seq : p->seq++;
    cxl_fabric_put(bytes, &m);
    for (uint32_t at = 0; at < bytes->len; at += n) {
        uint8_t *to = cxl_borrower_room(p->host, &max);

        g_assert_cmpint(step, ==, CXL_BORROWER_GOOD);
        n = MIN(max, bytes->len - at);
        memcpy(to, bytes->data + at, n);
        step = cxl_borrower_arrived(p->host, n, &p->why);
    }
    g_assert_cmpint(step == CXL_BORROWER_BAD, ==, p->why != NULL);
    pool_check(p);
    return step;
}

static inline CxlFabricWelcome pool_welcome(void)
{
    return (CxlFabricWelcome) {
        .size = 768 * MiB, .max_extents = POOL_EXTENTS, .max_tags = 4,
        .head = 3, .regions = 2,
        .region = {
            { POOL0, 512 * MiB, BLOCK, 0, 0 },
            { POOL1, 256 * MiB, BLOCK, 512 * MiB, CXL_DC_REGION_SHARABLE },
        },
    };
}

static inline CxlBorrowerStep welcome(Pool *p, const CxlFabricWelcome *w)
{
    return say(p, (CxlFabricMessage) { .type = CXL_FABRIC_WELCOME,
                                       .welcome = *w });
}

static inline CxlBorrowerStep say_list(Pool *p, uint8_t type,
                                         uint32_t number, uint64_t dpa,
                                         uint64_t len, CxlUuid tag)
{
    p->extents[0] = (CxlFabricExtent) { .dpa = dpa, .len = len, .tag = tag };
    return say(p, (CxlFabricMessage) {
        .type = type, .list = { number, 0, 1, p->extents } });
}

static inline CxlBorrowerStep result(Pool *p, CxlRc rc)
{
    return say(p, (CxlFabricMessage) {
        .type = CXL_FABRIC_RESULT, .seq = p->heard.seq,
        .result = { rc } });
}

/* A connection, as far as what the host says first */
static inline void pool_connect(Pool *p)
{
    cxl_borrower_connected(p->host);
    cxl_fabric_stream_init(p->in, true);
    g_assert_cmpint(hear(p), ==, CXL_FABRIC_HELLO);
}

/* Without a device: it needs to know what the pool has. */
static inline Pool *pool_new(void)
{
    CxlUuid id = { { 0x1d } };
    Pool *p = g_new0(Pool, 1);

    p->settled = true;
    p->in = g_new0(CxlFabricStream, 1);
    p->host = cxl_borrower_new(&id, CXL_FABRIC_ANY_HEAD, &pool_ops, p);
    g_assert_true(cxl_borrower_wants_connection(p->host));
    pool_connect(p);
    return p;
}

/* The device, whose regions are the pool's */
static inline void pool_attach(Pool *p)
{
    CxlMemdevConfig cfg = config();

    cxl_borrower_config(p->host, &cfg);
    p->h = fake_host_new(&cfg);
    cxl_borrower_attach(p->host, p->h->dev);
}

static inline Pool *pool_attached(void)
{
    CxlFabricWelcome w = pool_welcome();
    Pool *p = pool_new();

    g_assert_cmpint(welcome(p, &w), ==, CXL_BORROWER_WELCOME);
    pool_attach(p);
    return p;
}

static inline void pool_free(Pool *p)
{
    pool_check(p);
    cxl_borrower_free(p->host);
    if (p->h) {
        fake_host_free(p->h);
    }
    g_free(p->in);
    g_free(p);
}

/* Offered, wanted and granted: block @n of region 0 is the host's. */
static inline void pool_lend(Pool *p, uint32_t number, unsigned n)
{
    g_assert_cmpint(say_list(p, CXL_FABRIC_OFFER, number, POOL0 + n * BLOCK,
                             BLOCK, (CxlUuid) { }), ==, CXL_BORROWER_GOOD);
    respond(p->h, BASE0 + n * BLOCK, BLOCK);
    g_assert_cmpint(hear(p), ==, CXL_FABRIC_ANSWER);
    g_assert_cmpint(result(p, CXL_RC_SUCCESS), ==, CXL_BORROWER_GOOD);
    g_assert_cmpint(access_at(p->h, BASE0 + n * BLOCK), ==, CXL_ACCESS_OK);
}

#endif /* TESTS_UNIT_CXL_CORE_BORROWER_POOL_H */
