/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each mistake has its own message; a good model has none.
 */
#include "qemu/osdep.h"
#include "tests/unit/acpi/core/fixture.h"

/* Both objects of the documented example pass every check. */
static void good_model(AcpiTopoModel *model)
{
    AcpiTopoSet device = fixture_device("gpu0", 2, 9);
    AcpiTopoSet memory = fixture_memory("later", 10, 11);

    fixture_model(model, 12);
    device.dsd = true;
    g_array_append_val(model->sets, device);
    g_array_append_val(model->sets, memory);
    acpi_topo_model_sort(model);
}

static AcpiTopoSet *edit(AcpiTopoModel *model, unsigned i)
{
    return &g_array_index(model->sets, AcpiTopoSet, i);
}

static void expect(AcpiTopoModel *model, const char *part)
{
    g_autofree char *message = acpi_topo_model_check(model);

    g_assert_nonnull(message);
    if (!strstr(message, part)) {
        g_error("expected '%s' in: %s", part, message);
    }
    acpi_topo_model_clear(model);
}

static void expect_set(const AcpiTopoSet *set, const char *part)
{
    g_autofree char *message = acpi_topo_set_check(set);

    if (!part) {
        g_assert_cmpstr(message, ==, NULL);
        return;
    }
    g_assert_nonnull(message);
    if (!strstr(message, part)) {
        g_error("expected '%s' in: %s", part, message);
    }
}

static void test_good(void)
{
    AcpiTopoModel model;

    good_model(&model);
    expect_set(edit(&model, 0), NULL);
    expect_set(edit(&model, 1), NULL);
    g_assert_cmpstr(acpi_topo_model_check(&model), ==, NULL);
    acpi_topo_model_clear(&model);
}

static void test_set(void)
{
    AcpiTopoSet good = fixture_device("gpu0", 2, 9), set;

    set = good;
    set.nodes = (AcpiTopoNodes) { };
    expect_set(&set, "acpi-device-nodes 'gpu0': 'nodeset' is empty");

    set = good;
    set.initiator = set.memory = false;
    expect_set(&set, NULL);
    set.pxm = ACPI_TOPO_PXM_NONE;
    expect_set(&set, "nothing to describe");

    set = good;
    set.arch_transactions = true;
    expect_set(&set, NULL);
    set.initiator = false;
    expect_set(&set, "'arch-transactions=on' is a flag");

    set = good;
    set.bridge_pxm = true;
    expect_set(&set, NULL);
    set.pxm = ACPI_TOPO_PXM_NONE;
    expect_set(&set, "'bridge-pxm=on' needs a node");
}

static void test_set_dsd(void)
{
    AcpiTopoSet good = fixture_device("gpu0", 2, 9), set;

    good.dsd = true;
    set = good;
    acpi_topo_nodes_add(&set.nodes, 12);
    expect_set(&set, "'nodeset' has a hole at node 10");
    set.dsd = false;
    expect_set(&set, NULL);

    set = good;
    set.start_key = "";
    expect_set(&set, "'dsd-start-key' is ''");
    set.start_key = "with blank";
    expect_set(&set, "'dsd-start-key' is 'with blank'");
    set.start_key = "nvidia,gpu-mem-pxm-start";
    expect_set(&set, NULL);
    set.count_key = set.start_key;
    expect_set(&set, "they must differ");
}

static void test_machine(void)
{
    AcpiTopoModel model;

    good_model(&model);
    model.machine.name = "microvm";
    model.machine.supported = false;
    expect(&model, "machine 'microvm' has no SRAT");

    good_model(&model);
    model.machine.acpi = false;
    expect(&model, "'acpi=off'");

    good_model(&model);
    model.machine.num_nodes = 0;
    expect(&model, "has no NUMA nodes, add '-numa node'");

    good_model(&model);
    model.machine.num_nodes = 17;
    model.machine.node_limit = 16;
    expect(&model, "has 17 NUMA nodes, but an arm64 guest counts to 16");
}

static void test_nodes(void)
{
    AcpiTopoModel model;
    AcpiTopoGeneric port = fixture_generic("gp0", ACPI_TOPO_PORT, 11);

    good_model(&model);
    model.machine.num_nodes = 11;
    expect(&model, "acpi-memory-nodes 'later': node 11 of 'nodeset' is not "
                   "defined, add '-numa node,nodeid=11'");

    good_model(&model);
    model.machine.node[9].has_cpu = true;
    expect(&model, "'gpu0': node 9 of 'nodeset' has CPUs");

    good_model(&model);
    model.machine.node[2].has_memory = true;
    expect(&model, "'gpu0': node 2 of 'nodeset' has memory at boot");

    good_model(&model);
    g_array_append_val(model.generics, port);
    expect(&model, "node 11 of 'nodeset' is the node of acpi-generic-port "
                   "'gp0'");

    good_model(&model);
    edit(&model, 0)->pxm = 12;
    expect(&model, "node 12 of 'pxm' is not defined");
}

static void test_memory_twice(void)
{
    AcpiTopoModel model;

    good_model(&model);
    acpi_topo_nodes_add(&edit(&model, 1)->nodes, 9);
    expect(&model, "node 9 of 'nodeset' is a memory node of 'later' already");

    /* Initiators may share a node. */
    good_model(&model);
    acpi_topo_nodes_add(&edit(&model, 1)->nodes, 9);
    edit(&model, 0)->memory = false;
    g_assert_cmpstr(acpi_topo_model_check(&model), ==, NULL);
    acpi_topo_model_clear(&model);
}

static void test_function_twice(void)
{
    AcpiTopoModel model;
    AcpiTopoSet twin = fixture_device("twin", 1, 1);

    good_model(&model);
    g_array_append_val(model.sets, twin);
    acpi_topo_model_sort(&model);
    expect(&model, "'pxm=none,dsd=off'");

    good_model(&model);
    twin.pxm = ACPI_TOPO_PXM_NONE;
    g_array_append_val(model.sets, twin);
    g_assert_cmpstr(acpi_topo_model_check(&model), ==, NULL);
    acpi_topo_model_clear(&model);
}

static void test_bridge_pxm(void)
{
    AcpiTopoModel model;
    AcpiTopoSet twin = fixture_device("twin", 1, 1);

    good_model(&model);
    edit(&model, 0)->bridge_pxm = true;
    edit(&model, 0)->fn.host_pxm = 1;
    expect(&model, "asks for node 2, but host bridge PCI0 has 'numa_node=1'");

    good_model(&model);
    edit(&model, 0)->bridge_pxm = true;
    edit(&model, 0)->fn.host_pxm = 2;
    g_assert_cmpstr(acpi_topo_model_check(&model), ==, NULL);
    acpi_topo_model_clear(&model);

    good_model(&model);
    edit(&model, 0)->bridge_pxm = true;
    twin.bridge_pxm = true;
    twin.fn.devfn[0] = 0x28;
    g_array_append_val(model.sets, twin);
    expect(&model, "'twin' puts host bridge PCI0 in node 1");
}

static unsigned warnings(AcpiTopoModel *model, const char *part)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
    unsigned i, hits = 0;

    acpi_topo_model_warnings(model, list);
    for (i = 0; i < list->len; i++) {
        hits += !!strstr(g_ptr_array_index(list, i), part);
    }
    g_ptr_array_free(list, true);
    return hits;
}

static void test_port_warnings(void)
{
    AcpiTopoModel model;
    AcpiTopoGeneric port = fixture_generic("gp0", ACPI_TOPO_PORT, 1);
    AcpiTopoGeneric initiator = fixture_generic("gi0", ACPI_TOPO_INITIATOR, 2);

    fixture_model(&model, 2);
    g_array_append_val(model.generics, port);
    g_assert_cmpuint(warnings(&model, "node 1 is the last one"), ==, 1);
    g_assert_cmpuint(warnings(&model, "CXL fixed memory window"), ==, 0);
    model.machine.hotplug_window = true;
    g_assert_cmpuint(warnings(&model, "makes a memory node of it"), ==, 1);
    model.machine.cxl_window = true;
    g_assert_cmpuint(warnings(&model, "CXL fixed memory window"), ==, 1);

    /* A bare node above the port does not help, an initiator does. */
    model.machine.num_nodes = 3;
    g_assert_cmpuint(warnings(&model, "is the last one"), ==, 0);
    g_assert_cmpuint(warnings(&model, "CXL fixed memory window"), ==, 1);
    g_array_append_val(model.generics, initiator);
    g_assert_cmpuint(warnings(&model, "acpi-generic-port"), ==, 0);
    acpi_topo_model_clear(&model);
}

/* So does one with CPUs or memory. */
static void test_port_topped_by_node(void)
{
    AcpiTopoModel model;
    AcpiTopoGeneric port = fixture_generic("gp0", ACPI_TOPO_PORT, 1);

    fixture_model(&model, 4);
    model.machine.cxl_window = true;
    g_array_append_val(model.generics, port);
    g_assert_cmpuint(warnings(&model, "CXL fixed memory window"), ==, 1);
    model.machine.node[3].has_memory = true;
    g_assert_cmpuint(warnings(&model, "acpi-generic-port"), ==, 0);
    acpi_topo_model_clear(&model);
}

/* An empty node of a set above the port is a node for the guest. */
static void test_port_topped_by_set(void)
{
    AcpiTopoModel model;
    AcpiTopoGeneric port = fixture_generic("gp0", ACPI_TOPO_PORT, 1);
    AcpiTopoSet memory = fixture_memory("later", 2, 2);

    fixture_model(&model, 3);
    model.machine.cxl_window = true;
    g_array_append_val(model.generics, port);
    g_array_append_val(model.sets, memory);
    g_assert_cmpuint(warnings(&model, "acpi-generic-port"), ==, 0);
    acpi_topo_model_clear(&model);
}

/* By its name, or by bus and address, and not by both or half. */
static void test_selectors(void)
{
    static const struct {
        const char *dev, *bus, *addr, *part;
    } all[] = {
        { "d", NULL, NULL, NULL },
        { NULL, "b", "4.0", NULL },
        { "d", "b", NULL, "acpi-device-nodes 'gpu0': 'pci-dev' and 'pci-bus' "
          "exclude" },
        { "d", "b", "4.0", "'pci-dev' and 'pci-bus' exclude" },
        { "d", NULL, "4.0", "'pci-dev' and 'addr' exclude each other" },
        { NULL, NULL, NULL, "no device, give 'pci-dev'" },
        { NULL, "b", NULL, "'pci-bus' needs 'addr' beside it" },
        { NULL, NULL, "4.0", "'addr' needs 'pci-bus' beside it" },
    };
    AcpiTopoSet device = fixture_device("gpu0", 2, 9);
    AcpiTopoSet memory = fixture_memory("later", 10, 11);

    for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
        g_autofree char *message = acpi_topo_selectors_check(
            &device, all[i].dev, all[i].bus, all[i].addr);

        g_assert_true(all[i].part ? message && strstr(message, all[i].part)
                                  : !message);
        g_assert_null(acpi_topo_selectors_check(&memory, all[i].dev,
                                                all[i].bus, all[i].addr));
    }
}

static void test_no_effect(void)
{
    AcpiTopoMachine machine = { };

    g_assert_cmpstr(acpi_topo_no_effect(&machine), ==,
                    "this machine builds no SRAT");
    machine.supported = true;
    g_assert_nonnull(strstr(acpi_topo_no_effect(&machine), "acpi=off"));
    machine.acpi = true;
    g_assert_nonnull(strstr(acpi_topo_no_effect(&machine), "-numa node"));
    machine.num_nodes = 1;
    g_assert_null(acpi_topo_no_effect(&machine));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/acpi/check/good", test_good);
    g_test_add_func("/acpi/check/set", test_set);
    g_test_add_func("/acpi/check/set-dsd", test_set_dsd);
    g_test_add_func("/acpi/check/selectors", test_selectors);
    g_test_add_func("/acpi/check/no-effect", test_no_effect);
    g_test_add_func("/acpi/check/machine", test_machine);
    g_test_add_func("/acpi/check/nodes", test_nodes);
    g_test_add_func("/acpi/check/memory-twice", test_memory_twice);
    g_test_add_func("/acpi/check/function-twice", test_function_twice);
    g_test_add_func("/acpi/check/bridge-pxm", test_bridge_pxm);
    g_test_add_func("/acpi/check/port-warnings", test_port_warnings);
    g_test_add_func("/acpi/check/port-topped-by-set", test_port_topped_by_set);
    g_test_add_func("/acpi/check/port-topped-by-node",
                    test_port_topped_by_node);
    return g_test_run();
}
