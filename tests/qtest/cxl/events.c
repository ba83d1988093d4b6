/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event logs: what the monitor injects comes out of the mailbox byte for
 * byte, raises the status bit and the log's interrupt, and is cleared by
 * handle only in order.  What happens to the device itself becomes a record
 * without the monitor's help.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "qobject/qdict.h"
#include "hw/cxl/wire/events.h"
#include "tests/qtest/cxl/fixture.h"
#include "tests/qtest/refused.h"

enum { RC_OK = 0, RC_INPUT = 2, RC_HANDLE = 0x0e };

#define GET_HEADER      0x20

static void use_msi(CxlFixture *f)
{
    uint8_t policy[4] = { 1, 1, 1, 1 };
    CxlReply r;

    fix_command_ok(f, 0x0103, policy, sizeof(policy), &r);
    fix_command_ok(f, 0x0102, NULL, 0, &r);
    g_assert_cmphex(r.data[CXL_EVLOG_INFO], ==, 1 | FIX_VECTOR_EVENT << 4);
    g_assert_cmphex(r.data[CXL_EVLOG_FATAL], ==,
                    1 | (FIX_VECTOR_EVENT + 3) << 4);
}

static unsigned get_events(CxlFixture *f, uint8_t log, CxlReply *r)
{
    fix_command_ok(f, 0x0100, &log, 1, r);
    g_assert_cmpint(r->len, ==,
                    GET_HEADER + CXL_EVREC_SIZE * lduw_le_p(r->data + 0x14));
    return lduw_le_p(r->data + 0x14);
}

static uint16_t clear_handles(CxlFixture *f, uint8_t log, unsigned count,
                              uint16_t first, uint16_t second)
{
    uint8_t in[10] = { log, 0, count };

    stw_le_p(in + 6, first);
    stw_le_p(in + 8, second);
    return fix_command_rc(f, 0x0101, in, 6 + 2 * count);
}

static void inject_dram(CxlFixture *f, const char *log)
{
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-dram-event', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'log': %s, 'flags': 4,"
        " 'dpa': 4096, 'descriptor': 3, 'type': 1, 'transaction-type': 5,"
        " 'channel': 1, 'rank': 2, 'nibble-mask': 197121,"
        " 'bank-group': 4, 'bank': 5, 'row': 591622, 'column': 2571,"
        " 'correction-mask': [ 12, 13 ], 'sub-type': 0 }}", log);
}

static void inject_module(CxlFixture *f, const char *log)
{
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-memory-module-event', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'log': %s, 'flags': 0,"
        " 'type': 3, 'health-status': 1, 'media-status': 2,"
        " 'additional-status': 3, 'life-used': 4, 'temperature': -5,"
        " 'dirty-shutdown-count': 6, 'corrected-volatile-error-count': 7,"
        " 'corrected-persistent-error-count': 8, 'sub-type': 0 }}", log);
}

static void inject_media(CxlFixture *f, const char *log)
{
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-general-media-event', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'log': %s, 'flags': 1,"
        " 'dpa': 1000, 'descriptor': 1, 'type': 2, 'transaction-type': 3,"
        " 'channel': 4, 'rank': 5, 'device': 460551,"
        " 'component-id': 'part number 7', 'sub-type': 0 }}", log);
}

static void test_general_media(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);
    CxlEvGeneralMedia *rec;
    CxlUuid uuid = CXL_EVUUID_GENERAL_MEDIA;
    CxlReply r;

    use_msi(f);
    inject_media(f, "warning");
    g_assert_cmphex(fix_read(f, f->status, 4), ==, 1 << CXL_EVLOG_WARNING);
    g_assert_true(fix_irq_taken(f, FIX_VECTOR_EVENT + CXL_EVLOG_WARNING));
    g_assert_false(fix_irq_taken(f, FIX_VECTOR_EVENT + CXL_EVLOG_INFO));
    g_assert_cmpint(get_events(f, CXL_EVLOG_INFO, &r), ==, 0);
    g_assert_cmpint(get_events(f, CXL_EVLOG_WARNING, &r), ==, 1);

    rec = (CxlEvGeneralMedia *)(r.data + GET_HEADER);
    g_assert_cmpmem(&rec->hdr.uuid, 16, &uuid, 16);
    g_assert_cmphex(rec->hdr.length, ==, CXL_EVREC_SIZE);
    g_assert_cmphex(rec->hdr.flags[0] & 3, ==, CXL_EVLOG_WARNING);
    g_assert_cmphex(lduw_le_p(&rec->hdr.handle), !=, 0);
    g_assert_cmphex(ldq_le_p(&rec->dpa), ==, 1000);
    g_assert_cmphex(rec->descriptor, ==, 1);
    g_assert_cmphex(rec->type, ==, 2);
    g_assert_cmphex(rec->transaction, ==, 3);
    g_assert_cmphex(lduw_le_p(&rec->validity), ==, 0xf);
    g_assert_cmphex(rec->channel, ==, 4);
    g_assert_cmphex(rec->rank, ==, 5);
    g_assert_cmpmem(rec->device, 3, "\x07\x07\x07", 3);
    g_assert_cmpstr((char *)rec->component_id, ==, "part number 7");

    g_assert_cmphex(clear_handles(f, CXL_EVLOG_WARNING, 1,
                                  lduw_le_p(&rec->hdr.handle), 0), ==, RC_OK);
    g_assert_cmphex(fix_read(f, f->status, 4), ==, 0);
    fix_stop(f);
}

static void test_dram(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);
    CxlEvDram *rec;
    CxlReply r;

    use_msi(f);
    inject_dram(f, "failure");
    g_assert_true(fix_irq_taken(f, FIX_VECTOR_EVENT + CXL_EVLOG_FAILURE));
    g_assert_cmpint(get_events(f, CXL_EVLOG_FAILURE, &r), ==, 1);
    rec = (CxlEvDram *)(r.data + GET_HEADER);
    g_assert_cmphex(rec->hdr.flags[0], ==, 4 | CXL_EVLOG_FAILURE);
    g_assert_cmphex(ldq_le_p(&rec->dpa), ==, 4096);
    g_assert_cmphex(lduw_le_p(&rec->validity), ==, 0xff);
    g_assert_cmpmem(rec->nibble_mask, 3, "\x01\x02\x03", 3);
    g_assert_cmphex(rec->bank_group, ==, 4);
    g_assert_cmphex(rec->bank, ==, 5);
    g_assert_cmpmem(rec->row, 3, "\x06\x07\x09", 3);
    g_assert_cmphex(lduw_le_p(&rec->column), ==, 0x0a0b);
    g_assert_cmphex(ldq_le_p(&rec->correction_mask[1]), ==, 13);
    g_assert_cmphex(ldq_le_p(&rec->correction_mask[2]), ==, 0);
    fix_stop(f);
}

static void test_module(void)
{
    static const uint8_t health[] = {
        1, 2, 3, 4, 0xfb, 0xff, 6, 0, 0, 0, 7, 0, 0, 0, 8, 0, 0, 0
    };
    CxlFixture *f = fix_start(FIX_VOLATILE);
    CxlEvModule *rec;
    CxlReply r;

    use_msi(f);
    inject_module(f, "fatal");
    g_assert_true(fix_irq_taken(f, FIX_VECTOR_EVENT + CXL_EVLOG_FATAL));
    g_assert_cmpint(get_events(f, CXL_EVLOG_FATAL, &r), ==, 1);
    rec = (CxlEvModule *)(r.data + GET_HEADER);
    g_assert_cmphex(rec->type, ==, 3);
    g_assert_cmpmem(rec->health, sizeof(rec->health), health,
                    sizeof(health));
    fix_stop(f);
}

/* Handles have to be the oldest ones, in order; else nothing is cleared. */
static void test_clear_order(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);
    uint16_t first, second;
    CxlReply r;

    inject_media(f, "informational");
    inject_media(f, "informational");
    g_assert_cmpint(get_events(f, CXL_EVLOG_INFO, &r), ==, 2);
    first = lduw_le_p(r.data + GET_HEADER + 0x14);
    second = lduw_le_p(r.data + GET_HEADER + CXL_EVREC_SIZE + 0x14);
    g_assert_cmphex(first, !=, second);

    g_assert_cmphex(clear_handles(f, 0, 1, second, 0), ==, RC_HANDLE);
    g_assert_cmphex(clear_handles(f, 0, 2, second, first), ==, RC_HANDLE);
    g_assert_cmphex(clear_handles(f, 0, 1, 0, 0), ==, RC_HANDLE);
    g_assert_cmpint(get_events(f, CXL_EVLOG_INFO, &r), ==, 2);
    g_assert_cmphex(clear_handles(f, 0, 2, first, second), ==, RC_OK);
    g_assert_cmpint(get_events(f, CXL_EVLOG_INFO, &r), ==, 0);
    fix_stop(f);
}

static void test_overflow(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE ",event-log-size=8");
    uint8_t all[6] = { CXL_EVLOG_INFO, 1, 0 };
    CxlReply r;
    unsigned i;

    use_msi(f);
    for (i = 0; i < 11; i++) {
        inject_media(f, "informational");
    }
    g_assert_cmpint(get_events(f, CXL_EVLOG_INFO, &r), ==, 8);
    g_assert_cmphex(r.data[0] & 1, ==, 1);
    g_assert_cmpint(lduw_le_p(r.data + 2), ==, 3);
    g_assert_cmphex(fix_command_rc(f, 0x0101, all, sizeof(all)), ==, RC_OK);
    g_assert_cmpint(get_events(f, CXL_EVLOG_INFO, &r), ==, 0);
    g_assert_cmphex(r.data[0] & 1, ==, 0);
    fix_stop(f);
}

static void test_unknown_log(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);
    uint8_t log;

    for (log = 4; log; log += 9) {
        g_assert_cmphex(fix_command_rc(f, 0x0100, &log, 1), ==, RC_INPUT);
        if (log > 240) {
            break;
        }
    }
    fix_stop(f);
}

static QDict *inject_error(CxlFixture *f, const char *path)
{
    return qtest_qmp(f->qts,
        "{'execute': 'cxl-inject-correctable-error', 'arguments': {"
        " 'path': %s, 'type': 'physical' }}", path);
}

/* Ports have errors, and no poison. */
static void test_bad_path(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);

    expect_refused(inject_error(f, "/machine/peripheral/none"),
                   "unable to resolve");
    expect_refused(inject_error(f, "/machine/peripheral/cxl.0"),
                   "is not a realized CXL type 3 device, root port,");
    expect_refused(qtest_qmp(f->qts,
        "{'execute': 'cxl-inject-poison', 'arguments': {"
        " 'path': '/machine/peripheral/rp0', 'start': 0, 'length': 64 }}"),
        "is not a CXL type 3 device");
    fix_stop(f);
}

static void set_vital(CxlFixture *f, const char *name, int64_t value)
{
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'qom-set', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'property': %s,"
        " 'value': %" PRId64 "}}", name, value);
}

static const CxlEvModule *first_module(CxlFixture *f, uint8_t log,
                                       CxlReply *r)
{
    static const CxlUuid uuid = CXL_EVUUID_MODULE;
    const CxlEvModule *rec = (const CxlEvModule *)(r->data + GET_HEADER);

    g_assert_cmpint(get_events(f, log, r), ==, 1);
    g_assert_cmpmem(&rec->hdr.uuid, 16, &uuid, 16);
    return rec;
}

/*
 * Nobody injects a record: the device gets warm and old, and says so itself
 * when that crosses a threshold.
 */
static void test_vitals(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE ",life-used=3");
    /* valid and enabled: life, over; life 50, over 60 degrees */
    uint8_t alerts[12] = { 3, 3, 50, 0, 60 };
    const CxlEvModule *rec;
    CxlReply r;

    use_msi(f);
    fix_command_ok(f, 0x4200, NULL, 0, &r);
    g_assert_cmpuint(r.data[3], ==, 3);
    g_assert_cmpint((int16_t)lduw_le_p(r.data + 4), ==, 25);
    fix_command_ok(f, 0x4202, alerts, sizeof(alerts), &r);
    set_vital(f, "temperature", 59);
    g_assert_cmphex(fix_read(f, f->status, 4), ==, 0);
    set_vital(f, "temperature", 61);
    g_assert_true(fix_irq_taken(f, FIX_VECTOR_EVENT + CXL_EVLOG_WARNING));
    rec = first_module(f, CXL_EVLOG_WARNING, &r);
    g_assert_cmphex(rec->type, ==, CXL_EVMODULE_TEMPERATURE);
    g_assert_cmpint((int16_t)lduw_le_p(rec->health + 4), ==, 61);
    g_assert_cmphex(rec->health[2], ==, 1 << 2);
    /* Warmer still is no news. */
    set_vital(f, "temperature", 62);
    first_module(f, CXL_EVLOG_WARNING, &r);
    set_vital(f, "life-used", 96);
    g_assert_true(fix_irq_taken(f, FIX_VECTOR_EVENT + CXL_EVLOG_FAILURE));
    rec = first_module(f, CXL_EVLOG_FAILURE, &r);
    g_assert_cmphex(rec->type, ==, CXL_EVMODULE_LIFE);
    set_vital(f, "media-status", 3);
    rec = first_module(f, CXL_EVLOG_FATAL, &r);
    g_assert_cmphex(rec->type, ==, CXL_EVMODULE_MEDIA_STATUS);
    fix_command_ok(f, 0x4200, NULL, 0, &r);
    g_assert_cmpuint(r.data[1], ==, 3);
    g_assert_cmpuint(r.data[3], ==, 96);
    fix_stop(f);
}

static void refuse_vital(CxlFixture *f, const char *name, int64_t value,
                         const char *sentence)
{
    QDict *rsp = qtest_qmp(f->qts,
        "{'execute': 'qom-set', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'property': %s,"
        " 'value': %" PRId64 "}}", name, value);

    expect_refused(rsp, sentence);
}

static void test_vitals_refused(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);
    CxlReply r;

    refuse_vital(f, "temperature", 0x7fff,
                 "property 'temperature': 32767 is not within -32768 to"
                 " 32766");
    refuse_vital(f, "life-used", 101, "'life-used': 101 is not within 0 to"
                 " 100");
    refuse_vital(f, "life-used", -1, "-1 is not within 0 to 100");
    refuse_vital(f, "media-status", 10, "10 is not within 0 to 9");
    refuse_vital(f, "health-status", 16, "16 is not within 0 to 15");
    refuse_vital(f, "corrected-volatile-errors", 1ll << 32,
                 "is not within 0 to 4294967295");
    refuse_vital(f, "dirty-shutdowns", 1, "not writable");
    g_assert_cmphex(fix_read(f, f->status, 4), ==, 0);
    fix_command_ok(f, 0x4200, NULL, 0, &r);
    g_assert_cmpuint(r.data[3], ==, 0);
    fix_stop(f);
}

/* Arguments that CXL r3.2 brought, in the spelling of QEMU 11.1 */
#define R32_COMMON \
    " 'path': '/machine/peripheral/cxl0', 'log': 'informational'," \
    " 'flags': 65535, 'maint-op-class': 2, 'maint-op-subclass': 3," \
    " 'ld-id': 772, 'head-id': 5, 'component-id': 'a part'," \
    " 'is-comp-id-pldm': true, 'sub-type': 6,"
#define R32_WHERE \
    " 'dpa': 64, 'descriptor': 0, 'type': 0, 'transaction-type': 0,"

static const uint8_t *r32_record(CxlFixture *f, CxlReply *r)
{
    const CxlEvHeader *hdr = (const CxlEvHeader *)(r->data + GET_HEADER);

    g_assert_cmpint(get_events(f, CXL_EVLOG_INFO, r), ==, 1);
    g_assert_cmphex(hdr->flags[0], ==, 0xfc);
    g_assert_cmphex(hdr->flags[1], ==, 0xff);
    g_assert_cmphex(hdr->maint_class, ==, 2);
    g_assert_cmphex(hdr->maint_subclass, ==, 3);
    g_assert_cmphex(lduw_le_p(&hdr->ld_id), ==, 772);
    g_assert_cmphex(hdr->head_id, ==, 5);
    clear_handles(f, CXL_EVLOG_INFO, 1, lduw_le_p(&hdr->handle), 0);
    return r->data + GET_HEADER;
}

static void test_r32_arguments(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);
    const uint8_t *p;
    CxlReply r;

    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-general-media-event', 'arguments': {"
        R32_COMMON R32_WHERE " 'cme-ev-flags': 1, 'cme-count': 66051 }}");
    p = r32_record(f, &r);
    g_assert_cmphex(lduw_le_p(p + 0x3b), ==, 0x18);
    g_assert_cmphex(ldl_le_p(p + 0x53), ==, 0x06010203);
    g_assert_cmphex(p[0x52], ==, 1);
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-dram-event', 'arguments': {"
        R32_COMMON R32_WHERE " 'sub-channel': 7, 'cme-ev-flags': 2,"
        " 'cvme-count': 66051 }}");
    p = r32_record(f, &r);
    g_assert_cmphex(lduw_le_p(p + 0x3b), ==, 0x700);
    g_assert_cmphex(lduw_le_p(p + 0x79), ==, 0x0207);
    g_assert_cmphex(ldl_le_p(p + 0x7b), ==, 0x06010203);
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-memory-module-event', 'arguments': {"
        R32_COMMON " 'type': 3, 'health-status': 1, 'media-status': 2,"
        " 'additional-status': 3, 'life-used': 4, 'temperature': -5,"
        " 'dirty-shutdown-count': 6, 'corrected-volatile-error-count': 7,"
        " 'corrected-persistent-error-count': 8 }}");
    p = r32_record(f, &r);
    g_assert_cmphex(lduw_le_p(p + 0x43), ==, 3);
    g_assert_cmpstr((const char *)p + 0x45, ==, "a part");
    g_assert_cmphex(p[0x55], ==, 6);
    fix_stop(f);
}

static void test_r32_refused(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);
    QDict *rsp = qtest_qmp(f->qts,
        "{'execute': 'cxl-inject-dram-event', 'arguments': {"
        R32_COMMON R32_WHERE " 'cvme-count': 16777216 }}");

    expect_refused(rsp, "'cvme-count': 16777216 is not within 0 to");
    fix_stop(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/events/general-media", test_general_media);
    g_test_add_func("/cxl/events/dram", test_dram);
    g_test_add_func("/cxl/events/module", test_module);
    g_test_add_func("/cxl/events/r32-arguments", test_r32_arguments);
    g_test_add_func("/cxl/events/r32-refused", test_r32_refused);
    g_test_add_func("/cxl/events/clear-order", test_clear_order);
    g_test_add_func("/cxl/events/overflow", test_overflow);
    g_test_add_func("/cxl/events/unknown-log", test_unknown_log);
    g_test_add_func("/cxl/events/bad-path", test_bad_path);
    g_test_add_func("/cxl/events/vitals", test_vitals);
    g_test_add_func("/cxl/events/vitals-refused", test_vitals_refused);
    return g_test_run();
}
