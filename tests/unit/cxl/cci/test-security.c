/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/cci/security as a guest sees it: states and refusals, what a lock
 * does to memory and to other commands, and that erasing erases first.
 * Attempts and the rest of the state machine: core/test-security.c.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "tests/unit/cxl/fake-host.h"

#define PERSISTENT (800 * MiB)  /* above the boundary of fake_config() */
#define VOLATILE   (16 * MiB)

static uint32_t state(FakeHost *h)
{
    uint8_t word[4];

    g_assert_cmpuint(fake_query(h, CXL_OP_SECURITY_STATE, word, 4), ==, 4);
    return ldl_le_p(word);
}

static uint16_t command(FakeHost *h, uint16_t opcode, uint8_t type,
                        uint8_t current, uint8_t next)
{
    uint8_t in[0x60] = { type };
    uint16_t rc;

    memset(in + 0x20, current, CXL_PASSPHRASE_SIZE);
    memset(in + 0x40, next, CXL_PASSPHRASE_SIZE);
    rc = fake_command(h, opcode, in,
                      opcode == CXL_OP_PASSPHRASE_SET ? 0x60 : 0x40);
    fake_check(h);
    return rc;
}

static uint16_t set(FakeHost *h, uint8_t current, uint8_t next)
{
    return command(h, CXL_OP_PASSPHRASE_SET, CXL_PASSPHRASE_USER, current,
                   next);
}

static uint16_t unlock(FakeHost *h, uint8_t with)
{
    uint8_t in[CXL_PASSPHRASE_SIZE];

    memset(in, with, sizeof(in));
    return fake_command(h, CXL_OP_UNLOCK, in, sizeof(in));
}

static FakeHost *locked(void)
{
    FakeHost *h = fake_host_default();

    g_assert_cmphex(set(h, 0, 'a'), ==, CXL_RC_SUCCESS);
    cxl_memdev_reset(h->dev, CXL_RESET_COLD);
    g_assert_cmphex(state(h), ==, CXL_SECURITY_USER_SET |
                    CXL_SECURITY_LOCKED);
    return h;
}

static void poke(FakeHost *h, uint64_t dpa, uint8_t value)
{
    fake_media_ops.dpa_write(h, dpa, &value, 1);
}

static uint8_t peek(FakeHost *h, uint64_t dpa)
{
    uint8_t value;

    fake_media_ops.dpa_read(h, dpa, &value, 1);
    return value;
}

static void test_lock_hides_persistent_memory(void)
{
    FakeHost *h = locked();

    g_assert_cmpint(cxl_memdev_access(h->dev, PERSISTENT, 64), ==,
                    CXL_ACCESS_LOCKED);
    g_assert_cmpint(cxl_memdev_access(h->dev, VOLATILE, 64), ==,
                    CXL_ACCESS_OK);
    h->access_changes = 0;
    g_assert_cmphex(unlock(h, 'b'), ==, CXL_RC_PASSPHRASE);
    g_assert_cmpuint(h->access_changes, ==, 0);
    g_assert_cmphex(unlock(h, 'a'), ==, CXL_RC_SUCCESS);
    g_assert_cmpuint(h->access_changes, >, 0);
    g_assert_cmpint(cxl_memdev_access(h->dev, PERSISTENT, 64), ==,
                    CXL_ACCESS_OK);
    fake_host_free(h);
}

static void test_lock_refuses_commands(void)
{
    FakeHost *h = locked();
    uint8_t in[8] = { 0 };

    g_assert_cmphex(fake_command(h, CXL_OP_LSA_GET, in, 8), ==,
                    CXL_RC_SECURITY_STATE);
    g_assert_cmphex(fake_command(h, CXL_OP_LSA_SET, in, 8), ==,
                    CXL_RC_SECURITY_STATE);
    g_assert_cmphex(fake_command(h, CXL_OP_SANITIZE, NULL, 0), ==,
                    CXL_RC_SECURITY_STATE);
    g_assert_cmphex(fake_command(h, CXL_OP_SECURE_ERASE, NULL, 0), ==,
                    CXL_RC_SECURITY_STATE);
    g_assert_cmphex(set(h, 'a', 'b'), ==, CXL_RC_SECURITY_STATE);
    g_assert_cmphex(fake_command(h, CXL_OP_IDENTIFY, NULL, 0), ==,
                    CXL_RC_SUCCESS);
    fake_host_free(h);
}

static void test_disable(void)
{
    FakeHost *h = fake_host_default();

    g_assert_cmphex(command(h, CXL_OP_PASSPHRASE_DISABLE,
                            CXL_PASSPHRASE_USER, 'a', 0), ==,
                    CXL_RC_SECURITY_STATE);
    g_assert_cmphex(set(h, 0, 'a'), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(command(h, CXL_OP_PASSPHRASE_DISABLE,
                            CXL_PASSPHRASE_USER, 'b', 0), ==,
                    CXL_RC_PASSPHRASE);
    g_assert_cmphex(command(h, CXL_OP_PASSPHRASE_DISABLE, 2, 'a', 0), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(command(h, CXL_OP_PASSPHRASE_DISABLE,
                            CXL_PASSPHRASE_USER, 'a', 0), ==,
                    CXL_RC_SUCCESS);
    g_assert_cmphex(state(h), ==, 0);
    fake_host_free(h);
}

static void test_freeze(void)
{
    FakeHost *h = fake_host_default();

    g_assert_cmphex(fake_command(h, CXL_OP_FREEZE, NULL, 0), ==,
                    CXL_RC_SUCCESS);
    g_assert_cmphex(state(h), ==, CXL_SECURITY_FROZEN);
    g_assert_cmphex(set(h, 0, 'a'), ==, CXL_RC_SECURITY_STATE);
    /* Only power takes it away. */
    cxl_memdev_reset(h->dev, CXL_RESET_HOT);
    g_assert_cmphex(state(h), ==, CXL_SECURITY_FROZEN);
    cxl_memdev_reset(h->dev, CXL_RESET_COLD);
    g_assert_cmphex(state(h), ==, 0);
    fake_host_free(h);
}

static void test_erase_takes_data_then_lock(void)
{
    FakeHost *h = locked();

    poke(h, PERSISTENT, 0x5a);
    poke(h, VOLATILE, 0x5a);
    h->lsa[3] = 0x5a;
    g_assert_cmphex(command(h, CXL_OP_PASSPHRASE_ERASE, CXL_PASSPHRASE_USER,
                            'b', 0), ==, CXL_RC_PASSPHRASE);
    g_assert_cmphex(peek(h, PERSISTENT), ==, 0x5a);
    g_assert_cmphex(command(h, CXL_OP_PASSPHRASE_ERASE, CXL_PASSPHRASE_USER,
                            'a', 0), ==, CXL_RC_SUCCESS);
    g_assert_cmphex(state(h), ==, 0);
    g_assert_cmphex(peek(h, PERSISTENT), !=, 0x5a);
    g_assert_cmphex(peek(h, VOLATILE), ==, 0x5a);
    g_assert_cmphex(h->lsa[3], ==, 0);
    fake_host_free(h);
}

/* If the media cannot be erased, the data stays behind its lock. */
static void test_failed_erase_keeps_the_lock(void)
{
    FakeHost *h = locked();

    h->media_broken = true;
    g_assert_cmphex(command(h, CXL_OP_PASSPHRASE_ERASE, CXL_PASSPHRASE_USER,
                            'a', 0), ==, CXL_RC_INTERNAL);
    h->media_broken = false;
    g_assert_cmphex(state(h), ==, CXL_SECURITY_USER_SET |
                    CXL_SECURITY_LOCKED);
    g_assert_cmphex(unlock(h, 'a'), ==, CXL_RC_SUCCESS);
    fake_host_free(h);
}

/* What has no passphrases still says so: Linux asks before it sanitizes. */
static void test_not_without_persistent_memory(void)
{
    CxlMemdevConfig cfg = fake_config();
    FakeHost *h;

    cfg.persistent_only = 0;
    cfg.partitionable = 0;
    cfg.security = true;
    h = fake_host_new(&cfg);
    g_assert_cmphex(state(h), ==, 0);
    g_assert_cmphex(set(h, 0, 'a'), ==, CXL_RC_UNSUPPORTED);
    g_assert_cmphex(state(h), ==, 0);
    g_assert_cmphex(fake_command(h, CXL_OP_SANITIZE, NULL, 0), ==,
                    CXL_RC_BACKGROUND);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/cci/security/lock-hides-persistent-memory",
                    test_lock_hides_persistent_memory);
    g_test_add_func("/cxl/cci/security/lock-refuses-commands",
                    test_lock_refuses_commands);
    g_test_add_func("/cxl/cci/security/disable", test_disable);
    g_test_add_func("/cxl/cci/security/freeze", test_freeze);
    g_test_add_func("/cxl/cci/security/erase-takes-data-then-lock",
                    test_erase_takes_data_then_lock);
    g_test_add_func("/cxl/cci/security/failed-erase-keeps-the-lock",
                    test_failed_erase_keeps_the_lock);
    g_test_add_func("/cxl/cci/security/not-without-persistent-memory",
                    test_not_without_persistent_memory);
    return g_test_run();
}
