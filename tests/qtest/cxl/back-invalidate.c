/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Back-invalidate from the device to the root port, in the order in which a
 * driver enables it: flits of 256 bytes on every link, the device's decoder,
 * the decoders of the ports above with their commits, the switch's route table.
 * Ports have it since QEMU 11.0; before, only the device does.
 */
#include "qemu/osdep.h"
#include "hw/pci/pci_regs.h"
#include "hw/cxl/wire/hdm.h"
#include "tests/qtest/cxl/ports.h"
#include "tests/qtest/status.h"

/* CXL r3.1 8.2.4.26 and .27: capability, control, status */
#define ID_HDM          5
#define ID_ROUTES       11
#define ID_DECODER      12
enum { CAP = 0, CTRL = 4, STATUS = 8 };
#define CAP_COMMIT_ROUTES   1u
#define CAP_COMMIT          2u
#define ENABLE              2u
#define COMMIT              4u
#define COMMIT_ROUTES       1u
#define COMMITTED           1u
#define COMMIT_NS           (100 * 1000 * 1000ll)

#define LNKSTA2_FLIT        0x400

static uint32_t get(Ports *p, uint64_t at)
{
    return qtest_readl(p->qts, at);
}

static void put(Ports *p, uint64_t at, uint32_t value)
{
    qtest_writel(p->qts, at, value);
}

static uint64_t structure(Ports *p, PortsFunction f, uint16_t id)
{
    unsigned at = ports_component(p, p->bar[f], id);

    g_assert_cmphex(at, !=, 0);
    return p->bar[f] + at;
}

static bool link_has_flits(Ports *p, PortsFunction f)
{
    unsigned exp = ports_cap(p, f, PCI_CAP_ID_EXP);

    return ports_read(p, f, exp + PCI_EXP_LNKCTL2) >> 16 & LNKSTA2_FLIT;
}

static void test_links(void)
{
    static const PortsFunction ends[] = {
        PORTS_ROOT, PORTS_UPSTREAM, PORTS_DOWN0, PORTS_MEMORY,
    };
    Ports *p = ports_start_flit();

    for (unsigned i = 0; i < ARRAY_SIZE(ends); i++) {
        g_test_message("function %u", ends[i]);
        g_assert_true(link_has_flits(p, ends[i]));
    }
    ports_stop(p);
}

/* Commit, and nothing until the time has passed */
static void commit(Ports *p, uint64_t at, uint32_t bits, uint32_t commit_bit)
{
    /* QEMU's ports take a commit at time 0 for none. */
    qtest_clock_step(p->qts, COMMIT_NS);
    put(p, at + CTRL, bits | commit_bit);
    g_assert_cmphex(get(p, at + STATUS) & COMMITTED, ==, 0);
    qtest_clock_step(p->qts, COMMIT_NS / 2);
    g_assert_cmphex(get(p, at + STATUS) & COMMITTED, ==, 0);
    qtest_clock_step(p->qts, COMMIT_NS);
    g_assert_cmphex(get(p, at + STATUS) & COMMITTED, ==, COMMITTED);
    g_assert_cmphex(get(p, at + CTRL) & bits, ==, bits);
    put(p, at + CTRL, bits);
}

static void test_enable(void)
{
    Ports *p = ports_start_flit();
    uint64_t device = structure(p, PORTS_MEMORY, ID_DECODER);
    uint64_t down = structure(p, PORTS_DOWN0, ID_DECODER);
    uint64_t routes = structure(p, PORTS_UPSTREAM, ID_ROUTES);
    uint64_t root = structure(p, PORTS_ROOT, ID_DECODER);

    g_assert_cmphex(get(p, device + CAP) & CAP_COMMIT, ==, 0);
    put(p, device + CTRL, ENABLE);
    g_assert_cmphex(get(p, device + CTRL) & ENABLE, ==, ENABLE);
    g_assert_cmphex(get(p, down + CAP) & CAP_COMMIT, ==, CAP_COMMIT);
    commit(p, down, ENABLE, COMMIT);
    g_assert_cmphex(get(p, routes + CAP) & CAP_COMMIT_ROUTES, ==,
                    CAP_COMMIT_ROUTES);
    commit(p, routes, 0, COMMIT_ROUTES);
    g_assert_cmphex(get(p, root + CAP) & CAP_COMMIT, ==, 0);
    put(p, root + CTRL, ENABLE);
    g_assert_cmphex(get(p, root + CTRL) & ENABLE, ==, ENABLE);
    ports_stop(p);
}

/* A commit writes its own registers and no other. */
static void check_alone(Ports *p, PortsFunction f, uint16_t id, uint32_t bits)
{
    uint64_t block = p->bar[f] + 0x1000, own = structure(p, f, id);
    uint32_t before[0x400];

    for (unsigned i = 0; i < ARRAY_SIZE(before); i++) {
        before[i] = get(p, block + 4 * i);
    }
    put(p, own + CTRL, bits);
    for (unsigned i = 0; i < ARRAY_SIZE(before); i++) {
        uint64_t at = block + 4 * i;

        if (at != own + CTRL && at != own + STATUS) {
            g_assert_cmphex(get(p, at), ==, before[i]);
        }
    }
}

static void test_commit_alone(void)
{
    Ports *p = ports_start_flit();

    /* something that a stray write would change */
    put(p, structure(p, PORTS_UPSTREAM, 5) + 0x10, 0xf0000000);
    check_alone(p, PORTS_UPSTREAM, ID_ROUTES, COMMIT_ROUTES);
    check_alone(p, PORTS_DOWN0, ID_DECODER, ENABLE | COMMIT);
    ports_stop(p);
}

/* Without flits of 256 bytes a device has no back-invalidate. */
static void test_without(void)
{
    Ports *p = ports_start();

    g_assert_cmphex(ports_component(p, p->bar[PORTS_MEMORY], ID_DECODER), ==,
                    0);
    g_assert_cmphex(ports_component(p, p->bar[PORTS_UPSTREAM], ID_ROUTES), ==,
                    0);
    ports_stop(p);
}

/*
 * The port above the device has none, the device is capable: both say that
 * their link has no such flits, and the device stays off.  QEMU 11 gives the
 * port a decoder nevertheless.
 */
static void test_small_flits(void)
{
    Ports *p = ports_start_small_flit(
        status_release(11, 0) ? "-global cxl-downstream.x-256b-flit=off" : "");
    uint64_t device = structure(p, PORTS_MEMORY, ID_DECODER);
    uint64_t hdm = structure(p, PORTS_MEMORY, ID_HDM);

    g_assert_false(link_has_flits(p, PORTS_DOWN0));
    g_assert_false(link_has_flits(p, PORTS_MEMORY));
    put(p, device + CTRL, ENABLE);
    g_assert_cmphex(get(p, device + CTRL), ==, 0);
    put(p, hdm + CXL_HDM_SIZE_LO(0), CXL_HDM_ALIGN);
    put(p, hdm + CXL_HDM_CTRL(0), CXL_HDM_CTRL_BI | CXL_HDM_CTRL_COMMIT);
    g_assert_cmphex(get(p, hdm + CXL_HDM_CTRL(0)) &
                    (CXL_HDM_CTRL_COMMITTED | CXL_HDM_CTRL_ERROR), ==,
                    CXL_HDM_CTRL_ERROR);
    ports_stop(p);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/cxl/back-invalidate/without", test_without);
    qtest_add_func("/cxl/back-invalidate/small-flits", test_small_flits);
    if (status_release(11, 0)) {
        qtest_add_func("/cxl/back-invalidate/links", test_links);
        qtest_add_func("/cxl/back-invalidate/enable", test_enable);
        qtest_add_func("/cxl/back-invalidate/commit-alone", test_commit_alone);
    }
    return g_test_run();
}
