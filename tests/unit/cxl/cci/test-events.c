/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/cci/events: records are read, cleared in their order, and told of as
 * the policy says; refusals included.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/cxl/cci/profiles.h"
#include "hw/cxl/core/mediaops.h"
#include "tests/unit/cxl/fake-host.h"

static void happen(FakeHost *h, unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        cxl_mediaops_event(h->dev, CXL_EVLOG_WARNING, 64 * i, 0, 0);
    }
}

static unsigned read_log(FakeHost *h, uint8_t log, CxlEventsGetOut *out)
{
    g_assert_cmphex(fake_command(h, CXL_OP_EVENTS_GET, &log, 1), ==, 0);
    fake_reply(h, out, sizeof(*out));
    return lduw_le_p(&out->count);
}

static uint16_t clear(FakeHost *h, uint8_t log, uint8_t flags, uint8_t count,
                      const uint16_t *handles, unsigned handles_there)
{
    uint8_t in[sizeof(CxlEventsClearIn) + 2 * UINT8_MAX] = {
        log, flags, count,
    };

    for (unsigned i = 0; i < handles_there; i++) {
        stw_le_p(in + sizeof(CxlEventsClearIn) + 2 * i, handles[i]);
    }
    return fake_command(h, CXL_OP_EVENTS_CLEAR, in,
                        sizeof(CxlEventsClearIn) + 2 * handles_there);
}

static void test_read(void)
{
    FakeHost *h = fake_host_default();
    CxlEventsGetOut out;

    g_assert_cmpuint(read_log(h, CXL_EVLOG_WARNING, &out), ==, 0);
    happen(h, 3);
    g_assert_cmpuint(read_log(h, CXL_EVLOG_WARNING, &out), ==, 3);
    g_assert_cmphex(out.flags, ==, 0);
    g_assert_cmpuint(read_log(h, CXL_EVLOG_INFO, &out), ==, 0);
    /* Reading takes nothing away. */
    g_assert_cmpuint(read_log(h, CXL_EVLOG_WARNING, &out), ==, 3);
    /* Logs that this device does not have */
    for (unsigned log = CXL_EVLOG_DC; log < 256; log++) {
        uint8_t in = log;

        g_assert_cmphex(fake_command(h, CXL_OP_EVENTS_GET, &in, 1), ==,
                        CXL_RC_INVALID_INPUT);
    }
    fake_host_free(h);
}

static void test_clear(void)
{
    const uint16_t swapped[] = { 2, 1 }, unknown[] = { 1, 9 };
    const uint16_t zero[] = { 0 }, all[] = { 1, 2, 3 };
    FakeHost *h = fake_host_default();
    CxlEventsGetOut out;

    happen(h, 3);
    g_assert_cmphex(clear(h, CXL_EVLOG_WARNING, 0, 2, swapped, 2), ==,
                    CXL_RC_INVALID_HANDLE);
    g_assert_cmphex(clear(h, CXL_EVLOG_WARNING, 0, 1, zero, 1), ==,
                    CXL_RC_INVALID_HANDLE);
    g_assert_cmphex(clear(h, CXL_EVLOG_WARNING, 0, 3, all, 2), ==,
                    CXL_RC_PAYLOAD_LENGTH);
    g_assert_cmphex(clear(h, CXL_EVLOG_DC, 0, 1, all, 1), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(clear(h, CXL_EVLOG_WARNING, 2, 1, all, 1), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(clear(h, CXL_EVLOG_WARNING, 0, 0, all, 0), ==,
                    CXL_RC_INVALID_INPUT);
    g_assert_cmphex(clear(h, CXL_EVLOG_WARNING, CXL_EVENTS_CLEAR_ALL, 1, all,
                          1), ==, CXL_RC_INVALID_INPUT);
    /* Nothing was lost, so all at once is not offered. */
    g_assert_cmphex(clear(h, CXL_EVLOG_WARNING, CXL_EVENTS_CLEAR_ALL, 0, all,
                          0), ==, CXL_RC_INVALID_INPUT);
    g_assert_cmphex(clear(h, CXL_EVLOG_WARNING, 0, 2, unknown, 2), ==,
                    CXL_RC_INVALID_HANDLE);
    g_assert_cmpuint(read_log(h, CXL_EVLOG_WARNING, &out), >=, 2);
    fake_drain_events(h, CXL_EVLOG_WARNING);
    g_assert_cmpuint(read_log(h, CXL_EVLOG_WARNING, &out), ==, 0);
    fake_check(h);
    fake_host_free(h);
}

static void test_overflow(void)
{
    FakeHost *h = fake_host_default();
    CxlEventsGetOut out;

    happen(h, 11);              /* three more than fit */
    g_assert_cmpuint(read_log(h, CXL_EVLOG_WARNING, &out), ==, 8);
    g_assert_cmphex(out.flags & CXL_EVENTS_GET_OVERFLOW, !=, 0);
    g_assert_cmpuint(lduw_le_p(&out.overflow_count), ==, 3);
    g_assert_cmphex(clear(h, CXL_EVLOG_WARNING, CXL_EVENTS_CLEAR_ALL, 0, NULL,
                          0), ==, 0);
    g_assert_cmpuint(read_log(h, CXL_EVLOG_WARNING, &out), ==, 0);
    g_assert_cmphex(out.flags, ==, 0);
    fake_check(h);
    fake_host_free(h);
}

/* A payload of 256 bytes holds one record: more is said, and more comes. */
static void test_more_than_fits(void)
{
    CxlMemdevConfig cfg = fake_config();
    CxlEventsGetOut out;
    FakeHost *h;

    cfg.payload_shift = 8;
    h = fake_host_new(&cfg);
    happen(h, 2);
    g_assert_cmpuint(read_log(h, CXL_EVLOG_WARNING, &out), ==, 1);
    g_assert_cmphex(out.flags, ==, CXL_EVENTS_GET_MORE);
    fake_host_free(h);
}

static void test_policy(void)
{
    FakeHost *h = fake_host_default();
    uint8_t in[CXL_EVLOGS + 1] = { 0, CXL_EVPOLICY_MSI, 0, 0, 0 };
    uint8_t out[CXL_EVLOGS];

    g_assert_cmpuint(fake_query(h, CXL_OP_EVENTS_GET_POLICY, out, 5), ==, 4);
    for (unsigned len = 0; len <= sizeof(in); len++) {
        g_assert_cmphex(fake_command(h, CXL_OP_EVENTS_SET_POLICY, in, len),
                        ==, len == 4 || len == 5 ? 0 : CXL_RC_PAYLOAD_LENGTH);
    }
    fake_query(h, CXL_OP_EVENTS_GET_POLICY, out, 4);
    g_assert_cmphex(out[1] & CXL_EVPOLICY_MODE_MASK, ==, CXL_EVPOLICY_MSI);
    g_assert_cmphex(out[1] >> 4, ==, 3);
    happen(h, 1);
    g_assert_cmpuint(h->irqs[3], ==, 1);
    /* A mode that does not exist changes none of them. */
    in[0] = CXL_EVPOLICY_MSI;
    in[1] = 0;
    in[3] = 3;
    g_assert_cmphex(fake_command(h, CXL_OP_EVENTS_SET_POLICY, in, 4), ==,
                    CXL_RC_INVALID_INPUT);
    fake_query(h, CXL_OP_EVENTS_GET_POLICY, out, 4);
    g_assert_cmphex(out[0] & CXL_EVPOLICY_MODE_MASK, ==, 0);
    g_assert_cmphex(out[1] & CXL_EVPOLICY_MODE_MASK, ==, CXL_EVPOLICY_MSI);
    fake_check(h);
    fake_host_free(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/cci/events/read", test_read);
    g_test_add_func("/cxl/cci/events/clear", test_clear);
    g_test_add_func("/cxl/cci/events/overflow", test_overflow);
    g_test_add_func("/cxl/cci/events/more-than-fits", test_more_than_fits);
    g_test_add_func("/cxl/cci/events/policy", test_policy);
    return g_test_run();
}
