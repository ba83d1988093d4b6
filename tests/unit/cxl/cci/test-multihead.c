/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/cci/multihead: heads and the logical device behind each.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/fabric-fixture.h"
#include "tests/unit/cxl/small-room.h"

static CxlRc ask(World *w, uint16_t opcode, uint8_t start, uint8_t count,
                 uint8_t *out, uint32_t *len)
{
    const uint8_t in[] = { start, count };

    return manage(w, opcode, in, sizeof(in), out, len);
}

static void test_info(void)
{
    static const uint8_t want[] = { 3, 3, 0, 0, 1, 2, 0, 0, 1, 2 };
    World *w = world_new();
    uint8_t out[512];
    uint32_t len;

    g_assert_cmphex(ask(w, CXL_OP_MULTIHEAD_INFO, 1, 9, out, &len), ==, 0);
    g_assert_cmpmem(out, len, want, sizeof(want));
    g_assert_cmphex(ask(w, CXL_OP_MULTIHEAD_INFO, 3, 1, out, &len), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(ask(w, CXL_OP_MULTIHEAD_INFO, 0, 0, out, &len), ==,
                    CXL_RC_INVALID_INPUT);
    world_free(w);
}

/* A link is up while a host is attached to the head. */
static void test_heads(void)
{
    static const uint8_t want[] = {
        2, 0, 0, 0, 1, 16, 0, 0x3f, 6, 0, 0, 0, 0,
        2, 16, 16, 0x3f, 6, 6, 4, 0, 0,
    };
    World *w = world_new();
    uint8_t out[512];
    uint32_t len;

    guest_attaches(w, 0, 2, 0);
    guest_reads(w, &w->guest[0]);
    g_assert_cmphex(ask(w, CXL_OP_HEAD_INFO, 1, 2, out, &len), ==, 0);
    g_assert_cmpmem(out, len, want, sizeof(want));
    g_assert_cmphex(ask(w, CXL_OP_HEAD_INFO, 1, 3, out, &len), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(ask(w, CXL_OP_HEAD_INFO, 0, 0, out, &len), ==,
                    CXL_RC_INVALID_INPUT);
    world_free(w);
}

/* As many heads as there may be, and no limit below what a manager can set */
static void test_limit(void)
{
    World *w = world_new();
    uint8_t out[512];
    uint32_t len;

    cxl_fabric_free(w->fabric);
    w->cfg.hosts = CXL_FABRIC_HOSTS;
    world_open(w);
    g_assert_cmphex(ask(w, CXL_OP_HEAD_INFO, 0, CXL_FABRIC_HOSTS, out, &len),
                    ==, 0);
    g_assert_cmpuint(len, ==, 4 + CXL_FABRIC_HOSTS * 9);
    g_assert_cmphex(manage(w, CXL_OP_IS_SET_LIMIT, "\x8", 1, NULL, NULL), ==,
                    0);
    g_assert_cmphex(ask(w, CXL_OP_HEAD_INFO, 1, 28, out, &len), ==, 0);
    g_assert_cmpuint(len, ==, 256);
    g_assert_cmphex(ask(w, CXL_OP_HEAD_INFO, 1, 29, out, &len), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(ask(w, CXL_OP_MULTIHEAD_INFO, 0, CXL_FABRIC_HOSTS, out,
                        &len), ==, 0);
    world_free(w);
}

static void test_small_room(void)
{
    World *w = world_new();

    small_room_of_all(&w->fabric->cci);
    world_free(w);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/cci/multihead/info", test_info);
    g_test_add_func("/cxl/cci/multihead/heads", test_heads);
    g_test_add_func("/cxl/cci/multihead/limit", test_limit);
    g_test_add_func("/cxl/cci/multihead/small-room", test_small_room);
    return g_test_run();
}
