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
    world_open_switch(w);
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

/* Sizes and what is to be wiped outlive it too. */
static void test_allocations(void)
{
    g_autoptr(GByteArray) bytes = NULL;
    World *w = world_new();

    machine_comes(w, 0, 0);
    allocate(w, 0, 2, 0);
    cxl_fabric_switch_clean(w->sw);
    bound(w, 0, 1, 0);
    allocate(w, 1, 0, 0);
    allocate(w, 2, 0, 2);
    bytes = saved(w);
    another(w);
    g_assert_true(loads(w, bytes, bytes->len));
    world_check(w);
    g_assert_cmphex(w->sw->places.ld[0].offset, ==, 1 * GiB);
    g_assert_cmphex(w->sw->mld->ld[0].range[0], ==, 512 * MiB);
    g_assert_cmphex(w->sw->mld->ld[1].range[0], ==, 0);
    g_assert_cmphex(w->sw->mld->ld[2].range[1], ==, 512 * MiB);
    w->wiped[0] = w->wiped[1] = 0;
    cxl_fabric_switch_clean(w->sw);
    g_assert_cmphex(w->wiped[0], ==, 512 * MiB);
    g_assert_cmphex(w->wiped[1], ==, 256 * KiB);
    /* What is lent has bytes. */
    w->sw->places.ld[0].stale = true;
    g_byte_array_set_size(bytes, 0);
    cxl_fabric_switch_save(w->sw, bytes);
    w->sw->places.ld[0].stale = false;
    another(w);
    g_assert_false(loads(w, bytes, bytes->len));
    world_free(w);
}

static void put_number(GByteArray *out, uint64_t number, unsigned bytes)
{
    uint64_t le = cpu_to_le64(number);

    g_byte_array_append(out, (const uint8_t *)&le, bytes);
}

static void put_head(GByteArray *out, const char *name, uint32_t len)
{
    char padded[16] = { 0 };

    memcpy(padded, name, strlen(name));
    g_byte_array_append(out, (const uint8_t *)padded, sizeof(padded));
    put_number(out, 1, 4);
    put_number(out, len, 4);
}

/* As it was before sizes could change: three devices, three hosts */
static void test_first_version(void)
{
    g_autoptr(GByteArray) old = g_byte_array_new();
    World *w = world_new();
    uint32_t config = 8 * (2 + 3 * LDS);
    uint32_t hosts = HOSTS * (8 + 16 + CXL_FABRIC_PROCESS + 8 +
                              16 * CXL_FABRIC_VPPBS);

    put_head(old, "cxl-fabric-sw", 2 * 24 + config + hosts);
    put_head(old, "config", config);
    put_number(old, HOSTS, 8);
    put_number(old, LDS, 8);
    for (unsigned i = 0; i < LDS; i++) {
        put_number(old, (i + 1) * 256 * MiB, 8);
        put_number(old, 256 * MiB, 8);
        put_number(old, i == 2, 8);
    }
    put_head(old, "hosts", hosts);
    for (unsigned i = 0; i < HOSTS; i++) {
        for (unsigned k = 0; k < 8 + 16 + CXL_FABRIC_PROCESS + 8; k++) {
            put_number(old, 0, 1);
        }
        for (unsigned k = 0; k < CXL_FABRIC_VPPBS; k++) {
            put_number(old, CXL_FABRIC_NO_LD, 8);
            put_number(old, 0, 8);
        }
    }
    g_assert_false(loads(w, old, old->len));
    w->cfg.capacity = 768 * MiB;
    another(w);
    g_assert_true(loads(w, old, old->len));
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
    w->cfg.capacity -= 256 * MiB;
    another(w);
    g_assert_false(loads(w, bytes, bytes->len));
    w->cfg.capacity += 256 * MiB;
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
    g_test_add_func("/cxl/fabric-switch-save/allocations", test_allocations);
    g_test_add_func("/cxl/fabric-switch-save/first-version",
                    test_first_version);
    g_test_add_func("/cxl/fabric-switch-save/refused", test_refused);
    g_test_add_func("/cxl/fabric-switch-save/damaged", test_damaged);
    return g_test_run();
}
