/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hw/cxl/core/firmware-events: which logs firmware asks for, in which order it
 * takes events, what it keeps to itself, and that it waits for room.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/cxl/core/event-records.h"
#include "hw/cxl/core/firmware-events.h"
#include "tests/unit/cxl/fake-host.h"

typedef struct Firmware {
    FakeHost *h;
    CxlApei apei;
    unsigned taken, notified, log;
    size_t len;
} Firmware;

static const CxlCperFunction fn = { .agent = CXL_CPER_DEVICE };

static void notify(void *opaque)
{
    ((Firmware *)opaque)->notified++;
}

static void room(void *opaque)
{
}

static const CxlApeiOps ops = { .notify = notify, .room = room };

static Firmware *start(void)
{
    Firmware *f = g_new0(Firmware, 1);

    f->h = fake_host_default();
    cxl_apei_init(&f->apei, &ops, f);
    return f;
}

static void stop(Firmware *f)
{
    g_assert_null(cxl_apei_check(&f->apei));
    cxl_apei_destroy(&f->apei);
    fake_host_free(f->h);
    g_free(f);
}

static CxlEvents *events(Firmware *f)
{
    return &f->h->dev->events;
}

static void insert(Firmware *f, unsigned log, unsigned n)
{
    CxlEvGeneralMedia rec;

    while (n--) {
        cxl_evrec_general_media(&rec, 0, 0x1000, 0, 0, 0);
        cxl_events_insert(events(f), log, &rec);
    }
}

static void took(void *opaque, unsigned log, size_t len)
{
    Firmware *f = opaque;

    f->taken++;
    f->log = log;
    f->len = len;
}

static void take(Firmware *f)
{
    cxl_firmware_events_take(events(f), &fn, &f->apei, took, f);
    fake_check(f->h);
}

static void test_ask(void)
{
    Firmware *f = start();

    insert(f, CXL_EVLOG_WARNING, 1);
    take(f);
    g_assert_cmpuint(f->taken, ==, 0);
    cxl_firmware_events_ask(events(f));
    for (unsigned log = 0; log < CXL_EVLOGS; log++) {
        g_assert_cmphex(cxl_events_get_policy(events(f), log), ==,
                        log == CXL_EVLOG_DC ? CXL_EVPOLICY_NONE
                                            : CXL_EVPOLICY_FW);
    }
    take(f);
    g_assert_cmpuint(f->taken, ==, 1);
    g_assert_cmpuint(f->log, ==, CXL_EVLOG_WARNING);
    g_assert_cmpuint(f->notified, ==, 1);
    g_assert_cmphex(cxl_events_status(events(f)), ==, 0);
    stop(f);
}

/* What the operating system reads itself stays where it is. */
static void test_others_logs(void)
{
    Firmware *f = start();

    cxl_firmware_events_ask(events(f));
    cxl_events_set_policy(events(f), CXL_EVLOG_FATAL, CXL_EVPOLICY_MSI);
    insert(f, CXL_EVLOG_FATAL, 1);
    insert(f, CXL_EVLOG_INFO, 1);
    take(f);
    g_assert_cmpuint(f->taken, ==, 1);
    g_assert_cmpuint(f->log, ==, CXL_EVLOG_INFO);
    g_assert_cmphex(cxl_events_status(events(f)), ==, 1 << CXL_EVLOG_FATAL);
    stop(f);
}

static void test_no_section(void)
{
    uint8_t rec[CXL_EVREC_SIZE] = { };
    Firmware *f = start();

    cxl_firmware_events_ask(events(f));
    cxl_events_insert(events(f), CXL_EVLOG_INFO, rec);
    take(f);
    g_assert_cmpuint(f->taken, ==, 1);
    g_assert_cmpuint(f->len, ==, 0);
    g_assert_cmpuint(f->notified, ==, 0);
    g_assert_cmphex(cxl_events_status(events(f)), ==, 0);
    stop(f);
}

/* What there is no room for is taken when there is. */
static void test_room(void)
{
    Firmware *f = start();
    unsigned fit;

    cxl_firmware_events_ask(events(f));
    do {
        fit = f->taken;
        insert(f, CXL_EVLOG_INFO, 2);
        take(f);
    } while (f->taken != fit);
    g_assert_cmpuint(cxl_apei_room(&f->apei), ==, 0);
    cxl_apei_write(&f->apei, CXL_APEI_READ_ACK, 1, 8);
    take(f);
    g_assert_cmpuint(f->taken, ==, fit + 1);
    g_assert_cmphex(cxl_events_status(events(f)), !=, 0);
    stop(f);
}

/* Who reads all of it has seen what was lost. */
static void test_overflow(void)
{
    Firmware *f = start();

    cxl_firmware_events_ask(events(f));
    while (!cxl_events_overflowed(events(f), CXL_EVLOG_FAILURE)) {
        insert(f, CXL_EVLOG_FAILURE, 1);
    }
    take(f);
    g_assert_cmpuint(f->taken, >, 0);
    g_assert_false(cxl_events_overflowed(events(f), CXL_EVLOG_FAILURE));
    stop(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cxl/firmware-events/ask", test_ask);
    g_test_add_func("/cxl/firmware-events/others-logs", test_others_logs);
    g_test_add_func("/cxl/firmware-events/no-section", test_no_section);
    g_test_add_func("/cxl/firmware-events/room", test_room);
    g_test_add_func("/cxl/firmware-events/overflow", test_overflow);
    return g_test_run();
}
