/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The monitor's own view of what was injected: poison, event logs and
 * extents are shown as they are, and showing them changes nothing.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/wire/ras.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "qobject/qstring.h"
#include "qemu/bitops.h"
#include "tests/qtest/cxl/fixture.h"

static QDict *query(CxlFixture *f, const char *command)
{
    return qtest_qmp(f->qts, "{'execute': %s, 'arguments': {"
                     " 'path': '/machine/peripheral/cxl0' }}", command);
}

static const QDict *entry(QDict *ret, const char *list, unsigned n)
{
    const QListEntry *e = qlist_first(qdict_get_qlist(ret, list));

    while (n--) {
        e = qlist_next(e);
    }
    return qobject_to(QDict, qlist_entry_obj(e));
}

static void test_poison(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);
    uint8_t in[8];
    QDict *rsp, *ret;

    stq_le_p(in, 0x2000);
    g_assert_cmphex(fix_command_rc(f, 0x4301, in, 8), ==, 0);
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-poison', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'start': 65536,"
        " 'length': 256 }}");
    rsp = query(f, "query-cxl-poison");
    ret = qdict_get_qdict(rsp, "return");
    g_assert_false(qdict_get_bool(ret, "overflow"));
    g_assert_cmpint(qlist_size(qdict_get_qlist(ret, "ranges")), ==, 2);
    g_assert_cmpint(qdict_get_int(entry(ret, "ranges", 0), "start"), ==,
                    0x2000);
    g_assert_cmpstr(qdict_get_str(entry(ret, "ranges", 0), "source"), ==,
                    "injected");
    g_assert_cmpint(qdict_get_int(entry(ret, "ranges", 1), "length"), ==,
                    256);
    g_assert_cmpstr(qdict_get_str(entry(ret, "ranges", 1), "source"), ==,
                    "internal");
    g_assert_true(qdict_get_bool(entry(ret, "ranges", 1), "listed"));
    qobject_unref(rsp);
    fix_stop(f);
}

static void test_events(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);
    unsigned tries;

    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-general-media-event', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'log': 'failure',"
        " 'flags': 0, 'dpa': 4660, 'descriptor': 0, 'type': 0,"
        " 'transaction-type': 0, 'sub-type': 0 }}");
    for (tries = 0; tries < 2; tries++) {
        QDict *rsp = query(f, "query-cxl-events");
        const QListEntry *e = qlist_first(qdict_get_qlist(rsp, "return"));
        QDict *log = qobject_to(QDict, qlist_entry_obj(qlist_next(
                                           qlist_next(e))));
        const QDict *rec = entry(log, "records", 0);

        g_assert_cmpstr(qdict_get_str(log, "log"), ==, "failure");
        g_assert_cmpint(qlist_size(qdict_get_qlist(log, "records")), ==, 1);
        g_assert_cmpstr(qdict_get_str(rec, "uuid"), ==,
                        "fbcd0a77-c260-417f-85a9-088b1621eba6");
        g_assert_cmpstr(qdict_get_str(rec, "type"), ==, "general-media");
        g_assert_cmpint(qdict_get_int(rec, "dpa"), ==, 4660);
        g_assert_cmpint(strlen(qdict_get_str(rec, "data")), ==, 256);
        g_assert_true(g_str_has_prefix(qdict_get_str(rec, "data") + 96,
                                       "3412000000000000"));
        qobject_unref(rsp);
    }
    fix_stop(f);
}

static void test_extents(void)
{
    CxlFixture *f = fix_start(FIX_DCD);
    QDict *rsp, *ret;

    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-add-dynamic-capacity', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'host-id': 0,"
        " 'selection-policy': 'prescriptive', 'region': 0,"
        " 'tag': '00112233-4455-6677-8899-aabbccddeeff',"
        " 'extents': [ { 'offset': 0, 'len': 2097152 } ] }}");
    rsp = query(f, "query-cxl-extents");
    ret = qdict_get_qdict(rsp, "return");
    g_assert_cmpint(qlist_size(qdict_get_qlist(ret, "extents")), ==, 1);
    g_assert_cmpstr(qdict_get_str(entry(ret, "extents", 0), "state"), ==,
                    "offered");
    g_assert_cmpstr(qdict_get_str(entry(ret, "extents", 0), "tag"), ==,
                    "00112233-4455-6677-8899-aabbccddeeff");
    g_assert_cmpint(qdict_get_int(entry(ret, "extents", 0), "length"), ==,
                    2097152);
    qobject_unref(rsp);
    fix_stop(f);
}

static void assert_shows(CxlFixture *f, const char *command,
                         const char *text)
{
    g_autofree char *out = qtest_hmp(f->qts, "%s", command);

    if (!strstr(out, text)) {
        g_test_message("%s: '%s' is not in: %s", command, text, out);
        g_test_fail();
    }
}

/* The same as text; without a name every device is shown. */
static void test_hmp(void)
{
    CxlFixture *f = fix_start(FIX_DCD);

    assert_shows(f, "info cxl-poison", "/machine/peripheral/cxl0: no poison");
    assert_shows(f, "info cxl-errors", "cxl0: no errors");
    assert_shows(f, "info cxl-extents", "cxl0: no extents, generation 0");
    assert_shows(f, "info cxl-events", "failure: empty");
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-poison', 'arguments': {"
        " 'path': 'cxl0', 'start': 65536, 'length': 256 }}");
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-general-media-event', 'arguments': {"
        " 'path': 'cxl0', 'log': 'failure', 'flags': 0, 'dpa': 4672,"
        " 'descriptor': 0, 'type': 0, 'transaction-type': 0,"
        " 'sub-type': 0 }}");
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-correctable-error', 'arguments': {"
        " 'path': 'cxl0', 'type': 'physical' }}");
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-uncorrectable-errors', 'arguments': {"
        " 'path': 'cxl0', 'errors': [ { 'type': 'internal',"
        " 'header': [ 3735928559 ] } ] }}");
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-add-dynamic-capacity', 'arguments': {"
        " 'path': 'cxl0', 'host-id': 0,"
        " 'selection-policy': 'prescriptive', 'region': 0,"
        " 'extents': [ { 'offset': 0, 'len': 2097152 } ] }}");
    assert_shows(f, "info cxl-poison cxl0",
                 "0x000000010000-0x0000000100ff internal");
    assert_shows(f, "info cxl-events cxl0",
                 "general-media, dpa 0x1240");
    assert_shows(f, "info cxl-errors cxl0", "correctable physical");
    assert_shows(f, "info cxl-errors cxl0", "uncorrectable internal, masked");
    fix_write(f, f->ras + CXL_RAS_UE_MASK, 4, 0);
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-uncorrectable-errors', 'arguments': {"
        " 'path': 'cxl0', 'errors': [ { 'type': 'internal',"
        " 'header': [ 3735928559 ] } ] }}");
    assert_shows(f, "info cxl-errors cxl0",
                 "uncorrectable internal, header deadbeef 00000000");
    assert_shows(f, "info cxl-extents cxl0",
                 "0x000010000000-0x0000101fffff offered");
    fix_stop(f);
}

/* The first window, or with @piece its first piece; to be unreferenced. */
static QDict *first_window(CxlFixture *f, bool piece)
{
    QDict *rsp = qtest_qmp(f->qts, "{'execute': 'query-cxl'}");
    const QDict *w = entry(qdict_get_qdict(rsp, "return"), "windows", 0);
    QDict *out = piece ? (QDict *)entry((QDict *)w, "pieces", 0)
                       : (QDict *)w;

    qobject_ref(out);
    qobject_unref(rsp);
    return out;
}

static void check_piece(CxlFixture *f, uint64_t base, uint64_t size,
                        const char *access, uint64_t mapped)
{
    QDict *piece = first_window(f, true);

    g_assert_cmphex(qdict_get_int(piece, "base"), ==, base);
    g_assert_cmphex(qdict_get_int(piece, "size"), ==, size);
    g_assert_cmpstr(qdict_get_str(piece, "access"), ==, access);
    g_assert_cmphex(qdict_get_int(piece, "mapped"), ==, mapped);
    g_assert_cmpstr(qdict_get_str(entry(piece, "members", 0), "name"), ==,
                    "cxl0");
    qobject_unref(piece);
}

/* From nothing to a decoder, to a hole in it, and back */
static void test_decode(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);
    QDict *window = first_window(f, false);
    uint64_t hpa;

    g_assert_cmphex(qdict_get_int(window, "size"), ==, 4096 * FIX_MIB);
    g_assert_true(qlist_empty(qdict_get_qlist(window, "pieces")));
    qobject_unref(window);
    assert_shows(f, "info cxl", "nothing decoded");
    assert_shows(f, "info cxl", "memory cxl0, off");
    hpa = fix_map(f, 0, 0, FIX_UNIT);
    check_piece(f, hpa, FIX_UNIT, "direct", FIX_UNIT);
    assert_shows(f, "info cxl", "(256 MiB): direct: cxl0 at dpa 0x0");
    assert_shows(f, "info cxl", "host-bridge cxl.0, passes all on");
    assert_shows(f, "info cxl", "port 0: memory cxl0\r\n");
    assert_shows(f, "info cxl", "(256 MiB), dpa 0x0");
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-poison', 'arguments': {"
        " 'path': 'cxl0', 'start': 65536, 'length': 64 }}");
    check_piece(f, hpa, FIX_UNIT, "partly", FIX_UNIT - 4096);
    assert_shows(f, "info cxl", ": partly, 4 KiB trapped: cxl0");
    fix_write(f, f->hdm + 4, 4, 0);
    assert_shows(f, "info cxl", "memory cxl0, off");
    fix_stop(f);
}

/* Trapping as asked, and a decoder that was refused, with the reasons */
static void test_decode_reasons(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE ",direct=off");
    uint64_t hpa = fix_map(f, 0, 0, FIX_UNIT);
    QDict *piece;

    check_piece(f, hpa, FIX_UNIT, "trapped", 0);
    piece = first_window(f, true);
    g_assert_cmpstr(qdict_get_str(piece, "reason"), ==, "direct=off");
    qobject_unref(piece);
    assert_shows(f, "info cxl", ": trapped (direct=off): cxl0");
    /* below decoder 0, and there is no capacity left for it */
    fix_write(f, f->hdm + 0x10 + 0x20 + 0x08, 4, FIX_UNIT);
    fix_write(f, f->hdm + 0x10 + 0x20 + 0x10, 4, 0x1200);
    assert_shows(f, "info cxl", "decoder 1 not committed: ");
    fix_stop(f);
}

/* Nobody has seen a window before the first device comes. */
static void test_decode_empty(void)
{
    QTestState *qts = qtest_init(fix_machine);
    g_autofree char *out = qtest_hmp(qts, "info cxl");

    g_assert_true(g_str_has_prefix(out, "No CXL memory"));
    qtest_qmp_assert_success(qts, "{'execute': 'query-cxl'}");
    qtest_quit(qts);
}

/* The answer of query-memfab about the device with that path */
static const QDict *described(QDict *rsp, const char *path)
{
    const QListEntry *e;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(qdict_get_qdict(rsp, "return"),
                                        "devices"), e) {
        const QDict *dev = qobject_to(QDict, qlist_entry_obj(e));

        if (!strcmp(qdict_get_str(dev, "qom-path"), path)) {
            return dev;
        }
    }
    g_assert_not_reached();
}

static bool has_word(const QDict *dev, const char *list, const char *word)
{
    const QListEntry *e;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(dev, list), e) {
        if (!strcmp(qstring_get_str(qobject_to(QString, qlist_entry_obj(e))),
                    word)) {
            return true;
        }
    }
    return false;
}

/* What is said to be injected is what there is to inject by. */
static void check_injections(CxlFixture *f, const QDict *dev)
{
    QDict *rsp = qtest_qmp(f->qts, "{'execute': 'query-commands'}");
    unsigned found = 0;
    const QListEntry *e;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(rsp, "return"), e) {
        const char *name = qdict_get_str(qobject_to(QDict, qlist_entry_obj(e)),
                                         "name");

        if (g_str_has_prefix(name, "cxl-inject-") ||
            g_str_has_suffix(name, "-dynamic-capacity")) {
            g_assert_true(has_word(dev, "injections", name));
            found++;
        }
    }
    g_assert_cmpuint(qlist_size(qdict_get_qlist(dev, "injections")), ==,
                     found);
    qobject_unref(rsp);
}

/* The commands are those of the command effects log, byte for byte. */
static void check_commands(CxlFixture *f, const QDict *dev)
{
    static const uint8_t in[24] = {
        0x0d, 0xa9, 0xc0, 0xb5, 0xbf, 0x41, 0x4b, 0x78,
        0x8f, 0x79, 0x96, 0xb1, 0x62, 0x3b, 0x3f, 0x17,
    };
    QList *commands = qdict_get_qlist(entry((QDict *)dev, "interfaces", 0),
                                      "commands");
    uint32_t size = qlist_size(commands) * 4, n = 0;
    uint8_t want[24];
    const QListEntry *e;
    const uint8_t *log;
    CxlReply reply;

    memcpy(want, in, sizeof(in));
    stl_le_p(want + 20, size + 4);
    g_assert_cmphex(fix_command_rc(f, 0x0401, want, sizeof(want)), !=, 0);
    stl_le_p(want + 20, size);
    fix_command(f, 0x0401, want, sizeof(want), &reply);
    g_assert_cmphex(reply.rc, ==, 0);
    g_assert_cmpuint(reply.len, ==, size);
    log = reply.data;
    QLIST_FOREACH_ENTRY(commands, e) {
        const QDict *c = qobject_to(QDict, qlist_entry_obj(e));

        g_assert_cmphex(qdict_get_int(c, "opcode"), ==, lduw_le_p(log + n));
        g_assert_cmpint(qdict_get_bool(c, "background"), ==,
                        !!(lduw_le_p(log + n + 2) & BIT(6)));
        n += 4;
    }
}

static void test_describe(void)
{
    CxlFixture *f = fix_start(FIX_DCD);
    QDict *rsp = qtest_qmp(f->qts, "{'execute': 'query-memfab'}");
    const QDict *dev = described(rsp, "/machine/peripheral/cxl0");
    const QDict *port = described(rsp, "/machine/peripheral/rp0");
    const QDict *crc;

    g_assert_cmpstr(qdict_get_str(dev, "type"), ==, "cxl-type3");
    check_commands(f, dev);
    check_injections(f, dev);
    g_assert_cmpint(qlist_size(qdict_get_qlist(dev, "logs")), ==, 6);
    g_assert_cmpint(qlist_size(qdict_get_qlist(dev, "events")), ==, 5);
    g_assert_cmpint(qlist_size(qdict_get_qlist(dev, "features")), ==, 9);
    crc = entry((QDict *)dev, "compliance", 4);
    g_assert_cmpint(qdict_get_int(crc, "code"), ==, 7);
    g_assert_true(has_word(crc, "arguments", "bits"));
    g_assert_true(has_word(dev, "uncorrectable", "mem-data-parity"));
    g_assert_true(has_word(dev, "correctable", "physical"));
    g_assert_cmpstr(qdict_get_str(port, "type"), ==, "cxl-rp");
    g_assert_cmpint(qlist_size(qdict_get_qlist(port, "injections")), ==, 2);
    g_assert_true(qlist_empty(qdict_get_qlist(port, "interfaces")));
    qobject_unref(rsp);
    assert_shows(f, "info memfab", "/machine/peripheral/cxl0 (cxl-type3)");
    assert_shows(f, "info memfab", "memory device mailbox: 0005h 0100h");
    fix_stop(f);
}

/* What is not there is not said to be there. */
static void test_describe_less(void)
{
    CxlFixture *f = fix_start(FIX_VOLATILE);
    QDict *rsp = qtest_qmp(f->qts, "{'execute': 'query-memfab'}");
    const QDict *dev = described(rsp, "/machine/peripheral/cxl0");

    check_commands(f, dev);
    g_assert_false(has_word(dev, "injections", "cxl-add-dynamic-capacity"));
    g_assert_cmpint(qlist_size(qdict_get_qlist(dev, "events")), ==, 4);
    qobject_unref(rsp);
    fix_stop(f);
}

static void test_refusals(void)
{
    static const char *const commands[] = {
        "query-cxl-poison", "query-cxl-events", "query-cxl-extents",
        "query-cxl-errors",
    };
    CxlFixture *f = fix_start(FIX_VOLATILE);
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(commands); i++) {
        QDict *rsp = qtest_qmp(f->qts, "{'execute': %s, 'arguments': {"
                               " 'path': '/machine' }}", commands[i]);

        g_assert_true(qdict_haskey(rsp, "error"));
        qobject_unref(rsp);
    }
    assert_shows(f, "info cxl-poison nobody", "unable to resolve 'nobody'");
    assert_shows(f, "info cxl-events /machine", "not a CXL type 3 device");
    fix_stop(f);
}

static bool is_ours(const char *type)
{
    return strstr(type, "cxl") || strstr(type, "sdxi") ||
           g_str_has_prefix(type, "acpi-") || g_str_has_prefix(type, "pci-");
}

/* A client may ask for the properties of any type, of those inside, too. */
static void test_types(void)
{
    QTestState *qts = qtest_init("-machine none");
    QDict *rsp = qtest_qmp(qts, "{'execute': 'qom-list-types'}");
    const QListEntry *e;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(rsp, "return"), e) {
        const QDict *type = qobject_to(QDict, qlist_entry_obj(e));

        if (is_ours(qdict_get_str(type, "name"))) {
            qobject_unref(qtest_qmp(qts, "{'execute': 'qom-list-properties',"
                                    " 'arguments': {'typename': %s}}",
                                    qdict_get_str(type, "name")));
        }
    }
    qobject_unref(rsp);
    qtest_qmp_assert_success(qts, "{'execute': 'query-status'}");
    qtest_quit(qts);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/query/poison", test_poison);
    g_test_add_func("/cxl/query/events", test_events);
    g_test_add_func("/cxl/query/extents", test_extents);
    g_test_add_func("/cxl/query/hmp", test_hmp);
    g_test_add_func("/cxl/query/decode", test_decode);
    g_test_add_func("/cxl/query/decode/reasons", test_decode_reasons);
    g_test_add_func("/cxl/query/decode/empty", test_decode_empty);
    g_test_add_func("/cxl/query/describe", test_describe);
    g_test_add_func("/cxl/query/describe/less", test_describe_less);
    g_test_add_func("/cxl/query/refusals", test_refusals);
    g_test_add_func("/cxl/query/types", test_types);
    return g_test_run();
}
