/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/fabric-mapped: by how many hosts something is mapped, and what
 * the pool is told of that.
 */
#include "qemu/osdep.h"
#include "hw/cxl/core/fabric-mapped.h"
#include "tests/unit/cxl/fabric-fixture.h"

/* A letter per block: by how many of the heads it is mapped. */
static char *counts(const World *w, unsigned blocks)
{
    GString *text = g_string_new(NULL);
    Extent e;

    g_assert_cmpstr(cxl_fabric_mapped_check(w->fabric), ==, NULL);
    for (unsigned i = 0; i < blocks; i++) {
        g_string_append_c(text, extentset_find(&w->fabric->mapped, dpa_of(i),
                                               &e) ? '0' + (char)e.value : '.');
    }
    return g_string_free(text, FALSE);
}

static void expect(const World *w, const char *wanted)
{
    g_autofree char *is = counts(w, strlen(wanted));

    g_assert_cmpstr(is, ==, wanted);
}

static void map(World *w, unsigned head, unsigned block, unsigned n)
{
    cxl_fabric_map(w->fabric, &w->fabric->host[head], dpa_of(block),
                   n * BLOCK);
}

static void unmap(World *w, unsigned head, unsigned block, unsigned n)
{
    ExtentSet gone;

    extentset_init(&gone, true);
    extentset_insert(&gone, dpa_of(block), n * BLOCK, 0);
    cxl_fabric_unmapped(w->fabric, &w->fabric->host[head], &gone);
    extentset_clear(&gone);
}

static void test_counts(void)
{
    World *w = world_new();
    ExtentSet gone;

    map(w, 0, 2, 2);
    map(w, 0, 6, 1);
    expect(w, "..11..1...");
    /* What it has it has once, however often that is said. */
    map(w, 0, 1, 7);
    expect(w, ".1111111..");
    map(w, 1, 3, 2);
    map(w, 2, 4, 2);
    expect(w, ".1123211..");
    /* More than it has */
    unmap(w, 1, 0, 10);
    expect(w, ".1112211..");
    unmap(w, 0, 4, 1);
    expect(w, ".1111211..");
    cxl_fabric_unmap_all(w->fabric, &w->fabric->host[0], &gone);
    g_assert_cmphex(gone.total, ==, 6 * BLOCK);
    extentset_clear(&gone);
    expect(w, "....11....");
    world_free(w);
}

/* Runs are as long as the answer holds, whoever the hosts are. */
static void test_runs(void)
{
    World *w = world_new();
    bool mapped;

    map(w, 0, 2, 2);
    map(w, 1, 4, 2);
    g_assert_cmphex(cxl_fabric_watch.run(w->fabric, 0, 8 * BLOCK, &mapped), ==,
                    2 * BLOCK);
    g_assert_false(mapped);
    g_assert_cmphex(cxl_fabric_watch.run(w->fabric, dpa_of(3), 8 * BLOCK,
                                         &mapped), ==, 3 * BLOCK);
    g_assert_true(mapped);
    g_assert_cmphex(cxl_fabric_watch.run(w->fabric, dpa_of(3), BLOCK,
                                         &mapped), ==, BLOCK);
    g_assert_true(mapped);
    g_assert_cmphex(cxl_fabric_watch.run(w->fabric, dpa_of(6), 8 * BLOCK,
                                         &mapped), ==, 8 * BLOCK);
    g_assert_false(mapped);
    world_free(w);
}

static void test_check(void)
{
    World *w = world_new();

    map(w, 0, 2, 2);
    map(w, 1, 4, 2);
    /* As many bytes as there should be, elsewhere */
    extentset_erase(&w->fabric->host[1].mapped, dpa_of(5), BLOCK);
    extentset_insert(&w->fabric->host[1].mapped, dpa_of(2), BLOCK, 0);
    g_assert_nonnull(cxl_fabric_mapped_check(w->fabric));
    extentset_erase(&w->fabric->host[1].mapped, dpa_of(2), BLOCK);
    g_assert_nonnull(cxl_fabric_mapped_check(w->fabric));
    extentset_insert(&w->fabric->host[1].mapped, dpa_of(5), BLOCK, 0);
    expect(w, "..1111..");
    world_free(w);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/fabric-mapped/counts", test_counts);
    g_test_add_func("/cxl/fabric-mapped/runs", test_runs);
    g_test_add_func("/cxl/fabric-mapped/check", test_check);
    return g_test_run();
}
