/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/cci/vcs, 52xxh: what the manager may ask for, and every length.  How a
 * binding changes is test-binding's.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/binding-fixture.h"

static void test_info(void)
{
    Pair p = start();
    uint8_t in[] = { 0, 255, 3, 1, 0, 9 }, out[2048];

    g_assert_cmphex(command(p, CXL_OP_VCS_INFO, in, sizeof(in)), ==, 0);
    g_assert_cmpuint(reply(p, out), ==,
                     4 + 3 * 4 + 4 * (VPPBS(0) + VPPBS(1)));
    g_assert_cmpuint(out[0], ==, 3);
    g_assert_cmpuint(out[4], ==, 1);
    g_assert_cmpuint(out[5], ==, CXL_VCS_ENABLED);
    g_assert_cmpuint(out[6], ==, USP(1));
    g_assert_cmpuint(out[7], ==, VPPBS(1));
    g_assert_cmpuint(out[8], ==, CXL_VPPB_PORT);
    g_assert_cmpuint(out[8 + 4 * VPPBS(1)], ==, 0);
    g_assert_cmpuint(out[8 + 4 * VPPBS(1) + 4 + 16], ==, CXL_VPPB_PORT);
    g_assert_cmpuint(out[8 + 4 * VPPBS(1) + 4 + 17], ==, PORT);
    g_assert_cmpuint(out[8 + 4 * VPPBS(1) + 4 + 18], ==, CXL_VPPB_NO_LD);
    g_assert_cmpuint(out[12 + 4 * (VPPBS(0) + VPPBS(1))], ==, 9);
    g_assert_cmpuint(out[13 + 4 * (VPPBS(0) + VPPBS(1))], ==,
                     CXL_VCS_INVALID);
    /* From beyond the last: the count only */
    in[0] = 200;
    g_assert_cmphex(command(p, CXL_OP_VCS_INFO, in, sizeof(in)), ==, 0);
    g_assert_cmpuint(reply(p, out), ==, 4 + 3 * 4);
    /* A host that is not there */
    p.is->no_host = true;
    g_assert_cmphex(command(p, CXL_OP_VCS_INFO, in, sizeof(in)), ==, 0);
    reply(p, out);
    g_assert_cmpuint(out[5], ==, CXL_VCS_DISABLED);
    g_assert_cmpuint(out[7], ==, 0);
    stop(p);
}

static void test_info_refusals(void)
{
    Pair p = start();
    uint8_t in[258] = { 0, 255, 1, 0 }, limit = 8;

    for (unsigned len = 0; len < sizeof(in); len++) {
        g_assert_cmphex(command(p, CXL_OP_VCS_INFO, in, len), ==,
                        len == 4 ? 0 : CXL_RC_PAYLOAD_LENGTH);
    }
    in[1] = 0;
    g_assert_cmphex(command(p, CXL_OP_VCS_INFO, in, 4), ==,
                    CXL_RC_INVALID_INPUT);
    in[1] = 1;
    in[2] = 0;
    g_assert_cmphex(command(p, CXL_OP_VCS_INFO, in, 3), ==,
                    CXL_RC_INVALID_INPUT);
    /* More than the answer has room for */
    in[2] = 255;
    in[1] = 255;
    g_assert_cmphex(command(p, CXL_OP_IS_SET_LIMIT, &limit, 1), ==, 0);
    g_assert_cmphex(command(p, CXL_OP_VCS_INFO, in, 258), ==,
                    CXL_RC_INVALID_INPUT);
    stop(p);
}

static void test_refusals(void)
{
    Pair p = start();
    const CxlRc bad = CXL_RC_INVALID_INPUT;

    /* Not there: virtual switch, bridge, port; an upstream port or bridge */
    g_assert_cmphex(bind_to(p, 2, 1, 0, 0xffff), ==, bad);
    g_assert_cmphex(bind_to(p, 255, 255, 255, 0xffff), ==, bad);
    g_assert_cmphex(bind_to(p, 1, 3, 0, 0xffff), ==, bad);
    g_assert_cmphex(bind_to(p, 1, 0, 0, 0xffff), ==, bad);
    g_assert_cmphex(bind_to(p, 1, 1, 5, 0xffff), ==, bad);
    g_assert_cmphex(bind_to(p, 1, 1, USP(0), 0xffff), ==, bad);
    /* A logical device where there are none, none where there are */
    g_assert_cmphex(bind_to(p, 1, 1, 0, 0), ==, bad);
    g_assert_cmphex(bind_to(p, 1, 1, MLD, MLD_LDS), ==, bad);
    g_assert_cmphex(bind_to(p, 1, 1, MLD, 0xffff), ==, bad);
    /* Bound already: the device, or the bridge */
    g_assert_cmphex(bind_to(p, 1, 1, PORT, 0xffff), ==, bad);
    g_assert_cmphex(bind_to(p, 0, 4, 0, 0xffff), ==, bad);
    g_assert_cmphex(let_go(p, 1, 1, 0), ==, bad);
    g_assert_cmphex(let_go(p, 0, 0, 0), ==, bad);
    g_assert_cmphex(let_go(p, 0, 4, CXL_UNBIND_OPTIONS), ==, bad);
    g_assert_cmphex(let_go(p, 0, 4, 0x10), ==, bad);
    p.is->refuses = true;
    g_assert_cmphex(bind_to(p, 1, 1, 0, 0xffff), ==, bad);
    g_assert_cmpuint(p.is->binds + p.is->unbinds, ==, 0);
    for (unsigned len = 0; len < 16; len++) {
        g_assert_cmphex(command(p, CXL_OP_VCS_BIND, "\2\1\0\0\0\0\0\0\0\0\0\0"
                                "\0\0\0", len), ==,
                        len == 6 ? bad : CXL_RC_PAYLOAD_LENGTH);
        g_assert_cmphex(command(p, CXL_OP_VCS_UNBIND, "\2\1\0\0\0\0\0\0\0\0\0"
                                "\0\0\0\0", len), ==,
                        len == 3 ? bad : CXL_RC_PAYLOAD_LENGTH);
    }
    stop(p);
}

/* The host hears of @bit of @vppb next, with that header. */
static void next_error(Pair p, uint8_t vppb, unsigned bit, bool uncorrectable,
                       uint32_t header)
{
    CxlAerError e;

    g_assert_true(cxl_switch_next_error(p.sw, &e));
    g_assert_cmpuint(e.vcs, ==, 1);
    g_assert_cmpuint(e.vppb, ==, vppb);
    g_assert_cmpuint(e.bit, ==, bit);
    g_assert_cmpint(e.uncorrectable, ==, uncorrectable);
    g_assert_cmphex(e.header[0], ==, 0);
    g_assert_cmphex(e.header[3], ==, header);
}

static void test_aer(void)
{
    Pair p = start();
    CxlAerIn in = { .vcs = 1, .vppb = 0, .error = cpu_to_le32(12) };
    CxlAerError e;

    in.header[15] = 31;
    for (unsigned len = 0; len < 2 * sizeof(in); len++) {
        uint8_t raw[2 * sizeof(in)] = { 0 };

        memcpy(raw, &in, sizeof(in));
        g_assert_cmphex(command(p, CXL_OP_VCS_AER, raw, len), ==,
                        len == sizeof(in) ? 0 : CXL_RC_PAYLOAD_LENGTH);
    }
    in.error = cpu_to_le32(CXL_AER_UNCORRECTABLE | 12);
    g_assert_cmphex(command(p, CXL_OP_VCS_AER, &in, sizeof(in)), ==, 0);
    g_assert_cmpuint(p.is->aers, ==, 2);
    next_error(p, 0, 12, false, 31);
    next_error(p, 0, 12, true, 31);
    for (unsigned bit = 5; bit < 31; bit++) {
        in.error = cpu_to_le32(1u << bit | 12);
        g_assert_cmphex(command(p, CXL_OP_VCS_AER, &in, sizeof(in)), ==,
                        CXL_RC_INVALID_INPUT);
    }
    in.error = cpu_to_le32(12);
    in.vppb = VPPBS(1);
    g_assert_cmphex(command(p, CXL_OP_VCS_AER, &in, sizeof(in)), ==,
                    CXL_RC_INVALID_INPUT);
    in.vppb = 1;
    in.error = cpu_to_le32(3);
    g_assert_cmphex(command(p, CXL_OP_VCS_AER, &in, sizeof(in)), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmpuint(p.is->aers, ==, 2);
    g_assert_false(cxl_switch_next_error(p.sw, &e));
    stop(p);
}

static uint16_t raise_error(Pair p, unsigned bit)
{
    CxlAerIn in = { .vcs = 1, .vppb = 1, .error = cpu_to_le32(bit) };

    in.header[15] = bit;
    return command(p, CXL_OP_VCS_AER, &in, sizeof(in));
}

/*
 * Several at once: in the order of the manager, as many as there is room for;
 * saved, and forgotten by a reset.
 */
static void test_aer_order(void)
{
    Pair p = start();
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *problem = NULL;
    CxlAerError e;

    for (unsigned i = 0; i < CXL_AER_QUEUE_MAX; i++) {
        g_assert_cmphex(raise_error(p, 12 + i), ==, 0);
    }
    g_assert_cmphex(raise_error(p, 12), ==, CXL_RC_INVALID_INPUT);
    next_error(p, 1, 12, false, 12);
    g_assert_cmphex(raise_error(p, 30), ==, 0);
    cxl_switch_save(p.sw, bytes);
    cxl_switch_reset(p.sw);
    g_assert_false(cxl_switch_next_error(p.sw, &e));
    g_assert_true(cxl_switch_load(p.sw, bytes->data, bytes->len, &problem));
    for (unsigned i = 1; i < CXL_AER_QUEUE_MAX; i++) {
        next_error(p, 1, 12 + i, false, 12 + i);
    }
    next_error(p, 1, 30, false, 30);
    g_assert_false(cxl_switch_next_error(p.sw, &e));
    stop(p);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/cci/vcs/info", test_info);
    g_test_add_func("/cxl/cci/vcs/info-refusals", test_info_refusals);
    g_test_add_func("/cxl/cci/vcs/refusals", test_refusals);
    g_test_add_func("/cxl/cci/vcs/aer", test_aer);
    g_test_add_func("/cxl/cci/vcs/aer-order", test_aer_order);
    return g_test_run();
}
