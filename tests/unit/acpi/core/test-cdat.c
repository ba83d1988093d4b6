/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers out of a CDAT, and tables that lie about their length.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/acpi/topology/core/cdat.h"

static void put_dslbis(GArray *cdat, uint8_t type, uint64_t unit,
                       uint16_t value)
{
    uint8_t entry[24] = { 1, 0, 24, 0 };

    entry[6] = type;
    stq_le_p(entry + 8, unit);
    stw_le_p(entry + 16, value);
    g_array_append_vals(cdat, entry, sizeof(entry));
    stl_le_p(cdat->data, cdat->len);
}

static GArray *cdat_new(void)
{
    static const uint8_t header[16] = { 16, 0, 0, 0, 1 };
    GArray *cdat = g_array_new(false, true, 1);

    g_array_append_vals(cdat, header, sizeof(header));
    return cdat;
}

static bool parse(const GArray *cdat, AcpiTopoPerf *perf)
{
    return acpi_topo_cdat_parse((const uint8_t *)cdat->data, cdat->len, perf);
}

static void test_numbers(void)
{
    GArray *cdat = cdat_new();
    AcpiTopoPerf perf;

    put_dslbis(cdat, 1, 10000, 15);
    put_dslbis(cdat, 2, 10000, 25);
    put_dslbis(cdat, 4, 1024, 16);
    put_dslbis(cdat, 5, 1024, 8);
    g_assert_true(parse(cdat, &perf));
    g_assert_cmpuint(perf.read_latency, ==, 150);
    g_assert_cmpuint(perf.write_latency, ==, 250);
    g_assert_cmpuint(perf.read_bandwidth, ==, 16384);
    g_assert_cmpuint(perf.write_bandwidth, ==, 8192);
    g_array_free(cdat, true);
}

static void test_access_and_slowest(void)
{
    GArray *cdat = cdat_new();
    AcpiTopoPerf perf;

    put_dslbis(cdat, 0, 1, 1001);
    put_dslbis(cdat, 3, 10, 100);
    put_dslbis(cdat, 0, 1000, 5);
    put_dslbis(cdat, 3, 10, 50);
    g_assert_true(parse(cdat, &perf));
    g_assert_cmpuint(perf.read_latency, ==, 5);
    g_assert_cmpuint(perf.write_latency, ==, 5);
    g_assert_cmpuint(perf.read_bandwidth, ==, 500);
    g_assert_cmpuint(perf.write_bandwidth, ==, 500);
    g_array_free(cdat, true);
}

static void test_nothing_said(void)
{
    GArray *cdat = cdat_new();
    AcpiTopoPerf perf;

    g_assert_false(parse(cdat, &perf));
    put_dslbis(cdat, 0, 1000, 0);
    put_dslbis(cdat, 1, 1000, 0xffff);
    put_dslbis(cdat, 1, 0, 5);
    put_dslbis(cdat, 2, UINT64_MAX, 5);
    put_dslbis(cdat, 9, 1000, 5);
    g_assert_false(parse(cdat, &perf));
    g_array_free(cdat, true);
}

static void test_damaged(void)
{
    GArray *cdat = cdat_new();
    AcpiTopoPerf perf;
    unsigned len;

    put_dslbis(cdat, 0, 1000, 5);
    g_assert_true(parse(cdat, &perf));

    /* Any cut is noticed, and nothing behind it is read. */
    for (len = 0; len < cdat->len; len++) {
        g_autofree uint8_t *cut = g_memdup2(cdat->data, len);

        g_assert_false(acpi_topo_cdat_parse(cut, len, &perf));
        if (len >= 4) {
            stl_le_p(cut, len);
            g_assert_false(acpi_topo_cdat_parse(cut, len, &perf));
        }
    }
    cdat->data[16 + 2] = 0;
    g_assert_false(parse(cdat, &perf));
    cdat->data[16 + 2] = 25;
    g_assert_false(parse(cdat, &perf));
    g_array_free(cdat, true);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/acpi/cdat/numbers", test_numbers);
    g_test_add_func("/acpi/cdat/access-and-slowest", test_access_and_slowest);
    g_test_add_func("/acpi/cdat/nothing-said", test_nothing_said);
    g_test_add_func("/acpi/cdat/damaged", test_damaged);
    return g_test_run();
}
