/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SPDM over DOE, with a responder that this test plays: it answers, late or
 * never, lies, dies in the middle.  The guest goes on whatever it does.
 *
 * Numbers are those of spdm-emu's platform socket and of PCIe r6.1, written
 * out.
 */
#include "qemu/osdep.h"
#include <arpa/inet.h>
#include "qemu/bswap.h"
#include "hw/common/wire/doe.h"
#include "hw/pci/pci_regs.h"
#include "tests/qtest/cxl/fixture.h"

#define SECOND          1000000000ll
#define TRIES           600000      /* milliseconds, for what never comes */
#define LONGEST         1536        /* dwords that the mailbox takes */

#define TYPE3           FIX_VOLATILE
#define SDXI            "-device sdxi,bus=rp0,id=cxl0,vectors=4"

typedef struct Rig {
    CxlFixture *f;
    int listener, socket;
    uint16_t tcp;
    uint32_t doe;
} Rig;

static const uint32_t request[] = { DOE_OBJ(1, 1), 3, 0x00008410 };
static const uint32_t answer[] = { DOE_OBJ(1, 1), 4, 0x00000410, 0xcafe };

static uint32_t status(Rig *r)
{
    return fix_config_read(r->f, r->doe + DOE_REG_STATUS, 4);
}

/* The last one is the mailbox for SPDM, which discovery has to confirm. */
static uint32_t find_mailbox(CxlFixture *f)
{
    uint32_t pos = 0x100, found = 0;

    while (pos) {
        uint32_t head = fix_config_read(f, pos, 4);

        found = (head & 0xffff) == DOE_EXT_CAP_ID ? pos : found;
        pos = head >> 20;
    }
    return found;
}

static char *with_port(Rig *r, const char *device)
{
    return g_strdup_printf("%s,spdm_port=%u", device, r->tcp);
}

static Rig *start(const char *device)
{
    struct sockaddr_in addr = { .sin_family = AF_INET };
    socklen_t len = sizeof(addr);
    Rig *r = g_new0(Rig, 1);
    g_autofree char *device_at = NULL;

    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    r->listener = socket(AF_INET, SOCK_STREAM, 0);
    g_assert_cmpint(bind(r->listener, (void *)&addr, len), ==, 0);
    g_assert_cmpint(listen(r->listener, 2), ==, 0);
    g_assert_cmpint(getsockname(r->listener, (void *)&addr, &len), ==, 0);
    r->tcp = ntohs(addr.sin_port);
    device_at = with_port(r, device);
    r->f = fix_start(device_at);
    r->socket = accept(r->listener, NULL, NULL);
    g_assert_cmpint(r->socket, >=, 0);
    r->doe = find_mailbox(r->f);
    return r;
}

static void stop(Rig *r)
{
    fix_stop(r->f);
    close(r->socket);
    close(r->listener);
    g_free(r);
}

/* --- the guest ------------------------------------------------------------ */

static void ask(Rig *r, const uint32_t *object, unsigned dwords)
{
    for (unsigned i = 0; i < dwords; i++) {
        fix_config_write(r->f, r->doe + DOE_REG_WRITE, 4, object[i]);
    }
    fix_config_write(r->f, r->doe + DOE_REG_CTRL, 4, DOE_CTRL_GO);
}

static void wait_until_idle(Rig *r)
{
    int tries = TRIES;

    while ((status(r) & DOE_STATUS_BUSY) && --tries) {
        g_usleep(1000);
    }
    g_assert_cmpint(tries, >, 0);
}

static unsigned take(Rig *r, uint32_t *object, unsigned max)
{
    unsigned n = 0;

    wait_until_idle(r);
    while (n < max && (status(r) & DOE_STATUS_READY)) {
        object[n++] = fix_config_read(r->f, r->doe + DOE_REG_READ, 4);
        fix_config_write(r->f, r->doe + DOE_REG_READ, 4, 0);
    }
    return n;
}

static void expect_answer(Rig *r)
{
    uint32_t object[8];

    g_assert_cmpuint(take(r, object, 8), ==, 4);
    g_assert_cmpmem(object, 16, answer, 16);
}

static void expect_error(Rig *r)
{
    wait_until_idle(r);
    g_assert_cmphex(status(r), ==, DOE_STATUS_ERROR);
    fix_config_write(r->f, r->doe + DOE_REG_CTRL, 4, DOE_CTRL_ABORT);
    g_assert_cmphex(status(r), ==, 0);
}

/* --- the responder -------------------------------------------------------- */

static void hear(Rig *r, void *bytes, size_t len)
{
    g_assert_cmpint(recv(r->socket, bytes, len, MSG_WAITALL), ==, len);
}

static void expect_asked(Rig *r, const uint32_t *object, unsigned dwords)
{
    uint8_t head[12];
    uint32_t heard[LONGEST];

    hear(r, head, sizeof(head));
    g_assert_cmphex(ldl_be_p(head), ==, 1);
    g_assert_cmphex(ldl_be_p(head + 4), ==, 2);
    g_assert_cmpuint(ldl_be_p(head + 8), ==, dwords * 4);
    hear(r, heard, dwords * 4);
    for (unsigned i = 0; i < dwords; i++) {
        g_assert_cmphex(le32_to_cpu(heard[i]), ==, object[i]);
    }
}

/* @sent bytes of a message that says it has @len behind its header */
static void say(Rig *r, uint32_t len, size_t sent)
{
    uint8_t message[12 + sizeof(answer)];

    stl_be_p(message, 1);
    stl_be_p(message + 4, 2);
    stl_be_p(message + 8, len);
    for (unsigned i = 0; i < ARRAY_SIZE(answer); i++) {
        stl_le_p(message + 12 + 4 * i, answer[i]);
    }
    g_assert_cmpint(send(r->socket, message, sent, MSG_NOSIGNAL), ==, sent);
}

static void send_all(Rig *r, const uint8_t *bytes, size_t len)
{
    while (len) {
        ssize_t n = send(r->socket, bytes, len, MSG_NOSIGNAL);

        g_assert_cmpint(n, >, 0);
        bytes += n;
        len -= n;
    }
}

static void say_answer(Rig *r)
{
    say(r, sizeof(answer), 12 + sizeof(answer));
}

/* --- tests ---------------------------------------------------------------- */

static void test_discovery(gconstpointer device)
{
    static const uint32_t want[] = { 0x01000001, 0x02010001, 0x00020001 };
    Rig *r = start(device);
    uint32_t object[8];

    for (unsigned i = 0; i < ARRAY_SIZE(want); i++) {
        const uint32_t discovery[] = { DOE_OBJ(1, 0), 3, i };

        ask(r, discovery, 3);
        g_assert_cmpuint(take(r, object, 8), ==, 3);
        g_assert_cmphex(object[2], ==, want[i]);
    }
    /* It has no interrupt. */
    g_assert_cmphex(fix_config_read(r->f, r->doe + DOE_REG_CAP, 4), ==, 0);
    stop(r);
}

static void test_exchange(gconstpointer device)
{
    static const uint32_t secured[] = { DOE_OBJ(1, 2), 5, 1, 2, 3 };
    Rig *r = start(device);

    for (unsigned i = 0; i < 3; i++) {
        ask(r, request, 3);
        g_assert_cmphex(status(r), ==, DOE_STATUS_BUSY);
        expect_asked(r, request, 3);
        say_answer(r);
        expect_answer(r);
    }
    ask(r, secured, 5);
    expect_asked(r, secured, 5);
    /* "No answer" is one. */
    say(r, 0, 12);
    expect_error(r);
    ask(r, request, 3);
    expect_asked(r, request, 3);
    say_answer(r);
    expect_answer(r);
    stop(r);
}

/* The answer to what was asked before comes first, and is nobody's. */
static void ask_after_forgotten(Rig *r)
{
    ask(r, request, 3);
    expect_asked(r, request, 3);
    say(r, 0, 12);
    say_answer(r);
    expect_answer(r);
}

/* The guest goes on while it is waited for; a late answer is nobody's. */
static void test_late(gconstpointer device)
{
    Rig *r = start(device);

    ask(r, request, 3);
    expect_asked(r, request, 3);
    g_assert_cmphex(fix_config_read(r->f, PCI_VENDOR_ID, 2), !=, 0xffff);
    qtest_clock_step(r->f->qts, SECOND - 1000000);
    g_assert_cmphex(status(r), ==, DOE_STATUS_BUSY);
    qtest_clock_step(r->f->qts, 2000000);
    expect_error(r);
    ask_after_forgotten(r);
    stop(r);
}

/* As long as the mailbox takes, another one in each dword */
static void fill_long(uint32_t *object, uint32_t first)
{
    object[0] = DOE_OBJ(1, 1);
    object[1] = LONGEST;
    for (unsigned i = 2; i < LONGEST; i++) {
        object[i] = first + i;
    }
}

static void say_long(Rig *r, const uint32_t *object)
{
    static uint8_t message[12 + LONGEST * 4];

    stl_be_p(message, 1);
    stl_be_p(message + 4, 2);
    stl_be_p(message + 8, LONGEST * 4);
    for (unsigned i = 0; i < LONGEST; i++) {
        stl_le_p(message + 12 + 4 * i, object[i]);
    }
    send_all(r, message, sizeof(message));
}

/* The other QEMU has all of what the host has not read yet, or not sent. */
static void test_long(gconstpointer device)
{
    static uint32_t asked[LONGEST], said[LONGEST], object[LONGEST + 1];
    Rig *r = start(device);
    g_autofree char *device_at = with_port(r, device);
    unsigned some = LONGEST / 3;

    fill_long(asked, 0x10000000);
    fill_long(said, 0x20000000);
    ask(r, asked, LONGEST);
    expect_asked(r, asked, LONGEST);
    say_long(r, said);
    g_assert_cmpuint(take(r, object, some), ==, some);
    r->f = fix_move(r->f, device_at);
    close(r->socket);
    r->socket = accept(r->listener, NULL, NULL);
    g_assert_cmpuint(take(r, object + some, LONGEST), ==, LONGEST - some);
    g_assert_cmpmem(object, LONGEST * 4, said, sizeof(said));

    ask(r, asked, LONGEST);
    r->f = fix_move(r->f, device_at);
    close(r->socket);
    r->socket = accept(r->listener, NULL, NULL);
    expect_asked(r, asked, LONGEST);
    say_answer(r);
    expect_answer(r);
    stop(r);
}

/* More are forgotten than a responder is asked at once. */
static void test_forgotten(gconstpointer device)
{
    Rig *r = start(device);

    for (unsigned i = 0; i < 8; i++) {
        ask(r, request, 3);
        g_assert_cmphex(status(r), ==, DOE_STATUS_BUSY);
        fix_config_write(r->f, r->doe + DOE_REG_CTRL, 4, DOE_CTRL_ABORT);
    }
    ask(r, request, 3);
    expect_error(r);
    for (unsigned i = 0; i < 8; i++) {
        expect_asked(r, request, 3);
        say(r, 0, 12);
    }
    for (int tries = TRIES; tries; tries--) {
        ask(r, request, 3);
        if (status(r) & DOE_STATUS_BUSY) {
            break;
        }
        expect_error(r);
        g_usleep(1000);
    }
    expect_asked(r, request, 3);
    say_answer(r);
    expect_answer(r);
    stop(r);
}

/* Errors from then on, and the machine lives. */
static void expect_gone(Rig *r)
{
    expect_error(r);
    for (unsigned i = 0; i < 3; i++) {
        ask(r, request, 3);
        expect_error(r);
    }
    qtest_system_reset(r->f->qts);
    fix_enumerate(r->f);
    ask(r, request, 3);
    expect_error(r);
}

static void test_lies(gconstpointer device)
{
    static const uint32_t lengths[] = { 3, 12, 0xfffffffc, 0x100004 };

    for (unsigned i = 0; i < ARRAY_SIZE(lengths); i++) {
        Rig *r = start(device);

        ask(r, request, 3);
        expect_asked(r, request, 3);
        say(r, lengths[i], 12 + sizeof(answer));
        expect_gone(r);
        stop(r);
    }
}

/* It is told so, and the next answer is good. */
static void test_too_long(gconstpointer device)
{
    static const unsigned lengths[] = { LONGEST * 4 + 4, 0x3300, 1 << 20 };
    Rig *r = start(device);

    for (unsigned i = 0; i < ARRAY_SIZE(lengths); i++) {
        g_autofree uint8_t *bytes = g_malloc0(lengths[i]);

        ask(r, request, 3);
        expect_asked(r, request, 3);
        say(r, lengths[i], 12);
        expect_error(r);
        ask(r, request, 3);
        expect_asked(r, request, 3);
        send_all(r, bytes, lengths[i]);
        say_answer(r);
        expect_answer(r);
    }
    stop(r);
}

static void test_death(gconstpointer device)
{
    for (unsigned sent = 0; sent < 12 + sizeof(answer); sent += 9) {
        Rig *r = start(device);

        ask(r, request, 3);
        say(r, sizeof(answer), sent);
        shutdown(r->socket, SHUT_RDWR);
        expect_gone(r);
        stop(r);
    }
}

/* Whoever waited before a reset gets nothing after it. */
static void test_reset(gconstpointer device)
{
    Rig *r = start(device);

    ask(r, request, 3);
    expect_asked(r, request, 3);
    qtest_system_reset(r->f->qts);
    fix_enumerate(r->f);
    g_assert_cmphex(status(r), ==, 0);
    ask_after_forgotten(r);
    stop(r);
}

/* The responder of the destination is asked what that of the source was. */
static void test_move(gconstpointer device)
{
    Rig *r = start(device);
    g_autofree char *device_at = with_port(r, device);

    ask(r, request, 3);
    expect_asked(r, request, 3);
    r->f = fix_move(r->f, device_at);
    close(r->socket);
    r->socket = accept(r->listener, NULL, NULL);
    expect_asked(r, request, 3);
    g_assert_cmphex(status(r), ==, DOE_STATUS_BUSY);
    say_answer(r);
    expect_answer(r);
    stop(r);
}

/* A device that is taken out says goodbye, one that waits too. */
static void test_unplug(gconstpointer device)
{
    Rig *r = start(device);
    uint64_t slot = fix_root_exp(r->f) + PCI_EXP_SLTCTL;
    uint8_t head[12];

    ask(r, request, 3);
    expect_asked(r, request, 3);
    qtest_qmp_assert_success(r->f->qts, "{'execute': 'device_del',"
                             " 'arguments': {'id': 'cxl0'}}");
    qtest_writew(r->f->qts, slot,
                 PCI_EXP_SLTCTL_PWR_IND_OFF | PCI_EXP_SLTCTL_PWR_OFF);
    qtest_qmp_eventwait(r->f->qts, "DEVICE_DELETED");
    hear(r, head, sizeof(head));
    g_assert_cmphex(ldl_be_p(head), ==, 0xfffe);
    g_assert_cmpuint(ldl_be_p(head + 8), ==, 0);
    g_assert_cmpint(recv(r->socket, head, 1, MSG_WAITALL), ==, 0);
    stop(r);
}

static const struct {
    const char *name;
    void (*test)(gconstpointer device);
} tests[] = {
    { "discovery", test_discovery },
    { "exchange", test_exchange },
    { "long", test_long },
    { "late", test_late },
    { "forgotten", test_forgotten },
    { "lies", test_lies },
    { "too-long", test_too_long },
    { "death", test_death },
    { "reset", test_reset },
    { "move", test_move },
    { "unplug", test_unplug },
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(tests); i++) {
        g_autofree char *name = g_strdup_printf("/cxl/spdm/type3/%s",
                                                tests[i].name);
        g_autofree char *sdxi = g_strdup_printf("/cxl/spdm/sdxi/%s",
                                                tests[i].name);

        g_test_add_data_func(name, TYPE3, tests[i].test);
        /* What differs is how the device calls the mailbox. */
        if (tests[i].test != test_lies && tests[i].test != test_too_long &&
            tests[i].test != test_death) {
            g_test_add_data_func(sdxi, SDXI, tests[i].test);
        }
    }
    return g_test_run();
}
