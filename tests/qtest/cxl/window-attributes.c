/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Windows as platforms have them: restrictions, QTG and arithmetic in the
 * CEDT, accesses through a window that selects its host bridge by XOR, and RAM
 * in the lower half of a window.
 */
#include "qemu/osdep.h"
#include <sys/wait.h>
#include "qemu/bswap.h"
#include "qemu/bitops.h"
#include "qemu/host-utils.h"
#include "qemu/units.h"
#include "qobject/qdict.h"
#include "tests/qtest/acpi/tables.h"
#include "tests/qtest/cxl/rig.h"
#include "tests/qtest/status.h"

/* The @n-th structure of that type in the CEDT */
static const uint8_t *structure(const AcpiBlob *blob, uint8_t type,
                                unsigned n)
{
    size_t len, at = 36;
    const uint8_t *cedt = acpi_table(blob, "CEDT", 0, &len);

    g_assert_nonnull(cedt);
    while (at + 4 <= len) {
        if (cedt[at] == type && !n--) {
            return cedt + at;
        }
        at += lduw_le_p(cedt + at + 2);
    }
    return NULL;
}

static void expect_window(const AcpiBlob *blob, unsigned n,
                          unsigned arithmetic, unsigned restrictions,
                          unsigned qtg)
{
    const uint8_t *w = structure(blob, 1, n);

    g_assert_nonnull(w);
    g_assert_cmpuint(w[25], ==, arithmetic);
    g_assert_cmphex(lduw_le_p(w + 32), ==, restrictions);
    g_assert_cmpuint(lduw_le_p(w + 34), ==, qtg);
}

#define TWO_BRIDGES \
    "-device pxb-cxl,id=hb0,bus=pcie.0,bus_nr=32 " \
    "-device cxl-rp,id=rp0,bus=hb0,chassis=0,slot=0,port=0 " \
    "-device pxb-cxl,id=hb1,bus=pcie.0,bus_nr=48 " \
    "-device cxl-rp,id=rp1,bus=hb1,chassis=0,slot=1,port=0 "

#define TWO_WINDOWS \
    "cxl-fmw.0.targets.0=hb0,cxl-fmw.0.targets.1=hb1,cxl-fmw.0.size=4G," \
    "cxl-fmw.0.interleave-granularity=1k,cxl-fmw.1.targets.0=hb1," \
    "cxl-fmw.1.size=4G"

static void test_tables(void)
{
    static const char *const bus[] = { "rp0", "rp1" };
    Rig *r = rig_start(TWO_BRIDGES
        "-object cxl-window,id=w0,arithmetic=xor,restrictions=volatile,"
        "restrictions=host-coherent,qtg-id=5 "
        "-object cxl-window,id=w1,window=1,restrictions=persistent,"
        "restrictions=fixed,qtg-id=2 ", TWO_WINDOWS, 2, bus, true);
    AcpiBlob blob;
    const uint8_t *maps;
    /* Package { 5, Package { 5, 2 } }, as the _DSM returns it */
    static const uint8_t qtg[] = { 0x02, 0x0a, 5, 0x12, 6, 2, 0x0a, 5,
                                   0x0a, 2 };
    const uint8_t *dsdt;
    size_t len;

    acpi_blob_read(r->qts, &blob);
    expect_window(&blob, 0, 1, 0x06, 5);
    expect_window(&blob, 1, 0, 0x18, 2);
    maps = structure(&blob, 2, 0);
    g_assert_nonnull(maps);
    g_assert_cmpuint(maps[6], ==, 2);
    g_assert_cmpuint(maps[7], ==, 1);
    g_assert_cmphex(ldq_le_p(maps + 8), ==, 0x404100ull << 2);
    g_assert_null(structure(&blob, 2, 1));
    dsdt = acpi_table(&blob, "DSDT", 0, &len);
    g_assert_cmpint(acpi_find(dsdt, len, qtg, sizeof(qtg)), >=, 0);
    acpi_blob_free(&blob);
    rig_stop(r);
}

/* The device that the maps of a window with 256 bytes select */
static unsigned xor_device(uint64_t hpa)
{
    return ctpop64(hpa & 0x404100) & 1;
}

/*
 * What a device has at an address it gets when the host reads there: the
 * device is selected by XOR, and the bit that modulo would use is left out of
 * its own address.
 */
static void test_xor(void)
{
    Rig *r = rig_by_window_with(2, true, "-object cxl-window,id=w0,"
                                "arithmetic=xor ", "4G");
    static const uint64_t at[] = {
        0, 0x100, 0x4000, 0x4100, 0x400000, 0x404000, 0x404100, 0x123456780,
        2 * RIG_SIZE - 64,
    };

    rig_commit_set(r, 0, 1);
    for (unsigned i = 0; i < ARRAY_SIZE(at); i++) {
        uint64_t off = at[i] % (2 * RIG_SIZE) & ~63ull;
        uint64_t dpa = off / 512 * 256 + off % 256;
        unsigned dev = xor_device(r->window + off);

        rig_device_write(r, dev, dpa, i + 1);
        g_assert_cmphex(qtest_readq(r->qts, r->window + off), ==,
                        0x0101010101010101ull * (i + 1));
        rig_device_write(r, !dev, dpa, 0xee);
        g_assert_cmphex(qtest_readq(r->qts, r->window + off), ==,
                        0x0101010101010101ull * (i + 1));
    }
    g_assert_cmpuint(rig_count_aliases(r), ==, 0);
    rig_stop(r);
}

#define NEAR (2 * GiB)
#define NEAR_NODES \
    "-machine hmat=on -object memory-backend-ram,id=numa0,size=128M " \
    "-numa node,nodeid=0,memdev=numa0,cpus=0 -numa node,nodeid=1 " \
    "-object memory-backend-ram,id=near,size=2G "

/* The node of the window has the near memory as its memory-side cache. */
static void expect_cache(Rig *r, uint32_t node)
{
    AcpiBlob blob;
    const uint8_t *hmat;
    size_t len, at = 40;

    acpi_blob_read(r->qts, &blob);
    hmat = acpi_table(&blob, "HMAT", 0, &len);
    g_assert_nonnull(hmat);
    while (at < len && lduw_le_p(hmat + at) != 2) {
        at += ldl_le_p(hmat + at + 4);
    }
    g_assert_cmpuint(at + 32, ==, len);
    g_assert_cmpuint(ldl_le_p(hmat + at + 8), ==, node);
    g_assert_cmphex(ldq_le_p(hmat + at + 16), ==, NEAR);
    /* 1 level, the 1st, direct mapped, write back, lines of 64 bytes */
    g_assert_cmphex(ldl_le_p(hmat + at + 24), ==, 64 << 16 | 0x1111);
    g_assert_cmpuint(ldl_le_p(hmat + at + 28), ==, 1);
    acpi_blob_free(&blob);
}

static void test_near(void)
{
    Rig *r = rig_by_window_with(1, true, NEAR_NODES
        "-object cxl-window,id=w0,near-memdev=near "
        "-object acpi-device-nodes,id=n1,pci-dev=cxl0,nodeset=1 "
        "-object cxl-boot-region,id=r0,size=256M,offset=2G,devices=cxl0 ",
        "4G");
    uint64_t last = r->window + NEAR - 8;

    expect_cache(r, 1);
    qtest_writeq(r->qts, r->window, 1);
    qtest_writeq(r->qts, last, 2);
    qtest_writeq(r->qts, r->window + NEAR, 3);
    rig_device_write(r, 0, 4096, 4);
    g_assert_cmphex(qtest_readq(r->qts, r->window), ==, 1);
    g_assert_cmphex(qtest_readq(r->qts, last), ==, 2);
    g_assert_cmphex(qtest_readq(r->qts, r->window + NEAR), ==, 3);
    g_assert_cmphex(qtest_readq(r->qts, r->window + NEAR + 4096), ==,
                    0x0404040404040404);
    /* It is RAM: a reset of the machine leaves it alone. */
    qtest_system_reset(r->qts);
    g_assert_cmphex(qtest_readq(r->qts, last), ==, 2);
    rig_stop(r);
}

/*
 * Half of the window is RAM, if it has an @id, of that @kind; the other one is
 * a device's.
 */
static char *near_options(const char *id, const char *kind, const char *more)
{
    g_autofree char *near = id ? g_strdup_printf(
        "-object cxl-window,id=w0,near-memdev=%s "
        "-object memory-backend-%s,id=%s,size=256M", id, kind, id) : NULL;

    return g_strdup_printf(
        "-machine q35,cxl=on,hmat=on -nodefaults "
        "-object memory-backend-ram,id=numa0,size=128M "
        "-numa node,nodeid=0,memdev=numa0,cpus=0 -numa node,nodeid=1 "
        "-device pxb-cxl,id=hb0,bus=pcie.0,bus_nr=32 "
        "-device cxl-rp,id=rp0,bus=hb0,chassis=0,slot=0,port=0 "
        "-object memory-backend-ram,id=m0,size=256M "
        "-device cxl-type3,bus=rp0,id=cxl0,volatile-memdev=m0 "
        "-object acpi-device-nodes,id=n1,pci-dev=cxl0,nodeset=1 "
        "-object cxl-boot-region,id=r0,size=256M,offset=256M,devices=cxl0 "
        "-M cxl-fmw.0.targets.0=hb0,cxl-fmw.0.size=512M %s %s",
        near ?: "", more);
}

static QTestState *near_machine(const char *id, const char *more)
{
    g_autofree char *options = near_options(id, "ram", more);

    return qtest_init(options);
}

static uint64_t window_of(QTestState *qts)
{
    Rig r = { .qts = qts };

    return rig_region(&r, "cxl-fixed-memory-region");
}

/* Near and far memory go along, each to its place; names are no matter. */
static void test_near_moves(void)
{
    g_autofree char *dir = g_dir_make_tmp("cxl-near-XXXXXX", NULL);
    g_autofree char *file = g_strdup_printf("%s/state", dir);
    g_autofree char *uri = g_strdup_printf("file:%s", file);
    QTestState *qts = near_machine("near", "");
    uint64_t base = window_of(qts), half = 256 * MiB;

    for (unsigned i = 0; i < 4; i++) {
        qtest_writeq(qts, base + i * half / 2 + 0x5000, 0x1111 * (i + 1));
    }
    qtest_writeq(qts, base + half - 8, 7);
    qtest_writeq(qts, base + 2 * half - 8, 8);
    qtest_qmp_assert_success(qts, "{'execute': 'migrate',"
                             " 'arguments': {'uri': %s}}", uri);
    g_assert_true(status_migrated(qts));
    qtest_quit(qts);

    qts = near_machine("other", "-incoming defer");
    qtest_qmp_assert_success(qts, "{'execute': 'migrate-incoming',"
                             " 'arguments': {'uri': %s}}", uri);
    g_assert_true(status_migrated(qts));
    for (unsigned i = 0; i < 4; i++) {
        g_assert_cmphex(qtest_readq(qts, base + i * half / 2 + 0x5000), ==,
                        0x1111 * (i + 1));
    }
    g_assert_cmphex(qtest_readq(qts, base + half - 8), ==, 7);
    g_assert_cmphex(qtest_readq(qts, base + 2 * half - 8), ==, 8);
    qtest_quit(qts);
    unlink(file);
    rmdir(dir);
}

/* A window with near memory is another one than a window without. */
static void test_near_differs(void)
{
    static const struct {
        const char *was, *is, *says;
    } rows[] = {
        { "near", NULL, "'near-memdev' was 268435456, is 0" },
        { NULL, "near", "'near-memdev' was 0, is 268435456" },
    };
    g_autofree char *dir = g_dir_make_tmp("cxl-near-XXXXXX", NULL);
    g_autofree char *file = g_strdup_printf("%s/state", dir);
    g_autofree char *uri = g_strdup_printf("file:%s", file);
    g_autofree char *said = g_strdup_printf("%s/said", dir);
    g_autofree char *more = g_strdup_printf("-incoming defer 2>%s", said);

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        QTestState *qts = near_machine(rows[i].was, "");
        g_autofree char *text = NULL;

        qtest_qmp_assert_success(qts, "{'execute': 'migrate',"
                                 " 'arguments': {'uri': %s}}", uri);
        g_assert_true(status_migrated(qts));
        qtest_quit(qts);
        qts = near_machine(rows[i].is, more);
        qtest_qmp_assert_success(qts, "{'execute': 'migrate-incoming',"
                                 " 'arguments': {'uri': %s,"
                                 " 'exit-on-error': false}}", uri);
        g_assert_false(status_migrated(qts));
        qtest_quit(qts);
        g_assert_true(g_file_get_contents(said, &text, NULL, NULL));
        g_assert_nonnull(strstr(text, rows[i].says));
        unlink(file);
    }
    unlink(said);
    rmdir(dir);
}

static const struct {
    const char *object, *says;
} mistakes[] = {
    { "window=2", "'window': there is no window 2, the machine has 2" },
    { "window=64", "'window': 64 is not within 0 to 63" },
    { "window=1 -object cxl-window,id=w1,window=1", "has an object already" },
    { "qtg-id=65536", "qtg-id" },
    { "arithmetic=minus", "minus" },
    { "restrictions=fast", "fast" },
    { "near-memdev=", "'near-memdev': there is no memory backend ''" },
    { "near-memdev=near", "'near-memdev': there is no memory backend 'near'" },
    { "near-memdev=near -object memory-backend-ram,id=near,size=256M",
      "'near' has 268435456 bytes, which are not half of" },
    { "near-memdev=numa0 " NEAR_NODES, "'numa0' is used already" },
    { "near-memdev=near -object memory-backend-ram,id=near,size=2G",
      "'near-memdev': needs '-machine hmat=on'" },
    { "near-memdev=near " NEAR_NODES, "needs an acpi-device-nodes object" },
    { "window=1,near-memdev=near " NEAR_NODES "-device cxl-type3,id=cxl0,"
      "bus=rp1,volatile-memdev=v0 -object memory-backend-ram,id=v0,size=256M "
      "-object acpi-device-nodes,id=n1,pci-dev=cxl0,nodeset=1 "
      "-object cxl-boot-region,id=r0,window=1,size=256M,devices=cxl0",
      "'offset': 0x0 lies in the first 0x80000000 bytes" },
};

static void test_mistakes(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(mistakes); i++) {
        g_autofree char *options = g_strdup_printf(
            TWO_BRIDGES "-M " TWO_WINDOWS " -object cxl-window,id=w0,%s",
            mistakes[i].object);

        rig_refused(options, mistakes[i].says);
    }
}

static void test_read_only(void)
{
    g_autofree char *file = NULL, *kind = NULL, *options = NULL;
    int fd = g_file_open_tmp("cxl-near-XXXXXX", &file, NULL);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(ftruncate(fd, 256 * MiB), ==, 0);
    close(fd);
    kind = g_strdup_printf("file,readonly=on,mem-path=%s", file);
    options = near_options("near", kind, "");
    rig_refused(options, "'near-memdev': 'near' is read-only");
    unlink(file);
}

/* The guest knows its windows: none comes, changes or goes any more. */
static void test_too_late(void)
{
    Rig *r = rig_by_window_with(2, true, "-object cxl-window,id=w0 ", "4G");

    qobject_unref(qtest_qmp_assert_failure_ref(r->qts,
        "{'execute': 'object-add', 'arguments': {"
        " 'qom-type': 'cxl-window', 'id': 'w1' }}"));
    qobject_unref(qtest_qmp_assert_failure_ref(r->qts,
        "{'execute': 'object-del', 'arguments': { 'id': 'w0' }}"));
    qobject_unref(qtest_qmp_assert_failure_ref(r->qts,
        "{'execute': 'qom-set', 'arguments': { 'path': '/objects/w0',"
        " 'property': 'arithmetic', 'value': 'xor' }}"));
    rig_stop(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/window-attributes/tables", test_tables);
    g_test_add_func("/cxl/window-attributes/xor", test_xor);
    g_test_add_func("/cxl/window-attributes/near", test_near);
    g_test_add_func("/cxl/window-attributes/near/moves", test_near_moves);
    g_test_add_func("/cxl/window-attributes/near/differs", test_near_differs);
    g_test_add_func("/cxl/window-attributes/mistakes", test_mistakes);
    g_test_add_func("/cxl/window-attributes/near/read-only", test_read_only);
    g_test_add_func("/cxl/window-attributes/too-late", test_too_late);
    return g_test_run();
}
