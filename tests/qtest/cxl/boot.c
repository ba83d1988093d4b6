/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Regions whose decoders are committed before the guest runs: the host finds
 * its memory without having touched a register, again after each reset, and
 * locked decoders stay.  Regions that cannot be are refused at launch.
 */
#include "qemu/osdep.h"
#include <sys/wait.h>
#include "qemu/bswap.h"
#include "hw/cxl/core/memory-map.h"
#include "hw/cxl/wire/hdm.h"
#include "qapi/error.h"
#include "qobject/qdict.h"
#include "tests/qtest/libqos/fw_cfg.h"
#include "tests/qtest/cxl/rig.h"

#define BOOT "-object cxl-boot-region,id=b0,size=1G,devices=cxl0," \
             "devices=cxl1"

/* What "info cxl" says about the first region */
static void expect_info(Rig *r, const char *text)
{
    g_autofree char *info = qtest_hmp(r->qts, "info cxl");

    if (!strstr(info, text)) {
        g_error("expected '%s' in: %s", text, info);
    }
}

static void expect_memory(Rig *r, uint64_t offset, uint64_t size)
{
    uint64_t at[] = { 0, 256, 512, size / 2, size - 8 };

    for (unsigned i = 0; i < ARRAY_SIZE(at); i++) {
        qtest_writeq(r->qts, r->window + offset + at[i], 0x1000 + at[i]);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(at); i++) {
        g_assert_cmphex(qtest_readq(r->qts, r->window + offset + at[i]), ==,
                        0x1000 + at[i]);
    }
}

static void test_host_bridge(void)
{
    Rig *r = rig_host_bridge_machine(true, BOOT " ");

    for (unsigned i = 0; i < 2; i++) {
        expect_memory(r, 0, 1024 * RIG_MIB);
        expect_info(r, "2 ways of 256 bytes: cxl0 at dpa 0x0, cxl1 at dpa 0x0");
        rig_expect_aliases(r, 2);
        qtest_system_reset(r->qts);
    }
    /* The guest may take them back. */
    rig_enumerate_host_bridge(r);
    rig_release_set(r);
    g_assert_cmphex(qtest_readq(r->qts, r->window), ==, UINT64_MAX);
    rig_stop(r);
}

static uint32_t control(Rig *r, uint64_t component, uint32_t write)
{
    uint64_t at = component + RIG_HDM + CXL_HDM_CTRL(0);

    qtest_writel(r->qts, at, write);
    return qtest_readl(r->qts, at);
}

static void test_locked(void)
{
    Rig *r = rig_host_bridge_machine(true, BOOT ",lock=on,granularity=1k ");
    uint64_t base;

    rig_enumerate_host_bridge(r);
    rig_release_set(r);
    base = r->bridge + RIG_HDM + CXL_HDM_BASE_HI(0);
    qtest_writel(r->qts, base, 0x1234);
    g_assert_cmphex(qtest_readl(r->qts, base), ==, r->window >> 32);
    expect_memory(r, 0, 1024 * RIG_MIB);
    g_assert_cmphex(control(r, r->bridge, 0) & CXL_HDM_CTRL_COMMITTED, !=, 0);
    g_assert_cmphex(control(r, r->dev[1].bar0, 0) & CXL_HDM_CTRL_COMMITTED,
                    !=, 0);
    expect_info(r, "2 ways of 1024 bytes");
    rig_stop(r);
}

#define SWITCH \
    "-device pxb-cxl,id=hb0,bus=pcie.0,bus_nr=32 " \
    "-device cxl-rp,id=rp0,bus=hb0,chassis=0,slot=0,port=0 " \
    "-device cxl-upstream,bus=rp0,id=usp " \
    "-device cxl-downstream,bus=usp,id=dsp0,port=3,chassis=0,slot=4 " \
    "-device cxl-downstream,bus=usp,id=dsp1,port=5,chassis=0,slot=5 "

/* A passthrough host bridge has no decoders; the switch has. */
static void test_switch(void)
{
    static const char *const bus[] = { "dsp0", "dsp1" };
    Rig *r = rig_start(SWITCH "-object cxl-boot-region,id=b0,size=512M,"
                       "devices=cxl1,devices=cxl0 "
                       "-object cxl-boot-region,id=b1,size=256M,offset=1G,"
                       "devices=cxl1", "cxl-fmw.0.targets.0=hb0,"
                       "cxl-fmw.0.size=4G", 2, bus, true);

    expect_memory(r, 0, 512 * RIG_MIB);
    expect_memory(r, 1024 * RIG_MIB, 256 * RIG_MIB);
    expect_info(r, "2 ways of 256 bytes: cxl1 at dpa 0x0, cxl0 at dpa 0x0");
    expect_info(r, "cxl1 at dpa 0x10000000");
    rig_stop(r);
}

static char *both_kinds(GString *cmd, unsigned i)
{
    g_string_append_printf(cmd, "-object memory-backend-ram,id=v%u,size=256M "
                           "-object memory-backend-ram,id=p%u,size=512M "
                           "-object memory-backend-ram,id=l%u,size=1M ",
                           i, i, i);
    return g_strdup_printf("volatile-memdev=v%u,persistent-memdev=p%u,"
                           "lsa=l%u", i, i, i);
}

/* Persistent capacity follows the volatile one: the rest of it is skipped. */
static void test_persistent(void)
{
    char *(*before)(GString *cmd, unsigned i) = rig_memory;
    Rig *r;

    rig_memory = both_kinds;
    r = rig_host_bridge_machine(true, "-object cxl-boot-region,id=b0,"
        "persistent=on,size=512M,devices=cxl0 "
        "-object cxl-boot-region,id=b1,persistent=on,size=256M,devices=cxl1 ");
    rig_memory = before;
    expect_memory(r, 0, 512 * RIG_MIB);
    expect_memory(r, 512 * RIG_MIB, 256 * RIG_MIB);
    expect_info(r, "cxl0 at dpa 0x10000000");
    /* A region is where it was when one before it has gone. */
    qtest_qmp_assert_success(r->qts, "{'execute': 'object-del',"
                             " 'arguments': { 'id': 'b0' }}");
    qtest_system_reset(r->qts);
    g_assert_cmphex(qtest_readq(r->qts, r->window), ==, UINT64_MAX);
    expect_memory(r, 512 * RIG_MIB, 256 * RIG_MIB);
    rig_stop(r);
}

/* Each half of the window is a host bridge's. */
static void test_window(void)
{
    Rig *r = rig_by_window_with(2, true, BOOT " ", "4G");

    expect_memory(r, 0, 1024 * RIG_MIB);
    expect_info(r, "2 ways of 256 bytes: cxl0 at dpa 0x0, cxl1 at dpa 0x0");
    rig_stop(r);
}

#define ROM_FILE "genroms/cxl-memory-map.bin"

/* How many entries a BIOS is given, the last of them for @base and @size */
static unsigned mapped(Rig *r, uint64_t base, uint64_t size)
{
    QFWCFG *fw_cfg = pc_fw_cfg_init(r->qts);
    uint8_t rom[CXL_MEMORY_MAP_ROM];
    const uint8_t *last;
    unsigned count;

    g_assert_cmpuint(qfw_cfg_get_file(fw_cfg, ROM_FILE, rom, sizeof(rom)), ==,
                     sizeof(rom));
    pc_fw_cfg_uninit(fw_cfg);
    g_assert_cmphex(lduw_le_p(rom), ==, 0xaa55);
    count = rom[0xb4];
    last = rom + 0xc0 + 20 * (MAX(count, 1) - 1);
    g_assert_cmphex(ldq_le_p(last), ==, base);
    g_assert_cmphex(ldq_le_p(last + 8), ==, size);
    g_assert_cmphex((uint32_t)ldl_le_p(last + 16), ==, size ? 0xefffffff : 0);
    return count;
}

static void forget(Rig *r, const char *id)
{
    qtest_qmp_assert_success(r->qts, "{'execute': 'object-del',"
                             " 'arguments': { 'id': %s }}", id);
    qtest_system_reset(r->qts);
}

/* The BIOS learns of the regions that are there, and were to be told. */
static void test_memory_map(void)
{
    Rig *r = rig_host_bridge_machine(true,
        "-object cxl-boot-region,id=b0,size=256M,devices=cxl0,"
        "soft-reserved=on "
        "-object cxl-boot-region,id=b1,size=256M,devices=cxl0 "
        "-object cxl-boot-region,id=b2,size=512M,devices=cxl1,"
        "soft-reserved=on ");
    uint64_t unit = 256 * RIG_MIB;

    g_assert_cmpuint(mapped(r, r->window + 2 * unit, 2 * unit), ==, 2);
    qtest_system_reset(r->qts);
    g_assert_cmpuint(mapped(r, r->window + 2 * unit, 2 * unit), ==, 2);
    forget(r, "b2");
    g_assert_cmpuint(mapped(r, r->window, unit), ==, 1);
    forget(r, "b0");
    g_assert_cmpuint(mapped(r, 0, 0), ==, 0);
    rig_stop(r);
}

/*
 * Two times 512 MiB, and a window of 768 MiB: the rest of the decoders lies in
 * a hole, and with it the end of each device.  The BIOS is told of the window.
 */
static void test_hole(void)
{
    static const char *const bus[] = { "rp0", "rp1" };
    Rig *r = rig_start("-device pxb-cxl,id=hb0,bus=pcie.0,bus_nr=32 "
        "-device cxl-rp,id=rp0,bus=hb0,chassis=0,slot=0,port=0 "
        "-device cxl-rp,id=rp1,bus=hb0,chassis=0,slot=1,port=1 "
        "-object cxl-boot-region,id=b0,size=1G,devices=cxl0,devices=cxl1,"
        "hole=on,soft-reserved=on ",
        "cxl-fmw.0.targets.0=hb0,cxl-fmw.0.size=768M", 2, bus, true);
    uint64_t end = r->window + 768 * RIG_MIB;

    for (unsigned i = 0; i < 2; i++) {
        expect_memory(r, 0, 768 * RIG_MIB);
        qtest_writeq(r->qts, end, 0x1122);
        g_assert_cmphex(qtest_readq(r->qts, end), !=, 0x1122);
        g_assert_cmphex(qtest_readq(r->qts, r->window + 1024 * RIG_MIB - 8),
                        !=, 0x1000);
        g_assert_cmpuint(mapped(r, r->window, 768 * RIG_MIB), ==, 1);
        qtest_system_reset(r->qts);
    }
    expect_info(r, "(768 MiB): trapped (not made of whole stripes), 2 ways");
    rig_stop(r);
}

/* An object that comes later has nothing to set any more. */
static void test_too_late(void)
{
    Rig *r = rig_host_bridge_machine(true, BOOT " ");
    QDict *error = qtest_qmp_assert_failure_ref(r->qts,
        "{'execute': 'object-add', 'arguments': {"
        " 'qom-type': 'cxl-boot-region', 'id': 'b1', 'size': 268435456,"
        " 'devices': [ 'cxl0' ] }}");

    g_assert_nonnull(strstr(qdict_get_str(error, "desc"),
                            "on the command line"));
    qobject_unref(error);
    qtest_qmp_assert_success(r->qts, "{'execute': 'object-del',"
                             " 'arguments': { 'id': 'b0' }}");
    qtest_system_reset(r->qts);
    g_assert_cmphex(qtest_readq(r->qts, r->window), ==, UINT64_MAX);
    rig_stop(r);
}

static const struct {
    const char *object, *says;
} mistakes[] = {
    { "size=1G,devices=cxl0,devices=cxl9", "'devices': 'cxl9' is not" },
    { "size=1G,devices=cxl0,devices=hb0", "'devices': 'hb0' is not" },
    { "size=1G,devices=cxl0,devices=cxl0", "'cxl0' is there twice" },
    { "size=0,devices=cxl0", "'size': 0x0 is not a multiple" },
    { "size=256M,devices=cxl0,devices=cxl1", "for each of 2 devices" },
    { "size=1G,devices=cxl0", "refuses 0x40000000 bytes of volatile" },
    { "size=256M,persistent=on,devices=cxl0", "no persistent capacity left" },
    { "size=256M,offset=4k,devices=cxl0", "'offset': 0x1000 is not" },
    { "size=512M,offset=3840M,devices=cxl0", "do not fit in the window" },
    { "size=512M,devices=cxl0 -object cxl-boot-region,id=b1,size=256M,"
      "devices=cxl0", "no volatile capacity left" },
    { "size=256M,window=1,devices=cxl0", "'window': there is no window 1" },
    { "size=256M,granularity=100,devices=cxl0", "granularity 100 is not" },
};

static void test_mistakes(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(mistakes); i++) {
        g_autofree char *options = g_strdup_printf(
            "-device pxb-cxl,id=hb0,bus=pcie.0,bus_nr=32 "
            "-device cxl-rp,id=rp0,bus=hb0,chassis=0,slot=0,port=0 "
            "-device cxl-rp,id=rp1,bus=hb0,chassis=0,slot=1,port=1 "
            "-M cxl-fmw.0.targets.0=hb0,cxl-fmw.0.size=4G "
            "-object memory-backend-ram,id=m0,size=512M "
            "-object memory-backend-ram,id=m1,size=512M "
            "-device cxl-type3,bus=rp0,id=cxl0,volatile-memdev=m0 "
            "-device cxl-type3,bus=rp1,id=cxl1,volatile-memdev=m1 "
            "-object cxl-boot-region,id=b0,%s", mistakes[i].object);

        rig_refused(options, mistakes[i].says);
    }
}

/* What lies behind a window is no hole if it is another window. */
static void test_no_hole(void)
{
    rig_refused("-device pxb-cxl,id=hb0,bus=pcie.0,bus_nr=32 "
                "-device cxl-rp,id=rp0,bus=hb0,chassis=0,slot=0,port=0 "
                "-M cxl-fmw.0.targets.0=hb0,cxl-fmw.0.size=256M,"
                "cxl-fmw.1.targets.0=hb0,cxl-fmw.1.size=256M "
                "-object memory-backend-ram,id=m0,size=512M "
                "-device cxl-type3,bus=rp0,id=cxl0,volatile-memdev=m0 "
                "-object cxl-boot-region,id=b0,size=512M,hole=on,devices=cxl0",
                "'hole': 0x20000000 bytes at offset 0x0 end in another "
                "window, which begins 0x10000000 bytes behind");
}

/* A port of PCI above the device has no decoders to commit. */
static void test_no_decoders(void)
{
    rig_refused("-device pxb-cxl,id=hb0,bus=pcie.0,bus_nr=32 "
                "-device cxl-rp,id=rp0,bus=hb0,chassis=0,slot=0,port=0 "
                "-device x3130-upstream,id=us0,bus=rp0 "
                "-device xio3130-downstream,id=ds0,bus=us0,chassis=0,slot=1 "
                "-M cxl-fmw.0.targets.0=hb0,cxl-fmw.0.size=4G "
                "-object memory-backend-ram,id=m0,size=512M "
                "-device cxl-type3,bus=ds0,id=cxl0,volatile-memdev=m0 "
                "-object cxl-boot-region,id=b0,size=256M,devices=cxl0",
                "'cxl0'");
}

/* More than the memory map takes, which is said before anything else. */
static void test_full_map(void)
{
    g_autoptr(GString) options = g_string_new(NULL);

    for (unsigned i = 0; i <= CXL_MEMORY_MAP_ENTRIES; i++) {
        g_string_append_printf(options, "-object cxl-boot-region,id=b%u,"
                               "size=256M,devices=cxl0,soft-reserved=on ", i);
    }
    rig_refused(options->str, "'soft-reserved': 33 regions; the memory map "
                "takes 32");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/boot/host-bridge", test_host_bridge);
    g_test_add_func("/cxl/boot/locked", test_locked);
    g_test_add_func("/cxl/boot/switch", test_switch);
    g_test_add_func("/cxl/boot/persistent", test_persistent);
    g_test_add_func("/cxl/boot/window", test_window);
    g_test_add_func("/cxl/boot/hole", test_hole);
    g_test_add_func("/cxl/boot/memory-map", test_memory_map);
    g_test_add_func("/cxl/boot/full-map", test_full_map);
    g_test_add_func("/cxl/boot/too-late", test_too_late);
    g_test_add_func("/cxl/boot/mistakes", test_mistakes);
    g_test_add_func("/cxl/boot/no-hole", test_no_hole);
    g_test_add_func("/cxl/boot/no-decoders", test_no_decoders);
    return g_test_run();
}
