/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties: what is accepted, what is refused and in which words, and the
 * capability registers that follow.
 */
#include "qemu/osdep.h"
#include "hw/dma/sdxi/ops/profiles.h"
#include "tests/unit/sdxi/fake-guest.h"

static SdxiConfig good(void)
{
    SdxiConfig config = sdxi_config_defaults;

    config.sfunc = 7;
    return config;
}

static void test_defaults(void)
{
    FakeHost *g = guest_new(NULL);

    g_assert_cmphex(guest_rd(g, R_CAP0), ==,
                    1 | 0ull << 20 | 10ull << 24 | 8ull << 32);
    g_assert_cmphex(guest_rd(g, R_CAP1), ==,
                    11 | 1 << 4 | 1 << 6 | 9 << 8 | 8 << 12 | 127 << 16 |
                    0x10ull << 32);
    guest_free(g);
}

static void other(SdxiConfig *config)
{
    config->contexts = 65536;
    config->max_ring = UINT64_C(1) << 32;
    config->max_buffer = 2 << 20;
    config->doorbell_stride = 512 << 10;
    config->akeys = 256;
    config->rkeys = 0;
    config->errlog = 64;
    config->groups = 0x18;
    config->sfunc = 0xabcd;
    config->vf = true;
}

static void test_other(void)
{
    FakeHost *g = guest_new(other);

    g_assert_cmphex(guest_rd(g, R_CAP0), ==,
                    0xabcd | 1 << 16 | 7ull << 20 | 22ull << 24);
    g_assert_cmphex(guest_rd(g, R_CAP1), ==,
                    1 << 6 | 0xffffull << 16 | 0x18ull << 32);
    guest_free(g);
}

#define REFUSED(_field, _value, _name) do {                              \
        SdxiConfig config = good();                                      \
        SdxiConfigError err = { 0 };                                     \
                                                                         \
        config._field = _value;                                          \
        g_assert_false(sdxi_config_check(&config, &sdxi_profile_standard, \
                                         &err));                         \
        g_assert_cmpstr(err.property, ==, _name);                        \
        g_assert_cmpuint(err.value, ==, config._field);                  \
        g_assert_nonnull(err.accepted);                                  \
    } while (0)

static void test_accepted(void)
{
    SdxiConfig config = good();
    SdxiConfigError err;

    g_assert_true(sdxi_config_check(&config, &sdxi_profile_standard, &err));
}

static void test_refusals(void)
{
    REFUSED(contexts, 0, "contexts");
    REFUSED(contexts, 65537, "contexts");
    REFUSED(vectors, 0, "vectors");
    REFUSED(vectors, 2049, "vectors");
    REFUSED(max_ring, 512, "max-ring");
    REFUSED(max_ring, 1025, "max-ring");
    REFUSED(max_ring, UINT64_C(1) << 33, "max-ring");
    REFUSED(max_buffer, 1 << 20, "max-buffer");
    REFUSED(max_buffer, UINT64_C(8) << 30, "max-buffer");
    REFUSED(doorbell_stride, 2048, "doorbell-stride");
    REFUSED(doorbell_stride, 1 << 20, "doorbell-stride");
    REFUSED(akeys, 0, "akeys");
    REFUSED(akeys, 131072, "akeys");
    REFUSED(rkeys, 128, "rkeys");
    REFUSED(errlog, 0, "errlog");
    REFUSED(groups, 0x50, "groups");
    REFUSED(sfunc, 0, "sfunc");
}

static void test_doorbell_bytes(void)
{
    SdxiConfig config = good();

    g_assert_cmpuint(sdxi_config_doorbell_bytes(&config), ==, 512 << 10);
    config.contexts = 3;
    g_assert_cmpuint(sdxi_config_doorbell_bytes(&config), ==, 16 << 10);
    config.contexts = 65536;
    config.doorbell_stride = 512 << 10;
    g_assert_cmpuint(sdxi_config_doorbell_bytes(&config), ==,
                     UINT64_C(32) << 30);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/reg-12/defaults", test_defaults);
    g_test_add_func("/sdxi/reg-12/other", test_other);
    g_test_add_func("/sdxi/config/accepted", test_accepted);
    g_test_add_func("/sdxi/config/refusals", test_refusals);
    g_test_add_func("/sdxi/config/doorbell-bytes", test_doorbell_bytes);
    return g_test_run();
}
