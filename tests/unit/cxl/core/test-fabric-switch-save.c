/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/fabric-switch-save: what is lent outlives the switch, and what
 * cannot be is refused.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/fabric-switch-fixture.h"

static GByteArray *saved(World *w)
{
    GByteArray *bytes = g_byte_array_new();

    cxl_fabric_switch_save(w->sw, bytes);
    return bytes;
}

/* Nobody is attached to a new one. */
static void another(World *w)
{
    for (unsigned i = 0; i < HOSTS; i++) {
        machine_leaves(w, i);
    }
    cxl_fabric_switch_free(w->sw);
    switch_open(w);
}

static bool loads(World *w, const GByteArray *bytes, uint32_t len)
{
    g_autofree char *problem = NULL;
    bool good = cxl_fabric_switch_load(w->sw, bytes->data, len, &problem);

    g_assert_true(good == !problem);
    return good;
}

static void test_restart(void)
{
    g_autoptr(GByteArray) bytes = NULL;
    World *w = world_new();

    machine_comes(w, 0, 0);
    machine_comes(w, 1, 1);
    bound(w, 0, 1, 2);
    bound(w, 1, 2, 0);
    bind_ld(w, 1, 1, 1);
    bytes = saved(w);
    another(w);
    g_assert_true(loads(w, bytes, bytes->len));
    world_check(w);
    g_assert_cmpint(state(w, 0, 1), ==, CXL_BOUND);
    g_assert_cmpint(state(w, 1, 2), ==, CXL_BOUND);
    g_assert_cmphex(bind_ld(w, 0, 2, 0), ==, CXL_RC_INVALID_INPUT);
    machine_comes(w, 0, 0);
    machine_comes(w, 1, 1);
    g_assert_cmpint(state(w, 1, 1), ==, CXL_BOUND);
    g_assert_cmphex(bind_ld(w, 0, 2, 0), ==, CXL_RC_INVALID_INPUT);
    unbind(w, 1, 2, CXL_UNBIND_SURPRISE);
    machine_is(w, 1, 2, CXL_FABRIC_NO_LD);
    bound(w, 0, 2, 0);
    world_free(w);
}

static void test_refused(void)
{
    g_autoptr(GByteArray) bytes = NULL, twice = NULL;
    World *w = world_new();

    machine_comes(w, 0, 0);
    machine_comes(w, 1, 1);
    bound(w, 0, 1, 0);
    bytes = saved(w);
    w->sw->vcs[1].slot[0].lent = 0;
    twice = saved(w);
    w->sw->vcs[1].slot[0].lent = CXL_FABRIC_NO_LD;
    another(w);
    for (uint32_t len = 0; len < bytes->len; len++) {
        g_assert_false(loads(w, bytes, len));
    }
    g_assert_false(loads(w, twice, twice->len));
    w->cfg.ld[1].len *= 2;
    another(w);
    g_assert_false(loads(w, bytes, bytes->len));
    w->cfg.ld[1].len /= 2;
    w->cfg.lds--;
    another(w);
    g_assert_false(loads(w, bytes, bytes->len));
    w->cfg.lds++;
    another(w);
    g_assert_true(loads(w, bytes, bytes->len));
    world_free(w);
}

/* No byte of it leads to what cannot be. */
static void test_damaged(void)
{
    g_autoptr(GByteArray) bytes = NULL;
    World *w = world_new();

    machine_comes(w, 0, 0);
    bound(w, 0, 1, 0);
    bytes = saved(w);
    for (uint32_t at = 0; at < bytes->len; at++) {
        bytes->data[at] ^= 0xff;
        another(w);
        if (loads(w, bytes, bytes->len)) {
            g_assert_cmpstr(cxl_fabric_switch_check(w->sw), ==, NULL);
        }
        bytes->data[at] ^= 0xff;
    }
    world_free(w);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/fabric-switch-save/restart", test_restart);
    g_test_add_func("/cxl/fabric-switch-save/refused", test_refused);
    g_test_add_func("/cxl/fabric-switch-save/damaged", test_damaged);
    return g_test_run();
}
