/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/dcd-pool-check: pieces that cannot be loaded, what is missing
 * when all are, and spoiled pools that the checker has to find.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/core/dcd-fixture.h"

#define TAGGED CXL_DC_VALUE(1, 0)

/* All of it taken out of the free capacity, as a stream would have it. */
static FakeHost *start_loading(void)
{
    FakeHost *h = start();
    CxlDcPool *pool = &h->dev->dc_pool;

    extentset_clear(&pool->regions[0].free);
    extentset_clear(&pool->regions[1].free);
    g_assert_true(cxl_dcd_pool_load_tag(pool, &tag_a, true, true));
    return h;
}

static bool load(FakeHost *h, CxlDcState state, uint64_t dpa, uint64_t len,
                 uint64_t value)
{
    Extent e = { dpa, len, value };

    return cxl_dcd_pool_load_piece(&h->dev->dc_pool, state, 0, &e);
}

static void test_pieces(void)
{
    FakeHost *h = start_loading();

    g_assert_false(load(h, CXL_DC_OWNED, BASE0 - BLOCK, BLOCK, 0));
    g_assert_false(load(h, CXL_DC_OWNED, BASE1 - BLOCK, 2 * BLOCK, 0));
    g_assert_false(load(h, CXL_DC_OWNED, BASE0, UINT64_MAX, 0));
    g_assert_false(load(h, CXL_DC_OWNED, BASE0, BLOCK, 2)); /* no such tag */
    g_assert_false(load(h, CXL_DC_OWNED, BASE1, BLOCK, 0)); /* needs one */
    g_assert_false(load(h, CXL_DC_SHARED, BASE0, BLOCK, TAGGED));
    g_assert_true(load(h, CXL_DC_OWNED, BASE0, 2 * BLOCK, 0));
    g_assert_false(load(h, CXL_DC_OFFERED, BASE0 + BLOCK, BLOCK, 0));
    g_assert_true(load(h, CXL_DC_OWNED, BASE1, 2 * BLOCK, TAGGED));
    /* A second host's, of the same piece and in the same place of the order */
    g_assert_true(load(h, CXL_DC_OFFERED, BASE1 + BLOCK, BLOCK, TAGGED));
    g_assert_false(load(h, CXL_DC_OWNED, BASE1, 3 * BLOCK, TAGGED));
    g_assert_false(load(h, CXL_DC_OWNED, BASE1, BLOCK, CXL_DC_VALUE(1, 1)));
    g_assert_false(load(h, CXL_DC_SHARED, BASE1, BLOCK, TAGGED));
    fake_host_free(h);
}

static void test_tags(void)
{
    CxlMemdevConfig cfg = config();
    FakeHost *h;

    cfg.dc_max_tags = 3;
    h = fake_host_new(&cfg);
    g_assert_true(cxl_dcd_pool_load_tag(&h->dev->dc_pool, &tag_a, 1, 1));
    g_assert_true(cxl_dcd_pool_load_tag(&h->dev->dc_pool, &tag_b, 0, 0));
    g_assert_false(cxl_dcd_pool_load_tag(&h->dev->dc_pool, &tag_a, 1, 1));
    g_assert_false(cxl_dcd_pool_load_tag(&h->dev->dc_pool, &(CxlUuid) { }, 1,
                                         1));
    g_assert_true(cxl_dcd_pool_load_tag(&h->dev->dc_pool, &tag_b, 1, 1));
    g_assert_false(cxl_dcd_pool_load_tag(&h->dev->dc_pool,
                                         &(CxlUuid) { { 3 } }, 1, 0));
    fake_host_free(h);
}

/* Whatever is nowhere may have been somebody's: it is wiped. */
static void test_gaps(void)
{
    FakeHost *h = start_loading();
    CxlDcPool *pool = &h->dev->dc_pool;
    uint8_t byte = 0x5a;

    extentset_insert(&pool->regions[0].free, BASE0 + BLOCK, BLOCK, 0);
    g_assert_true(load(h, CXL_DC_SHARED, BASE1 + BLOCK, BLOCK, TAGGED));
    h->dev->store->dpa_write(h, BASE1, &byte, 1);
    cxl_dcd_pool_loaded(pool);
    fake_check(h);
    g_assert_cmpuint(pool->regions[0].free.total, ==, BLOCK);
    while (pool->unwiped.count) {
        cxl_dcd_pool_wipe(pool);
    }
    fake_check(h);
    g_assert_cmpuint(pool->regions[0].free.total, ==, 512 * MiB);
    g_assert_cmpuint(pool->regions[1].free.total, ==, 256 * MiB - BLOCK);
    h->dev->store->dpa_read(h, BASE1, &byte, 1);
    g_assert_cmphex(byte, ==, 0);
    fake_host_free(h);
}

typedef void Spoil(CxlDcPool *pool);

static void lose(CxlDcPool *pool)
{
    extentset_erase(&pool->taken, BASE0, BLOCK);
}

static void twice(CxlDcPool *pool)
{
    extentset_insert(&pool->regions[0].free, BASE0, BLOCK, 0);
}

static void unknown_wiping(CxlDcPool *pool)
{
    extentset_assign(&pool->taken, BASE0, BLOCK,
                     cxl_dcd_state_value(CXL_DC_SANITIZING, 0));
}

static void wrong_state(CxlDcPool *pool)
{
    extentset_assign(&pool->taken, BASE0, BLOCK,
                     cxl_dcd_state_value(CXL_DC_SHARED, 1));
}

static void stranger(CxlDcPool *pool)
{
    extentset_assign(&pool->taken, BASE0, BLOCK,
                     cxl_dcd_state_value(CXL_DC_OWNED, 1));
}

static void two_hosts(CxlDcPool *pool)
{
    extentset_assign(&pool->taken, BASE1, BLOCK,
                     cxl_dcd_state_value(CXL_DC_SHARED, 2));
}

static void nobody(CxlDcPool *pool)
{
    extentset_assign(&pool->taken, BASE1, BLOCK,
                     cxl_dcd_state_value(CXL_DC_SHARED, 0));
}

static void untagged(CxlDcPool *pool)
{
    extentset_clear(&g_array_index(pool->tags, CxlDcTag, 1).pieces);
}

static void wiped_for_somebody(CxlDcPool *pool)
{
    extentset_assign(&pool->taken, BASE0, BLOCK,
                     cxl_dcd_state_value(CXL_DC_SANITIZING, 1));
}

static void wiped_with_tag(CxlDcPool *pool)
{
    extentset_assign(&pool->taken, BASE1, BLOCK,
                     cxl_dcd_state_value(CXL_DC_SANITIZING, 0));
    extentset_insert(&pool->unwiped, BASE1, BLOCK, 0);
}

static void two_tags(CxlDcPool *pool)
{
    CxlDcTag more = { .uuid = tag_b, .used = true };

    extentset_insert(&more.pieces, BASE1, BLOCK, 0);
    g_array_append_val(pool->tags, more);
}

static void tag_of_nobody(CxlDcPool *pool)
{
    CxlDcTag more = { .uuid = tag_b, .used = true };

    g_array_append_val(pool->tags, more);
}

static void unknown_tag(CxlDcPool *pool)
{
    g_array_index(pool->tags, CxlDcTag, 1).uuid = tag_b;
}

static void unlisted_tag(CxlDcPool *pool)
{
    extentset_insert(&pool->unused, 1, 1, 0);
}

static void miscounted(CxlDcPool *pool)
{
    pool->shared_pieces++;
}

static void test_spoiled(void)
{
    static Spoil *const spoils[] = {
        lose, twice, unknown_wiping, wrong_state, stranger, two_hosts, nobody,
        untagged, wiped_for_somebody, wiped_with_tag, two_tags, tag_of_nobody,
        unknown_tag, unlisted_tag, miscounted,
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(spoils); i++) {
        FakeHost *h = start();

        add(h, (CxlDcRequest) { .region = 1, .length = BLOCK, .tag = tag_a });
        add(h, (CxlDcRequest) { .length = BLOCK });
        respond(h, BASE1, BLOCK);
        spoils[i](&h->dev->dc_pool);
        g_assert_nonnull(cxl_dcd_check(&h->dev->dc_pool));
        fake_host_free(h);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/dcd-pool-check/pieces", test_pieces);
    g_test_add_func("/cxl/dcd-pool-check/tags", test_tags);
    g_test_add_func("/cxl/dcd-pool-check/gaps", test_gaps);
    g_test_add_func("/cxl/dcd-pool-check/spoiled", test_spoiled);
    return g_test_run();
}
