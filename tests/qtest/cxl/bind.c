/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bind and unbind by the mailbox of a switch: what the host sees of it in the
 * registers of the port and in configuration space, each way to let go, and
 * that a device which nobody sees is still there.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "hw/pci/pci_regs.h"
#include "hw/cxl/wire/events.h"
#include "hw/cxl/wire/fm.h"
#include "qapi/error.h"
#include "qobject/qdict.h"
#include "qobject/qjson.h"
#include "tests/qtest/cap.h"
#include "tests/qtest/cxl/fixture.h"
#include "tests/qtest/refused.h"

enum { RC_OK = 0, RC_BACKGROUND = 1, RC_INPUT = 2, RC_RETRY = 5,
       RC_BUSY = 6, RC_ABORTED = 0x12 };

#define CCI_DEVFN       1
#define MESSAGE         sizeof(CxlMessageHeader)
#define WHOLE           0xffff

/* A device that nobody sees yet, and an empty port */
#define SWITCH \
    "-device cxl-upstream,bus=rp0,addr=0.0,multifunction=on,id=us0 " \
    "-device cxl-switch-mailbox-cci,bus=rp0,addr=0.1,target=us0 " \
    "-device cxl-downstream,port=3,bus=us0,id=ds0,chassis=0,slot=4 " \
    "-device cxl-downstream,port=5,bus=us0,id=ds1,chassis=0,slot=5 " \
    "-object memory-backend-ram,id=vmem,size=256M " \
    "-device cxl-type3,bus=ds0,id=cxl0,volatile-memdev=vmem,bound=off"

static CxlFixture *start(void)
{
    return fix_start_function(SWITCH, CCI_DEVFN);
}

static uint16_t bind_to(CxlFixture *f, uint8_t vppb, uint8_t port, uint16_t ld)
{
    CxlBindIn in = { .vppb = vppb, .port = port };

    stw_le_p(&in.ld, ld);
    return fix_command_rc(f, 0x5201, &in, sizeof(in));
}

static uint16_t let_go(CxlFixture *f, uint8_t vppb, uint8_t option)
{
    CxlUnbindIn in = { .vppb = vppb, .option = option };

    return fix_command_rc(f, 0x5202, &in, sizeof(in));
}

static bool running(CxlFixture *f, uint16_t *rc)
{
    CxlReply r;

    fix_command_ok(f, 0x0002, NULL, 0, &r);
    *rc = lduw_le_p(r.data + 4);
    return r.data[0] & 1;
}

/* The operation's result; a bottom half carries it out. */
static uint16_t result(CxlFixture *f)
{
    uint16_t rc = 0xffff;

    for (unsigned i = 0; i < 120000 && running(f, &rc); i++) {
        g_usleep(1000);
    }
    return rc;
}

static CxlVppbInfo vppb_info(CxlFixture *f, uint8_t vppb)
{
    uint8_t in[] = { vppb, 1, 1, 0 };
    CxlReply r;

    fix_command_ok(f, 0x5200, in, sizeof(in), &r);
    return *(CxlVppbInfo *)(r.data + 8);
}

static uint32_t port_register(CxlFixture *f, uint8_t port, uint16_t reg)
{
    uint8_t in[8] = { port, reg & 0xfc, reg >> 8 };
    CxlReply r;

    fix_command_ok(f, 0x5103, in, sizeof(in), &r);
    return ldl_le_p(r.data) >> 8 * (reg & 3);
}

static uint8_t express(CxlFixture *f, uint8_t port)
{
    uint8_t cap = port_register(f, port, PCI_CAPABILITY_LIST);

    while ((port_register(f, port, cap) & 0xff) != PCI_CAP_ID_EXP) {
        cap = port_register(f, port, cap + 1);
    }
    return cap;
}

static uint16_t slot_status(CxlFixture *f, uint8_t port)
{
    return port_register(f, port, express(f, port) + PCI_EXP_SLTSTA);
}

static void slot_control(CxlFixture *f, uint8_t port, uint16_t value)
{
    uint8_t in[8] = { port, express(f, port) + PCI_EXP_SLTCTL, 0x30, 0x80 };

    stl_le_p(in + 4, value);
    g_assert_cmphex(fix_command_rc(f, 0x5103, in, sizeof(in)), ==, RC_OK);
}

/* What the slot's driver does when it has let go */
static void host_lets_go(CxlFixture *f)
{
    slot_control(f, 3, PCI_EXP_SLTCTL_PWR_IND_OFF | PCI_EXP_SLTCTL_PWR_OFF);
}

/* And before it takes something */
static void host_takes(CxlFixture *f)
{
    slot_control(f, 3, PCI_EXP_SLTCTL_PWR_IND_ON);
}

/* Does the manager reach the device behind the port? */
static bool answers(CxlFixture *f, uint8_t port)
{
    uint8_t in[4 + MESSAGE] = { port, 0, MESSAGE };
    CxlReply r;

    in[4 + offsetof(CxlMessageHeader, command)] = 1;
    fix_command(f, 0x5300, in, sizeof(in), &r);
    return r.rc == RC_OK && lduw_le_p(r.data + 4 + MESSAGE + 2) == 0x0d93;
}

static bool there(CxlFixture *f)
{
    QDict *rsp = qtest_qmp(f->qts, "{'execute': 'qom-get', 'arguments': {"
                           "'path': '/machine/peripheral/cxl0',"
                           "'property': 'realized'}}");
    bool yes = qdict_haskey(rsp, "return") && qdict_get_bool(rsp, "return");

    qobject_unref(rsp);
    return yes;
}

/* In every state: not bound, and yet there */
static void assert_unbound(CxlFixture *f)
{
    g_assert_cmpuint(vppb_info(f, 1).status, ==, CXL_VPPB_UNBOUND);
    g_assert_cmphex(slot_status(f, 3) & PCI_EXP_SLTSTA_PDS, ==, 0);
    g_assert_true(answers(f, 3));
    g_assert_true(there(f));
}

static void assert_bound(CxlFixture *f)
{
    CxlVppbInfo info = vppb_info(f, 1);

    g_assert_cmpuint(info.status, ==, CXL_VPPB_PORT);
    g_assert_cmpuint(info.port, ==, 3);
    g_assert_cmpuint(info.ld, ==, CXL_VPPB_NO_LD);
    g_assert_cmphex(slot_status(f, 3) & PCI_EXP_SLTSTA_PDS, !=, 0);
    g_assert_true(answers(f, 3));
}

static void bind_it(CxlFixture *f)
{
    host_takes(f);
    g_assert_cmphex(bind_to(f, 1, 3, WHOLE), ==, RC_BACKGROUND);
    g_assert_cmphex(result(f), ==, RC_OK);
    assert_bound(f);
    g_assert_cmphex(slot_status(f, 3) & PCI_EXP_SLTSTA_PDC, !=, 0);
}

static void test_round(void)
{
    CxlFixture *f = start();
    uint16_t rc;

    /* By its power a driver lets go of what is in a slot. */
    g_assert_cmphex(port_register(f, 3, express(f, 3) + PCI_EXP_SLTCAP) &
                    PCI_EXP_SLTCAP_PCP, !=, 0);
    assert_unbound(f);
    bind_it(f);
    /* Surprise: at once */
    g_assert_cmphex(let_go(f, 1, CXL_UNBIND_SURPRISE), ==, RC_BACKGROUND);
    g_assert_cmphex(result(f), ==, RC_OK);
    g_assert_cmphex(slot_status(f, 3) & PCI_EXP_SLTSTA_DLLSC, !=, 0);
    assert_unbound(f);
    bind_it(f);
    /* Managed: the host is asked, and lets go when it can. */
    g_assert_cmphex(let_go(f, 1, CXL_UNBIND_MANAGED), ==, RC_BACKGROUND);
    g_assert_cmpuint(vppb_info(f, 1).status, ==, CXL_VPPB_IN_PROGRESS);
    g_assert_true(running(f, &rc));
    g_assert_cmphex(slot_status(f, 3) & PCI_EXP_SLTSTA_ABP, !=, 0);
    g_assert_cmphex(bind_to(f, 2, 5, WHOLE), ==, RC_BUSY);
    host_lets_go(f);
    g_assert_cmphex(result(f), ==, RC_OK);
    assert_unbound(f);
    bind_it(f);
    /* Wait: nobody asks. */
    g_assert_cmphex(let_go(f, 1, CXL_UNBIND_WAIT), ==, RC_BACKGROUND);
    g_assert_true(running(f, &rc));
    host_lets_go(f);
    g_assert_cmphex(result(f), ==, RC_OK);
    assert_unbound(f);
    fix_stop(f);
}

/* Pages that the emulator has in memory */
static uint64_t resident(CxlFixture *f)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/statm",
                                            (int)qtest_pid(f->qts));
    g_autofree char *text = NULL;
    uint64_t size, pages = 0;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpint(sscanf(text, "%" SCNu64 " %" SCNu64, &size, &pages), ==,
                    2);
    return pages;
}

/* Again and again: nothing piles up.  Long tests do it a thousand times. */
static void test_many(void)
{
    unsigned times = g_getenv("MEMFAB_LONG_TESTS") ? 1000 : 30, warm = 10;
    CxlFixture *f = start();
    uint64_t before = 0;

    host_takes(f);
    for (unsigned i = 0; i < times; i++) {
        if (i == warm) {
            before = resident(f);
        }
        g_assert_cmphex(bind_to(f, 1, 3, WHOLE), ==, RC_BACKGROUND);
        g_assert_cmphex(result(f), ==, RC_OK);
        g_assert_cmphex(let_go(f, 1, CXL_UNBIND_SURPRISE), ==,
                        RC_BACKGROUND);
        g_assert_cmphex(result(f), ==, RC_OK);
    }
    assert_unbound(f);
    g_test_message("%" PRIu64 " pages before, %" PRIu64 " after %u times",
                   before, resident(f), times);
    /* 2 MiB: more than comes and goes, less than 3 KiB for each pair */
    g_assert_cmpuint(resident(f), <, before + 512);
    fix_stop(f);
}

/* The host does not let go: it keeps the device, and may unplug it as ever. */
static void test_kept(void)
{
    CxlFixture *f = start();
    uint16_t rc;

    bind_it(f);
    g_assert_cmphex(let_go(f, 1, CXL_UNBIND_MANAGED), ==, RC_BACKGROUND);
    g_assert_cmphex(fix_command_rc(f, 0x0005, NULL, 0), ==, RC_OK);
    g_assert_false(running(f, &rc));
    g_assert_cmphex(rc, ==, RC_ABORTED);
    assert_bound(f);
    g_assert_cmphex(let_go(f, 1, CXL_UNBIND_WAIT), ==, RC_BACKGROUND);
    g_assert_true(running(f, &rc));
    qtest_clock_step(f->qts, 61000000000ll);
    g_assert_cmphex(result(f), ==, RC_RETRY);
    assert_bound(f);
    host_lets_go(f);
    g_assert_cmpuint(vppb_info(f, 1).status, ==, CXL_VPPB_UNBOUND);
    g_assert_false(there(f));
    g_assert_false(answers(f, 3));
    fix_stop(f);
}

static void test_refusals(void)
{
    CxlFixture *f = start();

    /* Another bridge than the one above it, nothing, an upstream port */
    g_assert_cmphex(bind_to(f, 2, 3, WHOLE), ==, RC_INPUT);
    g_assert_cmphex(bind_to(f, 2, 5, WHOLE), ==, RC_INPUT);
    g_assert_cmphex(bind_to(f, 0, 3, WHOLE), ==, RC_INPUT);
    g_assert_cmphex(bind_to(f, 1, 3, 0), ==, RC_INPUT);
    g_assert_cmphex(bind_to(f, 1, 0, WHOLE), ==, RC_INPUT);
    g_assert_cmphex(let_go(f, 1, CXL_UNBIND_SURPRISE), ==, RC_INPUT);
    bind_it(f);
    g_assert_cmphex(bind_to(f, 1, 3, WHOLE), ==, RC_INPUT);
    fix_stop(f);
}

/* --- bind and unbind that are disturbed on their way ---------------------- */

static CxlFixture *function_reset(CxlFixture *f)
{
    uint8_t cap = find_cap(f->qts, f->ecam, PCI_CAP_ID_EXP);

    if (cap && fix_config_read(f, cap + PCI_EXP_DEVCAP, 4) &
               PCI_EXP_DEVCAP_FLR) {
        fix_config_write(f, cap + PCI_EXP_DEVCTL, 2, PCI_EXP_DEVCTL_BCR_FLR);
        fix_enumerate(f);
    }
    return f;
}

static CxlFixture *time_passes(CxlFixture *f)
{
    qtest_clock_step(f->qts, 1000000000);
    return f;
}

static CxlFixture *(*const disturb[])(CxlFixture *f) = {
    fix_after_stop, time_passes, function_reset, fix_after_bus_reset,
    fix_after_machine_reset,
};

/* Whichever it is, all agree about it, and it can be had the other way. */
static void settles(CxlFixture *f)
{
    uint16_t rc;

    if (running(f, &rc) && vppb_info(f, 1).status == CXL_VPPB_IN_PROGRESS) {
        host_lets_go(f);
    }
    g_assert_cmphex(result(f), !=, 0xffff);
    if (vppb_info(f, 1).status == CXL_VPPB_PORT) {
        assert_bound(f);
        g_assert_cmphex(let_go(f, 1, CXL_UNBIND_SURPRISE), ==, RC_BACKGROUND);
        g_assert_cmphex(result(f), ==, RC_OK);
    }
    assert_unbound(f);
}

/* @later: the bottom half that begins it has run. */
static void disturbed(CxlFixture *f, int option, unsigned how, bool later)
{
    uint16_t rc;

    g_test_message("option %d, disturbed by %u %d", option, how, later);
    if (option < 0) {
        host_takes(f);
        g_assert_cmphex(bind_to(f, 1, 3, WHOLE), ==, RC_BACKGROUND);
    } else {
        bind_it(f);
        g_assert_cmphex(let_go(f, 1, option), ==, RC_BACKGROUND);
    }
    if (later) {
        running(f, &rc);
        qtest_qmp_assert_success(f->qts, "{'execute': 'query-status'}");
    }
    disturb[how](f);
    settles(f);
}

static void test_moments(void)
{
    static const int options[] = {
        -1, CXL_UNBIND_WAIT, CXL_UNBIND_MANAGED, CXL_UNBIND_SURPRISE,
    };
    CxlFixture *f = start();

    for (unsigned o = 0; o < G_N_ELEMENTS(options); o++) {
        for (unsigned how = 0; how < G_N_ELEMENTS(disturb); how++) {
            disturbed(f, options[o], how, false);
            disturbed(f, options[o], how, true);
        }
    }
    bind_it(f);
    fix_stop(f);
}

/* The monitor removes what the host does not see without asking it. */
static void test_device_del(void)
{
    CxlFixture *f = start();

    qtest_qmp_assert_success(f->qts, "{'execute': 'device_del',"
                             " 'arguments': {'id': 'cxl0'}}");
    qtest_qmp_eventwait(f->qts, "DEVICE_DELETED");
    g_assert_false(there(f));
    g_assert_false(answers(f, 3));
    qtest_qmp_assert_success(f->qts, "{'execute': 'device_add',"
                             " 'arguments': {'driver': 'cxl-type3',"
                             " 'id': 'cxl0', 'bus': 'ds0', 'bound': false,"
                             " 'volatile-memdev': 'vmem'}}");
    assert_unbound(f);
    bind_it(f);
    fix_stop(f);
}

/* Records of what happened to bindings, oldest first */
static void test_events(void)
{
    CxlFixture *f = start();
    CxlEvVcs *rec;
    CxlReply r;
    unsigned n;

    fix_take_records(f, CXL_EVLOG_INFO, &r);
    bind_it(f);
    n = fix_take_records(f, CXL_EVLOG_INFO, &r);
    g_assert_cmpuint(n, ==, 1);
    rec = (CxlEvVcs *)(r.data + 0x20);
    g_assert_cmpuint(rec->vppb, ==, 1);
    g_assert_cmpuint(rec->status, ==, CXL_VPPB_PORT);
    g_assert_cmphex(let_go(f, 1, CXL_UNBIND_WAIT), ==, RC_BACKGROUND);
    g_assert_cmphex(fix_command_rc(f, 0x0005, NULL, 0), ==, RC_OK);
    g_assert_cmpuint(fix_take_records(f, CXL_EVLOG_INFO, &r), ==, 0);
    g_assert_cmpuint(fix_take_records(f, CXL_EVLOG_WARNING, &r), ==, 1);
    rec = (CxlEvVcs *)(r.data + 0x20);
    g_assert_cmpuint(rec->status, ==, CXL_VPPB_PORT);
    fix_stop(f);
}

/* While the machine stands, nothing happens; then it goes on. */
static void test_stopped(void)
{
    CxlFixture *f = start();
    uint16_t rc;

    host_takes(f);
    qtest_qmp_assert_success(f->qts, "{'execute': 'stop'}");
    g_assert_cmphex(bind_to(f, 1, 3, WHOLE), ==, RC_BACKGROUND);
    for (unsigned i = 0; i < 20; i++) {
        g_assert_true(running(f, &rc));
    }
    g_assert_cmphex(slot_status(f, 3) & PCI_EXP_SLTSTA_PDS, ==, 0);
    qtest_qmp_assert_success(f->qts, "{'execute': 'cont'}");
    g_assert_cmphex(result(f), ==, RC_OK);
    assert_bound(f);
    fix_stop(f);
}

/* Multiple header recording */
#define ERR_CAP_MHRE 0x400

static uint16_t find_aer(CxlFixture *f)
{
    uint16_t aer = 0x100;

    while ((port_register(f, 3, aer) & 0xffff) != PCI_EXT_CAP_ID_ERR) {
        aer = port_register(f, 3, aer) >> 20;
    }
    return aer;
}

static void port_write(CxlFixture *f, uint8_t port, uint16_t reg,
                       uint32_t value)
{
    uint8_t in[8] = { port, reg & 0xfc, 0xf0 | reg >> 8, 0x80 };

    stl_le_p(in + 4, value);
    g_assert_cmphex(fix_command_rc(f, 0x5103, in, sizeof(in)), ==, RC_OK);
}

/* The register is not 0 soon. */
static uint32_t soon(CxlFixture *f, uint16_t reg)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < 1000 && !value; i++) {
        value = port_register(f, 3, reg);
    }
    return value;
}

/* An error at a port of the host, as its mask lets it through */
static void test_aer(void)
{
    CxlFixture *f = start();
    CxlAerIn in = { .vppb = 1, .error = cpu_to_le32(12) };
    uint16_t aer = find_aer(f);

    g_assert_cmphex(fix_command_rc(f, 0x5203, &in, sizeof(in)), ==, RC_OK);
    g_assert_cmphex(soon(f, aer + PCI_ERR_COR_STATUS), ==, 1 << 12);
    in.error = cpu_to_le32(31);
    g_assert_cmphex(fix_command_rc(f, 0x5203, &in, sizeof(in)), ==, RC_INPUT);
    fix_stop(f);
}

/* Of several the first that was asked for is the host's first error. */
static void test_aer_order(void)
{
    static const unsigned bits[] = { 14, 12, 18 };
    CxlFixture *f = start();
    CxlAerIn in = { .vppb = 1 };
    uint16_t aer = find_aer(f);
    uint32_t status = 0, all = 0;

    /* Without it QEMU logs the last one. */
    port_write(f, 3, aer + PCI_ERR_CAP, ERR_CAP_MHRE);
    qtest_qmp_assert_success(f->qts, "{'execute': 'stop'}");
    for (unsigned i = 0; i < ARRAY_SIZE(bits); i++) {
        in.error = cpu_to_le32(CXL_AER_UNCORRECTABLE | bits[i]);
        in.header[3] = bits[i];
        all |= 1 << bits[i];
        g_assert_cmphex(fix_command_rc(f, 0x5203, &in, sizeof(in)), ==, RC_OK);
    }
    g_assert_cmphex(port_register(f, 3, aer + PCI_ERR_UNCOR_STATUS), ==, 0);
    qtest_qmp_assert_success(f->qts, "{'execute': 'cont'}");
    for (unsigned i = 0; i < 1000 && status != all; i++) {
        status = port_register(f, 3, aer + PCI_ERR_UNCOR_STATUS);
    }
    g_assert_cmphex(status, ==, all);
    g_assert_cmpuint(PCI_ERR_CAP_FEP(port_register(f, 3, aer + PCI_ERR_CAP)),
                     ==, 14);
    /* The log has the bytes of the header as the packet had them. */
    g_assert_cmphex(bswap32(port_register(f, 3, aer + PCI_ERR_HEADER_LOG)),
                    ==, 14);
    fix_stop(f);
}

/* Two logical devices of an MLD of four, each below a bridge of its own */
#define MLD \
    "-device cxl-upstream,bus=rp0,addr=0.0,multifunction=on,id=us0 " \
    "-device cxl-switch-mailbox-cci,bus=rp0,addr=0.1,target=us0 " \
    "-device cxl-downstream,port=3,bus=us0,id=ds0,chassis=0,slot=4 " \
    "-device cxl-downstream,port=5,bus=us0,id=ds1,chassis=0,slot=5 " \
    "-object memory-backend-ram,id=vmem,size=256M " \
    "-object memory-backend-ram,id=pmem,size=512M " \
    "-object memory-backend-ram,id=lsa,size=1M " \
    "-device cxl-mld,id=mld0,lds=4,port=9 " \
    "-device cxl-type3,bus=ds0,id=cxl0,volatile-memdev=vmem,bound=off," \
    "mld=mld0,ld=2 " \
    "-device cxl-type3,bus=ds1,id=cxl1,persistent-memdev=pmem,lsa=lsa," \
    "bound=off,mld=mld0,ld=0"

/* A command to the FM-owned logical device behind port 9 */
static uint16_t mld_command(CxlFixture *f, uint16_t opcode, const void *in,
                            uint32_t len, CxlReply *r)
{
    uint8_t req[256] = { 9, 0, MESSAGE + len };
    CxlMessageHeader *msg = (CxlMessageHeader *)(req + 4);

    msg->command = opcode;
    msg->command_set = opcode >> 8;
    msg->length[0] = len;
    memcpy(msg + 1, in, len);
    fix_command_ok(f, 0x5300, req, 4 + MESSAGE + len, r);
    memmove(r->data, r->data + 4, r->len - 4);
    return lduw_le_p(r->data + 8);
}

static void test_mld(void)
{
    CxlFixture *f = fix_start_function(MLD, CCI_DEVFN);
    uint8_t port[] = { 1, 9 }, all[] = { 0, 255 };
    uint8_t identify[4 + MESSAGE] = { 2, 0, MESSAGE };
    const CxlPortInfo *info;
    CxlReply r;

    fix_command_ok(f, 0x5101, port, sizeof(port), &r);
    info = (const CxlPortInfo *)(r.data + 4);
    g_assert_cmpuint(info->device_type, ==, CXL_PORT_DEV_MLD);
    g_assert_cmpuint(info->lds, ==, 4);
    port[1] = 3;
    fix_command_ok(f, 0x5101, port, sizeof(port), &r);
    g_assert_cmpuint(info->device_type, ==, CXL_PORT_DEV_NONE);
    g_assert_cmphex(mld_command(f, 0x5400, all, 0, &r), ==, RC_OK);
    g_assert_cmpuint(ldq_le_p(r.data + MESSAGE), ==, 3 * FIX_UNIT);
    g_assert_cmphex(mld_command(f, 0x5401, all, 2, &r), ==, RC_OK);
    g_assert_cmpuint(r.data[MESSAGE + 3], ==, 4);
    g_assert_cmpuint(ldq_le_p(r.data + MESSAGE + 4 + 8), ==, 2);
    g_assert_cmpuint(ldq_le_p(r.data + MESSAGE + 4 + 2 * 16), ==, 1);
    /* To the logical device, by its number */
    identify[4 + offsetof(CxlMessageHeader, command_set)] = 0x40;
    g_assert_cmphex(mld_command(f, 0x5300, identify, sizeof(identify), &r),
                    ==, RC_OK);
    g_assert_cmpuint(ldq_le_p(r.data + 2 * MESSAGE + 4 + 16), ==, 1);
    /* Each where it is, by port and number */
    g_assert_cmphex(bind_to(f, 1, 9, 0), ==, RC_INPUT);
    g_assert_cmphex(bind_to(f, 1, 9, WHOLE), ==, RC_INPUT);
    g_assert_cmphex(bind_to(f, 1, 3, WHOLE), ==, RC_INPUT);
    g_assert_cmphex(bind_to(f, 1, 9, 4), ==, RC_INPUT);
    g_assert_cmphex(bind_to(f, 1, 9, 2), ==, RC_BACKGROUND);
    g_assert_cmphex(result(f), ==, RC_OK);
    g_assert_cmphex(bind_to(f, 2, 9, 0), ==, RC_BACKGROUND);
    g_assert_cmphex(result(f), ==, RC_OK);
    g_assert_cmpuint(vppb_info(f, 1).status, ==, CXL_VPPB_LD);
    g_assert_cmpuint(vppb_info(f, 1).port, ==, 9);
    g_assert_cmpuint(vppb_info(f, 1).ld, ==, 2);
    g_assert_cmpuint(vppb_info(f, 2).ld, ==, 0);
    g_assert_cmphex(slot_status(f, 3) & PCI_EXP_SLTSTA_PDS, !=, 0);
    g_assert_cmphex(let_go(f, 1, CXL_UNBIND_SURPRISE), ==, RC_BACKGROUND);
    g_assert_cmphex(result(f), ==, RC_OK);
    g_assert_cmpuint(vppb_info(f, 1).status, ==, CXL_VPPB_UNBOUND);
    g_assert_cmpuint(vppb_info(f, 2).status, ==, CXL_VPPB_LD);
    g_assert_cmphex(mld_command(f, 0x5300, identify, sizeof(identify), &r),
                    ==, RC_OK);
    fix_stop(f);
}

static uint32_t ld_config(CxlFixture *f, uint16_t at, bool is_write,
                          uint32_t data)
{
    CxlLdConfigIn in = {
        .port = 9, .reg = at, .ext = 0xf0,
        .type = is_write ? CXL_LD_REQUEST_WRITE : 0, .ld = cpu_to_le16(2),
        .data = cpu_to_le32(data),
    };
    CxlReply r;

    fix_command_ok(f, 0x5301, &in, sizeof(in), &r);
    g_assert_cmpuint(r.len, ==, 4);
    return ldl_le_p(r.data);
}

/* The capabilities array of the device registers, as 5302h reads it */
static uint16_t ld_capabilities(CxlFixture *f, uint64_t base, uint32_t *value)
{
    CxlLdMemoryIn in = {
        .port = 9, .first = 0xf0, .type = 0x0f, .ld = cpu_to_le16(2),
        .length = cpu_to_le16(8), .address = cpu_to_le64(base),
    };
    CxlReply r;

    fix_command(f, 0x5302, &in, sizeof(in), &r);
    *value = r.rc ? 0 : ldl_le_p(r.data + 4);
    return r.rc;
}

/* Registers of a logical device, by who is no host of it */
static void test_ld_registers(void)
{
    const uint64_t base = 0x5500000000;
    CxlFixture *f = fix_start_function(MLD, CCI_DEVFN);
    uint32_t value;

    g_assert_cmphex(ld_config(f, 0, false, 0), ==, 0x0d938086);
    g_assert_cmphex(ld_capabilities(f, base, &value), ==, RC_INPUT);
    ld_config(f, PCI_BASE_ADDRESS_2, true, (uint32_t)base);
    ld_config(f, PCI_BASE_ADDRESS_3, true, base >> 32);
    g_assert_cmphex(ld_capabilities(f, base, &value), ==, RC_OK);
    /* Capability 0, version 1, and how many there are */
    g_assert_cmphex(value & 0xffff, ==, 0);
    g_assert_cmphex(ld_capabilities(f, base + 0x100000, &value), ==,
                    RC_INPUT);
    /* On the bus it stays away until a host has it. */
    ld_config(f, PCI_COMMAND, true, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    g_assert_cmphex(ld_config(f, PCI_COMMAND, false, 0) &
                    (PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER), ==, 0);
    g_assert_cmphex(bind_to(f, 1, 9, 2), ==, RC_BACKGROUND);
    g_assert_cmphex(result(f), ==, RC_OK);
    /* Its host has reset it, and would switch it on. */
    ld_config(f, PCI_BASE_ADDRESS_2, true, (uint32_t)base);
    ld_config(f, PCI_BASE_ADDRESS_3, true, base >> 32);
    g_assert_cmphex(ld_capabilities(f, base, &value), ==, RC_INPUT);
    ld_config(f, PCI_COMMAND, true, PCI_COMMAND_MEMORY);
    g_assert_cmphex(ld_capabilities(f, base, &value), ==, RC_OK);
    fix_stop(f);
}

/* The same number twice, one that is not there; and it does not migrate. */
static void test_mld_refusals(void)
{
    CxlFixture *f = fix_start_function("-device cxl-mld,lds=1 " MLD,
                                       CCI_DEVFN);
    static const char *const ld[] = { "4", "2" };
    QDict *rsp;

    qtest_qmp_assert_success(f->qts, "{'execute': 'device_del',"
                             " 'arguments': {'id': 'cxl1'}}");
    qtest_qmp_eventwait(f->qts, "DEVICE_DELETED");
    for (unsigned i = 0; i < G_N_ELEMENTS(ld); i++) {
        rsp = qtest_qmp(f->qts, "{'execute': 'device_add', 'arguments': {"
                        "'driver': 'cxl-type3', 'bus': 'ds1', 'mld': 'mld0',"
                        "'ld': %s, 'persistent-memdev': 'pmem', 'lsa': 'lsa'"
                        "}}", ld[i]);
        expect_refused(rsp, "'ld'");
    }
    /* One that a person gave no name, the first of all such */
    rsp = qtest_qmp(f->qts, "{'execute': 'device_add', 'arguments': {"
                    "'driver': 'cxl-type3', 'bus': 'ds1', 'ld': 1, 'mld':"
                    " '/machine/peripheral-anon/device[0]',"
                    "'persistent-memdev': 'pmem', 'lsa': 'lsa'}}");
    expect_refused(rsp, "'cxl-mld'");
    rsp = qtest_qmp(f->qts, "{'execute': 'migrate',"
                    " 'arguments': {'uri': 'exec:cat > /dev/null'}}");
    expect_refused(rsp, "mld0");
    fix_stop(f);
}

static void set_mld0(CxlFixture *f, const char *property, const char *value)
{
    qtest_qmp_assert_success(f->qts, "{'execute': 'qom-set', 'arguments': {"
                             "'path': '/machine/peripheral/mld0',"
                             "'property': %s, 'value': %p}}", property,
                             qobject_from_json(value, &error_abort));
}

/*
 * Taken out, its properties can say anything: what it has been given stays, and
 * nothing more comes to it.
 */
static void test_mld_out(void)
{
    CxlFixture *f = fix_start_function(MLD, CCI_DEVFN);
    uint8_t port[] = { 1, 9 }, identify[4 + MESSAGE] = { 2, 0, MESSAGE };
    const CxlPortInfo *info;
    CxlReply r;

    identify[4 + offsetof(CxlMessageHeader, command_set)] = 0x40;
    set_mld0(f, "realized", "false");
    set_mld0(f, "port", "3");
    set_mld0(f, "lds", "0");
    fix_command_ok(f, 0x5101, port, sizeof(port), &r);
    info = (const CxlPortInfo *)(r.data + 4);
    g_assert_cmpuint(info->device_type, ==, CXL_PORT_DEV_MLD);
    g_assert_cmpuint(info->lds, ==, 4);
    g_assert_cmphex(bind_to(f, 2, 9, 0), ==, RC_BACKGROUND);
    g_assert_cmphex(result(f), ==, RC_OK);
    g_assert_cmphex(mld_command(f, 0x5300, identify, sizeof(identify), &r),
                    ==, RC_OK);
    /* Who leaves is not asked any more. */
    qtest_qmp_assert_success(f->qts, "{'execute': 'device_del',"
                             " 'arguments': {'id': 'cxl0'}}");
    qtest_qmp_eventwait(f->qts, "DEVICE_DELETED");
    g_assert_cmphex(mld_command(f, 0x5300, identify, sizeof(identify), &r),
                    ==, RC_INPUT);
    set_mld0(f, "lds", "255");
    expect_refused(qtest_qmp(f->qts, "{'execute': 'device_add', 'arguments': {"
                             "'driver': 'cxl-type3', 'bus': 'ds0', 'ld': 20,"
                             "'mld': 'mld0', 'volatile-memdev': 'vmem'}}"),
                   "'mld'");
    fix_stop(f);
}

/* Where no switch could ever show it, such a device is refused. */
static void test_nowhere(void)
{
    QTestState *qts = qtest_init(fix_machine);
    QDict *rsp = qtest_qmp(qts, "{'execute': 'device_add',"
                           " 'arguments': {'driver': 'cxl-type3',"
                           " 'bus': 'rp0', 'bound': false}}");

    expect_refused(rsp, "'bound'");
    qtest_quit(qts);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/bind/round", test_round);
    g_test_add_func("/cxl/bind/many", test_many);
    g_test_add_func("/cxl/bind/kept", test_kept);
    g_test_add_func("/cxl/bind/moments", test_moments);
    g_test_add_func("/cxl/bind/refusals", test_refusals);
    g_test_add_func("/cxl/bind/device-del", test_device_del);
    g_test_add_func("/cxl/bind/events", test_events);
    g_test_add_func("/cxl/bind/stopped", test_stopped);
    g_test_add_func("/cxl/bind/aer", test_aer);
    g_test_add_func("/cxl/bind/aer-order", test_aer_order);
    g_test_add_func("/cxl/bind/mld", test_mld);
    g_test_add_func("/cxl/bind/ld-registers", test_ld_registers);
    g_test_add_func("/cxl/bind/mld-refusals", test_mld_refusals);
    g_test_add_func("/cxl/bind/mld-out", test_mld_out);
    g_test_add_func("/cxl/bind/nowhere", test_nowhere);
    return g_test_run();
}
