/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/fabric-attach: who gets which head, and what a host says that it
 * has against what the accounts say.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/fabric-fixture.h"

static void attach(World *w, unsigned guest, uint16_t head, uint64_t lie,
                   unsigned code)
{
    Guest *g = &w->guest[guest];

    g->code = 0;
    guest_attaches(w, guest, head, lie);
    guest_reads(w, g);
    g_assert_cmpuint(g->code, ==, code);
    g_assert_true(g->attached == !code);
    world_check(w);
}

static void owns(World *w, unsigned guest, unsigned block, unsigned count)
{
    Guest *g = &w->guest[guest];

    g_assert_cmphex(add(w, g->welcome.head, block, count, 0), ==, 0);
    guest_reads(w, g);
    guest_answers(g, ~0ull);
    guest_reads(w, g);
    g_assert_cmphex(g->rc, ==, 0);
}

static void test_heads(void)
{
    World *w = world_new();

    attach(w, 0, 3, 0, CXL_FABRIC_NO_HEAD);
    attach(w, 0, 1, 0, 0);
    attach(w, 1, 1, 0, CXL_FABRIC_HEAD_TAKEN);
    attach(w, 1, CXL_FABRIC_ANY_HEAD, 0, 0);
    g_assert_cmpuint(w->guest[1].welcome.head, ==, 0);
    /* The same host by another connection, then by another process */
    guest_leave(&w->guest[1]);
    attach(w, 1, 2, 0, CXL_FABRIC_NO_HEAD);
    attach(w, 1, 0, 0, 0);
    w->guest[2].id = w->guest[1].id;
    attach(w, 2, CXL_FABRIC_ANY_HEAD, 0, CXL_FABRIC_HEAD_TAKEN);
    w->guest[2].process = w->guest[1].process;
    attach(w, 2, CXL_FABRIC_ANY_HEAD, 0, CXL_FABRIC_ATTACHED);
    /* Its process has ended: who comes instead begins with nothing. */
    owns(w, 1, 0, 2);
    guest_dies(w, 1);
    w->guest[2].process = 0;
    attach(w, 2, 0, 0, 0);
    g_assert_cmpint(state_of(w, 0), ==, CXL_DC_SANITIZING);
    world_free(w);
}

static void test_all_taken(void)
{
    World *w = world_new();

    w->cfg.hosts = 1;
    cxl_fabric_free(w->fabric);
    world_open(w);
    attach(w, 0, CXL_FABRIC_ANY_HEAD, 0, 0);
    attach(w, 1, CXL_FABRIC_ANY_HEAD, 0, CXL_FABRIC_NO_HEAD);
    guest_dies(w, 0);
    attach(w, 1, CXL_FABRIC_ANY_HEAD, 0, 0);
    w->cfg.hosts = HEADS;
    guest_leave(&w->guest[1]);
    cxl_fabric_free(w->fabric);
    g_free(w);
}

/* It has less than the accounts say: that was given back. */
static void test_less(void)
{
    World *w = world_new();

    attach(w, 0, 0, 0, 0);
    owns(w, 0, 0, 4);
    guest_leave(&w->guest[0]);
    w->guest[0].mapped = 9;
    attach(w, 0, 0, 0, 0);
    g_assert_cmpint(state_of(w, 0), ==, CXL_DC_OWNED);
    g_assert_cmpint(state_of(w, 1), ==, CXL_DC_SANITIZING);
    g_assert_cmpint(state_of(w, 3), ==, CXL_DC_OWNED);
    world_free(w);
}

/* It has more, which is nobody's: it is asked for it before others get it. */
static void test_more(void)
{
    World *w = world_new();
    Guest *g = &w->guest[0];

    attach(w, 0, 0, 6, 0);
    g_assert_cmphex(g->taken, ==, 6);
    g_assert_cmpint(state_of(w, 1), ==, CXL_DC_LEAVING);
    g_assert_cmphex(add(w, 1, 1, 1, 0), ==, CXL_RC_EXTENT_LIST);
    guest_ends_access(g);
    world_timer(w);
    g_assert_cmpint(state_of(w, 1), ==, CXL_DC_FREE);
    world_check(w);
    world_free(w);
}

/* It has what is another's, or on its way there. */
static void test_anothers(void)
{
    World *w = world_new();

    attach(w, 1, 1, 0, 0);
    owns(w, 1, 0, 1);
    g_assert_cmphex(add(w, 1, 4, 1, 0), ==, 0);
    attach(w, 0, 0, 1, CXL_FABRIC_NOT_UNDERSTOOD);
    attach(w, 0, 0, 1 << 4, CXL_FABRIC_NOT_UNDERSTOOD);
    g_assert_false(w->fabric->host[0].seat.known);
    attach(w, 0, 0, 0, 0);
    world_free(w);
}

/* Taken back while nobody was there; asked for; offered */
static void test_news(void)
{
    World *w = world_new();
    Guest *g = &w->guest[0];

    attach(w, 0, 0, 0, 0);
    owns(w, 0, 0, 4);
    guest_leave(g);
    g_assert_cmphex(take(w, 0, 0, 1, true), ==, 0);
    g_assert_cmphex(take(w, 0, 1, 1, false), ==, 0);
    g_assert_cmphex(add(w, 0, 8, 1, 0), ==, 0);
    g_assert_cmphex(add(w, 0, 9, 1, 0), ==, 0);
    g_assert_cmphex(take(w, 0, 9, 1, true), ==, 0);
    attach(w, 0, 0, 0, 0);
    g_assert_cmphex(g->taken, ==, 1);
    g_assert_cmphex(g->asked, ==, 2);
    guest_ends_access(g);
    guest_reads(w, g);
    g_assert_cmpuint(g->offers.length, ==, 1);
    guest_answers(g, ~0ull);
    guest_reads(w, g);
    g_assert_cmphex(g->mapped, ==, 0x10e);
    world_check(w);
    world_free(w);
}

/* The switch has said no; the link and its world are the callee's to free. */
static void ends_refused(World *w, CxlFabricLink *link)
{
    g_assert_true(link->over);
    g_assert_cmpuint(link->out->data[5], ==, CXL_FABRIC_REFUSED);
    cxl_fabric_link_destroy(link);
    world_check(w);
    world_free(w);
}

static void test_holds(void)
{
    static const struct {
        uint32_t said, count, flags;
        CxlFabricExtent e[2];
    } rows[] = {
        { 1, 2, 0, { { 0, BLOCK }, { BLOCK, BLOCK } } },
        { 2, 1, 0, { { 0, BLOCK } } },
        { 2, 2, 1, { { 0, BLOCK }, { BLOCK, BLOCK } } },
        { 1, 0, 1 },
        { 2, 2, 0, { { 0, BLOCK }, { 0, BLOCK } } },
        { 1, 1, 0, { { 0, BLOCK / 2 } } },
        { 1, 1, 0, { { BLOCK / 2, BLOCK } } },
        { 1, 1, 0, { { BLOCKS * BLOCK, BLOCK } } },
        { 1, 1, 0, { { (PER - 1) * BLOCK, 2 * BLOCK } } },
        { UINT32_MAX, 1, 1, { { 0, BLOCK } } },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        World *w = world_new();
        uint8_t process[CXL_FABRIC_PROCESS] = { 1 };
        CxlFabricMessage m = { .type = CXL_FABRIC_HELLO,
                               .hello.holds = rows[i].said };
        CxlFabricLink link;

        cxl_fabric_link_init(&link, w->fabric, process);
        cxl_fabric_link_take(&link, &m);
        m = (CxlFabricMessage) {
            .type = CXL_FABRIC_HOLDS,
            .list = { .flags = rows[i].flags, .count = rows[i].count,
                      .extents = rows[i].e },
        };
        if (!link.over) {
            cxl_fabric_link_take(&link, &m);
        }
        ends_refused(w, &link);
    }
}

/* What a host holds is told behind who it is. */
static void test_holds_first(void)
{
    World *w = world_new();
    uint8_t process[CXL_FABRIC_PROCESS] = { 1 };
    CxlFabricExtent e = { 0, BLOCK };
    CxlFabricMessage m = {
        .type = CXL_FABRIC_HOLDS, .list = { .count = 1, .extents = &e },
    };
    CxlFabricLink link;

    cxl_fabric_link_init(&link, w->fabric, process);
    cxl_fabric_link_take(&link, &m);
    ends_refused(w, &link);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/fabric-attach/heads", test_heads);
    g_test_add_func("/cxl/fabric-attach/all-taken", test_all_taken);
    g_test_add_func("/cxl/fabric-attach/less", test_less);
    g_test_add_func("/cxl/fabric-attach/more", test_more);
    g_test_add_func("/cxl/fabric-attach/anothers", test_anothers);
    g_test_add_func("/cxl/fabric-attach/news", test_news);
    g_test_add_func("/cxl/fabric-attach/holds", test_holds);
    g_test_add_func("/cxl/fabric-attach/holds-first", test_holds_first);
    return g_test_run();
}
