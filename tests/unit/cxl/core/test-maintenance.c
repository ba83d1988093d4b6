/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/maintenance with cci/maintenance: repair cures, spares run out,
 * queries change nothing.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/mediaops.h"
#include "tests/unit/cxl/fake-host.h"

static uint16_t ppr(FakeHost *h, uint8_t subclass, uint8_t flags,
                    uint64_t dpa)
{
    CxlPprIn in = {
        .class = CXL_MAINT_PPR, .subclass = subclass, .flags = flags,
        .dpa = cpu_to_le64(dpa),
    };
    uint16_t rc = fake_command(h, CXL_OP_MAINTENANCE, &in, sizeof(in));

    fake_check(h);
    return rc;
}

static uint16_t spare(FakeHost *h, uint8_t subclass, uint8_t flags)
{
    CxlSparingIn in = {
        .class = CXL_MAINT_SPARING, .subclass = subclass, .flags = flags,
        .bank = 3,
    };
    uint16_t rc = fake_command(h, CXL_OP_MAINTENANCE, &in, sizeof(in));

    fake_check(h);
    return rc;
}

static void test_repair(void)
{
    FakeHost *h = fake_host_default();
    uint8_t data[64] = "kept", seen[64];

    h->dev->store->dpa_write(h, 0x1000, data, 64);
    cxl_mediaops_poison(h->dev, 0x1000, 64, CXL_POISON_INTERNAL);
    g_assert_cmphex(ppr(h, 0, CXL_MAINT_QUERY, 0x1000), ==, 0);
    g_assert_cmpuint(h->dev->poison.lines.total, ==, 64);
    g_assert_cmphex(ppr(h, 0, 0, 0x1000), ==, 0);
    g_assert_cmpuint(h->dev->poison.lines.total, ==, 0);
    h->dev->store->dpa_read(h, 0x1000, seen, 64);
    g_assert_cmpmem(seen, 64, data, 64);
    g_assert_cmphex(ppr(h, 0, 0, 1ull << 40), ==, CXL_RC_INVALID_DPA);
    g_assert_cmphex(ppr(h, 0, 2, 0x1000), ==, CXL_RC_INVALID_INPUT);
    fake_host_free(h);
}

static void test_spares_run_out(void)
{
    FakeHost *h = fake_host_default();

    for (unsigned i = 0; i < 16; i++) {
        g_assert_cmphex(ppr(h, 0, 0, 0), ==, 0);
        g_assert_cmphex(ppr(h, 1, 0, 0), ==, 0);
    }
    g_assert_cmphex(ppr(h, 0, 0, 0), ==, CXL_RC_RESOURCES);
    g_assert_cmphex(ppr(h, 1, CXL_MAINT_QUERY, 0), ==, CXL_RC_RESOURCES);
    /* Soft repair ends with power, hard repair does not. */
    cxl_memdev_reset(h->dev, CXL_RESET_COLD);
    g_assert_cmphex(ppr(h, 0, 0, 0), ==, 0);
    g_assert_cmphex(ppr(h, 1, 0, 0), ==, CXL_RC_RESOURCES);
    fake_host_free(h);
}

static const CxlEvSparing *sparing_record(FakeHost *h, unsigned i)
{
    return (const void *)cxl_events_peek(&h->dev->events, CXL_EVLOG_INFO, i);
}

/* Repair says what it did only to those who have asked to be told. */
static void test_repair_event(void)
{
    FakeHost *h = fake_host_default();
    CxlPprWrite set = { .ppr_op_mode = CXL_PPR_SPARING_EVENT_ON };
    const CxlEvSparing *rec;

    g_assert_cmphex(ppr(h, 0, 0, 0), ==, 0);
    g_assert_null(sparing_record(h, 0));
    memcpy(h->dev->features.state[CXL_FEATURE_HPPR].current, &set,
           sizeof(set));
    g_assert_cmphex(ppr(h, 0, 0, 0), ==, 0);
    g_assert_null(sparing_record(h, 0));
    g_assert_cmphex(ppr(h, 1, 0, 0), ==, 0);
    rec = sparing_record(h, 0);
    g_assert_cmphex(rec->flags, ==, CXL_EVSPARING_HARD);
    g_assert_cmphex(rec->result, ==, 0);
    g_assert_cmpuint(rec->hdr.maint_class, ==, CXL_MAINT_PPR);
    g_assert_cmpuint(rec->hdr.maint_subclass, ==, 1);
    g_assert_cmpuint(lduw_le_p(&rec->spares), ==, 15);
    for (unsigned i = 0; i < 15; i++) {
        g_assert_cmphex(ppr(h, 1, 0, 0), ==, 0);
    }
    cxl_events_clear_all(&h->dev->events, CXL_EVLOG_INFO);
    g_assert_cmphex(ppr(h, 1, CXL_MAINT_QUERY, 0), ==, CXL_RC_RESOURCES);
    rec = sparing_record(h, 0);
    g_assert_cmphex(rec->flags, ==, CXL_EVSPARING_HARD | CXL_EVSPARING_QUERY);
    g_assert_cmphex(rec->result, ==, CXL_RC_RESOURCES);
    fake_host_free(h);
}

/* A record says no more of a place than the request did. */
static void test_sparing_validity(void)
{
    static const uint16_t want[] = {
        CXL_EVDRAM_CHANNEL | CXL_EVDRAM_RANK | CXL_EVDRAM_BANK_GROUP |
        CXL_EVDRAM_BANK | CXL_EVDRAM_ROW | CXL_EVDRAM_COLUMN,
        CXL_EVDRAM_CHANNEL | CXL_EVDRAM_RANK | CXL_EVDRAM_BANK_GROUP |
        CXL_EVDRAM_BANK | CXL_EVDRAM_ROW,
        CXL_EVDRAM_CHANNEL | CXL_EVDRAM_RANK | CXL_EVDRAM_BANK_GROUP |
        CXL_EVDRAM_BANK,
        CXL_EVDRAM_CHANNEL | CXL_EVDRAM_RANK,
    };
    FakeHost *h = fake_host_default();

    for (unsigned i = 0; i < G_N_ELEMENTS(want); i++) {
        g_assert_cmphex(spare(h, i, 0), ==, 0);
        g_assert_cmphex(lduw_le_p(&sparing_record(h, 0)->validity), ==,
                        want[i]);
        cxl_events_clear_all(&h->dev->events, CXL_EVLOG_INFO);
    }
    g_assert_cmphex(spare(h, 3, CXL_SPARING_IN_NIBBLE |
                          CXL_SPARING_IN_SUB_CHANNEL), ==, 0);
    g_assert_cmphex(lduw_le_p(&sparing_record(h, 0)->validity), ==,
                    want[3] | CXL_EVDRAM_NIBBLE | CXL_EVSPARING_SUB_CHANNEL);
    fake_host_free(h);
}

static void test_sparing(void)
{
    FakeHost *h = fake_host_default();
    const CxlEvSparing *rec;

    g_assert_cmphex(spare(h, 2, CXL_SPARING_IN_HARD), ==, 0);
    rec = (const void *)cxl_events_peek(&h->dev->events, CXL_EVLOG_INFO, 0);
    g_assert_cmphex(rec->flags, ==, CXL_EVSPARING_HARD);
    g_assert_cmpuint(rec->bank, ==, 3);
    g_assert_cmpuint(lduw_le_p(&rec->spares), ==, 15);
    g_assert_cmphex(spare(h, 2, CXL_MAINT_QUERY), ==, 0);
    rec = (const void *)cxl_events_peek(&h->dev->events, CXL_EVLOG_INFO, 1);
    g_assert_cmphex(rec->flags, ==, CXL_EVSPARING_QUERY);
    g_assert_cmpuint(lduw_le_p(&rec->spares), ==, 15);
    g_assert_cmphex(spare(h, 4, 0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(spare(h, 0, 0x10), ==, CXL_RC_INVALID_INPUT);
    fake_host_free(h);
}

static void test_lengths(void)
{
    FakeHost *h = fake_host_default();
    uint8_t in[17] = { CXL_MAINT_PPR };

    for (unsigned len = 2; len <= 16; len++) {
        in[0] = CXL_MAINT_PPR;
        g_assert_cmphex(fake_command(h, CXL_OP_MAINTENANCE, in, len), ==,
                        len == sizeof(CxlPprIn) ? 0 : CXL_RC_PAYLOAD_LENGTH);
        in[0] = CXL_MAINT_SPARING;
        g_assert_cmphex(fake_command(h, CXL_OP_MAINTENANCE, in, len), ==,
                        len == sizeof(CxlSparingIn) ? 0 :
                        CXL_RC_PAYLOAD_LENGTH);
    }
    in[0] = 3;
    g_assert_cmphex(fake_command(h, CXL_OP_MAINTENANCE, in, 2), ==,
                    CXL_RC_INVALID_INPUT);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/maintenance/repair", test_repair);
    g_test_add_func("/cxl/maintenance/spares-run-out", test_spares_run_out);
    g_test_add_func("/cxl/maintenance/repair-event", test_repair_event);
    g_test_add_func("/cxl/maintenance/sparing", test_sparing);
    g_test_add_func("/cxl/maintenance/sparing-validity",
                    test_sparing_validity);
    g_test_add_func("/cxl/maintenance/lengths", test_lengths);
    return g_test_run();
}
