/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/pmu: what the registers say and refuse; that each event counts
 * where it should and nowhere else; freezing, overflow, time; and that a
 * device counts what its host does.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "tests/unit/cxl/fake-host.h"

#define MSGNUM 9
#define TOP (1ull << CXL_PMU_WIDTH)
#define ENABLE CXL_CPMU_CONFIG_ENABLE
#define CONF CXL_PMU_FIXED      /* the first configurable counter */

typedef struct Unit {
    FakeHost host;
    CxlPmu pmu;
} Unit;

static Unit *unit_new(void)
{
    Unit *u = g_new0(Unit, 1);

    cxl_pmu_init(&u->pmu, MSGNUM, &fake_host_ops, &u->host);
    return u;
}

static void unit_free(Unit *u)
{
    g_assert_cmpstr(cxl_pmu_check(&u->pmu), ==, NULL);
    g_free(u);
}

static uint64_t get(Unit *u, unsigned at)
{
    return cxl_pmu_read(&u->pmu, at, 8);
}

static void set(Unit *u, unsigned at, uint64_t value)
{
    cxl_pmu_write(&u->pmu, at, value, 8);
    g_assert_cmpstr(cxl_pmu_check(&u->pmu), ==, NULL);
}

static uint64_t counter(Unit *u, unsigned n)
{
    return get(u, CXL_CPMU_COUNTER(n));
}

/* Group index and mask are there for configurable counters only. */
static void enable(Unit *u, unsigned n, unsigned group, uint32_t mask)
{
    set(u, CXL_CPMU_CONFIG(n), ENABLE | CXL_CPMU_CONFIG_GROUP(group) |
        CXL_CPMU_CONFIG_EVENTS(mask));
}

/* What a driver reads before it does anything */
static void test_identity(void)
{
    Unit *u = unit_new();
    uint64_t cap = get(u, CXL_CPMU_CAP);
    unsigned groups = extract64(cap, 20, 5) + 1;

    g_assert_cmpuint(extract64(cap, 0, 6) + 1, ==, CXL_PMU_COUNTERS);
    g_assert_cmpuint(extract64(cap, 8, 8), ==, CXL_PMU_WIDTH);
    g_assert_cmpuint(extract64(cap, 32, 8), ==, 1);
    g_assert_cmpuint(extract64(cap, 44, 4), ==, MSGNUM);
    g_assert_cmpuint(extract64(cap, 48, 3), ==, 7);
    g_assert_cmpuint(extract64(cap, 60, 4), ==, 1);
    /* Group 0 is for configurable counters: requests of the host */
    g_assert_cmphex(get(u, CXL_CPMU_EVENTS(0)), ==, 0x1e98002000000002);
    for (unsigned n = 0; n < CXL_PMU_COUNTERS; n++) {
        uint64_t config = get(u, CXL_CPMU_CONFIG(n));
        unsigned group = extract64(config, 59, 5);

        g_assert_cmpuint(extract64(config, 0, 2), ==, n < CONF ? 1 : 2);
        g_assert_cmpuint(group, <, groups);
        if (n < CONF) {
            uint64_t events = get(u, CXL_CPMU_EVENTS(group));

            g_assert_cmpuint(group, !=, 0);
            g_assert_cmpuint(ctpop32(extract64(config, 24, 32)), ==, 1);
            g_assert_cmphex(extract64(config, 24, 32) & ~events, ==, 0);
        }
    }
    g_assert_cmphex(get(u, CXL_CPMU_EVENTS(groups)), ==, 0);
    g_assert_cmphex(get(u, CXL_CPMU_CONFIG(CXL_PMU_COUNTERS)), ==, 0);
    unit_free(u);
}

/* Any value, anywhere, at any width, leaves the unit in order. */
static void test_any_write(void)
{
    static const uint64_t values[] = { 0, 1, UINT64_MAX };
    Unit *u = unit_new();
    uint64_t cap = get(u, CXL_CPMU_CAP);

    for (unsigned v = 0; v < G_N_ELEMENTS(values); v++) {
        for (unsigned size = 1; size <= 8; size++) {
            for (unsigned at = 0; at < CXL_CPMU_LEN + 16; at++) {
                cxl_pmu_write(&u->pmu, at, values[v], size);
                cxl_pmu_read(&u->pmu, at, size);
                u->host.now += 1000;
            }
            g_assert_cmpstr(cxl_pmu_check(&u->pmu), ==, NULL);
        }
    }
    g_assert_cmphex(get(u, CXL_CPMU_CAP), ==, cap);
    cxl_pmu_reset(&u->pmu);
    g_assert_cmphex(get(u, CXL_CPMU_OVERFLOW), ==, 0);
    g_assert_cmphex(get(u, CXL_CPMU_FREEZE), ==, 0);
    g_assert_cmphex(get(u, CXL_CPMU_FILTER(3)) & UINT32_MAX, ==,
                    CXL_CPMU_FILTER_OFF);
    unit_free(u);
}

/* The fixed counter of an event, found as a driver would */
static int fixed_for(Unit *u, CxlPmuEvent event)
{
    static const uint64_t wanted[CXL_PMU_EVENTS] = {
        [CXL_PMU_CLOCK] = 0x1e98000000000001,
        [CXL_PMU_WRITE_PARTIAL] = 0x1e98002100000004,
        [CXL_PMU_COMPLETION] = 0x1e98002400000001,
        [CXL_PMU_DATA] = 0x1e98002500000001,
        [CXL_PMU_DATA_NXM] = 0x1e98002500000002,
        [CXL_PMU_COMMAND] = 0x1b36000000000001,
        [CXL_PMU_POISON] = 0x1b36000000000002,
    };

    for (unsigned n = 0; n < CXL_PMU_FIXED; n++) {
        uint64_t config = get(u, CXL_CPMU_CONFIG(n));
        uint64_t events = get(u, CXL_CPMU_EVENTS(extract64(config, 59, 5)));

        if ((events >> 32 << 32 | extract64(config, 24, 32)) ==
            wanted[event]) {
            return n;
        }
    }
    return -1;
}

static void test_each_event(void)
{
    for (CxlPmuEvent e = CXL_PMU_READ; e < CXL_PMU_EVENTS; e++) {
        Unit *u = unit_new();
        int mine = fixed_for(u, e);

        for (unsigned n = 0; n < CXL_PMU_FIXED; n++) {
            enable(u, n, 0, 0);
        }
        enable(u, CONF, 0, 1u << CXL_CPMU_M2S_REQ_MEM_RD);
        enable(u, CONF + 1, 31, UINT32_MAX);    /* no such group */
        enable(u, CONF + 2, 0, 0);              /* no events */
        if (e == CXL_PMU_READ) {
            g_assert_cmpint(mine, ==, -1);
            mine = CONF;
        }
        g_assert_cmpint(mine, >=, 0);
        cxl_pmu_count(&u->pmu, e, 3, -1);
        for (unsigned n = 0; n < CXL_PMU_COUNTERS; n++) {
            g_assert_cmpuint(counter(u, n), ==, n == mine ? 3 : 0);
        }
        unit_free(u);
    }
}

/* A mask of several events counts their sum; others are not in it. */
static void test_configurable(void)
{
    Unit *u = unit_new();
    uint64_t drs = get(u, CXL_CPMU_CONFIG(fixed_for(u, CXL_PMU_DATA)));

    enable(u, CONF, extract64(drs, 59, 5), 3);
    enable(u, CONF + 1, extract64(drs, 59, 5), 2);
    cxl_pmu_count(&u->pmu, CXL_PMU_DATA, 5, -1);
    cxl_pmu_count(&u->pmu, CXL_PMU_DATA_NXM, 2, -1);
    cxl_pmu_count(&u->pmu, CXL_PMU_READ, 7, -1);
    g_assert_cmpuint(counter(u, CONF), ==, 7);
    g_assert_cmpuint(counter(u, CONF + 1), ==, 2);
    /* No cycle has two events. */
    set(u, CXL_CPMU_CONFIG(CONF), get(u, CXL_CPMU_CONFIG(CONF)) | 2 << 16);
    cxl_pmu_count(&u->pmu, CXL_PMU_DATA, 5, -1);
    g_assert_cmpuint(counter(u, CONF), ==, 7);
    unit_free(u);
}

static void test_disabled_and_frozen(void)
{
    Unit *u = unit_new();

    cxl_pmu_count(&u->pmu, CXL_PMU_COMMAND, 1, -1);
    u->host.now += 100;
    g_assert_cmpuint(counter(u, 0), ==, 0);
    enable(u, CONF, 0, 2);
    cxl_pmu_count(&u->pmu, CXL_PMU_READ, 1, -1);
    set(u, CXL_CPMU_COUNTER(CONF), 100);    /* not while it counts */
    g_assert_cmpuint(counter(u, CONF), ==, 1);
    set(u, CXL_CPMU_FREEZE, UINT64_MAX);
    g_assert_cmphex(get(u, CXL_CPMU_FREEZE), ==, BIT(CXL_PMU_COUNTERS) - 1);
    cxl_pmu_count(&u->pmu, CXL_PMU_READ, 1, -1);
    g_assert_cmpuint(counter(u, CONF), ==, 1);
    set(u, CXL_CPMU_COUNTER(CONF), UINT64_MAX);
    g_assert_cmphex(counter(u, CONF), ==, TOP - 1);
    cxl_pmu_write(&u->pmu, CXL_CPMU_COUNTER(CONF), 7, 4);
    g_assert_cmphex(counter(u, CONF), ==, 0xffff00000007);
    set(u, CXL_CPMU_COUNTER(CONF), 100);
    set(u, CXL_CPMU_FREEZE, 0);
    cxl_pmu_count(&u->pmu, CXL_PMU_READ, 1, -1);
    g_assert_cmpuint(counter(u, CONF), ==, 101);
    unit_free(u);
}

static void test_filter(void)
{
    Unit *u = unit_new();

    enable(u, CONF, 0, 2);
    cxl_pmu_write(&u->pmu, CXL_CPMU_FILTER(CONF), 1u << 3, 4);
    cxl_pmu_count(&u->pmu, CXL_PMU_READ, 1, 2);
    cxl_pmu_count(&u->pmu, CXL_PMU_READ, 1, -1);
    g_assert_cmpuint(counter(u, CONF), ==, 0);
    cxl_pmu_count(&u->pmu, CXL_PMU_READ, 1, 3);
    g_assert_cmpuint(counter(u, CONF), ==, 1);
    /* Linux writes 64 bits; the upper half belongs to no filter of ours. */
    set(u, CXL_CPMU_FILTER(CONF), CXL_CPMU_FILTER_OFF);
    cxl_pmu_count(&u->pmu, CXL_PMU_READ, 1, -1);
    g_assert_cmpuint(counter(u, CONF), ==, 2);
    unit_free(u);
}

static void preset(Unit *u, unsigned n, uint64_t value)
{
    set(u, CXL_CPMU_FREEZE, UINT64_MAX);
    set(u, CXL_CPMU_COUNTER(n), value);
    set(u, CXL_CPMU_FREEZE, 0);
}

static void test_overflow(void)
{
    Unit *u = unit_new();

    enable(u, CONF, 0, 2);
    preset(u, CONF, TOP - 2);
    cxl_pmu_count(&u->pmu, CXL_PMU_READ, 1, -1);
    g_assert_cmphex(get(u, CXL_CPMU_OVERFLOW), ==, 0);
    cxl_pmu_count(&u->pmu, CXL_PMU_READ, 1, -1);
    g_assert_cmphex(get(u, CXL_CPMU_OVERFLOW), ==, BIT(CONF));
    g_assert_cmpuint(counter(u, CONF), ==, 0);
    g_assert_cmpuint(u->host.irqs[MSGNUM], ==, 0);
    g_assert_cmphex(get(u, CXL_CPMU_FREEZE), ==, 0);
    set(u, CXL_CPMU_OVERFLOW, ~BIT_ULL(CONF));
    g_assert_cmphex(get(u, CXL_CPMU_OVERFLOW), ==, BIT(CONF));
    set(u, CXL_CPMU_OVERFLOW, BIT_ULL(CONF));
    g_assert_cmphex(get(u, CXL_CPMU_OVERFLOW), ==, 0);
    /* Message and freeze; what is frozen counts no more. */
    set(u, CXL_CPMU_CONFIG(CONF), get(u, CXL_CPMU_CONFIG(CONF)) |
        CXL_CPMU_CONFIG_INTERRUPT | CXL_CPMU_CONFIG_FREEZE);
    enable(u, CONF + 1, 0, 2);
    preset(u, CONF, TOP - 1);
    cxl_pmu_count(&u->pmu, CXL_PMU_READ, 4, -1);
    g_assert_cmpuint(u->host.irqs[MSGNUM], ==, 1);
    g_assert_cmphex(get(u, CXL_CPMU_FREEZE), ==, BIT(CXL_PMU_COUNTERS) - 1);
    g_assert_cmpuint(counter(u, CONF), ==, 3);
    g_assert_cmpuint(counter(u, CONF + 1), ==, 4);
    cxl_pmu_count(&u->pmu, CXL_PMU_READ, 4, -1);
    g_assert_cmpuint(counter(u, CONF + 1), ==, 4);
    unit_free(u);
}

static void test_clock(void)
{
    Unit *u = unit_new();
    uint64_t clock = get(u, CXL_CPMU_CONFIG(0));

    g_assert_cmpint(cxl_pmu_deadline(&u->pmu), ==, INT64_MAX);
    u->host.now = 5000;
    enable(u, 0, 0, 0);
    u->host.now += 1234;
    g_assert_cmpuint(counter(u, 0), ==, 1234);
    preset(u, 0, TOP - 1000);
    g_assert_cmpint(cxl_pmu_deadline(&u->pmu), ==, u->host.now + 1000);
    /* The one that freezes stops the other at that very moment. */
    set(u, CXL_CPMU_CONFIG(0), clock | ENABLE | CXL_CPMU_CONFIG_INTERRUPT |
        CXL_CPMU_CONFIG_FREEZE);
    enable(u, CONF, extract64(clock, 59, 5), 1);
    u->host.now += 1500;
    g_assert_cmpuint(counter(u, CONF), ==, 1000);
    g_assert_cmpuint(counter(u, 0), ==, 0);
    g_assert_cmpuint(u->host.irqs[MSGNUM], ==, 1);
    g_assert_cmpint(cxl_pmu_deadline(&u->pmu), ==, INT64_MAX);
    unit_free(u);
}

/* Times that only a bad saved state can hold */
static void test_strange_times(void)
{
    static const int64_t since[] = { INT64_MIN, -1, INT64_MAX };

    for (unsigned i = 0; i < G_N_ELEMENTS(since); i++) {
        Unit *u = unit_new();

        enable(u, 0, 0, 0);
        u->pmu.since_ns = since[i];
        cxl_pmu_deadline(&u->pmu);
        u->host.now = INT64_MAX;
        cxl_pmu_sync(&u->pmu);
        g_assert_cmpint(u->pmu.since_ns, ==, INT64_MAX);
        unit_free(u);
    }
}

static void test_check_bites(void)
{
    Unit *u = unit_new();

    u->pmu.bytes[CXL_CPMU_CAP] ^= 1;
    g_assert_cmpstr(cxl_pmu_check(&u->pmu), ==, "cpmu-cap");
    u->pmu.bytes[CXL_CPMU_CAP] ^= 1;
    u->pmu.bytes[CXL_CPMU_COUNTER(2) + 7] = 1;
    g_assert_cmpstr(cxl_pmu_check(&u->pmu), ==, "cpmu-counter");
    u->pmu.bytes[CXL_CPMU_COUNTER(2) + 7] = 0;
    u->pmu.bytes[CXL_CPMU_CONFIG(1) + 1] = 1;
    g_assert_cmpstr(cxl_pmu_check(&u->pmu), ==, "cpmu-counting");
    u->pmu.bytes[CXL_CPMU_CONFIG(1) + 1] = 0;
    unit_free(u);
}

/* ---- the same in a device ---- */

static void dev_set(FakeHost *h, unsigned at, uint64_t value)
{
    cxl_memdev_regs_write(h->dev, cxl_memdev_regs_pmu(h->dev) + at, value, 8);
}

static uint64_t dev_get(FakeHost *h, unsigned at)
{
    return cxl_memdev_regs_read(h->dev, cxl_memdev_regs_pmu(h->dev) + at, 8);
}

static void dev_enable_all(FakeHost *h)
{
    for (unsigned n = 0; n < CXL_PMU_COUNTERS; n++) {
        dev_set(h, CXL_CPMU_CONFIG(n), dev_get(h, CXL_CPMU_CONFIG(n)) |
                ENABLE | CXL_CPMU_CONFIG_EVENTS(n >= CONF ? 2 : 0));
    }
}

static void test_device(void)
{
    FakeHost *h = fake_host_default();
    uint64_t at = cxl_memdev_regs_pmu(h->dev);

    g_assert_cmphex(at, >, 0);
    g_assert_cmphex(at % 0x10000, ==, 0);
    g_assert_cmphex(cxl_memdev_regs_size(h->dev), >=, at + CXL_CPMU_LEN);
    g_assert_false(cxl_memdev_host_counted(h->dev));
    dev_enable_all(h);
    g_assert_true(cxl_memdev_host_counted(h->dev));
    g_assert_cmpuint(fake_command(h, 0x4000, NULL, 0), ==, 0);
    g_assert_cmpuint(dev_get(h, CXL_CPMU_COUNTER(5)), ==, 1);
    /* Across a line: two requests, two responses */
    cxl_memdev_host_counts(h->dev, false, 0x103c, 8, 0);
    cxl_memdev_host_counts(h->dev, false, UINT64_C(1) << 50, 1, -1);
    cxl_memdev_host_counts(h->dev, true, 0x1000, 8, 0);
    g_assert_cmpuint(dev_get(h, CXL_CPMU_COUNTER(CONF)), ==, 3);
    g_assert_cmpuint(dev_get(h, CXL_CPMU_COUNTER(1)), ==, 1);
    g_assert_cmpuint(dev_get(h, CXL_CPMU_COUNTER(2)), ==, 1);
    g_assert_cmpuint(dev_get(h, CXL_CPMU_COUNTER(3)), ==, 2);
    g_assert_cmpuint(dev_get(h, CXL_CPMU_COUNTER(4)), ==, 1);
    cxl_memdev_host_read_poison(h->dev, 0x1000);
    g_assert_cmpuint(dev_get(h, CXL_CPMU_COUNTER(6)), ==, 1);
    fake_check(h);
    cxl_memdev_reset(h->dev, CXL_RESET_HOT);
    g_assert_false(cxl_memdev_host_counted(h->dev));
    g_assert_cmpuint(dev_get(h, CXL_CPMU_COUNTER(3)), ==, 0);
    fake_check(h);
    fake_host_free(h);
}

/* Nobody reads a register, and the message comes all the same. */
static void test_device_timer(void)
{
    FakeHost *h = fake_host_default();
    unsigned msgnum = h->dev->cfg.pmu_msgnum;

    dev_set(h, CXL_CPMU_FREEZE, UINT64_MAX);
    dev_set(h, CXL_CPMU_COUNTER(0), TOP - 5000);
    dev_set(h, CXL_CPMU_CONFIG(0), ENABLE | CXL_CPMU_CONFIG_INTERRUPT);
    dev_set(h, CXL_CPMU_FREEZE, 0);
    fake_host_run(h, 4999);
    g_assert_cmpuint(h->irqs[msgnum], ==, 0);
    fake_host_run(h, 1);
    g_assert_cmpuint(h->irqs[msgnum], ==, 1);
    g_assert_cmphex(dev_get(h, CXL_CPMU_OVERFLOW), ==, 1);
    fake_host_free(h);
}

static void test_device_saves(void)
{
    FakeHost *h = fake_host_default();
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *problem = NULL;

    dev_enable_all(h);
    cxl_memdev_host_counts(h->dev, true, 0, 1, 0);
    h->now += 1000;
    cxl_memdev_save(h->dev, bytes);
    cxl_memdev_host_counts(h->dev, true, 0, 1, 0);
    h->now += 500;
    g_assert_true(cxl_memdev_load(h->dev, bytes->data, bytes->len, &problem));
    g_assert_true(cxl_memdev_host_counted(h->dev));
    g_assert_cmpuint(dev_get(h, CXL_CPMU_COUNTER(1)), ==, 1);
    g_assert_cmpuint(dev_get(h, CXL_CPMU_COUNTER(0)), ==, 1500);
    fake_check(h);
    fake_host_free(h);
}

static void test_device_without(void)
{
    CxlMemdevConfig cfg = fake_config();
    FakeHost *h;

    cfg.pmu_msgnum = 0;
    h = fake_host_new(&cfg);
    g_assert_cmphex(cxl_memdev_regs_pmu(h->dev), ==, 0);
    cxl_memdev_host_counts(h->dev, true, 0, 1, 0);
    fake_host_run(h, 1000);
    cxl_memdev_timer(h->dev);
    cxl_memdev_reset(h->dev, CXL_RESET_COLD);
    fake_check(h);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/pmu/identity", test_identity);
    g_test_add_func("/cxl/pmu/any-write", test_any_write);
    g_test_add_func("/cxl/pmu/each-event", test_each_event);
    g_test_add_func("/cxl/pmu/configurable", test_configurable);
    g_test_add_func("/cxl/pmu/disabled-and-frozen", test_disabled_and_frozen);
    g_test_add_func("/cxl/pmu/filter", test_filter);
    g_test_add_func("/cxl/pmu/overflow", test_overflow);
    g_test_add_func("/cxl/pmu/clock", test_clock);
    g_test_add_func("/cxl/pmu/strange-times", test_strange_times);
    g_test_add_func("/cxl/pmu/check-bites", test_check_bites);
    g_test_add_func("/cxl/pmu/device", test_device);
    g_test_add_func("/cxl/pmu/device-timer", test_device_timer);
    g_test_add_func("/cxl/pmu/device-saves", test_device_saves);
    g_test_add_func("/cxl/pmu/device-without", test_device_without);
    return g_test_run();
}
