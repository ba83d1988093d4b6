/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a person chooses: every contradiction is refused by the name of a
 * property, what is left is a configuration without a problem, and every
 * property says what it means.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/params.h"
#include "hw/cxl/wire/dcd.h"

static const CxlParams good = {
    .sn = 7, .dc_block_size = 2 * MiB, .hdm_decoders = 4, .security = true,
    .cpmu = true, .mailbox_payload = 2048, .event_log_size = 128,
    .poison_list_size = 256, .sanitize_ms = 1000, .scan_ms = 20,
};
static const CxlParamsMemory memory = { .is_volatile = true };

static void expect(const CxlParams *p, const CxlParamsMemory *m,
                   const char *wanted)
{
    g_autofree char *problem = cxl_params_problem(p, m);

    if (!wanted) {
        g_assert_cmpstr(problem, ==, NULL);
        return;
    }
    g_assert_nonnull(problem);
    g_assert_nonnull(strstr(problem, wanted));
}

static void expect_memory(CxlParamsMemory m, uint64_t partitionable,
                          const char *wanted)
{
    CxlParams p = good;

    p.partitionable = partitionable;
    expect(&p, &m, wanted);
}

static void test_memory(void)
{
    expect(&good, &memory, NULL);
    expect_memory((CxlParamsMemory) { }, 0, "at least one of");
    expect_memory((CxlParamsMemory) { .memdev = true, .labels = true }, 0,
                  NULL);
    expect_memory((CxlParamsMemory) { .memdev = true, .persistent = true,
                                      .labels = true }, 0, "'memdev'");
    expect_memory((CxlParamsMemory) { .memdev = true }, 0, "'lsa'");
    expect_memory((CxlParamsMemory) { .persistent = true }, 0, "'lsa'");
    expect_memory((CxlParamsMemory) { .persistent = true, .labels = true },
                  256 * MiB, NULL);
    expect_memory(memory, 256 * MiB, "'partitionable'");
}

static void test_accelerator(void)
{
    CxlParams p = good;
    const char *name;
    unsigned i, n;

    p.dc_block_size = 0;
    cxl_params_accelerator(&p);
    expect(&p, &memory, NULL);
    expect(&p, &(CxlParamsMemory) { }, "'memdev' must be set");
    p.cache_size = 65 * 1024;
    expect(&p, &memory, "'cache-size': 0x10400 is not 0, 1 to 255");
    p.cache_size = 255 * MiB;
    expect(&p, &memory, NULL);
    /* What both have is told once. */
    for (i = 0; cxl_params_accelerator_text(i, &name); i++) {
        g_assert_true(g_strv_contains(cxl_params_accelerator_shape, name));
    }
    for (n = 0; cxl_params_accelerator_shape[n]; n++) {
        g_assert_cmpuint(n, <, 100);
    }
    g_assert_cmpuint(i, <, n);
}

static void test_dynamic(void)
{
    CxlParamsMemory m = { .dynamic = true };
    CxlParams p = good;

    expect(&p, &m, "'volatile-dc-memdev'");
    p.num_dc_regions = 9;
    expect(&p, &m, "'num-dc-regions': 9");
    p.num_dc_regions = 8;
    expect(&p, &m, NULL);
    expect(&p, &memory, "'num-dc-regions'");
    for (uint64_t size = 1; size; size <<= 1) {
        p.dc_block_size = size;
        expect(&p, &m, size >= 64 && size <= 256 * MiB ? NULL
                                                       : "'dc-block-size'");
        p.dc_block_size = size | size >> 1 | 64;
        if (p.dc_block_size & (p.dc_block_size - 1)) {
            expect(&p, &m, "'dc-block-size'");
        }
    }
}

/* What is set of a region that is not there is refused by its name. */
static void test_regions(void)
{
    static const struct {
        CxlParamsRegion region;
        const char *name;
    } set[] = {
        { { .size = 256 * MiB }, "size" },
        { { .block_size = 64 }, "block-size" },
        { { .sharable = true }, "sharable" },
        { { .read_only = true }, "read-only" },
        { { .sanitize = true }, "sanitize" },
    };
    CxlParamsMemory m = { .dynamic = true };
    CxlParams p = good;

    p.num_dc_regions = 2;
    for (unsigned i = 0; i < ARRAY_SIZE(set); i++) {
        for (unsigned n = 0; n < CXL_MEMDEV_DC_REGIONS; n++) {
            g_autofree char *name = g_strdup_printf("'dc-region%u-%s'", n,
                                                    set[i].name);

            p.dc_region[n] = set[i].region;
            expect(&p, &m, n < 2 ? NULL : name);
            p.dc_region[n] = (CxlParamsRegion) { };
        }
    }
    p.dc_region[1].size = 256 * MiB + 1;
    expect(&p, &m, "'dc-region1-size'");
    p.dc_region[1] = (CxlParamsRegion) { .block_size = 96 };
    expect(&p, &m, "'dc-region1-block-size'");
}

static void test_registers(void)
{
    CxlParamsMemory m = memory;
    CxlParams p = good;

    for (unsigned n = 0; n <= UINT8_MAX; n++) {
        bool fine = n == 1 || (n && n <= 10 && !(n % 2));

        p.hdm_decoders = n;
        expect(&p, &m, fine ? NULL : "'hdm-decoders'");
    }
    p = good;
    p.hdm_db = true;
    expect(&p, &m, "'hdm-db'");
    p.flit_256b = true;
    expect(&p, &m, NULL);
    for (uint32_t bytes = 1; bytes; bytes <<= 1) {
        p.mailbox_payload = bytes;
        expect(&p, &m, bytes >= 256 && bytes <= MiB ? NULL
                                                    : "'mailbox-payload'");
    }
    p.mailbox_payload = 768;
    expect(&p, &m, "'mailbox-payload'");
    p = good;
    p.event_log_size = 0;
    expect(&p, &m, "'event-log-size'");
    p = good;
    p.poison_list_size = 0;
    expect(&p, &m, "'poison-list-size': 0 is not within 1 to 16777215");
    p.poison_list_size = 0xffffff;
    expect(&p, &m, NULL);
    p.poison_list_size++;
    expect(&p, &m, "'poison-list-size': 16777216 is not");
    p = good;
    p.sanitize_ms = 0;
    expect(&p, &m, "'sanitize-ms': 0 is not within 1 to");
    p = good;
    p.scan_ms = 0;
    expect(&p, &m, "'scan-ms': 0 is not within 1 to");
    p = good;
    p.sn = CXL_PARAMS_NO_SERIAL;
    expect(&p, &m, NULL);
    m.layout_file = true;
    expect(&p, &m, "'layout-file'");
}

static void test_poison_modes(void)
{
    CxlPoisonMode mode;
    g_autofree char *problem = NULL;

    for (unsigned i = 0; i < CXL_POISON_MODE_COUNT; i++) {
        mode = CXL_POISON_MODE_COUNT;
        g_assert_null(cxl_params_parse_poison_mode(cxl_params_poison_mode(i),
                                                   &mode));
        g_assert_cmpuint(mode, ==, i);
    }
    problem = cxl_params_parse_poison_mode("Trap", &mode);
    g_assert_cmpstr(problem, ==, "property 'poison-mode': 'Trap' is not one of"
                    " auto, trap, list-only");
    g_assert_cmpuint(mode, ==, CXL_POISON_MODE_LIST_ONLY);
}

static void expect_backend(bool labels, uint64_t size, const char *wanted)
{
    g_autofree char *problem = cxl_params_backend_problem("lsa", labels, size);

    g_assert_true(wanted ? problem && strstr(problem, wanted) : !problem);
}

static void test_backends(void)
{
    expect_backend(true, CXL_LSA_SIZE_MIN - 1, "property 'lsa': label storage");
    expect_backend(true, CXL_LSA_SIZE_MIN, NULL);
    expect_backend(true, UINT32_MAX, NULL);
    expect_backend(true, 4 * GiB, "to 4 GiB - 1");
    expect_backend(false, 0, "property 'lsa': size 0x0");
    expect_backend(false, 256 * MiB, NULL);
    expect_backend(false, 257 * MiB, "not a multiple of 256 MiB");
    expect_backend(false, 1ull << 40, NULL);
}

static void expect_sizes(const CxlParams *p, CxlParamsSizes sizes,
                         const char *wanted)
{
    g_autofree char *problem = cxl_params_size_problem(p, &sizes);

    g_assert_true(wanted ? problem && strstr(problem, wanted) : !problem);
}

static void test_sizes(void)
{
    CxlParamsSizes sizes = { .persistent = GiB, .dynamic = GiB };
    CxlParams p = good;

    p.num_dc_regions = 4;
    p.partitionable = GiB;
    expect_sizes(&p, sizes, NULL);
    p.partitionable = GiB + 256 * MiB;
    expect_sizes(&p, sizes, "'partitionable'");
    p.partitionable = 1;
    expect_sizes(&p, sizes, "'partitionable'");
    p.partitionable = 0;
    p.num_dc_regions = 5;
    expect_sizes(&p, sizes, "'volatile-dc-memdev'");
    p.num_dc_regions = 1;
    p.dc_region[0].size = 2 * GiB;
    expect_sizes(&p, sizes, "'volatile-dc-memdev'");
}

static void expect_good(CxlMemdevConfig *config)
{
    g_autofree char *problem = NULL;

    cxl_config_defaults(config);
    problem = cxl_config_problem(config);
    g_assert_cmpstr(problem, ==, NULL);
}

static void test_config(void)
{
    CxlParamsSizes sizes = {
        .is_volatile = GiB, .persistent = 2 * GiB, .dynamic = GiB,
        .labels = 4096,
    };
    CxlParams p = good;
    CxlMemdevConfig config;

    p.partitionable = 512 * MiB;
    p.num_dc_regions = 2;
    p.dc_region[1].block_size = 64 * KiB;
    p.dc_region[1].sharable = p.dc_region[1].sanitize = true;
    p.dc_region[0].read_only = true;
    cxl_params_config(&p, &sizes, &config);
    g_assert_cmphex(config.volatile_only, ==, GiB);
    g_assert_cmphex(config.persistent_only, ==, 1536 * MiB);
    g_assert_cmphex(config.partitionable, ==, 512 * MiB);
    g_assert_cmpuint(config.payload_shift, ==, 11);
    g_assert_cmpuint(config.pmu_msgnum, ==, CXL_PARAMS_VECTOR_PMU);
    g_assert_cmpuint(config.scan_ns, ==, 20000000);
    g_assert_cmphex(config.dc_regions[0].base, ==, 3 * GiB);
    g_assert_cmphex(config.dc_regions[0].len, ==, 512 * MiB);
    g_assert_cmphex(config.dc_regions[0].block_size, ==, 2 * MiB);
    g_assert_cmphex(config.dc_regions[0].flags, ==, CXL_DC_REGION_READ_ONLY);
    g_assert_cmphex(config.dc_regions[1].block_size, ==, 64 * KiB);
    g_assert_cmphex(config.dc_regions[1].flags, ==,
                    CXL_DC_REGION_SHARABLE | CXL_DC_REGION_SANITIZE);
    g_assert_cmpuint(config.dc_regions[1].dsmad_handle, ==, 3);
    for (unsigned i = 0; i < CXL_MEMDEV_LOGS; i++) {
        g_assert_cmpuint(config.event_msgnum[i], ==, 2 + i);
        g_assert_cmpuint(config.event_log_size[i], ==, 128);
    }
    expect_good(&config);

    p = good;
    p.cpmu = false;
    cxl_params_config(&p, &(CxlParamsSizes) { .is_volatile = GiB }, &config);
    g_assert_cmpuint(config.pmu_msgnum, ==, 0);
    expect_good(&config);
}

/* The same for ever: labels and interleave sets know devices by it. */
static void test_serial(void)
{
    g_assert_cmphex(cxl_params_serial(""), ==, 0xcaf29ce484222325ull);
    g_assert_cmphex(cxl_params_serial("a") >> 56 & 3, ==, 2);
    g_assert_cmphex(cxl_params_serial("mem0"), !=, cxl_params_serial("mem1"));
    g_assert_cmphex(cxl_params_serial("mem0"), ==, cxl_params_serial("mem0"));
}

static void test_texts(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    const char *name, *text;
    unsigned n;

    for (n = 0; (text = cxl_params_text(n, &name)); n++) {
        g_assert_true(g_hash_table_add(seen, (char *)name));
        g_assert_cmpuint(strlen(text), >, 5);
    }
    g_assert_cmpuint(n, >, 80);
    g_assert_true(g_hash_table_contains(seen, "dc-region7-sanitize"));
    g_assert_null(cxl_params_text(UINT_MAX, &name));
}

/* Every property shapes what the guest sees, or is one of these. */
static void test_shape(void)
{
    static const char *const others[] = {
        "memdev", "bound", "mld", "ld", "direct", "layout-file", "power-cycle",
        "poison-mode", "sanitize-ms", "scan-ms", NULL
    };
    g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
    const char *name;
    unsigned i;

    for (i = 0; cxl_params_text(i, &name); i++) {
        bool shapes = g_strv_contains(cxl_params_shape, name);

        g_hash_table_add(known, (char *)name);
        g_assert_cmpint(shapes, !=, g_strv_contains(others, name));
    }
    for (i = 0; cxl_params_shape[i]; i++) {
        name = cxl_params_shape[i];
        g_assert_true(g_hash_table_contains(known, name + (*name == '@')));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/params/memory", test_memory);
    g_test_add_func("/cxl/params/accelerator", test_accelerator);
    g_test_add_func("/cxl/params/dynamic", test_dynamic);
    g_test_add_func("/cxl/params/regions", test_regions);
    g_test_add_func("/cxl/params/registers", test_registers);
    g_test_add_func("/cxl/params/sizes", test_sizes);
    g_test_add_func("/cxl/params/config", test_config);
    g_test_add_func("/cxl/params/serial", test_serial);
    g_test_add_func("/cxl/params/texts", test_texts);
    g_test_add_func("/cxl/params/shape", test_shape);
    g_test_add_func("/cxl/params/poison-modes", test_poison_modes);
    g_test_add_func("/cxl/params/backends", test_backends);
    return g_test_run();
}
