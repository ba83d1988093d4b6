/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Anything that hosts, managers, deaths and restarts can do to a pool, as steps
 * of four bytes; after each of them the accounts are compared with what the
 * hosts know that they have, and at the end everything is free again.
 */
#ifndef TESTS_UNIT_CXL_FABRIC_MODEL_H
#define TESTS_UNIT_CXL_FABRIC_MODEL_H

#include "tests/unit/cxl/fabric-fixture.h"

#define MODEL_STEP  4
#define MODEL_TAGS  4

/* Blocks @a and more, as a pattern */
static inline uint64_t model_bits(uint8_t a, uint8_t b)
{
    uint64_t some = (uint64_t)b * 0x0101010101010101ull;

    return some << a % 64 | some >> (64 - a % 64) % 64;
}

static inline void model_manage(World *w, const uint8_t *s)
{
    unsigned head = s[1] % HEADS, block = s[2] % BLOCKS, n = 1 + s[3] % 8;
    uint8_t tag = s[3] >> 4 & (MODEL_TAGS - 1);
    CxlUuid uuid = { { tag } };
    uint8_t policy = s[1] >> 4 & 3;

    switch (s[0] >> 4 & 7) {
    case 0 ... 2:
        change(w, CXL_OP_FM_DC_ADD, head, policy, block, n,
               is_shared(block) ? tag : s[3] >> 7 ? tag : 0);
        break;
    case 3 ... 4:
        change(w, CXL_OP_FM_DC_RELEASE, head, (policy & 1) |
               (s[1] & 0x40 ? CXL_FM_DC_FORCED : 0) |
               (s[1] & 0x80 ? CXL_FM_DC_SANITIZE : 0), block, n, tag);
        break;
    case 5:
        manage(w, CXL_OP_FM_DC_ADD_REFERENCE, &uuid, sizeof(uuid), NULL, NULL);
        break;
    case 6:
        manage(w, CXL_OP_FM_DC_REMOVE_REFERENCE, &uuid, sizeof(uuid), NULL,
               NULL);
        break;
    default: {
        CxlFmDcSetConfig in = { .region = s[1] & 1, .sanitize = s[2] & 1 };

        stq_le_p(&in.block_size, BLOCK);
        manage(w, CXL_OP_FM_DC_SET_CONFIG, &in, sizeof(in), NULL, NULL);
    }
    }
}

/* A host says what it should not; the pool may hang up, and no more. */
static inline void model_lies(World *w, Guest *g, const uint8_t *s)
{
    CxlFabricExtent e[2] = {
        { .dpa = s[2] * (uint64_t)BLOCK, .len = (1 + s[3] % 4) * BLOCK },
        { .dpa = dpa_of(s[3] % BLOCKS), .len = BLOCK / (1 + s[2] % 3) },
    };
    CxlFabricMessage m = {
        .type = 1 + s[2] % CXL_FABRIC_PING, .seq = ++g->seq,
        .list = { .number = s[3] >> 4, .count = s[3] % 3, .extents = e,
                  .flags = s[2] >> 7 },
    };

    g->lie_seq = g->seq;
    if (m.type == CXL_FABRIC_DONE) {
        m.list.count = 0;
    } else if (m.type == CXL_FABRIC_ANSWER) {
        m.list.number += 1000;
    } else if (m.type == CXL_FABRIC_RELEASE && !m.list.number) {
        m.list.number = 1;
    } else if (m.type == CXL_FABRIC_HELLO) {
        m.hello = (CxlFabricHello) { .head = s[3], .holds = s[2] };
    }
    if (m.type == CXL_FABRIC_DONE && g->must_end) {
        return;
    }
    if (!g->link.over) {
        cxl_fabric_link_take(&g->link, &m);
    }
    guest_reads(w, g);
}

static inline void model_guest(World *w, const uint8_t *s)
{
    unsigned head = s[1] % HEADS;
    Guest *g = &w->guest[head];

    if (!g->attached) {
        uint16_t wants = s[1] & 0x80 ? s[2] % (HEADS + 1) :
                         CXL_FABRIC_ANY_HEAD;

        guest_attaches(w, head, wants, s[1] & 0x40 ? model_bits(s[2], s[3]) :
                       0);
        return;
    }
    switch (s[0] >> 4 & 7) {
    case 0:
        guest_reads(w, g);
        break;
    case 1 ... 2:
        guest_answers(g, s[3] & 1 ? ~0ull : model_bits(s[2], s[3]));
        break;
    case 3 ... 4:
        guest_releases(g, model_bits(s[2], s[3]));
        break;
    case 5:
        guest_ends_access(g);
        break;
    case 6:
        model_lies(w, g, s);
        break;
    default:
        guest_leave(g);
    }
}

static inline void model_compare(World *w)
{
    world_check(w);
    for (unsigned i = 0; i < HEADS; i++) {
        const Guest *g = &w->guest[i];
        uint64_t known = 0;
        Extent e;

        for (unsigned h = 0; h < HEADS; h++) {
            const CxlFabricHost *host = &w->fabric->host[h];
            bool is = host->seat.known && host->seat.id.b[0] == g->id;

            for (uint64_t pos = 0; is &&
                 extentset_next(&host->mapped, pos, &e);
                 pos = e.start + e.len) {
                known |= bits_of(e.start, e.len);
            }
        }
        g_assert_cmphex(g->mapped & ~known, ==, 0);
    }
}

static inline void model_step(World *w, const uint8_t *s)
{
    switch (s[0] & 15) {
    case 0 ... 3:
        model_manage(w, s);
        break;
    case 4 ... 11:
        model_guest(w, s);
        break;
    case 12:
        guest_dies(w, s[1] % HEADS);
        if (s[2] & 1) {
            world_reaps(w);
        }
        break;
    case 13:
        world_restart(w);
        if (s[2] & 1) {
            world_reaps(w);
        }
        break;
    case 14:
        w->broken = s[1] & 1;
        if (!w->broken) {
            cxl_dcd_pool_retry(&w->fabric->pool);
        }
        world_timer(w);
        if (s[2] & 1) {
            world_keep(w);
        }
        break;
    default:
        for (unsigned i = 0; i < HEADS; i++) {
            if (w->guest[i].attached) {
                guest_reads(w, &w->guest[i]);
            }
        }
    }
    model_compare(w);
}

/* When nobody lives, and nobody keeps a tag, there is nothing but free. */
static inline void model_end(World *w)
{
    CxlDcPool *pool = &w->fabric->pool;

    for (unsigned i = 0; i < HEADS; i++) {
        guest_dies(w, i);
    }
    world_reaps(w);
    /* What was offered to a head that nobody ever had */
    for (unsigned i = 0; i < HEADS; i++) {
        cxl_fabric_died(w->fabric, i);
    }
    for (unsigned tag = 1; tag < MODEL_TAGS; tag++) {
        CxlUuid uuid = { { tag } };

        cxl_dcd_unreference(pool, &uuid);
    }
    w->broken = false;
    cxl_dcd_pool_retry(pool);
    world_timer(w);
    model_compare(w);
    for (unsigned i = 0; i < pool->num_regions; i++) {
        g_assert_cmphex(pool->regions[i].free.total, ==, PER * BLOCK);
    }
    for (unsigned i = 0; i < BLOCKS; i++) {
        g_assert_cmphex(w->bytes[i], ==, 0);
    }
}

#endif /* TESTS_UNIT_CXL_FABRIC_MODEL_H */
