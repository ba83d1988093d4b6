/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/memdev: where capacity lies, with holes between dynamic regions.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/core/dcd-fixture.h"

static FakeHost *with_hole(void)
{
    CxlMemdevConfig cfg = config();

    cfg.dc_regions[1].base += 256 * MiB;
    return fake_host_new(&cfg);
}

static void test_contains(void)
{
    FakeHost *h = with_hole();
    CxlMemdev *dev = h->dev;

    g_assert_cmphex(cxl_memdev_dpa_end(dev), ==, BASE1 + 512 * MiB);
    g_assert_true(cxl_memdev_contains(dev, 0, BASE1));
    g_assert_true(cxl_memdev_contains(dev, BASE0 - 64, 128));
    g_assert_false(cxl_memdev_contains(dev, 0, BASE1 + 64));
    g_assert_false(cxl_memdev_contains(dev, BASE1, 64));
    g_assert_true(cxl_memdev_contains(dev, BASE1 + 256 * MiB, 256 * MiB));
    g_assert_false(cxl_memdev_contains(dev, 0, 0));
    g_assert_false(cxl_memdev_contains(dev, 0, UINT64_MAX));
    g_assert_false(cxl_memdev_contains(dev, UINT64_MAX, 2));
    fake_host_free(h);
}

static void test_media_state(void)
{
    FakeHost *h = with_hole();

    cxl_memdev_set_media_state(h->dev, CXL_MEDIA_READY);
    g_assert_cmpuint(h->access_changes, ==, 0);
    cxl_memdev_set_media_state(h->dev, CXL_MEDIA_ERROR);
    g_assert_cmpuint(h->access_changes, ==, 1);
    g_assert_cmphex(h->last_change_len, ==, cxl_memdev_dpa_end(h->dev));
    g_assert_cmpint(access_at(h, 0), ==, CXL_ACCESS_DISABLED);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/memdev/contains", test_contains);
    g_test_add_func("/cxl/memdev/media-state", test_media_state);
    return g_test_run();
}
