/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest manages its switch by MCTP over USB: what the bus is told of the
 * device, commands and their answers, news, garbage, resets, a migration in the
 * middle of an answer, the end of the device; commands that reset or remove the
 * host controller that they came by; and the way to somebody else's endpoint
 * over a socket.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/sockets.h"
#include "hw/pci/pci_regs.h"
#include "hw/cxl/core/mctp-serial.h"
#include "hw/cxl/wire/fm.h"
#include "qobject/qdict.h"
#include "tests/qtest/cxl/ehci.h"
#include "tests/qtest/cxl/fixture.h"
#include "tests/qtest/cxl/rig.h"

#include <sys/un.h>

#define SWITCH \
    "-device cxl-upstream,bus=rp0,addr=0.0,multifunction=on,id=us0 " \
    "-device cxl-switch-mailbox-cci,bus=rp0,addr=0.1,target=us0,id=sw0 " \
    "-device cxl-downstream,port=3,bus=us0,id=ds0,chassis=0,slot=4 " \
    "-object memory-backend-ram,id=vmem,size=256M " \
    "-device cxl-type3,bus=ds0,id=cxl0,volatile-memdev=vmem,bound=off " \
    EHCI_DEVICE
#define TO_SWITCH SWITCH "-device usb-cxl-mctp,bus=ehci.0,id=usb0,target=us0"

/* The host controller is below the switch. */
#define BELOW \
    "-device cxl-upstream,bus=rp0,addr=0.0,multifunction=on,id=us0 " \
    "-device cxl-switch-mailbox-cci,bus=rp0,addr=0.1,target=us0,id=sw0 " \
    "-device cxl-downstream,port=3,bus=us0,id=ds0,chassis=0,slot=4 " \
    "-device usb-ehci,bus=ds0,id=below " \
    "-device usb-cxl-mctp,bus=below.0,id=usb0,target=us0 " EHCI_DEVICE

#define CCI_DEVFN   1
/* Buses: of the root port, and below the switch */
#define ROOT_BUS    52
#define EHCI_BUS    (ROOT_BUS + 3)
#define MESSAGE     ((uint32_t)sizeof(CxlMessageHeader))
#define MANAGER     20
#define WE_WERE     9       /* the endpoint's id */
/* Milliseconds of the machine's in which nothing comes */
#define QUIET       100
#define SOON        10000

typedef struct Guest {
    CxlFixture *f;
    Ehci e;
    uint8_t tag;
    uint32_t asked;     /* bytes of the transfer that waits for the device */
} Guest;

static void begin(Guest *g, const char *devices)
{
    g->f = fix_start_function(devices, CCI_DEVFN);
    g->tag = g->asked = 0;
    ehci_init(&g->e, g->f->qts);
    ehci_configure(&g->e);
}

static void end(Guest *g)
{
    fix_stop(g->f);
}

/* A packet with its USB header; returns the length */
static uint32_t packet(uint8_t *to, uint8_t flags, const void *body,
                       uint32_t len)
{
    const uint8_t head[] = { 0x1a, 0xb4, 0, 8 + len, 1, 0, MANAGER, flags };

    memcpy(to, head, sizeof(head));
    memcpy(to + sizeof(head), body, len);
    return sizeof(head) + len;
}

static void transfer(Guest *g, const void *bytes, uint32_t len)
{
    ehci_begin(&g->e, EHCI_OUT, 1, bytes, len);
    g_assert_cmpint(ehci_result(&g->e, EHCI_OUT, SOON), ==, len);
}

/* A message of at most one packet */
static void say(Guest *g, const void *body, uint32_t len)
{
    uint8_t bytes[512];

    g->tag = (g->tag + 1) % 8;
    transfer(g, bytes, packet(bytes, MCTP_SOM | MCTP_EOM | MCTP_TAG_OWNER |
                              g->tag, body, len));
}

static void command(Guest *g, uint16_t opcode, const void *in, uint32_t len)
{
    uint8_t body[64] = { MCTP_TYPE_FM_API };
    CxlMessageHeader *h = (CxlMessageHeader *)(body + 1);

    *h = (CxlMessageHeader) {
        .tag = 0x33, .command = opcode & 0xff, .command_set = opcode >> 8,
        .length = { len },
    };
    if (len) {
        memcpy(h + 1, in, len);
    }
    say(g, body, 1 + MESSAGE + len);
}

/*
 * One transfer's worth; EHCI_WAITS if there is none for @ms, and it goes on
 * waiting.
 */
static int receive(Guest *g, uint8_t *bytes, uint32_t max, unsigned ms)
{
    int n;

    if (!g->asked) {
        ehci_begin(&g->e, EHCI_IN, 1, NULL, max);
    }
    g->asked = g->asked ?: max;
    g_assert_cmpuint(g->asked, ==, max);
    n = ehci_result(&g->e, EHCI_IN, ms);
    if (n != EHCI_WAITS) {
        g->asked = 0;
    }
    if (n > 0) {
        ehci_data(&g->e, EHCI_IN, bytes, n);
    }
    return n;
}

/* A whole message, which is in one transfer */
static uint32_t hear(Guest *g, uint8_t *body)
{
    uint8_t bytes[512];
    int n = receive(g, bytes, sizeof(bytes), SOON);
    uint32_t len = 0;

    for (int at = 0; at < n; at += bytes[at + 3]) {
        g_assert_cmphex(lduw_be_p(bytes + at), ==, MCTP_USB_ID);
        g_assert_cmpint(bytes[at + 3], >, 8);
        g_assert_cmpint(bytes[at + 5], ==, MANAGER);
        memcpy(body + len, bytes + at + 8, bytes[at + 3] - 8);
        len += bytes[at + 3] - 8;
    }
    g_assert_cmpuint(len, >, 0);
    return len;
}

static uint8_t endpoint_id(Guest *g)
{
    const uint8_t ask[] = { 0, 0x81, MCTP_GET_EID };
    uint8_t body[512];

    say(g, ask, sizeof(ask));
    g_assert_cmpuint(hear(g, body), ==, 7);
    g_assert_cmphex(body[3], ==, MCTP_DONE);
    return body[4];
}

static void set_endpoint_id(Guest *g)
{
    const uint8_t ask[] = { 0, 0x81, MCTP_SET_EID, 0, WE_WERE };
    uint8_t body[512];

    say(g, ask, sizeof(ask));
    g_assert_cmpuint(hear(g, body), ==, 7);
    g_assert_cmphex(body[3], ==, MCTP_DONE);
}

static void test_descriptors(void)
{
    uint8_t d[64];
    Guest g;

    begin(&g, TO_SWITCH);
    g_assert_cmpint(ehci_control(&g.e, 0x80, 6, 0x100, 0, d, 18), ==, 18);
    g_assert_cmphex(lduw_le_p(d + 8), ==, 0x46f4);
    g_assert_cmpint(ehci_control(&g.e, 0x80, 6, 0x200, 0, d, 64), ==,
                    9 + 9 + 2 * 7);
    g_assert_cmphex(d[9 + 5], ==, MCTP_USB_CLASS);
    g_assert_cmphex(d[9 + 6], ==, MCTP_USB_SUBCLASS);
    g_assert_cmphex(d[9 + 7], ==, MCTP_USB_PROTOCOL);
    for (unsigned i = 0; i < 2; i++) {
        const uint8_t *ep = d + 18 + 7 * i;

        g_assert_cmphex(ep[2], ==, i ? 0x01 : 0x81);
        g_assert_cmpint(ep[3], ==, 2);
        g_assert_cmpint(lduw_le_p(ep + 4), ==, 512);
    }
    /* A class request is none of its. */
    g_assert_cmpint(ehci_control(&g.e, 0xa1, 1, 0, 0, d, 8), ==,
                    EHCI_STALLED);
    end(&g);
}

/* The switch says by USB what it says by its mailbox. */
static void test_command(void)
{
    uint8_t body[512];
    CxlMessageHeader *h = (CxlMessageHeader *)(body + 1);
    CxlReply r;
    Guest g;

    begin(&g, TO_SWITCH);
    g_assert_cmpint(receive(&g, body, 512, QUIET), ==, EHCI_WAITS);
    set_endpoint_id(&g);
    g_assert_cmpint(endpoint_id(&g), ==, WE_WERE);
    fix_command_ok(g.f, 0x5100, NULL, 0, &r);
    command(&g, 0x5100, NULL, 0);
    g_assert_cmpuint(hear(&g, body), ==, 1 + MESSAGE + r.len);
    g_assert_cmpint(h->category, ==, CXL_MESSAGE_RESPONSE);
    g_assert_cmphex(h->tag, ==, 0x33);
    g_assert_cmphex(lduw_le_p(&h->rc), ==, 0);
    /* But for the port that asks, which is this one or that. */
    g_assert_cmpmem(body + 1 + MESSAGE + 1, r.len - 1, r.data + 1, r.len - 1);
    command(&g, 0x4000, NULL, 0);
    hear(&g, body);
    g_assert_cmphex(lduw_le_p(&h->rc), ==, 3);
    end(&g);
}

/* The guest binds a device, and hears of its end. */
static void test_binds(void)
{
    const uint8_t all[] = { 0x0f, 0x80 };
    CxlBindIn in = { .vppb = 1, .port = 3, .ld = 0xffff };
    uint16_t news = 0;
    uint8_t body[512];
    CxlMessageHeader *h = (CxlMessageHeader *)(body + 1);
    Guest g;

    begin(&g, TO_SWITCH);
    command(&g, 0x0105, all, sizeof(all));
    hear(&g, body);
    g_assert_cmphex(lduw_le_p(&h->rc), ==, 0);
    command(&g, 0x5201, &in, sizeof(in));
    hear(&g, body);
    g_assert_cmphex(lduw_le_p(&h->rc), ==, 1);
    while (!(news & 0x8000)) {
        g_assert_cmpuint(hear(&g, body), ==, 1 + MESSAGE + 2);
        g_assert_cmphex(h->command_set << 8 | h->command, ==, 0x0106);
        news |= lduw_le_p(h + 1);
    }
    command(&g, 0x0002, NULL, 0);
    hear(&g, body);
    g_assert_cmphex(body[1 + MESSAGE] & 1, ==, 0);
    g_assert_cmphex(lduw_le_p(body + 1 + MESSAGE + 4), ==, 0);
    end(&g);
}

/* What is no packet is lost, and nothing else is. */
static void test_hostile(void)
{
    uint8_t bytes[2048], body[512];
    GRand *rand = g_rand_new_with_seed(4);
    uint32_t n;
    Guest g;

    begin(&g, TO_SWITCH);
    for (unsigned i = 0; i < 200; i++) {
        uint32_t len = g_rand_int_range(rand, 1, 700);

        for (uint32_t k = 0; k < len; k++) {
            bytes[k] = g_rand_int(rand);
        }
        if (i % 2) {
            bytes[0] = 0x1a;
            bytes[1] = 0xb4;
            bytes[4] = 1;
            /* No request that would be answered */
            bytes[7] &= ~MCTP_TAG_OWNER;
        }
        transfer(&g, bytes, len);
    }
    transfer(&g, bytes, 0);
    g_assert_cmpint(endpoint_id(&g), ==, 0);
    /* Several requests at once: the next waits for the answer's way out. */
    n = 0;
    for (unsigned i = 0; i < 4; i++) {
        n += packet(bytes + n, MCTP_SOM | MCTP_EOM | MCTP_TAG_OWNER | i,
                    "\0\x81\2", 3);
    }
    transfer(&g, bytes, n);
    g_assert_cmpint(receive(&g, body, 3, SOON), ==, 3);
    g_assert_cmpint(receive(&g, body + 3, 509, SOON), ==, 4 * (8 + 7) - 3);
    g_assert_cmphex(body[3 * 15 + 7], ==, MCTP_SOM | MCTP_EOM | 3);
    /* Endpoints that are not there */
    ehci_begin(&g.e, EHCI_OUT, 2, bytes, 8);
    g_assert_cmpint(ehci_result(&g.e, EHCI_OUT, SOON), <, EHCI_WAITS);
    ehci_begin(&g.e, EHCI_IN, 7, NULL, 8);
    g_assert_cmpint(ehci_result(&g.e, EHCI_IN, SOON), <, EHCI_WAITS);
    g_assert_cmpint(endpoint_id(&g), ==, 0);
    g_rand_free(rand);
    end(&g);
}

static void test_reset(void)
{
    uint8_t bytes[512];
    Guest g;

    begin(&g, TO_SWITCH);
    set_endpoint_id(&g);
    command(&g, 0x5100, NULL, 0);
    g_assert_cmpint(receive(&g, bytes, 20, SOON), ==, 20);
    ehci_reset_port(&g.e);
    ehci_configure(&g.e);
    g_assert_cmpint(receive(&g, bytes, 512, QUIET), ==, EHCI_WAITS);
    g_assert_cmpint(endpoint_id(&g), ==, 0);
    set_endpoint_id(&g);
    qtest_system_reset(g.f->qts);
    fix_enumerate(g.f);
    ehci_init(&g.e, g.f->qts);
    ehci_configure(&g.e);
    g_assert_cmpint(endpoint_id(&g), ==, 0);
    end(&g);
}

/* Half of an answer has been read where it comes from. */
static void test_migrates(void)
{
    uint8_t there[512], here[512];
    int n, m;
    Guest g;

    begin(&g, TO_SWITCH);
    set_endpoint_id(&g);
    command(&g, 0x5100, NULL, 0);
    n = receive(&g, there, sizeof(there), SOON);
    command(&g, 0x5100, NULL, 0);
    g_assert_cmpint(receive(&g, here, 11, SOON), ==, 11);
    g.f = fix_move(g.f, TO_SWITCH);
    g.e.qts = g.f->qts;
    m = receive(&g, here + 11, sizeof(here) - 11, SOON);
    g_assert_cmpint(m + 11, ==, n);
    /* but for tags */
    here[7] = there[7];
    here[72 + 7] = there[72 + 7];
    g_assert_cmpmem(here, n, there, n);
    g_assert_cmpint(endpoint_id(&g), ==, WE_WERE);
    end(&g);
}

static void test_unplug(void)
{
    uint8_t bytes[512];
    Guest g;

    begin(&g, TO_SWITCH);
    ehci_begin(&g.e, EHCI_IN, 1, NULL, 512);
    command(&g, 0x5100, NULL, 0);
    qtest_qmp_device_del(g.f->qts, "usb0");
    g_assert_false(ehci_has_device(&g.e));
    for (unsigned i = 0; i < 10; i++) {
        qtest_qmp_device_add(g.f->qts, "usb-cxl-mctp", "usb1",
                             "{'bus': 'ehci.0', 'target': 'sw0'}");
        ehci_reset_port(&g.e);
        ehci_configure(&g.e);
        g_assert_cmpint(endpoint_id(&g), ==, 0);
        qtest_qmp_device_del(g.f->qts, "usb1");
    }
    /* That of a device which has been taken out answers nobody. */
    qtest_qmp_device_add(g.f->qts, "usb-cxl-mctp", "usb2",
                         "{'bus': 'ehci.0', 'target': 'cxl0'}");
    ehci_reset_port(&g.e);
    ehci_configure(&g.e);
    command(&g, 0x0001, NULL, 0);
    hear(&g, bytes);
    qtest_qmp_device_del(g.f->qts, "cxl0");
    command(&g, 0x0001, NULL, 0);
    g_assert_cmpint(receive(&g, bytes, 512, QUIET), ==, EHCI_WAITS);
    end(&g);
}

/* Firmware's part: buses, and the way to EHCI_BAR */
static void open_bridge(Guest *g, unsigned below)
{
    uint64_t at = fix_root_port(g->f) + ((uint64_t)below << 20);

    fix_write(g->f, at + PCI_PRIMARY_BUS, 1, ROOT_BUS + below);
    fix_write(g->f, at + PCI_SECONDARY_BUS, 1, ROOT_BUS + below + 1);
    fix_write(g->f, at + PCI_SUBORDINATE_BUS, 1, EHCI_BUS);
    if (below) {
        fix_write(g->f, at + PCI_MEMORY_BASE, 2, EHCI_BAR >> 16);
    }
    fix_write(g->f, at + PCI_MEMORY_LIMIT, 2, EHCI_BAR >> 16);
    fix_write(g->f, at + PCI_COMMAND, 2,
              PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

static void begin_below(Guest *g)
{
    g->tag = g->asked = 0;
    for (unsigned below = 0; below < 3; below++) {
        open_bridge(g, below);
    }
    ehci_init_at(&g->e, g->f->qts, EHCI_BUS, 0);
    ehci_configure(&g->e);
}

/* Register @reg of port 3, of two bytes; @value is written. */
static void port_config(Guest *g, uint16_t reg, uint16_t value, uint8_t in[8])
{
    memset(in, 0, 8);
    in[0] = 3;
    in[1] = reg & ~3;
    in[2] = (reg & 2 ? 0xc0 : 0x30) | reg >> 8;
    in[3] = 0x80;
    stl_le_p(in + 4, value << 8 * (reg & 2));
}

static uint16_t express(Guest *g)
{
    uint64_t at = fix_root_port(g->f) + (2ull << 20);
    uint8_t cap = fix_read(g->f, at + PCI_CAPABILITY_LIST, 1);

    while (fix_read(g->f, at + cap, 1) != PCI_CAP_ID_EXP) {
        cap = fix_read(g->f, at + cap + 1, 1);
    }
    return cap;
}

/* What was asked and answered before is forgotten, and all goes on anew. */
static void test_resets_itself(void)
{
    uint8_t reset[2] = { 3, 2 }, bus[8], again[8];
    Guest g;

    g.f = fix_start_function(BELOW, CCI_DEVFN);
    port_config(&g, PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_BUS_RESET, bus);
    port_config(&g, PCI_BRIDGE_CONTROL, 0, again);
    for (unsigned i = 0; i < 4; i++) {
        begin_below(&g);
        set_endpoint_id(&g);
        g_assert_cmpint(endpoint_id(&g), ==, WE_WERE);
        if (i % 2) {
            command(&g, 0x5103, bus, sizeof(bus));
            g_assert_cmphex(fix_command_rc(g.f, 0x5103, again, sizeof(again)),
                            ==, 0);
        } else {
            command(&g, 0x5102, reset, sizeof(reset));
        }
        g_assert_cmphex(fix_command_rc(g.f, 0x5100, NULL, 0), ==, 0);
    }
    begin_below(&g);
    g_assert_cmpint(endpoint_id(&g), ==, 0);
    end(&g);
}

/* With a further command in the same transfer, which nobody is told of */
static void test_removes_itself(void)
{
    uint8_t body[1 + MESSAGE + 8] = { MCTP_TYPE_FM_API }, bytes[512];
    CxlMessageHeader *h = (CxlMessageHeader *)(body + 1);
    uint32_t len = 0;
    Guest g;

    g.f = fix_start_function(BELOW, CCI_DEVFN);
    begin_below(&g);
    *h = (CxlMessageHeader) { .command = 3, .command_set = 0x51,
                              .length = { 8 } };
    port_config(&g, express(&g) + PCI_EXP_SLTCTL, PCI_EXP_SLTCTL_PWR_IND_OFF |
                PCI_EXP_SLTCTL_PWR_OFF, body + 1 + MESSAGE);
    for (unsigned i = 0; i < 2; i++) {
        len += packet(bytes + len, MCTP_SOM | MCTP_EOM | MCTP_TAG_OWNER | i,
                      body, sizeof(body));
    }
    ehci_begin(&g.e, EHCI_OUT, 1, bytes, len);
    qtest_clock_step(g.f->qts, 10 * 1000 * 1000);
    qtest_qmp_eventwait(g.f->qts, "DEVICE_DELETED");
    g_assert_cmphex(fix_read(g.f, fix_root_port(g.f) + (3ull << 20), 4), ==,
                    UINT32_MAX);
    g_assert_cmphex(fix_command_rc(g.f, 0x5100, NULL, 0), ==, 0);
    qtest_qmp_device_add(g.f->qts, "usb-cxl-mctp", "usb1",
                         "{'bus': 'ehci.0', 'target': 'sw0'}");
    ehci_init(&g.e, g.f->qts);
    ehci_configure(&g.e);
    g_assert_cmpint(endpoint_id(&g), ==, 0);
    end(&g);
}

/* Somebody else's endpoint */

static int listen_at(const char *path)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    g_strlcpy(addr.sun_path, path, sizeof(addr.sun_path));
    g_assert_cmpint(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), ==, 0);
    g_assert_cmpint(listen(fd, 1), ==, 0);
    return fd;
}

/* The packet of the next frame */
static uint32_t read_frame(int fd, MctpSerial *line)
{
    uint32_t len = 0;
    uint8_t byte;

    while (!len) {
        g_assert_cmpint(read(fd, &byte, 1), ==, 1);
        len = mctp_serial_byte(line, byte);
    }
    return len;
}

static void write_frame(int fd, const uint8_t *bytes, uint32_t len)
{
    uint8_t frame[MCTP_FRAME_MAX];
    uint32_t n = mctp_serial_frame(bytes, len, frame);

    g_assert_cmpint(write(fd, frame, n), ==, n);
}

static void test_pipe(void)
{
    g_autofree char *dir = g_dir_make_tmp("cxl-usb-XXXXXX", NULL);
    g_autofree char *path = g_strdup_printf("%s/s", dir);
    g_autofree char *options = g_strdup_printf(SWITCH
        "-chardev socket,id=far,path=%s,reconnect-ms=10 "
        "-device usb-cxl-mctp,bus=ehci.0,id=usb0,chardev=far", path);
    const uint8_t answer[] = { 1, MANAGER, WE_WERE, 0xc1, 7, 1, 2, 3 };
    int fd, listener = listen_at(path);
    uint8_t bytes[4096] = { 0 };
    GPollFD readable = { .events = G_IO_IN };
    MctpSerial line;
    QDict *rsp;
    Guest g;

    begin(&g, options);
    for (unsigned i = 0; i < 2; i++) {
        fd = accept(listener, NULL, NULL);
        g_assert_cmpint(fd, >=, 0);
        readable.fd = fd;
        mctp_serial_init(&line);
        /* Packets are lost until both ends know that there is a connection. */
        do {
            say(&g, "\7hello", 6);
            g_assert_cmpint(receive(&g, bytes, 512, 1), ==, EHCI_WAITS);
        } while (g_poll(&readable, 1, 100) == 0);
        g_assert_cmpuint(read_frame(fd, &line), ==, 4 + 6);
        g_assert_cmpmem(line.packet + 4, 6, "\7hello", 6);
        g_assert_cmphex(line.packet[2], ==, MANAGER);
        write_frame(fd, answer, sizeof(answer));
        g_assert_cmpint(receive(&g, bytes, 512, SOON), ==,
                        4 + sizeof(answer));
        g_assert_cmpmem(bytes + 4, sizeof(answer), answer, sizeof(answer));
        if (!i) {
            /* What sends no frames is hung up on, and connected to again. */
            memset(bytes, 0, sizeof(bytes));
            while (write(fd, bytes, sizeof(bytes)) > 0) {
                continue;
            }
        }
        close(fd);
    }
    rsp = qtest_qmp(g.f->qts, "{'execute': 'migrate',"
                    " 'arguments': {'uri': 'file:/dev/null'}}");
    g_assert_true(qdict_haskey(rsp, "error"));
    qobject_unref(rsp);
    qtest_qmp_device_del(g.f->qts, "usb0");
    end(&g);
    close(listener);
    unlink(path);
    rmdir(dir);
}

static void test_mistakes(void)
{
    rig_refused("-device usb-ehci -device usb-cxl-mctp",
                "property 'target' or 'chardev' must be set");
    rig_refused("-device usb-ehci -chardev null,id=n -device"
                " usb-cxl-mctp,chardev=n,target=x", "and not both");
    rig_refused("-device usb-ehci -device usb-cxl-mctp,target=none",
                "no device 'none'");
    rig_refused("-device usb-ehci -device edu,id=e -device"
                " usb-cxl-mctp,target=e", "a edu has no interface");
    rig_refused("-device piix3-usb-uhci,id=full -chardev null,id=n -device"
                " usb-cxl-mctp,chardev=n,bus=full.0", "speed");
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/cxl/usb/descriptors", test_descriptors);
    qtest_add_func("/cxl/usb/command", test_command);
    qtest_add_func("/cxl/usb/binds", test_binds);
    qtest_add_func("/cxl/usb/hostile", test_hostile);
    qtest_add_func("/cxl/usb/reset", test_reset);
    qtest_add_func("/cxl/usb/migrates", test_migrates);
    qtest_add_func("/cxl/usb/unplug", test_unplug);
    qtest_add_func("/cxl/usb/resets-itself", test_resets_itself);
    qtest_add_func("/cxl/usb/removes-itself", test_removes_itself);
    qtest_add_func("/cxl/usb/pipe", test_pipe);
    qtest_add_func("/cxl/usb/mistakes", test_mistakes);
    return g_test_run();
}
