/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/media with cci/identify and cci/capacity: sizes as the client
 * sees them, moving the boundary at once and at power-on, labels.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "tests/unit/cxl/fake-host.h"

static CxlPartitionOut partition(FakeHost *h)
{
    CxlPartitionOut out;

    g_assert_cmpuint(fake_query(h, CXL_OP_PARTITION_GET, &out, sizeof(out)),
                     ==, 0x20);
    fake_check(h);
    return out;
}

static uint16_t set(FakeHost *h, uint64_t units, uint8_t flags)
{
    CxlPartitionIn in = {
        .volatile_capacity = cpu_to_le64(units), .flags = flags,
    };

    return fake_command(h, CXL_OP_PARTITION_SET, &in, sizeof(in));
}

static void test_identify(void)
{
    FakeHost *h = fake_host_default();
    CxlIdentifyOut out;

    g_assert_cmpuint(fake_query(h, CXL_OP_IDENTIFY, &out, sizeof(out)), ==,
                     0x45);
    g_assert_cmpstr(out.fw_revision, ==, "BWFW VERSION 0");
    g_assert_cmpuint(ldq_le_p(&out.total), ==, 5);
    g_assert_cmpuint(ldq_le_p(&out.volatile_only), ==, 2);
    g_assert_cmpuint(ldq_le_p(&out.persistent_only), ==, 2);
    g_assert_cmpuint(ldq_le_p(&out.partition_align), ==, 1);
    g_assert_cmpuint(lduw_le_p(&out.event_log_size[0]), ==, 8);
    g_assert_cmpuint(ldl_le_p(&out.lsa_size), ==, 64 * KiB);
    g_assert_cmpuint(lduw_le_p(out.poison_list_max), ==, 256);
    fake_host_free(h);
}

static void test_no_partition(void)
{
    CxlMemdevConfig cfg = { .volatile_only = 256 * MiB };
    FakeHost *h = fake_host_new(&cfg);
    CxlIdentifyOut out;

    fake_query(h, CXL_OP_IDENTIFY, &out, sizeof(out));
    g_assert_cmpuint(ldq_le_p(&out.partition_align), ==, 0);
    g_assert_cmphex(set(h, 1, 0), ==, CXL_RC_UNSUPPORTED);
    /* Nor from elsewhere */
    g_assert_cmphex(cxl_media_set_next(&h->dev->media, 0), ==,
                    CXL_RC_UNSUPPORTED);
    fake_host_free(h);
}

static void test_next(void)
{
    FakeHost *h = fake_host_default();
    CxlPartitionOut out = partition(h);

    g_assert_cmpuint(ldq_le_p(&out.active_volatile), ==, 2);
    g_assert_cmpuint(ldq_le_p(&out.active_persistent), ==, 3);
    g_assert_cmpuint(ldq_le_p(&out.next_volatile), ==, 0);
    g_assert_cmphex(set(h, 1, 0), ==, 0);
    out = partition(h);
    g_assert_cmpuint(ldq_le_p(&out.active_volatile), ==, 2);
    g_assert_cmpuint(ldq_le_p(&out.next_volatile), ==, 3);
    g_assert_cmpuint(ldq_le_p(&out.next_persistent), ==, 2);
    cxl_memdev_reset(h->dev, CXL_RESET_HOT);
    g_assert_cmpuint(fake_memory_changes(h), ==, 0);
    cxl_memdev_reset(h->dev, CXL_RESET_COLD);
    g_assert_cmpuint(fake_memory_changes(h), ==, 1);
    out = partition(h);
    g_assert_cmpuint(ldq_le_p(&out.active_volatile), ==, 3);
    g_assert_cmpuint(ldq_le_p(&out.next_volatile), ==, 0);
    /* Asking for what is already so takes a wish back. */
    g_assert_cmphex(set(h, 0, 0), ==, 0);
    g_assert_true(h->dev->media.next_valid);
    g_assert_cmphex(set(h, 1, 0), ==, 0);
    g_assert_false(h->dev->media.next_valid);
    fake_host_free(h);
}

/* Linux sends one byte more, and nobody cares which. */
static void test_length_of_linux(void)
{
    FakeHost *h = fake_host_default();
    uint8_t in[11] = { 1 };

    g_assert_cmphex(fake_command(h, CXL_OP_PARTITION_SET, in, 8), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    g_assert_cmphex(fake_command(h, CXL_OP_PARTITION_SET, in, 11), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    g_assert_cmphex(fake_command(h, CXL_OP_PARTITION_SET, in, 10), ==, 0);
    g_assert_true(h->dev->media.next_valid);
    fake_host_free(h);
}

static void test_immediate(void)
{
    FakeHost *h = fake_host_default();
    uint8_t seen[64];

    fake_map(h, true);
    g_assert_cmphex(set(h, 1, CXL_PARTITION_IMMEDIATE), ==,
                    CXL_RC_INVALID_INPUT);
    fake_map(h, false);
    h->dev->store->dpa_write(h, 512 * MiB, "secret", 7);
    g_assert_cmphex(set(h, 1, CXL_PARTITION_IMMEDIATE), ==, 0);
    g_assert_cmpuint(fake_memory_changes(h), ==, 1);
    g_assert_cmphex(h->last_change_dpa, ==, 512 * MiB);
    h->dev->store->dpa_read(h, 512 * MiB, seen, 7);
    g_assert_cmpuint(seen[0], ==, 0);
    h->media_broken = true;
    g_assert_cmphex(set(h, 0, CXL_PARTITION_IMMEDIATE), ==, CXL_RC_INTERNAL);
    fake_check(h);
    fake_host_free(h);
}

static void test_refusals(void)
{
    FakeHost *h = fake_host_default();

    g_assert_cmphex(set(h, 2, 0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(set(h, 4, 0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(set(h, UINT64_MAX, 0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(set(h, 1ull << 36, 0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(set(h, 1, 2), ==, CXL_RC_INVALID_INPUT);
    fake_host_free(h);
}

static uint16_t get_lsa(FakeHost *h, uint32_t offset, uint32_t len)
{
    uint8_t in[8];

    stl_le_p(in, offset);
    stl_le_p(in + 4, len);
    return fake_command(h, CXL_OP_LSA_GET, in, 8);
}

static void test_labels(void)
{
    FakeHost *h = fake_host_default();
    uint8_t in[8 + 16] = { 0 }, out[16];

    memset(in + 8, 0x5a, 16);
    stl_le_p(in, 64 * KiB - 16);
    g_assert_cmphex(fake_command(h, CXL_OP_LSA_SET, in, sizeof(in)), ==, 0);
    g_assert_cmphex(get_lsa(h, 64 * KiB - 16, 16), ==, 0);
    g_assert_cmpuint(fake_reply(h, out, 16), ==, 16);
    g_assert_cmpuint(out[15], ==, 0x5a);
    stl_le_p(in, 64 * KiB - 15);
    g_assert_cmphex(fake_command(h, CXL_OP_LSA_SET, in, sizeof(in)), ==,
                    CXL_RC_INVALID_INPUT);
    stl_le_p(in, UINT32_MAX);
    g_assert_cmphex(fake_command(h, CXL_OP_LSA_SET, in, sizeof(in)), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(get_lsa(h, 64 * KiB, 1), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(get_lsa(h, UINT32_MAX, UINT32_MAX), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(get_lsa(h, 0, 2049), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(get_lsa(h, 0, 2048), ==, 0);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/media/identify", test_identify);
    g_test_add_func("/cxl/media/no-partition", test_no_partition);
    g_test_add_func("/cxl/media/next", test_next);
    g_test_add_func("/cxl/media/length-of-linux", test_length_of_linux);
    g_test_add_func("/cxl/media/immediate", test_immediate);
    g_test_add_func("/cxl/media/refusals", test_refusals);
    g_test_add_func("/cxl/media/labels", test_labels);
    return g_test_run();
}
