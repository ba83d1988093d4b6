/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a person chooses of a function: both ends of each range and what is
 * next to them, what a bus cannot have, and a configuration that the core
 * takes.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hw/dma/sdxi/core/params.h"
#include "hw/dma/sdxi/ops/profiles.h"
#include "hw/dma/sdxi/wire/mmio.h"

static const SdxiParams good = {
    .contexts = 128, .max_ring = MiB, .doorbell_stride = 4096,
    .max_buffer = 4 * GiB, .akeys = 65536, .rkeys = 65536, .errlog = 32768,
    .workers = 1, .latency = 100, .bandwidth = 16000, .pasid_bits = 8,
    .cdat = true,
};

static void expect(const SdxiParams *p, bool iothread, const char *wanted)
{
    g_autofree char *problem = sdxi_params_problem(p, iothread);

    if (!wanted) {
        g_assert_cmpstr(problem, ==, NULL);
        return;
    }
    g_assert_nonnull(problem);
    g_assert_nonnull(strstr(problem, wanted));
}

typedef struct Range {
    const char *name;
    size_t offset;
    uint64_t min, max;
    bool power_of_2, zero;
} Range;

#define RANGE(name, field, ...) \
    { "property '" name "'", offsetof(SdxiParams, field), __VA_ARGS__ }

static const Range all[] = {
    RANGE("contexts", contexts, 1, 65536, false, false),
    RANGE("max-ring", max_ring, 1024, 4 * GiB, true, false),
    RANGE("doorbell-stride", doorbell_stride, 4096, 524288, true, false),
    RANGE("max-buffer", max_buffer, 2 * MiB, 4 * GiB, true, false),
    RANGE("akeys", akeys, 256, 65536, true, false),
    RANGE("rkeys", rkeys, 256, 65536, true, true),
    RANGE("errlog", errlog, 64, 2 * MiB, true, false),
    RANGE("sfunc", sfunc, 1, 65535, false, true),
    RANGE("vectors", vectors, 2, 2048, false, true),
    RANGE("workers", workers, 1, 16, false, false),
    RANGE("poll-us", poll_us, 1, 1000000, false, true),
    RANGE("vfs", vfs, 1, 255, false, true),
    RANGE("pasid-bits", pasid_bits, 1, 20, false, false),
    RANGE("latency", latency, 1, 65534, false, true),
    RANGE("bandwidth", bandwidth, 1, 65534, false, true),
};

static void expect_value(const Range *r, uint64_t v, bool fine)
{
    SdxiParams p = good;

    *(uint64_t *)((char *)&p + r->offset) = v;
    expect(&p, false, fine ? NULL : r->name);
}

static void test_ranges(void)
{
    expect(&good, false, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
        const Range *r = &all[i];

        expect_value(r, r->min, true);
        expect_value(r, r->max, true);
        expect_value(r, r->max + 1, false);
        expect_value(r, UINT64_MAX, false);
        expect_value(r, 0, r->zero);
        expect_value(r, r->min - 1, r->min == 1 && r->zero);
        expect_value(r, r->max - 1, !r->power_of_2);
    }
}

/* The whole sentence is what people read. */
static void test_words(void)
{
    SdxiParams p = good;

    p.rkeys = 257;
    expect(&p, false, "property 'rkeys': value 257 is out of range; accepted: "
           "0 or 256 to 65536, a power of two");
    p = good;
    p.contexts = 0;
    expect(&p, false, "property 'contexts': value 0 is out of range; accepted: "
           "1 to 65536");
}

static void test_others(void)
{
    SdxiParams p = good;

    p.vendor_id = 0xffff;
    expect(&p, false, "property 'vendor-id'");
    p.vendor_id = 0xfffe;
    p.device_id = 0xffff;
    expect(&p, true, NULL);
    p.workers = 2;
    expect(&p, false, NULL);
    expect(&p, true, "property 'workers': value 2");
    p = good;
    p.poll_us = 20;
    expect(&p, true, "property 'poll-us': value 20");
}

static void expect_place(const SdxiParams *p, bool express, uint8_t devfn,
                         const char *wanted)
{
    g_autofree char *problem = sdxi_params_place_problem(p, express, devfn);

    g_assert_true(wanted ? problem && strstr(problem, wanted) : !problem);
}

static void test_place(void)
{
    SdxiParams p = good;

    expect_place(&p, false, 255, NULL);
    p.pasid = true;
    expect_place(&p, false, 0, "property 'pasid'");
    expect_place(&p, true, 0, NULL);
    p.pasid = false;
    p.spdm_port = 2323;
    expect_place(&p, false, 0, "property 'spdm_port': value 2323 needs");
    expect_place(&p, true, 0, NULL);
    p = good;
    p.vfs = 1;
    expect_place(&p, false, 0, "property 'vfs': value 1 needs a PCI Express");
    expect_place(&p, true, 254, NULL);
    expect_place(&p, true, 255, "accepted at this address: 0 to 0");
    p.vfs = 255;
    expect_place(&p, true, 0, NULL);
    expect_place(&p, true, 8, "accepted at this address: 0 to 247");
}

static bool below(void *opaque, uint16_t sfunc)
{
    return sfunc < *(unsigned *)opaque;
}

static void expect_sfunc(unsigned first_free, uint64_t wanted, uint16_t sfunc,
                         const char *refusal)
{
    SdxiParams p = good;
    uint16_t got = 0;
    g_autofree char *problem = NULL;

    p.sfunc = wanted;
    problem = sdxi_params_choose_sfunc(&p, below, &first_free, &got);
    g_assert_true(refusal ? problem && strstr(problem, refusal) : !problem);
    g_assert_cmpuint(got, ==, sfunc);
}

static void test_sfunc(void)
{
    expect_sfunc(0, 0, 1, NULL);
    expect_sfunc(3, 0, 3, NULL);
    expect_sfunc(3, 3, 3, NULL);
    expect_sfunc(3, 65535, 65535, NULL);
    expect_sfunc(3, 2, 0, "property 'sfunc': value 2 is taken");
    expect_sfunc(65535, 0, 65535, NULL);
    expect_sfunc(65536, 0, 0, "all 65535 handles");
}

static void test_vectors(void)
{
    SdxiParams p = good;

    g_assert_cmpuint(sdxi_params_vectors(&p), ==, 129);
    p.contexts = 65536;
    g_assert_cmpuint(sdxi_params_vectors(&p), ==, 2048);
    p.vectors = 5;
    g_assert_cmpuint(sdxi_params_vectors(&p), ==, 5);
}

/* Nothing of it is lost, and nothing is refused any more. */
static void test_config(void)
{
    SdxiParams p = good;
    SdxiConfig config;
    SdxiConfigError err;

    p.max_ring = 2048;
    p.doorbell_stride = 8192;
    p.max_buffer = 2 * MiB;
    p.akeys = 512;
    p.rkeys = 0;
    p.errlog = 128;
    p.x_errlog_shift = true;
    p.x_rkey_pages = true;
    sdxi_params_config(&p, sdxi_profile_groups(&sdxi_profile_standard, &p),
                       9, &config);
    g_assert_true(sdxi_config_check(&config, &sdxi_profile_standard, &err));
    g_assert_cmpuint(config.contexts, ==, 128);
    g_assert_cmpuint(config.vectors, ==, 129);
    g_assert_cmpuint(config.max_ring, ==, 2048);
    g_assert_cmpuint(config.doorbell_stride, ==, 8192);
    g_assert_cmpuint(config.max_buffer, ==, 2 * MiB);
    g_assert_cmpuint(config.akeys, ==, 512);
    g_assert_cmpuint(config.rkeys, ==, 0);
    g_assert_cmpuint(config.errlog, ==, 128);
    g_assert_cmpuint(config.sfunc, ==, 9);
    g_assert_true(config.errlog_shift);
    g_assert_true(config.rkey_pages);
    g_assert_false(config.vf || config.switched);
}

/* Every range has a sentence, and no name comes twice. */
static void test_texts(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    const char *name, *text;
    unsigned n = 0;

    for (; (text = sdxi_params_text(n, &name)); n++) {
        g_assert_cmpuint(strlen(text), >, 10);
        g_assert_true(g_hash_table_add(seen, (void *)name));
    }
    g_assert_cmpuint(n, ==, G_N_ELEMENTS(all) + 12);
    g_assert_true(g_hash_table_contains(seen, "contexts"));
    g_assert_true(g_hash_table_contains(seen, "iothread"));
    g_assert_null(sdxi_params_text(n + 1, &name));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/params/ranges", test_ranges);
    g_test_add_func("/sdxi/params/words", test_words);
    g_test_add_func("/sdxi/params/others", test_others);
    g_test_add_func("/sdxi/params/place", test_place);
    g_test_add_func("/sdxi/params/sfunc", test_sfunc);
    g_test_add_func("/sdxi/params/vectors", test_vectors);
    g_test_add_func("/sdxi/params/config", test_config);
    g_test_add_func("/sdxi/params/texts", test_texts);
    return g_test_run();
}
