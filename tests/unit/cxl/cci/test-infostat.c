/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/cci/infostat: identity, background status, response limit and abort,
 * as a management transport asks for them.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/cci/profiles.h"
#include "tests/unit/cxl/fake-host.h"

static CxlRc run(CxlCci *cci, uint16_t opcode, const void *in, uint32_t in_len,
                 void *out, uint32_t *out_len)
{
    uint16_t vendor;

    return cxl_cci_execute(cci, opcode, in, in_len, out, 2048, out_len,
                           &vendor);
}

static void test_identity(void)
{
    FakeHost *h = fake_host_default();
    CxlCci *cci = cxl_memdev_fm_cci(h->dev);
    uint8_t out[2048];
    const CxlIsIdentify *id = (const void *)out;
    uint32_t len;

    g_assert_cmphex(run(cci, CXL_OP_IS_IDENTIFY, NULL, 0, out, &len), ==, 0);
    g_assert_cmpuint(len, ==, sizeof(*id));
    g_assert_cmphex(lduw_le_p(&id->vendor), ==, 0x8086);
    g_assert_cmphex(lduw_le_p(&id->device), ==, 0x0d93);
    g_assert_cmphex(ldq_le_p(&id->serial), ==, 0x1122334455667788);
    g_assert_cmpuint(id->component_type, ==, CXL_COMPONENT_TYPE3);
    g_assert_cmpuint(id->max_message, ==, 11);
    g_assert_cmphex(run(cci, CXL_OP_IS_IDENTIFY, out, 1, out, &len), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    g_assert_cmpuint(len, ==, 0);
    fake_host_free(h);
}

static void test_limit(void)
{
    FakeHost *h = fake_host_default();
    CxlCci *cci = cxl_memdev_fm_cci(h->dev);
    uint8_t out[2048];
    uint32_t len;

    for (unsigned limit = 0; limit < 256; limit++) {
        uint8_t in = limit;
        bool good = limit >= 8 && limit <= 11;

        g_assert_cmphex(run(cci, CXL_OP_IS_SET_LIMIT, &in, 1, out, &len), ==,
                        good ? 0 : CXL_RC_INVALID_INPUT);
        g_assert_cmpuint(len, ==, good);
        if (good) {
            g_assert_cmpuint(out[0], ==, limit);
        }
        run(cci, CXL_OP_IS_GET_LIMIT, NULL, 0, out, &len);
        g_assert_cmpuint(out[0], ==, good ? limit : limit < 8 ?
                         cci->response_limit : 11);
    }
    g_assert_cmphex(run(cci, CXL_OP_IS_SET_LIMIT, out, 2, out, &len), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    fake_check(h);
    fake_host_free(h);
}

static void test_status(void)
{
    FakeHost *h = fake_host_default();
    CxlCci *cci = cxl_memdev_fm_cci(h->dev);
    uint8_t out[2048];
    const CxlIsBgStatus *status = (const void *)out;
    uint32_t len;

    g_assert_cmphex(run(cci, CXL_OP_IS_BG_STATUS, NULL, 0, out, &len), ==, 0);
    g_assert_cmpuint(len, ==, sizeof(*status));
    g_assert_cmphex(status->status, ==, 0);
    g_assert_cmphex(lduw_le_p(&status->opcode), ==, 0);
    fake_host_free(h);
}

/* The abort is the only one of them that a mailbox has. */
static void test_abort(void)
{
    FakeHost *h = fake_host_default();

    g_assert_cmphex(fake_command(h, CXL_OP_IS_IDENTIFY, NULL, 0), ==,
                    CXL_RC_UNSUPPORTED);
    g_assert_cmphex(fake_command(h, CXL_OP_IS_GET_LIMIT, NULL, 0), ==,
                    CXL_RC_UNSUPPORTED);
    /* Nothing runs: there is nothing to do, and nothing wrong. */
    g_assert_cmphex(fake_command(h, CXL_OP_IS_ABORT, NULL, 0), ==, 0);
    g_assert_cmphex(fake_command(h, CXL_OP_SANITIZE, NULL, 0), ==,
                    CXL_RC_BACKGROUND);
    g_assert_cmphex(fake_command(h, CXL_OP_IS_ABORT, NULL, 0), ==, 0);
    fake_host_run(h, 0);
    g_assert_false(h->dev->cci.bg.running);
    g_assert_cmphex(h->dev->cci.bg.rc, ==, CXL_RC_ABORTED);
    g_assert_cmphex(fake_command(h, CXL_OP_IS_ABORT, "1", 1), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    fake_check(h);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/cci/infostat/identity", test_identity);
    g_test_add_func("/cxl/cci/infostat/limit", test_limit);
    g_test_add_func("/cxl/cci/infostat/status", test_status);
    g_test_add_func("/cxl/cci/infostat/abort", test_abort);
    return g_test_run();
}
