/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device whose dynamic capacity a pool lends, and a pool that says anything
 * at any time: what it should, what it should not, garbage, half of a message;
 * connections come and go, the host takes, gives back, is reset.  The host can
 * access only what the pool has granted and not taken; what it has stored to
 * is not given back while a store may be under way.
 *
 * Step: op[1] and three numbers[3]; garbage takes more.
 */
#include "qemu/osdep.h"
#include "tests/fuzz/fuzz-target.h"
#include "tests/unit/cxl/core/borrower-pool.h"

#define STEP 4
#define STEPS_MAX 200
#define BLOCKS_ALL 384          /* of both regions */

typedef struct Model {
    Pool *p;
    bool connected;
    uint32_t offers;            /* that the pool has made on the connection */
    bool asked;                 /* ANSWER has been heard: */
    CxlFabricMessage answer;
    CxlFabricExtent wanted[CXL_FABRIC_EXTENTS];
    uint8_t granted[BLOCKS_ALL];
    uint32_t released_seq;      /* of RELEASE without a RESULT; ~0: none */
} Model;

static void mark(Model *m, const CxlFabricExtent *e, bool is)
{
    for (uint64_t at = 0; at < e->len; at += BLOCK) {
        uint64_t block = (e->dpa + at - POOL0) / BLOCK;

        if (block >= BLOCKS_ALL) {
            break;
        }
        m->granted[block] = is;
    }
}

/* What the host has, the pool has granted; the device says so too. */
static void check(Model *m)
{
    const ExtentSet *accepted = &m->p->h->dev->dc_view.accepted;
    Extent e;

    pool_check(m->p);
    for (uint64_t pos = 0; extentset_next(accepted, pos, &e);
         pos = e.start + e.len) {
        for (uint64_t at = e.start; at < e.start + e.len; at += BLOCK) {
            g_assert_true(m->granted[(at - BASE0) / BLOCK]);
        }
    }
}

/* All that the host has to say */
static void listen_all(Model *m)
{
    uint8_t type;

    while (m->connected && (type = hear(m->p))) {
        const CxlFabricList *list = &m->p->heard.list;

        if (type == CXL_FABRIC_ANSWER) {
            m->asked = true;
            m->answer = m->p->heard;
            memcpy(m->wanted, list->extents,
                   list->count * sizeof(*list->extents));
        } else if (type == CXL_FABRIC_RELEASE) {
            m->released_seq = m->p->heard.seq;
        }
        if (type == CXL_FABRIC_RELEASE || type == CXL_FABRIC_DONE ||
            type == CXL_FABRIC_HELLO) {
            g_assert_true(m->p->settled);
        }
    }
}

static void lose(Model *m)
{
    if (m->connected) {
        cxl_borrower_lost(m->p->host);
        m->connected = false;
        m->asked = false;
    }
}

/* As many bytes as the host takes at a time, until it has had enough */
static bool feed(Model *m, const uint8_t *bytes, uint32_t len)
{
    CxlBorrowerStep step = CXL_BORROWER_GOOD;
    uint32_t n, max;

    for (uint32_t at = 0; m->connected && at < len; at += n) {
        uint8_t *to = cxl_borrower_room(m->p->host, &max);

        g_assert_cmpuint(max, >, 0);
        n = MIN(max, len - at);
        memcpy(to, bytes + at, n);
        step = cxl_borrower_arrived(m->p->host, n, &m->p->why);
        if (step == CXL_BORROWER_BAD) {
            g_assert_nonnull(m->p->why);
            lose(m);
        }
    }
    return m->connected && step != CXL_BORROWER_BAD;
}

static bool say_it(Model *m, CxlFabricMessage message)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    cxl_fabric_put(bytes, &message);
    return feed(m, bytes->data, bytes->len);
}

static CxlFabricExtent extent_of(const uint8_t *s)
{
    static const uint64_t odd[] = { 1, BLOCK / 2, 512 * MiB, 1ull << 63 };
    unsigned n = s[2] & 7;
    CxlFabricExtent e = {
        .dpa = POOL0 + (s[1] | (s[2] & 0x80) << 1) * (uint64_t)BLOCK,
        .len = n ? n * BLOCK : odd[s[2] >> 4 & 3],
        .tag.b[0] = s[2] >> 3 & 1 ? 1 + (s[1] & 3) : 0,
        .sequence = s[3],
    };

    return e;
}

static void say_lists(Model *m, uint8_t type, const uint8_t *s)
{
    CxlFabricExtent e[2] = { extent_of(s), extent_of(s) };
    bool good = s[3] < 240;
    CxlFabricMessage message = {
        .type = type, .list = {
            .number = type == CXL_FABRIC_OFFER && good ? m->offers : s[3],
            .flags = s[3] == 255, .count = 1 + (s[3] == 254), .extents = e,
        },
    };

    e[1].dpa += 16 * BLOCK;
    if (!say_it(m, message)) {
        return;
    }
    m->offers += type == CXL_FABRIC_OFFER && !message.list.flags;
    for (unsigned i = 0; type == CXL_FABRIC_TAKE_BACK &&
         i < message.list.count; i++) {
        mark(m, &e[i], false);
    }
}

static void say_result(Model *m, const uint8_t *s)
{
    CxlRc rc = s[1] < 200 ? CXL_RC_SUCCESS : s[1];
    bool to_answer = m->asked && s[3] < 240;
    CxlFabricMessage message = {
        .type = CXL_FABRIC_RESULT, .result.rc = rc,
        .seq = to_answer ? m->answer.seq : s[2] & 1 ? m->released_seq : s[3],
    };

    if (to_answer && rc == CXL_RC_SUCCESS) {
        for (uint32_t i = 0; i < m->answer.list.count; i++) {
            mark(m, &m->wanted[i], true);
        }
    }
    m->asked &= !to_answer;
    say_it(m, message);
}

static void connect_it(Model *m, const uint8_t *s)
{
    CxlFabricWelcome w = pool_welcome();

    if (!m->connected) {
        m->p->now += CXL_BORROWER_RETRY_MAX_MS;
        g_assert_true(cxl_borrower_wants_connection(m->p->host) ==
                      m->p->settled);
        if (!m->p->settled) {
            return;
        }
        cxl_borrower_connected(m->p->host);
        cxl_fabric_stream_init(m->p->in, true);
        m->connected = true;
        m->offers = 0;
        m->released_seq = ~0u;
        listen_all(m);
    }
    /* A pool that is another one, sometimes */
    w.head ^= s[1] == 255;
    w.regions -= s[2] == 255;
    w.region[1].block_size = s[3] == 255 ? 64 : BLOCK;
    say_it(m, (CxlFabricMessage) { .type = CXL_FABRIC_WELCOME, .welcome = w });
}

static void say_other(Model *m, const uint8_t *s)
{
    CxlFabricWelcome w = pool_welcome();
    CxlFabricMessage message = { .seq = s[1] };

    if (s[2] & 1) {
        message.type = CXL_FABRIC_REGION;
        message.update.index = s[1] % 3;
        message.update.region = w.region[s[1] % 2];
        message.update.region.flags ^= s[3] & CXL_DC_REGION_SANITIZE;
    } else if (s[2] & 2) {
        message.type = CXL_FABRIC_PONG;
    } else {
        message.type = CXL_FABRIC_REFUSED;
        message.refusal.code = s[1];
    }
    say_it(m, message);
}

static void tick(Model *m, const uint8_t *s)
{
    m->p->now += s[1] * (1 + s[2] % 8);
    if (cxl_borrower_due(m->p->host) <= m->p->now &&
        cxl_borrower_tick(m->p->host, &m->p->why) == CXL_BORROWER_BAD) {
        lose(m);
    }
}

static void step(Model *m, const uint8_t *s)
{
    Pool *p = m->p;
    uint64_t dpa = BASE0 + (s[1] | (s[2] & 0x80) << 1) * (uint64_t)BLOCK;
    uint64_t len = (s[2] & 7) * BLOCK;

    switch (s[0] & 15) {
    case 0 ... 2:
        say_lists(m, CXL_FABRIC_OFFER, s);
        break;
    case 3 ... 4:
        say_result(m, s);
        break;
    case 5:
        say_lists(m, CXL_FABRIC_ASK, s);
        break;
    case 6:
        say_lists(m, CXL_FABRIC_TAKE_BACK, s);
        break;
    case 7:
        connect_it(m, s);
        break;
    case 8:
        lose(m);
        break;
    case 9:
        say_other(m, s);
        break;
    case 10 ... 11:
        respond(p->h, dpa, len);
        break;
    case 12:
        release(p->h, dpa, len);
        break;
    case 13:
        listen_all(m);
        p->settled = s[1] & 1;
        break;
    case 14:
        tick(m, s);
        break;
    default:
        /* A command that waits for the pool keeps others out. */
        if (!p->h->dev->dc_view.waits) {
            fake_drain_events(p->h, CXL_EVLOG_DC);
        }
    }
    if (s[0] & 16) {
        listen_all(m);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Model m = { .p = pool_attached(), .connected = true,
                .released_seq = ~0u };

    for (unsigned i = 0; i < STEPS_MAX && size >= STEP; i++) {
        size_t n = STEP;

        if (data[0] == 0xff) {
            n = MIN(size, STEP + data[1] % 64);
            feed(&m, data + STEP, n - STEP);
        } else {
            step(&m, data);
        }
        check(&m);
        data += n;
        size -= n;
    }
    pool_free(m.p);
    return 0;
}
