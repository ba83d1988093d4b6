/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/cci/dcd, 4800h to 4803h: pages of regions and of extents, lengths,
 * reserved flags.  What answers and releases do is core/test-dcd-host.c.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/core/dcd-fixture.h"
#include "tests/unit/scarce.h"

static void test_config(void)
{
    FakeHost *h = start();
    uint8_t in[2] = { 8, 0 }, out[256];

    g_assert_cmphex(fake_command(h, CXL_OP_DC_CONFIG, in, 2), ==, 0);
    g_assert_cmpuint(fake_reply(h, out, sizeof(out)), ==, 8 + 2 * 0x28 + 16);
    g_assert_cmpuint(out[0], ==, 2);
    g_assert_cmpuint(out[1], ==, 2);
    g_assert_cmphex(ldq_le_p(out + 8), ==, BASE0);
    g_assert_cmphex(ldq_le_p(out + 16), ==, 2);
    g_assert_cmphex(ldq_le_p(out + 24), ==, 512 * MiB);
    g_assert_cmphex(ldq_le_p(out + 32), ==, BLOCK);
    in[1] = 1;
    g_assert_cmphex(fake_command(h, CXL_OP_DC_CONFIG, in, 2), ==, 0);
    g_assert_cmpuint(fake_reply(h, out, sizeof(out)), ==, 8 + 0x28 + 16);
    g_assert_cmphex(ldq_le_p(out + 8), ==, BASE1);
    in[1] = 2;
    g_assert_cmphex(fake_command(h, CXL_OP_DC_CONFIG, in, 2), ==,
                    CXL_RC_INVALID_INPUT);
    fake_host_free(h);
}

static void test_length_checks(void)
{
    FakeHost *h = start();
    uint8_t in[64] = { 1 };

    for (unsigned len = 8; len <= 64; len++) {
        g_assert_cmphex(fake_command(h, CXL_OP_DC_ADD_RESPONSE, in, len), ==,
                        len == 32 ? CXL_RC_INVALID_DPA :
                        CXL_RC_PAYLOAD_LENGTH);
    }
    scarce_after = 0;
    g_assert_cmphex(fake_command(h, CXL_OP_DC_ADD_RESPONSE, in, 32), ==,
                    CXL_RC_RESOURCES);
    stl_le_p(in, UINT32_MAX);
    g_assert_cmphex(fake_command(h, CXL_OP_DC_RELEASE, in, 32), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    fake_check(h);
    fake_host_free(h);
}

static uint32_t list(FakeHost *h, uint32_t first, uint32_t count,
                     uint8_t *out)
{
    uint8_t in[8];

    stl_le_p(in, count);
    stl_le_p(in + 4, first);
    g_assert_cmphex(fake_command(h, CXL_OP_DC_EXTENTS, in, 8), ==, 0);
    g_assert_cmpuint(fake_reply(h, out, 2048), ==,
                     0x10 + 0x28 * ldl_le_p(out));
    return ldl_le_p(out);
}

/* Any page of the list, also the empty one at its end, and none beyond. */
static void test_extents(void)
{
    FakeHost *h = start();
    CxlBgRange x[100];
    uint8_t out[2048], in[8] = { 1, 0, 0, 0, 101 };

    for (unsigned i = 0; i < 100; i++) {
        x[i] = (CxlBgRange) { BASE0 + 2 * i * BLOCK, BLOCK };
    }
    add(h, (CxlDcRequest) { .policy = CXL_DC_ADD_PRESCRIPTIVE, .extents = x,
                            .num_extents = 100, .tag = tag_a });
    g_assert_cmpuint(list(h, 0, 10, out), ==, 0); /* offered only */
    g_assert_cmphex(cxl_dcd_respond(&h->dev->dc_view, x, 100, false), ==, 0);
    g_assert_cmpuint(list(h, 0, UINT32_MAX, out), ==, (2048 - 0x10) / 0x28);
    g_assert_cmpuint(ldl_le_p(out + 4), ==, 100);
    g_assert_cmpuint(ldl_le_p(out + 8), ==, 100);
    for (unsigned i = 0; i <= 100; i++) {
        g_assert_cmpuint(list(h, i, 2, out), ==, MIN(2, 100 - i));
        if (i < 100) {
            g_assert_cmphex(ldq_le_p(out + 0x10), ==, x[i].start);
            g_assert_cmphex(out[0x10 + 0x10], ==, tag_a.b[0]);
        }
    }
    g_assert_cmphex(fake_command(h, CXL_OP_DC_EXTENTS, in, 8), ==,
                    CXL_RC_INVALID_INPUT);
    fake_host_free(h);
}

/* A list of nothing refuses an offer, ends a list, but releases nothing. */
static void test_nothing(void)
{
    FakeHost *h = start();
    CxlBgRange x = { BASE0, BLOCK };

    g_assert_cmphex(update(h, CXL_OP_DC_ADD_RESPONSE, NULL, 0, false), ==, 0);
    g_assert_cmphex(update(h, CXL_OP_DC_RELEASE, NULL, 0, false), ==,
                    CXL_RC_INVALID_INPUT);
    add(h, (CxlDcRequest) { .policy = CXL_DC_ADD_PRESCRIPTIVE, .extents = &x,
                            .num_extents = 1 });
    g_assert_cmphex(respond(h, x.start, x.len), ==, 0);
    g_assert_cmphex(update(h, CXL_OP_DC_RELEASE, &x, 1, true), ==, 0);
    g_assert_cmphex(update(h, CXL_OP_DC_RELEASE, NULL, 0, false), ==, 0);
    g_assert_cmpuint(h->dev->dc_view.accepted.count, ==, 0);
    fake_host_free(h);
}

static void test_flags(void)
{
    FakeHost *h = start();

    for (unsigned flags = 2; flags < 256; flags++) {
        uint8_t in[8] = { 0, 0, 0, 0, flags };

        g_assert_cmphex(fake_command(h, CXL_OP_DC_ADD_RESPONSE, in, 8), ==,
                        CXL_RC_INVALID_INPUT);
        g_assert_cmphex(fake_command(h, CXL_OP_DC_RELEASE, in, 8), ==,
                        CXL_RC_INVALID_INPUT);
    }
    fake_check(h);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/cci/dcd/config", test_config);
    g_test_add_func("/cxl/cci/dcd/length-checks", test_length_checks);
    g_test_add_func("/cxl/cci/dcd/extents", test_extents);
    g_test_add_func("/cxl/cci/dcd/nothing", test_nothing);
    g_test_add_func("/cxl/cci/dcd/flags", test_flags);
    return g_test_run();
}
