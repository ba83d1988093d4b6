/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What configuration space says of unordered I/O: roles, what software can
 * write, what it takes to have a channel, and what resets leave.
 *
 * Numbers are those of PCIe r6.1 7.7.9 and 7.9.29, written out.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/common/uio.h"

#define DEV3 0x100
#define SVC  0x110
#define VC3  (SVC + 0x14 + 0x0c)
#define ON   0x80000208u        /* enabled, UIO, class 3 */

static uint8_t config[4096], wmask[4096];
static const UioCaps caps = { DEV3, SVC };

static void start(unsigned roles)
{
    memset(config, 0, sizeof(config));
    memset(wmask, 0, sizeof(wmask));
    stl_le_p(config + DEV3, 0x2f | 1 << 16 | (uint32_t)SVC << 20);
    stl_le_p(config + SVC, 0x35 | 1 << 16);
    uio_init(&caps, config, wmask, roles);
}

/* As the bus does it */
static void wr(unsigned at, uint32_t value)
{
    uint32_t mask = ldl_le_p(wmask + at);

    stl_le_p(config + at, (ldl_le_p(config + at) & ~mask) | (value & mask));
}

static uint32_t rd(unsigned at)
{
    return ldl_le_p(config + at);
}

static void test_find(void)
{
    UioCaps found;

    start(0);
    found = uio_find(config, sizeof(config));
    g_assert_cmphex(found.dev3, ==, DEV3);
    g_assert_cmphex(found.svc, ==, SVC);
    memset(config, 0, sizeof(config));
    found = uio_find(config, sizeof(config));
    g_assert_cmphex(found.dev3 | found.svc, ==, 0);
    g_assert_false(uio_requests(&found, config));
    g_assert_false(uio_completes(&found, config));
    g_assert_false(uio_has_channel(&found, config));
}

static void test_roles(void)
{
    start(UIO_REQUESTER);
    g_assert_cmphex(rd(DEV3 + 4), ==, 0x806);
    g_assert_false(uio_requests(&caps, config));
    wr(DEV3 + 8, UINT32_MAX);
    g_assert_cmphex(rd(DEV3 + 8), ==, 0x180);
    g_assert_true(uio_requests(&caps, config));
    g_assert_false(uio_completes(&caps, config));

    start(UIO_COMPLETER);
    g_assert_cmphex(rd(DEV3 + 4), ==, 0x402);
    wr(DEV3 + 8, UINT32_MAX);
    g_assert_cmphex(rd(DEV3 + 8), ==, 0);
    g_assert_false(uio_requests(&caps, config));
    g_assert_true(uio_completes(&caps, config));

    start(0);
    g_assert_cmphex(rd(DEV3 + 4), ==, 2);
    wr(DEV3 + 8, UINT32_MAX);
    g_assert_false(uio_requests(&caps, config));
}

static void test_channel(void)
{
    start(0);
    g_assert_cmphex(rd(SVC + 4), ==, 1);
    g_assert_cmphex(rd(SVC + 0x14), ==, 0);
    g_assert_cmphex(rd(SVC + 0x18), ==, 0x800000ff);
    g_assert_cmphex(rd(SVC + 0x20), ==, 0x3200);
    g_assert_cmphex(rd(SVC + 0x24), ==, 0);
    g_assert_cmphex(rd(SVC + 0x28), ==, 0);
    g_assert_false(uio_has_channel(&caps, config));
    wr(VC3 + 4, ON);
    g_assert_false(uio_has_channel(&caps, config));
    wr(SVC + 0x0c, 1);
    g_assert_true(uio_has_channel(&caps, config));
    /* Each of the three is needed. */
    wr(VC3 + 4, ON & ~0x80000000u);
    g_assert_false(uio_has_channel(&caps, config));
    wr(VC3 + 4, ON & ~0x200u);
    g_assert_false(uio_has_channel(&caps, config));
    wr(VC3 + 4, ON & ~0x8u);
    g_assert_false(uio_has_channel(&caps, config));
    wr(VC3 + 4, ON | 0x10);
    g_assert_true(uio_has_channel(&caps, config));
}

/* Nothing but the control registers can be written. */
static void test_writes(void)
{
    start(UIO_REQUESTER);
    for (unsigned at = DEV3; at < SVC + UIO_SVC_LEN; at += 4) {
        bool control = at == DEV3 + 8 || at == SVC + 0x0c ||
                       at == SVC + 0x18 || at == VC3 + 4;

        g_assert_cmpint(ldl_le_p(wmask + at) != 0, ==, control);
    }
    wr(SVC + 0x18, 0);
    g_assert_cmphex(rd(SVC + 0x18), ==, 0x80000001);
    wr(VC3 + 4, UINT32_MAX);
    g_assert_cmphex(rd(VC3 + 4), ==, 0xf8000ffe);
}

static void test_resets(void)
{
    start(UIO_REQUESTER);
    wr(DEV3 + 8, 0x80);
    wr(VC3 + 4, ON);
    wr(SVC + 0x0c, 1);
    wr(SVC + 0x18, 0);
    uio_reset(&caps, config, true);
    g_assert_false(uio_requests(&caps, config));
    g_assert_true(uio_has_channel(&caps, config));
    g_assert_cmphex(rd(SVC + 0x18), ==, 0x80000001);
    uio_reset(&caps, config, false);
    g_assert_false(uio_has_channel(&caps, config));
    g_assert_cmphex(rd(SVC + 0x0c), ==, 0);
    g_assert_cmphex(rd(SVC + 0x18), ==, 0x800000ff);
    g_assert_cmphex(rd(VC3 + 4), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/uio/find", test_find);
    g_test_add_func("/uio/roles", test_roles);
    g_test_add_func("/uio/channel", test_channel);
    g_test_add_func("/uio/writes", test_writes);
    g_test_add_func("/uio/resets", test_resets);
    return g_test_run();
}
