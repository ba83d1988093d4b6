/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/chmu: what the registers say and refuse, what is counted and
 * what not, when it goes to the list, a list that is full, messages; and a
 * device whose host makes memory hot.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "tests/unit/cxl/fake-host.h"

#define MSGNUM  9
#define AT(reg) (CXL_CHMU_INSTANCE + (reg))
#define MS      1000000ll
#define RANGE   (256 * MiB)
#define BOTH    (CXL_CHMU_CONFIG_OVERFLOW | CXL_CHMU_CONFIG_FILL)

typedef struct Unit {
    FakeHost host;
    CxlChmu chmu;
} Unit;

static Unit *unit_new(void)
{
    Unit *u = g_new0(Unit, 1);

    cxl_chmu_init(&u->chmu, MSGNUM, &fake_host_ops, &u->host);
    return u;
}

static void unit_free(Unit *u)
{
    g_assert_cmpstr(cxl_chmu_check(&u->chmu), ==, NULL);
    cxl_chmu_destroy(&u->chmu);
    g_free(u);
}

static uint64_t get(Unit *u, unsigned reg)
{
    return cxl_chmu_read(&u->chmu, AT(reg), 8);
}

static void set(Unit *u, unsigned reg, uint64_t value)
{
    cxl_chmu_write(&u->chmu, AT(reg), value, 8);
    g_assert_cmpstr(cxl_chmu_check(&u->chmu), ==, NULL);
}

static unsigned index_of(Unit *u, unsigned reg)
{
    return cxl_chmu_read(&u->chmu, AT(reg), 2);
}

static uint64_t entry(Unit *u, unsigned n)
{
    return get(u, CXL_CHMU_HOTLIST + 8 * n);
}

/* An epoch of 10 ms over units of 4 KiB, or always on if @more says so */
static uint64_t how(uint64_t more)
{
    return 12 | more |
           CXL_CHMU_CONFIG2_EPOCH(CXL_CHMU_EPOCH(CXL_CHMU_SCALE_1MS, 10));
}

static void enable(Unit *u, unsigned what, unsigned threshold, uint64_t more)
{
    set(u, CXL_CHMU_CONFIG2, how(more));
    set(u, CXL_CHMU_CONFIG3, 4);
    set(u, CXL_CHMU_BITMAP, 1);
    set(u, CXL_CHMU_CONFIG, what | BOTH | CXL_CHMU_CONFIG_ENABLE |
        CXL_CHMU_CONFIG_THRESHOLD(threshold));
    g_assert_true(cxl_chmu_enabled(&u->chmu));
}

static void touch(Unit *u, bool is_write, uint64_t dpa, unsigned times)
{
    while (times--) {
        cxl_chmu_count(&u->chmu, is_write, dpa, 8);
    }
}

static void next_epoch(Unit *u)
{
    u->host.now += 10 * MS;
    cxl_chmu_sync(&u->chmu);
}

/* What a driver reads before it does anything */
static void test_identity(void)
{
    Unit *u = unit_new();
    uint64_t able = get(u, CXL_CHMU_ABLE), able2 = get(u, CXL_CHMU_ABLE2);

    g_assert_cmphex(cxl_chmu_read(&u->chmu, CXL_CHMU_CAP, 8), ==, 0x101);
    g_assert_cmphex(cxl_chmu_read(&u->chmu, CXL_CHMU_CAP2, 8), ==,
                    CXL_CHMU_LEN - 0x10);
    g_assert_cmpuint(extract64(able, 0, 4), ==, MSGNUM);
    g_assert_cmphex(extract64(able, 4, 4), ==, 3);
    g_assert_cmphex(extract64(able, 8, 8), ==, 0x3f);
    g_assert_cmpuint(extract64(able, 16, 4), ==, CXL_CHMU_SCALE_1S);
    g_assert_cmpuint(extract64(able, 20, 12), ==, 4095);
    g_assert_cmpuint(extract64(able, 32, 4), ==, CXL_CHMU_SCALE_1MS);
    g_assert_cmpuint(extract64(able, 36, 12), ==, 1);
    g_assert_cmpuint(extract64(able, 48, 16), ==, CXL_CHMU_ENTRIES);
    g_assert_cmphex(extract64(able2, 0, 32), ==, 0xffffff);
    g_assert_cmphex(extract64(able2, 32, 16), ==, 0xffff);
    g_assert_cmphex(extract64(able2, 48, 16), ==, 3);
    g_assert_cmphex(get(u, CXL_CHMU_BITMAP_OFFSET), ==, 0x70);
    g_assert_cmphex(get(u, CXL_CHMU_HOTLIST_OFFSET), ==, 0x870);
    g_assert_cmphex(extract64(get(u, CXL_CHMU_STATUS), 32, 8), ==, 16);
    unit_free(u);
}

static void test_refusals(void)
{
    static const struct {
        uint64_t config, config2;
    } wrong[] = {
        { 0, 12 | CXL_CHMU_CONFIG2_ALWAYS_ON },
        { 7, 12 | CXL_CHMU_CONFIG2_ALWAYS_ON },
        { 1, 7 | CXL_CHMU_CONFIG2_ALWAYS_ON },
        { 1, 32 | CXL_CHMU_CONFIG2_ALWAYS_ON },
        { 1, 12 | CXL_CHMU_CONFIG2_ALWAYS_ON | CXL_CHMU_CONFIG2_SAMPLE(16) },
        { 1, 12 | 2 * CXL_CHMU_CONFIG2_ALWAYS_ON },
        { 1, 12 },                                              /* no time */
        { 1, 12 | CXL_CHMU_CONFIG2_EPOCH(CXL_CHMU_EPOCH(6, 1)) },
        { 1, 12 | CXL_CHMU_CONFIG2_EPOCH(CXL_CHMU_EPOCH(1, 9)) }, /* 0.9 ms */
    };
    Unit *u = unit_new();

    for (unsigned i = 0; i < G_N_ELEMENTS(wrong); i++) {
        set(u, CXL_CHMU_CONFIG2, wrong[i].config2);
        set(u, CXL_CHMU_CONFIG, wrong[i].config | CXL_CHMU_CONFIG_ENABLE);
        g_assert_false(cxl_chmu_enabled(&u->chmu));
        g_assert_false(get(u, CXL_CHMU_CONFIG) & CXL_CHMU_CONFIG_ENABLE);
    }
    set(u, CXL_CHMU_HEAD, CXL_CHMU_ENTRIES);
    g_assert_cmpuint(index_of(u, CXL_CHMU_HEAD), ==, 0);
    unit_free(u);
}

static void test_configuration_stays(void)
{
    Unit *u = unit_new();

    enable(u, CXL_CHMU_ALL, 5, 0);
    set(u, CXL_CHMU_CONFIG2, 0);
    set(u, CXL_CHMU_CONFIG3, 0);
    set(u, CXL_CHMU_BITMAP, 0);
    g_assert_cmphex(get(u, CXL_CHMU_CONFIG2), ==, how(0));
    g_assert_cmphex(get(u, CXL_CHMU_CONFIG3), ==, 4);
    g_assert_cmphex(get(u, CXL_CHMU_BITMAP), ==, 1);
    set(u, CXL_CHMU_CONFIG, CXL_CHMU_CONFIG_ENABLE);
    g_assert_cmphex(get(u, CXL_CHMU_CONFIG), ==, CXL_CHMU_ALL |
                    CXL_CHMU_CONFIG_ENABLE | CXL_CHMU_CONFIG_THRESHOLD(5));
    set(u, CXL_CHMU_CONFIG, 0);
    g_assert_false(cxl_chmu_enabled(&u->chmu));
    set(u, CXL_CHMU_BITMAP, 0);
    g_assert_cmphex(get(u, CXL_CHMU_BITMAP), ==, 0);
    unit_free(u);
}

static void test_epoch(void)
{
    Unit *u = unit_new();

    enable(u, CXL_CHMU_ALL, 3, 0);
    g_assert_cmpint(cxl_chmu_deadline(&u->chmu), ==, INT64_MAX);
    touch(u, true, 0x7000, 2);
    touch(u, false, 0x7800, 2);
    touch(u, true, 0x3000, 3);
    touch(u, true, 0x5000, 2);      /* not hot */
    g_assert_cmpint(cxl_chmu_deadline(&u->chmu), ==, 10 * MS);
    u->host.now = 10 * MS - 1;
    g_assert_cmpuint(index_of(u, CXL_CHMU_TAIL), ==, 0);
    u->host.now = 10 * MS;
    g_assert_cmpuint(index_of(u, CXL_CHMU_TAIL), ==, 2);
    g_assert_cmphex(entry(u, 0), ==, 0x30003);
    g_assert_cmphex(entry(u, 1), ==, 0x70004);
    /* Each epoch begins at zero, and those in which nothing is are skipped. */
    touch(u, true, 0x5000, 2);
    u->host.now = 45 * MS;
    g_assert_cmpuint(index_of(u, CXL_CHMU_TAIL), ==, 2);
    touch(u, true, 0x5000, 3);
    g_assert_cmpint(cxl_chmu_deadline(&u->chmu), ==, 50 * MS);
    unit_free(u);
}

static void test_always_on(void)
{
    Unit *u = unit_new();

    enable(u, CXL_CHMU_WRITES, 3, CXL_CHMU_CONFIG2_ALWAYS_ON);
    touch(u, true, 0x3000, 2);
    g_assert_cmpuint(index_of(u, CXL_CHMU_TAIL), ==, 0);
    touch(u, true, 0x3000, 2);
    g_assert_cmpuint(index_of(u, CXL_CHMU_TAIL), ==, 1);
    g_assert_cmphex(entry(u, 0), ==, 0x30003);
    /* The counter was free again, and is at 1. */
    touch(u, true, 0x3000, 1);
    g_assert_cmpuint(index_of(u, CXL_CHMU_TAIL), ==, 1);
    g_assert_cmpint(cxl_chmu_deadline(&u->chmu), ==, INT64_MAX);
    unit_free(u);
}

/* Which requests count, where, and how many of them */
static void test_filters(void)
{
    static const uint64_t seen[] = { 0, 0x30002, 0x30001, 0x30003, 0x30002,
                                     0x30001, 0x30003 };

    for (unsigned what = 1; what < G_N_ELEMENTS(seen); what++) {
        Unit *u = unit_new();

        enable(u, what, 1, 0);
        touch(u, false, 0x3000, 2);
        touch(u, true, 0x3000, 1);
        touch(u, true, RANGE, 1);           /* not in the bitmap */
        touch(u, true, 8 * TiB, 1);
        next_epoch(u);
        g_assert_cmphex(entry(u, 0), ==, seen[what]);
        g_assert_cmpuint(index_of(u, CXL_CHMU_TAIL), ==, 1);
        unit_free(u);
    }
}

static void test_samples_and_lines(void)
{
    Unit *u = unit_new();

    enable(u, CXL_CHMU_ALL, 1, CXL_CHMU_CONFIG2_SAMPLE(2));
    touch(u, true, 0x3000, 11);             /* two, and three that wait */
    cxl_chmu_count(&u->chmu, true, 0x4fc0, 0x80);   /* a line in each unit */
    next_epoch(u);
    g_assert_cmphex(entry(u, 0), ==, 0x30002);
    g_assert_cmphex(entry(u, 1), ==, 0x40001);
    g_assert_cmpuint(index_of(u, CXL_CHMU_TAIL), ==, 2);
    unit_free(u);
}

static void test_full_list(void)
{
    Unit *u = unit_new();

    enable(u, CXL_CHMU_ALL, 1, 0);
    for (unsigned i = 0; i < CXL_CHMU_ENTRIES + 5; i++) {
        touch(u, true, i * 4096ull, 1);
    }
    next_epoch(u);
    g_assert_cmpuint(index_of(u, CXL_CHMU_TAIL), ==, CXL_CHMU_ENTRIES - 1);
    g_assert_cmphex(get(u, CXL_CHMU_STATUS) & MAKE_64BIT_MASK(40, 8), ==,
                    CXL_CHMU_STATUS_OVERFLOW | CXL_CHMU_STATUS_FILL);
    /* One message for each, however often it happened */
    g_assert_cmpuint(u->host.irqs[MSGNUM], ==, 2);
    cxl_chmu_write(&u->chmu, AT(CXL_CHMU_HEAD), CXL_CHMU_ENTRIES - 1, 2);
    set(u, CXL_CHMU_STATUS, CXL_CHMU_STATUS_OVERFLOW | CXL_CHMU_STATUS_FILL);
    touch(u, true, 0x9000, 1);
    next_epoch(u);
    g_assert_cmpuint(index_of(u, CXL_CHMU_TAIL), ==, 0);
    g_assert_cmphex(entry(u, CXL_CHMU_ENTRIES - 1), ==, 0x90001);
    g_assert_cmpuint(u->host.irqs[MSGNUM], ==, 2);
    unit_free(u);
}

/* Units beyond the counters are not counted; the memory is bounded. */
static void test_counters_end(void)
{
    Unit *u = unit_new();

    enable(u, CXL_CHMU_ALL, 2, 0);
    for (unsigned i = 0; i <= CXL_CHMU_COUNTERS; i++) {
        touch(u, true, i * 4096ull % RANGE, 1);
    }
    g_assert_cmpuint(g_hash_table_size(u->chmu.units), <=, CXL_CHMU_COUNTERS);
    set(u, CXL_CHMU_CONFIG, CXL_CHMU_CONFIG_RESET | CXL_CHMU_CONFIG_ENABLE);
    g_assert_cmpuint(g_hash_table_size(u->chmu.units), ==, 0);
    g_assert_true(cxl_chmu_enabled(&u->chmu));
    set(u, CXL_CHMU_CONFIG, 0);
    set(u, CXL_CHMU_CONFIG2, 8 | CXL_CHMU_CONFIG2_ALWAYS_ON);
    set(u, CXL_CHMU_CONFIG, CXL_CHMU_ALL | CXL_CHMU_CONFIG_ENABLE |
        CXL_CHMU_CONFIG_THRESHOLD(2));
    for (unsigned i = 0; i <= CXL_CHMU_COUNTERS; i++) {
        touch(u, true, i * 256ull, 1);
    }
    g_assert_cmpuint(g_hash_table_size(u->chmu.units), ==, CXL_CHMU_COUNTERS);
    unit_free(u);
}

static void test_hostile_state(void)
{
    Unit *u = unit_new();

    enable(u, CXL_CHMU_ALL, 1, 0);
    u->chmu.bytes[AT(CXL_CHMU_CONFIG2)] = 3;
    g_assert_cmpstr(cxl_chmu_check(&u->chmu), ==, "chmu-config");
    u->chmu.bytes[AT(CXL_CHMU_CONFIG2)] = 12;
    u->chmu.bytes[AT(CXL_CHMU_TAIL) + 1] = 0x40;
    g_assert_cmpstr(cxl_chmu_check(&u->chmu), ==, "chmu-hotlist");
    u->chmu.bytes[AT(CXL_CHMU_TAIL) + 1] = 0;
    u->chmu.bytes[AT(CXL_CHMU_ABLE)] ^= 1;
    g_assert_cmpstr(cxl_chmu_check(&u->chmu), ==, "chmu-able");
    u->chmu.bytes[AT(CXL_CHMU_ABLE)] ^= 1;
    u->chmu.bytes[AT(CXL_CHMU_STATUS)] = 0;
    g_assert_cmpstr(cxl_chmu_check(&u->chmu), ==, "chmu-config");
    u->chmu.bytes[AT(CXL_CHMU_STATUS)] = 1;
    unit_free(u);
}

/* ---- the same in a device ---- */

static FakeHost *device(void)
{
    CxlMemdevConfig cfg = fake_config();

    cfg.chmu_msgnum = MSGNUM;
    return fake_host_new(&cfg);
}

static void dev_set(FakeHost *h, unsigned reg, uint64_t value)
{
    cxl_memdev_regs_write(h->dev, cxl_memdev_regs_chmu(h->dev) + AT(reg),
                          value, 8);
    fake_check(h);
}

static uint64_t dev_get(FakeHost *h, unsigned reg)
{
    return cxl_memdev_regs_read(h->dev, cxl_memdev_regs_chmu(h->dev) +
                                AT(reg), 8);
}

static void dev_enable(FakeHost *h)
{
    dev_set(h, CXL_CHMU_CONFIG2, how(0));
    dev_set(h, CXL_CHMU_BITMAP, 1);
    dev_set(h, CXL_CHMU_CONFIG, CXL_CHMU_ALL | BOTH |
            CXL_CHMU_CONFIG_ENABLE | CXL_CHMU_CONFIG_THRESHOLD(2));
}

/* Nobody reads a register, and the message comes all the same. */
static void test_device(void)
{
    FakeHost *h = device();

    g_assert_cmphex(cxl_memdev_regs_chmu(h->dev) % 0x10000, ==, 0);
    g_assert_cmphex(cxl_memdev_regs_size(h->dev), >=,
                    cxl_memdev_regs_chmu(h->dev) + CXL_CHMU_LEN);
    g_assert_false(cxl_memdev_host_counted(h->dev));
    dev_enable(h);
    g_assert_true(cxl_memdev_host_counted(h->dev));
    cxl_memdev_host_counts(h->dev, true, 0x3000, 8, 0);
    cxl_memdev_host_counts(h->dev, false, 0x3008, 8, 0);
    fake_host_run(h, 10 * MS - 1);
    g_assert_cmpuint(h->irqs[MSGNUM], ==, 0);
    fake_host_run(h, 1);
    g_assert_cmpuint(h->irqs[MSGNUM], ==, 1);
    g_assert_cmphex(dev_get(h, CXL_CHMU_HOTLIST), ==, 0x30002);
    cxl_memdev_reset(h->dev, CXL_RESET_HOT);
    g_assert_false(cxl_memdev_host_counted(h->dev));
    g_assert_cmphex(dev_get(h, CXL_CHMU_HOTLIST), ==, 0);
    fake_check(h);
    fake_host_free(h);
}

/* The list is there afterwards; counting goes on from nothing. */
static void test_device_saves(void)
{
    FakeHost *h = device();
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *problem = NULL;

    dev_enable(h);
    cxl_memdev_host_counts(h->dev, true, 0x3000, 0x80, 0);
    fake_host_run(h, 10 * MS);
    cxl_memdev_save(h->dev, bytes);
    dev_set(h, CXL_CHMU_CONFIG, 0);
    cxl_memdev_reset(h->dev, CXL_RESET_COLD);
    g_assert_true(cxl_memdev_load(h->dev, bytes->data, bytes->len, &problem));
    fake_check(h);
    g_assert_cmphex(dev_get(h, CXL_CHMU_HOTLIST), ==, 0x30002);
    dev_set(h, CXL_CHMU_BITMAP, 0);
    g_assert_cmphex(dev_get(h, CXL_CHMU_BITMAP), ==, 1);
    cxl_memdev_host_counts(h->dev, true, 0x5000, 0x80, 0);
    fake_host_run(h, 10 * MS);
    g_assert_cmphex(dev_get(h, CXL_CHMU_HOTLIST + 8), ==, 0x50002);
    fake_host_free(h);
}

static void test_device_without(void)
{
    FakeHost *h = fake_host_default();

    g_assert_cmphex(cxl_memdev_regs_chmu(h->dev), ==, 0);
    cxl_memdev_host_counts(h->dev, true, 0, 1, 0);
    fake_check(h);
    fake_host_free(h);
}

/* An epoch that goes on behind the end of the clock does not end. */
static void test_end_of_time(void)
{
    Unit *u = unit_new();

    u->host.now = INT64_MAX - 5 * MS;
    enable(u, CXL_CHMU_ALL, 1, 0);
    touch(u, false, 0, 1);
    g_assert_cmpint(cxl_chmu_deadline(&u->chmu), ==, INT64_MAX);
    u->host.now = INT64_MAX;
    cxl_chmu_sync(&u->chmu);
    g_assert_cmpuint(index_of(u, CXL_CHMU_TAIL), ==, 0);
    unit_free(u);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/chmu/identity", test_identity);
    g_test_add_func("/cxl/chmu/refusals", test_refusals);
    g_test_add_func("/cxl/chmu/configuration-stays",
                    test_configuration_stays);
    g_test_add_func("/cxl/chmu/epoch", test_epoch);
    g_test_add_func("/cxl/chmu/always-on", test_always_on);
    g_test_add_func("/cxl/chmu/filters", test_filters);
    g_test_add_func("/cxl/chmu/samples-and-lines", test_samples_and_lines);
    g_test_add_func("/cxl/chmu/full-list", test_full_list);
    g_test_add_func("/cxl/chmu/counters-end", test_counters_end);
    g_test_add_func("/cxl/chmu/hostile-state", test_hostile_state);
    g_test_add_func("/cxl/chmu/device", test_device);
    g_test_add_func("/cxl/chmu/device-saves", test_device_saves);
    g_test_add_func("/cxl/chmu/device-without", test_device_without);
    g_test_add_func("/cxl/chmu/end-of-time", test_end_of_time);
    return g_test_run();
}
