/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AML against goldens worked out by hand; tests/acpi reads the same forms back
 * with an independent disassembler.
 */
#include "qemu/osdep.h"
#include "hw/acpi/topology/core/dsdt.h"
#include "tests/acpi-dsd.h"
#include "tests/unit/acpi/core/fixture.h"

static void test_properties(void)
{
    static const uint8_t pxm[] = { 0x08, '_', 'P', 'X', 'M', 0x0a, 2 };
    AcpiTopoSet set = fixture_device("gpu0", 2, 9);
    GArray *aml = g_array_new(false, false, 1);

    acpi_topo_aml_properties(aml, &set);
    g_assert_cmpmem(aml->data, aml->len, pxm, sizeof(pxm));

    set.dsd = true;
    set.pxm = ACPI_TOPO_PXM_NONE;
    g_array_set_size(aml, 0);
    acpi_topo_aml_properties(aml, &set);
    g_assert_cmpmem(aml->data, aml->len, acpi_dsd_2_8, sizeof(acpi_dsd_2_8));
    g_array_free(aml, true);
}

/* Zero and One have opcodes of their own. */
static void test_small_numbers(void)
{
    static const uint8_t want[] = { 0x08, '_', 'P', 'X', 'M', 0x01 };
    AcpiTopoSet set = fixture_device("gpu0", 1, 1);
    GArray *aml = g_array_new(false, false, 1);

    acpi_topo_aml_properties(aml, &set);
    g_assert_cmpmem(aml->data, aml->len, want, sizeof(want));
    set.pxm = 0;
    g_array_set_size(aml, 0);
    acpi_topo_aml_properties(aml, &set);
    g_assert_cmpuint((uint8_t)aml->data[5], ==, 0);
    g_array_free(aml, true);
}

/* Others take as many bytes as they need. */
static void test_numbers(void)
{
    static const struct {
        uint32_t pxm;
        uint8_t len, aml[5];
    } rows[] = {
        { 0xff, 2, { 0x0a, 0xff } },
        { 0x100, 3, { 0x0b, 0, 1 } },
        { 0xffff, 3, { 0x0b, 0xff, 0xff } },
        { 0x10000, 5, { 0x0c, 0, 0, 1, 0 } },
    };
    AcpiTopoSet set = fixture_device("gpu0", 1, 1);
    GArray *aml = g_array_new(false, false, 1);

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        set.pxm = rows[i].pxm;
        g_array_set_size(aml, 0);
        acpi_topo_aml_properties(aml, &set);
        g_assert_cmpmem(aml->data + 5, aml->len - 5, rows[i].aml, rows[i].len);
    }
    g_array_free(aml, true);
}

/*
 * Two functions behind one root port on an expander: one scope, one node for
 * the port, two below it.
 */
static void test_nested(void)
{
    static const uint8_t want[] = {
        0x10, 0x46, 0x04, '\\', 0x2f, 2, '_', 'S', 'B', '_', 'P', 'C', '0', 'C',
        0x5b, 0x82, 0x37, 'S', '0', '8', '_',
        0x08, '_', 'A', 'D', 'R', 0x0c, 0, 0, 1, 0,
        0x5b, 0x82, 0x11, 'S', '0', '0', '_',
        0x08, '_', 'A', 'D', 'R', 0x00,
        0x08, '_', 'P', 'X', 'M', 0x01,
        0x5b, 0x82, 0x13, 'S', '0', '2', '_',
        0x08, '_', 'A', 'D', 'R', 0x0a, 2,
        0x08, '_', 'P', 'X', 'M', 0x0a, 2,
    };
    AcpiTopoSet sets[] = {
        fixture_device("b", 2, 2), fixture_device("a", 1, 1),
    };
    AcpiTopoModel model;
    GArray *aml = g_array_new(false, false, 1);
    unsigned i;

    fixture_model(&model, 3);
    for (i = 0; i < 2; i++) {
        AcpiTopoFunction *fn = &sets[i].fn;

        strcpy(fn->host, "PC0C");
        fn->depth = 2;
        fn->described = 0;
        fn->devfn[0] = 0x08;
        fn->devfn[1] = i ? 0 : 2;
    }
    g_array_append_vals(model.sets, sets, 2);
    acpi_topo_aml_missing(aml, &model);
    g_assert_cmpmem(aml->data, aml->len, want, sizeof(want));
    g_array_free(aml, true);
    acpi_topo_model_clear(&model);
}

/* The scope reaches down to the last node that the DSDT has. */
static void test_partly_described(void)
{
    static const uint8_t want[] = {
        0x10, 0x23, '\\', 0x2f, 3, '_', 'S', 'B', '_', 'P', 'C', 'I', '0',
        'S', '0', '8', '_',
        0x5b, 0x82, 0x11, 'S', '0', '0', '_',
        0x08, '_', 'A', 'D', 'R', 0x00,
        0x08, '_', 'P', 'X', 'M', 0x01,
    };
    AcpiTopoSet set = fixture_device("a", 1, 1);
    AcpiTopoModel model;
    GArray *aml = g_array_new(false, false, 1);

    fixture_model(&model, 2);
    set.fn.depth = 2;
    set.fn.devfn[0] = 0x08;
    set.fn.devfn[1] = 0;
    g_array_append_val(model.sets, set);
    acpi_topo_aml_missing(aml, &model);
    g_assert_cmpmem(aml->data, aml->len, want, sizeof(want));
    g_array_free(aml, true);
    acpi_topo_model_clear(&model);
}

static void test_nothing_missing(void)
{
    AcpiTopoSet sets[] = {
        fixture_device("described", 1, 1), fixture_device("absent", 2, 2),
        fixture_device("mute", 3, 3), fixture_memory("memory", 4, 4),
    };
    AcpiTopoModel model;
    GArray *aml = g_array_new(false, false, 1);

    fixture_model(&model, 5);
    sets[1].present = false;
    sets[1].fn.described = 0;
    sets[2].pxm = ACPI_TOPO_PXM_NONE;
    sets[2].fn.described = 0;
    g_array_append_vals(model.sets, sets, G_N_ELEMENTS(sets));
    acpi_topo_aml_missing(aml, &model);
    g_assert_cmpuint(aml->len, ==, 0);
    g_array_free(aml, true);
    acpi_topo_model_clear(&model);
}

/* Two sets agree on their host bridge: it gets its _PXM once. */
static void test_bridge_pxm(void)
{
    static const uint8_t want[] = {
        0x10, 0x12, '\\', 0x2f, 2, '_', 'S', 'B', '_', 'P', 'C', 'I', '0',
        0x08, '_', 'P', 'X', 'M', 0x01,
    };
    AcpiTopoSet sets[] = {
        fixture_device("a", 1, 1), fixture_device("b", 2, 2),
        fixture_device("c", 3, 3),
    };
    AcpiTopoModel model;
    GArray *aml = g_array_new(false, false, 1);

    fixture_model(&model, 4);
    sets[0].bridge_pxm = true;
    sets[1].bridge_pxm = true;
    sets[1].pxm = 1;
    /* This host bridge has a _PXM from QEMU. */
    sets[2].bridge_pxm = true;
    sets[2].fn.host_pxm = 3;
    strcpy(sets[2].fn.host, "PC0C");
    g_array_append_vals(model.sets, sets, G_N_ELEMENTS(sets));
    acpi_topo_aml_missing(aml, &model);
    g_assert_cmpmem(aml->data, aml->len, want, sizeof(want));
    g_array_free(aml, true);
    acpi_topo_model_clear(&model);
}

/* A package length over 4095 takes three bytes. */
static void test_long(void)
{
    AcpiTopoModel model;
    GArray *aml = g_array_new(false, false, 1);
    size_t length;
    unsigned i;

    fixture_model(&model, 2);
    for (i = 0; i < 256; i++) {
        AcpiTopoSet set = fixture_device("a", 1, 1);

        set.fn.described = 0;
        set.fn.devfn[0] = i;
        set.dsd = true;
        g_array_append_val(model.sets, set);
    }
    acpi_topo_aml_missing(aml, &model);
    /* One scope for each: they share no bridge. */
    g_assert_cmphex((uint8_t)aml->data[0], ==, 0x10);
    g_array_set_size(aml, 0);

    for (i = 0; i < 256; i++) {
        AcpiTopoFunction *fn = &g_array_index(model.sets, AcpiTopoSet, i).fn;

        fn->depth = 2;
        fn->devfn[1] = fn->devfn[0];
        fn->devfn[0] = 0x10;
    }
    acpi_topo_aml_missing(aml, &model);
    g_assert_cmphex((uint8_t)aml->data[0], ==, 0x10);
    g_assert_cmphex((uint8_t)aml->data[1] >> 6, ==, 2);
    length = (aml->data[1] & 0xf) | (uint8_t)aml->data[2] << 4 |
             (uint8_t)aml->data[3] << 12;
    g_assert_cmpuint(length, ==, aml->len - 1);
    g_array_free(aml, true);
    acpi_topo_model_clear(&model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/acpi/dsdt/properties", test_properties);
    g_test_add_func("/acpi/dsdt/small-numbers", test_small_numbers);
    g_test_add_func("/acpi/dsdt/numbers", test_numbers);
    g_test_add_func("/acpi/dsdt/nested", test_nested);
    g_test_add_func("/acpi/dsdt/partly-described", test_partly_described);
    g_test_add_func("/acpi/dsdt/nothing-missing", test_nothing_missing);
    g_test_add_func("/acpi/dsdt/bridge-pxm", test_bridge_pxm);
    g_test_add_func("/acpi/dsdt/long", test_long);
    return g_test_run();
}
