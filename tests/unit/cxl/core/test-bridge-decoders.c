/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/bridge-decoders: what each register does when it is written, and
 * which of them route.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/core/bridge-decoders.h"

#define LEN CXL_HDM_LEN(CXL_HDM_DEVICE_MAX)
#define BASE (16 * GiB)

static void write_reg(uint8_t *regs, unsigned offset, uint32_t value)
{
    g_assert_cmpint(cxl_bridge_decoders_write(regs, offset, value), ==,
                    CXL_BRIDGE_WRITTEN);
}

static void expect_reg(const uint8_t *regs, unsigned offset, uint32_t value)
{
    g_assert_cmphex((uint32_t)ldl_le_p(regs + offset), ==, value);
}

/* Only control registers are anything but memory. */
static void test_write(void)
{
    uint8_t regs[LEN + 4] = { };

    for (unsigned at = 0; at < LEN; at += 4) {
        bool ctrl = at >= CXL_HDM_CTRL(0) && at % CXL_HDM_STRIDE == 0;

        write_reg(regs, at, ~(uint32_t)CXL_HDM_CTRL_LOCK);
        expect_reg(regs, at, ~(uint32_t)(ctrl ? CXL_HDM_CTRL_LOCK |
                                                CXL_HDM_CTRL_ERROR
                                              : CXL_HDM_CTRL_LOCK));
        write_reg(regs, at, CXL_HDM_CTRL_COMMITTED);
        expect_reg(regs, at, ctrl ? 0 : CXL_HDM_CTRL_COMMITTED);
    }
    for (unsigned at = LEN; at < 4 * LEN; at += 4) {
        g_assert_cmpint(cxl_bridge_decoders_write(regs, at, 1), ==,
                        CXL_BRIDGE_OTHER);
    }
    g_assert_cmpint(cxl_bridge_decoders_write(regs, (uint64_t)-4, 1), ==,
                    CXL_BRIDGE_OTHER);
    expect_reg(regs, LEN, 0);
}

/* Nothing of it changes, and everything of its neighbours does. */
static void test_locked(void)
{
    uint8_t regs[LEN] = { };
    uint32_t lock = CXL_HDM_CTRL_LOCK | CXL_HDM_CTRL_COMMIT;

    write_reg(regs, CXL_HDM_CTRL(1), lock);
    expect_reg(regs, CXL_HDM_CTRL(1), lock | CXL_HDM_CTRL_COMMITTED);
    for (unsigned at = CXL_HDM_BASE_LO(0); at < LEN; at += 4) {
        bool its = at >= CXL_HDM_BASE_LO(1) && at < CXL_HDM_BASE_LO(2);

        g_assert_cmpint(cxl_bridge_decoders_write(regs, at, 0x10), ==,
                        its ? CXL_BRIDGE_LOCKED : CXL_BRIDGE_WRITTEN);
        if (at != CXL_HDM_CTRL(1)) {
            expect_reg(regs, at, its ? 0 : 0x10);
        }
    }
    expect_reg(regs, CXL_HDM_CTRL(1), lock | CXL_HDM_CTRL_COMMITTED);
}

static void set_decoder(uint8_t *regs, unsigned n, uint32_t ctrl)
{
    uint64_t base = BASE + n * GiB;

    write_reg(regs, CXL_HDM_BASE_LO(n), base | 0xfff);
    write_reg(regs, CXL_HDM_BASE_HI(n), base >> 32);
    write_reg(regs, CXL_HDM_SIZE_LO(n), GiB | 0xfff);
    write_reg(regs, CXL_HDM_SIZE_HI(n), n);
    write_reg(regs, CXL_HDM_TARGET_LO(n), 0x04030201);
    write_reg(regs, CXL_HDM_TARGET_HI(n), 0x08070605);
    write_reg(regs, CXL_HDM_CTRL(n), ctrl);
}

static void routes(const CxlRouteDecoder *d, unsigned n)
{
    g_assert_nonnull(d);
    g_assert_cmphex(d->base, ==, BASE + n * GiB);
    g_assert_cmphex(d->size, ==, GiB + ((uint64_t)n << 32));
    g_assert_cmpuint(d->ig, ==, 2);
    g_assert_cmpuint(d->iw, ==, 1);
    for (unsigned i = 0; i < CXL_HDM_TARGET_MAX; i++) {
        g_assert_cmpuint(d->target[i], ==, i + 1);
    }
}

static void test_route(void)
{
    uint8_t regs[LEN] = { };
    uint32_t ctrl = 2 | CXL_HDM_CTRL_IW(1);
    CxlRouteTree *tree = cxl_route_tree_new();
    CxlRouteNode *bridge = cxl_route_add_bridge(tree, false, NULL);

    /* Of four decoders two are committed; a fifth is none. */
    write_reg(regs, CXL_HDM_CAP, CXL_HDM_CAP_COUNT(2));
    set_decoder(regs, 0, ctrl | CXL_HDM_CTRL_COMMIT);
    set_decoder(regs, 1, ctrl);
    set_decoder(regs, 3, ctrl | CXL_HDM_CTRL_COMMIT);
    set_decoder(regs, 4, ctrl | CXL_HDM_CTRL_COMMIT);
    cxl_bridge_decoders_route(regs, bridge);
    routes(cxl_route_decoder(bridge, 0), 0);
    routes(cxl_route_decoder(bridge, 1), 3);
    g_assert_null(cxl_route_decoder(bridge, 2));
    cxl_route_tree_free(tree);
}

/* As many as the code says, or none that the registers have no room for */
static void test_count(void)
{
    static const uint8_t count[16] = { 1, 2, 4, 6, 8, 10 };

    for (unsigned code = 0; code < 16; code++) {
        uint8_t regs[LEN] = { };
        CxlRouteTree *tree = cxl_route_tree_new();
        CxlRouteNode *bridge = cxl_route_add_bridge(tree, false, NULL);

        write_reg(regs, CXL_HDM_CAP, CXL_HDM_CAP_COUNT(code));
        for (unsigned n = 0; n < CXL_HDM_DEVICE_MAX; n++) {
            set_decoder(regs, n, 2 | CXL_HDM_CTRL_IW(1) | CXL_HDM_CTRL_COMMIT);
        }
        cxl_bridge_decoders_route(regs, bridge);
        for (unsigned n = 0; n < CXL_HDM_DEVICE_MAX + 1; n++) {
            g_assert_cmpint(cxl_route_decoder(bridge, n) != NULL, ==,
                            n < count[code]);
        }
        cxl_route_tree_free(tree);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/bridge-decoders/write", test_write);
    g_test_add_func("/cxl/bridge-decoders/locked", test_locked);
    g_test_add_func("/cxl/bridge-decoders/route", test_route);
    g_test_add_func("/cxl/bridge-decoders/count", test_count);
    return g_test_run();
}
