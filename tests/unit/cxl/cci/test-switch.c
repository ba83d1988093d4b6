/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/cci/switch, 51xxh: every port and action, byte enables, and every
 * length that is not right.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/switch-fixture.h"
#include "tests/unit/cxl/small-room.h"

static void test_ports(void)
{
    Pair p = start();
    uint8_t in[256] = { 2, 0, 3 }, out[2048];

    g_assert_cmphex(command(p, CXL_OP_SWITCH_IDENTIFY, "", 0), ==, 0);
    g_assert_cmpuint(reply(p, out), ==, 0x49);
    g_assert_cmpuint(out[0], ==, USP(0));
    g_assert_cmpuint(out[2], ==, PORTS + 2);
    g_assert_cmpuint(out[3], ==, 2);
    g_assert_cmphex(out[4], ==, 0xcf);
    g_assert_cmphex(out[36], ==, 3);
    g_assert_cmpuint(lduw_le_p(out + 68), ==, VPPBS(0) + VPPBS(1));
    g_assert_cmpuint(out[72], ==, 4);
    g_assert_cmphex(command(p, CXL_OP_SWITCH_PORTS, in, 3), ==, 0);
    g_assert_cmpuint(reply(p, out), ==, 4 + 32);
    g_assert_cmpuint(out[4 + 16], ==, 3);
    g_assert_cmpuint(out[4 + 16 + 4], ==, CXL_PORT_DEV_SLD);
    /* More or fewer ports than it says, an unknown one, too many */
    g_assert_cmphex(command(p, CXL_OP_SWITCH_PORTS, in, 2), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    g_assert_cmphex(command(p, CXL_OP_SWITCH_PORTS, in, 4), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    in[2] = 4;
    g_assert_cmphex(command(p, CXL_OP_SWITCH_PORTS, in, 3), ==,
                    CXL_RC_INVALID_INPUT);
    in[0] = 255;
    g_assert_cmphex(command(p, CXL_OP_SWITCH_PORTS, in, 256), ==,
                    CXL_RC_INVALID_INPUT);
    stop(p);
}

static void test_port_control(void)
{
    Pair p = start();

    for (unsigned port = 0; port < 256; port++) {
        for (unsigned action = 0; action < 256; action++) {
            uint8_t in[3] = { port, action };
            bool good = port < PORTS && action < CXL_PORT_ACTIONS;

            resets = 0;
            g_assert_cmphex(command(p, CXL_OP_SWITCH_PORT_CONTROL, in, 2), ==,
                            good ? 0 : CXL_RC_INVALID_INPUT);
            g_assert_cmpuint(resets, ==, good);
            g_assert_true(p.sw->ports.port[port].perst ==
                          (good && action == CXL_PORT_ASSERT_PERST));
        }
        cxl_switch_reset(p.sw);
    }
    g_assert_cmphex(command(p, CXL_OP_SWITCH_PORT_CONTROL, "\0\0", 1), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    g_assert_cmphex(command(p, CXL_OP_SWITCH_PORT_CONTROL, "\0\0\0", 3), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    stop(p);
}

static uint16_t port_request(Pair p, uint8_t port, uint16_t at, uint8_t be,
                             bool is_write, uint32_t *data)
{
    CxlPortConfigIn in = {
        .port = port, .reg = at, .ext = at >> 8 | be << 4,
        .type = is_write ? CXL_PORT_CONFIG_WRITE : 0,
    };
    uint16_t rc;
    uint8_t out[2048];

    stl_le_p(&in.data, *data);
    rc = command(p, CXL_OP_SWITCH_PORT_CONFIG, &in, sizeof(in));
    if (!rc) {
        g_assert_cmpuint(reply(p, out), ==, 4);
        *data = ldl_le_p(out);
    }
    return rc;
}

static void test_port_config(void)
{
    Pair p = start();
    uint32_t data = 0x11223344;

    memset(config_space, 0, sizeof(config_space));
    g_assert_cmphex(port_request(p, 3, 0xa34, 0xf, true, &data), ==, 0);
    g_assert_cmphex(data, ==, 0);
    g_assert_cmphex(port_request(p, 3, 0xa37, 0, false, &data), ==, 0);
    g_assert_cmphex(data, ==, 0x11223344);
    data = 0xaabbccdd;
    g_assert_cmphex(port_request(p, 3, 0xa34, 0x6, true, &data), ==, 0);
    g_assert_cmphex(port_request(p, 3, 0xa34, 0, false, &data), ==, 0);
    g_assert_cmphex(data, ==, 0x11bbcc44);
    g_assert_cmphex((uint32_t)ldl_le_p(config_space + 0xa34), ==, data);
    g_assert_cmphex(port_request(p, 5, 0, 0, false, &data), ==,
                    CXL_RC_INVALID_INPUT);
    for (unsigned len = 0; len < 20; len++) {
        g_assert_cmphex(command(p, CXL_OP_SWITCH_PORT_CONFIG,
                                "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
                                len), ==,
                        len == 8 ? 0 : CXL_RC_PAYLOAD_LENGTH);
    }
    stop(p);
}

/* A register that acts on a write sees all of its bytes in one. */
static void test_port_config_is_one_write(void)
{
    static const char *const expected[16] = {
        "", "0:1 ", "1:1 ", "0:2 ", "2:1 ", "0:1 2:1 ", "1:1 2:1 ",
        "0:2 2:1 ", "3:1 ", "0:1 3:1 ", "1:1 3:1 ", "0:2 3:1 ", "2:2 ",
        "0:1 2:2 ", "1:1 2:2 ", "0:4 ",
    };
    Pair p = start();

    config_writes = g_string_new("");
    for (unsigned be = 0; be < 16; be++) {
        uint32_t data = 0x11223344, bytes = 0;

        g_string_truncate(config_writes, 0);
        memset(config_space, 0, sizeof(config_space));
        g_assert_cmphex(port_request(p, 3, 0x18, be, true, &data), ==, 0);
        g_assert_cmpstr(config_writes->str, ==, expected[be]);
        for (unsigned i = 0; i < 4; i++) {
            bytes |= be >> i & 1 ? 0x11223344 & 0xffu << 8 * i : 0;
        }
        g_assert_cmphex(ldl_le_p(config_space + 0x18), ==, bytes);
        g_assert_cmphex(port_request(p, 5, 0x18, be, true, &data), ==,
                        CXL_RC_INVALID_INPUT);
    }
    g_string_free(g_steal_pointer(&config_writes), true);
    stop(p);
}

/* Set once by the host, read by the manager; a reset forgets it. */
static void test_secret(void)
{
    static const char secret[] = "0123456789abcde";
    Pair p = start();
    uint8_t vcs = 0, out[2048];

    for (unsigned i = 0; i < 2; i++) {
        g_assert_cmphex(command(p, CXL_OP_SWITCH_SECRET_STATE, "", 0), ==, 0);
        reply(p, out);
        g_assert_cmpuint(out[0], ==, 0);
        g_assert_cmphex(command(p, CXL_OP_SWITCH_VCS_SECRET, &vcs, 1), ==,
                        CXL_RC_RETRY);
        g_assert_cmphex(command(p, CXL_OP_SWITCH_SET_SECRET, secret, 16), ==,
                        0);
        g_assert_cmphex(command(p, CXL_OP_SWITCH_SET_SECRET, secret, 16), ==,
                        CXL_RC_INVALID_INPUT);
        g_assert_cmphex(command(p, CXL_OP_SWITCH_VCS_SECRET_STATE, &vcs, 1),
                        ==, 0);
        reply(p, out);
        g_assert_cmpuint(out[0], ==, 1);
        g_assert_cmphex(command(p, CXL_OP_SWITCH_VCS_SECRET, &vcs, 1), ==, 0);
        g_assert_cmpuint(reply(p, out), ==, 16);
        g_assert_cmpmem(out, 16, secret, 16);
        cxl_switch_reset(p.sw);
    }
    for (vcs = 2; vcs; vcs++) {
        g_assert_cmphex(command(p, CXL_OP_SWITCH_VCS_SECRET_STATE, &vcs, 1),
                        ==, CXL_RC_INVALID_INPUT);
        g_assert_cmphex(command(p, CXL_OP_SWITCH_VCS_SECRET, &vcs, 1), ==,
                        CXL_RC_INVALID_INPUT);
    }
    stop(p);
}

static void test_small_room(void)
{
    Pair p = start();

    small_room_of_all(&p.sw->cci);
    stop(p);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/cci/switch/ports", test_ports);
    g_test_add_func("/cxl/cci/switch/port-control", test_port_control);
    g_test_add_func("/cxl/cci/switch/secret", test_secret);
    g_test_add_func("/cxl/cci/switch/port-config", test_port_config);
    g_test_add_func("/cxl/cci/switch/port-config-is-one-write",
                    test_port_config_is_one_write);
    g_test_add_func("/cxl/cci/switch/small-room", test_small_room);
    return g_test_run();
}
