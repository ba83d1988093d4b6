/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A clock that jumps, by years and to its end, or back as by a state that is
 * loaded where the clock began later: all that waits for a time at once.  The
 * timer fires a bounded number of times, and what is due is done.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hw/cxl/core/scrub.h"
#include "tests/unit/cxl/fake-host.h"

#define SECOND 1000000000ll
#define YEAR   (365 * 24 * 3600 * SECOND)
/* Slices of a patrol and of a background operation, and a few more */
#define FIRINGS (CXL_SCRUB_SLICES + 1024)

/* A counter of the clock that overflows in 10 s */
static void start_counter(FakeHost *h)
{
    uint64_t base = cxl_memdev_regs_pmu(h->dev);

    cxl_memdev_regs_write(h->dev, base + CXL_CPMU_CONFIG(0),
                          CXL_CPMU_CONFIG_ENABLE | CXL_CPMU_CONFIG_INTERRUPT,
                          8);
    cxl_memdev_regs_write(h->dev, base + CXL_CPMU_FREEZE, 1, 8);
    cxl_memdev_regs_write(h->dev, base + CXL_CPMU_COUNTER(0),
                          (1ull << CXL_PMU_WIDTH) - 10 * SECOND, 8);
    cxl_memdev_regs_write(h->dev, base + CXL_CPMU_FREEZE, 0, 8);
}

static FakeHost *busy(uint16_t opcode)
{
    FakeHost *h = fake_host_default();

    fake_start_patrol(h, CXL_FEATURE_FULL);
    start_counter(h);
    g_assert_cmphex(fake_command(h, opcode, NULL, 0), ==, CXL_RC_BACKGROUND);
    return h;
}

/* All that is due now */
static unsigned fire(FakeHost *h)
{
    unsigned n = 0;

    while (h->timer_at != INT64_MAX && h->timer_at <= h->now) {
        h->timer_at = INT64_MAX;
        cxl_endpoint_timer(h->ep);
        fake_check(h);
        g_assert_cmpuint(++n, <=, FIRINGS);
    }
    return n;
}

static void test_forward(void)
{
    static const int64_t to[] = {
        11 * SECOND, YEAR, 100 * YEAR, INT64_MAX / 2, INT64_MAX - YEAR,
        INT64_MAX - SECOND, INT64_MAX - 1,
    };

    for (unsigned i = 0; i < ARRAY_SIZE(to); i++) {
        FakeHost *h = busy(CXL_OP_SANITIZE);

        fake_host_run(h, SECOND / 10);
        h->now = to[i];
        fire(h);
        g_assert_false(h->dev->cci.bg.running);
        g_assert_cmpint(h->dev->media.state, ==, CXL_MEDIA_READY);
        g_assert_cmpuint(h->irqs[9], >=, 1);
        /* What begins there ends there, or never; it does not run wild. */
        g_assert_cmphex(fake_command(h, CXL_OP_SANITIZE, NULL, 0), ==,
                        CXL_RC_BACKGROUND);
        fire(h);
        h->now = INT64_MAX;
        fire(h);
        cxl_endpoint_reset(h->ep, CXL_RESET_COLD);
        fake_check(h);
        fake_host_free(h);
    }
}

/* Its bytes in a machine whose clock is at @now */
static FakeHost *moved(FakeHost *from, int64_t now)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *problem = NULL;
    FakeHost *to = fake_host_default();

    to->now = now;
    cxl_memdev_save(from->dev, bytes);
    g_assert_true(cxl_memdev_load(to->dev, bytes->data, bytes->len,
                                  &problem));
    fake_host_free(from);
    fake_check(to);
    return to;
}

/* The clock of the destination is far behind, or far ahead. */
static void test_moved(void)
{
    static const int64_t to[] = { 0, 1, 50 * YEAR, 200 * YEAR };

    for (unsigned i = 0; i < ARRAY_SIZE(to); i++) {
        FakeHost *h = busy(CXL_OP_SANITIZE);

        h->now = 100 * YEAR;
        fire(h);
        g_assert_cmphex(fake_command(h, CXL_OP_SANITIZE, NULL, 0), ==,
                        CXL_RC_BACKGROUND);
        h->now += SECOND / 10;
        fire(h);
        h = moved(h, to[i]);
        fire(h);
        /* A clock that comes to where it was ends all of it. */
        h->now = 100 * YEAR + 3600 * SECOND;
        fire(h);
        g_assert_false(h->dev->cci.bg.running);
        fake_host_free(h);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/clocks/forward", test_forward);
    g_test_add_func("/cxl/clocks/moved", test_moved);
    return g_test_run();
}
