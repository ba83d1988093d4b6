/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/port-dvsec: each bit of the extensions of a port, reads of the
 * status in all widths, reset, and a port that has no such structure.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/port-dvsec.h"
#include "hw/cxl/wire/dvsec.h"

#define AT 0x100
#define STATUS (AT + CXL_DVSEC_PORT_STATUS)

static uint8_t config[0x200];

static void control(uint16_t value)
{
    stw_le_p(config + AT + CXL_DVSEC_PORT_CTRL, value);
}

static void test_bits(void)
{
    control(CXL_DVSEC_PORT_CTRL_UNMASK_SBR);
    g_assert_false(cxl_port_dvsec_masks_reset(config, AT));
    g_assert_false(cxl_port_dvsec_lets_uio(config, AT));
    control(CXL_DVSEC_PORT_CTRL_UIO);
    g_assert_true(cxl_port_dvsec_masks_reset(config, AT));
    g_assert_true(cxl_port_dvsec_lets_uio(config, AT));
}

static void test_status(void)
{
    g_assert_cmphex(cxl_port_dvsec_show(AT, STATUS, 0x100, 2), ==, 0x101);
    g_assert_cmphex(cxl_port_dvsec_show(AT, STATUS, 0, 1), ==, 1);
    g_assert_cmphex(cxl_port_dvsec_show(AT, STATUS - 2, 0x1234, 4), ==,
                    0x11234);
    g_assert_cmphex(cxl_port_dvsec_show(AT, STATUS + 1, 0, 1), ==, 0);
    g_assert_cmphex(cxl_port_dvsec_show(AT, STATUS - 2, 0, 2), ==, 0);
    g_assert_cmphex(cxl_port_dvsec_show(AT, STATUS + 2, 0, 4), ==, 0);
}

/* Both are closed again; what is around the register stays. */
static void test_reset(void)
{
    uint8_t before[sizeof(config)];

    memset(config, 0xff, sizeof(config));
    memcpy(before, config, sizeof(config));
    stw_le_p(before + AT + CXL_DVSEC_PORT_CTRL, 0);
    cxl_port_dvsec_reset(config, AT);
    g_assert_cmpmem(config, sizeof(config), before, sizeof(before));
    g_assert_true(cxl_port_dvsec_masks_reset(config, AT));
    g_assert_false(cxl_port_dvsec_lets_uio(config, AT));
}

static void test_none(void)
{
    uint8_t before[sizeof(config)];

    memset(config, 0xff, sizeof(config));
    memcpy(before, config, sizeof(config));
    cxl_port_dvsec_reset(config, 0);
    g_assert_cmpmem(config, sizeof(config), before, sizeof(before));
    memset(config, 0, sizeof(config));
    g_assert_false(cxl_port_dvsec_masks_reset(config, 0));
    memset(config, 0xff, sizeof(config));
    g_assert_false(cxl_port_dvsec_lets_uio(config, 0));
    g_assert_cmphex(cxl_port_dvsec_show(0, CXL_DVSEC_PORT_STATUS, 0, 2), ==,
                    0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/port-dvsec/bits", test_bits);
    g_test_add_func("/cxl/port-dvsec/status", test_status);
    g_test_add_func("/cxl/port-dvsec/reset", test_reset);
    g_test_add_func("/cxl/port-dvsec/none", test_none);
    return g_test_run();
}
