/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The object pci-cdat: functions of QEMU's own models answer with a table, and
 * are otherwise what they were; resets, plugging, saving, and everything that
 * has to be refused.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/common/wire/cdat.h"
#include "hw/common/wire/doe.h"
#include "hw/pci/pci_regs.h"
#include "qobject/qdict.h"
#include "tests/qtest/cap.h"
#include "tests/qtest/cxl/fixture.h"
#include "tests/qtest/cxl/rig.h"
#include "tests/qtest/vfio-user.h"

#define GPU         "bus=rp0,id=gpu0 "
#define NVME        "-device nvme,serial=1,msix_qsize=8," GPU
#define XHCI        "-device qemu-xhci," GPU
#define FIGURES     "memory=4G,initiator=on,read-latency=300," \
                    "write-latency=400,read-bandwidth=80000"
#define OBJECT      "-object pci-cdat,id=c0,device=gpu0," FIGURES " "
#define OBJECT_ADD  "{'execute': 'object-add', 'arguments': {" \
                    " 'qom-type': 'pci-cdat', 'id': 'c0'," \
                    " 'device': %s, 'memory': 4096 }}"

static unsigned mailbox(CxlFixture *f)
{
    return fix_find_ext_cap(f, DOE_EXT_CAP_ID, -1);
}

static uint32_t status(CxlFixture *f, unsigned at)
{
    return fix_config_read(f, at + DOE_REG_STATUS, 4);
}

static void put(CxlFixture *f, unsigned at, uint32_t word)
{
    fix_config_write(f, at + DOE_REG_WRITE, 4, word);
}

static void control(CxlFixture *f, unsigned at, uint32_t bits)
{
    fix_config_write(f, at + DOE_REG_CTRL, 4, bits);
}

static void ask(CxlFixture *f, unsigned at, uint8_t table, uint16_t handle)
{
    put(f, at, DOE_OBJ(DOE_VENDOR_CXL, CDAT_DOE_TYPE));
    put(f, at, 3);
    put(f, at, table << 8 | (uint32_t)handle << 16);
    control(f, at, DOE_CTRL_GO);
}

static uint32_t take(CxlFixture *f, unsigned at)
{
    uint32_t word = fix_config_read(f, at + DOE_REG_READ, 4);

    fix_config_write(f, at + DOE_REG_READ, 4, 0);
    return word;
}

/* An entry is appended to @table; the next handle. */
static uint16_t take_entry(CxlFixture *f, unsigned at, GByteArray *table)
{
    uint32_t len, next;

    g_assert_cmphex(status(f, at), ==, DOE_STATUS_READY);
    g_assert_cmphex(take(f, at), ==, DOE_OBJ(DOE_VENDOR_CXL, CDAT_DOE_TYPE));
    len = take(f, at);
    next = take(f, at) >> 16;
    for (; len > 3; len--) {
        uint32_t word = cpu_to_le32(take(f, at));

        g_byte_array_append(table, (void *)&word, 4);
    }
    g_assert_cmphex(status(f, at), ==, 0);
    return next;
}

static GByteArray *read_table(CxlFixture *f, unsigned at)
{
    GByteArray *table = g_byte_array_new();
    uint16_t handle = 0;
    uint8_t sum = 0;

    while (handle != CDAT_DOE_LAST) {
        ask(f, at, CDAT_DOE_CDAT, handle);
        handle = take_entry(f, at, table);
    }
    g_assert_cmpuint(ldl_le_p(table->data), ==, table->len);
    for (unsigned i = 0; i < table->len; i++) {
        sum += table->data[i];
    }
    g_assert_cmpuint(sum, ==, 0);
    return table;
}

/* Value of the DSLBIS of that kind, 0 if there is none. */
static uint64_t figure(const GByteArray *table, uint8_t data_type)
{
    for (unsigned at = 16; at < table->len;
         at += lduw_le_p(table->data + at + 2)) {
        const uint8_t *e = table->data + at;

        if (e[0] == CDAT_DSLBIS && e[6] == data_type) {
            return ldq_le_p(e + 8) * lduw_le_p(e + 16);
        }
    }
    return 0;
}

static void expect_figures(CxlFixture *f, unsigned at)
{
    g_autoptr(GByteArray) table = read_table(f, at);

    g_assert_cmpuint(table->data[16], ==, CDAT_DSMAS);
    g_assert_cmphex(ldq_le_p(table->data + 32), ==, 4096 * FIX_MIB);
    g_assert_cmpuint(figure(table, CDAT_READ_LATENCY), ==, 300000);
    g_assert_cmpuint(figure(table, CDAT_WRITE_LATENCY), ==, 400000);
    g_assert_cmpuint(figure(table, CDAT_READ_BANDWIDTH), ==, 80000);
    g_assert_cmpuint(figure(table, CDAT_WRITE_BANDWIDTH), ==, 0);
}

/* The list is what it was, and the mailbox behind it. */
static void test_walk(gconstpointer device)
{
    uint32_t plain[1024], now;
    CxlFixture *f = fix_start(device);
    g_autofree char *with = g_strconcat(OBJECT, device, NULL);
    unsigned last = 0x100, at;

    g_assert_cmphex(mailbox(f), ==, 0);
    for (unsigned i = 0; i < 1024; i++) {
        plain[i] = fix_config_read(f, 4 * i, 4);
    }
    while (plain[last / 4] >> 20) {
        last = plain[last / 4] >> 20;
    }
    fix_stop(f);

    f = fix_start(with);
    at = mailbox(f);
    g_assert_cmphex(at, ==, plain[0x100 / 4] ? 0x1000 - DOE_EXT_CAP_LEN
                                             : 0x100);
    for (unsigned i = 0; i < 1024; i++) {
        if (4 * i >= at && 4 * i < at + DOE_EXT_CAP_LEN) {
            continue;
        }
        now = fix_config_read(f, 4 * i, 4);
        if (4 * i == last && last != at) {
            g_assert_cmphex(now >> 20, ==, at);
            now &= 0xfffff;
        }
        g_assert_cmphex(now, ==, plain[i]);
    }
    g_assert_cmphex(fix_config_read(f, at, 4), ==, DOE_EXT_CAP_ID | 1 << 16);
    /* It has no interrupt, and takes pieces. */
    g_assert_cmphex(fix_config_read(f, at + DOE_REG_CAP, 4), ==, 0);
    fix_config_write(f, at, 4, 0xffffffff);
    fix_config_write(f, at + DOE_REG_CAP, 4, 0xffffffff);
    g_assert_cmphex(fix_config_read(f, at, 2), ==, DOE_EXT_CAP_ID);
    g_assert_cmphex(fix_config_read(f, at + 2, 1), ==, 1);
    g_assert_cmphex(fix_config_read(f, at + DOE_REG_CAP, 4), ==, 0);
    expect_figures(f, at);
    expect_figures(f, at);
    fix_stop(f);
}

#define HARDWARE_LAST   0x400
#define HARDWARE_OWN    0xff0

/* What hardware says; behind its capabilities it has a register of its own. */
static void fill_in(uint8_t *config)
{
    stl_le_p(config, 0x233010de);
    config[PCI_STATUS] = PCI_STATUS_CAP_LIST;
    stw_le_p(config + PCI_CLASS_DEVICE, 0x0302);
    config[PCI_CAPABILITY_LIST] = 0x40;
    stl_le_p(config + 0x40, 2 << 16 | 0x80 << 8 | PCI_CAP_ID_EXP);
    stl_le_p(config + 0x44, PCI_EXP_DEVCAP_FLR);
    stl_le_p(config + 0x80, 7 << 16 | PCI_CAP_ID_MSIX);
    stl_le_p(config + 0x88, 0x1000);
    stl_le_p(config + 0x100, 0x200 << 20 | 2 << 16 | PCI_EXT_CAP_ID_ERR);
    stl_le_p(config + 0x200, 0x300 << 20 | 1 << 16 | PCI_EXT_CAP_ID_VNDR);
    stl_le_p(config + 0x204, 0x10 << 20);
    stl_le_p(config + 0x300, HARDWARE_LAST << 20 | 1 << 16 |
                             PCI_EXT_CAP_ID_SRIOV);
    stl_le_p(config + HARDWARE_LAST, 1 << 16 | PCI_EXT_CAP_ID_PL_16GT);
    config[HARDWARE_OWN] = 0x5a;
}

/*
 * QEMU's device gives all up to the next capability to the one before, and
 * drops that of virtual functions.  The mailbox is no business of hardware.
 */
static void test_passed_through(void)
{
    g_autofree char *devices = NULL;
    CxlFixture *f;
    VfioUser *v;
    unsigned at;

    if (!qtest_has_device("vfio-user-pci")) {
        g_test_skip("this QEMU has no vfio-user-pci");
        return;
    }
    v = vfio_user_new();
    fill_in(v->config);
    devices = g_strdup_printf(OBJECT "-device '{\"driver\":\"vfio-user-pci\","
        "\"bus\":\"rp0\",\"id\":\"gpu0\",\"socket\":{\"type\":\"unix\","
        "\"path\":\"%s\"}}'", v->path);
    /* QEMU's device forgets its name. */
    g_setenv("ASAN_OPTIONS", "detect_leaks=0", true);
    f = fix_start(devices);
    g_unsetenv("ASAN_OPTIONS");
    at = mailbox(f);
    g_assert_cmphex(at, ==, HARDWARE_OWN - DOE_EXT_CAP_LEN);
    g_assert_cmphex(fix_config_read(f, HARDWARE_LAST, 4) >> 20, ==, at);
    g_assert_cmphex(fix_find_ext_cap(f, PCI_EXT_CAP_ID_SRIOV, -1), ==, 0);
    expect_figures(f, at);
    fix_config_write(f, 0x208, 4, 0x12345678);
    g_assert_cmphex(fix_config_read(f, 0x208, 4), ==, 0x12345678);
    g_assert_cmphex(ldl_le_p(v->config + 0x208), ==, 0x12345678);
    g_assert_cmphex(fix_config_read(f, HARDWARE_OWN, 1), ==, 0x5a);
    put(f, at, DOE_OBJ(DOE_VENDOR_CXL, CDAT_DOE_TYPE));
    v->resets = 0;
    qtest_system_reset(f->qts);
    fix_enumerate(f);
    g_assert_cmpuint(v->resets, >, 0);
    expect_figures(f, at);
    for (unsigned i = at / 4; i < HARDWARE_OWN / 4; i++) {
        g_assert_cmpuint(v->writes[i], ==, 0);
    }
    fix_stop(f);
    vfio_user_free(v);
}

static void test_discovery(void)
{
    static const uint32_t want[] = { 0x01000001, 0x00021e98 };
    CxlFixture *f = fix_start(OBJECT NVME);
    unsigned at = mailbox(f);

    for (unsigned i = 0; i < ARRAY_SIZE(want); i++) {
        put(f, at, DOE_OBJ(1, 0));
        put(f, at, 3);
        put(f, at, i);
        control(f, at, DOE_CTRL_GO);
        take(f, at);
        g_assert_cmpuint(take(f, at), ==, 3);
        g_assert_cmphex(take(f, at), ==, want[i]);
    }
    fix_stop(f);
}

static void expect_error(CxlFixture *f, unsigned at)
{
    g_assert_cmphex(status(f, at), ==, DOE_STATUS_ERROR);
    control(f, at, DOE_CTRL_ABORT);
    g_assert_cmphex(status(f, at), ==, 0);
}

static void test_nonsense(void)
{
    CxlFixture *f = fix_start(OBJECT NVME);
    unsigned at = mailbox(f);

    for (unsigned handle = 0x7f; handle < 0x10000; handle += 0x1ff8) {
        ask(f, at, CDAT_DOE_CDAT, handle);
        expect_error(f, at);
    }
    ask(f, at, CDAT_DOE_CDAT, 0xffff);
    expect_error(f, at);
    ask(f, at, 1, 0);
    expect_error(f, at);
    put(f, at, DOE_OBJ(1, 1));
    put(f, at, 3);
    put(f, at, 0);
    control(f, at, DOE_CTRL_GO);
    expect_error(f, at);
    put(f, at, DOE_OBJ(DOE_VENDOR_CXL, CDAT_DOE_TYPE));
    put(f, at, 4);
    put(f, at, 0);
    control(f, at, DOE_CTRL_GO);
    expect_error(f, at);
    for (unsigned i = 0; i < 5000; i++) {
        put(f, at, i);
    }
    control(f, at, DOE_CTRL_GO);
    expect_error(f, at);
    expect_figures(f, at);
    fix_stop(f);
}

/* --- resets --------------------------------------------------------------- */

static void half_asked(CxlFixture *f, unsigned at)
{
    ask(f, at, CDAT_DOE_CDAT, 1);
    take(f, at);
    g_assert_cmphex(status(f, at), ==, DOE_STATUS_READY);
}

static void test_resets(void)
{
    CxlFixture *f = fix_start(OBJECT NVME);
    unsigned at = mailbox(f);
    uint8_t exp = find_cap(f->qts, f->ecam, PCI_CAP_ID_EXP);

    half_asked(f, at);
    fix_config_write(f, exp + PCI_EXP_DEVCTL, 2, PCI_EXP_DEVCTL_BCR_FLR);
    g_assert_cmphex(status(f, at), ==, 0);

    half_asked(f, at);
    fix_bus_reset(f);
    g_assert_cmphex(status(f, at), ==, 0);
    expect_figures(f, at);

    half_asked(f, at);
    qtest_system_reset(f->qts);
    fix_enumerate(f);
    g_assert_cmphex(mailbox(f), ==, at);
    g_assert_cmphex(status(f, at), ==, 0);
    expect_figures(f, at);
    fix_stop(f);
}

/* --- plugging ------------------------------------------------------------- */

static void refused(CxlFixture *f, const char *sentence, QDict *answer)
{
    QDict *error = qdict_get_qdict(answer, "error");

    g_assert_nonnull(error);
    g_assert_nonnull(strstr(qdict_get_str(error, "desc"), sentence));
    qobject_unref(answer);
}

static void tear_out(CxlFixture *f, const char *id)
{
    qtest_qmp_assert_success(f->qts, "{'execute': 'device_del',"
                             " 'arguments': {'id': %s}}", id);
    qtest_writew(f->qts, fix_root_exp(f) + PCI_EXP_SLTCTL,
                 PCI_EXP_SLTCTL_PWR_IND_OFF | PCI_EXP_SLTCTL_PWR_OFF);
    qtest_qmp_eventwait(f->qts, "DEVICE_DELETED");
}

static void plug_in(CxlFixture *f, const char *id)
{
    qtest_qmp_assert_success(f->qts, "{'execute': 'device_add', 'arguments':"
        " {'driver': 'nvme', 'bus': 'rp0', 'id': %s, 'serial': 'x',"
        "  'msix_qsize': 8}}", id);
    qtest_writew(f->qts, fix_root_exp(f) + PCI_EXP_SLTCTL,
                 PCI_EXP_SLTCTL_PWR_IND_ON);
    fix_enumerate(f);
}

static void delete_object(CxlFixture *f)
{
    qtest_qmp_assert_success(f->qts, "{'execute': 'object-del',"
                             " 'arguments': {'id': 'c0'}}");
}

static void test_plug(void)
{
    CxlFixture *f = fix_start(OBJECT NVME);
    unsigned at = mailbox(f);

    refused(f, "'c0' is in use", qtest_qmp(f->qts,
        "{'execute': 'object-del', 'arguments': {'id': 'c0'}}"));
    half_asked(f, at);
    tear_out(f, "gpu0");
    /* Another of the same name, without anything of the one before */
    plug_in(f, "gpu0");
    g_assert_cmphex(status(f, at), ==, 0);
    expect_figures(f, at);
    tear_out(f, "gpu0");
    delete_object(f);
    plug_in(f, "gpu0");
    g_assert_cmphex(mailbox(f), ==, 0);
    /* The guest has seen it without. */
    refused(f, "'gpu0' is there", qtest_qmp(f->qts, OBJECT_ADD, "gpu0"));
    tear_out(f, "gpu0");
    qtest_qmp_assert_success(f->qts, OBJECT_ADD, "gpu0");
    refused(f, "'gpu0' has its table from 'c0' already", qtest_qmp(f->qts,
        "{'execute': 'object-add', 'arguments': {'qom-type': 'pci-cdat',"
        " 'id': 'c1', 'device': 'gpu0', 'initiator': true }}"));
    plug_in(f, "gpu0");
    g_assert_cmphex(mailbox(f), !=, 0);
    fix_stop(f);
}

/* A later device that cannot have one comes without. */
static void test_plug_without(void)
{
    CxlFixture *f = fix_start(NVME);

    tear_out(f, "gpu0");
    qtest_qmp_assert_success(f->qts, OBJECT_ADD, "mem0");
    qtest_qmp_assert_success(f->qts, "{'execute': 'object-add', 'arguments':"
        " {'qom-type': 'memory-backend-ram', 'id': 'm', 'size': 268435456}}");
    qtest_qmp_assert_success(f->qts, "{'execute': 'device_add', 'arguments':"
        " {'driver': 'cxl-type3', 'bus': 'rp0', 'id': 'mem0',"
        "  'volatile-memdev': 'm'}}");
    delete_object(f);
    tear_out(f, "mem0");
    fix_stop(f);
}

/* --- the rest ------------------------------------------------------------- */

static void test_migrate(void)
{
    CxlFixture *f = fix_start(OBJECT XHCI);
    unsigned at = mailbox(f);
    g_autoptr(GByteArray) entry = g_byte_array_new();

    ask(f, at, CDAT_DOE_CDAT, 1);
    f = fix_move(f, OBJECT XHCI);
    g_assert_cmpuint(take_entry(f, at, entry), ==, 2);
    g_assert_cmpuint(entry->len, ==, sizeof(CdatDsmas));
    expect_figures(f, at);
    fix_stop(f);
}

static char *write_table(const uint8_t *bytes, size_t len)
{
    char *name = NULL;
    int fd = g_file_open_tmp("cdat-XXXXXX", &name, NULL);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(write(fd, bytes, len), ==, len);
    close(fd);
    return name;
}

static void test_file(void)
{
    uint8_t bytes[24] = { 24, 0, 0, 0, 1, 0, [16] = CDAT_DSIS, [18] = 8 };
    g_autoptr(GByteArray) table = NULL;
    g_autofree char *name = NULL, *options = NULL;
    CxlFixture *f;

    bytes[5] = -(24 + 1 + CDAT_DSIS + 8);
    name = write_table(bytes, sizeof(bytes));
    options = g_strdup_printf("-object pci-cdat,id=c0,device=gpu0,file=%s "
                              NVME, name);
    f = fix_start(options);
    table = read_table(f, mailbox(f));
    g_assert_cmpmem(table->data, table->len, bytes, sizeof(bytes));
    fix_stop(f);
    unlink(name);
}

/* What is below a switch says what the way through it costs. */
static void buses(CxlFixture *f, unsigned first)
{
    fix_config_write(f, PCI_PRIMARY_BUS, 4,
                     (first - 1) | first << 8 | 0xff << 16);
}

static void test_flatten(void)
{
    g_autoptr(GByteArray) table = NULL;
    CxlFixture *f = fix_start_function(
        OBJECT "-object pci-cdat,id=c1,device=gpu1,flatten=on," FIGURES
        " -device cxl-upstream,bus=rp0,addr=0.0,multifunction=on,id=us0 "
        "-device cxl-switch-mailbox-cci,bus=rp0,addr=0.1,target=us0 "
        "-device cxl-downstream,bus=us0,id=d0,chassis=0,slot=4,port=3 "
        "-device cxl-downstream,bus=us0,id=d1,chassis=0,slot=5,port=7 "
        "-device nvme,serial=1,bus=d0,id=gpu0 "
        "-device nvme,serial=2,bus=d1,id=gpu1 ", 1);
    unsigned bus = 53;

    f->ecam -= 1 << 12;
    qtest_writeb(f->qts, fix_root_port(f) + PCI_SUBORDINATE_BUS, 0xff);
    buses(f, bus + 1);
    f->ecam += 1 << 20;
    buses(f, bus + 2);
    f->ecam += 1 << 20;
    expect_figures(f, mailbox(f));
    f->ecam -= 1 << 20;
    fix_config_write(f, PCI_PRIMARY_BUS, 4, 0);
    f->ecam += 1 << 15;
    buses(f, bus + 2);
    f->ecam += (1 << 20) - (1 << 15);
    table = read_table(f, mailbox(f));
    g_assert_cmpuint(figure(table, CDAT_READ_LATENCY), ==, 450000);
    g_assert_cmpuint(figure(table, CDAT_WRITE_LATENCY), ==, 550000);
    g_assert_cmpuint(figure(table, CDAT_READ_BANDWIDTH), ==, 16384);
    fix_stop(f);
}

static void test_refusals(void)
{
    static const char *const rows[][2] = {
        { "-object pci-cdat,id=c0,device=e,initiator=on -device edu,id=e",
          "'e' has no extended configuration space" },
        { "-object pci-cdat,id=c0,device=p,initiator=on "
          "-device pcie-root-port,id=p,chassis=9", "'p' is a bridge" },
        { "-object pci-cdat,id=c0,device=x,memory=1 ",
          "property 'memory' is 1, it has to be a multiple of 4096" },
        { "-object pci-cdat,id=c0,device=x,file=/nowhere ",
          "property 'file': " },
        { "-object pci-cdat,id=c0,device=x,file=/dev/null ",
          "'/dev/null' at byte 0: it is shorter than a table header" },
        { "-object pci-cdat,id=c0,device=x,file=/dev/null,initiator=on ",
          "it excludes 'memory', 'initiator', 'flatten' and figures" },
        { "-object pci-cdat,id=c0,device=x,initiator=on "
          "-object pci-cdat,id=c1,device=x,initiator=on ",
          "'x' has its table from 'c0' already" },
        { "-object pci-cdat,id=c0,initiator=on ", "'device'" },
        { "-object memory-backend-ram,id=m,size=256M "
          "-object pci-cdat,id=c0,device=mem9,initiator=on "
          "-device pxb-cxl,id=b9,bus=pcie.0,bus_nr=99 "
          "-device cxl-rp,id=rp9,bus=b9,chassis=9,slot=9 "
          "-device cxl-type3,id=mem9,bus=rp9,volatile-memdev=m ",
          "'mem9' has an attribute table already" },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        rig_refused(rows[i][0], rows[i][1]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_data_func("/pci-cdat/walk/nvme", NVME, test_walk);
    qtest_add_data_func("/pci-cdat/walk/e1000e", "-device e1000e," GPU,
                        test_walk);
    qtest_add_data_func("/pci-cdat/walk/xhci", XHCI, test_walk);
    qtest_add_data_func("/pci-cdat/walk/virtio", "-device virtio-rng-pci," GPU,
                        test_walk);
    qtest_add_data_func("/pci-cdat/walk/igb", "-device igb," GPU, test_walk);
    qtest_add_func("/pci-cdat/passed-through", test_passed_through);
    qtest_add_func("/pci-cdat/discovery", test_discovery);
    qtest_add_func("/pci-cdat/nonsense", test_nonsense);
    qtest_add_func("/pci-cdat/resets", test_resets);
    qtest_add_func("/pci-cdat/plug", test_plug);
    qtest_add_func("/pci-cdat/plug-without", test_plug_without);
    qtest_add_func("/pci-cdat/migrate", test_migrate);
    qtest_add_func("/pci-cdat/file", test_file);
    qtest_add_func("/pci-cdat/flatten", test_flatten);
    qtest_add_func("/pci-cdat/refusals", test_refusals);
    return g_test_run();
}
