/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables, rings and completion from the outside: ids TBL-*, RNG-*, CMP-*.
 */
#include "qemu/osdep.h"
#include "tests/qtest/sdxi/util.h"

#define NOTHING_HAPPENS_US 30000

static SdxiErr start_fails(SdxiRig *r, SdxiCxt *c)
{
    uint64_t n = sdxi_fn_rd(r->fn, SDXI_ERR_WRT);
    SdxiDsc d = sdxi_dsc_cxt(SDXI_DSC_CXT_START, c->num, c->num);

    g_assert_true(sdxi_cxt_do(&r->fn->admin, d));
    return sdxi_fn_last_err(r->fn, n);
}

static void test_context_130(SdxiRig *r)
{
    SdxiCxt c;

    sdxi_cxt_init(&c, r->fn, 130, 1024);
    g_assert_cmphex(c.l1_ent, ==, r->fn->l1[1] + 2 * 32);
    sdxi_cxt_start(&c);
    g_assert_false(sdxi_cxt_do(&c, sdxi_dsc_nop()));
}

static void test_no_l2(SdxiRig *r)
{
    SdxiDsc d = sdxi_dsc_cxt(SDXI_DSC_CXT_START, 200, 200);

    g_assert_false(sdxi_cxt_do(&r->fn->admin, d));
    sdxi_fn_doorbell(r->fn, 200, 1);
    sdxi_fn_wait_errors(r->fn, 1);
    g_assert_cmpuint(sdxi_fn_err(r->fn, 0).step, ==, SDXI_STEP_L2);
    g_assert_cmpuint(sdxi_fn_err(r->fn, 0).re, ==, 0);
    g_assert_cmpuint(sdxi_fn_state(r->fn), ==, SDXI_ST_ACTIVE);
    g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_nop()));
}

static void test_no_l1(SdxiRig *r)
{
    SdxiCxt c;

    sdxi_cxt_init(&c, r->fn, 7, 1024);
    qtest_writeq(r->vm->qts, c.l1_ent, c.ctl | 2);
    g_assert_false(sdxi_cxt_do(&r->fn->admin,
                               sdxi_dsc_cxt(SDXI_DSC_CXT_START, 7, 7)));
    g_assert_cmpuint(sdxi_cxt_state(&c), ==, SDXI_CXT_STOP_SW);
}

static void test_no_ctl(SdxiRig *r)
{
    SdxiErr e;
    SdxiCxt c;

    sdxi_cxt_init(&c, r->fn, 7, 1024);
    qtest_writeq(r->vm->qts, c.ctl, c.ring | 0x30);
    e = start_fails(r, &c);
    g_assert_cmpuint(e.step, ==, SDXI_STEP_CTL);
    g_assert_cmpuint(e.sub_step, ==, 3);
    g_assert_cmpuint(e.cxt, ==, 7);
}

static void test_odd_ring(SdxiRig *r)
{
    SdxiDsc d = sdxi_dsc_nop();
    SdxiCxt c;

    sdxi_cxt_init(&c, r->fn, 2, 1500);
    sdxi_cxt_start(&c);
    for (int lap = 0; lap < 3; lap++) {
        for (int i = 0; i < 1100; i++) {
            sdxi_cxt_push(&c, &d);
        }
        sdxi_cxt_kick(&c);
        sdxi_cxt_wait_index(&c, c.count);
    }
    g_assert_cmpuint(sdxi_cxt_state(&c), ==, SDXI_CXT_RUN);
}

static void test_small_ring(SdxiRig *r)
{
    SdxiErr e;
    SdxiCxt c;

    sdxi_cxt_init(&c, r->fn, 2, 512);
    e = start_fails(r, &c);
    g_assert_cmpuint(e.step, ==, SDXI_STEP_CTL);
    g_assert_cmpuint(e.sub_step, ==, 3);
}

static void test_reuse(SdxiRig *r)
{
    SdxiCxt old, c;

    sdxi_cxt_init(&old, r->fn, 2, 1024);
    sdxi_cxt_start(&old);
    g_assert_false(sdxi_cxt_do(&old, sdxi_dsc_nop()));
    sdxi_cxt_stop(&old);
    sdxi_cxt_init(&c, r->fn, 2, 1100);
    sdxi_cxt_start(&c);
    g_assert_false(sdxi_cxt_do(&c, sdxi_dsc_nop()));
    g_assert_cmpuint(sdxi_cxt_read_index(&c), ==, 1);
    g_assert_cmpuint(sdxi_cxt_read_index(&old), ==, 1);
    g_assert_cmpuint(sdxi_cxt_state(&old), ==, SDXI_CXT_STOP_SW);
}

static void test_vl_cleared(SdxiRig *r)
{
    uint64_t slot = sdxi_cxt_slot(&r->c, 0);
    SdxiDsc d = sdxi_dsc_nop();
    uint64_t q[8];

    d.q[0] |= 0x6;
    d.q[3] = 0x1122334455667788ull;
    sdxi_cxt_push(&r->c, &d);
    sdxi_cxt_kick(&r->c);
    sdxi_cxt_wait_index(&r->c, 1);
    qtest_memread(r->vm->qts, slot, q, sizeof(q));
    for (int i = 0; i < 8; i++) {
        g_assert_cmphex(le64_to_cpu(q[i]), ==, d.q[i]);
    }
}

/* Slots reserved with VL = 0, made valid in the reverse order. */
static void test_reserved(SdxiRig *r)
{
    QTestState *qts = r->vm->qts;
    SdxiDsc d = sdxi_dsc_nop();

    qtest_writeq(qts, r->c.wi, 3);
    for (int i = 2; i > 0; i--) {
        qtest_writeq(qts, sdxi_cxt_slot(&r->c, i) + 56, 1);
        qtest_writeq(qts, sdxi_cxt_slot(&r->c, i), d.q[0] | 1);
        sdxi_fn_doorbell(r->fn, 1, i + 1);
    }
    g_usleep(NOTHING_HAPPENS_US);
    g_assert_cmpuint(sdxi_cxt_read_index(&r->c), ==, 0);
    g_assert_cmpuint(sdxi_cxt_state(&r->c), ==, SDXI_CXT_RUN);
    qtest_writeq(qts, sdxi_cxt_slot(&r->c, 0) + 56, 1);
    qtest_writeq(qts, sdxi_cxt_slot(&r->c, 0), d.q[0] | 1);
    sdxi_fn_doorbell(r->fn, 1, 1);
    sdxi_cxt_wait_index(&r->c, 3);
    g_assert_cmpuint(sdxi_fn_rd(r->fn, SDXI_ERR_WRT), ==, 0);
}

static void test_laps(SdxiRig *r)
{
    uint64_t csb = sdxi_csb_new(r->vm, 10 * 1024);
    SdxiDsc d = sdxi_dsc_nop();

    sdxi_dsc_set_csb(&d, csb);
    for (int lap = 0; lap < 10; lap++) {
        for (int i = 0; i < 1024; i++) {
            sdxi_cxt_push(&r->c, &d);
        }
        sdxi_cxt_kick(&r->c);
        sdxi_csb_wait(r->vm, csb, (9 - lap) * 1024);
    }
    sdxi_cxt_wait_index(&r->c, 10 * 1024);
    g_assert_cmpuint(sdxi_csb_signal(r->vm, csb), ==, 0);
}

static void check_broken_ring(SdxiRig *r, uint64_t write_index)
{
    SdxiErr e;

    qtest_writeq(r->vm->qts, r->c.wi, write_index);
    sdxi_fn_doorbell(r->fn, 1, write_index);
    e = sdxi_fn_last_err(r->fn, 0);
    g_assert_cmpuint(e.step, ==, SDXI_STEP_WI);
    g_assert_cmpuint(e.sub_step, ==, 3);
    g_assert_cmpuint(e.re, ==, 1);
    sdxi_cxt_wait_state(&r->c, SDXI_CXT_ERR);
}

static void test_index_behind(SdxiRig *r)
{
    g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_nop()));
    sdxi_cxt_wait_index(&r->c, 1);
    check_broken_ring(r, 0);
}

static void test_index_ahead(SdxiRig *r)
{
    check_broken_ring(r, 1025);
}

static void test_two_contexts(SdxiRig *r)
{
    uint64_t src = sdxi_vm_alloc(r->vm, 1 * MiB, 4096);
    uint64_t dst = sdxi_vm_alloc(r->vm, 1 * MiB, 4096);
    SdxiDsc d = sdxi_dsc_copy(src, dst, 1 * MiB);
    SdxiCxt c;

    sdxi_cxt_init(&c, r->fn, 2, 1024);
    sdxi_cxt_start(&c);
    for (int i = 0; i < 1024; i++) {
        sdxi_cxt_push(&r->c, &d);
    }
    sdxi_cxt_kick(&r->c);
    g_assert_false(sdxi_cxt_do(&c, sdxi_dsc_nop()));
    g_test_message("the other context was at %" PRIu64 " of 1024",
                   sdxi_cxt_read_index(&r->c));
    sdxi_cxt_wait_index(&r->c, 1024);
}

static void test_decrement(SdxiRig *r)
{
    static const uint64_t from[] = { 0xff, 1, 0, 1ull << 32 };

    for (int i = 0; i < ARRAY_SIZE(from); i++) {
        uint64_t csb = sdxi_csb_new(r->vm, from[i]);
        SdxiDsc d = sdxi_dsc_nop();

        sdxi_dsc_set_csb(&d, csb);
        sdxi_cxt_push(&r->c, &d);
        sdxi_cxt_kick(&r->c);
        sdxi_csb_wait(r->vm, csb, from[i] - 1);
    }
}

static void test_shared_csb(SdxiRig *r)
{
    uint64_t csb = sdxi_csb_new(r->vm, 100);
    SdxiDsc d = sdxi_dsc_nop();

    sdxi_dsc_set_csb(&d, csb);
    for (int i = 0; i < 37; i++) {
        sdxi_cxt_push(&r->c, &d);
    }
    sdxi_cxt_kick(&r->c);
    sdxi_cxt_wait_index(&r->c, 37);
    sdxi_csb_wait(r->vm, csb, 63);
}

static void test_no_pointer(SdxiRig *r)
{
    uint64_t csb = sdxi_csb_new(r->vm, 5);
    SdxiDsc d = sdxi_dsc_nop();

    sdxi_dsc_set_csb(&d, csb | 1);
    sdxi_cxt_push(&r->c, &d);
    sdxi_cxt_kick(&r->c);
    g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_nop()));
    g_assert_cmpuint(sdxi_csb_signal(r->vm, csb), ==, 5);
}

static void test_csb_rest(SdxiRig *r)
{
    uint64_t csb = sdxi_csb_new(r->vm, 1), q[4];
    SdxiDsc d = sdxi_dsc_nop();

    for (int i = 1; i < 4; i++) {
        qtest_writeq(r->vm->qts, csb + i * 8, i << 16);
    }
    sdxi_dsc_set_csb(&d, csb);
    sdxi_cxt_push(&r->c, &d);
    sdxi_cxt_kick(&r->c);
    sdxi_csb_wait(r->vm, csb, 0);
    qtest_memread(r->vm->qts, csb, q, sizeof(q));
    for (int i = 1; i < 4; i++) {
        g_assert_cmphex(le64_to_cpu(q[i]), ==, i << 16);
    }
}

static void test_data_before_signal(SdxiRig *r)
{
    const size_t len = 256 * KiB;
    uint64_t src = sdxi_vm_alloc(r->vm, len, 4096);
    uint64_t dst = sdxi_vm_alloc(r->vm, len, 4096);

    for (int i = 0; i < 20; i++) {
        sdxi_vm_fill(r->vm, src, len, i);
        g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_copy(src, dst, len)));
        g_assert_true(sdxi_vm_equal(r->vm, src, dst, len));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    sdxi_add_running("/sdxi/tbl-01/context-130", "contexts=256",
                     test_context_130);
    sdxi_add_running("/sdxi/tbl-02/no-l2", "contexts=256", test_no_l2);
    sdxi_add_running("/sdxi/tbl-03/no-l1", NULL, test_no_l1);
    sdxi_add_running("/sdxi/tbl-04/no-ctl", NULL, test_no_ctl);
    sdxi_add_running("/sdxi/tbl-05/odd-ring", NULL, test_odd_ring);
    sdxi_add_running("/sdxi/tbl-06/small-ring", NULL, test_small_ring);
    sdxi_add_running("/sdxi/tbl-07/reuse", NULL, test_reuse);
    sdxi_add_running("/sdxi/rng-01/vl-cleared", NULL, test_vl_cleared);
    sdxi_add_running("/sdxi/rng-02/read-index", NULL, test_odd_ring);
    sdxi_add_running("/sdxi/rng-03/blocked", NULL, test_reserved);
    sdxi_add_running("/sdxi/rng-04/resumes", NULL, test_reserved);
    sdxi_add_running("/sdxi/rng-05/reserved", NULL, test_reserved);
    sdxi_add_running("/sdxi/rng-06/laps", NULL, test_laps);
    sdxi_add_running("/sdxi/rng-07/index-behind", NULL, test_index_behind);
    sdxi_add_running("/sdxi/rng-08/index-ahead", NULL, test_index_ahead);
    sdxi_add_running("/sdxi/rng-09/two-contexts", NULL, test_two_contexts);
    sdxi_add_running("/sdxi/cmp-01/decrement", NULL, test_decrement);
    sdxi_add_running("/sdxi/cmp-02/shared", NULL, test_shared_csb);
    sdxi_add_running("/sdxi/cmp-03/no-pointer", NULL, test_no_pointer);
    sdxi_add_running("/sdxi/cmp-04/rest", NULL, test_csb_rest);
    sdxi_add_running("/sdxi/cmp-05/data-first", NULL, test_data_before_signal);
    return g_test_run();
}
