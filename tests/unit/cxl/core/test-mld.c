/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/mld: the way through the FM-owned logical device to the logical
 * devices, which come and leave.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/mld-fixture.h"

/* To the one that is there, and to no other */
static void test_tunnel(void)
{
    Mld *m = begin();
    uint8_t in[64];

    for (unsigned id = 0; id < 256; id++) {
        uint32_t len = put_tunnel(in, id, CXL_OP_IDENTIFY, NULL, 0);

        g_assert_cmphex(ask(m, CXL_OP_TUNNEL, in, len), ==,
                        id == 2 ? CXL_RC_SUCCESS : CXL_RC_INVALID_INPUT);
        if (id == 2) {
            g_assert_cmpuint(m->out_len, ==, 4 + 12 + 0x45);
        }
    }
    cxl_mld_set(m->mld, 2, NULL, 0, 0);
    g_assert_cmphex(ask(m, CXL_OP_TUNNEL, in,
                        put_tunnel(in, 2, CXL_OP_IDENTIFY, NULL, 0)), ==,
                    CXL_RC_INVALID_INPUT);
    finish(m);
}

/* One that is there, and whose interface is elsewhere */
static void test_elsewhere(void)
{
    Mld *m = begin();
    uint8_t in[64];

    cxl_mld_set(m->mld, 1, NULL, 0, 256 * MiB);
    g_assert_cmphex(m->mld->ld[1].range[1], ==, 256 * MiB);
    g_assert_cmphex(ask(m, CXL_OP_TUNNEL, in,
                        put_tunnel(in, 1, CXL_OP_IDENTIFY, NULL, 0)), ==,
                    CXL_RC_INVALID_INPUT);
    cxl_mld_set(m->mld, 1, NULL, 0, 0);
    g_assert_cmphex(m->mld->ld[1].range[1], ==, 0);
    finish(m);
}

static void expect_wrong(Mld *m, const CxlMld *good, const char *what)
{
    g_assert_cmpstr(cxl_mld_check(m->mld), ==, what);
    *m->mld = *good;
}

static void test_checker(void)
{
    Mld *m = begin();
    CxlMld good = *m->mld;

    m->mld->lds = 0;
    expect_wrong(m, &good, "number of logical devices");
    m->mld->lds = CXL_MLD_LDS + 1;
    expect_wrong(m, &good, "number of logical devices");
    m->mld->qos.severe = 101;
    expect_wrong(m, &good, "quality of service");
    m->mld->ld[1].range[0] = CXL_MLD_UNIT + 1;
    expect_wrong(m, &good, "capacity of a logical device");
    m->mld->ld[LDS].range[1] = CXL_MLD_UNIT;
    expect_wrong(m, &good, "logical device that is not there");
    m->mld->capacity = CXL_MLD_UNIT;
    expect_wrong(m, &good, "capacity of all logical devices");
    finish(m);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/mld/tunnel", test_tunnel);
    g_test_add_func("/cxl/mld/elsewhere", test_elsewhere);
    g_test_add_func("/cxl/mld/checker", test_checker);
    return g_test_run();
}
