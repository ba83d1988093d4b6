/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/dcd*: policies, answers, tags, chains, cuts, limits; the
 * invariant is checked after each step.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "tests/unit/cxl/fake-host.h"

#define BASE0 (1280 * MiB)
#define BASE1 (BASE0 + 512 * MiB)
#define BLOCK (2 * MiB)

static const CxlUuid tag_a = { { 0xaa } }, tag_b = { { 0xbb } };

static CxlMemdevConfig config(void)
{
    CxlMemdevConfig cfg = fake_config();

    cfg.num_dc_regions = 2;
    cfg.dc_regions[0] = (CxlDcRegionConfig) {
        .base = BASE0, .len = 512 * MiB, .block_size = BLOCK,
        .dsmad_handle = 2,
    };
    cfg.dc_regions[1] = (CxlDcRegionConfig) {
        .base = BASE1, .len = 256 * MiB, .block_size = BLOCK,
        .dsmad_handle = 3, .flags = CXL_DC_REGION_SHARABLE,
    };
    return cfg;
}

static FakeHost *start(void)
{
    CxlMemdevConfig cfg = config();

    return fake_host_new(&cfg);
}

static CxlRc add(FakeHost *h, CxlDcRequest req)
{
    const char *why = NULL;
    CxlRc rc = cxl_dcd_add(&h->dev->dcd, &req, &why);

    g_assert_cmpint(rc == CXL_RC_SUCCESS, ==, why == NULL);
    fake_check(h);
    return rc;
}

static CxlRc take_away(FakeHost *h, CxlDcRequest req)
{
    const char *why = NULL;
    CxlRc rc = cxl_dcd_remove(&h->dev->dcd, &req, &why);

    g_assert_cmpint(rc == CXL_RC_SUCCESS, ==, why == NULL);
    fake_check(h);
    return rc;
}

static uint16_t update(FakeHost *h, uint16_t opcode, const CxlBgRange *r,
                       uint32_t n, bool more)
{
    uint8_t in[2048] = { 0 };
    uint16_t rc;

    stl_le_p(in, n);
    in[4] = more;
    for (uint32_t i = 0; i < n; i++) {
        stq_le_p(in + 8 + 24 * i, r[i].start);
        stq_le_p(in + 16 + 24 * i, r[i].len);
    }
    rc = fake_command(h, opcode, in, 8 + 24 * n);
    fake_check(h);
    return rc;
}

static uint16_t respond(FakeHost *h, uint64_t dpa, uint64_t len)
{
    CxlBgRange r = { dpa, len };

    return update(h, CXL_OP_DC_ADD_RESPONSE, &r, len != 0, false);
}

static uint16_t release(FakeHost *h, uint64_t dpa, uint64_t len)
{
    CxlBgRange r = { dpa, len };

    return update(h, CXL_OP_DC_RELEASE, &r, 1, false);
}

static CxlAccess access_at(FakeHost *h, uint64_t dpa)
{
    return cxl_memdev_access(h->dev, dpa, 64);
}

static const CxlEvDc *record(FakeHost *h, unsigned i)
{
    return (const CxlEvDc *)cxl_events_peek(&h->dev->events, CXL_EVLOG_DC, i);
}

static void test_config(void)
{
    FakeHost *h = start();
    uint8_t in[2] = { 8, 0 }, out[256];

    g_assert_cmphex(fake_command(h, CXL_OP_DC_CONFIG, in, 2), ==, 0);
    g_assert_cmpuint(fake_reply(h, out, sizeof(out)), ==, 8 + 2 * 0x28 + 16);
    g_assert_cmpuint(out[0], ==, 2);
    g_assert_cmpuint(out[1], ==, 2);
    g_assert_cmphex(ldq_le_p(out + 8), ==, BASE0);
    g_assert_cmphex(ldq_le_p(out + 16), ==, 2);
    g_assert_cmphex(ldq_le_p(out + 24), ==, 512 * MiB);
    g_assert_cmphex(ldq_le_p(out + 32), ==, BLOCK);
    in[1] = 1;
    g_assert_cmphex(fake_command(h, CXL_OP_DC_CONFIG, in, 2), ==, 0);
    g_assert_cmpuint(fake_reply(h, out, sizeof(out)), ==, 8 + 0x28 + 16);
    g_assert_cmphex(ldq_le_p(out + 8), ==, BASE1);
    in[1] = 2;
    g_assert_cmphex(fake_command(h, CXL_OP_DC_CONFIG, in, 2), ==,
                    CXL_RC_INVALID_INPUT);
    fake_host_free(h);
}

static void test_prescriptive(void)
{
    FakeHost *h = start();
    CxlBgRange x[] = { { BASE0, BLOCK }, { BASE0 + 4 * BLOCK, 2 * BLOCK } };
    CxlDcRequest req = {
        .policy = CXL_DC_ADD_PRESCRIPTIVE, .tag = tag_a, .extents = x,
        .num_extents = 2,
    };

    cxl_events_set_policy(&h->dev->events, CXL_EVLOG_DC, CXL_EVPOLICY_MSI);
    g_assert_cmphex(add(h, req), ==, 0);
    g_assert_cmpuint(h->event_irqs[6], ==, 1);
    g_assert_cmphex(cxl_memdev_regs_read(h->dev, CXL_DEVREG_STATUS, 1), ==,
                    1 << 4);
    g_assert_cmpuint(record(h, 0)->flags, ==, CXL_EVDC_MORE);
    g_assert_cmpuint(record(h, 1)->flags, ==, 0);
    g_assert_cmphex(ldq_le_p(record(h, 1)->extent), ==, x[1].start);
    /* Offered is not accepted. */
    g_assert_cmpint(access_at(h, BASE0), ==, CXL_ACCESS_NONE);
    g_assert_cmphex(add(h, req), ==, CXL_RC_INVALID_INPUT); /* tag in use */
    req.tag = tag_b;
    g_assert_cmphex(add(h, req), ==, CXL_RC_EXTENT_LIST); /* not free */

    g_assert_cmphex(update(h, CXL_OP_DC_ADD_RESPONSE, x, 2, false), ==, 0);
    g_assert_cmpint(access_at(h, BASE0), ==, CXL_ACCESS_OK);
    g_assert_cmpint(access_at(h, BASE0 + BLOCK), ==, CXL_ACCESS_NONE);
    g_assert_cmpint(cxl_memdev_access(h->dev, BASE0, 2 * BLOCK), ==,
                    CXL_ACCESS_NONE);
    g_assert_cmpuint(h->dev->dcd.generation, ==, 2);
    g_assert_cmpuint(h->fm_records->len, ==, 2 * CXL_EVREC_SIZE);
    fake_host_free(h);
}

static void test_refused_requests(void)
{
    FakeHost *h = start();
    CxlBgRange x[2] = { { BASE0, BLOCK }, { BASE0, BLOCK } };
    CxlDcRequest req = {
        .policy = CXL_DC_ADD_PRESCRIPTIVE, .extents = x, .num_extents = 2,
    };

    g_assert_cmphex(add(h, req), ==, CXL_RC_EXTENT_LIST); /* twice */
    x[1].start = BASE0 + BLOCK / 2;
    g_assert_cmphex(add(h, req), ==, CXL_RC_EXTENT_LIST); /* off blocks */
    x[1].start = BASE1;
    g_assert_cmphex(add(h, req), ==, CXL_RC_INVALID_DPA); /* other region */
    x[1] = (CxlBgRange) { BASE1 - BLOCK, 2 * BLOCK };
    g_assert_cmphex(add(h, req), ==, CXL_RC_INVALID_DPA); /* two regions */
    x[1] = (CxlBgRange) { BASE0 + BLOCK, UINT64_MAX - BLOCK + 1 };
    g_assert_cmphex(add(h, req), ==, CXL_RC_INVALID_DPA); /* wraps */
    req.num_extents = 0;
    g_assert_cmphex(add(h, req), ==, CXL_RC_EXTENT_LIST);
    req = (CxlDcRequest) { .policy = 9 };
    g_assert_cmphex(add(h, req), ==, CXL_RC_INVALID_INPUT);
    req = (CxlDcRequest) { .region = 2, .length = BLOCK };
    g_assert_cmphex(add(h, req), ==, CXL_RC_INVALID_INPUT);
    req = (CxlDcRequest) { .region = 1, .length = BLOCK };
    g_assert_cmphex(add(h, req), ==, CXL_RC_INVALID_INPUT); /* no tag */
    req = (CxlDcRequest) { .length = BLOCK + 1 };
    g_assert_cmphex(add(h, req), ==, CXL_RC_INVALID_INPUT);
    req = (CxlDcRequest) { .length = 514 * MiB };
    g_assert_cmphex(add(h, req), ==, CXL_RC_RESOURCES);
    g_assert_cmpuint(h->dev->dcd.regions[0].free.total, ==, 512 * MiB);
    fake_host_free(h);
}

static void test_free_and_contiguous(void)
{
    FakeHost *h = start();
    CxlBgRange x = { BASE0 + 100 * BLOCK, BLOCK };
    CxlDcRequest hole = {
        .policy = CXL_DC_ADD_PRESCRIPTIVE, .extents = &x, .num_extents = 1,
    };

    g_assert_cmphex(add(h, hole), ==, 0);
    /* 100 blocks below the hole, 155 above: 150 run above it only. */
    g_assert_cmphex(add(h, (CxlDcRequest) {
        .policy = CXL_DC_ADD_CONTIGUOUS, .length = 150 * BLOCK }), ==, 0);
    g_assert_cmphex(ldq_le_p(record(h, 1)->extent), ==,
                    BASE0 + 101 * BLOCK);
    g_assert_cmphex(add(h, (CxlDcRequest) {
        .policy = CXL_DC_ADD_CONTIGUOUS, .length = 101 * BLOCK }), ==,
        CXL_RC_RESOURCES);
    g_assert_cmphex(add(h, (CxlDcRequest) {
        .policy = CXL_DC_ADD_FREE, .length = 101 * BLOCK }), ==, 0);
    g_assert_cmpuint(record(h, 2)->flags, ==, CXL_EVDC_MORE);
    g_assert_cmpuint(record(h, 3)->flags, ==, 0);
    g_assert_cmpuint(h->dev->dcd.regions[0].free.total, ==, 4 * BLOCK);
    fake_host_free(h);
}

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
    g_assert_cmpuint(h->dev->dcd.groups.length, ==, 2);
    /* A part is taken, the rest goes back. */
    g_assert_cmphex(respond(h, BASE0 + BLOCK, BLOCK), ==, 0);
    g_assert_cmpuint(h->dev->dcd.accepted.total, ==, BLOCK);
    g_assert_cmphex(respond(h, 0, 0), ==, 0);
    g_assert_cmpuint(h->dev->dcd.groups.length, ==, 0);
    g_assert_cmpuint(h->dev->dcd.regions[0].free.total, ==,
                     512 * MiB - BLOCK);
    fake_host_free(h);
}

static void test_length_checks(void)
{
    FakeHost *h = start();
    uint8_t in[64] = { 1 };

    for (unsigned len = 8; len <= 64; len++) {
        g_assert_cmphex(fake_command(h, CXL_OP_DC_ADD_RESPONSE, in, len), ==,
                        len == 32 ? CXL_RC_INVALID_DPA :
                        CXL_RC_PAYLOAD_LENGTH);
    }
    stl_le_p(in, UINT32_MAX);
    g_assert_cmphex(fake_command(h, CXL_OP_DC_RELEASE, in, 32), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    fake_check(h);
    fake_host_free(h);
}

static void test_more_chain(void)
{
    FakeHost *h = start();
    CxlBgRange a = { BASE0, BLOCK }, b = { BASE0 + BLOCK, BLOCK };

    g_assert_cmphex(add(h, (CxlDcRequest) {
        .policy = CXL_DC_ADD_CONTIGUOUS, .length = 2 * BLOCK }), ==, 0);
    g_assert_cmphex(update(h, CXL_OP_DC_ADD_RESPONSE, &a, 1, true), ==, 0);
    g_assert_cmpuint(h->dev->dcd.accepted.total, ==, 0);
    /* Another command of the pair in between breaks the chain. */
    g_assert_cmphex(release(h, BASE0, BLOCK), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(update(h, CXL_OP_DC_ADD_RESPONSE, &a, 1, true), ==, 0);
    g_assert_cmphex(update(h, CXL_OP_DC_ADD_RESPONSE, &b, 1, false), ==, 0);
    g_assert_cmpuint(h->dev->dcd.accepted.total, ==, 2 * BLOCK);
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

static void test_ask_back(void)
{
    FakeHost *h = start();
    uint8_t secret[64] = "secret", seen[64];
    CxlDcRequest req = { .policy = CXL_DC_REMOVE_TAG, .tag = tag_a,
                         .sanitize = true };

    g_assert_cmphex(take_away(h, req), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(add(h, (CxlDcRequest) {
        .policy = CXL_DC_ADD_CONTIGUOUS, .length = 2 * BLOCK,
        .tag = tag_a }), ==, 0);
    g_assert_cmphex(respond(h, BASE0, 2 * BLOCK), ==, 0);
    h->dev->ops->dpa_write(h, BASE0, secret, sizeof(secret));
    g_assert_cmphex(take_away(h, req), ==, 0);
    g_assert_cmpuint(record(h, 1)->type, ==, CXL_EVDC_RELEASE);
    g_assert_cmpint(access_at(h, BASE0), ==, CXL_ACCESS_OK);
    g_assert_cmphex(release(h, BASE0, 2 * BLOCK), ==, 0);
    h->dev->ops->dpa_read(h, BASE0, seen, sizeof(seen));
    g_assert_cmpuint(seen[0], ==, 0);
    g_assert_cmpuint(cxl_dcd_tags_available(&h->dev->dcd), ==, 4096);
    fake_host_free(h);
}

static void test_forced(void)
{
    FakeHost *h = start();
    CxlBgRange x = { BASE0, 4 * BLOCK };
    CxlDcRequest req = {
        .policy = CXL_DC_REMOVE_PRESCRIPTIVE, .extents = &x, .num_extents = 1,
    };

    g_assert_cmphex(add(h, (CxlDcRequest) {
        .policy = CXL_DC_ADD_CONTIGUOUS, .length = 2 * BLOCK }), ==, 0);
    g_assert_cmphex(add(h, (CxlDcRequest) {
        .policy = CXL_DC_ADD_CONTIGUOUS, .length = 2 * BLOCK }), ==, 0);
    g_assert_cmphex(respond(h, BASE0, 2 * BLOCK), ==, 0);
    /* Half of it is on offer: not without force. */
    g_assert_cmphex(take_away(h, req), ==, CXL_RC_INVALID_DPA);
    req.forced = true;
    g_assert_cmphex(take_away(h, req), ==, 0);
    g_assert_cmpint(access_at(h, BASE0), ==, CXL_ACCESS_NONE);
    g_assert_cmpuint(record(h, 2)->type, ==, CXL_EVDC_FORCED_RELEASE);
    g_assert_cmpuint(h->dev->dcd.regions[0].free.total, ==, 512 * MiB);
    /* The host answers the offer it saw: too late. */
    g_assert_cmphex(respond(h, BASE0 + 2 * BLOCK, 2 * BLOCK), ==,
                    CXL_RC_INVALID_DPA);
    g_assert_cmphex(respond(h, 0, 0), ==, 0);
    g_assert_cmphex(take_away(h, req), ==, CXL_RC_INVALID_DPA);
    fake_host_free(h);
}

static void test_sharing(void)
{
    FakeHost *h = start();
    CxlDcRequest req = {
        .policy = CXL_DC_ADD_SHARED, .region = 1, .tag = tag_a,
    };
    CxlBgRange x[] = { { BASE1, BLOCK }, { BASE1 + 2 * BLOCK, BLOCK } };

    g_assert_cmphex(add(h, req), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(cxl_dcd_unreference(&h->dev->dcd, &tag_a), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(cxl_dcd_reference(&h->dev->dcd, &tag_a), ==, 0);
    g_assert_cmphex(add(h, (CxlDcRequest) {
        .policy = CXL_DC_ADD_PRESCRIPTIVE, .region = 1, .tag = tag_a,
        .extents = x, .num_extents = 2 }), ==, 0);
    g_assert_cmphex(lduw_le_p(record(h, 1)->extent + 0x20), ==, 1);
    g_assert_cmphex(update(h, CXL_OP_DC_ADD_RESPONSE, x, 2, false), ==, 0);
    g_assert_cmphex(update(h, CXL_OP_DC_RELEASE, x, 2, false), ==, 0);
    /* The tag keeps it. */
    g_assert_cmpuint(h->dev->dcd.held.total, ==, 2 * BLOCK);
    g_assert_cmphex(add(h, req), ==, 0);
    g_assert_cmpuint(h->dev->dcd.held.total, ==, 0);
    g_assert_cmphex(respond(h, 0, 0), ==, 0);
    g_assert_cmpuint(h->dev->dcd.held.total, ==, 2 * BLOCK);
    g_assert_cmphex(cxl_dcd_unreference(&h->dev->dcd, &tag_a), ==, 0);
    fake_check(h);
    g_assert_cmpuint(h->dev->dcd.regions[1].free.total, ==, 256 * MiB);
    fake_host_free(h);
}

static void test_configure(void)
{
    FakeHost *h = start();
    CxlDcd *dcd = &h->dev->dcd;

    g_assert_cmphex(cxl_dcd_configure(dcd, 2, BLOCK, false), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(cxl_dcd_configure(dcd, 0, 3 * MiB, false), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(cxl_dcd_configure(dcd, 0, 1 * GiB, false), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(cxl_dcd_configure(dcd, 0, 64 * MiB, true), ==, 0);
    g_assert_cmpuint(record(h, 0)->type, ==, CXL_EVDC_REGION_UPDATED);
    g_assert_cmphex(add(h, (CxlDcRequest) { .length = 64 * MiB }), ==, 0);
    g_assert_cmphex(cxl_dcd_configure(dcd, 0, BLOCK, false), ==,
                    CXL_RC_UNSUPPORTED);
    fake_host_free(h);
}

static void test_limits(void)
{
    CxlMemdevConfig cfg = config();
    FakeHost *h;
    CxlBgRange x[3] = {
        { BASE0, BLOCK }, { BASE0 + 2 * BLOCK, BLOCK },
        { BASE0 + 4 * BLOCK, BLOCK },
    };
    CxlDcRequest req = {
        .policy = CXL_DC_ADD_PRESCRIPTIVE, .extents = x, .num_extents = 3,
        .tag = tag_a,
    };

    cfg.dc_max_extents = 2;
    cfg.dc_max_tags = 1;
    h = fake_host_new(&cfg);
    g_assert_cmphex(add(h, req), ==, CXL_RC_RESOURCES);
    req.num_extents = 1;
    x[0].len = 2 * BLOCK;
    g_assert_cmphex(add(h, req), ==, 0);
    req.extents = &x[2];
    req.tag = tag_b;
    g_assert_cmphex(add(h, req), ==, CXL_RC_RESOURCES); /* tags */
    g_assert_cmphex(respond(h, BASE0, 2 * BLOCK), ==, 0);
    req.tag = (CxlUuid) { };
    g_assert_cmphex(add(h, req), ==, 0);
    g_assert_cmphex(respond(h, x[2].start, BLOCK), ==, 0);
    g_assert_cmphex(cxl_dcd_extents_available(&h->dev->dcd), ==, 0);
    /* No room to cut, but whole extents can always go. */
    g_assert_cmphex(release(h, BASE0, BLOCK), ==, 0);
    fake_host_free(h);
}

/* More records than the log holds: they come as the host clears. */
static void test_log_backpressure(void)
{
    FakeHost *h = start();
    CxlBgRange x[100];
    unsigned seen = 0, more = 0;

    for (unsigned i = 0; i < 100; i++) {
        x[i] = (CxlBgRange) { BASE0 + 2 * i * BLOCK, BLOCK };
    }
    g_assert_cmphex(add(h, (CxlDcRequest) {
        .policy = CXL_DC_ADD_PRESCRIPTIVE, .extents = x,
        .num_extents = 100 }), ==, 0);
    while (record(h, 0)) {
        uint8_t in[8] = { CXL_EVLOG_DC, 0, 1 };

        more += record(h, 0)->flags & CXL_EVDC_MORE;
        memcpy(in + 6, &record(h, 0)->hdr.handle, 2);
        g_assert_cmphex(fake_command(h, CXL_OP_EVENTS_CLEAR, in, 8), ==, 0);
        seen++;
    }
    g_assert_cmpuint(seen, ==, 100);
    g_assert_cmpuint(more, ==, 99);
    g_assert_cmpuint(h->dev->events.log[CXL_EVLOG_DC].overflow_count, ==, 0);
    fake_check(h);
    fake_host_free(h);
}

static void test_reset_withdraws(void)
{
    FakeHost *h = start();
    CxlDcRequest req = { .policy = CXL_DC_ADD_FREE, .length = BLOCK };

    add(h, req);
    respond(h, BASE0, BLOCK);
    add(h, req);
    cxl_memdev_reset(h->dev, CXL_RESET_HOT);
    fake_check(h);
    g_assert_cmpuint(h->dev->dcd.accepted.total, ==, BLOCK);
    g_assert_cmpuint(h->dev->dcd.offered_extents, ==, 0);
    g_assert_null(record(h, 0));
    g_assert_cmpint(access_at(h, BASE0), ==, CXL_ACCESS_OK);
    fake_host_free(h);
}

static void test_hundred_thousand(void)
{
    CxlMemdevConfig cfg = config();
    FakeHost *h;

    cfg.dc_regions[0].block_size = 4096;
    h = fake_host_new(&cfg);
    for (unsigned i = 0; i < 50000; i++) {
        CxlBgRange x = { BASE0 + (uint64_t)i * 2 * 4096, 4096 };
        CxlDcRequest req = {
            .policy = CXL_DC_ADD_PRESCRIPTIVE, .extents = &x,
            .num_extents = 1,
        };
        const char *why;

        g_assert_cmphex(cxl_dcd_add(&h->dev->dcd, &req, &why), ==, 0);
        g_assert_cmphex(cxl_dcd_respond(&h->dev->dcd, &x, 1, false), ==, 0);
    }
    g_assert_cmpuint(h->dev->dcd.accepted.count, ==, 50000);
    fake_check(h);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/dcd/config", test_config);
    g_test_add_func("/cxl/dcd/prescriptive", test_prescriptive);
    g_test_add_func("/cxl/dcd/refused-requests", test_refused_requests);
    g_test_add_func("/cxl/dcd/free-and-contiguous", test_free_and_contiguous);
    g_test_add_func("/cxl/dcd/response-rules", test_response_rules);
    g_test_add_func("/cxl/dcd/length-checks", test_length_checks);
    g_test_add_func("/cxl/dcd/more-chain", test_more_chain);
    g_test_add_func("/cxl/dcd/release-cuts", test_release_cuts);
    g_test_add_func("/cxl/dcd/ask-back", test_ask_back);
    g_test_add_func("/cxl/dcd/forced", test_forced);
    g_test_add_func("/cxl/dcd/sharing", test_sharing);
    g_test_add_func("/cxl/dcd/configure", test_configure);
    g_test_add_func("/cxl/dcd/limits", test_limits);
    g_test_add_func("/cxl/dcd/log-backpressure", test_log_backpressure);
    g_test_add_func("/cxl/dcd/reset-withdraws", test_reset_withdraws);
    g_test_add_func("/cxl/dcd/hundred-thousand", test_hundred_thousand);
    return g_test_run();
}
