/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A data mover in the slot of a type 2 device, which is the device itself to
 * that memory: it takes the lines that it touches, and the memory is taken away
 * under it.
 */
#include "qemu/osdep.h"
#include "hw/pci/pci_regs.h"
#include "hw/cxl/wire/dvsec.h"
#include "tests/qtest/cxl/bias.h"
#include "tests/qtest/cxl/rig.h"
#include "tests/qtest/sdxi/util.h"

#define PATTERN     0x1122334455667788ull
#define PAGE        8192ull     /* of 512 MiB */
#define BUS         53          /* below the root port of the fixture */

typedef struct Both {
    SdxiVm *vm;
    CxlFixture *cxl;
    char *path;
    int file;                   /* the accelerator's memory */
    uint64_t hdm, ram;
    SdxiFn *fn;
    SdxiCxt c;
} Both;

static void start_both(Both *b, const char *props, const char *addr)
{
    close(g_file_open_tmp("memfab-accel-XXXXXX", &b->path, NULL));
    b->vm = sdxi_vm_start("%s -object memory-backend-file,id=amem,size=512M,"
                          "share=on,mem-path=%s -device cxl-accel,bus=rp0,"
                          "id=acc0,addr=0.0,multifunction=on,memdev=amem%s "
                          "-device sdxi,%s", fix_machine, b->path, props,
                          addr);
    b->file = open(b->path, O_RDWR);
    g_assert_cmpint(b->file, >=, 0);
    unlink(b->path);
    b->cxl = fix_attach(b->vm->qts);
    b->vm->bus->mmio_alloc_ptr = 0xe0400000;
    b->hdm = fix_map(b->cxl, 0, 0, 512 * FIX_MIB);
    b->ram = sdxi_vm_alloc(b->vm, 256 * KiB, 4096);
}

static void run_mover(Both *b)
{
    sdxi_fn_up(b->fn);
    sdxi_fn_errlog(b->fn);
    sdxi_cxt_init(&b->c, b->fn, 1, 1024);
    sdxi_cxt_start(&b->c);
}

static void stop_both(Both *b)
{
    sdxi_fn_close(b->fn);
    sdxi_vm_stop(b->vm);
    close(b->file);
    g_free(b->path);
    g_free(b->cxl);
}

static void copies(Both *b, uint64_t from, uint64_t to, unsigned len)
{
    sdxi_vm_fill(b->vm, from, len, from >> 12);
    g_assert_false(sdxi_cxt_do(&b->c, sdxi_dsc_copy(from, to, len)));
    g_assert_true(sdxi_vm_equal(b->vm, from, to, len));
}

/* Into its memory and out of it: the device takes the pages that it touches. */
static void test_mover(gconstpointer props)
{
    Both b = { };
    CxlFixture *f;

    start_both(&b, props, "bus=rp0,addr=0.1");
    f = b.cxl;
    b.fn = sdxi_fn_open_function(b.vm, BUS << 8 | 1);
    run_mover(&b);
    g_assert_cmpuint(bias(f, CXL_BIAS_HELD), ==, 0);
    g_assert_false(sdxi_cxt_do(&b.c, sdxi_dsc_copy(b.ram, b.hdm + PAGE - 1,
                                                   PAGE + 2)));
    g_assert_cmpuint(bias_command(f, CXL_BIAS_COUNT, 0, 4 * PAGE), ==, 3);
    g_assert_cmpuint(bias(f, CXL_BIAS_HELD), ==, 3);
    g_assert_cmpuint(bias(f, CXL_BIAS_REQUESTS), ==, 3);
    g_assert_cmpuint(bias(f, CXL_BIAS_WRITES), ==, 1);
    g_assert_cmpuint(bias(f, CXL_BIAS_READS), ==, 0);
    /* It holds them: asking once was enough. */
    g_assert_false(sdxi_cxt_do(&b.c, sdxi_dsc_copy(b.hdm + PAGE, b.ram, 64)));
    g_assert_cmpuint(bias(f, CXL_BIAS_READS), ==, 1);
    g_assert_cmpuint(bias(f, CXL_BIAS_TAKEN), ==, 3);
    g_assert_cmpuint(bias_command(f, CXL_BIAS_TO_HOST, 0, 4 * PAGE), ==, 3);
    copies(&b, b.ram, b.hdm + 0x100000, 70000);
    copies(&b, b.hdm + 0x200000, b.ram, 70000);
    copies(&b, b.hdm + 0x300000, b.hdm + 0x400007, 70000);
    stop_both(&b);
}

/* A mover elsewhere is one of the host's. */
static void test_other_slot(void)
{
    Both b = { };

    start_both(&b, "", "bus=pcie.0,addr=8");
    b.vm->bus->mmio_alloc_ptr = 0xf0000000;
    b.fn = sdxi_fn_open(b.vm, 8);
    run_mover(&b);
    copies(&b, b.ram, b.hdm, 70000);
    g_assert_cmpuint(bias(b.cxl, CXL_BIAS_HELD), ==, 0);
    g_assert_cmpuint(bias(b.cxl, CXL_BIAS_WRITES), ==, 0);
    stop_both(&b);
}

/* --- its memory is taken away under it ------------------------------------ */

#define BYTES       (1 * MiB)
#define COPIES      900u
#define TRIES       10

typedef struct Loss {
    const char *name;
    void (*take)(Both *b);
    const char *more;           /* options of the machine */
    bool reset;                 /* the mover goes too */
    bool gone;                  /* for ever */
} Loss;

static void uncommit(Both *b)
{
    fix_write(b->cxl, b->cxl->hdm + 0x20, 4, 0);
}

/* Decoder 0 of the host bridge is all of the accelerator's memory. */
static void bridge_decoder(Both *b, bool commit)
{
    Rig r = { .qts = b->vm->qts };
    uint64_t bridge = rig_region(&r, "cxl_host_reg");

    if (commit) {
        g_assert_cmphex(rig_commit(&r, bridge, 0, b->hdm, 512 * FIX_MIB, 0, 0)
                        & 0xc00, ==, 0x400);
    } else {
        rig_release(&r, bridge, 0);
    }
}

static void release_bridge(Both *b)
{
    bridge_decoder(b, false);
}

static void cxl_reset(Both *b)
{
    uint32_t dev = fix_find_ext_cap(b->cxl, 0x23, CXL_DVSEC_ID_DEVICE);

    fix_config_write(b->cxl, dev + CXL_DVSEC_DEV_CTRL2, 2,
                     CXL_DVSEC_DEV_CTRL2_RESET);
}

static void bus_reset(Both *b)
{
    fix_bus_reset(b->cxl);
}

static void unplug(Both *b)
{
    qtest_qmp_assert_success(b->vm->qts, "{'execute': 'device_del',"
                             " 'arguments': {'id': 'acc0'}}");
    qtest_writew(b->vm->qts, fix_root_exp(b->cxl) + PCI_EXP_SLTCTL,
                 PCI_EXP_SLTCTL_PWR_IND_OFF | PCI_EXP_SLTCTL_PWR_OFF);
    qtest_qmp_eventwait(b->vm->qts, "DEVICE_DELETED");
}

static const Loss losses[] = {
    { "decoder", uncommit },
    { "host-bridge", release_bridge,
      .more = " -global pxb-cxl.hdm_for_passthrough=on" },
    { "cxl-reset", cxl_reset },
    { "bus-reset", bus_reset, .reset = true },
    { "unplug", unplug, .reset = true, .gone = true },
};

/* The accelerator's own first bytes, whatever leads there */
static void put_own(Both *b, const uint8_t *bytes)
{
    g_assert_cmpint(pwrite(b->file, bytes, BYTES, 0), ==, BYTES);
}

static bool own_are(Both *b, const uint8_t *bytes)
{
    g_autofree uint8_t *p = g_malloc(BYTES);

    g_assert_cmpint(pread(b->file, p, BYTES, 0), ==, BYTES);
    return !memcmp(p, bytes, BYTES);
}

/* Some of many copies into its memory, or out of it, are done; their block. */
static uint64_t begin(Both *b, bool in)
{
    uint64_t csb = sdxi_csb_new(b->vm, COPIES), there = in ? b->hdm : b->ram;

    sdxi_vm_fill(b->vm, in ? b->ram : b->hdm, BYTES, 3);
    fix_write(b->cxl, (in ? b->ram : b->hdm) + BYTES - 8, 8, PATTERN);
    fix_write(b->cxl, there + BYTES - 8, 8, 0);
    for (unsigned i = 0; i < COPIES; i++) {
        SdxiDsc d = in ? sdxi_dsc_copy(b->ram, b->hdm, BYTES)
                       : sdxi_dsc_copy(b->hdm, b->ram, BYTES);

        sdxi_dsc_set_csb(&d, csb);
        sdxi_cxt_push(&b->c, &d);
    }
    sdxi_cxt_kick(&b->c);
    sdxi_wait_until(b->vm, 60, fix_read(b->cxl, there + BYTES - 8, 8));
    return csb;
}

/*
 * A read that nobody answers is an error, a write is lost, as it is to a
 * processor; the mover is well, and works elsewhere.
 */
static void expect_stopped(Both *b, uint64_t csb, bool in)
{
    if (!in) {
        sdxi_wait_until(b->vm, 60, !sdxi_csb_signal(b->vm, csb) ||
                        sdxi_cxt_state(&b->c) == SDXI_CXT_ERR);
        if (sdxi_csb_er(b->vm, csb)) {
            g_assert_cmpuint(sdxi_fn_last_err(b->fn, 0).step, ==,
                             SDXI_STEP_DATA);
        }
    }
    g_assert_cmpuint(sdxi_fn_state(b->fn), ==, SDXI_ST_ACTIVE);
    sdxi_fn_request(b->fn, SDXI_RESET);
    sdxi_fn_wait(b->fn, SDXI_ST_STOP);
    run_mover(b);
    copies(b, b->ram, b->ram + BYTES, BYTES);
}

/* False: all was done before. */
static bool lose(Both *b, const Loss *l, bool in)
{
    g_autofree uint8_t *own = g_malloc(BYTES);
    uint64_t csb = begin(b, in), left;

    l->take(b);
    left = sdxi_csb_signal(b->vm, csb);
    /* It belongs to somebody else from now on. */
    memset(own, 0x5a, BYTES);
    put_own(b, own);
    qtest_memset(b->vm->qts, b->ram, 0xa5, BYTES);
    if (!l->reset) {
        expect_stopped(b, csb, in);
    }
    g_usleep(2000);
    g_assert_true(own_are(b, own));
    if (l->reset) {
        g_assert_cmpuint(sdxi_csb_signal(b->vm, csb), ==, left);
        for (unsigned i = 0; i < BYTES; i += 4096) {
            g_assert_cmphex(fix_read(b->cxl, b->ram + i, 8), ==,
                            0xa5a5a5a5a5a5a5a5);
        }
    }
    return left > 3;
}

static void test_lost(gconstpointer opaque)
{
    const Loss *l = opaque;
    bool hit[2] = { };

    for (unsigned i = 0; i < TRIES && !(hit[0] && hit[1]); i++) {
        g_autofree char *addr = g_strdup_printf("bus=rp0,addr=0.1%s",
                                                l->more ? l->more : "");
        Both b = { };

        start_both(&b, "", addr);
        if (l->more) {
            bridge_decoder(&b, true);
        }
        b.fn = sdxi_fn_open_function(b.vm, BUS << 8 | 1);
        b.ram = sdxi_vm_alloc(b.vm, 2 * BYTES, 4096);
        run_mover(&b);
        hit[i % 2] |= lose(&b, l, i % 2);
        stop_both(&b);
    }
    if (!hit[0] || !hit[1]) {
        g_test_skip("all copies were over each time before that");
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_data_func("/cxl/accel/mover", "", test_mover);
    qtest_add_data_func("/cxl/accel/mover-trapping", ",direct=off",
                        test_mover);
    qtest_add_func("/cxl/accel/other-slot", test_other_slot);
    for (unsigned i = 0; i < ARRAY_SIZE(losses); i++) {
        g_autofree char *path = g_strdup_printf("/cxl/accel/lost/%s",
                                                losses[i].name);

        qtest_add_data_func(path, &losses[i], test_lost);
    }
    return g_test_run();
}
