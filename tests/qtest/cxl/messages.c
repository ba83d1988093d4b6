/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A message is a store to an address that the guest chose.  Here it is aimed
 * at the slot control register of the port above its sender, and powers the
 * slot off: by each vector, and on each path that sends.  The device goes, the
 * machine stays.  And messages that wait: for a machine that is stopped, over
 * migration, and until a reset.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "hw/pci/pci_regs.h"
#include "hw/common/wire/doe.h"
#include "hw/cxl/wire/compliance.h"
#include "hw/cxl/wire/cpmu.h"
#include "hw/cxl/wire/dvsec.h"
#include "hw/cxl/wire/mailbox.h"
#include "qobject/qdict.h"
#include "tests/qtest/cap.h"
#include "tests/qtest/cxl/fixture.h"
#include "tests/qtest/refused.h"
#include "tests/qtest/status.h"

#define CXL0            "/machine/peripheral/cxl0"
#define CAP_DVSEC       0x23
#define DOE_CDAT        0x190
#define DOE_COMP        0x1b0
#define VECTOR_PMU      1
#define FIXED           7
#define VECTOR_SWITCH   3
#define SLOT_OFF        (PCI_EXP_SLTCTL_PWR_IND_OFF | PCI_EXP_SLTCTL_PWR_OFF)

#define DEVICE          FIX_BOTH ",direct=off,sanitize-ms=10,scan-ms=10"
#define DEVICE_DC       FIX_DCD ",direct=off"

#define SWITCH \
    "-device cxl-upstream,bus=rp0,addr=0.0,multifunction=on,id=us0 " \
    "-device cxl-switch-mailbox-cci,bus=rp0,addr=0.1,target=us0,id=cci0 " \
    "-device cxl-downstream,port=0,bus=us0,id=ds0,chassis=0,slot=4 "

static uint8_t msix_cap(CxlFixture *f)
{
    uint8_t cap = find_cap(f->qts, f->ecam, PCI_CAP_ID_MSIX);

    g_assert_cmpint(cap, !=, 0);
    return cap;
}

static uint64_t msix_entry(CxlFixture *f, unsigned vector)
{
    uint32_t table = fix_config_read(f, msix_cap(f) + PCI_MSIX_TABLE, 4);

    return f->bar[table & 7] + (table & ~7u) + 16 * vector;
}

static void aim(CxlFixture *f, unsigned vector)
{
    uint64_t at = msix_entry(f, vector);

    fix_write(f, at, 4, fix_root_exp(f) + PCI_EXP_SLTCTL);
    fix_write(f, at + 8, 4, SLOT_OFF);
}

/* The slot is empty, and whoever looks into it finds nothing. */
static void expect_gone(CxlFixture *f)
{
    qtest_qmp_eventwait(f->qts, "DEVICE_DELETED");
    g_assert_cmphex(fix_config_read(f, PCI_VENDOR_ID, 4), ==, UINT32_MAX);
    fix_read(f, f->mailbox + CXL_MBREG_CONTROL, 4);
    fix_write(f, f->mailbox + CXL_MBREG_CONTROL, 4, 1);
    qtest_clock_step(f->qts, 1000000000);
    qtest_qmp_assert_success(f->qts, "{'execute': 'query-cxl'}");
    fix_stop(f);
}

static void set_policy(CxlFixture *f)
{
    static const uint8_t all[5] = { 1, 1, 1, 1, 1 };

    g_assert_cmphex(fix_command_rc(f, 0x0103, all, 5), ==, 0);
}

static void inject_event(CxlFixture *f, const char *log)
{
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-general-media-event', 'arguments': {"
        " 'path': '" CXL0 "', 'log': %s, 'flags': 0, 'dpa': 0,"
        " 'descriptor': 0, 'type': 0, 'transaction-type': 0,"
        " 'sub-type': 0 }}", log);
}

static void ring(CxlFixture *f, uint16_t opcode, const void *in, uint32_t len,
                 uint32_t control)
{
    qtest_memwrite(f->qts, f->mailbox + 0x20, in, len);
    fix_write(f, f->mailbox + CXL_MBREG_COMMAND, 8,
              opcode | (uint64_t)len << CXL_MBREG_COMMAND_LENGTH_SHIFT);
    fix_write(f, f->mailbox + CXL_MBREG_CONTROL, 4,
              control | CXL_MBREG_CONTROL_DOORBELL);
}

/* ---- the mailbox ---- */

static void test_doorbell(void)
{
    CxlFixture *f = fix_start(DEVICE);

    aim(f, FIX_VECTOR_MAILBOX);
    ring(f, 0x4000, NULL, 0, CXL_MBREG_CONTROL_DOORBELL_INT);
    expect_gone(f);
}

/* The operation ends in a timer. */
static void check_background(uint16_t opcode, const void *in, uint32_t len)
{
    CxlFixture *f = fix_start(DEVICE);

    aim(f, FIX_VECTOR_MAILBOX);
    ring(f, opcode, in, len, CXL_MBREG_CONTROL_BG_INT);
    g_assert_cmphex(fix_config_read(f, PCI_VENDOR_ID, 4), !=, UINT32_MAX);
    qtest_clock_step(f->qts, 100000000);
    expect_gone(f);
}

static void test_scan(void)
{
    uint8_t in[17] = { };

    stq_le_p(in + 8, 0x1000);
    check_background(0x4304, in, sizeof(in));
}

static void test_sanitize(void)
{
    check_background(0x4400, NULL, 0);
}

/* The operation is aborted by a command, which goes on. */
static void test_abort(void)
{
    CxlFixture *f = fix_start(DEVICE);

    aim(f, FIX_VECTOR_MAILBOX);
    ring(f, 0x4400, NULL, 0, CXL_MBREG_CONTROL_BG_INT);
    ring(f, 0x0005, NULL, 0, CXL_MBREG_CONTROL_BG_INT);
    expect_gone(f);
}

/* ---- events ---- */

static void check_event(const char *log, unsigned vector)
{
    CxlFixture *f = fix_start(DEVICE);

    set_policy(f);
    aim(f, vector);
    inject_event(f, log);
    expect_gone(f);
}

static void test_informational(void)
{
    check_event("informational", FIX_VECTOR_EVENT);
}

static void test_warning(void)
{
    check_event("warning", FIX_VECTOR_EVENT + 1);
}

static void test_failure(void)
{
    check_event("failure", FIX_VECTOR_EVENT + 2);
}

static void test_fatal(void)
{
    check_event("fatal", FIX_VECTOR_EVENT + 3);
}

static void test_dynamic_capacity(void)
{
    CxlFixture *f = fix_start(DEVICE_DC);

    set_policy(f);
    aim(f, FIX_VECTOR_EVENT + 4);
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-add-dynamic-capacity', 'arguments': {"
        " 'path': '" CXL0 "', 'host-id': 0,"
        " 'selection-policy': 'prescriptive', 'region': 0,"
        " 'extents': [{ 'offset': 0, 'len': 2097152 }] }}");
    expect_gone(f);
}

/* A command logs an event before it answers; both have a message. */
static void test_inject_poison(void)
{
    CxlFixture *f = fix_start(DEVICE);
    uint8_t in[8] = { 0, 0x10 };

    set_policy(f);
    aim(f, FIX_VECTOR_EVENT);
    aim(f, FIX_VECTOR_MAILBOX);
    ring(f, 0x4301, in, sizeof(in), CXL_MBREG_CONTROL_DOORBELL_INT);
    expect_gone(f);
}

/* A load of poison, on the trapping path */
static void test_poison_read(void)
{
    CxlFixture *f = fix_start(DEVICE);
    uint64_t hpa = fix_map(f, 0, 0, FIX_UNIT);
    uint8_t in[8] = { 0, 0x10 };

    g_assert_cmphex(fix_command_rc(f, 0x4301, in, sizeof(in)), ==, 0);
    set_policy(f);
    aim(f, FIX_VECTOR_EVENT + 2);
    fix_read(f, hpa + 0x1000, 8);
    expect_gone(f);
}

static void test_health(void)
{
    CxlFixture *f = fix_start(DEVICE);

    set_policy(f);
    for (unsigned i = 0; i < 4; i++) {
        aim(f, FIX_VECTOR_EVENT + i);
    }
    qtest_qmp_assert_success(f->qts, "{'execute': 'qom-set', 'arguments': {"
        " 'path': '" CXL0 "', 'property': 'health-status', 'value': 1 }}");
    expect_gone(f);
}

/* ---- the performance monitoring unit ---- */

static uint64_t find_pmu(CxlFixture *f)
{
    uint32_t pos = fix_find_ext_cap(f, CAP_DVSEC, CXL_DVSEC_ID_LOCATOR);
    unsigned i;

    for (i = 0; i < 3; i++) {
        uint32_t lo = fix_config_read(f, pos + CXL_DVSEC_LOCATOR_LO(i), 4);

        if (extract32(lo, 8, 8) == CXL_LOCATOR_CPMU) {
            return f->bar[lo & 7] + (lo & 0xffff0000);
        }
    }
    g_assert_not_reached();
}

/* Counter @n is about to overflow, and then says so. */
static void arm_counter(CxlFixture *f, unsigned n, uint64_t extra)
{
    uint64_t pmu = find_pmu(f);
    uint64_t config = fix_read(f, pmu + CXL_CPMU_CONFIG(n), 8);

    aim(f, VECTOR_PMU);
    fix_write(f, pmu + CXL_CPMU_FREEZE, 8, UINT64_MAX);
    fix_write(f, pmu + CXL_CPMU_COUNTER(n), 8, (1ull << 48) - 1);
    fix_write(f, pmu + CXL_CPMU_CONFIG(n), 8,
              config | CXL_CPMU_CONFIG_ENABLE | CXL_CPMU_CONFIG_INTERRUPT |
              extra);
    fix_write(f, pmu + CXL_CPMU_FREEZE, 8, 0);
}

/* One trapped load */
static void test_counter_load(void)
{
    CxlFixture *f = fix_start(DEVICE);
    uint64_t hpa = fix_map(f, 0, 0, FIX_UNIT);

    arm_counter(f, FIXED, CXL_CPMU_CONFIG_EVENTS(2));
    fix_read(f, hpa, 8);
    expect_gone(f);
}

static void test_counter_store(void)
{
    CxlFixture *f = fix_start(DEVICE);
    uint64_t hpa = fix_map(f, 0, 0, FIX_UNIT);

    arm_counter(f, 1, 0);
    fix_write(f, hpa, 8, 1);
    expect_gone(f);
}

static void test_counter_command(void)
{
    CxlFixture *f = fix_start(DEVICE);

    arm_counter(f, 5, 0);
    aim(f, FIX_VECTOR_MAILBOX);
    ring(f, 0x4000, NULL, 0, CXL_MBREG_CONTROL_DOORBELL_INT);
    expect_gone(f);
}

static void test_counter_clock(void)
{
    CxlFixture *f = fix_start(DEVICE);

    arm_counter(f, 0, 0);
    qtest_clock_step(f->qts, 100);
    expect_gone(f);
}

/* ---- data object exchange ---- */

static void doe_send(CxlFixture *f, uint32_t doe, const uint32_t *req,
                     unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        fix_config_write(f, doe + DOE_REG_WRITE, 4, req[i]);
    }
    fix_config_write(f, doe + DOE_REG_CTRL, 4, DOE_CTRL_INTR_EN);
    fix_config_write(f, doe + DOE_REG_CTRL, 4, DOE_CTRL_INTR_EN | DOE_CTRL_GO);
}

static void check_doe(uint32_t doe, unsigned vector, uint32_t length)
{
    CxlFixture *f = fix_start(DEVICE);
    const uint32_t discovery[] = {
        DOE_OBJ(DOE_VENDOR_PCISIG, DOE_TYPE_DISCOVERY), length, 0,
    };

    aim(f, vector);
    doe_send(f, doe, discovery, ARRAY_SIZE(discovery));
    expect_gone(f);
}

static void test_doe_cdat(void)
{
    check_doe(DOE_CDAT, FIX_VECTOR_CDAT, 3);
}

static void test_doe_compliance(void)
{
    check_doe(DOE_COMP, FIX_VECTOR_COMPLIANCE, 3);
}

/* The length is wrong: it ends in the error bit. */
static void test_doe_error(void)
{
    check_doe(DOE_CDAT, FIX_VECTOR_CDAT, 4);
}

/* ---- AER: the message of the root port ---- */

static void aim_root_port(CxlFixture *f)
{
    uint64_t rp = fix_root_port(f), at;
    uint8_t cap = find_cap(f->qts, rp, PCI_CAP_ID_MSI);

    g_assert_cmpint(cap, !=, 0);
    at = rp + cap;
    qtest_writel(f->qts, at + PCI_MSI_ADDRESS_LO,
                 fix_root_exp(f) + PCI_EXP_SLTCTL);
    qtest_writew(f->qts, at + (qtest_readw(f->qts, at + PCI_MSI_FLAGS) &
                               PCI_MSI_FLAGS_64BIT ? PCI_MSI_DATA_64
                                                   : PCI_MSI_DATA_32),
                 SLOT_OFF);
    qtest_writew(f->qts, at + PCI_MSI_FLAGS, PCI_MSI_FLAGS_ENABLE);
}

static void test_correctable(void)
{
    CxlFixture *f = fix_start(DEVICE);

    fix_unmask_errors(f);
    aim_root_port(f);
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-correctable-error', 'arguments': {"
        " 'path': '" CXL0 "', 'type': 'physical' }}");
    expect_gone(f);
}

static void test_uncorrectable(void)
{
    CxlFixture *f = fix_start(DEVICE);

    fix_unmask_errors(f);
    aim_root_port(f);
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-uncorrectable-errors', 'arguments': {"
        " 'path': '" CXL0 "', 'errors': ["
        "  { 'type': 'internal', 'header': [ 1 ] } ] }}");
    expect_gone(f);
}

/* The guest injects the error itself, in the middle of a DOE exchange. */
static void test_compliance_crc(void)
{
    CxlFixture *f = fix_start(DEVICE);
    const uint32_t request[] = {
        DOE_OBJ(DOE_VENDOR_CXL, CXL_COMPLIANCE_DOE_TYPE), 4,
        CXL_COMPLIANCE_INJECT_CRC, 0x0101,
    };

    fix_unmask_errors(f);
    aim_root_port(f);
    aim(f, FIX_VECTOR_COMPLIANCE);
    doe_send(f, DOE_COMP, request, ARRAY_SIZE(request));
    expect_gone(f);
}

/* ---- a message that was masked ---- */

/*
 * A write to our own configuration space lets it go.  The host bridge refuses
 * an access from within another, so the slot stays as it is.
 */
static void test_unmask_function(void)
{
    CxlFixture *f = fix_start(DEVICE);
    uint32_t flags = msix_cap(f) + PCI_MSIX_FLAGS;

    set_policy(f);
    aim(f, FIX_VECTOR_EVENT);
    fix_config_write(f, flags, 2, PCI_MSIX_FLAGS_ENABLE |
                     PCI_MSIX_FLAGS_MASKALL);
    inject_event(f, "informational");
    qtest_qmp_assert_success(f->qts, "{'execute': 'query-status'}");
    g_assert_cmphex(fix_config_read(f, PCI_VENDOR_ID, 4), !=, UINT32_MAX);
    fix_config_write(f, flags, 2, PCI_MSIX_FLAGS_ENABLE);
    g_assert_cmphex(fix_config_read(f, PCI_VENDOR_ID, 4), !=, UINT32_MAX);
    qtest_qmp_assert_success(f->qts, "{'execute': 'query-cxl'}");
    fix_stop(f);
}

static void test_unmask_vector(void)
{
    CxlFixture *f = fix_start(DEVICE);
    uint64_t control = msix_entry(f, FIX_VECTOR_EVENT) + 12;

    set_policy(f);
    aim(f, FIX_VECTOR_EVENT);
    fix_write(f, control, 4, 1);
    inject_event(f, "informational");
    qtest_qmp_assert_success(f->qts, "{'execute': 'query-status'}");
    g_assert_cmphex(fix_config_read(f, PCI_VENDOR_ID, 4), !=, UINT32_MAX);
    fix_write(f, control, 4, 0);
    expect_gone(f);
}

/* ---- the mailbox of a switch; the slot holds the upstream port, too ---- */

static void test_switch(void)
{
    CxlFixture *f = fix_start_function(SWITCH, 1);

    aim(f, VECTOR_SWITCH);
    ring(f, 0x5100, NULL, 0, CXL_MBREG_CONTROL_DOORBELL_INT);
    expect_gone(f);
}

/* ---- messages that wait ---- */

static CxlFixture *stop_and_inject(void)
{
    CxlFixture *f = fix_start(DEVICE);

    set_policy(f);
    qtest_qmp_assert_success(f->qts, "{'execute': 'stop'}");
    qtest_qmp_eventwait(f->qts, "STOP");
    inject_event(f, "informational");
    qtest_qmp_assert_success(f->qts, "{'execute': 'query-status'}");
    g_assert_false(fix_irq_taken(f, FIX_VECTOR_EVENT));
    return f;
}

static void test_stopped(void)
{
    CxlFixture *f = stop_and_inject();

    qtest_qmp_assert_success(f->qts, "{'execute': 'cont'}");
    qtest_qmp_eventwait(f->qts, "RESUME");
    g_assert_true(fix_irq_taken(f, FIX_VECTOR_EVENT));
    fix_stop(f);
}

static void test_reset(void)
{
    CxlFixture *f = stop_and_inject();

    qtest_system_reset(f->qts);
    qtest_qmp_assert_success(f->qts, "{'execute': 'cont'}");
    qtest_qmp_eventwait(f->qts, "RESUME");
    fix_enumerate(f);
    g_assert_false(fix_irq_taken(f, FIX_VECTOR_EVENT));
    fix_stop(f);
}

static void test_migrated(void)
{
    CxlFixture *f = stop_and_inject();
    g_autofree char *dir = g_dir_make_tmp("cxl-messages-XXXXXX", NULL);
    g_autofree char *file = g_strdup_printf("%s/state", dir);
    g_autofree char *uri = g_strdup_printf("file:%s", file);

    qtest_qmp_assert_success(f->qts, "{'execute': 'migrate',"
                             " 'arguments': {'uri': %s}}", uri);
    status_wait(f->qts, "query-migrate", "completed");
    qtest_quit(f->qts);
    f->qts = qtest_initf("%s %s -incoming defer", fix_machine, DEVICE);
    qtest_qmp_assert_success(f->qts, "{'execute': 'migrate-incoming',"
                             " 'arguments': {'uri': %s}}", uri);
    status_wait(f->qts, "query-migrate", "completed");
    g_assert_false(fix_irq_taken(f, FIX_VECTOR_EVENT));
    qtest_qmp_assert_success(f->qts, "{'execute': 'cont'}");
    qtest_qmp_eventwait(f->qts, "RESUME");
    g_assert_true(fix_irq_taken(f, FIX_VECTOR_EVENT));
    unlink(file);
    rmdir(dir);
    fix_stop(f);
}

/* ---- what was taken out does not come back ---- */

static QDict *realize(CxlFixture *f, const char *id, bool value)
{
    g_autofree char *path = g_strdup_printf("/machine/peripheral/%s", id);

    return qtest_qmp(f->qts, "{'execute': 'qom-set', 'arguments': {"
        " 'path': %s, 'property': 'realized', 'value': %i }}", path, value);
}

/* Also those on no bus, whose core others use or whose state stays */
static void test_realize_again(void)
{
    static const char *const ids[] = { "host", "mld", "mover", "cxl0" };
    g_autofree char *log = g_strdup_printf("%s/reset-%d.log", g_get_tmp_dir(),
                                           getpid());
    g_autofree char *options = g_strdup_printf(DEVICE " "
        "-trace enable=memfab_cxl_reset -trace enable=sdxi_reset -D %s "
        "-device cxl-rp,id=rp1,bus=cxl.0,chassis=0,slot=1,port=1 "
        "-chardev null,id=nobody -device cxl-mld,id=mld "
        "-device sdxi,id=mover,bus=pcie.0 "
        "-device cxl-fabric-host,id=host,chardev=nobody,ports=rp1", log);
    CxlFixture *f = fix_start(options);
    g_autofree char *before = NULL, *after = NULL;

    for (unsigned i = 0; i < ARRAY_SIZE(ids); i++) {
        QDict *rsp = realize(f, ids[i], false);

        g_assert_true(qdict_haskey(rsp, "return"));
        qobject_unref(rsp);
        expect_refused(realize(f, ids[i], true), "realized");
        qtest_qmp_assert_success(f->qts, "{'execute': 'query-cxl'}");
    }
    /* They stay on their bus, and its reset finds no registers of theirs. */
    g_assert_true(g_file_get_contents(log, &before, NULL, NULL));
    qtest_system_reset(f->qts);
    g_assert_true(g_file_get_contents(log, &after, NULL, NULL));
    g_assert_cmpstr(after, ==, before);
    fix_stop(f);
    unlink(log);
}

static const struct {
    const char *name;
    void (*test)(void);
} cases[] = {
    { "doorbell", test_doorbell },
    { "scan", test_scan },
    { "sanitize", test_sanitize },
    { "abort", test_abort },
    { "event/informational", test_informational },
    { "event/warning", test_warning },
    { "event/failure", test_failure },
    { "event/fatal", test_fatal },
    { "event/dynamic-capacity", test_dynamic_capacity },
    { "event/inject-poison", test_inject_poison },
    { "event/poison-read", test_poison_read },
    { "event/health", test_health },
    { "counter/load", test_counter_load },
    { "counter/store", test_counter_store },
    { "counter/command", test_counter_command },
    { "counter/clock", test_counter_clock },
    { "doe/cdat", test_doe_cdat },
    { "doe/compliance", test_doe_compliance },
    { "doe/error", test_doe_error },
    { "aer/correctable", test_correctable },
    { "aer/uncorrectable", test_uncorrectable },
    { "aer/compliance-crc", test_compliance_crc },
    { "unmask/function", test_unmask_function },
    { "unmask/vector", test_unmask_vector },
    { "switch", test_switch },
    { "waits/stopped", test_stopped },
    { "waits/reset", test_reset },
    { "waits/migrated", test_migrated },
    { "realize-again", test_realize_again },
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        g_autofree char *path = g_strdup_printf("/cxl/messages/%s",
                                                cases[i].name);

        g_test_add_func(path, cases[i].test);
    }
    return g_test_run();
}
