/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that writes nonsense everywhere: zero, all ones and one, at every
 * width, at every byte of the registers of every BAR and of configuration
 * space.  The machine must stay up, and the device must work afterwards.
 * tests/guest/tests/test-hammer.py leaves no byte out.
 */
#include "qemu/osdep.h"
#include "hw/pci/pci_regs.h"
#include "qobject/qdict.h"
#include "tests/qtest/cxl/fixture.h"

#define OP_IDENTIFY     0x4000

static const uint64_t values[] = { 0, UINT64_MAX, 1 };
static const unsigned widths[] = { 1, 2, 4, 8 };

/* Every byte is the start of an access of every width. */
static void hammer(CxlFixture *f, uint64_t base, uint64_t size)
{
    unsigned v, w;
    uint64_t at;

    for (w = 0; w < ARRAY_SIZE(widths); w++) {
        for (at = 0; at + widths[w] <= size; at++) {
            for (v = 0; v < ARRAY_SIZE(values); v++) {
                fix_write(f, base + at, widths[w], values[v]);
            }
            fix_read(f, base + at, widths[w]);
        }
    }
}

static void check_alive(CxlFixture *f)
{
    g_autofree CxlReply *reply = g_new(CxlReply, 1);

    qobject_unref(qtest_qmp(f->qts, "{'execute': 'query-status'}"));
    qtest_system_reset(f->qts);
    fix_enumerate(f);
    fix_command_ok(f, OP_IDENTIFY, NULL, 0, reply);
    g_assert_cmpint(reply->len, >=, 0x43);
}

/*
 * Where registers are, every byte; of the holes, which are all alike, a few
 * bytes here and there.  MEMFAB_HAMMER=all does not skip; it takes minutes.
 */
static void hammer_bar(CxlFixture *f, uint64_t bar, uint64_t size,
                       const uint64_t (*registers)[2], unsigned count)
{
    uint64_t at;
    unsigned i;

    if (g_getenv("MEMFAB_HAMMER")) {
        hammer(f, bar, size);
        check_alive(f);
        return;
    }
    for (i = 0; i < count; i++) {
        hammer(f, bar + registers[i][0], registers[i][1]);
    }
    for (at = 0; at < size; at += 0x1000 - 8) {
        hammer(f, bar + at, MIN(16, size - at));
    }
    hammer(f, bar + size - 16, 16);
    check_alive(f);
}

static void test_component(void)
{
    static const uint64_t registers[][2] = { { 0x1000, 0x400 } };
    CxlFixture *f = fix_start(FIX_BOTH ",hdm-decoders=10");

    hammer_bar(f, f->bar[0], 0x10000, registers, ARRAY_SIZE(registers));
    fix_stop(f);
}

#define ACCEL \
    "-object memory-backend-ram,id=vmem,size=256M " \
    "-device cxl-accel,bus=rp0,id=cxl0,memdev=vmem,mailbox=on"

/* An accelerator has registers in the part that is ours. */
static void test_accelerator(void)
{
    static const uint64_t registers[][2] = {
        { 0x1000, 0x80 }, { 0x1120, 0x60 }, { 0x1ff8, 0x70 },
    };
    CxlFixture *f = fix_start(ACCEL);

    hammer_bar(f, f->bar[0], 0x10000, registers, ARRAY_SIZE(registers));
    fix_stop(f);
}

/* Status and the head of the mailbox; the end of its payload; the CPMU */
static const uint64_t device_registers[][2] = {
    { 0, 0x100 }, { 0x8a0, 0x100 }, { 0x10000, 0x440 }, { 0x10c00, 0x210 },
};

static void test_device(void)
{
    CxlFixture *f = fix_start(FIX_BOTH);

    hammer_bar(f, f->bar[2], 0x20000, device_registers,
               ARRAY_SIZE(device_registers));
    fix_stop(f);
}

static void test_device_dcd(void)
{
    CxlFixture *f = fix_start(FIX_DCD);

    hammer_bar(f, f->bar[2], 0x20000, device_registers,
               ARRAY_SIZE(device_registers));
    fix_stop(f);
}

static void test_msix(void)
{
    static const uint64_t registers[][2] = { { 0, 0xa0 }, { 0x800, 0x10 } };
    CxlFixture *f = fix_start(FIX_BOTH);

    hammer_bar(f, f->bar[4], 0x1000, registers, ARRAY_SIZE(registers));
    fix_stop(f);
}

/* Each write may move the BARs, which is the guest's own affair. */
static void test_config(gconstpointer devices)
{
    CxlFixture *f = fix_start(devices);
    unsigned v, w;
    uint32_t at;

    for (v = 0; v < ARRAY_SIZE(values); v++) {
        for (w = 0; w < 3; w++) {
            for (at = 0; at + widths[w] <= 0x1000; at++) {
                fix_config_write(f, at, widths[w], values[v]);
                fix_config_read(f, at, widths[w]);
            }
        }
    }
    check_alive(f);
    fix_stop(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/hammer/component", test_component);
    g_test_add_func("/cxl/hammer/device", test_device);
    g_test_add_func("/cxl/hammer/device-dcd", test_device_dcd);
    g_test_add_func("/cxl/hammer/msix", test_msix);
    g_test_add_func("/cxl/hammer/accelerator", test_accelerator);
    g_test_add_data_func("/cxl/hammer/config", FIX_BOTH, test_config);
    g_test_add_data_func("/cxl/hammer/config-accelerator", ACCEL, test_config);
    return g_test_run();
}
