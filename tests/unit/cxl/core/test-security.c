/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/security with cci/security: the state machine command by
 * command, counters and their limit, freeze, what locking does to memory.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "tests/unit/cxl/fake-host.h"

#define USER   CXL_PASSPHRASE_USER
#define MASTER CXL_PASSPHRASE_MASTER
#define PERSISTENT (512 * MiB)

static uint16_t pass(FakeHost *h, uint16_t opcode, uint8_t type, char current,
                     char next)
{
    uint8_t in[0x60] = { type };
    uint16_t rc;

    memset(in + 32, current, 32);
    memset(in + 64, next, 32);
    rc = fake_command(h, opcode, in,
                      opcode == CXL_OP_PASSPHRASE_SET ? 0x60 : 0x40);
    fake_check(h);
    return rc;
}

static uint16_t unlock(FakeHost *h, char current)
{
    uint8_t in[32];

    memset(in, current, sizeof(in));
    return fake_command(h, CXL_OP_UNLOCK, in, sizeof(in));
}

static uint32_t state(FakeHost *h)
{
    uint8_t out[4];

    fake_query(h, CXL_OP_SECURITY_STATE, out, 4);
    return ldl_le_p(out);
}

static void power_cycle(FakeHost *h)
{
    cxl_memdev_reset(h->dev, CXL_RESET_COLD);
    fake_check(h);
}

static void test_set_and_disable(void)
{
    FakeHost *h = fake_host_default();

    g_assert_cmphex(state(h), ==, 0);
    g_assert_cmphex(pass(h, CXL_OP_PASSPHRASE_DISABLE, USER, 'a', 0), ==,
                    CXL_RC_SECURITY_STATE);
    g_assert_cmphex(pass(h, CXL_OP_PASSPHRASE_SET, USER, 'x', 'a'), ==, 0);
    g_assert_cmphex(state(h), ==, CXL_SECURITY_USER_SET);
    g_assert_cmphex(pass(h, CXL_OP_PASSPHRASE_SET, USER, 'x', 'b'), ==,
                    CXL_RC_PASSPHRASE);
    g_assert_cmphex(pass(h, CXL_OP_PASSPHRASE_SET, USER, 'a', 'b'), ==, 0);
    g_assert_cmphex(pass(h, CXL_OP_PASSPHRASE_SET, MASTER, 'a', 'm'), ==,
                    CXL_RC_SECURITY_STATE); /* user set */
    g_assert_cmphex(pass(h, CXL_OP_PASSPHRASE_DISABLE, USER, 'b', 0), ==, 0);
    g_assert_cmphex(state(h), ==, 0);
    g_assert_cmphex(pass(h, CXL_OP_PASSPHRASE_SET, 2, 'a', 'b'), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(pass(h, CXL_OP_PASSPHRASE_DISABLE, 2, 'a', 'b'), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(pass(h, CXL_OP_PASSPHRASE_ERASE, 2, 'a', 'b'), ==,
                    CXL_RC_INVALID_INPUT);
    fake_host_free(h);
}

static void test_lock(void)
{
    FakeHost *h = fake_host_default();

    pass(h, CXL_OP_PASSPHRASE_SET, USER, 0, 'a');
    g_assert_cmphex(unlock(h, 'a'), ==, CXL_RC_SECURITY_STATE);
    cxl_memdev_reset(h->dev, CXL_RESET_HOT);
    g_assert_cmphex(state(h), ==, CXL_SECURITY_USER_SET);
    power_cycle(h);
    g_assert_cmphex(state(h), ==,
                    CXL_SECURITY_USER_SET | CXL_SECURITY_LOCKED);
    g_assert_cmphex(h->last_change_dpa, ==, PERSISTENT);
    g_assert_cmpint(cxl_memdev_access(h->dev, PERSISTENT, 1), ==,
                    CXL_ACCESS_LOCKED);
    g_assert_cmpint(cxl_memdev_access(h->dev, PERSISTENT - 1, 1), ==,
                    CXL_ACCESS_OK);
    g_assert_cmpint(cxl_memdev_access(h->dev, PERSISTENT - 1, 2), ==,
                    CXL_ACCESS_LOCKED);
    g_assert_cmphex(unlock(h, 'b'), ==, CXL_RC_PASSPHRASE);
    g_assert_cmphex(unlock(h, 'a'), ==, 0);
    g_assert_cmpint(cxl_memdev_access(h->dev, PERSISTENT, 1), ==,
                    CXL_ACCESS_OK);
    power_cycle(h);
    g_assert_cmphex(pass(h, CXL_OP_PASSPHRASE_DISABLE, USER, 'a', 0), ==, 0);
    g_assert_cmphex(state(h), ==, 0);
    fake_host_free(h);
}

static void test_attempts(void)
{
    FakeHost *h = fake_host_default();

    pass(h, CXL_OP_PASSPHRASE_SET, USER, 0, 'a');
    power_cycle(h);
    for (unsigned i = 0; i < CXL_SECURITY_ATTEMPTS; i++) {
        g_assert_cmphex(unlock(h, 'x'), ==, CXL_RC_PASSPHRASE);
    }
    g_assert_cmphex(state(h) & CXL_SECURITY_USER_LIMIT, !=, 0);
    g_assert_cmphex(unlock(h, 'a'), ==, CXL_RC_SECURITY_STATE);
    g_assert_cmphex(pass(h, CXL_OP_PASSPHRASE_DISABLE, USER, 'a', 0), ==,
                    CXL_RC_SECURITY_STATE);
    power_cycle(h);
    g_assert_cmphex(unlock(h, 'a'), ==, 0);
    fake_host_free(h);
}

static void test_freeze(void)
{
    FakeHost *h = fake_host_default();

    pass(h, CXL_OP_PASSPHRASE_SET, USER, 0, 'a');
    power_cycle(h);
    g_assert_cmphex(fake_command(h, CXL_OP_FREEZE, NULL, 0), ==, 0);
    g_assert_cmphex(fake_command(h, CXL_OP_FREEZE, NULL, 0), ==, 0);
    g_assert_cmphex(state(h) & CXL_SECURITY_FROZEN, !=, 0);
    g_assert_cmphex(unlock(h, 'a'), ==, CXL_RC_SECURITY_STATE);
    g_assert_cmphex(pass(h, CXL_OP_PASSPHRASE_SET, USER, 'a', 'b'), ==,
                    CXL_RC_SECURITY_STATE);
    g_assert_cmphex(pass(h, CXL_OP_PASSPHRASE_DISABLE, USER, 'a', 0), ==,
                    CXL_RC_SECURITY_STATE);
    g_assert_cmphex(pass(h, CXL_OP_PASSPHRASE_ERASE, USER, 'a', 0), ==,
                    CXL_RC_SECURITY_STATE);
    power_cycle(h);
    g_assert_cmphex(unlock(h, 'a'), ==, 0);
    fake_host_free(h);
}

static bool erased(FakeHost *h)
{
    uint8_t seen;

    h->dev->ops->dpa_read(h, PERSISTENT, &seen, 1);
    return seen == 0;
}

static void test_erase(void)
{
    FakeHost *h = fake_host_default();

    g_assert_cmphex(pass(h, CXL_OP_PASSPHRASE_ERASE, MASTER, 'm', 0), ==,
                    CXL_RC_INVALID_INPUT); /* none set */
    pass(h, CXL_OP_PASSPHRASE_SET, MASTER, 0, 'm');
    pass(h, CXL_OP_PASSPHRASE_SET, USER, 0, 'a');
    power_cycle(h);
    h->dev->ops->dpa_write(h, PERSISTENT, "x", 1);
    g_assert_cmphex(pass(h, CXL_OP_PASSPHRASE_ERASE, USER, 'x', 0), ==,
                    CXL_RC_PASSPHRASE);
    g_assert_cmphex(pass(h, CXL_OP_PASSPHRASE_ERASE, MASTER, 'x', 0), ==,
                    CXL_RC_PASSPHRASE);
    g_assert_false(erased(h));
    h->media_broken = true;
    g_assert_cmphex(pass(h, CXL_OP_PASSPHRASE_ERASE, MASTER, 'm', 0), ==,
                    CXL_RC_INTERNAL);
    g_assert_cmphex(state(h) & CXL_SECURITY_LOCKED, !=, 0);
    h->media_broken = false;
    g_assert_cmphex(pass(h, CXL_OP_PASSPHRASE_ERASE, MASTER, 'm', 0), ==, 0);
    g_assert_true(erased(h));
    g_assert_cmphex(state(h), ==, CXL_SECURITY_MASTER_SET);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/security/set-and-disable", test_set_and_disable);
    g_test_add_func("/cxl/security/lock", test_lock);
    g_test_add_func("/cxl/security/attempts", test_attempts);
    g_test_add_func("/cxl/security/freeze", test_freeze);
    g_test_add_func("/cxl/security/erase", test_erase);
    return g_test_run();
}
