/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Poison: the monitor and the mailbox put it there, the list shows it,
 * a host that reads it does not get the data, writing a line or Clear
 * Poison takes it away, and it survives a reset of the bus.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "qobject/qdict.h"
#include "tests/qtest/cxl/fixture.h"

enum { RC_OK = 0, RC_INPUT = 2, RC_ADDRESS = 0x0f, RC_LIMIT = 0x10 };
enum { SOURCE_INTERNAL = 2, SOURCE_INJECTED = 3 };

#define LIST_HEADER     0x20
#define PATTERN         0x1122334455667788ull

static unsigned list(CxlFixture *f, uint64_t dpa, uint64_t len, CxlReply *r)
{
    uint8_t in[16];

    stq_le_p(in, dpa);
    stq_le_p(in + 8, len / 64);
    fix_command_ok(f, 0x4300, in, sizeof(in), r);
    return lduw_le_p(r->data + 0x0a);
}

static void check_record(const CxlReply *r, unsigned n, uint64_t dpa,
                         uint64_t len, unsigned source)
{
    const uint8_t *rec = r->data + LIST_HEADER + 16 * n;

    g_assert_cmphex(ldq_le_p(rec), ==, dpa | source);
    g_assert_cmphex(ldl_le_p(rec + 8), ==, len / 64);
}

static uint16_t inject(CxlFixture *f, uint64_t dpa)
{
    uint8_t in[8];

    stq_le_p(in, dpa);
    return fix_command_rc(f, 0x4301, in, sizeof(in));
}

static uint16_t clear(CxlFixture *f, uint64_t dpa, uint8_t fill)
{
    uint8_t in[72];

    memset(in, fill, sizeof(in));
    stq_le_p(in, dpa);
    return fix_command_rc(f, 0x4302, in, sizeof(in));
}

static QDict *qmp_inject(CxlFixture *f, uint64_t dpa, uint64_t len)
{
    return qtest_qmp(f->qts,
        "{'execute': 'cxl-inject-poison', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'start': %" PRIu64 ","
        " 'length': %" PRIu64 " }}", dpa, len);
}

static void test_monitor(void)
{
    CxlFixture *f = fix_start(FIX_BOTH);
    CxlReply r;
    QDict *rsp = qmp_inject(f, 0x10000, 256);

    g_assert_false(qdict_haskey(rsp, "error"));
    qobject_unref(rsp);
    g_assert_cmpint(list(f, 0, FIX_UNIT, &r), ==, 1);
    check_record(&r, 0, 0x10000, 256, SOURCE_INTERNAL);
    /* Records are clipped to the range that was asked for */
    g_assert_cmpint(list(f, 0x10040, 64, &r), ==, 1);
    check_record(&r, 0, 0x10040, 64, SOURCE_INTERNAL);
    g_assert_cmpint(list(f, 0x10100, 64, &r), ==, 0);
    fix_stop(f);
}

static void test_monitor_refusals(void)
{
    static const struct {
        uint64_t dpa, len;
    } bad[] = {
        { 1, 64 }, { 64, 63 }, { 0, 0 }, { 3 * FIX_UNIT, 64 },
        { 3 * FIX_UNIT - 64, 128 }, { UINT64_MAX - 63, 128 },
        { 0x1000, 64 },     /* poisoned already */
    };
    CxlFixture *f = fix_start(FIX_BOTH);
    CxlReply r;
    unsigned i;

    qobject_unref(qmp_inject(f, 0x1000, 64));
    for (i = 0; i < ARRAY_SIZE(bad); i++) {
        QDict *rsp = qmp_inject(f, bad[i].dpa, bad[i].len);

        g_assert_true(qdict_haskey(rsp, "error"));
        qobject_unref(rsp);
    }
    g_assert_cmpint(list(f, 0, 3 * FIX_UNIT, &r), ==, 1);
    fix_stop(f);
}

static void test_mailbox(void)
{
    CxlFixture *f = fix_start(FIX_BOTH ",inject-limit=2");
    uint8_t info = 0;
    CxlReply r;

    g_assert_cmphex(inject(f, 0x2000), ==, RC_OK);
    g_assert_cmphex(inject(f, 0x2000), ==, RC_OK);
    g_assert_cmphex(inject(f, 0x2001), ==, RC_INPUT);
    g_assert_cmphex(inject(f, 3 * FIX_UNIT), ==, RC_ADDRESS);
    g_assert_cmphex(inject(f, 0x4000), ==, RC_OK);
    g_assert_cmphex(inject(f, 0x6000), ==, RC_LIMIT);
    g_assert_cmpint(list(f, 0, FIX_UNIT, &r), ==, 2);
    check_record(&r, 0, 0x2000, 64, SOURCE_INJECTED);
    check_record(&r, 1, 0x4000, 64, SOURCE_INJECTED);

    /* Each new one left an informational record */
    fix_command_ok(f, 0x0100, &info, 1, &r);
    g_assert_cmpint(lduw_le_p(r.data + 0x14), ==, 2);

    g_assert_cmphex(clear(f, 0x2000, 0x5a), ==, RC_OK);
    g_assert_cmpint(list(f, 0, FIX_UNIT, &r), ==, 1);
    fix_stop(f);
}

static void check_host(const char *devices)
{
    CxlFixture *f = fix_start(devices);
    uint64_t hpa = fix_map(f, 0, 0, FIX_UNIT);
    CxlReply r;
    unsigned i;

    fix_write(f, hpa + 0x3000, 8, PATTERN);
    fix_write(f, hpa + 0x3040, 8, PATTERN);
    g_assert_cmphex(fix_read(f, hpa + 0x3000, 8), ==, PATTERN);
    g_assert_cmphex(inject(f, 0x3000), ==, RC_OK);
    g_assert_cmphex(fix_read(f, hpa + 0x3000, 8), !=, PATTERN);
    g_assert_cmphex(fix_read(f, hpa + 0x3040, 8), ==, PATTERN);

    /* Part of a line does not cure it, all of it does */
    fix_write(f, hpa + 0x3000, 8, ~PATTERN);
    g_assert_cmphex(fix_read(f, hpa + 0x3000, 8), !=, ~PATTERN);
    for (i = 0; i < 64; i += 8) {
        fix_write(f, hpa + 0x3000 + i, 8, PATTERN + i);
    }
    g_assert_cmphex(fix_read(f, hpa + 0x3038, 8), ==, PATTERN + 0x38);
    g_assert_cmpint(list(f, 0, FIX_UNIT, &r), ==, 0);

    g_assert_cmphex(inject(f, 0x3000), ==, RC_OK);
    g_assert_cmphex(clear(f, 0x3000, 0x5a), ==, RC_OK);
    g_assert_cmphex(fix_read(f, hpa + 0x3008, 8), ==, 0x5a5a5a5a5a5a5a5aull);
    fix_stop(f);
}

static void test_host_direct(void)
{
    check_host(FIX_BOTH);
}

static void test_host_trapping(void)
{
    check_host(FIX_BOTH ",direct=off");
}

/* The list and the events are all there is to see of it */
static void check_list_only(const char *devices)
{
    CxlFixture *f = fix_start(devices);
    uint64_t hpa = fix_map(f, 0, 0, FIX_UNIT);
    uint8_t info = 0;
    CxlReply r;
    unsigned i;

    fix_write(f, hpa + 0x3000, 8, PATTERN);
    g_assert_cmphex(inject(f, 0x3000), ==, RC_OK);
    g_assert_cmphex(fix_read(f, hpa + 0x3000, 8), ==, PATTERN);
    for (i = 0; i < 64; i += 8) {
        fix_write(f, hpa + 0x3000 + i, 8, ~PATTERN);
    }
    g_assert_cmphex(fix_read(f, hpa + 0x3038, 8), ==, ~PATTERN);
    g_assert_cmpint(list(f, 0, FIX_UNIT, &r), ==, 1);
    check_record(&r, 0, 0x3000, 64, SOURCE_INJECTED);
    fix_command_ok(f, 0x0100, &info, 1, &r);
    g_assert_cmpint(lduw_le_p(r.data + 0x14), ==, 1);

    g_assert_cmphex(clear(f, 0x3000, 0x5a), ==, RC_OK);
    g_assert_cmpint(list(f, 0, FIX_UNIT, &r), ==, 0);
    g_assert_cmphex(fix_read(f, hpa + 0x3000, 8), ==, 0x5a5a5a5a5a5a5a5aull);
    fix_stop(f);
}

static void test_list_only_direct(void)
{
    check_list_only(FIX_BOTH ",poison-mode=list-only");
}

static void test_list_only_trapping(void)
{
    check_list_only(FIX_BOTH ",poison-mode=list-only,direct=off");
}

static void test_mode_trap(void)
{
    check_host(FIX_BOTH ",poison-mode=trap");
}

static void check_mode(CxlFixture *f, const char *mode)
{
    QDict *rsp = qtest_qmp(f->qts, "{'execute': 'qom-get', 'arguments': {"
                           " 'path': '/machine/peripheral/cxl0',"
                           " 'property': 'poison-mode' }}");

    g_assert_cmpstr(qdict_get_str(rsp, "return"), ==, mode);
    qobject_unref(rsp);
}

/* The machine goes on running with the mode that it has */
static void test_mode_fixed(void)
{
    static const char *const values[] = { "list-only", "trap", "auto", "" };
    CxlFixture *f = fix_start(FIX_BOTH);
    unsigned i;

    check_mode(f, "auto");
    for (i = 0; i < ARRAY_SIZE(values); i++) {
        QDict *rsp = qtest_qmp(f->qts, "{'execute': 'qom-set', 'arguments': {"
                               " 'path': '/machine/peripheral/cxl0',"
                               " 'property': 'poison-mode',"
                               " 'value': %s }}", values[i]);

        g_assert_true(qdict_haskey(rsp, "error"));
        qobject_unref(rsp);
        check_mode(f, "auto");
    }
    fix_stop(f);
}

static void test_overflow(void)
{
    CxlFixture *f = fix_start(FIX_BOTH ",poison-list-size=4");
    CxlReply r;
    unsigned i;

    for (i = 0; i < 6; i++) {
        g_assert_cmphex(inject(f, 0x1000 * i), ==, RC_OK);
    }
    g_assert_cmpint(list(f, 0, FIX_UNIT, &r), ==, 4);
    g_assert_cmphex(r.data[0] & 2, ==, 2);
    fix_stop(f);
}

static void test_scan(void)
{
    CxlFixture *f = fix_start(FIX_BOTH ",scan-ms=100");
    uint8_t range[17] = { };
    CxlReply r;

    g_assert_cmphex(inject(f, 0x5000), ==, RC_OK);
    stq_le_p(range + 8, FIX_UNIT / 64);
    g_assert_cmphex(fix_command_rc(f, 0x4304, range, sizeof(range)), ==, 1);
    qtest_clock_step(f->qts, 200000000);
    fix_command_ok(f, 0x4305, NULL, 0, &r);
    g_assert_cmpint(lduw_le_p(r.data + 0x12), ==, 1);
    g_assert_cmphex(ldq_le_p(r.data + 0x20), ==, 0x5000 | SOURCE_INJECTED);
    fix_stop(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/poison/monitor", test_monitor);
    g_test_add_func("/cxl/poison/monitor-refusals", test_monitor_refusals);
    g_test_add_func("/cxl/poison/mailbox", test_mailbox);
    g_test_add_func("/cxl/poison/host-direct", test_host_direct);
    g_test_add_func("/cxl/poison/host-trapping", test_host_trapping);
    g_test_add_func("/cxl/poison/list-only-direct", test_list_only_direct);
    g_test_add_func("/cxl/poison/list-only-trapping",
                    test_list_only_trapping);
    g_test_add_func("/cxl/poison/mode-trap", test_mode_trap);
    g_test_add_func("/cxl/poison/mode-fixed", test_mode_fixed);
    g_test_add_func("/cxl/poison/overflow", test_overflow);
    g_test_add_func("/cxl/poison/scan", test_scan);
    return g_test_run();
}
