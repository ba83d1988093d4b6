/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/dcd-host: answers in order, lists in parts, releases that cut.
 */
#include "qemu/osdep.h"
#include "tests/unit/cxl/core/dcd-fixture.h"

static void test_response_rules(void)
{
    FakeHost *h = start();
    CxlDcRequest req = { .policy = CXL_DC_ADD_CONTIGUOUS,
                         .length = 4 * BLOCK };
    CxlBgRange two[] = { { BASE0, BLOCK }, { BASE0, BLOCK } };

    /* Nothing outstanding */
    g_assert_cmphex(respond(h, 0, 0), ==, 0);
    g_assert_cmphex(respond(h, BASE0, BLOCK), ==, CXL_RC_INVALID_DPA);
    g_assert_cmphex(add(h, req), ==, 0);
    g_assert_cmphex(add(h, req), ==, 0);
    /* The second group cannot be answered before the first. */
    g_assert_cmphex(respond(h, BASE0 + 4 * BLOCK, BLOCK), ==,
                    CXL_RC_INVALID_DPA);
    g_assert_cmphex(respond(h, BASE0, 5 * BLOCK), ==, CXL_RC_INVALID_DPA);
    g_assert_cmphex(respond(h, BASE0, BLOCK + 64), ==, CXL_RC_EXTENT_LIST);
    g_assert_cmphex(update(h, CXL_OP_DC_ADD_RESPONSE, two, 2, false), ==,
                    CXL_RC_EXTENT_LIST);
    g_assert_cmpuint(h->dev->dc_view.groups.length, ==, 2);
    /* A part is taken, the rest goes back. */
    g_assert_cmphex(respond(h, BASE0 + BLOCK, BLOCK), ==, 0);
    g_assert_cmpuint(h->dev->dc_view.accepted.total, ==, BLOCK);
    g_assert_cmphex(respond(h, 0, 0), ==, 0);
    g_assert_cmpuint(h->dev->dc_view.groups.length, ==, 0);
    g_assert_cmpuint(h->dev->dc_pool.regions[0].free.total, ==,
                     512 * MiB - BLOCK);
    fake_host_free(h);
}

static void test_more_chain(void)
{
    FakeHost *h = start();
    CxlBgRange a = { BASE0, BLOCK }, b = { BASE0 + BLOCK, BLOCK };

    g_assert_cmphex(add(h, (CxlDcRequest) {
        .policy = CXL_DC_ADD_CONTIGUOUS, .length = 2 * BLOCK }), ==, 0);
    g_assert_cmphex(update(h, CXL_OP_DC_ADD_RESPONSE, &a, 1, true), ==, 0);
    g_assert_cmpuint(h->dev->dc_view.accepted.total, ==, 0);
    /* Another command of the pair in between breaks the chain. */
    g_assert_cmphex(release(h, BASE0, BLOCK), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(update(h, CXL_OP_DC_ADD_RESPONSE, &a, 1, true), ==, 0);
    g_assert_cmphex(update(h, CXL_OP_DC_ADD_RESPONSE, &b, 1, false), ==, 0);
    g_assert_cmpuint(h->dev->dc_view.accepted.total, ==, 2 * BLOCK);
    fake_host_free(h);
}

/* Neither a list, nor what comes of it, is more than there can be. */
static void test_lists_are_bounded(void)
{
    FakeHost *h = start_few();
    const ExtentSet *accepted = &h->dev->dc_view.accepted;
    CxlBgRange holes[FEW + 1];

    for (unsigned i = 0; i < ARRAY_SIZE(holes); i++) {
        holes[i] = (CxlBgRange) { BASE0 + 64 + i * 128, 64 };
    }
    add(h, (CxlDcRequest) { .length = 1 * MiB });
    g_assert_cmphex(update(h, CXL_OP_DC_ADD_RESPONSE, holes, FEW + 1, false),
                    ==, CXL_RC_RESOURCES);
    g_assert_cmphex(update(h, CXL_OP_DC_ADD_RESPONSE, holes, FEW, true), ==,
                    0);
    g_assert_cmphex(update(h, CXL_OP_DC_ADD_RESPONSE, &holes[FEW], 1, false),
                    ==, CXL_RC_RESOURCES);
    /* What was collected is forgotten, and the offer stands. */
    g_assert_cmphex(respond(h, BASE0, 1 * MiB), ==, 0);
    g_assert_cmpuint(accepted->count, ==, 1);
    /* One piece more than before with each hole */
    g_assert_cmphex(update(h, CXL_OP_DC_RELEASE, holes, FEW, false), ==,
                    CXL_RC_RESOURCES);
    g_assert_cmpuint(accepted->total, ==, 1 * MiB);
    g_assert_cmphex(update(h, CXL_OP_DC_RELEASE, holes, FEW - 2, false), ==,
                    0);
    g_assert_cmpuint(accepted->count, ==, FEW - 1);
    /* So with the answer to an offer */
    g_assert_cmphex(add(h, (CxlDcRequest) { .policy = CXL_DC_ADD_PRESCRIPTIVE,
        .extents = &(CxlBgRange) { BASE0 + 2 * MiB, 1 * MiB },
        .num_extents = 1 }), ==, 0);
    for (unsigned i = 0; i < 2; i++) {
        holes[i].start += 2 * MiB;
    }
    g_assert_cmphex(update(h, CXL_OP_DC_ADD_RESPONSE, holes, 2, false), ==,
                    CXL_RC_RESOURCES);
    g_assert_cmphex(update(h, CXL_OP_DC_ADD_RESPONSE, holes, 1, false), ==, 0);
    g_assert_cmpuint(accepted->count, ==, FEW);
    fake_host_free(h);
}

static void test_release_cuts(void)
{
    FakeHost *h = start();
    CxlDcExtentsOut *out;
    uint8_t in[8] = { 10 }, buf[256];

    g_assert_cmphex(add(h, (CxlDcRequest) {
        .policy = CXL_DC_ADD_CONTIGUOUS, .length = 5 * BLOCK,
        .tag = tag_a }), ==, 0);
    g_assert_cmphex(respond(h, BASE0, 5 * BLOCK), ==, 0);
    g_assert_cmphex(release(h, BASE0 + 6 * BLOCK, BLOCK), ==,
                    CXL_RC_INVALID_DPA);
    g_assert_cmphex(release(h, BASE0 + 4 * BLOCK, 2 * BLOCK), ==,
                    CXL_RC_INVALID_DPA);
    g_assert_cmphex(release(h, BASE0 + 64, BLOCK), ==, CXL_RC_EXTENT_LIST);
    g_assert_cmphex(release(h, BASE0 + 2 * BLOCK, BLOCK), ==, 0);
    g_assert_cmphex(h->last_change_dpa, ==, BASE0 + 2 * BLOCK);
    g_assert_cmpint(access_at(h, BASE0 + 2 * BLOCK), ==, CXL_ACCESS_NONE);
    g_assert_cmphex(release(h, BASE0 + 2 * BLOCK, BLOCK), ==,
                    CXL_RC_INVALID_DPA);
    g_assert_cmphex(fake_command(h, CXL_OP_DC_EXTENTS, in, 8), ==, 0);
    fake_reply(h, buf, sizeof(buf));
    out = (CxlDcExtentsOut *)buf;
    g_assert_cmpuint(ldl_le_p(&out->returned), ==, 2);
    g_assert_cmpuint(ldl_le_p(&out->generation), ==, 2);
    g_assert_cmphex(ldq_le_p(&out->extents[1].dpa), ==, BASE0 + 3 * BLOCK);
    g_assert_cmpuint(out->extents[1].tag.b[0], ==, 0xaa);
    in[4] = 3;
    g_assert_cmphex(fake_command(h, CXL_OP_DC_EXTENTS, in, 8), ==,
                    CXL_RC_INVALID_INPUT);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/dcd-host/response-rules", test_response_rules);
    g_test_add_func("/cxl/dcd-host/more-chain", test_more_chain);
    g_test_add_func("/cxl/dcd-host/lists-are-bounded", test_lists_are_bounded);
    g_test_add_func("/cxl/dcd-host/release-cuts", test_release_cuts);
    return g_test_run();
}
