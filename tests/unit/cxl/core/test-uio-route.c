/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of unordered I/O at a switch: decoders that are matched, targets
 * that take it, and each reason why it is refused.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/core/bridge-decoders.h"
#include "hw/cxl/core/uio-route.h"

#define BASE 0x400000000ull
#define U    (256 * MiB)

static uint8_t regs[CXL_HDM_LEN(CXL_HDM_DEVICE_MAX)];
static uint32_t mask[sizeof(regs) / 4];

static void bridge(void)
{
    memset(regs, 0, sizeof(regs));
    memset(mask, 0, sizeof(mask));
    stl_le_p(regs + CXL_HDM_CAP, CXL_HDM_CAP_COUNT(2)); /* four */
    cxl_uio_bridge_init(regs, mask + CXL_HDM_CTRL(0) / 4);
}

static void commit(unsigned n, uint32_t ctrl, uint64_t size)
{
    cxl_bridge_decoders_write(regs, CXL_HDM_BASE_LO(n), (uint32_t)BASE);
    cxl_bridge_decoders_write(regs, CXL_HDM_BASE_HI(n), BASE >> 32);
    cxl_bridge_decoders_write(regs, CXL_HDM_SIZE_LO(n), size);
    cxl_bridge_decoders_write(regs, CXL_HDM_SIZE_HI(n), size >> 32);
    cxl_bridge_decoders_write(regs, CXL_HDM_TARGET_LO(n), 0x0907);
    cxl_bridge_decoders_write(regs, CXL_HDM_CTRL(n), ctrl);
}

static void test_capability(void)
{
    bridge();
    g_assert_cmphex(ldl_le_p(regs + CXL_HDM_CAP), ==, 0x00042002);
    for (unsigned i = 0; i < ARRAY_SIZE(mask); i++) {
        unsigned n = (4 * i - CXL_HDM_CTRL(0)) / CXL_HDM_STRIDE;
        bool ctrl = n < 4 && 4 * i == CXL_HDM_CTRL(n);

        g_assert_cmphex(mask[i], ==, ctrl ? 0x0fff4000 : 0);
    }
    /* Once more changes nothing. */
    cxl_uio_bridge_init(regs, mask + CXL_HDM_CTRL(0) / 4);
    g_assert_cmphex(ldl_le_p(regs + CXL_HDM_CAP), ==, 0x00042002);
}

static void test_decoder(void)
{
    CxlUioDecoder d;

    bridge();
    g_assert_false(cxl_uio_bridge_decoder(regs, 0, &d));
    commit(0, CXL_HDM_CTRL_COMMIT, 2 * U);
    g_assert_false(cxl_uio_bridge_decoder(regs, 0, &d));
    commit(0, CXL_HDM_CTRL_UIO, 2 * U);
    g_assert_false(cxl_uio_bridge_decoder(regs, 0, &d));
    commit(0, CXL_HDM_CTRL_UIO | CXL_HDM_CTRL_COMMIT | CXL_HDM_CTRL_IW(1),
           2 * U);
    g_assert_true(cxl_uio_bridge_decoder(regs, 0, &d));
    g_assert_cmphex(d.base, ==, BASE);
    g_assert_cmphex(d.size, ==, 2 * U);
    g_assert_cmpuint(d.ways, ==, 2);
    g_assert_cmpuint(d.target[0], ==, 7);
    g_assert_cmpuint(d.target[1], ==, 9);
    g_assert_false(d.shared);
    commit(1, CXL_HDM_CTRL_UIO | CXL_HDM_CTRL_COMMIT | 0x00100000, 2 * U);
    g_assert_true(cxl_uio_bridge_decoder(regs, 1, &d));
    g_assert_true(d.shared);
    /* What has no size, no code, or is not there */
    commit(2, CXL_HDM_CTRL_UIO | CXL_HDM_CTRL_COMMIT, 0);
    g_assert_false(cxl_uio_bridge_decoder(regs, 2, &d));
    commit(3, CXL_HDM_CTRL_UIO | CXL_HDM_CTRL_COMMIT | CXL_HDM_CTRL_IW(15), U);
    g_assert_false(cxl_uio_bridge_decoder(regs, 3, &d));
    commit(3, CXL_HDM_CTRL_UIO | CXL_HDM_CTRL_COMMIT | CXL_HDM_CTRL_IW(4), U);
    g_assert_false(cxl_uio_bridge_decoder(regs, 3, &d));
    commit(4, CXL_HDM_CTRL_UIO | CXL_HDM_CTRL_COMMIT, U);
    g_assert_false(cxl_uio_bridge_decoder(regs, 4, &d));
}

/* --- devices -------------------------------------------------------------- */

static void changed(void *opaque G_GNUC_UNUSED, int decoder G_GNUC_UNUSED,
                    bool committed G_GNUC_UNUSED)
{
}

static const CxlHdmOps ops = { .changed = changed };

/* Position @isp of two ways of BASE to BASE + 2 U */
static uint32_t device(CxlHdm *hdm, uint32_t isp, uint32_t bits)
{
    static const CxlHdmArea area = { 0, 4 * U };
    const CxlHdmConfig config = { .decoders = 4, .uio_decoders = 4 };

    cxl_hdm_init(hdm, &config, &ops, NULL);
    cxl_hdm_set_areas(hdm, &area, 1);
    cxl_hdm_write(hdm, CXL_HDM_BASE_LO(0), BASE, 8);
    cxl_hdm_write(hdm, CXL_HDM_SIZE_LO(0), 2 * U, 8);
    cxl_hdm_write(hdm, CXL_HDM_CTRL(0), CXL_HDM_CTRL_COMMIT |
                  CXL_HDM_CTRL_IW(1) | isp << 24 | bits, 4);
    return cxl_hdm_read(hdm, CXL_HDM_CTRL(0), 4);
}

static void test_device(void)
{
    CxlUioDecoder d = { .base = BASE, .size = 2 * U, .ways = 2 };
    CxlHdm hdm;

    /* All can: there is no count. */
    g_assert_true(device(&hdm, 1, CXL_HDM_CTRL_UIO) & CXL_HDM_CTRL_COMMITTED);
    g_assert_cmphex(cxl_hdm_read(&hdm, CXL_HDM_CAP, 4) & 0x000f2000, ==,
                    0x2000);
    g_assert_true(cxl_uio_device_takes(&hdm, &d, 1));
    g_assert_false(cxl_uio_device_takes(&hdm, &d, 0));
    d.ways = 1;
    g_assert_false(cxl_uio_device_takes(&hdm, &d, 1));
    d.ways = 2;
    d.size = 3 * U;
    g_assert_false(cxl_uio_device_takes(&hdm, &d, 1));
    d.size = 2 * U;
    d.base -= U;
    g_assert_false(cxl_uio_device_takes(&hdm, &d, 1));
    d.base += 2 * U;
    g_assert_false(cxl_uio_device_takes(&hdm, &d, 1));
    d.size = U;
    g_assert_true(cxl_uio_device_takes(&hdm, &d, 1));

    g_assert_true(device(&hdm, 1, 0) & CXL_HDM_CTRL_COMMITTED);
    g_assert_false(cxl_uio_device_takes(&hdm, &d, 1));
    g_assert_true(device(&hdm, 2, CXL_HDM_CTRL_UIO) & CXL_HDM_CTRL_ERROR);
    g_assert_false(cxl_uio_device_takes(&hdm, &d, 2));
    /* r3.1's way to say it */
    g_assert_true(device(&hdm, 3, CXL_HDM_CTRL_UIO | 0x00200000) &
                  CXL_HDM_CTRL_COMMITTED);
}

/* --- fates ---------------------------------------------------------------- */

static void test_fate(void)
{
    CxlUioDecoder d = { .ways = 2 };
    CxlUioTarget t[2] = { { true, true, true }, { true, true, true } };

    g_assert_cmpint(cxl_uio_fate(&d, true, true, t), ==, CXL_UIO_DIRECT);
    g_assert_cmpint(cxl_uio_fate(&d, false, true, t), ==, CXL_UIO_NO_CHANNEL);
    g_assert_cmpint(cxl_uio_fate(&d, true, false, t), ==, CXL_UIO_GATE);
    t[1].completer = false;
    g_assert_cmpint(cxl_uio_fate(&d, true, true, t), ==,
                    CXL_UIO_NO_COMPLETER);
    t[1] = (CxlUioTarget) { true, false, true };
    g_assert_cmpint(cxl_uio_fate(&d, true, true, t), ==, CXL_UIO_NO_CHANNEL);
    t[1] = (CxlUioTarget) { true, true, false };
    g_assert_cmpint(cxl_uio_fate(&d, true, true, t), ==, CXL_UIO_NO_DECODER);
    /* Only those that there are count. */
    d.ways = 1;
    g_assert_cmpint(cxl_uio_fate(&d, true, true, t), ==, CXL_UIO_DIRECT);
    /* Whose turn it is is elsewhere: behind the gate, to the host. */
    d.shared = true;
    g_assert_cmpint(cxl_uio_fate(&d, true, true, t), ==, CXL_UIO_BY_HOST);
    g_assert_cmpint(cxl_uio_fate(&d, true, false, t), ==, CXL_UIO_GATE);
    for (unsigned f = 0; f < CXL_UIO_FATES; f++) {
        g_assert_nonnull(cxl_uio_fate_text(f));
        g_assert_cmpint(cxl_uio_is_refused(f), ==, f > CXL_UIO_BY_HOST);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/uio-route/capability", test_capability);
    g_test_add_func("/cxl/uio-route/decoder", test_decoder);
    g_test_add_func("/cxl/uio-route/device", test_device);
    g_test_add_func("/cxl/uio-route/fate", test_fate);
    return g_test_run();
}
