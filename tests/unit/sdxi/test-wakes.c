/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whatever may wait is woken: every operation of every group behind one that
 * it may have to wait for, with the wait ending anywhere in a budget.
 *
 * A function is run here as its workers run it: again if there was more to
 * do, else only after a kick.  Nothing else happens, no doorbell, no clock; so
 * what is not woken by its reason stays where it is, and the test says so.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/ops/profiles.h"
#include "tests/unit/sdxi/fake-guest.h"

#define BUDGET (512 * 1024)
#define LANES 2

/* As little memory as it takes, for there are many functions. */
#define DATA G_CXT(3)
#define MEMORY (DATA + 0x10000)

static uint8_t memory[2][MEMORY];

/* A function with its workers: none of them means sdxi_device_run(). */
typedef struct Side {
    FakeHost *g;
    SdxiPipe *pipe[LANES];
    unsigned kicks;             /* seen */
    bool more;
} Side;

static void virtual(SdxiConfig *config)
{
    config->vf = true;
    config->sfunc = 2;
}

static void all_groups(SdxiConfig *config)
{
    static const SdxiParams all = {
        .x_atomics = true, .x_minimal_atomics = true,
    };

    config->groups = sdxi_profile_groups(&sdxi_profile_standard, &all);
}

/* Contexts 1 and 2 run. */
static void side_open(Side *s, bool vf, bool pipes)
{
    memset(s, 0, sizeof(*s));
    s->g = guest_new_over(memory[vf], MEMORY, vf ? virtual : all_groups);
    guest_log(s->g);
    guest_activate(s->g);
    guest_akey(s->g, 0, 0, 3 | 5 << 4, 0);
    for (unsigned n = 1; n <= 2; n++) {
        guest_context(s->g, n, n, STOP_SW);
        guest_start(s->g, n);
    }
    guest_akey(s->g, 1, 0, 3 | 5 << 4, 0);
    for (unsigned i = 0; pipes && i < LANES; i++) {
        s->pipe[i] = sdxi_pipe_new(s->g->dev, s->g);
    }
    s->kicks = s->g->kicks;
}

static void side_close(Side *s)
{
    for (unsigned i = 0; i < LANES && s->pipe[i]; i++) {
        sdxi_pipe_free(s->pipe[i]);
    }
    guest_free(s->g);
}

static bool run_pipes(Side *s, bool fresh)
{
    bool others, has[LANES] = { }, more = false;

    for (unsigned i = 0; i < LANES; i++) {
        SdxiPick what = sdxi_pipe_pick(s->pipe[i], fresh, &others);

        has[i] = what == SDXI_PICK_WORK;
        more |= what != SDXI_PICK_NOTHING;
    }
    for (unsigned i = LANES; i--;) {
        if (has[i]) {
            sdxi_pipe_work(s->pipe[i]);
        }
    }
    for (unsigned i = 0; i < LANES; i++) {
        if (has[i]) {
            sdxi_pipe_put(s->pipe[i]);
        }
    }
    return more;
}

/* False: its workers sleep. */
static bool side_run(Side *s, uint64_t budget)
{
    bool fresh = s->kicks != s->g->kicks;

    if (!s->more && !fresh) {
        return false;
    }
    s->kicks = s->g->kicks;
    s->more = s->pipe[0] ? run_pipes(s, fresh)
                         : sdxi_device_run(s->g->dev, budget);
    g_assert_cmpstr(sdxi_device_check(s->g->dev), ==, NULL);
    return true;
}

/* Its workers sleep, and rightly so. */
static void side_check_idle(Side *s)
{
    SdxiInfo info;

    sdxi_device_query(s->g->dev, &info);
    g_assert_cmpuint(info.ready, ==, 0);
}

static void push(Side *s, unsigned n, Dsc d)
{
    guest_ring(s->g, n, guest_push(s->g, n, &d) + 1);
}

/* --- every row ----------------------------------------------------------- */

/* A descriptor of @row that can be carried out; on contexts up to @last. */
static Dsc sample(const SdxiOpGroup *group, const SdxiOpRow *row,
                  unsigned filter, unsigned last)
{
    uint32_t dw0 = 1 | row->subtype << 8 | group->type << 16;
    Dsc d;

    switch (row->shape) {
    case SDXI_SHAPE_COPY:
    case SDXI_SHAPE_REPCOPY:
        d = dsc_copy(DATA, DATA + 0x8000, 8192, 0, 0, 0);
        break;
    case SDXI_SHAPE_IMM:
        d = dsc_imm(DATA + 0x8000, "memory", 4, 0);
        break;
    case SDXI_SHAPE_ATOMIC:
        d = dsc_copy(DATA, DATA + 0x8000, 1, 0, 0, 0);
        d.dw[1] = 3;            /* 64 bits, old value returned */
        break;
    case SDXI_SHAPE_ADMIN:
        d = dsc_sync(filter, 1, last, 0);
        break;
    default:
        d = dsc_intr(0, 0);
        break;
    }
    d.dw[0] = dw0;
    return d;
}

typedef void RowFn(const SdxiOpGroup *group, const SdxiOpRow *row,
                   unsigned filter);

static void each_row(RowFn *fn)
{
    for (unsigned i = 0; i < sdxi_profile_standard.num_groups; i++) {
        const SdxiOpGroup *group = sdxi_profile_standard.groups[i];

        for (unsigned n = 0; n < group->num_rows; n++) {
            bool sync = group->admin && group->rows[n].subtype == 6;

            for (unsigned filter = 0; filter < (sync ? 5 : 1); filter++) {
                fn(group, &group->rows[n], filter);
            }
        }
    }
}

/* --- contexts of the function -------------------------------------------- */

/* What comes before: nothing, and all that leaves something outstanding. */
static const uint32_t before[] = { D_NOP, D_CXT_UPD, D_FN_UPD, D_STOP };

static void finish_behind_copy(Side *admin, Side *owner, Dsc first, Dsc d,
                               uint64_t bytes)
{
    unsigned rounds = 0;

    push(owner, 1, dsc_copy(FAKE_SINK, FAKE_SINK, bytes, 0, 0, 0));
    side_run(owner, BUDGET / 4);
    guest_arm(admin->g, 0, 0, 1);
    d.dw[14] = G_CSB(0, 0);
    guest_push(admin->g, 0, &first);
    push(admin, 0, d);
    while (side_run(admin, BUDGET) |
           (owner != admin && side_run(owner, BUDGET))) {
        g_assert_cmpuint(rounds++, <, 1000);
    }
    g_assert_cmpuint(guest_signal(admin->g, 0, 0), ==, 0);
    g_assert_cmpuint(guest_state(admin->g, 0), ==, RUN);
    side_check_idle(admin);
    side_check_idle(owner);
}

static void behind_copy(const SdxiOpGroup *group, const SdxiOpRow *row,
                        unsigned filter)
{
    for (unsigned i = 0; group->admin && i < 4 * ARRAY_SIZE(before); i++) {
        bool pipes = i & 1, busy = i & 2;
        Dsc first = dsc_admin(before[i / 4] | D_FE, 1, 2, 0);

        for (uint64_t part = 1; part <= 12; part++) {
            Side s;

            side_open(&s, false, pipes);
            for (unsigned n = 0; busy && n < 20; n++) {
                push(&s, 2, dsc_copy(FAKE_SINK, FAKE_SINK, BUDGET / 8, 0, 0,
                                     0));
            }
            finish_behind_copy(&s, &s, first, sample(group, row, filter, 2),
                               part * BUDGET / 4 + 1);
            side_close(&s);
        }
    }
}

static void test_contexts(void)
{
    each_row(behind_copy);
}

/* --- another function ---------------------------------------------------- */

static void at_vf(const SdxiOpGroup *group, const SdxiOpRow *row,
                  unsigned filter)
{
    for (unsigned i = 0; group->admin && i < 4 * ARRAY_SIZE(before); i++) {
        Dsc first = dsc_admin(before[i / 4] | D_FE, 1, 2, 0);
        Dsc d = sample(group, row, filter, 2);

        if (row->shape == SDXI_SHAPE_ADMIN) {
            d.dw[1] |= 1 << 15;
        }
        if (before[i / 4] != D_NOP) {
            first.dw[1] |= 1 << 15;
        }
        for (uint64_t part = 1; part <= 12; part += 3) {
            Side pf, vf;

            side_open(&pf, false, i & 1);
            side_open(&vf, true, i & 2);
            pf.g->vf[0] = vf.g;
            finish_behind_copy(&pf, &vf, first, d, part * BUDGET / 4 + 1);
            side_close(&pf);
            side_close(&vf);
        }
    }
}

static void test_function(void)
{
    each_row(at_vf);
}

/* --- memory -------------------------------------------------------------- */

/* After some accesses of somebody else memory is there, and that is told. */
typedef struct Arrival {
    unsigned accesses;
} Arrival;

static void arrive(FakeHost *g, void *opaque, FakeKind kind, uint64_t addr,
                   uint32_t len)
{
    Arrival *a = opaque;

    if (addr >= FAKE_SINK && a->accesses && !--a->accesses) {
        fake_host_no_traps(g);
        g->kicks++;
    }
}

static void finish_with_late_page(Side *s, unsigned n, Dsc d, uint64_t page,
                                  unsigned kinds, unsigned when)
{
    Arrival a = { when };
    unsigned rounds = 0;

    guest_arm(s->g, n, 0, 1);
    d.dw[14] = G_CSB(n, 0);
    for (unsigned i = 0; i < 10; i++) {
        push(s, 2, dsc_copy(FAKE_SINK, FAKE_SINK, BUDGET / 2, 0, 0, 0));
    }
    fake_host_trap(s->g, page, 4096, kinds, SDXI_MEM_AGAIN, 0);
    s->g->meddle = arrive;
    s->g->meddle_opaque = &a;
    push(s, n, d);
    while (side_run(s, BUDGET)) {
        g_assert_cmpuint(rounds++, <, 1000);
    }
    g_assert_cmpuint(a.accesses, ==, 0);
    g_assert_cmpuint(guest_signal(s->g, n, 0), ==, 0);
    g_assert_false(guest_er(s->g, n, 0));
    g_assert_cmpuint(guest_state(s->g, n), ==, RUN);
    side_check_idle(s);
}

static void late_page(const SdxiOpGroup *group, const SdxiOpRow *row,
                      unsigned filter)
{
    unsigned n = !group->admin;
    const struct {
        uint64_t page;
        unsigned kinds;
    } places[] = {
        { G_RING(n), FAKE_READ | FAKE_WRITE }, { G_STS(n), FAKE_WRITE },
        { G_AKEYS(n), FAKE_READ }, { G_CSB(n, 0), FAKE_WRITE },
        { DATA, FAKE_READ | FAKE_WRITE }, { DATA + 0x8000, FAKE_WRITE },
    };

    for (unsigned i = 0; i < 2 * ARRAY_SIZE(places); i++) {
        for (unsigned when = 1; when <= 6; when++) {
            Side s;

            side_open(&s, false, i & 1);
            finish_with_late_page(&s, n, sample(group, row, filter, 1),
                                  places[i / 2].page, places[i / 2].kinds,
                                  when);
            side_close(&s);
        }
    }
}

static void test_memory(void)
{
    each_row(late_page);
}

/* --- the flag of a completion block -------------------------------------- */

/* Whoever compares finds something else than a moment ago. */
static void never_the_same(FakeHost *g, void *opaque, FakeKind kind,
                           uint64_t addr, uint32_t len)
{
    if (addr == G_CSB(1, 0) + 8) {
        g->memory[addr]++;
    }
}

static void test_er(void)
{
    for (unsigned pipes = 0; pipes < 2; pipes++) {
        unsigned rounds = 0;
        Side s;

        side_open(&s, false, pipes);
        guest_arm(s.g, 1, 0, 1);
        s.g->meddle = never_the_same;
        push(&s, 1, dsc_copy(DATA, DATA, 64, 9, 9, G_CSB(1, 0)));
        while (side_run(&s, BUDGET)) {
            g_assert_cmpuint(rounds++, <, 100);
        }
        g_assert_true(guest_er(s.g, 1, 0));
        g_assert_cmpuint(guest_signal(s.g, 1, 0), ==, 0);
        g_assert_cmpuint(guest_state(s.g, 1), ==, ERR_FN);
        side_close(&s);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/wakes/contexts", test_contexts);
    g_test_add_func("/sdxi/wakes/function", test_function);
    g_test_add_func("/sdxi/wakes/memory", test_memory);
    g_test_add_func("/sdxi/wakes/er", test_er);
    return g_test_run();
}
