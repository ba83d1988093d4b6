/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/cci/identify: each field of Identify Memory Device is what the device
 * was configured with, and what it does not have is zero.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/cci/profiles.h"
#include "tests/unit/cxl/fake-host.h"

static CxlIdentifyOut identify(const CxlMemdevConfig *cfg)
{
    FakeHost *h = fake_host_new(cfg);
    CxlIdentifyOut out;

    g_assert_cmpuint(fake_query(h, CXL_OP_IDENTIFY, &out, sizeof(out)), ==,
                     sizeof(out));
    g_assert_cmphex(fake_command(h, CXL_OP_IDENTIFY, "1", 1), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    fake_host_free(h);
    return out;
}

static void test_full(void)
{
    CxlMemdevConfig cfg = fake_config();
    CxlIdentifyOut out;

    strcpy(cfg.fw_revision, "revision 7");
    cfg.poison_list_max = 0x123456;
    cfg.inject_limit = 77;
    cfg.event_log_size[CXL_EVLOG_FATAL] = 9;
    out = identify(&cfg);
    g_assert_cmpstr(out.fw_revision, ==, "revision 7");
    g_assert_cmpuint(ldq_le_p(&out.total), ==, 5);
    g_assert_cmpuint(ldq_le_p(&out.volatile_only), ==, 2);
    g_assert_cmpuint(ldq_le_p(&out.persistent_only), ==, 2);
    g_assert_cmpuint(ldq_le_p(&out.partition_align), ==, 1);
    g_assert_cmpuint(lduw_le_p(&out.event_log_size[CXL_EVLOG_INFO]), ==, 8);
    g_assert_cmpuint(lduw_le_p(&out.event_log_size[CXL_EVLOG_FATAL]), ==, 9);
    g_assert_cmpuint(ldl_le_p(&out.lsa_size), ==, 64 * KiB);
    g_assert_cmphex(out.poison_list_max[2], ==, 0x12);
    g_assert_cmphex(out.poison_list_max[0], ==, 0x56);
    g_assert_cmpuint(lduw_le_p(&out.inject_limit), ==, 77);
    g_assert_cmphex(out.poison_caps, ==, CXL_POISON_CAP_SCANS);
    g_assert_cmpuint(lduw_le_p(&out.dc_log_size), ==, 0);
}

static void test_volatile_only(void)
{
    CxlMemdevConfig cfg = { .volatile_only = 256 * MiB };
    CxlIdentifyOut out = identify(&cfg);

    g_assert_cmpuint(ldq_le_p(&out.total), ==, 1);
    g_assert_cmpuint(ldq_le_p(&out.persistent_only), ==, 0);
    /* There is nothing to partition. */
    g_assert_cmpuint(ldq_le_p(&out.partition_align), ==, 0);
    g_assert_cmpuint(ldl_le_p(&out.lsa_size), ==, 0);
}

static void test_dynamic(void)
{
    CxlMemdevConfig cfg = {
        .num_dc_regions = 1,
        .dc_regions = { { .len = GiB, .block_size = 2 * MiB } },
        .event_log_size = { [CXL_EVLOG_DC] = 33 },
    };
    CxlIdentifyOut out = identify(&cfg);

    /* Dynamic capacity is not static capacity, 8.2.9.9.1.1. */
    g_assert_cmpuint(ldq_le_p(&out.total), ==, 0);
    g_assert_cmpuint(lduw_le_p(&out.dc_log_size), ==, 33);
}

/* The partitions may move: what can be one or the other stays what it is. */
static void test_after_partitioning(void)
{
    FakeHost *h = fake_host_default();
    CxlIdentifyOut before, after;
    uint8_t in[9] = { 1, [8] = CXL_PARTITION_IMMEDIATE };

    fake_query(h, CXL_OP_IDENTIFY, &before, sizeof(before));
    g_assert_cmphex(fake_command(h, CXL_OP_PARTITION_SET, in, 9), ==, 0);
    fake_query(h, CXL_OP_IDENTIFY, &after, sizeof(after));
    g_assert_cmpmem(&before, sizeof(before), &after, sizeof(after));
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/cci/identify/full", test_full);
    g_test_add_func("/cxl/cci/identify/volatile-only", test_volatile_only);
    g_test_add_func("/cxl/cci/identify/dynamic", test_dynamic);
    g_test_add_func("/cxl/cci/identify/after-partitioning",
                    test_after_partitioning);
    return g_test_run();
}
