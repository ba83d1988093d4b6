/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kinds of reset and what each one keeps: power cycle, hot reset, CXL
 * reset with and without memory clear, function level reset.  And removal of
 * a device that is in use.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "hw/pci/pci_regs.h"
#include "hw/cxl/wire/dvsec.h"
#include "qobject/qdict.h"
#include "tests/qtest/cxl/fixture.h"

#define CAP_DVSEC       0x23
#define EXP_CAP         0x80
#define PATTERN         0x1122334455667788ull
#define COMMITTED       0x400

static void inject_event(CxlFixture *f)
{
    qtest_qmp_assert_success(f->qts,
        "{'execute': 'cxl-inject-general-media-event', 'arguments': {"
        " 'path': '/machine/peripheral/cxl0', 'log': 'informational',"
        " 'flags': 0, 'dpa': 0, 'descriptor': 0, 'type': 0,"
        " 'transaction-type': 0, 'sub-type': 0 }}");
}

static unsigned events(CxlFixture *f)
{
    uint8_t log = 0;
    CxlReply r;

    fix_command_ok(f, 0x0100, &log, 1, &r);
    return lduw_le_p(r.data + 0x14);
}

static unsigned poison(CxlFixture *f, uint64_t dpa)
{
    uint8_t in[16];
    CxlReply r;

    stq_le_p(in, dpa);
    stq_le_p(in + 8, 1);
    fix_command_ok(f, 0x4300, in, sizeof(in), &r);
    return lduw_le_p(r.data + 0x0a);
}

static uint64_t timestamp(CxlFixture *f)
{
    CxlReply r;

    fix_command_ok(f, 0x0300, NULL, 0, &r);
    return ldq_le_p(r.data);
}

/* State of every kind: 256 MiB volatile, then persistent. */
static CxlFixture *start_in_use(void)
{
    CxlFixture *f = fix_start(FIX_BOTH);
    uint64_t hpa = fix_map(f, 0, 0, FIX_UNIT);
    uint8_t in[8];

    fix_map(f, 1, FIX_UNIT, FIX_UNIT);
    fix_write(f, hpa, 8, PATTERN);
    fix_write(f, hpa + FIX_UNIT, 8, PATTERN);
    stq_le_p(in, 0x1000);
    g_assert_cmphex(fix_command_rc(f, 0x4301, in, 8), ==, 0);
    stq_le_p(in, FIX_UNIT + 0x1000);
    g_assert_cmphex(fix_command_rc(f, 0x4301, in, 8), ==, 0);
    stq_le_p(in, 1);
    g_assert_cmphex(fix_command_rc(f, 0x0301, in, 8), ==, 0);
    inject_event(f);
    g_assert_cmpint(events(f), ==, 3);
    return f;
}

/* Decoders do not survive; memory is looked at through new ones. */
static void check_memory(CxlFixture *f, uint64_t volatile_word)
{
    uint64_t hpa;

    g_assert_cmphex(fix_decoder(f, 0) & COMMITTED, ==, 0);
    g_assert_cmphex(fix_decoder(f, 1) & COMMITTED, ==, 0);
    hpa = fix_map(f, 0, 0, FIX_UNIT);
    fix_map(f, 1, FIX_UNIT, FIX_UNIT);
    g_assert_cmphex(fix_read(f, hpa, 8), ==, volatile_word);
    g_assert_cmphex(fix_read(f, hpa + FIX_UNIT, 8), ==, PATTERN);
}

static void test_power_cycle(void)
{
    CxlFixture *f = start_in_use();

    qtest_system_reset(f->qts);
    fix_enumerate(f);
    g_assert_cmpint(events(f), ==, 0);
    g_assert_cmphex(timestamp(f), ==, 0);
    g_assert_cmpint(poison(f, 0x1000), ==, 0);
    g_assert_cmpint(poison(f, FIX_UNIT + 0x1000), ==, 1);
    check_memory(f, 0);
    fix_stop(f);
}

static void test_no_power_cycle(void)
{
    CxlFixture *f = fix_start(FIX_BOTH ",power-cycle=off");
    uint64_t hpa = fix_map(f, 0, 0, FIX_UNIT);

    fix_write(f, hpa, 8, PATTERN);
    inject_event(f);
    qtest_system_reset(f->qts);
    fix_enumerate(f);
    g_assert_cmpint(events(f), ==, 1);
    hpa = fix_map(f, 0, 0, FIX_UNIT);
    g_assert_cmphex(fix_read(f, hpa, 8), ==, PATTERN);
    fix_stop(f);
}

static void check_hot(CxlFixture *f)
{
    fix_enumerate(f);
    g_assert_cmpint(events(f), ==, 3);
    g_assert_cmphex(timestamp(f), !=, 0);
    g_assert_cmpint(poison(f, 0x1000), ==, 1);
    g_assert_cmpint(poison(f, FIX_UNIT + 0x1000), ==, 1);
    check_memory(f, PATTERN);
    fix_stop(f);
}

static void function_reset(CxlFixture *f)
{
    g_assert_cmphex(fix_config_read(f, EXP_CAP + PCI_EXP_DEVCAP, 4) &
                    PCI_EXP_DEVCAP_FLR, !=, 0);
    fix_config_write(f, EXP_CAP + PCI_EXP_DEVCTL, 2,
                     PCI_EXP_DEVCTL_BCR_FLR);
    g_assert_cmphex(fix_config_read(f, EXP_CAP + PCI_EXP_DEVCTL, 2) &
                    PCI_EXP_DEVCTL_BCR_FLR, ==, 0);
}

static void test_bus_reset(void)
{
    CxlFixture *f = start_in_use();

    fix_bus_reset(f);
    check_hot(f);
}

/* As long as software has not unmasked it the bit is set, and that is all. */
static void test_masked_bus_reset(void)
{
    CxlFixture *f = start_in_use();
    CxlFixture port = { .qts = f->qts, .ecam = fix_root_port(f) };
    uint32_t at = fix_find_ext_cap(&port, CAP_DVSEC, CXL_DVSEC_ID_PORT);
    uint64_t hpa = fix_window(f);

    g_assert_cmphex(fix_config_read(&port, at + CXL_DVSEC_PORT_STATUS, 2), ==,
                    CXL_DVSEC_PORT_STATUS_PM_READY);
    g_assert_cmphex(fix_config_read(&port, at + CXL_DVSEC_PORT_STATUS - 2, 4),
                    ==, CXL_DVSEC_ID_PORT |
                    CXL_DVSEC_PORT_STATUS_PM_READY << 16);
    fix_config_write(&port, PCI_BRIDGE_CONTROL, 2, PCI_BRIDGE_CTL_BUS_RESET);
    g_assert_cmphex(fix_config_read(&port, PCI_BRIDGE_CONTROL, 2), ==,
                    PCI_BRIDGE_CTL_BUS_RESET);
    fix_config_write(&port, PCI_BRIDGE_CONTROL, 2, 0);
    g_assert_cmphex(fix_config_read(&port, PCI_BRIDGE_CONTROL, 2), ==, 0);
    g_assert_cmphex(fix_decoder(f, 0) & COMMITTED, !=, 0);
    g_assert_cmphex(fix_read(f, hpa, 8), ==, PATTERN);
    fix_config_write(&port, PCI_BRIDGE_CONTROL - 2, 4,
                     PCI_BRIDGE_CTL_BUS_RESET << 16);
    g_assert_cmphex(fix_decoder(f, 0) & COMMITTED, !=, 0);
    fix_config_write(&port, PCI_BRIDGE_CONTROL, 2, 0);
    fix_config_write(&port, at + CXL_DVSEC_PORT_CTRL, 2,
                     CXL_DVSEC_PORT_CTRL_UNMASK_SBR);
    qtest_system_reset(f->qts);
    fix_enumerate(f);
    g_assert_cmphex(fix_config_read(&port, at + CXL_DVSEC_PORT_CTRL, 2), ==, 0);
    fix_stop(f);
}

/* It is the function's alone: of CXL.mem nothing changes, CXL r3.1 9.5. */
static void test_function_reset(void)
{
    CxlFixture *f = start_in_use();
    uint64_t hpa = fix_window(f);
    uint32_t dev = fix_find_ext_cap(f, CAP_DVSEC, CXL_DVSEC_ID_DEVICE);
    uint16_t control;

    fix_config_write(f, dev + CXL_DVSEC_DEV_LOCK, 2,
                     CXL_DVSEC_DEV_LOCK_CONFIG);
    control = fix_config_read(f, dev + CXL_DVSEC_DEV_CTRL, 2);
    g_assert_cmphex(control & CXL_DVSEC_DEV_CTRL_MEM, !=, 0);
    function_reset(f);
    g_assert_cmphex(fix_config_read(f, PCI_COMMAND, 2), ==, 0);
    g_assert_cmphex(fix_config_read(f, PCI_BASE_ADDRESS_0, 4) & ~0xfu, ==, 0);
    g_assert_cmphex(fix_config_read(f, dev + CXL_DVSEC_DEV_CTRL, 2), ==,
                    control);
    g_assert_cmphex(fix_config_read(f, dev + CXL_DVSEC_DEV_LOCK, 2), ==,
                    CXL_DVSEC_DEV_LOCK_CONFIG);
    /* The host's loads and stores do not even notice. */
    g_assert_cmphex(fix_read(f, hpa, 8), ==, PATTERN);
    g_assert_cmphex(fix_read(f, hpa + FIX_UNIT, 8), ==, PATTERN);
    fix_enumerate(f);
    g_assert_cmphex(fix_decoder(f, 0) & COMMITTED, !=, 0);
    g_assert_cmphex(fix_decoder(f, 1) & COMMITTED, !=, 0);
    g_assert_cmpint(events(f), ==, 3);
    g_assert_cmphex(timestamp(f), !=, 0);
    g_assert_cmpint(poison(f, 0x1000), ==, 1);
    fix_stop(f);
}

static void cxl_reset(CxlFixture *f, uint16_t with)
{
    uint32_t dev = fix_find_ext_cap(f, CAP_DVSEC, CXL_DVSEC_ID_DEVICE);
    uint32_t status2 = dev + CXL_DVSEC_DEV_STATUS2;

    g_assert_cmphex(fix_config_read(f, dev + CXL_DVSEC_DEV_CAP, 2) &
                    CXL_DVSEC_DEV_CAP_RESET, !=, 0);
    fix_config_write(f, dev + CXL_DVSEC_DEV_CTRL2, 2, with);
    fix_config_write(f, dev + CXL_DVSEC_DEV_CTRL2, 2,
                     with | CXL_DVSEC_DEV_CTRL2_RESET);
    g_assert_cmphex(fix_config_read(f, status2, 2) &
                    CXL_DVSEC_DEV_STATUS2_RESET_DONE, ==, 0);
    g_assert_cmphex(fix_config_read(f, dev + CXL_DVSEC_DEV_CTRL2, 2) &
                    CXL_DVSEC_DEV_CTRL2_RESET, ==, 0);
    qtest_clock_step(f->qts, 100000000);
    g_assert_cmphex(fix_config_read(f, status2, 2) &
                    CXL_DVSEC_DEV_STATUS2_RESET_DONE, !=, 0);
}

static void test_cxl_reset(void)
{
    CxlFixture *f = start_in_use();

    cxl_reset(f, 0);
    g_assert_cmpint(events(f), ==, 3);
    check_memory(f, PATTERN);
    fix_stop(f);
}

static void test_cxl_reset_clear(void)
{
    CxlFixture *f = start_in_use();

    cxl_reset(f, CXL_DVSEC_DEV_CTRL2_MEM_CLEAR);
    g_assert_cmpint(events(f), ==, 3);
    check_memory(f, 0);
    fix_stop(f);
}

static void change_ctrl2(CxlFixture *f, uint32_t dev, uint16_t set,
                         uint16_t clear)
{
    uint16_t now = fix_config_read(f, dev + CXL_DVSEC_DEV_CTRL2, 2);

    fix_config_write(f, dev + CXL_DVSEC_DEV_CTRL2, 2, (now | set) & ~clear);
}

/* Looks every 20 ms, for as long as the capability says that it takes. */
static void await_status2(CxlFixture *f, uint32_t dev, uint16_t bit)
{
    uint16_t cap = fix_config_read(f, dev + CXL_DVSEC_DEV_CAP, 2);
    uint16_t status = 0;
    unsigned tries = 1;

    for (unsigned e = extract32(cap, 8, 3); e; e--) {
        tries *= 10;
    }
    for (; tries && !(status & bit); tries--) {
        qtest_clock_step(f->qts, 20000000);
        status = fix_config_read(f, dev + CXL_DVSEC_DEV_STATUS2, 2);
        g_assert_cmphex(status & CXL_DVSEC_DEV_STATUS2_RESET_ERR, ==, 0);
    }
    g_assert_cmphex(status & bit, !=, 0);
}

/*
 * What the series "cxl_reset" for Linux does with a device in use, whose
 * decoders it has to put back from what it has read before.
 */
static void test_driver(gconstpointer devices)
{
    CxlFixture *f = fix_start(devices);
    uint64_t hpa = fix_map(f, 0, 0, FIX_UNIT);
    uint32_t dev = fix_find_ext_cap(f, CAP_DVSEC, CXL_DVSEC_ID_DEVICE);
    uint16_t cap = fix_config_read(f, dev + CXL_DVSEC_DEV_CAP, 2);
    uint16_t control = fix_config_read(f, dev + CXL_DVSEC_DEV_CTRL, 2);
    uint32_t global = fix_read(f, f->hdm + 4, 4), decoder[7];

    fix_write(f, hpa + 4096, 8, PATTERN);
    for (unsigned i = 0; i < ARRAY_SIZE(decoder); i++) {
        decoder[i] = fix_read(f, f->hdm + 0x10 + 4 * i, 4);
    }
    if (cap & CXL_DVSEC_DEV_CAP_CACHE) {
        change_ctrl2(f, dev, CXL_DVSEC_DEV_CTRL2_CACHE_OFF, 0);
        change_ctrl2(f, dev, CXL_DVSEC_DEV_CTRL2_CACHE_FLUSH, 0);
        await_status2(f, dev, CXL_DVSEC_DEV_STATUS2_CACHE_EMPTY);
    }
    change_ctrl2(f, dev, CXL_DVSEC_DEV_CTRL2_RESET,
                 CXL_DVSEC_DEV_CTRL2_MEM_CLEAR);
    await_status2(f, dev, CXL_DVSEC_DEV_STATUS2_RESET_DONE);
    change_ctrl2(f, dev, 0, CXL_DVSEC_DEV_CTRL2_CACHE_OFF);
    g_assert_cmphex(fix_config_read(f, dev + CXL_DVSEC_DEV_CTRL, 2), ==,
                    control);
    g_assert_cmphex(fix_decoder(f, 0) & COMMITTED, ==, 0);
    g_assert_cmphex(fix_read(f, hpa + 4096, 8), !=, PATTERN);

    fix_write(f, f->hdm + 4, 4, global);
    for (unsigned i = 0; i < 4; i++) {
        fix_write(f, f->hdm + 0x10 + 4 * i, 4, decoder[i]);
    }
    fix_write(f, f->hdm + 0x24, 4, decoder[5]);
    fix_write(f, f->hdm + 0x28, 4, decoder[6]);
    fix_write(f, f->hdm + 0x20, 4, decoder[4] & ~COMMITTED);
    g_assert_cmphex(fix_decoder(f, 0), ==, decoder[4]);
    g_assert_cmphex(fix_read(f, hpa + 4096, 8), ==, PATTERN);
    fix_stop(f);
}

/*
 * A background operation does not outlive a reset of the bus, but one of the
 * function.  What was not sanitized to the end is shown to nobody.
 */
static void test_background(void)
{
    CxlFixture *f = fix_start(FIX_BOTH ",sanitize-ms=10000");
    uint64_t hpa = fix_map(f, 0, 0, FIX_UNIT);

    fix_write(f, hpa + FIX_UNIT - 8, 8, PATTERN);
    g_assert_cmphex(fix_command_rc(f, 0x4400, NULL, 0), ==, 1);
    qtest_clock_step(f->qts, 1000000);
    function_reset(f);
    fix_enumerate(f);
    g_assert_cmphex(fix_read(f, f->mailbox + 0x10, 8) & 1, ==, 1);
    fix_bus_reset(f);
    fix_enumerate(f);
    g_assert_cmphex(fix_read(f, f->mailbox + 0x10, 8) & 1, ==, 0);
    g_assert_cmphex(fix_read(f, f->memdev, 4) >> 2 & 3, ==, 3);
    hpa = fix_map(f, 0, 0, FIX_UNIT);
    g_assert_cmphex(fix_read(f, hpa + FIX_UNIT - 8, 8), ==, UINT64_MAX);
    g_assert_cmphex(fix_command_rc(f, 0x4301, "\0\0\0\0\0\0\0", 8), ==, 7);
    g_assert_cmphex(fix_command_rc(f, 0x4400, NULL, 0), ==, 1);
    qtest_clock_step(f->qts, 11000000000);
    g_assert_cmphex(fix_read(f, f->memdev, 4) >> 2 & 3, ==, 1);
    g_assert_cmphex(fix_read(f, hpa + FIX_UNIT - 8, 8), ==, 0);
    fix_stop(f);
}

/* Surprise removal while decoders map memory, then another device. */
static void test_remove_in_use(void)
{
    CxlFixture *f = fix_start(
        "-object memory-backend-ram,id=vmem,size=256M "
        "-device cxl-type3,bus=rp0,id=cxl0,volatile-memdev=vmem");
    uint64_t hpa = fix_map(f, 0, 0, FIX_UNIT);
    uint64_t slot = fix_root_exp(f) + PCI_EXP_SLTCTL;

    fix_write(f, hpa, 8, PATTERN);

    /* The guest takes the power off the slot: the device is gone */
    qtest_qmp_assert_success(f->qts, "{'execute': 'device_del',"
                             " 'arguments': {'id': 'cxl0'}}");
    qtest_writew(f->qts, slot,
                 PCI_EXP_SLTCTL_PWR_IND_OFF | PCI_EXP_SLTCTL_PWR_OFF);
    qtest_qmp_eventwait(f->qts, "DEVICE_DELETED");
    g_assert_cmphex(fix_read(f, hpa, 8), !=, PATTERN);
    fix_write(f, hpa, 8, PATTERN);

    /* Its backend is free again */
    qtest_qmp_assert_success(f->qts, "{'execute': 'device_add', 'arguments':"
        " {'driver': 'cxl-type3', 'bus': 'rp0', 'id': 'cxl1',"
        "  'volatile-memdev': 'vmem'}}");
    qtest_writew(f->qts, slot, PCI_EXP_SLTCTL_PWR_IND_ON);
    fix_enumerate(f);
    hpa = fix_map(f, 0, 0, FIX_UNIT);
    fix_write(f, hpa, 8, ~PATTERN);
    g_assert_cmphex(fix_read(f, hpa, 8), ==, ~PATTERN);
    fix_stop(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/reset/power-cycle", test_power_cycle);
    g_test_add_func("/cxl/reset/no-power-cycle", test_no_power_cycle);
    g_test_add_func("/cxl/reset/bus", test_bus_reset);
    g_test_add_func("/cxl/reset/masked-bus", test_masked_bus_reset);
    g_test_add_func("/cxl/reset/function", test_function_reset);
    g_test_add_func("/cxl/reset/cxl", test_cxl_reset);
    g_test_add_func("/cxl/reset/cxl-clear", test_cxl_reset_clear);
    g_test_add_data_func("/cxl/reset/driver/type3", FIX_VOLATILE, test_driver);
    g_test_add_data_func("/cxl/reset/driver/accel",
        "-object memory-backend-ram,id=amem,size=512M "
        "-device cxl-accel,bus=rp0,id=cxl0,memdev=amem", test_driver);
    g_test_add_func("/cxl/reset/background", test_background);
    g_test_add_func("/cxl/reset/remove-in-use", test_remove_in_use);
    return g_test_run();
}
