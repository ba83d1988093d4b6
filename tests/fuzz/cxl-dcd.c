/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dynamic capacity against a model that is one byte per block: capacity is
 * never lost, never given twice, readable exactly while accepted; a refused
 * request changes nothing; success is what the model calls success.
 *
 * Step: op[1] block[1] count[1] more[1].
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

enum { FREE, OFFERED, ACCEPTED, HELD };

typedef struct Block {
    uint8_t place;
    uint8_t tag;        /* 0: none */
    uint16_t group;     /* while offered */
} Block;

typedef struct Model {
    FakeHost *h;
    Block b[BLOCKS];
    bool referenced[4]; /* by tag */
    uint16_t first, next; /* groups: oldest unanswered, next to be made */
    uint64_t mark;      /* blocks listed so far in an unfinished chain */
    uint16_t chain;     /* opcode of that chain, or 0 */
    bool broken;        /* the chain lists what cannot be */
} Model;

static uint64_t dpa_of(unsigned block)
{
    return BASE + block / PER * STRIDE + block % PER * BLOCK;
}

static CxlUuid uuid_of(unsigned tag)
{
    return (CxlUuid) { .b = { tag } };
}

static unsigned place_now(const CxlDcd *dcd, unsigned block)
{
    uint64_t dpa = dpa_of(block);
    unsigned places = 0, place = FREE;
    Extent e;

    if (extentset_find(&dcd->regions[block / PER].free, dpa, &e)) {
        places++;
    }
    if (extentset_find(&dcd->accepted, dpa, &e)) {
        places++;
        place = ACCEPTED;
    }
    if (extentset_find(&dcd->held, dpa, &e)) {
        places++;
        place = HELD;
    }
    for (const GList *l = dcd->groups.head; l; l = l->next) {
        if (extentset_find(l->data, dpa, &e)) {
            places++;
            place = OFFERED;
        }
    }
    g_assert_cmpuint(places, ==, 1);
    return place;
}

static void compare(const Model *m)
{
    const CxlDcd *dcd = &m->h->dev->dcd;

    for (unsigned i = 0; i < BLOCKS; i++) {
        g_assert_cmpuint(place_now(dcd, i), ==, m->b[i].place);
        g_assert_cmpint(cxl_memdev_access(m->h->dev, dpa_of(i), BLOCK), ==,
                        m->b[i].place == ACCEPTED ? CXL_ACCESS_OK :
                        CXL_ACCESS_NONE);
    }
    g_assert_cmpuint(g_queue_get_length((GQueue *)&dcd->groups), ==,
                     (uint16_t)(m->next - m->first));
    fake_check(m->h);
}

static void go_back(Model *m, unsigned i)
{
    Block *b = &m->b[i];

    if (i >= PER && m->referenced[b->tag]) {
        b->place = HELD;
    } else {
        *b = (Block) { .place = FREE };
    }
}

static unsigned with_tag(const Model *m, unsigned tag, unsigned place)
{
    unsigned n = 0;

    for (unsigned i = 0; i < BLOCKS; i++) {
        n += m->b[i].place == place && m->b[i].tag == tag;
    }
    return n;
}

static bool tag_in_use(const Model *m, unsigned tag)
{
    return tag && (with_tag(m, tag, OFFERED) || with_tag(m, tag, ACCEPTED) ||
                   with_tag(m, tag, HELD));
}

static void give(Model *m, unsigned i, unsigned tag)
{
    m->b[i] = (Block) { OFFERED, tag, m->next };
}

/* The longest run of free blocks of a region; its start in *@at. */
static bool find_run(const Model *m, unsigned region, unsigned n,
                     unsigned *at)
{
    unsigned run = 0;

    for (unsigned i = region * PER; i < (region + 1) * PER; i++) {
        run = m->b[i].place == FREE ? run + 1 : 0;
        if (run == n) {
            *at = i + 1 - n;
            return true;
        }
    }
    return false;
}

static void add(Model *m, uint8_t op, uint8_t block, uint8_t count)
{
    unsigned policy = op >> 4 & 3, tag = op >> 6;
    unsigned region = block / PER % 2, first = block % BLOCKS;
    unsigned n = 1 + count % 8, at = 0, free_blocks = 0, held = 0;
    CxlBgRange range = { dpa_of(first), n * BLOCK };
    CxlDcRequest req = {
        .policy = policy, .region = region, .tag = uuid_of(tag),
        .length = n * BLOCK, .extents = &range, .num_extents = 1,
    };
    const char *why = NULL;
    bool fits = first % PER + n <= PER, all_free = fits, ok;

    for (unsigned i = 0; i < PER; i++) {
        const Block *b = &m->b[region * PER + i];

        free_blocks += b->place == FREE;
        held += b->place == HELD && b->tag == tag;
    }
    for (unsigned i = first; i < first + n && fits; i++) {
        all_free &= m->b[i].place == FREE;
    }
    ok = !(region && !tag);
    if (policy == CXL_DC_ADD_SHARED) {
        ok &= region && tag && held;
    } else {
        ok &= !tag_in_use(m, tag);
        ok &= policy == CXL_DC_ADD_FREE ? free_blocks >= n :
              policy == CXL_DC_ADD_CONTIGUOUS ? find_run(m, region, n, &at) :
              all_free;
    }
    g_assert_cmpint(cxl_dcd_add(&m->h->dev->dcd, &req, &why) == 0, ==, ok);
    g_assert_cmpint(why == NULL, ==, ok);
    if (!ok) {
        return;
    }
    for (unsigned i = region * PER; i < (region + 1) * PER; i++) {
        Block *b = &m->b[i];
        bool takes =
            policy == CXL_DC_ADD_SHARED ? b->place == HELD && b->tag == tag :
            policy == CXL_DC_ADD_FREE ? b->place == FREE && n && n-- :
            policy == CXL_DC_ADD_CONTIGUOUS ? i >= at && i < at + n :
            i >= first && i < first + n;

        if (takes) {
            give(m, i, tag);
        }
    }
    m->next++;
}

/* One part of the host's list; the model knows what the whole must do. */
static void host_part(Model *m, uint16_t opcode, uint8_t block, uint8_t count,
                      bool more)
{
    CxlDcd *dcd = &m->h->dev->dcd;
    unsigned first = block % BLOCKS, n = count % 8;
    CxlBgRange range = { dpa_of(first), n * BLOCK };
    bool respond = opcode == CXL_OP_DC_ADD_RESPONSE;
    bool sane = first % PER + n <= PER, ok = true;
    uint64_t listed = n && sane ? ((1ull << n) - 1) << first : 0;
    CxlRc rc;

    if (!m->chain) {
        m->broken = false;
        m->mark = 0;
    }
    rc = respond ? cxl_dcd_respond(dcd, &range, n != 0, more) :
         cxl_dcd_release(dcd, &range, n != 0, more);
    if (m->chain && m->chain != opcode) {
        g_assert_cmphex(rc, ==, CXL_RC_INVALID_INPUT);
        m->chain = 0;
        return;
    }
    m->broken |= !sane || (m->mark & listed);
    m->mark |= listed;
    m->chain = more ? opcode : 0;
    if (more) {
        g_assert_cmphex(rc, ==, CXL_RC_SUCCESS);
        return;
    }
    for (unsigned i = 0; i < BLOCKS; i++) {
        if (m->mark >> i & 1) {
            ok &= respond ? m->b[i].place == OFFERED &&
                            m->b[i].group == m->first :
                  m->b[i].place == ACCEPTED;
        }
    }
    if (rc != CXL_RC_SUCCESS) {
        /* The model does not know where one offered piece ends. */
        g_assert_true(!ok || m->broken || (respond && m->mark));
        return;
    }
    g_assert_true(ok && !m->broken);
    for (unsigned i = 0; i < BLOCKS; i++) {
        bool in = m->mark >> i & 1;

        if (respond && m->b[i].place == OFFERED &&
            m->b[i].group == m->first && m->first != m->next) {
            if (in) {
                m->b[i].place = ACCEPTED;
            } else {
                go_back(m, i);
            }
        } else if (!respond && in) {
            go_back(m, i);
        }
    }
    if (respond && m->first != m->next) {
        m->first++;
    }
}

/* The manager takes back; what the host must agree to stays for now. */
static void take_back(Model *m, uint8_t op, uint8_t block, uint8_t count)
{
    unsigned first = block % BLOCKS, n = 1 + count % 8, tag = op >> 6;
    bool by_tag = op & 0x10, forced = op & 0x20;
    CxlBgRange range = { dpa_of(first), n * BLOCK };
    CxlDcRequest req = {
        .policy = by_tag ? CXL_DC_REMOVE_TAG : CXL_DC_REMOVE_PRESCRIPTIVE,
        .tag = uuid_of(tag), .forced = forced, .extents = &range,
        .num_extents = 1,
    };
    const char *why = NULL;
    bool ok = first % PER + n <= PER;

    for (unsigned i = first; i < first + n && ok; i++) {
        ok = m->b[i].place == ACCEPTED ||
             (forced && m->b[i].place == OFFERED);
    }
    if (by_tag) {
        ok = with_tag(m, tag, ACCEPTED) ||
             (forced && with_tag(m, tag, OFFERED));
    }
    g_assert_cmpint(cxl_dcd_remove(&m->h->dev->dcd, &req, &why) == 0, ==, ok);
    for (unsigned i = 0; ok && forced && i < BLOCKS; i++) {
        bool hit = by_tag ? m->b[i].tag == tag && m->b[i].place != FREE &&
                            m->b[i].place != HELD :
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
    CxlDcd *dcd = &m->h->dev->dcd;

    if (op & 0x10) {
        g_assert_cmpint(cxl_dcd_reference(dcd, &uuid) == 0, ==, tag != 0);
        m->referenced[tag] = tag != 0;
        return;
    }
    g_assert_cmpint(cxl_dcd_unreference(dcd, &uuid) == 0, ==,
                    m->referenced[tag]);
    m->referenced[tag] = false;
    for (unsigned i = 0; i < BLOCKS; i++) {
        if (m->b[i].place == HELD && m->b[i].tag == tag) {
            go_back(m, i);
        }
    }
}

/* Offers stand; groups that were taken back as a whole are gone. */
static void reset(Model *m, uint8_t op)
{
    uint16_t kept = m->first;

    cxl_memdev_reset(m->h->dev, op >> 4 & 3);
    for (uint16_t group = m->first; group != m->next; group++) {
        bool any = false;

        for (unsigned i = 0; i < BLOCKS; i++) {
            if (m->b[i].place == OFFERED && m->b[i].group == group) {
                m->b[i].group = kept;
                any = true;
            }
        }
        kept += any;
    }
    m->next = kept;
    m->chain = 0;
}

/* The host reads the log, as it should, or saves and restores everything. */
static void housekeeping(Model *m, uint8_t op)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    char *problem;

    if (op & 0x10) {
        fake_drain_events(m->h, CXL_EVLOG_DC);
        return;
    }
    cxl_memdev_save(m->h->dev, bytes);
    g_assert_true(cxl_memdev_load(m->h->dev, bytes->data, bytes->len,
                                  &problem));
}

static void step(Model *m, const uint8_t *s)
{
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CxlMemdevConfig cfg = config();
    Model m = { .h = fake_host_new(&cfg) };

    for (unsigned i = 0; i < STEPS_MAX && size >= STEP;
         i++, data += STEP, size -= STEP) {
        step(&m, data);
    }
    fake_host_free(m.h);
    return 0;
}
