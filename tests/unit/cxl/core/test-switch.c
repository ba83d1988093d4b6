/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/switch with cci/switch, cci/tunnel and core/message: identity,
 * ports, a tunnel of any depth, and every way to get its sizes wrong.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/core/message.h"
#include "hw/cxl/core/switch.h"
#include "tests/unit/cxl/fake-host.h"

#define PORT 3

static void identify(void *opaque, CxlSwitchIdentity *out)
{
    out->ports = 4;
    out->active_ports[0] = 0xf;
}

static bool port_info(void *opaque, uint8_t port, CxlPortInfo *out)
{
    out->config_state = CXL_PORT_DSP;
    out->device_type = CXL_PORT_DEV_SLD;
    return port < 4;
}

static CxlCci *target(void *opaque, uint8_t port)
{
    FakeHost *h = opaque;

    return port == PORT ? cxl_memdev_fm_cci(h->dev) : NULL;
}

static unsigned resets;
static uint8_t config_space[4096];
static GString *config_writes; /* "offset:size " of each */

static bool port_reset(void *opaque, uint8_t port)
{
    resets += port < 3;
    return port < 3;
}

static bool port_config(void *opaque, uint8_t port, uint16_t address,
                        unsigned size, bool is_write, uint32_t *data)
{
    g_assert_true(size == 1 || size == 2 || size == 4);
    g_assert_cmphex(address % size, ==, 0);
    g_assert_cmphex(address, <, sizeof(config_space));
    if (!is_write) {
        *data = ldl_le_p(config_space + address);
        return port < 4;
    }
    for (unsigned i = 0; i < size; i++) {
        config_space[address + i] = *data >> 8 * i;
    }
    if (config_writes) {
        g_string_append_printf(config_writes, "%u:%u ", address % 4, size);
    }
    return port < 4;
}

static const CxlSwitchOps switch_ops = {
    identify, port_info, target, port_reset, port_config,
};

typedef struct Pair {
    FakeHost *host;
    CxlSwitch *sw;
} Pair;

static Pair start(void)
{
    CxlSwitchConfig cfg = { .vendor_id = 0x19e5, .device_id = 0xa123 };
    CxlMemdevConfig dev = fake_config();
    Pair p;

    dev.num_dc_regions = 1;
    dev.dc_regions[0] = (CxlDcRegionConfig) {
        .base = 1280 * MiB, .len = 256 * MiB, .block_size = 2 * MiB,
    };
    p.host = fake_host_new(&dev);
    p.sw = cxl_switch_new(&cfg, &switch_ops, &fake_host_ops, p.host);
    return p;
}

static void stop(Pair p)
{
    g_assert_cmpstr(cxl_switch_check(p.sw), ==, NULL);
    fake_check(p.host);
    cxl_switch_free(p.sw);
    fake_host_free(p.host);
}

static uint16_t command(Pair p, uint16_t opcode, const void *in, uint32_t len)
{
    const uint64_t mb = CXL_DEVREG_MAILBOX;
    uint8_t raw[2048] = { 0 };

    memcpy(raw, in, len);
    for (uint32_t i = 0; i < len; i += 8) {
        cxl_switch_regs_write(p.sw, CXL_DEVREG_PAYLOAD + i,
                              ldq_le_p(raw + i), 8);
    }
    cxl_switch_regs_write(p.sw, mb + CXL_MBREG_COMMAND,
                          opcode | (uint64_t)len << 16, 8);
    cxl_switch_regs_write(p.sw, mb + CXL_MBREG_CONTROL, 1, 4);
    return cxl_switch_regs_read(p.sw, mb + CXL_MBREG_STATUS, 8) >> 32;
}

static uint32_t reply(Pair p, uint8_t *out)
{
    for (unsigned i = 0; i < 2048; i += 8) {
        stq_le_p(out + i, cxl_switch_regs_read(p.sw, CXL_DEVREG_PAYLOAD + i,
                                               8));
    }
    return cxl_switch_regs_read(p.sw, CXL_DEVREG_MAILBOX + CXL_MBREG_COMMAND,
                                8) >> 16;
}

static uint32_t put_message(uint8_t *at, uint16_t opcode, const void *in,
                            uint32_t len)
{
    CxlMessageHeader hdr = {
        .tag = 0x5a, .command = opcode, .command_set = opcode >> 8,
        .length = { len, len >> 8, len >> 16 },
    };

    memcpy(at, &hdr, sizeof(hdr));
    if (len) {
        memcpy(at + sizeof(hdr), in, len);
    }
    return sizeof(hdr) + len;
}

static uint32_t put_tunnel(uint8_t *at, uint8_t id, uint16_t opcode,
                           const void *in, uint32_t len)
{
    uint32_t size = put_message(at + 4, opcode, in, len);

    at[0] = id;
    at[1] = 0;
    stw_le_p(at + 2, size);
    return 4 + size;
}

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

static void test_ports(void)
{
    Pair p = start();
    uint8_t in[256] = { 2, 0, 3 }, out[2048];

    g_assert_cmphex(command(p, CXL_OP_SWITCH_IDENTIFY, "", 0), ==, 0);
    g_assert_cmpuint(reply(p, out), ==, 0x49);
    g_assert_cmpuint(out[2], ==, 4);
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

static void test_tunnel(void)
{
    Pair p = start();
    uint8_t in[2048], inner[2048], out[2048];
    uint32_t len = put_tunnel(in, PORT, CXL_OP_IS_IDENTIFY, NULL, 0);

    g_assert_cmphex(command(p, CXL_OP_TUNNEL, in, len), ==, 0);
    g_assert_cmpuint(reply(p, out), ==, 4 + 12 + 0x12);
    g_assert_cmpuint(lduw_le_p(out), ==, 12 + 0x12);
    g_assert_cmpuint(out[4], ==, CXL_MESSAGE_RESPONSE);
    g_assert_cmpuint(out[5], ==, 0x5a);
    g_assert_cmphex(lduw_le_p(out + 16), ==, 0x8086);
    /* Two levels: the logical device's memory, through FM-owned LD. */
    len = put_tunnel(inner, 0, CXL_OP_IDENTIFY, NULL, 0);
    len = put_tunnel(in, PORT, CXL_OP_TUNNEL, inner, len);
    g_assert_cmphex(command(p, CXL_OP_TUNNEL, in, len), ==, 0);
    g_assert_cmpuint(reply(p, out), ==, 16 + 16 + 0x45);
    g_assert_cmpuint(ldq_le_p(out + 32 + 16), ==, 5);
    /* A refusal is in the inner message. */
    len = put_tunnel(in, PORT, CXL_OP_SANITIZE, NULL, 0);
    g_assert_cmphex(command(p, CXL_OP_TUNNEL, in, len), ==, 0);
    reply(p, out);
    g_assert_cmphex(lduw_le_p(out + 4 + 8), ==, CXL_RC_UNSUPPORTED);
    stop(p);
}

/* The manager sees how a logical device is, and cannot change it. */
static void test_logical_device_is_read_only(void)
{
    static const struct {
        uint16_t opcode;
        uint8_t in_len;
        CxlRc rc;
        uint32_t out_len;
    } asked[] = {
        { CXL_OP_PARTITION_GET, 0, CXL_RC_SUCCESS, 0x20 },
        { CXL_OP_HEALTH, 0, CXL_RC_SUCCESS, 0x12 },
        { CXL_OP_ALERT_GET, 0, CXL_RC_SUCCESS, 0x10 },
        { CXL_OP_POISON_LIST, 16, CXL_RC_SUCCESS, 0x20 },
        { CXL_OP_PARTITION_SET, 9, CXL_RC_UNSUPPORTED, 0 },
        { CXL_OP_ALERT_SET, 12, CXL_RC_UNSUPPORTED, 0 },
        { CXL_OP_POISON_INJECT, 8, CXL_RC_UNSUPPORTED, 0 },
        { CXL_OP_SECURE_ERASE, 0, CXL_RC_UNSUPPORTED, 0 },
    };
    Pair p = start();
    uint8_t in[2048], inner[2048], out[2048], zeroes[16] = { 0 };

    for (unsigned i = 0; i < G_N_ELEMENTS(asked); i++) {
        uint32_t len = put_tunnel(inner, 0, asked[i].opcode, zeroes,
                                  asked[i].in_len);

        len = put_tunnel(in, PORT, CXL_OP_TUNNEL, inner, len);
        g_assert_cmphex(command(p, CXL_OP_TUNNEL, in, len), ==, 0);
        g_assert_cmpuint(reply(p, out), ==, 16 + 16 + asked[i].out_len);
        g_assert_cmphex(lduw_le_p(out + 20 + 8), ==, asked[i].rc);
    }
    stop(p);
}

static void test_tunnel_refusals(void)
{
    Pair p = start();
    uint8_t in[2048];
    uint32_t len = put_tunnel(in, 1, CXL_OP_IS_IDENTIFY, NULL, 0);

    g_assert_cmphex(command(p, CXL_OP_TUNNEL, in, len), ==,
                    CXL_RC_INVALID_INPUT); /* nobody there */
    len = put_tunnel(in, PORT, CXL_OP_IS_IDENTIFY, NULL, 0);
    in[1] = 1;
    g_assert_cmphex(command(p, CXL_OP_TUNNEL, in, len), ==,
                    CXL_RC_INVALID_INPUT); /* no LD pool */
    in[1] = 0;
    for (unsigned size = 0; size < 64; size++) {
        stw_le_p(in + 2, size);
        if (size != 12) {
            g_assert_cmphex(command(p, CXL_OP_TUNNEL, in, len), ==,
                            CXL_RC_PAYLOAD_LENGTH);
        }
    }
    stw_le_p(in + 2, 12);
    in[4] = CXL_MESSAGE_RESPONSE;
    g_assert_cmphex(command(p, CXL_OP_TUNNEL, in, len), ==,
                    CXL_RC_INVALID_INPUT);
    in[4] = 0;
    in[4 + 5] = 1; /* inner length says one byte */
    g_assert_cmphex(command(p, CXL_OP_TUNNEL, in, len), ==,
                    CXL_RC_INVALID_INPUT);
    stop(p);
}

/* As deep as the payload allows: ends in a refusal, not in a crash. */
static void test_nested(void)
{
    Pair p = start();
    uint8_t a[2048] = { 0 }, b[2048];
    uint32_t len = put_tunnel(a, 0, CXL_OP_IS_IDENTIFY, NULL, 0);

    while (len + 16 <= sizeof(a)) {
        memcpy(b, a, len);
        len = put_tunnel(a, 0, CXL_OP_TUNNEL, b, len);
    }
    a[0] = PORT;
    g_assert_cmphex(command(p, CXL_OP_TUNNEL, a, len), ==, 0);
    stop(p);
}

static uint16_t fm(Pair p, uint16_t opcode, const void *in, uint32_t len,
                   uint8_t *out)
{
    uint8_t msg[2048];
    uint32_t size = put_tunnel(msg, PORT, opcode, in, len);
    uint16_t rc = command(p, CXL_OP_TUNNEL, msg, size);

    g_assert_cmphex(rc, ==, 0);
    reply(p, msg);
    memcpy(out, msg + 16, 1024);
    return lduw_le_p(msg + 4 + 8);
}

static void test_fm_dcd(void)
{
    Pair p = start();
    uint8_t in[256] = { 0 }, out[1024];
    CxlFmDcChange *change = (CxlFmDcChange *)in;
    CxlFmDcSetConfig set = { .block_size = cpu_to_le64(4 * MiB) };
    CxlBgRange taken = { 1280 * MiB, 8 * MiB };

    g_assert_cmphex(fm(p, CXL_OP_FM_DC_INFO, NULL, 0, out), ==, 0);
    g_assert_cmpuint(out[1], ==, 1);
    g_assert_cmphex(lduw_le_p(out + 4), ==, 0xf);
    g_assert_cmpuint(ldq_le_p(out + 12), ==, 1);
    g_assert_cmphex(fm(p, CXL_OP_FM_DC_SET_CONFIG, &set, sizeof(set), out),
                    ==, 0);
    in[2] = 8;
    g_assert_cmphex(fm(p, CXL_OP_FM_DC_CONFIG, in, 4, out), ==, 0);
    g_assert_cmphex(ldq_le_p(out + 4 + 24), ==, 4 * MiB);
    in[0] = 1; /* no such host */
    g_assert_cmphex(fm(p, CXL_OP_FM_DC_CONFIG, in, 4, out), ==,
                    CXL_RC_INVALID_INPUT);
    memset(in, 0, sizeof(in));
    change->selector = CXL_DC_ADD_CONTIGUOUS;
    stq_le_p(&change->length, 8 * MiB);
    change->tag.b[0] = 9;
    g_assert_cmphex(fm(p, CXL_OP_FM_DC_ADD, in, 32, out), ==, 0);
    g_assert_cmphex(fm(p, CXL_OP_FM_DC_ADD, in, 33, out), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    g_assert_cmphex(cxl_dcd_respond(&p.host->dev->dc_view, &taken, 1, false),
                    ==, 0);
    memset(out, 0, 12);
    out[4] = 5;
    g_assert_cmphex(fm(p, CXL_OP_FM_DC_EXTENTS, out, 12, out), ==, 0);
    g_assert_cmpuint(ldl_le_p(out + 8), ==, 1);
    g_assert_cmphex(ldq_le_p(out + 24), ==, 1280 * MiB);
    g_assert_cmphex(fm(p, CXL_OP_FM_DC_ADD_REFERENCE, &change->tag, 16, out),
                    ==, 0);
    memset(out, 0, 8);
    out[4] = 5;
    g_assert_cmphex(fm(p, CXL_OP_FM_DC_TAGS, out, 8, out), ==, 0);
    g_assert_cmpuint(ldl_le_p(out + 8), ==, 1);
    g_assert_cmpuint(out[16 + 16], ==, 1); /* referenced */
    g_assert_cmpuint(out[16 + 20], ==, 1); /* host 0 has it */
    g_assert_cmphex(fm(p, CXL_OP_FM_DC_REMOVE_REFERENCE, &change->tag, 16,
                       out), ==, 0);
    change->selector = CXL_DC_REMOVE_TAG | CXL_FM_DC_FORCED;
    g_assert_cmphex(fm(p, CXL_OP_FM_DC_RELEASE, in, 32, out), ==, 0);
    g_assert_cmpuint(p.host->dev->dc_view.accepted.count, ==, 0);
    stop(p);
}

static void test_port_control(void)
{
    Pair p = start();

    for (unsigned port = 0; port < 256; port++) {
        for (unsigned action = 0; action < 256; action++) {
            uint8_t in[3] = { port, action };
            bool good = port < 3 && action < CXL_PORT_ACTIONS;

            resets = 0;
            g_assert_cmphex(command(p, CXL_OP_SWITCH_PORT_CONTROL, in, 2), ==,
                            good ? 0 : CXL_RC_INVALID_INPUT);
            g_assert_cmpuint(resets, ==, good);
            g_assert_true(cxl_switch_perst(p.sw, port) ==
                          (port < 3 && action == CXL_PORT_ASSERT_PERST));
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
    g_assert_cmphex(port_request(p, 4, 0, 0, false, &data), ==,
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
        g_assert_cmphex(port_request(p, 4, 0x18, be, true, &data), ==,
                        CXL_RC_INVALID_INPUT);
    }
    g_string_free(g_steal_pointer(&config_writes), true);
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
    g_assert_true(cxl_switch_load(b.sw, bytes->data, bytes->len, &problem));
    g_assert_true(cxl_switch_perst(b.sw, 2));
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
    g_test_add_func("/cxl/switch/ports", test_ports);
    g_test_add_func("/cxl/switch/tunnel", test_tunnel);
    g_test_add_func("/cxl/switch/logical-device-is-read-only",
                    test_logical_device_is_read_only);
    g_test_add_func("/cxl/switch/tunnel-refusals", test_tunnel_refusals);
    g_test_add_func("/cxl/switch/nested", test_nested);
    g_test_add_func("/cxl/switch/fm-dcd", test_fm_dcd);
    g_test_add_func("/cxl/switch/port-control", test_port_control);
    g_test_add_func("/cxl/switch/port-config", test_port_config);
    g_test_add_func("/cxl/switch/port-config-is-one-write",
                    test_port_config_is_one_write);
    g_test_add_func("/cxl/switch/save", test_save);
    return g_test_run();
}
