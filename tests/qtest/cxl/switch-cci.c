/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mailbox of a switch: what it says about the ports, and how a fabric
 * manager reaches a memory device behind one of them.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "hw/pci/pci_regs.h"
#include "hw/cxl/wire/fm.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "tests/qtest/cxl/fixture.h"
#include "tests/qtest/refused.h"

enum { RC_OK = 0, RC_INPUT = 2, RC_UNSUPPORTED = 3, RC_LENGTH = 0x16 };

#define CCI_DEVFN       1
#define MESSAGE         sizeof(CxlMessageHeader)

/* A switch with a memory device, an empty port and another PCI device. */
#define SWITCH \
    "-device cxl-upstream,bus=rp0,addr=0.0,multifunction=on,id=us0 " \
    "-device cxl-switch-mailbox-cci,bus=rp0,addr=0.1,target=us0 " \
    "-device cxl-downstream,port=0,bus=us0,id=ds0,chassis=0,slot=4 " \
    "-device cxl-downstream,port=1,bus=us0,id=ds1,chassis=0,slot=5 " \
    "-object memory-backend-ram,id=vmem,size=256M " \
    "-object memory-backend-ram,id=dcmem,size=256M " \
    "-device cxl-type3,bus=ds0,id=cxl0,volatile-memdev=vmem," \
    "volatile-dc-memdev=dcmem,num-dc-regions=1"

static CxlFixture *start(void)
{
    return fix_start_function(SWITCH, CCI_DEVFN);
}

static void test_identity(void)
{
    CxlFixture *f = start();

    g_assert_cmphex(fix_config_read(f, PCI_VENDOR_ID, 4), ==, 0xa12319e5);
    g_assert_cmphex(fix_config_read(f, PCI_CLASS_REVISION, 4) >> 8, ==,
                    0x0c0b00);
    g_assert_cmphex(fix_find_ext_cap(f, 0x23, 8), ==, 0x100);
    /* The capability array says what kind of mailbox this is */
    g_assert_cmpint(extract64(fix_read(f, f->bar[0], 8), 24, 4), ==, 2);
    fix_stop(f);
}

static void test_identify_switch(void)
{
    CxlFixture *f = start();
    CxlSwitchIdentity *id;
    CxlReply r;

    fix_command_ok(f, 0x5100, NULL, 0, &r);
    g_assert_cmpint(r.len, ==, sizeof(*id));
    id = (CxlSwitchIdentity *)r.data;
    g_assert_cmpint(id->ports, ==, 3);
    g_assert_cmpint(id->vcs, ==, 1);
    g_assert_cmphex(id->active_ports[0], ==, 7);
    g_assert_cmpint(lduw_le_p(&id->vppbs), ==, 3);
    g_assert_cmpint(id->decoders, ==, 4);
    fix_stop(f);
}

/* A port of each number there is: none is left for the upstream port. */
static void test_all_numbers(void)
{
    g_autoptr(GString) devices = g_string_new(
        "-device cxl-upstream,bus=rp0,addr=0.0,multifunction=on,id=us0 "
        "-device cxl-switch-mailbox-cci,bus=rp0,addr=0.1,target=us0");
    CxlFixture *f;
    CxlReply r;

    for (unsigned n = 0; n < 256; n++) {
        g_string_append_printf(devices, " -device cxl-downstream,bus=us0,"
                               "port=%u,addr=%x.%u,multifunction=on,chassis=1,"
                               "slot=%u", n, n / 8, n % 8, n);
    }
    f = fix_start_function(devices->str, CCI_DEVFN);
    fix_command_ok(f, 0x5100, NULL, 0, &r);
    g_assert_cmphex(((CxlSwitchIdentity *)r.data)->active_ports[0], ==, 0xff);
    fix_stop(f);
}

static void test_port_state(void)
{
    CxlFixture *f = start();
    uint8_t ports[] = { 2, 0, 1 };
    CxlPortInfo *info;
    CxlReply r;

    fix_command_ok(f, 0x5101, ports, sizeof(ports), &r);
    g_assert_cmpint(r.len, ==, 4 + 2 * sizeof(*info));
    info = (CxlPortInfo *)(r.data + 4);
    g_assert_cmpint(info[0].port, ==, 0);
    g_assert_cmpint(info[0].config_state, ==, CXL_PORT_DSP);
    g_assert_cmpint(info[0].device_type, ==, CXL_PORT_DEV_SLD);
    g_assert_cmpint(info[0].ltssm, ==, CXL_PORT_LTSSM_L0);
    g_assert_cmpint(info[0].mode, ==, CXL_PORT_MODE_68B);
    g_assert_cmpint(info[0].modes & CXL_PORT_CAN_68B, !=, 0);
    g_assert_cmpint(info[1].mode, ==, CXL_PORT_MODE_NONE);
    g_assert_cmpint(info[1].device_type, ==, CXL_PORT_DEV_NONE);
    g_assert_cmpint(info[1].ltssm, ==, CXL_PORT_LTSSM_DETECT);

    ports[1] = 77;
    g_assert_cmphex(fix_command_rc(f, 0x5101, ports, sizeof(ports)), ==,
                    RC_INPUT);
    /* More ports than were sent */
    ports[0] = 200;
    g_assert_cmphex(fix_command_rc(f, 0x5101, ports, sizeof(ports)), ==,
                    RC_LENGTH);
    fix_stop(f);
}

/* Tunnel @opcode to the device at @port; the answer without its wrapping. */
static uint16_t tunnel(CxlFixture *f, uint8_t port, uint16_t opcode,
                       const void *in, uint32_t len, CxlReply *r)
{
    g_autofree uint8_t *req = g_malloc0(4 + MESSAGE + len);
    CxlMessageHeader *msg = (CxlMessageHeader *)(req + 4);

    req[0] = port;
    stw_le_p(req + 2, MESSAGE + len);
    msg->tag = 0x77;
    msg->command = opcode;
    msg->command_set = opcode >> 8;
    msg->length[0] = len;
    msg->length[1] = len >> 8;
    if (len) {
        memcpy(msg + 1, in, len);
    }
    fix_command(f, 0x5300, req, 4 + MESSAGE + len, r);
    if (r->rc) {
        return r->rc;
    }
    msg = (CxlMessageHeader *)(r->data + 4);
    g_assert_cmpint(lduw_le_p(r->data), ==, r->len - 4);
    g_assert_cmpint(msg->category, ==, CXL_MESSAGE_RESPONSE);
    g_assert_cmpint(msg->tag, ==, 0x77);
    g_assert_cmpint(msg->command, ==, opcode & 0xff);
    return lduw_le_p(&msg->rc);
}

static void test_tunnel(void)
{
    CxlFixture *f = start();
    CxlReply r;

    g_assert_cmphex(tunnel(f, 0, 0x0001, NULL, 0, &r), ==, RC_OK);
    g_assert_cmpint(r.len, ==, 4 + MESSAGE + 0x12);
    g_assert_cmphex(lduw_le_p(r.data + 4 + MESSAGE), ==, 0x8086);
    g_assert_cmphex(lduw_le_p(r.data + 4 + MESSAGE + 2), ==, 0x0d93);
    g_assert_cmphex(tunnel(f, 0, 0xffff, NULL, 0, &r), ==, RC_UNSUPPORTED);
    /* Nobody there, and no such port */
    g_assert_cmphex(tunnel(f, 1, 0x0001, NULL, 0, &r), !=, RC_OK);
    g_assert_cmphex(tunnel(f, 9, 0x0001, NULL, 0, &r), !=, RC_OK);
    fix_stop(f);
}

/* A fabric manager offers capacity; the monitor sees the offer. */
static void test_add_capacity(void)
{
    CxlFixture *f = start();
    uint8_t in[0x20 + 0x28] = { };
    QDict *rsp;
    CxlReply r;

    in[2] = 2;                                  /* prescriptive */
    stq_le_p(in + 4, 4 * FIX_MIB);              /* length */
    stl_le_p(in + 0x1c, 1);
    stq_le_p(in + 0x20, FIX_UNIT);
    stq_le_p(in + 0x28, 4 * FIX_MIB);
    g_assert_cmphex(tunnel(f, 0, 0x5604, in, sizeof(in), &r), ==, RC_OK);
    rsp = qtest_qmp(f->qts, "{'execute': 'query-cxl-extents', 'arguments': {"
                    " 'path': '/machine/peripheral/cxl0' }}");
    g_assert_cmpint(qlist_size(qdict_get_qlist(qdict_get_qdict(rsp, "return"),
                                               "extents")), ==, 1);
    qobject_unref(rsp);
    /* A count that was not sent */
    stl_le_p(in + 0x1c, 1000);
    g_assert_cmphex(tunnel(f, 0, 0x5604, in, sizeof(in), &r), !=, RC_OK);
    fix_stop(f);
}

static unsigned ltssm(CxlFixture *f, uint8_t port)
{
    uint8_t ports[] = { 1, port };
    CxlReply r;

    fix_command_ok(f, 0x5101, ports, sizeof(ports), &r);
    return ((CxlPortInfo *)(r.data + 4))->ltssm;
}

/* The registers of the port itself, and nobody else's. */
static void test_port_config(void)
{
    CxlFixture *f = start();
    uint8_t in[8] = { 0, PCI_SECONDARY_BUS & ~3, 0x20, 0x80, 0, 7, 0, 0 };
    CxlReply r;

    fix_command_ok(f, 0x5103, in, sizeof(in), &r);
    in[2] = 0;
    in[3] = 0;
    fix_command_ok(f, 0x5103, in, sizeof(in), &r);
    g_assert_cmpint(r.len, ==, 4);
    g_assert_cmphex(ldl_le_p(r.data), ==, 0x0700);
    /* The upstream port has a bridge's header too. */
    in[0] = 0;
    in[1] = PCI_CLASS_REVISION;
    fix_command_ok(f, 0x5103, in, sizeof(in), &r);
    g_assert_cmphex(ldl_le_p(r.data) >> 16, ==, 0x0604);
    /* As far as configuration space goes */
    in[1] = 0xff;
    in[2] = 0xff;
    in[3] = 0xff;
    fix_command_ok(f, 0x5103, in, sizeof(in), &r);
    in[0] = 77;
    g_assert_cmphex(fix_command_rc(f, 0x5103, in, sizeof(in)), ==, RC_INPUT);
    fix_stop(f);
}

static uint32_t port_register(CxlFixture *f, uint8_t port, uint8_t reg)
{
    uint8_t in[8] = { port, reg & ~3 };
    CxlReply r;

    fix_command_ok(f, 0x5103, in, sizeof(in), &r);
    return ldl_le_p(r.data) >> 8 * (reg & 3);
}

/* Slot control of port 0: by 5103h it is powered off. */
static void put_power_off(CxlFixture *f, uint8_t in[8])
{
    uint8_t cap = port_register(f, 0, PCI_CAPABILITY_LIST);

    while ((port_register(f, 0, cap) & 0xff) != PCI_CAP_ID_EXP) {
        cap = port_register(f, 0, cap + 1);
    }
    in[1] = cap + PCI_EXP_SLTCTL;
    in[2] = 0x30;
    in[3] = 0x80;
    stl_le_p(in + 4, PCI_EXP_SLTCTL_PWR_IND_OFF | PCI_EXP_SLTCTL_PWR_OFF);
}

/* The slot control register acts on a write of both of its bytes. */
static void test_port_config_slot_power(void)
{
    CxlFixture *f = start();
    uint8_t ports[] = { 1, 0 };
    uint8_t in[8] = { 0 };
    CxlReply r;

    put_power_off(f, in);
    fix_command_ok(f, 0x5103, in, sizeof(in), &r);
    fix_command_ok(f, 0x5101, ports, sizeof(ports), &r);
    g_assert_cmpint(((CxlPortInfo *)(r.data + 4))->device_type, ==,
                    CXL_PORT_DEV_NONE);
    fix_stop(f);
}

/*
 * The message of the device below is aimed at the doorbell of the switch, where
 * a command waits that resets, or removes, the sender.
 */
static void test_by_message(void)
{
    for (unsigned removes = 0; removes < 2; removes++) {
        CxlFixture *f = start(), *below = fix_below_switch(f);
        uint8_t in[8] = { 0, CXL_PORT_RESET };
        uint16_t opcode = removes ? 0x5103 : 0x5102, len = removes ? 8 : 2;
        CxlReply r;
        int tries = 120000;

        if (removes) {
            put_power_off(f, in);
        }
        qtest_memwrite(f->qts, f->mailbox + 0x20, in, len);
        fix_write(f, f->mailbox + 8, 8, opcode | (uint64_t)len << 16);
        fix_aim_vectors(below, f->mailbox + 4, 0, 1);
        /* Identify, with an interrupt when it is done */
        fix_write(below, below->mailbox + 8, 8, 0x4000);
        fix_write(below, below->mailbox + 4, 4, 3);
        while (fix_config_read(below, PCI_COMMAND, 2) ==
               (PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER) && --tries) {
            g_usleep(1000);
        }
        g_assert_cmpint(tries, >, 0);
        g_assert_cmphex(fix_config_read(below, PCI_COMMAND, 2), ==,
                        removes ? 0xffff : 0);
        g_assert_cmphex(fix_read(f, f->mailbox + 0x10, 8) >> 32, ==, RC_OK);
        fix_command_ok(f, 0x5100, NULL, 0, &r);
        g_assert_cmpint(ltssm(f, 0) == CXL_PORT_LTSSM_L0, ==, !removes);
        g_free(below);
        fix_stop(f);
    }
}

/*
 * The switch is in another slot, and taken out of it.  It stays an object as
 * long as the mailbox has it as its target.
 */
static void test_unplugged(void)
{
    CxlFixture *f = fix_start(
        "-device cxl-rp,id=rp1,bus=cxl.0,addr=1.0,chassis=0,slot=1,port=1 "
        "-device cxl-upstream,bus=rp1,id=us0 "
        "-device cxl-switch-mailbox-cci,bus=rp0,target=us0");
    uint64_t control = fix_root_exp(f) + PCI_EXP_SLTCTL + (1 << 15);
    uint8_t in[8] = { 0, 0, 0, 0 };
    uint8_t port[2] = { 1, 0 };
    CxlReply r;

    fix_command_ok(f, 0x5103, in, sizeof(in), &r);
    qtest_qmp_assert_success(f->qts, "{'execute': 'device_del',"
                             " 'arguments': {'id': 'us0'}}");
    fix_write(f, control, 2,
              PCI_EXP_SLTCTL_PWR_IND_OFF | PCI_EXP_SLTCTL_PWR_OFF);
    g_assert_cmphex(fix_command_rc(f, 0x5103, in, sizeof(in)), ==, RC_INPUT);
    g_assert_cmphex(fix_command_rc(f, 0x5101, port, sizeof(port)), ==,
                    RC_INPUT);
    fix_command(f, 0x5100, NULL, 0, &r);
    fix_stop(f);
}

/* Held in reset, the device does not answer its manager. */
static void test_port_control(void)
{
    CxlFixture *f = start();
    uint8_t in[2] = { 0, CXL_PORT_ASSERT_PERST };
    CxlReply r;

    g_assert_cmphex(fix_command_rc(f, 0x5102, in, 2), ==, RC_OK);
    g_assert_cmpint(ltssm(f, 0), ==, CXL_PORT_LTSSM_HOT_RESET);
    g_assert_cmphex(tunnel(f, 0, 0x0001, NULL, 0, &r), !=, RC_OK);
    in[1] = CXL_PORT_DEASSERT_PERST;
    g_assert_cmphex(fix_command_rc(f, 0x5102, in, 2), ==, RC_OK);
    g_assert_cmpint(ltssm(f, 0), ==, CXL_PORT_LTSSM_L0);
    g_assert_cmphex(tunnel(f, 0, 0x0001, NULL, 0, &r), ==, RC_OK);
    in[1] = CXL_PORT_RESET;
    g_assert_cmphex(fix_command_rc(f, 0x5102, in, 2), ==, RC_OK);
    in[0] = 1;                                  /* nothing plugged in */
    g_assert_cmphex(fix_command_rc(f, 0x5102, in, 2), ==, RC_OK);
    in[0] = 9;
    g_assert_cmphex(fix_command_rc(f, 0x5102, in, 2), ==, RC_INPUT);
    fix_stop(f);
}

static void test_interrupt(void)
{
    CxlFixture *f = start();

    fix_write(f, f->mailbox + 4, 4, 2);
    g_assert_cmphex(fix_command_rc(f, 0x5100, NULL, 0), ==, RC_OK);
    g_assert_true(fix_irq_taken(f, 3));
    fix_stop(f);
}

static void test_no_target(void)
{
    QTestState *qts = qtest_init(fix_machine);
    QDict *rsp = qtest_qmp(qts, "{'execute': 'device_add', 'arguments': {"
                           " 'driver': 'cxl-switch-mailbox-cci',"
                           " 'bus': 'rp0' }}");

    expect_refused(rsp, "'target' must be set");
    qtest_quit(qts);
}

/* The slots of a switch have one handler: another would never hear of them. */
static void test_second(void)
{
    QTestState *qts = qtest_initf("%s "
        "-device cxl-upstream,bus=rp0,addr=0.0,multifunction=on,id=us0 "
        "-device cxl-switch-mailbox-cci,bus=rp0,addr=0.1,target=us0,id=sw0 "
        "-device cxl-downstream,port=3,bus=us0,id=ds0,chassis=0,slot=4",
        fix_machine);
    QDict *rsp = qtest_qmp(qts, "{'execute': 'device_add', 'arguments': {"
                           " 'driver': 'cxl-switch-mailbox-cci',"
                           " 'bus': 'ds0', 'target': 'us0' }}");
    const char *why = qdict_get_str(qdict_get_qdict(rsp, "error"), "desc");

    g_assert_nonnull(strstr(why, "'target'"));
    g_assert_nonnull(strstr(why, "us0"));
    g_assert_nonnull(strstr(why, "sw0"));
    qobject_unref(rsp);
    qtest_quit(qts);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/switch-cci/identity", test_identity);
    g_test_add_func("/cxl/switch-cci/identify", test_identify_switch);
    g_test_add_func("/cxl/switch-cci/all-numbers", test_all_numbers);
    g_test_add_func("/cxl/switch-cci/port-state", test_port_state);
    g_test_add_func("/cxl/switch-cci/tunnel", test_tunnel);
    g_test_add_func("/cxl/switch-cci/add-capacity", test_add_capacity);
    g_test_add_func("/cxl/switch-cci/port-config", test_port_config);
    g_test_add_func("/cxl/switch-cci/port-config-slot-power",
                    test_port_config_slot_power);
    g_test_add_func("/cxl/switch-cci/by-message", test_by_message);
    g_test_add_func("/cxl/switch-cci/unplugged", test_unplugged);
    g_test_add_func("/cxl/switch-cci/port-control", test_port_control);
    g_test_add_func("/cxl/switch-cci/interrupt", test_interrupt);
    g_test_add_func("/cxl/switch-cci/no-target", test_no_target);
    g_test_add_func("/cxl/switch-cci/second", test_second);
    return g_test_run();
}
