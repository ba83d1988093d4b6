/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Distances and performance as SLIT and HMAT show them: typed, derived from a
 * device's CDAT, and both side by side.  The arithmetic alone is proven in
 * tests/unit/acpi/core/test-hmat.c.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/memfab/compat.h"
#include "tests/qtest/acpi/tables.h"

/* Data types of HMAT's structure 1. */
enum {
    ACCESS_LATENCY, READ_LATENCY, WRITE_LATENCY,
    ACCESS_BANDWIDTH, READ_BANDWIDTH, WRITE_BANDWIDTH, TYPES,
};

/* Node 1 belongs to a device with memory that has numbers of its own. */
#define WITH(device)                                                        \
    "-machine cxl=on,cxl-fmw.0.targets.0=cxl.0,cxl-fmw.0.size=4G "          \
    "-device pxb-cxl,id=cxl.0,bus_nr=12 "                                   \
    "-device cxl-rp,id=rp0,bus=cxl.0,chassis=0,slot=2,hotplug=off "         \
    "-object memory-backend-ram,id=vol0,size=256M "                         \
    "-device " device ",id=mem0,bus=rp0 "                                   \
    "-object acpi-device-nodes,id=a,pci-dev=mem0,nodeset=1 "
#define MEMDEV                                                              \
    WITH("cxl-type3,volatile-memdev=vol0,volatile-read-latency=150,"        \
         "volatile-write-latency=250,volatile-read-bandwidth=8192,"         \
         "volatile-write-bandwidth=4096")
#define ACCEL                                                               \
    WITH("cxl-accel,memdev=vol0,read-latency=150,write-latency=250,"        \
         "read-bandwidth=8192,write-bandwidth=4096")

#define ROW(from, to, type, unit, value)                                    \
    "-numa hmat-lb,initiator=" #from ",target=" #to ",hierarchy=memory,"    \
    "data-type=" type "," unit "=" value " "

static bool no_cxl(void)
{
    if (acpi_is_arm() && !MEMFAB_QEMU_AT_LEAST(10, 2)) {
        g_test_skip("no CXL on virt before QEMU 10.2");
        return true;
    }
    return false;
}

/* HMAT's structure 1 of this data type, or NULL. */
static const uint8_t *find_rows(const AcpiBlob *blob, unsigned type)
{
    size_t len;
    const uint8_t *hmat = acpi_table(blob, "HMAT", 0, &len), *entry;

    g_assert_nonnull(hmat);
    for (entry = hmat + 40; entry < hmat + len; entry += ldl_le_p(entry + 4)) {
        if (lduw_le_p(entry) == 1 && entry[9] == type) {
            return entry;
        }
    }
    return NULL;
}

/* In nanoseconds or MiB/s; 0 where the table says nothing. */
static uint64_t value_of(const AcpiBlob *blob, unsigned type, unsigned from,
                         unsigned to)
{
    const uint8_t *rows = find_rows(blob, type), *initiators, *targets;
    unsigned s, t, i, j;
    uint64_t value;

    if (!rows) {
        return 0;
    }
    s = ldl_le_p(rows + 12);
    t = ldl_le_p(rows + 16);
    initiators = rows + 32;
    targets = initiators + 4 * s;
    for (i = 0; i < s && ldl_le_p(initiators + 4 * i) != from; i++) {
        /* look on */
    }
    for (j = 0; j < t && ldl_le_p(targets + 4 * j) != to; j++) {
        /* look on */
    }
    g_assert_cmpuint(i, <, s);
    g_assert_cmpuint(j, <, t);
    value = ldq_le_p(rows + 24) * lduw_le_p(targets + 4 * t + 2 * (i * t + j));
    return type < ACCESS_BANDWIDTH ? value / 1000 : value;
}

/* The rows of 0 -> 0, 0 -> 1 and 1 -> 1 for each type; all 0: no structure. */
static void expect_rows(const AcpiBlob *blob, const unsigned (*want)[3])
{
    unsigned type;

    for (type = 0; type < TYPES; type++) {
        const unsigned *row = want[type];

        g_assert_cmpuint(!!find_rows(blob, type), ==,
                         row[0] || row[1] || row[2]);
        g_assert_cmpuint(value_of(blob, type, 0, 0), ==, row[0]);
        g_assert_cmpuint(value_of(blob, type, 0, 1), ==, row[1]);
        g_assert_cmpuint(value_of(blob, type, 1, 1), ==, row[2]);
        g_assert_cmpuint(value_of(blob, type, 1, 0), ==, 0);
    }
}

/* Bytes 0 -> 1 and 1 -> 0 of a SLIT for two nodes. */
static void expect_distance(const AcpiBlob *blob, unsigned want)
{
    size_t len;
    const uint8_t *slit = acpi_table(blob, "SLIT", 0, &len);

    g_assert_nonnull(slit);
    g_assert_cmpuint(slit[44], ==, 10);
    g_assert_cmpuint(slit[45], ==, want);
    g_assert_cmpuint(slit[46], ==, want);
    g_assert_cmpuint(slit[47], ==, 10);
}

/* -numa hmat-lb takes the nodes of a set for initiators; rows come out. */
static void test_typed(void)
{
    static const unsigned want[TYPES][3] = {
        [ACCESS_LATENCY] = { 100, 300, 50 },
    };
    QTestState *qts = acpi_start(2, "-machine hmat=on "
        "-device virtio-rng-pci,id=gpu0,addr=4.0 "
        "-object acpi-device-nodes,id=a,pci-dev=gpu0,nodeset=1 "
        ROW(0, 0, "access-latency", "latency", "100")
        ROW(0, 1, "access-latency", "latency", "300")
        ROW(1, 1, "access-latency", "latency", "50"));
    const uint8_t *hmat;
    AcpiBlob blob;
    size_t len;

    acpi_blob_read(qts, &blob);
    hmat = acpi_table(&blob, "HMAT", 0, &len);
    g_assert_nonnull(hmat);
    /* One type 0 record, for node 0: node 1 has no memory at boot. */
    g_assert_cmpuint(lduw_le_p(hmat + 40), ==, 0);
    g_assert_cmpuint(lduw_le_p(hmat + 80), ==, 1);
    expect_rows(&blob, want);
    g_assert_null(acpi_table(&blob, "SLIT", 0, &len));
    acpi_blob_free(&blob);
    qtest_quit(qts);
}

typedef struct Beside {
    const char *name;
    const char *options;
    bool accelerator;
    unsigned want[TYPES][3];    /* 0 -> 0, 0 -> 1, 1 -> 1 */
    unsigned distance;
} Beside;

static const Beside besides[] = {
    {
        /* nobody typed anything */
        "alone", "", false,
        {
            [READ_LATENCY] = { 0, 250, 150 },
            [WRITE_LATENCY] = { 0, 350, 250 },
            [READ_BANDWIDTH] = { 0, 8192, 8192 },
            [WRITE_BANDWIDTH] = { 0, 4096, 4096 },
        }, 35,
    }, {
        "accelerator", "", true,
        {
            [READ_LATENCY] = { 0, 250, 150 },
            [WRITE_LATENCY] = { 0, 350, 250 },
            [READ_BANDWIDTH] = { 0, 8192, 8192 },
            [WRITE_BANDWIDTH] = { 0, 4096, 4096 },
        }, 35,
    }, {
        /* rows of the same types as those of DRAM, or Linux forgets these */
        "beside-access",
        ROW(0, 0, "access-latency", "latency", "100")
        ROW(0, 0, "access-bandwidth", "bandwidth", "20G"), false,
        {
            [ACCESS_LATENCY] = { 100, 350, 250 },
            [ACCESS_BANDWIDTH] = { 20480, 4096, 4096 },
        }, 35,
    }, {
        "beside-read",
        ROW(0, 0, "read-latency", "latency", "100")
        ROW(0, 0, "access-bandwidth", "bandwidth", "20G"), false,
        {
            [READ_LATENCY] = { 100, 250, 150 },
            [WRITE_LATENCY] = { 0, 350, 250 },
            [ACCESS_BANDWIDTH] = { 20480, 4096, 4096 },
        }, 35,
    }, {
        /* who types one row of a node types all */
        "typed-wins",
        ROW(0, 0, "access-latency", "latency", "100")
        ROW(0, 1, "access-latency", "latency", "400"), false,
        {
            [ACCESS_LATENCY] = { 100, 400, 0 },
        }, 35,
    }, {
        "typed-distance", "-numa dist,src=0,dst=1,val=42 ", false,
        {
            [READ_LATENCY] = { 0, 250, 150 },
            [WRITE_LATENCY] = { 0, 350, 250 },
            [READ_BANDWIDTH] = { 0, 8192, 8192 },
            [WRITE_BANDWIDTH] = { 0, 4096, 4096 },
        }, 42,
    },
};

static void test_beside(gconstpointer opaque)
{
    const Beside *beside = opaque;
    QTestState *qts;
    AcpiBlob blob;

    if (no_cxl()) {
        return;
    }
    qts = acpi_start(2, "-machine hmat=on %s%s",
                     beside->accelerator ? ACCEL : MEMDEV, beside->options);
    acpi_blob_read(qts, &blob);
    expect_rows(&blob, beside->want);
    expect_distance(&blob, beside->distance);
    acpi_blob_free(&blob);
    /* they were derived once, and stay */
    qtest_system_reset(qts);
    acpi_blob_read(qts, &blob);
    expect_rows(&blob, beside->want);
    expect_distance(&blob, beside->distance);
    acpi_blob_free(&blob);
    qtest_quit(qts);
}

/* Without hmat=on there is no HMAT; distances there are. */
static void test_no_hmat(void)
{
    QTestState *qts;
    AcpiBlob blob;
    size_t len;

    if (no_cxl()) {
        return;
    }
    qts = acpi_start(2, MEMDEV);
    acpi_blob_read(qts, &blob);
    g_assert_null(acpi_table(&blob, "HMAT", 0, &len));
    expect_distance(&blob, 35);
    acpi_blob_free(&blob);
    qtest_quit(qts);
}

/* The window that leads to a memory device is memory of its node. */
static void test_window(void)
{
    const uint8_t *entry;
    QTestState *qts;
    GArray *memory;
    AcpiBlob blob;

    if (no_cxl()) {
        return;
    }
    qts = acpi_start(2, MEMDEV);
    acpi_blob_read(qts, &blob);
    memory = acpi_srat_entries(&blob, 1);
    entry = (uint8_t *)memory->data + memory->len - 40;
    g_assert_cmpuint(ldl_le_p(entry + 2), ==, 1);
    g_assert_cmphex(ldq_le_p(entry + 8), >, 0);
    g_assert_cmphex(ldq_le_p(entry + 16), ==, 0x100000000);
    g_array_free(memory, true);
    acpi_blob_free(&blob);
    qtest_quit(qts);
}

int main(int argc, char **argv)
{
    unsigned i;

    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/acpi/performance/typed", test_typed);
    for (i = 0; i < G_N_ELEMENTS(besides); i++) {
        g_autofree char *path = g_strdup_printf("/acpi/performance/%s",
                                                besides[i].name);

        qtest_add_data_func(path, &besides[i], test_beside);
    }
    qtest_add_func("/acpi/performance/no-hmat", test_no_hmat);
    qtest_add_func("/acpi/performance/window", test_window);
    return g_test_run();
}
