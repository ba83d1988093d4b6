/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/cci/protocol: the list of security protocols, and everything else
 * refused.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/cci/profiles.h"
#include "tests/unit/cxl/fake-host.h"

static uint16_t ask(FakeHost *h, uint16_t opcode, uint8_t protocol,
                    uint16_t specific, uint32_t len)
{
    uint8_t in[64] = { protocol };

    stw_le_p(in + 1, specific);
    return fake_command(h, opcode, in, len);
}

static void test_information(void)
{
    static const uint8_t list[] = { 0, 0, 0, 0, 0, 0, 0, 1, 0 };
    static const uint8_t certificate[4];
    FakeHost *h = fake_host_default();
    uint8_t out[16];

    g_assert_cmphex(ask(h, CXL_OP_SECURITY_RECEIVE, 0, 0, 8), ==, 0);
    g_assert_cmpmem(out, fake_reply(h, out, sizeof(out)), list, sizeof(list));
    g_assert_cmphex(ask(h, CXL_OP_SECURITY_RECEIVE, 0, 1, 8), ==, 0);
    g_assert_cmpmem(out, fake_reply(h, out, sizeof(out)), certificate, 4);
    g_assert_cmphex(ask(h, CXL_OP_SECURITY_RECEIVE, 0, 2, 8), ==,
                    CXL_RC_INVALID_INPUT);
    fake_host_free(h);
}

static void test_others_are_refused(void)
{
    FakeHost *h = fake_host_default();

    for (unsigned protocol = 1; protocol < 256; protocol++) {
        g_assert_cmphex(ask(h, CXL_OP_SECURITY_RECEIVE, protocol, 0, 8), ==,
                        CXL_RC_UNSUPPORTED);
        g_assert_cmphex(ask(h, CXL_OP_SECURITY_SEND, protocol, 0, 64), ==,
                        CXL_RC_UNSUPPORTED);
    }
    g_assert_cmphex(ask(h, CXL_OP_SECURITY_SEND, 0, 0, 64), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(ask(h, CXL_OP_SECURITY_RECEIVE, 0, 0, 9), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    g_assert_cmphex(ask(h, CXL_OP_SECURITY_SEND, 0, 0, 7), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    fake_check(h);
    fake_host_free(h);
}

/* As the passphrases: only where there is something to secure. */
static void test_not_without_persistent_memory(void)
{
    CxlMemdevConfig cfg = { .volatile_only = 256 * MiB, .security = true };
    FakeHost *h = fake_host_new(&cfg);

    g_assert_cmphex(ask(h, CXL_OP_SECURITY_RECEIVE, 0, 0, 8), ==,
                    CXL_RC_UNSUPPORTED);
    g_assert_null(cxl_cci_find(&h->dev->cci, CXL_OP_SECURITY_RECEIVE));
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/cci/protocol/information", test_information);
    g_test_add_func("/cxl/cci/protocol/others-are-refused",
                    test_others_are_refused);
    g_test_add_func("/cxl/cci/protocol/not-without-persistent-memory",
                    test_not_without_persistent_memory);
    return g_test_run();
}
