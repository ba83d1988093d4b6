/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dynamic capacity: the monitor offers, the host answers through the
 * mailbox, and only what was accepted can be read and written.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "qapi/error.h"
#include "qobject/qdict.h"
#include "qobject/qjson.h"
#include "qobject/qlist.h"
#include "hw/pci/pci_regs.h"
#include "hw/cxl/wire/dcd.h"
#include "hw/cxl/wire/events.h"
#include "tests/qtest/cxl/fixture.h"
#include "tests/qtest/refused.h"

enum { RC_OK = 0, RC_INPUT = 2, RC_ADDRESS = 0x0f, RC_EXTENTS = 0x1e };

#define MIB2            (2 * FIX_MIB)
#define REGION0         FIX_UNIT        /* above 256 MiB of volatile */
#define PATTERN         0x1122334455667788ull
#define GET_HEADER      0x20

static QDict *add(CxlFixture *f, const char *policy, uint64_t offset,
                  uint64_t len)
{
    return qtest_qmp(f->qts,
        "{'execute': 'cxl-add-dynamic-capacity', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'host-id': 0,"
        " 'selection-policy': %s, 'region': 0, 'tag': 'block',"
        " 'extents': [ { 'offset': %" PRIu64 ", 'len': %" PRIu64 " } ] }}",
        policy, offset, len);
}

static QDict *take_back(CxlFixture *f, const char *policy, bool forced,
                        uint64_t offset, uint64_t len)
{
    return qtest_qmp(f->qts,
        "{'execute': 'cxl-release-dynamic-capacity', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'host-id': 0,"
        " 'removal-policy': %s, 'forced-removal': %i, 'region': 0,"
        " 'tag': 'block',"
        " 'extents': [ { 'offset': %" PRIu64 ", 'len': %" PRIu64 " } ] }}",
        policy, forced, offset, len);
}

static void expect_ok(QDict *rsp)
{
    g_assert_false(qdict_haskey(rsp, "error"));
    qobject_unref(rsp);
}

static void expect_error(QDict *rsp)
{
    g_assert_true(qdict_haskey(rsp, "error"));
    qobject_unref(rsp);
}

static unsigned take_records(CxlFixture *f, CxlReply *r)
{
    return fix_take_records(f, CXL_EVLOG_DC, r);
}

static const CxlEvDc *record(const CxlReply *r, unsigned n)
{
    return (const CxlEvDc *)(r->data + GET_HEADER + CXL_EVREC_SIZE * n);
}

static uint16_t answer(CxlFixture *f, uint16_t opcode, unsigned count,
                       uint64_t dpa, uint64_t len)
{
    uint8_t in[8 + 24] = { };

    stl_le_p(in, count);
    stq_le_p(in + 8, dpa);
    stq_le_p(in + 16, len);
    return fix_command_rc(f, opcode, in, 8 + 24 * count);
}

static unsigned extents(CxlFixture *f, CxlReply *r)
{
    uint8_t in[8] = { };

    stl_le_p(in, 16);
    fix_command_ok(f, 0x4801, in, sizeof(in), r);
    return ldl_le_p(r->data + 4);
}

static void test_config(void)
{
    CxlFixture *f = fix_start(FIX_DCD);
    uint8_t in[2] = { 8, 0 };
    CxlReply r;

    fix_command_ok(f, 0x4800, in, sizeof(in), &r);
    g_assert_cmpint(r.data[0], ==, 2);
    g_assert_cmpint(r.data[1], ==, 2);
    g_assert_cmpint(r.len, ==, 8 + 2 * 0x28 + 0x10);
    g_assert_cmphex(ldq_le_p(r.data + 8), ==, REGION0);
    g_assert_cmpint(ldq_le_p(r.data + 16), ==, 2);
    g_assert_cmphex(ldq_le_p(r.data + 24), ==, 2 * FIX_UNIT);
    g_assert_cmphex(ldq_le_p(r.data + 32), ==, MIB2);
    g_assert_cmphex(ldq_le_p(r.data + 8 + 0x28), ==, REGION0 + 2 * FIX_UNIT);
    in[1] = 2;
    g_assert_cmphex(fix_command_rc(f, 0x4800, in, 2), ==, RC_INPUT);
    fix_stop(f);
}

static void test_add_release(void)
{
    CxlFixture *f = fix_start(FIX_DCD);
    uint8_t policy[5] = { 1, 1, 1, 1, 1 };
    uint64_t hpa;
    CxlReply r;

    fix_command_ok(f, 0x0103, policy, sizeof(policy), &r);
    /* Volatile first, then the region: decoders map in DPA order */
    fix_map(f, 0, 0, FIX_UNIT);
    hpa = fix_map(f, 1, FIX_UNIT, 2 * FIX_UNIT);

    expect_ok(add(f, "prescriptive", 0, 2 * MIB2));
    g_assert_true(fix_irq_taken(f, FIX_VECTOR_EVENT + CXL_EVLOG_DC));
    g_assert_cmphex(fix_read(f, f->status, 4) & (1 << CXL_EVLOG_DC), !=, 0);
    g_assert_cmpint(take_records(f, &r), ==, 1);
    g_assert_cmphex(record(&r, 0)->type, ==, CXL_EVDC_ADD);
    g_assert_cmphex(ldq_le_p(record(&r, 0)->extent), ==, REGION0);
    g_assert_cmphex(ldq_le_p(record(&r, 0)->extent + 8), ==, 2 * MIB2);
    g_assert_cmpmem(record(&r, 0)->extent + 16, 6, "block", 6);

    /* Offered is not accepted */
    g_assert_cmpint(extents(f, &r), ==, 0);
    fix_write(f, hpa, 8, PATTERN);
    g_assert_cmphex(fix_read(f, hpa, 8), !=, PATTERN);

    g_assert_cmphex(answer(f, 0x4802, 1, REGION0 + 4 * MIB2, MIB2), !=,
                    RC_OK);
    g_assert_cmphex(answer(f, 0x4802, 1, REGION0, MIB2), ==, RC_OK);
    g_assert_cmpint(extents(f, &r), ==, 1);
    fix_write(f, hpa + 0x1000, 8, PATTERN);
    g_assert_cmphex(fix_read(f, hpa + 0x1000, 8), ==, PATTERN);
    fix_write(f, hpa + MIB2, 8, PATTERN);
    g_assert_cmphex(fix_read(f, hpa + MIB2, 8), !=, PATTERN);

    expect_ok(take_back(f, "prescriptive", false, 0, MIB2));
    g_assert_cmpint(take_records(f, &r), ==, 1);
    g_assert_cmphex(record(&r, 0)->type, ==, CXL_EVDC_RELEASE);
    g_assert_cmphex(fix_read(f, hpa + 0x1000, 8), ==, PATTERN);
    g_assert_cmphex(answer(f, 0x4803, 1, REGION0, MIB2), ==, RC_OK);
    g_assert_cmphex(fix_read(f, hpa + 0x1000, 8), !=, PATTERN);
    g_assert_cmpint(extents(f, &r), ==, 0);
    fix_stop(f);
}

static void test_forced(void)
{
    CxlFixture *f = fix_start(FIX_DCD);
    uint64_t hpa;
    CxlReply r;

    fix_map(f, 0, 0, FIX_UNIT);
    hpa = fix_map(f, 1, FIX_UNIT, 2 * FIX_UNIT);
    expect_ok(add(f, "free", 0, MIB2));
    take_records(f, &r);
    g_assert_cmphex(answer(f, 0x4802, 1, REGION0, MIB2), ==, RC_OK);
    fix_write(f, hpa, 8, PATTERN);
    expect_ok(take_back(f, "tag-based", true, 0, MIB2));
    g_assert_cmphex(fix_read(f, hpa, 8), !=, PATTERN);
    g_assert_cmpint(extents(f, &r), ==, 0);
    g_assert_cmpint(take_records(f, &r), ==, 1);
    g_assert_cmphex(record(&r, 0)->type, ==, CXL_EVDC_FORCED_RELEASE);
    fix_stop(f);
}

/* --- what happens to capacity that is on its way -------------------------- */

static CxlFixture *move(CxlFixture *f)
{
    return fix_move(f, FIX_DCD);
}

static CxlFixture *(*const disturb[])(CxlFixture *f) = {
    fix_after_bus_reset, fix_after_machine_reset, fix_after_stop, move,
};

/* The host does what each record that it finds asks of it. */
static void obey(CxlFixture *f)
{
    CxlReply r, other;

    for (unsigned n; (n = take_records(f, &r));) {
        for (unsigned i = 0; i < n; i++) {
            uint64_t dpa = ldq_le_p(record(&r, i)->extent);
            uint64_t len = ldq_le_p(record(&r, i)->extent + 8);

            if (record(&r, i)->type == CXL_EVDC_ADD) {
                answer(f, 0x4802, 1, dpa, len);
            } else if (extents(f, &other)) {
                answer(f, 0x4803, 1, dpa, len);
            }
        }
    }
}

/* Offered, accepted, asked back, released: then something happens. */
static CxlFixture *capacity_at(CxlFixture *f, unsigned moment, unsigned how)
{
    CxlReply r;

    g_test_message("moment %u, disturbed by %u", moment, how);
    expect_ok(add(f, "prescriptive", 0, 2 * MIB2));
    if (moment >= 1) {
        obey(f);
        g_assert_cmpuint(extents(f, &r), ==, 1);
    }
    if (moment >= 2) {
        expect_ok(take_back(f, "prescriptive", false, 0, MIB2));
    }
    if (moment >= 3) {
        obey(f);
    }
    f = disturb[how](f);
    obey(f);
    /* An offer survives, and so does what was asked back. */
    g_assert_cmpuint(extents(f, &r), ==, 1);
    g_assert_cmphex(ldq_le_p(r.data + 16), ==,
                    moment >= 2 ? REGION0 + MIB2 : REGION0);
    expect_ok(take_back(f, "prescriptive", true, moment >= 2 ? MIB2 : 0,
                        moment >= 2 ? MIB2 : 2 * MIB2));
    g_assert_cmpuint(extents(f, &r), ==, 0);
    obey(f);
    /* 10 ms each: a machine without other timers has no "next" deadline. */
    for (unsigned i = 0; i < 16; i++) {
        qtest_clock_step(f->qts, 10000000);
    }
    return f;
}

static void test_moments(void)
{
    CxlFixture *f = fix_start(FIX_DCD);

    for (unsigned how = 0; how < G_N_ELEMENTS(disturb); how++) {
        for (unsigned moment = 0; moment < 4; moment++) {
            f = capacity_at(f, moment, how);
        }
    }
    fix_stop(f);
}

static void test_refusals(void)
{
    CxlFixture *f = fix_start(FIX_DCD);

    expect_error(add(f, "prescriptive", 0, 0));
    expect_error(add(f, "prescriptive", 1, MIB2));
    expect_error(add(f, "prescriptive", 0, MIB2 + 1));
    expect_error(add(f, "prescriptive", 2 * FIX_UNIT, MIB2));
    expect_error(add(f, "prescriptive", UINT64_MAX - MIB2 + 1, MIB2));
    expect_ok(add(f, "prescriptive", 0, MIB2));
    expect_error(add(f, "prescriptive", 0, MIB2));
    expect_error(take_back(f, "prescriptive", false, 0, MIB2));
    expect_error(take_back(f, "prescriptive", false, 8 * MIB2, MIB2));
    g_assert_cmphex(answer(f, 0x4803, 1, REGION0, MIB2), !=, RC_OK);
    g_assert_cmphex(answer(f, 0x4802, 0, 0, 0), ==, RC_OK);
    fix_stop(f);
}

static void test_no_regions(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);
    uint8_t in[2] = { 8, 0 };

    expect_error(add(f, "prescriptive", 0, MIB2));
    g_assert_cmphex(fix_command_rc(f, 0x4800, in, 2), ==, 3);
    fix_stop(f);
}

#define MANY        20000
#define SMALL       4096

/* Every block of the region's first part, one extent each, in one request. */
static void add_many(CxlFixture *f)
{
    QList *list = qlist_new();

    for (unsigned i = 0; i < MANY; i++) {
        QDict *e = qdict_new();

        qdict_put_int(e, "offset", (int64_t)i * SMALL);
        qdict_put_int(e, "len", SMALL);
        qlist_append(list, e);
    }
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-add-dynamic-capacity', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'host-id': 0,"
        " 'selection-policy': 'prescriptive', 'region': 0,"
        " 'extents': %p }}", list);
}

/* All of them in commands of @per extents, one list for the device. */
static void update_many(CxlFixture *f, uint16_t opcode, unsigned per)
{
    g_autofree uint8_t *in = g_malloc0(8 + 24 * per);

    for (unsigned i = 0; i < MANY; i += per) {
        unsigned n = MIN(per, MANY - i);

        stl_le_p(in, n);
        in[4] = i + n < MANY;
        for (unsigned j = 0; j < n; j++) {
            stq_le_p(in + 8 + 24 * j, REGION0 + (uint64_t)(i + j) * SMALL);
            stq_le_p(in + 16 + 24 * j, SMALL);
        }
        g_assert_cmphex(fix_command_rc(f, opcode, in, 8 + 24 * n), ==, RC_OK);
    }
}

/*
 * Very many extents of a region that a decoder maps: offered,
 * accepted, used and given back. The time limit of the test is the judge.
 */
static void test_many_extents(void)
{
    CxlFixture *f = fix_start(FIX_DCD ",dc-block-size=4096,"
                              "mailbox-payload=1M");
    uint64_t hpa;
    CxlReply r;

    fix_map(f, 0, 0, FIX_UNIT);
    hpa = fix_map(f, 1, FIX_UNIT, 2 * FIX_UNIT);
    add_many(f);
    update_many(f, 0x4802, 8000);
    g_assert_cmpuint(extents(f, &r), ==, MANY);
    fix_write(f, hpa + (MANY - 1ull) * SMALL, 8, PATTERN);
    g_assert_cmphex(fix_read(f, hpa + (MANY - 1ull) * SMALL, 8), ==, PATTERN);
    fix_write(f, hpa + (uint64_t)MANY * SMALL, 8, PATTERN);
    g_assert_cmphex(fix_read(f, hpa + (uint64_t)MANY * SMALL, 8), !=,
                    PATTERN);
    update_many(f, 0x4803, 8000);
    g_assert_cmpuint(extents(f, &r), ==, 0);
    g_assert_cmphex(fix_read(f, hpa + (MANY - 1ull) * SMALL, 8), !=, PATTERN);
    fix_stop(f);
}

static QDict *add_tagged(CxlFixture *f, const char *tag, uint64_t offset)
{
    return qtest_qmp(f->qts,
        "{'execute': 'cxl-add-dynamic-capacity', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'host-id': 0,"
        " 'selection-policy': 'prescriptive', 'region': 0, 'tag': %s,"
        " 'extents': [ { 'offset': %" PRIu64 ", 'len': %" PRIu64 " } ] }}",
        tag, offset, (uint64_t)MIB2);
}

/* A UUID as it is, a short name as its bytes, a long one by its checksum. */
static void test_tags(void)
{
    CxlFixture *f = fix_start(FIX_DCD);
    static const uint8_t uuid[16] = {
        0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0,
        0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0,
    };
    static const uint8_t none[16];
    uint8_t first[16];
    CxlReply r;

    expect_ok(add_tagged(f, "12345678-9abc-def0-1234-56789abcdef0", 0));
    expect_ok(add_tagged(f, "short", 2 * MIB2));
    expect_ok(add_tagged(f, "a name of more than 16 bytes", 4 * MIB2));
    expect_ok(add_tagged(f, "a name of more than 16 letters", 6 * MIB2));
    expect_error(add_tagged(f, "a name of more than 16 bytes", 8 * MIB2));
    expect_ok(add_tagged(f, "", 8 * MIB2));
    g_assert_cmpuint(take_records(f, &r), ==, 5);
    g_assert_cmpmem(record(&r, 0)->extent + 0x10, 16, uuid, 16);
    g_assert_cmpmem(record(&r, 1)->extent + 0x10, 6, "short", 6);
    memcpy(first, record(&r, 2)->extent + 0x10, 16);
    g_assert_true(memcmp(first, record(&r, 3)->extent + 0x10, 16));
    g_assert_true(memcmp(first, none, 16));
    g_assert_cmpmem(record(&r, 4)->extent + 0x10, 16, none, 16);
    fix_stop(f);
}

/* The stock device takes a list of nothing, and does nothing. */
static void test_empty_list(void)
{
    CxlFixture *f = fix_start(FIX_DCD);
    CxlReply r;

    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-add-dynamic-capacity', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'host-id': 0,"
        " 'selection-policy': 'prescriptive', 'region': 0,"
        " 'extents': [ ] }}");
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-release-dynamic-capacity', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'host-id': 0,"
        " 'removal-policy': 'prescriptive', 'region': 0,"
        " 'extents': [ ] }}");
    g_assert_cmpuint(take_records(f, &r), ==, 0);
    fix_stop(f);
}

static void expect_host_refused(QDict *rsp)
{
    expect_refused(rsp, "'host-id'");
}

/* The device has host 0 and says so. */
static void test_host_id(void)
{
    CxlFixture *f = fix_start(FIX_DCD);

    expect_host_refused(qtest_qmp(f->qts,
        "{'execute': 'cxl-add-dynamic-capacity', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'host-id': 1,"
        " 'selection-policy': 'free', 'region': 0, 'tag': '',"
        " 'extents': [ { 'offset': 0, 'len': 2097152 } ] }}"));
    expect_host_refused(qtest_qmp(f->qts,
        "{'execute': 'cxl-release-dynamic-capacity', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'host-id': 65535,"
        " 'removal-policy': 'prescriptive', 'region': 0, 'tag': '',"
        " 'extents': [ { 'offset': 0, 'len': 2097152 } ] }}"));
    fix_stop(f);
}

#define REGIONS \
    "-object memory-backend-ram,id=vmem,size=256M " \
    "-object memory-backend-ram,id=dcmem,size=1G " \
    "-device cxl-type3,bus=rp0,id=cxl0,volatile-memdev=vmem," \
    "volatile-dc-memdev=dcmem,num-dc-regions=3"

/* Each region as it was asked for, and all policies within reach. */
static void test_regions(void)
{
    CxlFixture *f = fix_start(REGIONS ",dc-region1-size=512M,"
                              "dc-region1-block-size=4096,"
                              "dc-region1-sharable=on,dc-region2-read-only=on,"
                              "dc-region2-sanitize=on");
    uint8_t in[2] = { 8, 0 };
    const CxlDcRegionWire *r;
    CxlReply reply;

    fix_command_ok(f, 0x4800, in, sizeof(in), &reply);
    r = (const void *)(reply.data + 8);
    g_assert_cmpint(reply.data[1], ==, 3);
    g_assert_cmphex(ldq_le_p(&r[0].len), ==, FIX_UNIT);
    g_assert_cmphex(ldq_le_p(&r[0].block_size), ==, MIB2);
    g_assert_cmphex(ldq_le_p(&r[1].base), ==, REGION0 + FIX_UNIT);
    g_assert_cmphex(ldq_le_p(&r[1].len), ==, 2 * FIX_UNIT);
    g_assert_cmphex(ldq_le_p(&r[1].block_size), ==, 4096);
    g_assert_cmphex(r[1].flags, ==, CXL_DC_REGION_SHARABLE);
    g_assert_cmphex(ldq_le_p(&r[2].base), ==, REGION0 + 3 * FIX_UNIT);
    g_assert_cmphex(r[2].flags, ==,
                    CXL_DC_REGION_READ_ONLY | CXL_DC_REGION_SANITIZE);
    fix_stop(f);
}

static void test_read_only(void)
{
    CxlFixture *f = fix_start(REGIONS ",dc-region1-size=512M,"
                              "dc-region0-read-only=on");
    uint64_t hpa;

    fix_map(f, 0, 0, FIX_UNIT);
    hpa = fix_map(f, 1, FIX_UNIT, FIX_UNIT);
    expect_ok(add(f, "prescriptive", 0, MIB2));
    g_assert_cmphex(answer(f, 0x4802, 1, REGION0, MIB2), ==, RC_OK);
    fix_write(f, hpa, 8, PATTERN);
    g_assert_cmphex(fix_read(f, hpa, 8), ==, 0);
    fix_stop(f);
}

static void refuse_device(const char *properties, const char *part)
{
    g_autofree char *args = g_strdup_printf("{'driver': 'cxl-type3',"
        " 'bus': 'rp0', 'volatile-dc-memdev': 'dcmem', %s }", properties);
    QTestState *qts = qtest_initf("%s -object memory-backend-ram,id=dcmem,"
                                  "size=1G", fix_machine);
    QDict *rsp = qtest_qmp(qts, "{'execute': 'device_add', 'arguments': %p }",
                           qobject_from_json(args, &error_abort));

    expect_refused(rsp, part);
    qtest_quit(qts);
}

static void test_regions_refused(void)
{
    refuse_device("'num-dc-regions': 1, 'dc-region1-sharable': true",
                  "'dc-region1-sharable'");
    refuse_device("'num-dc-regions': 2, 'dc-region0-size': 4096",
                  "'dc-region0-size'");
    refuse_device("'num-dc-regions': 2, 'dc-region0-block-size': 100",
                  "'dc-region0-block-size'");
    refuse_device("'num-dc-regions': 1, 'dc-region0-size': 268435456",
                  "are left");
    refuse_device("'num-dc-regions': 2, 'dc-region0-size': 2147483648",
                  "dynamic region 0");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/dcd/moments", test_moments);
    g_test_add_func("/cxl/dcd/config", test_config);
    g_test_add_func("/cxl/dcd/add-release", test_add_release);
    g_test_add_func("/cxl/dcd/forced", test_forced);
    g_test_add_func("/cxl/dcd/refusals", test_refusals);
    g_test_add_func("/cxl/dcd/no-regions", test_no_regions);
    g_test_add_func("/cxl/dcd/many-extents", test_many_extents);
    g_test_add_func("/cxl/dcd/tags", test_tags);
    g_test_add_func("/cxl/dcd/empty-list", test_empty_list);
    g_test_add_func("/cxl/dcd/host-id", test_host_id);
    g_test_add_func("/cxl/dcd/regions", test_regions);
    g_test_add_func("/cxl/dcd/regions-refused", test_regions_refused);
    g_test_add_func("/cxl/dcd/read-only", test_read_only);
    return g_test_run();
}
