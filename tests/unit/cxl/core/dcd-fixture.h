/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device with two dynamic regions, and what manager and host do to it; the
 * invariant is checked after each step.
 */
#ifndef TESTS_UNIT_CXL_CORE_DCD_FIXTURE_H
#define TESTS_UNIT_CXL_CORE_DCD_FIXTURE_H

#include "qemu/bswap.h"
#include "qemu/units.h"
#include "tests/unit/cxl/fake-host.h"

#define BASE0 (1280 * MiB)
#define BASE1 (BASE0 + 512 * MiB)
#define BLOCK (2 * MiB)

static const CxlUuid tag_a = { { 0xaa } }, tag_b = { { 0xbb } };

static inline CxlMemdevConfig config(void)
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

static inline FakeHost *start(void)
{
    CxlMemdevConfig cfg = config();

    return fake_host_new(&cfg);
}

#define FEW 16

/* Blocks of 64 bytes, few extents: small requests add up quickly. */
static inline FakeHost *start_few(void)
{
    CxlMemdevConfig cfg = config();

    cfg.dc_regions[0].block_size = 64;
    cfg.dc_max_extents = FEW;
    return fake_host_new(&cfg);
}

static inline CxlRc add(FakeHost *h, CxlDcRequest req)
{
    const char *why = NULL;
    CxlRc rc = cxl_dcd_add(&h->dev->dc_pool, &req, &why);

    g_assert_cmpint(rc == CXL_RC_SUCCESS, ==, why == NULL);
    fake_check(h);
    return rc;
}

static inline CxlRc take_away(FakeHost *h, CxlDcRequest req)
{
    const char *why = NULL;
    CxlRc rc = cxl_dcd_remove(&h->dev->dc_pool, &req, &why);

    g_assert_cmpint(rc == CXL_RC_SUCCESS, ==, why == NULL);
    fake_check(h);
    return rc;
}

static inline uint16_t update(FakeHost *h, uint16_t opcode, const CxlBgRange *r,
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

static inline uint16_t respond(FakeHost *h, uint64_t dpa, uint64_t len)
{
    CxlBgRange r = { dpa, len };

    return update(h, CXL_OP_DC_ADD_RESPONSE, &r, len != 0, false);
}

static inline uint16_t release(FakeHost *h, uint64_t dpa, uint64_t len)
{
    CxlBgRange r = { dpa, len };

    return update(h, CXL_OP_DC_RELEASE, &r, 1, false);
}

static inline CxlAccess access_at(FakeHost *h, uint64_t dpa)
{
    return cxl_memdev_access(h->dev, dpa, 64);
}

static inline const CxlEvDc *record(FakeHost *h, unsigned i)
{
    return (const CxlEvDc *)cxl_events_peek(&h->dev->events, CXL_EVLOG_DC, i);
}

#endif /* TESTS_UNIT_CXL_CORE_DCD_FIXTURE_H */
