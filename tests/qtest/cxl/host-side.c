/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU's own host bridges and ports, which every CXL machine has: what one
 * guest can write there must not end the emulator, nor show it more than the
 * registers.  The faults are mended by seams; qemu/seams names them.
 */
#include "qemu/osdep.h"
#include "hw/pci/pci_regs.h"
#include "qobject/qdict.h"
#include "tests/qtest/cxl/ports.h"
#include "tests/qtest/refused.h"

/* PCIe r6.0 7.9.24 */
enum { DOE_CAP = 4, DOE_CTRL = 8, DOE_STATUS = 12, DOE_WRITE = 16,
       DOE_READ = 20 };
#define DOE_ABORT       1u
#define DOE_INTR        2u
#define DOE_GO          (1u << 31)
#define DOE_ERROR       4u
#define DOE_READY       (1u << 31)
#define DOE_MAX         (1u << 18)

#define CDAT_HEADER     0x00021e98u
#define CDAT_LAST       0xffffu
#define MESSAGE         0x00200000ull
#define MAGIC           0xc0deu

static void vectors(Ports *p, PortsFunction f, unsigned log2, bool enable)
{
    unsigned at = ports_cap(p, f, PCI_CAP_ID_MSI);

    ports_write(p, f, at + 4, MESSAGE);
    ports_write(p, f, at + 8, 0);
    ports_write(p, f, at + 12, MAGIC);
    ports_write(p, f, at, log2 << 20 | enable << 16);
}

/* Whatever software allots, errors go out by a message that the port has. */
static void test_root_vector(void)
{
    Ports *p = ports_start();
    unsigned aer = ports_ext_cap(p, PORTS_ROOT, PCI_EXT_CAP_ID_ERR);

    for (unsigned i = 0; i < 16; i++) {
        unsigned log2 = i / 2, vector;
        bool enable = i % 2;

        vectors(p, PORTS_ROOT, log2, enable);
        ports_write(p, PORTS_ROOT, PCI_CACHE_LINE_SIZE, 0);
        vector = ports_read(p, PORTS_ROOT, aer + PCI_ERR_ROOT_STATUS) >> 27;
        /* QEMU allots no more than there are when they are enabled. */
        g_assert_cmpuint(vector, ==, log2 == 1 || (enable && log2) ? 1 : 0);
    }
    ports_check_alive(p);
    ports_stop(p);
}

typedef struct Doe {
    Ports *p;
    unsigned at;
} Doe;

static Doe doe_of(Ports *p)
{
    Doe d = { p, ports_ext_cap(p, PORTS_UPSTREAM, 0x2e) };

    return d;
}

static uint32_t doe_status(Doe *d)
{
    return ports_read(d->p, PORTS_UPSTREAM, d->at + DOE_STATUS);
}

static void doe_ctrl(Doe *d, uint32_t value)
{
    ports_write(d->p, PORTS_UPSTREAM, d->at + DOE_CTRL, value);
}

static void doe_put(Doe *d, uint32_t word)
{
    ports_write(d->p, PORTS_UPSTREAM, d->at + DOE_WRITE, word);
}

static uint32_t doe_take(Doe *d)
{
    uint32_t word = ports_read(d->p, PORTS_UPSTREAM, d->at + DOE_READ);

    ports_write(d->p, PORTS_UPSTREAM, d->at + DOE_READ, 0);
    return word;
}

/* CXL r3.1 8.1.11.1: ask for entry @handle of the CDAT */
static void ask(Doe *d, unsigned handle)
{
    doe_put(d, CDAT_HEADER);
    doe_put(d, 3);
    doe_put(d, handle << 16);
    doe_ctrl(d, DOE_GO);
}

/* All of one answer; the handle of the next entry */
static unsigned take(Doe *d)
{
    unsigned next, words;

    g_assert_cmphex(doe_status(d) & (DOE_READY | DOE_ERROR), ==, DOE_READY);
    g_assert_cmphex(doe_take(d), ==, CDAT_HEADER);
    words = doe_take(d);
    g_assert_cmpuint(words, >, 3);
    g_assert_cmpuint(words, <, 64);
    next = doe_take(d) >> 16;
    for (unsigned i = 3; i < words; i++) {
        doe_take(d);
    }
    g_assert_cmphex(doe_status(d) & (DOE_READY | DOE_ERROR), ==, 0);
    return next;
}

/* From the first entry to the last, and not one further */
static void test_cdat_entries(void)
{
    Ports *p = ports_start();
    Doe d = doe_of(p);
    unsigned handle = 0, n = 0;

    while (handle != CDAT_LAST) {
        g_assert_cmpuint(n++, <, 16);
        ask(&d, handle);
        handle = take(&d);
    }
    for (unsigned beyond = n; beyond <= 0xffff; beyond = beyond * 2 + 1) {
        ask(&d, beyond);
        g_assert_false(doe_status(&d) & DOE_READY);
        doe_ctrl(&d, DOE_ABORT);
    }
    ask(&d, 0xffff);
    g_assert_false(doe_status(&d) & DOE_READY);
    doe_ctrl(&d, DOE_ABORT);
    ask(&d, 0);
    take(&d);
    ports_stop(p);
}

/* A switch without downstream ports has no table. */
static void test_cdat_empty(void)
{
    Ports *p = ports_start_empty();
    Doe d = doe_of(p);

    ask(&d, 0);
    g_assert_false(doe_status(&d) & DOE_READY);
    doe_ctrl(&d, DOE_ABORT);
    ports_check_alive(p);
    ports_stop(p);
}

/* A request before the answer to the last one was taken is an error. */
static void test_doe_impatient(void)
{
    Ports *p = ports_start();
    Doe d = doe_of(p);

    ask(&d, 0);
    doe_ctrl(&d, DOE_GO);
    g_assert_cmphex(doe_status(&d) & (DOE_READY | DOE_ERROR), ==, DOE_ERROR);
    for (unsigned i = 0; i < 100; i++) {
        g_assert_cmphex(doe_take(&d), ==, 0);
    }
    doe_ctrl(&d, DOE_ABORT);
    g_assert_cmphex(doe_status(&d), ==, 0);
    ask(&d, 0);
    take(&d);
    ports_stop(p);
}

/* One message allotted where the mailbox would use its second */
static void test_doe_vector(void)
{
    Ports *p = ports_start();
    Doe d = doe_of(p);

    vectors(p, PORTS_UPSTREAM, 0, true);
    doe_ctrl(&d, DOE_INTR);
    doe_put(&d, CDAT_HEADER);
    doe_put(&d, 3);
    doe_put(&d, 0);
    doe_ctrl(&d, DOE_GO | DOE_INTR);
    take(&d);
    g_assert_cmphex(qtest_readl(p->qts, MESSAGE), ==, MAGIC);
    ports_stop(p);
}

/* The mailbox holds 2^18 words, and the next one is an error. */
static void test_doe_overflow(void)
{
    Ports *p = ports_start();
    Doe d = doe_of(p);

    doe_put(&d, CDAT_HEADER);
    for (unsigned i = 1; i < DOE_MAX + 64; i++) {
        doe_put(&d, 0);
    }
    g_assert_cmphex(doe_status(&d) & (DOE_READY | DOE_ERROR), ==, DOE_ERROR);
    doe_ctrl(&d, DOE_GO);
    g_assert_false(doe_status(&d) & DOE_READY);
    doe_ctrl(&d, DOE_ABORT);
    g_assert_cmphex(doe_status(&d), ==, 0);
    ask(&d, 0);
    take(&d);
    ports_stop(p);
}

/* Buses of expanders as they are before any device has them */
static void test_bus_types(void)
{
    static const char *const types[] = {
        "pxb-bus", "pxb-pcie-bus", "pxb-cxl-bus",
    };
    QTestState *qts = qtest_init("-machine q35,cxl=on -nodefaults");

    for (unsigned i = 0; i < ARRAY_SIZE(types); i++) {
        qtest_qmp_assert_success(qts, "{'execute': 'qom-list-properties',"
                                 " 'arguments': {'typename': %s}}", types[i]);
    }
    qtest_quit(qts);
}

/* What follows a table's header in a file, and what is said of it */
static const struct {
    uint8_t bytes[16];
    size_t len;
    const char *said;
} bad_tables[] = {
    { { 0 }, 8, "at byte 16" },                         /* no length */
    { { 0, 0, 23 }, 8, "at byte 16" },                  /* of a DSMAS */
    { { 3, 0, 8, 0, 0, 0, 0, 0, 3, 0, 8 }, 11, "at byte 24" }, /* cut short */
    { { 0x70, 0, 8, 0, 0, 0, 0, 0, 0x71, 0, 8 }, 16,
      "no such structure" },
    { { 3, 1, 8 }, 8, NULL },                           /* reserved bits */
};

static void take_file(QTestState *qts, const char *name, const char *said)
{
    QDict *rsp = qtest_qmp(qts, "{'execute': 'device_add', 'arguments': {"
                           " 'driver': 'cxl-upstream', 'id': 'us0',"
                           " 'bus': 'rp0', 'cdat': %s }}", name);

    if (said) {
        expect_refused(rsp, said);
    } else {
        g_assert_true(qdict_haskey(rsp, "return"));
        qobject_unref(rsp);
    }
}

/* The table of an upstream port is taken from a file, or refused. */
static void test_cdat_file(void)
{
    QTestState *qts = qtest_init("-machine q35,cxl=on -nodefaults "
                                 "-device pcie-root-port,id=rp0,bus=pcie.0");

    for (unsigned i = 0; i < ARRAY_SIZE(bad_tables); i++) {
        g_autofree char *name = NULL;
        uint8_t bytes[32] = { 0 };
        int fd = g_file_open_tmp("cdat-XXXXXX", &name, NULL);

        memcpy(bytes + 16, bad_tables[i].bytes, bad_tables[i].len);
        g_assert_cmpint(write(fd, bytes, 16 + bad_tables[i].len), ==,
                        16 + bad_tables[i].len);
        close(fd);
        take_file(qts, name, bad_tables[i].said);
        unlink(name);
    }
    qtest_quit(qts);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/cxl/host-side/root-vector", test_root_vector);
    qtest_add_func("/cxl/host-side/cdat-entries", test_cdat_entries);
    qtest_add_func("/cxl/host-side/cdat-empty", test_cdat_empty);
    qtest_add_func("/cxl/host-side/doe-impatient", test_doe_impatient);
    qtest_add_func("/cxl/host-side/doe-vector", test_doe_vector);
    qtest_add_func("/cxl/host-side/doe-overflow", test_doe_overflow);
    qtest_add_func("/cxl/host-side/cdat-file", test_cdat_file);
    qtest_add_func("/cxl/host-side/bus-types", test_bus_types);
    return g_test_run();
}
