/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/cci/capacity: partitions and label storage, refusals included.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/cci/profiles.h"
#include "tests/unit/cxl/fake-host.h"

static uint16_t set(FakeHost *h, uint64_t units, uint8_t flags)
{
    uint8_t in[9];

    stq_le_p(in, units);
    in[8] = flags;
    return fake_command(h, CXL_OP_PARTITION_SET, in, sizeof(in));
}

static void expect(FakeHost *h, uint64_t now, uint64_t next)
{
    CxlPartitionOut out;

    fake_query(h, CXL_OP_PARTITION_GET, &out, sizeof(out));
    g_assert_cmpuint(ldq_le_p(&out.active_volatile), ==, now);
    g_assert_cmpuint(ldq_le_p(&out.active_persistent), ==, 5 - now);
    g_assert_cmpuint(ldq_le_p(&out.next_volatile), ==, next);
    g_assert_cmpuint(ldq_le_p(&out.next_persistent), ==, next ? 5 - next : 0);
    fake_check(h);
}

static void test_partition(void)
{
    FakeHost *h = fake_host_default();

    expect(h, 2, 0);
    for (unsigned bit = 1; bit < 8; bit++) {
        g_assert_cmphex(set(h, 1, 1u << bit), ==, CXL_RC_INVALID_INPUT);
    }
    /* More than is partitionable, more than there is, more than can be said */
    g_assert_cmphex(set(h, 2, 0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(set(h, 6, 0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(set(h, UINT64_MAX, 0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(set(h, 1ull << 36, 0), ==, CXL_RC_INVALID_INPUT);
    expect(h, 2, 0);
    g_assert_cmphex(set(h, 1, 0), ==, 0);
    expect(h, 2, 3);
    cxl_endpoint_reset(h->ep, CXL_RESET_COLD);
    expect(h, 3, 0);
    g_assert_cmphex(set(h, 0, CXL_PARTITION_IMMEDIATE), ==, 0);
    expect(h, 2, 0);
    fake_host_free(h);
}

/* At once only while the host reaches none of it. */
static void test_immediate_while_mapped(void)
{
    FakeHost *h = fake_host_default();

    fake_map(h, true);
    g_assert_cmphex(set(h, 1, CXL_PARTITION_IMMEDIATE), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(set(h, 1, 0), ==, 0);
    expect(h, 2, 3);
    fake_map(h, false);
    g_assert_cmphex(set(h, 1, CXL_PARTITION_IMMEDIATE), ==, 0);
    expect(h, 3, 0);
    h->media_broken = true;
    g_assert_cmphex(set(h, 0, CXL_PARTITION_IMMEDIATE), ==, CXL_RC_INTERNAL);
    fake_check(h);
    fake_host_free(h);
}

static uint16_t get_labels(FakeHost *h, uint32_t offset, uint32_t length)
{
    uint8_t in[8];

    stl_le_p(in, offset);
    stl_le_p(in + 4, length);
    return fake_command(h, CXL_OP_LSA_GET, in, sizeof(in));
}

static uint16_t set_labels(FakeHost *h, uint32_t offset, uint32_t length)
{
    uint8_t in[8 + 256] = { 0 };

    stl_le_p(in, offset);
    memset(in + 8, 0x5a, length);
    return fake_command(h, CXL_OP_LSA_SET, in, 8 + length);
}

static void test_labels(void)
{
    FakeHost *h = fake_host_default();
    const uint32_t size = 64 * KiB;
    uint8_t out[2048];

    g_assert_cmphex(set_labels(h, size - 256, 256), ==, 0);
    g_assert_cmphex(set_labels(h, size - 255, 256), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(set_labels(h, UINT32_MAX, 1), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(set_labels(h, 0, 0), ==, 0);
    g_assert_cmphex(get_labels(h, size - 512, 512), ==, 0);
    g_assert_cmpuint(fake_reply(h, out, sizeof(out)), ==, 512);
    g_assert_cmphex(out[255], ==, 0);
    g_assert_cmphex(out[256], ==, 0x5a);
    g_assert_cmphex(get_labels(h, size, 0), ==, 0);
    g_assert_cmphex(get_labels(h, size, 1), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(get_labels(h, 1, UINT32_MAX), ==, CXL_RC_INVALID_INPUT);
    /* More than the payload holds */
    g_assert_cmphex(get_labels(h, 0, 2049), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(get_labels(h, 0, 2048), ==, 0);
    h->labels_broken = true;
    g_assert_cmphex(get_labels(h, size - 256, 256), ==, CXL_RC_INTERNAL);
    g_assert_cmphex(set_labels(h, size - 512, 256), ==, CXL_RC_INTERNAL);
    h->labels_broken = false;
    g_assert_cmphex(get_labels(h, size - 512, 512), ==, 0);
    fake_reply(h, out, sizeof(out));
    g_assert_cmphex(out[0], ==, 0);
    g_assert_cmphex(out[256], ==, 0x5a);
    fake_check(h);
    fake_host_free(h);
}

/* Neither labels nor partitions: the commands do not exist. */
static void test_absent(void)
{
    CxlMemdevConfig cfg = { .volatile_only = 256 * MiB };
    FakeHost *h = fake_host_new(&cfg);

    g_assert_cmphex(get_labels(h, 0, 0), ==, CXL_RC_UNSUPPORTED);
    g_assert_cmphex(set_labels(h, 0, 0), ==, CXL_RC_UNSUPPORTED);
    g_assert_cmphex(set(h, 0, 0), ==, CXL_RC_UNSUPPORTED);
    g_assert_cmphex(fake_command(h, CXL_OP_PARTITION_GET, NULL, 0), ==, 0);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/cci/capacity/partition", test_partition);
    g_test_add_func("/cxl/cci/capacity/immediate-while-mapped",
                    test_immediate_while_mapped);
    g_test_add_func("/cxl/cci/capacity/labels", test_labels);
    g_test_add_func("/cxl/cci/capacity/absent", test_absent);
    return g_test_run();
}
