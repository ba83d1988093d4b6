/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Node sets, parsing of property values, and the order of a model.
 */
#include "qemu/osdep.h"
#include "tests/unit/acpi/core/fixture.h"

static void test_nodes(void)
{
    AcpiTopoNodes nodes = { };

    g_assert_cmpuint(acpi_topo_nodes_count(&nodes), ==, 0);
    g_assert_cmpuint(acpi_topo_nodes_next(&nodes, 0), ==, ACPI_TOPO_MAX_NODES);
    g_assert_cmpuint(acpi_topo_nodes_hole(&nodes), ==, ACPI_TOPO_MAX_NODES);

    acpi_topo_nodes_add(&nodes, 63);
    acpi_topo_nodes_add(&nodes, 64);
    acpi_topo_nodes_add(&nodes, 127);
    g_assert_cmpuint(acpi_topo_nodes_count(&nodes), ==, 3);
    g_assert_true(acpi_topo_nodes_test(&nodes, 64));
    g_assert_false(acpi_topo_nodes_test(&nodes, 65));
    g_assert_cmpuint(acpi_topo_nodes_next(&nodes, 0), ==, 63);
    g_assert_cmpuint(acpi_topo_nodes_next(&nodes, 65), ==, 127);
    g_assert_cmpuint(acpi_topo_nodes_next(&nodes, 128), ==,
                     ACPI_TOPO_MAX_NODES);
    g_assert_cmpuint(acpi_topo_nodes_hole(&nodes), ==, 65);

    nodes = fixture_nodes(120, 127);
    g_assert_cmpuint(acpi_topo_nodes_hole(&nodes), ==, ACPI_TOPO_MAX_NODES);
}

static void test_parse_pxm(void)
{
    static const char * const bad[] = {
        "", "-1", "+1", " 1", "1 ", "128", "0x1", "1000", "First", "none2",
    };
    static const char *const texts[] = { "first", "none", "0", "127" };
    int pxm = 77;
    unsigned i;

    for (i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *text = NULL;

        g_assert_true(acpi_topo_parse_pxm(texts[i], &pxm));
        text = acpi_topo_pxm_text(pxm);
        g_assert_cmpstr(text, ==, texts[i]);
    }
    g_assert_true(acpi_topo_parse_pxm("first", &pxm));
    g_assert_cmpint(pxm, ==, ACPI_TOPO_PXM_FIRST);
    g_assert_true(acpi_topo_parse_pxm("none", &pxm));
    g_assert_cmpint(pxm, ==, ACPI_TOPO_PXM_NONE);
    g_assert_true(acpi_topo_parse_pxm("0", &pxm));
    g_assert_cmpint(pxm, ==, 0);
    g_assert_true(acpi_topo_parse_pxm("127", &pxm));
    g_assert_cmpint(pxm, ==, 127);
    for (i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_false(acpi_topo_parse_pxm(bad[i], &pxm));
    }
}

static void test_parse_addr(void)
{
    static const char * const bad[] = {
        "", ".", "1.", ".1", "20", "1.8", "1.0.0", "-1", "1 .0", "g", "0000.0",
    };
    uint8_t devfn = 0;
    unsigned i;

    g_assert_true(acpi_topo_parse_addr("0.0", &devfn));
    g_assert_cmphex(devfn, ==, 0);
    g_assert_true(acpi_topo_parse_addr("1f.7", &devfn));
    g_assert_cmphex(devfn, ==, 0xff);
    g_assert_true(acpi_topo_parse_addr("04.0", &devfn));
    g_assert_cmphex(devfn, ==, 0x20);
    g_assert_true(acpi_topo_parse_addr("A", &devfn));
    g_assert_cmphex(devfn, ==, 0x50);
    for (i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_false(acpi_topo_parse_addr(bad[i], &devfn));
    }
}

static void test_pxm(void)
{
    AcpiTopoSet device = fixture_device("a", 3, 5);
    AcpiTopoSet memory = fixture_memory("b", 6, 7);

    g_assert_cmpint(acpi_topo_set_pxm(&device), ==, 3);
    device.pxm = 5;
    g_assert_cmpint(acpi_topo_set_pxm(&device), ==, 5);
    device.pxm = ACPI_TOPO_PXM_NONE;
    g_assert_cmpint(acpi_topo_set_pxm(&device), ==, -1);
    g_assert_cmpint(acpi_topo_set_pxm(&memory), ==, -1);
}

/* Whatever the order of creation, the model comes out by node, then name. */
static void test_sort(void)
{
    static const char * const expected[] = { "m", "a", "z", "b" };
    AcpiTopoModel model;
    AcpiTopoSet sets[] = {
        fixture_device("b", 6, 7), fixture_device("z", 4, 5),
        fixture_device("m", 1, 3), fixture_device("a", 4, 4),
    };
    AcpiTopoGeneric generics[] = {
        fixture_generic("y", ACPI_TOPO_PORT, 2),
        fixture_generic("x", ACPI_TOPO_INITIATOR, 2),
        fixture_generic("w", ACPI_TOPO_INITIATOR, 1),
    };
    unsigned i;

    fixture_model(&model, 8);
    g_array_append_vals(model.sets, sets, G_N_ELEMENTS(sets));
    g_array_append_vals(model.generics, generics, G_N_ELEMENTS(generics));
    acpi_topo_model_sort(&model);
    for (i = 0; i < G_N_ELEMENTS(expected); i++) {
        g_assert_cmpstr(acpi_topo_model_set(&model, i)->id, ==, expected[i]);
    }
    g_assert_cmpstr(acpi_topo_model_generic(&model, 0)->id, ==, "w");
    g_assert_cmpstr(acpi_topo_model_generic(&model, 1)->id, ==, "x");
    g_assert_cmpstr(acpi_topo_model_generic(&model, 2)->id, ==, "y");
    acpi_topo_model_clear(&model);
}

static void test_memory(void)
{
    AcpiTopoModel model;
    AcpiTopoSet sets[] = {
        fixture_memory("m", 9, 9), fixture_device("d", 1, 2),
        fixture_device("e", 4, 5),
    };
    AcpiTopoNodes nodes;

    fixture_model(&model, 10);
    sets[2].memory = false;
    g_array_append_vals(model.sets, sets, G_N_ELEMENTS(sets));
    acpi_topo_model_memory(&model, &nodes);
    g_assert_cmpuint(acpi_topo_nodes_count(&nodes), ==, 3);
    g_assert_true(acpi_topo_nodes_test(&nodes, 1));
    g_assert_true(acpi_topo_nodes_test(&nodes, 2));
    g_assert_true(acpi_topo_nodes_test(&nodes, 9));
    acpi_topo_model_clear(&model);
}

/* Known: processors, memory at boot, sets, initiators, the last by maxmem. */
static void test_known(void)
{
    static const bool expected[10] = {
        true, true, true, true, true, false, true, false, false, true,
    };
    AcpiTopoModel model;
    AcpiTopoSet sets[] = {
        fixture_memory("m", 2, 2), fixture_device("d", 3, 3),
        fixture_device("e", 4, 4),
    };
    AcpiTopoGeneric generics[] = {
        fixture_generic("port", ACPI_TOPO_PORT, 5),
        fixture_generic("initiator", ACPI_TOPO_INITIATOR, 6),
    };
    AcpiTopoNodes nodes;
    unsigned i;

    fixture_model(&model, 10);
    model.machine.node[0].has_cpu = true;
    model.machine.node[1].has_memory = true;
    sets[1].memory = false;
    sets[2].initiator = false;
    g_array_append_vals(model.sets, sets, G_N_ELEMENTS(sets));
    g_array_append_vals(model.generics, generics, G_N_ELEMENTS(generics));
    model.machine.hotplug_window = true;
    acpi_topo_model_known(&model, &nodes);
    for (i = 0; i < G_N_ELEMENTS(expected); i++) {
        g_assert_cmpint(acpi_topo_nodes_test(&nodes, i), ==, expected[i]);
    }
    model.machine.hotplug_window = false;
    acpi_topo_model_known(&model, &nodes);
    g_assert_false(acpi_topo_nodes_test(&nodes, 9));
    acpi_topo_model_clear(&model);
}

/* Steps count from the host bridge down, up to the first that has no node. */
static void test_described(void)
{
    AcpiTopoSet sets[] = {
        fixture_device("near", 1, 1), fixture_device("far", 2, 2),
        fixture_device("other", 3, 3),
    };
    AcpiTopoFunction port = sets[0].fn;
    AcpiTopoModel model;

    sets[1].fn.depth = 3;
    sets[1].fn.devfn[1] = 0x08;
    sets[2].fn.host[3] = '1';
    g_assert_true(acpi_topo_set_is_at(&sets[0], &port));
    g_assert_false(acpi_topo_set_is_at(&sets[1], &port));
    g_assert_false(acpi_topo_set_is_at(&sets[2], &port));

    fixture_model(&model, 4);
    g_array_append_vals(model.sets, sets, G_N_ELEMENTS(sets));
    acpi_topo_model_count_described(&model);
    g_assert_cmpuint(acpi_topo_model_set(&model, 0)->fn.described, ==, 0);

    acpi_topo_model_describe(&model, &port);
    acpi_topo_model_describe(&model, &sets[1].fn);
    acpi_topo_model_count_described(&model);
    g_assert_cmpuint(acpi_topo_model_set(&model, 0)->fn.described, ==, 1);
    g_assert_cmpuint(acpi_topo_model_set(&model, 1)->fn.described, ==, 1);
    g_assert_cmpuint(acpi_topo_model_set(&model, 2)->fn.described, ==, 0);

    port.depth = 2;
    port.devfn[1] = 0x08;
    acpi_topo_model_describe(&model, &port);
    acpi_topo_model_count_described(&model);
    g_assert_cmpuint(acpi_topo_model_set(&model, 1)->fn.described, ==, 3);
    acpi_topo_model_clear(&model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/acpi/model/nodes", test_nodes);
    g_test_add_func("/acpi/model/parse-pxm", test_parse_pxm);
    g_test_add_func("/acpi/model/parse-addr", test_parse_addr);
    g_test_add_func("/acpi/model/pxm", test_pxm);
    g_test_add_func("/acpi/model/sort", test_sort);
    g_test_add_func("/acpi/model/memory", test_memory);
    g_test_add_func("/acpi/model/known", test_known);
    g_test_add_func("/acpi/model/described", test_described);
    return g_test_run();
}
