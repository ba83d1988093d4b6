/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SDXI with the memory of a CXL device: as source, target, and for everything
 * that a context consists of; poison in it.
 */
#include "qemu/osdep.h"
#include "tests/qtest/cxl/fixture.h"
#include "tests/qtest/sdxi/util.h"

#define INJECT_POISON   0x4301
#define POISONED        0x3000          /* in the device and in the region */

typedef struct Both {
    SdxiVm *vm;
    CxlFixture *cxl;
    uint64_t hdm;
    SdxiFn *fn;
} Both;

static Both start(const char *props)
{
    Both b = {
        .vm = sdxi_vm_start("%s" FIX_VOLATILE "%s "
                            "-device sdxi,bus=pcie.0,addr=8,group=g,sfunc=16 "
                            "-device sdxi,bus=pcie.0,addr=9,group=g,sfunc=17",
                            fix_machine, props),
    };

    b.cxl = fix_attach(b.vm->qts);
    /* above what the fixture gives to bridges */
    b.vm->bus->mmio_alloc_ptr = 0xf0000000;
    b.hdm = fix_map(b.cxl, 0, 0, FIX_UNIT);
    b.fn = sdxi_fn_open(b.vm, 8);
    return b;
}

static void stop(Both *b)
{
    sdxi_fn_close(b->fn);
    sdxi_vm_stop(b->vm);
    g_free(b->cxl);
}

static void running(Both *b, SdxiCxt *c)
{
    sdxi_fn_up(b->fn);
    sdxi_fn_errlog(b->fn);
    sdxi_cxt_init(c, b->fn, 1, 1024);
    sdxi_cxt_start(c);
}

static void copies(Both *b, SdxiCxt *c, uint64_t from, uint64_t to)
{
    sdxi_vm_fill(b->vm, from, 70000, from >> 12);
    g_assert_false(sdxi_cxt_do(c, sdxi_dsc_copy(from, to, 70000)));
    g_assert_true(sdxi_vm_equal(b->vm, from, to, 70000));
}

static void test_operands(gconstpointer props)
{
    Both b = start(props);
    uint64_t ram = sdxi_vm_alloc(b.vm, 256 * KiB, 4096);
    SdxiCxt c;

    running(&b, &c);
    copies(&b, &c, ram, b.hdm + 0x10001);
    copies(&b, &c, b.hdm + 0x40003, ram + 5);
    copies(&b, &c, b.hdm + 0x80000, b.hdm + 0xc0007);
    stop(&b);
}

/* Tables, ring, status, completion blocks and the error log lie there. */
static void test_structures(gconstpointer props)
{
    Both b = start(props);
    SdxiCxt c;

    b.vm->next = b.hdm + MiB;
    running(&b, &c);
    copies(&b, &c, b.hdm + 0x10001, b.hdm + 0x40003);
    g_assert_cmphex(c.ring, >, b.hdm);
    g_assert_cmpuint(sdxi_cxt_read_index(&c), ==, 1);
    g_assert_true(sdxi_cxt_do(&c, sdxi_dsc_copy(SDXI_NOWHERE, b.hdm, 64)));
    g_assert_cmpuint(sdxi_fn_last_err(b.fn, 0).step, ==, SDXI_STEP_DATA);
    stop(&b);
}

static void poison(Both *b)
{
    uint8_t dpa[8];

    stq_le_p(dpa, POISONED);
    g_assert_cmphex(fix_command_rc(b->cxl, INJECT_POISON, dpa, sizeof(dpa)),
                    ==, 0);
}

/*
 * No byte of a poisoned line is handed out; the context stops with an entry in
 * the log, the other goes on, and a written line is good again.
 */
static void test_poison(gconstpointer props)
{
    Both b = start(props);
    uint64_t ram = sdxi_vm_alloc(b.vm, 16 * KiB, 4096);
    SdxiCxt c, other;
    SdxiErr e;

    running(&b, &c);
    sdxi_cxt_init(&other, b.fn, 2, 1024);
    sdxi_cxt_start(&other);
    sdxi_vm_fill(b.vm, b.hdm, 16 * KiB, 3);
    poison(&b);
    g_assert_true(sdxi_cxt_do(&c, sdxi_dsc_copy(b.hdm, ram, 16 * KiB)));
    e = sdxi_fn_last_err(b.fn, 0);
    g_assert_true(e.vl && e.cv && e.div && e.bv);
    g_assert_cmpuint(e.step, ==, SDXI_STEP_DATA);
    g_assert_cmpuint(e.sub_step, ==, 2);
    g_assert_cmpuint(e.re, ==, 1);
    g_assert_cmpuint(e.buf, ==, 0);
    g_assert_cmpuint(e.cxt, ==, 1);
    g_assert_cmphex(qtest_readq(b.vm->qts, ram + POISONED), ==, 0);
    sdxi_cxt_wait_state(&c, SDXI_CXT_ERR);
    g_assert_false(sdxi_cxt_do(&other, sdxi_dsc_copy(b.hdm, ram, POISONED)));

    /* the mover itself mends it */
    g_assert_false(sdxi_cxt_do(&other, sdxi_dsc_copy(b.hdm, b.hdm + POISONED,
                                                     64)));
    sdxi_cxt_start(&c);
    g_assert_false(sdxi_cxt_do(&c, sdxi_dsc_copy(b.hdm, ram, 16 * KiB)));
    g_assert_true(sdxi_vm_equal(b.vm, b.hdm, ram, 16 * KiB));
    stop(&b);
}

/* Key 1 of @c is memory of function 17 as @other sees it. */
static void borrow(Both *b, SdxiCxt *c, SdxiFn *other)
{
    uint64_t rkeys = sdxi_vm_alloc(b->vm, 4096, 4096);

    qtest_writeq(b->vm->qts, rkeys, SDXI_AKEY_VL | SDXI_AKEY_SFUNC(16));
    sdxi_fn_wr(other, SDXI_RKEY, rkeys | 1);
    sdxi_cxt_akey(c, 1, SDXI_AKEY_VL | SDXI_AKEY_SFUNC(17), 0);
}

/*
 * Poison in memory of another function: who asked for it is told, in his own
 * log, and the other one knows nothing of it.
 */
static void test_poison_remote(gconstpointer props)
{
    Both b = start(props);
    uint64_t ram = sdxi_vm_alloc(b.vm, 16 * KiB, 4096);
    SdxiFn *other = sdxi_fn_open(b.vm, 9);
    SdxiDsc d = sdxi_dsc_copy(b.hdm, ram, 16 * KiB);
    SdxiCxt c, there;
    SdxiErr e;

    running(&b, &c);
    sdxi_fn_up(other);
    sdxi_fn_errlog(other);
    sdxi_cxt_init(&there, other, 1, 1024);
    sdxi_cxt_start(&there);
    borrow(&b, &c, other);
    sdxi_vm_fill(b.vm, b.hdm, 16 * KiB, 3);
    poison(&b);

    sdxi_dsc_set_akeys(&d, 1, 0);
    g_assert_true(sdxi_cxt_do(&c, d));
    e = sdxi_fn_last_err(b.fn, 0);
    g_assert_cmpuint(e.step, ==, SDXI_STEP_DATA);
    g_assert_cmpuint(e.sub_step, ==, 2);
    g_assert_cmpuint(e.buf, ==, 0);
    g_assert_cmphex(qtest_readq(b.vm->qts, ram + POISONED), ==, 0);
    sdxi_cxt_wait_state(&c, SDXI_CXT_ERR);
    g_assert_cmpuint(sdxi_fn_rd(other, SDXI_ERR_WRT), ==, 0);
    g_assert_false(sdxi_cxt_do(&there, sdxi_dsc_copy(b.hdm, ram, POISONED)));

    /* mended through the same key, from the other side */
    sdxi_cxt_start(&c);
    d = sdxi_dsc_copy(ram, b.hdm + POISONED, 64);
    sdxi_dsc_set_akeys(&d, 0, 1);
    g_assert_false(sdxi_cxt_do(&c, d));
    g_assert_false(sdxi_cxt_do(&there, sdxi_dsc_copy(b.hdm, ram, 16 * KiB)));
    g_assert_true(sdxi_vm_equal(b.vm, b.hdm, ram, 16 * KiB));
    sdxi_fn_close(other);
    stop(&b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_data_func("/cxl/sdxi/operands", "", test_operands);
    qtest_add_data_func("/cxl/sdxi/structures", "", test_structures);
    qtest_add_data_func("/cxl/sdxi/poison", "", test_poison);
    qtest_add_data_func("/cxl/sdxi/poison-remote", "", test_poison_remote);
    qtest_add_data_func("/cxl/sdxi/operands-trapping", ",direct=off",
                        test_operands);
    qtest_add_data_func("/cxl/sdxi/structures-trapping", ",direct=off",
                        test_structures);
    qtest_add_data_func("/cxl/sdxi/poison-trapping", ",direct=off",
                        test_poison);
    qtest_add_data_func("/cxl/sdxi/poison-remote-trapping", ",direct=off",
                        test_poison_remote);
    return g_test_run();
}
