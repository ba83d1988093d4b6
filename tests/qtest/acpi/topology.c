/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables that a machine with topology objects shows, read without
 * firmware.  What a person can get wrong is in acpi-mistakes.c, distances and
 * performance are in acpi-performance.c.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "tests/acpi-dsd.h"
#include "tests/qtest/acpi/tables.h"

#define GPU "-device virtio-rng-pci,id=gpu0"

/* Every initiator entry: node, bus and devfn as given, in this order. */
static void expect_initiators(const AcpiBlob *blob, unsigned count,
                              const unsigned (*want)[3])
{
    GArray *entries = acpi_srat_entries(blob, 5);
    unsigned i;

    g_assert_cmpuint(entries->len, ==, 32 * count);
    for (i = 0; i < count; i++) {
        const uint8_t *entry = (uint8_t *)entries->data + 32 * i;

        g_assert_cmpuint(entry[3], ==, 1);
        g_assert_cmpuint(ldl_le_p(entry + 4), ==, want[i][0]);
        g_assert_cmphex(entry[10], ==, want[i][1]);
        g_assert_cmphex(entry[11], ==, want[i][2]);
        g_assert_cmpuint(ldl_le_p(entry + 24), ==, 1);
    }
    g_array_free(entries, true);
}

/*
 * Empty entries for nodes @first to @last, behind all that has a length; the
 * last with a length is QEMU's hot-plug window.
 */
static void expect_memory(const AcpiBlob *blob, unsigned first, unsigned last,
                          unsigned window)
{
    GArray *entries = acpi_srat_entries(blob, 1);
    unsigned count = entries->len / 40, empty = 0, hotplug = 0, i;

    for (i = 0; i < count; i++) {
        const uint8_t *entry = (uint8_t *)entries->data + 40 * i;

        if (ldq_le_p(entry + 16)) {
            g_assert_cmpuint(empty, ==, 0);
            hotplug = ldl_le_p(entry + 2);
            continue;
        }
        g_assert_cmpuint(ldl_le_p(entry + 2), ==, first + empty);
        g_assert_cmphex(ldq_le_p(entry + 8), ==, 0);
        g_assert_cmpuint(ldl_le_p(entry + 28), ==, 3);
        empty++;
    }
    g_assert_cmpuint(empty, ==, last - first + 1);
    g_assert_cmpuint(hotplug, ==, window);
    g_array_free(entries, true);
}

static unsigned ssdt_count(const AcpiBlob *blob)
{
    unsigned count = 0;
    size_t len;

    while (acpi_table(blob, "SSDT", count, &len)) {
        count++;
    }
    return count;
}

/* Eight nodes of @device, which is at 04.0 of the root bus as gpu0. */
static void expect_accelerator(const char *device)
{
    static const unsigned want[8][3] = {
        { 2, 0, 0x20 }, { 3, 0, 0x20 }, { 4, 0, 0x20 }, { 5, 0, 0x20 },
        { 6, 0, 0x20 }, { 7, 0, 0x20 }, { 8, 0, 0x20 }, { 9, 0, 0x20 },
    };
    QTestState *qts = acpi_start(12, "%s "
        "-object acpi-memory-nodes,id=later,nodeset=10-11 "
        "-object acpi-device-nodes,id=a,pci-dev=gpu0,nodeset=2-9,dsd=on",
        device);
    const uint8_t *table;
    AcpiBlob blob;
    size_t len;

    acpi_blob_read(qts, &blob);
    expect_initiators(&blob, 8, want);
    /* 10 and 11 have memory only: the window must not name 11 first */
    expect_memory(&blob, 2, 11, 10);

    table = acpi_table(&blob, "DSDT", 0, &len);
    if (acpi_find(table, len, acpi_dsd_2_8, sizeof(acpi_dsd_2_8)) < 0) {
        /* arm before 10.2: the DSDT has no nodes for functions */
        g_assert_true(acpi_is_arm());
        table = acpi_table(&blob, "SSDT", 0, &len);
        g_assert_cmpint(acpi_find(table, len, acpi_dsd_2_8,
                                  sizeof(acpi_dsd_2_8)), >, 0);
    } else {
        g_assert_cmpuint(ssdt_count(&blob), ==, 0);
    }
    acpi_blob_free(&blob);
    qtest_quit(qts);
}

static void test_accelerator(void)
{
    expect_accelerator(GPU ",addr=4.0");
}

/* A data mover, and one whose virtual functions come after it */
static void test_mover(void)
{
    expect_accelerator("-device sdxi,id=gpu0,addr=4.0");
    expect_accelerator("-device sdxi,id=gpu0,addr=4.0,vfs=2,contexts=4");
}

/* JSON says the same; flags are where they belong. */
static void test_json(void)
{
    QTestState *qts = acpi_start(4, GPU ",addr=5.0 -object "
        "'{\"qom-type\":\"acpi-device-nodes\",\"id\":\"a\","
        "\"pci-dev\":\"gpu0\",\"nodeset\":[3,1],\"memory\":false,"
        "\"arch-transactions\":true,\"pxm\":\"none\"}'");
    GArray *entries;
    AcpiBlob blob;

    acpi_blob_read(qts, &blob);
    entries = acpi_srat_entries(&blob, 5);
    g_assert_cmpuint(entries->len, ==, 64);
    g_assert_cmpuint((uint8_t)entries->data[4], ==, 1);
    g_assert_cmpuint((uint8_t)entries->data[36], ==, 3);
    g_assert_cmpuint((uint8_t)entries->data[24], ==, 3);
    g_array_free(entries, true);
    g_assert_cmpuint(ssdt_count(&blob), ==, 0);
    acpi_blob_free(&blob);
    qtest_quit(qts);
}

/* Stock objects in the worst order come out by node. */
static void test_order(void)
{
    static const unsigned want[8][3] = {
        { 1, 0, 0x20 }, { 2, 0, 0x20 }, { 3, 0, 0x20 }, { 4, 0, 0x20 },
        { 5, 0, 0x20 }, { 6, 0, 0x20 }, { 7, 0, 0x20 }, { 8, 0, 0x20 },
    };
    GString *objects = g_string_new(NULL);
    QTestState *qts;
    AcpiBlob blob;
    unsigned i;

    for (i = 0; i < 8; i++) {
        g_string_append_printf(objects, " -object acpi-generic-initiator,"
                               "id=gi%u,pci-dev=gpu0,node=%u", i, 8 - i);
    }
    qts = acpi_start(9, GPU ",addr=4.0 %s", objects->str);
    acpi_blob_read(qts, &blob);
    expect_initiators(&blob, 8, want);
    acpi_blob_free(&blob);
    qtest_quit(qts);
    g_string_free(objects, true);
}

/* Firmware has numbered the bus: the entry follows, also after a reset. */
static void test_bus_number(void)
{
    static const unsigned before[1][3] = { { 1, 0, 0 } };
    static const unsigned after[1][3] = { { 1, 7, 0 } };
    QTestState *qts = acpi_start(2,
        "-device pcie-root-port,id=rp,addr=3.0,chassis=1,hotplug=off "
        GPU ",bus=rp -object acpi-device-nodes,id=a,pci-dev=gpu0,nodeset=1");
    AcpiBlob blob;

    acpi_blob_read(qts, &blob);
    expect_initiators(&blob, 1, before);
    acpi_blob_free(&blob);

    qtest_system_reset(qts);
    acpi_number_bus(qts, 0, 3 << 3, 7, 7);
    acpi_blob_read(qts, &blob);
    expect_initiators(&blob, 1, after);
    acpi_blob_free(&blob);
    qtest_quit(qts);
}

/*
 * Below an expander the DSDT has the host bridge only: port and function are
 * declared in an SSDT of ours, which is compared byte by byte.
 */
static void test_expander(void)
{
    static const uint8_t want[] = {
        0x10, 0x30, '\\', 0x2f, 2, '_', 'S', 'B', '_', 'P', 'C', '4', '0',
        0x5b, 0x82, 0x22, 'S', '1', '0', '_',
        0x08, '_', 'A', 'D', 'R', 0x0c, 0, 0, 2, 0,
        0x5b, 0x82, 0x11, 'S', '0', '0', '_',
        0x08, '_', 'A', 'D', 'R', 0x00,
        0x08, '_', 'P', 'X', 'M', 0x01,
    };
    static const unsigned initiator[1][3] = { { 1, 0x41, 0 } };
    QTestState *qts = acpi_start(2,
        "-device pxb-pcie,id=pxb,bus_nr=64 "
        "-device pcie-root-port,id=rp,bus=pxb,addr=2.0,chassis=1 "
        GPU ",bus=rp -object acpi-device-nodes,id=a,pci-dev=gpu0,nodeset=1");
    const uint8_t *ssdt;
    AcpiBlob blob;
    size_t len;

    acpi_number_bus(qts, 0x40, 2 << 3, 0x41, 0x41);
    acpi_blob_read(qts, &blob);
    expect_initiators(&blob, 1, initiator);
    g_assert_cmpuint(ssdt_count(&blob), ==, 1);
    ssdt = acpi_table(&blob, "SSDT", 0, &len);
    g_assert_cmpmem(ssdt + 36, len - 36, want, sizeof(want));
    acpi_blob_free(&blob);
    qtest_quit(qts);
}

/* A slot by its address: nothing is there yet, the entries are. */
static void test_empty_slot(void)
{
    static const unsigned want[1][3] = { { 1, 9, 0 } };
    static const uint8_t pxm[] = { 0x08, '_', 'P', 'X', 'M', 0x01 };
    QTestState *qts = acpi_start(2,
        "-device pcie-root-port,id=rp,addr=3.0,chassis=1 "
        "-object acpi-device-nodes,id=a,pci-bus=rp,addr=0.0,nodeset=1");
    const uint8_t *table;
    AcpiBlob blob;
    size_t len;
    long at;

    acpi_number_bus(qts, 0, 3 << 3, 9, 9);
    acpi_blob_read(qts, &blob);
    expect_initiators(&blob, 1, want);
    table = acpi_table(&blob, "DSDT", 0, &len);
    at = acpi_find(table, len, pxm, sizeof(pxm));
    if (at < 0) {
        table = acpi_table(&blob, "SSDT", 0, &len);
        g_assert_nonnull(table);
        at = acpi_find(table, len, pxm, sizeof(pxm));
    }
    g_assert_cmpint(at, >, 0);
    acpi_blob_free(&blob);
    qtest_quit(qts);
}

/* Virtual functions by their addresses, before the guest enables them. */
static void test_virtual_functions(void)
{
    static const unsigned want[3][3] = {
        { 1, 9, 0 }, { 2, 9, 1 }, { 3, 9, 3 },
    };
    QTestState *qts = acpi_start(4,
        "-device pcie-root-port,id=rp,addr=3.0,chassis=1,hotplug=off "
        "-device sdxi,id=gpu0,bus=rp,vfs=3 "
        "-object acpi-device-nodes,id=a,pci-dev=gpu0,nodeset=1 "
        "-object acpi-device-nodes,id=b,pci-bus=rp,addr=0.1,nodeset=2 "
        "-object acpi-device-nodes,id=c,pci-bus=rp,addr=0.3,nodeset=3");
    AcpiBlob blob;

    acpi_number_bus(qts, 0, 3 << 3, 9, 9);
    acpi_blob_read(qts, &blob);
    expect_initiators(&blob, 3, want);
    acpi_blob_free(&blob);
    qtest_quit(qts);
}

/* The host bridge gets the node too, in an SSDT. */
static void test_bridge_pxm(void)
{
    static const uint8_t want[] = {
        0x10, 0x12, '\\', 0x2f, 2, '_', 'S', 'B', '_', 'P', 'C', 'I', '0',
        0x08, '_', 'P', 'X', 'M', 0x01,
    };
    QTestState *qts = acpi_start(2, GPU ",addr=4.0 "
        "-object acpi-device-nodes,id=a,pci-dev=gpu0,nodeset=1,bridge-pxm=on");
    const uint8_t *ssdt;
    AcpiBlob blob;
    size_t len;

    acpi_blob_read(qts, &blob);
    ssdt = acpi_table(&blob, "SSDT", 0, &len);
    g_assert_nonnull(ssdt);
    g_assert_cmpmem(ssdt + 36, sizeof(want), want, sizeof(want));
    acpi_blob_free(&blob);
    qtest_quit(qts);
}

static void unplug(QTestState *qts, const char *id)
{
    qtest_qmp_device_del_send(qts, id);
    qtest_system_reset_nowait(qts);
    qtest_qmp_eventwait(qts, "DEVICE_DELETED");
}

/*
 * Unplug, reboot, plug again, reboot: the entries go and come back, for our
 * objects and for the stock one, and the machine lives.
 */
static void test_unplug(void)
{
    static const unsigned both[2][3] = { { 1, 0, 0x20 }, { 2, 0, 0x20 } };
    g_autofree char *numa = acpi_numa(3);
    QTestState *qts;
    AcpiBlob blob;

    if (acpi_is_arm() || !qtest_has_machine("pc")) {
        g_test_skip("needs a slot that can be unplugged without a guest");
        return;
    }
    qts = qtest_initf("-machine pc -nodefaults %s " GPU ",addr=4.0 "
        "-object acpi-device-nodes,id=a,pci-dev=gpu0,nodeset=1,dsd=on "
        "-object acpi-generic-initiator,id=gi,pci-dev=gpu0,node=2", numa);
    acpi_blob_read(qts, &blob);
    expect_initiators(&blob, 2, both);
    acpi_blob_free(&blob);

    unplug(qts, "gpu0");
    acpi_blob_read(qts, &blob);
    expect_initiators(&blob, 0, NULL);
    expect_memory(&blob, 1, 1, 2);
    acpi_blob_free(&blob);

    qtest_qmp_device_add(qts, "virtio-rng-pci", "gpu0", "{'addr': '4.0'}");
    qtest_system_reset(qts);
    acpi_blob_read(qts, &blob);
    expect_initiators(&blob, 2, both);
    acpi_blob_free(&blob);
    qtest_quit(qts);
}

/* No object, no entry and no node; stock's tests compare all other bytes. */
static void test_nothing(void)
{
    static const uint8_t pxm_1[] = { 0x08, '_', 'P', 'X', 'M', 0x01 };
    QTestState *qts = acpi_start(2, GPU);
    const uint8_t *table;
    AcpiBlob blob;
    GArray *entries;
    size_t len;

    acpi_blob_read(qts, &blob);
    g_assert_cmpuint(ssdt_count(&blob), ==, 0);
    entries = acpi_srat_entries(&blob, 5);
    g_assert_cmpuint(entries->len, ==, 0);
    g_array_free(entries, true);
    expect_memory(&blob, 1, 0, 1);
    table = acpi_table(&blob, "DSDT", 0, &len);
    g_assert_cmpint(acpi_find(table, len, "_DSD", 4), <, 0);
    g_assert_cmpint(acpi_find(table, len, pxm_1, sizeof(pxm_1)), <, 0);
    acpi_blob_free(&blob);
    qtest_quit(qts);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/acpi/topology/nothing", test_nothing);
    qtest_add_func("/acpi/topology/accelerator", test_accelerator);
    qtest_add_func("/acpi/topology/mover", test_mover);
    qtest_add_func("/acpi/topology/json", test_json);
    qtest_add_func("/acpi/topology/order", test_order);
    qtest_add_func("/acpi/topology/bus-number", test_bus_number);
    qtest_add_func("/acpi/topology/expander", test_expander);
    qtest_add_func("/acpi/topology/empty-slot", test_empty_slot);
    qtest_add_func("/acpi/topology/virtual-functions", test_virtual_functions);
    qtest_add_func("/acpi/topology/bridge-pxm", test_bridge_pxm);
    qtest_add_func("/acpi/topology/unplug", test_unplug);
    return g_test_run();
}
