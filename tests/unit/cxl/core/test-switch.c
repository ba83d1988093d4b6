/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/switch: registers, identity, saved state.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/switch-fixture.h"

static void test_registers(void)
{
    Pair p = start();

    g_assert_cmphex(cxl_switch_regs_read(p.sw, 0, 8), ==,
                    2ull << 32 | 2 << 24 | 1 << 16);
    for (unsigned at = 0; at < cxl_switch_regs_size(p.sw) + 8; at++) {
        for (unsigned size = 1; size <= 8; size++) {
            cxl_switch_regs_write(p.sw, at, UINT64_MAX, size);
            cxl_switch_regs_read(p.sw, at, size);
        }
    }
    cxl_switch_reset(p.sw);
    g_assert_cmphex(cxl_switch_regs_read(p.sw, 0x110, 8), ==, 0);
    stop(p);
}

static void test_infostat(void)
{
    Pair p = start();
    uint8_t out[2048], limit;

    g_assert_cmphex(command(p, CXL_OP_IS_IDENTIFY, "", 0), ==, 0);
    g_assert_cmpuint(reply(p, out), ==, 0x12);
    g_assert_cmphex(lduw_le_p(out), ==, 0x19e5);
    g_assert_cmpuint(out[0x11], ==, CXL_COMPONENT_SWITCH);
    g_assert_cmphex(command(p, CXL_OP_IS_BG_STATUS, "", 0), ==, 0);
    g_assert_cmpuint(reply(p, out), ==, 8);
    g_assert_cmphex(command(p, CXL_OP_IS_GET_LIMIT, "", 0), ==, 0);
    reply(p, out);
    g_assert_cmpuint(out[0], ==, 11);
    limit = 7;
    g_assert_cmphex(command(p, CXL_OP_IS_SET_LIMIT, &limit, 1), ==,
                    CXL_RC_INVALID_INPUT);
    limit = 12;
    g_assert_cmphex(command(p, CXL_OP_IS_SET_LIMIT, &limit, 1), ==,
                    CXL_RC_INVALID_INPUT);
    limit = 8;
    g_assert_cmphex(command(p, CXL_OP_IS_SET_LIMIT, &limit, 1), ==, 0);
    g_assert_cmphex(command(p, CXL_OP_SWITCH_IDENTIFY, "", 0), ==, 0);
    g_assert_cmphex(command(p, CXL_OP_IS_ABORT, "", 0), ==, 0);
    stop(p);
}

static void test_save(void)
{
    Pair a = start(), b = start();
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autoptr(GByteArray) again = g_byte_array_new();
    char *problem;

    command(a, CXL_OP_TIMESTAMP_SET, "12345678", 8);
    command(a, CXL_OP_SWITCH_IDENTIFY, "", 0);
    command(a, CXL_OP_SWITCH_PORT_CONTROL, "\2\0", 2);
    cxl_switch_save(a.sw, bytes);
    use(b);
    g_assert_true(cxl_switch_load(b.sw, bytes->data, bytes->len, &problem));
    g_assert_true(b.sw->ports.port[2].perst);
    cxl_switch_save(b.sw, again);
    g_assert_cmpmem(bytes->data, bytes->len, again->data, again->len);
    for (size_t len = 0; len < bytes->len; len += 41) {
        g_assert_false(cxl_switch_load(b.sw, bytes->data, len, &problem));
        g_assert_nonnull(problem);
        g_free(problem);
    }
    stop(a);
    stop(b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/switch/registers", test_registers);
    g_test_add_func("/cxl/switch/infostat", test_infostat);
    g_test_add_func("/cxl/switch/save", test_save);
    return g_test_run();
}
