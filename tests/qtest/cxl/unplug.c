/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A member of an interleave set is taken out of its port while the set is in
 * use: its lines are gone, those of the other member are where they were, and
 * what that one has by itself is in order.
 */
#include "qemu/osdep.h"
#include "hw/pci/pci_regs.h"
#include "qobject/qdict.h"
#include "qobject/qjson.h"
#include "tests/qtest/cxl/rig.h"
#include "tests/qtest/status.h"
#include <glib/gstdio.h>

#define ECAM_AT(bus, slot) \
    (0xb0000000ull + ((uint64_t)(bus) << 20) + ((uint64_t)(slot) << 15))
/* Downstream ports of rig_by_switch() */
#define PORT(n) ECAM_AT(34, n)

static void tear_out(Rig *r, unsigned n)
{
    rig_tear_out(r, n, PORT(n));
}

static void read_member(Rig *r, unsigned n, unsigned seed, bool there)
{
    for (unsigned i = 0; i < RIG_PLACES; i++) {
        uint64_t at = r->window + rig_offset(r, 0, n, rig_places[i]);

        g_assert_cmphex(qtest_readq(r->qts, at), ==,
                        there ? rig_word(n + seed, rig_places[i])
                              : UINT64_MAX);
    }
}

static void check_set(unsigned gone, bool direct)
{
    Rig *r = rig_by_switch(direct);
    unsigned left = !gone;

    rig_commit_set(r, 0, 1);
    rig_write_all(r, 0, 3);
    rig_expect_aliases(r, direct ? 2 : 0);
    tear_out(r, gone);
    rig_expect_aliases(r, 0);
    read_member(r, left, 3, true);
    read_member(r, gone, 3, false);
    qtest_writeq(r->qts, r->window + rig_offset(r, 0, gone, 0), 1);
    read_member(r, left, 3, true);

    /* By itself, through a window of its own */
    rig_release(r, r->dev[left].bar0, 0);
    rig_release(r, r->bridge, 0);
    rig_commit(r, r->bridge, 0, r->window, RIG_SIZE, 0, left);
    g_assert_cmphex(rig_commit(r, r->dev[left].bar0, 0, r->window, RIG_SIZE,
                               0, 0) & 0xc00, ==, 0x400);
    rig_expect_aliases(r, direct ? 1 : 0);
    for (unsigned i = 0; i < RIG_PLACES; i++) {
        g_assert_cmphex(qtest_readq(r->qts, r->window + rig_places[i]), ==,
                        rig_word(left + 3, rig_places[i]));
    }
    rig_stop(r);
}

static void test_first(void)
{
    check_set(0, true);
}

static void test_second(void)
{
    check_set(1, true);
}

static void test_trapping(void)
{
    check_set(1, false);
}

/* Both, and the backends can be used again. */
static void test_all(void)
{
    Rig *r = rig_by_switch(true);

    rig_commit_set(r, 0, 1);
    rig_write_all(r, 0, 3);
    rig_expect_aliases(r, 2);
    for (unsigned n = 0; n < 2; n++) {
        tear_out(r, n);
    }
    read_member(r, 0, 3, false);
    read_member(r, 1, 3, false);
    /* Nobody has to wait for memory that few have touched. */
    qtest_qmp_assert_success(r->qts, "{'execute': 'device_add', 'arguments':"
        " {'driver': 'cxl-type3', 'bus': 'dsp0', 'id': 'new',"
        "  'volatile-memdev': 'm1'}}");
    qtest_qmp_assert_success(r->qts, "{'execute': 'query-cxl'}");
    rig_stop(r);
}

/* Where they are traced to that give back what removed members lent */
static char *log;

static char *traced_memory(GString *cmd, unsigned i)
{
    if (!i) {
        g_string_append_printf(cmd, "-trace enable=memfab_cxl_window_release "
                               "-D %s ", log);
    }
    g_string_append_printf(cmd, "-object memory-backend-ram,id=m%u,size=512M ",
                           i);
    return g_strdup_printf("volatile-memdev=m%u", i);
}

/* Memory that does not go into the stream, and may be interleaved */
static char *shared_memory(GString *cmd, unsigned i)
{
    g_autofree char *dir = g_path_get_dirname(log);

    g_string_append_printf(cmd, "-object memory-backend-file,id=m%u,size=512M,"
                           "mem-path=%s/m%u,share=on ", i, dir, i);
    return g_strdup_printf("volatile-memdev=m%u,layout-file=auto", i);
}

/* The monitor answers until the memory is free. */
static void delete_object(Rig *r, const char *id)
{
    for (unsigned asked = 0; asked < 1000000; asked++) {
        QDict *rsp = qtest_qmp(r->qts, "{'execute': 'object-del', 'arguments':"
                               " {'id': %s}}", id);
        bool good = qdict_haskey(rsp, "return");

        qobject_unref(rsp);
        if (good) {
            return;
        }
    }
    g_assert_not_reached();
}

/*
 * The bytes of a set that hold something go back in short steps after its
 * member has left; the other one is right before, between and after them, and
 * may leave as well.
 */
#define USED (64 * RIG_MIB)

static Rig *start_large(char **dir, char *(*memory)(GString *cmd, unsigned i))
{
    char *(*usual)(GString *cmd, unsigned i) = rig_memory;
    Rig *r;

    *dir = g_dir_make_tmp("cxl-unplug-XXXXXX", NULL);
    log = g_build_filename(*dir, "log", NULL);
    rig_memory = memory;
    r = rig_by_switch(true);
    rig_memory = usual;
    rig_commit_set(r, 0, 1);
    rig_expect_aliases(r, 2);
    for (unsigned i = 0; i < 2; i++) {
        qtest_memset(r->qts, r->window + i * RIG_SIZE + RIG_SIZE / 2, 0xa5,
                     USED);
    }
    rig_write_all(r, 0, 3);
    return r;
}

static void stop_large(Rig *r, const char *dir)
{
    static const char *const names[] = { "log", "m0", "m1", "cxl-layout" };

    rig_stop(r);
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(dir, names[i], NULL);

        g_unlink(path);
    }
    g_rmdir(dir);
    g_free(log);
}

static void check_large(bool both)
{
    g_autofree char *dir = NULL;
    Rig *r = start_large(&dir, traced_memory);

    tear_out(r, 1);
    read_member(r, 0, 3, true);
    if (both) {
        tear_out(r, 0);
        delete_object(r, "m0");
    }
    delete_object(r, "m1");
    read_member(r, 0, 3, !both);
    read_member(r, 1, 3, false);
    rig_check_steps(log, 2 * USED, 20 * RIG_MIB);
    stop_large(r, dir);
}

static void test_large(void)
{
    check_large(false);
}

static void test_large_both(void)
{
    check_large(true);
}

/*
 * The machine is on its way when the guest lets go of a member: steps are as
 * short as ever, or the rest is done when the machine stops; then nothing is
 * left to be done.  (QEMU never comes to an end of memory that was to be sent
 * and is not there any more: that which completes has its own in files.)
 */
static void check_migrating(bool completes)
{
    g_autofree char *dir = NULL;
    Rig *r = start_large(&dir, completes ? shared_memory : traced_memory);

    qtest_qmp_assert_success(r->qts, "{'execute': 'device_del',"
                             " 'arguments': {'id': 'cxl1'}}");
    qtest_qmp_assert_success(r->qts,
                             "{'execute': 'migrate-set-capabilities',"
                             " 'arguments': {'capabilities': [{"
                             " 'capability': 'x-ignore-shared',"
                             " 'state': true }]}}");
    qtest_qmp_assert_success(r->qts, "{'execute': 'migrate-set-parameters',"
                             " 'arguments': {'max-bandwidth': 4096}}");
    qtest_qmp_assert_success(r->qts, "{'execute': 'migrate', 'arguments':"
                             " {'uri': 'exec:cat >/dev/null'}}");
    status_wait(r->qts, "query-migrate", "active");
    qtest_writew(r->qts, rig_slot_control(r, PORT(1)),
                 PCI_EXP_SLTCTL_PWR_IND_OFF | PCI_EXP_SLTCTL_PWR_OFF);
    qtest_qmp_eventwait(r->qts, "DEVICE_DELETED");
    if (completes) {
        qtest_qmp_assert_success(r->qts, "{'execute': 'migrate-set-parameters',"
                                 " 'arguments': {'max-bandwidth': %" PRIu64
                                 "}}", UINT64_C(1) << 40);
        status_wait(r->qts, "query-migrate", "completed");
        qtest_qmp_assert_success(r->qts, "{'execute': 'object-del',"
                                 " 'arguments': {'id': 'm1'}}");
    } else {
        delete_object(r, "m1");
        rig_check_steps(log, 2 * USED, 20 * RIG_MIB);
    }
    read_member(r, 0, 3, true);
    read_member(r, 1, 3, false);
    stop_large(r, dir);
}

static void test_migrating(void)
{
    check_migrating(false);
}

static void test_migrated(void)
{
    check_migrating(true);
}

static char *node_names(Rig *r)
{
    QDict *rsp = qtest_qmp(r->qts, "{'execute': 'query-cxl'}");
    g_autofree char *text = qtest_hmp(r->qts, "info cxl");
    char *json = g_string_free(qobject_to_json(QOBJECT(
                     qdict_get_qdict(rsp, "return"))), false);

    g_assert_null(strstr(text, "Error"));
    qobject_unref(rsp);
    return json;
}

static void shows(Rig *r, const char *name, bool there)
{
    g_autofree char *json = node_names(r);

    g_assert_cmpint(!!strstr(json, name), ==, there);
}

/* The switch leaves with all that is below it, and the port is used again. */
static void check_switch(bool asked)
{
    Rig *r = rig_by_switch(true);

    rig_commit_set(r, 0, 1);
    rig_expect_aliases(r, 2);
    shows(r, "/usp\"", true);
    if (asked) {
        qtest_qmp_assert_success(r->qts, "{'execute': 'device_del',"
                                 " 'arguments': {'id': 'usp'}}");
        shows(r, "/usp\"", true);
    }
    qtest_writew(r->qts, rig_slot_control(r, ECAM_AT(32, 0)),
                 PCI_EXP_SLTCTL_PWR_IND_OFF | PCI_EXP_SLTCTL_PWR_OFF);
    /* Each memory device says so; QEMU 10.0 says no word of the ports. */
    for (unsigned i = 0; i < 2; i++) {
        qtest_qmp_eventwait(r->qts, "DEVICE_DELETED");
        shows(r, "cxl0", false);
    }
    shows(r, "usp", false);
    rig_expect_aliases(r, 0);
    qtest_qmp_assert_success(r->qts, "{'execute': 'device_add', 'arguments':"
        " {'driver': 'cxl-upstream', 'bus': 'rp0', 'id': 'usp1'}}");
    shows(r, "/usp1\"", true);
    rig_stop(r);
}

static void test_switch_off(void)
{
    check_switch(false);
}

static void test_switch_deleted(void)
{
    check_switch(true);
}

static void expect_word(Rig *r, uint64_t offset, bool there)
{
    qtest_writeq(r->qts, r->window + offset, 0x1234);
    g_assert_cmphex(qtest_readq(r->qts, r->window + offset), ==,
                    there ? 0x1234 : UINT64_MAX);
}

/* A region of firmware that has lost a device is left out, others are not. */
static void test_boot_region(void)
{
    Rig *r = rig_host_bridge_machine(true,
        "-object cxl-boot-region,id=b0,size=512M,devices=cxl0,devices=cxl1 "
        "-object cxl-boot-region,id=b1,size=256M,offset=1G,devices=cxl1 ");

    rig_enumerate_host_bridge(r);
    expect_word(r, 0, true);
    expect_word(r, 1024 * RIG_MIB, true);
    rig_tear_out(r, 0, ECAM_AT(32, 0));
    expect_word(r, 0, false);
    for (unsigned i = 0; i < 2; i++) {
        qtest_system_reset(r->qts);
        expect_word(r, 0, false);
        expect_word(r, 1024 * RIG_MIB, true);
    }
    rig_stop(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/unplug/first", test_first);
    g_test_add_func("/cxl/unplug/second", test_second);
    g_test_add_func("/cxl/unplug/trapping", test_trapping);
    g_test_add_func("/cxl/unplug/all", test_all);
    g_test_add_func("/cxl/unplug/large", test_large);
    g_test_add_func("/cxl/unplug/large-both", test_large_both);
    g_test_add_func("/cxl/unplug/migrating", test_migrating);
    g_test_add_func("/cxl/unplug/migrated", test_migrated);
    g_test_add_func("/cxl/unplug/boot-region", test_boot_region);
    g_test_add_func("/cxl/unplug/switch/off", test_switch_off);
    g_test_add_func("/cxl/unplug/switch/deleted", test_switch_deleted);
    return g_test_run();
}
