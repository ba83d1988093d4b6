/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/ports: what is there, what changed, who answers, who is held.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/ports.h"

static struct CxlCci *const below = (struct CxlCci *)&below;

static CxlPortInfo info(uint8_t port, uint8_t state, uint8_t type)
{
    return (CxlPortInfo) {
        .port = port, .config_state = state, .device_type = type,
        .ltssm = type ? CXL_PORT_LTSSM_L0 : CXL_PORT_LTSSM_DETECT,
    };
}

static void check(const CxlPorts *ports)
{
    g_assert_cmpstr(cxl_ports_check(ports), ==, NULL);
}

static void test_change(void)
{
    g_autofree CxlPorts *ports = g_new0(CxlPorts, 1);
    CxlPortInfo empty = info(9, CXL_PORT_DSP, CXL_PORT_DEV_NONE);
    CxlPortInfo sld = info(9, CXL_PORT_DSP, CXL_PORT_DEV_SLD);
    CxlPortInfo mld = info(9, CXL_PORT_DSP, CXL_PORT_DEV_MLD);

    mld.lds = 16;
    g_assert_true(cxl_ports_set(ports, &empty, NULL));
    g_assert_false(cxl_ports_set(ports, &empty, NULL));
    g_assert_false(cxl_ports_is_mld(ports, 9));
    g_assert_true(cxl_ports_set(ports, &sld, below));
    g_assert_false(cxl_ports_set(ports, &sld, below));
    g_assert_true(cxl_ports_target(ports, 9) == below);
    g_assert_true(cxl_ports_set(ports, &mld, below));
    g_assert_true(cxl_ports_is_mld(ports, 9));
    mld.lds = 4;
    g_assert_true(cxl_ports_set(ports, &mld, below));
    /* A width is no change of the link's state. */
    mld.width = 4;
    g_assert_false(cxl_ports_set(ports, &mld, below));
    check(ports);
    mld.lds = 17;
    cxl_ports_set(ports, &mld, below);
    g_assert_nonnull(cxl_ports_check(ports));
    sld.lds = 1;
    cxl_ports_set(ports, &sld, below);
    g_assert_nonnull(cxl_ports_check(ports));
}

static void count_gone(void *opaque, const CxlPortInfo *gone)
{
    GString *said = opaque;

    g_string_append_printf(said, "%u:%u ", gone->port, gone->device_type);
}

static void test_looking(void)
{
    g_autofree CxlPorts *ports = g_new0(CxlPorts, 1);
    g_autoptr(GString) gone = g_string_new("");
    uint8_t bitmap[32];

    for (unsigned round = 0; round < 3; round++) {
        cxl_ports_look_again(ports);
        for (unsigned port = round; port < CXL_PORTS; port += 85) {
            CxlPortInfo i = info(port, CXL_PORT_DSP, CXL_PORT_DEV_SLD);

            if (round < 2 || port != 2) {
                cxl_ports_set(ports, &i, below);
            }
        }
        cxl_ports_looked(ports, count_gone, gone);
        check(ports);
    }
    g_assert_cmpstr(gone->str, ==, "0:0 85:0 170:0 255:0 1:0 86:0 171:0 ");
    g_assert_cmpuint(cxl_ports_count(ports), ==, 2);
    cxl_ports_bitmap(ports, bitmap);
    for (unsigned i = 0; i < CXL_PORTS; i++) {
        g_assert_cmpuint(bitmap[i / 8] >> i % 8 & 1, ==, i == 87 || i == 172);
    }
    g_assert_null(cxl_ports_target(ports, 2));
}

/* Only downstream ports, and nobody behind them answers. */
static void test_hold(void)
{
    g_autofree CxlPorts *ports = g_new0(CxlPorts, 1);
    CxlPortInfo sld = info(3, CXL_PORT_DSP, CXL_PORT_DEV_SLD), out;
    CxlPortInfo usp = info(4, CXL_PORT_USP, CXL_PORT_DEV_NONE);

    cxl_ports_set(ports, &sld, below);
    cxl_ports_set(ports, &usp, NULL);
    g_assert_true(cxl_ports_hold(ports, 3, true));
    g_assert_false(cxl_ports_hold(ports, 4, true));
    g_assert_false(cxl_ports_hold(ports, 5, true));
    cxl_ports_info(ports, 3, &out);
    g_assert_cmphex(out.ltssm, ==, CXL_PORT_LTSSM_HOT_RESET);
    g_assert_cmphex(le16_to_cpu(out.link_flags), ==, CXL_PORT_LINK_IN_RESET);
    g_assert_null(cxl_ports_target(ports, 3));
    /* It is the manager's choice, not the world's. */
    g_assert_false(cxl_ports_set(ports, &sld, below));
    g_assert_null(cxl_ports_target(ports, 3));
    g_assert_true(cxl_ports_hold(ports, 3, false));
    g_assert_true(cxl_ports_target(ports, 3) == below);
    cxl_ports_hold(ports, 3, true);
    cxl_ports_reset(ports);
    cxl_ports_info(ports, 3, &out);
    g_assert_cmphex(out.ltssm, ==, CXL_PORT_LTSSM_L0);
    check(ports);
}

static void test_checker(void)
{
    g_autofree CxlPorts *ports = g_new0(CxlPorts, 1);

    ports->port[3].there = true;
    ports->port[3].info.port = 4;
    g_assert_cmpstr(cxl_ports_check(ports), ==, "number of a port");
    ports->port[3].info.port = 3;
    check(ports);
    ports->port[5].below = below;
    g_assert_cmpstr(cxl_ports_check(ports), ==,
                    "device below a port that is not there");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/ports/change", test_change);
    g_test_add_func("/cxl/ports/looking", test_looking);
    g_test_add_func("/cxl/ports/hold", test_hold);
    g_test_add_func("/cxl/ports/checker", test_checker);
    return g_test_run();
}
