/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows and distances derived from a device's own numbers; extended linear
 * caches.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/acpi/topology/core/hmat.h"
#include "tests/unit/acpi/core/fixture.h"

static const AcpiTopoPerf perf = {
    .read_latency = 150,
    .write_latency = 250,
    .read_bandwidth = 16384,
};

static uint32_t value_of(const GArray *rows, unsigned initiator,
                         unsigned target, AcpiTopoRowType type)
{
    unsigned i;

    for (i = 0; i < rows->len; i++) {
        const AcpiTopoRow *row = &g_array_index(rows, AcpiTopoRow, i);

        if (row->initiator == initiator && row->target == target &&
            row->type == type) {
            return row->value;
        }
    }
    return 0;
}

static void test_rows(void)
{
    AcpiTopoSet set = fixture_device("gpu0", 1, 2);
    AcpiTopoGiven given = { };
    AcpiTopoModel model;
    GArray *rows = g_array_new(false, false, sizeof(AcpiTopoRow));

    fixture_model(&model, 4);
    g_array_append_val(model.sets, set);
    acpi_topo_hmat_rows(rows, &model, &set, &perf, &given);

    /* 3 initiators x 2 targets x 3 numbers the device has given */
    g_assert_cmpuint(rows->len, ==, 18);
    g_assert_cmpuint(value_of(rows, 0, 1, ACPI_TOPO_READ_LATENCY), ==, 250);
    g_assert_cmpuint(value_of(rows, 0, 2, ACPI_TOPO_WRITE_LATENCY), ==, 350);
    g_assert_cmpuint(value_of(rows, 1, 1, ACPI_TOPO_READ_LATENCY), ==, 150);
    g_assert_cmpuint(value_of(rows, 2, 1, ACPI_TOPO_WRITE_LATENCY), ==, 250);
    g_assert_cmpuint(value_of(rows, 0, 2, ACPI_TOPO_READ_BANDWIDTH), ==, 16384);
    g_assert_cmpuint(value_of(rows, 0, 0, ACPI_TOPO_READ_LATENCY), ==, 0);
    g_array_free(rows, true);
    acpi_topo_model_clear(&model);
}

static void test_rows_given(void)
{
    AcpiTopoSet set = fixture_device("gpu0", 1, 2);
    AcpiTopoGiven given = { .targets = fixture_nodes(1, 1) };
    AcpiTopoModel model;
    GArray *rows = g_array_new(false, false, sizeof(AcpiTopoRow));

    fixture_model(&model, 3);
    set.initiator = false;
    acpi_topo_hmat_rows(rows, &model, &set, &perf, &given);
    g_assert_cmpuint(rows->len, ==, 3);
    g_assert_cmpuint(value_of(rows, 0, 1, ACPI_TOPO_READ_LATENCY), ==, 0);
    g_assert_cmpuint(value_of(rows, 0, 2, ACPI_TOPO_READ_LATENCY), ==, 250);
    g_array_free(rows, true);
    acpi_topo_model_clear(&model);
}

/* Rows have the types that were typed, so that Linux forgets none of these. */
static void test_rows_types(void)
{
    static const struct {
        const char *given, *want;       /* types as digits */
    } cases[] = {
        { "", "1245" }, { "0", "045" }, { "3", "123" }, { "03", "03" },
        { "1", "1245" }, { "01", "0145" }, { "012345", "012345" },
        { "35", "1235" },
    };
    AcpiTopoPerf own = perf;
    unsigned c, i;

    own.write_bandwidth = 8192;
    for (c = 0; c < G_N_ELEMENTS(cases); c++) {
        GArray *rows = g_array_new(false, false, sizeof(AcpiTopoRow));
        AcpiTopoSet set = fixture_device("gpu0", 1, 1);
        AcpiTopoGiven given = { };
        AcpiTopoModel model;

        for (i = 0; cases[c].given[i]; i++) {
            given.type[cases[c].given[i] - '0'] = true;
        }
        set.initiator = false;
        fixture_model(&model, 2);
        g_array_append_val(model.sets, set);
        acpi_topo_hmat_rows(rows, &model, &set, &own, &given);
        g_assert_cmpuint(rows->len, ==, strlen(cases[c].want));
        for (i = 0; i < rows->len; i++) {
            g_assert_cmpuint(g_array_index(rows, AcpiTopoRow, i).type, ==,
                             cases[c].want[i] - '0');
        }
        if (given.type[ACPI_TOPO_ACCESS_LATENCY]) {
            g_assert_cmpuint(value_of(rows, 0, 1, ACPI_TOPO_ACCESS_LATENCY),
                             ==, 350);
        }
        if (given.type[ACPI_TOPO_ACCESS_BANDWIDTH]) {
            g_assert_cmpuint(value_of(rows, 0, 1, ACPI_TOPO_ACCESS_BANDWIDTH),
                             ==, 8192);
        }
        g_array_free(rows, true);
        acpi_topo_model_clear(&model);
    }
}

static void test_distance(void)
{
    AcpiTopoPerf slow = { .read_latency = 1000000 };
    AcpiTopoPerf fast = { .read_latency = 10 };
    const AcpiTopoPerf *list[] = { &perf, NULL };
    AcpiTopoSet sets[] = {
        fixture_device("a", 1, 2), fixture_device("b", 3, 4),
    };
    AcpiTopoModel model;

    fixture_model(&model, 5);
    g_array_append_vals(model.sets, sets, 2);
    g_assert_cmpuint(acpi_topo_slit_distance(&model, list, 1, 1), ==, 10);
    g_assert_cmpuint(acpi_topo_slit_distance(&model, list, 1, 2), ==, 11);
    g_assert_cmpuint(acpi_topo_slit_distance(&model, list, 0, 1), ==, 35);
    g_assert_cmpuint(acpi_topo_slit_distance(&model, list, 1, 0), ==, 35);
    g_assert_cmpuint(acpi_topo_slit_distance(&model, list, 0, 3), ==, 20);
    g_assert_cmpuint(acpi_topo_slit_distance(&model, list, 3, 4), ==, 20);
    list[0] = &slow;
    g_assert_cmpuint(acpi_topo_slit_distance(&model, list, 0, 1), ==, 254);
    list[0] = &fast;
    g_assert_cmpuint(acpi_topo_slit_distance(&model, list, 0, 1), ==, 20);
    acpi_topo_model_clear(&model);
}

/* A structure of @len bytes that says it is of that type and @said bytes */
static size_t put_structure(GArray *table, unsigned type, uint32_t said,
                            unsigned len, uint32_t node)
{
    size_t at = table->len;
    uint8_t *s;

    g_array_set_size(table, at + len);
    s = (uint8_t *)table->data + at;
    memset(s, 0, len);
    stw_le_p(s, type);
    stl_le_p(s + 4, said);
    if (len >= 12) {
        stl_le_p(s + 8, node);
    }
    return at;
}

static void put_table(GArray *tables, GArray *offsets, const char *name)
{
    uint32_t at = tables->len;

    g_array_append_val(offsets, at);
    g_array_append_vals(tables, name, 4);
    g_array_set_size(tables, at + 40);
}

static unsigned mode_at(const GArray *tables, size_t at)
{
    return lduw_le_p(tables->data + at + 28);
}

/*
 * Caches of nodes with near memory change, no other byte, and what is shorter
 * than it says ends the walk.
 */
static void test_near(void)
{
    static const AcpiTopoWindow windows[] = {
        { .base = 1, .node = 1 }, { .base = 2, .node = 2, .near = 4096 },
    };
    enum { NONE, TOO_SHORT, TOO_LONG, ENDLESS, SHORT_CACHE, CASES };

    for (unsigned n = NONE; n < CASES; n++) {
        GArray *tables = g_array_new(false, true, 1);
        GArray *offsets = g_array_new(false, false, sizeof(uint32_t));
        AcpiTopoModel model;
        size_t other, near, end;

        fixture_model(&model, 3);
        g_array_append_vals(model.windows, windows, 2);
        put_table(tables, offsets, "SRAT");
        put_table(tables, offsets, "HMAT");
        put_structure(tables, 0, 40, 40, 2);
        other = put_structure(tables, 2, 32, 32, 1);
        put_structure(tables, 1, 32, 32, 2);
        put_structure(tables, 2, n == TOO_SHORT ? 7 : n == TOO_LONG ? 1000 :
                      n == ENDLESS ? 0 : 8, 8, 0);
        near = put_structure(tables, 2, n == SHORT_CACHE ? 28 : 32, 32, 2);
        put_structure(tables, 2, 8, n == NONE ? 8 : 5, 2);
        end = tables->len;
        stl_le_p(tables->data + 44, end - 40);
        put_table(tables, offsets, "MCFG");
        stw_le_p(tables->data + end + 28, 0x5555);

        acpi_topo_hmat_near(tables, offsets, &model);
        g_assert_cmpuint(mode_at(tables, other), ==, 0);
        g_assert_cmpuint(mode_at(tables, near), ==, n == NONE);
        g_assert_cmpuint(mode_at(tables, end), ==, 0x5555);
        g_array_free(tables, true);
        g_array_free(offsets, true);
        acpi_topo_model_clear(&model);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/acpi/hmat/rows", test_rows);
    g_test_add_func("/acpi/hmat/rows-given", test_rows_given);
    g_test_add_func("/acpi/hmat/rows-types", test_rows_types);
    g_test_add_func("/acpi/hmat/distance", test_distance);
    g_test_add_func("/acpi/hmat/near", test_near);
    return g_test_run();
}
