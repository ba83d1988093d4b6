/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slots that a switch of another process fills: the switch is this test, which
 * says what a case wants it to, true or not.  A real one, and Linux, are in
 * tests/tools/test-cxl-fabricd-switch.py and tests/guest/demo-pool.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "qobject/qdict.h"
#include "hw/cxl/core/fabric-state.h"
#include "hw/cxl/wire/fm.h"
#include "hw/pci/pci_regs.h"
#include "tests/qtest/cxl/fabric-peer.h"
#include "tests/qtest/cxl/fixture.h"
#include "tests/qtest/libqtest.h"
#include "tests/qtest/refused.h"

#include <sys/socket.h>
#include <sys/un.h>

#define LD      (256 * MiB)
#define LABELS  (256 * KiB)
#define SIZE    (2 * LD + 2 * MiB)
#define NAME    "switch-test"

typedef struct Switch {
    char *dir, *path;
    int listener, fd, memory;
    uint32_t seq, number;
    CxlFabricStream stream;
    CxlFabricParts parts;
    GByteArray *state;          /* the last one that was handed over */
    unsigned states;            /* how many were */
    bool has[3];                /* something is below that bridge */
    QTestState *qts;
} Switch;

/* --- the switch's side ---------------------------------------------------- */

static void send_bytes(Switch *s, const void *bytes, size_t len, int fd)
{
    g_assert_cmpint(fabric_peer_send(s->fd, bytes, len, fd), ==, len);
}

static void say(Switch *s, CxlFabricMessage m, int fd)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    m.seq = s->seq++;
    cxl_fabric_put(bytes, &m);
    send_bytes(s, bytes->data, bytes->len, fd);
}

/* False: the machine has hung up. */
static bool hear(Switch *s, CxlFabricMessage *m)
{
    CxlFabricVerdict v = CXL_FABRIC_WANTS_MORE;
    const char *why;

    while (v == CXL_FABRIC_WANTS_MORE) {
        uint32_t max;
        uint8_t *to = cxl_fabric_stream_room(&s->stream, &max);
        ssize_t n = recv(s->fd, to, max, 0);

        /* No answer in the minutes that a socket waits here is a failure. */
        g_assert_true(n >= 0 || errno == ECONNRESET);
        if (n <= 0) {
            return false;
        }
        v = cxl_fabric_stream_arrived(&s->stream, n, m, &why);
    }
    g_assert_cmpint(v, ==, CXL_FABRIC_WHOLE);
    return true;
}

/* The machine's next connection, and what it has */
static CxlFabricEnter comes(Switch *s)
{
    struct timeval limit = { .tv_sec = 240 };
    CxlFabricMessage m;

    if (s->fd >= 0) {
        close(s->fd);
    }
    s->fd = accept(s->listener, NULL, NULL);
    g_assert_cmpint(s->fd, >=, 0);
    setsockopt(s->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    cxl_fabric_stream_init(&s->stream, true);
    s->number = 0;
    cxl_fabric_parts_drop(&s->parts);
    g_assert_true(hear(s, &m));
    g_assert_cmpint(m.type, ==, CXL_FABRIC_ENTER);
    return m.enter;
}

static void welcome(Switch *s, int fd)
{
    say(s, (CxlFabricMessage) {
            .type = CXL_FABRIC_ENTERED, .entered = { SIZE, 3 },
        }, fd);
}

static CxlFabricMessage bind_of(uint16_t vppb, uint16_t ld)
{
    CxlFabricMessage m = {
        .type = CXL_FABRIC_BIND,
        .bind = { .vppb = vppb, .ld = ld, .offset = ld * LD, .len = LD,
                  .serial = 0x1000 + ld },
    };

    if (ld) {
        m.bind.labels_offset = 2 * LD;
        m.bind.labels = LABELS;
        m.bind.flags = CXL_FABRIC_PERSISTENT;
    }
    return m;
}

/* The machine says what is below the bridge, or @state of it. */
static void hear_state(Switch *s, const CxlFabricMessage *m)
{
    g_assert_cmpint(cxl_fabric_parts_take(&s->parts, &m->part), !=,
                    CXL_FABRIC_PARTS_BAD);
    if (s->parts.bytes->len == s->parts.total) {
        g_clear_pointer(&s->state, g_byte_array_unref);
        s->state = g_byte_array_ref(s->parts.bytes);
        s->states++;
        cxl_fabric_parts_drop(&s->parts);
    }
}

/* The next state that is handed over */
static void expect_state(Switch *s, uint16_t vppb, uint8_t ld)
{
    unsigned before = s->states;
    CxlFabricMessage m;

    while (s->states == before) {
        g_assert_true(hear(s, &m));
        g_assert_cmpint(m.type, ==, CXL_FABRIC_STATE);
        g_assert_cmpuint(m.part.vppb, ==, vppb);
        g_assert_cmpuint(m.part.ld, ==, ld);
        hear_state(s, &m);
    }
}

/* Whether what it said is kept */
static void expect_ping(Switch *s)
{
    CxlFabricMessage m, pong = { .type = CXL_FABRIC_PONG };
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    g_assert_true(hear(s, &m));
    g_assert_cmpint(m.type, ==, CXL_FABRIC_PING);
    pong.seq = m.seq;
    cxl_fabric_put(bytes, &pong);
    send_bytes(s, bytes->data, bytes->len, -1);
}

/* What is below the bridge after the last command */
static void expect_below(Switch *s, uint16_t vppb, uint8_t ld)
{
    CxlFabricMessage m;

    do {
        g_assert_true(hear(s, &m));
        if (m.type == CXL_FABRIC_STATE) {
            hear_state(s, &m);
        }
    } while (m.type == CXL_FABRIC_STATE);
    g_assert_cmpint(m.type, ==, CXL_FABRIC_BELOW);
    g_assert_cmpuint(m.below.number, ==, s->number);
    g_assert_cmpuint(m.below.vppb, ==, vppb);
    g_assert_cmpuint(m.below.ld, ==, ld);
    if (s->has[vppb] && ld == CXL_FABRIC_NO_LD) {
        expect_ping(s);
    }
    s->has[vppb] = ld != CXL_FABRIC_NO_LD;
}

static void binds(Switch *s, uint16_t vppb, uint16_t ld, uint8_t result)
{
    CxlFabricMessage m = bind_of(vppb, ld);

    m.bind.number = ++s->number;
    say(s, m, -1);
    expect_below(s, vppb, result);
}

static void asks_back(Switch *s, uint16_t vppb, uint16_t option)
{
    say(s, (CxlFabricMessage) {
            .type = CXL_FABRIC_UNBIND,
            .unbind = { ++s->number, vppb, option },
        }, -1);
}

static int memory_of(uint64_t size, bool sealed)
{
    return fabric_peer_memory(NAME, size, sealed);
}

static Switch *switch_new(void)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    Switch *s = g_new0(Switch, 1);

    s->dir = g_dir_make_tmp("fabric-XXXXXX", NULL);
    s->path = g_build_filename(s->dir, "hosts", NULL);
    s->memory = memory_of(SIZE, true);
    s->fd = -1;
    g_strlcpy(addr.sun_path, s->path, sizeof(addr.sun_path));
    s->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(s->listener, (struct sockaddr *)&addr, sizeof(addr)),
                    ==, 0);
    g_assert_cmpint(listen(s->listener, 1), ==, 0);
    return s;
}

static void switch_free(Switch *s)
{
    qtest_quit(s->qts);
    cxl_fabric_parts_drop(&s->parts);
    g_clear_pointer(&s->state, g_byte_array_unref);
    if (s->fd >= 0) {
        close(s->fd);
    }
    close(s->listener);
    unlink(s->path);
    rmdir(s->dir);
    close(s->memory);
    g_free(s->path);
    g_free(s->dir);
    g_free(s);
}

/* --- the machine ---------------------------------------------------------- */

#define RP1 "-device cxl-rp,id=rp1,bus=cxl.0,chassis=0,slot=1,port=1 "
/* A host bridge with one port passes everything through. */
#define RP1_ELSEWHERE "-device pcie-root-port,id=rp1,bus=pcie.0,chassis=1 "

static Switch *start_at(const char *ports, const char *more)
{
    Switch *s = switch_new();
    CxlFabricEnter in;

    s->qts = qtest_initf("%s -chardev socket,id=c,path=%s,reconnect-ms=50"
                         " %s -device cxl-fabric-host,id=host,chardev=c,"
                         "ports=%s,vcs=3", fix_machine, s->path, more, ports);
    in = comes(s);
    g_assert_cmpuint(in.vppbs, ==, 2);
    g_assert_cmpuint(in.vcs, ==, 3);
    welcome(s, s->memory);
    return s;
}

static Switch *start(const char *more)
{
    g_autofree char *all = g_strconcat(RP1, more, NULL);

    return start_at("rp0:rp1", all);
}

/* What a device says of itself; one that is not there says no. */
static bool says(Switch *s, const char *id, const char *property)
{
    g_autofree char *path = g_strdup_printf("/machine/peripheral/%s", id);
    QDict *rsp = qtest_qmp(s->qts, "{'execute': 'qom-get', 'arguments': {"
                           " 'path': %s, 'property': %s }}", path, property);
    bool is = qdict_get_try_bool(rsp, "return", false);

    qobject_unref(rsp);
    return is;
}
#define exists(s, id) says(s, id, "realized")
#define attached(s) says(s, "host", "attached")

/* How often the machine has the memory mapped, in pieces */
static unsigned mappings(Switch *s)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/maps",
                                            qtest_pid(s->qts));
    g_autofree char *text = NULL;
    unsigned n = 0;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    for (const char *at = text; (at = strstr(at, NAME)); at++) {
        n++;
    }
    return n;
}

/* --- cases ---------------------------------------------------------------- */

/* What is said to be unmapped is; and it is as it was. */
static void test_there_and_back(void)
{
    static const char text[] = "kept", name[] = "name";
    Switch *s = start("");
    char got[sizeof(text)];

    g_assert_cmpint(pwrite(s->memory, text, sizeof(text), LD - sizeof(text)),
                    ==, sizeof(text));
    g_assert_cmpint(pwrite(s->memory, name, sizeof(name), 2 * LD), ==,
                    sizeof(name));
    for (unsigned option = CXL_UNBIND_MANAGED; option < CXL_UNBIND_OPTIONS;
         option++) {
        g_assert_cmpuint(mappings(s), ==, 0);
        binds(s, 1, 0, 0);
        binds(s, 2, 1, 1);
        g_assert_true(exists(s, "host-ld0") && exists(s, "host-ld1"));
        g_assert_cmpuint(mappings(s), ==, 3);
        /* No driver has powered on the slot: it can go at once. */
        asks_back(s, 2, option);
        expect_below(s, 2, CXL_FABRIC_NO_LD);
        g_assert_cmpuint(mappings(s), ==, 1);
        asks_back(s, 1, option);
        expect_below(s, 1, CXL_FABRIC_NO_LD);
        g_assert_false(exists(s, "host-ld0") || exists(s, "host-ld1"));
        g_assert_cmpint(pread(s->memory, got, sizeof(text),
                              LD - sizeof(text)), ==, sizeof(text));
        g_assert_cmpmem(got, sizeof(text), text, sizeof(text));
        g_assert_cmpint(pread(s->memory, got, sizeof(name), 2 * LD), ==,
                        sizeof(name));
        g_assert_cmpmem(got, sizeof(name), name, sizeof(name));
    }
    g_assert_cmpuint(mappings(s), ==, 0);
    /* What crossed the end of it is answered, too. */
    asks_back(s, 1, CXL_UNBIND_MANAGED);
    expect_below(s, 1, CXL_FABRIC_NO_LD);
    switch_free(s);
}

static void test_monitor(void)
{
    Switch *s = start("");

    binds(s, 1, 1, 1);
    expect_refused(qtest_qmp(s->qts, "{'execute': 'migrate', 'arguments': {"
                             " 'uri': 'exec:cat' }}"), "does not migrate");
    expect_refused(qtest_qmp(s->qts, "{'execute': 'device_del', 'arguments': {"
                             " 'id': 'host' }}"), "host");
    /* A person takes it away: the switch hears of it. */
    qtest_qmp_assert_success(s->qts, "{'execute': 'device_del',"
                             " 'arguments': { 'id': 'host-ld1' }}");
    expect_below(s, 1, CXL_FABRIC_NO_LD);
    g_assert_cmpuint(mappings(s), ==, 0);
    /* Or by half: the rest goes when it is asked for. */
    binds(s, 1, 1, 1);
    qtest_qmp_assert_success(s->qts, "{'execute': 'qom-set', 'arguments': {"
                             " 'path': '/machine/peripheral/host-ld1',"
                             " 'property': 'realized', 'value': false }}");
    asks_back(s, 1, CXL_UNBIND_MANAGED);
    expect_below(s, 1, CXL_FABRIC_NO_LD);
    /* A reset does not, and a machine that was reset is asked as ever. */
    binds(s, 1, 1, 1);
    qtest_system_reset(s->qts);
    g_assert_true(exists(s, "host-ld1"));
    asks_back(s, 1, CXL_UNBIND_SURPRISE);
    expect_below(s, 1, CXL_FABRIC_NO_LD);
    switch_free(s);
}

/* Somebody's device is in the slot, or has the name. */
static void test_no_room(void)
{
    Switch *s = start("-object memory-backend-ram,id=m,size=256M"
                      " -object memory-backend-ram,id=n,size=256M"
                      " -device cxl-type3,id=host-ld1,bus=rp0,"
                      "volatile-memdev=m");

    binds(s, 1, 0, CXL_FABRIC_NO_LD);
    binds(s, 2, 1, CXL_FABRIC_NO_LD);
    g_assert_cmpuint(mappings(s), ==, 0);
    binds(s, 2, 0, 0);
    g_assert_true(exists(s, "host-ld0"));
    switch_free(s);
}

/* The connection ends; the memory stays, and is named. */
static void test_comes_back(void)
{
    Switch *s = start("");
    CxlFabricEnter in;
    CxlFabricMessage m;
    int other = memory_of(SIZE, true);

    binds(s, 2, 1, 1);
    in = comes(s);
    g_assert_cmpuint(in.vcs, ==, 3);
    g_assert_cmpuint(in.below[0], ==, CXL_FABRIC_NO_LD);
    g_assert_cmpuint(in.below[1], ==, 1);
    g_assert_cmpuint(mappings(s), ==, 2);
    /* Other memory than before is not believed. */
    welcome(s, other);
    g_assert_false(hear(s, &m));
    in = comes(s);
    g_assert_cmpuint(in.below[1], ==, 1);
    welcome(s, s->memory);
    asks_back(s, 2, CXL_UNBIND_SURPRISE);
    expect_below(s, 2, CXL_FABRIC_NO_LD);
    /* It may be other memory when nothing is mapped. */
    comes(s);
    welcome(s, other);
    binds(s, 1, 0, 0);
    close(other);
    switch_free(s);
}

/* What it is, which may have changed, is all that it says before. */
static void hangs_up(Switch *s)
{
    CxlFabricMessage m;

    while (hear(s, &m)) {
        g_assert_cmpint(m.type, ==, CXL_FABRIC_STATE);
    }
}

/* Each ends the connection, and nothing but the connection. */
static void test_hostile(void)
{
    static const char *const bytes[] = {
        "CXFB\3\31\0\0\377\377\377\377\0\0\0\0",
        "CXFB\1\31\0\0\70\0\0\0\0\0\0\0",
        "CXFB\3\7\0\0\34\0\0\0\0\0\0\0",
        "GET / HTTP/1.1\r\n",
    };
    CxlFabricMessage lies[] = {
        bind_of(1, 1), bind_of(2, 0), bind_of(3, 1), bind_of(2, 2),
        { .type = CXL_FABRIC_PONG },
        { .type = CXL_FABRIC_ENTERED, .entered.size = SIZE },
        { .type = CXL_FABRIC_REFUSED, .refusal.text = "no" },
    };
    Switch *s = start("");

    binds(s, 1, 0, 0);
    for (unsigned i = 0; i < ARRAY_SIZE(lies) + ARRAY_SIZE(bytes); i++) {
        if (i < ARRAY_SIZE(lies)) {
            say(s, lies[i], -1);
        } else {
            /* With a descriptor that nobody has asked for */
            send_bytes(s, bytes[i - ARRAY_SIZE(lies)], 16, s->memory);
        }
        hangs_up(s);
        g_assert_cmpuint(comes(s).below[0], ==, 0);
        welcome(s, s->memory);
    }
    asks_back(s, 1, CXL_UNBIND_SURPRISE);
    expect_below(s, 1, CXL_FABRIC_NO_LD);
    switch_free(s);
}

/* Configuration space of the first root port */
#define AT_RP0  (1u << 31 | 52u << 16)

static uint32_t config_read(Switch *s, uint8_t at)
{
    qtest_outl(s->qts, 0xcf8, AT_RP0 | at);
    return qtest_inl(s->qts, 0xcfc);
}

/* The guest switches its slot on or off. */
static void power(Switch *s, bool on)
{
    uint8_t cap = config_read(s, PCI_CAPABILITY_LIST);
    uint32_t slot;

    while ((config_read(s, cap) & 0xff) != PCI_CAP_ID_EXP) {
        cap = config_read(s, cap) >> 8;
        g_assert_cmpuint(cap, !=, 0);
    }
    slot = config_read(s, cap + PCI_EXP_SLTCTL) &
           ~(uint32_t)(PCI_EXP_SLTCTL_PIC | PCI_EXP_SLTCTL_PCC);
    slot |= on ? PCI_EXP_SLTCTL_PWR_IND_ON :
            PCI_EXP_SLTCTL_PWR_IND_OFF | PCI_EXP_SLTCTL_PCC;
    qtest_outl(s->qts, 0xcfc, slot & 0xffff);
}

static void gives(Switch *s, uint16_t vppb, uint16_t ld,
                  const GByteArray *state)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    uint32_t at = 0;

    do {
        at = cxl_fabric_state_put(bytes, CXL_FABRIC_GIVEN, s->seq++, vppb, ld,
                                  state, at);
    } while (at < state->len);
    send_bytes(s, bytes->data, bytes->len, -1);
}

/* A command of the guest, which finds the device below the first port */
static unsigned poisoned(CxlFixture *f)
{
    uint8_t in[16] = { 0 };
    CxlReply r;

    stq_le_p(in + 8, LD / 64);
    fix_command_ok(f, 0x4300, in, sizeof(in), &r);
    return lduw_le_p(r.data + 0x0a);
}

#define PATTERN 0x1122334455667788ull

/* Poison, events and settings of one machine are those of the next one. */
static void test_state(void)
{
    Switch *a = start(""), *b;
    g_autoptr(GByteArray) state = NULL;
    CxlFixture *f;
    uint64_t at;
    CxlReply r;

    binds(a, 1, 0, 0);
    expect_state(a, 1, 0);
    qtest_qmp_assert_success(a->qts, "{'execute': 'cxl-inject-poison',"
                             " 'arguments': { 'path': '/machine/peripheral/"
                             "host-ld0', 'start': 4096, 'length': 64 }}");
    /* By itself, so that it would outlive the machine */
    expect_state(a, 1, 0);
    qtest_qmp_assert_success(a->qts, "{'execute': 'qom-set', 'arguments': {"
                             " 'path': '/machine/peripheral/host-ld0',"
                             " 'property': 'health-status', 'value': 1 }}");
    asks_back(a, 1, CXL_UNBIND_MANAGED);
    expect_below(a, 1, CXL_FABRIC_NO_LD);
    g_assert_cmpuint(a->state->len, >, 0);
    state = g_byte_array_ref(a->state);
    switch_free(a);

    b = start_at("rp0:rp1", RP1_ELSEWHERE);
    gives(b, 1, 0, state);
    binds(b, 1, 0, 0);
    power(b, true);
    f = fix_attach(b->qts);
    g_assert_cmpuint(poisoned(f), ==, 1);
    g_assert_cmpuint(fix_take_records(f, 1, &r), ==, 1);
    fix_command_ok(f, 0x4200, NULL, 0, &r);
    g_assert_cmpuint(r.data[0], ==, 1);
    /* A load of the host traps and does not get what is there. */
    g_assert_cmpint(pwrite(b->memory, &(uint64_t) { PATTERN }, 8, 4096), ==,
                    8);
    at = fix_map(f, 0, 0, LD);
    g_assert_cmphex(qtest_readq(b->qts, at + 4096), !=, PATTERN);
    g_assert_cmpint(pwrite(b->memory, &(uint64_t) { PATTERN }, 8, 8192), ==,
                    8);
    g_assert_cmphex(qtest_readq(b->qts, at + 8192), ==, PATTERN);
    g_free(f);
    switch_free(b);
}

/* It is never more than a fresh device that says that something was lost. */
static void test_bad_state(void)
{
    Switch *s = start("");
    g_autoptr(GByteArray) good = NULL;
    CxlFixture *f;
    CxlReply r;

    binds(s, 1, 0, 0);
    expect_state(s, 1, 0);
    good = g_byte_array_ref(s->state);
    for (unsigned i = 0; i < 4; i++) {
        g_autoptr(GByteArray) bad = g_byte_array_new();

        asks_back(s, 1, CXL_UNBIND_SURPRISE);
        expect_below(s, 1, CXL_FABRIC_NO_LD);
        g_byte_array_append(bad, good->data, good->len);
        if (i == 0) {
            g_byte_array_set_size(bad, good->len / 2);
        } else if (i == 1) {
            memset(bad->data, 0xff, bad->len);
        } else if (i == 2) {
            bad->data[16] ^= 0x40;
        } else {
            /* What is right, and more than the switch may ever keep */
            g_byte_array_set_size(bad, CXL_FABRIC_STATE_MAX);
        }
        gives(s, 1, 0, bad);
        binds(s, 1, 0, 0);
        g_assert_true(exists(s, "host-ld0"));
    }
    power(s, true);
    f = fix_attach(s->qts);
    g_assert_cmpuint(poisoned(f), ==, 0);
    g_assert_cmpuint(fix_take_records(f, 1, &r), ==, 1);
    g_free(f);
    switch_free(s);
}

/* A manager's command for the logical device, by way of the switch */
static void test_relay(void)
{
    static const uint8_t identify[12] = { 0, 0x5a, 0, 0, 0x40 };
    Switch *s = start("");
    CxlFabricMessage m = {
        .type = CXL_FABRIC_RELAY,
        .relayed = { .number = 3, .vppb = 1, .len = sizeof(identify),
                     .room = 2048, .bytes = identify },
    };

    for (unsigned bound = 0; bound < 2; bound++) {
        CxlFabricMessage got;

        say(s, m, -1);
        do {
            g_assert_true(hear(s, &got));
        } while (got.type == CXL_FABRIC_STATE);
        g_assert_cmpint(got.type, ==, CXL_FABRIC_REPLY);
        g_assert_cmpuint(got.relayed.number, ==, 3);
        g_assert_cmpuint(got.relayed.len, ==, bound ? 12 + 0x45 : 0);
        if (bound) {
            g_assert_cmphex(got.relayed.bytes[1], ==, 0x5a);
            g_assert_cmphex(lduw_le_p(got.relayed.bytes + 8), ==, 0);
            g_assert_cmpuint(ldq_le_p(got.relayed.bytes + 12 + 16), ==, 1);
        } else {
            binds(s, 1, 0, 0);
        }
    }
    switch_free(s);
}

/* The answer's payload, of @len bytes; or its return code in @rc */
static const uint8_t *asks_registers(Switch *s, const uint8_t *message,
                                     uint32_t len, CxlFabricMessage *got,
                                     uint32_t want, uint16_t *rc)
{
    CxlFabricMessage m = {
        .type = CXL_FABRIC_RELAY,
        .relayed = { .number = 4, .vppb = 1, .room = 8192, .len = len,
                     .kind = CXL_FABRIC_FOR_REGISTERS, .bytes = message },
    };

    say(s, m, -1);
    do {
        g_assert_true(hear(s, got));
    } while (got->type == CXL_FABRIC_STATE);
    g_assert_cmpint(got->type, ==, CXL_FABRIC_REPLY);
    g_assert_cmpuint(got->relayed.len, >=, 12);
    *rc = lduw_le_p(got->relayed.bytes + 8);
    g_assert_cmpuint(got->relayed.len, ==, *rc ? 12 : 12 + want);
    return got->relayed.bytes + 12;
}

/* Of a device that goes, and may not have gone yet, nothing is read. */
static void goes_and_is_asked(Switch *s, const uint8_t *message, uint32_t len)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    CxlFabricMessage got, unbind = {
        .type = CXL_FABRIC_UNBIND, .seq = s->seq++,
        .unbind = { ++s->number, 1, CXL_UNBIND_SURPRISE },
    }, relay = {
        .type = CXL_FABRIC_RELAY, .seq = s->seq++,
        .relayed = { 5, 1, CXL_FABRIC_FOR_REGISTERS, 8192, len, message },
    };

    cxl_fabric_put(bytes, &unbind);
    cxl_fabric_put(bytes, &relay);
    send_bytes(s, bytes->data, bytes->len, -1);
    do {
        g_assert_true(hear(s, &got));
    } while (got.type != CXL_FABRIC_REPLY);
    g_assert_true(!got.relayed.len || lduw_le_p(got.relayed.bytes + 8) == 2);
}

/* Registers are those that the guest sees (5301h, 5302h). */
static void test_registers(void)
{
    static const uint8_t ids[24] = {
        [3] = 1, [4] = 0x53, [5] = 12, [12] = 32, [14] = 0xf0,
    };
    uint8_t memory[28] = {
        [3] = 2, [4] = 0x53, [5] = 16, [12] = 32, [14] = 0xf0, [15] = 0xf,
        [18] = 8,
    };
    Switch *s = start("");
    CxlFabricMessage got;
    CxlFixture *f;
    uint16_t rc;
    uint64_t at;

    binds(s, 1, 0, 0);
    power(s, true);
    f = fix_attach(s->qts);
    g_assert_cmphex((uint32_t)ldl_le_p(asks_registers(s, ids, sizeof(ids),
                                                      &got, 4, &rc)), ==,
                    0x0d938086);
    at = f->status;
    stq_le_p(memory + 20, at);
    g_assert_cmphex(ldq_le_p(asks_registers(s, memory, sizeof(memory), &got,
                                            12, &rc) + 4), ==,
                    qtest_readq(s->qts, at));
    g_assert_cmphex(rc, ==, 0);
    stq_le_p(memory + 20, 0x1000);
    asks_registers(s, memory, sizeof(memory), &got, 12, &rc);
    g_assert_cmphex(rc, ==, 2);
    stq_le_p(memory + 20, at);
    goes_and_is_asked(s, memory, sizeof(memory));
    g_free(f);
    switch_free(s);
}

/* It ends while the switch is away, and its state is heard of later. */
static void test_state_late(void)
{
    Switch *s = start("");
    CxlFabricEnter in;

    binds(s, 1, 1, 1);
    expect_state(s, 1, 1);
    shutdown(s->fd, SHUT_RDWR);
    while (attached(s)) {
        g_usleep(1000);
    }
    qtest_qmp_assert_success(s->qts, "{'execute': 'cxl-inject-poison',"
                             " 'arguments': { 'path': '/machine/peripheral/"
                             "host-ld1', 'start': 0, 'length': 64 }}");
    qtest_qmp_assert_success(s->qts, "{'execute': 'device_del',"
                             " 'arguments': { 'id': 'host-ld1' }}");
    in = comes(s);
    g_assert_cmpuint(in.below[0], ==, 1);
    s->states = 0;
    welcome(s, s->memory);
    expect_state(s, 1, 1);
    expect_below(s, 1, CXL_FABRIC_NO_LD);
    gives(s, 2, 1, s->state);
    binds(s, 2, 1, 1);
    switch_free(s);
}

/* The port was below a switch, which somebody has pulled. */
static void test_port_leaves(void)
{
    Switch *s = start_at("ds0:rp1", RP1 "-device cxl-upstream,id=us0,bus=rp0"
                         " -device cxl-downstream,id=ds0,bus=us0,port=0,"
                         "chassis=0,slot=7");

    binds(s, 1, 0, 0);
    power(s, false);
    expect_below(s, 1, CXL_FABRIC_NO_LD);
    g_assert_cmpuint(mappings(s), ==, 0);
    g_assert_false(exists(s, "ds0"));
    for (unsigned i = 0; i < 3; i++) {
        binds(s, 1, 0, CXL_FABRIC_NO_LD);
    }
    binds(s, 2, 0, 0);
    switch_free(s);
}

/* The same memory, and less that may be done with it */
static int again(int fd, int flags)
{
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
    int other = open(path, flags | O_CLOEXEC);

    g_assert_cmpint(other, >=, 0);
    return other;
}

static void test_memory(void)
{
    Switch *s = start("");
    int bad[] = { -1, memory_of(SIZE - 1, true), memory_of(SIZE, false),
                  again(s->memory, O_RDONLY), again(s->memory, O_PATH) };
    CxlFabricMessage m;

    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        comes(s);
        welcome(s, bad[i]);
        g_assert_false(hear(s, &m));
        if (bad[i] >= 0) {
            close(bad[i]);
        }
    }
    comes(s);
    welcome(s, s->memory);
    binds(s, 1, 0, 0);
    switch_free(s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/cxl/fabric-host/there-and-back", test_there_and_back);
    qtest_add_func("/cxl/fabric-host/monitor", test_monitor);
    qtest_add_func("/cxl/fabric-host/no-room", test_no_room);
    qtest_add_func("/cxl/fabric-host/comes-back", test_comes_back);
    qtest_add_func("/cxl/fabric-host/hostile", test_hostile);
    qtest_add_func("/cxl/fabric-host/relay", test_relay);
    qtest_add_func("/cxl/fabric-host/registers", test_registers);
    qtest_add_func("/cxl/fabric-host/state", test_state);
    qtest_add_func("/cxl/fabric-host/bad-state", test_bad_state);
    qtest_add_func("/cxl/fabric-host/state-late", test_state_late);
    qtest_add_func("/cxl/fabric-host/memory", test_memory);
    qtest_add_func("/cxl/fabric-host/port-leaves", test_port_leaves);
    return g_test_run();
}
