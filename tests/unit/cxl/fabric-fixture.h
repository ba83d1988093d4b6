/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pool of two regions, the second one sharable, for some hosts: clock, bytes
 * (one for each block), processes that live, and hosts that speak the protocol
 * as they should.  A host's own account of what it has mapped is the truth that
 * tests compare with.
 */
#ifndef TESTS_UNIT_CXL_FABRIC_FIXTURE_H
#define TESTS_UNIT_CXL_FABRIC_FIXTURE_H

#include "qemu/bswap.h"
#include "qemu/host-utils.h"
#include "qemu/units.h"
#include "hw/cxl/core/fabric-link.h"
#include "hw/cxl/core/fabric-log.h"
#include "hw/cxl/wire/fm.h"

#define BLOCK   (16 * MiB)
#define PER     32              /* blocks of a region */
#define BLOCKS  (2 * PER)
#define HEADS   3

/* An offer that the host has read and not answered */
typedef struct Offer {
    uint32_t number;
    uint64_t blocks;
    bool whole;                 /* its last part was there */
} Offer;

/* A host and its process */
typedef struct Guest {
    uint16_t process;           /* 0: none; otherwise unique for ever */
    uint8_t id;
    bool attached;
    CxlFabricLink link;
    CxlFabricStream stream;
    uint64_t mapped;            /* a bit per block */
    uint32_t seq;
    GQueue offers;              /* Offer *, in the order they came */
    uint64_t answer, giving;    /* that the pool has not answered */
    uint32_t answer_seq, giving_seq, lie_seq;
    uint64_t taken;             /* to be unmapped, and DONE said */
    uint32_t taken_number;
    bool must_end;              /* TAKE_BACK has come */
    uint64_t asked;             /* ever, by ASK */
    unsigned updates, refused;
    uint16_t code;              /* of the last refusal */
    CxlFabricWelcome welcome;
    CxlRc rc;                   /* of the last RESULT */
} Guest;

typedef struct World {
    CxlFabric *fabric;
    CxlFabricConfig cfg;
    GByteArray *kept;           /* the accounts when the log began */
    uint8_t bytes[BLOCKS];      /* who has written last; 0: zeroes */
    bool broken;                /* nothing can be wiped */
    bool armed;
    uint16_t last_process;
    uint16_t news;              /* bits of 0106h */
    Guest guest[HEADS];
} World;

static inline uint64_t dpa_of(unsigned block)
{
    return block * (uint64_t)BLOCK;
}

static inline bool is_shared(unsigned block)
{
    return block >= PER;
}

static inline uint64_t bits_of(uint64_t dpa, uint64_t len)
{
    uint64_t n = len / BLOCK;

    g_assert_cmpuint(dpa / BLOCK + n, <=, BLOCKS);
    return (n == 64 ? ~0ull : (1ull << n) - 1) << dpa / BLOCK;
}

/* The world that the pool asks */

static inline int64_t world_now(void *opaque)
{
    return 0;
}

static inline void world_arm(void *opaque, int64_t at)
{
    ((World *)opaque)->armed = true;
}

static inline void world_message(void *opaque, unsigned msgnum)
{
    ((World *)opaque)->news |= 1u << msgnum;
}

static inline void world_cancel(void *opaque)
{
    ((World *)opaque)->armed = false;
}

static inline void world_trace(void *opaque, CxlTraceStep step, uint64_t a,
                               uint64_t b, uint64_t c)
{
}

static inline bool world_wipe(void *opaque, uint64_t dpa, uint64_t len)
{
    World *w = opaque;

    if (!w->broken) {
        g_assert_true(dpa % BLOCK == 0 && len % BLOCK == 0);
        memset(w->bytes + dpa / BLOCK, 0, len / BLOCK);
        for (unsigned i = 0; i < HEADS; i++) {
            /* Never under somebody who still has it */
            g_assert_cmphex(w->guest[i].mapped & bits_of(dpa, len), ==, 0);
        }
    }
    return !w->broken;
}

static inline bool world_alive(void *opaque,
                               const uint8_t process[CXL_FABRIC_PROCESS])
{
    World *w = opaque;

    for (unsigned i = 0; i < HEADS; i++) {
        if (lduw_le_p(process) == w->guest[i].process) {
            return true;
        }
    }
    return false;
}

static const CxlHostOps world_ops = {
    .now_ns = world_now, .timer_arm = world_arm, .timer_cancel = world_cancel,
    .message = world_message, .trace = world_trace,
};
static const CxlFabricOps world_fabric_ops = { world_wipe, world_alive };

/* Without a log, which world_keep() begins */
static inline void world_open(World *w)
{
    w->fabric = cxl_fabric_new(&w->cfg, &world_ops, &world_fabric_ops, w);
}

static inline GByteArray *saved(const CxlFabric *fabric)
{
    GByteArray *bytes = g_byte_array_new();

    cxl_fabric_save(fabric, bytes);
    return bytes;
}

/* What has changed is kept by what there is now. */
static inline void world_keep(World *w)
{
    g_clear_pointer(&w->kept, g_byte_array_unref);
    w->kept = saved(w->fabric);
    if (w->fabric->log) {
        g_byte_array_set_size(w->fabric->log, 0);
    } else {
        cxl_fabric_log_start(w->fabric);
    }
}

static inline World *world_new(void)
{
    World *w = g_new0(World, 1);

    w->cfg.hosts = HEADS;
    w->cfg.num_regions = 2;
    for (unsigned i = 0; i < 2; i++) {
        w->cfg.regions[i] = (CxlDcRegionConfig) {
            .base = i * PER * BLOCK, .len = PER * BLOCK, .block_size = BLOCK,
            .flags = i ? CXL_DC_REGION_SHARABLE : 0,
        };
        w->guest[i].id = i + 1;
    }
    w->guest[2].id = 3;
    g_assert_null(cxl_fabric_problem(&w->cfg));
    world_open(w);
    world_keep(w);
    return w;
}

static inline void world_check(const World *w)
{
    g_assert_cmpstr(cxl_fabric_check(w->fabric), ==, NULL);
}

/* Until nothing is left to be wiped, or it cannot be. */
static inline void world_timer(World *w)
{
    while (w->armed) {
        w->armed = false;
        cxl_fabric_timer(w->fabric);
    }
}

/* Managers */

static inline CxlRc manage(World *w, uint16_t opcode, const void *in,
                           uint32_t len, uint8_t *out, uint32_t *out_len)
{
    uint8_t bytes[sizeof(CxlMessageHeader) + 512];
    g_autofree uint8_t *reply = g_malloc(sizeof(CxlMessageHeader) + 8192);
    CxlMessageHeader *h = (CxlMessageHeader *)bytes;
    uint32_t n;

    *h = (CxlMessageHeader) {
        .category = CXL_MESSAGE_REQUEST, .command = opcode,
        .command_set = opcode >> 8, .length = { len, len >> 8 },
    };
    if (len) {
        memcpy(h + 1, in, len);
    }
    n = cxl_fabric_execute(w->fabric, bytes, sizeof(*h) + len, reply,
                           sizeof(*h) + 8192);
    g_assert_cmpuint(n, >=, sizeof(*h));
    h = (CxlMessageHeader *)reply;
    if (out) {
        memcpy(out, h + 1, n - sizeof(*h));
        *out_len = n - sizeof(*h);
    }
    return lduw_le_p(&h->rc);
}

/* 5604h or 5605h, of @count blocks from @block; @tag 0: none */
static inline CxlRc change(World *w, uint16_t opcode, unsigned head,
                           uint8_t selector, unsigned block, unsigned count,
                           uint8_t tag)
{
    uint8_t bytes[sizeof(CxlFmDcChange) + sizeof(CxlDcExtentWire)] = { 0 };
    CxlFmDcChange *in = (CxlFmDcChange *)bytes;
    CxlDcExtentWire *e = (CxlDcExtentWire *)(in + 1);
    uint8_t policy = selector & CXL_FM_DC_POLICY_MASK;
    bool extents = opcode == CXL_OP_FM_DC_ADD ?
                   policy == CXL_DC_ADD_PRESCRIPTIVE :
                   policy == CXL_DC_REMOVE_PRESCRIPTIVE;

    stw_le_p(&in->host, head);
    in->selector = selector;
    in->region = block / PER;
    stq_le_p(&in->length, count * BLOCK);
    in->tag.b[0] = tag;
    stl_le_p(&in->count, extents);
    stq_le_p(&e->dpa, dpa_of(block));
    stq_le_p(&e->len, count * BLOCK);
    return manage(w, opcode, bytes, sizeof(*in) + extents * sizeof(*e), NULL,
                  NULL);
}

static inline CxlRc add(World *w, unsigned head, unsigned block,
                        unsigned count, uint8_t tag)
{
    return change(w, CXL_OP_FM_DC_ADD, head, CXL_DC_ADD_PRESCRIPTIVE, block,
                  count, tag);
}

static inline CxlRc take(World *w, unsigned head, unsigned block,
                         unsigned count, bool forced)
{
    return change(w, CXL_OP_FM_DC_RELEASE, head, CXL_DC_REMOVE_PRESCRIPTIVE |
                  (forced ? CXL_FM_DC_FORCED : 0), block, count, 0);
}

/* Hosts */

static inline void guest_forget(Guest *g)
{
    g_queue_clear_full(&g->offers, g_free);
    g->answer = g->giving = g->taken = 0;
    g->answer_seq = g->giving_seq = g->lie_seq = 0;
    g->must_end = false;
}

/* The connection ends; what is in it is lost. */
static inline void guest_leave(Guest *g)
{
    if (g->attached) {
        cxl_fabric_link_destroy(&g->link);
        g->attached = false;
    }
    guest_forget(g);
}

static inline void guest_dies(World *w, unsigned head)
{
    Guest *g = &w->guest[head];

    guest_leave(g);
    g->mapped = 0;
    g->process = 0;
}

/* What it maps is nobody's bytes; then they are its own. */
static inline void guest_maps(World *w, Guest *g, uint64_t blocks)
{
    g_assert_cmphex(g->mapped & blocks, ==, 0);
    g->mapped |= blocks;
    for (unsigned i = 0; i < BLOCKS; i++) {
        if (!(blocks >> i & 1)) {
            continue;
        }
        for (unsigned o = 0; o < HEADS && !is_shared(i); o++) {
            g_assert_true(&w->guest[o] == g || !(w->guest[o].mapped >> i & 1));
        }
        if (!is_shared(i)) {
            g_assert_cmphex(w->bytes[i], ==, 0);
        }
        w->bytes[i] = g->id;
    }
}

static inline uint64_t list_bits(const CxlFabricList *list)
{
    uint64_t bits = 0;

    for (uint32_t i = 0; i < list->count; i++) {
        bits |= bits_of(list->extents[i].dpa, list->extents[i].len);
    }
    return bits;
}

static inline void guest_offered(Guest *g, const CxlFabricList *list)
{
    Offer *o = g_queue_peek_tail(&g->offers);

    if (!o || o->whole) {
        o = g_new0(Offer, 1);
        o->number = list->number;
        g_queue_push_tail(&g->offers, o);
    }
    g_assert_cmpuint(o->number, ==, list->number);
    o->blocks |= list_bits(list);
    o->whole = !(list->flags & CXL_FABRIC_MORE);
}

static inline void guest_taken(Guest *g, const CxlFabricList *list)
{
    g_assert_false(g->must_end);
    g->taken = list_bits(list);
    g->taken_number = list->number;
    g->must_end = true;
    for (GList *l = g->offers.head; l; l = l->next) {
        ((Offer *)l->data)->blocks &= ~g->taken;
    }
}

static inline void guest_result(World *w, Guest *g, const CxlFabricMessage *m)
{
    g->rc = m->result.rc;
    if (m->seq == g->answer_seq) {
        if (!g->rc) {
            guest_maps(w, g, g->answer);
            g_free(g_queue_pop_head(&g->offers));
        }
        g->answer = g->answer_seq = 0;
    } else if (m->seq == g->giving_seq) {
        g->giving = g->giving_seq = 0;
    } else {
        g_assert_cmpuint(m->seq, ==, g->lie_seq);
        g_assert_cmphex(g->rc, ==, CXL_RC_INVALID_INPUT);
    }
}

static inline void guest_hears(World *w, Guest *g, const CxlFabricMessage *m)
{
    switch (m->type) {
    case CXL_FABRIC_WELCOME:
        g->welcome = m->welcome;
        break;
    case CXL_FABRIC_REFUSED:
        g->refused++;
        g->code = m->refusal.code;
        break;
    case CXL_FABRIC_RESULT:
        guest_result(w, g, m);
        break;
    case CXL_FABRIC_OFFER:
        guest_offered(g, &m->list);
        break;
    case CXL_FABRIC_ASK:
        g->asked |= list_bits(&m->list);
        break;
    case CXL_FABRIC_TAKE_BACK:
        guest_taken(g, &m->list);
        break;
    case CXL_FABRIC_REGION:
        g->updates++;
        break;
    default:
        g_assert_cmpint(m->type, ==, CXL_FABRIC_PONG);
    }
}

/* Reads all that the pool has to say. */
static inline void guest_reads(World *w, Guest *g)
{
    CxlFabricLink *link = &g->link;
    CxlFabricMessage m;
    const char *why;

    cxl_fabric_link_fill(link);
    for (uint32_t at = 0, n; at < link->out->len; at += n) {
        uint8_t *to = cxl_fabric_stream_room(&g->stream, &n);

        g_assert_cmpuint(n, <=, link->out->len - at);
        memcpy(to, link->out->data + at, n);
        if (cxl_fabric_stream_arrived(&g->stream, n, &m, &why) ==
            CXL_FABRIC_WHOLE) {
            guest_hears(w, g, &m);
        }
    }
    g_byte_array_set_size(link->out, 0);
    if (link->over) {
        guest_leave(g);
    }
}

static inline uint32_t guest_list(CxlFabricExtent *e, uint64_t blocks)
{
    uint32_t n = 0;

    for (unsigned i = 0; i < BLOCKS; i++) {
        if (blocks >> i & 1) {
            e[n++] = (CxlFabricExtent) { .dpa = dpa_of(i), .len = BLOCK };
        }
    }
    return n;
}

/* Through the encoder and back, as by a socket */
static inline void guest_says(Guest *g, uint8_t type, uint32_t number,
                              uint64_t blocks, uint32_t flags)
{
    CxlFabricExtent e[BLOCKS];
    CxlFabricMessage m = {
        .type = type, .seq = ++g->seq,
        .list = { .number = number, .flags = flags,
                  .count = guest_list(e, blocks), .extents = e },
    };

    if (!g->link.over) {
        cxl_fabric_link_take(&g->link, &m);
    }
}

/* HELLO and HOLDS; @lie: blocks that it has not mapped */
static inline void guest_attaches(World *w, unsigned head, uint16_t wants,
                                  uint64_t lie)
{
    Guest *g = &w->guest[head];
    uint64_t holds = g->mapped | lie;
    uint8_t process[CXL_FABRIC_PROCESS] = { 0 };
    CxlFabricMessage m = {
        .type = CXL_FABRIC_HELLO, .seq = ++g->seq,
        .hello = { .id = { { g->id } }, .head = wants,
                   .holds = ctpop64(holds) },
    };

    g_assert_false(g->attached);
    if (!g->process) {
        g->process = ++w->last_process;
    }
    stw_le_p(process, g->process);
    g->attached = true;
    g->refused = 0;
    cxl_fabric_link_init(&g->link, w->fabric, process);
    cxl_fabric_stream_init(&g->stream, false);
    cxl_fabric_link_take(&g->link, &m);
    if (holds) {
        guest_says(g, CXL_FABRIC_HOLDS, 0, holds, 0);
    }
}

static inline void guest_answers(Guest *g, uint64_t wanted)
{
    Offer *o = g_queue_peek_head(&g->offers);

    if (o && o->whole && !g->answer_seq) {
        g->answer = o->blocks & wanted;
        g->answer_seq = g->seq + 1;
        guest_says(g, CXL_FABRIC_ANSWER, o->number, g->answer, 0);
    }
}

static inline void guest_releases(Guest *g, uint64_t blocks)
{
    blocks &= g->mapped & ~(g->must_end ? g->taken : 0);
    if (blocks && !g->giving_seq) {
        g->giving = blocks;
        g->mapped &= ~blocks;
        g->giving_seq = g->seq + 1;
        guest_says(g, CXL_FABRIC_RELEASE, 0, blocks, 0);
    }
}

static inline void guest_ends_access(Guest *g)
{
    if (g->must_end) {
        g->mapped &= ~g->taken;
        g->must_end = false;
        g->taken = 0;
        guest_says(g, CXL_FABRIC_DONE, g->taken_number, 0, 0);
    }
}

/* New accounts of what was kept, and of the changes since */
static inline CxlFabric *world_read(World *w, const GByteArray *log)
{
    CxlFabric *fabric = cxl_fabric_new(&w->cfg, &world_ops, &world_fabric_ops,
                                       w);
    char *problem = NULL;

    if (!cxl_fabric_load(fabric, w->kept->data, w->kept->len, &problem) ||
        !cxl_fabric_replay(fabric, log->data, log->len, &problem)) {
        g_error("%s", problem);
    }
    return fabric;
}

/* As they are kept, and as if there were nothing to be wiped. */
static inline GByteArray *saved_wiped(CxlFabric *fabric)
{
    cxl_dcd_pool_wiped(&fabric->pool, 0, BLOCKS * BLOCK);
    return saved(fabric);
}

/*
 * The process that has the pool ends, and another one reads what was kept: but
 * for what has been wiped meanwhile it is what there was.
 */
static inline void world_restart(World *w)
{
    g_autoptr(GByteArray) log = g_byte_array_ref(w->fabric->log);
    g_autoptr(GByteArray) was = NULL;
    g_autoptr(GByteArray) is = NULL;
    CxlFabric *again = world_read(w, log);

    for (unsigned i = 0; i < HEADS; i++) {
        guest_leave(&w->guest[i]);
    }
    was = saved_wiped(w->fabric);
    is = saved_wiped(again);
    g_assert_cmpmem(was->data, was->len, is->data, is->len);
    cxl_fabric_free(again);
    cxl_fabric_free(w->fabric);
    w->fabric = world_read(w, log);
    world_keep(w);
}

/* The heads of processes that have ended become free. */
static inline void world_reaps(World *w)
{
    for (unsigned i = 0; i < HEADS; i++) {
        CxlFabricHost *host = &w->fabric->host[i];

        if (host->seat.known && !world_alive(w, host->seat.process)) {
            cxl_fabric_died(w->fabric, i);
        }
    }
}

static inline void world_free(World *w)
{
    for (unsigned i = 0; i < HEADS; i++) {
        guest_leave(&w->guest[i]);
    }
    cxl_fabric_free(w->fabric);
    g_byte_array_unref(w->kept);
    g_free(w);
}

static inline CxlDcState state_of(const World *w, unsigned block)
{
    uint32_t who;

    return cxl_dcd_state(&w->fabric->pool, dpa_of(block), &who);
}

/* Two hosts that have things, and a third that is offered something */
static inline World *world_busy(void)
{
    World *w = world_new();

    for (unsigned i = 0; i < 2; i++) {
        Guest *g = &w->guest[i];

        guest_attaches(w, i, i, 0);
        g_assert_cmphex(add(w, i, 8 * i, 4, 0), ==, 0);
        g_assert_cmphex(i ? change(w, CXL_OP_FM_DC_ADD, 1, CXL_DC_ADD_SHARED,
                                   PER, 1, 5) : add(w, 0, PER, 4, 5), ==, 0);
        guest_reads(w, g);
        guest_answers(g, ~0ull);
        guest_reads(w, g);
        guest_answers(g, i ? 3ull << PER : ~0ull);
        guest_reads(w, g);
    }
    g_assert_cmphex(add(w, 2, 16, 1, 9), ==, 0);
    g_assert_cmphex(take(w, 0, 0, 1, true), ==, 0);
    g_assert_cmphex(take(w, 0, 1, 1, false), ==, 0);
    world_check(w);
    return w;
}

#endif /* TESTS_UNIT_CXL_FABRIC_FIXTURE_H */
