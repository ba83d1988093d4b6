/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/fabric-log: a change of the accounts leaves one record, as long
 * as the change is; what is refused leaves none.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/fabric-fixture.h"

#define HEAD(n) (8 * (n))

/* One record of @type has been written, or none (-1); its length. */
static uint32_t one(World *w, int type)
{
    GByteArray *log = w->fabric->log;
    uint32_t len = log->len;

    if (type < 0) {
        g_assert_cmpuint(len, ==, 0);
    } else {
        g_assert_cmpuint(len, >=, HEAD(1));
        g_assert_cmpuint(ldq_le_p(log->data), ==, type);
    }
    g_byte_array_set_size(log, 0);
    return len;
}

static void expect(World *w, int type, uint32_t len)
{
    g_assert_cmpuint(one(w, type), ==, len);
}

static void test_hosts(void)
{
    World *w = world_new();
    Guest *g = &w->guest[0];

    guest_attaches(w, 0, 9, 0);
    guest_reads(w, g);
    expect(w, -1, 0);
    guest_attaches(w, 0, 0, 0);
    expect(w, CXL_FABRIC_LOG_ATTACH, HEAD(3) + 16 + CXL_FABRIC_PROCESS);
    add(w, 0, 2, 3, 0);
    expect(w, CXL_FABRIC_LOG_ADD, HEAD(5) + 16 + 16);
    guest_reads(w, g);
    expect(w, -1, 0);
    guest_answers(g, 5 << 2);
    expect(w, CXL_FABRIC_LOG_ANSWER, HEAD(3) + 2 * 16);
    guest_reads(w, g);
    guest_answers(g, ~0ull);            /* there is no offer */
    expect(w, -1, 0);
    guest_releases(g, 1 << 2);
    expect(w, CXL_FABRIC_LOG_RELEASE, HEAD(3) + 16);
    guest_reads(w, g);
    take(w, 0, 4, 1, true);
    expect(w, CXL_FABRIC_LOG_TAKE, HEAD(6) + 16 + 16);
    guest_reads(w, g);
    expect(w, -1, 0);
    guest_ends_access(g);
    expect(w, CXL_FABRIC_LOG_UNMAPPED, HEAD(3) + 16);
    guest_leave(g);
    world_timer(w);
    expect(w, -1, 0);
    guest_dies(w, 0);
    world_reaps(w);
    expect(w, CXL_FABRIC_LOG_DIED, HEAD(2));
    world_free(w);
}

/* A list in parts is one change, when it is whole. */
static void test_parts(void)
{
    World *w = world_new();
    Guest *g = &w->guest[0];

    guest_attaches(w, 0, 0, 0);
    add(w, 0, 0, 8, 0);
    guest_reads(w, g);
    one(w, CXL_FABRIC_LOG_ATTACH);
    guest_says(g, CXL_FABRIC_ANSWER, 0, 0x0f, CXL_FABRIC_MORE);
    guest_says(g, CXL_FABRIC_ANSWER, 0, 0x10, CXL_FABRIC_MORE);
    expect(w, -1, 0);
    g->answer = 0x7f;
    g->answer_seq = g->seq + 1;
    guest_says(g, CXL_FABRIC_ANSWER, 0, 0x60, 0);
    expect(w, CXL_FABRIC_LOG_ANSWER, HEAD(3) + 7 * 16);
    guest_reads(w, g);
    g_assert_cmphex(g->mapped, ==, 0x7f);
    world_free(w);
}

static void test_managers(void)
{
    static const CxlUuid tag = { { 3 } };
    CxlFmDcSetConfig setup = { .sanitize = 1 };
    World *w = world_new();

    manage(w, CXL_OP_FM_DC_ADD_REFERENCE, &tag, sizeof(tag), NULL, NULL);
    expect(w, CXL_FABRIC_LOG_REFERENCE, HEAD(2) + 16);
    manage(w, CXL_OP_FM_DC_REMOVE_REFERENCE, &tag, sizeof(tag), NULL, NULL);
    expect(w, CXL_FABRIC_LOG_REFERENCE, HEAD(2) + 16);
    manage(w, CXL_OP_FM_DC_REMOVE_REFERENCE, &tag, sizeof(tag), NULL, NULL);
    expect(w, -1, 0);
    stq_le_p(&setup.block_size, BLOCK);
    manage(w, CXL_OP_FM_DC_SET_CONFIG, &setup, sizeof(setup), NULL, NULL);
    expect(w, CXL_FABRIC_LOG_SET_UP, HEAD(4));
    stq_le_p(&setup.block_size, 3);
    manage(w, CXL_OP_FM_DC_SET_CONFIG, &setup, sizeof(setup), NULL, NULL);
    add(w, 0, PER - 1, 2, 0);
    take(w, 0, 0, 1, true);
    manage(w, CXL_OP_FM_DC_INFO, NULL, 0, NULL, NULL);
    expect(w, -1, 0);
    add(w, 0, 1, 1, 0);
    add(w, 0, 3, 1, 0);
    one(w, CXL_FABRIC_LOG_ADD);
    /* Where capacity was free is not found again by who reads this. */
    g_assert_cmphex(change(w, CXL_OP_FM_DC_ADD, 0, CXL_DC_ADD_FREE, 0, 3, 0),
                    ==, 0);
    expect(w, CXL_FABRIC_LOG_ADD, HEAD(5) + 16 + 3 * 16);
    world_free(w);
}

/* However much there is besides */
static void test_cost(void)
{
    World *w = world_new();
    uint32_t len;

    guest_attaches(w, 0, 0, 0);
    guest_attaches(w, 1, 1, 0);
    one(w, CXL_FABRIC_LOG_ATTACH);
    add(w, 0, 0, 1, 0);
    len = one(w, CXL_FABRIC_LOG_ADD);
    for (unsigned i = 1; i < PER; i++) {
        add(w, i & 1, i, 1, 0);
        g_assert_cmpuint(one(w, CXL_FABRIC_LOG_ADD), ==, len);
    }
    world_free(w);
}

static void test_before_the_start(void)
{
    World *w = world_new();

    cxl_fabric_free(w->fabric);
    world_open(w);
    add(w, 0, 0, 1, 0);
    guest_attaches(w, 0, 0, 0);
    guest_reads(w, &w->guest[0]);
    guest_answers(&w->guest[0], ~0ull);
    g_assert_null(w->fabric->log);
    world_check(w);
    world_free(w);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/fabric-log/hosts", test_hosts);
    g_test_add_func("/cxl/fabric-log/parts", test_parts);
    g_test_add_func("/cxl/fabric-log/managers", test_managers);
    g_test_add_func("/cxl/fabric-log/cost", test_cost);
    g_test_add_func("/cxl/fabric-log/before-the-start",
                    test_before_the_start);
    return g_test_run();
}
