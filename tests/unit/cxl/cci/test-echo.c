/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/cci/echo: payloads of every length come back, each return code can be
 * had, and a background operation ends as it was told to.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/wire/echo.h"
#include "tests/unit/cxl/fake-host.h"

#define PAYLOAD 2048
#define MS 1000000ll

static void test_identify(void)
{
    static const CxlUuid uuid = CXL_ECHO_UUID;
    FakeHost *h = fake_host_default();
    CxlEchoIdentify out;

    g_assert_cmpuint(fake_query(h, CXL_OP_ECHO_IDENTIFY, &out, sizeof(out)),
                     ==, sizeof(out));
    g_assert_true(cxl_uuid_equal(&out.uuid, &uuid));
    g_assert_cmpuint(lduw_le_p(&out.version), ==, CXL_ECHO_VERSION);
    g_assert_cmpuint(ldl_le_p(&out.in_max), ==, PAYLOAD);
    g_assert_cmpuint(ldl_le_p(&out.out_max), ==, PAYLOAD);
    fake_host_free(h);
}

static void test_lengths(void)
{
    FakeHost *h = fake_host_default();
    uint8_t in[PAYLOAD + 1], out[PAYLOAD];

    for (unsigned i = 0; i < sizeof(in); i++) {
        in[i] = i * 7 + 1;
    }
    for (unsigned len = 0; len <= PAYLOAD; len++) {
        g_assert_cmphex(fake_command(h, CXL_OP_ECHO, in, len), ==, 0);
        g_assert_cmpuint(fake_reply(h, out, len), ==, len);
        g_assert_true(!len || !memcmp(in, out, len));
    }
    fake_check(h);
    fake_host_free(h);
}

/* A way with small answers sends none of a larger one. */
static void test_response_limit(void)
{
    FakeHost *h = fake_host_default();
    uint8_t in[512] = { 1 }, out[PAYLOAD];
    uint32_t out_len;
    uint16_t vendor;

    h->dev->ld_cci.response_limit = 8;
    g_assert_cmphex(cxl_cci_execute(&h->dev->ld_cci, CXL_OP_ECHO, in, 256,
                                    out, PAYLOAD, &out_len, &vendor), ==, 0);
    g_assert_cmpuint(out_len, ==, 256);
    g_assert_cmphex(cxl_cci_execute(&h->dev->ld_cci, CXL_OP_ECHO, in, 257,
                                    out, PAYLOAD, &out_len, &vendor),
                    ==, CXL_RC_PAYLOAD_LENGTH);
    g_assert_cmphex(cxl_cci_execute(&h->dev->ld_cci, CXL_OP_ECHO_IDENTIFY, in,
                                    0, out, PAYLOAD, &out_len, &vendor),
                    ==, 0);
    g_assert_cmpuint(ldl_le_p(&((CxlEchoIdentify *)out)->out_max), ==, 256);
    fake_host_free(h);
}

static void test_status(void)
{
    FakeHost *h = fake_host_default();
    uint8_t in[sizeof(CxlEchoStatusIn) + 3] = { [4] = 'a', 'b', 'c' };
    uint8_t out[PAYLOAD];
    uint32_t out_len;
    uint16_t vendor;

    stw_le_p(in + 2, 0xbeef);
    for (unsigned rc = 0; rc <= UINT16_MAX; rc++) {
        bool known = rc <= CXL_RC_EXTENT_LIST && rc != CXL_RC_BACKGROUND;

        stw_le_p(in, rc);
        g_assert_cmphex(cxl_cci_execute(&h->dev->cci, CXL_OP_ECHO_STATUS, in,
                                        sizeof(in), out, PAYLOAD, &out_len,
                                        &vendor), ==,
                        known ? rc : CXL_RC_INVALID_INPUT);
        g_assert_cmphex(vendor, ==, known ? 0xbeef : 0);
        g_assert_cmpuint(out_len, ==, rc ? 0 : 3);
        g_assert_true(rc || !memcmp(out, "abc", 3));
    }
    fake_host_free(h);
}

static uint16_t start(FakeHost *h, uint32_t ms, uint16_t rc, uint16_t vendor)
{
    CxlEchoBackgroundIn in;

    stl_le_p(&in.ms, ms);
    stw_le_p(&in.rc, rc);
    stw_le_p(&in.vendor, vendor);
    return fake_command(h, CXL_OP_ECHO_BACKGROUND, &in, sizeof(in));
}

static void test_background(void)
{
    FakeHost *h = fake_host_default();
    CxlBackground *bg = &h->dev->cci.bg;

    g_assert_cmphex(start(h, 0, 0, 0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(start(h, CXL_ECHO_MS_MAX + 1, 0, 0), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(start(h, 1, CXL_RC_BACKGROUND, 0), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(start(h, 1, CXL_RC_EXTENT_LIST + 1, 0), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(start(h, 1000, CXL_RC_MEDIA_FAILURE, 77), ==,
                    CXL_RC_BACKGROUND);
    g_assert_cmphex(start(h, 1000, 0, 0), ==, CXL_RC_BUSY);
    fake_host_run(h, 250 * MS);
    g_assert_cmpuint(cxl_background_percent(bg, h->now), ==, 25);
    fake_check(h);
    fake_host_run(h, 750 * MS);
    g_assert_false(bg->running);
    g_assert_cmphex(bg->rc, ==, CXL_RC_MEDIA_FAILURE);
    g_assert_cmphex(bg->vendor, ==, 77);
    g_assert_cmpuint(bg->percent, ==, 100);
    /* The longest, and aborted */
    g_assert_cmphex(start(h, CXL_ECHO_MS_MAX, 0, 5), ==, CXL_RC_BACKGROUND);
    fake_host_run(h, 10 * MS);
    g_assert_cmphex(fake_command(h, CXL_OP_IS_ABORT, NULL, 0), ==, 0);
    g_assert_cmphex(bg->rc, ==, CXL_RC_ABORTED);
    g_assert_cmphex(bg->vendor, ==, 0);
    fake_check(h);
    fake_host_free(h);
}

/* A stream's arguments are judged as those of a command are. */
static void test_arguments_fit(void)
{
    FakeHost *h = fake_host_default();
    CxlBackground *bg = &h->dev->cci.bg;

    start(h, 1000, 0, 0);
    g_assert_null(cxl_background_check(bg));
    bg->args[0] = CXL_RC_BACKGROUND;
    g_assert_nonnull(cxl_background_check(bg));
    bg->args[0] = 0;
    bg->args[1] = 0x10000;
    g_assert_nonnull(cxl_background_check(bg));
    bg->args[1] = 0;
    g_assert_null(cxl_background_check(bg));
    fake_host_free(h);
}

/* Each way in has them, with a background only where there can be one. */
static void test_every_interface(void)
{
    for (unsigned p = 0; cxl_profiles[p]; p++) {
        unsigned plain = 0, background = 0, works = 0;

        for (unsigned s = 0; cxl_profiles[p]->sets[s]; s++) {
            const CxlCmdSet *set = cxl_profiles[p]->sets[s];

            for (unsigned i = 0; i < set->num_rows; i++) {
                plain += set->rows[i].opcode == CXL_OP_ECHO;
                background += set->rows[i].opcode == CXL_OP_ECHO_BACKGROUND;
                works += set->rows[i].work &&
                         set->rows[i].opcode != CXL_OP_ECHO_BACKGROUND;
            }
        }
        g_assert_cmpuint(plain, ==, 1);
        g_assert_cmpuint(background, ==, !!works);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/echo/identify", test_identify);
    g_test_add_func("/cxl/echo/lengths", test_lengths);
    g_test_add_func("/cxl/echo/response-limit", test_response_limit);
    g_test_add_func("/cxl/echo/status", test_status);
    g_test_add_func("/cxl/echo/background", test_background);
    g_test_add_func("/cxl/echo/arguments-fit", test_arguments_fit);
    g_test_add_func("/cxl/echo/every-interface", test_every_interface);
    return g_test_run();
}
