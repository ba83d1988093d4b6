/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registers as software sees them: masks, reset values, widths.
 */
#include "qemu/osdep.h"
#include "tests/unit/sdxi/fake-guest.h"

typedef struct Reg {
    uint64_t offset;
    uint64_t writable;      /* bits that read back as written */
    uint64_t clears;        /* bits that a written 1 clears */
} Reg;

static const Reg regs[] = {
    { R_CTL0, 0xffffffff0fffff14 },     /* without fn_gsr */
    { R_GRP_ENUM, 0, 2 },
    { R_CTL2, 0xfffffffffffff00f },
    { R_STS0, 0 },
    { R_CAP0, 0 },
    { R_CAP1, 0 },
    { R_VERSION, 0 },
    { R_CXT_L2, 0xfffffffffffff000 },
    { R_RKEY, 0xfffffffffffff01f },
    { R_ERR_CTL, 1 },
    { R_ERR_STS, 0, 0xb },
    { R_ERR_CFG, 0xfffffffffffff03f },
    { R_ERR_WRT, UINT64_MAX },
    { R_ERR_RD, UINT64_MAX },
};

static void test_version(void)
{
    FakeHost *g = guest_new(NULL);

    g_assert_cmphex(guest_rd(g, R_VERSION), ==, 0x10000);
    guest_free(g);
}

static void test_power_on(void)
{
    FakeHost *g = guest_new(NULL);

    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
    g_assert_cmphex(guest_rd(g, R_CTL2), ==,
                    guest_rd(g, R_CAP1) & 0xfffffffffffff00f);
    guest_activate(g);
    sdxi_device_reset(g->dev);
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
    for (unsigned i = 0; i < ARRAY_SIZE(regs); i++) {
        if (regs[i].writable && regs[i].offset != R_CTL2) {
            g_assert_cmphex(guest_rd(g, regs[i].offset), ==, 0);
        }
    }
    guest_free(g);
}

static void test_read_only(void)
{
    static const uint64_t ro[] = { R_STS0, R_CAP0, R_CAP1, R_VERSION };
    FakeHost *g = guest_new(NULL);

    for (unsigned i = 0; i < ARRAY_SIZE(ro); i++) {
        uint64_t before = guest_rd(g, ro[i]);
        unsigned ignored = g->traces[SDXI_TRACE_IGNORED];

        guest_wr(g, ro[i], ~before);
        g_assert_cmphex(guest_rd(g, ro[i]), ==, before);
        guest_wr(g, ro[i], 0);
        g_assert_cmphex(guest_rd(g, ro[i]), ==, before);
        g_assert_cmpuint(g->traces[SDXI_TRACE_IGNORED], >, ignored);
        g_assert_cmphex(g->last_trace[SDXI_TRACE_IGNORED][0], ==,
                        before ? ro[i] : R_STS0);
    }
    guest_free(g);
}

/* One register: all ones, all zeroes, and alternating bits. */
static void check_bits(uint64_t offset)
{
    static const uint64_t values[] = {
        UINT64_MAX, 0, 0x5555555555555555, 0xaaaaaaaaaaaaaaaa,
    };
    FakeHost *g = guest_new(NULL);
    const Reg *reg = regs;

    while (reg->offset != offset) {
        reg++;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(values); i++) {
        /* fn_gsr has tests of its own: keep it at RESET here */
        uint64_t value = offset == R_CTL0 ? values[i] & ~3ull : values[i];

        guest_wr(g, offset, value);
        g_assert_cmphex(guest_rd(g, offset), ==, value & reg->writable);
    }
    guest_free(g);
}

static void test_ctl0(void)
{
    FakeHost *g = guest_new(NULL);

    check_bits(R_CTL0);
    for (unsigned gsr = 0; gsr < 4; gsr++) {
        guest_wr(g, R_CTL0, gsr);
        g_assert_cmphex(guest_rd(g, R_CTL0), ==, gsr);
    }
    guest_free(g);
}

static void test_ctl2(void)
{
    check_bits(R_CTL2);
}

/* The twin: limits hold still while contexts rely on them. */
static void test_ctl2_active(void)
{
    FakeHost *g = guest_new(NULL);
    uint64_t before;

    guest_activate(g);
    before = guest_rd(g, R_CTL2);
    guest_wr(g, R_CTL2, 0);
    g_assert_cmphex(guest_rd(g, R_CTL2), ==, before);
    g_assert_cmphex(g->last_trace[SDXI_TRACE_IGNORED][0], ==, R_CTL2);
    guest_request(g, GSR_STOP_SF);
    guest_run(g);
    guest_wr(g, R_CTL2, 0);
    g_assert_cmphex(guest_rd(g, R_CTL2), ==, 0);
    guest_free(g);
}

static void test_cxt_l2(void)
{
    check_bits(R_CXT_L2);
}

static void test_rkey(void)
{
    check_bits(R_RKEY);
}

static void test_err_cfg(void)
{
    check_bits(R_ERR_CFG);
}

/* An error that sets sts, and err: the log lies nowhere. */
static void test_err_sts(void)
{
    FakeHost *g = guest_new(NULL);
    Dsc bad = { .dw = { 0x07000001 } };

    bad.dw[14] = 1;
    guest_activate(g);
    guest_wr(g, R_ERR_CFG, UINT64_C(0x7ff0000000) | 3);
    guest_do(g, 0, 0, bad);
    g_assert_cmphex(guest_rd(g, R_ERR_STS), ==, 0x9);
    guest_wr(g, R_ERR_STS, 0);
    g_assert_cmphex(guest_rd(g, R_ERR_STS), ==, 0x9);
    guest_wr(g, R_ERR_STS, 0x4);
    g_assert_cmphex(guest_rd(g, R_ERR_STS), ==, 0x9);
    guest_wr(g, R_ERR_STS, 0x1);
    g_assert_cmphex(guest_rd(g, R_ERR_STS), ==, 0x8);
    guest_wr(g, R_ERR_STS, 0xb);
    g_assert_cmphex(guest_rd(g, R_ERR_STS), ==, 0);
    guest_free(g);
}

static void test_err_indexes(void)
{
    check_bits(R_ERR_WRT);
    check_bits(R_ERR_RD);
}

/* The probe of the function group ends at once. */
static void test_grp_enum(void)
{
    FakeHost *g = guest_new(NULL);

    guest_wr(g, R_GRP_ENUM, 2);
    g_assert_cmphex(guest_rd(g, R_GRP_ENUM), ==, 0);
    g_assert_cmpuint(g->traces[SDXI_TRACE_IGNORED], ==, 0);
    guest_wr(g, R_GRP_ENUM, UINT64_MAX);
    g_assert_cmphex(guest_rd(g, R_GRP_ENUM), ==, 0);
    guest_free(g);
}

static bool is_register(uint64_t addr)
{
    for (unsigned i = 0; i < ARRAY_SIZE(regs); i++) {
        if (addr >= regs[i].offset && addr < regs[i].offset + 8) {
            return true;
        }
    }
    return false;
}

/* Every byte of the register space, and some beyond. */
static void test_holes(void)
{
    FakeHost *g = guest_new(NULL);

    for (uint64_t addr = 0; addr < SDXI_MMIO_BYTES + 64; addr++) {
        if (!is_register(addr)) {
            sdxi_device_write(g->dev, addr, 0xff, 1);
            g_assert_cmphex(sdxi_device_read(g->dev, addr, 1), ==, 0);
        }
    }
    for (unsigned size = 1; size <= 8; size++) {
        sdxi_device_write(g->dev, UINT64_MAX, UINT64_MAX, size);
        g_assert_cmphex(sdxi_device_read(g->dev, UINT64_MAX, size), ==, 0);
        sdxi_device_write(g->dev, UINT64_MAX - 7, UINT64_MAX, size);
        g_assert_cmphex(sdxi_device_read(g->dev, UINT64_MAX - 7, size), ==,
                        0);
    }
    g_assert_cmpuint(guest_gsv(g), ==, GSV_STOP);
    guest_free(g);
}

static void test_halves(void)
{
    FakeHost *g = guest_new(NULL);

    for (unsigned i = 0; i < ARRAY_SIZE(regs); i++) {
        const Reg *reg = &regs[i];
        uint64_t value = 0x123456789abcdef0 & ~3ull, whole;

        if (!reg->writable) {
            whole = guest_rd(g, reg->offset);
        } else {
            sdxi_device_write(g->dev, reg->offset, (uint32_t)value, 4);
            sdxi_device_write(g->dev, reg->offset + 4, value >> 32, 4);
            whole = value & reg->writable;
        }
        g_assert_cmphex(guest_rd(g, reg->offset), ==, whole);
        g_assert_cmphex(sdxi_device_read(g->dev, reg->offset, 4), ==,
                        (uint32_t)whole);
        g_assert_cmphex(sdxi_device_read(g->dev, reg->offset + 4, 4), ==,
                        whole >> 32);
    }
    guest_free(g);
}

/* Whatever the width and place, reads agree with reads byte by byte. */
static void test_any_width(void)
{
    static const uint64_t bases[] = { 0, 0xf8, 0x1f8, 0xfff8, 0x100f8,
                                      0x1fff8, 0x20018 };
    FakeHost *g = guest_new(NULL);

    guest_wr(g, R_CXT_L2, UINT64_MAX);
    guest_wr(g, R_RKEY, UINT64_MAX);
    guest_wr(g, R_ERR_WRT, 0x0123456789abcdef);
    for (unsigned b = 0; b < ARRAY_SIZE(bases); b++) {
        for (uint64_t addr = bases[b]; addr < bases[b] + 40; addr++) {
            for (unsigned size = 1; size <= 8; size++) {
                uint64_t want = 0;

                for (unsigned i = 0; i < size; i++) {
                    want |= sdxi_device_read(g->dev, addr + i, 1) << 8 * i;
                }
                g_assert_cmphex(sdxi_device_read(g->dev, addr, size), ==,
                                want);
            }
        }
    }
    guest_free(g);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sdxi/reg-01/version", test_version);
    g_test_add_func("/sdxi/reg-02/power-on-and-reset", test_power_on);
    g_test_add_func("/sdxi/reg-03/read-only", test_read_only);
    g_test_add_func("/sdxi/reg-04/ctl0", test_ctl0);
    g_test_add_func("/sdxi/reg-05/ctl2", test_ctl2);
    g_test_add_func("/sdxi/reg-05/not-while-active", test_ctl2_active);
    g_test_add_func("/sdxi/reg-06/cxt-l2", test_cxt_l2);
    g_test_add_func("/sdxi/reg-07/rkey", test_rkey);
    g_test_add_func("/sdxi/reg-08/err-cfg", test_err_cfg);
    g_test_add_func("/sdxi/reg-09/err-sts", test_err_sts);
    g_test_add_func("/sdxi/reg-10/err-indexes", test_err_indexes);
    g_test_add_func("/sdxi/reg-11/holes", test_holes);
    g_test_add_func("/sdxi/reg-13/halves", test_halves);
    g_test_add_func("/sdxi/regs/any-width", test_any_width);
    g_test_add_func("/sdxi/regs/grp-enum", test_grp_enum);
    return g_test_run();
}
