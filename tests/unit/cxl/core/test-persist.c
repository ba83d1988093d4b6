/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/persist: what is saved is what is loaded, idle and in the middle
 * of everything; damaged and foreign bytes are refused without harm.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/core/mediaops.h"
#include "tests/unit/cxl/fake-host.h"

#define DC_BASE (1280 * MiB)
#define BLOCK   (2 * MiB)

static CxlMemdevConfig config(void)
{
    CxlMemdevConfig cfg = fake_config();

    cfg.num_dc_regions = 1;
    cfg.dc_regions[0] = (CxlDcRegionConfig) {
        .base = DC_BASE, .len = 256 * MiB, .block_size = BLOCK,
    };
    return cfg;
}

static FakeHost *start(void)
{
    CxlMemdevConfig cfg = config();

    return fake_host_new(&cfg);
}

/* Something in every room. */
static void fill(FakeHost *h)
{
    CxlMemdev *dev = h->dev;
    CxlDcRequest req = { .length = BLOCK, .tag = { { 1 } } };
    CxlBgRange taken = { DC_BASE, BLOCK };
    CxlHealthFacts facts = { .life_used = 96, .temperature = -20 };
    CxlScanIn scan = { .lines = cpu_to_le64(1 << 20) };
    uint8_t in[256] = { CXL_FW_INITIATE };
    const char *why;

    fake_command(h, CXL_OP_TIMESTAMP_SET, "12345678", 8);
    fake_command(h, CXL_OP_FW_TRANSFER, in, sizeof(in));
    fake_host_run(h, 1000000000);
    cxl_mediaops_poison(dev, 0x1000, 64, CXL_POISON_INJECTED);
    cxl_mediaops_poison(dev, 0x8000, 128, CXL_POISON_INTERNAL);
    cxl_memdev_host_wrote(dev, 0x1000, 8);
    cxl_health_update(&dev->health, &facts);
    dev->health.dirty = true;
    cxl_dcd_add(&dev->dcd, &req, &why);
    cxl_dcd_respond(&dev->dcd, &taken, 1, false);
    req.tag.b[0] = 2;
    cxl_dcd_add(&dev->dcd, &req, &why);
    req.tag.b[0] = 3;
    req.length = 32 * BLOCK;
    cxl_dcd_add(&dev->dcd, &req, &why);
    cxl_logs_set_dump(&dev->logs, g_string_new("text"));
    cxl_media_set_next(&dev->media, 256 * MiB);
    memset(in, 5, 96);
    in[0] = CXL_PASSPHRASE_USER;
    fake_command(h, CXL_OP_PASSPHRASE_SET, in, 96);
    fake_command(h, CXL_OP_SCAN_MEDIA, &scan, sizeof(scan));
    fake_host_run(h, 300000);
    fake_check(h);
}

static GByteArray *save(FakeHost *h)
{
    GByteArray *out = g_byte_array_new();

    cxl_memdev_save(h->dev, out);
    return out;
}

static void assert_loads(FakeHost *h, const GByteArray *bytes)
{
    char *problem;

    g_assert_true(cxl_memdev_load(h->dev, bytes->data, bytes->len, &problem));
    g_assert_cmpstr(problem, ==, NULL);
    fake_check(h);
}

static void round_trip(FakeHost *from)
{
    g_autoptr(GByteArray) first = save(from), second = NULL;
    FakeHost *to = start();

    to->now = from->now;
    assert_loads(to, first);
    second = save(to);
    g_assert_cmpmem(first->data, first->len, second->data, second->len);
    g_assert_cmpint(to->timer_at, ==, from->timer_at);
    fake_host_free(to);
}

static void test_idle(void)
{
    FakeHost *h = start();

    round_trip(h);
    fake_host_free(h);
}

static void test_busy(void)
{
    FakeHost *h = start();

    fill(h);
    g_assert_true(h->dev->cci.bg.running);
    g_assert_cmpuint(h->dev->dcd.groups.length, ==, 2);
    round_trip(h);
    fake_host_free(h);
}

/* The operation goes on where it was and ends with an interrupt. */
static void test_background_goes_on(void)
{
    FakeHost *from = start(), *to = start();
    g_autoptr(GByteArray) bytes = NULL;

    fill(from);
    cxl_memdev_regs_write(from->dev, CXL_DEVREG_MAILBOX + CXL_MBREG_CONTROL,
                          CXL_MBREG_CONTROL_BG_INT, 4);
    bytes = save(from);
    to->now = from->now;
    assert_loads(to, bytes);
    fake_host_run(to, 10000000000);
    g_assert_cmpuint(to->mailbox_irqs[7], ==, 1);
    g_assert_false(to->dev->cci.bg.running);
    g_assert_true(to->dev->poison.scan.valid);
    g_assert_cmpuint(to->dev->poison.listed.total, ==, 192);
    fake_check(to);
    fake_host_free(from);
    fake_host_free(to);
}

static void test_truncated(void)
{
    FakeHost *from = start(), *to = start();
    g_autoptr(GByteArray) bytes = NULL;

    fill(from);
    bytes = save(from);
    for (size_t len = 0; len < bytes->len; len += 97) {
        g_autofree char *problem = NULL;

        g_assert_false(cxl_memdev_load(to->dev, bytes->data, len, &problem));
        g_assert_nonnull(problem);
        fake_check(to);
        g_assert_cmpuint(to->dev->poison.truth.count, ==, 0);
    }
    fake_host_free(from);
    fake_host_free(to);
}

static void test_damaged(void)
{
    FakeHost *from = start(), *to = start();
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    g_autoptr(GByteArray) bytes = NULL;

    fill(from);
    bytes = save(from);
    for (unsigned i = 0; i < 3000; i++) {
        unsigned at = g_rand_int_range(rand, 0, bytes->len);
        uint8_t old = bytes->data[at];
        g_autofree char *problem = NULL;

        bytes->data[at] ^= 1 << g_rand_int_range(rand, 0, 8);
        cxl_memdev_load(to->dev, bytes->data, bytes->len, &problem);
        fake_check(to);
        fake_host_run(to, 100000000);
        fake_check(to);
        bytes->data[at] = old;
    }
    fake_host_free(from);
    fake_host_free(to);
}

static void test_other_configuration(void)
{
    CxlMemdevConfig cfg = config();
    FakeHost *from = start(), *to;
    g_autoptr(GByteArray) bytes = save(from);
    g_autofree char *problem = NULL;

    cfg.volatile_only = 256 * MiB;
    cfg.dc_regions[0].base = 1024 * MiB;
    to = fake_host_new(&cfg);
    g_assert_false(cxl_memdev_load(to->dev, bytes->data, bytes->len,
                                   &problem));
    g_assert_nonnull(problem);
    fake_host_free(from);
    fake_host_free(to);
}

static void test_state_is_small(void)
{
    CxlMemdevConfig cfg = config();
    FakeHost *h;
    g_autoptr(GByteArray) bytes = NULL;

    memset(cfg.event_log_size, 0, sizeof(cfg.event_log_size));
    h = fake_host_new(&cfg);
    fill(h);
    bytes = save(h);
    g_assert_cmpuint(bytes->len + sizeof(CxlMemdev), <, 200 * KiB);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/persist/idle", test_idle);
    g_test_add_func("/cxl/persist/busy", test_busy);
    g_test_add_func("/cxl/persist/background-goes-on",
                    test_background_goes_on);
    g_test_add_func("/cxl/persist/truncated", test_truncated);
    g_test_add_func("/cxl/persist/damaged", test_damaged);
    g_test_add_func("/cxl/persist/other-configuration",
                    test_other_configuration);
    g_test_add_func("/cxl/persist/state-is-small", test_state_is_small);
    return g_test_run();
}
