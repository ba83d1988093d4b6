/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Structures where none belong: in the function's own registers and doorbells,
 * in those of another one, in ROM, nowhere.  Whatever becomes of the context,
 * its neighbour goes on, commands are answered, and the emulator lives.
 */
#include "qemu/osdep.h"
#include "tests/qtest/bios.h"
#include "tests/qtest/sdxi/util.h"

#define VICTIM  2
#define ROM     0xffff0000ull
#define RAM_TOP (512 * MiB)

typedef enum Structure {
    RING, STATUS, WRITE_INDEX, AKEYS, CONTROL, COMPLETION, L1_TABLE,
    STRUCTURES
} Structure;

static void put(SdxiRig *r, uint64_t at, uint64_t value)
{
    qtest_writeq(r->vm->qts, at, value);
}

/* The victim's tables, all well but for @what, which is at @place. */
static void misplace(SdxiRig *r, SdxiCxt *v, Structure what, uint64_t place)
{
    SdxiDsc d = sdxi_dsc_copy(r->c.ring, r->c.ring, 64);

    sdxi_cxt_init(v, r->fn, VICTIM, 1024);
    sdxi_dsc_set_csb(&d, what == COMPLETION ? place
                                            : sdxi_csb_new(r->vm, 1));
    sdxi_cxt_push(v, &d);
    switch (what) {
    case RING:
        put(r, v->ctl, place | 0x31);
        break;
    case STATUS:
        put(r, v->ctl + 16, place);
        break;
    case WRITE_INDEX:
        put(r, v->ctl + 24, place);
        break;
    case AKEYS:
        put(r, v->l1_ent + 8, place);
        break;
    case CONTROL:
        put(r, v->l1_ent, place | 3);
        break;
    default:
        break;
    }
}

static void neighbours_go_on(SdxiRig *r)
{
    uint64_t buf = sdxi_vm_alloc(r->vm, 8192, 4096);

    sdxi_vm_fill(r->vm, buf, 4096, 7);
    g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_copy(buf, buf + 4096, 4096)));
    g_assert_true(sdxi_vm_equal(r->vm, buf, buf + 4096, 4096));
    g_assert_cmpuint(sdxi_fn_state(r->fn), ==, SDXI_ST_ACTIVE);
}

static void try(SdxiRig *r, Structure what, uint64_t place)
{
    SdxiCxt v;

    misplace(r, &v, what, place);
    if (what == L1_TABLE) {
        /* contexts 128 and up */
        put(r, r->fn->l2 + 8, place | 1);
        sdxi_fn_doorbell(r->fn, 130, 1);
        sdxi_cxt_do(&r->fn->admin, sdxi_dsc_cxt(SDXI_DSC_CXT_START, 128, 255));
    }
    sdxi_cxt_do(&r->fn->admin, sdxi_dsc_cxt(SDXI_DSC_CXT_START, VICTIM,
                                            VICTIM));
    for (int i = 1; i < 4; i++) {
        sdxi_fn_doorbell(r->fn, VICTIM, i);
    }
    neighbours_go_on(r);
    g_assert_false(sdxi_cxt_do(&r->fn->admin,
                               sdxi_dsc_cxt(SDXI_DSC_CXT_STOP, VICTIM, 255)));
    g_assert_false(sdxi_cxt_do(&r->fn->admin, sdxi_dsc_sync(1, VICTIM, 255)));
    neighbours_go_on(r);
    put(r, r->fn->l2 + 8, 0);
    put(r, v.l1_ent, 0);
}

static void all_structures(SdxiRig *r, uint64_t place)
{
    for (Structure what = 0; what < STRUCTURES; what++) {
        try(r, what, place);
    }
}

static void test_own_registers(SdxiRig *r)
{
    all_structures(r, r->fn->regs.addr);
    /* error log registers, of which writes would do something */
    all_structures(r, r->fn->regs.addr + 0x20000);
}

static void test_own_doorbells(SdxiRig *r)
{
    all_structures(r, r->fn->doorbells.addr);
}

static void test_others_bars(SdxiRig *r)
{
    SdxiFn *other = sdxi_fn_open(r->vm, 5);

    sdxi_fn_up(other);
    all_structures(r, other->regs.addr);
    all_structures(r, other->doorbells.addr);
    /* a slot in CTL0 whose valid bit is cleared asks for a stop */
    sdxi_fn_request(other, SDXI_RESET);
    sdxi_fn_wait(other, SDXI_ST_STOP);
    sdxi_fn_up(other);
    g_assert_false(sdxi_cxt_do(&other->admin, sdxi_dsc_nop()));
    sdxi_fn_close(other);
}

static void test_rom(SdxiRig *r)
{
    all_structures(r, ROM);
}

static void test_nowhere(SdxiRig *r)
{
    all_structures(r, SDXI_NOWHERE);
    all_structures(r, UINT64_MAX & ~0xfffull);
}

/* ---- a register that counts ---- */

/*
 * The completion block is a clock of the NIC: what was read is never there
 * when it is compared with.
 */
static void test_counting(void)
{
    g_autofree char *bios = idle_bios();
    SdxiRig r = { .vm = sdxi_vm_start("-accel tcg -bios %s "
                                      "-device e1000e,addr=6 "
                                      "-device sdxi,addr=4", bios) };
    QPCIDevice *nic = qpci_device_find(r.vm->bus, QPCI_DEVFN(6, 0));
    QPCIBar bar = qpci_iomap(nic, 0, NULL);
    SdxiDsc d = sdxi_dsc_nop();
    uint32_t before;

    qpci_device_enable(nic);
    /* SYSTIM counts as fast as it can */
    qpci_io_writel(nic, bar, 0xb608, 0x01ffffff);
    before = qpci_io_readl(nic, bar, 0xb600);
    sdxi_wait_until(r.vm, 5, qpci_io_readl(nic, bar, 0xb600) != before);
    r.fn = sdxi_fn_open(r.vm, 4);
    sdxi_fn_up(r.fn);
    sdxi_cxt_init(&r.c, r.fn, 1, 1024);
    sdxi_cxt_start(&r.c);
    sdxi_dsc_set_csb(&d, bar.addr + 0xb600);
    sdxi_cxt_push(&r.c, &d);
    sdxi_cxt_kick(&r.c);
    sdxi_cxt_wait_index(&r.c, 1);
    neighbours_go_on(&r);
    g_free(nic);
    sdxi_fn_close(r.fn);
    sdxi_vm_stop(r.vm);
    unlink(bios);
}

/* The whole address space of tables is the function itself. */
static void test_l2(SdxiRig *r)
{
    sdxi_fn_prepare(r->fn);
    sdxi_fn_wr(r->fn, SDXI_CXT_L2, r->fn->regs.addr);
    sdxi_fn_request(r->fn, SDXI_GO);
    sdxi_wait_until(r->vm, 5, sdxi_fn_state(r->fn) == SDXI_ST_ACTIVE ||
                              sdxi_fn_state(r->fn) == SDXI_ST_ERROR);
    for (int i = 0; i < 128; i++) {
        sdxi_fn_doorbell(r->fn, i, 1);
    }
    sdxi_fn_request(r->fn, SDXI_RESET);
    sdxi_fn_wait(r->fn, SDXI_ST_STOP);
    sdxi_fn_up(r->fn);
    g_assert_false(sdxi_cxt_do(&r->fn->admin, sdxi_dsc_nop()));
}

/* 4 GiB from the last of RAM on: it ends where RAM does. */
static void test_across_hole(SdxiRig *r)
{
    SdxiErr e;

    sdxi_vm_fill(r->vm, RAM_TOP - 32 * MiB, 8192, 3);
    g_assert_true(sdxi_cxt_do(&r->c, sdxi_dsc_copy(RAM_TOP - 32 * MiB,
                                                   RAM_TOP - 64 * MiB,
                                                   4 * GiB)));
    e = sdxi_fn_last_err(r->fn, 0);
    g_assert_cmpuint(e.step, ==, SDXI_STEP_DATA);
    g_assert_cmpuint(e.buf, ==, 0);
    g_assert_true(sdxi_vm_equal(r->vm, RAM_TOP - 32 * MiB,
                                RAM_TOP - 64 * MiB, 8192));
    sdxi_cxt_start(&r->c);
    neighbours_go_on(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    sdxi_add_running("/sdxi/hostile/own-registers", NULL, test_own_registers);
    sdxi_add_running("/sdxi/hostile/own-doorbells", NULL, test_own_doorbells);
    sdxi_add_running("/sdxi/hostile/others-bars", NULL, test_others_bars);
    sdxi_add_running("/sdxi/hostile/nowhere", NULL, test_nowhere);
    sdxi_add_test("/sdxi/hostile/l2", NULL, test_l2);
    if (g_str_equal(qtest_get_arch(), "x86_64")) {
        qtest_add_func("/sdxi/hostile/counting", test_counting);
        sdxi_add_running("/sdxi/hostile/rom", NULL, test_rom);
        sdxi_add_running("/sdxi/hostile/across-hole", NULL,
                         test_across_hole);
    }
    return g_test_run();
}
