/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupts and keys from the outside: ids INT-* and KEY-*.
 */
#include "qemu/osdep.h"
#include "tests/qtest/sdxi/util.h"

#define NOTHING_HAPPENS_US 30000

static void expect_error(SdxiRig *r, SdxiDsc d, unsigned step, unsigned buf)
{
    SdxiErr e = sdxi_cxt_do_err(&r->c, d);

    g_assert_cmpuint(e.step, ==, step);
    g_assert_cmpuint(e.sub_step, ==, 3);
    g_assert_true(e.bv);
    g_assert_cmpuint(e.buf, ==, buf);
}

static void set_intr(SdxiRig *r, unsigned akey, unsigned vector)
{
    sdxi_cxt_akey(&r->c, akey,
                  SDXI_AKEY_VL | SDXI_AKEY_IV | SDXI_AKEY_INTR(vector), 0);
}

static void test_intr(SdxiRig *r)
{
    uint64_t cell[4];

    for (int i = 0; i < 4; i++) {
        cell[i] = sdxi_msix_arm(r->fn, i);
    }
    set_intr(r, 9, 2);
    g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_intr(9)));
    sdxi_msix_wait(r->fn, cell[2]);
    g_usleep(NOTHING_HAPPENS_US);
    for (int i = 0; i < 4; i++) {
        g_assert_false(sdxi_msix_take(r->fn, cell[i]));
    }
}

static void test_intr_vector_0(SdxiRig *r)
{
    uint64_t cell = sdxi_msix_arm(r->fn, 0);

    set_intr(r, 1, 0);
    g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_intr(1)));
    sdxi_msix_wait(r->fn, cell);
}

static void test_intr_beyond(SdxiRig *r)
{
    set_intr(r, 1, 2047);
    g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_intr(1)));
}

static void test_intr_refused(SdxiRig *r)
{
    uint64_t cell = sdxi_msix_arm(r->fn, 1);

    sdxi_cxt_akey(&r->c, 1, SDXI_AKEY_IV | SDXI_AKEY_INTR(1), 0);
    sdxi_cxt_akey(&r->c, 2, SDXI_AKEY_VL | SDXI_AKEY_INTR(1), 0);
    expect_error(r, sdxi_dsc_intr(1), SDXI_STEP_AKEY, 0);
    expect_error(r, sdxi_dsc_intr(2), SDXI_STEP_AKEY, 0);
    g_usleep(NOTHING_HAPPENS_US);
    g_assert_false(sdxi_msix_take(r->fn, cell));
}

static void test_intr_order(SdxiRig *r)
{
    uint64_t cell = sdxi_msix_arm(r->fn, 1);
    uint64_t buf = sdxi_vm_alloc(r->vm, 2 * MiB, 4096);

    set_intr(r, 1, 1);
    for (int i = 0; i < 20; i++) {
        SdxiDsc copy = sdxi_dsc_copy(buf, buf + 1 * MiB, 1 * MiB);
        SdxiDsc intr = sdxi_dsc_intr(1);
        uint64_t csb = sdxi_csb_new(r->vm, 1);

        sdxi_dsc_set_csb(&copy, csb);
        sdxi_dsc_set_fence(&intr);
        sdxi_cxt_push(&r->c, &copy);
        sdxi_cxt_push(&r->c, &intr);
        sdxi_cxt_kick(&r->c);
        sdxi_msix_wait(r->fn, cell);
        g_assert_cmpuint(sdxi_csb_signal(r->vm, csb), ==, 0);
    }
}

static void test_intr_masked(SdxiRig *r)
{
    uint64_t cell = sdxi_msix_arm(r->fn, 3);

    sdxi_msix_mask(r->fn, 3, true);
    set_intr(r, 1, 3);
    g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_intr(1)));
    sdxi_wait_until(r->vm, 20, qpci_msix_pending(r->fn->pci, 3));
    g_assert_false(sdxi_msix_take(r->fn, cell));
    sdxi_msix_mask(r->fn, 3, false);
    g_assert_true(sdxi_msix_take(r->fn, cell));
    g_assert_false(qpci_msix_pending(r->fn->pci, 3));
}

static void check_local(SdxiRig *r, uint64_t key)
{
    uint64_t buf = sdxi_vm_alloc(r->vm, 8192, 4096);
    SdxiDsc d = sdxi_dsc_copy(buf, buf + 4096, 4096);

    sdxi_vm_fill(r->vm, buf, 4096, 1);
    sdxi_cxt_akey(&r->c, 5, key, 0);
    sdxi_dsc_set_akeys(&d, 5, 5);
    g_assert_false(sdxi_cxt_do(&r->c, d));
    g_assert_true(sdxi_vm_equal(r->vm, buf, buf + 4096, 4096));
}

static void test_vl_only(SdxiRig *r)
{
    check_local(r, SDXI_AKEY_VL);
}

static void test_with_intr(SdxiRig *r)
{
    check_local(r, SDXI_AKEY_VL | SDXI_AKEY_IV | SDXI_AKEY_INTR(1));
}

static void test_bad_akey(SdxiRig *r)
{
    uint64_t buf = sdxi_vm_alloc(r->vm, 8192, 4096);
    SdxiDsc d = sdxi_dsc_copy(buf, buf + 4096, 16);

    sdxi_dsc_set_akeys(&d, 256, 0);
    expect_error(r, d, SDXI_STEP_AKEY, 0);
    sdxi_dsc_set_akeys(&d, 0, 0xffff);
    expect_error(r, d, SDXI_STEP_AKEY, 1);
    sdxi_dsc_set_akeys(&d, 0, 7);
    expect_error(r, d, SDXI_STEP_AKEY, 1);
}

static void test_own_sfunc(SdxiRig *r)
{
    check_local(r, SDXI_AKEY_VL | SDXI_AKEY_SFUNC(77));
}

/* ---- three functions of one group, and one of another ---- */

#define RKEY_SFUNC(n)   ((uint64_t)(n) << 16)

typedef struct Group {
    SdxiVm *vm;
    SdxiFn *fn[4];
    SdxiRig rig;                /* context 1 of function 0 */
    uint64_t rkeys[4];
    uint64_t src, dst;
} Group;

static void group_start(Group *g)
{
    *g = (Group) { };
    g->vm = sdxi_vm_start(
        "-device sdxi,addr=4,group=a,sfunc=16 "
        "-device sdxi,addr=5,group=a,sfunc=17 "
        "-device sdxi,addr=6,group=a,sfunc=18 "
        "-device sdxi,addr=7,group=b,sfunc=19");
    for (int i = 0; i < 4; i++) {
        SdxiFn *fn = g->fn[i] = sdxi_fn_open(g->vm, 4 + i);

        g->rkeys[i] = sdxi_vm_alloc(g->vm, 4096, 4096);
        sdxi_fn_prepare(fn);
        sdxi_fn_errlog(fn);
        sdxi_fn_wr(fn, SDXI_RKEY, g->rkeys[i] | 1);
        sdxi_msix_on(fn);
        sdxi_fn_request(fn, SDXI_GO);
        sdxi_fn_wait(fn, SDXI_ST_ACTIVE);
        sdxi_fn_doorbell(fn, 0, 0);
    }
    g->rig.vm = g->vm;
    g->rig.fn = g->fn[0];
    sdxi_cxt_init(&g->rig.c, g->fn[0], 1, 1024);
    sdxi_cxt_start(&g->rig.c);
    g->src = sdxi_vm_alloc(g->vm, 4096, 4096);
    g->dst = sdxi_vm_alloc(g->vm, 4096, 4096);
    sdxi_vm_fill(g->vm, g->src, 4096, 42);
}

static void group_stop(Group *g)
{
    for (int i = 0; i < 4; i++) {
        sdxi_fn_close(g->fn[i]);
    }
    sdxi_vm_stop(g->vm);
}

static void set_rkey(Group *g, int fn, unsigned n, uint64_t lo)
{
    qtest_writeq(g->vm->qts, g->rkeys[fn] + n * 16, lo);
}

/* AKey @n of the requester: RKey @rkey of the function with handle @sfunc. */
static void set_remote(Group *g, unsigned n, unsigned sfunc, unsigned rkey)
{
    sdxi_cxt_akey(&g->rig.c, n, SDXI_AKEY_VL | SDXI_AKEY_SFUNC(sfunc),
                  (uint64_t)rkey << 32);
}

static SdxiDsc group_copy(Group *g, unsigned src_key, unsigned dst_key)
{
    SdxiDsc d = sdxi_dsc_copy(g->src, g->dst, 4096);

    sdxi_dsc_set_akeys(&d, src_key, dst_key);
    return d;
}

static void test_remote(void)
{
    SdxiDsc d;
    Group g;

    group_start(&g);
    set_remote(&g, 1, 17, 3);
    d = group_copy(&g, 0, 1);

    expect_error(&g.rig, d, SDXI_STEP_RKEY, 1);         /* vl = 0 */
    set_rkey(&g, 1, 3, SDXI_AKEY_VL | RKEY_SFUNC(18));
    expect_error(&g.rig, d, SDXI_STEP_RKEY, 1);         /* req_sfunc */
    set_rkey(&g, 1, 3, SDXI_AKEY_VL | SDXI_AKEY_PV | RKEY_SFUNC(16));
    expect_error(&g.rig, d, SDXI_STEP_RKEY, 1);         /* PASID */
    set_rkey(&g, 1, 3, SDXI_AKEY_VL | RKEY_SFUNC(16));
    sdxi_fn_wr(g.fn[1], SDXI_RKEY, g.rkeys[1]);
    expect_error(&g.rig, d, SDXI_STEP_RKEY, 1);         /* en = 0 */
    g_assert_false(sdxi_vm_equal(g.vm, g.src, g.dst, 4096));

    sdxi_fn_wr(g.fn[1], SDXI_RKEY, g.rkeys[1] | 1);
    g_assert_false(sdxi_cxt_do(&g.rig.c, d));
    g_assert_true(sdxi_vm_equal(g.vm, g.src, g.dst, 4096));

    set_rkey(&g, 3, 3, SDXI_AKEY_VL | RKEY_SFUNC(16));
    set_remote(&g, 1, 19, 3);
    expect_error(&g.rig, d, SDXI_STEP_RKEY, 1);         /* other group */
    group_stop(&g);
}

static void test_third_party(void)
{
    Group g;

    group_start(&g);
    set_remote(&g, 1, 17, 0);
    set_remote(&g, 2, 18, 1);
    set_rkey(&g, 1, 0, SDXI_AKEY_VL | RKEY_SFUNC(16));
    set_rkey(&g, 2, 1, SDXI_AKEY_VL | RKEY_SFUNC(16));
    g_assert_false(sdxi_cxt_do(&g.rig.c, group_copy(&g, 1, 2)));
    g_assert_true(sdxi_vm_equal(g.vm, g.src, g.dst, 4096));
    group_stop(&g);
}

/* A target that may not master the bus cannot be used to reach memory. */
static void test_target_no_bus_master(void)
{
    Group g;
    uint16_t cmd;

    group_start(&g);
    set_remote(&g, 1, 17, 0);
    set_rkey(&g, 1, 0, SDXI_AKEY_VL | RKEY_SFUNC(16));
    cmd = qpci_config_readw(g.fn[1]->pci, 4);
    qpci_config_writew(g.fn[1]->pci, 4, cmd & ~4);
    g_assert_true(sdxi_cxt_do(&g.rig.c, group_copy(&g, 0, 1)));
    sdxi_fn_wait_errors(g.fn[0], 1);
    /* Already its RKey table is out of reach. */
    g_assert_cmpuint(sdxi_fn_err(g.fn[0], 0).step, ==, SDXI_STEP_RKEY);
    g_assert_cmpuint(sdxi_fn_err(g.fn[0], 0).sub_step, ==, 2);
    g_assert_cmpuint(sdxi_fn_err(g.fn[0], 0).buf, ==, 1);
    g_assert_false(sdxi_vm_equal(g.vm, g.src, g.dst, 4096));
    group_stop(&g);
}

static void test_remote_intr(void)
{
    uint64_t cell;
    Group g;

    group_start(&g);
    cell = sdxi_msix_arm(g.fn[2], 4);
    set_remote(&g, 1, 18, 2);
    set_rkey(&g, 2, 2, SDXI_AKEY_VL | SDXI_AKEY_IV | SDXI_AKEY_INTR(4) |
             RKEY_SFUNC(16));
    g_assert_false(sdxi_cxt_do(&g.rig.c, sdxi_dsc_intr(1)));
    sdxi_msix_wait(g.fn[2], cell);
    group_stop(&g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    sdxi_add_running("/sdxi/int-01/vector", NULL, test_intr);
    sdxi_add_running("/sdxi/int-01/vector-0", NULL, test_intr_vector_0);
    sdxi_add_running("/sdxi/int-01/beyond", NULL, test_intr_beyond);
    sdxi_add_running("/sdxi/int-02/refused", NULL, test_intr_refused);
    sdxi_add_running("/sdxi/int-03/order", NULL, test_intr_order);
    sdxi_add_running("/sdxi/int-04/masked", NULL, test_intr_masked);
    sdxi_add_running("/sdxi/key-01/vl-only", NULL, test_vl_only);
    sdxi_add_running("/sdxi/key-02/with-intr", NULL, test_with_intr);
    sdxi_add_running("/sdxi/key-03/bad-akey", NULL, test_bad_akey);
    sdxi_add_running("/sdxi/key-04/own-sfunc", "sfunc=77", test_own_sfunc);
    qtest_add_func("/sdxi/key-05/remote", test_remote);
    qtest_add_func("/sdxi/key-05/no-bus-master", test_target_no_bus_master);
    qtest_add_func("/sdxi/key-05/interrupt", test_remote_intr);
    qtest_add_func("/sdxi/key-06/third-party", test_third_party);
    return g_test_run();
}
