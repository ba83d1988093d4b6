/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/config: every configuration that cannot be has a sentence of its
 * own.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/fake-host.h"

static void expect(CxlMemdevConfig cfg, const char *words)
{
    g_autofree char *problem = NULL;

    cxl_config_defaults(&cfg);
    problem = cxl_config_problem(&cfg);
    if (!words) {
        g_assert_cmpstr(problem, ==, NULL);
    } else {
        g_assert_nonnull(problem);
        g_assert_nonnull(strstr(problem, words));
    }
}

#define REFUSE(words, ...)                              \
    do {                                                \
        CxlMemdevConfig cfg = fake_config();            \
        __VA_ARGS__;                                    \
        expect(cfg, words);                             \
    } while (0)

static void test_static(void)
{
    REFUSE(NULL, (void)cfg);
    REFUSE("volatile capacity", cfg.volatile_only = 1 * MiB);
    REFUSE("persistent capacity", cfg.persistent_only += 1);
    REFUSE("partitionable", cfg.partition_align = 512 * MiB);
    REFUSE("partition alignment", cfg.partition_align = 3 * 256 * MiB);
    REFUSE("no capacity", cfg.volatile_only = cfg.persistent_only =
           cfg.partitionable = 0);
    REFUSE("label storage", cfg.lsa_size = 0);
    REFUSE("at most", cfg.volatile_only = 1ull << 60);
}

static void test_numbers(void)
{
    REFUSE("mailbox message", cfg.mailbox_msgnum = 16);
    REFUSE("performance monitor", cfg.pmu_msgnum = 16);
    REFUSE("event message", cfg.event_msgnum[4] = 16);
    REFUSE("payload shift", cfg.payload_shift = 7);
    REFUSE("payload shift", cfg.payload_shift = 21);
    REFUSE("poison list", cfg.poison_list_max = 1 << 24);
}

static CxlMemdevConfig dynamic(void)
{
    CxlMemdevConfig cfg = fake_config();

    cfg.num_dc_regions = 2;
    cfg.dc_regions[0] = (CxlDcRegionConfig) {
        .base = 2 * GiB, .len = 256 * MiB, .block_size = 2 * MiB,
    };
    cfg.dc_regions[1] = cfg.dc_regions[0];
    cfg.dc_regions[1].base += 256 * MiB;
    return cfg;
}

#define REFUSE_DC(words, ...)                           \
    do {                                                \
        CxlMemdevConfig cfg = dynamic();                \
        CxlDcRegionConfig *r = &cfg.dc_regions[1];      \
        r->flags = 0;                                   \
        __VA_ARGS__;                                    \
        expect(cfg, words);                             \
    } while (0)

static void test_dynamic(void)
{
    REFUSE_DC(NULL, (void)r);
    REFUSE_DC("number of dynamic", cfg.num_dc_regions = 9);
    REFUSE_DC("base", r->base -= 256 * MiB);
    REFUSE_DC("base", r->base += 2 * MiB);
    REFUSE_DC("base", cfg.dc_regions[0].base = 1 * GiB);
    REFUSE_DC("block size", r->block_size = 3 * MiB);
    REFUSE_DC("block size", r->block_size = 32);
    REFUSE_DC("block size", r->block_size = 0);
    REFUSE_DC("block size", r->block_size = 1 * GiB);
    REFUSE_DC("length", r->len = 0);
    REFUSE_DC("length", r->len = 3 * MiB);
    REFUSE_DC("decodes", r->decode_len = 1 * MiB);
    REFUSE_DC("decodes", r->decode_len = 300 * MiB);
    REFUSE_DC("flags", r->flags = 2);
}

static void test_new_says_why(void)
{
    CxlWorld world = { &fake_host_ops, NULL, &fake_media_ops, NULL };
    CxlMemdevConfig cfg = { 0 };
    char *problem;

    g_assert_null(cxl_memdev_new(&cfg, &world, &problem));
    g_assert_nonnull(problem);
    g_free(problem);
}

static void expect_split(unsigned n, const uint64_t *units, uint64_t total,
                         const uint64_t *expected)
{
    CxlMemdevConfig cfg = { .num_dc_regions = n };
    g_autofree char *problem = NULL;
    uint64_t base = 3 * CXL_MEMDEV_CAPACITY_UNIT;

    for (unsigned i = 0; i < n; i++) {
        cfg.dc_regions[i].len = units[i] * CXL_MEMDEV_CAPACITY_UNIT;
    }
    problem = cxl_config_split(&cfg, base, total * CXL_MEMDEV_CAPACITY_UNIT);
    g_assert_cmpint(problem == NULL, ==, expected != NULL);
    for (unsigned i = 0; expected && i < n; i++) {
        g_assert_cmphex(cfg.dc_regions[i].base, ==, base);
        g_assert_cmphex(cfg.dc_regions[i].len, ==,
                        expected[i] * CXL_MEMDEV_CAPACITY_UNIT);
        base += cfg.dc_regions[i].len;
    }
}

static void test_split(void)
{
    static const uint64_t none[8] = { 0 }, some[] = { 3, 0, 1, 0 };
    static const uint64_t all[] = { 2, 3 };
    CxlMemdevConfig cfg = { .num_dc_regions = 1 };
    g_autofree char *problem = NULL;

    expect_split(1, none, 7, (const uint64_t[]) { 7 });
    expect_split(4, none, 8, (const uint64_t[]) { 2, 2, 2, 2 });
    expect_split(4, none, 9, NULL);
    expect_split(4, some, 8, (const uint64_t[]) { 3, 2, 1, 2 });
    expect_split(4, some, 7, NULL);
    expect_split(4, some, 4, NULL); /* nothing left to share */
    expect_split(4, some, 3, NULL);
    expect_split(2, all, 5, (const uint64_t[]) { 2, 3 });
    expect_split(2, all, 6, NULL);
    expect_split(2, all, 4, NULL);
    cfg.dc_regions[0].len = 4096;
    problem = cxl_config_split(&cfg, 0, CXL_MEMDEV_CAPACITY_UNIT);
    g_assert_nonnull(problem);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/config/static", test_static);
    g_test_add_func("/cxl/config/numbers", test_numbers);
    g_test_add_func("/cxl/config/dynamic", test_dynamic);
    g_test_add_func("/cxl/config/new-says-why", test_new_says_why);
    g_test_add_func("/cxl/config/split", test_split);
    return g_test_run();
}
