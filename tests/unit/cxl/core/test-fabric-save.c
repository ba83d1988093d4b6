/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/fabric-save: accounts survive the process that keeps them, and
 * nothing that was written down is believed.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/fabric-mapped.h"
#include "tests/unit/cxl/fabric-fixture.h"

static void test_restart(void)
{
    World *w = world_busy();
    Guest *g = &w->guest[0];
    uint64_t had = w->guest[1].mapped;

    world_restart(w);
    world_check(w);
    g_assert_cmpint(state_of(w, 0), ==, CXL_DC_LEAVING);
    g_assert_cmpint(state_of(w, 1), ==, CXL_DC_RETURNING);
    g_assert_cmpint(state_of(w, 2), ==, CXL_DC_OWNED);
    g_assert_cmpint(state_of(w, 16), ==, CXL_DC_OFFERED);
    g_assert_cmpint(state_of(w, PER), ==, CXL_DC_SHARED);
    g->asked = 0;
    for (unsigned i = 0; i < 3; i++) {
        guest_attaches(w, i, i, 0);
        guest_reads(w, &w->guest[i]);
        g_assert_cmpuint(w->guest[i].refused, ==, 0);
    }
    world_check(w);
    g_assert_cmphex(w->guest[1].mapped, ==, had);
    g_assert_cmphex(g->taken, ==, 1);
    g_assert_cmphex(g->asked, ==, 2);
    g_assert_cmpuint(w->guest[2].offers.length, ==, 1);
    guest_ends_access(g);
    world_timer(w);
    g_assert_cmpint(state_of(w, 0), ==, CXL_DC_FREE);
    world_free(w);
}

static bool load(World *w, const uint8_t *bytes, size_t len)
{
    g_autofree char *problem = NULL;
    bool good;

    for (unsigned i = 0; i < HEADS; i++) {
        guest_leave(&w->guest[i]);
    }
    cxl_fabric_free(w->fabric);
    world_open(w);
    good = cxl_fabric_load(w->fabric, bytes, len, &problem);
    g_assert_true(good == !problem);
    if (good) {
        world_check(w);
    }
    return good;
}

/*
 * Whether the machine was off nobody knows: a process that lives keeps what it
 * has (world_wipe() asserts that it is not wiped), all else is wiped.
 */
static void test_power(void)
{
    World *w = world_busy();
    g_autoptr(GByteArray) log = g_byte_array_ref(w->fabric->log);
    uint64_t had;

    g_assert_cmphex(add(w, 0, 24, 2, 0), ==, 0);    /* not answered */
    had = w->guest[0].mapped;
    g_assert_cmphex(had & ~3ull, !=, 0);
    for (unsigned i = 0; i < HEADS; i++) {
        guest_leave(&w->guest[i]);
    }
    guest_dies(w, 1);
    memset(w->bytes + 16, 0x55, 16);                /* holes are lost */
    cxl_fabric_free(w->fabric);
    w->fabric = world_read(w, log);
    g_assert_cmpint(state_of(w, 24), ==, CXL_DC_OFFERED);
    g_assert_cmpint(state_of(w, 30), ==, CXL_DC_FREE);
    cxl_fabric_power_lost(w->fabric);
    world_check(w);
    world_keep(w);
    g_assert_true(w->fabric->host[0].seat.known);
    g_assert_false(w->fabric->host[1].seat.known);
    g_assert_cmpint(state_of(w, 2), ==, CXL_DC_OWNED);
    for (unsigned i = 8; i < 32; i++) {
        g_assert_cmpint(state_of(w, i), ==, CXL_DC_SANITIZING);
    }
    world_timer(w);
    for (unsigned i = 8; i < 32; i++) {
        g_assert_cmpint(state_of(w, i), ==, CXL_DC_FREE);
        g_assert_cmphex(w->bytes[i], ==, 0);
    }
    /* It comes back, and nothing but what was forced before is taken. */
    guest_attaches(w, 0, 0, 0);
    guest_reads(w, &w->guest[0]);
    g_assert_true(w->guest[0].attached);
    g_assert_cmphex(w->guest[0].mapped, ==, had);
    g_assert_cmphex(w->guest[0].taken, ==, 1);
    g_assert_true(g_queue_is_empty(&w->guest[0].offers));
    world_free(w);
}

static void test_other_configuration(void)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    World *w = world_busy();

    cxl_fabric_save(w->fabric, bytes);
    g_assert_true(load(w, bytes->data, bytes->len));
    w->cfg.max_tags = 7;
    g_assert_false(load(w, bytes->data, bytes->len));
    w->cfg.max_tags = 0;
    w->cfg.hosts = 2;
    g_assert_false(load(w, bytes->data, bytes->len));
    w->cfg.hosts = HEADS;
    w->cfg.regions[1].len /= 2;
    g_assert_false(load(w, bytes->data, bytes->len));
    world_free(w);
}

/* Cut off anywhere, or with any bit turned: refused, or as good as another. */
static void test_damage(void)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);
    World *w = world_busy();
    unsigned refused = 0;

    cxl_fabric_save(w->fabric, bytes);
    for (uint32_t len = 0; len < bytes->len; len += 7) {
        g_assert_false(load(w, bytes->data, len));
    }
    for (unsigned i = 0; i < 3000; i++) {
        uint32_t bit = g_rand_int_range(rand, 0, 8 * bytes->len);

        bytes->data[bit / 8] ^= 1 << bit % 8;
        refused += !load(w, bytes->data, bytes->len);
        bytes->data[bit / 8] ^= 1 << bit % 8;
    }
    g_assert_cmpuint(refused, >, 1500);
    world_free(w);
}

static void move(World *w, unsigned block, bool in)
{
    CxlFabricHost *host = &w->fabric->host[0];
    uint64_t dpa = dpa_of(block);

    if (in) {
        cxl_fabric_map(w->fabric, host, dpa, BLOCK);
    } else {
        ExtentSet gone;

        extentset_init(&gone, true);
        extentset_insert(&gone, dpa, BLOCK, 0);
        cxl_fabric_unmapped(w->fabric, host, &gone);
        extentset_clear(&gone);
    }
}

static void test_check(void)
{
    World *w = world_busy();
    CxlFabricHost *host = &w->fabric->host[0];

    move(w, 2, false);
    g_assert_cmpstr(cxl_fabric_check(w->fabric), ==,
                    "a host cannot access what it has accepted");
    move(w, 2, true);
    move(w, 20, true);
    g_assert_cmpstr(cxl_fabric_check(w->fabric), ==,
                    "a host can access what is nobody's");
    move(w, 20, false);
    move(w, 8, true);
    g_assert_cmpstr(cxl_fabric_check(w->fabric), ==,
                    "two hosts can access what is not shared");
    move(w, 8, false);
    world_check(w);
    extentset_erase(&host->mapped, 0, BLOCK);
    extentset_erase(&w->fabric->mapped, 0, BLOCK);
    g_assert_cmpstr(cxl_fabric_check(w->fabric), ==,
                    "capacity waits for nobody");
    move(w, 0, true);
    world_check(w);
    host->seat.known = false;
    g_assert_cmpstr(cxl_fabric_check(w->fabric), ==,
                    "a host without a head has something");
    host->seat.known = true;
    world_free(w);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/fabric-save/restart", test_restart);
    g_test_add_func("/cxl/fabric-save/power", test_power);
    g_test_add_func("/cxl/fabric-save/other-configuration",
                    test_other_configuration);
    g_test_add_func("/cxl/fabric-save/damage", test_damage);
    g_test_add_func("/cxl/fabric-save/check", test_check);
    return g_test_run();
}
