/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saved state, resets, unplug and properties: ids MIG-*, and what has no id.
 */
#include "qemu/osdep.h"
#include "qobject/qdict.h"
#include "tests/qtest/sdxi/util.h"

/* Some tenths of a second of work: each copy goes to the next of some places */
#define BLOCK   (1 * MiB)
#define COPIES  400
#define PLACES  2

/* A ring of copies, each followed by a count, that share one signal. */
typedef struct Load {
    uint64_t src, dst, counter, csb;
} Load;

static SdxiDsc add_one(uint64_t at)
{
    SdxiDsc d = sdxi_dsc(3, 2);

    d.q[0] |= 1ull << 32;
    d.q[2] = at;
    d.q[4] = 1;
    return d;
}

static void load_start(SdxiRig *r, Load *l)
{
    l->src = sdxi_vm_alloc(r->vm, BLOCK, 4096);
    l->dst = sdxi_vm_alloc(r->vm, PLACES * BLOCK, 4096);
    l->counter = sdxi_vm_alloc(r->vm, 8, 8);
    l->csb = sdxi_csb_new(r->vm, 2 * COPIES);
    sdxi_vm_fill(r->vm, l->src, BLOCK, 77);
    for (int i = 0; i < COPIES; i++) {
        SdxiDsc copy = sdxi_dsc_copy(l->src, l->dst + i % PLACES * BLOCK,
                                     BLOCK);
        SdxiDsc add = add_one(l->counter);

        sdxi_dsc_set_csb(&copy, l->csb);
        sdxi_dsc_set_csb(&add, l->csb);
        sdxi_cxt_push(&r->c, &copy);
        sdxi_cxt_push(&r->c, &add);
    }
    sdxi_cxt_kick(&r->c);
}

static void load_check(SdxiRig *r, Load *l)
{
    sdxi_csb_wait(r->vm, l->csb, 0);
    sdxi_cxt_wait_index(&r->c, 2 * COPIES);
    g_assert_cmpuint(qtest_readq(r->vm->qts, l->counter), ==, COPIES);
    for (int i = 0; i < PLACES; i++) {
        g_assert_true(sdxi_vm_equal(r->vm, l->src, l->dst + i * BLOCK, BLOCK));
    }
}

static void test_migrate_busy(SdxiRig *r)
{
    Load l;

    load_start(r, &l);
    sdxi_vm_migrate(r->vm);
    load_check(r, &l);
    g_assert_cmpuint(sdxi_fn_rd(r->fn, SDXI_ERR_WRT), ==, 0);
    g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_nop()));
}

/* The machine stops and goes on several times under load. */
static void test_stop_cont(SdxiRig *r)
{
    uint64_t seen;
    Load l;

    load_start(r, &l);
    for (int i = 0; i < 10; i++) {
        qtest_qmp_assert_success(r->vm->qts, "{'execute': 'stop'}");
        seen = sdxi_cxt_read_index(&r->c);
        g_usleep(5000);
        g_assert_cmpuint(sdxi_cxt_read_index(&r->c), ==, seen);
        qtest_qmp_assert_success(r->vm->qts, "{'execute': 'cont'}");
    }
    load_check(r, &l);
}

static void test_migrate_regs(SdxiRig *r)
{
    static const unsigned regs[] = {
        SDXI_CTL0, SDXI_GRP_ENUM, SDXI_CTL2, SDXI_STS0, SDXI_CAP0, SDXI_CAP1,
        SDXI_CXT_L2, SDXI_RKEY, SDXI_ERR_CTL, SDXI_ERR_STS, SDXI_ERR_CFG,
        SDXI_ERR_WRT, SDXI_ERR_RD,
    };
    uint64_t before[ARRAY_SIZE(regs)];

    sdxi_fn_wr(r->fn, SDXI_RKEY, 0x12345000 | 3 << 1);
    sdxi_fn_wr(r->fn, SDXI_ERR_RD, 0xabcdef0123456789ull);
    for (int i = 0; i < ARRAY_SIZE(regs); i++) {
        before[i] = sdxi_fn_rd(r->fn, regs[i]);
    }
    sdxi_vm_migrate(r->vm);
    for (int i = 0; i < ARRAY_SIZE(regs); i++) {
        g_assert_cmphex(sdxi_fn_rd(r->fn, regs[i]), ==, before[i]);
    }
}

static void test_migrate_stopped(SdxiRig *r)
{
    sdxi_fn_wr(r->fn, SDXI_CXT_L2, 0x7777000);
    sdxi_vm_migrate(r->vm);
    g_assert_cmpuint(sdxi_fn_state(r->fn), ==, SDXI_ST_STOP);
    g_assert_cmphex(sdxi_fn_rd(r->fn, SDXI_CXT_L2), ==, 0x7777000);
    sdxi_fn_up(r->fn);
    g_assert_false(sdxi_cxt_do(&r->fn->admin, sdxi_dsc_nop()));
}

static void test_load_refused(SdxiRig *r)
{
    g_autofree char *file = NULL;
    QTestState *to;
    int fd = g_file_open_tmp("sdxi-qtest-XXXXXX", &file, NULL);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    sdxi_vm_save(r->vm, file);
    to = qtest_initf("%s -object iothread,id=io0 "
                     "-device sdxi,id=dev0,addr=4,max-ring=2048 "
                     "-device sdxi,id=dev1,addr=5 -incoming defer",
                     sdxi_vm_machine());
    qtest_set_expected_status(to, 1);
    qtest_qmp_send(to, "{'execute': 'migrate-incoming', 'arguments': "
                   "{'uri': %s}}", g_strdup_printf("file:%s", file));
    qtest_wait_qemu(to);
    qtest_quit(to);
    unlink(file);
}

/* ---- resets ---- */

static void check_dead(SdxiRig *r, Load *l)
{
    uint64_t index, signal;
    SdxiFn *fn = sdxi_fn_open(r->vm, 4);

    g_assert_cmpuint(sdxi_fn_state(fn), ==, SDXI_ST_STOP);
    g_assert_cmphex(sdxi_fn_rd(fn, SDXI_CTL0), ==, 0);
    index = sdxi_cxt_read_index(&r->c);
    signal = sdxi_csb_signal(r->vm, l->csb);
    g_usleep(20000);
    g_assert_cmpuint(sdxi_cxt_read_index(&r->c), ==, index);
    g_assert_cmpuint(sdxi_csb_signal(r->vm, l->csb), ==, signal);
    sdxi_fn_up(fn);
    g_assert_false(sdxi_cxt_do(&fn->admin, sdxi_dsc_nop()));
    sdxi_fn_close(fn);
}

static void test_system_reset(SdxiRig *r)
{
    Load l;

    load_start(r, &l);
    qtest_system_reset(r->vm->qts);
    check_dead(r, &l);
}

static void test_flr(SdxiRig *r)
{
    uint8_t cap = qpci_find_capability(r->fn->pci, 0x10, 0);
    Load l;

    load_start(r, &l);
    qpci_config_writew(r->fn->pci, cap + 8, 0x8000);
    check_dead(r, &l);
}

static void test_reset_storm(SdxiRig *r)
{
    Load l;

    load_start(r, &l);
    for (int i = 0; i < 50; i++) {
        sdxi_fn_wr(r->fn, SDXI_CTL0, SDXI_RESET);
        sdxi_fn_wait(r->fn, SDXI_ST_STOP);
        sdxi_fn_wr(r->fn, SDXI_CTL0, SDXI_GO);
        sdxi_fn_wait(r->fn, SDXI_ST_ACTIVE);
        sdxi_cxt_set_state(&r->c, SDXI_CXT_RUN);
        sdxi_cxt_kick(&r->c);
    }
    sdxi_fn_wr(r->fn, SDXI_CTL0, SDXI_RESET);
    sdxi_fn_wait(r->fn, SDXI_ST_STOP);
}

/* ---- busy waiting ---- */

static void some_nops(SdxiRig *r)
{
    for (int i = 0; i < 20; i++) {
        g_assert_false(sdxi_cxt_do(&r->c, sdxi_dsc_nop()));
    }
}

/* A worker that waits busily lets everything happen that one asleep does. */
static void test_polling(SdxiRig *r)
{
    some_nops(r);
    for (int i = 0; i < 5; i++) {
        qtest_qmp_assert_success(r->vm->qts, "{'execute': 'stop'}");
        qtest_qmp_assert_success(r->vm->qts, "{'execute': 'cont'}");
        some_nops(r);
    }
    sdxi_vm_migrate(r->vm);
    some_nops(r);
    sdxi_fn_request(r->fn, SDXI_STOP_SF);
    sdxi_fn_wait(r->fn, SDXI_ST_STOP);
    sdxi_fn_request(r->fn, SDXI_GO);
    sdxi_fn_wait(r->fn, SDXI_ST_ACTIVE);
    sdxi_cxt_set_state(&r->c, SDXI_CXT_RUN);
    some_nops(r);
    qtest_system_reset(r->vm->qts);
    sdxi_fn_close(r->fn);
    r->fn = sdxi_fn_open(r->vm, 4);
    g_assert_cmpuint(sdxi_fn_state(r->fn), ==, SDXI_ST_STOP);
    sdxi_fn_up(r->fn);
    g_assert_false(sdxi_cxt_do(&r->fn->admin, sdxi_dsc_nop()));
}

/* ---- plugging ---- */

static bool on_pc(void)
{
    return g_str_equal(qtest_get_arch(), "x86_64");
}

static void test_conventional(void)
{
    SdxiRig r = { .vm = sdxi_vm_start("-machine pc -device sdxi,id=dev0,"
                                      "addr=4,x-atomics=on") };
    Load l;

    r.fn = sdxi_fn_open(r.vm, 4);
    g_assert_cmpuint(qpci_find_capability(r.fn->pci, 0x10, 0), ==, 0);
    sdxi_fn_up(r.fn);
    sdxi_cxt_init(&r.c, r.fn, 1, 1024);
    sdxi_cxt_start(&r.c);
    load_start(&r, &l);
    load_check(&r, &l);
    sdxi_fn_close(r.fn);
    sdxi_vm_stop(r.vm);
}

static void unplug(const char *props)
{
    SdxiRig r = { .vm = sdxi_vm_start("-machine pc -device sdxi,id=dev0,"
                                      "addr=4,x-atomics=on%s", props) };
    Load l;

    r.fn = sdxi_fn_open(r.vm, 4);
    sdxi_fn_up(r.fn);
    sdxi_cxt_init(&r.c, r.fn, 1, 1024);
    sdxi_cxt_start(&r.c);
    load_start(&r, &l);
    qpci_unplug_acpi_device_test(r.vm->qts, "dev0", 4);
    qtest_qmp_device_add(r.vm->qts, "sdxi", "dev0", "{'addr': '4'}");
    sdxi_fn_close(r.fn);
    r.fn = sdxi_fn_open(r.vm, 4);
    sdxi_fn_up(r.fn);
    g_assert_false(sdxi_cxt_do(&r.fn->admin, sdxi_dsc_nop()));
    sdxi_fn_close(r.fn);
    sdxi_vm_stop(r.vm);
}

static void test_unplug(void)
{
    unplug("");
}

/* Threads that wake each other all go. */
static void test_unplug_workers(void)
{
    unplug(",workers=16");
}

static void test_unplug_polling(void)
{
    unplug(",workers=4,poll-us=1000000");
}

/* Run the emulator to its end; what it says, both streams. */
static char *emulator_says(const char *device, int *status)
{
    g_autofree char *cmd = g_strdup_printf("%s %s -accel qtest -S -device %s",
        getenv("QTEST_QEMU_BINARY"), sdxi_vm_machine(), device);
    g_autofree char *out = NULL, *err = NULL;

    g_assert_true(g_spawn_command_line_sync(cmd, &out, &err, status, NULL));
    return g_strconcat(out, err, NULL);
}

static void test_help(void)
{
    static const char *const names[] = {
        "contexts", "max-ring", "doorbell-stride", "max-buffer", "akeys",
        "rkeys", "errlog", "sfunc", "vectors", "group", "x-atomics",
        "x-minimal-atomics", "x-rkey-pages",
        "vendor-id", "device-id", "iothread", "workers", "vfs", "cdat",
        "latency", "bandwidth", "pasid", "pasid-bits", "x-errlog-shift",
        "poll-us",
    };
    int status;
    g_autofree char *text = emulator_says("sdxi,help", &status);

    g_assert_cmpint(status, ==, 0);
    for (int i = 0; i < ARRAY_SIZE(names); i++) {
        g_autofree char *start = g_strdup_printf("  %s=", names[i]);
        const char *line = strstr(text, start);

        g_assert_nonnull(line);
        /* A description follows the type. */
        g_assert_nonnull(memchr(line, '-', strcspn(line, "\n")));
    }
}

static void test_bad_values(void)
{
    static const char *const rows[][3] = {
        { "contexts", "0", "1 to 65536" },
        { "contexts", "65537", "1 to 65536" },
        { "max-ring", "512", "1024 to 4294967296, a power of two" },
        { "max-ring", "1500", "1024 to 4294967296, a power of two" },
        { "max-ring", "8G", "1024 to 4294967296, a power of two" },
        { "doorbell-stride", "2K", "4096 to 524288, a power of two" },
        { "doorbell-stride", "1M", "4096 to 524288, a power of two" },
        { "doorbell-stride", "12K", "4096 to 524288, a power of two" },
        { "doorbell-stride", "0", "4096 to 524288, a power of two" },
        { "max-buffer", "1M", "2097152 to 4294967296, a power of two" },
        { "max-buffer", "3M", "2097152 to 4294967296, a power of two" },
        { "max-buffer", "8G", "2097152 to 4294967296, a power of two" },
        { "akeys", "0", "256 to 65536, a power of two" },
        { "akeys", "300", "256 to 65536, a power of two" },
        { "akeys", "131072", "256 to 65536, a power of two" },
        { "rkeys", "128", "0 or 256 to 65536, a power of two" },
        { "rkeys", "131072", "0 or 256 to 65536, a power of two" },
        { "errlog", "63", "64 to 2097152, a power of two" },
        { "errlog", "65", "64 to 2097152, a power of two" },
        { "errlog", "4194304", "64 to 2097152, a power of two" },
        { "sfunc", "65536", "0 or 1 to 65535" },
        { "vectors", "1", "0 or 2 to 2048" },
        { "vectors", "2049", "0 or 2 to 2048" },
        { "contexts", "18446744073709551615", "1 to 65536" },
        { "workers", "0", "1 to 16" },
        { "workers", "17", "1 to 16" },
        { "poll-us", "1000001", "0 or 1 to 1000000" },
        { "vfs", "256", "0 or 1 to 255" },
        { "latency", "65535", "0 or 1 to 65534" },
        { "bandwidth", "65535", "0 or 1 to 65534" },
        { "pasid-bits", "0", "1 to 20" },
        { "pasid-bits", "21", "1 to 20" },
        { "vendor-id", "65535", "0 to 0xfffe" },
    };

    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autofree char *dev = g_strdup_printf("sdxi,%s=%s", rows[i][0],
                                               rows[i][1]);
        g_autofree char *name = g_strdup_printf("property '%s'", rows[i][0]);
        int status;
        g_autofree char *text = emulator_says(dev, &status);

        g_assert_cmpint(status, !=, 0);
        g_assert_nonnull(strstr(text, name));
        g_assert_nonnull(strstr(text, rows[i][2]));
        if (!strpbrk(rows[i][1], "KMG") &&
            !g_str_equal(rows[i][0], "vendor-id")) {
            g_autofree char *value = g_strdup_printf("value %s ", rows[i][1]);

            g_assert_nonnull(strstr(text, value));
        }
    }
}

/* What is no number or switch at all, or is so only somewhere else. */
static void test_bad_kinds(void)
{
    static const char *const rows[][2] = {
        { "sdxi,contexts=many", "contexts" },
        { "sdxi,contexts=-1", "contexts" },
        { "sdxi,max-ring=1Q", "max-ring" },
        { "sdxi,sfunc=", "sfunc" },
        { "sdxi,pasid=maybe", "pasid" },
        { "sdxi,x-atomics=2", "x-atomics" },
        { "sdxi,iothread=nobody", "nobody" },
        { "sdxi,vfs=255,addr=4", "property 'vfs': value 255 is out of range" },
    };

    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        int status;
        g_autofree char *text = emulator_says(rows[i][0], &status);

        g_assert_cmpint(status, !=, 0);
        g_assert_nonnull(strstr(text, rows[i][1]));
    }
}

static void test_bad_places(void)
{
    static const char *const props[] = { "vfs=1", "pasid=on" };

    for (int i = 0; i < ARRAY_SIZE(props); i++) {
        g_autofree char *dev = g_strdup_printf(
            "pci-bridge,id=b,chassis_nr=1 -device sdxi,bus=b,addr=1,%s",
            props[i]);
        g_autofree char *name = g_strdup_printf("property '%.*s'",
            (int)strcspn(props[i], "="), props[i]);
        int status;
        g_autofree char *text = emulator_says(dev, &status);

        g_assert_cmpint(status, !=, 0);
        g_assert_nonnull(strstr(text, name));
        g_assert_nonnull(strstr(text, "accepted here: "));
    }
}

/* What a machine that runs says, and then ends; with an I/O MMU as it is set */
static char *pasid_says(const char *iommu, const char *more)
{
    g_autofree char *cmd = g_strdup_printf(
        "sh -c 'echo quit | %s %s -accel qtest -monitor stdio -device %s%s "
        "-device sdxi,addr=4,pasid=on'",
        getenv("QTEST_QEMU_BINARY"), sdxi_vm_machine(), iommu, more);
    g_autofree char *out = NULL, *err = NULL;
    int status;

    g_assert_true(g_spawn_command_line_sync(cmd, &out, &err, &status, NULL));
    g_assert_cmpint(status, ==, 0);
    return g_steal_pointer(&err);
}

/* The switch of intel-iommu that is off is named, however a release calls it */
static void test_pasid_of_little_use(void)
{
    const char *iommu = sdxi_vm_pasid_iommu() + strlen("-device ");
    bool ours = sdxi_vm_has_property("intel-iommu", "x-svm");
    g_autofree char *none = pasid_says("intel-iommu", "");
    g_autofree char *some = pasid_says(iommu, "");
    g_autofree char *all = pasid_says(iommu, ours ? ",device-iotlb=on,x-svm=on"
                                                  : ",device-iotlb=on,svm=on");

    g_assert_nonnull(strstr(none, "scalable-mode' of intel-iommu is off"));
    g_assert_nonnull(strstr(some, "'device-iotlb' of intel-iommu is off"));
    g_assert_null(strstr(all, "'pasid'"));
}

static void test_same_sfunc(void)
{
    int status;
    g_autofree char *text =
        emulator_says("sdxi,sfunc=5,group=g -device sdxi,sfunc=5,group=g",
                      &status);

    g_assert_cmpint(status, !=, 0);
    g_assert_nonnull(strstr(text, "property 'sfunc': value 5 is taken"));
}

static void test_workers_iothread(void)
{
    int status;
    g_autofree char *text =
        emulator_says("sdxi,workers=2,iothread=io -object iothread,id=io",
                      &status);

    g_assert_cmpint(status, !=, 0);
    g_assert_nonnull(strstr(text, "property 'workers': value 2"));
}

static void test_poll_iothread(void)
{
    int status;
    g_autofree char *text =
        emulator_says("sdxi,poll-us=5,iothread=io -object iothread,id=io",
                      &status);

    g_assert_cmpint(status, !=, 0);
    g_assert_nonnull(strstr(text, "property 'poll-us': value 5"));
}

static void test_ids(SdxiRig *r)
{
    g_assert_cmphex(qpci_config_readw(r->fn->pci, 0), ==, 0x1022);
    g_assert_cmphex(qpci_config_readw(r->fn->pci, 2), ==, 0x14dc);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    sdxi_add_running("/sdxi/mig-01/busy", "x-atomics=on", test_migrate_busy);
    sdxi_add_running("/sdxi/mig-01/stop-cont", "x-atomics=on",
                     test_stop_cont);
    sdxi_add_running("/sdxi/mig-02/registers", NULL, test_migrate_regs);
    sdxi_add_test("/sdxi/mig-02/stopped", NULL, test_migrate_stopped);
    sdxi_add_test("/sdxi/mig-03/refused", NULL, test_load_refused);
    sdxi_add_running("/sdxi/reset/system", "x-atomics=on", test_system_reset);
    sdxi_add_running("/sdxi/reset/flr", "x-atomics=on", test_flr);
    sdxi_add_running("/sdxi/reset/storm", "x-atomics=on", test_reset_storm);
    sdxi_add_test("/sdxi/props/ids", "vendor-id=0x1022,device-id=0x14dc",
                  test_ids);
    qtest_add_func("/sdxi/props/help", test_help);
    qtest_add_func("/sdxi/props/bad-values", test_bad_values);
    qtest_add_func("/sdxi/props/bad-kinds", test_bad_kinds);
    qtest_add_func("/sdxi/props/bad-places", test_bad_places);
    qtest_add_func("/sdxi/props/same-sfunc", test_same_sfunc);
    qtest_add_func("/sdxi/props/workers-iothread", test_workers_iothread);
    qtest_add_func("/sdxi/props/poll-iothread", test_poll_iothread);
    sdxi_add_running("/sdxi/polling/one", "poll-us=1000000", test_polling);
    sdxi_add_running("/sdxi/polling/workers", "poll-us=1000000,workers=3",
                     test_polling);
    sdxi_add_running("/sdxi/mig-01/busy-workers", "x-atomics=on,workers=3",
                     test_migrate_busy);
    sdxi_add_running("/sdxi/mig-01/stop-cont-workers",
                     "x-atomics=on,workers=3", test_stop_cont);
    sdxi_add_running("/sdxi/reset/flr-workers", "x-atomics=on,workers=3",
                     test_flr);
    sdxi_add_running("/sdxi/reset/storm-workers", "x-atomics=on,workers=3",
                     test_reset_storm);
    if (on_pc()) {
        if (sdxi_vm_has_property("intel-iommu", "svm") ||
            sdxi_vm_has_property("intel-iommu", "x-svm")) {
            qtest_add_func("/sdxi/props/pasid-of-little-use",
                           test_pasid_of_little_use);
        }
        qtest_add_func("/sdxi/plug/conventional", test_conventional);
        qtest_add_func("/sdxi/plug/unplug", test_unplug);
        qtest_add_func("/sdxi/plug/unplug-workers", test_unplug_workers);
        qtest_add_func("/sdxi/plug/unplug-polling", test_unplug_polling);
    }
    return g_test_run();
}
