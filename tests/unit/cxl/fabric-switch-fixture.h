/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A switch with logical devices beside a pool, and machines that are its hosts
 * (core/fabric-slots.h): both ends of the protocol, without sockets.  What
 * machines have mapped is the truth that is compared with the accounts.
 */
#ifndef TESTS_UNIT_CXL_FABRIC_SWITCH_FIXTURE_H
#define TESTS_UNIT_CXL_FABRIC_SWITCH_FIXTURE_H

#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/core/binding.h"
#include "hw/cxl/core/fabric-enter.h"
#include "hw/cxl/core/fabric-link.h"
#include "hw/cxl/core/fabric-slots.h"
#include "hw/cxl/core/message.h"
#include "hw/cxl/wire/fm.h"

#define HOSTS 3
#define LDS   3
#define VPPBS 2

typedef enum Asked {
    NOTHING, ASKED_BIND, ASKED_MANAGED, ASKED_SURPRISE,
} Asked;

typedef struct Machine {
    uint8_t process;        /* 0: none; unique for ever */
    bool attached;          /* there is a connection */
    CxlFabricLink link;
    CxlFabricStream stream;
    CxlFabricSlots *slots;
    unsigned asked_vppb;    /* the last command: */
    Asked asked;
    Asked todo[VPPBS];      /* the last one of each; for whoever counts */
    CxlFabricBind what;
    GByteArray *given;      /* with it; or NULL */
    GByteArray *has[VPPBS]; /* the state of what is below each; or NULL */
    unsigned executed;      /* managers' commands */
    uint32_t room;          /* for the answer to the last one */
    uint8_t config[4096], regs[4096]; /* of what is below any bridge */
    unsigned accesses;      /* of them */
    GByteArray *lie;        /* the answer to them; or NULL */
    void (*looks)(struct Machine *m, unsigned vppb); /* at each BIND; or NULL */
    bool bad;               /* the machine has hung up */
    unsigned refused;       /* for what is below that bridge */
} Machine;

typedef struct World {
    CxlFabric *pool;
    CxlFabricSwitch *sw;
    CxlFabricSwitchConfig cfg;
    int64_t now, armed;     /* INT64_MAX: not */
    uint8_t last_process;
    uint64_t wiped[2];      /* bytes of logical devices, and of labels */
    bool wipe_fails;
    uint16_t news;          /* bits of 0106h */
    Machine machine[HOSTS];
} World;

static inline int64_t world_now(void *opaque)
{
    return ((World *)opaque)->now;
}

static inline void world_arm(void *opaque, int64_t at)
{
    ((World *)opaque)->armed = at;
}

static inline void world_cancel(void *opaque)
{
    ((World *)opaque)->armed = INT64_MAX;
}

static inline void world_message(void *opaque, unsigned msgnum)
{
}

static inline void world_trace(void *opaque, CxlTraceStep step, uint64_t a,
                               uint64_t b, uint64_t c)
{
}

static inline bool world_alive(void *opaque,
                               const uint8_t process[CXL_FABRIC_PROCESS])
{
    World *w = opaque;

    for (unsigned i = 0; i < HOSTS; i++) {
        if (w->machine[i].process == process[0]) {
            return true;
        }
    }
    return false;
}

static inline bool world_wipe(void *opaque, uint64_t dpa, uint64_t len)
{
    return true;
}

static inline bool world_wipe_ld(void *opaque, uint64_t offset, uint64_t len)
{
    World *w = opaque;

    if (w->wipe_fails) {
        return false;
    }
    w->wiped[offset < 1536 * MiB ? 0 : 1] += len;
    return true;
}

static inline void world_notify(void *opaque, uint16_t what)
{
    ((World *)opaque)->news |= what;
}

static const CxlHostOps world_ops = {
    .now_ns = world_now, .timer_arm = world_arm, .timer_cancel = world_cancel,
    .message = world_message, .trace = world_trace,
};

static inline void machine_binds(void *opaque, unsigned vppb,
                                 const CxlFabricBind *what,
                                 const GByteArray *state)
{
    Machine *m = opaque;

    m->asked = m->todo[vppb - 1] = ASKED_BIND;
    m->asked_vppb = vppb;
    m->what = *what;
    g_clear_pointer(&m->given, g_byte_array_unref);
    g_clear_pointer(&m->has[vppb - 1], g_byte_array_unref);
    if (state) {
        m->given = g_byte_array_new();
        g_byte_array_append(m->given, state->data, state->len);
    }
    if (m->looks) {
        m->looks(m, vppb);
    }
}

static inline void machine_unbinds(void *opaque, unsigned vppb, bool surprise)
{
    Machine *m = opaque;

    m->asked = surprise ? ASKED_SURPRISE : ASKED_MANAGED;
    m->todo[vppb - 1] = m->asked;
    m->asked_vppb = vppb;
}

static inline bool machine_saves(void *opaque, unsigned vppb, GByteArray *out)
{
    const Machine *m = opaque;
    const GByteArray *has = m->has[vppb - 1];

    if (has) {
        g_byte_array_append(out, has->data, has->len);
    }
    return has;
}

/* What it was told, as an answer; or what the case wants it to say */
static inline uint32_t machine_executes(void *opaque, unsigned vppb,
                                        const uint8_t *message, uint32_t len,
                                        uint8_t *out, uint32_t out_max)
{
    Machine *m = opaque;
    uint32_t n = m->lie ? m->lie->len : len;

    g_assert_cmpuint(n, <=, out_max);
    if (n) {
        memcpy(out, m->lie ? m->lie->data : message, n);
    }
    if (!m->lie) {
        out[0] = CXL_MESSAGE_RESPONSE;
    }
    m->asked_vppb = vppb;
    m->room = out_max;
    m->executed++;
    return n;
}

static inline bool machine_config(void *opaque, unsigned vppb,
                                  uint16_t address, unsigned size,
                                  bool is_write, uint32_t *data)
{
    Machine *m = opaque;

    g_assert_cmpuint(address + size, <=, sizeof(m->config));
    m->accesses++;
    m->asked_vppb = vppb;
    if (is_write) {
        stn_le_p(m->config + address, size, *data);
    } else {
        *data = ldn_le_p(m->config + address, size);
    }
    return true;
}

/* Its registers are in one page. */
#define MACHINE_REGS 0xfe000000ull

static inline bool machine_memory(void *opaque, unsigned vppb,
                                  uint64_t address, unsigned size,
                                  bool is_write, uint64_t *data)
{
    Machine *m = opaque;
    uint64_t at = address - MACHINE_REGS;

    m->accesses++;
    m->asked_vppb = vppb;
    if (at > sizeof(m->regs) - size) {
        return false;
    }
    if (is_write) {
        stn_le_p(m->regs + at, size, *data);
    } else {
        *data = ldn_le_p(m->regs + at, size);
    }
    return true;
}

static const CxlFabricSlotsOps machine_ops = {
    .bind = machine_binds, .unbind = machine_unbinds, .save = machine_saves,
    .execute = machine_executes, .config = machine_config,
    .memory = machine_memory,
};

/* Nobody has what another one has, whatever is under way. */
static inline void world_check(World *w)
{
    unsigned seen = 0;

    g_assert_cmpstr(cxl_fabric_switch_check(w->sw), ==, NULL);
    for (unsigned i = 0; i < HOSTS; i++) {
        const CxlFabricSlots *s = w->machine[i].slots;

        for (unsigned k = 0; s && k < VPPBS; k++) {
            if (s->slot[k].below != CXL_FABRIC_NO_LD) {
                g_assert_false(seen >> s->slot[k].below & 1);
                seen |= 1u << s->slot[k].below;
            }
        }
    }
}

static inline void world_open_switch(World *w)
{
    static const CxlFabricSwitchOps ops = {
        .alive = world_alive, .wipe = world_wipe_ld, .notify = world_notify,
    };

    w->sw = cxl_fabric_switch_new(&w->cfg, w->pool, &world_ops, &ops, w);
}

static inline World *world_new(void)
{
    static const CxlFabricOps ops = { world_wipe, world_alive };
    CxlFabricConfig pool = {
        .hosts = 1, .num_regions = 1,
        .regions[0] = { .len = 256 * MiB, .block_size = 2 * MiB },
    };
    World *w = g_new0(World, 1);

    w->armed = INT64_MAX;
    w->pool = cxl_fabric_new(&pool, &world_ops, &ops, w);
    w->cfg = (CxlFabricSwitchConfig) {
        .hosts = HOSTS, .lds = LDS, .size = 1536 * MiB + 4 * MiB, .serial = 7,
        .base = 256 * MiB, .capacity = 1280 * MiB,
        .ld = {
            { .offset = 256 * MiB, .len = 256 * MiB },
            { .offset = 512 * MiB, .len = 256 * MiB },
            { .offset = 768 * MiB, .len = 256 * MiB, .persistent = true,
              .labels_offset = 1536 * MiB, .labels = 256 * KiB },
        },
    };
    world_open_switch(w);
    return w;
}

/* --- machines ------------------------------------------------------------- */

/* The connection is closed from either side. */
static inline void machine_leaves(World *w, unsigned i)
{
    Machine *m = &w->machine[i];

    if (m->attached) {
        cxl_fabric_switch_detach(w->sw, &m->link);
        cxl_fabric_link_destroy(&m->link);
        cxl_fabric_slots_lost(m->slots);
        m->attached = false;
    }
}

static inline void to_switch(World *w, Machine *m)
{
    const GByteArray *out = m->slots->out;

    for (uint32_t at = 0; at < out->len && !m->link.over;) {
        CxlFabricMessage message;
        const char *why;
        uint32_t max;
        uint8_t *to = cxl_fabric_stream_room(&m->stream, &max);

        max = MIN(max, out->len - at);
        memcpy(to, out->data + at, max);
        at += max;
        switch (cxl_fabric_stream_arrived(&m->stream, max, &message, &why)) {
        case CXL_FABRIC_WHOLE:
            cxl_fabric_switch_take(w->sw, &m->link, &message);
            break;
        case CXL_FABRIC_BAD:
            g_assert_not_reached();
        default:
            break;
        }
    }
    g_byte_array_set_size(m->slots->out, 0);
}

static inline void to_machine(Machine *m, const uint8_t *bytes, uint32_t len)
{
    for (uint32_t at = 0; at < len && !m->bad;) {
        const char *why = NULL;
        uint32_t max;
        uint8_t *to = cxl_fabric_slots_room(m->slots, &max);

        max = MIN(max, len - at);
        memcpy(to, bytes + at, max);
        at += max;
        m->bad = cxl_fabric_slots_arrived(m->slots, max, &why) ==
                 CXL_FABRIC_SLOTS_BAD;
        g_assert_true(!m->bad || why);
        if (m->bad && m->slots->stream.bytes[5] == CXL_FABRIC_REFUSED) {
            m->refused = m->slots->stream.bytes[CXL_FABRIC_HEADER + 2];
        }
    }
}

/* All that both sides of all connections have to say */
static inline void exchange(World *w)
{
    for (unsigned i = 0; i < HOSTS; i++) {
        Machine *m = &w->machine[i];

        for (uint32_t said = 1; m->attached && said;) {
            said = m->slots->out->len;
            to_switch(w, m);
            cxl_fabric_switch_fill(w->sw, &m->link);
            said |= m->link.out->len;
            to_machine(m, m->link.out->data, m->link.out->len);
            g_byte_array_set_size(m->link.out, 0);
        }
        if (m->attached && (m->bad || m->link.over)) {
            machine_leaves(w, i);
        }
    }
    world_check(w);
}

/* The connection is there, and nothing has been said. */
static inline void machine_connects(World *w, unsigned i)
{
    Machine *m = &w->machine[i];
    uint8_t process[CXL_FABRIC_PROCESS] = { 0 };

    machine_leaves(w, i);
    m->bad = false;
    process[0] = m->process;
    cxl_fabric_link_init(&m->link, w->pool, process);
    cxl_fabric_stream_init(&m->stream, true);
    m->attached = true;
    cxl_fabric_slots_connected(m->slots);
}

/* A process, if there is none, that attaches */
static inline bool machine_comes(World *w, unsigned i, uint16_t vcs)
{
    Machine *m = &w->machine[i];
    CxlUuid id = { { 1, i } };

    if (!m->process) {
        m->process = ++w->last_process;
        id.b[2] = m->process;
        m->slots = cxl_fabric_slots_new(&id, vcs, VPPBS, &machine_ops, m);
    }
    m->slots->vcs = vcs;
    machine_connects(w, i);
    exchange(w);
    return m->attached;
}

/* Whoever watches processes says so later. */
static inline void machine_dies(World *w, unsigned i)
{
    Machine *m = &w->machine[i];

    machine_leaves(w, i);
    g_clear_pointer(&m->slots, cxl_fabric_slots_free);
    g_clear_pointer(&m->given, g_byte_array_unref);
    g_clear_pointer(&m->lie, g_byte_array_unref);
    for (unsigned k = 0; k < VPPBS; k++) {
        g_clear_pointer(&m->has[k], g_byte_array_unref);
    }
    m->process = 0;
}

static inline void machine_is(World *w, unsigned i, unsigned vppb, uint8_t ld)
{
    cxl_fabric_slots_is(w->machine[i].slots, vppb, ld);
    exchange(w);
}

/* What is below the bridge becomes another: @len bytes of @byte. */
static inline void machine_becomes(World *w, unsigned i, unsigned vppb,
                                   uint32_t len, uint8_t byte)
{
    Machine *m = &w->machine[i];
    GByteArray *has = g_byte_array_new();

    g_byte_array_set_size(has, len);
    if (len) {
        memset(has->data, byte, len);
    }
    g_clear_pointer(&m->has[vppb - 1], g_byte_array_unref);
    m->has[vppb - 1] = has;
    cxl_fabric_slots_changed(m->slots, vppb);
}

static inline void machine_hands_over(World *w, unsigned i)
{
    cxl_fabric_slots_hand_over(w->machine[i].slots);
    exchange(w);
}

/* It lets go of what it has. */
static inline void machine_ends(World *w, unsigned i, unsigned vppb)
{
    cxl_fabric_slots_ends(w->machine[i].slots, vppb);
    machine_is(w, i, vppb, CXL_FABRIC_NO_LD);
}

/* The state that was given with the last BIND: @len bytes of @byte */
static inline void assert_given(const World *w, unsigned i, uint32_t len,
                                uint8_t byte)
{
    const GByteArray *given = w->machine[i].given;

    g_assert_cmpuint(given ? given->len : 0, ==, len);
    for (uint32_t at = 0; at < len; at++) {
        g_assert_cmphex(given->data[at], ==, byte);
    }
}

static inline void world_free(World *w)
{
    for (unsigned i = 0; i < HOSTS; i++) {
        machine_dies(w, i);
    }
    cxl_fabric_switch_free(w->sw);
    cxl_fabric_free(w->pool);
    g_free(w);
}

/* --- the manager ---------------------------------------------------------- */

static inline CxlRc manage(World *w, uint16_t opcode, const void *in,
                           uint32_t len)
{
    uint8_t message[256], out[4096];
    CxlMessageHeader *h = (CxlMessageHeader *)message;

    *h = (CxlMessageHeader) {
        .category = CXL_MESSAGE_REQUEST, .command = opcode & 0xff,
        .command_set = opcode >> 8, .length[0] = len,
    };
    if (len) {
        memcpy(h + 1, in, len);
    }
    g_assert_cmpuint(cxl_fabric_switch_execute(w->sw, NULL, message,
                                               sizeof(*h) + len, out,
                                               sizeof(out)), >, 0);
    exchange(w);
    return lduw_le_p(&((CxlMessageHeader *)out)->rc);
}

/* What is in the tunnel to the MLD; the tunnel itself is there. */
static inline CxlRc at_mld(World *w, uint16_t opcode, const void *in,
                           uint32_t len)
{
    uint8_t message[256] = { 0 }, out[4096];
    CxlMessageHeader *outer = (CxlMessageHeader *)message;
    CxlTunnelIn *tunnel = (CxlTunnelIn *)(outer + 1);
    CxlMessageHeader *h = &tunnel->message;
    uint32_t size = sizeof(*h) + len;

    tunnel->id = CXL_FABRIC_MLD_PORT;
    stw_le_p(&tunnel->size, size);
    outer->command_set = CXL_OP_TUNNEL >> 8;
    outer->command = CXL_OP_TUNNEL & 0xff;
    outer->length[0] = sizeof(*tunnel) + len;
    h->command_set = opcode >> 8;
    h->command = opcode & 0xff;
    h->length[0] = len;
    memcpy(h + 1, in, len);
    g_assert_cmpuint(cxl_fabric_switch_execute(w->sw, NULL, message,
                                               sizeof(*outer) +
                                               sizeof(*tunnel) + len, out,
                                               sizeof(out)), >, 0);
    g_assert_cmphex(lduw_le_p(&((CxlMessageHeader *)out)->rc), ==, 0);
    exchange(w);
    h = &((CxlTunnelOut *)(out + sizeof(*h)))->message;
    return lduw_le_p(&h->rc);
}

/* One logical device gets so many units. */
static inline CxlRc allocate(World *w, uint8_t ld, uint64_t range1,
                             uint64_t range2)
{
    uint8_t in[sizeof(CxlMldAllocate) + sizeof(CxlMldAllocation)] = { 1, ld };

    stq_le_p(in + 4, range1);
    stq_le_p(in + 12, range2);
    return at_mld(w, CXL_OP_MLD_ALLOCATE, in, sizeof(in));
}

static inline CxlRc bind_ld(World *w, uint8_t vcs, uint8_t vppb, uint16_t ld)
{
    const uint8_t in[] = { vcs, vppb, CXL_FABRIC_MLD_PORT, 0, ld, ld >> 8 };

    return manage(w, CXL_OP_VCS_BIND, in, sizeof(in));
}

static inline CxlRc unbind(World *w, uint8_t vcs, uint8_t vppb, uint8_t option)
{
    const uint8_t in[] = { vcs, vppb, option };

    return manage(w, CXL_OP_VCS_UNBIND, in, sizeof(in));
}

/* With the machine's consent */
static inline void bound(World *w, unsigned i, unsigned vppb, uint8_t ld)
{
    uint8_t vcs = w->machine[i].slots->vcs;

    g_assert_cmphex(bind_ld(w, vcs, vppb, ld), ==, CXL_RC_BACKGROUND);
    g_assert_cmpint(w->machine[i].asked, ==, ASKED_BIND);
    machine_is(w, i, vppb, ld);
    g_assert_cmpint(w->sw->sw->vcs.vcs[vcs].vppb[vppb].state, ==, CXL_BOUND);
}

static inline uint8_t state(World *w, uint8_t vcs, uint8_t vppb)
{
    const CxlVppb *v = cxl_vcs_find(&w->sw->sw->vcs, vcs, vppb);

    return v ? v->state : CXL_UNBOUND;
}

/* How the last change ended */
static inline CxlRc ended(World *w)
{
    g_assert_false(w->sw->sw->cci.bg.running);
    return w->sw->sw->cci.bg.rc;
}

#endif /* TESTS_UNIT_CXL_FABRIC_SWITCH_FIXTURE_H */
