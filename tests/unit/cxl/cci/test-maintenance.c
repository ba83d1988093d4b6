/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/cci/maintenance: repair and sparing as commands: what there is a
 * spare for, what is only asked, and what is refused.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/mediaops.h"
#include "tests/unit/cxl/fake-host.h"

static FakeHost *start(unsigned spares)
{
    CxlMemdevConfig cfg = fake_config();

    cfg.spares = spares;
    return fake_host_new(&cfg);
}

static uint16_t repair(FakeHost *h, uint8_t subclass, uint8_t flags,
                       uint64_t dpa)
{
    CxlPprIn in = {
        .class = CXL_MAINT_PPR, .subclass = subclass, .flags = flags,
    };
    uint16_t rc;

    stq_le_p(&in.dpa, dpa);
    rc = fake_command(h, CXL_OP_MAINTENANCE, &in, sizeof(in));
    fake_check(h);
    return rc;
}

static void test_repair(void)
{
    FakeHost *h = start(1);

    cxl_mediaops_poison(h->dev, 0x1000, 128, CXL_POISON_INJECTED);
    g_assert_cmphex(repair(h, 0, CXL_MAINT_QUERY, 0x1000), ==, 0);
    g_assert_cmpint(cxl_memdev_access(h->dev, 0x1000, 64), ==,
                    CXL_ACCESS_POISON);
    g_assert_cmphex(repair(h, 0, 0, 0x1000), ==, 0);
    g_assert_cmpint(cxl_memdev_access(h->dev, 0x1000, 64), ==, CXL_ACCESS_OK);
    g_assert_cmpint(cxl_memdev_access(h->dev, 0x1040, 64), ==,
                    CXL_ACCESS_POISON);
    /* That was the last spare of its kind. */
    g_assert_cmphex(repair(h, 0, CXL_MAINT_QUERY, 0x1040), ==,
                    CXL_RC_RESOURCES);
    g_assert_cmphex(repair(h, 0, 0, 0x1040), ==, CXL_RC_RESOURCES);
    g_assert_cmphex(repair(h, 1, 0, 0x1040), ==, 0);
    fake_host_free(h);
}

static void test_refused(void)
{
    FakeHost *h = start(2);
    uint8_t in[sizeof(CxlSparingIn)] = { CXL_MAINT_PPR };

    g_assert_cmphex(repair(h, 0, 2, 0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(repair(h, 0, 0, UINT64_MAX), ==, CXL_RC_INVALID_DPA);
    g_assert_cmphex(repair(h, 0, 0, 1280 * MiB), ==, CXL_RC_INVALID_DPA);
    g_assert_cmphex(repair(h, 0, 0, 1280 * MiB - 1), ==, 0);
    for (unsigned subclass = 2; subclass < 256; subclass++) {
        g_assert_cmphex(repair(h, subclass, 0, 0), ==, CXL_RC_INVALID_INPUT);
    }
    for (unsigned class = 3; class < 256; class++) {
        in[0] = class;
        g_assert_cmphex(fake_command(h, CXL_OP_MAINTENANCE, in, sizeof(in)),
                        ==, CXL_RC_INVALID_INPUT);
    }
    /* The length is that of the class. */
    in[0] = CXL_MAINT_PPR;
    for (unsigned len = 2; len <= sizeof(in); len++) {
        g_assert_cmphex(fake_command(h, CXL_OP_MAINTENANCE, in, len), ==,
                        len == sizeof(CxlPprIn) ? 0 : CXL_RC_PAYLOAD_LENGTH);
    }
    fake_host_free(h);
}

static uint16_t spare(FakeHost *h, uint8_t subclass, uint8_t flags)
{
    CxlSparingIn in = {
        .class = CXL_MAINT_SPARING, .subclass = subclass, .flags = flags,
    };
    uint16_t rc = fake_command(h, CXL_OP_MAINTENANCE, &in, sizeof(in));

    fake_check(h);
    return rc;
}

/* Each level has spares of its own, and each attempt leaves a record. */
static void test_sparing(void)
{
    FakeHost *h = start(1);

    for (unsigned subclass = 0; subclass < 4; subclass++) {
        g_assert_cmphex(spare(h, subclass, CXL_MAINT_QUERY), ==, 0);
        g_assert_cmphex(spare(h, subclass, 0), ==, 0);
        g_assert_cmphex(spare(h, subclass, 0), ==, CXL_RC_RESOURCES);
        g_assert_cmpuint(h->dev->events.log[CXL_EVLOG_INFO].count, ==, 3);
        fake_drain_events(h, CXL_EVLOG_INFO);
    }
    g_assert_cmphex(spare(h, 4, 0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(spare(h, 0, 0x10), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmpuint(h->dev->events.log[CXL_EVLOG_INFO].count, ==, 0);
    fake_host_free(h);
}

static void test_media_disabled(void)
{
    FakeHost *h = start(1);

    cxl_memdev_set_media_state(h->dev, CXL_MEDIA_DISABLED);
    g_assert_cmphex(repair(h, 0, 0, 0), ==, CXL_RC_MEDIA_DISABLED);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/cci/maintenance/repair", test_repair);
    g_test_add_func("/cxl/cci/maintenance/refused", test_refused);
    g_test_add_func("/cxl/cci/maintenance/sparing", test_sparing);
    g_test_add_func("/cxl/cci/maintenance/media-disabled",
                    test_media_disabled);
    return g_test_run();
}
