/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/security: two passphrases, attempts, lock, freeze, erase, and
 * who is refused when.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/security.h"

#define MASTER CXL_PASSPHRASE_MASTER
#define USER   CXL_PASSPHRASE_USER

static uint8_t right[CXL_PASSPHRASE_SIZE], other[CXL_PASSPHRASE_SIZE];
static uint8_t wrong[CXL_PASSPHRASE_SIZE];

static void ok(const CxlSecurity *s, CxlRc rc, CxlRc wanted)
{
    g_assert_cmphex(rc, ==, wanted);
    g_assert_cmpstr(cxl_security_check(s), ==, NULL);
}

static CxlSecurity with_user(void)
{
    CxlSecurity s = { };

    ok(&s, cxl_security_set(&s, USER, wrong, right), CXL_RC_SUCCESS);
    return s;
}

static CxlSecurity locked(void)
{
    CxlSecurity s = with_user();

    cxl_security_power_on(&s);
    g_assert_cmphex(cxl_security_state(&s), ==,
                    CXL_SECURITY_USER_SET | CXL_SECURITY_LOCKED);
    return s;
}

static void test_fresh(void)
{
    CxlSecurity s = { };

    g_assert_cmphex(cxl_security_state(&s), ==, 0);
    cxl_security_power_on(&s);
    g_assert_cmphex(cxl_security_state(&s), ==, 0);
    g_assert_true(cxl_security_allows_erase(&s));
    ok(&s, cxl_security_unlock(&s, right), CXL_RC_SECURITY_STATE);
    ok(&s, cxl_security_disable(&s, USER, right), CXL_RC_SECURITY_STATE);
    ok(&s, cxl_security_disable(&s, MASTER, right), CXL_RC_SECURITY_STATE);
}

static void test_set_and_change(void)
{
    CxlSecurity s = with_user();

    g_assert_cmphex(cxl_security_state(&s), ==, CXL_SECURITY_USER_SET);
    g_assert_false(cxl_security_allows_erase(&s));
    ok(&s, cxl_security_set(&s, USER, wrong, other), CXL_RC_PASSPHRASE);
    ok(&s, cxl_security_set(&s, USER, right, other), CXL_RC_SUCCESS);
    ok(&s, cxl_security_disable(&s, USER, right), CXL_RC_PASSPHRASE);
    ok(&s, cxl_security_disable(&s, USER, other), CXL_RC_SUCCESS);
    g_assert_cmphex(cxl_security_state(&s), ==, 0);
}

/* The last byte counts as much as the first. */
static void test_every_byte_counts(void)
{
    for (unsigned i = 0; i < CXL_PASSPHRASE_SIZE; i++) {
        CxlSecurity s = locked();
        uint8_t near[CXL_PASSPHRASE_SIZE];

        memcpy(near, right, sizeof(near));
        near[i] ^= 1;
        ok(&s, cxl_security_unlock(&s, near), CXL_RC_PASSPHRASE);
        ok(&s, cxl_security_unlock(&s, right), CXL_RC_SUCCESS);
    }
}

static void test_unknown_type(void)
{
    CxlSecurity s = with_user();

    for (unsigned type = 2; type < 256; type++) {
        ok(&s, cxl_security_set(&s, type, right, other),
           CXL_RC_INVALID_INPUT);
        ok(&s, cxl_security_disable(&s, type, right), CXL_RC_INVALID_INPUT);
        ok(&s, cxl_security_erase(&s, type, right), CXL_RC_INVALID_INPUT);
    }
    g_assert_cmphex(cxl_security_state(&s), ==, CXL_SECURITY_USER_SET);
}

static void test_lock_and_unlock(void)
{
    CxlSecurity s = locked();

    g_assert_false(cxl_security_allows_erase(&s));
    ok(&s, cxl_security_set(&s, USER, right, other), CXL_RC_SECURITY_STATE);
    ok(&s, cxl_security_unlock(&s, wrong), CXL_RC_PASSPHRASE);
    ok(&s, cxl_security_unlock(&s, right), CXL_RC_SUCCESS);
    g_assert_cmphex(cxl_security_state(&s), ==, CXL_SECURITY_USER_SET);
    ok(&s, cxl_security_unlock(&s, right), CXL_RC_SECURITY_STATE);
}

/* After too many wrong ones not even the right one helps, until power on. */
static void test_attempts(void)
{
    CxlSecurity s = locked();

    for (unsigned i = 0; i < CXL_SECURITY_ATTEMPTS; i++) {
        g_assert_false(cxl_security_state(&s) & CXL_SECURITY_USER_LIMIT);
        ok(&s, cxl_security_unlock(&s, wrong), CXL_RC_PASSPHRASE);
    }
    g_assert_true(cxl_security_state(&s) & CXL_SECURITY_USER_LIMIT);
    ok(&s, cxl_security_unlock(&s, right), CXL_RC_SECURITY_STATE);
    ok(&s, cxl_security_erase(&s, USER, right), CXL_RC_SECURITY_STATE);
    cxl_security_power_on(&s);
    g_assert_false(cxl_security_state(&s) & CXL_SECURITY_USER_LIMIT);
    ok(&s, cxl_security_unlock(&s, right), CXL_RC_SUCCESS);
}

static void test_right_one_clears_attempts(void)
{
    CxlSecurity s = locked();

    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i + 1 < CXL_SECURITY_ATTEMPTS; i++) {
            ok(&s, cxl_security_unlock(&s, wrong), CXL_RC_PASSPHRASE);
        }
        ok(&s, cxl_security_unlock(&s, right), CXL_RC_SUCCESS);
        s.locked = true;
    }
}

static void test_freeze(void)
{
    CxlSecurity s = locked();

    cxl_security_freeze(&s);
    g_assert_true(cxl_security_state(&s) & CXL_SECURITY_FROZEN);
    ok(&s, cxl_security_unlock(&s, right), CXL_RC_SECURITY_STATE);
    ok(&s, cxl_security_set(&s, USER, right, other), CXL_RC_SECURITY_STATE);
    ok(&s, cxl_security_disable(&s, USER, right), CXL_RC_SECURITY_STATE);
    ok(&s, cxl_security_erase(&s, USER, right), CXL_RC_SECURITY_STATE);
    cxl_security_power_on(&s);
    ok(&s, cxl_security_unlock(&s, right), CXL_RC_SUCCESS);
}

static void test_master(void)
{
    CxlSecurity s = { };

    ok(&s, cxl_security_set(&s, MASTER, wrong, other), CXL_RC_SUCCESS);
    ok(&s, cxl_security_set(&s, USER, wrong, right), CXL_RC_SUCCESS);
    g_assert_cmphex(cxl_security_state(&s), ==,
                    CXL_SECURITY_USER_SET | CXL_SECURITY_MASTER_SET);
    /* Not while a user relies on it. */
    ok(&s, cxl_security_set(&s, MASTER, other, right), CXL_RC_SECURITY_STATE);
    cxl_security_power_on(&s);
    ok(&s, cxl_security_unlock(&s, other), CXL_RC_PASSPHRASE);
    ok(&s, cxl_security_erase(&s, MASTER, right), CXL_RC_PASSPHRASE);
    ok(&s, cxl_security_erase(&s, MASTER, other), CXL_RC_SUCCESS);
    /* The user's is gone with the data, the master's stays. */
    g_assert_cmphex(cxl_security_state(&s), ==, CXL_SECURITY_MASTER_SET);
}

static void test_erase(void)
{
    CxlSecurity s = locked();

    ok(&s, cxl_security_erase(&s, MASTER, right), CXL_RC_INVALID_INPUT);
    ok(&s, cxl_security_erase(&s, USER, wrong), CXL_RC_PASSPHRASE);
    g_assert_true(s.locked);
    ok(&s, cxl_security_erase(&s, USER, right), CXL_RC_SUCCESS);
    g_assert_cmphex(cxl_security_state(&s), ==, 0);
    g_assert_true(cxl_security_allows_erase(&s));
}

static void test_checker(void)
{
    CxlSecurity s = { .locked = true };

    g_assert_nonnull(cxl_security_check(&s));
    s = (CxlSecurity) { .failures = { 0, CXL_SECURITY_ATTEMPTS + 1 } };
    g_assert_nonnull(cxl_security_check(&s));
}

int main(int argc, char **argv)
{
    memset(right, 0x11, sizeof(right));
    memset(other, 0x22, sizeof(other));
    memset(wrong, 0x33, sizeof(wrong));
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/security/fresh", test_fresh);
    g_test_add_func("/cxl/security/set-and-change", test_set_and_change);
    g_test_add_func("/cxl/security/every-byte-counts",
                    test_every_byte_counts);
    g_test_add_func("/cxl/security/unknown-type", test_unknown_type);
    g_test_add_func("/cxl/security/lock-and-unlock", test_lock_and_unlock);
    g_test_add_func("/cxl/security/attempts", test_attempts);
    g_test_add_func("/cxl/security/right-one-clears-attempts",
                    test_right_one_clears_attempts);
    g_test_add_func("/cxl/security/freeze", test_freeze);
    g_test_add_func("/cxl/security/master", test_master);
    g_test_add_func("/cxl/security/erase", test_erase);
    g_test_add_func("/cxl/security/checker", test_checker);
    return g_test_run();
}
