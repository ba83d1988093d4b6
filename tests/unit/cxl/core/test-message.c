/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/message: what is no request, lengths that lie, and the answer's
 * header.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/message.h"
#include "tests/unit/cxl/fake-host.h"

static bool run(FakeHost *h, const void *in, uint32_t len, uint8_t *out,
                uint32_t *out_len)
{
    return cxl_message_execute(cxl_memdev_fm_cci(h->dev), in, len, out, 1024,
                               out_len);
}

static void test_answer(void)
{
    FakeHost *h = fake_host_default();
    CxlMessageHeader in = { .tag = 7, .command = 1 };
    uint8_t out[1024];
    uint32_t len;

    g_assert_true(run(h, &in, sizeof(in), out, &len));
    g_assert_cmpuint(len, ==, 12 + 0x12);
    g_assert_cmpuint(out[0], ==, CXL_MESSAGE_RESPONSE);
    g_assert_cmpuint(out[1], ==, 7);
    g_assert_cmpuint(out[5], ==, 0x12);
    g_assert_cmpuint(lduw_le_p(out + 8), ==, CXL_RC_SUCCESS);
    in.command_set = 0x77;
    g_assert_true(run(h, &in, sizeof(in), out, &len));
    g_assert_cmpuint(len, ==, 12);
    g_assert_cmpuint(lduw_le_p(out + 8), ==, CXL_RC_UNSUPPORTED);
    fake_host_free(h);
}

static void test_refusals(void)
{
    FakeHost *h = fake_host_default();
    uint8_t in[64] = { 0 }, out[1024];
    uint32_t len;

    in[3] = 1;
    for (uint32_t n = 0; n < 12; n++) {
        g_assert_false(run(h, in, n, out, &len));
    }
    g_assert_false(run(h, in, 13, out, &len));
    in[5] = 1;
    g_assert_false(run(h, in, 12, out, &len));
    g_assert_true(run(h, in, 13, out, &len));
    g_assert_cmpuint(lduw_le_p(out + 8), ==, CXL_RC_PAYLOAD_LENGTH);
    in[0] = CXL_MESSAGE_RESPONSE;
    g_assert_false(run(h, in, 13, out, &len));
    fake_host_free(h);
}

/* A small limit cuts the answer, not the memory behind it. */
static void test_limit(void)
{
    FakeHost *h = fake_host_default();
    uint8_t in[13] = { 0 }, out[1024];
    uint32_t len;

    in[3] = 4; /* set response limit */
    in[5] = 1;
    in[12] = 8;
    g_assert_true(run(h, in, 13, out, &len));
    g_assert_cmpuint(lduw_le_p(out + 8), ==, CXL_RC_SUCCESS);
    g_assert_cmpuint(out[12], ==, 8);
    g_assert_cmpuint(h->dev->fm_cci.response_limit, ==, 8);
    fake_host_free(h);
}

static void put(CxlMessageHeader *h, uint16_t opcode, uint32_t len)
{
    *h = (CxlMessageHeader) {
        .command = opcode & 0xff, .command_set = opcode >> 8,
        .length = { len, len >> 8, len >> 16 },
    };
}

static const uint8_t *look(const void *message, uint32_t *len)
{
    uint8_t id = 0xff;
    const uint8_t *inner = cxl_message_tunnelled(message, len, &id);

    g_assert_cmphex(id, ==, inner ? 0x42 : 0xff);
    return inner;
}

/* What is tunnelled is so exactly where the executor would pass it on. */
static void test_tunnelled(void)
{
    struct QEMU_PACKED {
        CxlMessageHeader outer;
        CxlTunnelIn in;
        uint8_t payload[5];
    } good, m;
    uint32_t len = sizeof(good);

    memset(&good, 0, sizeof(good));
    put(&good.outer, CXL_OP_TUNNEL, sizeof(good) - sizeof(good.outer));
    good.in.id = 0x42;
    stw_le_p(&good.in.size, sizeof(good.in.message) + sizeof(good.payload));
    put(&good.in.message, 0x1234, sizeof(good.payload));
    g_assert_true(look(&good, &len) == (uint8_t *)&good.in.message);
    g_assert_cmpuint(len, ==, sizeof(good.in.message) + sizeof(good.payload));
    g_assert_cmphex(cxl_message_opcode(&good.in.message), ==, 0x1234);
    for (uint32_t n = 0; n < sizeof(good); n++) {
        m = good;
        len = n;
        g_assert_null(look(&m, &len));
        g_assert_cmpuint(len, ==, n);
    }
    len = sizeof(m);
    m = good;
    m.outer.category = CXL_MESSAGE_RESPONSE;
    g_assert_null(look(&m, &len));
    m = good;
    m.outer.command++;
    g_assert_null(look(&m, &len));
    m = good;
    m.outer.length[0]++;
    g_assert_null(look(&m, &len));
    m = good;
    m.in.target = CXL_TUNNEL_PORT_OR_LD + 1;
    g_assert_null(look(&m, &len));
    m = good;
    stw_le_p(&m.in.size, 1);
    g_assert_null(look(&m, &len));
    /* There is no whole header in it. */
    m = good;
    len = sizeof(m) - sizeof(m.payload) - 1;
    put(&m.outer, CXL_OP_TUNNEL, len - sizeof(m.outer));
    stw_le_p(&m.in.size, sizeof(m.in.message) - 1);
    g_assert_null(look(&m, &len));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/message/answer", test_answer);
    g_test_add_func("/cxl/message/refusals", test_refusals);
    g_test_add_func("/cxl/message/limit", test_limit);
    g_test_add_func("/cxl/message/tunnelled", test_tunnelled);
    return g_test_run();
}
