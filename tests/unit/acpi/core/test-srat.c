/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SRAT entries byte by byte, against bytes worked out by hand from the
 * specification, and their order.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/acpi/topology/core/srat.h"
#include "tests/unit/acpi/core/fixture.h"

static GArray *bytes_new(void)
{
    return g_array_new(false, false, 1);
}

static void expect_bytes(const GArray *got, unsigned at, const void *want,
                         size_t len)
{
    g_assert_cmpmem(got->data + at, len, want, len);
}

static void test_initiator(void)
{
    static const uint8_t want[32] = {
        5, 32, 0, 1,  2, 0, 0, 0,  0, 0, 7, 0x20,
        [24] = 1,
    };
    static const uint8_t arch[4] = { 3, 0, 0, 0 };
    AcpiTopoSet set = fixture_device("gpu0", 2, 2);
    AcpiTopoModel model;
    GArray *srat = bytes_new();

    fixture_model(&model, 3);
    set.fn.bus = 7;
    g_array_append_val(model.sets, set);
    acpi_topo_srat_generic(srat, &model);
    g_assert_cmpuint(srat->len, ==, 32);
    expect_bytes(srat, 0, want, 32);

    g_array_index(model.sets, AcpiTopoSet, 0).arch_transactions = true;
    acpi_topo_srat_generic(srat, &model);
    g_assert_cmpuint(srat->len, ==, 64);
    expect_bytes(srat, 32, want, 24);
    expect_bytes(srat, 56, arch, 4);
    g_array_free(srat, true);
    acpi_topo_model_clear(&model);
}

static void test_port(void)
{
    static const uint8_t want[32] = {
        6, 32, 0, 0,  1, 0, 0, 0,
        'A', 'C', 'P', 'I', '0', '0', '1', '6',
        0x0c, 0, 0, 0,  0, 0, 0, 0,  1,
    };
    AcpiTopoGeneric port = fixture_generic("gp0", ACPI_TOPO_PORT, 1);
    AcpiTopoModel model;
    GArray *srat = bytes_new();

    fixture_model(&model, 3);
    port.uid = 12;
    g_array_append_val(model.generics, port);
    acpi_topo_srat_generic(srat, &model);
    g_assert_cmpuint(srat->len, ==, 32);
    expect_bytes(srat, 0, want, 32);
    g_array_free(srat, true);
    acpi_topo_model_clear(&model);
}

/*
 * Entries of all kinds of objects are one ascending list; those of functions
 * that are not there are left out, never written as disabled.
 */
static void test_order(void)
{
    static const uint8_t nodes[] = { 2, 3, 5, 6, 7, 1, 4 };
    static const uint8_t types[] = { 5, 5, 5, 5, 5, 6, 6 };
    AcpiTopoSet sets[] = {
        fixture_device("b", 6, 7), fixture_device("a", 2, 3),
        fixture_device("gone", 8, 9), fixture_device("off", 10, 11),
    };
    AcpiTopoGeneric generics[] = {
        fixture_generic("p4", ACPI_TOPO_PORT, 4),
        fixture_generic("p1", ACPI_TOPO_PORT, 1),
        fixture_generic("i5", ACPI_TOPO_INITIATOR, 5),
        fixture_generic("i0", ACPI_TOPO_INITIATOR, 0),
    };
    AcpiTopoModel model;
    GArray *srat = bytes_new();
    unsigned i;

    fixture_model(&model, 12);
    sets[2].present = false;
    sets[3].initiator = false;
    generics[3].present = false;
    g_array_append_vals(model.sets, sets, G_N_ELEMENTS(sets));
    g_array_append_vals(model.generics, generics, G_N_ELEMENTS(generics));
    acpi_topo_model_sort(&model);
    acpi_topo_srat_generic(srat, &model);
    g_assert_cmpuint(srat->len, ==, 32 * G_N_ELEMENTS(nodes));
    for (i = 0; i < G_N_ELEMENTS(nodes); i++) {
        g_assert_cmpuint((uint8_t)srat->data[32 * i], ==, types[i]);
        g_assert_cmpuint((uint8_t)srat->data[32 * i + 4], ==, nodes[i]);
        g_assert_cmpuint((uint8_t)srat->data[32 * i + 24] & 1, ==, 1);
    }
    g_array_free(srat, true);
    acpi_topo_model_clear(&model);
}

/* Functions that share a node come in the order of their addresses. */
static void test_order_in_node(void)
{
    AcpiTopoSet sets[] = {
        fixture_device("a", 1, 1), fixture_device("b", 1, 1),
        fixture_device("c", 1, 1),
    };
    AcpiTopoModel model;
    GArray *srat = bytes_new();

    fixture_model(&model, 2);
    sets[0].fn.bus = 2;
    sets[1].fn.devfn[0] = 0x28;
    g_array_append_vals(model.sets, sets, G_N_ELEMENTS(sets));
    acpi_topo_srat_generic(srat, &model);
    g_assert_cmpuint(srat->len, ==, 96);
    g_assert_cmpuint((uint8_t)srat->data[10], ==, 0);
    g_assert_cmpuint((uint8_t)srat->data[11], ==, 0x20);
    g_assert_cmpuint((uint8_t)srat->data[42], ==, 0);
    g_assert_cmpuint((uint8_t)srat->data[43], ==, 0x28);
    g_assert_cmpuint((uint8_t)srat->data[74], ==, 2);
    g_array_free(srat, true);
    acpi_topo_model_clear(&model);
}

static void test_memory(void)
{
    static const uint8_t want[40] = { 1, 40, 9, [28] = 3 };
    AcpiTopoSet sets[] = {
        fixture_memory("later", 10, 11), fixture_device("gone", 9, 9),
    };
    AcpiTopoModel model;
    GArray *srat = bytes_new();

    fixture_model(&model, 12);
    /* Its nodes stay even while the device is unplugged. */
    sets[1].present = false;
    g_array_append_vals(model.sets, sets, G_N_ELEMENTS(sets));
    acpi_topo_srat_memory(srat, &model);
    g_assert_cmpuint(srat->len, ==, 3 * 40);
    expect_bytes(srat, 0, want, 40);
    g_assert_cmpuint((uint8_t)srat->data[42], ==, 10);
    g_assert_cmpuint((uint8_t)srat->data[82], ==, 11);
    g_array_free(srat, true);
    acpi_topo_model_clear(&model);
}

/* A window of the set's host bridge takes the place of its first entry. */
static void test_window(void)
{
    static const uint8_t want[40] = {
        1, 40, 2, [8] = 0, 0, 0, 0, 2, [16] = 0, 0, 0, 0, 1, [28] = 3,
    };
    AcpiTopoSet sets[] = {
        fixture_device("mem0", 2, 3), fixture_device("off", 1, 1),
        fixture_device("mem1", 4, 4),
    };
    AcpiTopoModel model;
    GArray *srat = bytes_new();
    unsigned i;

    fixture_model(&model, 5);
    for (i = 0; i < 3; i++) {
        strcpy(sets[i].fn.host, "CL0C");
    }
    sets[1].memory = false;
    g_array_append_vals(model.sets, sets, G_N_ELEMENTS(sets));
    acpi_topo_model_sort(&model);
    g_assert_false(acpi_topo_model_window(&model, "CL0D", (AcpiTopoWindow) {
        .base = 0x400000000, .size = 1 }));
    g_assert_true(acpi_topo_model_window(&model, "CL0C", (AcpiTopoWindow) {
        .base = 0x300000000, .size = 0x100000000 }));
    g_assert_true(acpi_topo_model_window(&model, "CL0C", (AcpiTopoWindow) {
        .base = 0x200000000, .size = 0x100000000 }));
    acpi_topo_srat_memory(srat, &model);
    g_assert_cmpuint(srat->len, ==, 4 * 40);
    expect_bytes(srat, 0, want, 40);
    g_assert_cmpuint((uint8_t)srat->data[42], ==, 2);
    g_assert_cmpuint((uint8_t)srat->data[52], ==, 3);
    g_assert_cmpuint((uint8_t)srat->data[82], ==, 3);
    g_assert_cmpuint((uint8_t)srat->data[122], ==, 4);
    g_array_free(srat, true);
    acpi_topo_model_clear(&model);
}

/*
 * QEMU's entry for the hot-plug window names the highest node.  It is left
 * alone unless a lower empty node of a set would be numbered after it.
 */
static void test_hotplug(void)
{
    static const struct {
        bool later;             /* nodes 3 and 4 are a memory set */
        bool initiator, present;        /* of the device with 1 and 2 */
        bool stock;             /* an initiator for node 4 */
        unsigned nodes, want;
    } rows[] = {
        { false, true, true, false, 5, 4 },     /* 4 is of no set */
        { true, true, true, false, 5, 3 },
        { true, true, true, true, 5, 4 },       /* 4 has a number already */
        { true, true, false, false, 5, 1 },     /* the device has gone */
        { true, false, true, false, 5, 1 },
        { true, true, true, false, 6, 5 },      /* 5 is of no set */
        { false, true, true, false, 3, 2 },
        { false, false, true, false, 3, 1 },
    };
    static const uint8_t entry[40] = {
        1, 40, 0xff, 0xff, 0xff, 0xff, [12] = 1, [20] = 2, [28] = 3,
    };
    unsigned i;

    for (i = 0; i < G_N_ELEMENTS(rows); i++) {
        AcpiTopoSet device = fixture_device("gpu0", 1, 2);
        AcpiTopoSet later = fixture_memory("later", 3, 4);
        AcpiTopoGeneric stock = fixture_generic("i4", ACPI_TOPO_INITIATOR, 4);
        GArray *srat = bytes_new();
        AcpiTopoModel model;

        fixture_model(&model, rows[i].nodes);
        device.initiator = rows[i].initiator;
        device.present = rows[i].present;
        g_array_append_val(model.sets, device);
        if (rows[i].later) {
            g_array_append_val(model.sets, later);
        }
        if (rows[i].stock) {
            g_array_append_val(model.generics, stock);
        }
        g_array_append_vals(srat, entry, sizeof(entry));
        g_array_append_vals(srat, entry, sizeof(entry));
        acpi_topo_srat_hotplug(srat, &model);
        g_assert_cmpuint(srat->len, ==, 80);
        expect_bytes(srat, 0, entry, 40);
        g_assert_cmpuint(ldl_le_p(srat->data + 42), ==, rows[i].want);
        expect_bytes(srat, 46, entry + 6, 34);
        g_array_free(srat, true);
        acpi_topo_model_clear(&model);
    }
}

static void test_empty(void)
{
    AcpiTopoModel model;
    GArray *srat = bytes_new();

    fixture_model(&model, 2);
    acpi_topo_srat_generic(srat, &model);
    acpi_topo_srat_memory(srat, &model);
    g_assert_cmpuint(srat->len, ==, 0);
    g_array_free(srat, true);
    acpi_topo_model_clear(&model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/acpi/srat/initiator", test_initiator);
    g_test_add_func("/acpi/srat/port", test_port);
    g_test_add_func("/acpi/srat/order", test_order);
    g_test_add_func("/acpi/srat/order-in-node", test_order_in_node);
    g_test_add_func("/acpi/srat/memory", test_memory);
    g_test_add_func("/acpi/srat/window", test_window);
    g_test_add_func("/acpi/srat/hotplug", test_hotplug);
    g_test_add_func("/acpi/srat/empty", test_empty);
    return g_test_run();
}
