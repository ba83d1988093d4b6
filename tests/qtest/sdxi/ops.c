/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operations from the outside: ids DMA-*, ATM-*, ADM-*.  What each operation
 * computes is proved by the unit tests of hw/dma/sdxi/ops; here it is real
 * guest memory, MMIO targets included.
 */
#include "qemu/osdep.h"
#include "qobject/qdict.h"
#include "tests/qtest/sdxi/util.h"

/* Guard bytes on either side of a destination */
#define GUARD 64

static void expect_error(SdxiRig *r, SdxiDsc d, unsigned step)
{
    SdxiErr e = sdxi_cxt_do_err(&r->c, d);

    g_assert_cmpuint(e.step, ==, step);
    g_assert_cmpuint(e.re, ==, 1);
    g_assert_cmpuint(e.cxt, ==, 1);
}

static void test_nop(SdxiRig *r)
{
    g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_nop()));
}

static void check_copy(SdxiRig *r, size_t len, unsigned soff, unsigned doff)
{
    uint64_t src = sdxi_vm_alloc(r->vm, len + 4096, 4096) + soff;
    uint64_t dst = sdxi_vm_alloc(r->vm, len + 4096, 4096) + GUARD + doff;
    uint8_t guard[GUARD];

    sdxi_vm_fill(r->vm, src, len, len);
    qtest_memset(r->vm->qts, dst - GUARD, 0xa5, len + 2 * GUARD);
    g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_copy(src, dst, len)));
    g_assert_true(sdxi_vm_equal(r->vm, src, dst, len));
    for (int side = 0; side < 2; side++) {
        qtest_memread(r->vm->qts, side ? dst + len : dst - GUARD, guard,
                      GUARD);
        for (int i = 0; i < GUARD; i++) {
            g_assert_cmphex(guard[i], ==, 0xa5);
        }
    }
}

static void test_copy(SdxiRig *r)
{
    static const size_t sizes[] = { 1, 2, 7, 8, 4096, 65537, 3 * MiB + 1 };

    for (int i = 0; i < ARRAY_SIZE(sizes); i++) {
        check_copy(r, sizes[i], i, 13 - i);
    }
}

/* A person takes away the thread that the function works in. */
static void test_iothread_gone(SdxiRig *r)
{
    qobject_unref(qtest_qmp(r->vm->qts, "{'execute': 'object-del',"
                            " 'arguments': {'id': 'io0'}}"));
    test_copy(r);
}

static void test_copy_one(SdxiRig *r)
{
    SdxiDsc d = sdxi_dsc_copy(0, 0, 1);

    g_assert_cmphex(d.q[0] >> 32, ==, 0);
    check_copy(r, 1, 3, 5);
}

static void test_copy_too_long(SdxiRig *r)
{
    uint64_t src = sdxi_vm_alloc(r->vm, 4 * MiB, 4096);
    uint64_t dst = sdxi_vm_alloc(r->vm, 4 * MiB, 4096);

    g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_copy(src, dst, 2 * MiB)));
    expect_error(r, sdxi_dsc_copy(src, dst, 2 * MiB + 1), SDXI_STEP_DSC);
}

static void test_imm(SdxiRig *r)
{
    uint8_t data[32], got[34];
    uint64_t dst = sdxi_vm_alloc(r->vm, 64, 64) + 1;

    for (int i = 0; i < 32; i++) {
        data[i] = i + 1;
    }
    for (int len = 1; len <= 32; len++) {
        qtest_memset(r->vm->qts, dst - 1, 0xa5, 34);
        g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_imm(dst, data, len)));
        qtest_memread(r->vm->qts, dst - 1, got, sizeof(got));
        g_assert_cmpmem(got + 1, len, data, len);
        g_assert_cmphex(got[0], ==, 0xa5);
        g_assert_cmphex(got[len + 1], ==, 0xa5);
    }
    expect_error(r, sdxi_dsc_imm(dst, data, 33), SDXI_STEP_DSC);
}

static void test_repcopy(SdxiRig *r)
{
    uint64_t src = sdxi_vm_alloc(r->vm, 4096, 4096);
    uint64_t dst = sdxi_vm_alloc(r->vm, 64 * KiB, 4096);

    sdxi_vm_fill(r->vm, src, 4096, 9);
    g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_repcopy(src, dst, 64 * KiB)));
    for (int i = 0; i < 16; i++) {
        g_assert_true(sdxi_vm_equal(r->vm, src, dst + i * 4096, 4096));
    }
}

static void test_repcopy_odd(SdxiRig *r)
{
    uint64_t buf = sdxi_vm_alloc(r->vm, 64 * KiB, 4096);

    expect_error(r, sdxi_dsc_repcopy(buf, buf + 8192, 4097), SDXI_STEP_DSC);
}

static void test_unknown(SdxiRig *r)
{
    SdxiCxt other;

    sdxi_cxt_init(&other, r->fn, 2, 1024);
    sdxi_cxt_start(&other);
    expect_error(r, sdxi_dsc(1, 0), SDXI_STEP_DSC);
    expect_error(r, sdxi_dsc(1, 9), SDXI_STEP_DSC);
    expect_error(r, sdxi_dsc(0, 1), SDXI_STEP_DSC);
    expect_error(r, sdxi_dsc(0x7f7, 1), SDXI_STEP_DSC);
    g_assert_false(sdxi_cxt_do(&other, sdxi_dsc_nop()));
}

static void test_group_disabled(SdxiRig *r)
{
    sdxi_cxt_stop(&r->c);
    qtest_writeq(r->vm->qts, r->c.l1_ent + 16, 11 << 20);
    sdxi_cxt_akey(&r->c, 0, SDXI_AKEY_VL | SDXI_AKEY_IV | SDXI_AKEY_INTR(1),
                  0);
    sdxi_cxt_start(&r->c);
    expect_error(r, sdxi_dsc_intr(0), SDXI_STEP_DSC);
    g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_nop()));
}

static void test_fence(SdxiRig *r)
{
    const size_t len = 1 * MiB;
    uint64_t a = sdxi_vm_alloc(r->vm, len, 4096);
    uint64_t b = sdxi_vm_alloc(r->vm, len, 4096);
    uint64_t c = sdxi_vm_alloc(r->vm, len, 4096);
    SdxiDsc first = sdxi_dsc_copy(a, b, len), d = sdxi_dsc_copy(b, c, len);

    sdxi_vm_fill(r->vm, a, len, 5);
    sdxi_dsc_set_fence(&d);
    sdxi_cxt_push(&r->c, &first);
    g_assert_false(sdxi_cxt_do(&r->c, d));
    g_assert_true(sdxi_vm_equal(r->vm, a, c, len));
}

/* The function's own registers are refused, without effect, and it goes on. */
static void test_own_bar(SdxiRig *r)
{
    uint64_t dst = sdxi_vm_alloc(r->vm, 4096, 4096);
    uint64_t was = sdxi_fn_rd(r->fn, SDXI_CXT_L2), l2 = 0x123456789000ull;

    qtest_writeq(r->vm->qts, dst, l2);
    expect_error(r, sdxi_dsc_copy(r->fn->regs.addr + SDXI_VERSION, dst, 8),
                 SDXI_STEP_DATA);
    g_assert_cmphex(qtest_readq(r->vm->qts, dst), ==, l2);
    expect_error(r, sdxi_dsc_imm(r->fn->regs.addr + SDXI_CXT_L2, &l2, 8),
                 SDXI_STEP_DATA);
    g_assert_cmphex(sdxi_fn_rd(r->fn, SDXI_CXT_L2), ==, was);
    g_assert_cmpuint(sdxi_fn_state(r->fn), ==, SDXI_ST_ACTIVE);
    g_assert_false(sdxi_cxt_do(&r->fn->admin, sdxi_dsc_nop()));
}

/* Another function's registers: MMIO through the main loop. */
static void test_mmio_target(SdxiRig *r)
{
    uint64_t dst = sdxi_vm_alloc(r->vm, 4096, 4096);
    SdxiFn *other = sdxi_fn_open(r->vm, 5);
    uint64_t l2 = 0x123456789000ull;

    g_assert_false(sdxi_cxt_do(&r->c,
        sdxi_dsc_copy(other->regs.addr + SDXI_VERSION, dst, 8)));
    g_assert_cmphex(qtest_readq(r->vm->qts, dst), ==, 0x10000);
    g_assert_false(sdxi_cxt_do(&r->c,
        sdxi_dsc_imm(other->regs.addr + SDXI_CXT_L2, &l2, 8)));
    g_assert_cmphex(sdxi_fn_rd(other, SDXI_CXT_L2), ==, l2);
    sdxi_fn_close(other);
}

static SdxiDsc atomic(SdxiRig *r, unsigned op, bool wide, uint64_t target,
                      uint64_t old, uint64_t a, uint64_t b)
{
    SdxiDsc d = sdxi_dsc(3, op);

    d.q[0] |= (uint64_t)wide << 32 | (uint64_t)!!old << 33;
    d.q[2] = target;
    d.q[3] = old;
    d.q[4] = a;
    d.q[5] = b;
    return d;
}

static void test_atomics(SdxiRig *r)
{
    static const struct {
        unsigned op;
        bool wide;
        uint64_t old, a, b, now;
    } rows[] = {
        { 0x1, true, 5, 9, 0, 9 },
        { 0x2, false, 0xffffffff, 2, 0, 1 },
        { 0x2, true, 0xffffffff, 2, 0, 0x100000001 },
        { 0x3, true, 1, 2, 0, UINT64_MAX },
        { 0x5, true, 0xff00, 0x0ff0, 0, 0x0f00 },
        { 0x6, true, 0xff00, 0x0ff0, 0, 0xfff0 },
        { 0x7, true, 0xff00, 0x0ff0, 0, 0xf0f0 },
        { 0x8, false, 0xffffffff, 1, 0, 0xffffffff },
        { 0x9, false, 0xffffffff, 1, 0, 1 },
        { 0xa, false, 0xffffffff, 1, 0, 1 },
        { 0xb, false, 0xffffffff, 1, 0, 0xffffffff },
        { 0xc, true, 7, 8, 0, 8 },
        { 0xc, true, 8, 8, 0, 8 },
        { 0xd, true, 9, 8, 0, 8 },
        { 0xd, true, 8, 8, 0, 8 },
        { 0xe, true, 8, 1, 8, 1 },
        { 0xe, true, 8, 1, 9, 8 },
    };
    uint64_t at = sdxi_vm_alloc(r->vm, 16, 16);

    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        uint64_t rest = rows[i].wide ? 0 : 0x5555555500000000ull;

        qtest_writeq(r->vm->qts, at, rows[i].old | rest);
        g_assert_false(sdxi_cxt_do(&r->c, atomic(r, rows[i].op, rows[i].wide,
                                                 at, at + 8, rows[i].a,
                                                 rows[i].b)));
        g_assert_cmphex(qtest_readq(r->vm->qts, at), ==, rows[i].now | rest);
        g_assert_cmphex(qtest_readq(r->vm->qts, at + 8), ==, rows[i].old);
        qtest_writeq(r->vm->qts, at + 8, 0);
    }
}

static void test_atomics_refused(SdxiRig *r)
{
    uint64_t at = sdxi_vm_alloc(r->vm, 16, 16);

    expect_error(r, atomic(r, 2, true, at, 0, 1, 0), SDXI_STEP_DSC);
    g_assert_cmphex(qtest_readq(r->vm->qts, at), ==, 0);
}

/* Three operations of another group; the full one is not there. */
static void test_minimal(SdxiRig *r)
{
    static const unsigned ops[] = { 1, 2, 0xe };
    uint64_t at = sdxi_vm_alloc(r->vm, 16, 16);
    SdxiDsc d;

    for (int i = 0; i < ARRAY_SIZE(ops); i++) {
        d = atomic(r, ops[i], true, at, at + 8, 3, 7);
        d.q[0] ^= (0x003ull ^ 0x005) << 16;
        qtest_writeq(r->vm->qts, at, 7);
        g_assert_false(sdxi_cxt_do(&r->c, d));
        g_assert_cmphex(qtest_readq(r->vm->qts, at), ==, i == 1 ? 10 : 3);
        g_assert_cmphex(qtest_readq(r->vm->qts, at + 8), ==, 7);
    }
    expect_error(r, atomic(r, 2, true, at, at + 8, 3, 7), SDXI_STEP_DSC);
}

static void test_sync(SdxiRig *r)
{
    for (int flt = 0; flt <= 4; flt++) {
        g_assert_false(sdxi_cxt_do(&r->fn->admin,
                                   sdxi_dsc_sync(flt, 0, 0xffff)));
    }
}

static void test_updates(SdxiRig *r)
{
    static const unsigned subtypes[] = { 0, 1, 2, 7 };

    for (int i = 0; i < ARRAY_SIZE(subtypes); i++) {
        SdxiDsc d = sdxi_dsc(2, subtypes[i]);

        d.q[0] |= subtypes[i] == 1 ? 7ull << 32 : 0;
        d.q[1] = 0xffffull << 16 | 0xffffull << 48;
        g_assert_false(sdxi_cxt_do(&r->fn->admin, d));
        g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_nop()));
    }
}

static void test_akey_update(SdxiRig *r)
{
    uint64_t buf = sdxi_vm_alloc(r->vm, 8192, 4096);
    SdxiDsc upd = sdxi_dsc(2, 2);
    SdxiDsc copy = sdxi_dsc_copy(buf, buf + 4096, 64);

    g_assert_false(sdxi_cxt_do(&r->c, copy));
    sdxi_cxt_akey(&r->c, 0, 0, 0);
    upd.q[1] = 1 | 1 << 16 | 0xffffull << 48;
    g_assert_false(sdxi_cxt_do(&r->fn->admin, upd));
    g_assert_false(sdxi_cxt_do(&r->fn->admin, sdxi_dsc_sync(2, 1, 1)));
    expect_error(r, copy, SDXI_STEP_AKEY);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    sdxi_add_running("/sdxi/dma-01/nop", NULL, test_nop);
    sdxi_add_running("/sdxi/dma-02/copy", NULL, test_copy);
    sdxi_add_running("/sdxi/dma-02/iothread", "iothread=io0", test_copy);
    sdxi_add_running("/sdxi/dma-02/iothread-gone", "iothread=io0",
                     test_iothread_gone);
    sdxi_add_running("/sdxi/dma-03/one-byte", NULL, test_copy_one);
    sdxi_add_running("/sdxi/dma-04/too-long", "max-buffer=2M",
                     test_copy_too_long);
    sdxi_add_running("/sdxi/dma-05/write-imm", NULL, test_imm);
    sdxi_add_running("/sdxi/dma-06/repcopy", NULL, test_repcopy);
    sdxi_add_running("/sdxi/dma-07/repcopy-odd", NULL, test_repcopy_odd);
    sdxi_add_running("/sdxi/dma-08/unknown", NULL, test_unknown);
    sdxi_add_running("/sdxi/dma-09/group-disabled", NULL, test_group_disabled);
    sdxi_add_running("/sdxi/dma-10/fence", NULL, test_fence);
    sdxi_add_running("/sdxi/dma-02/own-bar", NULL, test_own_bar);
    sdxi_add_running("/sdxi/dma-02/mmio", NULL, test_mmio_target);
    sdxi_add_running("/sdxi/atm-01/values", "x-atomics=on", test_atomics);
    sdxi_add_running("/sdxi/atm-02/return-data", "x-atomics=on",
                     test_atomics);
    sdxi_add_running("/sdxi/atm-03/refused", NULL, test_atomics_refused);
    sdxi_add_running("/sdxi/atm-04/minimal", "x-minimal-atomics=on",
                     test_minimal);
    sdxi_add_running("/sdxi/adm-01/sync", NULL, test_sync);
    sdxi_add_running("/sdxi/adm-02/updates", NULL, test_updates);
    sdxi_add_running("/sdxi/adm-03/akey-update", NULL, test_akey_update);
    return g_test_run();
}
