/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/cci/tunnel, 5300h: tunnels of any depth, what a manager may do through
 * them, and every way to get their sizes wrong.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/switch-fixture.h"

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
    g_assert_cmphex(lduw_le_p(out + 4), ==, 7);
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

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/cci/tunnel/tunnel", test_tunnel);
    g_test_add_func("/cxl/cci/tunnel/logical-device-is-read-only",
                    test_logical_device_is_read_only);
    g_test_add_func("/cxl/cci/tunnel/refusals", test_tunnel_refusals);
    g_test_add_func("/cxl/cci/tunnel/nested", test_nested);
    g_test_add_func("/cxl/cci/tunnel/fm-dcd", test_fm_dcd);
    return g_test_run();
}
