/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dynamic capacity of one to four hosts against a model that is one entry per
 * block: capacity is never lost, never given twice, readable exactly while
 * accepted, never free before its last owner's bytes are gone; a refused
 * request changes nothing; success is what the model calls success.
 *
 * Step: op[1] block[1] count[1] more, host and whether the timer is late[1]:
 * until it comes, what is to be wiped is not free.  Bytes beyond the last whole
 * step stand for hosts beyond the first, which is the device's own.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hw/cxl/wire/commands.h"
#include "tests/fuzz/fuzz-target.h"
#include "tests/unit/cxl/fake-host.h"

#define BLOCK   (2 * MiB)
#define PER     32              /* blocks of a region; region 1 is sharable */
#define BLOCKS  (2 * PER)
#define BASE    0x50000000ull
#define STRIDE  (256 * MiB)
#define STEP    4
#define STEPS_MAX 128
#define HOSTS   4
#define TAGS    4

enum { NOTHING, OFFERED, ACCEPTED };

typedef struct Block {
    bool taken;         /* by hosts, kept by the manager's reference, or: */
    bool wiping;        /* what the last host left is there until the timer */
    uint8_t tag;        /* 0: none */
    uint8_t has[HOSTS];
    uint16_t group[HOSTS]; /* while offered */
} Block;

typedef struct Host {
    CxlDcView *view;
    CxlDcView own_view; /* of hosts that have no device here */
    CxlEvents events;
    uint16_t first, next; /* groups: oldest unanswered, next to be made */
    uint64_t mark;      /* blocks listed so far in an unfinished chain */
    uint16_t chain;     /* opcode of that chain, or 0 */
    bool broken;        /* the chain lists what cannot be */
} Host;

typedef struct Model {
    FakeHost *h;
    CxlDcPool *pool;
    Block b[BLOCKS];
    bool referenced[TAGS];
    Host host[HOSTS];
    unsigned hosts;
    unsigned who;       /* host of this step */
} Model;

static uint64_t dpa_of(unsigned block)
{
    return BASE + block / PER * STRIDE + block % PER * BLOCK;
}

static CxlUuid uuid_of(unsigned tag)
{
    return (CxlUuid) { .b = { tag } };
}

static unsigned has_now(const CxlDcView *view, uint64_t dpa)
{
    unsigned places = 0, has = NOTHING;
    Extent e;

    if (extentset_find(&view->accepted, dpa, &e)) {
        places++;
        has = ACCEPTED;
    }
    for (const GList *l = view->groups.head; l; l = l->next) {
        if (extentset_find(l->data, dpa, &e)) {
            places++;
            has = OFFERED;
        }
    }
    g_assert_cmpuint(places, <=, 1);
    return has;
}

static void compare(const Model *m)
{
    for (unsigned i = 0; i < BLOCKS; i++) {
        uint64_t dpa = dpa_of(i);
        uint32_t who;
        CxlDcState state = cxl_dcd_state(m->pool, dpa, &who);

        g_assert_cmpint(state != CXL_DC_FREE, ==, m->b[i].taken);
        g_assert_cmpint(state == CXL_DC_SANITIZING, ==, m->b[i].wiping);
        for (unsigned k = 0; k < m->hosts; k++) {
            g_assert_cmpuint(has_now(m->host[k].view, dpa), ==,
                             m->b[i].has[k]);
        }
        g_assert_cmpint(cxl_memdev_access(m->h->dev, dpa, BLOCK), ==,
                        m->b[i].has[0] == ACCEPTED ? CXL_ACCESS_OK :
                        CXL_ACCESS_NONE);
    }
    for (unsigned k = 0; k < m->hosts; k++) {
        g_assert_cmpuint(m->host[k].view->groups.length, ==,
                         (uint16_t)(m->host[k].next - m->host[k].first));
    }
    fake_check(m->h);
}

/* Nobody has it any more: free, unless a reference keeps what is sharable. */
static void settle(Model *m, unsigned i)
{
    Block *b = &m->b[i];

    for (unsigned k = 0; k < m->hosts; k++) {
        if (b->has[k]) {
            return;
        }
    }
    if (b->taken && !b->wiping && (i < PER || !m->referenced[b->tag])) {
        *b = (Block) { .taken = m->hosts > 1, .wiping = m->hosts > 1 };
    }
}

static void timer(Model *m)
{
    fake_host_run(m->h, 0);
    for (unsigned i = 0; i < BLOCKS; i++) {
        if (m->b[i].wiping) {
            m->b[i] = (Block) { };
        }
    }
}

static void go_back(Model *m, unsigned i)
{
    m->b[i].has[m->who] = NOTHING;
    settle(m, i);
}

static bool host_has_tag(const Model *m, unsigned tag, unsigned has)
{
    for (unsigned i = 0; i < BLOCKS; i++) {
        if (m->b[i].has[m->who] == has && m->b[i].tag == tag) {
            return true;
        }
    }
    return false;
}

static bool tag_in_use(const Model *m, unsigned tag)
{
    for (unsigned i = 0; i < BLOCKS; i++) {
        if (tag && m->b[i].taken && m->b[i].tag == tag) {
            return true;
        }
    }
    return false;
}

static bool can_share(const Model *m, unsigned i, unsigned tag)
{
    return m->b[i].taken && m->b[i].tag == tag && !m->b[i].has[m->who];
}

static void give(Model *m, unsigned i, unsigned tag)
{
    m->b[i].taken = true;
    m->b[i].tag = tag;
    m->b[i].has[m->who] = OFFERED;
    m->b[i].group[m->who] = m->host[m->who].next;
}

/* The first run of @n free blocks of a region; its start in *@at. */
static bool find_run(const Model *m, unsigned region, unsigned n,
                     unsigned *at)
{
    unsigned run = 0;

    for (unsigned i = region * PER; i < (region + 1) * PER; i++) {
        run = m->b[i].taken ? 0 : run + 1;
        if (run == n) {
            *at = i + 1 - n;
            return true;
        }
    }
    return false;
}

/* The blocks that the request should get, as bits; 0 if it cannot be. */
static uint64_t expected(const Model *m, const CxlDcRequest *req, unsigned tag,
                         unsigned first, unsigned n)
{
    uint64_t run = (1ull << n) - 1, bits = 0;
    unsigned at = first;

    if ((req->region && !tag) ||
        (req->policy == CXL_DC_ADD_SHARED ? !req->region || !tag :
         tag_in_use(m, tag))) {
        return 0;
    }
    if (req->policy == CXL_DC_ADD_CONTIGUOUS) {
        return find_run(m, req->region, n, &at) ? run << at : 0;
    }
    for (unsigned i = req->region * PER; i < (req->region + 1u) * PER; i++) {
        bool takes = req->policy == CXL_DC_ADD_SHARED ? can_share(m, i, tag) :
            req->policy == CXL_DC_ADD_FREE ? !m->b[i].taken && n && n-- :
            i >= first && i < first + n && !m->b[i].taken;

        bits |= (uint64_t)takes << i;
    }
    return (req->policy == CXL_DC_ADD_FREE && n) ||
           (req->policy == CXL_DC_ADD_PRESCRIPTIVE && bits != run << first) ?
           0 : bits;
}

static void add(Model *m, uint8_t op, uint8_t block, uint8_t count)
{
    unsigned policy = op >> 4 & 3, tag = op >> 6;
    unsigned region = block / PER % 2, first = block % BLOCKS;
    unsigned n = 1 + count % 8;
    CxlBgRange range = { dpa_of(first), n * BLOCK };
    CxlDcRequest req = {
        .host = m->who, .policy = policy, .region = region,
        .tag = uuid_of(tag), .length = n * BLOCK, .extents = &range,
        .num_extents = 1,
    };
    const char *why = NULL;
    uint64_t bits = expected(m, &req, tag, first, n);

    if (policy == CXL_DC_ADD_PRESCRIPTIVE && first % PER + n > PER) {
        bits = 0;
    }
    g_assert_cmpint(cxl_dcd_add(m->pool, &req, &why) == 0, ==, bits != 0);
    g_assert_cmpint(why == NULL, ==, bits != 0);
    for (unsigned i = 0; i < BLOCKS; i++) {
        if (bits >> i & 1) {
            give(m, i, tag);
        }
    }
    m->host[m->who].next += bits != 0;
}

/* What the new owner finds is nobody's; then it is its own. */
static void move_in(Model *m, unsigned i)
{
    FakeHost *h = m->h;
    uint8_t byte = m->who + 1;

    m->b[i].has[m->who] = ACCEPTED;
    if (m->hosts > 1 && i < PER) {
        h->dev->store->dpa_read(h, dpa_of(i), &byte, 1);
        g_assert_cmphex(byte, ==, 0);
        byte = m->who + 1;
        h->dev->store->dpa_write(h, dpa_of(i), &byte, 1);
    }
}

/* The host's list is whole and has been taken. */
static void host_done(Model *m, bool respond)
{
    Host *host = &m->host[m->who];

    for (unsigned i = 0; i < BLOCKS; i++) {
        bool in = host->mark >> i & 1;

        if (!respond && in) {
            go_back(m, i);
        } else if (respond && m->b[i].has[m->who] == OFFERED &&
                   m->b[i].group[m->who] == host->first &&
                   host->first != host->next) {
            if (in) {
                move_in(m, i);
            } else {
                go_back(m, i);
            }
        }
    }
    host->first += respond && host->first != host->next;
}

/* One part of the host's list; the model knows what the whole must do. */
static void host_part(Model *m, uint16_t opcode, uint8_t block, uint8_t count,
                      bool more)
{
    Host *host = &m->host[m->who];
    unsigned first = block % BLOCKS, n = count % 8;
    CxlBgRange range = { dpa_of(first), n * BLOCK };
    bool respond = opcode == CXL_OP_DC_ADD_RESPONSE;
    bool sane = first % PER + n <= PER, ok = true;
    uint64_t listed = n && sane ? ((1ull << n) - 1) << first : 0;
    CxlRc rc;

    if (!host->chain) {
        host->broken = false;
        host->mark = 0;
    }
    rc = respond ? cxl_dcd_respond(host->view, &range, n != 0, more) :
         cxl_dcd_release(host->view, &range, n != 0, more);
    if (host->chain && host->chain != opcode) {
        g_assert_cmphex(rc, ==, CXL_RC_INVALID_INPUT);
        host->chain = 0;
        return;
    }
    host->broken |= !sane || (host->mark & listed);
    host->mark |= listed;
    host->chain = more ? opcode : 0;
    if (more) {
        g_assert_cmphex(rc, ==, CXL_RC_SUCCESS);
        return;
    }
    for (unsigned i = 0; i < BLOCKS; i++) {
        if (host->mark >> i & 1) {
            ok &= respond ? m->b[i].has[m->who] == OFFERED &&
                            m->b[i].group[m->who] == host->first :
                  m->b[i].has[m->who] == ACCEPTED;
        }
    }
    if (rc != CXL_RC_SUCCESS) {
        /* The model does not know where one offered piece ends. */
        g_assert_true(!ok || host->broken || (respond && host->mark));
        return;
    }
    g_assert_true(ok && !host->broken);
    host_done(m, respond);
}

/* The manager takes back; what the host must agree to stays for now. */
static void take_back(Model *m, uint8_t op, uint8_t block, uint8_t count)
{
    unsigned first = block % BLOCKS, n = 1 + count % 8, tag = op >> 6;
    bool by_tag = op & 0x10, forced = op & 0x20;
    CxlBgRange range = { dpa_of(first), n * BLOCK };
    CxlDcRequest req = {
        .host = m->who,
        .policy = by_tag ? CXL_DC_REMOVE_TAG : CXL_DC_REMOVE_PRESCRIPTIVE,
        .tag = uuid_of(tag), .forced = forced, .extents = &range,
        .num_extents = 1,
    };
    const char *why = NULL;
    bool ok = first % PER + n <= PER;

    for (unsigned i = first; i < first + n && ok; i++) {
        ok = m->b[i].has[m->who] == ACCEPTED ||
             (forced && m->b[i].has[m->who] == OFFERED);
    }
    if (by_tag) {
        ok = host_has_tag(m, tag, ACCEPTED) ||
             (forced && host_has_tag(m, tag, OFFERED));
    }
    g_assert_cmpint(cxl_dcd_remove(m->pool, &req, &why) == 0, ==, ok);
    for (unsigned i = 0; ok && forced && i < BLOCKS; i++) {
        bool hit = by_tag ? m->b[i].tag == tag && m->b[i].has[m->who] :
                   i >= first && i < first + n;

        if (hit) {
            go_back(m, i);
        }
    }
}

static void reference(Model *m, uint8_t op)
{
    unsigned tag = op >> 6;
    CxlUuid uuid = uuid_of(tag);

    if (op & 0x10) {
        g_assert_cmpint(cxl_dcd_reference(m->pool, &uuid) == 0, ==, tag != 0);
        m->referenced[tag] = tag != 0;
        return;
    }
    g_assert_cmpint(cxl_dcd_unreference(m->pool, &uuid) == 0, ==,
                    m->referenced[tag]);
    m->referenced[tag] = false;
    for (unsigned i = PER; i < BLOCKS; i++) {
        settle(m, i);
    }
}

/* Offers stand; groups that were taken back as a whole are gone. */
static void reset(Model *m, uint8_t op)
{
    Host *host = &m->host[m->who];
    uint16_t kept = host->first;

    if (m->who) {
        cxl_dcd_view_reset(host->view);
    } else {
        cxl_memdev_reset(m->h->dev, op >> 4 & 3);
    }
    for (uint16_t group = host->first; group != host->next; group++) {
        bool any = false;

        for (unsigned i = 0; i < BLOCKS; i++) {
            if (m->b[i].has[m->who] == OFFERED &&
                m->b[i].group[m->who] == group) {
                m->b[i].group[m->who] = kept;
                any = true;
            }
        }
        kept += any;
    }
    host->next = kept;
    host->chain = 0;
}

/* The host reads the log, as it should, or saves and restores everything. */
static void housekeeping(Model *m, uint8_t op)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    char *problem;

    if (op & 0x10 && !m->who) {
        fake_drain_events(m->h, CXL_EVLOG_DC);
    } else if (op & 0x10) {
        cxl_events_clear_all(&m->host[m->who].events, CXL_EVLOG_DC);
        cxl_dcd_announce(m->host[m->who].view);
    } else if (m->hosts == 1) {
        cxl_memdev_save(m->h->dev, bytes);
        g_assert_true(cxl_memdev_load(m->h->dev, bytes->data, bytes->len,
                                      &problem));
    }
}

static void step(Model *m, const uint8_t *s)
{
    m->who = (s[3] >> 1) % m->hosts;
    if (!(s[3] & 0x80)) {
        timer(m);
    }
    switch (s[0] & 0xf) {
    case 0 ... 4:
        add(m, s[0], s[1], s[2]);
        break;
    case 5 ... 7:
        host_part(m, CXL_OP_DC_ADD_RESPONSE, s[1], s[2], s[3] & 1);
        break;
    case 8 ... 10:
        host_part(m, CXL_OP_DC_RELEASE, s[1], s[2], s[3] & 1);
        break;
    case 11 ... 12:
        take_back(m, s[0], s[1], s[2]);
        break;
    case 13:
        reference(m, s[0]);
        break;
    case 14:
        housekeeping(m, s[0]);
        break;
    default:
        reset(m, s[0]);
        break;
    }
    compare(m);
}

static CxlMemdevConfig config(void)
{
    CxlMemdevConfig cfg = fake_config();

    cfg.num_dc_regions = 2;
    for (unsigned i = 0; i < 2; i++) {
        cfg.dc_regions[i] = (CxlDcRegionConfig) {
            .base = BASE + i * STRIDE, .len = PER * BLOCK,
            .decode_len = STRIDE, .block_size = BLOCK,
            .flags = i ? CXL_DC_REGION_SHARABLE : 0,
        };
    }
    return cfg;
}

/* A host with nothing but its view of the device's pool. */
static void join(Model *m, Host *host)
{
    CxlMemdev *dev = m->h->dev;

    cxl_events_init(&host->events, dev->ops, dev->ops_opaque, &dev->clock,
                    dev->cfg.event_log_size, dev->cfg.event_msgnum, true);
    cxl_dcd_view_init(&host->own_view, m->pool, dev->ops, dev->ops_opaque,
                      dev->store, dev->store_opaque, &host->events);
    host->view = &host->own_view;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CxlMemdevConfig cfg = config();
    Model m = { .h = fake_host_new(&cfg), .hosts = 1 + size % STEP };

    m.pool = &m.h->dev->dc_pool;
    m.host[0].view = &m.h->dev->dc_view;
    for (unsigned i = 1; i < m.hosts; i++) {
        join(&m, &m.host[i]);
    }
    for (unsigned i = 0; i < STEPS_MAX && size >= STEP;
         i++, data += STEP, size -= STEP) {
        step(&m, data);
    }
    for (unsigned i = 1; i < m.hosts; i++) {
        cxl_dcd_view_destroy(&m.host[i].own_view);
        cxl_events_destroy(&m.host[i].events);
    }
    fake_host_free(m.h);
    return 0;
}
