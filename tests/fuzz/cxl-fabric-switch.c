/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A switch of several machines: they come, go, die and lie; managers bind,
 * unbind, abort and reach through; the switch's process ends and comes back
 * with what it has kept.  Messages cross, and are lost with their connection.
 *
 * The model is what machines have mapped, and how often each logical device has
 * become another.  No logical device is ever in two machines; what is bound in
 * the tables is lent; a machine that is honest hears nothing that it would
 * refuse; and who gets a logical device gets what the last one is known to have
 * handed over, or something that came after it.
 *
 * Input: steps of four bytes, what and three arguments.
 */
#include "qemu/osdep.h"
#include "tests/fuzz/fuzz-target.h"
#include "tests/unit/cxl/fabric-switch-fixture.h"

#define STEP      4
#define STEPS_MAX 256
#define RELAYS    2
#define SECOND    1000000000ll

typedef struct Known {
    uint32_t newest;        /* it has become another so often */
    uint32_t handed;        /* which of them the switch has for certain */
} Known;

/* What is below a bridge of a machine */
typedef struct Below {
    uint32_t is;            /* as Known counts */
    uint32_t said;          /* that was put into a message; 0: none since */
    uint8_t ld;             /* of @said */
} Below;

static struct {
    World *w;
    Known known[LDS];
    Below below[HOSTS][VPPBS];
    CxlFabricRelay relay[RELAYS];
} model;

/* --- what a logical device is --------------------------------------------- */

/* Some are longer than one part. */
static void becomes(unsigned i, unsigned vppb, uint32_t is)
{
    Machine *m = &model.w->machine[i];
    GByteArray *has = g_byte_array_new();
    uint32_t len = sizeof(is) + is % 3 * 20000;

    g_byte_array_set_size(has, len);
    memset(has->data, 0, len);
    stl_le_p(has->data, is);
    g_clear_pointer(&m->has[vppb - 1], g_byte_array_unref);
    m->has[vppb - 1] = has;
    model.below[i][vppb - 1].is = is;
    cxl_fabric_slots_changed(m->slots, vppb);
}

static void looks(Machine *m, unsigned vppb)
{
    const Known *k = &model.known[m->what.ld];
    uint32_t is = m->given ? ldl_le_p(m->given->data) : 0;

    g_assert_cmpuint(is, >=, k->handed);
    g_assert_cmpuint(is, <=, k->newest);
    model.below[m - model.w->machine][vppb - 1] = (Below) { .is = is };
}

static void says(unsigned i)
{
    Machine *m = &model.w->machine[i];

    if (!m->attached) {
        return;
    }
    to_switch(model.w, m);
    for (unsigned k = 0; k < VPPBS && m->slots->entered && !m->link.over;
         k++) {
        Below *b = &model.below[i][k];

        if (b->said) {
            Known *known = &model.known[b->ld];

            known->handed = MAX(known->handed, b->said);
            b->said = 0;
        }
    }
}

/* The machine is honest, and so is the switch. */
static void hears(unsigned i)
{
    Machine *m = &model.w->machine[i];

    if (m->attached && !m->link.over) {
        cxl_fabric_switch_fill(model.w->sw, &m->link);
    }
    if (m->attached && m->link.out->len) {
        to_machine(m, m->link.out->data, m->link.out->len);
        g_byte_array_set_size(m->link.out, 0);
        g_assert_true(!m->bad || m->link.over);
    }
}

static void lost(unsigned i)
{
    machine_leaves(model.w, i);
    for (unsigned k = 0; model.w->machine[i].process && k < VPPBS; k++) {
        /* What it ended with may be in its hands still. */
        if (!model.w->machine[i].slots->slot[k].last) {
            model.below[i][k].said = 0;
        }
    }
}

/* True: something was said. */
static bool talk(unsigned i)
{
    Machine *m = &model.w->machine[i];
    bool more = m->attached && m->slots->out->len;

    says(i);
    if (m->attached && !m->link.over) {
        cxl_fabric_switch_fill(model.w->sw, &m->link);
    }
    more = more || (m->attached && m->link.out->len);
    hears(i);
    if (m->attached && (m->bad || m->link.over)) {
        lost(i);
    }
    return more;
}

static void settle(void)
{
    for (bool more = true; more;) {
        more = false;
        for (unsigned i = 0; i < HOSTS; i++) {
            more |= talk(i);
        }
    }
}

/* --- machines ------------------------------------------------------------- */

static void comes(unsigned i, uint8_t vcs)
{
    Machine *m = &model.w->machine[i];
    CxlUuid id = { { 1, i } };

    if (m->attached) {
        return;
    }
    if (!m->process) {
        m->process = ++model.w->last_process;
        id.b[2] = m->process;
        m->slots = cxl_fabric_slots_new(&id, vcs & 0x40 ? vcs % HOSTS :
                                        CXL_FABRIC_ANY_HEAD, VPPBS,
                                        &machine_ops, m);
        m->looks = looks;
        memset(m->todo, 0, sizeof(m->todo));
        memset(model.below[i], 0, sizeof(model.below[i]));
    }
    machine_connects(model.w, i);
}

/* Deaths that nobody has noticed yet */
static void reap(void)
{
    CxlFabricSwitch *s = model.w->sw;

    for (unsigned v = 0; v < HOSTS; v++) {
        const CxlFabricSeat *seat = &s->vcs[v].seat;

        if (seat->known && !world_alive(model.w, seat->process)) {
            cxl_fabric_switch_died(s, v);
        }
    }
}

/* It does what it was asked for, or not; or something by itself. */
static void does(unsigned i, unsigned vppb, bool yes)
{
    Machine *m = &model.w->machine[i];
    Below *b = &model.below[i][vppb - 1];
    CxlFabricSlotState *slot = &m->slots->slot[vppb - 1];
    Asked todo = m->todo[vppb - 1];

    m->todo[vppb - 1] = NOTHING;
    if (slot->below == CXL_FABRIC_NO_LD) {
        return;
    }
    if (todo == ASKED_BIND && yes) {
        Known *k = &model.known[slot->below];

        becomes(i, vppb, b->is ?: ++k->newest);
        cxl_fabric_slots_is(m->slots, vppb, slot->below);
    } else if (todo == ASKED_BIND) {
        cxl_fabric_slots_is(m->slots, vppb, CXL_FABRIC_NO_LD);
    } else if (yes || todo == ASKED_SURPRISE) {
        b->said = m->has[vppb - 1] ? b->is : 0;
        b->ld = slot->below;
        cxl_fabric_slots_ends(m->slots, vppb);
        g_clear_pointer(&m->has[vppb - 1], g_byte_array_unref);
        cxl_fabric_slots_is(m->slots, vppb, CXL_FABRIC_NO_LD);
    } else if (todo == ASKED_MANAGED) {
        cxl_fabric_slots_is(m->slots, vppb, slot->below);
    }
}

static void changes(unsigned i, unsigned vppb, bool hand_over)
{
    Machine *m = &model.w->machine[i];
    uint8_t ld = m->slots->slot[vppb - 1].below;

    if (ld != CXL_FABRIC_NO_LD && m->has[vppb - 1] && !m->todo[vppb - 1]) {
        becomes(i, vppb, ++model.known[ld].newest);
    }
    if (hand_over && m->slots->entered) {
        cxl_fabric_slots_hand_over(m->slots);
        for (unsigned k = 0; k < VPPBS; k++) {
            if (m->has[k] && !m->slots->slot[k].changed) {
                model.below[i][k].said = model.below[i][k].is;
                model.below[i][k].ld = m->slots->slot[k].below;
            }
        }
    }
}

/* What cannot be true, and has to be noticed. */
static void lies(unsigned i, const uint8_t *s)
{
    Machine *m = &model.w->machine[i];
    CxlFabricMessage message = {
        .type = CXL_FABRIC_BELOW,
        .below = { .number = 1u << 30, .vppb = 1 + s[2] % VPPBS,
                   .ld = s[3] % LDS },
    };
    bool ignored = false;

    says(i);
    if (!m->attached || m->link.over || !m->link.vcs) {
        return;
    }
    switch (s[2] >> 4 & 3) {
    case 1:
        message.type = CXL_FABRIC_ENTER;
        message.enter.vppbs = 1;
        break;
    case 2:
        if (m->link.vcs->slot[s[2] % VPPBS].lent == s[3] % LDS) {
            return;
        }
        message.type = CXL_FABRIC_STATE;
        message.part = (CxlFabricPart) {
            .vppb = 1 + s[2] % VPPBS, .ld = s[3] % LDS, .total = 1, .len = 1,
            .bytes = s,
        };
        break;
    case 3:
        message.type = CXL_FABRIC_REPLY;
        message.relayed = (CxlFabricRelayed) {
            .number = 1u << 30, .vppb = 1, .len = s[3] % 4, .bytes = s,
        };
        ignored = true;
        break;
    }
    cxl_fabric_switch_take(model.w->sw, &m->link, &message);
    g_assert_true(m->link.over == !ignored);
}

static void machine_step(const uint8_t *s)
{
    unsigned i = s[1] % HOSTS, vppb = 1 + s[2] % VPPBS;

    if (!model.w->machine[i].process) {
        comes(i, s[3]);
        return;
    }
    switch (s[0] >> 4 & 7) {
    case 0:
        comes(i, s[3]);
        break;
    case 1:
        lost(i);
        break;
    case 2:
        does(i, vppb, s[3] & 1);
        break;
    case 3:
        changes(i, vppb, s[3] & 1);
        break;
    case 4:
        says(i);
        break;
    case 5:
        hears(i);
        break;
    case 6:
        lies(i, s);
        break;
    default:
        talk(i);
    }
}

/* --- managers and the switch's process ------------------------------------ */

static void execute(uint16_t opcode, const void *in, uint32_t len)
{
    uint8_t message[64], out[4096];
    CxlMessageHeader *h = (CxlMessageHeader *)message;

    *h = (CxlMessageHeader) {
        .category = CXL_MESSAGE_REQUEST, .command = opcode & 0xff,
        .command_set = opcode >> 8, .length[0] = len,
    };
    if (len) {
        memcpy(h + 1, in, len);
    }
    g_assert_cmpuint(cxl_fabric_switch_execute(model.w->sw, NULL, message,
                                               sizeof(*h) + len, out,
                                               sizeof(out)), >, 0);
}

static void relays(const uint8_t *s)
{
    CxlFabricRelay *r = &model.relay[s[1] % RELAYS];
    uint8_t tunnels[44] = {
        [3] = CXL_OP_TUNNEL & 0xff, [4] = CXL_OP_TUNNEL >> 8, [5] = 32,
        [12] = CXL_FABRIC_MLD_PORT, [14] = 28,
        [19] = CXL_OP_TUNNEL & 0xff, [20] = CXL_OP_TUNNEL >> 8, [21] = 16,
        [28] = s[2] % LDS, [30] = 12, [35] = 1,
    };
    uint8_t config[24] = {
        [3] = CXL_OP_LD_CONFIG & 0xff, [4] = CXL_OP_LD_CONFIG >> 8, [5] = 12,
        [12] = CXL_FABRIC_MLD_PORT, [14] = s[3], [15] = s[3] << 3,
        [16] = s[2] % LDS,
    };
    bool registers = r->step == CXL_FABRIC_RELAY_IDLE ? s[3] & 2 :
                     r->kind == CXL_FABRIC_FOR_REGISTERS;
    uint8_t out[256];

    if (s[3] & 1) {
        cxl_fabric_relay_give_up(r);
    }
    if (r->step != CXL_FABRIC_RELAY_ASKED) {
        bool again = r->step == CXL_FABRIC_RELAY_ANSWERED;

        g_assert_cmpuint(cxl_fabric_switch_execute(
                             model.w->sw, r, registers ? config : tunnels,
                             registers ? sizeof(config) : sizeof(tunnels), out,
                             sizeof(out)), >, 0);
        if (again) {
            cxl_fabric_relay_end(&model.w->sw->relays, r);
        }
    }
}

static void end_relays(void)
{
    for (unsigned i = 0; i < RELAYS; i++) {
        cxl_fabric_relay_end(&model.w->sw->relays, &model.relay[i]);
    }
}

/* What is kept is there again, and nobody is attached. */
static void restart(void)
{
    World *w = model.w;
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    GByteArray *states[LDS];
    char *problem = NULL;

    cxl_fabric_switch_save(w->sw, bytes);
    for (unsigned i = 0; i < HOSTS; i++) {
        lost(i);
    }
    for (unsigned i = 0; i < LDS; i++) {
        states[i] = w->sw->state[i].bytes ?
                    g_byte_array_ref(w->sw->state[i].bytes) : NULL;
    }
    end_relays();
    cxl_fabric_switch_free(w->sw);
    w->armed = INT64_MAX;
    world_open_switch(w);
    g_assert_true(cxl_fabric_switch_load(w->sw, bytes->data, bytes->len,
                                         &problem));
    for (unsigned i = 0; i < LDS; i++) {
        cxl_fabric_switch_know(w->sw, i, states[i]);
        g_clear_pointer(&states[i], g_byte_array_unref);
    }
}

static void manager_step(const uint8_t *s)
{
    const uint8_t bind[] = {
        s[1] % HOSTS, 1 + s[2] % VPPBS, CXL_FABRIC_MLD_PORT, 0, s[3] % LDS, 0,
    };
    const uint8_t unbind[] = { s[1] % HOSTS, 1 + s[2] % VPPBS, s[3] % 3 };

    switch (s[0] >> 4 & 3) {
    case 0 ... 1:
        execute(CXL_OP_VCS_BIND, bind, sizeof(bind));
        break;
    case 2:
        execute(CXL_OP_VCS_UNBIND, unbind, sizeof(unbind));
        break;
    default:
        if (s[3] & 1) {
            execute(CXL_OP_IS_ABORT, NULL, 0);
        } else {
            relays(s);
        }
    }
}

static void time_passes(uint8_t seconds)
{
    World *w = model.w;

    w->now += seconds * SECOND;
    if (w->armed <= w->now) {
        w->armed = INT64_MAX;
        cxl_fabric_switch_timer(w->sw);
    }
}

static void one_step(const uint8_t *s)
{
    switch (s[0] & 15) {
    case 0 ... 3:
        manager_step(s);
        break;
    case 4 ... 11:
        machine_step(s);
        break;
    case 12:
        machine_dies(model.w, s[1] % HOSTS);
        if (s[2] & 1) {
            reap();
        }
        break;
    case 13:
        restart();
        if (s[2] & 1) {
            reap();
        }
        break;
    case 14:
        time_passes(s[1]);
        break;
    default:
        settle();
    }
    world_check(model.w);
}

/* Each machine does what it was asked for: then tables say what there is. */
static void end(void)
{
    World *w = model.w;

    reap();
    for (unsigned round = 0; round < 4; round++) {
        time_passes(200);
        for (unsigned i = 0; i < HOSTS; i++) {
            comes(i, 0);
        }
        settle();
        for (unsigned i = 0; i < HOSTS; i++) {
            for (unsigned k = 1; k <= VPPBS; k++) {
                if (w->machine[i].todo[k - 1]) {
                    does(i, k, true);
                }
            }
        }
        settle();
    }
    world_check(w);
    for (unsigned i = 0; i < HOSTS; i++) {
        const Machine *m = &w->machine[i];

        for (unsigned k = 1; m->attached && k <= VPPBS; k++) {
            uint8_t below = m->slots->slot[k - 1].below;

            g_assert_cmpint(state(w, m->slots->vcs, k), ==,
                            below == CXL_FABRIC_NO_LD ? CXL_UNBOUND :
                            CXL_BOUND);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    memset(&model, 0, sizeof(model));
    model.w = world_new();
    for (unsigned i = 0; i < STEPS_MAX && size >= STEP;
         i++, data += STEP, size -= STEP) {
        one_step(data);
    }
    end();
    end_relays();
    world_free(model.w);
    return 0;
}
