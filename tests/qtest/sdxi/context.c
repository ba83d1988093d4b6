/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting and stopping contexts, and drivers' lives: ids CXT-* and DRV-*.
 */
#include "qemu/osdep.h"
#include "tests/qtest/sdxi/util.h"

#define NOTHING_HAPPENS_US 30000

static bool admin(SdxiRig *r, SdxiDsc d)
{
    return sdxi_cxt_do(&r->fn->admin, d);
}

static void test_start(SdxiRig *r)
{
    SdxiCxt c;

    sdxi_cxt_init(&c, r->fn, 2, 1024);
    g_assert_cmpuint(sdxi_cxt_state(&c), ==, SDXI_CXT_STOP_SW);
    sdxi_cxt_start(&c);
}

static void test_start_running(SdxiRig *r)
{
    g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_nop()));
    sdxi_cxt_start(&r->c);
    sdxi_cxt_wait_index(&r->c, 1);
    g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_nop()));
    g_assert_cmpuint(sdxi_fn_rd(r->fn, SDXI_ERR_WRT), ==, 0);
}

static void test_stop(SdxiRig *r)
{
    sdxi_cxt_stop(&r->c);
    g_assert_cmpuint(sdxi_cxt_state(&r->c), ==, SDXI_CXT_STOP_SW);
}

static void test_silent(SdxiRig *r)
{
    uint64_t csb = sdxi_csb_new(r->vm, 1);
    SdxiDsc d = sdxi_dsc_nop();

    sdxi_cxt_stop(&r->c);
    sdxi_dsc_set_csb(&d, csb);
    sdxi_cxt_push(&r->c, &d);
    sdxi_cxt_kick(&r->c);
    g_usleep(NOTHING_HAPPENS_US);
    g_assert_cmpuint(sdxi_csb_signal(r->vm, csb), ==, 1);
    g_assert_cmpuint(sdxi_cxt_read_index(&r->c), ==, 0);
    g_assert_cmpuint(sdxi_cxt_state(&r->c), ==, SDXI_CXT_STOP_SW);
}

static void test_stop_self(SdxiRig *r)
{
    SdxiDsc d = sdxi_dsc_cxt(SDXI_DSC_CXT_STOP, 0, 0);

    sdxi_cxt_push(&r->fn->admin, &d);
    sdxi_cxt_kick(&r->fn->admin);
    sdxi_cxt_wait_state(&r->fn->admin, SDXI_CXT_STOP_SW);
}

static void test_start_range(SdxiRig *r)
{
    static const unsigned nums[] = { 2, 3, 64, 127 };
    SdxiCxt c[ARRAY_SIZE(nums)];

    for (int i = 0; i < ARRAY_SIZE(nums); i++) {
        sdxi_cxt_init(&c[i], r->fn, nums[i], 1024);
    }
    g_assert_false(admin(r, sdxi_dsc_cxt(SDXI_DSC_CXT_START, 1, 0xffff)));
    for (int i = 0; i < ARRAY_SIZE(nums); i++) {
        g_assert_cmpuint(sdxi_cxt_state(&c[i]), ==, SDXI_CXT_RUN);
        g_assert_false(sdxi_cxt_do(&c[i], sdxi_dsc_nop()));
    }
    g_assert_cmpuint(sdxi_fn_rd(r->fn, SDXI_ERR_WRT), ==, 0);
}

static void test_start_doorbell(SdxiRig *r)
{
    SdxiDsc start = sdxi_dsc_cxt(SDXI_DSC_CXT_START, 2, 2);
    SdxiDsc nop = sdxi_dsc_nop();
    SdxiCxt c;

    sdxi_cxt_init(&c, r->fn, 2, 1024);
    sdxi_cxt_push(&c, &nop);
    sdxi_cxt_push(&c, &nop);
    start.q[0] |= 1ull << 46;
    start.q[2] = 2;
    g_assert_false(admin(r, start));
    sdxi_cxt_wait_index(&c, 2);
}

static void test_restore(SdxiRig *r)
{
    SdxiCxt a, b;

    sdxi_cxt_init(&a, r->fn, 2, 1024);
    sdxi_cxt_init(&b, r->fn, 3, 1024);
    sdxi_cxt_set_state(&a, SDXI_CXT_STOP_FN);
    g_assert_false(admin(r, sdxi_dsc_cxt(SDXI_DSC_CXT_START_RS, 2, 3)));
    g_assert_cmpuint(sdxi_cxt_state(&a), ==, SDXI_CXT_RUN);
    g_assert_cmpuint(sdxi_cxt_state(&b), ==, SDXI_CXT_STOP_SW);
    g_assert_false(sdxi_cxt_do(&a, sdxi_dsc_nop()));
}

static void test_restart(SdxiRig *r)
{
    SdxiDsc d = sdxi_dsc_nop();

    g_assert_false(sdxi_cxt_do(&r->c, d));
    sdxi_cxt_stop(&r->c);
    g_assert_cmpuint(sdxi_cxt_read_index(&r->c), ==, 1);
    sdxi_cxt_push(&r->c, &d);
    sdxi_cxt_start(&r->c);
    g_assert_false(sdxi_cxt_do(&r->c, d));
    sdxi_cxt_wait_index(&r->c, 3);
}

static void test_admin_elsewhere(SdxiRig *r)
{
    SdxiErr e;

    g_assert_true(sdxi_cxt_do(&r->c, sdxi_dsc_sync(1, 1, 1)));
    sdxi_cxt_wait_state(&r->c, SDXI_CXT_ERR);
    e = sdxi_fn_last_err(r->fn, 0);
    g_assert_cmpuint(e.step, ==, SDXI_STEP_DSC);
    g_assert_cmpuint(e.sub_step, ==, 3);
    g_assert_cmpuint(e.cxt, ==, 1);
    g_assert_false(admin(r, sdxi_dsc_nop()));
}

static void check_bad_range(SdxiRig *r)
{
    g_assert_true(admin(r, sdxi_dsc_cxt(SDXI_DSC_CXT_START, 9, 8)));
    g_assert_cmpuint(sdxi_fn_last_err(r->fn, 0).step, ==, SDXI_STEP_DSC);
    sdxi_cxt_wait_state(&r->fn->admin, SDXI_CXT_ERR);
    /* The way back for the administrative context: RUN and a doorbell. */
    sdxi_cxt_set_state(&r->fn->admin, SDXI_CXT_RUN);
    qtest_writeq(r->vm->qts, r->fn->admin.sts + 8, r->fn->admin.count);
    g_assert_false(admin(r, sdxi_dsc_nop()));
}

static void test_probe(SdxiRig *r)
{
    sdxi_fn_wr(r->fn, SDXI_CTL0,
               sdxi_fn_rd(r->fn, SDXI_CTL0) & ~3ull);
    sdxi_fn_wait(r->fn, SDXI_ST_STOP);
    sdxi_fn_up(r->fn);
    g_assert_cmpuint(sdxi_fn_state(r->fn), ==, SDXI_ST_ACTIVE);
    g_assert_cmpuint(sdxi_fn_rd(r->fn, SDXI_ERR_STS), ==, 0);
}

/* Start, copy, stop, as a channel is allocated and released. */
static void test_channel(SdxiRig *r)
{
    const unsigned rounds = g_test_slow() ? 10000 : 300;
    uint64_t src = sdxi_vm_alloc(r->vm, 4096, 4096);
    uint64_t dst = sdxi_vm_alloc(r->vm, 4096, 4096);
    SdxiCxt c;

    sdxi_cxt_init(&c, r->fn, 2, 1024);
    sdxi_vm_fill(r->vm, src, 4096, 7);
    for (unsigned i = 0; i < rounds; i++) {
        sdxi_cxt_start(&c);
        g_assert_false(sdxi_cxt_do(&c, sdxi_dsc_copy(src, dst, 4096)));
        sdxi_cxt_stop(&c);
    }
    g_assert_true(sdxi_vm_equal(r->vm, src, dst, 4096));
    g_assert_cmpuint(sdxi_cxt_read_index(&c), ==, rounds);
}

/* Two requests of {COPY, INTR}, prepared in order, issued in reverse. */
static void test_reverse_issue(SdxiRig *r)
{
    QTestState *qts = r->vm->qts;
    uint64_t src = sdxi_vm_alloc(r->vm, 8192, 4096);
    uint64_t dst = sdxi_vm_alloc(r->vm, 8192, 4096);
    uint64_t csb[2] = { sdxi_csb_new(r->vm, 1), sdxi_csb_new(r->vm, 1) };
    uint64_t cell = sdxi_msix_arm(r->fn, 1);

    sdxi_cxt_akey(&r->c, 0, SDXI_AKEY_VL | SDXI_AKEY_IV | SDXI_AKEY_INTR(1),
                  0);
    sdxi_vm_fill(r->vm, src, 8192, 3);
    for (int i = 0; i < 2; i++) {
        SdxiDsc d[2] = {
            sdxi_dsc_copy(src + i * 4096, dst + i * 4096, 4096),
            sdxi_dsc_intr(0),
        };

        sdxi_dsc_set_csb(&d[0], csb[i]);
        for (int j = 0; j < 2; j++) {
            uint64_t slot = sdxi_cxt_slot(&r->c, i * 2 + j);

            sdxi_dsc_set_fence(&d[j]);
            qtest_memwrite(qts, slot, d[j].q, 64);
        }
    }
    qtest_writeq(qts, r->c.wi, 4);
    for (int i = 1; i >= 0; i--) {
        for (int j = 0; j < 2; j++) {
            uint64_t slot = sdxi_cxt_slot(&r->c, i * 2 + j);

            qtest_writeb(qts, slot, qtest_readb(qts, slot) | 1);
        }
        sdxi_fn_doorbell(r->fn, 1, i * 2 + 2);
    }
    sdxi_cxt_wait_index(&r->c, 4);
    sdxi_msix_wait(r->fn, cell);
    g_assert_cmpuint(sdxi_csb_signal(r->vm, csb[0]), ==, 0);
    g_assert_cmpuint(sdxi_csb_signal(r->vm, csb[1]), ==, 0);
    g_assert_true(sdxi_vm_equal(r->vm, src, dst, 8192));
}

/* The RFC driver: state preset to RUN, a start nobody waits for, 0xff. */
static void test_rfc(SdxiRig *r)
{
    SdxiDsc start = sdxi_dsc_cxt(SDXI_DSC_CXT_START, 1, 1);
    SdxiDsc stop = sdxi_dsc_cxt(SDXI_DSC_CXT_STOP, 1, 1);
    uint64_t buf = sdxi_vm_alloc(r->vm, 8192, 4096);
    SdxiDsc copy = sdxi_dsc_copy(buf, buf + 4096, 4096);
    uint64_t csb = sdxi_csb_new(r->vm, 0xff);
    SdxiCxt *adm = &r->fn->admin;
    SdxiCxt c;

    sdxi_fn_wr(r->fn, SDXI_CTL0, 0);
    sdxi_fn_wait(r->fn, SDXI_ST_STOP);
    sdxi_fn_up(r->fn);
    sdxi_fn_errlog(r->fn);
    sdxi_cxt_init(&c, r->fn, 1, 1024);
    sdxi_cxt_set_state(&c, SDXI_CXT_RUN);
    sdxi_cxt_push(adm, &start);
    sdxi_cxt_kick(adm);
    sdxi_dsc_set_csb(&copy, csb);
    sdxi_cxt_push(&c, &copy);
    sdxi_cxt_kick(&c);
    sdxi_csb_wait(r->vm, csb, 0xfe);
    sdxi_cxt_push(adm, &stop);
    sdxi_cxt_kick(adm);
    sdxi_cxt_wait_state(&c, SDXI_CXT_STOP_SW);
    test_stop_self(r);
    sdxi_fn_request(r->fn, SDXI_STOP_SF);
    sdxi_fn_wait(r->fn, SDXI_ST_STOP);
    g_assert_cmpuint(sdxi_fn_rd(r->fn, SDXI_ERR_WRT), ==, 0);
}

static void test_reprobe(SdxiRig *r)
{
    for (int i = 0; i < 5; i++) {
        test_stop(r);
        sdxi_fn_request(r->fn, SDXI_STOP_SF);
        sdxi_fn_wait(r->fn, SDXI_ST_STOP);
        test_probe(r);
        sdxi_cxt_init(&r->c, r->fn, 1, 1024);
        sdxi_cxt_start(&r->c);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    sdxi_add_running("/sdxi/cxt-01/start", NULL, test_start);
    sdxi_add_running("/sdxi/cxt-02/start-running", NULL, test_start_running);
    sdxi_add_running("/sdxi/cxt-03/stop", NULL, test_stop);
    sdxi_add_running("/sdxi/cxt-04/silent", NULL, test_silent);
    sdxi_add_running("/sdxi/cxt-05/stop-self", NULL, test_stop_self);
    sdxi_add_running("/sdxi/cxt-06/start-range", NULL, test_start_range);
    sdxi_add_running("/sdxi/cxt-06/bad-range", NULL, check_bad_range);
    sdxi_add_running("/sdxi/cxt-07/start-doorbell", NULL, test_start_doorbell);
    sdxi_add_running("/sdxi/cxt-08/restore", NULL, test_restore);
    sdxi_add_running("/sdxi/cxt-09/restart", NULL, test_restart);
    sdxi_add_running("/sdxi/cxt-10/admin-elsewhere", NULL,
                     test_admin_elsewhere);
    sdxi_add_test("/sdxi/drv-01/probe", NULL, test_probe);
    sdxi_add_running("/sdxi/drv-02/channel", NULL, test_channel);
    sdxi_add_running("/sdxi/drv-03/reverse-issue", NULL, test_reverse_issue);
    sdxi_add_running("/sdxi/drv-04/rfc", NULL, test_rfc);
    sdxi_add_running("/sdxi/drv-05/reprobe", NULL, test_reprobe);
    return g_test_run();
}
