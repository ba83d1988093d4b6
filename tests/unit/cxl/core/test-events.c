/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/events with cci/events: order, handles and their wrap, overflow
 * and its report, clearing right and wrong, interrupt policy.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/event-records.h"
#include "tests/unit/cxl/fake-host.h"

#define LOG CXL_EVLOG_FAILURE
#define SIZE 8

static void insert(FakeHost *h, uint64_t dpa)
{
    CxlEvGeneralMedia rec;

    cxl_evrec_general_media(&rec, 0, dpa, 0, 0, 0);
    cxl_events_insert(&h->dev->events, LOG, &rec);
    fake_check(h);
}

static uint32_t get(FakeHost *h, uint8_t *out, uint32_t max)
{
    uint8_t log = LOG;

    g_assert_cmphex(fake_command(h, CXL_OP_EVENTS_GET, &log, 1), ==, 0);
    return fake_reply(h, out, max);
}

static uint16_t clear(FakeHost *h, uint8_t flags, uint8_t n,
                      const uint16_t *handles)
{
    uint8_t in[6 + 2 * 16] = { LOG, flags, n };

    for (unsigned i = 0; i < n; i++) {
        stw_le_p(in + 6 + 2 * i, handles[i]);
    }
    return fake_command(h, CXL_OP_EVENTS_CLEAR, in, 6 + 2 * n);
}

static void test_get(void)
{
    FakeHost *h = fake_host_default();
    uint8_t out[2048];

    g_assert_cmpuint(get(h, out, sizeof(out)), ==, 0x20);
    insert(h, 0x1000);
    insert(h, 0x2000);
    g_assert_cmpuint(get(h, out, sizeof(out)), ==, 0x20 + 2 * 0x80);
    g_assert_cmpuint(lduw_le_p(out + 0x14), ==, 2);
    g_assert_cmpuint(out[0], ==, 0);
    g_assert_cmphex(ldq_le_p(out + 0x20 + 0x30), ==, 0x1000);
    g_assert_cmphex(out[0x20 + 0x11], ==, CXL_EVLOG_FAILURE);
    g_assert_cmpuint(lduw_le_p(out + 0x20 + 0x14), ==, 1);
    g_assert_cmpuint(lduw_le_p(out + 0xa0 + 0x14), ==, 2);
    /* Reading removes nothing. */
    g_assert_cmpuint(get(h, out, sizeof(out)), ==, 0x20 + 2 * 0x80);
    g_assert_cmphex(cxl_memdev_regs_read(h->dev, CXL_DEVREG_STATUS, 8), ==,
                    1 << LOG);
    out[0] = CXL_EVLOG_DC; /* no dynamic capacity, no log */
    g_assert_cmphex(fake_command(h, CXL_OP_EVENTS_GET, out, 1), ==,
                    CXL_RC_INVALID_INPUT);
    fake_host_free(h);
}

/* A payload of 256 bytes holds one record at a time. */
static void test_more(void)
{
    CxlMemdevConfig cfg = fake_config();
    FakeHost *h;
    uint8_t out[256];

    cfg.payload_shift = 8;
    h = fake_host_new(&cfg);
    insert(h, 0);
    insert(h, 64);
    g_assert_cmpuint(get(h, out, sizeof(out)), ==, 0xa0);
    g_assert_cmpuint(out[0], ==, CXL_EVENTS_GET_MORE);
    clear(h, 0, 1, (uint16_t[]) { 1 });
    get(h, out, sizeof(out));
    g_assert_cmpuint(out[0], ==, 0);
    g_assert_cmphex(ldq_le_p(out + 0x50), ==, 64);
    fake_host_free(h);
}

static void test_clear_refusals(void)
{
    FakeHost *h = fake_host_default();

    insert(h, 0);
    insert(h, 0);
    insert(h, 0);
    g_assert_cmphex(clear(h, 0, 1, (uint16_t[]) { 2 }), ==,
                    CXL_RC_INVALID_HANDLE); /* not the oldest */
    g_assert_cmphex(clear(h, 0, 2, (uint16_t[]) { 1, 3 }), ==,
                    CXL_RC_INVALID_HANDLE);
    g_assert_cmphex(clear(h, 0, 1, (uint16_t[]) { 0 }), ==,
                    CXL_RC_INVALID_HANDLE);
    g_assert_cmphex(clear(h, 0, 4, (uint16_t[]) { 1, 2, 3, 4 }), ==,
                    CXL_RC_INVALID_HANDLE);
    g_assert_cmphex(clear(h, 0, 0, NULL), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(clear(h, 1, 1, (uint16_t[]) { 1 }), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(clear(h, 2, 0, NULL), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmpuint(h->dev->events.log[LOG].count, ==, 3);
    g_assert_cmphex(clear(h, 0, 2, (uint16_t[]) { 1, 2 }), ==, 0);
    g_assert_cmpuint(h->dev->events.log[LOG].count, ==, 1);
    fake_host_free(h);
}

/* Clear All is for a log that has overflowed: else unread records are lost. */
static void test_clear_all(void)
{
    FakeHost *h = fake_host_default();

    g_assert_cmphex(clear(h, 1, 0, NULL), ==, CXL_RC_INVALID_INPUT);
    for (unsigned i = 0; i < SIZE; i++) {
        insert(h, 0);
    }
    g_assert_cmphex(clear(h, 1, 0, NULL), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmpuint(h->dev->events.log[LOG].count, ==, SIZE);
    insert(h, 0);
    g_assert_cmphex(clear(h, 1, 0, NULL), ==, 0);
    g_assert_cmpuint(h->dev->events.log[LOG].count, ==, 0);
    g_assert_cmphex(clear(h, 1, 0, NULL), ==, CXL_RC_INVALID_INPUT);
    fake_host_free(h);
}

static void test_handles_beyond_length(void)
{
    FakeHost *h = fake_host_default();
    uint8_t in[16] = { LOG, 0, 200 };

    g_assert_cmphex(fake_command(h, CXL_OP_EVENTS_CLEAR, in, sizeof(in)), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    fake_host_free(h);
}

static void test_overflow(void)
{
    FakeHost *h = fake_host_default();
    uint64_t stamp = cpu_to_le64(1000);
    uint8_t out[2048];

    cxl_events_set_policy(&h->dev->events, LOG, CXL_EVPOLICY_MSI);
    fake_command(h, CXL_OP_TIMESTAMP_SET, &stamp, 8);
    for (unsigned i = 0; i < SIZE; i++) {
        insert(h, 0);
    }
    g_assert_cmpuint(h->irqs[4], ==, 1); /* no longer empty */
    insert(h, 0);
    g_assert_cmpuint(h->irqs[4], ==, 2); /* overflow began */
    fake_host_run(h, 500);
    insert(h, 0);
    g_assert_cmpuint(h->irqs[4], ==, 2);
    /* Cleared unread: the report stays for the next reader. */
    clear(h, 0, 1, (uint16_t[]) { 1 });
    get(h, out, sizeof(out));
    g_assert_cmpuint(out[0] & CXL_EVENTS_GET_OVERFLOW, !=, 0);
    g_assert_cmpuint(lduw_le_p(out + 2), ==, 2);
    g_assert_cmpuint(ldq_le_p(out + 4), ==, 1000);
    g_assert_cmpuint(ldq_le_p(out + 12), ==, 1500);
    clear(h, 0, 1, (uint16_t[]) { 2 });
    get(h, out, sizeof(out));
    g_assert_cmpuint(out[0], ==, 0);
    g_assert_cmpuint(ldq_le_p(out + 4), ==, 0);
    fake_check(h);
    fake_host_free(h);
}

/* Firmware takes records one by one, and does not read the log. */
static void test_overflow_peeked(void)
{
    FakeHost *h = fake_host_default();
    CxlEvents *ev = &h->dev->events;

    for (unsigned i = 0; i < SIZE + 2; i++) {
        insert(h, 0);
    }
    g_assert_true(cxl_events_overflowed(ev, LOG));
    cxl_events_see_overflow(ev, LOG);
    g_assert_true(cxl_events_overflowed(ev, LOG));
    clear(h, 0, 1, (uint16_t[]) { 1 });
    g_assert_false(cxl_events_overflowed(ev, LOG));
    /* The next one is a new report. */
    insert(h, 0);
    insert(h, 0);
    clear(h, 0, 1, (uint16_t[]) { 2 });
    g_assert_true(cxl_events_overflowed(ev, LOG));
    fake_check(h);
    fake_host_free(h);
}

static void test_handle_wraps(void)
{
    FakeHost *h = fake_host_default();

    h->dev->events.log[LOG].next_handle = UINT16_MAX;
    insert(h, 0);
    insert(h, 0);
    g_assert_cmphex(clear(h, 0, 2, (uint16_t[]) { UINT16_MAX, 1 }), ==, 0);
    fake_host_free(h);
}

static void test_policy(void)
{
    FakeHost *h = fake_host_default();
    uint8_t set[5] = { 1, 0, 1, 2, 1 }, out[8];

    g_assert_cmpuint(fake_query(h, CXL_OP_EVENTS_GET_POLICY, out, 8), ==, 4);
    g_assert_cmphex(ldl_le_p(out), ==, 0);
    g_assert_cmphex(fake_command(h, CXL_OP_EVENTS_SET_POLICY, set, 4), ==, 0);
    fake_query(h, CXL_OP_EVENTS_GET_POLICY, out, 8);
    g_assert_cmphex(out[0], ==, 0x21);
    g_assert_cmphex(out[1], ==, 0);
    g_assert_cmphex(out[2], ==, 0x41);
    g_assert_cmphex(out[3], ==, CXL_EVPOLICY_FW);
    /* The fifth byte of the client is for a log this device has not. */
    g_assert_cmphex(fake_command(h, CXL_OP_EVENTS_SET_POLICY, set, 5), ==, 0);
    set[1] = 3;
    g_assert_cmphex(fake_command(h, CXL_OP_EVENTS_SET_POLICY, set, 4), ==,
                    CXL_RC_INVALID_INPUT);
    insert(h, 0);
    g_assert_cmpuint(h->irqs[4], ==, 1);
    fake_host_free(h);
}

/* Firmware that wants to know hears of each record, and nobody else does. */
static void test_firmware(void)
{
    FakeHost *h = fake_host_default();
    unsigned before;

    insert(h, 64);
    g_assert_cmpuint(h->firmware, ==, 0);
    cxl_events_set_policy(&h->dev->events, LOG, CXL_EVPOLICY_FW);
    before = h->irqs[h->dev->events.log[LOG].msgnum];
    insert(h, 128);
    insert(h, 192);
    g_assert_cmpuint(h->firmware, ==, 2);
    g_assert_cmpuint(h->irqs[h->dev->events.log[LOG].msgnum], ==, before);
    fake_check(h);
    fake_host_free(h);
}

static void test_cold_reset_clears(void)
{
    FakeHost *h = fake_host_default();

    insert(h, 0);
    cxl_memdev_reset(h->dev, CXL_RESET_HOT);
    g_assert_cmpuint(h->dev->events.log[LOG].count, ==, 1);
    cxl_memdev_reset(h->dev, CXL_RESET_COLD);
    g_assert_cmpuint(h->dev->events.log[LOG].count, ==, 0);
    fake_check(h);
    fake_host_free(h);
}

static void test_checker(void)
{
    FakeHost *h = fake_host_default();
    CxlEvents *ev = &h->dev->events;
    CxlEventRing *ring = &ev->log[LOG], good;

    insert(h, 0x1000);
    good = *ring;
    ring->count = ring->size + 1;
    g_assert_cmpstr(cxl_events_check(ev), ==, "event ring bounds");
    *ring = good;
    ring->head = ring->size;
    g_assert_cmpstr(cxl_events_check(ev), ==, "event ring bounds");
    *ring = good;
    ring->records = NULL;
    g_assert_cmpstr(cxl_events_check(ev), ==, "event ring storage");
    *ring = good;
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/events/get", test_get);
    g_test_add_func("/cxl/events/more", test_more);
    g_test_add_func("/cxl/events/clear-all", test_clear_all);
    g_test_add_func("/cxl/events/clear-refusals", test_clear_refusals);
    g_test_add_func("/cxl/events/handles-beyond-length",
                    test_handles_beyond_length);
    g_test_add_func("/cxl/events/overflow", test_overflow);
    g_test_add_func("/cxl/events/overflow-peeked", test_overflow_peeked);
    g_test_add_func("/cxl/events/handle-wraps", test_handle_wraps);
    g_test_add_func("/cxl/events/policy", test_policy);
    g_test_add_func("/cxl/events/firmware", test_firmware);
    g_test_add_func("/cxl/events/cold-reset-clears", test_cold_reset_clears);
    g_test_add_func("/cxl/events/checker", test_checker);
    return g_test_run();
}
