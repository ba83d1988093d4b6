/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/binding: how an operation ends, what is told about it, what the
 * world does by itself, and that it goes on where the state is loaded.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/binding-fixture.h"
#include "tests/unit/growth.h"

/* There and back, for each way to let go */
static void test_round(void)
{
    for (uint8_t option = 0; option < CXL_UNBIND_OPTIONS; option++) {
        Pair p = start();
        CxlEvVcs rec;

        g_assert_cmphex(bind_to(p, 1, 2, MLD, 3), ==, CXL_RC_BACKGROUND);
        g_assert_cmpuint(vppb_info(p, 1, 2).status, ==, CXL_VPPB_IN_PROGRESS);
        fine(p);
        g_assert_cmphex(bind_to(p, 1, 1, MLD, 2), ==, CXL_RC_BUSY);
        g_assert_true(answer(true));
        g_assert_cmpuint(vppb_info(p, 1, 2).status, ==, CXL_VPPB_LD);
        g_assert_cmpuint(vppb_info(p, 1, 2).ld, ==, 3);
        g_assert_cmphex(bg_rc(p), ==, 0);
        newest(p, CXL_EVLOG_INFO, &rec);
        g_assert_cmpuint(rec.vcs, ==, 1);
        g_assert_cmpuint(rec.vppb, ==, 2);
        g_assert_cmpuint(rec.status, ==, CXL_VPPB_LD);
        g_assert_cmpuint(rec.port, ==, MLD);
        g_assert_cmpuint(rec.ld, ==, 3);
        g_assert_cmphex(lduw_le_p(&rec.slot_control), ==, 0x1002);
        g_assert_cmphex(let_go(p, 1, 2, option), ==, CXL_RC_BACKGROUND);
        g_assert_cmpuint(p.is->surprises, ==, option == CXL_UNBIND_SURPRISE);
        fine(p);
        g_assert_true(answer(true));
        g_assert_cmpuint(vppb_info(p, 1, 2).status, ==, CXL_VPPB_UNBOUND);
        newest(p, CXL_EVLOG_INFO, &rec);
        g_assert_cmpuint(rec.status, ==, CXL_VPPB_UNBOUND);
        g_assert_false(answer(true));
        g_assert_cmpuint(p.sw->events.log[CXL_EVLOG_WARNING].count, ==, 0);
        g_assert_cmpuint(p.is->give_ups, ==, 0);
        stop(p);
    }
}

/* A thousand pairs leave nothing behind. */
static void test_no_growth(void)
{
    Pair p = start();

    for (unsigned i = 0; i < GROWTH_ROUNDS; i++) {
        g_assert_cmphex(bind_to(p, 1, 2, MLD, 3), ==, CXL_RC_BACKGROUND);
        g_assert_true(answer(true));
        g_assert_cmphex(let_go(p, 1, 2, i % CXL_UNBIND_OPTIONS), ==,
                        CXL_RC_BACKGROUND);
        g_assert_true(answer(true));
        no_growth(i);
    }
    fine(p);
    stop(p);
}

/* The world cannot, does not answer, is not waited for, or is reset. */
static void test_failures(void)
{
    enum { CANNOT, TIME, ABORT, RESET, HOST, WAYS };

    for (unsigned way = 0; way < WAYS; way++) {
        for (unsigned back = 0; back < 2; back++) {
            Pair p = start();
            CxlEvVcs rec;
            uint8_t was = back ? CXL_VPPB_LD : CXL_VPPB_UNBOUND;

            g_assert_cmphex(bind_to(p, 1, 1, MLD, 0), ==, CXL_RC_BACKGROUND);
            if (back) {
                answer(true);
                g_assert_cmphex(let_go(p, 1, 1, CXL_UNBIND_MANAGED), ==,
                                CXL_RC_BACKGROUND);
            }
            switch (way) {
            case CANNOT:
                g_assert_true(answer(false));
                break;
            case TIME:
                p.host->now += CXL_BINDING_NS / 2;
                cxl_switch_timer(p.sw);
                g_assert_cmpint(p.host->timer_at, <, INT64_MAX);
                p.host->now += CXL_BINDING_NS / 2;
                cxl_switch_timer(p.sw);
                g_assert_cmpint(p.host->timer_at, ==, INT64_MAX);
                break;
            case ABORT:
                g_assert_cmphex(command(p, CXL_OP_IS_ABORT, "", 0), ==, 0);
                break;
            case RESET:
                cxl_switch_reset(p.sw);
                break;
            case HOST:
                p.is->no_host = true;
                cxl_switch_refresh(p.sw);
                break;
            }
            fine(p);
            g_assert_cmpuint(p.is->give_ups, ==, way != CANNOT);
            if (way == HOST) {
                g_assert_null(cxl_vcs_find(&p.sw->vcs, 1, 1));
                stop(p);
                continue;
            }
            g_assert_cmpuint(vppb_info(p, 1, 1).status, ==, was);
            g_assert_false(answer(false));
            if (way != RESET) {
                g_assert_cmpuint(newest(p, CXL_EVLOG_WARNING, &rec), ==, 1);
                g_assert_cmpuint(rec.status, ==, was);
                g_assert_cmphex(bg_rc(p), ==, way == ABORT ? CXL_RC_ABORTED
                                                           : CXL_RC_RETRY);
            }
            stop(p);
        }
    }
}

/* Without the manager: a person plugs and unplugs, and it hears of that. */
static void test_world_changes(void)
{
    Pair p = start();
    unsigned before;
    CxlEvVcs rec;

    cxl_switch_refresh(p.sw);
    before = newest(p, CXL_EVLOG_INFO, &rec);
    cxl_switch_refresh(p.sw);
    g_assert_cmpuint(newest(p, CXL_EVLOG_INFO, &rec), ==, before);
    p.is->sees[0][4].bound = false;
    cxl_switch_refresh(p.sw);
    g_assert_cmpuint(newest(p, CXL_EVLOG_INFO, &rec), ==, before + 1);
    g_assert_cmpuint(rec.status, ==, CXL_VPPB_UNBOUND);
    p.is->sees[1][1].bound = true;
    p.is->sees[1][1].port = PORT;
    p.is->sees[1][1].ld = CXL_WHOLE_PORT;
    cxl_switch_refresh(p.sw);
    g_assert_cmpuint(newest(p, CXL_EVLOG_INFO, &rec), ==, before + 2);
    g_assert_cmpuint(rec.vcs, ==, 1);
    g_assert_cmpuint(rec.port, ==, PORT);
    p.is->no_device = true;
    cxl_switch_refresh(p.sw);
    g_assert_cmpuint(newest(p, CXL_EVLOG_INFO, &rec), ==, before + 3);
    g_assert_cmpuint(((CxlEvPort *)&rec)->port, ==, PORT);
    g_assert_cmpuint(((CxlEvPort *)&rec)->type, ==, CXL_EVPORT_LINK);
    stop(p);
}

/* It goes on where the state is loaded. */
static void test_save(void)
{
    for (unsigned back = 0; back < 2; back++) {
        Pair a = start(), b = start();
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        char *problem;

        g_assert_cmphex(bind_to(a, 1, 1, MLD, 2), ==, CXL_RC_BACKGROUND);
        if (back) {
            answer(true);
            g_assert_cmphex(let_go(a, 1, 1, CXL_UNBIND_WAIT), ==,
                            CXL_RC_BACKGROUND);
        }
        cxl_switch_save(a.sw, bytes);
        use(b);
        g_assert_true(cxl_switch_load(b.sw, bytes->data, bytes->len,
                                      &problem));
        fine(b);
        g_assert_cmpuint(b.is->binds, ==, !back);
        g_assert_cmpuint(b.is->resumed, ==, back);
        g_assert_cmpuint(b.is->placed, ==, VPPBS(0) + VPPBS(1) - 2);
        g_assert_true(b.is->sees[1][1].bound == back);
        g_assert_true(b.is->sees[0][4].bound);
        g_assert_true(answer(true));
        g_assert_cmpuint(vppb_info(b, 1, 1).status, ==,
                         back ? CXL_VPPB_UNBOUND : CXL_VPPB_LD);
        stop(b);
        use(a);
        answer(false);
        stop(a);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/binding/round", test_round);
    g_test_add_func("/cxl/binding/no-growth", test_no_growth);
    g_test_add_func("/cxl/binding/failures", test_failures);
    g_test_add_func("/cxl/binding/world-changes", test_world_changes);
    g_test_add_func("/cxl/binding/save", test_save);
    return g_test_run();
}
