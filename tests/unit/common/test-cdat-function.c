/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of a function from the figures of a person, alone and with the
 * switches above it, and tables of switches that are none.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/common/cdat-function.h"

static const CdatWay no_way;

static const CdatFunction gpu = {
    .memory = 4 * GiB, .initiator = true, .read_latency = 300,
    .write_latency = 400, .read_bandwidth = 80000, .write_bandwidth = 40000,
};

static uint64_t figure(const Cdat *cdat, uint8_t data_type)
{
    for (unsigned i = 1; i < cdat_entries(cdat); i++) {
        size_t len;
        const uint8_t *e = cdat_entry(cdat, i, &len);

        if (e[0] == CDAT_DSLBIS && e[6] == data_type) {
            return cdat_dslbis_value(e);
        }
    }
    return 0;
}

static unsigned count(const Cdat *cdat, uint8_t type)
{
    unsigned n = 0;

    for (unsigned i = 1; i < cdat_entries(cdat); i++) {
        size_t len;

        n += cdat_entry(cdat, i, &len)[0] == type;
    }
    return n;
}

static void build(Cdat *cdat, const CdatFunction *f, const CdatWay *way)
{
    g_assert_null(cdat_function_check(f));
    cdat_init(cdat);
    cdat_function_build(cdat, f, way);
    g_assert_null(cdat_check(cdat));
}

static void test_memory(void)
{
    CdatFunction f = gpu;
    Cdat cdat;
    size_t len;
    CdatDsmas dsmas;

    build(&cdat, &f, &no_way);
    g_assert_cmpuint(count(&cdat, CDAT_DSMAS), ==, 1);
    g_assert_cmpuint(count(&cdat, CDAT_DSEMTS), ==, 1);
    g_assert_cmpuint(count(&cdat, CDAT_DSIS), ==, 1);
    memcpy(&dsmas, cdat_entry(&cdat, 1, &len), sizeof(dsmas));
    g_assert_cmphex(dsmas.flags, ==, 0);
    g_assert_cmphex(le64_to_cpu(dsmas.dpa_length), ==, 4 * GiB);
    g_assert_cmpuint(figure(&cdat, CDAT_READ_LATENCY), ==, 300000);
    g_assert_cmpuint(figure(&cdat, CDAT_WRITE_LATENCY), ==, 400000);
    g_assert_cmpuint(figure(&cdat, CDAT_READ_BANDWIDTH), ==, 80000);
    g_assert_cmpuint(figure(&cdat, CDAT_WRITE_BANDWIDTH), ==, 40000);
    cdat_destroy(&cdat);

    f = (CdatFunction) { .memory = 4096, .persistent = true };
    build(&cdat, &f, &no_way);
    memcpy(&dsmas, cdat_entry(&cdat, 1, &len), sizeof(dsmas));
    g_assert_cmphex(dsmas.flags, ==, CDAT_DSMAS_NONVOLATILE);
    g_assert_cmpuint(count(&cdat, CDAT_DSIS), ==, 0);
    g_assert_cmpuint(count(&cdat, CDAT_DSLBIS), ==, 0);
    cdat_destroy(&cdat);
}

static void test_initiator(void)
{
    const CdatFunction f = {
        .initiator = true, .read_latency = 5000000,
        .write_bandwidth = UINT32_MAX,
    };
    Cdat cdat;

    build(&cdat, &f, &no_way);
    g_assert_cmpuint(count(&cdat, CDAT_DSMAS), ==, 0);
    g_assert_cmpuint(count(&cdat, CDAT_DSIS), ==, 1);
    g_assert_cmpuint(count(&cdat, CDAT_DSLBIS), ==, 2);
    g_assert_cmpuint(figure(&cdat, CDAT_READ_LATENCY), ==, 5000000000);
    g_assert_cmpuint(figure(&cdat, CDAT_WRITE_BANDWIDTH), ==, 4294900000);
    cdat_destroy(&cdat);
}

static void refused(CdatFunction f, const char *why)
{
    g_autofree char *problem = cdat_function_check(&f);

    g_assert_nonnull(problem);
    g_assert_nonnull(strstr(problem, why));
}

static void test_refused(void)
{
    refused((CdatFunction) { }, "'initiator'");
    refused((CdatFunction) { .memory = 4095 }, "multiple of 4096");
    refused((CdatFunction) { .initiator = true, .persistent = true },
            "'persistent'");
}

/* --- switches ------------------------------------------------------------- */

typedef struct QEMU_PACKED Table {
    CdatSslbis head;
    CdatSslbe e[2];
} Table;

static Table table(uint8_t data_type, uint64_t unit, uint16_t port,
                   uint16_t value)
{
    return (Table) {
        .head.entry = { CDAT_SSLBIS, 0, cpu_to_le16(sizeof(Table)) },
        .head.data_type = data_type,
        .head.base_unit = cpu_to_le64(unit),
        .e[0] = { cpu_to_le16(0x100), cpu_to_le16(port), cpu_to_le16(value) },
        .e[1] = { cpu_to_le16(port), cpu_to_le16(9), cpu_to_le16(77) },
    };
}

static void hear(CdatSwitch *s, Table t)
{
    cdat_switch_entry(s, (const uint8_t *)&t, sizeof(t));
}

static void test_way(void)
{
    CdatSwitch near = { .port = 4 }, far = { .port = 5 };
    CdatWay way = { 0 };
    Cdat cdat;

    hear(&near, table(CDAT_ACCESS_LATENCY, 10000, 4, 15));
    hear(&near, table(CDAT_ACCESS_LATENCY, 10000, 3, 99));
    hear(&near, table(CDAT_ACCESS_BANDWIDTH, 1024, 4, 16));
    hear(&far, table(CDAT_READ_LATENCY, 1000, 0xffff, 60));
    hear(&far, table(CDAT_WRITE_LATENCY, 1000, 0xffff, 70));
    hear(&far, table(CDAT_READ_BANDWIDTH, 1, 5, 50000));
    cdat_way_through(&way, &near);
    cdat_way_through(&way, &far);
    g_assert_cmpuint(way.latency_ps, ==, 150000 + 70000);
    g_assert_cmpuint(way.mbps, ==, 16384);

    build(&cdat, &gpu, &way);
    g_assert_cmpuint(figure(&cdat, CDAT_READ_LATENCY), ==, 520000);
    g_assert_cmpuint(figure(&cdat, CDAT_WRITE_LATENCY), ==, 620000);
    g_assert_cmpuint(figure(&cdat, CDAT_READ_BANDWIDTH), ==, 16384);
    g_assert_cmpuint(figure(&cdat, CDAT_WRITE_BANDWIDTH), ==, 16384);
    cdat_destroy(&cdat);
}

/* The other way round, and what has no limit stays so. */
static void test_way_reverse(void)
{
    CdatSwitch s = { .port = 4 };
    Table t = table(CDAT_ACCESS_LATENCY, 1, 4, 15);
    CdatWay way = { 0 };

    t.e[0].port_x = cpu_to_le16(4);
    t.e[0].port_y = cpu_to_le16(0x100);
    hear(&s, t);
    cdat_way_through(&way, &s);
    g_assert_cmpuint(way.latency_ps, ==, 15);
    g_assert_cmpuint(way.mbps, ==, 0);
}

static void test_way_nonsense(void)
{
    CdatSwitch s = { .port = 4 };
    Table t = table(CDAT_ACCESS_LATENCY, 1, 4, 15);

    hear(&s, table(CDAT_ACCESS_LATENCY, 1, 4, 0));
    hear(&s, table(CDAT_ACCESS_LATENCY, 1, 4, 0xffff));
    hear(&s, table(CDAT_ACCESS_LATENCY, UINT64_MAX, 4, 2));
    hear(&s, table(6, 1, 4, 2));
    t.head.entry.type = CDAT_DSLBIS;
    hear(&s, t);
    for (size_t len = 0; len < 24; len++) {
        t = table(CDAT_ACCESS_LATENCY, 1, 4, 15);
        cdat_switch_entry(&s, (const uint8_t *)&t, len);
    }
    g_assert_cmpuint(s.way.latency_ps, ==, 0);
    g_assert_cmpuint(s.way.mbps, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cdat-function/memory", test_memory);
    g_test_add_func("/cdat-function/initiator", test_initiator);
    g_test_add_func("/cdat-function/refused", test_refused);
    g_test_add_func("/cdat-function/way", test_way);
    g_test_add_func("/cdat-function/way-reverse", test_way_reverse);
    g_test_add_func("/cdat-function/way-nonsense", test_way_nonsense);
    return g_test_run();
}
