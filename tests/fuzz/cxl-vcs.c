/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bindings of a switch with two hosts against a model: who has what, whether a
 * change is under way, and what each command must say. The manager binds,
 * unbinds, aborts and asks; the world answers, or not; people plug and unplug,
 * a host comes and goes, the switch is reset and moves to another machine.
 *
 * Step: op[1] vcs[1] vppb[1] what[1]; the last is a port in [2:0] and a logical
 * device in [7:4].
 */
#include "qemu/osdep.h"
#include "tests/fuzz/fuzz-target.h"
#include "tests/unit/cxl/switch-fixture.h"

#define STEP 4
#define STEPS_MAX 256

typedef enum Phase { FREE, COMING, HERE, GOING } Phase;

typedef struct Model {
    Pair p;
    struct {
        Phase phase;
        uint8_t port;
        uint16_t ld;
    } at[2][8];
    bool busy;          /* a change is under way, there: */
    uint8_t vcs, vppb;
} Model;

/* --- the model ------------------------------------------------------------ */

static bool exists(const Model *m, uint8_t vcs, uint8_t vppb)
{
    return vcs < 2 && vppb && vppb < VPPBS(vcs) && !(vcs && world.no_host);
}

static bool free_for_all(const Model *m, uint8_t port, uint16_t ld)
{
    for (unsigned v = 0; v < 2; v++) {
        for (unsigned k = 1; k < VPPBS(v); k++) {
            if (m->at[v][k].phase != FREE && m->at[v][k].port == port &&
                (m->at[v][k].ld == ld || ld == CXL_WHOLE_PORT ||
                 m->at[v][k].ld == CXL_WHOLE_PORT)) {
                return false;
            }
        }
    }
    return true;
}

static CxlRc may_come(const Model *m, uint8_t vcs, uint8_t vppb, uint8_t port,
                      uint16_t ld)
{
    if (m->busy) {
        return CXL_RC_BUSY;
    }
    return exists(m, vcs, vppb) && m->at[vcs][vppb].phase == FREE &&
           port < PORTS &&
           (port == MLD ? ld < MLD_LDS : ld == CXL_WHOLE_PORT) &&
           free_for_all(m, port, ld) ? CXL_RC_BACKGROUND
                                     : CXL_RC_INVALID_INPUT;
}

static void ends(Model *m, bool done)
{
    Phase was = m->at[m->vcs][m->vppb].phase;

    m->at[m->vcs][m->vppb].phase = (was == COMING) == done ? HERE : FREE;
    m->busy = false;
}

/* --- steps ---------------------------------------------------------------- */

static void bind_step(Model *m, const uint8_t *s)
{
    CxlBindIn in = { .vcs = s[1] % 3, .vppb = s[2] % 9, .port = s[3] & 7 };
    uint16_t ld = s[3] >> 4 < 6 ? s[3] >> 4 : CXL_WHOLE_PORT;
    CxlRc expected = may_come(m, in.vcs, in.vppb, in.port, ld);

    stw_le_p(&in.ld, ld);
    g_assert_cmphex(command(m->p, CXL_OP_VCS_BIND, &in, sizeof(in)), ==,
                    expected);
    if (expected == CXL_RC_BACKGROUND) {
        m->at[in.vcs][in.vppb].phase = COMING;
        m->at[in.vcs][in.vppb].port = in.port;
        m->at[in.vcs][in.vppb].ld = ld;
        m->busy = true;
        m->vcs = in.vcs;
        m->vppb = in.vppb;
    }
}

static void unbind_step(Model *m, const uint8_t *s)
{
    CxlUnbindIn in = { .vcs = s[1] % 3, .vppb = s[2] % 9, .option = s[3] & 3 };
    CxlRc expected = m->busy ? CXL_RC_BUSY : CXL_RC_INVALID_INPUT;

    if (!m->busy && exists(m, in.vcs, in.vppb) &&
        in.option < CXL_UNBIND_OPTIONS &&
        m->at[in.vcs][in.vppb].phase == HERE) {
        expected = CXL_RC_BACKGROUND;
    }
    g_assert_cmphex(command(m->p, CXL_OP_VCS_UNBIND, &in, sizeof(in)), ==,
                    expected);
    if (expected == CXL_RC_BACKGROUND) {
        m->at[in.vcs][in.vppb].phase = GOING;
        m->busy = true;
        m->vcs = in.vcs;
        m->vppb = in.vppb;
    }
}

static void answer_step(Model *m, const uint8_t *s)
{
    bool done = s[3] & 1;

    if (m->busy) {
        g_assert_true(answer(done));
        ends(m, done);
    } else {
        g_assert_false(cxl_binding_answer(m->p.sw, s[1], s[2], done));
    }
}

/* By a person: anything free to anywhere free, or away */
static void plug_step(Model *m, const uint8_t *s)
{
    uint8_t vcs = s[1] % 2, vppb = 1 + s[2] % (VPPBS(vcs) - 1);
    uint8_t port = s[3] % PORTS;
    uint16_t ld = port == MLD ? s[3] >> 4 & 3 : CXL_WHOLE_PORT;

    if (!exists(m, vcs, vppb)) {
        return;
    }
    if (m->at[vcs][vppb].phase == HERE) {
        world.sees[vcs][vppb].bound = false;
        m->at[vcs][vppb].phase = FREE;
    } else if (m->at[vcs][vppb].phase == FREE && free_for_all(m, port, ld)) {
        world.sees[vcs][vppb].bound = true;
        world.sees[vcs][vppb].port = port;
        world.sees[vcs][vppb].ld = ld;
        m->at[vcs][vppb].phase = HERE;
        m->at[vcs][vppb].port = port;
        m->at[vcs][vppb].ld = ld;
    }
    cxl_switch_refresh(m->p.sw);
}

static void host_step(Model *m)
{
    world.no_host = !world.no_host;
    for (unsigned k = 1; k < VPPBS(1) && world.no_host; k++) {
        m->at[1][k].phase = FREE;
        world.sees[1][k].bound = false;
    }
    m->busy &= !world.no_host || m->vcs == 0;
    cxl_switch_refresh(m->p.sw);
}

static void end_step(Model *m, uint8_t how)
{
    if (how & 1) {
        cxl_switch_reset(m->p.sw);
    } else if (how & 2) {
        m->p.host->now += CXL_BINDING_NS;
        cxl_switch_timer(m->p.sw);
    } else {
        command(m->p, CXL_OP_IS_ABORT, "", 0);
    }
    if (m->busy) {
        ends(m, false);
    }
}

static void move_step(Model *m)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    char *problem;

    cxl_switch_save(m->p.sw, bytes);
    g_assert_true(cxl_switch_load(m->p.sw, bytes->data, bytes->len,
                                  &problem));
}

static void step(Model *m, const uint8_t *s)
{
    switch (s[0] & 7) {
    case 0:
    case 1:
        bind_step(m, s);
        break;
    case 2:
        unbind_step(m, s);
        break;
    case 3:
    case 4:
        answer_step(m, s);
        break;
    case 5:
        plug_step(m, s);
        break;
    case 6:
        if (s[3] & 8) {
            host_step(m);
        } else {
            end_step(m, s[3]);
        }
        break;
    case 7:
        move_step(m);
        break;
    }
}

static void compare(const Model *m)
{
    static const CxlVppbState states[] = {
        [FREE] = CXL_UNBOUND, [COMING] = CXL_BINDING, [HERE] = CXL_BOUND,
        [GOING] = CXL_UNBINDING,
    };

    g_assert_cmpstr(cxl_switch_check(m->p.sw), ==, NULL);
    for (unsigned v = 0; v < 2; v++) {
        for (unsigned k = 1; k < VPPBS(v); k++) {
            const CxlVppb *vppb = cxl_vcs_find(&m->p.sw->vcs, v, k);

            g_assert_true(!vppb == !exists(m, v, k));
            if (vppb) {
                g_assert_cmpuint(vppb->state, ==, states[m->at[v][k].phase]);
            }
            if (vppb && m->at[v][k].phase != FREE) {
                g_assert_cmpuint(vppb->port, ==, m->at[v][k].port);
                g_assert_cmpuint(vppb->ld, ==, m->at[v][k].ld);
            }
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Model m = { .p = start() };

    m.at[0][4].phase = HERE;
    m.at[0][4].port = PORT;
    m.at[0][4].ld = CXL_WHOLE_PORT;
    cxl_switch_refresh(m.p.sw);
    for (unsigned i = 0; i < STEPS_MAX && (i + 1) * STEP <= size; i++) {
        step(&m, data + i * STEP);
        compare(&m);
    }
    stop(m.p);
    return 0;
}
