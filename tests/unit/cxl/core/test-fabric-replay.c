/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/fabric-replay: the changes since some moment make the accounts
 * of now (world_restart() compares them byte by byte), and nothing that was
 * written down is believed.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/fabric-fixture.h"

static void test_busy(void)
{
    World *w = world_busy();

    world_restart(w);
    world_check(w);
    g_assert_cmpint(state_of(w, 0), ==, CXL_DC_LEAVING);
    g_assert_cmpint(state_of(w, 2), ==, CXL_DC_OWNED);
    /* Again, from what is there now */
    world_restart(w);
    world_check(w);
    world_free(w);
}

/* Where pieces are depends on what had been wiped by then. */
static void test_wiped_between(void)
{
    World *w = world_busy();
    Guest *g = &w->guest[0];

    guest_reads(w, g);
    guest_ends_access(g);
    guest_releases(g, 6);
    world_timer(w);
    g_assert_cmphex(change(w, CXL_OP_FM_DC_ADD, 0, CXL_DC_ADD_FREE, 0, 5, 0),
                    ==, 0);
    g_assert_cmpint(state_of(w, 0), ==, CXL_DC_OFFERED);
    g_assert_cmpint(state_of(w, 2), ==, CXL_DC_OFFERED);
    world_restart(w);
    g_assert_cmpint(state_of(w, 0), ==, CXL_DC_OFFERED);
    g_assert_cmpint(state_of(w, 2), ==, CXL_DC_OFFERED);
    g_assert_cmpint(state_of(w, 5), ==, CXL_DC_OFFERED);
    world_check(w);
    world_free(w);
}

/* A region is set up only while all of it is free: also that was so. */
static void test_set_up(void)
{
    CxlFmDcSetConfig setup = { .region = 1, .sanitize = 1 };
    World *w = world_busy();

    stq_le_p(&setup.block_size, BLOCK / 2);
    guest_dies(w, 0);
    guest_dies(w, 1);
    world_reaps(w);
    world_timer(w);
    g_assert_cmphex(manage(w, CXL_OP_FM_DC_SET_CONFIG, &setup, sizeof(setup),
                           NULL, NULL), ==, 0);
    world_restart(w);
    g_assert_cmphex(w->fabric->pool.regions[1].cfg.block_size, ==, BLOCK / 2);
    world_check(w);
    world_free(w);
}

/* By tag, with a list that means nothing and is nowhere */
static void test_by_tag(void)
{
    uint8_t bytes[sizeof(CxlFmDcChange) + sizeof(CxlDcExtentWire)] = { 0 };
    CxlFmDcChange *in = (CxlFmDcChange *)bytes;
    World *w = world_busy();

    in->selector = CXL_DC_REMOVE_TAG | CXL_FM_DC_FORCED;
    in->tag.b[0] = 5;
    stl_le_p(&in->count, 1);
    memset(in + 1, 0xff, sizeof(CxlDcExtentWire));
    g_assert_cmphex(manage(w, CXL_OP_FM_DC_RELEASE, bytes, sizeof(bytes), NULL,
                           NULL), ==, 0);
    world_restart(w);
    world_check(w);
    world_free(w);
}

static bool replay(World *w, const uint8_t *bytes, size_t len)
{
    g_autofree char *problem = NULL;
    CxlFabric *fabric = cxl_fabric_new(&w->cfg, &world_ops, &world_fabric_ops,
                                       w);
    bool good;

    g_assert_true(cxl_fabric_load(fabric, w->kept->data, w->kept->len,
                                  &problem));
    good = cxl_fabric_replay(fabric, bytes, len, &problem);
    g_assert_true(good == !problem);
    if (good) {
        g_assert_cmpstr(cxl_fabric_check(fabric), ==, NULL);
    }
    cxl_fabric_free(fabric);
    return good;
}

/* Cut off anywhere, or with any bit turned: refused, or as good as another. */
static void test_damage(void)
{
    g_autoptr(GByteArray) bytes = NULL;
    g_autoptr(GRand) rand = g_rand_new_with_seed(4);
    World *w = world_busy();
    unsigned refused = 0;

    guest_reads(w, &w->guest[0]);
    guest_ends_access(&w->guest[0]);
    guest_releases(&w->guest[0], 4);
    guest_dies(w, 1);
    world_reaps(w);
    bytes = g_byte_array_ref(w->fabric->log);
    g_assert_true(replay(w, bytes->data, bytes->len));
    for (uint32_t len = 0; len < bytes->len; len++) {
        if (len % 8) {
            g_assert_false(replay(w, bytes->data, len));
        } else {
            replay(w, bytes->data, len);
        }
    }
    for (unsigned i = 0; i < 4000; i++) {
        uint32_t bit = g_rand_int_range(rand, 0, 8 * bytes->len);

        bytes->data[bit / 8] ^= 1 << bit % 8;
        refused += !replay(w, bytes->data, bytes->len);
        bytes->data[bit / 8] ^= 1 << bit % 8;
    }
    g_assert_cmpuint(refused, >, 2000);
    world_free(w);
}

/* A setup of a region that no pool of this shape has */
static void test_unknown_region(void)
{
    World *w = world_new();

    for (unsigned bad = 0; bad < 2; bad++) {
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        SaveWriter out = { bytes };

        save_put(&out, CXL_FABRIC_LOG_SET_UP);
        save_put(&out, bad ? w->fabric->cfg.num_regions : 0);
        save_put(&out, w->fabric->cfg.regions[0].block_size);
        save_put(&out, false);
        g_assert_cmpint(replay(w, bytes->data, bytes->len), ==, !bad);
    }
    world_free(w);
}

static void test_unknown_type(void)
{
    World *w = world_new();
    uint8_t bytes[8] = { CXL_FABRIC_LOG_TYPES };

    g_assert_false(replay(w, bytes, sizeof(bytes)));
    g_assert_true(replay(w, bytes, 0));
    world_free(w);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/fabric-replay/busy", test_busy);
    g_test_add_func("/cxl/fabric-replay/wiped-between", test_wiped_between);
    g_test_add_func("/cxl/fabric-replay/set-up", test_set_up);
    g_test_add_func("/cxl/fabric-replay/by-tag", test_by_tag);
    g_test_add_func("/cxl/fabric-replay/damage", test_damage);
    g_test_add_func("/cxl/fabric-replay/unknown-region", test_unknown_region);
    g_test_add_func("/cxl/fabric-replay/unknown-type", test_unknown_type);
    return g_test_run();
}
